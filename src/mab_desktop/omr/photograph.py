"""What only photographs need: the sheet among squares seen at a slant, and light that falls evenly.

A flat sheet seen from anywhere is a plane: four of its squares say where all others are. Each four of the largest
spots are taken for the corners, in each turn, and the two squares between them tell which of it is true.
"""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.locate import CORNERS, MARKS, SIZES, Image, Points

LOOKED_AT = (8, 14)  # spots, the largest first
NEAR = 3.0  # mm of the sheet: a square between the corners is this close to its place, though the sheet bends a little
ALIKE = (0.75, 1.33)  # a square's side against what the four corners say of it
# Where the top left, top right, bottom left and bottom right corner may be among four, counted clockwise.
TURNS = ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))

ROUGH = 1.0  # dots per mm of the picture of the light
WIDEST_INK = 17  # mm: wider is shadow, not print
SMOOTH = 5.0  # mm
EVEN = 0.8  # darkest of the light against the lightest: what scanners give has less
WHITE = 235.0


def slanted(spots: Points) -> NDArray[np.intp] | None:
    """Which of the spots (n, 3: middle and side) is which square of a sheet seen at a slant; None where none is."""
    for count in LOOKED_AT:
        if len(spots) >= len(MARKS):
            found = _best_four(spots[:count])
            if found is not None:
                return found
        if count >= len(spots):
            break
    return None


def plane(marks: Points, points: Points) -> NDArray[np.float64]:
    """(k, 3, 3) what takes four places on the sheet to each four points (k, 4, 2)."""
    x, y = marks.T
    across, down = points[..., 0], points[..., 1]
    rows = np.zeros((len(points), 8, 8))
    rows[:, 0::2, 0], rows[:, 0::2, 1], rows[:, 0::2, 2] = x, y, 1
    rows[:, 1::2, 3], rows[:, 1::2, 4], rows[:, 1::2, 5] = x, y, 1
    for first, seen in ((0, across), (1, down)):
        rows[:, first::2, 6], rows[:, first::2, 7] = -seen * x, -seen * y
    solved = np.linalg.solve(rows, points.reshape(len(points), 8, 1))[..., 0]
    return np.asarray(np.concatenate([solved, np.ones((len(points), 1))], axis=1).reshape(-1, 3, 3))


def _best_four(spots: Points) -> NDArray[np.intp] | None:
    """The corners among a few spots, and the squares between them."""
    fours = _around(spots, np.array(list(combinations(range(len(spots)), CORNERS))))
    if not len(fours):
        return None
    orders = np.concatenate([fours[:, turn] for turn in TURNS])
    maps = plane(MARKS[:CORNERS], spots[orders][..., :2])
    places, growth = _seen(maps)
    ratio = spots[orders, 2] / (growth[:, :CORNERS] * SIZES[:CORNERS])
    likely = ((ratio > ALIKE[0]) & (ratio < ALIKE[1])).all(axis=1)
    orders, places, growth = orders[likely], places[likely], growth[likely]
    away = np.linalg.norm(places[:, CORNERS:, None] - spots[None, None, :, :2], axis=3) / growth[:, CORNERS:, None]
    ratio = spots[None, None, :, 2] / (growth[:, CORNERS:, None] * SIZES[None, CORNERS:, None])
    away[(ratio < ALIKE[0]) | (ratio > ALIKE[1])] = np.inf
    off = away.min(axis=2, initial=np.inf).max(axis=1, initial=0.0)
    if not len(off) or off.min() > NEAR:
        return None
    best = int(off.argmin())
    return np.asarray(np.concatenate([orders[best], away[best].argmin(axis=1)]))


def _around(spots: Points, fours: NDArray[np.intp]) -> NDArray[np.intp]:
    """Each four in the order around their middle, clockwise; those with a corner within the others left out."""
    points = spots[fours, :2]
    from_middle = points - points.mean(axis=1, keepdims=True)
    order = np.argsort(np.arctan2(from_middle[..., 1], from_middle[..., 0]), axis=1)
    fours, points = np.take_along_axis(fours, order, 1), np.take_along_axis(points, order[..., None], 1)
    along = np.roll(points, -1, 1) - points
    after = np.roll(along, -1, 1)
    bends = along[..., 0] * after[..., 1] - along[..., 1] * after[..., 0]
    return np.asarray(fours[(bends > 0).all(axis=1)])


def _seen(maps: NDArray[np.float64]) -> tuple[Points, NDArray[np.float64]]:
    """Where each map (k, 3, 3) puts the squares (k, 6, 2), and dots per mm there; none where a map runs to infinity."""
    seen = maps @ np.column_stack([MARKS, np.ones(len(MARKS))]).T
    depth = seen[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        places = (seen[:, :2] / depth[:, None]).transpose(0, 2, 1)
        # A plane's area grows by det / depth^3.
        growth = np.sqrt(np.abs(np.linalg.det(maps))[:, None] / np.abs(depth) ** 3)
    whole = (depth > 0).all(axis=1)[:, None]
    return np.nan_to_num(places), np.where(whole, growth, np.inf)


def even_light(gray: Image, scale: float) -> Image:
    """The page as if no shadow lay on it, `scale` dots a mm; unchanged where the light is even already."""
    small = cv2.resize(gray, None, fx=ROUGH / scale, fy=ROUGH / scale, interpolation=cv2.INTER_AREA)
    ink = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEST_INK, WIDEST_INK))
    light = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, ink), (0, 0), SMOOTH)
    dark, bright = np.percentile(np.asarray(light, dtype=np.float32), (4, 96))
    if dark >= EVEN * bright:
        return gray
    paper = cv2.resize(np.maximum(light, 1), gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, paper, scale=WHITE), dtype=np.uint8)
