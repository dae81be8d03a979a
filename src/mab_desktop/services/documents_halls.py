"""The auditorium fund's papers (p.4, p.17, p.24): the fund's data, plans, labels and signs, what changed."""

from __future__ import annotations

from collections import defaultdict

from mab_desktop.domain.building_plan import Drawing
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.fund_change import WORDS, Change, shown_value
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.forms import (
    building_plan,
    direction_sign,
    fund_change_list,
    hall_directory,
    hall_fund,
    hall_plan,
    hall_sign,
    seat_labels,
)
from mab_desktop.forms.page import DocumentHead
from mab_desktop.i18n import N_, translate
from mab_desktop.services import building_plans, direction_signs, fund_agreement, fund_versions, hall_choice, halls
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.halls import BuildingRow, HallRow
from mab_desktop.services.imprint import imprint, official, university_name
from mab_desktop.services.settings import reference_list

LABEL_LAYOUTS = seat_labels.LAYOUTS


def print_hall_fund(ctx: Context) -> Document:
    """Hall fund data «Аудитория қоры туралы мәліметтер»: halls by building, and the contingent against their seats."""
    _may_print(ctx)
    found = _taken(ctx)
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
        coordinator, programmer = official(session, PersonRole.COORDINATOR), official(session, PersonRole.PROGRAMMER)
        going = fund_versions.going(ctx, session)
    contingent = tuple(
        hall_fund.ContingentLine(
            f"{n.direction} {directions[n.direction].name(ctx.lang)}" if n.direction in directions else n.direction,
            languages[n.language].name(ctx.lang) if n.language in languages else n.language, n.students,
        )
        for n in balance.lines
    )  # fmt: skip
    top, officer = _top(ctx), fund_agreement.standing(ctx).officer

    def draw(printing: Printing) -> bytes:
        whole = hall_fund.HallFund(top, imprint(printing, 2), groups, contingent, balance.shifts, coordinator,
                                   programmer or ctx.actor.name, officer, going.number, going.shown)  # fmt: skip
        return hall_fund.draw(whole, lang=printing.lang)

    return print_document(ctx, "hall-fund", "", draw, copies=2)


def print_hall_plans(ctx: Context, number: str = "", building: str = "") -> Document:
    """The plan of one hall, of a building's halls, or of all: a page each (p.4)."""
    _may_look(ctx)
    found = _taken(ctx, building, number)
    names = {b.code: b for b in halls.buildings(ctx)}
    with ctx.store.read() as session:
        coordinator = official(session, PersonRole.COORDINATOR)

    def draw(printing: Printing) -> bytes:
        plans = (
            hall_plan.HallPlan(_top(ctx, names.get(row.building), row.number), imprint(printing), row.grid, coordinator,
                               row.plan.marks)
            for row in found
        )
        return hall_plan.draw(*plans, lang=printing.lang)

    return print_document(ctx, "hall-plan", number or building or "all", draw)


def print_building_plans(ctx: Context, building: str = "") -> Document:
    """Where the halls are on each floor (p.4): a page each for the floors of a building, or of all."""
    return _drawings(ctx, building, site=False)


def print_site_plans(ctx: Context, building: str = "") -> Document:
    """Where a building stands on the site (p.4), with its address and how to get there."""
    return _drawings(ctx, building, site=True)


def _drawings(ctx: Context, building: str, *, site: bool) -> Document:
    _may_look(ctx)
    with ctx.store.read() as session:
        coordinator = official(session, PersonRole.COORDINATOR)
    found: list[tuple[BuildingRow, Drawing, str | None]] = []
    for row in halls.buildings(ctx):
        if building not in ("", row.code):
            continue
        plan = building_plans.plans(ctx, row.code)
        drawn = [(plan.site, None)] if site else [(f.drawing, f.name or str(f.number)) for f in plan.floors]
        found += [(row, drawing, floor) for drawing, floor in drawn if not drawing.is_empty]
    if not found:
        if ctx.role is Role.NTC:
            raise OutOfOrder(N_("The hall fund of {code} brought no such plan."), code=ctx.university,
                             next_step=N_("The base university draws it and sends the hall fund again."))  # fmt: skip
        raise OutOfOrder(N_("No plan of a building is drawn yet."), next_step=N_("Draw it on the page of buildings."))
    pictures = {drawing.picture: building_plans.picture(ctx, drawing.picture) for _row, drawing, _floor in found}

    def draw(printing: Printing) -> bytes:
        made = (
            building_plan.PlanPage(
                _top(ctx, row), imprint(printing), drawing, floor, pictures[drawing.picture],
                ((N_("Address"), row.address), (N_("How to get there"), row.access or "")) if site else (), coordinator,
            )
            for row, drawing, floor in found
        )  # fmt: skip
        return building_plan.draw(*made, lang=printing.lang)

    return print_document(ctx, "site-plan" if site else "floor-plan", building or "all", draw)


# -- what hangs in the building (p.24) -----------------------------------------------------------------------------


def print_seat_labels(
    ctx: Context, building: str = "", hall: str = "", *, layout: str = "2x5", first: int = 1,
    seats: tuple[int, int] | None = None,
) -> Document:  # fmt: skip
    """Labels for the seats of a hall, of a building or of all; `first` is the first free label of the first sheet.

    `seats` (from, to) prints some seats only, for labels that were lost.
    """
    _may_print(ctx)
    found = _taken(ctx, building, hall)
    low, high = seats or (1, max(row.seats for row in found))
    labels = tuple((row.number, seat) for row in found for seat in range(low, min(high, row.seats) + 1))
    columns, rows = seat_labels.LAYOUTS[layout]
    if not labels or not 1 <= first <= columns * rows:
        raise OutOfOrder(N_("There is no such seat or label."))

    def draw(printing: Printing) -> bytes:
        whole = seat_labels.SeatLabels(_top(ctx), imprint(printing), labels, layout, first)
        return seat_labels.draw(whole, lang=printing.lang)

    return print_document(ctx, "seat-labels", hall or building or "all", draw)


def print_hall_signs(ctx: Context, building: str = "", hall: str = "") -> Document:
    """A sign for the door of each hall: of one, of a building's, or of all."""
    _may_print(ctx)
    found = _taken(ctx, building, hall)
    names = {b.code: b for b in halls.buildings(ctx)}
    languages = {row.number: row.languages for row in hall_choice.choice(ctx).rows}

    def draw(printing: Printing) -> bytes:
        made = (
            hall_sign.HallSign(_top(ctx, names.get(row.building), row.number), imprint(printing), row.floor,
                               "" if ":" in languages[row.number] else languages[row.number])
            for row in found
        )  # fmt: skip
        return hall_sign.draw(*made, lang=printing.lang)

    return print_document(ctx, "hall-signs", hall or building or "all", draw)


def print_direction_signs(ctx: Context, building: str = "", sign: int = 0) -> Document:
    """The signs that show the way: one, a building's, or all."""
    _may_print(ctx)
    found = [row for row in direction_signs.signs(ctx, building) if sign in (0, row.id)]
    if not found:
        raise OutOfOrder(N_("No direction sign is entered. Let them be suggested first."))
    names = {b.code: b for b in halls.buildings(ctx)}

    def draw(printing: Printing) -> bytes:
        made = (
            direction_sign.DirectionSign(_top(ctx, names.get(row.building)), imprint(printing), row.arrow, row.halls,
                                         row.words, row.place)
            for row in found
        )  # fmt: skip
        return direction_sign.draw(*made, lang=printing.lang)

    return print_document(ctx, "direction-signs", str(sign or building or "all"), draw)


def print_hall_directory(ctx: Context, building: str = "") -> Document:
    """The list at the entrance which hall is where: of a building, or of each."""
    _may_look(ctx)
    found = _taken(ctx, building)
    places = [b for b in halls.buildings(ctx) if any(row.building == b.code for row in found)]

    def draw(printing: Printing) -> bytes:
        made = (
            hall_directory.HallDirectory(
                _top(ctx, b), imprint(printing),
                tuple((row.number, row.floor, row.kind, row.seats) for row in found if row.building == b.code),
                b.address, b.access or "",
            )
            for b in places
        )  # fmt: skip
        return hall_directory.draw(*made, lang=printing.lang)

    return print_document(ctx, "hall-directory", building or "all", draw)


def print_fund_changes(ctx: Context, before: int, after: int = fund_versions.NOW) -> Document:
    """What changed from one version of the fund to another, or to the fund of now (p.17)."""
    _may_print(ctx)
    found = fund_versions.changes(ctx, before, after)
    reasons = {version.number: version.reason for version in fund_versions.versions(ctx)}
    lines = tuple(_change_line(change, ctx.lang) for change in found.lines)
    with ctx.store.read() as session:
        coordinator, programmer = official(session, PersonRole.COORDINATOR), official(session, PersonRole.PROGRAMMER)
        reason = reasons.get(after, fund_versions.reason(session))

    def draw(printing: Printing) -> bytes:
        whole = fund_change_list.FundChangeList(
            _top(ctx), imprint(printing), version_name(before, ctx.lang), version_name(after, ctx.lang), lines,
            (found.halls_before, found.halls_after), (found.seats_before, found.seats_after), reason, coordinator,
            programmer or ctx.actor.name,
        )  # fmt: skip
        return fund_change_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "fund-changes", f"{before}-{after or 'now'}", draw)


def version_name(number: int, lang: str) -> str:
    """A version as it is called: «Version 2», or «now»."""
    if number == fund_versions.NOW:
        return translate(lang, N_("The fund as it stands now"))
    return translate(lang, N_("Version {number}")).format(number=number)


def _change_line(change: Change, lang: str) -> tuple[str, str, str, str]:
    name = translate(lang, N_("Hall {number}") if change.kind == "hall" else N_("Building {number}"))
    what = translate(lang, change.field or WORDS[change.what])
    if change.name == "plan_json":
        return name.format(number=change.key), translate(lang, N_("the plan was drawn anew")), "", ""
    before, after = (shown_value(value, lang) for value in (change.before, change.after))
    return name.format(number=change.key), what, before, after


# -- inside --------------------------------------------------------------------------------------------------------


def _taken(ctx: Context, building: str = "", number: str = "") -> list[HallRow]:
    """The halls that are not in reserve; refused when there is none."""
    with ctx.store.read() as session:
        aside = halls.reserve(session)
    found = [halls.hall(ctx, number)] if number else halls.halls(ctx, building)
    found = [row for row in found if row.number not in aside or number]
    if not found:
        raise OutOfOrder(N_("No hall is entered."))
    return found


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


def _may_look(ctx: Context) -> None:
    """The base university prepares the halls (p.24), the centre agrees to them (p.6): both have the plans of the fund.

    At the centre `ctx.university` is the base university whose plans are looked at.
    """
    require(ctx, Role.AUDIT_FUND, Role.BASE_UNI, Role.NTC)
    if ctx.role is not Role.NTC:
        require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)


def _may_print(ctx: Context) -> None:
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
