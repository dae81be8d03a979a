"""The table of a list: rows of 28 pixels, columns chosen and remembered, several rows at once, copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QToolTip, QWidget

from mab_desktop.domain.spreadsheet import guarded
from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.record_table import RecordTable
from mab_desktop.ui.settings import Settings

_LOOKED_AT = 200  # rows looked at for the widths of columns
_NEAR_LONGEST = 12  # of their words, those that are measured
_PADDING, _WIDEST, _NARROWEST = 24, 420, 88
_TIGHT, _CLOSE = 8, 14  # the padding of a matrix, of a list of many columns
_NUMBER = re.compile(r"[-+−]?\d[\d\u00a0.,]*")


class RecordView(QTableView):
    """Shows a RecordTable. `opened(row)` on Enter or double click, `moved()` when cursor or selection changed."""

    opened = Signal(object)
    moved = Signal()
    menu_asked = Signal(int, QPoint)  # column, where: what can be done with it and its cell under the cursor

    def __init__(self, table: RecordTable, settings: Settings, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self._settings, self._name = table, settings, f"list.{name}"
        self.setModel(table)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsMovable(True)
        self._dragged: dict[str, int] = {}
        self._fitting, self._measured, self._longest = False, list[int](), dict[int, int]()
        self._padding = _PADDING
        self.setIconSize(theme.icon_size(16))
        self._lay_out()
        self.horizontalHeader().setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.horizontalHeader().customContextMenuRequested.connect(self._ask_of_head)
        self.doubleClicked.connect(self._open)
        self.selectionModel().selectionChanged.connect(self.moved)
        self.selectionModel().currentRowChanged.connect(self.moved)

    def _lay_out(self) -> None:
        kept = self._settings.get(self._name, {})
        shown, self._dragged = kept.get("shown"), dict(kept.get("dragged", {}))
        for number, column in enumerate(self.table.columns):
            self.setColumnHidden(number, column.key not in shown if shown is not None else not column.shown)
        self._put_in_order(kept.get("order", ()))
        self._measure()
        self.fit()
        self.setSortingEnabled(True)
        sort = kept.get("sort")
        names = [column.key for column in self.table.columns]
        if sort and sort[0] in names:
            order = Qt.SortOrder.DescendingOrder if sort[1] else Qt.SortOrder.AscendingOrder
            self.sortByColumn(names.index(sort[0]), order)
        else:
            self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().sectionResized.connect(self._drag)
        self.horizontalHeader().sortIndicatorChanged.connect(self._remember)
        self.horizontalHeader().sectionMoved.connect(self._remember)

    def _put_in_order(self, names: Sequence[str]) -> None:
        """Columns as they were moved; those that are new since then stay behind."""
        header = self.horizontalHeader()
        known = [number for name in names if (number := self.table.place_of(name)) >= 0]
        for place, number in enumerate(known):
            header.moveSection(header.visualIndex(number), place)

    def _remember(self, *_what: Any) -> None:
        columns = self.table.columns
        shown = [column.key for number, column in enumerate(columns) if not self.isColumnHidden(number)]
        header = self.horizontalHeader()
        at = header.sortIndicatorSection()
        down = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        sort = [columns[at].key, down] if 0 <= at < len(columns) else None
        self._measure(rows=False)
        self.fit()
        order = [columns[header.logicalIndex(place)].key for place in range(header.count())]
        kept = {"shown": shown, "dragged": dict(self._dragged), "sort": sort}
        if order != [column.key for column in columns]:
            kept["order"] = order
        self._settings.set(self._name, kept)

    def squeeze(self) -> None:
        """Hardly any padding and a rule round each cell: for a matrix of many narrow columns."""
        self.setShowGrid(True)
        self._pad("matrix", _TIGHT)

    def close_up(self) -> None:
        """Half the padding: where many columns leave names no room."""
        self._pad("close", _CLOSE)

    def _pad(self, style: str, padding: int) -> None:
        self.setObjectName(style)
        for part in (self, self.horizontalHeader()):  # the name came after the style
            part.style().unpolish(part)
            part.style().polish(part)
        self._padding = padding
        self._measure()
        self.fit()

    # --- widths ----------------------------------------------------------------------------------------------------

    def _drag(self, number: int, before: int, width: int) -> None:
        """A person drew a column's border: it stays as it is now. Nothing's width is 0 but a hidden column's."""
        if not self._fitting and before and width:
            self._dragged[self.table.columns[number].key] = width
            self._remember()

    def _measure(self, *, rows: bool = True) -> None:
        """What each column would like: its head and the longest of its first words; without `rows` as they were."""
        if rows:
            self._longest = {}
        self._measured = []
        for number in range(len(self.table.columns)):
            if number not in self._longest and not self.isColumnHidden(number):
                self._longest[number] = self._longest_words(number)
            self._measured.append(max(self._head(number), self._longest.get(number, 0)))

    def _longest_words(self, number: int) -> int:
        """The room for the longest of a column's first words, its mark's shape too."""
        metrics, rows = QFontMetrics(theme.font()), range(min(self.table.rowCount(), _LOOKED_AT))
        words = {self.table.brief_at(row, number) for row in rows} or {"0" * self.table.columns[number].width}
        longest = sorted(words, key=len)[-_NEAR_LONGEST:]  # letters differ in width, but not by that much
        shaped = self.table.may_have_mark(number) and any(self.table.has_mark(row, number) for row in rows)
        room = max(map(metrics.horizontalAdvance, longest)) + theme.px(self._padding)
        return room + (theme.px(24) if shaped else 0)

    def fit(self) -> None:
        """Share the view's width: codes and numbers get what they need, texts the rest; too much for all scrolls."""
        columns = [n for n in range(len(self.table.columns)) if not self.isColumnHidden(n)]
        widths = {n: min(self._dragged.get(self.table.columns[n].key, 0) or self._measured[n], theme.px(_WIDEST))
                  for n in columns}  # fmt: skip
        free = [n for n in columns if self.table.columns[n].key not in self._dragged]
        texts = [n for n in free if self.table.columns[n].kind == "text"]
        spare = self.viewport().width() - sum(widths.values())
        if spare < 0:
            _take(widths, texts, -spare, {n: self._least(n, first=n == texts[0]) for n in texts})
            short = sum(widths.values()) - self.viewport().width()
            narrow = {n: max(theme.px(_NARROWEST), self._head(n)) for n in texts}
            if short <= sum(max(0, widths[n] - narrow[n]) for n in texts):  # rather than scroll sideways
                _take(widths, texts, short, narrow)
        elif free:
            wanting = {n: self._measured[n] - widths[n] for n in texts}
            for number in texts:
                widths[number] += min(wanting[number], spare // len(texts))
            spare = self.viewport().width() - sum(widths.values())
            _give(widths, texts or free, spare)
        self._fitting = True
        for number, width in widths.items():
            self.setColumnWidth(number, width)
        self._fitting = False

    def _least(self, number: int, *, first: bool) -> int:
        """How narrow a text may become; the first names the row, and short words are never cut."""
        wanted = self._measured[number]
        if wanted <= theme.px(160):
            return wanted
        return min(wanted, max(theme.px(176 if first else 120), self._head(number)))

    def _head(self, number: int) -> int:
        """The room for a column's title and the arrow of its order: a head is never cut."""
        arrow = theme.px(14) if number == self.horizontalHeader().sortIndicatorSection() else 0
        title = _(self.table.columns[number].title)
        return QFontMetrics(theme.font(bold=True)).horizontalAdvance(title) + theme.px(self._padding) + arrow

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns share the new width."""
        super().resizeEvent(event)
        self.fit()

    def column_menu(self) -> QMenu:
        """A menu that shows and hides columns, in the order in which they stand; the last one stays."""
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill_columns(menu))
        self._fill_columns(menu)
        return menu

    def _fill_columns(self, menu: QMenu) -> None:
        menu.clear()
        header = self.horizontalHeader()
        for number in (header.logicalIndex(place) for place in range(header.count())):
            action = menu.addAction(_(self.table.columns[number].name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(number))
            action.toggled.connect(lambda on, number=number: self.show_column(number, on))
        menu.addSeparator()
        menu.addAction(_("As at first"), self.columns_as_at_first)

    def columns_as_at_first(self) -> None:
        """Columns, their order and widths as the list has them before anybody changes anything."""
        self._dragged = {}
        self._put_in_order([column.key for column in self.table.columns])
        for number, column in enumerate(self.table.columns):
            self.setColumnHidden(number, not column.shown)
        self._remember()

    def move_column(self, number: int, step: int) -> None:
        """Put a column `step` visible places further to the right (to the left when it is negative)."""
        shown = self.shown_columns()
        to = shown.index(number) + step
        if 0 <= to < len(shown):
            header = self.horizontalHeader()
            header.moveSection(header.visualIndex(number), header.visualIndex(shown[to]))

    def show_column(self, number: int, on: bool) -> None:
        """Show or hide a column and remember it."""
        left = [n for n in range(len(self.table.columns)) if not self.isColumnHidden(n) and n != number]
        if on or left:
            self.setColumnHidden(number, not on)
            self._remember()

    # --- rows ------------------------------------------------------------------------------------------------------

    def current(self) -> Any | None:
        """The row under the cursor, or None."""
        index = self.currentIndex()
        return self.table.row_at(index.row()) if index.isValid() else None

    def chosen(self) -> list[Any]:
        """The selected rows, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.table.row_at(row) for row in rows]

    def go_to(self, key: Any) -> bool:
        """Put the cursor on the row named `key`."""
        row = self.table.find(key)
        if row < 0:
            return False
        self._put_cursor(row)
        self.scrollTo(self.table.index(row, self._first_column()))
        return True

    def _first_column(self) -> int:
        return next(iter(self.shown_columns()), 0)

    def _put_cursor(self, row: int) -> None:
        at = self.currentIndex().column()
        column = at if at >= 0 and not self.isColumnHidden(at) else self._first_column()
        index = self.table.index(row, column)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )

    def read(self, rows: Sequence[Any] | None = None) -> None:
        """Take `rows`, else read them anew; cursor and selection stay on the same records."""
        keys = {self.table.key_at(index.row()) for index in self.selectionModel().selectedRows()}
        at = self.currentIndex()
        current = self.table.key_at(at.row()) if at.isValid() else None
        place = self.verticalScrollBar().value()
        self.table.read(rows)
        self._measure()
        self.fit()
        row = self.table.find(current) if at.isValid() else -1
        if row < 0 and self.table.rowCount():
            row = min(max(at.row(), 0), self.table.rowCount() - 1)
        if row >= 0:
            self._put_cursor(row)
        if len(keys) > 1:
            self._select(keys)
        self.verticalScrollBar().setValue(place)
        self.moved.emit()

    def _select(self, keys: set[Any]) -> None:
        chosen = QItemSelection()
        last = len(self.table.columns) - 1
        for row in range(self.table.rowCount()):
            if self.table.key_at(row) in keys:
                chosen.select(self.table.index(row, 0), self.table.index(row, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def hold_cursor(self) -> None:
        """After a search: a cursor that fell out of the rows goes to the first."""
        if not self.currentIndex().isValid() and self.table.rowCount():
            self._put_cursor(0)

    # --- keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Ctrl+C copies rows as lines with tabs, Ctrl+Shift+C a cell, Ctrl+Shift+arrows move a column."""
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        at = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.modifiers() == both and event.key() == Qt.Key.Key_C:
            self.copy_cell()
        elif event.modifiers() == both and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and at.isValid():
            self.move_column(at.column(), 1 if event.key() == Qt.Key.Key_Right else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def copy(self) -> str:
        """Put the chosen rows on the clipboard under their headings: shown columns, tab and newline between."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        if not rows:
            return ""
        heads = [_(self.table.columns[number].name) for number in self.shown_columns()]
        text = "\n".join("\t".join(map(_one_cell, line)) for line in (heads, *self.words_of(rows)))
        QGuiApplication.clipboard().setText(text)
        return text

    def copy_cell(self) -> str:
        """Put the words of the cell under the cursor on the clipboard."""
        at = self.currentIndex()
        text = self.table.words_at(at.row(), at.column()) if at.isValid() else ""
        if text:
            QGuiApplication.clipboard().setText(text)
        return text

    # --- menus -----------------------------------------------------------------------------------------------------

    def _ask_of_head(self, at: QPoint) -> None:
        number = self.horizontalHeader().logicalIndexAt(at)
        if number >= 0:
            self.menu_asked.emit(number, self.horizontalHeader().mapToGlobal(at))

    def ask_of_cell(self) -> None:
        """Ask for the menu of the column under the cursor, at its cell."""
        at = self.currentIndex()
        number = at.column() if at.isValid() else self._first_column()
        place = self.visualRect(at).bottomLeft() if at.isValid() else QPoint(0, 0)
        self.menu_asked.emit(number, self.viewport().mapToGlobal(place))

    def viewportEvent(self, event: QEvent) -> bool:
        """A cell whose words have no room says them in a tooltip."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.indexAt(event.pos())
            if at.isValid() and (words := self.words_without_room(at)):
                QToolTip.showText(event.globalPos(), words, self.viewport(), self.visualRect(at))
                return True
        return super().viewportEvent(event)

    def words_without_room(self, at: QModelIndex) -> str:
        """The words of a cell that ends in … or was made short, "" of one that is whole."""
        words = self.table.words_at(at.row(), at.column())
        if words != self.table.brief_at(at.row(), at.column()):
            return words
        mark = theme.px(24) if self.table.has_mark(at.row(), at.column()) else 0
        need = self.fontMetrics().horizontalAdvance(words) + theme.px(16) + mark
        return words if need > self.columnWidth(at.column()) else ""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click, or the keyboard's menu key."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.ask_of_cell()
            return
        at = self.indexAt(self.viewport().mapFromGlobal(event.globalPos()))
        if at.isValid():
            if not self.selectionModel().isRowSelected(at.row(), QModelIndex()):
                self._put_cursor(at.row())
            keep = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(at, keep)
            self.menu_asked.emit(at.column(), event.globalPos())

    def shown_columns(self) -> list[int]:
        """The visible columns in the order in which they stand."""
        header = self.horizontalHeader()
        order = (header.logicalIndex(place) for place in range(header.count()))
        return [number for number in order if not self.isColumnHidden(number)]

    def words_of(self, rows: list[int] | range) -> list[list[str]]:
        """The words of these rows in the visible columns."""
        columns = self.shown_columns()
        return [[self.table.words_at(row, number) for number in columns] for row in rows]

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.table.row_at(index.row()))


def _one_cell(words: str) -> str:
    """Words that stay in their cell, and text that no spreadsheet program computes."""
    return str(guarded(" ".join(words.split()))) if not _NUMBER.fullmatch(words) else words


def _take(widths: dict[int, int], columns: list[int], much: int, least: dict[int, int]) -> None:
    """Make the widest of `columns` narrower first, none below its least."""
    while much > 0:
        able = [n for n in columns if widths[n] > least[n]]
        if not able:
            return
        widest = max(able, key=lambda n: widths[n])
        step = min(much, widths[widest] - least[widest], 8)
        widths[widest] -= step
        much -= step


def _give(widths: dict[int, int], columns: list[int], much: int) -> None:
    """Make `columns` wider in proportion to their widths."""
    whole = sum(widths[n] for n in columns) or 1
    shares = {n: much * widths[n] // whole for n in columns}
    for number in columns:
        widths[number] += shares[number]
    widths[columns[-1]] += much - sum(shares.values())
