"""`mab` run in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mab_desktop.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mab` in this process: exit code, standard output, standard error."""
    monkeypatch.delenv("MAB_LANG", raising=False)

    def go(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return go
