"""Plans of buildings: things stay on the sheet, halls stand once, JSON comes back, what is missing is said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.building_plan import (
    COLUMNS,
    FLOOR_THINGS,
    ROWS,
    SITE_THINGS,
    BuildingPlan,
    Drawing,
    Floor,
    Item,
    Thing,
    added,
    changed,
    hall_place,
    item_at,
    plan_json,
    plan_warnings,
    read_plan,
    removed,
    structure_problems,
)
from mab_desktop.domain.hall import BUILDING_RECORD

SHA = "ab" * 32
NUMBERS = st.integers(-80, 80)
TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N")), max_size=40)


def items(things: tuple[Thing, ...]) -> st.SearchStrategy[list[Item]]:
    free = st.sampled_from([thing for thing in things if thing is not Thing.HALL])
    return st.lists(st.builds(Item, free, NUMBERS, NUMBERS, NUMBERS, NUMBERS, TEXTS), max_size=6)


@given(items(SITE_THINGS), items(FLOOR_THINGS), st.lists(st.integers(1, 999), unique=True, max_size=4))
def test_what_is_drawn_stays_on_the_sheet_and_comes_back(site: list[Item], floor: list[Item], halls: list[int]) -> None:
    drawings = [Drawing(), Drawing(picture=SHA)]
    for n, found in enumerate((site, [*floor, *(Item(Thing.HALL, h, h, 6, 4, f"{h:03}") for h in halls)])):
        for item in found:
            drawings[n] = added(drawings[n], item)
    for drawing in drawings:
        for item in drawing.items:
            assert 0 <= item.left < item.left + item.width <= COLUMNS
            assert 0 <= item.top < item.top + item.height <= ROWS
    plan = BuildingPlan(drawings[0], (Floor(2, "Актовый этаж", drawings[1]),))
    assert read_plan(plan_json(plan)) == plan
    assert plan.pictures() == {SHA}


def test_corridors_lie_under_what_stands_on_them() -> None:
    drawing = added(Drawing(), Item(Thing.ROOM, 4, 4, 4, 4))
    drawing = added(drawing, Item(Thing.CORRIDOR, 0, 0, 20, 20))
    assert (item_at(drawing, 5, 5), item_at(drawing, 1, 1), item_at(drawing, 30, 1)) == (0, 1, None)
    assert [item.thing for item in drawing.layers()] == [Thing.CORRIDOR, Thing.ROOM]
    drawing = changed(drawing, 0, Item(Thing.ROOM, 100, 4, 4, 4))
    assert drawing.items[0].left == COLUMNS - 4
    assert [item.thing for item in removed(drawing, 0).items] == [Thing.CORRIDOR]


def test_halls_find_room_beside_one_another() -> None:
    drawing = Drawing()
    for number in range(30):
        drawing = added(drawing, hall_place(drawing, f"{number:03}"))
    assert not any(a.overlaps(b) for n, a in enumerate(drawing.items) for b in drawing.items[n + 1 :])


def test_what_the_drawings_do_not_say_is_said() -> None:
    def words(plan: BuildingPlan) -> list[str]:
        return [problem.message("en") for problem in plan_warnings(plan, {"101": 1, "201": 2})]

    assert words(BuildingPlan()) == [
        "The site plan is not drawn.", "Hall 101: the building has no plan of floor 1.",
        "Hall 201: the building has no plan of floor 2.",
    ]  # fmt: skip
    first = Drawing((Item(Thing.HALL, 0, 0, 6, 4, "101"), Item(Thing.HALL, 5, 0, 6, 4, "999")))
    plan = BuildingPlan(Drawing((Item(Thing.BUILDING, 0, 0),)), (Floor(1, "", first), Floor(2)))
    assert words(plan) == [
        "The entrance is not marked on the site plan.", "Hall 201 is not on the plan of floor 2.",
        "The plan of floor 1 shows hall 999, which is not there.",
        "Halls 101 and 999 lie on one another on the plan.",
    ]  # fmt: skip
    assert words(plan.without_hall("999")) == words(plan)[:2]
    assert plan.renamed_hall("101", "111").floor(1).drawing.hall("111") is not None  # type: ignore[union-attr]


def test_a_hall_is_drawn_once_and_a_floor_is_there_once() -> None:
    hall = Drawing((Item(Thing.HALL, 0, 0, 6, 4, "101"),))
    twice = BuildingPlan(floors=(Floor(1, "", hall), Floor(2, "", hall)))
    assert [p.message("en") for p in structure_problems(twice)] == ["Hall 101 is drawn twice."]
    assert structure_problems(BuildingPlan(floors=(Floor(1), Floor(1)))) != []
    assert structure_problems(BuildingPlan(floors=(Floor(99),))) != []
    assert read_plan(plan_json(twice)) is None


def spoilt(**changes: object) -> str:
    site = {"columns": COLUMNS, "rows": ROWS, "items": [["building", 1, 1, 2, 2, "А"]], "picture": ""} | changes
    return json.dumps({"site": site, "floors": []})


@pytest.mark.parametrize("text", [
    "", "[]", "{}", "[" * 9999, spoilt(columns=0), spoilt(rows="9"), spoilt(picture="../x"), spoilt(more=1),
    spoilt(items=[["hall", 1, 1, 2, 2, "101"]]), spoilt(items=[["building", 47, 1, 2, 2, ""]]),
    spoilt(items=[["building", 1, 1, 0, 2, ""]]), spoilt(items=[["building", True, 1, 2, 2, ""]]),
    spoilt(items=[["building", 1, 1, 2, 2, "\x1b"]]), spoilt(items=[["building", 1, 1, 2, 2, "x" * 41]]),
    spoilt(items=[["road", 0, 0, 1, 1, ""]] * 201), spoilt(items=[[["road"], 0, 0, 1, 1, ""]]),
    '{"site":' + json.dumps({"columns": 9, "rows": 9, "items": [], "picture": ""}) + ',"floors":[{"number":1}]}',
])  # fmt: skip
def test_a_damaged_plan_is_none_and_refused_on_a_carrier(text: str) -> None:
    assert read_plan(text) is None
    building = {"code": "1", "name": "Бас корпус", "address": "Абай, 10", "access": None}
    assert BUILDING_RECORD.problems(building | {"plan_json": spoilt()}) == []
    if text:
        assert BUILDING_RECORD.problems(building | {"plan_json": text}) != []
