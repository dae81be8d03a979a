"""The final data for the centre (p.8, p.37): every record of it, in a fixed order, from the tables of the exam."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.identification import Match
from mab_desktop.services import hall_sheets, results
from mab_desktop.services.handlers import Record
from mab_desktop.storage.tables.exam import Decision, Seat
from mab_desktop.storage.tables.results import Appeal, AppealItem, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Shift, StudentChange


def final_records(session: Session) -> Iterator[Record]:
    """Corrections, then shift by shift: seats, presence, sheets, identification, points, appeals."""
    for change in session.scalars(select(StudentChange).order_by(StudentChange.id)):
        names = ("student", "field", "old", "new", "ground", "by", "at")
        yield "student-change", {name: getattr(change, name) for name in names}
    for shift in session.scalars(select(Shift.number).order_by(Shift.number)):
        yield from _seats(session, shift)
        yield from _sheets(session, shift)
        yield from _scores(session, shift)
        yield from _appeals(session, shift)


def control_sums(session: Session) -> dict[str, str]:
    """Students with points, and all points before and after the appeal: they stand on the signed paper too."""
    sums = select(func.count(), func.sum(ScoreRow.total_before), func.sum(ScoreRow.total_after))
    count, before, after = session.execute(sums).one()
    return {"students": str(count), "points-before": str(before or 0), "points-after": str(after or 0)}


def _seats(session: Session, shift: int) -> Iterator[Record]:
    gone = results.presences(session, shift)
    for row in session.scalars(select(Seat).where(Seat.shift == shift).order_by(Seat.hall, Seat.seat)):
        yield "seat", {"student": row.student, "shift": shift, "hall": row.hall, "seat": row.seat}
        state = gone.get(row.student, Presence.PRESENT).value
        yield "presence", {"student": row.student, "shift": shift, "state": state}


def _sheets(session: Session, shift: int) -> Iterator[Record]:
    subjects = hall_sheets.exam_profile(session).subjects
    work = hall_sheets.work(session, shift)
    found = work.results
    decided = _identity_decisions(session, shift)
    for hall, sheets in sorted(work.sheets.items()):
        matches = {m.serial: m for m in found[hall].matches} if hall in found else {}
        for sheet in sheets:
            match = matches.get(sheet.serial)
            answers = "".join(reading.answers(sheet.marks, subjects)) if match else ""
            yield "sheet", {
                "serial": sheet.serial, "shift": shift, "hall": hall, "passes": 2, "answers": answers,
                "code": match.code if match else None, "seat": match.seat if match else None,
                "variant": match.variant if match else None,
            }  # fmt: skip
            if match or sheet.used:
                yield "identification", _identification(shift, hall, sheet.serial, match, decided.get(sheet.serial))


def _identification(
    shift: int, hall: str, serial: str, match: Match | None, decision: Decision | None
) -> dict[str, Any]:
    return {
        "serial": serial, "shift": shift, "hall": hall, "state": match.method.value if match else "unused",
        "code": match.code if match else None, "protocol_version": decision.protocol_version if decision else None,
        "by": decision.by if decision else None, "at": decision.at if decision else None,
    }  # fmt: skip


def _identity_decisions(session: Session, shift: int) -> dict[str, Decision]:
    query = select(Decision).where(
        Decision.shift == shift, Decision.kind.in_((hall_sheets.IDENTITY, hall_sheets.UNUSED)),
        Decision.undone_at.is_(None),
    )  # fmt: skip
    return {row.serial: row for row in session.scalars(query.order_by(Decision.id)) if row.serial}


def _scores(session: Session, shift: int) -> Iterator[Record]:
    subjects = hall_sheets.subjects_of(session, shift)
    query = (
        select(Allotment.code, ScoreRow)
        .join(ScoreRow, ScoreRow.student == Allotment.student)
        .where(ScoreRow.shift == shift)
        .order_by(Allotment.code)
    )
    for code, row in session.execute(query):
        for n, subject in enumerate(subjects[row.student]):
            after = row.before[n] + row.added[n]
            yield "score", {"shift": shift, "code": code, "subject": subject, "before": row.before[n], "after": after}


def _appeals(session: Session, shift: int) -> Iterator[Record]:
    subjects = hall_sheets.subjects_of(session, shift)
    query = (
        select(Appeal, Allotment.code)
        .join(Allotment, Allotment.student == Appeal.student)
        .where(Appeal.shift == shift)
        .order_by(Appeal.number)
    )
    for row, code in session.execute(query):
        yield "appeal", {
            "id": row.id, "shift": shift, "code": code, "number": row.number, "received_at": row.filed_at,
            "state": row.state,
        }  # fmt: skip
        items = select(AppealItem).where(AppealItem.appeal == row.id).order_by(AppealItem.subject, AppealItem.item)
        for item in session.scalars(items):
            yield "appeal-item", {
                "appeal": row.id, "subject": subjects[row.student][item.subject - 1], "item": item.item,
                "satisfied": bool(item.satisfied), "ground": int(item.ground) if item.ground else None,
                "member": item.member, "reasons": item.reasons, "literature": item.literature,
            }  # fmt: skip
