"""Receipts, the waiting room, everything in one go, and forks that the centre decides: between real workplaces."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mab_desktop.domain.errors import Cancelled, CarrierRefused, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.services import (
    carrier_history,
    centre_trust,
    fork_decisions,
    forks,
    receipts,
    students,
    transfer,
    transfer_view,
)
from mab_desktop.services.carrier_history import Standing
from mab_desktop.services.context import Context
from mab_desktop.services.settings import put_setting
from mab_desktop.services.transfer_view import Verdict
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn, CarrierOut, StreamIn
from mab_desktop.storage.tables.network import Conflict
from tests.services.authority import issue, signing
from tests.services.carrier_stand import FillingDrive, happened, type_student
from tests.services.land import OPERATOR, Land, copy_land, events, facts, portion, refused, sent, statistics
from tests.services.people import student

# -- receipts


def test_a_receipt_goes_back_on_the_same_drive_and_frees_the_copy(land: Land) -> None:
    exported = statistics(land)
    kept = land.database("nu027").parent / "outbox" / exported.paths[0].name
    base, network = land.ctx("bu013"), land.ctx("nu027")
    seen = transfer_view.look(base, exported.paths[0])
    moved = transfer_view.take(base, seen)
    assert moved.warnings == ()
    (receipt,) = land.drive.glob("*-receipt-bu013-nu027-0001-*.mab")
    assert ("Receipt on the drive", receipt.name) in moved.lines
    taken = transfer_view.take(network, transfer_view.look(network, receipt))
    assert taken.words == ("Files of ours that were taken there: 1",)
    assert sent(network) == [("statistics", 1, "receipted")]
    (row,) = [row for row in carrier_history.rows(network) if row.sent]
    assert row.standing is Standing.RECEIPTED
    told = dict(dict(carrier_history.about(network, row))["Receipts"])
    assert list(told.values()) == ["taken 10.03.2011 09:00 (bu013)"]
    statistics(land)
    assert not kept.exists()


def test_nobody_gives_a_receipt_for_a_receipt(land: Land) -> None:
    base, network = land.ctx("bu013"), land.ctx("nu027")
    transfer_view.take(base, transfer_view.look(base, statistics(land).paths[0]))
    before = sorted(land.drive.iterdir())
    (receipt,) = land.drive.glob("*-receipt-*.mab")
    transfer_view.take(network, transfer_view.look(network, receipt))
    assert sorted(land.drive.iterdir()) == before
    for ctx in (base, network):
        assert [offer for offer in transfer.offers(ctx) if offer.kind == "receipt"] == []
        assert carrier_history.left_open(ctx).unwritten == 0


def test_the_same_file_again_gives_the_same_receipt(land: Land, tmp_path: Path) -> None:
    first = statistics(land)
    base = land.ctx("bu013")
    transfer_view.take(base, transfer_view.look(base, first.paths[0]))
    (receipt,) = land.drive.glob("*-receipt-*.mab")
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(first.paths[0], other)
    moved = transfer_view.take(base, transfer_view.look(base, other / first.paths[0].name))
    assert moved.words[0] == "This file was taken before; nothing was changed."
    assert (other / receipt.name).read_bytes() == receipt.read_bytes()
    # After another file the receipt names both: a new one, and the sender needs no more than that.
    second = statistics(land)
    transfer_view.take(base, transfer_view.look(base, second.paths[0]))
    shutil.copy(second.paths[0], other)
    transfer_view.take(base, transfer_view.look(base, other / second.paths[0].name))
    newest = max(other.glob("*-receipt-*.mab"))
    assert newest.name != receipt.name
    network = land.ctx("nu027")
    transfer.load(network, newest)
    assert {state for kind, _, state in sent(network) if kind == "statistics"} == {"receipted"}


def test_a_drive_that_takes_no_receipt_leaves_it_for_the_next(land: Land, tmp_path: Path) -> None:
    """Nothing can be written to where the file lies; the receipt is offered like any other file."""
    exported = statistics(land)
    base = land.ctx("bu013")
    accepted = transfer.load(base, exported.paths[0])
    given = receipts.give(base, [accepted.manifest.sender.org], FillingDrive(land.drive, 10))
    assert (given.paths, given.kept_for) == ((), ("nu027",))
    assert given.why is not None
    assert carrier_history.left_open(base).unwritten == 1
    (offer,) = [offer for offer in transfer.offers(base) if offer.kind == "receipt"]
    other = tmp_path / "other"
    other.mkdir()
    again = receipts.give(base, [offer.recipient], other)
    assert [path.name.split("-")[-2] for path in again.paths] == ["0001"]
    transfer.load(land.ctx("nu027"), again.paths[0])
    assert sent(land.ctx("nu027")) == [("statistics", 1, "receipted")]


def test_a_lost_receipt_is_made_good_by_the_next(land: Land) -> None:
    base, network = land.ctx("bu013"), land.ctx("nu027")
    for _ in range(3):
        transfer_view.take(base, transfer_view.look(base, statistics(land).paths[0]))
    lost, also_lost, last = sorted(land.drive.glob("*-receipt-*.mab"))
    for path in (lost, also_lost):
        path.unlink()
    assert transfer_view.take_new(network, land.drive).lines[0][1] == "Files of ours that were taken there: 3"
    assert [state for kind, _, state in sent(network) if kind == "statistics"] == ["receipted"] * 3
    with refused("stream-replay"):
        transfer.load(network, _again(last, base, land))


def _again(last: Path, base: Context, land: Land) -> Path:
    """A receipt from before the last one, as an old drive holds it."""
    outbox = base.store.path.parent / "outbox"
    (old,) = outbox.glob("*-receipt-*-0002-*.mab")
    assert old.name != last.name
    return Path(shutil.copy(old, land.drive))


def test_a_recipient_who_restored_a_backup_takes_his_receipt_back(land: Land, tmp_path: Path) -> None:
    base, network = land.ctx("bu013"), land.ctx("nu027")
    first = statistics(land)
    transfer_view.take(base, transfer_view.look(base, first.paths[0]))
    transfer.load(network, next(land.drive.glob("*-receipt-*.mab")))
    second = statistics(land)
    with base.store.write(base.actor) as tx:  # what a restored backup from before the first file knows
        tx.session.delete(tx.session.get_one(CarrierIn, first.digest))
        tx.session.delete(tx.session.get_one(StreamIn, first_stream(base)))
        put_setting(tx, "epoch", {"epoch": 2})
        tx.note("setting-changed", "epoch")
    transfer.load(base, second.paths[0])
    given = receipts.give(base, ["nu027"], tmp_path)
    seen = transfer_view.look(network, given.paths[0])
    assert any("went back to a backup" in warning for warning in seen.warnings)
    assert any("no longer there" in line for line in seen.changes)
    before = facts(network)
    transfer_view.take(network, seen)
    assert "carrier-receipt-withdrawn" in happened(network, before.log)
    assert sent(network) == [("statistics", 1, "receipted"), ("statistics", 2, "receipted")]


def first_stream(ctx: Context) -> str:
    """The name of the only stream that has come here."""
    return str(facts(ctx).streams[0][0])


# -- the waiting room, and everything in one go


def test_what_comes_too_early_waits_and_is_taken_in_its_turn(land: Land) -> None:
    first, second, third, fourth = (portion(land).paths[0] for _ in range(4))
    ctx = land.ctx("nu027")
    room = ctx.store.path.parent / "waiting"
    with pytest.raises(CarrierRefused, match="is kept here and is taken by itself"):
        transfer.load(ctx, fourth)
    with refused("stream-gap"):
        transfer.load(ctx, third)
    assert len(list(room.iterdir())) == 2
    fourth.unlink()
    assert carrier_history.left_open(ctx).waiting == 2
    (shown,) = [file for file in transfer_view.carrier_files(ctx, land.drive) if third in file.paths]
    assert (shown.verdict, shown.note) == (Verdict.WAITING, "Kept here; taken by itself after those before it")
    assert transfer.load(ctx, first).followed == ()
    second_taken = transfer.load(ctx, second)
    assert [more.manifest.seq for more in second_taken.followed] == [3, 4]
    assert second_taken.stopped is None
    assert (facts(ctx).streams[0][2], facts(ctx).loaded, list(room.iterdir())) == (4, 4, [])
    assert transfer.load(ctx, third).known


def test_a_waiting_file_says_what_is_missing(land: Land) -> None:
    lost, other, third = (portion(land).paths[0] for _ in range(3))
    ctx = land.ctx("nu027")
    for path in (lost, other):
        path.unlink()
    (file,) = transfer_view.carrier_files(ctx, land.drive)
    assert (file.verdict, file.note) == (Verdict.WAITING, "Missing before it: 1, 2")
    with pytest.raises(CarrierRefused, match="missing: 1, 2"):
        transfer_view.look(ctx, third)
    (file,) = transfer_view.carrier_files(ctx, land.drive)
    assert file.note == "Kept here; missing: 1, 2"


def test_a_waiting_file_that_turns_out_wrong_waits_no_longer(land: Land, tmp_path: Path) -> None:
    """The third of a copied PC follows a second one that is not ours."""
    twin = copy_land(land, tmp_path / "twin")
    first, second = portion(land), portion(land)
    for _ in range(2):
        type_student(twin, 9)
        portion(twin)
    foreign = portion(twin).paths[0]
    twin.close()
    ctx = land.ctx("nu027")
    transfer.load(ctx, first.paths[0])
    with refused("stream-gap"):
        transfer.load(ctx, foreign)
    taken = transfer.load(ctx, second.paths[0])
    assert taken.stopped is not None
    assert getattr(taken.stopped, "code", "") == "stream-fork"
    assert facts(ctx).streams[0][2:] == (2, True)
    assert carrier_history.left_open(ctx).waiting == 0
    assert list((ctx.store.path.parent / "waiting").iterdir()) == []


def test_too_many_missing_numbers_are_refused_and_not_kept(land: Land) -> None:
    operator = land.ctx(OPERATOR)
    exported = portion(land)
    with operator.store.write(operator.actor) as tx:
        row = tx.session.get_one(CarrierOut, exported.digest)
        row.seq = 1002
        tx.note("setting-changed", "a thousand portions later")
    far = portion(land)
    ctx = land.ctx("nu027")
    transfer.load(ctx, exported.paths[0])
    with refused("stream-gap-large"):
        transfer.load(ctx, far.paths[0])
    assert carrier_history.left_open(ctx).waiting == 0


def test_everything_new_is_taken_in_its_order_with_one_backup(land: Land) -> None:
    network, base = land.ctx("nu027"), land.ctx("bu013")
    reference = transfer.export(land.ctx("ntc"), "reference", ["bu013", "nu027"], land.drive)
    portions = [portion(land) for _ in range(3)]
    for exported in portions:  # names that put them out of order
        exported.paths[0].rename(land.drive / f"{exported.digest[:8]}.mab")
    files = transfer_view.carrier_files(network, land.drive)
    assert [(file.title, file.number) for file in files if file.verdict is Verdict.NEW] == [
        ("Reference package", 1), *(("Operator's records for the programmer", number) for number in (1, 2, 3))
    ]  # fmt: skip
    before = facts(network)
    moved = transfer_view.take_new(network, land.drive)
    assert moved.warnings == ()
    assert happened(network, before.log).count("backup-made") == 1
    assert (facts(network).loaded, facts(network).students) == (4, before.students + 2)
    names = sorted(path.name for path in land.drive.glob("*-receipt-*.mab"))
    assert [name.split("-")[4] for name in names] == ["ntc", "nu027"]
    assert transfer_view.take_new(network, land.drive).lines == ()
    transfer_view.take_new(base, land.drive)
    assert transfer.load(base, reference.paths[0]).known


def test_a_copy_that_was_cut_stands_beside_the_whole_file_and_does_not_take_its_place(land: Land) -> None:
    (good,) = portion(land).paths
    cut, changed = land.drive / "0-cut.mab", bytearray(good.read_bytes())
    cut.write_bytes(changed[:-100])
    changed[-400] ^= 1  # behind the head, the length is right
    (land.drive / "0-changed.mab").write_bytes(changed)
    files = transfer_view.carrier_files(land.ctx("nu027"), land.drive)
    assert [(file.paths, file.verdict) for file in files] == [((good,), Verdict.NEW), ((cut,), Verdict.DAMAGED)]
    assert "not copied whole" in files[1].note
    assert transfer_view.take_new(land.ctx("nu027"), land.drive).warnings == ()


def test_a_list_of_the_centre_that_a_newer_one_came_after_is_old_and_not_damaged(land: Land) -> None:
    centre, ctx = land.ctx("ntc"), land.ctx("nu027")
    first = transfer.export(centre, "trust", ["bu013", "nu027"], land.drive, persons=signing(centre))
    centre_trust.revoke(centre, "nu041")
    issue(centre)
    transfer.export(centre, "trust", ["bu013", "nu027"], land.drive, persons=signing(centre))
    assert transfer_view.take_new(ctx, land.drive).warnings == ()
    (old,) = (file for file in transfer_view.carrier_files(ctx, land.drive) if file.paths == first.paths)
    assert old.verdict is Verdict.OLDER
    assert "older than the one in force" in old.note


def test_a_file_that_is_refused_stops_only_its_own_sender(land: Land) -> None:
    first, second, third = (portion(land).paths[0] for _ in range(3))
    reference = transfer.export(land.ctx("ntc"), "reference", ["nu027"], land.drive)
    data = bytearray(second.read_bytes())
    data[-400] ^= 1  # behind the head that the list looks at
    second.write_bytes(data)
    ctx = land.ctx("nu027")
    moved = transfer_view.take_new(ctx, land.drive)
    assert len(moved.warnings) == 1
    assert "№ 2" in moved.warnings[0]
    assert transfer.load(ctx, first).known
    assert transfer.load(ctx, reference.paths[0]).known
    with refused("stream-gap"):
        transfer.load(ctx, third)


def test_cancel_in_the_middle_keeps_what_was_taken(land: Land) -> None:
    for _ in range(3):
        portion(land)
    ctx = land.ctx("nu027")

    class Impatient(Silent):
        stages = 0

        def stage(self, title: str, total: int = 0) -> None:
            if title == "Decrypting":
                self.stages += 1
                if self.stages == 2:
                    raise Cancelled

    moved = transfer_view.take_new(ctx, land.drive, Impatient())
    assert facts(ctx).streams[0][2] == 1
    assert moved.warnings == ("Cancelled: what was taken stays, 2 files were not looked at.",)
    with pytest.raises(Cancelled):
        transfer_view.take_new(ctx, land.drive, _stopping())
    transfer_view.take_new(ctx, land.drive)
    assert facts(ctx).streams[0][2] == 3


def _stopping() -> Progress:
    class Stopping(Silent):
        def stage(self, title: str, total: int = 0) -> None:
            raise Cancelled

    return Stopping()


# -- two files with one number: the centre decides


@dataclass
class Forked:
    """The operator's PC was copied: the first file of the land was taken, the twin's came after it."""

    land: Land
    twin: Land
    ours: Path
    theirs: Path
    stream: str
    groups: str


@pytest.fixture
def forked(land: Land, tmp_path: Path) -> Iterator[Forked]:
    twin = copy_land(land, tmp_path / "twin")
    ours = portion(land).paths[0]
    type_student(twin, 9)
    theirs = portion(twin).paths[0]
    ctx = land.ctx("nu027")
    transfer.load(ctx, ours)
    with refused("stream-fork"):
        transfer.load(ctx, theirs)
    (fork,) = forks.known(ctx)
    yield Forked(land, twin, ours, theirs, fork.stream, forks.shown_groups(fork.second))
    twin.close()


def decision(forked: Forked, *, counts: bool) -> Path:
    """The centre's file about it, signed by its two people."""
    centre = forked.land.ctx("ntc")
    made = fork_decisions.decide(centre, forked.stream, forked.groups, counts=counts)
    keys = signing(centre)
    return transfer.export(centre, "stream-decision", made.recipient, forked.land.drive, persons=keys).paths[0]


def test_a_fork_is_shown_with_what_the_centre_must_know(forked: Forked) -> None:
    ctx = forked.land.ctx("nu027")
    (row,) = [row for row in carrier_history.rows(ctx) if row.standing is Standing.FORK]
    told = dict(dict(carrier_history.about(ctx, row))["For the testing centre"])
    assert (told["Order of files"], told["Second file"]) == (forked.stream, forked.groups)
    assert told["First file"] != forked.groups
    verdicts = {file.verdict for file in transfer_view.carrier_files(ctx, forked.theirs.parent)}
    assert verdicts == {Verdict.FROZEN}


def test_the_second_file_does_not_count(forked: Forked) -> None:
    ctx, land = forked.land.ctx("nu027"), forked.land
    next_one = portion(land)
    with refused("stream-frozen"):
        transfer.load(ctx, next_one.paths[0])
    students_before = facts(ctx).students
    taken = transfer.load(ctx, decision(forked, counts=False))
    assert taken.summary[-1].params == {"count": 1}
    with refused("carrier-set-aside"):
        transfer.load(ctx, forked.theirs)
    assert not transfer.load(ctx, next_one.paths[0]).known
    assert facts(ctx).students == students_before
    assert "stream-released" in happened(ctx)
    # The other branch goes on: that is a new fork, and stops the stream again.
    with refused("stream-fork"):
        transfer.load(ctx, portion(forked.twin).paths[0])


def test_the_second_file_counts_and_is_taken_from_the_evidence(forked: Forked) -> None:
    ctx = forked.land.ctx("nu027")
    students_before = facts(ctx).students
    forked.theirs.unlink()
    taken = transfer.load(ctx, decision(forked, counts=True))
    assert [more.manifest.sender.device for more in taken.followed] == [OPERATOR]
    assert facts(ctx).students == students_before + 1
    with refused("carrier-set-aside"):
        transfer.load(ctx, forked.ours)
    assert not transfer.load(ctx, portion(forked.twin).paths[0]).known
    states = {row.standing for row in carrier_history.rows(ctx)}
    assert {Standing.ASIDE, Standing.SETTLED} <= states


def test_a_decision_needs_two_people_and_changes_nothing_twice(forked: Forked) -> None:
    centre, ctx = forked.land.ctx("ntc"), forked.land.ctx("nu027")
    fork_decisions.decide(centre, forked.stream, forked.groups, counts=False)
    with refused("persons-missing"):
        transfer.export(centre, "stream-decision", "nu027", forked.land.drive)
    path = decision(forked, counts=False)
    transfer.load(ctx, path)
    assert transfer.load(ctx, path).known
    again = transfer.export(centre, "stream-decision", "nu027", forked.land.drive, persons=signing(centre))
    assert transfer.load(ctx, again.paths[0]).summary[-1].params == {"count": 0}


def test_what_is_no_decision_is_told(land: Land) -> None:
    centre = land.ctx("ntc")
    good = "nu027-op1>nu027/operator-portion/2011/test"
    for stream, groups, text in (
        ("nonsense", "12AB 34CD 56EF 7890", "not the name of an order"), (good, "12AB", "four groups"),
        (good, "XYZW 34CD 56EF 7890", "four groups"),
        ("ntc-1>all/reference/2011/test", "12AB34CD56EF7890", "Say at whose"),
        ("bu013>ntc/base-students/2011/test", "12AB34CD56EF7890", "both must sign"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=text):
            fork_decisions.decide(centre, stream, groups, counts=True)
    with pytest.raises(UserError, match="another program"):
        fork_decisions.decide(land.ctx("nu027"), good, "12AB34CD56EF7890", counts=True)


# -- conflicts are decided by people


def test_a_value_changed_on_both_sides_goes_to_the_decision_list(land: Land) -> None:
    """What the programmer has corrected meanwhile is never overwritten by a portion."""
    network, operator = land.ctx("nu027"), land.ctx(OPERATOR)
    transfer.load(network, portion(land).paths[0])
    mine = students.all_rows(operator)[0]
    values = student(3, birth_date=student(3)["birth_date"].replace(day=3))
    students.save(network, {**values, "surname": "Қайраттегі"}, student_id=mine.id)
    students.save(operator, {**values, "surname": "Қайырұлы"}, student_id=mine.id)
    seen = transfer_view.look(network, portion(land).paths[0])
    assert any("to be decided: 1" in line for line in seen.changes)
    transfer_view.take(network, seen)
    assert students.get(network, mine.id).surname == "Қайраттегі"
    with network.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Conflict).where(Conflict.state == "open")) == 1


# -- drives


def test_the_log_holds_pairs_around_work_on_drives(land: Land, tmp_path: Path) -> None:
    operator = land.ctx(OPERATOR)
    before = facts(operator).log
    portion(land)
    made = ["backup-made", "carrier-built", "drive-started", "drive-finished", "carrier-written"]
    assert events(operator, before) == made
    before = facts(operator).log
    with refused("drive-gone"):
        transfer.export(operator, "operator-portion", "nu027", tmp_path / "nothing")
    with operator.store.read() as session:
        query = select(AuditEntry).where(AuditEntry.n > before, AuditEntry.event == "drive-finished")
        (entry,) = session.scalars(query)
        assert (entry.disposition, entry.details["code"]) == ("refused", "drive-gone")


def test_what_was_made_goes_to_a_second_drive_with_all_that_belongs_to_it(land: Land, tmp_path: Path) -> None:
    operator = land.ctx(OPERATOR)
    drives = [tmp_path / "one", tmp_path / "two"]
    for folder in drives:
        folder.mkdir()
    with refused("drive-gone"):
        transfer.export(operator, "operator-portion", "nu027", tmp_path / "gone")
    made = transfer_view.make(operator, "operator-portion", ["nu027"])
    for folder in drives:
        (moved,) = transfer_view.put(operator, made, folder)
        assert [name.split("-")[-2] for name in sorted(path.name for path in folder.iterdir())] == ["0001", "0002"]
        assert moved.lines[-1][0] == "Earlier file written along"
    assert sent(operator) == [("operator-portion", 1, "written"), ("operator-portion", 2, "written")]
    title, again = transfer_view.made_before(operator, made.files[0].digest)
    assert (title, again.files[0].digest) == ("Operator's records for the programmer", made.files[0].digest)


def test_a_folder_is_not_ejected_but_the_words_are_true(land: Land) -> None:
    ctx = land.ctx("nu027")
    before = facts(ctx).log
    assert "cannot let go of it by itself" in transfer_view.let_go(ctx, land.drive)
    assert events(ctx, before) == ["drive-ejected"]


def test_one_recipient_without_a_workplace_does_not_keep_the_others_from_theirs(land: Land) -> None:
    """The centre has let in nu027 and bu013, but nobody of bu007."""
    network = land.ctx("nu041")
    made = transfer_view.make(network, "enrolment", ["ntc", "bu007"])
    assert [one.recipient for one in made.files] == ["ntc"]
    (warning,) = made.warnings
    assert "bu007" in warning or "007" in warning
    (moved,) = transfer_view.put(network, made, land.drive)
    assert moved.recipient == "National Testing Centre"
    assert moved.warnings == made.warnings
    with refused("recipient-none"):
        transfer_view.make(network, "enrolment", ["bu007"])
