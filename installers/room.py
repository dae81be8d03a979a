"""A root file system of its own, and a virtual screen: what installers are tried in."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCREEN = "1366x768x24"
DISPLAY = os.environ.get("MAB_ROOM_DISPLAY", ":77")  # two walks at once need two
PERSON = "person"
_PAINTED_IN, _EMPTY = 120.0, 10_000  # seconds; bytes of a picture that shows one colour
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

    @contextmanager
    def with_screen(self) -> Iterator[None]:
        """The virtual screen of the host, and the list of processes, for as long as the block runs."""
        mounts = (("proc", ["-t", "proc", "proc"]), ("tmp/.X11-unix", ["--bind", "/tmp/.X11-unix"]))  # noqa: S108
        try:
            for place, mount in mounts:
                target = self.root / place
                target.mkdir(parents=True, exist_ok=True)
                if not target.is_mount():
                    subprocess.run(["mount", *mount, str(target)], check=True)
            yield
        finally:
            for place, _mount in reversed(mounts):
                subprocess.run(["umount", "-l", str(self.root / place)], check=False, capture_output=True)

    def persons_folder(self, name: str) -> Path:
        """An empty folder in the person's home."""
        folder = self.root / "home" / PERSON / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def give_to_person(self) -> None:
        """Everything in the person's home is theirs."""
        self.run("chown", "-R", f"{PERSON}:", f"/home/{PERSON}")


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A virtual screen of our own; the environment that shows on it."""
    if Path("/tmp/.X11-unix", f"X{DISPLAY[1:]}").exists():  # noqa: S108
        raise SystemExit(f"Somebody is at the screen {DISPLAY}: choose another one with MAB_ROOM_DISPLAY=:NUMBER.")
    shown = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", SCREEN, "-nolisten", "tcp"], stderr=subprocess.DEVNULL)
    try:
        yield {**os.environ, "DISPLAY": DISPLAY}
    finally:
        shown.terminate()
        shown.wait()


def look(picture: Path) -> None:
    """A picture of the whole screen, as soon as a window on it has been painted."""
    env, ends = {**os.environ, "DISPLAY": DISPLAY}, time.monotonic() + _PAINTED_IN
    while True:
        time.sleep(2)
        subprocess.run(["import", "-window", "root", str(picture)], env=env, check=True)
        if picture.stat().st_size > _EMPTY or time.monotonic() > ends:
            return
