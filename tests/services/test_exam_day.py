"""The exam day at the ministry programmer's: the start, duty officers, acts, and the first shift's readiness."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.exam_act import ActContent
from mab_desktop.domain.exam_clock import Phase
from mab_desktop.domain.operational_day import operational_day
from mab_desktop.domain.shift import ShiftState
from mab_desktop.services import (
    attendance,
    documents_day,
    documents_exam,
    duty,
    envelopes,
    exam_acts,
    exam_clock,
    representative_report,
    shifts,
)
from mab_desktop.services.exam_heads import duty_names
from mab_desktop.services.returned_sheets import return_acts
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import DutyDraw, ExamStart, ReadinessReport, Removal
from tests.conftest import MakeContext
from tests.forms import printed_page
from tests.services.exam_room import FIRST_DAY, Room, make_room

OFFICERS = 6


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Two shifts of two halls, six officers on the list; the first shift is seated and it is its day."""
    made = make_room(make_context, tmp_path / "scans", {"101": 4, "102": 3}, shift_count=2)
    rows = [
        {"id": f"{n:032d}", "full_name": f"{'АБВГДЕ'[n]}санов Кезекші", "post": "оқытушы", "phone": f"8 70{n}",
         "place": "101", "shift": None, "file_received": True, "trained": True}
        for n in range(OFFICERS)
    ]  # fmt: skip
    with made.ctx.store.write(made.ctx.actor) as tx:
        tx.session.execute(insert(DutyOfficer), rows)
        tx.note("hand-over-loaded", "test")
    made.seat()
    made.day(FIRST_DAY, 8)
    return made


# -- readiness


def test_the_first_shift_opens_only_with_the_report_or_the_representatives_reason(room: Room) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.execute(delete(ReadinessReport))
        tx.note("setting-changed", "test")
    with pytest.raises(OutOfOrder, match=r"report of readiness is not signed.*\(p\.29\)"):
        shifts.open_shift(room.ctx, 1)
    day = operational_day(shifts.season_facts(room.ctx))
    assert "readiness" not in {line.step.key for line in day.lines}  # the eve is over
    assert not shifts.shift_facts(room.ctx, 2).readiness_missing
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(ReadinessReport(n=1, at="", made_by="", confirmed_by="Өкіл", ready=False, reason="",
                                       content={}, digest=""))  # fmt: skip
        tx.note("setting-changed", "test")
    with pytest.raises(OutOfOrder, match="readiness"):
        shifts.open_shift(room.ctx, 1)
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(ReadinessReport(n=2, at="", made_by="а", confirmed_by="Өкіл", ready=True, reason="",
                                       content={}, digest=""))  # fmt: skip
        tx.note("setting-changed", "test")
    shifts.open_shift(room.ctx, 1)


# -- the clock


def test_the_start_is_kept_once_and_corrected_with_a_reason(room: Room) -> None:
    with pytest.raises(UserError, match="cannot be done now"):
        exam_clock.start(room.ctx, 1)
    shifts.open_shift(room.ctx, 1)
    room.day(FIRST_DAY, 9)
    begun = exam_clock.start(room.ctx, 1).begun
    with pytest.raises(OutOfOrder, match="written down already"):
        exam_clock.start(room.ctx, 1)
    with pytest.raises(UserError, match="Say why"):
        exam_clock.correct(room.ctx, 1, begun, " ")
    for wrong in (begun + timedelta(hours=1), begun - timedelta(days=1)):
        with pytest.raises(UserError, match="must lie on this day"):
            exam_clock.correct(room.ctx, 1, wrong, "қате")
    exam_clock.correct(room.representative, 1, begun - timedelta(minutes=5), "сағат кешікті")
    found = exam_clock.started(room.ctx, 1)
    assert found is not None
    assert (found.clock.begun, found.clock.minutes) == (begun - timedelta(minutes=5), 180)
    assert found.corrections == ("сағат кешікті",)
    assert found.clock.phase(begun + timedelta(minutes=146)) is Phase.THIRTY
    with room.ctx.store.read() as session:
        assert len(session.scalars(select(ExamStart)).all()) == 2
    assert shifts.shift_facts(room.ctx, 1).exam_begun


# -- duty officers


def test_officers_are_drawn_once_redrawn_with_a_reason_and_drawn_again_from_the_record(room: Room) -> None:
    with room.ctx.store.read() as session:  # listed for hall 101, but the draw may send others there
        assert duty_names(session, 1, "101") == ("", "")
    first = duty.draw(room.ctx, 1)
    assert (first.n, first.reason, first.halls) == (1, "", ("101", "102"))
    assert sorted(p.place for p in first.placed) == ["", "", "101", "101", "102", "102"]
    with pytest.raises(UserError, match="drawn once"):
        duty.draw(room.ctx, 1)
    second = duty.draw(room.representative, 1, "біреуі сырқаттанды")
    assert (second.n, second.reason) == (2, "біреуі сырқаттанды")
    assert second.seed != first.seed
    assert [one.n for one in duty.all_draws(room.ctx, 1)] == [1, 2]
    assert all(duty.draws_again(room.ctx, 1, n) for n in (1, 2))
    with room.ctx.store.read() as session:
        assert set(duty_names(session, 1, "102")) == {p.officer.full_name for p in second.placed if p.place == "102"}
    with room.ctx.store.write(room.ctx.actor) as tx:
        row = tx.session.get_one(DutyDraw, (1, 1))
        row.seed = second.seed
        tx.note("setting-changed", "somebody")
    assert not duty.draws_again(room.ctx, 1, 1)
    shifts.open_shift(room.ctx, 1)
    room.day(FIRST_DAY, 9)
    exam_clock.start(room.ctx, 1)
    with pytest.raises(OutOfOrder, match="does not leave the hall"):
        duty.draw(room.ctx, 1, "тағы")


def test_nobody_comes_back_to_the_hall_of_the_shift_before_and_a_short_list_is_refused(room: Room) -> None:
    before = {p.officer.id: p.place for p in duty.draw(room.ctx, 1).placed}
    after = {p.officer.id: p.place for p in duty.draw(room.ctx, 2).placed}
    assert not [officer for officer, hall in after.items() if hall and before[officer] == hall]
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.execute(delete(DutyOfficer).where(DutyOfficer.id != f"{0:032d}"))
        tx.note("hand-over-loaded", "shorter")
    with pytest.raises(Refused) as caught:
        duty.draw(room.ctx, 1, "тізім қысқарды")
    assert "1 duty officer for 2 halls" in caught.value.message("en")
    kept = duty.drawn(room.ctx, 1)  # the earlier draw knows its list still
    assert kept is not None
    assert (kept.n, len(kept.placed)) == (1, OFFICERS)


def test_the_draw_prints_with_number_and_seed_and_a_second_printing_is_a_copy(room: Room) -> None:
    with pytest.raises(OutOfOrder, match="not drawn yet"):
        documents_day.print_duty(room.ctx, 1)
    duty.draw(room.ctx, 1)
    assert not documents_day.print_duty(room.ctx, 1).is_reprint
    assert documents_day.print_duty(room.ctx, 1).is_reprint
    duty.draw(room.ctx, 1, "қайта")
    assert not documents_day.print_duty(room.ctx, 1).is_reprint


# -- acts


COUNTS = {"used": "4", "unused": "3", "seating": "1", "booklets": "4", "variants": "1", "stubs": "1", "other": "0"}


def filled(room: Room, kind: str, hall: str = "101", **counts: str) -> ActContent:
    """The act as it begins, with counts put in by line."""
    begun = exam_acts.begin(room.ctx, 1, hall, kind)
    lines = [key for key, _label in exam_acts.SPECS[kind].lines]
    rows = [list(row) for row in begun.rows]
    for key, value in counts.items():
        column = 1 if kind == "opening" else 0
        rows[lines.index(key)][column] = value
    people = {"given_by": begun.given_by if any(begun.given_by) else ("Беруші",), "taken_by": ("Алушы",)}
    return replace(begun, rows=tuple(map(tuple, rows)), **people)


def test_an_act_begins_with_what_is_known_is_checked_and_kept_once(room: Room) -> None:
    duty.draw(room.ctx, 1)
    begun = exam_acts.begin(room.ctx, 1, "101", "materials-returned")
    with room.ctx.store.read() as session:
        assert begun.given_by == duty_names(session, 1, "101")
    counts = COUNTS
    wrong = filled(room, "materials-returned", **{**counts, "unused": "2"})
    with pytest.raises(Refused) as caught:
        exam_acts.enter(room.ctx, 1, "101", "materials-returned", "1", wrong)
    assert [problem.field for problem in caught.value.problems] == ["1:remark"]
    assert exam_acts.lines(room.ctx, 1) == []
    act = exam_acts.enter(room.ctx, 1, "101", "materials-returned", "1", filled(room, "materials-returned", **counts))
    with pytest.raises(Refused, match="act No 1 already"):
        exam_acts.enter(room.ctx, 1, "102", "materials-returned", "1", filled(room, "materials-returned", **counts))
    with pytest.raises(UserError, match="entered already, as No 1"):
        exam_acts.enter(room.ctx, 1, "101", "materials-returned", "2", filled(room, "materials-returned", **counts))
    assert exam_acts.next_number(room.ctx, 1) == "2"
    with room.ctx.store.read() as session:
        assert {hall: (act.used, act.unused) for hall, act in return_acts(session, 1).items()} == {"101": (4, 3)}
    assert documents_day.print_entered_act(room.ctx, act).copies == 2
    assert shifts.shift_facts(room.ctx, 1).halls_not_returned == ("102",)


def test_an_act_is_withdrawn_with_a_reason_until_the_envelope_is_received_by_it(room: Room) -> None:
    shifts.open_shift(room.ctx, 1)
    content = filled(room, "materials-returned", **COUNTS)
    act = exam_acts.enter(room.ctx, 1, "101", "materials-returned", "1", content)
    with pytest.raises(UserError, match="Say why"):
        exam_acts.withdraw(room.ctx, act, "")
    exam_acts.withdraw(room.ctx, act, "басқа аудиторияның актісі")
    (line,) = exam_acts.lines(room.ctx, 1)
    assert line.withdrawn == "басқа аудиторияның актісі"
    assert exam_acts.standing([line], "101") == {}
    again = exam_acts.enter(room.ctx, 1, "101", "materials-returned", "2", content)
    envelopes.receive_envelope(room.ctx, 1, "101", 4, 3)
    with pytest.raises(UserError, match="was received by this act"):
        exam_acts.withdraw(room.ctx, again, "тағы")
    with room.ctx.store.read() as session:
        told = select(AuditEntry.event).where(AuditEntry.event.like("act-%")).order_by(AuditEntry.n)
        events = session.scalars(told).all()
    assert events == ["act-entered", "act-withdrawn", "act-entered"]


def test_a_removal_act_sends_the_student_out_and_its_withdrawal_takes_him_back(room: Room) -> None:
    shifts.open_shift(room.ctx, 1)
    code = room.lines()[0].code
    content = replace(exam_acts.begin(room.ctx, 1, "101", "removal"), story="Ұялы телефон қолданды", code=code,
                      time="9.15", given_by=("Кезекші", "Өкіл"))  # fmt: skip
    with pytest.raises(UserError, match="sits in hall 101, not in hall 102"):
        exam_acts.enter(room.ctx, 1, "102", "removal", "7", content)
    with pytest.raises(UserError, match="belongs to nobody"):
        exam_acts.enter(room.ctx, 1, "101", "removal", "7", replace(content, code="99999999"))
    assert exam_acts.lines(room.ctx, 1) == []  # all or nothing
    act = exam_acts.enter(room.ctx, 1, "101", "removal", "7", content)
    (gone,) = attendance.removals(room.ctx, 1)
    assert (gone.code, gone.at_time, gone.act) == (code, "09:15", "7")
    exam_acts.withdraw(room.ctx, act, "басқа студент")
    with room.ctx.store.read() as session:
        assert session.scalars(select(Removal)).all() == []
    text = " ".join(printed_page.texts(documents_day.print_entered_act(room.ctx, act).pdf))
    assert f"code {code}, seat" in text  # who and when: the story alone names nobody
    assert "09:15" in text
    assert text.count(room.lines()[0].name) >= 2  # he signs, too
    documents_exam.print_act(room.ctx, 1, "101", "removal")  # an empty one to be written by hand is printed too


def test_acts_are_entered_from_the_eve_to_the_end_of_the_shift_only(room: Room) -> None:
    content = ActContent((("Қап", "1", "K-1", "K-1", ""),), given_by=("Беруші",), taken_by=("Алушы",))
    exam_acts.enter(room.ctx, 1, "", "materials-received", "1", content)
    with pytest.raises(UserError, match="cannot be done now"):
        exam_acts.enter(room.ctx, 2, "", "materials-received", "1", content)
    with pytest.raises(UserError, match="no right"):
        exam_acts.enter(room.ctx.as_person("c", "Ү", "coordinator"), 1, "", "materials-received", "9", content)
    assert shifts.shifts(room.ctx)[0].state is ShiftState.SEATED


def test_the_daily_check_of_the_halls_is_an_act_of_the_shift(room: Room) -> None:
    """p.7.4, p.28: a hall that is not in order asks for a remark; the report knows for which shifts it was done."""
    begun = exam_acts.begin(room.ctx, 1, "", "halls-ready")
    assert [row[0] for row in begun.rows] == [""] * 5  # what is counted does not stand there before
    content = replace(begun, rows=(("2", ""), ("2", ""), ("1", ""), ("2", ""), ("5", "")), given_by=("Өкіл", ""))
    with pytest.raises(Refused, match="2 were due, 1 was found"):
        exam_acts.enter(room.representative, 1, "", "halls-ready", "1", content)
    content = replace(content, rows=(*content.rows[:2], ("1", "102: бор жоқ, берілді"), *content.rows[3:]))
    act = exam_acts.enter(room.representative, 1, "", "halls-ready", "1", content)
    told = representative_report.known(room.ctx)[3]
    assert told is not None
    assert told.message("en") == "Halls were checked for shifts 1."
    text = "\n".join(printed_page.texts(documents_day.print_entered_act(room.ctx, act).pdf))
    assert all(part in text for part in ("ACT ON THE DAILY CHECK OF THE HALLS", "102: бор жоқ", "Өкіл"))
    exam_acts.withdraw(room.representative, act, "басқа күннің актісі")
    assert representative_report.known(room.ctx)[3] is None
