"""SIGKILL at random moments and in the place of every file operation: `python -m tests.long.kills typing --runs 10000`.

Counts go on where the last call stopped. `operations` walks through all file operations of the scenario in turn,
`moments` takes a random time within 1.1 times an undisturbed run. `--commit-points` walks only through the operations
that change a file, a name or what is lasting, each once: every write, sync, rename and removal of a commit. A kill at a
read leaves what a kill at the next change leaves, so nothing that a kill can leave is passed over.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

import cv2

from tests.faults.runs import Templates, chosen, warm_up
from tests.faults.trials import kill_at, kill_in_time, operations
from tests.faults.walks import KILLED
from tests.long.runner import Tally, spread, workshop
from tests.long.walking import Walked


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["all"])
    parser.add_argument("--runs", type=int, default=10_000, help="random moments of each scenario, all calls together")
    parser.add_argument("--operations", type=int, default=1, help="how often to go through every file operation")
    parser.add_argument("--commit-points", action="store_true", help="only the walk through all that changes files")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)  # threads do not survive a fork
    end = time.monotonic() + options.minutes * 60
    failures = 0
    with workshop() as folder:
        templates = Templates(folder)
        for scenario in chosen(options.scenarios):
            tally, run = Tally("kills", scenario.name), folder / "run"
            seconds, _ = warm_up(templates, scenario, run)
            if options.commit_points:
                Walked({KILLED: tally}, end).through(templates, scenario, run)
                failures += tally.failures()
                print(tally.line(), flush=True)
                continue
            count = operations(templates, scenario, run)
            tally.mark("operations", each=count)
            chance = random.Random(f"{scenario.name} {tally.runs('moments')}")  # noqa: S311
            while time.monotonic() < end:
                at, moments = tally.runs("operations"), tally.runs("moments")
                if at >= count * options.operations and moments >= options.runs:
                    break
                if at < count * options.operations:
                    place = spread(at, count)
                    tally.add("operations", str(place), kill_at(templates, scenario, run, place))
                if moments < options.runs:
                    moment = chance.uniform(0, 1.1 * seconds)
                    tally.add("moments", f"{moment:.6f} s", kill_in_time(templates, scenario, run, moment))
                if moments % 200 == 0:
                    tally.save()
            tally.save()
            failures += tally.failures()
            print(tally.line(), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
