"""The numbers of each hall that must agree (p.34, p.38), and the digest that says which state a protocol shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.attendance import Balance
from mab_desktop.domain.identification import HallIdentification, LineState, MissingLine, SheetLine
from mab_desktop.services.hall_sheets import ASIDE, Sheet, halls_of
from mab_desktop.services.returned_sheets import ReturnAct, return_acts
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
    returned = return_acts(session, shift)
    gone: dict[str, set[str]] = {}
    for hall, student in session.execute(select(Removal.hall, Removal.student).where(Removal.shift == shift)):
        gone.setdefault(hall, set()).add(student)
    counted = _counts(
        session,
        select(HallCount.hall, func.sum(HallCount.present)).where(HallCount.shift == shift).group_by(HallCount.hall),
    )
    passes = pass_pages(session, shift)
    out = {}
    for hall in halls_of(session, shift):
        out[hall] = _balance(
            seats.get(hall, 0), acts.get(hall), returned.get(hall), (passes.get((hall, 1)), passes.get((hall, 2))),
            read.get(hall, ()), results.get(hall), gone.get(hall, set()), counted.get(hall),
        )  # fmt: skip
    return out


def _balance(
    seated: int, envelope: Envelope | None, act: ReturnAct | None, passes: tuple[int | None, int | None],
    merged: Sequence[Sheet], result: HallIdentification | None, gone: Set[str], counted: int | None,
) -> Balance:  # fmt: skip
    used = _used(merged, result) if merged else None
    matches, missing = (result.matches, result.missing) if result else ((), ())
    return Balance(
        seated=seated, used=envelope.used if envelope else None, unused=envelope.unused if envelope else None,
        read1=passes[0], read2=passes[1], used1=used, used2=used, identified=len(matches),
        absent=sum(m.remark is LineState.ABSENT and m.place.student not in gone for m in missing),
        removed=len(gone), removed_with_sheet=sum(m.student in gone for m in matches), counted_present=counted,
        act_number=act.number if act else "", act_used=act.used if act else None,
        act_unused=act.unused if act else None, remark=envelope.remark if envelope else "",
    )  # fmt: skip


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


def newest_pages(
    session: Session, shift: int, hall: str, passes: Sequence[int] = (1, 2)
) -> dict[int, list[tuple[ScannedPage, Reading]]]:
    """Pass -> the newest attempt of each place in the envelope with its reading, in the envelope's order."""
    query = (
        select(ScanBatch.scan_pass, ScannedPage, Reading)
        .join(ScannedPage, ScannedPage.batch == ScanBatch.id)
        .join(Reading, Reading.page == ScannedPage.id)
        .where(ScanBatch.shift == shift, ScanBatch.hall == hall, ScanBatch.discarded_at.is_(None))
        .where(ScanBatch.scan_pass.in_(passes))
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
