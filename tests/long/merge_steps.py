"""The stateful model of merging for as long as it is given: three operators and the programmer.

    python -m tests.long.merge_steps --minutes 60 [--seed N]

Every run makes other examples; a value that is gone, or PCs that do not come to agree, are printed with the way to
it, and the counts go to `results/merge.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from mab_desktop.domain.clock import SetClock
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from tests.conftest import KEY, TIES
from tests.services.merge_model import machine

RESULTS = Path(__file__).parent / "results" / "merge.json"


def main() -> None:
    """Run until the time is over; add what was done to the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    end, first = time.monotonic() + options.minutes * 60, options.seed or random.SystemRandom().randrange(2**32)
    steps, differences = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        template = empty_database(Path(folder) / "empty.db")
        while time.monotonic() < end:
            made = machine(template, Path(folder))
            try:
                run_state_machine_as_test(  # type: ignore[no-untyped-call]
                    seed(first)(made),
                    settings=settings(max_examples=5, stateful_step_count=60, deadline=None, database=None,
                                      phases=[Phase.generate], suppress_health_check=list(HealthCheck)),
                )  # fmt: skip
            except AssertionError as error:
                differences += 1
                print(first, error, *getattr(error, "__notes__", ()), sep="\n", flush=True)
            steps.update(made.steps)
            first += 1
            print(sum(steps.values()), "steps", differences, "differences", flush=True)
    keep(steps, differences)


def empty_database(path: Path) -> Path:
    """A migrated database with the default reference data, to be copied."""
    store = Store(path, KEY, SetClock(datetime(2011, 3, 1, 9, tzinfo=UTC)))
    migrate.upgrade(store.engine)
    with store.write(Actor("set-up", "Set-up", "programmer")) as tx:
        load_default_reference(tx, TIES)
    store.settle()
    store.close()
    return path


def keep(steps: Counter[str], differences: int) -> None:
    """Add to the results of earlier runs."""
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"steps": {}, "differences": 0}
    total = Counter(before["steps"]) + steps
    told = {"steps": dict(sorted(total.items())), "all": sum(total.values())}
    told["differences"] = before["differences"] + differences
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
