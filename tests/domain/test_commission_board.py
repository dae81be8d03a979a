"""The state commission's numbers (p.6) and the dates of the board (p.21-25)."""

from __future__ import annotations

from datetime import date

import pytest

from mab_desktop.domain.board import DUTIES, ITEMS, CellState, cell_state
from mab_desktop.domain.commission import commission_problems, has_quorum

FULL = [{"role": "chair"}, {"role": "secretary"}, *({"role": "member"} for _ in range(5))]


def test_seven_vote_observers_do_not_count() -> None:
    assert commission_problems([*FULL, {"role": "observer"}]) == []
    problems = commission_problems([*FULL[:-1], {"role": "observer"}, {"role": "observer"}])
    assert [p.message("en") for p in problems] == [
        "The state commission has 6 voting members; at least 7 are needed."
    ]
    assert len(commission_problems([*FULL, {"role": "chair"}])) == 1
    assert len(commission_problems([{"role": "member"}] * 9)) == 2


@pytest.mark.parametrize(("present", "members", "counts"), [(5, 7, True), (4, 7, False), (6, 9, True), (0, 0, False)])
def test_quorum_is_two_thirds_of_all(present: int, members: int, counts: bool) -> None:
    assert has_quorum(present, members) is counts


@pytest.mark.parametrize(
    ("received", "today", "state"),
    [
        ("", date(2011, 3, 1), CellState.OPEN),
        ("", date(2011, 4, 5), CellState.DUE),
        ("", date(2011, 4, 9), CellState.DUE),
        ("", date(2011, 4, 10), CellState.LATE),
        ("2011-04-09T18:00:00+06:00", date(2011, 4, 20), CellState.DONE),
        ("2011-04-10T09:00:00+06:00", date(2011, 4, 20), CellState.LATE_DONE),
    ],
)
def test_the_database_is_due_before_10_april(received: str, today: date, state: CellState) -> None:
    assert cell_state(ITEMS["database"], received, today, 2011) is state


def test_an_item_without_a_date_is_never_late() -> None:
    assert cell_state(ITEMS["program"], "", date(2011, 12, 31), 2011) is CellState.OPEN


def test_there_are_fourteen_duties() -> None:
    assert [duty.number for duty in DUTIES] == list(range(1, 15))
