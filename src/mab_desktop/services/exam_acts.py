"""The acts of the exam day (p.30-34): begun with what is expected, checked, kept, withdrawn with a reason, printed.

An act is never changed: one that was entered wrongly is withdrawn, stays on record, and another takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import exam_act
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.exam_act import SPECS, ActContent, ActFacts, ActSpec
from mab_desktop.domain.exam_clock import typed_time
from mab_desktop.domain.names import full_name
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import OPEN_STATES, ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import attendance, hall_sheets, shifts, who
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.exam_heads import duty_names, representative_name
from mab_desktop.services.imprint import official
from mab_desktop.storage.tables.exam import ActRecord, Envelope, Removal, Seat, SheetStack
from mab_desktop.storage.tables.students import Student

ALLOWED = (ShiftState.SEATED, *OPEN_STATES)


@dataclass(frozen=True)
class ActLine:
    """An act as it was entered; `withdrawn` says why it does not count any more."""

    id: int
    shift: int
    hall: str
    kind: str
    number: str
    content: ActContent
    at: str
    by: str
    withdrawn: str = ""

    @property
    def spec(self) -> ActSpec:
        """What sort of act it is."""
        return SPECS[self.kind]


def facts(ctx: Context, shift: int, hall: str) -> ActFacts:
    """What is known of a hall before the act is written."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return _facts(session, shift, hall)


def _facts(session: Session, shift: int, hall: str) -> ActFacts:
    if not hall:
        return ActFacts(halls=len(hall_sheets.halls_of(session, shift)))
    stack = session.get(SheetStack, (shift, hall))
    names = session.execute(
        select(Student.surname, Student.first_name, Student.patronymic)
        .join(Seat, Seat.student == Student.id)
        .where(Seat.shift == shift, Seat.hall == hall)
    ).all()
    seated = [full_name(row[0] or "", row[1] or "", row[2]) for row in names]
    return ActFacts(stack.count if stack else 0, len(seated), frozenset(seated))


def begin(ctx: Context, shift: int, hall: str, kind: str) -> ActContent:
    """An act to be filled in, with what is expected and who usually signs."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    spec = _spec(kind)
    with ctx.store.read() as session:
        begun = exam_act.begun(spec, _facts(session, shift, hall))
        duty = tuple(name for name in duty_names(session, shift, hall) if name) if hall else ()
        present, coordinator = representative_name(session), official(session, PersonRole.COORDINATOR)
    people = {exam_act.REP: (present,), exam_act.DUTY: duty, exam_act.BASE: (coordinator,),
              exam_act.PROGRAMMER: (ctx.actor.name,)}  # fmt: skip

    def named(roles: tuple[str, ...]) -> tuple[str, ...]:
        waiting = {role: iter(people[role]) for role in roles}
        return tuple(next(waiting[role], "") for role in roles)

    return ActContent(begun.rows, "", named(spec.given_by), named(spec.taken_by), ("",) * spec.students)


def next_number(ctx: Context, shift: int) -> str:
    """The number after the highest of the shift's acts."""
    with ctx.store.read() as session:
        numbers = session.scalars(select(ActRecord.number).where(ActRecord.shift == shift)).all()
    return str(max((int(n) for n in numbers if n.isascii() and n.isdigit()), default=0) + 1)


def enter(ctx: Context, shift: int, hall: str, kind: str, number: str, content: ActContent) -> int:
    """Keep an act; gives its id. Refused with the fields that cannot be, UserError for a number that is taken."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)
    spec = _spec(kind)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, *ALLOWED)
        if spec.hall and hall not in hall_sheets.halls_of(tx.session, shift):
            raise UserError(N_("Hall {hall} has no students in shift {n}."), hall=hall, n=shift)
        found = exam_act.problems(spec, content, _facts(tx.session, shift, hall))
        found += _number_problems(tx.session, shift, number)
        if found:
            raise Refused(found)
        _refuse_second(tx.session, shift, hall, spec)
        content = replace(content, code=content.code.strip(), time=typed_time(content.time))
        row = ActRecord(
            shift=shift, hall=hall, kind=kind, number=number.strip(), content=content.plain(), at=stamp(ctx),
            by=ctx.actor.login,
        )  # fmt: skip
        tx.session.add(row)
        if spec is exam_act.REMOVAL:
            attendance.put_removal(ctx, tx, shift, content.code, content.time, content.story, number, hall)
        tx.note("act-entered", f"{shift}-{hall}" if hall else str(shift), kind=kind, number=number.strip(),
                content=content.plain())  # fmt: skip
        return row.id


def _number_problems(session: Session, shift: int, number: str) -> list[Problem]:
    if not number.strip() or len(number.strip()) > 40:
        return [Problem("number", N_("An act needs its kind and number."))]
    taken = session.scalar(
        select(ActRecord.id).where(ActRecord.shift == shift, ActRecord.number == number.strip()).limit(1)
    )
    if taken is not None:
        return [Problem("number", N_("There is an act No {number} already."), (("number", number.strip()),))]
    return []


def _refuse_second(session: Session, shift: int, hall: str, spec: ActSpec) -> None:
    """A hall gets and gives its materials once; of breaches and faults there may be several."""
    if spec.is_story or not spec.hall:
        return
    query = select(ActRecord.number).where(
        ActRecord.shift == shift, ActRecord.hall == hall, ActRecord.kind == spec.kind,
        ActRecord.withdrawn_at.is_(None),
    )  # fmt: skip
    if (number := session.scalar(query.limit(1))) is not None:
        raise UserError(
            N_("This act of hall {hall} is entered already, as No {number}."),
            next_step=N_("Withdraw it first, with the reason."), hall=hall, number=number,
        )  # fmt: skip


def withdraw(ctx: Context, act: int, why: str) -> None:
    """Take an act back with the reason; it stays on record. Refused once the envelope was received by its counts."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)
    if not why.strip():
        raise UserError(N_("Say why, in words: it stays in the log."))
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(ActRecord, act)
        if row is None or row.withdrawn_at is not None:
            raise UserError(N_("There is no such act any more. Nothing was changed."))
        shifts.require_state(tx.session, row.shift, *ALLOWED)
        if row.kind == exam_act.REMOVAL.kind:
            shifts.require_state(tx.session, row.shift, ShiftState.OPEN)
            removal = select(Removal).where(Removal.shift == row.shift, Removal.act == row.number)
            for gone in tx.session.scalars(removal):
                tx.session.delete(gone)
        if row.kind == exam_act.RETURNED.kind and tx.session.get(Envelope, (row.shift, row.hall)) is not None:
            raise UserError(
                N_("The envelope of hall {hall} was received by this act: its counts are changed there (p.38)."),
                hall=row.hall, exit_code=6,
            )  # fmt: skip
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = stamp(ctx), ctx.actor.login, why.strip()[:300]
        tx.note("act-withdrawn", f"{row.shift}-{row.hall}", kind=row.kind, number=row.number, why=why.strip()[:300])


def lines(ctx: Context, shift: int, hall: str | None = None) -> list[ActLine]:
    """The acts of a shift, or of one hall (""  for those of no hall), in the order they were entered."""
    query = select(ActRecord).where(ActRecord.shift == shift).order_by(ActRecord.id)
    if hall is not None:
        query = query.where(ActRecord.hall == hall)
    with ctx.store.read() as session:
        names = who.names(session)
        return [_line(row, names) for row in session.scalars(query) if row.kind in SPECS]


def line(ctx: Context, act: int) -> ActLine:
    """One act; UserError where there is none."""
    with ctx.store.read() as session:
        row = session.get(ActRecord, act)
        if row is None or row.kind not in SPECS:
            raise UserError(N_("There is no such act any more. Nothing was changed."))
        return _line(row, who.names(session))


def _line(row: ActRecord, names: Mapping[str, str]) -> ActLine:
    return ActLine(
        row.id, row.shift, row.hall, row.kind, row.number, exam_act.content_of(row.content), row.at,
        names.get(row.by, row.by), (row.withdrawn_why or "") if row.withdrawn_at else "",
    )  # fmt: skip


def _spec(kind: str) -> ActSpec:
    if kind not in SPECS:
        raise UserError(N_("There is no act of the kind {kind}."), kind=kind)
    return SPECS[kind]


def standing(found: list[ActLine], hall: str) -> dict[str, list[ActLine]]:
    """Kind -> the acts of a hall that count, of those given."""
    kinds: dict[str, list[ActLine]] = {}
    for act in found:
        if act.hall == hall and not act.withdrawn:
            kinds.setdefault(act.kind, []).append(act)
    return kinds
