"""Copies of the database: before an import, at the start of a day, on demand."""

from __future__ import annotations

from pathlib import Path

from mab_desktop.services.context import Context
from mab_desktop.storage import backup


def folder_of(ctx: Context) -> Path:
    """Where the copies of this workplace lie."""
    return ctx.store.path.parent / "backups"


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


def newest(ctx: Context) -> Path | None:
    """The newest copy, None when there is none."""
    found = backup.copies(folder_of(ctx), ctx.store.path.stem)
    return found[0][1] if found else None
