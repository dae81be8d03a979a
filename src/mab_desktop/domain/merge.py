"""Merging student records that several PCs change without knowing of each other (p.21).

Every field carries a mark: for each PC the number of its newest change that the value knows of. Of two values, one that
knows the other's mark replaces it; two that do not know each other are both kept, and a person decides. So portions may
come again, late, or in any order, and the outcome is the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mab_desktop.domain.json_text import object_of
from mab_desktop.domain.student import STUDENT, value_from_text, value_text

DELETED = "deleted"
# What is merged: the form, where the student sits the test, the photographs, and whether the record stands at all.
TRACKED = (*STUDENT.names, "base_university", "photos", DELETED)

Mark = Mapping[str, int]
"""PC -> number of its newest change that is known."""
Marks = Mapping[str, Mark]
"""Field -> mark; "" is the mark of every field not named."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value of a field that waits for a decision beside the one that stands."""

    value: Any
    mark: Mark


@dataclass(frozen=True, slots=True)
class Side:
    """A record as one PC knows it: values of `TRACKED`, their marks, and the open candidates by field."""

    values: Mapping[str, Any]
    marks: Marks
    open: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome: the record as it now stands and the fields whose value was taken from the other side."""

    side: Side
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """Who gave a field its value, when (as stored), and why."""

    by: str
    at: str
    text: str


def joined(*marks: Mark) -> dict[str, int]:
    """What all of `marks` know together."""
    out: dict[str, int] = {}
    for mark in marks:
        for device, n in mark.items():
            out[device] = max(n, out.get(device, 0))
    return out


def knows(mark: Mark, other: Mark) -> bool:
    """Whether `mark` knows every change that `other` knows."""
    return all(mark.get(device, 0) >= n for device, n in other.items())


def mark_of(marks: Marks, name: str) -> Mark:
    """The mark of a field."""
    return marks.get(name, marks.get("", {}))


def first_marks(device: str) -> dict[str, dict[str, int]]:
    """The marks of a record that `device` has just made, as its version 1."""
    return {"": {device: 1}}


def touched(marks: Marks, names: Iterable[str], device: str, version: int, *known: Mark) -> dict[str, dict[str, int]]:
    """`marks` after `device` changed the fields `names` as its version `version`, knowing of `known` besides.

    Who deletes a record or brings it back has seen all of it, so that mark knows all others.
    """
    names = frozenset(names)
    out = {name: dict(mark_of(marks, name)) for name in TRACKED}
    for name in names:
        seen = out.values() if name == DELETED else (out[name],)
        out[name] = joined(*seen, *known, {device: version})
    return compact(out)


def compact(marks: Marks) -> dict[str, dict[str, int]]:
    """The same marks with the commonest one under ""."""
    every = {name: mark_of(marks, name) for name in TRACKED}
    keys = {name: tuple(sorted(mark.items())) for name, mark in every.items()}
    common = max(sorted(Counter(keys.values()).items()), key=lambda item: item[1])[0]
    return {"": dict(common)} | {name: dict(every[name]) for name in TRACKED if keys[name] != common}


def marks_json(marks: Marks) -> str:
    """Marks as they travel; equal marks give equal texts."""
    return json.dumps(compact(marks), sort_keys=True, separators=(",", ":"))


def mark_json(mark: Mark) -> str:
    """One mark as it is stored beside a value."""
    return json.dumps(dict(mark), sort_keys=True, separators=(",", ":"))


def read_marks(text: str) -> dict[str, dict[str, int]]:
    """Marks from their JSON; ValueError for anything else."""
    found = object_of(text)
    if not set(found) <= {"", *TRACKED} or "" not in found:
        raise ValueError(text)
    for mark in found.values():
        if not isinstance(mark, dict) or not all(type(n) is int and n > 0 for n in mark.values()):
            raise ValueError(text)
    return found


def grounds_json(grounds: Mapping[str, Ground]) -> str:
    """Who last changed which field, as it travels with a record; "" where nobody did."""
    if not grounds:
        return ""
    lines = {name: [ground.by, ground.at, ground.text[:200]] for name, ground in grounds.items()}
    return json.dumps(lines, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_grounds(text: str | None) -> dict[str, Ground]:
    """The other way; ValueError for anything else."""
    found = object_of(text) if text else {}
    if not set(found) <= set(TRACKED):
        raise ValueError(text)
    for line in found.values():
        if not isinstance(line, list) or len(line) != 3 or not all(isinstance(part, str) for part in line):
            raise ValueError(text)
    return {name: Ground(*line) for name, line in found.items()}


def merge(mine: Side, theirs: Side) -> Merged:
    """Take into `mine` what `theirs` knows and `mine` does not; what both changed stays open for a person.

    `theirs` needs no candidates of its own: a PC hands over what stands there. While it is open whether a record is
    deleted, it stands.
    """
    values: dict[str, Any] = {}
    marks: dict[str, Mark] = {}
    waiting: dict[str, tuple[Candidate, ...]] = {}
    for name in TRACKED:
        ours = Candidate(mine.values.get(name), _standing_mark(mine, name))
        other = Candidate(theirs.values.get(name), _standing_mark(theirs, name))
        best, left = _absorb(ours, mine.open.get(name, ()), other)
        if name == DELETED:
            if left and best.value:
                best, left = left[0], (best, *left[1:])
            if not best.value:
                best = Candidate(best.value, _own_marks_of_standing(mine, theirs))
        values[name], marks[name] = best.value, best.mark
        if left:
            waiting[name] = left
    taken = tuple(name for name in TRACKED if values[name] != mine.values.get(name))
    return Merged(Side(values, compact(marks), waiting), taken)


def decide(side: Side, name: str, candidate: Candidate, value: Any, device: str, version: int) -> Side:
    """The record after a person answered the question of `candidate`, as version `version` of `device`.

    `value` is what shall stand: either of the two, or a third that the paper shows. Other candidates of the same value
    are answered with it.
    """
    others = tuple(other for other in side.open.get(name, ()) if other != candidate)
    left = tuple(other for other in others if other.value != value)
    waiting = {**side.open, name: left} if left else {k: v for k, v in side.open.items() if k != name}
    known = [other.mark for other in others if other.value == value]
    if name == DELETED:  # who answers whether a record stands has seen all that waits in it
        known += [other.mark for found in side.open.values() for other in found]
    marks = touched(side.marks, [name], device, version, candidate.mark, *known)
    return Side({**side.values, name: value}, marks, waiting)


def handed_over(side: Side, device: str) -> Side:
    """What an operator's PC says of a record: a deletion made there is told even while it waits for a decision.

    There the record stands until the programmer answers, and he would never hear the question otherwise.
    """
    seen = joined(*(mark_of(side.marks, name) for name in TRACKED))
    for candidate in side.open.get(DELETED, ()):
        if candidate.value and candidate.mark.get(device, 0) > seen.get(device, 0):
            every = {name: mark_of(side.marks, name) for name in TRACKED} | {DELETED: candidate.mark}
            return Side({**side.values, DELETED: True}, compact(every))
    return Side(side.values, side.marks)


def tracked_text(value: Any) -> str | None:
    """A tracked value as it is kept beside a conflict and in the history; None for nothing."""
    if isinstance(value, bool):
        return "1" if value else None
    return value_text(value) or None


def tracked_value(name: str, text: str | None) -> Any:
    """The value of a tracked field from `tracked_text`."""
    if name == DELETED:
        return bool(text)
    if name == "photos":
        return int(text or 0)
    return text if name == "base_university" else value_from_text(name, text or "")


def _standing_mark(side: Side, name: str) -> Mark:
    """A field's mark; every change of a record that stands says that it stands, one that waits too."""
    if name == DELETED and not side.values.get(DELETED):
        waiting = (c.mark for other, found in side.open.items() if other != DELETED for c in found)
        return joined(*(mark_of(side.marks, other) for other in TRACKED), *waiting)
    return mark_of(side.marks, name)


def _own_marks_of_standing(*sides: Side) -> Mark:
    """What those sides where the record stands say of its deletion itself, without what the fields' changes say."""
    return joined(*(mark_of(side.marks, DELETED) for side in sides if not side.values.get(DELETED)))


def _absorb(
    mine: Candidate, waiting: tuple[Candidate, ...], theirs: Candidate
) -> tuple[Candidate, tuple[Candidate, ...]]:
    if mine == theirs:
        return mine, waiting
    if knows(theirs.mark, mine.mark) and theirs.mark != mine.mark:
        return _settled(theirs, waiting)
    return _settled(mine, (*waiting, theirs))


def _settled(best: Candidate, waiting: tuple[Candidate, ...]) -> tuple[Candidate, tuple[Candidate, ...]]:
    """Drop what others knew already, join what is the same, and put the rest into a fixed order."""
    current = _latest((best, *waiting))
    best = Candidate(best.value, joined(best.mark, *(c.mark for c in current if c.value == best.value)))
    rivals: dict[Any, Candidate] = {}
    for c in current:
        if c.value != best.value:
            rivals[c.value] = Candidate(c.value, joined(c.mark, rivals[c.value].mark if c.value in rivals else {}))
    left = sorted(_latest((best, *rivals.values())), key=lambda c: mark_json(c.mark))
    if best not in left:  # several PCs that deleted a record may together have seen all of it
        best = left[0]
    return best, tuple(c for c in left if c != best)


def _latest(candidates: tuple[Candidate, ...]) -> list[Candidate]:
    """Those that none of the others came about knowing."""
    return [c for c in candidates if not any(_overtaken(c, other) for other in candidates)]


def _overtaken(candidate: Candidate, by: Candidate) -> bool:
    """Whether `by` came about knowing `candidate`; equal marks with two values come from a restored backup."""
    return knows(by.mark, candidate.mark) and by.mark != candidate.mark
