"""An I/O error and a full disk at every file operation of every scenario, once and for good.

`python -m tests.long.io_errors all`: each operation is failed once in each of the four ways. Each result file says how
many there are (`total`) and which were passed (`covered`); a call goes on where the last one stopped. One operation of
each kind and file comes first, then their repetitions, such as the three hundred pages of one database read in turn.
`--first` stops after one of each kind.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2

from tests.faults.runs import Templates, chosen, warm_up
from tests.faults.scenario import Scenario
from tests.faults.syscalls import Operation
from tests.faults.trials import NAMES, fail_there, seen
from tests.long.runner import Tally, all_kinds_first, workshop

WAYS = {f"{name} {how}": (number, how == "for good") for how in ("once", "for good") for name, number in NAMES.items()}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["all"])
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    parser.add_argument("--first", action="store_true", help="only one operation of each kind and file")
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
            walk(templates, scenario, run, tally, end, first=options.first)
            failures += tally.failures()
            print(tally.line(), flush=True)
    return 1 if failures else 0


def walk(templates: Templates, scenario: Scenario, run: Path, tally: Tally, end: float, *, first: bool) -> None:
    """Fail each operation that was not failed yet, the four ways in turn."""
    found = {way: seen(templates, scenario, run, number) for way, (number, _) in WAYS.items()}
    been = {way: tally.covered(way, len(operations)) for way, operations in found.items()}
    orders = [
        [(way, place) for place in all_kinds_first(operations)[: len(set(operations)) if first else None]]
        for way, operations in found.items()
    ]
    left = [step for steps in itertools.zip_longest(*orders) for step in steps if step and step[1] not in been[step[0]]]
    for n, (way, place) in enumerate(left, 1):
        if time.monotonic() >= end:
            break
        number, for_good = WAYS[way]
        wrong, what = fail_there(templates, scenario, run, place, number, for_good=for_good)
        tally.add(way, f"{place} {what}", wrong)
        if what and not wrong:  # else there were fewer operations, or a mend is wanted: it is tried again next time
            been[way].add(place)
        if n % 50 == 0:
            _keep(tally, found, been)
    _keep(tally, found, been)


def _keep(tally: Tally, found: dict[str, Sequence[Operation]], been: dict[str, set[int]]) -> None:
    for way, operations in found.items():
        tally.walked(way, len(operations), been[way])
    tally.save()


if __name__ == "__main__":
    sys.exit(main())
