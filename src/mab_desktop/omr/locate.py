"""Find the sheet in the image: black squares, orientation mark, and the map from millimetres to pixels.

The squares are sought on a reduced image among all solid black things of their size; the set that fits the sheet
best under turning, shifting and scaling wins. Nothing is guessed: what does not fit is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import FIDUCIALS, ORIENTATION, PAGE_HEIGHT, PAGE_WIDTH, Rect
from mab_desktop.omr.problems import PageRefused

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

REDUCED = 1.97  # pixels per mm of the reduced image
SOLID = 2.6  # mm: thinner ink disappears before squares are sought
BLACK, GRAY = 0.66, 0.82  # of the light around: what may be a square, at the first and at the second look
MAX_TURN = 9.0  # degrees
NEAR = 3.2  # mm: a square this close to its place belongs to it
MAX_ERROR = 0.55  # mm: worst distance of a used square after the fit
MAX_STRETCH = 0.035
MAX_SHEAR = 0.012

# Uneven transport of the paper: tried in turn until the squares fall into place; too much is refused afterwards.
STRETCHES = (1.0, 0.975, 1.025, 0.95, 1.05, 0.92, 1.08)

MARKS: Points = np.array([(f.x, f.y) for f in FIDUCIALS])
SIZES: Points = np.array([f.size for f in FIDUCIALS])
CORNERS = 4


@dataclass(frozen=True)
class Placement:
    """Where the sheet lies: `matrix` (3, 3) takes page millimetres to image pixels.

    `upside_down` says that the image shows the sheet turned by 180 degrees; `found` flags the six squares used,
    `error` is the worst fit in mm, `scale` pixels per mm, `black` the ink of the squares (0-255), `paper` the white
    beside them.
    """

    matrix: NDArray[np.float64]
    upside_down: bool
    found: tuple[bool, ...]
    error: float
    scale: float
    black: float
    paper: float
    perspective: bool = False

    def to_pixels(self, xy: NDArray[np.floating[Any]]) -> Points:
        """Page mm (n, 2) to image pixels (n, 2)."""
        return _apply(self.matrix, xy)


def reduced(gray: Image, scale: float) -> tuple[Image, float]:
    """The small image that squares and streaks are sought on, and its pixels per pixel of `gray`."""
    small = reduce_image(gray, REDUCED / scale)
    return small, small.shape[1] / gray.shape[1]


def locate(gray: Image, small: Image, factor: float, scale: float) -> Placement:
    """Find the sheet in `gray` of about `scale` pixels per mm; PageRefused when it cannot be found surely.

    `small` and `factor` are what `reduced` gives.
    """
    try:
        spots = _solid_spots(small, factor, BLACK)
        turned, which = _match(spots, scale)
    except PageRefused:  # thin toner or a pale scan: what is less than black may be a square too
        spots = _solid_spots(small, factor, GRAY)
        turned, which = _match(spots, scale)
    points = _centres(gray, spots, which, scale)
    matrix, used, error, perspective = _fit(points)
    _check_shape(matrix)
    probe = _probe(gray, matrix)
    black, paper = _levels(probe, used)
    _check_orientation(probe, black, paper)
    _check_double(spots, matrix, scale)
    size = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    return Placement(matrix, turned, tuple(bool(u) for u in used), error, size, black, paper, perspective)


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


def _apply(matrix: NDArray[np.float64], xy: NDArray[np.floating[Any]]) -> Points:
    moved = xy @ matrix[:2, :2].T + matrix[:2, 2]
    if matrix[2, 0] or matrix[2, 1]:
        moved = moved / (xy @ matrix[2, :2] + matrix[2, 2])[:, None]
    return np.asarray(moved, dtype=np.float64)


def _solid_spots(small: Image, factor: float, level: float) -> Points:
    """Solid things darker than `level` of their surroundings: (n, 4) centre x, y, width, height in pixels."""
    around = cv2.blur(small, (27, 27), borderType=cv2.BORDER_REPLICATE)
    dark = cv2.compare(small, cv2.convertScaleAbs(around, alpha=level), cv2.CMP_LT)
    side = round(SOLID * REDUCED)
    core = cv2.erode(dark, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    # All outlines, not the outer ones only: a dark lid around the paper is one outline that holds everything.
    outlines, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    if len(outlines) > 4000:
        raise PageRefused("low-contrast")
    boxes = np.array([cv2.boundingRect(outline) for outline in outlines], dtype=np.float64).reshape(-1, 4)
    # An odd side (5 here) keeps the centre.
    centres = (boxes[:, :2] + boxes[:, 2:] / 2) / factor - 0.5
    return np.concatenate([centres, (boxes[:, 2:] + side - 1) / factor], axis=1)


def _match(spots: Points, scale: float) -> tuple[bool, NDArray[np.intp]]:
    """Which spot is which square: index per square or -1, and whether the page is upside down."""
    size = spots[:, 2:4] / scale
    good = (size.min(axis=1) > 3.6) & (size.max(axis=1) < 8.6) & (size.max(axis=1) < 1.5 * size.min(axis=1))
    candidates = np.flatnonzero(good)
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


def _hypotheses(
    spot: NDArray[np.complex128], marks: NDArray[np.complex128], scale: float
) -> NDArray[np.complex128]:
    """Maps (n, 2) of a, b that take two squares onto two spots with a likely scale and turn."""
    pairs = np.array([(i, j) for i in range(len(marks)) for j in range(i + 1, len(marks))])
    one, two = np.meshgrid(np.arange(len(spot)), np.arange(len(spot)), indexing="ij")
    distinct = one.ravel() != two.ravel()
    one, two = one.ravel()[distinct], two.ravel()[distinct]
    a = (spot[two] - spot[one])[:, None] / (marks[pairs[:, 1]] - marks[pairs[:, 0]])[None, :]
    b = spot[one][:, None] - a * marks[pairs[:, 0]][None, :]
    turn = np.degrees(np.abs(np.angle(a)))
    likely = (np.abs(np.abs(a) / scale - 1) < 0.13) & ((turn < MAX_TURN) | (turn > 180 - MAX_TURN))
    return np.stack([a[likely], b[likely]], axis=1)


def _centres(gray: Image, spots: Points, which: NDArray[np.intp], scale: float) -> Points:
    """Centres of the squares to a fraction of a pixel; NaN for the missing and the damaged."""
    points = np.full((len(MARKS), 2), np.nan)
    for n, index in enumerate(which):
        if index >= 0:
            points[n] = _centre(gray, spots[index], SIZES[n] * scale)
    return points


def _centre(gray: Image, spot: Points, side: float) -> Points:
    """Weighted middle of a square's ink; NaN when its size or filling is not a square's."""
    half = side * 0.5 + max(3.0, side * 0.22)
    left, top = int(max(spot[0] - half, 0)), int(max(spot[1] - half, 0))
    window = gray[top : int(spot[1] + half) + 2, left : int(spot[0] + half) + 2]
    if window.size < 25:
        return np.full(2, np.nan)
    # The square is about half of the window: a fifth and seven eighths stand for the middles of ink and paper. The
    # single darkest pixel would be noise, and paper a little dark with noise must not count as ink.
    below = np.cumsum(np.bincount(window.ravel(), minlength=256))
    low, high = (float(v) for v in np.searchsorted(below, (window.size // 5, window.size * 7 // 8)))
    ink = np.clip((high - 0.22 * (high - low) - window.astype(np.float32)) / max(0.56 * (high - low), 1.0), 0, 1)
    across, down = ink.sum(axis=0), ink.sum(axis=1)
    total = float(across.sum())
    # A square's profiles are flat: their heights are its sides, and the ink fills their product.
    width, height = _plateau(down), _plateau(across)
    if not (0.78 < width / side < 1.24 and 0.78 < height / side < 1.24 and 0.82 < total / (width * height) < 1.22):
        return np.full(2, np.nan)
    x = float((across * np.arange(len(across))).sum() / total)
    y = float((down * np.arange(len(down))).sum() / total)
    return np.array([left + x, top + y])


def _plateau(profile: NDArray[np.floating[Any]]) -> float:
    """The typical height of a profile's top."""
    top = np.sort(profile[profile > 0.5 * profile.max()])
    return float(top[len(top) // 2])


def _fit(points: Points) -> tuple[NDArray[np.float64], NDArray[np.bool_], float, bool]:
    """Map mm to pixels from the squares found; one that does not fit is left out if enough remain."""
    used = ~np.isnan(points[:, 0])
    if used.sum() < 4 or used[:CORNERS].sum() < 3:
        raise PageRefused("missing-corners", found=int(used.sum()))
    matrix, errors = _affine(points, used)
    if errors.max() <= MAX_ERROR:
        return matrix, used, float(errors.max()), False
    best: tuple[float, NDArray[np.float64], NDArray[np.bool_]] | None = None
    if used.sum() >= 6:
        for n in np.flatnonzero(used):
            fewer = used.copy()
            fewer[n] = False
            trial, error = _affine(points, fewer)
            if best is None or error.max() < best[0]:
                best = float(error.max()), trial, fewer
    if best is not None and best[0] <= MAX_ERROR * 0.6:
        return best[1], best[2], best[0], False
    if used[:CORNERS].all() and used.sum() >= 5:
        flat, error = _homography(points, used)
        if error.max() <= MAX_ERROR:
            return flat, used, float(error.max()), True
    raise PageRefused("fit", error=float(errors.max()))


def _affine(points: Points, used: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    source = np.concatenate([MARKS[used], np.ones((int(used.sum()), 1))], axis=1)
    solved, *_ = np.linalg.lstsq(source, points[used], rcond=None)
    matrix = np.eye(3)
    matrix[:2] = solved.T
    return matrix, _errors(matrix, points, used)


def _homography(points: Points, used: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found, _ = cv2.findHomography(MARKS[used], points[used], 0)
    if found is None:
        raise PageRefused("shape")
    matrix = np.asarray(found, dtype=np.float64)
    return matrix, _errors(matrix, points, used)


def _errors(matrix: NDArray[np.float64], points: Points, used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distances in mm between squares and their places."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    distances = np.linalg.norm(_apply(matrix, MARKS[used]) - points[used], axis=1) / max(scale, 1e-6)
    return np.asarray(distances, dtype=np.float64)


def _check_shape(matrix: NDArray[np.float64]) -> None:
    across, down = matrix[:2, 0], matrix[:2, 1]
    wide, high = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    shear = float(across @ down) / (wide * high)
    if abs(wide / high - 1) > MAX_STRETCH or abs(shear) > MAX_SHEAR or np.linalg.det(matrix[:2, :2]) <= 0:
        raise PageRefused("shape")


def _grid(area: Rect, step: float) -> Points:
    """(rows, columns, 2) points in mm, `step` apart, over a rectangle."""
    xs = np.arange(area.x + step / 2, area.right, step)
    ys = np.arange(area.y + step / 2, area.bottom, step)
    return np.stack(np.meshgrid(xs, ys), axis=-1)


def sample_rect(gray: Image, matrix: NDArray[np.float64], area: Rect, step: float = 0.5) -> NDArray[np.float32]:
    """Gray values of a grid over a rectangle in mm, (rows, columns); outside the image counts as white."""
    grid = _grid(area, step)
    pixels = _apply(matrix, grid.reshape(-1, 2)).astype(np.float32).reshape(grid.shape)
    values = cv2.remap(gray, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_CONSTANT, borderValue=255)  # fmt: skip
    return np.asarray(values, dtype=np.float32)


def _probe_points() -> tuple[Points, list[slice]]:
    """Where levels and the orientation mark are looked at: all points in mm, and the part of each place.

    Per square its core and the paper beside it, then the mark and the place opposite.
    """
    areas: list[Rect] = []
    for (x, y), size in zip(MARKS, SIZES, strict=True):
        half = size / 2
        areas.append(Rect(x - half + 1, y - half + 1, size - 2, size - 2))
        areas.append(Rect(x + (-1 if x > PAGE_WIDTH / 2 else 1) * (half + 1.0) - 0.5, y - half, 1.0, size))
    mark = ORIENTATION
    inner = Rect(mark.x + 0.8, mark.y + 0.8, mark.width - 1.6, mark.height - 1.6)
    areas += [inner, Rect(PAGE_WIDTH - inner.right, PAGE_HEIGHT - inner.bottom, inner.width, inner.height)]
    grids = [_grid(area, 0.5).reshape(-1, 2) for area in areas]
    ends = np.cumsum([0] + [len(grid) for grid in grids])
    return np.concatenate(grids), [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True)]


PROBE, PROBE_PARTS = _probe_points()


def _probe(gray: Image, matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Gray values at all probe points; outside the image the nearest edge."""
    pixels = np.rint(_apply(matrix, PROBE)).astype(np.intp)
    xs, ys = pixels[:, 0].clip(0, gray.shape[1] - 1), pixels[:, 1].clip(0, gray.shape[0] - 1)
    return np.asarray(gray[ys, xs], dtype=np.uint8)


def _levels(probe: NDArray[np.uint8], used: NDArray[np.bool_]) -> tuple[float, float]:
    """Ink of the squares and paper beside them; refuses what is too pale."""
    places = np.flatnonzero(used)
    black = float(np.median([np.median(probe[PROBE_PARTS[2 * n]]) for n in places]))
    paper = float(np.median([np.median(probe[PROBE_PARTS[2 * n + 1]]) for n in places]))
    if paper - black < 55 or paper < 100:
        raise PageRefused("low-contrast")
    return black, paper


def _check_orientation(probe: NDArray[np.uint8], black: float, paper: float) -> None:
    """The mark must be where it belongs and nowhere opposite: two independent signs of what is up."""
    middle = (black + paper) / 2
    here = float(np.mean(probe[PROBE_PARTS[-2]] < middle))
    there = float(np.mean(probe[PROBE_PARTS[-1]] < middle))
    if here < 0.7 or there > 0.3:
        raise PageRefused("orientation")


def _check_double(spots: Points, matrix: NDArray[np.float64], scale: float) -> None:
    """More solid squares of the corner size than one sheet has: another sheet shows."""
    size = spots[:, 2:4] / scale
    square = (np.abs(size - 6.0).max(axis=1) < 0.9) & (np.abs(size[:, 0] - size[:, 1]) < 0.7)
    places = _apply(np.linalg.inv(matrix), spots[square, :2])
    away = np.linalg.norm(places[:, None, :] - MARKS[None, :, :], axis=2).min(axis=1) > 8.0
    if int(away.sum()) >= 2:
        raise PageRefused("two-sheets")
