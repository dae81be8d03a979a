"""The second count, first part: from what two scans saw and people decided to the marks that count (p.38).

Written apart from the program that read and merged the marks first, and sharing no code with it, so that one mistake
cannot hide in both. Marks come as text, fields apart by a blank: `code:1234-(?35) seat:012 subject1:AB(*BC)D`. One
character stands for a plain mark (a value, `-` for none), brackets hold longer ones: `*` before the values of a
double mark, `?` before those of a doubtful one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNSURE = "?"

Fields = dict[str, list[str]]
Column = tuple[str, int]
"""A field and the column in it, from 0."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A column whose word, a person's or the machine's, breaks the rules of merging; and what the scans say."""

    column: Column
    claimed: str
    scans: str


def read_fields(text: str) -> Fields:
    """The columns of every field; ValueError for what is not spelt like marks."""
    found: Fields = {}
    for part in text.split(" ") if text else ():
        name, colon, columns = part.partition(":")
        if not (name and colon) or name in found:
            raise ValueError(part)
        found[name] = _split(columns) if "(" in columns or ")" in columns else list(columns)
    return found


def _split(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        if text[at] == "(":
            end = text.index(")", at)
            found.append(text[at + 1 : end])
            at = end + 1
        else:
            found.append(text[at])
            at += 1
    if "" in found or ")" in "".join(found):
        raise ValueError(text)
    return found


def together(
    first: Mapping[str, Sequence[str]], second: Mapping[str, Sequence[str]], machine: Mapping[Column, str],
    person: Mapping[Column, Sequence[str]],
) -> tuple[Fields, list[Conflict]]:  # fmt: skip
    """The marks that count of one sheet.

    What both scans saw alike and without doubt stands, and no other word may touch it. Otherwise a person's word
    counts; before one is asked the machine may have settled a doubt from both scans together, never against a scan
    that was sure and never to "no mark". What nobody settled stays in doubt.
    """
    asked = {*machine, *person}
    fields = {*first, *second, *(name for name, _ in asked)}
    counts: Fields = {}
    conflicts: list[Conflict] = []
    for name in fields:
        one, two = first.get(name, ()), second.get(name, ())
        if one == two and not any(mark[0] == UNSURE for mark in one) and not any(place[0] == name for place in asked):
            counts[name] = list(one)
            continue
        width = max(len(one), len(two), *(column + 1 for field, column in asked if field == name), 0)
        counts[name] = [_column((name, n), _at(one, n), _at(two, n), machine, person, conflicts) for n in range(width)]
    return counts, conflicts


def _at(marks: Sequence[str], column: int) -> str:
    return marks[column] if column < len(marks) else UNSURE


def _column(
    place: Column, one: str, two: str, machine: Mapping[Column, str], person: Mapping[Column, Sequence[str]],
    conflicts: list[Conflict],
) -> str:  # fmt: skip
    plain = one[0] != UNSURE and _alike(one, two)
    settled, seen = machine.get(place), person.get(place)
    if settled is not None and (plain or not _may_settle(settled, one, two)):
        conflicts.append(Conflict(place, settled, f"{one} {two}"))
        settled = None
    if seen is not None and (plain or settled is not None):
        # The machine leaves nothing to decide where it was sure; a person's word there was never asked for.
        conflicts.append(Conflict(place, "".join(seen) or "-", f"{one} {two}"))
        seen = None
    if plain:
        return one
    if seen is not None:
        return seen[0] if len(seen) == 1 else "*" + "".join(seen) if seen else "-"
    return settled if settled is not None else UNSURE


def _may_settle(settled: str, one: str, two: str) -> bool:
    sure = [mark for mark in (one, two) if mark[0] != UNSURE]
    return settled[0] not in (UNSURE, "-") and len(sure) < 2 and all(_alike(mark, settled) for mark in sure)


def _alike(one: str, two: str) -> bool:
    """The same mark, whatever the order in which its bubbles are named."""
    return one == two or (one[0] == two[0] and sorted(one) == sorted(two))


def letters(marks: Sequence[str], count: int) -> str:
    """A subject's answers as they are scored: the letter, `*` for two and more, `-` for none and for doubt."""
    plain = [mark if len(mark) == 1 and mark != UNSURE else "*" if mark[0] == "*" else "-" for mark in marks[:count]]
    return "".join(plain).ljust(count, "-")


def digits(marks: Sequence[str]) -> str:
    """A number's columns in a row; whatever is no single digit makes it fit nobody."""
    return "".join(mark[0] for mark in marks)
