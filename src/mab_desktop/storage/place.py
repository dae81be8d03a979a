"""Where a database must not lie: on a drive that can be taken out, on another computer's disk, in a folder that a cloud
service copies. Locks and syncs of such places cannot be relied on, and what is carried away is carried away.
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "beegfs",
    "ocfs2", "gfs2", "davfs", "vboxsf", "vmhgfs", "prl_fs", "fuse.sshfs", "fuse.glusterfs", "fuse.rclone",
    "fuse.davfs2", "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.vmhgfs-fuse", "fuse.ceph", "fuse.mfs", "fuse.cifs",
    "fuse.onedriver", "fuse.google-drive-ocamlfuse", "fuse.pcloud",
})  # fmt: skip
# Folders that a cloud service copies behind our back, as their makers name them.
SYNCED = re.compile(
    r"(OneDrive|Dropbox|Google ?Drive|Yandex\.?Disk|Яндекс\.?Диск|iCloud ?Drive|MEGA(sync)?|Nextcloud|ownCloud|"
    r"pCloud ?(Drive|Sync)|Mail\.ru Cloud|Cloud Mail\.ru|Облако Mail\.ru)( .*)?", re.IGNORECASE,
)  # fmt: skip


class Place(StrEnum):
    """What kind of place a folder is."""

    OWN = "own"
    REMOVABLE = "removable"
    NETWORK = "network"
    SYNCED = "synced"


def place_of(folder: Path, *, mounts: Path = Path("/proc/self/mountinfo"), sysfs: Path = Path("/sys")) -> Place:
    """What `folder` is, or the nearest folder above it that exists (proc(5), sysfs).

    A computer that itself runs from a drive (its Python lies there) may keep its databases on that drive.
    """
    folder = folder.resolve()
    found = _windows(folder) if sys.platform == "win32" else _linux(folder, mounts, sysfs)
    if found is Place.OWN and any(SYNCED.fullmatch(part) for part in folder.parts):
        return Place.SYNCED
    return found


def _linux(folder: Path, mounts: Path, sysfs: Path) -> Place:
    if not mounts.exists():
        return Place.OWN
    table = mounts.read_text(encoding="utf-8", errors="replace")
    device, kind = _mounted(folder, table)
    if kind in NETWORK_FILE_SYSTEMS:
        return Place.NETWORK
    own, _ = _mounted(Path(sys.executable).resolve(), table)
    if device and device != own and is_removable(sysfs / device):
        return Place.REMOVABLE
    return Place.OWN


def _mounted(folder: Path, table: str) -> tuple[str, str]:
    """Device in sysfs and type of what is mounted nearest above `folder`; the last line wins of two over each other."""
    best, found = -1, ("", "")
    for line in table.splitlines():
        head, _, tail = line.partition(" - ")
        fields, (kind, source, *_rest) = head.split(), [*tail.split(), "", ""]
        if len(fields) < 5 or not kind:
            continue
        mounted = Path(_plain(fields[4]))
        if folder.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, found = len(mounted.parts), (_device(fields[2], _plain(source)), kind)
    return found


def _device(number: str, source: str) -> str:
    """Where sysfs tells of a mount's device. btrfs has a number of its own (0:…), the device stands as source only."""
    if number.startswith("0:"):
        return f"class/block/{Path(source).resolve().name}" if source.startswith("/dev/") else ""
    return f"dev/block/{number}"


def _plain(text: str) -> str:
    """Spaces and the like stand as octal numbers in the mount table."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def is_removable(device: Path) -> bool:
    """True where a block device of sysfs, or one that it lies on (an encrypted stick), is removable or on USB."""
    if not device.exists():
        return False
    real = device.resolve()
    if "/usb" in str(real):
        return True
    flags = (folder / "removable" for folder in (real, real.parent))
    if any(flag.is_file() and flag.read_text().strip() == "1" for flag in flags):
        return True
    below = real / "slaves"
    return below.is_dir() and any(is_removable(slave) for slave in below.iterdir())


def _windows(folder: Path) -> Place:
    if sys.platform == "win32":
        import ctypes

        removable, remote, optical = 2, 4, 5
        kind = ctypes.windll.kernel32.GetDriveTypeW(folder.anchor)
        if folder.drive.startswith("\\\\") or kind == remote:
            return Place.NETWORK
        if kind in (removable, optical) and folder.anchor != Path(sys.executable).anchor:
            return Place.REMOVABLE
    return Place.OWN
