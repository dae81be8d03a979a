"""Two passes of an envelope side by side: what agrees becomes the hall's sheets, the rest waits for a person (p.38)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.compare import merge_readings
from mab_desktop.omr.geometry import Geometry, layout_geometry
from mab_desktop.services import balances, hall_sheets
from mab_desktop.services.scans import as_reading, spelled
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import AnswerSheet

PASSES = (1, 2)


@dataclass(frozen=True)
class Comparison:
    """Both passes side by side: serials seen in one only or twice, pages to settle, groups read differently."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    twice: tuple[str, ...]
    nameless: tuple[int, ...]
    refused: tuple[int, ...]
    differing: Mapping[str, tuple[reading.Group, ...]]
    merged: bool


@dataclass(frozen=True)
class Entry:
    """A page as it counts: its serial (also one read by a person) and marks, None while nobody can tell them."""

    page: int
    position: int
    serial: str
    marks: Mapping[str, Sequence[str]] | None
    scores: bytes = b""


def entries_of(session: Session, shift: int, hall: str) -> dict[int, list[Entry]]:
    """The pages of both standing runs as they count."""
    known = hall_sheets.decided(session, shift, hall)
    blank = reading.all_doubtful(_columns(session))
    found: dict[int, list[Entry]] = {}
    for scan_pass, pages in balances.newest_pages(session, shift, hall).items():
        entries = found.setdefault(scan_pass, [])
        for page, read in pages:
            serial = serial_of(known, page.id, read.serial)
            if serial is None:
                continue
            if page.id in known.by_eye:
                entries.append(Entry(page.id, page.position, serial, blank))
            else:
                marks = read.fields if read.ok else None
                entries.append(Entry(page.id, page.position, serial, marks, read.scores))
    return found


def serial_of(known: hall_sheets.Decided, page: int, read: str) -> str | None:
    """The serial that counts for a page, also one that a person read; None for a page that was set aside."""
    return None if page in known.aside else known.by_eye.get(page) or known.serials.get(page, read)


def _columns(session: Session) -> dict[str, int]:
    """How many columns each field of the sheet has."""
    columns: dict[str, int] = {}
    for field, column in layout(hall_sheets.exam_profile(session)).groups():
        columns[field] = max(columns.get(field, 0), column + 1)
    return columns


def comparison_of(session: Session, shift: int, hall: str) -> Comparison:
    """How the two standing runs of a hall compare now."""
    merged = session.scalar(select(AnswerSheet.serial).where(_of_hall(shift, hall)).limit(1)) is not None
    return _compare(entries_of(session, shift, hall), merged)


def _compare(entries: Mapping[int, Sequence[Entry]], merged: bool) -> Comparison:
    every = [entry for run in entries.values() for entry in run]
    first, second = (Counter(e.serial for e in entries.get(n, ()) if e.serial) for n in PASSES)
    marks = [{e.serial: e.marks for e in entries.get(n, ()) if e.serial and e.marks} for n in PASSES]
    differing = {
        serial: tuple(different)
        for serial in sorted(marks[0].keys() & marks[1].keys())
        if (different := reading.differences(marks[0][serial], marks[1][serial]))
    }
    both = 2 in entries
    return Comparison(
        tuple(sorted(first.keys() - second.keys())) if both else (), tuple(sorted(second.keys() - first.keys())),
        tuple(sorted({s for run in (first, second) for s, n in run.items() if n > 1})),
        tuple(e.page for e in every if not e.serial and e.marks is not None),
        tuple(e.page for e in every if e.marks is None), differing, merged,
    )  # fmt: skip


def settle(tx: Transaction, shift: int, hall: str) -> None:
    """Merge the two passes into sheets once nothing is open between them; otherwise the hall has no sheets yet."""
    entries = entries_of(tx.session, shift, hall)
    seen = _compare(entries, merged=False)
    tx.session.execute(delete(AnswerSheet).where(_of_hall(shift, hall)))
    whole = set(entries) == set(PASSES)
    if not whole or seen.only_first or seen.only_second or seen.twice or seen.nameless or seen.refused:
        return
    second = {e.serial: e for e in entries[2]}
    geometry = layout_geometry(layout(hall_sheets.exam_profile(tx.session)))
    rows = [_merged(shift, hall, e, second[e.serial], geometry) for e in entries[1]]
    if rows:
        tx.session.execute(insert(AnswerSheet), rows)
    groups = sum(len(columns) for columns in seen.differing.values())
    tx.note("passes-compared", f"{shift}-{hall}", sheets=len(rows), differing=groups)


def _merged(shift: int, hall: str, first: Entry, second: Entry, geometry: Geometry) -> dict[str, Any]:
    """One sheet of both passes: what they read alike stands; for the rest the mean of both is asked before a person."""
    assert first.marks is not None
    assert second.marks is not None
    marks = reading.merge(first.marks, second.marks)
    if first.scores and second.scores and next(reading.doubtful(marks), None) is not None:
        fields, _ = merge_readings(
            first.serial,
            as_reading(first.serial, first.marks, first.scores),
            as_reading(second.serial, second.marks, second.scores),
            geometry,
        )
        marks = spelled(fields)
    return {
        "serial": first.serial, "shift": shift, "hall": hall, "page1": first.page, "page2": second.page,
        "position": first.position, "marks": marks, "differing": len(reading.differences(first.marks, second.marks)),
        "used": reading.is_used(marks),
    }  # fmt: skip


def _of_hall(shift: int, hall: str) -> Any:
    return (AnswerSheet.shift == shift) & (AnswerSheet.hall == hall)
