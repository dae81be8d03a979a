"""The life of the shifts for as long as it is given: the exam's services against p.30-45.

    python -m tests.long.shift_steps --minutes 60 [--seed N]

Every run makes other examples; a step on which program and regulation differ is printed with the way to it, and the
counts go to `results/shifts.json`.
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

from mab_desktop import i18n
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Actor, Store
from tests.conftest import KEY
from tests.long.merge_steps import empty_database
from tests.services.shift_machine import machine
from tests.services.shift_stand import make_season

RESULTS = Path(__file__).parent / "results" / "shifts.json"


def main() -> None:
    """Run until the time is over; add what was done to the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    end, first = time.monotonic() + options.minutes * 60, options.seed or random.SystemRandom().randrange(2**32)
    steps, differences = Counter[str](), 0
    i18n.use("en")
    with tempfile.TemporaryDirectory() as folder:
        template = make_season(lambda role, university: workplace(Path(folder), role, university), Path(folder))
        while time.monotonic() < end:
            made = machine(template, Path(folder) / "seasons")
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


def workplace(folder: Path, role: Role, university: str) -> Context:
    """A ministry programmer's workplace as the fixture of the tests makes it."""
    store = Store(empty_database(folder / "mab.db"), KEY, SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC)))
    actor = Actor("programmer", "Асан Үсенұлы", "programmer", role, "dev1")
    season = Season(2011, "2011", official=False)
    return Context(store, actor, role, university, season, store.clock, "en", SeededEntropy("shifts"))


def keep(steps: Counter[str], differences: int) -> None:
    """Add to the results of earlier runs."""
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"steps": {}, "differences": 0}
    total = Counter(before["steps"]) + steps
    told = {"steps": dict(sorted(total.items())), "all": sum(n for what, n in total.items() if ": refused" not in what)}
    told["differences"] = before["differences"] + differences
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
