"""The state commission's plan of work, what approves it and the members, and who left by mistake (p.6)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.work_plan import USUAL
from mab_desktop.services import approvals, commission, plan_of_work
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.students import Shift
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE

DAY = date(2011, 4, 20)


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    ctx = make_context(Role.BASE_UNI, BASE)
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set(datetime(2011, 4, 21, 9, tzinfo=UTC))
    return ctx


def test_the_plan_keeps_what_is_done_and_gives_back_what_was_struck_out(base: Context) -> None:
    key = plan_of_work.save_line(base, {"due": DAY, "text": "Аудиторияларды тексеру"})
    other = plan_of_work.save_line(base, {"due": date(2011, 4, 1), "text": "Кезекшілерді оқыту"})
    assert [row["id"] for row in plan_of_work.lines(base)] == [other, key]
    with pytest.raises(Refused, match="not come yet"):
        plan_of_work.finish(base, key, date(2011, 5, 1))
    with pytest.raises(OutOfOrder, match="not done yet"):
        plan_of_work.reopen(base, key)
    plan_of_work.finish(base, key, DAY)
    plan_of_work.save_line(base, {"id": key, "due": DAY, "text": "Аудиторияларды тексеру", "responsible": "Хатшы"})
    assert next(row for row in plan_of_work.lines(base) if row["id"] == key)["done_on"] == DAY
    before = plan_of_work.lines(base)
    with pytest.raises(OutOfOrder, match="stays in the plan"):
        plan_of_work.remove_lines(base, [other, key])
    assert plan_of_work.lines(base) == before  # all or none
    gone = plan_of_work.remove_lines(base, [other])
    with pytest.raises(UserError, match="no such line"):
        plan_of_work.finish(base, other, DAY)
    plan_of_work.put_back(base, gone)
    assert plan_of_work.lines(base) == before
    plan_of_work.reopen(base, key)
    assert [row["done_on"] for row in plan_of_work.lines(base)] == [None, None]


def test_the_usual_lines_come_once_and_those_of_the_exam_when_its_day_is_known(base: Context) -> None:
    dated = [line for line in USUAL if line.month]
    assert len(plan_of_work.propose(base)) == len(dated)
    with base.store.write(base.actor) as tx:
        for number in (1, 2):
            tx.session.add(Shift(number=number, exam_date=date(2011, 5, 15 + number), start_time="09:00"))
        tx.note("season-planned", "", shifts=2)
    assert len(plan_of_work.propose(base)) == len(USUAL) - len(dated)
    assert plan_of_work.propose(base) == []
    briefing = next(row for row in plan_of_work.lines(base) if "27" in row["text"])
    assert briefing["due"] == date(2011, 5, 15)  # the day before the first exam


def test_an_approval_is_of_what_stood_then(base: Context) -> None:
    assert approvals.approval(base, approvals.PLAN) is None
    with pytest.raises(Refused, match="what approves it"):
        approvals.note_approval(base, approvals.PLAN, " ", DAY)
    with pytest.raises(Refused, match="not come yet"):
        approvals.note_approval(base, approvals.PLAN, "№ 4 бұйрық", date(2011, 5, 1))
    approvals.note_approval(base, approvals.PLAN, "№ 4 бұйрық", DAY)
    known = approvals.approval(base, approvals.PLAN)
    assert known == approvals.Approval("№ 4 бұйрық", DAY, base.actor.login, changed=False)
    commission.save_member(base, {"full_name": "Төраға", "role": "chair"})
    assert not approvals.approval(base, approvals.PLAN).changed  # type: ignore[union-attr]
    plan_of_work.save_line(base, {"due": DAY, "text": "Тексеру"})
    assert approvals.approval(base, approvals.PLAN).changed  # type: ignore[union-attr]
    approvals.note_approval(base, approvals.PLAN, "№ 5 бұйрық", DAY)
    assert not approvals.approval(base, approvals.PLAN).changed  # type: ignore[union-attr]


def test_a_leaving_entered_by_mistake_is_taken_back(base: Context) -> None:
    chair = commission.save_member(base, {"full_name": "Төраға", "role": "chair"})
    commission.leave(base, chair, DAY, "Бұйрық № 7")
    commission.stay(base, chair)
    assert commission.members(base)[0]["left_on"] is None
    commission.leave(base, chair, DAY, "Бұйрық № 7")
    commission.save_member(base, {"full_name": "Жаңа төраға", "role": "chair"})
    with pytest.raises(Refused, match="exactly one chair"):
        commission.stay(base, chair)
