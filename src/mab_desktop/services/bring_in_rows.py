"""What becomes of each row of a table from elsewhere, judged against the records that stand here.

A row is the record that has its TO code, or else its document; without either it is the record that says the same
(partly filled records may have no number). Empty cells never clear what stands here. Which rows
count also depends on what the person chose (`Choice`), so a row's state follows from both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.names import search_form
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.student import STUDENT, season_problems, similar_names, student_name
from mab_desktop.domain.table_values import PutRight, Translated
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context
from mab_desktop.services.students import Rules
from mab_desktop.services.table_intake import Row
from mab_desktop.storage.tables.students import Allotment, Student

CODED = tuple((f.name, f.choices) for f in STUDENT.fields if f.choices)
NUMBERS = ("to_code", "identity_document")
_NAMING = ("surname", "first_name", "to_code", "identity_document")


class State(StrEnum):
    """How a row stands towards the records here."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DUPLICATE = "duplicate"
    ERROR = "error"
    LEFT_OUT = "left-out"


@dataclass(frozen=True)
class Choice:
    """What the person decided: `partial` lets rows with missing fields in, `leave_errors` brings the right rows in
    although others are wrong; rows by their number in the file."""

    partial: bool = False
    leave_errors: bool = False
    left_out: frozenset[int] = frozenset()
    other_people: frozenset[int] = frozenset()
    base_university: str = ""


@dataclass(frozen=True, slots=True)
class Twin:
    """Who a new row may be as well: a record here by its id, or an earlier row of the file by its number.

    `name` is "" for a record that the person may not see.
    """

    name: str
    student: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: what its cells say as `values`, and what would come of it (`record`).

    `kind` is NEW, CHANGED, SAME or ERROR; `missing` are required fields without a value, `problems` everything else
    that is wrong. `changes` are field, value here, value of the file.
    """

    number: int
    cells: tuple[str, ...]
    kind: State
    values: Mapping[str, Any]
    record: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    missing: tuple[Problem, ...] = ()
    put_right: tuple[PutRight, ...] = ()
    changes: tuple[tuple[str, Any, Any], ...] = ()
    student: str = ""
    twin: Twin | None = None
    repeats: int = 0

    @property
    def name(self) -> str:
        """Surname, first name and patronymic, as far as the row or the record has them."""
        return student_name(self.record or self.values)

    def state(self, choice: Choice) -> State:
        """How the row counts after what was chosen."""
        if self.number in choice.left_out:
            return State.LEFT_OUT
        if self.problems or (self.kind is State.NEW and self.missing and not choice.partial):
            return State.ERROR
        if self.twin is not None and self.number not in choice.other_people:
            return State.DUPLICATE
        return self.kind


_Person = tuple[Mapping[str, Any], Twin]


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record that stands here, as far as rows are compared with it.

    `hidden` from an operator who did not type it: he may have to type that sheet again unseen, so nothing of it is
    said to him.
    """

    id: str
    hidden: bool
    values: dict[str, Any]


@dataclass
class Here:
    """The records that stand here, by what names a person; passes are printed for those in `allotted`."""

    codes: dict[str, KnownRecord] = field(default_factory=dict)
    documents: dict[str, KnownRecord] = field(default_factory=dict)
    unnumbered: dict[tuple[Any, ...], KnownRecord] = field(default_factory=dict)
    people: defaultdict[tuple[Any, str], list[_Person]] = field(default_factory=lambda: defaultdict(list))
    allotted: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ctx: Context, session: Session) -> Here:
        """Everybody who stands here, as `ctx.actor` may see them."""
        operator = ctx.actor.role == PersonRole.OPERATOR
        columns = [getattr(Student, name) for name in STUDENT.names]
        query = select(Student.id, Student.created_by, *columns).where(Student.deleted_at.is_(None))
        here = cls(allotted=frozenset(session.scalars(select(Allotment.student))))
        for student, created_by, *cells in session.execute(query.order_by(Student.id)):
            hidden = operator and created_by != ctx.actor.login
            record = KnownRecord(student, hidden, dict(zip(STUDENT.names, cells, strict=True)))
            here.codes.setdefault(record.values["to_code"], record)
            here.documents.setdefault(record.values["identity_document"], record)
            here.remember(record.values, Twin("" if hidden else student_name(record.values), student))
            if not record.values["to_code"] and not record.values["identity_document"]:
                here.unnumbered.setdefault(tuple(cells), record)
        for known in (here.codes, here.documents):
            known.pop(None, None)  # type: ignore[call-overload]
        return here

    def remember(self, values: Mapping[str, Any], twin: Twin) -> None:
        """Put a person where similar names look."""
        if values.get("birth_date"):
            for name in {search_form(values.get(part) or "") for part in ("surname", "first_name")} - {""}:
                self.people[values["birth_date"], name].append((values, twin))

    def twin(self, values: Mapping[str, Any]) -> Twin | None:
        """Somebody born on the same day under a similar name; similar names share one of the two at least."""
        for part in ("surname", "first_name"):
            near = self.people.get((values.get("birth_date"), search_form(values.get(part) or "")), ())
            for other, twin in near:
                if similar_names(values, other):
                    return twin
        return None


def clashes(rows: Sequence[Row], read: Sequence[Translated]) -> dict[int, tuple[str, int]]:
    """Rows that share a TO code or document with another: row → (field, other row); "" when they say the same.

    Of rows that say the same the first stands; where they differ none is taken before a person has decided.
    """
    found: dict[int, tuple[str, int]] = {}
    for name, group in _groups(read):
        alike = all(read[n].values == read[group[0]].values and not read[n].problems for n in group)
        if alike:
            for n in group[1:]:
                found.setdefault(n, ("", rows[group[0]].line))
        elif name:
            for n in group:
                if not found.get(n, ("", 0))[0]:
                    found[n] = (name, rows[next(m for m in group if m != n)].line)
    return found


def _groups(read: Sequence[Translated]) -> Iterator[tuple[str, list[int]]]:
    """Rows that share a number; with "" those without any number that say the same."""
    groups: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for n, row in enumerate(read):
        numbers = [(name, row.values[name]) for name in NUMBERS if row.values.get(name)]
        for key in numbers or [("", tuple(map(row.values.get, STUDENT.names)))]:
            groups[key].append(n)
    for (name, _value), group in groups.items():
        if len(group) > 1:
            yield name, group


@dataclass
class Judge:
    """Judges one row after the other."""

    ctx: Context
    rules: Rules
    here: Here
    clashes: Mapping[int, tuple[str, int]]
    _count: int = 0
    _met: dict[str, int] = field(default_factory=dict)

    def line(self, row: Row, read: Translated) -> Line:
        """The next row."""
        clash, other = self.clashes.get(self._count, ("", 0))
        self._count += 1
        if other and not clash:
            return Line(row.line, row.cells, State.SAME, read.values, {}, put_right=read.put_right, repeats=other)
        problems = list(read.problems)
        if clash:
            said = N_("Row {line} of the file has the same value and says something else.")
            problems.append(Problem(clash, said, (("line", other),)))
        record, ground = self._record_here(read.values)
        problems += ground
        if record is not None and self._met.setdefault(record.id, row.line) != row.line:
            said = N_("Row {line} of the file is the same student.")
            problems.append(Problem("", said, (("line", self._met[record.id]),)))
        return self._new(row, read, problems) if record is None else self._known(row, read, problems, record)

    def _record_here(self, values: Mapping[str, Any]) -> tuple[KnownRecord | None, list[Problem]]:
        """The record here of a row, and what speaks against it."""
        by_code = self.here.codes.get(values.get("to_code") or "")
        by_document = self.here.documents.get(values.get("identity_document") or "")
        record = by_code or by_document
        if record is None:
            return self.here.unnumbered.get(tuple(map(values.get, STUDENT.names))), []
        if by_code and by_document and by_code.id != by_document.id:
            if by_code.hidden or by_document.hidden:
                return record, [Problem("to_code", N_("The TO code and the document are those of two records here."))]
            said = N_("The TO code is that of {one}, the document that of {other}.")
            names = (("one", student_name(by_code.values)), ("other", student_name(by_document.values)))
            return record, [Problem("to_code", said, names)]
        if self._another_person(values, record.values):
            name = "to_code" if by_code else "identity_document"
            if record.hidden:
                return record, [Problem(name, N_("Here another operator has typed this number of another person."))]
            said = N_("Here this number belongs to {name}, born on another day.")
            return record, [Problem(name, said, (("name", student_name(record.values)),))]
        return record, []

    def _another_person(self, values: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        telling = ("birth_date", "surname", "first_name")
        told = all(side.get(name) for side in (values, other) for name in telling)
        return told and values["birth_date"] != other["birth_date"] and not similar_names(values, other)

    def _new(self, row: Row, read: Translated, problems: list[Problem]) -> Line:
        record = {name: read.values.get(name) for name in STUDENT.names}
        wrong, missing = self._against_rules(record, {p.field for p in problems})
        problems += wrong
        twin = None if problems else self.here.twin(record)
        if not problems:
            self.here.remember(record, Twin(student_name(record), line=row.line))
        kind = State.ERROR if problems else State.NEW
        return Line(row.line, row.cells, kind, read.values, record, tuple(problems), missing, read.put_right, twin=twin)

    def _known(self, row: Row, read: Translated, problems: list[Problem], here: KnownRecord) -> Line:
        changes = tuple((name, here.values[name], value) for name, value in read.values.items()
                        if value != here.values[name])  # fmt: skip
        record = {**here.values, **read.values}
        missing: tuple[Problem, ...] = ()
        if changes and not problems:
            if here.hidden:
                said = N_("Another operator has typed this student. Only the programmer may change it.")
                problems.append(Problem("", said))
            elif here.id in self.here.allotted:
                problems.append(Problem("", N_("The pass is printed already. The record stays as it is.")))
            else:
                wrong, missing = self._against_rules(record, set())
                problems += wrong
        kind = State.ERROR if problems else State.CHANGED if changes else State.SAME
        if here.hidden:  # its values are not for this person's eyes
            record, changes = dict(read.values), ()
        return Line(row.line, row.cells, kind, read.values, record, tuple(problems), missing, read.put_right, changes,
                    here.id)  # fmt: skip

    def _against_rules(
        self, record: Mapping[str, Any], told: set[str]
    ) -> tuple[list[Problem], tuple[Problem, ...]]:
        """What is wrong in a record, and what is only missing; fields in `told` have their problem already."""
        if not told and self._plainly_right(record):
            found = [problem for check in STUDENT.checks for problem in check(record)]
            found += season_problems(record, self.rules.year, self.rules.taught)
        else:
            found = self.rules.problems(record)
        found = [problem for problem in found if problem.field not in told]
        missing = tuple(p for p in found if record.get(p.field) in (None, ""))
        wrong = [p for p in found if record.get(p.field) not in (None, "")]
        if missing and not told and not any(record.get(name) for name in _NAMING):
            wrong.append(Problem("surname", N_("Type at least a name, the TO code or the document number.")))
        return wrong, missing

    def _plainly_right(self, record: Mapping[str, Any]) -> bool:
        lists = self.rules.lists
        return STUDENT.plainly_right(record) and all(
            choices not in lists or record[name] in lists[choices] for name, choices in CODED
        )
