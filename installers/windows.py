"""A Windows setup program of one application: Python as python.org packs it, launchers, NSIS."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from installers import tree
from installers.description import HERE, Description, Role
from installers.licences import Part

_TEMPLATES = HERE / "windows"
_GCC, _WINDRES = "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-windres"
# Microsoft's runtime lies in several wheels; once beside the programs is enough.
_RUNTIME = ("msvcp140.dll", "msvcp140_1.dll", "msvcp140_2.dll", "vcruntime140.dll", "vcruntime140_1.dll")
_PUBLISHER = "MAB desktop"


def put_python(grown: tree.Tree, python: zipfile.ZipFile, parts: list[Part], work: Path) -> None:
    """Python, the launchers and Microsoft's runtime."""
    tree.windows(grown, python)
    texts = {"LICENSE.txt": python.read(f"{tree.EMBEDDABLE}/LICENSE.txt")}
    parts.append(Part("Python", "3.11.9", "PSF-2.0", texts))
    parts.append(Part("Microsoft-runtime", "14", "redistributable, see the text",
                      _texts("microsoft.txt")))  # fmt: skip
    parts.append(Part("NSIS", "3", "Zlib; what unpacks: CPL-1.0 with an exception", _texts("nsis.txt")))
    parts.append(Part("mingw-w64", "10", "ZPL-2.1", _texts("mingw.txt")))
    for name in _RUNTIME:
        for place in ("shiboken6", "PySide6"):
            found = grown.root / "lib/site" / place / name
            if found.exists() and not (grown.root / name).exists():
                found.replace(grown.root / name)
            found.unlink(missing_ok=True)
    for name, defines in ((f"{grown.role.file_title}.exe", [f'-DAPPLICATION=L"{grown.role.key}"', "-mwindows"]),
                          ("mab.exe", [])):  # fmt: skip
        _compile(grown, name, defines, work)


def _texts(name: str) -> dict[str, bytes]:
    return {name: (HERE / "licences" / name).read_bytes()}


def _compile(grown: tree.Tree, name: str, flags: list[str], work: Path) -> None:
    resources = work / "launcher.o"
    text = (_TEMPLATES / "launcher.rc").read_text("utf-8")
    words = {"ICON": HERE / "icons" / f"{grown.role.key}.ico", "NUMBERS": "0,1,0,0", "VERSION": "0.1.0",
             "TITLE": grown.role.file_title, "PUBLISHER": _PUBLISHER}  # fmt: skip
    for key, value in words.items():
        text = text.replace(f"@{key}@", str(value))
    (work / "launcher.rc").write_text(text, "utf-8")
    subprocess.run([_WINDRES, "-I", str(_TEMPLATES), str(work / "launcher.rc"), str(resources)], check=True)
    subprocess.run(
        [_GCC, "-Os", "-s", "-Wall", "-Wextra", "-municode", "-Wl,--no-insert-timestamp", *flags,
         str(_TEMPLATES / "launcher.c"), str(resources), "-o", str(grown.root / name), "-lshell32"],
        check=True,
    )  # fmt: skip
    (work / "launcher.rc").unlink()
    resources.unlink()


def build(root: Path, out: Path, description: Description, role: Role, version: str, epoch: int, *,
          quick: bool = False) -> Path:  # fmt: skip
    """The setup of the folder at `root`; the same folder gives the same program. `quick`: packed less, for tests."""
    work = out / f"nsis-{role.key}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    for path in files:
        os.utime(path, (epoch, epoch))
    _lists(root, files, work)
    setup = out / f"{role.file_title.replace(' ', '-')}-{version}-setup.exe"
    size = sum(path.stat().st_size for path in files) // 1024
    numbers = version.split("+")[0]
    words = {
        "ROLE": role.key, "TITLE": role.file_title, "OUT": setup, "VERSION": version, "NUMBERS_DOTTED": f"{numbers}.0",
        "PUBLISHER": description.publisher, "ICON": HERE / "icons" / f"{role.key}.ico", "SIZE": size,
        "INSTALL": work / "install.nsh", "UNINSTALL_FILES": work / "uninstall.nsh",
    }  # fmt: skip
    text = (_TEMPLATES / "setup.nsi").read_text("utf-8")
    for key, value in words.items():
        text = text.replace(f"@{key}@", str(value))
    if quick:
        text = text.replace("SetCompressor /SOLID lzma\nSetCompressorDictSize 64", "SetCompress off")
    (work / "setup.nsi").write_text(text, "utf-8")
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    subprocess.run(["makensis", "-V2", "-INPUTCHARSET", "UTF8", str(work / "setup.nsi")], check=True, env=env)
    shutil.rmtree(work)
    return setup


def _lists(root: Path, files: list[Path], work: Path) -> None:
    """What is written, and what an uninstallation takes away: these files and folders and nothing else."""
    put, gone, folders = [], [], []
    for path in files:
        name = path.relative_to(root).as_posix().replace("/", "\\")
        folder = name.rpartition("\\")[0]
        if not folders or folders[-1] != folder:
            folders.append(folder)
            put.append(f'SetOutPath "$INSTDIR\\{folder}"' if folder else 'SetOutPath "$INSTDIR"')
        put.append(f'File "{path}"')
        gone.append(f'Delete "$INSTDIR\\{name}"')
    every = {path.relative_to(root).as_posix().replace("/", "\\") for path in root.rglob("*") if path.is_dir()}
    gone.extend(f'RMDir "$INSTDIR\\{folder}"' for folder in sorted(every, reverse=True))
    (work / "install.nsh").write_text("\n".join(put) + "\n", "utf-8")
    (work / "uninstall.nsh").write_text("\n".join(gone) + "\n", "utf-8")
