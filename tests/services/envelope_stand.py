"""Envelopes as they come out of a scanner: sheets, covers, two sheets at once; a source that stops where it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.forms.code import qr_code
from mab_desktop.scanning.source import ScannedPage
from mab_desktop.services import documents_exam, envelopes, shifts
from mab_desktop.services.context import Context
from tests.services.exam_room import FIRST_DAY, Room, filled, own_marks

Sheets = list[tuple[str, Mapping[str, str]]]


def open_hall(room: Room, hall: str = "101", unused: int = 1) -> Sheets:
    """A hall on the exam day with its act entered; gives its sheets, the unused ones last."""
    lines = room.lines(1, hall)
    sheets: Sheets = [(room.serial(n + 1, 1, hall), own_marks(line)) for n, line in enumerate(lines)]
    sheets += [(room.serial(len(lines) + n + 1, 1, hall), {}) for n in range(unused)]
    envelopes.receive_envelope(room.ctx, 1, hall, len(lines), unused)
    return sheets


def open_shift(room: Room) -> Room:
    """Seats drawn and shift 1 opened."""
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    return room


def cover_image(ctx: Context, path: Path, hall: str = "101", shift: int = 1) -> Path:
    """The cover of a hall's envelope, printed and scanned at 200 dpi."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = pypdfium2.PdfDocument(documents_exam.print_covers(ctx, shift, hall).pdf)[0]
    image = page.render(scale=200 / 72, grayscale=True).to_numpy()
    cv2.imwrite(str(path), image.reshape(image.shape[0], image.shape[1]))
    return path


def code_image(path: Path, payload: str) -> Path:
    """A white page with one QR code in its upper half."""
    code = qr_code(payload)
    modules = np.full((code.modules, code.modules), 255, np.uint8)
    for run in code.path.split(" re")[:-1]:
        x, y, wide, _ = (int(n) for n in run.split())
        modules[code.modules - 1 - y, x : x + wide] = 0
    page = np.full((2338, 1654), 245, np.uint8)
    big = cv2.resize(modules, None, fx=12, fy=12, interpolation=cv2.INTER_NEAREST)
    page[300 : 300 + big.shape[0], 600 : 600 + big.shape[1]] = big
    cv2.imwrite(str(path), page)
    return path


def stuck_together(upper: tuple[str, Mapping[str, str]], lower: tuple[str, Mapping[str, str]], path: Path) -> Path:
    """Two sheets at once: the upper one, and the tail of the lower one behind it on a longer image."""
    top, bottom = filled(*upper), filled(*lower)
    cv2.imwrite(str(path), np.vstack((top, bottom[-round(0.15 * bottom.shape[0]) :])))
    return path


@dataclass
class ScriptedFeeder:
    """A feeder that does what the script says, one item a sheet: an image comes out, an error stops it.

    What is behind an error waits for the next call of `pages`, as the rest of a stack does.
    """

    script: list[Path | UserError]
    label: str = "Scripted feeder"
    calls: int = field(default=0, init=False)

    def count(self) -> int | None:
        """Nobody knows."""
        return None

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Do the next items of the script."""
        self.calls += 1
        position = 0
        while self.script:
            progress.step()
            item = self.script.pop(0)
            if isinstance(item, UserError):
                raise item
            position += 1
            yield ScannedPage(position, item)
