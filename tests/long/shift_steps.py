"""The life of the shifts for as long as it is given: the exam's services against p.30-45.

    python -m tests.long.shift_steps --minutes 60 [--seed N]

Every run makes other examples; a step on which program and regulation differ is printed with the way to it, and the
counts go to `results/shifts.json`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mab_desktop import i18n
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Actor, Store
from tests.conftest import KEY
from tests.long.merge_steps import empty_database
from tests.long.steps import until_the_time_is_over
from tests.services.shift_machine import machine
from tests.services.shift_stand import make_season

RESULTS = Path(__file__).parent / "results" / "shifts.json"


def main() -> None:
    """Run until the time is over; add what was done to the results."""
    until_the_time_is_over(__doc__, RESULTS, machines, examples=5, length=60)


def machines() -> Iterator[Any]:
    """One after another, on copies of one template."""
    i18n.use("en")
    with tempfile.TemporaryDirectory() as folder:
        template = make_season(lambda role, university: workplace(Path(folder), role, university), Path(folder))
        while True:
            yield machine(template, Path(folder) / "seasons")


def workplace(folder: Path, role: Role, university: str) -> Context:
    """A ministry programmer's workplace as the fixture of the tests makes it."""
    store = Store(empty_database(folder / "mab.db"), KEY, SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC)))
    actor = Actor("programmer", "Асан Үсенұлы", "programmer", role, "dev1")
    season = Season(2011, "2011", official=False)
    return Context(store, actor, role, university, season, store.clock, "en", SeededEntropy("shifts"))


if __name__ == "__main__":
    main()
