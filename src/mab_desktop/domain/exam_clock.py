"""The exam's clock (p.33): the announced start, the net time, warnings 30 and 10 minutes before the end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mab_desktop.i18n import N_

HOUR = timedelta(hours=1)
WARNINGS = (timedelta(minutes=30), timedelta(minutes=10))
COUNT_FROM, COUNT_UNTIL = timedelta(minutes=20), timedelta(minutes=25)
LATEST = timedelta(hours=2)  # a start that was typed may lie so far from the moment of typing


def typed_time(text: str) -> str:
    """Hour and minute as people type them (9.15, 09:15, 0915) as 09:15; "" for anything else."""
    found = re.fullmatch(r"([01]?\d|2[0-3])[:. ]?([0-5]\d)", text.strip())
    return f"{int(found[1]):02d}:{found[2]}" if found else ""


class Phase(StrEnum):
    """Where the exam stands."""

    BEFORE = "before"
    RUNNING = "running"
    THIRTY = "thirty"
    TEN = "ten"
    OVER = "over"


PHASE_LABELS = {
    Phase.BEFORE: N_("The exam has not begun"),
    Phase.RUNNING: N_("The exam is running"),
    Phase.THIRTY: N_("Less than 30 minutes are left: the halls were told"),
    Phase.TEN: N_("Less than 10 minutes are left: the halls were told"),
    Phase.OVER: N_("The time is over"),
}


class Moment(StrEnum):
    """What falls due on the way."""

    COUNT = "count"
    FIRST_HOUR = "first-hour"
    LAST_HOUR = "last-hour"
    THIRTY = "thirty"
    TEN = "ten"
    END = "end"


MOMENT_LABELS = {
    Moment.COUNT: N_("Count who is there (20-25 minutes after the start)"),
    Moment.FIRST_HOUR: N_("From now on students may go out, two at a time"),
    Moment.LAST_HOUR: N_("The last hour: nobody goes out any more"),
    Moment.THIRTY: N_("Say in every hall: 30 minutes are left"),
    Moment.TEN: N_("Say in every hall: 10 minutes are left"),
    Moment.END: N_("The end: the sheets are collected; the last three students leave together"),
}


@dataclass(frozen=True, slots=True)
class ExamClock:
    """The exam of one shift; `minutes` are net (p.33: 180)."""

    begun: datetime
    minutes: int = 180

    @property
    def ends(self) -> datetime:
        """When the time is over."""
        return self.begun + timedelta(minutes=self.minutes)

    def left(self, now: datetime) -> timedelta:
        """What is left; never less than nothing, never more than the whole."""
        whole = timedelta(minutes=self.minutes)
        return max(timedelta(), min(whole, self.ends - now))

    def phase(self, now: datetime) -> Phase:
        """Where the exam stands."""
        if now < self.begun:
            return Phase.BEFORE
        left = self.ends - now
        if left <= timedelta():
            return Phase.OVER
        thirty, ten = WARNINGS
        return Phase.TEN if left <= ten else Phase.THIRTY if left <= thirty else Phase.RUNNING

    def moments(self) -> tuple[tuple[Moment, datetime], ...]:
        """What falls due when, in its order; a short exam has no first and last hour."""
        thirty, ten = WARNINGS
        found = [(Moment.COUNT, self.begun + COUNT_FROM)]
        if timedelta(minutes=self.minutes) > 2 * HOUR:
            found += [(Moment.FIRST_HOUR, self.begun + HOUR), (Moment.LAST_HOUR, self.ends - HOUR)]
        found += [(Moment.THIRTY, self.ends - thirty), (Moment.TEN, self.ends - ten), (Moment.END, self.ends)]
        return tuple(sorted((pair for pair in found if pair[1] > self.begun), key=lambda pair: pair[1]))


def shown_time(span: timedelta) -> str:
    """Hours, minutes and seconds, 2:59:07."""
    seconds = round(span.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
