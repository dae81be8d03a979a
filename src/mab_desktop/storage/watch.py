"""What SQLite itself says was changed in a transaction, whichever way the change came.

Rows put in by the ORM, statements written by hand and the bare connection all pass SQLite's authorizer when they are
compiled. A new authorizer makes SQLite compile again what the connection keeps prepared, so nothing is missed. A
COMMIT passes it too, whoever gives it, and is refused while `may_commit` says no.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlcipher3.dbapi2 import ProgrammingError

_DELETE, _INSERT, _UPDATE, _TRANSACTION = 9, 18, 23, 22
# CREATE and DROP of indexes, tables, triggers and views, ALTER TABLE, virtual tables. Temporary ones concern nobody.
_SCHEMA = frozenset({1, 2, 7, 8, 10, 11, 16, 17, 26, 29, 30})
_OK, _DENY = 0, 1
SCHEMA, _TEMPORARY = "schema", "temp"


class Watch:
    """Listens on one connection from its making until `stop`."""

    def __init__(self, connection: Any, may_commit: Callable[[Watch], bool]) -> None:
        self._connection, self._may_commit = connection, may_commit
        self._written: set[str] = set()
        self._before: int = connection.total_changes
        connection.set_authorizer(self._asked)

    def tables(self) -> frozenset[str]:
        """The tables that were written to, "schema" for a change of the tables themselves; none without a change."""
        if self._connection.total_changes == self._before:
            return frozenset(self._written & {SCHEMA})
        return frozenset(self._written)

    def stop(self) -> None:
        """Listen no longer; what was not committed, a refused commit too, is taken back."""
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
