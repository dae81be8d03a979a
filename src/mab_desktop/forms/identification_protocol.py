"""Identification protocol of a hall: table 1 unidentified students, table 2 identification of sheets (p.38)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import BODY, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    COMMISSION_CHAIR,
    COMMISSION_MEMBER,
    COMMISSION_SECRETARY,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Cell, Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Identification protocol of answer sheets")
UNIDENTIFIED = N_("Table 1. Unidentified students")
SHEETS = N_("Table 2. Identification of answer sheets")
LAST = N_("Last version")
WITH_FIRST_LINE = 150  # points of table 2 that stay under its caption: the head and a line


@dataclass(frozen=True, slots=True)
class UnidentifiedStudent:
    """Table 1: a student whose code found no sheet; `remark` is empty, «Келмеді» or «Түзету»."""

    full_name: str
    code: str
    variant: str
    seat: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class UnidentifiedSheet:
    """Table 2: what was read of a sheet and what the commission finds right.

    `wrong` names the readings framed in a thick line: "name", "code", "seat", "variant". `name_picture` is a JPEG
    or PNG of the name field.
    """

    sheet_no: str
    code: str
    seat: str
    variant: str
    wrong: frozenset[str] = frozenset()
    name_picture: bytes = b""
    name: str = ""
    right_code: str = ""
    right_seat: str = ""
    booklet_variant: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class IdentificationProtocol:
    """A version of a hall's protocol; all members of the commission sign it."""

    head: DocumentHead
    imprint: Imprint
    version: int
    last: bool
    scanned: int
    automatic: int
    visual: int
    students: tuple[UnidentifiedStudent, ...]
    sheets: tuple[UnidentifiedSheet, ...]
    chair: str = ""
    secretary: str = ""
    members: tuple[str, ...] = ()
    issued_at: str = ""


STUDENT_COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Surname, first name, patronymic"), 110),
    Column(N_("Personal code"), 32, "center"),
    Column(N_("Variant"), 28, "center"),
    Column(N_("Seat"), 24, "center"),
    Column(N_("Remark"), 63),
)
SHEET_COLUMNS = (
    Column(N_("Sheet No"), 17, "center"),
    Column(N_("Name field of the sheet"), 64),
    Column(N_("Read from the sheet"), parts=(
        Column(N_("Personal code"), 23, "center"), Column(N_("Seat"), 15, "center"),
        Column(N_("Variant"), 18, "center"))),
    Column(N_("Decision of the commission"), parts=(
        Column(N_("Name on the sheet"), 50), Column(N_("Right code"), 24, "center"),
        Column(N_("Right seat"), 16, "center"), Column(N_("Variant on the booklet"), 26, "center"),
        Column(N_("Decision"), 24))),
)  # fmt: skip


def draw(*documents: IdentificationProtocol, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The protocols as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, protocol: IdentificationProtocol) -> None:
    issued = ((N_("Issued on"), protocol.issued_at),) if protocol.issued_at else ()
    sheet.begin(TITLE, protocol.head, protocol.imprint, subtitle=LAST if protocol.last else "", facts=(
        (N_("Version of the protocol"), str(protocol.version)), *issued, (N_("Sheets scanned"), str(protocol.scanned)),
        (N_("Identified automatically"), str(protocol.automatic)),
        (N_("Identified visually"), str(protocol.visual))))  # fmt: skip
    _table_1(sheet, protocol)
    signers = _signers(protocol)
    _table_2(sheet, protocol, signatures_height(sheet, signers))
    signatures(sheet, signers)


def _signers(protocol: IdentificationProtocol) -> tuple[Signer, ...]:
    return (Signer(COMMISSION_CHAIR, protocol.chair), Signer(COMMISSION_SECRETARY, protocol.secretary),
            *(Signer(COMMISSION_MEMBER, name) for name in protocol.members))  # fmt: skip


def _table_1(sheet: Sheet, protocol: IdentificationProtocol) -> None:
    sheet.caption(UNIDENTIFIED)
    if not protocol.students:
        sheet.paragraph(sheet.words.both(N_("No students are unidentified.")), BODY, BOLD)
        return
    rows = (
        (str(no), s.full_name, s.code, s.variant, s.seat, Cell(s.remark, bold=True))
        for no, s in enumerate(protocol.students, 1)
    )
    draw_table(sheet, STUDENT_COLUMNS, rows, size=10, row_height=22)


def _table_2(sheet: Sheet, protocol: IdentificationProtocol, keep: float) -> None:
    sheet.caption(SHEETS, keep=WITH_FIRST_LINE)
    if not protocol.sheets:
        sheet.paragraph(sheet.words.both(N_("No sheets are unidentified.")), BODY, BOLD)
        return
    rows = (
        (s.sheet_no, Cell(picture=s.name_picture, framed="name" in s.wrong), Cell(s.code, framed="code" in s.wrong),
         Cell(s.seat, framed="seat" in s.wrong), Cell(s.variant, framed="variant" in s.wrong), s.name, s.right_code,
         s.right_seat, s.booklet_variant, Cell(s.decision, bold=True)) for s in protocol.sheets
    )  # fmt: skip
    draw_table(sheet, SHEET_COLUMNS, rows, size=10, row_height=40, keep=keep)
