"""The one door to the database: one writer, a log entry with every change.

``read()`` gives a session on a consistent snapshot; ``write(actor)`` takes the one writer's lock at once and commits
the change together with its log entries. Every workplace has an encrypted file (`database_file`); the centre may have a
server instead (`database_server`).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.events import EVENTS
from mab_desktop.domain.file_names import all_readable, readable
from mab_desktop.storage import database_server
from mab_desktop.storage.changes import Head, changes_of, head_of
from mab_desktop.storage.database_file import (
    APPLICATION_ID,
    PRAGMAS,
    Damaged,
    FileDatabase,
    damaged,
    require_sound_sqlite,
)
from mab_desktop.storage.database_server import ServerDatabase
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.watch import Watch
from mab_desktop.storage.words import plain_errors

__all__ = [
    "APPLICATION_ID", "GENESIS", "PRAGMAS", "UNLOGGED", "Actor", "Damaged", "Store", "Transaction", "damaged",
    "entry_hash", "plain_errors", "require_sound_sqlite",
]  # fmt: skip

# A change of these alone needs no log entry: they hold what a person is still typing.
UNLOGGED = frozenset({"draft", "audit"})
GENESIS = "0" * 64
_BOOT = secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: login, printed name, role, organisation code and device."""

    login: str
    name: str
    role: str
    organisation: str = ""
    device: str = ""


@dataclass
class Transaction:
    """A change in the making: `session` for rows, `note` for the log."""

    session: Session
    actor: Actor
    clock: Clock
    notes: int = 0
    events: set[str] = field(default_factory=set)
    heads: tuple[Head, Head] = (None, None)  # of the log before and after

    def note(self, event: str, subject: str, /, disposition: str = "done", **details: Any) -> None:
        """Add a log entry of kind `event` about `subject`; an unknown kind is a bug (KeyError)."""
        EVENTS[event]
        self.session.flush()
        last = head_of(self.session)
        number, before = last or (0, GENESIS)
        entry = AuditEntry(
            n=number + 1,
            prev=before,
            at=self.clock.now().isoformat(timespec="milliseconds"),
            boot=_BOOT,
            device=self.actor.device,
            user=self.actor.login,
            role=self.actor.role,
            event=event,
            object=readable(subject),
            disposition=disposition,
            details=all_readable(details),
            hash="",
        )
        entry.hash = entry_hash(entry)
        self.heads = (self.heads[0] if self.notes else last, (entry.n, entry.hash))
        self.session.add(entry)
        self.session.flush()
        self.notes += 1
        self.events.add(event)

    def may_commit(self, watch: Watch) -> bool:
        """False while something has changed that the log does not tell of."""
        return bool(self.notes) or not watch.tables() - UNLOGGED


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over every other column of a log entry, in one fixed encoding."""
    columns = [c.key for c in AuditEntry.__table__.columns if c.key != "hash"]
    values = {name: getattr(entry, name) for name in columns}
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """An open database at `path`; `key` is its 32-byte key. UserError where another program has it open.

    The key locks the file itself. A database on a server keeps there what its tables hold, and the key locks what lies
    beside it: images, and the acts that last.
    """

    def __init__(self, path: Path, key: bytes, clock: Clock) -> None:
        address = database_server.address_of(path)
        self._database: FileDatabase | ServerDatabase = (
            ServerDatabase(path, address, key) if address else FileDatabase(path, key)
        )
        self._closed = False
        self.path, self.clock = path, clock
        self._key = key
        self._writing = threading.RLock()
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self.guard: Callable[[Session, frozenset[str]], None] | None = None  # asked before a commit; it may refuse
        self._engine = self._database.engine
        self._writer = self._engine.execution_options(mab_write=True)

    @property
    def on_server(self) -> bool:
        """True where the tables lie on a server, which is backed up by those who look after it."""
        return self._database.on_server

    @property
    def engine(self) -> Engine:
        """The engine, for migrations and backups."""
        return self._engine

    @property
    def key(self) -> bytes:
        """The database key, for backups and new key-ring entries."""
        return self._key

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and changes nothing."""
        with plain_errors(), Session(self._engine) as session:
            yield session
            session.rollback()

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Transaction]:
        """One transaction: everything or nothing, and never a change without a log entry."""
        with self._writing, plain_errors():
            with Session(self._writer, expire_on_commit=False) as session:
                tx = Transaction(session, actor, self.clock)
                watch = self._database.watch(session, tx.may_commit)
                try:
                    yield tx
                    session.flush()
                    if not tx.may_commit(watch):
                        raise RuntimeError(f"changed without a log entry: {sorted(watch.tables())}")
                    if self.guard is not None:
                        self.guard(session, frozenset(tx.events))
                    changed = watch.tables()
                    session.commit()
                    if tx.notes:
                        changes_of(self._engine).note(*tx.heads, changed)
                finally:
                    watch.stop()
            self._tell(changed)

    def on_change(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Call `listener` with the changed tables after each commit; the result takes it off again."""
        self._listeners.append(listener)

        def take_off() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return take_off

    def _tell(self, tables: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(tables)

    def log_head(self) -> tuple[int, str]:
        """Number and hash of the newest log entry; asked by every step of the rail."""
        with plain_errors(), self._engine.connect() as connection:
            return head_of(connection) or (0, GENESIS)

    def verify_log(self) -> int | None:
        """The number of the first log entry that does not fit the chain, or None when all do."""
        prev, n = GENESIS, 0
        with self.read() as session:
            for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.n)):
                n += 1
                if entry.n != n or entry.prev != prev or entry.hash != entry_hash(entry):
                    return n
                prev = entry.hash
        return None

    def quick_check(self) -> None:
        """Refuse a database that is damaged, or of another program."""
        with self.read() as session:
            self._database.quick_check(session)

    def full_check(self) -> list[str]:
        """What the database finds wrong with itself, in its own words; it reads everything."""
        with self.read() as session:
            return self._database.full_check(session)

    def pragmas(self) -> dict[str, str]:
        """How this database is set, as it says itself."""
        with self.read() as session:
            return self._database.settings(session)

    def settle(self) -> None:
        """Bring everything into the one file, for whoever moves it alone afterwards; UserError where that fails.

        Closing tries the same and says nothing when the disk does not take it: the rest then lies beside the file.
        """
        with plain_errors():
            self._database.settle()

    def close(self) -> None:
        """Let go of the database, so that another program may open it."""
        self._database.close()
        if not self._closed:
            self._closed = True
            self._database.release()
