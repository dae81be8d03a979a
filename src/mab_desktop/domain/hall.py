"""The auditorium fund (p.4, p.17): buildings, halls, the places in them, and whether they are enough."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec
from mab_desktop.i18n import N_

# A place on the plan seen from above, the board at the top: a seat's number, 0 for a place that stays empty, None for
# an aisle.
Grid = tuple[tuple[int | None, ...], ...]
NEAREST = 100  # cm between seats under which a hall is warned about

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
        Field("distance", N_("Distance between seats, cm"), Kind.INTEGER, low=0, high=999),
        Field("board", N_("Board"), Kind.FLAG),
        Field("camera", N_("Camera"), Kind.FLAG),
        Field("remark", N_("Remark"), max_length=200),
    ),
    (_fits,),
)


def _planned(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values.get("plan_json"):
        grid = read_grid(values["plan_json"])
        yield from plan_problems(grid, values["seats"]) if grid else [Problem("plan_json", N_("The plan is damaged."))]


# A hall as it crosses a border: with its drawn plan as JSON text.
HALL_RECORD = RecordSpec(
    "hall",
    HALL.label,
    (*HALL.fields, Field("plan_json", N_("Plan of the hall"), max_length=60_000)),
    (*HALL.checks, _planned),
)


def full_number(number: str) -> str:
    """A hall's number as it stands in the three cells of the answer sheet."""
    return number.zfill(3)


def default_grid(rows: int, places_in_row: int, seats: int) -> Grid:
    """Seats numbered row by row from the board, from the left; places beyond `seats` stay empty."""
    return tuple(
        tuple(n if (n := row * places_in_row + place + 1) <= seats else 0 for place in range(places_in_row))
        for row in range(rows)
    )


def plan_problems(grid: Grid, seats: int) -> list[Problem]:
    """Why a plan does not show exactly the seats 1 to `seats`, each once."""
    numbers = sorted(place for row in grid for place in row if place)
    if numbers == list(range(1, seats + 1)):
        return []
    twice = sorted({n for n in numbers if numbers.count(n) > 1})
    missing = sorted(set(range(1, seats + 1)) - set(numbers))
    found = [Problem("plan", N_("Seat number {n} stands twice on the plan."), (("n", n),)) for n in twice[:3]]
    found += [Problem("plan", N_("Seat number {n} is missing on the plan."), (("n", n),)) for n in missing[:3]]
    return found or [Problem("plan", N_("The plan shows {n} seats, the hall has {seats}."),
                             (("n", len(numbers)), ("seats", seats)))]  # fmt: skip


def grid_json(grid: Grid) -> str:
    """A plan as it is stored and carried."""
    return json.dumps([list(row) for row in grid], separators=(",", ":"))


def read_grid(text: str) -> Grid | None:
    """A plan from its JSON; None when it is none: rows of one length, places from 0 to 999 or null."""
    try:
        rows = json.loads(text)
    except ValueError:
        return None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        return None
    places = [place for row in rows for place in row]
    if len({len(row) for row in rows}) != 1 or not all(
        place is None or (type(place) is int and 0 <= place <= 999) for place in places
    ):
        return None
    return tuple(tuple(row) for row in rows)


def hall_warnings(values: Mapping[str, Any], capacity_max: int) -> list[Problem]:
    """What is allowed but not good: a hall over the profile's maximum, seats too near (p.24)."""
    found = []
    if (values.get("seats") or 0) > capacity_max:
        found.append(Problem("seats", N_("More than {n} seats in one hall."), (("n", capacity_max),)))
    distance = values.get("distance")
    if distance is not None and distance < NEAREST:
        found.append(Problem("distance", N_("Seats are nearer than {n} cm."), (("n", NEAREST),)))
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
