"""What a restore must not undo: a small sealed file beside the database, written with each act of that kind.

A copy of the database is always a little older than the database. Tries at a sealed password, the freeze of a shift's
seats, the draw, printings and other acts that are done once would be forgotten with it, and could be done again with
another outcome. So each of them is also written here, before anybody learns its result; the file goes to the second
disk with every copy. Its lines are log entries, locked under the database's key, the newest last. Nobody can be kept
from deleting it together with the database, but nobody who restores by this program gets around it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.entropy import SystemEntropy
from mab_desktop.exchange import durable, kdf
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import SeatingFreeze

SUFFIX = ".lasting"
_HEADER = b"mab-lasting-1"
LINE_LIMIT = 1 << 20  # every second page of 20,000 passes, as a printing tells them, takes 140,000

# Done once: repeated after a restore they must not come out otherwise, and a copy from before them is not put in place
# while they are known to have happened.
ONCE = frozenset({
    "seats-drawn", "shift-opened", "identification-confirmed", "key-opened", "results-announced", "appeal-closed",
    "shift-closed", "passes-numbered", "allotment-made", "variants-drawn", "variants-laid", "seating-sealed",
    "answer-key-made", "answer-key-sealed", "answer-key-released", "password-given", "authority-created",
    "trust-issued", "root-changed", "device-enrolled", "device-revoked",
})  # fmt: skip
# Counted or fixed: a restore carries them over.
CARRIED = frozenset({"password-tried", "seating-frozen", "print-started", "document-printed", "backup-restored"})
LASTING = ONCE | CARRIED
# Tables that change with one of these; any other transaction costs nothing here.
_TABLES = frozenset({
    "password_tries", "seating_freeze", "shift_step", "print_job", "pass_slip", "allotment_run", "variant_set",
    "variant_hall", "seating_seed", "centre_key", "key_envelope", "password_given", "trust_state", "device_enrolment",
    "restored_act", "organisation", "setting",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """A log entry that lasts; `row` holds what the log does not say (the local secret of a freeze)."""

    n: int
    hash: str
    at: str
    by: str
    event: str
    object: str
    details: dict[str, Any]
    row: dict[str, Any] = field(default_factory=dict)


def file_of(database: Path) -> Path:
    """Where the acts of a database are written."""
    return database.with_suffix(SUFFIX)


def keep(store: Store) -> None:
    """Write down what is missing, and from now on each lasting act with its transaction."""
    book = _Book(file_of(store.path), store.key)
    with store.read() as session:
        known = {act.hash for act in book.acts()}
        book.add(act for act in acts_in(session) if act.hash not in known)
        last = [session.scalar(select(AuditEntry.n).order_by(AuditEntry.n.desc()).limit(1)) or 0]

    def written(tables: frozenset[str]) -> None:
        if not tables & _TABLES:
            return
        with store.read() as session:
            fresh = list(acts_in(session, last[0]))
        # What is acknowledged stands in the database; a disk that refuses here gets it at the next log-in.
        with suppress(OSError):
            book.add(fresh)
            last[0] = max([last[0], *(act.n for act in fresh)])

    store.on_change(written)


def acts_in(session: Session, after: int = 0) -> Iterator[Act]:
    """The lasting acts of a log after entry number `after`, in order."""
    query = select(AuditEntry).where(AuditEntry.n > after, AuditEntry.event.in_(LASTING)).order_by(AuditEntry.n)
    for entry in session.scalars(query):
        row = _freeze(session, entry) if entry.event == "seating-frozen" else {}
        yield Act(entry.n, entry.hash, entry.at, entry.user, entry.event, entry.object, dict(entry.details), row)


def _freeze(session: Session, entry: AuditEntry) -> dict[str, Any]:
    shift = int(entry.object.rpartition("-")[2])
    found = session.get(SeatingFreeze, (shift, entry.details["n"]))
    columns = [column.key for column in SeatingFreeze.__table__.columns]
    return {name: getattr(found, name) for name in columns} if found else {}


def written_acts(database: Path, key: bytes) -> list[Act]:
    """What the file beside `database` says, [] where it is lost or belongs to another key."""
    return _Book(file_of(database), key).acts()


def add(database: Path, key: bytes, acts: Iterable[Act]) -> None:
    """Write acts down that no transaction of an open database brings."""
    _Book(file_of(database), key).add(acts)


class _Book:
    """The file: one locked line an act. A line that was cut off by a power cut counts as never written."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = hashlib.sha256(_HEADER + key).digest()

    def acts(self) -> list[Act]:
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [act for line in lines if (act := self._opened(line)) is not None]

    def _opened(self, line: bytes) -> Act | None:
        try:
            plain = kdf.unlock(self._key, json.loads(line[:LINE_LIMIT]), _HEADER)
            return Act(**json.loads(plain)) if plain is not None else None
        except (ValueError, TypeError, KeyError):
            return None

    def add(self, acts: Iterable[Act]) -> None:
        """Bring acts to the disk."""
        lines = [self._locked(act) for act in acts]
        if not lines:
            return
        fresh = not self._path.exists()
        with self._path.open("ab") as out:
            out.write(b"".join(lines) if fresh else b"\n" + b"".join(lines))  # a line cut off before ends here
            out.flush()
            os.fsync(out.fileno())
        if fresh:
            durable.sync_directory(self._path.parent)

    def _locked(self, act: Act) -> bytes:
        plain = json.dumps(asdict(act), ensure_ascii=False).encode()
        return json.dumps(kdf.lock(self._key, plain, _HEADER, SystemEntropy())).encode() + b"\n"
