"""`mab check-database` on a real workplace: whole, damaged, the wrong password."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.cli import main
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.exchange.kdf import KdfParams
from mab_desktop.services import workplace
from tests.services.land import the_clock

WORD = "ұзын құпия сөз"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's database in a folder with a Kazakh name."""
    monkeypatch.setenv("MAB_PASSWORD", WORD)
    path = tmp_path / "Орталық" / "mab.db"
    start = workplace.Start(Role.NTC, "", Season(2011, "2011", official=False), "registrar", "Тіркеуші")
    clock: SetClock = the_clock()
    workplace.create(path, start, WORD, clock=clock, params=KdfParams(8, 1, 1)).store.close()
    return path


def check(database: Path, *more: str) -> int:
    return main(["--lang", "en", "check-database", str(database), "--login", "registrar", *more])


def test_a_whole_database(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = database.read_bytes()
    assert check(database, "--settings") == 0
    said = capsys.readouterr().out
    assert "The database is whole: " in said
    assert "Place: a disk of this computer" in said
    assert "  cipher_use_hmac = 1" in said
    assert database.read_bytes() == before


def test_a_damaged_one_has_an_exit_code_of_its_own(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(database.read_bytes())
    data[-2000] ^= 4
    database.write_bytes(data)
    assert check(database) == 1
    assert "restore the newest backup" in capsys.readouterr().out


def test_who_has_no_password_learns_nothing(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAB_PASSWORD", "басқа ұзын сөз")
    assert check(database) == 5
    assert capsys.readouterr().out == ""
    assert check(database.with_name("none.db")) == 7
