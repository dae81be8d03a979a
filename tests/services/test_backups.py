"""Copies of a workplace: when they are made, what they hold, the second disk, and what the home page says of them."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import UserError
from mab_desktop.services import backups, log_view, second_disk, transfer, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.settings import change_setting
from mab_desktop.storage import backup
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry, Setting
from tests.services.land import PASSWORD, Land, events, statistics


def details(ctx: Context) -> list[dict[str, Any]]:
    with ctx.store.read() as session:
        query = select(AuditEntry.details).where(AuditEntry.event == "backup-made").order_by(AuditEntry.n)
        return list(session.scalars(query))


def names(ctx: Context) -> list[str]:
    return [line.name for line in backups.lines(ctx)]


def work(ctx: Context, key: str = "done") -> None:
    change_setting(ctx, key, {"v": 1})


def later(land: Land, **by: float) -> None:
    land.clock.set(land.clock.moment + timedelta(**by))


def test_a_backup_is_noted_and_opens_as_a_workplace(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert backups.newest_copy(ctx) is None
    assert log_view.last_backup(ctx) == ""
    before = ctx.store.log_head()[0]
    path = backups.back_up(ctx, "asked")
    assert path.parent == backups.folder_of(ctx)
    copy = backups.newest_copy(ctx)
    assert copy is not None
    assert copy.path == path
    assert log_view.last_backup(ctx).startswith("10.03.2011 09:0")
    assert events(ctx, before) == ["backup-made"]
    assert details(ctx) == [{"reason": "asked", "dropped": []}]
    # As a person would go back by hand: the copy in the place of the database, the same locks, the same password.
    land.close()
    for rest in land.database("nu027").parent.glob("mab.db*"):
        rest.unlink()
    shutil.copy(path, land.database("nu027"))
    again = workplace.log_in(land.database("nu027"), "programmer", PASSWORD, clock=land.clock)
    assert again.store.verify_log() is None
    assert again.store.log_head()[0] == before + 1
    again.store.close()


def test_a_backup_in_the_midst_of_work_holds_what_was_acknowledged(land: Land) -> None:
    ctx = land.ctx("nu027")
    work(ctx)
    path = backups.before_import(ctx)
    work(ctx, "later")
    copy = Store(path, ctx.store.key, land.clock)
    copy.quick_check()
    with copy.read() as session:
        assert session.get(Setting, "done") is not None
        assert session.get(Setting, "later") is None
    copy.close()
    assert details(ctx)[-1]["reason"] == "import"


def test_ten_minutes_copy_only_what_was_changed(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert backups.every_ten_minutes(ctx) is not None
    assert backups.every_ten_minutes(ctx) is None  # its own entry in the log is no change
    work(ctx)
    assert backups.every_ten_minutes(ctx) is not None
    assert [line.why for line in backups.lines(ctx)] == [backups.REASONS["ten-minutes"]] * 2


def test_the_first_copy_of_a_day(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert backups.at_start(ctx) is not None
    later(land, hours=23)
    assert backups.at_start(ctx) is None
    later(land, hours=2)
    assert backups.at_start(ctx) is not None


def test_a_clock_set_back_makes_a_copy_rather_than_none(land: Land) -> None:
    ctx = land.ctx("nu027")
    backups.at_start(ctx)
    first = names(ctx)
    land.clock.moment -= timedelta(days=300)
    assert backups.at_start(ctx) is not None
    assert set(first) < set(names(ctx))


def test_exports_one_after_the_other_share_a_copy(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert backups.at_export(ctx) is not None
    assert backups.at_export(ctx) is None
    later(land, minutes=2)
    assert backups.at_export(ctx) is not None


def test_copies_past_keeping_go_and_are_named_in_the_log(land: Land) -> None:
    ctx = land.ctx("nu027")
    made = []
    for _ in range(3):
        made.append(backups.back_up(ctx, "asked").name)
        later(land, minutes=5)
    for _ in range(5):
        later(land, days=1)
        made.append(backups.back_up(ctx, "start").name)
    assert [name for told in details(ctx) for name in told["dropped"]] == made[:2]
    assert names(ctx) == list(reversed(made[2:]))


def test_foreign_files_in_the_folder_are_left_alone(land: Land) -> None:
    ctx = land.ctx("nu027")
    folder = backups.folder_of(ctx)
    folder.mkdir()
    foreign = ("mab-photo.db", "other-20100101T000000.db", "mab-20100101T000000-e1-n5.db.part", "notes.txt")
    for name in foreign:
        (folder / name).write_text("mine", "utf-8")
    for _ in range(8):
        later(land, days=30)
        backups.back_up(ctx, "asked")
    assert set(foreign) <= {path.name for path in folder.iterdir()}


def test_a_folder_that_cannot_be_written_to_is_told_in_words(land: Land) -> None:
    ctx = land.ctx("nu027")
    backups.folder_of(ctx).write_text("a file where the folder should be", "utf-8")
    before = ctx.store.log_head()
    with pytest.raises(UserError, match="backup could not be written") as caught:
        backups.back_up(ctx, "asked")
    assert caught.value.exit_code == 7
    assert backups.after_act(ctx) is None  # what was done stands all the same
    assert ctx.store.log_head() == before


def test_all_copies_are_checked_and_a_damaged_one_is_set_aside(land: Land) -> None:
    ctx = land.ctx("nu027")
    first = backups.back_up(ctx, "asked")
    work(ctx)
    second = backups.back_up(ctx, "asked")
    assert backups.check_all(ctx) == backups.Checked(2, ())
    assert all(line.checked for line in backups.lines(ctx))
    data = bytearray(second.read_bytes())
    data[len(data) // 2] ^= 1
    second.write_bytes(data)
    found = backups.check_all(ctx)
    assert found == backups.Checked(1, (second.name,))
    assert second.with_suffix(".damaged").exists()
    left = names(ctx)
    assert first.name in left
    assert second.name not in left
    assert len(left) == 2  # a new one was made at once
    assert events(ctx)[-2:] == ["backup-checked", "backup-made"]


def test_a_damaged_copy_that_the_disk_holds_fast_is_told_of_and_the_others_are_checked(land: Land) -> None:
    ctx = land.ctx("nu027")
    older, newest = backups.back_up(ctx, "asked"), None
    for _ in range(2):
        work(ctx)
        newest = backups.back_up(ctx, "asked")
    assert newest is not None
    newest.write_bytes(newest.read_bytes()[:5000])
    in_the_way = newest.with_suffix(".damaged")
    in_the_way.mkdir()
    (in_the_way / "held").touch()
    Path(f"{backup.note_file(older)}.new").mkdir()  # the disk takes no note of the check either
    found = backups.check_all(ctx)
    assert found == backups.Checked(2, (newest.name,), (newest.name,))
    assert newest.exists()
    copy = backups.newest_copy(ctx)
    assert copy is not None
    assert copy.path != newest
    assert events(ctx)[-2:] == ["backup-checked", "backup-made"]


# -- the second disk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def second(land: Land, tmp_path: Path) -> Path:
    """A folder that stands for another disk, chosen at nu027."""
    folder = tmp_path / "disk2"
    folder.mkdir()
    second_disk.choose(land.ctx("nu027"), folder, same_disk_too=True)
    return folder


def test_a_folder_on_the_same_disk_is_not_taken(land: Land, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="same disk"):
        second_disk.choose(land.ctx("nu027"), tmp_path)
    assert second_disk.state(land.ctx("nu027")) is None


def test_every_copy_and_what_lies_beside_goes_to_the_second_disk(land: Land, second: Path) -> None:
    ctx = land.ctx("nu027")
    statistics(land)
    scans = ctx.store.path.parent / "mab-scans" / "shift-01"
    scans.mkdir(parents=True)
    (scans / "page.png.sealed").write_bytes(b"image")
    made = backups.back_up(ctx, "asked")
    place = second / "mab-nu027"
    assert (place / made.name).read_bytes() == made.read_bytes()
    assert backup.check(place / made.name, ctx.store.key, backup.read_note(place / made.name), full=True)
    assert (place / "mab.keys").read_bytes() == ctx.store.path.with_suffix(".keys").read_bytes()
    assert (place / "mab-scans/shift-01/page.png.sealed").read_bytes() == b"image"
    assert [path.suffix for path in (place / "outbox").iterdir()] == [".mab"]
    assert backups.lines(ctx)[0].second
    state = second_disk.state(ctx)
    assert state is not None
    assert (state.present, state.error) == (True, "")


def test_images_on_the_second_disk_are_only_added(land: Land, second: Path) -> None:
    ctx = land.ctx("nu027")
    image = ctx.store.path.parent / "mab-scans" / "page.png.sealed"
    image.parent.mkdir()
    image.write_bytes(b"first")
    backups.back_up(ctx, "asked")
    image.write_bytes(b"another one")
    backups.back_up(ctx, "asked")
    image.unlink()
    backups.back_up(ctx, "asked")
    kept = {path.read_bytes() for path in (second / "mab-nu027" / "mab-scans").iterdir()}
    assert kept == {b"first", b"another one"}


def test_confirmed_exports_leave_the_second_disk_too(land: Land, second: Path) -> None:
    ctx = land.ctx("nu027")
    statistics(land)
    backups.back_up(ctx, "asked")
    for path in (ctx.store.path.parent / "outbox").iterdir():
        path.unlink()
    backups.back_up(ctx, "asked")
    assert list((second / "mab-nu027" / "outbox").iterdir()) == []


def test_an_absent_second_disk_is_told_never_a_failure(land: Land, second: Path) -> None:
    ctx = land.ctx("nu027")
    backups.back_up(ctx, "asked")
    away = second.rename(second.with_name("away"))
    second.mkdir()  # what an unmounted disk leaves: an empty folder on the system's own disk
    work(ctx)
    backups.back_up(ctx, "asked")
    assert list(second.iterdir()) == []
    assert backups.problems(ctx) == []
    later(land, days=2)
    words = [problem.message("en") for problem in backups.problems(ctx)]
    assert any("has not been here since 10.03.2011" in line for line in words)
    second.rmdir()
    away.rename(second)
    backups.back_up(ctx, "asked")
    assert backups.problems(ctx) == []
    assert len(backup.copies(second / "mab-nu027", "mab")) == 2


def test_a_second_disk_that_refuses_is_remembered_with_its_reason(land: Land, second: Path) -> None:
    ctx = land.ctx("nu027")
    (second / "mab-nu027").rmdir()
    (second / "mab-nu027").write_text("a file where the folder should be", "utf-8")
    assert backups.back_up(ctx, "asked").exists()
    state = second_disk.state(ctx)
    assert state is not None
    assert state.error
    assert "has taken no backup since —" in backups.problems(ctx)[0].message("en")


def test_only_a_manager_chooses_the_second_disk(land: Land, tmp_path: Path) -> None:
    ctx = land.ctx("nu027").as_person("op", "Оператор", "operator")
    with pytest.raises(UserError, match="no right"):
        second_disk.choose(ctx, tmp_path, same_disk_too=True)


# -- the home page -----------------------------------------------------------------------------------------------------


def test_work_that_is_in_no_copy_for_an_hour_is_told(land: Land) -> None:
    ctx = land.ctx("nu027")
    backups.back_up(ctx, "asked")
    later(land, hours=30)
    assert backups.problems(ctx) == []  # nothing was done since
    work(ctx)
    assert backups.problems(ctx) == []
    later(land, hours=2)
    assert "work after it is in no copy" in backups.problems(ctx)[0].message("en")
    backups.back_up(ctx, "asked")
    assert backups.problems(ctx) == []


def test_no_copy_at_all_is_told(land: Land) -> None:
    ctx = land.ctx("nu027")
    work(ctx)
    later(land, hours=2)
    assert "no backup yet" in backups.problems(ctx)[0].message("en")


def test_the_exports_of_the_transfer_service_still_work_beside_it(land: Land, second: Path) -> None:
    portion = statistics(land)
    assert transfer.load(land.ctx("bu013"), portion.paths).known is False
