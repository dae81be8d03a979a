"""Ink without print, and a sheet's own measures: what is paper here, and how this person marks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.rules import Rules
from mab_desktop.omr.sample import PARTS, Scores

# How much darker than the others one kind of bubble may be by its print: darkness, light, dark and outer share, and the
# darkness of the rim.
ALLOWED = (0.06, 0.18, 0.10, 0.20, 0.20)
# How much darker than all others one may be where the form's print is even: on 2,700 ordinary, careless and hard scans
# of tuning seeds it was 0.015 at most.
AHEAD = 0.02
PALE = 0.2  # darkness of the weaker marks of a pen that is pale
LEAST_NOISE = 0.012  # darkness: no paper is cleaner than two steps of the scores

# Least darkness and black area, and most ink outside, of a bubble that a printer filled: shift and hall.
TONER, TONER_BLACK, TONER_OUTSIDE = 0.85, 0.96, 0.1
# Of two inks: so many marks may be a printer's, so many tell; the paler and the darker ones, so many and such a part of
# all; how black the darker ink is for its darkness; up to what part of the least dark of these the darkest pale ones
# are, tenths aside; part of their darkness where inked that the paler ones have, where these are known by their
# blackness and by their darkness, then also by that part of the blackness; the same up to which any mark is one; the
# inked share that is counted at least.
PRINTED_MOST, INKS_MARKS, PALER_MARKS, PALER_SHARE, DARKER_MARKS, DARKER_SHARE = 6, 20, 10, 0.1, 5, 0.05
DARKER_BLACK, NOTHING_BETWEEN, PALER, FAR_PALER, LESS_BLACK, DEEP, LEAST_INKED = 0.55, 0.85, 0.7, 0.62, 0.8, 0.7, 0.25

UPWARD, LEVEL, SLOPE, THROUGH, VEIL = 1, 2, 3, 5, 6  # columns of the form
# Places of the scores: darkness, light, dark, outer and rim share; the ring; what has a sign, and what has none.
SHARES, RING, DIRECTED, UNDIRECTED = [0, 1, 2, 3, 11], 4, slice(5, 9), [9, 10, 12]

Ranked = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Ink:
    """Scores without what is printed, each (n,): darkness, light, dark and outer share, darkness of the rim.

    `ring` is its visibility. `form` (n, 7): where the ink lies inside, how it stretches, whether it goes on outside on
    two sides (`THROUGH`), or as pale as inside (`VEIL`).
    """

    mean: NDArray[np.float32]
    light: NDArray[np.float32]
    dark: NDArray[np.float32]
    near: NDArray[np.float32]
    side: NDArray[np.float32]
    ring: NDArray[np.float32]
    form: NDArray[np.float32]

    @cached_property
    def usual_ring(self) -> float:
        """How well rings show in the middle."""
        return middle(self.ring)


@dataclass(frozen=True, slots=True)
class Cuts:
    """This sheet's own measures: darkness up to `low` may be paper, below `plain` surely is, from `high` a mark, from
    `sure` with any pen.

    `pen`, `area` and `blackness`: darkness, inked and well inked share of this person's usual mark; `grain`: what the
    grain of the paper and the scanner leaves at most in an empty bubble.
    """

    low: float
    high: float
    sure: float
    plain: float
    pen: float
    area: float
    blackness: float
    grain: float = 0.0


def without_print(scores: Scores, geometry: Geometry) -> Ink:
    """Take the printed letter off each bubble, as the same letter looks in this sheet's emptier bubbles."""
    parts = np.concatenate(scores.parts()).reshape(PARTS, -1).astype(np.float32)
    shares = parts[SHARES]
    shares[0] *= 255 / 200
    shares /= np.float32(255)
    taken = shares - _print_of(shares, geometry)
    form = np.empty((VEIL + 1, parts.shape[1]), dtype=np.float32)
    form[:4] = (parts[DIRECTED] - 128) / 127
    form[4:] = parts[UNDIRECTED] / np.float32(255)
    return Ink(taken[0], taken[1], taken[2], taken[3], taken[4], (parts[RING] - 128) / 40, form.T)


def _print_of(shares: NDArray[np.float32], geometry: Geometry) -> NDArray[np.float32]:
    """(5, n) expected values of empty bubbles.

    Each kind (letter) speaks for itself by its lower third; a kind marked on most of the sheet follows the
    others, so that a column marked all the way down does not become the paper, however pale its marks.
    """
    kinds, sizes = geometry.kind, geometry.kind_sizes
    place = int(0.35 * shares.shape[1])
    # Sorting takes a fifth of the time of numpy's partition.
    typical, allowed = np.sort(shares, axis=1)[:, place : place + 1], np.array(ALLOWED, np.float32)[:, None]
    if not len(sizes):
        return np.broadcast_to(np.minimum(typical, allowed), shares.shape)
    own = np.empty((len(shares), len(sizes)), dtype=np.float32)
    for kinds_alike, members in geometry.kind_tables:
        place = int(0.3 * (members.shape[1] - 1))
        own[:, kinds_alike] = np.sort(np.take(shares, members, axis=1), axis=2)[:, :, place]
    place = len(sizes) // 2
    common = np.minimum(np.sort(own, axis=1)[:, place : place + 1], typical + allowed)
    own = np.where(own > common + allowed, common, own)
    if geometry.even_print and len(sizes) > 1:
        own = np.where(own[0] > np.sort(own[0])[-2] + AHEAD, common, own)
    return np.where(kinds >= 0, np.take(own, kinds, axis=1), np.minimum(typical, own.min(axis=1, keepdims=True)))


def all_but(count: int, bubbles: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(count,) all the others."""
    others = np.ones(count, dtype=bool)
    others[bubbles] = False
    return others


def middle(values: NDArray[np.floating[Any]]) -> float:
    """The upper median: a quarter of the time of the exact one."""
    return float(np.sort(values)[len(values) // 2])


def level(values: NDArray[np.floating[Any]], share: float) -> float:
    """As numpy's quantile, without its long way there."""
    return float(between(np.sort(values), share))


def between(ordered: NDArray[np.floating[Any]], share: float) -> NDArray[np.floating[Any]]:
    """The quantiles of columns in order, along the first axis."""
    at = share * (len(ordered) - 1)
    below = ordered[int(at)]
    return np.asarray(below + (at - int(at)) * (ordered[min(int(at) + 1, len(ordered) - 1)] - below))


@dataclass(frozen=True, slots=True)
class Empties:
    """The bubbles of this sheet that are empty by all likelihood: the middle of their darkness, and its spread."""

    middle: float
    spread: float

    @staticmethod
    def of(ink: Ink, first: NDArray[np.intp]) -> Empties:
        rest = all_but(len(ink.mean), first)
        empties = ink.mean[rest] if rest.any() else ink.mean
        usual = middle(empties)
        return Empties(usual, max(1.4826 * middle(np.abs(empties - usual)), 0.004))

    def low(self, floor: float, noise: float) -> float:
        """Darkness up to which a bubble is empty, `noise` deviations above the middle."""
        return float(min(max(floor, self.middle + noise * self.spread), 0.16))


def usual_pen(ink: Ink, first: NDArray[np.intp], low: float) -> tuple[float, float, float, int]:
    """How dark this person's marks usually are, how much of a bubble they ink, how much of it well; how many there are.

    A middling pen when there are too few to tell.
    """
    marks = first[ink.mean[first] > low]
    if len(marks) < 6:
        return 0.6, 0.8, 0.6, len(marks)
    # The stronger half speaks: smudges and specks are among the weaker.
    dark = ink.mean[marks]
    usual = marks[dark >= middle(dark) * 0.5]
    pen, area, blackness = (middle(part[usual]) for part in (ink.mean, ink.light, ink.dark))
    return pen, area, blackness, len(marks)


def paler_ink(ink: Ink, first: NDArray[np.intp], low: float, rules: Rules) -> NDArray[np.bool_]:
    """(n,) marks that another ink left, paler where it is inked than that of this person's marks; none on most sheets.

    What a former person's erased answers left, or another sheet's that shows through, may outnumber the marks. Smaller
    or lighter marks of one pen are as black where they are inked, and a few faint ones are every person's.
    """
    none = np.zeros(len(ink.mean), dtype=bool)
    marks = first[ink.mean[first] > low]
    printed = printed_full(ink, marks)
    if np.count_nonzero(printed) <= PRINTED_MOST:
        marks = marks[~printed]
    if not rules.two_inks or len(marks) < INKS_MARKS:
        return none
    black, deep = ink.dark / np.maximum(ink.mean, low), ink.mean / np.maximum(ink.light, LEAST_INKED)
    for shade, paler, less_black in ((black, PALER, 1.0), (ink.mean, FAR_PALER, LESS_BLACK)):
        pale, dark = _parted(marks, shade)
        if len(pale) < max(PALER_MARKS, PALER_SHARE * len(marks)):
            continue
        if len(dark) < max(DARKER_MARKS, DARKER_SHARE * len(marks)) or middle(black[dark]) < DARKER_BLACK:
            continue
        ends = level(shade[pale], 0.9), level(shade[dark], 0.1)
        two = middle(shade[pale]) < rules.two_inks * middle(shade[dark]) and ends[0] < NOTHING_BETWEEN * ends[1]
        two = two and middle(black[pale]) < less_black * middle(black[dark])
        if two and middle(deep[pale]) < paler * middle(deep[dark]):
            less = (shade < (ends[0] + ends[1]) / 2) | (deep < DEEP * middle(deep[dark]))
            return np.asarray((ink.mean > low) & less)
    return none


def _parted(marks: NDArray[np.intp], shade: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The `marks` in two parts by their `shade`, where the means of both are farthest apart, by how many there are
    (Otsu 1979)."""
    ordered = marks[np.argsort(shade[marks], kind="stable")]
    shades = shade[ordered].astype(np.float64)
    count, sums, split = len(ordered), np.cumsum(shades), np.arange(1, len(ordered))
    between = split * (count - split) * np.square(sums[:-1] / split - (sums[-1] - sums[:-1]) / (count - split))
    at = int(np.argmax(between)) + 1
    return ordered[:at], ordered[at:]


def printed_full(ink: Ink, bubbles: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each is as dark, as black and as clean outside as only a printer fills a bubble: shift and hall."""
    return np.asarray((ink.mean[bubbles] > TONER) & (ink.dark[bubbles] > TONER_BLACK) &
                      (ink.near[bubbles] < TONER_OUTSIDE))  # fmt: skip


def apart(ink: Ink, ranked: Ranked, pen: float, low: float, rules: Rules) -> tuple[float, float]:
    """Darkness up to which a bubble may be paper, and from which it surely is marked.

    Where a pale pen's marks stand well apart from all that is paper on its sheet, the gap between them says it.
    """
    high = min(max(rules.share * pen, rules.weakest, low + 0.035), max(rules.strongest, low + 0.035))
    one, two = (ink.mean[bubbles] for bubbles in ranked)
    noise = max(level(two, 0.97), LEAST_NOISE)
    marks = one[one > 2 * noise]
    if len(marks) < max(25, len(one) // 4):
        return low, high
    weaker = level(marks, 0.05)
    if weaker < rules.gap * noise:
        return low, high
    between = float(np.sqrt(noise * weaker))
    if between >= low:
        return low, high
    return between, min(high, max(between + 0.01, rules.apart * level(marks, 0.5)))


def plain_paper(ink: Ink, ranked: Ranked, low: float, empties: Empties, rules: Rules) -> float:
    """Darkness below which a lone bubble is plain paper: less than `low` where this person's marks come near it."""
    first, second = ranked
    alone = ink.mean[first[(ink.mean[first] > low) & ((ink.mean[second] < low) | (first == second))]]
    if len(alone) < 6:
        return low
    weakest = float(np.partition(alone, len(alone) // 20)[len(alone) // 20])
    least = empties.low(0.0, rules.near_noise)
    # The paler the marks, the weaker one may be that is next to nothing.
    return min(low, max(least, rules.thin * weakest * min(1.0, weakest / PALE)))
