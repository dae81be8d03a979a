"""The one door to SQLite: encrypted, one writer, a log entry with every change.

``read()`` gives a session on a consistent snapshot; ``write(actor)`` takes ``BEGIN IMMEDIATE`` at once and commits the
change together with its log entries. What was acknowledged must survive a power cut, hence WAL with synchronous=FULL.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Engine, QueuePool, create_engine, event, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.events import EVENTS
from mab_desktop.domain.names import sort_key
from mab_desktop.i18n import N_
from mab_desktop.storage import instance
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.watch import Watch

APPLICATION_ID = 0x4D414231  # "MAB1"
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",  # nothing sorted or joined goes to the disk in clear
    "PRAGMA cache_size=-65536",  # 64 MiB: decrypted pages; a search at 20,000 students reads most of them again
)
# A change of these alone needs no log entry: they hold what a person is still typing.
UNLOGGED = frozenset({"draft", "audit"})
GENESIS = "0" * 64
# SQLite could forget acknowledged commits when its WAL began anew (3.7.0 to 3.51.2); mended in these, and in all later.
SOUND_SQLITE, MENDED_SQLITE = (3, 51, 3), {(3, 44): 6, (3, 50): 7}
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

    def note(self, event: str, subject: str, /, disposition: str = "done", **details: Any) -> None:
        """Add a log entry of kind `event` about `subject`; an unknown kind is a bug (KeyError)."""
        EVENTS[event]
        self.session.flush()
        last = self.session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc()).limit(1)).first()
        entry = AuditEntry(
            n=(last.n if last else 0) + 1,
            prev=last.hash if last else GENESIS,
            at=self.clock.now().isoformat(timespec="milliseconds"),
            boot=_BOOT,
            device=self.actor.device,
            user=self.actor.login,
            role=self.actor.role,
            event=event,
            object=subject,
            disposition=disposition,
            details=details,
            hash="",
        )
        entry.hash = entry_hash(entry)
        self.session.add(entry)
        self.session.flush()
        self.notes += 1

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
    """An open database file; `key` is its 32-byte SQLCipher key. UserError where another program has it open."""

    def __init__(self, path: Path, key: bytes, clock: Clock) -> None:
        require_sound_sqlite(sqlite.sqlite_version_info)
        instance.acquire(path)
        self._closed = False
        self.path, self.clock = path, clock
        self._key = key
        self._writing = threading.RLock()
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._engine = _engine(path, key)
        self._writer = self._engine.execution_options(mab_write=True)

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
                watch = Watch(session.connection().connection.driver_connection, tx.may_commit)
                try:
                    yield tx
                    session.flush()
                    changed = watch.tables()
                    if not tx.may_commit(watch):
                        raise RuntimeError(f"changed without a log entry: {sorted(changed)}")
                    session.commit()
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
        """Number and hash of the newest log entry."""
        with self.read() as session:
            last = session.execute(select(AuditEntry.n, AuditEntry.hash).order_by(AuditEntry.n.desc())).first()
        return (last[0], last[1]) if last else (0, GENESIS)

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
        """Refuse a database file that is damaged, or of another program."""
        with self.read() as session:
            ask = session.connection().exec_driver_sql
            verdict, mark = ask("PRAGMA quick_check(1)").scalar(), ask("PRAGMA application_id").scalar()
        if _DISK_FAULT in str(verdict):
            raise UserError(_SIGNS["disk I/O error"], exit_code=EXIT_SYSTEM)
        if verdict != "ok" or mark not in (0, APPLICATION_ID):
            raise damaged(self.path)

    def full_check(self) -> list[str]:
        """What SQLite and SQLCipher find wrong, in their own words; it reads every page and every index."""
        found: list[str] = []
        with self.read() as session:
            ask = session.connection().exec_driver_sql
            found += [str(row[0]) for row in ask("PRAGMA cipher_integrity_check")]
            found += [str(row[0]) for row in ask("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"{row[0]} row {row[1]} refers to no row of {row[2]}" for row in ask("PRAGMA foreign_key_check")]
        return found

    def pragmas(self) -> dict[str, str]:
        """How this database is set, as SQLite itself says."""
        names = (
            "journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "mmap_size",
            "busy_timeout", "secure_delete", "temp_store", "application_id", "cipher_page_size", "cipher_use_hmac",
            "cipher_hmac_algorithm", "cipher_version",
        )  # fmt: skip
        with self.read() as session:
            ask = session.connection().exec_driver_sql
            return {name: str(ask(f"PRAGMA {name}").scalar()) for name in names} | {"sqlite": sqlite.sqlite_version}

    def settle(self) -> None:
        """Bring everything into the one file, for whoever moves it alone afterwards; UserError where that fails.

        Closing tries the same and says nothing when the disk does not take it: the rest then lies beside the file.
        """
        with plain_errors():
            pooled = self._engine.raw_connection()
            try:
                busy = pooled.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]  # type: ignore[union-attr]
            finally:
                pooled.close()
        if busy:
            raise UserError(_SIGNS["database is locked"], exit_code=EXIT_SYSTEM)

    def close(self) -> None:
        """Let go of the file, so that another program may open it."""
        self._engine.dispose()
        if not self._closed:
            self._closed = True
            instance.release(self.path)


class Damaged(UserError):
    """A database file that cannot be read: the way out is a backup."""


def require_sound_sqlite(version: tuple[int, ...]) -> None:
    """Refuse an SQLite that is known to lose data."""
    mended = MENDED_SQLITE.get((version[0], version[1]))
    if version < SOUND_SQLITE and (mended is None or version[2] < mended):
        raise UserError(
            N_("The database library of this computer (SQLite {version}) is known to lose data. Nothing was opened."),
            next_step=N_("Install the program anew from its own package."),
            exit_code=EXIT_SYSTEM, version=".".join(map(str, version)),
        )  # fmt: skip


def damaged(path: Path) -> Damaged:
    """The refusal of a database file that cannot be read."""
    return Damaged(
        N_("The database {name} is damaged or is not ours. Nothing was changed."),
        next_step=N_("Restore the newest backup."),
        exit_code=EXIT_SYSTEM,
        name=path.name,
    )


def _engine(path: Path, key: bytes) -> Engine:
    def connect() -> Any:
        connection = sqlite.connect(str(path), check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA cipher_log_level=NONE")
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.create_collation("KAZAKH", _collate)
        return connection

    pool = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": 8}
    # What people typed has no place in the text of an error, nor in a report of a bug.
    engine = create_engine("sqlite://", creator=connect, module=sqlite, hide_parameters=True, **pool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Any) -> None:
    writing = connection.get_execution_options().get("mab_write", False)
    # A session that was given for reading cannot change anything, not even by a statement written by hand.
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _collate(a: str, b: str) -> int:
    x, y = sort_key(a), sort_key(b)
    return (x > y) - (x < y)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what SQLite says about the disk into words."""
    try:
        yield
    except (DatabaseError, sqlite.DatabaseError) as error:
        told = _told(str(error))
        if told is None:
            raise
        raise told from error


def _told(error: str) -> UserError | None:
    for sign, text in _SIGNS.items():
        if sign in error:
            kind = Damaged if sign in _DAMAGE else UserError
            return kind(text, exit_code=EXIT_SYSTEM)
    return None


_DAMAGE = ("malformed", "file is not a database")


_DISK_FAULT = "error code=10"  # how a check tells of a page that the disk did not give; the page may be sound
_SIGNS: Mapping[str, str] = {
    "database or disk is full": N_("The disk is full. What was saved before is safe. Free some space and do it again."),
    "readonly database": N_("The database cannot be written to. Nothing was changed. Check the rights of its folder."),
    "unable to open database file": N_(
        "The database cannot be written to. Nothing was changed. Check the rights of its folder."
    ),
    "malformed": N_("The database is damaged. Nothing was changed. Restore the newest backup."),
    "file is not a database": N_("The database is damaged or the key is wrong. Nothing was changed."),
    "database is locked": N_("Another program holds the database. Nothing was changed. Close it and do it again."),
    "disk I/O error": N_("The disk does not answer. What was saved before is safe. Check the disk and do it again."),
}
