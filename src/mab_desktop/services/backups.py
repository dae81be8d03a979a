"""Copies of the database: before an import, at the start of a day, on demand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mab_desktop.services.context import Context
from mab_desktop.storage import backup
from mab_desktop.storage.store import Store

FOLDER = "backups"


def folder_of(ctx: Context) -> Path:
    """Where the copies of this workplace lie."""
    return ctx.store.path.parent / FOLDER


def back_up(ctx: Context, reason: str) -> Path:
    """Write a verified copy and note it; older ones past keeping go."""
    folder = folder_of(ctx)
    now = ctx.clock.now()
    path = backup.back_up(ctx.store, folder, now)
    dropped = backup.thin_out(folder, ctx.store.path.stem, now)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("backup-made", path.name, reason=reason, dropped=[old.name for old in dropped])
    return path


def before_import(ctx: Context) -> Path:
    """The copy that an import can be taken back with."""
    return back_up(ctx, "import")


def before_migration(store: Store, now: datetime) -> Path:
    """The copy of a database of an older schema. Whoever opens it notes it afterwards: the log may change too."""
    return backup.back_up(store, store.path.parent / FOLDER, now)


def newest(ctx: Context) -> Path | None:
    """The newest copy, None when there is none."""
    found = backup.copies(folder_of(ctx), ctx.store.path.stem)
    return found[0][1] if found else None
