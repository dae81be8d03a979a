"""The exam's clock (p.33): when the start was announced, kept over a restart, corrected with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.exam_clock import LATEST, ExamClock
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets, shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import ExamStart


@dataclass(frozen=True)
class Started:
    """The clock of a shift with who started it; `corrections` are the reasons of later words about the start."""

    clock: ExamClock
    by: str
    corrections: tuple[str, ...] = ()


def started(ctx: Context, shift: int) -> Started | None:
    """The clock of a shift, None while its start was not announced."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return started_of(session, shift)


def started_of(session: Session, shift: int) -> Started | None:
    """`started` within a session."""
    rows = session.scalars(select(ExamStart).where(ExamStart.shift == shift).order_by(ExamStart.n)).all()
    if not rows:
        return None
    minutes = hall_sheets.exam_profile(session).minutes_net
    reasons = tuple(row.reason for row in rows if row.reason)
    return Started(ExamClock(datetime.fromisoformat(rows[-1].begun_at), minutes), rows[-1].by, reasons)


def start(ctx: Context, shift: int, begun_at: datetime | None = None) -> ExamClock:
    """Write down that the start is announced: now, or at the moment given. Nobody is let in after it (p.32)."""
    _may(ctx)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.OPEN)
        if tx.session.get(ExamStart, (shift, 1)) is not None:
            raise OutOfOrder(
                N_("The start of shift {n} is written down already (p.33)."),
                next_step=N_("Correct it with a reason where it is wrong."), n=shift,
            )  # fmt: skip
        return _keep(ctx, tx, shift, 1, begun_at, "")


def correct(ctx: Context, shift: int, begun_at: datetime, reason: str) -> ExamClock:
    """Put a wrong start right, with the reason; refused once envelopes of the shift were closed by identification."""
    _may(ctx)
    if not reason.strip():
        raise UserError(N_("Say why, in words: it stays in the log."))
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.OPEN)
        last = tx.session.scalar(
            select(ExamStart.n).where(ExamStart.shift == shift).order_by(ExamStart.n.desc()).limit(1)
        )
        if last is None:
            raise OutOfOrder(N_("The start of shift {n} is not written down yet (p.33)."), n=shift)
        return _keep(ctx, tx, shift, last + 1, begun_at, reason.strip()[:300])


def _may(ctx: Context) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)


def _keep(
    ctx: Context, tx: Transaction, shift: int, n: int, begun_at: datetime | None, reason: str
) -> ExamClock:
    now = ctx.clock.now().replace(microsecond=0)
    begun = begun_at or now
    if begun - now > LATEST / 24 or now - begun > 12 * LATEST or begun.date() != now.date():
        raise UserError(N_("The start must lie on this day, and not after this moment (p.33). Nothing was changed."))
    tx.session.add(
        ExamStart(shift=shift, n=n, begun_at=begun.isoformat(timespec="seconds"), reason=reason, at=stamp(ctx),
                  by=ctx.actor.name)
    )  # fmt: skip
    event = "exam-start-corrected" if reason else "exam-started"
    tx.note(event, f"shift-{shift}", begun_at=begun.isoformat(timespec="seconds"), reason=reason)
    return ExamClock(begun, hall_sheets.exam_profile(tx.session).minutes_net)
