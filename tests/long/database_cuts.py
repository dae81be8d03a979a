"""Power cuts under SQLite with our pragmas and schema: `python -m tests.long.database_cuts --cuts 1000000`.

A cut before every file operation of a database at work; counts go on where the last call stopped. A share of the same
with synchronous=NORMAL shows that the rig sees a loss.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.faults.cut_database import FULL, NORMAL, Cutter
from tests.long.runner import Tally


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=1_000_000, help="with FULL, all calls together")
    parser.add_argument("--normal", type=int, default=20_000, help="with NORMAL, all calls together")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, for this call")
    options = parser.parse_args(arguments)
    end = time.monotonic() + options.minutes * 60
    tally = Tally("cuts", "database")
    for synchronous, wanted in ((NORMAL, options.normal), (FULL, options.cuts)):
        while tally.runs(synchronous) < wanted and time.monotonic() < end:
            counts = Cutter(f"{synchronous}-{tally.runs(synchronous)}", synchronous).run()
            tally.add_many(synchronous, counts.cuts, lost=counts.lost, broken=counts.broken, first=counts.first)
    tally.save()
    for synchronous in (FULL, NORMAL):
        print(synchronous, tally.data["methods"].get(synchronous))
    found = tally.data["methods"].get(FULL, {})
    return 1 if found.get("lost") or found.get("broken") else 0


if __name__ == "__main__":
    sys.exit(main())
