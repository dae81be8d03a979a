"""The printers of a computer and the jobs sent to them: one protocol, whatever spooler is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.printing import LargePaper, Sides
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_

A4 = "iso_a4_210x297mm"


class PrinterState(StrEnum):
    """What a printer does now."""

    IDLE = "idle"
    BUSY = "busy"
    STOPPED = "stopped"  # keeps jobs and prints none until somebody sets it right
    CLOSED = "closed"  # takes no jobs
    UNKNOWN = "unknown"


class JobStage(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    PRINTING = "printing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"  # nobody knows it (any more)


ENDED = frozenset({JobStage.DONE, JobStage.CANCELLED, JobStage.FAILED, JobStage.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer: `name` for the spooler, `words` for people, `reasons` as IPP says them ("media-jam", "offline").

    `sides` are those it can do. `paper` is what lies in its trays or, where it does not tell, what it expects; empty
    when nobody knows. `waiting` counts the jobs before ours.
    """

    name: str
    words: str = ""
    state: PrinterState = PrinterState.UNKNOWN
    reasons: tuple[str, ...] = ()
    default: bool = False
    sides: frozenset[Sides] = frozenset(Sides)
    paper: tuple[str, ...] = ()
    waiting: int = 0

    @property
    def has_a4(self) -> bool:
        """False when it is known that no A4 lies in the printer."""
        return not self.paper or A4 in self.paper


@dataclass(frozen=True, slots=True)
class Ticket:
    """How a PDF is to be printed: `title` names the job, `pages` (from 1, rising) are those wanted."""

    title: str
    pages: tuple[int, ...]
    copies: int = 1
    sides: Sides = Sides.ONE
    collate: bool = True


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job stands: `sure` sides are known to have come out; `reasons` say what it waits for."""

    stage: JobStage
    sure: int = 0
    reasons: tuple[str, ...] = ()


class PrintSystem(Protocol):
    """A spooler."""

    @property
    def follows(self) -> bool:
        """True when it tells what becomes of a job after it was taken."""

    def printers(self) -> Sequence[Printer]:
        """All printers; PrintFault when the spooler does not answer."""

    def send(self, printer: str, pdf: bytes | LargePaper, ticket: Ticket, progress: Progress) -> str:
        """Hand a job over; its name. PrintFault when it is not taken, Cancelled when the person stopped before."""

    def find(self, title: str) -> str:
        """The name of the job with this title, "" when it is not known."""

    def look(self, job: str) -> JobState:
        """How a job stands now."""

    def cancel(self, job: str) -> None:
        """Take a job back; one that has ended stays as it is."""

    def forget(self, job: str) -> None:
        """Delete the paper that the spooler keeps of a job, and its name; one that has not ended is taken back."""


class PrintFault(UserError):
    """The spooler or printer did not take what was sent; nothing was printed."""

    exit_code = EXIT_SYSTEM


def not_there(detail: str) -> PrintFault:
    """The spooler does not answer."""
    return PrintFault(
        N_("The print service of this computer does not answer ({detail}). Nothing was printed."),
        next_step=N_("Start it, or save the document as PDF and print it elsewhere."), detail=detail,
    )  # fmt: skip


def refused(printer: str, detail: str) -> PrintFault:
    """The job was not taken."""
    return PrintFault(
        N_("The printer {printer} did not take the job ({detail}). Nothing was printed."),
        next_step=N_("Check the printer, or choose another one, and print again."), printer=printer, detail=detail,
    )  # fmt: skip
