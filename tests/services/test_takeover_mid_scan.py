"""The PC dies with a hall half scanned: the reserve PC goes on with the copy; what is not in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.progress import Silent
from mab_desktop.services import (
    accounts,
    backups,
    envelopes,
    identification,
    readiness,
    reserve,
    restore,
    second_disk,
    step_copies,
    workplace,
)
from mab_desktop.services.brought_over import brought_over
from mab_desktop.services.context import Context
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.services.staging import left_overs
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import ReadinessReport, ScanBatch, ScannedPage
from tests.services.envelope_stand import ScriptedFeeder, Sheets, open_hall, open_shift
from tests.services.exam_room import Room, make_room
from tests.services.land import CHEAP, PASSWORD, Land

HERE, REP = "mp013", "rep"
Stack = list[Path]


@pytest.fixture
def room(land: Land, tmp_path: Path) -> Room:
    """Shift 1 open at the ministry's PC, with a second disk; halls 101 with four students, 102 with two."""
    made = make_room(lambda *_: land.ctx(HERE), tmp_path / "paper", {"101": 4, "102": 2})
    accounts.add_person(made.ctx, REP, "Өкіл Өкілов", "representative", PASSWORD, CHEAP)
    with made.ctx.store.write(made.ctx.actor) as tx:
        tx.session.execute(delete(ReadinessReport))
        tx.note("setting-changed", "test")
    readiness.sign_with_reason(made.ctx.as_person(REP, "Өкіл Өкілов", "representative"), "сынақтағы емтихан")
    disk = tmp_path / "second"
    disk.mkdir()
    second_disk.choose(made.ctx, disk, same_disk_too=True)
    return open_shift(made)


@pytest.fixture
def sheets(room: Room) -> Sheets:
    """The envelope of hall 101: four used sheets and an unused one."""
    return open_hall(room)


def place_of(room: Room) -> Path:
    place = second_disk.place_of(room.ctx)
    assert place is not None
    return place


def copied(room: Room) -> Path:
    """The copy after a step, as it lies on the second disk."""
    made = step_copies.after_step(room.ctx)
    assert made is not None
    return place_of(room) / made.name


def half_scanned(room: Room, stack: Stack, scan_pass: int = 1) -> tuple[ScanSession, Path]:
    """Two sheets, the copy, two sheets more: the fifth is still in the feeder when the PC dies."""
    session = ScanSession.begin(room.ctx, 1, "101", scan_pass)
    session.scan(ScriptedFeeder(list(stack[:2])))
    assert session.wait() is State.ENDED
    copy = copied(room)
    session.scan(ScriptedFeeder(list(stack[2:4])))
    assert session.wait() is State.ENDED
    return session, copy


def take_over(land: Land, copy: Path, database: Path) -> Context:
    opened = restore.open_copy(database, copy, "programmer", PASSWORD, land.clock)
    rep = restore.second_person(opened, REP, PASSWORD, land.clock)
    restore.restore(opened, rep, land.clock, reason=restore.RESERVE, words="Ескі компьютер өшірілді.")
    return workplace.log_in(database, "programmer", PASSWORD, clock=land.clock, lang="en")


def scan_whole(ctx: Context, stack: Stack, scan_pass: int, hall: str = "101") -> None:
    session = ScanSession.begin(ctx, 1, hall, scan_pass)
    session.scan(ScriptedFeeder(list(stack)))
    assert session.wait() is State.ENDED
    session.save()


def pages_kept(ctx: Context) -> list[tuple[int, int]]:
    """Pass and number of pages of every standing run."""
    with ctx.store.read() as session:
        query = select(ScanBatch.scan_pass, func.count(ScannedPage.id)).join(ScannedPage)
        return [(row[0], row[1]) for row in session.execute(query.group_by(ScanBatch.id).order_by(ScanBatch.id))]


@pytest.mark.heavy
def test_the_envelope_goes_on_at_the_reserve_pc_and_what_the_copy_lacks_is_named(
    room: Room, sheets: Sheets, land: Land, tmp_path: Path
) -> None:
    stack = room.images(sheets, "stack")
    session, copy = half_scanned(room, stack)
    session.close()  # the PC dies: four sheets went through it, two are in the copy
    there = take_over(land, copy, tmp_path / "reserve" / "mab.db")

    (run,) = left_overs(there)
    assert run.brought
    assert (run.log.hall, run.log.scan_pass, run.images) == ("101", 1, 2)
    told = brought_over(there)
    assert told is not None
    assert (told.hall, told.scan_pass) == ("", 0)  # no pass had been saved
    with there.store.read() as read:
        restored = read.scalars(select(AuditEntry).where(AuditEntry.event == "backup-restored")).one()
        assert told.at == read.get_one(AuditEntry, restored.details["copy_head"][0]).at

    resumed = ScanSession.resume(there, run.folder)
    assert resumed.wait() is State.ENDED
    assert resumed.resumed
    assert [page.serial for page in resumed.view().pages] == [serial for serial, _ in sheets[:2]]
    (lacking,) = resumed.view().suspicions  # and the sheets that nobody may believe to be here
    assert all(serial in lacking.message("en") for serial, _ in sheets[2:])
    resumed.scan(ScriptedFeeder(list(stack[2:])))
    assert resumed.wait() is State.ENDED
    assert resumed.view().suspicions == ()
    assert resumed.save().pages == 5
    assert brought_over(there) is None
    assert left_overs(there) == []
    scan_whole(there, stack, 2)
    assert pages_kept(there) == [(1, 5), (2, 5)]
    assert envelopes.balance(there, 1, "101").balanced
    assert identification.issue_protocol(there, 1, "101").open_lines == 0
    assert there.store.verify_log() is None
    there.store.close()


def test_the_whole_stack_laid_in_again_is_put_right_in_one_step(
    room: Room, sheets: Sheets, land: Land, tmp_path: Path
) -> None:
    stack = room.images(sheets, "stack")
    session, copy = half_scanned(room, stack)
    session.close()
    there = take_over(land, copy, tmp_path / "reserve" / "mab.db")
    resumed = ScanSession.resume(there, left_overs(there)[0].folder)
    resumed.wait()
    again = [path.rename(path.with_stem(f"{path.stem}-again")) for path in stack]  # other files, as from a scanner
    resumed.scan(ScriptedFeeder(list(again)))
    resumed.wait()
    assert [page.position for page in resumed.view().pages if page.key in resumed.repeated()] == [3, 4]
    assert resumed.remove_repeated() == 2
    assert resumed.view().suspicions == ()
    assert [page.serial for page in resumed.view().pages] == [serial for serial, _ in sheets]
    assert resumed.save().pages == 5
    there.store.close()


def test_the_old_pc_that_comes_back_refuses_to_go_on_and_its_sheets_stay_beside(
    room: Room, sheets: Sheets, land: Land, tmp_path: Path
) -> None:
    stack = room.images(sheets, "stack")
    session, copy = half_scanned(room, stack)
    there = take_over(land, copy, tmp_path / "reserve" / "mab.db")
    head = room.ctx.store.log_head()[0]
    with pytest.raises(OutOfOrder) as caught:  # its run was never closed: the programmer presses Save
        session.save()
    assert "handed its work over to Өкіл Өкілов" in caught.value.message("en")
    assert "Nothing was changed. Go on there." in caught.value.message("en")
    session.close()
    assert pages_kept(room.ctx) == []
    assert room.ctx.store.log_head()[0] == head + 1  # only that it handed over
    for begin in (lambda: ScanSession.resume(room.ctx, session.folder),
                  lambda: ScanSession.begin(room.ctx, 1, "102", 1)):  # fmt: skip
        with pytest.raises(OutOfOrder, match="handed its work over"):
            begin()
    (run,) = left_overs(room.ctx)
    assert run.images == 4  # safe, but of no use: the reserve PC scans them itself
    mirrored = sorted(path.name for path in place_of(room).rglob("*"))
    backups.back_up(room.ctx, "asked")
    assert sorted(path.name for path in place_of(room).rglob("*")) == mirrored
    there.store.close()


def test_the_old_pc_learns_it_at_its_next_start_before_anything_is_scanned(
    room: Room, sheets: Sheets, land: Land, tmp_path: Path
) -> None:
    session, copy = half_scanned(room, room.images(sheets, "stack"))
    session.close()
    take_over(land, copy, tmp_path / "reserve" / "mab.db").store.close()
    land.close()
    again = land.ctx(HERE)
    assert backups.at_start(again) is None
    with pytest.raises(OutOfOrder, match="handed its work over"):
        envelopes.receive_envelope(again, 1, "102", 2, 0)


@pytest.mark.parametrize("full", [False, True])
def test_where_the_second_disk_takes_no_mark_the_person_is_told(room: Room, land: Land, *, full: bool) -> None:
    copy = copied(room)
    if full:
        (copy.parent / "mab-taken-over.json.new").mkdir()
    database = land.folder / "reserve" / "mab.db"
    opened = restore.open_copy(database, copy, "programmer", PASSWORD, land.clock)
    rep = restore.second_person(opened, REP, PASSWORD, land.clock)
    done = restore.restore(opened, rep, land.clock, reason=restore.RESERVE)
    assert done.unmarked == (str(copy.parent) if full else "")
    assert database.exists()


def test_a_hand_over_in_order_takes_the_half_scanned_envelope_along(
    room: Room, sheets: Sheets, land: Land, tmp_path: Path
) -> None:
    stack, drive, database = room.images(sheets, "stack"), tmp_path / "drive", tmp_path / "reserve" / "mab.db"
    drive.mkdir()
    session, _copy = half_scanned(room, stack)
    session.close()
    found = reserve.write_set(room.ctx, drive, hand_over_to="214-бөлме")
    with pytest.raises(OutOfOrder, match="handed its work over to 214-бөлме"):
        ScanSession.resume(room.ctx, session.folder)
    copy = reserve.unpack(found.folder, database)
    opened = restore.open_copy(database, copy, "programmer", PASSWORD, land.clock)
    reserve.take_over(opened, found.folder, restore.second_person(opened, REP, PASSWORD, land.clock), land.clock)
    there = workplace.log_in(database, "programmer", PASSWORD, clock=land.clock, lang="en")
    (run,) = left_overs(there)
    assert run.images == 4
    resumed = ScanSession.resume(there, run.folder)
    resumed.wait()
    resumed.scan(ScriptedFeeder(list(stack[4:])))
    resumed.wait()
    assert resumed.save().pages == 5
    there.store.close()


def test_runs_that_are_over_leave_the_second_disk_and_are_offered_nowhere(
    room: Room, sheets: Sheets, land: Land, tmp_path: Path
) -> None:
    stack = room.images(sheets, "stack")
    session, _copy = half_scanned(room, stack)
    staged = place_of(room) / "mab-scans" / "staging" / session.folder.name
    assert len(list(staged.glob("*.png.sealed"))) == 2
    session.remove(session.view().pages[0].key)  # the logbook changes, and the newest one counts
    session.scan(ScriptedFeeder([stack[4]]))
    session.wait()
    backups.back_up(room.ctx, "asked")
    assert len(list(staged.glob("run.json*"))) == 1
    session.save()
    assert staged.exists()  # until a copy knows that the pass was saved
    copy = copied(room)
    assert not staged.exists()
    there = take_over(land, copy, tmp_path / "reserve" / "mab.db")
    assert left_overs(there) == []
    assert pages_kept(there) == [(1, 4)]
    there.store.close()


class SavedMeanwhile(Silent):
    """The programmer saves the pass while the copy is on its way to the second disk."""

    def __init__(self, session: ScanSession) -> None:
        self.session, self.done = session, False

    def step(self, n: int = 1) -> None:
        """A piece of a file was copied."""
        there = second_disk.place_of(self.session.ctx)
        if not self.done and there is not None and list(there.rglob("0001.png.sealed")):
            self.done = True
            self.session.save()


def test_a_pass_saved_while_the_copy_is_written_is_no_failure_of_the_disk(room: Room, sheets: Sheets) -> None:
    session = ScanSession.begin(room.ctx, 1, "101", 1)
    session.scan(ScriptedFeeder(list(room.images(sheets, "stack"))))
    session.wait()
    saving = SavedMeanwhile(session)
    backups.back_up(room.ctx, "asked", saving)
    assert saving.done
    found = second_disk.state(room.ctx)
    assert found is not None
    assert found.error == ""
    copied(room)
    assert not (place_of(room) / "mab-scans" / "staging" / session.folder.name).exists()
    assert len(list((place_of(room) / "mab-scans" / "shift-01").rglob("*.png.sealed"))) == 5


def test_a_second_disk_pulled_on_the_day_is_told_at_once_and_gets_everything_when_it_is_back(
    room: Room, sheets: Sheets
) -> None:
    copied(room)
    assert backups.problems(room.ctx) == []
    place = place_of(room)
    disk = place.parent
    away = disk.rename(disk.with_name("pulled"))
    scan_whole(room.ctx, room.images(sheets, "stack"), 1)
    assert step_copies.after_step(room.ctx) is not None  # the copy on this PC is made all the same
    (problem,) = backups.problems(room.ctx)
    assert problem.message("en").startswith(f"The second disk {disk} has not been here since 10.05.2011 12:0")
    away.rename(disk)
    envelopes.receive_envelope(room.ctx, 1, "102", 2, 0)
    copy = copied(room)
    assert backups.problems(room.ctx) == []
    assert copy.exists()
    assert len(list((place / "mab-scans" / "shift-01").rglob("*.png.sealed"))) == 5
