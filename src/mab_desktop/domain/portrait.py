"""The part of a picture that becomes the photograph of a pass: 3x4, never outside the picture, never too coarse."""

from __future__ import annotations

from dataclasses import dataclass

WIDE, HIGH = 3, 4
LEAST_WIDTH = 300
"""Dots that a photograph needs across (and 400 down): fewer would print as squares at 30 by 40 mm."""
LEAST_HEIGHT = LEAST_WIDTH * HIGH // WIDE
_FACE_SHARE = 1.6  # the frame is so many times as wide as what a finder of faces marks: from brow to chin
_FACE_MIDDLE = 0.46  # where the middle of the face stands, from the top of the frame

Box = tuple[float, float, float, float]
"""Left, top, width, height in dots."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of a picture, in dots of it; it is four thirds as high as wide."""

    left: float
    top: float
    width: float

    @property
    def height(self) -> float:
        """How high it is."""
        return self.width * HIGH / WIDE

    def moved(self, right: float, down: float) -> Frame:
        """The same, elsewhere."""
        return Frame(self.left + right, self.top + down, self.width)

    def zoomed(self, factor: float) -> Frame:
        """Larger or smaller around its middle."""
        width = self.width * factor
        return Frame(self.left + (self.width - width) / 2, self.top + (self.height - width * HIGH / WIDE) / 2, width)

    def within(self, wide: int, high: int) -> Frame:
        """The nearest frame that lies in a picture of that size and is not too coarse."""
        width = min(max(self.width, LEAST_WIDTH), widest(wide, high))
        grown = self.zoomed(width / self.width)
        left = min(max(grown.left, 0.0), wide - width)
        return Frame(left, min(max(grown.top, 0.0), high - grown.height), width)


def large_enough(wide: int, high: int) -> bool:
    """Whether a photograph can be cut out of a picture of that size."""
    return wide >= LEAST_WIDTH and high >= LEAST_HEIGHT


def widest(wide: int, high: int) -> float:
    """How wide the largest frame of a picture is."""
    return min(float(wide), high * WIDE / HIGH)


def proposed(wide: int, high: int, face: Box | None = None) -> Frame:
    """The frame that a face stands well in; without a face the largest one, in the middle."""
    if face is None:
        width = widest(wide, high)
        return Frame((wide - width) / 2, (high - width * HIGH / WIDE) / 2, width)
    left, top, face_wide, face_high = face
    width = face_wide * _FACE_SHARE
    x, y = left + face_wide / 2, top + face_high / 2
    return Frame(x - width / 2, y - width * HIGH / WIDE * _FACE_MIDDLE, width).within(wide, high)
