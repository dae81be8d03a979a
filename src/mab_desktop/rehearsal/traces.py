"""The traces of mishaps on the paper, and a whole sheet filled in by a person in the order of his hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.domain.sheet import Bubble, Rect, SheetLayout
from mab_desktop.rehearsal.answers import Mishap, SheetTruth
from mab_desktop.rehearsal.handwriting import Hand, sign, write_sheet
from mab_desktop.rehearsal.letters import strokes
from mab_desktop.rehearsal.mark_shapes import Strokes
from mab_desktop.rehearsal.paper import PaperSheet
from mab_desktop.rehearsal.pen import Pen, draw_lines, draw_marks, lay_marks, leave_rest

Draw = Callable[[PaperSheet, Bubble, Bubble, Mishap, Pen, Generator], None]

# "This one", "right", "wrong", "answer": what people write beside a bubble.
WORDS = ("ОСЫ", "ДҰРЫС", "БҰЛ ҚАТЕ", "ЖАУАП", "ВОТ ЭТО", "НЕ ЭТО", "ОШИБКА", "B", "ИӘ")
STRUCK_OUT = "struck-out"
FULL = 1.0
# Strength of what is certainly a full mark although the pen may be weak.
FIRM = 1.15


def fill_sheet(
    sheet: PaperSheet, layout: SheetLayout, truth: SheetTruth, pen: Pen, hand: Hand, rng: Generator, *,
    wild_signature: bool = False,
) -> None:  # fmt: skip
    """Everything a person puts on a sheet: what was covered or rubbed out first, then marks, writing, second thoughts.

    With `wild_signature` the signature does not fit into its field and runs over the bubbles around it.
    """
    _draw_mishaps(sheet, layout, (m for m in truth.mishaps if m.kind in FIRST), pen, rng)
    draw_marks(sheet, layout, truth, pen, rng)
    write_sheet(sheet, layout, truth, pen, hand, rng)
    _draw_mishaps(sheet, layout, (m for m in truth.mishaps if m.kind in AFTER), pen, rng)
    struck = [m for m in truth.mishaps if m.kind == STRUCK_OUT]
    if struck:
        draw_lines(sheet, [_way_through(layout, struck, rng)], pen, rng)
    if wild_signature and truth.used:
        _sign_wildly(sheet, layout, pen, hand, rng)


def _way_through(layout: SheetLayout, struck: Sequence[Mishap], rng: Generator) -> NDArray[np.float64]:
    """A line through the rows that are struck out, in mm: slanting, upright, in waves wide or narrow, or a Z."""
    rows = {(mishap.field, mishap.column) for mishap in struck}
    own = np.array([(b.x, b.y) for b in layout.bubbles if (b.field, str(b.column)) in rows])
    (left, top), (right, bottom) = own.min(axis=0) - (0, 1.5), own.max(axis=0) + (0, 1.5)
    down, at = np.linspace(top, bottom, 40), float(rng.uniform(left, right))
    ways = (
        np.linspace(right + rng.uniform(-2, 3), left - rng.uniform(-2, 3), 40),
        np.linspace(at, at + rng.uniform(-3, 3), 40),
        (left + right) / 2 + 0.45 * (right - left) * np.sin(down * rng.uniform(0.1, 0.5) + rng.uniform(0, 6)),
        at + rng.uniform(0.5, 3) * np.sin(down * rng.uniform(0.3, 1.2)),
    )
    kind = int(struck[0].amount * (len(ways) + 1))
    if kind == len(ways):
        return np.array([[left, top], [right, top + 1], [left, bottom], [right, bottom - 1]])
    return np.stack([ways[kind], down], axis=1)


def _draw_mishaps(sheet: PaperSheet, layout: SheetLayout, mishaps: Iterable[Mishap], pen: Pen, rng: Generator) -> None:
    places = {(b.field, str(b.column), b.value): b for b in layout.bubbles}
    for mishap in mishaps:
        bubble = places[mishap.field, mishap.column, mishap.value]
        beside = places.get((mishap.field, mishap.column, mishap.beside), bubble)
        (FIRST | AFTER)[mishap.kind](sheet, bubble, beside, mishap, pen, rng)


def _rest(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A mark rubbed out so badly that `amount` of a full one is left."""
    light = mishap.amount * pen.darkness * (1 - pen.ink / 255)
    leave_rest(sheet, [bubble], (light, light), pen, rng)


def _fluid(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A mark painted over with the brush of a bottle: round edges, a faint shadow, a little shows through."""
    lay_marks(sheet, [bubble], [FULL], pen, rng)
    dots = sheet.dots
    x, y = sheet.place(bubble.x, bubble.y)
    turn, size = float(rng.uniform(0, 180)), bubble.rx * dots * rng.uniform(1.15, 1.55, 2)
    axes = (round(size[0]), round(size[1]))
    points = np.array(cv2.ellipse2Poly((0, 0), axes, round(turn), 0, 360, 20), np.float64)
    points += rng.normal(0, 0.12, points.shape) * dots + np.array([x, y])
    _cover(sheet, points, mishap.amount, int(rng.integers(243, 254)), rng)


def _tape(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A strip of correction tape over a mark: straight edges, whiter or grayer than the paper."""
    lay_marks(sheet, [bubble], [FULL], pen, rng)
    wide, high, turn = float(rng.uniform(4.4, 5.8)), float(rng.uniform(4.0, 4.6)), float(rng.normal(0, 0.12))
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2
    turned = corners @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    points = np.array([sheet.place(bubble.x + dx, bubble.y + dy) for dx, dy in turned.tolist()])
    _cover(sheet, points, mishap.amount, int(rng.integers(236, 254)), rng)


def _cover(sheet: PaperSheet, outline: NDArray[np.float64], opacity: float, white: int, rng: Generator) -> None:
    """Paint an outline (dots) over with white, a thin shadow along its lower edge."""
    dots = sheet.dots
    low = np.floor(outline.min(axis=0)).astype(int) - 4
    high = np.ceil(outline.max(axis=0)).astype(int) + 5
    rows, columns = slice(max(0, low[1]), high[1]), slice(max(0, low[0]), high[0])
    window = sheet.gray[rows, columns]
    at = outline - (columns.start, rows.start)
    mask, shadow = np.zeros(window.shape, np.uint8), np.zeros(window.shape, np.uint8)
    cv2.fillPoly(shadow, [np.rint(at + 0.12 * dots).astype(np.int32)], int(rng.integers(12, 34)))
    cv2.fillPoly(mask, [np.rint(at * 8).astype(np.int32)], round(255 * opacity), cv2.LINE_AA, 3)
    below = cv2.subtract(window, shadow).astype(np.float32)
    share = mask.astype(np.float32) / 255
    window[:] = np.rint(below * (1 - share) + white * share)
    if sheet.tint is not None:
        tint = sheet.tint[rows, columns]
        tint[:] = np.rint(tint * (1 - share[..., None]) + 255 * share[..., None])


def _ring(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, _mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A ring around the bubble, drawn with a pen's usual line."""
    lay_marks(sheet, [bubble], [FIRM], replace(pen, style="ring", slips=0.0, width=min(pen.width, 0.7)), rng)


def _outside(sheet: PaperSheet, bubble: Bubble, beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A mark `amount` of the way to the bubble beside it; up or down by as much of a usual pitch."""
    steady = replace(pen, jitter=0.1, lean=(0.0, 0.0))
    way = {"up": (0.0, -5.0), "down": (0.0, 5.0)}.get(mishap.beside, (beside.x - bubble.x, beside.y - bubble.y))
    moved = replace(bubble, x=bubble.x + way[0] * mishap.amount, y=bubble.y + way[1] * mishap.amount)
    lay_marks(sheet, [moved], [FULL], steady, rng)


def _crossed_out(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, _mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A full mark with a large cross over it."""
    larger = replace(bubble, rx=bubble.rx * 1.5, ry=bubble.ry * 1.5)
    lay_marks(sheet, [bubble], [FIRM], replace(pen, style="fill", slips=0.0), rng)
    lay_marks(sheet, [larger], [FIRM], replace(pen, style="cross", slips=0.0), rng)


def _weak(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A mark of `amount` of the usual ink."""
    lay_marks(sheet, [bubble], [mishap.amount], pen, rng)


def _arrow(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, _mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """An arrow from beside the row to the bubble, between the rows as far as a hand can."""
    length, turn = float(rng.uniform(6, 14)), float(rng.uniform(0.25, 0.6) * rng.choice([-1, 1]))
    tip = np.array([bubble.x + bubble.rx * 1.25, bubble.y])
    shaft = np.linspace(0, length, 5)[:, None] * (math.cos(turn), math.sin(turn))
    head = np.array([[1.6, 0.9], [0, 0], [1.6, -0.9]])
    lines: Strokes = [tip + line + rng.normal(0, 0.1, line.shape) for line in (shaft, head)]
    draw_lines(sheet, lines, replace(pen, width=min(pen.width, 0.6)), rng)


def _words(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A word of letters `amount` mm high, begun somewhere in the row and written over what stands there."""
    left, middle = bubble.x + float(rng.uniform(-9, 6)), bubble.y + float(rng.normal(0, 1.2))
    wide, lines = mishap.amount * 0.75, list[NDArray[np.float64]]()
    for n, letter in enumerate(WORDS[int(rng.integers(len(WORDS)))]):
        for stroke in strokes(letter) if letter != " " else ():
            corner = (left + n * wide * 1.25, middle - mishap.amount / 2)
            lines.append(stroke * (wide, mishap.amount) + corner + rng.normal(0, 0.1, (1, 2)))
    draw_lines(sheet, lines, replace(pen, width=min(pen.width, 0.6)), rng)


def _blot(sheet: PaperSheet, bubble: Bubble, _beside: Bubble, mishap: Mishap, pen: Pen, rng: Generator) -> None:
    """A drop of ink `amount` mm across, on the bubble or at its edge; no row beside is reached."""
    away, turn = float(rng.uniform(0, max(0.1, 2.1 - mishap.amount))), float(rng.uniform(0, 6.3))
    angle = np.linspace(0, 2 * math.pi, 24)
    radius = mishap.amount / 2 * (1 + 0.12 * np.sin(2 * angle + turn) + 0.06 * np.sin(5 * angle))
    centre = (bubble.x + away * math.cos(turn), bubble.y + away * math.sin(turn))
    ink = replace(pen, width=max(0.3, mishap.amount / 2), bleed=0.12, grain=0.0, darkness=max(pen.darkness, 0.9))
    draw_lines(sheet, [np.stack((np.cos(angle), np.sin(angle)), 1) * (radius / 2)[:, None] + centre], ink, rng)


def _sign_wildly(sheet: PaperSheet, layout: SheetLayout, pen: Pen, hand: Hand, rng: Generator) -> None:
    """A second, larger flourish that leaves its frame: to the left into the digits or down into the answers."""
    area = layout.sector(15).area
    over = Rect(area.x - float(rng.uniform(4, 28)), area.y + float(rng.uniform(-6, 16)), area.width, area.height * 1.6)
    sign(sheet, over, pen, replace(hand, size=hand.size * float(rng.uniform(1.1, 1.9))), rng)


# In the order of the hand: covered and rubbed out before the marks, added after them.
FIRST: dict[str, Draw] = {"rest": _rest, "fluid": _fluid, "tape": _tape}
AFTER: dict[str, Draw] = {
    "ring": _ring, "outside": _outside, "crossed-out": _crossed_out, "weak": _weak, "arrow": _arrow, "words": _words,
    "blot": _blot,
}  # fmt: skip
