"""Readiness of the workplace before the first shift opens (p.28, p.29): what is checked, and how long it holds.

Each check gives a finding; all findings together, signed by the programmer and the representative, are the report that
the first shift is not opened without. What the computer finds by itself is looked at anew for each report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.trial_pack import PackResult
from mab_desktop.i18n import N_

REASON_LEAST = 10
MEGABYTE = 1_000_000


class Item(StrEnum):
    """What is checked, in the order of the page and of the report."""

    VERSION = "version"
    ORIGIN = "origin"
    DATABASE = "database"
    DISK = "disk"
    CLOCK = "clock"
    PRINTER = "printer"
    GLASS = "glass"
    PACK = "pack"
    DRIVE = "drive"
    RESERVE = "reserve"


ITEM_LABELS = {
    Item.VERSION: N_("Program and reference data"),
    Item.ORIGIN: N_("Final database and the centre's data"),
    Item.DATABASE: N_("Database, every page and the whole log"),
    Item.DISK: N_("Room on the disk"),
    Item.CLOCK: N_("Clock of the computer"),
    Item.PRINTER: N_("Test page of the printer, scanned"),
    Item.GLASS: N_("White sheet through the scanner"),
    Item.PACK: N_("Test pack of answer sheets"),
    Item.DRIVE: N_("Flash drive, written and read back"),
    Item.RESERVE: N_("Reserve PC"),
}
BY_ITSELF = (Item.VERSION, Item.ORIGIN, Item.DATABASE, Item.DISK, Item.CLOCK)
# A printer, a scanner or a drive that was good a week ago is looked at again.
HOLDS = {item: timedelta(days=2) if item in BY_ITSELF else timedelta(days=7) for item in Item}


class Verdict(StrEnum):
    """What came out; OPEN is a check that was never made, or too long ago."""

    GOOD = "good"
    REMARK = "remark"
    BAD = "bad"
    OPEN = "open"


VERDICT_LABELS = {
    Verdict.GOOD: N_("Good"),
    Verdict.REMARK: N_("Usable, with a remark"),
    Verdict.BAD: N_("Not usable"),
    Verdict.OPEN: N_("Not checked"),
}
GOOD_ENOUGH = frozenset({Verdict.GOOD, Verdict.REMARK})


@dataclass(frozen=True, slots=True)
class Finding:
    """One check as it is kept: what was measured (`said`) and what is wrong or to be minded (`problems`)."""

    item: Item
    verdict: Verdict
    said: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    at: datetime | None = None
    by: str = ""
    version: str = ""


def open_finding(item: Item) -> Finding:
    """A check that is still to be made."""
    return Finding(item, Verdict.OPEN, (), (Problem(item.value, N_("This was not checked yet.")),))


def current(found: Finding, now: datetime, version: str) -> Finding:
    """The finding, or an open one where it is too old or another version of the program made it."""
    if found.at is None:
        return found
    if found.version != version:
        text = N_("It was checked by version {version} of the program; check it again.")
        problem = Problem(found.item.value, text, (("version", found.version),))
    elif now - found.at > HOLDS[found.item]:
        text = N_("It was checked on {day}; that is too long ago.")
        problem = Problem(found.item.value, text, (("day", found.at.strftime("%d.%m.%Y")),))
    else:
        return found
    return Finding(found.item, Verdict.OPEN, found.said, (problem,), found.at, found.by, found.version)


def whole(found: Mapping[Item, Finding], now: datetime, version: str) -> tuple[Finding, ...]:
    """A finding for every item, in their order."""
    return tuple(current(found[item], now, version) if item in found else open_finding(item) for item in Item)


def not_ready(findings: Iterable[Finding]) -> tuple[Item, ...]:
    """The checks that stand against the exam."""
    return tuple(found.item for found in findings if found.verdict not in GOOD_ENOUGH)


# -- what a measured number means -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its words."""

    verdict: Verdict
    said: tuple[Problem, ...]
    problems: tuple[Problem, ...] = ()


def judge_disk(free: int, needed: int) -> Judged:
    """Room for the images and the copies of the whole exam; below twice of it there is a remark."""
    shown = (("free", round(free / MEGABYTE)), ("needed", round(needed / MEGABYTE)))
    said = (Problem("disk", N_("{free} MB are free; the exam needs {needed} MB."), shown),)
    if free < needed:
        return Judged(Verdict.BAD, said, (Problem("disk", N_("The disk has too little room. Free some space."), ()),))
    if free < 2 * needed:
        return Judged(Verdict.REMARK, said, (Problem("disk", N_("There is room, but not much to spare."), ()),))
    return Judged(Verdict.GOOD, said)


CLOCK_SLACK = timedelta(minutes=5)
FAR_AWAY = timedelta(days=120)


def judge_clock(now: datetime, known: Mapping[str, datetime], first_exam: datetime | None) -> Judged:
    """The computer's time against the last times that are known: of its own log and of files that came.

    `known` is message id -> moment. A clock that is behind one of them is wrong; one that is months away from the first
    exam is told. A moment that is itself months after the exams was written by a clock that was wrong: it is told and
    does not stand in the way for years.
    """
    season = first_exam is not None and abs(first_exam - now) <= FAR_AWAY
    said = [Problem("clock", N_("Clock of this computer: {now}, compare it with the telephone."),
                    (("now", now.strftime("%d.%m.%Y %H:%M %z")),))]  # fmt: skip
    problems, verdict = [], Verdict.GOOD
    for text, moment in known.items():
        shown = moment.astimezone(now.tzinfo).strftime("%d.%m.%Y %H:%M")
        said.append(Problem("clock", text, (("at", shown),)))
        if now >= moment - CLOCK_SLACK:
            continue
        if season and first_exam is not None and moment - first_exam > FAR_AWAY:
            verdict = verdict if verdict is Verdict.BAD else Verdict.REMARK
            problems.append(
                Problem("clock", N_("A time that is known ({at}) is months after the exams: a clock was wrong when it "
                                    "was written. Compare this one with the telephone."), (("at", shown),))
            )  # fmt: skip
        else:
            verdict = Verdict.BAD
            problems.append(
                Problem("clock", N_("The clock is behind a time that is known ({at}). Set it right."), (("at", shown),))
            )
    if first_exam is not None and abs(first_exam - now) > FAR_AWAY and verdict is Verdict.GOOD:
        verdict = Verdict.REMARK
        day = (("day", first_exam.strftime("%d.%m.%Y")),)
        problems.append(Problem("clock", N_("The first exam is on {day}: is the year of the clock right?"), day))
    return Judged(verdict, tuple(said), tuple(problems))


SHOWN_DIFFERENCES = 5


def judge_pack(result: PackResult) -> Judged:
    """A pack is good when every sheet was found and no mark was read wrongly; marks put to a person are a remark."""
    numbers = (("sheets", result.sheets - len(result.missing)), ("all", result.sheets), ("groups", result.groups),
               ("agreed", result.agreed), ("doubtful", result.doubtful), ("wrong", len(result.wrong)))  # fmt: skip
    said = (
        Problem("pack", N_("Sheets found: {sheets} of {all}."), numbers),
        Problem("pack", N_("Groups of bubbles: {groups}, as filled in {agreed}, asked about {doubtful}, "
                           "read wrongly {wrong}."), numbers),
    )  # fmt: skip
    problems = []
    if result.missing:
        serials = (("serials", ", ".join(result.missing[:SHOWN_DIFFERENCES])),)
        problems.append(Problem("pack", N_("Sheets of the pack were not found: {serials}."), serials))
    if result.refused:
        problems.append(Problem("pack", N_("{n} pages could not be read."), (("n", result.refused),)))
    for wrong in result.wrong[:SHOWN_DIFFERENCES]:
        params = (("serial", wrong.serial), ("field", wrong.field), ("column", wrong.column + 1),
                  ("filled", "".join(wrong.filled) or "–"), ("read", "".join(wrong.read) or "–"))  # fmt: skip
        text = N_("Sheet {serial}, {field} {column}: filled in {filled}, read {read}.")
        problems.append(Problem("pack", text, params))
    if problems:
        return Judged(Verdict.BAD, said, tuple(problems))
    if result.strangers:
        problems.append(Problem("pack", N_("{n} pages are no sheets of the pack."), (("n", result.strangers),)))
    if result.doubtful:
        problems.append(Problem("pack", N_("{n} marks would be shown to a person."), (("n", result.doubtful),)))
    return Judged(Verdict.REMARK if problems else Verdict.GOOD, said, tuple(problems))
