"""What stands in some folders, kept file by file, so that it can be told whether it differs, and be put back.

It is put back under a process that has the files open: the same files (inodes), with their contents and names.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MAPPED = "-shm"  # written through memory: its times do not tell
_GET_DESCRIPTOR = 438  # pidfd_getfd
GONE = " (deleted)"


@dataclass(frozen=True)
class Kept:
    """A file as it stood: its contents, and what tells that they were not touched."""

    touched: tuple[int, int]
    mode: int
    data: bytes
    digest: bytes


class Stand:
    """The files under `roots`; `keep` is a folder on the same file system that holds second names of them."""

    def __init__(self, roots: tuple[Path, ...], keep: Path) -> None:
        self._roots, self._keep = [os.path.realpath(root) for root in roots], keep
        self.inside = tuple(f"{root}/" for root in self._roots)
        shutil.rmtree(keep, ignore_errors=True)
        keep.mkdir()
        self._fine = _has_fine_times(keep)
        self.names: dict[str, int] = {}
        self._folders: set[str] = set()
        self._files: dict[int, Kept] = {}

    def take(self) -> None:
        """Keep what stands there now."""
        folders, names, files = self._look()
        for path, number in names.items():
            if number not in self._files:
                os.link(path, self._second(number))
        for number in self._files.keys() - files.keys():
            self._second(number).unlink()
        self._folders, self.names, self._files = folders, names, files

    def digest(self) -> bytes:
        """Told apart by whatever stands there now: names and contents."""
        folders, names, files = self._look()
        told = hashlib.sha256()
        for path in sorted(folders):
            told.update(f"{path}\0".encode())
        for path in sorted(names):
            told.update(f"{path}\0".encode() + files[names[path]].digest)
        return told.digest()

    def put_back(self) -> None:
        """Make it as it was taken."""
        folders, names, _files = self._look(contents=False)
        for path in [path for path, number in names.items() if self.names.get(path) != number]:
            Path(path).unlink()
        for path in sorted(folders - self._folders, reverse=True):
            Path(path).rmdir()
        for path in sorted(self._folders - folders):
            Path(path).mkdir()
        for path, number in self.names.items():
            if names.get(path) != number:
                os.link(self._second(number), path)
        for number, kept in self._files.items():
            self._refill(number, kept)

    def _refill(self, number: int, kept: Kept) -> None:
        place = self._second(number)
        now = place.stat()
        if (now.st_mtime_ns, now.st_size) == kept.touched and self._fine and not self._is_mapped(number):
            return
        if stat.S_IMODE(now.st_mode) != kept.mode:
            place.chmod(kept.mode)
        if place.read_bytes() != kept.data:
            with place.open("r+b") as file:
                file.write(kept.data)
                file.truncate()
        os.utime(place, ns=(now.st_atime_ns, kept.touched[0]))

    def _is_mapped(self, number: int) -> bool:
        return any(path.endswith(_MAPPED) for path, one in self.names.items() if one == number)

    def _second(self, number: int) -> Path:
        return self._keep / f"{number}"

    def _look(self, *, contents: bool = True) -> tuple[set[str], dict[str, int], dict[int, Kept]]:
        folders, names, files = set[str](), dict[str, int](), dict[int, Kept]()
        for entry in (entry for root in self._roots for entry in _entries(root)):
            if entry.is_dir(follow_symlinks=False):
                folders.add(entry.path)
                continue
            found = entry.stat(follow_symlinks=False)
            names[entry.path] = found.st_ino
            if contents and found.st_ino not in files:
                files[found.st_ino] = self._kept(entry.path, found)
        return folders, names, files

    def _kept(self, path: str, found: os.stat_result) -> Kept:
        touched, known = (found.st_mtime_ns, found.st_size), self._files.get(found.st_ino)
        if self._fine and known is not None and known.touched == touched and not path.endswith(_MAPPED):
            return known
        data = Path(path).read_bytes()
        return Kept(touched, stat.S_IMODE(found.st_mode), data, hashlib.sha256(data).digest())


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        for entry in found:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(entry.path)


def _has_fine_times(folder: Path) -> bool:
    """Whether each change that follows a look at a file gives it another time (Linux from 6.13 on): a look is cheap."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        times = set()
        for n in range(16):
            os.pwrite(file.fileno(), bytes([n]), 0)
            times.add(os.fstat(file.fileno()).st_mtime_ns)
    return len(times) == 16


@dataclass(frozen=True)
class OpenFile:
    """A descriptor of a process on one of the files: where it stands; the contents, where no name leads to it."""

    path: str
    position: int
    data: bytes | None


def open_files(pid: int, stand: Stand) -> dict[int, OpenFile]:
    """The files of a stand that a process has open, by descriptor."""
    found = {}
    paths = {number: path for path, number in stand.names.items()}
    for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
        place = f"/proc/{pid}/fd/{name}"
        with suppress(FileNotFoundError):
            path = os.readlink(place)  # noqa: PTH115
            if not path.startswith(stand.inside) or Path(place).is_dir():
                continue
            told = Path(f"/proc/{pid}/fdinfo/{name}").read_text("ascii")
            named = paths.get(os.stat(place).st_ino) if path.endswith(GONE) else path  # noqa: PTH116
            data = None if named else Path(place).read_bytes()
            found[int(name)] = OpenFile(named or path, int(told.split()[1]), data)
    return found


def gone_folders(pid: int, stand: Stand) -> dict[int, str]:
    """The folders that a process has open although they were taken away, and made anew since, by descriptor."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
        with suppress(FileNotFoundError):
            path = os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115
            if path.startswith(stand.inside) and path.endswith(GONE) and Path(f"/proc/{pid}/fd/{name}").is_dir():
                found[int(name)] = path.removesuffix(GONE)
    return found


def put_back_open(pid: int, before: dict[int, OpenFile], stand: Stand) -> None:
    """Put the positions of a process's descriptors back, and what they hold without a name."""
    for number, now in open_files(pid, stand).items():
        was = before[number]
        if now == was:
            continue
        with _descriptor(pid, number) as own:
            if was.data is not None and now.data != was.data:
                os.pwrite(own, was.data, 0)
                os.ftruncate(own, len(was.data))
            os.lseek(own, was.position, os.SEEK_SET)


class _descriptor:  # noqa: N801 (used as a function)
    """A descriptor of another process, as one of this one: they share their position."""

    def __init__(self, pid: int, number: int) -> None:
        process = os.pidfd_open(pid)
        self._own = ctypes.CDLL(None, use_errno=True).syscall(_GET_DESCRIPTOR, process, number, 0)
        os.close(process)
        if self._own < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")

    def __enter__(self) -> int:
        return int(self._own)

    def __exit__(self, *_: object) -> None:
        os.close(self._own)
