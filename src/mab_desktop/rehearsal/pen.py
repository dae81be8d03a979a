"""Pens and the people who hold them: marks drawn into the bubbles of a printed sheet.

A stroke is a line of points in millimetres around the bubble's centre. All strokes of a sheet are drawn into a stack of
small stamps, finer than the page, shrunk at once and laid over the paper: ink only ever darkens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from mab_desktop.rehearsal.mark_shapes import STROKES, Strokes
from mab_desktop.rehearsal.paper import PaperSheet

POPULATIONS = ("ordinary", "careless", "hard", "nasty")
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
    sheet. `colour` (blue, green, red 0..255) is the light that coloured ink lets through; None for black, gray and what
    is near it; `ink` is then the gray level under white light.
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
    colour: tuple[int, int, int] | None = None


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
    "needle": ((20, 70), (0.88, 1.0), (0.13, 0.22), (0.05, 0.3), 0.03),
    "marker": ((15, 60), (0.9, 1.0), (1.5, 2.4), (0.0, 0.1), 0.2),
    "coloured ballpoint": ((0, 1), (0.8, 0.97), (0.35, 0.6), (0.1, 0.35), 0.05),
    "coloured felt tip": ((0, 1), (0.9, 1.0), (0.7, 1.2), (0.0, 0.12), 0.14),
}
# Blue, green, red that full ink lets through, and how much it differs from pen to pen.
COLOURS = {"red": (55, 40, 205), "green": (70, 130, 35), "blue": (165, 70, 35), "violet": (140, 45, 95)}
COLOUR_SPREAD = 18
WHICH_TOOL = {
    "ordinary": {"black ballpoint": 6.0, "blue ballpoint": 2.0, "gel": 2.0, "soft pencil": 0.4},
    "careless": {"black ballpoint": 4.0, "blue ballpoint": 3.0, "gel": 2.0, "felt tip": 0.5, "soft pencil": 1.5},
    "hard": {"blue ballpoint": 2.0, "felt tip": 1.0, "soft pencil": 2.0, "hard pencil": 2.5, "light blue": 1.5,
             "dry ballpoint": 1.5},
    "nasty": {"black ballpoint": 3.0, "blue ballpoint": 1.5, "gel": 1.5, "felt tip": 0.7, "soft pencil": 1.5,
              "hard pencil": 0.8, "light blue": 0.5, "dry ballpoint": 0.5, "needle": 1.5, "marker": 1.0,
              "coloured ballpoint": 2.0, "coloured felt tip": 0.7},
}  # fmt: skip
WHICH_STYLE = {
    "ordinary": {"fill": 7.0, "spiral": 3.0},
    "careless": {"fill": 4.0, "spiral": 2.5, "hatch": 1.5, "half": 0.5, "cross": 0.8, "tick": 0.6},
    "hard": {"fill": 3.0, "spiral": 2.0, "hatch": 2.0, "half": 1.0, "cross": 1.5, "tick": 1.2, "dot": 0.7, "line": 0.8},
    "nasty": {
        "fill": 4.0,
        "spiral": 2.0,
        "hatch": 1.5,
        "half": 0.7,
        "cross": 1.2,
        "tick": 1.0,
        "dot": 0.4,
        "line": 0.4,
    },
}
# coverage, reach (low, high); jitter mm; lean mm; share of second style; strays
HABITS: dict[str, tuple[tuple[float, float], tuple[float, float], float, float, float, float]] = {
    "ordinary": ((0.86, 1.0), (0.86, 1.05), 0.14, 0.1, 0.01, 0.2),
    "careless": ((0.62, 1.0), (0.72, 1.2), 0.24, 0.22, 0.06, 0.8),
    "hard": ((0.45, 0.95), (0.6, 1.25), 0.32, 0.32, 0.12, 2.0),
    "nasty": ((0.55, 1.0), (0.65, 1.25), 0.28, 0.28, 0.08, 1.5),
}


def draw_pen(rng: Generator, population: str = "ordinary") -> Pen:
    """A pen and a person's habits with it, out of one of `POPULATIONS`."""
    tool = pick(rng, WHICH_TOOL[population])
    ink, darkness, width, grain, bleed = TOOLS[tool]
    coverage, reach, jitter, lean, slips, strays = HABITS[population]
    style = pick(rng, WHICH_STYLE[population])
    drawn = Pen(
        tool=tool, style=style, second=pick(rng, WHICH_STYLE[population]), slips=float(rng.uniform(0, 2 * slips)),
        ink=int(rng.integers(*ink)), darkness=float(rng.uniform(*darkness)), width=float(rng.uniform(*width)),
        coverage=float(rng.uniform(*coverage)), reach=float(rng.uniform(*reach)),
        jitter=float(rng.uniform(0.4, 1.2)) * jitter,
        lean=(float(rng.normal(0, lean)), float(rng.normal(0, lean))), slant=float(rng.normal(0.7, 0.5)),
        wobble=float(rng.uniform(0.03, 0.1)), grain=float(rng.uniform(*grain)), bleed=bleed, strays=strays,
    )  # fmt: skip
    return _coloured(rng, drawn) if tool.startswith("coloured") else drawn


def _coloured(rng: Generator, pen: Pen) -> Pen:
    full = COLOURS[pick(rng, dict.fromkeys(COLOURS, 1.0))]
    blue, green, red = (int(np.clip(rng.normal(c, COLOUR_SPREAD), 5, 230)) for c in full)
    return replace(pen, colour=(blue, green, red), ink=round(0.114 * blue + 0.587 * green + 0.299 * red))


def draw_marks(sheet: PaperSheet, layout: SheetLayout, truth: SheetTruth, pen: Pen, rng: Generator) -> None:
    """Put a sheet's marks, shadows of erased marks and specks on the paper, in place.

    Fields in `truth.printed` stay as the printer left them; marks that a mishap draws apart are left to it.
    """
    apart = {(mishap.field, mishap.column, mishap.value) for mishap in truth.mishaps if mishap.apart}
    marks: list[Bubble] = []
    strength: list[float] = []
    gone = {(field, column, value) for field, column, value in truth.erased}
    shadows: list[Bubble] = []
    for bubble in layout.bubbles:
        column = str(bubble.column)
        if bubble.field in truth.printed or (bubble.field, column, bubble.value) in apart:
            continue
        if bubble.value in truth.marks.get(bubble.field, {}).get(column, ()):
            marks.append(bubble)
            faint = (bubble.field, column) in truth.faint
            share = float(rng.uniform(*FAINT)) if faint else float(rng.normal(1, 0.04))
            strength.append(max(share, (FAINT_LEAST if faint else LEAST) / _power(pen)))
        elif (bubble.field, column, bubble.value) in gone:
            shadows.append(bubble)
    if shadows:
        leave_rest(sheet, shadows, SHADOW, pen, rng)
    lay_marks(sheet, marks, strength, pen, rng)
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
    cover = np.clip(np.asarray(strength, np.float32) * pen.darkness, 0, 1)
    inks = np.array([pen.ink], np.float32) if pen.colour is None else np.array(pen.colour, np.float32)
    target = sheet.gray[..., None] if pen.colour is None else sheet.coloured()
    power = cover[:, None, None, None] * (1 - inks / 255)
    left = (255 - 255 * share[..., None] * power).astype(np.uint8)
    page_height, page_width = sheet.gray.shape
    for (x, y), factor in zip(corners.tolist(), left, strict=True):
        top, side = max(0, -y), max(0, -x)
        window = target[y + top : min(y + height, page_height), x + side : min(x + width, page_width)]
        if window.size:
            piece = factor[top : top + window.shape[0], side : side + window.shape[1]]
            window[:] = cv2.multiply(window, piece, scale=1 / 255).reshape(window.shape)


def _power(pen: Pen) -> float:
    """How much light a stroke of full strength takes off the paper, 0..1."""
    return pen.darkness * (1 - pen.ink / 255) * (1 - pen.grain / 2)


def stroke_thickness(width: float, dots: float) -> int:
    """A stroke's width (mm) in dots of a canvas, at least one."""
    return max(1, round(width * dots))


def lay_marks(
    sheet: PaperSheet, bubbles: Sequence[Bubble], strength: Sequence[float], pen: Pen, rng: Generator
) -> None:
    """Draw a mark into each bubble, each as strong as told, of this pen's usual strength."""
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


def draw_lines(sheet: PaperSheet, lines: Strokes, pen: Pen, rng: Generator, strength: float = 1.0) -> None:
    """Draw free lines, points in mm of the form, with this pen."""
    dots, fine = sheet.dpi / 25.4, 2
    placed = [np.array([sheet.place(x, y) for x, y in line.tolist()]) for line in lines]
    whole = np.concatenate(placed)
    room = (pen.width + 3 * pen.bleed) * dots + 2
    low = np.floor(whole.min(axis=0) - room).astype(np.int64)
    width, height = (np.ceil(whole.max(axis=0) + room).astype(np.int64) - low).tolist()
    canvas = np.zeros((height * fine, width * fine), np.uint8)
    for line in placed:
        points = np.rint((line - low) * fine * 8).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 255, stroke_thickness(pen.width, dots * fine), cv2.LINE_8, 3)
    small: Any = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    if pen.bleed * dots > 0.2:
        small = cv2.GaussianBlur(small, (0, 0), pen.bleed * dots)
    ink_layer(sheet, small[None], low[None], [strength], pen, rng)


def leave_rest(
    sheet: PaperSheet, bubbles: Sequence[Bubble], left: tuple[float, float], pen: Pen, rng: Generator
) -> None:
    """What an eraser leaves of marks: pale, blurred, smeared along the rubbing.

    `left` (low, high) is the light that it still takes off the paper where strokes passed, 0..1.
    """
    ghost = replace(pen, bleed=0.22, grain=0.3, jitter=0.05, style="fill", slips=0.0)
    smear = replace(ghost, bleed=0.5, lean=(float(rng.normal(0, 0.5)), 0.2), reach=1.15 * pen.reach)
    for hand, share in ((ghost, 1.0), (smear, 0.4)):
        strength = [share * float(rng.uniform(*left)) / _power(hand) for _ in bubbles]
        lay_marks(sheet, bubbles, strength, hand, rng)


def _strays(sheet: PaperSheet, layout: SheetLayout, pen: Pen, rng: Generator) -> None:
    """Where the pen rested: specks too small for a mark anywhere, short strokes only beside the bubbles."""
    spots: list[tuple[float, float]] = [
        (float(rng.uniform(18, 192)), float(rng.uniform(28, 290))) for _ in range(int(rng.poisson(pen.strays)))
    ]
    for x, y in spots:
        near = min(math.hypot(b.x - x, b.y - y) for b in layout.bubbles) < 4.5
        size = 0.12 if near else float(rng.uniform(0.1, 1.4))
        speck = Bubble("", 0, "", x, y, size, size)
        lay_marks(sheet, [speck], [0.9], replace(pen, style="line", slips=0.0, width=min(pen.width, 0.35)), rng)


@cache
def _grain() -> NDArray[np.float32]:
    """The paper's roughness, 0..1, as a run of values to cut from; the same in every run."""
    rough = stream("paper grain").normal(0, 1, (2048, 1024)).astype(np.float32)
    soft, pressure = cv2.GaussianBlur(rough, (0, 0), 0.8), cv2.GaussianBlur(rough, (0, 0), 6)
    mixed = soft / soft.std() + 0.5 * pressure / pressure.std()
    done: NDArray[np.float32] = np.clip(0.5 + mixed / 3.4, 0, 1).ravel()
    return done
