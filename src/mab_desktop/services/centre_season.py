"""The centre sets up the season: reference package, ties, shifts with their dates, contingent (p.3, p.17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import SHIFT
from mab_desktop.domain.carrier_records import CONTINGENT
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.exam_profile import ExamProfile, profile_from, profile_to
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.centre_tables import Mistakes, number, read_table, require_known, require_once
from mab_desktop.services.context import Context, require
from mab_desktop.services.reference import load_default_reference
from mab_desktop.services.settings import put_setting, reference_codes, setting, ties
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import AllotmentRun
from mab_desktop.storage.tables.halls import Contingent
from mab_desktop.storage.tables.students import Shift

SUNDAY = 6


@dataclass(frozen=True, slots=True)
class ShiftPlan:
    """A shift of the season: its number, date and start time («09:00»)."""

    number: int
    exam_date: date
    start_time: str


def planned_shifts(first: date, count: int, start_time: str) -> list[ShiftPlan]:
    """`count` shifts on successive days from `first`, one a day (p.35), Sundays left out."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if day.weekday() != SUNDAY:
            days.append(day)
        day += timedelta(days=1)
    return [ShiftPlan(number, day, start_time) for number, day in enumerate(days, 1)]


def exam_profile(session: Session) -> ExamProfile:
    """The exam profile in force at this workplace."""
    return profile_from(setting(session, "profile"))


def load_reference(
    ctx: Context, base_ties: Mapping[str, Sequence[str]], profile: Mapping[str, Any] | None = None
) -> None:
    """Fill the centre with the default reference data and the ties of base and network universities (p.3)."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        _fill(tx, base_ties, profile)


def set_up(
    ctx: Context,
    base_ties: Mapping[str, Sequence[str]],
    shifts: Sequence[ShiftPlan],
    profile: Mapping[str, Any] | None = None,
) -> None:
    """Reference data, ties, exam profile and shifts of the season in one go."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        _fill(tx, base_ties, profile)
        put_shifts(tx, shifts)


def plan_shifts(ctx: Context, shifts: Sequence[ShiftPlan]) -> None:
    """Fix the shifts of the season; refused once students were allotted to them."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        put_shifts(tx, shifts)


def shifts(ctx: Context) -> list[ShiftPlan]:
    """The shifts of the season in order; of use in every program that has them."""
    with ctx.store.read() as session:
        return shift_plans(session)


def shift_plans(session: Session) -> list[ShiftPlan]:
    """The same within a session."""
    rows = session.scalars(select(Shift).order_by(Shift.number))
    return [ShiftPlan(row.number, row.exam_date, row.start_time) for row in rows]


def bases(ctx: Context) -> list[str]:
    """Codes of the season's base universities."""
    with ctx.store.read() as session:
        return sorted(ties(session))


def base_ties(ctx: Context) -> dict[str, list[str]]:
    """Base universities with their network universities."""
    with ctx.store.read() as session:
        return dict(sorted(ties(session).items()))


def profile(ctx: Context) -> ExamProfile:
    """The exam profile in force."""
    with ctx.store.read() as session:
        return exam_profile(session)


def set_contingent(ctx: Context, base: str, rows: Iterable[tuple[str, str, int]]) -> int:
    """Put (direction, language, students) in place of a base university's contingent; gives the students in all.

    Refused with every wrong line: an unknown direction or language, a number below zero, a line that stands twice.
    """
    require(ctx, Role.NTC)
    lines = list(rows)
    with ctx.store.write(ctx.actor) as tx:
        if base not in ties(tx.session):
            raise UserError(N_("{code} is not a base university of this season."), code=base)
        problems = _contingent_problems(tx.session, lines)
        if problems:
            raise Refused(problems)
        return _set_contingent(tx, base, lines)[0]


def contingent_from_csv(ctx: Context, path: Path) -> dict[str, tuple[int, bool]]:
    """Read `base,direction,language,students` lines and set each base university's contingent, all or none.

    Gives by base university the students in all and whether anything changed. TablesRefused with every mistake.
    """
    require(ctx, Role.NTC)
    mistakes = Mistakes()
    rows = read_table(path, ("base", "direction", "language", "students"), mistakes)
    with ctx.store.write(ctx.actor) as tx:
        codes = reference_codes(tx.session)
        require_once(rows, ("base", "direction", "language"), mistakes)
        for head, known in (("base", ties(tx.session)), ("direction", codes.get("direction", ())),
                            ("language", codes.get("study_language", ()))):  # fmt: skip
            require_known(rows, head, known, mistakes)
        by_base: dict[str, list[tuple[str, str, int]]] = {}
        for row in rows:
            line = (row["direction"], row["language"], number(row, "students", mistakes))
            by_base.setdefault(row["base"], []).append(line)
        mistakes.refuse()
        return {base: _set_contingent(tx, base, lines) for base, lines in by_base.items()}


def contingent(ctx: Context, base: str) -> list[tuple[str, str, int]]:
    """The contingent of a base university: direction, language, students."""
    with ctx.store.read() as session:
        query = select(Contingent).where(Contingent.base_university == base)
        rows = session.scalars(query.order_by(Contingent.direction, Contingent.language))
        return [(row.direction, row.language, row.students) for row in rows]


def _set_contingent(tx: Transaction, base: str, lines: Sequence[tuple[str, str, int]]) -> tuple[int, bool]:
    """Students in all, and whether the lines are other ones than those that stood there."""
    total = sum(students for _, _, students in lines)
    query = select(Contingent.direction, Contingent.language, Contingent.students)
    before = {tuple(row) for row in tx.session.execute(query.where(Contingent.base_university == base))}
    if before == set(lines):
        return total, False
    tx.session.execute(delete(Contingent).where(Contingent.base_university == base))
    tx.session.add_all(
        Contingent(base_university=base, direction=direction, language=language, students=students)
        for direction, language, students in lines
    )
    tx.note("contingent-set", base, students=total, lines=len(lines))
    return total, True


def _fill(tx: Transaction, base_ties: Mapping[str, Sequence[str]], profile: Mapping[str, Any] | None) -> None:
    checked = profile_to(profile_from(profile)) if profile else None
    wanted = {base: list(own) for base, own in base_ties.items()}
    if ties(tx.session) == wanted and checked in (None, setting(tx.session, "profile")):
        return
    if setting(tx.session, "profile"):  # lists that were brought in stay, and so does a profile that is not given anew
        put_setting(tx, "ties", wanted)
        if checked:
            put_setting(tx, "profile", checked)
        tx.note("setting-changed", "ties", bases=sorted(wanted))
    else:
        load_default_reference(tx, base_ties, checked)
    known = reference_codes(tx.session)["university"]
    unknown = sorted({code for base, own in base_ties.items() for code in (base, *own)} - known)
    if unknown:
        raise UserError(N_("There is no university with the code {code}. Nothing was changed."), code=unknown[0])


def put_shifts(tx: Transaction, plans: Sequence[ShiftPlan]) -> None:
    """Fix the shifts within a transaction; the same ones again change nothing."""
    if shift_plans(tx.session) == list(plans):
        return
    if tx.session.scalar(select(func.count()).select_from(AllotmentRun)):
        raise UserError(N_("Students are allotted to shifts already. Nothing was changed."))
    problems = [p for plan in plans for p in SHIFT.problems(_values(plan))]
    ordered = [plan.exam_date for plan in sorted(plans, key=lambda p: p.number)]
    if [plan.number for plan in sorted(plans, key=lambda p: p.number)] != list(range(1, len(plans) + 1)):
        problems.append(Problem("number", N_("Shifts must be numbered 1, 2, 3 … without a gap.")))
    if ordered != sorted(set(ordered)):
        problems.append(Problem("exam_date", N_("Each shift must have a day of its own, in the order of the numbers.")))
    if problems:
        raise Refused(problems)
    tx.session.execute(delete(Shift))
    tx.session.add_all(Shift(state="planned", **_values(plan)) for plan in plans)
    dates = {str(plan.number): plan.exam_date.isoformat() for plan in plans}
    put_setting(tx, "shifts", {str(p.number): {"date": p.exam_date.isoformat(), "start": p.start_time} for p in plans})
    tx.note("season-planned", "shifts", dates=dates)


def _values(plan: ShiftPlan) -> dict[str, Any]:
    return {"number": plan.number, "exam_date": plan.exam_date, "start_time": plan.start_time}


def _contingent_problems(session: Session, lines: Sequence[tuple[str, str, int]]) -> list[Problem]:
    codes = reference_codes(session)
    found: list[Problem] = []
    for direction, language, students in lines:
        found += CONTINGENT.problems({"direction": direction, "language": language, "students": students})
        for field, value, known in (("direction", direction, codes["direction"]),
                                    ("language", language, codes["study_language"])):  # fmt: skip
            if value not in known:
                found.append(Problem(field, N_("{value} is not in the list."), (("value", value),)))
    pairs = [(direction, language) for direction, language, _ in lines]
    found += [
        Problem("direction", N_("Direction {direction} in language {language} stands twice."),
                (("direction", pair[0]), ("language", pair[1])))
        for pair in sorted(set(pairs)) if pairs.count(pair) > 1
    ]  # fmt: skip
    return found
