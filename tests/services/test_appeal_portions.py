"""Applications go to the commission in portions, and their papers come back (p.36.1, p.42, p.44.1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.domain.appeal import ItemDecision
from mab_desktop.domain.errors import OutOfOrder, Refused
from mab_desktop.services import appeal_portions, appeals, shifts
from mab_desktop.services.documents_appeals import print_appeal_act, print_cards, print_register
from tests.conftest import MakeContext
from tests.services.exam_room import FIRST_DAY, Room, make_room, own_marks
from tests.services.test_exam_documents import pages, text_of
from tests.services.test_exam_shift import to_results


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Results are out; two of four students have applied."""
    room = make_room(make_context, tmp_path / "scans")
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    room.scan([(room.serial(n + 1), own_marks(line, wrong=1)) for n, line in enumerate(room.lines())])
    with pytest.raises(OutOfOrder, match=r"p\.40-44"):
        appeal_portions.hand_over(room.ctx, 1)
    to_results(room)
    appeals.save_member(room.ctx, {"full_name": "Апелляция Төрағасы", "chair": True})
    for line in room.lines()[:2]:
        appeals.register_appeal(room.ctx, 1, line.code, [(1, 1)])
    return room


def test_each_portion_holds_what_the_commission_had_not_got(room: Room) -> None:
    first = appeal_portions.hand_over(room.ctx, 1)
    assert (first.n, first.first, first.last, first.applications) == (1, 1, 2, 2)
    with pytest.raises(OutOfOrder, match="every application of the journal already"):
        appeal_portions.hand_over(room.ctx, 1)
    third = room.lines()[2].code
    appeals.register_appeal(room.ctx, 1, third, [(1, 1)])
    assert appeal_portions.waiting(room.ctx, 1) == 1
    second = appeal_portions.hand_over(room.representative, 1)
    assert (second.n, second.first, second.last) == (2, 3, 3)
    assert [line.portion for line in appeals.journal(room.ctx, 1)] == [1, 1, 2]
    register = text_of(print_register(room.ctx, 1, 2))
    assert third in register
    assert room.lines()[0].code not in register
    assert pages(print_cards(room.ctx, 1, portion=1)) == 2
    assert pages(print_cards(room.ctx, 1)) == 3
    with pytest.raises(OutOfOrder, match="Portion 3 of shift 1 was not handed"):
        print_register(room.ctx, 1, 3)


def test_sheets_that_came_back_are_counted_and_what_differs_is_explained(room: Room) -> None:
    appeal_portions.hand_over(room.ctx, 1)
    given = text_of(print_appeal_act(room.ctx, 1, 1))
    assert "Апелляция Төрағасы" in given
    with pytest.raises(Refused, match="2 original sheets were handed over, 1 came back"):
        appeal_portions.give_back(room.ctx, 1, 1, 1)
    back = appeal_portions.give_back(room.ctx, 1, 1, 1, "one is at the chair's")
    assert (back.sheets, back.remark) == (1, "one is at the chair's")
    assert "one is at the chair's" in text_of(print_appeal_act(room.ctx, 1, 1))
    assert appeal_portions.give_back(room.ctx, 1, 1, 2).sheets == 2
    assert appeal_portions.portions(room.ctx, 1)[0].remark == ""
    assert room.ctx.store.verify_log() is None


def test_a_portion_is_taken_back_only_while_nothing_of_it_was_heard(room: Room) -> None:
    with pytest.raises(OutOfOrder, match="was not handed"):
        appeal_portions.take_back(room.ctx, 1)
    appeal_portions.hand_over(room.ctx, 1)
    appeal_portions.take_back(room.ctx, 1)
    assert appeal_portions.portions(room.ctx, 1) == []
    appeal_portions.hand_over(room.ctx, 1)
    line, *_rest = appeals.journal(room.ctx, 1)
    appeals.decide_appeal(room.ctx, line.id, [ItemDecision(1, 1, False)], [m.id for m in appeals.members(room.ctx)])
    with pytest.raises(OutOfOrder, match="heard already"):
        appeal_portions.take_back(room.ctx, 1)
