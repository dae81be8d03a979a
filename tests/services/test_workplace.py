"""First start, log-in, people, migration, damage, one program at a time: on real folders."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mab_desktop.domain.errors import CarrierRefused, Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.services import backups, restore, trusting, workplace
from mab_desktop.services.accounts import add_person, change_password, close_account, people
from mab_desktop.services.workplace import keyring_of, log_in
from mab_desktop.storage import backup, instance, migrate
from mab_desktop.storage.place import Place
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry, Setting
from tests.services.authority import official_list
from tests.services.land import CHEAP, PASSWORD, SEASON, Land, events, the_clock

NEW = "тағы бір ұзын сөз"


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} if folder.exists() else set()


def enter(land: Land, login: str = "programmer", password: str = PASSWORD, name: str = "nu027") -> None:
    log_in(land.database(name), login, password, clock=land.clock).store.close()


# -- first start


def test_a_workplace_is_made_and_opened(land: Land) -> None:
    ctx = land.start("nu041", database=land.database("fresh"), login="  Programmer ", name=" Асан ")
    assert (ctx.actor.login, ctx.actor.name, ctx.organisation) == ("programmer", "Асан", "nu041")
    assert events(ctx) == ["workplace-created", "trust-adopted"]
    ctx.store.close()
    assert files_in(land.folder / "fresh") == {"mab.db", "mab.keys", "mab.lock"}
    again = log_in(land.database("fresh"), "PROGRAMMER", PASSWORD, clock=land.clock)
    assert (again.role, again.university, again.season) == (Role.NETWORK_UNI, "041", SEASON)
    assert again.actor == ctx.actor
    again.store.close()


def test_the_centres_recovery_key_opens_every_database(land: Land) -> None:
    with land.ctx("ntc").store.read() as session:
        identity = trusting.device_keys(session).age_identity
    key = keyring_of(land.database("nu027")).recover(identity)
    store = Store(land.database("nu027"), key, land.clock)
    store.quick_check()
    assert store.verify_log() is None
    store.close()
    with land.ctx("bu013").store.read() as session, pytest.raises(WrongPassword):
        keyring_of(land.database("nu027")).recover(trusting.device_keys(session).age_identity)


WRONG_STARTS = {
    "short password": ({"password": "қысқа сөз"}, "At least 12"),
    "no login": ({"login": " "}, "Required field"),
    "no name": ({"name": ""}, "Required field"),
    "long login": ({"login": "a" * 65}, "At most 64"),
    "unknown role of a person": ({"person_role": "king"}, "king is not in the list"),
    "letters for a code": ({"university": "ККК"}, "three digits"),
    "device in Kazakh": ({"device": "бірінші"}, "small Latin letters"),
    "campaign in Kazakh": ({"season": Season(2011, "көктем", official=False)}, "small Latin letters"),
    "wrong groups": ({"groups": "AAAA BBBB"}, "check groups"),
    "no groups": ({"groups": ""}, "check groups"),
    "no centre's file": ({"centre_file": None}, "needs the centre's file"),
    "centre's file is gone": ({"centre_file": Path("/nowhere/at/all.mab")}, "There is no file"),
    "a folder for the centre's file": ({"centre_file": Path("/tmp")}, "There is no file"),
}


@pytest.mark.parametrize("case", WRONG_STARTS)
def test_a_first_start_that_is_refused_leaves_nothing(land_template: Land, tmp_path: Path, case: str) -> None:
    land = Land(land_template.folder, land_template.fingerprint)
    changes, words = WRONG_STARTS[case]
    with pytest.raises(UserError, match=words) as caught:
        land.start("nu041", database=tmp_path / "new" / "mab.db", **changes)
    assert files_in(tmp_path) == set()
    assert all("{" not in caught.value.message(lang) for lang in ("kk", "ru", "en"))


def test_all_that_is_wrong_is_told_at_once(land_template: Land, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        land_template.start("nu041", database=tmp_path / "mab.db", password="", login="", name="", university="1")
    assert [problem.field for problem in caught.value.problems] == ["login", "name", "university", "password"]


@pytest.mark.parametrize("own_folder", [True, False])
def test_a_first_start_that_breaks_half_way_leaves_nothing(
    land_template: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_folder: bool
) -> None:
    """The migrations are broken: the key ring and an empty database exist already at that moment."""
    folder = tmp_path / "new" if own_folder else tmp_path
    broken = tmp_path.parent / f"{tmp_path.name}-migrations"
    shutil.copytree(migrate.MIGRATIONS, broken)
    script = next((broken / "versions").glob("0001_*.py"))
    head = "def upgrade() -> None:"
    more = f"{head}\n    op.execute('CREATE TABLE half (n INTEGER)')\n    op.execute('NONSENSE')"
    script.write_text(script.read_text("utf-8").replace(head, more), "utf-8")
    monkeypatch.setattr(migrate, "MIGRATIONS", broken)
    with pytest.raises(Exception, match="NONSENSE"):
        land_template.start("nu041", database=folder / "mab.db")
    assert files_in(tmp_path) == set()
    monkeypatch.undo()
    land_template.start("nu041", database=folder / "mab.db").store.close()
    enter(Land(folder.parent, ""), name=folder.name)


def test_a_first_start_after_a_power_cut(land_template: Land, tmp_path: Path) -> None:
    """The computer went off when the locks were in their place and the database was not."""
    database = tmp_path / "mab.db"
    land_template.start("nu041", database=database).store.close()
    staging = tmp_path / "mab.new"
    staging.mkdir()
    shutil.copy(tmp_path / "mab.keys", staging)
    database.rename(staging / "mab.db")
    ctx = land_template.start("nu041", database=database, password=NEW)
    ctx.store.close()
    assert files_in(tmp_path) == {"mab.db", "mab.keys", "mab.lock"}
    log_in(database, "programmer", NEW).store.close()


def test_what_stands_already_is_never_overwritten(land: Land, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (land.folder / "nu027").iterdir()}
    with pytest.raises(UserError, match="There is a database already"):
        land.start("nu027")
    assert {path: path.read_bytes() for path in (land.folder / "nu027").iterdir()} == before
    land.database("nu027").unlink()
    keys = (land.folder / "nu027" / "mab.keys").read_bytes()
    with pytest.raises(UserError, match="locks of a database are here"):
        land.start("nu027")
    assert (land.folder / "nu027" / "mab.keys").read_bytes() == keys
    (tmp_path / "file").write_text("not a folder", "utf-8")
    with pytest.raises(UserError, match="cannot be used"):
        land.start("nu041", database=tmp_path / "file" / "mab.db")


def test_real_data_stay_on_disks_of_the_computer(tmp_path: Path) -> None:
    workplace.require_own_disk(tmp_path / "not" / "there" / "yet")
    for found, words in ((Place.REMOVABLE, "can be taken out"), (Place.NETWORK, "on another computer"),
                         (Place.SYNCED, "a cloud service")):  # fmt: skip
        with pytest.raises(UserError, match=words) as caught:
            workplace.require_own_disk(tmp_path, found)
        assert caught.value.exit_code == 7
        assert str(tmp_path) in str(caught.value)


def test_a_database_that_was_moved_to_a_cloud_folder_is_opened_for_training_only(land: Land, tmp_path: Path) -> None:
    land.trust_file.write_bytes(official_list(land.ctx("ntc")))
    real = land.start("nu041", database=tmp_path / "own" / "mab.db", season=Season(2011, "2011", official=True))
    copy = backups.back_up(real, "start")
    real.store.close()
    with pytest.raises(UserError, match="a cloud service"):
        land.start("nu041", database=tmp_path / "OneDrive - ҚазҰУ" / "mab.db", season=real.season)
    for source, name in ((real.store.path.parent, "real"), (land.folder / "nu027", "training")):
        shutil.copytree(source, tmp_path / "OneDrive" / name)
    with pytest.raises(UserError, match="a cloud service"):
        log_in(tmp_path / "OneDrive" / "real" / "mab.db", "programmer", PASSWORD, clock=land.clock)
    with pytest.raises(UserError, match="a cloud service"):
        restore.open_copy(tmp_path / "OneDrive" / "real" / "mab.db", copy, "programmer", PASSWORD, land.clock)
    restore.open_copy(real.store.path, copy, "programmer", PASSWORD, land.clock)
    log_in(tmp_path / "OneDrive" / "training" / "mab.db", "programmer", PASSWORD, clock=land.clock).store.close()
    log_in(real.store.path, "programmer", PASSWORD, clock=land.clock).store.close()


def test_folders_with_kazakh_letters_and_spaces(land: Land, tmp_path: Path) -> None:
    folder = tmp_path / "Құжаттар мен кестелер (2011)" / "Ұлттық орталық"
    land.start("nu041", database=folder / "мәліметтер қоры.db").store.close()
    ctx = log_in(folder / "мәліметтер қоры.db", "programmer", PASSWORD, clock=land.clock)
    backups.back_up(ctx, "start")
    ctx.store.close()
    assert {path.name for path in folder.iterdir()} == {
        "мәліметтер қоры.db", "мәліметтер қоры.keys", "мәліметтер қоры.lock", "backups"}  # fmt: skip


# -- log-in


def test_a_wrong_password_an_unknown_and_a_closed_account_look_alike(land: Land) -> None:
    ctx = land.ctx("nu027")
    add_person(ctx, "Асель", "Асель Бекова", "coordinator", NEW, CHEAP)
    enter(land, "асель", NEW)
    close_account(ctx, "АСЕЛЬ")
    words = []
    for login, password in (("programmer", "wrong"), ("nobody", PASSWORD), ("асель", NEW), ("", "")):
        with pytest.raises(WrongPassword) as caught:
            enter(land, login, password)
        words.append(caught.value.message("kk"))
        assert caught.value.exit_code == 5
    assert len(set(words)) == 1
    assert [(person.login, person.active) for person in people(ctx)] == [("programmer", True), ("асель", False)]


def test_a_lock_left_from_a_closed_account_opens_nothing(land: Land) -> None:
    """The computer went off between the account's end and that of its lock."""
    ctx = land.ctx("nu027")
    add_person(ctx, "asel", "Асель", "coordinator", NEW, CHEAP)
    keys = keyring_of(ctx.store.path).path.read_bytes()
    close_account(ctx, "asel")
    keyring_of(ctx.store.path).path.write_bytes(keys)
    with pytest.raises(WrongPassword):
        enter(land, "asel", NEW)


def test_no_database_and_no_locks(land: Land, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no database") as caught:
        log_in(tmp_path / "mab.db", "programmer", PASSWORD)
    assert caught.value.exit_code == 7
    keyring_of(land.database("nu027")).path.write_bytes(b"{}")
    with pytest.raises(CarrierRefused, match="locks of this database is damaged"):
        enter(land)


def test_names_are_taken_once_however_they_are_written(land: Land) -> None:
    ctx = land.ctx("nu027")
    add_person(ctx, "Ғалия", "Ғалия Асанова", "operator", NEW, CHEAP)
    for login in ("ғалия", " ҒАЛИЯ ", "Programmer"):
        with pytest.raises(UserError, match="taken already"):
            add_person(ctx, login, "Басқа адам", "operator", NEW, CHEAP)
    enter(land, "ҒАЛИЯ", NEW)
    enter(land)


def test_only_managers_let_people_in_and_close_accounts(land: Land) -> None:
    ctx = land.ctx("nu027")
    add_person(ctx, "op", "Оператор", "operator", NEW, CHEAP)
    operator = log_in(land.database("nu027"), "op", NEW, clock=land.clock)
    for act in (
        lambda: add_person(operator, "friend", "Дос", "programmer", NEW, CHEAP),
        lambda: close_account(operator, "programmer"),
    ):
        with pytest.raises(UserError, match="no right"):
            act()
    operator.store.close()
    with pytest.raises(UserError, match="your own account"):
        close_account(ctx, " Programmer")
    with pytest.raises(UserError, match="Nobody is called x"):
        close_account(ctx, "x")
    for login, name, role, password in (("", "a", "operator", NEW), ("a", " ", "operator", NEW),
                                        ("a", "a", "king", NEW), ("a", "a", "operator", "short")):  # fmt: skip
        with pytest.raises(Refused):
            add_person(ctx, login, name, role, password, CHEAP)
    assert workplace.logins(land.database("nu027")) == ("op", "programmer")


def test_one_person_closes_anothers_account(land: Land) -> None:
    ctx = land.ctx("nu027")
    add_person(ctx, "second", "Екінші", "coordinator", NEW, CHEAP)
    second = log_in(land.database("nu027"), "second", NEW, clock=land.clock)
    close_account(second, "programmer")
    with pytest.raises(WrongPassword):
        enter(land)
    with pytest.raises(UserError, match="your own account"):
        close_account(second, "second")
    second.store.close()


def test_a_changed_password_replaces_the_old_one(land: Land) -> None:
    ctx = land.ctx("nu027")
    with pytest.raises(Refused):
        change_password(ctx, PASSWORD, "short", CHEAP)
    with pytest.raises(Refused, match="that you have now"):
        change_password(ctx, PASSWORD, PASSWORD, CHEAP)
    before = ctx.store.log_head()[0]
    with pytest.raises(WrongPassword):
        change_password(ctx, "not the old one", NEW, CHEAP)
    change_password(ctx, PASSWORD, NEW, CHEAP)
    assert events(ctx, before) == ["login-refused", "account-changed"]
    enter(land, password=NEW)
    with pytest.raises(WrongPassword):
        enter(land)


# -- schema and damage


def with_second_migration(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """A program one schema newer than ours."""
    shutil.copytree(migrate.MIGRATIONS, folder)
    script = f"""from alembic import op

revision = "9999"
down_revision = {migrate.head()!r}
branch_labels = depends_on = None


def upgrade() -> None:
    {body}
"""
    (folder / "versions" / "9999_next.py").write_text(script, "utf-8")
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)


def test_an_older_database_is_backed_up_and_brought_up_to_date(
    land: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = migrate.head()
    with_second_migration(monkeypatch, tmp_path / "next", "op.execute('CREATE TABLE marker (n INTEGER)')")
    ctx = land.ctx("nu027")
    assert migrate.current(ctx.store.engine) == "9999"
    assert events(ctx)[-3:] == ["backup-made", "migration-run", "logged-in"]
    with ctx.store.read() as session:
        entry = session.get_one(AuditEntry, ctx.store.log_head()[0] - 1)
        assert (entry.object, entry.details) == ("9999", {"before": head})
    copy = backups.newest_copy(ctx)
    assert copy is not None
    monkeypatch.undo()
    old = Store(copy.path, ctx.store.key, land.clock)
    assert migrate.current(old.engine) == head
    old.close()
    # The program of the day before meets the database of today.
    land.close()
    with pytest.raises(UserError, match="newer version of the program") as caught:
        enter(land)
    assert caught.value.exit_code == 7


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    land: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_second_migration(
        monkeypatch, tmp_path / "next", "op.execute('CREATE TABLE half (n INTEGER)'); op.execute('NONSENSE')"
    )
    with pytest.raises(Exception, match="NONSENSE"):
        enter(land)
    monkeypatch.undo()
    ctx = land.ctx("nu027")
    assert migrate.current(ctx.store.engine) == migrate.head()
    with ctx.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name='half'").scalar() == 0
    assert len(backup.copies(backups.folder_of(ctx), "mab")) == 1


@pytest.mark.parametrize("at", [20, 5000, -5000])
def test_a_damaged_database_is_refused_before_anybody_works_in_it(land: Land, at: int) -> None:
    path = land.database("nu027")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="damaged") as caught:
        enter(land)
    assert caught.value.exit_code == 7
    assert path.read_bytes() == bytes(data)


# -- one program at a time

SECOND = """
import sys
from pathlib import Path
from mab_desktop.services.workplace import log_in
ctx = log_in(Path(sys.argv[1]), "programmer", sys.argv[2])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_program_is_told_and_a_killed_one_leaves_no_lock(land: Land) -> None:
    database = land.database("nu027")
    command = [sys.executable, "-c", SECOND, str(database), PASSWORD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(UserError, match="is open in another window") as caught:
            enter(land)
        assert caught.value.exit_code == 7
        other.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        other.wait()
    enter(land)


def test_one_program_may_open_a_database_twice_and_lets_go_at_the_end(land: Land) -> None:
    first, second = land.ctx("nu027").store, Store(land.database("nu027"), land.ctx("nu027").store.key, the_clock())
    lock = instance.lock_file(first.path)
    assert instance._held[lock][1] == 2
    second.close()
    second.close()
    assert instance._held[lock][1] == 1
    land.close()
    assert lock not in instance._held


def test_what_a_refused_log_in_held_is_given_back(land: Land) -> None:
    path = land.database("nu027")
    path.write_bytes(b"\0" * 8192)
    with pytest.raises(UserError):
        enter(land)
    assert instance.lock_file(path) not in instance._held


def test_a_folder_without_rights_is_told_in_words(land: Land) -> None:
    with pytest.raises(UserError, match="folder of the database mab.db is gone"):
        instance.acquire(land.folder / "nowhere" / "mab.db")


def test_the_search_cache_is_large_enough(land: Land) -> None:
    with land.ctx("nu027").store.read() as session:
        assert session.connection().exec_driver_sql("PRAGMA cache_size").scalar() == -65536
        assert session.get(Setting, "workplace") is not None


@pytest.mark.skipif(sys.platform == "win32", reason="core files are of Linux")
def test_a_program_with_a_database_open_leaves_no_core_file(land: Land) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    land.ctx("nu027")
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
