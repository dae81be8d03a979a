"""Plan of a hall: numbered places as they stand, annexed to the hall fund (p.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.lettering import SMALLEST, put
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.i18n import N_

TITLE = N_("Plan of the hall")


@dataclass(frozen=True, slots=True)
class HallPlan:
    """A grid seen from above, the board at the top: rows of places from the left.

    A place is its seat number, 0 for a place that stays empty, None for an aisle.
    """

    head: DocumentHead
    imprint: Imprint
    grid: tuple[tuple[int | None, ...], ...]
    coordinator: str = ""


def draw(*documents: HallPlan, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The plans as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, plan: HallPlan) -> None:
    seats = sum(1 for row in plan.grid for place in row if place)
    sheet.begin(TITLE, plan.head, plan.imprint, facts=((N_("Number of seats"), str(seats)),))
    signers = (Signer(BASE_COORDINATOR, plan.coordinator),)
    columns, span = max(len(row) for row in plan.grid), sheet.right - sheet.left
    pitch = min(span / columns, (sheet.room() - signatures_height(sheet, signers) - 70) / len(plan.grid), 18 * mm)
    _board(sheet, span)
    left = sheet.left + (span - pitch * columns) / 2
    for row in plan.grid:
        for i, place in enumerate(row):
            _place(sheet, left + i * pitch, pitch, place)
        sheet.y -= pitch
    sheet.gap(6)
    sheet.statement(N_("A crossed place stays empty."))
    signatures(sheet, signers)


def _board(sheet: Sheet, span: float) -> None:
    wide, canvas = span * 0.4, sheet.canvas
    canvas.setLineWidth(1.2)
    canvas.rect(sheet.width / 2 - wide / 2, sheet.y - 16, wide, 16)
    put(canvas, sheet.width / 2, sheet.y - 11.5, sheet.words.both(N_("Board")), BODY, BOLD, "center")
    sheet.gap(34)


def _place(sheet: Sheet, x: float, pitch: float, place: int | None) -> None:
    if place is None:
        return
    canvas, side, y = sheet.canvas, pitch * 0.78, sheet.y - pitch * 0.89
    x += pitch * 0.11
    canvas.setLineWidth(0.8 if place else HAIRLINE)
    canvas.rect(x, y, side, side)
    if place:
        size = max(SMALLEST, min(14.0, side * 0.42))
        put(canvas, x + side / 2, y + side / 2 - size * 0.35, str(place), size, BOLD, "center")
    else:
        canvas.line(x, y, x + side, y + side)
        canvas.line(x, y + side, x + side, y)
