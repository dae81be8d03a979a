"""List of duty officers, and their allocation to halls and corridors for a day (p.6, 7, 24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("List of duty officers by hall")
DAILY = N_("Allocation of duty officers for the day")
DRAWN = N_("The officers were drawn to the halls by chance; whoever has the list and the seed draws the same again.")


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty officer; `place` is a hall or a corridor, `shifts` as printed («1, 3»)."""

    full_name: str
    post: str
    phone: str
    place: str
    shifts: str


@dataclass(frozen=True, slots=True)
class DutyDrawn:
    """How the day's allocation was drawn: its number, the seed and checksum by which it can be drawn again."""

    number: int
    seed: str
    checksum: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DutyList:
    """The list of a base university, or with `daily` the day's allocation made by the representative (p.7).

    `by_hall` heads the lines of each hall with its number; a line without a name is one that is still missing.
    """

    head: DocumentHead
    imprint: Imprint
    lines: tuple[DutyLine, ...]
    daily: bool = False
    coordinator: str = ""
    representative: str = ""
    draw: DutyDrawn | None = None
    by_hall: bool = False


PLACE, SHIFT = N_("Hall, corridor"), N_("Shift")
COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Full name"), 48),
    Column(N_("Post, department"), 44),
    Column(N_("Telephone"), 25, "center"),
    Column(PLACE, 20, "center"),
    Column(SHIFT, 13, "center"),
    Column(N_("Briefed (signature)"), 25),
)


def draw(*documents: DutyList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: DutyList) -> None:
    drawn = data.draw
    facts = ((N_("Draw No"), str(drawn.number)), (N_("Checksum"), drawn.checksum[:16].upper())) if drawn else ()
    sheet.begin(DAILY if data.daily else TITLE, data.head, data.imprint, facts=facts)
    if drawn:
        _how(sheet, drawn)
    coordinator = Signer(BASE_COORDINATOR, data.coordinator, seal=not data.daily)
    signers = (Signer(REPRESENTATIVE, data.representative),) if data.daily else (coordinator,)
    rows = _by_hall(sheet, data.lines) if data.by_hall else (
        (str(no), d.full_name, d.post, d.phone, d.place, d.shifts, "") for no, d in enumerate(data.lines, 1)
    )  # fmt: skip
    columns = tuple(c for c in COLUMNS if c.label != PLACE and c.label != SHIFT) if data.by_hall else COLUMNS
    draw_table(sheet, columns, rows, row_height=22, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _by_hall(sheet: Sheet, lines: tuple[DutyLine, ...]) -> Iterator[Row]:
    for place, here in groupby(lines, key=lambda line: line.place):
        yield Band(sheet.words(N_("Hall, corridor: {place}"), place=place))
        for no, line in enumerate(here, 1):
            yield str(no), line.full_name, line.post, line.phone, ""


def _how(sheet: Sheet, drawn: DutyDrawn) -> None:
    sheet.statement(DRAWN)
    spaced = " ".join(drawn.seed[n : n + 8] for n in range(0, len(drawn.seed), 8))
    sheet.facts(((N_("Seed"), spaced.upper()),))
    if drawn.reason:
        sheet.facts(((N_("Reason for drawing again"), drawn.reason),))
    sheet.gap(4)
