"""`run.py` on computers that lack something: one line says what and what to do, and no traceback."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "run.py"
LOCK = "no-such-package==1.0 --hash=sha256:" + 64 * "0" + "\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with blanks and Kazakh letters that holds nothing but what `run.py` begins with."""
    folder = tmp_path / "Құжаттар мен іс"
    folder.mkdir()
    shutil.copy(RUN, folder)
    (folder / "requirements-dev.lock").write_text(LOCK, encoding="ascii")
    (folder / "pyproject.toml").write_text("", encoding="ascii")
    return folder


def started(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "run.py"), "mab", "--help"], capture_output=True, text=True, encoding="utf-8",
        check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
    )  # fmt: skip


def test_a_folder_that_takes_no_environment(place: Path) -> None:
    (place / ".venv").write_text("in the way", encoding="ascii")
    done = started(place)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"{place / '.venv'} could not be made")


def test_a_computer_without_network(place: Path) -> None:
    done = started(place, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(place), PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "connect this computer to the network" in done.stderr.splitlines()[-1]
    assert not (place / ".venv" / "set-up.sha256").exists()  # the next start makes it anew


def test_the_source_is_found_where_the_code_page_lacks_letters_of_the_folder(place: Path) -> None:
    spec = importlib.util.spec_from_file_location("run_there", place / "run.py")
    assert spec
    assert spec.loader
    there = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(there)
    (place / "src").mkdir()
    (place / "src" / "found_by_its_path.py").touch()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(there.VENV)], check=True)
    packages = next(there.VENV.rglob("site-packages"))
    way = packages / "_editable_impl_mab_desktop.pth"
    way.write_text(str(place / "src"), encoding="utf-8")  # as pip leaves it
    there.point_to_source()
    assert way.read_bytes().isascii()
    subprocess.run([str(there.PYTHON), "-c", "import found_by_its_path"], check=True)


def test_an_old_python_can_read_it_far_enough_to_say_so() -> None:
    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 7))
