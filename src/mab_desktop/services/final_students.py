"""The final database (F8): students with code, subjects, shift and hall, from the centre to both sides (p.8, p.23)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import ALLOTMENT, SHIFT
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role, parse_organisation
from mab_desktop.domain.student import control_sum
from mab_desktop.i18n import N_
from mab_desktop.services import halls
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, Collected, Line, Record
from mab_desktop.services.student_intake import Comparison, compare_students, student_records, take_students
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import SeatingFreeze
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Allotment, Shift, Student

PLANNED = "planned"


def collect_final_students(_ctx: Context, session: Session, to: str) -> Collected:
    """Shifts, buildings, halls, students and allotments of one base university, in a fixed order."""
    base = parse_organisation(to)[1]
    students = student_records(session, _students(base))

    def lines() -> Iterator[Record]:
        yield from shift_records(session)
        yield from hall_records(session, base)
        for record in students:
            yield "student", record
        yield from allotment_records(session, Student.base_university == base)

    sums = {"students": str(len(students)), "control_sum": control_sum(students)}
    return Collected(lines(), control_sums=sums)


def shift_records(session: Session) -> Iterator[Record]:
    """Every shift of the season."""
    for row in session.scalars(select(Shift).order_by(Shift.number)):
        yield "shift", {name: getattr(row, name) for name in SHIFT.names}


def hall_records(session: Session, base: str) -> Iterator[Record]:
    """Buildings and halls of a base university."""
    for building in session.scalars(select(Building).where(Building.base_university == base).order_by(Building.code)):
        yield "building", halls.building_values(building)
    for hall in session.scalars(select(Hall).where(Hall.base_university == base).order_by(Hall.number)):
        yield "hall", halls.hall_values(hall)


def allotment_records(session: Session, *conditions: Any) -> Iterator[Record]:
    """Allotments of the students that `conditions` select, by shift, hall and code."""
    query = select(Allotment).join(Student, Student.id == Allotment.student).where(*conditions)
    for row in session.scalars(query.order_by(Allotment.shift, Allotment.hall, Allotment.code)):
        yield "allotment", {name: getattr(row, name) for name in ALLOTMENT.names}


def preview_final_students(ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    """What the final database would change here."""
    lines = _compare(ctx, session, arrived).lines()
    shifts = {values["number"] for values in arrived.of_type("shift")}
    allotted = sum(1 for _ in arrived.of_type("allotment"))
    lines.append(Line(N_("Allotted: {count} students, {shifts} shifts"), {"count": allotted, "shifts": len(shifts)}))
    return lines


def take_final_students(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Take the final database over: at the base university and at the ministry programmer alike.

    Refused when it would move a student whose shift has already begun its life here: seats are drawn once (p.30).
    """
    session = tx.session
    lines = preview_final_students(ctx, session, arrived)
    allotments = {values["student"]: values for values in arrived.of_type("allotment")}
    _refuse_moved(session, allotments)
    found = _compare(ctx, session, arrived)
    take_students(ctx, tx, found, arrived.sender, arrived.digest)
    unknown = allotments.keys() - set(session.scalars(select(Student.id)))
    if unknown:
        raise UserError(N_("The file allots {count} students that it does not hold. Nothing was changed."),
                        count=len(unknown))  # fmt: skip
    put_shifts(tx, arrived)
    put_halls(tx, ctx.university, arrived)
    session.execute(delete(Allotment))
    if allotments:
        session.execute(insert(Allotment), list(allotments.values()))
    return lines


def put_shifts(tx: Transaction, arrived: Arrived) -> None:
    """Shifts with their dates; the state of a shift that lives here stays."""
    known = {row.number: row for row in tx.session.scalars(select(Shift))}
    for values in arrived.of_type("shift"):
        row = known.get(values["number"])
        if row is None:
            tx.session.add(Shift(state=PLANNED, **values))
        else:
            row.exam_date, row.start_time = values["exam_date"], values["start_time"]
    tx.session.flush()


def put_halls(tx: Transaction, base: str, arrived: Arrived) -> None:
    """Buildings and halls of `base` as the carrier has them, in place of those here."""
    tx.session.execute(delete(Hall).where(Hall.base_university == base))
    tx.session.execute(delete(Building).where(Building.base_university == base))
    for values in arrived.of_type("building"):
        tx.session.add(halls.building_row(base, values))
    for values in arrived.of_type("hall"):
        tx.session.add(halls.hall_row(base, values))
    tx.session.flush()


def _students(base: str) -> Any:
    query = select(Student).where(Student.base_university == base, Student.deleted_at.is_(None))
    return query.order_by(Student.university, Student.sort_name, Student.id)


def _compare(ctx: Context, session: Session, arrived: Arrived) -> Comparison:
    keep_own = ctx.role is Role.MINISTRY_PROGRAMMER
    scope = [Student.base_university == ctx.university]
    return compare_students(session, arrived.of_type("student"), scope, keep_own=keep_own)


def _refuse_moved(session: Session, allotments: Mapping[str, Mapping[str, Any]]) -> None:
    begun = set(session.scalars(select(Shift.number).where(Shift.state != PLANNED)))
    begun |= set(session.scalars(select(SeatingFreeze.shift)))
    if not begun:
        return
    query = select(Allotment).where(Allotment.shift.in_(begun))
    for row in session.scalars(query):
        new = allotments.get(row.student)
        if new is None or any(getattr(row, name) != new[name] for name in ALLOTMENT.names):
            raise _moved(row.shift)
    inside = session.scalar(select(func.count()).select_from(Allotment).where(Allotment.shift.in_(begun)))
    if inside != sum(new["shift"] in begun for new in allotments.values()):
        raise _moved(min(begun))


def _moved(shift: int) -> OutOfOrder:
    return OutOfOrder(
        N_("The file changes who sits shift {number}, but that shift has begun already. Nothing was changed."),
        next_step=N_("Call the testing centre."), number=shift,
    )  # fmt: skip
