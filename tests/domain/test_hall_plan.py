"""Plans of halls: whatever is drawn, the seats are numbered once each, and what is carried comes back the same."""

from __future__ import annotations

import json
from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.hall import hall_warnings, new_numbers
from mab_desktop.domain.hall_plan import (
    NUMBERINGS,
    Axis,
    Corner,
    HallPlan,
    Numbering,
    Pattern,
    Place,
    default_grid,
    generated,
    mirrored,
    numbered,
    numbering_of,
    painted,
    plan_json,
    plan_problems,
    read_plan,
    sized,
    swapped,
    too_near,
    with_line,
    without_lines,
)

PLACES = st.sampled_from(Place)
HOWS = st.sampled_from((None, *NUMBERINGS))
ACTS = st.sampled_from(("paint", "line", "drop", "mirror", "size", "swap", "number"))
STEPS = st.lists(st.tuples(ACTS, st.integers(0, 99), st.integers(0, 99), PLACES, HOWS), max_size=12)


def step(plan: HallPlan, what: str, a: int, b: int, place: Place, how: Numbering | None) -> HallPlan:
    """One thing that a person can do to a plan."""
    row, column, axis = a % plan.rows, b % plan.columns, list(Axis)[a % 2]
    match what:
        case "paint":
            return painted(plan, [(row, column), (row, (column + 1) % plan.columns), (99, 99)], place, how)
        case "line" if max(plan.rows, plan.columns) < 9:
            return with_line(plan, axis, b % (plan.rows + 1 if axis is Axis.ROW else plan.columns + 1), how)
        case "drop":
            at = row if axis is Axis.ROW else column
            return without_lines(plan, axis, at, at, how)
        case "mirror":
            return mirrored(plan, axis, how)
        case "size":
            return sized(plan, 1 + a % 8, 1 + b % 8, how)
        case "swap":
            return swapped(plan, (row, column), 1 + b)
        case _:
            return numbered(plan, how)


@given(st.integers(1, 6), st.integers(1, 6), STEPS)
def test_whatever_is_drawn_numbers_run_from_one_and_the_plan_comes_back(
    rows: int, columns: int, steps: list[tuple[str, int, int, Place, Numbering | None]]
) -> None:
    plan = HallPlan(default_grid(rows, columns, rows * columns))
    for one in steps:
        plan = step(plan, *one)
        assert plan_problems(plan.grid, plan.seats) == []
        assert len({len(row) for row in plan.grid}) == 1
        assert read_plan(plan_json(plan)) == plan
        for r, row in enumerate(plan.places()):
            assert [bool(plan.grid[r][c]) for c in range(plan.columns)] == [place is Place.SEAT for place in row]


@pytest.mark.parametrize("how", NUMBERINGS)
def test_numbering_from_each_corner_begins_there_and_is_told_again(how: Numbering) -> None:
    plan = generated(Pattern(3, 4, aisle_after=2), how)
    row, column = plan.cell_of(1) or (-1, -1)
    assert (row == 0) == (how.corner in (Corner.FRONT_LEFT, Corner.FRONT_RIGHT))
    assert (column == 0) == (how.corner in (Corner.FRONT_LEFT, Corner.BACK_LEFT))
    second = plan.cell_of(2) or (-1, -1)
    assert (second[1] == column) is how.by_columns
    assert numbering_of(plan) == how
    steps = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(plan.cell_of(n) or (0, 0) for n in range(1, 13))]
    assert (max(steps) <= 2) is how.snake  # there and back never jumps, not even over the aisle


def test_a_row_without_seats_does_not_turn_the_snake() -> None:
    snake = Numbering(snake=True)
    plan = painted(generated(Pattern(3, 2), snake), [(1, 0), (1, 1)], Place.AISLE, snake)
    assert plan.grid == ((1, 2), (None, None), (4, 3))


def test_pillars_and_reserved_places_have_no_number_and_older_readers_see_no_seat() -> None:
    plan = HallPlan(default_grid(2, 3, 6))
    for cell, place in (((0, 0), Place.PILLAR), ((0, 1), Place.RESERVED), ((1, 0), Place.DOOR), ((1, 1), Place.TABLE)):
        plan = painted(plan, [cell], place, NUMBERINGS[0])
    assert plan.grid == ((0, 0, 1), (None, None, 2))
    assert json.loads(plan_json(plan)) == {"grid": [[0, 0, 1], [None, None, 2]], "marks": ["PR.", "DT."]}
    assert (plan.seats, plan.count(Place.RESERVED), plan.size()) == (2, 1, (2, 2))


def test_the_oldest_form_is_read_and_still_written_where_it_says_everything() -> None:
    old = "[[1,2,null,3],[4,0,null,5]]"
    plan = read_plan(old)
    assert plan == HallPlan(((1, 2, None, 3), (4, 0, None, 5)))
    assert plan_json(plan) == old
    assert (plan.size(), plan.aisles()) == ((2, 3), 1)


@pytest.mark.parametrize("text", [
    "{", "[]", "{}", '{"grid":[]}', '{"grid":[[1]],"marks":["P"]}', '{"grid":[[0]],"marks":["X"]}',
    '{"grid":[[0]],"marks":["P","P"]}', '{"grid":[[0,0]],"marks":["P"]}', '{"grid":[[0]],"marks":[7]}',
    '{"grid":[[0]],"marks":["."]}', '{"grid":[[0]],"more":1}', '{"grid":[[null]],"marks":["P"]}', "[" * 9999,
])  # fmt: skip
def test_a_damaged_plan_is_none(text: str) -> None:
    assert read_plan(text) is None


def test_a_number_given_by_hand_is_exchanged_and_kept_while_drawing_goes_on() -> None:
    plan = swapped(HallPlan(default_grid(2, 3, 6)), (0, 0), 6)
    assert plan.grid == ((6, 2, 3), (4, 5, 1))
    assert numbering_of(plan) is None
    assert swapped(plan, (0, 0), 7) == plan
    assert painted(plan, [(0, 1)], Place.PILLAR, None).grid == ((5, 0, 2), (3, 4, 1))
    assert mirrored(plan, Axis.COLUMN, None).grid == ((3, 2, 6), (1, 5, 4))
    assert with_line(plan, Axis.COLUMN, 0, None).grid == ((7, 6, 2, 3), (8, 4, 5, 1))


def test_gaps_and_doubles_have_no_numbering() -> None:
    assert numbering_of(HallPlan(((1, 3),))) is None
    assert numbering_of(HallPlan(((1, 1),))) is None


def test_a_pattern_draws_aisles_and_distance() -> None:
    assert generated(Pattern(2, 5, aisle_after=2)).grid == ((1, 2, None, 3, 4, None, 5), (6, 7, None, 8, 9, None, 10))
    assert generated(Pattern(2, 4, every_second=True)).grid == ((1, 0, 2, 0), (3, 0, 4, 0))
    assert generated(Pattern(2, 4, every_second=True, shifted=True)).grid == ((1, 0, 2, 0), (0, 3, 0, 4))
    assert generated(Pattern(3, 1, aisle_after_rows=2)).grid == ((1,), (2,), (None,), (3,))


def test_distances_add_up_over_aisles_and_empty_places() -> None:
    plan = HallPlan(((1, 2, None, 3, 0, 4),))
    assert too_near(plan, 60, None, 100) == {(0, 0): 60, (0, 1): 60}
    assert too_near(plan, 45, None, 100) == {(0, 0): 45, (0, 1): 45, (0, 3): 90, (0, 5): 90}
    assert too_near(plan, None, None, 100) == {}
    assert too_near(HallPlan(((1,), (2,))), None, 80, 100) == {(0, 0): 80, (1, 0): 80}
    assert too_near(HallPlan(((1, 0), (0, 2))), 60, 80, 101) == {(0, 0): 100, (1, 1): 100}
    assert too_near(HallPlan(((1, 0), (0, 2))), 60, 80, 100) == {}


@given(st.integers(1, 5), st.integers(1, 5), st.integers(20, 150), st.integers(20, 150), st.data())
def test_seats_too_near_are_those_that_every_pair_says(
    rows: int, columns: int, distance: int, row_distance: int, data: st.DataObject
) -> None:
    cells = [(r, c) for r in range(rows) for c in range(columns)]
    empty = data.draw(st.sets(st.sampled_from(cells)))
    plan = painted(HallPlan(default_grid(rows, columns, rows * columns)), empty, Place.EMPTY, NUMBERINGS[0])
    seats = [cell for cell in cells if cell not in empty]
    wanted = {}
    for a in seats:
        apart = [hypot((a[0] - b[0]) * row_distance, (a[1] - b[1]) * distance) for b in seats if b != a]
        if apart and min(apart) < 100:
            wanted[a] = int(min(apart))
    assert too_near(plan, distance, row_distance, 100) == wanted


def test_every_second_place_empty_takes_the_warning_away() -> None:
    values = {"seats": 8, "distance": 60, "row_distance": None}
    full, loose = generated(Pattern(2, 4)), generated(Pattern(2, 4, every_second=True))
    assert [w.field for w in hall_warnings(values, 100, full)] == ["distance"]
    assert hall_warnings(values, 100, loose) == []
    assert [w.field for w in hall_warnings(values, 100, loose, nearest=130)] == ["distance"]


def test_numbers_of_new_halls_as_they_are_typed() -> None:
    assert new_numbers("7") == ["007"]
    assert new_numbers("301-303, 310;301") == ["301", "302", "303", "310"]
    for wrong in ("", "a", "1-", "-1", "1000", "1-1000", "²", "305-301"):
        assert new_numbers(wrong) == []
