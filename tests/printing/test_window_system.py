"""The window system's own printing, as on Windows: pages drawn in a process of its own, here for the real CUPS."""

from __future__ import annotations

import time

import pypdfium2
import pytest

from mab_desktop.domain.errors import Cancelled
from mab_desktop.services.printers import PrintFault, Ticket
from mab_desktop.ui.print_qt import QtPrinters
from tests.printing.virtual_cups import VirtualCups
from tests.ui.paper_tray import pdf

pytestmark = pytest.mark.heavy
_PATIENCE = 30  # seconds until a test gives up on the spooler


class Steps:
    """Counts pages; a person takes the job back after the first, where a test wants it."""

    def __init__(self, *, back: bool = False) -> None:
        self.back, self.done, self.total = back, 0, 0

    def stage(self, _title: str, total: int = 0) -> None:
        self.total = total

    def step(self, n: int = 1) -> None:
        self.done += n
        if self.back:
            raise Cancelled


def test_the_wanted_pages_come_out(cups: VirtualCups) -> None:
    steps = Steps()
    assert QtPrinters().send("emu", pdf(3), Ticket("Journal [1-abc]", (1, 3)), steps) == "Journal [1-abc]"
    assert (steps.done, steps.total) == (2, 2)
    ends = time.monotonic() + _PATIENCE
    while not cups.arrived() and time.monotonic() < ends:
        cups.command("lpstat", "-o")
    (job,) = cups.arrived()
    with pypdfium2.PdfDocument(job.pdf) as printed:
        assert len(printed) == 2


def test_what_is_taken_back_does_not_come_out(cups: VirtualCups) -> None:
    steps = Steps(back=True)
    with pytest.raises(Cancelled):
        QtPrinters().send("emu", pdf(200), Ticket("Journal", tuple(range(1, 201))), steps)
    assert steps.done < 200
    assert cups.kept() == cups.arrived() == []


@pytest.mark.usefixtures("cups")
def test_another_printer_is_never_taken_instead() -> None:
    """Qt goes to the usual printer when a name is unknown: papers with answers must not lie there."""
    with pytest.raises(PrintFault, match="cellar did not take the job"):
        QtPrinters().send("cellar", pdf(1), Ticket("Journal", (1,)), Steps())
