"""The window system's own printing, for computers without CUPS (Windows): pages are drawn at the printer's resolution.

This lasts as long as the printer's driver takes for them, in a process of its own beside the window. The window system
tells nothing of a job once it is handed over: when something went wrong, the person says how far the paper came.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from PySide6.QtCore import QRect
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from mab_desktop.bounded import frames, limits
from mab_desktop.domain.errors import Cancelled
from mab_desktop.domain.printing import LargePaper, Sides
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.services.documents import Pdf, pdf_parts
from mab_desktop.services.printers import JobStage, JobState, Printer, PrinterState, Ticket, refused
from mab_desktop.ui.print_pages import PdfPages

_CHILD = "mab_desktop.ui.print_child"
_PATIENCE = 10  # seconds
_MOST_DPI = 600  # a laser printer's; more makes jobs larger and nothing sharper
_STATES = {
    QPrinter.PrinterState.Idle: PrinterState.IDLE,
    QPrinter.PrinterState.Active: PrinterState.BUSY,
    QPrinter.PrinterState.Error: PrinterState.STOPPED,
    QPrinter.PrinterState.Aborted: PrinterState.STOPPED,
}
_SIDES = {
    Sides.ONE: QPrinter.DuplexMode.DuplexNone,
    Sides.LONG: QPrinter.DuplexMode.DuplexLongSide,
    Sides.SHORT: QPrinter.DuplexMode.DuplexShortSide,
}


class QtPrinters:
    """A PrintSystem over QPrinter."""

    @property
    def follows(self) -> bool:
        """It does not."""
        return False

    def printers(self) -> Sequence[Printer]:
        """Those the window system knows."""
        return [_printer(QPrinterInfo.printerInfo(name)) for name in QPrinterInfo.availablePrinterNames()]

    def send(self, printer: str, pdf: bytes | LargePaper, ticket: Ticket, progress: Progress) -> str:
        """Have the wanted pages drawn; Cancelled between two pages takes the job back."""
        order = {"printer": printer, "title": ticket.title, "pages": ticket.pages, "copies": ticket.copies,
                 "sides": ticket.sides.value, "collate": ticket.collate}  # fmt: skip
        progress.stage(N_("Pages to the printer"), len(ticket.pages))
        parts = list(pdf_parts(pdf))
        child = subprocess.Popen(
            [sys.executable, "-m", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            **limits.hidden_window(),
        )  # fmt: skip
        outward, inward = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stdout)
        try:
            frames.send(outward, {**order, "size": sum(map(len, parts))})
            outward.writelines(parts)
            outward.flush()
            _follow(outward, inward, printer, progress)
        except (frames.Broken, OSError) as error:
            raise refused(printer, _CHILD) from error
        finally:
            _end(child, outward, inward)
        return ticket.title

    def find(self, _title: str) -> str:
        """Nothing is known of a job that was handed over."""
        return ""

    def look(self, _job: str) -> JobState:
        """It counts as printed: `send` ends when the spooler has everything."""
        return JobState(JobStage.DONE)

    def cancel(self, _job: str) -> None:
        """What the spooler has can only be cancelled in its own window."""

    def forget(self, _job: str) -> None:
        """The window system's spooler deletes a job's pages itself, unless its owner told it to keep them."""


def _printer(info: QPrinterInfo) -> Printer:
    can = info.supportedDuplexModes()
    sides = frozenset(side for side, mode in _SIDES.items() if mode in can) | {Sides.ONE}
    paper = info.defaultPageSize()
    size = "iso_a4_210x297mm" if paper.id() is QPageSize.PageSizeId.A4 else paper.name()
    state = _STATES.get(info.state(), PrinterState.UNKNOWN)
    return Printer(
        info.printerName(), info.description() or info.printerName(), state, default=info.isDefault(), sides=sides,
        paper=(size,) if size else (),
    )  # fmt: skip


def _follow(outward: BinaryIO, inward: BinaryIO, printer: str, progress: Progress) -> None:
    """Tell of each page until the last; what a person takes back ends when the driver lets go of its page."""
    while "done" not in (said := frames.receive(inward)):
        if "refused" in said:
            raise refused(printer, "QPrinter")
        if "cancelled" in said:
            raise Cancelled
        try:
            progress.step(said["step"])
        except Cancelled:
            frames.send(outward, {"back": True})


def _end(child: subprocess.Popen[bytes], *pipes: BinaryIO) -> None:
    """It has said its last word, or it is not listened to any more and takes its job back."""
    for pipe in pipes:
        with suppress(OSError):  # what it did not take any more
            pipe.close()
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def print_pages(printer: str, pdf: bytes, ticket: Ticket, progress: Progress, leave: Callable[[], None]) -> None:
    """What the process does; `leave` ends it where the window system cannot take back what is half drawn."""
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    made.setPrinterName(printer)
    if made.printerName() != printer or not made.isValid():  # Qt would take the usual printer
        raise refused(printer, "QPrinter")
    made.setDocName(ticket.title)
    made.setCopyCount(ticket.copies)
    made.setCollateCopies(ticket.collate)
    made.setDuplex(_SIDES[ticket.sides])
    draw(pdf, made, ticket.pages, progress, leave)


def draw(
    pdf: Pdf, printer: QPrinter, numbers: Sequence[int], progress: Progress, leave: Callable[[], None] = lambda: None
) -> None:
    """Draw pages (from 1) on A4 at true size, edge to edge: a millimetre of the form is one on paper."""
    pages, painter = PdfPages(pdf), QPainter()
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setFullPage(True)
    _turn(printer, pages.sizes[numbers[0] - 1])
    if not painter.begin(printer):
        raise refused(printer.printerName(), "QPrinter")
    try:
        progress.stage(N_("Pages to the printer"), len(numbers))
        larger = -(-printer.resolution() // _MOST_DPI)  # a dot of ours is so many of the printer's: strips join exactly
        for place, number in enumerate(numbers):
            if place:
                _turn(printer, pages.sizes[number - 1])
                printer.newPage()
            for top, strip in pages.strips(number - 1, printer.resolution() / larger):
                painter.drawImage(QRect(0, top * larger, strip.width() * larger, strip.height() * larger), strip)
            progress.step()
    except Cancelled:
        if not printer.abort():
            leave()  # with the painter's end the pages so far would go to the printer
        raise
    finally:
        painter.end()


def _turn(printer: QPrinter, size: tuple[float, float]) -> None:
    """Lay the paper as the page lies."""
    wide = size[0] > size[1]
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait)
