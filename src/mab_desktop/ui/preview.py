"""A PDF as it will be printed: all pages, zoom, print with choice of printer, copies and pages, save as PDF."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label

_POINTS = 72.0
_PRINT_DPI = 600
_KEPT = 12  # rendered pages kept in memory
_pdfium = threading.Lock()  # PDFium is not safe to call from two threads


class PdfPages:
    """A PDF for looking: sizes of its pages in points, and each page as an image.

    The document is opened for each look and closed at once: nothing stays open when a window goes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        with _pdfium, closing(pypdfium2.PdfDocument(data)) as document:
            self.sizes = [document.get_page_size(n) for n in range(len(document))]

    def image(self, number: int, dpi: float, *, grey: bool = False) -> QImage:
        """Page `number` from 0, drawn at `dpi`."""
        with _pdfium, closing(pypdfium2.PdfDocument(self._data)) as document:
            page = document[number]
            bitmap = page.render(scale=dpi / _POINTS, grayscale=grey)
            shape = QImage.Format.Format_Grayscale8 if bitmap.n_channels == 1 else QImage.Format.Format_BGR888
            if bitmap.n_channels == 4:
                shape = QImage.Format.Format_RGB32
            made = QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, shape).copy()
            page.close()
        return made


def page_numbers(words: str, count: int) -> list[int] | None:
    """Pages from 0 for "1-3, 5"; all for ""; None when the words name no page of `count`."""
    if not words.strip():
        return list(range(count))
    found: list[int] = []
    for part in words.replace("–", "-").split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not match:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= count:
            return None
        found += range(first - 1, last)
    return found


class _Canvas(QWidget):
    """All pages under each other; only those in sight are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: PdfPages | None = None
        self.zoom = 1.0
        self._drawn: OrderedDict[tuple[int, int], QImage] = OrderedDict()

    def show_pages(self, pages: PdfPages | None) -> None:
        self.pages = pages
        self._drawn.clear()
        self.lay_out()

    def lay_out(self) -> None:
        self._drawn.clear()
        places = self.places()
        wide = max((place.width() for place in places), default=0) + 2 * theme.px(16)
        self.setMinimumSize(QSize(wide, (places[-1].bottom() if places else 0) + theme.px(16)))
        self.update()

    def places(self) -> list[QRect]:
        top, found = theme.px(16), []
        for width, height in self.pages.sizes if self.pages else ():
            size = QSize(round(width * self._dots()), round(height * self._dots()))
            found.append(QRect(max(0, (self.width() - size.width()) // 2), top, size.width(), size.height()))
            top += size.height() + theme.px(16)
        return found

    def _dots(self) -> float:
        return self.zoom * self.logicalDpiX() / _POINTS

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.qcolour("rail"))
        for number, place in enumerate(self.places()):
            if place.intersects(event.rect()):
                painter.fillRect(place, Qt.GlobalColor.white)
                painter.drawImage(place, self._image(number))
                painter.setPen(theme.qcolour("line_strong"))
                painter.drawRect(place)
        painter.end()

    def _image(self, number: int) -> QImage:
        assert self.pages is not None
        dpi = self._dots() * _POINTS * self.devicePixelRatioF()
        name = (number, round(dpi))
        if name not in self._drawn:
            self._drawn[name] = self.pages.image(number, dpi)
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return self._drawn[name]


class _Area(QScrollArea):
    zoomed = Signal(float)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(1.25 if event.angleDelta().y() > 0 else 0.8)
            event.accept()
        else:
            super().wheelEvent(event)


class PreviewView(QWidget):
    """Pages with zoom, and Print and Save buttons; `printed(copies)` after it was printed or saved."""

    printed = Signal(int)

    def __init__(self, app: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.app = app
        self.data, self.title, self.copies = b"", "", 1
        self._canvas, self._area = _Canvas(), _Area()
        self._area.setWidget(self._canvas)
        self._area.setWidgetResizable(True)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._area.zoomed.connect(lambda by: self.zoom_to(self._canvas.zoom * by))
        self._area.setAccessibleName(_("Preview"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(self._tools())
        column.addWidget(self._area, 1)
        self.show_pdf(b"")

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        self.count = label("", "muted")
        for icon, words, act in (
            ("zoom_out", _("Smaller"), lambda: self.zoom_to(self._canvas.zoom * 0.8)),
            ("zoom_in", _("Larger"), lambda: self.zoom_to(self._canvas.zoom * 1.25)),
            ("zoom_fit", _("Whole width"), self.fit),
        ):
            button = QPushButton(icons.icon(icon), "", toolTip=words)
            button.setAccessibleName(words)
            button.setProperty("kind", "flat")
            button.clicked.connect(act)
            row.addWidget(button)
        row.addWidget(self.count)
        row.addStretch(1)
        self.save_button = QPushButton(icons.icon("save"), _("Save as PDF"))
        self.print_button = QPushButton(icons.icon("print", "on_accent"), _("Print"))
        self.print_button.setProperty("kind", "primary")
        self.save_button.clicked.connect(self.save_as)
        self.print_button.clicked.connect(self.print_out)
        row.addWidget(self.save_button)
        row.addWidget(self.print_button)
        return row

    def show_pdf(self, data: bytes, title: str = "", copies: int = 1) -> None:
        """Show a document; empty bytes show nothing. `copies` is what the regulation asks for."""
        self.data, self.title, self.copies = data, title, copies
        self._canvas.show_pages(PdfPages(data) if data else None)
        pages = len(self._canvas.pages.sizes) if self._canvas.pages else 0
        self.count.setText(_("Pages: {n}").format(n=pages) if pages else "")
        for button in (self.save_button, self.print_button):
            button.setEnabled(bool(pages))
        if pages:
            self.fit()
        self._area.verticalScrollBar().setValue(0)

    def fit(self) -> None:
        """As wide as the view, not larger than life by more than a half."""
        if self._canvas.pages and self._canvas.pages.sizes:
            width = self._canvas.pages.sizes[0][0] * self.logicalDpiX() / _POINTS
            self.zoom_to(min(1.25, max(0.3, (self._area.viewport().width() - theme.px(34)) / width)))

    def zoom_to(self, zoom: float) -> None:
        """Show at `zoom`, 0.2 to 4."""
        self._canvas.zoom = min(4.0, max(0.2, zoom))
        self._canvas.lay_out()

    def save_as(self) -> None:
        """Ask for a place and save the document there."""
        folder = self.app.settings.get("export.folder", str(Path.home()))
        name = re.sub(r"[^\w .-]", "_", self.title) or "document"
        file, _kind = QFileDialog.getSaveFileName(
            self, _("Save as PDF"), str(Path(folder, f"{name}.pdf")), "PDF (*.pdf)"
        )
        if file:
            with self.app.guarded():
                save_pdf(self.data, Path(file))
                self.app.settings.set("export.folder", str(Path(file).parent))
                # Nobody knows how often the file is printed elsewhere: it counts as one printing.
                self.printed.emit(1)

    def print_out(self) -> None:
        """Ask for printer, copies and pages, then print in a task."""
        asked = PrintQuestion(self, self.title, len(self._canvas.pages.sizes) if self._canvas.pages else 0, self.copies)
        if asked.exec() != QDialog.DialogCode.Accepted:
            return
        printer, pages, copies, data = asked.printer(), asked.pages(), asked.copies.value(), self.data
        self.app.tasks.run(
            _("Printing"),
            lambda progress: print_pdf(data, printer, pages, progress),
            lambda _none: self.printed.emit(copies),
        )


def save_pdf(data: bytes, file: Path) -> None:
    """Write a document; raises UserError when the disk refuses."""
    try:
        file.write_bytes(data)
    except OSError as error:
        text = N_("The file could not be written. Nothing here has changed.")
        raise UserError(text, next_step=N_("Choose another folder and save again.")) from error


def print_pdf(data: bytes, printer: Any, numbers: list[int], progress: Progress) -> None:
    """Draw the pages on a QPrinter at true size, edge to edge: a millimetre of the form is one on paper."""
    pages = PdfPages(data)
    painter = QPainter()
    if not painter.begin(printer):
        raise UserError(
            N_("The printer did not take the job. Nothing was printed."), next_step=N_("Check it and print again.")
        )
    try:
        progress.stage(N_("Pages to the printer"), len(numbers))
        dots = printer.resolution()
        for place, number in enumerate(numbers):
            if place:
                printer.newPage()
            wide, high = pages.sizes[number]
            image = pages.image(number, min(dots, _PRINT_DPI), grey=True)
            painter.drawImage(QRectF(QPointF(0, 0), QPointF(wide * dots / _POINTS, high * dots / _POINTS)), image)
            progress.step()
    finally:
        painter.end()


class PrintQuestion(Question):
    """Which printer, how many copies, which pages."""

    def __init__(self, parent: QWidget | None, title: str, count: int, copies: int) -> None:
        from PySide6.QtPrintSupport import QPrinterInfo

        super().__init__(parent, _("Print"), title, _("Print"))
        self._count = count
        self.printers, self.copies, self.range = QComboBox(), QSpinBox(), QLineEdit()
        self.printers.addItems(QPrinterInfo.availablePrinterNames())
        self.printers.setCurrentText(QPrinterInfo.defaultPrinterName())
        self.copies.setRange(1, 99)
        self.copies.setValue(copies)
        self.range.setPlaceholderText(_("all; or like 1-3, 5"))
        for words, field in ((_("Printer"), self.printers), (_("Copies"), self.copies), (_("Pages"), self.range)):
            name = QLabel(words)
            name.setBuddy(field)
            self.fields.addWidget(name)
            self.fields.addWidget(field)
        self.obstacle = label("", "errorStrip", wrap=True)
        self.fields.addWidget(self.obstacle)
        self.range.textChanged.connect(self._check)
        self._check()

    def _check(self) -> None:
        why = ""
        if not self.printers.count():
            why = _("No printer is installed on this computer. Save the document as PDF and print it elsewhere.")
        elif page_numbers(self.range.text(), self._count) is None:
            why = _("There are no such pages: the document has {n}.").format(n=self._count)
        self.obstacle.setText(why)
        self.obstacle.setVisible(bool(why))
        self.act_button.setEnabled(not why)

    def pages(self) -> list[int]:
        """The chosen pages, from 0."""
        return page_numbers(self.range.text(), self._count) or []

    def printer(self) -> Any:
        """The chosen printer, set to A4 without margins and the copies asked for."""
        from PySide6.QtGui import QPageSize
        from PySide6.QtPrintSupport import QPrinter

        made = QPrinter(QPrinter.PrinterMode.HighResolution)
        made.setPrinterName(self.printers.currentText())
        made.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        made.setFullPage(True)
        made.setCopyCount(self.copies.value())
        made.setDocName(self.windowTitle())
        return made
