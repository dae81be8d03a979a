"""Rings drawn around bubbles: a person who answers with them throughout has marked what they go around."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.around import each_size, offsets
from mab_desktop.omr.geometry import Floats, Geometry
from mab_desktop.omr.ink import all_but
from mab_desktop.omr.sample import SECTORS

# Where a ring goes, in radii; directions that it may leave open, as a hand does that does not meet its own line.
FROM, TO, OPEN_WAYS = 0.85, 1.65, 2
LEAST = 0.12  # darkness of a ring, all around
ALONE, LIKE = 0.25, 0.75  # parts of a ring: nothing else in its group has more; of the usual ring it has this at least
INSIDE = 0.4  # part of its ring's darkness that another bubble of the group may have inside
HOLLOW = 0.35  # part of a ring's darkness that the bubble in it may have inside; a full mark has as much as its rim
TRACE, ALMOST_ALL = 1.2, 0.9  # how much more than almost all bubbles show that nobody marked may be a pale ring
LONE_LEAST, LONE, LONE_ALL = 0.1, 1.6, 0.98  # the same of a ring of one who does not answer with rings
ENOUGH, ENOUGH_SHARE = 8, 0.25  # rings, and part of the groups, that make them this person's way of marking


def rings(ink: Floats, level: Floats, geometry: Geometry) -> tuple[Floats, NDArray[np.bool_]]:
    """(n,) how dark the ring around each bubble is, if this person answers with rings and it is its group's only mark.

    `ink` (n, side, side) beyond print, `level` (n,) the darkness inside. The second, (groups,), says in which groups
    there may be some ring all the same.
    """
    found, around = np.zeros(len(ink), dtype=np.float32), _all_around(ink, geometry)
    by_group = np.where(geometry.gaps, -1.0, around[geometry.first])
    order = np.argsort(-by_group, axis=1, kind="stable")[:, :2]
    if order.shape[1] < 2:
        return found, np.zeros(len(order), dtype=bool)
    rows = np.arange(len(order))
    first, darkness = geometry.first[rows, order[:, 0]], by_group[rows, order[:, 0]]
    others = np.where(geometry.gaps | (geometry.first == first[:, None]), 0.0, level[geometry.first]).max(axis=1)
    ringed = (darkness > LEAST) & (by_group[rows, order[:, 1]] < ALONE * darkness) & (others < INSIDE * darkness)
    ringed &= level[first] < HOLLOW * darkness
    rest = all_but(len(found), first)
    # One ring among other marks.
    none = found, darkness > max(LONE_LEAST, LONE * float(np.quantile(around[rest], LONE_ALL)))
    if not ringed.any():
        return none
    ringed &= darkness > LIKE * np.median(darkness[ringed])
    filled = np.where(geometry.gaps, 0.0, level[geometry.first]).max(axis=1) > HOLLOW * np.median(darkness[ringed])
    if np.count_nonzero(ringed) < max(ENOUGH, ENOUGH_SHARE * len(order), np.count_nonzero(filled & ~ringed)):
        return none
    found[first[ringed]] = darkness[ringed]
    return found, darkness > TRACE * np.quantile(around[rest], ALMOST_ALL)


def _all_around(ink: Floats, geometry: Geometry) -> Floats:
    """(n,) how dark almost all directions are at least; a neighbour's ring, above or below, leaves the sides open."""
    side = ink.shape[1]
    tall = cv2.blur(ink.reshape(-1, side), (2, 2)).reshape(len(ink), -1)
    found = np.zeros(len(ink), dtype=np.float32)
    for own, (rx, ry) in each_size(geometry):
        x, y = (offsets(side) / np.array([rx, ry], dtype=np.float32)).T
        away, turn = np.hypot(x, y), np.rint(np.arctan2(y, x) * SECTORS / (2 * np.pi)).astype(np.intp) % SECTORS
        here = (away > FROM) & (away < TO)
        ways = np.stack([tall[own][:, here & (turn == way)].max(axis=1) for way in range(SECTORS)], axis=1)
        found[own] = np.partition(ways, OPEN_WAYS, axis=1)[:, OPEN_WAYS]
    return found
