"""Programs and libraries in machine code: what they are linked to, where they look for it, which glibc they need."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from installers.description import fits

# Folders whose libraries come along only when something is linked to them.
ON_DEMAND = ("lib/site/PySide6/Qt/lib/", "lib/native/")
_PE_DUMP = "x86_64-w64-mingw32-objdump"
_LOADED_BY_NAME = ("libzbar.so.0",)


def unneeded(root: Path, system: str) -> list[Path]:
    """Libraries below `root` that nothing which stays is linked to."""
    demanded = [path for path in binaries(root) if _on_demand(root, path, system)]
    queue = [path for path in binaries(root) if path not in set(demanded)]
    by_name = {path.name.lower(): path for path in demanded}
    kept = set()
    while queue:
        for name in needed(queue.pop(), system):
            found = by_name.get(name.lower())
            if found is not None and found not in kept:
                kept.add(found)
                queue.append(found)
    return [path for path in demanded if path not in kept]


def _on_demand(root: Path, path: Path, system: str) -> bool:
    name = path.relative_to(root).as_posix()
    if path.name in _LOADED_BY_NAME:
        return False
    if system == "windows":
        return bool(re.match(r"lib/site/(PySide6|shiboken6)/[^/]*\.dll$", name))
    return name.startswith(ON_DEMAND) or bool(re.match(r"lib/site/[^/]*\.libs/", name))


def binaries(root: Path) -> Iterator[Path]:
    """Everything in machine code."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as opened:
                start = opened.read(4)
            if start == b"\x7fELF" or (start[:2] == b"MZ" and path.suffix in (".dll", ".pyd", ".exe")):
                yield path


def needed(path: Path, system: str) -> list[str]:
    """Names of the libraries that it is linked to."""
    if system == "windows":
        told = subprocess.run([_PE_DUMP, "-p", str(path)], capture_output=True, text=True, check=True).stdout
        return re.findall(r"DLL Name: (\S+)", told)
    told = subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", told)


def soname(path: Path) -> str:
    """The name that others are linked to; empty for a file behind which another one stands."""
    if path.is_symlink():
        return ""
    told = subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\(SONAME\).*\[(.*)\]", told)
    return found[1] if found else ""


def set_rpath(path: Path, rpath: str, *, forced: bool = False) -> None:
    """Where it looks for libraries; `forced` holds for the libraries that it loads too."""
    subprocess.run(["patchelf", *(["--force-rpath"] if forced else []), "--set-rpath", rpath, str(path)], check=True)


def strip(root: Path, patterns: Sequence[str]) -> int:
    """Take what only debuggers read out of libraries that came with it; the bytes that are saved."""
    saved = 0
    for path in binaries(root):
        if fits(path.relative_to(root).as_posix(), patterns):
            before = path.stat().st_size
            subprocess.run(["strip", "--strip-debug", str(path)], check=True)
            saved += before - path.stat().st_size
    return saved


def glibc(root: Path) -> str:
    """The oldest glibc that everything below `root` runs with."""
    newest = (0, 0)
    for path in binaries(root):
        told = subprocess.run(["readelf", "-V", str(path)], capture_output=True, text=True, check=True).stdout
        for major, minor in re.findall(r"Name: GLIBC_(\d+)\.(\d+)", told):
            newest = max(newest, (int(major), int(minor)))
    return f"{newest[0]}.{newest[1]}"
