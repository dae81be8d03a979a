"""A piece of a scan, as large as there is room; what is asked about is framed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy

from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.states import Mark


class Crop(QLabel):
    """A piece of a scan, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = QPixmap()
        self._frame: tuple[float, float, float, float] | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(theme.px(160), theme.px(70))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def show_crop(self, data: bytes | None, frame: tuple[float, float, float, float] | None = None) -> None:
        """Show a JPEG, words when there is none (b""), nothing while it is being read (None).

        `frame` (shares of the picture) outlines what is asked about.
        """
        self._frame = frame
        self._whole = QPixmap()
        if data:
            self._whole.loadFromData(data)
        if data is None:
            self.clear()
        elif self._whole.isNull():
            self.setText(_("No picture: the sheet was not found in its image. Take the paper."))
            self.setWordWrap(True)
        self._fit()

    def resizeEvent(self, _event: object) -> None:
        """Follow the room."""
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        room = self.size().boundedTo(self._whole.size() * 4)
        shown = self._whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        if self._frame is not None:
            x, y, wide, tall = self._frame
            painter = QPainter(shown)
            painter.setPen(QPen(theme.mark_ink(Mark.DUE), theme.px(3)))
            width, height = shown.width(), shown.height()
            painter.drawRect(round(x * width), round(y * height), round(wide * width), round(tall * height))
            painter.end()
        self.setPixmap(shown)
