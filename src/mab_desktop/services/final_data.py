"""The final data for the centre (p.8, p.37): every record of it, in a fixed order, from the tables of the exam."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.identification import Match
from mab_desktop.services import hall_sheets, representative_report, results
from mab_desktop.services.handlers import Record
from mab_desktop.storage.tables.exam import (
    AnswerSheet,
    Decision,
    Reading,
    ScanBatch,
    ScannedPage,
    Seat,
    Seating,
    SeatingFreeze,
)
from mab_desktop.storage.tables.results import Appeal, AppealItem, KeyLetters, MarksClosed, OpenedKey, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Shift, StudentChange


def final_records(session: Session) -> Iterator[Record]:
    """Corrections, then shift by shift all that the centre counts again from, and what was counted here.

    Draw and seats, presence, pages as each scan saw them, doubts settled from both scans, decisions, sheets and whose
    they are, closing of the marks, opened key, points, appeals. Last the representative's report.
    """
    for change in session.scalars(select(StudentChange).order_by(StudentChange.id)):
        names = ("student", "field", "old", "new", "ground", "by", "at")
        yield "student-change", {name: getattr(change, name) for name in names}
    for shift in session.scalars(select(Shift.number).order_by(Shift.number)):
        yield from _seats(session, shift)
        yield from _readings(session, shift)
        yield from _decisions(session, shift)
        yield from _sheets(session, shift)
        yield from _key(session, shift)
        yield from score_records(session, shift)
        yield from _appeals(session, shift)
    yield from representative_report.records(session)


def control_sums(session: Session) -> dict[str, str]:
    """Students with points, and all points before and after the appeal: they stand on the signed paper too."""
    sums = select(func.count(), func.sum(ScoreRow.total_before), func.sum(ScoreRow.total_after))
    count, before, after = session.execute(sums).one()
    return {"students": str(count), "points-before": str(before or 0), "points-after": str(after or 0)}


def _seats(session: Session, shift: int) -> Iterator[Record]:
    drawn = session.get(Seating, shift)
    fixed = session.get(SeatingFreeze, (shift, drawn.freeze)) if drawn else None
    if drawn is not None and fixed is not None:
        names = ("commitment", "roster", "halls", "local", "code")
        yield "seating", {
            "shift": shift, **{name: getattr(fixed, name) for name in names}, "result": drawn.result,
            "drawn_at": drawn.drawn_at, "drawn_by": drawn.drawn_by,
        }  # fmt: skip
    gone = results.presences(session, shift)
    for row in session.scalars(select(Seat).where(Seat.shift == shift).order_by(Seat.hall, Seat.seat)):
        yield "seat", {"student": row.student, "shift": shift, "hall": row.hall, "seat": row.seat}
        state = gone.get(row.student, Presence.PRESENT).value
        yield "presence", {"student": row.student, "shift": shift, "state": state}


def _readings(session: Session, shift: int) -> Iterator[Record]:
    """Every page of the runs that count as its scan saw it; then, by sheet, the doubts settled from both scans."""
    query = (
        select(
            ScannedPage.id, ScanBatch.hall, ScanBatch.scan_pass, ScannedPage.position, ScannedPage.attempt, Reading.ok,
            Reading.serial, ScannedPage.sha256, Reading.fields,
        )
        .join(ScanBatch, ScanBatch.id == ScannedPage.batch)
        .join(Reading, Reading.page == ScannedPage.id)
        .where(ScanBatch.shift == shift, ScanBatch.discarded_at.is_(None))
        .order_by(ScanBatch.hall, ScanBatch.scan_pass, ScannedPage.position, ScannedPage.attempt)
    )  # fmt: skip
    fields = {}
    for page, hall, scan_pass, position, attempt, ok, serial, sha256, marks in session.execute(query):
        fields[page] = marks
        yield "reading", {
            "page": page, "shift": shift, "hall": hall, "scan_pass": scan_pass, "position": position,
            "attempt": attempt, "ok": ok, "serial": serial, "sha256": sha256, "marks": spell(marks),
        }  # fmt: skip
    sheets = select(AnswerSheet).where(AnswerSheet.shift == shift).order_by(AnswerSheet.hall, AnswerSheet.position)
    for sheet in session.scalars(sheets):
        for (field, column), mark in _settled(sheet.marks, fields[sheet.page1], fields[sheet.page2]):
            yield "settled-mark", {
                "serial": sheet.serial, "shift": shift, "hall": sheet.hall, "field": field, "column": column,
                "mark": mark,
            }  # fmt: skip


def spell(marks: reading.Marks) -> str:
    """Marks as a carrier holds them: `field:` and a character a column, longer marks in brackets."""
    return " ".join(
        f"{field}:{''.join(mark if len(mark) == 1 else f'({mark})' for mark in columns)}"
        for field, columns in marks.items()
    )


def _settled(merged: reading.Marks, first: reading.Marks, second: reading.Marks) -> Iterator[tuple[reading.Group, str]]:
    """The groups that the two scans left open and the mean of both decided."""
    for field, columns in merged.items():
        one, two = first.get(field, ()), second.get(field, ())
        for column, mark in enumerate(columns):
            if mark[0] == reading.DOUBT or column >= min(len(one), len(two)):
                continue
            a, b = one[column], two[column]
            if a[0] == reading.DOUBT or sorted(a) != sorted(b):
                yield (field, column), mark


def _decisions(session: Session, shift: int) -> Iterator[Record]:
    """Every decision, those taken back too."""
    same = ("id", "shift", "hall", "kind", "serial", "page", "student", "field", "column", "ground",
            "protocol_version", "by", "at", "undone_by", "undone_at")  # fmt: skip
    for row in session.scalars(select(Decision).where(Decision.shift == shift).order_by(Decision.id)):
        value = json.dumps(row.value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield "decision", {**{name: getattr(row, name) for name in same}, "value_json": value}


def _key(session: Session, shift: int) -> Iterator[Record]:
    """That the marks were closed, that the key was opened, and the letters that points were counted by."""
    closed, opened = session.get(MarksClosed, shift), session.get(OpenedKey, shift)
    if closed is not None:
        names = ("shift", "digest", "sheets", "at", "by", "statement")
        yield "marks-closed", {name: getattr(closed, name) for name in names}
    if opened is not None:
        names = ("shift", "commitment", "salt", "chair", "at", "by")
        yield "opened-key", {**{name: getattr(opened, name) for name in names}, "holders": ",".join(opened.holders)}
    query = select(KeyLetters).where(KeyLetters.shift == shift).order_by(KeyLetters.variant, KeyLetters.subject)
    for row in session.scalars(query):
        yield "key-letters", {name: getattr(row, name) for name in ("shift", "variant", "subject", "letters")}


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


def score_records(session: Session, shift: int) -> Iterator[Record]:
    """Points of a shift by code and subject, before and after the appeal."""
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
