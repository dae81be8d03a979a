"""What the centre allots (p.23, p.24): code, subjects, shift, date, building and hall of each student."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.check_digit import drawn_number
from mab_desktop.domain.entropy import Entropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_

SHIFT = RecordSpec(
    "shift",
    N_("Shift"),
    (
        Field("number", N_("Shift"), Kind.INTEGER, required=True, low=1, high=99),
        Field("exam_date", N_("Exam date"), Kind.DATE, required=True),
        Field("start_time", N_("Start time"), required=True, max_length=5, exact=True),
    ),
)

ALLOTMENT = RecordSpec(
    "allotment",
    N_("Allotment"),
    (
        Field("student", N_("Record identifier"), required=True, max_length=32, exact=True),
        Field("code", N_("Personal code"), Kind.DIGITS, required=True, max_length=10),
        Field("shift", N_("Shift"), Kind.INTEGER, required=True, low=1, high=99),
        Field("building", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        Field("hall", N_("Hall number"), Kind.DIGITS, required=True, max_length=3),
        Field("test_language", N_("Language of the test"), Kind.CODE, required=True, max_length=1),
        *(
            Field(f"subject{i}", N_("Subject"), Kind.CODE, required=True, max_length=8, choices="subject")
            for i in range(1, 6)
        ),
    ),
)
SUBJECT_FIELDS = tuple(f"subject{i}" for i in range(1, 6))

# Languages of the test by the codes of the list of languages of instruction; Russian stands in where a language has no
# papers of its own (p.9: there are papers in Kazakh and Russian).
TEST_LANGUAGE_CODES = {"kk": "1", "ru": "2", "en": "3"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A student who needs a place: record id, direction of training, language of the test, network university."""

    student: str
    direction: str
    language: str
    university: str


@dataclass(frozen=True, slots=True)
class HallPlaces:
    """A hall as the allotment sees it: its building, number and seats."""

    building: str
    number: str
    seats: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a student sits the test; his seat is drawn on the eve (p.30)."""

    student: str
    shift: int
    building: str
    hall: str


@dataclass(frozen=True, slots=True)
class HallLoad:
    """How full a hall is in a shift, and which languages sit in it."""

    shift: int
    hall: str
    seats: int
    students: int
    languages: tuple[str, ...]


def language_of_test(study_language: str, test_languages: Iterable[str]) -> str:
    """The language a student is tested in: his language of instruction if there are papers in it, else Russian."""
    offered = {TEST_LANGUAGE_CODES[name] for name in test_languages if name in TEST_LANGUAGE_CODES}
    return study_language if study_language in offered else TEST_LANGUAGE_CODES["ru"]


def subjects_of(direction: str, subjects_by_direction: Mapping[str, Sequence[str]], count: int = 5) -> tuple[str, ...]:
    """The subjects of a direction in the order of sectors 6-10; UserError when the list lacks the direction."""
    subjects = tuple(subjects_by_direction.get(direction, ()))
    if len(subjects) != count:
        raise UserError(
            N_("Direction {direction} must have {count} subjects, the reference data gives {found}."),
            next_step=N_("Correct the reference data; nothing was allotted."),
            direction=direction, count=count, found=len(subjects),
        )  # fmt: skip
    return subjects


def draw_codes(count: int, taken: Collection[str], digits: int, entropy: Entropy) -> list[str]:
    """`count` personal codes in the order drawn: unique, none in `taken`, with a check digit, saying nothing.

    UserError when the digits do not suffice to leave most numbers unused.
    """
    span = 9 * 10 ** (digits - 2) if digits > 1 else 10
    if (count + len(taken)) * 2 > span:
        raise UserError(N_("Codes of {digits} digits do not suffice for {count} students."), digits=digits, count=count)
    known = set(taken)
    drawn: list[str] = []
    while len(drawn) < count:
        code = drawn_number(int.from_bytes(entropy.bytes(8)), digits)
        if code not in known:
            known.add(code)
            drawn.append(code)
    return drawn


def missing_places(students: int, halls: Iterable[HallPlaces], shifts: int) -> int:
    """Places that the hall fund lacks for `students` in `shifts` shifts; 0 when it is enough."""
    return max(0, students - shifts * sum(hall.seats for hall in halls))


def allot_places(
    candidates: Sequence[Candidate], halls: Sequence[HallPlaces], shifts: Sequence[int], seed: bytes
) -> tuple[Place, ...]:
    """A place for every student of one base university, the same for the same input and seed.

    Shifts are filled evenly. A direction stays together in a shift and in neighbouring halls, a language has halls of
    its own as long as there are halls enough; within a direction and language the order is drawn, so that network
    universities mix. UserError, with the number of places missing, when the hall fund is too small.
    """
    lacking = missing_places(len(candidates), halls, len(shifts))
    if lacking:
        raise UserError(
            N_("The hall fund is too small: {missing} places are missing for {students} students in {shifts} shifts."),
            next_step=N_("Plan more halls or one more shift; nothing was allotted."),
            missing=lacking, students=len(candidates), shifts=len(shifts),
        )  # fmt: skip
    ordered = sorted(candidates, key=lambda c: (c.direction, c.language, _chance(seed, c.student), c.student))
    places: list[Place] = []
    start = 0
    for position, shift in enumerate(shifts):
        size = len(ordered) // len(shifts) + (position < len(ordered) % len(shifts))
        places += _fill_shift(shift, ordered[start : start + size], halls)
        start += size
    return tuple(places)


def hall_loads(
    places: Iterable[Place], candidates: Iterable[Candidate], halls: Iterable[HallPlaces]
) -> tuple[HallLoad, ...]:
    """The load of every hall that is used, by shift and hall."""
    language = {c.student: c.language for c in candidates}
    seats = {hall.number: hall.seats for hall in halls}
    inside: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for place in places:
        inside[place.shift, place.hall][language[place.student]] += 1
    return tuple(
        HallLoad(shift, hall, seats[hall], sum(count.values()), tuple(sorted(count)))
        for (shift, hall), count in sorted(inside.items())
    )


def _fill_shift(shift: int, students: Sequence[Candidate], halls: Sequence[HallPlaces]) -> list[Place]:
    """Halls for one shift's students: whole halls by language first, what is left over into free seats."""
    by_language: dict[str, list[Candidate]] = defaultdict(list)
    for student in students:
        by_language[student.language].append(student)
    unused = sorted(halls, key=lambda h: (-h.seats, h.number))
    chosen: dict[str, list[HallPlaces]] = {}
    for language in sorted(by_language, key=lambda k: (-len(by_language[k]), k)):
        chosen[language] = _choose_halls(len(by_language[language]), unused)
    places: list[Place] = []
    free: dict[str, int] = {hall.number: hall.seats for hall in halls}
    homeless: list[Candidate] = []
    for language, own in chosen.items():
        waiting = by_language[language]
        seated = min(len(waiting), sum(hall.seats for hall in own))
        for hall, count in _even_shares(seated, own):
            batch, waiting = waiting[:count], waiting[count:]
            free[hall.number] -= count
            places += [Place(c.student, shift, hall.building, hall.number) for c in batch]
        homeless += waiting
    return places + _into_free_seats(shift, homeless, halls, free)


def _choose_halls(need: int, unused: list[HallPlaces]) -> list[HallPlaces]:
    """Take halls for `need` students out of `unused` (largest first): large ones, then the smallest that does."""
    taken: list[HallPlaces] = []
    while need > 0 and unused:
        fitting = [hall for hall in unused if hall.seats >= need]
        hall = fitting[-1] if fitting else unused[0]
        unused.remove(hall)
        taken.append(hall)
        need -= hall.seats
    return sorted(taken, key=lambda h: (h.building, h.number))


def _even_shares(students: int, halls: Sequence[HallPlaces]) -> list[tuple[HallPlaces, int]]:
    """Spread `students` over halls in proportion to their seats, never beyond them."""
    seats = sum(hall.seats for hall in halls)
    shares, given, passed = [], 0, 0
    for hall in halls:
        passed += hall.seats
        upto = students * passed // seats
        shares.append((hall, upto - given))
        given = upto
    return shares


def _into_free_seats(
    shift: int, students: Sequence[Candidate], halls: Sequence[HallPlaces], free: Mapping[str, int]
) -> list[Place]:
    """Seats among another language, in as few halls as possible, when there is no hall left to have alone."""
    places: list[Place] = []
    waiting = list(students)
    for hall in sorted(halls, key=lambda h: (-free[h.number], h.number)):
        batch, waiting = waiting[: free[hall.number]], waiting[free[hall.number] :]
        places += [Place(c.student, shift, hall.building, hall.number) for c in batch]
    return places


def _chance(seed: bytes, student: str) -> bytes:
    return hmac.new(seed, student.encode(), hashlib.sha256).digest()
