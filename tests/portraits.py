"""A face as finders of faces know it, drawn: no photograph of anybody is needed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SKIN, SHADE, HAIR = (215, 175, 150), (150, 115, 95), (40, 30, 30)


def portrait(wide: int = 900, high: int = 1200, x: int = 520, y: int = 430, r: int = 150) -> NDArray[np.uint8]:
    """A person from the shoulders up, as red, green and blue; the face is `r` wide to each side of (x, y)."""
    made = np.full((high, wide, 3), 205, np.uint8)

    def oval(cx: float, cy: float, across: float, down: float, shade: tuple[int, int, int], begin: int = 0) -> None:
        cv2.ellipse(made, (round(cx), round(cy)), (round(across), round(down)), 0, begin, 360, shade, -1)

    oval(x, y + 3.2 * r, 2 * r, 2 * r, (50, 60, 90))
    cv2.rectangle(made, (round(x - 0.45 * r), round(y + 0.9 * r)), (round(x + 0.45 * r), round(y + 1.6 * r)), SKIN, -1)
    oval(x, y - 0.3 * r, 1.12 * r, 1.25 * r, HAIR, 180)
    oval(x, y, r, 1.32 * r, SKIN)
    for side in (-1, 1):
        eye = x + side * 0.42 * r
        oval(eye, y - 0.2 * r, 0.3 * r, 0.17 * r, SHADE)
        oval(eye, y - 0.2 * r, 0.21 * r, 0.09 * r, (235, 235, 235))
        oval(eye, y - 0.2 * r, 0.09 * r, 0.09 * r, (25, 25, 25))
        oval(eye, y - 0.42 * r, 0.3 * r, 0.06 * r, HAIR, 180)
    cv2.line(made, (x, round(y - 0.15 * r)), (x, round(y + 0.3 * r)), (235, 195, 170), round(0.14 * r))
    oval(x, y + 0.35 * r, 0.2 * r, 0.07 * r, SHADE)
    oval(x, y + 0.72 * r, 0.36 * r, 0.1 * r, (160, 90, 90))
    return np.asarray(cv2.GaussianBlur(made, (0, 0), r / 40), dtype=np.uint8)
