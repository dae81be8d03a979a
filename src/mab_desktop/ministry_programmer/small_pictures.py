"""The small pictures of a strip of scanned sheets: made beside the window, those in sight first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage
from shiboken6 import isValid

from mab_desktop.ui.image_review import Thumb, ThumbStrip
from mab_desktop.ui.page import AppContext


class SmallPictures(QObject):
    """Fills a strip that stands there already. A sheet's picture never changes: each is made once while it is shown."""

    def __init__(self, app: AppContext, strip: ThumbStrip) -> None:
        super().__init__(strip)
        self._app, self._strip = app, strip
        self._made: dict[str, QImage] = {}
        self._makers: Mapping[str, Callable[[], QImage]] = {}
        self._making = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._next)

    def show(self, thumbs: Sequence[Thumb], makers: Mapping[str, Callable[[], QImage]]) -> None:
        """Show these at once, each with its picture as soon as `makers[key]` has made it, in another thread."""
        self._makers = makers
        self._made = {key: image for key, image in self._made.items() if key in makers}
        self._strip.show_thumbs([replace(thumb, picture=self._made.get(thumb.key, QImage())) for thumb in thumbs])
        self._soon.start()

    def waiting(self) -> list[str]:
        """The keys without a picture, those in sight first."""
        missing = [key for key in self._makers if key not in self._made]
        seen = set(self._strip.keys_in_sight())
        return sorted(missing, key=lambda key: key not in seen)

    def _next(self) -> None:
        missing = self.waiting()
        if self._making or not missing:
            return
        key, self._making = missing[0], True
        self._app.tasks.read(self._makers[key], lambda image: self._put(key, image), self._failed)

    def _put(self, key: str, image: QImage) -> None:
        if not isValid(self):
            return  # the page was made anew in the meantime
        self._making = False
        if key in self._makers:
            self._made[key] = image
            self._strip.put_picture(key, image)
        self._soon.start()

    def _failed(self, error: BaseException) -> None:
        if isValid(self):
            self._making = False
            self._app.failed(error)
