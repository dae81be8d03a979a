"""Drawing the plan of a hall: seats, empty places and aisles in a grid, and how the seats are numbered."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.domain.hall import Grid
from mab_desktop.i18n import N_, _
from mab_desktop.ui import theme
from mab_desktop.ui.hall_plan import HallPlan, Legend, Seat, SeatState
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import label

Cell = tuple[int, int]


class Numbering(StrEnum):
    """How seats are numbered from the board."""

    LEFT = "left"
    RIGHT = "right"
    SNAKE = "snake"


NUMBERINGS = {
    Numbering.LEFT: N_("Rows from the left"),
    Numbering.RIGHT: N_("Rows from the right"),
    Numbering.SNAKE: N_("Snake: there and back"),
}
SEAT, EMPTY, AISLE = 1, 0, None


def numbered(grid: Grid, how: Numbering) -> Grid:
    """The same places with seats numbered 1, 2, 3 … from the board."""
    count, rows = 0, []
    for number, row in enumerate(grid):
        backwards = how is Numbering.RIGHT or (how is Numbering.SNAKE and number % 2 == 1)
        line: list[int | None] = list(row)
        for place in reversed(range(len(row))) if backwards else range(len(row)):
            if line[place]:
                count += 1
                line[place] = count
        rows.append(tuple(line))
    return tuple(rows)


def put(grid: Grid, cells: Iterable[Cell], what: int | None, how: Numbering) -> Grid:
    """Make the cells seats, empty places or aisle, and number anew."""
    chosen = set(cells)
    changed = tuple(
        tuple(what if (r, c) in chosen else place for c, place in enumerate(row)) for r, row in enumerate(grid)
    )
    return numbered(changed, how)


def resized(grid: Grid, rows: int, places: int, how: Numbering) -> Grid:
    """The plan with another number of rows and places; new ones are seats."""
    old = {(r, c): place for r, row in enumerate(grid) for c, place in enumerate(row)}
    return numbered(tuple(tuple(old.get((r, c), SEAT) for c in range(places)) for r in range(rows)), how)


def seats_in(grid: Grid) -> int:
    """How many seats a plan shows."""
    return sum(1 for row in grid for place in row if place)


def shown_seats(grid: Grid) -> list[Seat]:
    """A plan as the kit draws it."""
    found = []
    for r, row in enumerate(grid):
        for c, place in enumerate(row):
            if place:
                found.append(Seat(r, c, str(place), SeatState.FREE))
            elif place is not None:
                found.append(Seat(r, c, "", SeatState.CLOSED))
    return found


class PlanDrawing(QWidget):
    """The plan under the hand: choose cells by mouse or Shift with arrows, then press what they are to be."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid = ()
        self.plan = HallPlan(several=True)
        self.plan.setAccessibleName(_("Plan of the hall"))
        self.numbering = QComboBox()
        self.numbering.setAccessibleName(_("Numbering"))
        for how, words in NUMBERINGS.items():
            self.numbering.addItem(_(words), how)
        self.numbering.activated.connect(lambda _n: self._take(numbered(self.grid, self.how())))
        self.count = label("", "section")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.addWidget(self.count, 1)
        head.addWidget(self.numbering)
        column.addLayout(head)
        column.addWidget(self.plan, 1)
        column.addWidget(label(_("Choose places with the mouse or with Shift and the arrows."), "small", wrap=True))
        column.addLayout(self._buttons())
        column.addWidget(Legend((SeatState.FREE, SeatState.CLOSED)))

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.buttons = [
            ActionButton(Action(N_("Seat"), lambda: self._put(SEAT), "seat", "Alt+S")),
            ActionButton(Action(N_("No seat here"), lambda: self._put(EMPTY), "blocked", "Alt+N")),
            ActionButton(Action(N_("Aisle"), lambda: self._put(AISLE), "columns", "Alt+A")),
        ]
        for button in self.buttons:
            button.setShortcut(button.action.shortcut)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def how(self) -> Numbering:
        """The numbering chosen."""
        return Numbering(self.numbering.currentData())

    def show_grid(self, grid: Grid) -> None:
        """Show a plan."""
        self.grid = grid
        self.plan.show_plan(len(grid), len(grid[0]) if grid else 0, shown_seats(grid), _("Board"))
        self.count.setText(_("{n} seats on the plan").format(n=seats_in(grid)))
        for button in self.buttons:
            button.setEnabled(bool(grid))

    def _put(self, what: int | None) -> None:
        self._take(put(self.grid, self.plan.chosen(), what, self.how()))

    def _take(self, grid: Grid) -> None:
        self.show_grid(grid)
        self.changed.emit()
