"""The two scans of an envelope (p.38): pairs of readings of the same sheet, and one answer of both or a question.

Pure functions on readings: nothing is read again. A sheet seen once or three times is an error of the envelope's
balance; where two sure readings differ, a person looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.omr.geometry import Geometry, layout_geometry
from mab_desktop.omr.marks import as_fields, decide
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import DEFAULT_RULES, GroupReading, Rules, State
from mab_desktop.omr.sample import Scores

Fields = Mapping[str, Mapping[int, GroupReading]]

ALIKE = 0.97  # share of equal groups from which two sheets without a serial are the same one
LEAST_MARKS = 15  # marked groups a sheet must have to be known by its content


@dataclass(frozen=True, slots=True)
class Difference:
    """One group that the two passes read differently; `sure` when neither was doubtful."""

    serial: str
    field: str
    column: int
    first: GroupReading
    second: GroupReading
    sure: bool


@dataclass(frozen=True)
class PassPair:
    """The same sheet in both passes and what both say together; `by_content` when its code was not read."""

    serial: str
    first: SheetReading
    second: SheetReading
    fields: Fields
    by_content: bool = False


@dataclass(frozen=True)
class PassComparison:
    """The outcome for an envelope; `balanced` when every sheet was seen exactly once in each pass."""

    pairs: tuple[PassPair, ...]
    only_first: tuple[SheetReading, ...]
    only_second: tuple[SheetReading, ...]
    repeated: tuple[SheetReading, ...]
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        """Whether nothing was left over, refused alone or seen twice."""
        return not (self.only_first or self.only_second or self.repeated)

    @property
    def doubtful(self) -> int:
        """Groups that a person must decide."""
        return sum(
            group.state is State.DOUBTFUL for pair in self.pairs for column in pair.fields.values()
            for group in column.values()
        )  # fmt: skip


def merge_passes(
    first: Sequence[SheetReading], second: Sequence[SheetReading], layout: SheetLayout | None = None,
    rules: Rules = DEFAULT_RULES,
) -> PassComparison:  # fmt: skip
    """Pair the readings of two passes by serial, else by content, and merge each pair strictly.

    With `layout` a group that is not plain in both passes is decided from the mean of their scores before a person is
    asked; without it such a group is doubtful.
    """
    geometry = layout_geometry(layout) if layout is not None else None
    repeated = [*_repeated(first), *_repeated(second)]
    again = {reading.serial for reading in repeated}
    one = {r.serial: r for r in first if r.serial and r.serial not in again}
    two = {r.serial: r for r in second if r.serial and r.serial not in again}
    couples = [(serial, one[serial], two[serial], False) for serial in one if serial in two]
    left_one = [r for r in first if r.serial not in again and (not r.serial or r.serial not in two)]
    left_two = [r for r in second if r.serial not in again and (not r.serial or r.serial not in one)]
    for a, b in _by_content(left_one, left_two):
        couples.append((a.serial or b.serial, a, b, True))
        left_one.remove(a)
        left_two.remove(b)
    pairs, differences = [], []
    for serial, a, b, by_content in couples:
        fields, found = merge_readings(serial, a, b, geometry, rules)
        pairs.append(PassPair(serial, a, b, fields, by_content))
        differences.extend(found)
    return PassComparison(tuple(pairs), tuple(left_one), tuple(left_two), tuple(repeated), tuple(differences))


def _repeated(readings: Sequence[SheetReading]) -> list[SheetReading]:
    """Readings whose serial stands more than once in a pass."""
    count: dict[str, int] = {}
    for reading in readings:
        count[reading.serial] = count.get(reading.serial, 0) + 1
    return [r for r in readings if r.serial and count[r.serial] > 1]


def _by_content(
    first: Sequence[SheetReading], second: Sequence[SheetReading]
) -> list[tuple[SheetReading, SheetReading]]:
    """Pairs of leftovers that can only be the same sheet: alike in nearly all groups, and with nothing else.

    Two different serials are never one sheet; at least one of a pair has none.
    """
    alike = [
        (a, b)
        for a in first
        for b in second
        if a.ok and b.ok and not (a.serial and b.serial) and _likeness(a, b) >= ALIKE
    ]
    return [
        (a, b)
        for a, b in alike
        if sum(a is other for other, _ in alike) == 1 and sum(b is other for _, other in alike) == 1
    ]


def _likeness(one: SheetReading, other: SheetReading) -> float:
    """Share of groups that both read alike; 0 for sheets with next to nothing on them."""
    equal = count = marked = 0
    for name, columns in one.fields.items():
        for column, group in columns.items():
            match = other.fields.get(name, {}).get(column)
            count += 1
            equal += match is not None and _same(group, match)
            marked += group.state is State.ONE
    return equal / count if count and marked >= LEAST_MARKS else 0.0


def _same(one: GroupReading, other: GroupReading) -> bool:
    return one.state is other.state and set(one.values) == set(other.values)


def merge_readings(
    serial: str, first: SheetReading, second: SheetReading, geometry: Geometry | None, rules: Rules = DEFAULT_RULES
) -> tuple[Fields, list[Difference]]:
    """One answer of two readings of a sheet, and where they differ. A refused pass leaves no fields."""
    if not (first.ok and second.ok):
        return {}, []
    mean = _mean_fields(first, second, geometry, rules)
    merged: dict[str, dict[int, GroupReading]] = {}
    differences = []
    for name, columns in first.fields.items():
        for column, one in columns.items():
            two = second.fields[name][column]
            sure = State.DOUBTFUL not in (one.state, two.state)
            if _same(one, two) and sure:
                result = one
            else:
                if not _same(one, two):
                    differences.append(Difference(serial, name, column, one, two, sure))
                result = _settle(one, two, mean.get(name, {}).get(column))
            merged.setdefault(name, {})[column] = result
    return merged, differences


def _settle(one: GroupReading, two: GroupReading, mean: GroupReading | None) -> GroupReading:
    """What two unequal or doubtful readings and their mean say: sure only if nothing sure speaks against it.

    The mean may say which bubble is marked, never that none is: what one pass took for a trace, a person looks at.
    """
    values = tuple(dict.fromkeys((*one.values, *two.values)))
    doubt = GroupReading(State.DOUBTFUL, values)
    if mean is None or mean.state in (State.DOUBTFUL, State.NONE):
        return doubt
    sure = [group for group in (one, two) if group.state is not State.DOUBTFUL]
    return mean if len(sure) < 2 and all(_same(group, mean) for group in sure) else doubt


def _mean_fields(first: SheetReading, second: SheetReading, geometry: Geometry | None, rules: Rules) -> Fields:
    """Decision on the mean of both passes' scores; nothing when they cannot be laid over each other."""
    if geometry is None or not first.scores or not second.scores:
        return {}
    one, two = Scores.from_bytes(first.scores), Scores.from_bytes(second.scores)
    if len(one) != len(geometry.bubbles) or len(two) != len(one):
        return {}
    return as_fields(decide(one.mean_of(two), geometry, rules), geometry)
