"""What a worker process may take: set by itself on Linux, by its parent with a job object on Windows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

MIB = 1 << 20

if sys.platform == "win32":
    OUT_OF_TIME = ""  # nobody but its parent ends it

    def limit_child(handle: int, memory: int) -> int:
        """Put the process behind `handle` into a job with a bound on memory; the job dies with the answer's handle."""
        import ctypes
        from ctypes import wintypes

        class _Basic(ctypes.Structure):
            _fields_ = [
                ("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", wintypes.DWORD),
                ("least", ctypes.c_size_t), ("most", ctypes.c_size_t), ("processes", wintypes.DWORD),
                ("affinity", ctypes.c_size_t), ("priority", wintypes.DWORD), ("scheduling", wintypes.DWORD),
            ]  # fmt: skip

        class _Extended(ctypes.Structure):
            _fields_ = [
                ("basic", _Basic), ("io", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t),
                ("job_memory", ctypes.c_size_t), ("peak_process", ctypes.c_size_t), ("peak_job", ctypes.c_size_t),
            ]  # fmt: skip

        process_memory, dies_on_fault, dies_with_job, extended = 0x100, 0x400, 0x2000, 9
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        job = kernel.CreateJobObjectW(None, None)
        told = _Extended()
        told.basic.flags = process_memory | dies_on_fault | dies_with_job
        told.process_memory = memory
        size = ctypes.sizeof(told)
        done = job and kernel.SetInformationJobObject(wintypes.HANDLE(job), extended, ctypes.byref(told), size)
        if not done or not kernel.AssignProcessToJobObject(wintypes.HANDLE(job), wintypes.HANDLE(handle)):
            raise ctypes.WinError(ctypes.get_last_error())
        return int(job)

    def close_job(job: int) -> None:
        """End what still runs in the job."""
        import ctypes
        from ctypes import wintypes

        ctypes.WinDLL("kernel32").CloseHandle(wintypes.HANDLE(job))

    def limit_myself(memory: int) -> None:
        """The parent has done it."""

    def limit_time(seconds: float) -> None:
        """The parent watches it."""

    def used_seconds(process: subprocess.Popen[bytes]) -> float:
        """Processor time that a child has used, to its end where it has come to one."""
        import ctypes
        from ctypes import wintypes

        born, gone, kernel, user = (wintypes.FILETIME() for _ in range(4))
        handle = wintypes.HANDLE(int(getattr(process, "_handle", 0)))
        told = ctypes.WinDLL("kernel32", use_last_error=True).GetProcessTimes(
            handle, *(ctypes.byref(time) for time in (born, gone, kernel, user))
        )
        if not told:
            raise ctypes.WinError(ctypes.get_last_error())
        return sum((time.dwHighDateTime << 32) + time.dwLowDateTime for time in (kernel, user)) / 1e7

else:
    import resource
    import signal
    import time

    OUT_OF_TIME = str(-signal.SIGXCPU)  # how a process ends that its own limit of time has ended

    def limit_child(_handle: int, _memory: int) -> int:
        """The child limits itself before it sees a byte of any file."""
        return 0

    def close_job(job: int) -> None:
        """There is none."""

    def limit_myself(memory: int) -> None:
        """At most `memory` bytes more than the program itself takes; no file written, no memory dumped to a disk."""
        sys.dont_write_bytecode = True
        _lower(resource.RLIMIT_AS, _address_space() + memory)
        _lower(resource.RLIMIT_FSIZE, 0)
        _lower(resource.RLIMIT_CORE, 0)

    def limit_time(seconds: float) -> None:
        """End by itself when this piece of work takes longer, whoever watches."""
        soft = int(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))

    def used_seconds(process: subprocess.Popen[bytes]) -> float:
        """Processor time that a child has used; infinite for one that is gone, or where the system cannot tell."""
        scheduled = 2  # clock_getcpuclockid(3): the number of a process's clock is made of its own
        try:
            return time.clock_gettime(~process.pid << 3 | scheduled)
        except OSError:
            return float("inf")

    def _lower(what: int, value: int) -> None:
        most = resource.getrlimit(what)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(what, (value, value))

    def _address_space() -> int:
        """Bytes of the program with its libraries; what Linux says, else what such a program usually takes."""
        told = Path("/proc/self/statm")
        if not told.exists():
            return 512 * MIB
        return int(told.read_text("ascii").split()[0]) * resource.getpagesize()


def hidden_window() -> dict[str, Any]:
    """What Popen needs so that no console flashes up on Windows."""
    flag = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return {"creationflags": flag} if flag else {}
