"""Scenarios of the universities: first start, typing, export, import, backup, migration, change of passwords."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from mab_desktop.domain.errors import WrongPassword
from mab_desktop.domain.spreadsheet import export_csv
from mab_desktop.domain.student import STUDENT, value_text
from mab_desktop.domain.table_columns import Matching
from mab_desktop.exchange import carrier
from mab_desktop.exchange.trust import verify_list
from mab_desktop.services import accounts, backups, bring_in, restore, students, transfer, trusting, workplace
from mab_desktop.services.bring_in_plan import look
from mab_desktop.services.bring_in_rows import Choice
from mab_desktop.services.bring_in_sheet import open_sheet
from mab_desktop.services.context import Context
from mab_desktop.services.drafts import draft, save_draft
from mab_desktop.services.students import StudentRow
from mab_desktop.storage import backup, migrate
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, Draft, StreamIn
from tests.faults.scenario import Say, Scenario, after, database, events_of, go_on, opened, require_whole
from tests.services.land import CHEAP, OPERATOR, PASSWORD, PLACES, SEASON, Land, the_clock
from tests.services.people import student

MINE = "nu027"
NEW_PASSWORD = "мүлдем басқа құпия сөз"
TYPED = (20, 21, 22, 23)
EXPORTS = 2
PORTIONS = 2


def values_of(number: int) -> dict[str, object]:
    """A student's record; the day of birth keeps it from looking like another's."""
    made = student(number)
    return made | {"birth_date": made["birth_date"].replace(day=number % 28 + 1), "record_book": f"09-{number:04d}"}


def typed(ctx: Context) -> dict[str, StudentRow]:
    """The students of a workplace by their TO code."""
    return {str(row.to_code): row for row in students.all_rows(ctx)}


# -- typing: a draft while the form is open, then the record


def type_in(folder: Path, say: Say) -> None:
    with opened(folder, MINE) as ctx:
        there = typed(ctx)
        for number in TYPED:
            values = values_of(number)
            if values["to_code"] in there:
                continue
            save_draft(ctx, STUDENT, values | {"patronymic": f"{number}"})
            say(f"draft {number}")
            students.save(ctx, values)
            say(f"saved {number}")


def check_typing(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, MINE) as ctx:
        require_whole(ctx)
        there = typed(ctx)
        for number in map(int, after(said, "saved")):
            row = there[f"{20000000 + number}"]
            values = values_of(number)
            assert (row.record_book, row.birth_date) == (values["record_book"], values["birth_date"])
        assert len(there) == len(events_of(ctx, "student-entered"))
        kept = draft(ctx, STUDENT)
        last = said[-1].split() if said else [""]
        if last[0] == "draft":
            saved_meanwhile = f"{20000000 + int(last[1])}" in there
            assert kept == {} if saved_meanwhile else kept["patronymic"] == last[1]
        with ctx.store.read() as session:
            assert session.scalar(select(func.count()).select_from(Draft)) == bool(kept)


# -- export: portions of an operator to the drive


def written(ctx: Context) -> int:
    """How many carriers have reached a drive."""
    with ctx.store.read() as session:
        return session.scalar(select(func.count()).select_from(CarrierOut).where(CarrierOut.state != "built")) or 0


def export(folder: Path, say: Say) -> None:
    with opened(folder, OPERATOR) as ctx:
        while written(ctx) < EXPORTS:
            done = transfer.export(ctx, "operator-portion", MINE, folder / "drive")
            say(f"written {done.digest} {'|'.join(path.name for path in done.paths)}")


def check_export(folder: Path, said: Sequence[str]) -> None:
    drive = folder / "drive"
    for line in after(said, "written"):
        _, names = line.split(" ", 1)
        assert all((drive / name).is_file() for name in names.split("|"))
    with opened(folder, OPERATOR) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            columns = (CarrierOut.seq, CarrierOut.digest, CarrierOut.prev, CarrierOut.state)
            rows = session.execute(select(*columns).order_by(CarrierOut.seq)).all()
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert [row.prev for row in rows] == ["", *[row.digest for row in rows]][: len(rows)]
        states = {row.digest: row.state for row in rows}
        assert all(states[line.split()[0]] != "built" for line in after(said, "written"))
        whole_on_drive(drive)
        if "built" in states.values():  # its number must not be missing at the recipient's
            transfer.export(ctx, "operator-portion", MINE, drive)
    with opened(folder, MINE) as ctx:
        load_new(ctx, drive)
        with ctx.store.read() as session:
            assert session.scalars(select(StreamIn.seq)).all() == ([written_on(drive)] if written_on(drive) else [])


def whole_on_drive(drive: Path) -> None:
    """Whatever is named like a carrier is one, to the last byte."""
    for path in transfer.list_carriers(drive):
        verify(path)


def verify(path: Path) -> None:
    """CarrierRefused where a file is not whole and rightly signed."""
    carrier.verify(path, verify_list(trusting.trust_list_in(path)))


def written_on(drive: Path) -> int:
    """How many carriers lie there."""
    return len(transfer.list_carriers(drive))


# -- import: two portions, one after the other


def prepare_import(land: Land) -> None:
    """Two portions on the drive, each with a student of its own."""
    ctx = land.ctx(OPERATOR)
    for number in range(PORTIONS):
        students.save(ctx, values_of(40 + number))
        transfer.export(ctx, "operator-portion", MINE, land.drive)


def load_new(ctx: Context, drive: Path, say: Say = lambda _: None) -> None:
    """Load what lies on the drive and was not loaded before, in the order of the numbers."""
    with ctx.store.read() as session:
        known = set(session.scalars(select(CarrierIn.file_name)))
    for path in transfer.list_carriers(drive):
        if path.name not in known:
            say(f"loaded {transfer.load(ctx, path).digest}")


def load(folder: Path, say: Say) -> None:
    with opened(folder, MINE) as ctx:
        load_new(ctx, folder / "drive", say)


def check_import(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, MINE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            loaded = list(session.scalars(select(CarrierIn.digest)))
            places = list(session.scalars(select(StreamIn.seq)))
        assert set(after(said, "loaded")) <= set(loaded)
        assert places == ([len(loaded)] if loaded else [])
        assert sorted(events_of(ctx, "carrier-accepted")) == sorted(loaded)
        new = {f"{20000000 + 40 + n}" for n in range(len(loaded))}
        assert {code for code in typed(ctx) if code >= "20000040"} == new


# -- bring-in: a table of students in one step, taken back in one step, and brought in again

TABLE = [student(200 + n, surname="Тізімов", first_name="Қаныш", patronymic=None,
                 birth_date=date(1990, 1, 1) + timedelta(days=n)) for n in range(40)]  # fmt: skip


def prepare_table(land: Land) -> None:
    """The table of a dean's office."""
    (land.folder / "paper").mkdir()
    rows = [["" if value is None else value_text(value) for value in values.values()] for values in TABLE]
    export_csv(land.folder / "paper" / "table.csv", list(TABLE[0]), rows)


def bring_in_table(folder: Path, say: Say) -> None:
    with opened(folder, MINE) as ctx:
        sheet = open_sheet(folder / "paper" / "table.csv")
        matching = Matching({name: sheet.heads.index(name) for name in STUDENT.names})
        while len(done := bring_in.past(ctx)) < 2 or not done[-1].undone:
            if done and not done[0].undone:
                bring_in.undo(ctx, done[0].id, "қате файл")
                say(f"undone {done[0].id}")
            else:
                say(f"brought {bring_in.bring_in(ctx, look(ctx, sheet, matching), Choice()).id}")
            go_on(ctx, ctx.clock.now() + timedelta(minutes=1))


def check_table(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, MINE) as ctx:
        require_whole(ctx)
        done = bring_in.past(ctx)
        assert {past.id for past in done} >= set(after(said, "brought"))
        assert {past.id for past in done if past.undone} >= set(after(said, "undone"))
        there = [values for values in typed(ctx).values() if values.surname == TABLE[0]["surname"]]
        assert len(there) == sum(len(TABLE) for past in done if not past.undone)
        assert sorted(events_of(ctx, "students-brought-in")) == sorted(past.id for past in done)
        assert sorted(events_of(ctx, "bringing-in-undone")) == sorted(past.id for past in done if past.undone)


# -- backup: copies over several days, the old ones thinned out


def copies(ctx: Context) -> set[Path]:
    """The finished copies of a workplace."""
    with backup.in_words():  # a disk that refuses our own look is no fault of the workplace
        return set(backups.folder_of(ctx).glob("mab-*.db"))


def back_up(folder: Path, say: Say) -> None:
    with opened(folder, MINE) as ctx:
        for number in (60, 61):
            if f"{20000000 + number}" not in typed(ctx):
                students.save(ctx, values_of(number))
            go_on(ctx, ctx.clock.now() + timedelta(hours=30))
            before = copies(ctx)
            backups.back_up(ctx, "asked")
            for path in copies(ctx) - before:
                say(f"copied {path.name} {len(typed(ctx))}")


def check_backup(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, MINE) as ctx:
        require_whole(ctx)
        there: dict[str, int | None] = dict.fromkeys(path.name for path in copies(ctx))
        for line in after(said, "copied"):
            name, count = line.rsplit(" ", 1)
            assert name in there
            there[name] = int(count)
        for name, held in there.items():
            copy_is_whole(ctx, backups.folder_of(ctx) / name, held)


def copy_is_whole(ctx: Context, path: Path, count: int | None) -> None:
    """A copy opens with the database's key, is sound, and holds the students that it was made of."""
    store = Store(path, ctx.store.key, ctx.clock)
    try:
        store.quick_check()
        assert store.verify_log() is None
        with store.read() as session:
            found = session.scalar(text("SELECT count(*) FROM student"))
        assert count is None or found == count
    finally:
        store.close()


# -- migration: a database of the schema before meets the next one

NEXT = '''"""The next."""
from alembic import op

revision = "9999"
down_revision = {head!r}
branch_labels = depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE marker (id TEXT PRIMARY KEY, surname TEXT)")
    op.execute("INSERT INTO marker SELECT id, surname FROM student")
    op.execute("ALTER TABLE student ADD COLUMN marked INTEGER NOT NULL DEFAULT 7")
    op.execute("UPDATE student SET marked = 8")
    op.execute("CREATE INDEX ix_marker ON marker (surname)")
'''


def bring_up(folder: Path, say: Say) -> None:
    with next_schema(folder), opened(folder, MINE) as ctx:
        say(f"opened {migrate.current(ctx.store.engine)}")


def check_migration(folder: Path, said: Sequence[str]) -> None:
    if said:
        assert found_schema(folder) == "9999"
    whole_before = found_schema(folder)
    with next_schema(folder), opened(folder, MINE) as ctx:
        require_whole(ctx)
        assert migrate.current(ctx.store.engine) == "9999"
        with ctx.store.read() as session:
            counts = [session.scalar(text(f"SELECT count(*) FROM {t}")) for t in ("marker", "student WHERE marked=8")]
        assert counts == [2, 2]
        if whole_before != "9999":
            assert events_of(ctx, "migration-run") == ["9999"]
        for path in copies(ctx):
            copy_is_whole(ctx, path, 2)


def found_schema(folder: Path) -> str:
    """The schema version of the database as it lies there."""
    key = workplace.keyring_of(database(folder, MINE)).unlock("programmer", PASSWORD)
    store = Store(database(folder, MINE), key, the_clock())
    try:
        with store.read() as session:
            return str(session.scalar(text("SELECT version_num FROM alembic_version")))
    finally:
        store.close()


@contextmanager
def next_schema(folder: Path) -> Iterator[None]:
    """The program of the next version: one more migration than today's."""
    today = migrate.MIGRATIONS
    migrate.MIGRATIONS = folder / "migrations"
    try:
        yield
    finally:
        migrate.MIGRATIONS = today


def prepare_migration(land: Land) -> None:
    """The scripts of the next version."""
    scripts = land.folder / "migrations"
    shutil.copytree(migrate.MIGRATIONS, scripts)
    (scripts / "versions" / "9999_next.py").write_text(NEXT.format(head=migrate.head()), "utf-8")


# -- passwords: one's own is changed, a person comes and another goes


def change_keys(folder: Path, say: Say) -> None:
    password = working_password(folder)
    with opened(folder, MINE, password=password) as ctx:
        if "clerk" not in logins(ctx):
            accounts.add_person(ctx, "clerk", "Әсел Қызметші", "operator", PASSWORD, CHEAP)
            say("added")
        if password != NEW_PASSWORD:
            accounts.change_password(ctx, password, NEW_PASSWORD, CHEAP)
            say("changed")
        if "leaver" in logins(ctx) or opens(folder, "leaver", PASSWORD):
            accounts.close_account(ctx, "leaver")
            say("closed")


def check_keys(folder: Path, said: Sequence[str]) -> None:
    password = working_password(folder)
    assert password == NEW_PASSWORD or "changed" not in said
    assert not (opens(folder, "programmer", PASSWORD) and opens(folder, "programmer", NEW_PASSWORD))
    with opened(folder, MINE, password=password) as ctx:
        require_whole(ctx)
        assert ("clerk" in logins(ctx)) >= ("added" in said)
        assert ("leaver" in logins(ctx)) <= ("closed" not in said)
    assert "added" not in said or may_enter(folder, "clerk")
    assert "closed" not in said or not may_enter(folder, "leaver")


def prepare_keys(land: Land) -> None:
    """A person who will leave."""
    accounts.add_person(land.ctx(MINE), "leaver", "Кетуші Кетсейұлы", "operator", PASSWORD, CHEAP)


def logins(ctx: Context) -> set[str]:
    """Who may log in, by the database."""
    return {person.login for person in accounts.people(ctx) if person.active}


def opens(folder: Path, login: str, password: str) -> bool:
    """Whether a password opens the key ring."""
    try:
        workplace.keyring_of(database(folder, MINE)).unlock(login, password)
    except WrongPassword:
        return False
    return True


def may_enter(folder: Path, login: str) -> bool:
    """Whether a person gets into the workplace."""
    try:
        with opened(folder, MINE, login):
            return True
    except WrongPassword:
        return False


def working_password(folder: Path) -> str:
    """The password that opens the workplace now: there always is one."""
    return next(password for password in (NEW_PASSWORD, PASSWORD) if opens(folder, "programmer", password))


# -- restore: back to a copy, by two persons

SECOND = "second"


def prepare_restore(land: Land) -> None:
    """A copy, and work after it; a second person who may answer."""
    ctx = land.ctx(MINE)
    accounts.add_person(ctx, SECOND, "Үйлестіруші Кәрім", "coordinator", PASSWORD, CHEAP)
    students.save(ctx, values_of(80))
    backups.back_up(ctx, "asked")
    students.save(ctx, values_of(81))


def epoch_of(folder: Path) -> int:
    """How often the workplace went back, plus one."""
    with opened(folder, MINE) as ctx, ctx.store.read() as session:
        return backups.epoch_of(session)


def go_back(folder: Path, say: Say) -> None:
    if epoch_of(folder) == 1:
        clock, place = the_clock(), database(folder, MINE)
        copy = backup.copies(backups.folder_beside(place), place.stem)[-1].path  # the one with the shortest log
        found = restore.open_copy(place, copy, "programmer", PASSWORD, clock)
        second = restore.second_person(found, SECOND, PASSWORD, clock)
        done = restore.restore(found, second, clock)
        say(f"restored {done.epoch}")
    with opened(folder, MINE) as ctx:
        if f"{20000000 + 82}" not in typed(ctx):
            students.save(ctx, values_of(82))
            say("saved")


def check_restore(folder: Path, said: Sequence[str]) -> None:
    with opened(folder, MINE) as ctx:
        require_whole(ctx)
        with ctx.store.read() as session:
            epoch = backups.epoch_of(session)
        there = {code for code in typed(ctx) if code >= "20000080"}
        assert epoch >= max(map(int, after(said, "restored")), default=1)
        assert there - {"20000082"} == ({"20000080", "20000081"} if epoch == 1 else {"20000080"})
        assert ("20000082" in there) >= ("saved" in said)
        assert len(events_of(ctx, "backup-restored")) == (epoch > 1)
        for path in copies(ctx):
            copy_is_whole(ctx, path, None)


# -- first start: a workplace is there whole, or can be made again


def start(folder: Path, say: Say) -> None:
    fresh = database(folder, "fresh")
    if not fresh.exists():
        land = Land(folder, (folder / "fingerprint").read_text("utf-8"))
        land.start("nu041", database=fresh).store.close()
        say("made")
    with opened(folder, "fresh") as ctx:
        if "clerk" not in logins(ctx):
            accounts.add_person(ctx, "clerk", "Әсел Қызметші", "operator", PASSWORD, CHEAP)
            say("added")


def check_start(folder: Path, said: Sequence[str]) -> None:
    fresh = database(folder, "fresh")
    assert fresh.exists() or not said
    if fresh.exists():
        with opened(folder, "fresh") as ctx:
            require_whole(ctx)
            assert (ctx.university, ctx.season) == (PLACES["nu041"][1], SEASON)
            assert ("clerk" in logins(ctx)) >= ("added" in said)


SCENARIOS = (
    Scenario("typing", (MINE,), type_in, check_typing),
    Scenario("export", (OPERATOR, MINE, "drive"), export, check_export),
    Scenario("import", (MINE, "drive"), load, check_import, prepare_import),
    Scenario("bring-in", (MINE, "paper"), bring_in_table, check_table, prepare_table),
    Scenario("backup", (MINE,), back_up, check_backup),
    Scenario("migration", (MINE, "migrations"), bring_up, check_migration, prepare_migration, ("migrations",)),
    Scenario("keys", (MINE,), change_keys, check_keys, prepare_keys),
    Scenario("restore", (MINE,), go_back, check_restore, prepare_restore),
    Scenario("start", ("trust.json", "fingerprint"), start, check_start, spared=("fingerprint",)),
)
