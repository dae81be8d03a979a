"""Merging operators' portions on the programmer's PC, and his corrections on theirs (p.21).

A portion may come again, late, or in any order (`domain.merge`). Nothing is dropped: what two sides changed waits as a
conflict (`conflicts`), what was typed twice waits as a duplicate (`duplicates`), and a person decides both with a
reason that can be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.merge import DELETED, TRACKED, Candidate, Ground, Mark, Marks, Merged, Side
from mab_desktop.domain.student import STUDENT, season_problems
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.students import Rules, name_columns, rules
from mab_desktop.storage.bulk import insert_rows
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import Conflict
from mab_desktop.storage.tables.students import Student, StudentChange

_CHUNK = 900  # ids asked for at once
STORED = tuple(name for name in TRACKED if name != DELETED)
_stored_values = itemgetter(*STORED)
_REQUIRED = tuple(field.name for field in STUDENT.fields if field.required)
_CODED = tuple((field.name, field.choices) for field in STUDENT.fields if field.choices)


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a portion brought: records new, changed, known already, not this PC's, and conflicts now open from it."""

    new: int
    changed: int
    same: int
    foreign: int
    conflicts: int


def merge_records(
    ctx: Context, tx: Transaction, incoming: Iterable[Mapping[str, Any]], device: str, *, only_known: bool = False
) -> MergeReport:
    """Merge records of a portion, checked as `PORTION_STUDENT`, that came from `device`; the caller notes the event.

    `only_known` leaves out records that this PC does not have (corrections for other operators).
    """
    known_rules, seen = rules(tx.session, ctx), iter(incoming)
    new = changed = same = foreign = conflicts = 0
    while chunk := list(islice(seen, _CHUNK)):
        _refuse_strangers(ctx, chunk)
        step = _Step(ctx, tx, known_rules, device, only_known)
        step.take(chunk)
        new, changed, same = new + len(step.inserts), changed + step.changed, same + step.same
        foreign, conflicts = foreign + step.foreign, conflicts + step.conflicts
    return MergeReport(new, changed, same, foreign, conflicts)


def foresee(
    ctx: Context, session: Session, incoming: Iterable[Mapping[str, Any]], *, only_known: bool = False
) -> MergeReport:
    """What `merge_records` would do, without doing it."""
    new = changed = same = foreign = conflicts = 0
    seen = iter(incoming)
    while chunk := list(islice(seen, _CHUNK)):
        _refuse_strangers(ctx, chunk)
        present = _present(session, [record["id"] for record in chunk])
        waiting = waiting_for(session, list(present)) if present else {}
        for record in chunk:
            row = present.get(record["id"])
            if row is None:
                new, foreign = new + (not only_known), foreign + only_known
                continue
            before, theirs = side_of(row, waiting.get(record["id"], ())), _their_side(record)
            if _alike(before, theirs):
                same += 1
                continue
            after = merge.merge(before, theirs)
            conflicts += _count(after.side) - _count(before)
            changed, same = changed + bool(after.taken), same + (not after.taken)
    return MergeReport(new, changed, same, foreign, conflicts)


def is_complete(known: Rules, values: Mapping[str, Any], *, each_checked: bool = False) -> bool:
    """Whether a record breaks no rule: what `Rules.problems` says, in a quarter of the time where all is well.

    `each_checked`: what stands in each field was checked already by the spec that it came with, as a carrier's is.
    """
    if each_checked:
        if not all(map(values.__getitem__, _REQUIRED)):
            return False
    elif not STUDENT.plainly_right(values):
        return not known.problems(values)
    for name, choices in _CODED:
        if values[name] and choices in known.lists and values[name] not in known.lists[choices]:
            return False
    if any(problem for check in STUDENT.checks for problem in check(values)):
        return False
    return not season_problems(values, known.year, known.taught)


class _Step:
    """One chunk of a portion on its way into the database; rows are written together at the end."""

    def __init__(self, ctx: Context, tx: Transaction, known: Rules, device: str, only_known: bool) -> None:
        self.ctx, self.tx, self.rules, self.device, self.only_known = ctx, tx, known, device, only_known
        self.inserts: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        self.marked: list[dict[str, Any]] = []  # nothing changed but what the record knows of
        self.history: list[dict[str, Any]] = []
        self.changed = self.same = self.foreign = self.conflicts = 0

    def take(self, chunk: Sequence[Mapping[str, Any]]) -> None:
        """Merge the records of `chunk` and write what came of them."""
        by_id = {record["id"]: record for record in chunk}
        if len(by_id) != len(chunk):
            raise UserError(N_("The portion holds a record twice. Nothing was taken."))
        present = _present(self.tx.session, list(by_id))
        waiting = waiting_for(self.tx.session, list(present)) if present else {}
        for student_id, record in by_id.items():
            if student_id in present:
                self._merge(record, present[student_id], waiting.get(student_id, ()))
            elif self.only_known:
                self.foreign += 1
            else:
                self.inserts.append(self._new(record))
        self._write()

    def _write(self) -> None:
        session = self.tx.session
        insert_rows(session, Student, self.inserts)
        for rows in (self.updates, self.marked):
            if rows:
                names = [name for name in rows[0] if name != "of"]
                change = update(Student.__table__).where(Student.id == bindparam("of"))  # type: ignore[arg-type]
                session.connection().execute(change.values({name: bindparam(name) for name in names}), rows)
        insert_rows(session, StudentChange, self.history)

    def _new(self, record: Mapping[str, Any]) -> dict[str, Any]:
        search, sort_name = name_columns(record)
        values = {name: record.get(name) for name in STUDENT.names}
        return values | {
            "id": record["id"], "university": record["university"], "base_university": record["base_university"],
            "photos": record["photos"], "version": record["version"],
            "complete": is_complete(self.rules, values, each_checked=True),
            "base_version": record["version"], "marks": _read_marks(record["marks"]),
            "created_by": record["created_by"], "created_at": record["created_at"], "search": search,
            "changed_by": record["changed_by"], "changed_at": record["changed_at"], "sort_name": sort_name,
            "deleted_at": record["changed_at"] if record["deleted"] else None,
        }  # fmt: skip

    def _merge(self, record: Mapping[str, Any], row: Mapping[str, Any], waiting: Sequence[Conflict]) -> None:
        before, theirs = side_of(row, waiting), _their_side(record)
        if _alike(before, theirs):
            self.same += 1
            return
        after = merge.merge(before, theirs)
        if after.side.open or before.open:
            self.conflicts += self._keep_conflicts(record, before, after.side, waiting)
        if not after.taken:
            self.same += 1
            if merge.marks_json(after.side.marks) != merge.marks_json(before.marks):
                self.marked.append({"of": record["id"], "marks": after.side.marks})
            return
        self.changed += 1
        version = max(row["version"] + 1, record["version"])
        self.updates.append(self._updated(record, row, after, version))
        self._tell(record, before, after, version)

    def _updated(
        self, record: Mapping[str, Any], row: Mapping[str, Any], after: Merged, version: int
    ) -> dict[str, Any]:
        values = {name: after.side.values[name] for name in STORED}
        search, sort_name = name_columns(values)
        deleted_at = (row["deleted_at"] or record["changed_at"]) if after.side.values[DELETED] else None
        form = {name: values[name] for name in STUDENT.names}
        return values | {
            "of": record["id"], "marks": after.side.marks, "version": version, "search": search,
            "base_version": record["version"], "sort_name": sort_name, "deleted_at": deleted_at,
            "complete": is_complete(self.rules, form, each_checked=True), "changed_by": record["changed_by"],
            "changed_at": max(record["changed_at"], row["changed_at"]),
        }  # fmt: skip

    def _tell(self, record: Mapping[str, Any], before: Side, after: Merged, version: int) -> None:
        """The history of the fields taken: what stood here, and who changed it there, when and why."""
        for name in after.taken:
            ground = _ground_of(record, name)
            self.history.append({
                "student": record["id"], "version": version, "field": name, "ground": ground.text,
                "old": merge.tracked_text(before.values.get(name)), "by": ground.by, "at": ground.at,
                "new": merge.tracked_text(after.side.values[name]),
                "mark": merge.mark_json(merge.mark_of(after.side.marks, name)),
            })  # fmt: skip

    def _keep_conflicts(
        self, record: Mapping[str, Any], before: Side, side: Side, waiting: Sequence[Conflict]
    ) -> int:
        """Write the open candidates of a record as conflict rows; the number of new ones."""
        rows = {(row.field, row.theirs): row for row in waiting}
        fresh = 0
        for name, candidates in side.open.items():
            for candidate in candidates:
                text = merge.tracked_text(candidate.value)
                row = rows.pop((name, text), None)
                if row is None:
                    fresh += 1
                    row = self._conflict(record, before, name, candidate)
                    self.tx.session.add(row)
                row.theirs_mark = merge.mark_json(candidate.mark)
                row.mine = merge.tracked_text(side.values[name])
        for row in rows.values():
            row.state = "overtaken"
        self.tx.session.flush()
        return fresh

    def _conflict(self, record: Mapping[str, Any], before: Side, name: str, candidate: Candidate) -> Conflict:
        both = (merge.mark_of(before.marks, name), merge.mark_of(_read_marks(record["marks"]), name))
        return Conflict(
            id=new_id(self.ctx.entropy), student=record["id"], field=name, theirs=merge.tracked_text(candidate.value),
            theirs_mark="", theirs_by=_ground_of(record, name).by, device=self.device, found_at=stamp(self.ctx),
            state="open", base=_base(self.tx.session, record["id"], name, both),
        )  # fmt: skip


def _refuse_strangers(ctx: Context, chunk: Iterable[Mapping[str, Any]]) -> None:
    for record in chunk:
        if record["university"] != ctx.university:
            raise UserError(
                N_("The portion holds a record of university {code}. Nothing was taken."), code=record["university"]
            )
        try:
            _read_marks(record["marks"])
            if record.get("grounds"):
                merge.read_grounds(record["grounds"])
        except ValueError as error:
            raise UserError(N_("A record does not say who changed it. Nothing was taken.")) from error


@lru_cache(maxsize=1024)
def _read_marks(text: str) -> Marks:
    """Most records of a portion were changed by one PC once, so their marks are one text."""
    return merge.read_marks(text)


def _ground_of(record: Mapping[str, Any], name: str) -> Ground:
    """Who gave a field of an arrived record its value; where that is not said, who changed the record last."""
    grounds = merge.read_grounds(record.get("grounds"))
    return grounds.get(name) or Ground(record["changed_by"], record["changed_at"], "")


def grounds_of(session: Session, ids: Any) -> dict[str, dict[str, Ground]]:
    """The newest line of the history for each field of the records that `ids` selects."""
    query = (
        select(StudentChange.student, StudentChange.field, StudentChange.by, StudentChange.at, StudentChange.ground)
        .where(StudentChange.student.in_(ids), StudentChange.field.in_(TRACKED))
        .order_by(StudentChange.id)
    )
    found: dict[str, dict[str, Ground]] = {}
    for student, name, by, at, text in session.execute(query):
        found.setdefault(student, {})[name] = Ground(by, at, text)
    return found


def deletions_of(session: Session, ids: Any) -> dict[str, Ground]:
    """The newest deletion of the records that `ids` selects, also of one that stands again."""
    query = (
        select(StudentChange.student, StudentChange.by, StudentChange.at, StudentChange.ground)
        .where(StudentChange.student.in_(ids), StudentChange.field == DELETED, StudentChange.new.is_not(None))
        .order_by(StudentChange.id)
    )
    return {student: Ground(by, at, text) for student, by, at, text in session.execute(query)}


def _present(session: Session, ids: list[str]) -> dict[str, Mapping[str, Any]]:
    """Those of the records that are here; most portions bring many that are not, and one list of all is soon asked."""
    asked = func.json_each(bindparam("ids")).table_valued("value")
    here = session.scalars(select(Student.id).where(Student.id.in_(select(asked.c.value))), {"ids": json.dumps(ids)})
    if not (known := here.all()):
        return {}
    columns = ("id", "version", "marks", "deleted_at", "changed_at", *STORED)
    query = select(*(getattr(Student, name) for name in columns)).where(Student.id.in_(known))
    return {row[0]: dict(zip(columns, row, strict=True)) for row in session.execute(query)}


def waiting_for(session: Session, ids: Sequence[str]) -> dict[str, list[Conflict]]:
    """The open conflicts of some records, by record."""
    found: dict[str, list[Conflict]] = {}
    for row in session.scalars(select(Conflict).where(Conflict.state == "open", Conflict.student.in_(ids))):
        found.setdefault(row.student, []).append(row)
    return found


def side_of(row: Mapping[str, Any], waiting: Iterable[Conflict] = ()) -> Side:
    """A record here, of its columns and open conflicts."""
    values = dict(zip(STORED, _stored_values(row), strict=True))
    values[DELETED] = bool(row["deleted_at"])
    open_: dict[str, tuple[Candidate, ...]] = {}
    for conflict in waiting:
        open_[conflict.field] = (*open_.get(conflict.field, ()), candidate_of(conflict))
    return Side(values, row["marks"] or {"": {}}, open_)


def candidate_of(conflict: Conflict) -> Candidate:
    """The value that waits, with its mark."""
    return Candidate(merge.tracked_value(conflict.field, conflict.theirs), json.loads(conflict.theirs_mark))


def _their_side(record: Mapping[str, Any]) -> Side:
    values = {name: record.get(name) for name in STORED}
    values[DELETED] = bool(record["deleted"])
    return Side(values, _read_marks(record["marks"]))


def _alike(before: Side, theirs: Side) -> bool:
    """Whether the other side says nothing that is not here already."""
    return not before.open and before.values == theirs.values and before.marks == theirs.marks


def _count(side: Side) -> int:
    return sum(len(candidates) for candidates in side.open.values())


def _base(session: Session, student_id: str, name: str, both: Sequence[Mark]) -> str | None:
    """The newest value of a field in the history that both sides knew of."""
    query = (
        select(StudentChange.old, StudentChange.new, StudentChange.mark)
        .where(StudentChange.student == student_id, StudentChange.field == name)
        .order_by(StudentChange.id.desc())
    )
    oldest: str | None = None
    for old, new, mark in session.execute(query):
        if mark and all(merge.knows(side, json.loads(mark)) for side in both):
            return str(new) if new is not None else None
        oldest = old
    return oldest
