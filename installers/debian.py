"""A Debian package of one application: its folder, a command, an entry of the menu, its pictures, its records."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from installers import native
from installers.description import HERE, Description, Role

_TEMPLATES = HERE / "linux"
# One thread: several pack apart what repeats, and how many there are must not change the package.
_SMALL, _QUICK = ("-Zxz", "-z9", "--threads-max=1"), ("-Zzstd", "-z3")


def build(root: Path, out: Path, description: Description, role: Role, version: str, epoch: int, *,
          quick: bool = False) -> Path:  # fmt: skip
    """The package of the folder at `root`; the same folder gives the same package. `quick`: packed less, for tests."""
    stage = out / f"stage-{role.key}"
    shutil.rmtree(stage, ignore_errors=True)
    home = stage / role.folder
    home.parent.mkdir(parents=True)
    shutil.copytree(root, home)
    _system_files(stage, role)
    _control(stage, role, description, version)
    for path in sorted(stage.rglob("*"), reverse=True):
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    package = out / f"{role.debian}_{version}_amd64.deb"
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    packing = _QUICK if quick else _SMALL
    subprocess.run(["dpkg-deb", "--root-owner-group", *packing, "--build", str(stage), str(package)],
                   check=True, env=env, stdout=subprocess.DEVNULL)  # fmt: skip
    shutil.rmtree(stage)
    return package


def launcher(role: Role) -> bytes:
    """The command of an application, also of its command line; it lies in the listed folder."""
    return _filled("launcher.sh", role).encode()


def _system_files(stage: Path, role: Role) -> None:
    _write(stage / "usr/share/applications" / f"{role.debian}.desktop", _filled("menu.desktop", role))
    for size in (48, 128, 256):
        target = stage / f"usr/share/icons/hicolor/{size}x{size}/apps/{role.debian}.png"
        target.parent.mkdir(parents=True)
        shutil.copyfile(HERE / "icons" / f"{role.key}-{size}.png", target)
        target.chmod(0o644)
    command = stage / "usr/bin" / role.debian
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/{role.folder}/bin/{role.debian}")
    copyright_text = _filled("copyright", role) + "\n" + (HERE.parent / "LICENSE").read_text("utf-8")
    _write(stage / "usr/share/doc" / role.debian / "copyright", copyright_text)


def _control(stage: Path, role: Role, description: Description, version: str) -> None:
    size = sum(path.lstat().st_size for path in stage.rglob("*") if path.is_file()) // 1024
    depends = ", ".join(description.linux["depends"]).replace("{glibc}", native.glibc(stage / role.folder))
    text = _filled("control", role).replace("@VERSION@", version).replace("@SIZE@", str(size))
    text = text.replace("@DEPENDS@", depends).replace("@SUGGESTS@", ", ".join(description.linux["suggests"]))
    _write(stage / "DEBIAN/control", text.replace("@PUBLISHER@", description.publisher))
    for name in ("postinst", "postrm"):
        _write(stage / "DEBIAN" / name, _filled(name, role), runs=True)


def _filled(name: str, role: Role) -> str:
    text = (_TEMPLATES / name).read_text("utf-8")
    words = {"ROLE": role.key, "PACKAGE": role.debian, "FOLDER": f"/{role.folder}",
             **{f"TITLE_{lang.upper()}": title for lang, title in role.title.items()}}  # fmt: skip
    for key, value in words.items():
        text = text.replace(f"@{key}@", value)
    return text


def _write(path: Path, text: str, *, runs: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755 if runs else 0o644)
