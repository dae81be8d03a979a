"""The plan of a hall under the hand: cells painted by mouse or keys with a tool, as in a pixel editor.

    canvas.edited        a plan other than before, by hand (undo and redo too)
    canvas.pointed       the cursor moved
    canvas.renumber      a seat was double-clicked or Enter pressed on it

Left paints with the tool, right makes an aisle, Shift with left or with arrows chooses; a letter fills what is chosen,
by the key's place on the keyboard, whatever the layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from mab_desktop.domain.hall_plan import (
    NUMBERINGS,
    Axis,
    Cell,
    HallPlan,
    Numbering,
    Place,
    mirrored,
    numbered,
    numbering_of,
    painted,
    swapped,
    too_near,
    with_line,
    without_lines,
)
from mab_desktop.i18n import N_, _
from mab_desktop.ui import theme

PLACES = {
    Place.SEAT: N_("Seat"),
    Place.EMPTY: N_("No seat here"),
    Place.AISLE: N_("Aisle"),
    Place.PILLAR: N_("Pillar"),
    Place.RESERVED: N_("Reserve"),
    Place.DOOR: N_("Door"),
    Place.TABLE: N_("Duty officer's table"),
}
KEYS = {
    Place.SEAT: "S", Place.EMPTY: "N", Place.AISLE: "A", Place.PILLAR: "P", Place.RESERVED: "R", Place.DOOR: "D",
    Place.TABLE: "T",
}  # fmt: skip
_CYRILLIC = dict(zip("SNAPRDT", "ЫТФЗКВЕ", strict=True))  # the letters on the same keys
_OF_KEY = {letter: place for place, key in KEYS.items() for letter in (key, _CYRILLIC[key])}
_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_LARGEST, _SMALLEST, _TINIEST = 56, 8, 3  # the last where a plan is only looked at: beside a list it never scrolls
_READABLE = 13  # pixels of a cell from which on a number can be read
_GUTTER, _BOARD = 26, 30
Step = tuple[HallPlan, Numbering | None]
"""A plan and how it is numbered: what undo goes back to."""


def paint_place(painter: QPainter, box: QRect, place: Place) -> None:
    """One cell; every kind has a shape of its own, so that a grey print tells them apart."""
    if place is Place.SEAT:
        _paint_boxes(painter, [box], "line_strong", "surface", 1)
    elif place is not Place.AISLE:
        _paint_other(painter, box, place)


def _paint_other(painter: QPainter, box: QRect, place: Place) -> None:
    strong = theme.qcolour("blocked")
    if place is Place.EMPTY:
        painter.setPen(QPen(theme.qcolour("line_strong"), 1, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
    elif place is Place.PILLAR:
        painter.setBrush(strong)
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    elif place is Place.RESERVED:
        painter.setPen(QPen(theme.qcolour("due"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(theme.qcolour("due_soft"))
        painter.drawRect(box)
        painter.drawLine(box.bottomLeft(), box.topRight())
    elif place is Place.DOOR:
        painter.setPen(QPen(strong, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(box.bottomLeft(), box.topLeft())
        painter.drawArc(QRect(box.left() - box.width(), box.top(), 2 * box.width(), 2 * box.height()), 0, 90 * 16)
        painter.drawLine(box.bottomLeft(), box.bottomRight())
    else:
        painter.setPen(QPen(strong, 1))
        painter.setBrush(theme.qcolour("blocked_soft"))
        middle = box.height() // 4
        painter.drawRect(box.adjusted(0, middle, 0, -middle))


class PlanCanvas(QWidget):
    """See the module; `read_only` shows a plan without letting draw."""

    edited = Signal()
    pointed = Signal()
    renumber = Signal()
    tool_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, read_only: bool = False) -> None:
        super().__init__(parent)
        self.read_only = read_only
        self.plan = HallPlan(())
        self.how: Numbering | None = NUMBERINGS[0]
        self.tool: Place | None = Place.SEAT
        self.cursor_at: Cell = (0, 0)
        self.anchor: Cell = (0, 0)
        self.near: dict[Cell, int] = {}
        self._limits: tuple[int | None, int | None, int] = (None, None, 0)
        self._cell = 0  # 0: as large as there is room
        self._back: list[Step] = []
        self._forth: list[Step] = []
        self._stroke: tuple[HallPlan, set[Cell], Place] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Plan of the hall"))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_plan(self, plan: HallPlan) -> None:
        """Show a plan and forget what was done to another."""
        self._back, self._forth = [], []
        self.how = numbering_of(plan) if plan.seats else NUMBERINGS[0]
        self._put(plan)

    def set_distances(self, distance: int | None, row_distance: int | None, limit: int) -> None:
        """The cm from place to place and row to row, and the limit under which seats are marked."""
        self._limits = (distance, row_distance, limit)
        self.near = too_near(self.plan, *self._limits)
        self.update()

    def _put(self, plan: HallPlan) -> None:
        self.plan = plan
        self.near = too_near(plan, *self._limits)
        self.cursor_at, self.anchor = self._inside(self.cursor_at), self._inside(self.anchor)
        self._fit_widget()
        self.update()

    def _inside(self, cell: Cell) -> Cell:
        return min(max(cell[0], 0), max(0, self.plan.rows - 1)), min(max(cell[1], 0), max(0, self.plan.columns - 1))

    # --- changing ----------------------------------------------------------------------------------------------------

    def take(self, plan: HallPlan, how: Numbering | None | str = "same") -> None:
        """Another plan by hand: one step for undo."""
        if self.read_only:
            return
        new_how = self.how if isinstance(how, str) else how
        if (plan, new_how) == (self.plan, self.how):
            return
        self._back.append((self.plan, self.how))
        self._forth.clear()
        self.how = new_how
        self._put(plan)
        self.edited.emit()

    def fill(self, place: Place) -> None:
        """What is chosen becomes this."""
        if self.plan.rows:
            self.take(painted(self.plan, self.chosen(), place, self.how))

    def number_anew(self, how: Numbering | None) -> None:
        """Number all seats from a corner on."""
        self.take(numbered(self.plan, how), how)

    def swap(self, number: int) -> None:
        """The seat at the cursor gets this number; from now on seats are numbered by hand."""
        changed = swapped(self.plan, self.cursor_at, number)
        if changed != self.plan:
            self.take(changed, None)

    def add_line(self, axis: Axis, *, after: bool = False) -> None:
        """A row or column more before the cursor, or after it."""
        at = self.cursor_at[0 if axis is Axis.ROW else 1] + after
        self.take(with_line(self.plan, axis, at, self.how))

    def drop_lines(self, axis: Axis) -> None:
        """The rows or columns chosen go."""
        where = 0 if axis is Axis.ROW else 1
        first, last = sorted((self.anchor[where], self.cursor_at[where]))
        self.take(without_lines(self.plan, axis, first, last, self.how))

    def mirror(self, axis: Axis) -> None:
        """Exchange left and right, or front and back."""
        self.take(mirrored(self.plan, axis, self.how))

    def undo(self) -> None:
        """One step back."""
        self._step(self._back, self._forth)

    def redo(self) -> None:
        """One step forth."""
        self._step(self._forth, self._back)

    def _step(self, source: list[Step], kept: list[Step]) -> None:
        if source:
            kept.append((self.plan, self.how))
            plan, self.how = source.pop()
            self._put(plan)
            self.edited.emit()

    @property
    def can_undo(self) -> bool:
        """True when there is a step back."""
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        """True when there is a step forth."""
        return bool(self._forth)

    def chosen(self) -> list[Cell]:
        """The cells between where choosing began and the cursor."""
        rows, columns = (sorted((self.anchor[i], self.cursor_at[i])) for i in (0, 1))
        return [(r, c) for r in range(rows[0], rows[1] + 1) for c in range(columns[0], columns[1] + 1)]

    def choose_all(self) -> None:
        """Ctrl+A."""
        self.anchor, self.cursor_at = (0, 0), self._inside((self.plan.rows, self.plan.columns))
        self.update()
        self.pointed.emit()

    # --- sizes -------------------------------------------------------------------------------------------------------

    def cell_size(self) -> int:
        """Pixels of a cell: as zoomed, else as large as there is room."""
        if self._cell:
            return self._cell
        room = self._room()
        wide = (room.width() - theme.px(_GUTTER) - 8) // max(1, self.plan.columns)
        high = (room.height() - theme.px(_BOARD) - 8) // max(1, self.plan.rows)
        return max(self._smallest(), min(theme.px(44), wide, high))

    def _smallest(self) -> int:
        return theme.px(_TINIEST if self.read_only else _SMALLEST)

    def zoom(self, by: int) -> None:
        """Larger (1), smaller (-1) or as large as there is room (0)."""
        now = self.cell_size()
        self._cell = min(theme.px(_LARGEST), max(self._smallest(), now + by * max(2, now // 5))) if by else 0
        self._fit_widget()
        self.update()

    def _room(self) -> QSize:
        view = self.parentWidget()
        area = view.parentWidget() if view is not None else None
        return area.viewport().size() if isinstance(area, QScrollArea) else self.size()

    def _fit_widget(self) -> None:
        self.setMinimumSize(self.minimumSizeHint())
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """All cells."""
        cell = self.cell_size() if self._cell else self._smallest()
        return QSize(self.plan.columns * cell + theme.px(_GUTTER) + 8, self.plan.rows * cell + theme.px(_BOARD) + 8)

    def sizeHint(self) -> QSize:
        """Cells that can be read."""
        cell = theme.px(26)
        return QSize(self.plan.columns * cell + theme.px(_GUTTER) + 8, self.plan.rows * cell + theme.px(_BOARD) + 8)

    def _origin(self) -> QPoint:
        cell = self.cell_size()
        spare = self.width() - theme.px(_GUTTER) - cell * self.plan.columns
        return QPoint(theme.px(_GUTTER) + max(0, spare // 2), theme.px(_BOARD))

    def box(self, row: int, column: int) -> QRect:
        """Where a cell is drawn."""
        cell, origin = self.cell_size(), self._origin()
        return QRect(origin.x() + column * cell, origin.y() + row * cell, cell, cell)

    def cell_at(self, point: QPoint) -> Cell | None:
        """The cell under a point."""
        cell, origin = self.cell_size(), self._origin()
        row, column = (point.y() - origin.y()) // cell, (point.x() - origin.x()) // cell
        return (row, column) if 0 <= row < self.plan.rows and 0 <= column < self.plan.columns else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The size of cells follows."""
        super().resizeEvent(event)
        self.update()

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The board, the numbers of rows, the cells in sight, what is chosen."""
        painter = QPainter(self)
        if self.plan.rows:
            painter.setFont(theme.font(9))
            self._paint_frame(painter)
            self._paint_cells(painter, event.rect())
            if not self.read_only:
                self._paint_chosen(painter)
        painter.end()

    def _paint_frame(self, painter: QPainter) -> None:
        cell, origin = self.cell_size(), self._origin()
        floor = QRect(origin, QSize(cell * self.plan.columns, cell * self.plan.rows))
        painter.fillRect(floor, theme.qcolour("surface_alt"))
        painter.setPen(QPen(theme.qcolour("line"), 1))
        painter.drawRect(floor.adjusted(-1, -1, 0, 0))
        board = QRect(floor.left() + floor.width() // 4, 4, max(theme.px(90), floor.width() // 2), theme.px(20))
        board.moveCenter(QPoint(floor.center().x(), board.center().y()))
        painter.setBrush(theme.qcolour("blocked_soft"))
        painter.setPen(QPen(theme.qcolour("blocked"), 1))
        painter.drawRect(board)
        painter.drawText(board, int(Qt.AlignmentFlag.AlignCenter), _("Board"))
        painter.setPen(theme.qcolour("text_muted"))
        every = 1 if cell >= theme.px(_READABLE) - 1 else 5 if cell >= theme.px(_TINIEST) + 1 else 10
        for row in (0, *range(every - 1, self.plan.rows, every)):
            where = QRect(origin.x() - theme.px(_GUTTER), origin.y() + row * cell, theme.px(_GUTTER) - 5, cell)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(row + 1))

    def _paint_cells(self, painter: QPainter, dirty: QRect) -> None:
        """Seats all at once, for there may be thousands; what else stands there one by one."""
        cell, origin, grid = self.cell_size(), self._origin(), self.plan.grid
        first, last = max(0, (dirty.top() - origin.y()) // cell), (dirty.bottom() - origin.y()) // cell
        gap = 1 if cell < theme.px(20) else 2
        side, shift = cell - 2 * gap, gap
        seats, near, numbers = list[QRect](), list[QRect](), list[tuple[int, int, int]]()
        for r in range(first, min(last + 1, self.plan.rows)):
            top = origin.y() + r * cell + shift
            marks = self.plan.marks[r] if self.plan.marks else ""
            for c, number in enumerate(grid[r]):
                if number is None and not marks:
                    continue
                box = QRect(origin.x() + c * cell + shift, top, side, side)
                if not number:
                    paint_place(painter, box, self.plan.place(r, c))
                    continue
                (near if (r, c) in self.near else seats).append(box)
                numbers.append((box.center().x(), box.center().y(), number))
        _paint_boxes(painter, seats, "line_strong", "surface", 1)
        _paint_boxes(painter, near, "late", "late_soft", 2)
        self._paint_numbers(painter, numbers)
        if cell >= theme.px(32):
            self._paint_near(painter, first, last)

    def _paint_numbers(self, painter: QPainter, numbers: list[tuple[int, int, int]]) -> None:
        """Digits are of one width, so that each number's place is known without laying it out."""
        cell = self.cell_size()
        if cell < theme.px(_READABLE):
            return
        font = theme.font(9)
        font.setPixelSize(max(7, min(theme.px(14), cell * 2 // 5)))
        painter.setFont(font)
        painter.setPen(theme.qcolour("text"))
        sizes = painter.fontMetrics()
        digit, down = sizes.horizontalAdvance("0"), sizes.capHeight() // 2
        for x, y, number in numbers:
            words = str(number)
            painter.drawText(x - digit * len(words) // 2 + 1, y + down + 1, words)

    def _paint_near(self, painter: QPainter, first: int, last: int) -> None:
        font = painter.font()
        font.setPixelSize(max(7, font.pixelSize() * 2 // 3))
        painter.setFont(font)
        painter.setPen(theme.qcolour("late"))
        corner = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        for (row, column), cm in self.near.items():
            if first <= row <= last:
                painter.drawText(self.box(row, column).adjusted(0, 0, -4, -3), corner, str(cm))

    def _paint_chosen(self, painter: QPainter) -> None:
        rows, columns = (sorted((self.anchor[i], self.cursor_at[i])) for i in (0, 1))
        whole = self.box(rows[0], columns[0]).united(self.box(rows[1], columns[1]))
        wash = theme.qcolour("focus")
        wash.setAlpha(36)
        painter.setBrush(wash if self.anchor != self.cursor_at else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.qcolour("focus"), theme.px(2) if self.hasFocus() else 1))
        painter.drawRect(whole)
        if self.anchor != self.cursor_at:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.box(*self.cursor_at).adjusted(2, 2, -2, -2))

    # --- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke, or choose."""
        cell = self.cell_at(event.position().toPoint())
        if cell is None or self.read_only:
            return
        self.setFocus()
        shift, left = bool(event.modifiers() & _SHIFT), event.button() == Qt.MouseButton.LeftButton
        if shift or (self.tool is None and left):
            self._point(cell, keep=shift)
            return
        place = Place.AISLE if event.button() == Qt.MouseButton.RightButton else self.tool
        if place is not None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._stroke = (self.plan, {cell}, place)
            self._point(cell)
            self._paint_stroke()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Paint on, without gaps however fast the hand is."""
        if not event.buttons() or self.read_only:
            return
        cell = self.cell_at(event.position().toPoint())
        if cell is None or cell == self.cursor_at:
            return
        before = self.cursor_at
        self._point(cell, keep=self._stroke is None)
        if self._stroke is not None:
            self._stroke[1].update(_between(before, cell))
            self._paint_stroke()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The stroke is one step for undo."""
        if self._stroke is None:
            return
        before, cells, place = self._stroke
        self._stroke = None
        self._put(before)
        self.take(painted(before, cells, place, self.how))

    def _paint_stroke(self) -> None:
        if self._stroke is not None:
            before, cells, place = self._stroke
            self._put(painted(before, cells, place, self.how))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A seat's number is asked for."""
        cell = self.cell_at(event.position().toPoint())
        if cell is not None and not self.read_only and self.plan.place(*cell) is Place.SEAT:
            self._point(cell)
            self.renumber.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl with the wheel zooms."""
        if event.modifiers() & _CTRL:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def _point(self, cell: Cell, *, keep: bool = False) -> None:
        self.cursor_at = cell
        if not keep:
            self.anchor = cell
        self.update()
        self.pointed.emit()

    # --- keys --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Hover tells what a cell is; the drawing's own keys do not reach the window."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self.words(cell) if cell else "", self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._own(event):
            event.accept()
            return True
        return super().event(event)

    def words(self, cell: Cell) -> str:
        """What a cell is, in words."""
        place, number = self.plan.place(*cell), self.plan.grid[cell[0]][cell[1]]
        words = _("Row {row}, place {place}: {what}").format(row=cell[0] + 1, place=cell[1] + 1, what=_(PLACES[place]))
        if number:
            words += f" {number}"
        if cell in self.near:
            words += " · " + _("{cm} cm to the next seat").format(cm=self.near[cell])
        return words

    def _own(self, event: QKeyEvent) -> bool:
        if self.read_only:
            return False
        if event.modifiers() & _CTRL:
            return event.key() in (Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_A, Qt.Key.Key_Plus, Qt.Key.Key_Minus,
                                   Qt.Key.Key_Equal, Qt.Key.Key_0, Qt.Key.Key_Insert, Qt.Key.Key_Delete)  # fmt: skip
        return event.text().upper() in _OF_KEY

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, letters, and what the toolbar says."""
        if not self.plan.rows or not (self._arrow(event) or (not self.read_only and self._drawn(event))):
            super().keyPressEvent(event)

    def _arrow(self, event: QKeyEvent) -> bool:
        step = _ARROWS.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            step = (0, -self.plan.columns if event.key() == Qt.Key.Key_Home else self.plan.columns)
        if step is None:
            return False
        self._point(self._inside((self.cursor_at[0] + step[0], self.cursor_at[1] + step[1])),
                    keep=bool(event.modifiers() & _SHIFT))  # fmt: skip
        self._into_sight()
        return True

    def _into_sight(self) -> None:
        view = self.parentWidget()
        area = view.parentWidget() if view is not None else None
        if isinstance(area, QScrollArea):
            middle = self.box(*self.cursor_at).center()
            area.ensureVisible(middle.x(), middle.y(), self.cell_size(), self.cell_size())

    def _drawn(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if event.modifiers() & _CTRL:
            return self._with_ctrl(key, shift=bool(event.modifiers() & _SHIFT))
        place = _OF_KEY.get(event.text().upper())
        if place is not None:
            self.fill(place)
            self.tool_chosen.emit(place.value)
        elif key == Qt.Key.Key_Space and self.tool is not None:
            self.fill(self.tool)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.fill(Place.AISLE)
        elif key == Qt.Key.Key_Insert:
            self.add_line(Axis.ROW)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.plan.place(*self.cursor_at) is Place.SEAT:
            self.renumber.emit()
        else:
            return False
        return True

    def _with_ctrl(self, key: Qt.Key, *, shift: bool) -> bool:
        acts: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Z: self.redo if shift else self.undo,
            Qt.Key.Key_Y: self.redo,
            Qt.Key.Key_A: self.choose_all,
            Qt.Key.Key_Plus: lambda: self.zoom(1),
            Qt.Key.Key_Equal: lambda: self.zoom(1),
            Qt.Key.Key_Minus: lambda: self.zoom(-1),
            Qt.Key.Key_0: lambda: self.zoom(0),
            Qt.Key.Key_Insert: lambda: self.add_line(Axis.COLUMN),
            Qt.Key.Key_Delete: lambda: self.drop_lines(Axis.COLUMN if shift else Axis.ROW),
        }
        act = acts.get(key)
        if act is not None:
            act()
        return act is not None


def _paint_boxes(painter: QPainter, boxes: list[QRect], edge: str, fill: str, wide: int) -> None:
    """Boxes with an edge, as two fillings: drawing lines around thousands of them takes thrice as long."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.qcolour(edge))
    painter.drawRects(boxes)
    painter.setBrush(theme.qcolour(fill))
    painter.drawRects([box.adjusted(wide, wide, -wide, -wide) for box in boxes])


def _between(start: Cell, end: Cell) -> Iterable[Cell]:
    """The cells on the line from one cell to another."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for n in range(steps + 1):
        yield (
            start[0] + round((end[0] - start[0]) * n / steps),
            start[1] + round((end[1] - start[1]) * n / steps),
        )
