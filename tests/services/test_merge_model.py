"""Four PCs that merge at random, a few hundred steps; `tests/long/merge_steps.py` goes on from here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.merge_model import machine


@pytest.mark.heavy
def test_no_value_is_lost_and_all_pcs_come_to_agree(empty_database: Path, tmp_path: Path) -> None:
    made = machine(empty_database, tmp_path)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        seed(3)(made),
        settings=settings(max_examples=6, stateful_step_count=35, deadline=None, database=None,
                          phases=[Phase.generate], suppress_health_check=list(HealthCheck)),
    )  # fmt: skip
    assert made.steps["decide"]
    assert made.steps["settle"]
