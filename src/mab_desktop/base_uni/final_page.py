"""What the final database of the centre has otherwise than what was sent, student by student (p.23)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mab_desktop.base_uni.reference_words import ReferenceWords, field_label
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, final_comparison, passes
from mab_desktop.services.final_comparison import KIND_LABELS, FinalChange, FinalKind
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_MARKS = {FinalKind.VALUE: Mark.INFO, FinalKind.REMOVED: Mark.LATE, FinalKind.ADDED: Mark.INFO,
          FinalKind.UNPLACED: Mark.LATE}  # fmt: skip

_CHIPS = {FinalKind.VALUE: N_("Changed"), FinalKind.REMOVED: N_("Taken out"), FinalKind.ADDED: N_("Added"),
          FinalKind.UNPLACED: N_("No place")}  # fmt: skip


class FinalPage(ListPage):
    """A line for each difference; narrowed by chips and by the filters of the columns, exported with Ctrl+E."""

    read_aside = True

    def table(self) -> TableSource:
        """Every difference."""
        columns = (
            Column("university", N_("Univ."), 5, kind="code"),
            Column("name", N_("Student"), 22),
            Column("kind", N_("What"), 14, show=lambda kind: _(KIND_LABELS[kind])),
            Column("field", N_("Field"), 14, show=field_label),
            Column("sent", N_("Sent"), 18),
            Column("came", N_("Came back"), 18),
            Column("why", N_("Why"), 24),
        )
        return Rows(columns, load=self._lines, key_of="key", mark_of=lambda row: _MARKS[row.kind])

    def _lines(self) -> Sequence[FinalChange]:
        words = ReferenceWords()
        words.read(self.app.ctx)
        return [
            replace(change, sent=words.value(change.field, change.sent), came=words.value(change.field, change.came))
            for change in final_comparison.final_changes(self.app.ctx)
        ]

    def chips(self) -> Sequence[FilterChip]:
        """By what happened; what nobody gave a reason for."""
        return (
            *(FilterChip(kind.value, title, _of(kind)) for kind, title in _CHIPS.items()),
            FilterChip("unexplained", N_("Reason not known"), lambda row: not row.why),
        )

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
        """The whole record, the pass."""
        return (
            Action(N_("Show the student"), self._show_student, "person"),
            Action(N_("Show the pass"), self._show_pass, "pass", obstacle=self._no_pass),
        )  # fmt: skip

    def _show_pass(self) -> None:
        row = self.current()
        if row is not None:
            self.app.open_page("passes", row=row.student)

    def _no_pass(self) -> str:
        row = self.current()
        whole = row is not None and row.kind in (FinalKind.VALUE, FinalKind.ADDED)
        return "" if whole else _("This student has no place, so there is no pass.")

    def _show_student(self) -> None:
        if (row := self.current()) is not None:
            self.app.open_page("students", row=row.student)

    def activate(self, row: FinalChange) -> None:
        """Enter: the student."""
        self.app.open_page("students", row=row.student)

    def details(self, row: FinalChange) -> Sequence[Facts]:
        """One difference."""
        lines = (
            (_("University"), row.university), (_("What"), _(KIND_LABELS[row.kind])),
            (_("Field"), field_label(row.field) if row.field else ""), (_("Sent"), row.sent),
            (_("Came back"), row.came), (_("Why"), row.why or _("The centre gave no reason.")),
        )  # fmt: skip
        return (Facts(row.name, tuple(pair for pair in lines if pair[1])),)

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

def _of(kind: FinalKind) -> Callable[[FinalChange], bool]:
    return lambda row: row.kind is kind
