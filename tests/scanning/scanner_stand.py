"""A scanner stand for tests: stacks of numbered pages, a simulated scanner with them in, SANE that knows only it.

`with scanner_with(pages, Mishaps(jam=frozenset({3}))) as scanner:` gives an eSCL scanner on the loopback at
`scanner.address`; `use_sane(monkeypatch, folder, scanner)` makes it the one device of the real SANE and its airscan
driver (`DEVICE`); `stack_number(path)` says which sheet an image shows, however it was compressed on the way.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from mab_desktop.domain.errors import Cancelled
from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.escl_scanner import EsclScanner
from mab_desktop.rehearsal.paper_feeder import SMOOTH, Mishaps, Sheet
from mab_desktop.scanning.source import Fault, ScannedPage, ScannerFault, Source

DEVICE = "airscan:e0:Stand"
# A page of A4 at 75 dots per inch: small, yet a size that scanners offer.
SMALL_DPI, WIDE, TALL = 75, 620, 877
_BITS = 8


def page_image(number: int) -> np.ndarray:
    """A gray page that carries `number` as eight large squares, and some grain as paper has."""
    rng = np.random.default_rng(number)
    image = np.clip(rng.normal(235, 3, (TALL, WIDE)), 0, 255).astype(np.uint8)
    for bit in range(_BITS):
        if number >> bit & 1:
            cv2.rectangle(image, (40 + bit * 68, 60), (90 + bit * 68, 110), 30, -1)
    cv2.rectangle(image, (40, 800), (580, 830), 120, -1)
    return image


def make_stack(folder: Path, count: int, suffix: str = ".jpg") -> list[Path]:
    """`count` pages, numbered from 1, as files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}{suffix}" for number in range(1, count + 1)]
    for number, path in enumerate(paths, 1):
        done, data = cv2.imencode(suffix, page_image(number))
        assert done
        path.write_bytes(data.tobytes())
    return paths


def stack_number(path: Path) -> int:
    """The number that the page in this file carries; 0 for an empty page."""
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None, path
    zoom = image.shape[1] / WIDE
    rows, left = slice(int(72 * zoom), int(98 * zoom)), [52 + bit * 68 for bit in range(_BITS)]
    squares = [image[rows, int(x * zoom) : int((x + 26) * zoom)] for x in left]
    return sum(1 << bit for bit, square in enumerate(squares) if square.mean() < 120)


def tall(path: Path) -> int:
    """The height of the image in dots."""
    return int(cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE).shape[0])


def scanner_with(stack: Sequence[Sheet], mishaps: Mishaps = SMOOTH, **more: object) -> EsclScanner:
    """A simulated scanner with a stack in its feeder; to be used in a `with` statement."""
    return EsclScanner(stack, mishaps, **more)  # type: ignore[arg-type]


def use_sane(monkeypatch: pytest.MonkeyPatch, folder: Path, scanner: EsclScanner | None = None) -> None:
    """Let SANE know its own test device and, by its airscan driver, the simulated scanner; nothing is searched for."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dll.conf").write_text("test\nairscan\n" if scanner else "test\n")
    (folder / "test.conf").write_text("number_of_devices 1\n")
    device = f"Stand = {scanner.address}, escl\n" if scanner else ""
    (folder / "airscan.conf").write_text(f"[devices]\n{device}[options]\ndiscovery = disable\nws-discovery = off\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))  # what programs remember of it


@contextmanager
def short_disk(most: int) -> Iterator[None]:
    """No file may grow beyond `most` bytes, as on a full disk, in this process and in those it starts."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def feed(source: Source) -> tuple[list[ScannedPage], Fault | None]:
    """Feed until the end or the first fault: the pages and the fault."""
    pages: list[ScannedPage] = []
    try:
        pages += (page for page in source.pages(Silent()))
    except ScannerFault as fault:
        return pages, fault.fault
    return pages, None


def feed_to_the_end(source: Source, attempts: int = 8) -> tuple[list[int], list[Fault]]:
    """Feed, and after each fault go on as a person would: the numbers of the sheets that came, and the faults."""
    numbers: list[int] = []
    faults: list[Fault] = []
    for _ in range(attempts):
        try:
            for page in source.pages(Silent()):
                numbers.append(stack_number(page.path))
        except ScannerFault as fault:
            faults.append(fault.fault)
            continue
        return numbers, faults
    raise AssertionError(faults)


class StopAfter:
    """Progress of a person who presses Cancel after so many pages, or while none comes (`looks` looks)."""

    def __init__(self, pages: int, looks: int = 0) -> None:
        self.pages, self.looks = pages, looks

    def stage(self, title: str, total: int = 0) -> None:
        """Nobody looks at the title."""

    def step(self, n: int = 1) -> None:
        """Count; stop when it is time."""
        self.pages -= n
        if self.pages <= 0:
            self.looks -= n == 0
            if self.looks < 0 or (n and not self.looks):
                raise Cancelled
