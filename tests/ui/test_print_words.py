"""How a printer stands, in words."""

from __future__ import annotations

import pytest

from mab_desktop.services.printers import Printer, PrinterState
from mab_desktop.ui.print_words import printer_words


@pytest.mark.parametrize(
    ("state", "reasons", "waiting", "said"),
    [
        (PrinterState.IDLE, (), 0, "Ready"),
        (PrinterState.IDLE, ("toner-low",), 2, "Ready: the toner is running low · waiting before: 2"),
        (PrinterState.IDLE, ("media-jam",), 0, "The paper is jammed"),  # nobody calls that ready
        (PrinterState.IDLE, ("hold-new-jobs",), 0,
         "It is set to hold every document until it is released at the printer's queue"),
        (PrinterState.STOPPED, ("media-jam",), 0, "Stopped: the paper is jammed"),
    ],
)
def test_a_printer_in_trouble_is_not_called_ready(
    state: PrinterState, reasons: tuple[str, ...], waiting: int, said: str
) -> None:
    assert printer_words(Printer("emu", state=state, reasons=reasons, waiting=waiting)) == said
