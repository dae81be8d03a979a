"""Power cuts under SQLite itself: our pragmas and our schema on a disk that loses what was not synced.

APSW gives SQLite a file system of ours. It has no SQLCipher, which changes the bytes of a page and not their order,
their syncs or the log of the journal; the encrypted file is cut on the FUSE rig (tests/long). As this file system has
no shared memory, the index of the WAL lies in the heap (locking_mode=EXCLUSIVE); the writes are the same.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import apsw

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.names import sort_key
from mab_desktop.storage import migrate
from mab_desktop.storage.store import GENESIS, PRAGMAS, Store
from tests.faults.disk import ROOT, Disk, File, Names

BASE = "mab.db"
_WRITTEN = ("student", "audit", "draft")
FULL, NORMAL = "FULL", "NORMAL"
_CHARACTERISTICS = apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE  # as SQLite's own unix file system says


class _OpenFile:
    """An open file as SQLite asks for it; `told` hears of each write, cut and sync before it is done."""

    def __init__(self, file: File, told: Callable[[], None], sync: Callable[[], None]) -> None:
        self.file, self._told, self._sync = file, told, sync

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self.file.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._told()
        self.file.write(offset, bytes(data))

    def xTruncate(self, size: int) -> None:
        self._told()
        self.file.truncate(size)

    def xSync(self, _flags: int) -> None:
        self._told()
        self._sync()

    def xFileSize(self) -> int:
        return len(self.file.seen)

    def xSectorSize(self) -> int:
        return 512

    def xDeviceCharacteristics(self) -> int:
        return _CHARACTERISTICS

    def xLock(self, _level: int) -> None:
        """Nobody else is there."""

    def xUnlock(self, _level: int) -> None:
        """Nobody else is there."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, _op: int, _pointer: int) -> bool:
        return False

    def xClose(self) -> None:
        """Nothing to give back."""


class DiskFileSystem(apsw.VFS):
    """SQLite's file system on a `Disk`."""

    def __init__(self, name: str) -> None:
        self.disk = Disk()
        self.told: Callable[[], None] = lambda: None
        super().__init__(name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> _OpenFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        names = self.disk.folders[ROOT]
        if path not in names:
            self.told()
            self.disk.create(ROOT, path)
        number = names[path]
        flags[1] = flags[0]
        return _OpenFile(self.disk.files[number], lambda: self.told(), lambda: self._sync(number))

    def _sync(self, number: int) -> None:
        # As SQLite's own unix file system: the first sync of a new journal syncs its folder too.
        self.disk.sync(number)
        self.disk.sync_folder(ROOT)

    def xDelete(self, name: str, sync: bool) -> None:
        if name not in self.disk.folders[ROOT]:
            raise apsw.IOError
        self.told()
        self.disk.remove(ROOT, name)
        if sync:
            self.disk.sync_folder(ROOT)

    def xAccess(self, name: str, _flags: int) -> bool:
        return name in self.disk.folders[ROOT]

    def xFullPathname(self, name: str) -> str:
        return name


@cache
def schema() -> tuple[str, ...]:
    """The statements that make our tables, indexes and triggers, from a database migrated to the newest schema."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / BASE, bytes(32), SystemClock())
        migrate.upgrade(store.engine)
        with store.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
            made = tuple(row[0] for row in rows if not row[0].startswith("CREATE TABLE sqlite_"))
        store.close()
    return made


@cache
def empty() -> bytes:
    """A database of our schema, without SQLCipher."""
    file_system = DiskFileSystem("mab-empty")
    connection = _connect("mab-empty", FULL)
    for statement in schema():
        connection.execute(statement)
    connection.close()
    number = file_system.disk.folders[ROOT][BASE]
    return bytes(file_system.disk.files[number].seen)


def _connect(file_system: str, synchronous: str) -> apsw.Connection:
    connection = apsw.Connection(BASE, vfs=file_system)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.create_collation("KAZAKH", _collate)
    return connection


def _collate(a: str, b: str) -> int:
    x, y = sort_key(a), sort_key(b)
    return (x > y) - (x < y)


@dataclass
class Counts:
    """What the cuts left: how many, how many lost something acknowledged, how many were broken or half."""

    cuts: int = 0
    lost: int = 0
    broken: int = 0
    first: str = ""


@dataclass
class Cutter:
    """One database at work; before its file operations the power is cut in thought, and what is left is opened."""

    seed: str
    synchronous: str = FULL
    share: float = 1.0
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311
        self.work, self.rest = _file_systems()
        self.work.disk = Disk(self.chance.choice((Names.JOURNALLED, Names.ASKED)))
        number = self.work.disk.create(ROOT, BASE)
        self.work.disk.files[number].write(0, empty())
        self.work.disk.sync_all()
        self.acknowledged = 0
        self.states: list[tuple[int, int]] = [(0, 0)]  # students and the sum of their versions after each transaction

    def run(self, transactions: int = 25) -> Counts:
        """Work and cut."""
        connection = _connect("mab-work", self.synchronous)
        connection.execute(f"PRAGMA wal_autocheckpoint={self.chance.choice((2, 5, 20, 1000))}")
        self.work.told = self._maybe_cut
        head = GENESIS
        for n in range(1, transactions + 1):
            head = self._transaction(connection, n, head)
            self.acknowledged = n
        connection.close()
        self.work.told = lambda: None
        return self.counts

    def _transaction(self, connection: apsw.Connection, n: int, prev: str) -> str:
        students, versions = self.states[-1]
        insert = students < 2 or self.chance.random() < 0.6
        # What it will hold is known before it is written: the cut may come after the last write, before the answer.
        self.states.append((students + 1, versions + 1) if insert else (students, versions + 1))
        head = hashlib.sha256(f"{prev}{n}".encode()).hexdigest()
        connection.execute("BEGIN IMMEDIATE")
        if insert:
            connection.execute(_insert(), _student(students))
        else:
            given = ("к" * self.chance.randrange(1, 20), f"{self.chance.randrange(students):032d}")
            connection.execute("UPDATE student SET version=version+1, record_book=? WHERE id=?", given)
        typed = '{"surname": "' + "Ә" * self.chance.randrange(3000) + '"}'
        connection.execute("INSERT OR REPLACE INTO draft VALUES ('student', 'op1', ?, '')", (typed,))
        connection.execute(_AUDIT, (n, prev, head))
        connection.execute("COMMIT")
        return head

    def _maybe_cut(self) -> None:
        if self.share >= 1 or self.chance.random() < self.share:
            self.cut()

    def cut(self) -> None:
        """Cut the power now and look at what is left."""
        tree = self.work.disk.after_cut(self.chance)
        disk = Disk()
        for path, data in tree.items():
            assert data is not None
            disk.files[disk.create(ROOT, path)] = File(bytearray(data))
        self.rest.disk = disk
        self.counts.cuts += 1
        found, wrong = self._look()
        if wrong:
            self.counts.broken += 1
        elif found < self.acknowledged:
            self.counts.lost += 1
            wrong = f"{found} of {self.acknowledged}"
        if wrong and not self.counts.first:
            self.counts.first = f"seed {self.seed}, cut {self.counts.cuts}: {wrong}"

    def _look(self) -> tuple[int, str]:
        """How many transactions are there, and what is broken."""
        try:
            connection = _connect("mab-rest", self.synchronous)
            try:
                verdict = self._sound(connection)
                log = connection.execute("SELECT n, prev, hash FROM audit ORDER BY n").fetchall()
                held = connection.execute("SELECT count(*), coalesce(sum(version), 0) FROM student").fetchone()
            finally:
                connection.close()
        except apsw.Error as error:
            return 0, f"{type(error).__name__}: {error}"
        if verdict != "ok":
            return 0, verdict
        hashes = [GENESIS, *(row[2] for row in log)]
        if [(row[0], row[1]) for row in log] != list(enumerate(hashes[:-1], 1)):
            return 0, "the log is not one chain"
        if len(log) > self.acknowledged + 1 or held != self.states[len(log)]:
            return 0, f"half: {held} after {len(log)} transactions, {self.acknowledged} acknowledged"
        return len(log), ""


    def _sound(self, connection: apsw.Connection) -> str:
        """What SQLite says of the tables that were written, every sixteenth time of all."""
        tables = (None,) if self.counts.cuts % 16 == 1 else _WRITTEN
        checks = ("PRAGMA quick_check" + (f"({table})" if table else "") for table in tables)
        return next((found for check in checks if (found := str(connection.execute(check).get)) != "ok"), "ok")


@cache
def _file_systems() -> tuple[DiskFileSystem, DiskFileSystem]:
    """The disk at work and the one that is looked at after a cut."""
    return DiskFileSystem("mab-work"), DiskFileSystem("mab-rest")


_AUDIT = "INSERT INTO audit VALUES (?, ?, '2011', 'b', 'd', 'op1', 'operator', 'student-entered', 'x', 'done', '{}', ?)"


@cache
def _columns() -> tuple[tuple[str, bool], ...]:
    """The columns of a student that must be filled, and whether each holds a text."""
    connection = apsw.Connection(":memory:")
    connection.create_collation("KAZAKH", _collate)
    connection.execute(next(statement for statement in schema() if statement.startswith("CREATE TABLE student ")))
    rows = connection.execute("PRAGMA table_info(student)").fetchall()
    connection.close()
    return tuple((name, "CHAR" in kind or kind == "TEXT") for _, name, kind, needed, default, _ in rows
                 if needed and default is None)  # fmt: skip


def _insert() -> str:
    names = [name for name, _ in _columns()]
    return f"INSERT INTO student ({','.join(names)}) VALUES ({','.join('?' * len(names))})"  # noqa: S608


def _student(number: int) -> tuple[object, ...]:
    name = f"Әбілқайыров{number} Ұлпан"
    given = {"id": f"{number:032d}", "version": 1, "search": name.casefold(), "sort_name": sort_key(name)}
    return tuple(given.get(column, "" if is_text else 0) for column, is_text in _columns())
