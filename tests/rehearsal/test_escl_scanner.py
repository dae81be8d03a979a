"""The simulated scanner speaks eSCL as real ones do, feeds files and paper, and fails as it was told to."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from mab_desktop.cli import main
from mab_desktop.domain.errors import UserError
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.escl_scanner import EsclScanner
from mab_desktop.rehearsal.paper import Printer, print_pages
from mab_desktop.rehearsal.paper_feeder import Mishaps, PaperFeeder, Stop, Wanted, load_stack
from mab_desktop.services.sheets import blank_sheets
from tests.scanning.scanner_stand import make_stack, stack_number

SETTINGS = (
    "<scan:ScanSettings xmlns:scan='urn:s' xmlns:pwg='urn:p'><pwg:Width>2480</pwg:Width><pwg:Height>3508</pwg:Height>"
    "<pwg:InputSource>Feeder</pwg:InputSource><scan:XResolution>75</scan:XResolution>"
    "<scan:ColorMode>Grayscale8</scan:ColorMode></scan:ScanSettings>"
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_stack(tmp_path_factory.mktemp("stack"), 3)


@pytest.fixture
def scanner(stack: list[Path]) -> Iterator[EsclScanner]:
    with EsclScanner(stack, Mishaps(jam=frozenset({2})), name="Нейтрал <1>") as started:
        yield started


def ask(scanner: EsclScanner, method: str, path: str, body: str = "") -> tuple[int, bytes, str]:
    """HTTP status, body and Location."""
    connection = http.client.HTTPConnection("127.0.0.1", scanner.port, timeout=10)
    connection.request(method, path, body.encode() or None)
    response = connection.getresponse()
    answer = response.status, response.read(), response.headers.get("Location", "")
    connection.close()
    return answer


def said(scanner: EsclScanner, document: str, name: str) -> list[str]:
    """The texts of every element of this name."""
    code, body, _ = ask(scanner, "GET", f"/eSCL/{document}")
    assert code == 200
    return [element.text or "" for element in ElementTree.fromstring(body).iter() if element.tag.endswith(f"}}{name}")]


def decoded(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


# -- the protocol


def test_it_says_what_it_is(scanner: EsclScanner) -> None:
    assert said(scanner, "ScannerCapabilities", "MakeAndModel") == ["Нейтрал <1>"]
    assert "200" in said(scanner, "ScannerCapabilities", "XResolution")
    assert said(scanner, "ScannerCapabilities", "ColorMode") == ["Grayscale8", "RGB24", "BlackAndWhite1"]
    assert (said(scanner, "ScannerStatus", "State"), said(scanner, "ScannerStatus", "AdfState")) == (
        ["Idle"], ["ScannerAdfLoaded"],
    )  # fmt: skip


def test_a_job_from_its_beginning_over_a_jam_to_its_end(scanner: EsclScanner, stack: list[Path]) -> None:
    code, _, location = ask(scanner, "POST", "/eSCL/ScanJobs", SETTINGS)
    assert (code, location.startswith(scanner.address)) == (201, True)
    job = location.removeprefix(f"http://127.0.0.1:{scanner.port}")
    assert ask(scanner, "POST", "/eSCL/ScanJobs", SETTINGS)[0] == 503
    for path in stack[:2]:
        assert ask(scanner, "GET", f"{job}/NextDocument")[:2] == (200, path.read_bytes())
    assert said(scanner, "ScannerStatus", "ImagesCompleted") == ["2"]
    assert ask(scanner, "GET", f"{job}/NextDocument")[0] == 409
    assert said(scanner, "ScannerStatus", "AdfState") == ["ScannerAdfJam"]
    assert said(scanner, "ScannerStatus", "JobState") == ["Aborted"]
    job = ask(scanner, "POST", "/eSCL/ScanJobs", SETTINGS)[2]
    job = job.removeprefix(f"http://127.0.0.1:{scanner.port}")
    assert ask(scanner, "GET", f"{job}/NextDocument")[:2] == (200, stack[2].read_bytes())
    assert ask(scanner, "GET", f"{job}/NextDocument")[0] == 404
    assert said(scanner, "ScannerStatus", "AdfState") == ["ScannerAdfEmpty"]
    assert ask(scanner, "POST", "/eSCL/ScanJobs", SETTINGS)[0] == 409
    assert ask(scanner, "DELETE", job)[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/", "", 404), ("GET", "/eSCL/ScanJobs/x/NextDocument", "", 404),
        ("DELETE", "/eSCL/ScanJobs/x", "", 404), ("POST", "/eSCL/ScanJobs", "", 400),
        ("POST", "/eSCL/Else", "x", 400), ("PUT", "/eSCL/ScanJobs", "", 501),
    ],
)  # fmt: skip
def test_what_it_does_not_know_it_refuses(scanner: EsclScanner, method: str, path: str, body: str, code: int) -> None:
    assert ask(scanner, method, path, body)[0] == code


# -- the feeder


def test_a_file_is_shown_at_any_resolution_mode_and_type(stack: list[Path]) -> None:
    feeder = PaperFeeder(stack)
    assert feeder.pull(Wanted(dpi=75)).image == stack[0].read_bytes()
    fine = decoded(feeder.pull(Wanted(dpi=150)).image)
    assert (fine.shape, fine.dtype) == ((1754, 1240), np.uint8)
    assert decoded(feeder.pull(Wanted(dpi=75, mode="color")).image).shape == (877, 620, 3)
    lineart = feeder.pull(Wanted(dpi=75, mode="lineart", media="image/png")).image
    assert set(np.unique(decoded(lineart))) == {0, 255}
    assert decoded(feeder.pull(Wanted(dpi=75, height=100, width=100)).image).shape == (295, 295)
    assert feeder.pull(Wanted(media="image/tiff")).image[:2] in {b"II", b"MM"}
    assert feeder.waiting == 3


def test_paper_is_scanned_when_it_is_its_turn(tmp_path: Path) -> None:
    (tmp_path / "2.pdf").write_bytes(blank_sheets(2))
    make_stack(tmp_path, 1)
    stack = load_stack([tmp_path])
    assert [type(sheet).__name__ for sheet in stack] == [type(tmp_path).__name__, "PaperSheet", "PaperSheet"]
    feeder = PaperFeeder(stack, out=1)
    image = decoded(feeder.pull(Wanted(dpi=100)).image)
    assert (abs(image.shape[0] - 1169) < 3, image.shape[1]) == (True, 827)
    assert image.std() > 10
    assert feeder.pull(Wanted(dpi=100)).image == feeder.pull(Wanted(dpi=100)).image
    assert decoded(feeder.pull(Wanted(dpi=100, mode="color")).image).shape == (*image.shape, 3)


def test_mishaps_happen_once_and_sheets_stay_until_their_image_arrived(stack: list[Path], tmp_path: Path) -> None:
    feeder = PaperFeeder(stack, Mishaps(jam=frozenset({1}), cut=frozenset({1}), double=frozenset({1})))
    feeder.leave(feeder.pull(Wanted(dpi=75)))
    assert feeder.pull(Wanted(dpi=75)).stop is Stop.JAM
    torn = feeder.pull(Wanted(dpi=75, height=400))
    assert (torn.stop, torn.sheets, feeder.waiting) == (Stop.CUT, 2, 2)
    again = feeder.pull(Wanted(dpi=75, height=400))
    feeder.leave(again)
    (tmp_path / "again.jpg").write_bytes(again.image)
    assert (again.stop, again.sheets, stack_number(tmp_path / "again.jpg")) == (None, 1, 2)
    feeder.leave(feeder.pull(Wanted()))
    assert feeder.pull(Wanted()).stop is Stop.EMPTY


def test_a_stack_of_something_else_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        load_stack([tmp_path / "away"])
    (tmp_path / "x.jpg").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"x\.jpg"):
        PaperFeeder([tmp_path / "x.jpg"]).pull(Wanted())


def test_a_sheet_that_is_paper_can_be_fed_without_a_file() -> None:
    sheet = next(print_pages(blank_sheets(1), stream("one"), Printer()))
    with EsclScanner([sheet]) as scanner:
        job = ask(scanner, "POST", "/eSCL/ScanJobs", SETTINGS)[2].removeprefix(f"http://127.0.0.1:{scanner.port}")
        code, body, _ = ask(scanner, "GET", f"{job}/NextDocument")
    assert (code, decoded(body).shape[1]) == (200, 620)


# -- on the command line


def test_the_command_prints_its_address_serves_and_ends_with_ctrl_c(stack: list[Path], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mab_desktop.cli", "--lang", "en", "scanner-simulator", "--images",
               str(stack[0].parent), "--jam-after", "1", "--double", "2", "--busy", "1"]  # fmt: skip
    scan = ["--lang", "en", "scan", "--out", str(tmp_path), "--dpi", "150"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as started:
        assert started.stdout is not None
        address = started.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/eSCL", address)
        assert started.stdout.readline() == "3 sheets lie in the feeder. Ctrl+C ends the scanner.\n"
        codes = [main([*scan, "--device", address]) for _ in range(3)]
        started.send_signal(signal.SIGINT)
        assert started.wait(20) == 0
    assert codes == [7, 7, 0]
    assert [stack_number(path) for path in sorted(tmp_path.iterdir())] == [1, 2]
