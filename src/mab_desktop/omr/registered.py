"""Read any form from an image that is straight and in scale already: local correction and mark decisions only.

Nothing is known of such a form but where its bubbles are, to half a millimetre or so. What is printed there, a ring, a
box, brackets, letters, the page itself shows: the lighter bubbles of the whole page together make the template that
each small block of neighbours is then laid on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, Bubble
from mab_desktop.omr.around import AROUND, STEP, beyond, each_size, neighbours, offsets, own_ground, radius
from mab_desktop.omr.form_doubts import Found, doubted, found_beyond
from mab_desktop.omr.form_print import (
    MOST_PRINT,
    PRINTED,
    inner_weights,
    lead_of,
    level_inside,
    marked_throughout,
    own_print,
    spread,
    tone_of,
    usual_of_kind,
)
from mab_desktop.omr.geometry import Floats, Geometry, geometry_of
from mab_desktop.omr.locate import Image
from mab_desktop.omr.marks import Decision, as_fields, decide
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rings import rings
from mab_desktop.omr.rules import DEFAULT_RULES, Rules, State, stricter
from mab_desktop.omr.run_over import running_over
from mab_desktop.omr.sample import (
    DARK,
    LIGHT,
    NEAR_INK,
    NO_FORM,
    OPPOSITE,
    ORIGINS,
    QUARTER,
    RIM,
    SECTORS,
    UNITS,
    Scores,
    veil_of,
)
from mab_desktop.omr.veils import veils

REACH = 0.8  # mm a block may be off
LIGHTER = 0.5  # part of a block's bubbles, the lighter ones, that speaks for its print
ROUNDS = 3
SURE_MATCH = 0.4  # correlation from which a block is believed
LEAST_GROUND = 0.15  # part of its surroundings that must be a bubble's own for them to speak
SLACK = 0.08  # how much darker than the empty form print may be
# Steps that a letter may lie off its block's place, how much more a place lighter than the letter speaks against that,
# darkness of ink from which more of it says nothing, and darkness of print on which no ink shows. Measured on
# tuning seeds 1 to 25 of `benchmarks/foreign_forms.py`.
ASIDE, TOO_LIGHT, ENOUGH, FULL_PRINT = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5), 3.0, 0.2, 0.8
# Paper beside a bubble: mm beyond its rim where the ring has ended, the lighter part of the places there that speaks,
# how many there must be, and how much of the way to ink shade may be darker than the paper around.
CLEAR_OF_RING, LIGHT_PART, LEAST_PLACES, MOST_SHADE = 0.2, 0.4, 12, 0.4
SHADE_PART, LEAST_SHADE = 0.3, 0.02  # the lighter part of free places that says what paper is; how far off it must be
ABOUT = 0.6  # mm beyond the rim up to which a letter may reach
LEAST_ROOM = 0.05  # weight of its places that must be free of print for a bubble to have ink
# Parts of this person's usual darkness: plain paper (`Rules.floor_pen`, `outlying_pen`), `Rules.outlying_pale`,
# `Rules.pale_mark` of marks that letters hide in part; what an eraser left: part of the mark beside it, and inked area;
# `Rules.heavy_rest`.
PLAIN_PEN, PALE_PEN, PALE_MARK, ERASED, ERASED_AREA, HEAVY_REST = 0.08, 0.25, 0.5, 0.2, 0.05, 0.18
SPECK_NOISE = 2.0  # as in `Rules.speck_noise`: bold letters that lie otherwise on the grid are black in places
FLOOR_SHARE = 0.55  # of the usual floor: without print there is less to be in doubt about
OUTLYING = 2.5  # as in `Rules.outlying`: little is known of such a form, so what is apart is asked about
# As in `Rules.twins`, `Rules.like` and `Rules.lone_area`: what a letter hides of a mark is not inked area, and what
# would be a stray line elsewhere was laid on a letter.
TWINS, LIKE = 0.4, 0.27
LEAST_BLACK = 0.1  # as in `Rules.lone_dark`
LEAST_DARK = 0.15  # as in `Rules.least_dark`: what an eraser left of a mark is told by nothing else here
LEAST_ALIKE = 0.75  # how much two halves of a block's print look alike on a page of this form that can be read
UNSURE = 0.2  # as in `Rules.unsure`; of two pages that asked about a third of their groups one had hidden marks
# Black and white dots in a file of grays: every how manieth dot is looked at, the parts of them that are darker than
# black and than paper, levels that must lie between these, the border to each (part of that), and the part of the ink
# that may lie between. Of 108 gray pages of ten makers of forms 0.2 and more did, of black and white ones 0.05 at most.
EACH, BLACK_PAPER, LEAST_SPAN, BORDER, MIDTONES = 7, (0.005, 0.5), 60, 0.3, 0.1
MUCH_ASKED = 0.1  # part of the groups asked about from which a page is read without the empty form, too
LOST = 0.7  # as in `Rules.lost`
BETTER = 0.02  # how much better the print must match elsewhere before a block is moved there


def read_registered(
    gray: Image, bubbles: Sequence[Bubble], *, page_size: tuple[float, float] = (PAGE_WIDTH, PAGE_HEIGHT),
    blank: Image | None = None, file: str = "", page: int = 1, bilevel: bool = False, rules: Rules = DEFAULT_RULES,
) -> SheetReading:  # fmt: skip
    """Read one page given as gray values (rows, columns) that spans `page_size` in mm; see `FormReader`."""
    return FormReader(bubbles, page_size, blank).read(gray, file=file, page=page, bilevel=bilevel, rules=rules)


class FormReader:
    """Reads pages of one form.

    `blank` is the empty form in the same frame, at any resolution: what is darker there than paper is no mark.
    """

    def __init__(
        self, bubbles: Sequence[Bubble], page_size: tuple[float, float] = (PAGE_WIDTH, PAGE_HEIGHT),
        blank: Image | None = None,
    ) -> None:  # fmt: skip
        self._geometry, self._size = geometry_of(bubbles), page_size
        self._empty = self._darkness_of(blank) if blank is not None else None
        self._wide = spread(self._empty, 5) if self._empty is not None else None

    def read(
        self, gray: Image, *, file: str = "", page: int = 1, bilevel: bool = False, rules: Rules = DEFAULT_RULES
    ) -> SheetReading:
        """Marks of one page; nothing of it is refused. `bilevel`: its file knows black and white only."""
        started = time.perf_counter()
        scores, found = self._measure(gray)
        measured = time.perf_counter()
        used = stricter(rules) if bilevel or _black_and_white(gray) else rules
        scores, decision = self._decide(scores, found, used)
        if self._empty is not None and decision.count(State.DOUBTFUL) > MUCH_ASKED * len(decision.states):
            # An empty form of another printing hides marks; then the page tells more by itself.
            alone = self._decide(*self._measure(gray, with_blank=False), used)
            scores, decision = min((scores, decision), alone, key=lambda told: told[1].count(State.DOUBTFUL))
        decided = time.perf_counter()
        across, down = _scale(gray, self._size)
        return SheetReading(
            file, page, True, (), fields=as_fields(decision, self._geometry), scores=scores.to_bytes(),
            thresholds=decision.thresholds(), placement=(across, 0.0, -0.5, 0.0, down, -0.5, 0.0, 0.0, 1.0),
            stages={"sample": (measured - started) * 1000, "decide": (decided - measured) * 1000},
        )  # fmt: skip

    @property
    def geometry(self) -> Geometry:
        """Where the bubbles are."""
        return self._geometry

    def decide_page(self, gray: Image, rules: Rules, hidden: NDArray[np.bool_]) -> tuple[Scores, Decision]:
        """What a page says that was laid straight; `hidden` bubbles cannot be seen surely, as on a streak.

        PageRefused where next to nothing is sure and the places of this form's bubbles do not look alike: it is
        another form, or its print is gone.
        """
        scores, found = self._measure(gray)
        scores, decision = self._decide(scores.hide(hidden) if len(hidden) else scores, found, rules)
        if found.alike < LEAST_ALIKE and decision.count(State.DOUBTFUL) > LOST * len(decision.states):
            raise PageRefused("wrong-form")
        return scores, decision

    def _decide(self, scores: Scores, found: Found, rules: Rules) -> tuple[Scores, Decision]:
        """Decide twice: what the first decision leaves in doubt is noted in the scores."""
        rules = registered_rules(rules)
        scores = doubted(scores, found, decide(scores, self._geometry, rules), self._geometry)
        return scores, decide(scores, self._geometry, rules)

    def _darkness_of(self, gray: Image) -> Floats:
        """(n, side, side) darkness around each bubble, every block laid on the image's own print."""
        moved = print_shifts(gray, self._geometry, self._size)
        return _darkness(gray, self._geometry, moved, self._size)

    def _measure(self, gray: Image, *, with_blank: bool = True) -> tuple[Scores, Found]:
        """Scores of a page, beyond what is printed; what that is, the page itself and the empty form show."""
        geometry, darkness = self._geometry, self._darkness_of(gray)
        form, unknown = own_print(darkness, geometry)
        lead = lead_of(form, geometry)
        if with_blank and self._empty is not None and self._wide is not None:
            tone = tone_of(form, self._empty, geometry)
            empty = np.minimum(tone * self._empty, 1)
            marked = marked_throughout(form, empty, geometry) | unknown
            form = np.minimum(form, tone * self._wide + SLACK)
            rare = (geometry.kind < 0) | (level_inside(empty, geometry) > level_inside(form, geometry) + MOST_PRINT)
            form[rare] = np.maximum(form[rare], empty[rare])
            form[marked], unknown = usual_of_kind(empty, geometry)[marked], np.zeros_like(unknown)
            lead = 0.0
        # A letter of few says too little of itself to be laid on exactly.
        few = (geometry.kind < 0)[:, None, None]
        print_ = np.where(few, spread(form, 3), form)
        ink, laid = _beyond_print(darkness, print_, geometry)
        shade = _shade(ink, laid, geometry)
        shaded = np.flatnonzero(shade > LEAST_SHADE)
        if len(shaded):
            darkness[shaded] -= shade[shaded, None, None]
            ink[shaded], laid[shaded] = _beyond_print(darkness[shaded], print_[shaded], geometry, shaded)
        outside, inside = darkness - spread(form, 5), _inside(ink, laid, geometry)
        ringed, traces = rings(ink, inside[0], geometry)
        over = running_over(np.maximum(ink, outside), np.maximum(inside[0], ringed), geometry)
        if over.any():
            ink, outside = np.where(over, np.minimum(ink, 0), ink), np.where(over, np.minimum(outside, 0), outside)
            inside = _inside(ink, laid, geometry)
        near, through, side, leaving = _outside(outside, geometry)
        no_ring = np.zeros_like(near)  # no ring is looked for
        veil = veil_of(leaving, inside[0], inside[8])
        measured = np.stack([*inside[:3], near, no_ring, *inside[3:8], through, side, veil])
        # What a ring goes around is marked as if it was filled, as dark as the ring is.
        around = ringed > 0
        measured[:, around] = 0
        measured[0, around], measured[1:3, around] = ringed[around], np.minimum(1, ringed[around] / DARK)
        found = found_beyond(ink, darkness, geometry, unknown, lead).with_rings(ringed, traces)
        if not around.any():
            pale = veils(ink, laid, inside[:3], geometry)
            measured[:, pale.beside] = np.median(measured, axis=1, keepdims=True)
            found = replace(found, veiled=pale.lone)
        return _scores(measured), found


def registered_rules(rules: Rules) -> Rules:
    """The rules for scores without print: no ring is there to be missed, little ink is more than paper, and what is
    left of a ring may stand alone. Letters hide part of a mark: a second one is never taken for a stray line, and where
    many groups are asked about, marks may be hidden in the empty ones, too. What a single bubble shows of ink beside
    a mark, of a trace or of a ring may be print here."""
    return replace(
        rules, ring=0.0, floor=FLOOR_SHARE * rules.floor, floor_pen=PLAIN_PEN, lonely=1.0, lonely_pen=10.0,
        lonely_light=10.0, outlying=OUTLYING, outlying_pen=PLAIN_PEN, outlying_pale=PALE_PEN, pale_mark=PALE_MARK,
        beside=ERASED, beside_area=ERASED_AREA, beside_ink=0.0, beside_black=0.0, heavy_rest=HEAVY_REST,
        speck_noise=SPECK_NOISE, unsure=UNSURE, unlike=0.0, twins=TWINS, like=LIKE, lone_area=LIKE,
        lone_dark=LEAST_BLACK, least_dark=LEAST_DARK, lost=LOST, drawn=100.0, second_dark=10.0, second_area=10.0,
        second_area_pale=10.0, stamp_pen=10.0, passing_empty=rules.passing, written=10.0, solid_pale=rules.solid,
        spilt=0.0, grainy=0.0,
    )  # fmt: skip


def _black_and_white(gray: Image) -> bool:
    """Whether next to no dot of a page's ink lies between black and paper, also after a JPEG has blurred its edges.

    Of our own sheet it is known how much is printed, and what is black (`locate.without_grays`); here the page says it.
    """
    counts = np.bincount(np.ravel(gray[::EACH, ::EACH]), minlength=256)
    black, paper = (int(n) for n in np.searchsorted(np.cumsum(counts), counts.sum() * np.array(BLACK_PAPER)))
    border = round(BORDER * (paper - black))
    inked, between = counts[: paper - border].sum(), counts[black + border : paper - border].sum()
    return paper - black > LEAST_SPAN and bool(between < MIDTONES * inked)


def _scale(gray: Image, page_size: tuple[float, float]) -> tuple[float, float]:
    """Pixels per mm across and down."""
    return gray.shape[1] / page_size[0], gray.shape[0] / page_size[1]


def _scores(found: Floats) -> Scores:
    """The measured numbers (parts, n) as they are stored."""
    return Scores(*np.clip(np.rint(found * UNITS + ORIGINS), 0, 255).astype(np.uint8))


def _outer_weights(side: int, rx: float, ry: float) -> tuple[Floats, Floats, Floats]:
    """(p,) weights just outside, (p, SECTORS) farther outside by direction and along the rim by quarter, each sum 1."""
    x, y = (offsets(side) / np.array([rx, ry], dtype=np.float32)).T
    out = (np.hypot(x, y) - 1) * min(rx, ry)
    near = np.clip((out - 0.22) / STEP, 0, 1) * np.clip((0.85 - out) / STEP, 0, 1)
    away = np.clip((out - 0.42) / STEP, 0, 1) * np.clip((AROUND - out) / STEP, 0, 1)
    turn = np.arctan2(y, x)[:, None] * SECTORS / (2 * np.pi) - np.arange(SECTORS)
    sectors = away[:, None] * np.clip(1 - np.abs((turn + SECTORS / 2) % SECTORS - SECTORS / 2), 0, 1)
    sectors /= np.maximum(sectors.sum(axis=0), 1e-6)
    inner = (RIM[0] - 1) * min(rx, ry)
    rim = np.clip((out - inner) / STEP + 0.5, 0, 1) * np.clip((RIM[1] - out) / STEP + 0.5, 0, 1)
    turn -= QUARTER / 2
    rims = rim[:, None] * (np.abs((turn + SECTORS / 2) % SECTORS - SECTORS / 2) <= QUARTER / 2)
    rims /= np.maximum(rims.sum(axis=0), 1e-6)
    near /= max(float(near.sum()), 1e-6)
    return near.astype(np.float32), sectors.astype(np.float32), rims.astype(np.float32)


def _darkness(gray: Image, geometry: Geometry, moved: Floats, page_size: tuple[float, float]) -> Floats:
    """(n, side, side) around each bubble, its block `moved` (mm): 0 is its paper, 1 the darkest ink of the page."""
    patches, _ = _patches(gray, replace(geometry, xy=geometry.xy + moved[geometry.block]), page_size)
    paper, ink = _paper(patches, geometry)
    return np.asarray((patches - paper[:, None, None]) / np.maximum(ink - paper, 20.0)[:, None, None], np.float32)


def _paper(patches: Floats, geometry: Geometry) -> tuple[Floats, float]:
    """(n,) darkness of each bubble's paper, and that of the page's darkest ink.

    Where rows are shaded or light falls off, paper is what lies beside the bubble; where bubbles are printed white or
    gray on their rows, or leave no room between them, it is what is lightest in the block. With the right one bubbles
    with the same letter are alike.
    """
    thin = np.ascontiguousarray(patches[:, ::3, ::3].reshape(len(patches), -1))
    block = np.array([np.quantile(thin[geometry.block == n], 0.3) for n in range(geometry.block_count)], np.float32)
    ink = max(float(np.quantile(thin, 0.995)), 255 - 0.5 * (255 - float(np.median(block))))
    common = block[geometry.block]
    beside = np.minimum(_paper_beside(patches, geometry), common + MOST_SHADE * np.maximum(ink - common, 20.0))
    level = level_inside(patches, geometry)
    unrest = [_unrest((level - paper) / np.maximum(ink - paper, 20.0), geometry) for paper in (beside, common)]
    return (beside if unrest[0] <= unrest[1] else common), ink


def _unrest(level: Floats, geometry: Geometry) -> float:
    """How much bubbles with the same letter differ, marked ones left out."""
    usual = np.full(len(level), np.median(level), dtype=np.float32)
    for kind in range(len(geometry.kind_sizes)):
        own = geometry.kind == kind
        usual[own] = np.median(level[own])
    return float(np.median(np.abs(level - usual)))


def _paper_beside(patches: Floats, geometry: Geometry) -> Floats:
    """(n,) darkness of the paper beside each bubble, as it and its neighbours in the group show it.

    Rows may be shaded and light falls off: what is paper here may be print elsewhere. A mark that runs over its
    bubble darkens its own surroundings only, so the group's other bubbles speak with it.
    """
    side = patches.shape[1]
    flat, ground = patches.reshape(len(patches), -1), own_ground(geometry, side)
    beside = np.empty(len(patches), dtype=np.float32)
    for own, (rx, ry) in each_size(geometry):
        away = beyond(side, rx, ry)
        around = np.flatnonzero((away > CLEAR_OF_RING) & (away < AROUND))
        levels = np.where(ground[own][:, around], flat[own][:, around], np.float32(np.inf))
        count = np.count_nonzero(np.isfinite(levels), axis=1)
        levels.sort(axis=1)
        beside[own] = levels[np.arange(len(own)), np.maximum((LIGHT_PART * count).astype(np.intp) - 1, 0)]
        bare = own[count < LEAST_PLACES]
        beside[bare] = np.quantile(flat[bare], LIGHT_PART / 2, axis=1) if len(bare) else 0
    table, least = neighbours(geometry), np.float32(np.inf)
    around_ = np.sort(np.where(table >= 0, beside[table], least), axis=1)
    return np.asarray(around_[np.arange(len(table)), (np.count_nonzero(table >= 0, axis=1) - 1) // 2])


def _inside(ink: Floats, print_: Floats, geometry: Geometry) -> Floats:
    """(9, n) darkness, inked and well inked share, form and mean square of the ink inside.

    `ink` is what is darker than the letter laid on each bubble. The darker a place is printed the less can be seen of
    ink there, and the less it counts.
    """
    flat, room = ink.reshape(len(ink), -1), np.clip(1 - print_.reshape(len(ink), -1) / FULL_PRINT, 0, 1)
    flat = np.maximum(flat, 0) / np.maximum(1 - print_.reshape(len(ink), -1), 1 - FULL_PRINT)
    found = np.zeros((9, len(geometry.xy)), dtype=np.float32)
    for own, (rx, ry) in each_size(geometry):
        weights, forms = inner_weights(ink.shape[1], rx, ry)
        here = room[own] * weights
        found[:, own] = _shares(flat[own], here / np.maximum(here.sum(axis=1, keepdims=True), LEAST_ROOM), forms)
    return found


def _shade(ink: Floats, laid: Floats, geometry: Geometry) -> Floats:
    """(n,) how much darker each group's paper is than what was taken for it, as is left beyond print.

    Where a row is shaded to its edge or letters leave no paper free, all bubbles of the group are darker; a mark
    darkens its own, and leaves paper at its sides.
    """
    within = np.zeros((len(ink), ink.shape[1] ** 2), dtype=bool)
    for own, (rx, ry) in each_size(geometry):
        within[own] = radius(ink.shape[1], rx, ry) < 1
    within &= laid.reshape(len(ink), -1) < PRINTED
    free = np.where(within, ink.reshape(len(ink), -1), np.float32(np.inf))
    count = np.count_nonzero(np.isfinite(free), axis=1)
    free.sort(axis=1)
    paper = free[np.arange(len(free)), np.maximum((SHADE_PART * count).astype(np.intp) - 1, 0)]
    enough = count >= LEAST_PLACES
    paper = np.where(enough, paper - np.median(paper[enough]), 0) if enough.any() else np.zeros_like(paper)
    by_group = np.sort(np.where(geometry.gaps, np.inf, paper[geometry.first]), axis=1)
    several = np.count_nonzero(~geometry.gaps, axis=1)
    usual = np.where(several > 2, by_group[np.arange(len(by_group)), np.where(several > 3, 1, 0)], 0)
    shade = np.zeros(len(ink), dtype=np.float32)
    for place in range(geometry.members.shape[1]):
        own = geometry.members[:, place]
        shade[own[own >= 0]] = usual[own >= 0]
    return np.clip(shade, 0, MOST_SHADE)


def _beyond_print(
    darkness: Floats, print_: Floats, geometry: Geometry, some: NDArray[np.intp] | slice = slice(None)
) -> tuple[Floats, Floats]:
    """(n, side, side) what is darker than the print laid on it as well as can be, and the print so laid.

    Ink only darkens: where a place is lighter than the letter, the letter lies elsewhere. Numbers of rows and
    neighbours, a little farther away, differ from bubble to bubble: they have no say in it. `some`: which bubbles.
    """
    here = _about(geometry, darkness.shape[1])[some]
    least, found, laid = np.full(len(darkness), np.inf, np.float32), np.empty_like(darkness), np.empty_like(darkness)
    for down in ASIDE:
        lower = _moved(print_, down, 1)
        for across in ASIDE:
            moved = _moved(lower, across, 2)
            more = darkness - moved
            cost = TOO_LIGHT * np.maximum(-more, 0)
            cost += np.clip(more, 0, ENOUGH)
            cost *= here
            against = cost.sum(axis=(1, 2), dtype=np.float32) + 0.05 * (abs(down) + abs(across))
            better = against < least
            least[better], found[better], laid[better] = against[better], more[better], moved[better]
    return found, laid


@lru_cache(maxsize=4)
def _about(geometry: Geometry, side: int) -> Floats:
    """(n, side, side) 1 where a bubble's own print may lie."""
    about = own_ground(geometry, side).astype(np.float32)
    for own, (rx, ry) in each_size(geometry):
        about[own] *= beyond(side, rx, ry) < ABOUT
    return about.reshape(-1, side, side)


def _moved(patches: Floats, steps: float, axis: int) -> Floats:
    """The patches moved along an axis; their edges stay."""
    last, whole = patches.shape[axis] - 1, int(np.floor(steps))
    near, far = (np.take(patches, np.clip(np.arange(last + 1) - by, 0, last), axis=axis) for by in (whole, whole + 1))
    share = np.float32(steps - whole)
    return np.asarray((1 - share) * near + share * far if share else near, dtype=np.float32)


def _shares(ink: Floats, here: Floats, forms: Floats) -> Floats:
    """(9, n) darkness, inked and well inked share, form and mean square of `ink` (n, p) by the weights `here`."""
    heavy = np.square(ink) * here
    told = [(part * here).sum(axis=1) for part in (ink, ink > LIGHT, ink > DARK)]
    return np.asarray(np.stack([*told, *_form(heavy, forms), heavy.sum(axis=1)]), dtype=np.float32)


def _form(heavy: Floats, forms: Floats) -> Floats:
    """(5, n) middle, directions and spread of ink (n, p)."""
    total = heavy.sum(axis=1)
    form = (heavy @ forms).T / np.maximum(total, NO_FORM)
    form[2:4] /= np.maximum(form[4], 0.05)
    form[:, total < NO_FORM] = 0
    return np.asarray(form, dtype=np.float32)


def _outside(darkness: Floats, geometry: Geometry) -> tuple[Floats, Floats, Floats, Floats]:
    """Clear ink on each bubble's own ground: outside, leaving on opposite sides, and along the rim.

    Then the darkness that leaves on opposite sides, however pale.
    """
    flat = darkness.reshape(len(darkness), -1)
    clear = flat > NEAR_INK
    ground = own_ground(geometry, darkness.shape[1])
    near, through, side, veil = (np.zeros(len(geometry.xy), dtype=np.float32) for _ in range(4))
    for own, (rx, ry) in each_size(geometry):
        weights, sectors, rims = _outer_weights(darkness.shape[1], rx, ry)
        mine, inked = ground[own].astype(np.float32), (clear[own] & ground[own]).astype(np.float32)
        near[own] = _share(inked @ weights, mine @ weights, LEAST_GROUND)
        leaving = _share(inked @ sectors, mine @ sectors, 0.5)
        through[own] = _both_ends(leaving)
        ink = np.maximum(flat[own], 0) * mine
        side[own] = _share(ink @ rims, mine @ rims, 0.5).max(axis=1)
        veil[own] = _both_ends(_share(ink @ sectors, mine @ sectors, 0.5))
    return near, through, side, veil


def _both_ends(leaving: Floats) -> Floats:
    """(n,) the strongest pair of opposite directions in `leaving` (n, SECTORS), each as its weaker end."""
    return np.asarray(np.max([np.minimum(leaving, leaving[:, turned]).max(axis=1) for turned in OPPOSITE], axis=0))


def _share(part: Floats, whole: Floats, least: float) -> Floats:
    """`part` of `whole`; 0 where there is too little to speak of."""
    return np.asarray(np.where(whole > least, part / np.maximum(whole, least), 0), dtype=np.float32)


def print_shifts(gray: Image, geometry: Geometry, page_size: tuple[float, float]) -> Floats:
    """(blocks, 2) mm by which the print of each block lies off the coordinates; zero where it cannot be told."""
    patches, reach = _patches(gray, geometry, page_size)
    blocks = _block_prints(patches, geometry)
    shifts = np.zeros((len(blocks), 2), dtype=np.float32)
    match = np.zeros(len(blocks), dtype=np.float32)
    for _ in range(ROUNDS):
        template = _template(blocks, shifts, reach)
        shifts, match = _laid_on(blocks, template, reach)
    return _settled(shifts, match, geometry)


def _patches(gray: Image, geometry: Geometry, page_size: tuple[float, float]) -> tuple[Floats, int]:
    """(n, side, side) darkness around each bubble, in steps of `STEP` of a usual bubble; and the reach in steps."""
    scale = _scale(gray, page_size)
    reach = round(REACH / STEP)
    half = int(np.ceil((max(geometry.usual) + AROUND) / STEP)) + reach
    axis = np.arange(-half, half + 1, dtype=np.float32) * STEP
    # Sampling a coarser grid than the pixels would miss thin lines.
    wide = (max(1.0, scale[0] * STEP), max(1.0, scale[1] * STEP))
    smooth = cv2.GaussianBlur(gray, (0, 0), sigmaX=0.4 * wide[0], sigmaY=0.4 * wide[1])
    xs = (geometry.xy[:, 0, None, None] + axis[None, None, :]) * scale[0] - 0.5
    ys = (geometry.xy[:, 1, None, None] + axis[None, :, None]) * scale[1] - 0.5
    shape = (len(geometry.xy), len(axis), len(axis))
    found = np.empty(shape, dtype=np.float32)
    for start in range(0, shape[0], 256):  # remap takes no more than 32,767 rows
        part = slice(start, start + 256)
        size = (-1, len(axis))
        mapped = cv2.remap(
            smooth, np.broadcast_to(xs[part], found[part].shape).reshape(size).astype(np.float32),
            np.broadcast_to(ys[part], found[part].shape).reshape(size).astype(np.float32), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        found[part] = mapped.reshape(found[part].shape)
    return np.float32(255) - found, reach


def _block_prints(patches: Floats, geometry: Geometry) -> Floats:
    """(blocks, side, side) middle of the lighter bubbles of each block: its print with next to no marks."""
    order, begins = geometry.by_block
    level = patches.mean(axis=(1, 2))
    found = np.empty((geometry.block_count, *patches.shape[1:]), dtype=np.float32)
    for number, (begin, end) in enumerate(zip(begins[:-1], begins[1:], strict=True)):
        own = order[begin:end]
        lighter = own[np.argsort(level[own], kind="stable")[: max(1, int(LIGHTER * len(own)))]]
        found[number] = patches[lighter].mean(axis=0)
    return found


def _template(blocks: Floats, shifts: Floats, reach: int) -> Floats:
    """The usual print: mean of all blocks as they are laid now, made even about its middle.

    Outlines of bubbles are alike from both ends; the letters inside, which are not, average out.
    """
    inner = [_window(block, shift, reach) for block, shift in zip(blocks, shifts, strict=True)]
    print_ = np.mean([part - part.mean() for part in inner], axis=0)
    offset = _middle_of(print_, reach)
    centred = [_window(block, shift + offset, reach) for block, shift in zip(blocks, shifts, strict=True)]
    mean = np.mean([part - part.mean() for part in centred], axis=0)
    return np.asarray((mean + mean[::-1, ::-1]) / 2, dtype=np.float32)


def _window(block: Floats, shift: NDArray[np.floating[Any]], reach: int) -> Floats:
    """The block's print `shift` mm away from its coordinates, `reach` steps smaller on each side."""
    side = block.shape[0]
    move = np.array([[1, 0, -shift[0] / STEP], [0, 1, -shift[1] / STEP]], dtype=np.float32)
    moved = cv2.warpAffine(block, move, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved[reach : side - reach, reach : side - reach], dtype=np.float32)


def _middle_of(print_: NDArray[np.floating[Any]], reach: int) -> Floats:
    """Offset in mm of the point about which a print is most alike from both ends."""
    core = np.ascontiguousarray(print_[::-1, ::-1], dtype=np.float32)
    padded = cv2.copyMakeBorder(print_.astype(np.float32), reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    # Turning about a point that is off by d moves the print by 2 d.
    match = np.asarray(cv2.matchTemplate(padded, core, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
    place, best = _peak(match)
    if best < SURE_MATCH:
        return np.zeros(2, dtype=np.float32)
    return np.asarray((place - reach) * (STEP / 2), dtype=np.float32)


def _laid_on(blocks: Floats, template: Floats, reach: int) -> tuple[Floats, Floats]:
    """Shift in mm that lays each block's print on the template, and how well it then matches (correlation)."""
    shifts = np.zeros((len(blocks), 2), dtype=np.float32)
    match = np.zeros(len(blocks), dtype=np.float32)
    for number, block in enumerate(blocks):
        found = np.asarray(cv2.matchTemplate(block, template, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
        place, best = _peak(found)
        match[number] = best
        if best > found[reach, reach] + BETTER:
            shifts[number] = (place - reach) * STEP
    return shifts, match


def _peak(match: NDArray[np.floating[Any]]) -> tuple[Floats, float]:
    """Place (x, y) of the highest value, to a part of a step, and the value."""
    row, column = np.unravel_index(int(match.argmax()), match.shape)
    best = float(match[row, column])

    def top(before: float, after: float) -> float:
        bend = before - 2 * best + after
        return 0.0 if abs(bend) < 1e-9 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))

    inner_row, inner_column = 0 < row < match.shape[0] - 1, 0 < column < match.shape[1] - 1
    dx = top(float(match[row, column - 1]), float(match[row, column + 1])) if inner_column else 0.0
    dy = top(float(match[row - 1, column]), float(match[row + 1, column])) if inner_row else 0.0
    return np.array([column + dx, row + dy], dtype=np.float32), best


def _settled(shifts: Floats, match: Floats, geometry: Geometry) -> Floats:
    """Blocks whose print does not show, or that jump away from their neighbours, go with these."""
    sure = match > SURE_MATCH
    if not sure.any():
        return np.zeros_like(shifts)
    centres = geometry.block_centres
    near = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    weight = np.exp(-((near / 35.0) ** 2)) * (sure * match)[None, :]
    settled = shifts.copy()
    for number in range(len(shifts)):
        order = np.argsort(-weight[number])[:7]
        around = order[weight[number, order] > 0]
        middle = np.median(shifts[around], axis=0)
        if not sure[number] or np.linalg.norm(shifts[number] - middle) > 0.35:
            settled[number] = middle
    return settled
