"""The home page: the season as a timeline, the one next step, what is late or blocked and why, a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from mab_desktop.ui.states import Mark


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One date of the regulation's calendar (p.17-25); words ready to show."""

    day: date
    title: str
    paragraph: str = ""
    mark: Mark = Mark.NONE
    page: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one primary button of the home page: `verb` is its word, `why` the sentence beside it."""

    title: str
    page: str
    why: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Something late or blocked, with the reason and the page where it is put right."""

    title: str
    reason: str
    mark: Mark = Mark.BLOCKED
    page: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its label and a small plot of `values` (per day, per hall, ...)."""

    label: str
    value: str
    values: tuple[float, ...] = ()
    plot: Literal["bars", "line"] = "bars"
    note: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class EmptySeason:
    """How to begin: words, the page that begins, and whether a rehearsal season can be looked at instead."""

    title: str
    steps: tuple[str, ...]
    page: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything the home page shows."""

    today: date
    who: str = ""
    organisation: str = ""
    season: str = ""
    timeline: tuple[TimelineEntry, ...] = ()
    next_step: NextStep | None = None
    hindrances: tuple[Hindrance, ...] = ()
    numbers: tuple[Number, ...] = ()
    empty: EmptySeason | None = None
