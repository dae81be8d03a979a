"""Operators: who types at which PC, and what each did on each day (p.20, p.21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.i18n import N_, _
from mab_desktop.services import accounts, operators
from mab_desktop.services.accounts import Person
from mab_desktop.services.operators import OPERATOR, OperatorRow, WorkingDay
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.people_page import AddQuestion
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark


class OperatorsPage(EntryPage):
    """The list of operators that goes on paper, with each one's days."""

    record = OPERATOR
    new_word = N_("New operator")

    def table(self) -> Rows:
        """The operators by name."""
        columns = (
            Column("full_name", N_("Full name"), 34),
            Column("login", N_("Login"), 14),
            Column("workplace", N_("Workplace"), 16),
            Column("active", N_("Works"), 7, kind="flag"),
        )
        return Rows(columns, lambda: operators.operators(self.app.ctx), "login", _operator_mark)

    def chips(self) -> Sequence[FilterChip]:
        """Those who work now."""
        return (FilterChip("active", N_("Works"), lambda row: row.active),)

    def page_actions(self) -> Sequence[Action]:
        """The operators' PCs, and New."""
        return (
            Action(N_("Print the journal"), self._journal, "journal"),
            Action(N_("Send specialties to their PCs"), self._send, "export"),
            *super().page_actions(),
        )

    def _journal(self) -> None:
        self.app.open_page("papers", paper="operators-journal")

    def print_out(self) -> None:
        """Ctrl+P: the list of operators."""
        self.app.open_page("papers", paper="operator-list")

    def _send(self) -> None:
        self.app.open_page("transfer", export="operator-corrections")

    def row_actions(self) -> Sequence[Action]:
        """Change the entry, let the person log in here, take the person off."""
        return (
            Action(N_("Change"), self.edit, "edit"),
            Action(N_("Let log in on this PC"), self.let_in, "key", obstacle=self._has_account),
            Action(N_("Works no more"), lambda: self._set_active(on=False), "cancel", obstacle=self._rests),
            Action(N_("Works again"), lambda: self._set_active(on=True), "check", obstacle=self._works),
        )

    def details(self, row: OperatorRow) -> Sequence[Facts]:
        """The person, then the days of work, the newest first."""
        days = [day for day in operators.journal(self.app.ctx) if day.operator == row.login]
        who = Facts(row.full_name, ((_("Login"), row.login), (_("Workplace"), row.workplace),
                                    (_("Records typed"), shown_number(sum(day.new for day in days)))))  # fmt: skip
        return who, Facts(_("Days of work"), tuple(_day_line(day) for day in reversed(days)))

    def empty_words(self) -> tuple[str, str]:
        """Nobody yet."""
        return _("No operator is on the list yet"), _("Press “New operator” (Ctrl+N); the list goes on paper (p.21).")

    def heading_of(self, row: Any | None) -> str:
        """The words over the form."""
        return _("New operator") if row is None else row.full_name

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Put on the list or change."""
        operators.save_operator(self.app.ctx, values, active=row.active if row is not None else True)

    def _account(self) -> Person | None:
        row = self.current()
        return next((p for p in accounts.people(self.app.ctx) if row is not None and p.login == row.login), None)

    def _has_account(self) -> str:
        return _("This person may log in here already.") if self._account() else ""

    def _rests(self) -> str:
        row = self.current()
        return "" if row is None or row.active else _("This person works no more.")

    def _works(self) -> str:
        row = self.current()
        return "" if row is None or not row.active else _("This person works.")

    def let_in(self) -> None:
        """An account on this PC, for an operator who types at the programmer's."""
        row = self.current()
        if row is None:
            return
        asked = AddQuestion(self, self.app, PersonRole.OPERATOR, row.login, row.full_name)
        if asked.exec() == AddQuestion.DialogCode.Accepted:
            self.app.inform(_("{name} may log in here from now on.").format(name=row.full_name))

    def _set_active(self, *, on: bool) -> None:
        row = self.current()
        if row is None:
            return
        with self.app.guarded():
            changed = replace(row, active=on)
            values = {name: getattr(changed, name) for name in OPERATOR.names}
            operators.save_operator(self.app.ctx, values, active=on)
            if not on and (account := self._account()) and account.active:
                accounts.close_account(self.app.ctx, row.login)
                return  # an account is not opened again by a key
            words = _("Works again: {names}.") if on else _("Works no more: {names}.")
            self.offer_undo(words.format(names=row.full_name),
                            lambda: operators.save_operator(self.app.ctx, values, active=row.active))  # fmt: skip

    def help_words(self) -> str:
        """F1."""
        return _(
            "The list of operators is printed for the base university (p.21); the journal of their days is read from "
            "the log (p.20). Operators on other PCs have their own programs; their days come with their records."
        )


def _operator_mark(row: OperatorRow) -> Mark:
    return Mark.NONE if row.active else Mark.BLOCKED


def _day_line(day: WorkingDay) -> tuple[str, str]:
    words = _("{started}–{finished}: {new} new, {changed} corrected").format(
        started=day.started, finished=day.finished, new=shown_number(day.new), changed=shown_number(day.changed)
    )
    more = [_("{n} typed again").format(n=shown_number(day.verified))] if day.verified else []
    if day.keys_per_hour is not None:
        more.append(_("{n} keys per hour").format(n=shown_number(day.keys_per_hour)))
    if day.errors:
        more.append(_("{n} errors found").format(n=shown_number(day.errors)))
    return shown_date(day.day), "\n".join(part for part in (words, ", ".join(more), day.device) if part)
