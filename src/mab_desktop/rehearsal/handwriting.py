"""Handwriting on the sheet: block letters in the cells and a signature, drawn as strokes of this person's pen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.domain.sheet import CellRow, Rect, SheetLayout
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.letters import strokes
from mab_desktop.rehearsal.paper import PaperSheet
from mab_desktop.rehearsal.pen import Pen, ink_layer, stroke_thickness

FINE = 2
MARGIN = 1.5  # mm around a row, for letters that leave it
TALL, WIDE = 0.66, 0.56  # a usual letter's share of its cell


@dataclass(frozen=True, slots=True)
class Hand:
    """How a person writes: slant (share of the height), size 0..1 of a usual letter, unsteadiness (mm), drift (mm)."""

    slant: float = 0.1
    size: float = 1.0
    narrow: float = 1.0
    shake: float = 0.12
    drift: float = 0.2
    loops: int = 4


def draw_hand(rng: Generator) -> Hand:
    """A hand of its own."""
    return Hand(
        slant=float(rng.normal(0.08, 0.12)),
        size=float(np.clip(rng.normal(1.0, 0.12), 0.65, 1.3)),
        narrow=float(np.clip(rng.normal(1.0, 0.12), 0.7, 1.3)),
        shake=float(rng.uniform(0.05, 0.2)),
        drift=float(rng.uniform(0.05, 0.35)),
        loops=int(rng.integers(2, 8)),
    )


def write_sheet(
    sheet: PaperSheet, layout: SheetLayout, truth: SheetTruth, pen: Pen, hand: Hand, rng: Generator
) -> None:
    """Write what `truth.written` says into the cells, and sign; printed fields and unused sheets stay as they are."""
    if not truth.used:
        return
    for row in layout.cells:
        text = truth.written.get(row.part, "")
        if text.strip() and row.part not in truth.printed:
            write_row(sheet, row, text, pen, hand, rng)
    sign(sheet, layout.sector(15).area, pen, hand, rng)


def write_row(sheet: PaperSheet, row: CellRow, text: str, pen: Pen, hand: Hand, rng: Generator) -> None:
    """Block letters, one a cell; what does not fit is left off, as people do."""
    letters = text.upper()[: row.count]
    area = Rect(row.x - MARGIN, row.y - MARGIN, row.count * row.width + 2 * MARGIN, row.height + 2 * MARGIN)
    lines = []
    for n, letter in enumerate(letters):
        high = row.height * TALL * hand.size * float(rng.normal(1, 0.05))
        wide = row.width * WIDE * hand.size * hand.narrow * float(rng.normal(1, 0.07))
        left = MARGIN + (n + 0.5) * row.width - wide / 2 + float(rng.normal(0, hand.drift))
        top = MARGIN + (row.height - high) / 2 + float(rng.normal(0, hand.drift))
        for stroke in strokes(letter):
            points = stroke * (wide, high)
            points[:, 0] += hand.slant * (high / 2 - points[:, 1])
            lines.append(points + (left, top) + _shaken(rng, hand.shake, len(points)))
    _draw(sheet, area, lines, pen, rng)


def sign(sheet: PaperSheet, area: Rect, pen: Pen, hand: Hand, rng: Generator) -> None:
    """A signature: a large first letter, loops, a flourish below; the frame does not stop it."""
    base, height = area.height * 0.66, min(6.0, area.height * 0.45) * hand.size
    start = float(rng.uniform(5, 14))
    step = float(rng.uniform(2.0, 4.2))
    knots = [(start, base), (start + 1.0, base - height * 1.3), (start + 2.2, base + height * 0.25)]
    for n in range(hand.loops):
        x = start + 2.8 + n * step
        rise = height * float(rng.uniform(0.25, 0.9)) / (1 + 0.2 * n)
        knots += [(x, base), (x + step * 0.75, base - rise), (x + step * 0.2, base - rise * 0.9)]
    end = start + 2.8 + hand.loops * step
    knots += [
        (end, base),
        (end + 3, base - 0.5 * height),
        (start - 1.0, base + 0.4 * height),
        (end, base + 0.3 * height),
    ]
    line = _smooth(np.array(knots) + rng.normal(0, 0.35, (len(knots), 2)))
    _draw(sheet, area, [line], pen, rng)


def _shaken(rng: Generator, size: float, count: int) -> NDArray[np.float64]:
    """An unsteady line: points stray together more than apart, close ones hardly at all."""
    return rng.normal(0, size * 0.5, (1, 2)) + rng.normal(0, size * 0.6 * min(1.0, 5 / count), (count, 2))


def _smooth(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(3):
        a, b = knots[:-1], knots[1:]
        cut = np.stack((0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b), 1).reshape(-1, 2)
        knots = np.vstack((knots[:1], cut, knots[-1:]))
    return knots


def _draw(sheet: PaperSheet, area: Rect, lines: list[NDArray[np.float64]], pen: Pen, rng: Generator) -> None:
    """Lay lines (mm from the area's corner) on the paper."""
    dots = sheet.dpi / 25.4
    corner_x, corner_y = sheet.place(area.x, area.y)
    x, y = math.floor(corner_x), math.floor(corner_y)
    size = math.ceil(area.width * sheet.dots) + 2, math.ceil(area.height * sheet.dots) + 2
    canvas = np.zeros((size[1] * FINE, size[0] * FINE), np.uint8)
    offset = (np.array([corner_x - x, corner_y - y])) * FINE
    thickness = stroke_thickness(min(pen.width, 0.7), dots * FINE)
    for line in lines:
        points = np.rint((line * (sheet.dots * FINE) + offset) * 8).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 255, thickness, cv2.LINE_8, 3)
    small: Any = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    if pen.bleed * dots > 0.2:
        small = cv2.GaussianBlur(small, (0, 0), pen.bleed * dots)
    ink_layer(sheet, small[None], np.array([[x, y]]), [1.0], pen, rng)
