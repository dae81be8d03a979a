"""Personal report of an appeal commission member «Пәндер бойынша апелляция есебі» (p.44)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.appeal_minutes import GROUND_COLUMNS
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import APPEAL_CHAIR, APPEAL_MEMBER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Appeal report by subject")


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """A subject: applications, items, items satisfied by ground 1-5, items rejected."""

    subject: str
    applications: int
    items: int
    by_ground: tuple[int, int, int, int, int]
    rejected: int


@dataclass(frozen=True, slots=True)
class AppealReport:
    """The report of one member (or, without a name, of the whole commission)."""

    head: DocumentHead
    imprint: Imprint
    subjects: tuple[SubjectReport, ...]
    member: str = ""
    chair: str = ""


COLUMNS = (
    Column(N_("Subject"), 52),
    Column(N_("Applications"), 22, "right"),
    Column(N_("Items"), 18, "right"),
    Column(N_("Satisfied by ground"), parts=GROUND_COLUMNS),
    Column(N_("Rejected"), 30, "right"),
)


def draw(*documents: AppealReport, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The reports as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, report: AppealReport) -> None:
    facts = ((N_("Commission member"), report.member),) if report.member else ()
    sheet.begin(TITLE, report.head, report.imprint, facts=facts)
    member = (Signer(APPEAL_MEMBER, report.member),) if report.member else ()
    signers = (*member, Signer(APPEAL_CHAIR, report.chair))
    rows: list[Row] = [
        (s.subject, str(s.applications), str(s.items), *map(str, s.by_ground), str(s.rejected)) for s in report.subjects
    ]
    sums = [sum(s.applications for s in report.subjects), sum(s.items for s in report.subjects),
            *(sum(s.by_ground[n] for s in report.subjects) for n in range(len(GROUND_COLUMNS))),
            sum(s.rejected for s in report.subjects)]  # fmt: skip
    rows.append(Total((sheet.words(N_("In all")), *map(str, sums))))
    draw_table(sheet, COLUMNS, rows, row_height=20, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
