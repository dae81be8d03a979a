"""What the final database has otherwise than what was sent to the centre, student by student, and why (p.23)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain.names import search_form
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.domain.student import student_name
from mab_desktop.i18n import N_, translate
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange, WrongData


class FinalKind(StrEnum):
    """What happened to a student between sending and coming back."""

    VALUE = "value"
    REMOVED = "removed"
    ADDED = "added"
    UNPLACED = "unplaced"


KIND_LABELS = {
    FinalKind.VALUE: N_("Value changed"),
    FinalKind.REMOVED: N_("No longer in the database"),
    FinalKind.ADDED: N_("Not among those sent"),
    FinalKind.UNPLACED: N_("Without shift and hall"),
}


@dataclass(frozen=True, slots=True)
class FinalChange:
    """One difference: `field` and both values (as `domain.student.value_text` makes them) where a value changed.

    `why` is what is known of the reason: the student's application, or who changed the record and when.
    """

    student: str
    name: str
    university: str
    kind: FinalKind
    field: str
    sent: str
    came: str
    why: str

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.student}:{self.kind}:{self.field}"


def final_changes(ctx: Context) -> list[FinalChange]:
    """Every difference, in Kazakh order of names; nothing before the final database has come."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        if session.scalar(select(Allotment.student).limit(1)) is None:
            return []
        sent_at = session.scalar(
            select(CarrierOut.created_at).where(CarrierOut.kind == "base-students", CarrierOut.recipient == NTC_CODE)
            .order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc()).limit(1)
        )  # fmt: skip
        found = [(row[0], row[1]) for part in (_values(ctx, session, sent_at), _whole(session, sent_at))
                 for row in part]  # fmt: skip
    return [change for _sort, change in sorted(found, key=lambda pair: (pair[0], pair[1].key))]


def _values(ctx: Context, session: Session, sent_at: str | None) -> Iterator[tuple[str, FinalChange]]:
    """The first value since the sending against the last; what was changed and changed back is no difference."""
    since: ColumnElement[bool] = StudentChange.by == NTC_CODE
    if sent_at:
        since = or_(since, StudentChange.at > sent_at)
    query = select(StudentChange, Student).join(Student, Student.id == StudentChange.student)
    first: dict[tuple[str, str], str] = {}
    last: dict[tuple[str, str], tuple[StudentChange, Student]] = {}
    for change, student in session.execute(query.where(since).order_by(StudentChange.id)):
        first.setdefault((change.student, change.field), change.old or "")
        last[change.student, change.field] = change, student
    lines = {(line.student, line.field): line for line in session.scalars(select(WrongData))}
    for key, (change, student) in last.items():
        if first[key] != (change.new or ""):
            why = _why(ctx, change, student, lines.get(key))
            yield student.sort_name, FinalChange(
                student.id, _name(student), student.university, FinalKind.VALUE, change.field, first[key],
                change.new or "", why,
            )  # fmt: skip


def _whole(session: Session, sent_at: str | None) -> Iterator[tuple[str, FinalChange]]:
    query = select(Student, Allotment.student).outerjoin(Allotment, Allotment.student == Student.id)
    gone = Student.deleted_at.is_not(None) & (Student.deleted_at >= (sent_at or ""))
    unusual = or_(gone, Student.created_by == NTC_CODE, Allotment.student.is_(None))
    for student, placed in session.execute(query.where(unusual)):
        if student.deleted_at is not None:
            kind = FinalKind.REMOVED if student.deleted_at >= (sent_at or "") else None
        elif student.created_by == NTC_CODE:
            kind = FinalKind.ADDED
        else:
            kind = None if placed else FinalKind.UNPLACED
        if kind is not None:
            yield student.sort_name, FinalChange(
                student.id, _name(student), student.university, kind, "", "", "", ""
            )  # fmt: skip


def _why(ctx: Context, change: StudentChange, student: Student, line: WrongData | None) -> str:
    if line is not None and search_form(line.right_value or "") == search_form(change.new or ""):
        words = translate(ctx.lang, N_("application {number} of {day}: {ground}"))
        return words.format(number=line.application_number, day=f"{line.application_date:%d.%m.%Y}", ground=line.ground)
    if change.by == NTC_CODE and student.changed_by:
        day = student.changed_at
        words = translate(ctx.lang, N_("changed by {login}, {day}"))
        return words.format(login=student.changed_by, day=f"{day[8:10]}.{day[5:7]}.{day[:4]}")
    return ""


def _name(student: Any) -> str:
    return student_name(
        {"surname": student.surname, "first_name": student.first_name, "patronymic": student.patronymic}
    )
