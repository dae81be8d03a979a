"""No scanned sheet lies in clear: not while it is scanned, not kept, not on its way to the centre, not there."""

from __future__ import annotations

import hashlib
import io
import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.ntc import images as images_command
from mab_desktop.omr.load import ImageFile, PageSource, load_page
from mab_desktop.scanning.folder import FilesSource
from mab_desktop.scanning.source import ScannedPage as Fed
from mab_desktop.services import envelopes, final_images, images, sheet_pictures, transfer
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.services.staging import left_overs
from mab_desktop.storage import scratch
from mab_desktop.storage.sealed import SUFFIX
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import Decision, Reading, ScanBatch, ScannedPage
from mab_desktop.storage.tables.students import Shift
from tests.conftest import MakeContext
from tests.services.envelope_stand import Sheets, open_hall, open_shift
from tests.services.exam_room import Room, make_room
from tests.services.land import Land

PNG, JSON = b"\x89PNG", b'"pages"'


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    return open_shift(make_room(make_context, tmp_path / "from the scanner", {"101": 2, "102": 2}))


@pytest.fixture
def sheets(room: Room) -> Sheets:
    return open_hall(room)


def plain(image: ImageFile) -> bytes:
    with image.open("rb") as file:
        return bytes(file.read())


def in_clear(room: Room) -> list[str]:
    """Files of the workplace, in memory too, that hold a page or a logbook as plain bytes."""
    root = images.scans_folder(room.ctx)
    kinds = (f"{kind}-{scratch.tag(root)}" for kind in ("scan", "once"))
    folders = [root, *(folder for kind in kinds for folder in scratch.left_behind(kind, root))]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(sign in path.read_bytes() for sign in (PNG, JSON))]


class Device:
    """A scanner that lets its pages fall into the folder it was given."""

    label = "Device"

    def __init__(self, pages: list[Path], folder: Path) -> None:
        self.given, self.folder, self.seen = pages, folder, list[str]()
        self.room: Room | None = None

    def count(self) -> int | None:
        return None

    def pages(self, progress: Progress) -> Iterator[Fed]:
        for n, page in enumerate(self.given, 1):
            yield Fed(n, Path(shutil.copy(page, self.folder / f"{n:04d}.png")))
            if self.room is not None:
                self.seen += in_clear(self.room)
            progress.step()


def test_pages_of_a_scanner_are_sealed_as_they_come_and_lie_in_clear_nowhere(room: Room, sheets: Sheets) -> None:
    pages = room.images(sheets, "p")
    session = ScanSession.begin(room.ctx, 1, "101", 1)
    tray = session.new_folder()
    device = Device(list(pages), tray)
    device.room = room
    session.scan(device)
    assert session.wait() is State.ENDED, session.view().error
    assert device.seen == []
    assert [path.stat().st_size for path in tray.iterdir()] == [0] * len(pages)
    session.save()
    assert in_clear(room) == []
    assert not tray.exists()
    line = envelopes.page_lines(room.ctx, 1, "101", 1)[0]
    assert plain(line.image) == pages[0].read_bytes()
    with room.ctx.store.read() as session_:
        stored = session_.scalars(select(ScannedPage.sha256).order_by(ScannedPage.id)).first()
    assert stored == hashlib.sha256(pages[0].read_bytes()).hexdigest()
    assert sheet_pictures.name_picture(room.ctx, line.image, 1, line.placement).startswith(b"\xff\xd8")
    whole = sheet_pictures.page_picture(line.image, 1)
    assert whole is not None
    assert (whole.width, whole.height) == load_page(PageSource(pages[0], 1)).gray.shape[::-1]


def test_what_a_crash_leaves_is_sealed_and_read_again(room: Room, sheets: Sheets) -> None:
    pages = room.images(sheets, "p")
    session = ScanSession.begin(room.ctx, 1, "101", 1)
    session.scan(FilesSource(pages[:1]))
    session.wait()
    shutil.copy(pages[1], session.new_folder() / "0001.png")  # given, and nobody had time to take it
    (session.new_folder() / "0002.part").write_bytes(PNG)
    session.close()
    assert in_clear(room) != []
    (left,) = left_overs(room.ctx)
    assert in_clear(room) == []
    again = ScanSession.resume(room.ctx, left.folder)
    assert again.wait() is State.ENDED
    assert [page.serial for page in again.view().pages] == [serial for serial, _ in sheets[:2]]
    again.discard()
    assert pages[0].exists()  # somebody's own file stays his


def test_an_image_that_was_changed_is_said_in_words(room: Room, sheets: Sheets) -> None:
    envelopes.scan_pass(room.ctx, 1, "101", 1, room.images(sheets, "p"))
    line = envelopes.page_lines(room.ctx, 1, "101", 1)[0]
    path = images.scans_folder(room.ctx) / f"{line.image}{SUFFIX}"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="cannot be opened"):
        sheet_pictures.name_picture(room.ctx, line.image, 1, line.placement)
    assert sheet_pictures.page_picture(line.image, 1) is None


# -- images of an older version, and those on their way to the centre


class Envelope:
    """Pages of a closed shift at the ministry programmer's, each with an image of random bytes."""

    def __init__(self, land: Land) -> None:
        self.land, self.ctx = land, land.ctx("mp013")
        self.data = {n: random.Random(n).randbytes(1_500_000) for n in range(1, 7)}
        with self.ctx.store.write(self.ctx.actor) as tx:
            tx.session.add(Shift(number=1, exam_date=date(2011, 4, 20), start_time="09:00", state="closed"))
            for scan_pass, discarded in ((1, "2011-04-20T10:00"), (1, None), (2, None)):
                tx.session.add(ScanBatch(shift=1, hall="101", scan_pass=scan_pass, source="x", at="", by="",
                                         discarded_at=discarded))  # fmt: skip
            tx.session.flush()
            for n, data in self.data.items():
                batch = (n + 1) // 2
                tx.session.add(ScannedPage(id=n, batch=batch, position=2 - n % 2, attempt=1, image=self.place(n),
                                           image_page=1, sha256=hashlib.sha256(data).hexdigest(), at=""))  # fmt: skip
                tx.session.flush()
                tx.session.add(Reading(page=n, scan_pass=1, ok=True, serial=f"sheet-{2 - n % 2}" if n != 6 else "",
                                       rotation=0, problems=[], fields={}, scores=b"", thresholds={}, placement=[],
                                       at=""))  # fmt: skip
            tx.session.add(Decision(shift=1, hall="101", kind="serial", page=6, serial="sheet-2", ground="",
                                    value={"serial": "sheet-2"}, protocol_version=0, at="2011-04-20T11:00",
                                    by="programmer"))  # fmt: skip
            tx.note("pass-scanned", "1-101")

    @staticmethod
    def place(n: int) -> str:
        return f"shift-01/hall-101/pass-1-{(n + 1) // 2:08d}/{n:04d}.jpg"

    def seal(self, *left_out: int) -> None:
        for n, data in self.data.items():
            if n not in left_out:
                images.vault(self.ctx).put(io.BytesIO(data), self.place(n))

    def send(self, part_limit: int) -> tuple[Path, ...]:
        return transfer.export(self.ctx, "final-data", "ntc", self.land.drive, part_limit=part_limit).paths


@pytest.fixture
def envelope(land: Land) -> Envelope:
    return Envelope(land)


def test_images_of_an_older_version_are_sealed_when_it_is_opened(envelope: Envelope) -> None:
    root = images.scans_folder(envelope.ctx)
    for n, data in envelope.data.items():
        (root / envelope.place(n)).parent.mkdir(parents=True, exist_ok=True)
        (root / envelope.place(n)).write_bytes(data)
    (root / "staging" / "abc" / "run-01").mkdir(parents=True)
    (root / "staging" / "abc" / "run-01" / "0001.png").write_bytes(PNG)
    (root / "staging" / "abc" / "run.json").write_text('{"pages": []}', "utf-8")
    (root / "one-x").mkdir()
    (root / "one-x" / "0001.png").write_bytes(PNG)
    images.vault(envelope.ctx).put(io.BytesIO(envelope.data[1]), envelope.place(1))  # a power cut came behind this
    assert plain(images.kept_image(envelope.ctx, envelope.place(2))) == envelope.data[2]
    envelope.land.close()
    ctx = envelope.land.ctx("mp013")
    assert {path.suffix for path in root.rglob("*") if path.is_file()} == {SUFFIX}
    assert not (root / "one-x").exists()
    for n, data in envelope.data.items():
        assert plain(images.kept_image(ctx, envelope.place(n))) == data
    (left,) = left_overs(ctx)
    assert left.images == 1
    assert images.seal_older(ctx) == 0
    with ctx.store.read() as session:
        events = session.scalars(select(AuditEntry.details).where(AuditEntry.event == "images-sealed")).all()
    assert events == [{"count": 8, "left": 0}]


def test_every_image_goes_to_the_centre_in_parts_and_is_found_by_its_sheet(
    envelope: Envelope, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    envelope.seal()
    parts = envelope.send(part_limit=8 << 20)
    assert len(parts) > 2
    assert all(path.stat().st_size <= 8 << 20 for path in parts)
    assert not any(data[5_000:5_050] in path.read_bytes() for path in parts for data in envelope.data.values())
    centre = envelope.land.ctx("ntc")
    with pytest.raises(UserError):
        transfer.load(centre, list(parts[1:]))
    accepted = transfer.load(centre, list(reversed(parts)))
    told = {line.text: line.params for line in accepted.summary}
    assert told["Images of scanned pages: {count}"] == {"count": 6}
    lines = final_images.image_lines(centre, "013", "sheet-2")
    assert [(line.page, line.scan_pass, line.counts, line.lost) for line in lines] == [
        (2, 1, False, False), (4, 1, True, False), (6, 2, True, False),
    ]  # fmt: skip
    written = final_images.write_images(centre, "013", "sheet-2", tmp_path / "out")
    assert [path.read_bytes() for path in written] == [envelope.data[n] for n in (2, 4, 6)]
    root = images.scans_folder(centre)
    assert {path.suffix for path in root.rglob("*") if path.is_file()} == {SUFFIX}
    assert images_command.NAME == "images"
    with pytest.raises(UserError, match="no image of sheet sheet-9"):
        final_images.write_images(centre, "013", "sheet-9", tmp_path / "out")
    assert capsys.readouterr().out == ""


def test_images_that_come_again_take_the_place_of_the_older(envelope: Envelope) -> None:
    envelope.seal()
    centre = envelope.land.ctx("ntc")
    for _ in range(3):
        transfer.load(centre, list(envelope.send(part_limit=1 << 30)))
    folders = list((images.scans_folder(centre) / "final-013").iterdir())
    assert len(folders) == 2  # those before stay until the next time
    assert len(final_images.image_lines(centre, "013")) == 6


def test_a_lost_image_is_told_and_a_changed_one_stops_the_export(envelope: Envelope) -> None:
    envelope.seal(3)
    centre = envelope.land.ctx("ntc")
    transfer.load(centre, list(envelope.send(part_limit=1 << 30)))
    assert [line.page for line in final_images.image_lines(centre, "013") if line.lost] == [3]
    images.vault(envelope.ctx).put(io.BytesIO(b"another page"), envelope.place(3))
    with pytest.raises(UserError, match=r"The kept image 0003.jpg cannot be opened"):
        envelope.send(part_limit=1 << 30)


def test_a_file_too_large_to_be_enclosed_goes_in_pieces(envelope: Envelope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final_images, "ATTACHMENT_LIMIT", 600_000)
    envelope.seal()
    centre = envelope.land.ctx("ntc")
    transfer.load(centre, list(envelope.send(part_limit=1 << 30)))
    for line in final_images.image_lines(centre, "013"):
        (row,) = images.scans_folder(centre).rglob(f"{line.page:04d}.jpg{SUFFIX}")
        place = row.relative_to(images.scans_folder(centre)).as_posix().removesuffix(SUFFIX)
        assert plain(images.kept_image(centre, place)) == envelope.data[line.page]
