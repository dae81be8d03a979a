"""A subject's items in a strip of cells: numbers in the first row, what is said of each beneath (p.40, 41)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, fitted, put, put_lines, wrap
from mab_desktop.forms.page import HAIRLINE, THICK, Sheet

PER_STRIP = 25
_LABEL, _SIDE = 0.13, 0.085
_ROW = 15.0


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row under the numbers: its label (a message id) and a character for each item; what is missing is empty."""

    label: str
    cells: Sequence[str] = ()
    bold: bool = False


@dataclass(frozen=True, slots=True)
class SideCell:
    """A column at the right, over all rows: its head (a message id) and what stands in it."""

    label: str
    text: str = ""


def grid_height(items: int, rows: int) -> float:
    """The height of `draw_grid` in points."""
    return -(-items // PER_STRIP) * ((rows + 1) * _ROW + 4) + 17


def draw_grid(
    sheet: Sheet,
    title: str,
    items: int,
    rows: Sequence[GridRow],
    sides: Sequence[SideCell] = (),
    framed: frozenset[int] = frozenset(),
) -> None:
    """Draw the strips of one subject; the numbers in `framed` (from 1) get a thick frame."""
    sheet.need(grid_height(items, len(rows)))
    put_lines(sheet.canvas, sheet.left, sheet.y, wrap(title, sheet.right - sheet.left, BOLD, 10)[:1], 10, BOLD)
    sheet.gap(14)
    for first in range(1, items + 1, PER_STRIP):
        wide = (sheet.right - sheet.left) * (1 - _LABEL - _SIDE * len(sides)) / PER_STRIP
        _strip(sheet, range(first, min(first + PER_STRIP, items + 1)), wide, rows, sides if first == 1 else (), framed)
        sheet.gap(4)
    sheet.gap(3)


def _strip(
    sheet: Sheet, items: range, wide: float, rows: Sequence[GridRow], sides: Sequence[SideCell], framed: frozenset[int]
) -> None:
    canvas, span, top = sheet.canvas, sheet.right - sheet.left, sheet.y
    start = sheet.left + span * _LABEL
    height = (len(rows) + 1) * _ROW
    canvas.setLineWidth(HAIRLINE)
    for k in range(len(rows) + 2):
        canvas.line(sheet.left, top - k * _ROW, start + wide * len(items), top - k * _ROW)
    for x in (sheet.left, *(start + wide * i for i in range(len(items) + 1))):
        canvas.line(x, top, x, top - height)
    _numbers(sheet, start, wide, items, framed)
    for k, row in enumerate(rows, 1):
        size, lines = fitted(sheet.words(row.label), span * _LABEL - 4, REGULAR, SMALLEST)
        put_lines(canvas, sheet.left + 2, top - k * _ROW - (_ROW - len(lines) * size * LEADING) / 2, lines, size)
        for i, text in enumerate(row.cells[items.start - 1 : items.stop - 1]):
            x = start + (i + 0.5) * wide
            put(canvas, x, top - k * _ROW - 11, text, 9.5, BOLD if row.bold else REGULAR, "center")
    for i, side in enumerate(sides):
        _side(sheet, side, start + wide * PER_STRIP + span * _SIDE * i, top, span * _SIDE, height)
    sheet.y = top - height


def _numbers(sheet: Sheet, start: float, wide: float, items: range, framed: frozenset[int]) -> None:
    canvas, top = sheet.canvas, sheet.y
    put(canvas, sheet.left + 2, top - 10.5, "№", SMALLEST)
    for i, item in enumerate(items):
        put(canvas, start + (i + 0.5) * wide, top - 10.5, str(item), SMALLEST, REGULAR, "center")
        if item in framed:
            canvas.setLineWidth(THICK)
            canvas.rect(start + i * wide + 0.8, top - _ROW + 0.8, wide - 1.6, _ROW - 1.6)
            canvas.setLineWidth(HAIRLINE)


def _side(sheet: Sheet, side: SideCell, x: float, top: float, wide: float, height: float) -> None:
    canvas, middle = sheet.canvas, x + wide / 2
    canvas.rect(x, top - height, wide, height)
    canvas.line(x, top - _ROW, x + wide, top - _ROW)
    size, lines = fitted(sheet.words(side.label), wide - 2, REGULAR, SMALLEST)
    put_lines(canvas, middle, top - (_ROW - size * LEADING) / 2, lines[:1], size, REGULAR, "center")
    put(canvas, middle, top - _ROW - (height - _ROW) / 2 - 5, side.text, 14, BOLD, "center")
