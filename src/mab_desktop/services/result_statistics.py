"""Points of a shift by subject, variant, hall, university, language and direction; its items; likeness of neighbours.

All of it is known only after the answer key was opened (p.39): OutOfOrder before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.item_analysis import ItemLine, Spread, histogram, spread
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.reference import coded, named
from mab_desktop.domain.score import key_of_sheet
from mab_desktop.domain.variant import neighbours
from mab_desktop.i18n import N_, translate
from mab_desktop.services import hall_sheets, keys, results
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.halls import grid_of
from mab_desktop.services.item_counts import item_lines, points_of
from mab_desktop.services.likeness_index import Model, SheetAnswers, pairs_apart
from mab_desktop.services.results import ResultLine
from mab_desktop.services.settings import reference_list
from mab_desktop.services.statistics import direction_finder
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.results import ScoreRow

# A pair is told of when chance would give one like it, or a more alike one, in a twentieth of all shifts.
FALSE_ALARMS = 0.05
_MILLIARD = 1_000_000_000
APART = 20_000  # pairs of different halls that the rate of false alarms is measured on


class Cut(StrEnum):
    """What results are grouped by."""

    SUBJECT = "subject"
    VARIANT = "variant"
    HALL = "hall"
    UNIVERSITY = "university"
    LANGUAGE = "language"
    DIRECTION = "direction"


CUT_LABELS = {
    Cut.SUBJECT: N_("By subject"), Cut.VARIANT: N_("By variant"), Cut.HALL: N_("By hall"),
    Cut.UNIVERSITY: N_("By university"), Cut.LANGUAGE: N_("By language of the test"),
    Cut.DIRECTION: N_("By direction"),
}  # fmt: skip
_OF: dict[Cut, Callable[[ResultLine], str]] = {
    Cut.VARIANT: lambda line: line.variant, Cut.HALL: lambda line: line.hall,
    Cut.UNIVERSITY: lambda line: line.university, Cut.LANGUAGE: lambda line: line.test_language,
}  # fmt: skip
_LISTS = {
    Cut.SUBJECT: "subject", Cut.UNIVERSITY: "university", Cut.LANGUAGE: "study_language", Cut.DIRECTION: "direction",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of a cut: its code, its points, the share of the highest sum possible, and how the points are spread.

    `absent` and `removed` are students of the group without points; both are 0 in the cut by subject.
    """

    code: str
    points: Spread
    highest: int
    bins: tuple[int, ...]
    absent: int = 0
    removed: int = 0

    @property
    def share(self) -> float:
        """The mean as a share of the highest sum."""
        return self.points.mean / self.highest if self.highest else 0.0


@dataclass(frozen=True, slots=True)
class PairLine:
    """Two neighbours whose sheets are more alike than chance makes them (for the representative only).

    `expected` equal marks by chance; `tail` the probability of so many; `alarms` how many such pairs chance would give
    among all neighbours of the shift.
    """

    hall: str
    first: ResultLine
    second: ResultLine
    equal: int
    expected: float
    equal_wrong: int
    tail: float
    alarms: float
    first_answers: tuple[str, ...]
    second_answers: tuple[str, ...]

    @property
    def suspicious(self) -> bool:
        """True under the limit."""
        return self.alarms <= FALSE_ALARMS


def odds_words(probability: float, lang: str) -> str:
    """A small probability as everybody reads it: 1 in 228 060; below one in a milliard only that."""
    if probability * _MILLIARD < 1.0:
        return translate(lang, N_("less than 1 in {n}")).format(n=f"{_MILLIARD:,}".replace(",", " "))
    return translate(lang, N_("1 in {n}")).format(n=f"{round(1 / probability):,}".replace(",", " "))


@dataclass(frozen=True, slots=True)
class LikenessReport:
    """The pairs that look alike, the most alike first, and what the reckoning was tried on.

    `apart_below` of `apart` pairs of different halls, which cannot have copied, fall under the limit.
    """

    pairs: tuple[PairLine, ...]
    neighbours: int
    apart: int
    apart_below: int

    @property
    def limit(self) -> float:
        """The probability under which a pair is told of."""
        return FALSE_ALARMS / max(1, self.neighbours)


def group_lines(ctx: Context, shift: int, cut: Cut) -> list[GroupLine]:
    """The groups of a cut in the order of their codes; groups without points are left out."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return group_lines_of(session, shift, cut)


def group_lines_of(session: Session, shift: int, cut: Cut) -> list[GroupLine]:
    """The groups of a cut within a session."""
    lines, profile = results.result_lines(session, shift), hall_sheets.exam_profile(session)
    if cut is Cut.SUBJECT:
        return _by_subject(lines, profile)
    direction_of = direction_finder(session)
    code_of = _OF.get(cut) or (lambda line: direction_of(line.specialty))
    grouped: dict[str, list[ResultLine]] = {}
    for line in lines:
        grouped.setdefault(code_of(line), []).append(line)
    found = [_group(code, grouped[code], profile) for code in sorted(grouped, key=_in_order)]
    return [line for line in found if line is not None]


def group_name(session: Session, cut: Cut, code: str, lang: str) -> str:
    """A group as people read it: codes with their names."""
    if cut not in _LISTS:
        return code
    known = reference_list(session, _LISTS[cut])
    return coded(known, code, lang) if cut in (Cut.UNIVERSITY, Cut.DIRECTION) else named(known, code, lang)


def group_names(ctx: Context, cut: Cut, codes: Sequence[str]) -> dict[str, str]:
    """The names of groups for a page."""
    with ctx.store.read() as session:
        return {code: group_name(session, cut, code, ctx.lang) for code in codes}


def has_threshold(profile: ExamProfile, cut: Cut) -> bool:
    """True where the ministry has set a threshold for what the groups of this cut are counted by."""
    return profile.threshold_per_subject is not None if cut is Cut.SUBJECT else profile.has_threshold


def _in_order(code: str) -> tuple[int, str]:
    """Numbers by their size, codes by their letters."""
    return (len(code), code)


def _group(code: str, lines: Sequence[ResultLine], profile: ExamProfile) -> GroupLine | None:
    points = [line.total_after for line in lines if line.total_after is not None]
    if not points:
        return None
    gone = [line.presence for line in lines]
    below = sum(profile.below_threshold(line.total_after, line.after) for line in lines)
    return GroupLine(
        code, replace(spread(points), below=below), profile.max_points, histogram(points, profile.max_points),
        gone.count(Presence.ABSENT), gone.count(Presence.REMOVED),
    )  # fmt: skip


def _by_subject(lines: Sequence[ResultLine], profile: ExamProfile) -> list[GroupLine]:
    highest = profile.items * profile.points_per_item
    found: dict[str, list[int]] = {}
    for line in lines:
        for subject, before, added in zip(line.subjects, line.before, line.added, strict=bool(line.before)):
            found.setdefault(subject, []).append(before + added)
    return [
        GroupLine(code, spread(points, profile.threshold_per_subject), highest, histogram(points, highest))
        for code, points in sorted(found.items())
    ]


def items(ctx: Context, shift: int) -> list[ItemLine]:
    """Every item of every variant and subject that somebody answered, by the key as it was opened."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return items_of(session, shift)


def items_of(session: Session, shift: int) -> list[ItemLine]:
    """The items within a session."""
    options = hall_sheets.exam_profile(session).options
    alike: dict[tuple[str, tuple[str, ...]], list[SheetAnswers]] = {}
    for sheet in _answers(session, shift).values():
        alike.setdefault((sheet.variant, sheet.subjects), []).append(sheet)
    keys_of, answers = dict[tuple[str, str], str](), dict[tuple[str, str], list[str]]()
    points: dict[tuple[str, str], list[int]] = {}
    for (variant, subjects), sheets in alike.items():
        whole = points_of(["".join(sheet.answers) for sheet in sheets], "".join(sheets[0].keys))
        for n, subject in enumerate(subjects):
            of_item = subject, variant
            keys_of[of_item] = sheets[0].keys[n]
            answers.setdefault(of_item, []).extend([sheet.answers[n] for sheet in sheets])
            points.setdefault(of_item, []).extend(whole)
    return [
        line
        for (subject, variant), key in sorted(keys_of.items())
        for line in item_lines(variant, subject, key, answers[subject, variant], points[subject, variant], options)
    ]


def likeness(ctx: Context, shift: int, progress: Progress = Silent()) -> LikenessReport:
    """Neighbours whose sheets are more alike than chance makes them; the representative's only."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.REPRESENTATIVE)
    progress.stage(N_("Comparing the sheets of neighbours"), 3)
    with ctx.store.read() as session:
        lines = {line.student: line for line in results.result_lines(session, shift)}
        sheets, options = _answers(session, shift), hall_sheets.exam_profile(session).options
        around = _neighbours(session, ctx.university, lines, sheets)
    progress.step()
    students = list(sheets)
    model = Model(list(sheets.values()), options) if students else None
    progress.step()
    if model is None or not around:
        return LikenessReport((), len(around), 0, 0)
    place = {student: number for number, student in enumerate(students)}
    near = model.compare(np.array([(place[a], place[b]) for a, b in around], dtype=np.intp))
    seed = hashlib.sha256(f"likeness|{shift}|{len(students)}".encode()).digest()
    apart = model.compare(pairs_apart([lines[s].hall for s in students], APART, seed)).tail
    progress.step()
    found = [
        PairLine(
            lines[a].hall, lines[a], lines[b], int(near.equal[n]), float(near.expected[n]), int(near.equal_wrong[n]),
            float(near.tail[n]), float(near.tail[n]) * len(around), sheets[a].answers, sheets[b].answers,
        )
        for n, (a, b) in enumerate(around)
        if near.tail[n] * len(around) <= 1.0
    ]  # fmt: skip
    ordered = sorted(found, key=lambda pair: (pair.tail, pair.first.sort_name, pair.second.sort_name))
    report = LikenessReport(tuple(ordered), len(around), len(apart), 0)
    return replace(report, apart_below=int((apart <= report.limit).sum()))


def _neighbours(
    session: Session, university: str, lines: Mapping[str, ResultLine], sheets: Mapping[str, SheetAnswers]
) -> list[tuple[str, str]]:
    """Pairs of students in places beside each other, both with a sheet."""
    seated = {(lines[s].hall, lines[s].seat): s for s in sheets}
    found = []
    for row in session.scalars(select(Hall).where(Hall.base_university == university).order_by(Hall.number)):
        for seat, others in enumerate(neighbours(grid_of(row)), 1):
            found += [
                (seated[row.number, seat], seated[row.number, other])
                for other in others
                if seat < other and (row.number, seat) in seated and (row.number, other) in seated
            ]
    return found


def _answers(session: Session, shift: int) -> dict[str, SheetAnswers]:
    """The answers that count, by student, with the key of each one's variant; OutOfOrder before points are counted."""
    letters, subjects = keys.letters_of(session, shift), hall_sheets.subjects_of(session, shift)
    query = select(ScoreRow.serial, ScoreRow.student, ScoreRow.variant).where(ScoreRow.shift == shift)
    scored = {serial: (student, variant) for serial, student, variant in session.execute(query)}
    if not scored:
        raise OutOfOrder(N_("The points of shift {n} are not counted yet (p.39)."), n=shift)
    found = {}
    right: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
    for sheet in _sheets(session, shift):
        if sheet.serial in scored:
            student, variant = scored[sheet.serial]
            held = subjects[student]
            if (variant, held) not in right:
                right[variant, held] = key_of_sheet(letters, variant, held)
            found[student] = SheetAnswers(variant, held, sheet.answers(len(held)), right[variant, held])
    return dict(sorted(found.items()))


def _sheets(session: Session, shift: int) -> Iterator[hall_sheets.Sheet]:
    for in_hall in hall_sheets.sheets(session, shift).values():
        yield from in_hall
