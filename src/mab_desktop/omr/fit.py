"""Read the test sheet: what printer, paper and scanner do to a page, measured, and a verdict in plain words.

A scan cannot tell what the printer did from what the scanner did: size, darkness and position are those of both
together. The sheet carries rulers, so that a person can measure the printer's part by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from mab_desktop.domain.fit_sheet import (
    BARS,
    EDGE_LONG,
    EDGES,
    FIT_CODE,
    GRAY_STEPS,
    PLAIN,
    WHITE,
    edge_bars,
    gray_patches,
    line_patches,
    pair_patches,
    rings,
)
from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, QR, Rect
from mab_desktop.omr.fit_judge import judge
from mab_desktop.omr.geometry import geometry_of
from mab_desktop.omr.locate import Image, Placement, locate, reduced, sample_rect
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.remarks import Remark, Verdict, gravest_first, unread, worst
from mab_desktop.omr.sample import Sampled, sample
from mab_desktop.omr.streaks import Streak, depths_of, of_streak, upright_streaks

INCH = 25.4
QR_ONLY: Any = zxingcpp.BarcodeFormat.QRCode
USUAL_DPI = (75, 100, 150, 200, 240, 250, 300, 400, 600)
NEAR_USUAL = 1.06  # a margin of the scanner's lid makes the image so much larger than the page
SMALLEST = 400  # pixels of the shorter side
BAR_PIECES = 20
RING_USUAL = 40.0  # what `Scores.ring` shows above 128 on a usual scan
FINE = 0.1  # mm between samples of edges and lines
# A streak must show on so many pieces of plain paper, by so many gray levels: they are smaller than a white sheet.
STREAK_SEEN, STREAK_DEPTH, LEAST_ROWS, MOST_STREAKS = 3, 7.0, 6, 6


@dataclass(frozen=True)
class FitReport:
    """What the test sheet says; `measures` is empty when the sheet was not found on the image.

    Lengths in mm, angles in degrees, darkness as share of the way from paper (0) to black (1):
    `dpi` taken for true, `scale_x`, `scale_y` printer and scanner together (1 = true size), `shift_x`, `shift_y` of the
    page's middle on the image, `skew`, `shear`, `wave` the worst bend of the page, `cut_left` ... `cut_bottom` where
    print begins from the page's edge, `black` and `white` gray values 0-255, `ink` darkness of solid areas, `even`
    their spread, `light` spread of the paper's white, `rings` how well thin rings show (1 = as usual), `line` the
    thinnest of the printed lines that still shows, `sharp` contrast of 0.3 mm lines, `noise` in gray levels.
    `steps` are the measured darkness of the gray steps 0 %, 10 % ... 100 %, `streaks` what stands upright on the image.
    """

    verdict: Verdict
    remarks: tuple[Remark, ...]
    measures: Mapping[str, float]
    steps: tuple[float, ...] = ()
    bilevel: bool = False
    code: bool = False
    placement: tuple[float, ...] = ()
    streaks: tuple[Streak, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether answer sheets may be printed and scanned so."""
        return self.verdict is not Verdict.BAD

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "verdict": self.verdict.value,
            "remarks": [{"code": r.code, "verdict": r.verdict.value, "params": dict(r.params)} for r in self.remarks],
            "measures": {name: round(value, 4) for name, value in self.measures.items()},
            "steps": [round(step, 3) for step in self.steps], "bilevel": self.bilevel, "code": self.code,
            "streaks": [asdict(streak) for streak in self.streaks],
        }  # fmt: skip


def read_fit(gray: Image, dpi: float = 0.0, *, bilevel: bool = False) -> FitReport:
    """Measure a scanned test sheet given as gray values; `dpi` as the scanner was set or the file says, 0 unknown."""
    lying = gray.shape[1] > 1.15 * gray.shape[0]
    if lying:
        gray = np.ascontiguousarray(np.rot90(gray))
    try:
        if min(gray.shape) < SMALLEST:
            raise PageRefused("resolution", dpi=round(min(gray.shape) / PAGE_WIDTH * INCH))
        true_dpi = nominal_dpi(gray, dpi)
        scale = true_dpi / INCH
        small, factor = reduced(gray, scale)
        placement = locate(gray, small, factor, scale)
        code = _code(gray, placement)
        if code and code != FIT_CODE:
            raise PageRefused("wrong-form")
        measures, steps = _measure(gray, placement, true_dpi)
    except PageRefused as problem:
        return FitReport(Verdict.BAD, unread(problem.problem), {}, bilevel=bilevel)
    bilevel = bilevel or placement.without_grays(gray)
    # Black and white tells no streak from print; on a page that lay on its side they do not stand upright.
    streaks = () if bilevel or lying else _streaks(gray, placement, scale)
    gravest = sorted(streaks, key=lambda streak: -abs(streak.depth))[:MOST_STREAKS]
    found = judge(measures, steps, bilevel=bilevel, code=bool(code))
    remarks = gravest_first((*found, *(of_streak("fit-streak", streak) for streak in gravest)))
    place = tuple(float(v) for v in placement.matrix.ravel())
    return FitReport(worst(remarks), remarks, measures, steps, bilevel, bool(code), place, streaks)


def nominal_dpi(gray: Image, said: float) -> float:
    """The resolution that is said if it can be, else the usual one nearest to that of an A4 page of this size."""
    seen = float(np.sqrt(gray.shape[0] * gray.shape[1] / (PAGE_WIDTH * PAGE_HEIGHT))) * INCH
    if said and 0.8 < said / seen < 1.25:
        return said
    usual = min(USUAL_DPI, key=lambda dpi: abs(np.log(dpi / seen)))
    return usual if 1 / NEAR_USUAL < usual / seen < NEAR_USUAL else seen


def _code(gray: Image, placement: Placement) -> str:
    wide = Rect(QR.x - 3, QR.y - 3, QR.width + 6, QR.height + 6)
    straight = np.clip(sample_rect(gray, placement.matrix, wide, 0.066), 0, 255).astype(np.uint8)
    for blur in (0.0, 2.0):
        image = cv2.GaussianBlur(straight, (0, 0), blur) if blur else straight
        found = zxingcpp.read_barcodes(np.ascontiguousarray(image), formats=QR_ONLY)
        if found:
            return found[0].text
    return ""


def _measure(gray: Image, placement: Placement, dpi: float) -> tuple[dict[str, float], tuple[float, ...]]:
    matrix = placement.matrix
    blacks = np.concatenate([_pieces(gray, matrix, area) for area in BARS.values()])
    whites = np.array([float(np.median(sample_rect(gray, matrix, area))) for area in WHITE])
    black, white = float(np.median(blacks)), float(np.median(whites))
    span = max(white - black, 1.0)
    sampled = sample(gray, geometry_of(rings()), placement.to_pixels, placement.black)
    steps = _steps(gray, matrix, black, white)
    measures = {"dpi": dpi, **_shape(gray, matrix, dpi), "wave": _wave(sampled), **_cuts(gray, placement)}
    measures |= {
        "black": black, "white": white, "ink": 1 - black / max(white, 1.0),
        "even": float(np.percentile(blacks, 96) - np.percentile(blacks, 4)) / span,
        "light": float(np.ptp(whites)) / max(white, 1.0),
        "rings": max(0.0, float(np.median(sampled.scores.ring)) - 128) / RING_USUAL,
        "line": _thinnest(gray, matrix, black, white), "sharp": _sharpness(gray, matrix, span),
        "noise": float(np.median([noise_of(_pixels(gray, placement, area)) for area in WHITE])),
    }  # fmt: skip
    return measures, steps


def _streaks(gray: Image, placement: Placement, dots: float) -> tuple[Streak, ...]:
    """Columns of the image that differ from both sides wherever they run over plain paper."""
    depths = np.full((len(PLAIN), gray.shape[1]), np.nan, dtype=np.float32)
    for n, area in enumerate(PLAIN):
        corners = np.array([(x, y) for x in (area.x, area.right) for y in (area.y, area.bottom)])
        # Askew the area reaches less far: between the inner ones of its corners.
        across, down = (np.sort(side) for side in placement.to_pixels(corners).T)
        left, right = max(0, int(np.ceil(across[1]))), min(gray.shape[1], int(across[2]))
        top, bottom = max(0, int(np.ceil(down[1]))), min(gray.shape[0], int(down[2]))
        if bottom - top >= LEAST_ROWS and right > left:
            depths[n, left:right] = depths_of(gray[top:bottom, left:right], dots)
    return upright_streaks(depths, dots, known=STREAK_SEEN, least=STREAK_DEPTH)


def noise_of(values: Image) -> float:
    """The usual deviation of single pixels from an even ground, in gray levels, by how far neighbours differ."""
    steps = np.abs(np.diff(values.astype(np.float32), axis=1))
    return float(np.mean(steps)) * 0.886 if steps.size else 0.0  # sqrt(pi) / 2 of the mean difference of two


def _pixels(gray: Image, placement: Placement, area: Rect) -> Image:
    """The image's own pixels around a place of plain paper, nothing smoothed between them."""
    corners = placement.to_pixels(np.array([(area.x, area.y), (area.right, area.bottom)]))
    low, high = np.ceil(corners.min(axis=0)).astype(int).clip(0), np.floor(corners.max(axis=0)).astype(int)
    return gray[low[1] : high[1], low[0] : high[0]]


def _shape(gray: Image, matrix: NDArray[np.float64], dpi: float) -> dict[str, float]:
    """Scale, skew and shear of the page, and how far its middle lies from the image's."""
    across, down = matrix[:2, 0], matrix[:2, 1]
    wide, high = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    turned = -1.0 if across[0] < 0 else 1.0  # upside down: told as if it lay upright
    middle = matrix @ np.array([PAGE_WIDTH / 2, PAGE_HEIGHT / 2, 1.0])
    off = turned * (middle[:2] / middle[2] - (np.array([gray.shape[1], gray.shape[0]]) - 1) / 2) / dpi * INCH
    return {
        "scale_x": wide / dpi * INCH, "scale_y": high / dpi * INCH, "shift_x": float(off[0]), "shift_y": float(off[1]),
        "skew": float(np.degrees(np.arctan2(turned * across[1], turned * across[0]))),
        "shear": float(np.degrees(across @ down / (wide * high))),
    }  # fmt: skip


def _wave(sampled: Sampled) -> float:
    """The worst distance in mm of a field of rings from where the squares say it lies."""
    return float(np.linalg.norm(sampled.shifts, axis=1).max())


def _pieces(gray: Image, matrix: NDArray[np.float64], area: Rect) -> NDArray[np.float64]:
    """Gray values of a solid bar, piece by piece along it."""
    inner = Rect(area.x + 0.8, area.y + 0.8, area.width - 1.6, area.height - 1.6)
    values = sample_rect(gray, matrix, inner, 0.4)
    along = values if area.width > area.height else values.T
    return np.array([float(np.median(piece)) for piece in np.array_split(along, BAR_PIECES, axis=1)])


def _cuts(gray: Image, placement: Placement) -> dict[str, float]:
    """From where print is seen at each edge of the page, in mm; the length of the bars when nothing of them is."""
    middle = (placement.black + placement.paper) / 2
    found: dict[str, float] = {}
    for edge in EDGES:
        begins = [_begin(gray, placement.matrix, bar, edge, middle) for bar in edge_bars()[edge]]
        found[f"cut_{edge}"] = float(np.median(begins))
    return found


def _begin(gray: Image, matrix: NDArray[np.float64], bar: Rect, edge: str, middle: float) -> float:
    upright = edge in ("top", "bottom")
    core = (
        Rect(bar.x + 0.6, bar.y, bar.width - 1.2, bar.height) if upright
        else Rect(bar.x, bar.y + 0.6, bar.width, bar.height - 1.2)
    )  # fmt: skip
    values = sample_rect(gray, matrix, core, FINE).mean(axis=1 if upright else 0)
    outwards = values[::-1] if edge in ("left", "top") else values
    light = np.flatnonzero(outwards > middle)
    # The bar ends at the first light place outwards: beyond it the lid of the scanner may be dark again.
    return EDGE_LONG - FINE * int(light[0]) if len(light) else 0.0


def _steps(gray: Image, matrix: NDArray[np.float64], black: float, white: float) -> tuple[float, ...]:
    seen: dict[float, list[float]] = {share: [] for share in GRAY_STEPS}
    for share, area in gray_patches():
        inner = Rect(area.x + 1.2, area.y + 1.2, area.width - 2.4, area.height - 2.4)
        seen[share].append(float(np.mean(sample_rect(gray, matrix, inner, 0.3))))
    return tuple((white - float(np.mean(values))) / max(white - black, 1.0) for values in seen.values())


def _thinnest(gray: Image, matrix: NDArray[np.float64], black: float, white: float) -> float:
    """Width in mm of the thinnest lines that show at half of their ink or more, upright and level; 1.0 when none do."""
    shown: dict[float, bool] = {}
    for patch in line_patches():
        area = patch.area
        inner = Rect(area.x + 1.5, area.y + 1.5, area.width - 3.0, area.height - 3.0)
        values = sample_rect(gray, matrix, inner, FINE).mean(axis=0 if patch.upright else 1)
        ink = (white - float(np.mean(values))) / max(white - black, 1.0) * patch.pitch
        shown[patch.width] = shown.get(patch.width, True) and ink > 0.5 * patch.width
    return min((width for width, seen in shown.items() if seen), default=1.0)


def _sharpness(gray: Image, matrix: NDArray[np.float64], span: float) -> float:
    """Contrast of lines as wide as their gaps, the worse direction: 1 as sharp as can be, 0 run together."""
    found = []
    for patch in pair_patches():
        inner = Rect(patch.area.x + 1, patch.area.y + 1, patch.area.width - 2, patch.area.height - 2)
        values = sample_rect(gray, matrix, inner, FINE).mean(axis=0 if patch.upright else 1)
        found.append(float(np.percentile(values, 90) - np.percentile(values, 10)) / span)
    return min(found)
