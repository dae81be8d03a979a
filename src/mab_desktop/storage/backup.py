"""Verified copies of a database, made while it is in use.

A copy is written beside its final name by SQLite's online backup, out of one snapshot: writers go on meanwhile. It is
opened again as it lies, checked page by page, compared with the head of the log and the counts of rows that were noted
in the snapshot, made durable, and only then renamed. Its note, a small file beside it, says the same in clear for lists
that nobody has unlocked yet; what counts is always the copy itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import NullPool, create_engine, event
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.storage import move
from mab_desktop.storage.folders import make_folder, sync_folder
from mab_desktop.storage.retention import HOURLY, LEAST, NORMAL, Kept, to_drop
from mab_desktop.storage.store import GENESIS, Store, damaged, entry_hash, plain_errors
from mab_desktop.storage.tables.core import AuditEntry

STAMP = "%Y%m%dT%H%M%S"
NOTE_LIMIT = 1 << 20
STEP = 500  # pages between two looks at Cancel: 2 MB
CHAIN = 2000  # log entries whose chain every copy is checked for; a full check walks the whole chain
LEAST_FREE, LEAST_COPIES = 2 << 30, 10  # a disk is short below this, or below room for so many copies


@dataclass(frozen=True, slots=True)
class Note:
    """What a copy holds, in clear and without anything personal: why it was made, its log's head, rows by table.

    `checked_at` is when it was last opened and checked whole after it was made.
    """

    reason: str
    made_at: str
    n: int
    head: str
    epoch: int
    counts: dict[str, int]
    size: int
    schema: str
    checked_at: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy on a disk; `at` is the local time in its name, `note` None where the note is lost."""

    path: Path
    at: datetime
    epoch: int
    n: int
    note: Note | None = None

    @property
    def kept(self) -> Kept:
        """As the rules of keeping see it."""
        return Kept((self.epoch, self.n), self.at, self.note is not None and self.note.reason in MARKS)


# Copies that let an act be taken back, or that follow one that cannot be: kept longer than the ten-minute ones.
MARKS = frozenset({"import", "migration", "restore", "newer", "act", "shift-closed"})


@dataclass(frozen=True, slots=True)
class Thinned:
    """What was deleted, and how far the disk's shortage made us go (`retention.NORMAL` .. `LEAST`)."""

    dropped: tuple[Path, ...]
    shortage: int


def back_up(
    store: Store, folder: Path, now: datetime, reason: str = "asked", *, epoch: int = 1, schema: str = "",
    progress: Progress = Silent(),
) -> Copy:  # fmt: skip
    """Write a verified copy of `store` into `folder`. A copy that does not check is never named as one.

    UserError where the disk does not take it; then no unfinished copy is left. Nothing that lies there is overwritten.
    """
    rough = folder / f"{store.path.stem}-{now.strftime(STAMP)}.part"
    try:
        with plain_errors(), in_words():
            make_folder(folder)
            rough.unlink(missing_ok=True)
            n, head, counts = _copy(store, rough, progress)
            _sync(rough)
            note = Note(reason, now.isoformat(timespec="seconds"), n, head, epoch, counts, rough.stat().st_size, schema)
            check(rough, store.key, note)
            target = _free_name(folder, store.path.stem, now, epoch, n)
            write_note(target, note)
            rough.rename(target)
            sync_folder(folder)
    finally:
        with suppress(OSError):
            rough.unlink(missing_ok=True)
    return Copy(target, now.replace(tzinfo=None, microsecond=0), epoch, n, note)


@contextmanager
def in_words() -> Iterator[None]:
    """Say errors of the disk in words."""
    try:
        yield
    except OSError as error:
        raise UserError(
            N_("The backup could not be written: {reason}. Nothing was changed."),
            next_step=N_("Check the disk and its free space, then do it again."),
            exit_code=EXIT_SYSTEM,
            reason=error.strerror or str(error),
        ) from error


def _free_name(folder: Path, stem: str, now: datetime, epoch: int, n: int) -> Path:
    """A name nobody bears: a clock that was set back may come by the same second again."""
    base, number = f"{stem}-{now.strftime(STAMP)}-e{epoch}-n{n}", 1
    target = folder / f"{base}.db"
    while target.exists():
        number += 1
        target = folder / f"{base}-{number}.db"
    return target


def _copy(store: Store, path: Path, progress: Progress) -> tuple[int, str, dict[str, int]]:
    """Copy one snapshot; the head of the log and the counts of rows in it."""
    if store.on_server:
        move.to_file(store, path, progress)
        return _described(path, store.key)
    target = _open(path, store.key)
    try:
        target.execute("PRAGMA journal_mode=OFF")
        target.execute("PRAGMA synchronous=OFF")  # it is synced as a whole before it gets its name
        with store.engine.connect() as source:
            raw = source.connection.driver_connection
            assert raw is not None
            raw.execute("BEGIN")
            try:
                # The first read fixes the snapshot: no later step sees what others write, none begins anew for it.
                n, head = _head(raw)
                counts = _counts(raw)
                progress.stage(N_("Copying the database"))
                raw.backup(target, pages=STEP, progress=lambda _status, _left, _total: progress.step(0))
            finally:
                raw.execute("ROLLBACK")
    finally:
        target.close()
    return n, head, counts


def _head(connection: Any) -> tuple[int, str]:
    found = connection.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    return (found[0], found[1]) if found else (0, GENESIS)


def _counts(connection: Any) -> dict[str, int]:
    query = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [row[0] for row in connection.execute(query)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def check(path: Path, key: bytes, note: Note | None = None, *, full: bool = False) -> Note | None:
    """Open a copy as it lies on the disk and check it; Damaged where anything does not agree.

    Every page's seal, SQLite's own check, references between rows, the end of the log's chain (all of it when `full`),
    and with a note: the head of the log and the rows of every table. Gives the note, made anew from the copy.
    """
    with plain_errors():
        copy = _open_still(path, key)
        try:
            found = [str(row[0]) for row in copy.execute("PRAGMA cipher_integrity_check")]
            found += [row[0] for row in copy.execute("PRAGMA quick_check(1)") if row[0] != "ok"]
            found += [row[0] for row in copy.execute("PRAGMA foreign_key_check")]
            if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone() is None:
                raise damaged(path)  # a file of no bytes is a sound database without tables
            (n, head), counts = _head(copy), _counts(copy)
            if found or not _chain_holds(copy, 0 if full else n - CHAIN):
                raise damaged(path)
        finally:
            copy.close()
    if note is None:
        return None
    if (n, head) != (note.n, note.head) or counts != note.counts:
        raise damaged(path)
    return note


def describe(path: Path, key: bytes) -> tuple[int, str, dict[str, int]]:
    """Head of the log and rows by table of a copy that was checked."""
    return _described(path, key)


def _described(path: Path, key: bytes) -> tuple[int, str, dict[str, int]]:
    copy = _open_still(path, key)
    try:
        return *_head(copy), _counts(copy)
    finally:
        copy.close()


def _chain_holds(copy: Any, after: int) -> bool:
    names = [column.key for column in AuditEntry.__table__.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    query = f"SELECT {columns} FROM audit WHERE n > ? ORDER BY n"  # noqa: S608
    before = copy.execute("SELECT hash FROM audit WHERE n = ?", (after,)).fetchone() if after > 0 else (GENESIS,)
    if before is None:
        return False
    n, prev = max(after, 0), before[0]
    for row in copy.execute(query, (after,)):
        values = dict(zip(names, row, strict=True))
        values["details"] = json.loads(values["details"])
        entry = AuditEntry(**values)
        n += 1
        if entry.n != n or entry.prev != prev or entry.hash != entry_hash(entry):
            return False
        prev = entry.hash
    return True


@contextmanager
def reading(path: Path, key: bytes) -> Iterator[Session]:
    """A session on a copy that changes nothing, not even by leaving files beside it."""
    engine = create_engine("sqlite://", creator=lambda: _open_still(path, key), module=sqlite, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with plain_errors(), Session(engine) as session:
        yield session
        session.rollback()
    engine.dispose()


def _open(path: Path, key: bytes) -> Any:
    return _keyed(sqlite.connect(str(path), isolation_level=None), key)


def _open_still(path: Path, key: bytes) -> Any:
    """A finished copy, opened so that SQLite neither locks nor writes anything."""
    # As bytes: the name of a folder on Linux may be no text in UTF-8.
    address = f"file:{quote(os.fsencode(path.resolve().as_posix()), safe='/:')}?mode=ro&immutable=1"
    return _keyed(sqlite.connect(address, uri=True, isolation_level=None, check_same_thread=False), key)


def _keyed(connection: Any, key: bytes) -> Any:
    connection.execute("PRAGMA cipher_log_level=NONE")
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    return connection


# -- notes and lists ---------------------------------------------------------------------------------------------------


def note_file(copy: Path) -> Path:
    """Where the note of a copy lies."""
    return copy.with_suffix(".json")


def write_note(copy: Path, note: Note) -> None:
    """Put the note beside a copy, whole or not at all."""
    write_file(note_file(copy), json.dumps(asdict(note), ensure_ascii=False, indent=1).encode())


def read_note(copy: Path) -> Note | None:
    """The note of a copy; None where it is lost or no note of ours."""
    try:
        with note_file(copy).open("rb") as file:
            found = Note(**json.loads(file.read(NOTE_LIMIT)))
    except (OSError, ValueError, TypeError):
        return None
    texts = (found.reason, found.made_at, found.head, found.schema, found.checked_at)
    whole = all(isinstance(text, str) for text in texts) and isinstance(found.counts, dict)
    return found if whole and all(type(number) is int for number in (found.n, found.epoch, found.size)) else None


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise UserError(
            N_("The folder with the backups cannot be read: {reason}. Nothing was changed."),
            next_step=N_("Check the disk, then do it again."), exit_code=EXIT_SYSTEM,
            reason=error.strerror or str(error),
        ) from error  # fmt: skip


def copies(folder: Path, stem: str) -> list[Copy]:
    """The copies of a database in `folder`, newest first by the log they hold. UserError where it cannot be read."""
    pattern = re.compile(rf"{re.escape(stem)}-(\d{{8}}T\d{{6}})(?:-e(\d{{1,9}})-n(\d{{1,12}})(?:-\d+)?)?\.db")
    found = []
    for path in _listed(folder):
        match = pattern.fullmatch(path.name)
        if match is None:
            continue
        with suppress(ValueError):
            at = datetime.strptime(match[1], STAMP)  # noqa: DTZ007
            found.append(Copy(path, at, int(match[2] or 1), int(match[3] or 0), read_note(path)))
    return sorted(found, key=lambda copy: (copy.epoch, copy.n, copy.at), reverse=True)


def thin_out(folder: Path, stem: str, now: datetime, free: Callable[[], int] | None = None) -> Thinned:
    """Delete the copies that are past keeping, and more of the last two days while the disk is short."""
    gone: list[Path] = []
    shortage = NORMAL
    for shortage in (NORMAL, HOURLY, LEAST):
        found = {copy.kept: copy for copy in copies(folder, stem)}
        for kept in to_drop(list(found), now.replace(tzinfo=None), shortage):
            try:
                delete(found[kept].path)
            except OSError:  # another program has it open; the new copy stands all the same, this one goes another time
                continue
            gone.append(found[kept].path)
        if not is_short(folder, [copy.path for copy in found.values()], free):
            break
    return Thinned(tuple(gone), shortage)


def is_short(folder: Path, found: Sequence[Path], free: Callable[[], int] | None = None) -> bool:
    """True where the disk has room for less than `LEAST_FREE` or than ten more copies."""
    left = free() if free else shutil.disk_usage(folder).free
    largest = max((path.stat().st_size for path in found if path.exists()), default=0)
    return left < max(LEAST_FREE, LEAST_COPIES * largest)


def delete(copy: Path) -> None:
    """A copy with its note; the copy first, so that no copy stands without one for long."""
    copy.unlink()
    note_file(copy).unlink(missing_ok=True)


def bring(source: Path, target: Path, progress: Progress = Silent()) -> None:
    """Copy a file to another place so that it is whole there or not there: read back from the medium and compared."""
    rough = target.with_name(f"{target.name}.part")
    try:
        digest = hashlib.sha256()
        with source.open("rb") as read, rough.open("wb") as out:
            while chunk := read.read(1 << 20):
                progress.step(0)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest_of(rough) != digest.hexdigest():
            raise OSError(0, "what was read back differs from what was written")
        rough.replace(target)
        sync_folder(target.parent)
    finally:
        with suppress(OSError):
            rough.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read from the medium and not from the computer's memory where the system lets us."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := source.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` with `data`, or leave it as it was."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
