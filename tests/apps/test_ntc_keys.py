"""The centre's keys on the command line: withdrawing, stand-ins, the root, papers, exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mab_desktop.domain.errors import EXIT_PASSWORD, EXIT_REFUSED, EXIT_SYSTEM, EXIT_USAGE
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.exchange.device import DeviceKeys, PersonPublic, SigningKey
from mab_desktop.services import centre_trust, transfer, workplace
from mab_desktop.services.settings import change_setting
from mab_desktop.storage.tables.core import PrintJob
from tests.apps.ntc_centre import PASSWORD, Run, open_centre, roots
from tests.services.conftest import land, land_template  # noqa: F401
from tests.services.land import PASSWORD as LAND_PASSWORD
from tests.services.land import Land


def enrolled(tmp_path: Path) -> tuple[PersonPublic, PersonPublic]:
    """A ministry programmer's PC that is compared, and two people who asked to sign there."""
    ctx = open_centre(tmp_path)
    device = DeviceKeys.generate("mp013", "mp013", Role.MINISTRY_PROGRAMMER)
    centre_trust.enrol(ctx, device.public)
    people = tuple(PersonPublic.of("mp013", "mp013", SigningKey.generate().keyid, name) for name in ("Асан", "Гүл"))
    with ctx.store.write(ctx.actor) as tx:
        for public in people:
            centre_trust.register_person(ctx, tx, public, active=False)
        tx.note("carrier-accepted", "test")
    ctx.store.close()
    return people[0], people[1]


def test_persons_come_stand_in_and_go(centre: Run, tmp_path: Path) -> None:
    first, second = enrolled(tmp_path)
    assert "waits to be compared" in centre("enrol")[1]
    assert centre("enrol", first.person)[0] == EXIT_USAGE
    assert centre("enrol", first.person, "--groups", second.fingerprint)[0] == EXIT_REFUSED
    code, said = centre("enrol", first.person, "--groups", first.fingerprint, "--sign", "registrar", "--sign", "deputy")
    assert (code, "Trust list number 2" in said) == (0, True), said
    replace = ("trust", "replace", first.person, second.person, "--ground", "ауырып қалды")
    assert centre(*replace)[0] == EXIT_USAGE
    assert centre(*replace, "--groups", second.fingerprint, "--last", "results:3")[0] == EXIT_USAGE
    code, said = centre(*replace, "--groups", second.fingerprint, "--last", "results:bu013:2:5",
                        "--pdf", tmp_path / "act.pdf")  # fmt: skip
    assert code == 0, said
    assert (tmp_path / "act.pdf").read_bytes().startswith(b"%PDF")
    assert "withdrawn" in centre("trust")[1]
    assert centre("trust", "issue", "--sign", "registrar")[0] == EXIT_REFUSED
    assert "Trust list number 3" in centre("trust", "issue")[1]
    ctx = open_centre(tmp_path)
    with ctx.store.read() as session:
        from mab_desktop.services import trusting

        entry = trusting.trust_store(session).person(first.keyid)
    ctx.store.close()
    assert entry is not None
    assert [(last.stream, last.epoch, last.seq) for last in entry.last_valid or ()] == [
        ("mp013>bu013/results/2011/test", 2, 5)
    ]


def test_a_lost_workplace(centre: Run, tmp_path: Path) -> None:
    enrolled(tmp_path)
    centre("trust", "issue")
    assert centre("trust", "received", "mp013")[0] == 0
    assert centre("trust", "revoke", "nobody")[0] == EXIT_REFUSED
    assert centre("trust", "revoke", "mp013", "--last", "letters:bu013:1")[0] == EXIT_REFUSED
    code, said = centre("trust", "revoke", "mp013", "--ground", "лост", "--pdf", tmp_path / "act.pdf",
                        "--sign", "registrar", "--sign", "deputy")  # fmt: skip
    assert (code, "Trust list number 3" in said) == (0, True), said
    assert centre("trust", "revoke", "mp013")[0] == EXIT_REFUSED
    assert centre("sheet", "revocation", tmp_path / "again.pdf", "--of", "mp013")[0] == 0
    assert centre("sheet", "revocation", tmp_path / "again.pdf")[0] == EXIT_USAGE
    assert centre("sheet", "stand-in", tmp_path / "again.pdf", "--of", "mp013", "--by", "x")[0] == EXIT_REFUSED
    for sheet in ("fingerprint", "root", "enrolment"):
        assert centre("sheet", sheet, tmp_path / f"{sheet}.pdf")[0] == 0
        assert (tmp_path / f"{sheet}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.heavy
def test_the_root_from_its_beginning_to_its_change(
    centre: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three drives, two holders, another person who signs; passwords of the sheets, shown once, never kept."""
    folder, said, run = roots(tmp_path), (tmp_path / "said.txt").read_text(encoding="utf-8"), centre
    passwords = dict(re.findall(r"root key (\d), for its holder alone: (\S+)", said))
    for number, word in passwords.items():
        monkeypatch.setenv(f"MAB_NTC_ROOT_{number}_PASSWORD", word)
    assert sorted(passwords) == ["1", "2", "3"]
    both = ("--root", folder / "root-1.key", "--root", folder / "root-2.key")
    assert "is in force" in run("root", "check", *both[:2])[1]
    assert run("root", "check")[0] == run("root", "change", *both[:2])[0] == EXIT_USAGE
    assert run("root", "change", *both, "--replace", 3)[0] == EXIT_USAGE
    code, said = run("signers", "make", "stand-in", "--name", "В. Ли")
    assert (code, "В. Ли" in said) == (0, True), said
    new = tmp_path / "new"
    new.mkdir()
    code, said = run("root", "change", *both, "--replace", 3, "--roots", new, "--sheets", tmp_path / "sheets",
                     "--lists", "registrar,stand-in", "--pdf", tmp_path / "act.pdf")  # fmt: skip
    assert code == 0, said
    assert (new / "root-3.key").is_file()
    assert [path.suffix for path in (tmp_path / "sheets").iterdir()] == [".pdf"]
    assert (tmp_path / "act.pdf").read_bytes().startswith(b"%PDF")
    assert run("root", "check", "--root", folder / "root-3.key")[0] == EXIT_REFUSED
    monkeypatch.setenv("MAB_NTC_ROOT_3_PASSWORD", passwords["1"])
    assert run("root", "check", "--root", new / "root-3.key")[0] == EXIT_PASSWORD
    assert "Root number 2" in run("root")[1]
    assert "withdrawn" in run("signers")[1]
    assert PASSWORD not in run("trust")[1]


def test_a_centre_whose_making_was_cut_off_is_made_further(run: Run, tmp_path: Path) -> None:
    """The PC went off after the database was made, before the root keys: the same command goes on."""
    begun = workplace.Start(Role.NTC, "", Season.of(2011, official=False), "centre", "Тіркеуші")
    workplace.create(tmp_path / "centre" / "mab.db", begun, PASSWORD).store.close()
    again = ("init", "--year", 2011, "--roots", roots(tmp_path), "--sheets", tmp_path / "sheets")
    code, said = run("init", "--year", 2012, *again[3:])
    assert (code, "was begun in" in said, list(roots(tmp_path).iterdir())) == (EXIT_REFUSED, True, []), said
    code, said = run(*again)
    assert (code, "The centre is made in" in said) == (0, True), said
    assert len(list((tmp_path / "sheets").iterdir())) == 3
    ctx = open_centre(tmp_path)
    assert centre_trust.fingerprint(ctx) in said
    with ctx.store.read() as session:
        assert session.scalar(select(func.count()).where(PrintJob.document == "root-key")) == 3
    ctx.store.close()
    code, said = run(*again)
    assert (code, "database already" in said) == (EXIT_REFUSED, True), said


def test_no_root_is_in_force_whose_passwords_nobody_got(run: Run, tmp_path: Path) -> None:
    """The sheets cannot be printed: no authority is made, and the command goes on when they can."""
    (tmp_path / "sheets").write_text("not a folder", encoding="utf-8")
    words = ("init", "--year", 2011, "--sheets", tmp_path / "sheets", "--roots")
    code, said = run(*words, roots(tmp_path))
    assert code == EXIT_SYSTEM, said
    assert len(list(roots(tmp_path).iterdir())) == 3, "keys of a root that never was"
    code, said = run(*words[:3], "--roots", roots(tmp_path))
    assert (code, "root-1.key is there already" in said, "away first" in said) == (EXIT_REFUSED, True, True), said
    other = tmp_path / "other"
    other.mkdir()
    code, said = run(*words[:3], "--roots", other)
    assert (code, said.count("for its holder alone")) == (0, 3), said


def test_who_went_back_to_a_backup_is_told_with_what_to_do(
    land: Land,  # noqa: F811
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file on the drive that waits for the centre's word is no success, from a folder or named by itself."""
    transfer.load(land.ctx("ntc"), transfer.export(land.ctx("nu027"), "enrolment", "ntc", land.drive).paths[0])
    change_setting(land.ctx("nu027"), "epoch", {"epoch": 2})
    drive = tmp_path / "another"
    drive.mkdir()
    (file,) = transfer.export(land.ctx("nu027"), "enrolment", "ntc", drive).paths
    centre = land.database("ntc").parent
    land.close()
    monkeypatch.setenv("MAB_NTC", str(centre))
    monkeypatch.setenv("MAB_NTC_PASSWORD", LAND_PASSWORD)
    for path in (drive, file):
        code, said = run("receive", "--login", "programmer", "--yes", path)
        assert code == EXIT_REFUSED, said
        assert f"Talk it over with the sender, then load it: mab ntc receive --yes --new-epoch {file}" in said
    code, said = run("receive", "--login", "programmer", "--yes", "--new-epoch", drive)
    assert (code, "Loaded." in said) == (0, True), said
