"""The program is killed while a record is being typed without a pause: at most the last keys of one field are gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mab_desktop.domain.student import STUDENT
from mab_desktop.services.drafts import draft
from tests.faults.runs import SCENARIOS, Templates
from tests.faults.scenario import opened, require_whole
from tests.faults.typing_child import FIRST_NAME, MINE, SURNAME


def killed_at(folder: Path, last: str) -> list[str]:
    """Let the child type until it says `last`, then kill it; what it had said."""
    command = [sys.executable, "-m", "tests.faults.typing_child", str(folder)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as child:
        assert child.stdout is not None
        for line in child.stdout:
            said.append(line.strip())
            if said[-1] == last:
                child.kill()
                break
        said += [line.strip() for line in child.stdout]
    assert said[:1] == ["key 1"]
    assert last in said
    return said


@pytest.mark.heavy
@pytest.mark.parametrize("moment", [len(SURNAME) - 3, len(SURNAME) + 5])
def test_typing_killed(templates: Templates, tmp_path: Path, moment: int) -> None:
    folder = templates.copy(SCENARIOS["typing"], tmp_path / "run")
    said = killed_at(folder, f"key {moment}")
    kept = max((int(line.split()[1]) for line in said if line.startswith("kept")), default=0)
    assert kept > 0  # although no pause was made
    with opened(folder, MINE) as ctx:
        require_whole(ctx)
        found = draft(ctx, STUDENT)
    surname, first_name = found["surname"] or "", found["first_name"] or ""
    assert SURNAME.startswith(surname)
    assert FIRST_NAME.startswith(first_name)
    assert len(surname + first_name) >= kept
    if "left surname" in said:
        assert surname == SURNAME
    for file in folder.rglob("*"):
        assert not file.is_file() or SURNAME[:8].encode() not in file.read_bytes(), file
