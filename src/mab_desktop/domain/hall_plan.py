"""The plan of a hall: what stands in each cell of a grid seen from above, the board at the top, and the seats' numbers.

A plan crosses borders as its `Grid` when it holds nothing but seats, empty places and aisles: the oldest form. Pillars,
reserved places, doors and tables stand in `marks` over it. Under a mark the grid has no seat, so whoever reads the grid
alone seats nobody there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import floor, hypot
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

# A cell of the plan seen from above, the board at the top: a seat's number, 0 for a place that stays empty, None for
# an aisle.
Grid = tuple[tuple[int | None, ...], ...]
Cell = tuple[int, int]
"""Row and column from 0, the board in front of row 0."""
LARGEST = 60
"""Rows and columns of the largest plan that can be drawn."""
_FAR = 6  # cells: seats farther apart than that are never too near


class Place(StrEnum):
    """What a cell is. A reserved place stands in the hall but is kept for a seat that turns out faulty."""

    SEAT = "seat"
    EMPTY = "empty"
    AISLE = "aisle"
    PILLAR = "pillar"
    RESERVED = "reserved"
    DOOR = "door"
    TABLE = "table"


_LETTERS = {Place.PILLAR: "P", Place.RESERVED: "R", Place.DOOR: "D", Place.TABLE: "T"}
_NO_MARK = "."
_OF_LETTER = {letter: place for place, letter in _LETTERS.items()}
_UNDER: dict[Place, int | None] = {
    Place.EMPTY: 0, Place.PILLAR: 0, Place.RESERVED: 0, Place.AISLE: None, Place.DOOR: None, Place.TABLE: None,
}  # fmt: skip
_STANDING = (Place.SEAT, Place.EMPTY, Place.RESERVED)


class Corner(StrEnum):
    """Where number 1 sits; left and right as one looks at the board, which is at the top of the plan."""

    FRONT_LEFT = "front-left"
    FRONT_RIGHT = "front-right"
    BACK_LEFT = "back-left"
    BACK_RIGHT = "back-right"


@dataclass(frozen=True, slots=True)
class Numbering:
    """How seats are numbered: from a corner, row by row or column by column, each line anew or there and back."""

    corner: Corner = Corner.FRONT_LEFT
    by_columns: bool = False
    snake: bool = False


NUMBERINGS = tuple(Numbering(c, by, snake) for by in (False, True) for snake in (False, True) for c in Corner)


class Axis(StrEnum):
    """A line of the plan."""

    ROW = "row"
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class HallPlan:
    """A grid and the marks over it: a letter per cell, P pillar, R reserved, D door, T table; () for none at all."""

    grid: Grid
    marks: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of cells, aisles too."""
        return len(self.grid)

    @property
    def columns(self) -> int:
        """Columns of cells, aisles too."""
        return len(self.grid[0]) if self.grid else 0

    @property
    def seats(self) -> int:
        """How many seats the plan shows."""
        return sum(1 for row in self.grid for number in row if number)

    def place(self, row: int, column: int) -> Place:
        """What stands in a cell."""
        letter = self.marks[row][column] if self.marks else _NO_MARK
        if letter != _NO_MARK:
            return _OF_LETTER[letter]
        number = self.grid[row][column]
        return Place.SEAT if number else Place.AISLE if number is None else Place.EMPTY

    def places(self) -> list[list[Place]]:
        """What stands in each cell, row by row."""
        return [[self.place(r, c) for c in range(self.columns)] for r in range(self.rows)]

    def count(self, place: Place) -> int:
        """How many cells are `place`."""
        return sum(row.count(place) for row in self.places())

    def size(self) -> tuple[int, int]:
        """Rows that hold places, and the most places in a row: as a hall is described in words, without aisles."""
        standing = [sum(place in _STANDING for place in row) for row in self.places()]
        return sum(1 for n in standing if n), max(standing, default=0)

    def aisles(self) -> int:
        """Aisles from edge to edge, across and along; those beside one another count once."""
        rows = [all(number is None for number in row) for row in self.grid]
        columns = [all(row[c] is None for row in self.grid) for c in range(self.columns)]
        return _runs(rows) + _runs(columns)

    def cell_of(self, number: int) -> Cell | None:
        """Where a seat stands."""
        return next(((r, c) for r, row in enumerate(self.grid) for c, n in enumerate(row) if n == number), None)


def _runs(line: Sequence[bool]) -> int:
    return sum(1 for i, on in enumerate(line) if on and not (i and line[i - 1]))


# -- plain plans, and what is wrong with one -----------------------------------------------------------------------


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
    twice = sorted({n for n, next_one in zip(numbers, numbers[1:], strict=False) if n == next_one})
    missing = sorted(set(range(1, seats + 1)) - set(numbers))
    found = [Problem("plan", N_("Seat number {n} stands twice on the plan."), (("n", n),)) for n in twice[:3]]
    found += [Problem("plan", N_("Seat number {n} is missing on the plan."), (("n", n),)) for n in missing[:3]]
    return found or [Problem("plan", N_("The plan shows {n} seats, the hall has {seats}."),
                             (("n", len(numbers)), ("seats", seats)))]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """A hall in a few numbers: rows of places, an aisle after every so many, every second place left empty.

    `shifted` leaves the other places empty in every second row, as on a chessboard.
    """

    rows: int
    places: int
    aisle_after: int = 0
    every_second: bool = False
    shifted: bool = False
    aisle_after_rows: int = 0


def generated(pattern: Pattern, how: Numbering = NUMBERINGS[0]) -> HallPlan:
    """The plan of a pattern."""
    across = list(_with_gaps(pattern.places, pattern.aisle_after))
    lines: list[list[Place]] = []
    for row in _with_gaps(pattern.rows, pattern.aisle_after_rows):
        if row is None:
            lines.append([Place.AISLE] * len(across))
            continue
        odd = 1 if pattern.shifted and row % 2 else 0
        lines.append([
            Place.AISLE if n is None else Place.EMPTY if pattern.every_second and n % 2 != odd else Place.SEAT
            for n in across
        ])  # fmt: skip
    return _built(lines, {}, how)


def _with_gaps(count: int, after: int) -> Iterator[int | None]:
    for n in range(count):
        if after and n and n % after == 0:
            yield None
        yield n


# -- drawing: every function gives a plan whose seats are numbered 1, 2, 3 … ---------------------------------------
# `how` None keeps numbers that were given by hand: seats that go close the gap, new ones come last.


def painted(plan: HallPlan, cells: Iterable[Cell], place: Place, how: Numbering | None) -> HallPlan:
    """Make cells a seat, an aisle, a pillar …"""
    lines = plan.places()
    for row, column in cells:
        if 0 <= row < plan.rows and 0 <= column < plan.columns:
            lines[row][column] = place
    return _built(lines, _numbers(plan), how)


def numbered(plan: HallPlan, how: Numbering | None) -> HallPlan:
    """The same places numbered anew."""
    return _built(plan.places(), _numbers(plan), how)


def sized(plan: HallPlan, rows: int, columns: int, how: Numbering | None) -> HallPlan:
    """The plan with another number of rows and columns of cells; new ones are seats."""
    old = plan.places()
    lines = [
        [old[r][c] if r < plan.rows and c < plan.columns else Place.SEAT for c in range(columns)] for r in range(rows)
    ]
    return _built(lines, _numbers(plan), how)


def with_line(plan: HallPlan, axis: Axis, at: int, how: Numbering | None) -> HallPlan:
    """A row or column more before `at`, with seats and aisles like the line that stands there (or the last one)."""
    lines, numbers = _turned(plan, axis)
    like = lines[min(at, len(lines) - 1)]
    lines.insert(at, [place if place in _STANDING else Place.AISLE for place in like])
    moved = {(r + (r >= at), c): n for (r, c), n in numbers.items()}
    return _turned_back(lines, moved, axis, how)


def without_lines(plan: HallPlan, axis: Axis, first: int, last: int, how: Numbering | None) -> HallPlan:
    """The plan without rows or columns `first` to `last`; one line always stays."""
    lines, numbers = _turned(plan, axis)
    if last - first + 1 >= len(lines):
        return plan
    kept = {(r - (last - first + 1) * (r > last), c): n for (r, c), n in numbers.items() if not first <= r <= last}
    return _turned_back(lines[:first] + lines[last + 1 :], kept, axis, how)


def mirrored(plan: HallPlan, axis: Axis, how: Numbering | None) -> HallPlan:
    """Left and right exchanged (COLUMN), or front and back (ROW); numbers given by hand go with their seats."""
    lines, numbers = _turned(plan, axis)
    last = len(lines) - 1
    return _turned_back(lines[::-1], {(last - r, c): n for (r, c), n in numbers.items()}, axis, how)


def swapped(plan: HallPlan, cell: Cell, number: int) -> HallPlan:
    """The seat in `cell` gets `number`, the seat that had it gets the old one; unchanged when there is no such seat."""
    other, old = plan.cell_of(number), plan.grid[cell[0]][cell[1]]
    if other is None or not old:
        return plan
    lines = [list(row) for row in plan.grid]
    lines[cell[0]][cell[1]], lines[other[0]][other[1]] = number, old
    return HallPlan(tuple(tuple(row) for row in lines), plan.marks)


def numbering_of(plan: HallPlan) -> Numbering | None:
    """The way in which a plan is numbered; None when it is none of them (numbers given by hand, gaps, doubles)."""
    lines = plan.places()
    seated = sorted(_numbers(plan).items(), key=lambda pair: pair[1])
    if [number for _cell, number in seated] != list(range(1, len(seated) + 1)):
        return None
    cells = [cell for cell, _number in seated]
    return next((how for how in NUMBERINGS if _order(lines, how) == cells), None)


def _numbers(plan: HallPlan) -> dict[Cell, int]:
    return {(r, c): n for r, row in enumerate(plan.grid) for c, n in enumerate(row) if n}


def _turned(plan: HallPlan, axis: Axis) -> tuple[list[list[Place]], dict[Cell, int]]:
    """Places and numbers as a list of lines along `axis`."""
    lines, numbers = plan.places(), _numbers(plan)
    if axis is Axis.ROW:
        return lines, numbers
    return [list(line) for line in zip(*lines, strict=True)], {(c, r): n for (r, c), n in numbers.items()}


def _turned_back(lines: list[list[Place]], numbers: dict[Cell, int], axis: Axis, how: Numbering | None) -> HallPlan:
    if axis is Axis.ROW:
        return _built(lines, numbers, how)
    turned = [list(line) for line in zip(*lines, strict=True)]
    return _built(turned, {(c, r): n for (r, c), n in numbers.items()}, how)


def _built(lines: list[list[Place]], numbers: dict[Cell, int], how: Numbering | None) -> HallPlan:
    cells = _order(lines, how or NUMBERINGS[0])
    if how is None:
        cells.sort(key=lambda cell: numbers.get(cell, LARGEST * LARGEST + 1))  # stable: new seats come last, in order
    given = {cell: number for number, cell in enumerate(cells, 1)}
    grid = tuple(
        tuple(given[r, c] if place is Place.SEAT else _UNDER[place] for c, place in enumerate(line))
        for r, line in enumerate(lines)
    )
    marks = tuple("".join(_LETTERS.get(place, _NO_MARK) for place in line) for line in lines)
    return HallPlan(grid, marks if any(row.strip(_NO_MARK) for row in marks) else ())


def _order(lines: list[list[Place]], how: Numbering) -> list[Cell]:
    """The seats' cells in the order of their numbers; a line without seats does not turn the snake."""
    rows, columns = list(range(len(lines))), list(range(len(lines[0]) if lines else 0))
    if how.corner in (Corner.BACK_LEFT, Corner.BACK_RIGHT):
        rows.reverse()
    if how.corner in (Corner.FRONT_RIGHT, Corner.BACK_RIGHT):
        columns.reverse()
    if how.by_columns:
        found = [[(r, c) for r in rows if lines[r][c] is Place.SEAT] for c in columns]
    else:
        found = [[(r, c) for c in columns if lines[r][c] is Place.SEAT] for r in rows]
    seated = [line for line in found if line]
    return [cell for n, line in enumerate(seated) for cell in (line[::-1] if how.snake and n % 2 else line)]


# -- distances -----------------------------------------------------------------------------------------------------


def too_near(plan: HallPlan, distance: int | None, row_distance: int | None, limit: int) -> dict[Cell, int]:
    """The seats whose nearest neighbour is nearer than `limit` cm, with the whole cm between the two.

    `distance` are the cm from one place of a row to the next, `row_distance` those from row to row; over an aisle and
    over empty places they add up. What is not known is not judged.
    """
    steps = _steps(distance, row_distance, limit)
    grid, found = plan.grid, dict[Cell, int]()
    if not steps:
        return found
    for r, row in enumerate(grid):
        for c, number in enumerate(row):
            if not number:
                continue
            for cm, down, right in steps:
                other = (r + down, c + right)
                inside = other[0] < plan.rows and 0 <= other[1] < plan.columns
                if inside and grid[other[0]][other[1]]:
                    for cell in ((r, c), other):
                        found[cell] = min(cm, found.get(cell, cm))
    return found


@lru_cache(maxsize=8)
def _steps(distance: int | None, row_distance: int | None, limit: int) -> tuple[tuple[int, int, int], ...]:
    """The steps (cm, rows down, columns right) that lead nearer than the limit, each pair of seats once."""
    found = []
    for down in range(_FAR + 1 if row_distance is not None else 1):
        for right in range(-_FAR if down else 1, _FAR + 1):
            if right and distance is None:
                continue
            cm = hypot(down * (row_distance or 0), right * (distance or 0))
            if cm < limit:
                found.append((floor(cm), down, right))
    return tuple(sorted(found))


# -- JSON ----------------------------------------------------------------------------------------------------------


def grid_json(grid: Grid) -> str:
    """A grid as it is stored and carried."""
    return json.dumps([list(row) for row in grid], separators=(",", ":"))


def plan_json(plan: HallPlan) -> str:
    """A plan as it is carried: the bare grid where there are no marks."""
    return json.dumps(plan_data(plan), separators=(",", ":")) if plan.marks else grid_json(plan.grid)


def plan_data(plan: HallPlan) -> dict[str, Any]:
    """A plan as plain data: {"grid": rows, "marks": rows of letters, where there are any}."""
    data: dict[str, Any] = {"grid": [list(row) for row in plan.grid]}
    return data | ({"marks": list(plan.marks)} if plan.marks else {})


def read_plan(text: str) -> HallPlan | None:
    """A plan from its JSON, either form; None when it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return plan_from({"grid": data} if isinstance(data, list) else data)


def plan_from(data: Any) -> HallPlan | None:
    """A plan from plain data; None when it is none: rows of one length, places 0 to 999 or null, marks that fit."""
    if not isinstance(data, dict) or not {"grid"} <= data.keys() <= {"grid", "marks"}:
        return None
    rows, marks = data["grid"], data.get("marks", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        return None
    if len({len(row) for row in rows}) != 1 or not all(_is_number(place) for row in rows for place in row):
        return None
    if not isinstance(marks, list) or not (marks == [] or _marks_fit(marks, rows)):
        return None
    return HallPlan(tuple(tuple(row) for row in rows), tuple(marks))


def _is_number(place: Any) -> bool:
    return place is None or (type(place) is int and 0 <= place <= 999)


def _marks_fit(marks: list[Any], rows: list[list[int | None]]) -> bool:
    """As many letters as cells, known ones, at least one, each over a cell that shows what an older reader may see."""
    if len(marks) != len(rows) or not all(isinstance(m, str) and len(m) == len(rows[0]) for m in marks):
        return False
    pairs = [(letter, n) for m, row in zip(marks, rows, strict=True) for letter, n in zip(m, row, strict=True)]
    known = [(letter, n) for letter, n in pairs if letter != _NO_MARK]
    return bool(known) and all(letter in _OF_LETTER and n == _UNDER[_OF_LETTER[letter]] for letter, n in known)
