"""What the acts of return say of a shift's answer sheets (p.34): the counts that an envelope is received by."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import exam_act
from mab_desktop.storage.tables.exam import ActRecord


@dataclass(frozen=True, slots=True)
class ReturnAct:
    """The act of return of a hall that counts: its number, used and unused sheets."""

    number: str
    used: int
    unused: int


def return_acts(session: Session, shift: int, hall: str = "") -> dict[str, ReturnAct]:
    """Hall -> its act of return; a withdrawn one counts no more."""
    query = select(ActRecord.hall, ActRecord.number, ActRecord.content).where(
        ActRecord.shift == shift, ActRecord.kind == exam_act.RETURNED.kind, ActRecord.withdrawn_at.is_(None)
    )
    rows = session.execute(query.where(ActRecord.hall == hall) if hall else query)
    found = ((place, number, exam_act.counts(content)) for place, number, content in rows)
    return {place: ReturnAct(number, *counts) for place, number, counts in found if counts is not None}
