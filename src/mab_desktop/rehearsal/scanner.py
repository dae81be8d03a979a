"""Scanners with a feeder: a stack of paper in, numbered image files out, with all that goes wrong on the way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.rehearsal import optics
from mab_desktop.rehearsal.chance import pick
from mab_desktop.rehearsal.paper import INCH, Gray, PaperSheet

FORMATS = ("jpg", "png", "tif")
STRIP = 48  # lines drawn at once: they stay in the fast memory


@dataclass(frozen=True, slots=True)
class ScannerModel:
    """One device and its settings.

    `skew` (degrees) is the usual spread, `big_skew` the share of sheets fed really askew (up to 5 degrees); `stretch`
    the share by which the feed is longer or shorter; `gamma`, `black`, `white` the tone curve; `noise` in gray levels,
    `blur` in dots at 200 dpi; `streaks` columns spoilt by dirt on the glass; `shadow` 0..1 of the dark edge; `lid` the
    gray behind the paper; `margin` (mm) of lid seen around it; `upside_down` the share of sheets laid in turned.

    `drift` (degrees) is how much the skew changes along the page, `wave` and `slip` (mm) how unevenly it is drawn in;
    `lamp` one of `paper.LAMPS`; `colour` gives colour images with `fringe` (dots) between them. The rest is the work
    of `optics`: `sharpen`, `auto_contrast`, `background` (part of the paper's white from which all is white, 0 off),
    `moire` (levels), `bed` (mm of the bed's dark edge), for `bilevel` the `screen` and its `level`.
    """

    name: str = "office ADF"
    dpi: int = 200
    format: str = "jpg"
    quality: int = 78
    skew: float = 0.5
    big_skew: float = 0.01
    slide: float = 1.0
    stretch: float = 0.002
    gamma: float = 1.0
    black: int = 8
    white: int = 250
    noise: float = 2.5
    blur: float = 0.6
    streaks: tuple[tuple[float, float, int], ...] = ()
    shadow: float = 0.1
    light: float = 0.03
    lid: int = 225
    margin: float = 0.0
    upside_down: float = 0.0
    bilevel: bool = False
    drift: float = 0.0
    wave: float = 0.0
    wave_length: float = 40.0
    slip: float = 0.0
    lamp: str = "white"
    colour: bool = False
    fringe: float = 0.0
    warmth: float = 0.0
    sharpen: float = 0.0
    auto_contrast: bool = False
    background: float = 0.0
    moire: float = 0.0
    bed: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    screen: str = "threshold"
    level: float = 0.66


@dataclass(frozen=True, slots=True)
class Faults:
    """What happens to a stack, by places counted from 0: a jam ends the pass, double feeds hide the next sheet."""

    jam_after: int | None = None
    torn_last: bool = False
    double_feeds: frozenset[int] = frozenset()
    repeated: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """An image file and the places in the stack of the sheets it was made from (two at a double feed)."""

    path: Path
    sheets: tuple[int, ...]


NO_FAULTS = Faults()


def draw_scanner(
    rng: Generator, population: str = "ordinary", dpi: int = 200, image_format: str = "jpg"
) -> ScannerModel:
    """A scanner of the population `clean`, `ordinary`, `hard` (worn, dirty, sharply compressed) or `nasty`."""
    if population == "nasty":
        return _nasty_scanner(rng, dpi, image_format)
    if population == "clean":
        return ScannerModel("new ADF", dpi, image_format, skew=0.2, big_skew=0.0, slide=0.4, noise=1.5, shadow=0.0)
    hard = population == "hard"
    streaks = tuple(
        (float(rng.uniform(5, 205)), float(rng.uniform(0.1, 0.4)), int(rng.choice([-1, 1]) * rng.integers(15, 70)))
        for _ in range(int(rng.poisson(0.6 if hard else 0.03)))
    )
    return ScannerModel(
        name="worn ADF" if hard else "office ADF", dpi=dpi, format=image_format,
        quality=int(rng.integers(55, 85) if hard else rng.integers(66, 84)),
        skew=float(rng.uniform(0.6, 1.5) if hard else rng.uniform(0.2, 0.7)), big_skew=0.05 if hard else 0.008,
        slide=2.0 if hard else 1.0, stretch=float(rng.normal(0, 0.008 if hard else 0.002)),
        gamma=float(rng.uniform(0.65, 1.5) if hard else rng.uniform(0.85, 1.2)),
        black=int(rng.integers(5, 55) if hard else rng.integers(2, 25)),
        white=int(rng.integers(215, 255) if hard else rng.integers(238, 255)),
        noise=float(rng.uniform(4, 9) if hard else rng.uniform(1, 3)),
        blur=float(rng.uniform(0.6, 1.3) if hard else rng.uniform(0.4, 0.8)), streaks=streaks,
        shadow=float(rng.uniform(0.1, 0.6) if hard else rng.uniform(0, 0.2)),
        light=float(rng.uniform(0.03, 0.14) if hard else rng.uniform(0, 0.05)),
        lid=int(pick(rng, {"20": 1.0, "90": 0.5, "228": 2.0})), margin=float(pick(rng, {"0": 2.0, "2": 1.0, "5": 0.7})),
        upside_down=0.03 if hard else 0.004,
    )  # fmt: skip


def _nasty_scanner(rng: Generator, dpi: int, image_format: str) -> ScannerModel:
    """An ordinary or a worn one with a few of all the other troubles."""
    model = draw_scanner(rng, "hard" if rng.random() < 0.3 else "ordinary", dpi, image_format)

    def maybe(share: float, low: float, high: float) -> float:
        return float(rng.uniform(low, high)) if rng.random() < share else 0.0

    dead = tuple(
        (float(rng.uniform(3, 207)), 0.1, int(rng.choice([-1, 1])) * 255) for _ in range(int(rng.poisson(0.08)))
    )
    bilevel, colour = bool(rng.random() < 0.05), bool(rng.random() < 0.15)
    bed = tuple(maybe(0.05, 0.5, 3.0) for _ in range(4))
    return replace(
        model, name="nasty ADF", quality=int(rng.integers(40, 96)), streaks=(*model.streaks, *dead),
        drift=maybe(0.15, -0.8, 0.8), wave=maybe(0.15, 0.1, 0.5), wave_length=float(rng.uniform(15, 90)),
        slip=maybe(0.15, 0.03, 0.15), lamp="green" if rng.random() < 0.3 else "white", colour=colour,
        fringe=maybe(0.5, -1.0, 1.0) if colour else 0.0, warmth=float(rng.uniform(-1, 1)),
        sharpen=maybe(0.2, 0.4, 2.0), auto_contrast=bool(rng.random() < 0.12), background=maybe(0.12, 0.86, 0.97),
        moire=maybe(0.08, 2.0, 9.0), lid=int(pick(rng, {"5": 1.0, "20": 1.0, "90": 1.0, "228": 2.0, "255": 1.0})),
        margin=float(pick(rng, {"0": 2.0, "2": 1.0, "6": 1.0})), bed=(bed[0], bed[1], bed[2], bed[3]),
        bilevel=bilevel, screen=pick(rng, dict.fromkeys(optics.BILEVEL, 1.0)), level=float(rng.uniform(0.6, 0.86)),
    )  # fmt: skip


def scan(sheet: PaperSheet, model: ScannerModel, rng: Generator, *, turned: bool | None = None) -> Gray:
    """One pass of one sheet: an image at the model's resolution, gray or blue green red, never the same twice.

    `turned` lays it in upside down (None: as chance has it).
    """
    upside_down = bool(rng.random() < model.upside_down) if turned is None else turned
    matrix, size = _feed(sheet, model, rng, upside_down)
    image = _drawn_in(sheet.gray if model.colour else sheet.seen(model.lamp), matrix, size, model, model.lid)
    for outline in sheet.missing:
        hole = cv2.transform(outline.reshape(-1, 1, 2), matrix)
        cv2.fillConvexPoly(image, np.rint(hole).astype(np.int32), model.lid)
    lines = _lines(model, size[1], rng)
    image = image[lines]
    blur = model.blur * model.dpi / 200
    if blur > 0.25:
        image = cv2.GaussianBlur(image, (3, 3) if blur < 0.9 else (5, 5), blur)
    image = _worked_on(_tones(image, model, rng), model, rng)
    if not model.colour:
        return image
    tint = None if sheet.tint is None else _drawn_in(sheet.tint, matrix, size, model, 255)[lines]
    return optics.in_colour(image, tint, model.fringe, model.warmth)


def encode(image: Gray, model: ScannerModel) -> bytes:
    """The image as a file of the model's format, its resolution left to the reader as cheap scanners do."""
    if model.bilevel:
        gray: Any = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
        image = optics.to_bilevel(gray, model.screen, model.level)
    options = {
        "jpg": [cv2.IMWRITE_JPEG_QUALITY, model.quality],
        "png": [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_BILEVEL, int(model.bilevel)],
        "tif": [cv2.IMWRITE_TIFF_XDPI, model.dpi, cv2.IMWRITE_TIFF_YDPI, model.dpi],
    }[model.format]
    done, data = cv2.imencode(f".{model.format}", image, options)
    if not done:
        raise ValueError(f"cannot write {model.format}")
    return data.tobytes()


def scan_envelope(
    sheets: Iterable[PaperSheet], rng: Generator, model: ScannerModel, out_dir: Path, faults: Faults = NO_FAULTS
) -> list[ScannedFile]:
    """One pass of a stack into `out_dir` as `0001.jpg`, `0002.jpg` … in the order of the envelope."""
    return scan_passes(sheets, rng, [(model, out_dir, faults)])[0]


def scan_passes(
    sheets: Iterable[PaperSheet], rng: Generator, passes: Sequence[tuple[ScannerModel, Path, Faults]]
) -> list[list[ScannedFile]]:
    """All passes of a stack in one go, so that a hall's sheets need not lie in memory together."""
    feeders = [_Feeder(model, folder, faults, stream_) for (model, folder, faults), stream_
               in zip(passes, rng.spawn(len(passes)), strict=True)]  # fmt: skip
    for place, sheet in enumerate(sheets):
        for feeder in feeders:
            feeder.feed(place, sheet)
    return [feeder.files for feeder in feeders]


class _Feeder:
    """One pass through one scanner."""

    def __init__(self, model: ScannerModel, folder: Path, faults: Faults, rng: Generator) -> None:
        self.model, self.folder, self.faults, self.rng = model, folder, faults, rng
        self.files: list[ScannedFile] = []
        self._above: tuple[int, PaperSheet] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def feed(self, place: int, sheet: PaperSheet) -> None:
        """The next sheet of the stack."""
        jam = self.faults.jam_after
        if jam is not None and place > jam:
            return
        if self._above is not None:
            above, self._above = self._above, None
            self._write(_stuck_together(above[1], sheet, self.model, self.rng), (above[0], place))
            return
        if place in self.faults.double_feeds:
            self._above = (place, sheet)
            return
        image = scan(sheet, self.model, self.rng)
        if self.faults.torn_last and place == jam:
            image = image[: int(image.shape[0] * self.rng.uniform(0.25, 0.8))]
        self._write(image, (place,))
        if place in self.faults.repeated:
            self._write(scan(sheet, self.model, self.rng), (place,))

    def _write(self, image: Gray, sheets: tuple[int, ...]) -> None:
        path = self.folder / f"{len(self.files) + 1:04d}.{self.model.format}"
        path.write_bytes(encode(image, self.model))
        self.files.append(ScannedFile(path, sheets))


def _feed(
    sheet: PaperSheet, model: ScannerModel, rng: Generator, upside_down: bool
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """How the sheet lies on the image: a 2x3 matrix from its dots to the image's, and the image's size."""
    height, width = sheet.gray.shape
    zoom = model.dpi / sheet.dpi
    askew = float(rng.uniform(2, 5) * rng.choice([-1, 1])) if rng.random() < model.big_skew else (
        float(np.clip(rng.normal(0, model.skew), -3, 3)))  # fmt: skip
    angle = math.radians(askew + (180 if upside_down else 0))
    stretch = 1 + model.stretch + float(rng.normal(0, 0.0006))
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, -s], [s, c]]) * zoom
    turn[1] *= stretch
    size = (round((width / sheet.dpi * 25.4 + 2 * model.margin) * model.dpi / 25.4),
            round((height / sheet.dpi * 25.4 + 2 * model.margin) * model.dpi / 25.4))  # fmt: skip
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2]) + rng.normal(0, model.slide / 2, 2) * model.dpi / 25.4
    matrix = np.column_stack((turn, middle - turn @ np.array([(width - 1) / 2, (height - 1) / 2])))
    return matrix.astype(np.float64), size


def _drawn_in(image: Gray, matrix: NDArray[np.float64], size: tuple[int, int], model: ScannerModel, lid: int) -> Gray:
    """The sheet as the feed lays it on the image, strip by strip: the skew may change on the way."""
    width, height = size
    inverse = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    done = np.empty((height, width, *image.shape[2:]), np.uint8)
    shape = {"flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, "borderMode": cv2.BORDER_CONSTANT}
    for top in range(0, height, STRIP):
        rows = min(STRIP, height - top)
        strip = inverse.copy()
        strip[:, 2] += strip[:, 1] * top
        if model.drift:
            # Turned about the middle of the strip's line: the feed pulls one side faster than the other.
            turn = math.radians(model.drift) * ((top + rows / 2) / height - 0.5)
            middle = np.array([width / 2, rows / 2])
            turned = strip[:, :2] @ np.array([[1.0, -turn], [turn, 1.0]])
            strip[:, 2] += (strip[:, :2] - turned) @ middle
            strip[:, :2] = turned
        cv2.warpAffine(image, strip, (width, rows), dst=done[top : top + rows], borderValue=(lid,) * 3, **shape)
    return done


def _lines(model: ScannerModel, count: int, rng: Generator) -> NDArray[np.intp] | slice:
    """Which line of the sheet each line of the image shows."""
    if not (model.wave or model.slip):
        return slice(None)
    dots = model.dpi / INCH
    return optics.uneven_lines(count, model.wave * dots, model.wave_length * dots, model.slip * dots, rng)


def _worked_on(image: Gray, model: ScannerModel, rng: Generator) -> Gray:
    """What the scanner's own software adds after the sensor."""
    if model.moire:
        image = optics.moire(image, model.moire, rng)
    if model.sharpen:
        image = optics.sharpen(image, model.sharpen, 1.1 * model.dpi / 200)
    if model.auto_contrast:
        image = optics.auto_contrast(image)
    if model.background:
        image = optics.drop_background(image, model.background)
    if any(model.bed):
        optics.edge_bands(image, np.rint(np.array(model.bed) * model.dpi / INCH).astype(np.intp), 12)
    return image


def _tones(image: Any, model: ScannerModel, rng: Generator) -> Gray:
    """Uneven light, edge shadow, dirt on the glass, the tone curve and noise."""
    height, width = image.shape
    if model.light or model.shadow:
        image = cv2.multiply(image, cv2.resize(_gains(model, rng), (width, height)), scale=1 / 255)
    for at, thick, depth in model.streaks:
        column, wide = round(at / 210 * width), max(1, round(thick * model.dpi / 25.4))
        strip = image[:, column : column + wide]
        change = cv2.subtract if depth < 0 else cv2.add
        strip[:] = change(strip, np.full_like(strip, abs(depth)))
    steps = (np.arange(256) / 255) ** model.gamma * (model.white - model.black) + model.black
    image = cv2.LUT(image, np.clip(np.rint(steps), 0, 255).astype(np.uint8))
    if model.noise:
        image = optics.add_noise(image, model.noise, rng)
    done: Gray = image
    return done


def _gains(model: ScannerModel, rng: Generator) -> Gray:
    """Light along and across the page, 255 full; the shadow lies on the outer 3 mm of one long side."""
    gains: Any = 1 - model.light * rng.random((3, 70))
    gains = cv2.GaussianBlur(gains.astype(np.float32), (0, 0), 12, sigmaY=1)
    edge = np.array([0.0, 0.5]) if rng.random() < 0.5 else np.array([0.0])
    gains[:, : edge.size] *= 1 - model.shadow * (1 - edge)
    done: Gray = np.clip(gains * 255, 0, 255).astype(np.uint8)
    return done


def _stuck_together(above: PaperSheet, below: PaperSheet, model: ScannerModel, rng: Generator) -> Gray:
    """Two sheets at once: the upper one, and the tail of the lower one behind it on a longer image."""
    top, bottom = scan(above, model, rng), scan(below, model, rng)
    tail = int(bottom.shape[0] * rng.uniform(0.04, 0.25))
    shorter = min(top.shape[1], bottom.shape[1])
    done: Gray = np.vstack((top[:, :shorter], bottom[-tail:, :shorter]))
    return done
