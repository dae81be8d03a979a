"""Read answer sheets (p.33, 38): an image in, a `SheetReading` out; refused by name rather than guessed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Any, Protocol

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, Rect, SheetLayout, parse_sheet_code
from mab_desktop.omr.bed import cut_out, turned_back
from mab_desktop.omr.check import (
    LEAST_CONTRAST,
    Streaks,
    check_decision,
    check_length,
    check_sampled,
    check_streaked,
    drops_ink,
    find_streaks,
    shows_print,
)
from mab_desktop.omr.crossed import crossed_bubbles
from mab_desktop.omr.geometry import Geometry, layout_geometry
from mab_desktop.omr.lines import struck_bubbles
from mab_desktop.omr.locate import Image, Placement, locate, reduce_image, reduced, sample_rect, tones, without_grays
from mab_desktop.omr.marks import Decision, as_fields, decide
from mab_desktop.omr.problems import PageProblem, PageRefused
from mab_desktop.omr.question import questioned_bubbles
from mab_desktop.omr.rules import DEFAULT_RULES, GroupReading, Rules, stricter, without_empty
from mab_desktop.omr.sample import Sampled, Scores, sample
from mab_desktop.omr.trailing import trailing_bubbles

WORKING_DPI = 200.0
LEAST_DPI, MOST_DPI = 140.0, 620.0
LEAST_DOTS = 600  # across
FINE_DPI = 350.0  # finer images are reduced first
MM_PER_INCH = 25.4
SOFT = 0.127  # mm: a dot at 200 dpi
# Half of the threads at a time, while the others load: more of them would wait for each other at every step.
TURNS = threading.Semaphore(max(1, (os.cpu_count() or 1) // 2))
# Said of a page on which no sheet lies as a feeder leaves it.
NOT_FOUND = frozenset({"missing-corners", "fit", "orientation", "low-contrast", "blank-page"})
QR_ONLY: Any = zxingcpp.BarcodeFormat.QRCode
UNMOVED = np.eye(3)
UNMOVED.flags.writeable = False


@dataclass(frozen=True)
class SheetReading:
    """What one page says.

    `fields` is empty when the page is refused (`ok` false). `scores` are `Scores.to_bytes`, `thresholds` the cuts and
    the reader's version: `marks.decide_again` decides from them. `placement` maps page mm to pixels of the image as
    it came, however it was turned.
    """

    file: str
    page: int
    ok: bool
    problems: tuple[PageProblem, ...]
    rotation: int = 0
    serial: str = ""
    fields: Mapping[str, Mapping[int, GroupReading]] = field(default_factory=dict)
    scores: bytes = b""
    thresholds: Mapping[str, int | float | str] = field(default_factory=dict)
    placement: tuple[float, ...] = ()
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def ms(self) -> float:
        """Milliseconds from file to answer."""
        return sum(self.stages.values())

    def codes(self) -> tuple[str, ...]:
        """The problems by their codes."""
        return tuple(problem.code for problem in self.problems)

    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) page mm to pixels; ValueError when the sheet was not found."""
        if len(self.placement) != 9:
            raise ValueError("the sheet was not found in the image")
        return np.array(self.placement).reshape(3, 3)


def to_json(reading: SheetReading) -> dict[str, Any]:
    """A reading as plain data for `mab read --json`."""
    return {
        "file": reading.file,
        "page": reading.page,
        "ok": reading.ok,
        "problems": list(reading.codes()),
        "rotation": reading.rotation,
        "fields": {
            name: {str(n): {"state": group.state.value, "values": list(group.values)} for n, group in columns.items()}
            for name, columns in reading.fields.items()
        },
        "ms": round(reading.ms, 2),
    }


class OtherForm(Protocol):
    """A form that is not ours, printed between the same squares."""

    @property
    def geometry(self) -> Geometry:
        """Where its bubbles are."""

    def decide_page(self, gray: Image, rules: Rules, hidden: NDArray[np.bool_]) -> tuple[Scores, Decision]:
        """What a page that lies straight says; `hidden` bubbles cannot be seen surely. PageRefused where it is not
        this form."""


class _Clock:
    """Milliseconds of each stage."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._last = time.perf_counter()

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        self.stages[name] = self.stages.get(name, 0.0) + (now - self._last) * 1000
        self._last = now


def read_image(
    gray: Image, layout: SheetLayout, *, file: str = "", page: int = 1, dpi: float = 0.0, bilevel: bool = False,
    rules: Rules = DEFAULT_RULES, other: OtherForm | None = None,
) -> SheetReading:  # fmt: skip
    """Read a page given as gray values (rows, columns).

    `dpi` is what the file says (0: unknown). `other` reads another form printed between the same squares;
    of a code there only the serial is taken, whatever form it names.
    """
    with TURNS:
        work = _Work(file, page, _Clock())
        try:
            return _read(work, gray, layout, dpi, bilevel, rules, other)
        except PageRefused as refused:
            work.problems.append(refused.problem)
            if refused.problem.code not in NOT_FOUND or work.placement:
                return work.refuse()
        return _read_elsewhere(work, gray, layout, bilevel, rules, other) or work.refuse()


def _read_elsewhere(
    first: _Work, gray: Image, layout: SheetLayout, bilevel: bool, rules: Rules, other: OtherForm | None
) -> SheetReading | None:
    """The second look at a page where no sheet was found: it may lie anywhere in the image. None when it does not."""
    work = _Work(first.file, first.page, first.clock)
    try:
        found = cut_out(gray) if gray.ndim == 2 else None
        if found is None:
            return None
        work.back, work.cut_out = found.back, True
        if found.slant:
            work.note("perspective")
        return _read(work, found.gray, layout, found.dpi, bilevel, rules, other)
    except PageRefused as refused:
        work.problems.append(refused.problem)
        return work.refuse() if work.placement or refused.problem.code not in NOT_FOUND else None


@dataclass
class _Work:
    """What is known so far of the page being read."""

    file: str
    page: int
    clock: _Clock
    problems: list[PageProblem] = field(default_factory=list)
    rotation: int = 0
    serial: str = ""
    placement: tuple[float, ...] = ()
    scores: bytes = b""
    thresholds: Mapping[str, float | str] = field(default_factory=dict)
    back: NDArray[np.float64] = field(default_factory=lambda: UNMOVED)
    cut_out: bool = False

    def note(self, code: str, **params: Any) -> None:
        self.problems.append(PageProblem(code, tuple(sorted(params.items()))))

    def refuse(self) -> SheetReading:
        return self._reading(ok=False, fields={})

    def keep(self, sampled: Sampled, decision: Decision) -> None:
        self.scores, self.thresholds = sampled.scores.to_bytes(), decision.thresholds()

    def done(self, decision: Decision, geometry: Geometry) -> SheetReading:
        return self._reading(ok=True, fields=as_fields(decision, geometry))

    def _reading(self, *, ok: bool, fields: Mapping[str, Mapping[int, GroupReading]]) -> SheetReading:
        return SheetReading(
            self.file, self.page, ok, tuple(self.problems), self.rotation, self.serial, fields, self.scores,
            self.thresholds, self.placement, self.clock.stages,
        )  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """A page in working size on which the sheet was found: `gray`, the same `small` by a `factor`, and where it lies.

    `bilevel`: it has no grays; `dotted`: even its black squares have holes.
    """

    gray: Image
    small: Image
    factor: float
    placement: Placement
    bilevel: bool = False
    dotted: bool = False


def _read(
    work: _Work, gray: Image, layout: SheetLayout, dpi: float, bilevel: bool, rules: Rules, other: OtherForm | None
) -> SheetReading:
    gray = _upright(work, gray)
    page = _find(work, gray, layout, dpi, bilevel, other.geometry.xy.astype(np.float64) if other else None)
    _note_placement(work, page, gray.shape)
    work.clock.stage("locate")
    _read_code(work, page.gray, layout, page.placement, any_form=other is not None)
    geometry = other.geometry if other else layout_geometry(layout)
    work.clock.stage("code")
    streaks = find_streaks(page.gray, page.small, page.factor, geometry, page.placement)
    if streaks.spans:
        work.note("streak-through" if (streaks.hit & ~streaks.on_fold).any() else "streak-beside")
    if streaks.on_fold.any():
        work.note("fold-through")
    if page.bilevel:
        rules = stricter(rules)
    if page.dotted:
        rules = without_empty(rules)
    if other:
        seen = streaks.mend(page.gray) if streaks.hit.any() else page.gray
        return _read_other(work, seen, page.placement, other, rules, streaks)
    return _read_sheet(work, page, layout, geometry, rules, streaks)


def _find(
    work: _Work, gray: Image, layout: SheetLayout, dpi: float, bilevel: bool, marked: NDArray[np.float64] | None
) -> _Found:
    """The sheet on an upright page; PageRefused where there is none. `marked` as for `locate`."""
    whole = gray
    gray, scale = _prepare(gray, dpi)
    small, factor = reduced(gray, scale)
    levels = tones(small)
    if _is_negative(small, levels):
        gray, small = (np.asarray(cv2.bitwise_not(image), dtype=np.uint8) for image in (gray, small))
        levels = tones(small)
        work.note("negative")
    dotted = False
    try:
        placement = _located(gray, layout, (small, factor), scale, levels[3], marked)
    except PageRefused:
        if not (bilevel or without_grays(whole, 0, 255)):
            raise
        gray, placement = _located_softly(work, gray, layout, scale, levels[3], marked)
        dotted = True
    # Some drivers give black and white dots as gray ones.
    return _Found(gray, small, factor, placement, bilevel or placement.without_grays(whole), dotted)


def _note_placement(work: _Work, page: _Found, original: tuple[int, ...]) -> None:
    """Note how the sheet lies in an image of the shape `original`; PageRefused for too few or too many dots."""
    placement = page.placement
    if page.bilevel:
        work.note("bilevel")
    work.rotation = 180 if placement.upside_down else 0
    _keep_placement(work, placement, page.gray.shape, original)
    true_dpi = placement.scale * MM_PER_INCH * original[1] / page.gray.shape[1]
    if not LEAST_DPI <= true_dpi <= MOST_DPI:
        raise PageRefused("resolution", dpi=round(true_dpi))
    if not all(placement.found):
        work.note("corner-lost")
    if not placement.oriented:
        work.note("mark-lost")
    if placement.bent:
        work.note("bent")
    if placement.perspective:
        work.note("perspective")
    elif not work.cut_out and check_length(page.gray, placement):
        work.note("long-page")


def _read_sheet(
    work: _Work, page: _Found, layout: SheetLayout, geometry: Geometry, rules: Rules, streaks: Streaks
) -> SheetReading:
    """What our own sheet says."""
    placement, streaked = page.placement, bool(streaks.hit.any())
    seen = streaks.mend(page.gray) if streaked else page.gray
    sampled = sample(seen, geometry, placement.to_pixels, placement.black)
    if page.bilevel and shows_print(sampled):
        seen = softened(seen, placement.scale)
        sampled = sample(seen, geometry, placement.to_pixels, placement.black)
    if streaked:
        sampled = replace(sampled, scores=sampled.scores.hide(streaks.hit))
    check_sampled(sampled, placement, bilevel=page.bilevel, known=bool(work.serial))
    work.clock.stage("sample")
    decision = decide(sampled.scores, geometry, rules)
    struck = _spoilt_bubbles(seen, geometry, placement, sampled, decision)
    if struck.any():
        sampled = replace(sampled, scores=sampled.scores.strike(struck))
        decision = decide(sampled.scores, geometry, rules)
    drops = page.bilevel and drops_ink(sampled, decision)
    if drops:
        decision = decide(sampled.scores, geometry, without_empty(rules))
    work.keep(sampled, decision)
    for code in check_decision(page.gray, layout, geometry, placement, sampled, decision, bilevel=page.bilevel):
        work.note(code)
    if drops:
        work.note("drops-ink")
    if streaked:
        check_streaked(decision, geometry, streaks)
    work.clock.stage("decide")
    return work.done(decision, geometry)


def _spoilt_bubbles(
    seen: Image, geometry: Geometry, placement: Placement, sampled: Sampled, decision: Decision
) -> NDArray[np.bool_]:
    """(n,) bubbles whose answers are struck out, crossed out, questioned or ends of other marks: asked about."""
    struck = struck_bubbles(seen, geometry, placement, sampled, decision.first, decision.marked)
    for look in (crossed_bubbles, questioned_bubbles, trailing_bubbles):
        struck |= look(seen, geometry, placement, sampled, decision)
    return struck


def _located(
    gray: Image, layout: SheetLayout, small: tuple[Image, float], scale: float, light: int,
    marked: NDArray[np.float64] | None,
) -> Placement:  # fmt: skip
    """Where the sheet lies, and surely what is up: the code in its place tells where the mark is pale or hidden."""
    placement = locate(gray, *small, scale, light, marked)
    if not placement.oriented and parse_sheet_code(_code_text(gray, layout.qr, placement)) is None:
        raise PageRefused("orientation")
    return placement


def _located_softly(
    work: _Work, gray: Image, layout: SheetLayout, scale: float, light: int, marked: NDArray[np.float64] | None
) -> tuple[Image, Placement]:
    """The same on a black and white scan made soft, since squares of dots have holes; and that image."""
    soft = softened(gray, scale)
    try:
        return soft, _located(soft, layout, reduced(soft, scale), scale, light, marked)
    except PageRefused:
        work.note("bilevel")
        raise


def _read_other(
    work: _Work, gray: Image, placement: Placement, other: OtherForm, rules: Rules, streaks: Streaks
) -> SheetReading:
    """What stands between our squares on a form of others: nothing is known of its print, so it is laid straight."""
    places = placement.to_pixels(other.geometry.xy)
    if places.min() < 0 or (places > (gray.shape[1], gray.shape[0])).any():
        raise PageRefused("cut-off")
    if placement.paper - placement.black < LEAST_CONTRAST:
        raise PageRefused("low-contrast")
    if placement.bent:  # nothing is known of its rings yet
        raise PageRefused("fit", error=placement.error)
    size = round(PAGE_WIDTH * placement.scale), round(PAGE_HEIGHT * placement.scale)
    # Middles of pixels of the straight page, in mm.
    fine = np.array([[PAGE_WIDTH / size[0], 0, 0.5 * PAGE_WIDTH / size[0]],
                     [0, PAGE_HEIGHT / size[1], 0.5 * PAGE_HEIGHT / size[1]], [0, 0, 1]])  # fmt: skip
    straight = cv2.warpPerspective(gray, placement.matrix @ fine, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                   borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    scores, decision = other.decide_page(np.asarray(straight, dtype=np.uint8), rules, streaks.hit)
    work.scores, work.thresholds = scores.to_bytes(), decision.thresholds()
    work.clock.stage("decide")
    return work.done(decision, other.geometry)


def _upright(work: _Work, gray: Image) -> Image:
    """The page standing on one of its short sides."""
    if gray.ndim != 2 or min(gray.shape) < LEAST_DOTS:
        raise PageRefused("resolution", dpi=round(min(gray.shape[:2]) / PAGE_WIDTH * MM_PER_INCH))
    if gray.shape[1] <= 1.15 * gray.shape[0]:
        return gray
    work.note("sideways")
    work.back = work.back @ turned_back(gray.shape[1], gray.shape[0], 1)
    return np.ascontiguousarray(np.rot90(gray))


def _prepare(gray: Image, dpi: float) -> tuple[Image, float]:
    """Bring the page to working size; gives pixels per mm as far as known."""
    by_size = gray.shape[1] / PAGE_WIDTH
    scale = dpi / MM_PER_INCH if dpi and abs(dpi / MM_PER_INCH / by_size - 1) < 0.25 else by_size
    if scale * MM_PER_INCH > FINE_DPI:
        smaller = reduce_image(gray, 1 / round(scale * MM_PER_INCH / WORKING_DPI))
        scale *= smaller.shape[1] / gray.shape[1]
        gray = smaller
    return gray, scale


def softened(gray: Image, scale: float) -> Image:
    """A black and white scan with something of its grays back: a dot counts together with those around it.

    So the grain of a dithered scan and the steps along edges are neither ink nor paper. Where the print is lost, soft
    marks would be taken for rings.
    """
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), SOFT * scale), dtype=np.uint8)


def _is_negative(small: Image, levels: Sequence[int]) -> bool:
    """Whether paper is black and ink white; PageRefused where there is no telling them apart."""
    darkest, dark, middle, light, lightest = levels
    contrast = max(light - darkest, lightest - dark)
    if contrast < 50:
        raise PageRefused("blank-page" if contrast < 20 else "low-contrast")
    return middle < 80 and float(np.mean(small < 100)) > 0.7


def _keep_placement(work: _Work, placement: Placement, shape: tuple[int, ...], original: tuple[int, ...]) -> None:
    """The map from mm to pixels of the image as it came; `original` is the shape before it was reduced to `shape`."""
    grow_x, grow_y = original[1] / shape[1], original[0] / shape[0]
    back = np.array([[grow_x, 0, (grow_x - 1) / 2], [0, grow_y, (grow_y - 1) / 2], [0, 0, 1]])
    work.placement = tuple(float(v) for v in (work.back @ back @ placement.matrix).ravel())


def _read_code(work: _Work, gray: Image, layout: SheetLayout, placement: Placement, *, any_form: bool) -> None:
    """Serial from the sheet's code; another form's code refuses the page, unless it is another form on purpose."""
    text = _code_text(gray, layout.qr, placement)
    parsed = parse_sheet_code(text) if text else None
    if parsed is not None and (any_form or layout.takes(*parsed[:2])):
        work.serial = parsed[2]
    elif not any_form:
        if parsed is not None and layout.is_training(*parsed[:2]):
            raise PageRefused("training-sheet")
        if text:
            raise PageRefused("wrong-form")
        work.note("no-code")


def _code_text(gray: Image, area: Rect, placement: Placement) -> str:
    """Text of the QR code in its place; the second try looks closer and straightens it."""
    edges = [(area.x - 3, area.y - 3), (area.right + 3, area.y - 3), (area.x - 3, area.bottom + 3),
             (area.right + 3, area.bottom + 3)]  # fmt: skip
    across, down = placement.to_pixels(np.array(edges)).T.tolist()
    rows, columns = (slice(max(0, floor(min(side))), max(0, ceil(max(side)))) for side in (down, across))
    crop = np.ascontiguousarray(gray[rows, columns])
    if min(crop.shape, default=0) < 20:
        return ""
    found = zxingcpp.read_barcodes(crop, formats=QR_ONLY, try_downscale=False, try_invert=False)
    if not found:
        wide = Rect(area.x - 3, area.y - 3, area.width + 6, area.height + 6)
        straight = sample_rect(gray, placement.matrix, wide, 0.066)
        smooth = cv2.GaussianBlur(np.clip(straight, 0, 255).astype(np.uint8), (0, 0), 2.0)
        found = zxingcpp.read_barcodes(smooth, formats=QR_ONLY)
    return found[0].text if found else ""
