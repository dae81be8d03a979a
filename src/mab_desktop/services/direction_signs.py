"""Signs that show the way to the halls (p.24): suggested from the floors, changed by hand, printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mab_desktop.domain.building_plan import Drawing
from mab_desktop.domain.direction import ARROW_WORDS, SIGN, Arrow, PlacedHall, left_of_stairs, suggested
from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_, translate
from mab_desktop.services import building_plans, halls
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.halls import keep_deleted
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.fund import DirectionSign

ARROWS = frozenset(arrow.value for arrow in Arrow)
SIGNS = "signs"  # the kind under which `fund_undo` finds what went


@dataclass(frozen=True, slots=True)
class SignRow:
    """A sign; fields as in `domain.direction.SIGN`."""

    id: int
    building: str
    place: str
    arrow: str
    halls: str
    words: str


def signs(ctx: Context, building: str = "") -> list[SignRow]:
    """The signs in the order in which they were made, of one building when named."""
    query = select(DirectionSign).order_by(DirectionSign.building, DirectionSign.id)
    with ctx.store.read() as session:
        return [
            SignRow(row.id, row.building, row.place, row.arrow, row.halls, row.words)
            for row in session.scalars(query)
            if not building or row.building == building
        ]


def arrow_choices(lang: str) -> list[tuple[str, str]]:
    """The arrows as a form offers them."""
    return [(arrow.value, translate(lang, words)) for arrow, words in ARROW_WORDS.items()]


def save(ctx: Context, values: Mapping[str, Any], sign: int = 0) -> None:
    """Enter a sign, or change the sign with this id."""
    _may_sign(ctx)
    if problems := SIGN.problems(values, {"arrow": ARROWS}):
        raise Refused(problems)
    kept = {name: " ".join(str(values.get(name) or "").split()) for name in SIGN.names}
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(DirectionSign, sign) if sign else DirectionSign()
        if row is None:
            raise UserError(N_("This sign is not there any more."))
        for name, value in kept.items():
            setattr(row, name, value)
        tx.session.add(row)
        tx.session.flush()
        tx.note("direction-signs-changed", str(row.id), **kept)


def remove(ctx: Context, sign: int) -> None:
    """Delete a sign."""
    _may_sign(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(DirectionSign, sign)
        if row is None:
            raise UserError(N_("This sign is not there any more."))
        _keep_gone(ctx, tx, [row])
        tx.session.delete(row)
        tx.note("direction-signs-changed", str(sign), deleted=True, place=row.place, halls=row.halls)


def suggest(ctx: Context) -> int:
    """Put the signs that the floors ask for in place of all that are there; how many there are then.

    What went comes back by `fund_undo.bring_back_signs`.
    """
    _may_sign(ctx)
    with ctx.store.read() as session:
        aside = halls.reserve(session)
    rows = []
    for building in halls.buildings(ctx):
        here = halls.halls(ctx, building.code)
        plan = building_plans.plans(ctx, building.code)
        drawn = {floor.number: floor.drawing for floor in plan.floors}
        placed = [
            PlacedHall(row.number, row.floor, left_of_stairs(drawn.get(row.floor, Drawing()), row.number))
            for row in here
            if row.number not in aside
        ]
        for found in suggested(placed):
            rows.append(_suggestion(ctx, building.code, found.floor, found.to_floor, found.arrow, found.halls))
    if not rows:
        raise UserError(N_("No hall is entered."))
    with ctx.store.write(ctx.actor) as tx:
        before = tx.session.scalars(select(DirectionSign).order_by(DirectionSign.id)).all()
        _keep_gone(ctx, tx, before, rows)
        for row in before:
            tx.session.delete(row)
        tx.session.add_all(DirectionSign(**values) for values in rows)
        tx.note("direction-signs-changed", "all", suggested=len(rows))
    return len(rows)


def sign_values(row: DirectionSign) -> dict[str, str]:
    """The fields of a sign."""
    return {name: getattr(row, name) for name in SIGN.names}


def _keep_gone(
    ctx: Context, tx: Transaction, gone: Sequence[DirectionSign], made: Sequence[Mapping[str, str]] = ()
) -> None:
    """Keep the signs that go, and those that come in their place: undoing takes away only what stands as it came."""
    kept = {"gone": [sign_values(row) for row in gone], "made": [dict(values) for values in made]}
    keep_deleted(ctx, tx, SIGNS, str(len(gone)), kept)


def _suggestion(ctx: Context, building: str, floor: int, to_floor: int, arrow: Arrow, numbers: str) -> dict[str, str]:
    entrance, stairs = N_("Entrance, at the stairs"), N_("Floor {number}, at the stairs")
    place = translate(ctx.lang, entrance if floor != to_floor else stairs).format(number=floor)
    words = translate(ctx.lang, N_("Floor {number}")).format(number=to_floor) if floor != to_floor else ""
    return {"building": building, "place": place, "arrow": arrow.value, "halls": numbers, "words": words}


def _may_sign(ctx: Context) -> None:
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
