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
from itertools import compress
from operator import mul
from statistics import median
from typing import NamedTuple

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


class Answered(NamedTuple):
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
    count, total = len(points), sum(points)
    if not count:
        raise ValueError("an empty group has no numbers")
    deviation = math.sqrt(count * sum(map(mul, points, points)) - total * total) / count
    return Spread(count, total / count, deviation, min(points), median(points), max(points), below)


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
    points = [sheet.points for sheet in sheets]
    sums = (sum(points), sum(map(mul, points, points)))
    columns = zip(*(sheet.answers for sheet in sheets), strict=True)
    return [
        _item_line(variant, subject, number, sheets[0].key[number - 1], column, points, sums, options)
        for number, column in enumerate(columns, 1)
    ]


def _item_line(
    variant: str, subject: str, number: int, key: str, column: Sequence[str], points: Sequence[int],
    sums: tuple[int, int], options: Sequence[str],
) -> ItemLine:  # fmt: skip
    """`sums`: of the points and of their squares; what an item adds to them is taken off again."""
    chosen, count = Counter(column), len(column)
    right = chosen[key]
    of_right = sum(compress(points, map(key.__eq__, column)))
    shares = tuple((option, chosen[option]) for option in (*options, NOTHING, SEVERAL))
    parted = None
    if count >= LEAST_FOR_DISCRIMINATION:
        rest, squares = sums[0] - right, sums[1] - 2 * of_right + right
        parted = correlation(count, (right, rest), (right, squares), of_right - right)
    remark = _remark(right / count, parted, column, points, key) if count >= LEAST_FOR_DOUBT else None
    return ItemLine(variant, subject, number, key, count, right, shares, parted, remark)


def correlation(count: int, sums: tuple[int, int], squares: tuple[int, int], products: int) -> float | None:
    """Pearson's correlation of two rows of whole numbers, from their sums, those of squares, and that of products.

    Whole numbers lose nothing on the way. None where one side does not vary.
    """
    (a, b), (aa, bb) = sums, squares
    down = (count * aa - a * a) * (count * bb - b * b)
    return (count * products - a * b) / math.sqrt(down) if down > 0 else None


def _remark(
    share: float, parted: float | None, column: Sequence[str], points: Sequence[int], key: str
) -> Remark | None:
    if parted is not None and parted < 0 and _strong_choose(column, points, key) not in (key, NOTHING, SEVERAL):
        return Remark.KEY
    if share < HARD:
        return Remark.HARD
    if share > EASY:
        return Remark.EASY
    return Remark.WEAK if parted is not None and parted < WEAK else None


def _strong_choose(column: Sequence[str], points: Sequence[int], key: str) -> str:
    """What the best third, by the rest of the sheet, chose most often."""
    rest = [count - (given == key) for count, given in zip(points, column, strict=True)]
    best = sorted(range(len(column)), key=lambda place: (-rest[place], place))[: math.ceil(len(column) / 3)]
    return Counter(column[place] for place in best).most_common(1)[0][0]
