"""Report of the ministry representative on the work done, on the nine tasks of p.7 (p.7, 47)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Report of the ministry representative on the work done")
TASKS = (
    N_("Control of the technology of the test"),
    N_("Readiness of the equipment"),
    N_("Briefing of duty officers"),
    N_("Daily check of the readiness of halls"),
    N_("Daily allocation of duty officers to halls"),
    N_("Giving and taking of exam materials"),
    N_("Processing of the results"),
    N_("Work of the appeal commission and entering of its decisions"),
    N_("Breaches, remarks, proposals"),
)


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A shift in numbers."""

    shift: int
    day: date
    planned: int
    present: int
    absent: int
    removed: int
    applications: int
    satisfied: int


@dataclass(frozen=True, slots=True)
class RepresentativeReport:
    """The report: shifts, then a text for each of `TASKS`, empty where it is written by hand."""

    head: DocumentHead
    imprint: Imprint
    representative: str
    shifts: tuple[ShiftLine, ...]
    texts: tuple[str, ...] = ()


COLUMNS = (
    Column(N_("Shift"), 14, "center"),
    Column(N_("Date"), 21, "center"),
    Column(N_("planned"), 19, "right"),
    Column(N_("present"), 19, "right"),
    Column(N_("absent"), 20, "right"),
    Column(N_("removed"), 20, "right"),
    Column(N_("Appeal applications"), 28, "right"),
    Column(N_("Items satisfied"), 39, "right"),
)


def draw(*documents: RepresentativeReport, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The reports as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, report: RepresentativeReport) -> None:
    facts = ((N_("Ministry representative"), report.representative),)
    sheet.begin(TITLE, report.head, report.imprint, facts=facts)
    draw_table(sheet, COLUMNS, _rows(sheet, report))
    signers = (Signer(REPRESENTATIVE, report.representative),)
    after = signatures_height(sheet, signers)
    texts = (*report.texts, *("",) * len(TASKS))
    for no, (task, text) in enumerate(zip(TASKS, texts, strict=False), 1):
        _task(sheet, no, task, text, after if no == len(TASKS) else 0)
    signatures(sheet, signers)


def _rows(sheet: Sheet, report: RepresentativeReport) -> Iterator[Row]:
    for s in report.shifts:
        yield (str(s.shift), shown_date(s.day), str(s.planned), str(s.present), str(s.absent), str(s.removed),
               str(s.applications), str(s.satisfied))  # fmt: skip
    names = ("planned", "present", "absent", "removed", "applications", "satisfied")
    sums = (sum(getattr(s, name) for s in report.shifts) for name in names)
    yield Total((sheet.words(N_("In all")), "", *map(str, sums)))


def _task(sheet: Sheet, no: int, task: str, text: str, keep: float) -> None:
    sheet.gap(8)
    sheet.paragraph(f"{no}. {sheet.words.both(task)}", BODY + 0.5, BOLD, keep=36 + keep)
    if text:
        for line in text.splitlines():
            sheet.paragraph(line)
        return
    for _ in range(2):
        sheet.need(18)
        sheet.gap(18)
        sheet.rule(HAIRLINE)
