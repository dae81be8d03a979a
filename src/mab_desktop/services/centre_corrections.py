"""Corrections of the final database at the centre, by the lists of students with wrong data (p.24, p.25).

The lists come from the base universities (F10). Names, sex, date of birth and foreign language are put right as the
applications say. A specialty or language of instruction may give a student other subjects or another language of the
test: the centre decides about each (`decided`), the place stays. Then the final database goes out once more (F8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import SUBJECT_FIELDS, language_of_test, subjects_of
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.names import full_name, search_form, sort_key
from mab_desktop.domain.organisation import Role, organisation_id
from mab_desktop.domain.student import CORRECTABLE, STUDENT, direction_of, value_from_text, value_text
from mab_desktop.i18n import N_
from mab_desktop.services.centre_season import exam_profile
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import reference_codes, reference_list, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import FinalRecord, FinalScore, KeyEnvelope
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange, WrongData

FINAL = "final-students"


@dataclass(frozen=True, slots=True)
class Correction:
    """A line of a list of wrong data as the centre sees it.

    `short` is the beginning of its identifier, enough to name it. `centre_decides`: it may change subjects or language.
    `at_exam`: the final data tell that the ministry programmer put it right (p.30).
    """

    id: str
    short: str
    base: str
    university: str
    student: str
    name: str
    field: str
    label: str
    present: str
    right: str
    ground: str
    application: str
    centre_decides: bool
    applied_at: str
    at_exam: bool = False

    @property
    def is_open(self) -> bool:
        """Nobody has put it right, neither here nor on the exam days."""
        return not self.applied_at and not self.at_exam


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was put right; `left` wait for a decision; `reseal` are (base, shift) whose key needs more subjects."""

    applied: int
    left: int
    reseal: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Outdated:
    """A workplace whose newest final database is older than `corrections` of its students."""

    recipient: str
    corrections: int


def corrections(ctx: Context, base: str = "", *, open_only: bool = False) -> list[Correction]:
    """Every line that came, by base university, application and name."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return lines_of(session, base, open_only=open_only)


def lines_of(session: Session, base: str = "", *, open_only: bool = False) -> list[Correction]:
    """The same within a session."""
    rows = session.execute(_query(base, open_only=open_only)).all()
    done = _at_exam(session, {student.base_university for wrong, student in rows if wrong.applied_at is None})
    return [_line(wrong, student, done) for wrong, student in rows]


def correct(ctx: Context, base: str = "", *, decided: Collection[str] = (), only: Collection[str] = ()) -> Corrected:
    """Put every open line right, or `only` those named; lines for the centre's decision when they are `decided`.

    All or nothing: Refused with every line that breaks the rules of its field. Lines that stand already change nothing.
    """
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        rows = [(wrong, student) for wrong, student in tx.session.execute(_query(base, open_only=True))]
        named = {_named(rows, name) for name in (*decided, *only)}
        wanted = [(wrong, student) for wrong, student in rows if not only or wrong.id in named]
        ready = [(w, s) for w, s in wanted if w.field in CORRECTABLE or w.id in named]
        lists = reference_codes(tx.session)
        problems = [p for wrong, student in ready for p in _problems(wrong, student, lists, ctx.lang)]
        if problems:
            raise Refused(problems)
        reseal: set[tuple[str, int]] = set()
        for wrong, student in ready:
            _apply(ctx, tx, wrong, student)
            if wrong.field not in CORRECTABLE:
                reseal |= _rearranged(tx, student)
    return Corrected(len(ready), len(wanted) - len(ready), tuple(sorted(reseal)))


def outdated(ctx: Context) -> list[Outdated]:
    """Workplaces that got a final database before corrections that it does not hold yet."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return outdated_in(session)


def outdated_in(session: Session) -> list[Outdated]:
    """The same within a session."""
    query = select(CarrierOut.recipient, func.max(CarrierOut.created_at)).where(CarrierOut.kind == FINAL)
    sent = dict(session.execute(query.group_by(CarrierOut.recipient)).all())
    applied: dict[str, list[str]] = {}
    over = set(session.scalars(select(FinalScore.base_university).distinct()))  # nobody works with a database any more
    lines = select(Student.base_university, WrongData.applied_at).join(Student, Student.id == WrongData.student)
    for base, at in session.execute(lines.where(WrongData.applied_at.is_not(None))):
        if base not in over:
            applied.setdefault(base, []).append(at or "")
    found = []
    for base, moments in sorted(applied.items()):
        for role in (Role.BASE_UNI, Role.MINISTRY_PROGRAMMER):
            name = organisation_id(role, base)
            late = sum(moment > sent[name] for moment in moments) if name in sent else 0
            if late:
                found.append(Outdated(name, late))
    return found


def _query(base: str, *, open_only: bool) -> Any:
    query = select(WrongData, Student).join(Student, Student.id == WrongData.student)
    if base:
        query = query.where(Student.base_university == base)
    if open_only:
        query = query.where(WrongData.applied_at.is_(None))
    return query.order_by(
        Student.base_university, WrongData.application_date, WrongData.application_number, WrongData.id
    )


def _named(rows: Iterable[tuple[WrongData, Student]], name: str) -> str:
    """The one open line whose identifier begins so."""
    found = [wrong.id for wrong, _student in rows if wrong.id.startswith(name.lower())]
    if len(found) != 1 or not name:
        raise UserError(
            N_("There is no single open line {name} in the lists of wrong data. Nothing was changed."),
            next_step=N_("See them with: mab ntc corrections"), name=name,
        )  # fmt: skip
    return found[0]


def _at_exam(session: Session, bases: Collection[str]) -> frozenset[tuple[str, str, str]]:
    """Student, field and new value of what was put right on the exam days, as the final data tell."""
    query = select(FinalRecord.values).where(
        FinalRecord.base_university.in_(bases), FinalRecord.record_type == "student-change"
    )
    found = session.scalars(query) if bases else ()
    return frozenset((change["student"], change["field"], change.get("new", "")) for change in found)


def _line(wrong: WrongData, student: Student, at_exam: Collection[tuple[str, str, str]]) -> Correction:
    return Correction(
        wrong.id, wrong.id[:8], student.base_university, wrong.university, student.id, _name(student), wrong.field,
        STUDENT[wrong.field].label, value_text(getattr(student, wrong.field)), wrong.right_value or "", wrong.ground,
        f"{wrong.application_number}, {wrong.application_date:%d.%m.%Y}", wrong.field not in CORRECTABLE,
        wrong.applied_at or "", (student.id, wrong.field, wrong.right_value or "") in at_exam,
    )  # fmt: skip


def _problems(wrong: WrongData, student: Student, lists: dict[str, frozenset[str]], lang: str) -> list[Problem]:
    values = {name: getattr(student, name) for name in STUDENT.names}
    values[wrong.field] = value_from_text(wrong.field, wrong.right_value or "")
    found = [p for p in STUDENT.problems(values, lists) if p.field in ("", wrong.field)]
    where = (("line", wrong.id[:8]), ("name", _name(student)))
    return [Problem(p.field, N_("{line}, {name}: {reason}"), (*where, ("reason", p.message(lang)))) for p in found]


def _apply(ctx: Context, tx: Transaction, wrong: WrongData, student: Student) -> None:
    old, new = getattr(student, wrong.field), value_from_text(wrong.field, wrong.right_value or "")
    wrong.applied_at, wrong.applied_by = stamp(ctx), ctx.actor.login
    ground = f"{wrong.ground}; {wrong.application_number}, {wrong.application_date:%d.%m.%Y}"[:200]
    if old != new:
        setattr(student, wrong.field, new)
        student.version += 1
        student.changed_at, student.changed_by = stamp(ctx), ctx.actor.login
        student.search, student.sort_name = search_form(_name(student)), sort_key(_name(student))
        tx.session.add(
            StudentChange(student=student.id, version=student.version, field=wrong.field, old=value_text(old),
                          new=value_text(new), ground=ground, by=ctx.actor.login, at=stamp(ctx))
        )  # fmt: skip
    tx.note("student-corrected", student.id, field=wrong.field, old=value_text(old), new=value_text(new), ground=ground)


def _rearranged(tx: Transaction, student: Student) -> set[tuple[str, int]]:
    """Subjects and language of the test after another specialty or language; the place stays. Keys to seal anew."""
    session = tx.session
    row = session.get(Allotment, student.id)
    if row is None:
        return set()
    specialties = {code: dict(line.extra) for code, line in reference_list(session, "specialty").items()}
    direction = direction_of(student.specialty or "", specialties)
    subjects = subjects_of(direction, setting(session, "subjects_by_direction"), len(SUBJECT_FIELDS))
    row.test_language = language_of_test(student.study_language or "", exam_profile(session).test_languages)
    before = _subjects_of_shift(session, student.base_university, row.shift)
    for name, subject in zip(SUBJECT_FIELDS, subjects, strict=True):
        setattr(row, name, subject)
    session.flush()
    sealed = session.get(KeyEnvelope, (student.base_university, row.shift)) is not None
    return {(student.base_university, row.shift)} if sealed and set(subjects) - before else set()


def _subjects_of_shift(session: Session, base: str, shift: int) -> set[str]:
    columns = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    query = select(*columns).join(Student, Student.id == Allotment.student)
    rows = session.execute(query.where(Student.base_university == base, Allotment.shift == shift).distinct())
    return {subject for row in rows for subject in row}


def _name(student: Student) -> str:
    return full_name(student.surname or "", student.first_name or "", student.patronymic)


def shown(value: str) -> str:
    """A value of a line as people read it: dates with dots."""
    try:
        return date.fromisoformat(value).strftime("%d.%m.%Y")
    except ValueError:
        return value
