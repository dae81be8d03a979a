"""Fields that two sides changed without knowing of each other: asked, decided with a reason, taken back (p.21)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.fields import Field, Kind, field_problem
from mab_desktop.domain.merge import DELETED, Ground
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.merge import STORED, candidate_of, grounds_of, is_complete, side_of, waiting_for
from mab_desktop.services.settings import base_of
from mab_desktop.services.students import ROW_COLUMNS, StudentRow, clean, pc, rules, write_changes
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import Conflict
from mab_desktop.storage.tables.students import Student, StudentChange

MINE, THEIRS, OTHER = "mine", "theirs", "other"
REASON = 200  # what a table and a carrier hold
_NOBODY = Ground("", "", "")


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A field with two values; texts as `domain.merge.tracked_text` makes them. `state` as in the table.

    `here` tells who gave the field the value that stands here, when and why. While it is asked whether a record is
    deleted it stands, so there `theirs` is the deletion, whoever made it; `deletion` tells of one made on this PC.
    """

    id: str
    student: StudentRow
    field: str
    base: str | None
    mine: str | None
    theirs: str | None
    theirs_by: str
    found_at: str
    state: str
    choice: str | None
    reason: str | None
    decided_by: str | None
    decided_at: str | None
    here: Ground
    deletion: Ground | None


def conflicts(ctx: Context, *, state: str = "open") -> list[OpenConflict]:
    """Conflicts in a state ("open", "decided", "overtaken"), by the student's name."""
    query = (
        select(Conflict, *ROW_COLUMNS)
        .join(Student, Student.id == Conflict.student)
        .where(Conflict.state == state)
        .order_by(Student.sort_name, Conflict.field, Conflict.found_at, Conflict.id)
    )
    with ctx.store.read() as session:
        grounds = grounds_of(session, select(Conflict.student).where(Conflict.state == state))
        deletions = _deletions(session, state)
        return [
            OpenConflict(c.id, StudentRow(*row), c.field, c.base, c.mine, c.theirs, c.theirs_by, c.found_at, c.state,
                         c.choice, c.reason, c.decided_by, c.decided_at,
                         grounds.get(c.student, {}).get(c.field, _NOBODY), deletions.get(c.id))
            for c, *row in session.execute(query)
        ]  # fmt: skip


def _deletions(session: Session, state: str) -> dict[str, Ground]:
    """Conflict → the deletion it asks about, where that stands in the history here."""
    query = (
        select(Conflict.id, Conflict.theirs_mark, StudentChange)
        .join(StudentChange, StudentChange.student == Conflict.student)
        .where(Conflict.state == state, Conflict.field == DELETED, StudentChange.field == DELETED,
               StudentChange.new.is_not(None))
        .order_by(StudentChange.id)
    )  # fmt: skip
    return {
        conflict: Ground(change.by, change.at, change.ground)
        for conflict, mark, change in session.execute(query)
        if change.mark and merge.knows(json.loads(mark), json.loads(change.mark))
    }


def decide_conflicts(
    ctx: Context, conflict_ids: Collection[str], choice: str, reason: str, value: Any = None
) -> None:
    """Choose MINE or THEIRS for fields that two sides changed, all for one reason; all or none.

    OTHER gives one field a third value, `value`, as the paper shows it; Refused where the field's rules forbid it.
    """
    reason = may_settle(ctx, reason)
    if choice not in (MINE, THEIRS, OTHER) or (choice == OTHER and len(conflict_ids) != 1):
        raise ValueError(choice)
    with ctx.store.write(ctx.actor) as tx:
        for conflict_id in dict.fromkeys(conflict_ids):
            _decide(ctx, tx, _conflict_in(tx, conflict_id, "open"), choice, reason, value)


def decide_conflict(ctx: Context, conflict_id: str, choice: str, reason: str, value: Any = None) -> None:
    """`decide_conflicts` of one."""
    decide_conflicts(ctx, [conflict_id], choice, reason, value)


def reopen_conflicts(ctx: Context, conflict_ids: Collection[str], reason: str) -> None:
    """Take decisions back: the values from before stand again and the questions are open; all or none."""
    reason = may_settle(ctx, reason)
    with ctx.store.write(ctx.actor) as tx:
        for conflict_id in dict.fromkeys(conflict_ids):
            _reopen(ctx, tx, _conflict_in(tx, conflict_id, "decided"), reason)


def may_settle(ctx: Context, reason: str) -> str:
    """Only the programmer settles questions between records, and never without a reason: gives it as one line."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)
    words = " ".join(reason.split())
    if not words:
        raise Refused([Problem("reason", N_("Give a reason."))])
    if len(words) > REASON:
        raise Refused([Problem("reason", N_("At most {n} characters."), (("n", REASON),))])
    return words


def values_of(row: Student) -> dict[str, Any]:
    """The columns of a record that merging looks at."""
    return {name: getattr(row, name) for name in (*STORED, "marks", "deleted_at", "version")}


def form_of(row: Student) -> dict[str, Any]:
    """The fields of the form."""
    return {name: getattr(row, name) for name in STUDENT.names}


def settle_deletion(ctx: Context, tx: Transaction, student_id: str, reason: str) -> None:
    """A record was just deleted by a person who saw the questions whether to delete it: they are answered."""
    for conflict in waiting_for(tx.session, [student_id]).get(student_id, ()):
        if conflict.field == DELETED:
            conflict.mine = merge.tracked_text(False)
            _close(ctx, conflict, THEIRS if conflict.theirs else MINE, reason, stamp(ctx))


def _decide(ctx: Context, tx: Transaction, conflict: Conflict, choice: str, reason: str, typed: Any) -> None:
    row, name = tx.session.get_one(Student, conflict.student), conflict.field
    before = side_of(values_of(row), waiting_for(tx.session, [row.id]).get(row.id, ()))
    conflict.mine = merge.tracked_text(before.values.get(name))
    value = {MINE: before.values[name], THEIRS: merge.tracked_value(name, conflict.theirs)}.get(choice)
    if choice == OTHER:
        value = _checked(ctx, tx.session, form_of(row), name, typed)
    after = merge.decide(before, name, candidate_of(conflict), value, pc(ctx), row.version + 1)
    write_changes(ctx, tx, row, {name: value}, reason)
    row.marks = dict(after.marks)
    row.complete = is_complete(rules(tx.session, ctx), form_of(row))
    _close(ctx, conflict, choice, reason, row.changed_at)
    _tell_others(tx.session, conflict, merge.tracked_text(value))
    tx.note("conflict-decided", conflict.id, student=row.id, field=name, choice=choice, reason=reason)


def _close(ctx: Context, conflict: Conflict, choice: str, reason: str, at: str) -> None:
    conflict.state, conflict.choice, conflict.reason = "decided", choice, reason
    conflict.decided_by, conflict.decided_at = ctx.actor.login, at


def _tell_others(session: Session, decided: Conflict, text: str | None) -> None:
    """Other questions about the same field: another value stands here now, or the answer was theirs as well."""
    for other in waiting_for(session, [decided.student]).get(decided.student, ()):
        if other.field == decided.field and other.id != decided.id:
            other.mine = text
            if other.theirs == text:
                other.state = "overtaken"


def _checked(ctx: Context, session: Session, form: dict[str, Any], name: str, typed: Any) -> Any:
    """A value typed as the answer, cleaned as the form cleans it; Refused where it is none for this field."""
    spec = field_of(name)
    value = clean(form | {name: typed})[name]
    known = rules(session, ctx)
    if name == "base_university" and value not in base_of(session, ctx.university):
        raise Refused([Problem(name, N_("Choose the base university: {codes}."),
                               (("codes", ", ".join(base_of(session, ctx.university))),))])  # fmt: skip
    problem = field_problem(spec, value, known.lists)
    broken = [found for found in known.problems(form | {name: value}) if found.field == name]
    if problem or broken:
        raise Refused([problem] if problem else broken)
    return value


def field_of(name: str) -> Field:
    """The spec of a field that two sides may change; whether a record is deleted is not typed."""
    if name == "photos":
        return Field("photos", N_("Photographs received"), Kind.INTEGER, required=True, max_length=1, low=0, high=2)
    if name == "base_university":
        return Field(name, N_("Base university"), Kind.DIGITS, required=True, max_length=3, exact=True)
    return STUDENT[name]


def _reopen(ctx: Context, tx: Transaction, conflict: Conflict, reason: str) -> None:
    row, name = tx.session.get_one(Student, conflict.student), conflict.field
    if merge.tracked_text(side_of(values_of(row)).values.get(name)) != _decided_text(tx.session, conflict):
        raise UserError(N_("The field was changed again since. Correct it in the record."))
    write_changes(ctx, tx, row, {name: merge.tracked_value(name, conflict.mine)}, reason)
    row.complete = is_complete(rules(tx.session, ctx), form_of(row))
    # The other value must not count as known, or the next portion would close the question.
    mark = merge.joined(json.loads(conflict.theirs_mark), {f"{pc(ctx)}~": row.version})
    conflict.theirs_mark, conflict.state, conflict.choice = merge.mark_json(mark), "open", None
    _tell_others(tx.session, conflict, conflict.mine)
    tx.note("conflict-reopened", conflict.id, student=row.id, field=name, reason=reason)


def _decided_text(session: Session, conflict: Conflict) -> str | None:
    """The value that the decision gave the field; a third one stands in the history alone."""
    if conflict.choice != OTHER:
        return conflict.theirs if conflict.choice == THEIRS else conflict.mine
    query = select(StudentChange.new).where(
        StudentChange.student == conflict.student, StudentChange.field == conflict.field,
        StudentChange.at == conflict.decided_at, StudentChange.by == conflict.decided_by,
    )  # fmt: skip
    return session.scalars(query.order_by(StudentChange.id.desc()).limit(1)).first()


def _conflict_in(tx: Transaction, conflict_id: str, state: str) -> Conflict:
    conflict = tx.session.get(Conflict, conflict_id)
    if conflict is None or conflict.state != state:
        raise UserError(N_("This question is settled already or was never asked."))
    return conflict
