"""A file for people (a paper, a table), written whole or not at all: what stood there stays until the new one is."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from mab_desktop.i18n import N_

FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


def write_whole(file: Path, parts: Iterable[bytes], ready: Callable[[], None] = lambda: None) -> None:
    """Write `parts` beside `file`, bring them to the disk and put them in its place; OSError where the disk refuses.

    `ready` is called when all is written and before the file takes its place; what it raises keeps the file away. What
    is no file (a pipe, /dev/stdout) gets the bytes themselves.
    """
    file = file.resolve()
    if file.exists() and not file.is_file():
        ready()
        with file.open("wb") as out:
            out.writelines(parts)
        return
    fresh = file.with_name(f".mab-{os.getpid()}.part")  # short: a long name of the file's own may have no room for more
    try:
        with fresh.open("wb") as out:
            out.writelines(parts)
            out.flush()
            os.fsync(out.fileno())
        ready()
        fresh.replace(file)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def refusal_words(error: OSError) -> str:
    """Why a file was not written, as a message id: a disk that is full needs another remedy than one that refuses."""
    if error.errno in FULL:
        return N_("There is no room left on the disk for this file. Nothing here has changed.")
    return N_("The file could not be written. Nothing here has changed.")
