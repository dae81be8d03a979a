"""What the shifts' machine found at the edges of a day: nobody comes, the envelope is scanned anew, a right answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.identification import LineState
from mab_desktop.services import (
    appeals,
    attendance,
    documents_exam,
    documents_results,
    envelopes,
    identification,
    keys,
    results,
    shifts,
)
from tests.conftest import MakeContext
from tests.services.exam_room import (
    CHAIR,
    FIRST_DAY,
    MINISTRY,
    VARIANTS,
    Room,
    give_key,
    make_room,
    own_marks,
    password,
)
from tests.services.test_exam_shift import to_results


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; one hall of two students."""
    return opened(make_room(make_context, tmp_path / "scans", {"101": 2}))


def opened(made: Room) -> Room:
    made.seat()
    made.day(FIRST_DAY, 12)
    shifts.open_shift(made.ctx, 1)
    return made


def test_a_shift_to_which_nobody_came_goes_its_way(room: Room) -> None:
    room.scan([(room.serial(n), {}) for n in (1, 2)])
    room.sign()
    identification.mark_absent(room.ctx, 1, "101", [line.student for line in room.lines()])
    room.finish_identification()
    give_key(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    assert results.score_shift(room.ctx, 1) == 0
    documents_results.print_results(room.ctx, 1)
    shifts.announce_results(room.ctx, 1)
    room.day(FIRST_DAY + timedelta(days=1), 14)
    shifts.close_appeal(room.ctx, 1)
    documents_results.print_results(room.ctx, 1, after=True)


def test_who_was_sent_out_without_a_sheet_is_no_open_line_and_did_not_fail_to_come(room: Room) -> None:
    """He signed the seating and the variant sheet, by which p.38 finds who did not come: the act explains the line."""
    first, second = room.lines()
    attendance.remove_student(room.ctx, 1, second.code, "09:40", "Парақты жыртты", "7")
    room.scan([(room.serial(1), own_marks(first)), (room.serial(2), {})])
    result = identification.hall_view(room.ctx, 1, "101").result
    assert [(line.place.code, line.remark) for line in result.missing] == [(second.code, LineState.REMOVED)]
    room.sign()
    with pytest.raises(UserError, match="open line"):
        identification.mark_absent(room.ctx, 1, "101", [second.student])
    assert identification.issue_last(room.ctx, 1, "101").open_lines == 0
    paper = documents_exam.print_protocol(room.ctx, 1, "101")
    with pypdfium2.PdfDocument(paper.pdf) as pages:
        assert "Removed from the hall" in pages[0].get_textpage().get_text_bounded().replace("\r\n", " ")
    assert envelopes.balance(room.ctx, 1, "101").balanced


def test_result_sheets_wait_for_the_points(room: Room) -> None:
    room.scan([(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())])
    room.finish_identification()
    give_key(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    with pytest.raises(OutOfOrder, match=r"not counted yet \(p\.39\)"):
        documents_results.print_results(room.ctx, 1)


def test_words_about_sheets_that_were_scanned_anew_need_a_protocol_about_those(room: Room) -> None:
    """«Келмеді» from a protocol signed before the second scanning would stand on one who has a sheet."""
    first, second = room.lines()
    room.scan([(room.serial(1), own_marks(first)), (room.serial(2), {})])
    room.sign()
    envelopes.discard_pass(room.ctx, 1, "101", 1, "the feeder took two")
    with pytest.raises(OutOfOrder, match="not scanned or do not agree"):
        identification.mark_absent(room.ctx, 1, "101", [second.student])
    room.scan([(room.serial(1), own_marks(first)), (room.serial(2), own_marks(second))])
    with pytest.raises(OutOfOrder, match="scanned after this version"):
        identification.mark_absent(room.ctx, 1, "101", [second.student])
    room.finish_identification()


def test_a_right_answer_that_was_appealed_contradicts_nobody(make_context: MakeContext, tmp_path: Path) -> None:
    """Ground 5 to one; the other of the variant answered by the key: he needs no point and stops nothing."""
    room = opened(make_room(make_context, tmp_path / "scans", {"101": 2 * len(VARIANTS)}))
    lines = room.lines()
    wrong = lines[0]
    right = next(line for line in lines[1:] if line.variant == wrong.variant)
    room.scan([(room.serial(n + 1), own_marks(line, wrong=line is wrong)) for n, line in enumerate(lines)])
    to_results(room)
    chair = appeals.save_member(room.ctx, {"full_name": "Апелляция Төрағасы", "chair": True})
    first, second = (appeals.register_appeal(room.ctx, 1, line.code, [(1, 1)]) for line in (wrong, right))
    word = ItemDecision(1, 1, True, Ground.WRONG_ITEM, reasons="Шарты қате", literature="Оқулық, 12-бет")
    appeals.decide_appeal(room.ctx, first.id, [word], [chair])
    assert appeals.to_be_given(room.ctx, first.id) == []
    appeals.decide_appeal(room.ctx, second.id, [ItemDecision(1, 1, False)], [chair])
    room.day(FIRST_DAY + timedelta(days=1), 14)
    shifts.close_appeal(room.ctx, 1)
