"""What was read from an answer sheet: a mark for each group of bubbles, and its effective value after decisions.

A reading is never overwritten. Decisions stand beside it, and the effective value is computed from the two. A mark is
short text, so that thousands of sheets are handled quickly: `B` one bubble, `-` none, `*BC` several, `?BC` doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

NOTHING, SEVERAL, DOUBT = "-", "*", "?"
PREFILLED = ("shift", "hall")
DIGIT_FIELDS = ("code", "seat", "variant")
# Specks make a few groups of an unused sheet doubtful; this many and more are a hand's work.
DOUBTFUL_MARKS_OF_A_USED_SHEET = 3

Marks = Mapping[str, Sequence[str]]
"""Field -> one mark a column."""
Group = tuple[str, int]
"""A group of bubbles by field and column."""

_SIGNS = {"one": "", "none": NOTHING, "many": SEVERAL, "doubtful": DOUBT}


def spell(state: str, values: Sequence[str] = ()) -> str:
    """The mark of a state (one, none, many, doubtful) and its values, single characters."""
    return NOTHING if state == "none" else _SIGNS[state] + "".join(values)


def state_of(mark: str) -> str:
    """The state of a mark: one, none, many, doubtful."""
    return {NOTHING: "none", SEVERAL: "many", DOUBT: "doubtful"}.get(mark[0], "one")


def values_of(mark: str) -> tuple[str, ...]:
    """The values that are filled, or may be."""
    return tuple(mark.lstrip("-*?"))


def letter(mark: str) -> str:
    """The value that counts: the one filled, `-` for none or doubt, `*` for several."""
    return mark if mark[0] not in "-*?" else SEVERAL if mark[0] == SEVERAL else NOTHING


def decided_mark(values: Sequence[str]) -> str:
    """The mark a person saw: no value, one, or several."""
    return spell(("none", "one", "many")[min(len(values), 2)], values)


def all_doubtful(columns: Mapping[str, int]) -> dict[str, list[str]]:
    """The marks of a sheet that no reader can read: every group waits for an eye."""
    return {field: [DOUBT] * count for field, count in columns.items()}


def effective(marks: Marks, decisions: Mapping[Group, Sequence[str]]) -> dict[str, list[str]]:
    """The marks that count: what was decided by eye in place of what was read."""
    out = {field: list(columns) for field, columns in marks.items()}
    for (field, column), values in decisions.items():
        out[field][column] = decided_mark(values)
    return out


def doubtful(marks: Marks, fields: Sequence[str] | None = None) -> Iterator[tuple[Group, str]]:
    """Every group that still waits for a person's eye, in the sheet's order."""
    for field in marks if fields is None else fields:
        for column, mark in enumerate(marks[field]):
            if mark[0] == DOUBT:
                yield (field, column), mark


def number(marks: Marks, field: str) -> str:
    """The number in a field's bubbles: `-` for an empty column, `*` for a double, `?` for a doubtful one."""
    return "".join([mark[0] for mark in marks.get(field, ())])


@cache
def subject_fields(subjects: int) -> tuple[str, ...]:
    """The answer fields, `subject1` first."""
    return tuple(f"subject{n}" for n in range(1, subjects + 1))


def answers(marks: Marks, subjects: int) -> tuple[str, ...]:
    """Each subject's answers: a letter an item, `-` for none or undecided doubt, `*` for two and more."""
    return tuple(_letters(marks.get(field, ())) for field in subject_fields(subjects))


def _letters(columns: Sequence[str]) -> str:
    """The letter of each mark; where every mark is one sign, as on nearly all sheets, they stand as they are."""
    joined = "".join(columns)
    if len(joined) == len(columns) and "" not in columns:
        return joined.replace(DOUBT, NOTHING)
    return "".join(map(letter, columns))


def is_used(marks: Marks) -> bool:
    """True when somebody wrote on the sheet; what the centre filled in beforehand does not count."""
    unsure = 0
    for field, columns in marks.items():
        if field in PREFILLED:
            continue
        for mark in columns:
            if mark[0] == DOUBT:
                unsure += 1
            elif mark != NOTHING:
                return True
    return unsure >= DOUBTFUL_MARKS_OF_A_USED_SHEET


def merge(first: Marks, second: Marks) -> dict[str, list[str]]:
    """Two passes of one sheet: what both read alike stands, everything else is doubtful (p.38)."""
    return {field: [_merged(a, b) for a, b in zip(first[field], second[field], strict=True)] for field in first}


def differences(first: Marks, second: Marks) -> list[Group]:
    """The groups that two passes read differently."""
    return [
        (field, column)
        for field in first
        for column, (a, b) in enumerate(zip(first[field], second[field], strict=True))
        if a != b
    ]


def _merged(a: str, b: str) -> str:
    return a if a == b else DOUBT + "".join(sorted({*values_of(a), *values_of(b)}))


# --- serials ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Serial:
    """What a sheet's serial says: base university, shift, hall (a number: 7 and 007 are one hall), running number."""

    university: str
    shift: int
    hall: int
    number: int


def parse_serial(text: str) -> Serial | None:
    """The parts of a serial `BBBSSHHHNNNN`; None for a text of another form."""
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        return None
    return Serial(text[:3], int(text[3:5]), int(text[5:8]), int(text[8:]))
