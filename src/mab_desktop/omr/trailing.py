"""Answers whose ink goes on far beyond their own row: the ends of lines, arrows and flourishes, which are no answers.

A line of a few rows that bends or ends in one of them lies in its bubble like a stroke. What gives it away is how far
it goes on outwards, on one side at least: a person's marks end where his others do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.arms import ANGLES, BEGIN, LEAST_INK, STEP, circles_around, follow, levels_around
from mab_desktop.omr.geometry import Geometry, Ints
from mab_desktop.omr.ink import level, middle
from mab_desktop.omr.lines import strength
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.marks import ONE, Decision
from mab_desktop.omr.sample import UNITS, Sampled

ENOUGH = 10  # answers that say how far this person's marks run over
OWN_INK = 0.6  # part of the pen's own darkness that its lines have; folds and cups' rims have less
CIRCLES, NEAR_CIRCLES = 24, 8  # that are looked at; that lie in the paper between two rings
LEAVES, FIRST, CROSSED = 2, 2, 5  # clear ink just outside, as in `Scores.near`, and circles, of all that goes on
USUAL = 0.8  # of the answers run over no farther than what is usual here
FAR, FARTHER = 3.3, 1.8  # mm beyond the ring to which ink goes on, and more than is usual, that is no mark's
BROAD = 1.1  # part of the usual inked area from which a mark runs over into its neighbours
# Where a neighbour's mark is one (part of the usual inked area), this much beyond its ring is its own ink, in mm; and
# so much beyond the outermost rings of a field may be looked at: farther out are frames and letters.
MARKED, RUNS_OVER, MARGIN = 0.45, 1.4, 0.4
# A tail: parts of the pen's darkness and of the usual inked area up to which what ends in a bubble may be one; ink just
# outside, as in `Scores.near`, of no more than a stroke that leaves; the part of the pen's ink that it has all the way
# to the mark that it belongs to, and how many times as dark that is. Of a stranger's ticks 25 tails had 0.77 of the
# darkness and 0.72 of the area at most, 50 marks that met others 0.87 of the darkness at least.
TAIL, TAIL_AREA, STROKE, TAIL_INK, DARKER = 0.88, 0.9, 36, 0.5, 1.0
FINEST = 0.1  # mm by which places of neighbours differ
Seen = Callable[[Ints, int, int], NDArray[np.uint8]]  # gray values around bubbles from a circle on, so many circles


def trailing_bubbles(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, decision: Decision
) -> NDArray[np.bool_]:
    """(n,) the answers whose ink goes on much farther than that of the sheet's others, or into another row's mark."""
    trailing = np.zeros(len(geometry.bubbles), dtype=bool)
    answers = decision.first[decision.states == ONE]
    if len(answers) < ENOUGH:
        return trailing
    own, black = strength(sampled, answers), placement.black

    def seen(bubbles: Ints, first: int, circles: int) -> NDArray[np.uint8]:
        places = partial(_some_circles, first, circles)
        return levels_around(gray, geometry, placement, sampled, bubbles, places).reshape(-1, circles, ANGLES)

    far = _going_far(seen, geometry, sampled, answers, black, max(LEAST_INK, OWN_INK * own))
    trailing[far] = True
    trailing[_tails(seen, geometry, sampled, decision, black, max(LEAST_INK, TAIL_INK * own))] = True
    return trailing


def _tails(
    seen: Seen, geometry: Geometry, sampled: Sampled, decision: Decision, black: float, ink: float
) -> Ints:
    """The answers that are the end of a stroke of another row's mark: of a tick's tail, of a cross that runs over."""
    around, mean = _surroundings(geometry), sampled.scores.mean / UNITS[0, 0]
    mean -= middle(mean)  # what is printed
    answers = decision.first[decision.states == ONE]
    light, near = sampled.scores.light[answers].astype(np.float32), sampled.scores.near[answers]
    stroke = (near >= LEAVES) & (near <= STROKE) & (light < TAIL_AREA * middle(light))
    weak = answers[stroke & (mean[answers] < TAIL * decision.pen)]
    marked = np.zeros(len(geometry.bubbles), dtype=bool)
    marked[decision.first[decision.marked]] = True
    beside = around.neighbours[weak]
    belongs = marked[beside] & (geometry.group_of[beside] != geometry.group_of[weak][:, None])
    belongs &= mean[beside] > DARKER * mean[weak][:, None]
    some = belongs.any(axis=1)
    belongs, weak = belongs[some], np.asarray(weak[some], dtype=np.intp)
    if not len(weak):
        return weak
    ways = follow(seen(weak, 0, CIRCLES), black, ink).ways.T
    there = np.where(belongs[..., None], around.cores[around.which[weak]] & ways[:, None], np.uint64(0))
    return np.asarray(weak[there.any(axis=(1, 2))], dtype=np.intp)


def _going_far(
    seen: Seen, geometry: Geometry, sampled: Sampled, answers: Ints, black: float, ink: float
) -> Ints:
    """Those of the `answers` whose ink goes on much farther than that of the others."""
    light = sampled.scores.light.astype(np.float32)
    area, nobody = middle(light[answers]), answers[:0]
    leaving = answers[(light[answers] < BROAD * area) & (sampled.scores.near[answers] >= LEAVES)]
    if not len(leaving):
        return nobody
    inside = _surroundings(geometry).inside[leaving, FIRST : FIRST + CROSSED]
    going = leaving[follow(seen(leaving, FIRST, CROSSED), black, ink, inside).ways[-1] != 0]
    if not len(going):
        return nobody
    own = np.zeros(len(geometry.bubbles), dtype=bool)
    own[answers[light[answers] >= MARKED * area]] = True

    def reach(bubbles: Ints, circles: int) -> NDArray[np.float32]:
        allowed = _allowed(geometry, bubbles, own)[:, :circles]
        return follow(seen(bubbles, 0, circles), black, ink, allowed).reach(1)[0]

    going = going[reach(going, NEAR_CIRCLES) > BEGIN + (NEAR_CIRCLES - 1.5) * STEP]
    found = reach(going, CIRCLES) if len(going) else np.zeros(0, dtype=np.float32)
    if found.max(initial=0) < FAR - STEP / 4:
        return nobody
    usual = level(reach(answers, NEAR_CIRCLES), USUAL)
    if usual > BEGIN + (NEAR_CIRCLES - 2) * STEP:
        usual = level(reach(answers, CIRCLES), USUAL)
    return np.asarray(going[found > max(FAR, usual + FARTHER) - STEP / 4], dtype=np.intp)


def _some_circles(first: int, circles: int, radius: float) -> NDArray[np.float64]:
    """Places of so many circles from the `first` one on."""
    return circles_around(first + circles, radius)[first * ANGLES :]


def _allowed(geometry: Geometry, bubbles: Ints, own: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """(bubbles, CIRCLES) the places that belong to no neighbour's mark and to no frame; `own` (n,) are the marks."""
    around = _surroundings(geometry)
    shadows = around.shadows[around.which[bubbles]]
    covered = np.where(own[around.neighbours[bubbles]][..., None], shadows, np.uint64(0))
    return np.asarray(around.inside[bubbles] & ~np.bitwise_or.reduce(covered, axis=1), dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What is known of the paper around a form's bubbles, in circles of places, a bit each.

    `neighbours` (n, most) of each bubble, and `which` (n, most) of the `shadows` (shadows, CIRCLES) each casts on its
    circles, and of the `cores` (shadows, CIRCLES), the places within its ring; a bubble with fewer neighbours than
    others has itself as such, with a shadow nowhere. `inside` (n, CIRCLES) are the places in each bubble's own field.
    """

    neighbours: Ints
    which: Ints
    shadows: NDArray[np.uint64]
    cores: NDArray[np.uint64]
    inside: NDArray[np.uint64]


@lru_cache(16)
def _surroundings(geometry: Geometry) -> _Surroundings:
    radius = geometry.radii.max(axis=1)
    circles = {float(size): circles_around(CIRCLES, float(size)).reshape(CIRCLES, ANGLES, 2) for size in set(radius)}
    apart = np.linalg.norm(geometry.xy[:, None] - geometry.xy[None], axis=2)
    farthest = radius[:, None] + radius[None] + BEGIN + STEP * CIRCLES + RUNS_OVER
    near = (apart < farthest) & (apart > 0)
    most = int(near.sum(axis=1).max(initial=1))
    order = np.argsort(np.where(near, apart, np.inf), axis=1, kind="stable")[:, :most]
    real = np.take_along_axis(near, order, axis=1)
    steps = np.rint((geometry.xy[order] - geometry.xy[:, None]) / FINEST)
    sizes = np.stack([np.broadcast_to(radius[:, None], order.shape), radius[order]], axis=-1)
    kinds = np.concatenate([steps, sizes], axis=-1)
    kinds[~real] = np.inf
    unique, which = np.unique(kinds.reshape(-1, 4), axis=0, return_inverse=True)
    shadows, cores = np.zeros((2, len(unique), CIRCLES), dtype=np.uint64)
    for number, (x, y, own, other) in enumerate(unique.tolist()):
        if np.isfinite(x):
            off = circles[own] - np.array([x, y]) * FINEST
            away = np.hypot(off[..., 0], off[..., 1])
            shadows[number], cores[number] = _bits(away < other + RUNS_OVER), _bits(away < other - FINEST)
    neighbours = np.where(real, order, np.arange(len(order))[:, None])
    return _Surroundings(neighbours, which.reshape(order.shape), shadows, cores,
                         _inside(geometry, circles))  # fmt: skip


def _inside(geometry: Geometry, circles: dict[float, NDArray[np.float64]]) -> NDArray[np.uint64]:
    """(n, CIRCLES) the places around each bubble that lie in its own field."""
    inside = np.zeros((len(geometry.bubbles), CIRCLES), dtype=np.uint64)
    for _, columns in geometry.fields:
        groups = [group for _, group in columns]
        members = np.unique(geometry.first[groups])
        reach = geometry.radii[members] + MARGIN
        low, high = (geometry.xy[members] - reach).min(axis=0), (geometry.xy[members] + reach).max(axis=0)
        for bubble in members.tolist():
            places = geometry.xy[bubble] + circles[float(geometry.radii[bubble].max())]
            inside[bubble] = _bits(((places > low) & (places < high)).all(axis=-1))
    return inside


def _bits(places: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """(circles,) of (circles, ANGLES)."""
    return np.asarray(np.packbits(places, axis=1, bitorder="little").view("<u8")[:, 0], dtype=np.uint64)
