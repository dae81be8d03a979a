"""What is kept of a shift between two looks: never older than the database, whoever wrote and however."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.reading import SEVERAL, answers, letter, subject_fields
from mab_desktop.services import attendance, envelopes, hall_sheets, results, shifts
from mab_desktop.services.kept import kept
from mab_desktop.storage.changes import Changes
from mab_desktop.storage.tables.exam import Removal
from mab_desktop.storage.tables.results import ScoreRow
from mab_desktop.storage.tables.students import Student
from tests.conftest import MakeContext
from tests.services.big_shift import COUNTED, bring, scan, touch_everything, write_something
from tests.services.exam_room import FIRST_DAY, Room, make_room

HALLS = {"101": 3, "102": 2}


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Two halls, scanned; nobody has decided anything yet."""
    made = make_room(make_context, tmp_path / "scans", HALLS)
    made.seat()
    made.day(FIRST_DAY, 12)
    shifts.open_shift(made.ctx, 1)
    scan(made, HALLS)
    return made


def _asked(room: Room, session: Session, made: list[int]) -> int:
    def make() -> int:
        made.append(len(made))
        return made[-1]

    return kept(session, "asked", make)


def test_the_same_state_is_worked_out_once_and_another_anew(room: Room) -> None:
    made: list[int] = []
    for _look in range(3):
        with room.ctx.store.read() as session:
            _asked(room, session, made)
    assert made == [0]
    write_something(room.ctx)
    with room.ctx.store.read() as session:
        assert _asked(room, session, made) == 1


def test_a_session_keeps_to_its_own_state_while_another_writes(room: Room) -> None:
    made: list[int] = []
    with room.ctx.store.read() as before:
        assert _asked(room, before, made) == 0
        write_something(room.ctx)
        with room.ctx.store.read() as after:
            assert _asked(room, after, made) == 1
        assert _asked(room, before, made) == 2, "the newer state is not shown to a session that sees the older one"
    with room.ctx.store.read() as after:
        assert _asked(room, after, made) == 3


def _of_seats(room: Room) -> object:
    with room.ctx.store.read() as session:
        return kept(session, "of the seats", object, frozenset({"seat", "student"}))


def test_what_is_made_of_a_few_tables_stays_while_others_change(room: Room) -> None:
    first = _of_seats(room)
    write_something(room.ctx)
    write_something(room.ctx)
    assert _of_seats(room) is first
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.scalars(select(Student)).all()[0].surname = "Жаңа"
        tx.note("exam-data-loaded", "another")
    second = _of_seats(room)
    assert second is not first
    write_something(room.ctx)
    assert _of_seats(room) is second
    touch_everything(room.ctx)
    assert _of_seats(room) is not second


def test_what_is_kept_of_a_few_tables_asks_no_others(room: Room) -> None:
    """A table that is asked but not named would leave an old value standing after it changed."""
    asked: set[str] = set()

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.update(re.findall(r"(?:FROM|JOIN) (\w+)", statement))

    with room.ctx.store.read() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", listen)
        hall_sheets.places(session, 1)
        assert asked == hall_sheets.SEATING
        asked.clear()
        hall_sheets.sheets(session, 1, "", hall_sheets.Decided())
        assert asked == hall_sheets.READ
        asked.clear()
        hall_sheets.work(session, 1)
        event.remove(engine, "before_cursor_execute", listen)
    assert asked - {"audit"} <= hall_sheets.ALL


def _broken_off(room: Room) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.scalars(select(Student)).all()[0].surname = "Басқа"
        tx.note("exam-data-loaded", "another")
        raise UserError("broken off")


def test_a_change_that_failed_and_a_newer_state_are_not_taken_for_the_older_one(room: Room) -> None:
    with room.ctx.store.read() as before:
        old = kept(before, "of the seats", object, frozenset({"student"}))
        with room.ctx.store.write(room.ctx.actor) as tx:
            tx.session.scalars(select(Student)).all()[0].surname = "Жаңа"
            tx.note("exam-data-loaded", "another")
        new = _of_seats(room)
        assert new is not old
        assert kept(before, "of the seats", object, frozenset({"student"})) is not new
    newest = _of_seats(room)
    with pytest.raises(UserError):
        _broken_off(room)
    assert _of_seats(room) is newest


def test_a_way_with_a_gap_is_not_known() -> None:
    """Another program wrote in between, or the step is forgotten: nobody can say what is still as it was."""
    found = Changes()
    found.note(None, (1, "a"), frozenset({"seat"}))
    found.note((1, "a"), (3, "c"), frozenset({"decision"}))
    found.note((4, "d"), (5, "e"), frozenset({"student"}))
    assert found.between(None, (3, "c")) == {"seat", "decision"}
    assert found.between((3, "c"), (3, "c")) == frozenset()
    assert found.between((1, "a"), (5, "e")) is None
    assert found.between((3, "c"), (1, "a")) is None
    assert found.between((1, "b"), (3, "c")) is None


def test_who_writes_sees_his_own_change_before_the_log_tells_of_it(room: Room) -> None:
    with room.ctx.store.read() as session:
        name = hall_sheets.work(session, 1).results["101"].matches[0].student
    with room.ctx.store.write(room.ctx.actor) as tx:
        before = hall_sheets.places(tx.session, 1)["101"]
        student = tx.session.scalars(select(Student).where(Student.id == name)).one()
        student.surname = "Жаңа"
        tx.session.flush()
        assert hall_sheets.places(tx.session, 1)["101"] != before
        assert kept(tx.session, "asked", lambda: 1) == 1
        assert kept(tx.session, "asked", lambda: 2) == 2, "nothing is kept for it"
        tx.note("exam-data-loaded", "another")


def test_the_facts_follow_what_other_services_write(room: Room) -> None:
    """A protocol issued, a pass discarded: identification, balances and the day's facts change at once."""
    facts = shifts.season_facts(room.ctx).shifts[1]
    assert (facts.open_lines, facts.halls_not_balanced, facts.halls_not_scanned) == (0, (), ())
    assert facts.halls_without_last_protocol == ("101", "102")
    room.sign(hall="102")
    assert shifts.season_facts(room.ctx).shifts[1].halls_without_last_protocol == ("101",)
    envelopes.discard_pass(room.ctx, 1, "102", 2, "бүктелген парақ")
    facts = shifts.season_facts(room.ctx).shifts[1]
    assert (facts.open_lines, facts.halls_not_balanced, facts.halls_not_scanned) == (0, ("102",), ("102",))
    assert facts.halls_without_last_protocol == ("101", "102")
    with room.ctx.store.read() as session:
        assert list(hall_sheets.work(session, 1).sheets) == ["101"]


def _statements(room: Room, work: Callable[[], object]) -> int:
    found: list[str] = []
    engine = room.ctx.store.engine

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(found)


def test_points_are_listed_anew_only_when_they_changed(make_context: MakeContext, tmp_path: Path) -> None:
    room = make_room(make_context, tmp_path / "scans", HALLS)
    bring(room, HALLS, COUNTED)

    def ask() -> list[results.ResultLine]:
        return results.results(room.ctx, 1)

    touch_everything(room.ctx)
    anew, again = _statements(room, ask), _statements(room, ask)
    assert again < anew
    write_something(room.ctx)
    assert _statements(room, ask) == again
    first = ask()[0]
    with room.ctx.store.write(room.ctx.actor) as tx:
        row = tx.session.get_one(ScoreRow, first.student)
        row.total_after = 1 + (row.total_before or 0)
        tx.note("shift-scored", "shift-1")
    assert ask()[0].total_after == 1 + (first.total_before or 0)
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(Removal(student=first.student, shift=1, hall=first.hall, at_time="09:40", what="телефон",
                               act="1", at="2011-05-16T09:40:00+00:00", by=room.ctx.actor.login))  # fmt: skip
        tx.note("student-removed", first.student)
    assert [line.student for line in ask() if line.presence is Presence.REMOVED] == [first.student]


def test_the_counts_of_all_halls_are_asked_for_at_once(room: Room) -> None:
    one = _statements(room, lambda: attendance.count_lines(room.ctx, 1, "101"))
    assert _statements(room, lambda: attendance.count_lines_by_hall(room.ctx, 1)) == one


def test_the_whole_shift_is_the_sum_of_its_halls(room: Room) -> None:
    lines = attendance.count_lines_by_hall(room.ctx, 1)
    assert {hall: attendance.count_lines(room.ctx, 1, hall) for hall in HALLS} == lines
    (whole,) = attendance.count_lines(room.ctx, 1)
    assert (whole.planned, whole.present) == (5, None)
    attendance.save_count(room.ctx, 1, "102", {(whole.specialty, whole.test_language): 1})
    (whole,) = attendance.count_lines(room.ctx, 1)
    assert (whole.planned, whole.present) == (5, 1)


def test_marks_of_one_sign_are_read_as_all_others_are() -> None:
    marks = {"subject1": ["A", "-", "?", "*"], "subject2": ["A", "?BC", "*BC", "E"], "subject3": []}
    by_mark = tuple("".join(map(letter, marks[field])) for field in subject_fields(3))
    assert answers(marks, 3) == by_mark == ("A--" + SEVERAL, "A-" + SEVERAL + "E", "")
