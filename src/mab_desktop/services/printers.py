"""The printers of this computer as screens may use them, and which spooler stands behind them."""

from __future__ import annotations

import sys

from mab_desktop.printing.cups import Cups, server
from mab_desktop.printing.queue import (
    ENDED,
    JobStage,
    JobState,
    Printer,
    PrinterState,
    PrintFault,
    PrintSystem,
    Ticket,
    refused,
)


def spooler() -> PrintSystem | None:
    """CUPS where it is the spooler; None where the window's own printing must do (Windows)."""
    return Cups(server()) if sys.platform.startswith(("linux", "darwin")) else None


__all__ = [
    "ENDED", "JobStage", "JobState", "PrintFault", "PrintSystem", "Printer", "PrinterState", "Ticket", "refused",
    "spooler",
]  # fmt: skip
