"""Readiness in a real workplace: the checks, the report of two persons, the reserve PC, training put aside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from mab_desktop.cli import main
from mab_desktop.domain import trial_pack as rules
from mab_desktop.domain.errors import CarrierRefused, OutOfOrder, UserError, WrongPassword
from mab_desktop.domain.readiness import Finding, Item, Verdict
from mab_desktop.domain.sheet import layout
from mab_desktop.exchange import canonical, envelope
from mab_desktop.exchange.device import SigningKey
from mab_desktop.forms.sheet_form import SheetPrint, draw_pack
from mab_desktop.omr.files import read_files
from mab_desktop.services import (
    accounts,
    backups,
    documents_day,
    documents_exam,
    equipment,
    going_official,
    hall_sheets,
    handed_over,
    pc_checks,
    readiness,
    readiness_signature,
    reserve,
    reserve_check,
    restore,
    second_disk,
    shifts,
    step_copies,
    trial_pack,
    trusting,
    workplace,
)
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage import backup
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import ReadinessReport
from tests.forms import printed_page
from tests.services.authority import official_list
from tests.services.exam_room import FIRST_DAY, Room, make_room
from tests.services.land import CHEAP, PASSWORD, Land, the_clock

HERE, REP = "mp013", "rep"


@pytest.fixture
def room(land: Land, tmp_path: Path) -> Room:
    """The eve of the first shift in a workplace with locks; programmer and representative; nothing is signed."""
    made = make_room(lambda *_: land.ctx(HERE), tmp_path / "scans", {"101": 3})
    accounts.add_person(made.ctx, REP, "Өкіл Өкілов", "representative", PASSWORD, CHEAP)
    with made.ctx.store.write(made.ctx.actor) as tx:
        tx.session.execute(delete(ReadinessReport))
        tx.note("setting-changed", "test")
    return made


def open_with_a_reason(room: Room) -> None:
    """The representative's word instead of the checks."""
    rep = room.ctx.as_person(REP, "Өкіл Өкілов", "representative")
    readiness.sign_with_reason(rep, "сынақтағы емтихан, тексерусіз")


def by_item(findings: tuple[Finding, ...]) -> dict[Item, Finding]:
    return {found.item: found for found in findings}


def pass_all(room: Room) -> None:
    """Every check as if it had been made just now and was good."""
    now = room.ctx.clock.now().isoformat()
    good = {item.value: {"item": item.value, "verdict": "good", "at": now, "by": "x",
                         "version": readiness.__version__, "said": [], "problems": []} for item in Item}  # fmt: skip
    with room.ctx.store.write(room.ctx.actor) as tx:
        put_setting(tx, readiness.SETTING, good)
        tx.note("setting-changed", readiness.SETTING)


def words(found: Finding) -> str:
    return " ".join(problem.message("en") for problem in (*found.problems, *found.said))


# -- the checks


def test_the_computer_is_looked_at_and_what_is_missing_is_named(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    before = by_item(readiness.findings(room.ctx))
    assert {found.verdict for found in before.values()} == {Verdict.OPEN}
    found = by_item(readiness.check_pc(room.ctx))
    assert found[Item.DATABASE].verdict is Verdict.GOOD
    assert found[Item.CLOCK].verdict is Verdict.GOOD
    assert "SQLite" in words(found[Item.VERSION])
    assert found[Item.ORIGIN].verdict is Verdict.BAD  # students without a signed file, no list of officers
    assert "Final database: it did not come yet" in words(found[Item.ORIGIN])
    monkeypatch.setattr(pc_checks.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 1_000_000})())
    assert by_item(readiness.check_pc(room.ctx))[Item.DISK].verdict is Verdict.BAD
    for lang in ("kk", "ru"):
        told = [p.message(lang) for one in readiness.findings(room.ctx) for p in (*one.said, *one.problems)]
        assert all(told)
        assert not any("{" in text for text in told)


def test_a_clock_that_is_behind_the_log_is_wrong(room: Room) -> None:
    room.ctx.clock.put_hands(room.ctx.clock.now().replace(month=1))  # type: ignore[attr-defined]
    found = by_item(readiness.check_pc(room.ctx))[Item.CLOCK]
    assert found.verdict is Verdict.BAD
    assert "behind a time that is known" in words(found)


def test_a_drive_is_written_and_read_back_and_left_as_it_was(room: Room, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "kept.txt").write_text("мұнда", "utf-8")
    found = by_item(readiness.check_drive(room.ctx, drive))[Item.DRIVE]
    assert found.verdict is Verdict.GOOD
    assert [path.name for path in drive.iterdir()] == ["kept.txt"]
    assert by_item(readiness.check_drive(room.ctx, tmp_path / "gone"))[Item.DRIVE].verdict is Verdict.BAD


def test_the_pack_is_printed_read_by_the_real_reader_and_one_wrong_mark_is_found(room: Room, tmp_path: Path) -> None:
    whole = tmp_path / "pack.pdf"
    whole.write_bytes(trial_pack.print_pack(room.ctx).pdf)
    found = by_item(readiness.read_pack(room.ctx, [whole]))[Item.PACK]
    assert found.verdict is Verdict.GOOD, words(found)
    assert "Sheets found: 12 of 12." in words(found)

    with room.ctx.store.read() as session:
        profile = hall_sheets.exam_profile(session)
    pack = rules.trial_pack(profile, "013")
    field, column = "subject2", 3
    marks = {**pack[0].marks, field: {**pack[0].marks[field], column: ("E",)}}
    sheets = [(SheetPrint(sheet.serial), marks if n == 0 else sheet.marks) for n, sheet in enumerate(pack[:11])]
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(draw_pack(layout(profile), sheets))
    found = by_item(readiness.read_pack(room.ctx, [broken]))[Item.PACK]
    assert found.verdict is Verdict.BAD
    assert f"Sheet {pack[0].serial}, subject2 4: filled in D, read E." in words(found)
    assert "Sheets found: 11 of 12." in words(found)


# -- the report


def test_programmer_and_representative_sign_together_and_nobody_else(room: Room) -> None:
    accounts.add_person(room.ctx, "third", "Үшінші Адам", "coordinator", PASSWORD, CHEAP)
    with pytest.raises(OutOfOrder, match="Not ready yet: Program and reference data"):
        readiness.sign(room.ctx, REP, PASSWORD)
    pass_all(room)
    equipment._keep(room.ctx, equipment.FIT, (), {}, "")
    equipment._keep(room.ctx, equipment.GLASS, (), {}, "")
    with pytest.raises(WrongPassword):
        readiness.sign(room.ctx, REP, "басқа құпия сөз")
    with pytest.raises(UserError, match="together"):
        readiness.sign(room.ctx, "third", PASSWORD)
    with pytest.raises(UserError, match="another one"):
        readiness.sign(room.ctx, "programmer", PASSWORD)
    assert readiness.reports(room.ctx) == []
    report = readiness.sign(room.ctx, REP, PASSWORD)
    assert (report.n, report.ready, report.made_by, report.confirmed_by) == (1, True, "Асан Үсенұлы", "Өкіл Өкілов")
    assert not documents_day.print_readiness(room.ctx).is_reprint
    assert readiness.reports(room.ctx)[0] == report
    assert not shifts.shift_facts(room.ctx, 1).readiness_missing


def test_only_the_representative_opens_with_a_reason_and_it_stands_in_the_report(room: Room) -> None:
    with pytest.raises(UserError, match="no right"):
        readiness.sign_with_reason(room.ctx, "сканер ертең келеді, күтпейміз")
    rep = room.ctx.as_person(REP, "Өкіл Өкілов", "representative")
    with pytest.raises(UserError, match="reason in full"):
        readiness.sign_with_reason(rep, "жоқ")
    report = readiness.sign_with_reason(rep, "сканер ертең келеді, күтпейміз")
    assert (report.ready, report.opens, report.confirmed_by) == (False, True, "Өкіл Өкілов")
    assert {found.verdict for found in report.findings} == {Verdict.OPEN}
    text = "".join(printed_page.texts(documents_day.print_readiness(room.ctx).pdf))
    assert "сканер ертең келеді" in text
    room.seat()
    room.day(FIRST_DAY, 9)
    shifts.open_shift(room.ctx, 1)
    with pytest.raises(OutOfOrder, match="first shift is open"):
        readiness.sign_with_reason(rep, "тағы бір себеп жаздық")


# -- the reserve PC


def test_the_reserve_pc_reads_the_set_and_answers_and_a_damaged_set_is_told(room: Room, tmp_path: Path) -> None:
    drive, place = tmp_path / "drive", tmp_path / "reserve-pc" / "ministry_programmer"
    drive.mkdir()
    assert "no set for the reserve PC" in words(by_item(readiness.check_reserve(room.ctx, drive))[Item.RESERVE])
    made = reserve.write_set(room.ctx, drive)
    found = by_item(readiness.check_reserve(room.ctx, drive))[Item.RESERVE]
    assert found.verdict is Verdict.BAD
    assert "has not read the set yet" in words(found)
    assert reserve_check.look(drive, place, room.ctx.clock).verdict is Verdict.GOOD
    assert not place.exists()
    found = by_item(readiness.check_reserve(room.ctx, drive))[Item.RESERVE]
    assert found.verdict is Verdict.REMARK, words(found)
    assert "No second disk" in words(found)

    answer = json.loads((made.folder / reserve_check.ANSWER).read_text("utf-8"))
    (made.folder / reserve_check.ANSWER).write_text(json.dumps(answer | {"version": "0.0.1"}), "utf-8")
    assert "another version" in words(by_item(readiness.check_reserve(room.ctx, drive))[Item.RESERVE])
    (made.folder / reserve_check.ANSWER).write_text("жоқ", "utf-8")
    assert "has not read the set yet" in words(by_item(readiness.check_reserve(room.ctx, drive))[Item.RESERVE])

    piece = made.folder / "database.000"
    whole = piece.read_bytes()
    piece.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert reserve_check.look(drive, place, room.ctx.clock).verdict is Verdict.BAD
    found = by_item(readiness.check_reserve(room.ctx, drive))[Item.RESERVE]
    assert "database.000 on the drive is damaged" in words(found)


def test_a_pc_that_handed_over_changes_nothing_more(room: Room, land: Land, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    open_with_a_reason(room)
    room.seat()
    reserve.write_set(room.ctx, drive, hand_over_to="қосалқы компьютер")
    head = room.ctx.store.log_head()
    room.day(FIRST_DAY, 9)
    for act in (lambda: shifts.open_shift(room.ctx, 1), lambda: documents_exam.print_seating_sheets(room.ctx, 1),
                lambda: readiness.check_pc(room.ctx)):  # fmt: skip
        with pytest.raises(OutOfOrder, match="handed its work over to қосалқы компьютер"):
            act()
    assert room.ctx.store.log_head() == head
    backups.back_up(room.ctx, "asked")  # looking and copying stay possible
    reserve.take_back(room.ctx, REP, PASSWORD)
    shifts.open_shift(room.ctx, 1)


def test_the_old_pc_stops_when_its_second_disk_says_that_another_went_on(
    room: Room, land: Land, tmp_path: Path
) -> None:
    disk = tmp_path / "second"
    disk.mkdir()
    second_disk.choose(room.ctx, disk, same_disk_too=True)
    open_with_a_reason(room)
    room.seat()
    copy = backups.back_up(room.ctx, "act")
    place = second_disk.place_of(room.ctx)
    assert place is not None
    assert (place / copy.name).exists()
    taken = tmp_path / "reserve-pc" / "mab.db"
    taken.parent.mkdir()
    opened = restore.open_copy(taken, place / copy.name, "programmer", PASSWORD, the_clock())
    restore.restore(opened, restore.Person(REP, "Өкіл Өкілов", "representative"), the_clock(), reason=restore.RESERVE)
    mirrored = sorted(path.name for path in place.glob("*.db"))
    room.day(FIRST_DAY, 9)
    backups.back_up(room.ctx, "asked")  # the old PC comes to life and sees its disk again
    assert sorted(path.name for path in place.glob("*.db")) == mirrored
    with pytest.raises(OutOfOrder, match="handed its work over"):
        shifts.open_shift(room.ctx, 1)
    land.close()
    again = workplace.log_in(land.database(HERE), "programmer", PASSWORD, clock=land.clock)
    with again.store.read() as session:
        assert handed_over.handed_over(session) is not None
    again.store.close()
    reserve_pc = workplace.log_in(taken, "programmer", PASSWORD, clock=land.clock)
    shifts.open_shift(reserve_pc, 1)
    with reserve_pc.store.read() as session:
        assert handed_over.handed_over(session) is None
    reserve_pc.store.close()


def test_a_copy_after_each_step_takes_the_place_of_the_one_before(room: Room) -> None:
    assert Base.metadata.tables.keys() >= step_copies.STEP_TABLES
    kept = backups.back_up(room.ctx, "asked")
    first = step_copies.after_step(room.ctx)
    assert first is None  # nothing was done since
    room.seat()
    first = step_copies.after_step(room.ctx)
    readiness.check_pc(room.ctx)
    second = step_copies.after_step(room.ctx)
    assert first is not None
    assert second is not None
    names = {copy.path.name for copy in backup.copies(backups.folder_of(room.ctx), room.ctx.store.path.stem)}
    assert kept.name in names
    assert second.name in names
    assert first.name not in names


# -- training and the real exam


def test_training_sheets_say_so_and_the_real_exams_reader_refuses_them(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "sheets.pdf"
    file.write_bytes(documents_exam.print_answer_sheets(room.ctx, 1, "101").pdf)
    assert all("ЖАТТЫҒУ РЕЖИМІ" in text for text in printed_page.texts(file.read_bytes()))
    for pdf in (documents_exam.print_sheet_copies(room.ctx, 1, "101").pdf, trial_pack.print_pack(room.ctx).pdf,
                equipment.print_fit_sheet(room.ctx).pdf, documents_exam.print_covers(room.ctx, 1).pdf):  # fmt: skip
        assert all("ЖАТТЫҒУ РЕЖИМІ" in text or "TRAINING" in text for text in printed_page.texts(pdf))
    with room.ctx.store.read() as session:
        training = hall_sheets.exam_profile(session)
    assert training.training
    real = replace(training, training=False)
    assert {code for read in read_files([file], layout(real)) for code in read.codes()} == {"training-sheet"}
    assert all(read.ok for read in read_files([file], layout(training)))
    with room.ctx.store.write(room.ctx.actor) as tx:
        put_setting(tx, "season", setting(tx.session, "season") | {"official": True})
        tx.note("setting-changed", "season")
    with room.ctx.store.read() as session:
        assert not hall_sheets.exam_profile(session).training
    file.write_bytes(documents_exam.print_answer_sheets(room.ctx, 1, "101").pdf)
    assert not any("ЖАТТЫҒУ" in text for text in printed_page.texts(file.read_bytes()))
    assert all(read.ok for read in read_files([file], layout(training)))  # real blanks may be used up in training


def test_the_training_is_put_aside_whole_and_the_real_exam_begins_with_nothing(room: Room, land: Land) -> None:
    database = land.database(HERE)
    room.seat()
    backups.back_up(room.ctx, "asked")
    with pytest.raises(UserError, match="no right"):
        going_official.prepare(room.ctx.as_person(REP, "Өкіл", "representative"))
    target = going_official.prepare(room.ctx)
    land.close()
    # The power goes in the middle of it: the database is still here, some of the rest is not.
    target.mkdir()
    (database.parent / "backups").rename(target / "backups")
    assert going_official.finish(database) == target
    assert going_official.finish(database) is None
    assert not database.exists()
    assert not database.with_suffix(".keys").exists()
    assert going_official.was_training(database)
    assert {"mab.db", "mab.keys", "backups"} <= {path.name for path in target.iterdir()}
    aside = workplace.log_in(target / "mab.db", "programmer", PASSWORD, clock=land.clock)
    with aside.store.read() as session:
        last = session.scalars(select(AuditEntry.event).where(AuditEntry.event == "training-put-aside")).all()
    assert last == ["training-put-aside"]
    aside.store.close()
    official = replace(aside.season, official=True)
    with pytest.raises(UserError, match="comes from a training's centre"):
        land.start(HERE, season=official, params=CHEAP)
    assert not database.exists()
    land.trust_file.write_bytes(official_list(land.ctx("ntc")))
    fresh = land.start(HERE, season=official, params=CHEAP)
    assert fresh.season.official
    assert shifts.shifts(fresh) == []  # the students come with the signed final database only
    with pytest.raises(UserError, match="This is the real exam"):
        going_official.prepare(fresh)
    fresh.store.close()


# -- the digital signature


def test_the_report_is_signed_by_the_pc_and_checked_by_a_command(
    room: Room, land: Land, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pass_all(room)
    with pytest.raises(OutOfOrder, match="No report"):
        readiness.save_signed(room.ctx, tmp_path)
    made = readiness.sign(room.ctx, REP, PASSWORD)
    path = readiness.save_signed(room.ctx, tmp_path)
    assert path.name == "readiness-013-1.dsse.json"
    by = made.signature
    assert by is not None
    assert (by.number, by.fields["digest"], by.fields["confirmed_by"]) == (1, made.digest, "Өкіл Өкілов")
    assert set(by.verdicts.values()) == {"good"}
    assert list(by.verdicts) == [item.value for item in Item]

    paper = "\n".join(printed_page.texts(documents_day.print_readiness(room.ctx).pdf))
    for part in (by.code, by.device.fingerprint, by.device.device, f"mab verify {path.name}"):
        assert part in paper, part

    listed = tmp_path / "trust.json"
    with room.ctx.store.read() as session:
        listed.write_bytes(trusting.newest_trust(session) or b"")
    assert main(["--lang", "en", "verify", str(path)]) == 0
    assert "compare groups and code with the signed paper" in capsys.readouterr().out
    assert main(["--lang", "en", "verify", str(path), "--trust", str(listed)]) == 0
    told = capsys.readouterr().out
    assert by.device.fingerprint in told
    assert "compare groups" not in told


@pytest.mark.parametrize("change", ["verdict", "name", "another-key", "number"])
def test_a_changed_report_is_refused(room: Room, tmp_path: Path, change: str) -> None:
    pass_all(room)
    statement = readiness.sign(room.ctx, REP, PASSWORD).statement.encode()
    payload = canonical.decode(envelope.verify(statement, readiness_signature.STATEMENT_TYPE).payload, "x")
    key = SigningKey.generate()
    if change == "verdict":
        payload["findings"] = payload["findings"].replace('"good"', '"bad"', 1)
    elif change == "name":
        payload["confirmed_by"] = "Басқа Біреу"
    elif change == "number":
        payload["number"] = 2
    text = canonical.encode(payload)
    forged = envelope.sign(text, readiness_signature.STATEMENT_TYPE, [key])
    if change in ("name", "number"):  # the text changed under the old signature
        kept, fresh = json.loads(statement), json.loads(forged)
        forged = canonical.encode({**kept, "payload": fresh["payload"]})
    with pytest.raises(CarrierRefused) as refused:
        readiness_signature.read(forged)
    assert refused.value.code == "signature-bad"
    path = tmp_path / "readiness-013-1.dsse.json"
    path.write_bytes(forged)
    assert main(["verify", str(path)]) == 4


def test_a_pc_that_the_list_does_not_know_is_refused(room: Room, land: Land, tmp_path: Path) -> None:
    open_with_a_reason(room)
    path = readiness.save_signed(room.ctx, tmp_path)
    payload = canonical.decode(envelope.verify(path.read_bytes(), readiness_signature.STATEMENT_TYPE).payload, "x")
    key = SigningKey.generate()
    payload["device"]["keyid"] = key.keyid  # whole and signed, but by a key of somebody's own
    path.write_bytes(envelope.sign(canonical.encode(payload), readiness_signature.STATEMENT_TYPE, [key]))
    listed = tmp_path / "trust.json"
    with room.ctx.store.read() as session:
        listed.write_bytes(trusting.newest_trust(session) or b"")
    assert readiness_signature.check_file(path).exit_code == 0
    refused = readiness_signature.check_file(path, listed)
    assert refused.refusal is not None
    assert refused.refusal.code == "sender-unknown"
    assert readiness_signature.as_lines(refused, "kk")[0].endswith("[sender-unknown]")
