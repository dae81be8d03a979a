"""The way back from a newer program: its database is moved aside as a copy, one from before takes its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.services import backups, lasting, restore, restore_sources, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.restore import Look
from mab_desktop.services.settings import change_setting, setting
from mab_desktop.storage import backup, migrate
from mab_desktop.storage.tables.core import AuditEntry
from tests.services.land import PASSWORD, Land, events
from tests.services.test_workplace import with_second_migration

MARKER = "op.execute('CREATE TABLE marker (n INTEGER)')"
RENAMED = "op.execute('ALTER TABLE appeal RENAME TO objection')"


def value(ctx: Context, key: str) -> dict[str, object]:
    with ctx.store.read() as session:
        return setting(session, key)


def went_up(land: Land, tmp_path: Path, body: str) -> Path:
    """Work in a newer program, which is then taken away; the copy that it made before its migration."""
    change_setting(land.ctx("nu027"), "before", {"v": 1})
    land.close()
    with pytest.MonkeyPatch.context() as newer:
        with_second_migration(newer, tmp_path / "next", body)
        ctx = land.ctx("nu027")
        change_setting(ctx, "after", {"v": 1})
        if body == MARKER:
            backups.back_up(ctx, "asked")
        land.close()
    database = land.database("nu027")
    found = restore_sources.sources(database)
    return next(source.path for source in found if note_of(source.path).reason == "migration")


def note_of(copy: Path) -> backup.Note:
    note = backup.read_note(copy)
    assert note is not None
    return note


def go_back(land: Land, copy: Path) -> tuple[Look, restore.Restored]:
    opened = restore.open_copy(land.database("nu027"), copy, "programmer", PASSWORD, land.clock)
    look = restore.look(opened, land.clock)
    return look, restore.restore(opened, restore.witness("Ахметов Нұрлан, coordinator"), land.clock)


def test_a_copy_from_before_takes_the_place_of_a_newer_database(land: Land, tmp_path: Path) -> None:
    copy = went_up(land, tmp_path, MARKER)
    with pytest.raises(migrate.NewerDatabase, match="restore a backup from before it") as caught:
        land.ctx("nu027")
    assert workplace.is_lost(caught.value)  # the log-in window offers the restore then

    look, done = go_back(land, copy)
    assert (look.newer, look.refused, look.readable) == (True, False, True)
    assert "setting-changed" in {lost.event for lost in look.lost}

    ctx = land.ctx("nu027")
    assert migrate.current(ctx.store.engine) == migrate.head()
    assert (value(ctx, "before"), value(ctx, "after")) == ({"v": 1}, {})
    assert ctx.store.verify_log() is None
    kept = backups.folder_of(ctx) / done.kept
    assert (note_of(kept).reason, note_of(kept).schema) == ("newer", "9999")
    with ctx.store.read() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.event == "backup-restored")).one()
        assert told.details["kept"] == done.kept


def test_the_newer_program_takes_up_again_what_was_moved_aside(land: Land, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    copy = went_up(land, tmp_path, MARKER)
    _look, done = go_back(land, copy)
    kept = land.database("nu027").parent / backups.FOLDER / done.kept
    with pytest.raises(migrate.NewerDatabase):
        restore.open_copy(land.database("nu027"), kept, "programmer", PASSWORD, land.clock)
    with_second_migration(monkeypatch, tmp_path / "again", MARKER)
    go_back(land, kept)
    ctx = land.ctx("nu027")
    assert value(ctx, "after") == {"v": 1}
    assert events(ctx).count("backup-restored") == 1


def test_a_newer_database_whose_tables_are_others_is_kept_as_it_lies(land: Land, tmp_path: Path) -> None:
    copy = went_up(land, tmp_path, RENAMED)
    before = land.database("nu027").read_bytes()
    look, done = go_back(land, copy)
    assert (look.newer, look.readable) == (True, False)
    assert done.kept.startswith(restore.NEWER)
    assert (land.database("nu027").parent / backups.FOLDER / done.kept / "mab.db").read_bytes() == before
    assert value(land.ctx("nu027"), "before") == {"v": 1}


def test_what_is_done_only_once_is_held_on_the_way_back(land: Land, tmp_path: Path) -> None:
    change_setting(land.ctx("nu027"), "before", {"v": 1})
    land.close()
    with pytest.MonkeyPatch.context() as newer:
        with_second_migration(newer, tmp_path / "next", MARKER)
        ctx = land.ctx("nu027")
        with ctx.store.write(ctx.actor) as tx:
            tx.note("seats-drawn", "shift-1", result="abc")
        lasting.keep(ctx.store)
        backups.after_act(ctx)
        land.close()
    copy = next(one.path for one in restore_sources.sources(land.database("nu027"))
                if note_of(one.path).reason == "migration")  # fmt: skip
    look, done = go_back(land, copy)
    assert [act.event for act in look.undone] == ["seats-drawn"]
    assert not look.refused
    assert done.held == 1
