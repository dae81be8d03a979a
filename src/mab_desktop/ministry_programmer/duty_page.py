"""Duty officers of the day (p.7.5): drawn to halls by chance from the list that was handed over, once, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mab_desktop.domain.duty_draw import CORRIDOR
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import ShiftListPage
from mab_desktop.services import duty
from mab_desktop.services.duty import Drawn
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, PageSpec
from mab_desktop.ui.panels import Facts, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


@dataclass(frozen=True, slots=True)
class DutyRow:
    """An officer with the place, in words; "" before the draw."""

    id: str
    place: str
    name: str
    post: str
    phone: str
    drawn: bool
    corridor: bool


class DutyPage(ShiftListPage):
    """Before the draw the list as it came, after it who goes where; a further draw needs a reason."""

    wanted = (ShiftState.SEATED, ShiftState.OPEN, ShiftState.PLANNED)

    def settle(self, spec: PageSpec) -> None:
        """A line over the list tells of the draw."""
        self.told = label("", "muted", wrap=True, selectable=True)
        super().settle(spec)
        self.body.insertWidget(1, self.told)

    def table(self) -> TableSource:
        """Who is on the list of this shift."""
        columns = (
            Column("place", N_("Hall, corridor"), 10, kind="code"),
            Column("name", N_("Full name"), 28),
            Column("post", N_("Post, department"), 26),
            Column("phone", N_("Telephone"), 14, kind="code"),
        )
        return Rows(columns, self._rows, "id", mark_of=_mark)

    def _rows(self) -> list[DutyRow]:
        found = self.drawn()
        if found is None:
            return [
                DutyRow(o.id, "", o.full_name, o.post, o.phone, drawn=False, corridor=False)
                for o in duty.officers(self.app.ctx, self.shift)
            ]
        return [
            DutyRow(p.officer.id, p.place or _("corridor"), p.officer.full_name, p.officer.post, p.officer.phone,
                    drawn=True, corridor=p.place == CORRIDOR)
            for p in found.placed
        ]  # fmt: skip

    def drawn(self) -> Drawn | None:
        """The draw that counts."""
        return duty.drawn(self.app.ctx, self.shift) if self.shift else None

    def chips(self) -> Sequence[FilterChip]:
        """Those who are in no hall."""
        return (FilterChip("corridor", N_("Corridors"), lambda row: row.corridor),)

    def page_actions(self) -> Sequence[Action]:
        """Draw, print, check."""
        return (
            Action(N_("Draw again…"), self.draw_again, "undo", "", self._not_drawn),
            Action(N_("Check the draw"), self.check, "verify", "", self._not_drawn),
            Action(N_("Draw the officers"), self.draw, "shuffle", "", self._drawn_already, primary=True),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """The list and what is told of the draw."""
        super().refresh(changed)
        found = self.drawn()
        if found is None:
            self.told.setText(_("The officers are not drawn yet; this is the list of the base university."))
            return
        seed = " ".join(found.seed[n : n + 8] for n in range(0, len(found.seed), 8)).upper()
        words = _("Draw No {n}, {at}, {by}. Seed: {seed}").format(
            n=found.n, at=moment_words(found.at), by=found.by, seed=seed)  # fmt: skip
        why = _("Reason for drawing again: {reason}").format(reason=found.reason) if found.reason else ""
        self.told.setText("\n".join(part for part in (words, why) if part))

    def details(self, row: DutyRow) -> Sequence[Facts]:
        """The officer, and every draw of the shift."""
        person = Facts(row.name, ((_("Hall, corridor"), row.place), (_("Post, department"), row.post),
                                  (_("Telephone"), row.phone)))  # fmt: skip
        places = [
            (_("Draw No {n}").format(n=one.n),
             next((p.place or _("corridor") for p in one.placed if p.officer.id == row.id), "–"))
            for one in duty.all_draws(self.app.ctx, self.shift)
        ]  # fmt: skip
        return (person, Facts(_("Draws"), tuple(places))) if len(places) > 1 else (person,)

    def _not_drawn(self) -> str:
        return "" if self.drawn() else _("The duty officers of shift {n} are not drawn yet (p.7).").format(n=self.shift)

    def _drawn_already(self) -> str:
        return _("They are drawn; another draw needs a reason.") if self.drawn() else ""

    def draw(self) -> None:
        """The one draw of the day."""
        with self.app.guarded():
            duty.draw(self.app.ctx, self.shift)
            self.refresh()

    def draw_again(self) -> None:
        """Somebody fell ill: with the reason, under the next number."""
        text = _("The officers are drawn once (p.7). Another draw bears the next number, and its reason stands on the "
                 "paper and in the log. The earlier draw stays on record.")  # fmt: skip
        reason = ask_for_reason(self, _("Draw the officers again?"), text, _("Draw again"))
        if reason:
            with self.app.guarded():
                duty.draw(self.app.ctx, self.shift, reason)
                self.refresh()

    def check(self) -> None:
        """Do the draw once more from list and seed."""
        found = self.drawn()
        if found is None:
            return
        with self.app.guarded():
            same = duty.draws_again(self.app.ctx, self.shift, found.n)
            words = _("Drawn again from list and seed: the same came out. Checksum {sum}.").format(
                sum=found.result[:16].upper())  # fmt: skip
            if same:
                self.app.inform(words)
            else:
                self.app.inform(_("Drawn again, something else came out: the record was changed."), kind="error",
                                next_step=_("Call the testing centre."))  # fmt: skip

    def print_out(self) -> None:
        """Ctrl+P: the allocation of the day."""
        if not self._not_drawn():
            self.app.open_page("papers", paper="duty", option=str(self.shift))

    def empty_words(self) -> tuple[str, str]:
        """Nobody is on the list."""
        return _("Nobody is on the list of duty officers"), _("It comes with the hand-over of the base university "
                                                              "(p.24).")  # fmt: skip

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Every day the representative allots the duty officers to the halls (p.7). They are drawn by chance from "
            "the list of the base university, two to a hall, so that nobody knows beforehand who sits where; whoever "
            "was in a hall at the shift before does not come back to it where that is possible."
        )


def _mark(row: DutyRow) -> Mark:
    return Mark.NONE if not row.drawn else Mark.INFO if row.corridor else Mark.DONE
