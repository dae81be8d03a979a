"""A stranger at the ministry programmer's PC: every step out of its order is refused with its paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import pytest

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.shift import obstacles
from mab_desktop.services import (
    appeal_portions,
    appeals,
    attendance,
    documents_exam,
    doubtful,
    envelopes,
    exam_acts,
    exam_clock,
    identification,
    keys,
    results,
    seating,
    shifts,
)
from tests.conftest import MakeContext
from tests.services.exam_room import CHAIR, FIRST_DAY, MINISTRY, SEAT_PASSWORD, Room, filled, make_room, own_marks
from tests.services.exam_room import password as whole
from tests.services.test_exam_shift import to_results

PARAGRAPH = re.compile(r"p\.\d")


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """The eve of the first of three shifts; one hall of three students."""
    return make_room(make_context, tmp_path / "scans", {"101": 3}, shift_count=3)


def steps(room: Room) -> dict[str, Callable[[], Any]]:
    """Everything that somebody may press, by a name."""
    ctx, rep = room.ctx, room.representative
    code = min(room.codes.values())
    return {
        "freeze-2": lambda: seating.freeze_seating(ctx, 2),
        "draw": lambda: seating.draw_seating(ctx, 1, whole(SEAT_PASSWORD)),
        "draw-2": lambda: seating.draw_seating(ctx, 2, whole(SEAT_PASSWORD)),
        "open": lambda: shifts.open_shift(ctx, 1),
        "open-2": lambda: shifts.open_shift(ctx, 2),
        "clock": lambda: exam_clock.start(ctx, 1),
        "count": lambda: attendance.save_count(ctx, 1, "101", {}),
        "act": lambda: exam_acts.enter(
            ctx, 1, "101", "removal", "1", exam_acts.begin(ctx, 1, "101", "removal")
        ),
        "envelope": lambda: envelopes.receive_envelope(ctx, 1, "101", 3, 0),
        "pass": lambda: envelopes.scan_pass(ctx, 1, "101", 1, []),
        "mark": lambda: doubtful.decide_mark(ctx, room.serial(1), "subject1", 0, ["A"]),
        "protocol": lambda: identification.issue_protocol(ctx, 1, "101"),
        "sign": lambda: identification.sign_protocol(ctx, 1, "101", 1, ["Бірінші"]),
        "absent": lambda: identification.mark_absent(ctx, 1, "101", [min(room.codes)]),
        "confirm": lambda: shifts.confirm_identification(rep, 1),
        "key": lambda: keys.open_key(ctx, 1, whole(MINISTRY), whole(CHAIR), "Төраға Төраев"),
        "points": lambda: results.score_shift(ctx, 1),
        "announce": lambda: shifts.announce_results(ctx, 1),
        "application": lambda: appeals.register_appeal(ctx, 1, code, [(1, 1)]),
        "portion": lambda: appeal_portions.hand_over(ctx, 1),
        "close-appeal": lambda: shifts.close_appeal(ctx, 1),
        "close": lambda: shifts.close_shift(ctx, 1),
        "paper of the seats": lambda: documents_exam.print_seating_sheets(ctx, 1, "101"),
        "paper of the key": lambda: documents_exam.print_answer_key(ctx, 1),
        "paper of the results": lambda: documents_exam.print_results(ctx, 1),
        "paper of the final results": lambda: documents_exam.print_results(ctx, 1, after=True),
        "paper of the protocol": lambda: documents_exam.print_protocol(ctx, 1, "101"),
        "cards": lambda: documents_exam.print_cards(ctx, 1),
        "register": lambda: documents_exam.print_register(ctx, 1),
        "minutes": lambda: documents_exam.print_minutes(ctx, 1),
        "daily statistics": lambda: documents_exam.print_daily(ctx, 1),
    }


def push_all(room: Room, *allowed: str) -> None:
    """Each step but those in their turn is refused, names its paragraph and leaves nothing in the log."""
    before = room.ctx.store.log_head()
    for name, push in steps(room).items():
        if name not in allowed:
            with pytest.raises(UserError) as caught:
                push()
            assert PARAGRAPH.search(caught.value.message("en")), (name, caught.value.message("en"))
            assert room.ctx.store.log_head() == before, name


def test_on_the_eve_nothing_of_the_day_can_be_done(room: Room) -> None:
    push_all(room)
    room.seat()
    push_all(room, "act", "paper of the seats")  # the first materials come on the eve (p.30)


def test_on_the_day_nothing_goes_before_its_turn(room: Room) -> None:
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    allowed = ("act", "clock", "count", "envelope", "paper of the seats")
    push_all(room, *allowed)
    sheets = [(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())]
    room.scan([*sheets[:2], (room.serial(3), {})])
    room.sign()
    push_all(room, *allowed, "protocol", "sign", "absent", "paper of the protocol")
    shown = obstacles("close-identification", shifts.shift_facts(room.ctx, 1))
    assert all(PARAGRAPH.search(problem.message("en")) for problem in shown)


def test_half_a_minute_late_is_late_and_does_not_read_as_in_time(room: Room) -> None:
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    room.scan([(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())])
    to_results(room)
    until = shifts.appeal_deadline(room.ctx, 1)
    assert until is not None
    assert shifts.appeal_considered_until(room.ctx, 1) == until + timedelta(days=1)  # within one day (p.41)
    first, second, _third = room.lines()
    room.ctx.clock.set(until + timedelta(minutes=1))  # type: ignore[attr-defined]
    with pytest.raises(Refused, match=r"until 11\.05\.2011 13:00; this one came at 11\.05\.2011 13:00:30 \(p\.41\)"):
        appeals.register_appeal(room.ctx, 1, first.code, [(1, 1)], until + timedelta(seconds=30))
    appeals.register_appeal(room.ctx, 1, first.code, [(1, 1)], until)  # the journal says 13:00; typed a minute later
    with pytest.raises(Refused, match=r"in the journal already \(p\.41\)"):
        appeals.register_appeal(room.ctx, 1, first.code, [(1, 1)], until)
    room.day(FIRST_DAY, 13)  # the clock is set back by a day: what came after is not undone
    with pytest.raises(Refused, match=r"this one came at 11\.05\.2011 13:01"):
        appeals.register_appeal(room.ctx, 1, second.code, [(1, 1)])


def test_turned_sheets_and_another_order_are_the_same_envelope(room: Room) -> None:
    """Pass 2 has two sheets exchanged and one upside down: each is compared with itself, and its place is kept."""
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 0)
    first, second, third = (filled(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines()))
    for number, pile in ((1, (first, second, third)), (2, (second, first, cv2.rotate(third, cv2.ROTATE_180)))):
        paths = [room.folder / f"{number}-{n}.png" for n in range(3)]
        room.folder.mkdir(exist_ok=True)
        for path, image in zip(paths, pile, strict=True):
            cv2.imwrite(str(path), image)
        envelopes.scan_pass(room.ctx, 1, "101", number, paths)
    seen = envelopes.comparison(room.ctx, 1, "101")
    assert (seen.merged, seen.differing) == (True, {})
    places = [line.serial for line in envelopes.page_lines(room.ctx, 1, "101", 2)]
    assert places == [room.serial(2), room.serial(1), room.serial(3)]
    assert identification.issue_protocol(room.ctx, 1, "101").last
