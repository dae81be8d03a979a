"""The members of the state commission (p.6); halls that have too few duty officers (p.24)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from mab_desktop.domain.carrier_records import DUTY_OFFICER
from mab_desktop.domain.commission import CHAIR, MEMBER_RECORD, ROLES, commission_problems
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.base_university import CommissionMember, DutyOfficer
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.sittings import Sitting, SittingMember
from mab_desktop.storage.tables.students import Allotment

_LEAVING = ("left_on", "left_reason")


def members(ctx: Context, *, left: bool = False) -> list[dict[str, Any]]:
    """The commission: chair, secretary, members, observers, each in Kazakh order; with `left` also those who left."""
    names = (*MEMBER_RECORD.names, *_LEAVING)
    with ctx.store.read() as session:
        rows = [{name: getattr(row, name) for name in names} for row in session.scalars(select(CommissionMember))]
    shown = [row for row in rows if left or row["left_on"] is None]
    return sorted(shown, key=lambda m: (m["left_on"] is not None, ROLES.index(m["role"]), sort_key(m["full_name"])))


def problems(ctx: Context) -> list[Problem]:
    """Why the commission is not complete yet."""
    return commission_problems(members(ctx))


def save_member(ctx: Context, values: Mapping[str, Any]) -> str:
    """Enter or change (`id` given) a member; a second chair is refused at once. Gives the id."""
    require(ctx, Role.BASE_UNI)
    row = _checked(ctx, MEMBER_RECORD, {name: v for name, v in values.items() if name not in _LEAVING})
    if row["role"] not in ROLES:
        raise Refused([Problem("role", N_("{value} is not in the list."), (("value", row["role"]),))])
    with ctx.store.write(ctx.actor) as tx:
        known = tx.session.get(CommissionMember, row["id"])
        if known is not None and known.left_on is not None:
            raise OutOfOrder(N_("Who left the commission stays as written. Enter a member who comes back anew."))
        if row["role"] == CHAIR and set(tx.session.scalars(_standing_chairs())) - {row["id"]}:
            raise Refused([Problem("role", N_("The state commission must have exactly one chair."))])
        tx.session.merge(CommissionMember(**row))
        tx.note("commission-member-saved", row["id"], name=row["full_name"], role=row["role"])
    return str(row["id"])


def leave(ctx: Context, member: str, day: date, reason: str) -> None:
    """Note that somebody belongs to the commission no longer from `day` on; sittings before keep him."""
    require(ctx, Role.BASE_UNI)
    if not reason.strip():
        raise Refused([Problem("reason", N_("Say why he leaves: the order and its number."))])
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(CommissionMember, member)
        if row is None or row.left_on is not None:
            raise UserError(N_("There is no such person on the list."))
        if row.joined_on is not None and day < row.joined_on:
            raise Refused([Problem("day", N_("This day lies before the member came."))])
        row.left_on, row.left_reason = day, reason.strip()[:200]
        tx.note("commission-member-left", member, name=row.full_name, day=day.isoformat(), reason=row.left_reason)


def stay(ctx: Context, member: str) -> None:
    """Take back that somebody left, while no sitting has been held without him since."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(CommissionMember, member)
        if row is None or row.left_on is None:
            raise UserError(N_("There is no such person on the list."))
        held = select(Sitting.number).join(SittingMember, SittingMember.sitting == Sitting.number)
        if tx.session.scalar(held.where(Sitting.day >= row.left_on).limit(1)) is not None:
            raise OutOfOrder(N_("A sitting was held without him. Enter a member who comes back anew."))
        if row.role == CHAIR and tx.session.scalar(_standing_chairs()) is not None:
            raise Refused([Problem("role", N_("The state commission must have exactly one chair."))])
        tx.note("commission-member-stays", member, name=row.full_name, day=row.left_on.isoformat())
        row.left_on = row.left_reason = None


def remove_member(ctx: Context, member: str) -> None:
    """Take somebody entered by mistake off the list; who took part in a sitting stays and leaves with a date."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        sat = session.scalar(select(SittingMember.sitting).where(SittingMember.member == member).limit(1))
    if sat is not None:
        raise OutOfOrder(N_("This person stands in the minutes of a sitting. Enter the day on which he leaves."))
    _remove(ctx, CommissionMember, member, "commission-member-removed")


def duty_officers(ctx: Context, shift: int | None = None, text: str = "") -> list[dict[str, Any]]:
    """Duty officers by place and name; `shift` also gives those who have none."""
    with ctx.store.read() as session:
        rows = [_values(DUTY_OFFICER, row) for row in session.scalars(select(DutyOfficer))]
    if shift is not None:
        rows = [row for row in rows if row["shift"] in (None, shift)]
    if text:
        rows = [row for row in rows if search_form(text) in search_form(f"{row['full_name']} {row['place'] or ''}")]
    return sorted(rows, key=lambda r: (sort_key(r["place"] or ""), r["shift"] or 0, sort_key(r["full_name"])))


def halls_without_duty(ctx: Context) -> list[tuple[int, str, int]]:
    """Halls that are used and have fewer than two duty officers: shift, hall, officers there."""
    with ctx.store.read() as session:
        used = session.execute(select(Allotment.shift, Allotment.hall).distinct()).all()
        officers = session.execute(select(DutyOfficer.shift, DutyOfficer.place)).all()
        known = set(session.scalars(select(Hall.number)))
    found = []
    for shift, hall in sorted(used):
        here = sum(place in (hall, hall.lstrip("0")) and own in (None, shift) for own, place in officers)
        if here < 2 and hall in known:
            found.append((shift, hall, here))
    return found


def _standing_chairs() -> Select[str]:
    return select(CommissionMember.id).where(CommissionMember.role == CHAIR, CommissionMember.left_on.is_(None))


def _checked(ctx: Context, spec: RecordSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a record with every field of its spec, a fresh id when it has none; Refused with its problems."""
    row = {name: values.get(name) if values.get(name) != "" else None for name in spec.names}
    row["id"] = row["id"] or new_id(ctx.entropy)
    unknown = {name: value for name, value in values.items() if name not in spec.names}
    found = spec.problems({**row, **unknown})
    if found:
        raise Refused(found)
    return row


def _values(spec: RecordSpec, row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in spec.names}


def _remove(ctx: Context, table: Any, key: str, event: str) -> None:
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(table, key)
        if row is None:
            raise UserError(N_("There is no such person on the list."))
        tx.note(event, key, name=row.full_name)
        tx.session.delete(row)
