"""A season of the first schema keeps its printings through the second: numbered as before, counted as done."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mab_desktop.domain.clock import SystemClock
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Store
from tests.conftest import KEY


def to_first(store: Store) -> None:
    """The schema as it was before printings knew how they ended."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with (
        EnvironmentContext(config, scripts, fn=lambda rev, _: scripts._upgrade_revs("0001", rev)) as environment,
        store.engine.execution_options(mab_write=True).begin() as connection,
    ):
        environment.configure(connection=connection)
        environment.run_migrations()


def test_old_printings_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", KEY, SystemClock())
    to_first(store)
    assert migrate.current(store.engine) == "0001"
    with store.engine.execution_options(mab_write=True).begin() as connection:
        connection.execute(text(
            "INSERT INTO print_job (document, key, number, copies, pages, sha256, at, by) VALUES "
            "('passes', '027', 1, 2, 30, 'a', '2011-04-26T09:00:00', 'x'), "
            "('passes', '027', 2, 1, 30, 'b', '2011-04-27T09:00:00', 'x')"
        ))  # fmt: skip
    migrate.upgrade(store.engine)
    with store.engine.connect() as connection:
        columns = "number, copies, done, start, spoilt, outcome, sides, collated, asked, ended_at, continued_of"
        rows = connection.execute(text(f"SELECT {columns} FROM print_job ORDER BY id")).all()  # noqa: S608
    store.close()
    assert [tuple(row) for row in rows] == [
        (1, 2, 60, 0, 0, "saved", "one-sided", 1, "", "2011-04-26T09:00:00", None),
        (2, 1, 30, 0, 0, "saved", "one-sided", 1, "", "2011-04-27T09:00:00", None),
    ]
