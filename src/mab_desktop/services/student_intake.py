"""Student records that come with a carrier as a whole: what differs from what is here, and taking them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, not_, select, update
from sqlalchemy.orm import Session

from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.domain.student import STUDENT, student_name, value_text
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import Line
from mab_desktop.storage.bulk import insert_rows
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.students import Student, StudentChange

FROM_CARRIER = "carrier:"
COMPARED = (*STUDENT.names, "university", "base_university", "photos")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that a carrier brings with another value."""

    student: str
    name: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Comparison:
    """A carrier's students against those of the same scope here; `new` holds whole records, `removed` ids."""

    new: tuple[Mapping[str, Any], ...]
    changed: Mapping[str, Mapping[str, Any]]
    changes: tuple[FieldChange, ...]
    same: int
    removed: tuple[str, ...]
    kept: tuple[FieldChange, ...] = field(default=())

    @property
    def total(self) -> int:
        """Students after the carrier was taken."""
        return len(self.new) + len(self.changed) + self.same

    def lines(self) -> list[Line]:
        """The comparison in words, for previews and summaries."""
        found = [
            Line(N_("Students in all: {count}"), {"count": self.total}),
            Line(N_("New: {count}"), {"count": len(self.new)}),
            Line(N_("Changed: {count}"), {"count": len(self.changed)}),
            Line(N_("Unchanged: {count}"), {"count": self.same}),
        ]
        if self.removed:
            found.append(Line(N_("No longer there: {count}"), {"count": len(self.removed)}))
        if self.kept:
            found.append(Line(N_("Corrected here already and kept: {count} values"), {"count": len(self.kept)}))
        return found


def compare_students(
    session: Session, records: Iterable[Mapping[str, Any]], scope: Sequence[ColumnElement[bool]], *,
    keep_own: bool = False, partial: bool = False,
) -> Comparison:  # fmt: skip
    """Compare a carrier's records with the students that `scope` selects here.

    `keep_own` keeps values that people corrected at this workplace (p.8); `partial` leaves students alone that the
    carrier does not name.
    """
    columns = [getattr(Student, name) for name in COMPARED]
    query = select(Student.id, Student.deleted_at, *columns)
    here = {row[0]: row for row in session.execute(query.where(*scope))}
    elsewhere = set(session.scalars(select(Student.id).where(not_(and_(*scope))))) if scope else set()
    own = _corrected_here(session) if keep_own else frozenset()
    new: list[Mapping[str, Any]] = []
    changed: dict[str, Mapping[str, Any]] = {}
    changes: list[FieldChange] = []
    kept: list[FieldChange] = []
    same, seen = 0, set()
    for record in records:
        student = record["id"]
        seen.add(student)
        row = here.get(student)
        if row is None and student in elsewhere:  # moved from another university, not new
            row = session.execute(query.where(Student.id == student)).first()
        if row is None:
            new.append(record)
            continue
        found = [
            FieldChange(student, student_name(record), name, value_text(old), value_text(record[name]))
            for name, old in zip(COMPARED, row[2:], strict=True)
            if (old or None) != (record[name] or None)
        ]
        mine = [change for change in found if (student, change.field) in own]
        found = [change for change in found if (student, change.field) not in own]
        kept += mine
        if found or row[1] is not None:
            changes += found
            changed[student] = {**record, **{c.field: row[2 + COMPARED.index(c.field)] for c in mine}}
        else:
            same += 1
    gone = () if partial else tuple(sorted(s for s, row in here.items() if s not in seen and row[1] is None))
    return Comparison(tuple(new), changed, tuple(changes), same, gone, tuple(kept))


def take_students(ctx: Context, tx: Transaction, found: Comparison, sender: str, digest: str) -> None:
    """Write a comparison: new rows, changed rows with their history, removed ones marked as deleted."""
    moment, session = stamp(ctx), tx.session
    insert_rows(session, Student, [_row(record, sender) for record in found.new])
    rows = [{**_row(record, sender), "deleted_at": None} for record in found.changed.values()]
    for row in rows:
        row.pop("created_by")
        row.pop("created_at")
    if rows:
        session.execute(update(Student), rows)
    if found.removed:
        session.execute(update(Student), [{"id": student, "deleted_at": moment} for student in found.removed])
    history = [
        {"student": c.student, "version": found.changed[c.student]["version"], "field": c.field, "old": c.old[:200],
         "new": c.new[:200], "ground": f"{FROM_CARRIER}{digest[:12]}", "by": sender, "at": moment}
        for c in found.changes
    ]  # fmt: skip
    if history:
        session.execute(insert(StudentChange), history)


def student_records(session: Session, query: Select[Any]) -> list[dict[str, Any]]:
    """The students that `query` selects, as a carrier's records; whole rows of the ORM would take three times as long.
    """
    names = ("id", "photos", "version", "changed_at", "changed_by", *STUDENT.names, "university", "base_university")
    columns = [getattr(Student, name) for name in names]
    rows = session.execute(query.with_only_columns(*columns, maintain_column_froms=True))
    return [dict(zip(names, row, strict=True)) for row in rows]


def _row(record: Mapping[str, Any], sender: str) -> dict[str, Any]:
    name = student_name(record)
    values = {name: record[name] for name in ("id", *COMPARED)}
    return {
        **values, "version": record["version"], "base_version": record["version"], "marks": {}, "complete": True,
        "created_by": sender, "created_at": record["changed_at"], "changed_by": record["changed_by"],
        "changed_at": record["changed_at"], "search": search_form(name), "sort_name": sort_key(name),
    }  # fmt: skip


def _corrected_here(session: Session) -> frozenset[tuple[str, str]]:
    query = select(StudentChange.student, StudentChange.field)
    rows = session.execute(query.where(StudentChange.ground.not_like(f"{FROM_CARRIER}%"))).all()
    return frozenset((student, field) for student, field in rows)
