"""Answers whose ink goes on far beyond their own row: the ends of lines, arrows and flourishes, which are no answers.

A line of a few rows that bends or ends in one of them lies in its bubble like a stroke. What gives it away is how far
it goes on outwards, on one side at least: a person's marks end where his others do.
"""

from __future__ import annotations

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
from mab_desktop.omr.sample import Sampled

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
FINEST = 0.1  # mm by which places of neighbours differ


def trailing_bubbles(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, decision: Decision
) -> NDArray[np.bool_]:
    """(n,) the answers whose ink goes on much farther than that of the sheet's others."""
    trailing = np.zeros(len(geometry.bubbles), dtype=bool)
    answers = decision.first[decision.states == ONE]
    if len(answers) < ENOUGH:
        return trailing
    light = sampled.scores.light
    area = middle(light[answers])
    ink = max(LEAST_INK, OWN_INK * strength(sampled, answers))

    def seen(bubbles: Ints, first: int, circles: int) -> NDArray[np.uint8]:
        places = partial(_some_circles, first, circles)
        return levels_around(gray, geometry, placement, sampled, bubbles, places).reshape(-1, circles, ANGLES)

    leaving = answers[(light[answers] < BROAD * area) & (sampled.scores.near[answers] >= LEAVES)]
    if not len(leaving):
        return trailing
    inside = _surroundings(geometry).inside[leaving, FIRST : FIRST + CROSSED]
    going = leaving[follow(seen(leaving, FIRST, CROSSED), placement.black, ink, inside).ways[-1] != 0]
    if not len(going):
        return trailing
    own = np.zeros(len(geometry.bubbles), dtype=bool)
    own[answers[light[answers] >= MARKED * area]] = True

    def reach(bubbles: Ints, circles: int) -> NDArray[np.float32]:
        allowed = _allowed(geometry, bubbles, own)[:, :circles]
        return follow(seen(bubbles, 0, circles), placement.black, ink, allowed).reach(1)[0]

    going = going[reach(going, NEAR_CIRCLES) > BEGIN + (NEAR_CIRCLES - 1.5) * STEP]
    found = reach(going, CIRCLES) if len(going) else np.zeros(0, dtype=np.float32)
    if found.max(initial=0) < FAR - STEP / 4:
        return trailing
    usual = level(reach(answers, NEAR_CIRCLES), USUAL)
    if usual > BEGIN + (NEAR_CIRCLES - 2) * STEP:
        usual = level(reach(answers, CIRCLES), USUAL)
    trailing[going[found > max(FAR, usual + FARTHER) - STEP / 4]] = True
    return trailing


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
    circles; a bubble with fewer neighbours than others has itself as such, with a shadow nowhere. `inside` (n, CIRCLES)
    are the places inside each bubble's own field.
    """

    neighbours: Ints
    which: Ints
    shadows: NDArray[np.uint64]
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
    shadows = np.zeros((len(unique), CIRCLES), dtype=np.uint64)
    for number, (x, y, own, other) in enumerate(unique.tolist()):
        if np.isfinite(x):
            off = circles[own] - np.array([x, y]) * FINEST
            shadows[number] = _bits(np.hypot(off[..., 0], off[..., 1]) < other + RUNS_OVER)
    neighbours = np.where(real, order, np.arange(len(order))[:, None])
    return _Surroundings(neighbours, which.reshape(order.shape), shadows, _inside(geometry, circles))


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
