"""What people do to bubbles besides filling one: each a pure function, a sheet's truth in, a changed truth out.

The truth stays what a careful human says of the paper. Two marks are two marks, however one of them is crossed out:
very dark never means cancelled. Where he would be unsure, the place becomes ambiguous with all he may say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from numpy.random import Generator

from mab_desktop.rehearsal.answers import Mishap, Place, Plausible, SheetTruth
from mab_desktop.rehearsal.chance import pick

Befall = Callable[[Generator, SheetTruth, Place], SheetTruth]

# Ink that is left of a mark, of its usual strength: rubbed out badly, and so much that nobody can tell.
LEFT_OVER, UNSURE = (0.1, 0.24), (0.3, 0.5)
# A second mark so weak that a human asks himself whether it is meant.
WEAK = (0.3, 0.55)
# Marks beside their bubble, in pitches of the options: still this bubble's, and between two.
OUTSIDE, BETWEEN = (0.2, 0.3), (0.46, 0.54)


def ring(_rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A ring around the bubble instead of filling it: a human sees which one is meant."""
    return _with(truth, place, "ring", _only(truth, place), apart=True)


def ring_beside(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """One filled, another ringed: is the ring a mark?"""
    mark, other = _only(truth, place), _other(rng, truth, place)
    return _with(truth, place, "ring", other, ambiguous=((mark,), _both(mark, other)))


def outside(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A mark half outside its bubble to any side, still nearest to it."""
    sides = ("up", "down", _neighbour(rng, truth, place), _neighbour(rng, truth, place))
    return _with(truth, place, "outside", _only(truth, place), float(rng.uniform(*OUTSIDE)), apart=True,
                 beside=sides[int(rng.integers(len(sides)))])  # fmt: skip


def between(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A mark between two bubbles: either is meant, or both."""
    mark, other = _only(truth, place), _neighbour(rng, truth, place)
    return _with(truth, place, "outside", mark, float(rng.uniform(*BETWEEN)), apart=True, beside=other,
                 ambiguous=((mark,), (other,), _both(mark, other)))  # fmt: skip


def crossed_out(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A filled bubble with a cross over it, and another one filled: two marks."""
    mark, other = _only(truth, place), _other(rng, truth, place)
    return _with(truth, place, "crossed-out", other, marks=_both(mark, other))


def arrow(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """Two filled, an arrow points at one ("this one"): two marks, whatever is written beside."""
    mark, other = _only(truth, place), _other(rng, truth, place)
    return _with(truth, place, "arrow", mark, marks=_both(mark, other))


def weak_beside(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A full mark and a weak one beside it."""
    mark, other = _only(truth, place), _other(rng, truth, place)
    return _with(truth, place, "weak", other, float(rng.uniform(*WEAK)), ambiguous=((mark,), _both(mark, other)))


def half_erased(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A mark rubbed out badly, another one full: the full one counts."""
    return _with(truth, place, "rest", _other(rng, truth, place), float(rng.uniform(*LEFT_OVER)))


def half_erased_unsure(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """So much is left of the mark that was rubbed out that a human would ask."""
    mark, other = _only(truth, place), _other(rng, truth, place)
    return _with(truth, place, "rest", other, float(rng.uniform(*UNSURE)), ambiguous=((mark,), _both(mark, other)))


def half_erased_alone(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """The only mark was rubbed out badly: withdrawn, or just pale?"""
    mark = _only(truth, place)
    return _with(truth, place, "rest", mark, float(rng.uniform(LEFT_OVER[0], UNSURE[1])), marks=(),
                 ambiguous=((), (mark,)))  # fmt: skip


def fluid(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """Correction fluid over a mark, another bubble marked."""
    return _with(truth, place, "fluid", _other(rng, truth, place), float(rng.uniform(0.88, 1.0)))


def tape(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """Correction tape over a mark, another bubble marked."""
    return _with(truth, place, "tape", _other(rng, truth, place), float(rng.uniform(0.94, 1.0)))


def fluid_alone(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """The only mark covered with fluid: nothing is marked."""
    return _with(truth, place, "fluid", _only(truth, place), float(rng.uniform(0.94, 1.0)), marks=())


def fluid_marked(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """Fluid over a bubble, and a mark on the fluid: a mark."""
    return _with(truth, place, "fluid", _only(truth, place), float(rng.uniform(0.94, 1.0)))


def words(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """Words written over the row: they mean nothing to the bubbles that they cross."""
    return _with(truth, place, "words", _only(truth, place), float(rng.uniform(2.6, 4.2)))


def blot(rng: Generator, truth: SheetTruth, place: Place) -> SheetTruth:
    """A drop of ink on a bubble of a row with a mark: a mark or not?"""
    mark, other = _only(truth, place), _other(rng, truth, place)
    return _with(truth, place, "blot", other, float(rng.uniform(0.5, 1.5)), ambiguous=((mark,), _both(mark, other)))


MISHAPS: dict[str, Befall] = {
    "ring": ring, "ring-beside": ring_beside, "outside": outside, "between": between, "crossed-out": crossed_out,
    "arrow": arrow, "weak-beside": weak_beside, "half-erased": half_erased, "half-erased-unsure": half_erased_unsure,
    "half-erased-alone": half_erased_alone, "fluid": fluid, "tape": tape, "fluid-alone": fluid_alone,
    "fluid-marked": fluid_marked, "words": words, "blot": blot,
}  # fmt: skip
# Kinds on a sheet of the nasty population, on average, and the most places of one kind.
KINDS_A_SHEET, MOST_PLACES = 1.6, 4
# A person who rings instead of filling does so everywhere.
RINGS_ALL = 0.02
# Sheets on which rows left empty are struck out with one line; how many rows, and how often they are the last ones.
STRUCK_OUT, STRUCK_ROWS, AT_THE_END = 0.05, (3, 12), 0.7


def befall(rng: Generator, truth: SheetTruth, only: Sequence[str] = tuple(MISHAPS)) -> SheetTruth:
    """A sheet of the nasty population: a few kinds of mishaps, each at one to four places that are still plain."""
    if not truth.used:
        return truth
    if rng.random() < RINGS_ALL:
        return _at_places(rng, truth, "ring", 10_000)
    if rng.random() < STRUCK_OUT:
        truth = strike_out(rng, truth)
    for _ in range(int(rng.poisson(KINDS_A_SHEET))):
        truth = _at_places(rng, truth, pick(rng, dict.fromkeys(only, 1.0)), int(rng.integers(1, MOST_PLACES + 1)))
    return truth


def strike_out(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """Some rows of a subject left empty and struck out with one line: no answers, whatever the line crosses."""
    subjects = sorted(name for name in truth.marks if name.startswith("subject"))
    field = subjects[int(rng.integers(len(subjects)))]
    columns = sorted(truth.marks[field], key=int)
    count = min(int(rng.integers(STRUCK_ROWS[0], STRUCK_ROWS[1] + 1)), len(columns))
    last = len(columns) - count
    begin = last if rng.random() < AT_THE_END else int(rng.integers(0, last + 1))
    rows, way = columns[begin : begin + count], float(rng.uniform())
    gone = {(field, column) for column in rows}
    emptied = {column: [] if column in rows else values for column, values in truth.marks[field].items()}
    return replace(
        truth, marks=dict(truth.marks) | {field: emptied}, note=f"{truth.note}, struck-out".removeprefix(", "),
        faint=frozenset(place for place in truth.faint if place not in gone),
        erased=tuple(one for one in truth.erased if one[:2] not in gone),
        mishaps=(*(m for m in truth.mishaps if (m.field, m.column) not in gone),
                 *(Mishap("struck-out", field, column, "", way) for column in rows)),
        ambiguous={place: said for place, said in truth.ambiguous.items() if place not in gone},
    )  # fmt: skip


def _at_places(rng: Generator, truth: SheetTruth, kind: str, count: int) -> SheetTruth:
    free = _plain_places(truth)
    chosen = rng.permutation(len(free))[:count].tolist()
    for at in chosen:
        truth = MISHAPS[kind](rng, truth, free[at])
    return replace(truth, note=f"{truth.note}, {kind}" if truth.note else kind) if chosen else truth


def _plain_places(truth: SheetTruth) -> list[Place]:
    """Answers with one clear mark at which nothing has happened yet."""
    spoilt = {(m.field, m.column) for m in truth.mishaps} | set(truth.faint) | {(f, c) for f, c, _ in truth.erased}
    return [
        (name, column)
        for name, columns in truth.marks.items()
        if name.startswith("subject")
        for column, values in columns.items()
        if len(values) == 1 and (name, column) not in spoilt
    ]


def _only(truth: SheetTruth, place: Place) -> str:
    (value,) = truth.marks[place[0]][place[1]]
    return value


def _other(rng: Generator, truth: SheetTruth, place: Place) -> str:
    free = [value for value in truth.options if value not in truth.marks[place[0]][place[1]]]
    return free[int(rng.integers(len(free)))]


def _neighbour(rng: Generator, truth: SheetTruth, place: Place) -> str:
    at = truth.options.index(_only(truth, place))
    beside = [n for n in (at - 1, at + 1) if 0 <= n < len(truth.options)]
    return truth.options[beside[int(rng.integers(len(beside)))]]


def _both(one: str, other: str) -> tuple[str, ...]:
    return tuple(sorted((one, other)))


def _with(
    truth: SheetTruth, place: Place, kind: str, value: str, amount: float = 1.0, *, marks: Sequence[str] | None = None,
    ambiguous: Plausible = (), beside: str = "", apart: bool = False,
) -> SheetTruth:  # fmt: skip
    changed: Mapping[str, dict[str, list[str]]] = truth.marks
    if marks is not None:
        changed = dict(truth.marks) | {place[0]: dict(truth.marks[place[0]]) | {place[1]: list(marks)}}
    return replace(
        truth, marks=dict(changed), mishaps=(*truth.mishaps, Mishap(kind, *place, value, amount, beside, apart)),
        ambiguous=dict(truth.ambiguous) | ({place: ambiguous} if ambiguous else {}),
    )  # fmt: skip
