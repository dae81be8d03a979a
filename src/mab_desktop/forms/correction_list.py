"""List of the corrections that the ministry programmer entered: six fields by the list of wrong data (p.8, p.30)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import MINISTRY_PROGRAMMER, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Corrections of student data by the list of wrong data")
NOT_MINE = N_("Not corrected here: the ministry programmer may not change this field (p.8)")
OPEN = N_("Not entered yet")


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One line of the list of wrong data; `field` is a message id, `group` "" or why it is not corrected."""

    university: str
    code: str
    full_name: str
    field: str
    old: str
    new: str
    item: str
    entered: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionList:
    """All corrections of the base university."""

    head: DocumentHead
    imprint: Imprint
    lines: tuple[CorrectionLine, ...]
    programmer: str = ""
    representative: str = ""


COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("University"), 18, "center"),
    Column(N_("Personal code"), 21, "center"),
    Column(N_("Full name"), 50),
    Column(N_("Field"), 29),
    Column(N_("Old value"), 36),
    Column(N_("New value"), 36),
    Column(N_("Ground: item of the list of wrong data"), 42),
    Column(N_("Entered: when, by whom"), 26),
)


def draw(*documents: CorrectionList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: CorrectionList) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    signers = (Signer(MINISTRY_PROGRAMMER, data.programmer), Signer(REPRESENTATIVE, data.representative))
    if data.lines:
        draw_table(sheet, COLUMNS, _rows(sheet, data), keep=signatures_height(sheet, signers))
    else:
        sheet.statement(N_("The list of wrong data is empty; nothing was corrected."))
    signatures(sheet, signers)


def _rows(sheet: Sheet, data: CorrectionList) -> Iterator[Row]:
    """What was entered first; under headings of their own what waits and what is not corrected here."""
    group = ""
    for no, line in enumerate(sorted(data.lines, key=lambda one: one.group), 1):
        if line.group != group:
            group = line.group
            yield Band(sheet.words.both(group))
        yield (
            str(no), line.university, line.code, line.full_name, sheet.words.both(line.field), line.old or "–",
            Cell(line.new or "–", bold=True), line.item, line.entered or "–",
        )  # fmt: skip
