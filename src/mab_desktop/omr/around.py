"""Places around the bubbles of any form: which are its inside, its surroundings, its neighbours' ground."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Floats, Geometry

STEP = 0.2  # mm between samples of a patch
AROUND = 0.9  # mm beyond the bubble that the template shows
BORDER = 0.1  # mm on each side of the middle between two bubbles that is neither's ground
NEAREST = 8  # bubbles that may reach into the ground of another
BESIDE = 2  # bubbles on each side of one in its group that are its neighbours


def offsets(side: int) -> Floats:
    """(p, 2) mm of the places of a patch from the bubble's middle."""
    axis = (np.arange(side, dtype=np.float32) - side // 2) * np.float32(STEP)
    return np.asarray(np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2), dtype=np.float32)


def radius(side: int, rx: float, ry: float) -> Floats:
    """(p,) how far each place of a patch lies from the middle, the rim of the bubble being 1."""
    return np.asarray(np.hypot(*(offsets(side) / np.array([rx, ry], dtype=np.float32)).T), dtype=np.float32)


def beyond(side: int, rx: float, ry: float) -> Floats:
    """(p,) mm by which each place of a patch lies outside the rim of the bubble."""
    return np.asarray((radius(side, rx, ry) - 1) * min(rx, ry), dtype=np.float32)


def each_size(geometry: Geometry) -> Iterator[tuple[NDArray[np.intp], tuple[float, float]]]:
    """The bubbles of each size."""
    for rx, ry in np.unique(geometry.radii, axis=0):
        yield np.flatnonzero((geometry.radii == (rx, ry)).all(axis=1)), (float(rx), float(ry))


@lru_cache(maxsize=4)
def nearest(geometry: Geometry) -> NDArray[np.intp]:
    """(n, k) the bubbles nearest to each, in no order."""
    away = np.linalg.norm(geometry.xy[:, None] - geometry.xy[None], axis=2)
    np.fill_diagonal(away, np.inf)
    count = min(NEAREST, len(geometry.xy) - 1)
    return np.argpartition(away, count - 1, axis=1)[:, :count] if count else np.zeros((len(away), 0), dtype=np.intp)


def towards(geometry: Geometry, ones: NDArray[np.intp], others: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    """(n, 2) direction from each bubble to the other one, (n,) mm to its own rim there and to where its ground ends."""
    way = geometry.xy[others] - geometry.xy[ones]
    length = np.linalg.norm(way, axis=1)
    direction = way / np.maximum(length, 1e-6)[:, None]
    ours, theirs = (1 / np.linalg.norm(direction / geometry.radii[bubbles], axis=1) for bubbles in (ones, others))
    # This side of the middle between both rims.
    return direction, ours, ours + (length - ours - theirs) / 2 - BORDER


@lru_cache(maxsize=4)
def own_ground(geometry: Geometry, side: int) -> NDArray[np.bool_]:
    """(n, p) the places around each bubble that lie nearer to it than to any other."""
    places, every = offsets(side), np.arange(len(geometry.xy))
    ground = np.ones((len(geometry.xy), len(places)), dtype=bool)
    for other in nearest(geometry).T:
        direction, ours, middle = towards(geometry, every, other)
        close = np.flatnonzero(middle < ours + AROUND)
        ground[close] &= direction[close] @ places.T < middle[close, None]
    return ground


@lru_cache(maxsize=4)
def neighbours(geometry: Geometry) -> NDArray[np.intp]:
    """(n, 5) each bubble with those beside it in its group; -1 where there is none."""
    table = np.full((len(geometry.xy), 2 * BESIDE + 1), -1, dtype=np.intp)
    most = geometry.members.shape[1]
    for place in range(most):
        own = geometry.members[:, place]
        real = own >= 0
        for column, other in enumerate(range(place - BESIDE, place + BESIDE + 1)):
            if 0 <= other < most:
                table[own[real], column] = geometry.members[real, other]
    return table
