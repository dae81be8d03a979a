"""Student records of a network university (p.18, p.20, p.21): typed, corrected, deleted, found again.

Every change keeps its old value, who made it and when; nothing is ever removed. An operator sees and corrects only
what he typed himself.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.fields import Kind, field_problem
from mab_desktop.domain.names import full_name, mend_look_alikes, search_form, sort_key
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.student import (
    STUDENT,
    STUDENT_META,
    control_sum,
    season_problems,
    season_warnings,
    similar_names,
    student_name,
)  # fmt: skip
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.drafts import drop_draft
from mab_desktop.services.keystrokes import note_keys
from mab_desktop.services.settings import base_of, reference_codes
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import ReferenceItem
from mab_desktop.storage.tables.network import Conflict, SpecialtyTaught
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange

SAME_TO_CODE, SAME_DOCUMENT, SIMILAR_NAME = "to_code", "identity_document", "name"
DUPLICATE_LABELS = {
    SAME_TO_CODE: N_("Same TO code"),
    SAME_DOCUMENT: N_("Same identity document"),
    SIMILAR_NAME: N_("Similar name, same date of birth"),
}


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A record as lists and forms show it; `deleted_at` is None while it stands."""

    id: str
    university: str
    base_university: str
    surname: str | None
    first_name: str | None
    patronymic: str | None
    birth_date: date | None
    citizenship: str | None
    nationality: str | None
    sex: str | None
    specialty: str | None
    course: str | None
    study_language: str | None
    study_form: str | None
    payment: str | None
    to_code: str | None
    certificate: str | None
    grant_certificate: str | None
    identity_document: str | None
    admission_year: int | None
    record_book: str | None
    foreign_language: str | None
    photos: int
    complete: bool
    version: int
    created_by: str
    created_at: str
    changed_by: str
    changed_at: str
    deleted_at: str | None

    @property
    def name(self) -> str:
        """Surname, first name and patronymic."""
        return full_name(self.surname or "", self.first_name or "", self.patronymic)

    @property
    def partial(self) -> bool:
        """True while fields of the form are missing."""
        return not self.complete

    def values(self) -> dict[str, Any]:
        """The fields of the form."""
        return {name: getattr(self, name) for name in STUDENT.names}


ROW_COLUMNS = tuple(getattr(Student, field.name) for field in fields(StudentRow))


@dataclass(frozen=True, slots=True)
class Rules:
    """What records are checked against here: the reference lists, the specialties that take part, the season."""

    lists: Mapping[str, frozenset[str]]
    taught: frozenset[str]
    year: int

    def problems(self, values: Mapping[str, Any]) -> list[Problem]:
        """Every rule that a record breaks which is to be complete."""
        found = STUDENT.every_problem(values, self.lists)
        told = {problem.field for problem in found}
        return found + [p for p in season_problems(values, self.year, self.taught) if p.field not in told]

    def faults(self, values: Mapping[str, Any]) -> list[Problem]:
        """What is wrong in a partly typed record: only what is there; at least a name or a number must be."""
        given = [field for field in STUDENT.fields if values.get(field.name) not in (None, "")]
        found = [problem for field in given if (problem := field_problem(field, values[field.name], self.lists))]
        if not any(values.get(name) for name in ("surname", "first_name", "to_code", "identity_document")):
            found.append(Problem("surname", N_("Type at least a name, the TO code or the document number.")))
        return found


@dataclass(frozen=True, slots=True)
class LikelyDuplicate:
    """A record that may be the same person: who typed it and when.

    `why` (a key of `DUPLICATE_LABELS`) and `row` are "" and None where this person may not see the record: he may have
    to type that sheet again, and must not learn what the first entry says (p.21).
    """

    id: str
    typed_by: str
    typed_at: str
    why: str
    row: StudentRow | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said about a record: broken rules, things allowed but rare, likely duplicates."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    duplicates: tuple[LikelyDuplicate, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved record: its version now, and whether it is complete."""

    id: str
    version: int
    complete: bool
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a record's history; values as `domain.merge.tracked_text` makes them."""

    version: int
    field: str
    old: str
    new: str
    ground: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many records stand, are complete, have both photographs, are deleted."""

    total: int
    complete: int
    with_photos: int
    deleted: int

    @property
    def partial(self) -> int:
        """Records with missing fields."""
        return self.total - self.complete


# -- reading -----------------------------------------------------------------------------------------------------------


def all_rows(ctx: Context, *, deleted: bool = False) -> list[StudentRow]:
    """Every record that this person may see, in Kazakh order of names; the deleted ones instead when asked."""
    return find(ctx, deleted=deleted)


def first_rows(ctx: Context, count: int) -> tuple[list[StudentRow], int]:
    """The first records of the list, and how many there are: shown while the others are read."""
    total = select(func.count()).select_from(Student).where(Student.deleted_at.is_(None), _mine(ctx))
    first = _visible(ctx, False).where(Student.university == ctx.university)  # an index has them in order of names
    with ctx.store.read() as session:
        rows = session.execute(first.order_by(Student.sort_name, Student.id).limit(count))
        return [StudentRow(*row) for row in rows], session.scalar(total) or 0


def find(
    ctx: Context,
    text: str = "",
    *,
    specialty: str = "",
    study_language: str = "",
    base_university: str = "",
    operator: str = "",
    partial: bool | None = None,
    deleted: bool = False,
    limit: int = 0,
    offset: int = 0,
) -> list[StudentRow]:
    """Records by filters; `text` is part of a name, or the beginning of a TO code or document number."""
    query = _visible(ctx, deleted)
    for column, value in ((Student.specialty, specialty), (Student.study_language, study_language),
                          (Student.base_university, base_university), (Student.created_by, operator)):  # fmt: skip
        if value:
            query = query.where(column == value)
    if partial is not None:
        query = query.where(Student.complete.is_(not partial))
    if text.strip():
        query = query.where(_matches(text))
    query = query.order_by(Student.sort_name, Student.id)
    if limit:
        query = query.limit(limit).offset(offset)
    with ctx.store.read() as session:
        return [StudentRow(*row) for row in session.execute(query)]


def get(ctx: Context, student_id: str) -> StudentRow:
    """One record, deleted ones too."""
    with ctx.store.read() as session:
        row = session.execute(select(*ROW_COLUMNS).where(Student.id == student_id)).first()
    if row is None or not _may_see(ctx, row.created_by):
        raise _unknown()
    return StudentRow(*row)


def history(ctx: Context, student_id: str) -> list[Change]:
    """What was changed in a record, the newest first."""
    get(ctx, student_id)
    query = select(StudentChange).where(StudentChange.student == student_id).order_by(StudentChange.id.desc())
    with ctx.store.read() as session:
        return [
            Change(c.version, c.field, c.old or "", c.new or "", c.ground, c.by, c.at) for c in session.scalars(query)
        ]


def counts(ctx: Context) -> Counted:
    """How many records this person has."""
    standing = Student.deleted_at.is_(None)
    mine = _mine(ctx)
    query = select(
        func.count().filter(standing),
        func.count().filter(standing, Student.complete),
        func.count().filter(standing, Student.photos >= 2),
        func.count().filter(~standing),
    ).where(mine)
    with ctx.store.read() as session:
        return Counted(*session.execute(query).one())


def records(session: Session, *, base_university: str = "") -> list[dict[str, Any]]:
    """The complete, standing records as carriers hold them (`STUDENT_RECORD`), by id."""
    names = tuple(field.name for field in STUDENT_META) + STUDENT.names
    query = select(*(getattr(Student, name) for name in names)).where(
        Student.deleted_at.is_(None), Student.complete.is_(True)
    )
    if base_university:
        query = query.where(Student.base_university == base_university)
    return [dict(zip(names, row, strict=True)) for row in session.execute(query.order_by(Student.id))]


def database_sum(session: Session, base_university: str = "") -> tuple[int, str]:
    """Number of records and control sum of the student database, as they stand on paper and in the manifest (p.21)."""
    found = records(session, base_university=base_university)
    return len(found), control_sum(found)


def rules(session: Session, ctx: Context) -> Rules:
    """What this university's records are checked against."""
    taught = session.scalars(select(SpecialtyTaught.specialty).where(SpecialtyTaught.university == ctx.university))
    return Rules(reference_codes(session), frozenset(taught), ctx.season.year)


# -- checking ----------------------------------------------------------------------------------------------------------


def rules_here(ctx: Context) -> Rules:
    """What records are checked against while they are typed, every rule of p.18 and p.21 at once."""
    with ctx.store.read() as session:
        return rules(session, ctx)


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept: NFC, single spaces, Latin look-alikes in Cyrillic names put right, nothing as None."""
    return {name: _cleaned(name, values.get(name)) for name in STUDENT.names} | {
        name: value for name, value in values.items() if name not in STUDENT.names
    }


def check(ctx: Context, values: Mapping[str, Any], student_id: str = "") -> Checked:
    """Everything to be said about a record before it is saved."""
    kept = clean(values)
    with ctx.store.read() as session:
        return Checked(
            tuple(rules(session, ctx).problems(kept)),
            tuple(season_warnings(kept, ctx.season.year, _mab_course(session, kept.get("specialty")))),
            tuple(_duplicates(ctx, session, kept, student_id)),
        )


# -- changing ----------------------------------------------------------------------------------------------------------


def save(
    ctx: Context,
    values: Mapping[str, Any],
    *,
    student_id: str = "",
    version: int | None = None,
    partial: bool = False,
    base_university: str = "",
    ground: str = "",
    keys: int = 0,
) -> Saved:
    """Save a new record, or the change of one; the person's draft of the form goes with it.

    `version` is the one that was shown: if somebody has changed the record since, nothing is saved. `partial` lets
    required fields be missing, not wrong. `base_university` is needed only when there are several. `keys` are those
    pressed for it.
    """
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    kept = clean(values)
    with ctx.store.write(ctx.actor) as tx:
        known = rules(tx.session, ctx)
        problems = known.problems(kept)
        faults = known.faults(kept) if partial else problems
        if faults:
            raise Refused(faults)
        if student_id:
            saved = _change(ctx, tx, student_id, kept, version, not problems, ground)
            if base_university:
                saved = _move(ctx, tx, saved, base_university)
        else:
            saved = _enter(ctx, tx, kept, not problems, base_university)
        drop_draft(tx, STUDENT.name)
        note_keys(ctx, tx, keys)
    return saved


def refuse_unchangeable(ctx: Context, student_ids: Collection[str]) -> None:
    """Refuse, naming the record, when one of these may not be changed any more: asked before a reason is typed."""
    with ctx.store.read() as session:
        for student_id in student_ids:
            _row(ctx, session, student_id)


def delete(ctx: Context, student_ids: Collection[str], reason: str) -> int:
    """Mark records as deleted, with a reason; the number of records. `restore` brings them back."""
    return _set_deleted(ctx, student_ids, reason, deleted=True)


def restore(ctx: Context, student_ids: Collection[str], reason: str) -> int:
    """Bring deleted records back; the number of records."""
    return _set_deleted(ctx, student_ids, reason, deleted=False)


def set_photos(ctx: Context, student_ids: Collection[str], photos: int) -> int:
    """Mark how many photographs (0-2) the students handed in (p.21); the number of records changed."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    if not 0 <= photos <= 2:
        raise Refused([Problem("photos", N_("Must be from {low} to {high}."), (("low", 0), ("high", 2)))])
    with ctx.store.write(ctx.actor) as tx:
        changed = [row for row in _rows(ctx, tx, student_ids) if row.photos != photos]
        for row in changed:
            write_changes(ctx, tx, row, {"photos": photos})
        if changed:
            tx.note("photos-received", f"{len(changed)}", photos=photos, students=[row.id for row in changed])
    return len(changed)


def write_changes(ctx: Context, tx: Transaction, row: Student, changes: Mapping[str, Any], ground: str = "") -> None:
    """Put new values of tracked fields into a record: history, marks, version, search form. The caller notes why."""
    now, version, device = stamp(ctx), row.version + 1, pc(ctx)
    seen = _waiting_marks(tx.session, row.id) if merge.DELETED in changes else ()
    row.marks = merge.touched(row.marks or merge.first_marks(device), changes, device, version, *seen)
    for name, new in changes.items():
        old = bool(row.deleted_at) if name == merge.DELETED else getattr(row, name)
        tx.session.add(
            StudentChange(
                student=row.id, version=version, field=name, old=merge.tracked_text(old), new=merge.tracked_text(new),
                ground=ground, by=ctx.actor.login, at=now, mark=merge.mark_json(merge.mark_of(row.marks, name)),
            )
        )  # fmt: skip
        if name == merge.DELETED:
            row.deleted_at = now if new else None
        else:
            setattr(row, name, new)
    row.version, row.changed_by, row.changed_at = version, ctx.actor.login, now
    row.search, row.sort_name = name_columns({"surname": row.surname, "first_name": row.first_name,
                                              "patronymic": row.patronymic})  # fmt: skip


def name_columns(values: Mapping[str, Any]) -> tuple[str, str]:
    """The columns `search` and `sort_name` of a record."""
    name = student_name(values)
    return search_form(name), sort_key(name)


def pc(ctx: Context) -> str:
    """The name of this PC in the marks of records."""
    return ctx.actor.device or ctx.actor.login


# -- inside ------------------------------------------------------------------------------------------------------------


def _waiting_marks(session: Session, student_id: str) -> list[merge.Mark]:
    """Who deletes a record or brings it back has seen the values too that wait in it for a decision."""
    query = select(Conflict.theirs_mark).where(Conflict.student == student_id, Conflict.state == "open")
    return [json.loads(mark) for mark in session.scalars(query)]


def _visible(ctx: Context, deleted: bool) -> Select[Any]:
    stands = Student.deleted_at.is_not(None) if deleted else Student.deleted_at.is_(None)
    return select(*ROW_COLUMNS).where(stands, _mine(ctx))


def _mine(ctx: Context) -> ColumnElement[bool]:
    """An operator's own records; everybody else sees all."""
    return and_(True, Student.created_by == ctx.actor.login) if _is_operator(ctx) else and_(True)


def _is_operator(ctx: Context) -> bool:
    return ctx.role is Role.NETWORK_UNI and ctx.actor.role == PersonRole.OPERATOR


def _may_see(ctx: Context, created_by: str) -> bool:
    return not _is_operator(ctx) or created_by == ctx.actor.login


def _matches(text: str) -> ColumnElement[bool]:
    wanted = search_form(text)
    number = wanted.replace(" ", "")
    return or_(
        func.instr(Student.search, wanted) > 0,
        Student.to_code.startswith(number, autoescape=True),
        Student.identity_document.startswith(number, autoescape=True),
    )


def _cleaned(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if STUDENT[name].kind is Kind.NAME:
        text = mend_look_alikes(text)
    return text or None


def _mab_course(session: Session, specialty: str | None) -> str:
    item = session.get(ReferenceItem, ("specialty", specialty)) if specialty else None
    return str(item.extra.get("mab_course", "")) if item else ""


def _duplicates(
    ctx: Context, session: Session, values: Mapping[str, Any], student_id: str
) -> list[LikelyDuplicate]:
    same = []
    for why, column in ((SAME_TO_CODE, Student.to_code), (SAME_DOCUMENT, Student.identity_document)):
        if values.get(why):
            same.append((why, column == values[why]))
    if isinstance(values.get("birth_date"), date):
        same.append((SIMILAR_NAME, Student.birth_date == values["birth_date"]))
    found: dict[str, LikelyDuplicate] = {}
    for why, condition in same:
        query = select(*ROW_COLUMNS).where(condition, Student.deleted_at.is_(None), Student.id != student_id)
        for row in (StudentRow(*found_row) for found_row in session.execute(query)):
            if why != SIMILAR_NAME or similar_names(values, row.values()):
                found.setdefault(row.id, _likely(ctx, why, row))
    return list(found.values())


def _likely(ctx: Context, why: str, row: StudentRow) -> LikelyDuplicate:
    shown = _may_see(ctx, row.created_by)
    return LikelyDuplicate(row.id, row.created_by, row.created_at, why if shown else "", row if shown else None)


def _enter(ctx: Context, tx: Transaction, values: Mapping[str, Any], complete: bool, base: str) -> Saved:
    now, new = stamp(ctx), new_id(ctx.entropy)
    search, sort_name = name_columns(values)
    tx.session.add(
        Student(
            id=new, university=ctx.university, base_university=_base(tx.session, ctx, base), photos=0, version=1,
            complete=complete, marks=merge.first_marks(pc(ctx)), created_by=ctx.actor.login, created_at=now,
            changed_by=ctx.actor.login, changed_at=now, search=search, sort_name=sort_name,
            **{name: values[name] for name in STUDENT.names},
        )
    )  # fmt: skip
    tx.note("student-entered", new, complete=complete)
    return Saved(new, 1, complete, STUDENT.names)


def _base(session: Session, ctx: Context, wanted: str) -> str:
    """The base university of a record: the only one tied to this university, or the one chosen of several."""
    bases = base_of(session, ctx.university)
    if wanted in bases:
        return wanted
    if len(bases) == 1 and not wanted:
        return bases[0]
    if not bases:
        raise Refused([Problem("base_university", N_("No base university is known. Load the reference package."))])
    codes = (("codes", ", ".join(bases)),)
    raise Refused([Problem("base_university", N_("Choose the base university: {codes}."), codes)])


def _change(
    ctx: Context,
    tx: Transaction,
    student_id: str,
    values: Mapping[str, Any],
    version: int | None,
    complete: bool,
    ground: str,
) -> Saved:
    row = _row(ctx, tx.session, student_id)
    if row.deleted_at:
        raise UserError(N_("This record is deleted. Bring it back first."))
    if version is not None and version != row.version:
        raise UserError(
            N_("{by} has changed this record meanwhile. Nothing was saved; what you typed still stands in the form."),
            next_step=N_("Open the record again and compare."), by=row.changed_by,
        )  # fmt: skip
    changes = {name: values[name] for name in STUDENT.names if values[name] != getattr(row, name)}
    if changes or row.complete != complete:
        write_changes(ctx, tx, row, changes, ground)
        row.complete = complete
        tx.note("student-changed", student_id, fields=sorted(changes), version=row.version, ground=ground)
    return Saved(student_id, row.version, row.complete, tuple(changes))


def _move(ctx: Context, tx: Transaction, saved: Saved, base_university: str) -> Saved:
    row = _row(ctx, tx.session, saved.id)
    base = _base(tx.session, ctx, base_university)
    if base == row.base_university:
        return saved
    write_changes(ctx, tx, row, {"base_university": base})
    tx.note("student-changed", saved.id, fields=["base_university"], version=row.version)
    return Saved(saved.id, row.version, row.complete, (*saved.changed, "base_university"))


def _row(ctx: Context, session: Session, student_id: str) -> Student:
    """The record to be changed; refuses what this person may not change, and what stands on a pass already."""
    row = session.get(Student, student_id)
    if row is None or not _may_see(ctx, row.created_by):
        raise _unknown()
    if session.get(Allotment, student_id):
        raise OutOfOrder(
            N_("The pass of {name} is printed already. The record stays as it is."),
            next_step=N_("Enter the error into the list of students with wrong data (p.25)."),
            name=student_name({n: getattr(row, n) for n in STUDENT.names}),
        )
    return row


def _rows(ctx: Context, tx: Transaction, student_ids: Iterable[str]) -> Sequence[Student]:
    return [_row(ctx, tx.session, student_id) for student_id in dict.fromkeys(student_ids)]


def _set_deleted(ctx: Context, student_ids: Collection[str], reason: str, *, deleted: bool) -> int:
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    if not reason.strip():
        raise Refused([Problem("reason", N_("Give a reason."))])
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _rows(ctx, tx, student_ids) if bool(row.deleted_at) != deleted]
        for row in rows:
            write_changes(ctx, tx, row, {merge.DELETED: deleted}, reason.strip())
            tx.note("student-deleted" if deleted else "student-restored", row.id, reason=reason.strip())
    return len(rows)


def _unknown() -> UserError:
    return UserError(N_("There is no such record here."))
