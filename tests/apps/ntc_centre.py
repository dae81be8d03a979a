"""A centre on the command line: its passwords as a script gives them, its folder, its holders' drives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mab_desktop.services import workplace
from mab_desktop.services.context import Context
from tests.cheap_guesses import make_guesses_cheap

PASSWORD = "өте құпия сөз 2011"
Run = Callable[..., tuple[int, str]]


def set_environment(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """The centre of a test, and everybody's passwords as a script gives them; guesses at them cost little."""
    make_guesses_cheap(patch)
    patch.setenv("MAB_NTC", str(folder / "centre"))
    patch.setenv("MAB_NTC_PASSWORD", PASSWORD)
    for login in ("REGISTRAR", "DEPUTY", "STAND_IN"):
        patch.setenv(f"MAB_NTC_SIGN_{login}_PASSWORD", f"{PASSWORD} {login}")


def roots(tmp_path: Path) -> Path:
    """A folder for all three root keys."""
    folder = tmp_path / "holders"
    folder.mkdir(exist_ok=True)
    return folder


def open_centre(tmp_path: Path) -> Context:
    return workplace.log_in(tmp_path / "centre" / "mab.db", "centre", PASSWORD, lang="en")
