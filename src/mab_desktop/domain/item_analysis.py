"""What a shift's answers tell of its items: how hard, how well they part strong from weak, where a key looks wrong.

Classical item analysis (Crocker & Algina, Introduction to Classical and Modern Test Theory, 1986, ch. 14): difficulty
is the share of right answers, discrimination the correlation of an item with the points of the rest of the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import mul
from statistics import median

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
class Tally:
    """What is counted of an item: how many marked each option, nothing, several; who had it right.

    Points are those of the whole sheet, in items: `right_points` the sum of who had it right, `points` and `squares` of
    all. `strong` tells what the best third, by the rest of the sheet, marked most often; asked only where it matters.
    """

    shares: tuple[tuple[str, int], ...]
    answers: int
    right: int
    right_points: int
    points: int
    squares: int
    strong: Callable[[], str]


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


def item_line(variant: str, subject: str, item: int, key: str, tally: Tally) -> ItemLine:
    """An item as the expert council sees it; what the item itself adds to the points is taken off them."""
    count, right, parted = tally.answers, tally.right, None
    if count >= LEAST_FOR_DISCRIMINATION:
        rest, squares = tally.points - right, tally.squares - 2 * tally.right_points + right
        parted = correlation(count, (right, rest), (right, squares), tally.right_points - right)
    remark = _remark(right / count, parted, key, tally.strong) if count >= LEAST_FOR_DOUBT else None
    return ItemLine(variant, subject, item, key, count, right, tally.shares, parted, remark)


def correlation(count: int, sums: tuple[int, int], squares: tuple[int, int], products: int) -> float | None:
    """Pearson's correlation of two rows of whole numbers, from their sums, those of squares, and that of products.

    Whole numbers lose nothing on the way. None where one side does not vary.
    """
    (a, b), (aa, bb) = sums, squares
    down = (count * aa - a * a) * (count * bb - b * b)
    return (count * products - a * b) / math.sqrt(down) if down > 0 else None


def _remark(share: float, parted: float | None, key: str, strong: Callable[[], str]) -> Remark | None:
    if parted is not None and parted < 0 and strong() not in (key, NOTHING, SEVERAL):
        return Remark.KEY
    if share < HARD:
        return Remark.HARD
    if share > EASY:
        return Remark.EASY
    return Remark.WEAK if parted is not None and parted < WEAK else None
