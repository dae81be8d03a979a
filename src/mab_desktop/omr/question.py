"""A question mark over a row that is left empty: lines of this person's pen in a bubble, and yet no answer.

Of the answers least like the sheet's others the few with little ink are looked at closely, and laid on question marks.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.arms import levels_around
from mab_desktop.omr.geometry import Floats, Geometry, Ints
from mab_desktop.omr.locate import Image, Placement
from mab_desktop.omr.marks import ONE, Decision
from mab_desktop.omr.sample import Bytes, Sampled, Scores

ENOUGH = 10  # answers that say what is usual here
# Differences that mean nothing, as in `Scores`: of darkness, inked and well inked share, then of the ink's form.
GRAIN = np.array([6, 8, 8, 4, 4, 4, 4, 8], dtype=np.float32)[:, None]
UNLIKE, MOST, FEWEST = 14.0, 8.0, 12  # usual differences in all; of one look at most; how many answers are looked at
THIN = 128  # inked share, as in `Scores.light`, that lines do not reach
# In radii of a bubble: how far apart places are, where its ring is, how far out and down is looked.
STEP, RING, OUT, DOWN = 0.16, 0.17, 1.63, 1.32
# Question marks by height and slant, their width beside it, and where they lie; width of the pen, and of the paper that
# is beside its line, which counts so much.
HEIGHTS, LEANS, WIDTH = (1.6, 1.9, 2.2, 2.5), (-0.1, 0.1), 0.28
ACROSS, BESIDE = np.arange(-6, 7) * 0.158, np.arange(-3, 3) * 0.158
PEN, PAPER, PAPER_COUNTS = 0.24, 0.48, 0.6
ALIKE = 0.59  # correlation; of 195,268 groups of hard tuning seeds 3 answers have as much


def questioned_bubbles(
    gray: Image, geometry: Geometry, placement: Placement, sampled: Sampled, decision: Decision
) -> NDArray[np.bool_]:
    """(n,) the answers that look like a question mark."""
    questioned = np.zeros(len(geometry.bubbles), dtype=bool)
    answers = decision.first[decision.states == ONE]
    if len(answers) < ENOUGH or not (sampled.scores.light[answers] < THIN).any():
        return questioned
    unlike = answers[_unlike(sampled.scores, answers)]
    if len(unlike):
        levels = levels_around(gray, geometry, placement, sampled, unlike, _places)
        questioned[unlike[_alike(levels, placement.black) > ALIKE]] = True
    return questioned


def _unlike(scores: Scores, answers: Ints) -> Ints:
    """Which of the answers have little ink and are the least like the others."""
    parts = (scores.mean, scores.light, scores.dark, scores.x, scores.y, scores.slant, scores.tilt, scores.spread)
    looks = np.stack([part[answers] for part in parts]).astype(np.float32)
    half = len(answers) // 2
    away = np.abs(looks - np.sort(looks, axis=1)[:, half, None])
    apart = np.minimum(away / (np.sort(away, axis=1)[:, half, None] + GRAIN), MOST).sum(axis=0)
    farthest = np.argsort(-apart, kind="stable")[:FEWEST]
    few = (apart[farthest] >= UNLIKE) & (scores.light[answers[farthest]] < THIN)
    return np.asarray(farthest[few], dtype=np.intp)


def _alike(levels: Bytes, black: float) -> Floats:
    """(n,) how well the best of all question marks lies on what is there (correlation)."""
    paper = np.sort(levels.astype(np.float32), axis=1)[:, int(0.7 * levels.shape[1]), None]
    dark = np.clip((paper - levels) / np.maximum(paper - np.float32(black), 20), 0, 1.2).astype(np.float32)
    dark -= dark.mean(axis=1, keepdims=True)
    dark /= np.maximum(np.linalg.norm(dark, axis=1, keepdims=True), 1e-3)
    # Products so small, of two rows at least, stay in one thread.
    match = np.matmul(np.concatenate([dark, dark[:1]]), _marks())
    return np.asarray(match.max(axis=(0, 2))[:-1], dtype=np.float32)


def _places(radius: float) -> NDArray[np.float64]:
    return _grid() * radius


@cache
def _grid() -> NDArray[np.float64]:
    """(p, 2) places in and around a bubble of radius 1, without its ring."""
    axis = np.arange(-round(OUT / STEP), round(OUT / STEP) + 1) * STEP
    places = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    away = np.hypot(*places.T)
    return np.asarray(places[(away < OUT) & (np.abs(away - 1) > RING) & (places[:, 1] < DOWN)], dtype=np.float64)


@cache
def _marks() -> Floats:
    """(shapes, p, places) question marks, each of mean 0 and length 1."""
    turn = np.linspace(np.pi, -np.pi / 2, 20)
    hook = np.stack([WIDTH * np.cos(turn), -0.22 - WIDTH * np.sin(turn)], axis=1)
    stem = np.stack([np.zeros(4), np.linspace(hook[-1, 1], 0.2, 4)], axis=1)
    line = np.concatenate([hook, stem, [(0, 0.45), (0, 0.49)]])
    grid = _grid()
    places = np.stack(np.meshgrid(ACROSS, BESIDE), axis=-1).reshape(-1, 1, 1, 2)
    shapes = []
    for height in HEIGHTS:
        for lean in LEANS:
            way = height * (line - np.stack([lean * line[:, 1], 0 * line[:, 1]], axis=1))
            off = np.sqrt(((grid[:, None] - way - places) ** 2).sum(axis=3).min(axis=2)).T
            shapes.append(np.exp(-((off / PEN) ** 2)) - PAPER_COUNTS * np.exp(-((off / PAPER) ** 2)))
    marks = np.stack(shapes)
    marks -= marks.mean(axis=1, keepdims=True)
    return np.asarray(marks / np.linalg.norm(marks, axis=1, keepdims=True), dtype=np.float32)
