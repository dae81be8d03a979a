"""Scans to look at: an image with boxes outlined, zoom, and a strip of thumbnails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QIcon,
    QImage,
    QKeyEvent,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QGraphicsSimpleTextItem,
    QGraphicsView,
    QHBoxLayout,
    QListView,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.states import WORDS, Mark

Picture = QImage | bytes  # bytes: a PNG or JPEG that we made; what others made is decoded by services
_KEY = Qt.ItemDataRole.UserRole + 1
_LINES = {Mark.DUE: Qt.PenStyle.DashLine, Mark.BLOCKED: Qt.PenStyle.DotLine}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the image, in its pixels; the line's style and colour follow the mark, `label` stands above."""

    x: float
    y: float
    width: float
    height: float
    mark: Mark = Mark.INFO
    label: str = ""


@dataclass(frozen=True, slots=True)
class Thumb:
    """One picture of the strip; `title` stands beside it, and `words` (else the mark's own word) under the title."""

    key: str
    picture: Picture
    title: str = ""
    mark: Mark = Mark.NONE
    words: str | None = None


def load_picture(picture: Picture) -> QImage:
    """A picture from an image, or from PNG or JPEG bytes; a spoilt one is null."""
    return picture if isinstance(picture, QImage) else QImage.fromData(picture)


class _BoxItem(QGraphicsRectItem):
    def __init__(self, number: int, box: Box, view: ImageView) -> None:
        super().__init__(QRectF(box.x, box.y, box.width, box.height))
        self._number, self._view = number, view
        self.box = box
        pen = QPen(theme.mark_ink(box.mark), 2, _LINES.get(box.mark, Qt.PenStyle.SolidLine))
        pen.setCosmetic(True)
        self.setPen(pen)
        self.setToolTip(box.label)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._view.box_chosen.emit(self._number)
        event.accept()


class _Canvas(QGraphicsView):
    zoomed = Signal(float)
    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(1.25 if event.angleDelta().y() > 0 else 0.8)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoomed.emit(0.8 if event.key() == Qt.Key.Key_Minus else 1.25)
        else:
            super().keyPressEvent(event)


class ImageView(QWidget):
    """An image with boxes; + and - zoom, arrows move. The image is only looked at, never changed."""

    box_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self._canvas = _Canvas(self._scene)
        self._canvas.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._canvas.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self._canvas.setBackgroundBrush(theme.qcolour("rail"))
        self._canvas.setAccessibleName(_("Scanned sheet"))
        self._canvas.zoomed.connect(self.zoom)
        self._canvas.resized.connect(self._stay_fitted)
        self.setFocusProxy(self._canvas)
        self._boxes: list[_BoxItem] = []
        self._fitted = True
        self._tools = row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        for icon, words, act in (
            ("zoom_out", _("Smaller"), lambda: self.zoom(0.8)),
            ("zoom_in", _("Larger"), lambda: self.zoom(1.25)),
            ("zoom_fit", _("Whole picture"), self.fit),
        ):
            button = icons.button(icon, words)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addLayout(row)
        column.addWidget(self._canvas, 1)

    def add_tool(self, tool: QWidget) -> None:
        """Put a button of the page's own at the right of the zoom buttons."""
        self._tools.addWidget(tool)

    def show_picture(self, picture: Picture, boxes: Sequence[Box] = ()) -> None:
        """Show a picture and outline `boxes` on it."""
        self._scene.clear()
        image = QPixmap.fromImage(load_picture(picture))
        self._scene.addItem(QGraphicsPixmapItem(image))
        self._scene.setSceneRect(QRectF(image.rect()))
        self._boxes = [_BoxItem(number, box, self) for number, box in enumerate(boxes)]
        for item in self._boxes:
            self._scene.addItem(item)
            if item.box.label:
                words = QGraphicsSimpleTextItem(item.box.label)
                words.setFont(theme.font(9, bold=True))
                words.setBrush(theme.mark_ink(item.box.mark))
                words.setFlag(QGraphicsSimpleTextItem.GraphicsItemFlag.ItemIgnoresTransformations)
                words.setPos(item.box.x, item.box.y + item.box.height)
                self._scene.addItem(words)
        self.fit()

    def zoom(self, by: float) -> None:
        """Larger or smaller, within reason."""
        if 0.05 < self._canvas.transform().m11() * by < 20:
            self._fit(on=False)
            self._canvas.scale(by, by)

    def fit(self) -> None:
        """The whole picture."""
        self._fit(on=True)
        self._canvas.fitInView(self._scene.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def _fit(self, *, on: bool) -> None:
        """A fitted picture needs no scroll bars: they would come and go while it is measured."""
        self._fitted = on
        bars = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if on else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._canvas.setHorizontalScrollBarPolicy(bars)
        self._canvas.setVerticalScrollBarPolicy(bars)

    def _stay_fitted(self) -> None:
        """The canvas has its size only after the view around it has: a fitted picture is fitted then."""
        if self._fitted:
            self.fit()


class ThumbStrip(QListView):
    """Small pictures under each other, each with its title and mark; `thumb_chosen(key)` when the cursor moves."""

    thumb_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None, size: QSize | None = None) -> None:
        super().__init__(parent)
        self._size = size or QSize(theme.px(84), theme.px(118))
        self.setIconSize(self._size)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFixedWidth(self._size.width() + theme.px(160))
        self.setSpacing(theme.px(2))
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Sheets"))
        self._shown: list[Thumb] = []
        self._empty: dict[Mark, QIcon] = {}
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.selectionModel().currentChanged.connect(self._tell)

    def show_thumbs(self, thumbs: Sequence[Thumb]) -> None:
        """Show these pictures; the cursor stays on its key, and only what changed is drawn anew."""
        kept = self.currentIndex().data(_KEY)
        self.selectionModel().blockSignals(True)
        wanted = {thumb.key for thumb in thumbs}
        for row in reversed(range(len(self._shown))):
            if self._shown[row].key not in wanted:
                self._items.removeRow(row)
                del self._shown[row]
        for row, thumb in enumerate(thumbs):
            if row >= len(self._shown) or self._shown[row].key != thumb.key:
                self._bring(row, thumb)
            elif self._shown[row] != thumb:
                self._items.setItem(row, self._item(thumb))
                self._shown[row] = thumb
        self.setCurrentIndex(QModelIndex())
        self.selectionModel().blockSignals(False)
        if kept is not None:
            self.choose(kept)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture in front stays in sight when a message over the page takes some of the room."""
        seen = self.visualRect(self.currentIndex()).intersects(QRect(QPoint(), event.oldSize()))
        super().resizeEvent(event)
        if seen:
            self.scrollTo(self.currentIndex())

    def keys(self) -> list[str]:
        """The keys of the pictures, in their order."""
        return [thumb.key for thumb in self._shown]

    def keys_in_sight(self) -> list[str]:
        """The keys of the pictures that are seen now."""
        window = self.viewport().rect()
        rows = range(self._items.rowCount())
        return [self._shown[n].key for n in rows if self.visualRect(self._items.index(n, 0)).intersects(window)]

    def put_picture(self, key: str, picture: Picture) -> None:
        """The picture of a sheet that stands here already has come."""
        for row, thumb in enumerate(self._shown):
            if thumb.key == key:
                self._shown[row] = replace(thumb, picture=picture)
                self._items.item(row).setIcon(self._icon(self._shown[row]))

    def current_key(self) -> str:
        """The key of the picture under the cursor, "" for none."""
        return str(self.currentIndex().data(_KEY) or "")

    def _bring(self, row: int, thumb: Thumb) -> None:
        """Put a new picture, or one that stood elsewhere, into its row."""
        keys = self.keys()
        if thumb.key in keys:
            self._items.removeRow(keys.index(thumb.key))
            del self._shown[keys.index(thumb.key)]
        self._items.insertRow(row, self._item(thumb))
        self._shown.insert(row, thumb)

    def _item(self, thumb: Thumb) -> QStandardItem:
        words = _(WORDS[thumb.mark]) if thumb.words is None else thumb.words
        item = QStandardItem(self._picture(thumb), "\n".join(part for part in (thumb.title, words) if part))
        item.setData(thumb.key, _KEY)
        return item

    def _picture(self, thumb: Thumb) -> QIcon:
        """Sheets that are not read yet look alike: one picture for each mark."""
        if not isinstance(thumb.picture, QImage) or not thumb.picture.isNull():
            return self._icon(thumb)
        if thumb.mark not in self._empty:
            self._empty[thumb.mark] = self._icon(thumb)
        return self._empty[thumb.mark]

    def _icon(self, thumb: Thumb) -> QIcon:
        image = load_picture(thumb.picture)
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        if image.isNull():  # not read yet, or not an image at all: an empty sheet
            image = QImage(QSize(210, 297).scaled(self._size, keep), QImage.Format.Format_Grayscale8)
            image.fill(255)
        elif image.size().scaled(self._size, keep) != image.size():
            image = image.scaled(self._size, keep, smooth)
        made = QPixmap(self._size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        left = (self._size.width() - image.width()) // 2
        painter.drawImage(left, 0, image)
        painter.setPen(theme.qcolour("line_strong"))
        painter.drawRect(left, 0, image.width() - 1, image.height() - 1)
        if thumb.mark is not Mark.NONE:
            side = theme.px(22)
            painter.drawPixmap(self._size.width() - side, 0, icons.pixmap(icons.mark_icon(thumb.mark), 22))
        painter.end()
        return QIcon(made)

    def choose(self, key: str) -> None:
        """Put the cursor on a picture."""
        keys = self.keys()
        if key in keys:
            self.setCurrentIndex(self._items.index(keys.index(key), 0))

    def _tell(self, now: QModelIndex, _before: QModelIndex) -> None:
        if (key := now.data(_KEY)) is not None:
            self.thumb_chosen.emit(key)
