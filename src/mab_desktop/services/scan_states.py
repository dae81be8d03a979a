"""What a run of an envelope tells those who watch it: its state, its events, all there is to show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.errors import UserError
from mab_desktop.scanning.source import Fault, ScannerFault
from mab_desktop.services.scan_suspicions import Suspicion
from mab_desktop.services.staged_pages import Counts, StagedPage

_GONE = frozenset({Fault.NO_DEVICE, Fault.CONNECTION, Fault.UNNAMED})


class State(StrEnum):
    """Where a run stands. FAULT: the scanner stopped. FOREIGN: a page does not belong here. ENDED: may be saved."""

    SCANNING = "scanning"
    FAULT = "fault"
    FOREIGN = "foreign"
    ENDED = "ended"
    SAVED = "saved"
    DISCARDED = "discarded"


class EventKind(StrEnum):
    """What happened: a page came out, was read, does not belong here; the scanner stopped; all is read."""

    ARRIVED = "arrived"
    READ = "read"
    FOREIGN = "foreign"
    FAULT = "fault"
    END = "end"


@dataclass(frozen=True)
class Event:
    """One event; READ and FOREIGN come in the order in which the pages came, `page` is the page's key."""

    kind: EventKind
    page: int = 0
    error: UserError | None = None


@dataclass(frozen=True)
class SessionView:
    """All that there is to show of a run at one moment; `foreign` is the key of the page that stopped it.

    `at_end`: nothing more is expected, so that the numbers should agree.
    """

    state: State
    at_end: bool
    shift: int
    hall: str
    scan_pass: int
    source: str
    pages: tuple[StagedPage, ...]
    counts: Counts
    suspicions: tuple[Suspicion, ...]
    error: UserError | None
    foreign: int

    @property
    def may_be_all(self) -> bool:
        """Whether a person may say that no sheet is left: not of nothing, nor while the act counts more and the
        scanner is or may be gone, of whose feeder nobody knows anything then.
        """
        fed, gone = self.counts.fed, isinstance(self.error, ScannerFault) and self.error.fault in _GONE
        return fed > 0 and not (gone and (self.counts.expected is None or fed < self.counts.expected))
