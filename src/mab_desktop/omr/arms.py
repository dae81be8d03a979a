"""Ink followed outwards from the rings of bubbles: how far it goes, and on how many sides.

What lies there is looked at in circles, some places of each; the places of a circle are the bits of one number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Floats, Geometry, Ints
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.sample import Bytes, Sampled

ANGLES, STEP = 64, 0.2  # places around a bubble, a bit each; mm from one circle of them to the next
BEGIN = 0.3  # mm beyond the ring where its blur has ended
PAPER, FEW = 0.7, (2, 4)  # the lighter places around a bubble; which of them say it
ARM_INK, LEAST_INK = 0.5, 0.15  # part of the pen's own darkness, and darkness, that an arm has all along
Places = Callable[[float], NDArray[np.float64]]
ONE_PLACE, LAST = np.uint64(1), np.uint64(ANGLES - 1)


@dataclass(frozen=True, slots=True)
class Arms:
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


def levels_around(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, bubbles: Ints, places: Places
) -> Bytes:
    """(n, p) gray values around bubbles, the nearest pixels; `places` gives (p, 2) mm from the middle for a radius."""
    block = geometry.block[bubbles]
    middles = geometry.xy[bubbles] + sampled.shifts[block]
    pixels = placement.to_pixels(np.concatenate([geometry.framed[:3], middles]))
    axes = pixels[1:3] - pixels[0]
    # Pixels counted through the image. The sheet's margins are wider than what is looked at.
    sizes, which = geometry.sizes
    around = [_counted(places(float(size)) @ axes, gray) for size in sizes[:, 0] * geometry.usual[0]]
    pixel = np.stack(around)[which[block]] + _counted(pixels[3:], gray)[:, None]
    return np.asarray(np.take(gray.reshape(-1), pixel, mode="clip"), dtype=np.uint8)


def _counted(pixels: NDArray[np.float64], gray: Image) -> Ints:
    """The places (n, 2) across and down in the image as numbers of pixels: whole numbers are added up much faster."""
    across, down = np.rint(pixels).astype(np.intp).T
    return np.asarray(across + gray.shape[1] * down)


@cache
def circles_around(circles: int, radius: float) -> NDArray[np.float64]:
    """(circles * ANGLES, 2) mm from the middle of a bubble of this `radius`."""
    turn = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    away = radius + BEGIN + STEP * np.arange(circles)[:, None]
    return np.asarray(np.stack([away * np.cos(turn), away * np.sin(turn)], axis=-1).reshape(-1, 2), dtype=np.float64)


def follow(levels: Bytes, black: float, ink: float, allowed: NDArray[np.uint64] | None = None) -> Arms:
    """Where ink at least so dark goes on from circle to circle, a place aside at most; `levels` (n, circles, angles).

    Only in places that are `allowed` (n, circles), a bit each.
    """
    # Sorted as numbers of four bytes: for these there are vector instructions.
    some = np.sort(levels[:, :: FEW[0], :: FEW[1]].astype(np.float32).reshape(len(levels), -1), axis=1)
    paper = some[:, int(PAPER * some.shape[1])]
    bound = np.ceil(paper - ink * np.maximum(paper - np.float32(black), 20)).clip(0, 255).astype(np.uint8)
    dark = np.packbits(levels < bound[:, None, None], axis=2, bitorder="little").view("<u8")[..., 0]
    ways = np.ascontiguousarray((dark if allowed is None else dark & allowed).T, dtype=np.uint64)
    for before, circle in zip(ways[:-1], ways[1:], strict=True):
        circle &= before | (before << ONE_PLACE) | (before >> LAST) | (before >> ONE_PLACE) | (before << LAST)
    count = np.bitwise_count(ways & ~turned(ways, 1))
    return Arms(ways, np.where(ways == ~np.uint64(0), np.uint8(1), count))


def turned(ways: NDArray[np.uint64], by: int) -> NDArray[np.uint64]:
    """The places as many farther around."""
    return np.asarray((ways << np.uint64(by)) | (ways >> np.uint64(ANGLES - by)), dtype=np.uint64)
