"""Daily statistics of a shift (p.8): attendance by direction and language, points, sheets, appeals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.appeal import AppealState
from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.identification import Method
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets, results
from mab_desktop.services.context import Context, require
from mab_desktop.services.kept import kept
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.exam import AnswerSheet, Decision, Seat
from mab_desktop.storage.tables.results import Appeal, AppealItem, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Shift, Student

_ANNOUNCED = (ShiftState.RESULTS, ShiftState.APPEAL_CLOSED, ShiftState.CLOSED)


@dataclass(frozen=True)
class DailyRow:
    """One direction and language of a shift in numbers, named as the carrier's record `daily`."""

    shift: int
    direction: str
    language: str
    planned: int
    present: int
    absent: int
    removed: int
    sheets: int
    automatic: int
    visual: int
    points: int
    highest: int
    lowest: int
    appeals: int
    appeal_items: int
    appeal_satisfied: int

    def record(self) -> dict[str, Any]:
        """The row as a carrier's record."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class _Person:
    """What one seated student adds to the numbers."""

    direction: str
    language: str
    presence: Presence
    method: str
    points: int | None
    state: str
    items: int
    satisfied: int


def daily_rows(ctx: Context, shift: int) -> list[DailyRow]:
    """The statistics of a shift by direction and language; OutOfOrder before its identification is confirmed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return daily_rows_of(session, shift)


def daily_rows_of(session: Session, shift: int) -> list[DailyRow]:
    """`daily_rows` within a session."""
    row = session.get(Shift, shift)
    if row is None or ShiftState(row.state) not in {ShiftState.IDENTIFIED, *KEY_KNOWN}:
        raise OutOfOrder(
            N_("The statistics of shift {n} are made after its identification is confirmed (p.8, 39)."), n=shift
        )
    return kept(session, ("daily", shift), lambda: _rows(session, shift, ShiftState(row.state)))


def _rows(session: Session, shift: int, state: ShiftState) -> list[DailyRow]:
    groups: dict[tuple[str, str], list[_Person]] = {}
    for person in _people(session, shift, state):
        groups.setdefault((person.direction, person.language), []).append(person)
    return [_row(shift, *key, groups[key]) for key in sorted(groups)]


def scanned_sheets(session: Session, shift: int) -> int:
    """All sheets that both passes of a shift read, used and blank."""
    return hall_sheets.count(session, AnswerSheet, AnswerSheet.shift == shift)


def _people(session: Session, shift: int, state: ShiftState) -> Iterable[_Person]:
    gone, methods = results.presences(session, shift), _methods(session, shift, state)
    scored = select(ScoreRow.student, ScoreRow.total_after).where(ScoreRow.shift == shift)
    scores: dict[str, int] = {row[0]: row[1] for row in session.execute(scored)}
    appeals = {a.student: a for a in session.scalars(select(Appeal).where(Appeal.shift == shift))}
    items: dict[str, list[bool]] = {}
    named = select(AppealItem.appeal, AppealItem.satisfied).join(Appeal).where(Appeal.shift == shift)
    for appeal_id, satisfied in session.execute(named):
        items.setdefault(appeal_id, []).append(bool(satisfied))
    lines = reference_list(session, "specialty")
    query = (
        select(Seat.student, Student.specialty, Allotment.test_language)
        .join(Student, Student.id == Seat.student)
        .join(Allotment, Allotment.student == Seat.student)
        .where(Seat.shift == shift)
    )
    for student, specialty, language in session.execute(query):
        known = lines.get(specialty or "")
        direction = str(known.extra.get("direction", "")) if known else (specialty or "")[2:4]
        appeal = appeals.get(student)
        given = items.get(appeal.id, []) if appeal else []
        yield _Person(
            direction, language, gone.get(student, Presence.PRESENT), methods.get(student, ""), scores.get(student),
            appeal.state if appeal else "", len(given), sum(given),
        )  # fmt: skip


def _methods(session: Session, shift: int, state: ShiftState) -> dict[str, str]:
    """Student -> how his sheet was identified. Once results hang out the points say whose sheets there are."""
    if state not in _ANNOUNCED:
        found = hall_sheets.identifications(session, shift).values()
        return {m.student: m.method.value for result in found for m in result.matches}
    decided = select(Decision.serial).where(
        Decision.shift == shift, Decision.kind == hall_sheets.IDENTITY, Decision.undone_at.is_(None)
    )
    by_eye = set(session.scalars(decided))
    scored = session.execute(select(ScoreRow.student, ScoreRow.serial).where(ScoreRow.shift == shift))
    return {row[0]: (Method.VISUAL if row[1] in by_eye else Method.AUTOMATIC).value for row in scored}


def _row(shift: int, direction: str, language: str, people: list[_Person]) -> DailyRow:
    points = [p.points for p in people if p.points is not None]
    there = [p.presence for p in people]
    return DailyRow(
        shift=shift, direction=direction, language=language, planned=len(people),
        present=there.count(Presence.PRESENT), absent=there.count(Presence.ABSENT),
        removed=there.count(Presence.REMOVED), sheets=sum(bool(p.method) for p in people),
        automatic=sum(p.method == "auto" for p in people), visual=sum(p.method == "visual" for p in people),
        points=sum(points), highest=max(points, default=0), lowest=min(points, default=0),
        appeals=sum(bool(p.state) for p in people), appeal_items=sum(p.items for p in people),
        appeal_satisfied=sum(p.satisfied for p in people if p.state == AppealState.DECIDED.value),
    )  # fmt: skip
