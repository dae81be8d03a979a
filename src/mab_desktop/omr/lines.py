"""Lines drawn through row after row, as people strike out what they leave empty: no row's bubble on them is an answer.

In each bubble alone such a line looks like any thin mark. What gives it away is the paper between two rows: a mark ends
in its own row, a line goes on to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry, Ints
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.sample import NO_PARTS, Sampled

ACROSS = 0.15  # mm between samples along a row
LEVELS = 6  # samples from one row to the next
FREE = 0.25  # mm beyond a ring that its blur reaches
NARROWEST, WIDEST = 0.6, 3.5  # mm of paper between the rings of two rows
BESIDE = 2  # samples that a line may go aside from one level to the next
INK = 0.16  # darkness of what may be a line
LEAVES = 5  # clear ink just outside, as in `Scores.near`: what stays in its bubble is no line
FULL = 166  # inked share of a bubble, as in `Scores.light`, that no line leaves
FARTHEST = 8.0  # mm across from a row's bubble to the next one's
OFTEN, MANY_ROWS = 4, 6  # single pairs of rows with ink between them; rows that a line must lead through then
ROWS = 3  # so many rows, one after the other, that a line leads through


@lru_cache(16)
def _next_rows(geometry: Geometry) -> Ints:
    """(pairs, 2) groups that lie right under each other, with little but paper between them."""
    places = geometry.xy[geometry.first]
    left, right, level = places[..., 0].min(axis=1), places[..., 0].max(axis=1), places[:, 0, 1]
    flat = (np.ptp(places[..., 1], axis=1) < 0.5) & (right - left > 1.0)
    size = geometry.radii[geometry.first[:, 0], 1]
    room = level[None] - level[:, None] - size[None] - size[:, None] - 2 * FREE
    alike = (np.abs(left[None] - left[:, None]) < 0.5) & (np.abs(right[None] - right[:, None]) < 0.5)
    alike &= flat[None] & flat[:, None]
    return np.stack(np.nonzero(alike & (room > NARROWEST) & (room < WIDEST)), axis=1)


def struck_bubbles(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, first: Ints, marked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(n,) the `first` bubbles of `marked` groups through which a line leads to the next ones, row by row."""
    struck = np.zeros(len(geometry.bubbles), dtype=bool)
    scores = sampled.scores
    thin = marked & (scores.light[first] < FULL)
    next_rows = _next_rows(geometry)
    next_rows = next_rows[thin[next_rows].all(axis=1)]
    # Where a line passes between two bubbles of a row, the darkest is any of them.
    leaving = scores.near[first[next_rows]] >= LEAVES
    close = np.abs(np.subtract(*geometry.xy[first[next_rows], 0].T)) < FARTHEST
    pairs = next_rows[leaving.any(axis=1) & (close | ~leaving.all(axis=1))]
    if len(pairs) < ROWS - 1:
        return struck
    levels = _levels(gray, geometry, placement, sampled, first[pairs])
    runs = _runs([(upper, lower) for upper, lower in pairs[_bridged(levels, placement.black)].tolist()])
    # Whose marks reach over to the next row here and there, as long ticks do, has some of them in a row by chance.
    least = ROWS if sum(len(run) == 2 for run in runs) < OFTEN else MANY_ROWS
    rows = np.array([row for run in runs if len(run) >= least for row in run], dtype=np.intp)
    struck[first[rows]] = True
    return struck


def _runs(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Rows that follow each other in `pairs` of an upper and a lower one."""
    below = dict(pairs)
    runs = []
    for row in below.keys() - set(below.values()):
        run = [row]
        while run[-1] in below:
            run.append(below[run[-1]])
        runs.append(run)
    return runs


def _levels(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, ends: Ints
) -> NDArray[np.uint8]:
    """(pairs, LEVELS, places) gray values of the paper between the rings of two bubbles `ends` (pairs, 2)."""
    (x, top), (other, bottom) = (geometry.xy[ends[:, n]].T for n in (0, 1))
    across, down = geometry.radii[ends[:, 0]].T
    left, right = np.minimum(x, other) - across, np.maximum(x, other) + across
    top, bottom = top + down + FREE, bottom - down - FREE
    corners = np.stack([np.stack(pair, axis=1) for pair in ((left, top), (right, top), (left, bottom))])
    corners += sampled.shifts[geometry.block[ends[:, 0]]]
    begin, end, below = placement.to_pixels(corners.reshape(-1, 2)).astype(np.float32).reshape(3, -1, 1, 1, 2)
    count = int(np.ceil((right - left).max() / ACROSS)) + 1
    along = np.linspace(0, 1, count, dtype=np.float32)[:, None]
    deep = np.linspace(0, 1, LEVELS, dtype=np.float32)[:, None, None]
    places = (begin + (end - begin) * along + (below - begin) * deep).reshape(-1, count, 2)
    values = cv2.remap(gray, places, NO_PARTS, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, dtype=np.uint8).reshape(len(ends), LEVELS, count)


def _bridged(levels: NDArray[np.uint8], black: float) -> NDArray[np.bool_]:
    """(pairs,) whether ink leads all the way from the upper bubble to the lower one."""
    flat = levels.reshape(len(levels), -1)
    place = int(0.7 * flat.shape[1])
    paper = np.partition(flat, place, axis=1)[:, place].astype(np.float32)
    ink = (levels < (paper - INK * np.maximum(paper - black, 20))[:, None, None]).astype(np.uint8)
    reach = np.ascontiguousarray(ink[:, 0])
    aside = np.ones((1, 2 * BESIDE + 1), np.uint8)
    for level in range(1, LEVELS):
        wider = cv2.dilate(reach, aside, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        reach = np.asarray(wider, dtype=np.uint8) & ink[:, level]
    return np.asarray(reach.any(axis=1))
