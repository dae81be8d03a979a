"""A second, separately written scorer: points from raw answers and key alone.

It shares nothing with the program that counted first, so that one mistake cannot hide in both. Totals are recomputed
here and compared, never taken over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SheetAnswers:
    """What one student's sheet says: code, variant, his subjects in sector order, one character per item."""

    code: str
    variant: str
    subjects: tuple[str, ...]
    answers: str


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a student in a subject."""

    code: str
    subject: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class PointDifference:
    """Where two counts disagree; None where one side has no number at all."""

    code: str
    subject: str
    stage: Literal["before", "after"]
    reported: int | None
    recounted: int | None


def recount_sheet(
    sheet: SheetAnswers, key: Mapping[tuple[str, str], str], granted: Mapping[str, Iterable[int]], per_item: int = 1
) -> list[Points]:
    """Points of one sheet, subject by subject.

    `granted` gives the items (from 1) that the appeal commission gave a point for, by subject. An item earns its points
    once, be it by the right letter or by the commission. A missing key raises KeyError: that is never a matter of zero.
    """
    width = len(sheet.answers) // len(sheet.subjects)
    found = []
    for place, subject in enumerate(sheet.subjects):
        right_letters = key[sheet.variant, subject]
        given = sheet.answers[place * width : place * width + width]
        by_key = {n for n, (a, b) in enumerate(zip(given, right_letters, strict=True), 1) if a == b}
        by_appeal = by_key.union(granted.get(subject, ()))
        found.append(Points(sheet.code, subject, per_item * len(by_key), per_item * len(by_appeal)))
    return found


def differences(reported: Sequence[Points], recounted: Sequence[Points]) -> Iterator[PointDifference]:
    """Every number that the two counts do not share, by code and subject."""
    ours = {(p.code, p.subject): p for p in recounted}
    theirs = {(p.code, p.subject): p for p in reported}
    for code, subject in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get((code, subject)), theirs.get((code, subject))
        stages: tuple[Literal["before", "after"], ...] = ("before", "after")
        for stage in stages:
            a = getattr(other, stage) if other else None
            b = getattr(mine, stage) if mine else None
            if a != b:
                yield PointDifference(code, subject, stage, a, b)
