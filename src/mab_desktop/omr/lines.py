"""Lines drawn through row after row, as people strike out what they leave empty: no row's bubble on them is an answer.

In each bubble alone such a line looks like any thin mark. What gives it away is the paper between two rows: a mark ends
in its own row, a line goes on to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry, Ints
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.sample import Sampled

ACROSS = 0.15  # mm between samples along a row
LEVELS = 6  # samples from one row to the next
FREE = 0.25  # mm beyond a ring that its blur reaches
NARROWEST, WIDEST = 0.6, 3.5  # mm of paper between the rings of two rows
DEEP = np.linspace(0, 1, LEVELS, dtype=np.float32)[:, None]  # part of the way to each level
BESIDE = 4  # samples that a line may go aside from one level to the next
ASIDE = np.ones((1, 2 * BESIDE + 1), np.uint8)
INK = 0.16  # darkness of what may be a line
# Part of the pen's own darkness that a line has, in the middle and in each gap: a fold, a streak, a cup's rim, the end
# of a long tick have less. Of 88 runs of tuning seeds 77,600 to 77,605 and 61,018 to 61,314 the lines had 0.56 to 1.3,
# folds and streaks 0.3 to 0.5.
LINE_INK, BROAD_INK, GAP_INK = 0.52, 0.75, 0.25
PALE, PEN_INK, LEAST_INK = 0.42, 0.4, 0.1  # darkness where a pale pen inked; the part of it that may be its line
THIN = 102  # inked share of a usual mark, as in `Scores.light`, below which its pen is thin
# Where this part of a sheet's gaps have no more than so much of a line's darkness, so much of the pen's is enough.
FEW_PAIRS, QUIET, QUIET_DARK, QUIET_INK = 30, 0.75, 0.25, 0.4
LEAVES = 5  # clear ink just outside, as in `Scores.near`: what stays in its bubble is no line
LEAVES_FULL = 30  # the same of a full mark
FARTHEST = 8.0  # mm aside from where a line leaves a row to where it came into it
# mm that a line goes aside in a row however upright it is between rows; part of more that it then goes there.
UPRIGHT, SLANTING = 2.5, 0.12
STRAIGHT = 0.7  # mm aside from a straight line
FULL = 166  # inked share of a bubble, as in `Scores.light`, that few lines leave
# So many rows, one after the other, that a line leads through; a pale one, one as broad as
# a mark, and such a one whatever else the sheet shows.
ROWS, PALE_ROWS, BROAD_ROWS, FULL_ROWS = 3, 4, 4, 8
AS_DARK = 0.8  # part of a broad line's palest gap from which another one is as dark
BY_CHANCE = 0.012  # times on a sheet that a person's own marks may be expected to look so
# Runs of full marks that are to be expected of a person's own; mm by which the ways from gap to gap differ in these, on
# sheets of broad crosses by 3 to 7.
OWN_MARKS, BENDS = 0.5, 2.0
NEAR_SHARE, STRAIGHT_SHARE = 0.4, 0.1  # of what is so by chance that goes on near by, that lies on one straight line


@lru_cache(16)
def next_rows(geometry: Geometry) -> Ints:
    """(pairs, 2) groups that lie right under each other, with little but paper between them."""
    places = geometry.xy[geometry.first]
    left, right, level = places[..., 0].min(axis=1), places[..., 0].max(axis=1), places[:, 0, 1]
    flat = (np.ptp(places[..., 1], axis=1) < 0.5) & (right - left > 1.0)
    size = geometry.radii[geometry.first[:, 0], 1]
    room = level[None] - level[:, None] - size[None] - size[:, None] - 2 * FREE
    alike = (np.abs(left[None] - left[:, None]) < 0.5) & (np.abs(right[None] - right[:, None]) < 0.5)
    alike &= flat[None] & flat[:, None]
    return np.stack(np.nonzero(alike & (room > NARROWEST) & (room < WIDEST)), axis=1)


@lru_cache(16)
def _every_other(geometry: Geometry) -> NDArray[np.bool_]:
    """(groups,) every other one of rows that lie right under each other."""
    found = np.zeros(len(geometry.members), dtype=bool)
    pairs = next_rows(geometry)
    for upper, lower in pairs[np.argsort(geometry.xy[geometry.first[pairs[:, 0], 0], 1], kind="stable")].tolist():
        found[lower] = not found[upper]
    return found


def struck_bubbles(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, first: Ints, marked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(n,) the `first` bubbles of `marked` groups through which a line leads to the next ones, row by row."""
    struck = np.zeros(len(geometry.bubbles), dtype=bool)
    if not marked.any():
        return struck
    scores, thin = sampled.scores, ~marked | (sampled.scores.light[first] < FULL)
    pen = strength(sampled, first[marked])
    # Of a pale or thin pen next to nothing counts as clear ink outside.
    around = scores.near[geometry.first].max(axis=1)
    fine = pen < PALE or _median(scores.light[first[marked]]) < THIN
    leaving = marked if fine else around >= LEAVES
    inked = leaving & (thin | (around >= LEAVES_FULL))
    every = next_rows(geometry)
    pairs = _in_a_row(every[inked[every].all(axis=1) & marked[every].any(axis=1)], geometry)
    if not len(pairs):
        return struck
    paper = _Paper(gray, geometry, placement, sampled, pairs, pen)
    # A line leads across two gaps one after the other: every other one is looked at, then those beside what was found.
    other = _every_other(geometry)[pairs[:, 0]]
    paper.look(other)
    begins, ends = _sides(pairs[paper.crossed], geometry)
    beside = ~other & (ends[pairs[:, 0]] | begins[pairs[:, 1]])
    paper.look(beside)
    begins, ends = _sides(pairs[paper.crossed], geometry)
    if not (begins & ends).any():
        return struck
    paper.look(~other & ~beside)
    gaps = _gaps(paper, geometry)
    runs = [run for run in _runs(gaps, thin, len(every)) if _as_dark(run, gaps, thin, pen, paper.led)]
    rows = {row for run in runs for row in run}
    rows |= _beside(rows, geometry, leaving & thin) | {row for upper, gap in gaps.items() for row in (upper, gap.lower)
                                                       if upper in rows or gap.lower in rows}  # fmt: skip
    found = np.array([row for row in rows if marked[row]], dtype=np.intp)
    struck[first[found]] = True
    return struck


def _as_dark(
    run: Sequence[int], gaps: Mapping[int, _Gap], thin: NDArray[np.bool_], pen: float, led: NDArray[np.float32]
) -> bool:
    """Whether a run is long and dark enough for this `pen`; `led` (pairs,) is how dark any gap of the sheet is.

    A line as broad as a mark is as dark as one; where full marks run over their rings, the paper between is paler.
    """
    dark, narrow = float(np.median([gaps[row].dark for row in run[:-1]])), bool(thin[run].all())
    # Where nothing else leads from row to row, a paler line of fewer rows is told from noise as well.
    quiet = narrow and len(led) >= FEW_PAIRS and float(np.sort(led)[int(QUIET * len(led))]) < QUIET_DARK * dark
    least = ROWS if quiet or pen >= PALE else PALE_ROWS
    return len(run) >= least and dark >= (QUIET_INK if quiet else LINE_INK if narrow else BROAD_INK) * pen


def _in_a_row(pairs: Ints, geometry: Geometry) -> Ints:
    """Those of the pairs that go on in another one: no line leads through two rows only."""
    begins, ends = _sides(pairs, geometry)
    return np.asarray(pairs[begins[pairs[:, 1]] | ends[pairs[:, 0]]])


def _sides(pairs: Ints, geometry: Geometry) -> NDArray[np.bool_]:
    """(2, groups) whether a row is the upper one of a pair, and the lower one of another."""
    found = np.zeros((2, len(geometry.members)), dtype=bool)
    found[[[0], [1]], pairs.T] = True
    return found


def strength(sampled: Sampled, marks: Ints) -> float:
    """How dark this person's marks are where they are inked."""
    mean, light = _median(sampled.scores.mean[marks]) / 200, _median(sampled.scores.light[marks]) / 255
    return float(mean / max(light, 0.05))


def _median(values: NDArray[np.uint8]) -> float:
    """As numpy's, without its long way there; bytes are sorted so in a tenth of the usual way's time."""
    ordered, count = np.sort(values, kind="stable"), len(values)
    return (float(ordered[(count - 1) // 2]) + float(ordered[count // 2])) / 2


@dataclass(frozen=True, slots=True)
class _Gap:
    """Paper between two rows that ink leads across: the row below, and where it leaves and comes in (mm across).

    `share` is how much of the way from row to row it takes; `dark` is how dark the ink is that leads all the
    way.
    """

    lower: int
    above: float
    below: float
    share: float
    dark: float


def _gaps(paper: _Paper, geometry: Geometry) -> dict[int, _Gap]:
    """The gaps that ink leads across, by their upper rows."""
    crossed = paper.crossed
    pairs, ink = paper.pairs[crossed], paper.inked(crossed)
    # In the middle of which place ink leaves the upper row and comes to the lower one.
    above, below = _reached(ink[:, ::-1]), _reached(ink)
    upper, lower = geometry.first[pairs, 0].T
    free = geometry.radii[upper, 1] + geometry.radii[lower, 1] + 2 * FREE
    share = 1 - free / (geometry.xy[lower, 1] - geometry.xy[upper, 1])
    begin = geometry.xy[geometry.first[pairs[:, 0]], 0].min(axis=1)
    dark = paper.led[crossed]
    places = np.stack([begin + ACROSS * above, begin + ACROSS * below, share, dark], axis=1).tolist()
    return {pair[0]: _Gap(pair[1], *place) for pair, place in zip(pairs.tolist(), places, strict=True)}


def _runs(gaps: Mapping[int, _Gap], thin: NDArray[np.bool_], pairs: int) -> list[list[int]]:
    """Rows that one line leads through; `thin` are those without a full mark, `pairs` how many neighbours there are.

    Whose marks reach over to the next row here and there, as long ticks do, has some of them in a row by chance. How
    often that is to be expected, the other rows of the sheet say.
    """
    free = {upper: gap for upper, gap in gaps.items() if thin[upper] and thin[gap.lower]}

    def expected(run: Sequence[int], share: float, among: int) -> float:
        steps = len(run) - 1
        return pairs * (share * max(among - steps, 1) / pairs) ** steps

    found = [run for run in _followed(free, np.inf) if len(run) >= ROWS and expected(run, 1.0, len(free)) < BY_CHANCE]
    for run in _followed(free, FARTHEST):
        chance = STRAIGHT_SHARE if len(run) >= ROWS and _straight(run, free) else 1.0
        if len(run) >= ROWS and chance * expected(run, NEAR_SHARE, len(free)) < BY_CHANCE:
            found.append(run)
    for run in _followed(gaps, FARTHEST):
        # Marks that run over their rings touch the next row's by their pale ends: those are not counted.
        palest = AS_DARK * min(gaps[row].dark for row in run[:-1])
        among = sum(gap.dark >= palest for gap in gaps.values())
        if len(run) < FULL_ROWS and (len(run) < BROAD_ROWS or expected(run, NEAR_SHARE, among) >= BY_CHANCE):
            continue
        # Broad crosses that run over lead from most rows to the next, now to one side and now to the other.
        if thin[run].all() or expected(run, 1.0, among) < OWN_MARKS or _bends(run, gaps) < BENDS:
            found.append(run)
    return found


def _followed(gaps: Mapping[int, _Gap], farthest: float) -> list[list[int]]:
    """Rows that follow each other, led through by ink that goes on not farther from where it came in."""
    pairs = {upper: gap.lower for upper, gap in gaps.items()}
    goes_on = {lower for upper, lower in pairs.items()
               if lower in gaps and _leads_on(gaps[upper], gaps[lower], farthest)}  # fmt: skip
    runs = []
    for row in gaps.keys() - goes_on:
        run = [row, pairs[row]]
        while run[-1] in goes_on:
            run.append(pairs[run[-1]])
        runs.append(run)
    return runs


def _leads_on(into: _Gap, out: _Gap, farthest: float) -> bool:
    """Whether ink that comes `into` a row may leave it where some does: a line that goes far aside in a row is slanting
    before or after it, too; marks of two columns that run over are not."""
    aside, slant = abs(out.above - into.below), max(abs(gap.below - gap.above) for gap in (into, out))
    return aside < farthest and (aside < UPRIGHT or slant > SLANTING * aside)


def _straight(run: Sequence[int], gaps: Mapping[int, _Gap]) -> bool:
    """Whether all ink between the rows lies on one straight line: one person's marks do not stand so."""
    above, below = np.array([(gaps[row].above, gaps[row].below) for row in run[:-1]]).T
    steps, share = np.arange(len(above)), gaps[run[0]].share
    rise, start = np.polyfit(steps, (above + below) / 2, 1)
    off = np.concatenate([above - (start + rise * (steps - share / 2)), below - (start + rise * (steps + share / 2))])
    return bool(np.abs(off).max() < STRAIGHT)


def _bends(run: Sequence[int], gaps: Mapping[int, _Gap]) -> float:
    """How far, in mm, the way from gap to gap differs from the way before it."""
    middles = [(gaps[row].above + gaps[row].below) / 2 for row in run[:-1]]
    return float(np.abs(np.diff(middles, 2)).mean())


def _beside(rows: set[int], geometry: Geometry, leaving: NDArray[np.bool_]) -> set[int]:
    """Rows between and next to those struck out from whose bubbles ink leaves: the line's bends and ends."""
    if not rows:
        return rows
    below = {int(upper): int(lower) for upper, lower in next_rows(geometry)}
    above = {lower: upper for upper, lower in below.items()}
    return {row for way in (below, above) for other in rows if (row := way.get(other)) is not None and leaving[row]}


class _Paper:
    """The paper between the rings of two rows that follow each other, of the `pairs` that were looked at.

    `led` (pairs,) is how dark the palest place is of the darkest way across each gap.
    """

    def __init__(
        self, gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, pairs: Ints, pen: float
    ) -> None:
        self.pairs, self._gray, self._black, self._pen = pairs, gray, np.float32(placement.black), pen
        upper, lower = (geometry.first[pairs[:, n]] for n in (0, 1))
        across, down = geometry.radii[upper[:, 0]].T
        left, right = geometry.xy[upper, 0].min(axis=1), geometry.xy[upper, 0].max(axis=1)
        top, bottom = geometry.xy[upper[:, 0], 1] + down + FREE, geometry.xy[lower[:, 0], 1] - down - FREE
        corners = np.stack([np.stack(pair, axis=1) for pair in ((left, top), (left + 1, top), (left, bottom))])
        corners += sampled.shifts[geometry.block[upper[:, 0]]]
        # Across and down apart: numbers in long rows are added up many times faster than in pairs.
        self._ends = placement.to_pixels(corners.reshape(-1, 2)).astype(np.float32).reshape(3, -1, 2).transpose(0, 2, 1)
        widest = float((right - left + across).max())
        self._places = np.arange(-float(across.max()), widest, ACROSS, dtype=np.float32)
        self._levels = np.zeros((len(pairs), LEVELS, len(self._places)), dtype=np.uint8)
        self._white, self.led = np.zeros((2, len(pairs)), dtype=np.float32)

    def look(self, some: NDArray[np.bool_]) -> None:
        """Look at these pairs. What a pale pen leaves is told from noise by its width."""
        if not some.any():
            return
        begin, beside, below = self._ends[:, :, some, None, None]
        x, y = (begin + (beside - begin) * self._places + (below - begin) * DEEP).reshape(2, -1, len(self._places))
        seen = cv2.remap(self._gray, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        if self._pen < PALE:
            seen = cv2.blur(seen, (3, 1))
        levels = np.asarray(seen, dtype=np.uint8).reshape(-1, LEVELS, len(self._places))
        flat = levels.reshape(len(levels), -1)
        # Bytes are sorted several times faster so than numpy finds one of them.
        self._white[some] = cv2.sort(flat, cv2.SORT_EVERY_ROW)[:, int(0.7 * flat.shape[1])]
        palest = np.ascontiguousarray(levels[:, 0])
        for level in range(1, LEVELS):
            palest = np.maximum(np.asarray(cv2.erode(palest, ASIDE), dtype=np.uint8), levels[:, level])
        self._levels[some], self.led[some] = levels, self._darkness(palest.min(axis=1), self._white[some])

    def _darkness(self, levels: NDArray[np.uint8], white: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray((white - levels) / np.maximum(white - self._black, 20), dtype=np.float32)

    @property
    def _least(self) -> float:
        """Darkness of what may be ink of this pen."""
        return min(INK, max(LEAST_INK, PEN_INK * self._pen))

    @property
    def crossed(self) -> NDArray[np.bool_]:
        """(pairs,) whether ink leads across."""
        return np.asarray((self.led > self._least) & (self.led >= GAP_INK * self._pen))

    def inked(self, some: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """(pairs, LEVELS, places) where ink is, between some of the pairs."""
        darkness = self._darkness(self._levels[some], self._white[some, None, None])
        return np.asarray(darkness > self._least, dtype=np.uint8)


def _reached(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(pairs,) the middle of the last level's places that ink leads to from the first one; it does in each pair."""
    reach = np.ascontiguousarray(ink[:, 0])
    for level in range(1, LEVELS):
        wider = cv2.dilate(reach, ASIDE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        reach = np.asarray(wider, dtype=np.uint8) & ink[:, level]
    return np.asarray((reach @ np.arange(reach.shape[1], dtype=np.float32)) / reach.sum(axis=1), dtype=np.float32)
