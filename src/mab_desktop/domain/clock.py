"""The one place that asks the computer for the time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives the time; everything that needs it takes a clock."""

    def now(self) -> datetime:
        """The present moment, with a time zone."""

    def ticks(self) -> float:
        """Seconds since the computer was started: nobody can set them, and only a restart sets them back."""


class SystemClock:
    """The computer's own clock, in local time."""

    def now(self) -> datetime:
        """The present moment in the local time zone."""
        return datetime.now(UTC).astimezone()

    def ticks(self) -> float:
        """Seconds since the computer was started, those asleep too, the same for every program."""
        asleep_too = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere the plain one counts them
        return time.monotonic() if asleep_too is None else time.clock_gettime(asleep_too)


def gone_by(then: float, now: float) -> float:
    """How many ticks have gone by since `then` for certain; less after a restart: only the time since it is known."""
    return now - then if now >= then else now


@dataclass
class SetClock:
    """A clock that is set by hand and moves `tick` forward each time it is read (rehearsal, tests)."""

    moment: datetime
    tick: timedelta = field(default=timedelta(seconds=1))
    gone: timedelta = field(default=timedelta())  # how far the hands were put wrong

    def now(self) -> datetime:
        """The moment set, then a tick later."""
        self.moment += self.tick
        return self.moment

    def set(self, moment: datetime) -> None:
        """Jump to `moment`; a clock never runs backwards here."""
        self.moment = max(self.moment, moment)

    def ticks(self) -> float:
        """Seconds that really went by, whatever the hands show."""
        return (self.moment - self.gone).timestamp()

    def put_hands(self, moment: datetime) -> None:
        """Show another time, earlier or later, without any having gone by."""
        self.gone += moment - self.moment
        self.moment = moment

    def restart(self) -> None:
        """Switch the computer off and on: its seconds begin anew."""
        self.gone = self.moment - datetime.fromtimestamp(0, UTC)
