"""Verified copies of a database, made while it is in use.

A copy is written beside its final name by SQLite's online backup, opened again and checked, made durable, and only then
renamed. Kept: everything of the last two days, then 12 daily, 10 weekly and 9 monthly copies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_
from mab_desktop.storage.store import Store, damaged, plain_errors

KEEP_ALL, DAILY, WEEKLY, MONTHLY = timedelta(days=2), 12, 10, 9
STAMP = "%Y%m%dT%H%M%S"


def back_up(store: Store, folder: Path, now: datetime) -> Path:
    """Write a verified copy of `store` into `folder`; its path. A copy that does not check is never named as one.

    UserError where the disk does not take it; then no unfinished copy is left.
    """
    target = folder / f"{store.path.stem}-{now.strftime(STAMP)}.db"
    rough = target.with_suffix(".part")
    try:
        with plain_errors():
            folder.mkdir(parents=True, exist_ok=True)
            rough.unlink(missing_ok=True)
            _copy(store, rough)
            _check(rough, store.key)
            _sync(rough)
            rough.replace(target)
            _sync_folder(folder)
    except OSError as error:
        raise UserError(
            N_("The backup could not be written: {reason}. Nothing was changed."),
            next_step=N_("Check the disk and its free space, then do it again."),
            exit_code=EXIT_SYSTEM,
            reason=error.strerror or str(error),
        ) from error
    finally:
        with suppress(OSError):
            rough.unlink(missing_ok=True)
    return target


def _copy(store: Store, path: Path) -> None:
    target = _open(path, store.key)
    try:
        with store.engine.connect() as source:
            raw = source.connection.driver_connection
            raw.backup(target)  # type: ignore[union-attr]
    finally:
        target.close()


def _check(path: Path, key: bytes) -> None:
    copy = _open(path, key)
    try:
        if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise damaged(path)
    finally:
        copy.close()


def _open(path: Path, key: bytes) -> sqlite.Connection:
    connection = sqlite.connect(str(path))
    connection.execute("PRAGMA cipher_log_level=NONE")
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    return connection


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle to sync a folder by
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copies(folder: Path, stem: str) -> list[tuple[datetime, Path]]:
    """The copies of a database in `folder`, newest first."""
    found = []
    for path in folder.glob(f"{stem}-*.db"):
        try:
            found.append((datetime.strptime(path.stem.removeprefix(f"{stem}-"), STAMP), path))  # noqa: DTZ007
        except ValueError:
            continue
    return sorted(found, reverse=True)


def to_drop(times: Iterable[datetime], now: datetime) -> list[datetime]:
    """Which of the copies made at `times` are past keeping."""
    now = now.replace(tzinfo=None)
    old = sorted((t for t in times if now - t > KEEP_ALL), reverse=True)
    kept: set[datetime] = set()
    for name, count in (("%Y%j", DAILY), ("%G%V", WEEKLY), ("%Y%m", MONTHLY)):
        newest: dict[str, datetime] = {}
        for t in old:
            newest.setdefault(t.strftime(name), t)
        kept.update(sorted(newest.values(), reverse=True)[:count])
    return [t for t in old if t not in kept]


def thin_out(folder: Path, stem: str, now: datetime) -> list[Path]:
    """Delete the copies that are past keeping; their paths."""
    found = dict(copies(folder, stem))
    dropped = [found[t] for t in to_drop(found, now)]
    for path in dropped:
        path.unlink()
    return dropped
