"""Points of a shift: counted from the effective answers and the opened key (p.39), and listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Text, and_, delete, insert, select, type_coerce
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.names import full_name, search_form
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.score import key_of_sheet, score
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets, keys, shifts
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.kept import kept
from mab_desktop.services.settings import change_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import Decision, Removal, Seat
from mab_desktop.storage.tables.results import Appeal, AppealItem, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Shift, Student

_WALL_COPY = "results-wall-copy"
_POINTS = msgspec.json.Decoder(tuple[int, ...])


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A student's result; `before` and `added` are empty and totals None for one who has no sheet."""

    student: str
    name: str
    sort_name: str
    code: str
    university: str
    specialty: str
    study_language: str
    test_language: str
    hall: str
    seat: int
    variant: str
    subjects: tuple[str, ...]
    before: tuple[int, ...]
    added: tuple[int, ...]
    total_before: int | None
    total_after: int | None
    presence: Presence

    @property
    def after(self) -> tuple[int, ...]:
        """Points by subject with the appeal."""
        added = self.added or (0,) * len(self.before)
        return tuple(points + plus for points, plus in zip(self.before, added, strict=True))


def score_shift(ctx: Context, shift: int, progress: Progress = Silent()) -> int:
    """Count the points of every identified sheet of a shift whose key is open; gives how many.

    May be done again until the results are announced: it always starts from the marks that were closed.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    progress.stage(N_("Counting points"))
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.KEY_OPEN)
        if not shifts.marks_unchanged(tx.session, shift):
            raise OutOfOrder(
                N_("The marks differ from those that were closed and signed. Nothing was counted (p.39)."),
                next_step=N_("Call the testing centre."),
            )
        keys.require_announced(tx.session, shift)
        rows = _scored(tx.session, shift)
        tx.session.execute(delete(ScoreRow).where(ScoreRow.shift == shift))
        if rows:
            tx.session.execute(insert(ScoreRow), rows)
        total = sum(int(str(row["total_before"])) for row in rows)
        tx.note("shift-scored", f"shift-{shift}", students=len(rows), points=total)
    return len(rows)


def results(
    ctx: Context, shift: int, university: str = "", text: str = "", offset: int = 0, limit: int = 200
) -> list[ResultLine]:
    """Results in the order of names; OutOfOrder while the key is sealed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        lines = result_lines(session, shift, university)
    wanted = search_form(text)
    if wanted:
        lines = [line for line in lines if wanted in search_form(line.name) or wanted in line.code]
    return lines[offset : offset + limit]


def result(ctx: Context, code: str) -> ResultLine:
    """The result of one student by code."""
    with ctx.store.read() as session:
        shift = session.scalar(select(Allotment.shift).where(Allotment.code == code))
        found = [line for line in result_lines(session, shift) if line.code == code] if shift is not None else []
    if not found:
        raise UserError(N_("Code {code} belongs to nobody here."), code=code)
    return found[0]


def result_lines(session: Session, shift: int, university: str = "") -> list[ResultLine]:
    """Every seated student of a shift with his points, by name; OutOfOrder while the key is sealed."""
    row = session.get(Shift, shift)
    if row is None or ShiftState(row.state) not in KEY_KNOWN:
        raise OutOfOrder(N_("Shift {n} has no points before its key is opened (p.39)."), n=shift)
    lines = kept(session, ("results", shift), lambda: _present(session, shift), _MADE_OF)
    gone = presences(session, shift)
    return [
        replace(line, presence=gone[line.student]) if line.student in gone else line
        for line in lines
        if not university or line.university == university
    ]


def _present(session: Session, shift: int) -> list[ResultLine]:
    return [_line(row) for row in session.execute(_LINES.where(Seat.shift == shift).order_by(Student.sort_name))]


# Everything of a line but who came: a word on a sheet or an act leaves the points as they are.
_MADE_OF = frozenset(table.__tablename__ for table in (Student, Allotment, Seat, ScoreRow))
# Columns, not objects: 3,000 lines are asked for by page after page.
_LINES = (
    select(
        Student.id, Student.surname, Student.first_name, Student.patronymic, Student.sort_name, Allotment.code,
        Student.university, Student.specialty, Student.study_language, Allotment.test_language, Seat.hall, Seat.seat,
        ScoreRow.variant, type_coerce(ScoreRow.before, Text), type_coerce(ScoreRow.added, Text), ScoreRow.total_before,
        ScoreRow.total_after, *(getattr(Allotment, name) for name in SUBJECT_FIELDS),
    )
    .join(Allotment, Allotment.student == Seat.student)
    .join(Student, Student.id == Seat.student)
    .outerjoin(ScoreRow, and_(ScoreRow.student == Seat.student, ScoreRow.shift == Seat.shift))
)  # fmt: skip


def presences(session: Session, shift: int) -> dict[str, Presence]:
    """Students who did not come or were removed; everybody else was present."""
    absent = select(Decision.student).where(
        Decision.shift == shift, Decision.kind == hall_sheets.ABSENT, Decision.undone_at.is_(None)
    )
    found = {str(student): Presence.ABSENT for student in session.scalars(absent)}
    removed = select(Removal.student).where(Removal.shift == shift)
    return found | dict.fromkeys(session.scalars(removed), Presence.REMOVED)


def wall_copy_by_code(ctx: Context) -> bool:
    """True when the copy for public display shows codes instead of names."""
    with ctx.store.read() as session:
        return wall_copy_by_code_in(session)


def wall_copy_by_code_in(session: Session) -> bool:
    """The same within a session."""
    return bool(setting(session, _WALL_COPY).get("by_code", False))


def choose_wall_copy(ctx: Context, *, by_code: bool) -> None:
    """Choose how the sheets for public display name the students (p.39); the other two copies always have names."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    change_setting(ctx, _WALL_COPY, {"by_code": by_code})


def satisfied_items(session: Session, student: str) -> set[tuple[int, int]]:
    """The items (subject, item) that the appeal commission gave to a student."""
    query = (
        select(AppealItem.subject, AppealItem.item)
        .join(Appeal, Appeal.id == AppealItem.appeal)
        .where(Appeal.student == student, AppealItem.satisfied.is_(True))
    )
    return {(row[0], row[1]) for row in session.execute(query)}


def rescore(tx: Transaction, student: str) -> None:
    """Put the points of a student right after the appeal commission's word on him; the caller notes the event."""
    row = tx.session.get(ScoreRow, student)
    sheet = hall_sheets.sheet(tx.session, row.serial) if row else None
    if row is None or sheet is None:
        raise UserError(N_("This student has no sheet (p.38)."))
    subjects = hall_sheets.subjects_of(tx.session, row.shift)[student]
    letters = keys.letters_of(tx.session, row.shift)
    profile = hall_sheets.exam_profile(tx.session)
    points = score(
        reading.answers(sheet.marks, profile.subjects), key_of_sheet(letters, row.variant, subjects),
        satisfied_items(tx.session, student), profile.points_per_item,
    )  # fmt: skip
    row.added, row.total_after = list(points.added), points.total_after


def _scored(session: Session, shift: int) -> list[dict[str, object]]:
    profile = hall_sheets.exam_profile(session)
    letters, subjects = keys.letters_of(session, shift), hall_sheets.subjects_of(session, shift)
    work = hall_sheets.work(session, shift)
    marks = {s.serial: s.marks for found in work.sheets.values() for s in found}
    return [
        _row(
            shift,
            m.student,
            m.serial,
            m.variant,
            marks[m.serial],
            subjects[m.student],
            letters,
            profile.points_per_item,
        )
        for result in work.results.values()
        for m in result.matches
    ]


def _row(
    shift: int, student: str, serial: str, variant: str, marks: reading.Marks, subjects: Sequence[str],
    letters: Mapping[tuple[str, str], str], points_per_item: int,
) -> dict[str, object]:  # fmt: skip
    answers = reading.answers(marks, len(subjects))
    points = score(answers, key_of_sheet(letters, variant, subjects), points_per_item=points_per_item)
    return {
        "student": student, "shift": shift, "serial": serial, "variant": variant, "before": list(points.before),
        "added": list(points.added), "total_before": points.total_before, "total_after": points.total_after,
    }  # fmt: skip


def _line(row: Any) -> ResultLine:
    (student, surname, first, patronymic, sort_name, code, university, specialty, study, language, hall, seat, variant,
     before, added, total_before, total_after, *subjects) = row  # fmt: skip
    return ResultLine(
        student, full_name(surname or "", first or "", patronymic), sort_name, code, university, specialty or "",
        study or "", language, hall, seat, variant or "", tuple(subjects), _POINTS.decode(before or "[]"),
        _POINTS.decode(added or "[]"), total_before, total_after, Presence.PRESENT,
    )  # fmt: skip
