"""What a form of others may hide: groups that are no surely empty ones although nothing dark lies in their bubbles.

Nothing is known of such a form's print but what repeats itself there. What does not repeat was drawn by somebody: a
ring around a box, a short stroke on a letter, a letter that differs from row to row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.around import AROUND, beyond, each_size, own_ground, radius
from mab_desktop.omr.check import FEW_MARKS, STANDING_OUT
from mab_desktop.omr.geometry import Floats, Geometry
from mab_desktop.omr.marks import ASKED, MANY, NONE, ONE, Decision, standing_out
from mab_desktop.omr.sample import UNITS, Scores

RIM, INSIDE = 0.8, 0.9  # parts of the radius: where the surroundings begin, up to where a stroke is looked for
SOFT = 3  # places that are averaged each way before residues are compared: grain fades, strokes stay
# How dark beyond its print the odd bubble of a group may be, around it and in its darkest place: this much at least,
# such parts of this person's usual mark, and so many times what almost all bubbles of the page are that are not the odd
# ones of their groups.
AROUND_LEAST, AROUND_PEN, WITHIN_LEAST, WITHIN_PEN, TIMES, ALMOST_ALL = 0.03, 0.06, 0.09, 0.14, 1.6, 0.98
ENOUGH = 30  # bubbles that tell what is usual
OWN_INK, LEAST_OWN = 0.5, 0.2  # part of the darkest places of this person's marks, and darkness, that a speck has
MANY_ODD = (2, 0.15)  # odd groups, and part of the empty ones, from which none is surely empty
# How much more one letter may differ from row to row than letters usually do, and than the next one does.
# Beside enough answers of a dark pen it must differ by more than print does: of a stranger's brackets 1.52 at most, of
# pencils' crosses on it in every row 3.5 and more.
UNSTEADY, UNSTEADY_ALONE, FAR_UNSTEADY = 1.25, 1.22, 1.6
FEW_ANSWERS = 0.6  # part of the groups below which the letter that differs may be marked
MOST_LOST = 0.5  # part of the print that is gone from the scan, not hidden
# Darkness of nearly all of so many marks of a pen that no scan loses which is too light for print, or drops its colour.
BLACK, ENOUGH_BLACK = 0.35, 20
NEW = 0.3  # part of this person's usual darkness in its darkest place that a mark must have
LEAD = 0.05  # darkness by which one letter is not darker than all others on most forms
FULL = 0.6  # part of this person's usual darkness that is no print
LIGHTER = 0.6  # part of a block's bubbles, the lighter ones, that speaks for its print
LEAST_ALIKE = 0.5  # correlation of the print that two halves of the page show
BLOCK_ALIKE, BLOCK_SHOWN, BLOCK_LEAST = 0.3, 0.25, 6


@dataclass(frozen=True)
class Found:
    """What was found beyond print: `around` and `within` (n,) each bubble, beside others with the same letter;
    `darkest` (n,) within, beside all others.

    `unsteady` (n,) bubbles whose letter is not alike from row to row, by so many times (`unrest`), `unseen` (n,) those
    whose print does not show.
    `ringed` (n,) bubbles in the rings of a person who answers with rings, `traces` (groups,) what may be pale ones.
    `unknown` (n,) bubbles whose own letter's print is not known: all of its bubbles are marked. `veiled` (n,) bubbles
    with what is no ink of this person's.
    `lead`: how much darker the darkest letter is than the next one.
    `alike`: how much two halves of a block's print usually look alike.
    """

    around: Floats
    within: Floats
    darkest: Floats
    unsteady: NDArray[np.bool_]
    unrest: float
    unseen: NDArray[np.bool_]
    ringed: NDArray[np.bool_]
    traces: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    veiled: NDArray[np.bool_]
    lead: float
    alike: float

    def with_rings(self, darkness: Floats, traces: NDArray[np.bool_]) -> Found:
        """The same with rings of that `darkness` (n,) read as what lies within; `traces` (groups,) of others."""
        ringed = darkness > 0
        around, within, darkest = (
            np.where(ringed, darkness, part) for part in (self.around, self.within, self.darkest)
        )
        return replace(self, around=around, within=within, darkest=darkest, ringed=ringed, traces=traces)


def found_beyond(
    ink: Floats, darkness: Floats, geometry: Geometry, unknown: NDArray[np.bool_], lead: float
) -> Found:
    """Look at the `ink` (n, side, side) that is darker or lighter than print, and the `darkness` it was found in."""
    side = ink.shape[1]
    soft = _soft(ink).reshape(len(ink), -1)
    ground = own_ground(geometry, side)
    around, within, rest = (np.zeros(len(ink), dtype=np.float32) for _ in range(3))
    plain = np.clip(ink.reshape(len(ink), -1), -1, 1)
    for own, (rx, ry) in each_size(geometry):
        away, out = radius(side, rx, ry), beyond(side, rx, ry)
        outside = ground[own] & ((away > RIM) & (out < AROUND))
        around[own] = (plain[own] * outside).sum(axis=1) / np.maximum(outside.sum(axis=1), 1)
        inside = np.flatnonzero(away < INSIDE)
        within[own] = soft[own][:, inside].max(axis=1)
        rest[own] = _unlike_its_kind(soft[own][:, inside], geometry.kind[own])
    darkest = within - np.median(within)
    around, within = (
        _beside_alike(_beside_group(part, geometry), geometry, least)
        for part, least in ((around, AROUND_LEAST), (within, WITHIN_LEAST))
    )
    nobody, nowhere = np.zeros(len(ink), dtype=bool), np.zeros(len(geometry.first), dtype=bool)
    unseen, alike = _unseen(darkness, geometry)
    unsteady, unrest = _unsteady(rest, geometry)
    return Found(around, within, darkest, unsteady, unrest, unseen, nobody, nowhere, unknown, nobody, lead, alike)


def doubted(scores: Scores, found: Found, decision: Decision, geometry: Geometry) -> Scores:
    """The same scores with what is not sure noted in them, so that a later decision from them knows it."""
    state = decision.states.copy()
    empty = state == NONE
    odd, faint = _odd(found, decision, geometry)
    if np.count_nonzero(faint) > max(MANY_ODD[0], MANY_ODD[1] * np.count_nonzero(empty)):
        odd = empty
    # Marks that were taken for print leave a sheet with next to no answers.
    answers = np.count_nonzero((state == ONE) | (state == MANY))
    unsteady = found.unsteady & (answers < FEW_ANSWERS * len(state))
    if answers >= FEW_MARKS and decision.pen > BLACK:
        unsteady &= found.unrest > FAR_UNSTEADY
    # A sheet with next to no answers where one bubble stands out in group after group was filled in, however faintly.
    # In black and white nothing at all may be left of it; an even hand's mark on one letter all down looks like print.
    if answers < FEW_MARKS:
        bilevel = decision.rules.varied > 0
        if bilevel or found.lead > LEAD or standing_out(scores, geometry, decision) > STANDING_OUT:
            odd = empty
    # A label hides a part of the page, a scan too light for the print most of it.
    lost = float(found.unseen.mean()) > MOST_LOST and _black_throughout(scores, decision)
    hidden = unsteady | (found.unseen & (not lost))
    hidden[geometry.first[odd]] = True
    hidden[geometry.first[empty & found.traces]] = True
    by_group = (hidden[geometry.first] & ~geometry.gaps).any(axis=1)
    state[empty & by_group] = ASKED
    # Where a letter is marked in most rows, another one may be a second mark.
    other = geometry.groups_with(unsteady) & ~unsteady[decision.first] & (state == ONE)
    state[other] = ASKED
    if found.ringed.any():
        # What is in a bubble there is a piece of a neighbour's ring, or a correction.
        state[((state == ONE) | (state == MANY)) & ~found.ringed[decision.first]] = ASKED
    state[(state == ONE) & _nothing_new(found, decision, geometry)] = ASKED
    # Of a letter whose print is not known, what is no full mark may be print.
    weak = scores.mean[decision.first] / UNITS[0, 0] < FULL * decision.pen
    state[(state == ONE) & found.unknown[decision.first] & weak] = ASKED
    state[(state == ONE) & found.veiled[decision.first]] = ASKED
    state[(state == MANY) & (found.veiled[geometry.first] & ~geometry.gaps).any(axis=1)] = ASKED
    struck = ((decision.states == ONE) | (decision.states == MANY)) & (state == ASKED)
    firsts = np.zeros(len(hidden), dtype=bool)
    firsts[decision.first[struck]] = True
    return scores.hide(hidden & ~firsts).strike(firsts)


def _black_throughout(scores: Scores, decision: Decision) -> bool:
    """Whether this person's marks are so black, and so many, that a scan too light for thin print has lost none."""
    marks = scores.mean[decision.first[decision.states == ONE]] / UNITS[0, 0]
    if len(marks) < ENOUGH_BLACK:
        return False
    return bool(np.quantile(marks, 0.05) > BLACK)


def _nothing_new(found: Found, decision: Decision, geometry: Geometry) -> NDArray[np.bool_]:
    """(groups,) whose first is darker than its letter, but nowhere in one place as this person's marks are.

    A letter that fills its bubble and lies otherwise on the scanner's grid is darker along all its edges.
    """
    first, answered = decision.first, decision.states == ONE
    if not answered.any():
        return np.zeros(len(first), dtype=bool)
    usual = float(np.median(found.darkest[first[answered]]))
    nothing = (found.darkest[first] < NEW * usual) & (found.around[first] < AROUND_LEAST)
    return np.asarray(nothing & (geometry.kind[first] >= 0))


def _soft(ink: Floats) -> Floats:
    """Each patch averaged over its nearest places."""
    tall = cv2.blur(ink.reshape(-1, ink.shape[2]), (SOFT, SOFT))
    return np.asarray(tall, dtype=np.float32).reshape(ink.shape)


def _unlike_its_kind(ink: Floats, kind: NDArray[np.intp]) -> Floats:
    """(n,) how far the `ink` (n, p) of each bubble is from the usual one of its kind, whatever that is."""
    rest = np.zeros(len(ink), dtype=np.float32)
    for own in (np.flatnonzero(kind == each) for each in np.unique(kind[kind >= 0])):
        rest[own] = np.abs(ink[own] - np.median(ink[own], axis=0)).mean(axis=1)
    return rest


def _beside_group(part: Floats, geometry: Geometry) -> Floats:
    """Less the lower middle of the bubble's group, where that has three or more: rows may be shaded, each other one."""
    values = np.sort(np.where(geometry.gaps, np.inf, part[geometry.first]), axis=1)
    count = np.count_nonzero(~geometry.gaps, axis=1)
    usual = np.where(count > 2, values[np.arange(len(values)), (count - 1) // 2], 0)
    return np.asarray(part - usual[geometry.group_of], dtype=np.float32)


def _beside_alike(part: Floats, geometry: Geometry, most: float) -> Floats:
    """Less what is usual with the same letter, unless that is `most` more than with others: then it is marked."""
    kinds = [np.flatnonzero(geometry.kind == kind) for kind in range(len(geometry.kind_sizes))]
    usual = np.full(len(part), np.median(part), dtype=np.float32)
    for own in kinds:
        usual[own] = np.median(part[own])
    if kinds:
        usual = np.minimum(usual, np.median([usual[own[0]] for own in kinds]) + np.float32(most))
    return np.asarray(part - usual, dtype=np.float32)


def _odd(found: Found, decision: Decision, geometry: Geometry) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(groups,) empty ones whose odd bubble is farther from the others of its group than the page's usually are.

    Then those of them whose odd bubble is nowhere as dark as this person's ink: more such marks may not show at all. A
    speck is as dark as ink, and says nothing of other groups.
    """
    empty = decision.states == NONE
    odd, faint = np.zeros(len(empty), dtype=bool), np.zeros(len(empty), dtype=bool)
    if geometry.members.shape[1] < 3:
        return odd, faint
    answered = decision.first[(decision.states == ONE) | (decision.states == MANY)]
    ink = OWN_INK * float(np.median(found.darkest[answered])) if len(answered) else 0.0
    black = np.where(geometry.gaps, 0.0, found.darkest[geometry.first]).max(axis=1) > max(ink, LEAST_OWN)
    pen = decision.pen
    around, within = max(AROUND_LEAST, AROUND_PEN * pen), max(WITHIN_LEAST, WITHIN_PEN * pen)
    for part, least, own in ((found.around, around, np.zeros_like(black)), (found.within, within, black)):
        values = np.sort(np.where(geometry.gaps, np.inf, part[geometry.first]), axis=1)
        count = np.count_nonzero(~geometry.gaps, axis=1)
        rows = np.arange(len(values))
        ahead = values - values[rows, (count - 1) // 2][:, None]
        darkest = ahead[rows, count - 1]
        real = np.arange(values.shape[1]) < (count - 1)[:, None]
        others = ahead[empty][real[empty]]
        others = others if len(others) >= ENOUGH else ahead[real]
        usual = float(np.quantile(others, ALMOST_ALL)) if len(others) else 0.0
        apart = empty & (count > 2) & (darkest > max(least, TIMES * usual))
        odd |= apart
        faint |= apart & ~own
    return odd, faint


def _unsteady(rest: Floats, geometry: Geometry) -> tuple[NDArray[np.bool_], float]:
    """(n,) bubbles with the letter that differs from row to row far more than any other one does, and how many times
    as much as the next one.

    Print repeats itself; marks by hand, on most of the bubbles with one letter, do not.
    """
    kinds = len(geometry.kind_sizes)
    none = np.zeros(len(rest), dtype=bool)
    if kinds < 3:
        return none, 1.0
    by_kind = np.array([np.median(rest[geometry.kind == kind]) for kind in range(kinds)])
    most, next_ = (int(n) for n in np.argsort(-by_kind, kind="stable")[:2])
    apart = by_kind[most] > UNSTEADY * np.median(by_kind) and by_kind[most] > UNSTEADY_ALONE * by_kind[next_]
    unsteady = np.asarray(geometry.kind == most) if apart else none
    return unsteady, float(by_kind[most] / max(float(by_kind[next_]), 1e-6))


def _unseen(darkness: Floats, geometry: Geometry) -> tuple[NDArray[np.bool_], float]:
    """(n,) bubbles whose print does not show: two halves of the lighter ones, put together, do not look alike.
    Then how much those of a block usually do.

    A block's print may be unlike the page's (another outline), but then it is alike itself.
    """
    side = darkness.shape[1]
    near = np.flatnonzero(beyond(side, *geometry.usual) < AROUND)
    flat = darkness.reshape(len(darkness), -1)[:, near]
    flat = flat - flat.mean(axis=1, keepdims=True)
    level = darkness.reshape(len(darkness), -1)[:, near].mean(axis=1)
    order, begins = geometry.by_block
    halves = np.zeros((2, geometry.block_count, len(near)), dtype=np.float32)
    for number, (begin, end) in enumerate(zip(begins[:-1], begins[1:], strict=True)):
        own = order[begin:end]
        lighter = own[np.argsort(level[own], kind="stable")[: max(2, int(LIGHTER * len(own)))]]
        halves[:, number] = flat[lighter[::2]].mean(axis=0), flat[lighter[len(lighter) > 1 :: 2]].mean(axis=0)
    page = halves.mean(axis=1)
    if _alike(page[0], page[1]) < LEAST_ALIKE:
        return np.ones(len(darkness), dtype=bool), 0.0
    usual = np.median(halves.mean(axis=0), axis=0)
    shown = halves.mean(axis=0) @ usual / max(float(usual @ usual), 1e-6)
    alike = np.array([_alike(one, other) for one, other in halves.transpose(1, 0, 2)])
    lost = (alike < BLOCK_ALIKE) & (shown < BLOCK_SHOWN) & (np.diff(begins) >= BLOCK_LEAST)
    return np.asarray(lost[geometry.block]), float(np.median(alike))


def _alike(one: Floats, other: Floats) -> float:
    """Correlation of two prints; 0 where there is none."""
    return float(one @ other) / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-6)
