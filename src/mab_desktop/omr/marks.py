"""Decide what is marked: from a few numbers per bubble to one, none, many or doubtful per group.

Every sheet is its own measure: the empty bubbles say what empty looks like with this print and scanner, the clear marks
say how this person marks. What lies between goes to a person; a dark mark never counts as cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.ink import LEAST_NOISE, Cuts, Empties, Ink, Ranked, apart, plain_paper, usual_pen, without_print
from mab_desktop.omr.looks import covered, leftover, looks_of, only_two, overflow
from mab_desktop.omr.rules import DEFAULT_RULES, READER_VERSION, STATES, GroupReading, Rules, State, plain_rules
from mab_desktop.omr.sample import HIDDEN, Scores

SIDES = (0.05, 0.09)  # bounds of the darkness of a rim that is none
HIDDEN_RING = (HIDDEN - 128) / 40


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
        return cuts | plain_rules(self.rules)


def decide(scores: Scores, geometry: Geometry, rules: Rules = DEFAULT_RULES) -> Decision:
    """Decide all groups."""
    ink = without_print(scores, geometry)
    padded = geometry.members < 0
    mean = np.where(padded, -1.0, ink.mean[geometry.first])
    order = np.argsort(-mean, axis=1, kind="stable")
    rows = np.arange(len(order))
    first = geometry.first[rows, order[:, 0]]
    second = geometry.first[rows, order[:, 1]] if mean.shape[1] > 1 else first
    empties = Empties.of(ink, first)
    low = empties.low(rules.floor, rules.noise)
    pen, area, blackness, marks = usual_pen(ink, first, low)
    low = min(low, max(rules.pale * pen, empties.low(rules.floor / 2, rules.noise)))
    low, high = apart(ink, (first, second), pen, low, rules)
    plain = plain_paper(ink, (first, second), low, empties, rules)
    cuts = Cuts(low, high, plain, pen, area, blackness)
    state, covered = _states(ink, geometry, (first, second), cuts, rules)
    groups = _groups(state, mean, order, geometry, (low, high))
    return Decision(groups, low, high, pen, marks, covered, rules)


def decide_again(scores: bytes, geometry: Geometry, rules: Rules = DEFAULT_RULES) -> Decision:
    """Decide from stored scores, without the image; ValueError when they belong to another geometry."""
    stored = Scores.from_bytes(scores)
    if len(stored) != len(geometry.bubbles):
        raise ValueError("scores of another geometry")
    return decide(stored, geometry, rules)


def _states(
    ink: Ink, geometry: Geometry, ranked: Ranked, cuts: Cuts, rules: Rules
) -> tuple[NDArray[np.str_], int]:
    """State of every group, and how many empty ones do not show their print."""
    first, second = ranked
    one, two = ink.mean[first], ink.mean[second]
    two = np.where(first == second, -1.0, two)
    # The weaker a mark, the less a second one needs to speak against it.
    alone = (two < cuts.low) & (two < np.maximum(rules.even * one, LEAST_NOISE))
    # Far darker than this person's marks: crossed out, perhaps, and any trace beside it is the answer.
    looks = looks_of(ink, ranked, cuts, rules)
    alone &= ~looks.heavy | (two < rules.trace * cuts.plain)
    # A second mark that missed its bubble leaves ink at its edge and outside; so does a full first beside it.
    missed = (two > 0.35 * cuts.low) & (ink.near[second] > rules.near_second)
    missed &= ~overflow(ink, geometry, ranked, cuts)
    state = np.full(len(first), State.DOUBTFUL.value, dtype="<U8")
    left = leftover(ink, ranked, cuts, rules) & ~looks.again & ~looks.heavy
    rim = float(np.clip(rules.side * cuts.pen, *SIDES))
    by_rims = np.where((geometry.members < 0) | (geometry.members == first[:, None]), 0.0, ink.side[geometry.first])
    known = looks.known | (looks.lone & (by_rims.max(axis=1) < rim))
    state[looks.strong & known & ~missed & (alone | left)] = State.ONE.value
    state[looks.manner & alone & ~missed] = State.ONE.value
    rival = (two >= cuts.high) & (two >= rules.rival * one) & (ink.light[second] >= rules.rival_area * cuts.area)
    rival &= looks.strong & (cuts.area >= rules.filled)
    by_rims[geometry.members == second[:, None]] = 0.0
    twins = looks.twins & only_two(ink, geometry, ranked, cuts, rules) & (by_rims.max(axis=1) < rules.rims * rim)
    state[rival] = np.where(twins, State.MANY.value, State.DOUBTFUL.value)[rival]
    around = np.where(geometry.members < 0, 0.0, ink.near[geometry.first]).max(axis=1)
    beside = np.where(geometry.members < 0, 0.0, ink.side[geometry.first]).max(axis=1)
    empty = (one < cuts.plain) & (ink.dark[first] <= rules.speck_dark) & (around < rules.near) & (beside < rim)
    # A trace inside and more of it across the same ring is a mark that slipped.
    empty &= ~((one > rules.trace * cuts.plain) & (ink.near[first] > rules.touch))
    empty &= ~((one > rules.lonely) & (one - two > rules.lonely_by) & (first != second))
    state[empty] = State.NONE.value
    _doubt_messy(state, one, cuts, rules)
    hidden = ((ink.ring[geometry.first] <= HIDDEN_RING) & (geometry.members >= 0)).any(axis=1)
    unseen, other = covered(ink, geometry, first, rules)
    unseen &= state == State.NONE.value
    # What cannot be seen beside a mark, under a fold or torn off, may be the answer, and the mark the tear's edge.
    torn = other & (state == State.ONE.value) & ~hidden
    state[unseen | torn | (hidden & (state != State.ONE.value))] = State.DOUBTFUL.value
    return state, int((unseen & ~hidden).sum())


def _doubt_messy(state: NDArray[np.str_], one: NDArray[np.float32], cuts: Cuts, rules: Rules) -> None:
    """On a sheet with much to ask about, a mark weaker than usual may be part of the same mess (a stain, a smear)."""
    asked, answered = (int((state == wanted.value).sum()) for wanted in (State.DOUBTFUL, State.ONE))
    if asked >= rules.messy and asked > rules.messy_share * answered:
        state[(state == State.ONE.value) & (one < rules.messy_ink * cuts.pen)] = State.DOUBTFUL.value


def _groups(
    state: NDArray[np.str_], mean: NDArray[np.floating[Any]], order: NDArray[np.intp], geometry: Geometry,
    cuts: tuple[float, float],
) -> tuple[GroupReading, ...]:  # fmt: skip
    """Readings with their values; a doubtful group names what may be marked."""
    low, high = cuts
    marked = geometry.members[np.arange(len(order)), order[:, 0]].tolist()
    found = []
    for group, name in enumerate(state.tolist()):
        what = STATES[name]
        values: tuple[str, ...] = ()
        if what is State.ONE:
            values = (geometry.bubbles[marked[group]].value,)
        elif what is not State.NONE:
            least = low if what is State.DOUBTFUL else high
            members = geometry.members[group, order[group]][mean[group, order[group]] >= least]
            values = tuple(geometry.bubbles[n].value for n in members.tolist())
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
