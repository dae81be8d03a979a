"""The fourteen duties of the base university (p.6) as a board."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QLineEdit

from mab_desktop.base_uni.reference_words import moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import commission
from mab_desktop.services.commission import DutyState
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import WORDS, Mark

# Where a duty is done in this program.
_PAGES = {2: "board", 3: "centre", 4: "centre", 5: "passes", 7: "duty_officers", 9: "centre", 12: "board"}


class DutiesPage(ListPage):
    """Each duty with its last day, who confirmed it and when."""

    def table(self) -> TableSource:
        """In the order of p.6."""
        columns = (
            Column("number", N_("№"), 6, kind="number"),
            Column("title", N_("Duty"), 50, show=_),
            Column("due", N_("Last day"), 11, kind="date"),
            Column("done_at", N_("Confirmed"), 16, show=moment_words),
            Column("by", N_("By"), 12, shown=False),
            Column("note", N_("Remark"), 20, shown=False),
        )
        return Rows(columns, load=lambda: commission.duties(self.app.ctx), key_of="number", mark_of=self._mark)

    def _mark(self, row: DutyState) -> Mark:
        if row.done_at:
            return Mark.DONE
        if row.due and self.app.ctx.clock.now().date() > row.due:
            return Mark.LATE
        return Mark.DUE if row.due else Mark.NONE

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("open", N_("Not confirmed"), lambda row: not row.done_at),
            FilterChip("late", N_("Late"), lambda row: self._mark(row) is Mark.LATE),
        )

    def row_actions(self) -> Sequence[Action]:
        """Go and do it, or confirm it."""
        return (
            Action(N_("Open its page"), self.open_its_page, "forward", obstacle=self._no_page),
            Action(N_("Confirm that it is done"), self.confirm, "check", obstacle=self._done),
        )

    def _no_page(self) -> str:
        row = self.current()
        return "" if row and row.number in _PAGES else _("This duty is done outside the program.")

    def _done(self) -> str:
        row = self.current()
        return _("It is confirmed already.") if row and row.done_at else ""

    def open_its_page(self) -> None:
        """The page where the duty is done."""
        row = self.current()
        if row is not None and row.number in _PAGES:
            self.app.open_page(_PAGES[row.number])

    def confirm(self) -> None:
        """Confirm the duty under the cursor, with a remark."""
        row = self.current()
        if row is None or row.done_at:
            return
        asked = Question(
            self, _("Confirm duty {number}").format(number=row.number), _(row.title), _("Confirm that it is done")
        )
        remark = QLineEdit()
        remark.setObjectName("remark")
        remark.setAccessibleName(_("Remark"))
        asked.fields.addWidget(label(_("Remark"), "muted"))
        asked.fields.addWidget(remark)
        remark.setFocus()
        if asked.exec() != QDialog.DialogCode.Accepted:
            return
        with self.app.guarded():
            commission.confirm_duty(self.app.ctx, row.number, remark.text().strip())
            self.refresh()

    def activate(self, row: DutyState) -> None:
        """Enter: confirm."""
        if not row.done_at:
            self.confirm()

    def next_open(self) -> None:
        """F3: the next duty that is not confirmed."""
        rows = self.shown_rows()
        now = self.current()
        start = rows.index(now) + 1 if now in rows else 0
        row = next((row for row in (*rows[start:], *rows[:start]) if not row.done_at), None)
        if row is not None:
            self.go_to(row.number)

    def details(self, row: DutyState) -> Sequence[Facts]:
        """One duty."""
        state = self._mark(row)
        lines = (
            (_("State"), _(WORDS[state]) or _("Not yet")), (_("Last day"), shown_date(row.due)),
            (_("Confirmed"), moment_words(row.done_at)), (_("By"), row.by), (_("Remark"), row.note),
        )  # fmt: skip
        return (Facts(f"{row.number}. {_(row.title)}", lines),)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _("The fourteen duties of the base university stand in p.6. Confirm each when it is done.")
