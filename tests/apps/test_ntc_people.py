"""`mab ntc people`, `recover`, `decide`: the centre's people, a forgotten password elsewhere, two files of a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mab_desktop.domain.errors import EXIT_CARRIER, UserError, WrongPassword
from mab_desktop.domain.events import EVENTS
from mab_desktop.ntc.main import main
from mab_desktop.services import recovery, transfer, workplace
from mab_desktop.services.log_view import event_title
from tests.services.authority import PEOPLE
from tests.services.land import CHEAP, PASSWORD, Land, copy_land, make_land

NEW = "жаңа құпия сөйлем"
SECOND = "екінші біреудің сөзі"


@pytest.fixture(scope="module")
def land_template(tmp_path_factory: pytest.TempPathFactory) -> Land:
    """Made once; never opened by a test."""
    return make_land(tmp_path_factory.mktemp("land") / "template")


@pytest.fixture
def land(land_template: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Land]:
    """The centre of this test alone, its passwords as a script gives them."""
    copied = copy_land(land_template, tmp_path / "land")
    for name, word in (("", PASSWORD), ("NEW_", NEW), ("SECOND_", SECOND)):
        monkeypatch.setenv(f"MAB_NTC_{name}PASSWORD", word)
    yield copied
    copied.close()


def run(land: Land, *args: str, login: str = "programmer") -> int:
    return main(["--centre", str(land.folder / "ntc"), "--login", login, *args], lang="en")


def test_the_centres_people(land: Land, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MAB_NTC_NEW_PASSWORD", SECOND)
    assert run(land, "people", "add", "coord", "--name", "Бекова Асель") == 0
    assert run(land, "people", "add", "third", "--name", "Үсенов Ерлан", "--role", "programmer", "--once") == 0
    assert run(land, "people", "rename", "third", "--name", "Үсенов Ерлан Асанұлы") == 0
    said = capsys.readouterr().out
    assert "coord" in said
    assert "Coordinator" in said
    assert "Үсенов Ерлан Асанұлы" in said
    with monkeypatch.context() as other:
        other.setenv("MAB_NTC_PASSWORD", SECOND)
        with pytest.raises(UserError, match="Somebody else knows this password"):
            run(land, "status", login="third")
        assert run(land, "people", login="third") == 0
    monkeypatch.setenv("MAB_NTC_NEW_PASSWORD", NEW)
    assert run(land, "people", "reset", "third", "--with", "coord") == 0
    workplace.log_in(land.database("ntc"), "third", NEW).store.close()
    with pytest.raises(UserError, match="needs two people"):
        run(land, "people", "reset", "coord", "--with", "third")
    assert run(land, "people", "close", "third") == 0
    with pytest.raises(WrongPassword):
        workplace.log_in(land.database("ntc"), "third", NEW)
    assert run(land, "people", "password") == 0
    with pytest.raises(WrongPassword):
        run(land, "people")
    monkeypatch.setenv("MAB_NTC_PASSWORD", NEW)
    with pytest.raises(UserError, match="Say whose account"):
        run(land, "people", "close")


def test_a_request_is_shown_compared_and_answered(land: Land, capsys: pytest.CaptureFixture[str]) -> None:
    database = land.database("nu027")
    asked, file, _sheet = recovery.ask(database, "programmer", NEW, land.drive, clock=land.clock, params=CHEAP)
    assert run(land, "recover", str(file)) == 0
    said = capsys.readouterr().out
    assert "nu027: programmer asks for a new password" in said
    assert asked.groups in said
    with pytest.raises(UserError, match="check groups are not those"):
        run(land, "recover", str(file), "--groups", "AAAA BBBB")
    assert run(land, "recover", str(file), "--groups", asked.groups.lower().replace(" ", "-")) == 0
    (answer,) = land.drive.glob("*.answer.json")
    assert str(answer) in capsys.readouterr().out
    assert recovery.take(database, answer, NEW, clock=land.clock, params=CHEAP) == "programmer"


def test_two_files_with_one_number_are_kept_shown_and_decided(
    land: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The base university's folder was copied to a second computer, and the drives of both come to the centre."""
    assert run(land, "decide") == 0
    assert "No two files with one number wait here" in capsys.readouterr().out
    twin = copy_land(land, tmp_path / "twin")
    for number, sender in enumerate((land, twin)):
        (tmp_path / f"drive{number}").mkdir()
        transfer.export(sender.ctx("bu013"), "enrolment", "ntc", tmp_path / f"drive{number}")
    twin.close()
    assert run(land, "receive", "--yes", str(tmp_path / "drive0")) == 0
    for _again in range(2):
        capsys.readouterr()
        assert run(land, "receive", "--yes", str(tmp_path / "drive1")) == EXIT_CARRIER
        said = capsys.readouterr().out
        assert "Here the centre decides which file counts." in said
        assert re.findall("mab (?:ntc )?[a-z]+", said) == ["mab ntc decide"]  # one next command, not two
    assert run(land, "decide") == 0
    told = capsys.readouterr().out
    stream = re.search(r"bu013>ntc/\S+", told)
    groups = re.search(r"(?:[0-9A-F]{4} ){3}[0-9A-F]{4}", told)
    assert (stream is None, groups is None) == (False, False), told
    for login, word in PEOPLE.items():
        monkeypatch.setenv(f"MAB_NTC_SIGN_{login.upper()}_PASSWORD", word)
    decided = ("decide", stream[0], groups[0], "--refuse", "--sign", "registrar")
    with pytest.raises(UserError, match="both must sign"):
        run(land, *decided)
    assert run(land, *decided, "--sign", "deputy") == 0
    assert "Decided and done." in capsys.readouterr().out
    assert run(land, "receive", "--yes", str(tmp_path / "drive1")) == 0


def test_what_a_restore_would_lose_is_told_in_words() -> None:
    assert [event for event in EVENTS if event_title(event, "en") == event] == []
