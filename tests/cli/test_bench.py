"""`mab bench carrier`: what carriers and a log-in cost, in numbers that another program can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_carriers_and_the_log_in_are_measured_beside_library_calls(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("--lang", "en", "bench", "carrier", "--students", 40, "--mib", 8, "--rounds", 1, "--json",
                       tmp_path / "b.json")  # fmt: skip
    assert code == 0
    found = json.loads((tmp_path / "b.json").read_text("utf-8"))
    assert (found["records"]["rows"], found["records"]["rounds"]) == (40, 1)
    assert found["records"]["ratio"] > 0
    assert {"collect, build, verify", "load in one transaction"} <= set(found["records"]["seconds"])
    # The derivation of the key is a part of the log-in; the same one alone is its baseline.
    assert found["log_in"]["processor_seconds"] > 0
    assert found["log_in"]["argon2id_processor_seconds"] > 0
    assert found["scans"]["build_speed"] > 0
    assert "Log-in to the workplace of these students" in out


@pytest.mark.parametrize("wrong", [("--students", 0), ("--mib", -1), ("--rounds", 0)])
def test_sizes_out_of_bounds_are_refused(run: Run, wrong: tuple[str, int]) -> None:
    assert run("bench", "carrier", *wrong)[0] == 2
