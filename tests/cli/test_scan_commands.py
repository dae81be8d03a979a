"""`mab scanner-simulator` from the command line: what keeps it from beginning is said."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mab_desktop.cli import main
from mab_desktop.domain.errors import EXIT_OK, EXIT_SYSTEM
from mab_desktop.rehearsal.escl_scanner import EsclScanner
from mab_desktop.rehearsal.paper_feeder import Mishaps
from tests.scanning.scanner_stand import use_sane


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


def test_ctrl_c_tells_what_is_kept_and_what_is_not(tmp_path: Path) -> None:
    pages = [tmp_path / f"{n}.png" for n in range(4)]
    for page in pages:
        assert cv2.imwrite(str(page), np.full((300, 212), 250, np.uint8))
    with EsclScanner(pages, Mishaps(stall=frozenset({2}))) as scanner:  # the third sheet never comes
        words = ["--lang", "en", "scan", "--device", scanner.address, "--out", str(tmp_path / "out")]
        with subprocess.Popen(
            [sys.executable, "-m", "mab_desktop.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as scan:
            assert scan.stdout is not None
            assert [Path(scan.stdout.readline().strip()).name for _ in range(2)] == ["0001.jpg", "0002.jpg"]
            scan.send_signal(signal.SIGINT)
            _, said = scan.communicate(timeout=60)
    assert scan.returncode == 130
    assert f"Pages kept in {tmp_path / 'out'}: 2." in said
    assert "lay it back on top" in said


def test_a_call_knows_what_the_one_before_it_found_out_of_a_scanner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_sane(monkeypatch, tmp_path / "sane")
    (tmp_path / "sane" / "test.conf").write_text("number_of_devices 1\nhand-scanner true\n")
    out = tmp_path / "out"
    words = ["--lang", "en", "scan", "--device", "sane:test:0", "--out", str(out), "--pages", "2", "--dpi", "150"]
    first, second = (
        subprocess.run([sys.executable, "-m", "mab_desktop.cli", *words], capture_output=True, text=True, check=False)
        for _ in range(2)
    )
    assert first.returncode == EXIT_SYSTEM
    assert "page of another length" in first.stderr
    assert "back on top" in first.stderr
    assert second.returncode == EXIT_OK
    assert [Path(line).name for line in second.stdout.split()] == ["0001.tif", "0002.tif"]
