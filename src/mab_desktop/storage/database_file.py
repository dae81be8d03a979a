"""A database in one encrypted file (SQLCipher): how it is opened, checked, and what its errors mean in words.

What was acknowledged must survive a power cut, hence WAL with synchronous=FULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.names import sort_key
from mab_desktop.i18n import N_
from mab_desktop.storage import instance
from mab_desktop.storage.watch import FileWatch, Watch

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
# SQLite could forget acknowledged commits when its WAL began anew (3.7.0 to 3.51.2); mended in these, and in all later.
SOUND_SQLITE, MENDED_SQLITE = (3, 51, 3), {(3, 44): 6, (3, 50): 7}
_SHOWN = (
    "journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "mmap_size", "busy_timeout",
    "secure_delete", "temp_store", "application_id", "cipher_page_size", "cipher_use_hmac", "cipher_hmac_algorithm",
    "cipher_version",
)  # fmt: skip


class Damaged(UserError):
    """A database file that cannot be read: the way out is a backup."""


class NotOpened(Damaged):
    """A file of which not even the beginning can be read with the key: another database's, or damaged there."""


class FileDatabase:
    """An encrypted file and its engine; `key` is its 32-byte SQLCipher key."""

    on_server = False

    def __init__(self, path: Path, key: bytes) -> None:
        require_sound_sqlite(sqlite.sqlite_version_info)
        instance.acquire(path)
        self._path = path
        self.engine = _engine(path, key)

    def watch(self, session: Session, may_commit: Callable[[Watch], bool]) -> Watch:
        """What changes in the transaction of `session` from now on."""
        return FileWatch(session.connection().connection.driver_connection, may_commit)

    def quick_check(self, session: Session) -> None:
        """Refuse a file that is damaged, or of another program."""
        ask = session.connection().exec_driver_sql
        verdict, mark = ask("PRAGMA quick_check(1)").scalar(), ask("PRAGMA application_id").scalar()
        if _DISK_FAULT in str(verdict):
            raise UserError(SIGNS["disk I/O error"], exit_code=EXIT_SYSTEM)
        if verdict != "ok" or mark not in (0, APPLICATION_ID):
            raise damaged(self._path)

    def full_check(self, session: Session) -> list[str]:
        """What SQLite and SQLCipher find wrong, in their own words; it reads every page and every index."""
        ask = session.connection().exec_driver_sql
        found = [str(row[0]) for row in ask("PRAGMA cipher_integrity_check")]
        found += [str(row[0]) for row in ask("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"{row[0]} row {row[1]} refers to no row of {row[2]}" for row in ask("PRAGMA foreign_key_check")]
        return found

    def settings(self, session: Session) -> dict[str, str]:
        """How this database is set, as SQLite itself says."""
        ask = session.connection().exec_driver_sql
        return {name: str(ask(f"PRAGMA {name}").scalar()) for name in _SHOWN} | {"sqlite": sqlite.sqlite_version}

    def settle(self) -> None:
        """Bring everything into the one file; UserError where another connection is in the way."""
        pooled = self.engine.raw_connection()
        try:
            busy = pooled.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]  # type: ignore[union-attr]
        finally:
            pooled.close()
        if busy:
            raise UserError(SIGNS["database is locked"], exit_code=EXIT_SYSTEM)

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def release(self) -> None:
        """Let another program open it."""
        instance.release(self._path)


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


def told(error: str) -> UserError | None:
    """What SQLite says about the disk, in words; None for what is our own fault."""
    for sign, text in SIGNS.items():
        if sign in error:
            return _KINDS.get(sign, UserError)(text, exit_code=EXIT_SYSTEM)
    return None


_KINDS: Mapping[str, type[UserError]] = {"malformed": Damaged, "file is not a database": NotOpened}
_DISK_FAULT = "error code=10"  # how a check tells of a page that the disk did not give; the page may be sound
SIGNS: Mapping[str, str] = {
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
