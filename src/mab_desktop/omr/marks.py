"""Decide what is marked: from four numbers per bubble to one, none, many or doubtful per group.

Every sheet is its own measure: the empty bubbles say what empty looks like with this print and scanner, the clear marks
say how this person marks. What lies between goes to a person; a dark mark never counts as cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.geometry import Geometry
from mab_desktop.omr.sample import Scores

READER_VERSION = "1"


class State(StrEnum):
    """What a group says."""

    ONE = "one"
    NONE = "none"
    MANY = "many"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class GroupReading:
    """State of a group; `values` are the marked ones, for a doubtful group what may be marked, strongest first."""

    state: State
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The cuts, in darkness where the sheet's black squares are 1; kept with every reading.

    `floor` least darkness that is not plain paper, `noise` how many deviations of this sheet's empties count as such,
    `share` part of this person's usual mark that counts as a mark, `weakest` and `strongest` bounds of that cut,
    `beside` part of the strong mark up to which a weak one without dark ink is left out (an erasure), `rival` part
    from which two are two, `ring` least visibility of a printed ring in an empty group (0: not asked for).
    """

    floor: float = 0.055
    noise: float = 7.0
    share: float = 0.42
    weakest: float = 0.10
    strongest: float = 0.34
    beside: float = 0.34
    beside_dark: float = 0.05
    rival: float = 0.55
    speck_dark: float = 0.06
    ring: float = 0.30


DEFAULT_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Decision:
    """All groups in the geometry's order, with the sheet's own cuts: `low` still empty, `high` surely a mark."""

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
        return {"version": self.version, "low": self.low, "high": self.high, "pen": self.pen, **asdict(self.rules)}


@dataclass(frozen=True)
class _Ink:
    """Scores without the printed letters: darkness, light share, dark share, ring visibility, each (n,)."""

    mean: NDArray[np.float32]
    light: NDArray[np.float32]
    dark: NDArray[np.float32]
    ring: NDArray[np.float32]


def decide(scores: Scores, geometry: Geometry, rules: Rules = DEFAULT_RULES, blank: Scores | None = None) -> Decision:
    """Decide all groups. `blank` are the scores of the empty form in the same frame, where there is one."""
    ink = _without_print(scores, geometry, blank)
    padded = geometry.members < 0
    mean = np.where(padded, -1.0, ink.mean[geometry.first])
    order = np.argsort(-mean, axis=1, kind="stable")
    rows = np.arange(len(order))
    first = geometry.first[rows, order[:, 0]]
    second = geometry.first[rows, order[:, 1]] if mean.shape[1] > 1 else first
    low = _low(ink, first, rules)
    pen, marks = _pen(ink.mean[first], low)
    high = float(np.clip(rules.share * pen, max(rules.weakest, low + 0.035), max(rules.strongest, low + 0.035)))
    state, covered = _states(ink, geometry, (first, second), (low, high), rules)
    return Decision(_groups(state, mean, order, geometry, (low, high)), low, high, pen, marks, covered, rules)


def decide_again(
    scores: bytes, geometry: Geometry, rules: Rules = DEFAULT_RULES, blank: bytes | None = None
) -> Decision:
    """Decide from stored scores, without the image; ValueError when they belong to another geometry."""
    stored = Scores.from_bytes(scores)
    if len(stored) != len(geometry.bubbles):
        raise ValueError("scores of another geometry")
    return decide(stored, geometry, rules, Scores.from_bytes(blank) if blank else None)


def _without_print(scores: Scores, geometry: Geometry, blank: Scores | None) -> _Ink:
    """Take the printed letter off each bubble, as the same letter looks in this sheet's emptier bubbles."""
    parts = [scores.mean / np.float32(200), scores.light / np.float32(255), scores.dark / np.float32(255)]
    ring = (scores.ring.astype(np.float32) - 128) / 40
    if blank is not None:
        empty = [blank.mean / np.float32(200), blank.light / np.float32(255), blank.dark / np.float32(255)]
        left = [np.asarray(p - e, dtype=np.float32) for p, e in zip(parts, empty, strict=True)]
        return _Ink(left[0], left[1], left[2], ring)
    taken = []
    for part, allowed in zip(parts, (0.06, 0.18, 0.10), strict=True):
        taken.append(np.asarray(part - _print_of(part, geometry, allowed), dtype=np.float32))
    return _Ink(taken[0], taken[1], taken[2], ring)


def _print_of(part: NDArray[np.float32], geometry: Geometry, allowed: float) -> NDArray[np.float32]:
    """Expected value of an empty bubble, per bubble.

    Each kind (letter) speaks for itself by its lower third; a kind marked on most of the sheet is held to what the
    others say, so that a column marked all the way down does not become the paper.
    """
    kinds = geometry.kind
    count = int(kinds.max()) + 1
    typical = float(np.quantile(part, 0.35))
    if count == 0:
        return np.full(len(part), min(typical, allowed), dtype=np.float32)
    own = np.array([np.quantile(part[kinds == k], 0.3) for k in range(count)], dtype=np.float32)
    common = float(np.median(own))
    own = np.minimum(own, min(common, typical + allowed) + allowed)
    least = float(own.min())
    return np.where(kinds >= 0, own[kinds], np.float32(min(typical, least))).astype(np.float32)


def _low(ink: _Ink, first: NDArray[np.intp], rules: Rules) -> float:
    """Darkness up to which a bubble is empty on this sheet: middle of the empties and their spread."""
    rest = np.ones(len(ink.mean), dtype=bool)
    rest[first] = False
    empties = ink.mean[rest] if rest.any() else ink.mean
    middle = float(np.median(empties))
    spread = 1.4826 * float(np.median(np.abs(empties - middle)))
    return float(min(max(rules.floor, middle + rules.noise * max(spread, 0.004)), 0.16))


def _pen(tops: NDArray[np.float32], low: float) -> tuple[float, int]:
    """How dark this person's marks usually are, and how many there are; a middling pen when there are too few."""
    marks = tops[tops > low]
    if len(marks) < 6:
        return 0.6, len(marks)
    # The stronger half speaks: smudges and specks are among the weaker.
    return float(np.median(marks[marks >= np.median(marks) * 0.5])), len(marks)


def _states(
    ink: _Ink, geometry: Geometry, ranked: tuple[NDArray[np.intp], NDArray[np.intp]], cuts: tuple[float, float],
    rules: Rules,
) -> tuple[NDArray[np.str_], int]:  # fmt: skip
    """State of every group, and how many empty ones do not show their print."""
    (first, second), (low, high) = ranked, cuts
    one, two = ink.mean[first], ink.mean[second]
    two = np.where(first == second, -1.0, two)
    faint_erasure = (two < rules.beside * one) & (ink.dark[second] < rules.beside_dark + 0.12 * two)
    strong = one >= high
    alone = two < low
    state = np.full(len(first), State.DOUBTFUL.value, dtype="<U8")
    state[strong & (alone | (faint_erasure & (two < high)))] = State.ONE.value
    state[strong & (two >= high) & (two >= rules.rival * one)] = State.MANY.value
    speck = ink.dark[first] > rules.speck_dark
    empty = (one < low) & ~speck
    state[empty] = State.NONE.value
    covered = _covered(ink, geometry, rules) & (state == State.NONE.value)
    state[covered] = State.DOUBTFUL.value
    return state, int(covered.sum())


def _covered(ink: _Ink, geometry: Geometry, rules: Rules) -> NDArray[np.bool_]:
    """Groups with a bubble whose printed ring does not show although the sheet's others do."""
    if rules.ring <= 0:
        return np.zeros(len(geometry.keys), dtype=bool)
    usual = float(np.median(ink.ring))
    if usual < 0.25:
        return np.zeros(len(geometry.keys), dtype=bool)
    ring = np.where(geometry.members < 0, np.inf, ink.ring[geometry.first])
    return np.asarray(ring.min(axis=1) < rules.ring * usual)


def _groups(
    state: NDArray[np.str_], mean: NDArray[np.floating[Any]], order: NDArray[np.intp], geometry: Geometry,
    cuts: tuple[float, float],
) -> tuple[GroupReading, ...]:  # fmt: skip
    """Readings with their values; a doubtful group names what may be marked."""
    low, high = cuts
    above = np.where((state == State.DOUBTFUL.value)[:, None], mean >= low, mean >= high)
    found = []
    for group, name in enumerate(state.tolist()):
        what = State(name)
        values: tuple[str, ...] = ()
        if what is State.ONE:
            values = (geometry.bubbles[geometry.members[group, order[group, 0]]].value,)
        elif what is not State.NONE:
            values = tuple(
                geometry.bubbles[geometry.members[group, n]].value for n in order[group] if above[group, n]
            )
        found.append(GroupReading(what, values))
    return tuple(found)


def as_fields(decision: Decision, geometry: Geometry) -> Mapping[str, dict[int, GroupReading]]:
    """The groups by field and column."""
    fields: dict[str, dict[int, GroupReading]] = {}
    for (field, column), reading in zip(geometry.keys, decision.groups, strict=True):
        fields.setdefault(field, {})[column] = reading
    return fields
