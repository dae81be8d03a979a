"""A clean system for Debian packages: `python -m installers.clean_room deb|together|upgrade …`, as root.

Needs debootstrap, Xvfb, xdotool, ImageMagick and CUPS. The room has what the package depends on (a desktop has it) and
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
from pathlib import Path
from typing import Any

from tests.printing.virtual_cups import VirtualCups

from installers.description import HERE
from installers.room import DISPLAY, PERSON, Room, look, screen

HOME = f"/home/{PERSON}"


def dependencies(package: Path) -> list[str]:
    """What a package needs from the system, by the name that the newest Debian in question knows."""
    told = subprocess.run(["dpkg-deb", "-f", str(package), "Depends"], capture_output=True, text=True, check=True)
    return [line.split("|")[-1].split("(")[0].strip() for line in told.stdout.split(",")]


def name_of(package: Path) -> str:
    """The name that it is installed under."""
    return package.name.split("_")[0]


def folder_of(name: str) -> str:
    """Where it is installed, without the first slash."""
    return f"opt/mab/{name.removeprefix('mab-')}"


def walk_debian(args: argparse.Namespace, room: Room) -> dict[str, Any]:
    """Install, start from the menu, first-run page, a record, a paper, an export, check, remove: the data stay."""
    package = args.packages[0]
    name = name_of(package)
    seen: dict[str, Any] = {
        "package": package.name, "system": (room.root / "etc/debian_version").read_text("utf-8").strip(),
        "python_in_the_room": room.run("sh", "-c", "command -v python3 || echo none").stdout.strip(),
    }  # fmt: skip
    for kept in (".local", ".config", ".cache"):
        shutil.rmtree(room.root / HOME[1:] / kept, ignore_errors=True)
    work = room.persons_folder("walk")
    (work / "out").mkdir()
    shutil.copy(HERE / "rooms" / "walk.py", work)
    shutil.copytree(args.season, work / "season")
    room.give_to_person()
    press = room.root / "run/mab-cups"
    shutil.rmtree(press, ignore_errors=True)
    press.mkdir(parents=True)
    with room.with_screen(), VirtualCups(press) as cups:
        seen["installed"], seen["install_seconds"] = install(room, package)
        seen["menu"] = _start_from_menu(room, name, args.out)
        seen["walk"] = _walk(room, name, args.out)
        seen["arrived_at_the_printer"] = [f"{len(job.pdf)} bytes of PDF" for job in arrived(cups)]
        seen["verify"] = room.run(name, "verify", "--self", person=True, check=False).stdout.splitlines()
        data = list((work.parent / ".local/share/mab-desktop").rglob("mab.db"))
        room.run("dpkg", "-r", name)
        seen["removed"] = {"program_is_gone": not (room.root / folder_of(name)).exists(), "data_is_there":
                           bool(data) and all(path.is_file() for path in data)}  # fmt: skip
        room.run("dpkg", "-P", name)
    shutil.rmtree(press)
    return seen


def _walk(room: Room, name: str, out: Path) -> list[str]:
    told = room.run(f"/{folder_of(name)}/bin/mab-python", f"{HOME}/walk/walk.py", name.removeprefix("mab-"),
                    f"{HOME}/walk/season", f"{HOME}/walk/out", person=True, check=False, DISPLAY=DISPLAY,
                    CUPS_SERVER="/run/mab-cups/cups.sock")  # fmt: skip
    for file in sorted(path for path in (room.root / HOME[1:] / "walk/out").iterdir() if path.is_file()):
        shutil.copy(file, out)
    return told.stdout.splitlines() + told.stderr.splitlines()[-5:]


def arrived(cups: VirtualCups) -> list[Any]:
    """What came out at the printer, once CUPS has nothing more to hand on."""
    ends = time.monotonic() + 60
    while not cups.arrived() and time.monotonic() < ends:
        cups.command("lpstat", "-o")
    return cups.arrived()


def install(room: Room, package: Path) -> tuple[str, float]:
    """Install a package; dpkg's last word, and the seconds that it took."""
    shutil.copy(package, room.root / "tmp" / package.name)
    began = time.monotonic()
    told = room.run("dpkg", "-i", f"/tmp/{package.name}").stdout.splitlines()[-1]  # noqa: S108
    took = round(time.monotonic() - began, 1)
    (room.root / "tmp" / package.name).unlink()
    return told, took


def _start_from_menu(room: Room, name: str, out: Path) -> str:
    """What the entry of the menu starts, until its window stands on the screen."""
    entry = (room.root / "usr/share/applications" / f"{name}.desktop").read_text("utf-8")
    command = next(line.removeprefix("Exec=") for line in entry.splitlines() if line.startswith("Exec="))
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": HOME, "LANG": "C.UTF-8", "DISPLAY": DISPLAY}
    shown = subprocess.Popen(["unshare", "-n", "chroot", f"--userspec={PERSON}", str(room.root), *command.split()],
                             env=env)  # fmt: skip
    find = ["xdotool", "search", "--sync", "--onlyvisible", "--classname", name]
    subprocess.run(find, env={**os.environ, "DISPLAY": DISPLAY}, check=True, capture_output=True, timeout=400)
    look(out / "00-menu.png")
    shown.terminate()
    shown.wait()
    return f"{command}: its window stood on the screen"


def walk_together(args: argparse.Namespace, room: Room) -> dict[str, Any]:
    """Several applications on one computer: what they share is kept once; each goes alone, the others stay whole."""
    names = [name_of(package) for package in args.packages]
    seen: dict[str, Any] = {"packages": [package.name for package in args.packages], "disk_mb": {}, "removing": {}}
    with room.with_screen():
        alone = 0.0
        for package, name in zip(args.packages, names, strict=True):
            install(room, package)
            alone += _megabytes(room.root / folder_of(name))
            there = _megabytes(room.root / "opt/mab")
            seen["disk_mb"][name] = {"each_for_itself": round(alone, 1), "on_the_disk": there}
        seen["whole"] = {name: _is_whole(room, name) for name in names}
        for number, name in enumerate(names):
            room.run("dpkg", "-r", name)
            rest = names[number + 1 :]
            gone = not (room.root / folder_of(name)).exists()
            seen["removing"][name] = {"gone": gone, "others_whole": {one: _is_whole(room, one) for one in rest}}
        room.run("dpkg", "-P", *names)
    return seen


def _megabytes(folder: Path) -> float:
    told = subprocess.run(["du", "-s", "--block-size=1000", str(folder)], capture_output=True, text=True, check=True)
    return round(int(told.stdout.split()[0]) / 1000, 1)


def _is_whole(room: Room, name: str) -> bool:
    return room.run(name, "verify", "--self", person=True, check=False).returncode == 0


def upgrade_plan(earlier: Path, later: Path) -> Sequence[tuple[Path, str]]:
    """Which build is installed when, and what is done with it (rooms/upgrade.py)."""
    return (earlier, "make"), (later, "open"), (earlier, "open"), (earlier, "back"), (later, "open")


def walk_upgrade(args: argparse.Namespace, room: Room) -> dict[str, Any]:
    """An earlier build, its data, a later build over it, the earlier one again: refused, and the way back."""
    later, name = args.packages[0], name_of(args.packages[0])
    work = room.persons_folder("upgrade")
    shutil.copy(HERE / "rooms" / "upgrade.py", work)
    shutil.copy(args.season / "drive" / "mab-centre-trust.json", work)
    room.give_to_person()
    acts: list[dict[str, Any]] = []
    home = f"{HOME}/upgrade"
    with room.with_screen():
        for package, act in upgrade_plan(args.earlier, later):
            install(room, package)
            told = room.run(f"/{folder_of(name)}/bin/mab-python", f"{home}/upgrade.py", act, f"{home}/data",
                            f"{home}/mab-centre-trust.json", person=True, check=False, DISPLAY=DISPLAY)  # fmt: skip
            acts.append(json.loads(told.stdout) if told.stdout else {"act": act, "failed": told.stderr[-600:]})
        record = room.run(name, "installation", "--json").stdout
        room.run("dpkg", "-P", name)
    for picture in sorted((work / "data").glob("*.png")):
        shutil.copy(picture, args.out)
    return {"earlier": args.earlier.name, "later": later.name, "acts": acts, "record": json.loads(record)}


WALKS = {"deb": walk_debian, "together": walk_together, "upgrade": walk_upgrade}


def main(argv: Sequence[str] | None = None) -> int:
    """One of the walks; its result as JSON in OUT."""
    parser = argparse.ArgumentParser(prog="python -m installers.clean_room", description=__doc__)
    parser.add_argument("walk", choices=tuple(WALKS))
    parser.add_argument("packages", type=Path, nargs="+")
    parser.add_argument("--earlier", type=Path, help="upgrade: the package of the earlier build")
    parser.add_argument("--room", type=Path, required=True, help="where the room is, or is made")
    parser.add_argument("--suite", default="trixie")
    parser.add_argument("--season", type=Path, help="a rehearsal on its eve (mab rehearse prepare)")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    room = Room(args.room.resolve())
    room.make(args.suite, dependencies(args.packages[0]))
    with screen():
        seen = WALKS[args.walk](args, room)
    text = json.dumps(seen, ensure_ascii=False, indent=1)
    (args.out / f"{args.walk}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
