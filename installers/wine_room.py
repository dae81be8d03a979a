"""A Windows setup under wine: `python -m installers.wine_room SETUP.exe ROLE --room ROOM …`, as root.

ROOM is a Debian trixie with wine (and neither Python nor a network); Xvfb, xdotool and ImageMagick are needed outside.
The setup is installed silently, over an earlier one when that is named, the application started to its window, walked
through by its own Python as on Debian, checked against its signed list, and taken away with the data left.
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

from installers.description import HERE, Role, read
from installers.room import DISPLAY, Room, look, screen

PREFIX = "/opt/mab-wine"
LOCAL = f"{PREFIX}/drive_c/users/root/AppData/Local"
MENU = f"{PREFIX}/drive_c/users/root/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/MAB"
ENV = {"WINEPREFIX": PREFIX, "WINEDEBUG": "-all", "DISPLAY": DISPLAY}


@dataclass(frozen=True)
class Windows:
    """What stands for a Windows PC, and the application that is installed there."""

    room: Room
    role: Role

    @property
    def folder(self) -> Path:
        """Where it is installed, from outside."""
        return self.room.root / f"{LOCAL}/Programs/MAB/{self.role.key}"[1:]

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """A program of the room under wine: it wants no keyboard and its output in a pipe."""
        words = " ".join(f"'{word}'" for word in (program, *args))
        return self.room.run("sh", "-c", f"wine {words} </dev/null 2>&1 | cat", check=False, **ENV)

    def code(self, program: str, *args: str) -> int:
        """The exit code of a program."""
        words = " ".join(f"'{word}'" for word in (program, *args))
        told = self.room.run("sh", "-c", f"wine {words} </dev/null >/tmp/said 2>&1", check=False, **ENV)
        return told.returncode

    def mab(self, *args: str) -> list[str]:
        """What the installed command line says."""
        program = f"{LOCAL}/Programs/MAB/{self.role.key}/mab.exe"
        told = self.run(program, *args)
        return [line.strip() for line in told.stdout.splitlines() if line.strip()]

    def begin(self) -> None:
        """A new, empty Windows."""
        shutil.rmtree(self.room.root / PREFIX[1:], ignore_errors=True)
        self.room.run("sh", "-c", "wineboot -i </dev/null 2>&1 | cat", check=False, **ENV)

    def install(self, setup: Path) -> dict[str, Any]:
        """Silently; what the setup leaves."""
        place = self.room.root / "opt" / setup.name
        shutil.copy(setup, place)
        began = time.monotonic()
        code = self.code(f"/opt/{setup.name}", "/S")
        place.unlink()
        key = f"HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\MAB-{self.role.key}"
        listed = self.run("reg", "query", key, "/v", "DisplayVersion").stdout.split()
        return {
            "setup": setup.name, "exit_code": code, "seconds": round(time.monotonic() - began, 1),
            "menu": sorted(path.name for path in (self.room.root / MENU[1:]).glob("*")),
            "in_the_list_of_programs": listed[-1] if listed else "",
        }  # fmt: skip

    def start(self) -> subprocess.Popen[bytes]:
        """What the entry of the menu starts."""
        program = f"{LOCAL}/Programs/MAB/{self.role.key}/{self.role.file_title}.exe"
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", **ENV}
        command = ["unshare", "-n", "chroot", str(self.room.root), "wine", program]
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)  # fmt: skip

    def stop(self) -> None:
        """End every program of this Windows."""
        self.room.run("wineserver", "-k", check=False, **ENV)


def window() -> str:
    """The words of the first window that stands on the screen; "" where none comes."""
    env = {**os.environ, "DISPLAY": DISPLAY}
    find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", ".+", "getwindowname", "%@"]
    told = subprocess.run(find, env=env, check=False, capture_output=True, text=True, timeout=300)
    return told.stdout.strip()


def walk(pc: Windows, args: argparse.Namespace) -> dict[str, Any]:
    """Everything, in the order in which a person meets it."""
    pc.begin()
    seen: dict[str, Any] = {"wine": pc.room.run("wine", "--version", **ENV).stdout.strip()}
    if args.earlier:
        seen["earlier"] = pc.install(args.earlier)
    seen["installed"] = pc.install(args.setup)
    seen["verify"] = pc.mab("verify", "--self")[-5:]
    seen["record"] = pc.mab("installation", "--json")
    shown = pc.start()
    seen["window"] = window()
    time.sleep(4)  # until the screen has been painted
    look(args.out / "00-menu.png")
    seen["setup_while_open"] = pc.install(args.setup)["exit_code"]
    shown.terminate()
    pc.stop()
    seen["walk"] = by_hand(pc, args)
    seen["verify_after"] = pc.mab("verify", "--self")[-2:]
    code = pc.code(f"{LOCAL}/Programs/MAB/{pc.role.key}/uninstall.exe", "/S")
    pc.room.run("wineserver", "-w", check=False, **ENV)  # it goes on as a copy of itself, to take itself away
    data = sorted(path.name for path in (pc.room.root / f"{LOCAL}/mab-desktop"[1:]).rglob("mab.db"))
    seen["removed"] = {"exit_code": code, "left": sorted(path.name for path in pc.folder.glob("*")), "data": data}
    return seen


def by_hand(pc: Windows, args: argparse.Namespace) -> list[str]:
    """The same walk as on Debian, run by the installed Python; it is taken away afterwards."""
    drive = pc.room.root / f"{PREFIX}/drive_c"[1:]
    shutil.rmtree(drive / "walk", ignore_errors=True)
    (drive / "walk/out").mkdir(parents=True)
    shutil.copytree(args.season, drive / "walk/season")
    script = pc.folder / "lib/app/mab_walk.py"
    shutil.copy(HERE / "rooms" / "walk.py", script)
    said = pc.mab("-m", "mab_walk", pc.role.key, "C:\\walk\\season", "C:\\walk\\out")
    script.unlink()
    shutil.rmtree(script.parent / "__pycache__")  # of the walk alone: our own files bring theirs along in their folders
    for picture in sorted((drive / "walk/out").iterdir()):
        shutil.copy(picture, args.out)
    return said[-30:]


def main(argv: Sequence[str] | None = None) -> int:
    """The walk; its result as JSON in OUT."""
    parser = argparse.ArgumentParser(prog="python -m installers.wine_room", description=__doc__)
    parser.add_argument("setup", type=Path)
    parser.add_argument("role")
    parser.add_argument("--earlier", type=Path, help="the setup of an earlier build, installed first")
    parser.add_argument("--room", type=Path, required=True)
    parser.add_argument("--season", type=Path, required=True, help="a rehearsal on its eve (mab rehearse prepare)")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    pc = Windows(Room(args.room.resolve()), read().roles[args.role])
    with screen(), pc.room.with_screen():
        try:
            seen = walk(pc, args)
        finally:
            pc.stop()
    text = json.dumps(seen, ensure_ascii=False, indent=1)
    (args.out / "wine.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
