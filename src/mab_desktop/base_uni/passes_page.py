"""Admission passes (p.24, p.25): numbered once, printed by university, hall, shift or student; stubs that come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.base_uni.reference_words import ReferenceWords, moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, passes
from mab_desktop.services.passes import PassLine
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Count, CountsView, Facts, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_NO_FINAL = N_("The final database has not come from the centre yet (p.23).")


class PassesPage(ListPage):
    """Every pass; numbers, prints, sets."""

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.words = ReferenceWords()

    def table(self) -> TableSource:
        """Passes by university and name."""
        columns = (
            Column("number", N_("Pass No"), 7, "right", show=lambda number: number or "–"),
            Column("name", N_("Full name"), 26),
            Column("university", N_("Univ."), 5, kind="code"),
            Column("code", N_("Code"), 9, kind="code"),
            Column("shift", N_("Shift"), 6, kind="number"),
            Column("day", N_("Exam date"), 11, kind="date"),
            Column("start_time", N_("Start"), 6, kind="code", shown=False),
            Column("building", N_("Building"), 8, kind="code", shown=False),
            Column("hall", N_("Hall"), 6, kind="code"),
        )
        return Rows(columns, load=lambda: passes.pass_lines(self.app.ctx), key_of="student")

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("unnumbered", N_("Without a number"), lambda row: not row.number),
            FilterChip("no-stub", N_("Without a stub"), lambda row: not row.stub_at),
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
            Action(N_("Hand the passes over"), lambda: self.app.open_page("transfer", export="passes"), "drive",
                   obstacle=self._unnumbered),
            Action(N_("Number the passes"), self.number, "code", obstacle=self._all_numbered, primary=True),
        )  # fmt: skip

    def _all_numbered(self) -> str:
        counts = passes.counts(self.app.ctx)
        if not counts:
            return _(_NO_FINAL)
        waiting = sum(count.allotted - count.numbered for count in counts)
        return "" if waiting else _("Every pass has its number.")

    def _unnumbered(self) -> str:
        counts = passes.counts(self.app.ctx)
        if not counts:
            return _(_NO_FINAL)
        waiting = sum(count.allotted - count.numbered for count in counts)
        return _("Number the passes first: {n} have no number.").format(n=waiting) if waiting else ""

    def number(self) -> None:
        """Number what has no number; numbers given once stay."""
        counts = passes.counts(self.app.ctx)
        waiting = sum(count.allotted - count.numbered for count in counts)
        if not ask_to_confirm(
            self, _("Number the passes?"),
            _("{n} passes get their numbers, by university and name. Numbers given before stay.").format(n=waiting),
            _("Number the passes"),
        ):  # fmt: skip
            return
        with self.app.guarded():
            passes.number_passes(self.app.ctx)
            self.refresh()

    def row_actions(self) -> Sequence[Action]:
        """Print what the cursor stands on."""
        return (
            Action(N_("Print this pass"), lambda: self._print("pass-one"), "pass", obstacle=self._no_number),
            Action(N_("Passes of this university"), lambda: self._print("passes-university"), "organisation",
                   obstacle=self._no_number),
            Action(N_("Passes of this hall"), lambda: self._print("passes-hall"), "hall", obstacle=self._no_number),
            Action(N_("Register of this university"), lambda: self._print("register"), "list",
                   obstacle=self._no_number),
        )  # fmt: skip

    def opened(self, **where: Any) -> None:
        """`row` goes to a student's pass."""
        super().opened(**where)
        if "row" in where:
            self.go_to(where["row"])

    def _no_number(self) -> str:
        row = self.current()
        return "" if row and row.number else _("The passes are not numbered yet.")

    def _print(self, paper: str) -> None:
        row: PassLine | None = self.current()
        if row is None:
            return
        if paper == "pass-one":
            self.app.open_page("papers", paper=paper, student=row.student, name=row.name)
        else:
            option = f"{row.shift}:{row.hall}" if paper == "passes-hall" else row.university
            self.app.open_page("papers", paper=paper, option=option)

    def print_out(self) -> None:
        """Ctrl+P: the sets."""
        if not self._unnumbered():
            self.app.open_page("papers", paper="passes-university")

    def details(self, row: PassLine) -> Sequence[Facts]:
        """What stands on the pass."""
        lines = (
            (_("Pass No"), row.number), (_("Personal code"), row.code),
            (_("University"), self.words.coded("university", row.university)),
            (_("Specialty cipher"), self.words.coded("specialty", row.specialty)),
            (_("Language"), self.words.name("study_language", row.study_language)),
            (_("Shift"), str(row.shift)), (_("Exam date"), shown_date(row.day)), (_("Start"), row.start_time),
            (_("Building"), f"{row.building} {row.building_name}".strip()), (_("Address"), row.address),
            (_("Hall"), row.hall), (_("Stub received"), moment_words(row.stub_at)),
        )  # fmt: skip
        subjects = tuple((str(n), self.words.name("subject", code)) for n, code in enumerate(row.subjects, start=1))
        return (Facts(row.name, lines), Facts(_("Subjects"), subjects))

    def empty_words(self) -> tuple[str, str]:
        """Where passes come from."""
        return _("There are no passes yet."), _(_NO_FINAL)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "After the final database came, each network university gets its passes, the register of issue, the final "
            "statistics and the hall list of its students (p.24)."
        )


class StubsPage(ListPage):
    """Stubs that the network universities bring back by the act (p.24), against the passes given out."""

    read_aside = True

    def table(self) -> TableSource:
        """Numbered passes."""
        columns = (
            Column("number", N_("Pass No"), 7, "right"),
            Column("name", N_("Full name"), 26),
            Column("university", N_("Univ."), 5, kind="code"),
            Column("shift", N_("Shift"), 6, kind="number"),
            Column("hall", N_("Hall"), 6, kind="code"),
            Column("stub_at", N_("Stub received"), 16, show=moment_words),
        )
        return Rows(columns, load=self._lines, key_of="student",
                    mark_of=lambda row: Mark.DONE if row.stub_at else Mark.DUE)  # fmt: skip

    def _lines(self) -> Sequence[PassLine]:
        return [line for line in passes.pass_lines(self.app.ctx) if line.number]

    def chips(self) -> Sequence[FilterChip]:
        """Missing and received; a chip for each university while they are few."""
        found = base_board.board(self.app.ctx)
        own = tuple(
            FilterChip(f"nu{line.university}", line.university, _of(line.university)) for line in found[:8]
        )
        return (
            FilterChip("missing", N_("Missing"), lambda row: not row.stub_at),
            FilterChip("received", N_("Received"), lambda row: bool(row.stub_at)), *own,
        )  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """Single stubs, whole universities, the act."""
        return (
            Action(N_("Chosen stubs received"), self.receive_chosen, "check", obstacle=self._chosen_done),
            Action(N_("All stubs of this university received"), self.receive_all, "organisation",
                   obstacle=self._nothing_missing),
            Action(N_("Print the act on stubs"), self.print_act, "print"),
        )  # fmt: skip

    def _chosen_done(self) -> str:
        if any(not row.stub_at for row in self.chosen()):
            return ""
        return _("The chosen stubs are received already.")

    def _nothing_missing(self) -> str:
        row = self.current()
        missing = row and passes.missing_stubs(self.app.ctx, row.university)
        return "" if missing else _("Nothing is missing.")

    def activate(self, row: PassLine) -> None:
        """Enter: the chosen stubs are here."""
        if not row.stub_at:
            self.receive_chosen()

    def receive_chosen(self) -> None:
        """Note the selected stubs, university by university."""
        by_university: dict[str, list[str]] = {}
        for row in self.chosen():
            by_university.setdefault(row.university, []).append(row.student)
        with self.app.guarded():
            for university, students in by_university.items():
                passes.receive_stubs(self.app.ctx, university, students)
            self.refresh()

    def receive_all(self) -> None:
        """Note that every stub of the university under the cursor came."""
        row = self.current()
        if row is None:
            return
        missing = passes.missing_stubs(self.app.ctx, row.university)
        if not ask_to_confirm(
            self, _("All stubs of {university} received?").format(university=row.university),
            _("{n} stubs that are missing now are noted as received.").format(n=len(missing)), _("Note all stubs"),
            str(len(missing)),
        ):  # fmt: skip
            return
        with self.app.guarded():
            passes.receive_stubs(self.app.ctx, row.university)
            self.refresh()

    def print_act(self) -> None:
        """The act of the university under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("papers", paper="stub-act", option=row.university)

    def details(self, row: PassLine) -> QWidget:
        """The pass and the balance of every university."""
        card = QWidget()
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        lines = (
            (_("Pass No"), row.number), (_("University"), row.university), (_("Personal code"), row.code),
            (_("Stub received"), moment_words(row.stub_at)),
        )  # fmt: skip
        column.addWidget(facts_block(Facts(row.name, lines)))
        column.addWidget(label(_("Stubs against passes"), "section"))
        balance = CountsView()
        balance.show_counts([Count(count.university, count.stubs, count.numbered)
                             for count in passes.counts(self.app.ctx)])  # fmt: skip
        column.addWidget(balance)
        column.addStretch(1)
        return scrolled(card)

    def empty_words(self) -> tuple[str, str]:
        """Stubs follow passes."""
        return _("There are no numbered passes yet."), _("Number and print the passes first.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Before the testing the base university takes the stubs from the network universities by the act, checking "
            "them against the approved list (p.24)."
        )


def _of(university: str) -> Callable[[PassLine], bool]:
    return lambda row: row.university == university
