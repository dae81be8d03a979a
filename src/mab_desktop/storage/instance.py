"""One program at a time on a database: a lock of the operating system beside it, gone when the program is gone.

The lock belongs to the process, so a program that was killed leaves nothing to clear away; worker processes do not
inherit it. Within one process a database may be opened more than once. The empty `.lock` file stays: a file that is
deleted and made anew could be held twice.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_

SUFFIX = ".lock"

_guard = threading.Lock()
_held: dict[Path, tuple[int, int]] = {}  # lock file -> descriptor, how often it is open here


def acquire(database: Path) -> None:
    """Take the lock of `database`, or count one more in this process; UserError where another program has it."""
    path = lock_file(database)
    with _guard:
        descriptor, count = _held.get(path, (-1, 0))
        if not count:
            descriptor = _lock(path, database.name)
        _held[path] = (descriptor, count + 1)


def release(database: Path) -> None:
    """Give one hold back; the last one lets another program in."""
    path = lock_file(database)
    with _guard:
        descriptor, count = _held.get(path, (-1, 0))
        if count > 1:
            _held[path] = (descriptor, count - 1)
        elif count:
            del _held[path]
            os.close(descriptor)


def is_open_here(database: Path) -> bool:
    """True where this process has the database open."""
    with _guard:
        return lock_file(database) in _held


@contextmanager
def held(database: Path) -> Iterator[None]:
    """The lock for as long as the block runs."""
    acquire(database)
    try:
        yield
    finally:
        release(database)


def lock_file(database: Path) -> Path:
    """The file that is locked: the same for every way of spelling the database's path."""
    return database.parent.resolve() / f"{database.stem}{SUFFIX}"


def _lock(path: Path, name: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError as error:
        raise UserError(N_("The folder of the database {name} is gone."), exit_code=EXIT_SYSTEM, name=name) from error
    except OSError as error:
        raise UserError(
            N_("The database cannot be written to. Nothing was changed. Check the rights of its folder."),
            exit_code=EXIT_SYSTEM,
        ) from error
    try:
        _lock_descriptor(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise UserError(
            N_("The database {name} is open in another window or by another program. Nothing was changed."),
            next_step=N_("Go on working there, or close it and open the database again."),
            exit_code=EXIT_SYSTEM,
            name=name,
        ) from error
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock_descriptor(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock_descriptor(descriptor: int) -> None:
        # Not flock(): a worker process that outlives the program would keep that one.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
