"""Ink that runs over from a mark into the ground of the bubbles beside it: it belongs to the mark, not to them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.around import each_size, nearest, offsets, own_ground, radius, towards
from mab_desktop.omr.geometry import Floats, Geometry
from mab_desktop.omr.sample import LIGHT

# Darkness inside from which a bubble is a mark whose ink may run over: this much, and such a part of the usual mark.
STRONG, STRONG_PART = 0.15, 0.5
# Darkness inside that such ink adds at most: of 40 pages of a stranger's six forms 0.04, of a mark at its rim 0.08.
MOST_INSIDE = 0.05
DEEP = 0.2  # part of the way from a bubble's middle to its rim that ink from beside does not reach


def running_over(ink: Floats, level: Floats, geometry: Geometry) -> NDArray[np.bool_]:
    """(n, side, side) places around each bubble where the `ink` (n, side, side) beyond print hangs together with the
    mark of a bubble beside it and does not come near its own middle. `level` (n,) is the darkness inside.

    A mark of its own would lie about the middle, or apart, or darken more of its bubble.
    """
    side, near = ink.shape[1], nearest(geometry)
    over = np.zeros((len(ink), side * side), dtype=bool)
    marked = level > STRONG
    if not near.shape[1] or not marked.any():
        return over.reshape(ink.shape)
    strong = level > max(STRONG, STRONG_PART * float(np.median(level[marked])))
    inked, ground = ink > LIGHT, own_ground(geometry, side)
    beside = strong[near] & ~strong[:, None] & (inked.reshape(len(ink), -1) & ground).any(axis=1)[:, None]
    places = offsets(side)
    for number in np.flatnonzero(beside.any(axis=1)).tolist():
        _, parts = cv2.connectedComponents(inked[number].astype(np.uint8))
        parts = parts.reshape(-1)
        others = near[number][beside[number]]
        for way, rim, middle in zip(*towards(geometry, np.full(len(others), number), others), strict=True):
            along = places @ way
            for part in np.unique(parts[along >= middle]).tolist():
                own = (parts == part) & ground[number]
                if part and own.any() and along[own].min() > DEEP * rim:
                    over[number] |= own
    over = over.reshape(ink.shape)
    dark = np.where(over, np.maximum(ink, 0), 0).reshape(len(ink), -1)
    for own_size, (rx, ry) in each_size(geometry):
        inside = radius(side, rx, ry) < 1
        over[own_size[dark[own_size][:, inside].mean(axis=1) > MOST_INSIDE]] = False
    for number in np.flatnonzero(over.any(axis=(1, 2))).tolist():
        # Its blurred edge goes with it.
        over[number] = cv2.dilate(over[number].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return over
