"""The auditorium fund (p.4, p.6, p.17): buildings, halls and their plans, and whether they hold the contingent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain import building_plan
from mab_desktop.domain.building_plan import BuildingPlan
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.hall import (
    BUILDING,
    HALL,
    NEAREST,
    Grid,
    Need,
    SeatBalance,
    balance,
    default_grid,
    full_number,
    hall_warnings,
    new_numbers,
    plan_problems,
)
from mab_desktop.domain.hall_plan import HallPlan, Place, plan_data, plan_from, plan_json
from mab_desktop.domain.hall_plan import read_plan as read_hall_plan
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.drafts import drop_draft
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.fund import FundDeleted
from mab_desktop.storage.tables.halls import Building, Contingent, Hall

PLANNED_SHIFTS = "planned-shifts"
HALL_CHOICE = "hall-choice"  # {"reserve": numbers of halls, "before": earlier states of that list, the newest last}


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """A building with the number of its halls and their seats."""

    code: str
    name: str
    address: str
    access: str | None
    halls: int
    seats: int
    plan: BuildingPlan = BuildingPlan()

    @property
    def floors(self) -> int:
        """How many floors it has."""
        return len(self.plan.floors)

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
    row_distance: int | None
    board: bool | None
    camera: bool | None
    remark: str | None
    plan: HallPlan
    warnings: tuple[Problem, ...] = ()

    @property
    def grid(self) -> Grid:
        """Where the seats are: a number, 0 for a place without one, None for an aisle."""
        return self.plan.grid

    @property
    def aisles(self) -> int:
        """Aisles from edge to edge."""
        return self.plan.aisles()

    @property
    def reserve(self) -> int:
        """Places kept for seats that turn out faulty."""
        return self.plan.count(Place.RESERVED)

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
            BuildingRow(b.code, b.name, b.address, b.access, *counted.get(b.code, (0, 0)), plan_of(b))
            for b in session.scalars(query)
        ]


def halls(ctx: Context, building: str = "") -> list[HallRow]:
    """The halls by number, of one building when named."""
    with ctx.store.read() as session:
        limits = hall_limits(session)
        query = select(Hall).where(Hall.base_university == ctx.university).order_by(Hall.number)
        if building:
            query = query.where(Hall.building == building)
        return [_hall_row(row, *limits) for row in session.scalars(query)]


def hall(ctx: Context, number: str) -> HallRow:
    """One hall."""
    for row in halls(ctx):
        if row.number == full_number(number):
            return row
    raise _no_hall(number)


def limits_of(ctx: Context) -> tuple[int, int]:
    """The most seats of a hall, and the cm between seats under which it is warned about."""
    with ctx.store.read() as session:
        return hall_limits(session)


def hall_limits(session: Session) -> tuple[int, int]:
    """The same from a session: what the exam profile says, else our own."""
    assumed = setting(session, "profile").get("assumed", {})
    return int(assumed.get("hall_capacity_max", 100)), int(assumed.get("seat_distance_min_cm", NEAREST))


def seat_balance(ctx: Context, shifts: int = 0) -> SeatBalance:
    """The contingent against the seats planned, live (p.17); `shifts` 0 takes the number of sittings planned."""
    with ctx.store.read() as session:
        needs = contingent(session, ctx.university)
        rows = session.execute(select(Hall.number, Hall.seats).where(Hall.base_university == ctx.university))
        aside = reserve(session)
        seats = [seats for number, seats in rows if number not in aside]
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


def reserve(session: Session) -> frozenset[str]:
    """Numbers of the halls that are kept in reserve: they stay here and do not go to the centre."""
    return frozenset(setting(session, HALL_CHOICE).get("reserve", ()))


def fund_problems(session: Session, base_university: str) -> list[Problem]:
    """Why the fund cannot be sent yet: nothing entered, halls without a building, too few seats, plans that differ."""
    known = set(session.scalars(select(Building.code).where(Building.base_university == base_university)))
    found_halls = session.scalars(select(Hall).where(Hall.base_university == base_university)).all()
    found = [] if known else [Problem("building", N_("No building is entered."))]
    if not found_halls:
        found.append(Problem("hall", N_("No hall is entered.")))
    found += [
        Problem(
            "hall",
            N_("Hall {hall}: building {building} is not entered."),
            (("hall", h.number), ("building", h.building)),
        )
        for h in found_halls
        if h.building not in known
    ]
    for row in found_halls:
        found += [Problem("hall", problem.text, problem.params) for problem in plan_problems(grid_of(row), row.seats)]
    needs = contingent(session, base_university)
    aside = reserve(session)
    taken = [row.seats for row in found_halls if row.number not in aside]
    missing = balance(needs, taken, planned_shifts(session)).missing
    if missing:
        found.append(Problem("seats", N_("Students of the contingent without a seat: {n}."), (("n", missing),)))
    return found


# -- changing ----------------------------------------------------------------------------------------------------------


def save_building(ctx: Context, values: Mapping[str, Any]) -> None:
    """Enter a building or change the one with this number."""
    _may_plan(ctx)
    kept = _kept(values, BUILDING.names)
    if problems := BUILDING.problems(kept):
        raise Refused(problems)
    with ctx.store.write(ctx.actor) as tx:
        known = tx.session.get(Building, (ctx.university, kept["code"]))
        plan = known.plan if known is not None else {}
        tx.session.merge(Building(base_university=ctx.university, plan=plan, **kept))
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
        keep_deleted(ctx, tx, "building", code, {name: getattr(row, name) for name in (*BUILDING.names, "plan")})
        tx.session.delete(row)
        tx.note("building-deleted", code, name=row.name)


def save_hall(
    ctx: Context, values: Mapping[str, Any], *, number: str = "", grid: Grid | None = None, plan: HallPlan | None = None
) -> list[Problem]:
    """Enter a hall, or change the hall `number` (its number too); gives the warnings.

    The number must be free in the whole fund, whatever the building (the sheet has cells for the hall alone). Without
    `plan` (or its grid) the drawn plan stays while it fits, else seats are numbered row by row.
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
        drawn = plan or (HallPlan(grid) if grid else _fitting_plan(old, kept))
        if problems := _hall_problems(ctx, tx, kept, number, drawn.grid):
            raise Refused(problems)
        if old is not None:
            _follow_on_drawings(tx, old, kept)
        if old is not None and old.number != kept["number"]:
            _move_choice(tx, old.number, str(kept["number"]))
            tx.session.delete(old)
            tx.session.flush()
        tx.session.merge(Hall(base_university=ctx.university, plan=plan_data(drawn), **kept))
        drop_draft(tx, HALL.name)
        tx.note("hall-saved", kept["number"], before=full_number(number) if number else "", **kept)
        maximum, nearest = hall_limits(tx.session)
    return hall_warnings(kept, maximum, drawn, nearest)


def copy_halls(ctx: Context, number: str, numbers: str, building: str = "", floor: int | None = None) -> list[str]:
    """Enter halls like another one, all or none; `numbers` as typed: "302", "301-305, 310". Their full numbers."""
    _may_plan(ctx)
    wanted = new_numbers(numbers)
    if not wanted:
        raise Refused([Problem("number", N_("Type numbers such as 302 or 301-305."))])
    like = hall(ctx, number)
    changes = ({"building": building} if building else {}) | ({"floor": floor} if floor is not None else {})
    with ctx.store.write(ctx.actor) as tx:
        for new in wanted:
            kept = like.values() | changes | {"number": new}
            problems = HALL.problems(kept) or _hall_problems(ctx, tx, kept, "", like.grid)
            if problems:
                raise Refused(problems)
            tx.session.add(Hall(base_university=ctx.university, plan=plan_data(like.plan), **kept))
            tx.session.flush()
            tx.note("hall-saved", new, before="", like=like.number, **kept)
    return wanted


def delete_hall(ctx: Context, number: str) -> None:
    """Delete a hall."""
    _may_plan(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Hall, (ctx.university, full_number(number)))
        if row is None:
            raise _no_hall(number)
        keep_deleted(ctx, tx, "hall", row.number, {n: getattr(row, n) for n in (*HALL.names, "plan")})
        _change_drawings(tx, row.base_university, row.building, lambda plan: plan.without_hall(row.number))
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


def take_contingent(ctx: Context, tx: Transaction, lines: list[Mapping[str, Any]]) -> int:
    """Put the centre's contingent in place of the one at hand (p.17); the number of students."""
    tx.session.execute(delete(Contingent).where(Contingent.base_university == ctx.university))
    if lines:
        tx.session.execute(insert(Contingent), [{"base_university": ctx.university, **line} for line in lines])
    students = sum(int(line["students"]) for line in lines)
    tx.note("contingent-taken", ctx.university, students=students, lines=len(lines))
    return students


def hall_records(session: Session, base_university: str) -> list[tuple[str, dict[str, Any]]]:
    """Buildings and the halls taken as carriers hold them (`HALL_RECORD` with its plan), in a fixed order."""
    aside = reserve(session)
    found: list[tuple[str, dict[str, Any]]] = []
    known = select(Building).where(Building.base_university == base_university).order_by(Building.code)
    for row in session.scalars(known):
        found.append(("building", building_values(row)))
    for place in session.scalars(select(Hall).where(Hall.base_university == base_university).order_by(Hall.number)):
        if place.number in aside:
            continue
        found.append(("hall", hall_values(place)))
    return found


# -- inside ------------------------------------------------------------------------------------------------------------


def _may_plan(ctx: Context) -> None:
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)


def keep_deleted(ctx: Context, tx: Transaction, kind: str, key: str, values: dict[str, Any]) -> None:
    """Keep a row that is deleted, so that it can be brought back (`fund_undo`)."""
    tx.session.add(FundDeleted(kind=kind, key=key, values=values, at=stamp(ctx), by=ctx.actor.login))


def _move_choice(tx: Transaction, old: str, new: str) -> None:
    """A hall in reserve stays there under its new number."""
    choice = setting(tx.session, HALL_CHOICE)
    if old in choice.get("reserve", ()):
        put_setting(tx, HALL_CHOICE, {**choice, "reserve": [new if n == old else n for n in choice["reserve"]]})


def _kept(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: values.get(name) for name in names}
    return {name: (" ".join(v.split()) or None) if isinstance(v, str) else v for name, v in kept.items()}


def _hall_problems(ctx: Context, tx: Transaction, kept: Mapping[str, Any], number: str, grid: Grid) -> list[Problem]:
    found = []
    home = tx.session.get(Building, (ctx.university, kept["building"]))
    if home is None:
        found.append(Problem("building", N_("There is no building {building}."), (("building", kept["building"]),)))
    elif (floors := plan_of(home).floors) and kept["floor"] not in {floor.number for floor in floors}:
        shown = ", ".join(str(floor.number) for floor in floors)
        found.append(Problem("floor", N_("Floors of building {building}: {floors}."),
                             (("building", home.code), ("floors", shown))))  # fmt: skip
    other = tx.session.get(Hall, (ctx.university, kept["number"]))
    if other is not None and kept["number"] != (full_number(number) if number else ""):
        found.append(
            Problem(
                "number", N_("Hall {hall} stands in building {building} already; a number is used once in the fund."),
                (("hall", kept["number"]), ("building", other.building)),
            )
        )  # fmt: skip
    return found + plan_problems(grid, kept["seats"])


def _fitting_plan(old: Hall | None, kept: Mapping[str, Any]) -> HallPlan:
    size = (kept["rows"], kept["places_in_row"])
    if old is not None:
        drawn = drawn_plan(old)
        by_hand = bool(drawn.marks) or any(None in row for row in drawn.grid)
        if not plan_problems(drawn.grid, kept["seats"]) and (by_hand or (drawn.rows, drawn.columns) == size):
            return drawn
    return HallPlan(default_grid(*size, kept["seats"]))


def _follow_on_drawings(tx: Transaction, old: Hall, kept: Mapping[str, Any]) -> None:
    """A hall that moves leaves the plan of its floor; one that is numbered anew is so there too."""
    number, new = old.number, str(kept["number"])
    if (old.building, old.floor) != (kept["building"], kept["floor"]):
        _change_drawings(tx, old.base_university, old.building, lambda plan: plan.without_hall(number))
    elif number != new:
        _change_drawings(tx, old.base_university, old.building, lambda plan: plan.renamed_hall(number, new))


def _change_drawings(tx: Transaction, base: str, building: str, change: Callable[[BuildingPlan], BuildingPlan]) -> None:
    row = tx.session.get(Building, (base, building))
    if row is not None and row.plan:
        row.plan = building_plan.plan_data(change(plan_of(row)))


def drawn_plan(row: Hall) -> HallPlan:
    """The plan of a hall as drawn, or seats row by row where none was."""
    stored = plan_from(row.plan) if row.plan else None
    return stored or HallPlan(default_grid(row.rows, row.places_in_row, row.seats))


def grid_of(row: Hall) -> Grid:
    """The seats of that plan."""
    return drawn_plan(row).grid


def plan_of(row: Building) -> BuildingPlan:
    """The plans of a building; an empty one where nothing is drawn."""
    return (building_plan.plan_from(row.plan) if row.plan else None) or BuildingPlan()


def _hall_row(row: Hall, maximum: int, nearest: int) -> HallRow:
    values, plan = {name: getattr(row, name) for name in HALL.names}, drawn_plan(row)
    return HallRow(**values, plan=plan, warnings=tuple(hall_warnings(values, maximum, plan, nearest)))


# -- on a carrier ------------------------------------------------------------------------------------------------------


def building_values(row: Building) -> dict[str, Any]:
    """A building as carriers hold it (`BUILDING_RECORD`)."""
    plan = plan_of(row)
    drawn = "" if plan.is_empty else building_plan.plan_json(plan)
    return {**{name: getattr(row, name) for name in BUILDING.names}, "plan_json": drawn}


def hall_values(row: Hall) -> dict[str, Any]:
    """A hall as carriers hold it (`HALL_RECORD`)."""
    return {**{name: getattr(row, name) for name in HALL.names}, "plan_json": plan_json(drawn_plan(row))}


def building_row(base: str, values: Mapping[str, Any]) -> Building:
    """A carried building as it is stored."""
    plan = building_plan.read_plan(values.get("plan_json") or "")
    kept = {name: values.get(name) for name in BUILDING.names}
    return Building(base_university=base, plan=building_plan.plan_data(plan) if plan else {}, **kept)


def hall_row(base: str, values: Mapping[str, Any]) -> Hall:
    """A carried hall as it is stored."""
    plan = read_plan(values.get("plan_json"), values["rows"], values["places_in_row"], values["seats"])
    kept = {name: values.get(name) for name in HALL.names}
    return Hall(base_university=base, plan=plan_data(plan), **kept)


def read_plan(carried: str | None, rows: int, places_in_row: int, seats: int) -> HallPlan:
    """A carried plan, or the plain one when there is none."""
    return (read_hall_plan(carried) if carried else None) or HallPlan(default_grid(rows, places_in_row, seats))


def _no_hall(number: str) -> UserError:
    return UserError(N_("There is no hall {hall}."), hall=number)
