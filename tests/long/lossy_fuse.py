"""A file system in memory whose power can be cut at any operation, or that breaks as drives do: FUSE over a `Disk`.

It runs in a process of its own. At the operations asked for it puts what the medium would hold after a cut into a
folder, with what had been acknowledged by then; the work on the mount goes on undisturbed.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import random
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mfusepy

from tests.faults.disk import ROOT, Disk, Names, Tree

SAID = ".said"  # a file that is not on the disk: what is written into it was acknowledged
_SAID_NUMBER = 1 << 40


@dataclass(frozen=True)
class Faults:
    """What is wrong with a drive.

    `room`: how many bytes fit. `pulled_after`: bytes written until it is taken out.
    `rots_at`: one bit of the medium turns once so many bytes were written. `lies`: syncs do nothing.
    """

    room: int = 1 << 40
    pulled_after: int = 1 << 40
    rots_at: int = -1
    lies: bool = False
    read_only: bool = False


@dataclass
class Cuts:
    """At which operations (from 0) the power is cut, how often each, and where the remains are put."""

    folder: Path
    places: frozenset[int] = frozenset()
    each: int = 1
    seed: str = ""
    count_file: Path | None = None
    at_end: Path | None = None  # what the medium holds when the power goes at the end of all



class LossyDisk(mfusepy.Operations):  # type: ignore[misc]
    """The operations of the file system."""

    use_ns = True

    def __init__(self, disk: Disk, cuts: Cuts, faults: Faults, ready: int) -> None:
        self.disk, self.cuts, self.faults, self._ready = disk, cuts, faults, ready
        self.chance = random.Random(cuts.seed)  # noqa: S311
        self._done, self._written, self._pulled = 0, 0, False
        self._said = b""

    def init(self, _path: str) -> None:
        os.write(self._ready, b".")

    def destroy(self, _path: str) -> None:
        if self.cuts.count_file is not None:
            self.cuts.count_file.write_text(str(self._done))
        if self.cuts.at_end is not None:
            put_down(self.disk.after_cut(self.chance), self.cuts.at_end)

    # -- looking

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        self._there()
        number = fh if fh is not None and fh in self.disk.files else self._find(path)
        if number in self.disk.folders:
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, "st_ino": number}
        size = len(self.disk.files[number].seen) if number in self.disk.files else 0
        return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": size, "st_ino": number}

    def readdir(self, path: str, _fh: int) -> list[str]:
        self._there()
        return [".", "..", *self.disk.folders[self._find(path)]]

    def open(self, path: str, _flags: int) -> int:
        self._there()
        return self._find(path)

    def opendir(self, path: str) -> int:
        self._there()
        return self._find(path)

    def read(self, _path: str, size: int, offset: int, fh: int) -> bytes:
        self._there()
        return bytes(self.disk.files[fh].seen[offset : offset + size])

    def statfs(self, _path: str) -> dict[str, int]:
        self._there()
        # A drive that fills up although it told of room: another program writes to it, or its table is wrong.
        free = (1 << 40) // 4096
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 24, "f_bfree": free, "f_bavail": free,
                "f_namemax": 255}  # fmt: skip

    # -- changing

    def create(self, path: str, _mode: int, _fi: Any = None) -> int:
        if self._name(path) == SAID:
            return _SAID_NUMBER
        self._step()
        return self.disk.create(self._parent(path), self._name(path))

    def write(self, _path: str, data: bytes, offset: int, fh: int) -> int:
        if fh == _SAID_NUMBER:
            self._said += data
            return len(data)
        self._step()
        if self._written + len(data) > self.faults.pulled_after:
            self._pulled = True
            raise mfusepy.FuseOSError(errno.EIO)
        if self._written + len(data) > self.faults.room:
            raise mfusepy.FuseOSError(errno.ENOSPC)
        if self._written <= self.faults.rots_at < self._written + len(data):
            at = self.faults.rots_at - self._written
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        self._written += len(data)
        self.disk.files[fh].write(offset, data)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        number = fh if fh is not None else self._find(path)
        if number != _SAID_NUMBER:
            self._step()
            self.disk.files[number].truncate(length)
        return 0

    def fsync(self, _path: str, _datasync: int, fh: int) -> int:
        self._step()
        if fh != _SAID_NUMBER and not self.faults.lies:
            self.disk.sync(fh)
        return 0

    def fsyncdir(self, path: str, _datasync: int, _fh: int) -> int:
        self._step()
        if not self.faults.lies:
            self.disk.sync_folder(self._find(path))
        return 0

    def mkdir(self, path: str, _mode: int) -> int:
        self._step()
        self.disk.make_folder(self._parent(path), self._name(path))
        return 0

    def unlink(self, path: str) -> int:
        self._step()
        self.disk.remove(self._parent(path), self._name(path))
        return 0

    def rmdir(self, path: str) -> int:
        self._step()
        if self.disk.folders[self._find(path)]:
            raise mfusepy.FuseOSError(errno.ENOTEMPTY)
        self.disk.remove(self._parent(path), self._name(path))
        return 0

    def rename(self, old: str, new: str) -> int:
        self._step()
        self.disk.rename(self._parent(old), self._name(old), self._parent(new), self._name(new))
        return 0

    def chmod(self, _path: str, _mode: int) -> int:
        return 0

    def chown(self, _path: str, _uid: int, _gid: int) -> int:
        return 0

    def utimens(self, _path: str, _times: Any = None) -> int:
        return 0

    # -- between

    def _there(self) -> None:
        if self._pulled:
            raise mfusepy.FuseOSError(errno.EIO)

    def _step(self) -> None:
        """Before each change: the power may be cut now."""
        self._there()
        if self.faults.read_only:
            raise mfusepy.FuseOSError(errno.EROFS)
        place, self._done = self._done, self._done + 1
        if place in self.cuts.places:
            for n in range(self.cuts.each):
                put_down(self.disk.after_cut(self.chance), self.cuts.folder / f"{place}-{n}" / "rest")
                said = self.cuts.folder / f"{place}-{n}" / "said.json"
                said.write_text(json.dumps(self._said.decode("utf-8").splitlines()), "utf-8")

    def _find(self, path: str) -> int:
        number = ROOT
        for name in path.strip("/").split("/") if path != "/" else ():
            if number == ROOT and name == SAID:
                return _SAID_NUMBER
            if number not in self.disk.folders or name not in self.disk.folders[number]:
                raise mfusepy.FuseOSError(errno.ENOENT)
            number = self.disk.folders[number][name]
        return number

    def _parent(self, path: str) -> int:
        return self._find(path.rpartition("/")[0] or "/")

    @staticmethod
    def _name(path: str) -> str:
        return path.rpartition("/")[2]


def put_down(tree: Tree, folder: Path) -> None:
    """A tree as real files."""
    folder.mkdir(parents=True)
    for path, data in sorted(tree.items()):
        target = folder / path
        if data is None:
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(data)


def take_up(folder: Path, names: Names) -> Disk:
    """A disk that holds a folder's files, all lasting."""
    disk = Disk(names)
    numbers = {folder: ROOT}
    for path in sorted(folder.rglob("*")):
        parent = numbers[path.parent]
        if path.is_dir():
            numbers[path] = disk.make_folder(parent, path.name)
        else:
            disk.files[disk.create(parent, path.name)].write(0, path.read_bytes())
    disk.sync_all()
    return disk


@contextmanager
def mounted(source: Path, mount: Path, names: Names, cuts: Cuts, faults: Faults = Faults()) -> Iterator[Path]:
    """The files of `source` on a lossy disk at `mount`, for as long as the block runs."""
    mount.mkdir(parents=True, exist_ok=True)
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(reader)
            operations = LossyDisk(take_up(source, names), cuts, faults, writer)
            mfusepy.FUSE(operations, str(mount), foreground=True, nothreads=True, hard_remove=True, big_writes=True,
                         fsname="lossy")  # fmt: skip
        finally:
            os._exit(0)
    os.close(writer)
    try:
        if not os.read(reader, 1):
            raise OSError(errno.ENODEV, "the lossy disk could not be mounted: is /dev/fuse there, are we root?")
        yield mount
    finally:
        os.close(reader)
        unmount(mount)
        os.waitpid(pid, 0)


def unmount(mount: Path) -> None:
    """Take a file system out of the tree."""
    detach = 2
    if ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(mount), detach):
        raise OSError(ctypes.get_errno(), "umount")


def clear(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
