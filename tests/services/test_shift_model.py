"""The life of three shifts against p.30-45, some hundred steps of it; `tests/long/shift_steps.py` goes on from here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import MakeContext
from tests.services.shift_machine import machine
from tests.services.shift_stand import make_season


@pytest.mark.heavy
def test_program_and_regulation_agree_whatever_is_pushed(make_context: MakeContext, tmp_path: Path) -> None:
    made = machine(make_season(make_context, tmp_path), tmp_path / "seasons")
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        seed(7)(made),
        settings=settings(max_examples=5, stateful_step_count=30, deadline=None, database=None,
                          phases=[Phase.generate], suppress_health_check=list(HealthCheck)),
    )  # fmt: skip
    for step in ("draw", "confirm", "open: refused", "close"):
        assert made.steps[step], step
