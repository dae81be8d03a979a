"""Readiness of the workplace before the first shift opens (p.28, p.29): the checks, and the one signed report.

What the computer finds by itself, the drive, the reserve PC and the test pack are kept here; test page and white sheet
come from `equipment`. A report is what all of them say at one moment, confirmed by programmer and representative.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop import __version__
from mab_desktop.domain import readiness as rules
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.readiness import BY_ITSELF, Finding, Item, Judged, Verdict
from mab_desktop.domain.shift import ShiftState
from mab_desktop.exchange import durable
from mab_desktop.exchange.drive import drive_errors
from mab_desktop.i18n import N_, translate
from mab_desktop.services import equipment, pc_checks, readiness_signature, reserve_check, restore, trial_pack
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.readiness_signature import Signature
from mab_desktop.services.scanners import ScannerProfile
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.tables.exam import ReadinessReport
from mab_desktop.storage.tables.students import Shift

SETTING = "readiness"
_STATEMENT = "statement"  # beside the checks in a report's content: the signed text
_EQUIPMENT = {equipment.FIT: Item.PRINTER, equipment.GLASS: Item.GLASS}
PAIR = {PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE}


@dataclass(frozen=True)
class Report:
    """A report as it was signed, and over this PC's key: `statement`.

    `reason` is the representative's word where not everything was good.
    """

    n: int
    at: str
    made_by: str
    confirmed_by: str
    ready: bool
    reason: str
    findings: tuple[Finding, ...]
    digest: str
    statement: str = ""

    @property
    def signature(self) -> Signature | None:
        """What the digital signature says; None under a report of an older program."""
        return readiness_signature.read(self.statement.encode()) if self.statement else None

    @property
    def opens(self) -> bool:
        """Whether the first shift may open by it."""
        return self.ready or bool(self.reason)


# -- the checks


def findings(ctx: Context) -> tuple[Finding, ...]:
    """How every check stands now, in the order of the page."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        kept = _kept(session)
    return rules.whole(kept | _of_equipment(ctx), ctx.clock.now(), __version__)


def check_pc(ctx: Context, progress: Progress = Silent()) -> tuple[Finding, ...]:
    """Look at all that the computer finds by itself: program, data, every page of the database, disk, clock."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    progress.stage(N_("Looking at this computer"), len(BY_ITSELF))
    found: dict[Item, Judged] = {}
    for item in BY_ITSELF:
        found[item] = pc_checks.CHECKS[item](ctx)
        progress.step()
    return _keep(ctx, found)


def check_drive(ctx: Context, drive: Path, progress: Progress = Silent()) -> tuple[Finding, ...]:
    """Write a file to the drive, read it back, take it away again."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    return _keep(ctx, {Item.DRIVE: pc_checks.drive(ctx, drive, progress)})


def check_reserve(ctx: Context, drive: Path, progress: Progress = Silent()) -> tuple[Finding, ...]:
    """Read what the reserve PC said of the newest set on the drive (`reserve_check.look` there)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    return _keep(ctx, {Item.RESERVE: reserve_check.read_answer(ctx, drive, progress)})


def read_pack(ctx: Context, paths: Sequence[Path], progress: Progress = Silent()) -> tuple[Finding, ...]:
    """Read the scanned test pack from image files or folders and compare it with what was filled in."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    return _keep(ctx, {Item.PACK: trial_pack.read(ctx, paths, progress)})


def scan_pack(ctx: Context, scanner: ScannerProfile, progress: Progress = Silent()) -> tuple[Finding, ...]:
    """Feed the test pack through the scanner and compare it; the images are not kept."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    return _keep(ctx, {Item.PACK: trial_pack.scan(ctx, scanner, progress)})


def _keep(ctx: Context, found: Mapping[Item, Judged]) -> tuple[Finding, ...]:
    now = ctx.clock.now().replace(microsecond=0)
    made = {
        item: Finding(item, judged.verdict, judged.said, judged.problems, now, ctx.actor.name, __version__)
        for item, judged in found.items()
    }
    with ctx.store.write(ctx.actor) as tx:
        kept = setting(tx.session, SETTING) | {item.value: _plain(finding) for item, finding in made.items()}
        put_setting(tx, SETTING, kept)
        for item, finding in made.items():
            tx.note("readiness-checked", item.value, verdict=finding.verdict.value,
                    said=[_told(p) for p in finding.said], problems=[_told(p) for p in finding.problems])  # fmt: skip
    return findings(ctx)


def _of_equipment(ctx: Context) -> dict[Item, Finding]:
    """The newest looks at printer and glass, whatever scanner made them."""
    found: dict[Item, Finding] = {}
    for check in equipment.last_checks(ctx):
        item = _EQUIPMENT.get(check.kind)
        if item is None or item in found:
            continue
        devices = (("scanner", check.scanner or "–"), ("printer", check.printer or "–"))
        known = bool(check.scanner or check.printer)
        said = (Problem(item.value, N_("Scanner: {scanner}; printer: {printer}."), devices),) if known else ()
        problems = check.problems(item.value)
        found[item] = Finding(item, Verdict(check.verdict.value), said, problems, check.at, check.by, __version__)
    return found


# -- the report


def reports(ctx: Context) -> list[Report]:
    """Every report, the newest first."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return [_report(row) for row in session.scalars(select(ReadinessReport).order_by(ReadinessReport.n.desc()))]


def last_report(session: Session) -> Report | None:
    """The report that counts."""
    row = session.scalars(select(ReadinessReport).order_by(ReadinessReport.n.desc()).limit(1)).first()
    return _report(row) if row else None


def sign(ctx: Context, login: str, password: str) -> Report:
    """Make the report of what is found now: programmer and representative, of whom one is at work and one confirms.

    OutOfOrder names the checks that stand against it: then only the representative's reason opens the shift.
    """
    _may_report(ctx)
    found = findings(ctx)
    if missing := rules.not_ready(found):
        raise OutOfOrder(
            N_("Not ready yet: {items} (p.29)."),
            next_step=N_("Make these checks, or the representative writes down why the shift opens without them."),
            items=_items(missing, ctx.lang),
        )  # fmt: skip
    second = _second(ctx, login, password)
    return _store(ctx, found, second, "")


def sign_with_reason(ctx: Context, reason: str) -> Report:
    """The representative's word that the first shift opens although not every check is good, and why (p.7)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.REPRESENTATIVE)
    _may_report(ctx)
    if len(reason.strip()) < rules.REASON_LEAST:
        raise UserError(N_("Write the reason in full; it stands in the report (p.29)."))
    return _store(ctx, findings(ctx), None, reason.strip()[:1000])


def _may_report(ctx: Context) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, *PAIR)
    with ctx.store.read() as session:
        begun = session.scalar(
            select(func.count()).select_from(Shift).where(
                Shift.state.not_in((ShiftState.PLANNED.value, ShiftState.SEATED.value))
            )
        )  # fmt: skip
    if begun:
        raise OutOfOrder(N_("The first shift is open; the report was made before it (p.29)."))


def _second(ctx: Context, login: str, password: str) -> restore.Person:
    first = restore.Person(ctx.actor.login, ctx.actor.name, ctx.actor.role)
    second = restore.second_of(ctx.store, first, login, password, ctx.clock)
    if {first.role, second.role} != {role.value for role in PAIR}:
        raise UserError(N_("Programmer and representative confirm the report together (p.29). Nothing was changed."))
    return second


def _store(ctx: Context, found: Iterable[Finding], second: restore.Person | None, reason: str) -> Report:
    plain = {finding.item.value: _plain(finding) for finding in found}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with ctx.store.write(ctx.actor) as tx:
        n = (tx.session.scalar(select(func.max(ReadinessReport.n))) or 0) + 1
        (made_by, confirmed_by), at = _names(ctx, second), stamp(ctx)
        signed = readiness_signature.sign(ctx, tx.session, n, text, at=at, made_by=made_by, reason=reason,
                                          confirmed_by=confirmed_by, digest=digest)  # fmt: skip
        row = ReadinessReport(
            n=n, at=at, made_by=made_by, confirmed_by=confirmed_by, ready=not reason, reason=reason,
            content={**plain, _STATEMENT: signed}, digest=digest,
        )  # fmt: skip
        tx.session.add(row)
        tx.note("readiness-reported", str(n), digest=digest, ready=row.ready, reason=reason, made_by=row.made_by,
                confirmed_by=row.confirmed_by)  # fmt: skip
        return _report(row)


def _names(ctx: Context, second: restore.Person | None) -> tuple[str, str]:
    """Programmer and representative by name; alone she gives her reason."""
    if second is None:
        return "", ctx.actor.name
    if ctx.actor.role == PersonRole.PROGRAMMER:
        return ctx.actor.name, second.name
    return second.name, ctx.actor.name


def save_signed(ctx: Context, folder: Path) -> Path:
    """Write the newest report's signature as a file into `folder`, for whoever checks it with `mab verify`."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    found = next(iter(reports(ctx)), None)
    if found is None or not found.statement:
        raise OutOfOrder(N_("No report of readiness is signed yet (p.29)."))
    path = folder / readiness_signature.file_name(ctx.university, found.n)
    with drive_errors():
        durable.write_file(path, found.statement.encode())
    with ctx.store.write(ctx.actor) as tx:
        tx.note("readiness-saved", str(found.n), file=path.name)
    return path


def _report(row: ReadinessReport) -> Report:
    kept = {Item(name): _restored(plain) for name, plain in row.content.items() if name != _STATEMENT}
    ordered = tuple(kept[item] for item in Item if item in kept)
    return Report(row.n, row.at, row.made_by, row.confirmed_by, row.ready, row.reason, ordered, row.digest,
                  row.content.get(_STATEMENT, ""))  # fmt: skip


# -- as it is stored


def _kept(session: Session) -> dict[Item, Finding]:
    known = {item.value for item in Item}
    return {Item(n): _restored(plain) for n, plain in setting(session, SETTING).items() if n in known}


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "item": finding.item.value, "verdict": finding.verdict.value, "by": finding.by, "version": finding.version,
        "at": finding.at.isoformat() if finding.at else "",
        "said": [_told(p) for p in finding.said], "problems": [_told(p) for p in finding.problems],
    }  # fmt: skip


def _told(problem: Problem) -> list[Any]:
    return [problem.text, dict(problem.params)]


def _restored(plain: Mapping[str, Any]) -> Finding:
    def problems(name: str) -> tuple[Problem, ...]:
        return tuple(Problem(plain["item"], text, tuple(params.items())) for text, params in plain[name])

    at = datetime.fromisoformat(plain["at"]) if plain["at"] else None
    return Finding(
        Item(plain["item"]), Verdict(plain["verdict"]), problems("said"), problems("problems"), at, plain["by"],
        plain["version"],
    )  # fmt: skip


def _items(items: Iterable[Item], lang: str) -> str:
    return ", ".join(translate(lang, rules.ITEM_LABELS[item]) for item in items)

