"""Streaks down a scan: dirt on the narrow strip of glass that paper runs over stands upright, however paper lies."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.locate import Image
from mab_desktop.omr.remarks import Remark, Verdict, grade

STEADY = 0.6  # of the bands must show a streak
SURROUNDINGS = 9.0  # mm that a streak is compared with
LEAST_DEPTH, DEVIATIONS = 3.5, 7.0  # gray levels, and times the usual unrest, from which a column is a streak
DEPTH, WIDTH = (0.0, 12.0), (0.0, 1.1)  # a deeper or wider streak is more than the reader sees past


@dataclass(frozen=True, slots=True)
class Streak:
    """An upright streak: `at` its middle in mm from the image's left edge, `depth` in gray levels (light: negative)."""

    at: float
    width: float
    depth: float


def depths_of(band: Image, dots: float) -> NDArray[np.float32]:
    """How much darker each column of a band of plain paper is than its surroundings, in gray levels."""
    profile = np.asarray(cv2.reduce(band, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[0], dtype=np.float32)
    return np.subtract(_background(profile, max(3, round(SURROUNDINGS * dots) | 1)), profile)


def upright_streaks(
    depths: NDArray[np.float32], dots: float, *, known: int, least: float = LEAST_DEPTH
) -> tuple[Streak, ...]:
    """Columns that differ from both sides in most bands. `depths`: bands x columns, NaN where no paper is seen.

    `known`: bands that a column must be seen in; `least`: gray levels from which it is a streak.
    """
    steady = np.zeros(depths.shape[1], dtype=np.float32)
    enough = (~np.isnan(depths)).sum(axis=0) >= known
    steady[enough] = _steady(depths[:, enough])
    unrest = 1.4826 * float(np.median(np.abs(steady[enough]))) if enough.any() else 0.0
    return _spans(steady, max(least, DEVIATIONS * unrest), dots)


def of_streak(code: str, streak: Streak) -> Remark:
    """The remark that a streak earns: where it runs, how wide and how dark."""
    grades = (grade(abs(streak.depth), DEPTH), grade(streak.width, WIDTH))
    told = (("at", streak.at), ("depth", abs(streak.depth)), ("width", streak.width))
    return Remark(code, Verdict.BAD if Verdict.BAD in grades else Verdict.REMARK, told)


def _background(profile: NDArray[np.float32], around: int) -> NDArray[np.float32]:
    """The profile without anything narrower than half of `around`: a running median, then smoothed."""
    step = max(1, around // 24)
    coarse = profile[: len(profile) // step * step].reshape(-1, step).mean(axis=1)
    padded = np.pad(coarse, around // step // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * (around // step // 2) + 1)
    middle = np.median(windows, axis=1)
    places = (np.arange(len(middle)) + 0.5) * step - 0.5
    return np.interp(np.arange(len(profile)), places, middle).astype(np.float32)


def _steady(depths: NDArray[np.float32]) -> NDArray[np.float32]:
    """The depth that most bands of each column reach, dark or light: a spot or a crease shows in few."""
    low = np.nanquantile(depths, 1 - STEADY, axis=0, method="lower")
    high = np.nanquantile(depths, STEADY, axis=0, method="higher")
    return np.where(low > 0, low, np.where(high < 0, high, 0)).astype(np.float32)


def _spans(steady: NDArray[np.float32], least: float, dots: float) -> tuple[Streak, ...]:
    columns = np.flatnonzero(np.abs(steady) > least)
    if not len(columns):
        return ()
    found: list[Streak] = []
    for group in np.split(columns, np.flatnonzero(np.diff(columns) > max(2, round(0.3 * dots))) + 1):
        depth = float(steady[group[np.argmax(np.abs(steady[group]))]])
        found.append(Streak(float(group.mean() + 0.5) / dots, int(group[-1] - group[0] + 1) / dots, depth))
    return tuple(found)
