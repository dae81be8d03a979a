"""Students of a table from elsewhere brought in: all that was chosen in one transaction, and taken back as a whole.

What stands here is compared again at the moment of writing. Every record knows from which file and row it came; undone
is what nobody has changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, select, true, update
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_
from mab_desktop.services.bring_in_plan import Plan, look_in
from mab_desktop.services.bring_in_rows import Choice, Line, State
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.settings import base_of
from mab_desktop.services.students import name_columns, pc, rules
from mab_desktop.storage.bulk import insert_rows
from mab_desktop.storage.changes import head_of
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.brought_in import BroughtIn, BroughtInRow
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange

_STEP = 500


@dataclass(frozen=True, slots=True)
class Brought:
    """What was brought in; `left` rows of the file were not, because the person chose so."""

    id: str
    new: int
    changed: int
    same: int
    left: int


@dataclass(frozen=True, slots=True)
class Past:
    """A file that was brought in; `changed_since` counts its records that somebody has changed or that have a pass."""

    id: str
    file_name: str
    digest: str
    rows: int
    new: int
    changed: int
    at: str
    by: str
    undone_at: str | None
    undone_by: str | None
    reason: str | None
    changed_since: int

    @property
    def undone(self) -> bool:
        """True when it was taken back."""
        return self.undone_at is not None


def obstacle(plan: Plan, choice: Choice) -> Problem | None:
    """Why the rows cannot be brought in as chosen, or None."""
    counts = plan.counts(choice)
    held = counts[State.ERROR] + counts[State.DUPLICATE]
    if held and not choice.leave_errors:
        said = N_("{n} rows are not right yet. Correct them, or choose to bring in the right rows only.")
        return Problem("", said, (("n", held),))
    if not counts[State.NEW] + counts[State.CHANGED]:
        return Problem("", N_("There is nothing to bring in: every row is here already or is left out."))
    return None


def bring_in(ctx: Context, plan: Plan, choice: Choice, progress: Progress = Silent()) -> Brought:
    """Write the rows that `choice` lets in, all or none. Refused while rows are held up and not left on purpose.

    It can be cancelled up to the moment of writing. UserError when records here have changed so that the preview no
    longer holds.
    """
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    if problem := obstacle(plan, choice):
        raise Refused([problem])
    made = _Made(ctx, plan, choice)
    progress.stage(N_("Preparing the records"), len(made.lines))
    for n, line in enumerate(made.lines, 1):
        made.add(line)
        if n % _STEP == 0:
            progress.step(_STEP)
    progress.stage(N_("Writing the records"))
    with ctx.store.write(ctx.actor) as tx:
        _require_as_seen(ctx, tx, plan)
        made.write(tx)
        tx.note("students-brought-in", made.id, file=plan.sheet.table.name, digest=plan.sheet.table.digest,
                rows=len(plan.lines), new=made.new, changed=made.changed)  # fmt: skip
    counts = plan.counts(choice)
    left = counts[State.ERROR] + counts[State.DUPLICATE] + counts[State.LEFT_OUT]
    return Brought(made.id, made.new, made.changed, counts[State.SAME], left)


def past(ctx: Context) -> list[Past]:
    """The files that were brought in here, the newest first; an operator's own."""
    touched = select(func.count()).where(BroughtInRow.brought_in == BroughtIn.id, _changed_since()).scalar_subquery()
    columns = [getattr(BroughtIn, name) for name in Past.__dataclass_fields__ if name != "changed_since"]
    query = select(*columns, touched).where(_mine(ctx)).order_by(BroughtIn.at.desc(), BroughtIn.id)
    with ctx.store.read() as session:
        rows: Sequence[Any] = session.execute(query).all()
    return [Past(*row) for row in rows]


def undo(ctx: Context, brought_in: str, reason: str, *, leave_changed: bool = False) -> tuple[int, int]:
    """Take a bringing-in back: delete the records that it made, give those that it changed their values again.

    Refused while some have been changed since or have a pass, unless `leave_changed` lets those stay as they are.
    How many were taken back, how many stay.
    """
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    if not reason.strip():
        raise Refused([Problem("reason", N_("Give a reason."))])
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.scalar(select(BroughtIn).where(BroughtIn.id == brought_in, _mine(ctx)))
        if row is None or row.undone_at:
            raise UserError(N_("There is nothing to take back."))
        of_it = BroughtInRow.brought_in == brought_in
        stay = tx.session.scalar(select(func.count()).where(of_it, _changed_since())) or 0
        if stay and not leave_changed:
            raise OutOfOrder(N_("{n} of these records have been changed since. Nothing was taken back."), n=stay)
        taken = _take_back(ctx, tx, brought_in, reason.strip())
        row.undone_at, row.undone_by, row.reason = stamp(ctx), ctx.actor.login, reason.strip()[:200]
        tx.note("bringing-in-undone", brought_in, reason=reason.strip(), records=taken, stayed=stay)
    return taken, stay


class _Made:
    """The rows of the database that a plan comes to, ready to be written at once."""

    def __init__(self, ctx: Context, plan: Plan, choice: Choice) -> None:
        self.ctx, self.plan, self.id, self.lines = ctx, plan, new_id(ctx.entropy), plan.taken(choice)
        self.now, self.device, self.base = stamp(ctx), pc(ctx), ""
        self.new = self.changed = 0
        self._students: list[dict[str, Any]] = []
        self._changed: list[tuple[Line, str]] = []
        self._rows: list[dict[str, Any]] = []
        with ctx.store.read() as session:
            self.base = _base(ctx, session, choice)

    def add(self, line: Line) -> None:
        """One row of the file."""
        search, sort_name = name_columns(line.record)
        if line.kind is State.CHANGED:
            self.changed += 1
            self._changed.append((line, f"{self.plan.sheet.table.name}:{line.number}"[-200:]))
            return
        self.new += 1
        student = new_id(self.ctx.entropy)
        self._students.append({
            **line.record, "id": student, "university": self.ctx.university, "base_university": self.base, "photos": 0,
            "complete": not line.missing, "version": 1, "base_version": 0, "marks": merge.first_marks(self.device),
            "created_by": self.ctx.actor.login, "created_at": self.now, "changed_by": self.ctx.actor.login,
            "changed_at": self.now, "search": search, "sort_name": sort_name,
        })  # fmt: skip
        self._rows.append({"brought_in": self.id, "student": student, "line": line.number, "version": 1})

    def write(self, tx: Transaction) -> None:
        """Insert, update, and say where each record came from."""
        table = self.plan.sheet.table
        tx.session.add(BroughtIn(
            id=self.id, file_name=table.name[-200:], digest=table.digest, rows=len(self.plan.lines), new=self.new,
            changed=self.changed, at=self.now, by=self.ctx.actor.login,
        ))  # fmt: skip
        tx.session.flush()
        insert_rows(tx.session, Student, self._students)
        wanted = [(line.student, {name: new for name, _old, new in line.changes}, ground)
                  for line, ground in self._changed]  # fmt: skip
        versions = _change(self.ctx, tx, wanted)
        self._rows += [
            {"brought_in": self.id, "student": line.student, "line": line.number, "version": versions[line.student]}
            for line, _ground in self._changed
        ]
        insert_rows(tx.session, BroughtInRow, self._rows)


def _change(
    ctx: Context, tx: Transaction, wanted: Sequence[tuple[str, Mapping[str, Any], str]]
) -> dict[str, int]:
    """Give records new values of tracked fields (id, values, ground); the versions they have then."""
    if not wanted:
        return {}
    now, login, device = stamp(ctx), ctx.actor.login, pc(ctx)
    columns = [getattr(Student, name) for name in ("id", "version", "marks", "deleted_at", "complete", *STUDENT.names)]
    known = rules(tx.session, ctx)
    here: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(wanted), _STEP):
        ids = [student for student, _changes, _ground in wanted[start : start + _STEP]]
        here |= {row["id"]: row for row in tx.session.execute(select(*columns).where(Student.id.in_(ids))).mappings()}
    rows, history = [], []
    for student, changes, ground in wanted:
        old, version = here[student], here[student]["version"] + 1
        marks = merge.touched(old["marks"] or merge.first_marks(device), changes, device, version)
        values = {name: changes.get(name, old[name]) for name in STUDENT.names}
        search, sort_name = name_columns(values)
        deleted = changes.get(merge.DELETED, bool(old["deleted_at"]))
        complete = old["complete"] if merge.DELETED in changes else not known.problems(values)
        rows.append({
            **values, "id": student, "version": version, "marks": marks, "complete": complete, "changed_by": login,
            "changed_at": now, "deleted_at": now if deleted else None, "search": search, "sort_name": sort_name,
        })  # fmt: skip
        history += [
            {"student": student, "version": version, "field": name, "new": merge.tracked_text(new),
             "old": merge.tracked_text(bool(old["deleted_at"]) if name == merge.DELETED else old[name]),
             "ground": ground, "by": login, "at": now, "mark": merge.mark_json(merge.mark_of(marks, name))}
            for name, new in changes.items()
        ]  # fmt: skip
    tx.session.execute(update(Student), rows)
    if history:
        tx.session.execute(insert(StudentChange), history)
    return {row["id"]: row["version"] for row in rows}


def _take_back(ctx: Context, tx: Transaction, brought_in: str, reason: str) -> int:
    """Undo what the rows of a file did to records that are as it left them; how many."""
    query = select(BroughtInRow.student, BroughtInRow.version).where(
        BroughtInRow.brought_in == brought_in, ~_changed_since()
    )
    rows = tx.session.execute(query).all()
    made: dict[str, dict[str, Any]] = {row.student: {merge.DELETED: True} for row in rows if row.version == 1}
    before: dict[str, dict[str, Any]] = {row.student: {} for row in rows if row.version > 1}
    history = select(StudentChange.student, StudentChange.field, StudentChange.old).join(
        BroughtInRow,
        and_(BroughtInRow.student == StudentChange.student, BroughtInRow.version == StudentChange.version),
    )
    for student, name, old in tx.session.execute(history.where(BroughtInRow.brought_in == brought_in)):
        if student in before:
            before[student][name] = merge.tracked_value(name, old)
    _change(ctx, tx, [(student, values, reason[:200]) for student, values in (made | before).items()])
    return len(made) + len(before)


def _changed_since() -> ColumnElement[bool]:
    """Whether the record of a `BroughtInRow` has another version by now, or a pass."""
    as_left = exists().where(Student.id == BroughtInRow.student, Student.version == BroughtInRow.version)
    return ~as_left | exists().where(Allotment.student == BroughtInRow.student)


def _mine(ctx: Context) -> ColumnElement[bool]:
    return BroughtIn.by == ctx.actor.login if ctx.actor.role == PersonRole.OPERATOR else true()


def _require_as_seen(ctx: Context, tx: Transaction, plan: Plan) -> None:
    """Refuse when the records have changed since the preview in a way that one of its rows would now read otherwise.

    Nothing changes without a log entry, so the same head of the log says that all is as it was.
    """
    if head_of(tx.session) == plan.head:
        return
    again = look_in(ctx, tx.session, plan.sheet, plan.matching, plan.head, Silent())
    if again.verdict != plan.verdict:
        raise UserError(N_("Records here have changed since the preview. Nothing was brought in."),
                        next_step=N_("Look at the preview again."))  # fmt: skip


def _base(ctx: Context, session: Session, choice: Choice) -> str:
    """The base university of new records: the only one tied to this university, or the one chosen of several."""
    bases = base_of(session, ctx.university)
    if choice.base_university in bases:
        return choice.base_university
    if len(bases) == 1:
        return bases[0]
    if not bases:
        raise Refused([Problem("base_university", N_("No base university is known. Load the reference package."))])
    raise Refused([Problem("base_university", N_("Choose the base university: {codes}."),
                           (("codes", ", ".join(bases)),))])  # fmt: skip
