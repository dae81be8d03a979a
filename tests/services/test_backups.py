"""Copies of a workplace's database: noted, whole, thinned out, and told in words where the disk does not take them."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import UserError
from mab_desktop.services import backups, log_view, workplace
from mab_desktop.storage import backup
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry, Setting
from tests.services.land import PASSWORD, Land, events


def details(land: Land) -> list[dict[str, object]]:
    with land.ctx("nu027").store.read() as session:
        query = select(AuditEntry.details).where(AuditEntry.event == "backup-made").order_by(AuditEntry.n)
        return list(session.scalars(query))


def test_a_backup_is_noted_and_opens_as_a_workplace(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert backups.newest(ctx) is None
    assert log_view.last_backup(ctx) == ""
    before = ctx.store.log_head()[0]
    path = backups.back_up(ctx, "asked")
    assert path.parent == backups.folder_of(ctx)
    assert backups.newest(ctx) == path
    assert log_view.last_backup(ctx).startswith("10.03.2011 09:0")
    assert events(ctx, before) == ["backup-made"]
    assert details(land) == [{"reason": "asked", "dropped": []}]
    # As a person would go back: the copy in the place of the database, the same locks, the same password.
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
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Setting(key="done", value={"v": 1}))
        tx.note("setting-changed", "done")
    path = backups.before_import(ctx)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Setting(key="later", value={"v": 2}))
        tx.note("setting-changed", "later")
    copy = Store(path, ctx.store.key, land.clock)
    copy.quick_check()
    with copy.read() as session:
        assert session.get(Setting, "done") is not None
        assert session.get(Setting, "later") is None
    copy.close()
    assert details(land)[-1]["reason"] == "import"


def test_copies_past_keeping_go_and_are_named_in_the_log(land: Land) -> None:
    ctx = land.ctx("nu027")
    first = backups.back_up(ctx, "asked")
    land.clock.set(land.clock.moment + timedelta(minutes=5))
    second = backups.back_up(ctx, "asked")
    land.clock.set(land.clock.moment + timedelta(days=3))
    third = backups.back_up(ctx, "asked")
    assert [path for _, path in backup.copies(backups.folder_of(ctx), "mab")] == [third, second]
    assert details(land)[-1]["dropped"] == [first.name]


def test_foreign_files_in_the_folder_are_left_alone(land: Land) -> None:
    ctx = land.ctx("nu027")
    folder = backups.folder_of(ctx)
    folder.mkdir()
    for name in ("mab-photo.db", "other-20100101T000000.db", "notes.txt"):
        (folder / name).write_text("mine", "utf-8")
    backups.back_up(ctx, "asked")
    land.clock.set(land.clock.moment + timedelta(days=500))
    backups.back_up(ctx, "asked")
    assert {"mab-photo.db", "other-20100101T000000.db", "notes.txt"} <= {path.name for path in folder.iterdir()}


def test_a_folder_that_cannot_be_written_to_is_told_in_words(land: Land) -> None:
    ctx = land.ctx("nu027")
    backups.folder_of(ctx).write_text("a file where the folder should be", "utf-8")
    before = ctx.store.log_head()
    with pytest.raises(UserError, match="backup could not be written") as caught:
        backups.back_up(ctx, "asked")
    assert caught.value.exit_code == 7
    assert ctx.store.log_head() == before


def test_a_backup_that_does_not_check_is_never_named_as_one(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk gives back something else than was written."""
    ctx = land.ctx("nu027")
    copy = backup._copy

    def rotten(store: Store, path: Path) -> None:
        copy(store, path)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    monkeypatch.setattr(backup, "_copy", rotten)
    with pytest.raises(UserError, match="damaged"):
        backups.back_up(ctx, "asked")
    assert list(backups.folder_of(ctx).iterdir()) == []
    assert backups.newest(ctx) is None
