"""What the database itself says was changed in a transaction, whichever way the change came.

SQLite: rows put in by the ORM, statements written by hand and the bare connection all pass its authorizer when they are
compiled. A new authorizer makes SQLite compile again what the connection keeps prepared, so nothing is missed. A
COMMIT passes it too, whoever gives it, and is refused while `may_commit` says no.

PostgreSQL: triggers of every table write into `mab_watch` what is changed, and a deferred trigger there refuses a
commit, whoever gives it, while no log entry came with it (`server_schema`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from sqlalchemy.orm import Session
from sqlcipher3.dbapi2 import ProgrammingError

_DELETE, _INSERT, _UPDATE, _TRANSACTION = 9, 18, 23, 22
# CREATE and DROP of indexes, tables, triggers and views, ALTER TABLE, virtual tables. Temporary ones concern nobody.
_SCHEMA = frozenset({1, 2, 7, 8, 10, 11, 16, 17, 26, 29, 30})
_OK, _DENY = 0, 1
SCHEMA, _TEMPORARY = "schema", "temp"


class Watch(Protocol):
    """Listens on one transaction from its making until `stop`."""

    def tables(self) -> frozenset[str]:
        """The tables that were written to, "schema" for a change of the tables themselves; none without a change."""

    def stop(self) -> None:
        """Listen no longer; what was not committed, a refused commit too, is taken back."""


class FileWatch:
    """SQLite's authorizer on one connection."""

    def __init__(self, connection: Any, may_commit: Callable[[Watch], bool]) -> None:
        self._connection, self._may_commit = connection, may_commit
        self._written: set[str] = set()
        self._before: int = connection.total_changes
        connection.set_authorizer(self._asked)

    def tables(self) -> frozenset[str]:
        """What passed the authorizer, if a row was changed at all."""
        if self._connection.total_changes == self._before:
            return frozenset(self._written & {SCHEMA})
        return frozenset(self._written)

    def stop(self) -> None:
        """Take the authorizer off and what is not committed back."""
        # A connection on which something broke off is closed already, and with it its transaction is gone.
        with suppress(ProgrammingError):
            self._connection.set_authorizer(None)
            if self._connection.in_transaction:
                self._connection.rollback()

    def _asked(self, action: int, name: str | None, _second: str | None, database: str | None, _by: str | None) -> int:
        if action in (_DELETE, _INSERT, _UPDATE):
            if name is not None and not name.startswith("sqlite_") and database != _TEMPORARY:
                self._written.add(name)
        elif action in _SCHEMA:
            self._written.add(SCHEMA)
        elif action == _TRANSACTION and name == "COMMIT":
            return _OK if self._may_commit(self) else _DENY
        return _OK


class ServerWatch:
    """What the triggers of the server wrote down in this transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tables(self) -> frozenset[str]:
        """The changed tables, as the server itself saw them."""
        rows = self._session.connection().exec_driver_sql(
            "SELECT name FROM mab_watch WHERE xact = pg_current_xact_id_if_assigned()::text::bigint"
        )
        return frozenset(row[0] for row in rows)

    def stop(self) -> None:
        """Take back what is not committed."""
        self._session.rollback()
