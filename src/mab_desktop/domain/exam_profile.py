"""The exam profile: how many subjects, items and digits, and the limits the regulation leaves to the centre.

What the regulation fixes (p.33, 36, 38-39, 41) and what the centre chooses stand apart in
`reference_data/exam_profile_default.json`; the centre's reference package may bring another profile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_

_DEFAULT = Path(__file__).parent / "reference_data" / "exam_profile_default.json"

_FILE_NAMES = {
    "subjects": "subjects_per_student",
    "items": "items_per_subject",
    "options": "option_letters",
    "code_digits": "personal_code_digits",
}
_COUNTS = {
    "subjects": (1, 10),
    "items": (1, 60),
    "code_digits": (1, 16),
    "seat_digits": (1, 4),
    "variant_digits": (1, 8),
    "shift_digits": (1, 3),
    "hall_digits": (1, 5),
    "points_per_item": (1, 10),
    "minutes_net": (1, 600),
    "hall_capacity_max": (1, 1000),
    "variants_per_hall_min": (1, 100),
    "same_variant_min_distance_seats": (0, 100),
}


@cache
def _digest(*numbers: tuple[object, ...]) -> str:
    """Always the same few."""
    return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:8].upper()


@dataclass(frozen=True, slots=True)
class ExamProfile:
    """Sizes of the answer sheet and limits of the exam; `digest` names the sheet's geometry.

    `training` marks the sheets that are printed; it comes from the season, not from the centre's file.
    """

    subjects: int = 5
    items: int = 25
    options: tuple[str, ...] = ("A", "B", "C", "D", "E")
    code_digits: int = 8
    seat_digits: int = 3
    variant_digits: int = 4
    shift_digits: int = 2
    hall_digits: int = 3
    test_languages: tuple[str, ...] = ("kk", "ru")
    foreign_languages: tuple[str, ...] = ("en", "de", "fr")
    points_per_item: int = 1
    threshold_total: int | None = None
    threshold_per_subject: int | None = None
    grades: tuple[tuple[str, int], ...] = ()  # name and least points, the best first; none where the ministry set none
    variants_per_hall_min: int = 9
    same_variant_min_distance_seats: int = 8
    hall_capacity_max: int = 100
    start_time: str = "09:00"
    minutes_net: int = 180
    training: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in _COUNTS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise UserError(
                    N_("The exam profile is refused: {name} is {value}, but must be a number from {low} to {high}."),
                    name=_FILE_NAMES.get(name, name), value=value, low=low, high=high,
                )  # fmt: skip
        for name in ("options", "test_languages", "foreign_languages"):
            _check_list(name, getattr(self, name))
        _check_grades(self.grades, self.max_points)

    def grade(self, points: int | None) -> str:
        """The grade of a sum of points; "" where there are no grades or no points."""
        return "" if points is None else next((name for name, least in self.grades if points >= least), "")

    @property
    def has_threshold(self) -> bool:
        """True where the ministry has set one, for all points or for a subject's."""
        return self.threshold_total is not None or self.threshold_per_subject is not None

    def below_threshold(self, total: int | None, by_subject: Sequence[int] = ()) -> bool:
        """True for points under the ministry's threshold, in all or in a subject; never where it has set none."""
        if total is None:
            return False
        least, each = self.threshold_total, self.threshold_per_subject
        if least is not None and total < least:
            return True
        return each is not None and any(points < each for points in by_subject)

    @property
    def items_total(self) -> int:
        """Items on the whole sheet."""
        return self.subjects * self.items

    @property
    def max_points(self) -> int:
        """Points for a sheet without a mistake."""
        return self.items_total * self.points_per_item

    @property
    def digest(self) -> str:
        """Eight characters that name the geometry: equal digests print and read the same sheet."""
        shape = (self.subjects, self.items, self.options, self.code_digits, self.seat_digits, self.variant_digits)
        more = (self.shift_digits, self.hall_digits, len(self.test_languages), len(self.foreign_languages))
        return _digest(shape, more)

    def subject_fields(self) -> tuple[str, ...]:
        """Names of the answer fields, `subject1` first."""
        return tuple(f"subject{n}" for n in range(1, self.subjects + 1))

    def digit_fields(self) -> dict[str, int]:
        """The numbers on the sheet and how many digits each has."""
        return {
            "code": self.code_digits, "seat": self.seat_digits, "variant": self.variant_digits,
            "shift": self.shift_digits, "hall": self.hall_digits,
        }  # fmt: skip


def _check_list(name: str, values: tuple[str, ...]) -> None:
    """Between two (languages: one) and ten different short names; else UserError."""
    low = 2 if name == "options" else 1
    good = all(isinstance(v, str) and 0 < len(v) <= 3 for v in values)
    if not good or len(set(values)) != len(values) or not low <= len(values) <= 10:
        raise UserError(
            N_("The exam profile is refused: {name} must be a list of {low} to 10 different short names."),
            name=_FILE_NAMES.get(name, name), low=low,
        )  # fmt: skip


def _check_grades(grades: tuple[tuple[str, int], ...], highest: int) -> None:
    """Different short names, their least points falling to 0; else UserError."""
    good = all(len(grade) == 2 and isinstance(grade[0], str) and isinstance(grade[1], int) for grade in grades)
    if good and not grades:
        return
    names = [str(grade[0]) for grade in grades if good]
    least = [int(grade[1]) for grade in grades if good]
    good = good and all(0 < len(name) <= 3 for name in names) and len(set(names)) == len(names)
    if not good or least != sorted(set(least), reverse=True) or least[-1] != 0 or least[0] > highest:
        raise UserError(
            N_("The exam profile is refused: grades must be pairs of a short name and the least points, the best "
               "first, the last one from 0.")
        )  # fmt: skip


def profile_from(data: Mapping[str, Any]) -> ExamProfile:
    """The profile of a mapping: the file's two parts (`fixed`, `assumed`), a flat one, or our own field names.

    What is missing keeps its default; a value that cannot be raises UserError.
    """
    flat: dict[str, Any] = {k: v for k, v in data.items() if k not in ("fixed", "assumed")}
    for part in ("fixed", "assumed"):
        flat.update(data.get(part, {}))
    known: dict[str, Any] = {}
    for field in fields(ExamProfile):
        if field.name == "training":
            continue
        value = flat.get(field.name, flat.get(_FILE_NAMES.get(field.name, ""), ...))
        if value is not ...:
            known[field.name] = _tuples(value)
    return ExamProfile(**known)


def profile_to(profile: ExamProfile) -> dict[str, Any]:
    """The profile as plain data that `profile_from` takes back."""
    return {k: _lists(v) for k, v in asdict(profile).items() if k != "training"}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _lists(value: Any) -> Any:
    return list(map(_lists, value)) if isinstance(value, tuple) else value


@cache
def default_profile() -> ExamProfile:
    """The profile that comes with the program: 5 x 25 items, code of 8 digits."""
    return profile_from(json.loads(_DEFAULT.read_text("utf-8")))
