"""An I/O error and a full disk at every file operation of every scenario, once and for good.

`python -m tests.long.io_errors all`: each operation is failed once in each of the four ways, in a copy of the process
made in front of it (tests/faults/branches.py). Each result file says how many there are (`total`) and which were
passed (`covered`), and how many different outcomes of them were looked at; a call goes on where the last one stopped.
`--first` fails only one operation of each kind and file. `--kills` goes the way of `kills --commit-points` at once:
what a kill leaves is often what an error leaves that stays, and is then looked at once.
"""

from __future__ import annotations

import argparse
import sys
import time

import cv2

from tests.faults.runs import Templates, chosen, warm_up
from tests.faults.walks import FAILED, KILLED
from tests.long.runner import Tally, workshop
from tests.long.walking import Walked


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["all"])
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    parser.add_argument("--first", action="store_true", help="only one operation of each kind and file")
    parser.add_argument("--kills", action="store_true", help="in the same walk also what kills --commit-points does")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)  # threads do not survive a fork
    end = time.monotonic() + options.minutes * 60
    failures = 0
    with workshop() as folder:
        templates, run = Templates(folder), folder / "run"
        for scenario in chosen(options.scenarios):
            if time.monotonic() >= end:
                break
            tally = Tally("io-errors", scenario.name)
            warm_up(templates, scenario, run)
            tallies = dict.fromkeys(FAILED, tally)
            if options.kills:
                tallies[KILLED] = Tally("kills", scenario.name)
            Walked(tallies, end, first=options.first).through(templates, scenario, run)
            failures += tally.failures()
            print(*{counted.line(): None for counted in tallies.values()}, sep="\n", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
