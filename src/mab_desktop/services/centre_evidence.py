"""What the second count starts from: the final data as it came, and the centre's own lists, secrets and keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import seating
from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.json_text import object_of
from mab_desktop.domain.recount import Difference, Evidence, Reported, ReportedSheet
from mab_desktop.domain.recount_marks import Column
from mab_desktop.domain.recount_sheets import RawPage, Seated, Word
from mab_desktop.domain.spoken_code import spoken_code
from mab_desktop.exchange.key_envelope import commitment
from mab_desktop.services import trusting
from mab_desktop.services.centre_season import exam_profile
from mab_desktop.services.centre_secrets import centre_key, frozen_told
from mab_desktop.services.closed_marks import is_signed
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.centre import (
    CentreKey,
    FinalReading,
    FinalRecord,
    FinalScore,
    FinalSheet,
    KeyEnvelope,
    SeatingSeed,
    VariantHall,
)
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Student

Records = Mapping[str, list[dict[str, Any]]]
"""The final data's other records by type, as they came."""
_DECIDED = "decided"


@dataclass(frozen=True)
class Draw:
    """A seating done again from the centre's secret: its seats, its code, and what does not fit the freeze."""

    seats: seating.Seats
    code: str
    frozen: seating.Frozen


def records_of(session: Session, base: str) -> Records:
    """What came beside sheets, points and readings."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    query = select(FinalRecord.record_type, FinalRecord.values).where(FinalRecord.base_university == base)
    for record_type, values in session.execute(query.order_by(FinalRecord.n)):
        found[record_type].append(values)
    return found


def own_roster(session: Session, base: str, shift: int) -> list[seating.RosterLine]:
    """The students of a shift as the centre allotted them."""
    query = (
        select(Allotment.hall, Allotment.student, Allotment.code)
        .join(Student, Student.id == Allotment.student)
        .where(Student.base_university == base, Allotment.shift == shift)
    )
    return [seating.RosterLine(*row) for row in session.execute(query)]


def draw_again(session: Session, base: str, shift: int, local: bytes) -> Draw | None:
    """The seats of a shift from the centre's own lists and secret; None where it sealed none."""
    seed = session.get(SeatingSeed, (base, shift))
    if seed is None:
        return None
    roster = own_roster(session, base, shift)
    used = {line.hall for line in roster}
    query = select(Hall.number, Hall.seats).where(Hall.base_university == base, Hall.number.in_(used))
    halls = {row[0]: row[1] for row in session.execute(query)}
    frozen = seating.freeze(base, shift, seed.commitment, roster, halls, local)
    fits = not seating.size_problems(roster, halls)
    seats = seating.draw(seating.draw_seed(bytes.fromhex(seed.seed), frozen), roster, halls) if fits else {}
    return Draw(seats, seating.freeze_code(frozen), frozen)


def evidence(session: Session, base: str, records: Records) -> tuple[Evidence, list[Difference]]:
    """All that the second count needs, and where the draw of the seats already does not agree."""
    profile = exam_profile(session)
    seated, found = _seated(session, base, records)
    words, machine = list(_words(records)), _machine(records)
    shifts = sorted({student.shift for student in seated})
    made = set(session.scalars(select(CentreKey.shift)))
    key = {
        (shift, variant, subject): letters
        for shift in shifts
        if shift in made
        for (variant, subject), letters in centre_key(session, shift).letters.items()
    }
    return Evidence(
        list(_pages(session, base)), words, machine, seated, key, _given(records), profile.items,
        profile.points_per_item,
    ), found  # fmt: skip


def reported(session: Session, base: str, records: Records) -> Reported:
    """What the other side counted."""
    methods = {r["serial"]: r["state"] for r in records.get("identification", ()) if r["state"] in ("auto", "visual")}
    s, p = FinalSheet, FinalScore
    rows = session.execute(
        select(s.serial, s.shift, s.hall, s.code, s.seat, s.variant, s.answers).where(s.base_university == base)
    )
    sheets = {
        serial: ReportedSheet(shift, hall, code or "", seat, variant or "", answers or "", methods.get(serial, ""))
        for serial, shift, hall, code, seat, variant, answers in rows
    }
    scores = session.execute(select(p.code, p.subject, p.before, p.after).where(p.base_university == base))
    points = {(code, subject): (before, after) for code, subject, before, after in scores}
    key = {(r["shift"], r["variant"], r["subject"]): r["letters"] for r in records.get("key-letters", ())}
    return Reported(sheets, points, key, {r["shift"]: r["digest"] for r in records.get("marks-closed", ())})


def proofs(ctx: Context, session: Session, base: str, records: Records) -> Iterator[Difference]:
    """Whether marks were closed and signed, as told by telephone, and the key is what the centre had announced."""
    keyids = _devices(session, f"mp{base}")
    rows = session.scalars(select(KeyEnvelope).where(KeyEnvelope.base_university == base))
    envelopes = {row.shift: row for row in rows}
    for record in records.get("marks-closed", ()):
        shift, code = record["shift"], spoken_code(bytes.fromhex(record["digest"]))
        told = envelopes[shift].marks if shift in envelopes else ""
        if not is_signed(record, ctx.season.campaign, base, keyids):
            yield Difference("signature", shift, reported=record["digest"])
        if told and told != code:
            yield Difference("told", shift, reported=code, recounted=told)
    for record in records.get("opened-key", ()):
        shift = record["shift"]
        announced = envelopes[shift].commitment if shift in envelopes else ""
        if record["commitment"] != announced or record["commitment"] != _committed(records, shift, record["salt"]):
            yield Difference("commitment", shift, reported=record["commitment"], recounted=announced)


def _committed(records: Records, shift: int, salt: str) -> str:
    """The commitment of the letters that points were counted by."""
    lines = (r for r in records.get("key-letters", ()) if r["shift"] == shift)
    letters = {f"{r['variant']}|{r['subject']}": r["letters"] for r in lines}
    whole = {"form": "mab-answer-key-1", "letters": letters, "shift": shift}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return commitment(text.encode(), bytes.fromhex(salt))


def _devices(session: Session, org: str) -> set[str]:
    """Every device that the centre ever listed for an organisation: a later withdrawal takes nothing back."""
    entry = trusting.trust_store(session).org(org) if trusting.newest_trust(session) else None
    return {device.keyid for device in entry.devices} if entry else set()


def _seated(session: Session, base: str, records: Records) -> tuple[list[Seated], list[Difference]]:
    """Every allotted student at the seat of the draw done again, and where the reported seats differ from it."""
    told = {r["student"]: (r["shift"], r["hall"], r["seat"]) for r in records.get("seat", ())}
    proofs_by_shift = {r["shift"]: r for r in records.get("seating", ())}
    places: dict[str, int] = {}
    found: list[Difference] = []
    for shift in sorted({shift for shift, _, _ in told.values()} | proofs_by_shift.keys()):
        proof = proofs_by_shift.get(shift)
        draw = draw_again(session, base, shift, bytes.fromhex(proof["local"])) if proof else None
        result = seating.result_digest(draw.seats) if draw else ""
        noted = frozen_told(session, base, shift)
        if draw is not None and noted and noted != draw.code:
            found.append(Difference("frozen", shift, reported=draw.code, recounted=noted))
        if proof is None or result != proof["result"]:
            found.append(Difference("draw", shift, reported=proof["result"] if proof else "", recounted=result))
        seats = draw.seats.items() if draw else ()
        places |= {student: seat for (_hall, seat), student in seats}
    laid = {
        (row.shift, row.hall): row.variants
        for row in session.scalars(select(VariantHall).where(VariantHall.base_university == base))
    }
    students: list[Seated] = []
    query = select(Allotment).join(Student, Student.id == Allotment.student).where(Student.base_university == base)
    for row in session.scalars(query.order_by(Allotment.code)):
        seat = places.get(row.student)
        here = told.get(row.student)
        if (seat is not None or here is not None) and here != (row.shift, row.hall, seat):
            found.append(Difference("seat", row.shift, row.code, reported=here[2] if here else None, recounted=seat))
        if seat is not None:
            variants = laid.get((row.shift, row.hall), [])
            variant = variants[seat - 1] if seat <= len(variants) else ""
            subjects = tuple(getattr(row, name) for name in SUBJECT_FIELDS)
            students.append(Seated(row.student, row.code, row.shift, row.hall, seat, variant, subjects))
    return students, found


def _pages(session: Session, base: str) -> Iterable[RawPage]:
    r = FinalReading
    query = select(r.page, r.shift, r.hall, r.scan_pass, r.position, r.attempt, r.serial, r.marks)
    for page, shift, hall, scan_pass, position, attempt, serial, marks in session.execute(
        query.where(r.base_university == base)
    ):
        yield RawPage(page, shift, hall, scan_pass, position, attempt, serial or "", marks or "")


def _words(records: Records) -> Iterator[Word]:
    """Decisions that stand."""
    for r in records.get("decision", ()):
        if r.get("undone_at"):
            continue
        value = object_of(r["value_json"])
        yield Word(
            r["shift"], r["hall"], r["kind"], r.get("serial", ""), r.get("page", 0), r.get("field", ""),
            r.get("column", 0), tuple(value.get("values", ())), value.get("code", ""), value.get("seat", 0),
            value.get("variant", ""),
        )  # fmt: skip


def _machine(records: Records) -> dict[str, dict[Column, str]]:
    found: dict[str, dict[Column, str]] = defaultdict(dict)
    for r in records.get("settled-mark", ()):
        found[r["serial"]][r["field"], r["column"]] = r["mark"]
    return found


def _given(records: Records) -> frozenset[tuple[str, str, int]]:
    """Items that the appeal commission gave a point for, in applications that it decided."""
    codes = {r["id"]: r["code"] for r in records.get("appeal", ()) if r["state"] == _DECIDED}
    items = (r for r in records.get("appeal-item", ()) if r.get("satisfied") and r["appeal"] in codes)
    return frozenset((codes[r["appeal"]], r["subject"], int(r["item"])) for r in items)
