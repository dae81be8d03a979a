"""What is no ink of this person's beside a mark: what an eraser left, a stain, a fold, the back showing through.

A pen leaves its ink wherever it passes, however little of the bubble that is: its darkest places tell a thin stroke
from a veil that is as dark on the whole. Folds and stains lie over bubbles that nobody marks, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.around import each_size, radius
from mab_desktop.omr.geometry import Floats, Geometry
from mab_desktop.omr.ink import all_but
from mab_desktop.omr.sample import INSIDE

SOFT = 3  # places that are averaged each way: grain fades, strokes stay
# Darkness of print that hides ink; parts of such an average, and of a bubble, that must be free of it.
PRINTED, LEAST_SEEN, LEAST_FREE = 0.5, 0.4, 0.5
DARKEST = 0.93  # of a bubble's places so many are lighter than its darkest ones: a speck is smaller, a thin tick not
MARK = 0.15  # darkness of the darkest places from which a bubble may be marked
ENOUGH = 12  # marks that tell how dark this person's ink is
LEAST_PEN = 0.2  # darkness of the ink of a pen beside which a veil can be told
WEAKER = 0.25  # so many of the marks are weaker than those that a veil is measured by
# Parts of the darkest places of this person's marks: up to which a veil is one, however it lies, where it is even (so
# much of its own darkest places is its mean darkness), and where it is evener than this person's marks are by so much.
PALE, EVEN_PALE, EVEN, EVENER_PALE, EVENER = 0.24, 0.32, 0.42, 0.7, 0.2
MOST_BLACK = 0.06  # of it that is well inked
LEAST, NOISE = 0.03, 4.0  # darkness that is no paper: this much, and so many deviations above the usual
OWN_INK, OWN_MEAN = 0.75, 0.6  # parts of the weaker marks' darkest places and of their mean that the mark beside it has
LONE_PALE, LONE_EVEN = 0.88, 0.2  # the same of a veil with nothing beside it, and how much evener than marks it is
FAR_PALER, FAR_EVEN = 0.65, 0.1  # the same of what is paler by far than the weaker marks
# How far the bubbles of a group, or those in one place of a field's groups, that a line passes by may be from the usual
# one of them; how dark that may be in parts of this person's marks; how many bubbles tell it.
ALIKE, LINE_PALE, ROW_PALE, LEAST_ROW, LEAST_COLUMN = (0.6, 1.5), 0.85, 0.6, 4, 8
LINE_LEAST, LINE_SHARE, LINE_AHEAD = 0.1, 0.3, 2.5
LEAST_CROSSED, CROSSED = 4, 0.7  # rows marked elsewhere that tell a line from a letter that is marked all the way down


@dataclass(frozen=True)
class Veils:
    """`beside` (n,): what is in this bubble is no ink of this person's, and the mark of its group, if it has one, is
    another. `lone` (n,): it may be none, and no mark stands beside it."""

    beside: NDArray[np.bool_]
    lone: NDArray[np.bool_]


def veils(ink: Floats, print_: Floats, inside: Floats, geometry: Geometry) -> Veils:
    """Look at the `ink` (n, side, side) beyond the `print_` (n, side, side); `inside` (3, n): how dark each bubble is,
    and how much of it is inked and well inked."""
    nothing = np.zeros(len(ink), dtype=bool)
    peak, shown = darkest_places(ink, print_, geometry)
    mean, black = inside[0], inside[2]
    by_group = np.where(geometry.gaps, -1.0, peak[geometry.first])
    rows, place = np.arange(len(by_group)), by_group.argmax(axis=1)
    first = geometry.first[rows, place]
    marks = first[(peak[first] > MARK) & shown[first]]
    if len(marks) < ENOUGH:
        return Veils(nothing, nothing)
    usual, usual_mean = (float(np.quantile(part[marks], WEAKER)) for part in (peak, mean))
    if usual < LEAST_PEN:
        return Veils(nothing, nothing)
    evenness = mean / np.maximum(peak, 0.05)
    own_evenness = float(np.median(evenness[marks]))
    evener = evenness > max(EVEN, own_evenness + EVENER)
    rest = all_but(len(ink), first)
    # What is plain paper stays: it tells how uneven that is.
    paper = float(np.median(mean[rest]))
    some = mean > max(LEAST, paper + NOISE * 1.4826 * float(np.median(np.abs(mean[rest] - paper))))
    marked = (peak[first] > OWN_INK * usual) & (mean[first] > OWN_MEAN * usual_mean)
    passed = _lines(peak, np.where(marked, place, -1), geometry)
    lines = passed & (peak < LINE_PALE * usual)
    marked &= ~lines[first]
    common = _row_level(by_group, geometry)
    pale, paler = np.zeros(len(ink), dtype=bool), np.zeros(len(ink), dtype=bool)
    for column in range(geometry.members.shape[1]):
        real = (geometry.members[:, column] >= 0) & (place != column) & marked
        own = geometry.members[real, column]
        pen = np.minimum(usual, peak[first[real]])
        veil = (peak[own] < PALE * pen) | ((evenness[own] > EVEN) & (peak[own] < EVEN_PALE * pen))
        veil |= (evener[own] & (peak[own] < EVENER_PALE * pen)) | lines[own]
        veil &= black[own] < MOST_BLACK
        row = (common[real] < ROW_PALE * usual) & (peak[own] < ALIKE[1] * common[real])
        pale[own] = veil | lines[own] | row
        # Nor are two marks of one pen as unlike as that.
        paler[own] = peak[own] < FAR_PALER * pen
    beside = pale & some & shown
    middle = float(np.median(peak[marks]))
    lone = (peak < LONE_PALE * middle) & (evenness > own_evenness + LONE_EVEN) & (mean > LEAST)
    lone |= (peak < FAR_PALER * usual) & (evenness > own_evenness + FAR_EVEN) & (mean > LEAST)
    return Veils(beside, (lone | ((passed | paler) & some)) & shown)


def _row_level(by_group: Floats, geometry: Geometry) -> Floats:
    """(groups,) how dark the darkest places of all bubbles are that are not the first, where these are alike; 2 where
    they are not."""
    count = np.count_nonzero(~geometry.gaps, axis=1)
    others = np.sort(np.where(geometry.gaps, np.inf, by_group), axis=1)
    rows = np.arange(len(others))
    least, most = others[:, 0], others[rows, np.maximum(count - 2, 0)]
    middle = others[rows, np.maximum(count - 2, 0) // 2]
    alike = (count > LEAST_ROW) & (least > ALIKE[0] * middle) & (most < ALIKE[1] * middle) & (middle > LINE_LEAST)
    return np.where(alike, middle, 2.0).astype(np.float32)


def _lines(peak: Floats, marked: NDArray[np.intp], geometry: Geometry) -> NDArray[np.bool_]:
    """(n,) bubbles in a place of the groups beside them in which most bubbles are as dark, also where another one is
    `marked` (groups,; -1 none): a fold passes there."""
    found = np.zeros(len(peak), dtype=bool)
    for groups in _in_one_line(geometry):
        if len(groups) < LEAST_COLUMN:
            continue
        values = np.where(geometry.gaps[groups], 0.0, peak[geometry.first[groups]])
        # So many are lighter: by chance a letter is marked in a fifth of the rows.
        level = np.quantile(values, LINE_SHARE, axis=0)
        usual = float(np.median(level))
        for place in np.flatnonzero((level > LINE_LEAST) & (level > LINE_AHEAD * usual)).tolist():
            elsewhere = values[(marked[groups] >= 0) & (marked[groups] != place), place]
            crossed = np.count_nonzero(elsewhere > ALIKE[0] * level[place])
            if crossed >= max(LEAST_CROSSED, CROSSED * len(elsewhere)):
                own = geometry.members[groups, place]
                own = own[own >= 0]
                found[own] = peak[own] < ALIKE[1] * level[place]
    return found


@lru_cache(maxsize=4)
def _in_one_line(geometry: Geometry) -> tuple[NDArray[np.intp], ...]:
    """The groups of each field that stand under each other, or beside each other where they run down the page."""
    last = geometry.members[np.arange(len(geometry.members)), np.count_nonzero(~geometry.gaps, axis=1) - 1]
    starts = geometry.xy[geometry.members[:, 0]]
    down = np.abs(geometry.xy[last] - starts).argmax(axis=1)
    lines: dict[tuple[str, int, int], list[int]] = {}
    for number, (field, _) in enumerate(geometry.keys):
        across = int(down[number])
        lines.setdefault((field, across, round(float(starts[number, across]))), []).append(number)
    return tuple(np.array(groups, dtype=np.intp) for groups in lines.values())


def darkest_places(ink: Floats, print_: Floats, geometry: Geometry) -> tuple[Floats, NDArray[np.bool_]]:
    """(n,) how dark the darkest places inside each bubble are, and whether print leaves enough of it free to tell."""
    side = ink.shape[1]
    seen = (print_ < PRINTED).astype(np.float32)
    dark = np.maximum(ink, 0) * seen / np.maximum(1 - print_, 1 - PRINTED)
    share, sums = (cv2.blur(part.reshape(-1, side), (SOFT, SOFT)).reshape(len(ink), -1) for part in (seen, dark))
    free = share > LEAST_SEEN
    soft = np.where(free, sums / np.maximum(share, LEAST_SEEN), np.float32(0))
    found, shown = np.empty(len(ink), dtype=np.float32), np.empty(len(ink), dtype=bool)
    for own, (rx, ry) in each_size(geometry):
        within = np.flatnonzero(radius(side, rx, ry) < INSIDE)
        found[own] = np.quantile(soft[own][:, within], DARKEST, axis=1)
        shown[own] = free[own][:, within].mean(axis=1) > LEAST_FREE
    return found, shown
