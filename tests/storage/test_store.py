"""The store: nothing without a log entry, nothing half, nothing in clear."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session
from sqlcipher3.dbapi2 import DatabaseError as DriverError

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services.context import Context
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Damaged, Store
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.core import Draft, Setting
from tests.conftest import KEY, MakeContext


def test_a_change_without_a_log_entry_is_taken_back(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with pytest.raises(RuntimeError, match="setting"), ctx.store.write(ctx.actor) as tx:
        tx.session.execute(insert(Setting), [{"key": "quiet", "value": {}}])
    with ctx.store.read() as session:
        assert session.get(Setting, "quiet") is None


QUIET = "INSERT INTO setting (key, value) VALUES ('quiet', '{}')"


def bulk_insert(session: Session) -> None:
    session.execute(insert(Setting), [{"key": "quiet", "value": {}}])


def raw_text(session: Session) -> None:
    session.execute(text(QUIET))


def core_connection(session: Session) -> None:
    session.connection().exec_driver_sql(QUIET)


def bare_driver(session: Session) -> None:
    session.connection().connection.driver_connection.execute(QUIET)  # type: ignore[union-attr]


def new_trigger(session: Session) -> None:
    session.execute(
        text("CREATE TRIGGER quiet AFTER INSERT ON draft BEGIN INSERT INTO setting VALUES ('q', '{}'); END")
    )


def change_and(ctx: Context, change: Callable[[Session], None], commit: Callable[[Session], object]) -> None:
    with ctx.store.write(ctx.actor) as tx:
        change(tx.session)
        commit(tx.session)


@pytest.mark.parametrize("change", [bulk_insert, raw_text, core_connection, bare_driver, new_trigger])
def test_no_way_around_the_log(make_context: MakeContext, change: Callable[[Session], None]) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.write(ctx.actor) as tx:  # what was prepared once with a note is watched again without one
        core_connection(tx.session)
        tx.note("setting-changed", "quiet")
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(text("DELETE FROM setting WHERE key='quiet'"))
        tx.note("setting-changed", "quiet")
    before = ctx.store.log_head()
    with pytest.raises(RuntimeError, match="setting|schema"), ctx.store.write(ctx.actor) as tx:
        change(tx.session)
    for commit in (lambda s: s.commit(), lambda s: s.connection().connection.driver_connection.execute("COMMIT")):
        with pytest.raises((DatabaseError, DriverError), match="not authorized"):
            change_and(ctx, change, commit)
    with ctx.store.read() as session, pytest.raises((DatabaseError, DriverError), match="readonly"):
        change(session)
    assert ctx.store.log_head() == before
    with ctx.store.read() as session:
        assert session.get(Setting, "quiet") is None


def test_what_is_only_typed_or_only_looked_at_needs_no_log_entry(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    before = ctx.store.log_head()
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Draft(form="student", owner="op1", values={}, saved_at="x"))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(text("DELETE FROM setting WHERE key='nothing has this name'"))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(text("CREATE TEMPORARY TABLE wanted (id TEXT)"))
        tx.session.execute(text("INSERT INTO wanted VALUES ('1')"))
    assert ctx.store.log_head() == before


def test_an_unknown_event_is_a_bug(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with pytest.raises(KeyError), ctx.store.write(ctx.actor) as tx:
        tx.note("something-happened", "x")


def test_the_log_is_chained_and_cannot_be_changed(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    for value in range(3):
        with ctx.store.write(ctx.actor) as tx:
            tx.session.merge(Setting(key="a", value={"v": value}))
            tx.note("setting-changed", "a", value=value, text="Әріп")
    assert ctx.store.verify_log() is None
    for statement in ("UPDATE audit SET user='x' WHERE n=2", "DELETE FROM audit"):
        with pytest.raises(IntegrityError), ctx.store.write(ctx.actor) as tx:
            tx.session.connection().exec_driver_sql(statement)
    with ctx.store.engine.execution_options(mab_write=True).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET user='x' WHERE n=2")
    assert ctx.store.verify_log() == 2


def test_listeners_hear_the_changed_tables_after_the_commit(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    heard: list[frozenset[str]] = []
    take_off = ctx.store.on_change(heard.append)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Setting(key="a", value={}))
        tx.note("setting-changed", "a")
        assert heard == []
    take_off()
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Setting(key="b", value={}))
        tx.note("setting-changed", "b")
    assert heard == [frozenset({"setting", "audit"})]


def test_the_file_is_encrypted_and_a_wrong_key_is_told_in_words(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    ctx.store.close()
    assert "Қазақстан".encode() not in ctx.store.path.read_bytes()
    with pytest.raises(UserError, match="damaged or the key is wrong"):
        Store(ctx.store.path, bytes(32), SystemClock()).quick_check()
    cut = tmp_path / "cut.db"
    cut.write_bytes(ctx.store.path.read_bytes()[:8192] + b"\1" * 4096)
    with pytest.raises(UserError):
        Store(cut, KEY, SystemClock()).quick_check()


def test_migrations_make_exactly_the_tables_of_the_classes(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert migrate.current(ctx.store.engine) == migrate.head()


def test_a_newer_database_is_refused(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.engine.execution_options(mab_write=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num='9999'")
    with pytest.raises(UserError, match="newer version"):
        migrate.current(ctx.store.engine)


def test_a_reader_sees_one_state_while_another_writes(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.read() as session:
        before = len(session.scalars(select(Setting.key)).all())
        with ctx.store.write(ctx.actor) as tx:
            tx.session.add(Setting(key="new", value={}))
            tx.note("setting-changed", "new")
        assert len(session.scalars(select(Setting.key)).all()) == before


def test_a_copied_database_opens_with_its_key(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    ctx.store.close()
    shutil.copy(ctx.store.path, tmp_path / "copy.db")
    copy = Store(tmp_path / "copy.db", KEY, SystemClock())
    copy.quick_check()
    copy.close()


def test_a_schema_that_the_disk_does_not_give_is_told_in_words(make_context: MakeContext) -> None:
    """As while a copy is put in place: the first thing asked of it is its schema."""
    ctx = make_context(Role.NETWORK_UNI, "027")
    ctx.store.settle()
    ctx.store.close()
    path = ctx.store.path
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096 + 100)
            file.write(b"\0" * 64)
    torn = Store(path, KEY, SystemClock())
    try:
        with pytest.raises(Damaged):
            migrate.current(torn.engine)
    finally:
        torn.close()
