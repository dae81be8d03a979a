"""`mab scanner-simulator` from the command line: what keeps it from beginning is said."""

from __future__ import annotations

import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

from mab_desktop.cli import main
from mab_desktop.domain.errors import EXIT_SYSTEM


def test_a_port_that_another_program_has_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "1.png"
    assert cv2.imwrite(str(page), np.full((300, 200), 250, np.uint8))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--lang", "en", "scanner-simulator", "--images", str(page), "--port", str(port)]) == EXIT_SYSTEM
    said = capsys.readouterr().err
    assert f"Port {port} of this PC cannot be used" in said
    assert "--port" in said
    for port in (-5, 99_999):
        assert main(["--lang", "en", "scanner-simulator", "--images", str(page), "--port", str(port)]) == EXIT_SYSTEM
        assert f"Port {port} of this PC cannot be used: ports are numbers" in capsys.readouterr().err


def test_a_text_is_no_sheet_for_the_simulated_feeder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("no sheet")
    assert main(["--lang", "en", "scanner-simulator", "--images", str(tmp_path / "note.txt")]) == 3
    assert "There is no image in" in capsys.readouterr().err
