"""A hall fund with too few seats: it goes to the centre only for a reason that is written down (p.6, p.17).

What makes a fund unreadable (a hall without a building, a plan that contradicts its seats) is never sent for a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services import halls, sent_incomplete
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierIn

INCOMPLETE = "fund-sent-incomplete"
SEATS = "seats"
_SHORTEST, _LONGEST = 10, 500


@dataclass(frozen=True, slots=True)
class Shortage:
    """Students without a seat now; the last reason for sending so, by whom and when, and how many it was for."""

    missing: int
    reason: str = ""
    at: str = ""
    by: str = ""
    named: int = 0

    @property
    def covered(self) -> bool:
        """Nothing lacks, or no more than the reason speaks of."""
        return self.missing <= self.named


def shortage(ctx: Context) -> Shortage:
    """How many students have no seat, and what was said about it."""
    with ctx.store.read() as session:
        return shortage_in(session, ctx.university)


def shortage_in(session: Session, base_university: str) -> Shortage:
    """The same within a session."""
    return _shortage(session, halls.fund_problems(session, base_university))


def brought(ctx: Context) -> int:
    """Students without a seat as the newest fund that came here says: for those to whom it is sent."""
    query = select(CarrierIn.manifest).where(CarrierIn.kind == "hall-fund", CarrierIn.set_aside.is_(False))
    with ctx.store.read() as session:
        newest = session.scalars(query.order_by(CarrierIn.accepted_at.desc(), CarrierIn.seq.desc()).limit(1)).first()
    return int(newest["control_sums"].get("without_seat", 0)) if newest else 0


def brought_reason(ctx: Context) -> str:
    """What lacks in the newest fund that came here, and why, in a line; "" when nothing does."""
    with ctx.store.read() as session:
        said = sent_incomplete.newest(session, "hall-fund")
    return sent_incomplete.words(said, ctx.lang) if said else ""


def problems(session: Session, base_university: str) -> list[Problem]:
    """Why the fund may not go: what no reason heals, and a shortage that no reason speaks of."""
    found = halls.fund_problems(session, base_university)
    if _shortage(session, found).covered:
        return [problem for problem in found if problem.field != SEATS]
    return found


def allow(ctx: Context, reason: str) -> None:
    """Let the fund go although seats lack; the reason, for as many as lack now, is kept for good."""
    require(ctx, Role.AUDIT_FUND)
    words = " ".join(reason.split())[:_LONGEST]
    if len(words) < _SHORTEST:
        raise UserError(N_("Write down the reason in a sentence."))
    with ctx.store.write(ctx.actor) as tx:
        missing = shortage_in(tx.session, ctx.university).missing
        if not missing:
            raise OutOfOrder(N_("Every student of the contingent has a seat: no reason is needed (p.17)."))
        kept = {"reason": words, "at": stamp(ctx), "by": ctx.actor.name, "named": missing}
        put_setting(tx, INCOMPLETE, kept)
        tx.note("sent-incomplete", ctx.university, reason=words, without_seat=missing)


def note_sent(ctx: Context, tx: Transaction, digest: str) -> None:
    """Beside the file that went so the log holds why, who said it and when."""
    said = shortage_in(tx.session, ctx.university)
    if said.missing:
        tx.note("sent-incomplete", digest, reason=said.reason, by=said.by, at=said.at, without_seat=said.missing)


def _shortage(session: Session, found: Sequence[Problem]) -> Shortage:
    missing = next((int(dict(problem.params)["n"]) for problem in found if problem.field == SEATS), 0)
    kept = setting(session, INCOMPLETE)
    if not kept:
        return Shortage(missing)
    return Shortage(missing, kept["reason"], kept["at"], kept["by"], kept["named"])
