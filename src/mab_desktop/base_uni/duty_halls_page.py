"""Duty by hall and day (p.6, p.24): every hall that is used in each shift, who serves there, whether it is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QDialog

from mab_desktop.base_uni.duty_officers_page import PLACE
from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.tick_question import TickQuestion
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.duty_place import LEAST_OFFICERS, Officer, Post, same_place
from mab_desktop.i18n import N_, _
from mab_desktop.services import duty_list
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, PageSpec
from mab_desktop.ui.panels import Facts, StateLabel
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class DutyHallsPage(ListPage):
    """Enter on a hall ticks its duty officers; F3 goes to the next hall that lacks some."""

    def settle(self, spec: PageSpec) -> None:
        """How the whole stands, over the list."""
        super().settle(spec)
        self.summary = StateLabel(Mark.NONE)
        self.body.insertWidget(0, self.summary)

    def table(self) -> TableSource:
        """By shift and hall."""
        columns = (
            Column("shift", N_("Shift"), 6, kind="number"),
            Column("day", N_("Exam date"), 11, kind="date"),
            Column("place", N_("Hall, corridor"), 10, kind="code"),
            Column("building", N_("Building"), 8, kind="code", shown=False),
            Column("students", N_("Students"), 8, kind="number"),
            Column("names", N_("Duty officers"), 40),
            Column("count", N_("Quantity"), 7, kind="code"),
        )
        return Rows(columns, load=self._rows, key_of="key", mark_of=lambda row: row["mark"])

    def _rows(self) -> list[Mapping[str, Any]]:
        return [_row(post) for post in duty_list.posts(self.app.ctx)]

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("missing", N_("Too few"), lambda row: row["post"].missing > 0),
            FilterChip("corridors", N_("Corridors"), lambda row: not row["post"].hall),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Say above the list how many are missing and who could still serve."""
        super().refresh(changed)
        posts = [row["post"] for row in self._rows()]
        people = duty_list.officers(self.app.ctx)
        missing, ready = sum(post.missing for post in posts), sum(officer.ready for officer in people)
        words = _("Halls: {halls}. On the list: {people}, ready: {ready}. Missing in halls: {missing}.")
        self.summary.show_state(
            Mark.LATE if missing else Mark.DONE,
            words.format(halls=sum(post.hall for post in posts), people=len(people), ready=ready, missing=missing),
        )
        self.summary.setVisible(bool(posts))

    def page_actions(self) -> Sequence[Action]:
        """The people, a corridor, what is missing."""
        return (
            Action(N_("Duty officers"), lambda: self.app.open_page("duty_officers"), "officer"),
            Action(N_("Corridor"), self.new, "add", "Ctrl+N", obstacle=self._nobody),
            Action(N_("Fill what is missing"), self.fill, "shuffle", obstacle=self._nothing_missing, primary=True),
        )

    def row_actions(self) -> Sequence[Action]:
        """Who serves here."""
        return (Action(N_("Choose duty officers"), self.edit, "officer", "F2", obstacle=self._nobody),)

    def _nobody(self) -> str:
        return "" if duty_list.officers(self.app.ctx) else _("Nobody is on the list.")

    def _nothing_missing(self) -> str:
        if why := self._nobody():
            return why
        return "" if any(post.missing for post in duty_list.posts(self.app.ctx)) else _("Every hall has enough.")

    def activate(self, row: Any) -> None:
        """Enter, F2: tick who serves in the hall under the cursor."""
        post: Post = row["post"]
        self.choose(post.shift, post.place, hall=post.hall)

    def new(self) -> None:
        """Ctrl+N: a corridor, or any place that is no hall of the fund."""
        if self._nobody():
            return
        asked: dict[str, Any] = {}
        if ask_record(self, _("Corridor"), _("Duty officers of corridors serve between the halls (p.33)."),
                      _("Choose duty officers"), PLACE, asked.update):  # fmt: skip
            self.choose(asked["shift"], asked["place"], hall=False)

    def choose(self, shift: int | None, place: str, *, hall: bool) -> None:
        """Tick who serves there: those who do now and those who are free in that shift."""
        ctx = self.app.ctx
        people = duty_list.officers(ctx)
        here = _serving(people, shift, place)
        offered = [o for o in people if o.id in here or not o.in_shift(shift)]
        asked = TickQuestion(
            self, _place_title(shift, place), _("Those who serve elsewhere in this shift are not offered."),
            _("Save"), [(o.id, _person_words(o)) for o in offered], frozenset(here), _counted(hall=hall),
        )  # fmt: skip
        if asked.exec() != QDialog.DialogCode.Accepted:
            return
        ticked = asked.ticked()
        gone = [here[person] for person in here if person not in ticked]
        came = [person for person in ticked if person not in here]
        back = [person for person in here if person not in ticked]
        if not gone and not came:
            return
        with self.app.guarded():
            if gone:
                duty_list.release(ctx, gone)
            made = duty_list.assign(ctx, came, shift, place) if came else []

            def take_back() -> None:
                if made:
                    duty_list.release(ctx, made)
                if back:
                    duty_list.assign(ctx, back, shift, place)

            done_and_undoable(self, _("{place}: duty officers changed.").format(place=_place_title(shift, place)),
                              take_back)  # fmt: skip

    def fill(self) -> None:
        """Give halls that lack officers those who are ready and free; undo takes them away again."""
        ctx = self.app.ctx
        with self.app.guarded():
            made = duty_list.fill(ctx)
            missing = sum(post.missing for post in duty_list.posts(ctx))
            words = _("Places given: {n}.").format(n=len(made))
            if missing:
                words += " " + _("Still missing: {n}. Enter more people, their files and training.").format(n=missing)
            done_and_undoable(self, words, lambda: duty_list.release(ctx, made))

    def waits(self, row: Mapping[str, Any]) -> bool:
        """A hall that lacks officers."""
        return bool(row["post"].missing)

    def print_out(self) -> None:
        """Ctrl+P: the list by hall of the shift under the cursor."""
        row = self.current()
        self.app.open_page("papers", paper="duty-list", option=str(row["shift"]) if row else "")

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """One hall in one shift."""
        post: Post = row["post"]
        lines = (
            (_("Exam date"), shown_date(post.day)), (_("Building"), post.building),
            *(((_("Students"), str(post.students or "")),) if post.hall else ()),
            (_("Duty officers"), "\n".join(name for _row, name in post.officers)),
        )  # fmt: skip
        return (Facts(_place_title(post.shift, post.place), lines),)

    def empty_words(self) -> tuple[str, str]:
        """What comes first."""
        return _("No halls are known yet."), _(
            "They come with the hall fund and the centre's final database. Corridors can be entered with Ctrl+N."
        )

    def help_words(self) -> str:
        """What the regulation asks, and the keys."""
        return _(
            "Each hall has at least two duty officers in each shift, and nobody serves twice in a shift (p.6, p.24). "
            "Enter ticks who serves in a hall, F3 goes to the next that lacks some. “Fill what is missing” takes only "
            "people whose file is here and who are trained, those with the fewest shifts first. On the exam day the "
            "ministry representative allocates them anew (p.7)."
        )


def _serving(people: Sequence[Officer], shift: int | None, place: str) -> dict[str, str]:
    """Person -> id of his place there."""
    return {o.id: p.row for o in people for p in o.in_shift(shift) if same_place(p.place, place)}


def _counted(*, hall: bool) -> Any:
    words, few = _("Ticked: {n}."), _("A hall needs at least {least}.")

    def said(count: int) -> str:
        enough = not hall or count >= LEAST_OFFICERS
        return words.format(n=count) + ("" if enough else " " + few.format(least=LEAST_OFFICERS))

    return said


def _place_title(shift: int | None, place: str) -> str:
    words = _("{place}, shift {shift}") if shift else _("{place}, every shift")
    return words.format(place=place, shift=shift)


def _person_words(officer: Officer) -> str:
    parts = [officer.full_name, officer.post]
    if not officer.file_received:
        parts.append(_("without a personal file"))
    if not officer.trained:
        parts.append(_("not trained"))
    return " · ".join(part for part in parts if part)


def _row(post: Post) -> Mapping[str, Any]:
    count = f"{len(post.officers)} / {LEAST_OFFICERS}" if post.hall else str(len(post.officers))
    return {
        "key": (post.shift, post.place), "shift": post.shift, "day": post.day, "place": post.place,
        "building": post.building, "students": post.students or None,
        "names": ", ".join(name for _row, name in post.officers), "count": count,
        "mark": Mark.LATE if post.missing else Mark.DONE, "post": post,
    }  # fmt: skip
