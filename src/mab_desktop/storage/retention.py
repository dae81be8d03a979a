"""Which copies are kept: all of the last two days of work, then 12 daily, 10 weekly and 9 monthly ones. Pure rules.

A clock that is set forward or back must not cost a good copy. Copies are therefore put in order by the log that they
hold, not by the time in their names, and their age is the sum of the gaps between them, each worth at most a day: a
clock that jumps a year forward makes the copies before it a day older, one that jumps back makes them no older.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
KEEP_ALL, DAILY, WEEKLY, MONTHLY = timedelta(days=2), 12, 10, 9
SAFE = 3  # the newest copies that stay whatever happens
NORMAL, HOURLY, LEAST = range(3)  # how far copies of the last two days are thinned when the disk is short


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy: its place in the order of the log (epoch, entry), the time of its name, and whether it marks an act."""

    order: tuple[int, int]
    at: datetime
    marks: bool = False


def in_order(copies: Sequence[Kept]) -> list[Kept]:
    """The newest first, by the log and only then by the clock."""
    return sorted(copies, key=lambda copy: (copy.order, copy.at), reverse=True)


def ages(copies: Sequence[Kept], now: datetime) -> dict[Kept, timedelta]:
    """How much working time lies behind each copy."""
    found: dict[Kept, timedelta] = {}
    age, later = timedelta(), now
    for copy in in_order(copies):
        age += min(max(later - copy.at, timedelta()), DAY)
        found[copy], later = age, copy.at
    return found


def to_drop(copies: Sequence[Kept], now: datetime, shortage: int = NORMAL) -> list[Kept]:
    """Those past keeping, the oldest last. `shortage` thins the copies of the last two days too, never the `SAFE`."""
    age = ages(copies, now)
    newest = in_order(copies)
    young = [copy for copy in newest if age[copy] <= KEEP_ALL]
    old = [copy for copy in newest if age[copy] > KEEP_ALL]
    kept = {*newest[:SAFE], *_thinned(young, shortage)}
    for span, count in ((_day, DAILY), (_week, WEEKLY), (_month, MONTHLY)):
        kept.update(_newest_of_each(old, span)[:count])
    return [copy for copy in newest if copy not in kept]


def _day(at: datetime) -> Hashable:
    return at.date()


def _week(at: datetime) -> Hashable:
    return at.isocalendar()[:2]


def _month(at: datetime) -> Hashable:
    return at.year, at.month


def _hour(at: datetime) -> Hashable:
    return at.date(), at.hour


def _half_day(at: datetime) -> Hashable:
    return at.date(), at.hour < 12


def _newest_of_each(copies: Sequence[Kept], span: Callable[[datetime], Hashable]) -> list[Kept]:
    found: dict[Hashable, Kept] = {}
    for copy in copies:
        found.setdefault(span(copy.at), copy)
    return list(found.values())


def _thinned(young: Sequence[Kept], shortage: int) -> list[Kept]:
    if shortage == NORMAL:
        return list(young)
    marked = [copy for copy in young if copy.marks] if shortage == HOURLY else []
    return [*marked, *_newest_of_each(young, _hour if shortage == HOURLY else _half_day)]
