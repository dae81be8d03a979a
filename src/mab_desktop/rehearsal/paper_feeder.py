"""The feeder of a simulated scanner: a stack of sheets, what a job asks of them, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.paper import Gray, PaperSheet, Printer, print_pages
from mab_desktop.rehearsal.scanner import ScannerModel, scan
from mab_desktop.services.scans import image_files

INCH = 25.4
A4_WIDE = 210.0
JPEG, PNG, TIFF = "image/jpeg", "image/png", "image/tiff"
_SUFFIX = {JPEG: ".jpg", PNG: ".png", TIFF: ".tif"}

# A sheet: an image file that shows it at any resolution (A4 wide), or paper that is scanned when it is its turn.
Sheet = Path | PaperSheet


class Stop(StrEnum):
    """Why no page came out."""

    EMPTY = "empty"
    JAM = "jam"
    COVER = "cover"
    TWO_NOTICED = "two-noticed"
    CANCELLED = "cancelled"
    CUT = "cut"
    STALL = "stall"


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What goes wrong, each once, told by how many sheets have come out before.

    `jam`, `cover` (opened), `two_noticed` (the scanner's own sensor saw two sheets) stop the feeder; at
    `cancelled` somebody presses Stop on the scanner itself; `cut` breaks the line in the middle of the next image;
    `stall` never answers for it. `double`: the next sheet takes the one below it along and nobody notices: one image,
    longer by the tail of the second. `refuse`: so many jobs are answered "busy".
    """

    jam: frozenset[int] = frozenset()
    cover: frozenset[int] = frozenset()
    two_noticed: frozenset[int] = frozenset()
    cancelled: frozenset[int] = frozenset()
    cut: frozenset[int] = frozenset()
    stall: frozenset[int] = frozenset()
    double: frozenset[int] = frozenset()
    refuse: int = 0


SMOOTH = Mishaps()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job asks for: dots per inch, gray, color or lineart, the size of the window in mm and the file's type."""

    dpi: int = 200
    mode: str = "gray"
    width: float = 210.0
    height: float = 297.0
    media: str = JPEG


@dataclass(frozen=True, slots=True)
class Fed:
    """One pull at the stack: the image and how many sheets it took, or why none came. CUT has both."""

    image: bytes = b""
    sheets: int = 0
    stop: Stop | None = None


@dataclass
class PaperFeeder:
    """A stack of sheets and how far it is through. Sheets leave the stack only when `leave` says so.

    A sheet that jams or whose image is cut stays on top, as if the person had laid it back.
    """

    stack: Sequence[Sheet]
    mishaps: Mishaps = SMOOTH
    model: ScannerModel = ScannerModel()
    seed: int = 1
    out: int = 0
    _due: dict[Stop | str, set[int]] = field(init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        m = self.mishaps
        self._due = {
            Stop.JAM: set(m.jam), Stop.COVER: set(m.cover), Stop.TWO_NOTICED: set(m.two_noticed),
            Stop.CANCELLED: set(m.cancelled), Stop.CUT: set(m.cut), Stop.STALL: set(m.stall), "double": set(m.double),
        }  # fmt: skip

    @property
    def waiting(self) -> int:
        """How many sheets lie in the feeder."""
        return len(self.stack) - self.out

    def lay_in(self, stack: Sequence[Sheet]) -> None:
        """Another stack, fed from its beginning; mishaps that have not happened yet count from there."""
        with self._lock:
            self.stack, self.out = stack, 0

    def pull(self, wanted: Wanted) -> Fed:
        """The next sheet's image as a file, or what stopped it."""
        with self._lock:
            if not self.waiting:
                return Fed(stop=Stop.EMPTY)
            for stop in (Stop.JAM, Stop.COVER, Stop.TWO_NOTICED, Stop.CANCELLED, Stop.STALL):
                if self._happens(stop):
                    return Fed(stop=stop)
            cut = Stop.CUT if self._happens(Stop.CUT) else None
            sheets = 2 if self.waiting > 1 and self._happens("double") else 1
            top = self.stack[self.out]
            if sheets == 1:
                return Fed(self._single(top, wanted), 1, cut)
            upper, lower = (self._seen(sheet, self.out + n, wanted) for n, sheet in enumerate((top, self._below())))
            return Fed(_encoded(_windowed(_stuck(upper, lower), wanted), wanted), 2, cut)

    def leave(self, fed: Fed) -> None:
        """The image of `fed` has arrived: its sheets are in the tray."""
        with self._lock:
            self.out += fed.sheets

    def _happens(self, what: Stop | str) -> bool:
        if self.out not in self._due[what]:
            return False
        self._due[what].remove(self.out)
        return True

    def _below(self) -> Sheet:
        return self.stack[self.out + 1]

    def _single(self, sheet: Sheet, wanted: Wanted) -> bytes:
        if isinstance(sheet, Path) and wanted.media == JPEG and sheet.suffix.lower() in {".jpg", ".jpeg"}:
            data = sheet.read_bytes()
            if _is_as_wanted(_decoded(sheet.name, data), wanted):
                return data
        return _encoded(_windowed(self._seen(sheet, self.out, wanted), wanted), wanted)

    def _seen(self, sheet: Sheet, place: int, wanted: Wanted) -> Any:
        """The sheet at the wanted resolution and mode."""
        if isinstance(sheet, Path):
            return _from_file(sheet, wanted)
        gray = scan(sheet, replace(self.model, dpi=wanted.dpi), stream(self.seed, "feeder", place))
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR) if wanted.mode == "color" else gray


def _decoded(name: str, data: bytes, flag: int = cv2.IMREAD_UNCHANGED) -> Any:
    image: Any = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if image is None:
        raise ValueError(f"{name} is no image")
    return image


def _zoom(image: Any, wanted: Wanted) -> float:
    return float(round(A4_WIDE / INCH * wanted.dpi) / image.shape[1])


def _is_as_wanted(image: Any, wanted: Wanted) -> bool:
    """True when the file itself is what the job asks for: nothing is compressed twice without need."""
    colors = 1 if image.ndim == 2 else image.shape[2]
    kind = {"gray": 1, "color": 3}.get(wanted.mode)
    return kind == colors and abs(_zoom(image, wanted) - 1) < 0.01 and _windowed(image, wanted).shape == image.shape


def _from_file(path: Path, wanted: Wanted) -> Any:
    flag = cv2.IMREAD_COLOR if wanted.mode == "color" else cv2.IMREAD_GRAYSCALE
    image = _decoded(path.name, path.read_bytes(), flag)
    zoom = _zoom(image, wanted)
    if abs(zoom - 1) < 0.01:
        return image
    return cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)


def _windowed(image: Any, wanted: Wanted) -> Any:
    """Nothing outside the job's window is seen; a sheet shorter than it gives a shorter image. 1 % is left to skew."""
    tall, wide = (round(side / INCH * wanted.dpi) for side in (wanted.height, wanted.width))
    return image[: tall if image.shape[0] > tall * 1.01 else None, : wide if image.shape[1] > wide * 1.01 else None]


def _stuck(upper: Any, lower: Any) -> Any:
    """Two sheets at once: the upper one, and the tail of the lower one on a longer image."""
    wide = min(upper.shape[1], lower.shape[1])
    return np.vstack((upper[:, :wide], lower[-lower.shape[0] // 7 :, :wide]))


def _encoded(image: Gray, wanted: Wanted) -> bytes:
    if wanted.mode == "lineart":
        image = np.where(image > 160, np.uint8(255), np.uint8(0))
    options = {
        JPEG: [cv2.IMWRITE_JPEG_QUALITY, 80],
        PNG: [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_BILEVEL, int(wanted.mode == "lineart")],
        TIFF: [cv2.IMWRITE_TIFF_XDPI, wanted.dpi, cv2.IMWRITE_TIFF_YDPI, wanted.dpi],
    }[wanted.media]
    done, data = cv2.imencode(_SUFFIX[wanted.media], image, options)
    if not done:
        raise ValueError(wanted.media)
    return data.tobytes()


def load_stack(paths: Sequence[Path], seed: int | str = 1) -> list[Sheet]:
    """Image files and folders of them as they are; pages of a PDF freshly printed on paper."""
    stack: list[Sheet] = []
    for path in image_files(paths):
        if not path.is_file():
            raise UserError(N_("There is no file or folder {name}."), name=str(path))
        if path.suffix.lower() == ".pdf":
            stack += print_pages(path.read_bytes(), stream(seed, "printer", path.name), Printer())
        elif not cv2.haveImageReader(str(path)):
            raise UserError(N_("There is no image in {name}."), name=str(path))
        else:
            stack.append(path)
    return stack
