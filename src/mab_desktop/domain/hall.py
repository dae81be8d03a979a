"""The auditorium fund (p.4, p.17): buildings, halls, the places in them, and whether they are enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from mab_desktop.domain import building_plan
from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec
from mab_desktop.domain.hall_plan import (
    Grid,
    HallPlan,
    default_grid,
    grid_json,
    numbering_of,
    plan_problems,
    read_plan,
    too_near,
)
from mab_desktop.i18n import N_

__all__ = [
    "BUILDING", "BUILDING_PICTURE", "BUILDING_RECORD", "HALL", "HALL_RECORD", "NEAREST", "Grid", "HallPlan", "Need",
    "NeedMet", "SeatBalance", "balance", "default_grid", "full_number", "grid_json", "hall_warnings", "new_numbers",
    "plan_problems", "read_plan",
]  # fmt: skip
NEAREST = 100  # cm between seats under which a hall is warned about, where the exam profile has no limit of its own

BUILDING = RecordSpec(
    "building",
    N_("Building"),
    (
        Field("code", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        Field("name", N_("Building name"), required=True, max_length=120),
        Field("address", N_("Address"), required=True, max_length=200),
        Field("access", N_("How to get there"), max_length=200),
    ),
)


def _fits(values: Mapping[str, Any]) -> Iterable[Problem]:
    rows, places, seats = (values.get(name) for name in ("rows", "places_in_row", "seats"))
    if None not in (rows, places, seats) and seats > rows * places:  # type: ignore[operator]
        yield Problem("seats", N_("More seats than {n} places."), (("n", rows * places),))  # type: ignore[operator]


HALL = RecordSpec(
    "hall",
    N_("Hall"),
    (
        Field("building", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        # The sheet has three cells for the hall and none for the building, so the number is unique in the whole fund.
        Field("number", N_("Hall number"), Kind.DIGITS, required=True, max_length=3),
        Field("floor", N_("Floor"), Kind.INTEGER, required=True, low=-2, high=60),
        Field("kind", N_("Kind of hall"), required=True, max_length=40),
        Field("rows", N_("Rows"), Kind.INTEGER, required=True, low=1, high=60),
        Field("places_in_row", N_("Places in a row"), Kind.INTEGER, required=True, low=1, high=60),
        Field("seats", N_("Seats planned"), Kind.INTEGER, required=True, low=1, high=999),
        Field("distance", N_("Distance between seats, cm"), Kind.INTEGER, low=0, high=999,
              hint=N_("From one place of a row to the next, empty ones too.")),
        Field("row_distance", N_("Distance between rows, cm"), Kind.INTEGER, low=0, high=999),
        Field("board", N_("Board"), Kind.FLAG),
        Field("camera", N_("Camera"), Kind.FLAG),
        Field("remark", N_("Remark"), max_length=200),
    ),
    (_fits,),
)  # fmt: skip
_DAMAGED = Problem("plan_json", N_("The plan is damaged."))


def _planned(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values.get("plan_json"):
        plan = read_plan(values["plan_json"])
        yield from plan_problems(plan.grid, values["seats"]) if plan else [_DAMAGED]


def _building_planned(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values.get("plan_json") and building_plan.read_plan(values["plan_json"]) is None:
        yield _DAMAGED


# A hall and a building as they cross a border: with the drawn plan as JSON text.
HALL_RECORD = RecordSpec(
    "hall",
    HALL.label,
    (*HALL.fields, Field("plan_json", N_("Plan of the hall"), max_length=60_000)),
    (*HALL.checks, _planned),
)
BUILDING_RECORD = RecordSpec(
    "building",
    BUILDING.label,
    (*BUILDING.fields, Field("plan_json", N_("Plans of the building"), max_length=building_plan.JSON_LIMIT)),
    (*BUILDING.checks, _building_planned),
)

# The picture that a building's drawings lie on, by the digest that they name; its JPEG is enclosed.
BUILDING_PICTURE = RecordSpec(
    "building-picture",
    N_("Picture under a plan"),
    (
        Field("sha256", N_("Digest of the image"), required=True, max_length=64, exact=True),
        Field("size", N_("Bytes of the image"), Kind.INTEGER, required=True, low=1, high=1 << 20),
    ),
)


def full_number(number: str) -> str:
    """A hall's number as it stands in the three cells of the answer sheet."""
    return number.zfill(3)


def new_numbers(text: str) -> list[str]:
    """Numbers of halls as they are typed: "302", "301-305", "301, 305, 7-9"; [] when the text is none such."""
    found: list[str] = []
    for part in text.replace(";", ",").replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not (first.isascii() and first.isdecimal() and len(first) <= 3):
            return []
        if dash and not (last.isascii() and last.isdecimal() and len(last) <= 3):
            return []
        found += [full_number(str(n)) for n in range(int(first), int(last or first) + 1)]
    return list(dict.fromkeys(found))


def hall_warnings(
    values: Mapping[str, Any], capacity_max: int, plan: HallPlan | None = None, nearest: int = NEAREST
) -> list[Problem]:
    """What is allowed but not good: a hall over the profile's maximum, seats too near, numbered out of order (p.24).

    With a plan the real distances between its seats are judged, else the distance that was entered.
    """
    found = []
    if (values.get("seats") or 0) > capacity_max:
        found.append(Problem("seats", N_("More than {n} seats in one hall."), (("n", capacity_max),)))
    distance = values.get("distance")
    if plan is None:
        if distance is not None and distance < nearest:
            found.append(Problem("distance", N_("Seats are nearer than {n} cm."), (("n", nearest),)))
    elif near := too_near(plan, distance, values.get("row_distance"), nearest):
        params = (("n", nearest), ("count", len(near)), ("least", min(near.values())))
        found.append(Problem("distance", N_("Seats nearer than {n} cm to another: {count}, the nearest {least} cm."),
                             params))  # fmt: skip
    if plan is not None and plan.seats and numbering_of(plan) is None:
        found.append(Problem("numbering", N_("Seats are numbered by hand, not line by line from a corner.")))
    return found


@dataclass(frozen=True, slots=True)
class Need:
    """Students of one direction and language who need a seat (p.17)."""

    direction: str
    language: str
    students: int


@dataclass(frozen=True, slots=True)
class NeedMet:
    """A need against the fund: how many of its students find a seat over all sittings, and how many do not."""

    direction: str
    language: str
    students: int
    seated: int

    @property
    def missing(self) -> int:
        """Students without a seat."""
        return self.students - self.seated


@dataclass(frozen=True, slots=True)
class SeatBalance:
    """The contingent against the fund: `seats` in one sitting of `halls` halls, over `shifts` sittings.

    `shifts_needed` sittings would seat everybody; 0 when there is no seat at all. `lines` follow the needs.
    """

    students: int
    seats: int
    halls: int
    shifts: int
    shifts_needed: int
    lines: tuple[NeedMet, ...]

    @property
    def missing(self) -> int:
        """Students without a seat over all sittings."""
        return sum(line.missing for line in self.lines)


def balance(needs: Sequence[Need], hall_seats: Sequence[int], shifts: int) -> SeatBalance:
    """Whether the halls seat the contingent in `shifts` sittings (p.17); seats go to the largest need first."""
    students, seats = sum(need.students for need in needs), sum(hall_seats)
    left, seated = seats * shifts, {}
    for need in sorted(needs, key=lambda n: (-n.students, n.direction, n.language)):
        seated[need] = min(need.students, left)
        left -= seated[need]
    lines = tuple(NeedMet(n.direction, n.language, n.students, seated[n]) for n in needs)
    return SeatBalance(students, seats, len(hall_seats), shifts, ceil(students / seats) if seats else 0, lines)
