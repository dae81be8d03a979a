"""What the ministry representative is given before the testing (p.24): counted, printed, on the drive, signed for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.organisation import Role, organisation_id
from mab_desktop.i18n import N_
from mab_desktop.services import base_board, duty_list, passes
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.documents import gave_paper
from mab_desktop.storage.tables.base_university import PassSlip
from mab_desktop.storage.tables.core import CarrierOut, CarrierReceipt, PrintJob, StepDone
from mab_desktop.storage.tables.students import Allotment, Shift

CARRIERS = ("hand-over", "wrong-data")
_STEP, _SUBJECT = "given-to-representative", "papers"


@dataclass(frozen=True, slots=True)
class GivenPaper:
    """One sort of paper: how many of `of` there are, the page of papers that prints it, when it was printed last."""

    key: str
    title: str
    count: int
    of: int | None
    paper: str
    printed_at: str


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A carrier for the ministry programmer: its newest file, when it was written, whether he confirmed it."""

    kind: str
    file: str
    checksum: str
    records: int
    at: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class HallLine:
    """A hall in a shift: students, stubs, the numbers of missing stubs, duty officers."""

    shift: int
    day: date | None
    hall: str
    students: int
    stubs: int
    missing: tuple[str, ...]
    officers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """That everything was handed over: on which day, to whom, who noted it."""

    day: date
    to: str
    by: str


def papers(ctx: Context) -> tuple[GivenPaper, ...]:
    """The five papers of p.24 in its order."""
    counts = passes.counts(ctx)
    with ctx.store.read() as session:
        printed = _printed(session)
    stubs, numbered = sum(c.stubs for c in counts), sum(c.numbered for c in counts)
    return (
        GivenPaper("stubs", N_("Stubs of admission passes"), stubs, numbered, "hand-over-halls",
                   printed.get("act-hand-over-halls", "")),
        GivenPaper("hall-lists", N_("Hall lists of students"), len(passes.halls_used(ctx)), None, "hall-lists",
                   printed.get("hall-lists", "") or printed.get("hall-list", "")),
        GivenPaper("registers", N_("Registers of pass issue (copies)"), len(counts), None, "register",
                   printed.get("pass-register", "")),
        GivenPaper("duty", N_("List of duty officers by hall: people"), len(duty_list.officers(ctx)), None,
                   "duty-list", printed.get("duty-list", "")),
        GivenPaper("wrong-data", N_("List of students with wrong data: lines"), len(base_board.wrong_data(ctx)), None,
                   "wrong-data", printed.get("wrong-data", "")),
    )  # fmt: skip


def files(ctx: Context) -> tuple[GivenFile, ...]:
    """The newest file of each kind for the ministry programmer; one without a name was not made yet."""
    to = organisation_id(Role.MINISTRY_PROGRAMMER, ctx.university)
    with ctx.store.read() as session:
        return tuple(newest_file(session, kind, to) for kind in CARRIERS)


def newest_file(session: Session, kind: str, to: str) -> GivenFile:
    """The newest carrier of a kind made for an organisation."""
    query = select(CarrierOut).where(CarrierOut.kind == kind, CarrierOut.recipient == to)
    row = session.scalars(query.order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc()).limit(1)).first()
    if row is None:
        return GivenFile(kind, "", "", 0, "", confirmed=False)
    sums: dict[str, Any] = row.manifest.get("control_sums", {})
    records = sum(int(n) for n in row.manifest.get("counts", {}).values())
    said = select(CarrierReceipt.digest).where(CarrierReceipt.digest == row.digest).limit(1)
    checksum = str(sums.get("control_sum") or row.digest[:12].upper())
    return GivenFile(kind, row.file_name.split("|")[0], checksum, records, row.created_at,
                     session.scalar(said) is not None)  # fmt: skip


def halls(ctx: Context) -> tuple[HallLine, ...]:
    """Every hall of every shift with its stubs and duty officers."""
    serving = {(post.shift, post.place): tuple(name for _row, name in post.officers) for post in duty_list.posts(ctx)}
    with ctx.store.read() as session:
        days = {row.number: row.exam_date for row in session.scalars(select(Shift))}
        query = (
            select(Allotment.shift, Allotment.hall, func.count(), func.count(PassSlip.stub_at))
            .outerjoin(PassSlip, PassSlip.student == Allotment.student)
            .group_by(Allotment.shift, Allotment.hall).order_by(Allotment.shift, Allotment.hall)
        )  # fmt: skip
        missing: dict[tuple[int, str], list[str]] = defaultdict(list)
        without = (
            select(Allotment.shift, Allotment.hall, PassSlip.number)
            .join(PassSlip, PassSlip.student == Allotment.student).where(PassSlip.stub_at.is_(None))
            .order_by(func.length(PassSlip.number), PassSlip.number)
        )  # fmt: skip
        for shift, hall, number in session.execute(without):
            missing[shift, hall].append(number)
        return tuple(
            HallLine(shift, days.get(shift), hall, students, stubs, tuple(missing[shift, hall]),
                     serving.get((shift, hall), ()))
            for shift, hall, students, stubs in session.execute(query)
        )  # fmt: skip


def given(ctx: Context) -> Given | None:
    """Whether it was noted that everything was handed over and signed for."""
    with ctx.store.read() as session:
        row = session.get(StepDone, (_STEP, _SUBJECT))
        if row is None:
            return None
        day, _space, to = row.note.partition(" ")
        return Given(date.fromisoformat(day), to, row.by)


def note_given(ctx: Context, day: date, to: str) -> None:
    """Note that both sides signed the act: on which day, who took everything."""
    require(ctx, Role.BASE_UNI)
    name = " ".join(to.split())
    if not name:
        raise Refused([Problem("to", N_("Enter who took the papers."))])
    if day > ctx.clock.now().date():
        raise Refused([Problem("day", N_("This day has not come yet."))])
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(StepDone(step=_STEP, subject=_SUBJECT, at=stamp(ctx), by=ctx.actor.login,
                                  note=f"{day.isoformat()} {name[:120]}"))  # fmt: skip
        tx.note("papers-given", _SUBJECT, day=day.isoformat(), to=name[:120])


def take_note_back(ctx: Context) -> None:
    """Take back that everything was handed over."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(StepDone, (_STEP, _SUBJECT))
        if row is not None:
            tx.note("papers-given-back", _SUBJECT, said=row.note)
            tx.session.delete(row)


def _printed(session: Session) -> dict[str, str]:
    query = select(PrintJob.document, func.max(PrintJob.at).label("at")).where(gave_paper()).group_by(PrintJob.document)
    return {row.document: row.at for row in session.execute(query)}
