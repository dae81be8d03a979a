"""Duty officers on the day (p.7.5): drawn to halls by chance from the list that was handed over, once, with a number.

The seed is kept and printed: whoever has the list and the seed draws again and gets the same. Another draw is made only
with a reason, before the exam begins, and bears the next number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import duty_draw
from mab_desktop.domain.duty_draw import CORRIDOR, SEED_BYTES, Officer
from mab_desktop.domain.duty_place import LEAST_OFFICERS
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import exam_clock, hall_sheets, shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.exam import DutyDraw

ALLOWED = (ShiftState.PLANNED, ShiftState.SEATED, ShiftState.OPEN)


@dataclass(frozen=True)
class Placed:
    """A duty officer and where he goes, "" for the corridor."""

    officer: Officer
    place: str


@dataclass(frozen=True)
class Drawn:
    """A finished draw of a shift, by hall and name; the reason is "" for the first one."""

    shift: int
    n: int
    seed: str
    reason: str
    at: str
    by: str
    result: str
    placed: tuple[Placed, ...]

    @property
    def halls(self) -> tuple[str, ...]:
        """The halls, in the order of their numbers."""
        return tuple(dict.fromkeys(one.place for one in self.placed if one.place != CORRIDOR))


def officers(ctx: Context, shift: int) -> tuple[Officer, ...]:
    """Who is on the list of the base university for this shift, in Kazakh order; a person named twice once."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return _officers(session, shift)


def _officers(session: Session, shift: int) -> tuple[Officer, ...]:
    found: dict[tuple[str, str], Officer] = {}
    query = select(DutyOfficer).order_by(DutyOfficer.id)
    for row in session.scalars(query):
        if row.shift in (None, shift):
            person = (" ".join(row.full_name.split()), row.phone or "")
            found.setdefault(person, Officer(row.id, person[0], row.post or "", row.phone or ""))
    return tuple(sorted(found.values(), key=lambda officer: (sort_key(officer.full_name), officer.id)))


def draw(ctx: Context, shift: int, reason: str = "") -> Drawn:
    """Draw the duty officers of a shift. Refused where the list is too short; the second draw needs a reason."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, *ALLOWED)
        last = _last(tx.session, shift)
        _may_draw(tx.session, shift, last, reason)
        listed, halls = _officers(tx.session, shift), hall_sheets.halls_of(tx.session, shift)
        if found := duty_draw.draw_problems(listed, halls):
            raise Refused(found)
        before, seed = _places_before(tx.session, shift), ctx.entropy.bytes(SEED_BYTES)
        places = duty_draw.draw(seed, listed, halls, before)
        content: dict[str, Any] = {
            "officers": [[o.id, o.full_name, o.post, o.phone] for o in listed], "halls": halls, "before": before,
            "per_hall": LEAST_OFFICERS, "places": places,
        }  # fmt: skip
        row = DutyDraw(
            shift=shift, n=last.n + 1 if last else 1, seed=seed.hex(), reason=reason.strip()[:500] if last else "",
            content=content, result=duty_draw.result_digest(places), at=stamp(ctx), by=ctx.actor.name,
        )  # fmt: skip
        tx.session.add(row)
        tx.note("duty-drawn", f"shift-{shift}", n=row.n, seed=row.seed, result=row.result, reason=row.reason)
        return _drawn(row)


def _may_draw(session: Session, shift: int, last: DutyDraw | None, reason: str) -> None:
    if last is None:
        return
    if exam_clock.started_of(session, shift) is not None:
        raise OutOfOrder(
            N_("The exam of shift {n} has begun: a duty officer does not leave the hall any more (p.33)."),
            next_step=N_("Nothing was changed. Write an act about what happened."), n=shift,
        )  # fmt: skip
    if not reason.strip():
        raise UserError(N_("The duty officers are drawn once; say why they are drawn again (p.7)."))


def drawn(ctx: Context, shift: int) -> Drawn | None:
    """The draw that counts; None before the first."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        row = _last(session, shift)
        return _drawn(row) if row else None


def all_draws(ctx: Context, shift: int) -> list[Drawn]:
    """Every draw of a shift, the first on top."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        rows = session.scalars(select(DutyDraw).where(DutyDraw.shift == shift).order_by(DutyDraw.n))
        return [_drawn(row) for row in rows]


def draws_again(ctx: Context, shift: int, n: int) -> bool:
    """Do a kept draw once more from its seed and list: True when the same came out."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        row = session.get(DutyDraw, (shift, n))
        if row is None:
            raise UserError(N_("There is no such draw."))
        kept = row.content
        listed = [Officer(*fields) for fields in kept["officers"]]
        places = duty_draw.draw(bytes.fromhex(row.seed), listed, kept["halls"], kept["before"], kept["per_hall"])
        return places == kept["places"] and duty_draw.result_digest(places) == row.result


def names(session: Session, shift: int, hall: str) -> tuple[str, ...] | None:
    """The officers drawn to a hall, None where nothing was drawn for the shift."""
    row = _last(session, shift)
    return tuple(one.officer.full_name for one in _drawn(row).placed if one.place == hall) if row else None


def _last(session: Session, shift: int) -> DutyDraw | None:
    query = select(DutyDraw).where(DutyDraw.shift == shift).order_by(DutyDraw.n.desc()).limit(1)
    return session.scalars(query).first()


def _places_before(session: Session, shift: int) -> dict[str, str]:
    before = _last(session, shift - 1)
    return {officer: hall for officer, hall in before.content["places"].items() if hall} if before else {}


def _drawn(row: DutyDraw) -> Drawn:
    places = row.content["places"]
    people = [Officer(*fields) for fields in row.content["officers"]]
    placed = [Placed(officer, places[officer.id]) for officer in people]
    placed.sort(key=lambda p: (p.place == CORRIDOR, len(p.place), p.place, sort_key(p.officer.full_name)))
    return Drawn(row.shift, row.n, row.seed, row.reason, row.at, row.by, row.result, tuple(placed))
