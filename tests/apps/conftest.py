"""The centre's command line for tests of `mab ntc`."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from mab_desktop.cli import main as mab
from tests.apps.ntc_centre import Run, roots, set_environment
from tests.cheap_guesses import make_guesses_cheap
from tests.services.centre_stand import BASE, NETWORKS


@pytest.fixture
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses at passwords cost little in this test."""
    make_guesses_cheap(monkeypatch)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `mab --lang en ntc ...` on the centre of this test; exit code and everything that was said."""
    set_environment(monkeypatch, tmp_path)

    def go(*arguments: object) -> tuple[int, str]:
        code = mab(["--lang", "en", "ntc", *map(str, arguments)])
        seen = capsys.readouterr()
        return code, seen.out + seen.err

    return go


@pytest.fixture(scope="session")
def centre_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre with a season: one base university with three network universities, three shifts; made once."""
    folder = tmp_path_factory.mktemp("centre")
    with pytest.MonkeyPatch.context() as patch:
        set_environment(patch, folder)
        start = ["init", "--year", "2011", "--name", "Тіркеуші", "--roots", str(roots(folder))]
        season = ["reference", "--tie", f"{BASE}:{','.join(NETWORKS)}", "--shifts", "3", "--first-day", "2011-05-16"]
        said = (folder / "said.txt").open("w", encoding="utf-8")
        with said, contextlib.redirect_stdout(said):
            assert [mab(["--lang", "en", "ntc", *words]) for words in (start, season)] == [0, 0]
    return folder


@pytest.fixture
def centre(run: Run, centre_template: Path, tmp_path: Path) -> Run:
    """The centre of this test alone."""
    shutil.copytree(centre_template, tmp_path, dirs_exist_ok=True)
    return run
