"""The facts of the ministry programmer's home page: the day, the next step, what blocks, a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.operational_day import DAY_LABELS, Day, StepLine, StepState, operational_day
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.services import hall_sheets, shifts
from mab_desktop.services.context import Context, require
from mab_desktop.services.shifts import ShiftLine
from mab_desktop.storage.tables.results import Appeal, SealedKey
from mab_desktop.storage.tables.students import Allotment


@dataclass(frozen=True)
class HallProgress:
    """How far the halls of the open shift are: all, scanned twice, balanced; and what waits for people."""

    shift: int
    halls: int
    not_scanned: int
    not_balanced: int
    open_lines: int
    doubtful: int


@dataclass(frozen=True)
class ExamHome:
    """Everything the home page shows; `deadline` is the end of the time for applications while it runs."""

    today: date
    university: str
    official: bool
    day: Day
    day_label: str
    next_step: StepLine | None
    hindrances: tuple[Problem, ...]
    shifts: tuple[ShiftLine, ...]
    students: int
    corrections_due: int
    deadline: datetime | None
    appeals: int
    keys_received: int
    progress: HallProgress | None


def exam_home(ctx: Context) -> ExamHome:
    """The home page's facts, from one look at the database."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    season = shifts.season_facts(ctx)
    today = operational_day(season)
    lines = tuple(shifts.shifts(ctx))
    with ctx.store.read() as session:
        students = hall_sheets.count(session, Allotment)
        appeals = hall_sheets.count(session, Appeal)
        received = hall_sheets.count(session, SealedKey)
    now = ctx.clock.now()
    ends = [until for line in lines if (until := shifts.appeal_deadline(ctx, line.number)) and until >= now]
    blocked = next((line for line in today.lines if line.state is StepState.BLOCKED), None)
    any_shift = next(iter(season.shifts.values()), None)
    progress = next(
        (
            HallProgress(
                n, len(f.halls), len(f.halls_not_scanned), len(f.halls_not_balanced), f.open_lines, f.doubtful_marks
            )
            for n, f in sorted(season.shifts.items())
            if f.state is ShiftState.OPEN
        ),
        None,
    )
    return ExamHome(
        now.date(), ctx.university, ctx.season.official, today, DAY_LABELS[today.kind], today.next_line,
        blocked.reasons if blocked and today.next_line is None else (), lines, students,
        any_shift.corrections_due if any_shift else 0, min(ends, default=None), appeals, received, progress,
    )  # fmt: skip
