"""A shift from seats to closing, through the services alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.identification import IdentityDecision, LineState
from mab_desktop.omr.problems import REFUSALS
from mab_desktop.services import appeals, doubtful, envelopes, identification, images, keys, results, seating, shifts
from mab_desktop.services.scans import page_problems
from mab_desktop.storage.tables.results import KeyLetters
from tests.conftest import MakeContext
from tests.services.exam_room import CHAIR, FIRST_DAY, MINISTRY, Room, give_key, make_room, own_marks, password


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; one hall of four students."""
    made = make_room(make_context, tmp_path / "scans")
    made.seat()
    made.day(FIRST_DAY, 12)
    shifts.open_shift(made.ctx, 1)
    return made


def to_results(room: Room) -> None:
    """From identified sheets to announced results."""
    room.finish_identification()
    give_key(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    results.score_shift(room.ctx, 1)
    room.print_as(shifts.RESULTS_BEFORE, 1)
    shifts.announce_results(room.ctx, 1)


def test_a_clean_hall_is_identified_scored_and_closed(room: Room) -> None:
    lines = room.lines()
    sheets = [(room.serial(n + 1), own_marks(line, wrong=n)) for n, line in enumerate(lines)]
    room.scan([*sheets, (room.serial(5), {}), (room.serial(6), {})])
    envelope = envelopes.balance(room.ctx, 1, "101")
    assert envelope.balanced
    assert (envelope.balance.used, envelope.balance.unused, envelope.balance.identified) == (4, 2, 4)
    to_results(room)
    points = {line.code: (line.before, line.total_after) for line in results.results(room.ctx, 1)}
    assert points == {line.code: ((25 - n, 25, 25, 25, 25), 125 - n) for n, line in enumerate(lines)}
    with pytest.raises(OutOfOrder, match="Applications are taken until 11.05.2011 13:00"):
        shifts.close_appeal(room.ctx, 1)
    room.day(FIRST_DAY + timedelta(days=1), 14)
    shifts.close_appeal(room.ctx, 1)
    with pytest.raises(OutOfOrder, match="minutes"):
        shifts.close_shift(room.ctx, 1)
    for document in (shifts.MINUTES, shifts.LAST_REGISTER, shifts.RESULTS_AFTER):
        room.print_as(document, 1)
    shifts.close_shift(room.ctx, 1)
    assert [line.state for line in shifts.shifts(room.ctx)] == ["closed"]
    assert room.ctx.store.verify_log() is None


def test_nobody_sees_key_or_points_before_identification_is_confirmed_and_two_open_it(room: Room) -> None:
    give_key(room)
    room.scan([(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())])
    for ask in (
        lambda: keys.answer_key(room.ctx, 1),
        lambda: results.results(room.ctx, 1),
        lambda: results.score_shift(room.ctx, 1),
        lambda: appeals.card(room.ctx, room.lines()[0].code),
        lambda: keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға"),
    ):
        with pytest.raises(UserError):
            ask()
    with room.ctx.store.read() as session:
        assert session.scalars(select(KeyLetters)).all() == []
    with pytest.raises(UserError, match="no right"):
        shifts.confirm_identification(room.ctx, 1)
    room.finish_identification()
    with pytest.raises(UserError, match="sealed"):
        keys.answer_key(room.ctx, 1)


def test_after_confirmation_no_identity_and_no_mark_can_change(room: Room) -> None:
    lines = room.lines()
    room.scan([(room.serial(n + 1), own_marks(line)) for n, line in enumerate(lines)])
    room.finish_identification()
    with pytest.raises(UserError, match="cannot be done now"):
        identification.decide_identities(
            room.ctx, 1, "101", [IdentityDecision(room.serial(1), lines[1].code, lines[1].seat, lines[1].variant)]
        )
    with pytest.raises(UserError, match="cannot be done now"):
        doubtful.decide_mark(room.ctx, room.serial(1), "subject1", 0, ["A"])
    with pytest.raises(UserError, match="cannot be done now"):
        envelopes.discard_pass(room.ctx, 1, "101", 1, "again")


def test_a_wrong_code_an_absent_student_and_a_swap_go_through_the_signed_protocol(room: Room) -> None:
    a, b, c, d = room.lines()
    miscoded = own_marks(a) | {"code": a.code[:-1] + str((int(a.code[-1]) + 5) % 10)}
    swapped_b = own_marks(b) | {"seat": f"{c.seat:03d}", "variant": c.variant}
    swapped_c = own_marks(c) | {"seat": f"{b.seat:03d}", "variant": b.variant}
    room.scan(
        [(room.serial(1), miscoded), (room.serial(2), swapped_b), (room.serial(3), swapped_c), (room.serial(4), {})]
    )
    view = identification.hall_view(room.ctx, 1, "101")
    assert [line.place.code for line in view.result.missing] == [a.code, b.code, c.code, d.code]
    first, second, third = view.result.sheets
    assert first.candidates[0].code == a.code
    assert "belongs to nobody" in first.reasons[0].message("en")
    assert "seem to have swapped seats" in second.reasons[0].message("en")
    assert third.wrong >= {"code", "seat"}
    with pytest.raises(OutOfOrder, match="signed"):
        identification.mark_absent(room.ctx, 1, "101", [d.student])
    room.sign()
    with pytest.raises(Refused, match="State the ground"):
        identification.decide_identities(
            room.ctx, 1, "101", [IdentityDecision(room.serial(2), b.code, c.seat, c.variant)]
        )
    identification.decide_identities(
        room.ctx, 1, "101",
        [
            IdentityDecision(room.serial(1), a.code, a.seat, a.variant),
            IdentityDecision(room.serial(2), b.code, c.seat, c.variant, "act 3"),
            IdentityDecision(room.serial(3), c.code, b.seat, b.variant, "act 3"),
        ],
    )  # fmt: skip
    with pytest.raises(UserError, match="open line"):
        identification.mark_absent(room.ctx, 1, "101", [a.student])
    identification.mark_absent(room.ctx, 1, "101", [d.student])
    result = identification.hall_view(room.ctx, 1, "101").result
    assert result.open_lines == 0
    assert [line.remark for line in result.missing] == [LineState.CORRECTED] * 3 + [LineState.ABSENT]
    with pytest.raises(OutOfOrder, match="last version"):
        shifts.confirm_identification(room.representative, 1)
    last = identification.issue_protocol(room.ctx, 1, "101")
    assert (last.version, last.last, last.open_lines) == (2, True, 0)
    assert identification.issue_protocol(room.ctx, 1, "101").version == 2
    to_results(room)
    by_code = {line.code: line for line in results.results(room.ctx, 1)}
    assert by_code[a.code].total_before == 125
    assert by_code[b.code].variant == c.variant
    assert by_code[d.code].total_before is None


@pytest.mark.parametrize("by", [timedelta(days=days) for days in (-4000, -1, 1, 4000)], ids=str)
def test_whether_the_paper_is_older_than_the_scan_is_said_by_the_log_not_by_the_clock(
    room: Room, by: timedelta
) -> None:  # fmt: skip
    clock: Any = room.ctx.clock

    def jump(distance: timedelta) -> None:
        clock.put_hands(clock.now() + distance)

    lines = room.lines()
    sheets: list[tuple[str, dict[str, str]]] = [(room.serial(n), own_marks(line)) for n, line in enumerate(lines, 1)]
    sheets[3] = (room.serial(4), {})
    room.scan(sheets)
    jump(by)
    room.sign()
    assert identification.hall_view(room.ctx, 1, "101").may_decide
    jump(-by)
    page = envelopes.page_lines(room.ctx, 1, "101", 1)[0].page
    envelopes.rescan_page(room.ctx, page, room.images([sheets[0]], "again")[0])
    assert not identification.hall_view(room.ctx, 1, "101").may_decide
    with pytest.raises(OutOfOrder, match="scanned after this version"):
        identification.mark_absent(room.ctx, 1, "101", [lines[3].student])
    assert room.sign() == 2
    identification.mark_absent(room.ctx, 1, "101", [lines[3].student])


def test_a_double_mark_counts_nothing_and_a_difference_of_passes_waits_for_an_eye(room: Room) -> None:
    line, *others = room.lines()
    double = own_marks(line)
    right = double["subject1"][4]
    wrong = next(c for c in "ABCDE" if c != right)
    double["+subject1:4"] = wrong
    second = own_marks(line) | {"+subject1:4": wrong, "subject2": own_marks(line)["subject2"][:24] + "-"}
    rest = [(room.serial(n + 2), own_marks(o)) for n, o in enumerate(others)]
    envelopes.receive_envelope(room.ctx, 1, "101", 4, 0)
    envelopes.scan_pass(room.ctx, 1, "101", 1, room.images([(room.serial(1), double), *rest], "p1"))
    envelopes.scan_pass(room.ctx, 1, "101", 2, room.images([(room.serial(1), second), *rest], "p2"))
    assert envelopes.comparison(room.ctx, 1, "101").differing == {room.serial(1): (("subject2", 24),)}
    identification.issue_protocol(room.ctx, 1, "101")
    with pytest.raises(OutOfOrder, match="1 doubtful mark"):
        shifts.confirm_identification(room.representative, 1)
    (mark,) = doubtful.doubtful_marks(room.ctx, 1)
    assert (mark.field, mark.column, mark.second.mark) == ("subject2", 24, "-")
    with pytest.raises(UserError, match="without doubt"):
        doubtful.decide_mark(room.ctx, room.serial(1), "subject1", 4, [right])
    with pytest.raises(UserError, match="no such bubble"):
        doubtful.decide_mark(room.ctx, room.serial(1), "subject2", 24, ["F"])
    doubtful.decide_mark(room.ctx, room.serial(1), "subject2", 24, [])
    doubtful.decide_mark(room.ctx, room.serial(1), "subject2", 24, [mark.first.mark])
    assert doubtful.doubtful_marks(room.ctx, 1) == []
    to_results(room)
    assert results.result(room.ctx, line.code).before == (24, 25, 25, 25, 25)


def test_a_sheet_of_another_hall_stops_the_pass_and_nothing_is_saved(make_context: MakeContext, tmp_path: Path) -> None:
    room = make_room(make_context, tmp_path / "scans", {"101": 2, "102": 2})
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    with pytest.raises(OutOfOrder, match="counts of the act"):
        envelopes.scan_pass(room.ctx, 1, "101", 1, room.images([(room.serial(1), {})], "early"))
    envelopes.receive_envelope(room.ctx, 1, "101", 2, 0)
    sheets = [(room.serial(1), own_marks(room.lines()[0])), (room.serial(1, hall="102"), {})]
    with pytest.raises(UserError, match="belongs to hall 102 of shift 1"):
        envelopes.scan_pass(room.ctx, 1, "101", 1, room.images(sheets, "mixed"))
    line = envelopes.balance(room.ctx, 1, "101")
    assert line.balance.read1 is None
    assert not images.scans_folder(room.ctx).exists()
    with pytest.raises(OutOfOrder, match="first pass"):
        envelopes.scan_pass(room.ctx, 1, "101", 2, room.images(sheets[:1], "second"))


def test_a_serial_in_one_pass_only_blocks_the_hall_until_a_run_is_repeated(room: Room) -> None:
    sheets = [(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())]
    envelopes.receive_envelope(room.ctx, 1, "101", 4, 0)
    envelopes.scan_pass(room.ctx, 1, "101", 1, room.images(sheets, "p1"))
    envelopes.scan_pass(room.ctx, 1, "101", 2, room.images(sheets[:3], "p2"))
    seen = envelopes.comparison(room.ctx, 1, "101")
    assert (seen.only_first, seen.merged) == ((room.serial(4),), False)
    with pytest.raises(OutOfOrder, match="do not agree"):
        identification.issue_protocol(room.ctx, 1, "101")
    envelopes.discard_pass(room.ctx, 1, "101", 2, "two sheets went through at once")
    envelopes.scan_pass(room.ctx, 1, "101", 2, room.images(sheets, "p3"))
    assert envelopes.comparison(room.ctx, 1, "101").merged
    assert envelopes.balance(room.ctx, 1, "101").balanced


def test_an_unreadable_page_is_set_aside_or_scanned_again(room: Room) -> None:
    sheets = [(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())]
    good = room.images(sheets, "good")
    cover = tmp_white(room.folder / "cover.png")
    envelopes.receive_envelope(room.ctx, 1, "101", 4, 0)
    report = envelopes.scan_pass(room.ctx, 1, "101", 1, [cover, *good])
    assert (report.pages, len(report.refused)) == (5, 1)
    with pytest.raises(UserError, match="with a reason"):
        envelopes.set_aside(room.ctx, report.refused[0] + 1, "not so")
    with pytest.raises(UserError, match="belongs to hall 102") as typed:
        envelopes.put_to_eye(room.ctx, report.refused[0], room.serial(1, hall="102"))
    assert "Nothing was changed" in typed.value.next_step  # no scanner stopped, and the pass is saved
    envelopes.set_aside(room.ctx, report.refused[0], "the cover")
    report = envelopes.scan_pass(room.ctx, 1, "101", 2, [*good[:3], cover])
    envelopes.rescan_page(room.ctx, report.refused[0], good[3])
    assert envelopes.balance(room.ctx, 1, "101").balanced
    (last,) = [p for p in envelopes.page_lines(room.ctx, 1, "101", 2) if p.attempt == 2]
    assert (last.serial, last.position) == (room.serial(4), 4)
    assert last.image.read_bytes() == good[3].read_bytes()


def test_of_a_refused_page_only_the_reason_is_said() -> None:
    told = page_problems([{"code": code, "params": {}} for code in ("corner-lost", "no-code", "cut-off")])
    assert [problem.text for problem in told] == [REFUSALS["cut-off"]]
    assert len(page_problems([{"code": code, "params": {}} for code in ("corner-lost", "no-code")])) == 2


def test_a_sheet_no_machine_can_read_is_decided_by_eye_alone(room: Room) -> None:
    line, *others = room.lines()
    rest = [(room.serial(n + 2), own_marks(o)) for n, o in enumerate(others)]
    spoilt = tmp_white(room.folder / "spoilt.png")
    envelopes.receive_envelope(room.ctx, 1, "101", 4, 0)
    for scan_pass in (1, 2):
        report = envelopes.scan_pass(room.ctx, 1, "101", scan_pass, [spoilt, *room.images(rest, f"r{scan_pass}")])
        envelopes.put_to_eye(room.ctx, report.refused[0], room.serial(1))
    marks = doubtful.doubtful_marks(room.ctx, 1)
    assert len(marks) == 125
    truth = own_marks(line)
    doubtful.decide_marks(
        room.ctx, [doubtful.MarkDecision(m.serial, m.field, m.column, (truth[m.field][m.column],)) for m in marks]
    )
    room.sign()
    identification.decide_identities(
        room.ctx, 1, "101", [IdentityDecision(room.serial(1), line.code, line.seat, line.variant)]
    )
    to_results(room)
    assert results.result(room.ctx, line.code).total_before == 125


def test_appeals_keep_the_deadline_the_items_and_the_grounds(room: Room) -> None:
    lines = room.lines()
    faulty = [own_marks(line, wrong=2) for line in lines]
    faulty[0]["subject2"] = "-" + faulty[0]["subject2"][1:]
    room.scan([(room.serial(n + 1), marks) for n, marks in enumerate(faulty)])
    to_results(room)
    chair = appeals.save_member(room.ctx, {"full_name": "Апелляция Төрағасы", "chair": True})
    member = appeals.save_member(room.ctx, {"full_name": "Мүше Мүшев"})
    third = appeals.save_member(room.ctx, {"full_name": "Үшінші Мүше"})
    with pytest.raises(Refused, match="own breach"):
        appeals.register_appeal(room.ctx, 1, lines[0].code, [(1, 1)], own_breach=True)
    first = appeals.register_appeal(room.ctx, 1, lines[0].code, [(1, 1), (1, 2), (2, 1)])
    second = appeals.register_appeal(room.ctx, 1, lines[1].code, [(1, 1)])
    with pytest.raises(Refused, match="already"):
        appeals.register_appeal(room.ctx, 1, lines[1].code, [(1, 2)])
    room.day(FIRST_DAY + timedelta(days=1), 14)
    with pytest.raises(Refused, match="until 11.05.2011 13:00"):
        appeals.register_appeal(room.ctx, 1, lines[2].code, [(1, 1)])
    with pytest.raises(OutOfOrder, match="2 applications have no decision"):
        shifts.close_appeal(room.ctx, 1)
    words = [
        ItemDecision(1, 1, True, Ground.WRONG_ITEM, reasons="Шарты қате", literature="Оқулық, 12-бет"),
        ItemDecision(1, 2, False),
        ItemDecision(2, 1, True, Ground.FAINT_MARK),
    ]
    for broken, why in (
        ([*words[:2]], "has no decision"),
        ([*words, ItemDecision(3, 3, True, Ground.MISSING_TEXT)], "was not appealed"),
        ([ItemDecision(1, 1, True, Ground.WRONG_ITEM), *words[1:]], "reasons in full"),
        ([ItemDecision(1, 1, True, Ground.FAINT_MARK), *words[1:]], "read an answer here"),
        ([words[0], ItemDecision(1, 2, True), words[2]], "one of the five grounds"),
    ):
        with pytest.raises(Refused, match=why):
            appeals.decide_appeal(room.ctx, first.id, broken, [chair, member])
    with pytest.raises(Refused, match="majority of all listed"):
        appeals.decide_appeal(room.ctx, first.id, words, [third])
    appeals.decide_appeal(room.ctx, first.id, words, [chair, member])
    appeals.mark_not_come(room.ctx, second.id)
    after = {line.code: line for line in results.results(room.ctx, 1)}
    assert after[lines[0].code].added == (1, 1, 0, 0, 0)
    assert after[lines[0].code].total_after == 124
    assert after[lines[1].code].added == (0, 0, 0, 0, 0)
    with pytest.raises(OutOfOrder, match="decided already"):
        appeals.decide_appeal(room.ctx, first.id, words, [chair, member])
    appeals.undo_appeal(room.ctx, first.id)
    assert results.result(room.ctx, lines[0].code).total_after == 122
    appeals.decide_appeal(room.ctx, first.id, words, [chair, member])
    shifts.close_appeal(room.ctx, 1)
    with pytest.raises(UserError, match="cannot be done now"):
        appeals.undo_appeal(room.ctx, first.id)


def test_the_seats_of_another_workplace_cannot_be_asked_by_another_program(make_context: MakeContext) -> None:
    stranger = make_context("network_uni", "027")
    with pytest.raises(UserError, match="another program"):
        seating.freeze_seating(stranger, 1)


def tmp_white(path: Path) -> Path:
    """An image of a page that is no sheet."""
    import cv2
    import numpy as np

    page = np.full((2339, 1654), 250, np.uint8)
    cv2.putText(page, "COVER", (300, 600), cv2.FONT_HERSHEY_SIMPLEX, 6, 10, 20)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), page)
    return path


def test_readings_and_decisions_are_kept_for_ever(room: Room) -> None:
    lines = room.lines()
    room.scan([(room.serial(n + 1), own_marks(line)) for n, line in enumerate(lines[:3])] + [(room.serial(4), {})])
    room.sign()
    identification.mark_absent(room.ctx, 1, "101", [lines[3].student])
    (entered,) = identification.decisions(room.ctx, 1, "101")
    identification.undo(room.ctx, entered.id)
    with pytest.raises(UserError, match="no such decision that stands"):
        identification.undo(room.ctx, entered.id)
    (kept,) = identification.decisions(room.ctx, 1, "101")
    assert kept.undone_at
    assert identification.hall_view(room.ctx, 1, "101").result.open_lines == 1
    for statement in (
        "UPDATE reading SET serial='x'", "DELETE FROM reading", "DELETE FROM scanned_page", "DELETE FROM decision",
        "UPDATE decision SET undone_at=NULL", "UPDATE decision SET student='x'", "UPDATE protocol SET open_lines=0",
        "DELETE FROM scan_batch", "DELETE FROM shift_step",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), room.ctx.store.write(room.ctx.actor) as tx:
            tx.session.connection().exec_driver_sql(statement)
