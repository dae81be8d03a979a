"""Signs that show the way (p.24): suggested from the floors, changed by hand, printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop.domain.direction import SIGN
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import direction_signs, fund_undo, halls
from mab_desktop.services.direction_signs import SignRow
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, Rows, TableSource


class SignsPage(EntryPage):
    """List and form of the signs."""

    record = SIGN
    new_word = N_("New sign")

    def table(self) -> TableSource:
        """The signs by building."""
        columns = (
            Column("building", N_("Building"), 6, kind="code"),
            Column("place", N_("Where it hangs"), 24),
            Column("arrow", N_("Arrow"), 16, show=self._arrow),
            Column("halls", N_("Halls"), 18),
            Column("words", N_("Words below"), 14),
        )
        return Rows(columns, load=lambda: direction_signs.signs(self.app.ctx), key_of="id")

    def _arrow(self, code: str) -> str:
        return dict(direction_signs.arrow_choices(active())).get(code, code)

    def lists(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The arrows."""
        return {"arrow": direction_signs.arrow_choices(active())}

    def page_actions(self) -> Sequence[Action]:
        """Suggest them all, or enter one."""
        return (
            Action(N_("Suggest the signs"), self.suggest, "copy", obstacle=self.shut),
            *super().page_actions(),
        )

    def row_actions(self) -> Sequence[Action]:
        """What can be done with the sign under the cursor."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Show on paper"), self.print_one, "print"),
            Action(N_("Delete the sign"), self.remove, "delete", dangerous=True),
        )

    def shut(self) -> str:
        """Signs lead to halls."""
        return "" if halls.halls(self.app.ctx) else _("No hall is entered.")

    def suggest(self) -> None:
        """Make the signs that the floors ask for; those that were there before can be brought back."""
        known = len(direction_signs.signs(self.app.ctx))
        with self.app.guarded():
            made = direction_signs.suggest(self.app.ctx)
            self.refresh()
            words = _("{n} signs are suggested.").format(n=made)
            if known:
                words = _("{n} signs are suggested in place of {known}.").format(n=made, known=known)
            self.app.inform(words, verb=_("Undo"), act=self.undo)

    def undo(self) -> None:
        """Ctrl+Z: bring back the signs that were deleted or replaced last."""
        if self.in_form():
            return
        with self.app.guarded():
            fund_undo.bring_back_signs(self.app.ctx)
            self.refresh()

    def print_one(self) -> None:
        """The paper of the sign under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("papers", paper="direction-signs", option=f"sign:{row.id}")

    def remove(self) -> None:
        """Delete the sign under the cursor."""
        if (row := self.current()) is not None:
            with self.app.guarded():
                direction_signs.remove(self.app.ctx, row.id)
                self.refresh()
                self.app.inform(_("The sign is deleted."), verb=_("Undo"), act=self.undo)

    def store(self, values: Mapping[str, Any], row: SignRow | None) -> None:
        """Save the form."""
        direction_signs.save(self.app.ctx, values, row.id if row else 0)

    def details(self, row: SignRow) -> Sequence[Facts]:
        """One sign."""
        lines = (
            (_("Building number"), row.building), (_("Where it hangs"), row.place),
            (_("Arrow"), self._arrow(row.arrow)), (_("Halls"), row.halls), (_("Words below"), row.words),
        )  # fmt: skip
        return (Facts(_("Direction sign"), lines),)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("No direction sign is entered."), self.shut() or _("Press «Suggest the signs».")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university prepares the halls: numbered seats, hall numbers, direction signs (p.24). The signs "
            "are suggested from the floors of the halls and can be changed before they are printed."
        )
