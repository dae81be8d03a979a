"""What a run of an envelope tells those who watch it: its state, its events, all there is to show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.errors import UserError
from mab_desktop.services.scan_suspicions import Suspicion
from mab_desktop.services.staged_pages import Counts, StagedPage


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
