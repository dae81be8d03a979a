"""The trial restore: once a week the newest copy is restored into a scratch folder and compared, by the program itself.

It goes the very way of a real restore. What was found is kept in the log and shown beside the backups.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services import backups, restore
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.backup import Copy
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry

WEEK = timedelta(days=7)
SETTING, FOLDER = "trial-restore", ".trial"
# What a restore itself writes; every other table must have the rows that were counted when the copy was made.
_WRITTEN = frozenset({
    "audit", "setting", "restored_act", "password_tries", "seating_freeze", "print_job", "trust_state",
    "alembic_version",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """How the newest trial restore ended; `reason` says what was wrong."""

    at: str
    copy: str
    whole: bool
    rows: int
    reason: str


def last(ctx: Context) -> Trial | None:
    """The newest trial restore; None before the first."""
    with ctx.store.read() as session:
        kept = setting(session, SETTING)
    return Trial(**kept) if kept else None


def is_due(ctx: Context) -> bool:
    """True when the newest trial is older than a week, or a clock that was set back says nonsense."""
    found = last(ctx)
    if found is None:
        return backups.newest_copy(ctx) is not None
    age = ctx.clock.now() - datetime.fromisoformat(found.at)
    return not timedelta() <= age < WEEK


def try_restore(ctx: Context, progress: Progress = Silent()) -> Trial:
    """Restore the newest copy into a scratch folder, compare, and throw it away; UserError where there is no copy."""
    copy = backups.newest_copy(ctx)
    if copy is None:
        raise UserError(N_("There is no backup yet."), next_step=N_("Press “Back up now” first."))
    scratch = ctx.store.path.with_suffix(FOLDER)
    rows, reason = 0, ""
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        rows = _restored_rows(ctx, copy, scratch / ctx.store.path.name, progress)
    except UserError as error:
        reason = error.message(ctx.lang)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    found = Trial(stamp(ctx), copy.path.name, not reason, rows, reason)
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, SETTING, {"at": found.at, "copy": found.copy, "whole": found.whole, "rows": rows,
                                  "reason": reason})  # fmt: skip
        tx.note("restore-tried", copy.path.name, "failed" if reason else "done", rows=rows, reason=reason)
    return found


def _restored_rows(ctx: Context, copy: Copy, database: Path, progress: Progress) -> int:
    """How many rows came back; UserError for whatever is not as it was noted."""
    database.parent.mkdir(mode=0o700)
    ring = ctx.store.path.with_suffix(".keys")
    shutil.copyfile(ring, database.with_suffix(".keys"))
    first = restore.Person(ctx.actor.login, ctx.actor.name, ctx.actor.role)
    opened = restore.Opened(database, copy.path, first, ctx.store.key)
    restore.restore(opened, restore.witness(N_("Trial restore")), ctx.clock, progress, reason=restore.TRIAL)
    store = Store(database, ctx.store.key, ctx.clock)
    try:
        with store.read() as session:
            newest = session.scalar(select(AuditEntry.event).order_by(AuditEntry.n.desc()).limit(1))
            found = _counts(session, copy)
    finally:
        store.close()
    if newest not in ("backup-restored", "migration-run"):
        raise UserError(N_("The restored log does not end with the restore."))
    return found


def _counts(session: Session, copy: Copy) -> int:
    if copy.note is None:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    total = 0
    for table, count in copy.note.counts.items():
        total += count
        there = session.connection().exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar()  # noqa: S608
        if table not in _WRITTEN and there != count:
            raise UserError(
                N_("The table {table} came back with {found} rows of {count}."), table=table, found=there, count=count
            )
    return total
