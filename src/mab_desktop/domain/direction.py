"""Signs that show the way to the halls (p.24): arrows, ranges of hall numbers, and the signs a building needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.building_plan import Drawing, Thing
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_


class Arrow(StrEnum):
    """Where a sign points, as seen by the person before it."""

    UP = "up"
    UP_RIGHT = "up-right"
    RIGHT = "right"
    DOWN_RIGHT = "down-right"
    DOWN = "down"
    DOWN_LEFT = "down-left"
    LEFT = "left"
    UP_LEFT = "up-left"
    STAIRS_UP = "stairs-up"
    STAIRS_DOWN = "stairs-down"


ARROW_WORDS = {
    Arrow.UP: N_("↑ straight on"),
    Arrow.UP_RIGHT: N_("↗ right ahead"),
    Arrow.RIGHT: N_("→ to the right"),
    Arrow.DOWN_RIGHT: N_("↘ right and back"),
    Arrow.DOWN: N_("↓ back"),
    Arrow.DOWN_LEFT: N_("↙ left and back"),
    Arrow.LEFT: N_("← to the left"),
    Arrow.UP_LEFT: N_("↖ left ahead"),
    Arrow.STAIRS_UP: N_("Up the stairs"),
    Arrow.STAIRS_DOWN: N_("Down the stairs"),
}

SIGN = RecordSpec(
    "direction-sign",
    N_("Direction sign"),
    (
        Field("building", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        Field("place", N_("Where it hangs"), required=True, max_length=80),
        Field("arrow", N_("Arrow"), Kind.CODE, required=True, max_length=12, choices="arrow"),
        Field("halls", N_("Halls, like 101–112, 115"), required=True, max_length=120),
        Field("words", N_("Words below"), max_length=80),
    ),
)


@dataclass(frozen=True, slots=True)
class PlacedHall:
    """A hall on its floor; `left` tells on which side of the entrance its place on the floor plan lies."""

    number: str
    floor: int
    left: bool | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sign that a building needs: on which floor it hangs, where it points, to which halls, which floor they are on.

    `floor` equal to `to_floor`: it hangs there at the stairs; else at the entrance floor, towards the stairs.
    """

    floor: int
    to_floor: int
    arrow: Arrow
    halls: str


def left_of_stairs(drawing: Drawing, number: str) -> bool | None:
    """Whether a hall lies left of who comes from the stairs (or, without any, the entrance) and looks into the floor.

    None where the plan shows no hall, no stairs, or the hall straight ahead.
    """
    hall = drawing.hall(number)
    for thing in (Thing.STAIRS, Thing.ENTRANCE):
        start = next((item for item in drawing.items if item.thing is thing), None)
        if hall is None or start is None:
            continue
        across = (2 * hall.left + hall.width) - (2 * start.left + start.width)
        looks_up = 2 * start.top + start.height >= drawing.rows
        return None if across == 0 else (across < 0) == looks_up
    return None


def ranges(numbers: Iterable[str]) -> str:
    """Hall numbers in short: «101–104, 110»; numbers that follow each other make a range."""
    found: list[list[int]] = []
    for number in sorted({int(n) for n in numbers}):
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(_range(run) for run in found)


def _range(run: Sequence[int]) -> str:
    if len(run) == 1:
        return str(run[0])
    return f"{run[0]}–{run[-1]}" if len(run) > 2 else f"{run[0]}, {run[-1]}"


def suggested(halls: Sequence[PlacedHall], entrance: int = 1) -> list[Suggestion]:
    """The signs of a building: at the entrance by the stairs to each other floor, then on each floor left and right."""
    found = []
    floors = sorted({hall.floor for hall in halls})
    for floor in floors:
        if floor != entrance:
            arrow = Arrow.STAIRS_UP if floor > entrance else Arrow.STAIRS_DOWN
            here = ranges(hall.number for hall in halls if hall.floor == floor)
            found.append(Suggestion(entrance, floor, arrow, here))
    for floor in floors:
        for arrow, numbers in _sides([hall for hall in halls if hall.floor == floor]):
            found.append(Suggestion(floor, floor, arrow, ranges(numbers)))
    return found


def _sides(halls: Sequence[PlacedHall]) -> list[tuple[Arrow, list[str]]]:
    """Left and right as the floor plan has them; without a plan the lower numbers left, one hall straight on."""
    if len(halls) == 1:
        return [(Arrow.UP, [halls[0].number])]
    ordered = sorted(halls, key=lambda hall: hall.number)
    half = -(-len(ordered) // 2)
    sides: dict[Arrow, list[str]] = {Arrow.LEFT: [], Arrow.RIGHT: []}
    for place, hall in enumerate(ordered):
        left = hall.left if hall.left is not None else place < half
        sides[Arrow.LEFT if left else Arrow.RIGHT].append(hall.number)
    return [(arrow, numbers) for arrow, numbers in sides.items() if numbers]
