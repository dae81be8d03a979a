"""The stateful model of exchange for as long as it is given: four workplaces, all cases, program against model.

    python -m tests.long.exchange_steps --minutes 60 [--seed N]

Every run makes other examples; a step on which program and model differ is printed with the way to it, and the counts
go to `results/exchange.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.exchange_model import machine
from tests.services.land import make_land

RESULTS = Path(__file__).parent / "results" / "exchange.json"


def main() -> None:
    """Run until the time is over; add what was done to the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    end, first = time.monotonic() + options.minutes * 60, options.seed or random.SystemRandom().randrange(2**32)
    steps, differences = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        land = make_land(Path(folder) / "template")
        while time.monotonic() < end:
            made = machine(land, Path(folder))
            try:
                run_state_machine_as_test(  # type: ignore[no-untyped-call]
                    seed(first)(made),
                    settings=settings(max_examples=10, stateful_step_count=40, deadline=None, database=None,
                                      phases=[Phase.generate], suppress_health_check=list(HealthCheck)),
                )  # fmt: skip
            except AssertionError as error:
                differences += 1
                print(first, error, *getattr(error, "__notes__", ()), sep="\n", flush=True)
            steps.update(made.steps)
            first += 1
            print(sum(steps.values()), "steps", differences, "differences", flush=True)
    keep(steps, differences)


def keep(steps: Counter[str], differences: int) -> None:
    """Add to the results of earlier runs."""
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"steps": {}, "differences": 0}
    total = Counter(before["steps"]) + steps
    told = {"steps": dict(sorted(total.items())), "all": sum(total.values())}
    told["differences"] = before["differences"] + differences
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
