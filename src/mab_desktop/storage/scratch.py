"""Where plain pages of a scanner may lie for a moment: in the memory of this computer where it offers such a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mab_desktop.storage.sealed import wipe

ROOM = 256 << 20  # bytes that must be free for it
PREFIX = "mab-"
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mounts")


def tag(folder: Path) -> str:
    """What names the folders of one workplace: others of the same user may be at work on this computer."""
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]


def private_folder(name: str, beside: Path) -> Path:
    """A folder of this name that only this user can look into: in memory where there is room, else below `beside`."""
    for root in (*memory_roots(), beside):
        if root != beside and shutil.disk_usage(root).free < ROOM:
            continue
        folder = root / f"{PREFIX}{name}"
        folder.mkdir(mode=0o700, parents=root == beside, exist_ok=True)
        if _ours(folder):
            return folder
    raise PermissionError(f"{PREFIX}{name}")


def private_folders(name: str, beside: Path) -> list[Path]:
    """Those of this name that are there, from whenever."""
    places = (root / f"{PREFIX}{name}" for root in (*memory_roots(), beside))
    return [folder for folder in places if folder.is_dir() and _ours(folder)]


def left_behind(begin: str, beside: Path) -> list[Path]:
    """Folders whose name begins so."""
    found = (folder for root in (*memory_roots(), beside) for folder in root.glob(f"{PREFIX}{begin}*"))
    return [folder for folder in found if folder.is_dir() and _ours(folder)]


def remove(folder: Path) -> None:
    """Wipe every file of a folder, then take it away."""
    if not folder.exists():
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            wipe(path)
    shutil.rmtree(folder, ignore_errors=True)


def memory_roots() -> list[Path]:
    """Folders that are never written to a disk, but perhaps to its swap: the user's own first."""
    if sys.platform == "win32" or not _MOUNTS.exists():
        return []
    return [root for root in _candidates() if root.is_dir() and os.access(root, os.W_OK) and _in_memory(root)]


def _candidates() -> Iterator[Path]:
    if own := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(own)
    yield Path("/dev/shm")


def _in_memory(folder: Path) -> bool:
    folder = folder.resolve()
    mounts = [line.split() for line in _MOUNTS.read_text("utf-8", errors="replace").splitlines()]
    above = [(len(m[1]), m[2]) for m in mounts if len(m) > 2 and folder.is_relative_to(m[1])]
    return max(above, default=(0, ""))[1] in _IN_MEMORY


def _ours(folder: Path) -> bool:
    """Not somebody else's, nor a link to anywhere."""
    status = folder.lstat()
    if sys.platform == "win32":
        return not folder.is_symlink()
    return not folder.is_symlink() and status.st_uid == os.getuid() and status.st_mode & 0o077 == 0
