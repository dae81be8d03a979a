"""An automatic ground gives its point to all whose application names the item, and to nobody else (p.43)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.domain.errors import OutOfOrder, Refused
from mab_desktop.services import appeals, results, shifts
from mab_desktop.services.appeals import AppealLine
from mab_desktop.services.documents_appeal_file import print_appeal_file
from tests.conftest import MakeContext
from tests.services.exam_room import FIRST_DAY, VARIANTS, Room, make_room, own_marks
from tests.services.test_exam_documents import pages, text_of
from tests.services.test_exam_shift import to_results

WRONG = ItemDecision(1, 1, True, Ground.WRONG_ITEM, reasons="Шарты қате", literature="Оқулық, 12-бет")


@pytest.fixture
def heard(make_context: MakeContext, tmp_path: Path) -> tuple[Room, list[AppealLine]]:
    """Results are out; everybody appeals against item 1 of subject 1. The first three hold one variant."""
    room = make_room(make_context, tmp_path / "scans", {"101": 3 * len(VARIANTS)})
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    lines = room.lines()
    room.scan([(room.serial(n + 1), own_marks(line, wrong=1)) for n, line in enumerate(lines)])
    to_results(room)
    same = [line for line in lines if line.variant == lines[0].variant]
    other = next(line for line in lines if line.variant != lines[0].variant)
    appeals.save_member(room.ctx, {"full_name": "Апелляция Төрағасы", "chair": True})
    return room, [appeals.register_appeal(room.ctx, 1, line.code, [(1, 1)]) for line in (*same[:3], other)]


def _members(room: Room) -> list[str]:
    return [member.id for member in appeals.members(room.ctx)]


def test_everybody_of_the_variant_gets_it_whether_heard_or_not(heard: tuple[Room, list[AppealLine]]) -> None:
    room, (first, decided, waiting, other) = heard
    appeals.decide_appeal(room.ctx, decided.id, [ItemDecision(1, 1, False)], _members(room))
    appeals.decide_appeal(room.ctx, other.id, [ItemDecision(1, 1, False)], _members(room))
    appeals.decide_appeal(room.ctx, first.id, [WRONG], _members(room))
    assert [line.id for line in appeals.to_be_given(room.ctx, first.id)] == [decided.id, waiting.id]
    given = appeals.give_to_all(room.ctx, first.id)
    assert [line.id for line in given] == [decided.id, waiting.id]
    assert appeals.to_be_given(room.ctx, first.id) == []
    assert results.result(room.ctx, decided.code).added[0] == 1
    assert results.result(room.ctx, other.code).added[0] == 0
    (begun,) = appeals.appeal(room.ctx, waiting.id).decisions
    assert (begun.satisfied, begun.ground, begun.reasons) == (True, Ground.WRONG_ITEM, "Шарты қате")
    appeals.decide_appeal(room.ctx, waiting.id, [begun], _members(room))
    assert results.result(room.ctx, waiting.code).added[0] == 1


def test_who_did_not_come_gets_nothing(heard: tuple[Room, list[AppealLine]]) -> None:
    room, (first, absent, waiting, _other) = heard
    appeals.decide_appeal(room.ctx, first.id, [WRONG], _members(room))
    appeals.give_to_all(room.ctx, first.id)
    appeals.mark_not_come(room.ctx, absent.id)
    assert results.result(room.ctx, absent.code).added[0] == 0
    assert appeals.appeal(room.ctx, absent.id).decisions == ()
    assert [line.id for line in appeals.to_be_given(room.ctx, first.id)] == []
    assert appeals.appeal(room.ctx, waiting.id).decisions != ()


def test_a_ground_of_one_alone_gives_to_nobody_else(heard: tuple[Room, list[AppealLine]]) -> None:
    room, (first, *_others) = heard
    key = appeals.card(room.ctx, first.code).subjects[0]
    word = ItemDecision(1, 1, True, Ground.OTHER_SOLUTION, "себебі", "Оқулық", key.answers[0])
    appeals.decide_appeal(room.ctx, first.id, [word], _members(room))
    assert appeals.to_be_given(room.ctx, first.id) == []
    assert appeals.give_to_all(room.ctx, first.id) == []


def test_the_file_of_an_appeal_tells_everything(heard: tuple[Room, list[AppealLine]]) -> None:
    room, (first, waiting, *_others) = heard
    begun = text_of(print_appeal_file(room.ctx, first.id))
    assert (first.name in begun, "Under consideration" in begun) == (True, True)
    appeals.decide_appeal(room.ctx, first.id, [ItemDecision(1, 1, False)], _members(room))
    appeals.undo_appeal(room.ctx, first.id)
    appeals.decide_appeal(room.ctx, first.id, [WRONG], _members(room))
    appeals.give_to_all(room.ctx, first.id)
    made = print_appeal_file(room.ctx, first.id)
    said = text_of(made)
    for words in ("Шарты қате", "Оқулық, 12-бет", "Апелляция Төрағасы", "Appeal decision taken back", "124 + 1 = 125"):
        assert words in said, words
    assert pages(made) >= 3  # both scans on pages of their own
    assert "Point of an automatic ground given to all" in " ".join(
        text_of(print_appeal_file(room.ctx, waiting.id)).split()
    )


def test_a_refusal_beside_an_automatic_ground_keeps_the_appeal_open(heard: tuple[Room, list[AppealLine]]) -> None:
    room, (first, decided, waiting, other) = heard
    appeals.decide_appeal(room.ctx, first.id, [WRONG], _members(room))
    for line in (decided, waiting, other):
        appeals.decide_appeal(room.ctx, line.id, [ItemDecision(1, 1, False)], _members(room))
    room.day(FIRST_DAY.replace(day=FIRST_DAY.day + 1), 14)
    with pytest.raises(OutOfOrder, match="automatic ground and refused"):
        shifts.close_appeal(room.ctx, 1)
    appeals.give_to_all(room.ctx, first.id)
    shifts.close_appeal(room.ctx, 1)


def test_on_a_tie_the_chair_decides_who_must_be_there_and_the_papers_say_so(
    heard: tuple[Room, list[AppealLine]],
) -> None:
    room, (first, second, *_others) = heard
    (chair,) = _members(room)
    member = appeals.save_member(room.ctx, {"full_name": "Мүше Мүшев"})
    tie = replace(WRONG, votes_for=1, votes_against=1)
    with pytest.raises(Refused, match="majority of all listed"):
        appeals.decide_appeal(room.ctx, first.id, [tie], [chair, member])
    with pytest.raises(Refused, match="not among those present"):
        appeals.decide_appeal(room.ctx, first.id, [replace(WRONG, votes_for=1, chair_for=True)], [member])
    appeals.decide_appeal(room.ctx, first.id, [replace(tie, chair_for=True)], [chair, member])
    assert appeals.appeal(room.ctx, first.id).decisions[0].chair_for
    assert "by the chair's vote" in " ".join(text_of(print_appeal_file(room.ctx, first.id)).split())
    appeals.decide_appeal(room.ctx, second.id, [WRONG], [chair, member])
    assert not appeals.appeal(room.ctx, second.id).decisions[0].chair_for
