"""Admission passes (p.24, p.25): numbered once, printed in any cut, given to their universities, spoilt ones noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QWidget

from mab_desktop.base_uni.reference_words import ReferenceWords, moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import pass_copies, passes
from mab_desktop.services.pass_copies import PassState, Standing
from mab_desktop.services.passes import PER_SHEET, PassLayout, PassLine
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question, ask_for_reason, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_NO_FINAL = N_("The final database has not come from the centre yet (p.23).")
STATES = {
    PassState.NONE: (Mark.DUE, N_("Not printed")),
    PassState.PRINTING: (Mark.INFO, N_("At the printer")),
    PassState.STOCK: (Mark.INFO, N_("In stock")),
    PassState.ISSUED: (Mark.DONE, N_("Given to the university")),
    PassState.SPOILT: (Mark.LATE, N_("Spoilt, no new one printed")),
}


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass as the list shows it."""

    student: str
    number: str
    name: str
    university: str
    code: str
    shift: int
    day: date
    start_time: str
    building: str
    hall: str
    state: PassState
    copy: int
    line: PassLine
    standing: Standing


class LayoutQuestion(Question):
    """Two or three passes to a sheet, with the prohibitions on the back or without."""

    def __init__(self, parent: QWidget, now: PassLayout) -> None:
        super().__init__(parent, _("How passes are printed"),
                         _("It holds for what is printed from now on; passes printed before stay valid."),
                         _("Print so from now on"))  # fmt: skip
        self.per_sheet, self.backs = theme.named(QComboBox(), "per_sheet"), QCheckBox(_("Prohibitions on the back"))
        self.per_sheet.setAccessibleName(_("Passes to a sheet"))
        words = {2: _("Two to a sheet: larger"), 3: _("Three to a sheet: a third less paper")}
        for number in PER_SHEET:
            self.per_sheet.addItem(words[number], number)
        self.per_sheet.setCurrentIndex(self.per_sheet.findData(now.per_sheet))
        self.backs.setChecked(now.backs)
        self.fields.setSpacing(theme.px(8))
        self.fields.addWidget(label(_("Passes to a sheet")))
        self.fields.addWidget(self.per_sheet)
        self.fields.addWidget(self.backs)

    def chosen(self) -> PassLayout:
        """What was chosen."""
        return PassLayout(self.per_sheet.currentData(), self.backs.isChecked())


class PassesPage(ListPage):
    """Every pass: where its newest copy is, what can be done with it."""

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.words = ReferenceWords()

    def table(self) -> TableSource:
        """Passes by university and name."""
        columns = (
            Column("number", N_("Pass No"), 7, "right", show=lambda number: number or "–"),
            Column("name", N_("Full name"), 24),
            Column("university", N_("Univ."), 5, kind="code"),
            Column("code", N_("Code"), 9, kind="code"),
            Column("shift", N_("Shift"), 5, kind="number"),
            Column("day", N_("Exam date"), 11, kind="date", shown=False),
            Column("start_time", N_("Start"), 6, kind="code", shown=False),
            Column("building", N_("Building"), 8, kind="code", shown=False),
            Column("hall", N_("Hall"), 6, kind="code"),
            Column("state", N_("Where it is"), 18, show=lambda state: _(STATES[state][1])),
            Column("copy", N_("Copy No"), 6, kind="number", show=lambda copy: str(copy) if copy > 1 else "",
                   shown=False),
        )  # fmt: skip
        return Rows(columns, load=self._rows, key_of="student", mark_of=lambda row: STATES[row.state][0])

    def _rows(self) -> Sequence[PassRow]:
        standings, nothing = pass_copies.standings(self.app.ctx), Standing()
        return [_row(line, standings.get(line.student, nothing)) for line in passes.pass_lines(self.app.ctx)]

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        states = (PassState.NONE, PassState.STOCK, PassState.ISSUED, PassState.SPOILT)
        return (
            FilterChip("unnumbered", N_("Without a number"), lambda row: not row.number),
            *(FilterChip(state.value, STATES[state][1], _in(state)) for state in states),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Names first."""
        self.words.read(self.app.ctx)
        super().refresh(changed)

    def rows_came(self) -> None:
        """Nothing can be done before the final database."""
        self.closed_reason = "" if self.records.total() else _(_NO_FINAL)

    def page_actions(self) -> Sequence[Action]:
        """Number, print sets, hand over."""
        return (
            Action(N_("How passes are printed…"), self.choose_layout, "gear"),
            Action(N_("Hand the passes over"), lambda: self.app.open_page("transfer", export="passes"), "drive",
                   obstacle=self._unnumbered),
            Action(N_("Number the passes"), self.number, "code", obstacle=self._all_numbered, primary=True),
        )  # fmt: skip

    def _waiting(self) -> int | None:
        """Passes without a number; None before the final database."""
        counts = passes.counts(self.app.ctx)
        return sum(count.allotted - count.numbered for count in counts) if counts else None

    def _all_numbered(self) -> str:
        waiting = self._waiting()
        if waiting is None:
            return _(_NO_FINAL)
        return "" if waiting else _("Every pass has its number.")

    def _unnumbered(self) -> str:
        waiting = self._waiting()
        if waiting is None:
            return _(_NO_FINAL)
        return _("Number the passes first: {n} have no number.").format(n=waiting) if waiting else ""

    def number(self) -> None:
        """Number what has no number; numbers given once stay."""
        words = _("{n} passes get their numbers, by university and name. Numbers given before stay.")
        if not ask_to_confirm(self, _("Number the passes?"), words.format(n=self._waiting() or 0),
                              _("Number the passes")):  # fmt: skip
            return
        with self.app.guarded():
            passes.number_passes(self.app.ctx)
            self.refresh()

    def choose_layout(self) -> None:
        """Ask how passes are printed from now on."""
        asked = LayoutQuestion(self, passes.layout(self.app.ctx))
        if asked.exec() == QDialog.DialogCode.Accepted:
            with self.app.guarded():
                passes.choose_layout(self.app.ctx, asked.chosen())

    # --- the chosen passes -----------------------------------------------------------------------------------------

    def row_actions(self) -> Sequence[Action]:
        """Print what is chosen, note where it went."""
        return (
            Action(N_("Print these passes"), lambda: self._print_chosen("pass-one"), "pass", obstacle=self._no_number),
            Action(N_("Passes of this university"), lambda: self._print("passes-university"), "organisation",
                   obstacle=self._no_number),
            Action(N_("Passes of this hall"), lambda: self._print("passes-hall"), "hall", obstacle=self._no_number),
            Action(N_("Given to the university"), self.give, "check", obstacle=self._none(PassState.STOCK)),
            Action(N_("Spoilt…"), self.spoil, "warning", obstacle=self._none(PassState.STOCK)),
            Action(N_("Lies here again"), self.undo, "undo", obstacle=self._none(PassState.ISSUED, PassState.SPOILT)),
        )  # fmt: skip

    def _none(self, *states: PassState) -> Any:
        def obstacle() -> str:
            if any(row.state in states for row in self.chosen()):
                return ""
            return _("None of the chosen passes is in this state: {states}.").format(
                states=", ".join(_(STATES[state][1]) for state in states)
            )

        return obstacle

    def _students(self, *states: PassState) -> list[str]:
        return [row.student for row in self.chosen() if row.state in states]

    def give(self) -> None:
        """The chosen passes that lie here were given to their universities."""
        students = frozenset(self._students(PassState.STOCK))
        with self.app.guarded():
            for university in sorted({row.university for row in self.chosen()}):
                pass_copies.issue(self.app.ctx, university, students)
            self.refresh()

    def spoil(self) -> None:
        """Note the chosen passes as spoilt, with the reason."""
        students = self._students(PassState.STOCK)
        words = ask_for_reason(
            self, _("Spoilt passes: {n}").format(n=len(students)),
            _("They stay in the balance with number and reason. What is printed for them now says that it is a copy."),
            _("Note as spoilt"),
        )  # fmt: skip
        if words:
            with self.app.guarded():
                pass_copies.spoil(self.app.ctx, students, words)
                self.refresh()

    def undo(self) -> None:
        """Passes given away came back, or were not spoilt after all."""
        issued, spoilt = self._students(PassState.ISSUED), self._students(PassState.SPOILT)
        with self.app.guarded():
            if spoilt:
                pass_copies.unspoil(self.app.ctx, spoilt)
            if issued:
                words = ask_for_reason(
                    self, _("Passes taken back: {n}").format(n=len(issued)),
                    _("They lie at the base university again."), _("Take back"),
                )  # fmt: skip
                if words:
                    pass_copies.take_back(self.app.ctx, issued, words)
            self.refresh()

    def opened(self, **where: Any) -> None:
        """`row` goes to a student's pass."""
        super().opened(**where)
        if "row" in where:
            self.go_to(where["row"])

    def _no_number(self) -> str:
        row = self.current()
        return "" if row and row.number else _("The passes are not numbered yet.")

    def _print(self, paper: str) -> None:
        row: PassRow | None = self.current()
        if row is not None:
            option = f"s{row.shift}:{row.hall}" if paper == "passes-hall" else row.university
            self.app.open_page("papers", paper=paper, option=option)

    def _print_chosen(self, paper: str) -> None:
        rows = self.chosen()
        if rows:
            name = rows[0].name if len(rows) == 1 else _("{n} chosen students").format(n=len(rows))
            self.app.open_page("papers", paper=paper, students=[row.student for row in rows], name=name)

    def activate(self, _row: PassRow) -> None:
        """Enter: print what is chosen."""
        if not self._no_number():
            self._print_chosen("pass-one")

    def print_out(self) -> None:
        """Ctrl+P: the sets."""
        if not self._unnumbered():
            self.app.open_page("papers", paper="passes-university")

    def details(self, row: PassRow) -> Sequence[Facts]:
        """What stands on the pass, and where it is."""
        line, standing = row.line, row.standing
        state = _(STATES[row.state][1])
        where = (
            (_("Where it is"), " · ".join(part for part in (state, moment_words(standing.issued_at)) if part)),
            (_("Copies printed"), str(standing.printed)), (_("Copy No"), str(row.copy) if row.copy > 1 else ""),
            (_("Reason"), standing.why), (_("Stub received"), moment_words(line.stub_at)),
        )  # fmt: skip
        lines = (
            (_("Pass No"), line.number), (_("Personal code"), line.code),
            (_("University"), self.words.coded("university", line.university)),
            (_("Specialty cipher"), self.words.coded("specialty", line.specialty)),
            (_("Language"), self.words.name("study_language", line.study_language)),
            (_("Shift"), str(line.shift)), (_("Exam date"), shown_date(line.day)), (_("Start"), line.start_time),
            (_("Building"), f"{line.building} {line.building_name}".strip()), (_("Address"), line.address),
            (_("Hall"), line.hall),
        )  # fmt: skip
        subjects = tuple((str(n), self.words.name("subject", code)) for n, code in enumerate(line.subjects, start=1))
        return (Facts(row.name, tuple(pair for pair in where if pair[1])), Facts(_("On the pass"), lines),
                Facts(_("Subjects"), subjects))  # fmt: skip

    def empty_words(self) -> tuple[str, str]:
        """Where passes come from."""
        return _("There are no passes yet."), _(_NO_FINAL)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "After the final database came, each network university gets its passes, the register of issue, the final "
            "statistics and the hall list of its students (p.24)."
        )


def _in(state: PassState) -> Any:
    return lambda row: row.state is state


def _row(line: PassLine, standing: Standing) -> PassRow:
    return PassRow(
        line.student, line.number, line.name, line.university, line.code, line.shift, line.day, line.start_time,
        line.building, line.hall, standing.state, standing.copy, line, standing,
    )  # fmt: skip
