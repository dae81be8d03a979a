"""Choosing the part of a picture that becomes the photograph: a frame over it, the pass beside it.

The frame is dragged or moved by the arrow keys (with Shift in larger steps), made larger and smaller by the wheel or by
+ and -; it never leaves the picture and never becomes too coarse to print.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mab_desktop.domain.portrait import Frame, widest
from mab_desktop.i18n import N_, _
from mab_desktop.services.photos import Opened, PhotoRow
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import Section, StateLabel, label
from mab_desktop.ui.states import Mark

_STEP, _LARGE_STEP = 0.01, 0.05  # of the picture's width
_CLOSER, _FARTHER = 0.95, 1 / 0.95
_MOVES = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_ZOOMS = {
    Qt.Key.Key_Plus: _CLOSER, Qt.Key.Key_Equal: _CLOSER, Qt.Key.Key_Minus: _FARTHER, Qt.Key.Key_Underscore: _FARTHER,
}  # fmt: skip


def image_of(opened: Opened) -> QImage:
    """The picture for the screen."""
    kind = QImage.Format.Format_BGR888 if opened.colours > 1 else QImage.Format.Format_Grayscale8
    return QImage(opened.dots, opened.wide, opened.high, opened.wide * opened.colours, kind).copy()


class FrameView(QWidget):
    """The picture with its frame; `changed()` when the frame was moved or zoomed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(theme.px(280), theme.px(240)))
        self.setAccessibleName(_("Picture with the frame of the photograph"))
        self.frame, self._image = Frame(0, 0, 1), QImage()
        self._held: QPointF | None = None

    def show_picture(self, opened: Opened) -> None:
        """Begin with the frame proposed, or with the one of before."""
        self._image = image_of(opened)
        self.put_frame(opened.frame)

    def put_frame(self, frame: Frame) -> None:
        """The nearest frame that the picture allows."""
        self.frame = frame.within(self._image.width(), self._image.height())
        self.update()
        self.changed.emit()

    def photograph(self) -> QImage:
        """What is in the frame."""
        frame = self.frame
        return self._image.copy(round(frame.left), round(frame.top), round(frame.width), round(frame.height))

    def zoom(self, factor: float) -> None:
        """Closer (below 1) or farther, around the middle."""
        self.put_frame(self.frame.zoomed(factor))

    def whole(self) -> None:
        """The largest frame around this middle."""
        self.zoom(widest(self._image.width(), self._image.height()) / self.frame.width)

    def _scale(self) -> float:
        return min(self.width() / max(1, self._image.width()), self.height() / max(1, self._image.height()))

    def _corner(self) -> QPointF:
        scale = self._scale()
        return QPointF((self.width() - self._image.width() * scale) / 2,
                       (self.height() - self._image.height() * scale) / 2)  # fmt: skip

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, dimmed where it is cut away, the frame with a line through the middle and at the eyes."""
        scale, corner, frame = self._scale(), self._corner(), self.frame
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRectF(corner.x(), corner.y(), self._image.width() * scale, self._image.height() * scale)
        painter.drawImage(place, self._image)
        painter.fillRect(place, QColor(0, 0, 0, 130))
        inner = QRectF(corner.x() + frame.left * scale, corner.y() + frame.top * scale, frame.width * scale,
                       frame.height * scale)  # fmt: skip
        painter.drawImage(inner, self._image, QRectF(frame.left, frame.top, frame.width, frame.height))
        painter.setPen(QPen(QColor(255, 255, 255, 110), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(inner.center().x(), inner.top()), QPointF(inner.center().x(), inner.bottom()))
        eyes = inner.top() + inner.height() * 0.4
        painter.drawLine(QPointF(inner.left(), eyes), QPointF(inner.right(), eyes))
        painter.setPen(QPen(theme.qcolour("accent") if self.hasFocus() else QColor("white"), theme.px(2)))
        painter.drawRect(inner)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, + and - zoom, 0 shows as much as there is."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            large = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step = self._image.width() * (_LARGE_STEP if large else _STEP)
            self.put_frame(self.frame.moved(_MOVES[key][0] * step, _MOVES[key][1] * step))
        elif key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_0:
            self.whole()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Up is closer."""
        self.zoom(_CLOSER if event.angleDelta().y() > 0 else _FARTHER)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the frame."""
        self._held = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._held is not None:
            moved, scale = event.position() - self._held, max(self._scale(), 1e-6)
            self._held = event.position()
            self.put_frame(self.frame.moved(moved.x() / scale, moved.y() / scale))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None


class PassPhoto(QWidget):
    """The photograph as it will stand on the pass: 30 by 40 mm, gray as the printer prints it, the seal's place."""

    def __init__(self, high: int = 240) -> None:
        super().__init__()
        self._image = QImage()
        self.setFixedSize(QSize(theme.px(high * 3 // 4), theme.px(high)))

    def show_photo(self, image: QImage) -> None:
        """Show it; an empty image is the empty box."""
        self._image = image.convertToFormat(QImage.Format.Format_Grayscale8) if not image.isNull() else image
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paper is white in the dark too."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.fillRect(box, QColor("white"))
        if not self._image.isNull():
            painter.drawImage(box, self._image)
        painter.setPen(QPen(QColor("#444444"), 1))
        painter.drawRect(box)
        if self._image.isNull():
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "3 × 4")
        painter.end()


class FramePanel(QWidget):
    """The picture, the photograph as on the pass, and the two ways out: `kept()` or `left()`."""

    kept = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.view, self.photo = FrameView(), PassPhoto(288)
        self.opened: Opened | None = None
        self._name, self._number = label("", "section", wrap=True), label("", "muted")
        self._state = StateLabel(Mark.NONE)
        self.view.changed.connect(lambda: self.photo.show_photo(self.view.photograph()))
        card = Section(_("As it will stand on the pass"))
        for widget in (self.photo, self._name, self._number, self._state):
            card.body.addWidget(widget)
        keys = _("Arrows move the frame, with Shift faster; + and − or the wheel make it smaller and larger; 0 shows "
                 "all. Enter keeps it, Esc leaves it.")  # fmt: skip
        card.body.addWidget(label(keys, "muted", wrap=True))
        card.body.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.keep_button = ActionButton(Action(N_("Keep the photograph"), self.kept.emit, "check", primary=True))
        for button in (ActionButton(Action(N_("Back to the list"), self.left.emit, "back")), self.keep_button):
            row.addWidget(button)
        card.body.addLayout(row)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(12))
        whole.addWidget(self.view, 7)
        side = QVBoxLayout()
        side.addWidget(card)
        whole.addLayout(side, 4)

    def show_picture(self, row: PhotoRow, opened: Opened) -> None:
        """Begin with a student's picture."""
        self.opened = opened
        self._name.setText(row.name)
        self._number.setText(row.to_code)
        words = _("The face was found.") if opened.face else _("No face was found: look at the frame.")
        self._state.show_state(Mark.DONE if opened.face else Mark.DUE, words)
        self.view.show_picture(opened)
        self.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter keeps."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.kept.emit()
        else:
            super().keyPressEvent(event)
