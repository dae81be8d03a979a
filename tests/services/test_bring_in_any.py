"""Any table at all: every row is accounted for, and only accepted ones change anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.student import STUDENT
from mab_desktop.services import bring_in, students
from mab_desktop.services.bring_in_rows import Choice, State
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.students import Student, StudentChange
from tests.conftest import MakeContext
from tests.services.foreign_tables import (
    HEADS,
    cells,
    everything,
    person,
    plan_of,
    said,
    states,
    write_csv,
)

_WILD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_CELL = st.one_of(
    _WILD, st.sampled_from(["", "М", "Ж", "1", "3", "05", "1,2E+09", "№ 5", "14.05.1991", "33372", "=1", "Ахметов"])
)


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.NETWORK_UNI, "027")


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows near right ones, with cells replaced, moved and repeated."""
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        row = cells(person(draw(st.integers(1, 5)), course=draw(st.sampled_from("23"))))
        for place in draw(st.lists(st.integers(0, len(row) - 1), max_size=2)):
            row[place] = draw(_CELL)
        rows.append(row[: draw(st.sampled_from([len(row), len(row), len(row), 5]))])
    heads = list(HEADS)
    for place in draw(st.lists(st.integers(0, len(heads) - 1), max_size=1)):
        heads[place] = draw(_CELL)
    return [heads, *rows]


def values_here(ctx: Context) -> dict[str, dict[str, Any]]:
    columns = [getattr(Student, name) for name in STUDENT.names]
    query = select(Student.id, *columns).where(Student.deleted_at.is_(None))
    with ctx.store.read() as session:
        return {row[0]: dict(zip(STUDENT.names, row[1:], strict=True)) for row in session.execute(query)}


@pytest.mark.heavy
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(), partial=st.booleans(), leave=st.booleans(), left_out=st.frozensets(st.integers(2, 7)),
       others=st.frozensets(st.integers(2, 7)))  # fmt: skip
def test_every_row_is_accounted_for_and_only_accepted_ones_change_anything(
    ctx: Context, tmp_path: Path, table: list[list[str]], partial: bool, leave: bool, left_out: frozenset[int],
    others: frozenset[int],
) -> None:  # fmt: skip
    choice = Choice(partial, leave, left_out, others)
    before, whole = values_here(ctx), everything(ctx)
    try:
        plan = plan_of(ctx, write_csv(tmp_path / "any.csv", table))
    except UserError:
        assert everything(ctx) == whole
        return
    counts = plan.counts(choice)
    assert sum(counts.values()) == len(plan.lines) == len(plan.sheet.rows)
    assert all(bool(words) == (state in ("error", "duplicate"))
               for words, state in zip(said(plan, choice), states(plan, choice), strict=True) if state != "left-out"
               and not (state == "new" and partial) and state != "changed")  # fmt: skip
    taken = plan.taken(choice)
    for line in plan.lines:
        assert students.clean(line.values).items() >= line.values.items()
    try:
        brought = bring_in.bring_in(ctx, plan, choice)
    except Refused:
        assert everything(ctx) == whole
        assert not taken or (not leave and plan.held_up(choice))
        return
    after = values_here(ctx)
    expected = {line.student: dict(line.record) for line in taken if line.student}
    added = [after[key] for key in after.keys() - before.keys()]
    assert {key: after[key] for key in before} == before | expected
    assert sorted(map(str, added)) == sorted(str(dict(line.record)) for line in taken if not line.student)
    assert (brought.new + brought.changed, brought.new) == (len(taken), len(added))
    assert {line.state(choice) for line in plan_of(ctx, tmp_path / "any.csv").lines if line.number in
            {found.number for found in taken}} <= {State.SAME}  # fmt: skip
    with ctx.store.read() as session:
        marks = set(session.scalars(select(StudentChange.mark)))
    assert "" not in marks
