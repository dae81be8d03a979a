"""The rows behind a hall's work: who sits where, which sheets were read, what was decided; for the exam's services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.exam_profile import ExamProfile, profile_from
from mab_desktop.domain.identification import (
    HallIdentification,
    IdentityDecision,
    Place,
    SheetNumbers,
    identify,
)
from mab_desktop.domain.names import full_name
from mab_desktop.services.settings import setting
from mab_desktop.storage.tables.exam import AnswerSheet, Decision, Seat, SheetStack, VariantSeat
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Student

MARK, IDENTITY, ABSENT, UNUSED = "mark", "identity", "absent", "unused"
SERIAL, BY_EYE, ASIDE = "serial", "by-eye", "aside"


def exam_profile(session: Session) -> ExamProfile:
    """The season's exam profile; in training its sheets bear the mark of it."""
    training = not setting(session, "season").get("official", True)
    return replace(profile_from(setting(session, "profile")), training=training)


@dataclass(frozen=True)
class Sheet:
    """A merged sheet with its effective marks."""

    serial: str
    hall: str
    page1: int
    page2: int
    position: int
    differing: int
    used: bool
    read: Mapping[str, list[str]]
    marks: Mapping[str, list[str]]

    def numbers(self) -> SheetNumbers:
        """Its three numbers as they count now."""
        return SheetNumbers(
            self.serial, reading.number(self.marks, "code"), reading.number(self.marks, "seat"),
            reading.number(self.marks, "variant"), self.used,
        )  # fmt: skip


@dataclass(frozen=True)
class Decided:
    """Standing decisions of a hall or a shift, by what they speak of."""

    marks: Mapping[str, Mapping[reading.Group, tuple[str, ...]]] = field(default_factory=dict)
    identities: Mapping[str, IdentityDecision] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()
    serials: Mapping[int, str] = field(default_factory=dict)
    by_eye: Mapping[int, str] = field(default_factory=dict)
    aside: frozenset[int] = frozenset()


def halls_of(session: Session, shift: int) -> list[str]:
    """The halls of a shift's students, in the order of their numbers."""
    found = session.scalars(select(Allotment.hall).where(Allotment.shift == shift).distinct())
    return sorted(found, key=lambda hall: (len(hall), hall))


def stack_serials(session: Session, shift: int, hall: str) -> list[str]:
    """The serials of a hall's stack of answer sheets, the first on top."""
    stack = session.get_one(SheetStack, (shift, hall))
    first, digits = int(stack.first_serial), len(stack.first_serial)
    return [f"{first + n:0{digits}d}" for n in range(stack.count)]


def hall_seats(session: Session, university: str) -> dict[str, int]:
    """Seats of every hall of the base university."""
    query = select(Hall.number, Hall.seats).where(Hall.base_university == university)
    return {row[0]: row[1] for row in session.execute(query)}


def places(session: Session, shift: int, hall: str = "") -> dict[str, list[Place]]:
    """Seated students by hall, in seat order; `variant` is "" where the centre laid none."""
    names = (Student.surname, Student.first_name, Student.patronymic)
    query = (
        select(Seat.hall, Seat.seat, Seat.student, Allotment.code, VariantSeat.variant, *names)
        .join(Allotment, Allotment.student == Seat.student)
        .join(Student, Student.id == Seat.student)
        .outerjoin(
            VariantSeat,
            and_(VariantSeat.shift == Seat.shift, VariantSeat.hall == Seat.hall, VariantSeat.seat == Seat.seat),
        )
        .where(Seat.shift == shift)
        .order_by(Seat.hall, Seat.seat)
    )
    found: dict[str, list[Place]] = {}
    for hall_number, seat, student, code, variant, surname, first, patronymic in session.execute(
        query.where(Seat.hall == hall) if hall else query
    ):
        name = full_name(surname or "", first or "", patronymic)
        found.setdefault(hall_number, []).append(Place(seat, student, name, code, variant or ""))
    return found


def decided(session: Session, shift: int, hall: str = "") -> Decided:
    """What stands decided; decisions taken back are left out, the newest of several counts."""
    query = select(Decision).where(Decision.shift == shift, Decision.undone_at.is_(None)).order_by(Decision.id)
    absent, unused, aside = set(), set(), set()
    marks: dict[str, dict[reading.Group, tuple[str, ...]]] = {}
    identities, serials, by_eye = {}, {}, {}
    for row in session.scalars(query.where(Decision.hall == hall) if hall else query):
        if row.kind == MARK and row.serial and row.field and row.column is not None:
            marks.setdefault(row.serial, {})[row.field, row.column] = tuple(row.value["values"])
        elif row.kind == IDENTITY and row.serial:
            v = row.value
            identities[row.serial] = IdentityDecision(row.serial, v["code"], v["seat"], v["variant"], row.ground)
        elif row.kind == ABSENT and row.student:
            absent.add(row.student)
        elif row.kind == UNUSED and row.serial:
            unused.add(row.serial)
        elif row.kind == SERIAL and row.page is not None:
            serials[row.page] = row.value["serial"]
        elif row.kind == BY_EYE and row.page is not None:
            by_eye[row.page] = row.value["serial"]
        elif row.kind == ASIDE and row.page is not None:
            aside.add(row.page)
    return Decided(marks, identities, frozenset(absent), frozenset(unused), serials, by_eye, frozenset(aside))


def sheets(session: Session, shift: int, hall: str = "", standing: Decided | None = None) -> dict[str, list[Sheet]]:
    """Merged sheets by hall, in the order of the envelope, with their effective marks."""
    known = standing or decided(session, shift, hall)
    query = select(AnswerSheet).where(AnswerSheet.shift == shift).order_by(AnswerSheet.hall, AnswerSheet.position)
    found: dict[str, list[Sheet]] = {}
    for row in session.scalars(query.where(AnswerSheet.hall == hall) if hall else query):
        found.setdefault(row.hall, []).append(_sheet(row, known))
    return found


def sheet(session: Session, serial: str) -> Sheet | None:
    """One merged sheet with its effective marks."""
    row = session.get(AnswerSheet, serial)
    return _sheet(row, decided(session, row.shift, row.hall)) if row else None


def _sheet(row: AnswerSheet, known: Decided) -> Sheet:
    eye = known.marks.get(row.serial, {})
    marks = reading.effective(row.marks, eye) if eye else row.marks
    # What a person saw may turn a speckled blank into a used sheet, or the other way round.
    used = reading.is_used(marks) if eye else row.used
    return Sheet(row.serial, row.hall, row.page1, row.page2, row.position, row.differing, used, row.marks, marks)


@dataclass(frozen=True)
class Work:
    """Everything known of a shift's or hall's sheets, loaded once: decisions, sheets and identification by hall."""

    known: Decided
    sheets: Mapping[str, list[Sheet]]
    results: Mapping[str, HallIdentification]


def work(session: Session, shift: int, hall: str = "") -> Work:
    """Load the sheets and identify them as everything decided stands now; halls without seats have no result."""
    known = decided(session, shift, hall)
    seated, read = places(session, shift, hall), sheets(session, shift, hall, known)
    elsewhere = code_halls(session, shift)
    found = {}
    for number in seated:
        own = {s.serial for s in read.get(number, [])}
        found[number] = identify(
            seated[number],
            [s.numbers() for s in read.get(number, [])],
            [d for serial, d in known.identities.items() if serial in own],
            known.absent & {p.student for p in seated[number]},
            known.unused & own,
            elsewhere,
        )
    return Work(known, read, found)


def identifications(session: Session, shift: int, hall: str = "") -> Mapping[str, HallIdentification]:
    """The identification of each hall that has seats drawn."""
    return work(session, shift, hall).results


def code_halls(session: Session, shift: int) -> dict[str, str]:
    """The hall of every code of a shift."""
    query = select(Allotment.code, Allotment.hall).where(Allotment.shift == shift)
    return {row[0]: row[1] for row in session.execute(query)}


def open_doubts(found: Iterable[Sheet], unused: frozenset[str], subjects: int) -> int:
    """How many answers of used sheets wait for an eye."""
    fields = reading.subject_fields(subjects)
    return sum(1 for s in found if s.used and s.serial not in unused for _ in reading.doubtful(s.marks, fields))


def subjects_of(session: Session, shift: int) -> dict[str, tuple[str, ...]]:
    """The five subject codes of every student of a shift, in the order of sectors 6-10."""
    columns = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    query = select(Allotment.student, *columns).where(Allotment.shift == shift)
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def count(session: Session, model: type[Any], *conditions: Any) -> int:
    """Rows of a table under conditions."""
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def shift_of(session: Session, serial: str) -> int:
    """The shift of a merged sheet; 0 when there is no such sheet."""
    return session.scalar(select(AnswerSheet.shift).where(AnswerSheet.serial == serial)) or 0
