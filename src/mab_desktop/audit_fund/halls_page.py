"""Halls of the auditorium fund (p.4, p.17, p.24): list, form, drawn plan, copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QSplitter, QVBoxLayout, QWidget

from mab_desktop.audit_fund.hall_copy import ask_for_copy
from mab_desktop.audit_fund.plan_canvas import PlanCanvas
from mab_desktop.audit_fund.plan_drawing import PlanDrawing
from mab_desktop.domain.building_plan import HIGHEST, LOWEST
from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.domain.hall import HALL, NEAREST, default_grid
from mab_desktop.domain.hall_plan import HallPlan, sized
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import fund_undo, halls
from mab_desktop.services.halls import BuildingRow, HallRow
from mab_desktop.ui import theme
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_MOST_PLACES = 60
_CHOSEN = {
    "building": replace(HALL["building"], choices="building"),
    "floor": Field("floor", HALL["floor"].label, Kind.CODE, required=True, max_length=3, choices="floor"),
}
# In the form building and floor are chosen from lists; the record keeps the numbers.
HALL_FORM = RecordSpec("hall", HALL.label, tuple(_CHOSEN.get(f.name, f) for f in HALL.fields), HALL.checks)
KINDS = (
    N_("Lecture hall"), N_("Classroom"), N_("Assembly hall"), N_("Sports hall"), N_("Reading room"),
    N_("Laboratory"), N_("Computer room"), N_("Canteen"),
)  # fmt: skip


class HallsPage(EntryPage):
    """List and form of the halls; the plan is drawn beside the form."""

    record = HALL_FORM
    new_word = N_("New hall")

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.building = ""
        self._nearest = NEAREST
        self._by_hand = False
        self._base = _NO_PLAN  # the plan drawn by hand that rows and places typed are counted from
        self._buildings: list[BuildingRow] = []

    def table(self) -> TableSource:
        """The halls by number; a mark on those with a warning."""
        columns = (
            Column("number", N_("Hall"), 5, kind="code"),
            Column("building", N_("Building"), 6, kind="code"),
            Column("floor", N_("Floor"), 5, kind="number"),
            Column("kind", N_("Kind of hall"), 14),
            Column("rows", N_("Rows"), 5, kind="number"),
            Column("places_in_row", N_("Places in a row"), 6, kind="number", shown=False),
            Column("aisles", N_("Aisles"), 5, kind="number", shown=False),
            Column("seats", N_("Seats"), 6, kind="number"),
            Column("reserve", N_("Reserve"), 6, kind="number", shown=False),
            Column("distance", N_("Distance between seats, cm"), 8, kind="number", shown=False),
            Column("row_distance", N_("Distance between rows, cm"), 8, kind="number", shown=False),
            Column("board", N_("Board"), 6, kind="flag", shown=False),
            Column("camera", N_("Camera"), 6, kind="flag"),
            Column("remark", N_("Remark"), 16),
        )
        return Rows(columns, load=lambda: halls.halls(self.app.ctx), key_of="number", mark_of=_mark)

    def chips(self) -> Sequence[FilterChip]:
        """Warnings, and the building that one came from."""
        return (
            FilterChip("warnings", N_("With a warning"), lambda row: bool(row.warnings)),
            FilterChip("building", N_("Of the chosen building"),
                       lambda row: not self.building or row.building == self.building),
        )  # fmt: skip

    def settle(self, spec: PageSpec) -> None:
        """Without a building chosen its filter means nothing."""
        super().settle(spec)
        self.chip_buttons["building"].hide()
        halves = self.modes.widget(1).findChild(QSplitter)
        assert halves is not None
        self._halves = halves
        halves.setSizes([theme.px(480), theme.px(600)])
        kinds = QCompleter([_(kind) for kind in KINDS], self)
        kinds.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        kinds.setFilterMode(Qt.MatchFlag.MatchContains)
        self.form.editor("kind").setCompleter(kinds)

    def opened(self, **where: Any) -> None:
        """`building` shows its halls only."""
        if "building" in where:
            self.building = where["building"]
            self.chip_buttons["building"].show()
            for on in (False, True):  # the filter is asked again for another building too
                self.chip_buttons["building"].setChecked(on)
        super().opened(**where)

    def details(self, row: HallRow) -> QWidget:
        """The hall, its warnings and its plan."""
        card = QWidget()
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        lines = (
            (_("Building number"), row.building), (_("Floor"), str(row.floor)), (_("Kind of hall"), row.kind),
            (_("Rows"), str(row.rows)), (_("Places in a row"), str(row.places_in_row)), (_("Aisles"), str(row.aisles)),
            (_("Seats planned"), str(row.seats)), (_("Reserve"), str(row.reserve)),
            (_("Distance between seats, cm"), _number(row.distance)),
            (_("Distance between rows, cm"), _number(row.row_distance)),
            (_("Board"), _yes(row.board)), (_("Camera"), _yes(row.camera)), (_("Remark"), row.remark or ""),
        )  # fmt: skip
        column.addWidget(label(_("Hall {number}").format(number=row.number), "section"))
        for warning in row.warnings:
            column.addWidget(label("! " + warning.message(active()), "carried", wrap=True))
        plan = PlanCanvas(read_only=True)
        plan.set_distances(row.distance, row.row_distance, self._nearest)
        plan.show_plan(row.plan)
        plan.setMinimumHeight(min(plan.sizeHint().height(), theme.px(320)))
        column.addWidget(plan)
        column.addWidget(facts_block(Facts("", lines)))
        column.addStretch(1)
        return scrolled(card)

    def row_actions(self) -> Sequence[Action]:
        """What can be done with the hall under the cursor."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Copy the hall"), self.copy, "copy"),
            Action(N_("Delete the hall"), self.remove, "delete", dangerous=True),
        )

    def shut(self) -> str:
        """A hall stands in a building."""
        return "" if halls.buildings(self.app.ctx) else _("Enter the building first.")

    def copy(self) -> None:
        """Enter a hall like the one under the cursor, with a number of its own."""
        row = self.current()
        if row is None:
            return
        asked = ask_for_copy(self, row.number, row.building, row.floor, halls.buildings(self.app.ctx))
        if asked is None:
            return
        numbers, building, floor = asked
        with self.app.guarded():
            made = halls.copy_halls(self.app.ctx, row.number, numbers, building, floor)
            self.refresh()
            self.go_to(made[0])

    def remove(self) -> None:
        """Delete the hall under the cursor."""
        row = self.current()
        if row is None or not ask_to_confirm(
            self, _("Delete hall {number}?").format(number=row.number),
            _("Its {n} seats and its plan go with it.").format(n=row.seats), _("Delete the hall"), row.number,
        ):  # fmt: skip
            return
        with self.app.guarded():
            halls.delete_hall(self.app.ctx, row.number)
            self.refresh()
            self.app.inform(_("Hall {number} is deleted.").format(number=row.number), verb=_("Undo"), act=self.undo)

    def undo(self) -> None:
        """Ctrl+Z: bring the hall back that was deleted last."""
        if self.in_form():
            return
        with self.app.guarded():
            number = fund_undo.bring_back(self.app.ctx, fund_undo.HALL)
            self.refresh()
            self.go_to(number)

    # --- the form and the plan -------------------------------------------------------------------------------------

    def lists(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The buildings, and the floors of the one in the form."""
        self._buildings = halls.buildings(self.app.ctx)
        code = self.form.values()["building"] if hasattr(self, "form") else None
        return {"building": [(b.code, b.name) for b in self._buildings], "floor": floors_of(self._buildings, code)}

    def values_of(self, row: HallRow) -> Mapping[str, Any]:
        """The floor is a code of the form's list."""
        return row.values() | {"floor": str(row.floor)}

    def beside(self) -> QWidget:
        """The plan, drawn anew as rows and places are typed."""
        self.drawing = PlanDrawing(self._others)
        self.drawing.changed.connect(self._plan_drawn)
        self.drawing.alone.connect(lambda on: self._halves.widget(0).setVisible(not on))
        return self.drawing

    def _others(self) -> list[tuple[str, HallPlan]]:
        own = self._editing.number if self._editing is not None else ""
        return [(row.number, row.plan) for row in halls.halls(self.app.ctx) if row.number != own]

    def open_form(self, row: Any | None, values: Mapping[str, Any] | None = None) -> None:
        """Show the hall's own plan, or begin with an empty one."""
        self._nearest = halls.limits_of(self.app.ctx)[1]
        self._base = row.plan if row is not None else _NO_PLAN
        self._by_hand = row is not None and row.plan.grid != default_grid(row.rows, row.places_in_row, row.seats)
        self.drawing.show_plan(self._base)
        self._building_shown = None
        super().open_form(row, values)

    def shown_in_form(self, values: Mapping[str, Any]) -> None:
        """Follow what is typed: rows and places make the plan, seats fill it from the board."""
        if values.get("building") != self._building_shown:
            self._building_shown = values.get("building")
            self.form.set_lists(self.lists())
        distance, row_distance = (
            value if isinstance(value := values.get(name), int) else None for name in ("distance", "row_distance")
        )
        self.drawing.set_distances(distance, row_distance, self._nearest)
        rows, places, seats = (_size(values.get("rows")), _size(values.get("places_in_row")), values.get("seats"))
        if not rows or not places:
            if not self._by_hand:
                self.drawing.show_plan(_NO_PLAN)
            return
        if self._by_hand:
            self._resize(rows, places)
            return
        count = min(seats, rows * places) if isinstance(seats, int) and seats > 0 else rows * places
        self._base = HallPlan(default_grid(rows, places, count))
        if self.drawing.plan != self._base:
            self.drawing.show_plan(self._base)

    def _resize(self, rows: int, places: int) -> None:
        """Other numbers were typed over a plan drawn by hand: lines come or go at its end."""
        size, plan = self._base.size(), self._base
        wanted = (plan.rows + rows - size[0], plan.columns + places - size[1])
        if min(wanted) < 1 or self.drawing.plan.size() == (rows, places):
            return
        self.drawing.canvas.blockSignals(True)
        canvas = self.drawing.canvas
        canvas.take(sized(plan, *wanted, canvas.how))
        canvas.blockSignals(False)
        self.form.editor("seats").set_value(canvas.plan.seats)
        self.drawing.renew()

    def _plan_drawn(self) -> None:
        """The plan was drawn by hand: rows, places and seats in the form follow it."""
        self._by_hand, self._base = True, self.drawing.plan
        rows, places = self._base.size()
        for name, value in (("rows", rows), ("places_in_row", places), ("seats", self._base.seats)):
            self.form.editor(name).set_value(value)
        self.form.changed.emit(self.form.values())
        self.form._dirty = True

    def store(self, values: Mapping[str, Any], row: HallRow | None) -> None:
        """Save the form with the drawn plan; warnings are told, not refused."""
        plan = self.drawing.plan if self.drawing.plan.rows else None
        if plan and plan.seats != values["seats"]:
            raise Refused([
                Problem("seats", N_("The plan shows {n} seats, the hall has {seats}."),
                        (("n", plan.seats), ("seats", values["seats"])))
            ])  # fmt: skip
        kept = {**values, "floor": int(values["floor"])}
        warnings = halls.save_hall(self.app.ctx, kept, number=row.number if row else "", plan=plan)
        if warnings:
            words = " ".join(warning.message(active()) for warning in warnings)
            self.app.inform(_("The hall is saved."), next_step=words, kind="warning")
        self._by_hand = False

    def unsaved(self) -> Any:
        """The drawing goes along when the page is made anew."""
        return (super().unsaved(), self.drawing.plan, self._by_hand) if self.in_form() else None

    def take_back(self, unsaved: Any) -> None:
        """Show form and drawing again."""
        form, plan, by_hand = unsaved
        super().take_back(form)
        self._by_hand, self._base = by_hand, plan
        self.drawing.show_plan(plan)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        if self.shut():
            return _("No building is entered."), self.shut()
        return _("No hall is entered."), _("Press Ctrl+N and enter the first hall.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "A hall's number is used once in the whole fund: the answer sheet has three cells for the hall and none "
            "for the building. Seats are numbered in each hall (p.24); the plan goes to the testing centre with the "
            "fund (p.4)."
        )


def _mark(row: HallRow) -> Mark:
    return Mark.DUE if row.warnings else Mark.NONE


def floors_of(buildings: Sequence[BuildingRow], code: str | None) -> list[tuple[str, str]]:
    """The floors of a building as a list to choose from; every possible one where none is drawn."""
    found = next((b for b in buildings if b.code == code), None)
    if found is not None and found.plan.floors:
        return [(str(f.number), f.name or _("floor {n}").format(n=f.number)) for f in found.plan.floors]
    return [(str(n), _("floor {n}").format(n=n)) for n in (*range(1, HIGHEST + 1), *range(LOWEST, 1))]


def _size(value: Any) -> int:
    """So many rows or places; 0 when nothing can be drawn of it."""
    return value if isinstance(value, int) and 0 < value <= _MOST_PLACES else 0


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


_NO_PLAN = HallPlan(())


def _yes(value: bool | None) -> str:
    return "" if value is None else _("Yes") if value else _("No")
