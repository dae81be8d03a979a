"""Bring a file to the disk so that it is there after a power cut: write, sync, rename, sync the folder."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_

_WORTH_ASKING = 1 << 20
_NO_SUCH_CALL = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


@contextmanager
def disk_words(folder: Path) -> Iterator[None]:
    """Say errors of the disk that holds `folder` in words."""
    try:
        yield
    except OSError as error:
        raise UserError(
            N_("The folder {name} cannot be used: {reason}. Nothing was changed."),
            next_step=N_("Check its rights and its free space, or choose another folder."),
            exit_code=EXIT_SYSTEM, name=str(folder), reason=error.strerror or str(error),
        ) from error  # fmt: skip


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` with `data`, or leave it as it was: never anything between."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    move(fresh, path, replace=True)


def begin(descriptor: int, start: int, size: int) -> None:
    """Let Linux begin to bring new bytes of a file to the disk, so that the sync at its end is short.

    The call says that they are not needed in memory any more; of what is not on the disk yet, it begins the writing.
    """
    if sys.platform == "linux":
        os.posix_fadvise(descriptor, start, size, os.POSIX_FADV_DONTNEED)


def reserve(descriptor: int, start: int, size: int) -> None:
    """Ask for the room of `size` new bytes at once, which become part of the file; OSError where the disk is full.

    A file system that looks for room page by page as they are written can take longer for that than for the writing.
    Only for our own disk: a drive's file system may know no such call, and would have a byte written into every block.
    """
    if sys.platform == "linux" and size >= _WORTH_ASKING:
        try:
            os.posix_fallocate(descriptor, start, size)
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                raise


def move(source: Path, target: Path, *, replace: bool = False) -> None:
    """Rename and wait until the folder holds the new name; FileExistsError unless `replace`."""
    if sys.platform == "win32":
        _move_windows(source, target, replace)
        return
    if not replace and target.exists():
        raise FileExistsError(target)
    source.rename(target)
    sync_directory(target.parent)


def sync_directory(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk; Windows has no such call and writes through instead."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import ctypes

    def _move_windows(source: Path, target: Path, replace: bool) -> None:
        write_through, replace_existing = 0x8, 0x1
        flags = write_through | (replace_existing if replace else 0)
        if not ctypes.windll.kernel32.MoveFileExW(str(source), str(target), flags):
            raise ctypes.WinError()
