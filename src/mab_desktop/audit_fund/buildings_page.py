"""Buildings of the auditorium fund (p.4): number, name, address, how to get there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop.domain.hall import BUILDING
from mab_desktop.i18n import N_, _
from mab_desktop.services import fund_undo, halls
from mab_desktop.services.halls import BuildingRow
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, Rows, TableSource


class BuildingsPage(EntryPage):
    """List and form of the buildings."""

    record = BUILDING
    new_word = N_("New building")

    def table(self) -> TableSource:
        """The buildings by number, with their halls and seats."""
        columns = (
            Column("code", N_("Building"), 6, kind="code"),
            Column("name", N_("Building name"), 20),
            Column("address", N_("Address"), 24),
            Column("access", N_("How to get there"), 20, shown=False),
            Column("floors", N_("Floors"), 6, kind="number"),
            Column("halls", N_("Halls"), 6, kind="number"),
            Column("seats", N_("Seats"), 7, kind="number"),
        )
        return Rows(columns, load=lambda: halls.buildings(self.app.ctx), key_of="code")

    def details(self, row: BuildingRow) -> Sequence[Facts]:
        """The building."""
        lines = (
            (_("Building number"), row.code), (_("Building name"), row.name), (_("Address"), row.address),
            (_("How to get there"), row.access or ""), (_("Floors"), ", ".join(str(f.number) for f in row.plan.floors)),
            (_("Site plan"), "" if row.plan.site.is_empty else _("drawn")), (_("Halls"), shown_number(row.halls)),
            (_("Seats"), shown_number(row.seats)),
        )  # fmt: skip
        return (Facts(_("Building {code}").format(code=row.code), lines),)

    def row_actions(self) -> Sequence[Action]:
        """What can be done with the building under the cursor."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Its halls"), self.show_halls, "hall"),
            Action(N_("Its plans"), self.show_plans, "plan"),
            Action(N_("Delete the building"), self.remove, "delete", dangerous=True),
        )

    def show_halls(self) -> None:
        """The halls of the building under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("halls", building=row.code)

    def show_plans(self) -> None:
        """The drawings of the building under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("building-plans", building=row.code)

    def remove(self) -> None:
        """Delete the building under the cursor, if it has no halls."""
        row = self.current()
        if row is None:
            return
        if not row.halls and not ask_to_confirm(
            self, _("Delete building {code}?").format(code=row.code), row.name, _("Delete the building"), row.code
        ):
            return
        with self.app.guarded():
            halls.delete_building(self.app.ctx, row.code)
            self.refresh()
            self.app.inform(_("Building {code} is deleted.").format(code=row.code), verb=_("Undo"), act=self.undo)

    def undo(self) -> None:
        """Ctrl+Z: bring the building back that was deleted last."""
        if self.in_form():
            return
        with self.app.guarded():
            code = fund_undo.bring_back(self.app.ctx, fund_undo.BUILDING)
            self.refresh()
            self.go_to(code)

    def store(self, values: Mapping[str, Any], row: BuildingRow | None) -> None:
        """Save the form."""
        if row is None and any(known.code == values["code"] for known in halls.buildings(self.app.ctx)):
            self._refuse_second(str(values["code"]))
        halls.save_building(self.app.ctx, values)

    def _refuse_second(self, code: str) -> None:
        from mab_desktop.domain.errors import Problem, Refused

        raise Refused([Problem("code", N_("Building {building} is entered already."), (("building", code),))])

    def open_form(self, row: Any | None, values: Mapping[str, Any] | None = None) -> None:
        """The number of a known building stays: its halls hang on it."""
        super().open_form(row, values)
        self.form.editor("code").setReadOnly(row is not None)
        if row is not None:
            self.form.editor("name").setFocus()

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("No building is entered."), _("Press Ctrl+N and enter the first building.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university sends the testing centre its hall fund with the plans of the halls inside the "
            "buildings and of the buildings on the site (p.4). A building with halls cannot be deleted."
        )
