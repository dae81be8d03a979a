"""A centre of the first schema loses the root and person keys that stood unsealed in its database; its own stays."""

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


def to_second(store: Store) -> None:
    """The schema as it was before persons had keys of their own."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    with (
        EnvironmentContext(config, scripts, fn=lambda rev, _: scripts._upgrade_revs("0002", rev)) as environment,
        store.engine.execution_options(mab_write=True).begin() as connection,
    ):
        environment.configure(connection=connection)
        environment.run_migrations()


def test_keys_in_clear_leave_the_database(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", KEY, SystemClock())
    to_second(store)
    with store.engine.execution_options(mab_write=True).begin() as connection:
        for kind in ("root", "person", "device"):
            row = {"keyid": kind * 8, "kind": kind, "owner": kind, "keys": "{}", "at": "2011-02-01"}
            connection.execute(text("INSERT INTO device_key (keyid, kind, owner, keys, created_at) VALUES "
                                    "(:keyid, :kind, :owner, :keys, :at)"), row)  # fmt: skip
        connection.execute(text(
            "INSERT INTO device_enrolment (keyid, organisation, device, public, active, last_valid, enrolled_at, "
            "enrolled_by) VALUES ('a', 'nu027', 'nu027', '{}', 1, '{}', '2011-02-01', 'x')"
        ))  # fmt: skip
    migrate.upgrade(store.engine)
    with store.engine.connect() as connection:
        kept = connection.execute(text("SELECT kind, person, name, retired_at FROM device_key")).all()
        known = connection.execute(text("SELECT device, revoked_at, ground FROM device_enrolment")).all()
    store.close()
    assert [tuple(row) for row in kept] == [("device", "", "", None)]
    assert [tuple(row) for row in known] == [("nu027", None, "")]
