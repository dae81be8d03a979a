# ruff: noqa: F811  (the fixture's name is a parameter's name)
"""The centre's database on PostgreSQL: the same schema, and the same guards as in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import String, insert, select, text
from sqlalchemy.exc import IntegrityError, InternalError
from sqlalchemy.orm import Session

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import Role
from mab_desktop.services import centre_server
from mab_desktop.storage import database_server, migrate
from mab_desktop.storage.server_schema import as_in_a_file, refusing
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.centre import CentreKey, KeyEnvelope, Recount, SeatingSeed
from mab_desktop.storage.tables.core import DeviceKey, Draft, ReferenceItem, Setting, TrustState
from mab_desktop.storage.tables.results import PasswordTries
from mab_desktop.storage.tables.secret import Secret
from mab_desktop.storage.tables.students import Shift
from tests.conftest import KEY, MakeContext
from tests.postgres import Server, postgres  # noqa: F401  (a fixture)

ACTOR = Actor("one", "One", "programmer", "ntc", "ntc")
QUIET = "INSERT INTO setting (key, value) VALUES ('quiet', '{}')"

pytestmark = pytest.mark.heavy


def made(folder: Path, address: str) -> Store:
    """An empty centre on a server."""
    path = folder / "mab.db"
    database_server.server_file(path).write_text(address, encoding="utf-8")
    database_server.make_schema(address)
    store = Store(path, KEY, SystemClock())
    migrate.upgrade(store.engine)
    return store


@pytest.fixture(scope="module")
def store(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = made(tmp_path_factory.mktemp("centre"), postgres.new_database())
    yield opened
    opened.close()


def test_the_migrations_make_the_same_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        options = {
            "include_name": lambda name, kind, _parents: (kind, name) != ("table", "mab_watch"),
            # Text is as long as it is, as in SQLite: lengths are held by the specs.
            "compare_type": lambda _context, _in, _meta, have, want: (
                False if isinstance(have, String) and isinstance(getattr(want, "inner", want), String) else None
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    migrate.upgrade(store.engine)
    assert migrate.current(store.engine) == migrate.head()


def bulk_insert(session: Session) -> None:
    session.execute(insert(Setting), [{"key": "quiet", "value": {}}])


def raw_text(session: Session) -> None:
    session.execute(text(QUIET))


def bare_driver(session: Session) -> None:
    session.connection().connection.driver_connection.execute(QUIET)  # type: ignore[union-attr]


def emptied(session: Session) -> None:
    session.execute(text("TRUNCATE setting"))


def change_and_commit(store: Store, change: Callable[[Session], None]) -> None:
    with store.write(ACTOR) as tx:
        change(tx.session)
        tx.session.commit()


@pytest.mark.parametrize("change", [bulk_insert, raw_text, bare_driver, emptied])
def test_no_way_around_the_log(store: Store, change: Callable[[Session], None]) -> None:
    before = store.log_head()
    with pytest.raises(RuntimeError, match="setting"), store.write(ACTOR) as tx:
        change(tx.session)
    with pytest.raises(IntegrityError, match="changed without a log entry: setting"):
        change_and_commit(store, change)
    with store.read() as session, pytest.raises((InternalError, ReadOnlySqlTransaction), match="read-only"):
        change(session)
    assert store.log_head() == before
    with store.read() as session:
        assert session.get(Setting, "quiet") is None


def test_the_server_itself_refuses_another_program(store: Store, postgres: Server) -> None:
    """psql knows nothing of our program, and is refused all the same."""
    with pytest.raises(CalledProcessError) as refused:
        postgres.ask("INSERT INTO mab.setting (key, value) VALUES ('quiet', '{}')", "mab1")
    assert "changed without a log entry: setting" in refused.value.stderr


def test_what_is_only_typed_or_changes_nothing_needs_no_log_entry(store: Store) -> None:
    before = store.log_head()
    with store.write(ACTOR) as tx:
        tx.session.merge(Draft(form="student", owner="op1", values={}, saved_at="x"))
    with store.write(ACTOR) as tx:
        tx.session.execute(text("DELETE FROM setting WHERE key='nothing has this name'"))
    assert store.log_head() == before


def test_the_log_is_chained_and_cannot_be_changed(store: Store) -> None:
    heard: list[frozenset[str]] = []
    take_off = store.on_change(heard.append)
    for value in range(3):
        with store.write(ACTOR) as tx:
            tx.session.merge(Setting(key="a", value={"v": value}))
            tx.note("setting-changed", "a", value=value, text="Әріп")
    take_off()
    assert heard == [frozenset({"setting", "audit"})] * 3
    assert store.verify_log() is None
    for statement in ("UPDATE audit SET \"user\"='x' WHERE n=2", "DELETE FROM audit"):
        with pytest.raises(IntegrityError, match="the log cannot be changed"), store.write(ACTOR) as tx:
            tx.session.connection().exec_driver_sql(statement)


def test_triggers_of_migrations_are_said_in_the_servers_language() -> None:
    said = refusing("CREATE TRIGGER x_once BEFORE UPDATE OF a, b ON x WHEN OLD.a IS NOT NULL BEGIN SELECT "
                    "RAISE(ABORT, 'once'); END")  # fmt: skip
    assert said == ("CREATE TRIGGER x_once BEFORE UPDATE OF a, b ON x FOR EACH ROW WHEN (OLD.a IS NOT NULL) "
                    "EXECUTE FUNCTION mab_refuse('once')")  # fmt: skip
    assert refusing("CREATE INDEX x ON y (z)") == "CREATE INDEX x ON y (z)"
    assert as_in_a_file("ALTER TABLE a ADD COLUMN b VARCHAR(3) NOT NULL, ADD COLUMN c INTEGER") == (
        'ALTER TABLE a ADD COLUMN b TEXT COLLATE "C" NOT NULL, ADD COLUMN c BIGINT'
    )
    assert as_in_a_file("UPDATE a SET b = 'TEXT'") == "UPDATE a SET b = 'TEXT'"


def test_names_sort_as_in_a_file(postgres: Server, tmp_path: Path) -> None:
    """A database whose own order is another one: the columns keep the order of bytes, so the Kazakh key works."""
    store = made(tmp_path, postgres.new_database("ru"))
    names = ["Әбдіров", "Абаев", "Жұмабаев", "Іскаков", "Иванов", "Ысқақ", "Өмір", "Омар", "Ұлан", "Үсен", "Ёлкин"]
    with store.write(ACTOR) as tx:
        tx.session.add_all(
            ReferenceItem(list="x", code=str(n), position=n, name_kk=sort_key(name), name_ru=name)
            for n, name in enumerate(names)
        )
        tx.note("reference-loaded", "x")
    with store.read() as session:
        found = list(session.scalars(select(ReferenceItem.name_ru).order_by(ReferenceItem.name_kk)))
        kinds = session.execute(text("SELECT DISTINCT collation_name FROM information_schema.columns WHERE "
                                     "table_schema='mab' AND data_type IN ('text', 'character varying')"
                                     )).scalars().all()  # fmt: skip
    store.close()
    assert found == sorted(names, key=sort_key)
    assert kinds == ["C"]


@pytest.mark.parametrize(
    ("address", "words"),
    [("sqlite:///x", "is written"), ("nothing", "is written"), ("postgresql://a:secret@h/d", "not hold a password")],
)
def test_an_address_that_is_refused(address: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as told:
        database_server.checked_address(address)
    assert "secret" not in told.value.message("en")


def test_a_server_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "mab.db"
    address = database_server.checked_address(f"postgresql://postgres@/mab?host={tmp_path}")
    database_server.server_file(path).write_text(address, encoding="utf-8")
    with pytest.raises(UserError, match="does not answer"):
        Store(path, KEY, SystemClock())


def test_all_rows_move_from_a_file_to_a_server_and_back(
    postgres: Server,
    make_context: MakeContext,
    tmp_path: Path,
) -> None:
    """Dates, JSON, bytes, numbers of 64 bits, Kazakh letters: the same on both sides, and identifiers count on."""
    ctx = make_context(Role.NTC, "")
    big = 2**40
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(TrustState(version=9, envelope=bytes(range(256)), adopted_at="x"))
        tx.session.add(Shift(number=1, exam_date=date(2011, 5, 16), start_time="09:00", state="planned"))
        tx.session.add(PasswordTries(subject="a", tries=1, last_at="x", ticks=big))
        tx.session.add(Recount(base_university="013", at="Ә", by="x", students=1, total_before=2, total_after=3,
                               differences=[{"a": None}]))  # fmt: skip
        tx.note("setting-changed", "Қазақ")
    before, head = rows_of(ctx.store), ctx.store.log_head()
    address = postgres.new_database()
    centre_server.to_server(ctx, address)
    assert not ctx.store.path.exists()
    server = Store(ctx.store.path, ctx.store.key, SystemClock())
    assert server.on_server
    moved = rows_of(server)
    assert {name: rows for name, rows in moved.items() if name != "audit"} == {
        name: rows for name, rows in before.items() if name != "audit"
    }
    assert moved["audit"][: head[0]] == before["audit"]
    assert server.verify_log() is None
    with server.write(ACTOR) as tx:
        tx.session.add(Recount(base_university="013", at="", by="", students=1, total_before=2, total_after=3,
                               differences=[]))  # fmt: skip
        tx.note("final-data-recounted", "013")
    with pytest.raises(UserError, match="on a server already"):
        centre_server.to_server(replace(ctx, store=server), postgres.new_database())
    centre_server.to_file(replace(ctx, store=server))
    back = Store(ctx.store.path, ctx.store.key, SystemClock())
    assert not back.on_server
    assert rows_of(back)["student"] == before["student"]
    assert [row[0] for row in rows_of(back)["recount"]] == [1, 2]
    assert back.verify_log() is None
    back.close()


def test_a_move_that_fails_leaves_the_file_in_force(
    postgres: Server,
    make_context: MakeContext,
) -> None:
    ctx = make_context(Role.NTC, "")
    address = postgres.new_database()
    database_server.make_schema(address)
    with pytest.raises(UserError, match="There is a database already"):
        centre_server.to_server(ctx, address)
    assert ctx.store.path.exists()
    assert not database_server.server_file(ctx.store.path).exists()
    assert ctx.store.verify_log() is None


def rows_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


SECRETS = {
    "device_key.keys": {"sign": "құпия кілт", "n": [1, None]}, "seating_seed.seed": "5eed" * 16,
    "seating_seed.password": "K7Q2-M9XD-3TRV", "centre_key.content": bytes(range(256)),
    "key_envelope.password_ministry": "AAAA-BBBB-CCCC", "key_envelope.password_chair": "DDDD-EEEE-FFFF",
    "key_envelope.others": {"chair-deputy": "GGGG-HHHH-JJJJ"},
}  # fmt: skip


def put_secrets(store: Store) -> None:
    with store.write(ACTOR) as tx:
        keys = SECRETS["device_key.keys"]
        tx.session.add(DeviceKey(keyid="k", kind="device", owner="ntc", created_at="x", keys=keys))
        tx.session.add(SeatingSeed(base_university="013", shift=1, commitment="c", sealed="s", made_at="x",
                                   seed=SECRETS["seating_seed.seed"], password=SECRETS["seating_seed.password"]))
        tx.session.add(CentreKey(shift=1, content=SECRETS["centre_key.content"], commitment="c", made_at="x"))
        tx.session.add(KeyEnvelope(
            base_university="013", shift=1, envelope="e", commitment="c", made_at="x",
            password_ministry=SECRETS["key_envelope.password_ministry"],
            password_chair=SECRETS["key_envelope.password_chair"], others=SECRETS["key_envelope.others"],
        ))  # fmt: skip
        tx.note("setting-changed", "secrets")


def secrets_of(store: Store) -> dict[str, object]:
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns
               if isinstance(column.type, Secret)]  # fmt: skip
    with store.read() as session:
        return {f"{column.table.name}.{column.name}": session.scalar(select(column)) for column in columns}


def test_a_dump_of_the_server_tells_no_secret_and_only_this_centre_opens_them(postgres: Server, tmp_path: Path) -> None:
    """Sealed one by one, each for its own column; a value changed, exchanged or put there in clear is refused."""
    address = postgres.new_database()
    store = made(tmp_path, address)
    put_secrets(store)
    assert secrets_of(store) == SECRETS
    name = postgres.made[-1]
    dump = postgres.dump(name)
    assert "seating_seed" in dump
    texts = [value for value in SECRETS.values() if isinstance(value, str)]
    told = ["құпия кілт", *texts, "GGGG-HHHH", bytes(range(64)).hex()]
    assert [secret for secret in told if secret in dump or secret.encode().hex() in dump] == []
    assert all(value.strip('"').startswith("sealed1.") for value in (
        postgres.ask("SELECT seed FROM mab.seating_seed", name), postgres.ask("SELECT keys FROM mab.device_key", name)
    ))  # fmt: skip
    for change in ("seed = password", "seed = '5eed'", "seed = left(seed, 40)", "seed = 'sealed1.ә'"):
        kept = postgres.ask("SELECT seed FROM mab.seating_seed", name)
        postgres.ask(f"SET session_replication_role = replica; UPDATE mab.seating_seed SET {change}", name)
        with pytest.raises(UserError, match=r"was changed on the server.*seating_seed\.seed"):
            secrets_of(store)
        postgres.ask(f"SET session_replication_role = replica; UPDATE mab.seating_seed SET seed = '{kept}'", name)
    assert secrets_of(store) == SECRETS
    store.close()
    stranger = Store(store.path, bytes(32), SystemClock())
    with pytest.raises(UserError, match="another centre wrote it"):
        secrets_of(stranger)
    stranger.close()


def test_secrets_move_to_a_server_sealed_and_back_as_they_were(postgres: Server, make_context: MakeContext) -> None:
    ctx = make_context(Role.NTC, "")
    put_secrets(ctx.store)
    centre_server.to_server(ctx, postgres.new_database())
    server = Store(ctx.store.path, ctx.store.key, SystemClock())
    assert secrets_of(server) == SECRETS
    assert "5eed5eed" not in postgres.dump(postgres.made[-1])
    centre_server.to_file(replace(ctx, store=server))
    back = Store(ctx.store.path, ctx.store.key, SystemClock())
    assert secrets_of(back) == SECRETS
    back.close()
