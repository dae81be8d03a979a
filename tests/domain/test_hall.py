"""Halls: plans show every seat once, the contingent is set against the seats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.hall import (
    HALL,
    HALL_RECORD,
    Need,
    balance,
    default_grid,
    full_number,
    grid_json,
    hall_warnings,
    plan_problems,
    read_plan,
)
from mab_desktop.domain.hall_plan import HallPlan

PLAIN = {"building": "1", "number": "101", "floor": 1, "kind": "дәрісхана", "rows": 4, "places_in_row": 5, "seats": 18}


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_a_plain_plan_numbers_every_seat_once(rows: int, places: int, data: st.DataObject) -> None:
    seats = data.draw(st.integers(1, rows * places))
    grid = default_grid(rows, places, seats)
    assert plan_problems(grid, seats) == []
    assert read_plan(grid_json(grid)) == HallPlan(grid)
    assert (len(grid), {len(row) for row in grid}) == (rows, {places})


def test_a_plan_that_differs_from_the_hall_says_how() -> None:
    twice = plan_problems(((1, 1, None, 3),), 3)
    assert [p.message("en") for p in twice] == [
        "Seat number 1 stands twice on the plan.", "Seat number 2 is missing on the plan.",
    ]  # fmt: skip
    assert plan_problems(((1, 2, 3),), 2) != []
    assert plan_problems(((1, 0, None, 2),), 2) == []


def test_a_damaged_plan_is_refused_on_a_carrier() -> None:
    for text in ("{", "[]", "[[1],[1,2]]", '[["1"]]', "[[true]]", "[[1000]]", "7"):
        assert read_plan(text) is None
        assert HALL_RECORD.problems(PLAIN | {"plan_json": text}) != []
    good = grid_json(default_grid(4, 5, 18))
    assert HALL_RECORD.problems(PLAIN | {"plan_json": good}) == []
    assert HALL_RECORD.problems(PLAIN | {"plan_json": grid_json(default_grid(4, 5, 17))}) != []


def test_a_hall_cannot_have_more_seats_than_places() -> None:
    assert [p.field for p in HALL.problems(PLAIN | {"seats": 21})] == ["seats"]


@given(
    st.lists(st.tuples(st.sampled_from("123456789"), st.sampled_from("12"), st.integers(0, 500)), max_size=8,
             unique_by=lambda need: need[:2]),
    st.lists(st.integers(1, 200), max_size=6), st.integers(1, 6),
)  # fmt: skip
def test_seats_go_round_exactly(needs: list[tuple[str, str, int]], halls: list[int], shifts: int) -> None:
    found = balance([Need(*need) for need in needs], halls, shifts)
    students, seats = sum(n for *_, n in needs), sum(halls) * shifts
    assert found.missing == max(0, students - seats)
    assert sum(line.seated for line in found.lines) == min(students, seats)
    assert [(line.direction, line.language) for line in found.lines] == [need[:2] for need in needs]
    if found.shifts_needed:
        assert balance([Need(*need) for need in needs], halls, found.shifts_needed).missing == 0
    elif students:
        assert not halls


def test_a_hall_too_large_or_too_close_is_warned_about() -> None:
    assert [w.field for w in hall_warnings({"seats": 101, "distance": 80}, 100)] == ["seats", "distance"]
    assert hall_warnings({"seats": 100, "distance": None}, 100) == []
    assert (full_number("7"), full_number("312")) == ("007", "312")
