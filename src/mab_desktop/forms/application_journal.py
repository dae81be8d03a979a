"""Application journal «Өтініш журналы»: students check their own data and sign (p.21; NUR, NUP)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import NETWORK_COORDINATOR, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Application journal")


@dataclass(frozen=True, slots=True)
class StudentLine:
    """One student's fields as printed (p.18); coded fields come as words."""

    full_name: str
    born: date | None
    citizenship: str
    nationality: str
    sex: str
    course: str
    study_form: str
    payment: str
    to_code: str
    certificate: str
    grant_certificate: str
    identity_document: str
    admission_year: str
    record_book: str
    foreign_language: str = ""


@dataclass(frozen=True, slots=True)
class JournalGroup:
    """The students of one specialty and language; each group begins on a new page."""

    specialty: str
    language: str
    students: Iterable[StudentLine]


@dataclass(frozen=True, slots=True)
class ApplicationJournal:
    """The whole journal of a network university."""

    head: DocumentHead
    imprint: Imprint
    groups: Iterable[JournalGroup]
    coordinator: str = ""
    programmer: str = ""


STUDENT_COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Surname, first name, patronymic"), 44),
    Column(N_("Date of birth; sex"), 19),
    Column(N_("Citizenship; nationality"), 26),
    Column(N_("Course; form of study"), 20),
    Column(N_("Payment; foreign language"), 33),
    Column(N_("TO code; certificate"), 20),
    Column(N_("Grant certificate; identity document"), 22),
    Column(N_("Admitted; record book"), 22),
)
COLUMNS = (*STUDENT_COLUMNS, Column(N_("Student's signature"), 24), Column(N_("Correction"), 30))


def student_cells(no: int, student: StudentLine) -> tuple[str, ...]:
    """The cells under `STUDENT_COLUMNS`: two fields to a cell, one above the other; an empty one shows a dash."""
    s = student
    pairs = ((shown_date(s.born), s.sex), (s.citizenship, s.nationality), (s.course, s.study_form),
             (s.payment, s.foreign_language), (s.to_code, s.certificate), (s.grant_certificate, s.identity_document),
             (s.admission_year, s.record_book))  # fmt: skip
    return str(no), s.full_name, *(f"{above or '–'}\n{below or '–'}" for above, below in pairs)


def draw(*documents: ApplicationJournal, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The journals as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, journal: ApplicationJournal) -> None:
    signers = (Signer(NETWORK_COORDINATOR, journal.coordinator), Signer(NETWORK_PROGRAMMER, journal.programmer))
    for group in journal.groups:
        facts = ((N_("Specialty"), group.specialty), (N_("Language of instruction"), group.language))
        whose = replace(journal.head, mark=f"{group.specialty} · {group.language}")
        sheet.begin(TITLE, whose, journal.imprint, facts=facts)
        rows: Iterable[Row] = ((*student_cells(no, s), "", "") for no, s in enumerate(group.students, 1))
        draw_table(sheet, COLUMNS, rows, size=8.5, keep=signatures_height(sheet, signers))
        signatures(sheet, signers)
