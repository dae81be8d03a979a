"""Answers that are crossed out, with nothing else in their rows: as dark as any mark, and yet no answer that is sure.

The arms of a cross, the ends of a double line, a scrawl's loops lie beyond what is measured of a bubble. They are
followed outwards from its ring: marks that run over do so on a side or two, and as far as this person's others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Floats, Geometry, Ints
from mab_desktop.omr.ink import level
from mab_desktop.omr.lines import PALE, strength
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.marks import ONE, Decision
from mab_desktop.omr.sample import Bytes, Sampled

# How surely ink leaves on two opposite sides, as in `Scores.through`: arms of a cross do, and so they do more than on
# this part of the answers. Next to nothing of a pale pen counts as ink there.
LEAVES, MORE = 51, 0.6
ENOUGH = 10  # answers that say how far this person's marks run over
ANGLES, STEP, CIRCLES = 64, 0.2, 9  # places around a bubble, a bit each; mm from one circle of them to the next
BEGIN = 0.3  # mm beyond the ring where its blur has ended
PAPER, FEW = 0.7, (2, 4)  # the lighter places around a bubble; which of them say it
ARM_INK, LEAST_INK = 0.5, 0.15  # part of the pen's own darkness, and darkness, that an arm has all along
USUAL = 0.8  # of the answers run over on two sides no farther than what is usual here
LEAST, NEAR_CIRCLES = 1.1, 4  # mm beyond the ring that arms reach, and circles that show most that have none
# How much farther than is usual three arms or four reach, and how far around it may be from one to the next; how far it
# may be usual then. Four at even distances are a cross: how far they reach, and how much farther than four do usually.
MANY, THREE, THREE_APART, THREE_USUAL = 3, 0.8, ANGLES // 2, 1.0
FOUR, FOUR_APART, FOUR_USUAL = 0.3, 44, 0.65
CLEAN = 0.4  # how far it may be usual where no marks of other rows come near
EVEN, EVEN_FOUR, EVEN_APART = 1.1, 1.0, 18
Places = Callable[[float], NDArray[np.float64]]
ONE_PLACE, LAST = np.uint64(1), np.uint64(ANGLES - 1)


@dataclass(frozen=True, slots=True)
class _Arms:
    """`ways` (circles, n): the places around each bubble to which ink goes on from its ring, a bit each; `count`
    (circles, n) how many arms that are."""

    ways: NDArray[np.uint64]
    count: NDArray[np.uint8]

    def reach(self, least: int, along: int = 0) -> tuple[Floats, NDArray[np.uint64]]:
        """(n,) mm beyond the ring where so many arms still are, 0 for none, and the places there.

        Of those that are there, `along` must have been all the way, the first circle aside.
        """
        seen = self.count >= least
        seen[1:] &= np.logical_and.accumulate(self.count[1:] >= along, axis=0)
        last = len(seen) - 1 - np.argmax(seen[::-1], axis=0)
        some = seen.any(axis=0)
        return np.where(some, np.float32(BEGIN) + np.float32(STEP) * last, 0), self.ways[last, np.arange(len(last))]

    def usual(self) -> tuple[float, float]:
        """How far marks usually run over in two directions, and in four."""
        return level(self.reach(2)[0], USUAL), level(self.reach(MANY + 1)[0], USUAL)


def crossed_bubbles(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, decision: Decision
) -> NDArray[np.bool_]:
    """(n,) the answers that look crossed out beside the sheet's others."""
    crossed = np.zeros(len(geometry.bubbles), dtype=bool)
    answers = decision.first[decision.states == ONE]
    if len(answers) < ENOUGH:
        return crossed
    pen = strength(sampled, answers)
    leaving = answers
    if pen >= PALE:
        through = sampled.scores.through[answers]
        leaving = answers[through >= max(LEAVES, np.sort(through, kind="stable")[int(MORE * len(through))])]
    if not len(leaving):
        return crossed
    ink = max(LEAST_INK, ARM_INK * pen)

    def arms(bubbles: Ints, circles: int = CIRCLES) -> _Arms:
        levels = levels_around(gray, geometry, placement, sampled, bubbles, partial(_circles, circles))
        return _arms(levels.reshape(-1, circles, ANGLES), placement.black, ink)

    near = arms(leaving, NEAR_CIRCLES).count
    leaving = leaving[(near[1:] >= MANY).any(axis=0) & (near[1:] >= 2).all(axis=0)]
    if not len(leaving):
        return crossed
    found = arms(leaving)
    if not _out(found, 0.0, 0.0).any():
        return crossed
    usual = arms(answers, NEAR_CIRCLES).usual()
    if max(usual) > FOUR_USUAL:
        usual = arms(answers).usual()
    crossed[leaving[_out(found, *usual)]] = True
    return crossed


def _out(arms: _Arms, usual: float, usual_four: float) -> NDArray[np.bool_]:
    """(n,) those whose arms reach out on all sides and farther than is `usual` on two, and on four."""
    # Ends of other rows' marks that run over come in farther out.
    reach, ways = arms.reach(MANY, MANY if usual > CLEAN else 2)
    out = (reach > max(LEAST, usual + THREE) - STEP / 4) & ~_free(ways, THREE_APART) & (usual < THREE_USUAL)
    reach, ways = arms.reach(MANY + 1)
    if usual <= FOUR_USUAL:
        out |= (reach > max(LEAST, usual + FOUR) - STEP / 4) & ~_free(ways, FOUR_APART)
    even = (reach > max(EVEN, usual, usual_four + EVEN_FOUR) - STEP / 4) & ~_free(ways, EVEN_APART)
    return np.asarray(out | even)


def levels_around(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, bubbles: Ints, places: Places
) -> Bytes:
    """(n, p) gray values around bubbles, the nearest pixels; `places` gives (p, 2) mm from the middle for a radius."""
    middles = geometry.xy[bubbles] + sampled.shifts[geometry.block[bubbles]]
    pixels = placement.to_pixels(np.concatenate([geometry.framed[:3], middles]))
    axes = pixels[1:3] - pixels[0]
    # Pixels counted through the image. The sheet's margins are wider than what is looked at.
    row = np.array([1, gray.shape[1]])
    sizes, which = geometry.sizes
    around = np.stack([np.rint(places(float(size)) @ axes) @ row for size in sizes[:, 0] * geometry.usual[0]])
    pixel = around.astype(np.intp)[which[geometry.block[bubbles]]]
    pixel += (np.rint(pixels[3:]) @ row).astype(np.intp)[:, None]
    return np.asarray(np.take(gray.reshape(-1), pixel, mode="clip"), dtype=np.uint8)


@cache
def _circles(circles: int, radius: float) -> NDArray[np.float64]:
    """(circles * ANGLES, 2) mm from the middle of a bubble of this `radius`."""
    turn = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    away = radius + BEGIN + STEP * np.arange(circles)[:, None]
    return np.asarray(np.stack([away * np.cos(turn), away * np.sin(turn)], axis=-1).reshape(-1, 2), dtype=np.float64)


def _arms(levels: Bytes, black: float, ink: float) -> _Arms:
    """Where ink at least so dark goes on from circle to circle, a place aside at most."""
    some = np.sort(levels[:, :: FEW[0], :: FEW[1]].reshape(len(levels), -1), axis=1)
    paper = some[:, int(PAPER * some.shape[1])].astype(np.float32)
    bound = np.ceil(paper - ink * np.maximum(paper - np.float32(black), 20)).clip(0, 255).astype(np.uint8)
    dark = np.packbits(levels < bound[:, None, None], axis=2, bitorder="little").view("<u8")[..., 0]
    ways = np.ascontiguousarray(dark.T, dtype=np.uint64)
    for before, circle in zip(ways[:-1], ways[1:], strict=True):
        circle &= before | (before << ONE_PLACE) | (before >> LAST) | (before >> ONE_PLACE) | (before << LAST)
    count = np.bitwise_count(ways & ~_turned(ways, 1))
    return _Arms(ways, np.where(ways == ~np.uint64(0), np.uint8(1), count))


def _turned(ways: NDArray[np.uint64], by: int) -> NDArray[np.uint64]:
    return np.asarray((ways << np.uint64(by)) | (ways >> np.uint64(ANGLES - by)), dtype=np.uint64)


def _free(ways: NDArray[np.uint64], most: int) -> NDArray[np.bool_]:
    """Whether more than `most` places one after the other have no ink."""
    free, length = ~ways, 1
    while length <= most:
        step = min(length, most + 1 - length)
        free &= _turned(free, step)
        length += step
    return np.asarray(free != 0)
