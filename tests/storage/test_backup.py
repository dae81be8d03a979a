"""Backups: out of one snapshot, checked before they are named, kept as they should be whatever the clock says."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services.context import Context
from mab_desktop.storage import backup, disks
from mab_desktop.storage.retention import DAY, HOURLY, KEEP_ALL, LEAST, SAFE, Kept, ages, in_order, to_drop
from mab_desktop.storage.store import Damaged, Store
from mab_desktop.storage.tables.core import Setting
from tests.conftest import KEY, MakeContext

NOW = datetime(2011, 4, 1, 12)  # noqa: DTZ001  names of copies hold local time


def put(ctx: Context, key: str, value: str = "") -> None:
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Setting(key=key, value={"v": value}))
        tx.note("setting-changed", key)


def made(ctx: Context, folder: Path, hours: float = 0, reason: str = "asked") -> backup.Copy:
    return backup.back_up(ctx.store, folder, (NOW + timedelta(hours=hours)).replace(tzinfo=UTC), reason)


def test_a_copy_holds_what_was_committed_and_its_note_says_what(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    put(ctx, "mark", "Ә")
    found = made(ctx, tmp_path / "copies")
    n, head = ctx.store.log_head()
    assert found.note is not None
    assert (found.note.n, found.note.head, found.note.counts["audit"]) == (n, head, n)
    with backup.reading(found.path, KEY) as session:
        assert session.get_one(Setting, "mark").value == {"v": "Ә"}
    assert backup.check(found.path, KEY, found.note, full=True) == found.note
    assert sorted(path.suffix for path in (tmp_path / "copies").iterdir()) == [".db", ".json"]


def test_what_others_write_meanwhile_is_wholly_in_or_wholly_out(make_context: MakeContext, tmp_path: Path) -> None:
    """A copy of many steps while another thread writes: it holds one state, and no write waits for it."""
    ctx = make_context(Role.NETWORK_UNI, "027")
    for number in range(4):
        put(ctx, f"filler-{number}", "x" * 1_000_000)
    begun, stop = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            put(ctx, "counter", str(number))
            begun.set()

    class Watching:
        """Each step of the copy lets the other thread write once more."""

        def stage(self, title: str, total: int = 0) -> None: ...

        def step(self, n: int = 1) -> None:
            begun.clear()
            assert begun.wait(10), "a write waits for the copy"

    thread = threading.Thread(target=write)
    thread.start()
    try:
        begun.wait(10)
        found = backup.back_up(ctx.store, tmp_path / "c", NOW.replace(tzinfo=UTC), progress=Watching())
    finally:
        stop.set()
        thread.join()
    assert found.note is not None
    assert found.note.n < ctx.store.log_head()[0]
    assert backup.check(found.path, KEY, found.note, full=True)


def test_a_copy_is_put_in_the_order_of_its_log_not_of_the_clock(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    first = made(ctx, tmp_path)
    put(ctx, "a")
    second = made(ctx, tmp_path, hours=-5000)  # the clock was set back
    assert [copy.path for copy in backup.copies(tmp_path, ctx.store.path.stem)] == [second.path, first.path]


def test_the_same_second_again_overwrites_nothing(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    found = {made(ctx, tmp_path).path for _ in range(3)}
    assert len(found) == len(backup.copies(tmp_path, ctx.store.path.stem)) == 3


@pytest.mark.parametrize("where", [0.01, 0.3, 0.6, 0.99])
def test_a_damaged_copy_is_refused(make_context: MakeContext, tmp_path: Path, where: float) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    found = made(ctx, tmp_path)
    data = bytearray(found.path.read_bytes())
    data[int(len(data) * where)] ^= 1
    found.path.write_bytes(data)
    with pytest.raises(Damaged):
        backup.check(found.path, KEY, found.note)


def test_a_copy_of_another_moment_is_refused_though_it_is_whole(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    old = made(ctx, tmp_path)
    put(ctx, "a")
    new = made(ctx, tmp_path, hours=1)
    new.path.write_bytes(old.path.read_bytes())
    with pytest.raises(Damaged):
        backup.check(new.path, KEY, new.note)
    assert new.note is not None
    wrong = replace(new.note, n=old.n, head=old.note.head if old.note else "")
    with pytest.raises(Damaged):
        backup.check(old.path, KEY, replace(wrong, counts={**wrong.counts, "setting": 99}))


def test_a_log_that_was_changed_is_found(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    put(ctx, "a")
    found = made(ctx, tmp_path)
    store = Store(found.path, KEY, SystemClock())
    with store.engine.execution_options(mab_write=True).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET user = 'another' WHERE n = 1")
    store.close()
    with pytest.raises(Damaged):
        backup.check(found.path, KEY, full=True)


def test_checking_leaves_nothing_beside_a_copy(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    found = made(ctx, tmp_path / "c")
    before = {path.name: path.read_bytes() for path in (tmp_path / "c").iterdir()}
    backup.check(found.path, KEY, found.note, full=True)
    with backup.reading(found.path, KEY) as session:
        session.get(Setting, "mark")
    assert {path.name: path.read_bytes() for path in (tmp_path / "c").iterdir()} == before


def test_a_disk_that_is_full_is_told_and_leaves_nothing(make_context: MakeContext, tmp_path: Path) -> None:
    """The unfinished file stands for a disk without room: every write to it is refused."""
    ctx = make_context(Role.NETWORK_UNI, "027")
    with pytest.raises(UserError, match="No space left"), backup.in_words():
        backup.bring(ctx.store.path, tmp_path / "x", Full())
    assert list(tmp_path.glob("x*")) == []


class Full:
    """Progress of a disk that is full at the first step."""

    def stage(self, title: str, total: int = 0) -> None: ...

    def step(self, n: int = 1) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")


def kept(hours: float, n: int, marks: bool = False) -> Kept:
    return Kept((1, n), NOW + timedelta(hours=hours), marks)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 400 * 24), unique=True, max_size=200))
def test_what_is_dropped_under_a_right_clock(hours: list[int]) -> None:
    copies = [kept(-h, 400 * 24 - h) for h in hours]
    age = ages(copies, NOW)
    dropped = to_drop(copies, NOW)
    assert not [copy for copy in dropped if age[copy] <= KEEP_ALL]
    old = [copy for copy in copies if copy not in dropped and age[copy] > KEEP_ALL]
    assert len(old) <= 12 + 10 + 9 + SAFE
    assert not set(in_order(copies)[:SAFE]) & set(dropped)


def test_twelve_days_ten_weeks_nine_months_of_a_year_of_work() -> None:
    copies = [kept(-24 * day, 400 - day) for day in range(400)]
    for day in range(60):  # the rules run each day, not once
        gone = set(to_drop(copies, NOW + day * DAY))
        copies = [copy for copy in copies if copy not in gone]
        copies.append(kept(24 * (day + 1), 401 + day))
    gone = set(to_drop(copies, NOW + 60 * DAY))
    left = [copy for copy in copies if copy not in gone]
    assert [copy.at for copy in in_order(left)[:12]] == [NOW + (60 - n) * DAY for n in range(12)]
    assert 12 + 6 <= len(left) <= 3 + 12 + 10 + 9
    assert min(copy.at for copy in left) < NOW - 150 * DAY


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from([0, 0, 0, 0, 0, 0, 400, -400, 9000, -9000])), max_size=120),
)
def test_a_clock_that_jumps_costs_no_copy_of_the_last_day(steps: list[tuple[int, int]]) -> None:
    """True minutes pass; the clock of the PC jumps days ahead and back in between. At most one jump a day counts."""
    true, shift, copies, moments, jumps = NOW, timedelta(), [], [], []
    for n, (minutes, jump) in enumerate(steps):
        true += timedelta(minutes=minutes)
        if jump and not jumps:
            shift += timedelta(hours=jump)
            jumps.append(true)
        copies.append(Kept((1, n), true + shift))
        moments.append(true)
    dropped = set(to_drop(copies, true + shift))
    lost = [moment for copy, moment in zip(copies, moments, strict=True) if copy in dropped]
    assert not [moment for moment in lost if true - moment < DAY]


def test_the_newest_stay_even_when_the_clock_runs_years_ahead() -> None:
    copies = [kept(n / 6, n) for n in range(50)]
    gone = to_drop(copies, NOW + 900 * DAY)
    assert gone == []  # a jump ages them by one day only
    assert to_drop(copies, NOW - 900 * DAY) == []


def test_a_short_disk_thins_the_last_two_days_but_keeps_marks_and_the_newest() -> None:
    copies = [kept(n / 6, n, marks=n % 20 == 0) for n in range(12 * 6)]
    now = copies[-1].at
    hourly = [copy for copy in copies if copy not in to_drop(copies, now, HOURLY)]
    assert {copy for copy in copies if copy.marks} <= set(hourly)
    assert set(in_order(copies)[:SAFE]) <= set(hourly)
    assert len(hourly) < 25
    least = [copy for copy in copies if copy not in to_drop(copies, now, LEAST)]
    assert set(least) == {*in_order(copies)[:SAFE], *(copies[n] for n in halves(copies))}


def halves(copies: list[Kept]) -> list[int]:
    """The last copy of the morning and of the afternoon of each day."""
    last = {(copy.at.date(), copy.at.hour < 12): n for n, copy in enumerate(copies)}
    return list(last.values())


def test_thinning_asks_the_disk_and_says_how_far_it_went(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    for n in range(8):
        put(ctx, f"k{n}")
        made(ctx, tmp_path, hours=n / 6)
    now = (NOW + timedelta(hours=2)).replace(tzinfo=UTC)
    assert backup.thin_out(tmp_path, ctx.store.path.stem, now, free=lambda: 1 << 40) == backup.Thinned((), 0)
    short = backup.thin_out(tmp_path, ctx.store.path.stem, now, free=lambda: 1 << 20)
    assert short.shortage == LEAST
    left = backup.copies(tmp_path, ctx.store.path.stem)
    assert len(left) >= SAFE
    assert len(left) + len(short.dropped) == 8
    assert {path.stem for path in tmp_path.glob("*-n*.json")} == {copy.path.stem for copy in left}


def test_an_old_copy_that_the_disk_does_not_let_go_stops_nothing(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    old = [made(ctx, tmp_path, hours=n / 6).path for n in range(8)]
    held = old[2]
    held.unlink()
    held.mkdir()  # what no unlink takes away; on Windows a file that is being read
    now = (NOW + timedelta(hours=2)).replace(tzinfo=UTC)
    thinned = backup.thin_out(tmp_path, ctx.store.path.stem, now, free=lambda: 1 << 20)
    assert held not in thinned.dropped
    assert set(thinned.dropped) > {old[1]}
    assert held.exists()


def test_other_disks_are_told_by_the_system_s_own_tables(tmp_path: Path) -> None:
    """Two disks, one with two partitions; a folder of the other disk is offered once."""
    blocks = tmp_path / "block"
    for disk, parts in {"sda": ("sda1", "sda2"), "sdb": ("sdb1",)}.items():
        for part in parts:
            (blocks / "devices" / disk / part).mkdir(parents=True)
            (blocks / "devices" / disk / part / "partition").write_text("1")
    device = f"{tmp_path.stat().st_dev >> 8 & 0xFFF}:{tmp_path.stat().st_dev & 0xFF}"
    (blocks / device).symlink_to(blocks / "devices" / "sda" / "sda1")
    assert disks.same_disk(tmp_path, tmp_path, blocks)
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 {device} / {tmp_path} rw - ext4 /dev/sda1 rw\n", "utf-8")
    assert disks.other_disks(tmp_path, mounts, blocks) == []
