"""Signs that show the way: ranges of numbers, and left and right as the floor plan has them."""

from __future__ import annotations

import pytest

from mab_desktop.domain.building_plan import Drawing, Item, Thing
from mab_desktop.domain.direction import Arrow, PlacedHall, left_of_stairs, ranges, suggested


@pytest.mark.parametrize(
    ("numbers", "words"),
    [(["101", "102", "103", "110"], "101–103, 110"), (["102", "101"], "101, 102"), (["007"], "7"), ([], "")],
)
def test_numbers_that_follow_each_other_make_a_range(numbers: list[str], words: str) -> None:
    assert ranges(numbers) == words


@pytest.mark.parametrize(("stairs_top", "left"), [(24, True), (0, False)])
def test_left_is_left_of_who_comes_from_the_stairs(stairs_top: int, left: bool) -> None:
    """From stairs at the bottom one looks up the plan, from stairs at the top down: the sides change."""
    halls = (Item(Thing.HALL, 2, 12, 4, 4, "101"), Item(Thing.HALL, 40, 12, 4, 4, "102"))
    drawing = Drawing((*halls, Item(Thing.STAIRS, 22, stairs_top, 4, 4)))
    assert [left_of_stairs(drawing, number) for number in ("101", "102", "103")] == [left, not left, None]


def test_a_building_gets_signs_at_the_entrance_and_on_each_floor() -> None:
    halls = [PlacedHall("101", 1, left=False), PlacedHall("102", 1, left=True), PlacedHall("201", 2)]
    assert [(s.floor, s.to_floor, s.arrow, s.halls) for s in suggested([*halls, PlacedHall("001", -1)])] == [
        (1, -1, Arrow.STAIRS_DOWN, "1"), (1, 2, Arrow.STAIRS_UP, "201"), (-1, -1, Arrow.UP, "1"),
        (1, 1, Arrow.LEFT, "102"), (1, 1, Arrow.RIGHT, "101"), (2, 2, Arrow.UP, "201"),
    ]  # fmt: skip
