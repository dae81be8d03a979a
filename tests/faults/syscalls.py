"""Every file operation of a process under a folder, by its place in the order: made to fail, or the last one ever.

A seccomp filter hands the system calls that touch files to the parent before the kernel does them (seccomp_unotify(2)):
SQLCipher's own reads, writes and syncs as well as Python's, without root, mounts, preloaded libraries or patched
functions. Linux from 5.5 on, x86-64 and AArch64.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.runs import Child, Ended
from tests.faults.scenario import Say

_X86_64 = {
    "read": 0, "write": 1, "open": 2, "pread64": 17, "pwrite64": 18, "writev": 20, "sendfile": 40, "fsync": 74,
    "fdatasync": 75, "truncate": 76, "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "link": 86, "unlink": 87,
    "openat": 257, "mkdirat": 258, "unlinkat": 263, "renameat": 264, "fallocate": 285, "syncfs": 306, "renameat2": 316,
    "copy_file_range": 326,
}  # fmt: skip
_AARCH64 = {
    "read": 63, "write": 64, "pread64": 67, "pwrite64": 68, "writev": 66, "sendfile": 71, "fsync": 82, "fdatasync": 83,
    "truncate": 45, "ftruncate": 46, "openat": 56, "mkdirat": 34, "unlinkat": 35, "renameat": 38, "fallocate": 47,
    "syncfs": 267, "renameat2": 276, "copy_file_range": 285,
}  # fmt: skip
_NUMBERS = _AARCH64 if platform.machine() in ("aarch64", "arm64") else _X86_64
_SECCOMP = 277 if platform.machine() in ("aarch64", "arm64") else 317
_NAMES = {number: name for name, number in _NUMBERS.items()}
# Which argument is a descriptor, or a path (with the descriptor of its folder before it).
_DESCRIPTOR = {
    "read": 0, "write": 0, "pread64": 0, "pwrite64": 0, "writev": 0, "sendfile": 0, "fsync": 0, "fdatasync": 0,
    "ftruncate": 0, "fallocate": 0, "syncfs": 0, "copy_file_range": 2,
}  # fmt: skip
_PATH = {"open": 0, "truncate": 0, "rename": 1, "mkdir": 0, "rmdir": 0, "link": 1, "unlink": 0}
_PATH_AT = {"openat": 0, "mkdirat": 0, "unlinkat": 0, "renameat": 2, "renameat2": 2}
_READS = frozenset({"read", "pread64", "open"})
_ROOM = frozenset({
    "write", "pwrite64", "writev", "sendfile", "copy_file_range", "fsync", "fdatasync", "ftruncate", "mkdir", "mkdirat",
    "rename", "renameat", "renameat2", "fallocate", "syncfs", "create",
})  # fmt: skip

_SET_MODE_FILTER, _NEW_LISTENER, _NO_NEW_PRIVILEGES = 1, 1 << 3, 38
_ASK, _ALLOW, _DONE = 0x7FC00000, 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
GETPID, GETRANDOM, _FCNTL, _FLOCK = 39, 318, 72, 73  # x86-64
_LOCKING = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
_RECEIVE, _SEND, _GIVE, _CONTINUE = 0xC0502100, 0xC0182101, 0x40182103, 1


@dataclass(frozen=True)
class Operation:
    """One file operation: what it is and where, below the folder.

    An open is "create" where it makes the file, "empty" where it throws away what stands in it.
    """

    name: str
    path: str

    @property
    def needs_room(self) -> bool:
        """True where a full disk can refuse it."""
        return self.name in _ROOM

    @property
    def changes(self) -> bool:
        """True where files or names differ afterwards, or are made lasting: a commit point or a part of one."""
        return self.name not in _READS


@dataclass
class Plan:
    """What happens at operation `index` (from 0): the error `number`, once or `for_good`; or the process dies of it.

    What is `spared` does not count. A full disk (ENOSPC) fails only what needs room; only such operations count then.
    With `changing` only operations that change something count.
    """

    index: int = -1
    number: int = 0
    for_good: bool = False
    kill: bool = False
    seen: list[Operation] = field(default_factory=list)
    met: bool = False
    spared: tuple[str, ...] = ()
    changing: bool = False

    def answer(self, operation: Operation) -> int:
        """The error that an operation gets, 0 for none, -1 for death."""
        if operation.path.partition("/")[0] in self.spared or not operation.path:
            return 0
        if self.number == errno.ENOSPC and not operation.needs_room:
            return 0
        if self.changing and not operation.changes:
            return 0
        place = len(self.seen)
        self.seen.append(operation)
        if place < self.index or self.index < 0 or (place > self.index and not self.for_good):
            return 0
        self.met = True
        return -1 if self.kill else self.number


class Watched:
    """A child whose file operations below `root` follow a plan."""

    def __init__(self, job: Callable[[Say], None], root: Path, plan: Plan) -> None:
        self.root, self.plan = os.path.realpath(root), plan
        self._here, there = socket.socketpair()
        self.child = Child(job, before=lambda: hand_over(there, self._here))
        there.close()

    def run(self) -> Ended:
        """Answer its operations until it has ended."""
        with self._here:
            _, descriptors, _, _ = socket.recv_fds(self._here, 1, 1)
            listener = descriptors[0]
            try:
                with Path(f"/proc/{self.child.pid}/mem").open("rb", buffering=0) as memory:
                    self._serve(listener, memory.fileno())
            finally:
                os.close(listener)
        return self.child.end()

    def _serve(self, listener: int, memory: int) -> None:
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        while True:
            ready = poll.poll()
            if not ready[0][1] & select.POLLIN:  # nobody is left whom the filter binds
                return
            request = received(listener)
            if request is None:
                continue
            operation = operation_of(request, self.root, memory)
            answer = self.plan.answer(operation) if operation else 0
            if answer < 0:
                self.child.kill()
            else:
                replied(listener, request, answer)


@dataclass(frozen=True)
class Request:
    """A system call that waits for an answer."""

    number: int
    pid: int
    call: int
    arguments: tuple[int, ...]


def received(listener: int) -> Request | None:
    """The next system call; None where its process died meanwhile."""
    told = bytearray(80)
    try:
        fcntl.ioctl(listener, _RECEIVE, told)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise
    number, pid, _flags, call = struct.unpack_from("<QIIi", told)
    return Request(number, pid, call, struct.unpack_from("<6Q", told, 32))


def replied(listener: int, request: Request, error: int = 0, value: int | None = None) -> None:
    """Let a system call go its way, or give it an error, or a value."""
    flags = _CONTINUE if not error and value is None else 0
    with suppress(FileNotFoundError):  # it died meanwhile
        fcntl.ioctl(listener, _SEND, bytearray(struct.pack("<QqiI", request.number, value or 0, -error, flags)))


def given(listener: int, request: Request, descriptor: int, number: int) -> None:
    """Put a descriptor of this process in the place of `number` in the process that waits."""
    set_there = 1
    told = struct.pack("<QIIII", request.number, set_there, descriptor, number, os.O_CLOEXEC)
    fcntl.ioctl(listener, _GIVE, bytearray(told))


def operation_of(request: Request, root: str, memory: int) -> Operation | None:
    """The file operation that a system call is, None where it is none below `root`."""
    name = _NAMES[request.call]
    try:
        path = _path(name, request.pid, request.arguments, memory)
    except OSError:  # a descriptor that is not open, a path that is not there: the kernel will say so
        return None
    if path != root and not path.startswith(f"{root}/"):
        return None
    if name in ("open", "openat"):
        flags = request.arguments[2 if name == "openat" else 1]
        made = flags & os.O_CREAT and not os.path.lexists(path)  # noqa: PTH110
        name = "create" if made else "empty" if flags & os.O_TRUNC else "open"
    return Operation(name, path.removeprefix(root).lstrip("/"))


def _path(name: str, pid: int, arguments: tuple[int, ...], memory: int) -> str:
    if name in _DESCRIPTOR:
        return os.readlink(f"/proc/{pid}/fd/{arguments[_DESCRIPTOR[name]]}")  # noqa: PTH115
    if name in _PATH:
        folder, text = f"/proc/{pid}/cwd", _text(memory, arguments[_PATH[name]])
    else:
        at = _PATH_AT[name]
        text = _text(memory, arguments[at + 1])
        near = struct.unpack("<i", struct.pack("<I", arguments[at] & 0xFFFFFFFF))[0]
        folder = f"/proc/{pid}/cwd" if near < 0 else f"/proc/{pid}/fd/{near}"
    whole = text if text.startswith("/") else f"{os.readlink(folder)}/{text}"  # noqa: PTH115
    head, _, tail = whole.rpartition("/")
    return f"{os.path.realpath(head)}/{tail}"


def _text(memory: int, address: int) -> str:
    """A C string of the child; its page may be the last one that is mapped."""
    found = b""
    while b"\0" not in found:
        place = address + len(found)
        piece = os.pread(memory, 4096 - place % 4096, place)
        if not piece:
            raise OSError(errno.EFAULT, "no text there")
        found += piece
    return os.fsdecode(found.partition(b"\0")[0])


def hand_over(there: socket.socket, here: socket.socket, *, alone: bool = False) -> None:
    """In the child: put itself under the filter and give the parent the listener."""
    here.close()
    libc = ctypes.CDLL(None, use_errno=True)
    steps = _alone() if alone else []
    calls = [*_NUMBERS.values(), *([GETPID, GETRANDOM] if alone else [])]
    steps += [_step(_LOAD, 0)]
    steps += [_step(_EQUAL, call, len(calls) - n) for n, call in enumerate(calls)]
    steps += [_step(_RETURN, _ALLOW), _step(_RETURN, _ASK)]
    code = ctypes.create_string_buffer(b"".join(steps))
    program = struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(code))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    listener = libc.syscall(_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, program)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    socket.send_fds(there, [b"."], [listener])
    os.close(listener)
    there.close()


def _step(what: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """An instruction of a filter; `yes` and `no` are how many are passed over."""
    return struct.pack("<HBBI", what, yes, no, value)


def _alone() -> list[bytes]:
    """Locks are granted without being taken: a copy of the process would not have them, and nobody else is there."""
    count = len(_LOCKING)
    return [
        _step(_LOAD, 0), _step(_EQUAL, _FLOCK, count + 3), _step(_EQUAL, _FCNTL, 0, count + 3),
        _step(_LOAD, 24),  # the second argument
        *(_step(_EQUAL, command, count - n) for n, command in enumerate(_LOCKING)),
        _step(_RETURN, _ALLOW), _step(_RETURN, _DONE),
    ]  # fmt: skip
