"""The last saving of a record taken back: as changes of their own, never in silence."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import students
from mab_desktop.services.context import Context
from mab_desktop.services.entry_undo import take_back
from mab_desktop.storage.tables.core import AuditEntry
from tests.conftest import MakeContext
from tests.services.people import student


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.NETWORK_UNI, "027", name="programmer")


def events(ctx: Context) -> list[str]:
    with ctx.store.read() as session:
        query = select(AuditEntry.event).where(AuditEntry.event.startswith("student-")).order_by(AuditEntry.n)
        return list(session.scalars(query))


def test_a_new_record_is_marked_deleted(ctx: Context) -> None:
    saved = students.save(ctx, student(1))
    row = take_back(ctx, saved, 0)
    assert row.deleted_at is not None
    assert students.all_rows(ctx) == []
    assert events(ctx) == ["student-entered", "student-deleted"]
    with pytest.raises(UserError):
        take_back(ctx, saved, 0)


def test_a_changed_record_has_its_values_again_and_both_changes_in_its_history(ctx: Context) -> None:
    first = students.save(ctx, student(1))
    before = students.get(ctx, first.id).values()
    second = students.save(
        ctx, student(1, surname="Басқа", patronymic=None, admission_year=2008), student_id=first.id, version=1,
        ground="журнал",
    )  # fmt: skip
    row = take_back(ctx, second, 1)
    assert row.values() == before
    assert (row.version, row.complete) == (3, True)
    assert {change.version for change in students.history(ctx, first.id)} == {2, 3}
    assert events(ctx) == ["student-entered", "student-changed", "student-changed"]


def test_a_partly_filled_record_is_partly_filled_again(ctx: Context) -> None:
    first = students.save(ctx, student(1) | {"record_book": None}, partial=True)
    second = students.save(ctx, student(1), student_id=first.id)
    row = take_back(ctx, second, 1)
    assert (row.record_book, row.complete) == (None, False)


def test_what_somebody_changed_since_stays(ctx: Context) -> None:
    first = students.save(ctx, student(1))
    students.save(ctx, student(1, surname="Басқа"), student_id=first.id)
    with pytest.raises(UserError):
        take_back(ctx, first, 0)
    assert students.get(ctx, first.id).surname == "Басқа"
