"""The stateful model of exchange for as long as it is given: four workplaces, all cases, program against model.

    python -m tests.long.exchange_steps --minutes 60 [--seed N]

Every run makes other examples; a step on which program and model differ is printed with the way to it, and the counts
go to `results/exchange.json`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.long.steps import until_the_time_is_over
from tests.services.exchange_model import machine
from tests.services.land import make_land

RESULTS = Path(__file__).parent / "results" / "exchange.json"


def main() -> None:
    """Run until the time is over; add what was done to the results."""
    until_the_time_is_over(__doc__, RESULTS, machines, examples=10, length=40)


def machines() -> Iterator[Any]:
    """One after another, on copies of one template."""
    with tempfile.TemporaryDirectory() as folder:
        land = make_land(Path(folder) / "template")
        while True:
            yield machine(land, Path(folder))


if __name__ == "__main__":
    main()
