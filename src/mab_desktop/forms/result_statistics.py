"""Points of a shift by subject, variant, hall, university, language and direction, with their plots (p.7, p.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.daily_statistics import shown_mean
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.plot import draw_bars
from mab_desktop.forms.result_sheet import each_subject
from mab_desktop.forms.signature import MINISTRY_PROGRAMMER, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Statistics of the results")
_MOST_LABELS = 34  # bars that still have room for a label each


@dataclass(frozen=True, slots=True)
class Group:
    """A line of a cut: its name, a short one for the plot, and its points; `below` None without a threshold."""

    name: str
    short: str
    students: int
    mean: float
    share: float
    deviation: float
    least: int
    median: float
    greatest: int
    below: int | None


@dataclass(frozen=True, slots=True)
class CutTable:
    """One way of grouping; `title` is a message id."""

    title: str
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class ResultStatistics:
    """A shift: how many students have how many points (equal steps from 0 to `highest`), and the cuts."""

    head: DocumentHead
    imprint: Imprint
    bins: Sequence[int]
    highest: int
    threshold: int | None
    cuts: Sequence[CutTable]
    after_appeal: bool = False
    representative: str = ""
    programmer: str = ""
    threshold_each: int | None = None


COLUMNS = (
    Column(N_("Group"), 62), Column(N_("Number of students"), 17, "right"), Column(N_("Mean"), 15, "right"),
    Column(N_("Mean, per cent of the highest"), 18, "right"), Column(N_("Standard deviation"), 16, "right"),
    Column(N_("Least"), 13, "right"), Column(N_("Median"), 14, "right"), Column(N_("Greatest"), 14, "right"),
    Column(N_("Below the threshold"), 16, "right"),
)  # fmt: skip


def draw(*documents: ResultStatistics, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The statistics as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: ResultStatistics) -> None:
    threshold = "–" if data.threshold is None else str(data.threshold)
    known = N_("with the results of the appeal") if data.after_appeal else N_("without the results of the appeal")
    sheet.begin(TITLE, data.head, data.imprint, subtitle=known, facts=(
        (N_("Threshold"), threshold), *each_subject(data.threshold_each),
        (N_("Highest sum of points"), str(data.highest)),
    ))  # fmt: skip
    sheet.caption(N_("Students by their points"), keep=120)
    step = data.highest / len(data.bins)
    edges = [f"{round(n * step)}" for n in range(len(data.bins))]
    mark = None if data.threshold is None else data.threshold / data.highest
    draw_bars(sheet, data.bins, edges, mark=mark)
    signers = (Signer(MINISTRY_PROGRAMMER, data.programmer), Signer(REPRESENTATIVE, data.representative))
    for number, cut in enumerate(data.cuts, 1):
        sheet.caption(cut.title, keep=150)
        labels = [group.short if len(cut.groups) <= _MOST_LABELS else "" for group in cut.groups]
        draw_bars(sheet, [100 * group.share for group in cut.groups], labels, highest=100, keep=40)
        keep = signatures_height(sheet, signers) if number == len(data.cuts) else 0
        draw_table(sheet, COLUMNS, _rows(cut.groups), keep=keep)
    signatures(sheet, signers)


def _rows(groups: Sequence[Group]) -> Iterator[Row]:
    for g in groups:
        below = "–" if g.below is None else str(g.below)
        yield (g.name, str(g.students), shown_mean(g.mean), shown_mean(100 * g.share), shown_mean(g.deviation),
               str(g.least), shown_mean(g.median), str(g.greatest), below)  # fmt: skip
