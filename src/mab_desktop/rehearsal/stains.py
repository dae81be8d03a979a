"""What comes over a filled sheet besides wear: ink from the back, highlighter, stamps, water, holes, crumpling.

None of it is a mark, and none of it makes a mark another one: a careful human looks past it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator

from mab_desktop.rehearsal.chance import pick, stream
from mab_desktop.rehearsal.letters import strokes
from mab_desktop.rehearsal.paper import INCH, Gray, PaperSheet

# Light that passes, blue green red.
HIGHLIGHTERS = {"yellow": (120, 250, 252), "green": (130, 250, 165), "pink": (225, 165, 252), "orange": (110, 190, 253)}
STAMP_INKS = {"blue": (190, 95, 60), "violet": (165, 75, 110), "black": (70, 65, 65)}
BACKS = 4  # different backs in stock
STAMP_WORDS = ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "УНИВЕРСИТЕТ", "ТЕКСЕРІЛДІ", "АЛМАТЫ")
HOLES = {0: (), 2: (108.5, 188.5), 4: (28.5, 108.5, 188.5, 268.5)}  # mm from the top, ISO 838
HOLE_FROM_EDGE, HOLE_RADIUS = 12.0, 3.0


@dataclass(frozen=True, slots=True)
class Stains:
    """How much of each lies on a sheet; all off by default.

    `back` 0..1 how far writing on the back comes through (1 as felt tip on thin paper), `highlighter` and `stamps` how
    many, `water` how many drops that let ink run, `staple` and `holes` (0, 2 or 4 punched), `crumple` 0..1.
    """

    back: float = 0.0
    highlighter: int = 0
    stamps: int = 0
    water: int = 0
    staple: bool = False
    holes: int = 0
    crumple: float = 0.0


CLEAN = Stains()


def draw_stains(rng: Generator, population: str = "ordinary") -> Stains:
    """What a sheet of the population carries: nothing, but for the `nasty` one, where half of the sheets have some."""
    if population != "nasty":
        return CLEAN

    def comes(share: float) -> bool:
        return bool(rng.random() < share)

    return Stains(
        back=float(rng.uniform(0.2, 1.0)) if comes(0.12) else 0.0,
        highlighter=int(rng.integers(1, 4)) if comes(0.08) else 0,
        stamps=1 if comes(0.1) else 0,
        water=int(rng.integers(1, 4)) if comes(0.06) else 0,
        staple=comes(0.08),
        holes=int(pick(rng, {"2": 3.0, "4": 1.0})) if comes(0.08) else 0,
        crumple=float(rng.uniform(0.2, 1.0)) if comes(0.12) else 0.0,
    )


def soil(sheet: PaperSheet, stains: Stains, rng: Generator, blank: Gray | None = None) -> None:
    """Let all of it come over the sheet, in place; with `blank`, its print, water lets only the ink run."""
    for _ in range(stains.water):
        _water(sheet, rng, blank)
    for _ in range(stains.highlighter):
        _highlight(sheet, rng)
    for _ in range(stains.stamps):
        _stamp(sheet, rng)
    if stains.back:
        _back(sheet, stains.back, rng)
    if stains.crumple:
        _crumple(sheet, stains.crumple, rng)
    if stains.staple:
        _staple(sheet, rng)
    for y in HOLES[stains.holes]:
        _hole(sheet, HOLE_FROM_EDGE + float(rng.normal(0, 0.8)), y + float(rng.normal(0, 0.5)), HOLE_RADIUS)


def _water(sheet: PaperSheet, rng: Generator, blank: Gray | None) -> None:
    """A drop that fell on the writing: ink spreads into it and gathers at its edge; toner stays."""
    dots = sheet.dpi / INCH
    radius = float(rng.uniform(3, 11))
    x, y = float(rng.uniform(15, 195)) * dots, float(rng.uniform(30, 280)) * dots
    size = round(radius * 2.6 * dots)
    top, left = max(0, round(y - size / 2)), max(0, round(x - size / 2))
    window = sheet.gray[top : top + size, left : left + size]
    if not window.size:
        return
    yy, xx = np.mgrid[: window.shape[0], : window.shape[1]].astype(np.float32)
    away = np.hypot(yy + top - y, xx + left - x) / (radius * dots)
    away *= 1 + 0.07 * np.sin(3 * np.arctan2(yy + top - y, xx + left - x) + float(rng.uniform(0, 6)))
    wet = np.clip((1.04 - away) / 0.08, 0, 1)
    edge = np.exp(-(((away - 1) / 0.05) ** 2)) * float(rng.uniform(0.02, 0.09))
    carried, spread = float(rng.uniform(0.2, 0.55)), float(rng.uniform(0.25, 0.6)) * dots
    base = np.full(window.shape, 255, np.uint8) if blank is None else blank[top : top + size, left : left + size]
    window[:] = _run(window, base, wet, edge, carried, spread)
    if sheet.tint is not None:
        for plane in range(3):
            tint = sheet.tint[top : top + size, left : left + size, plane]
            tint[:] = _run(tint, np.full(tint.shape, 255, np.uint8), wet, edge, carried, spread)


def _run(window: Gray, base: Gray, wet: Any, edge: Any, carried: float, spread: float) -> Gray:
    """Ink (what darkens `base`) of the wet part partly spread out, and a tide line."""
    passed = np.minimum(window / np.maximum(base, 1).astype(np.float32), 1)
    soft = cv2.GaussianBlur(passed.astype(np.float32), (0, 0), spread)
    far = cv2.GaussianBlur(passed.astype(np.float32), (0, 0), 3 * spread)
    run = (1 - carried) * passed + carried * (0.7 * soft + 0.3 * far)
    done: Gray = np.clip(base * (passed * (1 - wet) + run * wet) * (1 - edge), 0, 255).astype(np.uint8)
    return done


def _highlight(sheet: PaperSheet, rng: Generator) -> None:
    """A stroke of a highlighter across some rows: light, flat, with round ends and doubled edges."""
    dots = sheet.dpi / INCH
    colour = np.array(HIGHLIGHTERS[pick(rng, {"yellow": 3.0, "green": 1.0, "pink": 1.0, "orange": 1.0})])
    x, y, length = float(rng.uniform(20, 140)), float(rng.uniform(35, 270)), float(rng.uniform(15, 90))
    line = np.stack((np.linspace(x, x + length, 6), y + rng.normal(0, 0.4, 6)), 1) * dots
    width = float(rng.uniform(3.5, 5.0)) * dots
    top, bottom = max(0, int(line[:, 1].min() - width)), int(line[:, 1].max() + width)
    left, right = max(0, int(line[0, 0] - width)), int(line[-1, 0] + width)
    window = sheet.coloured()[top:bottom, left:right]
    mask = np.zeros(window.shape[:2], np.uint8)
    points = np.rint((line - (left, top)) * 8).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(mask, [points], False, 255, round(width), cv2.LINE_AA, 3)
    edge = cv2.absdiff(mask, cv2.erode(mask, np.ones((3, 3), np.uint8)))
    share = (mask.astype(np.float32) + 0.25 * edge)[..., None] / 255 * float(rng.uniform(0.75, 1.0))
    window[:] = np.clip(window * (1 - share * (1 - colour / 255)), 0, 255)


def _stamp(sheet: PaperSheet, rng: Generator) -> None:
    """A stamp set down anywhere, often by the signature: rings and letters of uneven ink."""
    dots = sheet.dpi / INCH
    mask = _stamps(round(dots * 100))[int(rng.integers(STAMPS))]
    side = mask.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.normal(0, 12)), 1.0)
    turned: Any = cv2.warpAffine(mask, turn, (side, side))
    near = rng.random() < 0.5
    x = float(rng.normal(165, 12) if near else rng.uniform(20, 190)) * dots - side / 2
    y = float(rng.normal(112, 10) if near else rng.uniform(20, 280)) * dots - side / 2
    left, top = max(0, int(x)), max(0, int(y))
    window = sheet.coloured()[top : int(y) + side, left : int(x) + side]
    if not window.size:
        return
    cut = turned[top - int(y) :, left - int(x) :][: window.shape[0], : window.shape[1]]
    pressed = cv2.resize(rng.uniform(0.25, 1.0, (5, 5)).astype(np.float32), cut.shape[1::-1])
    share = (cut / 255 * pressed * float(rng.uniform(0.45, 0.95)))[..., None]
    ink = np.array(STAMP_INKS[pick(rng, {"blue": 3.0, "violet": 2.0, "black": 0.5})])
    window[:] = np.clip(window * (1 - share * (1 - ink / 255)), 0, 255)


STAMPS = 3


@lru_cache(maxsize=4)
def _stamps(dots: int) -> tuple[Gray, ...]:
    """Stamps as ink 0..255 at `dots` per 100 mm: two round ones and a box."""
    return _round_stamp(dots / 100, 19.0), _round_stamp(dots / 100, 14.0), _box_stamp(dots / 100)


def _round_stamp(dots: float, radius: float) -> Gray:
    side = math.ceil(2 * radius * 1.3 * dots)
    mask = np.zeros((side, side), np.uint8)
    middle = (side // 2, side // 2)
    for share, width in ((1.0, 0.7), (0.93, 0.3), (0.62, 0.4)):
        cv2.circle(mask, middle, round(radius * share * dots), 255, max(1, round(width * dots)), cv2.LINE_AA)
    text = STAMP_WORDS[0] + " " + STAMP_WORDS[3] + " "
    for n, letter in enumerate(text):
        angle = 2 * math.pi * n / len(text)
        out = np.array([math.cos(angle), math.sin(angle)])
        for stroke in strokes(letter) if letter != " " else ():
            local = (stroke - 0.5) * (0.13 * radius, 0.17 * radius)
            points = local[:, :1] * np.array([-out[1], out[0]]) - local[:, 1:] * out + out * radius * 0.775
            _stroke(mask, points * dots + side / 2, 0.35 * dots)
    _text(mask, STAMP_WORDS[1], (side / 2 - 0.5 * radius * dots, side / 2), radius * 0.13, dots)
    return cv2.GaussianBlur(mask, (0, 0), 0.08 * dots)


def _box_stamp(dots: float) -> Gray:
    side = math.ceil(46 * dots)
    mask = np.zeros((side, side), np.uint8)
    half, high = 20 * dots, 7 * dots
    first, last = ((round(side / 2 + s * half), round(side / 2 + s * high)) for s in (-1, 1))
    cv2.rectangle(mask, first, last, 255, max(1, round(0.7 * dots)))
    _text(mask, STAMP_WORDS[2], (side / 2 - 0.85 * half, side / 2), 3.2, dots)
    return cv2.GaussianBlur(mask, (0, 0), 0.08 * dots)


def _text(mask: Gray, text: str, start: tuple[float, float], wide: float, dots: float) -> None:
    for n, letter in enumerate(text):
        for stroke in strokes(letter):
            points = (stroke - (0, 0.5)) * (wide * dots, wide * 1.4 * dots)
            _stroke(mask, points + start + (n * wide * 1.3 * dots * 0.8, 0), 0.4 * dots)


def _stroke(mask: Gray, points: Any, width: float) -> None:
    way = np.rint(points * 8).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(mask, [way], False, 255, max(1, round(width)), cv2.LINE_AA, 3)


def _back(sheet: PaperSheet, strength: float, rng: Generator) -> None:
    """Writing on the back shows through, mirrored and soft, in some part of the page."""
    page = _backs(sheet.gray.shape[0], sheet.gray.shape[1], sheet.dpi)[int(rng.integers(BACKS))]
    moved = np.roll(page, int(rng.integers(page.shape[0])), axis=0)
    depth = 0.04 + 0.16 * strength
    first = int(rng.integers(0, page.shape[0] // 2))
    rows = slice(first, first + int(rng.uniform(0.2, 1.0) * page.shape[0]))
    window = sheet.gray[rows]
    window[:] = cv2.addWeighted(window, 1.0, cv2.multiply(window, moved[rows], scale=1 / 255), -depth, 0)


@lru_cache(maxsize=3)
def _backs(height: int, width: int, dpi: float) -> tuple[Gray, ...]:
    """Backs of sheets with drafts on them, seen through the paper: ink 0..255."""
    return tuple(_back_page(height, width, dpi / INCH, stream("back", n)) for n in range(BACKS))


def _back_page(height: int, width: int, dots: float, rng: Generator) -> Gray:
    page = np.zeros((height, width), np.uint8)
    tall, thick = float(rng.uniform(2.5, 5)), float(rng.uniform(0.35, 1.0))
    letters = "АӘБВГҒДЕЖИКЛМНОРСТУФХЦШ0123456789"
    for y in np.arange(15, 285, tall * 2.1):
        for x in np.arange(15, float(rng.uniform(60, 195)), tall):
            for stroke in strokes(letters[int(rng.integers(len(letters)))]):
                points = stroke * (0.7 * tall, tall) + (x, y) + rng.normal(0, 0.1, (1, 2))
                _stroke(page, points * dots, thick * dots)
    return cv2.GaussianBlur(cv2.flip(page, 1), (0, 0), 0.25 * dots)


def _crumple(sheet: PaperSheet, amount: float, rng: Generator) -> None:
    """Light and shade of paper that was crumpled and smoothed again."""
    relief = _reliefs()[int(rng.integers(len(_reliefs())))]
    turned = cv2.flip(relief, int(rng.integers(-1, 2)))
    gains = np.clip(255 * (1 - 0.02 * amount + 0.16 * amount * (turned - 0.35)), 150, 255).astype(np.uint8)
    large = cv2.resize(gains, sheet.gray.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    sheet.gray[:] = cv2.multiply(sheet.gray, large, scale=1 / 255)


@lru_cache(maxsize=1)
def _reliefs() -> tuple[Any, ...]:
    return tuple(_relief(stream("relief", n)) for n in range(5))


def _relief(rng: Generator) -> Any:
    """Slopes of a crumpled sheet at a quarter of a mm: flat facets that meet in sharp folds, mostly below 0."""
    yy, xx = np.mgrid[0:594:2, 0:420:2].astype(np.float32)
    relief = np.zeros(yy.shape, np.float32)
    for _ in range(26):
        angle, x, y = float(rng.uniform(0, math.pi)), float(rng.uniform(0, 420)), float(rng.uniform(0, 594))
        across = (xx - x) * math.cos(angle) + (yy - y) * math.sin(angle)
        along = np.abs(-(xx - x) * math.sin(angle) + (yy - y) * math.cos(angle))
        reach = np.clip(1.4 - along / float(rng.uniform(60, 260)), 0, 1)
        fade = np.exp(-np.abs(across) / float(rng.uniform(6, 70)))
        relief += float(rng.uniform(0.2, 1.0)) * np.sign(across) * fade * reach
    done = relief / np.abs(relief).max()
    return cv2.resize(done.astype(np.float32), (630, 891))


def _staple(sheet: PaperSheet, rng: Generator) -> None:
    """A staple was in the top left corner: two holes and the dent of its back between them."""
    dots = sheet.dpi / INCH
    x, y, turn = float(rng.uniform(7, 17)), float(rng.uniform(7, 17)), float(rng.choice([0.0, -0.785]))
    way = np.array([math.cos(turn), math.sin(turn)]) * 6.0
    first, second = np.array([x, y]) - way, np.array([x, y]) + way
    dent = np.rint(np.array([first, second]) * dots * 8).astype(np.int32).reshape(-1, 1, 2)
    layer = np.zeros_like(sheet.gray[: round(30 * dots), : round(30 * dots)])
    cv2.polylines(layer, [dent], False, int(rng.integers(20, 90)), max(1, round(0.45 * dots)), cv2.LINE_AA, 3)
    window = sheet.gray[: layer.shape[0], : layer.shape[1]]
    window[:] = cv2.subtract(window, layer)
    for at in (first, second):
        _hole(sheet, float(at[0]), float(at[1]), float(rng.uniform(0.25, 0.5)))


def _hole(sheet: PaperSheet, x: float, y: float, radius: float) -> None:
    """A round hole at a place of the paper (mm): the lid shows."""
    angle = np.linspace(0, 2 * math.pi, 20, endpoint=False)
    outline = (np.stack((np.cos(angle), np.sin(angle)), 1) * radius + (x, y)) * sheet.dpi / INCH
    sheet.missing += (outline.astype(np.float32),)
