"""What the centre allots (p.23, p.24): code, subjects, shift, date, building and hall of each student."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

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

_T = TypeVar("_T")

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

    @property
    def surplus(self) -> int:
        """Booklets that stay over: one lies on every seat."""
        return self.seats - self.students


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


@dataclass(frozen=True, slots=True)
class Sitting:
    """A hall in a shift, and the languages that may sit there."""

    shift: int
    hall: HallPlaces
    languages: tuple[str, ...]


def require_places(students: int, halls: Sequence[HallPlaces], shifts: int) -> None:
    """UserError, with the number of places missing, when the hall fund is too small."""
    lacking = missing_places(students, halls, shifts)
    if lacking:
        raise UserError(
            N_("The hall fund is too small: {missing} places are missing for {students} students in {shifts} shifts."),
            next_step=N_("Plan more halls or one more shift; nothing was allotted."),
            missing=lacking, students=students, shifts=shifts,
        )  # fmt: skip


def fewest_shifts(students: int, halls: Iterable[HallPlaces]) -> int:
    """So many shifts hold the students: the seats are all alike, so no fewer can."""
    return -(-students // sum(hall.seats for hall in halls))


def even_needs(languages: Mapping[str, int], shifts: int) -> list[dict[str, int]]:
    """Students by language for each shift: shifts differ by one student at most, and so does each language."""
    needs: list[dict[str, int]] = [{} for _ in range(shifts)]
    first = 0
    for language, count in sorted(languages.items()):
        for n in range(shifts):
            share = count // shifts + ((n - first) % shifts < count % shifts)
            if share:
                needs[n][language] = share
        first = (first + count) % shifts
    return needs


def parted(
    candidates: Sequence[Candidate], needs: Sequence[Mapping[str, int]], seed: bytes
) -> list[list[Candidate]]:
    """The students of each of several rounds, as many of each language as `needs` says, universities and directions
    spread over all rounds.
    """
    parts: list[list[Candidate]] = [[] for _ in needs]
    for language, people in _by_language(candidates, seed).items():
        shares = [(n, need[language]) for n, need in enumerate(needs) if need.get(language)]
        for one, n in zip(people, _turns(shares, lambda n: f"round {n}", seed), strict=True):
            parts[n].append(one)
    return parts


def deal(candidates: Sequence[Candidate], sittings: Sequence[Sitting], seed: bytes) -> tuple[Place, ...]:
    """A place for every student, the same for the same input and seed.

    Halls are filled in proportion to their seats. Network universities and directions are dealt over all halls of their
    language like cards, so that those who sit beside each other come from different ones (p.23).
    """
    places: list[Place] = []
    guests: list[Candidate] = []
    for language, people in _by_language(candidates, seed).items():
        own = [sitting for sitting in sittings if sitting.languages == (language,)]
        room = sum(sitting.hall.seats for sitting in own)
        # Who is to sit with another language is drawn, not the last university of the list.
        order = sorted(people, key=lambda c: _chance(seed, f"guest {c.student}")) if len(people) > room else []
        away = {c.student for c in order[room:]}
        guests += [c for c in people if c.student in away]
        places += _dealt([c for c in people if c.student not in away], own, seed)
    mixed = [sitting for sitting in sittings if len(sitting.languages) > 1]
    return (*places, *_dealt(guests, mixed, seed))


def _by_language(candidates: Sequence[Candidate], seed: bytes) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {language: [] for language in sorted({c.language for c in candidates})}
    for one in sorted(candidates, key=lambda c: (c.university, c.direction, _chance(seed, c.student), c.student)):
        found[one.language].append(one)
    return found


def _dealt(people: Sequence[Candidate], sittings: Sequence[Sitting], seed: bytes) -> list[Place]:
    """Each sitting has its places spread evenly over the row of people."""
    turns = _turns(_even_shares(len(people), sittings), lambda s: f"{s.shift} {s.hall.number}", seed)
    return [
        Place(one.student, sitting.shift, sitting.hall.building, sitting.hall.number)
        for one, sitting in zip(people, turns, strict=True)
    ]


def _turns(shares: Iterable[tuple[_T, int]], name: Callable[[_T], str], seed: bytes) -> list[_T]:
    """Whose turn it is, one after the other: each comes as often as its share, and as evenly as can be."""
    turns = [
        ((2 * n + 1) / (2 * count), _chance(seed, f"{name(one)} {n}"), one)
        for one, count in shares for n in range(count)
    ]  # fmt: skip
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])]


def same_pairs(
    places: Iterable[Place], group_of: Mapping[str, str], language_of: Mapping[str, str]
) -> tuple[int, int]:
    """Pairs of one group (a network university, a direction) that sit in one hall of one shift, and a bound that no way
    to fill the same halls with the same languages can be below.
    """
    inside: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    filled: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for place in places:
        group, language = group_of[place.student], language_of[place.student]
        inside[place.shift, place.hall][group] += 1
        groups[language][group] += 1
        filled[language][place.shift, place.hall] += 1
    found = sum(n * (n - 1) // 2 for counted in inside.values() for n in counted.values())
    return found, sum(_least_pairs(groups[language].values(), filled[language].values()) for language in groups)


def _least_pairs(groups: Collection[int], halls: Collection[int]) -> int:
    """The least of the sum of n (n - 1) / 2 over a table with these sums of rows and of columns, in any real numbers:
    each cell is what its row and its column give on average, less what all do.
    """
    whole = sum(groups)
    squares = sum(n * n for n in groups) / len(halls) + sum(n * n for n in halls) / len(groups)
    squares -= whole * whole / (len(halls) * len(groups))
    return max(0, int((squares - whole) / 2))


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


def _even_shares(students: int, sittings: Sequence[Sitting]) -> list[tuple[Sitting, int]]:
    """Spread `students` over halls in proportion to their seats, never beyond them."""
    seats = sum(sitting.hall.seats for sitting in sittings)
    shares, given, passed = [], 0, 0
    for sitting in sittings:
        passed += sitting.hall.seats
        upto = students * passed // seats
        shares.append((sitting, upto - given))
        given = upto
    return shares


def _chance(seed: bytes, student: str) -> bytes:
    return hmac.new(seed, student.encode(), hashlib.sha256).digest()
