"""A page of millimetres that a reader finds and measures: lines, frames, texts, bubbles, codes; any black printer."""

from __future__ import annotations

import io

import numpy as np
import zxingcpp
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.sheet import (
    FIDUCIALS,
    ORIENTATION,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RADIUS_MAX,
    Bubble,
    CellRow,
    Rect,
)
from mab_desktop.forms import fonts
from mab_desktop.i18n import translate

# Bubbles are printed lighter than any pen writes; lines for the eye are thin and darker.
RING_GRAY, RING_WIDTH, LETTER_GRAY, LETTER_SIZE = 0.42, 0.17, 0.5, 5.9
LINE_GRAY, LINE_WIDTH, HAIR_WIDTH = 0.25, 0.22, 0.13
TIGHT, SMALLER = 1.3, 0.9  # a label so much too wide is broken into two lines of smaller type


def sheet_canvas(title: str, width: float = PAGE_WIDTH, height: float = PAGE_HEIGHT) -> tuple[Canvas, io.BytesIO]:
    """An empty PDF of pages of this size in mm with our fonts, and where it goes."""
    fonts.register()
    out = io.BytesIO()
    canvas = Canvas(
        out, pagesize=(width * mm, height * mm), initialFontName=fonts.REGULAR, pageCompression=1, invariant=1
    )
    canvas.setTitle(title)
    return canvas, out


class SheetPage:
    """A canvas in millimetres from the top left corner."""

    def __init__(self, canvas: Canvas, height: float = PAGE_HEIGHT) -> None:
        self.canvas, self.height = canvas, height

    def y(self, top: float) -> float:
        """Points from the lower edge."""
        return float((self.height - top) * mm)

    def box(self, area: Rect, width: float = LINE_WIDTH, gray: float = LINE_GRAY, fill: float | None = None) -> None:
        """A frame, filled with a gray if asked for; no line when `width` is 0."""
        self.canvas.setLineWidth(width * mm)
        self.canvas.setStrokeGray(gray)
        if fill is not None:
            self.canvas.setFillGray(fill)
        self.canvas.rect(
            area.x * mm, self.y(area.bottom), area.width * mm, area.height * mm, stroke=int(width > 0),
            fill=int(fill is not None),
        )  # fmt: skip

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = HAIR_WIDTH, gray: float = 0.4) -> None:
        """A straight line."""
        self.canvas.setLineWidth(width * mm)
        self.canvas.setStrokeGray(gray)
        self.canvas.line(x1 * mm, self.y(y1), x2 * mm, self.y(y2))

    def circle(self, x: float, y: float, radius: float, *, width: float = RING_WIDTH, fill: bool = False) -> None:
        """A ring as thin and light as a bubble's, or a black disc."""
        self.canvas.setLineWidth(width * mm)
        self.canvas.setStrokeGray(0 if fill else RING_GRAY)
        self.canvas.setFillGray(0)
        self.canvas.circle(x * mm, self.y(y), radius * mm, stroke=1, fill=int(fill))

    def text(self, x: float, base: float, words: str, size: float, *, bold: bool = False, gray: float = 0.0,
             align: str = "left", fit: float = 0.0) -> float:  # fmt: skip
        """One line at the base line; made smaller to `fit` a width in mm. Gives its width in mm."""
        face = fonts.BOLD if bold else fonts.REGULAR
        width: float = stringWidth(words, face, size) / mm
        if fit and width > fit:
            size, width = size * fit / width, fit
        left = {"left": x, "centre": x - width / 2, "right": x - width}[align]
        self.canvas.setFillGray(gray)
        self.canvas.setFont(face, size)
        self.canvas.drawString(left * mm, self.y(base), words)
        return width

    def label(
        self, x: float, base: float, message: str, width: float, *, size: float = 6.6, step: float = 2.35
    ) -> None:
        """Kazakh in bold, Russian below where it differs, both within `width`; Kazakh that is too long is broken."""
        kazakh, russian = translate("kk", message), translate("ru", message)
        wide: float = stringWidth(kazakh, fonts.BOLD, size) / mm
        if wide > width * TIGHT and " " in kazakh:
            size *= SMALLER
            first, _space, last = kazakh.rpartition(" ")
            self.text(x, base - 0.95, first, size, bold=True, fit=width)
            self.text(x, base + 0.95, last, size, bold=True, fit=width)
            base += 0.35
        else:
            self.text(x, base, kazakh, size, bold=True, fit=width)
        if russian != kazakh:
            self.text(x, base + step, russian, size * 0.86, gray=0.2, fit=width)

    def cells(self, row: CellRow) -> None:
        """A row of handwriting cells under one frame."""
        for n in range(1, row.count):
            self.line(row.x + n * row.width, row.y, row.x + n * row.width, row.y + row.height)
        self.box(Rect(row.x, row.y, row.count * row.width, row.height))

    def sector_tab(self, number: int, x: float, top: float) -> None:
        """The sector's number, white in a small black square."""
        self.box(Rect(x, top, 4.0, 3.6), width=0, fill=0.0)
        self.text(x + 2.0, top + 2.7, str(number), 7.2, bold=True, gray=1.0, align="centre")

    def marks(self) -> None:
        """The squares and the orientation mark that the reader finds a page by."""
        for mark in FIDUCIALS:
            self.box(Rect(mark.x - mark.size / 2, mark.y - mark.size / 2, mark.size, mark.size), width=0, fill=0.0)
        self.box(ORIENTATION, width=0, fill=0.0)

    def bubble(self, bubble: Bubble, letter: str) -> None:
        """An empty bubble with its letter, both lighter than any pen writes."""
        self.circle(bubble.x, bubble.y, bubble.rx)
        if letter:
            size = LETTER_SIZE * bubble.rx / RADIUS_MAX
            self.text(bubble.x, bubble.y + size * 0.7 / mm / 2, letter, size, gray=LETTER_GRAY, align="centre")

    def qr(self, area: Rect, words: str) -> None:
        """A QR code drawn as rectangles, a run of modules each: sharp on every printer."""
        code = zxingcpp.create_barcode(words, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
        dark = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0
        side = area.width / dark.shape[1]
        path = self.canvas.beginPath()
        for row, modules in enumerate(dark):
            edges = np.flatnonzero(np.diff(np.concatenate(([0], modules.astype(np.int8), [0]))))
            for start, end in edges.reshape(-1, 2).tolist():
                # A hair of overlap: viewers otherwise show white seams between rows.
                path.rect((area.x + start * side) * mm, self.y(area.y + (row + 1) * side + 0.01),
                          (end - start) * side * mm, (side + 0.01) * mm)  # fmt: skip
        self.canvas.setFillGray(0)
        self.canvas.drawPath(path, stroke=0, fill=1)
