"""Many rows at once, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.orm import DeclarativeBase, Session


def insert_rows(session: Session, kind: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same keys, every column without a server's default among them.

    SQLAlchemy turns each value of each row over several times; here only columns that need it are (dates, JSON).
    """
    if not rows:
        return
    table, names = kind.__table__, tuple(rows[0])
    assert isinstance(table, Table)
    insert_values(session, table, names, list(map(itemgetter(*names), rows)))


def insert_values(session: Session, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """The same with the values of each row in the order of `names`."""
    connection = session.connection()
    dialect = connection.dialect
    on_server = dialect.name == "postgresql"
    made = insert(table).compile(dialect=dialect, column_keys=list(names))
    order = list(names) if on_server else made.positiontup or list(names)
    values = rows
    if order != list(names):
        values = list(map(itemgetter(*(list(names).index(name) for name in order)), rows))
    turned = [
        (place, turn)
        for place, name in enumerate(order)
        if (turn := table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    if turned:
        values = [_turned(row, turned) for row in values]
    session.flush()
    if on_server:
        _copy_in(connection, table, order, values)
    else:
        connection.exec_driver_sql(str(made), values)


def _copy_in(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """PostgreSQL takes many rows as one stream; an INSERT each would cost a question and an answer a row."""
    quoted = connection.dialect.identifier_preparer.quote
    driver = connection.connection.driver_connection
    assert driver is not None
    columns = ", ".join(quoted(name) for name in names)
    with driver.cursor() as cursor, cursor.copy(f"COPY {quoted(table.name)} ({columns}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def _turned(row: tuple[Any, ...], turned: Sequence[tuple[int, Any]]) -> tuple[Any, ...]:
    cells = list(row)
    for place, turn in turned:
        cells[place] = turn(cells[place])
    return tuple(cells)
