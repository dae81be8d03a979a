"""The national summary: who was allotted, came, was absent, removed; mean points; appeals (p.8, p.37, p.47).

Counted from the final data of every base university, by university, base university, direction, language of the test
and subject. A base university whose final data has not come is named; its students are counted and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.appeal import AppealState
from mab_desktop.domain.attendance import Presence
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.reference import coded
from mab_desktop.i18n import N_, translate
from mab_desktop.services.context import Context, require
from mab_desktop.services.document_titles import document_title
from mab_desktop.services.settings import reference_list, ties
from mab_desktop.services.statistics import direction_finder
from mab_desktop.services.table_export import SheetColumn, note_export, write_table
from mab_desktop.storage.tables.centre import FinalRecord, FinalScore
from mab_desktop.storage.tables.students import Allotment, Student


class Cut(StrEnum):
    """What the summary is cut by."""

    BASE = "base"
    UNIVERSITY = "university"
    DIRECTION = "direction"
    LANGUAGE = "language"
    SUBJECT = "subject"


CUT_LABELS = {
    Cut.BASE: N_("By base university"), Cut.UNIVERSITY: N_("By university"), Cut.DIRECTION: N_("By direction"),
    Cut.LANGUAGE: N_("By language of the test"), Cut.SUBJECT: N_("By subject"),
}  # fmt: skip
_LISTS = {
    Cut.BASE: "university", Cut.UNIVERSITY: "university", Cut.DIRECTION: "direction", Cut.LANGUAGE: "study_language",
    Cut.SUBJECT: "subject",
}  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Sums of a group: `scored` are students with points; points before and after the appeals in all."""

    students: int = 0
    came: int = 0
    absent: int = 0
    removed: int = 0
    scored: int = 0
    before: int = 0
    after: int = 0
    appeals: int = 0
    items: int = 0
    satisfied: int = 0

    def add(self, other: Tally) -> None:
        """Add the sums of another group."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A group in numbers; the means are of those with points, None where nobody has any."""

    code: str
    name: str
    students: int
    came: int
    absent: int
    removed: int
    before: float | None
    after: float | None
    appeals: int
    items: int
    satisfied: int


@dataclass(frozen=True)
class Summary:
    """The whole: every cut in the order of its codes, all in one line, and the base universities still missing."""

    cuts: Mapping[Cut, tuple[SummaryLine, ...]]
    whole: SummaryLine
    bases: int
    missing: tuple[str, ...]


@dataclass
class _Person:
    base: str
    university: str
    direction: str
    language: str
    subjects: tuple[str, ...]
    presence: str = ""
    items: dict[str, tuple[int, int]] = field(default_factory=dict)
    appeals: int = 0


COLUMNS = (
    N_("Students"), N_("Present"), N_("Absent"), N_("Removed"), N_("Mean before appeal"), N_("Mean after appeal"),
    N_("Appeal applications"), N_("Items appealed"), N_("Items satisfied"),
)  # fmt: skip


def summary(ctx: Context, progress: Progress = Silent()) -> Summary:
    """The national summary as it stands now."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        bases = sorted(ties(session))
        arrived = set(session.scalars(select(FinalScore.base_university).distinct()))
        progress.stage(N_("Counting"), len(bases))
        cuts: dict[Cut, dict[str, Tally]] = {cut: {} for cut in Cut}
        whole = Tally()
        find = direction_finder(session)
        for base in bases:
            whole.add(_count_base(session, base, find, cuts))
            progress.step()
        names = {cut: reference_list(session, _LISTS[cut]) for cut in Cut}
        lines = {
            cut: tuple(_line(code, coded(names[cut], code, ctx.lang), tally) for code, tally in sorted(found.items()))
            for cut, found in cuts.items()
        }
    return Summary(lines, _line("", "", whole), len(bases), tuple(base for base in bases if base not in arrived))


def write_summary(ctx: Context, file: Path, progress: Progress = Silent()) -> int:
    """Write the summary as XLSX or CSV, a line a group, every cut beneath the other; how many lines."""
    found = summary(ctx, progress)
    rows = list(_rows(found, ctx.lang))
    titles = [translate(ctx.lang, head) for head in (N_("Grouped by"), N_("Code and name"), *COLUMNS)]
    columns = [SheetColumn(title, width) for title, width in zip(titles, (26, 60, *[14] * len(COLUMNS)), strict=True)]
    name = translate(ctx.lang, N_("National summary"))
    write_table(file, name, columns, rows, len(rows), progress,
                lambda: note_export(ctx, document_title("national-summary"), len(rows), titles, file))  # fmt: skip
    return len(rows)


def values(
    line: SummaryLine,
) -> tuple[int, int, int, int, float | None, float | None, int, int, int]:
    """The numbers of a line in the order of COLUMNS."""
    return (line.students, line.came, line.absent, line.removed, line.before, line.after, line.appeals, line.items,
            line.satisfied)  # fmt: skip


def _rows(found: Summary, lang: str) -> Iterator[tuple[object, ...]]:
    for cut, lines in found.cuts.items():
        for line in lines:
            yield (translate(lang, CUT_LABELS[cut]), line.name, *values(line))
    yield (translate(lang, N_("In all")), "", *values(found.whole))


def _count_base(
    session: Session, base: str, find: Callable[[str], str], cuts: Mapping[Cut, dict[str, Tally]]
) -> Tally:  # fmt: skip
    """Add a base university's people to every cut; gives its own sums."""
    people = _people(session, base, find)
    points: dict[str, list[tuple[str, int, int]]] = {}
    score = select(FinalScore.code, FinalScore.subject, FinalScore.before, FinalScore.after)
    for code, subject, before, after in session.execute(score.where(FinalScore.base_university == base)):
        points.setdefault(code, []).append((subject, before, after))
    whole = Tally()
    for code, person in people.items():
        own = points.get(code, [])
        tally = _tally(person)
        if own:
            tally.scored, tally.before, tally.after = 1, sum(p[1] for p in own), sum(p[2] for p in own)
        tally.items = sum(asked for asked, _given in person.items.values())
        tally.satisfied = sum(given for _asked, given in person.items.values())
        whole.add(tally)
        for cut, group in ((Cut.BASE, base), (Cut.UNIVERSITY, person.university), (Cut.DIRECTION, person.direction),
                           (Cut.LANGUAGE, person.language)):  # fmt: skip
            cuts[cut].setdefault(group, Tally()).add(tally)
        _count_subjects(person, own, cuts[Cut.SUBJECT])
    return whole


def _count_subjects(person: _Person, own: list[tuple[str, int, int]], into: dict[str, Tally]) -> None:
    found = {subject: (before, after) for subject, before, after in own}
    for subject in person.subjects:
        tally = _tally(person)
        if subject in found:
            tally.scored, (tally.before, tally.after) = 1, found[subject]
        tally.items, tally.satisfied = person.items.get(subject, (0, 0))
        tally.appeals = int(bool(tally.items))
        into.setdefault(subject, Tally()).add(tally)


def _tally(person: _Person) -> Tally:
    came, absent, removed = (int(person.presence == state) for state in Presence)
    return Tally(1, came, absent, removed, appeals=person.appeals)


def _people(session: Session, base: str, find: Callable[[str], str]) -> dict[str, _Person]:
    """Everybody allotted at a base university by code, with presence and appeals as the final data tells them."""
    columns = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    query = (
        select(
            Allotment.student, Allotment.code, Student.university, Student.specialty, Allotment.test_language, *columns
        )
        .join(Student, Student.id == Allotment.student)
        .where(Student.base_university == base)
    )
    people: dict[str, _Person] = {}
    codes: dict[str, str] = {}
    for student, code, university, specialty, language, *subjects in session.execute(query):
        people[code] = _Person(base, university, find(specialty or ""), language, tuple(subjects))
        codes[student] = code
    for values_ in _records(session, base, "presence"):
        if values_["student"] in codes:
            people[codes[values_["student"]]].presence = values_["state"]
    _put_appeals(session, base, people)
    return people


def _put_appeals(session: Session, base: str, people: Mapping[str, _Person]) -> None:
    of: dict[str, _Person] = {}
    for values_ in _records(session, base, "appeal"):
        person = people.get(values_["code"])
        if person is not None and values_["state"] != AppealState.NOT_COME:
            of[values_["id"]] = person
            person.appeals += 1
    for values_ in _records(session, base, "appeal-item"):
        if (person := of.get(values_["appeal"])) is not None:
            asked, given = person.items.get(values_["subject"], (0, 0))
            person.items[values_["subject"]] = asked + 1, given + bool(values_.get("satisfied"))


def _records(session: Session, base: str, kind: str) -> Iterator[dict[str, Any]]:
    query = select(FinalRecord.values).where(FinalRecord.base_university == base, FinalRecord.record_type == kind)
    yield from session.scalars(query.order_by(FinalRecord.n))


def _line(code: str, name: str, tally: Tally) -> SummaryLine:
    mean = (lambda points: round(points / tally.scored, 2)) if tally.scored else (lambda _points: None)
    return SummaryLine(
        code, name, tally.students, tally.came, tally.absent, tally.removed, mean(tally.before), mean(tally.after),
        tally.appeals, tally.items, tally.satisfied,
    )  # fmt: skip
