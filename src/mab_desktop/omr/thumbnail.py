"""A page small enough for a strip of pictures, made while its image is in memory anyway."""

from __future__ import annotations

import cv2
import numpy as np

from mab_desktop.omr.locate import Image

HEIGHT = 236  # dots: twice what a strip shows at ordinary size


def thumbnail(gray: Image, *, upside_down: bool = False, height: int = HEIGHT) -> bytes:
    """A JPEG of the page, turned upright."""
    width = max(1, round(gray.shape[1] * height / gray.shape[0]))
    small = np.asarray(cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if upside_down:
        small = np.ascontiguousarray(small[::-1, ::-1])
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    if not done:
        raise ValueError("the picture could not be packed")
    return bytes(data.tobytes())
