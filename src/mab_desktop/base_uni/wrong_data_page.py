"""Students with wrong data (p.24, p.25): collected from the network universities, sent on before 25 April."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mab_desktop.base_uni.reference_words import ReferenceWords, field_label
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board
from mab_desktop.services.base_board import WrongDataLine
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, Rows, TableSource


class WrongDataPage(ListPage):
    """The collected list."""

    def table(self) -> TableSource:
        """A line for each wrong value."""
        columns = (
            Column("university", N_("Univ."), 5, kind="code"),
            Column("name", N_("Student"), 20),
            Column("code", N_("Code"), 9, kind="code", shown=False),
            Column("field", N_("Field"), 14, show=field_label),
            Column("printed_value", N_("Printed"), 14),
            Column("right_value", N_("Right"), 14),
            Column("application_number", N_("Application number"), 8, kind="code", shown=False),
            Column("application_date", N_("Application date"), 11, kind="date", shown=False),
        )
        return Rows(columns, load=self._lines)

    def _lines(self) -> Sequence[WrongDataLine]:
        words = ReferenceWords()
        words.read(self.app.ctx)
        return [
            replace(line, printed_value=words.value(line.field, line.printed_value),
                    right_value=words.value(line.field, line.right_value))
            for line in base_board.wrong_data(self.app.ctx)
        ]  # fmt: skip

    def page_actions(self) -> Sequence[Action]:
        """Receive, print, send on."""
        return (
            Action(N_("Receive a list"), lambda: self.app.open_page("transfer"), "accept"),
            Action(N_("Send the list on"), lambda: self.app.open_page("transfer", export="wrong-data"), "drive",
                   primary=True),
        )  # fmt: skip

    def print_out(self) -> None:
        """Ctrl+P: the list on paper."""
        self.app.open_page("papers", paper="wrong-data")

    def row_actions(self) -> Sequence[Action]:
        """The record that the line is about."""
        return (Action(N_("Show the student"), self.show_student, "person"),)

    def show_student(self) -> None:
        """The student of the line under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("students", row=row.student)

    def activate(self, row: WrongDataLine) -> None:
        """Enter: the student."""
        self.app.open_page("students", row=row.student)

    def details(self, row: WrongDataLine) -> Sequence[Facts]:
        """One line with its ground."""
        lines = (
            (_("University"), row.university), (_("Personal code"), row.code), (_("Field"), field_label(row.field)),
            (_("Printed"), row.printed_value), (_("Right"), row.right_value), (_("Document it rests on"), row.ground),
            (_("Application number"), row.application_number),
            (_("Application date"), shown_date(row.application_date)),
        )  # fmt: skip
        return (Facts(row.name, lines),)

    def empty_words(self) -> tuple[str, str]:
        """Nothing came."""
        return _("No wrong data."), _("Lists of the network universities come by drive before 25 April.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "A student who finds an error on the pass writes an application; the network university's list comes "
            "before 25 April and goes to the testing centre and the ministry programmer (p.24, p.25)."
        )
