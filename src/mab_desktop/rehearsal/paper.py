"""Paper and printers: a page of a PDF as toner on a real sheet, and what happens to the sheet on a desk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.rehearsal.chance import pick, stream

# Levels are uint8; cv2's own types do not say so.
Gray = NDArray[Any]
INCH = 25.4
# The plane of blue, green, red that a gray scanner's lamp shows; white shows all.
LAMPS: dict[str, int | None] = {"white": None, "green": 1, "red": 2}


@dataclass(slots=True)
class PaperSheet:
    """A sheet of paper as it would look under perfect light: gray levels, 0 black, `dpi` dots per inch.

    `scale` and `shift` (mm) tell where the printer put the form: paper mm = form mm * scale + shift. Pens and hands
    draw on `gray` in place. `missing` holds outlines (dots) where there is no paper any more: the scanner sees its lid.
    `tint` (rows, columns, blue green red) is the light that coloured ink lets through, 255 all; None without any.
    """

    gray: Gray
    dpi: float
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    missing: tuple[NDArray[np.float32], ...] = ()
    tint: Gray | None = None

    @property
    def dots(self) -> float:
        """Dots per millimetre of the printed form."""
        return self.dpi / INCH * self.scale

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the form (mm) lies on `gray` (dots)."""
        dots = self.dpi / INCH
        return (x * self.scale + self.shift[0]) * dots, (y * self.scale + self.shift[1]) * dots

    def copy(self) -> PaperSheet:
        """The same sheet, to be treated apart."""
        tint = None if self.tint is None else self.tint.copy()
        return PaperSheet(self.gray.copy(), self.dpi, self.scale, self.shift, self.missing, tint)

    def coloured(self) -> Gray:
        """The layer of coloured ink, to be drawn on in place."""
        if self.tint is None:
            self.tint = np.full((*self.gray.shape, 3), 255, np.uint8)
        return self.tint

    def seen(self, lamp: str = "white") -> Gray:
        """The sheet as gray under a lamp of `LAMPS`: red ink is black under green light, none at all under red."""
        if self.tint is None:
            return self.gray
        plane = LAMPS[lamp]
        light: Any = cv2.cvtColor(self.tint, cv2.COLOR_BGR2GRAY) if plane is None else self.tint[..., plane]
        done: Gray = cv2.multiply(self.gray, np.ascontiguousarray(light), scale=1 / 255)
        return done


@dataclass(frozen=True, slots=True)
class Printer:
    """A laser printer: toner density 0..1, size and shift errors (mm), specks of toner a page, missing toner 0..1.

    `copied` 0..1 is how far the form was copied on a photocopier: thick blurred lines and a gray haze.
    """

    density: float = 1.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    wander: float = 0.2
    specks: float = 6.0
    pallor: float = 0.0
    paper: int = 247
    copied: float = 0.0


@dataclass(frozen=True, slots=True)
class Wear:
    """What a sheet went through: creases, folded corners (mm along the edge, 0 none), a coffee ring, smudges."""

    creases: int = 0
    dog_ears: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    coffee: bool = False
    smudges: int = 0


def draw_printer(rng: Generator, population: str = "ordinary") -> Printer:
    """A printer of the population `ordinary`, `hard` (old drums, thin toner, sizes 1 % off) or `nasty`."""
    if population == "nasty":
        return _nasty_printer(rng)
    hard = population == "hard"
    return Printer(
        density=float(rng.uniform(0.55, 0.9) if hard else rng.uniform(0.86, 1.0)),
        scale=1.0 + float(rng.uniform(-0.01, 0.01) if hard else rng.normal(0, 0.002)),
        shift=(float(rng.normal(0, 1.6 if hard else 0.7)), float(rng.normal(0, 1.6 if hard else 0.7))),
        wander=0.5 if hard else 0.2,
        specks=float(rng.uniform(10, 120) if hard else rng.uniform(0, 12)),
        pallor=float(rng.uniform(0, 0.5) if hard else 0.0),
        paper=int(rng.integers(222, 246) if hard else rng.integers(240, 252)),
    )


def _nasty_printer(rng: Generator) -> Printer:
    """One of the others, or with an empty cartridge, a photocopier's copy, a page "fitted to paper"."""
    printer = draw_printer(rng, "hard" if rng.random() < 0.4 else "ordinary")
    change = pick(rng, {"none": 4.0, "low toner": 1.0, "copied": 1.5, "fitted": 1.5})
    if change == "low toner":
        return replace(printer, density=float(rng.uniform(0.38, 0.55)), pallor=float(rng.uniform(0.1, 0.5)))
    if change == "copied":
        copier = printer.scale * float(rng.uniform(0.985, 1.01))
        return replace(printer, copied=float(rng.uniform(0.3, 1.0)), scale=copier)
    if change == "fitted":
        margins = float(rng.normal(3, 1)), float(rng.normal(4, 1))
        return replace(printer, scale=float(rng.uniform(0.965, 0.985)), shift=margins)
    return printer


def draw_wear(rng: Generator, population: str = "ordinary") -> Wear:
    """What happens to one sheet; most of the `ordinary` ones stay clean."""
    odds = {"ordinary": 0.02, "careless": 0.08, "hard": 0.25, "nasty": 0.12}[population]
    ears = tuple(float(rng.uniform(4, 13)) if rng.random() < odds / 3 else 0.0 for _ in range(4))
    return Wear(
        creases=int(rng.binomial(2, odds)),
        dog_ears=(ears[0], ears[1], ears[2], ears[3]),
        coffee=bool(rng.random() < odds / 4),
        smudges=int(rng.poisson(odds * 4)),
    )


def print_pages(pdf: bytes, rng: Generator, printer: Printer, dpi: int = 200) -> Iterator[PaperSheet]:
    """Print every page of a PDF, one after the other; all random parts follow from `rng`."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for index in range(len(document)):
            yield _print_page(document[index], rng, printer, dpi)
    finally:
        document.close()


def wear_out(sheet: PaperSheet, wear: Wear, rng: Generator) -> None:
    """Let the filled sheet go through `wear`, in place."""
    for _ in range(wear.smudges):
        _smudge(sheet, rng)
    if wear.coffee:
        _coffee_ring(sheet, rng)
    for _ in range(wear.creases):
        _crease(sheet, rng)
    for corner, size in enumerate(wear.dog_ears):
        if size:
            _dog_ear(sheet, corner, size, rng)


@cache
def _fibres() -> Gray:
    """A tile of paper: fibres and clouds, the same in every run."""
    rng = stream("paper fibres")
    fine = rng.normal(0, 1, (1024, 1024)).astype(np.float32)
    clouds = cv2.GaussianBlur(rng.normal(0, 1, (1024, 1024)).astype(np.float32), (0, 0), 9)
    mixed = fine * 0.9 + cv2.GaussianBlur(fine, (0, 0), 1.5) * 5 + clouds * 22
    done: Gray = np.clip(252 + mixed, 0, 255).astype(np.uint8)
    return done


def _print_page(page: pypdfium2.PdfPage, rng: Generator, printer: Printer, dpi: int) -> PaperSheet:
    form = page.render(scale=dpi / 72 * printer.scale, grayscale=True).to_numpy()
    height, width = (round(side / 72 * dpi) for side in (page.get_height(), page.get_width()))
    dots = dpi / INCH
    # Whole dots: the printer's own grid; nothing is resampled twice.
    left, top = (round((s + float(rng.normal(0, printer.wander))) * dots) for s in printer.shift)
    gray = np.full((height, width), 255, np.uint8)
    form = form.reshape(form.shape[:2])[max(0, -top) : height - top, max(0, -left) : width - left]
    gray[max(0, top) : max(0, top) + form.shape[0], max(0, left) : max(0, left) + form.shape[1]] = form
    gray = _toner(gray, rng, printer)
    _specks(gray, rng, printer, dots)
    if printer.copied:
        gray = _photocopy(gray, rng, printer.copied, dots)
    return PaperSheet(_on_paper(gray, rng, printer), float(dpi), printer.scale, (left / dots, top / dots))


def _toner(gray: Gray, rng: Generator, printer: Printer) -> Gray:
    """Thin toner is gray; a tired drum leaves paler bands along the feed."""
    table = np.clip(255 - (255 - np.arange(256)) * printer.density, 0, 255).astype(np.uint8)
    gray = cv2.LUT(gray, table)
    if printer.pallor > 0:
        bands = cv2.resize(rng.uniform(0, 70 * printer.pallor, (1, 9)).astype(np.uint8), gray.shape[1::-1])
        gray = cv2.max(gray, bands)
    return gray


def _photocopy(gray: Gray, rng: Generator, copied: float, dots: float) -> Gray:
    """What a photocopier makes of a print: lines run thick and soft, edges harden again, haze and pepper between."""
    thick: Any = cv2.erode(gray, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    gray = cv2.addWeighted(gray, 1 - 0.8 * copied, thick, 0.8 * copied, 0)
    gray = cv2.GaussianBlur(gray, (0, 0), (0.05 + 0.08 * copied) * dots)
    levels = np.arange(256) / 255
    curve = (1 - copied / 2) * levels + copied / 2 * (0.5 + 0.5 * np.tanh(4 * (levels - 0.5)) / np.tanh(2))
    gray = cv2.LUT(gray, np.clip(np.rint(curve * 255), 0, 255).astype(np.uint8))
    haze = rng.uniform(6, 44 * copied + 8, (5, 4)).astype(np.uint8)
    gray = cv2.subtract(gray, cv2.resize(haze, gray.shape[1::-1]))
    _specks(gray, rng, Printer(specks=150 * copied), dots)
    done: Gray = gray
    return done


def _specks(gray: Gray, rng: Generator, printer: Printer, dots: float) -> None:
    count = int(rng.poisson(printer.specks))
    height, width = gray.shape
    for x, y, size in zip(rng.integers(0, width, count).tolist(), rng.integers(0, height, count).tolist(),
                          rng.exponential(0.06, count).tolist(), strict=True):  # fmt: skip
        cv2.circle(gray, (x, y), min(round(size * dots), 2), 60, -1)


def _on_paper(gray: Gray, rng: Generator, printer: Printer) -> Gray:
    tile = np.roll(_fibres(), tuple(int(n) for n in rng.integers(0, 1024, 2)), (0, 1))
    height, width = gray.shape
    paper = np.tile(tile, (math.ceil(height / 1024), math.ceil(width / 1024)))[:height, :width]
    done: Gray = cv2.multiply(gray, paper, scale=printer.paper / 252 / 255)
    return done


def _smudge(sheet: PaperSheet, rng: Generator) -> None:
    """A finger's mark: a soft gray patch, too pale to be taken for a mark."""
    dots = sheet.dpi / INCH
    size = int(rng.uniform(4, 10) * dots)
    y, x = (int(rng.integers(0, side - size)) for side in sheet.gray.shape)
    patch = cv2.GaussianBlur(rng.uniform(0, 1, (size, size)).astype(np.float32), (0, 0), size / 12)
    yy, xx = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    patch = (patch - patch.min()) / (np.ptp(patch) + 1e-6) * np.clip(1 - (xx**2 + yy**2), 0, 1)
    window = sheet.gray[y : y + size, x : x + size]
    window[:] = cv2.subtract(window, (patch * float(rng.uniform(12, 32))).astype(np.uint8))


def _coffee_ring(sheet: PaperSheet, rng: Generator) -> None:
    """The ring a cup leaves: a thin brown rim, a paler inside."""
    dots = sheet.dpi / INCH
    radius = float(rng.uniform(30, 42)) * dots
    size = int(radius * 2.3)
    height, width = sheet.gray.shape
    x, y = int(rng.integers(-size // 2, width - size // 2)), int(rng.integers(-size // 2, height - size // 2))
    yy, xx = np.mgrid[:size, :size].astype(np.float32)
    angle = np.arctan2(yy - size / 2, xx - size / 2)
    away = np.hypot(yy - size / 2, xx - size / 2) / radius + 0.012 * np.sin(3 * angle + float(rng.uniform(0, 6)))
    uneven = 0.65 + 0.35 * np.sin(angle + float(rng.uniform(0, 6)))
    stain = (46 * np.exp(-(((away - 1) / 0.022) ** 2)) + 9 * (away < 1)) * uneven
    top, left, bottom, right = max(0, y), max(0, x), min(height, y + size), min(width, x + size)
    window = sheet.gray[top:bottom, left:right]
    window[:] = cv2.subtract(window, stain[top - y : bottom - y, left - x : right - x].astype(np.uint8))


def _crease(sheet: PaperSheet, rng: Generator) -> None:
    """A fold across the sheet: a shadow beside a light edge, toner broken off along it."""
    height, width = sheet.gray.shape
    dots = sheet.dpi / INCH
    if rng.random() < 0.6:  # folded across the middle, as people carry it
        y = height / 2 + float(rng.normal(0, height / 8))
        ends = np.array([[0, y], [width, y + float(rng.normal(0, 8)) * dots]])
    else:
        ends = rng.uniform(0, 1, (2, 2)) * (width, height)
    along = np.linspace(ends[0], ends[1], 14) + rng.normal(0, 0.12, (14, 2)) * dots
    points = (along * 8).astype(np.int32).reshape(-1, 1, 2)
    dark, light = np.zeros_like(sheet.gray), np.zeros_like(sheet.gray)
    strength = int(rng.uniform(18, 60))
    cv2.polylines(dark, [points], False, strength, max(1, round(0.3 * dots)), cv2.LINE_AA, 3)
    cv2.polylines(light, [points + np.int32(0.25 * dots * 8)], False, strength // 2, max(1, round(0.2 * dots)),
                  cv2.LINE_AA, 3)  # fmt: skip
    sheet.gray[:] = cv2.add(cv2.subtract(sheet.gray, cv2.blur(dark, (3, 3))), light)


def _dog_ear(sheet: PaperSheet, corner: int, size: float, rng: Generator) -> None:
    """Fold a corner (0 top left, then clockwise) onto the page: the back of the sheet hides what lies under it."""
    height, width = sheet.gray.shape
    dots = sheet.dpi / INCH
    x, y = ((0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1))[corner]
    sx, sy = (1 if x == 0 else -1), (1 if y == 0 else -1)
    a, b = size * dots * float(rng.uniform(0.75, 1.3)), size * dots
    tip = np.array([x, y]) + np.array([sx, sy]) * (2 * a * b / (a * a + b * b)) * np.array([b, a])
    first, second = np.array([x + sx * a, y]), np.array([x, y + sy * b])
    flap = np.array([tip, first, second]).astype(np.int32)
    shadow = np.zeros_like(sheet.gray)
    cv2.fillConvexPoly(shadow, flap + np.int32(0.5 * dots) * np.array([sx, sy], np.int32), 70)
    sheet.gray[:] = cv2.subtract(sheet.gray, cv2.blur(shadow, (9, 9)))
    cv2.fillConvexPoly(sheet.gray, flap, 236)
    cv2.polylines(sheet.gray, [flap], True, 190, 1, cv2.LINE_AA)
    sheet.missing += (np.array([[x, y], first, second], np.float32),)
