"""Seats: frozen, then drawn once; a crash, a wrong password or a second try changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mab_desktop.domain import seating as rules
from mab_desktop.domain.errors import OutOfOrder, UserError, WrongPassword
from mab_desktop.domain.operational_day import operational_day
from mab_desktop.domain.student import STUDENT
from mab_desktop.exchange import passwords
from mab_desktop.services import (
    corrections,
    documents_day,
    documents_exam,
    documents_seating,
    seating,
    shifts,
    tries,
    variant_check,
)
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import Account
from mab_desktop.storage.tables.exam import Seat, SheetStack, VariantSeat
from mab_desktop.storage.tables.results import PasswordTries
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange, WrongData
from tests.conftest import MakeContext
from tests.forms import printed_page
from tests.services.exam_room import BASE, FIRST_DAY, SEAT_PASSWORD, SECRET, Room, make_room, password

RIGHT = password(SEAT_PASSWORD)
WHO = "Түзетуші"


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """The eve of shift 1: two halls."""
    return make_room(make_context, tmp_path, {"101": 6, "102": 5})


def seats(ctx: Context) -> dict[tuple[str, int], str]:
    with ctx.store.read() as session:
        return {(row.hall, row.seat): row.student for row in session.scalars(select(Seat))}


def test_the_centre_can_redo_the_draw(room: Room) -> None:
    told = seating.freeze_seating(room.ctx, 1)
    drawn = seating.draw_seating(room.ctx, 1, RIGHT.lower())
    assert (drawn.students, drawn.halls, drawn.code) == (11, 2, told.code)
    proof = seating.proof(room.ctx, 1)
    assert rules.freeze_code(proof.frozen) == told.code
    assert proof.frozen.university == BASE
    again, problems = rules.rederive(SECRET, proof.frozen, proof.roster, proof.halls)
    assert problems == []
    assert again == seats(room.ctx)
    assert rules.result_digest(again) == drawn.result


def test_seats_are_drawn_once_and_for_ever(room: Room) -> None:
    room.seat()
    before = seats(room.ctx)
    with pytest.raises(OutOfOrder, match="done only once"):
        seating.draw_seating(room.ctx, 1, RIGHT)
    with pytest.raises(OutOfOrder):
        seating.freeze_seating(room.ctx, 1)
    for statement in ("UPDATE seat SET seat=99 WHERE seat=1", "DELETE FROM seat", "DELETE FROM seating",
                      "UPDATE seating_freeze SET local=''"):  # fmt: skip
        with pytest.raises(IntegrityError), room.ctx.store.write(room.ctx.actor) as tx:
            tx.session.connection().exec_driver_sql(statement)
    assert seats(room.ctx) == before


def test_a_crash_between_freeze_and_draw_gives_the_same_seats(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seating.freeze_seating(room.ctx, 1)
    with room.ctx.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "reserve.db"
    copy.write_bytes(room.ctx.store.path.read_bytes())
    twin = Context(
        Store(copy, room.ctx.store.key, room.ctx.clock), room.ctx.actor, room.ctx.role, BASE, room.ctx.season,
        room.ctx.clock, "en", room.ctx.entropy,
    )  # fmt: skip

    def pulled_plug(*_args: object, **_details: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shifts, "make_move", pulled_plug)
        with pytest.raises(KeyboardInterrupt):
            seating.draw_seating(room.ctx, 1, RIGHT)
    assert seats(room.ctx) == {}
    first = seating.draw_seating(room.ctx, 1, RIGHT)
    second = seating.draw_seating(twin, 1, RIGHT)
    twin.store.close()
    assert first.result == second.result


def test_without_a_freeze_or_after_a_change_of_the_list_nothing_is_drawn(room: Room) -> None:
    with pytest.raises(OutOfOrder, match="not frozen"):
        seating.draw_seating(room.ctx, 1, RIGHT)
    told = seating.freeze_seating(room.ctx, 1)
    assert seating.freeze_seating(room.ctx, 1) == told
    with room.ctx.store.write(room.ctx.actor) as tx:
        row = tx.session.scalars(select(Allotment).where(Allotment.hall == "101")).first()
        assert row is not None
        row.hall = "102"
        tx.note("exam-data-loaded", "test")
    with pytest.raises(OutOfOrder, match="have changed since the freeze"):
        seating.draw_seating(room.ctx, 1, RIGHT)
    assert seats(room.ctx) == {}
    assert seating.freeze_seating(room.ctx, 1).code != told.code
    seating.draw_seating(room.ctx, 1, RIGHT)


def test_wrong_passwords_are_counted_before_the_answer_and_slowed_but_never_shut_the_seats(room: Room) -> None:
    seating.freeze_seating(room.ctx, 1)
    wrong = [passwords.normalise(password(f"{n:013d}")) for n in range(20)]
    with pytest.raises(UserError, match="mistyped"):
        seating.draw_seating(room.ctx, 1, RIGHT[:-3])
    for n in range(5):
        with pytest.raises(WrongPassword, match="does not open"):
            seating.draw_seating(room.ctx, 1, wrong[n])
    with pytest.raises(WrongPassword, match="After 5 wrong tries"):
        seating.draw_seating(room.ctx, 1, RIGHT)
    for n in range(5, 15):
        room.ctx.clock.set(room.ctx.clock.now() + timedelta(seconds=15 * 2 ** (n - 5)))  # type: ignore[attr-defined]
        with pytest.raises(WrongPassword, match="does not open"):
            seating.draw_seating(room.ctx, 1, wrong[n])
    with room.ctx.store.read() as session:
        (row,) = session.scalars(select(PasswordTries)).all()
        state = tries.try_state(room.ctx, session, row.subject)
    assert (state.tries, state.shut) == (15, False)
    assert state.wait_until is not None
    left = state.wait_until - room.ctx.clock.now()
    assert timedelta(seconds=tries.LONGEST_WAIT - 60) < left <= timedelta(seconds=tries.LONGEST_WAIT)
    with pytest.raises(WrongPassword, match="After 15 wrong tries"):
        seating.draw_seating(room.ctx, 1, RIGHT)
    room.ctx.clock.set(room.ctx.clock.now() + timedelta(seconds=tries.LONGEST_WAIT))  # type: ignore[attr-defined]
    assert seating.draw_seating(room.ctx, 1, RIGHT).students == 11


@pytest.mark.parametrize(
    "slip",
    [
        lambda w: w[:4] + ("Z" if w[4] != "Z" else "Y") + w[5:], lambda w: w[:7] + w[8:], lambda w: w[:9] + "5" + w[9:],
        lambda w: w[:2] + w[3] + w[2] + w[4:], lambda w: w[:-1] + ("A" if w[-1] != "A" else "B"),
    ],
    ids=["wrong", "missing", "too-many", "exchanged", "check-symbol"],
)  # fmt: skip
def test_one_slip_is_put_right_and_is_one_try(room: Room, slip: Callable[[str], str]) -> None:
    seating.freeze_seating(room.ctx, 1)
    typed = slip(RIGHT)
    assert seating.password_fit(typed) is seating.Fit.ONE_SLIP
    assert seating.password_fit(RIGHT) is seating.Fit.WHOLE
    assert seating.draw_seating(room.ctx, 1, typed.lower()).students == 11
    with room.ctx.store.read() as session:
        assert [row.tries for row in session.scalars(select(PasswordTries))] == [1]


def test_two_slips_open_nothing_and_are_one_try(room: Room) -> None:
    seating.freeze_seating(room.ctx, 1)
    two = RIGHT[1] + RIGHT[0] + RIGHT[2:6] + RIGHT[7] + RIGHT[6] + RIGHT[8:]
    assert len(passwords.readings(two)) > 10
    with pytest.raises(WrongPassword, match="does not open"):
        seating.draw_seating(room.ctx, 1, two)
    assert seats(room.ctx) == {}
    with room.ctx.store.read() as session:
        assert [row.tries for row in session.scalars(select(PasswordTries))] == [1]
    seating.draw_seating(room.ctx, 1, RIGHT)


def test_variants_are_held_against_the_seats_before_the_draw_and_after(room: Room) -> None:
    fits = variant_check.check_variants(room.ctx, 1)
    assert [(one.hall, one.students, one.problems) for one in fits] == [("101", 6, ()), ("102", 5, ())]
    with room.ctx.store.write(room.ctx.actor) as tx:
        laid = {(row.hall, row.seat): row for row in tx.session.scalars(select(VariantSeat))}
        neighbour = laid["101", 2]
        neighbour.variant = laid["101", 1].variant
        tx.session.delete(laid["102", 3])
        tx.session.add(VariantSeat(shift=1, hall="102", seat=99, variant="1002"))
        tx.session.add(VariantSeat(shift=1, hall="103", seat=1, variant="1002"))
        tx.session.get_one(SheetStack, (1, "102")).count = 3
        tx.note("exam-data-loaded", "test")
    told = {one.hall: [p.message("en") for p in one.problems] for one in variant_check.check_variants(room.ctx, 1)}
    assert told["101"] == [
        f"Hall 101: seats 1 and 2 stand side by side and both hold variant {laid['101', 1].variant}."
    ]
    assert told["102"] == [
        "Hall 102: the centre laid no variant on seats 3.",
        "Hall 102: variants lie on seats that it does not have: 99.",
        "Hall 102: 3 answer sheets for 5 students.",
    ]  # fmt: skip
    assert told["103"][0] == "Hall 103: booklets for 1 seat came, but nobody sits there in this shift."
    with pytest.raises(OutOfOrder, match="without a variant distribution: 102"):
        seating.freeze_seating(room.ctx, 1)
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(VariantSeat(shift=1, hall="102", seat=3, variant="1027"))
        tx.note("exam-data-loaded", "test")
    room.seat()
    del told["102"][0]
    after = {one.hall: one for one in variant_check.check_variants(room.ctx, 1)}
    assert {hall: [p.message("en") for p in one.problems] for hall, one in after.items()} == told
    assert after["102"].surplus["1002"] == 1 + sum(
        row.variant == "1002" for (hall, seat), row in laid.items() if hall == "102" and seat > 5
    )
    left_over = sum(1 for hall, seat in laid if hall == "101" and seat > 6)
    assert after["101"].left_over == left_over
    paper = "\n".join(printed_page.texts(documents_exam.print_variant_sheets(room.ctx, 1, "101").pdf))
    assert paper.count(str(left_over)) >= 1


def test_the_plan_of_a_hall_shows_who_sits_where_with_which_variant(room: Room) -> None:
    with pytest.raises(OutOfOrder, match="are not drawn"):
        documents_seating.print_seating_plans(room.ctx, 1)
    room.seat()
    pages = printed_page.texts(documents_seating.print_seating_plans(room.ctx, 1).pdf)
    assert len(pages) == 2
    for hall, page in zip(("101", "102"), pages, strict=True):
        for line in room.lines(1, hall):
            assert {str(line.seat), line.variant} <= set(page.split())
            assert line.name.split()[0] in page
    again = documents_seating.print_seating_plans(room.ctx, 1, "102")
    assert len(printed_page.texts(again.pdf)) == 1


def test_a_try_counts_even_when_the_plug_is_pulled_while_it_is_checked(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    seating.freeze_seating(room.ctx, 1)

    def pulled_plug(*_args: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(seating.seal, "unseal", pulled_plug)
    with pytest.raises(KeyboardInterrupt):
        seating.draw_seating(room.ctx, 1, RIGHT)
    with room.ctx.store.read() as session:
        assert [row.tries for row in session.scalars(select(PasswordTries))] == [1]


def test_the_next_shift_is_seated_only_after_the_results_of_this_one(make_context: MakeContext, tmp_path: Path) -> None:
    room = make_room(make_context, tmp_path, {"101": 2}, shift_count=2)
    room.seat(1)
    with pytest.raises(OutOfOrder, match="results of shift 1 are not announced"):
        seating.freeze_seating(room.ctx, 2)
    with pytest.raises(OutOfOrder, match="exam of shift 1 is on 10.05.2011"):
        shifts.open_shift(room.ctx, 1)
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    day = operational_day(shifts.season_facts(room.ctx))
    assert [(line.step.key, line.state.value) for line in day.lines][:7] == [
        ("duty", "possible"), ("open", "done"), ("clock", "possible"), ("attendance", "possible"),
        ("returned", "possible"), ("scan", "possible"), ("identify", "blocked"),
    ]  # fmt: skip
    assert day.lines[1].done is not None
    assert day.lines[1].done.by == room.ctx.actor.name


def wrong(room: Room, field: str, right: str, n: int = 0) -> str:
    """A line of the list of wrong data about the n-th student."""
    with room.ctx.store.write(room.ctx.actor) as tx:
        student = tx.session.scalars(select(Student.id).order_by(Student.id)).all()[n]
        tx.session.add(
            WrongData(
                id=f"{field:_>32}", student=student, university="027", field=field, printed_value="x",
                right_value=right, ground="жеке куәлік", application_number="7", application_date=FIRST_DAY,
            )
        )  # fmt: skip
        tx.note("exam-data-loaded", "test")
    return f"{field:_>32}"


def test_only_the_six_fields_are_corrected_from_the_list_and_before_the_draw(room: Room) -> None:
    line = wrong(room, "surname", "Әлиев")
    wrong(room, "birth_date", "14041990")
    foreign = wrong(room, "specialty", "050103")
    with pytest.raises(OutOfOrder, match="2 lines of the list of wrong data"):
        seating.freeze_seating(room.ctx, 1)
    with pytest.raises(UserError, match="nothing else"):
        corrections.correct(room.ctx, foreign)
    corrections.correct(room.ctx, line)
    with pytest.raises(UserError, match="was entered"):
        corrections.correct(room.ctx, line)
    assert corrections.correct_all(room.ctx) == 1
    done = {row.field: row for row in corrections.wrong_lines(room.ctx)}
    assert done["surname"].present_value == "Әлиев"
    assert done["birth_date"].present_value == "1990-04-14"
    assert (done["specialty"].mine, done["specialty"].applied_at) == (False, "")
    seating.freeze_seating(room.ctx, 1)


def test_every_other_field_of_a_student_is_refused_and_nothing_changes(room: Room) -> None:
    six = {"surname", "first_name", "patronymic", "sex", "birth_date", "foreign_language"}

    def rows() -> list[tuple[object, ...]]:
        with room.ctx.store.read() as session:
            return [tuple(row) for row in session.execute(select(Student.__table__).order_by(Student.id))]

    before = rows()
    others = [name for name in STUDENT.names if name not in six]
    assert len(others) >= 12
    assert six <= set(STUDENT.names)
    for n, field in enumerate(others):
        with pytest.raises(UserError, match="nothing else"):
            corrections.correct(room.ctx, wrong(room, field, "1", n % 11))
    with pytest.raises(UserError, match="nothing else"):
        corrections.correct(room.ctx, wrong(room, "no_such_field", "1"))
    assert corrections.correct_all(room.ctx) == 0
    assert rows() == before
    assert {line.mine for line in corrections.wrong_lines(room.ctx)} == {False}


def test_the_list_of_corrections_tells_old_new_ground_when_and_by_whom(room: Room) -> None:
    before = corrections.wrong_lines(room.ctx)
    assert before == []
    for field, right in (("surname", "Әлиев"), ("birth_date", "14041990"), ("sex", "2"), ("specialty", "050103")):
        wrong(room, field, right)
    waiting = {row.field: row for row in corrections.wrong_lines(room.ctx)}
    assert sorted(row.item for row in waiting.values()) == [1, 2, 3, 4]
    old = waiting["surname"].old_value
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(Account(login=room.ctx.actor.login, full_name=WHO, role="programmer", created_at=""))
        tx.note("setting-changed", "test")
    corrections.correct_all(room.ctx)
    done = {row.field: row for row in corrections.wrong_lines(room.ctx)}
    assert (done["surname"].old_words, done["surname"].new_words) == (old, "Әлиев")
    assert (done["birth_date"].old_words, done["birth_date"].new_words) == ("12.04.1991", "14.04.1990")
    assert done["sex"].new_words not in ("2", "")  # a code is told by its name
    with room.ctx.store.read() as session:
        grounds = session.scalars(select(StudentChange.ground)).all()
    assert all(ground.partition(". ")[0] in {"1", "2", "3", "4"} for ground in grounds)
    text = "\n".join(printed_page.texts(documents_day.print_corrections(room.ctx).pdf))
    for part in (old, "Әлиев", "12.04.1991", "14.04.1990", "жеке куәлік", WHO, "050103"):
        assert part in text, part
    assert {done[field].applied_by for field in ("surname", "birth_date", "sex")} == {WHO}
    assert done["birth_date"].present_words == "14.04.1990"


def test_a_right_value_that_breaks_the_rules_of_its_field_is_refused(room: Room) -> None:
    with pytest.raises(UserError, match="No such date"):
        corrections.correct(room.ctx, wrong(room, "birth_date", "31022011"))
    with pytest.raises(UserError, match="not in the list"):
        corrections.correct(room.ctx, wrong(room, "sex", "9"))
