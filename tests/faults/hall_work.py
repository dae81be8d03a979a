"""Scenarios from the scanned envelope to the appeal, and of the reserve PC: settle, results, appeal, step, takeover."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.identification import IdentityDecision
from mab_desktop.domain.shift import ShiftState
from mab_desktop.scanning.folder import FilesSource
from mab_desktop.services import (
    accounts,
    appeals,
    backups,
    documents,
    doubtful,
    envelopes,
    identification,
    keys,
    pass_differences,
    restore,
    results,
    seating,
    second_disk,
    shifts,
    step_copies,
)
from mab_desktop.services.appeals import AppealState, ItemDecision
from mab_desktop.services.context import Context
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.services.staging import left_overs
from mab_desktop.storage import backup
from mab_desktop.storage.tables.exam import Decision, Protocol, ScanBatch, ScannedPage
from mab_desktop.storage.tables.results import Appeal, AppealItem, ScoreRow
from tests.faults.exam_work import HALL, HERE, STUDENTS, room_of
from tests.faults.scenario import Say, Scenario, after, database, opened, require_whole
from tests.services.exam_room import CHAIR, MINISTRY, own_marks, password
from tests.services.land import CHEAP, PASSWORD, Land, the_clock

REP, REP_NAME = "rep", "Өкіл Өкілов"
SECOND, RESERVE = "second", "reserve"

# -- settle: a difference of the passes by eye, the protocol, its signed decisions, the last version, the confirmation


def prepare_settle(land: Land) -> None:
    """Both passes saved: they differ in one mark of the first sheet, the second sheet has a wrong code."""
    room = room_of(land)
    first, second = (own_marks(line) for line in room.lines())
    second |= {"code": second["code"][:-1] + str((int(second["code"][-1]) + 5) % 10)}
    again = first | {"subject2": first["subject2"][:24] + "-"}
    for number, marks in ((1, first), (2, again)):
        paths = room.images([(room.serial(1), marks), (room.serial(2), second)], f"settle-{number}")
        envelopes.scan_pass(room.ctx, 1, HALL, number, paths)


def settle(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        for one in pass_differences.pass_differences(ctx, 1, HALL):
            if one.open:
                doubtful.decide_mark(ctx, one.mark.serial, one.mark.field, one.mark.column, [one.mark.first.mark])
                say("settled 1")
        version = identification.issue_protocol(ctx, 1, HALL)
        say(f"issued {version.version}")
        result = identification.hall_view(ctx, 1, HALL).result
        if version.open_lines:
            if not version.signed_at:
                identification.sign_protocol(ctx, 1, HALL, version.version, ["Бірінші", "Екінші"])
                say(f"signed {version.version}")
            (true,) = (m.place for m in result.missing)
            (sheet,) = result.sheets
            identification.decide_identities(
                ctx, 1, HALL, [IdentityDecision(sheet.sheet.serial, true.code, true.seat, true.variant, "Кітапша")]
            )
            say("identified 1")
            say(f"issued {identification.issue_protocol(ctx, 1, HALL).version}")
        if shifts.shifts(ctx)[0].state is ShiftState.OPEN:
            shifts.confirm_identification(ctx.as_person(REP, REP_NAME, "representative"), 1)
            say("confirmed 1")


def check_settle(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            standing = select(Decision.kind, func.count()).where(Decision.undone_at.is_(None)).group_by(Decision.kind)
            decided = {row[0]: row[1] for row in session.execute(standing)}
            versions = list(session.scalars(select(Protocol.version).order_by(Protocol.version)))
        assert decided.get("mark", 0) <= 1
        assert decided.get("identity", 0) <= 1
        assert decided.get("mark", 0) >= len(set(after(said, "settled")))
        assert decided.get("identity", 0) >= len(set(after(said, "identified")))
        assert versions == list(range(1, len(versions) + 1))
        assert len(versions) <= 2
        assert {int(n) for n in after(said, "issued")} <= set(versions)
        confirmed = shifts.shifts(ctx)[0].state is not ShiftState.OPEN
        assert confirmed >= bool(after(said, "confirmed"))
        if confirmed:
            assert envelopes.balance(ctx, 1, HALL).balanced


# -- results: points of the whole shift, the result sheet, the announcement


def prepare_results(land: Land) -> None:
    """The key is open."""
    keys.open_key(room_of(land).ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")


def issue_results(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        if shifts.shifts(ctx)[0].state is ShiftState.KEY_OPEN:
            say(f"scored {results.score_shift(ctx, 1)}")
            documents.print_document(ctx, shifts.RESULTS_BEFORE, "1", lambda _: b"%PDF /Type /Page\n", copies=3)
            say("printed 1")
            shifts.announce_results(ctx, 1)
            say("announced 1")


def check_results(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            rows = session.scalar(select(func.count()).select_from(ScoreRow))
            announced = shifts.announced_at(session, 1)
            unchanged = shifts.marks_unchanged(session, 1)
        assert rows in (0, STUDENTS)  # of everybody or of nobody
        assert rows == STUDENTS or not after(said, "scored")
        assert announced is not None or not after(said, "announced")
        assert (shifts.shifts(ctx)[0].state is ShiftState.RESULTS) == (announced is not None)
        assert unchanged


# -- appeal: two applications, one decided, one who did not come


def appeal(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        if not appeals.members(ctx):
            say(f"member {appeals.save_member(ctx, {'full_name': 'Апелляция Төрағасы', 'chair': True})}")
        known = {line.code for line in appeals.journal(ctx, 1)}
        for line in seating.seat_lines(ctx, 1, HALL):
            if line.code not in known:
                say(f"registered {appeals.register_appeal(ctx, 1, line.code, [(1, 1), (2, 3)]).id}")
        first, second = appeals.journal(ctx, 1)
        if first.state is AppealState.PENDING:
            words = [ItemDecision(1, 1, False), ItemDecision(2, 3, False)]
            appeals.decide_appeal(ctx, first.id, words, [member.id for member in appeals.members(ctx)])
            say(f"decided {first.id}")
        if second.state is AppealState.PENDING:
            appeals.mark_not_come(ctx, second.id)
            say(f"away {second.id}")


def check_appeal(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        lines = {line.id: line for line in appeals.journal(ctx, 1)}
        assert len(lines) <= STUDENTS
        assert len({line.number for line in lines.values()}) == len(lines)
        assert set(after(said, "registered")) <= set(lines)
        assert set(after(said, "member")) <= {member.id for member in appeals.members(ctx)}
        assert len(appeals.members(ctx)) <= 1
        for word, state in (("decided", AppealState.DECIDED), ("away", AppealState.NOT_COME)):
            assert all(lines[one].state is state for one in after(said, word))
        with ctx.store.read() as session:
            items = dict(session.execute(select(AppealItem.appeal, func.count()).group_by(AppealItem.appeal)).all())
            assert set(items) == set(session.scalars(select(Appeal.id)))
        assert set(items.values()) <= {2}  # an application has both its items or is not there


# -- step: the copy after each step on the second disk


def prepare_second(land: Land) -> None:
    """A representative who may answer, and a folder for the second disk."""
    accounts.add_person(land.ctx(HERE), REP, REP_NAME, "representative", PASSWORD, CHEAP)
    (land.folder / SECOND).mkdir()


def use_second(ctx: Context, folder: Path) -> Path:
    """The second disk in this run's own folder, chosen when it is not; where the copies lie."""
    found = second_disk.state(ctx)
    if found is None or found.folder != str(folder / SECOND):
        second_disk.choose(ctx, folder / SECOND, same_disk_too=True)
    return folder / SECOND / f"mab-{ctx.actor.device or ctx.organisation}"


def step(folder: Path, say: Say) -> None:
    with opened(folder, HERE) as ctx:
        place = use_second(ctx, folder)
        for unused in (0, 1):
            envelopes.receive_envelope(ctx, 1, HALL, STUDENTS, unused)
            say(f"received {unused}")
            made = step_copies.after_step(ctx)
            found = second_disk.state(ctx)
            if made is not None and found is not None and not found.error and (place / made.name).exists():
                say(f"copied {made.name}")


def check_step(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        b = envelopes.balance(ctx, 1, HALL).balance
        received = max((int(n) for n in after(said, "received")), default=0)
        assert b.used == STUDENTS
        assert (b.unused or 0) >= received
        place = folder / SECOND / f"mab-{ctx.actor.device or ctx.organisation}"
        there = backup.copies(place, ctx.store.path.stem) if place.is_dir() else []
        assert there or not after(said, "copied")
        known = {copy.path.name: copy.n for copy in there}
        if told := after(said, "copied"):  # the newest told of, or one that took its place
            last = told[-1].partition("-n")[2].removesuffix(".db")
            assert max(known.values()) >= int(last)
        for copy in there:
            backup.check(copy.path, ctx.store.key, copy.note)


# -- takeover: the PC dies with half an envelope in the copy, the reserve PC goes on, the old one refuses


def takeover(folder: Path, say: Say) -> None:
    place = database(folder, RESERVE)
    stack = [folder / "paper" / "pass-1" / f"{n:03d}.png" for n in range(STUDENTS)]  # as `Room.images` names them
    if not place.exists():
        with opened(folder, HERE) as ctx:
            there = use_second(ctx, folder)
            if not left_overs(ctx):
                scan_part(ctx, None, stack[:1])
                say("staged 1")
            copy = step_copies.after_step(ctx)
            if copy is None:
                copy = backups.lines(ctx)[0].path
            if not (there / copy.name).exists():
                copy = backups.back_up(ctx, "asked")
            say(f"copied {copy.name}")
        found = restore.open_copy(place, there / copy.name, "programmer", PASSWORD, the_clock())
        rep = restore.second_person(found, REP, PASSWORD, the_clock())
        done = restore.restore(found, rep, the_clock(), reason=restore.RESERVE)
        say("not told" if done.unmarked else "told 1")
        say("taken 1")
    with opened(folder, RESERVE) as ctx:
        if 1 not in envelopes.standing_passes(ctx, 1, HALL):
            runs = left_overs(ctx)
            scan_part(ctx, runs[0].folder if runs else None, stack[1:] if runs else stack, save=True)
            say("saved 1")


def scan_part(ctx: Context, run: Path | None, images: Sequence[Path], *, save: bool = False) -> None:
    """Begin a run of pass 1, or go on with one; what is there already is not taken twice."""
    session = ScanSession.resume(ctx, run) if run else ScanSession.begin(ctx, 1, HALL, 1)
    try:
        session.wait()
        here = len(session.view().pages)
        if not run or here < STUDENTS:
            session.scan(FilesSource(tuple(images)))
        if session.wait() is not State.ENDED:
            error = session.view().error
            assert error is not None
            raise error
        if save:
            session.save()
    finally:
        session.close()


def check_takeover(folder: Path, said: Sequence[str]) -> None:
    place = database(folder, RESERVE)
    assert place.exists() or not after(said, "taken")
    with opened(folder, HERE) as ctx:
        require_whole(ctx)
        if after(said, "told"):
            use_second(ctx, folder)  # after a power cut the run lies in another folder, as a drive under another letter
            try:
                envelopes.run_facts(ctx, 1, HALL, 1)
            except OutOfOrder as refused:
                assert "handed its work over" in refused.message("en")  # noqa: PT017
            else:
                raise AssertionError("the old PC would scan on")
    if not place.exists():
        return
    with opened(folder, RESERVE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            passes = list(session.scalars(select(ScanBatch.scan_pass)))
            pages = session.scalar(select(func.count()).select_from(ScannedPage))
        assert passes in ([], [1])
        assert passes == [1] or not after(said, "saved")
        assert pages == (STUDENTS if passes else 0)  # nothing twice, nothing lost
        runs = left_overs(ctx)
        assert not (runs and passes)
        assert all(run.brought for run in runs if run.log.epoch == 1)


SCENARIOS = (
    Scenario("settle", (HERE, "paper"), settle, check_settle, prepare_settle, builds_on="scan"),
    Scenario("results", (HERE,), issue_results, check_results, prepare_results, builds_on="key"),
    Scenario("appeal", (HERE,), appeal, check_appeal, builds_on="close"),
    Scenario("step", (HERE, SECOND), step, check_step, prepare_second, builds_on="scan"),
    Scenario("takeover", (HERE, SECOND, "paper"), takeover, check_takeover, builds_on="step"),
)
