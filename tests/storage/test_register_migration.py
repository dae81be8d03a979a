"""What a base university noted on the board and for its duties before 0017 stands in the register afterwards."""

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

BOARD = (
    "('027', 'program', '2011-03-01T09:00:00+00:00', 'a', '', 0, 'берілді'), "
    "('027', 'training', '2011-03-02T09:00:00+00:00', 'a', '', 0, 'Асан'), "
    "('027', 'database', '2011-04-08T09:00:00+00:00', 'a', 'd1', 5, ''), "
    "('027', 'confirmed', '2011-04-09T09:00:00+00:00', 'a', '', 5, '0A1B-2C3D-4E5F-6071'), "
    "('027', 'passes', '2011-04-21T09:00:00+00:00', 'a', '', 0, '')"
)


def before(store: Store) -> None:
    """The schema before the register."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with (
        EnvironmentContext(config, scripts, fn=lambda rev, _: scripts._upgrade_revs("0016", rev)) as environment,
        store.engine.execution_options(mab_write=True).begin() as connection,
    ):
        environment.configure(connection=connection)
        environment.run_migrations()


def test_notes_of_the_board_become_lines_of_the_register(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", KEY, SystemClock())
    before(store)
    with store.engine.execution_options(mab_write=True).begin() as connection:
        columns = "university, item, at, by, digest, count, note"
        connection.execute(text(f"INSERT INTO board_entry ({columns}) VALUES {BOARD}"))
        connection.execute(text(
            "INSERT INTO step_done (step, subject, at, by, note) VALUES "
            "('duty', '6', '2011-03-05T09:00:00', 'a', 'акт'), "
            "('statistics-1', '', '2011-03-16T09:00:00', 'a', '')"
        ))  # fmt: skip
    migrate.upgrade(store.engine)
    with store.engine.connect() as connection:
        lines = connection.execute(text(
            "SELECT university, item, day, signed, sealed, note, count, control_sum, board_entry "
            "FROM network_hand_over ORDER BY id"
        )).all()  # fmt: skip
        came = connection.execute(text(
            "SELECT t.day, a.university, a.office, a.person "
            "FROM training t JOIN training_attendance a ON a.training = t.id"
        )).all()  # fmt: skip
        duties = connection.execute(text("SELECT number, done_on, note FROM base_duty")).all()
        steps = connection.execute(text("SELECT step FROM step_done")).scalars().all()
        board = connection.execute(text("SELECT count(*) FROM board_entry")).scalar()
    store.close()
    assert [tuple(line) for line in lines] == [
        ("027", "program", "2011-03-01", 0, 0, "берілді", 0, "", None),
        ("027", "confirmed", "2011-04-09", 1, 1, "", 5, "0A1B-2C3D-4E5F-6071", 3),
    ]
    assert [tuple(line) for line in came] == [("2011-03-02", "027", "programmer", "Асан")]
    assert [tuple(line) for line in duties] == [(6, "2011-03-05", "акт")]
    assert steps == ["statistics-1"]
    assert board == 5
