"""The scan of a clean white sheet: what is seen on it lies on the scanner's glass or comes from its light.

A streak is dirt on the narrow strip of glass that paper runs over: it stands upright in the image, however the paper
lies. A spot is on the large glass or on the paper. The image may show more than the sheet: a dark or gray lid around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH
from mab_desktop.omr.fit import INCH, noise_of, nominal_dpi
from mab_desktop.omr.locate import Image
from mab_desktop.omr.remarks import Remark, Verdict, grade, gravest_first, remark, worst
from mab_desktop.omr.streaks import SURROUNDINGS, Streak, depths_of, of_streak, upright_streaks

BORDER = 5.0  # mm left out inside the sheet's edge: shadows of the edge and feed rollers
BANDS = 12
SPOT_DEPTH, SPOT_AREA = 26.0, 0.035  # gray levels; square mm
MOST_SPOTS, SPOT_SIZE = 40, (0.0, 2.0)
PRINTED = (0.002, 0.004)  # share of dark places from which the sheet is not empty
PAPER = (205.0, 150.0)
LIGHT, NOISE = (0.12, 0.3), (12.0, 25.0)
EDGE_DARK, EDGE_WIDE = 0.25, (4.0, 11.0)  # share of the white lost; mm: the answer sheet is empty 12 mm wide
EDGE_SEEN = 25.0  # mm from the image's edge that a dark edge is sought in
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Spot:
    """A dark spot: its middle and size in mm on the image, `depth` in gray levels."""

    x: float
    y: float
    size: float
    depth: float


@dataclass(frozen=True)
class GlassReport:
    """What a white sheet shows; `white` its gray value, `light` the spread of it, `noise` in gray levels.

    `edges` names the sides along which the image is dark and how wide, in mm.
    """

    verdict: Verdict
    remarks: tuple[Remark, ...]
    streaks: tuple[Streak, ...] = ()
    spots: tuple[Spot, ...] = ()
    edges: tuple[tuple[str, float], ...] = ()
    white: float = 0.0
    light: float = 0.0
    noise: float = 0.0
    dpi: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether envelopes may be scanned with this glass."""
        return self.verdict is not Verdict.BAD

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "verdict": self.verdict.value,
            "remarks": [{"code": r.code, "verdict": r.verdict.value, "params": dict(r.params)} for r in self.remarks],
            "streaks": [asdict(streak) for streak in self.streaks], "spots": [asdict(spot) for spot in self.spots],
            "edges": dict(self.edges), "white": round(self.white, 1), "light": round(self.light, 3),
            "noise": round(self.noise, 2), "dpi": round(self.dpi),
        }  # fmt: skip


def check_glass(gray: Image, dpi: float = 0.0) -> GlassReport:
    """Look for streaks, spots, dark edges and uneven light on the scan of an empty white sheet, given as gray values.

    `dpi` as the scanner was set or the file says, 0 unknown.
    """
    true_dpi = nominal_dpi(gray, dpi)
    dots = true_dpi / INCH
    sheet = _sheet(gray, dots)
    if sheet is None:
        return GlassReport(Verdict.BAD, (Remark("no-paper", Verdict.BAD),), dpi=true_dpi)
    white = float(np.median(gray[sheet > 0][:: max(1, gray.size // 200_000)]))
    streaks = _streaks(gray, sheet, dots)
    spots, printed = _spots(gray, sheet, streaks, dots)
    if grade(printed, PRINTED) is not Verdict.GOOD or len(spots) >= MOST_SPOTS:
        told = (("percent", round(100 * printed, 1)),)
        return GlassReport(Verdict.BAD, (Remark("not-white", Verdict.BAD, told),), dpi=true_dpi)
    light = _light(gray, sheet, white)
    edges = _dark_edges(gray, white, dots)
    rows, columns = (slice(size // 3, size // 3 + size // 8) for size in gray.shape)
    noise = noise_of(gray[rows, columns])
    found = _remarks(streaks, spots, edges, white=white, light=light, noise=noise)
    return GlassReport(worst(found), found, streaks, spots, edges, white, light, noise, true_dpi)


def _sheet(gray: Image, dots: float) -> NDArray[np.uint8] | None:
    """Where the sheet lies without its border, 255 inside; None when nothing white and large is seen."""
    tiny = cv2.resize(gray, None, fx=1 / dots, fy=1 / dots, interpolation=cv2.INTER_AREA)  # a pixel per mm
    small = np.asarray(cv2.medianBlur(tiny, 5), dtype=np.uint8)
    white = float(np.percentile(small, 75))
    if white < 100:
        return None
    bright = (small > 0.72 * white).astype(np.uint8)
    # A streak or a dark edge must not cut the sheet in two: what lies between bright parts belongs to it.
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    parts = [outline for outline in outlines if cv2.contourArea(outline) > 400]
    if not parts:
        return None
    whole = cv2.convexHull(np.concatenate(parts))
    if cv2.contourArea(whole) < 0.35 * PAGE_WIDTH * PAGE_HEIGHT:
        return None
    mask = np.zeros_like(small)
    cv2.fillConvexPoly(mask, whole, 255)
    side = 2 * round(BORDER) + 1
    inner = cv2.erode(mask, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.resize(inner, gray.shape[::-1], interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _streaks(gray: Image, sheet: NDArray[np.uint8], dots: float) -> tuple[Streak, ...]:
    """Columns that differ from both sides in most bands of the sheet's height."""
    rows = np.flatnonzero(sheet.any(axis=1))
    bands = np.array_split(np.arange(rows[0], rows[-1] + 1), BANDS)
    depths = np.full((BANDS, gray.shape[1]), np.nan, dtype=np.float32)
    for number, band in enumerate(bands):
        part, inside = gray[band[0] : band[-1] + 1], sheet[band[0] : band[-1] + 1].min(axis=0) > 0
        if inside.sum() < SURROUNDINGS * dots:
            continue
        columns = np.flatnonzero(inside)
        depths[number, columns[0] : columns[-1] + 1] = depths_of(part[:, columns[0] : columns[-1] + 1], dots)
    return upright_streaks(depths, dots, known=BANDS // 2)


def _spots(
    gray: Image, sheet: NDArray[np.uint8], streaks: Sequence[Streak], dots: float
) -> tuple[tuple[Spot, ...], float]:
    """Dark places that are no streaks, and the share of the sheet that they take."""
    smooth = cv2.blur(gray, (3, 3))
    step = max(1, round(dots / 2))
    small = cv2.resize(smooth, (gray.shape[1] // step, gray.shape[0] // step), interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.medianBlur(small, 25), gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    dark = np.where(cv2.subtract(around, smooth) > SPOT_DEPTH, sheet, np.uint8(0))
    for streak in streaks:
        half = (streak.width / 2 + 0.4) * dots
        dark[:, max(0, int(streak.at * dots - half)) : int(streak.at * dots + half) + 1] = 0
    share = float(np.count_nonzero(dark)) / max(1, np.count_nonzero(sheet))
    count, _labels, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=8)
    found: list[Spot] = []
    for n in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= max(3.0, SPOT_AREA * dots**2)) + 1 if count > 1 else ():
        left, top, width, height = (int(v) for v in stats[n, :4])
        depth = float((around[top : top + height, left : left + width].astype(np.float32)
                       - smooth[top : top + height, left : left + width]).max())  # fmt: skip
        found.append(Spot(float(centres[n][0]) / dots, float(centres[n][1]) / dots, max(width, height) / dots, depth))
    return tuple(sorted(found, key=lambda spot: -spot.size)), share


def _light(gray: Image, sheet: NDArray[np.uint8], white: float) -> float:
    """Spread of the white over the sheet in parts of itself, seen in patches of about 15 mm."""
    size = (14, 20)
    inside = cv2.resize(sheet, size, interpolation=cv2.INTER_AREA) >= 250
    values = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)[inside]
    return float(np.percentile(values, 97) - np.percentile(values, 3)) / white if len(values) else 0.0


def _dark_edges(gray: Image, white: float, dots: float) -> tuple[tuple[str, float], ...]:
    """Sides along which the image is dark, and how many mm more than the lid that is seen around the sheet."""
    reach = round(EDGE_SEEN * dots)
    sides = {"left": gray[:, :reach], "right": gray[:, :-reach:-1], "top": gray[:reach].T, "bottom": gray[:-reach:-1].T}
    lid = {
        "left": gray.shape[1] / dots - PAGE_WIDTH, "right": gray.shape[1] / dots - PAGE_WIDTH,
        "top": gray.shape[0] / dots - PAGE_HEIGHT, "bottom": gray.shape[0] / dots - PAGE_HEIGHT,
    }  # fmt: skip
    found: list[tuple[str, float]] = []
    for name, side in sides.items():
        middle = side[side.shape[0] // 5 : -(side.shape[0] // 5)]  # corners belong to the other sides
        profile = np.median(middle[:: max(1, len(middle) // 200)], axis=0)
        light = np.flatnonzero(profile > (1 - EDGE_DARK) * white)
        wide = (int(light[0]) if len(light) else reach) / dots - max(0.0, lid[name])
        if wide >= EDGE_WIDE[0]:
            found.append((name, wide))
    return tuple(found)


def _remarks(
    streaks: Sequence[Streak], spots: Sequence[Spot], edges: Sequence[tuple[str, float]], *, white: float, light: float,
    noise: float,
) -> tuple[Remark, ...]:  # fmt: skip
    found: list[Remark] = []
    for streak in sorted(streaks, key=lambda s: -abs(s.depth))[:MOST_NAMED]:
        found.append(of_streak("glass-streak", streak))
    if len(streaks) > MOST_NAMED:
        found.append(Remark("glass-streaks", Verdict.BAD, (("count", len(streaks)),)))
    if spots:
        large = spots[0]
        place = (("across", large.x), ("count", len(spots)), ("down", large.y), ("size", large.size))
        found.append(Remark("glass-spots", grade(large.size, SPOT_SIZE), place))
    found += remark("dark-paper", white, PAPER, level=round(white))
    found += remark("light", light, LIGHT, percent=round(100 * light))
    found += remark("noise", noise, NOISE, levels=noise)
    for name, wide in edges:
        found += remark("glass-edge", wide, EDGE_WIDE, edge=name, mm=wide)
    return gravest_first(found)
