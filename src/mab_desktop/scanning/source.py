"""Where page images come from: a scanner, a watched folder, a folder of files. One protocol for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_

LEAST_DPI = 150  # at which answer sheets are read


class Fault(StrEnum):
    """Why a scanner stopped; what came out before is whole and stays usable."""

    EMPTY = "empty"
    JAM = "jam"
    DOUBLE_FEED = "double-feed"
    COVER_OPEN = "cover-open"
    BUSY = "busy"
    CONNECTION = "connection"
    UNNAMED = "unnamed"
    NO_DEVICE = "no-device"
    LENGTH = "length"
    OTHER = "other"


_SENTENCES = {
    Fault.EMPTY: (N_("There is no paper in the feeder of {device}."), N_("Lay the sheets in and go on.")),
    Fault.JAM: (N_("Paper is jammed in {device}."),
                N_("Take the jammed sheet out, lay it back on top of the rest and go on.")),
    Fault.DOUBLE_FEED: (N_("{device} noticed that two sheets went through at once."),
                        N_("Lay both sheets back on top of the rest and go on.")),
    Fault.COVER_OPEN: (N_("The cover of {device} is open."), N_("Close it and go on.")),
    Fault.BUSY: (N_("{device} is busy with other work."), N_("Wait until it is free, then go on.")),
    Fault.CONNECTION: (N_("The connection to {device} was cut."),
                       N_("Check the cable, lay the sheet that was on its way back on top and go on.")),
    Fault.UNNAMED: (N_("{device} stopped and its driver does not say why: the connection was cut, or two sheets went "
                       "through at once, or the cover is open."),
                    N_("Check cable and cover, lay the sheets that were on their way back on top and go on.")),
    Fault.NO_DEVICE: (N_("The scanner {device} is not there."), N_("Switch it on, check the cable and go on.")),
    Fault.LENGTH: (N_("{device} gave a page of another length than it had said, or had said none."),
                   N_("Lay the sheet that went through back on top and go on: the next pages are kept in a form that "
                      "takes any length.")),
    Fault.OTHER: (N_("{device} stopped: {detail}."), N_("Check the scanner, then go on.")),
}  # fmt: skip


class ScannerFault(UserError):
    """The scanner stopped; `fault` says why for programs, the message for people."""

    def __init__(self, fault: Fault, device: str, detail: str = "") -> None:
        text, next_step = _SENTENCES[fault]
        super().__init__(text, next_step=next_step, exit_code=EXIT_SYSTEM, device=device, detail=detail or "?")
        self.fault = fault


def require_fine_enough(device: str, offered: int, asked: int = LEAST_DPI) -> None:
    """UserError before a sheet is fed where the device's finest resolution is coarser than answer sheets need.

    `offered` is the one that it would scan with; who asks for less than LEAST_DPI gets what is asked for.
    """
    if offered < min(asked, LEAST_DPI):
        raise UserError(
            N_("{device} scans at {dpi} dots per inch at most; answer sheets need {least} or more. Nothing was "
               "scanned."),
            next_step=N_("Choose another scanner."), exit_code=EXIT_SYSTEM, device=device, dpi=offered, least=LEAST_DPI,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How to scan: `dpi` dots per inch, `mode` gray, color or lineart, `feeder` False for the glass.

    `width` and `height` in mm. `double_feed` asks the device to watch for two sheets at once where it can.
    """

    dpi: int = 200
    mode: str = "gray"
    feeder: bool = True
    width: float = 210.0
    height: float = 297.0
    double_feed: bool = True


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One image file as it came out: its place in the stack, counted from 1, and where the file lies."""

    position: int
    path: Path


class Source(Protocol):
    """Something that feeds pages in the order of the stack."""

    @property
    def label(self) -> str:
        """How a person knows it: the device's name or the folder."""

    def count(self) -> int | None:
        """How many pages are waiting; None where nobody can know before feeding."""

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Feed the stack, each page as soon as its file is whole; ends when the feeder is empty.

        ScannerFault when the scanner stops before that (EMPTY: there was no sheet at all); what was yielded before
        stays valid, and `pages` may be called again to go on with the rest. Cancelled when the person stops it.
        """
