"""The test sheet of printer, paper and scanner: where everything stands, in millimetres, drawn and read from here.

The squares and the orientation mark are those of the answer sheet, so that the reader finds it in the same way; its
rings have the size and distance of the densest answer sheet that is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, PITCH_MIN_X, PITCH_MIN_Y, RADIUS_SHARE, Bubble, Rect

FIT_CODE = "MABFIT1"

EDGES = ("left", "top", "right", "bottom")
EDGE_LONG, EDGE_THICK = 9.0, 2.0
EDGE_ACROSS, EDGE_DOWN = (40.0, 85.0, 125.0, 165.0), (40.0, 105.0, 185.0, 250.0)

# Solid areas along the four sides, thicker than anything the reader takes for a line.
BARS = {
    "top": Rect(22.0, 29.0, 166.0, 4.0),
    "bottom": Rect(22.0, 280.0, 166.0, 4.0),
    "left": Rect(21.0, 38.0, 4.0, 236.0),
    "right": Rect(185.0, 38.0, 4.0, 236.0),
}
RINGS_LEFT, RINGS_TOP, RINGS_SIDE = (30.0, 94.5, 159.0), (38.0, 124.0, 236.0), 5
GRAY_STEPS = tuple(n / 10 for n in range(11))
GRAY_ROWS = (Rect(30.0, 64.0, 116.6, 10.0), Rect(30.0, 211.0, 116.6, 10.0))
LINE_WIDTHS = (0.1, 0.15, 0.2, 0.3, 0.4)
LINE_PITCH, PAIR_PITCH, PATCH = 1.5, 0.6, 12.0
LINES_TOP, PAIRS_TOP = 80.6, 97.4
RULER_ACROSS, RULER_DOWN = (30.0, 115.0, 150.0), (150.0, 151.0, 80.0)
# Plain paper to measure its white and the scanner's light by.
WHITE = tuple(Rect(x, y, 8.0, 5.0) for y in (52.0, 132.0, 204.0, 264.0) for x in (60.0, 122.0, 140.0))
# Plain paper that a streak of the scanner is looked for on, so that each column is seen at several heights.
_ACROSS, _MARGINS = ((26.0, 66.0), (64.0, 106.0), (104.0, 146.0), (144.0, 184.0)), ((5.0, 20.3), (189.7, 205.0))
_BETWEEN = (
    (33.8, 37.6), (59.8, 63.4), (109.9, 111.6), (122.0, 123.9), (145.9, 150.4), (231.6, 235.8), (257.9, 263.0),
    (263.0, 268.0), (268.0, 273.0), (273.0, 279.4),
)  # fmt: skip
_BESIDE = ((42.0, 54.0), (54.0, 66.0), (83.0, 103.0), (107.0, 135.0), (143.0, 183.0), (187.0, 248.0), (252.0, 278.0))
_AT_BARS, _UNDER_BARS = ((19.4, 27.0), (183.0, 190.6)), ((34.4, 36.6), (275.4, 278.6), (285.2, 287.0))
PLAIN = tuple(
    Rect(left, top, right - left, bottom - top)
    for sides, heights in ((_ACROSS, _BETWEEN), (_MARGINS, _BESIDE), (_AT_BARS, _UNDER_BARS))
    for left, right in sides for top, bottom in heights
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinePatch:
    """Parallel black lines: their width and distance in mm, upright or level."""

    area: Rect
    width: float
    pitch: float
    upright: bool


def edge_bars() -> dict[str, tuple[Rect, ...]]:
    """Bars that run from each edge of the page inwards: where they begin to show, paper is printed and scanned."""
    half = EDGE_THICK / 2
    return {
        "left": tuple(Rect(0.0, y - half, EDGE_LONG, EDGE_THICK) for y in EDGE_DOWN),
        "top": tuple(Rect(x - half, 0.0, EDGE_THICK, EDGE_LONG) for x in EDGE_ACROSS),
        "right": tuple(Rect(PAGE_WIDTH - EDGE_LONG, y - half, EDGE_LONG, EDGE_THICK) for y in EDGE_DOWN),
        "bottom": tuple(Rect(x - half, PAGE_HEIGHT - EDGE_LONG, EDGE_THICK, EDGE_LONG) for x in EDGE_ACROSS),
    }


def rings() -> tuple[Bubble, ...]:
    """Nine dense fields of empty bubbles over the page."""
    radius = round(RADIUS_SHARE * PITCH_MIN_X, 3)
    return tuple(
        Bubble(f"rings{3 * m + n}", row, "ABCDE"[column], round(left + (column + 0.5) * PITCH_MIN_X, 3),
               round(top + (row + 0.5) * PITCH_MIN_Y, 3), radius, radius)
        for m, top in enumerate(RINGS_TOP) for n, left in enumerate(RINGS_LEFT)
        for row in range(RINGS_SIDE) for column in range(RINGS_SIDE)
    )  # fmt: skip


def gray_patches() -> tuple[tuple[float, Rect], ...]:
    """Share of black and place of each gray step; the second row runs the other way to even out the light."""
    found: list[tuple[float, Rect]] = []
    for row, steps in zip(GRAY_ROWS, (GRAY_STEPS, GRAY_STEPS[::-1]), strict=True):
        pitch = row.width / len(steps)
        found += [(share, Rect(row.x + n * pitch, row.y, pitch - 1.2, row.height)) for n, share in enumerate(steps)]
    return tuple(found)


def line_patches() -> tuple[LinePatch, ...]:
    """Fields of thin lines of each width, upright ones left, level ones right."""
    return tuple(
        LinePatch(Rect(30.0 + 15.2 * (n + 5 * level), LINES_TOP, PATCH, PATCH), width, LINE_PITCH, not level)
        for level in (0, 1) for n, width in enumerate(LINE_WIDTHS)
    )  # fmt: skip


def pair_patches() -> tuple[LinePatch, ...]:
    """Lines as wide as the gaps between them, upright and level: what is blurred runs together here."""
    return tuple(
        LinePatch(Rect(30.0 + 15.2 * level, PAIRS_TOP, PATCH, PATCH), PAIR_PITCH / 2, PAIR_PITCH, not level)
        for level in (0, 1)
    )
