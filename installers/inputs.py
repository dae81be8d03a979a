"""What an installer is made of: wheels by the lock file's hashes, Debian's Python and libraries, Windows' Python.

Everything is kept in a cache beside the builds, so that a second build needs no network and takes the same files.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from installers.description import Description

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qq", "--no-deps")
WINDOWS = ("--platform", "win_amd64", "--python-version", "3.11.9", "--implementation", "cp")


def wheels(cache: Path, lock: Path, system: str) -> list[Path]:
    """The wheels of a lock file for a system, downloaded once and checked against its hashes each time."""
    folder = cache / ("wheels-windows" if system == "windows" else "wheels-linux")
    folder.mkdir(parents=True, exist_ok=True)
    pinned, hashes = _pinned(lock)
    if not pinned <= {_key(path) for path in folder.glob("*.whl")}:
        only = WINDOWS if system == "windows" else ()
        _pip(["--only-binary", ":all:", "--require-hashes", *only, "-d", str(folder), "-r", str(lock)])
    found = sorted((path for path in folder.glob("*.whl") if _key(path) in pinned), key=lambda path: path.name.lower())
    for path in found:
        if hashlib.sha256(path.read_bytes()).hexdigest() not in hashes:
            raise SystemExit(f"{path} is not what the lock file names.")
    return found


def _pinned(lock: Path) -> tuple[set[str], set[str]]:
    """What a lock file names for Python 3.11, as `name==version`, and all its hashes."""
    text = lock.read_text("utf-8")
    lines = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    here = [line for line in lines if not re.search(r"python_(full_)?version >= '3\.1[2-9]'", line)]
    names = {line.split(" ")[0].lower().replace("-", "_") for line in here}
    return names, set(re.findall(r"sha256:([0-9a-f]{64})", text))


def _key(wheel: Path) -> str:
    return "==".join(wheel.name.lower().split("-")[:2])


def embeddable(cache: Path, description: Description) -> zipfile.ZipFile:
    """Python for Windows as python.org packs it to be taken along."""
    folder = cache / "embeddable"
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.tar.gz")):
        wanted = folder / "wanted.txt"
        wanted.write_text(description.embeddable + "\n", encoding="utf-8")
        _pip(["--no-binary", ":all:", "--require-hashes", "-d", str(folder), "-r", str(wanted)])
    (source,) = folder.glob("*.tar.gz")
    with tarfile.open(source) as packed:
        name = next(name for name in packed.getnames() if name.endswith("data.zip"))
        member = packed.extractfile(name)
        assert member is not None
        return zipfile.ZipFile(io.BytesIO(member.read()))


def debian_packages(cache: Path, names: Sequence[str]) -> list[Path]:
    """Debian packages, downloaded once by apt (which checks their signatures)."""
    folder = cache / "debian"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in names if not list(folder.glob(f"{name}_*.deb"))]
    if missing:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *missing]
        subprocess.run(apt, cwd=folder, check=True, env=quiet)
    return [max(folder.glob(f"{name}_*.deb")) for name in names]


def _pip(args: Sequence[str]) -> None:
    subprocess.run([*PIP, *args], check=True)
