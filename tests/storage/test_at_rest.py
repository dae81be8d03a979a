"""The database file as it lies on the disk: how it is set, what finds damage in it, and what must not leak from it."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DatabaseError, StatementError

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.storage import instance
from mab_desktop.storage.store import APPLICATION_ID, Damaged, Store, require_sound_sqlite
from mab_desktop.storage.tables.core import Account, Setting
from mab_desktop.ui.messages import report_text
from tests.conftest import KEY, MakeContext


def test_the_database_is_set_as_decided(make_context: MakeContext) -> None:
    found = make_context(Role.NETWORK_UNI, "027").store.pragmas()
    assert {name: found[name] for name in found if name not in ("sqlite", "cipher_version")} == {
        "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1",
        "mmap_size": "0", "busy_timeout": "5000", "secure_delete": "1", "temp_store": "2",
        "application_id": str(APPLICATION_ID), "cipher_page_size": "4096", "cipher_use_hmac": "1",
        "cipher_hmac_algorithm": "HMAC_SHA512",
    }  # fmt: skip


@pytest.mark.parametrize(("version", "sound"), [
    ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 3), False), ((3, 50, 6), False),
    ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((4, 0, 0), True),
])  # fmt: skip
def test_an_sqlite_that_loses_commits_is_refused(version: tuple[int, ...], sound: bool) -> None:
    if sound:
        require_sound_sqlite(version)
        return
    with pytest.raises(UserError, match=r"SQLite 3\.\d+\.\d+") as caught:
        require_sound_sqlite(version)
    assert caught.value.exit_code == 7


def test_any_flipped_bit_is_found_by_the_full_check_or_before(empty_database: Path, tmp_path: Path) -> None:
    """Every page has a keyed checksum; the quick check of the start reads no more than it must."""
    data = empty_database.read_bytes()
    rng = random.Random(7)
    path = tmp_path / "flipped.db"
    for _ in range(40):
        flipped = bytearray(data)
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        store = Store(path, KEY, SystemClock())
        try:
            found: list[str] = store.full_check()
        except Damaged as error:
            found = [str(error)]
        finally:
            store.close()
        assert found


def test_a_whole_database_has_no_findings(make_context: MakeContext) -> None:
    assert make_context(Role.NETWORK_UNI, "027").store.full_check() == []


def test_a_row_that_refers_to_nothing_is_found(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.engine.execution_options(mab_write=True).connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("COMMIT") if raw.in_transaction else None
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("PRAGMA query_only=OFF")
        raw.execute("INSERT INTO print_paper (job, pdf) VALUES (77, x'00')")
        raw.execute("PRAGMA foreign_keys=ON")
    assert ctx.store.full_check() == ["print_paper row 77 refers to no row of print_job"]


def test_a_database_of_another_program_is_not_ours(empty_database: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    shutil.copy(empty_database, path)
    store = Store(path, KEY, SystemClock())
    with store.engine.execution_options(mab_write=True).begin() as connection:
        connection.exec_driver_sql("PRAGMA application_id=77")
    with pytest.raises(Damaged, match="is not ours"):
        store.quick_check()
    store.close()


SECRET = "Құпиябай Деректұлы 910514300001"


def _ways_to_fail(store: Store) -> list[BaseException]:
    """What a bug of ours may bring up, with a person's data or the key at hand."""
    found: list[BaseException] = []

    def note(act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except (DatabaseError, StatementError, UserError, RuntimeError, ValueError) as error:
            found.append(error)

    from mab_desktop.storage.store import Actor

    actor = Actor("x", SECRET, "programmer")
    row = {"login": "a", "full_name": SECRET, "role": "operator", "active": True, "created_at": "", "must_change": True}

    def twice() -> None:
        with store.write(actor) as tx:
            tx.session.execute(insert(Account), [row, row])

    def no_such_column() -> None:
        with store.write(actor) as tx:
            tx.session.execute(text("UPDATE account SET nothing=:x"), {"x": SECRET})

    def not_json() -> None:
        with store.write(actor) as tx:
            tx.session.add(Setting(key=SECRET, value={"x": object()}))
            tx.session.flush()

    def unlogged() -> None:
        with store.write(actor) as tx:
            tx.session.execute(insert(Account), [row])

    def reading_store_with_another_key() -> None:
        copied = store.path.with_name("copy.db")
        shutil.copy(store.path, copied)
        other = Store(copied, bytes(32), SystemClock())
        try:
            other.quick_check()
        finally:
            other.close()

    for act in (twice, no_such_column, not_json, unlogged, reading_store_with_another_key):
        note(act)
    return found


def test_neither_the_key_nor_what_people_typed_stands_in_a_report_of_a_bug(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    errors = _ways_to_fail(ctx.store)
    assert len(errors) == 5
    for error in errors:
        report = report_text(type(error), error, error.__traceback__)
        assert "Traceback" in report
        for secret in (KEY.hex(), repr(KEY), SECRET, "Құпиябай", "910514300001"):
            assert secret not in report, report
    assert KEY.hex() not in repr(ctx.store)
    assert KEY.hex() not in repr(ctx)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of Linux")
def test_a_folder_that_cannot_be_written_to_is_told_in_words() -> None:
    with pytest.raises(UserError, match="cannot be written to"):
        instance.acquire(Path("/sys/kernel/mab.db"))
