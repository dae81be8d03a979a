"""Let go of a drive, so that it may be pulled: unmount it and, where the system can, switch it off."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from mab_desktop.exchange.drive import Drive, FolderDrive, unescape

_SECONDS = 60  # a slow stick brings its last bytes to the medium before it lets go


class Ejected(StrEnum):
    """What came of it."""

    DONE = "done"  # the system let go of it
    BUSY = "busy"  # another program still uses it
    CANNOT = "cannot"  # this system has no way to, or the folder is no drive
    FAILED = "failed"  # the system said no


def eject(drive: Drive, mounts: Path = Path("/proc/self/mountinfo")) -> Ejected:
    """Unmount the drive; everything on it is whole before this, as `Drive.write` brought it to the medium."""
    if not (isinstance(drive, FolderDrive) and drive.removable):
        return Ejected.CANNOT
    if sys.platform == "win32":
        return _eject_windows(drive.folder)
    return eject_linux(drive.folder, mounts)


def eject_linux(folder: Path, mounts: Path) -> Ejected:
    """By udisks where it is there (no rights needed), else by umount and eject."""
    device = device_of(folder, mounts)
    if not device:
        return Ejected.CANNOT
    if shutil.which("udisksctl"):
        done = _run(["udisksctl", "unmount", "--no-user-interaction", "-b", device])
        if done is Ejected.DONE:
            # Some card readers cannot be switched off; unmounted is what counts.
            _run(["udisksctl", "power-off", "--no-user-interaction", "-b", device])
        return done
    done = _run(["umount", str(folder)])
    if done is Ejected.DONE and shutil.which("eject"):
        _run(["eject", device])
    return done


def device_of(folder: Path, mounts: Path) -> str:
    """The device mounted at `folder`, "" when none is."""
    found = ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        head, _, tail = line.partition(" - ")
        fields, kind = head.split(), tail.split()
        if len(fields) > 4 and len(kind) > 1 and Path(unescape(fields[4])) == folder:
            found = unescape(kind[1])  # the last mount of a place lies on top
    return found


def _run(command: Sequence[str]) -> Ejected:
    program = shutil.which(command[0])
    if program is None:
        return Ejected.CANNOT
    try:
        done = subprocess.run(  # noqa: S603  our own list of programs; the device's name comes from the kernel
            [program, *command[1:]], capture_output=True, text=True, timeout=_SECONDS, check=False,
            env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError):
        return Ejected.FAILED
    if done.returncode == 0:
        return Ejected.DONE
    return Ejected.BUSY if "busy" in done.stderr.lower() else Ejected.FAILED


def _eject_windows(root: Path) -> Ejected:
    """Lock, dismount and eject the volume (FSCTL_LOCK_VOLUME, FSCTL_DISMOUNT_VOLUME, IOCTL_STORAGE_EJECT_MEDIA)."""
    found = Ejected.CANNOT
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = wintypes.HANDLE
        read_write, share, existing = 0xC0000000, 0x3, 3
        handle = kernel.CreateFileW(f"\\\\.\\{str(root)[:2]}", read_write, share, None, existing, 0, None)
        if handle == wintypes.HANDLE(-1).value:
            return Ejected.FAILED
        returned = wintypes.DWORD()

        def control(code: int) -> bool:
            return bool(kernel.DeviceIoControl(handle, code, None, 0, None, 0, ctypes.byref(returned), None))

        lock, dismount, eject_media = 0x00090018, 0x00090020, 0x002D4808
        found = Ejected.BUSY
        if control(lock):
            found = Ejected.DONE if control(dismount) and control(eject_media) else Ejected.FAILED
        kernel.CloseHandle(wintypes.HANDLE(handle))
    return found
