"""Verify mode (p.18, p.21): a record typed again against hidden values, compared, the differences settled.

The comparison happens where both entries meet: at once where the record is on this PC, else at the programmer's when
the operator's portion comes. It is made with the values of the version that the second entry was for. The verifier
settles at once, with the paper still in his hand; the programmer settles the rest, and may settle anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain import second_entry as rules_of
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.fields import RecordSpec, field_problem
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.second_entry import ASIDE, COMPARED, CORRECTED, FIRST, OTHER, SECOND, WAITING
from mab_desktop.domain.student import STUDENT, student_name, value_from_text, value_text
from mab_desktop.i18n import N_, translate
from mab_desktop.services.conflicts import REASON, form_of
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.drafts import drop_draft
from mab_desktop.services.keystrokes import note_keys
from mab_desktop.services.merge import is_complete
from mab_desktop.services.second_draw import Sheet, drawn, may_type, sheet_numbers
from mab_desktop.services.students import clean, pc, rules, write_changes
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.second_entry import SecondDifference, SecondEntry
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange

# What is being typed a second time is kept as a draft of its own, with the sheet it belongs to.
SECOND_FORM = RecordSpec("second-entry", STUDENT.label, STUDENT.fields, STUDENT.checks)
GROUND = N_("Second entry against the paper")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of a second entry: `state` as in the domain, and how many fields differ and are still open."""

    id: str
    state: str
    differences: int
    open: int


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A field with two values, texts as `value_text` makes them; `choice` "" while it is open.

    `now` is what stands in the record, `gone` says that the record was deleted, `erred` who was wrong. `name` is the
    student as the second entry has it. `other_sheet`: the entry seems to be of another paper.
    """

    id: str
    entry: str
    student: str
    name: str
    pile: str
    day: str
    sheet: int
    field: str
    first: str
    second: str
    now: str
    typist: str
    verifier: str
    at: str
    choice: str
    settled: str
    settled_by: str
    settled_at: str
    gone: bool
    other_sheet: bool

    @property
    def erred(self) -> str:
        """Who gave a value that does not stand; "" while nothing is settled."""
        return rules_of.erred(self.field, self.first, self.second, self.settled) if self.choice else ""


# -- reading -----------------------------------------------------------------------------------------------------------


def queue(ctx: Context) -> list[Sheet]:
    """The sheets that the person at work is to type again."""
    _may_verify(ctx)
    with ctx.store.read() as session:
        return may_type(ctx, session, drawn(session))


def differences(ctx: Context, entry: str = "") -> list[DifferenceRow]:
    """Differences of one second entry, or of all, the newest entry first; an operator sees those of his own entries."""
    _may_verify(ctx)
    query = (
        select(SecondDifference, SecondEntry, Student)
        .join(SecondEntry, SecondEntry.id == SecondDifference.entry)
        .join(Student, Student.id == SecondEntry.student, isouter=True)
        .where(SecondEntry.state == COMPARED)
        .order_by(SecondEntry.at.desc(), SecondEntry.id)
    )
    if entry:
        query = query.where(SecondEntry.id == entry)
    if ctx.actor.role == PersonRole.OPERATOR:
        query = query.where(SecondEntry.verifier == ctx.actor.login)
    with ctx.store.read() as session:
        places = sheet_numbers(session)
        rows = [_row(difference, typed, student, places) for difference, typed, student in session.execute(query)]
    return _in_order(rows)


def open_count(ctx: Context) -> int:
    """How many differences of standing records wait for a decision."""
    query = (
        select(func.count())
        .select_from(SecondDifference)
        .join(SecondEntry, SecondEntry.id == SecondDifference.entry)
        .join(Student, Student.id == SecondEntry.student)
        .where(SecondDifference.choice == "", SecondEntry.state == COMPARED, Student.deleted_at.is_(None))
    )
    with ctx.store.read() as session:
        return session.scalar(query) or 0


def typed_today(ctx: Context) -> int:
    """How many sheets the person at work has typed again today."""
    today = ctx.clock.now().date().isoformat()
    query = select(SecondEntry.id).where(SecondEntry.verifier == ctx.actor.login, SecondEntry.at.startswith(today))
    with ctx.store.read() as session:
        return len(session.scalars(query).all())


# -- typing ------------------------------------------------------------------------------------------------------------


def type_second(ctx: Context, student: str, values: Mapping[str, Any], *, keys: int = 0, sure: bool = False) -> Typed:
    """Keep what a verifier typed of a sheet of his queue, and compare it where the record is here.

    Where nothing says that both entries are of one paper, it is refused without a word about the first values;
    `sure` says that the sheet is the right one all the same. The draft goes with it.
    """
    _may_verify(ctx)
    kept = {name: clean(values)[name] for name in STUDENT.names}
    with ctx.store.write(ctx.actor) as tx:
        sheet = next((s for s in may_type(ctx, tx.session, drawn(tx.session)) if s.student == student), None)
        if sheet is None:
            raise UserError(N_("This sheet is not yours to type again, or it is typed already."),
                            next_step=N_("Nothing was saved. Take the next sheet."))  # fmt: skip
        if faults := rules(tx.session, ctx).faults(kept):
            raise Refused(faults)
        row = tx.session.get(Student, student)
        made = SecondEntry(
            id=new_id(ctx.entropy), student=student, version=row.version if row else sheet.version,
            typist=sheet.typist, verifier=ctx.actor.login, device=pc(ctx), at=stamp(ctx),
            values=rules_of.texts_of(kept), state=WAITING,
        )  # fmt: skip
        if row is not None and not sure and not rules_of.same_paper(first_values(tx.session, row, row.version)[0],
                                                                    made.values):  # fmt: skip
            raise UserError(N_("This seems to be another sheet: none of the person's numbers agrees, nor the name."),
                            next_step=N_("Nothing was saved. Look for the sheet again."))  # fmt: skip
        tx.session.add(made)
        found = compare(tx, made, row) if row is not None else []
        note_keys(ctx, tx, keys)
        drop_draft(tx, SECOND_FORM.name)
        tx.note("second-entry-typed", student, entry=made.id, state=made.state, fields=[d.field for d in found])
        return Typed(made.id, made.state, len(found), sum(not d.choice for d in found))


def compare(tx: Transaction, entry: SecondEntry, row: Student) -> list[SecondDifference]:
    """Compare a second entry with the version of the record that it was typed against; the caller notes the event.

    A field that was corrected to the second value meanwhile is settled by that correction.
    """
    entry.state = COMPARED
    tx.session.flush()
    first, authors = first_values(tx.session, row, entry.version)
    made = []
    for found in rules_of.differences(first, entry.values):
        by, at = authors[found.field]
        line = SecondDifference(entry=entry.id, field=found.field, first=found.first, second=found.second, typist=by,
                                typed_at=at, choice="", settled="", settled_by="", settled_at="")  # fmt: skip
        now = value_text(getattr(row, found.field))
        if rules_of.settled_before(found.field, found.second, now):
            by, at = _last_author(tx.session, row, found.field)
            line.choice, line.settled, line.settled_by, line.settled_at = CORRECTED, now, by, at
        made.append(line)
    tx.session.add_all(made)
    tx.session.flush()
    return made


def first_values(session: Session, row: Student, version: int) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """The form's values as they stood in a version, and who gave each its value and when."""
    values = rules_of.texts_of(form_of(row))
    authors: dict[str, tuple[str, str]] = {}
    query = select(StudentChange).where(StudentChange.student == row.id).order_by(StudentChange.id.desc())
    for change in session.scalars(query):
        if change.field not in values:
            continue
        if change.version > version:
            values[change.field] = change.old or ""
            authors.pop(change.field, None)
        else:
            authors.setdefault(change.field, (change.by, change.at))
    return values, {name: authors.get(name, (row.created_by, row.created_at)) for name in values}


# -- settling ----------------------------------------------------------------------------------------------------------


def settle(ctx: Context, entry: str, field: str, choice: str, value: Any = None, ground: str = "") -> None:
    """Decide which value of a field stands: FIRST, SECOND, or OTHER with `value` as the paper shows it.

    The verifier decides about his own entries while they are open; the programmer about all, and anew.
    """
    _may_verify(ctx)
    if choice not in (FIRST, SECOND, OTHER):
        raise ValueError(choice)
    with ctx.store.write(ctx.actor) as tx:
        typed, line, row = _found(ctx, tx, entry, field)
        if ctx.actor.role == PersonRole.OPERATOR and line.choice:
            raise UserError(N_("This difference is settled. The programmer can settle it anew."))
        _require_open(tx, row)
        new = _chosen(ctx, tx.session, row, line, choice, value)
        words = " ".join(ground.split())[:REASON] or translate(ctx.lang, GROUND)
        if new != getattr(row, field):
            write_changes(ctx, tx, row, {field: new}, words)
            row.complete = is_complete(rules(tx.session, ctx), form_of(row))
        line.choice, line.settled = choice, value_text(new)
        line.settled_by, line.settled_at = ctx.actor.login, stamp(ctx)
        tx.note("second-entry-settled", row.id, entry=typed.id, field=field, choice=choice,
                erred=rules_of.erred(field, line.first, line.second, line.settled))  # fmt: skip


def set_aside(ctx: Context, entry: str, reason: str) -> None:
    """A second entry was typed from a wrong sheet: it does not count, and the record is to be typed again."""
    _may_verify(ctx)
    words = " ".join(reason.split())[:REASON]
    if not words:
        raise Refused([Problem("reason", N_("Give a reason."))])
    with ctx.store.write(ctx.actor) as tx:
        typed = tx.session.get(SecondEntry, entry)
        if typed is None or typed.state == ASIDE or not _may_decide(ctx, typed):
            raise _unknown()
        lines = tx.session.scalars(select(SecondDifference).where(SecondDifference.entry == entry))
        if any(line.choice not in ("", CORRECTED) for line in lines):
            raise UserError(N_("Differences of this entry are settled already; it counts."))
        typed.state, typed.aside = ASIDE, words
        tx.note("second-entry-set-aside", typed.student, entry=entry, reason=words)


# -- inside ------------------------------------------------------------------------------------------------------------


def _may_verify(ctx: Context) -> None:
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)


def _may_decide(ctx: Context, entry: SecondEntry) -> bool:
    return ctx.actor.role == PersonRole.PROGRAMMER or entry.verifier == ctx.actor.login


def _found(ctx: Context, tx: Transaction, entry: str, field: str) -> tuple[SecondEntry, SecondDifference, Student]:
    typed, line = tx.session.get(SecondEntry, entry), tx.session.get(SecondDifference, (entry, field))
    row = tx.session.get(Student, typed.student) if typed else None
    if typed is None or line is None or row is None or typed.state != COMPARED or not _may_decide(ctx, typed):
        raise _unknown()
    return typed, line, row


def _require_open(tx: Transaction, row: Student) -> None:
    if row.deleted_at:
        raise UserError(N_("This record is deleted. Bring it back first."))
    if tx.session.get(Allotment, row.id):
        raise OutOfOrder(
            N_("The pass of {name} is printed already. The record stays as it is."),
            next_step=N_("Enter the error into the list of students with wrong data (p.25)."),
            name=student_name(form_of(row)),
        )


def _chosen(ctx: Context, session: Session, row: Student, line: SecondDifference, choice: str, value: Any) -> Any:
    """The value that shall stand; Refused where a typed one is none for this field."""
    if choice != OTHER:
        return value_from_text(line.field, line.first if choice == FIRST else line.second)
    typed = clean({line.field: value})[line.field]
    known, field = rules(session, ctx), STUDENT[line.field]
    problem = field_problem(field, typed, known.lists)
    broken = [p for p in known.problems(form_of(row) | {line.field: typed}) if p.field == line.field]
    if problem or broken:
        raise Refused([problem] if problem else broken)
    return typed


def _last_author(session: Session, row: Student, field: str) -> tuple[str, str]:
    query = (
        select(StudentChange.by, StudentChange.at)
        .where(StudentChange.student == row.id, StudentChange.field == field)
        .order_by(StudentChange.id.desc())
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else (row.created_by, row.created_at)


def _row(
    line: SecondDifference, typed: SecondEntry, student: Student | None, places: Mapping[str, tuple[str, str, int]]
) -> DifferenceRow:
    pile, day, sheet = places.get(typed.student, (typed.typist, "", 0))
    now = merge.tracked_text(getattr(student, line.field)) if student else None
    return DifferenceRow(
        f"{line.entry}/{line.field}", line.entry, typed.student, student_name(typed.values), pile, day, sheet,
        line.field, line.first, line.second, now or "", line.typist, typed.verifier, typed.at, line.choice,
        line.settled, line.settled_by, line.settled_at, student is None or student.deleted_at is not None,
        not _one_paper(student, typed, line),
    )  # fmt: skip


def _one_paper(student: Student | None, typed: SecondEntry, line: SecondDifference) -> bool:
    if student is None:
        return True
    first = rules_of.texts_of(form_of(student)) | {line.field: line.first}
    return rules_of.same_paper(first, typed.values)


def _in_order(rows: list[DifferenceRow]) -> list[DifferenceRow]:
    """Entries as they came, fields in the paper's order."""
    entries = list(dict.fromkeys(row.entry for row in rows))
    return sorted(rows, key=lambda row: (entries.index(row.entry), STUDENT.names.index(row.field)))


def _unknown() -> UserError:
    return UserError(N_("There is no such second entry here."))
