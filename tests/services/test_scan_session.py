"""An envelope through the scanner: fed, read beside it, stopped by faults, continued, saved or discarded."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.scanning.source import Fault, ScannedPage, ScannerFault
from mab_desktop.services import envelopes, sheet_pictures
from mab_desktop.services.scan_session import ScanSession, discard_left_over
from mab_desktop.services.scan_states import EventKind, State
from mab_desktop.services.scan_suspicions import Suspect
from mab_desktop.services.staging import left_overs, staging_root
from mab_desktop.storage.tables.core import AuditEntry
from tests.conftest import MakeContext
from tests.services.envelope_stand import (
    ScriptedFeeder,
    Sheets,
    cover_image,
    open_hall,
    open_shift,
    stuck_together,
)
from tests.services.exam_room import Room, filled, make_room

DEVICE = "fi-8170"


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; halls 101 with four students, 102 with two."""
    return open_shift(make_room(make_context, tmp_path / "scans", {"101": 4, "102": 2}))


@pytest.fixture
def sheets(room: Room) -> Sheets:
    """The envelope of hall 101: four used sheets and an unused one."""
    return open_hall(room)


def begin(room: Room, scan_pass: int = 1, hall: str = "101") -> ScanSession:
    return ScanSession.begin(room.ctx, 1, hall, scan_pass)


def serials(session: ScanSession) -> list[str]:
    return [page.serial for page in session.view().pages if page.cover is None]


def events(room: Room) -> list[tuple[str, dict[str, object]]]:
    """The log's last entries about scanning, the oldest first."""
    with room.ctx.store.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.event.in_(("pass-scanned", "scan-discarded"))))
        return [(row.event, {name: told for name, told in row.details.items() if name != "run"}) for row in rows]


def test_both_passes_from_a_folder_are_saved_and_balance(room: Room, sheets: Sheets) -> None:
    for scan_pass in (1, 2):
        folder = room.images(sheets, f"pass-{scan_pass}")[0].parent
        session = begin(room, scan_pass)
        session.scan(FolderSource(folder))
        assert session.wait() is State.ENDED
        counts = session.view().counts
        assert (counts.expected, counts.fed, counts.read, counts.used, counts.unused) == (5, 5, 5, 4, 1)
        assert (counts.refused, counts.nameless, counts.doubts) == (0, 0, 0)
        assert counts.speed > 0
        assert session.view().suspicions == ()
        assert envelopes.page_lines(room.ctx, 1, "101", scan_pass) == []  # nothing is saved before Save
        report = session.save()
        assert (report.pages, report.used, report.unused) == (5, 4, 1)
        assert session.view().state is State.SAVED
        assert not session.folder.exists()
        lines = envelopes.page_lines(room.ctx, 1, "101", scan_pass)
        assert [(line.position, line.serial) for line in lines] == [(n + 1, s) for n, (s, _) in enumerate(sheets)]
    assert envelopes.balance(room.ctx, 1, "101").balanced
    assert left_overs(room.ctx) == []


def test_the_log_tells_when_the_scanner_was_set_going_and_how_it_stopped(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    session = begin(room)
    session.scan(ScriptedFeeder([images[0], ScannerFault(Fault.JAM, DEVICE), *images[1:]]))
    assert session.wait() is State.FAULT
    session.go_on()
    assert session.wait() is State.ENDED
    session.close()
    with room.ctx.store.read() as read:
        pair = AuditEntry.event.in_(("scan-started", "scan-finished"))
        rows = read.scalars(select(AuditEntry).where(pair).order_by(AuditEntry.n))
        found = [(row.event, row.object, row.disposition, row.details.get("pages")) for row in rows]
    assert found == [
        ("scan-started", "1-101", "done", None), ("scan-finished", "1-101", "refused", 1),
        ("scan-started", "1-101", "done", None), ("scan-finished", "1-101", "done", 5),
    ]  # fmt: skip


def test_events_come_in_the_order_of_the_stack(room: Room, sheets: Sheets) -> None:
    told: list[int] = []
    session = ScanSession.begin(room.ctx, 1, "101", 1, notify=lambda: told.append(1))
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    session.wait()
    found = session.drain()
    assert [event.page for event in found if event.kind is EventKind.READ] == [1, 2, 3, 4, 5]
    assert found[-1].kind is EventKind.END
    arrived = {event.page: at for at, event in enumerate(found) if event.kind is EventKind.ARRIVED}
    read = {event.page: at for at, event in enumerate(found) if event.kind is EventKind.READ}
    assert all(arrived[key] < read[key] for key in read)
    assert told
    assert session.drain() == []
    session.discard()


def test_a_jam_pauses_and_going_on_counts_on(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    feeder = ScriptedFeeder([*images[:2], ScannerFault(Fault.JAM, DEVICE), *images[2:]])
    session = begin(room)
    session.scan(feeder)
    assert session.wait() is State.FAULT
    view = session.view()
    assert view.error is not None
    assert "jammed" in view.error.message("en")
    assert "go on" in view.error.message("en")
    assert [page.position for page in view.pages] == [1, 2]
    with pytest.raises(OutOfOrder, match="not at its end"):
        session.save()
    session.go_on()
    assert session.wait() is State.ENDED
    assert [page.position for page in session.view().pages] == [1, 2, 3, 4, 5]
    assert serials(session) == [serial for serial, _ in sheets]
    assert session.save().pages == 5
    assert feeder.calls == 2


def test_after_a_cut_connection_what_is_here_may_be_the_whole_envelope(room: Room, sheets: Sheets) -> None:
    session = begin(room)
    session.scan(ScriptedFeeder([*room.images(sheets, "p"), ScannerFault(Fault.CONNECTION, DEVICE)]))
    assert session.wait() is State.FAULT
    session.finish()
    assert session.view().state is State.ENDED
    assert session.view().error is None
    assert session.save().pages == 5


def test_more_sheets_come_behind_and_an_empty_feeder_then_is_told_but_no_fault(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    feeder = ScriptedFeeder([ScannerFault(Fault.EMPTY, DEVICE)])
    session = begin(room)
    session.scan(feeder)
    assert session.wait() is State.FAULT  # nothing was scanned at all
    feeder.script = list(images[:3])
    session.go_on()
    assert session.wait() is State.ENDED
    (fewer,) = session.view().suspicions
    assert fewer.kind is Suspect.FEWER
    assert sheets[3][0] in fewer.message("en")
    session.drain()
    feeder.script = [ScannerFault(Fault.EMPTY, DEVICE)]
    session.go_on()
    assert session.wait() is State.ENDED
    assert [event.kind for event in session.drain()] == [EventKind.FAULT, EventKind.END]
    feeder.script = list(images[3:])
    session.go_on()
    assert session.wait() is State.ENDED
    assert session.view().suspicions == ()
    assert serials(session) == [serial for serial, _ in sheets]
    session.close()


def test_a_foreign_sheet_stops_at_once_is_removed_and_the_rest_goes_on(room: Room, sheets: Sheets) -> None:
    foreign = (room.serial(2, hall="102"), {})
    images = room.images([*sheets[:2], foreign, *sheets[2:]], "p")
    session = begin(room)
    session.scan(FolderSource(images[0].parent))
    assert session.wait() is State.FOREIGN
    view = session.view()
    assert view.error is not None
    assert f"sheet {foreign[0]} belongs to hall 102 of shift 1" in view.error.message("en")
    assert "remove it here" in view.error.message("en")
    with pytest.raises(OutOfOrder, match="First remove"):
        session.go_on()
    with pytest.raises(OutOfOrder, match="not at its end"):
        session.save()
    session.remove(view.foreign)
    assert session.wait() is State.ENDED
    session.go_on()  # the folder gives its files again: those that are here are not taken twice
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]
    assert session.save().pages == 5
    assert events(room)[-1] == ("pass-scanned", {"scan_pass": 1, "pages": 5, "removed": 1})


def test_a_foreign_sheet_stops_the_feeder_itself(room: Room, sheets: Sheets) -> None:
    """The scanner is asked to stop although sheets of the other hall are still in it."""
    (foreign,) = room.images([(room.serial(1, hall="102"), {})], "f")
    session = begin(room)

    @dataclass
    class Endless:
        label: str = "Endless"

        def count(self) -> int | None:
            return None

        def pages(self, progress: Progress) -> Iterator[ScannedPage]:
            position = 0
            while True:
                progress.step()
                position += 1
                kept = foreign.with_name(f"{position}.png")
                shutil.copy(foreign, kept)
                yield ScannedPage(position, kept)

    session.scan(Endless())
    assert session.wait() is State.FOREIGN
    session.discard()


def test_stopping_keeps_what_came_out(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    session = begin(room)

    @dataclass
    class StoppedInTheMiddle(ScriptedFeeder):
        def pages(self, progress: Progress) -> Iterator[ScannedPage]:
            for page in super().pages(progress):
                yield page
                if page.position == 2 and self.calls == 1:
                    session.stop()

    session.scan(StoppedInTheMiddle(list(images)))
    assert session.wait() is State.ENDED
    assert len(session.view().pages) == 3  # the sheet that was on its way came out too
    assert session.broken_off
    session.go_on()
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]
    assert not session.broken_off
    session.close()


def test_a_sheet_that_comes_out_while_the_scanner_is_stopped_is_kept(room: Room, sheets: Sheets) -> None:
    """SANE's program lets the sheet on its way out to the end, and names it when it is asked to go on."""
    images = room.images(sheets, "p")
    session = begin(room)
    tray = session.new_folder()

    @dataclass
    class Lagging(ScriptedFeeder):
        def pages(self, progress: Progress) -> Iterator[ScannedPage]:
            for page in super().pages(progress):
                if self.calls == 1:
                    session.stop()
                try:
                    yield ScannedPage(page.position, Path(shutil.copy(page.path, tray)))
                finally:
                    if self.calls == 1:
                        shutil.copy(images[1], tray)

    feeder = Lagging(list(images))
    session.scan(feeder)
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets[:2]]
    session.go_on()
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]  # and it is not taken twice
    session.close()


def test_a_scanner_that_hangs_is_broken_off_at_the_second_stop(room: Room, sheets: Sheets) -> None:
    (image,) = room.images(sheets[:1], "p")
    hangs, go = Event(), Event()

    @dataclass
    class Hanging:
        label: str = "Hanging"

        def count(self) -> int | None:
            return None

        def pages(self, progress: Progress) -> Iterator[ScannedPage]:
            progress.step()
            yield ScannedPage(1, image)
            hangs.set()
            while not go.wait(0.01):
                progress.step(0)

    session = begin(room)
    session.scan(Hanging())
    assert hangs.wait(20)
    session.stop()  # now it has time for the sheet on its way
    session.stop()
    assert session.wait() is State.ENDED
    assert len(session.view().pages) == 1
    session.close()


def test_two_sheets_at_once_are_suspected_and_scanned_again_in_their_place(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    both = stuck_together(sheets[1], sheets[2], room.folder / "both.png")
    session = begin(room)
    session.scan(ScriptedFeeder([images[0], both, *images[3:]]))
    assert session.wait() is State.ENDED
    found = {suspicion.kind: suspicion for suspicion in session.view().suspicions}
    assert {Suspect.LONGER, Suspect.FEWER} <= set(found)
    (key,) = found[Suspect.LONGER].pages
    assert session.view().pages[1].key == key
    assert "sheet 2 is 15 % longer" in found[Suspect.LONGER].message("en")
    assert "scan both again" in found[Suspect.LONGER].advice("en")
    session.scan(ScriptedFeeder(list(images[1:3])), instead=key)
    assert session.wait() is State.ENDED
    assert session.view().suspicions == ()
    assert serials(session) == [serial for serial, _ in sheets]
    assert [page.position for page in session.view().pages] == [1, 2, 3, 4, 5]
    assert session.save().pages == 5


def test_two_sheets_in_a_long_window_are_told_by_what_is_seen(room: Room, sheets: Sheets) -> None:
    """All images have the window's length, so that none is longer than the others."""
    folder = room.folder / "long"
    folder.mkdir(parents=True)
    tail = filled(*sheets[0])[-351:]
    for n, sheet in enumerate(sheets[:4]):
        below = tail if n == 2 else np.full_like(tail, 225)
        cv2.imwrite(str(folder / f"{n}.png"), np.vstack((filled(*sheet), below)))
    session = begin(room)
    session.scan(FolderSource(folder))
    session.wait()
    content = next(found for found in session.view().suspicions if found.kind is not Suspect.FEWER)
    assert content.kind is Suspect.CONTENT
    assert content.pages == (session.view().pages[2].key,)
    assert session.view().pages[2].refused
    session.close()


def test_a_jam_while_sheets_are_scanned_again_goes_on_in_their_place(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    session = begin(room)
    session.scan(ScriptedFeeder([images[0], *images[2:]]))
    session.wait()
    first = session.view().pages[0].key
    again = room.images(sheets[:1], "again")[0]
    feeder = ScriptedFeeder([again, ScannerFault(Fault.JAM, DEVICE), images[1]])
    session.scan(feeder, instead=first)
    assert session.wait() is State.FAULT
    session.go_on()
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]
    session.close()


def test_a_sheet_that_pass_2_misses_is_named_with_its_place_and_put_there(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    first = begin(room)
    first.scan(FolderSource(images[0].parent))
    first.wait()
    first.save()
    session = begin(room, 2)
    session.scan(ScriptedFeeder([*images[:2], *images[3:]]))
    session.wait()
    (missing,) = session.view().suspicions
    assert missing.kind is Suspect.NOT_AGAIN
    assert missing.message("en") == f"Sheet {sheets[2][0]} was there in pass 1 and is not now; it lay behind place 2."
    session.scan(ScriptedFeeder([images[2]]), behind=missing.pages[0])
    session.wait()
    assert session.view().suspicions == ()
    assert serials(session) == [serial for serial, _ in sheets]
    session.save()
    assert envelopes.balance(room.ctx, 1, "101").balanced


def test_a_sheet_fed_twice_is_told_and_one_image_removed(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    session = begin(room)
    (again,) = room.images(sheets[:1], "again")
    session.scan(ScriptedFeeder([*images, again]))
    session.wait()
    (twice,) = session.view().suspicions
    assert twice.kind is Suspect.TWICE
    assert "places 1, 6" in twice.message("en")
    session.remove(twice.pages[1])
    assert session.view().suspicions == ()
    assert session.save().pages == 5


def test_discarding_saves_nothing_and_is_logged(room: Room, sheets: Sheets) -> None:
    session = begin(room)
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    session.wait()
    session.discard()
    assert session.view().state is State.DISCARDED
    assert not session.folder.exists()
    assert envelopes.balance(room.ctx, 1, "101").balance.read1 is None
    ((kind, details),) = events(room)
    assert (kind, details["scan_pass"], details["pages"]) == ("scan-discarded", 1, 5)


def test_a_crash_loses_nothing_and_the_run_goes_on(room: Room, sheets: Sheets) -> None:
    images = room.images(sheets, "p")
    session = begin(room)
    session.scan(ScriptedFeeder(list(images[:3])))
    session.wait()
    session.remove(session.view().pages[2].key)
    session.close()  # what a crash leaves: threads gone, the folder there
    shutil.copy(images[2], session.new_folder() / "0009.png")  # came out in the very moment; no logbook knows it

    (left,) = left_overs(room.ctx)
    assert (left.log.shift, left.log.hall, left.log.scan_pass, left.images) == (1, "101", 1, 3)
    again = ScanSession.resume(room.ctx, left.folder)
    assert again.wait() is State.ENDED
    assert serials(again) == [serial for serial, _ in sheets[:3]]
    assert left_overs(room.ctx) == []
    again.scan(ScriptedFeeder(list(images[3:])))
    again.wait()
    assert again.save().pages == 5
    assert left_overs(room.ctx) == []


def test_a_crash_before_the_first_sheet_is_noted_keeps_whose_envelope_it_is(room: Room, sheets: Sheets) -> None:
    """Else the sheets would be asked for a cover, and the first of them would not belong here."""
    images = room.images(sheets, "p")
    session = begin(room)
    shutil.copy(images[0], session.new_folder() / "0001.png")
    session.close()

    (left,) = left_overs(room.ctx)
    assert (left.log.shift, left.log.hall, left.log.scan_pass, left.images) == (1, "101", 1, 1)
    again = ScanSession.resume(room.ctx, left.folder)
    again.wait()
    again.scan(ScriptedFeeder(list(images[1:])))
    again.wait()
    assert again.save().pages == 5


def test_a_spoilt_logbook_still_gives_every_image(room: Room, sheets: Sheets) -> None:
    session = begin(room)
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    session.wait()
    session.close()
    (session.folder / "run.json.sealed").write_text("{", "utf-8")
    (left,) = left_overs(room.ctx)
    assert (left.log.hall, left.images) == ("", 5)
    discard_left_over(room.ctx, left.folder)
    assert left_overs(room.ctx) == []
    assert events(room)[-1][1]["pages"] == 5


def test_a_run_already_saved_is_not_continued(room: Room, sheets: Sheets) -> None:
    """The computer stopped between the transaction and the removal of the folder."""
    session = begin(room)
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    session.wait()
    kept = room.folder / "kept"
    shutil.copytree(session.folder, kept)
    session.save()
    shutil.copytree(kept, session.folder)
    assert left_overs(room.ctx) == []  # the log names the run: nobody is asked about it any more
    assert not session.folder.exists()
    assert len(envelopes.page_lines(room.ctx, 1, "101", 1)) == 5


def test_a_full_disk_while_feeding_is_said_and_going_on_takes_the_sheet_again(
    room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = room.images(sheets, "p")
    full = [True]

    def sync(file: int) -> None:
        half = next(staging_root(room.ctx).rglob("0003.png.sealed.part"), None)
        if full[0] and half is not None and os.path.samestat(os.fstat(file), half.stat()):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mab_desktop.storage.sealed.os.fsync", sync)
    session = begin(room)
    session.scan(FolderSource(images[0].parent))
    assert session.wait() is State.FAULT
    error = session.view().error
    assert error is not None
    assert error.message("en").startswith("The disk of this computer is full: make room on it, then go on. What was ")
    assert len(list(session.folder.rglob("*.png.*"))) == 2  # the half copy is gone
    full[0] = False
    session.go_on()
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]
    session.close()


def test_a_drive_pulled_while_its_images_are_read_is_said_and_put_back_goes_on(room: Room, sheets: Sheets) -> None:
    drive = room.images(sheets, "drive")[0].parent
    pulled = drive.with_name("pulled")

    def pull() -> None:
        if drive.exists() and not pulled.exists() and not gone.is_set():
            gone.set()
            drive.rename(pulled)

    gone = Event()
    session = ScanSession.begin(room.ctx, 1, "101", 1, notify=pull)
    session.scan(FolderSource(drive))
    assert session.wait() is State.FAULT
    error = session.view().error
    assert error is not None
    words = error.message("en")
    assert words.startswith(f"The images in {drive} cannot be read any more (No such file or directory). Was the drive")
    assert words.endswith("What was scanned before is kept. Put the drive back and go on: nothing is taken twice.")
    assert 0 < session.view().counts.fed < 5
    pulled.rename(drive)
    session.go_on()
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]
    assert session.save().pages == 5


def test_a_full_disk_while_saving_leaves_the_run_to_be_saved_again(
    room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begin(room)
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    session.wait()

    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("mab_desktop.storage.sealed.os.fsync", full)
        with pytest.raises(UserError, match="is full: .* Nothing of this run was saved"):
            session.save()
    assert session.view().state is State.ENDED
    hall = staging_root(room.ctx).parent / "shift-01" / "hall-101"
    assert not list(hall.glob("pass-1-*"))
    assert session.save().pages == 5


def test_pages_of_one_tiff_are_sheets_of_their_own(room: Room, sheets: Sheets) -> None:
    folder = room.folder / "tiff"
    folder.mkdir(parents=True)
    cv2.imwritemulti(str(folder / "all.tif"), [filled(*sheet) for sheet in sheets])
    session = begin(room)
    session.scan(FolderSource(folder))
    assert session.wait() is State.ENDED
    assert serials(session) == [serial for serial, _ in sheets]
    assert session.save().pages == 5


def test_the_act_comes_first_and_the_programmer_alone_scans(room: Room) -> None:
    with pytest.raises(OutOfOrder, match="First enter the counts"):
        begin(room, hall="102")
    with pytest.raises(UserError, match="no right"):
        ScanSession.begin(room.representative, 1, "101", 1)
    assert not staging_root(room.ctx).exists()


def test_a_cover_in_a_folder_scanned_whole_is_kept_but_no_sheet(room: Room, sheets: Sheets) -> None:
    cover = cover_image(room.ctx, room.folder / "cover.png")
    report = envelopes.scan_pass(room.ctx, 1, "101", 1, [cover, *room.images(sheets, "p")])
    assert (report.pages, report.refused) == (5, ())
    first, *rest = envelopes.page_lines(room.ctx, 1, "101", 1)
    assert (first.position, [line.position for line in rest]) == (0, [1, 2, 3, 4, 5])
    assert first.image.read_bytes() == cover.read_bytes()
    assert [problem.text for problem in first.problems] == ["The cover of the envelope; it is no answer sheet."]


def test_the_picture_of_what_was_read_is_made_from_the_run_and_from_what_is_stored(room: Room, sheets: Sheets) -> None:
    folder = room.images(sheets, "p")[0].parent
    cv2.imwrite(str(folder / "001.png"), np.rot90(filled(*sheets[1])))  # lay on its side
    (folder / "002.png").write_bytes(b"no image at all")
    session = begin(room)
    session.scan(FolderSource(folder))
    session.wait()
    drawn = []
    for page in session.view().pages:
        assert page.read is not None
        drawn.append(sheet_pictures.why_picture(room.ctx, page.image, page.image_page, page.read))
    shapes = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape for data in drawn if data]
    assert len({wide for _, wide, _ in shapes}) == 1  # all in scale
    assert all(tall > wide for tall, wide, _ in shapes)  # and upright
    assert [bool(data) for data in drawn] == [True, True, False, True, True]
    session.save()
    lines = envelopes.page_lines(room.ctx, 1, "101", 1)
    stored = [sheet_pictures.saved_why_picture(room.ctx, line.page) for line in lines]
    assert stored == drawn


def test_a_mistake_of_ours_while_pages_are_looked_at_comes_out_in_the_window(room: Room, sheets: Sheets) -> None:
    told = Event()
    session = ScanSession.begin(room.ctx, 1, "101", 1, notify=told.set)
    assert session.facts is not None
    session.facts = replace(session.facts, belongs=None)  # type: ignore[arg-type]
    session.scan(FolderSource(room.images(sheets, "pass-1")[0].parent))
    with pytest.raises(AttributeError):
        look_at_all_news(session, told)
    session.discard()
    assert left_overs(room.ctx) == []


def look_at_all_news(session: ScanSession, told: Event) -> None:
    while told.wait(20):
        told.clear()
        session.view()


def test_a_run_that_somebody_has_in_hand_is_taken_up_by_nobody_else(room: Room, sheets: Sheets) -> None:
    """The window was locked while the scanner worked, and another programmer logged in at it."""
    session = begin(room)
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    session.wait()
    plain = session.new_folder() / "0001.png"
    plain.write_bytes(b"a page that the scanner is writing")
    assert left_overs(room.ctx) == []
    assert plain.read_bytes() == b"a page that the scanner is writing"
    plain.unlink()
    session.leave()  # the page of the one who began it is gone for good
    assert [left.images for left in left_overs(room.ctx)] == [5]
    session.close()
