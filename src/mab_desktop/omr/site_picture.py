"""A picture from outside as a small JPEG of our own making: what lies under the drawing of a site or a floor."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LONGEST = 1600
"""Dots of the longer side of a picture that is kept."""
MOST_BYTES = 400 << 10
_QUALITIES = (85, 75, 65, 50, 35, 20)


def reduced(picture: NDArray[np.uint8]) -> bytes:
    """The picture (blue, green, red; or gray) scaled down and encoded anew, in at most `MOST_BYTES`."""
    scale = min(1.0, LONGEST / max(picture.shape[:2]))
    small = picture
    if scale < 1:
        small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for quality in _QUALITIES:
        _done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) <= MOST_BYTES:
            return data.tobytes()
    smaller = cv2.resize(small, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    return reduced(np.asarray(smaller, dtype=np.uint8))
