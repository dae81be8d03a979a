"""Attendance 20-25 minutes after the start, and students sent out of the halls (p.33)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.attendance import CountLine, count_problems
from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.names import full_name
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import HallCount, Removal
from mab_desktop.storage.tables.students import Allotment, Student


@dataclass(frozen=True)
class RemovalLine:
    """A student sent out of the hall."""

    student: str
    name: str
    code: str
    hall: str
    at_time: str
    what: str
    act: str


def count_lines(ctx: Context, shift: int, hall: str = "") -> list[CountLine]:
    """The lines of the attendance form (p.33): of one hall, or of the shift added up over its halls."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return count_lines_of(session, shift, hall)


def count_lines_of(session: Session, shift: int, hall: str = "") -> list[CountLine]:
    """`count_lines` within a session."""
    found = count_lines_by_hall_of(session, shift, hall)
    if hall:
        return found.get(hall, [])
    whole: dict[tuple[str, str, str], CountLine] = {}
    for line in (line for lines in found.values() for line in lines):
        key = (line.direction, line.specialty, line.test_language)
        whole[key] = _added(whole[key], line) if key in whole else line
    return sorted(whole.values(), key=_place)


def count_lines_by_hall(ctx: Context, shift: int) -> dict[str, list[CountLine]]:
    """The lines of every hall of a shift, in the order of the halls' numbers; asked of the database at once."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return count_lines_by_hall_of(session, shift)


def count_lines_by_hall_of(session: Session, shift: int, hall: str = "") -> dict[str, list[CountLine]]:
    """`count_lines_by_hall` within a session, or of one hall of it."""
    key = (Allotment.hall, Student.specialty, Allotment.test_language)
    planned = select(*key, func.count()).join(Student, Student.id == Allotment.student).group_by(*key)
    counted = select(HallCount.hall, HallCount.specialty, HallCount.test_language, HallCount.present)
    planned, counted = planned.where(Allotment.shift == shift), counted.where(HallCount.shift == shift)
    if hall:
        planned, counted = planned.where(Allotment.hall == hall), counted.where(HallCount.hall == hall)
    present = {(number, specialty, lang): n for number, specialty, lang, n in session.execute(counted)}
    directions = {
        code: str(line.extra.get("direction", "")) for code, line in reference_list(session, "specialty").items()
    }
    found: dict[str, list[CountLine]] = {}
    for number, cipher, lang, count in session.execute(planned):
        specialty = cipher or ""
        direction = directions.get(specialty, specialty[2:4])
        line = CountLine(direction, specialty, lang, count, present.get((number, specialty, lang)))
        found.setdefault(number, []).append(line)
    return {number: sorted(found[number], key=_place) for number in sorted(found, key=lambda n: (len(n), n))}


def _place(line: CountLine) -> tuple[str, str, str]:
    return line.direction, line.specialty, line.test_language


def _added(a: CountLine, b: CountLine) -> CountLine:
    """The same specialty and language of two halls; not counted only where neither hall is."""
    counts = [line.present for line in (a, b) if line.present is not None]
    return replace(a, planned=a.planned + b.planned, present=sum(counts) if counts else None)


def save_count(ctx: Context, shift: int, hall: str, present: Mapping[tuple[str, str], int]) -> None:
    """Save a hall's count by (specialty, language of the test); Refused when more came than were expected."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.OPEN)
        lines = {(line.specialty, line.test_language): line for line in count_lines_of(tx.session, shift, hall)}
        if set(present) - set(lines):
            raise UserError(N_("Hall {hall} has no such specialty and language. Nothing was saved."), hall=hall)
        new = [
            CountLine(line.direction, line.specialty, line.test_language, line.planned, present[key])
            for key, line in lines.items()
            if key in present
        ]
        problems = count_problems(new)
        if problems:
            raise Refused(problems)
        for line in new:
            tx.session.merge(
                HallCount(
                    shift=shift, hall=hall, specialty=line.specialty, test_language=line.test_language,
                    present=line.present or 0, at=stamp(ctx), by=ctx.actor.login,
                )
            )  # fmt: skip
        tx.note("attendance-counted", f"{shift}-{hall}", present=sum(line.present or 0 for line in new))


def remove_student(ctx: Context, shift: int, code: str, at_time: str, what: str, act: str) -> None:
    """Enter that a student was sent out for a breach, with the act's number."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)
    if not (what.strip() and act.strip()):
        raise UserError(N_("Write down what happened and the number of the act."))
    with ctx.store.write(ctx.actor) as tx:
        put_removal(ctx, tx, shift, code, at_time, what, act)


def put_removal(
    ctx: Context, tx: Transaction, shift: int, code: str, at_time: str, what: str, act: str, hall: str = ""
) -> None:
    """`remove_student` within a transaction; `hall` is where the act says that the student sat."""
    shifts.require_state(tx.session, shift, ShiftState.OPEN)
    row = tx.session.scalars(select(Allotment).where(Allotment.code == code, Allotment.shift == shift)).first()
    if row is None:
        raise UserError(N_("Code {code} belongs to nobody in this shift."), code=code)
    if hall and row.hall != hall:
        raise UserError(N_("Code {code} sits in hall {hall}, not in hall {other}: write the act of hall {hall}."),
                        code=code, hall=row.hall, other=hall)  # fmt: skip
    if tx.session.get(Removal, row.student) is not None:
        raise UserError(N_("This student is entered as removed already (p.33)."))
    tx.session.add(
        Removal(
            student=row.student, shift=shift, hall=row.hall, at_time=at_time[:5], what=what.strip()[:500],
            act=act.strip()[:40], at=stamp(ctx), by=ctx.actor.login,
        )
    )  # fmt: skip
    tx.note("student-removed", row.student, shift=shift, act=act.strip(), what=what.strip()[:500])


def removals(ctx: Context, shift: int) -> list[RemovalLine]:
    """Students sent out of the halls of a shift."""
    query = (
        select(Removal, Student, Allotment.code)
        .join(Student, Student.id == Removal.student)
        .join(Allotment, Allotment.student == Removal.student)
        .where(Removal.shift == shift)
        .order_by(Removal.hall, Student.sort_name)
    )
    with ctx.store.read() as session:
        return [
            RemovalLine(
                r.student, full_name(s.surname or "", s.first_name or "", s.patronymic), code, r.hall, r.at_time,
                r.what, r.act,
            )
            for r, s, code in session.execute(query)
        ]  # fmt: skip

