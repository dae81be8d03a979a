"""The fund on its way to the centre: halls chosen, versions frozen as they went, agreement, deleted halls back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mab_desktop.domain.calendar import Status
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.fund_change import What, change_words
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.services import (
    carrier_history,
    centre_board,
    centre_season,
    centre_trust,
    fund_agreement,
    fund_incomplete,
    fund_undo,
    fund_versions,
    hall_choice,
    halls,
    home_halls,
    transfer,
    trusting,
)
from mab_desktop.services.context import Context
from mab_desktop.services.fund_agreement import State
from mab_desktop.services.handlers import Collected
from mab_desktop.services.settings import put_setting
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn
from tests.conftest import MakeContext
from tests.services.authority import make_authority
from tests.services.centre_stand import BASE, enrol
from tests.services.people import arrive, obstacles, take

MAIN = {"code": "1", "name": "Бас корпус", "address": "Абай даңғылы, 10", "access": None}
Write = Callable[[], Path]


def hall(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "building": "1", "number": number, "floor": 1, "kind": "дәрісхана", "rows": 5, "places_in_row": 6, "seats": 30,
        "distance": 150, "board": True, "camera": False, "remark": None,
    } | changes  # fmt: skip


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    """A fund of four halls: 30 and 20 seats, 20 with seats too near, 120 in one room; 40 Kazakh and 18 Russian."""
    made = make_context(Role.AUDIT_FUND, BASE)
    halls.save_building(made, MAIN)
    halls.save_hall(made, hall("101"))
    halls.save_hall(made, hall("102", rows=4, places_in_row=5, seats=20))
    halls.save_hall(made, hall("103", rows=4, places_in_row=5, seats=20, distance=60))
    halls.save_hall(made, hall("104", rows=12, places_in_row=10, seats=120))
    contingent(made, ("01", "1", 30), ("07", "1", 10), ("01", "2", 18))
    return made


def contingent(ctx: Context, *lines: tuple[str, str, int]) -> None:
    records = [("contingent", {"direction": d, "language": lang, "students": n}) for d, lang, n in lines]
    take(ctx, arrive(ctx, ctx, "contingent", Collected(records)))


def taken(ctx: Context) -> list[str]:
    return [row.number for row in hall_choice.choice(ctx).rows if row.taken]


# -- which halls ---------------------------------------------------------------------------------------------------


def test_the_proposal_is_accepted_changed_by_hand_and_taken_back_step_by_step(ctx: Context) -> None:
    halls.plan_shifts(ctx, 2)
    assert taken(ctx) == ["101", "102", "103", "104"], "until somebody chooses, every hall is taken"
    found = hall_choice.choice(ctx)
    assert [row.number for row in found.rows if row.proposed] == ["101", "102"]
    assert found.sentence == (
        "2 halls with 50 seats hold 58 students in 2 shifts; 42 seats stay empty over all shifts. "
        "Fewest would be 1 hall less, but then two languages would share a hall."
    )
    assert [row.languages for row in found.rows[2:]] == ["", ""]
    hall_choice.accept(ctx)
    assert (taken(ctx), halls.seat_balance(ctx).seats) == (["101", "102"], 50)
    assert hall_choice.choice(ctx).agrees
    hall_choice.take(ctx, ["103"], taken=True)
    hall_choice.take(ctx, ["101"], taken=False)
    assert taken(ctx) == ["102", "103"]
    for wanted in (["101", "102", "103"], ["101", "102"], ["101", "102", "103", "104"]):
        hall_choice.undo(ctx)
        assert taken(ctx) == wanted
    with pytest.raises(UserError, match="nothing to take back"):
        hall_choice.undo(ctx)


def test_too_few_seats_are_said_with_the_number_that_is_missing(ctx: Context) -> None:
    contingent(ctx, ("01", "1", 200))
    assert hall_choice.choice(ctx).sentence == (
        "All 4 halls are needed and 10 students still have no seat. "
        "Halls with a warning among them: 2; the others are too few."
    )


def test_halls_in_reserve_stay_here_and_their_seats_do_not_count(ctx: Context) -> None:
    hall_choice.take(ctx, ["104", "102"], taken=False)
    assert obstacles(ctx, "hall-fund", "ntc") == ["Students of the contingent without a seat: 8."]
    halls.save_hall(ctx, halls.hall(ctx, "104").values() | {"number": "204"}, number="104")
    assert taken(ctx) == ["101", "103"], "a hall with a new number stays in reserve"
    with ctx.store.read() as session:
        assert [v["number"] for k, v in halls.hall_records(session, BASE) if k == "hall"] == ["101", "103"]


def test_only_the_programmer_and_the_coordinator_choose(ctx: Context) -> None:
    with pytest.raises(UserError, match="no right"):
        hall_choice.accept(ctx.as_person("x", "X", "operator"))


# -- versions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def centre(make_context: MakeContext, ctx: Context) -> Context:
    """The centre that trusts the fund, and the fund it."""
    made = make_context(Role.NTC)
    make_authority(made)
    enrol(made, ctx)
    with ctx.store.write(ctx.actor) as tx:
        trusting.adopt_in(ctx, tx, trust.verify_list(centre_trust.trust_bytes(made)))
    centre_season.set_contingent(made, BASE, [("01", "1", 40), ("01", "2", 18)])
    return made


def later(ctx: Context, month: int, day: int) -> None:
    clock = ctx.clock
    assert isinstance(clock, SetClock)
    clock.set(datetime(2011, month, day, 9, tzinfo=UTC))


def test_what_went_out_is_frozen_and_the_centre_is_told_what_changed(
    ctx: Context, centre: Context, tmp_path: Path
) -> None:
    first = transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    said = transfer.load(centre, first.paths[0]).summary
    assert "Version 1 of the hall fund" in _words(said)
    halls.save_hall(ctx, hall("101", seats=28, camera=True), number="101")
    halls.delete_hall(ctx, "103")
    halls.save_hall(ctx, hall("105", rows=2, places_in_row=5, seats=10))
    found = fund_versions.changes(ctx, 1)
    assert [change_words(change, "en") for change in found.lines] == [
        "Hall 101, Seats planned: 30 → 28", "Hall 101, Camera: no → yes", "Hall 101: the plan was drawn anew",
        "Hall 103: Gone, 20 seats", "Hall 105: Added, 10 seats",
    ]  # fmt: skip
    assert (found.seats, found.count(What.CHANGED), found.halls_after) == (-12, 1, 4)
    second = transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    said = _words(transfer.load(centre, second.paths[0]).summary)
    assert "Version 2 of the hall fund" in said
    assert "Hall 105: Added, 10 seats" in said
    assert "Halls new: 1, changed: 1, gone: 1; seats: -12" in said
    assert [(v.number, v.seats) for v in fund_versions.versions(ctx)] == [(2, 178), (1, 190)]
    assert fund_versions.changes(ctx, 2).lines == ()
    assert fund_versions.changes(ctx, 1, 2) == found


def _words(lines: Any) -> list[str]:
    return [line.text.format(**line.params) for line in lines]


def test_the_same_fund_goes_to_both_under_one_number(ctx: Context, centre: Context, tmp_path: Path) -> None:
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    assert centre.university == ""
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    (version,) = fund_versions.versions(ctx)
    assert [to for to, _at in version.sent] == ["ntc", "ntc"]


def test_a_change_after_16_march_asks_for_a_reason_that_travels(ctx: Context, centre: Context, tmp_path: Path) -> None:
    transfer.load(centre, transfer.export(ctx, "hall-fund", "ntc", tmp_path).paths[0])
    halls.save_hall(ctx, hall("105"))
    assert obstacles(ctx, "hall-fund", "ntc") == [], "before 16 March a change needs no reason"
    later(ctx, 3, 16)
    assert obstacles(ctx, "hall-fund", "ntc") == [
        "The fund changed after 16 March. Give the reason on the page of versions."
    ]
    with pytest.raises(Refused):
        fund_versions.explain(ctx, "  ")
    fund_versions.explain(ctx, "Жөндеу аяқталды")
    later(centre, 3, 17)
    said = _words(transfer.load(centre, transfer.export(ctx, "hall-fund", "ntc", tmp_path).paths[0]).summary)
    assert "Reason of the change: Жөндеу аяқталды" in said
    assert [v.reason for v in fund_versions.versions(ctx)] == ["Жөндеу аяқталды", ""]
    assert fund_versions.given_reason(ctx) == "", "the next change asks anew"
    with ctx.store.read() as session:
        logged = session.scalars(select(AuditEntry.details).where(AuditEntry.event == "fund-change-explained")).all()
    assert logged == [{"reason": "Жөндеу аяқталды"}]


# -- agreement -----------------------------------------------------------------------------------------------------


def test_the_agreement_goes_from_draft_by_sent_and_refused_to_agreed(
    ctx: Context, centre: Context, tmp_path: Path
) -> None:
    assert fund_agreement.standing(ctx).state is State.DRAFT
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    assert centre.role is Role.NTC
    assert fund_agreement.standing(ctx).state is State.SENT
    with pytest.raises(Refused, match="asks to change"):
        fund_agreement.note_answer(ctx, State.REFUSED, "Б. Омаров", date(2011, 3, 10))
    fund_agreement.note_answer(ctx, State.REFUSED, "Б. Омаров", date(2011, 3, 10), remarks="104: тым үлкен")
    hall_choice.take(ctx, ["104"], taken=False)
    assert fund_agreement.standing(ctx).changed_since
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    assert fund_agreement.standing(ctx).state is State.SENT
    fund_agreement.note_answer(ctx, State.AGREED, "Б. Омаров", date(2011, 3, 10), own_officer="Г. Сәрсен")
    found = fund_agreement.standing(ctx)
    assert (found.state, found.officer, found.changed_since) == (State.AGREED, "Б. Омаров", False)
    assert [(step.state, step.version) for step in found.steps] == [
        (State.AGREED, 2), (State.SENT, 2), (State.REFUSED, 1), (State.SENT, 1),
    ]  # fmt: skip
    assert found.steps[0].own_officer == "Г. Сәрсен"


def test_an_answer_needs_somebody_and_a_day_that_has_come(ctx: Context) -> None:
    with pytest.raises(Refused) as refused:
        fund_agreement.note_answer(ctx, State.SENT, " ", date(2011, 3, 11))
    assert [problem.field for problem in refused.value.problems] == ["state", "officer", "date"]


# -- undo, home ----------------------------------------------------------------------------------------------------


def test_deleted_halls_and_buildings_come_back_as_they_stood(ctx: Context) -> None:
    before = halls.halls(ctx)
    for number in ("104", "103", "102", "101"):
        halls.delete_hall(ctx, number)
    halls.delete_building(ctx, "1")
    with pytest.raises(UserError, match="is deleted too"):
        fund_undo.bring_back(ctx, fund_undo.HALL)
    assert fund_undo.bring_back(ctx, fund_undo.BUILDING) == "1"
    assert [fund_undo.bring_back(ctx, fund_undo.HALL) for _ in range(4)] == ["101", "102", "103", "104"]
    assert halls.halls(ctx) == before
    with pytest.raises(UserError, match="Nothing was deleted"):
        fund_undo.bring_back(ctx, fund_undo.HALL)


def test_a_number_that_is_used_again_is_not_overwritten(ctx: Context) -> None:
    halls.delete_hall(ctx, "102")
    halls.save_hall(ctx, hall("102"))
    with pytest.raises(UserError, match="used again"):
        fund_undo.bring_back(ctx, fund_undo.HALL)
    assert halls.hall(ctx, "102").seats == 30


def test_home_says_what_is_done_due_and_late(ctx: Context, centre: Context, tmp_path: Path) -> None:
    def standing() -> dict[str, Status]:
        return {found.duty.key: found.status for found in home_halls.home(ctx).standings}

    assert (standing()["halls"], standing()["hall-fund"]) == (Status.DONE, Status.DUE)
    assert standing()["fund-changes"] is Status.BLOCKED
    later(ctx, 3, 16)
    assert standing()["hall-fund"] is Status.LATE
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    assert centre.season.year == 2011
    assert (standing()["hall-fund"], standing()["fund-changes"]) == (Status.DONE, Status.DONE)
    assert standing()["agreed"] is Status.LATE
    fund_agreement.note_answer(ctx, State.AGREED, "Б. Омаров", date(2011, 3, 16))
    assert standing()["agreed"] is Status.DONE
    halls.save_hall(ctx, hall("105"))
    assert (standing()["fund-changes"], standing()["agreed"]) == (Status.DUE, Status.LATE)
    assert standing()["signs"] is Status.DUE


# -- too few seats -------------------------------------------------------------------------------------------------


def test_too_few_seats_go_only_for_a_reason_that_speaks_of_as_many(
    ctx: Context, centre: Context, tmp_path: Path
) -> None:
    with pytest.raises(OutOfOrder, match="no reason is needed"):
        fund_incomplete.allow(ctx, "there are seats for all of them")
    contingent(ctx, ("01", "1", 200))
    lacking = ["Students of the contingent without a seat: 10."]
    assert obstacles(ctx, "hall-fund", "ntc") == lacking
    with pytest.raises(UserError, match="in a sentence"):
        fund_incomplete.allow(ctx, "none")
    fund_incomplete.allow(ctx, "the new building opens on 20 March")
    assert obstacles(ctx, "hall-fund", "ntc") == []
    assert home_halls.home(ctx).hindrances == ()
    path = transfer.export(ctx, "hall-fund", "ntc", tmp_path).paths[0]
    with ctx.store.read() as session:
        told = session.scalars(select(AuditEntry.details).where(AuditEntry.event == "sent-incomplete")).all()
    assert [note["without_seat"] for note in told] == [10, 10]
    assert told[-1]["reason"] == "the new building opens on 20 March"
    summary = transfer.load(centre, path).summary
    reason = next(line for line in summary if line.text.startswith("Reason: "))
    assert (reason.params["reason"], reason.params["by"]) == ("the new building opens on 20 March", ctx.actor.name)
    assert "without a seat: 10; Reason: the new building opens on 20 March" in fund_incomplete.brought_reason(centre)
    with centre.store.write(centre.actor) as tx:
        put_setting(tx, "ties", {BASE: []})
        tx.note("setting-changed", "ties")
    (board,) = centre_board.boards(centre, BASE)
    assert board.incomplete.keys() == {"hall-fund"}
    assert "the new building opens on 20 March" in board.incomplete["hall-fund"]
    row = next(row for row in carrier_history.rows(centre) if row.title == "Hall fund")
    told = dict(carrier_history.about(centre, row))["Sent although incomplete"]
    assert ("Students without a seat", "10") in told
    with centre.store.read() as session:
        (came,) = session.scalars(select(CarrierIn.manifest).where(CarrierIn.kind == "hall-fund"))
    assert came["control_sums"]["without_seat"] == 10
    assert fund_incomplete.brought(centre) == 10
    contingent(ctx, ("01", "1", 220))
    assert obstacles(ctx, "hall-fund", "ntc") == ["Students of the contingent without a seat: 30."], "said of 10"
