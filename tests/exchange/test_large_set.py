"""Very many images are made into a set and read from it without taking memory for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.heavy
def test_a_set_of_many_images_takes_no_more_memory_than_a_few_pieces(tmp_path: Path) -> None:
    """In a process of its own, so that the peak is this set's; the gigabyte: tests/long/large_set.py."""
    out = tmp_path / "numbers.json"
    command = [sys.executable, "-m", "tests.long.large_set", "--mebibytes", "96", "--image", "6000", "--part", "40",
               "--folder", str(tmp_path), "--out", str(out)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    found = json.loads(out.read_text("utf-8"))
    assert (found["images"], found["parts"]) == (16, 3)
    assert found["peak_mib_more_than_before"] < 64
