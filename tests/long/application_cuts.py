"""Power cuts under the whole application on the lossy FUSE disk: `python -m tests.long.application_cuts --cuts 10000`.

Each scenario runs on the disk; at random operations the power is cut in thought, and what the medium would hold is put
down, opened, checked against what had been acknowledged, and the work is finished there. Needs root and /dev/fuse.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from pathlib import Path

import cv2

from tests.faults.disk import Names
from tests.faults.runs import Child, Templates, acting, checked, chosen, warm_up
from tests.faults.scenario import Say, Scenario
from tests.long.lossy_fuse import SAID, Cuts, clear, mounted
from tests.long.runner import Tally, workshop

A_RUN = 40


def on_disk(scenario: Scenario, source: Path, mount: Path, names: Names, cuts: Cuts) -> None:
    """One undisturbed run of a scenario on a lossy disk, with cuts in thought."""
    with mounted(source, mount, names, cuts) as folder:

        def job(say: Say) -> None:
            with (folder / SAID).open("w", encoding="utf-8") as told:

                def both(line: str) -> None:
                    told.write(f"{line}\n")
                    told.flush()
                    say(line)

                acting(scenario, folder)(both)

        ended = Child(job).end()
    if ended.bug or ended.refused:
        raise AssertionError(f"{scenario.name} on the disk: {ended.bug or ended.refused}")


def count_operations(scenario: Scenario, source: Path, folder: Path) -> int:
    """How many changes an undisturbed run makes."""
    counted = folder / "count"
    cuts = Cuts(folder / "cuts", count_file=counted)
    on_disk(scenario, source, folder / "mount", Names.JOURNALLED, cuts)
    return int(counted.read_text())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["all"])
    parser.add_argument("--cuts", type=int, default=10_000, help="of each scenario, all calls together")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)  # threads do not survive a fork
    end = time.monotonic() + options.minutes * 60
    failures = 0
    with workshop() as folder:
        templates = Templates(folder / "templates")
        for scenario in chosen(options.scenarios):
            tally, source = Tally("cuts", scenario.name), folder / "source"
            warm_up(templates, scenario, folder / "run")
            templates.copy(scenario, source)
            count = count_operations(scenario, source, folder)
            done = 0
            while time.monotonic() < end and done < options.cuts:
                done = sum(tally.runs(names) for names in (Names.JOURNALLED, Names.ASKED))
                _cut_many(scenario, source, folder, tally, count, done)
            tally.save()
            failures += tally.failures()
            print(tally.line(), flush=True)
    return 1 if failures else 0


def _cut_many(scenario: Scenario, source: Path, folder: Path, tally: Tally, count: int, done: int) -> None:
    """One run with its cuts, each looked at."""
    seed = f"{scenario.name}-{done}"
    chance = random.Random(seed)  # noqa: S311
    names = chance.choice((Names.JOURNALLED, Names.ASKED))
    places = frozenset(chance.sample(range(count), min(A_RUN, count)))
    cuts = Cuts(clear(folder / "cuts"), places, 1, seed)
    on_disk(scenario, source, folder / "mount", names, cuts)
    for rest in sorted(cuts.folder.iterdir()):
        said = json.loads((rest / "said.json").read_text("utf-8"))
        wrong = checked(scenario, rest / "rest", said, to_the_end=True)
        tally.add(names, f"seed {seed}, operation {rest.name}", wrong)
        shutil.rmtree(rest)
    tally.save()


if __name__ == "__main__":
    sys.exit(main())
