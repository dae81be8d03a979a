"""Which hall is where: the list at a building's entrance (p.24), large enough to be read in a crowd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.table import Band, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Which hall is where")
COLUMNS = (
    Column(N_("Hall"), 40, "center"), Column(N_("Floor"), 30, "center"), Column(N_("Kind of hall"), 80),
    Column(N_("Seats"), 30, "center"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HallDirectory:
    """The halls of the building of `head`: (number, floor, kind, seats), and how to get to the building."""

    head: DocumentHead
    imprint: Imprint
    halls: tuple[tuple[str, int, str, int], ...]
    address: str = ""
    access: str = ""


def draw(*documents: HallDirectory, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, directory: HallDirectory) -> None:
    sheet.begin(TITLE, directory.head, directory.imprint)
    for text in (directory.address, directory.access):
        if text:
            sheet.paragraph(text, 14, BOLD, "center")
    sheet.gap(8)
    draw_table(sheet, COLUMNS, _rows(sheet, directory), size=15, row_height=25)


def _rows(sheet: Sheet, directory: HallDirectory) -> Iterator[Row]:
    floor: int | None = None
    for number, on, kind, seats in sorted(directory.halls, key=lambda hall: (hall[1], hall[0])):
        if on != floor:
            floor = on
            yield Band(sheet.words.both(N_("Floor {number}"), number=on))
        yield number, str(on), kind, str(seats)
