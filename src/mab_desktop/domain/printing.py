"""What is sent to a printer and what is left of it after a stop: pages, copies, sides, the order pages come out in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mab_desktop.i18n import N_


class Sides(StrEnum):
    """How paper is printed, in the words of IPP (RFC 8011)."""

    ONE = "one-sided"
    LONG = "two-sided-long-edge"
    SHORT = "two-sided-short-edge"


SIDES_LABELS = {
    Sides.ONE: N_("One side"),
    Sides.LONG: N_("Both sides, turned over the long edge"),
    Sides.SHORT: N_("Both sides, turned over the short edge"),
}


class LargePaper(Protocol):
    """A PDF that is not held in memory as a whole; readable as a file too."""

    def __len__(self) -> int:
        """Its bytes."""

    def parts(self) -> Iterator[bytes]:
        """All of it, a part at a time."""

    def read(self, size: int = -1, /) -> bytes | None:
        """As of a file."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """As of a file."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As of a file."""

    def tell(self) -> int:
        """As of a file."""


class Outcome(StrEnum):
    """How a printing ended. PRINTING: it is at the printer, or nobody has said yet that it came out."""

    PRINTING = "printing"
    PRINTED = "printed"
    SAVED = "saved"
    STOPPED = "stopped"  # broke off; the rest can still be printed under the same number
    CONTINUED = "continued"  # broke off or was partly spoilt; another line of the log printed the rest
    CANCELLED = "cancelled"  # given up
    FAILED = "failed"  # nothing reached the printer


OUTCOME_LABELS = {
    Outcome.PRINTING: N_("At the printer"),
    Outcome.PRINTED: N_("Printed to the end"),
    Outcome.SAVED: N_("Saved as PDF"),
    Outcome.STOPPED: N_("Broke off"),
    Outcome.CONTINUED: N_("Broke off, gone on with"),
    Outcome.CANCELLED: N_("Given up"),
    Outcome.FAILED: N_("Not printed"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Pages (from 1) that go to the printer as one job, so many times."""

    pages: tuple[int, ...]
    copies: int


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """What a person asked for: pages from 1 in order, copies, sides.

    The sides of paper that come out, one after the other, are counted from 0: `total` of them, copy after copy when
    they are collated, else each page in all copies before the next. A stop is a place in that row.
    """

    printer: str
    pages: tuple[int, ...]
    copies: int = 1
    sides: Sides = Sides.ONE
    collate: bool = True

    @property
    def by_copy(self) -> bool:
        """True when a copy comes out whole before the next; two-sided sheets always do."""
        return self.collate or self.copies == 1 or self.sides is not Sides.ONE

    @property
    def total(self) -> int:
        """How many printed sides come out in all."""
        return len(self.pages) * self.copies

    def place(self, good: int) -> tuple[int, int]:
        """Copy (from 1) and page of the last of `good` printed sides; (1, 0) before the first."""
        if good <= 0:
            return 1, 0
        if self.by_copy:
            copy, index = divmod(good - 1, len(self.pages))
        else:
            index, copy = divmod(good - 1, self.copies)
        return copy + 1, self.pages[index]

    def good(self, copy: int, page: int) -> int:
        """How many sides are good when `page` of `copy` was the last good one; page 0: none of that copy."""
        index = sum(1 for asked in self.pages if asked <= page)
        if self.by_copy:
            return (copy - 1) * len(self.pages) + index
        return (index - 1) * self.copies + copy if index else 0

    def rest(self, good: int) -> tuple[Part, ...]:
        """What is left after `good` sides; a sheet whose back is missing is printed again from its front."""
        if not self.by_copy:
            return self._rest_by_page(good)
        copy, index = divmod(good, len(self.pages))
        if self.sides is not Sides.ONE:
            index -= index % 2
        begun = [Part(self.pages[index:], 1)] if index and copy < self.copies else []
        whole = self.copies - copy - len(begun)
        return (*begun, Part(self.pages, whole)) if whole > 0 else tuple(begun)

    def _rest_by_page(self, good: int) -> tuple[Part, ...]:
        index, copy = divmod(good, self.copies)
        begun = [Part(self.pages[index : index + 1], self.copies - copy)] if copy else []
        left = self.pages[index + len(begun) :]
        return (*begun, Part(left, self.copies)) if left else tuple(begun)


def page_numbers(words: str, count: int) -> tuple[int, ...] | None:
    """Pages from 1 for "1-3, 5" or "5-", each once and in order; all for ""; None when they name no page of `count`."""
    if not words.strip():
        return tuple(range(1, count + 1))
    found: set[int] = set()
    for part in re.sub("[‐‑–—−]", "-", words).replace(";", ",").split(","):
        match = re.fullmatch(r"\s*(\d{1,6})?\s*(?:(-)\s*(\d{1,6})?\s*)?", part)
        if not match or not (match[1] or match[3]):
            return None
        first = int(match[1] or 1)
        last = int(match[3] or (count if match[2] else first))
        if not 1 <= first <= last <= count:
            return None
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def page_ranges(pages: Sequence[int]) -> list[tuple[int, int]]:
    """Rising page numbers as ranges: 1, 2, 3, 5 is (1, 3), (5, 5)."""
    ranges: list[tuple[int, int]] = []
    for page in pages:
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], page)
        else:
            ranges.append((page, page))
    return ranges


def page_words(pages: Sequence[int]) -> str:
    """Page numbers as a person writes them: "1-3, 5"."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in page_ranges(pages))
