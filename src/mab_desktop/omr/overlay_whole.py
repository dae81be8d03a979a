"""The whole image as it came, for pages that were not found, or on which more lies than one sheet.

Nobody knows then where the sheet's own places are. If at least three squares stand as the sheet has them, its edge and
the places of the others are drawn after them, so that a square that is off, cut away or of another sheet shows as such.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import ORIENTATION, PAGE_HEIGHT, PAGE_WIDTH, Fiducial
from mab_desktop.omr.locate import BLACK, REDUCED, ROUGH_SIDE, SOLID, Image, Points, reduce_image, rough_map
from mab_desktop.omr.overlay_signs import DOTS, OUTSIDE, Picture, Sign, dots, frame, paled

NEAR = 14.0  # mm: a square so near to an expected place stands for it
OFF = 0.5  # mm: from here on it is said to stand elsewhere
SQUARE = (3.6, 8.6)  # mm: sides of what may be a square
SCALES = (1.0, 1.18, 0.85)  # of an image one sheet wide, one from which a piece is cut off, one with room around
ROOM = 6.0  # mm around a place that lies outside the image

Matrix = NDArray[np.float64]


def whole_picture(
    gray: Image, fiducials: Sequence[Fiducial], codes: Sequence[str], known: Matrix | None = None
) -> tuple[Picture, set[Sign]]:
    """A picture of the whole image and the signs in it; `known` takes mm of the sheet to pixels, if it was found."""
    wide = gray.shape[1] / PAGE_WIDTH
    squares = _squares_of(gray, wide)
    found = known
    for guess in SCALES if fiducials and known is None else ():
        found = rough_map(squares, wide * guess)
        if found is not None:
            break
    if found is not None and found[0, 0] < 0:  # upside down
        gray = np.ascontiguousarray(gray[::-1, ::-1])
        turn = np.array([[-1, 0, gray.shape[1] - 1], [0, -1, gray.shape[0] - 1], [0, 0, 1.0]])
        found = turn @ found
        squares = np.abs(np.array([gray.shape[1] - 1, gray.shape[0] - 1, 0]) - squares)
    scale = wide if found is None else float(abs(np.linalg.det(found[:2, :2])) ** 0.5)
    place = np.diag([1 / scale, 1 / scale, 1.0]) @ (np.diag([wide, wide, 1.0]) if found is None else found)
    size = max(1, round(gray.shape[1] / scale * DOTS)), max(1, round(gray.shape[0] / scale * DOTS))
    picture = paled(np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    if not fiducials:
        return picture, set()
    drawn = _Whole(picture, place, squares / scale)
    drawn.squares(fiducials, apart=found is not None, two="two-sheets" in codes)
    if found is not None:
        drawn.edge()
    if {"orientation", "mirrored"} & set(codes):
        drawn.orientation()
    return drawn.picture, drawn.signs


class _Whole:
    """The image in mm, with room for what lies outside of it; `place` takes the sheet's mm to the image's."""

    def __init__(self, picture: Picture, place: Matrix, squares: Points) -> None:
        corners = self._moved(place, [(0, 0), (PAGE_WIDTH, 0), (PAGE_WIDTH, PAGE_HEIGHT), (0, PAGE_HEIGHT)])
        left, top = np.maximum(0, np.ceil((-corners.min(axis=0)).clip(max=2 * ROOM) * DOTS)).astype(int).tolist()
        beyond = corners.max(axis=0) * DOTS - np.array(picture.shape[1::-1])
        right, bottom = np.ceil(beyond.clip(0, PAGE_HEIGHT * DOTS)).astype(int).tolist()
        roomy = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=OUTSIDE)
        self.picture: Picture = np.asarray(roomy, dtype=np.uint8)
        moved = np.array([left, top]) / DOTS
        self.place = np.array([[1, 0, moved[0]], [0, 1, moved[1]], [0, 0, 1.0]]) @ place
        self.found, self.sides, self.signs = squares[:, :2] + moved, squares[:, 2], set[Sign]()

    @staticmethod
    def _moved(matrix: Matrix, points: Sequence[tuple[float, float]]) -> Points:
        return np.asarray(cv2.perspectiveTransform(np.array([points], dtype=np.float64), matrix)[0])

    def squares(self, fiducials: Sequence[Fiducial], *, apart: bool, two: bool) -> None:
        """Frames around squares; crossed ones where one is missing; a line from where one should be to where it is.

        `apart`: the places are known, not only guessed at. `two`: squares that are left over are another sheet's.
        """
        left = list(range(len(self.found)))
        for mark, (x, y) in zip(fiducials, self._moved(self.place, [(m.x, m.y) for m in fiducials]), strict=True):
            away = np.hypot(*(self.found - (x, y)).T) if len(self.found) else np.array([np.inf])
            if apart and len(self.found):  # a filled bubble is none
                away = np.where(np.abs(self.sides / mark.size - 1) < ROUGH_SIDE, away, np.inf)
            near = int(away.argmin())
            if away[near] > NEAR:
                if apart or not len(self.found):
                    self._frame(x, y, mark.size / 2 + 1, Sign.LOST)
                continue
            if near in left:
                left.remove(near)
            at = self._at(near)
            self._frame(at[0], at[1], mark.size / 2 + 1, Sign.SQUARE)
            if apart and away[near] > OFF:
                cv2.drawMarker(self.picture, dots(x, y), Sign.MOVED.value, cv2.MARKER_CROSS, round(7 * DOTS), 2)
                cv2.arrowedLine(self.picture, dots(x, y), dots(*at), Sign.MOVED.value, 3, cv2.LINE_AA, 0, 0.3)
                self.signs.add(Sign.MOVED)
        for number in left if two or not apart else ():
            x, y = self._at(number)
            self._frame(x, y, 4.5, Sign.OTHER if two else Sign.SQUARE)

    def edge(self) -> None:
        """The edge of the sheet, as its squares tell."""
        corners = self._moved(self.place, [(0, 0), (PAGE_WIDTH, 0), (PAGE_WIDTH, PAGE_HEIGHT), (0, PAGE_HEIGHT)])
        for first, last in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            steps = np.linspace(first, last, 61)
            for begin, end in zip(steps[:-1:2], steps[1::2], strict=True):
                cv2.line(self.picture, dots(*begin), dots(*end), Sign.EDGE.value, 2, cv2.LINE_AA)
        self.signs.add(Sign.EDGE)

    def orientation(self) -> None:
        """Where the mark should be that tells which side is up: only there, and black."""
        low, high = self._moved(
            self.place, [(ORIENTATION.x, ORIENTATION.y), (ORIENTATION.right, ORIENTATION.bottom)]
        )
        cv2.rectangle(self.picture, dots(*(low - 1)), dots(*(high + 1)), Sign.SPOT.value, 3)
        self.signs.add(Sign.SPOT)

    def _at(self, number: int) -> tuple[float, float]:
        return float(self.found[number, 0]), float(self.found[number, 1])

    def _frame(self, x: float, y: float, half: float, sign: Sign) -> None:
        frame(self.picture, x, y, half, sign)
        self.signs.add(sign)


def _squares_of(gray: Image, scale: float) -> Points:
    """(n, 3) middles and sides in pixels of the solid black things of a square's size, at about `scale` a mm."""
    small = reduce_image(gray, REDUCED / scale)
    grown = gray.shape[1] / small.shape[1]
    dots_per_mm = scale / grown
    around = cv2.blur(small, (27, 27), borderType=cv2.BORDER_REPLICATE)
    dark = cv2.compare(small, cv2.convertScaleAbs(around, alpha=BLACK), cv2.CMP_LT)
    brush = np.ones((round(SOLID * dots_per_mm),) * 2, np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(cv2.dilate(cv2.erode(dark, brush), brush))
    small_side, long_side = stats[1:, 2:4].min(axis=1), stats[1:, 2:4].max(axis=1)
    good = (small_side > SQUARE[0] * dots_per_mm) & (long_side < SQUARE[1] * dots_per_mm)
    good &= long_side < 1.5 * small_side
    places, sides = (middles[1:][good][:60] + 0.5) * grown - 0.5, (small_side + long_side)[good][:60] / 2 * grown
    return np.column_stack([places.reshape(-1, 2), sides])
