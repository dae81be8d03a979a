"""The specialties whose students take part, chosen from the classifier (p.21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mab_desktop.i18n import N_, _, active
from mab_desktop.services import specialties
from mab_desktop.services.settings import lists
from mab_desktop.services.specialties import SpecialtyRow
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark


class SpecialtiesPage(ListPage):
    """The classifier; Enter takes a specialty in or leaves it out."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        found = lists(app.ctx, "direction")["direction"]
        self.directions = {code: line.name(app.ctx.lang) for code, line in found.items()}

    def table(self) -> Rows:
        """The specialties by cipher."""
        name = "name_ru" if active() == "ru" else "name_kk"
        columns = (
            Column("cipher", N_("Cipher"), 11, kind="code"),
            Column(name, N_("Specialty"), 26),
            Column("direction", N_("Direction"), 17, show=lambda code: self.directions.get(code, code)),
            Column("taught", N_("Takes part"), 7, kind="flag"),
            Column("total", N_("Students"), 7, kind="number"),
            Column("kazakh", N_("Study in Kazakh"), 6, kind="number", shown=False),
            Column("russian", N_("Study in Russian"), 6, kind="number", shown=False),
            Column("other", N_("Other languages"), 6, kind="number", shown=False),
        )
        return Rows(columns, lambda: specialties.specialties(self.app.ctx), "cipher", _mark)

    def settle(self, spec: PageSpec) -> None:
        """Once specialties are chosen the list begins with them."""
        super().settle(spec)
        if specialties.specialties(self.app.ctx, only_taught=True):
            self.chip_buttons["taught"].setChecked(True)

    def chips(self) -> Sequence[FilterChip]:
        """What takes part; what has students."""
        return (
            FilterChip("taught", N_("Takes part"), lambda row: row.taught),
            FilterChip("students", N_("With students"), lambda row: row.total > 0),
        )

    def page_actions(self) -> Sequence[Action]:
        """To the operators."""
        return (Action(N_("Send to the operators' PCs"), self._send, "export", primary=True),)

    def _send(self) -> None:
        self.app.open_page("transfer", export="operator-corrections")

    def print_out(self) -> None:
        """Ctrl+P: the list of specialties."""
        self.app.open_page("papers", paper="specialty-list")

    def row_actions(self) -> Sequence[Action]:
        """In or out."""
        return (
            Action(N_("Takes part"), lambda: self._set(self.chosen(), on=True), "check", obstacle=self._all_in),
            Action(N_("Does not take part"), lambda: self._set(self.chosen(), on=False), "cancel",
                   obstacle=self._all_out),
        )  # fmt: skip

    def details(self, row: SpecialtyRow) -> Sequence[Facts]:
        """Both names, the direction, the students."""
        lines = (
            (_("Specialty cipher"), row.cipher),
            (_("Name in Kazakh"), row.name_kk),
            (_("Name in Russian"), row.name_ru),
            (_("Direction"), self.directions.get(row.direction, row.direction)),
            (_("Takes part"), _("Yes") if row.taught else _("No")),
            (_("Students"), shown_number(row.total)),
            (_("Study in Kazakh"), shown_number(row.kazakh)),
            (_("Study in Russian"), shown_number(row.russian)),
            (_("Other languages"), shown_number(row.other)),
        )
        return (Facts("", lines),)

    def activate(self, row: Any) -> None:
        """Enter: take in or leave out."""
        self._set([row], on=not row.taught)

    def _all_in(self) -> str:
        return "" if any(not row.taught for row in self.chosen()) else _("This specialty takes part already.")

    def _all_out(self) -> str:
        return "" if any(row.taught for row in self.chosen()) else _("This specialty does not take part.")

    def _set(self, rows: Sequence[SpecialtyRow], *, on: bool) -> None:
        with self.app.guarded():
            now = {row.cipher for row in specialties.specialties(self.app.ctx, only_taught=True)}
            chosen = {row.cipher for row in rows}
            specialties.choose_specialties(self.app.ctx, now | chosen if on else now - chosen)
            words = _("Takes part: {names}.") if on else _("Takes part no more: {names}.")
            names = rows[0].cipher if len(rows) == 1 else _("{n} specialties").format(n=shown_number(len(rows)))
            self.offer_undo(words.format(names=names), lambda: specialties.choose_specialties(self.app.ctx, now))

    def help_words(self) -> str:
        """F1."""
        return _(
            "Choose the specialties of the 2nd (3rd) year whose students take part. The entry form then offers only "
            "these. Send the list to the operators' PCs by a drive and print it for the base university (p.21)."
        )


def _mark(row: SpecialtyRow) -> Mark:
    return Mark.DONE if row.taught else Mark.NONE
