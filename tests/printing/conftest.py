"""One private CUPS with its virtual printer for all tests here; its processes end with the session."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.printing.virtual_cups import VirtualCups


@pytest.fixture(scope="session")
def _cups() -> Iterator[VirtualCups]:
    # Not in pytest's own folder: the filters of CUPS run as another user, who must get at their files.
    with tempfile.TemporaryDirectory(prefix="mab-cups-") as folder:
        Path(folder).chmod(0o755)
        with VirtualCups(Path(folder)) as made:
            yield made


@pytest.fixture
def cups(_cups: VirtualCups, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualCups]:
    """The print service as a program on this computer finds it, its printer empty and well."""
    monkeypatch.setenv("CUPS_SERVER", _cups.socket)
    yield _cups
    _cups.forget()
