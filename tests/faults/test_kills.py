"""The program is killed at any moment: what it had acknowledged is there, nothing is half, the work can be finished.

The quick share; `python -m tests.long.kills` goes through every file operation and through thousands of moments.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.runs import SCENARIOS, Templates
from tests.faults.trials import kill_at, kill_in_time, operations


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed(templates: Templates, tmp_path: Path, name: str) -> None:
    scenario, folder = SCENARIOS[name], tmp_path / "run"
    count = operations(templates, scenario, folder)
    assert count > 50
    chance = random.Random(name)  # noqa: S311
    place = chance.randrange(count)
    assert not kill_at(templates, scenario, folder, place), place
    moment = chance.uniform(0.01, 0.1)
    assert not kill_in_time(templates, scenario, folder, moment), moment
