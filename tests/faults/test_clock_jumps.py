"""The computer's clock jumps by hours and years, forward, back, into another zone: nothing is lost, nothing opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, UserError, WrongPassword
from mab_desktop.services import backups, keys, log_view, shifts, students, transfer
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import AuditEntry, CarrierOut, StreamIn
from tests.faults.exam_work import HERE, WRONG
from tests.faults.runs import SCENARIOS, Templates
from tests.faults.scenario import opened, require_whole
from tests.faults.students_work import MINE, OPERATOR, copies, typed, values_of
from tests.services.exam_room import CHAIR, MINISTRY, password

JUMPS = {
    "an hour back": timedelta(hours=-1),
    "an hour forward": timedelta(hours=1),
    "a day back": timedelta(days=-1),
    "ten years back": timedelta(days=-3653),
    "ten years forward": timedelta(days=3653),
}
ZONES = (UTC, timezone(timedelta(hours=6)), timezone(timedelta(hours=5)), timezone(timedelta(hours=-11)))


def hands(ctx: Context) -> SetClock:
    """The clock of a workplace."""
    assert isinstance(ctx.clock, SetClock)
    return ctx.clock


def jump(ctx: Context, by: timedelta) -> None:
    """Put the hands wrong; no time goes by."""
    hands(ctx).put_hands(hands(ctx).moment + by)


@contextmanager
def at(templates: Templates, folder: Path, scenario: str, name: str) -> Iterator[Context]:
    """The workplace of a prepared scenario."""
    with opened(templates.copy(SCENARIOS[scenario], folder / scenario), name) as ctx:
        yield ctx


@pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS.keys())
def test_a_wait_after_wrong_passwords_is_neither_shortened_nor_lost(
    templates: Templates, tmp_path: Path, by: timedelta
) -> None:  # fmt: skip
    with at(templates, tmp_path, "key", HERE) as ctx:
        for _ in range(5):
            with pytest.raises(WrongPassword, match="do not open"):
                keys.open_key(ctx, 1, password(MINISTRY), password(WRONG), "Төраға Төраев")
        jump(ctx, by)
        with pytest.raises(WrongPassword, match="After 5 wrong tries"):
            keys.open_key(ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
        assert keys.key_state(ctx, 1).tries == 5
        hands(ctx).moment += timedelta(seconds=20)  # so much really goes by
        assert keys.open_key(ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев").shift == 1
        require_whole(ctx)


@pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS.keys())
def test_copies_survive_and_go_on_being_made(templates: Templates, tmp_path: Path, by: timedelta) -> None:
    with at(templates, tmp_path, "backup", MINE) as ctx:
        for number in (60, 61, 62):
            students.save(ctx, values_of(number))
            backups.back_up(ctx, "asked")
        before = copies(ctx)
        jump(ctx, by)
        students.save(ctx, values_of(63))
        newest = backups.back_up(ctx, "asked")
        assert before < copies(ctx)
        jump(ctx, -by)
        students.save(ctx, values_of(64))
        assert backups.every_ten_minutes(ctx) is not None
        assert before | {newest} < copies(ctx)
        require_whole(ctx)


def test_the_log_keeps_its_order_through_every_jump_and_zone(templates: Templates, tmp_path: Path) -> None:
    with at(templates, tmp_path, "typing", MINE) as ctx:
        for number, (zone, by) in enumerate([(zone, by) for zone in ZONES for by in JUMPS.values()], 100):
            hands(ctx).put_hands((hands(ctx).moment + by).astimezone(zone))
            students.save(ctx, values_of(number) | {"birth_date": None}, partial=True)
        require_whole(ctx)
        with ctx.store.read() as session:
            entered = select(AuditEntry.object).where(AuditEntry.event == "student-entered").order_by(AuditEntry.n)
            told = list(session.scalars(entered))
        rows = {row.id: row.to_code for row in typed(ctx).values()}
        assert [rows[student] for student in told][-20:] == [f"{20000000 + n}" for n in range(100, 120)]


@pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS.keys())
def test_numbers_of_a_stream_do_not_ask_the_clock(templates: Templates, tmp_path: Path, by: timedelta) -> None:
    folder = templates.copy(SCENARIOS["export"], tmp_path / "run")
    drive = folder / "drive"
    with opened(folder, OPERATOR) as ctx:
        transfer.export(ctx, "operator-portion", MINE, drive)
        hands(ctx).put_hands(hands(ctx).moment + (by if by < timedelta(days=300) else timedelta(days=20)))
        transfer.export(ctx, "operator-portion", MINE, drive)
        with ctx.store.read() as session:
            assert session.scalars(select(CarrierOut.seq).order_by(CarrierOut.seq)).all() == [1, 2]
    with opened(folder, MINE) as ctx:
        jump(ctx, -by if by > -timedelta(days=300) else timedelta(days=-20))
        for path in transfer.list_carriers(drive):
            transfer.load(ctx, path)
        with ctx.store.read() as session:
            assert session.scalars(select(StreamIn.seq)).all() == [2]
        require_whole(ctx)


def test_an_expired_trust_list_stops_and_starts_again_with_the_clock(templates: Templates, tmp_path: Path) -> None:
    with at(templates, tmp_path, "import", MINE) as ctx:
        first, second = transfer.list_carriers(ctx.store.path.parent.parent / "drive")
        transfer.load(ctx, first)
        jump(ctx, timedelta(days=36525))
        with pytest.raises(UserError, match="expired"):
            transfer.load(ctx, second)
        jump(ctx, timedelta(days=-36525))
        transfer.load(ctx, second)
        require_whole(ctx)


def test_a_clock_set_back_opens_nothing_early_and_takes_nothing_back(templates: Templates, tmp_path: Path) -> None:
    with at(templates, tmp_path, "close", HERE) as ctx:
        jump(ctx, timedelta(days=-30))
        with pytest.raises(OutOfOrder, match="Applications are taken until"):
            shifts.close_appeal(ctx, 1)
        hands(ctx).put_hands(datetime(2011, 5, 11, 14, tzinfo=UTC))
        shifts.close_appeal(ctx, 1)
        jump(ctx, timedelta(days=-30))
        with pytest.raises(OutOfOrder, match="minutes"):
            shifts.close_shift(ctx, 1)
        require_whole(ctx)
    with at(templates, tmp_path, "draw", HERE) as ctx:
        jump(ctx, timedelta(days=-400))
        with pytest.raises(OutOfOrder):
            shifts.open_shift(ctx, 1)


@pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_is_behind_the_log_is_told_and_no_longer_than_needed(
    templates: Templates, tmp_path: Path, by: timedelta
) -> None:
    with at(templates, tmp_path, "typing", MINE) as ctx:
        assert log_view.clock_behind(ctx) is None
        students.save(ctx, values_of(100), partial=True)
        jump(ctx, by)
        behind = log_view.clock_behind(ctx)
        assert (behind is not None) is (by < timedelta())
        if behind is not None:
            assert all("{" not in behind.message(lang) for lang in ("kk", "ru", "en"))
            assert hands(ctx).moment.strftime("%d.%m.%Y %H:%M") in behind.message("en")
        students.save(ctx, values_of(101), partial=True)
        assert log_view.clock_behind(ctx) == behind or by < timedelta()
        jump(ctx, -by)  # put right: a clock that was ahead is told now, until enough was written by the right one
        students.save(ctx, values_of(102), partial=True)
        assert (log_view.clock_behind(ctx) is not None) is (by > timedelta())
        for n in range(log_view.LOOKED_BACK):
            students.save(ctx, values_of(200 + n), partial=True)
        assert log_view.clock_behind(ctx) is None
