"""Look at every bubble in place: local correction per block, then a few numbers per bubble.

No page is warped. One remap takes a small patch around each bubble; blocks of neighbours are then shifted until the
printed rings lie where they belong, and the inside is measured against local paper white and the sheet's own black.
Every step is one call for the whole page: many small ones would cost more than the work in them, and threads that
read side by side would wait for each other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import LEVELLED, BlockTable, Floats, Geometry, Ints

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
LIGHTER = 0.6  # part of a block's bubbles, the lighter ones, that speaks for its rings
SMALL_PRODUCT = 250_000  # multiplications that stay in one thread
FEW_BLOCKS = 10  # whose places in the image stay near the processor

# The bytes of a reading: darkness, light, dark and outer share, ring, then the form of the ink; value * unit + origin.
UNITS = np.array([200, 255, 255, 255, 40, 127, 127, 127, 127, 255, 255, 200, 255], dtype=np.float32)[:, None]
ORIGINS = np.array([0, 0, 0, 0, 128, 128, 128, 128, 128, 0, 0, 0, 0], dtype=np.float32)[:, None]
HIDDEN, STRUCK = 0, 1  # as ring: no printed ring measures so little
PARTS = len(UNITS)
MOST_BUBBLES = 100_000
SECTORS = 16
QUARTER = SECTORS // 4
RIM = (0.80, 0.55)  # from this share of the radius to so many mm beyond the ring; farther is a neighbour's ground
# What counts as opposite: half a turn, or up to three sectors less; more is the same seen from the other end.
APART = range(SECTORS // 2 - 3, SECTORS // 2 + 1)
OPPOSITE = [(np.arange(SECTORS) + apart) % SECTORS for apart in APART]
PALE = 0.30  # darkness up to which ink may be a stain, even where ...
EVEN = 1.8  # ... its mean square is no more than so many squares of its mean: a pen's line is a few dark places
OPEN_WAYS, GRAIN = 3, 0.03  # directions that a ring may leave open; darkness that paper's grain may have there
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
    surely ink leaves the bubble on two opposite sides, as a line does that passes by. `side` is the darkness
    along the rim, the printed ring with it, in the darkest quarter: a mark that lies on the ring or beside it shows;
    what lies outside on almost all sides, as a ring drawn around the bubble does, counts with it.
    `veil` says how much of the darkness of pale and even ink goes on outside on two opposite sides, as a stain does.
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
    side: Bytes
    veil: Bytes

    def parts(self) -> tuple[Bytes, ...]:
        """All of them, in the order of the fields."""
        return _PARTS(self)

    def to_bytes(self) -> bytes:
        """One after the other, packed; `from_bytes` takes it back.

        Measured numbers hardly repeat in runs of several: looking for those would take half as long again.
        """
        packing = zlib.compressobj(1, strategy=zlib.Z_RLE)
        return packing.compress(np.concatenate(self.parts()).tobytes()) + packing.flush()

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
        middle = Scores(*(((a.astype(np.uint16) + b + 1) // 2).astype(np.uint8) for a, b in pairs))
        # A line that one of them saw is there.
        return middle.strike((self.ring == STRUCK) | (other.ring == STRUCK))

    def hide(self, bubbles: NDArray[np.bool_]) -> Scores:
        """The same with `bubbles` (n,) noted as not to be seen surely: an empty group with one of them is doubtful."""
        return replace(self, ring=np.where(bubbles, np.uint8(HIDDEN), self.ring))

    def strike(self, bubbles: NDArray[np.bool_]) -> Scores:
        """The same with `bubbles` (n,) noted as lying on a line that goes on to other rows: a person looks at them."""
        return replace(self, ring=np.where(bubbles, np.uint8(STRUCK), self.ring))

    def __len__(self) -> int:
        return len(self.mean)


_PARTS = attrgetter(*(part.name for part in fields(Scores)))


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
    """Sample positions around a bubble of one size, from its middle outwards, and everything derived from them."""

    offsets: Floats  # (p, 2) mm
    rings: Floats  # (shifts, p) templates, zero mean, unit length
    insides: Floats  # (shifts, p) weights, sum 1
    forms: Floats  # (shifts, p, 6) the same times 1, x, y, x*x - y*y, 2*x*y and r*r in radii
    form_sums: Floats  # (shifts, 6) their sums
    between: Ints  # some of the places that show the paper between bubbles
    nears: Floats  # (shifts, p) weights just outside the ring, sum 1
    sectors: Floats  # (shifts, p, SECTORS) weights farther outside by direction, each sum 1
    rims: Floats  # (shifts, p, SECTORS) weights along the rim by quarters that begin there, each sum 1
    inner: Ints  # (shifts,) how many of the first positions show the inside
    outer: Ints  # (shifts,) from which position on the outside is seen
    rim: Ints  # (2, shifts) from which position to which the rim is seen
    shifts: Floats  # (shifts, 2) mm


@lru_cache(maxsize=8)
def _window(rx: float, ry: float) -> _Window:
    half = max(rx, ry) + MARGIN
    count = int(np.ceil(half / STEP))
    axis = (np.arange(-count, count) + 0.5) * STEP
    xs, ys = np.meshgrid(axis, axis)
    offsets = np.stack([xs.ravel(), ys.ravel()], axis=1).astype(np.float32)
    # Corners of the patch belong to neighbours: a round patch is enough.
    away = np.hypot(offsets[:, 0] / (rx + MARGIN), offsets[:, 1] / (ry + MARGIN))
    order = np.argsort(away, kind="stable")
    offsets = offsets[order[away[order] <= 1]]
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
    rim = np.clip((radius - RIM[0] * middle) / STEP + 0.5, 0, 1)
    rim *= np.clip((middle + RIM[1] - radius) / STEP + 0.5, 0, 1)
    turn = np.arctan2(y, x)[..., None] * SECTORS / (2 * np.pi) - np.arange(SECTORS) - QUARTER / 2
    rims = rim[..., None] * (np.abs((turn + SECTORS / 2) % SECTORS - SECTORS / 2) <= QUARTER / 2)
    rims /= np.maximum(rims.sum(axis=1, keepdims=True), 1e-6)
    plain = np.sqrt((offsets[:, 0] / rx) ** 2 + (offsets[:, 1] / ry) ** 2) * middle
    between = np.flatnonzero(plain > middle + 0.45)
    between = between[np.lexsort(offsets[between].T)][::7]
    inner = offsets.shape[0] - np.argmax(inside[:, ::-1] > 0, axis=1)
    outer = np.argmax((near > 0) | (away > 0), axis=1)
    rim_at = np.stack([np.argmax(rim > 0, axis=1), offsets.shape[0] - np.argmax(rim[:, ::-1] > 0, axis=1)])
    return _Window(offsets, line.astype(np.float32), inside.astype(np.float32), forms.astype(np.float32),
                   forms.sum(axis=1).astype(np.float32), between, near.astype(np.float32), sectors.astype(np.float32),
                   rims.astype(np.float32), inner, outer, rim_at, shifts)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Frame:
    """Where bubbles lie in an image: `places` (2, n) across and down in pixels, `axes` (2, 2) what a mm each way is.

    The map is all but straight over the few mm around a bubble, and alike for all of them up to a tiny perspective.
    """

    places: NDArray[np.float64]
    axes: NDArray[np.float64]

    @staticmethod
    def of(geometry: Geometry, to_pixels: ToPixels) -> _Frame:
        pixels = to_pixels(geometry.framed)
        return _Frame(np.ascontiguousarray(pixels[3:].T), pixels[1:3] - pixels[0])

    def outside(self, shape: tuple[int, ...]) -> bool:
        """Whether a bubble reaches over the edge of an image of that shape."""
        edge = 2.0 * float(np.hypot(*self.axes[0]))
        across, down = self.places.max(axis=1).tolist()
        return bool(self.places.min() < edge or across > shape[1] - edge or down > shape[0] - edge)


def sample(gray: Bytes, geometry: Geometry, to_pixels: ToPixels, black: float) -> Sampled:
    """Measure every bubble of `gray`. `to_pixels` maps page mm (n, 2) to pixels, `black` is the gray of solid ink."""
    window, frame = _window(*geometry.usual), _Frame.of(geometry, to_pixels)
    moved = None
    patches = _patches(gray, geometry, frame, window, moved)
    shifts, peaks = _shifts(patches, geometry, window)
    if np.abs(shifts / geometry.block_size).max() > REACH * 0.66:
        moved = shifts
        patches = _patches(gray, geometry, frame, window, moved)
        shifts, peaks = _shifts(patches, geometry, window)
    scores, paper = _measure(patches, geometry, window, shifts, black)
    whole = shifts if moved is None else moved + shifts
    return Sampled(scores, _middle(peaks), peaks, whole, paper, frame.outside(gray.shape))


def _patches(gray: Bytes, geometry: Geometry, frame: _Frame, window: _Window, moved: Floats | None) -> Bytes:
    """(blocks, most, p) gray values around each bubble of the geometry's table; beyond the edge the edge itself.

    `moved` (blocks, 2) mm is how far off the blocks are already known to lie.
    The nearest pixel to each place: about as many pixels as samples lie under a bubble, so rounding costs nothing
    against interpolating and takes a third of its time.
    """
    centres = frame.places
    if moved is not None:
        centres = centres + (moved @ frame.axes).T[:, geometry.block]
    # Patches grow with their bubbles: one set of templates then serves all sizes.
    sizes, which = geometry.sizes
    steps = ((window.offsets * sizes[:, None]) @ frame.axes).transpose(2, 0, 1)
    middles, offsets = np.rint(centres).astype(np.intp), np.rint(steps).astype(np.intp)
    gray, middles = _with_room(gray, middles, int(np.abs(offsets).max()))
    # Pixels counted through the image are one number each, and add up as pairs of them do.
    row = gray.shape[1]
    at = (middles[0] + row * middles[1])[geometry.block_table.bubbles][:, :, None]
    around = (offsets[0] + row * offsets[1])[which][:, None]
    pixels, found = gray.reshape(-1), np.empty((*at.shape[:2], around.shape[2]), dtype=np.uint8)
    for begin in range(0, len(at), FEW_BLOCKS):
        few = slice(begin, begin + FEW_BLOCKS)
        np.take(pixels, at[few] + around[few], out=found[few], mode="clip")
    return found


def _with_room(gray: Bytes, places: Ints, reach: int) -> tuple[Bytes, Ints]:
    """The image and `places` (2, n) in it with `reach` pixels around each; where there are too few its edge goes on."""
    least, most = int(places.min()), places.max(axis=1)
    if least >= reach and int(most[0]) + reach < gray.shape[1] and int(most[1]) + reach < gray.shape[0]:
        return gray, places
    room = reach + max(0, -least, *(most + 1 - gray.shape[::-1]).tolist())
    wider = cv2.copyMakeBorder(gray, room, room, room, room, cv2.BORDER_REPLICATE)
    return np.asarray(wider, dtype=np.uint8), places + room


def _shifts(patches: Bytes, geometry: Geometry, window: _Window) -> tuple[Floats, Floats]:
    """Per block: shift in mm that lays the rings right, and how well they then show (correlation)."""
    table = geometry.block_table
    blocks, most, places = patches.shape
    light = cv2.reduce(patches.reshape(-1, places), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).reshape(blocks, most)
    # Marks hide rings: the lighter part of each block speaks for it.
    order = np.argsort(np.where(table.real, -light, 1), axis=1, kind="stable")
    count = np.maximum(LIGHTER * table.counts, 1).astype(np.intp)
    kept = np.empty((blocks, 1, most), dtype=np.float32)
    kept[np.arange(blocks)[:, None], 0, order] = np.arange(most) < count[:, None]
    darkness = -np.matmul(kept, patches.astype(np.float32))[:, 0]
    darkness -= np.add.reduce(darkness, axis=1, keepdims=True) / places
    darkness /= np.maximum(np.sqrt(np.einsum("np,np->n", darkness, darkness)), 1e-6)[:, None]
    shifts, peaks = _peaks(_products(darkness, window.rings.T), window)
    return _smooth(shifts * geometry.block_size, peaks, geometry), peaks


def _products(rows: Floats, columns: Floats) -> Floats:
    """`rows` @ `columns` a few rows at a time.

    A large product wakes the threads of the linear algebra library, which then wait for each other when several
    pages are read at once.
    """
    few = max(1, SMALL_PRODUCT // columns.size)
    parts = -(-len(rows) // few)
    padded = np.zeros((parts * few, rows.shape[1]), dtype=np.float32)
    padded[: len(rows)] = rows
    return np.asarray(np.matmul(padded.reshape(parts, few, -1), columns).reshape(parts * few, -1)[: len(rows)])


def _peaks(match: Floats, window: _Window) -> tuple[Floats, Floats]:
    """Best shift of each row of `match` (rows, shifts), refined by a parabola each way."""
    side = round(np.sqrt(match.shape[1]))
    best = match.argmax(axis=1)
    begin, flat = np.arange(len(match)) * match.shape[1], match.ravel()
    row, column = best // side, best % side
    middle = begin + np.minimum(np.maximum(row, 1), side - 2) * side + np.minimum(np.maximum(column, 1), side - 2)
    steps = np.array([[1], [side]])
    before, here, after = flat[middle - steps], flat[middle], flat[middle + steps]
    bend = before - 2 * here + after
    tops = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0)
    shifts = window.shifts[best] + np.minimum(np.maximum(tops, -0.5), 0.5).T * SHIFT_STEP
    return shifts.astype(np.float32), flat[begin + best]


def _smooth(shifts: Floats, peaks: Floats, geometry: Geometry) -> Floats:
    """A block whose rings do not show, or that jumps away from its surroundings, goes with them."""
    seen = peaks > MIN_PEAK
    sure = seen
    if sure.sum() < 4:
        return np.zeros_like(shifts)
    for _ in range(3):
        rest = shifts - _plane(shifts, sure, geometry)
        away = np.hypot(rest[:, 0], rest[:, 1])
        keep = seen & (away < max(JUMP, 2.5 * _middle(away[sure])))
        if keep.sum() < 4 or (keep == sure).all():
            break
        sure = keep
    if sure.all():
        return shifts
    rest = shifts - _plane(shifts, sure, geometry)
    weight = geometry.block_nearness * sure[None, :]
    near = (weight @ np.where(sure[:, None], rest, 0)) / np.maximum(weight.sum(axis=1), 1e-3)[:, None]
    return np.where(sure[:, None], shifts, shifts - rest + near).astype(np.float32)


def _plane(shifts: Floats, sure: NDArray[np.bool_], geometry: Geometry) -> NDArray[np.float64]:
    """(blocks, 2) what a plane through the shifts of `sure` blocks says of all."""
    if sure.all():
        return np.asarray(geometry.plane_of_all @ shifts, dtype=np.float64)
    known = geometry.block_plane * sure[:, None]
    flat = np.linalg.solve(known.T @ known + LEVELLED, known.T @ shifts)
    return np.asarray(geometry.block_plane @ flat, dtype=np.float64)


def _measure(
    patches: Bytes, geometry: Geometry, window: _Window, shifts: Floats, black: float
) -> tuple[Scores, float]:
    """The numbers of each bubble, and the paper's white."""
    table = geometry.block_table
    at = _steps(shifts / geometry.block_size)
    paper = _paper(patches, table, window)
    depth = np.maximum(paper - np.float32(black), np.float32(20.0))
    found = np.zeros((PARTS, *patches.shape[:2]), dtype=np.float32)
    # Positions are in order from the middle outwards: what shows the inside is the first part, the outside the last.
    inner, outer = slice(int(window.inner[at].max())), slice(int(window.outer[at].min()), None)
    middles, inside = np.ascontiguousarray(patches[:, :, inner]), window.insides[at, inner]
    found[0], moments = _ink(middles, paper, depth, window.forms[at, inner], window.form_sums[at])
    for part, level in ((1, LIGHT), (2, DARK)):
        found[part] = _weighed(_darker(middles, paper - level * depth), inside)
    outside = np.ascontiguousarray(patches[:, :, outer])
    clear = _darker(outside, paper - NEAR_INK * depth)
    found[3] = _weighed(clear, window.nears[at, outer])
    found[4], found[11] = _lines(patches, paper, depth, window, at)
    found[11] += _surrounded(outside, paper, depth, window.sectors[at, outer])
    found = found.reshape(PARTS, -1)
    # Empty bubbles have no form.
    inked = np.flatnonzero((found[0] > FORM_FROM) & table.real.ravel())
    moments = moments.reshape(len(found[0]), -1)[inked]
    found[5:10, inked] = _form(moments)
    even = inked[is_even(found[0, inked], moments[:, 0])]
    inked = inked[found[3, inked] > 0]
    found[10, inked] = _through(np.matmul(clear, window.sectors[at, outer]).reshape(-1, SECTORS)[inked])
    if len(even):
        block = even // patches.shape[1]
        levels = patches.reshape(len(found[0]), -1)[even, outer]
        found[12, even] = _veil(levels, paper[block], depth[block], window.sectors[at[block], outer]) / found[0, even]
    measured = _byte(found * UNITS + ORIGINS)[:, table.slots]
    return Scores(*measured), _middle(paper)


def _steps(shifts: Floats) -> Ints:
    """Which of the window's shifts comes next to each of `shifts` (blocks, 2)."""
    side = round(2 * REACH / SHIFT_STEP) + 1
    steps = np.rint((shifts.clip(-REACH, REACH) + REACH) / SHIFT_STEP).astype(np.intp)
    return np.asarray(steps[:, 1] * side + steps[:, 0])


def _darker(patches: Bytes, level: Floats) -> Floats:
    """1 where darker than the `level` (blocks,) of the block."""
    bound = np.ceil(np.maximum(level, 0)).astype(np.uint8)
    dark = np.less(patches.reshape(len(patches), -1), bound[:, None])
    return dark.astype(np.float32).reshape(patches.shape)


def _weighed(values: Floats, weights: Floats) -> Floats:
    """(blocks, most) sums of `values` (blocks, most, p) by the `weights` (blocks, p) of their blocks."""
    return np.asarray(np.matmul(values, weights[:, :, None])[..., 0])


def _ink(
    patches: Bytes, paper: Floats, depth: Floats, forms: Floats, form_sums: Floats
) -> tuple[Floats, Floats]:
    """(blocks, most) mean darkness inside and (blocks, most, 6) moments of its square.

    Squared, the dark places say what form a mark has, not the grain of the paper. Darkness is white less level, so
    that its sums follow from those of levels.
    """
    # In whole numbers of 1/256 gray at first: two bytes go through the processor faster than four.
    fine = patches.reshape(len(patches), -1).astype(np.uint16)
    fine *= 256
    white = np.rint(paper * 256)
    np.minimum(fine, white.astype(np.uint16)[:, None], out=fine)
    level, white = fine.astype(np.float32).reshape(patches.shape), white[:, None, None]
    unit = depth[:, None, None] * 256
    once = np.matmul(level, forms)
    mean = (white - once[..., :1]) / unit
    np.square(level, out=level)
    moments = (np.square(white) * form_sums[:, None] - 2 * white * once + np.matmul(level, forms)) / np.square(unit)
    return mean[..., 0], moments


def _lines(patches: Bytes, paper: Floats, depth: Floats, window: _Window, at: Ints) -> tuple[Floats, Floats]:
    """(blocks, most) how well the rings show, and the darkness of the darkest quarter of the rim.

    What is darker than a ring counts as a ring.
    """
    white, low = (np.rint(np.maximum(part, 0)).astype(np.uint8)[:, None] for part in (paper, paper - 0.6 * depth))
    level = np.minimum(patches.reshape(len(patches), -1), white)
    begin, end = int(window.rim[0, at].min()), int(window.rim[1, at].max())
    rim = level.reshape(patches.shape)[:, :, begin:end].astype(np.float32)
    quarters = np.matmul(rim, window.rims[at, begin:end]).reshape(-1, SECTORS)
    darkest = cv2.reduce(quarters, 1, cv2.REDUCE_MIN).reshape(patches.shape[:2])
    np.maximum(level, low, out=level)
    ring = _weighed(level.astype(np.float32).reshape(patches.shape), window.rings[at])
    return ring / -depth[:, None], (white - darkest) / depth[:, None]


def _surrounded(outside: Bytes, paper: Floats, depth: Floats, sectors: Floats) -> Floats:
    """(blocks, most) how dark almost all directions outside are at least: a ring drawn around the bubble, however pale.

    Neighbours, frames and marks that run over are dark on some sides only.
    """
    white = np.rint(np.maximum(paper, 0)).astype(np.uint8)[:, None]
    level = np.minimum(outside.reshape(len(outside), -1), white).reshape(outside.shape).astype(np.float32)
    ways = np.sort(np.matmul(level, sectors).reshape(-1, SECTORS), axis=1)[:, -1 - OPEN_WAYS]
    darkness = (white - ways.reshape(outside.shape[:2])) / depth[:, None]
    return np.asarray(np.maximum(darkness - GRAIN, 0), dtype=np.float32)


def _form(moments: Floats) -> Floats:
    """(5, n) middle x and y, the two directions and the spread from `moments` (n, 6)."""
    ink = moments[:, 0]
    form = (moments[:, 1:] / np.maximum(ink, NO_FORM)[:, None]).T
    form[2:4] /= np.maximum(form[4], 0.05)
    form[:, ink < NO_FORM] = 0
    return np.asarray(form, dtype=np.float32)


def _through(around: Floats) -> Floats:
    """(n,) the strongest pair of opposite directions in `around` (n, SECTORS), each as its weaker end."""
    if not len(around):
        return np.zeros(0, dtype=np.float32)
    turns = np.ascontiguousarray(around.T)
    turned = np.concatenate([turns, turns])
    pairs = [np.minimum(turns, turned[apart : apart + SECTORS]) for apart in APART]
    return np.asarray(np.concatenate(pairs).max(axis=0), dtype=np.float32)


def is_even(mean: Floats, square: Floats) -> NDArray[np.bool_]:
    """Whether ink of this darkness and mean square of darkness is pale and even, as a stain is."""
    return np.asarray((mean > FORM_FROM) & (mean < PALE) & (square < EVEN * np.square(mean)))


def veil_of(leaving: Floats, mean: Floats, square: Floats) -> Floats:
    """(n,) how much of the darkness of pale and even ink goes on outside; 0 for all other."""
    return np.where(is_even(mean, square), leaving / np.maximum(mean, FORM_FROM), 0).astype(np.float32)


def _veil(around: Bytes, paper: Floats, depth: Floats, sectors: Floats) -> Floats:
    """(n,) darkness on two opposite sides of bubbles with levels `around` (n, p) them, each as its paler end.

    A stain goes on outside as pale as it is inside, far below what counts as ink there; a mark ends with its bubble.
    """
    dark = np.maximum(paper[:, None] - around, 0) / depth[:, None]
    return _through(np.matmul(dark[:, None].astype(np.float32), sectors)[:, 0])


def _paper(patches: Bytes, table: BlockTable, window: _Window) -> Floats:
    """Paper white of each block: what the lighter places between its bubbles say."""
    between = np.take(patches.reshape(-1, patches.shape[2]), window.between, axis=1)
    place = int(0.6 * between.shape[1])
    # Sorting numbers of four bytes takes a third of the time of finding one byte among few.
    white = np.sort(between.astype(np.float32), axis=1)[:, place].reshape(table.real.shape)
    return np.asarray((white * table.real).sum(axis=1) / table.counts, dtype=np.float32)


def _middle(values: NDArray[np.floating[Any]]) -> float:
    """The upper median: a quarter of the time of the exact one."""
    return float(np.sort(values)[len(values) // 2])


def _byte(values: NDArray[np.floating[Any]]) -> Bytes:
    return np.asarray(np.minimum(np.maximum(np.rint(values), 0), 255), dtype=np.uint8)
