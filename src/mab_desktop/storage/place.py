"""Where a database must not lie: on a folder of the network, whose locks and syncs cannot be relied on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "fuse.sshfs",
    "fuse.glusterfs", "fuse.rclone", "davfs", "fuse.davfs2", "vboxsf",
})  # fmt: skip


def is_on_network(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """True where `folder`, or the nearest folder above it that exists, comes from another computer (proc(5))."""
    folder = folder.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = 4
        return folder.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == remote
    if not mounts.exists():
        return False
    return _file_system(folder, mounts.read_text(encoding="utf-8", errors="replace")) in NETWORK_FILE_SYSTEMS


def _file_system(folder: Path, table: str) -> str:
    """The type of the file system mounted nearest above `folder`; the last line wins where two lie over each other."""
    best, found = -1, ""
    for line in table.splitlines():
        head, _, tail = line.partition(" - ")
        fields, kind = head.split(), tail.split()
        if len(fields) < 5 or not kind:
            continue
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4]))
        if folder.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, found = len(mounted.parts), kind[0]
    return found
