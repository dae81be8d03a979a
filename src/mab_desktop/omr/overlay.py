"""Pictures for people: what the reader saw on a doubtful or refused sheet, and the name block for the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, Bubble, Fiducial, Rect, SheetLayout
from mab_desktop.omr.check import streak_columns
from mab_desktop.omr.locate import BLACK, REDUCED, SOLID, Image, reduce_image, sample_rect
from mab_desktop.omr.pdf import draw_page
from mab_desktop.omr.problems import PageProblem
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import DEFAULT_RULES, GroupReading, State
from mab_desktop.omr.sample import Scores

PICTURE_DPI = 120
DOTS = PICTURE_DPI / 25.4  # per mm
STRIP = 26  # dots of a line of codes above the picture
NEAR = 14.0  # mm: a square so near to an expected place stands for it
SQUARE = (3.6, 8.6)  # mm: sides of what may be a square
FAINT = (176, 168, 140)  # the grid
OUTSIDE = (238, 222, 222)  # no image there
INKED = 60  # mean darkness of a bubble (200 = ink of the squares) with a mark in it

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]


class Sign(Enum):
    """What can be drawn into a picture, with its colour (blue, green, red).

    Each has a form of its own as well, for those who do not tell red from green.
    """

    GRID = FAINT
    MARK = (60, 150, 30)
    MANY = (170, 30, 150)
    DOUBT = (0, 120, 255)
    SQUARE = (200, 110, 0)
    LOST = (30, 30, 220)
    STREAK = (60, 60, 235)
    UNSEEN = (0, 90, 200)


def draw_overlay(gray: Image, reading: SheetReading, layout: SheetLayout) -> bytes:
    """A PNG of our sheet as the reader saw it, with the problems' codes above it; see `draw_reading`."""
    picture, _ = draw_reading(gray, reading, layout.bubbles, layout.fiducials, (layout.width, layout.height))
    return pack(with_codes(picture, reading.problems))


def draw_reading(
    gray: Image, reading: SheetReading, bubbles: Sequence[Bubble], fiducials: Sequence[Fiducial] = (),
    page: tuple[float, float] = (PAGE_WIDTH, PAGE_HEIGHT),
) -> tuple[Picture, set[Sign]]:  # fmt: skip
    """A picture of the page (rows, columns, 3), upright and in scale, and the signs drawn into it.

    `gray` is the image as it came. Shown are the squares found, lost and where they were expected, the bubbles
    looked at, marks, doubts, streaks and print that cannot be seen. A page that was not found is shown as it came.
    """
    if not reading.placement:
        lying = gray.shape[1] > gray.shape[0] and "sideways" in reading.codes()
        return _not_found(np.ascontiguousarray(np.rot90(gray)) if lying else gray, fiducials)
    canvas = _Canvas(gray, reading, page)
    canvas.streaks()
    canvas.grid(bubbles)
    for fiducial in fiducials:
        canvas.square(fiducial)
    canvas.unseen(bubbles)
    members: dict[tuple[str, int], list[Bubble]] = {}
    for bubble in bubbles:
        members.setdefault((bubble.field, bubble.column), []).append(bubble)
    for name, columns in reading.fields.items():
        for column, group in columns.items():
            canvas.group(members.get((name, column), []), group)
    return canvas.picture, canvas.signs


def with_codes(picture: Picture, problems: Sequence[PageProblem]) -> Picture:
    """The picture under a white strip with the problems' codes, if there are any; a refusal is red."""
    strip = np.full((STRIP * len(problems), picture.shape[1], 3), 255, np.uint8)
    for line, problem in enumerate(problems):
        colour = Sign.LOST.value if problem.refuses else Sign.DOUBT.value
        where = (10, 19 + STRIP * line)
        cv2.putText(strip, problem.code, where, cv2.FONT_HERSHEY_SIMPLEX, 0.62, colour, 2, cv2.LINE_AA)
    return np.concatenate([strip, picture])


def under_caption(picture: Picture, caption: bytes) -> Picture:
    """The picture under a caption: one page of a PDF, made as wide as the picture."""
    words = draw_page(caption, picture.shape[1])
    return np.concatenate([words, picture])


def pack(picture: Picture) -> bytes:
    """The picture as PNG."""
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise ValueError("the picture could not be packed")
    return bytes(data.tobytes())


def crop_area(gray: Image, reading: SheetReading, area: Rect, dpi: int = 150) -> bytes:
    """A JPEG of one place of the sheet, straightened; ValueError when the sheet was not found in the image."""
    values = sample_rect(gray, reading.matrix(), area, 25.4 / dpi)
    done, data = cv2.imencode(".jpg", np.clip(values, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not done:
        raise ValueError("the picture could not be packed")
    return bytes(data.tobytes())


def crop_name(gray: Image, reading: SheetReading, layout: SheetLayout, dpi: int = 150) -> bytes:
    """A JPEG of the handwritten name (sector 1) for the identification protocol."""
    return crop_area(gray, reading, layout.name_crop, dpi)


class _Canvas:
    """The straightened page, drawn on in millimetres."""

    def __init__(self, gray: Image, reading: SheetReading, page: tuple[float, float]) -> None:
        self.reading, self.signs = reading, set[Sign]()
        self.size = (round(page[0] * DOTS), round(page[1] * DOTS))
        self.map = np.diag([DOTS, DOTS, 1.0]) @ np.linalg.inv(reading.matrix())
        self.gray = gray
        self.straight = self._straight(gray, 255)
        self.picture = _paled(self.straight)
        outside = self._straight(np.full_like(gray, 255), 0) < 128
        self.picture[outside] = OUTSIDE

    def _straight(self, image: Image, beyond: int) -> Image:
        """An image in the original's frame as the upright page; `beyond` is the value outside it."""
        fine = np.sqrt(abs(np.linalg.det(self.map[:2, :2])))
        smaller = 1 / round(1 / fine) if fine < 0.7 else 1.0
        small = reduce_image(image, smaller) if smaller < 1 else image
        grow = image.shape[1] / small.shape[1]
        back = np.array([[grow, 0, (grow - 1) / 2], [0, grow, (grow - 1) / 2], [0, 0, 1.0]])
        straight = cv2.warpPerspective(small, self.map @ back, self.size, flags=cv2.INTER_LINEAR,
                                       borderMode=cv2.BORDER_CONSTANT, borderValue=beyond)  # fmt: skip
        return np.asarray(straight, dtype=np.uint8)

    def streaks(self) -> None:
        """Bands over what the reader took for streaks of the scanner's glass."""
        if not any(code.startswith("streak") for code in self.reading.codes()):
            return
        scale = float(np.sqrt(abs(np.linalg.det(self.reading.matrix()[:2, :2]))))
        lying = "sideways" in self.reading.codes()
        gray = self.gray.T if lying else self.gray  # along the way of the paper
        small = reduce_image(np.ascontiguousarray(gray), REDUCED / scale)
        low, high = np.percentile(small[::7, ::7], (2, 75))
        mask = np.zeros(small.shape, np.uint8)
        columns = streak_columns(small, max(float(high - low), 1.0))
        for column in columns.tolist():
            mask[:, max(0, column - 1) : column + 2] = 255
        if len(columns):
            whole = np.asarray(cv2.resize(mask, gray.shape[::-1], interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
            band = self._straight(np.ascontiguousarray(whole.T) if lying else whole, 0) > 100
            self.picture[band] = (self.picture[band] * 0.5 + np.array(Sign.STREAK.value) * 0.5).astype(np.uint8)
            self.signs.add(Sign.STREAK)

    def grid(self, bubbles: Sequence[Bubble]) -> None:
        """Where the reader looked."""
        for bubble in bubbles:
            _ellipse(self.picture, bubble, 0.0, Sign.GRID.value, 1)
        self.signs.add(Sign.GRID)

    def square(self, mark: Fiducial) -> None:
        """A frame around a square that is there; a crossed frame where it should be."""
        half = mark.size / 2 + 1
        core = _window(self.straight, mark.x, mark.y, mark.size / 2 - 0.8)
        around = _window(self.straight, mark.x, mark.y, half + 1.5)
        paper = float(np.percentile(around, 90)) if around.size else 0.0
        there = core.size > 0 and float(np.median(core)) < 0.75 * paper and paper > 60
        _frame(self.picture, mark.x, mark.y, half, Sign.SQUARE if there else Sign.LOST)
        self.signs.add(Sign.SQUARE if there else Sign.LOST)

    def unseen(self, bubbles: Sequence[Bubble]) -> None:
        """Crosses on bubbles whose printed ring does not show, where that mattered; a mark on it is no wonder."""
        if not self.reading.scores or not {"covered", "streak-through"} & set(self.reading.codes()):
            return
        scores = Scores.from_bytes(self.reading.scores)
        ring = (scores.ring.astype(np.float32) - 128) / 40
        if len(ring) != len(bubbles):
            return
        hidden = (ring < DEFAULT_RULES.ring * float(np.median(ring))) & (scores.mean < INKED)
        for bubble, unseen in zip(bubbles, hidden.tolist(), strict=True):
            if unseen:
                _cross(self.picture, bubble.x, bubble.y, bubble.rx * 0.7, Sign.UNSEEN.value, 2)
                self.signs.add(Sign.UNSEEN)

    def group(self, members: Sequence[Bubble], group: GroupReading) -> None:
        """A ring around each value; a frame around a group that a person has to look at."""
        sign = {State.ONE: Sign.MARK, State.MANY: Sign.MANY, State.DOUBTFUL: Sign.DOUBT}.get(group.state)
        if sign is None or not members:
            return
        self.signs.add(sign)
        for bubble in members:
            if bubble.value in group.values:
                _ellipse(self.picture, bubble, 0.45, sign.value, 2)
        if sign is not Sign.MARK:
            room = 0.75
            low = min(b.x - b.rx for b in members) - room, min(b.y - b.ry for b in members) - room
            high = max(b.x + b.rx for b in members) + room, max(b.y + b.ry for b in members) + room
            cv2.rectangle(self.picture, _dots(*low), _dots(*high), sign.value, 3 if sign is Sign.DOUBT else 2)


def _not_found(gray: Image, fiducials: Sequence[Fiducial]) -> tuple[Picture, set[Sign]]:
    """The image as it came, taken as one page wide: what looks like a square, and where one is missing."""
    size = round(PAGE_WIDTH * DOTS), max(1, round(gray.shape[0] * PAGE_WIDTH * DOTS / gray.shape[1]))
    picture = _paled(np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    if not fiducials:
        return picture, set()
    short = max(0, round(PAGE_HEIGHT * DOTS) - size[1])
    picture = np.concatenate([picture, np.full((short, size[0], 3), OUTSIDE, np.uint8)])
    squares, signs = _squares_of(gray), set[Sign]()
    for x, y in squares:
        _frame(picture, x, y, 4.0, Sign.SQUARE)
        signs.add(Sign.SQUARE)
    for mark in fiducials:
        if all(np.hypot(x - mark.x, y - mark.y) > NEAR for x, y in squares):
            _frame(picture, mark.x, mark.y, 4.0, Sign.LOST)
            signs.add(Sign.LOST)
    return picture, signs


def _squares_of(gray: Image) -> list[tuple[float, float]]:
    """Middles in mm of the solid black things of a square's size, if the image is one page wide."""
    small = reduce_image(gray, REDUCED * PAGE_WIDTH / gray.shape[1])
    dots = small.shape[1] / PAGE_WIDTH
    around = cv2.blur(small, (27, 27), borderType=cv2.BORDER_REPLICATE)
    dark = cv2.compare(small, cv2.convertScaleAbs(around, alpha=BLACK), cv2.CMP_LT)
    brush = np.ones((round(SOLID * dots),) * 2, np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(cv2.dilate(cv2.erode(dark, brush), brush))
    small_side, long_side = stats[1:, 2:4].min(axis=1), stats[1:, 2:4].max(axis=1)
    good = (small_side > SQUARE[0] * dots) & (long_side < SQUARE[1] * dots) & (long_side < 1.5 * small_side)
    return [(float(x) / dots, float(y) / dots) for x, y in middles[1:][good][:60]]


# A little lighter, so that the signs stand out; in few steps, since noise is what makes a picture large.
PALE = np.rint((np.arange(256) * 0.8 + 51) / 6).astype(np.uint8) * np.uint8(6)


def _paled(gray: Image) -> Picture:
    return np.asarray(cv2.cvtColor(cv2.LUT(gray, PALE), cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _dots(x: float, y: float) -> tuple[int, int]:
    return round(x * DOTS), round(y * DOTS)


def _window(gray: Image, x: float, y: float, half: float) -> Image:
    left, top = _dots(x - half, y - half)
    right, bottom = _dots(x + half, y + half)
    return gray[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]


def _frame(picture: Picture, x: float, y: float, half: float, sign: Sign) -> None:
    cv2.rectangle(picture, _dots(x - half, y - half), _dots(x + half, y + half), sign.value, 2)
    if sign is Sign.LOST:
        _cross(picture, x, y, half, sign.value, 2)


def _cross(picture: Picture, x: float, y: float, half: float, colour: Colour, thick: int) -> None:
    for down in (-half, half):
        cv2.line(picture, _dots(x - half, y - down), _dots(x + half, y + down), colour, thick, cv2.LINE_AA)


def _ellipse(picture: Picture, bubble: Bubble, room: float, colour: Colour, thick: int) -> None:
    """The outline of a bubble, `room` mm outside, to a sixteenth of a dot."""
    fine = 16
    middle = round(bubble.x * DOTS * fine), round(bubble.y * DOTS * fine)
    axes = round((bubble.rx + room) * DOTS * fine), round((bubble.ry + room) * DOTS * fine)
    cv2.ellipse(picture, middle, axes, 0, 0, 360, colour, thick, cv2.LINE_AA, 4)

