"""A hall's plan: places in a grid, coloured and shaped by state; hover tells, click or Enter opens, arrows walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.panels import label
from mab_desktop.ui.states import Mark


class SeatState(StrEnum):
    """What a place is. AISLE is empty floor, CLOSED a pillar or a reserved place."""

    FREE = "free"
    TAKEN = "taken"
    DONE = "done"
    ABSENT = "absent"
    WRONG = "wrong"
    CLOSED = "closed"
    AISLE = "aisle"


SEAT_WORDS = {
    SeatState.FREE: N_("Free"),
    SeatState.TAKEN: N_("Taken"),
    SeatState.DONE: N_("Done"),
    SeatState.ABSENT: N_("Absent"),
    SeatState.WRONG: N_("To be checked"),
    SeatState.CLOSED: N_("Closed place"),
    SeatState.AISLE: N_("Aisle"),
}
# Fill, border, line: each state differs in shape too (dashes, hatching, a corner mark), see `paint_seat`.
_LOOKS = {
    SeatState.FREE: ("surface", "line_strong", Qt.PenStyle.SolidLine),
    SeatState.TAKEN: ("info_soft", "info", Qt.PenStyle.SolidLine),
    SeatState.DONE: ("done_soft", "done", Qt.PenStyle.SolidLine),
    SeatState.ABSENT: ("surface", "blocked", Qt.PenStyle.DashLine),
    SeatState.WRONG: ("late_soft", "late", Qt.PenStyle.SolidLine),
    SeatState.CLOSED: ("blocked_soft", "blocked", Qt.PenStyle.SolidLine),
}
_CORNERS = {SeatState.DONE: Mark.DONE, SeatState.WRONG: Mark.LATE}


@dataclass(frozen=True, slots=True)
class Seat:
    """One place: row and column from 0 seen from the board, what is written on it, what hover says."""

    row: int
    column: int
    number: str = ""
    state: SeatState = SeatState.FREE
    hover: str = ""


def paint_seat(painter: QPainter, box: QRect, state: SeatState, number: str = "") -> None:
    """Draw one place."""
    if state is SeatState.AISLE:
        return
    fill, edge, line = _LOOKS[state]
    painter.setBrush(theme.qcolour(fill))
    painter.setPen(QPen(theme.qcolour(edge), 2 if state is SeatState.WRONG else 1, line))
    painter.drawRoundedRect(box, theme.px(4), theme.px(4))
    if state is SeatState.CLOSED:
        painter.setBrush(theme.qcolour(edge))
        painter.setPen(QPen(theme.qcolour(edge), 1))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
        return
    painter.setPen(theme.qcolour("text" if state is not SeatState.ABSENT else "text_muted"))
    painter.setFont(theme.font(bold=state is SeatState.WRONG))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), number)
    if state in _CORNERS and box.width() >= theme.px(30):
        side = theme.px(12)
        icons.mark_icon(_CORNERS[state]).paint(painter, QRect(box.right() - side - 1, box.top() + 2, side, side))


class HallPlan(QWidget):
    """The drawn hall. `seat_chosen(row, column)` on click or Enter; with `several`, `cells_chosen([(row, column)])`.

    Dragging the mouse or Shift with arrows chooses several cells when `several` is set (to edit a plan).
    """

    seat_chosen = Signal(int, int)
    cells_chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None, *, several: bool = False) -> None:
        super().__init__(parent)
        self._several = several
        self.rows, self.columns, self._board = 0, 0, ""
        self.seats: dict[tuple[int, int], Seat] = {}
        self.cursor_at, self._from = (0, 0), (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_plan(self, rows: int, columns: int, seats: Sequence[Seat], board: str = "") -> None:
        """Show a hall of `rows` by `columns` cells; `board` are the words on the board in front."""
        self.rows, self.columns, self._board = rows, columns, board
        self.seats = {(seat.row, seat.column): seat for seat in seats}
        self.cursor_at = self._from = (min(self.cursor_at[0], rows - 1), min(self.cursor_at[1], columns - 1))
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Cells of at least 26 pixels."""
        return QSize(self.columns * theme.px(26) + theme.px(16), self.rows * theme.px(26) + theme.px(48))

    def sizeHint(self) -> QSize:
        """Cells of 44 pixels."""
        return QSize(self.columns * theme.px(44) + theme.px(16), self.rows * theme.px(44) + theme.px(48))

    def _cell(self) -> int:
        room = min((self.width() - 16) / max(1, self.columns), (self.height() - theme.px(48)) / max(1, self.rows))
        return max(theme.px(20), min(theme.px(52), int(room)))

    def box(self, row: int, column: int) -> QRect:
        """Where a cell is drawn."""
        cell = self._cell()
        left = (self.width() - cell * self.columns) // 2
        gap = theme.px(2)
        return QRect(left + column * cell, theme.px(40) + row * cell, cell, cell).adjusted(gap, gap, -gap, -gap)

    def cell_at(self, place: QPoint) -> tuple[int, int] | None:
        """The cell under a point."""
        cell = self._cell()
        left = (self.width() - cell * self.columns) // 2
        row, column = (place.y() - theme.px(40)) // cell, (place.x() - left) // cell
        return (row, column) if 0 <= row < self.rows and 0 <= column < self.columns else None

    def chosen(self) -> list[tuple[int, int]]:
        """The cells between where choosing began and the cursor."""
        rows, columns = sorted((self._from[0], self.cursor_at[0])), sorted((self._from[1], self.cursor_at[1]))
        return [(r, c) for r in range(rows[0], rows[1] + 1) for c in range(columns[0], columns[1] + 1)]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Board, places, cursor."""
        if not self.rows or not self.columns:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, last = self.box(0, 0), self.box(0, self.columns - 1)
        board = QRect(first.left(), theme.px(6), last.right() - first.left(), theme.px(24))
        painter.setPen(QPen(theme.qcolour("line_strong"), 1))
        painter.setBrush(theme.qcolour("rail"))
        painter.drawRect(board)
        painter.setPen(theme.qcolour("text_muted"))
        painter.setFont(theme.font(9))
        painter.drawText(board, int(Qt.AlignmentFlag.AlignCenter), self._board)
        for (row, column), seat in self.seats.items():
            paint_seat(painter, self.box(row, column), seat.state, seat.number)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.qcolour("focus"), theme.px(3) if self.hasFocus() else theme.px(2)))
        for row, column in self.chosen() if self.hasFocus() or self._several else ():
            painter.drawRoundedRect(self.box(row, column).adjusted(-2, -2, 2, 2), theme.px(5), theme.px(5))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Hover tells what the place is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            seat = self.seats.get(self.cell_at(event.pos()) or (-1, -1))
            words = (
                "\n".join(part for part in (seat.number, _(SEAT_WORDS[seat.state]), seat.hover) if part) if seat else ""
            )
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a place."""
        if (cell := self.cell_at(event.position().toPoint())) is not None:
            self.cursor_at = self._from = cell
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose several while dragging."""
        cell = self.cell_at(event.position().toPoint())
        if self._several and cell is not None and cell != self.cursor_at:
            self.cursor_at = cell
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The choice is made."""
        if self.cell_at(event.position().toPoint()) is not None:
            self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Shift with arrows chooses several, Enter or Space opens."""
        step = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }.get(Qt.Key(event.key()))
        if step and self.rows:
            row, column = self.cursor_at[0] + step[0], self.cursor_at[1] + step[1]
            self.cursor_at = (min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1))
            if not (self._several and event.modifiers() & Qt.KeyboardModifier.ShiftModifier):
                self._from = self.cursor_at
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._tell()
        else:
            super().keyPressEvent(event)

    def _tell(self) -> None:
        self.cells_chosen.emit(self.chosen())
        if self.cursor_at in self.seats or self._several:
            self.seat_chosen.emit(*self.cursor_at)


class _Sample(QWidget):
    def __init__(self, state: SeatState) -> None:
        super().__init__()
        self._state = state
        self.setFixedSize(theme.px(24), theme.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_seat(painter, self.rect().adjusted(2, 2, -2, -2), self._state)
        painter.end()


class Legend(QWidget):
    """What the shapes of a plan mean."""

    def __init__(self, states: Sequence[SeatState] = tuple(SeatState)[:-1], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        for state in states:
            row.addWidget(_Sample(state))
            row.addWidget(label(_(SEAT_WORDS[state]), "small"))
            row.addSpacing(theme.px(8))
        row.addStretch(1)
