"""Keys pressed while typing, by person and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.organisation import Role
from mab_desktop.services import students
from mab_desktop.services.keystrokes import keys_by_day
from tests.conftest import MakeContext
from tests.services.people import student


def test_keys_are_added_up_by_person_and_day(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027", name="programmer")
    clock = ctx.clock
    assert isinstance(clock, SetClock)
    today = clock.now().date()
    other = replace(ctx, actor=replace(ctx.actor, login="op1", role="operator"))
    students.save(ctx, student(1), keys=90)
    students.save(ctx, student(2), keys=70)
    students.save(other, student(3), keys=50)
    students.save(ctx, student(4))  # brought in by no keyboard
    clock.set(clock.now() + timedelta(days=1))
    students.save(ctx, student(5), keys=8)
    with ctx.store.read() as session:
        found = keys_by_day(session)
    assert found == {(today, "programmer"): 160, (today, "op1"): 50, (today + timedelta(days=1), "programmer"): 8}
    assert all(isinstance(day, date) for day, _login in found)
