"""What is worked out from a whole shift, kept until anything is written.

The mark of a state is the head of the log, read in the very session that asks: nothing commits without a log entry, so
two sessions with one head see the same rows. A session that writes sees its own changes before the log tells of them:
for it everything is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from mab_desktop.storage.tables.core import AuditEntry

T = TypeVar("T")
_KEPT: WeakKeyDictionary[Engine | Connection, tuple[object, dict[Hashable, object]]] = WeakKeyDictionary()


def kept(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives in this session, asked once for each state of the database; nobody changes it afterwards."""
    database = session.get_bind()
    if database.get_execution_options().get("mab_write", False):
        return make()
    newest = select(AuditEntry.n, AuditEntry.hash).order_by(AuditEntry.n.desc()).limit(1)
    found = session.execute(newest).first()
    head = tuple(found) if found is not None else None
    before = _KEPT.get(database)
    values = before[1] if before is not None and before[0] == head else {}
    if key not in values:
        values[key] = make()
        _KEPT[database] = (head, values)
    return values[key]  # type: ignore[return-value]  # each key has one maker
