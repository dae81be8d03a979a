"""Journal of appeal applications; in until 13:00 of the day after the results (p.40-42)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import APPEAL_CHAIR, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Journal of registration of appeal applications")


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application as it was taken."""

    number: int
    taken_at: datetime
    full_name: str
    code: str
    specialty: str
    hall: str
    seat: str
    variant: str
    subjects: str
    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class AppealJournal:
    """The journal of a shift; `blank_rows` empty lines follow, for writing by hand."""

    head: DocumentHead
    imprint: Imprint
    lines: tuple[ApplicationLine, ...]
    blank_rows: int = 0
    chair: str = ""


COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Date, time"), 22, "center"),
    Column(N_("Full name"), 55),
    Column(N_("Personal code"), 21, "center"),
    Column(N_("Cipher"), 17, "center"),
    Column(N_("Hall"), 19, "center"),
    Column(N_("Seat"), 13, "center"),
    Column(N_("Variant"), 16, "center"),
    Column(N_("Subjects"), 42),
    Column(N_("Student's signature"), 26),
    Column(N_("Taken by"), 28),
)


def draw(*documents: AppealJournal, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The journals as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: AppealJournal) -> None:
    sheet.begin(TITLE, data.head, data.imprint, facts=((N_("Applications are taken until"), "13:00"),))
    signers = (Signer(APPEAL_CHAIR, data.chair),)
    rows: list[Row] = [
        (str(a.number), a.taken_at.strftime("%d.%m.%Y\n%H:%M"), a.full_name, a.code, a.specialty, a.hall, a.seat,
         a.variant, a.subjects, "", a.taken_by) for a in data.lines
    ]  # fmt: skip
    rows += [("",) * len(COLUMNS)] * data.blank_rows
    draw_table(sheet, COLUMNS, rows, row_height=26, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
