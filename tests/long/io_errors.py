"""An I/O error and a full disk at every file operation of every scenario, once and for good.

`python -m tests.long.io_errors all`: every index in turn; counts go on where the last call stopped.
"""

from __future__ import annotations

import argparse
import sys
import time

import cv2

from tests.faults.runs import Templates, chosen, warm_up
from tests.faults.trials import NAMES, fail_at, operations
from tests.long.runner import Tally, spread, workshop


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["all"])
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)  # threads do not survive a fork
    end = time.monotonic() + options.minutes * 60
    failures = 0
    with workshop() as folder:
        templates, run = Templates(folder), folder / "run"
        for scenario in chosen(options.scenarios):
            tally = Tally("io-errors", scenario.name)
            warm_up(templates, scenario, run)
            methods = {
                f"{name} {'for good' if for_good else 'once'}": (number, for_good)
                for for_good in (False, True)
                for name, number in NAMES.items()
            }
            counts = {method: operations(templates, scenario, run, number) for method, (number, _) in methods.items()}
            for method, count in counts.items():
                tally.mark(method, each=count)
            while time.monotonic() < end and (left := [m for m in methods if tally.runs(m) < counts[m]]):
                for method in left:
                    number, for_good = methods[method]
                    place = spread(tally.runs(method), counts[method])
                    wrong = fail_at(templates, scenario, run, place, number, for_good=for_good)
                    tally.add(method, str(place), wrong)
                if tally.runs(left[0]) % 50 == 0:
                    tally.save()
            tally.save()
            failures += tally.failures()
            print(tally.line(), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
