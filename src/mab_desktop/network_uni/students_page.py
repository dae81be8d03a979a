"""The list of students: search, details with history, photographs, deleting with undo (p.18, p.21)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import duplicates, student_corrections, students
from mab_desktop.services.students import StudentRow
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import FilterChip, Rows
from mab_desktop.ui.states import Mark

PHOTOS, FIRST = 2, 60


class StudentsPage(ListPage):
    """All records that the person may see; an operator sees his own."""

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names: dict[str, Mapping[str, str]] = {}
        self._take_back: Callable[[], None] | None = None
        self._corrected: frozenset[str] = frozenset()
        self._deleted = False

    def settle(self, spec: PageSpec) -> None:
        """Deleted records are another list: the chip reads it."""
        super().settle(spec)
        self.chip_buttons["deleted"].toggled.connect(self._switch)

    def _switch(self, deleted: bool) -> None:
        self._deleted = deleted
        self.refresh()

    def table(self) -> Rows:
        """The records, by name."""
        return Rows(records.columns(self.names), self._load, "id", _mark)

    def first_rows(self) -> tuple[Sequence[StudentRow], int]:
        """As many as a screen holds."""
        self._know_names()
        return students.first_rows(self.app.ctx, FIRST)

    def _know_names(self) -> None:
        if not self.names:
            self.names.update(records.names_of_codes(self.app.ctx))

    def _load(self) -> Sequence[StudentRow]:
        self._know_names()
        self._corrected = student_corrections.corrected_by_others(self.app.ctx)
        return students.all_rows(self.app.ctx, deleted=self._deleted)

    def chips(self) -> Sequence[FilterChip]:
        """Partly filled, without photographs, mine or changed by somebody else, deleted."""
        me = self.app.ctx.actor.login
        operator = self.app.ctx.actor.role == PersonRole.OPERATOR
        others = FilterChip("corrected", N_("Changed by the programmer"), lambda row: row.id in self._corrected)
        return (
            FilterChip("partial", N_("Partly filled"), lambda row: row.partial),
            FilterChip("photos", N_("Without photographs"), lambda row: row.photos < PHOTOS),
            others if operator else FilterChip("mine", N_("Typed by me"), lambda row: row.created_by == me),
            FilterChip("deleted", N_("Deleted"), lambda row: row.deleted_at is not None),
        )

    def page_actions(self) -> Sequence[Action]:
        """New."""
        return (Action(N_("New record"), self.new, "add", primary=True),)

    def row_actions(self) -> Sequence[Action]:
        """What can be done with the chosen rows."""
        return (
            Action(N_("Correct"), self.edit, "edit", obstacle=self._is_deleted),
            Action(N_("Both photographs received"), lambda: self._photos(PHOTOS), "check", obstacle=self._is_deleted),
            Action(N_("No photograph"), lambda: self._photos(0), "cancel", obstacle=self._is_deleted),
            Action(N_("Bring back"), self.bring_back, "undo", obstacle=self._is_standing),
            Action(N_("Delete"), self.delete, "delete", obstacle=self._is_deleted, dangerous=True),
        )

    def details(self, row: StudentRow) -> Sequence[Facts]:
        """The record that stays instead of a double, the record itself, then what was changed in it and why."""
        facts = [*records.record_facts(self.names, row)]
        with self.app.guarded():
            kept = duplicates.kept_instead(self.app.ctx, row.id) if row.deleted_at else None
            if kept is not None:
                words = f"{kept.name}, {kept.to_code or '—'} ({records.person(self.names, kept.created_by)})"
                facts.insert(0, Facts(_("The same person"), ((_("Record that stays"), words),)))
            told = records.history_facts(self.app.ctx, self.names, row.id)
            facts.insert(0 if row.id in self._corrected else len(facts), told)
        return facts

    def empty_words(self) -> tuple[str, str]:
        """Nothing is typed yet."""
        if self._deleted:
            return _("No record was deleted"), ""
        if self.app.ctx.actor.role == PersonRole.OPERATOR:  # nobody's records come to an operator
            return _("No record is typed yet"), _("Press “New record” (Ctrl+N).")
        return (
            _("No record is typed yet"),
            _("Press “New record” (Ctrl+N), or take the operators' records from a drive."),
        )

    def activate(self, row: Any) -> None:
        """Enter, F2: correct it."""
        if row.deleted_at is None:
            self.app.open_page("entry", student=row.id)

    def _is_deleted(self) -> str:
        row = self.current()
        return _("This record is deleted. Bring it back first.") if row is not None and row.deleted_at else ""

    def _is_standing(self) -> str:
        row = self.current()
        return _("This record is not deleted.") if row is not None and not row.deleted_at else ""

    def new(self) -> None:
        """Ctrl+N."""
        self.app.open_page("entry")
        page = self.app.shell.page()
        if page is not None:
            page.new()

    def _photos(self, photos: int) -> None:
        rows = [row for row in self.chosen() if row.photos != photos]
        if not rows:
            return
        before = [(number, [row.id for row in rows if row.photos == number]) for number in range(PHOTOS + 1)]
        with self.app.guarded():
            students.set_photos(self.app.ctx, [row.id for row in rows], photos)
            self._take_back = lambda: self._photos_back([part for part in before if part[1]])
            self.app.inform(_("Photographs marked: {n}").format(n=shown_number(len(rows))),
                            next_step=_("Ctrl+Z takes it back."))  # fmt: skip

    def _photos_back(self, before: Sequence[tuple[int, list[str]]]) -> None:
        with self.app.guarded():
            for photos, ids in before:
                students.set_photos(self.app.ctx, ids, photos)

    def delete(self) -> None:
        """Delete the chosen records, with a reason; Ctrl+Z brings them back."""
        rows = self.chosen()
        if not rows:
            return
        may = False
        with self.app.guarded():  # before a reason is typed for nothing
            students.refuse_unchangeable(self.app.ctx, [row.id for row in rows])
            may = True
        if not may:
            return
        one, many = _("Delete the record of {name}?"), _("Delete {n} records?")
        asked = (one if len(rows) == 1 else many).format(name=rows[0].name, n=shown_number(len(rows)))
        words = _("It stays in the database and can be brought back. Why is it deleted?")
        reason = ask_for_reason(self, asked, words, _("Delete"))
        if not reason:
            return
        with self.app.guarded():
            students.delete(self.app.ctx, [row.id for row in rows], reason)
            ids = [row.id for row in rows]
            self._take_back = lambda: self._restore(ids, _("Taken back"))
            names = rows[0].name if len(rows) == 1 else _("{n} records").format(n=shown_number(len(rows)))
            self.app.inform(_("Deleted: {names}.").format(names=names), next_step=_("Ctrl+Z brings it back."))

    def undo(self) -> None:
        """Ctrl+Z: take back the deletion or the mark that was made last."""
        if self._take_back is not None:
            act, self._take_back = self._take_back, None
            act()

    def bring_back(self) -> None:
        """Bring back the chosen records, with a reason."""
        rows = [row for row in self.chosen() if row.deleted_at]
        if not rows:
            return
        one, many = _("Bring the record of {name} back?"), _("Bring {n} records back?")
        asked = (one if len(rows) == 1 else many).format(name=rows[0].name, n=shown_number(len(rows)))
        if reason := ask_for_reason(self, asked, _("Why is it brought back?"), _("Bring back")):
            self._restore([row.id for row in rows], reason)

    def _restore(self, ids: list[str], reason: str) -> None:
        with self.app.guarded():
            students.restore(self.app.ctx, ids, reason)
            self.app.inform(_("Brought back: {n}").format(n=shown_number(len(ids))))

    def help_words(self) -> str:
        """F1."""
        return _(
            "Every student record of the university. Search by name, TO code or document; the details show every "
            "change with its person and time. Two photographs are taken from each student (p.21)."
        )


def _mark(row: StudentRow) -> Mark:
    if row.deleted_at:
        return Mark.BLOCKED
    return Mark.DUE if row.partial else Mark.NONE
