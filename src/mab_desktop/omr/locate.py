"""Find the sheet in the image: black squares, orientation mark, and the map from millimetres to pixels.

The squares are sought on a reduced image among all solid black things of their size; the set that fits the sheet
best under turning, shifting and scaling wins. Nothing is guessed: what does not fit is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor, hypot
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import FIDUCIALS, ORIENTATION, PAGE_HEIGHT, PAGE_WIDTH, Rect
from mab_desktop.omr.problems import PageRefused

Image = NDArray[np.uint8]
Levels = NDArray[Any]  # of an image; cv2 does not say of which type
Points = NDArray[np.float64]

REDUCED = 1.97  # pixels per mm of the reduced image
FIRST = 0.55  # of the light tone of the page: what may be a square at the first look
BLACK, GRAY = 0.66, 0.82  # of the light around: the same at the second and the third
# mm: thinner ink disappears before squares are sought. At the first look filled bubbles do, too; but so does a square
# with a speck of paper in its middle.
THICK, SOLID = 3.3, 2.6
MAX_TURN = 9.0  # degrees
MAX_GROWTH = 0.13  # of the scale that the image's size or its file tells
ROUGH_SIDE = 0.2  # share by which a square of a page that was not found may be larger or smaller
NEAR = 3.2  # mm: a square this close to its place belongs to it
MAX_ERROR = 0.55  # mm: worst distance of a used square after the fit
MAX_BEND = 1.0  # mm: the same where all squares are there and the printed rings are to bear it out
SURE_ERROR = 0.18  # mm: up to which none of them is doubted
MAX_STRETCH = 0.035
MAX_SHEAR = 0.012

# Uneven transport of the paper: tried in turn until the squares fall into place; too much is refused afterwards.
STRETCHES = (1.0, 0.975, 1.025, 0.95, 1.05, 0.92, 1.08)

MARKS: Points = np.array([(f.x, f.y) for f in FIDUCIALS])
SIZES: Points = np.array([f.size for f in FIDUCIALS])
CORNERS = 4
# Each so many rows and columns of an image show its levels; share of them that are neither ink nor paper on a scan with
# grays, this part of the contrast away from both: 0.028 and more on 390 scans of seven scanners, 0 of black and white.
# So each third of these rows says enough of a scan with grays on nearly every page.
EACH, MIDTONES, BORDER, AT_ONCE = 7, 0.012, 0.3, 3
PLACES = [complex(f.x, f.y) for f in FIDUCIALS]
LEVELS = np.arange(256, dtype=np.float32)
PAIRS = np.array([(i, j) for i in range(len(MARKS)) for j in range(i + 1, len(MARKS))]).T


@dataclass(frozen=True)
class Placement:
    """Where the sheet lies: `matrix` (3, 3) takes page millimetres to image pixels.

    `upside_down` says that the image shows the sheet turned by 180 degrees; `found` flags the six squares used,
    `error` is the worst fit in mm, `scale` pixels per mm, `black` the ink of the squares (0-255), `paper` the white
    beside them. `oriented` says that the mark tells the same of what is up.
    """

    matrix: NDArray[np.float64]
    upside_down: bool
    found: tuple[bool, ...]
    error: float
    scale: float
    black: float
    paper: float
    perspective: bool = False
    oriented: bool = True

    @property
    def bent(self) -> bool:
        """Whether the squares are off by more than those of paper that ran evenly."""
        return self.error > MAX_ERROR

    def to_pixels(self, xy: NDArray[np.floating[Any]]) -> Points:
        """Page mm (n, 2) to image pixels (n, 2)."""
        return _apply(self.matrix, xy)

    def to_page(self, pixels: NDArray[np.floating[Any]]) -> Points:
        """Image pixels (n, 2) to page mm (n, 2)."""
        return _apply(np.asarray(cv2.invert(self.matrix)[1], dtype=np.float64), pixels)

    def without_grays(self, gray: Image) -> bool:
        """Whether an image of this sheet knows black and white only, also after a JPEG has blurred its edges."""
        return without_grays(gray, self.black, self.paper)


def without_grays(gray: Image, black: float, paper: float) -> bool:
    """Whether an image with ink and paper of these levels has next to nothing between both."""
    span = max(paper - black, 1.0)
    first, last = ceil(black + BORDER * span), floor(paper - BORDER * span)
    dots = gray[::EACH, ::EACH]
    between = 0
    for begin in range(AT_ONCE):
        between += cv2.countNonZero(cv2.inRange(np.ascontiguousarray(dots[begin::AT_ONCE]), first, last))
        if between >= MIDTONES * dots.size:
            return False
    return True


def reduced(gray: Image, scale: float) -> tuple[Image, float]:
    """The small image that squares and streaks are sought on, and its pixels per pixel of `gray`."""
    small = reduce_image(gray, REDUCED / scale)
    return small, small.shape[1] / gray.shape[1]


def tones(small: Image) -> tuple[int, int, int, int, int]:
    """The darkest level of a page, the one above its darkest tenth, the middle one, and the same from the light end."""
    rough = small[:: small.shape[0] // 60, :: small.shape[1] // 60]
    levels = np.sort(rough, axis=None, kind="stable")  # of bytes: a tenth of the usual way's time
    darkest, dark, middle, light, lightest = (int(levels[max(0, rough.size * n // 10 - 1)]) for n in (0, 1, 5, 9, 10))
    return darkest, dark, middle, light, lightest


def _histogram(levels: Image) -> NDArray[np.float32]:
    """(256,) how often each level is there, in an image without gaps between its rows: four times as fast as with."""
    return np.asarray(cv2.calcHist([levels], [0], None, [256], [0, 256]), dtype=np.float32)[:, 0]


def locate(
    gray: Image, small: Image, factor: float, scale: float, light: int | None = None, marked: Points | None = None
) -> Placement:
    """Find the sheet in `gray` of about `scale` pixels per mm; PageRefused when it cannot be found surely.

    `small` and `factor` are what `reduced` gives, `light` is its light level where `tones` was asked already. `marked`
    (n, 2) mm are places where a pen may leave solid squares as large as the sheet's: bubbles of other forms.
    """
    spots, turned, which = _find(small, factor, scale, tones(small)[3] if light is None else light)
    points = _centres(gray, spots, which, scale)
    matrix, used, error, perspective = _fit(points)
    _check_shape(matrix)
    probe = _probe(gray, matrix)
    black, paper = _levels(probe, used)
    oriented = _is_oriented(probe, black, paper)
    _check_double(gray, (black + paper) / 2, spots, which, matrix, scale, marked)
    size = _growth(matrix)
    return Placement(matrix, turned, tuple(bool(u) for u in used), error, size, black, paper, perspective, oriented)


def reduce_image(gray: Image, factor: float) -> Image:
    """The image made smaller by about `factor`, by whole numbers where they come close: that is much faster."""
    whole = max(1, round(1 / factor))
    if abs(whole * factor - 1) < 0.14:
        height, width = gray.shape[0] // whole, gray.shape[1] // whole
        gray = gray[: height * whole, : width * whole]
        if whole % 2 == 0 and whole > 2:  # halving is done by vector instructions, other fractions are not
            half = (width * whole // 2, height * whole // 2)
            gray = np.asarray(cv2.resize(gray, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    else:
        height, width = round(gray.shape[0] * factor), round(gray.shape[1] * factor)
    return np.asarray(cv2.resize(gray, (max(width, 1), max(height, 1)), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _growth(matrix: NDArray[np.float64]) -> float:
    """Pixels per mm."""
    (xx, xy), (yx, yy) = matrix[:2, :2].tolist()
    return float(abs(xx * yy - xy * yx) ** 0.5)


def _apply(matrix: NDArray[np.float64], xy: NDArray[np.floating[Any]]) -> Points:
    moved = xy @ matrix[:2, :2].T + matrix[:2, 2]
    if matrix[2, 0] or matrix[2, 1]:
        moved = moved / (xy @ matrix[2, :2] + matrix[2, 2])[..., None]
    return np.asarray(moved, dtype=np.float64)


def _find(small: Image, factor: float, scale: float, light: int) -> tuple[Points, bool, NDArray[np.intp]]:
    """Solid spots, whether the page is upside down, and the spot of each square or -1."""
    # At first only what is black by any measure: on most pages that shows the squares and little else.
    _, dark = cv2.threshold(small, FIRST * light, 255, cv2.THRESH_BINARY_INV)
    spots = _solid_spots(dark, factor, THICK)
    found = _outermost(spots, scale)
    if found is not None:
        return spots, *found
    around = cv2.blur(small, (27, 27), borderType=cv2.BORDER_REPLICATE)
    try:
        spots = _solid_spots(_below(small, around, BLACK), factor, SOLID)
        return spots, *_match(spots, scale)
    except PageRefused:  # thin toner or a pale scan: what is less than black may be a square too
        spots = _solid_spots(_below(small, around, GRAY), factor, SOLID)
        return spots, *_match(spots, scale)


def _below(image: Image, around: Levels, level: float) -> Levels:
    """Where the image is darker than `level` of the light around."""
    return cv2.compare(image, cv2.convertScaleAbs(around, alpha=level), cv2.CMP_LT)


def _solid_spots(dark: Levels, factor: float, thick: float) -> Points:
    """Dark things of at least `thick` mm both ways: (n, 4) centre x, y, width, height in pixels of the full image."""
    side = round(thick * REDUCED / 2 - 0.5) * 2 + 1  # odd, to keep the centre
    core = cv2.erode(dark, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    # All outlines, not the outer ones only: a dark lid around the paper is one outline that holds everything.
    outlines, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    if len(outlines) > 4000:
        raise PageRefused("low-contrast")
    # A handful on nearly every page: plain numbers are faster than arrays.
    spots = [
        ((x + wide / 2) / factor - 0.5, (y + high / 2) / factor - 0.5, (wide + side - 1) / factor,
         (high + side - 1) / factor)
        for x, y, wide, high in map(cv2.boundingRect, outlines)
    ]  # fmt: skip
    return np.array(spots, dtype=np.float64).reshape(-1, 4)


def _outermost(spots: Points, scale: float) -> tuple[bool, NDArray[np.intp]] | None:
    """As `_match` says, where the outermost spots are corners and all six squares are there; None otherwise.

    A handful of numbers: plain ones are faster than arrays.
    """
    sized = [(complex(x, y), n) for n, (x, y, w, h) in enumerate(spots.tolist()) if _may_be_square(w, h, scale)]
    if len(sized) < len(PLACES):
        return None
    first, last = (best(sized, key=lambda spot: spot[0].real + spot[0].imag)[0] for best in (min, max))
    for begin, end in ((first, last), (last, first)):
        turn = (end - begin) / (PLACES[CORNERS - 1] - PLACES[0])
        hits = [min((abs(begin + turn * (place - PLACES[0]) - spot), n) for spot, n in sized) for place in PLACES]
        if abs(abs(turn) / scale - 1) < MAX_GROWTH and max(hits)[0] < NEAR * scale:
            return turn.real < 0, np.array([n for _, n in hits])
    return None


def _may_be_square(width: float, height: float, scale: float) -> bool:
    """Whether a thing of this size may be one of the sheet's squares."""
    least, most = min(width, height), max(width, height)
    return least > 3.6 * scale and most < min(8.6 * scale, 1.5 * least)


def _match(spots: Points, scale: float) -> tuple[bool, NDArray[np.intp]]:
    """Which spot is which square: index per square or -1, and whether the page is upside down."""
    size = spots[:, 2:4] / scale
    least, most = size.min(axis=1), size.max(axis=1)
    candidates = np.flatnonzero((least > 3.6) & (most < 8.6) & (most < 1.5 * least))
    if len(candidates) > 60:
        order = np.argsort(np.abs(size[candidates].mean(axis=1) - 6.0))
        candidates = candidates[order[:60]]
    if len(candidates) < 3:
        raise PageRefused("missing-corners", found=len(candidates))
    place = spots[candidates, :2]
    most = 0
    for stretch in STRETCHES:
        turned, hits, nearest = _best_map(place, scale, stretch)
        most = max(most, int(hits.sum()))
        if hits.sum() >= 4 and hits[:CORNERS].sum() >= 3:
            return turned, np.where(hits, candidates[nearest], -1)
    raise PageRefused("missing-corners", found=most)


def _best_map(place: Points, scale: float, stretch: float) -> tuple[bool, NDArray[np.bool_], NDArray[np.intp]]:
    """The turn, shift and scale that brings most squares onto spots: upside down?, squares hit, their spots."""
    # Complex numbers: z -> a * z + b turns, scales and shifts at once.
    marks = MARKS[:, 0] + 1j * MARKS[:, 1] * stretch
    spot = place[:, 0] + 1j * place[:, 1]
    maps = _hypotheses(spot, marks, scale)
    if not len(maps):
        return False, np.zeros(len(marks), dtype=bool), np.zeros(len(marks), dtype=np.intp)
    expected = maps[:, :1] * marks[None, :] + maps[:, 1:]
    distance = np.abs(expected[:, :, None] - spot[None, None, :]) / scale
    nearest, near = distance.argmin(axis=2), distance.min(axis=2)
    hits = near < NEAR
    quality = hits.sum(axis=1) - 0.1 * np.where(hits, near, 0).mean(axis=1)
    best = int(np.argmax(quality))
    return bool(maps[best, 0].real < 0), hits[best], nearest[best]


def rough_map(spots: Points, scale: float) -> NDArray[np.float64] | None:
    """For pictures of a page that was refused: mm to pixels by at least three spots (n, 3: x, y, side) that stand as
    the squares do and are of their size, None where there are none. The map that most, and these best, agree to.
    """
    spot, marks = spots[:, 0] + 1j * spots[:, 1], MARKS[:, 0] + 1j * MARKS[:, 1]
    maps = _hypotheses(spot, marks, scale)
    if not len(maps):
        return None
    expected = maps[:, :1] * marks[None, :] + maps[:, 1:]
    away = np.abs(expected[:, :, None] - spot[None, None, :]) / scale
    sides = spots[:, 2][None, None, :] / (np.abs(maps[:, :1, None]) * SIZES[None, :, None])
    near = np.where(np.abs(sides - 1) < ROUGH_SIDE, away, np.inf).min(axis=2)
    hits = near < NEAR
    best = int(np.argmax(hits.sum(axis=1) - 0.1 * np.where(hits, near, 0).mean(axis=1)))
    if hits[best].sum() < 3:
        return None
    a, b = maps[best]
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag], [0, 0, 1.0]])


def _hypotheses(
    spot: NDArray[np.complex128], marks: NDArray[np.complex128], scale: float
) -> NDArray[np.complex128]:
    """Maps (n, 2) of a, b that take two squares onto two spots with a likely scale and turn."""
    one, two = marks[PAIRS]
    a = (spot[None, :, None] - spot[:, None, None]) / (two - one)
    grown, level = np.abs(a) / scale, np.abs(a.real)
    likely = (np.abs(grown - 1) < MAX_GROWTH) & (np.abs(a.imag) < np.tan(np.radians(MAX_TURN)) * level)
    first, _, pair = np.nonzero(likely)
    found = a[likely]
    return np.stack([found, spot[first] - found * one[pair]], axis=1)


def _centres(gray: Image, spots: Points, which: NDArray[np.intp], scale: float) -> Points:
    """Centres of the squares to a fraction of a pixel; NaN for the missing and the damaged."""
    asked = np.flatnonzero(which >= 0)
    sides = SIZES[asked] * scale
    half = sides * 0.5 + np.maximum(3.0, sides * 0.22)
    first = np.floor(spots[which[asked], :2] - half[:, None]).astype(np.intp)
    counts = (2 * half).astype(np.intp) + 2
    # What of a window lies in the image, from the same place on in its profiles.
    parts = [(max(x, 0), max(y, 0), x, y, side) for (x, y), side in zip(first.tolist(), counts.tolist(), strict=True)]
    windows = [np.ascontiguousarray(gray[top : y + side, left : x + side]) for left, top, x, y, side in parts]
    profiles = np.zeros((2, len(asked), counts.max()), dtype=np.float32)
    for n, (window, ink) in enumerate(zip(windows, _inks(windows), strict=True)):
        left, top, x, y, _ = parts[n]
        shares = cv2.LUT(window, ink)
        profiles[0, n, left - x :][: window.shape[1]] = cv2.reduce(shares, 0, cv2.REDUCE_SUM)[0]
        profiles[1, n, top - y :][: window.shape[0]] = cv2.reduce(shares, 1, cv2.REDUCE_SUM)[:, 0]
    points = np.full((len(MARKS), 2), np.nan)
    points[asked] = first + _middles(profiles, sides)
    return points


def _inks(windows: list[Image]) -> NDArray[np.float32]:
    """(n, 256) share of ink of each level in windows around squares.

    A square is about half of its window: a fifth and seven eighths stand for the middles of ink and paper. The single
    darkest pixel would be noise, and paper a little dark with noise must not count as ink.
    """
    below = np.array([_histogram(window) for window in windows]).cumsum(axis=1)
    low, high = ((below < below[:, -1:] * share).sum(axis=1, keepdims=True) for share in (1 / 5, 7 / 8))
    ink = (high - 0.22 * (high - low) - LEVELS) / np.maximum(0.56 * (high - low), 1.0)
    return np.asarray(np.minimum(np.maximum(ink, 0), 1), dtype=np.float32)


def _middles(profiles: NDArray[np.float32], sides: NDArray[np.float64]) -> Points:
    """(n, 2) middles of squares with the `profiles` (2, n, length) of their ink; NaN where they are no squares."""
    total = np.maximum(profiles[0].sum(axis=1), 1e-3)
    middles = (profiles @ np.arange(profiles.shape[2], dtype=np.float32)) / total
    # A square's profiles are flat: their heights are its sides, and the ink fills their product.
    ordered = np.sort(profiles, axis=2)
    count = (ordered > 0.5 * ordered[..., -1:]).sum(axis=2)
    tops = ordered[[[0], [1]], np.arange(len(sides)), ordered.shape[2] - count + count // 2]
    fits = (np.abs(tops / sides - 1.01) < 0.23).all(axis=0) & (np.abs(total / (tops[0] * tops[1]) - 1.02) < 0.2)
    return np.where(fits[:, None], middles.T, np.nan)


def _fit(points: Points) -> tuple[NDArray[np.float64], NDArray[np.bool_], float, bool]:
    """Map mm to pixels from the squares found; one that does not fit is left out if enough remain."""
    used = ~np.isnan(points[:, 0])
    if used.sum() < 4 or used[:CORNERS].sum() < 3:
        raise PageRefused("missing-corners", found=int(used.sum()))
    matrix, errors = _affine(points, used)
    error = float(errors.max())
    if error > SURE_ERROR and used.all():
        fewer = _without_worst(points)
        trial, rest = _affine(points, fewer)
        # One that is off where the others agree: a fold, a shadow or dirt beside it was taken for a part of it.
        if rest.max() < min(0.3 * error, 0.6 * MAX_ERROR) or (error > MAX_ERROR and rest.max() <= 0.6 * MAX_ERROR):
            return trial, fewer, float(rest.max()), False
    if error <= MAX_ERROR:
        return matrix, used, error, False
    if used[:CORNERS].all() and used.sum() >= 5:
        flat, errors = _homography(points, used)
        if errors.max() <= MAX_ERROR:
            return flat, used, float(errors.max()), True
    if used.all() and error <= MAX_BEND:
        return matrix, used, error, False
    raise PageRefused("fit", error=error)


def _without_worst(points: Points) -> NDArray[np.bool_]:
    """All squares but the one without which the others fit best."""
    trials = ~np.eye(len(MARKS), dtype=bool)
    return np.asarray(trials[int(np.argmin([_affine(points, trial)[1].max() for trial in trials]))])


def _affine(points: Points, used: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    matrix = np.eye(3)
    matrix[:2] = (_solver(tuple(used.tolist())) @ points[used]).T
    return matrix, _errors(matrix, points, used)


@cache
def _solver(used: tuple[bool, ...]) -> Points:
    """What takes the places of these squares to the map that fits them best; of all squares, on nearly every page."""
    marks = MARKS[list(used)]
    return np.linalg.pinv(np.concatenate([marks, np.ones((len(marks), 1))], axis=1))


def _homography(points: Points, used: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found, _ = cv2.findHomography(MARKS[used], points[used], 0)
    if found is None:
        raise PageRefused("shape")
    matrix = np.asarray(found, dtype=np.float64)
    return matrix, _errors(matrix, points, used)


def _errors(matrix: NDArray[np.float64], points: Points, used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distances in mm between squares and their places."""
    off = _apply(matrix, MARKS[used]) - points[used]
    return np.asarray(np.hypot(off[:, 0], off[:, 1]) / max(_growth(matrix), 1e-6), dtype=np.float64)


def _check_shape(matrix: NDArray[np.float64]) -> None:
    (xx, xy), (yx, yy) = matrix[:2, :2].tolist()
    wide, high = hypot(xx, yx), hypot(xy, yy)
    shear = (xx * xy + yx * yy) / (wide * high)
    if abs(wide / high - 1) > MAX_STRETCH or abs(shear) > MAX_SHEAR or xx * yy <= xy * yx:
        raise PageRefused("shape")


def _steps(area: Rect, step: float) -> tuple[Points, Points]:
    """(columns,) and (rows,) places in mm across and down, `step` apart, over a rectangle."""
    return np.arange(area.x + step / 2, area.right, step), np.arange(area.y + step / 2, area.bottom, step)


def _grid(area: Rect, step: float) -> Points:
    """(rows, columns, 2) points in mm, `step` apart, over a rectangle."""
    return np.stack(np.meshgrid(*_steps(area, step)), axis=-1)


def sample_rect(gray: Image, matrix: NDArray[np.float64], area: Rect, step: float = 0.5) -> NDArray[np.float32]:
    """Gray values of a grid over a rectangle in mm, (rows, columns); outside the image counts as white."""
    across, down = _steps(area, step)
    x, y = (row[0] * across + (row[1] * down + row[2])[:, None] for row in matrix[:2])
    if matrix[2, 0] or matrix[2, 1]:
        far = matrix[2, 0] * across + (matrix[2, 1] * down + matrix[2, 2])[:, None]
        x, y = x / far, y / far
    values = cv2.remap(gray, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_CONSTANT, borderValue=255)  # fmt: skip
    return np.asarray(values, dtype=np.float32)


def _probe_points() -> tuple[Points, list[slice]]:
    """Where levels and the orientation mark are looked at: all points in mm, and the part of each place.

    The cores of all squares, the paper beside each of them, then the mark, the place opposite, and where the mark is
    in an image that is mirrored.
    """
    cores, beside = [], []
    for (x, y), size in zip(MARKS, SIZES, strict=True):
        half = size / 2
        core = Rect(x - half + 1, y - half + 1, size - 2, size - 2)
        cores.append(_grid(core, core.width / 8))
        edge = x + (-1 if x > PAGE_WIDTH / 2 else 1) * (half + 1.0)
        beside.append(_grid(Rect(edge - 0.5, y - half, 1.0, size), size / 12))
    mark = ORIENTATION
    inner = Rect(mark.x + 0.8, mark.y + 0.8, mark.width - 1.6, mark.height - 1.6)
    opposite = Rect(PAGE_WIDTH - inner.right, PAGE_HEIGHT - inner.bottom, inner.width, inner.height)
    mirrored = Rect(opposite.x, inner.y, inner.width, inner.height)
    parts = [np.stack(cores), np.stack(beside), *(_grid(area, 0.5) for area in (inner, opposite, mirrored))]
    points = [part.reshape(-1, 2) for part in parts]
    ends = np.cumsum([0] + [len(part) for part in points])
    return np.concatenate(points), [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True)]


PROBE, (CORES, BESIDE, MARK, OPPOSITE, MIRRORED) = _probe_points()


def _probe(gray: Image, matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Gray values at all probe points."""
    return np.asarray(_seen(gray, matrix, PROBE), dtype=np.uint8)


def _levels(probe: NDArray[np.uint8], used: NDArray[np.bool_]) -> tuple[float, float]:
    """Ink of the squares and paper beside them; refuses what is too pale."""
    black, paper = (_middle_level(probe[part].reshape(len(MARKS), -1)[used]) for part in (CORES, BESIDE))
    if paper - black < 55 or paper < 100:
        raise PageRefused("low-contrast")
    return black, paper


def _middle_level(places: NDArray[np.uint8]) -> float:
    """The middle of the middle levels of some places (n, points)."""
    return float(_median(_median(places.astype(np.float32).T)))


def _median(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """As numpy's, of the first axis, without its long way there."""
    ordered, count = np.sort(values, axis=0), len(values)
    return np.asarray((ordered[(count - 1) // 2] + ordered[count // 2]) / 2)


def _is_oriented(probe: NDArray[np.uint8], black: float, paper: float) -> bool:
    """Whether the mark is where it belongs and nowhere opposite: two independent signs of what is up."""
    middle = (black + paper) / 2
    here, there = _share_below(probe[MARK], middle), _share_below(probe[OPPOSITE], middle)
    if max(here, there) < 0.3 and _share_below(probe[MIRRORED], middle) > 0.7:
        raise PageRefused("mirrored")
    return here >= 0.7 and there <= 0.3


def _share_below(levels: NDArray[np.uint8], bound: float) -> float:
    """Part of the levels that are darker."""
    return np.count_nonzero(levels < bound) / levels.size


BESIDE_MARK = 4.0  # mm from the middle of a bubble up to which a dark square is a mark
# Parts of a square's side from its middle: where it is dark in its four corners, and light around.
INSIDE = 0.41 * np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)])
AROUND = 0.66 * np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])


def _check_double(
    gray: Image, middle: float, spots: Points, which: NDArray[np.intp], matrix: NDArray[np.float64], scale: float,
    marked: Points | None,
) -> None:  # fmt: skip
    """More solid squares of the corner size than one sheet has, or one beyond the edges: another sheet shows.

    `middle` is the level between ink and paper. Punched holes are round, and what was crossed out has arms.
    """
    size = spots[:, 2:4] / scale
    square = (np.abs(size - 6.0) < 0.9).all(axis=1) & (np.abs(size[:, 0] - size[:, 1]) < 0.7)
    square[which[which >= 0]] = False
    if not square.any():
        return
    places, sides = _apply(np.linalg.inv(matrix), spots[square, :2]), size[square].mean(axis=1)[:, None, None]
    inside, around = (_seen(gray, matrix, places[:, None] + sides * part) < middle for part in (INSIDE, AROUND))
    away = inside.all(axis=1) & (np.count_nonzero(around, axis=1) <= 1)
    away &= np.linalg.norm(places[:, None, :] - MARKS[None, :, :], axis=2).min(axis=1) > 8.0
    if marked is not None:
        away &= np.linalg.norm(places[:, None, :] - marked[None, :, :], axis=2).min(axis=1) > BESIDE_MARK
    beyond = ((places < -2.0) | (places > np.array([PAGE_WIDTH, PAGE_HEIGHT]) + 2.0)).any(axis=1)
    if int(away.sum()) >= 2 or (away & beyond).any():
        raise PageRefused("two-sheets")


def _seen(gray: Image, matrix: NDArray[np.float64], places: Points) -> Levels:
    """Gray values at places (..., 2) in mm; outside the image the nearest edge."""
    pixels = np.rint(_apply(matrix, places)).astype(np.intp)
    xs, ys = (np.minimum(np.maximum(pixels[..., n], 0), gray.shape[1 - n] - 1) for n in (0, 1))
    return np.asarray(gray[ys, xs], dtype=np.uint8)
