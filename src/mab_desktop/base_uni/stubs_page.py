"""Stubs of passes that the network universities bring back by the act (p.24, p.25)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.base_uni.reference_words import moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, passes
from mab_desktop.services.passes import PassLine
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Count, CountsView, Facts, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


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
