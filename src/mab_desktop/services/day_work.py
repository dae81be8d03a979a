"""When the steps of the operational day that are no moves of a shift were done, and by whom (p.35-37)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.appeal import deadline
from mab_desktop.domain.exam_act import RETURNED
from mab_desktop.domain.operational_day import Done
from mab_desktop.services import who
from mab_desktop.services.carriers import BUILT
from mab_desktop.services.documents import finished
from mab_desktop.services.settings import setting
from mab_desktop.storage.tables.core import AuditEntry, CarrierOut, PrintJob
from mab_desktop.storage.tables.exam import (
    ActRecord,
    DutyDraw,
    Envelope,
    ExamStart,
    HallCount,
    ReadinessReport,
    ScanBatch,
    ShiftStep,
)
from mab_desktop.storage.tables.results import Appeal
from mab_desktop.storage.tables.students import Shift, WrongData

REPORT = "representative-report"  # the setting that holds the representative's words on each of her tasks
Work = dict[tuple[str, int], Done]
_Line = tuple[str, int, str | None, str]  # step, shift, when, by whom


def work_done(session: Session, papers: Mapping[str, str]) -> Work:
    """(step, shift) -> the newest line that it is made of; whether that was all of it, the facts of the shift say.

    `papers` gives the step that a printed document is.
    """
    names = who.names(session)
    found: Work = {}
    for step, shift, at, by in (*_of_the_season(session), *_of_the_halls(session), *_of_the_appeal(session)):
        if at and ((step, shift) not in found or found[step, shift].at <= at):
            found[step, shift] = Done(at, names.get(by, by))
    return found | _printed(session, papers, names)


def reported(session: Session) -> Done | None:
    """When and by whom the representative's report was saved with a text for each task; None while one is empty."""
    kept = setting(session, REPORT)
    texts = kept.get("texts", ())
    return Done(str(kept["at"]), str(kept["by"])) if texts and all(texts) else None


def report_saved(session: Session) -> str:
    """When the representative last saved words of her report; "" when she never did."""
    return str(setting(session, REPORT).get("at", ""))


def handed_over(session: Session, kind: str) -> dict[str, str]:
    """Recipient -> when the newest file of a kind that a drive took was made."""
    moments = select(CarrierOut.recipient, CarrierOut.created_at)
    query = moments.where(CarrierOut.kind == kind, CarrierOut.state != BUILT)
    found: dict[str, str] = {}
    for recipients, at in session.execute(query):
        for recipient in recipients.split(","):
            found[recipient] = max(at, found.get(recipient, ""))
    return found


def _of_the_season(session: Session) -> Iterator[_Line]:
    """What is done once: it stands with the first shift, the sending with the last."""
    numbers = session.scalars(select(Shift.number).order_by(Shift.number)).all()
    if not numbers:
        return
    first, last = numbers[0], numbers[-1]
    report = select(ReadinessReport.at, ReadinessReport.confirmed_by).order_by(ReadinessReport.n.desc()).limit(1)
    yield from (("readiness", first, at, by) for at, by in session.execute(report))
    corrected = select(WrongData.applied_at, WrongData.applied_by).where(WrongData.applied_at.is_not(None)).distinct()
    yield from (("corrections", first, at, by or "") for at, by in session.execute(corrected))
    for kind, step in (("final-data", "send"), ("results", "results-out")):
        gone = select(CarrierOut.digest).where(CarrierOut.kind == kind, CarrierOut.state != BUILT)
        written = select(AuditEntry.at, AuditEntry.user).where(
            AuditEntry.event == "carrier-written", AuditEntry.object.in_(gone)
        )
        yield from ((step, last, at, by) for at, by in session.execute(written))


def _of_the_halls(session: Session) -> Iterator[_Line]:
    given_back = (ActRecord.kind == RETURNED.kind, ActRecord.withdrawn_at.is_(None))
    queries: Iterable[tuple[str, Any]] = (
        ("duty", select(DutyDraw.shift, DutyDraw.at, DutyDraw.by)),
        ("clock", select(ExamStart.shift, ExamStart.at, ExamStart.by)),
        ("attendance", select(HallCount.shift, HallCount.at, HallCount.by)),
        ("returned", select(ActRecord.shift, ActRecord.at, ActRecord.by).where(*given_back)),
        ("returned", select(Envelope.shift, Envelope.received_at, Envelope.received_by)),
        ("scan", select(ScanBatch.shift, ScanBatch.at, ScanBatch.by).where(ScanBatch.discarded_at.is_(None))),
    )
    for step, query in queries:
        yield from ((step, shift, at, by) for shift, at, by in session.execute(query.distinct()))


def _of_the_appeal(session: Session) -> Iterator[_Line]:
    """Applications end by themselves when their time is over (p.41)."""
    announced = select(ShiftStep.shift, ShiftStep.at).where(ShiftStep.move == "announce")
    for shift, at in session.execute(announced):
        yield "applications", shift, deadline(datetime.fromisoformat(at)).isoformat(), ""
    decided = select(Appeal.shift, Appeal.decided_at, Appeal.decided_by).where(Appeal.decided_at.is_not(None))
    yield from (("decisions", shift, at, by or "") for shift, at, by in session.execute(decided))


def _printed(session: Session, papers: Mapping[str, str], names: Mapping[str, str]) -> Work:
    """When the papers that are steps of the day were first printed."""
    query = select(PrintJob.document, PrintJob.key, PrintJob.at, PrintJob.by).where(
        PrintJob.document.in_(papers), PrintJob.number == 1, finished()
    )
    return {
        (papers[document], int(key)): Done(at, names.get(by, by))
        for document, key, at, by in session.execute(query)
        if key.isdigit()
    }
