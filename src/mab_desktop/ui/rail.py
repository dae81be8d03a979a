"""The rail at the left: phases and their steps in the regulation's order, each with its state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.page import AppContext, PageSpec
from mab_desktop.ui.states import WORDS, Mark, StepState

KEY, STATE, PHASE = (Qt.ItemDataRole.UserRole + n for n in (1, 2, 3))
WIDTH = 252
# Heights of a step and of a phase's heading: the roomiest pair is taken with which the whole rail is in sight.
DENSITIES = ((34, 30), (32, 28), (30, 26), (28, 24), (26, 22), (25, 20))
_BESIDE = 38 + 30 + 2 * 8  # what stands beside the words: icon, mark, margins
_Index = QModelIndex | QPersistentModelIndex
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap


class _Painter(QStyledItemDelegate):
    """Draws a phase as a small heading and a step as icon, words on up to three lines, and the state's shape."""

    def __init__(self, rail: Rail) -> None:
        super().__init__(rail)
        self._rail = rail
        self.density, self.wide = DENSITIES[0], theme.px(WIDTH)

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(self.wide, self.height_of(index, self.density, self.wide))

    def height_of(self, index: _Index, density: tuple[int, int], wide: int) -> int:
        """How high a line is in a rail of this width (the scroll bar takes some of it)."""
        step, heading = (theme.px(height) for height in density)
        if index.data(PHASE):
            return heading
        words = QFontMetrics(theme.font(bold=True)).boundingRect(
            QRect(0, 0, wide - theme.px(_BESIDE), 999), int(_WRAPPED), index.data() or ""
        )
        return max(step, words.height() + step - theme.px(22))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        box = QRect(option.rect)  # type: ignore[attr-defined]
        if index.data(PHASE):
            painter.setFont(theme.font(9, bold=True))
            painter.setPen(theme.qcolour("text_muted"))
            below = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            painter.drawText(box.adjusted(theme.px(16), 0, -theme.px(8), -theme.px(3)), int(below), index.data())
        else:
            self._step(painter, box, option.state, index)  # type: ignore[attr-defined]
        painter.restore()

    def _step(self, painter: QPainter, box: QRect, state: QStyle.StateFlag, index: _Index) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        inner = box.adjusted(theme.px(8), theme.px(1), -theme.px(8), -theme.px(1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.qcolour("surface" if chosen else "window"))
            painter.drawRoundedRect(inner, theme.px(4), theme.px(4))
        if chosen:
            painter.setBrush(theme.qcolour("accent"))
            painter.drawRoundedRect(QRect(inner.left(), inner.top(), theme.px(4), inner.height()), 2, 2)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.qcolour("focus"))
            painter.drawRoundedRect(inner.adjusted(1, 1, -1, -1), theme.px(4), theme.px(4))
        side = theme.px(18)
        middle = inner.center().y() - side // 2 + 1
        glyph: QIcon = index.data(Qt.ItemDataRole.DecorationRole)
        glyph.paint(painter, QRect(inner.left() + theme.px(12), middle, side, side))
        painter.setFont(theme.font(bold=chosen))
        painter.setPen(theme.qcolour("accent" if chosen else "text"))
        painter.drawText(inner.adjusted(theme.px(38), 0, -theme.px(30), 0), int(_WRAPPED), index.data())
        mark = index.data(STATE).mark
        if mark is not Mark.NONE:
            icons.mark_icon(mark).paint(painter, QRect(inner.right() - theme.px(26), middle, side, side))


class Rail(QListView):
    """A list of steps; click, Enter or Space opens, arrows walk, hover tells the state and its reason."""

    step_chosen = Signal(str)

    def __init__(self, pages: Sequence[PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="rail")
        self.pages = tuple(pages)
        self.setFixedWidth(theme.px(WIDTH))
        self._painter = _Painter(self)
        self.setItemDelegate(self._painter)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(_("Steps"))
        self._items = QStandardItemModel(self)
        self._fill()
        self.setModel(self._items)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def _fill(self) -> None:
        phase = ""
        for number, spec in enumerate(self.pages):
            if spec.phase not in ("", phase, spec.title):  # a step of its phase's name needs no heading
                heading = QStandardItem(_(spec.phase))
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                heading.setData(True, PHASE)
                self._items.appendRow(heading)
            phase = spec.phase
            item = QStandardItem(icons.icon(spec.icon), _(spec.title))
            item.setData(spec.key, KEY)
            item.setData(number, PHASE + 1)
            self._items.appendRow(item)
            self._show_state(item, StepState())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the roomiest density that shows every step; a small screen with large type scrolls."""
        super().resizeEvent(event)
        lines = [self._items.index(row, 0) for row in range(self._items.rowCount())]
        for density in DENSITIES:
            wide = theme.px(WIDTH) - 1
            if sum(self._painter.height_of(line, density, wide) for line in lines) <= self.height():
                break
        else:
            wide -= self.verticalScrollBar().sizeHint().width()
        if (self._painter.density, self._painter.wide) != (density, wide):
            self._painter.density, self._painter.wide = density, wide
            self.scheduleDelayedItemsLayout()
            if self.currentIndex().isValid():
                self.scrollTo(self.currentIndex())

    def renew(self, app: AppContext) -> None:
        """Ask every step again how it stands."""
        states = {spec.key: spec.state(app) if spec.state else StepState() for spec in self.pages}
        for row in range(self._items.rowCount()):
            item = self._items.item(row)
            if key := item.data(KEY):
                self._show_state(item, states[key])

    def _show_state(self, item: QStandardItem, state: StepState) -> None:
        item.setData(state, STATE)
        spec = self.pages[item.data(PHASE + 1)]
        word = _(WORDS[state.mark])
        number = item.data(PHASE + 1)
        key = _("Alt+{n}").format(n=number) if 1 <= number <= 9 else ""
        lines = (" · ".join(p for p in (_(spec.title), shown_paragraph(spec.paragraph), key) if p), word, state.reason)
        item.setToolTip("\n".join(line for line in lines if line))
        item.setData(", ".join(p for p in (_(spec.title), word, state.reason) if p), Qt.ItemDataRole.AccessibleTextRole)

    def state_of(self, key: str) -> StepState:
        """The state shown for a step."""
        return next(item.data(STATE) for item in self._steps() if item.data(KEY) == key)

    def show_current(self, key: str) -> None:
        """Mark the step `key` as the open one; a page outside the rail leaves none marked."""
        for item in self._steps():
            if item.data(KEY) == key:
                self.setCurrentIndex(item.index())
                return
        self.clearSelection()

    def _steps(self) -> list[QStandardItem]:
        rows = (self._items.item(row) for row in range(self._items.rowCount()))
        return [item for item in rows if item.data(KEY)]

    def _choose(self, index: QModelIndex) -> None:
        if key := index.data(KEY):
            self.step_chosen.emit(key)
