"""Pages that no feeder scanned: laid anywhere on a larger bed, cut, turned, mirrored, photographed.

Each function takes the scan of a page and gives the image that somebody else's device would have made of the paper.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.rehearsal.paper import INCH, Gray

BEDS = {"A3": (297.0, 420.0), "A3 lying": (420.0, 297.0), "legal": (216.0, 356.0), "letter": (216.0, 279.0),
        "wide": (305.0, 457.0), "A4 and a little": (230.0, 310.0)}  # fmt: skip
LEVELS = (255, 235, 128, 60, 8)  # lids and beds from white to black


def on_bed(
    page: Gray, dpi: float, rng: Generator, size: tuple[float, float], level: int, angle: float = 0.0
) -> Gray:
    """The page anywhere on a bed of `size` mm whose lid is `level`, turned by `angle` degrees."""
    dots = dpi / INCH
    wide, high = (round(side * dots) for side in size)
    height, width = page.shape
    along, across = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    box = (width * along + height * across, width * across + height * along)
    room = [max(0.0, wide - box[0]), max(0.0, high - box[1])]
    middle = [side / 2 + rng.uniform(0, 1) * more for side, more in zip(box, room, strict=True)]
    matrix: NDArray[np.float64] = np.array(cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0))
    matrix[:, 2] += (middle[0] - width / 2, middle[1] - height / 2)
    bed = np.full((high, wide), level, np.uint8)
    done: Gray = cv2.warpAffine(page, matrix, (wide, high), bed, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return done


def cropped(page: Gray, dpi: float, sides: tuple[float, float, float, float]) -> Gray:
    """Without so many mm at the left, top, right and bottom."""
    left, top, right, bottom = (round(side * dpi / INCH) for side in sides)
    return np.ascontiguousarray(page[top : page.shape[0] - bottom, left : page.shape[1] - right])


def turned(page: Gray, quarters: int) -> Gray:
    """Turned against the clock."""
    return np.ascontiguousarray(np.rot90(page, quarters))


def mirrored(page: Gray, *, down: bool = False) -> Gray:
    """As a scanner sees it that is set to mirror."""
    return np.ascontiguousarray(page[::-1] if down else page[:, ::-1])


def resized(page: Gray, dpi: float, wanted: float) -> Gray:
    """In another resolution."""
    how = cv2.INTER_AREA if wanted < dpi else cv2.INTER_CUBIC
    done: Gray = cv2.resize(page, None, fx=wanted / dpi, fy=wanted / dpi, interpolation=how)
    return done


def photographed(page: Gray, rng: Generator, slant: float, shade: float, angle: float = 0.0) -> Gray:
    """On a table, from above: `slant` is how much shorter the far edge looks, `shade` how much darker the dark side."""
    height, width = page.shape
    room = 0.08 * width
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    seen = frame + room
    inward = slant * width / 2 * rng.uniform(0.6, 1.0, 2)
    seen[0, 0] += inward[0]
    seen[1, 0] -= inward[1]
    seen[:2, 1] += slant * height / 4
    size = (round(width + 2 * room), round(height + 2 * room))
    matrix = cv2.getPerspectiveTransform(frame, seen.astype(np.float32))
    turn = np.vstack([cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), angle, 1.0), [0, 0, 1]])
    whole: NDArray[np.float64] = np.asarray(turn @ matrix, dtype=np.float64)
    table = np.clip(rng.normal(95, 6, (size[1] // 16 + 1, size[0] // 16 + 1)), 0, 255).astype(np.uint8)
    picture = cv2.resize(table, size, interpolation=cv2.INTER_CUBIC)
    cv2.warpPerspective(page, whole, size, picture, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    way = rng.uniform(0, 2 * np.pi)
    across, down = np.linspace(-0.5, 0.5, size[0])[None, :], np.linspace(-0.5, 0.5, size[1])[:, None]
    light: NDArray[np.float64] = 1 - shade * (0.5 + np.cos(way) * across + np.sin(way) * down).clip(0, 1)
    return np.asarray(np.clip(np.rint(picture * light), 0, 255), dtype=np.uint8)
