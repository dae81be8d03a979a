"""Drawing the plan of a hall: tools at the left, the numbering above, the plan under the hand, what is wrong below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.audit_fund.plan_canvas import KEYS, PLACES, PlanCanvas, paint_place
from mab_desktop.audit_fund.plan_questions import ask_for_pattern, ask_for_seat
from mab_desktop.domain.hall import NEAREST
from mab_desktop.domain.hall_plan import (
    NUMBERINGS,
    Axis,
    Corner,
    HallPlan,
    Numbering,
    Place,
    generated,
    plan_problems,
)
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui import icons, theme
from mab_desktop.ui.panels import label

CORNERS = {
    Corner.FRONT_LEFT: N_("From the board, left"),
    Corner.FRONT_RIGHT: N_("From the board, right"),
    Corner.BACK_LEFT: N_("From the back, left"),
    Corner.BACK_RIGHT: N_("From the back, right"),
}
_TOOLS = (None, *PLACES)
Others = Callable[[], Sequence[tuple[str, HallPlan]]]
Entry = tuple[str, str, Callable[[], object]] | None  # message id, key, what it does; None for a line between two


class PlanDrawing(QWidget):
    """The drawing tool; `others` gives the halls whose plan can be copied, by number."""

    changed = Signal()
    alone = Signal(bool)

    def __init__(self, others: Others = tuple) -> None:
        super().__init__()
        self._others = others
        self.canvas = PlanCanvas()
        self.canvas.edited.connect(self._edited)
        self.canvas.pointed.connect(self._tell_cell)
        self.canvas.renumber.connect(self._renumber)
        self.canvas.tool_chosen.connect(lambda place: self.choose_tool(Place(place)))
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setWidget(self.canvas)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.count, self.cell = label("", "section"), label("", "small")
        self.problems = label("", "carried", wrap=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(6))
        whole.addLayout(self._head())
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(8))
        middle.addWidget(self._strip())
        middle.addWidget(self.area, 1)
        whole.addLayout(middle, 1)
        whole.addWidget(self.cell)
        whole.addWidget(self.problems)
        self.choose_tool(Place.SEAT)
        self.renew()

    # --- building ----------------------------------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.by_hand = label(_("Numbered by hand"), "carried")
        self.alone_button = QPushButton(icons.icon("zoom_fit"), _("Plan alone"))
        self.alone_button.setProperty("kind", "segment")
        self.alone_button.setCheckable(True)
        self.alone_button.toggled.connect(self.alone)
        row.addWidget(self.count)
        row.addWidget(self.by_hand)
        row.addStretch(1)
        row.addWidget(self.alone_button)
        return row

    def _strip(self) -> QWidget:
        strip = QWidget()
        column = QVBoxLayout(strip)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        self.tools, self._group = dict[Place | None, QPushButton](), QButtonGroup(self)
        for place in _TOOLS:
            button = self._tool(place)
            self.tools[place] = button
            self._group.addButton(button)
            column.addWidget(button)
        column.addSpacing(theme.px(4))
        column.addWidget(label(_("Numbering"), "small"))
        for combo in self._numbering():
            column.addWidget(combo)
        column.addSpacing(theme.px(4))
        column.addLayout(self._row(
            ("undo", N_("Undo"), "Ctrl+Z", self.canvas.undo), ("refresh", N_("Redo"), "Ctrl+Y", self.canvas.redo),
            ("zoom_out", N_("Smaller"), "Ctrl+-", lambda: self.canvas.zoom(-1)),
            ("zoom_fit", N_("All of it"), "Ctrl+0", lambda: self.canvas.zoom(0)),
            ("zoom_in", N_("Larger"), "Ctrl++", lambda: self.canvas.zoom(1)),
        ))  # fmt: skip
        column.addWidget(self._menu(N_("Rows, columns"), self._line_entries()))
        column.addWidget(self._menu(N_("Whole plan"), self._plan_entries()))
        column.addStretch(1)
        return strip

    def _numbering(self) -> tuple[QComboBox, ...]:
        self.corner, self.lines, self.way = QComboBox(), QComboBox(), QComboBox()
        for corner, words in CORNERS.items():
            self.corner.addItem(_(words), corner.value)
        for by_columns, words in ((False, N_("row by row")), (True, N_("column by column"))):
            self.lines.addItem(_(words), by_columns)
        for snake, words in ((False, N_("each from the start")), (True, N_("there and back"))):
            self.way.addItem(_(words), snake)
        combos = (self.corner, self.lines, self.way)
        for combo, words in zip(combos, (N_("Where number 1 sits"), N_("Along"), N_("Way")), strict=True):
            combo.setAccessibleName(_(words))
            combo.setToolTip(_(words))
            combo.activated.connect(lambda _n: self.canvas.number_anew(self.how()))
        return combos

    def _tool(self, place: Place | None) -> QPushButton:
        words = _(PLACES[place]) if place else _("Choose")
        button = QPushButton(_sample(place) if place else icons.icon("scan"), words)
        button.setCheckable(True)
        button.setProperty("kind", "tool")
        key = KEYS[place] if place else _("Shift")
        button.setToolTip(f"{words} ({key})")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.choose_tool(place))
        return button

    def _row(self, *parts: tuple[str, str, str, Callable[[], object]]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(2))
        for icon, words, key, act in parts:
            button = QPushButton(icons.icon(icon), "")
            button.setProperty("kind", "flat")
            button.setToolTip(f"{_(words)} ({key})")
            button.setAccessibleName(_(words))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _on, act=act: act())
            row.addWidget(button)
            if words in ("Undo", "Redo"):
                setattr(self, f"{words.lower()}_button", button)
        return row

    def _menu(self, words: str, entries: Sequence[Entry]) -> QPushButton:
        button, menu = QPushButton(_(words) + " ▾"), QMenu(self)
        button.setProperty("kind", "tool")
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            else:
                title, key, act = entry
                menu.addAction(_(title) + (f"\t{key}" if key else "")).triggered.connect(lambda _on, act=act: act())
        button.setMenu(menu)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button

    def _line_entries(self) -> Sequence[Entry]:
        canvas = self.canvas
        return (
            (N_("Row in front"), "Insert", lambda: canvas.add_line(Axis.ROW)),
            (N_("Row behind"), "", lambda: canvas.add_line(Axis.ROW, after=True)),
            (N_("Column at the left"), "Ctrl+Insert", lambda: canvas.add_line(Axis.COLUMN)),
            (N_("Column at the right"), "", lambda: canvas.add_line(Axis.COLUMN, after=True)),
            None,
            (N_("Take the chosen rows out"), "Ctrl+Delete", lambda: canvas.drop_lines(Axis.ROW)),
            (N_("Take the chosen columns out"), "Ctrl+Shift+Delete", lambda: canvas.drop_lines(Axis.COLUMN)),
        )

    def _plan_entries(self) -> Sequence[Entry]:
        canvas = self.canvas
        return (
            (N_("Draw by numbers …"), "", self.generate),
            (N_("Take the plan of another hall …"), "", self.copy_from),
            None,
            (N_("Mirror left and right"), "", lambda: canvas.mirror(Axis.COLUMN)),
            (N_("Mirror front and back"), "", lambda: canvas.mirror(Axis.ROW)),
            None,
            (N_("Choose everything"), "Ctrl+A", canvas.choose_all),
            (N_("Give the seat a number …"), "Enter", self._renumber),
        )

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def plan(self) -> HallPlan:
        """The plan as it is drawn now."""
        return self.canvas.plan

    def how(self) -> Numbering:
        """The numbering chosen."""
        by_columns, snake = bool(self.lines.currentData()), bool(self.way.currentData())
        return Numbering(Corner(self.corner.currentData()), by_columns, snake)

    def show_plan(self, plan: HallPlan) -> None:
        """Show a hall's plan."""
        self.canvas.show_plan(plan)
        self.renew()

    def set_distances(self, distance: int | None, row_distance: int | None, limit: int = NEAREST) -> None:
        """The distances typed: seats too near are marked."""
        self.canvas.set_distances(distance, row_distance, limit)
        self._limit = limit
        self._tell_problems()

    def choose_tool(self, place: Place | None) -> None:
        """Paint with this; None chooses cells."""
        self.canvas.tool = place
        self.tools[place].setChecked(True)

    def _edited(self) -> None:
        self.renew()
        self.changed.emit()

    def renew(self) -> None:
        """Show what is around the plan: seats, numbering, what is wrong."""
        plan, how = self.plan, self.canvas.how
        reserve = plan.count(Place.RESERVED)
        words = _("Seats: {n}").format(n=plan.seats)
        self.count.setText(words + (" · " + _("reserve: {n}").format(n=reserve) if reserve else ""))
        self.by_hand.setVisible(how is None)
        shown = how or NUMBERINGS[0]
        values = (shown.corner.value, shown.by_columns, shown.snake)
        for combo, value in zip((self.corner, self.lines, self.way), values, strict=True):
            combo.setCurrentIndex(combo.findData(value))
        self.undo_button.setEnabled(self.canvas.can_undo)
        self.redo_button.setEnabled(self.canvas.can_redo)
        self._tell_problems()
        self._tell_cell()

    def _tell_problems(self) -> None:
        plan, near = self.plan, self.canvas.near
        words = [problem.message(active()) for problem in plan_problems(plan.grid, plan.seats)] if plan.seats else []
        if near:
            words.append(_("Seats nearer than {n} cm to another: {count}, the nearest {least} cm.").format(
                n=self._limit, count=len(near), least=min(near.values())))  # fmt: skip
        self.problems.setText("! " + " ".join(words) if words else "")
        self.problems.setVisible(bool(words))

    def _tell_cell(self) -> None:
        plan = self.plan
        self.cell.setText(self.canvas.words(self.canvas.cursor_at) if plan.rows else "")

    # --- questions ---------------------------------------------------------------------------------------------------

    def generate(self) -> None:
        """Draw a plan by a few numbers."""
        size = self.plan.size() if self.plan.rows else (0, 0)
        pattern = ask_for_pattern(self, *size)
        if pattern is not None:
            self.canvas.take(generated(pattern, self.how()), self.how())
            self.canvas.setFocus()

    def copy_from(self) -> None:
        """Take the plan of another hall."""
        halls = self._others()
        menu = QMenu(self)
        for number, plan in halls:
            words = _("Hall {number}").format(number=number) + " · " + _("Seats: {n}").format(n=plan.seats)
            menu.addAction(words).triggered.connect(lambda _on, plan=plan: self.take_plan(plan))
        if not halls:
            menu.addAction(_("There is no other hall yet.")).setEnabled(False)
        menu.popup(self.mapToGlobal(self.area.geometry().topLeft()))

    def take_plan(self, plan: HallPlan) -> None:
        """Put another plan in place of this one; one step for undo."""
        self.canvas.take(plan, self.canvas.how)

    def _renumber(self) -> None:
        row, column = self.canvas.cursor_at
        old = self.plan.grid[row][column] if self.plan.rows else None
        if old and (number := ask_for_seat(self, old, self.plan.seats)):
            self.canvas.swap(number)
            self.canvas.setFocus()

    _limit = NEAREST
    undo_button: QPushButton
    redo_button: QPushButton


def _sample(place: Place) -> QIcon:
    side = theme.px(18)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    box = QRect(2, 2, side - 5, side - 5)
    if place is Place.AISLE:
        painter.setPen(theme.qcolour("line_strong"))
        painter.drawLine(box.left(), box.top(), box.left(), box.bottom())
        painter.drawLine(box.right(), box.top(), box.right(), box.bottom())
    paint_place(painter, box, place)
    painter.end()
    return QIcon(picture)
