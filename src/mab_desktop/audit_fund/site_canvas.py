"""A building's floor or site under the hand: things dragged over a grid, perhaps over a picture.

Drag on empty ground draws a new thing with the tool; drag a thing moves it, drag its corner sizes it; right click or
Delete takes it away. Tab goes from thing to thing, arrows move, Shift with arrows sizes, Enter gives words.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mab_desktop.domain.building_plan import GROUND, THINGS, Drawing, Item, Thing, added, changed, item_at, removed
from mab_desktop.i18n import _
from mab_desktop.ui import theme

# Fill and edge of each kind; each has words or a shape of its own too.
_LOOKS = {
    Thing.HALL: ("info_soft", "info"),
    Thing.ROOM: ("surface", "line_strong"),
    Thing.CORRIDOR: ("surface_alt", "line_strong"),
    Thing.STAIRS: ("blocked_soft", "blocked"),
    Thing.LIFT: ("blocked_soft", "blocked"),
    Thing.ENTRANCE: ("done_soft", "done"),
    Thing.TOILET: ("surface", "line_strong"),
    Thing.BUILDING: ("info_soft", "info"),
    Thing.ROAD: ("surface_alt", "line_strong"),
    Thing.GATE: ("done_soft", "done"),
    Thing.STOP: ("due_soft", "due"),
    Thing.NOTE: ("", ""),
}
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
_HANDLE = 10


def paint_item(painter: QPainter, box: QRect, item: Item, *, wrong: bool = False) -> None:
    """One thing: its ground, its shape, its words."""
    fill, edge = ("late_soft", "late") if wrong else _LOOKS[item.thing]
    if fill:
        painter.setPen(QPen(theme.qcolour(edge), 2 if item.thing in (Thing.HALL, Thing.BUILDING) else 1))
        painter.setBrush(theme.qcolour(fill))
        painter.drawRect(box)
    if item.thing is Thing.STAIRS:
        for n in range(1, 5):
            x = box.left() + box.width() * n // 5
            painter.drawLine(x, box.top(), x, box.bottom())
    elif item.thing is Thing.LIFT:
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
    painter.setFont(theme.font(9, bold=item.thing in (Thing.HALL, Thing.BUILDING)))
    painter.setPen(theme.qcolour("text"))
    _paint_words(painter, box.adjusted(1, 0, -1, 0), item)


def words_of(item: Item) -> str:
    """What stands on a thing: its own words, else what it is."""
    return item.text or ("" if item.thing in (*GROUND, Thing.STAIRS, Thing.NOTE) else _(THINGS[item.thing]))


def _paint_words(painter: QPainter, room: QRect, item: Item) -> None:
    """Words wrapped in their thing; where they have no room, a way in is a triangle as on paper, others end in …"""
    words, how = words_of(item), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    metrics = painter.fontMetrics()
    if room.contains(metrics.boundingRect(room, how, words)):
        painter.drawText(room, how, words)
    elif item.thing in (Thing.ENTRANCE, Thing.GATE):
        x, y, half = room.center().x(), room.center().y(), min(room.width(), room.height()) // 3
        painter.setBrush(theme.qcolour("text"))
        painter.drawPolygon([QPoint(x - half, y - half), QPoint(x + half, y - half), QPoint(x, y + half)])
    else:
        short = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), short)


class SiteCanvas(QWidget):
    """See the module."""

    edited = Signal()
    chosen_changed = Signal()
    ask_words = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing = Drawing()
        self.tool: Thing | None = None
        self.chosen: int | None = None
        self.wrong: Collection[str] = ()  # numbers of halls that are not as the fund says
        self.picture = QPixmap()
        self._back: list[Drawing] = []
        self._forth: list[Drawing] = []
        self._held: tuple[Drawing, int, QPoint, bool] | None = None  # before, what, from where, sizing
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Plan of the building"))

    def sizeHint(self) -> QSize:
        """Cells of 18 pixels."""
        return QSize(self.drawing.columns * theme.px(18), self.drawing.rows * theme.px(18))

    def minimumSizeHint(self) -> QSize:
        """Cells of 9 pixels."""
        return QSize(self.drawing.columns * theme.px(9), self.drawing.rows * theme.px(9))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_drawing(self, drawing: Drawing, picture: bytes = b"") -> None:
        """Show another sheet and forget what was done to the one before."""
        self.drawing, self.chosen = drawing, None
        self._back, self._forth = [], []
        self.set_picture(picture)
        self.chosen_changed.emit()

    def set_picture(self, data: bytes) -> None:
        """What lies under the drawing; b"" for nothing."""
        self.picture = QPixmap()
        if data:
            self.picture.loadFromData(data)
        self.update()

    def take(self, drawing: Drawing, chosen: int | None) -> None:
        """Another drawing by hand: one step for undo."""
        if drawing != self.drawing:
            self._back.append(self.drawing)
            self._forth.clear()
        self._put(drawing, chosen)

    def _put(self, drawing: Drawing, chosen: int | None) -> None:
        different = drawing != self.drawing
        self.drawing = drawing
        self.chosen = chosen if chosen is not None and chosen < len(drawing.items) else None
        self.update()
        self.chosen_changed.emit()
        if different:
            self.edited.emit()

    def can_undo(self) -> bool:
        """Whether a step of this sheet can be taken back."""
        return bool(self._back)

    def undo(self) -> None:
        """One step back."""
        if self._back:
            self._forth.append(self.drawing)
            self._put(self._back.pop(), None)

    def redo(self) -> None:
        """One step forth."""
        if self._forth:
            self._back.append(self.drawing)
            self._put(self._forth.pop(), None)

    def item(self) -> Item | None:
        """The thing chosen."""
        return self.drawing.items[self.chosen] if self.chosen is not None else None

    def change(self, item: Item) -> None:
        """The thing chosen becomes this."""
        if self.chosen is not None:
            self.take(changed(self.drawing, self.chosen, item), self.chosen)

    def remove(self) -> None:
        """The thing chosen goes."""
        if self.chosen is not None:
            self.take(removed(self.drawing, self.chosen), None)

    def add(self, item: Item) -> None:
        """One thing more, chosen at once."""
        self.take(added(self.drawing, item), len(self.drawing.items))

    # --- places ------------------------------------------------------------------------------------------------------

    def cell_size(self) -> int:
        """Pixels of a cell."""
        return max(4, min(self.width() // self.drawing.columns, self.height() // self.drawing.rows))

    def _sheet(self) -> QRect:
        cell = self.cell_size()
        sheet = QRect(0, 0, cell * self.drawing.columns, cell * self.drawing.rows)
        sheet.moveLeft((self.width() - sheet.width()) // 2)
        return sheet

    def box(self, item: Item) -> QRect:
        """Where a thing is drawn."""
        cell, sheet = self.cell_size(), self._sheet()
        return QRect(sheet.left() + item.left * cell, item.top * cell, item.width * cell, item.height * cell)

    def cell_at(self, point: QPoint) -> tuple[int, int]:
        """Column and row under a point."""
        cell, sheet = self.cell_size(), self._sheet()
        return (point.x() - sheet.left()) // cell, point.y() // cell

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, picture, grid, things, what is chosen."""
        painter = QPainter(self)
        sheet, cell = self._sheet(), self.cell_size()
        painter.fillRect(sheet, theme.qcolour("surface"))
        if not self.picture.isNull():
            shown = self.picture.size().scaled(sheet.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawPixmap(QRect(sheet.topLeft(), shown), self.picture)
        else:
            painter.setPen(QPen(theme.qcolour("surface_alt"), 1))
            for n in range(1, self.drawing.columns):
                painter.drawLine(sheet.left() + n * cell, sheet.top(), sheet.left() + n * cell, sheet.bottom())
            for n in range(1, self.drawing.rows):
                painter.drawLine(sheet.left(), n * cell, sheet.right(), n * cell)
        ring = QPen(theme.qcolour("focus"), theme.px(2)) if self.hasFocus() else QPen(theme.qcolour("line_strong"), 1)
        painter.setPen(ring)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(sheet.adjusted(0, 0, -1, -1))
        for item in self.drawing.layers():
            paint_item(painter, self.box(item), item, wrong=item.thing is Thing.HALL and item.text in self.wrong)
        self._paint_chosen(painter)
        painter.end()

    def _paint_chosen(self, painter: QPainter) -> None:
        item = self.item()
        if item is None:
            return
        box = self.box(item)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.qcolour("focus"), theme.px(3) if self.hasFocus() else theme.px(2)))
        painter.drawRect(box)
        side = theme.px(_HANDLE)
        painter.fillRect(QRect(box.right() - side + 1, box.bottom() - side + 1, side, side), theme.qcolour("focus"))

    # --- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a thing or of its corner, or begin a new one."""
        point = event.position().toPoint()
        self.setFocus()
        index = item_at(self.drawing, *self.cell_at(point))
        if event.button() == Qt.MouseButton.RightButton:
            self.chosen = index
            self.remove()
            return
        now = self.item()
        if now is not None and self._on_handle(point, now) and self.chosen is not None:
            self._held = (self.drawing, self.chosen, point, True)
        elif index is not None and not (self.tool and self.drawing.items[index].thing in GROUND):
            self._put(self.drawing, index)
            self._held = (self.drawing, index, point, False)
        elif self.tool is not None and self._sheet().contains(point):
            before, (column, row) = self.drawing, self.cell_at(point)
            self._put(added(before, Item(self.tool, column, row, 1, 1)), len(before.items))
            self._held = (before, len(before.items), point, True)
        else:
            self._put(self.drawing, None)

    def _on_handle(self, point: QPoint, item: Item) -> bool:
        box, side = self.box(item), theme.px(_HANDLE) + 2
        return QRect(box.right() - side, box.bottom() - side, side + 3, side + 3).contains(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move or size what is held."""
        if self._held is None:
            return
        before, index, start, sizing = self._held
        new = index >= len(before.items)
        base = added(before, Item(self.tool or Thing.NOTE, *self.cell_at(start), 1, 1)) if new else before
        item, cell = base.items[index], self.cell_size()
        moved = event.position().toPoint() - start
        right, down = round(moved.x() / cell), round(moved.y() / cell)
        if sizing:
            item = replace(item, width=max(1, item.width + right), height=max(1, item.height + down))
            item = replace(item, width=min(item.width, base.columns - item.left),
                           height=min(item.height, base.rows - item.top))  # fmt: skip
        else:
            item = replace(item, left=item.left + right, top=item.top + down)
        self._put(changed(base, index, item), index)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The whole movement is one step for undo; a click alone gives a thing of the usual size."""
        if self._held is None:
            return
        before, index, _start, _sizing = self._held
        self._held = None
        now = self.drawing
        if index >= len(before.items) and (now.items[index].width, now.items[index].height) == (1, 1):
            wide, high = _usual(now.items[index].thing)
            now = changed(now, index, replace(now.items[index], width=wide, height=high))
        if now != before:
            self._back.append(before)
            self._forth.clear()
        self._put(now, index)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """The words of a thing are asked for."""
        if self.chosen is not None:
            self.ask_words.emit()

    # --- keys --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z and Tab are the drawing's own while things are on it; the pointer is told what it is on."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = item_at(self.drawing, *self.cell_at(event.pos()))
            QToolTip.showText(event.globalPos(), self.told(index), self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if ctrl and event.key() in (Qt.Key.Key_Z, Qt.Key.Key_Y):
                event.accept()
                return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._tab(event):
            return True
        return super().event(event)

    def told(self, index: int | None) -> str:
        """What a thing is, and its words."""
        if index is None:
            return ""
        item = self.drawing.items[index]
        return ": ".join(dict.fromkeys(part for part in (_(THINGS[item.thing]), item.text) if part))

    def _tab(self, event: QKeyEvent) -> bool:
        """The next thing; after the last one Tab leaves the drawing."""
        back = event.key() == Qt.Key.Key_Backtab
        if event.key() != Qt.Key.Key_Tab and not back:
            return False
        count = len(self.drawing.items)
        following = (count - 1 if back else 0) if self.chosen is None else self.chosen + (-1 if back else 1)
        if not 0 <= following < count:
            return False
        self._put(self.drawing, following)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Shift sizes, Delete takes away, Enter gives words."""
        key, item = Qt.Key(event.key()), self.item()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and key in (Qt.Key.Key_Z, Qt.Key.Key_Y):
            self.undo() if key == Qt.Key.Key_Z else self.redo()
        elif item is not None and key in _ARROWS:
            right, down = _ARROWS[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.change(replace(item, width=item.width + right, height=item.height + down))
            else:
                self.change(replace(item, left=item.left + right, top=item.top + down))
        elif item is not None and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif item is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ask_words.emit()
        elif key == Qt.Key.Key_Space and self.tool is not None:
            wide, high = _usual(self.tool)
            self.add(Item(self.tool, (self.drawing.columns - wide) // 2, (self.drawing.rows - high) // 2, wide, high))
        else:
            super().keyPressEvent(event)


def _usual(thing: Thing) -> tuple[int, int]:
    """Cells of a thing that is put down by a click."""
    large = {Thing.HALL: (6, 4), Thing.BUILDING: (10, 6), Thing.CORRIDOR: (20, 2), Thing.ROAD: (20, 2)}
    return large.get(thing, (3, 2))
