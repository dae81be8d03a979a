"""The auditorium fund: numbers used once, plans that fit, seats for the whole contingent."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest

from mab_desktop.domain import building_plan
from mab_desktop.domain.building_plan import BuildingPlan, Drawing, Floor, Item, Thing, added, hall_place
from mab_desktop.domain.building_plan import read_plan as read_building_plan
from mab_desktop.domain.calendar import Status
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.hall_plan import NUMBERINGS, HallPlan, Pattern, Place, generated, painted, read_plan
from mab_desktop.domain.organisation import Role
from mab_desktop.omr.site_picture import LONGEST, MOST_BYTES
from mab_desktop.services import building_plans, documents_halls, fund_agreement, halls, home_halls
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Collected
from mab_desktop.services.settings import put_setting
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
    halls.copy_halls(ctx, "101", "102")
    halls.copy_halls(ctx, "101", "201", building="2", floor=2)
    first, second, third = halls.halls(ctx)
    assert first.grid == second.grid == third.grid
    assert (third.building, third.floor, third.seats) == ("2", 2, 3)
    with pytest.raises(Refused):
        halls.copy_halls(ctx, "101", "102")


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
    plan = read_plan(records[1]["plan_json"])
    assert plan is not None
    assert plan.grid == ((2, None, 1),)
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


def test_pillars_and_reserve_stay_and_travel_and_seat_nobody(ctx: Context) -> None:
    contingent(ctx, ("01", "1", 4))
    plan = painted(HallPlan(((1, 2, 3), (4, 5, 6))), [(0, 1)], Place.PILLAR, NUMBERINGS[0])
    plan = painted(plan, [(1, 2)], Place.RESERVED, NUMBERINGS[0])
    halls.save_hall(ctx, hall(rows=2, places_in_row=3, seats=4), plan=plan)
    kept = halls.hall(ctx, "101")
    assert (kept.plan, kept.reserve, kept.grid) == (plan, 1, ((1, 0, 2), (3, 4, 0)))
    halls.save_hall(ctx, kept.values() | {"remark": "терезе"}, number="101")
    assert halls.hall(ctx, "101").plan == plan
    (values,) = (values for kind, values in collect(ctx, "hall-fund", "ntc").records if kind == "hall")
    assert read_plan(values["plan_json"]) == plan
    assert halls.hall_row("013", values).plan["marks"] == [".P.", "..R"]


def test_many_halls_are_copied_at_once_or_none(ctx: Context) -> None:
    halls.save_hall(ctx, hall())
    assert halls.copy_halls(ctx, "101", "301-303, 7", building="2", floor=3) == ["301", "302", "303", "007"]
    assert [(h.number, h.building, h.floor) for h in halls.halls(ctx)][0] == ("007", "2", 3)
    with pytest.raises(Refused, match="stands in building 2 already"):
        halls.copy_halls(ctx, "101", "304, 303")
    with pytest.raises(Refused, match="such as"):
        halls.copy_halls(ctx, "101", "3x")
    assert len(halls.halls(ctx)) == 5


def test_distances_of_the_drawn_plan_are_judged_by_the_profiles_limit(ctx: Context) -> None:
    loose = generated(Pattern(2, 4, every_second=True))
    near = hall(rows=2, places_in_row=4, seats=4, distance=60)
    assert halls.save_hall(ctx, near, plan=loose) == []
    warnings = halls.save_hall(ctx, near | {"row_distance": 90}, number="101", plan=loose)
    assert [w.field for w in warnings] == ["distance"]
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, "profile", {"assumed": {"seat_distance_min_cm": 80, "hall_capacity_max": 3}})
        tx.note("setting-changed", "profile", value={})
    assert halls.limits_of(ctx) == (3, 80)
    assert [w.field for w in halls.hall(ctx, "101").warnings] == ["seats"]


def floors(ctx: Context, code: str, *drawn: tuple[int, str]) -> BuildingPlan:
    """A building with floors 1 and 2 and halls on them."""
    plan = BuildingPlan(Drawing((Item(Thing.ENTRANCE, 3, 3),)), (Floor(1), Floor(2, "Екінші")))
    for number, text in drawn:
        level = plan.floor(number)
        assert level is not None
        plan = plan.with_floor(replace(level, drawing=added(level.drawing, hall_place(level.drawing, text))))
    building_plans.save(ctx, code, plan)
    return plan


def warnings(ctx: Context, code: str) -> list[Problem]:
    """What the page of drawings says of a building."""
    return building_plan.plan_warnings(building_plans.plans(ctx, code), building_plans.hall_floors(ctx, code))


def test_a_hall_stands_on_a_floor_of_its_building_and_follows_on_its_plan(ctx: Context) -> None:
    halls.save_hall(ctx, hall())
    floors(ctx, "1", (1, "101"))
    assert warnings(ctx, "1") == []
    with pytest.raises(Refused, match="Floors of building 1: 1, 2"):
        halls.save_hall(ctx, hall("102", floor=3))
    halls.save_hall(ctx, hall("111"), number="101")
    assert building_plans.plans(ctx, "1").floor(1).drawing.hall("111") is not None  # type: ignore[union-attr]
    halls.save_hall(ctx, hall("111", floor=2), number="111")
    assert building_plans.plans(ctx, "1").floor(1).drawing.items == ()  # type: ignore[union-attr]
    assert [w.message("en") for w in warnings(ctx, "1")] == ["Hall 111 is not on the plan of floor 2."]
    halls.save_building(ctx, MAIN | {"name": "Басты корпус"})
    assert building_plans.plans(ctx, "1").floors[1].name == "Екінші"
    with pytest.raises(Refused, match="the floor cannot go"):
        building_plans.save(ctx, "1", BuildingPlan(floors=(Floor(1),)))


def test_a_deleted_hall_leaves_its_floor(ctx: Context) -> None:
    halls.save_hall(ctx, hall())
    floors(ctx, "1", (1, "101"))
    halls.delete_hall(ctx, "101")
    assert building_plans.plans(ctx, "1").floor(1).drawing.items == ()  # type: ignore[union-attr]


def test_plans_of_buildings_travel_with_the_fund(ctx: Context) -> None:
    halls.save_hall(ctx, hall())
    plan = floors(ctx, "1", (1, "101"))
    values = [values for kind, values in collect(ctx, "hall-fund", "ntc").records if kind == "building"]
    assert [read_building_plan(v["plan_json"]) if v["plan_json"] else None for v in values] == [plan, None]
    assert halls.plan_of(halls.building_row("013", values[0])) == plan


def test_a_picture_is_made_small_and_goes_when_no_drawing_names_it(ctx: Context, tmp_path: Path) -> None:
    file = tmp_path / "учаске.png"
    rng = np.random.default_rng(1)
    file.write_bytes(cv2.imencode(".png", rng.integers(0, 255, (2000, 3000, 3), np.uint8))[1].tobytes())
    picture = building_plans.open_picture(file)
    assert len(picture.data) <= MOST_BYTES
    shown = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
    assert max(shown.shape) <= LONGEST
    building_plans.save(ctx, "1", BuildingPlan(Drawing(picture=picture.sha256)), [picture])
    assert building_plans.picture(ctx, picture.sha256) == picture.data
    building_plans.save(ctx, "2", BuildingPlan(Drawing(picture=picture.sha256)))
    building_plans.save(ctx, "1", BuildingPlan())
    assert building_plans.picture(ctx, picture.sha256) == picture.data
    building_plans.save(ctx, "2", BuildingPlan())
    assert building_plans.picture(ctx, picture.sha256) == b""
    with pytest.raises(UserError, match="not here"):
        building_plans.save(ctx, "1", BuildingPlan(Drawing(picture=picture.sha256)))
    assert building_plans.plans(ctx, "1").is_empty


def test_a_file_that_is_no_picture_is_not_taken(tmp_path: Path) -> None:
    for name, data in (("a.png", b"%PDF-1.4"), ("b.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 99)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match=name):
            building_plans.open_picture(tmp_path / name)
    with pytest.raises(UserError, match=r"missing\.png"):
        building_plans.open_picture(tmp_path / "missing.png")
