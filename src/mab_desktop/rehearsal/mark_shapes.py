"""The shapes that marks have: each a way of a pen through a bubble, points in millimetres around its centre."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mab_desktop.rehearsal.pen import Pen

Strokes = list[NDArray[np.float64]]


def _scribble(rng: Generator, pen: Pen, radius: float, coverage: float, *, half: bool = False) -> Strokes:
    """To and fro across the bubble until it is full: the turns come near the ring, never exactly on it."""
    reach = max(radius * pen.reach - pen.width / 2, 0.15)
    step = max(pen.width * (0.95 + 1.6 * (1 - coverage) ** 1.5) * (2.1 - coverage), 0.12)
    lines = max(3, round(2 * reach / step) + 1)
    across = np.linspace(-reach, 0.0 if half else reach, max(2, (lines + 1) // 2) if half else lines)
    across += rng.normal(0, pen.wobble, across.shape)
    along = np.sqrt(np.maximum(reach**2 - across**2, 0.04 * reach**2)) * rng.normal(1, 0.06, across.shape)
    turns = np.empty((2 * across.size, 2))
    turns[0::2, 0], turns[1::2, 0] = along, -along
    turns[2::4, 0], turns[3::4, 0] = -along[1::2], along[1::2]
    turns[0::2, 1] = turns[1::2, 1] = across
    turns += rng.normal(0, pen.wobble, turns.shape)
    return [_turned(turns, pen.slant + float(rng.normal(0, 0.25)))]


def _fill(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """The whole bubble: a ring along the print, then to and fro inside."""
    strokes = _scribble(rng, pen, radius, pen.coverage)
    if pen.coverage > 0.8:
        angle = np.linspace(0, 2 * math.pi + 0.4, 13) + float(rng.uniform(0, 6.3))
        reach = max(radius * pen.reach - pen.width / 2, 0.1) + rng.normal(0, pen.wobble, 13)
        strokes.append(np.stack((np.cos(angle), np.sin(angle)), 1) * reach[:, None])
    return strokes


def _spiral(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """Round and round from the ring to the middle."""
    reach = max(radius * pen.reach - pen.width / 2, 0.15)
    turns = max(2.0, reach / (pen.width * (1.9 - pen.coverage)))
    count = int(turns * 9)
    angle = np.linspace(0, 2 * math.pi * turns, count) + float(rng.uniform(0, 6.3))
    away = np.linspace(reach, pen.width * 0.2, count) + rng.normal(0, pen.wobble, count)
    squash = float(rng.normal(1, 0.08))
    return [_turned(np.stack((np.cos(angle) * away * squash, np.sin(angle) * away / squash), 1), pen.slant)]


def _hatch(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A few open strokes: paper shows between them."""
    return _scribble(rng, pen, radius, min(pen.coverage, 0.55))


def _half(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """Half the bubble filled, as if in haste."""
    return _scribble(rng, replace(pen, width=min(pen.width, 0.5)), radius, max(pen.coverage, 0.9), half=True)


def _cross(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """Two strokes across each other."""
    reach = radius * float(rng.uniform(0.75, 1.2))
    angle = math.pi / 4 + float(rng.normal(0, 0.12))
    line = np.linspace(-reach, reach, 5)[:, None]
    return [line * (math.cos(turn), math.sin(turn)) + rng.normal(0, pen.wobble, (5, 2)) for turn in (angle, -angle)]


def _tick(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A tick: short down, long up, often past the ring."""
    size = radius * float(rng.uniform(0.9, 1.35))
    points = np.array([[-0.75, -0.1], [-0.45, 0.35], [-0.2, 0.65], [0.3, -0.2], [0.95, -1.0]]) * size
    return [points + rng.normal(0, pen.wobble, points.shape)]


def _dot(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A thick point in the middle, a third of the bubble wide or more."""
    size = radius * float(rng.uniform(0.36, 0.55))
    return _spiral(rng, replace(pen, coverage=1.0, reach=size / radius + pen.width / 2 / radius), radius)


def _line(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """One stroke through the bubble, drawn twice over."""
    reach = radius * float(rng.uniform(0.8, 1.15))
    path = np.stack((np.array([-reach, 0, reach, 0, -reach * 0.9]), rng.normal(0, 1.5 * pen.wobble, 5)), 1)
    return [_turned(path, pen.slant + float(rng.normal(0, 0.15)))]


def _ring(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A ring around the letter, outside the printed one, its ends past each other."""
    angle = np.linspace(0, 2 * math.pi + float(rng.uniform(-0.2, 0.7)), 25) + float(rng.uniform(0, 6.3))
    away = radius * float(rng.uniform(1.12, 1.42)) * np.linspace(1, float(rng.normal(1, 0.06)), 25)
    wide, high = float(rng.uniform(0.95, 1.12)), float(rng.uniform(0.9, 1.02))
    line = np.stack((np.cos(angle) * away * wide, np.sin(angle) * away * high), 1)
    return [line + rng.normal(0, pen.wobble / 2, line.shape)]


STROKES: dict[str, Callable[[Generator, Pen, float], Strokes]] = {
    "fill": _fill, "spiral": _spiral, "hatch": _hatch, "cross": _cross, "tick": _tick, "dot": _dot, "half": _half,
    "line": _line, "ring": _ring,
}  # fmt: skip


def _turned(points: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    c, s = math.cos(angle), math.sin(angle)
    done: NDArray[np.float64] = points @ np.array([[c, s], [-s, c]])
    return done
