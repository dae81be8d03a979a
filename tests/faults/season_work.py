"""Scenarios of what stands before and behind the exam day: eve, hearing, send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select

from mab_desktop.domain.appeal import AppealState, ItemDecision
from mab_desktop.domain.shift import ShiftState
from mab_desktop.services import (
    appeal_portions,
    appeals,
    corrections,
    day_work,
    readiness,
    representative_report,
    results,
    seating,
    shifts,
    transfer,
)
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.exam import ReadinessReport, SeatingFreeze
from mab_desktop.storage.tables.results import AppealItem
from mab_desktop.storage.tables.students import Student, StudentChange, WrongData
from tests.faults.exam_work import HERE, PAPERS, prepare_close, prepare_draw, printings, room_of
from tests.faults.hall_work import REP, REP_NAME
from tests.faults.scenario import Say, Scenario, after, events_of, go_on, opened, require_whole
from tests.faults.students_work import whole_on_drive
from tests.services.exam_room import FIRST_DAY, SEAT_PASSWORD, password
from tests.services.land import Land

RIGHT = {"first_name": "Ғалия", "birth_date": "14.04.1990"}
REASON, WORDS = "Сканер ертең таңертең келеді", "Жұмыс технология бойынша өтті."
KINDS = ("daily-statistics", "final-data")

# -- eve: corrections, the report of readiness with her reason, freeze and draw, the shift is opened


def prepare_eve(land: Land) -> None:
    """The eve of a shift with two lines of wrong data and no report of readiness."""
    prepare_draw(land)
    ctx = room_of(land).ctx
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(delete(ReadinessReport))
        student = tx.session.scalars(select(Student.id).order_by(Student.id)).first()
        for n, (field, right) in enumerate(RIGHT.items()):
            tx.session.add(WrongData(id=f"{n:032d}", student=student, university="027", field=field,
                                     printed_value="x", right_value=right, ground="жеке куәлік",
                                     application_number="7", application_date=FIRST_DAY))  # fmt: skip
        tx.note("exam-data-loaded", "test")


def eve(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        for line in corrections.wrong_lines(ctx, open_only=True):
            corrections.correct(ctx, line.id)
            say(f"corrected {line.field}")
        if not readiness.reports(ctx):
            say(f"signed {readiness.sign_with_reason(representative(ctx), REASON).n}")
        if seating.seating(ctx, 1) is None:
            seating.freeze_seating(ctx, 1)
            say(f"drawn {seating.draw_seating(ctx, 1, password(SEAT_PASSWORD)).result}")
        if shifts.shifts(ctx)[0].state is ShiftState.SEATED:
            go_on(ctx, max(ctx.clock.now(), datetime.combine(FIRST_DAY, ctx.clock.now().timetz())))
            shifts.open_shift(ctx, 1)
            say("opened 1")


def check_eve(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            changed = {row.field: row.new for row in session.scalars(select(StudentChange))}
            entered = set(session.scalars(select(WrongData.field).where(WrongData.applied_at.is_not(None))))
            versions = list(session.scalars(select(StudentChange.version).order_by(StudentChange.version)))
            frozen = session.scalar(select(func.count()).select_from(SeatingFreeze))
        assert set(changed) == entered  # entered in the list and in the student, or in neither
        assert len(versions) == len(set(versions)) == len(changed)
        assert set(after(said, "corrected")) <= entered
        reports = [report.n for report in readiness.reports(ctx)]
        assert reports in ([], [1])
        assert set(map(int, after(said, "signed"))) <= set(reports)
        drawn = seating.seating(ctx, 1)
        assert not after(said, "drawn") or (drawn is not None and after(said, "drawn") == [drawn.result])
        assert not drawn or (frozen == 1 and entered == set(RIGHT))
        state = shifts.shifts(ctx)[0].state
        assert state is ShiftState.OPEN or not after(said, "opened")
        assert state is not ShiftState.OPEN or (drawn is not None and reports == [1])


def representative(ctx: Context) -> Context:
    """The ministry representative at the same PC."""
    return ctx.as_person(REP, REP_NAME, "representative")


# -- hearing: portions to the commission and back, a decision, taken back, decided anew


def hearing(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        if not appeals.members(ctx):
            appeals.save_member(ctx, {"full_name": "Апелляция Төрағасы", "chair": True})
        known = {line.code for line in appeals.journal(ctx, 1)}
        for line in seating.seat_lines(ctx, 1):
            if line.code not in known:
                appeals.register_appeal(ctx, 1, line.code, [(1, 1)])
        if not appeal_portions.portions(ctx, 1):
            say(f"handed {appeal_portions.hand_over(ctx, 1).n}")
        (portion,) = appeal_portions.portions(ctx, 1)
        first, second = appeals.journal(ctx, 1)
        present = [member.id for member in appeals.members(ctx)]
        if not events_of(ctx, "appeal-undone") and first.state is AppealState.PENDING:
            appeals.decide_appeal(ctx, first.id, [ItemDecision(1, 1, False)], present)
            say(f"decided {first.id}")
        if not events_of(ctx, "appeal-undone"):
            appeals.undo_appeal(ctx, first.id)
            say("undone 1")
        for line in (first, second):
            if appeals.appeal(ctx, line.id).line.state is AppealState.PENDING:
                appeals.decide_appeal(ctx, line.id, [ItemDecision(1, 1, False)], present)
                say(f"final {line.id}")
        if portion.sheets is None:
            appeal_portions.give_back(ctx, 1, portion.n, portion.applications)
            say("back 1")


def check_hearing(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        portions = appeal_portions.portions(ctx, 1)
        assert len(portions) <= 1
        assert set(map(int, after(said, "handed"))) <= {portion.n for portion in portions}
        assert not after(said, "back") or portions[0].sheets == portions[0].applications
        lines = {line.id: line for line in appeals.journal(ctx, 1)}
        for one in after(said, "final"):
            assert lines[one].state is AppealState.DECIDED
        with ctx.store.read() as session:
            words = dict(session.execute(select(AppealItem.appeal, AppealItem.satisfied)).all())
        undone = events_of(ctx, "appeal-undone")
        assert len(undone) <= 1
        assert undone or not after(said, "undone")
        for one, line in lines.items():  # a word on the item and the state of the line belong together
            assert (words[one] is not None) == (line.state is AppealState.DECIDED)
        for result in results.results(ctx, 1):
            assert result.total_after == result.total_before  # nothing was given


# -- send: the report, the statistics of the day and the final data with images


def prepare_send(land: Land) -> None:
    """The only shift is closed."""
    prepare_close(land)
    room = room_of(land)
    room.day(FIRST_DAY + timedelta(days=1), 14)
    shifts.close_appeal(room.ctx, 1)
    for paper in PAPERS:
        room.print_as(paper, 1)
    shifts.close_shift(room.ctx, 1)


def send(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        if representative_report.report(ctx).written < len(representative_report.TASKS):
            representative_report.save(representative(ctx), [WORDS] * len(representative_report.TASKS))
            say("reported 1")
        for kind in KINDS:
            if kind not in gone(ctx):
                done = transfer.export(ctx, kind, "ntc", folder / "drive")
                say(f"written {kind} {'|'.join(path.name for path in done.paths)}")


def check_send(folder: Path, said: Sequence[str]) -> None:
    drive = folder / "drive"
    for line in after(said, "written"):
        _kind, names = line.split(" ", 1)
        assert all((drive / name).is_file() for name in names.split("|"))
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        written = representative_report.report(ctx).written
        assert written in (0, len(representative_report.TASKS))
        assert written or not after(said, "reported")
        with ctx.store.read() as session:
            streams: dict[str, list[int]] = {}
            for kind, seq in session.execute(select(CarrierOut.kind, CarrierOut.seq).order_by(CarrierOut.seq)):
                streams.setdefault(kind, []).append(seq)
            assert (day_work.reported(session) is not None) == bool(written)
        assert shifts.season_facts(ctx).sent == ("final-data" in gone(ctx))
        assert {line.split()[0] for line in after(said, "written")} <= gone(ctx)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in streams.values())
        assert printings(ctx).count(PAPERS[0]) == 1
        whole_on_drive(drive)


def gone(ctx: Context) -> set[str]:
    """The kinds of files that have reached the drive."""
    with ctx.store.read() as session:
        return set(session.scalars(select(CarrierOut.kind).where(CarrierOut.state != "built")))


SCENARIOS = (
    Scenario("eve", (HERE,), eve, check_eve, prepare_eve),
    Scenario("hearing", (HERE,), hearing, check_hearing, builds_on="close"),
    Scenario("send", (HERE, "drive"), send, check_send, prepare_send, builds_on="key"),
)
