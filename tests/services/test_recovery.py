"""A forgotten password with the centre's help, from the locked workplace to the first log-in with the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.domain.entropy import SeededEntropy, SystemEntropy
from mab_desktop.domain.errors import Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import reset
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.drive import FolderDrive
from mab_desktop.services import accounts, centre_trust, locks, recovery, trusting, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.recovery import Asked
from tests.services.authority import issue, make_authority
from tests.services.land import CHEAP, PASSWORD, SEASON, Land, events, refused

NEW = "жаңа құпия сөйлем"
LOGIN = "programmer"


def ask(land: Land, name: str = "nu027", login: str = LOGIN) -> tuple[Asked, Path, Path]:
    return recovery.ask(land.database(name), login, NEW, land.drive, clock=land.clock, lang="kk", params=CHEAP)


def answer(land: Land, asked: Asked, file: Path) -> Path:
    return recovery.answer(land.ctx("ntc"), file, asked.groups, land.drive)


def take(land: Land, file: Path, password: str = NEW, name: str = "nu027") -> str:
    return recovery.take(land.database(name), file, password, clock=land.clock, lang="en", params=CHEAP)


def log_in(land: Land, password: str, name: str = "nu027") -> Context:
    return workplace.log_in(land.database(name), LOGIN, password, clock=land.clock, lang="en")


def test_from_the_locked_database_to_the_new_password(land: Land) -> None:
    database = land.database("nu027")
    before = database.read_bytes()
    asked, file, sheet = ask(land)
    assert (asked.login, asked.device, len(asked.groups.split())) == (LOGIN, "nu027", 8)
    assert recovery.waiting(database) == asked
    assert sheet.read_bytes().startswith(b"%PDF")
    assert database.read_bytes() == before
    answered = answer(land, asked, file)
    assert events(land.ctx("ntc"))[-1] == "reset-answered"
    assert take(land, answered) == LOGIN
    assert recovery.waiting(database) is None
    with pytest.raises(WrongPassword):
        log_in(land, PASSWORD)
    ctx = log_in(land, NEW)
    assert "password-reset" in events(ctx)
    assert ctx.store.verify_log() is None
    assert {path.name for path in land.drive.iterdir()} >= {file.name, sheet.name, answered.name}
    ctx.store.close()
    with refused("reset-not-asked"):
        take(land, answered)


def test_the_answer_opens_only_with_the_new_password_and_only_there(land: Land) -> None:
    asked, file, _sheet = ask(land)
    answered = answer(land, asked, file)
    with pytest.raises(WrongPassword, match="not the new password"):
        take(land, answered, "басқа ұзын сөйлем")
    with refused("reset-not-asked"):
        take(land, answered, name="nu041")
    ask(land, "nu041")
    with refused("reset-other"):
        take(land, answered, name="nu041")
    assert take(land, answered) == LOGIN


def test_the_answer_is_found_on_the_drive_and_the_request_is_not_taken_for_it(land: Land) -> None:
    drive = [FolderDrive(land.drive)]
    assert recovery.find_answer(land.database("nu027"), drive) is None
    old, file, _sheet = ask(land)
    answer(land, old, file)
    asked, file, _sheet = ask(land)
    (land.drive / f"odd{recovery.ANSWER}").write_bytes(b"{}")
    assert recovery.find_answer(land.database("nu027"), drive) is None, "that is the answer to the older request"
    with pytest.raises(UserError, match="is the request itself"):
        take(land, file)
    answered = answer(land, asked, file)
    assert recovery.find_answer(land.database("nu027"), drive) == answered
    assert recovery.find_answer(land.database("nu041"), drive) is None


def test_what_cannot_be_asked(land: Land) -> None:
    with pytest.raises(UserError, match="Nobody is called x"):
        ask(land, login="x")
    with pytest.raises(Refused, match="At least 12"):
        recovery.ask(land.database("nu027"), LOGIN, "қысқа", land.drive, clock=land.clock)
    with refused("drive-gone"):
        recovery.ask(land.database("nu027"), LOGIN, NEW, land.folder / "no", clock=land.clock, params=CHEAP)


def test_the_centre_compares_before_it_answers(land: Land) -> None:
    _asked, file, _sheet = ask(land)
    other, _file, _paper = ask(land, "nu041")
    with pytest.raises(UserError, match="check groups are not those"):
        recovery.answer(land.ctx("ntc"), file, other.groups, land.drive)
    with pytest.raises(UserError, match="another program"):
        recovery.answer(land.ctx("bu013"), file, other.groups, land.drive)
    with pytest.raises(UserError, match="There is no file"):
        recovery.answer(land.ctx("ntc"), land.drive / "gone.json", other.groups, land.drive)
    with refused("reset-malformed"):
        recovery.answer(land.ctx("ntc"), land.trust_file, other.groups, land.drive)
    assert "reset-answered" not in events(land.ctx("ntc"))


def test_a_workplace_that_the_centre_does_not_know_gets_no_answer(land: Land) -> None:
    land.start("nu041", database=land.database("nu041-new"), device="new", person_role="programmer").store.close()
    asked, file, _sheet = ask(land, "nu041-new")
    with pytest.raises(UserError, match="knows no workplace nu041-new"):
        answer(land, asked, file)


def test_whoever_has_a_computer_that_was_put_out_gets_no_new_password(land: Land) -> None:
    asked, file, _sheet = ask(land)
    centre_trust.revoke(land.ctx("ntc"), "nu027")
    issue(land.ctx("ntc"))
    with pytest.raises(UserError, match="key of nu027 was withdrawn"):
        answer(land, asked, file)


def test_only_a_device_of_the_centre_may_answer(land: Land) -> None:
    """Signed by a network university of the same trust list, which even knows the database key."""
    asked, file, _sheet = ask(land)
    request = recovery.read_request(file)
    with land.ctx("nu041").store.read() as session:
        other = trusting.device_keys(session).signing
    with land.ctx("ntc").store.read() as session:
        identity = trusting.device_keys(session).age_identity
    trust = centre_trust.trust_bytes(land.ctx("ntc"))
    forged = land.drive / "forged.json"
    ring = locks.keyring_of(land.database("nu027")).path.read_bytes()
    for signing in (other, SigningKey.generate(SystemEntropy())):
        forged.write_bytes(reset.answer(request, [identity], trust, signing))
        with refused("reset-signer"):
            take(land, forged)
    assert locks.keyring_of(land.database("nu027")).path.read_bytes() == ring
    assert asked.login == LOGIN


def test_another_centres_trust_list_is_not_believed(land: Land, tmp_path: Path) -> None:
    """A centre of its own with a root of its own signs the answer and brings its own list."""
    _asked, file, _sheet = ask(land)
    request = recovery.read_request(file)
    with land.ctx("ntc").store.read() as session:
        identity = trusting.device_keys(session).age_identity
    start = workplace.Start(Role.NTC, "", SEASON, LOGIN, "Біреу")
    false = workplace.create(tmp_path / "false" / "mab.db", start, PASSWORD, clock=land.clock,
                             entropy=SeededEntropy("false"), params=CHEAP)  # fmt: skip
    make_authority(false)
    with false.store.read() as session:
        signing = trusting.device_keys(session).signing
    forged = land.drive / "forged.json"
    forged.write_bytes(reset.answer(request, [identity], centre_trust.trust_bytes(false), signing))
    false.store.close()
    with refused("trust-centre"):
        take(land, forged)
    log_in(land, PASSWORD).store.close()


def test_a_closed_account_is_not_opened_by_a_file(land: Land) -> None:
    ctx = land.ctx("nu027")
    accounts.add_person(ctx, "asel", "Асель Бекова", "operator", "бастапқы сөйлем", CHEAP)
    asked, file, _sheet = ask(land, login="asel")
    answered = answer(land, asked, file)
    accounts.close_account(ctx, "asel")
    with pytest.raises(UserError, match="account asel is closed"):
        take(land, answered)
    with pytest.raises(UserError, match="Nobody is called asel"):
        ask(land, login="asel")


def test_wrong_tries_before_it_do_not_make_the_new_password_wait(land: Land) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            log_in(land, "not this one")
    asked, file, _sheet = ask(land)
    take(land, answer(land, asked, file))
    ctx = log_in(land, NEW)
    assert events(ctx)[-2:] == ["login-refused", "logged-in"]
    ctx.store.close()
