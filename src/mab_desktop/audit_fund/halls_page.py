"""Halls of the auditorium fund (p.4, p.17, p.24): list, form, drawn plan, copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.audit_fund.plan_drawing import PlanDrawing, resized, seats_in, shown_seats
from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.hall import HALL, Grid, default_grid
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import halls
from mab_desktop.services.halls import HallRow
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.hall_plan import HallPlan
from mab_desktop.ui.messages import ask_for_words, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_MOST_PLACES = 60


class HallsPage(EntryPage):
    """List and form of the halls; the plan is drawn beside the form."""

    record = HALL
    new_word = N_("New hall")

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.building = ""

    def table(self) -> TableSource:
        """The halls by number; a mark on those with a warning."""
        columns = (
            Column("number", N_("Hall"), 5, kind="code"),
            Column("building", N_("Building"), 6, kind="code"),
            Column("floor", N_("Floor"), 5, kind="number"),
            Column("kind", N_("Kind of hall"), 14),
            Column("rows", N_("Rows"), 5, kind="number"),
            Column("places_in_row", N_("Places in a row"), 6, kind="number", shown=False),
            Column("seats", N_("Seats"), 6, kind="number"),
            Column("distance", N_("Distance between seats, cm"), 8, kind="number", shown=False),
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
            (_("Seats planned"), str(row.seats)),
            (_("Distance between seats, cm"), str(row.distance) if row.distance is not None else ""),
            (_("Board"), _yes(row.board)), (_("Camera"), _yes(row.camera)), (_("Remark"), row.remark or ""),
        )  # fmt: skip
        column.addWidget(label(_("Hall {number}").format(number=row.number), "section"))
        for warning in row.warnings:
            column.addWidget(label("! " + warning.message(active()), "carried", wrap=True))
        plan = HallPlan()
        plan.show_plan(len(row.grid), len(row.grid[0]), shown_seats(row.grid), _("Board"))
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
        number = ask_for_words(
            self, _("Copy hall {number}").format(number=row.number),
            _("The new hall gets the same building, rows, seats and plan. Change it afterwards where it differs."),
            _("Copy the hall"), label=_("Number of the new hall"),
        )  # fmt: skip
        if not number:
            return
        with self.app.guarded():
            halls.copy_hall(self.app.ctx, row.number, number)
            self.refresh()
            self.go_to(number.zfill(3))

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

    # --- the form and the plan -------------------------------------------------------------------------------------

    def lists(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The form needs none: building and hall are numbers."""
        return {}

    def beside(self) -> QWidget:
        """The plan, drawn anew as rows and places are typed."""
        self.drawing = PlanDrawing()
        self.drawing.changed.connect(self._plan_drawn)
        self._drawn_by_hand = False
        return self.drawing

    def open_form(self, row: Any | None, values: Mapping[str, Any] | None = None) -> None:
        """Show the hall's own plan, or begin with an empty one."""
        self._drawn_by_hand = row is not None
        self.drawing.show_grid(row.grid if row is not None else ())
        super().open_form(row, values)

    def shown_in_form(self, values: Mapping[str, Any]) -> None:
        """Follow what is typed: rows and places make the plan, seats fill it from the board."""
        rows, places, seats = values.get("rows"), values.get("places_in_row"), values.get("seats")
        if not rows or not places or not 0 < rows <= _MOST_PLACES or not 0 < places <= _MOST_PLACES:
            if not self._drawn_by_hand:
                self.drawing.show_grid(())
            return
        grid = self.drawing.grid
        same_size = bool(grid) and (len(grid), len(grid[0])) == (rows, places)
        if self._drawn_by_hand and same_size and (not seats or seats == seats_in(grid)):
            return
        if self._drawn_by_hand and not same_size and grid:
            self.drawing.show_grid(resized(grid, rows, places, self.drawing.how()))
            return
        self._drawn_by_hand = False
        self.drawing.show_grid(default_grid(rows, places, min(seats or rows * places, rows * places)))

    def _plan_drawn(self) -> None:
        """The plan was drawn by hand: the number of seats follows it."""
        self._drawn_by_hand = True
        self.form.editor("seats").set_value(seats_in(self.drawing.grid))
        self.form.changed.emit(self.form.values())

    def store(self, values: Mapping[str, Any], row: HallRow | None) -> None:
        """Save the form with the drawn plan; warnings are told, not refused."""
        grid: Grid | None = self.drawing.grid or None
        if grid and seats_in(grid) != values["seats"]:
            raise Refused([
                Problem("seats", N_("The plan shows {n} seats, the hall has {seats}."),
                        (("n", seats_in(grid)), ("seats", values["seats"])))
            ])  # fmt: skip
        warnings = halls.save_hall(self.app.ctx, values, number=row.number if row else "", grid=grid)
        if warnings:
            words = " ".join(warning.message(active()) for warning in warnings)
            self.app.inform(_("The hall is saved."), next_step=words, kind="warning")
        self._drawn_by_hand = False

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


def _yes(value: bool | None) -> str:
    return "" if value is None else _("Yes") if value else _("No")
