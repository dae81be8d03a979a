"""What an application asks for comes along: nothing that its installer leaves out is imported by what it leads to."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from installers.description import SOURCE, read

from mab_desktop.cli import APPLICATIONS
from mab_desktop.domain.organisation import Role
from tests.installers.closure_probe import LeftOut, reached
from tests.services.land import PASSWORD, copy_land, land_of

DESCRIPTION = read()
# Commands of the testing centre and of rehearsals: the command line says that they did not come along. HiGHS is loaded
# where the centre allots halls, Babel where a source tree compiles its catalogs.
ONLY_ELSEWHERE = {
    "mab_desktop.cli": {"mab_desktop.ntc.main", "mab_desktop.rehearsal.play"},
    "mab_desktop.cli.screens": {"mab_desktop.rehearsal.play", "mab_desktop.network_uni.typing_page"},
    "mab_desktop.cli.scan": {"mab_desktop.rehearsal.escl_scanner", "mab_desktop.rehearsal.paper_feeder"},
    "mab_desktop.cli.bench": {"mab_desktop.rehearsal.judging", "mab_desktop.rehearsal.sample_scans"},
    "mab_desktop.cli.bench_carrier": {"mab_desktop.rehearsal.bench_stage", "mab_desktop.services.bench_carrier"},
    "mab_desktop.services.hall_cover": {"highspy"},
    "mab_desktop.i18n": {"babel.messages.mofile", "babel.messages.pofile"},
}


@pytest.mark.parametrize("key", APPLICATIONS)
def test_nothing_that_is_left_out_is_asked_for(key: str) -> None:
    role = DESCRIPTION.roles[key]
    finder = LeftOut(DESCRIPTION, role)
    found = reached(role, finder)
    assert f"mab_desktop.{role.package}.app" in found
    hidden = {name: {one for one in asked if hides(finder, one)} for name, asked in found.items()}
    assert {name: names for name, names in hidden.items() if names - ONLY_ELSEWHERE.get(name, set())} == {}


def hides(finder: LeftOut, name: str) -> bool:
    """True for a module that there is, and that does not come along."""
    if name.startswith("mab_desktop"):
        place = SOURCE / "src" / Path(*name.split("."))
        return any(file.is_file() and finder.hides(file) for file in (place.with_suffix(".py"), place / "__init__.py"))
    top = importlib.util.find_spec(name.partition(".")[0])
    return top is not None and bool(top.origin) and Path(str(top.origin)).is_file() and finder.hides(
        Path(str(top.origin)).resolve())  # fmt: skip


@pytest.fixture(scope="module")
def workplaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A workplace of each application."""
    land = copy_land(land_of(tmp_path_factory.getbasetemp()), tmp_path_factory.mktemp("closure") / "land")
    fund = land.folder / "af013" / "mab.db"
    land.start("bu013", role=Role.AUDIT_FUND, database=fund).store.close()
    return {"network-uni": land.database("nu027"), "audit-fund": fund, "base-uni": land.database("bu013"),
            "ministry-programmer": land.database("mp013")}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("key", APPLICATIONS)
def test_every_page_opens_without_what_is_left_out(workplaces: dict[str, Path], key: str) -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    probe = [sys.executable, "-m", "tests.installers.closure_probe"]
    command = [*probe, key, str(workplaces[key]), "programmer", PASSWORD]
    told = json.loads(subprocess.run(command, cwd=SOURCE, env=env, check=True, capture_output=True, text=True).stdout)
    assert len(told["pages"]) > 10
    assert set(told["missed"]) <= {"PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"}  # QtPy tries them for its own list
