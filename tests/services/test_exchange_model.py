"""The stateful model of exchange, some hundred steps of it; `tests/long/exchange_steps.py` goes on from here."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.exchange_model import machine
from tests.services.land import Land


def test_program_and_model_agree_whatever_happens_to_files_and_workplaces(land_template: Land, tmp_path: Path) -> None:
    made = machine(land_template, tmp_path)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        made,
        settings=settings(max_examples=6, stateful_step_count=25, deadline=None, derandomize=True,
                          phases=[Phase.generate], suppress_health_check=list(HealthCheck)),
    )  # fmt: skip
    assert made.steps["send"]
    assert made.steps["bring"]
