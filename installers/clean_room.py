"""A clean system for a Debian package: `python -m installers.clean_room deb|upgrade …`, as root.

Needs debootstrap, Xvfb, xdotool and ImageMagick. The room has what the package depends on (a desktop has it) and
neither Python nor a network. What was seen is written as JSON beside the pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installers.description import HERE

SCREEN, DISPLAY = "1366x768x24", ":77"
PERSON = "person"
QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


@dataclass(frozen=True)
class Room:
    """A root file system of its own."""

    root: Path

    def run(self, *command: str, network: bool = False, person: bool = False, check: bool = True,
            **env: str) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """A command in the room: without a network unless it is asked for, as an ordinary person if asked."""
        told = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": f"/home/{PERSON}" if person else "/root",
                "LANG": "C.UTF-8", **QUIET, **env}  # fmt: skip
        alone = [] if network else ["unshare", "-n"]
        who = [f"--userspec={PERSON}"] if person else []
        return subprocess.run([*alone, "chroot", *who, str(self.root), *command], env=told, check=check, text=True,
                              capture_output=True)  # fmt: skip

    def make(self, suite: str, packages: Sequence[str]) -> None:
        """Debian's smallest system and what a desktop has; once made it is kept."""
        stamp = self.root / "room-is-made"
        if stamp.exists():
            return
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(self.root)], check=True)
        self.root.chmod(0o755)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        self.run("apt-get", "-qq", "update", network=True)
        self.run("apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages, network=True)
        self.run("useradd", "-m", PERSON)
        stamp.touch()

    def share_screen(self) -> None:
        """The virtual screen of the host, and the list of processes."""
        for place, mount in (("proc", ["-t", "proc", "proc"]), ("tmp/.X11-unix", ["--bind", "/tmp/.X11-unix"])):
            target = self.root / place
            target.mkdir(parents=True, exist_ok=True)
            if not target.is_mount():
                subprocess.run(["mount", *mount, str(target)], check=True)

    def leave(self) -> None:
        """Take the mounts away again."""
        for place in ("tmp/.X11-unix", "proc"):
            subprocess.run(["umount", "-l", str(self.root / place)], check=False, capture_output=True)


def dependencies(package: Path) -> list[str]:
    """What a package needs from the system, by the name that the newest Debian in question knows."""
    told = subprocess.run(["dpkg-deb", "-f", str(package), "Depends"], capture_output=True, text=True, check=True)
    return [line.split("|")[-1].split("(")[0].strip() for line in told.stdout.split(",")]


def walk_debian(args: argparse.Namespace) -> dict[str, Any]:
    """Install, start from the menu, first-run page, a record, a paper, an export, check, remove: the data stay."""
    room, name = Room(args.room.resolve()), args.package.name.split("_")[0]
    room.make(args.suite, dependencies(args.package))
    there = room.run("sh", "-c", "command -v python3 || echo none").stdout.strip()
    seen: dict[str, Any] = {"package": args.package.name, "python_in_the_room": there}
    work = room.root / "home" / PERSON / "walk"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(work.parent / ".local", ignore_errors=True)
    (work / "out").mkdir(parents=True)
    shutil.copy(HERE / "rooms" / "walk.py", work)
    shutil.copytree(args.season, work / "season")
    room.run("chown", "-R", f"{PERSON}:", f"/home/{PERSON}")
    room.share_screen()
    try:
        began = time.monotonic()
        seen["installed"] = _install(room, args.package)
        seen["install_seconds"] = round(time.monotonic() - began, 1)
        seen["menu"] = _start_from_menu(room, name, args.out)
        told = room.run(f"/{_folder(name)}/bin/mab-python", f"/home/{PERSON}/walk/walk.py",
                        f"/home/{PERSON}/walk/season", f"/home/{PERSON}/walk/out", person=True, check=False,
                        DISPLAY=DISPLAY)  # fmt: skip
        seen["walk"] = told.stdout.splitlines() + told.stderr.splitlines()[-5:]
        for picture in sorted((work / "out").iterdir()):
            shutil.copy(picture, args.out)
        seen["verify"] = room.run(name, "verify", "--self", person=True, check=False).stdout.splitlines()
        data = list((work.parent / ".local/share/mab-desktop").rglob("mab.db"))
        room.run("dpkg", "-r", name)
        seen["removed"] = {"program_is_gone": not (room.root / _folder(name)).exists(), "data_is_there":
                           bool(data) and all(path.is_file() for path in data)}  # fmt: skip
    finally:
        room.leave()
    return seen


def _folder(package: str) -> str:
    return f"opt/mab/{package.removeprefix('mab-')}"


def _install(room: Room, package: Path) -> str:
    shutil.copy(package, room.root / "tmp" / package.name)
    told = room.run("dpkg", "-i", f"/tmp/{package.name}").stdout.splitlines()[-1]
    (room.root / "tmp" / package.name).unlink()
    return told


def _start_from_menu(room: Room, name: str, out: Path) -> str:
    """What the entry of the menu starts, until its window stands on the screen."""
    entry = (room.root / "usr/share/applications" / f"{name}.desktop").read_text("utf-8")
    command = next(line.removeprefix("Exec=") for line in entry.splitlines() if line.startswith("Exec="))
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": f"/home/{PERSON}", "LANG": "C.UTF-8", "DISPLAY": DISPLAY}
    shown = subprocess.Popen(["unshare", "-n", "chroot", f"--userspec={PERSON}", str(room.root), *command.split()],
                             env=env)  # fmt: skip
    look = ["xdotool", "search", "--sync", "--onlyvisible", "--classname", name]
    screen = {**os.environ, "DISPLAY": DISPLAY}
    subprocess.run(look, env=screen, check=True, capture_output=True, timeout=400)
    time.sleep(3)  # until the screen has been painted
    subprocess.run(["import", "-window", "root", str(out / "00-menu.png")], env=screen, check=True)
    shown.terminate()
    shown.wait()
    return f"{command}: its window stood on the screen"


def walk_upgrade(args: argparse.Namespace) -> dict[str, Any]:
    """An earlier build, its data, a later build over it, the earlier one again: refused, and the way back."""
    room = Room(args.room.resolve())
    room.make(args.suite, dependencies(args.package))
    work = room.root / "home" / PERSON / "upgrade"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copy(HERE / "rooms" / "upgrade.py", work)
    shutil.copy(args.season / "drive" / "mab-centre-trust.json", work)
    room.run("chown", "-R", f"{PERSON}:", f"/home/{PERSON}")
    acts: list[dict[str, Any]] = []
    plan = ((args.earlier, "make"), (args.package, "open"), (args.earlier, "open"), (args.earlier, "back"),
            (args.package, "open"))  # fmt: skip
    for package, act in plan:
        _install(room, package)
        python = f"{_folder(args.package.name.split('_')[0])}/bin/mab-python"
        home = f"/home/{PERSON}/upgrade"
        told = room.run(f"/{python}", f"{home}/upgrade.py", act, f"{home}/data", f"{home}/mab-centre-trust.json",
                        person=True, check=False)  # fmt: skip
        acts.append(json.loads(told.stdout) if told.stdout else {"act": act, "failed": told.stderr[-600:]})
    name = args.package.name.split("_")[0]
    record = room.run(name, "installation", "--json").stdout
    room.run("dpkg", "-P", name)
    return {"earlier": args.earlier.name, "later": args.package.name, "acts": acts, "record": json.loads(record)}


def main(argv: Sequence[str] | None = None) -> int:
    """One of the walks; its result as JSON in OUT."""
    parser = argparse.ArgumentParser(prog="python -m installers.clean_room", description=__doc__)
    parser.add_argument("walk", choices=("deb", "upgrade"))
    parser.add_argument("package", type=Path)
    parser.add_argument("--earlier", type=Path, help="upgrade: the package of the earlier build")
    parser.add_argument("--room", type=Path, required=True, help="where the room is, or is made")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--season", type=Path, required=True, help="a rehearsal on its eve (mab rehearse prepare)")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", SCREEN, "-nolisten", "tcp"], stderr=subprocess.DEVNULL)
    try:
        seen = walk_debian(args) if args.walk == "deb" else walk_upgrade(args)
    finally:
        screen.terminate()
    text = json.dumps(seen, ensure_ascii=False, indent=1)
    (args.out / f"{args.walk}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
