"""The national summary of the testing centre: everybody in numbers, cut five ways (p.8, p.37, p.47)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.daily_statistics import shown_mean
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("National summary of MAB")
_HEAD = 110  # points: the heads of a table and its first rows stay with its caption
HEAD_OF_CENTRE = N_("Head of the testing centre")
CENTRE_PROGRAMMER = N_("Programmer of the testing centre")


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A group: name and numbers; means None where nobody has points."""

    name: str
    students: int
    came: int
    absent: int
    removed: int
    before: float | None
    after: float | None
    appeals: int
    items: int
    satisfied: int


@dataclass(frozen=True, slots=True)
class SummaryPart:
    """A cut: its heading, the head of its first column (message ids), its rows; `summed` where they add up to all."""

    heading: str
    of: str
    rows: tuple[SummaryRow, ...]
    summed: bool = True


@dataclass(frozen=True, slots=True)
class NationalSummary:
    """The whole; `missing` are base universities whose final data has not come."""

    head: DocumentHead
    imprint: Imprint
    parts: tuple[SummaryPart, ...]
    whole: SummaryRow
    bases: int
    missing: tuple[str, ...]
    programmer: str = ""


def draw(*documents: NationalSummary, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The summary as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: NationalSummary) -> None:
    came = f"{data.bases - len(data.missing)} / {data.bases}"
    sheet.begin(TITLE, data.head, data.imprint, facts=((N_("Final data of base universities"), came),))
    if data.missing:
        sheet.statement(N_("The final data has not come of: {codes}. Of these only the students are counted."),
                        codes=", ".join(data.missing))  # fmt: skip
    signers = (Signer(CENTRE_PROGRAMMER, data.programmer), Signer(HEAD_OF_CENTRE, seal=True))
    for n, part in enumerate(data.parts):
        sheet.caption(part.heading, keep=_HEAD)
        last = n == len(data.parts) - 1
        keep = signatures_height(sheet, signers) if last else 0
        draw_table(sheet, _columns(part.of), _rows(sheet, part, data.whole), keep=keep)
    signatures(sheet, signers)


def _columns(of: str) -> tuple[Column, ...]:
    return (
        Column(of, 76), Column(N_("Students"), 18, "right"),
        Column(N_("At the test"), parts=(
            Column(N_("present"), 17, "right"), Column(N_("absent"), 17, "right"), Column(N_("removed"), 17, "right"))),
        Column(N_("Mean points"), parts=(
            Column(N_("Before appeal"), 23, "right"), Column(N_("After appeal"), 24, "right"))),
        Column(N_("Appeals"), parts=(
            Column(N_("Applications"), 20, "right"), Column(N_("Items"), 16, "right"),
            Column(N_("satisfied"), 27, "right"))),
    )  # fmt: skip


def _rows(sheet: Sheet, part: SummaryPart, whole: SummaryRow) -> Iterable[Row]:
    yield from (_cells(row.name, row) for row in part.rows)
    if part.summed:
        yield Total(_cells(sheet.words(N_("In all")), whole))


def _cells(name: str, row: SummaryRow) -> tuple[str, ...]:
    counts = (str(n) if n else "–" for n in (row.students, row.came, row.absent, row.removed))
    appeals = (str(n) if n else "–" for n in (row.appeals, row.items, row.satisfied))
    return (name, *counts, _mean(row.before), _mean(row.after), *appeals)


def _mean(points: float | None) -> str:
    return "–" if points is None else shown_mean(points)
