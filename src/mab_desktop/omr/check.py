"""When a page must not be trusted: streaks, covered parts, pale ink. Each is refused by its name."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import Rect, SheetLayout
from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.locate import Image, Placement, sample_rect
from mab_desktop.omr.marks import Decision, State
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.sample import Sampled

LEAST_RINGS = 0.45
LEAST_CONTRAST = 50
STREAK = 0.055  # of the contrast between paper and ink, on the reduced image
BANDS = 18
BESIDE = 6  # reduced pixels to both sides that a streak is compared with
FEW_MARKS, PALE = 3, 2.2  # the usual mark must stand so far above what may be paper
WRITTEN_CELLS = 4
LOST_INK = 0.02  # share of doubtful groups


def check_sampled(sampled: Sampled, placement: Placement, *, rings_needed: bool, known: bool) -> None:
    """Refuse a page whose bubbles are cut off, too pale or not where this form has them.

    `rings_needed` is false where the scanner may have dropped thin print; `known` says that the code named the form.
    """
    if sampled.outside:
        raise PageRefused("cut-off")
    if sampled.paper - placement.black < LEAST_CONTRAST:
        raise PageRefused("low-contrast")
    if sampled.rings < LEAST_RINGS and rings_needed:
        raise PageRefused("covered" if known else "wrong-form")


def check_streaks(small: Image, factor: float, geometry: Geometry, placement: Placement) -> bool:
    """Refuse a streak through bubbles; gives whether there is one elsewhere.

    A line all along the way of the paper comes from the scanner's glass; it stands upright in the image however the
    paper is turned.
    """
    columns = (_streaks(small, placement) + 0.5) / factor - 0.5
    if not len(columns):
        return False
    bubbles = placement.to_pixels(geometry.xy)[:, 0]
    reach = (float(np.median(geometry.radii)) + 0.3) * placement.scale
    if (np.abs(bubbles[:, None] - columns[None, :]) < reach).any():
        raise PageRefused("streak")
    return True


def _streaks(small: Image, placement: Placement) -> NDArray[np.intp]:
    """Columns darker than both sides from top to bottom: in five of six bands and in an empty margin.

    A frame of the form ends somewhere and never reaches the margins.
    """
    rows = small.shape[0] // BANDS
    contrast = max(placement.paper - placement.black, 1.0)
    bands = [small[n * rows : (n + 1) * rows] for n in range(BANDS)] + [small[: rows // 2], small[-(rows // 2) :]]
    # The lightest place of each column of a band: print and marks leave white between them, a streak does not.
    lightest = np.concatenate([cv2.reduce(band, 0, cv2.REDUCE_MAX) for band in bands]).astype(np.float32)
    padded = np.pad(lightest, ((0, 0), (BESIDE, BESIDE)), mode="edge")
    excess = (np.minimum(padded[:, 2 * BESIDE :], padded[:, : -2 * BESIDE]) - lightest) / contrast
    steady = np.partition(excess[:BANDS], BANDS // 6, axis=0)[BANDS // 6]
    return np.flatnonzero((steady > STREAK) & (excess[BANDS:].max(axis=0) > STREAK))


def check_decision(
    gray: Image, layout: SheetLayout, placement: Placement, decision: Decision, *, bilevel: bool
) -> None:
    """Refuse a sheet with parts that cannot be seen, and one that is written on but shows next to no mark.

    A black and white scan with many doubtful marks has dropped ink that it took for paper.
    """
    if decision.covered > max(4, 0.03 * len(decision.groups)):
        raise PageRefused("covered")
    doubtful = sum(group.state is State.DOUBTFUL for group in decision.groups)
    if bilevel and doubtful > LOST_INK * len(decision.groups):
        raise PageRefused("pale-ink")
    pale = decision.marks <= FEW_MARKS or decision.pen < PALE * decision.low
    if pale and written(gray, layout, placement):
        raise PageRefused("pale-ink")


def written(gray: Image, layout: SheetLayout, placement: Placement) -> bool:
    """Whether the cells of the name (sector 1) hold handwriting, however pale."""
    inked = 0
    for row in layout.cells:
        if row.number != 1:
            continue
        for n in range(row.count):
            cell = Rect(row.x + n * row.width + 0.9, row.y + 0.9, row.width - 1.8, row.height - 1.8)
            values = sample_rect(gray, placement.matrix, cell, 0.35)
            faint = float(np.percentile(values, 85)) - 0.07 * (placement.paper - placement.black) - 4
            inked += float(np.mean(values < faint)) > 0.05
    return inked >= WRITTEN_CELLS
