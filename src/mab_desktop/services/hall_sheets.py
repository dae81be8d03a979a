"""The rows behind a hall's work: who sits where, which sheets were read, what was decided; for the exam's services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from sqlalchemy import Text, and_, func, select, type_coerce
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.exam_profile import ExamProfile, profile_from
from mab_desktop.domain.identification import (
    CodeElsewhere,
    HallIdentification,
    IdentityDecision,
    Place,
    SheetNumbers,
    identify,
)
from mab_desktop.domain.names import full_name
from mab_desktop.services.kept import kept
from mab_desktop.services.settings import setting
from mab_desktop.storage.tables.exam import AnswerSheet, Decision, Removal, Seat, SheetStack, VariantSeat
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Student

MARK, IDENTITY, ABSENT, UNUSED = "mark", "identity", "absent", "unused"
SERIAL, BY_EYE, ASIDE = "serial", "by-eye", "aside"


def exam_profile(session: Session) -> ExamProfile:
    """The season's exam profile; in training its sheets bear the mark of it."""
    training = not setting(session, "season").get("official", True)
    return replace(profile_from(setting(session, "profile")), training=training)


_MARKS = msgspec.json.Decoder(dict[str, list[str]])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A merged sheet with its effective marks.

    A shift has hundreds of thousands of marks: they stay as they are stored and are taken apart each time that
    somebody asks.
    """

    serial: str
    hall: str
    page1: int
    page2: int
    position: int
    differing: int
    used: bool
    stored: str
    eye: Mapping[reading.Group, tuple[str, ...]]

    @property
    def read(self) -> Mapping[str, list[str]]:
        """The marks that both passes saw."""
        return _MARKS.decode(self.stored)

    @property
    def marks(self) -> Mapping[str, list[str]]:
        """The marks that count: what was decided by eye in place of what was read."""
        return reading.effective(self.read, self.eye) if self.eye else self.read

    @property
    def doubted(self) -> bool:
        """False when no mark of the sheet was read as doubtful: then nothing can wait for an eye."""
        return f'"{reading.DOUBT}' in self.stored

    def numbers(self) -> SheetNumbers:
        """Its three numbers as they count now."""
        code, seat, variant = self._signs("code"), self._signs("seat"), self._signs("variant")
        if not (code and seat and variant):
            code, seat, variant = (reading.number(self.marks, name) for name in reading.DIGIT_FIELDS)
        return SheetNumbers(self.serial, code, seat, variant, self.used)

    def answers(self, subjects: int) -> tuple[str, ...]:
        """Each subject's answers as they count now (`reading.answers`)."""
        found = [self._signs(name) for name in reading.subject_fields(subjects)]
        if not all(found):
            return reading.answers(self.marks, subjects)
        return tuple([signs.replace(reading.DOUBT, reading.NOTHING) for signs in found])

    def _signs(self, field: str) -> str:
        """A field's marks in one text, where nobody changed any and each is one sign, as on nearly all sheets; else "".

        Taken out of the stored text as it stands: to take apart all the others of a shift needs four times as long.
        """
        start = -1 if self.eye else self.stored.find(f'"{field}": ["')
        if start < 0:
            return ""
        text = self.stored[start + len(field) + 6 : self.stored.find('"]', start)]
        signs = text.replace('", "', "")
        return signs if len(text) == 5 * len(signs) - 4 else ""


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


def sheets(
    session: Session, shift: int, hall: str = "", standing: Decided | None = None, *, doubted: bool = False
) -> dict[str, list[Sheet]]:
    """Merged sheets by hall, in the envelope's order, with their effective marks; only `doubted` ones, if asked."""
    known = standing or decided(session, shift, hall)
    query = _SHEETS.where(AnswerSheet.shift == shift).order_by(AnswerSheet.hall, AnswerSheet.position)
    if doubted:
        query = query.where(type_coerce(AnswerSheet.marks, Text).contains(f'"{reading.DOUBT}', autoescape=True))
    found: dict[str, list[Sheet]] = {}
    for row in session.execute(query.where(AnswerSheet.hall == hall) if hall else query):
        made = _sheet(row, known)
        found.setdefault(made.hall, []).append(made)
    return found


def sheet(session: Session, serial: str) -> Sheet | None:
    """One merged sheet with its effective marks."""
    row = session.execute(_SHEETS.add_columns(AnswerSheet.shift).where(AnswerSheet.serial == serial)).first()
    return _sheet(row, decided(session, row.shift, row.hall)) if row else None


_SHEETS = select(
    AnswerSheet.serial, AnswerSheet.hall, AnswerSheet.page1, AnswerSheet.page2, AnswerSheet.position,
    AnswerSheet.differing, AnswerSheet.used, type_coerce(AnswerSheet.marks, Text).label("stored"),
)  # fmt: skip


def _sheet(row: Any, known: Decided) -> Sheet:
    serial, hall, page1, page2, position, differing, used, stored, *_shift = row
    return _looked(Sheet(serial, hall, page1, page2, position, differing, used, stored, {}), known.marks.get(serial))


def _looked(read: Sheet, eye: Mapping[reading.Group, tuple[str, ...]] | None) -> Sheet:
    """A sheet with what a person saw on it: that may turn a speckled blank into a used one, or the other way round."""
    return replace(read, used=reading.is_used(reading.effective(read.read, eye)), eye=eye) if eye else read


# The tables that each of these is made of: a test holds every question to them.
SEATING = frozenset(table.__tablename__ for table in (Seat, Allotment, Student, VariantSeat))
READ = frozenset({AnswerSheet.__tablename__})
ALL = SEATING | READ | {Decision.__tablename__, Removal.__tablename__}


@dataclass(frozen=True)
class Work:
    """Everything known of a shift's or hall's sheets, loaded once: decisions, sheets and identification by hall."""

    known: Decided
    sheets: Mapping[str, list[Sheet]]
    results: Mapping[str, HallIdentification]

    def open_lines(self, hall: str) -> int:
        """Open lines of a hall's protocol; 0 before its two passes became sheets, when nobody is missing yet."""
        return self.results[hall].open_lines if self.sheets.get(hall) and hall in self.results else 0


def work(session: Session, shift: int, hall: str = "") -> Work:
    """The sheets, identified as everything decided stands now; halls without seats have no result.

    That of a whole shift is asked by the facts of the shift and by page after page: it is kept until something of it is
    written.
    """
    return _work(session, shift, hall) if hall else kept(session, ("work", shift), lambda: _whole(session, shift), ALL)


def _work(session: Session, shift: int, hall: str) -> Work:
    known = decided(session, shift, hall)
    seated, read = places(session, shift, hall), sheets(session, shift, hall, known)
    numbers = {number: [s.numbers() for s in found] for number, found in read.items()}
    return Work(known, read, identified(session, shift, known, seated, numbers))


def _whole(session: Session, shift: int) -> Work:
    """The same from what stays while sheet after sheet is decided: where people sit, and what the machine read."""
    known = decided(session, shift)
    seated = kept(session, ("places", shift), lambda: places(session, shift), SEATING)
    plain, plain_numbers = kept(session, ("read", shift), lambda: _as_read(session, shift), READ)
    read, numbers = {}, {}
    for hall, found in plain.items():
        read[hall], numbers[hall] = found, plain_numbers[hall]
        if any(s.serial in known.marks for s in found):
            read[hall] = [_looked(s, known.marks.get(s.serial, {})) for s in found]
            numbers[hall] = [s.numbers() for s in read[hall]]
    return Work(known, read, identified(session, shift, known, seated, numbers))


def _as_read(session: Session, shift: int) -> tuple[dict[str, list[Sheet]], dict[str, list[SheetNumbers]]]:
    """The sheets of a shift as if nobody had decided a mark, with their numbers."""
    read = sheets(session, shift, "", Decided())
    return read, {hall: [s.numbers() for s in found] for hall, found in read.items()}


def identified(
    session: Session, shift: int, known: Decided, seated: Mapping[str, Sequence[Place]],
    read: Mapping[str, Sequence[SheetNumbers]],
) -> dict[str, HallIdentification]:  # fmt: skip
    """The identification of every hall that has seats, as everything decided stands."""
    found = {}
    gone = set(session.scalars(select(Removal.student).where(Removal.shift == shift)))
    for number, people in seated.items():
        numbers = read.get(number, ())
        own, codes = {s.serial for s in numbers}, {p.code for p in people}
        strange = {s.code for s in numbers if s.code.isdigit()} - codes
        found[number] = identify(
            people, numbers, [d for serial, d in known.identities.items() if serial in own],
            known.absent & {p.student for p in people}, known.unused & own, codes_elsewhere(session, shift, strange),
            gone,
        )  # fmt: skip
    return found


def identifications(session: Session, shift: int, hall: str = "") -> Mapping[str, HallIdentification]:
    """The identification of each hall that has seats drawn."""
    return work(session, shift, hall).results


def codes_elsewhere(session: Session, shift: int, codes: Collection[str]) -> dict[str, CodeElsewhere]:
    """Where codes belong that are of none of a hall's students; those of nobody are left out."""
    if not codes:
        return {}
    query = select(Allotment.code, Allotment.hall, Allotment.shift).where(Allotment.code.in_(codes))
    return {row[0]: CodeElsewhere(row[1], 0 if row[2] == shift else row[2]) for row in session.execute(query)}


def open_doubts(found: Iterable[Sheet], unused: frozenset[str], subjects: int) -> int:
    """How many answers of used sheets wait for an eye."""
    fields = reading.subject_fields(subjects)
    waiting = (s for s in found if s.used and s.doubted and s.serial not in unused)
    return sum(1 for s in waiting for _ in reading.doubtful(s.marks, fields))


def subjects_of(session: Session, shift: int) -> dict[str, tuple[str, ...]]:
    """The five subject codes of every student of a shift, in the order of sectors 6-10."""
    columns = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    query = select(Allotment.student, *columns).where(Allotment.shift == shift)
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def count(session: Session, model: type[Any], *conditions: Any) -> int:
    """Rows of a table under conditions."""
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def is_merged(session: Session, shift: int, hall: str) -> bool:
    """Whether the two passes of a hall became sheets."""
    query = select(AnswerSheet.serial).where(AnswerSheet.shift == shift, AnswerSheet.hall == hall).limit(1)
    return session.scalar(query) is not None


def merged_halls(session: Session, shift: int) -> frozenset[str]:
    """The halls of a shift whose two passes became sheets."""
    return frozenset(session.scalars(select(AnswerSheet.hall).where(AnswerSheet.shift == shift).distinct()))


def shift_of(session: Session, serial: str) -> int:
    """The shift of a merged sheet; 0 when there is no such sheet."""
    return session.scalar(select(AnswerSheet.shift).where(AnswerSheet.serial == serial)) or 0
