"""A scanned sheet in large: as it came, or with what the reader saw on it; made beside the window, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton

from mab_desktop.i18n import _, active
from mab_desktop.services import reading_pictures
from mab_desktop.ui import icons
from mab_desktop.ui.image_review import ImageView, load_picture
from mab_desktop.ui.page import AppContext

_MARKS = "envelopes.marks"
KEY = "F4"
_SHAPES = {"frame": "□", "crossed": "⊠", "band": "▬", "cross": "✕", "ring": "○"}


@dataclass(frozen=True)
class SheetPictures:
    """How the two pictures of a sheet are made; `key` changes when they do. Both are called in another thread."""

    key: str
    original: Callable[[], QImage]
    marks: Callable[[], bytes]


class SheetView(ImageView):
    """The sheet in front. While one picture is being made, only the last one asked for waits."""

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self._app = app
        self._wanted: SheetPictures | None = None
        self._making = False
        self._shown = ("", False)
        self.marks_button = QPushButton(icons.icon("eye"), _("Show what was read"))
        self.marks_button.setCheckable(True)
        self.marks_button.setChecked(bool(app.settings.get(_MARKS, True)))
        self.marks_button.setProperty("kind", "segment")
        self.marks_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.marks_button.setToolTip(_legend())
        self.marks_button.toggled.connect(self._toggled)
        self.add_tool(self.marks_button)

    def show_sheet(self, pictures: SheetPictures | None) -> None:
        """Show a sheet as soon as its picture is made; None shows nothing."""
        self._wanted = pictures
        if pictures is None:
            self._shown = ("", False)
            self.show_picture(QImage())
        else:
            self._make()

    def turn_over(self) -> None:
        """From the picture with the marks to the one without, and back."""
        self.marks_button.toggle()

    def _toggled(self, on: bool) -> None:
        self._app.settings.set(_MARKS, on)
        self._make()

    def _make(self) -> None:
        wanted, marks = self._wanted, self.marks_button.isChecked()
        if wanted is None or self._making or self._shown == (wanted.key, marks):
            return
        self._making = True
        self._app.tasks.read(
            lambda: _picture(wanted, marks), lambda image: self._made((wanted.key, marks), image), self._failed
        )

    def _made(self, shown: tuple[str, bool], image: QImage) -> None:
        self._making = False
        if self._wanted is not None and self._wanted.key == shown[0]:
            self._shown = shown
            self.show_picture(image)
        self._make()

    def _failed(self, error: BaseException) -> None:
        self._making = False
        self._app.failed(error)


def _legend() -> str:
    """What the signs mean, as rich text."""
    about = _("Frames and circles show what the reader saw and why it asks. ({key})").format(key=KEY)
    rows = "".join(
        f'<tr><td style="background:#ffffff;color:{colour}">&nbsp;{_SHAPES[form]}&nbsp;</td>'
        f"<td>&nbsp;{escape(words)}</td></tr>"
        for form, colour, words in reading_pictures.legend(active())
    )
    return f"<p>{escape(about)}</p><table>{rows}</table>"


def _picture(wanted: SheetPictures, marks: bool) -> QImage:
    drawn: Any = wanted.marks() if marks else b""
    return load_picture(drawn) if drawn else wanted.original()
