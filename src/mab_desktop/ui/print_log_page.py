"""What was printed how often, on which printer and how far: the same page in every application that prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mab_desktop.domain.printing import SIDES_LABELS, Outcome
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import print_jobs
from mab_desktop.services.document_titles import document_key, document_title
from mab_desktop.services.print_jobs import PrintRow
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.print_desk import desk_of
from mab_desktop.ui.print_words import LOOK_THERE, is_forgotten, outcome_words, progress_words
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_MARKS = {
    Outcome.PRINTING: Mark.DUE, Outcome.STOPPED: Mark.LATE, Outcome.CONTINUED: Mark.INFO,
    Outcome.PRINTED: Mark.DONE, Outcome.SAVED: Mark.DONE,
    Outcome.FAILED: Mark.BLOCKED, Outcome.CANCELLED: Mark.BLOCKED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogLine:
    """A printing as the list shows it; `times` is "2 of 3": the second of three printings of its document."""

    id: int
    at: str
    title: str
    times: str
    printer: str
    asked: str
    copies: int
    out: str
    spoilt: int
    outcome: str
    by: str
    row: PrintRow


def _line(row: PrintRow) -> LogLine:
    which = document_key(row.document, row.key, active())
    title = row.title or " · ".join(part for part in (_(document_title(row.document)), which) if part)
    out = progress_words(row.done, row.order.total) if row.outcome is not Outcome.SAVED else ""
    return LogLine(
        row.id, _moment(row.at), title, progress_words(row.number, max(row.number, row.times)), row.printer,
        row.asked or _("All {n}").format(n=row.pages), row.order.copies, out, row.spoilt, outcome_words(row), row.by,
        row,
    )  # fmt: skip


def _moment(stamp: str) -> str:
    return f"{stamp[8:10]}.{stamp[5:7]}.{stamp[:4]} {stamp[11:16]}" if stamp else ""


class PrintLogPage(ListPage):
    """Newest first; one that broke off can be gone on with from here, also after the program was started anew."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.desk = desk_of(app)
        self.desk.changed.connect(self.refresh)

    def table(self) -> TableSource:
        """All printings."""
        columns = (
            Column("at", N_("When"), 16, kind="code"),
            Column("title", N_("Document"), 30),
            Column("times", N_("Which printing"), 10, kind="code"),
            Column("outcome", N_("How it ended"), 30),
            Column("out", N_("Sides out"), 10, kind="code"),
            Column("copies", N_("Copies"), 6, kind="number", shown=False),
            Column("asked", N_("Pages"), 10, kind="code", shown=False),
            Column("spoilt", N_("Spoilt sheets"), 6, kind="number", shown=False),
            Column("printer", N_("Printer"), 16, shown=False),
            Column("by", N_("Person"), 12, shown=False),
        )
        return Rows(
            columns, load=lambda: [_line(row) for row in print_jobs.rows(self.app.ctx)], key_of="id",
            mark_of=lambda line: _MARKS[line.row.outcome],
        )  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """What waits for somebody; what was printed more than once; what is spoilt."""
        return (
            FilterChip("open", N_("Not at its end"), lambda line: line.row.open),
            FilterChip("again", N_("Printed more than once"), lambda line: line.row.times > 1),
            FilterChip("spoilt", N_("With spoilt sheets"), lambda line: line.spoilt > 0),
        )

    def row_actions(self) -> Sequence[Action]:
        """What can be done with a printing that broke off or whose end nobody knows."""
        return (
            Action(N_("Go on printing"), self.go_on, "print", obstacle=self._cannot_go_on),
            Action(N_("Everything came out"), self.came_out, "check", obstacle=self._not_open),
            Action(N_("Stop printing"), self.stop, "close", obstacle=self._not_running),
            Action(N_("Give the rest up"), self.give_up, "", obstacle=self._not_broken),
        )

    def go_on(self) -> None:
        """Ask where, and print the rest."""
        self.desk.ask_to_go_on(self, self._row())

    def came_out(self) -> None:
        """The person has the whole document in hand."""
        print_jobs.came_out(self.app.ctx, self._row().id)

    def stop(self) -> None:
        """Take it back at the printer."""
        self.desk.take_back(self._row().id)

    def give_up(self) -> None:
        """Leave the rest unprinted."""
        self.desk.give_up(self, self._row())

    def _row(self) -> PrintRow:
        line: LogLine | None = self.current()
        assert line is not None
        return line.row

    def _cannot_go_on(self) -> str:
        row = self._row()
        if row.id in self.desk.live:
            return _("It is being printed now. Stop it first.")
        if row.outcome in (Outcome.CONTINUED, Outcome.SAVED, Outcome.CANCELLED, Outcome.FAILED):
            return _("There is nothing left to print.")
        return "" if row.can_go_on else _("This document is no longer kept; print it anew, as a copy.")

    def _not_open(self) -> str:
        row = self._row()
        return "" if row.open and row.id not in self.desk.live else _("Its end is known, or the printer still works.")

    def _not_running(self) -> str:
        return "" if self._row().id in self.desk.live else _("It is not at the printer.")

    def _not_broken(self) -> str:
        return "" if self._row().outcome is Outcome.STOPPED else _("It did not break off.")

    def details(self, line: LogLine) -> Sequence[Facts]:
        """The printing, and all printings of its document."""
        row = line.row
        told = (
            (_("When"), line.at), (_("How it ended"), line.outcome),
            (_("What to do"), _(LOOK_THERE) if is_forgotten(row) else ""),
            (_("Printer"), row.printer), (_("Person"), row.by),
            (_("Pages"), line.asked), (_("Copies"), str(row.order.copies)),
            (_("Sides"), _(SIDES_LABELS[row.order.sides])), (_("Sides out"), line.out),
            (_("Spoilt sheets"), str(row.spoilt) if row.spoilt else ""),
        )  # fmt: skip
        same = print_jobs.rows(self.app.ctx, row.document, row.key)
        history = tuple((_moment(one.at), f"№ {one.number} · {outcome_words(one)}") for one in same)
        return (
            Facts(line.title, tuple((name, words) for name, words in told if words)),
            Facts(_("All printings of this document"), history),
        )

    def empty_words(self) -> tuple[str, str]:
        """Nothing was printed yet."""
        return _("Nothing has been printed yet"), _("Papers that are printed or saved stand here, with their numbers.")

    def help_words(self) -> str:
        """F1."""
        return _(
            "Every paper that was printed or saved, how often, and how far it came. A printing that broke off goes on "
            "from the last good page under the same number; a paper printed once more says that it is a copy."
        )
