"""A restore killed (SIGKILL) at each of its steps, in a process of its own: the old state or the new, never between.

    .venv/bin/pytest tests/long/test_restore_kills.py -q -p no:cacheprovider
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.conftest import land, land_template
from tests.services.land import PASSWORD, Land
from tests.services.test_restore import _is_old_or_new, cut_stand, ready

__all__ = ["cut_stand", "land", "land_template", "ready"]

_KILLED = """
import os, sys
from pathlib import Path
from mab_desktop.domain.clock import SystemClock
from mab_desktop.services import restore

class Kill:
    left = int(sys.argv[3])
    def stage(self, title, total=0): self.step()
    def step(self, n=1):
        self.left -= 1
        if self.left < 0: os.kill(os.getpid(), 9)

found = restore.open_copy(Path(sys.argv[1]), Path(sys.argv[2]), "programmer", os.environ["WORD"], SystemClock())
restore.restore(found, restore.witness("Alone at night"), SystemClock(), Kill())
"""


@pytest.mark.parametrize("step", range(10))
def test_a_killed_restore_leaves_the_old_state_or_the_new(
    cut_stand: tuple[Land, Path, tuple[int, str]], step: int
) -> None:
    land, copy, before = cut_stand
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(land.database("nu027")), str(copy), str(step)],
        env={**os.environ, "WORD": PASSWORD}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (-9, 0), done.stderr
    assert _is_old_or_new(land, before) in ("old", "new")


