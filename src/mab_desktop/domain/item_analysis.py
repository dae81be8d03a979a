"""What a shift's answers tell of its items: how hard, how well they part strong from weak, where a key looks wrong.

Classical item analysis (Crocker & Algina, Introduction to Classical and Modern Test Theory, 1986, ch. 14): difficulty
is the share of right answers, discrimination the correlation of an item with the points of the rest of the sheet.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import mean, median, pstdev

from mab_desktop.domain.reading import NOTHING, SEVERAL
from mab_desktop.i18n import N_

# With fewer answers a correlation says nothing; with fewer strong students neither does their choice.
LEAST_FOR_DISCRIMINATION, LEAST_FOR_DOUBT = 10, 20
EASY, HARD, WEAK = 0.95, 0.2, 0.1


class Remark(StrEnum):
    """Why the expert council should look at an item; the first that holds."""

    KEY = "key"
    WEAK = "weak"
    HARD = "hard"
    EASY = "easy"


REMARKS = {
    Remark.KEY: N_("The key may be wrong: the strong choose another option"),
    Remark.WEAK: N_("Does not part the strong from the weak"),
    Remark.HARD: N_("Hardly anybody has it right"),
    Remark.EASY: N_("Nearly everybody has it right"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One sheet's answers to a subject: a character an item, its key, and the points of the whole sheet in items."""

    answers: str
    key: str
    points: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of a variant and subject.

    `shares` holds how many chose each option, then how many nothing and several. `discrimination` is from -1 to 1, None
    where there are too few answers, or all alike.
    """

    variant: str
    subject: str
    item: int
    key: str
    answers: int
    right: int
    shares: tuple[tuple[str, int], ...]
    discrimination: float | None
    remark: Remark | None

    @property
    def difficulty(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.right / self.answers if self.answers else 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Points of a group: how many, mean, standard deviation, least, median, greatest, how many below the threshold."""

    count: int
    mean: float
    deviation: float
    least: int
    median: float
    greatest: int
    below: int


def spread(points: Sequence[int], threshold: int | None = None) -> Spread:
    """The numbers of a group; ValueError for an empty one."""
    below = sum(p < threshold for p in points) if threshold is not None else 0
    return Spread(len(points), mean(points), pstdev(points), min(points), median(points), max(points), below)


def histogram(points: Iterable[int], highest: int, bins: int = 20) -> tuple[int, ...]:
    """How many points fall into each of `bins` equal steps from 0 to `highest`, the last one closed."""
    found = [0] * bins
    for value in points:
        found[min(bins - 1, value * bins // max(highest, 1))] += 1
    return tuple(found)


def item_lines(variant: str, subject: str, sheets: Sequence[Answered], options: Sequence[str]) -> list[ItemLine]:
    """Every item of a variant and subject, from all sheets that hold it; ValueError for sheets of unequal length."""
    if not sheets:
        return []
    return [
        _item_line(variant, subject, number, column, sheets, options)
        for number, column in enumerate(zip(*(sheet.answers for sheet in sheets), strict=True), 1)
    ]


def _item_line(
    variant: str, subject: str, number: int, column: Sequence[str], sheets: Sequence[Answered], options: Sequence[str]
) -> ItemLine:
    key = sheets[0].key[number - 1]
    hits = [int(given == key) for given in column]
    rest = [sheet.points - hit for sheet, hit in zip(sheets, hits, strict=True)]
    chosen = Counter(column)
    shares = tuple((option, chosen[option]) for option in (*options, NOTHING, SEVERAL))
    parted = correlation(hits, rest) if len(hits) >= LEAST_FOR_DISCRIMINATION else None
    remark = _remark(sum(hits) / len(hits), parted, column, rest, key) if len(hits) >= LEAST_FOR_DOUBT else None
    return ItemLine(variant, subject, number, key, len(column), sum(hits), shares, parted, remark)


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's correlation; None where one side does not vary."""
    a, b = mean(first), mean(second)
    up = math.fsum((x - a) * (y - b) for x, y in zip(first, second, strict=True))
    down = math.sqrt(math.fsum((x - a) ** 2 for x in first) * math.fsum((y - b) ** 2 for y in second))
    return up / down if down > 0 else None


def _remark(share: float, parted: float | None, column: Sequence[str], rest: Sequence[int], key: str) -> Remark | None:
    if parted is not None and parted < 0 and _strong_choose(column, rest) not in (key, NOTHING, SEVERAL):
        return Remark.KEY
    if share < HARD:
        return Remark.HARD
    if share > EASY:
        return Remark.EASY
    return Remark.WEAK if parted is not None and parted < WEAK else None


def _strong_choose(column: Sequence[str], rest: Sequence[int]) -> str:
    """What the best third chose most often."""
    best = sorted(range(len(column)), key=lambda place: (-rest[place], place))[: math.ceil(len(column) / 3)]
    return Counter(column[place] for place in best).most_common(1)[0][0]
