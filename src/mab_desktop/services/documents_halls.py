"""The auditorium fund's papers (p.4, p.17): hall fund data with the contingent, and the plans of halls."""

from __future__ import annotations

from collections import defaultdict

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.forms import hall_fund, hall_plan
from mab_desktop.forms.page import DocumentHead
from mab_desktop.i18n import N_
from mab_desktop.services import halls
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.halls import BuildingRow, HallRow
from mab_desktop.services.imprint import imprint, official, university_name
from mab_desktop.services.settings import reference_list


def print_hall_fund(ctx: Context) -> Document:
    """Hall fund data «Аудитория қоры туралы мәліметтер»: halls by building, and the contingent against their seats."""
    _may_print(ctx)
    found = halls.halls(ctx)
    if not found:
        raise OutOfOrder(N_("No hall is entered."))
    by_building: dict[str, list[HallRow]] = defaultdict(list)
    for row in found:
        by_building[row.building].append(row)
    groups = tuple(
        hall_fund.BuildingHalls(f"{b.code}. {b.name}, {b.address}", tuple(_line(row) for row in by_building[b.code]))
        for b in halls.buildings(ctx)
        if by_building[b.code]
    )
    balance = halls.seat_balance(ctx)
    with ctx.store.read() as session:
        directions, languages = reference_list(session, "direction"), reference_list(session, "study_language")
        coordinator, programmer = official(session, "coordinator"), official(session, "programmer")
    contingent = tuple(
        hall_fund.ContingentLine(
            f"{n.direction} {directions[n.direction].name(ctx.lang)}" if n.direction in directions else n.direction,
            languages[n.language].name(ctx.lang) if n.language in languages else n.language, n.students,
        )
        for n in balance.lines
    )  # fmt: skip
    top, officer = _top(ctx), str(halls.agreement(ctx).get("officer", ""))

    def draw(printing: Printing) -> bytes:
        whole = hall_fund.HallFund(top, imprint(printing, 2), groups, contingent, balance.shifts, coordinator,
                                   programmer or ctx.actor.name, officer)  # fmt: skip
        return hall_fund.draw(whole, lang=printing.lang)

    return print_document(ctx, "hall-fund", "", draw, copies=2)


def print_hall_plans(ctx: Context, number: str = "", building: str = "") -> Document:
    """The plan of one hall, of a building's halls, or of all: a page each (p.4)."""
    _may_print(ctx)
    found = [halls.hall(ctx, number)] if number else halls.halls(ctx, building)
    if not found:
        raise OutOfOrder(N_("No hall is entered."))
    names = {b.code: b for b in halls.buildings(ctx)}
    with ctx.store.read() as session:
        coordinator = official(session, "coordinator")

    def draw(printing: Printing) -> bytes:
        plans = (
            hall_plan.HallPlan(_top(ctx, names.get(row.building), row.number), imprint(printing), row.grid, coordinator)
            for row in found
        )
        return hall_plan.draw(*plans, lang=printing.lang)

    return print_document(ctx, "hall-plan", number or building or "all", draw)


def _line(row: HallRow) -> hall_fund.HallLine:
    return hall_fund.HallLine(
        str(row.floor), row.number, row.kind, row.rows, row.places_in_row, row.seats, row.distance, bool(row.board),
        bool(row.camera), row.remark or "",
    )  # fmt: skip


def _top(ctx: Context, building: BuildingRow | None = None, hall: str = "") -> DocumentHead:
    with ctx.store.read() as session:
        name = university_name(session, ctx.university, ctx.lang)
    place = f"{building.code}. {building.name}" if building else ""
    return DocumentHead(ctx.season.year, name, building=place, hall=hall)


def _may_print(ctx: Context) -> None:
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
