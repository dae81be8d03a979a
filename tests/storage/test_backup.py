"""Backups: checked before they are named, and kept as long as they should be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.organisation import Role
from mab_desktop.storage import backup
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import Setting
from tests.conftest import KEY, MakeContext

NOW = datetime(2011, 4, 1, 12, tzinfo=UTC)


def test_a_copy_holds_what_was_committed(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Setting(key="mark", value={"v": "Ә"}))
        tx.note("setting-changed", "mark")
    path = backup.back_up(ctx.store, tmp_path / "copies", NOW)
    copy = Store(path, KEY, SystemClock())
    with copy.read() as session:
        row = session.get(Setting, "mark")
        assert row is not None
        assert row.value == {"v": "Ә"}
    assert copy.verify_log() is None
    copy.close()
    assert [p.suffix for p in (tmp_path / "copies").iterdir() if p.suffix == ".part"] == []


def test_copies_are_found_newest_first(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    first = backup.back_up(ctx.store, tmp_path, NOW)
    second = backup.back_up(ctx.store, tmp_path, NOW + timedelta(hours=1))
    assert [path for _, path in backup.copies(tmp_path, ctx.store.path.stem)] == [second, first]


@given(st.lists(st.integers(0, 400 * 24), unique=True, max_size=300))
def test_what_is_dropped(hours: list[int]) -> None:
    times = [(NOW - timedelta(hours=h)).replace(tzinfo=None) for h in hours]
    dropped = backup.to_drop(times, NOW)
    kept = sorted(set(times) - set(dropped), reverse=True)
    assert [t for t in times if NOW.replace(tzinfo=None) - t <= backup.KEEP_ALL and t in dropped] == []
    assert len([t for t in kept if NOW.replace(tzinfo=None) - t > backup.KEEP_ALL]) <= 12 + 10 + 9
    if times:
        assert max(times) in kept
    assert backup.to_drop(kept, NOW) == [] or set(backup.to_drop(kept, NOW)) <= set(times)


def test_a_damaged_copy_is_refused(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    path = backup.back_up(ctx.store, tmp_path, NOW)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    copy = Store(path, KEY, SystemClock())
    with pytest.raises(Exception, match=r"damaged|malformed"):
        copy.quick_check()
    copy.close()
