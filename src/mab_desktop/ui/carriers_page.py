"""Sent and received: every carrier file with its state and receipts, the same page in every application."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.i18n import N_, _
from mab_desktop.services import carrier_history
from mab_desktop.services.carrier_history import CarrierRow, Standing
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark, StepState

_MARKS = {
    Standing.BUILT: Mark.LATE,
    Standing.WRITTEN: Mark.DUE,
    Standing.HANDED: Mark.DONE,
    Standing.RECEIPTED: Mark.DONE,
    Standing.TAKEN: Mark.DONE,
    Standing.UNTOLD: Mark.DUE,
    Standing.ASIDE: Mark.BLOCKED,
    Standing.WAITING: Mark.DUE,
    Standing.FORK: Mark.LATE,
    Standing.SETTLED: Mark.INFO,
}
_OPEN = (Standing.BUILT, Standing.WRITTEN, Standing.UNTOLD, Standing.WAITING, Standing.FORK)


class CarriersPage(ListPage):
    """What went out and came in, the newest first, and who has confirmed it."""

    def table(self) -> TableSource:
        """The files."""
        columns = (
            Column("shown_at", N_("When"), 16, kind="code"),
            Column("title", N_("File"), 30),
            Column("number", N_("№"), 4, kind="code"),
            Column("short", N_("For or from"), 22),
            Column("state", N_("State"), 30),
        )
        return Rows(
            columns, load=lambda: carrier_history.rows(self.app.ctx), key_of="key",
            mark_of=lambda row: _MARKS[row.standing],
        )  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """By way and by what is still open."""
        return (
            FilterChip("open", N_("Not finished"), lambda row: row.standing in _OPEN),
            FilterChip("sent", N_("Sent"), lambda row: row.sent),
            FilterChip("received", N_("Received"), lambda row: not row.sent),
        )

    def page_actions(self) -> Sequence[Action]:
        """To the wizard."""
        return (Action(N_("Drives…"), lambda: self.app.open_page("transfer"), "drive"),)

    def row_actions(self) -> Sequence[Action]:
        """A lost drive is written again."""
        return (Action(N_("Write again…"), self.write_again, "copy", obstacle=self._cannot_write),)

    def activate(self, row: CarrierRow) -> None:
        """Enter writes again what is not confirmed."""
        if row.sent and row.standing is not Standing.RECEIPTED:
            self.app.open_page("transfer", again=row.digest)

    def write_again(self) -> None:
        """The same file to one more drive, by the wizard."""
        row = self.current()
        if row is not None:
            self.app.open_page("transfer", again=row.digest)

    def _cannot_write(self) -> str:
        row = self.current()
        if row is None or not row.sent:
            return _("Only files made here can be written again.")
        return ""

    def details(self, row: CarrierRow) -> Sequence[Facts]:
        """What it holds, and who has taken it."""
        return [Facts(title or row.title, tuple(lines)) for title, lines in carrier_history.about(self.app.ctx, row)]

    def empty_words(self) -> tuple[str, str]:
        """Nothing went yet."""
        return _("Nothing was sent or received yet"), _("Files written to drives and taken from them stand here.")

    def help_words(self) -> str:
        """F1."""
        return _(
            "Every file that was written or taken. A file stays here until its recipient's receipt has come: bring it "
            "back on the drive and accept it. A lost drive is written again with the same file."
        )


def carriers_state(app: AppContext) -> StepState:
    """What is not finished, in the rail."""
    left = carrier_history.left_open(app.ctx)
    if left.forks:
        return StepState(Mark.LATE, _("Two files with one number: the testing centre decides."))
    if left.waiting:
        return StepState(Mark.DUE, _("Files wait for earlier ones: {n}.").format(n=left.waiting))
    if left.unwritten:
        words = _("Files and receipts still to be written to a drive: {n}.")
        return StepState(Mark.DUE, words.format(n=left.unwritten))
    return StepState()

