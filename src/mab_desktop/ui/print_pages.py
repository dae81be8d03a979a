"""The pages of a PDF on the screen: thousands under each other, only those in sight are drawn."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate

import pypdfium2
from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea

from mab_desktop.i18n import _
from mab_desktop.services.documents import Pdf
from mab_desktop.ui import theme

POINTS = 72.0
_KEPT = 12  # rendered pages kept in memory
_LEAST, _MOST = 0.2, 4.0
_STEP = 1.25
_STRIP, _WHITE = 256, b"\xff"  # lines drawn at once at most; a dot without ink
_pdfium = threading.Lock()  # PDFium is not safe to call from two threads


class PdfPages:
    """A PDF for looking: sizes of its pages in points, and each page as an image.

    The document is opened for each look (1.4 ms at 2,000 pages) and closed at once: nothing stays open when a window
    goes.
    """

    def __init__(self, data: Pdf) -> None:
        self._data = data
        with _pdfium, closing(pypdfium2.PdfDocument(data)) as document:
            self.sizes = [document.get_page_size(n) for n in range(len(document))]

    def __len__(self) -> int:
        return len(self.sizes)

    def strips(self, number: int, dpi: float) -> Iterator[tuple[int, QImage]]:
        """Page `number` from 0, grey, drawn at `dpi`: strips of it from the top down, each with its first line.

        Strips without a dot are left out. Each is drawn in a moment, so that a window beside it is never kept waiting:
        Qt holds Python's lock while it draws, and a page of 600 dots an inch has 35 million of them.
        """
        with _pdfium, closing(pypdfium2.PdfDocument(self._data)) as document:
            page = document[number]
            bitmap = page.render(scale=dpi / POINTS, grayscale=True)
            wide, high, stride, dots = bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer)
            page.close()
        lines = [dots[start : start + wide] for start in range(0, high * stride, stride)]
        top = 0
        while top < high:
            end = _strip_end(lines, top)
            if any(line.count(_WHITE) < wide for line in lines[top:end]):
                part = dots[top * stride : end * stride]
                yield top, QImage(part, wide, end - top, stride, QImage.Format.Format_Grayscale8).copy()
            top = end

    def image(self, number: int, dpi: float) -> QImage:
        """Page `number` from 0, drawn at `dpi`."""
        with _pdfium, closing(pypdfium2.PdfDocument(self._data)) as document:
            page = document[number]
            bitmap = page.render(scale=dpi / POINTS)
            shape = QImage.Format.Format_Grayscale8 if bitmap.n_channels == 1 else QImage.Format.Format_BGR888
            if bitmap.n_channels == 4:
                shape = QImage.Format.Format_RGB32
            made = QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, shape).copy()
            page.close()
        return made


def _strip_end(lines: Sequence[bytes], top: int) -> int:
    """Where a strip ends: between two lines of words, since what is shown smaller later may show where it is joined."""
    last = min(top + _STRIP, len(lines))
    if last == len(lines):
        return last
    return max(range(top + _STRIP // 2, last), key=lambda number: (lines[number].count(_WHITE), number))


class PagesView(QAbstractScrollArea):
    """Pages with zoom and keys: PgUp, PgDn, Home, End, +, -, 0 (whole width), Ctrl and the wheel.

    `turned(page)` tells the page now in sight, from 1.
    """

    turned = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.pages: PdfPages | None = None
        self.zoom = 1.0
        self.setAccessibleName(_("Preview"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._drawn: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._tops: list[int] = []
        self._widest = self._whole = 0
        self._page = 0
        self.verticalScrollBar().valueChanged.connect(self._tell)

    def show_pages(self, pages: PdfPages | None) -> None:
        """Show another document from its beginning; None shows nothing."""
        self.pages = pages
        self._drawn.clear()
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self._page = 0
        self._tell()
        self.viewport().update()

    @property
    def page(self) -> int:
        """The page in sight, from 1; 0 when nothing is shown."""
        if not self._tops:
            return 0
        if self.verticalScrollBar().value() >= self._whole - self.viewport().height() > 0:
            return len(self._tops)
        return max(1, bisect_right(self._tops, self.verticalScrollBar().value() + self.viewport().height() // 3))

    def go_to(self, page: int) -> None:
        """Bring a page (from 1) to the top."""
        if 1 <= page <= len(self._tops):
            self.verticalScrollBar().setValue(self._tops[page - 1] - self._gap())

    def fit(self) -> None:
        """As wide as the view, not larger than life by more than a quarter."""
        if self.pages and len(self.pages):
            width = max(size[0] for size in self.pages.sizes) * self.logicalDpiX() / POINTS
            self.zoom_to(min(1.25, max(0.3, (self.viewport().width() - 2 * self._gap() - 2) / width)))

    def zoom_to(self, zoom: float) -> None:
        """Show at `zoom`, 0.2 to 4; what is in the middle of the view stays there."""
        bar = self.verticalScrollBar()
        middle = (bar.value() + self.viewport().height() / 2) / max(1, self._whole)
        self.zoom = min(_MOST, max(_LEAST, zoom))
        self._drawn.clear()
        self._lay_out()
        bar.setValue(round(middle * self._whole - self.viewport().height() / 2))
        self.viewport().update()
        self._tell()

    def larger(self) -> None:
        """Zoom in by a step."""
        self.zoom_to(self.zoom * _STEP)

    def smaller(self) -> None:
        """Zoom out by a step."""
        self.zoom_to(self.zoom / _STEP)

    # --- where pages stand -----------------------------------------------------------------------------------------

    def _gap(self) -> int:
        return theme.px(16)

    def _dots(self) -> float:
        return self.zoom * self.logicalDpiX() / POINTS

    def _lay_out(self) -> None:
        """Once for a document, a zoom or a size; painting then only asks which pages are in sight."""
        sizes, dots, gap = (self.pages.sizes if self.pages else []), self._dots(), self._gap()
        steps = [round(height * dots) + gap for _width, height in sizes]
        *self._tops, self._whole = accumulate(steps, initial=gap)
        self._widest = max((round(width * dots) for width, _height in sizes), default=0) + 2 * gap
        room, vertical, across = self.viewport().size(), self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, self._whole - room.height()))
        vertical.setPageStep(room.height())
        vertical.setSingleStep(theme.px(40))
        across.setRange(0, max(0, self._widest - room.width()))
        across.setPageStep(room.width())

    def place(self, number: int) -> QRect:
        """Where page `number` (from 0) stands in the view now."""
        assert self.pages is not None
        width, height = (round(length * self._dots()) for length in self.pages.sizes[number])
        room = max(self._widest, self.viewport().width())
        left = (room - width) // 2 - self.horizontalScrollBar().value()
        return QRect(left, self._tops[number] - self.verticalScrollBar().value(), width, height)

    def _tell(self) -> None:
        if (page := self.page) != self._page:
            self._page = page
            self.turned.emit(page)

    # --- Qt --------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pages in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.qcolour("rail"))
        first = max(0, bisect_right(self._tops, self.verticalScrollBar().value() + event.rect().top()) - 1)
        for number in range(first, len(self._tops)):
            place = self.place(number)
            if place.top() > event.rect().bottom():
                break
            if place.intersects(event.rect()):
                painter.fillRect(place, Qt.GlobalColor.white)
                painter.drawImage(QRectF(place), self._image(number))
                painter.setPen(theme.qcolour("line_strong"))
                painter.drawRect(place)
        painter.end()

    def _image(self, number: int) -> QImage:
        assert self.pages is not None
        dpi = self._dots() * POINTS * self.devicePixelRatioF()
        name = (number, round(dpi))
        if name not in self._drawn:
            self._drawn[name] = self.pages.image(number, dpi)
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        self._drawn.move_to_end(name)
        return self._drawn[name]

    def rendered(self) -> list[int]:
        """The pages (from 0) that are kept as pictures."""
        return sorted({number for number, _dpi in self._drawn})

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The same zoom in another room."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Pages are drawn anew where they stand."""
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the class."""
        bar, room, key = self.verticalScrollBar(), self.viewport().height(), event.key()
        if event.text() in ("+", "="):
            self.larger()
        elif event.text() in ("-", "−"):
            self.smaller()
        elif event.text() == "0":
            self.fit()
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            bar.setValue(bar.value() + room - self._gap())
        elif key == Qt.Key.Key_PageUp:
            bar.setValue(bar.value() - room + self._gap())
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl zooms."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.larger() if event.angleDelta().y() > 0 else self.smaller()
            event.accept()
        else:
            super().wheelEvent(event)
