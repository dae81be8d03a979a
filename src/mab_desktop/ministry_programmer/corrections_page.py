"""Corrections by the list of wrong data (p.8, p.30): six fields and no others, each with its ground."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.services import corrections
from mab_desktop.services.corrections import WrongLine
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

NOT_MINE = N_("Only surname, first name, patronymic, sex, date of birth and foreign language are corrected here (p.8).")


class CorrectionsPage(ListPage):
    """The list of wrong data: what was printed, what is right, by what ground; entered line by line or all at once."""

    def table(self) -> TableSource:
        """The lines of the list."""
        columns = (
            Column("item", N_("No in the list"), 7, kind="number"),
            Column("name", N_("Student"), 26),
            Column("label", N_("Field"), 14, show=_),
            Column("printed_words", N_("Printed"), 16, shown=False),
            Column("old_words", N_("Old value"), 16),
            Column("new_words", N_("New value"), 16),
            Column("ground", N_("Ground"), 18),
            Column("application_number", N_("Application number"), 8, kind="code", shown=False),
            Column("applied_at", N_("Entered"), 14, show=moment_words),
            Column("applied_by", N_("By whom"), 10, shown=False),
            Column("university", N_("University"), 6, kind="code", shown=False),
        )
        return Rows(columns, load=lambda: corrections.wrong_lines(self.app.ctx), key_of="id", mark_of=_mark)

    def chips(self) -> Sequence[FilterChip]:
        """What is still to be entered."""
        return (FilterChip("open", N_("Not entered yet"), lambda row: not row.applied_at),)

    def page_actions(self) -> Sequence[Action]:
        """All lines at once; the printed list."""
        return (
            Action(N_("Enter all corrections"), self.correct_all, "correct", "", self._none, primary=True),
        )  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """One line."""
        return (Action(N_("Enter this correction"), self.edit, "correct", "F2", self._closed),)

    def details(self, row: WrongLine) -> Sequence[Facts]:
        """Everything about a line: the values and the application behind them."""
        facts = (
            (_("Item of the list of wrong data"), str(row.item)), (_("Field"), _(row.label)),
            (_("Printed on the pass"), row.printed_words), (_("Old value"), row.old_words),
            (_("In the database now"), row.present_words), (_("New value"), row.new_words),
            (_("Ground"), row.ground),
            (_("Application No, date"), f"{row.application_number}, {shown_date(row.application_date)}"),
            (_("University"), row.university),
            (_("Entered"), f"{moment_words(row.applied_at)} {row.applied_by}".strip() or _("not yet")),
        )  # fmt: skip
        return (Facts(row.name, facts),)

    def _none(self) -> str:
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer enters corrections; you see what was entered.")
        rows = corrections.wrong_lines(self.app.ctx, open_only=True)
        return "" if rows else _("Every correction is entered.")

    def _closed(self) -> str:
        row = self.current()
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer enters corrections; you see what was entered.")
        if row is not None and not row.mine:
            return _(NOT_MINE)
        return _("This line is entered.") if row is not None and row.applied_at else ""

    def activate(self, row: WrongLine) -> None:
        """Enter, F2: put the field right."""
        if self._closed() or not ask_to_confirm(
            self, _("Enter this correction?"),
            _("{name}, {field}: «{old}» becomes «{new}».").format(
                name=row.name, field=_(row.label), old=row.old_words or "–", new=row.new_words),
            _("Enter this correction"),
        ):  # fmt: skip
            return
        with self.app.guarded():
            corrections.correct(self.app.ctx, row.id)
            self.refresh()

    def correct_all(self) -> None:
        """Enter every open line; all or none."""
        rows = corrections.wrong_lines(self.app.ctx, open_only=True)
        if not rows or not ask_to_confirm(
            self, _("Enter all corrections?"),
            _("{n} fields are put right by the list of wrong data. Old and new values stay in the log.").format(
                n=len(rows)),
            _("Enter all corrections"),
        ):  # fmt: skip
            return
        with self.app.guarded():
            corrections.correct_all(self.app.ctx)
            self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: old and new values with their grounds, for both to sign."""
        self.app.open_page("papers", paper="correction-list")

    def empty_words(self) -> tuple[str, str]:
        """No list, or an empty one."""
        return _("The list of wrong data is empty"), _("It comes from the base university by file (p.24).")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Before the seats are drawn the ministry programmer enters the corrections of the list of wrong data (p.8, "
            "p.30): six fields and no others. The representative sees that it is done."
        )


def _mark(row: WrongLine) -> Mark:
    if row.applied_at:
        return Mark.DONE
    return Mark.DUE if row.mine else Mark.BLOCKED
