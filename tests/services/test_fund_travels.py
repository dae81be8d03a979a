"""What travels with the hall fund and what stands on its paper: pictures of plans, halls, seats, the fund's digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mab_desktop.domain.building_plan import BuildingPlan, Drawing, Item, Thing
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.services import (
    building_plans,
    centre_season,
    centre_trust,
    direction_signs,
    documents_halls,
    fund_undo,
    hall_choice,
    halls,
    transfer,
    trusting,
)
from mab_desktop.services.carriers_photos import InMemory
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, Collected
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.halls import Building, BuildingPicture
from tests.conftest import MakeContext
from tests.forms.printed_page import texts
from tests.services.authority import make_authority
from tests.services.centre_stand import BASE, enrol
from tests.services.people import arrive, collect, handler_of, take

ENTRANCE = Item(Thing.ENTRANCE, 3, 3, 2, 2)


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    """Two halls in one building, one of them in reserve."""
    made = make_context(Role.AUDIT_FUND, BASE)
    halls.save_building(made, {"code": "1", "name": "Бас корпус", "address": "Абай даңғылы, 10"})
    for number, seats in (("101", 30), ("102", 24), ("203", 12)):
        halls.save_hall(made, {"building": "1", "number": number, "floor": int(number[0]), "kind": "дәрісхана",
                               "rows": 5, "places_in_row": 6, "seats": seats, "distance": 150})  # fmt: skip
    hall_choice.take(made, ["102"], taken=False)
    return made


@pytest.fixture
def centre(make_context: MakeContext, ctx: Context) -> Context:
    """The centre that trusts the fund, and the fund it."""
    made = make_context(Role.NTC)
    make_authority(made)
    enrol(made, ctx)
    with ctx.store.write(ctx.actor) as tx:
        trusting.adopt_in(ctx, tx, trust.verify_list(centre_trust.trust_bytes(made)))
    centre_season.set_contingent(made, BASE, [("01", "1", 20)])
    return made


def picture(folder: Path, shade: int) -> building_plans.NewPicture:
    """A photograph of a site from outside, opened and made small."""
    file = folder / f"site-{shade}.png"
    dots = np.full((300, 400, 3), shade, np.uint8)
    cv2.line(dots, (0, 0), (399, 299), (20, 20, 20), 9)
    file.write_bytes(cv2.imencode(".png", dots)[1].tobytes())
    return building_plans.open_picture(file)


def lay(ctx: Context, under: building_plans.NewPicture) -> None:
    building_plans.save(ctx, "1", BuildingPlan(Drawing((ENTRANCE,), picture=under.sha256)), [under])


def pictures_of(ctx: Context, base: str = BASE) -> dict[str, bytes]:
    """The pictures here that a drawing of this base university lies on."""
    with ctx.store.read() as session:
        row = session.get_one(Building, (base, "1"))
        named = halls.plan_of(row).pictures()
        kept = {p.sha256: p.data for p in session.query(BuildingPicture).filter_by(base_university=base)}
    assert kept.keys() <= named
    return kept


def shade_of(data: bytes) -> int:
    shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    return int(np.median(shown))


def test_a_picture_travels_to_the_centre_and_one_laid_anew_takes_its_place(
    ctx: Context, centre: Context, tmp_path: Path
) -> None:
    first, second = picture(tmp_path, 200), picture(tmp_path, 90)
    lay(ctx, first)
    accepted = transfer.load(centre, transfer.export(ctx, "hall-fund", "ntc", tmp_path).paths[0])
    assert "Pictures under the plans: 1" in [line.text.format(**line.params) for line in accepted.summary]
    (known,) = pictures_of(centre).items()
    assert known[0] == first.sha256
    assert abs(shade_of(known[1]) - 200) <= 2
    lay(ctx, second)
    transfer.load(centre, transfer.export(ctx, "hall-fund", "ntc", tmp_path).paths[0])
    ((name, data),) = pictures_of(centre).items()
    assert name == second.sha256
    assert abs(shade_of(data) - 90) <= 2


def with_picture(sender: Context, receiver: Context, change: Any = None) -> Arrived:
    """The fund as the receiver has it, its enclosed files too; `change` is what somebody did to a file's bytes."""
    found = collect(sender, "hall-fund", "ntc")
    files = {name: file.open("rb").read() for name, file in found.attachments}
    if change is not None:
        files = {name: change(data) for name, data in files.items()}
    return replace(arrive(sender, receiver, "hall-fund", found), attachments=tuple(files), read=files.__getitem__)


def test_the_base_university_gets_it_too_and_keeps_it_over_a_fund_of_an_older_program(
    ctx: Context, make_context: MakeContext, tmp_path: Path
) -> None:
    base = make_context(Role.BASE_UNI, BASE)
    lay(ctx, picture(tmp_path, 200))
    take(base, with_picture(ctx, base))
    before = pictures_of(base)
    assert len(before) == 1
    take(base, with_picture(ctx, base))
    assert pictures_of(base) == before, "what came before is not made again"
    older = with_picture(ctx, base)
    without = [record for record in older.records() if record[0] != "building-picture"]
    take(base, replace(older, records=lambda: iter(without), attachments=()))
    assert pictures_of(base) == before


def test_a_fund_of_an_older_program_brings_drawings_without_pictures(
    ctx: Context, make_context: MakeContext, tmp_path: Path
) -> None:
    base = make_context(Role.BASE_UNI, BASE)
    lay(ctx, picture(tmp_path, 200))
    fund = with_picture(ctx, base)
    without = [record for record in fund.records() if record[0] != "building-picture"]
    take(base, replace(fund, records=lambda: iter(without), attachments=()))
    assert pictures_of(base) == {}
    assert building_plans.plans(base, "1").site.items == (ENTRANCE,)


@pytest.mark.parametrize("change", [lambda data: data[:-1] + b"\0", lambda data: data[:-1], lambda _data: b""])
def test_a_picture_that_is_not_the_one_named_is_refused(
    ctx: Context, make_context: MakeContext, tmp_path: Path, change: Any
) -> None:
    base = make_context(Role.BASE_UNI, BASE)
    lay(ctx, picture(tmp_path, 200))
    with pytest.raises(UserError, match="does not hold a picture that its plans name"):
        take(base, with_picture(ctx, base, change))


def test_a_picture_that_no_drawing_names_is_refused(ctx: Context, make_context: MakeContext, tmp_path: Path) -> None:
    base = make_context(Role.BASE_UNI, BASE)
    lay(ctx, picture(tmp_path, 200))
    fund = with_picture(ctx, base)
    bare = [(kind, {**values, "plan_json": None} if kind == "building" else values) for kind, values in fund.records()]
    with pytest.raises(UserError, match="does not hold a picture that its plans name"):
        take(base, replace(fund, records=lambda: iter(bare)))


def test_the_picture_of_a_deleted_building_comes_back_with_it(ctx: Context, tmp_path: Path) -> None:
    under = picture(tmp_path, 200)
    halls.save_building(ctx, {"code": "2", "name": "Зертхана", "address": "Абай даңғылы, 12"})
    building_plans.save(ctx, "2", BuildingPlan(Drawing((ENTRANCE,), picture=under.sha256)), [under])
    halls.delete_building(ctx, "2")
    building_plans.save(ctx, "1", BuildingPlan(Drawing((ENTRANCE,))))
    fund_undo.bring_back(ctx, fund_undo.BUILDING)
    assert building_plans.picture(ctx, under.sha256) == under.data
    building_plans.save(ctx, "1", BuildingPlan())


# -- the paper -----------------------------------------------------------------------------------------------------


def test_the_signed_paper_and_the_carrier_say_the_same(ctx: Context, centre: Context, tmp_path: Path) -> None:
    paper = "\n".join(texts(documents_halls.print_hall_fund(ctx.speaking("en")).pdf))
    exported = transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    sums = exported.control_sums
    assert (sums["halls"], sums["seats"], sums["version"]) == (2, 42, 1)
    assert f"In all, halls: {sums['halls']} {sums['seats']}" in " ".join(paper.split())
    assert str(sums["fund"]) in paper, "the digest of the fund"
    with ctx.store.read() as session:
        assert session.get_one(CarrierOut, exported.digest).manifest["control_sums"] == dict(sums)
    carried = [v for kind, v in collect(ctx, "hall-fund", "ntc").records if kind == "hall"]
    lines = [line.split() for line in paper.splitlines()]
    for values in carried:
        size = [str(values["rows"]), "×", str(values["places_in_row"]), str(values["seats"])]
        assert any(values["number"] in line and line[4:8] == size for line in lines), values["number"]
    assert not any("102" in line for line in lines), "a hall in reserve stands on neither"
    transfer.load(centre, exported.paths[0])
    halls.save_hall(ctx, halls.hall(ctx, "101").values() | {"seats": 29}, number="101")
    changed = "\n".join(texts(documents_halls.print_hall_fund(ctx.speaking("en")).pdf))
    assert str(sums["fund"]) not in changed
    again = transfer.export(ctx, "hall-fund", "ntc", tmp_path).control_sums
    assert (again["version"], again["seats"]) == (2, 41)
    assert str(again["fund"]) in changed


# -- signs ---------------------------------------------------------------------------------------------------------


def shown(ctx: Context) -> list[tuple[str, str, str]]:
    return [(row.place, row.arrow, row.halls) for row in direction_signs.signs(ctx)]


def test_suggested_signs_are_taken_back_and_what_was_typed_since_stays(ctx: Context) -> None:
    own = {"building": "1", "place": "Қақпа", "arrow": "up", "halls": "101", "words": ""}
    direction_signs.save(ctx, own)
    before = shown(ctx)
    assert direction_signs.suggest(ctx) == len(shown(ctx)) == 3
    assert before[0] not in shown(ctx)
    later = own | {"place": "Аялдама"}
    direction_signs.save(ctx, later)
    assert fund_undo.bring_back_signs(ctx) == 1
    assert sorted(shown(ctx)) == sorted([*before, ("Аялдама", "up", "101")])


def test_a_suggested_sign_that_was_changed_since_is_not_taken_away(ctx: Context) -> None:
    direction_signs.suggest(ctx)
    row = direction_signs.signs(ctx)[0]
    values = {"building": row.building, "place": "Кіреберісте, оң жақта", "arrow": row.arrow, "halls": row.halls}
    direction_signs.save(ctx, values, row.id)
    fund_undo.bring_back_signs(ctx)
    assert [place for place, _arrow, _halls in shown(ctx)] == ["Кіреберісте, оң жақта"]


def test_deleted_signs_come_back_one_after_the_other(ctx: Context) -> None:
    direction_signs.suggest(ctx)
    before = shown(ctx)
    for row in direction_signs.signs(ctx):
        direction_signs.remove(ctx, row.id)
    for left in (1, 2, 3):
        fund_undo.bring_back_signs(ctx)
        assert len(shown(ctx)) == left
    assert sorted(shown(ctx)) == sorted(before)
    with pytest.raises(UserError, match="no right"):
        fund_undo.bring_back_signs(ctx.as_person("x", "X", "operator"))


def test_a_picture_in_memory_is_taken_like_one_of_a_folder(tmp_path: Path) -> None:
    data = picture(tmp_path, 200).data
    assert abs(shade_of(building_plans.open_picture(InMemory("plans/x.jpg", data)).data) - 200) <= 2
    assert handler_of("hall-fund", sending=False).specs["building-picture"].names == ("sha256", "size")


def test_the_base_university_has_the_plans_on_paper(ctx: Context, make_context: MakeContext, tmp_path: Path) -> None:
    base = make_context(Role.BASE_UNI, BASE)
    lay(ctx, picture(tmp_path, 200))
    take(base, with_picture(ctx, base))
    (page,) = texts(documents_halls.print_site_plans(base, "1").pdf)
    assert "Абай даңғылы, 10" in page
    plans = texts(documents_halls.print_hall_plans(base, building="1").pdf)
    assert [number for number in ("101", "102", "203") if any(number in page for page in plans)] == ["101", "203"]
    with pytest.raises(UserError, match="another program"):
        documents_halls.print_hall_fund(base)


def test_seats_numbered_out_of_order_are_warned_about_but_taken_all_the_same(ctx: Context) -> None:
    row = halls.hall(ctx, "101")
    swapped = tuple(tuple({1: 2, 2: 1}.get(n or 0, n) for n in line) for line in row.grid)
    (warning,) = halls.save_hall(ctx, row.values(), number="101", grid=swapped)
    assert warning.message("en") == "Seats are numbered by hand, not line by line from a corner."
    contingent = [("contingent", {"direction": "01", "language": "1", "students": 30})]
    take(ctx, arrive(ctx, ctx, "contingent", Collected(contingent)))
    assert [r.number for r in hall_choice.choice(ctx).rows if r.proposed] == ["101"]
