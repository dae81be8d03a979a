"""Duty officers of halls and corridors (p.6, p.24)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop.domain.carrier_records import DUTY_OFFICER
from mab_desktop.i18n import N_, _
from mab_desktop.services import commission
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class DutyOfficersPage(EntryPage):
    """Duty officers by hall and shift; halls that have fewer than two stand above the list."""

    record = DUTY_OFFICER
    only = ("full_name", "post", "phone", "place", "shift", "file_received", "trained")
    new_word = N_("New duty officer")

    def table(self) -> TableSource:
        """By place and name."""
        columns = (
            Column("full_name", N_("Full name"), 28),
            Column("place", N_("Place"), 7, kind="code"),
            Column("shift", N_("Shift"), 6, kind="number"),
            Column("post", N_("Post, department"), 12, shown=False),
            Column("phone", N_("Telephone"), 14, kind="code", shown=False),
            Column("file_received", N_("Personal file"), 5, kind="flag"),
            Column("trained", N_("Trained"), 6, kind="flag"),
        )
        return Rows(columns, load=lambda: commission.duty_officers(self.app.ctx), mark_of=_officer_mark)

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("untrained", N_("Not trained"), lambda row: not row["trained"]),
            FilterChip("no-file", N_("Without a personal file"), lambda row: not row["file_received"]),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Name the halls that are short of people."""
        super().refresh(changed)
        short = commission.halls_without_duty(self.app.ctx)
        places = ", ".join(f"{shift}/{hall}" for shift, hall, _here in short[:12])
        more = "…" if len(short) > 12 else ""
        text = _("Fewer than two duty officers (shift/hall): {places}").format(places=places + more)
        self.closed_reason = text if short else ""

    def page_actions(self) -> Sequence[Action]:
        """The list goes on paper."""
        return super().page_actions()

    def print_out(self) -> None:
        """Ctrl+P: the list of duty officers."""
        self.app.open_page("papers", paper="duty-list")

    def row_actions(self) -> Sequence[Action]:
        """Change or take off."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Take off the list"), self.remove, "delete", dangerous=True),
        )

    def remove(self) -> None:
        """Take the officer under the cursor off the list."""
        row = self.current()
        if row is None or not ask_to_confirm(
            self, _("Take {name} off the list?").format(name=row["full_name"]), _("The log keeps who it was."),
            _("Take off the list"), cannot_undo=False,
        ):  # fmt: skip
            return
        with self.app.guarded():
            commission.remove_duty_officer(self.app.ctx, row["id"])
            self.refresh()

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Save the form."""
        commission.save_duty_officer(self.app.ctx, {**values, "id": row["id"] if row else None})

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """One officer."""
        lines = (
            (_("Post, department"), row["post"] or ""), (_("Telephone"), row["phone"] or ""),
            (_("Hall or corridor"), row["place"] or ""),
            (_("Shift"), str(row["shift"]) if row["shift"] else _("every shift")),
            (_("Personal file received"), _("Yes") if row["file_received"] else _("No")),
            (_("Trained"), _("Yes") if row["trained"] else _("No")),
        )  # fmt: skip
        return (Facts(row["full_name"], lines),)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("Nobody is on the list."), _("Press Ctrl+N and enter the first duty officer.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university makes the list of duty officers by hall and keeps their personal files (p.6, p.24). "
            "An officer without a shift serves in every shift."
        )


def _officer_mark(row: Mapping[str, Any]) -> Mark:
    return Mark.DONE if row["trained"] and row["file_received"] else Mark.DUE
