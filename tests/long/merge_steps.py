"""The stateful model of merging for as long as it is given: three operators and the programmer.

    python -m tests.long.merge_steps --minutes 60 [--seed N]

Every run makes other examples; a value that is gone, or PCs that do not come to agree, are printed with the way to
it, and the counts go to `results/merge.json`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mab_desktop.domain.clock import SetClock
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from tests.conftest import KEY, TIES
from tests.long.steps import until_the_time_is_over
from tests.services.merge_model import machine

RESULTS = Path(__file__).parent / "results" / "merge.json"


def main() -> None:
    """Run until the time is over; add what was done to the results."""
    until_the_time_is_over(__doc__, RESULTS, machines, examples=5, length=60)


def machines() -> Iterator[Any]:
    """One after another, on copies of one template."""
    with tempfile.TemporaryDirectory() as folder:
        template = empty_database(Path(folder) / "empty.db")
        while True:
            yield machine(template, Path(folder))


def empty_database(path: Path) -> Path:
    """A migrated database with the default reference data, to be copied."""
    store = Store(path, KEY, SetClock(datetime(2011, 3, 1, 9, tzinfo=UTC)))
    migrate.upgrade(store.engine)
    with store.write(Actor("set-up", "Set-up", "programmer")) as tx:
        load_default_reference(tx, TIES)
    store.settle()
    store.close()
    return path


if __name__ == "__main__":
    main()
