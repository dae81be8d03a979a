"""A border that cannot fail is no border: broken on purpose, each contract must speak."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BREACHES = [
    ("domain/clock.py", "import sqlalchemy", "the domain is plain Python"),
    ("services/context.py", "from PySide6 import QtCore", "no Qt below the kit"),
    ("ntc/__init__.py", "from mab_desktop.storage import store", "reach the adapters through services"),
    ("storage/store.py", "from mab_desktop.services import context", "layers"),
    ("network_uni/__init__.py", "import mab_desktop.base_uni", "layers"),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("module", "line", "contract"), BREACHES)
def test_a_breach_is_found(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    broken = tmp_path / "src" / "mab_desktop" / module
    broken.write_text(broken.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=tmp_path, capture_output=True,
        text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
    )  # fmt: skip
    assert done.returncode != 0
    assert re.search(rf"{re.escape(contract)}[^A-Z]*BROKEN", " ".join(done.stdout.split()))
