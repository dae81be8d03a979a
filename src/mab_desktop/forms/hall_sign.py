"""The sign at a hall's door (p.24): A4 across, the hall's number as large as the sheet allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import put, width, wrap
from mab_desktop.forms.page import EDGE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.i18n import N_

TITLE = N_("Hall sign")
_CAP = 0.7


@dataclass(frozen=True, slots=True)
class HallSign:
    """The hall of `head` (with its building), its floor, and the languages of those who sit there as words."""

    head: DocumentHead
    imprint: Imprint
    floor: int
    languages: str = ""


def draw(*documents: HallSign, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The signs as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, sign: HallSign) -> None:
    sheet.begin(TITLE, sign.head, sign.imprint, bare=True)
    canvas, words, middle, room = sheet.canvas, sheet.words, sheet.width / 2, sheet.right - sheet.left
    canvas.setLineWidth(4)
    canvas.rect(sheet.left, sheet.bottom + 6, room, sheet.height - EDGE - sheet.bottom - 8)
    top = sheet.height - EDGE - 48
    put(canvas, middle, top, words.both(N_("Hall")).upper(), 40, BOLD, "center")
    floor = words.both(N_("Floor {number}"), number=sign.floor)
    language = words.both(N_("Language of the test")) + ": " + sign.languages if sign.languages else ""
    foot = sheet.bottom + 22
    for text, size, font in ((language, 20.0, REGULAR), (floor, 26.0, BOLD), (sign.head.building, 26.0, BOLD)):
        if not text:
            continue
        size = min(size, (room - 30) / width(text, font, 1)) if width(text, font, size) < 1.6 * room else size
        lines = wrap(text, room - 30, font, size)
        for line in reversed(lines):
            put(canvas, middle, foot, line, size, font, "center")
            foot += size * 1.2
    height = top - 14 - (foot + 6)
    size = min(height / _CAP, (room - 40) / width(sign.head.hall, BOLD, 1))
    put(canvas, middle, foot + 6 + (height - size * _CAP) / 2, sign.head.hall, size, BOLD, "center")
