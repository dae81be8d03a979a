"""Going back to a copy: two persons, one step, nothing done once is undone; the trial restore, the reserve PC."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, UserError, WrongPassword
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.exchange.stream import Place
from mab_desktop.services import (
    accounts,
    backups,
    lasting,
    reserve,
    restore,
    restored_acts,
    second_disk,
    sending,
    transfer,
    trial_restore,
    workplace,
)
from mab_desktop.services.context import Context
from mab_desktop.services.settings import change_setting, put_setting, setting
from mab_desktop.storage import backup
from mab_desktop.storage.store import Damaged, Store
from mab_desktop.storage.tables.core import AuditEntry, CarrierOut, PrintJob
from tests.conftest import MakeContext
from tests.services.land import CHEAP, PASSWORD, Land, events, statistics

SECOND, WORD = "coordinator", "тағы бір ұзын құпия"


def work(ctx: Context, key: str = "done") -> None:
    change_setting(ctx, key, {"v": 1})


def value(ctx: Context, key: str) -> dict[str, Any]:
    with ctx.store.read() as session:
        return setting(session, key)


@pytest.fixture
def ready(land: Land) -> Land:
    """nu027 has a second person who may answer."""
    accounts.add_person(land.ctx("nu027"), SECOND, "Үйлестіруші Кәрім", PersonRole.COORDINATOR, WORD, CHEAP)
    return land


def opened(land: Land, copy: Path, where: str = "nu027") -> restore.Opened:
    return restore.open_copy(land.database(where), copy, "programmer", PASSWORD, land.clock)


def go_back(land: Land, copy: Path, where: str = "nu027", **more: Any) -> restore.Restored:
    """The whole guided restore by two persons."""
    land.close()
    found = opened(land, copy, where)
    second = restore.second_person(found, SECOND, WORD, land.clock)
    return restore.restore(found, second, land.clock, **more)


def newest_entry(ctx: Context) -> AuditEntry:
    with ctx.store.read() as session:
        query = select(AuditEntry).where(AuditEntry.event == "backup-restored").order_by(AuditEntry.n.desc())
        found = session.scalars(query).first()
        assert found is not None
        session.expunge(found)
    return found


# -- two persons and the log -------------------------------------------------------------------------------------------


def test_a_restore_goes_back_and_says_so_in_the_log(ready: Land) -> None:
    ctx = ready.ctx("nu027")
    work(ctx, "early")
    copy = backups.back_up(ctx, "asked")
    n, head = backup.describe(copy, ctx.store.key)[:2]
    work(ctx, "late")
    present = ctx.store.log_head()
    done = go_back(ready, copy)
    ctx = ready.ctx("nu027")
    assert value(ctx, "early")
    assert not value(ctx, "late")
    entry = newest_entry(ctx)
    assert entry.n == n + 1
    assert entry.prev == head
    assert entry.details["copy_head"] == [n, head]
    assert entry.details["present_head"] == list(present)
    assert [line[0] for line in entry.details["persons"]] == ["programmer", SECOND]
    assert ctx.store.verify_log() is None
    assert (done.epoch, value(ctx, "epoch")) == (2, {"epoch": 2})
    # The state before is itself a copy, and one can go back to it.
    kept = backups.folder_of(ctx) / done.kept
    again = go_back(ready, kept)
    ctx = ready.ctx("nu027")
    assert value(ctx, "late")
    assert again.epoch == 3


def test_both_must_show_their_own_password(ready: Land) -> None:
    copy = backups.back_up(ready.ctx("nu027"), "asked")
    ready.close()
    with pytest.raises(WrongPassword):
        restore.open_copy(ready.database("nu027"), copy, "programmer", "nonsense nonsense", ready.clock)
    found = opened(ready, copy)
    with pytest.raises(UserError, match="another one"):
        restore.second_person(found, "Programmer", PASSWORD, ready.clock)
    with pytest.raises(WrongPassword):
        restore.second_person(found, SECOND, PASSWORD, ready.clock)


def test_a_copy_that_is_not_whole_or_not_ours_is_told_as_such(ready: Land, tmp_path: Path) -> None:
    """Who restores must not read of a damaged database, nor be sent to the newest backup: the copy is at fault."""
    copy = backups.back_up(ready.ctx("nu027"), "asked")
    theirs = backups.back_up(ready.ctx("bu013"), "asked")
    ready.close()
    flipped = tmp_path / "flipped" / copy.name
    flipped.parent.mkdir()
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    flipped.write_bytes(data)
    for broken in (flipped, _cut(copy, tmp_path / "cut"), _cut(copy, tmp_path / "empty", 0)):
        with pytest.raises(Damaged) as told:
            opened(ready, broken)
        assert str(told.value).startswith(f"The copy {copy.name} is damaged. Nothing was changed. Choose another")
    alone = tmp_path / "alone" / theirs.name
    alone.parent.mkdir()
    shutil.copy(theirs, alone)
    with pytest.raises(UserError, match=r"is of another workplace, or damaged.*Choose another copy"):
        opened(ready, alone)
    shutil.copy(ready.database("bu013").with_suffix(".keys"), alone.with_name("mab.keys"))
    with pytest.raises(UserError, match="the locks beside it are of bu013"):
        opened(ready, alone)
    elsewhere = tmp_path / "new" / "mab.db"  # a new PC has no locks to compare with
    with pytest.raises(UserError, match="belongs to another program: Base university"):
        restore.open_copy(elsewhere, alone, "programmer", PASSWORD, ready.clock, Role.NETWORK_UNI)
    assert restore.open_copy(elsewhere, alone, "programmer", PASSWORD, ready.clock, Role.BASE_UNI).copy == alone
    alone.with_name("mab.keys").write_bytes(b"nothing that anybody reads")
    with pytest.raises(UserError, match="is of another workplace, or damaged"):
        opened(ready, alone)


def _cut(copy: Path, folder: Path, size: int = 40_000) -> Path:
    """The copy's beginning under its own name."""
    folder.mkdir()
    cut = folder / copy.name
    cut.write_bytes(copy.read_bytes()[:size])
    return cut


def test_two_of_whom_none_may_decide_are_refused(ready: Land) -> None:
    ctx = ready.ctx("nu027")
    for login in ("op-a", "op-b"):
        accounts.add_person(ctx, login, f"Оператор {login}", PersonRole.OPERATOR, f"{WORD} {login}", CHEAP)
    copy = backups.back_up(ctx, "asked")
    ready.close()
    found = restore.open_copy(ready.database("nu027"), copy, "op-a", f"{WORD} op-a", ready.clock)
    with pytest.raises(UserError, match="must be the programmer"):
        restore.second_person(found, "op-b", f"{WORD} op-b", ready.clock)


def test_a_workplace_with_one_person_needs_a_witness_but_the_ministry_two_accounts(land: Land) -> None:
    for where, alone in (("nu041", True), ("mp013", False)):
        copy = backups.back_up(land.ctx(where), "asked")
        land.close()
        assert restore.look(opened(land, copy, where), land.clock).alone is alone
    with pytest.raises(UserError, match="full name"):
        restore.witness(" А ")
    copy = backups.back_up(land.ctx("nu041"), "asked")
    land.close()
    restore.restore(opened(land, copy, "nu041"), restore.witness("Әлиев Ә., декан"), land.clock)
    assert newest_entry(land.ctx("nu041")).details["persons"][1] == ["", "Әлиев Ә., декан", "witness", False]


def test_a_look_tells_what_would_be_missing_and_changes_nothing(ready: Land) -> None:
    ctx = ready.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    work(ctx)
    work(ctx)
    sent = statistics(ready)
    before = ctx.store.log_head()
    ready.close()
    seen = restore.look(opened(ready, copy), ready.clock)
    assert {lost.event: lost.count for lost in seen.lost}["setting-changed"] == 2
    assert seen.sent == (sent.paths[0].name,)
    assert (seen.readable, seen.whole, seen.refused) == (True, True, False)
    assert dict(seen.holds)["Students"] == 2
    assert ready.ctx("nu027").store.log_head()[0] == before[0] + 1  # the log-in of this line alone


def test_the_database_must_be_closed(ready: Land) -> None:
    ctx = ready.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    with pytest.raises(UserError, match="open in this window"):
        restore.restore(opened(ready, copy), restore.witness("Әлиев Ә."), ready.clock)


def test_a_damaged_copy_is_refused_before_anything_happens(ready: Land) -> None:
    copy = backups.back_up(ready.ctx("nu027"), "asked")
    data = bytearray(copy.read_bytes())
    data[-100] ^= 4
    copy.write_bytes(data)
    ready.close()
    with pytest.raises(Damaged):
        opened(ready, copy)


# -- cut off at any step -----------------------------------------------------------------------------------------------


class Cut(Exception):
    """The program stops here."""


class Stopping:
    """Progress that stops the work at its n-th word."""

    def __init__(self, at: int) -> None:
        self.left = at

    def stage(self, title: str, total: int = 0) -> None:
        self.step()

    def step(self, n: int = 1) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cut


def _is_old_or_new(land: Land, before: tuple[int, str]) -> str:
    database = land.database("nu027")
    store = Store(database, workplace.keyring_of(database).unlock("programmer", PASSWORD), land.clock)
    try:
        assert store.verify_log() is None
        assert store.full_check() == []
        with store.read() as session:
            if setting(session, "late"):
                assert session.get_one(AuditEntry, before[0]).hash == before[1]
                return "old"
            assert session.get_one(AuditEntry, store.log_head()[0]).event == "backup-restored"
        return "new"
    finally:
        store.close()


@pytest.fixture
def cut_stand(ready: Land) -> tuple[Land, Path, tuple[int, str]]:
    ctx = ready.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    work(ctx, "late")
    before = ctx.store.log_head()
    ready.close()
    return ready, copy, before


def test_an_error_at_any_step_leaves_the_old_state_or_the_new(
    cut_stand: tuple[Land, Path, tuple[int, str]], tmp_path: Path
) -> None:
    land, copy, before = cut_stand
    found = opened(land, copy)
    template = tmp_path / "template"
    shutil.copytree(land.database("nu027").parent, template)
    ends, step = [], 0
    while True:
        shutil.rmtree(land.database("nu027").parent)
        shutil.copytree(template, land.database("nu027").parent)
        try:
            restore.restore(found, restore.witness("Әлиев Ә."), land.clock, Stopping(step))
        except Cut:
            ends.append(_is_old_or_new(land, before))
            step += 1
            continue
        break
    assert step >= 8
    assert ends == sorted(ends, key=("old", "new").index)  # old up to the rename, new from then on
    assert {"old", "new"} == set(ends)
    assert _is_old_or_new(land, before) == "new"


# -- the database is damaged or gone -----------------------------------------------------------------------------------


def test_a_database_that_cannot_be_read_is_kept_as_it_lies(ready: Land) -> None:
    ctx = ready.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    work(ctx, "late")
    ready.close()
    database = ready.database("nu027")
    database.write_bytes(os.urandom(database.stat().st_size))
    spoilt = database.read_bytes()
    with pytest.raises(UserError):
        ready.ctx("nu027")
    done = go_back(ready, copy)
    kept = database.parent / "backups" / done.kept / database.name
    assert kept.read_bytes() == spoilt
    assert ready.ctx("nu027").store.verify_log() is None


def test_a_pc_whose_disk_died_comes_back_from_the_second_disk(ready: Land, tmp_path: Path) -> None:
    ctx = ready.ctx("nu027")
    disk = tmp_path / "disk2"
    disk.mkdir()
    second_disk.choose(ctx, disk, same_disk_too=True)
    statistics(ready)
    scans = ctx.store.path.parent / "mab-scans"
    scans.mkdir()
    (scans / "a.png.sealed").write_bytes(b"image")
    backups.back_up(ctx, "asked")
    ready.close()
    shutil.rmtree(ready.database("nu027").parent)
    copy = backup.copies(disk / "mab-nu027", "mab")[0].path
    go_back(ready, copy)
    ctx = ready.ctx("nu027")
    assert (scans / "a.png.sealed").read_bytes() == b"image"
    with ctx.store.read() as session:
        digest = session.scalars(select(CarrierOut.digest)).one()
    drive = tmp_path / "drive2"
    drive.mkdir()
    # the export nobody confirmed is at hand again
    assert transfer.write(ctx, sending.made_before(ctx, digest), drive).paths


# -- streams -----------------------------------------------------------------------------------------------------------


def test_after_a_restore_exports_are_counted_in_a_new_epoch(ready: Land) -> None:
    first = statistics(ready)
    transfer.load(ready.ctx("bu013"), first.paths)
    copy = backups.back_up(ready.ctx("nu027"), "asked")
    second = statistics(ready)
    transfer.load(ready.ctx("bu013"), second.paths)
    go_back(ready, copy)
    third = statistics(ready)
    seen = transfer.examine(ready.ctx("bu013"), third.paths)
    assert (seen.manifest.epoch, seen.manifest.seq, seen.manifest.prev) == (2, 1, first.digest)
    assert seen.judged.place is Place.NEW_EPOCH
    assert seen.judged.unremembered == (2,)
    transfer.accept(ready.ctx("bu013"), seen, confirm_new_epoch=True)


def test_what_was_loaded_after_the_copy_arrives_again_as_next(ready: Land) -> None:
    # bu013 goes back; nu027's second file, loaded after the copy, is loaded once more.
    accounts.add_person(ready.ctx("bu013"), SECOND, "Үйлестіруші Кәрім", PersonRole.COORDINATOR, WORD, CHEAP)
    transfer.load(ready.ctx("bu013"), statistics(ready).paths)
    copy = backups.back_up(ready.ctx("bu013"), "asked")
    second = statistics(ready)
    transfer.load(ready.ctx("bu013"), second.paths)
    go_back(ready, copy, "bu013")
    assert transfer.examine(ready.ctx("bu013"), second.paths).judged.place is Place.NEXT


def test_an_epoch_is_never_used_twice(ready: Land) -> None:
    ctx = ready.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    assert go_back(ready, copy).epoch == 2
    assert go_back(ready, copy).epoch == 3
    # Even where the database is gone and only the oldest copy is left: what must not be undone still knows.
    database = ready.database("nu027")
    database.unlink()
    for other in backup.copies(backups.folder_beside(database), "mab"):
        if other.path != copy:
            backup.delete(other.path)
    assert go_back(ready, copy).epoch == 4


# -- what must not be undone -------------------------------------------------------------------------------------------


def printed(ctx: Context) -> int:
    with ctx.store.read() as session:
        return max(session.scalars(select(PrintJob.number)), default=0)


def test_printings_are_counted_on(ready: Land) -> None:
    from mab_desktop.services import documents

    ctx = ready.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    documents.print_document(ctx, "journal", "1", lambda _: b"%PDF /Type /Page\n")
    go_back(ready, copy)
    ctx = ready.ctx("nu027")
    again = documents.print_document(ctx, "journal", "1", lambda _: b"%PDF /Type /Page\n")
    assert again.is_reprint
    assert again.number == 2


def test_the_lasting_acts_are_locked_and_survive_a_line_that_was_cut(ready: Land) -> None:
    from mab_desktop.services import documents

    ctx = ready.ctx("nu027")
    documents.print_document(ctx, "journal", "1", lambda _: b"%PDF /Type /Page\n")
    file, key = lasting.file_of(ctx.store.path), ctx.store.key
    assert b"journal" not in file.read_bytes()
    assert [act.event for act in lasting.written_acts(ctx.store.path, key)] == ["document-printed"]
    assert lasting.written_acts(ctx.store.path, bytes(32)) == []
    with file.open("ab") as out:
        out.write(b'{"nonce": "00')  # a power cut
    documents.print_document(ctx, "journal", "1", lambda _: b"%PDF /Type /Page\n")
    assert len(lasting.written_acts(ctx.store.path, key)) == 2
    odd_pages = ", ".join(map(str, range(1, 20_000, 2)))
    with ctx.store.write(ctx.actor) as tx:
        tx.note("print-started", "pass:1", number=1, printer="P", copies=1, pages=odd_pages, start=0, spoilt=0)
        put_setting(tx, "any", {"v": 1})
    assert lasting.written_acts(ctx.store.path, key)[-1].details["pages"] == odd_pages
    file.unlink()
    ready.close()
    ctx = ready.ctx("nu027")
    assert len(lasting.written_acts(ctx.store.path, key)) == 3  # the log-in writes down what is missing


# -- the trial restore -------------------------------------------------------------------------------------------------


def test_the_trial_restore_is_kept_and_due_again_after_a_week(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert not trial_restore.is_due(ctx)  # nothing to try yet
    copy = backups.back_up(ctx, "asked")
    assert trial_restore.is_due(ctx)
    found = trial_restore.try_restore(ctx)
    assert not (backups.folder_of(ctx) / "mab-taken-over.json").exists()  # nobody took over
    assert found.whole, found.reason
    assert (found.copy, trial_restore.last(ctx)) == (copy.name, found)
    assert found.rows > 500
    assert not trial_restore.is_due(ctx)
    assert events(ctx)[-1] == "restore-tried"
    land.clock.set(land.clock.moment + timedelta(days=8))
    assert trial_restore.is_due(ctx)
    assert not list(ctx.store.path.parent.glob("mab.trial*"))


def test_a_trial_restore_of_a_bad_copy_says_what_is_wrong(land: Land) -> None:
    ctx = land.ctx("nu027")
    copy = backups.back_up(ctx, "asked")
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    found = trial_restore.try_restore(ctx)
    assert not found.whole
    assert "damaged" in found.reason


# -- the reserve PC ----------------------------------------------------------------------------------------------------


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def reserve_pc(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "reserve-pc" / "mab.db"


def take_over(land: Land, found: reserve.ReserveSet, database: Path, clock: SetClock) -> Context:
    copy = reserve.unpack(found.folder, database)
    opened_here = restore.open_copy(database, copy, "programmer", PASSWORD, clock)
    second = restore.second_person(opened_here, SECOND, WORD, clock)
    reserve.take_over(opened_here, found.folder, second, clock, words="The old PC is switched off.")
    return workplace.log_in(database, "programmer", PASSWORD, clock=clock, lang="en")


def test_a_reserve_pc_goes_on_with_everything(ready: Land, drive: Path, reserve_pc: Path) -> None:
    ctx = ready.ctx("nu027")
    work(ctx)
    scans = ctx.store.path.parent / "mab-scans" / "shift-01"
    scans.mkdir(parents=True)
    (scans / "a.png.sealed").write_bytes(b"image")
    found = reserve.write_set(ctx, drive, piece=100_000)
    assert len(list(found.folder.glob("database.*"))) > 1  # pieces that every drive takes
    assert reserve.sets_on(drive) == [found]
    ready.close()
    there = take_over(ready, found, reserve_pc, ready.clock)
    assert value(there, "done")
    assert (reserve_pc.parent / "mab-scans/shift-01/a.png.sealed").read_bytes() == b"image"
    assert newest_entry(there).details["reason"] == "reserve"
    assert sorted(path.name for path in reserve_pc.parent.iterdir() if path.name.startswith("mab.")) == [
        "mab.db", "mab.db-shm", "mab.db-wal", "mab.keys", "mab.lasting", "mab.lock",
    ]  # fmt: skip
    there.store.close()


@pytest.mark.parametrize("name", ["запас.db", "mab.2011.db"])
def test_a_reserve_pc_may_call_its_database_otherwise(ready: Land, drive: Path, tmp_path: Path, name: str) -> None:
    ctx = ready.ctx("nu027")
    work(ctx)
    scans = ctx.store.path.parent / "mab-scans" / "shift-01"
    scans.mkdir(parents=True)
    (scans / "a.png.sealed").write_bytes(b"image")
    found = reserve.write_set(ctx, drive)
    ready.close()
    database = tmp_path / "reserve-pc" / name
    there = take_over(ready, found, database, ready.clock)
    assert value(there, "done")
    assert (database.parent / f"{database.stem}-scans/shift-01/a.png.sealed").read_bytes() == b"image"
    assert sorted(path.name for path in database.parent.iterdir() if path.is_file()) == sorted(
        database.with_suffix(suffix).name for suffix in (".db", ".db-shm", ".db-wal", ".keys", ".lasting", ".lock")
    )
    assert reserve.write_set(there, drive).epoch == 2  # and the way back
    there.store.close()


@pytest.mark.parametrize("name", ["database.000", "mab.keys", "reserve.json"])
def test_a_damaged_set_is_refused_and_leaves_no_workplace(
    ready: Land, drive: Path, reserve_pc: Path, name: str
) -> None:
    found = reserve.write_set(ready.ctx("nu027"), drive)
    path = found.folder / name
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(UserError):
        reserve.unpack(found.folder, reserve_pc)
    assert not reserve_pc.exists()


def test_names_in_a_set_lead_nowhere_else(ready: Land, drive: Path, reserve_pc: Path) -> None:
    found = reserve.write_set(ready.ctx("nu027"), drive)
    manifest = found.folder / "reserve.json"
    manifest.write_text(manifest.read_text("utf-8").replace("mab.keys", "../../mab.keys"), "utf-8")
    with pytest.raises(UserError, match="is not a copy for the reserve PC"):
        reserve.unpack(found.folder, reserve_pc)


def test_a_database_of_any_name_goes_into_a_set(make_context: MakeContext, tmp_path: Path, drive: Path) -> None:
    """`--db` may name it as a person likes."""
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    ctx.store.close()
    database = tmp_path / "МАБ деректері.db"
    ctx.store.path.rename(database)
    (tmp_path / "МАБ деректері.keys").write_bytes(b"locks")
    there = replace(ctx, store=Store(database, ctx.store.key, ctx.clock))
    found = reserve.write_set(there, drive)
    assert reserve.sets_on(drive) == [found]
    assert (found.folder / "МАБ деректері.keys").read_bytes() == b"locks"
    there.store.close()


def test_a_pc_that_handed_over_sends_and_takes_nothing(ready: Land, drive: Path, reserve_pc: Path) -> None:
    ctx = ready.ctx("nu027")
    found = reserve.write_set(ctx, drive, hand_over_to="Қосалқы компьютер, 214-бөлме")
    assert found.handed_over
    with pytest.raises(OutOfOrder, match="handed its work over"):
        backups.at_export(ctx)
    with pytest.raises(OutOfOrder, match="handed its work over"):
        backups.before_import(ctx)
    there = take_over_of(ready, found, reserve_pc)
    assert backups.at_export(there) is not None  # the reserve PC works
    there.store.close()


def take_over_of(land: Land, found: reserve.ReserveSet, database: Path) -> Context:
    land.close()
    return take_over(land, found, database, land.clock)


def test_a_hand_over_that_nobody_took_is_taken_back_beyond_the_reserve_s_epoch(ready: Land, drive: Path) -> None:
    ctx = ready.ctx("nu027")
    reserve.write_set(ctx, drive, hand_over_to="214")
    with pytest.raises(WrongPassword):
        reserve.take_back(ctx, SECOND, PASSWORD)
    assert reserve.take_back(ctx, SECOND, WORD) == 3
    assert backups.before_import(ctx).exists()


def test_a_hand_over_whose_set_cannot_be_written_does_not_stop_the_pc(ready: Land, drive: Path) -> None:
    ctx = ready.ctx("nu027")
    backups.folder_of(ctx).write_text("a file where the folder should be", "utf-8")
    with pytest.raises(UserError):
        reserve.write_set(ctx, drive, hand_over_to="214")
    backups.folder_of(ctx).unlink()
    assert list(drive.iterdir()) == []
    assert backups.at_export(ctx) is not None


def test_two_pcs_at_once_are_told_apart_by_their_epoch(ready: Land, drive: Path, reserve_pc: Path) -> None:
    base = ready.ctx("bu013")
    transfer.load(base, statistics(ready).paths)
    found = reserve.write_set(ready.ctx("nu027"), drive)  # without handing over: the old PC goes on, against the rule
    second = statistics(ready)
    transfer.load(base, second.paths)
    there = take_over(ready, found, reserve_pc, ready.clock)
    new_drive = reserve_pc.parent / "drive"
    new_drive.mkdir()
    theirs = transfer.export(there, "statistics", "bu013", new_drive)
    seen = transfer.examine(base, theirs.paths)
    assert (seen.judged.place, seen.judged.unremembered) == (Place.NEW_EPOCH, (2,))
    transfer.accept(base, seen, confirm_new_epoch=True)
    with pytest.raises(UserError) as caught:  # and from now on the old PC is heard no more
        transfer.examine(base, statistics(ready).paths)
    assert getattr(caught.value, "code", "") == "stream-epoch-older"
    there.store.close()


def test_two_reserve_pcs_of_one_set_are_a_fork(ready: Land, drive: Path, tmp_path: Path) -> None:
    base = ready.ctx("bu013")
    found = reserve.write_set(ready.ctx("nu027"), drive)
    ready._open.pop("nu027").store.close()
    files = []
    for name in ("one", "two"):
        there = take_over(ready, found, tmp_path / name / "mab.db", ready.clock)
        (tmp_path / name / "drive").mkdir()
        files.append(transfer.export(there, "statistics", "bu013", tmp_path / name / "drive").paths)
        there.store.close()
    transfer.load(base, files[0])
    with pytest.raises(UserError) as caught:
        transfer.examine(base, files[1])
    assert getattr(caught.value, "code", "") == "stream-fork"


def test_nothing_is_still_open_after_an_ordinary_restore(ready: Land) -> None:
    copy = backups.back_up(ready.ctx("nu027"), "asked")
    go_back(ready, copy)
    assert restored_acts.still_open(ready.ctx("nu027")) == []
