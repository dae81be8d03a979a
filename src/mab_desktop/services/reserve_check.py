"""Main and reserve PC before the exam: the reserve PC reads a set on the drive and answers, the main PC reads that.

The reserve PC has no workplace yet, so its answer is no signature: it says which set it read whole, with which version
of the program and how much room it has. That a set really opens is seen by its passwords, when it is taken over.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mab_desktop import __version__
from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.readiness import CLOCK_SLACK, Judged, Verdict
from mab_desktop.i18n import N_
from mab_desktop.services import reserve, second_disk
from mab_desktop.services.context import Context, shown
from mab_desktop.services.reserve import MANIFEST, ReserveSet
from mab_desktop.storage import backup
from mab_desktop.storage.tables.core import AuditEntry

FORMAT, ANSWER = "mab-reserve-answer-1", "answer.json"
LIMIT = 1 << 16


def look(drive: Path, place: Path, clock: Clock, progress: Progress = Silent()) -> Judged:
    """On the reserve PC: read the newest set on the drive whole and leave the answer beside it.

    `place` is a folder on the disk where the database would lie. UserError where the drive holds no set.
    """
    found = _newest(drive)
    problems = []
    try:
        reserve.verify(found.folder, progress)
    except UserError as error:
        problems.append(Problem("reserve", error.text, tuple(error.params.items())))
    free, needed = shutil.disk_usage(_nearest(place)).free, 3 * found.size
    if free < needed:
        params = (("free", round(free / 1e6)), ("needed", round(needed / 1e6)))
        problems.append(
            Problem("reserve", N_("The reserve PC has {free} MB free; {needed} MB are needed."), params)
        )
    answer = {
        "format": FORMAT, "manifest": _digest(found), "version": __version__, "host": platform.node()[:60],
        "at": clock.now().isoformat(timespec="seconds"), "free": free,
        "problems": [[p.text, dict(p.params)] for p in problems],
    }  # fmt: skip
    with backup.in_words():
        backup.write_file(found.folder / ANSWER, json.dumps(answer, ensure_ascii=False, indent=1).encode())
    said = Problem("reserve", N_("Set of {device}, made {at}: every file was read."),
                   (("device", found.device), ("at", shown(found.made_at))))  # fmt: skip
    return Judged(Verdict.BAD if problems else Verdict.GOOD, (said,), tuple(problems))


def read_answer(ctx: Context, drive: Path, _progress: Progress = Silent()) -> Judged:
    """On the main PC: what the reserve PC answered about the newest set that was written here."""
    try:
        found = _newest(drive)
    except UserError as error:
        return Judged(Verdict.BAD, (), (Problem("reserve", error.text, tuple(error.params.items())),))
    with ctx.store.read() as session:
        mine = session.scalar(
            select(AuditEntry.n)
            .where(AuditEntry.event == "reserve-copied", AuditEntry.object == found.folder.name)
            .limit(1)
        )
    answer = _answer(found.folder / ANSWER)
    problems = [] if mine else [Problem("reserve", N_("This set was not written by this computer."), ())]
    if not answer:
        text = N_("The reserve PC has not read the set yet: there, start the program and choose “Check as reserve PC”.")
        return Judged(Verdict.BAD, (), (*problems, Problem("reserve", text, ())))
    problems += _answer_problems(ctx, found, answer)
    said = [Problem("reserve", N_("Reserve PC {host}, program {version}, {free} MB free, read the set on {at}."), (
        ("host", answer["host"]), ("version", answer["version"]), ("free", round(answer["free"] / 1e6)),
        ("at", shown(answer["at"])),
    ))]  # fmt: skip
    disk = second_disk.state(ctx)
    if disk is None or not disk.present or disk.error:
        said.append(Problem("reserve", N_("No second disk takes a copy after every step."), ()))
        verdict = Verdict.REMARK
    else:
        said.append(Problem("reserve", N_("The second disk {folder} takes a copy after every step."),
                            (("folder", disk.folder),)))  # fmt: skip
        verdict = Verdict.GOOD
    return Judged(Verdict.BAD if problems else verdict, tuple(said), tuple(problems))


def _answer_problems(ctx: Context, found: ReserveSet, answer: dict[str, Any]) -> list[Problem]:
    problems = [Problem("reserve", text, tuple(params.items())) for text, params in answer["problems"]]
    if answer["manifest"] != _digest(found):
        problems.append(Problem("reserve", N_("The answer of the reserve PC belongs to another set."), ()))
    if answer["version"] != __version__:
        text = N_("The reserve PC has another version of the program: {version}.")
        problems.append(Problem("reserve", text, (("version", answer["version"]),)))
    at, made = datetime.fromisoformat(answer["at"]), datetime.fromisoformat(found.made_at)
    if at < made - CLOCK_SLACK or at > ctx.clock.now() + CLOCK_SLACK:
        problems.append(Problem("reserve", N_("The clocks of the two computers differ. Set them right."), ()))
    return problems


def _newest(drive: Path) -> ReserveSet:
    sets = reserve.sets_on(drive)
    if not sets:
        raise UserError(
            N_("There is no set for the reserve PC on this drive."),
            next_step=N_("On the main PC: Backups, “Reserve PC…”, without handing over."),
        )  # fmt: skip
    return sets[0]


def _digest(found: ReserveSet) -> str:
    return hashlib.sha256((found.folder / MANIFEST).read_bytes()).hexdigest()


def _nearest(place: Path) -> Path:
    return next(folder for folder in (place, *place.parents) if folder.exists())


def _answer(file: Path) -> dict[str, Any]:
    """The reserve PC's answer, {} for none or one that cannot be understood."""
    try:
        with file.open("rb") as source:
            told = json.loads(source.read(LIMIT))
        whole = told["format"] == FORMAT and type(told["free"]) is int and isinstance(told["problems"], list)
        whole = whole and all(isinstance(told[name], str) for name in ("manifest", "version", "host", "at"))
        whole = whole and datetime.fromisoformat(told["at"]).tzinfo is not None
        whole = whole and all(isinstance(text, str) and isinstance(params, dict) for text, params in told["problems"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(told) if whole else {}
