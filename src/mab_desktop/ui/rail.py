"""The rail at the left: phases and their steps in the regulation's order, each with its state.

Where the window is too low for all of them, phases fold into their headings, the last ones first; that of the page in
front never does. A folded one opens by a click or by walking into it, and bears the gravest mark of its steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.page import AppContext, PageSpec
from mab_desktop.ui.states import WORDS, Mark, StepState

KEY, STATE, PHASE, NUMBER, FOLDED = (Qt.ItemDataRole.UserRole + n for n in range(1, 6))
WIDTH = 252
# Heights of a step and of a phase's heading: the roomiest pair is taken with which the whole rail is in sight.
DENSITIES = ((34, 30), (32, 28), (30, 26), (28, 24), (26, 22), (25, 20))
_TELLING = (Mark.LATE, Mark.DUE)  # what a folded phase says of its steps, the gravest first
_BACKWARD = (Qt.Key.Key_Up, Qt.Key.Key_End)
_BESIDE = 38 + 30 + 2 * 8  # what stands beside the words: icon, mark, margins
_Index = QModelIndex | QPersistentModelIndex
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap


def states_of(pages: Sequence[PageSpec], app: AppContext) -> dict[str, StepState]:
    """How every step stands now, by the key of its page; touches no widget, so any thread may ask."""
    return {spec.key: spec.state(app) if spec.state else StepState() for spec in pages}


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
            return step if index.data(FOLDED) else heading
        words = QFontMetrics(theme.font(bold=True)).boundingRect(
            QRect(0, 0, wide - theme.px(_BESIDE), 999), int(_WRAPPED), index.data() or ""
        )
        return max(step, words.height() + step - theme.px(22))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        box = QRect(option.rect)  # type: ignore[attr-defined]
        if index.data(FOLDED):
            self._folded(painter, box, option.state, index)  # type: ignore[attr-defined]
        elif index.data(PHASE):
            self._heading(painter, box, Qt.AlignmentFlag.AlignBottom, index)
        else:
            self._step(painter, box, option.state, index)  # type: ignore[attr-defined]
        painter.restore()

    def _heading(self, painter: QPainter, box: QRect, where: Qt.AlignmentFlag, index: _Index) -> None:
        painter.setFont(theme.font(9, bold=True))
        painter.setPen(theme.qcolour("text_muted"))
        inner = box.adjusted(theme.px(16), 0, -theme.px(8), -theme.px(3))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | where), index.data())

    def _folded(self, painter: QPainter, box: QRect, state: QStyle.StateFlag, index: _Index) -> None:
        inner = box.adjusted(theme.px(8), theme.px(1), -theme.px(8), -theme.px(1))
        if state & QStyle.StateFlag.State_MouseOver:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.qcolour("window"))
            painter.drawRoundedRect(inner, theme.px(4), theme.px(4))
        self._heading(painter, box.adjusted(0, theme.px(2), 0, 0), Qt.AlignmentFlag.AlignVCenter, index)
        side = theme.px(14)
        middle = inner.center().y() - side // 2 + 1
        words = QFontMetrics(theme.font(9, bold=True)).horizontalAdvance(index.data())
        icons.icon("down").paint(painter, QRect(box.left() + theme.px(16 + 6) + words, middle, side, side))
        self._mark(painter, inner, index)

    def _mark(self, painter: QPainter, inner: QRect, index: _Index) -> None:
        mark = index.data(STATE).mark
        side = theme.px(18)
        if mark is not Mark.NONE:
            box = QRect(inner.right() - theme.px(26), inner.center().y() - side // 2 + 1, side, side)
            icons.mark_icon(mark).paint(painter, box)

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
        self._mark(painter, inner, index)


class Rail(QListView):
    """A list of steps; click, Enter or Space opens, arrows walk, hover tells the state and its reason."""

    step_chosen = Signal(str)

    def __init__(self, pages: Sequence[PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
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
        self._phases: dict[int, list[int]] = {}  # rows: of a heading, of its steps
        self._shown, self._opened = "", -1
        self._known_heights: dict[tuple[tuple[int, int], int], list[int]] = {}
        self._fill()
        self.setModel(self._items)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def _fill(self) -> None:
        phase, heading_row = "", -1
        for number, spec in enumerate(self.pages):
            if spec.phase not in ("", phase, spec.title):  # a step of its phase's name needs no heading
                heading = QStandardItem(_(spec.phase))
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                heading.setData(True, PHASE)
                heading.setData(StepState(), STATE)
                self._items.appendRow(heading)
                heading_row = heading.row()
            elif spec.phase != phase:
                heading_row = -1
            phase = spec.phase
            item = QStandardItem(icons.icon(spec.icon), _(spec.title))
            item.setData(spec.key, KEY)
            item.setData(number, NUMBER)
            self._items.appendRow(item)
            if heading_row >= 0:
                self._phases.setdefault(heading_row, []).append(item.row())
            self._show_state(item, StepState())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything in sight again, as far as that can be."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The roomiest density that shows every step, else phases folded; a very small screen scrolls as well."""
        wide, folded = theme.px(WIDTH) - 1, set[int]()
        for density in DENSITIES:
            if self._needed(density, wide, folded) <= self.height():
                break
        else:
            folded = self._to_fold(density, wide)
            if self._needed(density, wide, folded) > self.height():
                wide -= self.verticalScrollBar().sizeHint().width()
        changed = self._fold(folded)
        if changed or (self._painter.density, self._painter.wide) != (density, wide):
            self._painter.density, self._painter.wide = density, wide
            self.scheduleDelayedItemsLayout()
            if self.currentIndex().isValid():
                self.scrollTo(self.currentIndex())

    def _to_fold(self, density: tuple[int, int], wide: int) -> set[int]:
        """The last phases until the rest has room; then those of them for which there is room after all."""
        folded = set[int]()
        for heading in reversed(self._phases):
            if self._needed(density, wide, folded) <= self.height():
                break
            if heading != self._opened and self._shown not in self._keys(heading):
                folded.add(heading)
        for heading in sorted(folded):
            if self._needed(density, wide, folded - {heading}) <= self.height():
                folded.remove(heading)
        return folded

    def _needed(self, density: tuple[int, int], wide: int, folded: set[int]) -> int:
        heights = self._heights(density, wide)
        spared = sum(heights[row] for heading in folded for row in (heading, *self._phases[heading]))
        return sum(heights) - spared + theme.px(density[0]) * len(folded)

    def _heights(self, density: tuple[int, int], wide: int) -> list[int]:
        """How high each line is with nothing folded; asked at each opening of a page."""
        if (density, wide) not in self._known_heights:
            rows = range(self._items.rowCount())
            self._known_heights[density, wide] = [
                theme.px(density[1]) if self._items.item(row).data(PHASE)
                else self._painter.height_of(self._items.index(row, 0), density, wide) for row in rows
            ]  # fmt: skip
        return self._known_heights[density, wide]

    def _keys(self, heading: int) -> list[str]:
        return [self._items.item(row).data(KEY) for row in self._phases[heading]]

    def _fold(self, folded: set[int]) -> bool:
        """Fold these headings and open the others; True where that changes something."""
        changed = False
        for heading, steps in self._phases.items():
            item = self._items.item(heading)
            if bool(item.data(FOLDED)) != (heading in folded):
                changed = True
                item.setData(heading in folded, FOLDED)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled if heading in folded else Qt.ItemFlag.NoItemFlags)
                for row in steps:
                    self.setRowHidden(row, heading in folded)
                self._show_folded(heading)
        return changed

    def _show_folded(self, heading: int) -> None:
        """What a folded heading says of the steps under it."""
        item, steps = self._items.item(heading), [self._items.item(row) for row in self._phases[heading]]
        if not item.data(FOLDED):
            item.setData(StepState(), STATE)
            item.setToolTip("")
            return
        marks = [step.data(STATE).mark for step in steps]
        mark = next((mark for mark in _TELLING if mark in marks), Mark.NONE)
        item.setData(StepState(mark), STATE)
        item.setToolTip("\n".join(step.data(Qt.ItemDataRole.AccessibleTextRole) for step in steps))
        words = (item.text(), _(WORDS[mark]), _("Folded"))
        item.setData(", ".join(word for word in words if word), Qt.ItemDataRole.AccessibleTextRole)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walking onto a folded phase opens it and goes into it."""
        super().keyPressEvent(event)
        index = self.currentIndex()
        if index.data(FOLDED):
            self._open(index.row(), self._phases[index.row()][-1 if event.key() in _BACKWARD else 0])

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever walked here and left without opening a step sees again which page is in front."""
        super().focusOutEvent(event)
        self._stand_on_shown()

    def _open(self, heading: int, row: int) -> None:
        self._opened = heading
        self._fit()
        self.setCurrentIndex(self._items.index(row, 0))

    def show_states(self, states: Mapping[str, StepState]) -> None:
        """Show how every step stands."""
        for row in range(self._items.rowCount()):
            item = self._items.item(row)
            if (key := item.data(KEY)) and item.data(STATE) != states[key]:
                self._show_state(item, states[key])
        for heading in self._phases:
            self._show_folded(heading)

    def _show_state(self, item: QStandardItem, state: StepState) -> None:
        item.setData(state, STATE)
        spec = self.pages[item.data(NUMBER)]
        word = _(WORDS[state.mark])
        number = item.data(NUMBER)
        key = _("Alt+{n}").format(n=number) if 1 <= number <= 9 else ""
        lines = (" · ".join(p for p in (_(spec.title), shown_paragraph(spec.paragraph), key) if p), word, state.reason)
        item.setToolTip("\n".join(line for line in lines if line))
        item.setData(", ".join(p for p in (_(spec.title), word, state.reason) if p), Qt.ItemDataRole.AccessibleTextRole)

    def state_of(self, key: str) -> StepState:
        """The state shown for a step."""
        state: StepState = next(item.data(STATE) for item in self._steps() if item.data(KEY) == key)
        return state

    def show_current(self, key: str) -> None:
        """Mark the step `key` as the open one; a page outside the rail leaves none marked."""
        self._shown, self._opened = key, -1
        self._fit()
        self._stand_on_shown()

    def _stand_on_shown(self) -> None:
        for item in self._steps():
            if item.data(KEY) == self._shown:
                self.setCurrentIndex(item.index())
                return
        self.clearSelection()

    def _steps(self) -> list[QStandardItem]:
        rows = (self._items.item(row) for row in range(self._items.rowCount()))
        return [item for item in rows if item.data(KEY)]

    def _choose(self, index: QModelIndex) -> None:
        if key := index.data(KEY):
            self.step_chosen.emit(key)
        elif index.data(FOLDED):
            self._opened = index.row()
            self._fit()
            self._stand_on_shown()  # a phase was opened to look into: the page in front is still the one before
