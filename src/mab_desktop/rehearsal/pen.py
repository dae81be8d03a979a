"""Pens and the people who hold them: marks drawn into the bubbles of a printed sheet.

A stroke is a line of points in millimetres around the bubble's centre. All strokes of a sheet are drawn into a stack of
small stamps, finer than the page, shrunk at once and laid over the paper: ink only ever darkens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.domain.sheet import Bubble, SheetLayout
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.chance import pick, stream
from mab_desktop.rehearsal.paper import PaperSheet

Strokes = list[NDArray[np.float64]]

POPULATIONS = ("ordinary", "careless", "hard")
STYLES = ("fill", "spiral", "hatch", "cross", "tick", "dot", "half", "line")
STAMP = 6.8  # mm: room for the longest tick
# A faint mark gets this share of the usual ink, but neither it nor a usual one so little that a human would overlook
# it; what an eraser leaves stays well below: the light that is taken off the paper where strokes pass, 0..1.
FAINT, FAINT_LEAST, LEAST = (0.34, 0.5), 0.21, 0.36
SHADOW = (0.03, 0.07)
# mm: a mark further from its bubble than this would leave a human in doubt which one is meant.
ASTRAY = 1.4


@dataclass(frozen=True, slots=True)
class Pen:
    """A pen in a hand: the same for the whole sheet.

    `ink` is the gray level of unmixed ink, `darkness` 0..1 how much of it lies where a stroke passed, `width` the
    stroke in mm, `coverage` 0..1 how dense the strokes are, `reach` how far they go (1 is the printed ring), `jitter`
    (mm) how far marks stray from the centre, `lean` (mm) where they stray always, `grain` 0..1 how much of the paper's
    roughness shows, `bleed` (mm) how ink runs, `slips` the share of marks in the `second` style, `strays` specks a
    sheet.
    """

    tool: str = "ballpoint"
    style: str = "fill"
    second: str = "hatch"
    slips: float = 0.0
    ink: int = 40
    darkness: float = 0.9
    width: float = 0.45
    coverage: float = 0.95
    reach: float = 0.95
    jitter: float = 0.15
    lean: tuple[float, float] = (0.0, 0.0)
    slant: float = 0.7
    wobble: float = 0.06
    grain: float = 0.25
    bleed: float = 0.05
    strays: float = 0.3


# tool: ink gray (low, high), darkness, stroke mm, grain, bleed mm
TOOLS: dict[str, tuple[tuple[int, int], tuple[float, float], tuple[float, float], tuple[float, float], float]] = {
    "black ballpoint": ((28, 60), (0.82, 0.97), (0.35, 0.6), (0.15, 0.4), 0.05),
    "blue ballpoint": ((62, 112), (0.78, 0.95), (0.35, 0.6), (0.15, 0.4), 0.05),
    "gel": ((12, 38), (0.93, 1.0), (0.45, 0.7), (0.0, 0.1), 0.09),
    "felt tip": ((20, 70), (0.9, 1.0), (0.8, 1.3), (0.0, 0.12), 0.16),
    "soft pencil": ((52, 92), (0.68, 0.88), (0.5, 0.9), (0.4, 0.65), 0.03),
    "hard pencil": ((92, 124), (0.62, 0.85), (0.38, 0.65), (0.35, 0.6), 0.03),
    "light blue": ((104, 138), (0.75, 0.92), (0.35, 0.55), (0.2, 0.45), 0.05),
    "dry ballpoint": ((40, 90), (0.5, 0.72), (0.3, 0.45), (0.5, 0.75), 0.03),
}
WHICH_TOOL = {
    "ordinary": {"black ballpoint": 6.0, "blue ballpoint": 2.0, "gel": 2.0, "soft pencil": 0.4},
    "careless": {"black ballpoint": 4.0, "blue ballpoint": 3.0, "gel": 2.0, "felt tip": 0.5, "soft pencil": 1.5},
    "hard": {"blue ballpoint": 2.0, "felt tip": 1.0, "soft pencil": 2.0, "hard pencil": 2.5, "light blue": 1.5,
             "dry ballpoint": 1.5},
}  # fmt: skip
WHICH_STYLE = {
    "ordinary": {"fill": 7.0, "spiral": 3.0},
    "careless": {"fill": 4.0, "spiral": 2.5, "hatch": 1.5, "half": 0.5, "cross": 0.8, "tick": 0.6},
    "hard": {"fill": 3.0, "spiral": 2.0, "hatch": 2.0, "half": 1.0, "cross": 1.5, "tick": 1.2, "dot": 0.7, "line": 0.8},
}
# coverage, reach (low, high); jitter mm; lean mm; share of second style; strays
HABITS: dict[str, tuple[tuple[float, float], tuple[float, float], float, float, float, float]] = {
    "ordinary": ((0.86, 1.0), (0.86, 1.05), 0.14, 0.1, 0.01, 0.2),
    "careless": ((0.62, 1.0), (0.72, 1.2), 0.24, 0.22, 0.06, 0.8),
    "hard": ((0.45, 0.95), (0.6, 1.25), 0.32, 0.32, 0.12, 2.0),
}


def draw_pen(rng: Generator, population: str = "ordinary") -> Pen:
    """A pen and a person's habits with it, out of the population `ordinary`, `careless` or `hard`."""
    tool = pick(rng, WHICH_TOOL[population])
    ink, darkness, width, grain, bleed = TOOLS[tool]
    coverage, reach, jitter, lean, slips, strays = HABITS[population]
    style = pick(rng, WHICH_STYLE[population])
    return Pen(
        tool=tool, style=style, second=pick(rng, WHICH_STYLE[population]), slips=float(rng.uniform(0, 2 * slips)),
        ink=int(rng.integers(*ink)), darkness=float(rng.uniform(*darkness)), width=float(rng.uniform(*width)),
        coverage=float(rng.uniform(*coverage)), reach=float(rng.uniform(*reach)),
        jitter=float(rng.uniform(0.4, 1.2)) * jitter,
        lean=(float(rng.normal(0, lean)), float(rng.normal(0, lean))), slant=float(rng.normal(0.7, 0.5)),
        wobble=float(rng.uniform(0.03, 0.1)), grain=float(rng.uniform(*grain)), bleed=bleed, strays=strays,
    )  # fmt: skip


def draw_marks(sheet: PaperSheet, layout: SheetLayout, truth: SheetTruth, pen: Pen, rng: Generator) -> None:
    """Put a sheet's marks, shadows of erased marks and specks on the paper, in place.

    Fields in `truth.printed` stay as the printer left them.
    """
    marks: list[Bubble] = []
    strength: list[float] = []
    gone = {(field, column, value) for field, column, value in truth.erased}
    shadows: list[Bubble] = []
    for bubble in layout.bubbles:
        column = str(bubble.column)
        if bubble.field in truth.printed:
            continue
        if bubble.value in truth.marks.get(bubble.field, {}).get(column, ()):
            marks.append(bubble)
            faint = (bubble.field, column) in truth.faint
            share = float(rng.uniform(*FAINT)) if faint else float(rng.normal(1, 0.04))
            strength.append(max(share, (FAINT_LEAST if faint else LEAST) / _power(pen)))
        elif (bubble.field, column, bubble.value) in gone:
            shadows.append(bubble)
    if shadows:
        _erased(sheet, shadows, pen, rng)
    _lay(sheet, marks, strength, pen, rng)
    if truth.used:
        _strays(sheet, layout, pen, rng)


def ink_layer(
    sheet: PaperSheet, stamps: NDArray[np.uint8], corners: NDArray[np.int64], strength: Sequence[float], pen: Pen,
    rng: Generator,
) -> None:  # fmt: skip
    """Lay covered areas on the paper as ink: `stamps` (n, h, w) 0..255 at page resolution, `corners` (n, 2) x, y."""
    count, height, width = stamps.shape
    grain = _grain()
    start = int(rng.integers(0, grain.size - stamps.size)) if stamps.size < grain.size else 0
    rough = np.resize(grain[start : start + stamps.size], stamps.shape)
    # A pencil or a dry ball misses the valleys of the paper; the harder it is pressed, the fewer.
    share = stamps.astype(np.float32) / 255
    share *= 1 - pen.grain * rough
    power = np.clip(np.asarray(strength, np.float32) * pen.darkness, 0, 1) * (1 - pen.ink / 255)
    left = (255 - 255 * share * power[:, None, None]).astype(np.uint8)
    page_height, page_width = sheet.gray.shape
    for (x, y), factor in zip(corners.tolist(), left, strict=True):
        top, side = max(0, -y), max(0, -x)
        window = sheet.gray[y + top : min(y + height, page_height), x + side : min(x + width, page_width)]
        if window.size:
            window[:] = cv2.multiply(
                window, factor[top : top + window.shape[0], side : side + window.shape[1]], scale=1 / 255
            )


def _power(pen: Pen) -> float:
    """How much light a stroke of full strength takes off the paper, 0..1."""
    return pen.darkness * (1 - pen.ink / 255) * (1 - pen.grain / 2)


def stroke_thickness(width: float, dots: float) -> int:
    """A stroke's width (mm) in dots of a canvas, at least one."""
    return max(1, round(width * dots))


def _lay(sheet: PaperSheet, bubbles: Sequence[Bubble], strength: Sequence[float], pen: Pen, rng: Generator) -> None:
    """Draw a mark into each bubble."""
    if not bubbles:
        return
    dots = sheet.dpi / 25.4
    fine = 3 if sheet.dpi <= 220 else 2
    side = math.ceil(STAMP * dots)
    centres = np.array([sheet.place(b.x, b.y) for b in bubbles])
    centres += np.clip(rng.normal(0, pen.jitter, centres.shape) + np.array(pen.lean), -ASTRAY, ASTRAY) * dots
    corners = np.floor(centres - side / 2).astype(np.int64)
    inside = (centres - corners) * fine
    stack = np.zeros((len(bubbles), side * fine, side * fine), np.uint8)
    thickness = stroke_thickness(pen.width, dots * fine)
    slips = rng.random(len(bubbles)) < pen.slips
    for n, bubble in enumerate(bubbles):
        style = pen.second if slips[n] else pen.style
        for stroke in STROKES[style](rng, pen, bubble.rx * sheet.scale):
            points = np.rint((stroke * (dots * fine) + inside[n]) * 8).astype(np.int32)
            cv2.polylines(stack[n], [points.reshape(-1, 1, 2)], False, 255, thickness, cv2.LINE_8, 3)
    stamps: Any = cv2.resize(stack.reshape(-1, side * fine), (side, side * len(bubbles)), interpolation=cv2.INTER_AREA)
    if pen.bleed * dots > 0.2:
        stamps = cv2.GaussianBlur(stamps, (0, 0), pen.bleed * dots)
    ink_layer(sheet, stamps.reshape(-1, side, side), corners, strength, pen, rng)


def _scribble(rng: Generator, pen: Pen, radius: float, coverage: float, *, half: bool = False) -> Strokes:
    """To and fro across the bubble until it is full: the turns come near the ring, never exactly on it."""
    reach = max(radius * pen.reach - pen.width / 2, 0.15)
    step = max(pen.width * (0.95 + 1.6 * (1 - coverage) ** 1.5) * (2.1 - coverage), 0.12)
    lines = max(3, round(2 * reach / step) + 1)
    across = np.linspace(-reach, 0.0 if half else reach, max(2, (lines + 1) // 2) if half else lines)
    across += rng.normal(0, pen.wobble, across.shape)
    along = np.sqrt(np.maximum(reach**2 - across**2, 0.04 * reach**2)) * rng.normal(1, 0.06, across.shape)
    turns = np.empty((2 * across.size, 2))
    turns[0::2, 0], turns[1::2, 0] = along, -along
    turns[2::4, 0], turns[3::4, 0] = -along[1::2], along[1::2]
    turns[0::2, 1] = turns[1::2, 1] = across
    turns += rng.normal(0, pen.wobble, turns.shape)
    return [_turned(turns, pen.slant + float(rng.normal(0, 0.25)))]


def _fill(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """The whole bubble: a ring along the print, then to and fro inside."""
    strokes = _scribble(rng, pen, radius, pen.coverage)
    if pen.coverage > 0.8:
        angle = np.linspace(0, 2 * math.pi + 0.4, 13) + float(rng.uniform(0, 6.3))
        reach = max(radius * pen.reach - pen.width / 2, 0.1) + rng.normal(0, pen.wobble, 13)
        strokes.append(np.stack((np.cos(angle), np.sin(angle)), 1) * reach[:, None])
    return strokes


def _spiral(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """Round and round from the ring to the middle."""
    reach = max(radius * pen.reach - pen.width / 2, 0.15)
    turns = max(2.0, reach / (pen.width * (1.9 - pen.coverage)))
    count = int(turns * 9)
    angle = np.linspace(0, 2 * math.pi * turns, count) + float(rng.uniform(0, 6.3))
    away = np.linspace(reach, pen.width * 0.2, count) + rng.normal(0, pen.wobble, count)
    squash = float(rng.normal(1, 0.08))
    return [_turned(np.stack((np.cos(angle) * away * squash, np.sin(angle) * away / squash), 1), pen.slant)]


def _hatch(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A few open strokes: paper shows between them."""
    return _scribble(rng, pen, radius, min(pen.coverage, 0.55))


def _half(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """Half the bubble filled, as if in haste."""
    return _scribble(rng, replace(pen, width=min(pen.width, 0.5)), radius, max(pen.coverage, 0.9), half=True)


def _cross(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """Two strokes across each other."""
    reach = radius * float(rng.uniform(0.75, 1.2))
    angle = math.pi / 4 + float(rng.normal(0, 0.12))
    line = np.linspace(-reach, reach, 5)[:, None]
    return [line * (math.cos(turn), math.sin(turn)) + rng.normal(0, pen.wobble, (5, 2)) for turn in (angle, -angle)]


def _tick(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A tick: short down, long up, often past the ring."""
    size = radius * float(rng.uniform(0.9, 1.35))
    points = np.array([[-0.75, -0.1], [-0.45, 0.35], [-0.2, 0.65], [0.3, -0.2], [0.95, -1.0]]) * size
    return [points + rng.normal(0, pen.wobble, points.shape)]


def _dot(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """A thick point in the middle, a third of the bubble wide or more."""
    size = radius * float(rng.uniform(0.36, 0.55))
    return _spiral(rng, replace(pen, coverage=1.0, reach=size / radius + pen.width / 2 / radius), radius)


def _line(rng: Generator, pen: Pen, radius: float) -> Strokes:
    """One stroke through the bubble, drawn twice over."""
    reach = radius * float(rng.uniform(0.8, 1.15))
    path = np.stack((np.array([-reach, 0, reach, 0, -reach * 0.9]), rng.normal(0, 1.5 * pen.wobble, 5)), 1)
    return [_turned(path, pen.slant + float(rng.normal(0, 0.15)))]


STROKES: dict[str, Callable[[Generator, Pen, float], Strokes]] = {
    "fill": _fill, "spiral": _spiral, "hatch": _hatch, "cross": _cross, "tick": _tick, "dot": _dot, "half": _half,
    "line": _line,
}  # fmt: skip


def _turned(points: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    c, s = math.cos(angle), math.sin(angle)
    done: NDArray[np.float64] = points @ np.array([[c, s], [-s, c]])
    return done


def _erased(sheet: PaperSheet, bubbles: Sequence[Bubble], pen: Pen, rng: Generator) -> None:
    """The shadow of marks that were rubbed out: pale, blurred, smeared along the rubbing."""
    ghost = replace(pen, bleed=0.22, grain=0.3, jitter=0.05, style="fill", slips=0.0)
    smear = replace(ghost, bleed=0.5, lean=(float(rng.normal(0, 0.5)), 0.2), reach=1.15 * pen.reach)
    for hand, share in ((ghost, 1.0), (smear, 0.4)):
        left = [share * float(rng.uniform(*SHADOW)) / _power(hand) for _ in bubbles]
        _lay(sheet, bubbles, left, hand, rng)


def _strays(sheet: PaperSheet, layout: SheetLayout, pen: Pen, rng: Generator) -> None:
    """Where the pen rested: specks too small for a mark anywhere, short strokes only beside the bubbles."""
    spots: list[tuple[float, float]] = [
        (float(rng.uniform(18, 192)), float(rng.uniform(28, 290))) for _ in range(int(rng.poisson(pen.strays)))
    ]
    for x, y in spots:
        near = min(math.hypot(b.x - x, b.y - y) for b in layout.bubbles) < 4.5
        size = 0.12 if near else float(rng.uniform(0.1, 1.4))
        speck = Bubble("", 0, "", x, y, size, size)
        _lay(sheet, [speck], [0.9], replace(pen, style="line", slips=0.0, width=min(pen.width, 0.35)), rng)


@cache
def _grain() -> NDArray[np.float32]:
    """The paper's roughness, 0..1, as a run of values to cut from; the same in every run."""
    rough = stream("paper grain").normal(0, 1, (2048, 1024)).astype(np.float32)
    soft, pressure = cv2.GaussianBlur(rough, (0, 0), 0.8), cv2.GaussianBlur(rough, (0, 0), 6)
    mixed = soft / soft.std() + 0.5 * pressure / pressure.std()
    done: NDArray[np.float32] = np.clip(0.5 + mixed / 3.4, 0, 1).ravel()
    return done
