"""Pictures for people: what the reader saw on a doubtful or refused sheet, and the name block for the protocol."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, Bubble, Fiducial, Rect, SheetLayout
from mab_desktop.omr.check import streak_columns
from mab_desktop.omr.code import places_of_codes
from mab_desktop.omr.locate import REDUCED, Image, reduce_image, sample_rect
from mab_desktop.omr.overlay_signs import DOTS, OUTSIDE, Picture, Sign, cross, dots, ellipse, frame, paled
from mab_desktop.omr.overlay_whole import whole_picture
from mab_desktop.omr.pdf import draw_page
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import DEFAULT_RULES, GroupReading, State
from mab_desktop.omr.sample import Scores

INKED = 60  # mean darkness of a bubble (200 = ink of the squares) with a mark in it
TRACE = 4.0  # times the usual spread: what stands out so little from empty bubbles is a trace of a mark
EDGE = 2.0  # mm that the reader wants to see around a bubble's middle
STREAKED = frozenset({"streak", "streak-through", "streak-beside", "fold", "fold-through"})
UNSEEN = frozenset({"covered", "pale-print", "print-fades", "streak-through", "fold-through"})
UNREAD = frozenset({"pale-ink", "small-marks", "marks-beside", "bilevel-lost"})
CODE = frozenset({"wrong-form", "training-sheet", "codes-disagree", "no-code"})  # its code is why


def draw_overlay(gray: Image, reading: SheetReading, layout: SheetLayout) -> bytes:
    """A PNG of our sheet as the reader saw it; see `draw_reading`. Why it was refused is said beside it in words."""
    size = (layout.width, layout.height)
    picture, _ = draw_reading(gray, reading, layout.bubbles, layout.fiducials, size, layout.qr)
    return pack(picture)


def draw_reading(
    gray: Image, reading: SheetReading, bubbles: Sequence[Bubble], fiducials: Sequence[Fiducial] = (),
    page: tuple[float, float] = (PAGE_WIDTH, PAGE_HEIGHT), code: Rect | None = None,
) -> tuple[Picture, set[Sign]]:  # fmt: skip
    """A picture of the page (rows, columns, 3), upright and in scale, and the signs drawn into it.

    `gray` is the image as it came, `code` where the sheet has its code. Shown are the squares found, lost and where
    they were expected, the bubbles looked at, marks, doubts, streaks and print that cannot be seen. A page that was
    not found, or that has more on it than a sheet, is shown as it came.
    """
    codes = set(reading.codes())
    if "negative" in codes:
        gray = np.asarray(cv2.bitwise_not(gray), dtype=np.uint8)
    if not reading.placement or ("two-sheets" in codes and "sideways" not in codes):
        lying = gray.shape[1] > gray.shape[0] and "sideways" in codes
        upright = np.ascontiguousarray(np.rot90(gray)) if lying else gray
        return whole_picture(upright, fiducials, reading.codes(), reading.matrix() if reading.placement else None)
    canvas = _Canvas(gray, reading, page)
    canvas.streaks()
    canvas.grid(bubbles)
    for fiducial in fiducials:
        canvas.square(fiducial)
    canvas.unseen(bubbles)
    apart = "codes-disagree" in codes and canvas.codes()
    if code is not None and CODE & codes and not apart:
        canvas.code(code)
    if UNREAD & codes:
        canvas.traces(bubbles)
    members: dict[tuple[str, int], list[Bubble]] = {}
    for bubble in bubbles:
        members.setdefault((bubble.field, bubble.column), []).append(bubble)
    for name, columns in reading.fields.items():
        for column, group in columns.items():
            canvas.group(members.get((name, column), []), group)
    return canvas.picture, canvas.signs


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
        self.picture = paled(self.straight)
        self.outside = self._straight(np.full_like(gray, 255), 0) < 128
        self.picture[self.outside] = OUTSIDE

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
        """Bands over what the reader took for streaks of the scanner's glass, or for folds along the sheet."""
        if not STREAKED & set(self.reading.codes()):
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
            ellipse(self.picture, bubble, 0.0, Sign.GRID.value, 1)
        self.signs.add(Sign.GRID)

    def square(self, mark: Fiducial) -> None:
        """A frame around a square that is there; a crossed frame where it should be."""
        half = mark.size / 2 + 1
        core = _window(self.straight, mark.x, mark.y, mark.size / 2 - 0.8)
        around = _window(self.straight, mark.x, mark.y, half + 1.5)
        paper = float(np.percentile(around, 90)) if around.size else 0.0
        there = core.size > 0 and float(np.median(core)) < 0.75 * paper and paper > 60
        frame(self.picture, mark.x, mark.y, half, Sign.SQUARE if there else Sign.LOST)
        self.signs.add(Sign.SQUARE if there else Sign.LOST)

    def unseen(self, bubbles: Sequence[Bubble]) -> None:
        """Crosses on bubbles whose printed ring does not show, where that mattered; a mark on it is no wonder."""
        codes = set(self.reading.codes())
        if "cut-off" in codes:
            self._outside(bubbles)
        if not self.reading.scores or not UNSEEN & codes:
            return
        scores = Scores.from_bytes(self.reading.scores)
        ring = (scores.ring.astype(np.float32) - 128) / 40
        if len(ring) != len(bubbles):
            return
        hidden = (ring < DEFAULT_RULES.ring * float(np.median(ring))) & (scores.mean < INKED)
        for bubble, unseen in zip(bubbles, hidden.tolist(), strict=True):
            if unseen:
                cross(self.picture, bubble.x, bubble.y, bubble.rx * 0.7, Sign.UNSEEN.value, 2)
                self.signs.add(Sign.UNSEEN)

    def _outside(self, bubbles: Sequence[Bubble]) -> None:
        """Crosses on bubbles that reach over the image's edge; the reader wants EDGE mm of paper around a bubble."""
        reach = dots(EDGE, 0)[0]
        shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        near = cv2.dilate(self.outside.astype(np.uint8), shape) > 0
        for bubble in bubbles:
            x, y = dots(bubble.x, bubble.y)
            if near[min(max(y, 0), len(near) - 1), min(max(x, 0), near.shape[1] - 1)]:
                cross(self.picture, bubble.x, bubble.y, bubble.rx * 0.7, Sign.UNSEEN.value, 2)
                self.signs.add(Sign.UNSEEN)

    def code(self, area: Rect) -> None:
        """A frame around the place of the sheet's code."""
        cv2.rectangle(self.picture, dots(area.x - 2, area.y - 2), dots(area.right + 2, area.bottom + 2),
                      Sign.SPOT.value, 3)  # fmt: skip
        self.signs.add(Sign.SPOT)

    def codes(self) -> bool:
        """A frame around every code that one of the two readers sees, wherever on the page; False when none is seen."""
        found = places_of_codes(self.gray)
        for corners in found:
            middle = corners.mean(axis=0)
            around = middle + (corners - middle) * 1.15
            place = cv2.perspectiveTransform(np.array([around]), self.map)[0]
            cv2.polylines(self.picture, [np.rint(place).astype(np.int32)], True, Sign.SPOT.value, 3)
            self.signs.add(Sign.SPOT)
        return bool(found)

    def traces(self, bubbles: Sequence[Bubble]) -> None:
        """Rings around bubbles that hold a little more than empty ones do, or have it on their rims: what there is of
        marks."""
        if not self.reading.scores:
            return
        scores = Scores.from_bytes(self.reading.scores)
        if len(scores) != len(bubbles):
            return
        more = np.zeros(len(bubbles), dtype=bool)
        for part in (scores.mean, scores.side):
            above = part.astype(float) - float(np.median(part))
            more |= above > TRACE * max(float(np.median(np.abs(above))), 0.5)
        for bubble, traced in zip(bubbles, more.tolist(), strict=True):
            if traced:
                ellipse(self.picture, bubble, 0.45, Sign.DOUBT.value, 2)
                self.signs.add(Sign.DOUBT)

    def group(self, members: Sequence[Bubble], group: GroupReading) -> None:
        """A ring around each value; a frame around a group that a person has to look at."""
        sign = {State.ONE: Sign.MARK, State.MANY: Sign.MANY, State.DOUBTFUL: Sign.DOUBT}.get(group.state)
        if sign is None or not members:
            return
        self.signs.add(sign)
        for bubble in members:
            if bubble.value in group.values:
                ellipse(self.picture, bubble, 0.45, sign.value, 2)
        if sign is not Sign.MARK:
            room = 0.75
            low = min(b.x - b.rx for b in members) - room, min(b.y - b.ry for b in members) - room
            high = max(b.x + b.rx for b in members) + room, max(b.y + b.ry for b in members) + room
            cv2.rectangle(self.picture, dots(*low), dots(*high), sign.value, 3 if sign is Sign.DOUBT else 2)


def _window(gray: Image, x: float, y: float, half: float) -> Image:
    left, top = dots(x - half, y - half)
    right, bottom = dots(x + half, y + half)
    return gray[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
