"""Statistics of the student database (p.21-23): counted once, added up by direction and specialty."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_

PRELIMINARY_1, PRELIMINARY_2, FINAL = STAGES = ("preliminary1", "preliminary2", "final")
STAGE_LABELS = {
    PRELIMINARY_1: N_("Preliminary, 16 March"),
    PRELIMINARY_2: N_("Preliminary, 1 April"),
    FINAL: N_("Final"),
}
CONTROL_DATES = {PRELIMINARY_1: (3, 16), PRELIMINARY_2: (4, 1)}
CUTS = ("specialty", "study_language", "study_form", "payment", "foreign_language", "sex")

STATISTICS_ROW = RecordSpec(
    "statistics-row",
    N_("Statistics of the student database"),
    (
        Field("university", N_("Network university"), Kind.DIGITS, required=True, max_length=3, exact=True),
        Field("stage", N_("Stage"), required=True, max_length=16),
        Field("specialty", N_("Specialty cipher"), Kind.CODE, required=True, max_length=6, exact=True,
              choices="specialty"),
        Field("study_language", N_("Language of instruction"), Kind.CODE, required=True, max_length=1,
              choices="study_language"),
        Field("study_form", N_("Form of study"), Kind.CODE, required=True, max_length=1, choices="study_form"),
        Field("payment", N_("Payment terms"), Kind.CODE, required=True, max_length=1, choices="payment"),
        Field("foreign_language", N_("Foreign language"), Kind.CODE, required=True, max_length=1,
              choices="foreign_language"),
        Field("sex", N_("Sex"), Kind.CODE, required=True, max_length=1, choices="sex"),
        Field("students", N_("Students"), Kind.INTEGER, required=True, low=1),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class StatisticsRow:
    """How many students of a university share one combination of the cuts, at one stage."""

    university: str
    stage: str
    specialty: str
    study_language: str
    study_form: str
    payment: str
    foreign_language: str
    sex: str
    students: int

    def record(self) -> dict[str, Any]:
        """The row as a carrier's record."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Counts:
    """Students in all and by every cut; each cut adds up to `total` (foreign language: those who sit none are left)."""

    total: int = 0
    kazakh: int = 0
    russian: int = 0
    english: int = 0
    full_time: int = 0
    evening: int = 0
    extramural: int = 0
    grant: int = 0
    credit: int = 0
    paid: int = 0
    foreign_english: int = 0
    foreign_german: int = 0
    foreign_french: int = 0
    men: int = 0
    women: int = 0


# Which cut and code each number of `Counts` after the total belongs to.
_CELLS: Mapping[str, tuple[str, str]] = {
    "kazakh": ("study_language", "1"), "russian": ("study_language", "2"), "english": ("study_language", "3"),
    "full_time": ("study_form", "1"), "evening": ("study_form", "2"), "extramural": ("study_form", "3"),
    "grant": ("payment", "1"), "credit": ("payment", "2"), "paid": ("payment", "3"),
    "foreign_english": ("foreign_language", "1"), "foreign_german": ("foreign_language", "2"),
    "foreign_french": ("foreign_language", "3"), "men": ("sex", "1"), "women": ("sex", "2"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DirectionTable:
    """A direction of training: its specialties (cipher, counts) and their sum."""

    direction: str
    specialties: tuple[tuple[str, Counts], ...]
    total: Counts


def stage_on(day: date, year: int) -> str:
    """The stage whose control date comes next on `day`; after 1 April the final one."""
    for stage, (month, last) in CONTROL_DATES.items():
        if day <= date(year, month, last):
            return stage
    return FINAL


def count_rows(records: Iterable[Mapping[str, Any]], university: str, stage: str) -> list[StatisticsRow]:
    """The statistics rows of complete student records, in a fixed order."""
    return counted(Counter(tuple(record[cut] for cut in CUTS) for record in records), university, stage)


def counted(numbers: Mapping[tuple[str, ...], int], university: str, stage: str) -> list[StatisticsRow]:
    """Statistics rows from numbers by the values of `CUTS`, in a fixed order."""
    return sorted(
        StatisticsRow(university, stage, **dict(zip(CUTS, key, strict=True)), students=n)
        for key, n in numbers.items()
        if n
    )


def rows_sum(rows: Iterable[StatisticsRow]) -> str:
    """What two sets of statistics are compared by at a glance; stage and university do not matter."""
    lines = sorted("|".join((*(getattr(row, cut) for cut in CUTS), str(row.students))) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def counts_of(rows: Iterable[StatisticsRow]) -> Counts:
    """The numbers of `rows` by every cut."""
    found: Counter[str] = Counter()
    for row in rows:
        found["total"] += row.students
        for name, (cut, code) in _CELLS.items():
            if getattr(row, cut) == code:
                found[name] += row.students
    return Counts(**found)


def added(counts: Iterable[Counts]) -> Counts:
    """The sum of `counts`, number by number."""
    table = [astuple(c) for c in counts]
    return Counts(*(sum(column) for column in zip(*table, strict=True))) if table else Counts()


def tabulate(rows: Iterable[StatisticsRow], direction_of: Callable[[str], str]) -> tuple[DirectionTable, ...]:
    """The table of p.21-22: direction, then specialty, both by code; `direction_of` gives a cipher's direction."""
    by_direction: dict[str, dict[str, list[StatisticsRow]]] = {}
    for row in rows:
        by_direction.setdefault(direction_of(row.specialty), {}).setdefault(row.specialty, []).append(row)
    return tuple(
        DirectionTable(direction, lines, added(counts for _, counts in lines))
        for direction in sorted(by_direction)
        for lines in [tuple((c, counts_of(r)) for c, r in sorted(by_direction[direction].items()))]
    )
