"""Plan of a hall with its students: who sits at which place with which variant, the board at the top (p.30, p.33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm

from mab_desktop.domain import hall_plan as plans
from mab_desktop.domain.hall_plan import Grid, Place
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.hall_plan import draw_board, draw_place
from mab_desktop.forms.lettering import LEADING, SMALLEST, put, put_lines, width, wrap
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import DUTY_OFFICER, Signer, signatures, signatures_height
from mab_desktop.i18n import N_

TITLE = N_("Plan of the hall by seat and variant")
BOOKLETS = N_("Booklets of the students by variant")
_AISLE, _HIGHEST, _WIDEST = 0.3, 17 * mm, 34 * mm  # an aisle's part of a place's width; the largest place
_TOPS = (9.0, 8.0, 7.0, 6.0)  # sizes of seat and variant: the largest with which they stand side by side everywhere
_LEAST, _LEAST_BROKEN = 26.0, 34.0  # the lowest place: with names of one line, or of two
_BARE = 12.0  # a row in which nobody sits


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who sits at a place; "" for a student at a seat that is empty. `variant` lies there."""

    surname: str
    initials: str
    code: str
    variant: str


@dataclass(frozen=True, slots=True)
class SeatingPlan:
    """A hall as `forms.hall_plan` has it, with what lies and who sits at each seat."""

    head: DocumentHead
    imprint: Imprint
    grid: Grid
    marks: tuple[str, ...]
    sitting: Mapping[int, Sitting]
    duty_officers: tuple[str, ...] = ("", "")


def draw(*documents: SeatingPlan, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The plans as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: SeatingPlan) -> None:
    taken = [one for one in data.sitting.values() if one.surname]
    left_over = sum(1 for one in data.sitting.values() if one.variant and not one.surname)
    facts = ((N_("Number of students"), str(len(taken))), (N_("Booklets over"), str(left_over)))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = tuple(Signer(DUTY_OFFICER, name) for name in data.duty_officers)
    draw_board(sheet, (sheet.right - sheet.left) * 0.6)
    drawn = plans.HallPlan(data.grid, data.marks)
    counts = ", ".join(f"{variant}×{n}" for variant, n in sorted(Counter(s.variant for s in taken).items()))
    words = f"{sheet.words.both(BOOKLETS)}: {counts}"
    below = signatures_height(sheet, signers) + (1 + len(wrap(words, sheet.right - sheet.left, REGULAR, 9))) * 11
    _places(sheet, data, drawn, below)
    sheet.gap(4)
    sheet.paragraph(words, 9)
    signatures(sheet, signers)


def _places(sheet: Sheet, data: SeatingPlan, drawn: plans.HallPlan, below: float) -> None:
    """Row by row; columns that are aisles from front to back are narrow, rows that do not fit go on overleaf."""
    aisles = [all(row[c] is None for row in data.grid) for c in range(drawn.columns)]
    parts = [_AISLE if aisle else 1.0 for aisle in aisles]
    wide = min(_WIDEST, (sheet.right - sheet.left) / sum(parts))
    begin = sheet.left + (sheet.right - sheet.left - wide * sum(parts)) / 2
    heads = [f"{n} {one.variant}" for n, one in data.sitting.items()]
    top = next((size for size in _TOPS if all(width(head, BOLD, size) < wide - 8 for head in heads)), _TOPS[-1])
    bare = [not any(row) for row in data.grid]
    room = (sheet.room() - below - 1 - _BARE * sum(bare)) / max(bare.count(False), 1)
    one_line = all(width(_name(one), REGULAR, SMALLEST) <= wide - 8 for one in data.sitting.values())
    seat_row = max(_LEAST if one_line else _LEAST_BROKEN, min(_HIGHEST, room))
    for r, row in enumerate(drawn.places()):
        high = _BARE if bare[r] else seat_row
        sheet.need(high + (below if r == drawn.rows - 1 else 0))
        x = begin
        for c, place in enumerate(row):
            number = data.grid[r][c]
            if place is Place.SEAT and number:
                _seat(sheet, (x + 1, sheet.y - high + 1, wide - 2, high - 2), number, data.sitting.get(number), top)
            elif place is not Place.AISLE:
                side = min(wide, high) * 0.7
                draw_place(sheet, x + (wide - side) / 2, sheet.y - (high + side) / 2, side, place, None)
            x += wide * parts[c]
        sheet.y -= high


def _seat(
    sheet: Sheet, box: tuple[float, float, float, float], number: int, sitting: Sitting | None, top: float
) -> None:
    """The seat's number and its variant on top, the student below: as much of the name as there is room for."""
    x, y, wide, high = box
    canvas = sheet.canvas
    canvas.setLineWidth(0.8 if sitting and sitting.surname else 0.3)
    canvas.rect(x, y, wide, high)
    variant = sitting.variant if sitting else ""
    head = top + 3
    put(canvas, x + 3, y + high - top - 1, str(number), top, BOLD)
    put(canvas, x + wide - 3, y + high - top - 1, variant, top, BOLD, "right")
    if sitting is None or not sitting.surname:
        return
    rows = int((high - head) / (SMALLEST * LEADING))
    whole = wrap(_name(sitting), wide - 6, REGULAR, SMALLEST)
    lines = whole if len(whole) <= rows else wrap(sitting.surname, wide - 6, REGULAR, SMALLEST)
    if len(lines) > rows:  # a narrow place: the code stands for the student
        lines = (sitting.code,)
    elif len(lines) < rows and width(sitting.code, REGULAR, SMALLEST) <= wide - 6:
        lines = (*lines, sitting.code)
    put_lines(canvas, x + 3, y + high - head, lines, SMALLEST)


def _name(one: Sitting) -> str:
    return f"{one.surname} {one.initials}".strip()
