"""The process that draws pages for a printer: `python -m mab_desktop.ui.print_child`, started by `ui.print_qt`.

A printer's driver may think for seconds, and Qt holds Python's lock so long: in the window's own process it would be
deaf. The order comes as a frame with the PDF behind it; another frame, or the end of its parent, takes the job back.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import BinaryIO

from PySide6.QtGui import QGuiApplication

from mab_desktop.bounded import frames
from mab_desktop.domain.errors import Cancelled
from mab_desktop.domain.printing import Sides
from mab_desktop.services.printers import PrintFault, Ticket
from mab_desktop.ui.print_qt import print_pages


class Told:
    """A Progress that tells the parent of each page."""

    def __init__(self, inward: BinaryIO, outward: BinaryIO) -> None:
        self._inward, self._outward = inward, outward
        self._back = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(frames.Broken):  # the window is gone
            frames.receive(self._inward)
        self._back.set()

    def stage(self, _title: str, _total: int = 0) -> None:
        """The parent has said it already."""
        self.step(0)

    def step(self, n: int = 1) -> None:
        """So many more pages are drawn."""
        if self._back.is_set():
            raise Cancelled
        if n:
            frames.send(self._outward, {"step": n})


def main() -> None:
    """One order."""
    # What drivers print must not get among the messages.
    inward, outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    order = frames.receive(inward)
    pdf = inward.read(order["size"])
    ticket = Ticket(order["title"], tuple(order["pages"]), order["copies"], Sides(order["sides"]), order["collate"])

    def leave() -> None:
        frames.send(outward, {"cancelled": True})
        os._exit(0)

    application = QGuiApplication([sys.argv[0]])
    try:
        print_pages(order["printer"], pdf, ticket, Told(inward, outward), leave)
    except Cancelled:
        end = {"cancelled": True}
    except PrintFault:
        end = {"refused": True}
    else:
        end = {"done": True}
    frames.send(outward, end)
    application.processEvents()


if __name__ == "__main__":
    main()
