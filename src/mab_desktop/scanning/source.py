"""Where page images come from: a scanner, a watched folder, a folder of files. One protocol for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mab_desktop.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One image file as it came out: its place in the stack, counted from 1, and where the file lies."""

    position: int
    path: Path


class Source(Protocol):
    """Something that feeds pages in the order of the stack."""

    @property
    def label(self) -> str:
        """How a person knows it: the device's name or the folder."""

    def count(self) -> int | None:
        """How many pages are waiting; None where nobody can know before feeding."""

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Feed the stack; UserError on a jam or a cut connection, Cancelled when the person stops it."""
