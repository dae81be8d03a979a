"""Daily statistics of a shift for the testing centre (p.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.result_sheet import each_subject
from mab_desktop.forms.signature import MINISTRY_PROGRAMMER, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Daily statistics")


@dataclass(frozen=True, slots=True)
class LanguageCounts:
    """Students of one language (or, as the last line, of all)."""

    language: str
    planned: int
    present: int
    absent: int
    removed: int


@dataclass(frozen=True, slots=True)
class DirectionMeans:
    """Results of a direction: mean of each subject (name, mean), of the total, least, greatest, below the threshold."""

    direction: str
    students: int
    subjects: tuple[tuple[str, float], ...]
    mean_total: float
    least: int
    greatest: int
    below_threshold: int


@dataclass(frozen=True, slots=True)
class DailyStatistics:
    """One shift in numbers; thresholds None where the ministry has set none."""

    head: DocumentHead
    imprint: Imprint
    languages: tuple[LanguageCounts, ...]
    directions: tuple[DirectionMeans, ...]
    threshold: int | None
    scanned: int
    automatic: int
    visual: int
    applications: int
    items: int
    satisfied: int
    representative: str = ""
    programmer: str = ""
    threshold_each: int | None = None


LANGUAGE_COLUMNS = (
    Column(N_("Language of the test"), 60), Column(N_("planned"), 30, "right"), Column(N_("present"), 30, "right"),
    Column(N_("absent"), 30, "right"), Column(N_("removed"), 30, "right"),
)  # fmt: skip
DIRECTION_COLUMNS = (
    Column(N_("Direction of training"), 42), Column(N_("Number of students"), 17, "right"),
    Column(N_("Mean points by subject"), 55), Column(N_("Mean total"), 17, "right"), Column(N_("Least"), 15, "right"),
    Column(N_("Greatest"), 17, "right"), Column(N_("Below the threshold"), 20, "right"),
)  # fmt: skip
SHEET_COLUMNS = (
    Column(N_("Sheets scanned"), 60, "center"), Column(N_("Identified automatically"), 60, "center"),
    Column(N_("Identified visually"), 60, "center"),
)  # fmt: skip
APPEAL_COLUMNS = (
    Column(N_("Appeal applications"), 60, "center"), Column(N_("Items appealed"), 60, "center"),
    Column(N_("Items satisfied"), 60, "center"),
)  # fmt: skip


def draw(*documents: DailyStatistics, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The statistics as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: DailyStatistics) -> None:
    threshold = "–" if data.threshold is None else str(data.threshold)
    sheet.begin(TITLE, data.head, data.imprint, facts=(
        (N_("Threshold"), threshold), *each_subject(data.threshold_each),
    ))  # fmt: skip
    signers = (Signer(MINISTRY_PROGRAMMER, data.programmer), Signer(REPRESENTATIVE, data.representative))
    sheet.caption(N_("Attendance at the test"))
    draw_table(sheet, LANGUAGE_COLUMNS, _languages(sheet, data))
    sheet.caption(N_("Results by direction"))
    draw_table(sheet, DIRECTION_COLUMNS, _directions(data))
    sheet.caption(N_("Answer sheets"))
    draw_table(sheet, SHEET_COLUMNS, ((str(data.scanned), str(data.automatic), str(data.visual)),))
    sheet.caption(N_("Appeal"))
    rows = ((str(data.applications), str(data.items), str(data.satisfied)),)
    draw_table(sheet, APPEAL_COLUMNS, rows, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _languages(sheet: Sheet, data: DailyStatistics) -> Iterator[Row]:
    for c in data.languages:
        yield c.language, str(c.planned), str(c.present), str(c.absent), str(c.removed)
    sums = (sum(getattr(c, name) for c in data.languages) for name in ("planned", "present", "absent", "removed"))
    yield Total((sheet.words(N_("In all")), *map(str, sums)))


def _directions(data: DailyStatistics) -> Iterator[Row]:
    for d in data.directions:
        means = "\n".join(f"{subject} – {shown_mean(mean)}" for subject, mean in d.subjects)
        yield (d.direction, str(d.students), means, shown_mean(d.mean_total), str(d.least), str(d.greatest),
               str(d.below_threshold))  # fmt: skip


def shown_mean(mean: float, places: int = 2) -> str:
    """A mean as printed: decimals after a comma, a true minus sign."""
    return f"{mean:.{places}f}".replace(".", ",").replace("-", "−")
