"""The folder that is installed: Python, libraries, our own program, licences, and the list of all files.

    bin/mab-python, bin/mab-ROLE            (Windows: "MAB ….exe", mab.exe, python311.dll beside everything)
    lib/python3.11, lib/native, lib/site    the Python library, libraries of the system, wheels without what nobody uses
    lib/app/mab_desktop                     our own program with its sources
    share/licences, release.json, release.sig
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from installers import icu, native
from installers.description import Description, Role, fits

SOURCELESS = ("lib/python3.11", "lib/site")
KEEP_SOURCES = "lib/site/cv2/*"  # its own start reads its sources
_CV2_FOLDERS = ("data", "mat_wrapper", "misc", "utils")
EMBEDDABLE = "cp311"  # the folder in python.org's archive
PATHS_LINUX = "../lib/python3.11\n../lib/python3.11/lib-dynload\n../lib/site\n../lib/app\n"
PATHS_WINDOWS = "python311.zip\n.\nlib\\site\nlib\\app\n"
ZBAR_LOOKED_FOR = "path = find_library('zbar')"
ZBAR_TAKEN = "path = str(Path(__file__).parents[2] / 'native' / 'libzbar.so.0')"
ICONS_LISTED = "\n\n# MD5 Hashes for font files"
ICONS_TAKEN = '\n_BUNDLED_FONTS = tuple(font for font in _BUNDLED_FONTS if font[0] == "ph")'
ICU_LEFT = "ICU: languages and code pages that nobody here uses"


@dataclass
class Tree:
    """The folder while it grows; `left_out` counts bytes by the reason why they stay at home."""

    root: Path
    role: Role
    description: Description
    left_out: Counter[str] = field(default_factory=Counter)

    def put(self, path: str, data: bytes, *, runs: bool = False) -> None:
        """Write a file of the folder."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if runs else 0o644)

    def take(self, where: str, under: str, path: str, data: bytes) -> None:
        """A file of the Python library or of a wheel, unless it stays at home."""
        why = self.description.reason(where, path)
        if why:
            self.left_out[why] += len(data)
        else:
            self.put(f"{under}/{path}" if under else path, data, runs=False)


def own(tree: Tree, commit: str, epoch: int) -> None:
    """Our program as it stands in a commit of `epoch`, with its catalogs compiled."""
    packed = subprocess.run(["git", "archive", commit, "src", "po", "LICENSE"], check=True, capture_output=True).stdout
    scratch = tree.root.parent / "source"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    subprocess.run(["tar", "-x", "-C", str(scratch)], input=packed, check=True)
    drop = (*tree.description.own_drop, *(f"{package}/**" for package in tree.description.others(tree.role)))
    for path in sorted((scratch / "src/mab_desktop").rglob("*")):
        name = path.relative_to(scratch / "src/mab_desktop").as_posix()
        if path.is_file() and not fits(name, drop):
            tree.put(f"lib/app/mab_desktop/{name}", path.read_bytes())
    for catalog in sorted((scratch / "po").glob("*.po")):
        tree.put(f"lib/app/mab_desktop/locale/{catalog.stem}.mo", compiled_catalog(catalog, epoch))
    tree.put("share/licences/MAB/LICENSE", (scratch / "LICENSE").read_bytes())
    shutil.rmtree(scratch)


def compiled_catalog(catalog: Path, epoch: int) -> bytes:
    """A catalog as gettext reads it. In its head stands the commit's time, not the build's."""
    import io
    from datetime import UTC, datetime

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    out = io.BytesIO()
    with catalog.open("rb") as source:
        found = read_po(source, locale=catalog.stem)
    found.creation_date = datetime.fromtimestamp(epoch, UTC)
    write_mo(out, found)
    return out.getvalue()


def site(tree: Tree, wheels: list[Path]) -> None:
    """The wheels, unpacked; of their own facts only what `importlib.metadata` needs."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            for name in sorted(packed.namelist()):
                parts = PurePosixPath(name).parts
                if name.endswith("/"):
                    continue
                if parts[0].endswith(".data"):
                    if parts[1] not in ("purelib", "platlib"):
                        continue
                    parts = parts[2:]
                if parts[0].endswith(".dist-info") and parts[-1] not in ("METADATA", "entry_points.txt"):
                    continue
                tree.take("site", "lib/site", "/".join(parts), packed.read(name))
    # The library of icons opens all its typefaces at once; one comes along.
    _replace(tree.root / "lib/site/qtawesome/__init__.py", ICONS_LISTED, ICONS_TAKEN + ICONS_LISTED)


def stays(tree: Tree, wheel: Path) -> bool:
    """False for a wheel of which nothing comes along."""
    facts = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
    return not tree.description.reason("site", f"{facts}/METADATA")


def replace_opencv(tree: Tree, library: bytes) -> None:
    """Our own build of OpenCV in place of the wheel's, and without the helpers of modules that it does not have."""
    home = tree.root / "lib/site/cv2"
    for folder in [path for path in home.iterdir() if path.is_dir() and path.name not in _CV2_FOLDERS]:
        shutil.rmtree(folder)
    why = "OpenCV beyond what photographs need (video, neural networks, linear algebra)"
    tree.left_out[why] += (home / "cv2.abi3.so").stat().st_size - len(library)
    tree.put("lib/site/cv2/cv2.abi3.so", library)


def linux(tree: Tree, debs: dict[str, Path]) -> None:
    """Debian's Python and the libraries that not every desktop has."""
    scratch = tree.root.parent / "debian"
    shutil.rmtree(scratch, ignore_errors=True)
    for _name, deb in sorted(debs.items()):
        subprocess.run(["dpkg-deb", "-x", str(deb), str(scratch)], check=True)
    shutil.copy2(scratch / "usr/bin/python3.11", _made(tree.root / "bin") / "mab-python")
    for path in sorted((scratch / "usr/lib/python3.11").rglob("*")):
        if path.is_file():
            name = path.relative_to(scratch / "usr/lib/python3.11").as_posix()
            tree.take("library", "lib/python3.11", name, path.read_bytes())
    for path in sorted((scratch / "usr/lib/x86_64-linux-gnu").glob("lib*.so.*")):
        if name := native.soname(path):
            here = "lib/site/PySide6/Qt/lib" if name.startswith(("libxcb", "libxkb")) else "lib/native"
            tree.put(f"{here}/{name}", path.read_bytes())
            native.set_rpath(tree.root / here / name, "$ORIGIN")
    native.set_rpath(tree.root / "bin/mab-python", "$ORIGIN/../lib/native", forced=True)
    tree.put("bin/mab-python._pth", PATHS_LINUX.encode())
    (tree.root / "bin/mab-python").chmod(0o755)
    # pyzbar looks for a library of the system; ours lies in our own folder.
    _replace(tree.root / "lib/site/pyzbar/zbar_library.py", ZBAR_LOOKED_FOR, ZBAR_TAKEN)
    shutil.rmtree(scratch)


def _replace(path: Path, looked_for: str, taken: str) -> None:
    """Put other words into a library's source; a library that was changed since stops the build."""
    text = path.read_text("utf-8")
    if text.count(looked_for) != 1:
        raise SystemExit(f"{path} has changed: what is put into it must be looked at anew.")
    path.write_text(text.replace(looked_for, taken), encoding="utf-8")


def windows(tree: Tree, python: zipfile.ZipFile) -> None:
    """Python for Windows; its library stays the one archive that python.org packs."""
    for name in sorted(python.namelist()):
        if not name.endswith(("/", ".zip", "._pth")):
            tree.take("library", "", PurePosixPath(name).name, python.read(name))
    _library_archive(tree, python.read(f"{EMBEDDABLE}/python311.zip"))
    tree.put("python311._pth", PATHS_WINDOWS.encode())


def _library_archive(tree: Tree, data: bytes) -> None:
    """The archive of the library, without what stays at home, always written the same way."""
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            contents = old.read(name)
            why = tree.description.reason("library", name.removesuffix("c") if name.endswith(".pyc") else name)
            if why:
                tree.left_out[why] += len(contents)
            else:
                new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), contents)
    tree.put("python311.zip", out.getvalue())


def finish(tree: Tree, system: str) -> None:
    """Libraries that nothing is linked to go; Python's files are compiled."""
    for path in native.unneeded(tree.root, system):
        tree.left_out["libraries that nothing left here is linked to"] += path.stat().st_size
        path.unlink()
    if system != "windows":
        (words,) = (tree.root / "lib/site/PySide6/Qt/lib").glob("libicudata.so.*")
        tree.left_out[ICU_LEFT] += icu.slim(words)
        tree.left_out["what only debuggers read"] += native.strip(tree.root, tree.description.linux["strip"])
    compile_all(tree.root)
    for folder in sorted((path for path in tree.root.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def compile_all(root: Path) -> None:
    """Compile in a process of its own with a fixed seed, so that two builds give the same bytes."""
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-I", "-X", "utf8", str(Path(__file__).with_name("compiling.py")), str(root),
                    KEEP_SOURCES, *SOURCELESS], check=True, env=env)  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
