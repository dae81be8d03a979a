"""Plans of a building (p.4): where it stands on the site, and where the halls are on each floor.

A drawing is a grid of cells with things that cover a few of them, perhaps over a picture: the same for site and floor.
It is read from the left and the top; a picture is named by its SHA-256 and lies in the table `building_picture`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

COLUMNS, ROWS = 48, 28
"""Cells of a drawing."""
MOST_ITEMS = 200
MOST_TEXT = 40
MOST_FLOORS = 30
LOWEST, HIGHEST = -2, 60
JSON_LIMIT = 60_000
_PICTURE = re.compile("([0-9a-f]{64})?")


class Thing(StrEnum):
    """What can be drawn; a hall's text is its number, an entrance is where people go in."""

    HALL = "hall"
    ROOM = "room"
    CORRIDOR = "corridor"
    STAIRS = "stairs"
    LIFT = "lift"
    ENTRANCE = "entrance"
    TOILET = "toilet"
    BUILDING = "building"
    ROAD = "road"
    GATE = "gate"
    STOP = "stop"
    NOTE = "note"


THINGS = {
    Thing.HALL: N_("Hall"),
    Thing.ROOM: N_("Room"),
    Thing.CORRIDOR: N_("Corridor"),
    Thing.STAIRS: N_("Stairs"),
    Thing.LIFT: N_("Lift"),
    Thing.ENTRANCE: N_("Entrance"),
    Thing.TOILET: N_("Toilet"),
    Thing.BUILDING: N_("Building"),
    Thing.ROAD: N_("Road"),
    Thing.GATE: N_("Gate"),
    Thing.STOP: N_("Bus stop"),
    Thing.NOTE: N_("Words"),
}
FLOOR_THINGS = (Thing.HALL, Thing.ROOM, Thing.CORRIDOR, Thing.STAIRS, Thing.LIFT, Thing.ENTRANCE, Thing.TOILET,
                Thing.NOTE)  # fmt: skip
SITE_THINGS = (Thing.BUILDING, Thing.ROAD, Thing.ENTRANCE, Thing.GATE, Thing.STOP, Thing.NOTE)
_HALL_SIZES = ((6, 4), (4, 3), (3, 2))
GROUND = (Thing.CORRIDOR, Thing.ROAD)
"""What lies under everything else."""


@dataclass(frozen=True, slots=True)
class Item:
    """A thing and the cells it covers; `text` stands on it."""

    thing: Thing
    left: int
    top: int
    width: int = 2
    height: int = 2
    text: str = ""

    def covers(self, column: int, row: int) -> bool:
        """True for a cell of the thing."""
        return self.left <= column < self.left + self.width and self.top <= row < self.top + self.height

    def overlaps(self, other: Item) -> bool:
        """True when both cover a cell."""
        return (
            self.left < other.left + other.width and other.left < self.left + self.width
            and self.top < other.top + other.height and other.top < self.top + self.height
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawing:
    """Things in the order in which they were drawn, over the picture with this SHA-256 ("" for none)."""

    items: tuple[Item, ...] = ()
    picture: str = ""
    columns: int = COLUMNS
    rows: int = ROWS

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to see."""
        return not self.items and not self.picture

    def layers(self) -> list[Item]:
        """The things as they are painted: corridors and roads first."""
        return sorted(self.items, key=lambda item: item.thing not in GROUND)

    def hall(self, number: str) -> Item | None:
        """Where a hall is drawn."""
        return next((item for item in self.items if item.thing is Thing.HALL and item.text == number), None)


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor: its number, a name where it has one ("" for none), its plan."""

    number: int
    name: str = ""
    drawing: Drawing = field(default_factory=Drawing)


@dataclass(frozen=True, slots=True)
class BuildingPlan:
    """The site with the building's entrance, and the floors from the lowest up."""

    site: Drawing = field(default_factory=Drawing)
    floors: tuple[Floor, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing is drawn and no floor is named."""
        return self.site.is_empty and not self.floors

    def floor(self, number: int) -> Floor | None:
        """A floor by its number."""
        return next((known for known in self.floors if known.number == number), None)

    def pictures(self) -> frozenset[str]:
        """The SHA-256 of every picture that a drawing lies on."""
        drawings = (self.site, *(known.drawing for known in self.floors))
        return frozenset(drawing.picture for drawing in drawings if drawing.picture)

    def with_floor(self, new: Floor) -> BuildingPlan:
        """The plan with this floor in place of the one of its number."""
        others = [known for known in self.floors if known.number != new.number]
        return replace(self, floors=tuple(sorted((*others, new), key=lambda known: known.number)))

    def without_hall(self, number: str) -> BuildingPlan:
        """The plan without a hall, wherever it is drawn."""
        return self._with_halls(lambda item: None if item.text == number else item)

    def renamed_hall(self, old: str, new: str) -> BuildingPlan:
        """The plan with a hall under its new number."""
        return self._with_halls(lambda item: replace(item, text=new) if item.text == old else item)

    def _with_halls(self, change: Any) -> BuildingPlan:
        floors = []
        for known in self.floors:
            items = (change(item) if item.thing is Thing.HALL else item for item in known.drawing.items)
            kept = tuple(item for item in items if item is not None)
            floors.append(replace(known, drawing=replace(known.drawing, items=kept)))
        return replace(self, floors=tuple(floors))


# -- drawing -------------------------------------------------------------------------------------------------------


def fitted(item: Item, drawing: Drawing) -> Item:
    """The thing inside the drawing, at least one cell large."""
    width, height = min(max(1, item.width), drawing.columns), min(max(1, item.height), drawing.rows)
    left = min(max(0, item.left), drawing.columns - width)
    top = min(max(0, item.top), drawing.rows - height)
    return replace(item, left=left, top=top, width=width, height=height)


def added(drawing: Drawing, item: Item) -> Drawing:
    """The drawing with one thing more."""
    return replace(drawing, items=(*drawing.items, fitted(item, drawing)))


def changed(drawing: Drawing, index: int, item: Item) -> Drawing:
    """The drawing with another thing in place of the one at `index`."""
    items = list(drawing.items)
    items[index] = fitted(item, drawing)
    return replace(drawing, items=tuple(items))


def removed(drawing: Drawing, index: int) -> Drawing:
    """The drawing without the thing at `index`."""
    return replace(drawing, items=drawing.items[:index] + drawing.items[index + 1 :])


def item_at(drawing: Drawing, column: int, row: int) -> int | None:
    """The index of the thing on top in a cell."""
    order = sorted(range(len(drawing.items)), key=lambda i: (drawing.items[i].thing not in GROUND, i))
    return next((i for i in reversed(order) if drawing.items[i].covers(column, row)), None)


def hall_place(drawing: Drawing, number: str) -> Item:
    """A free spot for one hall more, from the top left on; a smaller one where there is none, else the corner."""
    taken = [item for item in drawing.items if item.thing not in GROUND]
    for width, height in _HALL_SIZES:
        for top in range(1, drawing.rows - height + 1):
            for left in range(1, drawing.columns - width + 1):
                spot = Item(Thing.HALL, left, top, width, height, number)
                around = Item(Thing.HALL, left - 1, top - 1, width + 2, height + 2)
                if not any(around.overlaps(other) for other in taken):
                    return spot
    return Item(Thing.HALL, 0, 0, *_HALL_SIZES[0], number)


# -- what is wrong -------------------------------------------------------------------------------------------------


def plan_warnings(plan: BuildingPlan, halls: Mapping[str, int]) -> list[Problem]:
    """What the drawings do not say yet, or say wrongly; `halls` are the building's with their floors."""
    found = []
    if plan.site.is_empty:
        found.append(Problem("site", N_("The site plan is not drawn.")))
    elif not any(item.thing is Thing.ENTRANCE for item in plan.site.items):
        found.append(Problem("site", N_("The entrance is not marked on the site plan.")))
    for number, level in sorted(halls.items()):
        known, params = plan.floor(level), (("hall", number), ("floor", level))
        if known is None:
            found.append(Problem("floor", N_("Hall {hall}: the building has no plan of floor {floor}."), params))
        elif known.drawing.hall(number) is None:
            found.append(Problem("floor", N_("Hall {hall} is not on the plan of floor {floor}."), params))
    for known in plan.floors:
        found += _floor_warnings(known, halls)
    return found


def _floor_warnings(level: Floor, halls: Mapping[str, int]) -> list[Problem]:
    drawn = [item for item in level.drawing.items if item.thing is Thing.HALL]
    found = [
        Problem("floor", N_("The plan of floor {floor} shows hall {hall}, which is not there."),
                (("hall", item.text), ("floor", level.number)))
        for item in drawn if halls.get(item.text) != level.number
    ]  # fmt: skip
    found += [
        Problem("floor", N_("Halls {first} and {second} lie on one another on the plan."),
                (("first", item.text), ("second", other.text)))
        for n, item in enumerate(drawn) for other in drawn[n + 1 :] if item.overlaps(other)
    ]  # fmt: skip
    return found


def structure_problems(plan: BuildingPlan) -> list[Problem]:
    """What makes a plan one that cannot be kept: a floor or a hall twice, a floor that no hall can be on."""
    numbers = [known.number for known in plan.floors]
    twice_floors = len(numbers) != len(set(numbers)) or len(numbers) > MOST_FLOORS
    if twice_floors or any(not LOWEST <= number <= HIGHEST for number in numbers):
        return [Problem("plan_json", N_("The plan is damaged."))]
    halls = [i.text for known in plan.floors for i in known.drawing.items if i.thing is Thing.HALL]
    twice = sorted({number for number in halls if halls.count(number) > 1})
    return [Problem("plan_json", N_("Hall {hall} is drawn twice."), (("hall", number),)) for number in twice[:3]]


# -- JSON ----------------------------------------------------------------------------------------------------------


def plan_json(plan: BuildingPlan) -> str:
    """The plan as it is stored and carried."""
    return json.dumps(plan_data(plan), ensure_ascii=False, separators=(",", ":"))


def plan_data(plan: BuildingPlan) -> dict[str, Any]:
    """The plan as plain data."""
    floors = [{"number": level.number, "name": level.name, **_drawing_data(level.drawing)} for level in plan.floors]
    return {"site": _drawing_data(plan.site), "floors": floors}


def read_plan(text: str) -> BuildingPlan | None:
    """A plan from its JSON; None when it is none."""
    try:
        return plan_from(json.loads(text))
    except (ValueError, RecursionError):
        return None


def plan_from(data: Any) -> BuildingPlan | None:
    """A plan from plain data; None when it is none."""
    if not isinstance(data, dict) or data.keys() != {"site", "floors"} or not isinstance(data["floors"], list):
        return None
    site, floors = _drawing(data["site"], SITE_THINGS), [_floor(level) for level in data["floors"]]
    if site is None or None in floors:
        return None
    plan = BuildingPlan(site, tuple(level for level in floors if level is not None))
    return None if structure_problems(plan) else plan


def _drawing_data(drawing: Drawing) -> dict[str, Any]:
    items = [[i.thing.value, i.left, i.top, i.width, i.height, i.text] for i in drawing.items]
    return {"columns": drawing.columns, "rows": drawing.rows, "items": items, "picture": drawing.picture}


def _floor(data: Any) -> Floor | None:
    if not isinstance(data, dict) or type(data.get("number")) is not int or not _short(data.get("name")):
        return None
    rest = {key: value for key, value in data.items() if key not in ("number", "name")}
    drawing = _drawing(rest, FLOOR_THINGS)
    return Floor(data["number"], data["name"], drawing) if drawing else None


def _drawing(data: Any, things: tuple[Thing, ...]) -> Drawing | None:
    if not isinstance(data, dict) or data.keys() != {"columns", "rows", "items", "picture"}:
        return None
    columns, rows, items, picture = data["columns"], data["rows"], data["items"], data["picture"]
    if not all(type(n) is int and 4 <= n <= 100 for n in (columns, rows)) or not isinstance(items, list):
        return None
    if not isinstance(picture, str) or not _PICTURE.fullmatch(picture) or len(items) > MOST_ITEMS:
        return None
    made = [_item(item, things, columns, rows) for item in items]
    return None if None in made else Drawing(tuple(i for i in made if i is not None), picture, columns, rows)


def _item(data: Any, things: tuple[Thing, ...], columns: int, rows: int) -> Item | None:
    if not isinstance(data, list) or len(data) != 6 or data[0] not in things or not _short(data[5]):
        return None
    if not all(type(n) is int for n in data[1:5]):
        return None
    item = Item(Thing(data[0]), *data[1:])
    inside = item.left >= 0 and item.top >= 0 and item.width > 0 and item.height > 0
    return item if inside and item.left + item.width <= columns and item.top + item.height <= rows else None


def _short(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= MOST_TEXT and text.isprintable()
