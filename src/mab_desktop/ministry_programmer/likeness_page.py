"""Neighbours whose sheets are more alike than chance makes them; the ministry representative's page only (p.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.shift_page import ShiftListPage
from mab_desktop.services import result_statistics
from mab_desktop.services.result_statistics import LikenessReport, PairLine, odds_words
from mab_desktop.services.shifts import ShiftLine
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_decimal
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label, rule
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_A_LINE = 25  # items side by side


def _cell() -> int:
    return theme.px(10)


class TwoSheets(QWidget):
    """The marks of two sheets, one over the other, equal ones in a box; item numbers every five."""

    def __init__(self, first: Sequence[str], second: Sequence[str]) -> None:
        super().__init__()
        pairs = list(zip("".join(first), "".join(second), strict=True))
        self.lines = [pairs[start : start + _A_LINE] for start in range(0, len(pairs), _A_LINE)]
        equal = sum(a == b and a.isalpha() for a, b in pairs)
        self.setAccessibleName(_("Equal marks: {n} of {all}").format(n=equal, all=len(pairs)))
        self.setMinimumSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Two rows of letters for each line."""
        return QSize(_A_LINE * _cell() + 2, len(self.lines) * theme.px(48))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Letters in cells of one width."""
        painter = QPainter(self)
        painter.setFont(theme.font(theme.BASE_POINTS * 0.85))
        wide, high, middle = _cell(), theme.px(15), Qt.AlignmentFlag.AlignCenter
        shade = theme.qcolour("accent")
        shade.setAlphaF(0.28)
        for number, line in enumerate(self.lines):
            top = number * theme.px(48)
            for place, (a, b) in enumerate(line):
                if a == b and a.isalpha():
                    painter.fillRect(QRectF(place * wide, top + high, wide, 2 * high), shade)
                painter.setPen(theme.qcolour("text"))
                painter.drawText(QRectF(place * wide, top + high, wide, high), middle, a)
                painter.drawText(QRectF(place * wide, top + 2 * high, wide, high), middle, b)
                if place % 5 == 0:
                    painter.setPen(theme.qcolour("text_muted"))
                    where = QRectF(place * wide, top, 5 * wide, high)
                    painter.drawText(where, Qt.AlignmentFlag.AlignLeft, str(number * _A_LINE + place + 1))
        painter.end()


class LikenessPage(ShiftListPage):
    """The pairs, the most alike first, and what the reckoning was tried on."""

    wanted = (ShiftState.KEY_OPEN, ShiftState.RESULTS, ShiftState.APPEAL_CLOSED)
    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.why_empty = ""
        self.report: LikenessReport | None = None
        self._asked: ShiftLine | None = None
        self.numbers = label("", "muted", wrap=True)
        self.body.addWidget(self.numbers)

    def table(self) -> TableSource:
        """Two students a line."""
        columns = (
            Column("hall", N_("Hall"), 6, kind="code"),
            Column("names", N_("Students"), 34),
            Column("seats", N_("Seats"), 8, kind="code"),
            Column("variants", N_("Variants"), 11, kind="code", shown=False),
            Column("equal", N_("Equal marks"), 8, kind="number"),
            Column("expected", N_("Expected by chance"), 9, kind="number", show=shown_decimal, shown=False),
            Column("equal_wrong", N_("Equal and wrong for both"), 9, kind="number", shown=False),
            Column("odds", N_("Probability"), 14, "right"),
        )
        return Rows(columns, load=self._rows, key_of=lambda row: row["key"], mark_of=_mark)

    def refresh(self, changed: set[str] | None = None) -> None:
        """Remember which shift is asked for: its rows are read in another thread."""
        self.choice.show_shifts(season.shift_lines(self.app))
        self._asked = self.choice.line
        super().refresh(changed)

    def _rows(self) -> Sequence[dict[str, Any]]:
        self.report, line = None, self._asked
        number = line.number if line else 0
        self.why_empty = _("There are no points before the key of shift {n} is opened (p.39).").format(n=number)
        if line is None or line.state not in KEY_KNOWN:
            return []
        try:
            self.report = result_statistics.likeness(self.app.ctx, number)
        except OutOfOrder as error:
            self.why_empty = error.message(self.app.ctx.lang)
            return []
        self.why_empty = _("No two neighbours have sheets that are alike beyond chance.")
        return [_row(pair, self.app.ctx.lang) for pair in self.report.pairs]

    def rows_came(self) -> None:
        """Say what was compared and how often the reckoning errs."""
        super().rows_came()
        report = self.report
        self.numbers.setVisible(report is not None)
        if report is not None:
            words = _(
                "Pairs of neighbours compared: {n}. A pair is marked when chance gives it less often than {odds}. "
                "Of {apart} pairs of different halls, which cannot have copied, {below} fall under this limit."
            )
            self.numbers.setText(words.format(n=report.neighbours, odds=odds_words(report.limit, self.app.ctx.lang),
                                              apart=report.apart, below=report.apart_below))  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """Those under the limit."""
        return (FilterChip("marked", N_("Beyond chance"), lambda row: row["pair"].suspicious),)

    def details(self, row: dict[str, Any]) -> QWidget:
        """Both sheets, mark over mark."""
        pair: PairLine = row["pair"]
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        for student in (pair.first, pair.second):
            column.addWidget(label(student.name, "section", wrap=True))
            words = _("Seat {seat}, variant {variant}, code {code}, university {university}, points: {points}")
            column.addWidget(label(words.format(
                seat=student.seat, variant=student.variant, code=student.code, university=student.university,
                points=student.total_before,
            ), "muted", wrap=True, selectable=True))  # fmt: skip
        column.addWidget(rule())
        numbers = _(
            "Equal marks: {n}, expected by chance: {m}, equal and wrong for both: {wrong}. Probability: {odds}."
        )
        column.addWidget(label(numbers.format(
            n=pair.equal, m=shown_decimal(pair.expected), wrong=pair.equal_wrong, odds=row["odds"],
        ), wrap=True))  # fmt: skip
        sheets = QScrollArea()
        sheets.setWidgetResizable(False)
        sheets.setFrameShape(QScrollArea.Shape.NoFrame)
        sheets.setWidget(TwoSheets(pair.first_answers, pair.second_answers))
        column.addWidget(sheets, 1)
        return made

    def print_out(self) -> None:
        """Ctrl+P: the report."""
        self.app.open_page("papers", paper="likeness-report", option=f"{self.shift}|")

    def empty_words(self) -> tuple[str, str]:
        """Why there is nothing."""
        return _("Nothing to show"), self.why_empty

    def help_words(self) -> str:
        """What the page says and what it does not."""
        return _(
            "Every two students in places beside each other are compared: how many marks are equal at the same places, "
            "against what chance makes of two students as strong as these. That two sheets are alike is no proof that "
            "somebody copied: it is a reason to look at the acts of the hall and at the sheets. Nobody but the "
            "ministry's representative sees this page."
        )


def _row(pair: PairLine, lang: str) -> dict[str, Any]:
    a, b = pair.first, pair.second
    return {
        "key": (a.code, b.code), "pair": pair, "hall": pair.hall, "names": f"{a.name} · {b.name}",
        "seats": f"{a.seat}, {b.seat}", "variants": f"{a.variant}, {b.variant}", "equal": pair.equal,
        "expected": pair.expected, "equal_wrong": pair.equal_wrong, "odds": odds_words(pair.tail, lang),
    }  # fmt: skip


def _mark(row: dict[str, Any]) -> Mark:
    return Mark.LATE if row["pair"].suspicious else Mark.NONE
