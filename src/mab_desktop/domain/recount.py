"""A second, separately written count: every answer and every point from raw marks, decisions and key alone (p.37).

It shares nothing with the program that counted first, so that one mistake cannot hide in both. What the other side
reports is compared number by number, never taken over.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mab_desktop.domain.recount_marks import Column, letters
from mab_desktop.domain.recount_sheets import CountedSheet, Hall, Owner, RawPage, Seated, Word, owners_of, sheets_of
from mab_desktop.i18n import N_

WHAT = {
    "scan": N_("Sheet not seen once in each scan"),
    "mark": N_("Word on a mark against the rules"),
    "sheet": N_("Sheet"),
    "code": N_("Code"),
    "seat": N_("Seat"),
    "variant": N_("Variant"),
    "method": N_("Way of identification"),
    "answer": N_("Answer"),
    "key": N_("Key"),
    "before": N_("Points before appeal"),
    "after": N_("Points after appeal"),
    "appeal": N_("Point of the appeal"),
    "marks": N_("Marks as they were closed"),
    "signature": N_("Signature under the closed marks"),
    "told": N_("Code of the closed marks told by telephone"),
    "commitment": N_("Commitment of the key"),
    "draw": N_("Draw of the seats"),
    "frozen": N_("Code of the frozen list told by telephone"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two counts disagree: about what, of whose sheet, which item; None or "" where one side has nothing."""

    what: str
    shift: int
    code: str = ""
    serial: str = ""
    subject: str = ""
    item: int = 0
    reported: str | int | None = None
    recounted: str | int | None = None


@dataclass(frozen=True, slots=True)
class ReportedSheet:
    """What the other side says of a sheet: whose, which seat and variant, one character an item, and how it knew."""

    shift: int
    hall: str
    code: str
    seat: int | None
    variant: str
    answers: str
    method: str


@dataclass(frozen=True)
class Evidence:
    """All that the second count starts from. Seats, subjects, variants and key are the centre's own.

    `machine` are doubts that the reader settled from both scans together, by serial; `given` the items (code, subject,
    item) that the appeal commission gave in applications that it decided. `key` is right by (shift, variant, subject).
    """

    pages: Iterable[RawPage]
    words: Sequence[Word]
    machine: Mapping[str, Mapping[Column, str]]
    seated: Sequence[Seated]
    key: Mapping[tuple[int, str, str], str]
    given: frozenset[tuple[str, str, int]]
    items: int
    points_per_item: int = 1


@dataclass(frozen=True)
class Reported:
    """What the other side counted: sheets by serial, points (before, after) by code and subject, its own key."""

    sheets: Mapping[str, ReportedSheet]
    points: Mapping[tuple[str, str], tuple[int, int]]
    key: Mapping[tuple[int, str, str], str]
    marks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SecondCount:
    """The outcome: points by code and subject, and everything that does not agree."""

    points: Mapping[tuple[str, str], tuple[int, int]]
    differences: tuple[Difference, ...]

    @property
    def students(self) -> int:
        """Students with a sheet."""
        return len({code for code, _ in self.points})

    @property
    def totals(self) -> tuple[int, int]:
        """All points before and after the appeal."""
        return sum(b for b, _ in self.points.values()), sum(a for _, a in self.points.values())


def second_count(evidence: Evidence, reported: Reported) -> SecondCount:
    """Count everything again and compare it with what was reported. ValueError for marks that cannot be read."""
    sheets, odd = sheets_of(evidence.pages, evidence.words, evidence.machine)
    owners = owners_of(sheets, evidence.words, evidence.seated)
    answers = {s.serial: _answers(s, owners[s.serial], evidence.items) for s in sheets if s.serial in owners}
    points = {}
    for serial, owner in owners.items():
        for subject, given in zip(owner.student.subjects, answers[serial], strict=True):
            points[owner.student.code, subject] = _points(evidence, owner, subject, given)
    found = [
        *(Difference("scan", hall[0], serial=serial) for hall, serial in odd),
        *_mark_differences(sheets, owners),
        *_sheet_differences(sheets, owners, answers, reported.sheets),
        *_key_differences(evidence.key, reported.key),
        *_point_differences(points, reported.points, evidence.seated),
        *_appeal_differences(evidence, points),
        *_closed_differences(sheets, owners, answers, reported.marks),
    ]
    return SecondCount(points, tuple(found))


def _answers(sheet: CountedSheet, owner: Owner, items: int) -> tuple[str, ...]:
    numbers = range(1, len(owner.student.subjects) + 1)
    return tuple(letters(sheet.marks.get(f"subject{n}", ()), items) for n in numbers)


def _points(evidence: Evidence, owner: Owner, subject: str, given: str) -> tuple[int, int]:
    """An item earns its points once, be it by the right letter or by the commission."""
    right = evidence.key.get((owner.student.shift, owner.variant, subject), "")
    before = after = 0
    for item, letter in enumerate(given, 1):
        earned = right[item - 1 : item] == letter
        before += earned
        after += earned or (owner.student.code, subject, item) in evidence.given
    return before * evidence.points_per_item, after * evidence.points_per_item


def _mark_differences(sheets: Sequence[CountedSheet], owners: Mapping[str, Owner]) -> Iterator[Difference]:
    for sheet in sheets:
        owner = owners.get(sheet.serial)
        for conflict in sheet.conflicts:
            (name, column), code = conflict.column, owner.student.code if owner else ""
            yield Difference("mark", sheet.shift, code, sheet.serial, _subject(name, owner), column + 1,
                             conflict.claimed, conflict.scans)  # fmt: skip


def _subject(name: str, owner: Owner | None) -> str:
    """The subject that stands in a sector, or the field's own name."""
    number = name.removeprefix("subject")
    if owner is None or number == name or not 0 < int(number) <= len(owner.student.subjects):
        return name
    return owner.student.subjects[int(number) - 1]


def _sheet_differences(
    sheets: Sequence[CountedSheet], owners: Mapping[str, Owner], answers: Mapping[str, tuple[str, ...]],
    reported: Mapping[str, ReportedSheet],
) -> Iterator[Difference]:  # fmt: skip
    ours = {sheet.serial: sheet for sheet in sheets}
    for serial in sorted(ours.keys() | reported.keys()):
        sheet, told, owner = ours.get(serial), reported.get(serial), owners.get(serial)
        if sheet is None or told is None:
            shift = sheet.shift if sheet else told.shift if told else 0
            yield Difference("sheet", shift, told.code if told else "", serial, reported=serial if told else None,
                             recounted=serial if sheet else None)  # fmt: skip
            continue
        yield from _owner_differences(sheet, owner, told)
        if owner is not None and owner.student.code == told.code:
            yield from _answer_differences(sheet, owner, "".join(answers[serial]), told.answers)


def _owner_differences(sheet: CountedSheet, owner: Owner | None, told: ReportedSheet) -> Iterator[Difference]:
    here = (owner.student.code, owner.seat, owner.variant) if owner else ("", None, "")
    pairs = zip(("code", "seat", "variant"), (told.code, told.seat, told.variant), here, strict=True)
    for what, theirs, mine in pairs:
        if theirs != mine:
            yield Difference(what, sheet.shift, here[0] or told.code, sheet.serial, reported=theirs, recounted=mine)
    method = ("visual" if owner.by_eye else "auto") if owner else ""
    if method != told.method and here[0] == told.code:
        yield Difference("method", sheet.shift, told.code, sheet.serial, reported=told.method, recounted=method)
    if told.hall != sheet.hall:
        yield Difference("sheet", sheet.shift, told.code, sheet.serial, reported=told.hall, recounted=sheet.hall)


def _answer_differences(sheet: CountedSheet, owner: Owner, mine: str, theirs: str) -> Iterator[Difference]:
    if mine == theirs:
        return
    student = owner.student
    width, last = len(mine) // len(student.subjects), len(student.subjects) - 1
    for n in range(max(len(mine), len(theirs))):
        told, found = theirs[n : n + 1], mine[n : n + 1]
        if told != found:
            subject = student.subjects[min(n // width, last)]
            yield Difference("answer", sheet.shift, student.code, sheet.serial, subject, n % width + 1, told, found)


def _key_differences(
    ours: Mapping[tuple[int, str, str], str], theirs: Mapping[tuple[int, str, str], str]
) -> Iterator[Difference]:
    """The other side's key letter by letter; the centre's may hold more subjects than a university sits."""
    for shift, variant, subject in sorted(theirs):
        told, right = theirs[shift, variant, subject], ours.get((shift, variant, subject), "")
        for n in range(max(len(told), len(right))):
            if told[n : n + 1] != right[n : n + 1]:
                yield Difference("key", shift, serial=variant, subject=subject, item=n + 1,
                                 reported=told[n : n + 1], recounted=right[n : n + 1])  # fmt: skip


def _point_differences(
    ours: Mapping[tuple[str, str], tuple[int, int]], theirs: Mapping[tuple[str, str], tuple[int, int]],
    seated: Sequence[Seated],
) -> Iterator[Difference]:  # fmt: skip
    shifts = {student.code: student.shift for student in seated}
    for code, subject in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get((code, subject)), theirs.get((code, subject))
        for n, what in enumerate(("before", "after")):
            told, found = (other[n] if other else None), (mine[n] if mine else None)
            if told != found:
                yield Difference(what, shifts.get(code, 0), code, "", subject, 0, told, found)


def _appeal_differences(evidence: Evidence, points: Mapping[tuple[str, str], tuple[int, int]]) -> Iterator[Difference]:
    """A point given to an item that the student's sheet does not have."""
    shifts = {student.code: student.shift for student in evidence.seated}
    for code, subject, item in sorted(evidence.given):
        if (code, subject) not in points or not 1 <= item <= evidence.items:
            yield Difference("appeal", shifts.get(code, 0), code, "", subject, item, evidence.points_per_item, None)


def _closed_differences(
    sheets: Sequence[CountedSheet], owners: Mapping[str, Owner], answers: Mapping[str, tuple[str, ...]],
    reported: Mapping[int, str],
) -> Iterator[Difference]:  # fmt: skip
    """The marks must be those that were closed and signed before the key could open."""
    mine = dict.fromkeys(reported, hashlib.sha256().hexdigest()) | closed_marks(sheets, owners, answers)
    for shift, digest in sorted(mine.items()):
        if digest != reported.get(shift):
            yield Difference("marks", shift, reported=reported.get(shift, ""), recounted=digest)


def closed_marks(
    sheets: Sequence[CountedSheet], owners: Mapping[str, Owner], answers: Mapping[str, tuple[str, ...]]
) -> dict[int, str]:
    """Shift -> SHA-256 over every identified sheet, by hall, seat and serial: student, seat, variant, answers."""
    lines: dict[Hall, list[tuple[int, str, str]]] = defaultdict(list)
    for sheet in sheets:
        owner = owners.get(sheet.serial)
        if owner is not None:
            parts = (sheet.hall, sheet.serial, owner.student.student, owner.seat, owner.variant, *answers[sheet.serial])
            lines[sheet.shift, sheet.hall].append((owner.seat, sheet.serial, "|".join(map(str, parts)) + "\n"))
    whole: dict[int, list[str]] = defaultdict(list)
    for (shift, _hall), found in sorted(lines.items()):
        whole[shift] += [text for _, _, text in sorted(found)]
    return {shift: hashlib.sha256("".join(texts).encode()).hexdigest() for shift, texts in whole.items()}
