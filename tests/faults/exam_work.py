"""Scenarios of the exam day at the ministry programmer's: draw, scan, key, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from mab_desktop.domain import seating as rules
from mab_desktop.domain.errors import WrongPassword
from mab_desktop.domain.shift import ShiftState
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.services import (
    attendance,
    backups,
    documents,
    duty,
    envelopes,
    exam_acts,
    exam_clock,
    going_official,
    keys,
    results,
    seating,
    sheet_pictures,
    shifts,
    step_copies,
    workplace,
)
from mab_desktop.services.context import Context
from mab_desktop.services.scan_session import ScanSession, discard_left_over
from mab_desktop.services.scan_states import State
from mab_desktop.services.staging import left_overs
from mab_desktop.storage import backup
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.core import PrintJob
from mab_desktop.storage.tables.exam import ExamStart, ScanBatch, Seat, Seating, SeatingFreeze
from mab_desktop.storage.tables.results import KeyLetters, OpenedKey, PasswordTries
from tests.faults.scenario import Say, Scenario, after, database, go_on, opened, require_whole
from tests.services.exam_room import (
    CHAIR,
    FIRST_DAY,
    MINISTRY,
    SEAT_PASSWORD,
    SECRET,
    Room,
    give_key,
    make_room,
    own_marks,
    password,
)
from tests.services.land import PASSWORD, Land, the_clock

HERE, HALL, STUDENTS = "mp013", "101", 2
WRONG = "CCCCC-CCCCC-CCC"
PAPERS = (shifts.MINUTES, shifts.LAST_REGISTER, shifts.RESULTS_AFTER)


def prepare_draw(land: Land) -> None:
    """A shift on the eve, at the land's ministry programmer: one hall."""
    make_room(lambda *_: land.ctx(HERE), land.folder / "paper", {HALL: STUDENTS})


def room_of(land: Land) -> Room:
    """The exam made ready before, on its day."""
    room = Room(land.ctx(HERE), land.folder / "paper")
    room.day(FIRST_DAY, 12)
    return room


def prepare_scan(land: Land) -> None:
    """Seats drawn, the shift open, the envelope's counts entered, its sheets filled in carefully, as image files."""
    room = room_of(land)
    room.seat()
    shifts.open_shift(room.ctx, 1)
    envelopes.receive_envelope(room.ctx, 1, HALL, STUDENTS, 0)
    for number in (1, 2):
        room.images([(room.serial(n + 1), own_marks(line)) for n, line in enumerate(room.lines())], f"pass-{number}")


def prepare_key(land: Land) -> None:
    """Both passes scanned, identification confirmed, the sealed key is there."""
    room = room_of(land)
    for number in (1, 2):
        envelopes.scan_pass(room.ctx, 1, HALL, number, [room.folder / f"pass-{number}"])
    room.finish_identification()
    give_key(room)


def prepare_close(land: Land) -> None:
    """The key opened, points reckoned, results hung out."""
    room = room_of(land)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    results.score_shift(room.ctx, 1)
    room.print_as(shifts.RESULTS_BEFORE, 1)
    shifts.announce_results(room.ctx, 1)


# -- draw: freeze, then seats once for ever


def draw(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        if seating.seating(ctx, 1) is None:
            say(f"frozen {seating.freeze_seating(ctx, 1).code}")
            say(f"drawn {seating.draw_seating(ctx, 1, password(SEAT_PASSWORD)).result}")


def check_draw(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            codes = list(session.scalars(select(SeatingFreeze.code)))
            drawn = list(session.scalars(select(Seating.result)))
            seats = session.scalar(select(func.count()).select_from(Seat))
            tried = session.scalar(select(func.sum(PasswordTries.tries))) or 0
        assert len(codes) <= 1
        assert set(after(said, "frozen")) <= set(codes)
        assert set(after(said, "drawn")) <= set(drawn)
        assert (len(drawn), seats) in ((0, 0), (1, STUDENTS))
        assert len(drawn) <= tried
        if not codes:
            return
        frozen = seating.frozen(ctx, 1)
        assert frozen is not None
        assert frozen.code == codes[0]
        outcome = drawn[0] if drawn else seating.draw_seating(ctx, 1, password(SEAT_PASSWORD)).result
        assert outcome == drawn_again(ctx)


def drawn_again(ctx: Context) -> str:
    """The draw that the centre's secret and the freeze give, made anew from the proof."""
    proof = seating.proof(ctx, 1)
    seats, problems = rules.rederive(SECRET, proof.frozen, proof.roster, proof.halls)
    assert not problems
    return rules.result_digest(seats)


# -- scan: both passes of an envelope, each saved whole


def scan(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        for number in (1, 2):
            if number in envelopes.standing_passes(ctx, 1, HALL):
                continue
            run = ScanSession.begin(ctx, 1, HALL, number)
            try:
                run.scan(FolderSource(folder / "paper" / f"pass-{number}"))
                if run.wait() is not State.ENDED:
                    error = run.view().error
                    assert error is not None
                    raise error
                run.save()
            finally:
                run.close()
            say(f"saved {number}")


def check_scan(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            passes = list(session.scalars(select(ScanBatch.scan_pass).order_by(ScanBatch.id)))
        assert passes == list(range(1, len(passes) + 1))
        assert {int(n) for n in after(said, "saved")} <= set(passes)
        for number in passes:
            lines = envelopes.page_lines(ctx, 1, HALL, number)
            assert len(lines) == STUDENTS
            assert sheet_pictures.saved_why_picture(ctx, lines[-1].page)
        for run in left_overs(ctx):
            if run.log.scan_pass in passes:  # saved; only its folder was not cleared away any more
                discard_left_over(ctx, run.folder)
                continue
            resumed = ScanSession.resume(ctx, run.folder)
            resumed.wait()
            resumed.discard()
        assert left_overs(ctx) == []


# -- key: two wrong tries, then the right passwords


def open_key(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        while not keys.key_state(ctx, 1).opened_at:
            state = keys.key_state(ctx, 1)
            if state.tries < 2:
                try:
                    keys.open_key(ctx, 1, password(MINISTRY), password(WRONG), "Төраға Төраев")
                except WrongPassword:
                    say(f"tried {keys.key_state(ctx, 1).tries}")
            else:
                keys.open_key(ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
                say("opened 1")


def check_key(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        state = keys.key_state(ctx, 1)
        assert state.tries >= max(map(int, after(said, "tried")), default=0) + len(after(said, "opened"))
        with ctx.store.read() as session:
            opened_keys = session.scalar(select(func.count()).select_from(OpenedKey))
            letters = session.scalar(select(func.count()).select_from(KeyLetters))
        assert bool(letters) == bool(opened_keys) == bool(state.opened_at)
        assert "opened 1" not in said or state.opened_at
        if state.opened_at:
            assert len(keys.answer_key(ctx, 1).letters) == letters
        assert (shifts.shifts(ctx)[0].state is ShiftState.KEY_OPEN) == bool(state.opened_at)


# -- close: appeal, the last papers, the shift


def close(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        go_on(ctx, ctx.clock.now() + timedelta(days=1, hours=2))
        state = shifts.shifts(ctx)[0].state
        if state is ShiftState.RESULTS:
            shifts.close_appeal(ctx, 1)
            say("appeal closed")
        if state is not ShiftState.CLOSED:
            for paper in PAPERS:
                documents.print_document(ctx, paper, "1", lambda _: b"%PDF /Type /Page\n", copies=3)
                say(f"printed {paper}")
            shifts.close_shift(ctx, 1)
            say("shift closed")


def check_close(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        state = shifts.shifts(ctx)[0].state
        assert state is ShiftState.CLOSED or "shift closed" not in said
        assert state is not ShiftState.RESULTS or "appeal closed" not in said
        printed = printings(ctx)
        assert all(printed.count(paper) >= said.count(f"printed {paper}") for paper in PAPERS)
        with ctx.store.read() as session:
            assert shifts.marks_unchanged(session, 1)


def printings(ctx: Context) -> list[str]:
    """Documents printed so far."""
    with ctx.store.read() as session:
        return list(session.scalars(select(PrintJob.document)))


# -- day: what is done once besides the moves, each saved whole


def prepare_day(land: Land) -> None:
    """Seats drawn, the shift open, officers on the list."""
    room = room_of(land)
    with room.ctx.store.write(room.ctx.actor) as tx:
        for n in range(3):
            tx.session.add(DutyOfficer(id=f"{n:032d}", full_name=f"Кезекші {n}"))
        tx.note("hand-over-loaded", "test")
    room.seat()
    shifts.open_shift(room.ctx, 1)


def day(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        if duty.drawn(ctx, 1) is None:
            say(f"drawn {duty.draw(ctx, 1).result}")
        if exam_clock.started(ctx, 1) is None:
            say(f"started {exam_clock.start(ctx, 1).begun.isoformat()}")
        (line,) = attendance.count_lines(ctx, 1, HALL)
        if line.present is None:
            attendance.save_count(ctx, 1, HALL, {(line.specialty, line.test_language): STUDENTS})
            say("counted 1")
        if not exam_acts.lines(ctx, 1):
            seated = exam_acts.facts(ctx, 1, HALL)
            counts = (STUDENTS, seated.sheets - STUDENTS, 1, seated.seated, 1, 1, 0)
            begun = exam_acts.begin(ctx, 1, HALL, "materials-returned")
            content = replace(begun, rows=tuple((str(n), "") for n in counts), taken_by=("Өкіл",))
            say(f"act {exam_acts.enter(ctx, 1, HALL, 'materials-returned', '1', content)}")
        if step_copies.after_step(ctx) is not None:
            say("copied 1")


def check_day(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        draws = duty.all_draws(ctx, 1)
        assert len(draws) <= 1
        assert set(after(said, "drawn")) <= {one.result for one in draws}
        assert all(duty.draws_again(ctx, 1, one.n) for one in draws)
        with ctx.store.read() as session:
            starts = list(session.scalars(select(ExamStart.begun_at)))
        assert len(starts) <= 1
        assert set(after(said, "started")) <= set(starts)
        (line,) = attendance.count_lines(ctx, 1, HALL)
        assert line.present == STUDENTS or not after(said, "counted")
        acts = exam_acts.lines(ctx, 1)
        assert len(acts) <= 1
        assert set(map(int, after(said, "act"))) <= {act.id for act in acts}
        copies = backup.copies(backups.folder_of(ctx), ctx.store.path.stem)
        assert copies or not after(said, "copied")
        for copy in copies:
            backup.check(copy.path, ctx.store.key, copy.note)


# -- aside: the training is put aside before the real exam


def put_aside(folder: Path, say: Say) -> None:
    place = database(folder, HERE)
    if going_official.finish(place) is None and place.exists():
        with opened(folder, HERE) as ctx:
            say(f"marked {going_official.prepare(ctx).name}")
        going_official.finish(place)
    say("aside 1")


def check_aside(folder: Path, said: Sequence[str]) -> None:
    place = database(folder, HERE)
    going_official.finish(place)  # as the next start of the program does
    if place.exists():
        assert not after(said, "aside")
        with opened(folder, HERE) as ctx:
            require_whole(ctx)
        return
    (target,) = place.parent.glob("training-*")
    assert set(after(said, "marked")) <= {target.name}
    assert not place.with_suffix(".keys").exists()
    ctx = workplace.log_in(target / place.name, "programmer", PASSWORD, clock=the_clock())
    try:
        require_whole(ctx)
        assert seating.frozen(ctx, 1) is not None
    finally:
        ctx.store.close()


SCENARIOS = (
    Scenario("draw", (HERE,), draw, check_draw, prepare_draw),
    Scenario("scan", (HERE, "paper"), scan, check_scan, prepare_scan, builds_on="draw"),
    Scenario("key", (HERE,), open_key, check_key, prepare_key, builds_on="scan"),
    Scenario("close", (HERE,), close, check_close, prepare_close, builds_on="key"),
    Scenario("day", (HERE,), day, check_day, prepare_day, builds_on="draw"),
    Scenario("aside", (HERE,), put_aside, check_aside, builds_on="scan"),
)
