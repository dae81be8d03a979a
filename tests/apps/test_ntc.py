"""`mab ntc` from end to end: a centre in a folder, carriers on a drive, exit codes that can be relied on."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain import seating
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import (
    EXIT_CARRIER,
    EXIT_DIFFERENCE,
    EXIT_ORDER,
    EXIT_PASSWORD,
    EXIT_REFUSED,
    EXIT_USAGE,
)
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.seating_proof import SeatingProof
from mab_desktop.exchange import key_envelope
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.ntc.main import COMMANDS, build_parser
from mab_desktop.services import centre_final, centre_trust, persons, transfer, trusting, workplace
from mab_desktop.services.centre_evidence import draw_again, own_roster
from mab_desktop.storage.tables.centre import FinalScore, KeyEnvelope
from mab_desktop.storage.tables.halls import Hall
from tests.apps.ntc_centre import PASSWORD, Run, open_centre, roots
from tests.services.centre_stand import BASE, NETWORKS, put_halls, put_students, record, rows_of
from tests.services.final_records import deliver, perfect


def stock(tmp_path: Path, seats: tuple[int, ...] = (8, 6)) -> None:
    """Students and halls at the centre, as carriers would have brought them."""
    ctx = open_centre(tmp_path)
    put_students(ctx, [record(n, NETWORKS[n % 3]) for n in range(36)])
    put_halls(ctx, seats)
    ctx.store.close()


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for module in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args([module.NAME, "--help"])
        assert ended.value.code == 0
        assert "example" in capsys.readouterr().out, module.NAME


def test_a_centre_is_made_once_and_opened_by_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    where = ("--roots", roots(tmp_path))
    assert run("status")[0] == EXIT_REFUSED
    assert run("init", "--year", 2011, "--signer", "one", *where)[0] == EXIT_USAGE
    assert run("init", "--year", 2011, *where, tmp_path)[0] == EXIT_USAGE
    code, said = run("init", "--year", 2011, *where)
    assert code == 0
    assert "Fingerprint" in said
    assert "Next: mab ntc trust write FOLDER --pdf FILE" in said
    assert "Next: mab ntc reference --tables FOLDER" in run("status")[1]
    assert {path.name for path in roots(tmp_path).iterdir()} == {"root-1.key", "root-2.key", "root-3.key"}
    code, said = run("init", "--year", 2011, *where)
    assert (code, "How it stands: mab ntc status" in said) == (EXIT_REFUSED, True), said
    monkeypatch.setenv("MAB_NTC_PASSWORD", "something else")
    code, said = run("status")
    assert code == EXIT_PASSWORD
    assert "Traceback" not in said


def test_the_season_is_set_and_shown(centre: Run, tmp_path: Path) -> None:
    code, said = centre("reference")
    assert code == 0
    assert "013, 027, 041" in said
    assert "2011-05-18" in said
    assert centre("reference", "--tie", "013")[0] == EXIT_USAGE
    assert centre("reference", "--tie", "013:998")[0] == EXIT_REFUSED
    path = tmp_path / "contingent.csv"
    path.write_text("base,direction,language,students\n013,01,1,30\n", encoding="utf-8")
    assert "30 students expected" in centre("contingent", "--csv", path)[1]
    assert "30" in centre("contingent", "--base", "013")[1]


def test_the_trust_list_is_written_for_first_starts(centre: Run, tmp_path: Path) -> None:
    code, said = centre("trust", "write", tmp_path, "--pdf", tmp_path / "fingerprint.pdf")
    assert code == 0
    groups = said.rsplit(": ", 1)[1].strip()
    assert trusting.fingerprint_on(tmp_path / "mab-centre-trust.json") == groups
    assert (tmp_path / "fingerprint.pdf").read_bytes().startswith(b"%PDF")


def test_allotting_says_what_is_missing_and_then_does_it_once(centre: Run, tmp_path: Path) -> None:
    code, said = centre("allot", BASE)
    assert code == EXIT_REFUSED
    assert "hall fund of 013 has not come" in said
    stock(tmp_path, (4, 4))
    code, said = centre("allot", BASE)
    assert code == EXIT_REFUSED
    assert "12 places are missing for 36 students in 3 shifts" in said


def test_a_whole_preparation_on_the_command_line(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    code, said = centre("allot", BASE, "--spread")
    assert code == 0, said
    assert "36 students allotted to" in said
    code, said = centre("allot", BASE)
    assert (code, "36 students are allotted already" in said, "nothing changed" in said) == (0, True, True), said
    code, said = centre("status", "--base", BASE)
    assert code == 0
    assert "Students allotted" in said
    told = ("passwords", "--base", BASE, "--shift", 1, "--of", "seating", "--to", "Б. Серік")
    assert centre(*told)[0] == EXIT_REFUSED  # the list is frozen and its characters are read out before
    assert centre(*told, "--code", "ABCD-EFGH-JKL")[0] == EXIT_REFUSED
    code, said = centre(*told, "--code", "abcd efgh jkmn")
    assert code == 0
    spelled = said.split("Read out: ")[1].splitlines()[0].split()
    assert "".join(word[0] for word in spelled) == said.split()[-1].replace("-", "")
    assert len(said.strip().rsplit(" ", 1)[1]) == 16
    code, said = centre("passwords", "--base", BASE, "--shift", 1, "--of", "chair", "--to", "Төраға",
                        "--pdf", tmp_path / "chair.pdf")  # fmt: skip
    assert code == 0
    assert (tmp_path / "chair.pdf").read_bytes().startswith(b"%PDF")
    assert "Төраға" in centre("passwords", "--base", BASE)[1]
    assert centre("keys", "--base", BASE)[0] == 0
    assert centre("keys", "--base", BASE, "--release", 1)[0] == EXIT_USAGE
    assert centre("keys", "--base", BASE, "--release", 1, "--confirmed-by", "А. Үсенов")[0] == 0
    code, said = centre("check-seating", BASE, 1, "--local", "ab" * 32)
    assert code == EXIT_DIFFERENCE  # what was read out is not the code of this half
    assert "Seats drawn again: 12" in said
    frozen = said.split("Frozen list: ")[1].split()[0]
    code, said = centre(*told, "--code", frozen)
    assert (code, "told before, for the list ABCD-EFGH-JKMN" in said) == (EXIT_REFUSED, True), said
    assert centre(*told, "--code", frozen, "--again")[0] == 0  # frozen again, told again: the newest counts
    assert centre("check-seating", BASE, 1, "--local", "ab" * 32)[0] == 0
    code, said = centre("check-seating", BASE, 1, "--local", "ab" * 32, "--code", "AAAA-AAAA-AAAA")
    assert code == EXIT_DIFFERENCE
    assert centre("check-seating", BASE, 1, "--local", "zz")[0] == EXIT_USAGE
    assert centre("check-seating", BASE, 1)[0] == EXIT_REFUSED


def test_a_proof_of_the_seating_is_checked_and_the_secret_told(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    centre("allot", BASE, "--spread")
    centre("keys", "--base", BASE)
    ctx = open_centre(tmp_path)
    with ctx.store.read() as session:
        draw = draw_again(session, BASE, 1, bytes(range(32)))
        assert draw is not None
        halls = {hall: seats for hall, seats in session.execute(select(Hall.number, Hall.seats)) if hall != "0"}
        roster = tuple(sorted(own_roster(session, BASE, 1)))
    ctx.store.close()
    used = {line.hall for line in roster}
    proof = SeatingProof(draw.frozen, draw.code, seating.result_digest(draw.seats), "x", roster,
                         {hall: seats for hall, seats in halls.items() if hall in used}, draw.seats)  # fmt: skip
    path = tmp_path / "proof.txt"
    path.write_text(proof.text(), encoding="utf-8")
    code, said = centre("check-seating", BASE, 1, "--proof", path, "--code", draw.code.lower())
    assert code == 0, said
    assert "Seats compared: 12, different: 0" in said
    places = list(draw.seats)
    swapped = {**draw.seats, places[0]: draw.seats[places[1]], places[1]: draw.seats[places[0]]}
    path.write_text(replace(proof, seats=swapped).text(), encoding="utf-8")
    code, said = centre("check-seating", BASE, 1, "--proof", path)
    assert code == EXIT_DIFFERENCE
    assert "different: 2" in said
    assert "digest of the seats" in said
    path.write_text(replace(proof, roster=roster[1:]).text(), encoding="utf-8")
    assert "not the one that the centre allotted" in centre("check-seating", BASE, 1, "--proof", path)[1]
    assert centre("check-seating", BASE, 2, "--proof", path)[0] == EXIT_DIFFERENCE
    path.write_bytes(b"\xff\xfe")
    assert centre("check-seating", BASE, 1, "--proof", path)[0] == EXIT_REFUSED
    code, said = centre("check-seating", BASE, 1, "--reveal-to", "Бақылаушы")
    assert code == 0
    assert len(said.split()[-1]) == 64


def test_stand_ins_and_early_keys_on_the_command_line(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    centre("allot", BASE)
    assert centre("keys", "--base", BASE)[0] == 0
    told = ("passwords", "--base", BASE, "--shift", 1, "--to", "Орынбасар", "--of")
    chair = centre(*told, "chair")[1].split()[-1]
    code, said = centre(*told, "chair-deputy")
    assert code == EXIT_ORDER
    assert "--stand-in" in said
    code, said = centre("keys", "--base", BASE, "--shift", 1, "--stand-in", "chair", "--early")
    assert code == 0
    assert "sealed anew" in said
    assert centre(*told, "chair")[1].split()[-1] == chair
    assert centre(*told, "chair-deputy", "--pdf", tmp_path / "deputy.pdf")[0] == 0
    assert centre(*told, "centre")[0] == EXIT_ORDER
    assert centre("keys", "--base", BASE, "--fresh")[0] == EXIT_USAGE
    release = ("keys", "--base", BASE, "--release", 1, "--confirmed-by", "А. Үсенов", "--marks")
    assert centre(*release, "K7Q2")[0] == EXIT_REFUSED
    assert centre(*release, "k7q2-m9xd-3trv")[0] == 0
    assert centre(*told, "centre", "--pdf", tmp_path / "release.pdf")[0] == 0
    assert centre("keys", "--base", BASE, "--shift", 1, "--fresh")[0] == 0
    assert centre(*told, "chair")[1].split()[-1] != chair
    ctx = open_centre(tmp_path)
    (row,) = [row for row in rows_of(ctx, select(KeyEnvelope)) if row.shift == 1]
    ctx.store.close()
    assert (sorted(row.others), row.marks) == (["centre", "chair-deputy"], "K7Q2M9XD3TRV")
    ways = key_envelope.read_header(row.envelope.encode()).ways
    assert ways == (("centre", "chair", "ministry"), ("centre", "chair-deputy", "ministry"))


def test_carriers_go_out_and_come_in(centre: Run, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    centre("trust", "write", drive)
    ctx = open_centre(tmp_path)
    groups = centre_trust.fingerprint(ctx)
    ctx.store.close()
    start = workplace.Start(Role.BASE_UNI, BASE, Season.of(2011, official=False), "prog", "Программист")
    base = workplace.create(
        tmp_path / "bu" / "mab.db", start, PASSWORD, centre_file=drive / "mab-centre-trust.json", groups=groups,
        clock=SetClock(datetime.now(UTC)), lang="en",
    )  # fmt: skip
    request = transfer.export(base, "enrolment", "ntc", drive).paths[0]
    code, said = centre("receive", request)
    assert code == 0
    assert "Nothing was loaded" in said
    assert f"Next: mab ntc receive --yes {request}" in said
    code, said = centre("receive", "--yes", request)
    assert code == 0, said
    assert 'Next: mab ntc enrol bu013 --groups "…"' in said
    assert 'bu013 waits to be compared by telephone.\nNext: mab ntc enrol bu013 --groups "…"' in centre("status")[1]
    assert "waits to be compared" in centre("enrol")[1]
    assert centre("enrol", "bu013")[0] == EXIT_USAGE
    assert centre("enrol", "bu013", "--groups", "AAAA " * 8)[0] == EXIT_REFUSED
    with base.store.read() as session:
        own = trusting.my_fingerprint(session)
    code, said = centre("enrol", "bu013", "--groups", own)
    assert (code, "mab ntc trust issue" in said) == (0, True)
    assert "Next: mab ntc trust issue" in centre("status")[1]
    assert "bu013 is let in" in centre("trust")[1]
    code, said = centre("trust", "issue")
    assert (code, "Trust list number 2" in said) == (0, True), said
    assert "Nothing has changed" in centre("trust", "issue")[1]
    code, said = centre("export")
    assert "reference" in said
    assert "not entered yet" in said
    code, said = centre("export", "reference", "all", drive)
    assert code == 0, said
    (package,) = drive.glob("*reference*.mab")
    assert not transfer.load(base, package).known
    assert centre("export", "contingent", "bu013", drive)[0] == EXIT_REFUSED
    cut = tmp_path / "cut.mab"
    cut.write_bytes(request.read_bytes()[:-100])
    code, said = centre("receive", "--yes", cut)
    assert code == EXIT_CARRIER
    assert "refused" in said
    assert f"Next: mab verify {cut}" in said
    said = centre("receive", "--yes", request)[1]
    assert "nothing changed" in said
    assert "Next: mab ntc status" in said
    assert "Next: mab ntc status" in centre("receive", tmp_path)[1]
    base.store.close()


def test_a_language_that_is_no_code_is_told_with_the_codes_there_are(centre: Run, tmp_path: Path) -> None:
    table = tmp_path / "contingent.csv"
    table.write_text("base,direction,language,students\n013,06,kk,6\n", encoding="utf-8")
    code, said = centre("contingent", "--csv", table)
    assert (code, "kk is not one of 1, 2, 3." in said) == (EXIT_REFUSED, True), said


def test_a_file_that_was_made_for_the_other_mode_is_named_with_its_reason(run: Run, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    assert run("init", "--year", 2011, "--official", "--roots", roots(tmp_path))[0] == 0
    run("trust", "write", drive)
    ctx = open_centre(tmp_path)
    groups = centre_trust.fingerprint(ctx)
    ctx.store.close()
    base = workplace.create(
        tmp_path / "bu" / "mab.db", workplace.Start(Role.BASE_UNI, BASE, Season.of(2011, official=False), "p", "Гүл"),
        PASSWORD, centre_file=drive / "mab-centre-trust.json", groups=groups, clock=SetClock(datetime.now(UTC)),
        lang="en",
    )  # fmt: skip
    request = transfer.export(base, "enrolment", "ntc", drive).paths[0]
    base.store.close()
    code, said = run("receive", drive)
    assert (code, request.name in said, "do not mix" in said) == (EXIT_CARRIER, True, True), said
    assert "nothing for the centre" not in said


def test_a_recount_exits_with_1_when_a_point_differs(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    centre("allot", BASE, "--spread")
    ctx = open_centre(tmp_path)
    ministry = DeviceKeys.generate(f"mp{BASE}", f"mp{BASE}", "ministry_programmer", ctx.entropy)
    centre_trust.enrol(ctx, ministry.public, ministry.public.fingerprint)
    passwords = {login: f"{PASSWORD} {login.upper()}" for login in ("registrar", "deputy")}
    centre_trust.issue_trust(ctx, persons.signing_keys(ctx, passwords))
    deliver(ctx, perfect(ctx, BASE, 1, ministry), BASE)
    ctx.store.close()
    code, said = centre("final", "--base", BASE)
    assert code == 0, said
    ctx = open_centre(tmp_path)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.scalars(select(FinalScore).order_by(FinalScore.code.desc())).first()
        assert row is not None
        row.before -= 1
        tx.note("carrier-accepted", "test")
    assert len(centre_final.points(ctx, BASE)) == 60
    student, subject, before = row.code, row.subject, row.before
    ctx.store.close()
    report = tmp_path / "differences.csv"
    code, said = centre("final", "--csv", report)
    assert code == EXIT_DIFFERENCE
    assert student in said
    assert "Points before appeal" in said
    (line,) = csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    assert (line["code"], line["what"], line["subject"]) == (student, "before", subject)
    assert (line["reported"], line["recounted"]) == (str(before), str(before + 1))
