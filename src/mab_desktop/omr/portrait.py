"""Photographs for passes: where the face is, and the part of a picture as a small JPEG of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.portrait import Box, Frame

SIZE = (360, 480)
"""Dots of a photograph that is kept: 305 to the inch at 30 by 40 mm."""
MOST_BYTES = 40 << 10
_QUALITIES = (90, 85, 80, 72, 64, 56, 48, 40, 30, 20, 12, 6)
_LOOKED_AT = 480  # a face is found in a picture of so many dots along its longer side
_SMALLEST_FACE = 1 / 8  # of the shorter side: what is smaller stands somewhere in the background
_FINDER = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"

Picture = NDArray[np.uint8]


def find_face(picture: Picture) -> Box | None:
    """The largest face that looks at us; None when there is none, or this OpenCV came without its finder."""
    finder = _finder()
    if finder is None:
        return None
    gray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = min(1.0, _LOOKED_AT / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    least = max(20, round(min(small.shape) * _SMALLEST_FACE))
    found = finder.detectMultiScale(cv2.equalizeHist(small), 1.1, 4, minSize=(least, least))
    if not len(found):
        return None
    left, top, wide, high = (float(n) / scale for n in max(found, key=lambda box: int(box[2])))
    return left, top, wide, high


def cut_out(picture: Picture, frame: Frame) -> bytes:
    """The part of the picture as a JPEG of `SIZE`, with nothing of the file it came from; at most `MOST_BYTES`."""
    left, top, right, bottom = (
        round(n) for n in (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
    )
    part = np.ascontiguousarray(picture[top:bottom, left:right])
    way = cv2.INTER_AREA if part.shape[1] >= SIZE[0] else cv2.INTER_CUBIC
    small = cv2.resize(part, SIZE, interpolation=way)
    for quality in _QUALITIES:
        _done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) <= MOST_BYTES:
            break
    return data.tobytes()


@cache
def _finder() -> cv2.CascadeClassifier | None:
    """Read from memory: OpenCV's own reader fails where a folder's name has letters that Windows' code page lacks."""
    if not _FINDER.is_file():
        return None
    text = _FINDER.read_text("latin-1")
    tree = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
    finder = cv2.CascadeClassifier()
    return finder if finder.read(tree.getFirstTopLevelNode()) else None
