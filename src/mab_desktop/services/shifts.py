"""The life of the shifts: the facts the guards ask for, the operational day, and the moves that change a state."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading, seating
from mab_desktop.domain.appeal import CLOSING_STATES, Ground, considered_until, contradictions, deadline
from mab_desktop.domain.attendance import balance_problems
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.exam_act import RETURNED
from mab_desktop.domain.operational_day import Done, SeasonFacts
from mab_desktop.domain.organisation import NTC_CODE, PersonRole, Role, organisation_id
from mab_desktop.domain.shift import (
    MOVES,
    ORDER,
    STATE_LABELS,
    ShiftFacts,
    ShiftState,
    reached,
    refuse_unless_open,
)
from mab_desktop.domain.student import CORRECTABLE
from mab_desktop.i18n import N_
from mab_desktop.services import backups, balances, closed_marks, day_work, hall_sheets
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.documents import finished
from mab_desktop.services.kept import kept
from mab_desktop.services.restored_acts import act_before
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import PrintJob
from mab_desktop.storage.tables.exam import (
    ActRecord,
    DutyDraw,
    Envelope,
    ExamStart,
    HallCount,
    Protocol,
    ReadinessReport,
    ScanBatch,
    ShiftSeal,
    ShiftStep,
    VariantSeat,
)
from mab_desktop.storage.tables.results import Appeal, AppealItem, KeyLetters, MarksClosed, ScoreRow, SealedKey
from mab_desktop.storage.tables.students import Allotment, Shift, WrongData

# Printed documents that guards ask for; their key is the shift's number.
RESULTS_BEFORE, RESULTS_AFTER = "result-sheet-before", "result-sheet-after"
MINUTES, LAST_REGISTER = "appeal-minutes", "appeal-register-last"
_EVENTS = {
    "draw-seats": "seats-drawn", "open": "shift-opened", "close-identification": "identification-confirmed",
    "open-key": "key-opened", "announce": "results-announced", "close-appeal": "appeal-closed", "close": "shift-closed",
}  # fmt: skip
# The paragraphs that speak of what is done from a state on.
_PARAGRAPHS = {
    ShiftState.PLANNED: "30", ShiftState.SEATED: "30-34", ShiftState.OPEN: "33-38", ShiftState.IDENTIFIED: "39",
    ShiftState.KEY_OPEN: "39", ShiftState.RESULTS: "40-44", ShiftState.APPEAL_CLOSED: "44-45",
    ShiftState.CLOSED: "37, 45",
}  # fmt: skip
_STEP_OF_MOVE = {
    "draw-seats": "seats", "open": "open", "close-identification": "identify", "open-key": "key",
    "announce": "results-before", "close-appeal": "close-appeal", "close": "close",
}  # fmt: skip


@dataclass(frozen=True)
class ShiftLine:
    """A shift as a list shows it."""

    number: int
    exam_date: date
    start_time: str
    state: ShiftState
    state_label: str
    halls: int
    students: int


def shifts(ctx: Context) -> list[ShiftLine]:
    """Every shift of the season at this base university."""
    with ctx.store.read() as session:
        halls = func.count(Allotment.hall.distinct())
        counted = select(Allotment.shift, halls, func.count()).group_by(Allotment.shift)
        sizes = {number: (halls, students) for number, halls, students in session.execute(counted)}
        return [
            ShiftLine(
                row.number, row.exam_date, row.start_time, ShiftState(row.state), STATE_LABELS[ShiftState(row.state)],
                *sizes.get(row.number, (0, 0)),
            )
            for row in session.scalars(select(Shift).order_by(Shift.number))
        ]  # fmt: skip


def steps_made(session: Session) -> dict[tuple[str, int], Done]:
    """When and by whom each move of each shift was made."""
    return {(row.move, row.shift): Done(row.at, row.by) for row in session.scalars(select(ShiftStep))}


def shift_facts(ctx: Context, number: int) -> ShiftFacts:
    """Everything the guards ask about one shift."""
    with ctx.store.read() as session:
        return facts_of(ctx, session, number)


def facts_of(ctx: Context, session: Session, number: int, *, for_show: bool = False) -> ShiftFacts:
    """The facts of a shift as a session sees them; UserError for an unknown shift.

    `for_show` leaves out comparing the closed marks, which only a move needs and which takes its time.
    """
    rows = {row.number: row for row in session.scalars(select(Shift))}
    if number not in rows:
        raise UserError(N_("There is no shift {n}."), n=number)
    made = steps_made(session)
    states = {n: ShiftState(row.state) for n, row in rows.items()}
    opened = {n: datetime.fromisoformat(d.at).date() for (move, n), d in made.items() if move == "open"}
    state = states[number]
    facts: dict[str, Any] = {
        "number": number, "states": states, "today": ctx.clock.now().date(), "exam_date": rows[number].exam_date,
        "opened_on": opened, "corrections_due": _corrections_due(session),
    }  # fmt: skip
    if not reached(state, ShiftState.IDENTIFIED):
        facts |= _day_facts(session, number, first=number == min(rows))
    if state is ShiftState.PLANNED:
        facts |= _seating_facts(ctx, session, number)
    elif state is ShiftState.OPEN:
        facts |= _identification_facts(session, number)
    elif reached(state, ShiftState.IDENTIFIED):
        facts |= _result_facts(ctx, session, number, state, made, for_show=for_show)
    return ShiftFacts(**facts)


def season_facts(ctx: Context) -> SeasonFacts:
    """The facts of every shift, and what was done when."""
    with ctx.store.read() as session:
        numbers = session.scalars(select(Shift.number).order_by(Shift.number)).all()
        made = steps_made(session)
        done = {(_STEP_OF_MOVE[move], n): when for (move, n), when in made.items()}
        done |= {("seats-next", n): when for (move, n), when in made.items() if move == "draw-seats"}
        done |= day_work.work_done(session, {MINUTES: "minutes", RESULTS_AFTER: "results-after"})
        sent, written = day_work.handed_over(session, "final-data").get(NTC_CODE, ""), day_work.reported(session)
        if written is not None and numbers:
            done["report", numbers[-1]] = written
        found = {n: facts_of(ctx, session, n, for_show=True) for n in numbers}
        closed = max((step.at for (move, _n), step in made.items() if move == "close"), default="")
        newer = bool(sent) and day_work.report_saved(session) > sent
        return SeasonFacts(found, done, bool(sent), written is not None, newer, _results_out(ctx, session, closed))


def _results_out(ctx: Context, session: Session, closed: str) -> bool:
    """Whether the base university was given results made after the last shift was `closed` (p.44)."""
    given = day_work.handed_over(session, "results").get(organisation_id(Role.BASE_UNI, ctx.university), "")
    return bool(given and closed) and given >= closed


def open_shift(ctx: Context, number: int) -> None:
    """Open a shift (p.35.1, p.36.2); OutOfOrder with every reason when the order forbids it."""
    _make(ctx, "open", number, PersonRole.PROGRAMMER)


def confirm_identification(ctx: Context, number: int) -> str:
    """The representative confirms that a shift is identified (p.39): its marks are closed and signed; their digest."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.REPRESENTATIVE)
    with ctx.store.write(ctx.actor) as tx:
        refuse_unless_open("close-identification", facts_of(ctx, tx.session, number))
        digest, sheets = marks_digest(tx.session, number)
        closed_marks.close(ctx, tx, number, digest, sheets)
        make_move(ctx, tx, "close-identification", number, marks=digest, sheets=sheets)
    return digest


def announce_results(ctx: Context, number: int) -> datetime:
    """Record that the results before the appeal hang out; gives the end of the time for applications (p.41)."""
    _make(ctx, "announce", number, PersonRole.PROGRAMMER)
    until = appeal_deadline(ctx, number)
    assert until is not None
    return until


def close_appeal(ctx: Context, number: int) -> None:
    """Close the appeal of a shift: every line of the register is decided or «did not come» (p.44)."""
    _make(ctx, "close-appeal", number, PersonRole.PROGRAMMER)


def close_shift(ctx: Context, number: int) -> None:
    """Close a shift whose appeal is closed and whose last papers are printed (p.44, p.45)."""
    _make(ctx, "close", number, PersonRole.PROGRAMMER)
    backups.after_act(ctx, "shift-closed")


def _make(ctx: Context, move: str, number: int, *persons: str) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, *persons)
    with ctx.store.write(ctx.actor) as tx:
        refuse_unless_open(move, facts_of(ctx, tx.session, number))
        make_move(ctx, tx, move, number)


def make_move(ctx: Context, tx: Transaction, move: str, number: int, **details: Any) -> None:
    """Set the new state and record it; the caller has asked `refuse_unless_open` in the same transaction."""
    row = tx.session.get(Shift, number)
    if row is None:
        raise UserError(N_("There is no shift {n}."), n=number)
    row.state = MOVES[move].target.value
    before = act_before(tx.session, _EVENTS[move], f"shift-{number}")
    # Done again after a restore: time for applications runs from when the results were announced first.
    at = before.at if before is not None and move == "announce" else stamp(ctx)
    again: dict[str, Any] = {"first_done": before.at, "then": before.details} if before is not None else {}
    tx.session.add(ShiftStep(shift=number, move=move, at=at, by=ctx.actor.name))
    tx.note(_EVENTS[move], f"shift-{number}", **details, **again)


def require_state(session: Session, number: int, *allowed: ShiftState) -> ShiftState:
    """The state of a shift; refused in words, with the paragraph, unless it is one of `allowed`."""
    row = session.get(Shift, number)
    if row is None:
        raise UserError(N_("There is no shift {n}."), n=number)
    state = ShiftState(row.state)
    if state not in allowed:
        raise OutOfOrder(
            N_("Shift {n} is at «{state}»: this cannot be done now (p.{paragraphs}). Nothing was changed."),
            n=number, state=STATE_LABELS[state], paragraphs=_PARAGRAPHS[min(allowed, key=ORDER.index)],
        )  # fmt: skip
    return state


def announced_at(session: Session, number: int) -> datetime | None:
    """When the results of a shift were announced."""
    step = session.get(ShiftStep, (number, "announce"))
    return datetime.fromisoformat(step.at) if step else None


def appeal_deadline(ctx: Context, number: int) -> datetime | None:
    """Until when applications of a shift are taken; None before its results are announced."""
    with ctx.store.read() as session:
        at = announced_at(session, number)
    return deadline(at) if at else None


def appeal_considered_until(ctx: Context, number: int) -> datetime | None:
    """Until when the appeals of a shift are to be considered (p.41); None before its results are announced."""
    with ctx.store.read() as session:
        at = announced_at(session, number)
    return considered_until(at) if at else None


def marks_digest(session: Session, number: int) -> tuple[str, int]:
    """SHA-256 over every identified sheet of a shift with its student, variant and answers; and how many there are."""
    return kept(session, ("marks digest", number), lambda: _marks_digest(session, number))


def _marks_digest(session: Session, number: int) -> tuple[str, int]:
    profile = hall_sheets.exam_profile(session)
    work = hall_sheets.work(session, number)
    answers = {s.serial: s.answers(profile.subjects) for hall in work.sheets.values() for s in hall}
    lines = []
    for hall, result in sorted(work.results.items()):
        for m in result.matches:
            given = "|".join(answers[m.serial])
            lines.append(f"{hall}|{m.serial}|{m.student}|{m.seat}|{m.variant}|{given}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest(), len(lines)


def marks_unchanged(session: Session, number: int) -> bool:
    """True when the marks still are those that were closed."""
    closed = session.get(MarksClosed, number)
    return closed is not None and marks_digest(session, number)[0] == closed.digest


def _corrections_due(session: Session) -> int:
    return hall_sheets.count(session, WrongData, WrongData.applied_at.is_(None), WrongData.field.in_(CORRECTABLE))


def roster(session: Session, number: int) -> list[seating.RosterLine]:
    """The students of a shift as the draw takes them."""
    query = select(Allotment.hall, Allotment.student, Allotment.code).where(Allotment.shift == number)
    return [seating.RosterLine(*row) for row in session.execute(query)]


def _seating_facts(ctx: Context, session: Session, number: int) -> dict[str, Any]:
    lines = roster(session, number)
    halls = hall_sheets.hall_seats(session, ctx.university)
    due: dict[str, int] = {}
    for line in lines:
        due[line.hall] = due.get(line.hall, 0) + 1
    laid: dict[str, set[int]] = {}
    for hall, seat in session.execute(select(VariantSeat.hall, VariantSeat.seat).where(VariantSeat.shift == number)):
        laid.setdefault(hall, set()).add(seat)
    bare = tuple(hall for hall in sorted(due) if not set(range(1, due[hall] + 1)) <= laid.get(hall, set()))
    return {
        "has_seal": session.get(ShiftSeal, number) is not None, "halls": tuple(sorted(due)),
        "halls_without_variants": bare, "size_problems": tuple(seating.size_problems(lines, halls)),
    }  # fmt: skip


def _day_facts(session: Session, number: int, *, first: bool) -> dict[str, Any]:
    """What the exam day asks besides the moves: readiness, duty officers, the clock, counts, acts of return."""
    halls = set(hall_sheets.halls_of(session, number))
    report = select(ReadinessReport.ready, ReadinessReport.reason).order_by(ReadinessReport.n.desc()).limit(1)
    signed = session.execute(report).first() if first else None
    counted = set(session.scalars(select(HallCount.hall).where(HallCount.shift == number).distinct()))
    given_back = session.scalars(
        select(ActRecord.hall).where(
            ActRecord.shift == number, ActRecord.kind == RETURNED.kind, ActRecord.withdrawn_at.is_(None)
        )
    )
    # Counts that were entered with the envelope say the same as its act (p.34).
    received = set(given_back) | set(session.scalars(select(Envelope.hall).where(Envelope.shift == number)))
    return {
        "readiness_missing": first and not (signed is not None and (signed[0] or signed[1])),
        "duty_drawn": session.scalar(select(DutyDraw.n).where(DutyDraw.shift == number).limit(1)) is not None,
        "exam_begun": session.scalar(select(ExamStart.n).where(ExamStart.shift == number).limit(1)) is not None,
        "halls_not_counted": tuple(sorted(halls - counted)), "halls_not_returned": tuple(sorted(halls - received)),
    }  # fmt: skip


def _identification_facts(session: Session, number: int) -> dict[str, Any]:
    halls = hall_sheets.halls_of(session, number)
    passes: dict[str, set[int]] = {}
    scanned = select(ScanBatch.hall, ScanBatch.scan_pass).where(
        ScanBatch.shift == number, ScanBatch.discarded_at.is_(None)
    )
    for hall, scan_pass in session.execute(scanned):
        passes.setdefault(hall, set()).add(scan_pass)
    work = hall_sheets.work(session, number)
    results, known, read = work.results, work.known, work.sheets
    profile = hall_sheets.exam_profile(session)
    numbers = balances.balances(session, number, results, read)
    last = _last_protocols(session, number)
    return {
        "halls": tuple(halls),
        "halls_not_scanned": tuple(h for h in halls if passes.get(h, set()) != {1, 2}),
        "halls_not_balanced": tuple(h for h in halls if balance_problems(numbers[h])),
        "halls_without_last_protocol": tuple(
            h for h in halls if h in results and last.get(h) != (0, balances.protocol_digest(results[h]))
        ),
        "open_lines": sum(work.open_lines(hall) for hall in halls),
        "doubtful_marks": sum(
            hall_sheets.open_doubts(found, known.unused, profile.subjects) for found in read.values()
        ),
    }


def _last_protocols(session: Session, number: int) -> dict[str, tuple[int, str]]:
    """Hall -> (open lines, digest) of the newest version issued."""
    query = select(Protocol.hall, Protocol.open_lines, Protocol.digest).where(Protocol.shift == number)
    return {row[0]: (row[1], row[2]) for row in session.execute(query.order_by(Protocol.version))}


def _result_facts(
    ctx: Context, session: Session, number: int, state: ShiftState, made: Mapping[tuple[str, int], Done], *,
    for_show: bool,
) -> dict[str, Any]:  # fmt: skip
    facts: dict[str, Any] = {
        "has_key": session.get(SealedKey, number) is not None,
        "results_before_printed": _printed(session, RESULTS_BEFORE, number),
        "results_after_printed": _printed(session, RESULTS_AFTER, number),
        "minutes_printed": _printed(session, MINUTES, number),
        "register_printed": _printed(session, LAST_REGISTER, number),
    }
    if state in (ShiftState.IDENTIFIED, ShiftState.KEY_OPEN):
        facts["marks_unchanged"] = for_show or marks_unchanged(session, number)
        facts["students_not_scored"] = not_scored(session, number)
    if state is ShiftState.RESULTS:
        until = deadline(datetime.fromisoformat(made["announce", number].at))
        states = session.scalars(select(Appeal.state).where(Appeal.shift == number)).all()
        facts["appeal_deadline"] = until.strftime("%d.%m.%Y %H:%M")
        facts["deadline_passed"] = ctx.clock.now() > until
        facts["appeals_pending"] = sum(s not in CLOSING_STATES for s in states)
        facts["appeals_contradicting"] = len(contradicting(session, number))
    return facts


def not_scored(session: Session, number: int) -> int:
    """How many closed sheets of a shift have no points yet; 0 also where nobody came."""
    closed = session.get(MarksClosed, number)
    scored = hall_sheets.count(session, ScoreRow, ScoreRow.shift == number)
    return max(0, (closed.sheets if closed else 0) - scored)


def contradicting(session: Session, number: int) -> list[tuple[str, str, int]]:
    """Items (variant, subject code, item) given by an automatic ground to one student and refused to another.

    Who answered an item as the key has it needs no point: refusing him contradicts nothing.
    """
    subjects = hall_sheets.subjects_of(session, number)
    query = (
        select(ScoreRow, AppealItem)
        .join(Appeal, Appeal.id == AppealItem.appeal)
        .join(ScoreRow, ScoreRow.student == Appeal.student)
        .where(Appeal.shift == number, Appeal.state == "decided")
    )
    lines = [
        (row, (row.variant, subjects[row.student][i.subject - 1], i.item, bool(i.satisfied),
               Ground(i.ground) if i.ground else None), i)
        for row, i in session.execute(query)
    ]  # fmt: skip
    found = set(contradictions(line for _row, line, _item in lines))
    return contradictions(
        line for row, line, i in lines
        if line[:3] in found and (line[3] or not answered_right(session, row, line[1], i.subject, i.item))
    )  # fmt: skip


def answered_right(session: Session, row: ScoreRow, code: str, subject: int, item: int) -> bool:
    """True when the answer that counts is the key's option; `subject` and `item` from 1, `code` of the subject."""
    letters = session.get(KeyLetters, (row.shift, row.variant, code))
    sheet = hall_sheets.sheet(session, row.serial)
    if letters is None or sheet is None:
        return False
    return reading.letter(sheet.marks[f"subject{subject}"][item - 1]) == letters.letters[item - 1]


def _printed(session: Session, document: str, number: int) -> bool:
    found = select(PrintJob.id).where(PrintJob.document == document, PrintJob.key == str(number), finished()).limit(1)
    return session.scalar(found) is not None
