"""Admission slips: their numbers, who got one, whose stub came back (p.24, p.25)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.packed import Packed
from mab_desktop.domain.student import student_name
from mab_desktop.i18n import N_
from mab_desktop.services.base_board import add_entry, attached
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.tables.base_university import PassSlip
from mab_desktop.storage.tables.halls import Building
from mab_desktop.storage.tables.students import Allotment, Shift, Student

PER_SHEET = (2, 3)
_LAYOUT = "pass-layout"
_PART = 500  # passes read at once


@dataclass(frozen=True, slots=True)
class PassLine:
    """A pass as registers, hall lists and the slip itself need it; codes of lists, not names."""

    student: str
    number: str
    code: str
    name: str
    university: str
    specialty: str
    study_language: str
    test_language: str
    foreign_language: str
    subjects: tuple[str, ...]
    shift: int
    day: date
    start_time: str
    building: str
    building_name: str
    address: str
    hall: str
    issued_at: str
    stub_at: str


@dataclass(frozen=True, slots=True)
class PassChoice:
    """Which passes: of a network university, a shift, a hall, or of students one by one; nothing named means all."""

    university: str = ""
    shift: int | None = None
    hall: str = ""
    students: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What names the choice in the print log."""
        some = self.students
        if len(some) > 1:
            some = (f"{len(some)}-{hashlib.sha256(','.join(sorted(some)).encode()).hexdigest()[:12]}",)
        parts = (self.university, f"s{self.shift}" if self.shift else "", self.hall, *some)
        return "-".join(part for part in parts if part) or "all"


class PassKey(NamedTuple):
    """As much of a pass as it takes to put a whole run in order."""

    student: str
    number: str
    university: str
    shift: int
    hall: str


@dataclass(frozen=True, slots=True)
class PassOrder:
    """Whose passes a run holds, in its order, and how many of them have no number yet."""

    students: Packed
    unnumbered: int


@dataclass(frozen=True, slots=True)
class PassLayout:
    """How passes are printed: two or three to a sheet, with the prohibitions on the back or without."""

    per_sheet: int = 2
    backs: bool = True


@dataclass(frozen=True, slots=True)
class PassCounts:
    """Passes of a network university: allotted, numbered, stubs that came back."""

    university: str
    allotted: int
    numbered: int
    stubs: int


def number_passes(ctx: Context) -> int:
    """Give every allotted student a pass number, by university and name; numbers given once stay. How many are new."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        waiting = session.scalars(
            select(Student.id).join(Allotment, Allotment.student == Student.id)
            .outerjoin(PassSlip, PassSlip.student == Student.id)
            .where(PassSlip.student.is_(None), Student.deleted_at.is_(None))
            .order_by(Student.university, Student.sort_name, Student.id)
        ).all()  # fmt: skip
        if not waiting:
            if not session.scalar(select(func.count()).select_from(Allotment)):
                raise OutOfOrder(N_("The final database has not come from the centre yet (p.23)."))
            return 0
        numbers = [int(number) for number in session.scalars(select(PassSlip.number))]
        last = max(numbers, default=0)
        rows = [{"student": student, "number": str(last + n)} for n, student in enumerate(waiting, 1)]
        session.execute(insert(PassSlip), rows)
        tx.note("passes-numbered", ctx.university, count=len(rows), first=last + 1)
    return len(waiting)


def pass_lines(
    ctx: Context, university: str = "", hall: str = "", shift: int | None = None, student: str = ""
) -> list[PassLine]:
    """Passes in Kazakh order of the name within university, or within the hall or shift asked for."""
    with ctx.store.read() as session:
        return list(lines_in(session, ctx.university, university, hall, shift, student))


def lines_in(
    session: Session, base: str, university: str = "", hall: str = "", shift: int | None = None, student: str = ""
) -> Iterator[PassLine]:
    """The same within a session, one by one."""
    query = _query(base)
    if university:
        query = query.where(Student.university == university)
    if hall:
        query = query.where(Allotment.hall == hall)
    if shift is not None:
        query = query.where(Allotment.shift == shift)
    if student:
        query = query.where(Student.id == student)
    order = (Student.sort_name, Student.id) if university or hall else (Student.university, Student.sort_name)
    for row in session.execute(query.order_by(*order).execution_options(yield_per=500)):
        yield _line(row)


def keys_in(session: Session, choice: PassChoice, *, by_hall: bool = False) -> list[PassKey]:
    """The passes of a choice in Kazakh order of names: by university, within a hall all together, or `by_hall`."""
    return list(_keys(session, choice, by_hall=by_hall))


def order_in(session: Session, choice: PassChoice, most: int = 0) -> PassOrder:
    """The same passes in the same order, only whose they are; at `most` so many, 0 for all."""
    order, without = Packed(), 0
    for key in islice(_keys(session, choice, by_hall=False), most or None):
        order.append(key.student)
        without += not key.number
    return PassOrder(order, without)


def _keys(session: Session, choice: PassChoice, *, by_hall: bool) -> Iterator[PassKey]:
    conditions: list[ColumnElement[bool]] = [Student.deleted_at.is_(None)]
    if choice.university:
        conditions.append(Student.university == choice.university)
    if choice.shift is not None:
        conditions.append(Allotment.shift == choice.shift)
    if choice.hall:
        conditions.append(Allotment.hall == choice.hall)
    query = (
        select(Student.id, PassSlip.number, Student.university, Allotment.shift, Allotment.hall)
        .join(Allotment, Allotment.student == Student.id).outerjoin(PassSlip, PassSlip.student == Student.id)
        .where(*conditions)
    )  # fmt: skip
    wanted = frozenset(choice.students)
    if 0 < len(wanted) <= _PART:
        query = query.where(Student.id.in_(wanted))
    heads = (Allotment.shift, Allotment.hall) if by_hall else () if choice.hall else (Student.university,)
    rows = session.execute(query.order_by(*heads, Student.sort_name, Student.id).execution_options(yield_per=_PART))
    for student, number, university, shift, hall in rows:
        if not wanted or student in wanted:
            yield PassKey(student, number or "", sys.intern(university), shift, sys.intern(hall))


def parts(ctx: Context, students: Sequence[str]) -> Iterator[dict[int, PassLine]]:
    """Place in the run -> pass, some hundreds at a time; nothing stays open between two parts."""
    for begin in range(0, len(students), _PART):
        some = list(students[begin : begin + _PART])
        with ctx.store.read() as session:
            rows = session.execute(_query(ctx.university).where(Student.id.in_(some)))
            found = {row[0]: _line(row) for row in rows}
        yield {place: found[student] for place, student in enumerate(some, begin) if student in found}


def layout(ctx: Context) -> PassLayout:
    """How passes are printed here."""
    with ctx.store.read() as session:
        return layout_in(session)


def layout_in(session: Session) -> PassLayout:
    """The same within a session."""
    kept = setting(session, _LAYOUT)
    return PassLayout(int(kept.get("per_sheet", 2)), bool(kept.get("backs", True)))


def choose_layout(ctx: Context, chosen: PassLayout) -> None:
    """Print passes two or three to a sheet, with backs or without."""
    require(ctx, Role.BASE_UNI)
    if chosen.per_sheet not in PER_SHEET:
        raise UserError(N_("Passes are printed two or three to a sheet."))
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, _LAYOUT, {"per_sheet": chosen.per_sheet, "backs": chosen.backs})
        tx.note("pass-layout-chosen", str(chosen.per_sheet), backs=chosen.backs)


def receive_stubs(ctx: Context, university: str, students: Collection[str] | None = None) -> int:
    """Note stubs that came back from a network university: all of them, or those of `students`; how many are new.

    UserError, and nothing noted, when a student is not of this university.
    """
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        if university not in attached(session, ctx.university):
            raise UserError(N_("University {code} is not attached to this base university."), code=university)
        query = select(PassSlip).join(Student, Student.id == PassSlip.student).where(Student.university == university)
        slips = {slip.student: slip for slip in session.scalars(query)}
        wanted = set(slips) if students is None else set(students)
        if wanted - slips.keys():
            raise UserError(N_("{count} of the stubs are of students of another university. Nothing was noted."),
                            count=len(wanted - slips.keys()))  # fmt: skip
        new = [slips[student] for student in sorted(wanted) if slips[student].stub_at is None]
        for slip in new:
            slip.stub_at = stamp(ctx)
        if new:
            received = sum(slip.stub_at is not None for slip in slips.values())
            add_entry(ctx, tx, university, "stubs", count=received)
            tx.note("stubs-received", university, new=len(new), of=len(slips))
    return len(new)


def missing_stubs(ctx: Context, university: str = "") -> list[PassLine]:
    """Passes whose stub has not come back."""
    return [line for line in pass_lines(ctx, university) if line.number and not line.stub_at]


def counts(ctx: Context) -> list[PassCounts]:
    """Passes by network university."""
    with ctx.store.read() as session:
        query = (
            select(Student.university, func.count(), func.count(PassSlip.student), func.count(PassSlip.stub_at))
            .join(Allotment, Allotment.student == Student.id).outerjoin(PassSlip, PassSlip.student == Student.id)
            .where(Student.deleted_at.is_(None)).group_by(Student.university).order_by(Student.university)
        )  # fmt: skip
        return [PassCounts(*row) for row in session.execute(query)]


def halls_used(ctx: Context) -> list[tuple[int, str, int]]:
    """Shift, hall and number of students of every hall that is used."""
    with ctx.store.read() as session:
        query = select(Allotment.shift, Allotment.hall, func.count()).group_by(Allotment.shift, Allotment.hall)
        return [(s, h, n) for s, h, n in session.execute(query.order_by(Allotment.shift, Allotment.hall))]


def _query(base: str) -> Any:
    subjects = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    return (
        select(
            Student.id, PassSlip.number, Allotment.code, Student.surname, Student.first_name, Student.patronymic,
            Student.university, Student.specialty, Student.study_language, Allotment.test_language,
            Student.foreign_language, Allotment.shift, Shift.exam_date, Shift.start_time, Allotment.building,
            Building.name, Building.address, Allotment.hall, PassSlip.issued_at, PassSlip.stub_at, *subjects,
        )
        .join(Allotment, Allotment.student == Student.id)
        .join(Shift, Shift.number == Allotment.shift)
        .outerjoin(Building, (Building.code == Allotment.building) & (Building.base_university == base))
        .outerjoin(PassSlip, PassSlip.student == Student.id)
        .where(Student.deleted_at.is_(None))
    )  # fmt: skip


def _line(row: Any) -> PassLine:
    (student, number, code, surname, first_name, patronymic, university, specialty, study_language, test_language,
     foreign_language, shift, day, start, building, building_name, address, hall, issued_at, stub_at, *subjects) = row
    name = student_name({"surname": surname, "first_name": first_name, "patronymic": patronymic})
    return PassLine(
        student, number or "", code, name, university, specialty or "", study_language or "", test_language,
        foreign_language or "", tuple(subjects), shift, day, start, building, building_name or "", address or "", hall,
        issued_at or "", stub_at or "",
    )  # fmt: skip
