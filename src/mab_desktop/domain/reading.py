"""What was read from an answer sheet: a mark for each group of bubbles, and its effective value after decisions.

A reading is never overwritten. Decisions stand beside it, and the effective value is computed from the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

NOTHING, SEVERAL = "-", "*"
PREFILLED = ("shift", "hall")
DIGIT_FIELDS = ("code", "seat", "variant")
# Specks make a few bubbles of an unused sheet doubtful; this many and more are a hand's work.
DOUBTFUL_MARKS_OF_A_USED_SHEET = 3


class MarkState(StrEnum):
    """What one group of bubbles shows."""

    ONE = "one"
    NONE = "none"
    MANY = "many"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Mark:
    """One group of bubbles: its state and the values that are (or may be) filled."""

    state: MarkState
    values: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """The value that counts: the one filled, `-` for none or doubt, `*` for several."""
        if self.state is MarkState.ONE:
            return self.values[0]
        return SEVERAL if self.state is MarkState.MANY else NOTHING


EMPTY = Mark(MarkState.NONE)
Marks = Mapping[str, Sequence[Mark]]
Place = tuple[str, int]
"""A group of bubbles by field and column."""


def encode_mark(mark: Mark) -> str:
    """The mark as short text: `B`, `-`, `*BC`, `?BC`."""
    sign = {MarkState.ONE: "", MarkState.NONE: "-", MarkState.MANY: "*", MarkState.DOUBTFUL: "?"}[mark.state]
    return sign + "".join(mark.values) if mark.state is not MarkState.NONE else sign


def decode_mark(text: str) -> Mark:
    """The mark of `encode_mark`; values are single characters."""
    if text == "-":
        return EMPTY
    if text[:1] in ("*", "?"):
        return Mark(MarkState.MANY if text[0] == "*" else MarkState.DOUBTFUL, tuple(text[1:]))
    return Mark(MarkState.ONE, (text,))


def encode_marks(marks: Marks) -> dict[str, list[str]]:
    """All marks of a sheet as plain data."""
    return {field: [encode_mark(mark) for mark in column] for field, column in marks.items()}


def decode_marks(data: Mapping[str, Sequence[str]]) -> dict[str, tuple[Mark, ...]]:
    """The marks of `encode_marks`."""
    return {field: tuple(decode_mark(text) for text in column) for field, column in data.items()}


def decided_mark(values: Sequence[str]) -> Mark:
    """The mark a person saw: no value, one, or several."""
    state = (MarkState.NONE, MarkState.ONE, MarkState.MANY)[min(len(values), 2)]
    return Mark(state, tuple(values))


def effective(marks: Marks, decisions: Mapping[Place, Sequence[str]]) -> dict[str, tuple[Mark, ...]]:
    """The marks that count: what was decided by eye in place of what was read."""
    return {
        field: tuple(
            decided_mark(decisions[field, column]) if (field, column) in decisions else mark
            for column, mark in enumerate(marks[field])
        )
        for field in marks
    }


def doubtful(marks: Marks) -> Iterator[tuple[Place, Mark]]:
    """Every group that still waits for a person's eye, in the sheet's order."""
    for field, columns in marks.items():
        for column, mark in enumerate(columns):
            if mark.state is MarkState.DOUBTFUL:
                yield (field, column), mark


def number(marks: Marks, field: str) -> str | None:
    """The number written in a field's bubbles; None when a column is empty, double or doubtful."""
    columns = marks.get(field, ())
    if not columns or any(mark.state is not MarkState.ONE for mark in columns):
        return None
    return "".join(mark.values[0] for mark in columns)


def shown_number(marks: Marks, field: str) -> str:
    """The number as printed: `-` for an empty column, `*` for a double, `?` for a doubtful one."""
    return "".join("?" if mark.state is MarkState.DOUBTFUL else mark.letter for mark in marks.get(field, ()))


def answers(marks: Marks, subjects: int) -> tuple[str, ...]:
    """Each subject's answers: a letter an item, `-` for none or undecided doubt, `*` for two and more."""
    return tuple("".join(mark.letter for mark in marks.get(f"subject{n}", ())) for n in range(1, subjects + 1))


def is_used(marks: Marks) -> bool:
    """True when somebody wrote on the sheet; what the centre filled in beforehand does not count."""
    own = [mark for field, columns in marks.items() if field not in PREFILLED for mark in columns]
    certain = any(mark.state in (MarkState.ONE, MarkState.MANY) for mark in own)
    return certain or sum(mark.state is MarkState.DOUBTFUL for mark in own) >= DOUBTFUL_MARKS_OF_A_USED_SHEET


def merge(first: Marks, second: Marks) -> dict[str, tuple[Mark, ...]]:
    """Two passes of one sheet: what both read alike stands, everything else is doubtful (p.38)."""
    return {field: tuple(_merged(a, b) for a, b in zip(first[field], second[field], strict=True)) for field in first}


def differences(first: Marks, second: Marks) -> list[Place]:
    """The groups that two passes read differently."""
    return [
        (field, column)
        for field in first
        for column, (a, b) in enumerate(zip(first[field], second[field], strict=True))
        if a != b
    ]


def _merged(a: Mark, b: Mark) -> Mark:
    if a == b:
        return a
    return Mark(MarkState.DOUBTFUL, tuple(sorted({*a.values, *b.values})))


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
