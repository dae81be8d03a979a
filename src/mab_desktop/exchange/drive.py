"""Drives that carry files: find them, copy from them, and write to them so that "written" is true.

A folder stands for a drive in rehearsals, tests and where the network carries files. Nothing that lies on a drive is
ever overwritten or deleted, but for our own unfinished `.part` file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import durable
from mab_desktop.exchange.growing import Growing
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

CHUNK = 1 << 20
SUFFIX = ".mab"
RESERVE = 64 << 20
FAT32_LIMIT = (4 << 30) - 1
MAX_LISTED = 10_000


class Drive(Protocol):
    """Where carriers are read from and written to."""

    @property
    def folder(self) -> Path:
        """Where its files are."""

    @property
    def name(self) -> str:
        """What it is called on the screen."""

    def free(self) -> int:
        """Free bytes."""

    def total(self) -> int:
        """All bytes."""

    def is_writable(self) -> bool:
        """False where it is write-protected."""

    def write(self, source: Path, progress: Progress = Silent()) -> Path:
        """Copy a finished file under its own name; returns only when it was read back and compared."""


@dataclass(frozen=True, slots=True)
class FolderDrive:
    """A mounted drive, or any folder that stands for one (`removable` False)."""

    folder: Path
    name: str = ""
    removable: bool = False
    file_system: str = ""

    def free(self) -> int:
        """Free bytes; 0 when it is gone."""
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:
            return 0

    def total(self) -> int:
        """All bytes; 0 when it is gone."""
        try:
            return shutil.disk_usage(self.folder).total
        except OSError:
            return 0

    def is_writable(self) -> bool:
        """False where it is write-protected."""
        return os.access(self.folder, os.W_OK)

    def write(self, source: Path, progress: Progress = Silent()) -> Path:
        """Copy `source` under its own name and compare twice; the same file again is only compared.

        CarrierRefused drive-… for whatever goes wrong; then no file of that name is there.
        """
        size = source.stat().st_size
        with drive_errors(2 * size + RESERVE):
            target = self.folder / source.name
            if target.exists():
                if digest_of(target, progress, N_("Reading back from the drive")) != digest_of(source):
                    raise refuse("drive-exists", name=target.name)
                return target
            self._require_room(size)
            part = self.folder / f"{source.name}.part"
            try:
                remove_quietly(part)
                digest = self._write_part(source, part, progress)
                if digest_of(part, progress, N_("Reading back from the drive")) != digest:
                    raise refuse("drive-differs")
                durable.move(part, target)
            finally:
                remove_quietly(part)
            _sync_file_system(self.folder)
            if digest_of(target) != digest:
                remove_quietly(target)
                raise refuse("drive-differs")
            return target

    def _require_room(self, size: int) -> None:
        if not self.folder.is_dir():
            raise refuse("drive-gone")
        if not self.is_writable():
            raise refuse("drive-read-only")
        if self.removable and self.folder.stat().st_dev == _system_device():
            raise refuse("drive-system")
        if size > FAT32_LIMIT and self.file_system in ("vfat", "msdos", "FAT32", "FAT"):
            raise refuse("drive-file-limit")
        needed = 2 * size + RESERVE
        if self.free() < needed:
            raise refuse("drive-full", needed=_megabytes(needed))

    def _write_part(self, source: Path, part: Path, progress: Progress) -> str:
        """Copy `source` there, and what was read of it as SHA-256."""
        progress.stage(N_("Writing to the drive"), -(-source.stat().st_size // CHUNK))
        digest = hashlib.sha256()
        with source.open("rb") as read, self._fresh(part) as out:
            for chunk in chunks_of(read):
                digest.update(chunk)
                out.write(chunk)
                progress.step()
            out.flush()
            os.fsync(out.fileno())
        return digest.hexdigest()

    def _fresh(self, part: Path) -> BinaryIO:
        """A file that was not there: a stranger's drive may hold a link of this name to a file of ours."""
        return part.open("xb")


def chunks_of(source: BinaryIO) -> Iterator[bytes]:
    """The rest of a file in pieces of 1 MiB."""
    while chunk := source.read(CHUNK):
        yield chunk


def digest_of(path: Path, progress: Progress = Silent(), stage: str = "") -> str:
    """SHA-256 of a file, read from the medium and not from the computer's memory where the system lets us.

    `stage` names it to somebody who waits; it may be cancelled then.
    """
    digest = hashlib.sha256()
    if stage:
        progress.stage(stage, -(-path.stat().st_size // CHUNK))
    with path.open("rb") as source:
        if sys.platform == "linux":
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        for chunk in chunks_of(source):
            digest.update(chunk)
            progress.step()
    return digest.hexdigest()


def require_room(drive: Drive, sources: Sequence[Path]) -> None:
    """CarrierRefused drive-full before the first byte of a set that does not fit; what lies there already is not
    counted, so a set that broke off goes on from where it stands."""
    if not drive.folder.is_dir():
        raise refuse("drive-gone")
    needed = 2 * sum(path.stat().st_size for path in sources if not (drive.folder / path.name).exists()) + RESERVE
    if drive.free() < needed:
        raise refuse("drive-full", needed=_megabytes(needed))


def copy_in(
    source: Path, target: Path, limit: int, progress: Progress = Silent(), growing: Growing | None = None
) -> None:
    """Copy a file from a drive into a private folder, where it is judged. At most `limit` bytes.

    `growing` is the copy for whoever reads it meanwhile: told what is there, and nothing more is copied once that
    reader has closed it.
    """
    size = 0
    progress.stage(N_("Reading from the drive"), -(-source.stat().st_size // CHUNK) if source.is_file() else 0)
    with drive_errors(limit), source.open("rb") as read, target.open("wb") as out:
        for chunk in chunks_of(read):
            size += len(chunk)
            if size > limit:
                raise refuse("container-too-large")
            durable.reserve(out.fileno(), size - len(chunk), len(chunk))
            out.write(chunk)
            if growing is not None:
                if growing.closed:
                    return
                out.flush()
                growing.grown(size)
            progress.step()


def list_carriers(drive: Drive) -> list[Path]:
    """Files named like carriers on the drive, in its top folder, by name; unfinished ones are not shown."""
    with drive_errors():
        names = sorted(entry.name for entry in os.scandir(drive.folder) if _is_carrier(entry))
    return [drive.folder / name for name in names[:MAX_LISTED]]


def shown_name(name: str) -> str:
    """A name from a strange drive for screen and log: nothing in it moves a cursor, turns the reading order, is taken
    for markup or has no letter at all."""
    return "".join(letter if letter.isprintable() and letter not in "<>&" else "?" for letter in name)


def _is_carrier(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith(".")
    return entry.name.lower().endswith(SUFFIX) and not hidden and entry.is_file(follow_symlinks=False)


def find_drives() -> list[FolderDrive]:
    """The removable drives that are mounted now."""
    if sys.platform == "win32":
        return _windows_drives()
    return linux_drives()


_CODES = {
    errno.ENOSPC: "drive-full",
    errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC: "drive-full",
    errno.EROFS: "drive-read-only",
    errno.EACCES: "drive-read-only",
    errno.EPERM: "drive-read-only",
    errno.EFBIG: "drive-file-limit",
    errno.ENOENT: "drive-gone",
    errno.ENOTDIR: "drive-gone",
    errno.ENODEV: "drive-gone",
    errno.ENXIO: "drive-gone",
    errno.EIO: "drive-gone",
}


@contextmanager
def drive_errors(needed: int = 0) -> Iterator[None]:
    """Say errors of the operating system in plain words; `needed` bytes of room where it was full."""
    try:
        yield
    except OSError as error:
        raise told(error, needed) from error


def told(error: OSError, needed: int) -> CarrierRefused:
    """The refusal that fits an error of the operating system."""
    code = _CODES.get(error.errno or 0, "drive-failed")
    return refuse(code, needed=_megabytes(needed), reason=error.strerror or str(error))


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)


def remove_quietly(path: Path) -> None:
    """Remove our own unfinished file where that is still possible; the drive may be gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _sync_file_system(folder: Path) -> None:
    """Ask the system to bring everything of this file system to the medium."""
    if sys.platform == "linux":
        import ctypes

        handle = os.open(folder, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(handle)


def _system_device() -> int:
    return Path(sys.executable).stat().st_dev


def linux_drives(
    mounts: Path = Path("/proc/self/mountinfo"), devices: Path = Path("/sys/dev/block")
) -> list[FolderDrive]:
    """Mounted block devices that sit on a removable or a USB disk (proc(5), sysfs-block)."""
    found = []
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        head, _, tail = line.partition(" - ")
        fields, kind = head.split(), tail.split()
        if len(fields) > 4 and kind and _is_removable(devices / fields[2]):
            folder = Path(unescape(fields[4]))
            found.append(FolderDrive(folder, folder.name, removable=True, file_system=kind[0]))
    return sorted(found, key=lambda drive: str(drive.folder))


def _is_removable(device: Path) -> bool:
    if not device.exists():
        return False
    real = device.resolve()
    if "/usb" in str(real):
        return True
    flags = (folder / "removable" for folder in (real, real.parent))
    return any(flag.is_file() and flag.read_text().strip() == "1" for flag in flags)


def unescape(text: str) -> str:
    """Spaces and the like stand as octal numbers in the mount table."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _windows_drives() -> list[FolderDrive]:
    found: list[FolderDrive] = []
    if sys.platform == "win32":
        import ctypes

        kernel, removable = ctypes.windll.kernel32, 2
        letters: Sequence[str] = [chr(65 + i) for i in range(26) if kernel.GetLogicalDrives() >> i & 1]
        for letter in letters:
            root = f"{letter}:\\"
            label, system = ctypes.create_unicode_buffer(64), ctypes.create_unicode_buffer(64)
            if kernel.GetDriveTypeW(root) != removable:
                continue
            # Fails for an empty card reader: then there is nothing to offer.
            if kernel.GetVolumeInformationW(root, label, 64, None, None, None, system, 64):
                found.append(FolderDrive(Path(root), f"{label.value or root} ({letter}:)", True, system.value))
    return found
