"""Workplaces of tests that need real first starts and log-ins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.land import Land, copy_land, land_of


@pytest.fixture(scope="session")
def land_template(tmp_path_factory: pytest.TempPathFactory) -> Land:
    """Made once; never opened by a test."""
    return land_of(tmp_path_factory.getbasetemp())


@pytest.fixture
def land(land_template: Land, tmp_path: Path) -> Iterator[Land]:
    """The workplaces of this test alone."""
    copied = copy_land(land_template, tmp_path / "land")
    yield copied
    copied.close()
