"""Which disks this computer has, for a second place of the backups: another physical disk than the database's."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

MOUNTS, BLOCKS = Path("/proc/self/mountinfo"), Path("/sys/dev/block")


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted disk or drive: its folder, what it is called, its room, and whether it can be taken out."""

    folder: Path
    name: str
    free: int
    total: int


def other_disks(folder: Path, mounts: Path = MOUNTS, blocks: Path = BLOCKS) -> list[Disk]:
    """Writable disks that are not the one `folder` lies on, the roomiest first."""
    found = _windows_disks(folder) if sys.platform == "win32" else _linux_disks(folder, mounts, blocks)
    return sorted(found, key=lambda disk: (-disk.free, str(disk.folder)))


def same_disk(one: Path, other: Path, blocks: Path = BLOCKS) -> bool:
    """True where two folders lie on one physical disk, as far as the system tells; their partitions may differ."""
    if sys.platform == "win32":
        return one.resolve().anchor.lower() == other.resolve().anchor.lower()
    first, second = one.stat().st_dev, other.stat().st_dev
    if first == second:
        return True
    disks = [_disk(f"{os.major(device)}:{os.minor(device)}", blocks) for device in (first, second)]
    return disks[0] is not None and disks[0] == disks[1]


def _disk(device: str, blocks: Path) -> Path | None:
    """The whole disk that a device number belongs to; None for what is no block device (tmpfs, FUSE)."""
    place = blocks / device
    if not place.exists():
        return None
    real = place.resolve()
    below = real / "slaves"
    slaves = sorted(below.iterdir()) if below.is_dir() else []
    if slaves:  # an encrypted or joined volume lies on these
        return _whole(slaves[0].resolve())
    return _whole(real)


def _whole(device: Path) -> Path:
    return device.parent if (device / "partition").exists() else device


def _linux_disks(folder: Path, mounts: Path, blocks: Path) -> list[Disk]:
    found: dict[str, Disk] = {}
    if not mounts.exists():
        return []
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.partition(" - ")[0].split()
        if len(fields) < 5 or not (blocks / fields[2]).exists():
            continue
        place = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4]))
        # One disk is offered once; a file bound into another place is no disk.
        if place.is_dir() and os.access(place, os.W_OK) and not same_disk(folder, place, blocks):
            found.setdefault(fields[2], _seen(place))
    return list(found.values())


def _seen(place: Path) -> Disk:
    usage = shutil.disk_usage(place)
    return Disk(place, place.name or str(place), usage.free, usage.total)


def _windows_disks(folder: Path) -> list[Disk]:
    found: list[Disk] = []
    if sys.platform == "win32":
        import ctypes

        kernel, kinds = ctypes.windll.kernel32, (2, 3)  # removable, fixed
        for letter in (chr(65 + i) for i in range(26) if kernel.GetLogicalDrives() >> i & 1):
            place = Path(f"{letter}:\\")
            if kernel.GetDriveTypeW(str(place)) in kinds and place.is_dir() and not same_disk(folder, place):
                found.append(_seen(place))
    return found
