"""The centre's backups from the command line: made, listed, checked, tried, and gone back to by two people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.ntc.main import main
from mab_desktop.services import accounts, backups
from tests.services.land import CHEAP, PASSWORD, Land, copy_land, land_of

WORD = "тағы бір ұзын құпия"


@pytest.fixture
def land(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Land]:
    """The centre with a second person; passwords come from the environment."""
    copied = copy_land(land_of(tmp_path_factory.getbasetemp()), tmp_path / "land")
    accounts.add_person(copied.ctx("ntc"), "deputy", "Орынбасар", PersonRole.COORDINATOR, WORD, CHEAP)
    copied.close()
    monkeypatch.setenv("MAB_NTC_PASSWORD", PASSWORD)
    monkeypatch.setenv("MAB_NTC_SECOND_PASSWORD", WORD)
    yield copied
    copied.close()


def mab(land: Land, *words: str) -> int:
    return main(["--centre", str(land.database("ntc").parent), "--login", "programmer", "backup", *words], lang="en")


def copies(land: Land) -> list[Path]:
    return sorted(backups.folder_beside(land.database("ntc")).glob("*.db"))


def test_made_listed_checked_and_tried(land: Land, capsys: pytest.CaptureFixture[str]) -> None:
    assert mab(land, "now") == 0
    assert copies(land)[0].name in capsys.readouterr().out
    assert mab(land, "check") == 0
    assert "1 copy was opened and is whole" in capsys.readouterr().out
    assert mab(land, "try") == 0
    assert "restored for trial" in capsys.readouterr().out
    copy = copies(land)[0]
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    assert mab(land, "check") == 1
    assert "was set aside" in capsys.readouterr().out


def test_back_to_a_copy_only_with_yes_and_a_second_person(land: Land, capsys: pytest.CaptureFixture[str]) -> None:
    mab(land, "now")
    copy = str(copies(land)[0])
    assert mab(land, "restore", copy) == 0
    assert "Nothing was changed" in capsys.readouterr().out
    with pytest.raises(UserError):
        mab(land, "restore", copy, "--with", "programmer", "--yes")
    assert mab(land, "restore", copy, "--with", "deputy", "--yes") == 0
    assert "epoch 2" in capsys.readouterr().out
    ctx = land.ctx("ntc")
    assert ctx.store.verify_log() is None
