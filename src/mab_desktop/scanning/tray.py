"""The folder that a scanner's pages fall into: numbered files that appear whole or not at all."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_
from mab_desktop.scanning.source import ScannedPage

PART = ".part"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Tray:
    """A folder of `0001.jpg`, `0002.jpg` …; what lies there already is kept, and the count goes on behind it."""

    folder: Path

    def next_position(self) -> int:
        """The number of the next page."""
        names = [path.stem for path in self.folder.iterdir() if path.suffix != PART]
        numbers = [int(name) for name in names if name.isdecimal()]
        return max(numbers, default=0) + 1

    def part(self, position: int) -> Path:
        """Where a page is written while it arrives."""
        return self.folder / f"{position:04d}{PART}"

    def take(self, position: int, suffix: str) -> ScannedPage:
        """The page that has arrived, under its lasting name."""
        path = self.folder / f"{position:04d}{suffix}"
        self.part(position).replace(path)
        return ScannedPage(position, path)

    def write(self, file: BinaryIO, data: bytes) -> None:
        """Write a piece of a page; a full disk is told in words."""
        try:
            file.write(data)
            file.flush()
        except OSError as error:
            if error.errno in _FULL:
                raise disk_full() from None
            raise

    def clear(self) -> None:
        """Take away what was cut off on its way."""
        for path in self.folder.glob(f"*{PART}"):
            path.unlink(missing_ok=True)


def disk_full() -> UserError:
    """There is no room for a page; those before it are whole."""
    return UserError(
        N_("The disk is full: a page could not be saved. Those before it are whole."),
        next_step=N_("Free some space, lay the last sheet back on top and go on."), exit_code=EXIT_SYSTEM,
    )  # fmt: skip
