"""Workplaces for tests: real encrypted databases, a clock set by hand, seeded chance."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mab_desktop import i18n
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.services.context import Context
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

KEY = bytes(range(32))
TIES = {"013": ["013", "027", "041"], "007": ["041", "055"]}

MakeContext = Callable[..., Context]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the default reference data, made once and copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    store = Store(path, KEY, SetClock(datetime(2011, 3, 1, 9, tzinfo=UTC)))
    migrate.upgrade(store.engine)
    with store.write(Actor("set-up", "Set-up", "programmer")) as tx:
        load_default_reference(tx, TIES)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def make_context(empty_database: Path, tmp_path: Path) -> Iterator[MakeContext]:
    """`make_context(Role.NETWORK_UNI, "027", person="programmer")`: a workplace of its own with reference data."""
    opened: list[Store] = []

    def make(role: Role, university: str = "", person: str = "programmer", name: str = "") -> Context:
        path = tmp_path / f"{role}-{university or 'ntc'}-{len(opened)}.db"
        shutil.copy(empty_database, path)
        clock = SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC))
        store = Store(path, KEY, clock)
        opened.append(store)
        actor = Actor(name or person, "Асан Үсенұлы", person, role, f"dev{len(opened)}")
        season = Season(2011, "2011", official=False)
        return Context(store, actor, role, university, season, clock, "en", SeededEntropy(f"test-{len(opened)}"))

    yield make
    for store in opened:
        store.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Tests read English; one that switches leaves no trace."""
    i18n.use("en")
    yield
    i18n.use("kk")
