"""`mab ntc people` and `mab ntc recover`: the centre's own people, and an answer to a forgotten password elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mab_desktop.domain.errors import UserError, WrongPassword
from mab_desktop.ntc.main import main
from mab_desktop.services import recovery, workplace
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
