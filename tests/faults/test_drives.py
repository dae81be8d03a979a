"""The drive fails while files are written to it or read from it: full, pulled, write-protected. A folder stands for it.

The quick share; tests/long/drives.py puts the drive on a file system that is pulled, rots and lies.
"""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from tests.faults.runs import SCENARIOS, Templates
from tests.faults.trials import fail_at, operations

PULLED, FULL, PROTECTED, FAILING = errno.ENODEV, errno.ENOSPC, errno.EROFS, errno.EIO


CASES = [("export", PULLED), ("export", FULL), ("export", PROTECTED), ("export", FAILING), ("import", PULLED),
         ("step", PULLED), ("step", FULL), ("takeover", PULLED)]  # fmt: skip
DRIVES = {"step": "second", "takeover": "second"}  # the disk of the step copies; the reserve PC takes over from it


@pytest.mark.parametrize(("name", "number"), CASES, ids=[f"{name}-{errno.errorcode[number]}" for name, number in CASES])
def test_the_drive_fails(templates: Templates, tmp_path: Path, name: str, number: int) -> None:
    scenario, folder, drive = SCENARIOS[name], tmp_path / "run", DRIVES.get(name, "drive")
    place = random.Random(f"{name} {number}").randrange(operations(templates, scenario, folder, number, drive))  # noqa: S311
    wrong = fail_at(templates, scenario, folder, place, number, for_good=number != FAILING, under=drive)
    assert not wrong, place
