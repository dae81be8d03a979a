"""Answers that are crossed out, with nothing else in their rows: as dark as any mark, and yet no answer that is sure.

The arms of a cross, the ends of a double line, a scrawl's loops lie beyond what is measured of a bubble. They are
followed outwards from its ring: marks that run over do so on a side or two, and as far as this person's others.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.arms import ANGLES, ARM_INK, LEAST_INK, STEP, Arms, circles_around, follow, levels_around, turned
from mab_desktop.omr.geometry import Geometry, Ints
from mab_desktop.omr.ink import level
from mab_desktop.omr.lines import PALE, strength
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.marks import ONE, Decision
from mab_desktop.omr.sample import Sampled

# How surely ink leaves on two opposite sides, as in `Scores.through`: arms of a cross do, and so they do more than on
# this part of the answers. Next to nothing of a pale pen counts as ink there.
LEAVES, MORE = 51, 0.6
ENOUGH = 10  # answers that say how far this person's marks run over
CIRCLES = 9  # that are looked at
USUAL = 0.8  # of the answers run over on two sides no farther than what is usual here
LEAST, NEAR_CIRCLES = 1.1, 4  # mm beyond the ring that arms reach, and circles that show most that have none
# How much farther than is usual three arms or four reach, and how far around it may be from one to the next; how far it
# may be usual then. Four at even distances are a cross: how far they reach, and how much farther than four do usually.
MANY, THREE, THREE_APART, THREE_USUAL = 3, 0.8, ANGLES // 2, 1.0
FOUR, FOUR_APART, FOUR_USUAL = 0.3, 44, 0.65
CLEAN = 0.4  # how far it may be usual where no marks of other rows come near
EVEN, EVEN_FOUR, EVEN_APART = 1.1, 1.0, 18


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

    def arms(bubbles: Ints, circles: int = CIRCLES) -> Arms:
        levels = levels_around(gray, geometry, placement, sampled, bubbles, partial(circles_around, circles))
        return follow(levels.reshape(-1, circles, ANGLES), placement.black, ink)

    near = arms(leaving, NEAR_CIRCLES).count
    leaving = leaving[(near[1:] >= MANY).any(axis=0) & (near[1:] >= 2).all(axis=0)]
    if not len(leaving):
        return crossed
    found = arms(leaving)
    if not _out(found, 0.0, 0.0).any():
        return crossed
    usual = _usual(arms(answers, NEAR_CIRCLES))
    if max(usual) > FOUR_USUAL:
        usual = _usual(arms(answers))
    crossed[leaving[_out(found, *usual)]] = True
    return crossed


def _usual(arms: Arms) -> tuple[float, float]:
    """How far marks usually run over in two directions, and in four."""
    return level(arms.reach(2)[0], USUAL), level(arms.reach(MANY + 1)[0], USUAL)


def _out(arms: Arms, usual: float, usual_four: float) -> NDArray[np.bool_]:
    """(n,) those whose arms reach out on all sides and farther than is `usual` on two, and on four."""
    # Ends of other rows' marks that run over come in farther out.
    reach, ways = arms.reach(MANY, MANY if usual > CLEAN else 2)
    out = (reach > max(LEAST, usual + THREE) - STEP / 4) & ~_free(ways, THREE_APART) & (usual < THREE_USUAL)
    reach, ways = arms.reach(MANY + 1)
    if usual <= FOUR_USUAL:
        out |= (reach > max(LEAST, usual + FOUR) - STEP / 4) & ~_free(ways, FOUR_APART)
    even = (reach > max(EVEN, usual, usual_four + EVEN_FOUR) - STEP / 4) & ~_free(ways, EVEN_APART)
    return np.asarray(out | even)


def _free(ways: NDArray[np.uint64], most: int) -> NDArray[np.bool_]:
    """Whether more than `most` places one after the other have no ink."""
    free, length = ~ways, 1
    while length <= most:
        step = min(length, most + 1 - length)
        free &= turned(free, step)
        length += step
    return np.asarray(free != 0)
