"""Results of record are facts about the program: no folder of the machine that they were made on stands in them."""

from __future__ import annotations

import inspect
import json
import re
import traceback
from pathlib import Path

import pytest

from tests.long.runner import without_places

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("benchmarks/results", "tests/long/results", "installers/results")
MACHINE = re.compile(r"(?<![\w./:\\])/(tmp|root|home|work|dev/shm|var/tmp)/")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_result_names_a_folder_of_the_machine(folder: str) -> None:
    found = sorted((ROOT / folder).glob("*.json"))
    assert found
    named = [path.name for path in found if MACHINE.search(path.read_text("utf-8"))]
    assert not named


def test_a_kept_traceback_names_only_files_of_the_project_and_of_python() -> None:
    try:
        json.loads("{")
    except ValueError:
        told = traceback.format_exc()
    assert str(ROOT) in told
    assert inspect.getfile(json) in told
    told += "FileNotFoundError: '/anywhere/mab-long-x1_y/run/nu027/quarantine'\n"
    plain = without_places(told)
    assert 'File "tests/architecture/test_results.py"' in plain
    assert "'run/nu027/quarantine'" in plain
    assert not re.findall(r'(?:File "|\')/', plain)
