"""Merging operators' portions on the programmer's PC, and settling what two people changed or typed twice (p.21).

A portion may come again, late, or in any order (`domain.merge`). Nothing is dropped: what two sides changed waits as a
conflict, what was typed twice waits as a duplicate, and a person decides both with a reason that can be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.merge import DELETED, TRACKED, Candidate, Merged, Side
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.student import STUDENT, similar_names
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.students import (
    ROW_COLUMNS,
    SAME_DOCUMENT,
    SAME_TO_CODE,
    SIMILAR_NAME,
    Rules,
    StudentRow,
    name_columns,
    pc,
    rules,
    write_changes,
)
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import Conflict, Duplicate
from mab_desktop.storage.tables.students import Student, StudentChange

MINE, THEIRS = "mine", "theirs"
_CHUNK = 400
_STORED = tuple(name for name in TRACKED if name != DELETED)


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a portion brought: records new, changed, known already, not this PC's, and conflicts now open from it."""

    new: int
    changed: int
    same: int
    foreign: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A field with two values; texts as `domain.merge.tracked_text` makes them. `state` as in the table."""

    id: str
    student: StudentRow
    field: str
    base: str | None
    mine: str | None
    theirs: str | None
    theirs_by: str
    found_at: str
    state: str
    choice: str | None
    reason: str | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two standing records that may be one person, and why (a key of `students.DUPLICATE_LABELS`)."""

    first: StudentRow
    second: StudentRow
    why: str


# -- merging -----------------------------------------------------------------------------------------------------------


def merge_records(
    ctx: Context, tx: Transaction, incoming: Iterable[Mapping[str, Any]], device: str, *, only_known: bool = False
) -> MergeReport:
    """Merge records of a portion (`PORTION_STUDENT`) that came from `device`; the caller notes the event.

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
        waiting = _waiting(session, list(present))
        for record in chunk:
            if record["id"] not in present:
                new, foreign = new + (not only_known), foreign + only_known
                continue
            before, theirs = _side(present[record["id"]], waiting.get(record["id"], ())), _their_side(record)
            if before == theirs:
                same += 1
                continue
            after = merge.merge(before, theirs)
            conflicts += _count(after.side) - _count(before)
            changed, same = changed + bool(after.taken), same + (not after.taken)
    return MergeReport(new, changed, same, foreign, conflicts)


class _Step:
    """One chunk of a portion on its way into the database; rows are written together at the end."""

    def __init__(self, ctx: Context, tx: Transaction, known: Rules, device: str, only_known: bool) -> None:
        self.ctx, self.tx, self.rules, self.device, self.only_known = ctx, tx, known, device, only_known
        self.inserts: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.changed = self.same = self.foreign = self.conflicts = 0

    def take(self, chunk: Sequence[Mapping[str, Any]]) -> None:
        """Merge the records of `chunk` and write what came of them."""
        by_id = {record["id"]: record for record in chunk}
        if len(by_id) != len(chunk):
            raise UserError(N_("The portion holds a record twice. Nothing was taken."))
        present = _present(self.tx.session, list(by_id))
        waiting = _waiting(self.tx.session, list(present))
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
        if self.inserts:
            session.execute(insert(Student), self.inserts)
        if self.updates:
            session.execute(update(Student), self.updates)
        if self.history:
            session.execute(insert(StudentChange), self.history)

    def _new(self, record: Mapping[str, Any]) -> dict[str, Any]:
        search, sort_name = name_columns(record)
        values = {name: record.get(name) for name in STUDENT.names}
        return values | {
            "id": record["id"], "university": record["university"], "base_university": record["base_university"],
            "photos": record["photos"], "complete": not self.rules.problems(values), "version": record["version"],
            "base_version": record["version"], "marks": merge.read_marks(record["marks"]),
            "created_by": record["created_by"], "created_at": record["created_at"], "search": search,
            "changed_by": record["changed_by"], "changed_at": record["changed_at"], "sort_name": sort_name,
            "deleted_at": record["changed_at"] if record["deleted"] else None,
        }  # fmt: skip

    def _merge(self, record: Mapping[str, Any], row: Mapping[str, Any], waiting: Sequence[Conflict]) -> None:
        before, theirs = _side(row, waiting), _their_side(record)
        if not before.open and before == theirs:
            self.same += 1
            return
        after = merge.merge(before, theirs)
        if after.side.open or before.open:
            self.conflicts += self._keep_conflicts(record, after.side, waiting)
        if not after.taken:
            self.same += 1
            if merge.marks_json(after.side.marks) != merge.marks_json(before.marks):
                self.updates.append({"id": record["id"], "marks": after.side.marks})
            return
        self.changed += 1
        version = max(row["version"] + 1, record["version"])
        self.updates.append(self._updated(record, row, after, version))
        self.history += [
            {"student": record["id"], "version": version, "field": name, "ground": "",
             "old": merge.tracked_text(before.values.get(name)), "new": merge.tracked_text(after.side.values[name]),
             "by": record["changed_by"], "at": record["changed_at"],
             "mark": merge.mark_json(merge.mark_of(after.side.marks, name))}
            for name in after.taken
        ]  # fmt: skip

    def _updated(
        self, record: Mapping[str, Any], row: Mapping[str, Any], after: Merged, version: int
    ) -> dict[str, Any]:
        values = {name: after.side.values[name] for name in _STORED}
        search, sort_name = name_columns(values)
        deleted_at = (row["deleted_at"] or record["changed_at"]) if after.side.values[DELETED] else None
        return values | {
            "id": record["id"], "marks": after.side.marks, "version": version, "search": search,
            "base_version": record["version"], "sort_name": sort_name, "deleted_at": deleted_at,
            "complete": not self.rules.problems(values), "changed_by": record["changed_by"],
            "changed_at": max(record["changed_at"], row["changed_at"]),
        }  # fmt: skip

    def _keep_conflicts(self, record: Mapping[str, Any], side: Side, waiting: Sequence[Conflict]) -> int:
        """Write the open candidates of a record as conflict rows; the number of new ones."""
        rows = {(row.field, row.theirs): row for row in waiting}
        fresh = 0
        for name, candidates in side.open.items():
            for candidate in candidates:
                text = merge.tracked_text(candidate.value)
                row = rows.pop((name, text), None)
                if row is None:
                    fresh += 1
                    row = self._conflict(record, name, text, candidate)
                    self.tx.session.add(row)
                row.theirs_mark = merge.mark_json(candidate.mark)
                row.mine = merge.tracked_text(side.values[name])
        for row in rows.values():
            row.state = "overtaken"
        self.tx.session.flush()
        return fresh

    def _conflict(self, record: Mapping[str, Any], name: str, text: str | None, candidate: Candidate) -> Conflict:
        return Conflict(
            id=new_id(self.ctx.entropy), student=record["id"], field=name, theirs=text, theirs_mark="",
            theirs_by=record["changed_by"], device=self.device, found_at=stamp(self.ctx), state="open",
            base=_base(self.tx.session, record["id"], name, candidate.mark),
        )  # fmt: skip


def _refuse_strangers(ctx: Context, chunk: Iterable[Mapping[str, Any]]) -> None:
    for record in chunk:
        if record["university"] != ctx.university:
            raise UserError(
                N_("The portion holds a record of university {code}. Nothing was taken."), code=record["university"]
            )
        try:
            merge.read_marks(record["marks"])
        except ValueError as error:
            raise UserError(N_("A record does not say who changed it. Nothing was taken.")) from error


def _present(session: Session, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    columns = ("id", "version", "marks", "deleted_at", "changed_at", *_STORED)
    query = select(*(getattr(Student, name) for name in columns)).where(Student.id.in_(ids))
    return {row[0]: dict(zip(columns, row, strict=True)) for row in session.execute(query)}


def _waiting(session: Session, ids: Sequence[str]) -> dict[str, list[Conflict]]:
    found: dict[str, list[Conflict]] = {}
    for row in session.scalars(select(Conflict).where(Conflict.state == "open", Conflict.student.in_(ids))):
        found.setdefault(row.student, []).append(row)
    return found


def _side(row: Mapping[str, Any], waiting: Iterable[Conflict]) -> Side:
    values = {name: row[name] for name in _STORED} | {DELETED: bool(row["deleted_at"])}
    open_: dict[str, tuple[Candidate, ...]] = {}
    for conflict in waiting:
        open_[conflict.field] = (*open_.get(conflict.field, ()), _candidate(conflict))
    return Side(values, row["marks"] or {"": {}}, open_)


def _candidate(conflict: Conflict) -> Candidate:
    return Candidate(merge.tracked_value(conflict.field, conflict.theirs), json.loads(conflict.theirs_mark))


def _their_side(record: Mapping[str, Any]) -> Side:
    values = {name: record.get(name) for name in _STORED} | {DELETED: bool(record["deleted"])}
    return Side(values, merge.read_marks(record["marks"]))


def _count(side: Side) -> int:
    return sum(len(candidates) for candidates in side.open.values())


def _base(session: Session, student_id: str, name: str, theirs: merge.Mark) -> str | None:
    """The newest value of a field in the history that the other side knew of."""
    query = (
        select(StudentChange.old, StudentChange.new, StudentChange.mark)
        .where(StudentChange.student == student_id, StudentChange.field == name)
        .order_by(StudentChange.id.desc())
    )
    oldest: str | None = None
    for old, new, mark in session.execute(query):
        if mark and merge.knows(theirs, json.loads(mark)):
            return str(new) if new is not None else None
        oldest = old
    return oldest


# -- conflicts ---------------------------------------------------------------------------------------------------------


def conflicts(ctx: Context, *, state: str = "open") -> list[OpenConflict]:
    """Conflicts in a state ("open", "decided", "overtaken"), by the student's name."""
    query = (
        select(Conflict, *ROW_COLUMNS)
        .join(Student, Student.id == Conflict.student)
        .where(Conflict.state == state)
        .order_by(Student.sort_name, Conflict.field, Conflict.found_at, Conflict.id)
    )
    with ctx.store.read() as session:
        return [
            OpenConflict(c.id, StudentRow(*row), c.field, c.base, c.mine, c.theirs, c.theirs_by, c.found_at, c.state,
                         c.choice, c.reason, c.decided_by)
            for c, *row in session.execute(query)
        ]  # fmt: skip


def decide_conflict(ctx: Context, conflict_id: str, choice: str, reason: str) -> None:
    """Choose MINE or THEIRS for a field that two sides changed, with a reason."""
    _may_settle(ctx, reason)
    with ctx.store.write(ctx.actor) as tx:
        conflict = _conflict_in(tx, conflict_id, "open")
        row = tx.session.get_one(Student, conflict.student)
        candidate, name = _candidate(conflict), conflict.field
        before = _side(_values_of(row), [conflict])
        conflict.mine = merge.tracked_text(before.values.get(name))
        after = merge.decide(before, name, candidate, choice == THEIRS, pc(ctx), row.version + 1)
        write_changes(ctx, tx, row, {name: after.values[name]}, reason.strip())
        row.marks = dict(after.marks)
        row.complete = not rules(tx.session, ctx).problems(_values_of(row))
        conflict.state, conflict.choice, conflict.reason = "decided", choice, reason.strip()
        conflict.decided_by, conflict.decided_at = ctx.actor.login, stamp(ctx)
        tx.note("conflict-decided", conflict.id, student=row.id, field=name, choice=choice, reason=reason.strip())


def reopen_conflict(ctx: Context, conflict_id: str, reason: str) -> None:
    """Take a decision back: the value from before stands again and the question is open."""
    _may_settle(ctx, reason)
    with ctx.store.write(ctx.actor) as tx:
        conflict = _conflict_in(tx, conflict_id, "decided")
        row, name = tx.session.get_one(Student, conflict.student), conflict.field
        decided = conflict.theirs if conflict.choice == THEIRS else conflict.mine
        if merge.tracked_text(_side(_values_of(row), ()).values.get(name)) != decided:
            raise UserError(N_("The field was changed again since. Correct it in the record."))
        write_changes(ctx, tx, row, {name: merge.tracked_value(name, conflict.mine)}, reason.strip())
        row.complete = not rules(tx.session, ctx).problems(_values_of(row))
        # The other value must not count as known, or the next portion would close the question.
        mark = merge.joined(json.loads(conflict.theirs_mark), {f"{pc(ctx)}~": row.version})
        conflict.theirs_mark, conflict.state, conflict.choice = merge.mark_json(mark), "open", None
        tx.note("conflict-reopened", conflict.id, student=row.id, field=name, reason=reason.strip())


def _conflict_in(tx: Transaction, conflict_id: str, state: str) -> Conflict:
    conflict = tx.session.get(Conflict, conflict_id)
    if conflict is None or conflict.state != state:
        raise UserError(N_("This question is settled already or was never asked."))
    return conflict


def _values_of(row: Student) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*_STORED, "marks", "deleted_at", "version")}


def _may_settle(ctx: Context, reason: str) -> None:
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)
    if not reason.strip():
        raise Refused([Problem("reason", N_("Give a reason."))])


# -- duplicates --------------------------------------------------------------------------------------------------------


def find_duplicates(ctx: Context, progress: Progress = Silent()) -> list[DuplicatePair]:
    """Pairs of standing records that may be one person and that nobody has found to be two people."""
    query = select(*ROW_COLUMNS).where(Student.deleted_at.is_(None)).order_by(Student.sort_name, Student.id)
    with ctx.store.read() as session:
        rows = {row.id: row for row in (StudentRow(*found) for found in session.execute(query))}
        settled = {(first, second) for first, second in session.execute(_two_people())}
    progress.stage(N_("Looking for duplicates"), len(rows))
    found: dict[tuple[str, str], str] = {}
    for why in (SAME_TO_CODE, SAME_DOCUMENT, SIMILAR_NAME):
        for pair in _pairs(rows, why):
            found.setdefault(pair, why)
    order = {student_id: position for position, student_id in enumerate(rows)}
    pairs = sorted((pair for pair in found if pair not in settled), key=lambda p: sorted(order[i] for i in p))
    return [DuplicatePair(rows[a], rows[b], found[a, b]) for a, b in pairs]


def _two_people() -> Any:
    return select(Duplicate.first, Duplicate.second).where(Duplicate.keep == "")


def settle_duplicate(ctx: Context, first: str, second: str, keep: str, reason: str) -> None:
    """Settle a pair: keep the record `keep` and delete the other; with `keep` "" they are two people."""
    _may_settle(ctx, reason)
    first, second = sorted((first, second))
    if keep not in ("", first, second):
        raise ValueError(keep)
    with ctx.store.write(ctx.actor) as tx:
        rows = {student_id: tx.session.get(Student, student_id) for student_id in (first, second)}
        if first == second or any(row is None or row.deleted_at for row in rows.values()):
            raise UserError(N_("One of the two records is deleted already. Look at the list again."))
        for student_id, row in rows.items():
            if keep and row and student_id != keep:
                write_changes(ctx, tx, row, {DELETED: True}, reason.strip())
        tx.session.merge(
            Duplicate(first=first, second=second, keep=keep, reason=reason.strip(), by=ctx.actor.login, at=stamp(ctx))
        )
        tx.note("duplicate-settled", f"{first}|{second}", keep=keep, reason=reason.strip())


def _pairs(rows: Mapping[str, StudentRow], why: str) -> Iterator[tuple[str, str]]:
    """Pairs that agree in `why`, the smaller id first."""
    groups: dict[Any, list[StudentRow]] = {}
    for row in rows.values():
        key = getattr(row, "birth_date" if why == SIMILAR_NAME else why)
        if key:
            groups.setdefault(key, []).append(row)
    for group in groups.values():
        names = [{"surname": row.surname, "first_name": row.first_name} for row in group]
        for (one, name), (other, other_name) in combinations(zip(group, names, strict=True), 2):
            if why != SIMILAR_NAME or similar_names(name, other_name):
                yield (one.id, other.id) if one.id < other.id else (other.id, one.id)
