"""A real exFAT file system: export, eject, plug in again, import: `python -m tests.long.exfat`.

Needs root, /dev/fuse, exfat-fuse and exfatprogs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.runs import SCENARIOS, Templates
from tests.faults.scenario import opened
from tests.faults.students_work import MINE, load_new, written_on
from tests.long.runner import Tally, workshop

SIZE = 256 << 20


@contextmanager
def plugged_in(image: Path, mount: Path) -> Iterator[Path]:
    """The stick for as long as the block runs."""
    mount.mkdir(exist_ok=True)
    device = _told("losetup", "--find", "--show", str(image))
    try:
        _told("mount.exfat-fuse", device, str(mount))
        try:
            yield mount
        finally:
            _told("umount", str(mount))  # waits until everything is on the stick
    finally:
        _told("losetup", "--detach", device)


def _told(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    tally, scenario = Tally("drives", "exfat"), SCENARIOS["export"]
    with workshop() as folder:
        run, image = Templates(folder / "templates").copy(scenario, folder / "run"), folder / "stick.img"
        with image.open("wb") as file:
            file.truncate(SIZE)
        _told("mkfs.exfat", str(image))
        said: list[str] = []
        with plugged_in(image, run / "drive"):
            scenario.act(run, said.append)
        with plugged_in(image, run / "drive") as drive, opened(run, MINE) as ctx:
            found = written_on(drive)
            load_new(ctx, drive, said.append)
        checked = subprocess.run(["fsck.exfat", "-n", str(image)], check=False, capture_output=True)  # noqa: S607
    written, loaded = ({line.split()[1] for line in said if line.startswith(word)} for word in ("written", "loaded"))
    whole = len(written) == found > 0 and written == loaded and not checked.returncode
    wrong = "" if whole else f"{found} {said} {checked.stdout!r}"
    tally.add("export and import", "", wrong)
    tally.save()
    print(tally.data["methods"], wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
