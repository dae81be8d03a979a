"""Folders and files whose names are no text in UTF-8 (old archives, drives mounted with another encoding): all work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from mab_desktop.domain.file_names import all_readable, readable
from mab_desktop.domain.organisation import Role
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.services import backups, bring_in, envelopes, photos, students, table_export
from mab_desktop.services.bring_in_rows import Choice
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.services.specialties import choose_specialties
from mab_desktop.services.workplace import log_in
from mab_desktop.storage.tables.brought_in import BroughtIn
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import ScanBatch
from tests.conftest import MakeContext
from tests.portraits import portrait
from tests.services.envelope_stand import open_shift
from tests.services.exam_room import make_room
from tests.services.foreign_tables import HEADS, cells, person, plan_of, write_csv
from tests.services.land import PASSWORD, Land
from tests.services.people import student

ODD = b"\xd1\xf2\xf3\xe4\xe5\xed\xf2\xfb".decode("utf-8", "surrogateescape")  # «Студенты» in Windows-1251
SHOWN = "?" * 8

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")


def test_only_what_is_no_text_is_replaced() -> None:
    assert readable(f"/мұнда & <онда>/{ODD}.csv") == f"/мұнда & <онда>/{SHOWN}.csv"
    assert all_readable({ODD: [1, None, (ODD, "Ә")]}) == {SHOWN: [1, None, [SHOWN, "Ә"]]}


def test_a_workplace_in_such_a_folder_is_opened_again_backed_up_and_checked(land: Land) -> None:
    place = land.folder / ODD / "mab.db"
    land.start("nu041", database=place).store.close()
    for _time in range(2):
        ctx = log_in(place, "programmer", PASSWORD, clock=land.clock)
        assert backups.back_up(ctx, "act").is_file()
        assert ctx.store.verify_log() is None
        ctx.store.close()


def test_a_table_is_brought_in_and_a_list_is_written(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    path = write_csv(tmp_path / f"{ODD}.csv", [HEADS, cells(person(1))], "utf-8", ";")
    bring_in.bring_in(ctx, plan_of(ctx, path), Choice())
    assert len(students.all_rows(ctx)) == 1
    table_export.note_export(ctx, "Students", 1, ["surname"], tmp_path / ODD / "a.csv")
    with ctx.store.read() as session:
        assert session.scalars(select(BroughtIn.file_name)).all() == [f"{SHOWN}.csv"]
    assert ctx.store.verify_log() is None


def test_photographs_are_taken_from_such_a_folder(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    choose_specialties(ctx, ["050102"])
    students.save(ctx, student(1))
    folder = tmp_path / ODD
    folder.mkdir()
    Image.fromarray(portrait()).save(folder / f"{student(1)['to_code']}.jpg", quality=90)
    (folder / f"{ODD}.txt").write_text("x")
    report = photos.take_folder(ctx, folder)
    assert len(report.taken) == 1
    with ctx.store.read() as session:
        subject = AuditEntry.object
        assert session.scalars(select(subject).where(AuditEntry.event == "photos-kept")).all() == [SHOWN]


def test_an_envelope_is_read_from_such_a_folder(make_context: MakeContext, tmp_path: Path) -> None:
    room = open_shift(make_room(make_context, tmp_path / "scans", {"101": 2}))
    sheets = [(room.serial(n), {}) for n in (1, 2)]
    envelopes.receive_envelope(room.ctx, 1, "101", 0, 2)
    for image in room.images(sheets, "p"):
        image.rename(image.with_name(f"{ODD}{image.name}"))
    folder = (room.folder / "p").rename(room.folder / ODD)
    envelopes.scan_pass(room.ctx, 1, "101", 1, [folder])
    session = ScanSession.begin(room.ctx, 1, "101", 2)
    session.scan(FolderSource(folder))
    assert session.wait() is State.ENDED
    session.save()
    with room.ctx.store.read() as found:
        assert found.scalars(select(ScanBatch.source)).first() == readable(str(folder))
    assert room.ctx.store.verify_log() is None
