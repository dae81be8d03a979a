"""Photographs for passes: found, cut, sealed, matched by number, taken back, carried, printed."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.portrait import LEAST_WIDTH, Frame, proposed
from mab_desktop.omr.portrait import MOST_BYTES, SIZE
from mab_desktop.services import (
    carriers_photos,
    duplicates,
    images,
    photos,
    specialties,
    students,
)
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.photos import Photo
from tests.apps.network_stage import NetworkStage, make_stage
from tests.conftest import MakeContext
from tests.portraits import portrait
from tests.services.people import student

BOTH = ("Әбенов", "Ғалымов")


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "face.jpg"
    Image.fromarray(portrait()).save(path, quality=90)
    return path


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    made = make_context(Role.NETWORK_UNI, "027")
    specialties.choose_specialties(made, ["050102"])
    for number, surname in enumerate(BOTH, 1):
        students.save(made, student(number, surname=surname, record_book=f"09/{number:02d}-Б"))
    return made


def ids(ctx: Context) -> list[str]:
    return [row.student for row in photos.photo_rows(ctx)]


def picture(path: Path, wide: int, high: int, shade: int = 128) -> Path:
    Image.new("RGB", (wide, high), (shade, shade, shade)).save(path)
    return path


def test_the_frame_stays_in_the_picture_and_is_never_too_coarse() -> None:
    assert proposed(900, 600) == Frame(225, 0, 450)
    assert Frame(-50, -50, 400).within(900, 1200) == Frame(0, 0, 400)
    assert Frame(800, 1100, 400).within(900, 1200) == Frame(500, 1200 - 400 * 4 / 3, 400)
    assert Frame(100, 100, 400).zoomed(0.01).within(900, 1200).width == LEAST_WIDTH
    assert Frame(100, 100, 400).zoomed(50).within(900, 1000) == Frame(0, 0, 750)
    near = Frame(100, 100, 400).zoomed(0.9)
    assert (near.left + near.width / 2, near.top + near.height / 2) == pytest.approx((300, 100 + 400 * 2 / 3))


def test_a_face_is_found_and_stands_in_the_middle(ctx: Context, face: Path) -> None:
    opened = photos.open_picture(face)
    assert opened.face
    assert opened.frame.left < 520 < opened.frame.left + opened.frame.width
    assert opened.frame.left + opened.frame.width / 2 == pytest.approx(520, abs=25)
    photos.keep(ctx, ids(ctx)[0], opened)
    kept = photos.photo_of(ctx, ids(ctx)[0])
    with Image.open(io.BytesIO(kept)) as shown:
        assert (shown.format, shown.size) == ("JPEG", SIZE)
        assert not shown.getexif()
    assert len(kept) <= MOST_BYTES


def test_noise_too_becomes_a_small_file(ctx: Context, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 360, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    opened = photos.open_picture(tmp_path / "noise.png")
    assert not opened.face
    assert len(opened.cut()) <= MOST_BYTES


def test_a_photograph_lies_sealed_and_never_in_clear(ctx: Context, face: Path) -> None:
    photos.keep(ctx, ids(ctx)[0], photos.open_picture(face))
    kept = photos.photo_of(ctx, ids(ctx)[0])
    files = [path for path in images.scans_folder(ctx).rglob("*") if path.is_file()]
    assert len(files) == 1
    stored = files[0].read_bytes()
    assert b"\xff\xd8\xff" not in stored[:64]
    assert kept[100:140] not in stored
    assert files[0].name.startswith(hashlib.sha256(kept).hexdigest())


def test_replacing_and_removing_are_taken_back(ctx: Context, face: Path, tmp_path: Path) -> None:
    first = ids(ctx)[0]
    photos.keep(ctx, first, photos.open_picture(face))
    before = photos.photo_of(ctx, first)
    other = photos.keep(ctx, first, photos.open_picture(picture(tmp_path / "gray.png", 600, 800)))
    assert photos.photo_of(ctx, first) != before
    photos.take_back(ctx, other)
    assert photos.photo_of(ctx, first) == before
    gone = photos.remove(ctx, [first])
    assert photos.photo_of(ctx, first) == b""
    assert [row.photo for row in photos.photo_rows(ctx)] == ["", ""]
    photos.take_back(ctx, gone)
    assert photos.photo_of(ctx, first) == before


def test_photographs_go_with_the_record_that_stays_and_come_back(ctx: Context, face: Path, tmp_path: Path) -> None:
    """Two records of one person (p.21): the picture and the marks of paper photographs are not lost with the other."""
    kept, gone = ids(ctx)
    photos.keep(ctx, gone, photos.open_picture(face))
    students.set_photos(ctx, [gone], 2)
    shown = photos.photo_of(ctx, gone)
    duplicates.settle_duplicate(ctx, kept, gone, kept, "бір студент")
    (row,) = photos.photo_rows(ctx)
    assert (row.student, row.received, photos.photo_of(ctx, kept)) == (kept, 2, shown)
    duplicates.reopen_duplicate(ctx, kept, gone, "екі студент")
    assert [(row.student, row.received, bool(row.photo)) for row in photos.photo_rows(ctx)] == [
        (kept, 0, False), (gone, 2, True),
    ]  # fmt: skip
    own = photos.open_picture(picture(tmp_path / "gray.png", 600, 800))
    photos.keep(ctx, kept, own)
    duplicates.settle_duplicate(ctx, kept, gone, kept, "бір студент")
    assert photos.photo_of(ctx, kept) == own.cut()  # its own stays where nobody chose the other
    duplicates.reopen_duplicate(ctx, kept, gone, "қайта қарау")
    assert photos.photo_of(ctx, kept) == own.cut()
    duplicates.settle_duplicate(ctx, kept, gone, kept, "бір студент", [duplicates.PICTURE])
    assert photos.photo_of(ctx, kept) == shown
    duplicates.reopen_duplicate(ctx, kept, gone, "қайта қарау")
    assert photos.photo_of(ctx, kept) == own.cut()
    assert photos.photo_of(ctx, gone) == shown


def test_a_photograph_kept_after_the_uniting_stays_when_that_is_taken_back(
    ctx: Context, face: Path, tmp_path: Path
) -> None:
    kept, gone = ids(ctx)
    photos.keep(ctx, gone, photos.open_picture(face))
    duplicates.settle_duplicate(ctx, kept, gone, kept, "бір студент")
    later = photos.open_picture(picture(tmp_path / "gray.png", 600, 800))
    photos.keep(ctx, kept, later)
    duplicates.reopen_duplicate(ctx, kept, gone, "екі студент")
    assert photos.photo_of(ctx, kept) == later.cut()


def test_taking_back_leaves_alone_what_came_later(ctx: Context, face: Path, tmp_path: Path) -> None:
    first = ids(ctx)[0]
    photos.keep(ctx, first, photos.open_picture(face))
    gone = photos.remove(ctx, [first])
    photos.keep(ctx, first, photos.open_picture(picture(tmp_path / "gray.png", 600, 800)))
    later = photos.photo_of(ctx, first)
    photos.take_back(ctx, gone)
    assert photos.photo_of(ctx, first) == later


def test_the_frame_can_be_set_again_while_the_picture_is_there(ctx: Context, face: Path, tmp_path: Path) -> None:
    first, copy = ids(ctx)[0], tmp_path / "own.jpg"
    copy.write_bytes(face.read_bytes())
    photos.keep(ctx, first, photos.open_picture(copy), Frame(10, 20, 400))
    again = photos.open_again(ctx, first)
    assert again.frame == Frame(10, 20, 400)
    copy.write_bytes(picture(tmp_path / "x.jpg", 600, 800).read_bytes())
    with pytest.raises(UserError, match="no longer where it was"):
        photos.open_again(ctx, first)
    copy.unlink()
    with pytest.raises(UserError, match="Choose the file again"):
        photos.open_again(ctx, first)


def _bomb(path: Path) -> Path:
    """A PNG of a few kilobytes that would be 40 billion dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 200_000, 200_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    return path


def test_strange_files_are_refused_by_what_they_are(ctx: Context, tmp_path: Path) -> None:
    text = tmp_path / "a.jpg"
    text.write_text("no picture")
    with pytest.raises(UserError, match="not JPEG"):
        photos.open_picture(text)
    scan = tmp_path / "scan.jpg"
    Image.new("L", (600, 800)).save(scan, "TIFF")
    with pytest.raises(UserError, match="neither a JPEG nor a PNG"):
        photos.open_picture(scan)
    with pytest.raises(UserError, match="larger than the program accepts"):
        photos.open_picture(_bomb(tmp_path / "bomb.png"))
    with pytest.raises(UserError, match="299 by 400 dots"):
        photos.open_picture(picture(tmp_path / "small.png", 299, 400))
    with pytest.raises(UserError, match="cannot be read"):
        photos.open_picture(tmp_path / "nowhere.jpg")
    cut = tmp_path / "cut.jpg"
    picture(tmp_path / "whole.jpg", 600, 800)
    cut.write_bytes((tmp_path / "whole.jpg").read_bytes()[:300])
    with pytest.raises(UserError, match="is not taken"):
        photos.open_picture(cut)


def test_a_folder_is_matched_by_three_numbers_and_the_rest_is_said(ctx: Context, face: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "20000001.jpg").write_bytes(face.read_bytes())
    picture(folder / "09 02 б.PNG", 600, 800)
    picture(folder / "77777777.png", 600, 800)
    (folder / "list.txt").write_text("x")
    report = photos.take_folder(ctx, folder)
    assert sorted(report.taken) == sorted(ids(ctx))
    assert [ctx_row.student for ctx_row in photos.find_students(ctx, "20000002")] == list(report.without_face)
    assert {(one.file, one.why) for one in report.left_over} == {
        ("77777777.png", "No student has this TO code, document or record book."),
        ("list.txt", "Not a JPEG or PNG picture."),
    }
    again = photos.take_folder(ctx, folder)
    assert (again.taken, again.same) == ((), 2)
    photos.take_back(ctx, report.act)
    assert [row.photo for row in photos.photo_rows(ctx)] == ["", ""]


def test_two_files_of_one_student_and_a_bad_file_are_left_over(ctx: Context, tmp_path: Path) -> None:
    picture(tmp_path / "20000001.png", 600, 800)
    picture(tmp_path / "100000001.png", 600, 800)
    picture(tmp_path / "20000002.png", 200, 200)
    report = photos.take_folder(ctx, tmp_path)
    assert report.taken == ()
    told = {one.file: one for one in report.left_over}
    assert told["20000001.png"].params["files"] == "100000001.png, 20000001.png"
    assert "too small" in told["20000002.png"].why


def test_numbers_find_whatever_blanks_and_marks_they_are_typed_with(ctx: Context) -> None:
    for number in ("20000001", " 100000001 ", "09/01-б", "0901Б"):
        assert [row.name.split()[0] for row in photos.find_students(ctx, number)] == ["Әбенов"], number
    assert photos.find_students(ctx, " - ") == []
    assert photos.find_students(ctx, "2000000") == []


def test_an_operator_changes_no_photograph(ctx: Context, face: Path) -> None:
    operator = replace(ctx, actor=replace(ctx.actor, role="operator"))
    with pytest.raises(UserError, match="no right"):
        photos.keep(operator, ids(ctx)[0], photos.open_picture(face))
    with pytest.raises(UserError, match="no right"):
        photos.remove(operator, ids(ctx))


# -- to the base university


@pytest.fixture
def stage(make_context: MakeContext, tmp_path: Path) -> NetworkStage:
    made = make_stage(make_context, tmp_path)
    for number, surname in enumerate(BOTH, 1):
        students.save(made.programmer, student(number, surname=surname))
    return made


def test_photographs_reach_the_base_university_with_the_database(
    stage: NetworkStage, face: Path, tmp_path: Path
) -> None:
    mine = stage.programmer
    first, second = ids(mine)
    photos.keep(mine, first, photos.open_picture(face))
    stage.carry(mine, "university-students", stage.base)
    with Image.open(io.BytesIO(photos.photo_of(stage.base, first))) as shown:
        assert shown.size == SIZE
    assert photos.photo_of(stage.base, second) == b""
    made = photo_ids(stage.base)
    photos.keep(mine, second, photos.open_picture(picture(tmp_path / "gray.png", 600, 800)))
    stage.carry(mine, "university-students", stage.base)
    assert photo_ids(stage.base)[first] == made[first]  # the same one was not made again
    assert photos.photo_of(stage.base, second)
    photos.remove(mine, [first])
    stage.carry(mine, "university-students", stage.base)
    assert photos.photo_of(stage.base, first) == b""
    with stage.base.store.read() as session:
        details = [row.details for row in session.scalars(select(AuditEntry).where(AuditEntry.event == "photos-taken"))]
    assert [(d["new"], d["gone"], d["same"]) for d in details] == [(1, 0, 0), (1, 0, 1), (0, 1, 1)]


def photo_ids(ctx: Context) -> dict[str, str]:
    with ctx.store.read() as session:
        return {row.student: row.id for row in session.scalars(select(Photo).where(Photo.gone_at.is_(None)))}


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff nothing", b"GIF89a"])
def test_what_is_no_photograph_stops_the_whole_carrier(stage: NetworkStage, data: bytes) -> None:
    base, someone = stage.base, ids(stage.programmer)[0]
    record = {"student": someone, "sha256": hashlib.sha256(data).hexdigest(), "size": max(1, len(data))}
    arrived = Arrived(
        "university-students", "nu027", "0" * 64, {}, lambda: iter((("student", {"id": someone}), ("photo", record))),
        (carriers_photos.name_of(someone),), lambda _name: data,
    )  # fmt: skip
    with (
        pytest.raises(UserError, match="does not hold a photograph"),
        base.store.write(base.actor) as tx,
    ):
        carriers_photos.take(base, tx, arrived, "027")
    assert photo_ids(base) == {}


def test_a_photograph_whose_picture_is_lost_is_neither_sent_nor_printed(stage: NetworkStage, face: Path) -> None:
    mine, first = stage.programmer, ids(stage.programmer)[0]
    photos.keep(mine, first, photos.open_picture(face))
    for path in images.scans_folder(mine).rglob("*.sealed"):
        path.unlink()
    assert photos.photo_of(mine, first) == b""
    with mine.store.read() as session:
        assert carriers_photos.outgoing(mine, session, "013").records == []
