"""Which tables this program changed on the way from one state of the log to a later one.

For what is worked out of a few tables and kept: a change of others leaves it as it is. A way that is not wholly known,
because another program wrote or it was too long ago, is no answer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from mab_desktop.storage.tables.core import AuditEntry

Head = tuple[int, str] | None
"""Number and hash of the newest log entry; None before the first."""

_NEWEST = select(AuditEntry.n, AuditEntry.hash).order_by(AuditEntry.n.desc()).limit(1)

_MOST = 10_000  # steps that are remembered


def head_of(asked: Session | Connection) -> Head:
    """The head of the log in the state that a session or connection sees."""
    found = asked.execute(_NEWEST).first()
    return (found[0], found[1]) if found is not None else None


class Changes:
    """The steps of one database, each from the head of the log before a commit to the head after it."""

    def __init__(self) -> None:
        self._steps: OrderedDict[Head, tuple[Head, frozenset[str]]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, before: Head, after: Head, tables: frozenset[str]) -> None:
        """A commit led from one head to the next and changed `tables`."""
        with self._lock:
            self._steps[before] = (after, tables)
            if len(self._steps) > _MOST:
                self._steps.popitem(last=False)

    def between(self, old: Head, new: Head) -> frozenset[str] | None:
        """What was changed on the way; None where the way is not known, and from a later state to an earlier one."""
        found: set[str] = set()
        with self._lock:
            while old != new:
                step = self._steps.get(old)
                if step is None:
                    return None
                old = step[0]
                found |= step[1]
        return frozenset(found)


_OF: WeakKeyDictionary[Engine | Connection, Changes] = WeakKeyDictionary()


def changes_of(database: Engine | Connection) -> Changes:
    """The changes of the database that sessions on this engine read."""
    return _OF.setdefault(database, Changes())
