"""The auditorium fund (p.4, p.6, p.17): buildings, halls and their plans, and whether they hold the contingent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.hall import (
    BUILDING,
    HALL,
    Grid,
    Need,
    SeatBalance,
    balance,
    default_grid,
    full_number,
    grid_json,
    hall_warnings,
    plan_problems,
    read_grid,
)
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.drafts import drop_draft
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.halls import Building, Contingent, Hall

AGREEMENT = "hall-fund-agreement"
PLANNED_SHIFTS = "planned-shifts"


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """A building with the number of its halls and their seats."""

    code: str
    name: str
    address: str
    access: str | None
    halls: int
    seats: int

    def values(self) -> dict[str, Any]:
        """The fields of `BUILDING`."""
        return {name: getattr(self, name) for name in BUILDING.names}


@dataclass(frozen=True, slots=True)
class HallRow:
    """A hall with its plan."""

    number: str
    building: str
    floor: int
    kind: str
    rows: int
    places_in_row: int
    seats: int
    distance: int | None
    board: bool | None
    camera: bool | None
    remark: str | None
    grid: Grid
    warnings: tuple[Problem, ...] = ()

    def values(self) -> dict[str, Any]:
        """The fields of `HALL`."""
        return {name: getattr(self, name) for name in HALL.names}


# -- reading -----------------------------------------------------------------------------------------------------------


def buildings(ctx: Context) -> list[BuildingRow]:
    """The buildings by number."""
    numbers = (
        select(Hall.building, func.count().label("halls"), func.sum(Hall.seats).label("seats"))
        .where(Hall.base_university == ctx.university)
        .group_by(Hall.building)
    )
    with ctx.store.read() as session:
        counted = {code: (halls, seats) for code, halls, seats in session.execute(numbers)}
        query = select(Building).where(Building.base_university == ctx.university).order_by(Building.code)
        return [
            BuildingRow(b.code, b.name, b.address, b.access, *counted.get(b.code, (0, 0)))
            for b in session.scalars(query)
        ]


def halls(ctx: Context, building: str = "") -> list[HallRow]:
    """The halls by number, of one building when named."""
    with ctx.store.read() as session:
        maximum = int(setting(session, "profile").get("assumed", {}).get("hall_capacity_max", 100))
        query = select(Hall).where(Hall.base_university == ctx.university).order_by(Hall.number)
        if building:
            query = query.where(Hall.building == building)
        return [_hall_row(row, maximum) for row in session.scalars(query)]


def hall(ctx: Context, number: str) -> HallRow:
    """One hall."""
    for row in halls(ctx):
        if row.number == full_number(number):
            return row
    raise _no_hall(number)


def seat_balance(ctx: Context, shifts: int = 0) -> SeatBalance:
    """The contingent against the seats planned, live (p.17); `shifts` 0 takes the number of sittings planned."""
    with ctx.store.read() as session:
        needs = contingent(session, ctx.university)
        seats = session.scalars(select(Hall.seats).where(Hall.base_university == ctx.university)).all()
        shifts = shifts or planned_shifts(session)
    return balance(needs, seats, shifts)


def contingent(session: Session, base_university: str) -> list[Need]:
    """The contingent by direction and language."""
    query = select(Contingent).where(Contingent.base_university == base_university)
    found = session.scalars(query.order_by(Contingent.direction, Contingent.language))
    return [Need(row.direction, row.language, row.students) for row in found]


def planned_shifts(session: Session) -> int:
    """How many sittings the fund is planned for."""
    return int(setting(session, PLANNED_SHIFTS).get("shifts", 1))


def fund_problems(session: Session, base_university: str) -> list[Problem]:
    """Why the fund cannot be sent yet: nothing entered, halls without a building, too few seats, plans that differ."""
    known = set(session.scalars(select(Building.code).where(Building.base_university == base_university)))
    found_halls = session.scalars(select(Hall).where(Hall.base_university == base_university)).all()
    found = [] if known else [Problem("building", N_("No building is entered."))]
    if not found_halls:
        found.append(Problem("hall", N_("No hall is entered.")))
    found += [
        Problem(
            "hall", N_("Hall {hall}: building {building} is not entered."),
            (("hall", h.number), ("building", h.building)),
        )  # fmt: skip
        for h in found_halls
        if h.building not in known
    ]
    for row in found_halls:
        found += [Problem("hall", problem.text, problem.params) for problem in plan_problems(grid_of(row), row.seats)]
    needs = contingent(session, base_university)
    missing = balance(needs, [row.seats for row in found_halls], planned_shifts(session)).missing
    if missing:
        found.append(Problem("seats", N_("Students of the contingent without a seat: {n}."), (("n", missing),)))
    return found


def agreement(ctx: Context) -> dict[str, Any]:
    """The centre's agreement with the fund (p.6): {} or {"date", "officer", "note", "at", "by"}."""
    with ctx.store.read() as session:
        return setting(session, AGREEMENT)


# -- changing ----------------------------------------------------------------------------------------------------------


def save_building(ctx: Context, values: Mapping[str, Any]) -> None:
    """Enter a building or change the one with this number."""
    _may_plan(ctx)
    kept = _kept(values, BUILDING.names)
    if problems := BUILDING.problems(kept):
        raise Refused(problems)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Building(base_university=ctx.university, **kept))
        drop_draft(tx, BUILDING.name)
        tx.note("building-saved", kept["code"], **kept)


def delete_building(ctx: Context, code: str) -> None:
    """Delete a building that has no halls."""
    _may_plan(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Building, (ctx.university, code))
        if row is None:
            raise UserError(N_("There is no building {building}."), building=code)
        if tx.session.scalar(select(func.count()).where(Hall.base_university == ctx.university, Hall.building == code)):
            raise UserError(N_("Building {building} still has halls. Delete or move them first."), building=code)
        tx.session.delete(row)
        tx.note("building-deleted", code, name=row.name)


def save_hall(ctx: Context, values: Mapping[str, Any], *, number: str = "", grid: Grid | None = None) -> list[Problem]:
    """Enter a hall, or change the hall `number` (its number too); gives the warnings.

    The number must be free in the whole fund, whatever the building (the sheet has cells for the hall alone). Without
    `grid` the drawn plan stays while it fits, else seats are numbered row by row.
    """
    _may_plan(ctx)
    kept = _kept(values, HALL.names)
    if kept["number"]:
        kept["number"] = full_number(str(kept["number"]))
    if problems := HALL.problems(kept):
        raise Refused(problems)
    with ctx.store.write(ctx.actor) as tx:
        old = tx.session.get(Hall, (ctx.university, full_number(number))) if number else None
        if number and old is None:
            raise _no_hall(number)
        drawn = grid or _fitting_grid(old, kept)
        problems = _hall_problems(ctx, tx, kept, number, drawn)
        if problems:
            raise Refused(problems)
        if old is not None and old.number != kept["number"]:
            tx.session.delete(old)
            tx.session.flush()
        tx.session.merge(Hall(base_university=ctx.university, plan={"grid": [list(row) for row in drawn]}, **kept))
        drop_draft(tx, HALL.name)
        tx.note("hall-saved", kept["number"], before=full_number(number) if number else "", **kept)
        maximum = int(setting(tx.session, "profile").get("assumed", {}).get("hall_capacity_max", 100))
    return hall_warnings(kept, maximum)


def copy_hall(ctx: Context, number: str, new_number: str, building: str = "", floor: int | None = None) -> None:
    """Enter a hall like another one: everything but its number, and its building or floor when given."""
    like = hall(ctx, number)
    values = like.values() | {"number": new_number}
    if building:
        values["building"] = building
    if floor is not None:
        values["floor"] = floor
    save_hall(ctx, values, grid=like.grid)


def delete_hall(ctx: Context, number: str) -> None:
    """Delete a hall."""
    _may_plan(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Hall, (ctx.university, full_number(number)))
        if row is None:
            raise _no_hall(number)
        tx.session.delete(row)
        tx.note("hall-deleted", row.number, seats=row.seats)


def plan_shifts(ctx: Context, shifts: int) -> None:
    """Set for how many sittings the fund is planned."""
    _may_plan(ctx)
    if not 1 <= shifts <= 99:
        raise Refused([Problem("shifts", N_("Must be from {low} to {high}."), (("low", 1), ("high", 99)))])
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, PLANNED_SHIFTS, {"shifts": shifts})
        tx.note("setting-changed", PLANNED_SHIFTS, value={"shifts": shifts})


def note_agreement(ctx: Context, officer: str, day: str, note: str = "") -> None:
    """Note that the centre agreed to the hall fund (p.6): who there, and on which day (ISO)."""
    _may_plan(ctx)
    if not officer.strip() or not day:
        raise Refused([Problem("officer", N_("Say who at the centre agreed and when."))])
    value = {"officer": officer.strip(), "date": day, "note": note.strip(), "at": stamp(ctx), "by": ctx.actor.login}
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, AGREEMENT, value)
        tx.note("hall-fund-agreed", ctx.university, **value)


def take_contingent(ctx: Context, tx: Transaction, lines: list[Mapping[str, Any]]) -> int:
    """Put the centre's contingent in place of the one at hand (p.17); the number of students."""
    tx.session.execute(delete(Contingent).where(Contingent.base_university == ctx.university))
    if lines:
        tx.session.execute(insert(Contingent), [{"base_university": ctx.university, **line} for line in lines])
    students = sum(int(line["students"]) for line in lines)
    tx.note("contingent-taken", ctx.university, students=students, lines=len(lines))
    return students


def hall_records(session: Session, base_university: str) -> list[tuple[str, dict[str, Any]]]:
    """Buildings and halls as carriers hold them (`HALL_RECORD` with its plan), in a fixed order."""
    found: list[tuple[str, dict[str, Any]]] = []
    known = select(Building).where(Building.base_university == base_university).order_by(Building.code)
    for row in session.scalars(known):
        found.append(("building", {name: getattr(row, name) for name in BUILDING.names}))
    for place in session.scalars(select(Hall).where(Hall.base_university == base_university).order_by(Hall.number)):
        values = {name: getattr(place, name) for name in HALL.names}
        found.append(("hall", {**values, "plan_json": grid_json(grid_of(place))}))
    return found


# -- inside ------------------------------------------------------------------------------------------------------------


def _may_plan(ctx: Context) -> None:
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)


def _kept(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: values.get(name) for name in names}
    return {name: (" ".join(v.split()) or None) if isinstance(v, str) else v for name, v in kept.items()}


def _hall_problems(ctx: Context, tx: Transaction, kept: Mapping[str, Any], number: str, grid: Grid) -> list[Problem]:
    found = []
    if tx.session.get(Building, (ctx.university, kept["building"])) is None:
        found.append(Problem("building", N_("There is no building {building}."), (("building", kept["building"]),)))
    other = tx.session.get(Hall, (ctx.university, kept["number"]))
    if other is not None and kept["number"] != (full_number(number) if number else ""):
        found.append(
            Problem(
                "number", N_("Hall {hall} stands in building {building} already; a number is used once in the fund."),
                (("hall", kept["number"]), ("building", other.building)),
            )
        )  # fmt: skip
    return found + plan_problems(grid, kept["seats"])


def _fitting_grid(old: Hall | None, kept: Mapping[str, Any]) -> Grid:
    drawn = grid_of(old) if old is not None else ()
    if drawn and not plan_problems(drawn, kept["seats"]):
        size = (len(drawn), len(drawn[0]))
        if size == (kept["rows"], kept["places_in_row"]) or any(None in row for row in drawn):
            return drawn
    return default_grid(kept["rows"], kept["places_in_row"], kept["seats"])


def grid_of(row: Hall) -> Grid:
    """The drawn plan, or seats row by row where none was drawn."""
    stored = (row.plan or {}).get("grid")
    return tuple(tuple(line) for line in stored) if stored else default_grid(row.rows, row.places_in_row, row.seats)


def _hall_row(row: Hall, maximum: int) -> HallRow:
    values = {name: getattr(row, name) for name in HALL.names}
    return HallRow(**values, grid=grid_of(row), warnings=tuple(hall_warnings(values, maximum)))


def read_plan(plan_json: str | None, rows: int, places_in_row: int, seats: int) -> Grid:
    """A carried plan, or the plain one when there is none."""
    return (read_grid(plan_json) if plan_json else None) or default_grid(rows, places_in_row, seats)


def _no_hall(number: str) -> UserError:
    return UserError(N_("There is no hall {hall}."), hall=number)
