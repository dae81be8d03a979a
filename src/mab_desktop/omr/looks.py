"""What marks look like beside the others of their sheet: a person's marks repeat themselves, mishaps do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.ink import THROUGH, VEIL, Cuts, Ink, Ranked, between, level, middle, printed_full
from mab_desktop.omr.rules import Rules

# Differences in looks that mean nothing: darkness, light and dark share, middle x and y, two directions, spread, then
# the outer share, ink on opposite sides, the same as pale as inside.
TOLERANCE = np.array([0.10, 0.18, 0.18, 0.18, 0.18, 0.35, 0.35, 0.12, 0.08, 0.35, 0.58], dtype=np.float32)
PALE_TOLERANCE, PALE_SHARE = np.array([0.02, 0.04, 0.06], dtype=np.float32), 0.4
# mm from strip to strip of bubbles that stand beside each other; part of the usual ring that is one in a pale strip.
STRIPS_APART, FAINTEST = 8.0, 0.2
OVER, OVER_FULL = 0.25, 0.7  # ink outside, and part of the usual inked area, of a full mark that runs over its ring
# Parts of the first's darkness and inked areas that the second of a pair has; of a pale pen black area says little.
PAIR, PAIR_INKED, PAIR_SLACK = 0.8, 0.75, 0.04
SPECK_INK, SPECK_MOST = 1.2, 0.4  # times the usual darkness where inked, and part of the usual mark, of a large speck
EVEN_INK, EVEN_BLACK = 1.5, 0.4  # times the usual darkness where inked, and part of the usual black, of what is even
DENSE, PALER = 0.7, 0.22  # black part of the inked area of a dense pen's marks; part of that the palest of them has
# Clear ink outside, inked share, and times the usual darkness at most, of a mark filled far beyond its ring.
OVERFILLED, OVERFILLED_LIGHT, NO_DARKER = 0.8, 0.8, 1.1
# Times the usual darkness of a mark scratched out, part of the marks that it may be like, and how surely its ink goes
# on outside on two sides: less surely from a full mark among a person's thin ones.
SCRATCHED, FEW_ALIKE, ALL_THROUGH = 1.12, 0.25, 0.8
FINE = 4096  # steps of 1 in which looks are compared
# Of the looks: what a bubble's inside shows, and what lies around it.
INSIDE, AROUND, ALL = slice(8), slice(8, 11), slice(11)


@dataclass(frozen=True, slots=True)
class Looks:
    """Of each group (n,): `strong`, the first is dark enough for a mark; `known`, it looks like one;
    `lone`, it does not, but is dark and large enough and the only thing inside its group.

    `manner`: it is a mark in this person's other manner, such as ticks among filled bubbles: weaker than usual, but of
    solid ink and one of many alike. `again`: a weak second looks like marks that are answers elsewhere, or like a usual
    mark but for the blacker first beside it. `twins`: both look like marks that are answers elsewhere. `heavy`: the
    first is far darker than this person's marks, and no printer's.
    """

    strong: NDArray[np.bool_]
    known: NDArray[np.bool_]
    lone: NDArray[np.bool_]
    manner: NDArray[np.bool_]
    again: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    fine: NDArray[np.bool_]
    twins: NDArray[np.bool_]
    heavy: NDArray[np.bool_]


def looks_of(ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts, rules: Rules) -> Looks:
    """What the two darkest bubbles of each group look like beside the rest of the sheet."""
    firsts = _firsts(ink, ranked, cuts, rules)
    mean, light, dark = firsts.mean, firsts.light, firsts.dark
    # Blacker than this person's pencil and thinner than his marks: a line of another pen.
    foreign = (dark > cuts.blackness + 0.12) & (light < 0.75 * cuts.area)
    strong = (mean >= cuts.high) & (light >= rules.like * cuts.area) & ~foreign
    even = _even_throughout(firsts, cuts)
    weak = ink.mean[ranked[1]] >= cuts.low
    second_likes = firsts.manners.count(ranked[1], weak, firsts.manners.alike(ranked[1][weak], ALL))
    again = (second_likes >= rules.second_likes) | (ink.mean[ranked[1]] >= rules.again * cuts.pen)
    heavy = (mean >= rules.heavy * cuts.pen) & (firsts.likes < firsts.needed) & ~printed_full(ink, ranked[0])
    return Looks(
        strong=strong,
        known=_known(firsts, ink, cuts, rules) & ~even,
        lone=_lone(firsts, ink, cuts, rules) & ~even,
        manner=_manner(firsts, cuts, rules) & ~even,
        again=again,
        inside=strong & _inside(firsts, ink, geometry, cuts, rules) & ~even,
        fine=_fine(firsts, ink, cuts, rules),
        twins=_twins(firsts, ink, second_likes, rules),
        heavy=heavy,
    )


@dataclass(frozen=True, slots=True)
class _Firsts:
    """The darkest bubble of each group, by itself and beside this person's marks, each (groups,) unless said.

    `mean`, `light`, `dark`: its darkness and inked shares; `likes`: how many marks it is like, of which `needed` are
    enough; `common`: it is like a good part of them; `solid`: not as an eraser leaves it; `beyond`: how much more ink
    is around it than usual. `passing`, `veiled`, `stains` (n,): bubbles that ink passes by, pale and even ink goes on
    from, that may be stained. `inside_alike` (firsts that may be marks, marks): those alike within their rings.
    """

    ranked: Ranked
    mean: NDArray[np.float32]
    light: NDArray[np.float32]
    dark: NDArray[np.float32]
    manners: _Manners
    inside_alike: NDArray[np.bool_]
    likes: NDArray[np.intp]
    needed: int
    common: NDArray[np.bool_]
    solid: NDArray[np.bool_]
    beyond: NDArray[np.float32]
    passing: NDArray[np.bool_]
    veiled: NDArray[np.bool_]
    stains: NDArray[np.bool_]


def _firsts(ink: Ink, ranked: Ranked, cuts: Cuts, rules: Rules) -> _Firsts:
    """Measure the firsts."""
    first = ranked[0]
    mean, light, dark = ink.mean[first], ink.light[first], ink.dark[first]
    manners, marked = _manners(ink, ranked, cuts.low, rules), mean > cuts.low
    inside_alike = manners.alike(first[marked], INSIDE)
    likes = manners.count(first, marked, inside_alike & manners.alike(first[marked], AROUND))
    marks = len(manners.marks)
    needed = max(min(rules.likes, (marks - 1) // 2), round(rules.like_share * marks)) if marks else 0
    veiled = ink.form[:, VEIL] > rules.veil
    stains = _stains(ink, first, veiled, rules)
    # Whose crosses run over leaves no veils.
    passing = _beyond(ink, first, cuts.low, ink.form[:, THROUGH] > rules.passing, rules.overrun)
    passing |= _beyond(ink, first, cuts.low, veiled, rules.overrun)
    passing |= stains
    # An eraser leaves looks that are alike, too, but next to nothing well inked.
    solid = dark >= rules.least_dark * cuts.blackness - 0.03
    common = likes >= max(rules.usual_share * marks, 6)
    beyond = _beyond_usual(ink, first, cuts.low)
    return _Firsts(ranked, mean, light, dark, manners, inside_alike, likes, needed, common, solid, beyond, passing,
                   veiled, stains)  # fmt: skip


def _known(firsts: _Firsts, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first looks like enough of this person's marks, or is full."""
    first, likes, needed = firsts.ranked[0], firsts.likes, firsts.needed
    known = (likes >= needed) & firsts.solid
    known &= firsts.common | (firsts.mean >= rules.rare_share * cuts.pen)
    full = _full(ink, first, (cuts.pen, cuts.area, cuts.blackness), rules)
    # A full mark that was crossed out, a signature over a bubble: far more ink around than this person's marks have.
    # What covers all around it is a bubble filled too far: strokes leave paper between them.
    solid = (ink.near[first] > OVERFILLED) & (firsts.light > OVERFILLED_LIGHT) & (firsts.mean < NO_DARKER * cuts.pen)
    crossed = (firsts.beyond > rules.crossed) & ~solid
    line = (firsts.light < rules.full_line * cuts.area) | (crossed & (likes < needed))
    known |= full & ~(firsts.passing[first] & line)
    return np.asarray(known & ~firsts.stains[first] & ~_scratched(firsts, ink, cuts, rules))


def _scratched(firsts: _Firsts, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first is darker than usual and its ink goes on outside on two sides, where most marks' does not:
    answers scratched out look like each other, too."""
    first, marked = firsts.ranked[0], firsts.mean > cuts.low
    usual = middle(ink.near[first[marked]]) if marked.any() else 1.0
    beyond = (ink.near[first] > usual + rules.crossed) & (firsts.mean > SCRATCHED * cuts.pen)
    few = firsts.likes < FEW_ALIKE * len(firsts.manners.marks)
    return np.asarray(beyond & few & (ink.form[first, THROUGH] > ALL_THROUGH))


def _lone(firsts: _Firsts, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Like no other mark, but the only thing in its group, dark and large enough: what else could it be?"""
    mean, first = firsts.mean, firsts.ranked[0]
    lone = _alone(firsts.ranked, ink, cuts, rules)
    lone &= (mean >= rules.lone_ink * cuts.pen) & (firsts.light >= rules.lone_area * cuts.area)
    # Beside thin marks a piece of a line is not so little.
    lone &= (mean >= rules.lone_thin * cuts.pen) | (cuts.area >= rules.filled)
    lone &= ~firsts.passing[first] & (ink.near[first] < rules.lone_near)
    # An eraser leaves a large pale veil that nothing of this person's ink is in.
    return np.asarray(lone & (firsts.dark >= rules.lone_dark * cuts.blackness - 0.015))


def _manner(firsts: _Firsts, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Weaker than usual but one of many alike. The same pen leaves the same ink where it passed: an erasure less."""
    mean, light, dark = firsts.mean, firsts.light, firsts.dark
    manner = (firsts.likes >= max(round(rules.manner * firsts.needed), 2)) & (mean >= rules.solid_mean * cuts.low)
    manner |= firsts.common & (mean >= cuts.low)
    solid_by = rules.solid_pale if cuts.blackness < rules.black_pen else rules.solid
    manner &= (light >= solid_by * mean) | ((dark >= rules.solid_dark * light) & (dark >= 0.1))
    manner &= (mean * cuts.area >= rules.solid_ink * light * cuts.pen) & firsts.solid
    manner &= ~firsts.passing[firsts.ranked[0]] & _no_speck(firsts, cuts)
    # A pen whose marks are black wherever they are inked leaves no pale ones.
    return np.asarray(
        manner & ((dark * cuts.area >= PALER * light * cuts.blackness) | (cuts.blackness < DENSE * cuts.area))
    )


def _inside(firsts: _Firsts, ink: Ink, geometry: Geometry, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first is the only ink of its group, and within its ring as this person's marks are."""
    passing = firsts.passing[firsts.ranked[0]] & (firsts.beyond > rules.written)
    return np.asarray(_only_ink(firsts, ink, cuts, rules) & _like_inside(firsts, ink, geometry, cuts, rules) & ~passing)


def _fine(firsts: _Firsts, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first is less than usual, but the only ink of its group, the same ink, and like some mark."""
    fine = _only_ink(firsts, ink, cuts, rules) & _no_speck(firsts, cuts) & (firsts.likes >= rules.second_likes)
    return np.asarray(fine & _same_ink(firsts, ink, cuts, rules))


def _twins(firsts: _Firsts, ink: Ink, second_likes: NDArray[np.intp], rules: Rules) -> NDArray[np.bool_]:
    """Whether both of the two darkest are like so many of this person's marks that both are answers."""
    (first, second), marks = firsts.ranked, len(firsts.manners.marks)
    alike = np.minimum(firsts.likes, second_likes)
    twins = (alike >= rules.twins * marks) | ((alike >= rules.pair * marks) & _pairs(ink, firsts.ranked))
    twins &= (alike >= max(firsts.needed, 1)) & ~firsts.passing[first] & ~firsts.passing[second]
    return np.asarray(twins)


def _no_speck(firsts: _Firsts, cuts: Cuts) -> NDArray[np.bool_]:
    """A speck is smaller than the weaker marks of a pale pen, but darker where it is inked than they are."""
    paler = firsts.mean * cuts.area < SPECK_INK * firsts.light * cuts.pen
    return np.asarray(paler | (firsts.mean >= SPECK_MOST * cuts.pen))


def _even_throughout(firsts: _Firsts, cuts: Cuts) -> NDArray[np.bool_]:
    """A cup's rim or a smear is as dark on the whole as a hard pencil's small marks, but even; where these have no
    black places, it cannot be told from them."""
    mean, light, dark = firsts.mean, firsts.light, firsts.dark
    even = (mean * cuts.area > EVEN_INK * light * cuts.pen) & (dark * cuts.pen < EVEN_BLACK * mean * cuts.blackness)
    return np.asarray(even & (cuts.blackness > cuts.pen / 2))


def _pairs(ink: Ink, ranked: Ranked) -> NDArray[np.bool_]:
    """Whether the two darkest of each group are as like each other as two marks that one hand makes in a row."""
    first, second = ranked
    pairs = (ink.mean[second] >= PAIR * ink.mean[first]) & (ink.light[second] >= PAIR_INKED * ink.light[first])
    return np.asarray(pairs & (ink.dark[second] >= PAIR_INKED * ink.dark[first] - PAIR_SLACK))


def _beyond_usual(ink: Ink, first: NDArray[np.intp], low: float) -> NDArray[np.float32]:
    """How much more ink there is around the first than around nine in ten of this person's marks."""
    around, marked = ink.near[first], ink.mean[first] > low
    usual = level(around[marked], 0.9) if marked.any() else 1.0
    return np.asarray(around - np.float32(usual))


def _alone(ranked: Ranked, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first is the only thing in its group."""
    first, second = ranked
    return np.asarray((first == second) | (ink.mean[second] < rules.lone_rest * cuts.low))


def _only_ink(firsts: _Firsts, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first is the only thing in its group, no stain and nothing that an eraser left."""
    stained = (firsts.stains & _even(ink, rules))[firsts.ranked[0]]
    return np.asarray(_alone(firsts.ranked, ink, cuts, rules) & ~stained & firsts.solid)


def _even(ink: Ink, rules: Rules) -> NDArray[np.bool_]:
    """(n,) bubbles whose ink is pale all over as a stain's is; where a good part of it is black, a pen left it."""
    return np.asarray(ink.dark < rules.stain_dark * ink.light)


def _like_inside(firsts: _Firsts, ink: Ink, geometry: Geometry, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first, looked at from inside its ring, is like enough marks that keep within theirs.

    A line that passes by leaves its bubble on two sides, too, but passes by others next to it as well.
    """
    first, manners, mean = firsts.ranked[0], firsts.manners, firsts.mean
    through, veil = ink.form[:, THROUGH] > rules.passing, firsts.veiled & _even(ink, rules)
    marks = mean > cuts.low
    fits = marks & ~veil[first] & (ink.near[first] < rules.inside_near)
    ways = geometry.xy[first[through[first] & marks]]
    if len(ways) > 1:
        near = np.linalg.norm(geometry.xy[first][:, None] - ways[None], axis=2) < rules.passing_apart
        fits &= ~(through[first] & (near.sum(axis=1) > 1))
    alike = manners.count(first, fits, firsts.inside_alike[fits[marks]], ~(through | veil))
    common = alike >= max(rules.usual_share * len(manners.marks), 6)
    return np.asarray(fits & (alike >= max(firsts.needed, 3)) & (common | (mean >= rules.rare_share * cuts.pen)))


def _same_ink(firsts: _Firsts, ink: Ink, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether the first is as dark where it is inked as this person's marks are, and stays in its bubble.

    What an eraser left is paler, a speck smaller.
    """
    mean, light, dark, first = firsts.mean, firsts.light, firsts.dark, firsts.ranked[0]
    beyond = (ink.form[:, THROUGH] > rules.passing) | (firsts.veiled & _even(ink, rules))
    stays = ~_beyond(ink, first, cuts.low, beyond, rules.overrun)[first] & (ink.near[first] < rules.lone_near)
    inked = (mean >= rules.solid_mean * cuts.low) & (light >= rules.fine_area) & (dark >= rules.fine_dark)
    same = mean * cuts.area >= rules.fine_ink * light * cuts.pen
    return np.asarray(stays & inked & same & (dark * cuts.area >= rules.fine_black * light * cuts.blackness))


@dataclass(frozen=True, slots=True)
class _Manners:
    """How this person's lone `marks` look: `fine` (looks, n) of all bubbles in steps, `width` (looks,) what is alike.

    Looks are darkness, inked shares, ink outside and the form inside. A person's marks repeat themselves, in two or
    three manners perhaps; a line that happened to cross a bubble, a crease or a smudge has few of its like.
    """

    fine: NDArray[np.uint16]
    width: NDArray[np.uint16]
    marks: NDArray[np.intp]

    def alike(self, bubbles: NDArray[np.intp], looks: slice) -> NDArray[np.bool_]:
        """(bubbles, marks) whether they look like each other, in these `looks`."""
        if not len(bubbles):
            return np.zeros((0, len(self.marks)), dtype=bool)
        fine, width = self.fine[looks], self.width[looks, None, None]
        # Whole numbers that run over at 65,536: near is what lies between 0 and twice the width then.
        others = np.take(fine, self.marks, axis=1)[:, None] - width
        near = np.take(fine, bubbles, axis=1)[:, :, None] - others <= 2 * width
        return np.asarray(np.logical_and.reduce(near, axis=0))

    def count(
        self, bubbles: NDArray[np.intp], asked: NDArray[np.bool_], alike: NDArray[np.bool_],
        among: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.intp]:  # fmt: skip
        """How many other marks (`among` those bubbles) each of the `asked` is `alike`."""
        marks = self.marks
        if among is not None:
            alike, marks = alike & among[marks], marks[among[marks]]
        itself = np.zeros(self.fine.shape[1], dtype=bool)
        itself[marks] = True
        found = np.zeros(len(bubbles), dtype=np.intp)
        found[asked] = np.add.reduce(alike, axis=1, dtype=np.uint16) - itself[bubbles[asked]]
        return found


def _manners(ink: Ink, ranked: Ranked, low: float, rules: Rules) -> _Manners:
    """How the marks of this sheet look that are alone in their groups; none where there are too few to tell."""
    first, second = ranked
    lone = first[(ink.mean[first] > low) & ((ink.mean[second] < low) | (first == second))]
    form = ink.form.T
    looks = np.vstack((ink.mean, ink.light, ink.dark, form[:THROUGH], ink.near, form[THROUGH:]))
    fine = np.rint((looks + 4) * FINE).astype(np.uint16, order="C")
    if len(lone) < 4:
        return _Manners(fine, np.zeros(len(looks), dtype=np.uint16), lone[:0])
    known = looks[:, lone].T
    ordered = np.sort(known, axis=0)
    low_quarter, typical, high_quarter = (between(ordered, share) for share in (0.25, 0.5, 0.75))
    tolerance = TOLERANCE.copy()
    # A pale or thin pen has less room to differ in.
    tolerance[:3] = np.minimum(TOLERANCE[:3], PALE_TOLERANCE + PALE_SHARE * typical[:3])
    width = np.maximum(rules.like_width * (high_quarter - low_quarter) / 1.349, tolerance)
    if np.count_nonzero(ink.form[lone, THROUGH] > rules.passing) / len(lone) > rules.overrun:
        width[THROUGH - len(form)] = 1.0
    return _Manners(fine, np.rint(width * FINE).astype(np.uint16), lone)


def _full(ink: Ink, bubbles: NDArray[np.intp], usual: tuple[float, float, float], rules: Rules) -> NDArray[np.bool_]:
    """Bubbles as full as this person fills them, or full by any measure: no line and no smudge looks so."""
    pen, area, blackness = usual
    light, dark = ink.light[bubbles], ink.dark[bubbles]
    full = (light >= max(rules.full * area, rules.full_least)) & (ink.mean[bubbles] >= rules.full_ink * pen)
    full &= (dark >= rules.full_ink * blackness - 0.05) & (area >= rules.filled)
    return np.asarray(full | ((light >= 0.7) & (dark >= 0.6) & (ink.near[bubbles] < 0.35)))


def _beyond(ink: Ink, first: NDArray[np.intp], low: float, beyond: NDArray[np.bool_], way: float) -> NDArray[np.bool_]:
    """(n,) bubbles whose ink goes on outside on two sides, unless more than `way` of this person's marks do."""
    marks = first[ink.mean[first] > low]
    common = len(marks) > 0 and np.count_nonzero(beyond[marks]) / len(marks) > way
    return np.zeros_like(beyond) if common else np.asarray(beyond)


def _stains(ink: Ink, first: NDArray[np.intp], veiled: NDArray[np.bool_], rules: Rules) -> NDArray[np.bool_]:
    """(n,) bubbles that may be stained. Stains look like each other, and lie over bubbles that nobody marks, too."""
    bare = veiled & (ink.near < rules.bare)
    others = bare.copy()
    others[first] = False
    return bare if np.count_nonzero(others) >= rules.stained else np.zeros_like(bare)


def overflow(ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts) -> NDArray[np.bool_]:
    """Whether the first is a full mark that runs over its ring right beside the second."""
    first, second = ranked
    over = (ink.near[first] > OVER) & (ink.near[first] > 0.8 * ink.near[second]) & (ink.mean[second] < 0.8 * cuts.low)
    over &= ink.light[first] > OVER_FULL * cuts.area
    if over.any():
        over &= (geometry.neighbours[first] == second[:, None]).any(axis=1)
    return np.asarray(over)


def spilled(ink: Ink, geometry: Geometry, first: NDArray[np.intp], cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """(n,) bubbles that are empty but for ink at their edge, where a full mark right beside them runs over its ring.

    Only of those whose marks do so as a rule: one of theirs that missed its bubble would leave more there.
    """
    marks = first[ink.mean[first] > cuts.low]
    over = marks[(ink.near[marks] > OVER) & (ink.light[marks] > OVER_FULL * cuts.area)]
    if not rules.spilt or 2 * len(over) <= len(marks):
        return np.zeros(len(ink.mean), dtype=bool)
    most = np.zeros(len(ink.mean), dtype=np.float32)
    np.maximum.at(most, geometry.neighbours[over], ink.near[over][:, None])
    empty = (ink.mean < rules.trace * cuts.plain) & (ink.light < rules.unlike_light) & (ink.dark < rules.unlike_dark)
    return np.asarray(empty & (ink.near < rules.spilt * most) & (ink.side < rules.spilt_side))


def leftover(ink: Ink, ranked: Ranked, cuts: Cuts, rules: Rules) -> NDArray[np.bool_]:
    """Whether what the second shows beside a strong first is what an eraser left, no second answer.

    Where it is as dark as this person's ink, no eraser was there.
    """
    first, second = ranked
    one, two, light = ink.mean[first], ink.mean[second], ink.light[second]
    erasure = (two < rules.beside * one) & (ink.dark[second] < rules.beside_dark + 0.12 * two) & (two < cuts.high)
    same = (two * cuts.area >= rules.beside_ink * light * cuts.pen) & (light >= rules.beside_area)
    # A shadow's edge is pale all over, as are the thin strokes of a pale pencil.
    black = ink.dark[second] * cuts.area >= rules.beside_black * light * cuts.blackness
    same &= black | (cuts.blackness < rules.beside_pale)
    return np.asarray(erasure & ~same)


def only_two(
    ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts, rules: Rules
) -> NDArray[np.bool_]:
    """Whether nothing else is in the group, and no ink around the two: words written across a row are no answers."""
    mean = np.where(geometry.gaps, -1.0, ink.mean[geometry.first])
    third = np.partition(mean, -3, axis=1)[:, -3] if mean.shape[1] > 2 else np.full(len(mean), -1.0)
    around = np.maximum(ink.near[ranked[0]], ink.near[ranked[1]])
    usual = ink.near[ranked[0]][ink.mean[ranked[0]] > cuts.low]
    allowed = (middle(usual) if len(usual) else 0.0) + rules.twins_near
    return np.asarray((third < cuts.low) & (around < allowed))


def strip_print(ring: NDArray[np.float32], geometry: Geometry) -> NDArray[np.float32]:
    """(n,) how well rings show in the upright strip of each bubble, or in the paler one beside it if they do better."""
    places = [float(geometry.xy[members[0], 0]) for members in geometry.strips]
    own = [middle(ring[members]) for members in geometry.strips]
    found = np.empty_like(ring)
    for number, members in enumerate(geometry.strips):
        beside = [own[n] for n in (number - 1, number + 1)
                  if 0 <= n < len(own) and abs(places[n] - places[number]) < STRIPS_APART]  # fmt: skip
        found[members] = max(own[number], min(beside, default=0.0))
    return found


def covered(
    ink: Ink, geometry: Geometry, first: NDArray[np.intp], rules: Rules
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Groups with a bubble whose printed ring does not show although the sheet's others do.

    Then those with one that is not the first: a mark hides its own ring.
    """
    usual = ink.usual_ring
    if rules.ring <= 0 or usual < 0.25:
        return np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
    # Where print is uneven all over the sheet, as on a copy, less of a ring is still one.
    uneven = usual - rules.ring_noise * 1.4826 * middle(np.abs(ink.ring - np.float32(usual)))
    least = max(0.6 * rules.ring * usual, min(rules.ring * usual, uneven))
    unseen = ink.ring < least
    others = unseen.copy()
    others[first] = False
    if others.any():
        # Toner that runs out prints strips of a page paler; a tear or a fold ends between two bubbles. An empty
        # group is asked about all the same: beside so little print a faint mark may be overlooked.
        least_here = np.maximum(rules.ring * strip_print(ink.ring, geometry), FAINTEST * usual)
        others &= ink.ring < least_here
        # A place painted over is one bubble among others that show; tears, folds and labels hide several.
        beside = np.where(geometry.neighbours == np.arange(len(unseen))[:, None], False, others[geometry.neighbours])
        others &= beside.any(axis=1)
    return geometry.groups_with(unseen), geometry.groups_with(others)
