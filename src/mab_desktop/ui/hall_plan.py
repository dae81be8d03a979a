"""A hall's plan: places in a grid, coloured and shaped by state; hover tells, click opens, arrows walk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.i18n import N_


class SeatState(StrEnum):
    """What a place is. AISLE is empty floor, CLOSED a pillar or a reserved place."""

    FREE = "free"
    TAKEN = "taken"
    DONE = "done"
    ABSENT = "absent"
    WRONG = "wrong"
    CLOSED = "closed"
    AISLE = "aisle"


SEAT_WORDS = {
    SeatState.FREE: N_("Free"),
    SeatState.TAKEN: N_("Taken"),
    SeatState.DONE: N_("Done"),
    SeatState.ABSENT: N_("Absent"),
    SeatState.WRONG: N_("To be checked"),
    SeatState.CLOSED: N_("Closed place"),
    SeatState.AISLE: N_("Aisle"),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """One place: row and column from 0 seen from the board, what is written on it, what hover says."""

    row: int
    column: int
    number: str = ""
    state: SeatState = SeatState.FREE
    hover: str = ""


# HallPlan(parent).show_plan(rows, columns, seats, board="…") ; signals seat_chosen(int row, int column), cells_chosen(list)
