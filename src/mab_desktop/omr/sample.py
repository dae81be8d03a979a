"""Look at every bubble in place: local correction per block, then a few numbers per bubble.

No page is warped. One remap takes a small patch around each bubble; blocks of neighbours are then shifted until the
printed rings lie where they belong, and the inside is measured against local paper white and the sheet's own black.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Floats, Geometry, Ints

STEP = 0.3  # mm between samples
MARGIN = 0.92  # mm around a bubble that a patch shows
REACH = 0.75  # mm a block may be shifted in one round
SHIFT_STEP = 0.125
RING = 0.30  # mm: the printed line with the scanner's blur
INSIDE = 0.84  # share of the radius that counts as inside
LIGHT, DARK = 0.20, 0.45  # darkness from which a sample counts as inked, as inked well
NEAR_INK = 0.30  # the same outside, where the ring's blur reaches
MIN_PEAK = 0.35  # a block's ring must show at least so well (correlation)
JUMP = 0.35  # mm a block may differ from what its surroundings say

# The bytes of a reading: darkness, light, dark and outer share, ring, then the form of the ink; value * unit + origin.
UNITS = np.array([[200], [255], [255], [255], [40], [127], [127], [127], [127], [255], [255]], dtype=np.float32)
ORIGINS = np.array([[0], [0], [0], [0], [128], [128], [128], [128], [128], [0], [0]], dtype=np.float32)
HIDDEN = 0  # as ring: no printed ring measures so little
PARTS = len(UNITS)
MOST_BUBBLES = 100_000
SECTORS = 16
# What counts as opposite: half a turn, or up to three sectors less; more is the same seen from the other end.
OPPOSITE = [(np.arange(SECTORS) + apart) % SECTORS for apart in range(SECTORS // 2 - 3, SECTORS // 2 + 1)]
FORM_FROM = 0.035  # darkness from which a bubble's ink may have a form
NO_FORM = 0.004  # ink too faint to have a form (mean square of darkness)

Bytes = NDArray[np.uint8]
ToPixels = Callable[[NDArray[np.floating[Any]]], NDArray[np.float64]]


@dataclass(frozen=True)
class Scores:
    """What was measured, a byte each per bubble, in the geometry's order: all a later decision needs.

    `mean` darkness inside (200 = ink of the squares), `light` and `dark` share of samples darker than `LIGHT` and
    `DARK` (255 = all), `near` the share of clear ink just outside, `ring` how well the printed ring shows
    (128 = not at all, more = better). The form of the ink inside: `x` and `y` of its middle (127 = a radius from the
    centre, 128 = none), `slant` and `tilt` the direction it stretches in (upright against level, one diagonal against
    the other), `spread` its mean square distance from the centre (255 = at the rim, 127 = even). `through` says how
    surely ink leaves the bubble on two opposite sides, as a line does that passes by.
    """

    mean: Bytes
    light: Bytes
    dark: Bytes
    near: Bytes
    ring: Bytes
    x: Bytes
    y: Bytes
    slant: Bytes
    tilt: Bytes
    spread: Bytes
    through: Bytes

    def parts(self) -> tuple[Bytes, ...]:
        """All of them, in the order of the fields."""
        return tuple(getattr(self, part.name) for part in fields(self))

    def to_bytes(self) -> bytes:
        """One after the other, packed; `from_bytes` takes it back."""
        return zlib.compress(b"".join(part.tobytes() for part in self.parts()), 1)

    @staticmethod
    def from_bytes(data: bytes) -> Scores:
        """Scores of `to_bytes`; ValueError when that cannot be what it is."""
        unpack = zlib.decompressobj()
        try:
            plain = unpack.decompress(data, PARTS * MOST_BUBBLES)
        except zlib.error as error:
            raise ValueError("scores: damaged") from error
        if not unpack.eof or not plain or len(plain) % PARTS:
            raise ValueError(f"scores: not {PARTS} parts")
        return Scores(*np.frombuffer(plain, dtype=np.uint8).reshape(PARTS, -1))

    def mean_of(self, other: Scores) -> Scores:
        """The middle between two measurements of the same sheet; ValueError when they differ in length."""
        if len(self) != len(other):
            raise ValueError("scores of different sheets")
        pairs = zip(self.parts(), other.parts(), strict=True)
        return Scores(*(((a.astype(np.uint16) + b + 1) // 2).astype(np.uint8) for a, b in pairs))

    def hide(self, bubbles: NDArray[np.bool_]) -> Scores:
        """The same with `bubbles` (n,) noted as not to be seen surely: an empty group with one of them is doubtful."""
        return replace(self, ring=np.where(bubbles, np.uint8(HIDDEN), self.ring))

    def __len__(self) -> int:
        return len(self.mean)


@dataclass(frozen=True)
class Sampled:
    """Scores and how the sampling went: `rings` is the middle correlation of blocks, `shifts` (blocks, 2) in mm."""

    scores: Scores
    rings: float
    peaks: Floats
    shifts: Floats
    paper: float
    outside: bool


@dataclass(frozen=True, eq=False)
class _Window:
    """Sample positions around a bubble of one size and everything derived from them."""

    offsets: Floats  # (p, 2) mm
    rings: Floats  # (shifts, p) templates, zero mean, unit length
    insides: Floats  # (shifts, p) weights, sum 1
    forms: Floats  # (shifts, p, 6) the same times 1, x, y, x*x - y*y, 2*x*y and r*r in radii
    around: Floats  # (p,) 1 for the paper between bubbles
    nears: Floats  # (shifts, p) weights just outside the ring, sum 1
    sectors: Floats  # (shifts, p, SECTORS) weights farther outside by direction, each sum 1
    shifts: Floats  # (shifts, 2) mm


@cache
def _window(rx: float, ry: float) -> _Window:
    half = max(rx, ry) + MARGIN
    count = int(np.ceil(half / STEP))
    axis = (np.arange(-count, count) + 0.5) * STEP
    xs, ys = np.meshgrid(axis, axis)
    offsets = np.stack([xs.ravel(), ys.ravel()], axis=1).astype(np.float32)
    # Corners of the patch belong to neighbours: a round patch is enough.
    offsets = offsets[np.hypot(offsets[:, 0] / (rx + MARGIN), offsets[:, 1] / (ry + MARGIN)) <= 1]
    steps = np.arange(-REACH, REACH + 1e-6, SHIFT_STEP)
    sx, sy = np.meshgrid(steps, steps)
    shifts = np.stack([sx.ravel(), sy.ravel()], axis=1).astype(np.float32)
    moved = offsets[None] - shifts[:, None]
    radius = np.sqrt((moved[..., 0] / rx) ** 2 + (moved[..., 1] / ry) ** 2) * min(rx, ry)
    middle = min(rx, ry)
    line = np.clip(1 - np.abs(radius - middle) / RING, 0, 1)
    line -= line.mean(axis=1, keepdims=True)
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    inside = np.clip((middle * INSIDE - radius) / STEP + 0.5, 0, 1)
    inside /= inside.sum(axis=1, keepdims=True)
    unit = moved / np.array([rx, ry])
    x, y = unit[..., 0], unit[..., 1]
    forms = np.stack([np.ones_like(x), x, y, y * y - x * x, 2 * x * y, x * x + y * y], axis=-1) * inside[..., None]
    near = np.clip((radius - middle - 0.22) / STEP, 0, 1) * np.clip((middle + 0.85 - radius) / STEP, 0, 1)
    near /= near.sum(axis=1, keepdims=True)
    away = np.clip((radius - middle - 0.42) / STEP, 0, 1) * np.clip((middle + 0.92 - radius) / STEP, 0, 1)
    turn = np.arctan2(y, x)[..., None] * SECTORS / (2 * np.pi) - np.arange(SECTORS)
    sectors = away[..., None] * np.clip(1 - np.abs((turn + SECTORS / 2) % SECTORS - SECTORS / 2), 0, 1)
    sectors /= np.maximum(sectors.sum(axis=1, keepdims=True), 1e-6)
    plain = np.sqrt((offsets[:, 0] / rx) ** 2 + (offsets[:, 1] / ry) ** 2) * middle
    around = (plain > middle + 0.45).astype(np.float32)
    return _Window(offsets, line.astype(np.float32), inside.astype(np.float32), forms.astype(np.float32), around,
                   near.astype(np.float32), sectors.astype(np.float32), shifts)  # fmt: skip


def sample(
    gray: Bytes, geometry: Geometry, to_pixels: ToPixels, black: float | None, *, rings: bool = True
) -> Sampled:
    """Measure every bubble of `gray`.

    `to_pixels` maps page mm (n, 2) to pixels. `black` is the gray value of solid ink; None takes it from the marks
    themselves. `rings=False` trusts the coordinates: for forms whose bubbles are not printed as rings.
    """
    window = _window(*geometry.usual)
    moved = np.zeros((geometry.block_count, 2), dtype=np.float32)
    patches = _patches(gray, geometry, to_pixels, window, moved)
    shifts, peaks = np.zeros_like(moved), np.zeros(geometry.block_count, dtype=np.float32)
    if rings:
        shifts, peaks = _shifts(patches, geometry, window)
        if np.abs(shifts / geometry.block_size).max() > REACH * 0.66:
            moved = shifts
            patches = _patches(gray, geometry, to_pixels, window, moved)
            shifts, peaks = _shifts(patches, geometry, window)
    scores, paper = _measure(patches, geometry, window, shifts, black)
    middle = float(np.median(peaks)) if rings else 0.0
    return Sampled(scores, middle, peaks, moved + shifts, paper, _outside(gray, geometry, to_pixels))


def _outside(gray: Bytes, geometry: Geometry, to_pixels: ToPixels) -> bool:
    """Whether a bubble reaches over the edge of the image."""
    pixels = to_pixels(geometry.xy)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    edge = float(np.linalg.norm(np.diff(to_pixels(np.array([[0.0, 0.0], [2.0, 0.0]])), axis=0)))
    return bool(low.min() < edge or high[0] > gray.shape[1] - edge or high[1] > gray.shape[0] - edge)


def _patches(gray: Bytes, geometry: Geometry, to_pixels: ToPixels, window: _Window, moved: Floats) -> Bytes:
    """(n, p) gray values around each bubble, in the order of the blocks; beyond the edge the edge itself.

    The nearest pixel to each place: about as many pixels as samples lie under a bubble, so rounding costs nothing
    against interpolating and takes a third of its time. Block by block, so that all of it stays in the fast memory.
    """
    order, begins = geometry.by_block
    centres = (geometry.xy + moved[geometry.block])[order]
    # The map is all but straight over a few millimetres, and equal for all bubbles up to a tiny perspective.
    middle = centres.mean(axis=0, keepdims=True)
    ends = to_pixels(np.concatenate([middle, middle + (1, 0), middle + (0, 1)]))
    at = np.rint(to_pixels(centres)).astype(np.intp)
    flat = np.ascontiguousarray(gray).ravel()
    found = np.empty((len(at), len(window.offsets)), dtype=np.uint8)
    # Patches grow with their bubbles: one set of templates then serves all sizes.
    steps = {
        size: np.rint((window.offsets * np.array(size, dtype=np.float32)) @ (ends[1:] - ends[0])).astype(np.intp)
        for size in geometry.block_sizes
    }
    reach = np.max([np.abs(step).max(axis=0) for step in steps.values()], axis=0)
    inside = bool((at.min(axis=0) >= reach).all() and (at.max(axis=0) + reach < gray.shape[::-1]).all())
    width = gray.shape[1]
    start, along = at[:, 1] * width + at[:, 0], {size: step[:, 1] * width + step[:, 0] for size, step in steps.items()}
    for number, size in enumerate(geometry.block_sizes):
        rows = slice(begins[number], begins[number + 1])
        places = start[rows, None] + along[size] if inside else _kept_inside(at[rows], steps[size], gray.shape)
        np.take(flat, places, out=found[rows], mode="clip")
    return found


def _kept_inside(at: Ints, step: Ints, shape: tuple[int, ...]) -> Ints:
    """Places in the flat image of `step` (p, 2) around `at` (n, 2), kept inside the image."""
    xs = (at[:, :1] + step[None, :, 0]).clip(0, shape[1] - 1)
    ys = (at[:, 1:] + step[None, :, 1]).clip(0, shape[0] - 1)
    return np.asarray(ys * shape[1] + xs)


def _shifts(patches: Bytes, geometry: Geometry, window: _Window) -> tuple[Floats, Floats]:
    """Per block: shift in mm that lays the rings right, and how well they then show (correlation)."""
    count, begins = geometry.block_count, geometry.by_block[1]
    darkness = np.empty((count, patches.shape[1]), dtype=np.float32)
    for number, (begin, end) in enumerate(zip(begins[:-1], begins[1:], strict=True)):
        # Marks hide rings: the lighter part of each block speaks for it.
        block = patches[begin:end].astype(np.float32)
        kept = np.argsort(-block.sum(axis=1), kind="stable")[: max(1, int(0.6 * (end - begin)))]
        darkness[number] = -block[kept].sum(axis=0)
    darkness -= darkness.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(darkness, axis=1, keepdims=True)
    darkness /= np.maximum(norm, 1e-6)
    # Small products on purpose: large ones wake the threads of the linear algebra library, which then wait for each
    # other when several pages are read at once.
    match = np.concatenate([darkness[n : n + 3] @ window.rings.T for n in range(0, count, 3)])
    shifts, peaks = _peaks(match, window)
    return _smooth(shifts * geometry.block_size, peaks, geometry), np.asarray(peaks, dtype=np.float32)


def _peaks(match: Floats, window: _Window) -> tuple[Floats, Floats]:
    """Best shift of each row of `match` (rows, shifts), refined by a parabola each way."""
    side = round(np.sqrt(match.shape[1]))
    grid = match.reshape(-1, side, side)
    best = match.argmax(axis=1)
    row, column = best // side, best % side
    rows = np.arange(len(match))

    def top(before: Floats, here: Floats, after: Floats) -> Floats:
        bend = before - 2 * here + after
        return np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0).clip(-0.5, 0.5)

    inner_row, inner_column = row.clip(1, side - 2), column.clip(1, side - 2)
    here = grid[rows, inner_row, inner_column]
    dx = top(grid[rows, inner_row, inner_column - 1], here, grid[rows, inner_row, inner_column + 1])
    dy = top(grid[rows, inner_row - 1, inner_column], here, grid[rows, inner_row + 1, inner_column])
    shifts = window.shifts[best] + np.stack([dx, dy], axis=1) * SHIFT_STEP
    return shifts.astype(np.float32), match.max(axis=1)


def _smooth(shifts: Floats, peaks: Floats, geometry: Geometry) -> Floats:
    """A block whose rings do not show, or that jumps away from its surroundings, goes with them."""
    sure = peaks > MIN_PEAK
    if sure.sum() < 4:
        return np.zeros_like(shifts)
    centres = geometry.block_centres
    base = np.concatenate([np.ones((len(centres), 1), np.float32), centres - centres.mean(axis=0)], axis=1)
    for _ in range(3):
        plane, *_ = np.linalg.lstsq(base[sure], shifts[sure], rcond=None)
        away = np.linalg.norm(shifts - base @ plane, axis=1)
        keep = (peaks > MIN_PEAK) & (away < max(JUMP, 2.5 * float(np.median(away[sure]))))
        if keep.sum() < 4 or (keep == sure).all():
            break
        sure = keep
    near = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    weight = np.exp(-((near / 30.0) ** 2)) * sure[None, :]
    rest = shifts - base @ plane
    local = base @ plane + (weight @ np.where(sure[:, None], rest, 0)) / np.maximum(weight.sum(axis=1), 1e-3)[:, None]
    return np.where(sure[:, None], shifts, local).astype(np.float32)


def _measure(
    patches: Bytes, geometry: Geometry, window: _Window, shifts: Floats, black: float | None
) -> tuple[Scores, float]:
    """The numbers of each bubble."""
    side = round(2 * REACH / SHIFT_STEP) + 1
    steps = np.rint(((shifts / geometry.block_size).clip(-REACH, REACH) + REACH) / SHIFT_STEP).astype(np.intp)
    at = steps[:, 1] * side + steps[:, 0]
    paper = _paper(patches, geometry, window)
    ink = black if black is not None else _own_black(patches, paper)
    gain = (1.0 / np.maximum(paper - ink, 20.0)).astype(np.float32)
    order, begins = geometry.by_block
    found = np.zeros((PARTS, len(patches)), dtype=np.float32)
    moments = np.zeros((len(patches), window.forms.shape[2]), dtype=np.float32)
    around = np.zeros((len(patches), SECTORS), dtype=np.float32)
    for number, own in enumerate(at.tolist()):
        rows, inside = slice(begins[number], begins[number + 1]), window.insides[own]
        darkness = (paper[number] - patches[rows]) * gain[number]
        np.maximum(darkness, 0, out=darkness)
        mean = darkness @ inside
        found[0, rows] = mean
        found[1, rows] = (darkness > LIGHT).astype(np.float32) @ inside
        found[2, rows] = (darkness > DARK).astype(np.float32) @ inside
        clear = (darkness > NEAR_INK).astype(np.float32)
        found[3, rows] = clear @ window.nears[own]
        # Squared: the dark places say what form a mark has, not the grain of the paper. Empty bubbles have no form.
        inked = np.flatnonzero(mean > FORM_FROM)
        moments[begins[number] + inked] = np.square(darkness[inked]) @ window.forms[own]
        around[begins[number] + inked] = clear[inked] @ window.sectors[own]
        found[4, rows] = np.minimum(darkness, 0.6, out=darkness) @ window.rings[own]
    found[5:10], found[10] = _form(moments), _through(around)
    measured = np.empty((PARTS, len(patches)), dtype=np.uint8)
    measured[:, order] = _byte(found * UNITS + ORIGINS)
    return Scores(*measured), float(np.median(paper))


def _form(moments: Floats) -> Floats:
    """(5, n) middle x and y, the two directions and the spread from `moments` (n, 6)."""
    ink = moments[:, 0]
    form = (moments[:, 1:] / np.maximum(ink, NO_FORM)[:, None]).T
    form[2:4] /= np.maximum(form[4], 0.05)
    form[:, ink < NO_FORM] = 0
    return np.asarray(form, dtype=np.float32)


def _through(around: Floats) -> Floats:
    """(n,) the strongest pair of opposite directions in `around` (n, SECTORS), each as its weaker end."""
    touched = np.flatnonzero(around.max(axis=1, initial=0) > 0)
    some = around[touched]
    pairs = [np.minimum(some, some[:, turned]).max(axis=1, initial=0) for turned in OPPOSITE]
    most = np.zeros(len(around), dtype=np.float32)
    most[touched] = np.max(pairs, axis=0, initial=0)
    return most


def _paper(patches: Bytes, geometry: Geometry, window: _Window) -> Floats:
    """Paper white of each block: what the lighter places between its bubbles say."""
    between = patches[:, np.flatnonzero(window.around)[::7]]
    place = int(0.6 * between.shape[1])
    white = np.partition(between, place, axis=1)[:, place].astype(np.float32)
    begins = geometry.by_block[1]
    return np.asarray(np.add.reduceat(white, begins[:-1]) / np.diff(begins), dtype=np.float32)


def _own_black(patches: Bytes, paper: Floats) -> float:
    """Ink of the darkest marks where no printed square says it; never lighter than half of the paper."""
    return min(float(np.percentile(patches, 0.5)), 0.5 * float(np.median(paper)))


def _byte(values: NDArray[np.floating[Any]]) -> Bytes:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)
