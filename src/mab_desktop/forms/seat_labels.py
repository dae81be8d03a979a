"""Labels for the seats of halls (p.24): large digits, the hall's number above them, lines to cut along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import put, width
from mab_desktop.forms.page import EDGE, HAIRLINE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.i18n import N_

TITLE = N_("Seat labels")
LAYOUTS = {"2x5": (2, 5), "3x8": (3, 8)}  # columns, rows
_CAP = 0.7  # height of PT Sans' digits against the size


@dataclass(frozen=True, slots=True)
class SeatLabels:
    """Labels of (hall, seat) in this order, from place `first` (1 and up) of the first page: the rest is used paper."""

    head: DocumentHead
    imprint: Imprint
    seats: tuple[tuple[str, int], ...]
    layout: str = "2x5"
    first: int = 1


def draw(*documents: SeatLabels, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The labels as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, labels: SeatLabels) -> None:
    sheet.begin(TITLE, labels.head, labels.imprint, bare=True)
    _cut_lines(sheet, labels.layout)
    columns, rows = LAYOUTS[labels.layout]
    for (hall, seat), (place, x, y, wide, high) in zip(labels.seats, _places(sheet, labels), strict=False):
        if place == 0 and (hall, seat) != labels.seats[0]:
            sheet.next_bare_page()
            _cut_lines(sheet, labels.layout)
        _label(sheet, hall, seat, x, y, wide, high)


def _places(sheet: Sheet, labels: SeatLabels) -> Iterator[tuple[int, float, float, float, float]]:
    """Place on the page, then left, bottom, width and height, without an end."""
    columns, rows = LAYOUTS[labels.layout]
    wide, high = _size(sheet, labels.layout)
    place = labels.first - 1
    while True:
        row, column = divmod(place, columns)
        yield place, sheet.left + column * wide, sheet.height - EDGE - (row + 1) * high, wide, high
        place = (place + 1) % (columns * rows)


def _size(sheet: Sheet, layout: str) -> tuple[float, float]:
    columns, rows = LAYOUTS[layout]
    return (sheet.right - sheet.left) / columns, (sheet.height - EDGE - sheet.bottom - 2 * mm) / rows


def _cut_lines(sheet: Sheet, layout: str) -> None:
    """Dashed lines over the whole page, so that a stack is cut at once."""
    def lines() -> None:
        columns, rows = LAYOUTS[layout]
        wide, high = _size(sheet, layout)
        canvas, top = sheet.canvas, sheet.height - EDGE
        canvas.setLineWidth(HAIRLINE)
        canvas.setDash(3, 3)
        for column in range(columns + 1):
            x = sheet.left + column * wide
            canvas.line(x, top - rows * high, x, top)
        for row in range(rows + 1):
            canvas.line(sheet.left, top - row * high, sheet.left + columns * wide, top - row * high)
        canvas.setDash()

    sheet.stamp(f"cut-{layout}", lines)


def _label(sheet: Sheet, hall: str, seat: int, x: float, y: float, wide: float, high: float) -> None:
    canvas, middle, text = sheet.canvas, x + wide / 2, str(seat)
    small = max(9.0, high * 0.1)
    above = high * 0.17
    name = f"{sheet.words(N_('Hall'))} {hall}"
    put(canvas, middle, y + high - above, name, min(high * 0.15, 22.0), BOLD, "center")
    put(canvas, middle, y + high * 0.06, sheet.words.both(N_("Seat")), small, REGULAR, "center")
    room = high - above - small - high * 0.18
    size = min(room / _CAP, wide * 0.9 / width(text, BOLD, 1))
    foot = y + high * 0.08 + small
    put(canvas, middle, foot + (y + high - above - high * 0.03 - foot - size * _CAP) / 2, text, size, BOLD, "center")
