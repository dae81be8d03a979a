"""The signs that are drawn into pictures of sheets, and how: colours, frames, crosses, outlines."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import Bubble
from mab_desktop.omr.locate import Image

PICTURE_DPI = 120
DOTS = PICTURE_DPI / 25.4  # per mm
OUTSIDE = (238, 222, 222)  # no image there

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]


class Sign(Enum):
    """What can be drawn into a picture, with its colour (blue, green, red).

    Each has a form of its own as well, for those who do not tell red from green.
    """

    GRID = (176, 168, 140)
    MARK = (60, 150, 30)
    MANY = (170, 30, 150)
    DOUBT = (0, 120, 255)
    SQUARE = (200, 110, 0)
    LOST = (30, 30, 220)
    MOVED = (30, 30, 221)
    EDGE = (160, 60, 20)
    OTHER = (150, 20, 160)
    SPOT = (20, 20, 190)
    STREAK = (60, 60, 235)
    UNSEEN = (0, 90, 200)


# A little lighter, so that the signs stand out; in few steps, since noise is what makes a picture large.
PALE = np.rint((np.arange(256) * 0.8 + 51) / 6).astype(np.uint8) * np.uint8(6)


def paled(gray: Image) -> Picture:
    """A gray image as the ground of a picture."""
    return np.asarray(cv2.cvtColor(cv2.LUT(gray, PALE), cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def dots(x: float, y: float) -> tuple[int, int]:
    """A place in mm as a dot of the picture."""
    return round(x * DOTS), round(y * DOTS)


def frame(picture: Picture, x: float, y: float, half: float, sign: Sign) -> None:
    """A frame around a place in mm; crossed where something is lost."""
    cv2.rectangle(picture, dots(x - half, y - half), dots(x + half, y + half), sign.value, 2)
    if sign is Sign.LOST:
        cross(picture, x, y, half, sign.value, 2)


def cross(picture: Picture, x: float, y: float, half: float, colour: Colour, thick: int) -> None:
    """Two strokes over a place in mm."""
    for down in (-half, half):
        cv2.line(picture, dots(x - half, y - down), dots(x + half, y + down), colour, thick, cv2.LINE_AA)


def ellipse(picture: Picture, bubble: Bubble, room: float, colour: Colour, thick: int) -> None:
    """The outline of a bubble, `room` mm outside, to a sixteenth of a dot."""
    fine = 16
    middle = round(bubble.x * DOTS * fine), round(bubble.y * DOTS * fine)
    axes = round((bubble.rx + room) * DOTS * fine), round((bubble.ry + room) * DOTS * fine)
    cv2.ellipse(picture, middle, axes, 0, 0, 360, colour, thick, cv2.LINE_AA, 4)
