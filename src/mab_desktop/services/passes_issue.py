"""Passes at the network university (p.25): issued against signature, stubs kept, wrong data applied for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.calendar import NETWORK_UNI
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.names import search_form
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.student import STUDENT, WRONG_DATA, student_name, value_text
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.pass_slips import PAYLOAD
from mab_desktop.services.settings import base_of
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import PassIssue
from mab_desktop.storage.tables.students import Allotment, Shift, Student, WrongData


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass: whose, where and when the exam is, and whether it was issued and its stub is here."""

    student: str
    number: str
    name: str
    sort_name: str
    specialty: str
    study_language: str
    base_university: str
    code: str
    shift: int
    exam_date: date
    start_time: str
    building: str
    hall: str
    issued_at: str | None
    issued_by: str | None
    stub_at: str | None
    spoilt_at: str | None
    spoilt_why: str


@dataclass(frozen=True, slots=True)
class WrongDataRow:
    """A line of the list of students with wrong data; values as `domain.student.value_text` makes them."""

    id: str
    student: str
    name: str
    sort_name: str
    university: str
    base_university: str
    code: str
    field: str
    printed_value: str
    right_value: str
    ground: str
    application_number: str
    application_date: date
    late: bool


@dataclass(frozen=True, slots=True)
class PassCounts:
    """Passes of one base university (or of all): received = issued + spoilt + not issued; stubs collected."""

    received: int
    issued: int
    stubs: int
    spoilt: int = 0


# -- passes ------------------------------------------------------------------------------------------------------------


def passes(ctx: Context, *, base_university: str = "", issued: bool | None = None) -> list[PassRow]:
    """The passes received, in Kazakh order of names."""
    query = (
        select(PassIssue, Student, Allotment, Shift)
        .join(Student, Student.id == PassIssue.student)
        .join(Allotment, Allotment.student == PassIssue.student)
        .join(Shift, Shift.number == Allotment.shift)
        .order_by(Student.sort_name, Student.id)
    )
    if base_university:
        query = query.where(PassIssue.base_university == base_university)
    if issued is not None:
        query = query.where(PassIssue.issued_at.is_not(None) if issued else PassIssue.issued_at.is_(None))
    with ctx.store.read() as session:
        return [
            PassRow(
                p.student, p.number, _name(s), s.sort_name, s.specialty or "", s.study_language or "",
                p.base_university, a.code, a.shift, shift.exam_date, shift.start_time, a.building, a.hall,
                p.issued_at, p.issued_by, p.stub_at, p.spoilt_at, p.spoilt_why,
            )
            for p, s, a, shift in session.execute(query)
        ]  # fmt: skip


def pass_counts(session: Session, base_university: str = "") -> PassCounts:
    """How many passes came, were issued, and left their stub here."""
    query = select(
        func.count(), func.count().filter(PassIssue.issued_at.is_not(None)),
        func.count().filter(PassIssue.stub_at.is_not(None)), func.count().filter(PassIssue.spoilt_at.is_not(None)),
    )  # fmt: skip
    if base_university:
        query = query.where(PassIssue.base_university == base_university)
    return PassCounts(*session.execute(query).one())


def issue(ctx: Context, students: Collection[str]) -> int:
    """Mark passes as issued: each student has signed the register and the stub, which stays here (p.25)."""
    _may_issue(ctx)
    now = stamp(ctx)
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _passes(tx, students) if row.issued_at is None]
        for row in rows:
            if row.spoilt_at is not None:
                raise UserError(
                    N_("Pass {number} is spoilt: {why}."), next_step=N_("Let the base university print it anew."),
                    number=row.number, why=row.spoilt_why,
                )  # fmt: skip
            row.issued_at, row.issued_by, row.stub_at = now, ctx.actor.login, now
        if rows:
            tx.note("pass-issued", f"{len(rows)}", numbers=[row.number for row in rows])
    return len(rows)


def take_back_issue(ctx: Context, students: Collection[str], reason: str) -> int:
    """Take the mark of issue back, with a reason; how many passes lie here again."""
    _may_issue(ctx)
    words = _reason(reason)
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _passes(tx, students) if row.issued_at is not None]
        for row in rows:
            row.issued_at = row.issued_by = row.stub_at = None
        if rows:
            tx.note("pass-issue-undone", f"{len(rows)}", numbers=[row.number for row in rows], reason=words)
    return len(rows)


def set_aside(ctx: Context, students: Collection[str], reason: str) -> int:
    """Set passes aside that cannot be issued: torn, misprinted, of somebody who is no student any more."""
    _may_issue(ctx)
    words, now = _reason(reason), stamp(ctx)
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _passes(tx, students) if row.spoilt_at is None]
        for row in rows:
            if row.issued_at is not None:
                raise UserError(N_("Pass {number} is issued already."), number=row.number,
                                next_step=N_("Take the mark of issue back first."))  # fmt: skip
            row.spoilt_at, row.spoilt_why = now, words
        if rows:
            tx.note("pass-spoilt", f"{len(rows)}", numbers=[row.number for row in rows], reason=words)
    return len(rows)


def take_out_again(ctx: Context, students: Collection[str]) -> int:
    """Passes set aside can be issued again: a new one lies here, or it was a mistake."""
    _may_issue(ctx)
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _passes(tx, students) if row.spoilt_at is not None]
        for row in rows:
            row.spoilt_at, row.spoilt_why = None, ""
        if rows:
            tx.note("pass-spoilt-undone", f"{len(rows)}", numbers=[row.number for row in rows])
    return len(rows)


def mark_stubs(ctx: Context, students: Collection[str], *, here: bool) -> int:
    """Correct which stubs are here: one may be lost after it was signed, or found again."""
    _may_issue(ctx)
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _passes(tx, students) if bool(row.stub_at) != here]
        for row in rows:
            if here and row.issued_at is None:
                raise UserError(N_("Pass {number} is not issued yet, so it has no stub."), number=row.number)
            row.stub_at = stamp(ctx) if here else None
        if rows:
            tx.note("stub-collected", f"{len(rows)}", here=here, numbers=[row.number for row in rows])
    return len(rows)


def take_passes(
    tx: Transaction, base_university: str, numbers: Mapping[str, str], present: Collection[str]
) -> int:
    """Keep the pass numbers that a base university sent; a pass issued already keeps its marks. The caller notes."""
    known = {row.student: row for row in tx.session.scalars(select(PassIssue)) if row.student in numbers}
    for student, number in numbers.items():
        if student not in present:
            continue
        if student in known:
            row = known[student]
            if row.number != number:  # a new pass in place of a spoilt one
                row.spoilt_at, row.spoilt_why = None, ""
            row.number, row.base_university = number, base_university
        else:
            tx.session.add(PassIssue(student=student, base_university=base_university, number=number))
    return sum(1 for student in numbers if student in present)


# -- wrong data --------------------------------------------------------------------------------------------------------


def wrong_data(ctx: Context, *, base_university: str = "") -> list[WrongDataRow]:
    """The list of students with wrong data (p.25), in Kazakh order of names."""
    with ctx.store.read() as session:
        return wrong_data_rows(session, base_university, last_day(ctx))


def last_day(ctx: Context) -> date | None:
    """The last day for the list of students with wrong data: before 25 April (p.24, p.25)."""
    return next(duty.last_day(ctx.season.year) for duty in NETWORK_UNI if duty.key == "wrong-data")


def wrong_data_rows(session: Session, base_university: str, last: date | None) -> list[WrongDataRow]:
    """The same within a session; applications after the `last` day are noted as late."""
    query = (
        select(WrongData, Student, Allotment.code)
        .join(Student, Student.id == WrongData.student)
        .outerjoin(Allotment, Allotment.student == WrongData.student)
        .order_by(Student.sort_name, Student.id, WrongData.application_date, WrongData.id)
    )
    if base_university:
        query = query.where(Student.base_university == base_university)
    return [
        WrongDataRow(
            w.id, w.student, _name(s), s.sort_name, w.university, s.base_university, code or "", w.field,
            w.printed_value or "", w.right_value or "", w.ground, w.application_number, w.application_date,
            last is not None and w.application_date > last,
        )
        for w, s, code in session.execute(query)
    ]  # fmt: skip


def enter_wrong_data(
    ctx: Context,
    student: str,
    field: str,
    right_value: Any,
    *,
    ground: str,
    application_number: str,
    application_date: date,
) -> str:
    """Enter a student's application about an error on his pass; the printed value is taken from his record.

    `right_value` is the value as the form gives it (text, date). A field named twice replaces nothing: it is refused.
    """
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Student, student)
        if row is None:
            raise UserError(N_("There is no such record here."))
        if tx.session.get(Allotment, student) is None:
            raise UserError(
                N_("{name} has no pass yet."), next_step=N_("Correct the record itself."), name=_name(row)
            )
        values = {
            "id": new_id(ctx.entropy), "student": student, "university": row.university, "field": field,
            "printed_value": value_text(getattr(row, field)) if field in STUDENT.names else "",
            "right_value": value_text(right_value).strip(), "ground": ground.strip(),
            "application_number": application_number.strip(), "application_date": application_date,
        }  # fmt: skip
        problems = WRONG_DATA.problems(values)
        taken = select(func.count()).where(WrongData.student == student, WrongData.field == field)
        if tx.session.scalar(taken):
            problems.append(Problem("field", N_("This field of the student is on the list already.")))
        if problems:
            raise Refused(problems)
        tx.session.add(WrongData(**values))
        tx.note("wrong-data-entered", str(values["id"]), student=student, field=field, application=application_number)
    return str(values["id"])


def withdraw_wrong_data(ctx: Context, line: str, reason: str) -> None:
    """Take a line off the list, with a reason."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)
    words = _reason(reason)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(WrongData, line)
        if row is None:
            raise UserError(N_("This line is not on the list."))
        tx.session.delete(row)
        tx.note("wrong-data-withdrawn", line, student=row.student, field=row.field, printed=row.printed_value,
                right=row.right_value, reason=words)  # fmt: skip


def find_pass(ctx: Context, text: str) -> list[PassRow]:
    """The passes that a scanned code, a number, a personal code, or a part of a name means.

    What names one pass exactly means that one, whoever else it is a part of.
    """
    scanned = text.strip().split("|")
    if scanned[0] == PAYLOAD:
        wanted = scanned[2:] if len(scanned) == 4 and scanned[1] == ctx.season.campaign else []
        return [row for row in passes(ctx) if [row.number, row.code] == wanted]
    wanted_name, number = search_form(text), text.strip()
    if not wanted_name:
        return []
    rows = passes(ctx)
    exact = [row for row in rows if number == row.code or _number(number) == _number(row.number)]
    return exact or [row for row in rows if wanted_name in search_form(row.name)]


def _number(text: str) -> str:
    """Numbers of passes without the noughts before them."""
    return text.lstrip("0") if text.isdigit() else text


def bases_with_passes(ctx: Context) -> list[str]:
    """The base universities whose passes came; stubs are divided by them (p.25)."""
    with ctx.store.read() as session:
        found = set(session.scalars(select(PassIssue.base_university).distinct()))
        return [base for base in base_of(session, ctx.university) if base in found] + sorted(
            found - set(base_of(session, ctx.university))
        )


def _may_issue(ctx: Context) -> None:
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)


def _reason(reason: str) -> str:
    """The reason as it is kept; Refused without one."""
    if not reason.strip():
        raise Refused([Problem("reason", N_("Give a reason."))])
    return reason.strip()[:200]


def _passes(tx: Transaction, students: Collection[str]) -> list[PassIssue]:
    found = []
    for student in dict.fromkeys(students):
        row = tx.session.get(PassIssue, student)
        if row is None:
            raise UserError(N_("There is no pass for this student."))
        found.append(row)
    return found


def _name(row: Student) -> str:
    return student_name({"surname": row.surname, "first_name": row.first_name, "patronymic": row.patronymic})
