"""Copies of the database: at the start of a day, every ten minutes, before and after what matters, and on demand.

A backup is the database, its locks, what must not be undone, the exports that nobody has confirmed yet and the scanned
images. The copies of the database lie in `backups` beside it; everything together goes to the second disk. The tables
of a centre on a server are copied by those who look after it; a copy in a file is made when it is asked for.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services import second_disk
from mab_desktop.services.context import Context
from mab_desktop.services.handed_over import refuse_if_handed_over
from mab_desktop.services.settings import setting
from mab_desktop.storage import backup, migrate
from mab_desktop.storage.backup import Copy
from mab_desktop.storage.retention import NORMAL
from mab_desktop.storage.store import Damaged, Store
from mab_desktop.storage.tables.core import AuditEntry

FOLDER = "backups"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LATE = timedelta(hours=1)  # work that is older than this and in no copy is told on the home page
# What the log says of looking and copying changes nothing that a copy would have to hold.
QUIET = ("backup-made", "backup-checked", "restore-tried", "logged-in", "login-refused", "window-unlocked")
REASONS = {
    "start": N_("Start of the day"), "ten-minutes": N_("Every ten minutes"), "asked": N_("Asked for"),
    "import": N_("Before a file was taken"), "migration": N_("Before the database was brought up to date"),
    "export": N_("At an export"), "shift-closed": N_("A shift was closed"), "act": N_("After an act done only once"),
    "step": N_("After a step of the day"),
    "restore": N_("Before a restore"), "newer": N_("Of a newer version, before the way back"),
    "reserve": N_("For the reserve PC"),
}  # fmt: skip

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class BackupLine:
    """A copy as a list shows it; `why` is a message id, `second` whether the second disk holds it too.

    `checked` is when it was last checked whole, "" when only at its making. `n` is the newest log entry it holds.
    """

    name: str
    path: Path
    at: datetime
    why: str
    size: int
    n: int
    head: str
    epoch: int
    checked: str
    here: bool
    second: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """How a check of all copies ended: how many are whole, and the names of those that are not.

    `left` are the damaged ones that the disk did not let be set aside: they bear the name of a copy still.
    """

    whole: int
    damaged: tuple[str, ...]
    left: tuple[str, ...] = ()


def folder_of(ctx: Context) -> Path:
    """Where the copies of this workplace lie."""
    return folder_beside(ctx.store.path)


def folder_beside(database: Path) -> Path:
    """Where the copies of a database lie."""
    return database.parent / FOLDER


def epoch_of(session: Session) -> int:
    """How often this workplace went back to a backup, plus one: its exports are counted anew in each epoch."""
    return int(setting(session, "epoch").get("epoch", 1))


def back_up(ctx: Context, reason: str, progress: Progress = Silent()) -> Path:
    """Write a verified copy, note it and bring it to the second disk; older ones past keeping go.

    UserError where this computer's disk does not take it. A second disk that is absent is no failure.
    """
    folder = folder_of(ctx)
    with _one_at_a_time:
        now = ctx.clock.now()
        with ctx.store.read() as session:
            epoch = epoch_of(session)
        made = backup.back_up(
            ctx.store, folder, now, reason, epoch=epoch, schema=migrate.current(ctx.store.engine), progress=progress
        )
        gone = backup.thin_out(folder, ctx.store.path.stem, now)
        with ctx.store.write(ctx.actor) as tx:
            told: dict[str, Any] = {"shortage": gone.shortage} if gone.shortage != NORMAL else {}
            tx.note("backup-made", made.path.name, reason=reason, dropped=[old.name for old in gone.dropped], **told)
        second_disk.mirror(ctx, made, progress)
    return made.path


def at_start(ctx: Context) -> Path | None:
    """The first copy of a day: when the newest is older than a day, or a clock that was set back says nonsense."""
    if ctx.store.on_server:
        return None
    second_disk.notice(ctx)
    found = newest_copy(ctx)
    if found is not None:
        age = _now(ctx) - found.at
        if timedelta() <= age < DAY:
            return None
    return back_up(ctx, "start")


def every_ten_minutes(ctx: Context) -> Path | None:
    """A copy when something was done since the newest; None when there is nothing to copy."""
    return back_up(ctx, "ten-minutes") if not ctx.store.on_server and changed_since_newest(ctx) else None


def at_export(ctx: Context) -> Path | None:
    """A copy before something goes out; exports one after the other share it. OutOfOrder where this PC handed over."""
    refuse_if_handed_over(ctx)
    if ctx.store.on_server:
        return None
    found = newest_copy(ctx)
    fresh = found is not None and timedelta() <= _now(ctx) - found.at < MINUTE
    return None if fresh else back_up(ctx, "export")


def after_act(ctx: Context, reason: str = "act") -> Path | None:
    """A copy after something that is done only once. The act stands whatever the disk says; the home page tells it."""
    try:
        return back_up(ctx, reason)
    except UserError:
        return None


def before_import(ctx: Context) -> Path | None:
    """The copy that an import can be taken back with. OutOfOrder where this PC handed over."""
    refuse_if_handed_over(ctx)
    return None if ctx.store.on_server else back_up(ctx, "import")


def before_migration(store: Store, now: datetime) -> Path:
    """The copy of a database of an older schema. Whoever opens it notes it afterwards: the log may change too."""
    with store.read() as session:
        epoch = epoch_of(session)
    folder, schema = folder_beside(store.path), migrate.current(store.engine)
    return backup.back_up(store, folder, now, "migration", epoch=epoch, schema=schema).path


def newest_copy(ctx: Context) -> Copy | None:
    """The newest copy with what is known of it."""
    found = backup.copies(folder_of(ctx), ctx.store.path.stem)
    return found[0] if found else None


def changed_since_newest(ctx: Context) -> bool:
    """True when something was done that no copy holds."""
    return bool(_since(ctx, newest_copy(ctx)))


def _since(ctx: Context, found: Copy | None) -> str:
    """When the first thing was done that the newest copy does not hold; "" when it holds everything."""
    with ctx.store.read() as session:
        of_this_life = found if found is not None and found.epoch == epoch_of(session) else None
        query = select(func.min(AuditEntry.at)).where(AuditEntry.event.not_in(QUIET))
        if of_this_life is not None:
            query = query.where(AuditEntry.n > of_this_life.n)
        return str(session.scalar(query) or "")


def problems(ctx: Context) -> list[Problem]:
    """What stands in the way of being safe now, for the home page: an old copy, an absent second disk, a full disk."""
    found = []
    last, since = newest_copy(ctx), _since(ctx, newest_copy(ctx))
    if since and ctx.clock.now() - datetime.fromisoformat(since) > LATE:
        if last is None:
            found.append(Problem("backups", N_("There is no backup yet. Press “Back up now” on the page of backups.")))
        else:
            found.append(
                Problem(
                    "backups", N_("The newest backup is of {moment}; work after it is in no copy yet."),
                    (("moment", last.at.strftime("%d.%m.%Y %H:%M")),),
                )
            )  # fmt: skip
    found += second_disk.problems(ctx)
    paths = [copy.path for copy in backup.copies(folder_of(ctx), ctx.store.path.stem)]
    if paths and backup.is_short(folder_of(ctx), paths):
        found.append(
            Problem("backups", N_("The disk has little room: of the last two days fewer backups are kept. Make room."))
        )
    return found


def lines(ctx: Context) -> list[BackupLine]:
    """Every copy, here or on the second disk, the newest first."""
    here = {copy.path.name: copy for copy in backup.copies(folder_of(ctx), ctx.store.path.stem)}
    place = second_disk.place_of(ctx)
    there = {copy.path.name: copy for copy in backup.copies(place, ctx.store.path.stem)} if place else {}
    every = sorted({**there, **here}.values(), key=lambda copy: (copy.epoch, copy.n, copy.at), reverse=True)
    return [_line(copy, here=copy.path.name in here, second=copy.path.name in there) for copy in every]


def _line(copy: Copy, *, here: bool, second: bool) -> BackupLine:
    note = copy.note
    return BackupLine(
        copy.path.name, copy.path, copy.at, REASONS.get(note.reason if note else "", ""), copy.path.stat().st_size,
        copy.n, note.head if note else "", copy.epoch, note.checked_at if note else "", here, second,
    )  # fmt: skip


def check_all(ctx: Context, progress: Progress = Silent()) -> Checked:
    """Open and check every copy whole, here and on the second disk; one that is damaged is set aside by its name.

    One that another program has open stays where it is and is told of; a disk that takes no note of the check is no
    failure. When the newest was among them, a new copy is made at once.
    """
    place = second_disk.place_of(ctx)
    stem = ctx.store.path.stem
    found = [*backup.copies(folder_of(ctx), stem), *(backup.copies(place, stem) if place else ())]
    progress.stage(N_("Checking the copies"), len(found))
    bad: list[Copy] = []
    left: list[str] = []
    for copy in found:
        if not _is_whole(ctx, copy):
            bad.append(copy)
            try:
                copy.path.rename(copy.path.with_suffix(".damaged"))
            except OSError:
                left.append(copy.path.name)
        progress.step()
    names = tuple(copy.path.name for copy in bad)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("backup-checked", f"{len(found)}", "failed" if bad else "done", damaged=list(names))
    if bad and found[0] in bad:
        back_up(ctx, "asked")
    return Checked(len(found) - len(bad), names, tuple(left))


def _is_whole(ctx: Context, copy: Copy) -> bool:
    try:
        backup.check(copy.path, ctx.store.key, copy.note, full=True)
    except Damaged:
        return False
    if copy.note is not None:
        moment = ctx.clock.now().isoformat(timespec="seconds")
        with suppress(OSError):
            backup.write_note(copy.path, replace(copy.note, checked_at=moment))
    return True


def _now(ctx: Context) -> datetime:
    return ctx.clock.now().replace(tzinfo=None, microsecond=0)
