"""All tables of a database into another one, row by row: from a file to a server, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, func, select, text
from sqlalchemy.orm import Session

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.storage import migrate
from mab_desktop.storage.bulk import insert_values
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.secret import seal_with

BATCH = 5_000


def copy_tables(source: Connection, target: Session, progress: Progress) -> dict[str, int]:
    """Copy every row of one snapshot into empty tables of the same schema; rows by table.

    The target's own guards watch it: the log comes along and counts as its log entry.
    """
    tables = Base.metadata.sorted_tables
    progress.stage(N_("Copying the database"), len(tables))
    counts = {}
    for table in tables:
        counts[table.name] = 0
        for rows in _batches(source, table):
            insert_values(target, table, [column.key for column in table.columns], rows)
            counts[table.name] += len(rows)
        progress.step()
    _count_on(target, tables)
    return counts


def file_engine(path: Path, key: bytes) -> Engine:
    """An engine for a new file that nobody else opens: without journal, synced as a whole afterwards."""

    def connect() -> object:
        connection = sqlite.connect(str(path), isolation_level=None, check_same_thread=False)
        for pragma in ("cipher_log_level=NONE", f"key=\"x'{key.hex()}'\"", "journal_mode=MEMORY", "synchronous=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = create_engine("sqlite://", creator=connect, module=sqlite, hide_parameters=True, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def to_file(store: Store, path: Path, progress: Progress) -> None:
    """The tables of a server in an encrypted file under the same key."""
    engine = file_engine(path, store.key)
    try:
        migrate.upgrade(engine)
        with store.read() as source, Session(engine) as target:
            copy_tables(source.connection(), target, progress)
            target.commit()
    finally:
        engine.dispose()


def to_server(store: Store, engine: Engine, progress: Progress) -> None:
    """The tables of a file on a server whose room is made and empty; secrets are sealed on their way."""
    seal_with(engine, store.key)
    migrate.upgrade(engine)
    with store.read() as source, Session(engine.execution_options(mab_write=True)) as target:
        copy_tables(source.connection(), target, progress)
        target.commit()


def _batches(source: Connection, table: Table) -> Iterator[list[tuple[object, ...]]]:
    query = select(table).order_by(*table.primary_key.columns)
    with source.execution_options(stream_results=True, yield_per=BATCH).execute(query) as result:
        for part in result.partitions(BATCH):
            yield [tuple(row) for row in part]


def _count_on(target: Session, tables: list[Table]) -> None:
    """A server counts identifiers by itself: from here on it goes on after those that came."""
    connection = target.connection()
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        name = column is not None and connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        )
        if column is not None and name:
            last = connection.scalar(select(func.max(column)))
            connection.execute(text("SELECT setval(:name, :last, :used)"),
                               {"name": name, "last": last or 1, "used": last is not None})  # fmt: skip
