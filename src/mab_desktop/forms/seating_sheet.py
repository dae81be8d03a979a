"""Seating sheet «Отырғызу парағы»: by seat, each student signs for his (p.30, 31, 33)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import DUTY_OFFICER, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Cell, Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Seating sheet")


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A student at his drawn seat."""

    seat: int
    full_name: str
    code: str
    specialty: str
    language: str


@dataclass(frozen=True, slots=True)
class SeatingSheet:
    """The sheet of one hall of one shift; a reprint of the same draw carries `imprint.reprint` (p.30: drawn once)."""

    head: DocumentHead
    imprint: Imprint
    seats: int
    lines: tuple[SeatLine, ...]
    duty_officers: tuple[str, ...] = ("", "")
    representative: str = ""


COLUMNS = (
    Column(N_("Seat"), 14, "center"),
    Column(N_("Full name"), 62),
    Column(N_("Personal code"), 22, "center"),
    Column(N_("Cipher"), 18, "center"),
    Column(N_("Language"), 16, "center"),
    Column(N_("Signature"), 28),
    Column(N_("Remark"), 24),
)


def draw(*documents: SeatingSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: SeatingSheet) -> None:
    facts = ((N_("Number of seats"), str(data.seats)), (N_("Number of students"), str(len(data.lines))))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (
        *(Signer(DUTY_OFFICER, name) for name in data.duty_officers),
        Signer(REPRESENTATIVE, data.representative),
    )
    lines = sorted(data.lines, key=lambda line: line.seat)
    rows = ((Cell(str(s.seat), bold=True), s.full_name, s.code, s.specialty, s.language, "", "") for s in lines)
    draw_table(sheet, COLUMNS, rows, size=10, row_height=24, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
