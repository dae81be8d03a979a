"""The numbers of each hall that must agree (p.34, p.38), and the digest that says which state a protocol shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.attendance import Balance
from mab_desktop.domain.identification import HallIdentification, LineState, MissingLine, SheetLine
from mab_desktop.services.hall_sheets import ASIDE, Sheet, halls_of
from mab_desktop.storage.tables.exam import (
    Decision,
    Envelope,
    HallCount,
    Reading,
    Removal,
    ScanBatch,
    ScannedPage,
    Seat,
)


def balances(
    session: Session, shift: int, results: Mapping[str, HallIdentification], read: Mapping[str, Sequence[Sheet]]
) -> dict[str, Balance]:
    """The balance of every hall of a shift."""
    acts = {row.hall: row for row in session.scalars(select(Envelope).where(Envelope.shift == shift))}
    seats = _counts(session, select(Seat.hall, func.count()).where(Seat.shift == shift).group_by(Seat.hall))
    gone = _counts(session, select(Removal.hall, func.count()).where(Removal.shift == shift).group_by(Removal.hall))
    counted = _counts(
        session,
        select(HallCount.hall, func.sum(HallCount.present)).where(HallCount.shift == shift).group_by(HallCount.hall),
    )
    passes = pass_pages(session, shift)
    out = {}
    for hall in halls_of(session, shift):
        act, result = acts.get(hall), results.get(hall)
        first, second = passes.get((hall, 1)), passes.get((hall, 2))
        merged = read.get(hall, ())
        used = _used(merged, result)
        out[hall] = Balance(
            seated=seats.get(hall, 0), used=act.used if act else None, unused=act.unused if act else None,
            read1=first, read2=second, used1=used if merged else None, used2=used if merged else None,
            identified=len(result.matches) if result else 0,
            absent=sum(m.remark is LineState.ABSENT for m in result.missing) if result else 0,
            removed=gone.get(hall, 0), counted_present=counted.get(hall),
        )  # fmt: skip
    return out


def pass_pages(session: Session, shift: int, hall: str = "") -> dict[tuple[str, int], int]:
    """(hall, pass) -> how many sheets its standing run holds: a page scanned again counts once, one set aside not."""
    aside = select(Decision.page).where(Decision.kind == ASIDE, Decision.undone_at.is_(None))
    on_page = and_(ScannedPage.batch == ScanBatch.id, ScannedPage.id.not_in(aside))
    query = (
        select(ScanBatch.hall, ScanBatch.scan_pass, func.count(func.distinct(ScannedPage.position)))
        .join(ScannedPage, on_page, isouter=True)
        .where(ScanBatch.shift == shift, ScanBatch.discarded_at.is_(None))
        .group_by(ScanBatch.hall, ScanBatch.scan_pass)
    )
    if hall:
        query = query.where(ScanBatch.hall == hall)
    return {(row[0], row[1]): row[2] for row in session.execute(query)}


def newest_pages(session: Session, shift: int, hall: str) -> dict[int, list[tuple[ScannedPage, Reading]]]:
    """Pass -> the newest attempt of each place in the envelope with its reading, in the envelope's order."""
    query = (
        select(ScanBatch.scan_pass, ScannedPage, Reading)
        .join(ScannedPage, ScannedPage.batch == ScanBatch.id)
        .join(Reading, Reading.page == ScannedPage.id)
        .where(ScanBatch.shift == shift, ScanBatch.hall == hall, ScanBatch.discarded_at.is_(None))
        .order_by(ScannedPage.position, ScannedPage.attempt)
    )
    found: dict[int, dict[int, tuple[ScannedPage, Reading]]] = {}
    for scan_pass, page, read in session.execute(query):
        found.setdefault(scan_pass, {})[page.position] = (page, read)
    return {scan_pass: list(pages.values()) for scan_pass, pages in found.items()}


def protocol_content(result: HallIdentification) -> dict[str, Any]:
    """The two tables of a protocol as plain data, word for word what is printed."""
    return {
        "students": [_student(line) for line in result.missing],
        "sheets": [_sheet(line) for line in result.sheets],
        "automatic": sum(m.method == "auto" for m in result.matches),
        "visual": sum(m.method == "visual" for m in result.matches),
    }


def protocol_digest(result: HallIdentification) -> str:
    """SHA-256 of a protocol's content: equal digests show the same state."""
    text = json.dumps(protocol_content(result), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _student(line: MissingLine) -> dict[str, Any]:
    p = line.place
    return {
        "student": p.student, "name": p.name, "code": p.code, "variant": p.variant, "seat": p.seat,
        "remark": line.remark.value,
    }  # fmt: skip


def _sheet(line: SheetLine) -> dict[str, Any]:
    d = line.decision
    right = (d.code, str(d.seat), d.variant) if d else ("", "", "")
    return {
        "serial": line.sheet.serial, "code": line.sheet.code, "seat": line.sheet.seat, "variant": line.sheet.variant,
        "wrong": sorted(line.wrong), "state": line.state.value, "name": line.name,
        "right_code": right[0], "right_seat": right[1], "right_variant": right[2],
    }  # fmt: skip


def _used(merged: Sequence[Sheet], result: HallIdentification | None) -> int:
    """Sheets that somebody wrote on, as far as it is known now."""
    if result is None:
        return sum(s.used for s in merged)
    blank = {line.sheet.serial for line in result.sheets if line.state is LineState.UNUSED}
    named = {m.serial for m in result.matches}
    return sum((s.used or s.serial in named) and s.serial not in blank for s in merged)


def _counts(session: Session, query: Any) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in session.execute(query)}
