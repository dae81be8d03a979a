"""A Windows setup under wine: `python -m installers.wine_room whole|upgrade SETUP.exe ROLE --room ROOM …`, as root.

ROOM is a Debian trixie with wine and CUPS' library (and neither Python nor a network); Xvfb, xdotool, ImageMagick and
CUPS are needed outside. `whole`: installed silently, over an earlier one when that is named, the application started to
its window, walked through by its own Python as on Debian with a printer and a removable drive, checked against its
signed list, and taken away with the data left. `upgrade`: the data of an earlier build under this one, and back.
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

from tests.printing.virtual_cups import VirtualCups

from installers.clean_room import arrived, upgrade_plan
from installers.description import HERE, Role, read
from installers.room import DISPLAY, Room, look, screen

PREFIX = "/opt/mab-wine"
LOCAL = f"{PREFIX}/drive_c/users/root/AppData/Local"
MENU = f"{PREFIX}/drive_c/users/root/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/MAB"
ENV = {"WINEPREFIX": PREFIX, "WINEDEBUG": "-all", "DISPLAY": DISPLAY}
PRINTER = {"CUPS_SERVER": "/run/mab-cups/cups.sock"}
STICK, LABEL = "/media/stick", "KINGSTON"


@dataclass(frozen=True)
class Windows:
    """What stands for a Windows PC, and the application that is installed there."""

    room: Room
    role: Role

    @property
    def folder(self) -> Path:
        """Where it is installed, from outside."""
        return self.room.root / f"{LOCAL}/Programs/MAB/{self.role.key}"[1:]

    def run(self, program: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A program of the room under wine: it wants no keyboard and its output in a pipe."""
        words = " ".join(f"'{word}'" for word in (program, *args))
        return self.room.run("sh", "-c", f"wine {words} </dev/null 2>&1 | cat", check=False, **ENV, **env)

    def code(self, program: str, *args: str) -> int:
        """The exit code of a program."""
        words = " ".join(f"'{word}'" for word in (program, *args))
        told = self.room.run("sh", "-c", f"wine {words} </dev/null >/tmp/said 2>&1", check=False, **ENV)
        return told.returncode

    def mab(self, *args: str, **env: str) -> list[str]:
        """What the installed command line says."""
        program = f"{LOCAL}/Programs/MAB/{self.role.key}/mab.exe"
        told = self.run(program, *args, **env)
        return [line.strip() for line in told.stdout.splitlines() if line.strip()]

    def by_its_python(self, script: str, *args: str, **env: str) -> list[str]:
        """A script of ours, run by the installed Python; it is taken away afterwards."""
        name = f"mab_{script.removesuffix('.py')}"
        place = self.folder / "lib/app" / f"{name}.py"
        shutil.copy(HERE / "rooms" / script, place)
        said = self.mab("-m", name, *args, **env)
        place.unlink(missing_ok=True)
        shutil.rmtree(place.parent / "__pycache__", ignore_errors=True)  # the script's alone: ours lie in their folders
        return said

    def begin(self) -> None:
        """A new, empty Windows."""
        shutil.rmtree(self.room.root / PREFIX[1:], ignore_errors=True)
        stick = self.room.root / STICK[1:]
        shutil.rmtree(stick, ignore_errors=True)
        stick.mkdir(parents=True)
        (stick / ".windows-label").write_text(f"{LABEL}\n", "utf-8")
        self.room.run("sh", "-c", "wineboot -i </dev/null 2>&1 | cat", check=False, **ENV)
        (self.room.root / f"{PREFIX}/dosdevices/e:"[1:]).symlink_to(STICK)
        self.run("reg", "add", "HKLM\\Software\\Wine\\Drives", "/v", "e:", "/d", "floppy", "/f")  # a removable one
        self.stop()

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


def walk_whole(pc: Windows, args: argparse.Namespace) -> dict[str, Any]:
    """Everything, in the order in which a person meets it."""
    seen: dict[str, Any] = {"wine": wine(pc)}
    if args.earlier:
        seen["earlier"] = pc.install(args.earlier)
    seen["installed"] = pc.install(args.setup)
    seen["verify"] = pc.mab("verify", "--self")[-5:]
    seen["record"] = pc.mab("installation", "--json")
    shown = pc.start()
    seen["window"] = window()
    look(args.out / "00-menu.png")
    seen["setup_while_open"] = pc.install(args.setup)["exit_code"]
    shown.terminate()
    pc.stop()
    seen["walk"], seen["arrived_at_the_printer"] = by_hand(pc, args)
    seen["verify_after"] = pc.mab("verify", "--self")[-2:]
    code = pc.code(f"{LOCAL}/Programs/MAB/{pc.role.key}/uninstall.exe", "/S")
    pc.room.run("wineserver", "-w", check=False, **ENV)  # it goes on as a copy of itself, to take itself away
    data = sorted(path.name for path in (pc.room.root / f"{LOCAL}/mab-desktop"[1:]).rglob("mab.db"))
    seen["removed"] = {"exit_code": code, "left": sorted(path.name for path in pc.folder.glob("*")), "data": data}
    return seen


def wine(pc: Windows) -> str:
    """Which wine it is."""
    return pc.room.run("wine", "--version", **ENV).stdout.strip()


def by_hand(pc: Windows, args: argparse.Namespace) -> tuple[list[str], list[str]]:
    """The same walk as on Debian; what it says, and what came out at the printer."""
    drive, press = pc.room.root / f"{PREFIX}/drive_c"[1:], pc.room.root / "run/mab-cups"
    for folder in (drive / "walk", press):
        shutil.rmtree(folder, ignore_errors=True)
    (drive / "walk/out").mkdir(parents=True)
    press.mkdir(parents=True)
    shutil.copytree(args.season, drive / "walk/season")
    with VirtualCups(press) as cups:
        (press / "tmp").chmod(0o1777)  # what comes from Windows is PostScript: filters turn it into PDF there
        pc.stop()  # printers are looked for when Windows starts
        said = pc.by_its_python("walk.py", pc.role.key, "C:\\walk\\season", "C:\\walk\\out", **PRINTER)
        pages = [f"{len(job.pdf)} bytes of PDF" for job in arrived(cups)]
    shutil.rmtree(press)
    for file in sorted(path for path in (drive / "walk/out").iterdir() if path.is_file()):
        shutil.copy(file, args.out)
    return said[-40:], pages


def walk_upgrade(pc: Windows, args: argparse.Namespace) -> dict[str, Any]:
    """An earlier build, its data, a later build over it, the earlier one again: refused, and the way back."""
    work = pc.room.root / f"{PREFIX}/drive_c/upgrade"[1:]
    (work / "data").mkdir(parents=True)
    shutil.copy(args.season / "drive" / "mab-centre-trust.json", work)
    acts: list[dict[str, Any]] = []
    for setup, act in upgrade_plan(args.earlier, args.setup):
        code = pc.install(setup)["exit_code"]
        said = pc.by_its_python("upgrade.py", act, "C:\\upgrade\\data", "C:\\upgrade\\mab-centre-trust.json")
        told = json.loads(said[-1]) if said and said[-1].startswith("{") else {"act": act, "failed": said[-6:]}
        acts.append({**told, "setup_exit_code": code})
    record = json.loads("".join(pc.mab("installation", "--json")))
    for picture in sorted((work / "data").glob("*.png")):
        shutil.copy(picture, args.out)
    return {"wine": wine(pc), "earlier": args.earlier.name, "later": args.setup.name, "acts": acts, "record": record}


WALKS = {"whole": walk_whole, "upgrade": walk_upgrade}


def main(argv: Sequence[str] | None = None) -> int:
    """The walk; its result as JSON in OUT."""
    parser = argparse.ArgumentParser(prog="python -m installers.wine_room", description=__doc__)
    parser.add_argument("walk", choices=tuple(WALKS))
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
            pc.begin()
            seen = WALKS[args.walk](pc, args)
        finally:
            pc.stop()
    text = json.dumps(seen, ensure_ascii=False, indent=1)
    (args.out / f"wine-{args.walk}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
