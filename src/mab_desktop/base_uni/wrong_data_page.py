"""Students with wrong data (p.24, p.25): collected from the network universities, sent on before 25 April."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mab_desktop.base_uni.reference_words import ReferenceWords, field_label, moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import wrong_data_lists
from mab_desktop.services.wrong_data_lists import HeldLine
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A line as the list shows it."""

    id: str
    student: str
    university: str
    name: str
    code: str
    field: str
    printed: str
    right: str
    ground: str
    number: str
    day: date
    late: bool
    paper_at: str


class WrongDataPage(ListPage):
    """The collected list, which applications are here, and how it stands with the centre."""

    def table(self) -> TableSource:
        """A line for each wrong value."""
        columns = (
            Column("university", N_("Univ."), 5, kind="code"),
            Column("name", N_("Student"), 20),
            Column("code", N_("Code"), 9, kind="code", shown=False),
            Column("field", N_("Field"), 13, show=field_label),
            Column("printed", N_("Printed"), 13),
            Column("right", N_("Right"), 13),
            Column("number", N_("Application number"), 8, kind="code"),
            Column("day", N_("Application date"), 11, kind="date", shown=False),
            Column("paper_at", N_("On paper"), 10, show=lambda at: moment_words(at)[:10] or _("not here")),
        )
        return Rows(columns, load=self._rows, key_of="id", mark_of=_mark)

    def _rows(self) -> Sequence[WrongRow]:
        words = ReferenceWords()
        words.read(self.app.ctx)
        return [_row(held, words) for held in wrong_data_lists.held_lines(self.app.ctx)]

    def chips(self) -> Sequence[FilterChip]:
        """What must still come, what came too late."""
        return (
            FilterChip("no-paper", N_("Without the application"), lambda row: not row.paper_at),
            FilterChip("late", N_("Too late"), lambda row: row.late),
        )

    def page_actions(self) -> Sequence[Action]:
        """Receive, send on."""
        return (
            Action(N_("Receive a list"), lambda: self.app.open_page("transfer"), "accept"),
            Action(N_("Send the list on"), lambda: self.app.open_page("transfer", export="wrong-data"), "drive",
                   primary=True),
        )  # fmt: skip

    def print_out(self) -> None:
        """Ctrl+P: the list on paper."""
        self.app.open_page("papers", paper="wrong-data")

    def row_actions(self) -> Sequence[Action]:
        """Applications on paper, and the record that the line is about."""
        return (
            Action(N_("The application is here"), lambda: self._papers(here=True), "check",
                   obstacle=lambda: "" if any(not row.paper_at for row in self.chosen())
                   else _("The applications of these lines are here.")),
            Action(N_("The application is missing"), lambda: self._papers(here=False), "undo",
                   obstacle=lambda: "" if any(row.paper_at for row in self.chosen())
                   else _("No application of these lines is here.")),
            Action(N_("Show the student"), self.show_student, "person"),
        )  # fmt: skip

    def _papers(self, *, here: bool) -> None:
        with self.app.guarded():
            wrong_data_lists.receive_applications(self.app.ctx, [row.id for row in self.chosen()], here=here)
            self.refresh()

    def show_student(self) -> None:
        """The student of the line under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("students", row=row.student)

    def activate(self, row: WrongRow) -> None:
        """Enter: the paper came, or did not after all."""
        self._papers(here=not row.paper_at)

    def details(self, row: WrongRow) -> Sequence[Facts]:
        """One line with its ground, and how the whole list stands."""
        lines = (
            (_("University"), row.university), (_("Personal code"), row.code), (_("Field"), field_label(row.field)),
            (_("Printed"), row.printed), (_("Right"), row.right), (_("Document it rests on"), row.ground),
            (_("Application number"), row.number), (_("Application date"), shown_date(row.day)),
            (_("Application on paper"), moment_words(row.paper_at) or _("not here")),
        )  # fmt: skip
        return (Facts(row.name, lines), self._standing())

    def _standing(self) -> Facts:
        state = wrong_data_lists.list_standing(self.app.ctx)
        of = _("{n} of {total}")
        lines = (
            (_("Lists came"), of.format(n=len(state.came), total=len(state.expected))),
            (_("Not here yet"), ", ".join(state.missing)),
            (_("Applications on paper"), of.format(n=state.applications, total=state.lines)),
            (_("Too late"), str(state.late) if state.late else ""),
            (_("Last day"), shown_date(state.last_day)),
            (_("Sent to the testing centre"), moment_words(state.sent_at) or _("not yet")),
            (_("Came since then"), ", ".join(state.newer) if state.sent_at else ""),
        )  # fmt: skip
        return Facts(_("The whole list"), tuple(pair for pair in lines if pair[1]))

    def empty_words(self) -> tuple[str, str]:
        """Nothing came."""
        return _("No wrong data."), _("Lists of the network universities come by drive before 25 April.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "A student who finds an error on the pass writes an application; the network university's list comes "
            "before 25 April and goes to the testing centre and the ministry programmer (p.24, p.25)."
        )


def _mark(row: WrongRow) -> Mark:
    if row.late:
        return Mark.LATE
    return Mark.DONE if row.paper_at else Mark.DUE


def _row(held: HeldLine, words: ReferenceWords) -> WrongRow:
    line = held.line
    return WrongRow(
        line.id, line.student, line.university, line.name, line.code, line.field,
        words.value(line.field, line.printed_value), words.value(line.field, line.right_value), line.ground,
        line.application_number, line.application_date, held.late, held.application_at,
    )  # fmt: skip
