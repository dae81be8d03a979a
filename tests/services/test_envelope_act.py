"""An envelope by its act: counts, a difference with its reason, differing passes, places, the printed balance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.services import documents_balance, doubtful, envelopes, exam_acts, pass_differences
from mab_desktop.services.sheet_places import find_sheets
from tests.conftest import MakeContext
from tests.forms import printed_page
from tests.services.envelope_stand import open_shift
from tests.services.exam_room import Room, make_room, own_marks

SHEET = layout(default_profile())


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; hall 101 with three students."""
    return open_shift(make_room(make_context, tmp_path / "scans", {"101": 3}))


def enter_act(room: Room, used: int, unused: int) -> None:
    begun = exam_acts.begin(room.ctx, 1, "101", "materials-returned")
    counts = (used, unused, 1, 3, 1, 1, 0)
    rows = tuple((str(n), "түсіндірме") for n in counts)
    content = replace(begun, rows=rows, given_by=("Кезекші", ""), taken_by=("Өкіл",))
    exam_acts.enter(room.ctx, 1, "101", "materials-returned", "7", content)


def scan_twice(room: Room) -> list[str]:
    """Three used sheets and a blank one; pass 2 does not see one answer and one digit of the seat of the first."""
    lines = room.lines()
    marks = [own_marks(line) for line in lines]
    second = marks[0] | {"subject2": marks[0]["subject2"][:24] + "-", "seat": marks[0]["seat"][:2] + "-"}
    serials = [room.serial(n + 1) for n in range(4)]
    for number, first in ((1, marks[0]), (2, second)):
        sheets = list(zip(serials, [first, *marks[1:], {}], strict=True))
        envelopes.scan_pass(room.ctx, 1, "101", number, room.images(sheets, f"p{number}"))
    return serials


def test_the_acts_counts_are_known_and_others_need_a_reason(room: Room) -> None:
    assert envelopes.balance(room.ctx, 1, "101").balance.act_used is None
    enter_act(room, 3, 2)
    b = envelopes.balance(room.ctx, 1, "101").balance
    assert (b.act_number, b.act_used, b.act_unused) == ("7", 3, 2)
    assert b.used is None  # nothing is received by itself
    with pytest.raises(UserError) as caught:
        envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    assert caught.value.message("en").startswith(
        "Act No 7 says 3 used and 2 unused sheets; 3 and 1 were entered. Nothing was saved."
    )
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1, "бір бос парақ екі рет саналған")
    scan_twice(room)
    line = envelopes.balance(room.ctx, 1, "101")
    assert [problem.field for problem in line.problems] == ["identified", "students"]
    assert "бір бос парақ" in line.remarks[0].message("en")
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 2)  # the act's counts need none, and the old one goes
    line = envelopes.balance(room.ctx, 1, "101")
    assert line.remarks == ()
    assert [problem.field for problem in line.problems][:2] == ["pass1", "pass2"]


def test_an_act_that_comes_after_the_envelope_and_says_otherwise_blocks_the_hall(room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    enter_act(room, 3, 3)
    (problem, _pass1) = envelopes.balance(room.ctx, 1, "101").problems
    assert problem.message("en").startswith("Unused sheets: 1 in the envelope, 3 by the act, difference −2.")


def test_every_difference_of_the_passes_is_listed_with_both_readings_and_settled_by_eye(room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    serials = scan_twice(room)
    found = pass_differences.pass_differences(room.ctx, 1, "101")
    assert {(one.mark.field, one.mark.column) for one in found} == {("subject2", 24), ("seat", 2)}
    assert all((one.mark.serial, one.position, one.open) == (serials[0], 1, True) for one in found)
    for one in found:
        assert one.mark.first.mark != one.mark.second.mark == "-"
        doubtful.decide_mark(room.ctx, one.mark.serial, one.mark.field, one.mark.column, [one.mark.first.mark])
    settled = pass_differences.pass_differences(room.ctx, 1, "101")
    assert not any(one.open for one in settled)
    assert [one.counts for one in settled] == [one.mark.first.mark for one in found]
    assert envelopes.balance(room.ctx, 1, "101").balanced  # the seat counts again: all three are identified


def test_a_speck_that_one_pass_saw_on_an_unused_sheet_waits_for_nobody(room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    serials = [room.serial(n + 1) for n in range(4)]
    sheets = list(zip(serials, [*map(own_marks, room.lines()), {}], strict=True))
    bubble = next(b for b in SHEET.bubbles if (b.field, b.column, b.value) == ("subject1", 6, "C"))
    for number in (1, 2):
        images = room.images(sheets, f"p{number}")
        if number == 2:
            image = cv2.imread(str(images[3]), cv2.IMREAD_GRAYSCALE)
            assert image is not None
            dots = image.shape[1] / 210
            cv2.circle(image, (round(bubble.x * dots), round((bubble.y + 0.9) * dots)), round(0.5 * dots), 90, -1)
            cv2.imwrite(str(images[3]), image)
        envelopes.scan_pass(room.ctx, 1, "101", number, images)
    (speck,) = pass_differences.pass_differences(room.ctx, 1, "101")
    assert (speck.mark.serial, speck.mark.column, speck.open, speck.speck) == (serials[3], 6, False, True)
    assert speck.decidable  # whoever sees a mark there says so


def test_a_sheet_is_found_by_student_code_or_serial_with_its_place_in_both_passes(room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    serials = scan_twice(room)
    second = room.lines()[1]
    for words in (second.code, second.name.split()[0].lower(), serials[1], serials[1][-4:]):
        (place,) = find_sheets(room.ctx, 1, words)
        assert (place.hall, place.serial, place.name) == ("101", serials[1], second.name)
        assert (place.first, place.second) == (2, 2)
    (unfound,) = find_sheets(room.ctx, 1, room.lines()[0].code)  # his seat is in doubt
    assert (unfound.serial, unfound.first) == ("", 0)
    assert find_sheets(room.ctx, 1, "жоқ адам") == find_sheets(room.ctx, 1, " ") == []


def test_the_balance_prints_as_it_stands(room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 2)
    scan_twice(room)
    made = documents_balance.print_balance(room.ctx, 1, "101")
    pages = printed_page.texts(made.pdf)
    assert len(pages) == made.copies == 2
    assert "−1" in pages[0]
    assert printed_page.texts(documents_balance.print_balance(room.ctx, 1).pdf)[0][:200] == pages[0][:200]
