"""Halls, buildings and signs that were deleted or replaced, brought back as they stood, the newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.direction_signs import SIGNS, sign_values
from mab_desktop.storage.tables.fund import DirectionSign, FundDeleted
from mab_desktop.storage.tables.halls import Building, Hall

HALL, BUILDING = "hall", "building"


def bring_back(ctx: Context, kind: str) -> str:
    """Bring back what was deleted last; its number. Refused where the number is used anew or the building is gone."""
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
    with ctx.store.write(ctx.actor) as tx:
        row = _last(tx.session, kind)
        if row is None:
            raise UserError(N_("Nothing was deleted that could be brought back."))
        table: Any = Hall if kind == HALL else Building
        if tx.session.get(table, (ctx.university, row.key)) is not None:
            raise UserError(
                N_("The number {number} is used again."), next_step=N_("Change that number first."), number=row.key
            )
        if kind == HALL and tx.session.get(Building, (ctx.university, row.values["building"])) is None:
            raise UserError(
                N_("Hall {hall} stood in building {building}, which is deleted too."),
                next_step=N_("Bring the building back first."), hall=row.key, building=row.values["building"],
            )  # fmt: skip
        tx.session.add(table(base_university=ctx.university, **row.values))
        key = row.key
        tx.session.delete(row)
        tx.note("hall-restored" if kind == HALL else "building-restored", key)
    return key


def bring_back_signs(ctx: Context) -> int:
    """Take back the last deleting or suggesting of signs; how many came back.

    Of the suggested ones those go that stand as they were suggested: what was changed or entered since stays.
    """
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
    with ctx.store.write(ctx.actor) as tx:
        row = _last(tx.session, SIGNS)
        if row is None:
            raise UserError(N_("Nothing was deleted that could be brought back."))
        made, gone = list(row.values["made"]), row.values["gone"]
        for sign in tx.session.scalars(select(DirectionSign)):
            if (values := sign_values(sign)) in made:
                made.remove(values)
                tx.session.delete(sign)
        tx.session.add_all(DirectionSign(**values) for values in gone)
        tx.session.delete(row)
        tx.note("direction-signs-changed", "all", brought_back=len(gone))
    return len(gone)


def _last(session: Session, kind: str) -> FundDeleted | None:
    query = select(FundDeleted).where(FundDeleted.kind == kind).order_by(FundDeleted.id.desc()).limit(1)
    return session.scalars(query).first()
