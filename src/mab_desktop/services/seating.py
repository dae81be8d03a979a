"""Seats of a shift: frozen, then drawn once with the centre's password (p.30). Two transactions, one outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain import seating as rules
from mab_desktop.domain.errors import EXIT_SYSTEM, OutOfOrder, UserError, WrongPassword
from mab_desktop.domain.hall_plan import Grid
from mab_desktop.domain.names import full_name
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sealed import seed_header
from mab_desktop.domain.seating_proof import SeatingProof
from mab_desktop.domain.shift import refuse_unless_open
from mab_desktop.domain.spoken_code import shown_code
from mab_desktop.exchange import passwords, seal
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets, restored_acts, shifts, tries
from mab_desktop.services.context import Context, require, require_person, shown, stamp
from mab_desktop.services.halls import grid_of
from mab_desktop.storage.tables.exam import Seat, Seating, SeatingFreeze, ShiftSeal, VariantSeat
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Student


class Fit(Enum):
    """How a typed password stands to its check symbol: right, right after one slip is put right, or not."""

    WHOLE, ONE_SLIP, NO = range(3)


@dataclass(frozen=True)
class FreezeView:
    """A frozen shift: the twelve characters that are written down and told to the centre."""

    shift: int
    code: str
    shown: str
    at: str


@dataclass(frozen=True)
class SeatingView:
    """The one draw of a shift."""

    shift: int
    students: int
    halls: int
    result: str
    drawn_at: str
    drawn_by: str
    code: str


@dataclass(frozen=True)
class SeatLine:
    """A student at his seat, with the variant that lies there."""

    hall: str
    seat: int
    student: str
    name: str
    code: str
    specialty: str
    study_language: str
    test_language: str
    variant: str


def freeze_seating(ctx: Context, shift: int) -> FreezeView:
    """Fix the lists and this PC's secret before the password is told; again only when the lists have changed since.

    The second of three steps: the centre's commitment came before, its password comes after.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        refuse_unless_open("draw-seats", shifts.facts_of(ctx, session, shift))
        standing = _newest_freeze(session, shift)
        fresh = _frozen_now(ctx, session, shift, ctx.entropy.bytes(rules.LOCAL_BYTES))
        if standing is not None and _same_lists(standing, fresh):
            return _view(standing)
        restored_acts.refuse_new_freeze(session, shift)
        row = SeatingFreeze(
            shift=shift, n=standing.n + 1 if standing else 1, commitment=fresh.commitment, roster=fresh.roster,
            halls=fresh.halls, local=fresh.local, code=rules.freeze_code(fresh), at=stamp(ctx), by=ctx.actor.login,
        )  # fmt: skip
        session.add(row)
        tx.note("seating-frozen", f"shift-{shift}", n=row.n, code=row.code, roster=row.roster, halls=row.halls)
        return _view(row)


def frozen(ctx: Context, shift: int) -> FreezeView | None:
    """The freeze in force; None before the first."""
    with ctx.store.read() as session:
        row = _newest_freeze(session, shift)
        return _view(row) if row else None


def password_fit(typed: str) -> Fit:
    """What can be said of a password while it is typed: its own check symbol tells, nothing is tried."""
    found = passwords.readings(typed)
    return Fit.NO if not found else Fit.WHOLE if found == (passwords.normalise(typed),) else Fit.ONE_SLIP


def draw_seating(ctx: Context, shift: int, password: str, progress: Progress = Silent()) -> SeatingView:
    """Draw the seats of a frozen shift with the password the centre tells by telephone: once, for ever.

    One slip (a symbol wrong, missing, too many, or two exchanged) is put right: every reading of it that fits is tried,
    which together counts as one try. With more slips it is UserError and no try; a wrong password is counted and
    slowed. After a crash the same call with the same password gives the same seats. OutOfOrder when the seats were
    drawn before.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    fixed, sealed = _ready_to_draw(ctx, shift)
    readings = passwords.readings(password) or (passwords.require(password).decode(),)
    tries.count_try(ctx, f"{tries.SEATING}{shift}-{fixed.commitment[:16]}")
    secret = _opened(ctx, shift, sealed, readings, progress)
    if rules.commitment(secret) != fixed.commitment:
        raise UserError(
            N_("What the password opened is not what the centre committed itself to. No seats were drawn."),
            next_step=N_("Call the testing centre."),
        )
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        refuse_unless_open("draw-seats", shifts.facts_of(ctx, session, shift))
        row = _newest_freeze(session, shift)
        roster, halls = shifts.roster(session, shift), shift_halls(ctx, session, shift)
        if row is None or _frozen(ctx, row) != fixed:
            raise OutOfOrder(N_("The freeze has changed meanwhile. No seats were drawn (p.30)."))
        seats, problems = rules.rederive(secret, fixed, roster, halls)
        if problems:
            raise _changed_lists()
        result = rules.result_digest(seats)
        restored_acts.require_same_draw(session, shift, result)
        session.execute(
            insert(Seat),
            [{"shift": shift, "hall": h, "seat": n, "student": student} for (h, n), student in sorted(seats.items())],
        )
        drawn = Seating(
            shift=shift, freeze=row.n, result=result, students=len(seats), drawn_at=stamp(ctx), drawn_by=ctx.actor.name
        )
        session.add(drawn)
        shifts.make_move(ctx, tx, "draw-seats", shift, result=result, students=len(seats), code=row.code)
        return SeatingView(shift, len(seats), len(halls), result, drawn.drawn_at, drawn.drawn_by, row.code)


def seating(ctx: Context, shift: int) -> SeatingView | None:
    """The draw of a shift; None before it."""
    with ctx.store.read() as session:
        drawn = session.get(Seating, shift)
        if drawn is None:
            return None
        row = session.get(SeatingFreeze, (shift, drawn.freeze))
        halls = len(hall_sheets.halls_of(session, shift))
        code = row.code if row else ""
        return SeatingView(shift, drawn.students, halls, drawn.result, drawn.drawn_at, drawn.drawn_by, code)


def seat_lines(ctx: Context, shift: int, hall: str = "") -> list[SeatLine]:
    """Students by hall and seat, as the seating sheet lists them (p.30)."""
    with ctx.store.read() as session:
        return seat_lines_of(session, shift, hall)


def seated_halls(ctx: Context, shift: int) -> list[str]:
    """The halls of a shift in which seats are drawn, in the order of their numbers."""
    with ctx.store.read() as session:
        return sorted(session.scalars(select(Seat.hall).where(Seat.shift == shift).distinct()))


def seat_lines_of(session: Session, shift: int, hall: str = "") -> list[SeatLine]:
    """`seat_lines` within a session."""
    query = (
        select(Seat.hall, Seat.seat, Student, Allotment)
        .join(Student, Student.id == Seat.student)
        .join(Allotment, Allotment.student == Seat.student)
        .where(Seat.shift == shift)
        .order_by(Seat.hall, Seat.seat)
    )
    laid_query = select(VariantSeat.hall, VariantSeat.seat, VariantSeat.variant).where(VariantSeat.shift == shift)
    laid = {(row[0], row[1]): row[2] for row in session.execute(laid_query)}
    return [
        SeatLine(
            number, seat, s.id, full_name(s.surname or "", s.first_name or "", s.patronymic), a.code, s.specialty or "",
            s.study_language or "", a.test_language, laid.get((number, seat), ""),
        )
        for number, seat, s, a in session.execute(query.where(Seat.hall == hall) if hall else query)
    ]  # fmt: skip


def hall_grid(ctx: Context, hall: str) -> Grid:
    """The places of a hall as they stand."""
    with ctx.store.read() as session:
        row = session.get(Hall, (ctx.university, hall))
        return grid_of(row) if row else ()


def proof(ctx: Context, shift: int) -> SeatingProof:
    """All that the centre, or anybody who has its secret, needs to do the draw again."""
    with ctx.store.read() as session:
        drawn = session.get(Seating, shift)
        row = session.get(SeatingFreeze, (shift, drawn.freeze)) if drawn else None
        if drawn is None or row is None:
            raise OutOfOrder(N_("The seats of shift {n} are not drawn (p.30)."), n=shift)
        seats = session.execute(select(Seat.hall, Seat.seat, Seat.student).where(Seat.shift == shift))
        return SeatingProof(
            _frozen(ctx, row), row.code, drawn.result, drawn.drawn_at, tuple(sorted(shifts.roster(session, shift))),
            shift_halls(ctx, session, shift), {(hall, seat): student for hall, seat, student in seats},
        )  # fmt: skip


def proof_name(ctx: Context, shift: int) -> str:
    """How the file of a proof is called."""
    return f"seating-proof-{ctx.university}-{shift}.txt"


def save_proof(ctx: Context, shift: int, path: Path) -> None:
    """Write the proof of a drawn seating into a file, for the centre and for whoever wants to draw again."""
    text = proof(ctx, shift).text()
    with ctx.store.write(ctx.actor) as tx:
        tx.note("seating-proof-saved", f"shift-{shift}", file=path.name)
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise UserError(
                N_("The file or folder {name} cannot be used: {reason}."),
                next_step=N_("Check that it is there, its rights and the free space, then do it again."),
                exit_code=EXIT_SYSTEM, name=path.name, reason=error.strerror or str(error),
            ) from error  # fmt: skip


def shift_halls(ctx: Context, session: Session, shift: int) -> dict[str, int]:
    """The halls of a shift and their seats, as the draw takes them."""
    seats = hall_sheets.hall_seats(session, ctx.university)
    return {hall: seats[hall] for hall in hall_sheets.halls_of(session, shift) if hall in seats}


def _ready_to_draw(ctx: Context, shift: int) -> tuple[rules.Frozen, str]:
    """The freeze in force and the sealed secret; refused unless the draw can be made now."""
    with ctx.store.read() as session:
        drawn = session.get(Seating, shift)
        if drawn is not None:
            raise OutOfOrder(
                N_("The seats of shift {n} were drawn on {at}. This is done only once (p.30)."),
                next_step=N_("Print the seating sheets again: they show the same seats and say «duplicate»."),
                n=shift, at=shown(drawn.drawn_at),
            )  # fmt: skip
        refuse_unless_open("draw-seats", shifts.facts_of(ctx, session, shift))
        row, sealed = _newest_freeze(session, shift), session.get(ShiftSeal, shift)
        if row is None or sealed is None:
            raise OutOfOrder(
                N_("Shift {n} is not frozen (p.30)."),
                next_step=N_("Freeze it first and tell the centre the code."), n=shift,
            )
        if not _same_lists(row, _frozen_now(ctx, session, shift, bytes.fromhex(row.local))):
            raise _changed_lists()
        return _frozen(ctx, row), sealed.sealed_seed


def _opened(ctx: Context, shift: int, sealed: str, readings: Sequence[str], progress: Progress) -> bytes:
    """The centre's secret by the first reading that opens it; WrongPassword when none does."""
    header = seed_header(ctx.season.campaign, tries.season_mode(ctx), ctx.university, shift)
    progress.stage(N_("Opening the centre's secret"), len(readings))
    refused: WrongPassword | None = None
    for reading in readings:
        try:
            return seal.unseal(sealed.encode(), reading, header)
        except WrongPassword as error:
            refused = error
        progress.step()
    assert refused is not None
    raise refused


def _changed_lists() -> OutOfOrder:
    return OutOfOrder(
        N_(
            "The list of students, the halls or the centre's secret have changed since the freeze. No seats were drawn "
            "(p.30)."
        ),
        next_step=N_("Freeze again and tell the centre the new code."),
    )


def _newest_freeze(session: Session, shift: int) -> SeatingFreeze | None:
    query = select(SeatingFreeze).where(SeatingFreeze.shift == shift).order_by(SeatingFreeze.n.desc()).limit(1)
    return session.scalars(query).first()


def _frozen_now(ctx: Context, session: Session, shift: int, local: bytes) -> rules.Frozen:
    sealed = session.get(ShiftSeal, shift)
    committed = sealed.commitment if sealed else ""
    roster, halls = shifts.roster(session, shift), shift_halls(ctx, session, shift)
    return rules.freeze(ctx.university, shift, committed, roster, halls, local)


def _frozen(ctx: Context, row: SeatingFreeze) -> rules.Frozen:
    return rules.Frozen(ctx.university, row.shift, row.commitment, row.roster, row.halls, row.local)


def _same_lists(row: SeatingFreeze, other: rules.Frozen) -> bool:
    return (row.commitment, row.roster, row.halls) == (other.commitment, other.roster, other.halls)


def _view(row: SeatingFreeze) -> FreezeView:
    return FreezeView(row.shift, row.code, shown_code(row.code), row.at)
