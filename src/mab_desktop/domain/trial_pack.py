"""A pack of answer sheets whose every mark is known, to try printer, paper, scanner and reader before the exam.

Ten sheets fill each bubble of the form at least once; of the two others one is empty and one has pairs of marks. Their
serials belong to shift 99, which no season has: one of them in a real envelope is refused as a stranger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.sheet import layout

SHIFT, HALL, COVERING = 99, "999", 10
LEFT_EMPTY = ("shift", "hall")  # sector 5 of the pack stays empty: its serial says whose it is

Marks = Mapping[str, Mapping[int, tuple[str, ...]]]
"""Field -> column -> the values that are filled."""


@dataclass(frozen=True, slots=True)
class PackSheet:
    """One sheet: its serial and what is filled in; groups that are not named are empty."""

    serial: str
    marks: Marks


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """What was read of one page: group by group a state (one, none, many, doubtful) with its values."""

    serial: str
    ok: bool
    groups: Mapping[tuple[str, int], tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A group that was read otherwise than it was filled."""

    serial: str
    field: str
    column: int
    filled: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackResult:
    """How a pack was read. `agreed` and `doubtful` count groups; a doubtful one is put to a person: no error."""

    sheets: int
    missing: tuple[str, ...]
    strangers: int
    refused: int
    agreed: int
    doubtful: int
    wrong: tuple[Difference, ...]

    @property
    def groups(self) -> int:
        """All groups that were compared."""
        return self.agreed + self.doubtful + len(self.wrong)


def trial_pack(profile: ExamProfile, university: str) -> tuple[PackSheet, ...]:
    """The sheets of a university's pack, the same each time."""
    groups = [
        (field, column, tuple(layout(profile).bubbles[n].value for n in indices))
        for (field, column), indices in layout(profile).groups().items()
        if field not in LEFT_EMPTY
    ]
    sheets = []
    for number in range(COVERING):
        marks: dict[str, dict[int, tuple[str, ...]]] = {}
        for field, column, values in groups:
            marks.setdefault(field, {})[column] = (values[(number + column) % len(values)],)
        sheets.append(PackSheet(_serial(university, number + 1), marks))
    sheets.append(PackSheet(_serial(university, COVERING + 1), {}))
    pairs: dict[str, dict[int, tuple[str, ...]]] = {}
    for field, column, values in groups:
        if field.startswith("subject"):
            first = column % len(values)
            both = sorted({values[first], values[(first + 2) % len(values)]}, key=values.index)
            pairs.setdefault(field, {})[column] = tuple(both if column % 3 == 0 else both[:1])
    sheets.append(PackSheet(_serial(university, COVERING + 2), pairs))
    return tuple(sheets)


def _serial(university: str, number: int) -> str:
    return f"{university}{SHIFT:02d}{HALL}{number:04d}"


def compare(pack: Sequence[PackSheet], read: Sequence[ReadSheet], profile: ExamProfile) -> PackResult:
    """Compare what was read with what was filled in; a sheet read twice counts by its last page."""
    wanted = {sheet.serial: sheet for sheet in pack}
    found = {page.serial: page for page in read if page.ok and page.serial in wanted}
    agreed, doubtful, wrong = 0, 0, list[Difference]()
    for serial, page in sorted(found.items()):
        for field, column in layout(profile).groups():
            if field in LEFT_EMPTY:
                continue
            filled = wanted[serial].marks.get(field, {}).get(column, ())
            state, values = page.groups.get((field, column), ("none", ()))
            if state == "doubtful":
                doubtful += 1
            elif sorted(values) == sorted(filled):
                agreed += 1
            else:
                wrong.append(Difference(serial, field, column, filled, values))
    return PackResult(
        len(pack), tuple(sorted(set(wanted) - set(found))),
        sum(page.ok and page.serial not in wanted for page in read), sum(not page.ok for page in read),
        agreed, doubtful, tuple(wrong),
    )  # fmt: skip
