"""The disk fails at a file operation: said in words, nothing acknowledged lost, the same can be done afterwards.

The quick share; `python -m tests.long.io_errors` fails every operation of every scenario, once and for good.
"""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from tests.faults.runs import SCENARIOS, Templates, acting
from tests.faults.syscalls import Plan, Watched
from tests.faults.trials import fail_at, operations


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_disk_fails(templates: Templates, tmp_path: Path, name: str) -> None:
    scenario, folder = SCENARIOS[name], tmp_path / "run"
    chance = random.Random(name)  # noqa: S311
    for number, for_good in ((errno.EIO, chance.random() < 0.5), (errno.ENOSPC, chance.random() < 0.5)):
        place = chance.randrange(operations(templates, scenario, folder, number))
        assert not fail_at(templates, scenario, folder, place, number, for_good=for_good), (number, place, for_good)


def test_the_fault_is_met(templates: Templates, tmp_path: Path) -> None:
    """Else the tests above would pass without one."""
    scenario, folder = SCENARIOS["typing"], tmp_path / "run"
    plan = Plan(10, errno.ENOSPC, for_good=True)
    ended = Watched(acting(scenario, templates.copy(scenario, folder)), folder, plan).run()
    assert plan.met
    assert ended.refused
    assert ended.refused[0].startswith("The disk")
