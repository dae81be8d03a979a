"""Results of a shift (p.39, p.45): points counted, sheets in three copies, announced, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QWidget

from mab_desktop.domain.attendance import PRESENCE_LABELS, Presence
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState, reached
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.shift_page import ShiftListPage
from mab_desktop.services import results, shifts
from mab_desktop.services.results import ResultLine
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_decimal
from mab_desktop.ui.messages import Question, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts, FactsView, label
from mab_desktop.ui.plots import SmallPlot
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_MOST = 20_000
_STEPS = 10


class WallCopyQuestion(Question):
    """Names or codes on the sheets that hang out."""

    def __init__(self, parent: QWidget | None, by_code: bool) -> None:
        super().__init__(
            parent, _("How do the sheets that hang out name the students?"),
            _("The copies for the representative and for the university's files always have names."), _("Save"),
        )  # fmt: skip
        self.by_name, self.by_code = QRadioButton(_("By name and code")), QRadioButton(_("By code only"))
        (self.by_code if by_code else self.by_name).setChecked(True)
        self.fields.addWidget(self.by_name)
        self.fields.addWidget(self.by_code)


class ResultsPage(ShiftListPage):
    """The list of results; first counted, then printed, then announced."""

    wanted = (ShiftState.KEY_OPEN, ShiftState.RESULTS, ShiftState.APPEAL_CLOSED)
    many_columns = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.subject_names = {
            code: line.name(app.ctx.lang) for code, line in lists(app.ctx, "subject")["subject"].items()
        }
        self.profile = season.profile(app)
        self.numbers = label("", "muted")
        self.plot = SmallPlot()
        self.plot.setMaximumWidth(theme.px(200))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.numbers)
        row.addWidget(self.plot)
        row.addStretch(1)
        self.body.addLayout(row)

    def table(self) -> TableSource:
        """Everybody who was seated, with points."""
        columns = (
            Column("name", N_("Student"), 22),
            Column("code", N_("Code"), 9, kind="code"),
            Column("university", N_("Uni"), 5, kind="code"),
            Column("specialty", N_("Specialty"), 8, kind="code", shown=False),
            Column("before", N_("By subject"), 14, show=_points),
            Column("total_before", N_("Before"), 6, kind="number"),
            Column("added", N_("Added"), 6, kind="number", show=lambda added: str(sum(added) or "") if added else ""),
            Column("total_after", N_("After"), 6, kind="number"),
            *((Column("total_after", N_("Grade"), 6, show=self.profile.grade),) if self.profile.grades else ()),
            Column("presence", N_("Attendance"), 10, show=lambda value: _(PRESENCE_LABELS[value])),
            Column("hall", N_("Hall"), 5, kind="code", shown=False),
            Column("seat", N_("Seat"), 5, kind="number", shown=False),
            Column("variant", N_("Variant"), 7, kind="code", shown=False),
        )
        return Rows(columns, load=self._rows, key_of="code", mark_of=_mark)

    def _rows(self) -> Sequence[ResultLine]:
        line = self.choice.line
        if line is None or line.state not in KEY_KNOWN:
            return []
        return results.results(self.app.ctx, self.shift, limit=_MOST)

    def chips(self) -> Sequence[FilterChip]:
        """Who has no points, whose points an appeal changed."""
        return (
            FilterChip("none", N_("Without points"), lambda row: row.total_before is None),
            FilterChip("changed", N_("Changed by the appeal"), lambda row: bool(sum(row.added))),
            *((FilterChip("below", N_("Below the threshold"), self._below),) if self.profile.has_threshold else ()),
        )

    def _below(self, row: ResultLine) -> bool:
        return self.profile.below_threshold(row.total_after, row.after)

    def page_actions(self) -> Sequence[Action]:
        """In their order: count, print, announce."""
        return (
            Action(N_("Names on the wall…"), self.choose_wall_copy, "person", "", self._not_programmer),
            Action(N_("Count the points"), self.count_points, "table", "", self._cannot_count),
            Action(N_("Announce…"), self.announce, "result", "", self._cannot_announce, primary=True),
        )

    def details(self, row: ResultLine) -> QWidget:
        """A student's points by subject."""
        lines = []
        for number, code in enumerate(row.subjects):
            words = "–"
            if row.before:
                words = str(row.before[number])
                if row.added and row.added[number]:
                    words += _(" + {n} by the appeal").format(n=row.added[number])
            lines.append((self.subject_names.get(code, code), words))
        lines.append((_("Total"), "–" if row.total_after is None else str(row.total_after)))
        view = FactsView()
        view.show_facts((
            Facts(row.name, tuple(lines)),
            Facts(_("Place"), ((_("Hall"), row.hall), (_("Seat"), str(row.seat)), (_("Variant"), row.variant),
                               (_("Attendance"), _(PRESENCE_LABELS[row.presence])), (_("Uni"), row.university),
                               (_("Specialty"), row.specialty))),
        ))  # fmt: skip
        return view

    # --- showing ---------------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:
        """Rows, the state and the numbers."""
        super().refresh(changed)
        line = self.choice.line
        if line is None:
            return
        self.closed_reason = ""
        if line.state not in KEY_KNOWN:
            self.closed_reason = _("There are no points before the key of shift {n} is opened (p.39).").format(
                n=self.shift)  # fmt: skip
        elif line.state is ShiftState.RESULTS:
            until = shifts.appeal_deadline(self.app.ctx, self.shift)
            assert until is not None
            words = _("The results are announced. Applications are taken until {until} (p.41).")
            self.state_words(words.format(until=until.strftime("%d.%m.%Y %H:%M")))
        self._show_numbers()

    def state_words(self, words: str) -> None:
        """How the shift stands, beside the choice."""
        self.choice.state.setText(words)

    def _show_numbers(self) -> None:
        points = [row.total_after for row in self.records.shown_rows() if row.total_after is not None]
        self.plot.setVisible(bool(points))
        if not points:
            self.numbers.setText("")
            return
        words = _("students: {n} · mean {mean} · lowest {low} · highest {high}")
        mid = shown_decimal(mean(points))
        told = [words.format(n=len(points), mean=mid, low=min(points), high=max(points))]
        if self.profile.has_threshold:
            below = sum(self._below(row) for row in self.records.shown_rows())
            told.append(_("below the threshold: {n}").format(n=below))
        self.numbers.setText(" · ".join(told))
        width = max(1, (max(points) + 1) / _STEPS)
        bins = [0.0] * _STEPS
        for value in points:
            bins[min(_STEPS - 1, int(value / width))] += 1
        self.plot.show_values(bins)

    # --- acts ------------------------------------------------------------------------------------------------------

    def _not_programmer(self) -> str:
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer does this; you see the result.")
        return ""

    def _cannot_count(self) -> str:
        line = self.choice.line
        if line is None or line.state not in KEY_KNOWN:
            return _("The key is sealed (p.39).")
        return self._not_programmer() or (
            "" if line.state is ShiftState.KEY_OPEN else _("The results are announced; points change by appeal only.")
        )

    def count_points(self) -> None:
        """Count in a task, from the marks that were closed."""
        ctx, shift = self.app.ctx, self.shift
        self.app.tasks.run(_("Counting points"), lambda progress: results.score_shift(ctx, shift, progress),
                           lambda _count: self.refresh())  # fmt: skip

    def choose_wall_copy(self) -> None:
        """Whether the copy for public display shows names or codes."""
        question = WallCopyQuestion(self, results.wall_copy_by_code(self.app.ctx))
        if question.exec() == WallCopyQuestion.DialogCode.Accepted:
            with self.app.guarded():
                results.choose_wall_copy(self.app.ctx, by_code=question.by_code.isChecked())

    def _no_points(self) -> str:
        line = self.choice.line
        if line is None or line.state not in KEY_KNOWN:
            return _("The key is sealed (p.39).")
        if line.state is ShiftState.KEY_OPEN and season.facts(self.app).shifts[self.shift].students_not_scored:
            return _("Count the points first.")
        return ""

    def _cannot_announce(self) -> str:
        line = self.choice.line
        if line is not None and reached(line.state, ShiftState.RESULTS):
            return _("The results are announced.")
        if not self.shift:
            return _("There are no shifts here yet.")
        return self._not_programmer() or season.why_closed(self.app, "announce", self.shift)

    def announce(self) -> None:
        """The sheets hang out: from now the time for applications runs."""
        if not ask_to_confirm(
            self, _("Announce the results of shift {n}?").format(n=self.shift),
            _("The sheets before the appeal hang out for everybody. Applications are taken until 13:00 of tomorrow "
              "(p.41). Points change by appeal only."), _("Announce"), str(self.shift),
        ):  # fmt: skip
            return
        with self.app.guarded():
            shifts.announce_results(self.app.ctx, self.shift)
            self.refresh()

    def paper(self, key: str) -> None:
        """Print on the papers' page."""
        self.app.open_page("papers", paper=key, option=f"{self.shift}|")

    def print_out(self) -> None:
        """Ctrl+P: the sheets that count now."""
        line = self.choice.line
        after = line is not None and reached(line.state, ShiftState.APPEAL_CLOSED)
        if not self._no_points():
            self.paper("results-after" if after else "results-before")

    def empty_words(self) -> tuple[str, str]:
        """Why there is nothing."""
        return _("There are no results yet"), self.closed_reason

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Result sheets without the appeal are printed in three copies: for display, for the representative and for "
            "the university's files (p.39). From the announcement on, applications are taken until 13:00 of the next "
            "day (p.41). After the appeal the sheets are printed once more in three copies (p.45)."
        )


def _points(points: tuple[int, ...]) -> str:
    return " ".join(map(str, points))


def _mark(row: ResultLine) -> Mark:
    if row.presence is not Presence.PRESENT:
        return Mark.BLOCKED
    return Mark.INFO if sum(row.added) else Mark.NONE
