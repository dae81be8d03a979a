"""Pictures for people: what the reader saw on a doubtful or refused sheet, and the name block for the protocol."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import FIDUCIALS, PAGE_HEIGHT, PAGE_WIDTH, Rect, SheetLayout
from mab_desktop.omr.locate import Image, sample_rect
from mab_desktop.omr.marks import GroupReading, State
from mab_desktop.omr.read import SheetReading

PICTURE_DPI = 120
# Blue, green, red: seen by people who do not tell red from green by their brightness and thickness too.
MARKED, DOUBTFUL, MANY, LOST, FOUND = (60, 150, 30), (0, 120, 255), (200, 30, 160), (30, 30, 220), (200, 120, 0)


def draw_overlay(gray: Image, reading: SheetReading, layout: SheetLayout) -> bytes:
    """A PNG of the sheet, upright, with squares, marks and doubts drawn in and the problems' codes in the margin.

    `gray` is the image as it was read. Without a placement the image itself is shown with the codes.
    """
    if reading.placement:
        picture = _straight(gray, reading)
        _draw_squares(picture, "corner-lost" in reading.codes())
        for name, columns in reading.fields.items():
            for column, group in columns.items():
                _draw_group(picture, layout, name, column, group)
    else:
        picture = _whole(gray)
    for line, problem in enumerate(reading.problems):
        colour = LOST if problem.refuses else DOUBTFUL
        cv2.putText(picture, problem.code, (12, 22 + 24 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, 2, cv2.LINE_AA)
    return _png(picture)


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


def _straight(gray: Image, reading: SheetReading) -> NDArray[np.uint8]:
    page = Rect(0, 0, PAGE_WIDTH, PAGE_HEIGHT)
    values = sample_rect(gray, reading.matrix(), page, 25.4 / PICTURE_DPI)
    return np.asarray(cv2.cvtColor(np.clip(values, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _whole(gray: Image) -> NDArray[np.uint8]:
    height = round(PAGE_HEIGHT / 25.4 * PICTURE_DPI)
    width = max(1, round(gray.shape[1] * height / gray.shape[0]))
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _pixel(x: float, y: float) -> tuple[int, int]:
    return round(x / 25.4 * PICTURE_DPI), round(y / 25.4 * PICTURE_DPI)


def _draw_squares(picture: NDArray[np.uint8], lost: bool) -> None:
    for mark in FIDUCIALS:
        half = mark.size / 2 + 1
        cv2.rectangle(
            picture, _pixel(mark.x - half, mark.y - half), _pixel(mark.x + half, mark.y + half),
            LOST if lost else FOUND, 2,
        )  # fmt: skip


def _draw_group(picture: NDArray[np.uint8], layout: SheetLayout, name: str, column: int, group: GroupReading) -> None:
    members = [bubble for bubble in layout.bubbles if bubble.field == name and bubble.column == column]
    colour = {State.ONE: MARKED, State.MANY: MANY, State.DOUBTFUL: DOUBTFUL}.get(group.state)
    if colour is None:
        return
    for bubble in members:
        if bubble.value in group.values:
            radius = round((bubble.rx + 0.5) / 25.4 * PICTURE_DPI)
            cv2.circle(picture, _pixel(bubble.x, bubble.y), radius, colour, 2, cv2.LINE_AA)
    if group.state in (State.DOUBTFUL, State.MANY):
        low = (min(b.x for b in members) - 2.4, min(b.y for b in members) - 2.4)
        high = (max(b.x for b in members) + 2.4, max(b.y for b in members) + 2.4)
        cv2.rectangle(picture, _pixel(*low), _pixel(*high), colour, 3)


def _png(picture: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not done:
        raise ValueError("the picture could not be packed")
    return bytes(data.tobytes())
