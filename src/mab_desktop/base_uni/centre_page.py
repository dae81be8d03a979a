"""Everything to the centre (p.23): complete or not, why not, the fax page, the drive; and what came back changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout

from mab_desktop.base_uni.reference_words import ReferenceWords, field_label, moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, passes, transfer_view
from mab_desktop.services.base_board import BoardLine
from mab_desktop.services.student_intake import FieldChange
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Count, CountsView, Facts, FactsView, Section, StateLabel, label
from mab_desktop.ui.record_table import Column, Rows, TableSource
from mab_desktop.ui.states import Mark

DATABASE, STATISTICS = "base-students", "statistics"


class CentrePage(Page):
    """Completeness n of N with every reason, and the two files and the fax page that go to the centre."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.verdict, self.counts, self.facts = StateLabel(Mark.NONE), CountsView(), FactsView()
        self._obstacles: dict[str, str] = {}  # asked once for all buttons: each answer counts every record
        self.reason = label("", "muted", wrap=True)
        left, right = Section(_("Complete?")), Section(_("Network universities"))
        for part in (self.counts, self.verdict, self.reason):
            left.body.addWidget(part)
        left.body.addStretch(1)
        right.body.addWidget(self.facts, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(left, 1)
        row.addWidget(right, 1)
        self.body.addLayout(row, 1)
        self.add_actions((
            Action(N_("Send although incomplete…"), self.allow, "warning", obstacle=self._no_need),
            Action(N_("Print the fax page"), lambda: app.open_page("papers", paper="fax"), "print",
                   obstacle=lambda: self.obstacle(STATISTICS)),
            Action(N_("Send the statistics"), lambda: app.open_page("transfer", export=STATISTICS), "statistics",
                   obstacle=lambda: self.obstacle(STATISTICS)),
            Action(N_("Send the databases"), lambda: app.open_page("transfer", export=DATABASE), "drive",
                   obstacle=lambda: self.obstacle(DATABASE), primary=True),
        ))  # fmt: skip

    def obstacle(self, kind: str) -> str:
        """Why a kind of file cannot be written yet."""
        return self._obstacles.get(kind, "")

    def _no_need(self) -> str:
        state = base_board.completeness(self.app.ctx)
        if not state.received:
            return _("No database of a network university has come yet.")
        if state.complete:
            return _("Everything is complete.")
        return _("The reason is written down already.") if state.reason else ""

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Count again."""
        self._obstacles = {offer.kind: offer.obstacle for offer in transfer_view.offered(self.app.ctx)}
        state = base_board.completeness(self.app.ctx)
        lines = base_board.board(self.app.ctx)
        expected = len(state.expected)
        self.counts.show_counts((
            Count(_("Databases received"), len(state.received), expected),
            Count(_("Final statistics signed and sealed"), len(state.confirmed), expected),
            Count(_("Students"), sum(line.students for line in lines)),
        ))  # fmt: skip
        why = self.obstacle(DATABASE)
        if state.complete:
            self.verdict.show_state(Mark.DONE, _("Complete: everything can go to the testing centre."))
        elif not why:
            self.verdict.show_state(Mark.DUE, _("Incomplete, but may be sent for the reason below."))
        else:
            self.verdict.show_state(Mark.BLOCKED, why)
        self.reason.setText(_("Reason: {reason}").format(reason=state.reason) if state.reason else "")
        self.facts.show_facts((Facts("", tuple((f"{ln.university} {ln.name}", _line_words(ln)) for ln in lines)),))
        self.renew_actions()

    def allow(self) -> None:
        """Write down why it goes incomplete; the reason is kept for good."""
        words = ask_for_reason(
            self, _("Send although incomplete"),
            _("Some universities are missing or not signed. The reason is kept in the log for good."),
            _("Write the reason down"),
        )  # fmt: skip
        if words:
            with self.app.guarded():
                base_board.allow_incomplete(self.app.ctx, words)
                self.refresh()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "When all databases are in, the student database goes to the testing centre before 15 April, and the final "
            "statistics by fax (p.23)."
        )


def _line_words(line: BoardLine) -> str:
    database, signed = line.cells["database"], line.cells["confirmed"]
    if not database.at:
        return _("the database has not come")
    words = _("{n} students, {moment}").format(n=shown_number(line.students), moment=moment_words(database.at))
    return words + " · " + (_("signed") if signed.at and signed.at >= database.at else _("not signed"))


class FinalPage(ListPage):
    """What the final database of the centre changed against what was sent, student by student (p.23)."""

    def table(self) -> TableSource:
        """A line for each changed value."""
        columns = (
            Column("name", N_("Student"), 28),
            Column("field", N_("Field"), 20, show=field_label),
            Column("old", N_("Sent"), 24),
            Column("new", N_("Came back"), 24),
        )
        return Rows(
            columns, load=self._lines, key_of=lambda change: (change.student, change.field)
        )  # fmt: skip

    def _lines(self) -> Sequence[FieldChange]:
        words = ReferenceWords()
        words.read(self.app.ctx)
        return [
            replace(change, old=words.value(change.field, change.old), new=words.value(change.field, change.new))
            for change in base_board.changes_from_centre(self.app.ctx)
        ]

    def _allotted(self) -> tuple[int, int]:
        found = passes.counts(self.app.ctx)
        return sum(count.allotted for count in found), sum(line.students for line in base_board.board(self.app.ctx))

    def refresh(self, changed: set[str] | None = None) -> None:
        """Say how it stands above the list."""
        super().refresh(changed)
        allotted, _students = self._allotted()
        self.closed_reason = "" if allotted else _("The final database has not come from the centre yet (p.23).")

    def page_actions(self) -> Sequence[Action]:
        """It comes by drive; passes follow."""
        return (
            Action(N_("Receive the final database"), lambda: self.app.open_page("transfer"), "accept"),
            Action(N_("Go to the passes"), lambda: self.app.open_page("passes"), "pass", primary=True,
                   obstacle=lambda: "" if self._allotted()[0]
                   else _("The final database has not come from the centre yet (p.23).")),
        )  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """The whole record."""
        return (Action(N_("Show the student"), self._show_student, "person"),)

    def _show_student(self) -> None:
        if (row := self.current()) is not None:
            self.app.open_page("students", row=row.student)

    def activate(self, row: FieldChange) -> None:
        """Enter: the student."""
        self.app.open_page("students", row=row.student)

    def details(self, row: FieldChange) -> Sequence[Facts]:
        """One change."""
        lines = ((_("Field"), field_label(row.field)), (_("Sent"), row.old), (_("Came back"), row.new))
        return (Facts(row.name, lines),)

    def empty_words(self) -> tuple[str, str]:
        """Nothing changed."""
        allotted, students = self._allotted()
        if not allotted:
            return _("The final database has not come from the centre yet (p.23)."), ""
        text = _("{n} of {total} students are allotted.")
        words = text.format(n=shown_number(allotted), total=shown_number(students))
        return _("The centre changed nothing in the records."), words

    def help_words(self) -> str:
        """What is shown."""
        return _("The centre sends back the final database with codes, shifts and halls; values it changed stand here.")

    def opened(self, **where: Any) -> None:
        """As every list."""
        super().opened(**where)
