"""Many rows at once, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.orm import DeclarativeBase, Session

_SERVER = "postgresql"
_Turn = tuple[int, Callable[[Any], Any]]  # the place of a column, and what makes the driver's value of its own


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
    statement, order, turned = _made(table, tuple(names), connection.dialect)
    values = rows
    if order != tuple(names):
        values = list(map(itemgetter(*(list(names).index(name) for name in order)), rows))
    if turned:
        values = [_turned(row, turned) for row in values]
    session.flush()
    if connection.dialect.name == _SERVER:
        _copy_in(connection, table, order, values)
    else:
        connection.exec_driver_sql(statement, values)


@lru_cache(maxsize=64)
def _made(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...], Sequence[_Turn]]:
    """The statement, its columns in their order, and what turns values of some of them: made once."""
    made = insert(table).compile(dialect=dialect, column_keys=list(names))
    order = names if dialect.name == _SERVER else tuple(made.positiontup or names)
    turned = [
        (place, turn)
        for place, name in enumerate(order)
        if (turn := table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    return str(made), order, turned


def _copy_in(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """PostgreSQL takes many rows as one stream; an INSERT each would cost a question and an answer a row."""
    quoted = connection.dialect.identifier_preparer.quote
    driver = connection.connection.driver_connection
    assert driver is not None
    columns = ", ".join(quoted(name) for name in names)
    with driver.cursor() as cursor, cursor.copy(f"COPY {quoted(table.name)} ({columns}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def _turned(row: tuple[Any, ...], turned: Sequence[_Turn]) -> tuple[Any, ...]:
    cells = list(row)
    for place, turn in turned:
        cells[place] = turn(cells[place])
    return tuple(cells)
