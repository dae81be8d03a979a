"""Decide what is marked: from a few numbers per bubble to one, none, many or doubtful per group.

Every sheet is its own measure: the empty bubbles say what empty looks like with this print and scanner, the clear marks
say how this person marks. What lies between goes to a person; a dark mark never counts as cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.ink import (
    LEAST_NOISE,
    LEVEL,
    SLOPE,
    THROUGH,
    UPWARD,
    Cuts,
    Empties,
    Ink,
    Ranked,
    all_but,
    apart,
    level,
    paler_ink,
    plain_paper,
    usual_pen,
    without_print,
)
from mab_desktop.omr.lines import next_rows
from mab_desktop.omr.looks import covered, leftover, looks_of, only_two, overflow, spilled
from mab_desktop.omr.rules import DEFAULT_RULES, READER_VERSION, GroupReading, Rules, State, plain_rules
from mab_desktop.omr.sample import HIDDEN, STRUCK, Scores

# States as numbers while they are found: texts in arrays are slow.
ASKED, NONE, ONE, MANY = range(4)
STATES = (State.DOUBTFUL, State.NONE, State.ONE, State.MANY)
# So many empty groups tell whether something stands out in them, so many of a field how its letters lie; by how much a
# single one counts, and the least of it.
ENOUGH_GROUPS, ENOUGH_ROWS, MOST_AHEAD, LEAST_AHEAD = 40, 5, 0.05, 0.002
SPECK = 0.42  # least darkness of a bubble for its well inked part: each place of that has `sample.DARK` at least
STANDS_OUT = 0.012  # darkness beyond what may be paper that any mark has
DOT = 0.6  # the same where a dot is told from a letter that is blacker in places
# That part of all other bubbles shows what letters leave; more than so much of it is somebody's ink on any sheet.
NOISY_SHARE, NOISIEST = 0.95, 0.11
LONELY_BY = 0.8  # part of what is no paper by which a lone bubble must stand out from its group
# Times what so many of the bubbles that are not the first of their groups show at most, up to which a lone one may be
# the same.
SHOWN, SHOWN_SHARE = 1.2, 0.99
SAME_PLACE = 2.0  # mm across between bubbles in the same place of two rows
# So many bubbles that are not the first of their groups say what is paper; the darkest of them may be anything.
ENOUGH_OTHERS, OTHERS_SHARE = 200, 0.995
NOTHING = GroupReading(State.NONE, ())
SIDES = (0.05, 0.09)  # bounds of the darkness of a rim that is none
RING_PEN = 0.5  # darkness of a pen that leaves clear ink wherever it passes
HIDDEN_RING, STRUCK_RING = (HIDDEN - 128) / 40, np.float32((STRUCK - 128) / 40)


@dataclass(frozen=True, slots=True)
class Decision:
    """All groups in the geometry's order, with the sheet's own cuts: `low` still empty, `high` surely a mark.

    `pen` is the darkness of this person's usual mark, `marks` how many there are, `covered` how many empty groups
    do not show their print, `read` how many groups show an answer or several, also where so much else is unsure that
    all are asked about, `first` the darkest bubble of each group, `states` (groups,) their places in `STATES`.
    """

    groups: tuple[GroupReading, ...]
    low: float
    high: float
    pen: float
    marks: int
    covered: int
    read: int
    first: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp), repr=False, compare=False)
    states: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8), repr=False, compare=False)
    rules: Rules = DEFAULT_RULES
    version: str = READER_VERSION

    @property
    def marked(self) -> NDArray[np.bool_]:
        """(groups,) which are not surely empty."""
        return np.asarray(self.states != NONE)

    def count(self, *states: State) -> int:
        """How many groups are in one of these states."""
        return sum(int(np.count_nonzero(self.states == STATES.index(state))) for state in states)

    def thresholds(self) -> dict[str, float | str]:
        """The cuts and the reader's version as plain data, to be stored beside the scores."""
        cuts: dict[str, float | str] = {"version": self.version, "low": self.low, "high": self.high, "pen": self.pen}
        return cuts | plain_rules(self.rules)


def decide(scores: Scores, geometry: Geometry, rules: Rules = DEFAULT_RULES) -> Decision:
    """Decide all groups."""
    ink = without_print(scores, geometry)
    mean = np.where(geometry.gaps, -1.0, ink.mean[geometry.first])
    order = np.argsort(-mean, axis=1, kind="stable")
    rows = np.arange(len(order))
    first = geometry.first[rows, order[:, 0]]
    second = geometry.first[rows, order[:, 1]] if mean.shape[1] > 1 else first
    empties = Empties.of(ink, first)
    low = empties.low(rules.floor, rules.noise)
    paler = paler_ink(ink, first, low, rules)[first]
    pen, area, blackness, marks = usual_pen(ink, first, low)
    low = min(low, max(rules.pale * pen, empties.low(rules.floor / 2, rules.noise)))
    low = max(low, min(DEFAULT_RULES.floor, rules.floor_pen * pen))
    low, sure = apart(ink, (first, second), pen, low, rules)
    high = min(sure, max(low + STANDS_OUT, rules.pale_mark * pen))
    plain = plain_paper(ink, (first, second), low, empties, rules)
    cuts = Cuts(low, high, sure, plain, pen, area, blackness, empties.low(0.0, rules.noise))
    state, covered = _states(ink, geometry, (first, second), cuts, rules)
    read = int(np.count_nonzero((state == ONE) | (state == MANY)))
    # Of a sheet that is asked about for the most part the reader has understood nothing, the rest neither.
    if np.count_nonzero(state == ASKED) > rules.lost * len(state):
        state[:] = ASKED
    # What another, paler ink left may be nobody's answer.
    state[(state == ONE) & paler] = ASKED
    groups = _groups(state, mean, order, geometry, (low, high))
    return Decision(groups, low, high, pen, marks, covered, read, first, state, rules)


def decide_again(scores: bytes, geometry: Geometry, rules: Rules = DEFAULT_RULES) -> Decision:
    """Decide from stored scores, without the image; ValueError when they belong to another geometry."""
    stored = Scores.from_bytes(scores)
    if len(stored) != len(geometry.bubbles):
        raise ValueError("scores of another geometry")
    return decide(stored, geometry, rules)


@dataclass(frozen=True, slots=True)
class _Rims:
    """What lies at the rims of the bubbles, what a neighbour's mark leaves there aside.

    `edge` (n,) bubbles whose rim is their own; `side`, `near` (n,): darkness of the rim and ink just outside, 0 for
    the others; `rim`: darkness of a rim up to which no mark lies on it; `others` (n,): all but the firsts; `clean`
    (groups,): no rim but the first's is darker.
    """

    edge: NDArray[np.bool_]
    side: NDArray[np.float32]
    near: NDArray[np.float32]
    rim: float
    others: NDArray[np.bool_]
    clean: NDArray[np.bool_]

    @staticmethod
    def of(ink: Ink, geometry: Geometry, first: NDArray[np.intp], cuts: Cuts, rules: Rules) -> _Rims:
        edge = ~spilled(ink, geometry, first, cuts, rules)
        side, near = np.where(edge, ink.side, np.float32(0)), np.where(edge, ink.near, np.float32(0))
        rim, others = _rim(cuts.pen, rules), all_but(len(ink.mean), first)
        return _Rims(edge, side, near, rim, others, ~geometry.groups_with(others & (side >= rim)))


def _states(
    ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts, rules: Rules
) -> tuple[NDArray[np.int8], int]:
    """State of every group, and how many empty ones do not show their print."""
    first, one = ranked[0], ink.mean[ranked[0]]
    rims = _Rims.of(ink, geometry, first, cuts, rules)
    state = _answered(ink, geometry, ranked, rims, cuts, rules)
    state[_empty(ink, geometry, ranked, rims, cuts, rules)] = NONE
    _doubt_unlike(state, ink, geometry, rims, cuts.pen, rules)
    _doubt_messy(state, one, cuts, rules)
    _doubt_faded(state, one, cuts, rules)
    _doubt_grainy(state, one, cuts, rules)
    _doubt_outlying(state, ink, geometry, ranked, cuts.pen, rules)
    _doubt_second(state, ink, geometry, ranked, cuts, rules)
    state[(ink.ring[first] == STRUCK_RING) & (state != NONE)] = ASKED
    hidden = geometry.groups_with(ink.ring <= HIDDEN_RING)
    unseen, other = covered(ink, geometry, first, rules)
    unseen &= state == NONE
    # What cannot be seen beside a mark, under a fold or torn off, may be the answer, and the mark the tear's edge.
    torn = other & (state == ONE) & ~hidden
    state[unseen | torn | (hidden & (state != ONE))] = ASKED
    # Where much is unsure, none of the empty groups is surely empty.
    if _unsure(state, one, cuts, rules):
        state[state == NONE] = ASKED
    return state, int((unseen & ~hidden).sum())


def _answered(
    ink: Ink, geometry: Geometry, ranked: Ranked, rims: _Rims, cuts: Cuts, rules: Rules
) -> NDArray[np.int8]:
    """(groups,) one where a single mark is an answer beyond doubt, many where two are; all else is asked about."""
    first, second = ranked
    one, two = ink.mean[first], np.where(first == second, -1.0, ink.mean[second])
    # The weaker a mark, the less a second one needs to speak against it.
    alone = (two < cuts.low) & (two < np.maximum(rules.even * one, LEAST_NOISE))
    # Half a usual mark of a pen hardly darker than paper may be one, however dark the first.
    alone &= two < rules.again * cuts.pen
    against, firm = _beside(ink, geometry, ranked, cuts, rules)
    alone &= ~against
    # Far darker than this person's marks: crossed out, perhaps, and any trace beside it is the answer.
    looks = looks_of(ink, geometry, ranked, cuts, rules)
    alone &= ~looks.heavy | (two < max(rules.trace * cuts.plain, rules.heavy_rest * cuts.pen))
    # A second mark that missed its bubble leaves ink at its edge and outside; so does a full first beside it.
    missed = (two > 0.35 * cuts.low) & (ink.near[second] > rules.near_second)
    missed &= ~overflow(ink, geometry, ranked, cuts)
    state = np.full(len(first), ASKED, dtype=np.int8)
    left = leftover(ink, ranked, cuts, rules) & ~looks.again & ~looks.heavy & ~firm
    known = looks.known | (looks.lone & rims.clean)
    state[looks.strong & known & ~missed & (alone | left)] = ONE
    state[(looks.manner | ((looks.inside | looks.fine) & rims.clean)) & alone & ~missed] = ONE
    rival = (two >= cuts.sure) & (two >= rules.rival * one) & (ink.light[second] >= rules.rival_area * cuts.area)
    rival &= looks.strong
    twins = looks.twins & only_two(ink, geometry, ranked, cuts, rules)
    third = rims.others & all_but(len(ink.mean), second)
    twins &= ~geometry.groups_with(third & (rims.side >= rules.rims * rims.rim))
    state[rival] = np.where(twins, MANY, ASKED)[rival]
    state[geometry.groups_with(rims.others & (rims.near > rules.ringed)) & (state == ONE)] = ASKED
    _doubt_stamped(state, ink, first, ~rims.clean, cuts, rules)
    _doubt_chained(state, ink, geometry, first, looks.known | looks.manner, rims.rim)
    _doubt_remains(state, ink, geometry, first, cuts, rules)
    return state


def _empty(
    ink: Ink, geometry: Geometry, ranked: Ranked, rims: _Rims, cuts: Cuts, rules: Rules
) -> NDArray[np.bool_]:
    """(groups,) which hold nothing but paper, neither in their bubbles nor at the rims of these."""
    first = ranked[0]
    one, near, side = ink.mean[first], rims.near, rims.side
    # What is dark makes its bubble darker; a letter that lies otherwise on the scanner's grid than others does not.
    black = _black_at_most(ink, ranked, rules.speck_dark, rules.speck_noise)
    speck = (ink.dark[first] > black) & (one > SPECK * ink.dark[first])
    empty = (one < cuts.plain) & ~speck & ~geometry.groups_with((near >= rules.near) | (side >= rims.rim))
    # A trace inside and more of it across the same ring is a mark that slipped; what is outside all rings is a frame.
    traced = np.flatnonzero(empty & (one > rules.trace * cuts.plain))
    if len(traced):
        outside = ink.near[first[traced]] - _usual_in_groups(ink.near, geometry, traced)
        empty[traced[outside > rules.touch]] = False
    # Of a pale pencil's ring around a bubble less is clear ink outside.
    ringed = geometry.groups_with(near > rules.near * min(1.0, cuts.pen / RING_PEN))
    empty &= ~(ringed & geometry.groups_with(side > rules.ringed_side * rims.rim))
    # What goes by on two sides and on the rim is a line or a ring; in a corner of the form's frame the rim is clean.
    by_ways = (near > rules.touch) & (ink.form[:, THROUGH] > rules.passing_empty)
    empty &= ~geometry.groups_with(by_ways & (ink.side > rules.ringed_side * rims.rim))
    empty &= ~_lonely(ink, geometry, ranked, cuts.pen, rules)
    empty &= ~geometry.groups_with(_drawn(ink, rules.drawn_empty * rims.rim, rules))
    return np.asarray(empty)


def _usual_in_groups(part: NDArray[np.float32], geometry: Geometry, groups: NDArray[np.intp]) -> NDArray[np.float32]:
    """The lower median of the bubbles of each of these `groups`."""
    gaps = geometry.gaps[groups]
    ordered = np.sort(np.where(gaps, np.inf, part[geometry.first[groups]]), axis=1)
    middle = (np.count_nonzero(~gaps, axis=1) - 1) // 2
    return np.asarray(ordered[np.arange(len(ordered)), middle], dtype=np.float32)


def _beside(
    ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts, rules: Rules
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether another bubble of the group holds something that speaks against the first, however pale it is; then
    whether that is no eraser's remains either.

    Well inked places, as a dot has; a stroke of this person's ink; a ring drawn along the printed one.
    """
    others = all_but(len(ink.mean), ranked[0])
    black = _black_at_most(ink, ranked, rules.second_dark, rules.second_noise)
    inked = (ink.dark > black) & (ink.mean > SPECK * ink.dark)
    drawn = others & (inked | _drawn(ink, _rim(cuts.pen, rules), rules))
    strength, usual = ink.mean * cuts.area, ink.light * cuts.pen
    pale = cuts.blackness < rules.black_pen
    least = rules.second_area_pale if pale else rules.second_area
    stroke = others & (ink.light >= least) & (strength >= rules.second_ink * usual)
    stroke &= ink.near < rules.touch
    # Of a pale pen, whose ink is nowhere black, a tick or a cross is a second mark as well.
    if not pale and stroke.any():
        stroke &= np.hypot(ink.form[:, LEVEL], ink.form[:, SLOPE]) > rules.second_long
    # An eraser takes some of the darkness where it leaves ink.
    firm = drawn | (stroke & (strength >= usual))
    return geometry.groups_with(drawn | stroke), geometry.groups_with(firm)


def _black_at_most(ink: Ink, ranked: Ranked, least: float, noise: float) -> float:
    """Well inked share that is no ink yet: `least`, or `noise` times what a scanner that sharpens leaves in letters, in
    the third darkest of a group as well."""
    if not noise:
        return least
    black = np.where(ink.mean > SPECK * ink.dark, ink.dark, np.float32(0))
    black[np.concatenate(ranked)] = 0
    return max(least, min(noise * level(black, NOISY_SHARE), NOISIEST))


def _drawn(ink: Ink, rim: float, rules: Rules) -> NDArray[np.bool_]:
    """(n,) bubbles whose ring shows far better than the others' and is darker than `rim`: one was drawn along it. What
    runs over from a neighbour's mark makes no ring more visible."""
    return np.asarray((ink.ring > ink.usual_ring + rules.drawn) & (ink.side > rim))


def _rim(pen: float, rules: Rules) -> float:
    """Darkness of a rim up to which no mark lies on it."""
    return min(max(rules.side * pen, SIDES[0]), SIDES[1])


def _lonely(ink: Ink, geometry: Geometry, ranked: Ranked, pen: float, rules: Rules) -> NDArray[np.bool_]:
    """Whether one bubble of the group is by so much darker than the next, or inked on more of it, that it is no paper.

    A thin pen's marks are weaker, and so is what is left of them. Where another sheet shows through, or this one's
    back, there is as much in bubbles beside answers.
    """
    first, second = ranked
    one, ahead = ink.mean[first], ink.mean[first] - ink.mean[second]
    shown = SHOWN * level(ink.mean[all_but(len(ink.mean), first)], SHOWN_SHARE)
    least = min(max(rules.lonely, shown), rules.lonely_pen * pen)
    light = np.sort(np.where(geometry.gaps, -1.0, ink.light[geometry.first]), axis=1)[:, -2:]
    wide = (light[:, -1] > rules.lonely_light) & (light[:, -1] - light[:, 0] > LONELY_BY * rules.lonely_light)
    return np.asarray((first != second) & (((one > least) & (ahead > LONELY_BY * least)) | wide))


def _doubt_stamped(
    state: NDArray[np.int8], ink: Ink, first: NDArray[np.intp], beside: NDArray[np.bool_], cuts: Cuts, rules: Rules
) -> None:
    """An answer as pale where it is inked as no mark of this person's, with more ink `beside` it in its group, may be
    of a stamp."""
    pale = ink.dark[first] * cuts.area < rules.stamp * ink.light[first] * cuts.blackness
    state[(state == ONE) & beside & pale & (cuts.blackness > rules.stamp_pen * cuts.area)] = ASKED


def _doubt_chained(
    state: NDArray[np.int8], ink: Ink, geometry: Geometry, first: NDArray[np.intp], known: NDArray[np.bool_], rim: float
) -> None:
    """An answer like no other one, with ink that is asked about in the same place of the row above or below, may be
    the end of the same line."""
    upper, lower = next_rows(geometry).T
    if not len(upper):
        return
    same = np.abs(geometry.xy[first[upper], 0] - geometry.xy[first[lower], 0]) < SAME_PLACE
    for one, other in ((upper, lower), (lower, upper)):
        inked = (state[other] == ASKED) & (ink.side[first[other]] > rim)
        ends = one[same & inked & ~known[one]]
        state[ends[state[ends] == ONE]] = ASKED


def _doubt_remains(
    state: NDArray[np.int8], ink: Ink, geometry: Geometry, first: NDArray[np.intp], cuts: Cuts, rules: Rules
) -> None:
    """What an eraser left of a full mark is as large and all pale; a digit written above its column reaches into the
    uppermost bubble from above."""
    mean, light, dark = ink.mean[first], ink.light[first], ink.dark[first]
    weak = (mean < rules.remains * cuts.pen) & (cuts.pen > rules.remains_pen)
    pale = (light > rules.remains_area * cuts.area) & (dark < rules.remains_black * cuts.blackness)
    above = (first == geometry.tops) & (ink.form[first, UPWARD] < -rules.above) & (mean < rules.above_ink * cuts.pen)
    state[(state == ONE) & ((weak & pale) | above)] = ASKED


def _doubt_unlike(
    state: NDArray[np.int8], ink: Ink, geometry: Geometry, rims: _Rims, pen: float, rules: Rules
) -> None:
    """Paper looks alike all over a sheet; an empty group with a bubble unlike all others may hold what all but faded.

    The darkness inside and that of the rim (a ring around the bubble, a mark beside it) speak each for itself, and so
    do the inked and the well inked share: a dot on a letter is little of both, but all of it black. The paler this
    person's `pen`, the less is more than paper.
    """
    empty = (state == NONE)[geometry.group_of]
    if not rules.unlike or not empty.any() or np.count_nonzero(rims.others) < ENOUGH_OTHERS:
        return
    # A letter that lies otherwise on the scanner's grid is blacker in places, its bubble hardly darker.
    black = np.where(ink.mean > DOT * ink.dark, ink.dark, np.float32(0))
    for part, least in (
        (ink.mean, rules.unlike_inside), (ink.side, rules.unlike_side), (black, rules.unlike_dark),
        (ink.light, rules.unlike_light),
    ):  # fmt: skip
        darker = empty & (part > max(least, rules.unlike_pen * pen))
        if part is ink.side:
            darker &= rims.edge
        if darker.any():
            darker &= part > rules.unlike * level(part[rims.others], OTHERS_SHARE)
            state[geometry.groups_with(darker)] = ASKED


def _doubt_messy(state: NDArray[np.int8], one: NDArray[np.float32], cuts: Cuts, rules: Rules) -> None:
    """On a sheet with much to ask about, a mark weaker than usual may be part of the same mess (a stain, a smear)."""
    asked, answered = (int(np.count_nonzero(state == wanted)) for wanted in (ASKED, ONE))
    if asked >= rules.messy and asked > rules.messy_share * answered:
        state[(state == ONE) & (one < rules.messy_ink * cuts.pen)] = ASKED


def _doubt_faded(state: NDArray[np.int8], one: NDArray[np.float32], cuts: Cuts, rules: Rules) -> None:
    """Where some of a person's marks have all but faded, none of the empty groups is surely empty."""
    marks = one[state == ONE]
    if rules.varied and len(marks) and level(marks, 0.05) < rules.varied * cuts.pen:
        state[state == NONE] = ASKED


def _doubt_grainy(state: NDArray[np.int8], one: NDArray[np.float32], cuts: Cuts, rules: Rules) -> None:
    """Of a pen hardly darker than the grain, a crease is as dark as a weaker mark, and the weakest are as the grain."""
    if cuts.pen < rules.grainy * cuts.grain:
        weak, some = one < rules.grainy_mark * cuts.pen, one > rules.grainy_rest * cuts.pen
        state[((state == ONE) & weak) | ((state == NONE) & some)] = ASKED


def _unsure(state: NDArray[np.int8], one: NDArray[np.float32], cuts: Cuts, rules: Rules) -> bool:
    """Whether much of the sheet is asked about, or is so pale that it would be but for what the pen is like."""
    weak = (state == ASKED) | ((state == ONE) & (one < cuts.sure))
    return bool(rules.unsure) and np.count_nonzero(weak) > rules.unsure * len(state)


def _doubt_second(
    state: NDArray[np.int8], ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts, rules: Rules
) -> None:
    """Where much is unsure, what stands out among the others of an answered group may be a second mark, too."""
    if geometry.members.shape[1] < 3 or not _unsure(state, ink.mean[ranked[0]], cuts, rules):
        return
    mean = np.where(geometry.gaps, -np.inf, ink.mean[geometry.first])
    three = np.partition(mean, -3, axis=1)[:, -3]
    answered = (state == ONE) & np.isfinite(three)
    if answered.any():
        above = np.where(answered, ink.mean[ranked[1]] - three, 0)
        usual = max(level(above[answered], 0.75), LEAST_NOISE / 2)
        state[answered & (above > rules.second_apart * usual)] = ASKED


def _doubt_outlying(
    state: NDArray[np.int8], ink: Ink, geometry: Geometry, ranked: Ranked, pen: float, rules: Rules
) -> None:
    """What is paper differs from bubble to bubble by so much; a bubble that differs by more holds something.

    Where many do, a pale pen has left marks that are no darker than this form's print and noise.
    """
    empty = (state == NONE) & (ranked[0] != ranked[1])
    if not rules.outlying or geometry.members.shape[1] < 3 or not empty.any():
        return
    mean = np.where(geometry.gaps, np.inf, ink.mean[geometry.first])
    three = np.partition(np.where(geometry.gaps, -np.inf, mean), -3, axis=1)[:, -3:]
    whole = np.isfinite(three).all(axis=1)
    if not whole.any():
        return
    ordered = np.sort(three[whole], axis=1)
    usual = max(level(ordered[:, 1] - ordered[:, 0], 0.75), LEAST_NOISE / 2)
    apart_by = np.where(ranked[0] != ranked[1], ink.mean[ranked[0]] - ink.mean[ranked[1]], 0)
    # With a dark pen uneven print is none of its marks; a pale one's weakest may be hardly more than that.
    most = max(min(rules.outlying * usual, rules.outlying_pale * pen), rules.outlying_pen * pen)
    outlying = empty & (apart_by > most)
    state[outlying] = ASKED
    if outlying.sum() > max(rules.outlying_share * empty.sum(), 2):
        state[empty] = ASKED


def standing_out(scores: Scores, geometry: Geometry, decision: Decision) -> float:
    """How much farther the darkest bubble of the empty groups is from the second than the second is from the third.

    Of plain paper somewhat more than once, by the inside or by the rim; marks or rings too pale to be decided about
    stand out from their groups all the same. 0 where there are too few such groups to tell.
    """
    ink, empty = without_print(scores, geometry), decision.states == NONE
    empty &= np.count_nonzero(~geometry.gaps, axis=1) > 2
    if np.count_nonzero(empty) < ENOUGH_GROUPS:
        return 0.0
    most = 0.0
    for part in (ink.mean, ink.side):
        own = np.array(part[geometry.first])
        for _, columns in geometry.fields:
            groups = [group for _, group in columns]
            # A letter lies on the scanner's grid otherwise than its neighbours, all down its column; marks do not.
            own[groups] -= np.median(own[groups], axis=0) if len(groups) >= ENOUGH_ROWS else 0.0
        values = np.where(geometry.gaps, -np.inf, own)[empty]
        third, second, first = np.partition(values, (-3, -2), axis=1)[:, -3:].T
        by = [float(np.minimum(ahead, MOST_AHEAD).mean()) for ahead in (first - second, second - third)]
        most = max(most, by[0] / max(by[1], LEAST_AHEAD))
    return most


def _groups(
    state: NDArray[np.int8], mean: NDArray[np.floating[Any]], order: NDArray[np.intp], geometry: Geometry,
    cuts: tuple[float, float],
) -> tuple[GroupReading, ...]:  # fmt: skip
    """Readings with their values; a doubtful group names what may be marked."""
    low, high = cuts
    marked = geometry.members[np.arange(len(order)), order[:, 0]]
    ones = _each_alone(geometry)
    found = [ones[n] for n in np.where(state == ONE, marked, len(geometry.bubbles)).tolist()]
    for group in np.flatnonzero((state != ONE) & (state != NONE)).tolist():
        code, ranked = int(state[group]), order[group]
        members = geometry.members[group, ranked][mean[group, ranked] >= (low if code == ASKED else high)]
        found[group] = _reading(STATES[code], tuple(geometry.bubbles[n].value for n in members.tolist()))
    return tuple(found)


@lru_cache(maxsize=16)
def _each_alone(geometry: Geometry) -> tuple[GroupReading, ...]:
    """What a group says of which this bubble is marked, for each bubble; last, what an empty one says."""
    return (*(_reading(State.ONE, (bubble.value,)) for bubble in geometry.bubbles), NOTHING)


@lru_cache(maxsize=4096)
def _reading(state: State, values: tuple[str, ...]) -> GroupReading:
    """The same few over and over."""
    return GroupReading(state, values)


def as_fields(decision: Decision, geometry: Geometry) -> Mapping[str, dict[int, GroupReading]]:
    """The groups by field and column."""
    groups = decision.groups
    return {name: {column: groups[n] for column, n in columns} for name, columns in geometry.fields}
