"""At the ministry's PC: a restore gives no second draw, no fresh tries, no other end of the time for appeals."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import OutOfOrder, WrongPassword
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.services import backups, lasting, restore, restored_acts, seating, tries, trusting
from mab_desktop.services.context import Context
from mab_desktop.services.settings import put_setting
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import Seat, ShiftStep
from mab_desktop.storage.tables.students import Student
from tests.conftest import KEY, MakeContext
from tests.services.exam_room import SEAT_PASSWORD, Room, make_room, password

WRONG = "CCCCC-CCCCC-CCC"


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """The exam of the other tests, with what a restore needs: keys of the device, locks, the lasting acts."""
    room = make_room(make_context, tmp_path / "images", {"101": 4, "102": 3})
    ctx = room.ctx
    ctx.store.path.with_suffix(".keys").write_bytes(b"locks")
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, "workplace", {"role": ctx.role.value, "university": ctx.university})
        device = DeviceKeys.generate(ctx.organisation, ctx.organisation, ctx.role.value, ctx.entropy)
        trusting.put_device_keys(ctx, tx, device)
        tx.note("setting-changed", "workplace")
    lasting.keep(ctx.store)
    return room


def go_back(room: Room, copy: Path, *, damaged: bool = False) -> Context:
    """Restore `copy`, of a database that is whole or not, and open it again."""
    database, old = room.ctx.store.path, room.ctx
    old.store.close()
    if damaged:
        for path in database.parent.glob(f"{database.name}*"):
            path.write_bytes(os.urandom(4096 * 3))
    found = restore.Opened(database, copy, restore.Person("programmer", "Асан Үсенұлы", "programmer"), KEY)
    restore.restore(found, restore.Person("rep", "Өкіл", "representative"), old.clock)
    room.ctx = Context(Store(database, KEY, old.clock), old.actor, old.role, old.university, old.season, old.clock,
                       old.lang, old.entropy)  # fmt: skip
    lasting.keep(room.ctx.store)
    return room.ctx


def only(room: Room, copy: Path) -> None:
    """No newer copy is left: the disk with them died."""
    for path in backups.folder_of(room.ctx).iterdir():
        if path.stem != copy.stem:
            path.unlink()


def seats(ctx: Context) -> dict[tuple[str, int], str]:
    with ctx.store.read() as session:
        return {(row.hall, row.seat): row.student for row in session.scalars(select(Seat))}


def closed(room: Room) -> None:
    room.ctx.store.close()


def test_a_copy_from_before_the_draw_is_refused_while_the_draw_is_known(room: Room) -> None:
    copy = backups.back_up(room.ctx, "asked")
    room.seat()
    drawn = seats(room.ctx)
    head = room.ctx.store.log_head()
    with pytest.raises(OutOfOrder, match="done only once: shift-1"):
        go_back(room, copy)
    again = Store(room.ctx.store.path, KEY, room.ctx.clock)
    assert again.log_head() == head
    with again.read() as session:
        assert {(r.hall, r.seat): r.student for r in session.scalars(select(Seat))} == drawn
    again.close()


def test_a_damaged_database_is_no_way_around_it_while_a_newer_copy_knows(room: Room) -> None:
    copy = backups.back_up(room.ctx, "asked")
    room.seat()
    newer = backups.back_up(room.ctx, "act")
    with pytest.raises(OutOfOrder, match="done only once"):
        go_back(room, copy, damaged=True)
    ctx = go_back(room, newer)
    assert len(seats(ctx)) == 7
    closed(room)


def test_the_same_seats_come_again_when_everything_else_is_lost(room: Room) -> None:
    """The freeze with its local secret is carried over: the centre's password gives the very same draw."""
    copy = backups.back_up(room.ctx, "asked")
    room.seat()
    drawn, code = seats(room.ctx), seating.frozen(room.ctx, 1)
    only(room, copy)
    ctx = go_back(room, copy, damaged=True)
    assert seats(ctx) == {}
    assert seating.frozen(ctx, 1) == code
    assert [(event, subject) for event, subject, _ in restored_acts.still_open(ctx)] == [("seats-drawn", "shift-1")]
    assert seating.freeze_seating(ctx, 1) == code  # no new freeze
    seating.draw_seating(ctx, 1, password(SEAT_PASSWORD))
    assert seats(ctx) == drawn
    assert restored_acts.still_open(ctx) == []
    closed(room)


def test_other_lists_give_no_second_draw(room: Room) -> None:
    copy = backups.back_up(room.ctx, "asked")
    room.seat()
    only(room, copy)
    ctx = go_back(room, copy, damaged=True)
    from mab_desktop.storage.tables.students import Allotment

    with ctx.store.write(ctx.actor) as tx:
        gone = tx.session.scalars(select(Allotment).order_by(Allotment.student)).first()
        assert gone is not None
        tx.session.delete(gone)
        tx.note("exam-data-loaded", "another list")
    with pytest.raises(OutOfOrder, match="before the restore"):
        seating.freeze_seating(ctx, 1)
    with pytest.raises(OutOfOrder):
        seating.draw_seating(ctx, 1, password(SEAT_PASSWORD))
    assert seats(ctx) == {}
    closed(room)


@pytest.mark.parametrize("damaged", [False, True])
def test_tries_at_a_password_are_counted_on(room: Room, damaged: bool) -> None:
    seating.freeze_seating(room.ctx, 1)
    copy = backups.back_up(room.ctx, "asked")
    for _ in range(3):
        with pytest.raises(WrongPassword):
            seating.draw_seating(room.ctx, 1, password(WRONG))
    subject = _subject(room.ctx)
    if damaged:
        only(room, copy)
    ctx = go_back(room, copy, damaged=damaged)
    with ctx.store.read() as session:
        assert tries.try_state(ctx, session, subject).tries == 3
    with pytest.raises(WrongPassword):
        seating.draw_seating(ctx, 1, password(WRONG))
    with ctx.store.read() as session:
        assert tries.try_state(ctx, session, subject).tries == 4
    closed(room)


def _subject(ctx: Context) -> str:
    with ctx.store.read() as session:
        query = select(AuditEntry.object).where(AuditEntry.event == "password-tried").limit(1)
        return str(session.scalar(query))


def test_a_shift_opened_before_is_opened_again_and_the_log_says_since_when(room: Room) -> None:
    from mab_desktop.services import shifts

    room.seat()
    copy = backups.back_up(room.ctx, "asked")
    from tests.services.exam_room import FIRST_DAY

    room.day(FIRST_DAY, 8)
    shifts.open_shift(room.ctx, 1)
    with room.ctx.store.read() as session:
        first = session.get_one(ShiftStep, (1, "open")).at
    only(room, copy)
    ctx = go_back(room, copy, damaged=True)
    assert [event for event, _, _ in restored_acts.still_open(ctx)] == ["shift-opened"]
    shifts.open_shift(ctx, 1)
    with ctx.store.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "shift-opened")).one()
        assert entry.details["first_done"][:16] == first[:16]
    assert restored_acts.still_open(ctx) == []
    closed(room)


def test_records_typed_after_a_restore_are_newer_than_any_of_before(room: Room) -> None:
    """Only a network university's records carry versions across PCs; the exam's stay as they are."""
    copy = backups.back_up(room.ctx, "asked")
    ctx = go_back(room, copy)
    with ctx.store.read() as session:
        assert {row.version for row in session.scalars(select(Student))} == {1}
    closed(room)
