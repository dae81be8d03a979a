"""The auditorium fund: numbers used once, plans that fit, seats for the whole contingent."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdfium2
import pytest

from mab_desktop.domain.calendar import Status
from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.hall import read_grid
from mab_desktop.domain.organisation import Role
from mab_desktop.services import documents_halls, fund_agreement, halls, home_halls
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Collected
from tests.conftest import MakeContext
from tests.services.people import arrive, collect, obstacles, take

MAIN = {"code": "1", "name": "Бас корпус", "address": "Абай даңғылы, 10", "access": "12-автобус"}
SIDE = {"code": "2", "name": "Спорт корпусы", "address": "Абай даңғылы, 12", "access": None}


def hall(number: str = "101", **changes: Any) -> dict[str, Any]:
    return {
        "building": "1", "number": number, "floor": 1, "kind": "дәрісхана", "rows": 5, "places_in_row": 6, "seats": 28,
        "distance": 150, "board": True, "camera": False, "remark": None,
    } | changes  # fmt: skip


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    made = make_context(Role.AUDIT_FUND, "013")
    for building in (MAIN, SIDE):
        halls.save_building(made, building)
    return made


def contingent(ctx: Context, *lines: tuple[str, str, int]) -> None:
    records = [("contingent", {"direction": d, "language": lang, "students": n}) for d, lang, n in lines]
    take(ctx, arrive(ctx, ctx, "contingent", Collected(records)))


def test_a_hall_number_is_used_once_in_all_buildings(ctx: Context) -> None:
    halls.save_hall(ctx, hall("7"))
    for number in ("007", "07", "7"):
        with pytest.raises(Refused, match="stands in building 1 already"):
            halls.save_hall(ctx, hall(number, building="2"))
    assert [row.number for row in halls.halls(ctx)] == ["007"]


def test_a_hall_moves_to_another_number_and_keeps_its_plan(ctx: Context) -> None:
    grid = ((1, 2, None, 3), (4, 0, None, 5))
    halls.save_hall(ctx, hall(rows=2, places_in_row=4, seats=5), grid=grid)
    halls.save_hall(ctx, hall("205", rows=2, places_in_row=4, seats=5, floor=2), number="101")
    (row,) = halls.halls(ctx)
    assert (row.number, row.floor, row.grid) == ("205", 2, grid)


def test_a_plan_that_does_not_fit_is_refused_and_a_changed_size_draws_anew(ctx: Context) -> None:
    with pytest.raises(Refused, match="missing on the plan"):
        halls.save_hall(ctx, hall(rows=1, places_in_row=3, seats=3), grid=((1, 2, 0),))
    halls.save_hall(ctx, hall(rows=1, places_in_row=3, seats=3))
    halls.save_hall(ctx, hall(rows=2, places_in_row=2, seats=4), number="101")
    assert halls.hall(ctx, "101").grid == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"seats": 31}, "seats"), ({"building": "9"}, "building"), ({"number": ""}, "number"), ({"kind": ""}, "kind"),
     ({"number": "12A"}, "number"), ({"rows": 0}, "rows")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(ctx: Context, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        halls.save_hall(ctx, hall(**changes))
    assert field in {problem.field for problem in refused.value.problems}


def test_a_copied_hall_is_like_the_first(ctx: Context) -> None:
    halls.save_hall(ctx, hall(rows=1, places_in_row=4, seats=3), grid=((3, 2, None, 1),))
    halls.copy_hall(ctx, "101", "102")
    halls.copy_hall(ctx, "101", "201", building="2", floor=2)
    first, second, third = halls.halls(ctx)
    assert first.grid == second.grid == third.grid
    assert (third.building, third.floor, third.seats) == ("2", 2, 3)
    with pytest.raises(Refused):
        halls.copy_hall(ctx, "101", "102")


def test_large_and_crowded_halls_are_warned_about(ctx: Context) -> None:
    warnings = halls.save_hall(ctx, hall(rows=12, places_in_row=10, seats=120, distance=60))
    assert {w.field for w in warnings} == {"seats", "distance"}
    assert {w.field for w in halls.hall(ctx, "101").warnings} == {"seats", "distance"}


def test_a_building_with_halls_stays(ctx: Context) -> None:
    halls.save_hall(ctx, hall())
    with pytest.raises(UserError, match="still has halls"):
        halls.delete_building(ctx, "1")
    halls.delete_hall(ctx, "101")
    halls.delete_building(ctx, "1")
    assert [(b.code, b.halls, b.seats) for b in halls.buildings(ctx)] == [("2", 0, 0)]


def test_seats_are_set_against_the_contingent_live(ctx: Context) -> None:
    contingent(ctx, ("01", "1", 40), ("01", "2", 10), ("05", "1", 20))
    assert halls.seat_balance(ctx).missing == 70
    halls.save_hall(ctx, hall())
    found = halls.seat_balance(ctx)
    assert [(line.direction, line.language, line.missing) for line in found.lines] == [
        ("01", "1", 12), ("01", "2", 10), ("05", "1", 20),
    ]  # fmt: skip
    halls.plan_shifts(ctx, 3)
    assert halls.seat_balance(ctx).missing == 0
    contingent(ctx, ("01", "1", 100))
    assert (halls.seat_balance(ctx).students, halls.seat_balance(ctx).missing) == (100, 16)


def test_the_fund_goes_out_only_when_it_seats_everybody_and_holds_its_plans(ctx: Context) -> None:
    assert obstacles(ctx, "hall-fund", "ntc") == ["No hall is entered."]
    contingent(ctx, ("01", "1", 30))
    halls.save_hall(ctx, hall())
    assert obstacles(ctx, "hall-fund", "ntc") == ["Students of the contingent without a seat: 2."]
    halls.save_hall(ctx, hall("102", rows=1, places_in_row=3, seats=2), grid=((2, None, 1),))
    assert obstacles(ctx, "hall-fund", "ntc") == []
    found = collect(ctx, "hall-fund", "ntc")
    sums = dict(found.control_sums)
    assert (sums["halls"], sums["seats"], sums["version"]) == (2, 30, 1)
    records = [values for kind, values in found.records if kind == "hall"]
    assert read_grid(records[1]["plan_json"]) == ((2, None, 1),)
    assert [values["code"] for kind, values in found.records if kind == "building"] == ["1", "2"]


def test_only_the_auditorium_fund_plans_halls(make_context: MakeContext, ctx: Context) -> None:
    with pytest.raises(UserError, match="another program"):
        halls.save_building(make_context(Role.NETWORK_UNI, "027"), MAIN)
    with pytest.raises(UserError, match="no right"):
        halls.save_building(ctx.as_person("x", "X", "operator"), MAIN)


def test_the_fund_and_its_plans_on_paper(ctx: Context) -> None:
    contingent(ctx, ("01", "1", 30), ("99", "2", 5))
    halls.save_hall(ctx, hall(remark="терезе жағы"))
    halls.save_hall(ctx, hall("201", building="2", rows=3, places_in_row=4, seats=10))
    fund_agreement.note_answer(ctx, fund_agreement.State.AGREED, "Н. Сейітова", date(2011, 3, 10))
    paper = documents_halls.print_hall_fund(ctx)
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(paper.pdf)))
    for wanted in ("Бас корпус", "Абай даңғылы, 12", "101", "5 × 6", "38", "терезе жағы", "Н. Сейітова"):
        assert wanted in text
    assert (paper.copies, paper.number, documents_halls.print_hall_fund(ctx).is_reprint) == (2, 1, True)
    plans = documents_halls.print_hall_plans(ctx)
    assert len(pypdfium2.PdfDocument(io.BytesIO(plans.pdf))) == 2


def test_the_home_page_leads_from_step_to_step(ctx: Context) -> None:
    def standing(key: str) -> Status:
        return next(s.status for s in home_halls.home(ctx).standings if s.key == key)

    assert standing("contingent") is Status.DUE
    assert standing("halls") is Status.BLOCKED
    contingent(ctx, ("01", "1", 28))
    assert home_halls.home(ctx).next.key == "halls"  # type: ignore[union-attr]
    halls.save_hall(ctx, hall())
    assert standing("halls") is Status.DONE
    fund_agreement.note_answer(ctx, fund_agreement.State.AGREED, "Н. Сейітова", date(2011, 3, 10))
    assert home_halls.home(ctx).next.key == "hall-fund"  # type: ignore[union-attr]
    missing = next(f for f in home_halls.home(ctx).figures if f.key == "missing")
    assert (missing.value, missing.out_of) == (0, 28)
