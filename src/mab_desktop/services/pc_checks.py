"""What the computer finds by itself before the exam: program, data, database, disk, clock, drive."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import sqlcipher3
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop import __version__
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.readiness import Item, Judged, Verdict, judge_clock, judge_disk
from mab_desktop.i18n import N_
from mab_desktop.services import carriers, hall_sheets
from mab_desktop.services.context import Context
from mab_desktop.storage import backup, migrate
from mab_desktop.storage.place import Place, place_of
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn
from mab_desktop.storage.tables.exam import ShiftSeal
from mab_desktop.storage.tables.students import Allotment, Shift

PAGE, PASSES = 3_000_000, 2  # a sealed image of a page in gray at 200 dots per inch, at most
COPIES, LEAST_COPY = 60, 5_000_000  # copies of the database that two days of work leave
DRIVE_TRIAL = 8 << 20
_KINDS = {
    "final-students": N_("Final database"), "variants": N_("Variants and sealed seats"),
    "hand-over": N_("Hand-over of the base university"),
}  # fmt: skip


def version(ctx: Context) -> Judged:
    """Program, Python, database library and schema; which version of the program the centre works with."""
    with ctx.store.read() as session:
        centre = _newest(session, "final-students")
        theirs = str(centre.manifest.get("app_version", "")) if centre is not None else ""
    said = [Problem("version", N_("Program {version}, Python {python}, SQLite {sqlite}, schema {schema}."), (
        ("version", __version__), ("python", platform.python_version()), ("sqlite", sqlcipher3.dbapi2.sqlite_version),
        ("schema", migrate.head()),
    ))]  # fmt: skip
    problems = []
    if theirs:
        said.append(Problem("version", N_("The testing centre's program: {version}."), (("version", theirs),)))
        if theirs != __version__:
            text = N_("The testing centre works with another version of the program ({version}). Ask which is right.")
            problems.append(Problem("version", text, (("version", theirs),)))
    return Judged(Verdict.REMARK if problems else Verdict.GOOD, tuple(said), tuple(problems))


def origin(ctx: Context) -> Judged:
    """Whose data these are: every file of the exam came signed, in this mode, and its students are all here."""
    said, problems = [], []
    mode = carriers.mode(ctx)
    with ctx.store.read() as session:
        for kind, label in _KINDS.items():
            came = _newest(session, kind)
            if came is None:
                problems.append(Problem("origin", N_("{file}: it did not come yet."), (("file", label),)))
                continue
            params = (("file", label), ("sender", came.sender), ("seq", came.seq), ("day", _day(came.accepted_at)))
            said.append(Problem("origin", N_("{file}: No {seq} of {sender}, taken on {day}."), params))
            if came.manifest.get("mode") != mode:
                problems.append(Problem("origin", N_("{file}: training data in a real exam."), (("file", label),)))
        problems += _count_problems(session)
        if not session.scalar(select(func.count()).select_from(DutyOfficer)):
            problems.append(Problem("origin", N_("The list of duty officers is empty (p.24).")))
        if ctx.season.official is False:
            said.append(Problem("origin", N_("Training data: nothing of it counts in the real exam.")))
    return Judged(Verdict.BAD if problems else Verdict.GOOD, tuple(said), tuple(problems))


def _count_problems(session: Session) -> list[Problem]:
    """As many students, and seals for as many shifts, as the signed files say."""
    here = session.scalar(select(func.count()).select_from(Allotment)) or 0
    came = _newest(session, "final-students")
    counts: Mapping[str, int] = came.manifest.get("counts", {}) if came else {}
    found = []
    if came is not None and counts.get("allotment", here) != here:
        params = (("here", here), ("there", counts["allotment"]))
        found.append(Problem("origin", N_("{here} students are allotted here, {there} in the signed file."), params))
    shifts = session.scalars(select(Shift.number).order_by(Shift.number)).all()
    sealed = set(session.scalars(select(ShiftSeal.shift)))
    if missing := [str(n) for n in shifts if n not in sealed]:
        text = N_("Shifts without the centre's sealed secret: {shifts}.")
        found.append(Problem("origin", text, (("shifts", ", ".join(missing)),)))
    if not shifts:
        found.append(Problem("origin", N_("No shift is planned.")))
    return found


def database(ctx: Context) -> Judged:
    """Every page, every index, every reference, the whole chain of the log; and whether it lies on an own disk."""
    findings, broken = ctx.store.full_check(), ctx.store.verify_log()
    size = sum(path.stat().st_size for path in ctx.store.path.parent.glob(f"{ctx.store.path.name}*")) / 1e6
    params = (("size", round(size, 1)), ("lines", ctx.store.log_head()[0]))
    said = (Problem("database", N_("{size} MB, {lines} lines of the log."), params),)
    problems = [Problem("database", N_("The database is damaged: {what}."), (("what", text),)) for text in findings[:3]]
    if broken is not None:
        problems.append(Problem("database", N_("The log is damaged from line {n} on."), (("n", broken),)))
    if ctx.season.official and place_of(ctx.store.path.parent) is not Place.OWN:
        problems.append(Problem("database", N_("The database lies on a drive or in a folder of the network.")))
    return Judged(Verdict.BAD if problems else Verdict.GOOD, said, tuple(problems))


def disk(ctx: Context) -> Judged:
    """Room for every image twice and the copies of two days."""
    with ctx.store.read() as session:
        students = hall_sheets.count(session, Allotment)
    needed = students * PAGE * PASSES + COPIES * max(LEAST_COPY, ctx.store.path.stat().st_size)
    return judge_disk(shutil.disk_usage(ctx.store.path.parent).free, needed)


def clock(ctx: Context) -> Judged:
    """The clock against the newest log entry, the newest file that came, and the first exam."""
    known: dict[str, datetime] = {}
    now = ctx.clock.now()
    with ctx.store.read() as session:
        if last := session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.event != "readiness-checked")):
            known[N_("Last entry of the log: {at}")] = datetime.fromisoformat(last)
        made = [datetime.fromisoformat(str(m["created"])) for m in session.scalars(select(CarrierIn.manifest))]
        if made:
            known[N_("Newest file that came was made: {at}")] = max(made)
        first = session.scalar(select(func.min(Shift.exam_date)))
    exam = datetime(first.year, first.month, first.day, tzinfo=now.tzinfo) if first else None
    return judge_clock(now, known, exam)


CHECKS: dict[Item, Callable[[Context], Judged]] = {
    Item.VERSION: version, Item.ORIGIN: origin, Item.DATABASE: database, Item.DISK: disk, Item.CLOCK: clock,
}  # fmt: skip


def drive(ctx: Context, folder: Path, progress: Progress = Silent()) -> Judged:
    """Write a file of chance bytes, sync it, read it back past the cache, take it away again."""
    size = (("mb", DRIVE_TRIAL >> 20),)
    if not folder.is_dir():
        return Judged(Verdict.BAD, (), (Problem("drive", N_("There is no drive at this place."), ()),))
    free = shutil.disk_usage(folder).free
    said = (Problem("drive", N_("{free} MB are free on the drive."), (("free", round(free / 1e6)),)),)
    if free < 2 * DRIVE_TRIAL:
        return Judged(Verdict.BAD, said, (Problem("drive", N_("The drive is full."), ()),))
    data = ctx.entropy.bytes(64) * (DRIVE_TRIAL // 64)
    trial = folder / f"mab-trial-{new_id(ctx.entropy)[:8]}.bin"
    progress.stage(N_("Writing to the drive and reading back"), 2)
    try:
        backup.write_file(trial, data)
        progress.step()
        _forget_cached(trial)
        whole = trial.read_bytes() == data
        progress.step()
    except OSError as error:
        reason = (("reason", error.strerror or str(error)),)
        return Judged(Verdict.BAD, said, (Problem("drive", N_("The drive cannot be used: {reason}."), reason),))
    finally:
        trial.unlink(missing_ok=True)
    if not whole:
        return Judged(Verdict.BAD, said, (Problem("drive", N_("What was read back differs. Take another drive."), ()),))
    return Judged(Verdict.GOOD, (Problem("drive", N_("{mb} MB were written and read back."), size), *said))


def _forget_cached(path: Path) -> None:
    """Ask the system to read from the drive itself and not from its memory; where it cannot, the check is weaker."""
    if not hasattr(os, "posix_fadvise"):
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _newest(session: Session, kind: str) -> CarrierIn | None:
    query = select(CarrierIn).where(CarrierIn.kind == kind, CarrierIn.set_aside.is_(False))
    return session.scalars(query.order_by(CarrierIn.accepted_at.desc(), CarrierIn.seq.desc()).limit(1)).first()


def _day(at: str) -> str:
    return f"{at[8:10]}.{at[5:7]}.{at[:4]}"
