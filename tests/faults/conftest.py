"""Prepared workplaces, made once."""

from __future__ import annotations

import cv2
import pytest

from tests.faults.runs import Templates


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Folders by scenario."""
    cv2.setNumThreads(1)  # threads do not survive a fork
    return Templates(tmp_path_factory.mktemp("faults"))
