"""Bad drives: full, pulled out, rotten, lying, write-protected, cut: `python -m tests.long.drives --runs 2000`.

The drive of the export scenario is a FUSE disk (names as on FAT). Afterwards it holds what the medium would hold: what
was told to be on it must be whole there, nothing that is named like a carrier may be half, and with a good drive the
work is finished. A drive that lies about syncs may lose what was told; then the copies kept here are written again.
Needs root and /dev/fuse.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.services import sending, transfer
from tests.faults.disk import Names
from tests.faults.runs import SCENARIOS, Child, Templates, acting, checked, warm_up
from tests.faults.scenario import Scenario, after, opened, require_whole
from tests.faults.students_work import OPERATOR, verify, whole_on_drive
from tests.long.lossy_fuse import Cuts, Faults, clear, mounted
from tests.long.runner import Tally, workshop

Kind = Callable[[random.Random, int], Faults]
KINDS: dict[str, Kind] = {
    "full": lambda chance, size: Faults(room=chance.randrange(size)),
    "pulled": lambda chance, size: Faults(pulled_after=chance.randrange(size)),
    "rotten": lambda chance, size: Faults(rots_at=chance.randrange(size)),
    "lying": lambda chance, size: Faults(lies=True),
    "lying and pulled": lambda chance, size: Faults(lies=True, pulled_after=chance.randrange(size)),
    "write-protected": lambda chance, size: Faults(read_only=True),
}


def one_run(templates: Templates, scenario: Scenario, folder: Path, faults: Faults, seed: str) -> str:
    """Export to a bad drive, then look at what it holds."""
    run, rest = templates.copy(scenario, folder / "run"), clear(folder / "rest") / "drive"
    empty = clear(folder / "empty")
    with mounted(empty, run / "drive", Names.FAT, Cuts(folder, seed=seed, at_end=rest), faults):
        ended = Child(acting(scenario, run)).end()
    shutil.rmtree(run / "drive")
    shutil.copytree(rest, run / "drive")
    if ended.bug:
        return ended.bug
    if faults.lies:
        return Child(lambda _: check_lied_to(run, ended.said)).end().bug
    return checked(scenario, run, ended.said, to_the_end=True)


def check_lied_to(folder: Path, said: Sequence[str]) -> None:
    """The drive lost what it had promised: half files are refused, and all can be written again to a good one."""
    for path in transfer.list_carriers(folder / "drive"):
        try:
            verify(path)
        except CarrierRefused:
            path.unlink()
    with opened(folder, OPERATOR) as ctx:
        require_whole(ctx)
        for line in after(said, "written"):
            transfer.write(ctx, sending.made_before(ctx, line.split()[0]), folder / "drive")
    whole_on_drive(folder / "drive")
    more: list[str] = []
    SCENARIOS["export"].act(folder, more.append)
    SCENARIOS["export"].check(folder, [*said, *more])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="of each kind, all calls together")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    options = parser.parse_args(arguments)
    end, scenario = time.monotonic() + options.minutes * 60, SCENARIOS["export"]
    tally = Tally("drives", scenario.name)
    with workshop() as folder:
        templates = Templates(folder / "templates")
        warm_up(templates, scenario, folder / "run")
        size = sum(path.stat().st_size for path in (folder / "run" / "drive").iterdir())
        for name, kind in KINDS.items():
            while time.monotonic() < end and tally.runs(name) < options.runs:
                seed = f"{name}-{tally.runs(name)}"
                faults = kind(random.Random(seed), size)  # noqa: S311
                tally.add(name, f"{seed}: {faults}", one_run(templates, scenario, folder, faults, seed))
                if tally.runs(name) % 50 == 0:
                    tally.save()
        tally.save()
    for name, found in tally.data["methods"].items():
        print(name, found)
    return 1 if tally.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
