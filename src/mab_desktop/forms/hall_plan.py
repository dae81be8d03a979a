"""Plan of a hall: numbered places as they stand, annexed to the hall fund (p.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain import hall_plan
from mab_desktop.domain.hall_plan import Place
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import SMALLEST, put, width
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.i18n import N_

TITLE = N_("Plan of the hall")
LEGEND = {
    Place.PILLAR: N_("Pillar"), Place.RESERVED: N_("Reserve"), Place.DOOR: N_("Door"),
    Place.TABLE: N_("Duty officer's table"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HallPlan:
    """A grid seen from above, the board at the top: rows of places from the left.

    A place is its seat number, 0 for a place that stays empty, None for an aisle; `marks` lie over it as a plan of
    `domain.hall_plan` has them.
    """

    head: DocumentHead
    imprint: Imprint
    grid: tuple[tuple[int | None, ...], ...]
    coordinator: str = ""
    marks: tuple[str, ...] = ()


def draw(*documents: HallPlan, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The plans as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, plan: HallPlan) -> None:
    seats = sum(1 for row in plan.grid for place in row if place)
    sheet.begin(TITLE, plan.head, plan.imprint, facts=((N_("Number of seats"), str(seats)),))
    signers = (Signer(BASE_COORDINATOR, plan.coordinator),)
    columns, span = max(len(row) for row in plan.grid), sheet.right - sheet.left
    pitch = min(span / columns, (sheet.room() - signatures_height(sheet, signers) - 90) / len(plan.grid), 18 * mm)
    draw_board(sheet, span)
    left = sheet.left + (span - pitch * columns) / 2
    drawn = hall_plan.HallPlan(plan.grid, plan.marks)
    for r, row in enumerate(drawn.places()):
        for c, place in enumerate(row):
            x = left + c * pitch + pitch * 0.11
            draw_place(sheet, x, sheet.y - pitch * 0.89, pitch * 0.78, place, plan.grid[r][c])
        sheet.y -= pitch
    sheet.gap(6)
    if drawn.count(Place.EMPTY):
        sheet.statement(N_("A crossed place stays empty."))
    _legend(sheet, [place for place in LEGEND if drawn.count(place)])
    signatures(sheet, signers)


def _legend(sheet: Sheet, places: list[Place]) -> None:
    """What the other shapes mean, in a line."""
    if not places:
        return
    x, side = sheet.left, 10.0
    for place in places:
        words = sheet.words(LEGEND[place])
        draw_place(sheet, x, sheet.y - side, side, place, None)
        put(sheet.canvas, x + side + 4, sheet.y - side + 2, words, BODY)
        x += side + 4 + width(words, REGULAR, BODY) + 16
    sheet.gap(side + 8)


def draw_board(sheet: Sheet, span: float) -> None:
    """The board in front of row 1, in the middle of the page."""
    wide, canvas = span * 0.4, sheet.canvas
    canvas.setLineWidth(1.2)
    canvas.rect(sheet.width / 2 - wide / 2, sheet.y - 16, wide, 16)
    put(canvas, sheet.width / 2, sheet.y - 11.5, sheet.words.both(N_("Board")), BODY, BOLD, "center")
    sheet.gap(34)


def draw_place(sheet: Sheet, x: float, y: float, side: float, place: Place, number: int | None) -> None:
    """One cell; every kind has a shape of its own, which a black printer and a fax keep."""
    canvas = sheet.canvas
    canvas.setLineWidth(0.8 if place is Place.SEAT else HAIRLINE)
    if place is Place.SEAT:
        canvas.rect(x, y, side, side)
        size = max(SMALLEST, min(14.0, side * 0.42))
        if (wide := width(str(number), BOLD, size)) > side - 1:  # forty places in a row
            size *= (side - 1) / wide
        put(canvas, x + side / 2, y + side / 2 - size * 0.35, str(number), size, BOLD, "center")
    elif place is Place.EMPTY:
        canvas.rect(x, y, side, side)
        canvas.line(x, y, x + side, y + side)
        canvas.line(x, y + side, x + side, y)
    elif place is not Place.AISLE:
        canvas.saveState()
        _other(canvas, x, y, side, place)
        canvas.restoreState()


def _other(canvas: Canvas, x: float, y: float, side: float, place: Place) -> None:
    canvas.setLineWidth(0.8)
    if place is Place.PILLAR:
        canvas.setFillGray(0.25)
        canvas.circle(x + side / 2, y + side / 2, side * 0.42, stroke=0, fill=1)
    elif place is Place.RESERVED:
        canvas.setDash(2, 2)
        canvas.rect(x, y, side, side)
        canvas.line(x, y, x + side, y + side)
    elif place is Place.DOOR:
        canvas.setLineWidth(1.6)
        canvas.line(x, y, x, y + side)
        canvas.setLineWidth(HAIRLINE)
        canvas.arc(x - side, y - side, x + side, y + side, 0, 90)
        canvas.line(x, y, x + side, y)
    else:
        canvas.setFillGray(0.9)
        canvas.rect(x, y + side / 4, side, side / 2, fill=1)
