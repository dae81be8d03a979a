"""When a page must not be trusted: streaks, covered parts, pale ink. Each is refused by its name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, Rect, SheetLayout
from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.ink import level, without_print
from mab_desktop.omr.locate import Image, Placement, sample_rect
from mab_desktop.omr.marks import Decision, standing_out
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.rules import DEFAULT_RULES, State
from mab_desktop.omr.sample import STRUCK, Sampled, Scores

LEAST_RINGS = 0.45
BENT_RING, BENT_BLOCKS = 0.5, 0.9  # how well rings show on a page that is bent, in what part of its blocks at least
# As in `Scores.ring`. Dark marks alone may lie like rings, a little aside, where the print is all but gone; of 2,800
# hard scans of tuning seeds and better ones the palest had 156, of 3,467 nasty ones 14 less than this.
LEAST_RING = 134
LEAST_CONTRAST = 50
STREAK = 0.055  # of the contrast between paper and ink, on the reduced image
BANDS = 18
BESIDE = 6  # reduced pixels to both sides that a streak is compared with
WIDEST_STREAK = 1.1  # mm that can be led across within a bubble
WIDEST_FOLD, MOST_GAIN = 3.0, 2.0  # mm of a shadow that can be taken off; how much lighter it makes a place at most
SHADOW = 0.4  # of the paper's white: how much darker a shadow is at most
CLEAR = 2  # columns of paper between two streaks
# mm that a fold goes to and fro, and aslant along a page: streaks of a glass 0.03 and 0.04 at most, on 60 of them.
WANDERS, ASLANT = 0.05, 0.12
MOST_STREAKED = 0.33  # of all groups: doubtful ones on streaks
FEW_MARKS, PALE = 8, 1.3  # answers a used sheet has; how far above paper its usual mark must stand
# Cells with handwriting that a written sheet has; the part of a cell that is darker than its paper; how much darker ink
# is, in parts of the contrast and deviations of the grain; the part of a cell that it covers. Of 100 blank hard sheets
# 40 passed for written by each cell's own grain, none by that of all; of 200 written hard and nasty ones all do.
WRITTEN_CELLS, WRITTEN_PAPER, WRITTEN_LEAST, WRITTEN_DEEP, WRITTEN_SHARE = 4, 0.6, 0.04, 3.5, 0.05
MOST_PALE = 0.1  # share of doubtful groups that no pale sheet may have
# As `marks.standing_out` measures: no more than 2.14 on 203 blank sheets of ordinary, hard and nasty printers and
# scanners, 2.2 to 3.9 on sheets full of pale rings; less is enough where some share of the groups is asked about.
STANDING_OUT, STANDING_OUT_ASKED, SOME_ASKED = 2.5, 2.0, 0.04
FADED_RINGS = 144  # as in `Scores.ring`: usual rings measure 160 and more
SHOWN_RINGS = 136  # the same of a black and white scan on which most rings show, if only as dots
# Of black and white scans: share of doubtful groups from which ink is lost, so that none is surely empty. Where print
# is lost, so that no ring says where its bubble lies, a smaller one, unless the usual mark is as dark as the third.
LOST_INK, LOST_PRINT_INK, FULL_PEN = 0.1, 0.02, 0.75
# Share of groups to ask about from which such a scan is of no use; a usual mark that is as pale, without print, too.
USELESS, LOST_PEN, LOST_PRINT_PEN = 0.35, 0.1, 0.3
# Faded print: mm of a strip; bubbles that speak for a part of it; what is left of its rings, as part of the usual ones,
# and up to what they are paler; part of the unseen bubbles that lie so; of the groups that it may hide.
STRIP, PART, LEFT_OF_PRINT, PALER, MOSTLY, MOST_FADED = 8.0, 4, 0.06, 0.75, 0.8, 0.3
FREE = 60  # darkness of a bubble (200 = ink of the squares) up to which its ring shows
# Marks beside bubbles: their rim darker than the group's next one by so much, in this part of the groups; so many times
# as dark as its inside is the rim of a mark.
BESIDE_DARK, BESIDE_SHARE, RIM_OF_MARK = 0.06, 0.25, 1.5
# Small ones: ahead of the group's next one by so much well inked, in this part of the groups; most of those with
# any ink ahead are well inked for the most part.
SMALL_DARK, SMALL_SHARE, SMALL_INK, SMALL_BLACK = 0.02, 0.35, 0.03, 0.48
# mm of image: what a sheet lying straight never takes with all the room that scanners leave around it.
LONGEST = 315.0
WHITE = 0.3  # of the contrast, from the paper's white down, that is white paper too
EDGE, LETTERS = 2.0, 10  # mm from the sheet's edge on; so many small dark things there are print
SMALLEST = 3  # samples of a letter, which is three wide and high


def check_length(gray: Image, placement: Placement) -> bool:
    """Whether the image is longer than a sheet; PageRefused when another sheet's print shows beyond this one's edge.

    Two sheets that went through the scanner at once lie over each other, one behind the other by a few centimetres.
    """
    length = gray.shape[0] / placement.scale
    if length < PAGE_HEIGHT + EDGE:
        return False
    corners = placement.to_page(np.array([(x, y) for x in (0, gray.shape[1]) for y in (0, gray.shape[0])]))
    top, bottom = float(corners[:, 1].min()), float(corners[:, 1].max())
    for begin, end in ((top, -EDGE), (PAGE_HEIGHT + EDGE, bottom)):
        area = Rect(0, begin, PAGE_WIDTH, end - begin)
        if area.height > EDGE and not _light(gray, area, placement) and (
            _printed(sample_rect(gray, placement.matrix, area, 0.3), placement)
        ):
            raise PageRefused("two-sheets")
    across = placement.matrix[:2, 0]
    # A sheet lying askew takes more room.
    return bool(length > LONGEST + PAGE_WIDTH * abs(float(across[1])) / float(np.hypot(*across)))


def _light(gray: Image, area: Rect, placement: Placement) -> bool:
    """Whether too few rows around an area hold any ink for letters: so it is on most pages, and soon seen."""
    corners = [(x, y) for x in (area.x, area.right) for y in (area.y, area.bottom)]
    rows = placement.to_pixels(np.array(corners))[:, 1]
    strip = gray[max(0, int(rows.min()) - 1) : max(0, int(rows.max()) + 3)]
    return not strip.size or float(strip.min()) >= (placement.paper + placement.black) / 2


def _printed(values: NDArray[np.float32], placement: Placement) -> bool:
    """Whether there are letters or bubbles in gray values 0.3 mm apart; lids, tables and edges of paper have none."""
    ink = (values < (placement.paper + placement.black) / 2).astype(np.uint8)
    if np.count_nonzero(ink) < LETTERS * SMALLEST:
        return False
    light = (values > placement.paper - WHITE * (placement.paper - placement.black)).astype(np.uint8)
    # Print stands on white paper: the grain of a table does not.
    paper = cv2.dilate(cv2.erode(light, np.ones((3, 3), np.uint8)), np.ones((11, 11), np.uint8))
    print_ = cv2.bitwise_and(ink, ink, mask=paper)
    if np.count_nonzero(print_) < LETTERS * SMALLEST:
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats(print_, connectivity=8)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] * 0.3
    return int(((sides.min(axis=1) > 0.7) & (sides.max(axis=1) < 9)).sum()) >= LETTERS


def check_sampled(sampled: Sampled, placement: Placement, *, bilevel: bool, known: bool) -> None:
    """Refuse a page whose bubbles are cut off, too pale or not where this form has them.

    A black and white scan (`bilevel`) may have dropped thin print; `known` says that the code named the form.
    """
    if sampled.outside:
        raise PageRefused("cut-off")
    if sampled.paper - placement.black < LEAST_CONTRAST:
        raise PageRefused("low-contrast")
    if placement.bent and np.mean(sampled.peaks > BENT_RING) < BENT_BLOCKS:
        raise PageRefused("fit", error=placement.error)
    if sampled.rings < LEAST_RINGS and not (bilevel and known):
        raise PageRefused("bilevel-lost" if bilevel else "covered" if known else "wrong-form")


def shows_print(sampled: Sampled) -> bool:
    """Whether the printed rings of most bubbles can be seen."""
    return float(np.median(sampled.scores.ring)) >= SHOWN_RINGS


def drops_ink(sampled: Sampled, decision: Decision) -> bool:
    """Whether a black and white scan has taken ink of marks for paper, or the print and so perhaps some marks."""
    asked = _not_struck(sampled.scores, decision) / len(decision.groups)
    if shows_print(sampled):
        return asked > LOST_INK
    return asked > LOST_PRINT_INK or decision.pen < FULL_PEN


def _not_struck(scores: Scores, decision: Decision) -> int:
    """How many groups are asked about; what is struck out was seen."""
    return decision.count(State.DOUBTFUL) - int(np.count_nonzero(scores.ring == STRUCK))


@dataclass(frozen=True)
class Streaks:
    """Dark lines along the way of the paper: (begin, end) columns of each, those of the scanner's glass (`spans`) and
    folds of the paper; (n,) the bubbles that a line goes through, and those on a fold among them."""

    spans: tuple[tuple[int, int], ...] = ()
    hit: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    folds: tuple[tuple[int, int], ...] = ()
    on_fold: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def mend(self, gray: Image) -> Image:
        """The image without its streaks and folds: what stands on both sides of a streak is led across, a fold is a
        shadow that is taken off."""
        mended = gray.copy()
        for begin, end in self.spans:
            share = (np.arange(1, end - begin + 1, dtype=np.float32) / (end - begin + 1))[None, :]
            left, right = (gray[:, at].astype(np.float32)[:, None] for at in (begin - 1, end))
            mended[:, begin:end] = np.rint(left * (1 - share) + right * share)
        for begin, end in self.folds:
            mended[:, begin:end] = _lightened(mended, begin, end)
        return mended


def _lightened(gray: Image, begin: int, end: int) -> NDArray[np.float32]:
    """Columns of the image made as light, band by band, as the paper on both sides of them."""
    light = _lightest(gray, begin - 1, end + 1).astype(np.float32)
    share = np.linspace(0, 1, len(light), dtype=np.float32)[:, None]
    gain = (light[0] * (1 - share) + light[-1] * share) / np.maximum(light, 1)
    rows = cv2.resize(np.ascontiguousarray(gain[1:-1].T), (end - begin, gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.minimum(gray[:, begin:end] * np.clip(rows, 1, MOST_GAIN), 255), dtype=np.float32)


def find_streaks(gray: Image, small: Image, factor: float, geometry: Geometry, placement: Placement) -> Streaks:
    """Streaks and folds along the way of the paper; PageRefused when one is too wide to see past it.

    A line all along the way of the paper comes from the scanner's glass; it stands upright in the image however the
    paper is turned. A fold does so only where the sheet lies straight, and wanders a little.
    """
    columns = streak_columns(small, max(placement.paper - placement.black, 1.0))
    if not len(columns):
        return Streaks()
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 2) + 1)
    lines = sorted({
        line for group in groups
        for line in _lines(gray, int(group[0] / factor), int((group[-1] + 1) / factor), placement)
    })  # fmt: skip
    bubbles = placement.to_pixels(geometry.xy)[:, 0]
    reach = (float(np.median(geometry.radii)) + 0.3) * placement.scale
    hit, on_fold = np.zeros((2, len(bubbles)), dtype=bool)
    for begin, end, fold in lines:
        here = (bubbles > begin - reach) & (bubbles < end + reach)
        if here.any() and end - begin > (WIDEST_FOLD if fold else WIDEST_STREAK) * placement.scale:
            raise PageRefused("fold" if fold else "streak")
        hit |= here
        on_fold |= here & fold
    spans, folds = (tuple((begin, end) for begin, end, fold in lines if fold is wanted) for wanted in (False, True))
    return Streaks(spans, hit, folds, on_fold)


def _lightest(gray: Image, begin: int, end: int) -> Image:
    """(columns, bands) the lightest place of each column in each band of rows."""
    rows = gray.shape[0] // BANDS
    # Columns laid in rows: so their lightest places are found by vector instructions.
    columns = np.ascontiguousarray(gray[: BANDS * rows, begin:end].T)
    return np.asarray(columns.reshape(-1, BANDS, rows).max(axis=2), dtype=np.uint8)


def _lines(gray: Image, begin: int, end: int, placement: Placement) -> list[tuple[int, int, bool]]:
    """The dark lines around some columns: their own columns on the full image, with the blur at their sides, and
    whether each is a fold."""
    room = round(placement.scale * 1.2)
    left, right = max(1, begin - room), min(gray.shape[1] - 1, end + room)
    bands = _lightest(gray, left, right).astype(np.float32)
    edge = max(2, room // 3)
    white = np.maximum(np.median(bands[:edge], axis=0), np.median(bands[-edge:], axis=0))
    depths = np.maximum(white - bands, 0)
    depth = np.median(depths, axis=1)
    spoilt = np.flatnonzero(depth > max(0.2 * float(depth.max()), 2.0))
    if not len(spoilt):
        return [(begin, end, False)]
    runs = np.split(spoilt, np.flatnonzero(np.diff(spoilt) > CLEAR) + 1)
    found = []
    for run in runs:
        own = depths[run[0] : run[-1] + 1]
        # Beside a streak a frame of the form may run, over a part of the page.
        if len(runs) > 1 and (own.max(axis=0) > 0.5 * depth[run].max()).sum() < BANDS - BANDS // 6:
            continue
        first, last = max(1, left + int(run[0]) - 1), min(gray.shape[1] - 1, left + int(run[-1]) + 2)
        # What is wide and still light is a shadow: of a fold, it may be an upright one.
        broad = last - first > WIDEST_STREAK * placement.scale
        broad &= bool(depth[run].max() < SHADOW * float(np.median(white)))
        found.append((first, last, broad or _is_fold(depths[max(0, run[0] - 2) : run[-1] + 3], placement)))
    return found or [(max(1, left + int(spoilt[0]) - 1), min(gray.shape[1] - 1, left + int(spoilt[-1]) + 2), False)]


def _is_fold(depths: NDArray[np.float32], placement: Placement) -> bool:
    """Whether a line (columns, bands) of darkness goes as no streak of a glass does: to and fro, or aslant.

    Where a scanner has turned the image, its streaks are aslant, too, but the sheet is not.
    """
    weight = depths.sum(axis=0)
    seen = weight > 0.3 * float(np.median(weight))
    at = (np.arange(len(depths))[:, None] * depths).sum(axis=0)[seen] / weight[seen]
    rows = np.flatnonzero(seen).astype(np.float64)
    slope, begin = np.polyfit(rows, at, 1)
    aside = 1.4826 * np.median(np.abs(at - slope * rows - begin))
    lean = PAGE_HEIGHT * float(placement.matrix[0, 1] / placement.matrix[1, 1])
    slants = abs(slope) * BANDS > ASLANT * placement.scale and abs(lean) > ASLANT
    return bool(aside > WANDERS * placement.scale or slants)


def check_streaked(decision: Decision, geometry: Geometry, streaks: Streaks) -> None:
    """Refuse a page on which streaks leave more to ask than scanning once more costs, or folds more than typing.

    What is asked about as often where none goes is not their doing.
    """
    asked = np.array([group.state is State.DOUBTFUL for group in decision.groups])
    crossed, folded = (geometry.groups_with(part) for part in (streaks.hit, streaks.on_fold))
    usual = float(asked[~crossed].mean()) if not crossed.all() else 0.0
    there, theirs = (np.count_nonzero(asked & part) for part in (crossed, folded))
    if there - usual * np.count_nonzero(crossed) > MOST_STREAKED * len(asked):
        raise PageRefused("fold" if 2 * theirs > there else "streak")


def streak_columns(small: Image, contrast: float) -> NDArray[np.intp]:
    """Columns darker than both sides from top to bottom: in five of six bands and in an empty margin.

    `small` is the reduced image, `contrast` how far its ink is from its paper.

    A frame of the form ends somewhere and never reaches the margins.
    """
    rows, width = small.shape[0] // BANDS, small.shape[1]
    margins = np.array([small[: rows // 2].max(axis=0), small[-(rows // 2) :].max(axis=0)])
    if not _darker_than_beside(margins, contrast).any():
        return np.zeros(0, dtype=np.intp)
    # The lightest place of each column of a band: print and marks leave white between them, a streak does not.
    bands = small[: rows * BANDS].reshape(BANDS, rows, width).max(axis=1)
    dark = _darker_than_beside(np.concatenate([bands, margins]), contrast)
    return np.flatnonzero((dark[:BANDS].sum(axis=0) >= BANDS - BANDS // 6) & dark[BANDS:].any(axis=0))


def _darker_than_beside(lightest: Image, contrast: float) -> NDArray[np.bool_]:
    """Which columns are by a streak's depth darker than those on both sides."""
    wide = cv2.copyMakeBorder(lightest, 0, 0, BESIDE, BESIDE, cv2.BORDER_REPLICATE)
    sides = cv2.min(wide[:, 2 * BESIDE :], wide[:, : -2 * BESIDE])
    # What is lighter than its sides is by nothing darker.
    return np.asarray(cv2.subtract(sides, lightest) > STREAK * contrast)


def check_decision(
    gray: Image, layout: SheetLayout, geometry: Geometry, placement: Placement, sampled: Sampled, decision: Decision, *,
    bilevel: bool,
) -> tuple[str, ...]:  # fmt: skip
    """Refuse a sheet with parts that cannot be seen, and one that is written on but shows next to no mark; gives the
    codes of what is to be said of one that is read.

    A black and white scan with many doubtful or thin marks has dropped ink that it took for paper.
    """
    groups, scores = len(decision.groups), sampled.scores
    asked = decision.count(State.DOUBTFUL)
    rings = level(scores.ring.astype(np.float32), 0.5)
    if bilevel:
        pen = LOST_PEN if shows_print(sampled) else LOST_PRINT_PEN
        if _not_struck(scores, decision) > USELESS * groups or decision.pen < pen:
            raise PageRefused("bilevel-lost")
    # Specks may pass for marks of nobody's pen: counted is what was read as an answer, printed digits among it.
    read = decision.read
    pale = read <= FEW_MARKS or decision.pen < PALE * decision.low
    # The ink of a whole sheet, handwriting too, may be lost where a scanner knows black and white only, or is set so
    # light that even the printed rings fade.
    faded = read <= FEW_MARKS and (bilevel or rings < FADED_RINGS)
    unsure = asked > MOST_PALE * groups
    unread = faded or (pale and (unsure or written(gray, layout, placement)))
    if not unread and read <= FEW_MARKS:
        # Whole sheets of marks or rings too pale to be decided about: none of them may pass for an empty one.
        standing = standing_out(scores, geometry, decision)
        unread = standing > (STANDING_OUT_ASKED if asked > SOME_ASKED * groups else STANDING_OUT)
    if unread:
        raise PageRefused("bilevel-lost" if bilevel else _unread_marks(scores, geometry))
    # Rings that grain or dots hide are no covered ones: that is asked of sheets with marks only.
    fades = decision.covered > max(4, 0.03 * groups)
    if fades and not (decision.covered < MOST_FADED * groups and print_fades(scores, geometry)):
        raise PageRefused("covered")
    if rings < LEAST_RING and not bilevel:
        raise PageRefused("pale-print")
    return ("print-fades",) if fades else ()


def print_fades(scores: Scores, geometry: Geometry) -> bool:
    """Whether bubbles that cannot be seen are those of faded print: upright bands of it grow paler, from the top of
    the sheet to its foot. What covers bubbles leaves nothing of them, and does so in one place."""
    ring = (scores.ring.astype(np.float32) - 128) / 40
    free = (scores.mean < FREE) & (scores.ring > STRUCK)
    usual = float(np.median(ring[free])) if free.any() else 0.0
    unseen = free & (ring < DEFAULT_RULES.ring * usual)
    across, down = geometry.xy.T
    strips = (across / STRIP).astype(np.intp)
    thirds = np.searchsorted(np.quantile(down, (1 / 3, 2 / 3)), down)
    paler = 0
    for strip in np.unique(strips[unseen]).tolist():
        here = (strips == strip) & free
        parts = [ring[here & (thirds == third)] for third in range(3)]
        shares = [float(np.median(part)) / max(usual, 0.01) for part in parts if len(part) >= PART]
        if shares and min(shares) > LEFT_OF_PRINT and max(shares) < PALER:
            paler += np.count_nonzero(unseen & here)
    return paler > MOSTLY * np.count_nonzero(unseen)


def _unread_marks(scores: Scores, geometry: Geometry) -> str:
    """Why next to nothing is read of a sheet that is written on: what is seen beside its bubbles and in them."""
    ink = without_print(scores, geometry)
    # What lies in a bubble lies on its rim, too.
    outside = np.maximum(ink.side - RIM_OF_MARK * ink.mean, 0)
    side, dark, light = (_ahead(part, geometry) for part in (outside, ink.dark, ink.light))
    if np.mean(side > BESIDE_DARK) > BESIDE_SHARE:
        return "marks-beside"
    inked = light > SMALL_INK
    black = ink.dark[geometry.first].max(axis=1) > SMALL_BLACK * ink.light[geometry.first].max(axis=1)
    small = np.mean(dark > SMALL_DARK) > SMALL_SHARE and 2 * np.count_nonzero(black & inked) > np.count_nonzero(inked)
    return "small-marks" if small else "pale-ink"


def _ahead(part: NDArray[np.floating[Any]], geometry: Geometry) -> NDArray[np.floating[Any]]:
    """(groups,) how far the first bubble of each group is ahead of the second."""
    ordered = np.sort(np.where(geometry.gaps, np.inf, -part[geometry.first]), axis=1)
    return np.asarray(np.where(np.isfinite(ordered[:, 1]), ordered[:, 1], 0) - ordered[:, 0])


def written(gray: Image, layout: SheetLayout, placement: Placement) -> bool:
    """Whether the cells of the name (sector 1) hold handwriting, however pale; grain is alike in all of them."""
    cells = [
        sample_rect(gray, placement.matrix, Rect(row.x + n * row.width + 0.9, row.y + 0.9, row.width - 1.8,
                                                 row.height - 1.8), 0.35)
        for row in layout.cells if row.number == 1 for n in range(row.count)
    ]  # fmt: skip
    grain = float(np.median([np.median(np.abs(cell - np.median(cell))) for cell in cells]))
    deep = max(WRITTEN_LEAST * (placement.paper - placement.black), WRITTEN_DEEP * 1.4826 * grain)
    inked = sum(np.mean(cell < np.quantile(cell, WRITTEN_PAPER) - deep) > WRITTEN_SHARE for cell in cells)
    return bool(inked >= WRITTEN_CELLS)
