"""What the points of a shift tell: groups by subject, variant, hall and so on; and every item (p.7, p.8, p.16)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.item_analysis import REMARKS, ItemLine, Remark
from mab_desktop.domain.reading import NOTHING, SEVERAL
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.shift_page import ShiftListPage
from mab_desktop.services import result_statistics
from mab_desktop.services.result_statistics import CUT_LABELS, Cut, GroupLine
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_decimal
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import Facts, FactsView, label
from mab_desktop.ui.plots import BarPlot
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_SEALED = N_("There are no points before the key of shift {n} is opened (p.39).")


class _KnownPage(ShiftListPage):
    """A list about a shift whose points are counted; before that it says so."""

    wanted = (ShiftState.RESULTS, ShiftState.APPEAL_CLOSED, ShiftState.KEY_OPEN)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.closed_reason = ""

    def open_or_why(self) -> bool:
        """True when the key is known; else `closed_reason` says why there is nothing."""
        line = self.choice.line
        known = line is not None and line.state in KEY_KNOWN
        self.closed_reason = "" if known else _(_SEALED).format(n=self.shift)
        return known

    def empty_words(self) -> tuple[str, str]:
        """Why there is nothing."""
        return _("There are no results yet"), self.closed_reason


class StatisticsPage(_KnownPage):
    """The groups of one cut; beside them how the points of the chosen group are spread."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.cut_box = QComboBox()
        self.cut_box.setAccessibleName(_("Group"))
        for cut in Cut:
            self.cut_box.addItem(_(CUT_LABELS[cut]), cut)
        self.cut_box.activated.connect(lambda _place: self.refresh())
        self.profile = season.profile(app)
        self.choice.row.insertWidget(self.choice.row.count() - 1, self.cut_box)
        self._names: dict[str, str] = {}

    @property
    def cut(self) -> Cut:
        """What the results are grouped by."""
        return Cut(self.cut_box.currentData())

    def table(self) -> TableSource:
        """A line for each group."""
        columns = (
            Column("code", N_("Group"), 26, show=lambda code: self._names.get(code, code)),
            Column("points", N_("Students"), 8, "right", show=lambda p: str(p.count)),
            Column("mean", N_("Mean"), 8, kind="number", show=shown_decimal),
            Column("share", N_("Per cent"), 8, kind="number", show=_per_cent),
            Column("deviation", N_("Standard deviation"), 9, kind="number", show=shown_decimal, shown=False),
            Column("least", N_("Least"), 7, kind="number"),
            Column("median", N_("Median"), 8, kind="number", show=shown_decimal),
            Column("greatest", N_("Greatest"), 8, kind="number"),
            *((Column("below", N_("Below the threshold"), 9, kind="number"),) if self.profile.has_threshold else ()),
        )
        return Rows(columns, load=self._rows, key_of=lambda row: row["code"])

    def _rows(self) -> Sequence[dict[str, object]]:
        if not self.open_or_why():
            return []
        found = result_statistics.group_lines(self.app.ctx, self.shift, self.cut)
        self._names = result_statistics.group_names(self.app.ctx, self.cut, [line.code for line in found])
        return [_row(line) for line in found]

    def details(self, row: dict[str, object]) -> QWidget:
        """The spread of the group's points as bars, and its numbers."""
        line = row["line"]
        assert isinstance(line, GroupLine)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(_("Students by their points"), "muted"))
        plot = BarPlot()
        step = line.highest / len(line.bins)
        plot.show_bars(line.bins, [f"{round(n * step)}" if n % 4 == 0 else "" for n in range(len(line.bins))])
        column.addWidget(plot)
        facts = FactsView()
        lines = [
            (_("Students"), str(line.points.count)),
            (_("Mean"), f"{shown_decimal(line.points.mean)} / {line.highest}"),
            (_("Standard deviation"), shown_decimal(line.points.deviation)),
            (_("Least"), str(line.points.least)),
            (_("Median"), shown_decimal(line.points.median)),
            (_("Greatest"), str(line.points.greatest)),
        ]
        if result_statistics.has_threshold(self.profile, self.cut):
            lines.append((_("Below the threshold"), str(line.points.below)))
        if self.cut is not Cut.SUBJECT:
            lines += [(_("Did not come"), str(line.absent)), (_("Removed from the hall"), str(line.removed))]
        facts.show_facts((Facts(self._names.get(line.code, line.code), tuple(lines)),))
        column.addWidget(facts, 1)
        return made

    def print_out(self) -> None:
        """Ctrl+P: all cuts with their plots."""
        self.app.open_page("papers", paper="result-statistics", option=f"{self.shift}|")

    def help_words(self) -> str:
        """What the numbers mean."""
        return _(
            "The points that count now: with the appeal once it is closed. The threshold is the ministry's and comes "
            "with the reference data; where it has set none, nobody is below it."
        )


class ItemsPage(_KnownPage):
    """Every item of every variant: how hard, how well it parts the strong from the weak, what was chosen."""

    read_aside = True  # every answer of a shift is counted

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._asked, self._why = 0, ""
        self._subjects = {code: x.name(app.ctx.lang) for code, x in lists(app.ctx, "subject")["subject"].items()}

    def table(self) -> TableSource:
        """A line for each item."""
        columns = (
            Column("subject", N_("Subject"), 22, show=lambda code: self._subjects.get(code, code)),
            Column("variant", N_("Variant"), 7, kind="code"),
            Column("item", N_("Item"), 5, kind="number"),
            Column("key", N_("Key"), 5, kind="code"),
            Column("answers", N_("Answers"), 8, kind="number", shown=False),
            Column("difficulty", N_("Right, per cent"), 8, kind="number", show=_per_cent),
            Column("discrimination", N_("Discrimination"), 9, kind="number", show=_discrimination),
            Column("remark", N_("Remark"), 26, show=lambda remark: _(REMARKS[remark]) if remark else ""),
        )
        key = lambda row: (row.subject, row.variant, row.item)  # noqa: E731
        return Rows(columns, load=self._rows, key_of=key, mark_of=_mark)

    def refresh(self, changed: set[str] | None = None) -> None:
        """Which shift is asked for is known before the thread begins."""
        self.choice.show_shifts(season.shift_lines(self.app))
        self._asked, self._why = (self.shift if self.open_or_why() else 0), ""
        super().refresh(changed)

    def _rows(self) -> Sequence[ItemLine]:
        """In a thread of its own: no widget is asked here."""
        if not self._asked:
            return []
        try:
            return result_statistics.items(self.app.ctx, self._asked)
        except OutOfOrder as error:
            self._why = error.message(self.app.ctx.lang)
            return []

    def rows_came(self) -> None:
        """Why there is nothing is said when that is known."""
        if self._why:
            self.closed_reason = self._why

    def chips(self) -> Sequence[FilterChip]:
        """Items to look at."""
        return (
            FilterChip("key", N_("The key may be wrong"), lambda row: row.remark is Remark.KEY),
            FilterChip("remark", N_("With a remark"), lambda row: row.remark is not None),
        )

    def details(self, row: ItemLine) -> QWidget:
        """What was chosen, the key's bar standing out."""
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(_("What was chosen"), "muted"))
        plot = BarPlot()
        plot.setFixedHeight(theme.px(130))
        chosen = dict(row.shares)
        letters = [letter for letter, _count in row.shares]
        plot.show_bars([count for _letter, count in row.shares], ["–" if x == NOTHING else x for x in letters],
                       strong=(letters.index(row.key),))  # fmt: skip
        column.addWidget(plot)
        facts = FactsView()
        lines = [
            (_("Key"), row.key),
            (_("Answers"), str(row.answers)),
            (_("Right"), f"{row.right} ({shown_decimal(100 * row.difficulty)} %)"),
            (_("Discrimination"), _discrimination(row.discrimination)),
            (_("Nothing"), str(chosen[NOTHING])),
            (_("Several"), str(chosen[SEVERAL])),
        ]
        if row.remark:
            lines.append((_("Remark"), _(REMARKS[row.remark])))
        title = _("{subject}, variant {variant}, item {n}").format(
            subject=self._subjects.get(row.subject, row.subject), variant=row.variant, n=row.item
        )
        facts.show_facts((Facts(title, tuple(lines)),))
        column.addWidget(facts, 1)
        return made

    def print_out(self) -> None:
        """Ctrl+P: the analysis of the items."""
        self.app.open_page("papers", paper="item-statistics", option=f"{self.shift}|")

    def help_words(self) -> str:
        """What the numbers mean."""
        return _(
            "Discrimination tells how far those who have the item right are those who have the most points: near 1 it "
            "parts them well, near 0 not at all; below 0 the weak have it right oftener than the strong, and the key "
            "should be looked at. With few answers these numbers say little; then none is shown."
        )


def _row(line: GroupLine) -> dict[str, object]:
    p = line.points
    return {
        "code": line.code, "line": line, "points": p, "mean": p.mean, "share": line.share, "deviation": p.deviation,
        "least": p.least, "median": p.median, "greatest": p.greatest, "below": p.below,
    }  # fmt: skip


def _per_cent(share: float) -> str:
    return shown_decimal(100 * share)


def _discrimination(value: float | None) -> str:
    return "–" if value is None else shown_decimal(value, 2)


def _mark(row: ItemLine) -> Mark:
    if row.remark is Remark.KEY:
        return Mark.LATE
    return Mark.INFO if row.remark else Mark.NONE
