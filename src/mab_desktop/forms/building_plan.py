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
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Fact, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.i18n import N_

SITE_TITLE, FLOOR_TITLE = N_("Plan of the building on the site"), N_("Plan of the halls in the building")
_SHADED = {Thing.ROAD: 0.93, Thing.CORRIDOR: 0.93}
_HEAVY = (Thing.HALL, Thing.BUILDING)
_PLAIN = (Thing.NOTE, Thing.HALL)  # their own text says everything
_POINTED = (Thing.ENTRANCE, Thing.GATE, Thing.STAIRS)  # a triangle or steps stand above their words
_POINT = 9.0


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
    drawing, legend = page.drawing, tuple[str, ...]()
    # The words that find no room depend on the size of a cell, and the room for the legend on them: twice is enough,
    # for a smaller cell only adds words, and what is added then has its line as well.
    for _again in range(3):
        cell = min(wide / drawing.columns, (room - _legend_height(legend, wide)) / drawing.rows)
        legend = tuple(_text(sheet, item) for item in drawing.layers() if _size(sheet, item, cell) is None)
    left, top = sheet.left + (wide - cell * drawing.columns) / 2, sheet.y
    _ground(sheet, page, left, top, cell)
    number = 0
    for item in drawing.layers():
        number += _size(sheet, item, cell) is None
        _item(sheet, item, left, top, cell, number)
    sheet.test_mark()
    sheet.gap(cell * drawing.rows + 8)
    if legend:
        put_lines(sheet.canvas, sheet.left, sheet.y, _legend_lines(legend, wide), BODY, REGULAR)
        sheet.gap(_legend_height(legend, wide))
    signatures(sheet, signers)


def _legend_lines(legend: tuple[str, ...], wide: float) -> tuple[str, ...]:
    """Words that had no room in the drawing, by the numbers that stand there for them."""
    return wrap(" · ".join(f"{n} – {words}" for n, words in enumerate(legend, 1)), wide, REGULAR, BODY)


def _legend_height(legend: tuple[str, ...], wide: float) -> float:
    return len(_legend_lines(legend, wide)) * BODY * LEADING + 6 if legend else 0


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


def _item(sheet: Sheet, item: Item, left: float, top: float, cell: float, number: int) -> None:
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
    _words(sheet, item, x, y, wide, high, _size(sheet, item, cell), number)


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


def _text(sheet: Sheet, item: Item) -> str:
    """The thing's own text, else its name."""
    return item.text or ("" if item.thing in _PLAIN else sheet.words(THINGS[item.thing]))


def _font(item: Item) -> str:
    return BOLD if item.thing in _HEAVY else REGULAR


def _size(sheet: Sheet, item: Item, cell: float) -> float | None:
    """The largest letters in which a thing's words find room in it; None where not even 8 pt do."""
    text, font, wide, high = _text(sheet, item), _font(item), item.width * cell, item.height * cell
    size = 16.0 if item.thing is Thing.HALL else 11.0
    if item.thing in _POINTED:
        high -= _POINT
    while text and not (words_fit(text, wide - 3, font, size) and _high(text, wide, font, size) < high):
        if size <= SMALLEST:
            return None
        size -= 0.5
    return size


def _words(
    sheet: Sheet, item: Item, x: float, y: float, wide: float, high: float, size: float | None, number: int
) -> None:
    """The words in the middle, or their number in the legend."""
    text, font = (_text(sheet, item), _font(item)) if size is not None else (str(number), BOLD)
    size = size or SMALLEST
    lines = wrap(text, max(wide - 3, 6), font, size)
    lowered = _POINT / 2 if item.thing in _POINTED else 0
    put_lines(sheet.canvas, x + wide / 2, y + (high + len(lines) * size * LEADING) / 2 - lowered, lines, size, font,
              "center")  # fmt: skip


def _high(text: str, wide: float, font: str, size: float) -> float:
    return len(wrap(text, wide - 3, font, size)) * size * LEADING
