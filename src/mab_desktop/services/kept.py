"""What is worked out from a whole shift, kept until something that it is made of is written.

The mark of a state is the head of the log, read in the very session that asks: nothing commits without a log entry, so
two sessions with one head see the same rows. What is made of a few tables stays while others change, as far as this
program itself wrote everything since (`storage.changes`). A session that writes sees its own changes before the log
tells of them: for it everything is worked out anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from mab_desktop.storage.changes import Head, changes_of, head_of
from mab_desktop.storage.watch import SCHEMA

T = TypeVar("T")
_MOST = 24  # values of one database: those of a few shifts, the last asked for
_KEPT: WeakKeyDictionary[Engine | Connection, OrderedDict[Hashable, tuple[Head, object]]] = WeakKeyDictionary()
_LOCK = threading.Lock()


def kept(session: Session, key: Hashable, make: Callable[[], T], tables: frozenset[str] = frozenset()) -> T:
    """What `make` gives in this session, asked once for each state of the database; nobody changes it afterwards.

    `tables` are all that it is made of, and then only a change of one of these makes it anew; without any, every change
    does.
    """
    database = session.get_bind()
    if database.get_execution_options().get("mab_write", False):
        return make()
    head = head_of(session)
    with _LOCK:
        values = _KEPT.setdefault(database, OrderedDict())
        before = values.get(key)
    if before is not None and _stands(database, before[0], head, tables):
        value = before[1]
    else:
        value = make()
    with _LOCK:
        values[key] = (head, value)
        values.move_to_end(key)
        while len(values) > _MOST:
            values.popitem(last=False)
    return value  # type: ignore[return-value]  # each key has one maker


def _stands(database: Engine | Connection, then: Head, now: Head, tables: frozenset[str]) -> bool:
    if then == now:
        return True
    changed = changes_of(database).between(then, now) if tables else None
    return changed is not None and changed.isdisjoint(tables | {SCHEMA})
