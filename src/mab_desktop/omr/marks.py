"""Decide what is marked: from four numbers per bubble to one, none, many or doubtful per group.

Every sheet is its own measure: the empty bubbles say what empty looks like with this print and scanner, the clear marks
say how this person marks. What lies between goes to a person; a dark mark never counts as cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.sample import HIDDEN, Scores

READER_VERSION = "3"
# How much darker than the others one kind of bubble may be by its print: darkness, light, dark and outer share, and the
# darkness of the rim.
ALLOWED = (0.06, 0.18, 0.10, 0.20, 0.20)
# Differences in looks that mean nothing: darkness, light, dark and outer share, middle x and y, two directions, spread,
# ink on opposite sides.
TOLERANCE = np.array([0.10, 0.18, 0.18, 0.08, 0.18, 0.18, 0.35, 0.35, 0.12, 0.35], dtype=np.float32)

PALE_TOLERANCE, PALE_SHARE = np.array([0.02, 0.04, 0.06], dtype=np.float32), 0.4

FINE = 4096  # steps of 1 in which looks are compared
SIDES = (0.05, 0.09)  # bounds of the darkness of a rim that is none
LEAST_NOISE = 0.012  # darkness: no paper is cleaner than two steps of the scores
HIDDEN_RING = (HIDDEN - 128) / 40

Ranked = tuple[NDArray[np.intp], NDArray[np.intp]]


class State(StrEnum):
    """What a group says."""

    ONE = "one"
    NONE = "none"
    MANY = "many"
    DOUBTFUL = "doubtful"


STATES = {state.value: state for state in State}


@dataclass(frozen=True, slots=True)
class GroupReading:
    """State of a group; `values` are the marked ones, for a doubtful group what may be marked, strongest first."""

    state: State
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The cuts, in darkness where the sheet's black squares are 1; kept with every reading.

    `floor`: least darkness that is not plain paper; `noise`: how many deviations of this sheet's empties count as such;
    `pale`: part of a pale pen's usual mark that is still empty.
    `share`: part of this person's usual mark that counts as a mark; `weakest` and `strongest` bound that cut.
    `beside`: part of the strong mark up to which a weak one with little dark ink (`beside_dark`) is an erasure;
    `beside_line`: the part up to which it is a stray line.
    `rival`: part of the strong mark from which a second one counts as well, if it has `rival_area` of the usual inked
    area. `like`: part of that area that a mark must have, a stray line has less. `filled`: usual inked area from which
    this person fills bubbles, so that two marks surely are two. `speck_dark`: dark area that is more than a speck.
    `near`: ink just outside the bubbles of an empty group, `near_second`: the same at a
    second bubble that is itself touched. `side`: part of the usual darkness, on a quarter of a rim, that is no mark.
    `manner`: how many times `likes` make a manner of its own.
    `solid`: inked share per darkness of a thin mark, an erasure has less; `solid_mean`: its least part of `low`;
    `solid_ink`: its least darkness where inked, as part of the usual; `solid_dark`: its share of well inked among the
    inked, which serves as well. `usual_share`: part of all marks that makes a manner usual; `rare_share`: least
    part of the usual darkness of a rare one.
    `ring`: part of the usual visibility that a printed ring must have, of bubbles without a mark (0: not asked for);
    `ring_noise`: how many deviations less may be plain unevenness.
    `likes`: how many other marks of the sheet a mark must look like, and `like_share` of them; `like_width`: how far
    looks may differ, in deviations of this person's marks. `full` and `full_ink`: parts of the usual area (at
    least `full_least`) and darkness from which a mark of one who fills needs no likes.
    `passing`: how surely ink must go on outside on two sides for a line that passes by; `overrun`: share of marks that
    do so from which that is this person's way. `least_dark`: part of the usual well inked area that any mark has.
    `full_line`: part of the usual area that no few lines fill.
    `thin`: part of a person's weakest usual mark above which even a faint trace is no plain paper. `trace` (part of
    what is plain) inside a bubble and `touch` outside across its ring together are no plain paper either.
    `even`: part of a weak first from which a second that would pass for paper speaks against it. `second_likes`: of how
    many lone marks a weak second must be the like to be more than what an eraser or a passing line left.
    `lone_ink`, `lone_area`, `lone_rest`, `lone_near`: parts of the usual darkness and area that a mark like no other
    needs when nothing else in its group is darker than that part of `low`, and most ink outside it.
    `again`: part of the usual darkness from which no second is left over, however dark the first.
    `heavy`: times the usual darkness from which a first may be an answer crossed out.
    `gap`: how many times darker than all that is surely paper the weaker marks must be to stand apart; then a pale
    pen's own cuts hold, `apart` of its usual mark for a sure one.
    `messy` and `messy_share`: so many groups to ask about, and part of the answered ones, make a sheet messy; marks
    below `messy_ink` of the usual are then asked about as well.
    """

    floor: float = 0.055
    noise: float = 7.0
    share: float = 0.36
    weakest: float = 0.07
    strongest: float = 0.34
    beside: float = 0.34
    beside_dark: float = 0.05
    beside_line: float = 0.2
    rival: float = 0.55
    rival_area: float = 0.72
    like: float = 0.5
    filled: float = 0.5
    speck_dark: float = 0.06
    near: float = 0.14
    near_second: float = 0.14
    side: float = 0.25
    pale: float = 0.25
    manner: float = 1.5
    solid: float = 2.2
    near_noise: float = 3.0
    solid_mean: float = 1.15
    solid_ink: float = 0.6
    solid_dark: float = 0.5
    usual_share: float = 0.15
    rare_share: float = 0.42
    ring: float = 0.50
    ring_noise: float = 5.0
    likes: int = 4
    like_share: float = 0.03
    like_width: float = 2.6
    passing: float = 0.35
    overrun: float = 0.1
    least_dark: float = 0.15
    full_line: float = 0.8
    thin: float = 0.33
    trace: float = 0.4
    even: float = 0.5
    second_likes: int = 2
    lone_ink: float = 0.42
    lone_area: float = 0.7
    lone_rest: float = 0.4
    lone_near: float = 0.25
    again: float = 0.5
    heavy: float = 1.6
    gap: float = 2.2
    apart: float = 0.7
    messy: int = 8
    messy_share: float = 0.5
    messy_ink: float = 0.6
    touch: float = 0.06
    full: float = 0.62
    full_least: float = 0.5
    full_ink: float = 0.55


DEFAULT_RULES = Rules()


@cache
def _plain_rules(rules: Rules) -> dict[str, float]:
    """The rules as plain data; always the same few."""
    return asdict(rules)


def stricter(rules: Rules) -> Rules:
    """The rules for black and white scans: what is left of a lost mark or of a ring is a few black points."""
    floor, speck, near, ring = rules.floor / 2, rules.speck_dark / 2, rules.near / 2, 0.4 * rules.ring
    return replace(rules, floor=floor, speck_dark=speck, near=near, ring=ring)


@dataclass(frozen=True, slots=True)
class Decision:
    """All groups in the geometry's order, with the sheet's own cuts: `low` still empty, `high` surely a mark.

    `pen` is the darkness of this person's usual mark, `marks` how many there are, `covered` how many empty groups
    do not show their print.
    """

    groups: tuple[GroupReading, ...]
    low: float
    high: float
    pen: float
    marks: int
    covered: int
    rules: Rules = DEFAULT_RULES
    version: str = READER_VERSION

    def thresholds(self) -> dict[str, float | str]:
        """The cuts and the reader's version as plain data, to be stored beside the scores."""
        cuts: dict[str, float | str] = {"version": self.version, "low": self.low, "high": self.high, "pen": self.pen}
        return cuts | _plain_rules(self.rules)


@dataclass(frozen=True)
class _Ink:
    """Scores without what is printed, each (n,): darkness, light, dark and outer share, darkness of the rim.

    `ring` is its visibility. `form` (n, 6): where the ink lies inside, how it stretches, whether it goes on outside on
    two sides.
    """

    mean: NDArray[np.float32]
    light: NDArray[np.float32]
    dark: NDArray[np.float32]
    near: NDArray[np.float32]
    side: NDArray[np.float32]
    ring: NDArray[np.float32]
    form: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """This sheet's own measures: darkness up to `low` may be paper, below `plain` surely is, from `high` a mark.

    `pen`, `area` and `blackness`: darkness, inked and well inked share of this person's usual mark.
    """

    low: float
    high: float
    plain: float
    pen: float
    area: float
    blackness: float


@dataclass(frozen=True, slots=True)
class _Looks:
    """Of each group (n,): `strong`, the first is dark enough for a mark; `known`, it looks like one.

    `manner`: it is a mark in this person's other manner, such as ticks among filled bubbles: weaker than usual, but of
    solid ink and one of many alike. `again`: a weak second looks like marks that are answers elsewhere, or like a usual
    mark but for the blacker first beside it. `twins`: both look like marks that are answers elsewhere. `heavy`: the
    first is far darker than this person's marks.
    """

    strong: NDArray[np.bool_]
    known: NDArray[np.bool_]
    manner: NDArray[np.bool_]
    again: NDArray[np.bool_]
    twins: NDArray[np.bool_]
    heavy: NDArray[np.bool_]


def decide(scores: Scores, geometry: Geometry, rules: Rules = DEFAULT_RULES) -> Decision:
    """Decide all groups."""
    ink = _without_print(scores, geometry)
    padded = geometry.members < 0
    mean = np.where(padded, -1.0, ink.mean[geometry.first])
    order = np.argsort(-mean, axis=1, kind="stable")
    rows = np.arange(len(order))
    first = geometry.first[rows, order[:, 0]]
    second = geometry.first[rows, order[:, 1]] if mean.shape[1] > 1 else first
    empties = _Empties.of(ink, first)
    low = empties.low(rules.floor, rules.noise)
    pen, area, blackness, marks = _pen(ink, first, low)
    low = min(low, max(rules.pale * pen, empties.low(rules.floor / 2, rules.noise)))
    low, high = _apart(ink, (first, second), pen, low, rules)
    plain = _plain(ink, (first, second), low, empties, rules)
    cuts = _Cuts(low, high, plain, pen, area, blackness)
    state, covered = _states(ink, geometry, (first, second), cuts, rules)
    groups = _groups(state, mean, order, geometry, (low, high))
    return Decision(groups, low, high, pen, marks, covered, rules)


def decide_again(scores: bytes, geometry: Geometry, rules: Rules = DEFAULT_RULES) -> Decision:
    """Decide from stored scores, without the image; ValueError when they belong to another geometry."""
    stored = Scores.from_bytes(scores)
    if len(stored) != len(geometry.bubbles):
        raise ValueError("scores of another geometry")
    return decide(stored, geometry, rules)


def _without_print(scores: Scores, geometry: Geometry) -> _Ink:
    """Take the printed letter off each bubble, as the same letter looks in this sheet's emptier bubbles."""
    ring = (scores.ring.astype(np.float32) - 128) / 40
    shares = _shares(scores)
    taken = shares - _print_of(shares, geometry)
    sides = [(part.astype(np.float32) - 128) / 127 for part in (scores.x, scores.y, scores.slant, scores.tilt)]
    form = np.stack([*sides, scores.spread / np.float32(255), scores.through / np.float32(255)], axis=1)
    return _Ink(taken[0], taken[1], taken[2], taken[3], taken[4], ring, form)


def _shares(scores: Scores) -> NDArray[np.float32]:
    """(5, n) the stored bytes of darkness, light, dark, outer and rim share as shares of 1."""
    parts = np.stack([scores.mean, scores.light, scores.dark, scores.near, scores.side]).astype(np.float32)
    parts[0] *= 255 / 200
    return parts / np.float32(255)


def _print_of(shares: NDArray[np.float32], geometry: Geometry) -> NDArray[np.float32]:
    """(5, n) expected values of empty bubbles.

    Each kind (letter) speaks for itself by its lower third; a kind marked on most of the sheet follows the
    others, so that a column marked all the way down does not become the paper.
    """
    kinds, sizes = geometry.kind, geometry.kind_sizes
    place = int(0.35 * shares.shape[1])
    typical, allowed = np.partition(shares, place, axis=1)[:, place : place + 1], np.array(ALLOWED, np.float32)[:, None]
    if not len(sizes):
        return np.broadcast_to(np.minimum(typical, allowed), shares.shape)
    table = np.where(geometry.kind_table < 0, np.float32(np.inf), shares[:, geometry.kind_table])
    own = np.sort(table, axis=2)[:, np.arange(len(sizes)), (0.3 * (sizes - 1)).astype(np.intp)]
    place = len(sizes) // 2
    common = np.minimum(np.partition(own, place, axis=1)[:, place : place + 1], typical + allowed)
    own = np.where(own > common + allowed, common, own)
    return np.where(kinds >= 0, own[:, kinds], np.minimum(typical, own.min(axis=1, keepdims=True)))


def _middle(values: NDArray[np.floating[Any]]) -> float:
    """The upper median: a quarter of the time of the exact one."""
    place = len(values) // 2
    return float(np.partition(values, place)[place])


def _level(values: NDArray[np.floating[Any]], share: float) -> float:
    """As numpy's quantile, without its long way there."""
    return float(_between(np.sort(values), share))


def _between(ordered: NDArray[np.floating[Any]], share: float) -> NDArray[np.floating[Any]]:
    """The quantiles of columns in order, along the first axis."""
    at = share * (len(ordered) - 1)
    below = ordered[int(at)]
    return np.asarray(below + (at - int(at)) * (ordered[min(int(at) + 1, len(ordered) - 1)] - below))


@dataclass(frozen=True, slots=True)
class _Empties:
    """The bubbles of this sheet that are empty by all likelihood: the middle of their darkness, and its spread."""

    middle: float
    spread: float

    @staticmethod
    def of(ink: _Ink, first: NDArray[np.intp]) -> _Empties:
        rest = np.ones(len(ink.mean), dtype=bool)
        rest[first] = False
        empties = ink.mean[rest] if rest.any() else ink.mean
        middle = _middle(empties)
        return _Empties(middle, max(1.4826 * _middle(np.abs(empties - middle)), 0.004))

    def low(self, floor: float, noise: float) -> float:
        """Darkness up to which a bubble is empty, `noise` deviations above the middle."""
        return float(min(max(floor, self.middle + noise * self.spread), 0.16))


def _pen(ink: _Ink, first: NDArray[np.intp], low: float) -> tuple[float, float, float, int]:
    """How dark this person's marks usually are, how much of a bubble they ink, how much of it well; how many there are.

    A middling pen when there are too few to tell.
    """
    marks = first[ink.mean[first] > low]
    if len(marks) < 6:
        return 0.6, 0.8, 0.6, len(marks)
    # The stronger half speaks: smudges and specks are among the weaker.
    dark = ink.mean[marks]
    usual = marks[dark >= _middle(dark) * 0.5]
    pen, area, blackness = (_middle(part[usual]) for part in (ink.mean, ink.light, ink.dark))
    return pen, area, blackness, len(marks)


def _apart(ink: _Ink, ranked: Ranked, pen: float, low: float, rules: Rules) -> tuple[float, float]:
    """Darkness up to which a bubble may be paper, and from which it surely is marked.

    Where a pale pen's marks stand well apart from all that is paper on its sheet, the gap between them says it.
    """
    high = float(np.clip(rules.share * pen, max(rules.weakest, low + 0.035), max(rules.strongest, low + 0.035)))
    one, two = (ink.mean[bubbles] for bubbles in ranked)
    noise = max(_level(two, 0.97), LEAST_NOISE)
    marks = one[one > 2 * noise]
    if len(marks) < max(25, len(one) // 4):
        return low, high
    weaker = _level(marks, 0.05)
    if weaker < rules.gap * noise:
        return low, high
    between = float(np.sqrt(noise * weaker))
    if between >= low:
        return low, high
    return between, min(high, max(between + 0.01, rules.apart * _level(marks, 0.5)))


def _plain(ink: _Ink, ranked: Ranked, low: float, empties: _Empties, rules: Rules) -> float:
    """Darkness below which a lone bubble is plain paper: less than `low` where this person's marks come near it."""
    first, second = ranked
    alone = ink.mean[first[(ink.mean[first] > low) & ((ink.mean[second] < low) | (first == second))]]
    if len(alone) < 6:
        return low
    weakest = float(np.partition(alone, len(alone) // 20)[len(alone) // 20])
    least = empties.low(0.0, rules.near_noise)
    return min(low, max(least, rules.thin * weakest))


def _likes(
    ink: _Ink, ranked: Ranked, low: float, rules: Rules
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """How many other marks of this sheet the first and the second of each group look like; of how many marks.

    Looks are darkness, inked shares, ink outside and the form inside. A person's marks repeat themselves, in two or
    three manners perhaps; a line that happened to cross a bubble, a crease or a smudge has few of its like.
    """
    first, second = ranked
    lone = first[(ink.mean[first] > low) & ((ink.mean[second] < low) | (first == second))]
    if len(lone) < 4:
        none = np.zeros(len(first), dtype=np.intp)
        return none, none, 0
    looks = np.concatenate([np.stack([ink.mean, ink.light, ink.dark, ink.near]), ink.form.T])
    known = looks[:, lone].T
    ordered = np.sort(known, axis=0)
    low_quarter, middle, high_quarter = (_between(ordered, share) for share in (0.25, 0.5, 0.75))
    tolerance = TOLERANCE.copy()
    # A pale or thin pen has less room to differ in.
    tolerance[:3] = np.minimum(TOLERANCE[:3], PALE_TOLERANCE + PALE_SHARE * middle[:3])
    width = np.maximum(rules.like_width * (high_quarter - low_quarter) / 1.349, tolerance)
    if float(np.mean(known[:, -1] > rules.passing)) > rules.overrun:
        width[-1] = 1.0

    # Whole numbers that run over at 65,536: near is what lies between 0 and twice the width then.
    fine = np.rint((looks + 4) * FINE).astype(np.uint16, order="C")
    reach = np.rint(width * FINE).astype(np.uint16)[:, None, None]
    others, reach = np.take(fine, lone, axis=1)[:, None] - reach, 2 * reach
    itself = np.zeros(looks.shape[1], dtype=bool)
    itself[lone] = True

    def count(bubbles: NDArray[np.intp], asked: NDArray[np.bool_]) -> NDArray[np.intp]:
        found = np.zeros(len(bubbles), dtype=np.intp)
        some = bubbles[asked]
        near = (np.take(fine, some, axis=1)[:, :, None] - others <= reach).all(axis=0)
        found[asked] = near.sum(axis=1, dtype=np.uint16) - itself[some]
        return found

    return count(first, ink.mean[first] > low), count(second, ink.mean[second] >= low), len(lone)


def _full(ink: _Ink, bubbles: NDArray[np.intp], usual: tuple[float, float, float], rules: Rules) -> NDArray[np.bool_]:
    """Bubbles as full as this person fills them, or full by any measure: no line and no smudge looks so."""
    pen, area, blackness = usual
    light, dark = ink.light[bubbles], ink.dark[bubbles]
    full = (light >= max(rules.full * area, rules.full_least)) & (ink.mean[bubbles] >= rules.full_ink * pen)
    full &= (dark >= rules.full_ink * blackness - 0.05) & (area >= rules.filled)
    return np.asarray(full | ((light >= 0.7) & (dark >= 0.6) & (ink.near[bubbles] < 0.35)))


def _passing(ink: _Ink, first: NDArray[np.intp], low: float, rules: Rules) -> NDArray[np.bool_]:
    """(n,) bubbles whose ink goes on outside on two sides, unless this person's marks often do."""
    passing = ink.form[:, -1] > rules.passing
    marks = first[ink.mean[first] > low]
    common = len(marks) > 0 and float(np.mean(passing[marks])) > rules.overrun
    return np.zeros_like(passing) if common else np.asarray(passing)


def _states(
    ink: _Ink, geometry: Geometry, ranked: Ranked, cuts: _Cuts, rules: Rules
) -> tuple[NDArray[np.str_], int]:
    """State of every group, and how many empty ones do not show their print."""
    first, second = ranked
    one, two = ink.mean[first], ink.mean[second]
    two = np.where(first == second, -1.0, two)
    # The weaker a mark, the less a second one needs to speak against it.
    alone = (two < cuts.low) & (two < np.maximum(rules.even * one, LEAST_NOISE))
    # Far darker than this person's marks: crossed out, perhaps, and any trace beside it is the answer.
    looks = _looks(ink, ranked, cuts, rules)
    alone &= ~looks.heavy | (two < rules.trace * cuts.plain)
    # A second mark that missed its bubble leaves ink at its edge and outside; so does a full first beside it.
    missed = (two > 0.35 * cuts.low) & (ink.near[second] > rules.near_second)
    missed &= ~_overflow(ink, geometry, ranked, cuts)
    state = np.full(len(first), State.DOUBTFUL.value, dtype="<U8")
    left = _leftover(ink, ranked, cuts, rules) & ~looks.again & ~looks.heavy
    state[looks.strong & looks.known & ~missed & (alone | left)] = State.ONE.value
    state[looks.manner & alone & ~missed] = State.ONE.value
    rival = (two >= cuts.high) & (two >= rules.rival * one) & (ink.light[second] >= rules.rival_area * cuts.area)
    rival &= looks.strong & (cuts.area >= rules.filled)
    twins = looks.twins & _only_two(ink, geometry, ranked, cuts, rules)
    state[rival] = np.where(twins, State.MANY.value, State.DOUBTFUL.value)[rival]
    around = np.where(geometry.members < 0, 0.0, ink.near[geometry.first]).max(axis=1)
    rim = float(np.clip(rules.side * cuts.pen, *SIDES))
    beside = np.where(geometry.members < 0, 0.0, ink.side[geometry.first]).max(axis=1)
    empty = (one < cuts.plain) & (ink.dark[first] <= rules.speck_dark) & (around < rules.near) & (beside < rim)
    # A trace inside and more of it across the same ring is a mark that slipped.
    empty &= ~((one > rules.trace * cuts.plain) & (ink.near[first] > rules.touch))
    state[empty] = State.NONE.value
    _doubt_messy(state, one, cuts, rules)
    hidden = ((ink.ring[geometry.first] <= HIDDEN_RING) & (geometry.members >= 0)).any(axis=1)
    covered, other = _covered(ink, geometry, first, rules)
    covered &= state == State.NONE.value
    # What cannot be seen beside a mark, under a fold or torn off, may be the answer, and the mark the tear's edge.
    torn = other & (state == State.ONE.value) & ~hidden
    state[covered | torn | (hidden & (state != State.ONE.value))] = State.DOUBTFUL.value
    return state, int((covered & ~hidden).sum())


def _only_two(
    ink: _Ink, geometry: Geometry, ranked: Ranked, cuts: _Cuts, rules: Rules
) -> NDArray[np.bool_]:
    """Whether nothing else is in the group, and no ink around the two: words written across a row are no answers."""
    mean = np.where(geometry.members < 0, -1.0, ink.mean[geometry.first])
    third = np.partition(mean, -3, axis=1)[:, -3] if mean.shape[1] > 2 else np.full(len(mean), -1.0)
    around = np.maximum(ink.near[ranked[0]], ink.near[ranked[1]])
    usual = ink.near[ranked[0]][ink.mean[ranked[0]] > cuts.low]
    allowed = max(rules.lone_near, 1.5 * _middle(usual)) if len(usual) else rules.lone_near
    return np.asarray((third < cuts.low) & (around < allowed))


def _doubt_messy(state: NDArray[np.str_], one: NDArray[np.float32], cuts: _Cuts, rules: Rules) -> None:
    """On a sheet with much to ask about, a mark weaker than usual may be part of the same mess (a stain, a smear)."""
    asked, answered = (int((state == wanted.value).sum()) for wanted in (State.DOUBTFUL, State.ONE))
    if asked >= rules.messy and asked > rules.messy_share * answered:
        state[(state == State.ONE.value) & (one < rules.messy_ink * cuts.pen)] = State.DOUBTFUL.value


def _looks(ink: _Ink, ranked: Ranked, cuts: _Cuts, rules: Rules) -> _Looks:
    """What the two darkest bubbles of each group look like beside the rest of the sheet."""
    (first, second), usual = ranked, (cuts.pen, cuts.area, cuts.blackness)
    mean, light, dark = ink.mean[first], ink.light[first], ink.dark[first]
    # Blacker than this person's pencil and thinner than his marks: a line of another pen.
    foreign = (dark > cuts.blackness + 0.12) & (light < 0.75 * cuts.area)
    strong = (mean >= cuts.high) & (light >= rules.like * cuts.area) & ~foreign
    likes, second_likes, marks = _likes(ink, ranked, cuts.low, rules)
    needed = max(min(rules.likes, (marks - 1) // 2), round(rules.like_share * marks)) if marks else 0
    passing = _passing(ink, first, cuts.low, rules)
    # An eraser leaves looks that are alike, too, but next to nothing well inked.
    solid = dark >= rules.least_dark * cuts.blackness - 0.03
    common = likes >= max(rules.usual_share * marks, 6)
    known = (likes >= needed) & solid & (common | (mean >= rules.rare_share * cuts.pen))
    known |= _full(ink, first, usual, rules) & ~(passing[first] & (light < rules.full_line * cuts.area))
    # Like no other mark, but the only thing in its group, dark and large enough: what else could it be?
    lone = (first == second) | (ink.mean[second] < rules.lone_rest * cuts.low)
    lone &= (mean >= rules.lone_ink * cuts.pen) & (light >= rules.lone_area * cuts.area)
    known |= lone & ~passing[first] & (ink.near[first] < rules.lone_near)
    twins = (likes >= needed) | _full(ink, first, usual, rules)
    twins &= (second_likes >= needed) | _full(ink, second, usual, rules)
    twins &= ~passing[first] & ~passing[second]
    # Weaker than usual but one of many alike. The same pen leaves the same ink where it passed: an erasure left less.
    manner = (likes >= max(round(rules.manner * needed), 2)) & (mean >= rules.solid_mean * cuts.low)
    manner |= common & (mean >= cuts.low)
    manner &= (light >= rules.solid * mean) | ((dark >= rules.solid_dark * light) & (dark >= 0.1))
    manner &= (mean * cuts.area >= rules.solid_ink * light * cuts.pen) & solid & ~passing[first]
    again = (second_likes >= rules.second_likes) | (ink.mean[second] >= rules.again * cuts.pen)
    heavy = (mean >= rules.heavy * cuts.pen) & (likes < needed)
    return _Looks(strong, known, manner, again, twins, heavy)


def _overflow(ink: _Ink, geometry: Geometry, ranked: Ranked, cuts: _Cuts) -> NDArray[np.bool_]:
    """Whether the first is a full mark that runs over its ring right beside the second."""
    first, second = ranked
    apart = np.linalg.norm(geometry.xy[first] - geometry.xy[second], axis=1) / geometry.radii[first].max(axis=1)
    over = (ink.near[first] > 0.25) & (ink.near[first] > 0.8 * ink.near[second]) & (ink.mean[second] < 0.8 * cuts.low)
    return np.asarray(over & (apart < 3.2) & (ink.light[first] > 0.7 * cuts.area))


def _leftover(ink: _Ink, ranked: Ranked, cuts: _Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether what the second shows beside a strong first is an erasure or a stray line, no second answer."""
    first, second = ranked
    one, two = ink.mean[first], ink.mean[second]
    erasure = (two < rules.beside * one) & (ink.dark[second] < rules.beside_dark + 0.12 * two) & (two < cuts.high)
    # A stray line beside a full mark of a person who fills: too little of everything to be an answer.
    stray = (two < rules.beside_line * one) & (ink.light[second] < 0.33 * cuts.area)
    stray &= (ink.light[first] >= 0.75 * cuts.area) & (cuts.area >= rules.filled)
    return np.asarray(erasure | stray)


def _covered(
    ink: _Ink, geometry: Geometry, first: NDArray[np.intp], rules: Rules
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Groups with a bubble whose printed ring does not show although the sheet's others do.

    Then those with one that is not the first: a mark hides its own ring.
    """
    usual = _middle(ink.ring)
    if rules.ring <= 0 or usual < 0.25:
        return np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
    # Where print is uneven all over the sheet, as on a copy, less of a ring is still one.
    uneven = usual - rules.ring_noise * 1.4826 * _middle(np.abs(ink.ring - np.float32(usual)))
    least = max(0.6 * rules.ring * usual, min(rules.ring * usual, uneven))
    unseen = (ink.ring[geometry.first] < least) & (geometry.members >= 0)
    return unseen.any(axis=1), (unseen & (geometry.members != first[:, None])).any(axis=1)


def _groups(
    state: NDArray[np.str_], mean: NDArray[np.floating[Any]], order: NDArray[np.intp], geometry: Geometry,
    cuts: tuple[float, float],
) -> tuple[GroupReading, ...]:  # fmt: skip
    """Readings with their values; a doubtful group names what may be marked."""
    low, high = cuts
    above = np.where((state == State.DOUBTFUL.value)[:, None], mean >= low, mean >= high)
    ordered = geometry.members[np.arange(len(order))[:, None], order].tolist()
    shown = above[np.arange(len(order))[:, None], order].tolist()
    found = []
    for name, members, marked in zip(state.tolist(), ordered, shown, strict=True):
        what = STATES[name]
        values: tuple[str, ...] = ()
        if what is State.ONE:
            values = (geometry.bubbles[members[0]].value,)
        elif what is not State.NONE:
            values = tuple(geometry.bubbles[n].value for n, dark in zip(members, marked, strict=True) if dark)
        found.append(_reading(what, values))
    return tuple(found)


@lru_cache(maxsize=4096)
def _reading(state: State, values: tuple[str, ...]) -> GroupReading:
    """The same few over and over."""
    return GroupReading(state, values)


def as_fields(decision: Decision, geometry: Geometry) -> Mapping[str, dict[int, GroupReading]]:
    """The groups by field and column."""
    fields: dict[str, dict[int, GroupReading]] = {}
    for (field, column), reading in zip(geometry.keys, decision.groups, strict=True):
        fields.setdefault(field, {})[column] = reading
    return fields
