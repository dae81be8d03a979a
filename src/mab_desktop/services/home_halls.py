"""What the auditorium fund's home page tells: duties of p.4-24 as they stand, seats against students."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.calendar import AUDIT_FUND, Figure, HomeView, next_step, standing
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.hall import SeatBalance
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.i18n import N_
from mab_desktop.services import fund_agreement, fund_incomplete, fund_versions, halls
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import finished
from mab_desktop.storage.tables.core import CarrierOut, PrintJob, ReferenceItem

SIGNS = ("seat-labels", "hall-signs", "direction-signs")


def home(ctx: Context) -> HomeView:
    """Everything the home page of the auditorium fund shows."""
    require(ctx, Role.AUDIT_FUND)
    today, balance = ctx.clock.now().date(), halls.seat_balance(ctx)
    buildings, found = halls.buildings(ctx), halls.halls(ctx)
    with ctx.store.read() as session:
        problems = fund_incomplete.problems(session, ctx.university)
        done = _done(ctx, session, balance, bool(buildings), problems)
    hindrances = {"hall-fund": problems, "fund-changes": problems}
    standings = standing(AUDIT_FUND, done, today, year=ctx.season.year, hindrances=hindrances)
    figures = (
        Figure("buildings", N_("Buildings"), len(buildings), page="buildings"),
        Figure("halls", N_("Halls"), len(found), values=tuple(float(row.seats) for row in found), page="halls"),
        Figure("seats", N_("Seats in one shift"), balance.seats, page="halls"),
        Figure("contingent", N_("Students expected"), balance.students, page="contingent"),
        Figure("missing", N_("Students without a seat"), balance.missing, balance.students or None, page="contingent"),
    )
    told = tuple(problems) if found else ()
    return HomeView(today, standings, next_step(standings), figures, told, not buildings)


def _done(
    ctx: Context, session: Session, balance: SeatBalance, buildings: bool, problems: list[Problem]
) -> frozenset[str]:
    agreement = fund_agreement.standing_in(ctx, session)
    sent = session.scalar(
        select(func.count())
        .select_from(CarrierOut)
        .where(CarrierOut.kind == "hall-fund", CarrierOut.recipient == NTC_CODE, CarrierOut.state != "built")
    )
    facts = {
        "reference": bool(session.scalar(select(func.count()).select_from(ReferenceItem))),
        "contingent": balance.students > 0,
        "buildings": buildings,
        "halls": not problems,
        "agreed": agreement.state is fund_agreement.State.AGREED and not agreement.changed_since,
        "hall-fund": bool(sent),
        "fund-changes": bool(sent) and not fund_versions.changed_since_sent(ctx, session),
        "signs": _signs_printed(session),
    }
    return frozenset(key for key, is_done in facts.items() if is_done)


def _signs_printed(session: Session) -> bool:
    """Whether halls, seats and ways were all marked: each of the three papers came out at least once."""
    made = set(session.scalars(select(PrintJob.document).where(PrintJob.document.in_(SIGNS), finished()).distinct()))
    return made == set(SIGNS)
