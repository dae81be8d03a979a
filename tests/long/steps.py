"""A state machine of Hypothesis for as long as it is given, and what it did, added to the results of earlier runs."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

REFUSED = ": refused"  # behind the name of a step that was tried in vain


def until_the_time_is_over(
    described: str | None, results: Path, machines: Callable[[], Iterator[Any]], *, examples: int, length: int
) -> None:
    """Run each machine that `machines` gives, as options of the command ask; a difference is printed with its way.

    A machine class counts its steps in `steps`. `results` is the file that the counts are added to.
    """
    parser = argparse.ArgumentParser(description=described, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    end, first = time.monotonic() + options.minutes * 60, options.seed or random.SystemRandom().randrange(2**32)
    steps, differences = Counter[str](), 0
    for made in machines():
        if time.monotonic() >= end:
            break
        try:
            run_state_machine_as_test(  # type: ignore[no-untyped-call]
                seed(first)(made),
                settings=settings(max_examples=examples, stateful_step_count=length, deadline=None, database=None,
                                  phases=[Phase.generate], suppress_health_check=list(HealthCheck)),
            )  # fmt: skip
        except AssertionError as error:
            differences += 1
            print(first, error, *getattr(error, "__notes__", ()), sep="\n", flush=True)
        steps.update(made.steps)
        first += 1
        print(sum(steps.values()), "steps", differences, "differences", flush=True)
    _keep(results, steps, differences)


def _keep(results: Path, steps: Counter[str], differences: int) -> None:
    before = json.loads(results.read_text("utf-8")) if results.exists() else {"steps": {}, "differences": 0}
    total = Counter(before["steps"]) + steps
    told = {"steps": dict(sorted(total.items())), "all": sum(n for what, n in total.items() if REFUSED not in what)}
    told["differences"] = before["differences"] + differences
    results.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
