"""The doubtful marks as pictures: each with its place, what was read and what was decided; several can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QListView

from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.mark_words import short_words
from mab_desktop.services import sheet_pictures
from mab_desktop.services.doubtful import DoubtfulMark
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.states import Mark

_KEY = Qt.ItemDataRole.UserRole + 1
_TILE, _TEXT = QSize(166, 44), 40
_KEPT = 600
WAITING, DECIDED = N_("waits"), N_("decided")
Frame = tuple[float, float, float, float]


def mark_name(mark: DoubtfulMark) -> str:
    """What names a mark among the others."""
    return f"{mark.serial}:{mark.field}:{mark.column}"


class MarkGallery(QListView):
    """The marks of a shift or hall. `moved()` when cursor or choice changed; `frame_of` tells where a group lies."""

    moved = Signal()

    def __init__(self, app: AppContext, frame_of: Callable[[DoubtfulMark], Frame]) -> None:
        super().__init__()
        self._app, self._frame_of = app, frame_of
        self._pictures: dict[str, bytes] = {}
        self._asked: set[str] = set()
        self._bare: dict[bool, QIcon] = {}
        self._shown: dict[str, DoubtfulMark] = {}
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setWordWrap(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(theme.px(_TILE.width()), theme.px(_TILE.height())))
        self.setGridSize(QSize(theme.px(_TILE.width() + 12), theme.px(_TILE.height() + _TEXT + 14)))
        self.setMinimumWidth(theme.px(_TILE.width() + 36))
        self.setAccessibleName(_("Doubtful marks"))
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._load_visible)
        self.verticalScrollBar().valueChanged.connect(lambda _at: self._later.start())
        self.selectionModel().currentChanged.connect(lambda *_indexes: self.moved.emit())
        self.selectionModel().selectionChanged.connect(lambda *_indexes: self.moved.emit())

    def show_marks(self, marks: Mapping[str, DoubtfulMark]) -> None:
        """Show the marks; the cursor stays on its mark, else it goes to the first that waits."""
        kept = self.key()
        self.selectionModel().blockSignals(True)
        if list(marks) == [self._items.item(row).data(_KEY) for row in range(self._items.rowCount())]:
            for row, (name, mark) in enumerate(marks.items()):
                if self._shown.get(name) != mark:
                    self._dress(self._items.item(row), mark)
        else:
            self._items.clear()
            for name, mark in marks.items():
                item = QStandardItem()
                item.setData(name, _KEY)
                self._dress(item, mark)
                self._items.appendRow(item)
        self._shown = dict(marks)
        if not self.put(kept) and marks:
            self.put(next((name for name, mark in marks.items() if mark.decided is None), next(iter(marks))))
        self.selectionModel().blockSignals(False)
        self._later.start()

    def _dress(self, item: QStandardItem, mark: DoubtfulMark) -> None:
        words = _("Hall {hall} · {serial}\n{place}").format(
            hall=mark.hall, serial=mark.serial[-4:], place=short_words(mark.field, mark.column))  # fmt: skip
        if mark.decided is not None:
            words += " → " + ("".join(mark.decided) or _("none"))
        item.setText(words)
        item.setToolTip(_(WAITING if mark.decided is None else DECIDED))
        self._put_tile(item, mark)

    def _put_tile(self, item: QStandardItem, mark: DoubtfulMark) -> None:
        waits, data = mark.decided is None, self._pictures.get(mark_name(mark))
        if data is None and waits not in self._bare:
            self._bare[waits] = self._icon(mark)  # one for all that are not in sight yet
        item.setIcon(self._bare[waits] if data is None else self._icon(mark))

    def _icon(self, mark: DoubtfulMark) -> QIcon:
        icon, tile = QIcon(), self._tile(mark)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # a chosen one is not tinted: it is to be judged
            icon.addPixmap(tile, mode)
        return icon

    def _tile(self, mark: DoubtfulMark) -> QPixmap:
        """The row itself, cut out of the larger picture, with its state's shape before it."""
        size, ratio = self.iconSize(), self.devicePixelRatioF()
        tile = QPixmap(size * ratio)
        tile.setDevicePixelRatio(ratio)
        tile.fill(theme.qcolour("surface_alt"))
        painter = QPainter(tile)
        data = self._pictures.get(mark_name(mark), b"")
        whole = QPixmap()
        if data and whole.loadFromData(data):
            left, top, wide, tall = self._frame_of(mark)
            box = QRect(round(left * whole.width()), round(top * whole.height()), round(wide * whole.width()),
                        round(tall * whole.height()))  # fmt: skip
            part = whole.copy(box.adjusted(-box.width() // 8, -box.height() // 5, box.width() // 16, box.height() // 5))
            room = QSize(size.width() - theme.px(24), size.height())
            part = part.scaled(room * ratio, Qt.AspectRatioMode.KeepAspectRatio,
                               Qt.TransformationMode.SmoothTransformation)  # fmt: skip
            part.setDevicePixelRatio(ratio)
            painter.drawPixmap(theme.px(24), round((size.height() - part.height() / ratio) / 2), part)
        state = Mark.DUE if mark.decided is None else Mark.DONE
        icons.mark_icon(state).paint(painter, QRect(theme.px(4), (size.height() - theme.px(16)) // 2, theme.px(16),
                                                    theme.px(16)))  # fmt: skip
        painter.setPen(QPen(theme.qcolour("line"), 1))
        painter.drawRect(0, 0, size.width() - 1, size.height() - 1)
        painter.end()
        return tile

    # --- pictures --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More tiles may be in sight."""
        super().resizeEvent(event)
        self._later.start()

    def _load_visible(self) -> None:
        """Ask for the pictures in sight, a sheet's together."""
        wanted: dict[str, list[DoubtfulMark]] = {}
        seen = self.viewport().rect()
        for row in range(self._items.rowCount()):
            name = self._items.item(row).data(_KEY)
            if name not in self._asked and self.visualRect(self._items.index(row, 0)).intersects(seen):
                self._asked.add(name)
                wanted.setdefault(self._shown[name].serial, []).append(self._shown[name])
        for marks in wanted.values():
            shot, groups = marks[0].first, [(mark.field, mark.column) for mark in marks]
            read = partial(sheet_pictures.group_pictures, self._app.ctx, shot.image, shot.image_page, shot.placement,
                           groups)  # fmt: skip
            self._app.tasks.read(read, partial(self._keep, marks[0].serial), self._app.failed)

    def _keep(self, serial: str, found: Mapping[tuple[str, int], bytes]) -> None:
        for (field, column), data in found.items():
            while len(self._pictures) >= _KEPT:
                gone = next(iter(self._pictures))
                del self._pictures[gone]
                self._asked.discard(gone)
            self._pictures[f"{serial}:{field}:{column}"] = data
        for row in range(self._items.rowCount()):
            item = self._items.item(row)
            mark = self._shown.get(item.data(_KEY))
            if mark is not None and mark.serial == serial and (mark.field, mark.column) in found:
                self._put_tile(item, mark)

    # --- cursor and choice -----------------------------------------------------------------------------------------

    def key(self) -> str:
        """The name of the mark in front, "" for none."""
        return str(self.currentIndex().data(_KEY) or "")

    def chosen(self) -> list[str]:
        """The names chosen, in their order; the one in front when it is alone."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [str(self._items.item(row).data(_KEY)) for row in rows] or ([self.key()] if self.key() else [])

    def put(self, name: str) -> bool:
        """Choose one mark alone; False when it is not shown."""
        for row in range(self._items.rowCount() if name else 0):
            if self._items.item(row).data(_KEY) == name:
                index = self._items.index(row, 0)
                self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
                self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
                return True
        return False

    def choose(self, names: Sequence[str]) -> None:
        """Choose several marks."""
        for row in range(self._items.rowCount()):
            if self._items.item(row).data(_KEY) in names:
                flag = QItemSelectionModel.SelectionFlag.Select
                self.selectionModel().select(self._items.index(row, 0), flag)

    def walk(self, by: int) -> bool:
        """Go to the next (1) or previous (-1) mark that waits; False when none does."""
        names, row = list(self._shown), max(self.currentIndex().row(), 0)
        for step in range(1, len(names) + 1):
            name = names[(row + by * step) % len(names)]
            if self._shown[name].decided is None:
                return self.put(name)
        return False
