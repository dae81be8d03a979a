"""The one place that asks the computer for the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives the time; everything that needs it takes a clock."""

    def now(self) -> datetime:
        """The present moment, with a time zone."""


class SystemClock:
    """The computer's own clock, in local time."""

    def now(self) -> datetime:
        """The present moment in the local time zone."""
        return datetime.now(UTC).astimezone()


@dataclass
class SetClock:
    """A clock that is set by hand and moves `tick` forward each time it is read (rehearsal, tests)."""

    moment: datetime
    tick: timedelta = field(default=timedelta(seconds=1))

    def now(self) -> datetime:
        """The moment set, then a tick later."""
        self.moment += self.tick
        return self.moment

    def set(self, moment: datetime) -> None:
        """Jump to `moment`; a clock never runs backwards here."""
        self.moment = max(self.moment, moment)
