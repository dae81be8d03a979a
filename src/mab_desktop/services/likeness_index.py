"""How alike two sheets are, against what chance makes of two students as strong as these (answer copying).

The generalized binomial test (van der Linden & Sotaridona, Journal of Educational and Behavioral Statistics 31, 2006):
every item has its own chance that two students who know nothing of each other mark the same option; the number of
equal marks is then a sum of unequal coins, and its upper tail is reckoned exactly. What a student marks is modelled
from his own points, from how hard the item is in his variant, and from what others mark there who do not know it.

The model is not taken at its word. Pairs that cannot have copied, from different halls, go through the same reckoning:
how often these fall under a limit is the rate of false alarms, measured on the answers of this very shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mab_desktop.domain.reading import NOTHING, SEVERAL

Floats = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.intp]  # (pairs, 2): places of two sheets

_PRIOR = 5.0  # answers that an item is thought to have had before the first one: small variants stay near the mean
_AT_ONCE = 4096  # pairs reckoned together: some megabytes


@dataclass(frozen=True, slots=True)
class SheetAnswers:
    """One sheet: its variant, subject codes, and a text of answers and of keys for each subject."""

    variant: str
    subjects: tuple[str, ...]
    answers: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Pairs beside what chance would give: equal marks, those expected, those equal and wrong for both, and the
    probability of as many or more."""

    equal: npt.NDArray[np.int64]
    expected: Floats
    equal_wrong: npt.NDArray[np.int64]
    tail: Floats


class Model:
    """What every sheet of a shift would mark: `chances` is (sheets, items, options), `marks` the option or -1."""

    def __init__(self, sheets: Sequence[SheetAnswers], options: Sequence[str]) -> None:
        self.marks = np.array([_numbers("".join(s.answers), options) for s in sheets], dtype=np.int8)
        self.keys = np.array([_numbers("".join(s.keys), options) for s in sheets], dtype=np.int8)
        right = self.marks == self.keys
        share = (right.sum(axis=1) + 1.0) / (right.shape[1] + 2.0)
        overall = float(share.mean())
        ability = _logit(share) - _logit(overall)
        self.chances: Floats = np.zeros((*self.marks.shape, len(options)))
        for columns, rows in _blocks(sheets):
            self._fill(rows, columns, right, ability, overall)

    def _fill(
        self, rows: npt.NDArray[np.intp], columns: slice, right: npt.NDArray[np.bool_], ability: Floats, overall: float
    ) -> None:
        """The chances of all sheets that hold one variant of one subject in one sector."""
        marks, keys = self.marks[rows, columns], self.keys[rows[0], columns]
        options = self.chances.shape[2]
        easy = (right[rows, columns].sum(axis=0) + _PRIOR * overall) / (len(rows) + _PRIOR)
        known = 1.0 / (1.0 + np.exp(-(ability[rows, None] + _logit(easy)[None, :])))
        counts = np.stack([(marks == option).sum(axis=0) for option in range(options)], axis=1).astype(float)
        items = np.arange(marks.shape[1])
        counts[items, keys] = 0.0
        blank = (marks < 0).sum(axis=0)
        # A wrong mark falls on the others' wrong marks, on blanks, and a little on every option alike.
        prior = np.full((marks.shape[1], options), _PRIOR / options)
        prior[items, keys] = 0.0
        wrong = (counts + prior) / (counts.sum(axis=1) + blank + prior.sum(axis=1) + _PRIOR / options)[:, None]
        chances = (1.0 - known)[:, :, None] * wrong[None, :, :]
        chances[:, items, keys] = known
        self.chances[rows, columns] = chances

    def compare(self, pairs: Pairs) -> Likeness:
        """Each pair of sheets beside chance."""
        parts = [self._some(pairs[start : start + _AT_ONCE]) for start in range(0, len(pairs), _AT_ONCE)]
        if not parts:
            nothing = np.zeros(0, dtype=np.int64)
            return Likeness(nothing, np.zeros(0), nothing, np.zeros(0))
        equal, expected, wrong, tail = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Likeness(equal, expected, wrong, tail)

    def _some(self, pairs: Pairs) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.int64], Floats]:
        first, second = pairs[:, 0], pairs[:, 1]
        same = (self.marks[first] == self.marks[second]) & (self.marks[first] >= 0)
        wrong = same & (self.marks[first] != self.keys[first]) & (self.marks[second] != self.keys[second])
        chance = np.einsum("pio,pio->pi", self.chances[first], self.chances[second])
        equal = same.sum(axis=1).astype(np.int64)
        return equal, chance.sum(axis=1), wrong.sum(axis=1).astype(np.int64), upper_tail(chance, equal)


def upper_tail(chances: Floats, at_least: npt.NDArray[np.int64]) -> Floats:
    """The probability of `at_least` or more hits among unequal coins; `chances` is (rows, coins), exact."""
    rows, coins = chances.shape
    found = np.zeros((coins + 1, rows))  # found[n] = the probability of n hits so far
    found[0] = 1.0
    for coin in range(coins):
        hit = chances[:, coin]
        found[1 : coin + 2] = found[1 : coin + 2] * (1.0 - hit) + found[: coin + 1] * hit
        found[0] *= 1.0 - hit
    at = np.arange(coins + 1)[:, None] >= at_least[None, :]
    # The smallest first, so that tails of 10^-20 keep their digits.
    tail: Floats = np.where(at, found, 0.0)[::-1].sum(axis=0)
    return np.minimum(tail, 1.0)


def pairs_apart(halls: Sequence[str], count: int, seed: bytes) -> Pairs:
    """At most `count` pairs of sheets of different halls, the same for the same seed; none where there is one hall."""
    names, place = np.unique(np.array(halls), return_inverse=True)
    if len(names) < 2:
        return np.zeros((0, 2), dtype=np.intp)
    chance = np.random.default_rng(list(seed))
    drawn = chance.integers(0, len(halls), size=(3 * count, 2))
    drawn = drawn[place[drawn[:, 0]] != place[drawn[:, 1]]]
    pairs: Pairs = np.unique(np.sort(drawn, axis=1), axis=0)
    drawn_out: Pairs = pairs[chance.permutation(len(pairs))[:count]]
    return drawn_out


def _numbers(answers: str, options: Sequence[str]) -> list[int]:
    known = {option: number for number, option in enumerate(options)} | {NOTHING: -1, SEVERAL: -1}
    return [known[answer] for answer in answers]


def _logit(share: npt.ArrayLike) -> Floats:
    value = np.asarray(share, dtype=float)
    found: Floats = np.log(value / (1.0 - value))
    return found


def _blocks(sheets: Sequence[SheetAnswers]) -> list[tuple[slice, npt.NDArray[np.intp]]]:
    """The columns of a sector and the sheets that hold the same variant of the same subject there."""
    found: dict[tuple[int, int, str, str], list[int]] = {}
    for place, sheet in enumerate(sheets):
        start = 0
        for subject, answers in zip(sheet.subjects, sheet.answers, strict=True):
            found.setdefault((start, len(answers), sheet.variant, subject), []).append(place)
            start += len(answers)
    return [
        (slice(start, start + length), np.array(rows, dtype=np.intp)) for (start, length, _, _), rows in found.items()
    ]
