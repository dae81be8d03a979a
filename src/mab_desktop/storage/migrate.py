"""Bring a database to the newest schema, with Alembic; refuse one that is newer than the program."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_
from mab_desktop.storage import server_schema
from mab_desktop.storage.database_file import APPLICATION_ID
from mab_desktop.storage.tables import Base
from mab_desktop.storage.words import plain_errors

MIGRATIONS = Path(__file__).with_name("migrations")


class NewerDatabase(UserError):
    """The database was made by a newer version of the program: it stays as it is, until a copy takes its place."""

    exit_code = EXIT_SYSTEM


def _scripts() -> ScriptDirectory:
    return _scripts_in(MIGRATIONS)


@cache
def _scripts_in(folder: Path) -> ScriptDirectory:
    """Read once: Alembic compiles every migration each time, and each backup asks which ones there are."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def head() -> str:
    """The schema version of this program."""
    return _scripts().get_current_head() or ""


def current(engine: Engine) -> str:
    """The schema version of a database, "" for an empty one; refuses a version that this program does not know.

    UserError for what the disk does not give.
    """
    with plain_errors(), engine.connect() as connection:
        return require_known(connection)


def require_known(connection: Connection) -> str:
    """The schema version behind a connection; NewerDatabase for one that this program does not know."""
    version = written(connection)
    if version and version not in {script.revision for script in _scripts().walk_revisions()}:
        raise NewerDatabase(
            N_("The database was made by a newer version of the program. Nothing was changed."),
            next_step=N_("Install the newer version, or restore a backup from before it."),
        )
    return version


def written(connection: Connection) -> str:
    """The schema version that stands in a database, known or not; "" for an empty one."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(engine: Engine) -> None:
    """Run the missing migrations in one transaction: all of them, or the database stays as it was."""
    scripts = _scripts()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    with (
        plain_errors(),
        EnvironmentContext(config, scripts, fn=lambda rev, _: scripts._upgrade_revs("head", rev)) as environment,
        engine.execution_options(mab_write=True).begin() as connection,
    ):
        environment.configure(connection=connection, target_metadata=Base.metadata)
        if connection.dialect.name == "sqlite":
            environment.run_migrations()
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        else:
            with server_schema.migrating(connection):
                environment.run_migrations()
