"""Plans of a building (p.4): where it stands on the site, and where the halls are on each floor."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from mab_desktop.domain.building_plan import THINGS, Drawing, Item, Thing
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, put_lines, words_fit, wrap
from mab_desktop.forms.page import HAIRLINE, DocumentHead, Fact, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.i18n import N_

SITE_TITLE, FLOOR_TITLE = N_("Plan of the building on the site"), N_("Plan of the halls in the building")
_SHADED = {Thing.ROAD: 0.93, Thing.CORRIDOR: 0.93}
_HEAVY = (Thing.HALL, Thing.BUILDING)
_PLAIN = (Thing.NOTE, Thing.HALL)  # their own text says everything


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One drawing: the site (floor None) or a floor, over its picture as JPEG bytes; facts tell how to get in."""

    head: DocumentHead
    imprint: Imprint
    drawing: Drawing
    floor: str | None = None
    picture: bytes = b""
    facts: tuple[Fact, ...] = ()
    coordinator: str = ""


def draw(*documents: PlanPage, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The drawings as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, page: PlanPage) -> None:
    facts = page.facts if page.floor is None else ((N_("Floor"), page.floor), *page.facts)
    sheet.begin(SITE_TITLE if page.floor is None else FLOOR_TITLE, page.head, page.imprint, facts=facts)
    signers = (Signer(BASE_COORDINATOR, page.coordinator),)
    room, wide = sheet.room() - signatures_height(sheet, signers) - 10, sheet.right - sheet.left
    cell = min(wide / page.drawing.columns, room / page.drawing.rows)
    left, top = sheet.left + (wide - cell * page.drawing.columns) / 2, sheet.y
    _ground(sheet, page, left, top, cell)
    for item in page.drawing.layers():
        _item(sheet, item, left, top, cell)
    sheet.gap(cell * page.drawing.rows + 8)
    signatures(sheet, signers)


def _ground(sheet: Sheet, page: PlanPage, left: float, top: float, cell: float) -> None:
    """The picture, as large as it fits without being stretched, and the frame."""
    canvas, wide, high = sheet.canvas, cell * page.drawing.columns, cell * page.drawing.rows
    if page.picture:
        image = ImageReader(io.BytesIO(page.picture))
        across, down = image.getSize()
        scale = min(wide / across, high / down)
        x, y = left + (wide - across * scale) / 2, top - (high + down * scale) / 2
        canvas.drawImage(image, x, y, across * scale, down * scale)
    canvas.setLineWidth(0.8)
    canvas.rect(left, top - high, wide, high)


def _item(sheet: Sheet, item: Item, left: float, top: float, cell: float) -> None:
    canvas, wide, high = sheet.canvas, item.width * cell, item.height * cell
    x, y = left + item.left * cell, top - (item.top + item.height) * cell
    canvas.saveState()
    canvas.setFillGray(_SHADED.get(item.thing, 1))
    canvas.setLineWidth(1.6 if item.thing in _HEAVY else HAIRLINE)
    if item.thing is Thing.STAIRS:
        _steps(sheet, x, y, wide, high)
    elif item.thing is not Thing.NOTE:
        canvas.rect(x, y, wide, high, fill=1)
    if item.thing in (Thing.ENTRANCE, Thing.GATE):
        _triangle(sheet, x + wide / 2, y + high - 2)
    canvas.restoreState()
    _words(sheet, item, x, y, wide, high)


def _steps(sheet: Sheet, x: float, y: float, wide: float, high: float) -> None:
    canvas = sheet.canvas
    canvas.rect(x, y, wide, high, fill=1)
    for n in range(1, int(wide / (2.4 * mm))):
        canvas.line(x + n * 2.4 * mm, y + high * 0.72, x + n * 2.4 * mm, y + high)


def _triangle(sheet: Sheet, x: float, top: float) -> None:
    """Where people go in."""
    path = sheet.canvas.beginPath()
    path.moveTo(x - 4, top)
    path.lineTo(x + 4, top)
    path.lineTo(x, top - 7)
    path.close()
    sheet.canvas.setFillGray(0)
    sheet.canvas.drawPath(path, stroke=0, fill=1)


def _words(sheet: Sheet, item: Item, x: float, y: float, wide: float, high: float) -> None:
    """The thing's own text, else its name, in the middle; what has no room for 8 pt stays without words."""
    text = item.text or ("" if item.thing in _PLAIN else sheet.words(THINGS[item.thing]))
    font = BOLD if item.thing in _HEAVY else REGULAR
    size = 16.0 if item.thing is Thing.HALL else 11.0
    while size > SMALLEST and not (words_fit(text, wide - 3, font, size) and _high(text, wide, font, size) < high):
        size -= 0.5
    if not text or not words_fit(text, wide - 3, font, size):
        return
    lines = wrap(text, wide - 3, font, size)
    lowered = 5 if item.thing in (Thing.ENTRANCE, Thing.GATE, Thing.STAIRS) else 0
    put_lines(sheet.canvas, x + wide / 2, y + (high + len(lines) * size * LEADING) / 2 - lowered, lines, size, font,
              "center")  # fmt: skip


def _high(text: str, wide: float, font: str, size: float) -> float:
    return len(wrap(text, wide - 3, font, size)) * size * LEADING
