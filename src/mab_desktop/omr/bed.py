"""Find a sheet that lies anywhere in an image: on a larger bed, turned to any side, in a photograph.

Only pages that do not lie as a feeder leaves them are looked at here. Nothing is read and nothing decided: the sheet
is cut out and laid straight, then it goes the usual way, with all its checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH
from mab_desktop.omr.locate import CORNERS, MARK, MARKS, MIRRORED, OPPOSITE, PAIRS, PROBE, SIZES, Image, Points
from mab_desktop.omr.photograph import even_light, slanted
from mab_desktop.omr.problems import PageRefused

LONG_SIDE = 1300  # dots of the image on which squares are sought
LEAST_SIDE, MOST_SIDE = 5.0, 45.0  # dots of a square there
FULL, OBLONG = 0.82, 1.4  # part of its frame that a square fills; its longer side against the shorter
FIRST_SPOTS = (10, 30, 90)  # of the largest: what is looked at first, and at most
DARK_MARK = 0.8  # of the light where no mark is
LEVELS = (0.5, 0.66, 0.8)  # of the light around: what may be a square
AROUND = 41  # dots of what is around
ALIKE = (0.78, 1.28)  # a square's side against what the distance between two says
CLOSE, FAR = 3.2, 12.0  # mm off its place: of a flat sheet, of one photographed at a slant
SLANT = 0.5  # mm off on average from which the page is taken for a photograph
NEARLY_STRAIGHT = 8.0  # degrees that the usual way takes
MARGIN = 4.0  # mm cut out around the sheet
OTHERS = 2  # squares outside the sheet that are another sheet's
PRINT = 0.6  # of the light around: as dark as print is at least
MOST_MAPS = 8_000  # looked at: the likelier ones


@dataclass(frozen=True)
class CutOut:
    """A sheet cut out of an image: its gray values, and what takes their pixels to those of the image (3, 3)."""

    gray: Image
    back: NDArray[np.float64]
    dpi: float
    slant: bool


def cut_out(gray: Image) -> CutOut | None:
    """The one sheet in an image; None where none is found, PageRefused where there are several."""
    factor = min(1.0, LONG_SIDE / max(gray.shape))
    small = np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    best: _Found | None = None
    for tone in _tones(small):
        spots = _spots(tone)
        found = _found(small, spots)
        if found is None or found.hits < len(MARKS) or found.off() > SLANT:
            found = _found_slanted(small, spots) or found
        if found is not None and (best is None or found.hits > best.hits):
            best = found
        if best is not None and best.hits == len(MARKS):
            break
    if best is None:
        return None
    _check_alone(small, best)
    return _cut(gray, (best.spots[:, :2] + 0.5) / factor - 0.5, best.which, best.turn / factor)


@dataclass(frozen=True)
class _Found:
    """What may be squares, which of it is which square (or -1), and what a mm to the right is in the small image."""

    spots: Points
    which: NDArray[np.intp]
    turn: complex

    @property
    def hits(self) -> int:
        return int((self.which >= 0).sum())

    def places(self) -> tuple[Points, Points]:
        """The squares seen: where they are on the sheet in mm, and in the image."""
        used = self.which >= 0
        return MARKS[used], self.spots[self.which[used], :2]

    def page(self) -> NDArray[np.float64]:
        """(3, 3) from mm on the sheet to dots: in perspective where all squares are seen."""
        marks, points = self.places()
        if self.hits == len(MARKS):
            return np.asarray(cv2.findHomography(marks, points, 0)[0], dtype=np.float64)
        flat = np.linalg.lstsq(np.column_stack([marks, np.ones(len(marks))]), points, rcond=None)[0]
        return np.vstack([flat.T, [0, 0, 1.0]])

    def off(self) -> float:
        """mm that the squares are off a flat sheet on average."""
        marks, points = self.places()
        flat = _similar(marks, points)
        return float(np.hypot(*(marks @ flat[:, :2].T + flat[:, 2] - points).T).mean() / abs(self.turn))


def _found(small: Image, spots: Points) -> _Found | None:
    """The sheet among spots, the largest of them first: nothing on it is as large and solid as its squares."""
    for count in FIRST_SPOTS:
        if len(spots) >= CORNERS:
            found = _best_map(spots[:count])
            if found is not None and _marked(small, found):
                return found
        if count >= len(spots):
            break
    return None


def _found_slanted(small: Image, spots: Points) -> _Found | None:
    """The sheet seen at a slant: all of its squares, or none of it."""
    which = slanted(spots)
    if which is None:
        return None
    place = spots[which, 0] + 1j * spots[which, 1]
    marks = MARKS[:, 0] + 1j * MARKS[:, 1]
    turn = complex(np.vdot(marks - marks.mean(), place - place.mean()) / np.vdot(marks - marks.mean(), marks))
    found = _Found(spots, which, turn)
    return found if _marked(small, found) else None


def _marked(small: Image, found: _Found) -> bool:
    """Whether a mark of orientation is beside the squares, even if it is on the wrong side."""
    page = found.page()
    areas = [PROBE[part] for part in (MARK, OPPOSITE, MIRRORED)]
    levels = []
    for area in areas:
        seen = np.column_stack([area, np.ones(len(area))]) @ page.T
        x, y = np.rint(seen[:, :2] / seen[:, 2:]).astype(np.intp).T
        levels.append(float(small[y.clip(0, small.shape[0] - 1), x.clip(0, small.shape[1] - 1)].mean()))
    return min(levels) < DARK_MARK * max(levels)


def _tones(small: Image) -> Iterator[Image]:
    """Where the image is dark, by one measure after the other."""
    around = cv2.blur(small, (AROUND, AROUND), borderType=cv2.BORDER_REPLICATE)
    for level in LEVELS:
        yield np.asarray(cv2.compare(small, cv2.convertScaleAbs(around, alpha=level), cv2.CMP_LT), dtype=np.uint8)
    _, dark = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    yield np.asarray(dark, dtype=np.uint8)


def _spots(dark: Image) -> Points:
    """(n, 3) middle and side of what may be a square, however turned."""
    core = cv2.erode(dark, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    outlines, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        _, _, width, height = cv2.boundingRect(outline)
        if not LEAST_SIDE - 2 <= min(width, height) <= max(width, height) <= 1.5 * MOST_SIDE:
            continue
        middle, sides, _ = cv2.minAreaRect(outline)
        short, long = min(sides), max(sides)
        # Outlines run through the middles of dots, and the ink was made thinner by a dot all around.
        if short < 1 or long > OBLONG * short + 1 or cv2.contourArea(outline) < FULL * short * long - 2:
            continue
        found.append((middle[0], middle[1], (short + long) / 2 + 3))
    spots = np.array(found, dtype=np.float64).reshape(-1, 3)
    return np.asarray(spots[np.argsort(-spots[:, 2], kind="stable")[: FIRST_SPOTS[-1]]])


def _best_map(spots: Points) -> _Found | None:
    """The sheet whose squares fit the spots best; None where none does."""
    place = spots[:, 0] + 1j * spots[:, 1]
    marks = MARKS[:, 0] + 1j * MARKS[:, 1]
    one, two = PAIRS
    begin, end = (a.ravel() for a in np.nonzero(~np.eye(len(spots), dtype=bool)))
    turn = (place[end] - place[begin])[:, None] / (marks[two] - marks[one])[None]
    sides = (spots[begin, 2, None] / SIZES[one], spots[end, 2, None] / SIZES[two])
    apart = np.maximum(np.abs(turn), 1e-9)
    ratios = [side / apart for side in sides]
    likely = np.all([(ratio > ALIKE[0]) & (ratio < ALIKE[1]) for ratio in ratios], axis=0)
    pair, kind = np.nonzero(likely)
    order = np.argsort(sum(np.abs(np.log(ratio[likely])) for ratio in ratios), kind="stable")[:MOST_MAPS]
    pair, kind = pair[order], kind[order]
    a = turn[pair, kind]
    b = place[begin[pair]] - a * marks[one[kind]]
    return _most_hits(a, b, spots, marks)


def _most_hits(
    a: NDArray[np.complex128], b: NDArray[np.complex128], spots: Points, marks: NDArray[np.complex128]
) -> _Found | None:
    """Of the maps z -> a z + b the one that brings most squares onto spots of their size."""
    place, sides = spots[:, 0] + 1j * spots[:, 1], spots[:, 2]
    best, found = 0.0, None
    for part in range(0, len(a), 2000):
        here, shift = a[part : part + 2000], b[part : part + 2000]
        away = np.abs((here[:, None] * marks + shift[:, None])[:, :, None] - place) / np.abs(here)[:, None, None]
        ratio = sides[None, None] / (np.abs(here)[:, None, None] * SIZES[None, :, None])
        away[(ratio < ALIKE[0]) | (ratio > ALIKE[1])] = np.inf
        nearest, off = away.argmin(axis=2), away.min(axis=2)
        for limit, least in ((CLOSE, CORNERS), (FAR, len(marks))):
            hits = off < limit
            count = hits.sum(axis=1)
            fits = (count >= least) & (hits[:, :CORNERS].sum(axis=1) >= CORNERS - 1)
            quality = np.where(fits, count - np.where(hits, off, 0).sum(axis=1) / (CLOSE * len(marks)), 0)
            n = int(np.argmax(quality))
            if quality[n] > best:
                best, found = float(quality[n]), _Found(spots, np.where(hits[n], nearest[n], -1), complex(here[n]))
    return found


def _check_alone(small: Image, found: _Found) -> None:
    """Refuse an image with squares of another sheet: which of them is meant nobody can say."""
    page = found.page()
    others = np.delete(found.spots, found.which[found.which >= 0], axis=0)
    back = np.column_stack([others[:, :2], np.ones(len(others))]) @ np.linalg.inv(page).T
    places = back[:, :2] / back[:, 2:]
    growth = np.sqrt(np.abs(np.linalg.det(page)) * np.abs(back[:, 2]) ** 3)  # dots per mm there
    alike = np.abs(others[:, 2] / (6 * growth) - 1) < 0.2
    beyond = ((places < -5) | (places > np.array([PAGE_WIDTH, PAGE_HEIGHT]) + 5)).any(axis=1)
    if sum(_on_paper(small, *spot) for spot in others[alike & beyond].tolist()) >= OTHERS:
        raise PageRefused("two-sheets")


def _on_paper(small: Image, x: float, y: float, side: float) -> bool:
    """Whether a dark spot stands out as print does on paper; grain of a table and shadows do less."""
    core, around = (small[max(0, round(y - half)) : round(y + half) + 1, max(0, round(x - half)) : round(x + half) + 1]
                    for half in (0.25 * side, 0.8 * side))  # fmt: skip
    return float(core.mean()) < PRINT * float(np.percentile(around, 85))


def _cut(gray: Image, centres: Points, which: NDArray[np.intp], turn: complex) -> CutOut:
    """The sheet cut out: dot by dot where it lies all but straight, else drawn anew."""
    used = which >= 0
    scale = abs(turn)
    flat = _similar(MARKS[used], centres[which[used]])
    off = np.hypot(*(MARKS[used] @ flat[:, :2].T + flat[:, 2] - centres[which[used]]).T) / scale
    slant = bool(used.all() and off.mean() > SLANT)
    quarter = round(float(np.degrees(np.angle(turn))) / 90)
    askew = float(np.degrees(np.angle(turn * 1j**-quarter)))
    if slant or abs(askew) > NEARLY_STRAIGHT:
        return _drawn_anew(gray, centres[which[used]], used, flat, scale, slant)
    edges = np.array([(x, y) for x in (-MARGIN, PAGE_WIDTH + MARGIN) for y in (-MARGIN, PAGE_HEIGHT + MARGIN)])
    corners = edges @ flat[:, :2].T + flat[:, 2]
    left, top = np.floor(corners.min(axis=0)).clip(0).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
    part = gray[top:bottom, left:right]
    back = np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]]) @ turned_back(part.shape[1], part.shape[0], quarter)
    return CutOut(even_light(np.ascontiguousarray(np.rot90(part, quarter)), scale), back, scale * 25.4, slant=False)


def turned_back(width: int, height: int, quarter: int) -> NDArray[np.float64]:
    """What takes pixels of `np.rot90(image, quarter)` to those of an image so wide and high."""
    right, below = width - 1, height - 1
    maps = ([[1, 0, 0], [0, 1, 0]], [[0, -1, right], [1, 0, 0]], [[-1, 0, right], [0, -1, below]],
            [[0, 1, 0], [-1, 0, below]])  # fmt: skip
    return np.array([*maps[quarter % 4], [0, 0, 1.0]])


def _similar(marks: Points, points: Points) -> NDArray[np.float64]:
    """(2, 3) turn, scale and shift that take places in mm to points best."""
    x, y = marks.T
    one, nil = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate([np.stack([x, -y, one, nil], axis=1), np.stack([y, x, nil, one], axis=1)])
    a, b, across, down = np.linalg.lstsq(rows, points.T.ravel(), rcond=None)[0]
    return np.array([[a, -b, across], [b, a, down]])


def _drawn_anew(
    gray: Image, points: Points, used: NDArray[np.bool_], flat: NDArray[np.float64], scale: float, slant: bool
) -> CutOut:
    """The sheet laid straight in its own resolution."""
    page = np.vstack([flat, [0, 0, 1.0]])
    if slant:
        found: Any = cv2.findHomography(MARKS[used], points, 0)[0]
        if found is None:
            raise PageRefused("shape")
        page = np.asarray(found, dtype=np.float64)
    dots = np.array([[1 / scale, 0, -MARGIN], [0, 1 / scale, -MARGIN], [0, 0, 1.0]])
    back = page @ dots
    size = (round((PAGE_WIDTH + 2 * MARGIN) * scale), round((PAGE_HEIGHT + 2 * MARGIN) * scale))
    if size[0] * size[1] > 4 * gray.size:
        raise PageRefused("shape")
    straight = cv2.warpPerspective(gray, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                   borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return CutOut(even_light(np.asarray(straight, dtype=np.uint8), scale), back, scale * 25.4, slant)
