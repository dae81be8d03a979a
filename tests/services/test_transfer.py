"""Carriers between real workplaces: out, in, again, wrongly, out of order, on drives that fail."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from mab_desktop.domain.errors import CarrierRefused, Refused, UserError
from mab_desktop.domain.organisation import Season
from mab_desktop.services import (
    backups,
    centre_trust,
    sending,
    transfer,
    transfer_view,
    trusting,
    verification,
)
from mab_desktop.services.batch import Verdict
from mab_desktop.services.context import Context
from mab_desktop.services.settings import put_setting
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, StreamIn
from tests.services.authority import issue
from tests.services.carrier_stand import FillingDrive, happened, type_student
from tests.services.land import OPERATOR, Land, copy_land, events, facts, portion, refused, sent, statistics


def execute(ctx: Context, *statements: str) -> None:
    """Change a database behind the program's back."""
    with ctx.store.engine.execution_options(mab_write=True).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def flipped(path: Path, folder: Path, at: int) -> Path:
    data = bytearray(path.read_bytes())
    data[at] ^= 16
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_bytes(data)
    return folder / path.name


# -- in order


def test_a_carrier_goes_over_and_the_same_again_changes_nothing(land: Land) -> None:
    exported = portion(land)
    assert [path.parent for path in exported.paths] == [land.drive]
    assert exported.counts["student"] == 2
    ctx = land.ctx("nu027")
    before = facts(ctx)
    seen = transfer.examine(ctx, list(exported.paths))
    assert events(ctx, before.log) == ["drive-started", "drive-finished"]
    assert replace(facts(ctx), log=before.log) == before
    taken = transfer.accept(ctx, seen)
    assert (taken.known, taken.digest) == (False, exported.digest)
    assert (facts(ctx).students, facts(ctx).loaded) == (before.students + 2, 1)
    assert happened(ctx, before.log) == ["backup-made", "portion-merged", "carrier-accepted"]
    after = facts(ctx)
    again = transfer.load(ctx, exported.paths[0])
    assert again.known
    assert again.summary == taken.summary
    assert transfer.examine(ctx, exported.paths[0]).known_since.startswith("2011-03-10T09:")
    assert replace(facts(ctx), log=after.log) == after


def test_what_is_known_is_known_under_any_name_and_after_the_log_in(land: Land, tmp_path: Path) -> None:
    exported = portion(land)
    transfer.load(land.ctx("nu027"), exported.paths[0])
    land.close()
    renamed = tmp_path / "копия (2).mab"
    shutil.copy(exported.paths[0], renamed)
    assert transfer.load(land.ctx("nu027"), renamed).known


def test_a_carrier_is_kept_until_its_recipient_has_confirmed_it(land: Land) -> None:
    outbox = land.database("nu027").parent / "outbox"
    first = statistics(land)
    kept = outbox / first.paths[0].name
    assert kept.read_bytes() == first.paths[0].read_bytes()
    transfer.load(land.ctx("bu013"), first.paths[0])
    second = statistics(land)
    assert sent(land.ctx("nu027")) == [("statistics", 1, "written"), ("statistics", 2, "written")]
    assert kept.exists()
    # Any carrier of the recipient brings the receipt, whatever else is in it.
    back = transfer.export(land.ctx("bu013"), "passes", "nu027", land.drive)
    transfer.load(land.ctx("nu027"), back.paths[0])
    assert sent(land.ctx("nu027")) == [("statistics", 1, "receipted"), ("statistics", 2, "written")]
    assert "carrier-receipted" in happened(land.ctx("nu027"))
    statistics(land)
    assert not kept.exists()
    assert (outbox / second.paths[0].name).exists()


def test_nobody_confirms_for_somebody_else(land: Land) -> None:
    """A base university says in a well signed file that it has the portion which went to the programmer's PC."""
    exported = portion(land)
    base = land.ctx("bu013")
    operator = land.ctx(OPERATOR)
    with base.store.write(base.actor) as tx, operator.store.read() as session:
        made = session.get_one(CarrierOut, exported.digest)
        tx.session.add(StreamIn(stream=made.stream, epoch=1, seq=1, digest=made.digest, checkpoint={}))
        tx.note("setting-changed", "forged")
    back = transfer.export(base, "passes", "nu027", land.drive)
    assert back.paths
    transfer.load(operator.as_person("head", "Head", "programmer"), back.paths[0])
    assert sent(operator) == [("operator-portion", 1, "written")]


def test_a_broadcast_is_one_file_for_all(land: Land) -> None:
    exported = transfer.export(land.ctx("ntc"), "reference", ["bu013", "nu027", "nu041"], land.drive)
    for name in ("bu013", "nu027", OPERATOR):
        assert not transfer.load(land.ctx(name), exported.paths[0]).known
    with refused("recipient-other"):
        transfer.load(land.ctx("mp013"), exported.paths[0])


# -- wrongly


def test_a_file_that_is_none_or_cut_or_longer_or_edited_changes_nothing(land: Land, tmp_path: Path) -> None:
    path = portion(land).paths[0]
    data, ctx = path.read_bytes(), land.ctx("nu027")
    before = facts(ctx)
    spoilt = tmp_path / "spoilt.mab"
    for content, code in (
        (b"", "container-foreign"), (b"PK\3\4 not ours, but long enough to be looked at" * 9, "container-foreign"),
        ("Өтініш".encode() * 999, "container-foreign"), (data[:-1], "container-cut"),
        (data[: len(data) // 2], "container-cut"), (data + b"\0", "container-tail"), (data + data, "container-tail"),
    ):  # fmt: skip
        spoilt.write_bytes(content)
        with pytest.raises(CarrierRefused) as caught:
            transfer.load(ctx, spoilt)
        assert caught.value.code == code, content[:20]
    now = facts(ctx)
    assert happened(ctx, before.log) == ["carrier-refused"] * 7
    assert replace(now, log=before.log) == before
    assert not (ctx.store.path.parent / "quarantine").exists()


def test_one_bit_is_enough_to_be_refused(land: Land, tmp_path: Path) -> None:
    path = portion(land).paths[0]
    ctx = land.ctx("nu027")
    before = facts(ctx)
    for at in range(0, path.stat().st_size, 397):
        with pytest.raises(CarrierRefused) as caught:
            transfer.load(ctx, flipped(path, tmp_path / "edited", at))
        assert caught.value.exit_code == 4
    assert replace(facts(ctx), log=before.log) == before
    assert not transfer.load(ctx, path).known


def test_a_missing_file_and_a_folder_are_told_in_words(land: Land, tmp_path: Path) -> None:
    ctx = land.ctx("nu027")
    for path in (tmp_path / "missing.mab", tmp_path):
        with pytest.raises(UserError, match="There is no file"):
            transfer.load(ctx, path)


def test_a_file_for_others_is_not_opened(land: Land) -> None:
    exported = statistics(land)
    with refused("recipient-other"):
        transfer.load(land.ctx("mp013"), exported.paths[0])
    with refused("own-carrier"):
        transfer.load(land.ctx("nu027"), exported.paths[0])
    with refused("recipient-other"):
        transfer.load(land.ctx("nu041"), portion(land).paths[0])


def test_a_pc_that_was_enrolled_later_cannot_open_an_earlier_file(land: Land) -> None:
    exported = transfer.export(land.ctx("ntc"), "reference", ["nu027"], land.drive)
    late = land.start("nu027", database=land.database("nu027-late"), device="late")
    land._open["late"] = late
    with late.store.read() as session:
        public = trusting.device_keys(session).public
    centre_trust.enrol(land.ctx("ntc"), public, public.fingerprint)
    land.trust_file.write_bytes(issue(land.ctx("ntc")))
    trusting.adopt_from(late, land.trust_file)
    with refused("recipient-device"):
        transfer.load(late, exported.paths[0])


def test_another_campaign_and_the_other_sort_of_data(land: Land) -> None:
    exported = portion(land)
    ctx = land.ctx("nu027")
    with refused("campaign-other"):
        transfer.load(replace(ctx, season=Season(2012, "2012", official=False)), exported.paths[0])
    with refused("mode-other"):
        transfer.load(replace(ctx, season=Season(2011, "2011", official=True)), exported.paths[0])


def test_an_unknown_and_a_withdrawn_sender(land: Land) -> None:
    first = portion(land)
    transfer.load(land.ctx("nu027"), first.paths[0])
    centre_trust.revoke(land.ctx("ntc"), OPERATOR)
    land.trust_file.write_bytes(issue(land.ctx("ntc")))
    second = portion(land)
    assert trusting.adopt_from(land.ctx("nu027"), land.trust_file)
    with refused("sender-revoked"):
        transfer.load(land.ctx("nu027"), second.paths[0])


def test_what_this_program_does_not_send_or_take(land: Land) -> None:
    with pytest.raises(UserError, match="does not send or take files of the kind hall-fund"):
        transfer.export(land.ctx("nu027"), "hall-fund", "ntc", land.drive)
    with pytest.raises(UserError, match="kind no-such-kind"):
        transfer.export(land.ctx("nu027"), "no-such-kind", "ntc", land.drive)
    with pytest.raises(UserError, match="kind operator-portion"):
        transfer.handler_for(land.ctx("bu013"), "operator-portion", sending=False)
    before = facts(land.ctx(OPERATOR))
    with refused("own-carrier"):
        transfer.load(land.ctx(OPERATOR), portion(land).paths[0])
    assert facts(land.ctx(OPERATOR)).streams == before.streams


def test_obstacles_are_refused_with_all_their_reasons(land: Land) -> None:
    with pytest.raises(Refused, match="specialties that take part") as caught:
        transfer.export(land.ctx("nu027"), "university-students", "bu013", land.drive)
    assert len(caught.value.problems) >= 1
    offers = {offer.kind: offer for offer in transfer.offers(land.ctx("nu027"))}
    assert offers["university-students"].obstacles == caught.value.problems
    assert offers["statistics"].obstacles == ()
    assert sent(land.ctx("nu027")) == []
    assert list(land.drive.iterdir()) == []


# -- out of order


def test_an_older_file_changes_nothing_and_a_gap_waits_for_what_is_missing(land: Land) -> None:
    first, second, third = portion(land), portion(land), portion(land)
    ctx = land.ctx("nu027")
    transfer.load(ctx, first.paths[0])
    with refused("stream-gap"):
        transfer.load(ctx, third.paths[0])
    with pytest.raises(CarrierRefused, match="missing: 2"):
        transfer.examine(ctx, third.paths[0])
    assert facts(ctx).streams[0][2] == 1
    transfer.load(ctx, second.paths[0])
    transfer.load(ctx, third.paths[0])
    before = facts(ctx)
    again = transfer.load(ctx, first.paths[0])
    assert (again.known, again.digest) == (True, first.digest)  # loaded already, though another one was the last
    assert facts(ctx).streams[0][2] == 3
    assert replace(facts(ctx), log=before.log) == before


def test_a_gap_before_a_file_that_replaces_all_is_a_persons_decision(land: Land) -> None:
    ctx = land.ctx("bu013")
    transfer.load(ctx, statistics(land).paths[0])
    lost, third = statistics(land), statistics(land)
    before = facts(ctx)
    with refused("stream-gap"):
        transfer.load(ctx, third.paths[0])
    assert facts(ctx).streams == before.streams
    seen = transfer_view.look(ctx, third.paths[0])
    assert any("2" in warning for warning in seen.warnings)
    transfer_view.take(ctx, seen)
    assert facts(ctx).streams[0][2] == 3
    with refused("stream-replay"):
        transfer.load(ctx, lost.paths[0])


def test_two_files_with_one_number_stop_the_stream_for_good(land: Land, tmp_path: Path) -> None:
    """The operator's folder was copied to a second computer, and both go on working."""
    twin = copy_land(land, tmp_path / "twin")
    first = portion(land)
    type_student(twin, 9)
    other = portion(twin)
    twin.close()
    assert first.paths[0].name == other.paths[0].name
    ctx = land.ctx("nu027")
    transfer.load(ctx, first.paths[0])
    before = facts(ctx)
    with refused("stream-fork"):
        transfer.load(ctx, other.paths[0])
    assert happened(ctx, before.log) == ["stream-frozen", "carrier-refused"]
    kept = list((ctx.store.path.parent / "evidence").iterdir())
    assert [path.read_bytes() for path in kept] == [other.paths[0].read_bytes()]
    second = portion(land)
    with refused("stream-frozen"):
        transfer.load(ctx, second.paths[0])
    with refused("stream-frozen"):
        transfer.load(ctx, other.paths[0])
    assert transfer.load(ctx, first.paths[0]).known
    assert replace(facts(ctx), log=0, streams=()) == replace(before, log=0, streams=())
    assert facts(ctx).streams == ((*before.streams[0][:3], True),)
    # Another stream of the same sender is not touched by it.
    assert not transfer.load(land.ctx("bu013"), statistics(land).paths[0]).known


def test_a_restored_backup_is_confirmed_by_a_person(land: Land) -> None:
    first, second = portion(land), portion(land)
    ctx = land.ctx("nu027")
    transfer.load(ctx, first.paths[0])
    transfer.load(ctx, second.paths[0])
    operator = land.ctx(OPERATOR)
    with operator.store.write(operator.actor) as tx:
        put_setting(tx, "epoch", {"epoch": 2})
        tx.note("setting-changed", "epoch")
    fresh = portion(land)
    assert "-e2-0001-" in fresh.paths[0].name
    before = facts(ctx)
    with pytest.raises(UserError, match="went back to a backup"):
        transfer.load(ctx, fresh.paths[0])
    assert replace(facts(ctx), log=before.log) == before
    incoming = transfer.examine(ctx, fresh.paths[0])
    transfer.accept(ctx, incoming, confirm_new_epoch=True)
    assert facts(ctx).streams[0][1:3] == (2, 1)
    assert transfer.load(ctx, second.paths[0]).known


def test_a_log_that_became_shorter_is_refused(land: Land) -> None:
    """Somebody at the sender's takes the last lines of the log away and goes on as if nothing had been."""
    ctx, operator = land.ctx("nu027"), land.ctx(OPERATOR)
    transfer.load(ctx, portion(land).paths[0])
    execute(operator, "DROP TRIGGER audit_no_delete", "DELETE FROM audit WHERE n > 3")
    second = portion(land)
    before = facts(ctx)
    with refused("log-shorter"):
        transfer.load(ctx, second.paths[0])
    assert replace(facts(ctx), log=before.log) == before


def test_another_file_loaded_between_look_and_yes(land: Land) -> None:
    first, second = portion(land), portion(land)
    ctx = land.ctx("nu027")
    seen = transfer.examine(ctx, first.paths[0])
    transfer.accept(ctx, seen)
    with pytest.raises(UserError, match="Look at this one again"):
        transfer.accept(ctx, seen)
    seen = transfer.examine(ctx, second.paths[0])
    with ctx.store.write(ctx.actor) as tx:
        tx.session.get_one(StreamIn, seen.manifest.stream).frozen = True
        tx.note("stream-frozen", seen.manifest.stream)
    with refused("stream-moved"):
        transfer.accept(ctx, seen)


# -- on the way


def test_an_import_that_fails_leaves_nothing(land: Land) -> None:
    path = portion(land).paths[0]
    ctx = land.ctx("nu027")
    before = facts(ctx)
    execute(ctx, "CREATE TRIGGER broken AFTER INSERT ON carrier_in BEGIN SELECT RAISE(ABORT, 'broken'); END")
    with pytest.raises(IntegrityError):
        transfer.load(ctx, path)
    assert happened(ctx, before.log) == ["backup-made"]
    assert replace(facts(ctx), log=before.log) == before
    execute(ctx, "DROP TRIGGER broken")
    assert not transfer.load(ctx, path).known
    assert facts(ctx).students == before.students + 2


def test_a_disk_that_fills_during_the_import_is_told_in_words(land: Land) -> None:
    for number in range(5, 25):
        type_student(land, number)
    path = portion(land).paths[0]
    ctx = land.ctx("nu027")
    incoming = transfer.examine(ctx, path)
    before = facts(ctx)
    pages = ctx.store.engine.connect().exec_driver_sql("PRAGMA page_count").scalar_one()

    def full(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    event.listen(ctx.store.engine, "begin", full)
    with pytest.raises(UserError, match="disk is full"):
        transfer.accept(ctx, incoming)
    event.remove(ctx.store.engine, "begin", full)
    now = facts(ctx)
    assert replace(now, log=before.log) == before
    assert set(happened(ctx, before.log)) <= {"backup-made"}


def test_a_drive_that_fails_leaves_the_file_for_the_next_export(land: Land, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with refused("drive-full"):
        transfer.export(land.ctx(OPERATOR), "operator-portion", "nu027", FillingDrive(stick, 1000))
    assert sent(land.ctx(OPERATOR)) == [("operator-portion", 1, "built")]
    assert list(stick.glob("*.mab")) == []
    with refused("drive-gone"):
        transfer.export(land.ctx(OPERATOR), "operator-portion", "nu027", FillingDrive(stick, 1000, errno.EIO))
    with refused("drive-gone"):
        transfer.export(land.ctx(OPERATOR), "operator-portion", "nu027", tmp_path / "nothing-there")
    exported = portion(land)
    assert [path.name.split("-")[-2] for path in (*exported.along, *exported.paths)] == ["0001", "0002", "0003", "0004"]
    assert {state for _, _, state in sent(land.ctx(OPERATOR))} == {"written"}
    ctx = land.ctx("nu027")
    with refused("stream-gap"):
        transfer.load(ctx, exported.paths[0])
    for path in exported.along:
        assert not transfer.load(ctx, path).known
    assert transfer.load(ctx, exported.paths[0]).known


def test_a_cut_before_the_number_was_reserved_does_not_block_the_next_export(land: Land) -> None:
    operator = land.ctx(OPERATOR)
    execute(operator, "CREATE TRIGGER broken AFTER INSERT ON carrier_out BEGIN SELECT RAISE(ABORT, 'broken'); END")
    with pytest.raises(IntegrityError):
        portion(land)
    outbox = operator.store.path.parent / "outbox"
    assert len(list(outbox.iterdir())) == 1
    (outbox / "half.work").mkdir()
    execute(operator, "DROP TRIGGER broken")
    exported = portion(land)
    assert sent(operator) == [("operator-portion", 1, "written")]
    assert [path.name for path in outbox.iterdir()] == [exported.paths[0].name]
    assert not transfer.load(land.ctx("nu027"), exported.paths[0]).known


def test_a_lost_drive_is_written_again(land: Land, tmp_path: Path) -> None:
    exported = portion(land)
    data = exported.paths[0].read_bytes()
    exported.paths[0].unlink()
    second = tmp_path / "second"
    second.mkdir()
    operator = land.ctx(OPERATOR)
    (path,) = transfer.write(operator, sending.made_before(operator, exported.digest), second).paths
    assert path.read_bytes() == data
    assert sent(operator) == [("operator-portion", 1, "written")]
    with pytest.raises(UserError, match="made no such file"):
        sending.made_before(operator, "0" * 64)
    kept = operator.store.path.parent / "outbox" / path.name
    third = tmp_path / "third"
    third.mkdir()
    made = sending.made_before(operator, exported.digest)
    kept.write_bytes(data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])
    with pytest.raises(UserError, match="kept on this computer is damaged"):
        transfer.write(operator, made, third)
    assert list(third.iterdir()) == []
    kept.unlink()
    with pytest.raises(UserError, match="kept on this computer is gone"):
        sending.made_before(operator, exported.digest)


@pytest.mark.parametrize("name", [
    b"\xff\xfe.mab", "\u202egnp.mab".encode(), b"two\nlines.mab", b"<b>bold.mab", b"n" * 251 + b".mab",
])  # fmt: skip
def test_whatever_somebody_called_the_file_it_is_taken(land: Land, tmp_path: Path, name: bytes) -> None:
    """Names are for people: no text at all, backwards, two lines, markup, as long as a file system takes."""
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(portion(land).paths[0].read_bytes())
    ctx = land.ctx("nu027")
    assert not transfer.accept(ctx, transfer.examine(ctx, path)).known
    found = verification.verify_set([path])
    assert found.exit_code == 0
    told = "\n".join(verification.as_lines(found, "kk"))
    assert told.encode("utf-8")
    assert "\u202e" not in told
    assert "<b>" not in told


def test_a_disk_without_room_for_the_private_copy_is_told(land: Land) -> None:
    """A file lies where the private folder must be made: the system refuses it as a full disk would."""
    ctx, exported = land.ctx("nu027"), portion(land)
    (ctx.store.path.parent / "quarantine").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be used"):
        transfer.load(ctx, exported.paths[0])
    (ctx.store.path.parent / "quarantine").unlink()
    assert not transfer.load(ctx, exported.paths[0]).known


def test_a_strange_name_is_shown_plainly(land: Land, tmp_path: Path) -> None:
    (tmp_path / "\u202e<b>gnp.mab").write_bytes(b"no carrier")
    (found,) = transfer_view.carrier_files(land.ctx("nu027"), tmp_path)
    assert found.title == "??b?gnp.mab"


def test_a_backup_stands_before_every_import(land: Land) -> None:
    ctx = land.ctx("nu027")
    assert backups.newest_copy(ctx) is None
    transfer.load(ctx, portion(land).paths[0])
    first = backups.newest_copy(ctx)
    assert first is not None
    transfer.load(ctx, portion(land).paths[0])
    assert backups.newest_copy(ctx) != first


def test_a_newer_trust_list_comes_with_any_accepted_file(land: Land) -> None:
    centre = land.ctx("ntc")
    centre_trust.revoke(centre, "nu041")
    issue(centre)
    exported = transfer.export(centre, "reference", ["bu013", "nu027"], land.drive)
    ctx = land.ctx("bu013")
    with ctx.store.read() as session:
        before = trusting.trust_store(session).version
    transfer.load(ctx, exported.paths[0])
    with ctx.store.read() as session:
        assert trusting.trust_store(session).version == before + 1
        assert session.get_one(CarrierIn, exported.digest).accepted_by == "programmer"
    assert not trusting.adopt_from(ctx, exported.paths[0])


def test_of_two_copies_on_a_drive_the_whole_one_is_taken(land: Land) -> None:
    """A file was copied twice; the copy under the right name lost a bit on the drive."""
    path = portion(land).paths[0]
    copy = path.with_name("Copy of it.mab")
    shutil.copy(path, copy)
    spoilt = bytearray(path.read_bytes())
    at = spoilt.index(b"age-encryption.org") + 400
    spoilt[at] ^= 1
    path.write_bytes(spoilt)
    for _names in range(2):
        new = [one for one in transfer.plan(land.ctx("nu027"), land.drive) if one.verdict is Verdict.NEW]
        assert [one.paths for one in new] == [(copy,)]
        path, copy = path.rename(path.with_name("z.mab")), copy.rename(path)
    (taken,) = transfer.take_all(land.ctx("nu027"), transfer.plan(land.ctx("nu027"), land.drive))
    assert taken.accepted is not None
