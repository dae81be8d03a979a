"""The hand-over register with the network universities and their trainings (p.19, p.20).

A line is never changed: what was written by mistake is withdrawn with a reason and written anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.network_register import OFFICES, PROGRAM, PROGRAM_RECORD, TRAINING_RECORD
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.base_board import attached, require_attached
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.network_register import NetworkHandOver, Training, TrainingAttendance


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A line of the register; `withdrawn` is the reason why it no longer counts."""

    id: int
    university: str
    name: str
    item: str
    day: date
    person: str
    post: str
    phone: str
    version: str
    carrier: str
    signed: bool
    sealed: bool
    note: str
    count: int
    control_sum: str
    at: str
    by: str
    withdrawn: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came for a university in which office."""

    university: str
    office: str
    person: str


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """A training and who came to it."""

    id: str
    day: date
    place: str
    topic: str
    held_by: str
    attendance: tuple[Attendance, ...]

    @property
    def universities(self) -> tuple[str, ...]:
        """The universities that sent somebody."""
        return tuple(sorted({came.university for came in self.attendance}))


@dataclass(frozen=True, slots=True)
class Contact:
    """Who may be asked at a network university: the newest person of the register."""

    person: str
    phone: str


# -- the register ------------------------------------------------------------------------------------------------------


def lines(ctx: Context, university: str = "", item: str = "", *, withdrawn: bool = True) -> list[RegisterLine]:
    """The register in the order in which it was written."""
    query = select(NetworkHandOver).order_by(NetworkHandOver.id)
    if university:
        query = query.where(NetworkHandOver.university == university)
    if item:
        query = query.where(NetworkHandOver.item == item)
    if not withdrawn:
        query = query.where(NetworkHandOver.withdrawn_at == "")
    with ctx.store.read() as session:
        names = reference_list(session, "university")
        return [_line(ctx, row, names) for row in session.scalars(query)]


def give_program(ctx: Context, values: Mapping[str, Any]) -> int:
    """Write down that a university was given its program (p.19); gives the line's number in the register."""
    require(ctx, Role.BASE_UNI)
    row = _checked(ctx, PROGRAM_RECORD, values)
    with ctx.store.write(ctx.actor) as tx:
        require_attached(tx.session, ctx, row["university"])
        texts = {name: (row[name] or "").strip() for name in ("person", "post", "phone", "version", "carrier", "note")}
        made = NetworkHandOver(
            university=row["university"], item=PROGRAM, day=row["day"], signed=bool(row["signed"]), sealed=False,
            count=0, control_sum="", board_entry=None, at=stamp(ctx), by=ctx.actor.login, **texts,
        )  # fmt: skip
        tx.session.add(made)
        tx.session.flush()
        tx.note("register-written", f"{PROGRAM}:{row['university']}", person=texts["person"], version=texts["version"])
        return made.id


def withdraw(ctx: Context, line: int, reason: str) -> None:
    """Take a line out of the count; it stays in the register, struck through, with the reason."""
    require(ctx, Role.BASE_UNI)
    if len(reason.strip()) < 5:
        raise Refused([Problem("reason", N_("Say in a few words why the line does not count."))])
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(NetworkHandOver, line)
        if row is None or row.withdrawn_at:
            raise UserError(N_("There is no such line in the register, or it is withdrawn already."))
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = stamp(ctx), ctx.actor.login, reason.strip()[:200]
        tx.note("register-withdrawn", f"{row.item}:{row.university}", line=line, reason=row.withdrawn_reason)


def contacts(ctx: Context) -> dict[str, Contact]:
    """Whom to ask, by university."""
    with ctx.store.read() as session:
        query = select(NetworkHandOver).where(NetworkHandOver.item == PROGRAM, NetworkHandOver.withdrawn_at == "")
        return {row.university: Contact(row.person, row.phone)
                for row in session.scalars(query.order_by(NetworkHandOver.id))}  # fmt: skip


def _line(ctx: Context, row: NetworkHandOver, names: Mapping[str, Any]) -> RegisterLine:
    name = names[row.university].name(ctx.lang) if row.university in names else row.university
    return RegisterLine(
        row.id, row.university, name, row.item, row.day, row.person, row.post, row.phone, row.version, row.carrier,
        row.signed, row.sealed, row.note, row.count, row.control_sum, row.at, row.by, row.withdrawn_reason,
    )  # fmt: skip


# -- trainings ---------------------------------------------------------------------------------------------------------


def trainings(ctx: Context) -> list[TrainingLine]:
    """Every training with who came, the newest first."""
    with ctx.store.read() as session:
        came: dict[str, list[Attendance]] = defaultdict(list)
        query = select(TrainingAttendance).order_by(TrainingAttendance.university, TrainingAttendance.office)
        for row in session.scalars(query):
            came[row.training].append(Attendance(row.university, row.office, row.person))
        held = session.scalars(select(Training).order_by(Training.day.desc(), Training.at.desc()))
        return [TrainingLine(row.id, row.day, row.place, row.topic, row.held_by, tuple(came[row.id])) for row in held]


def save_training(ctx: Context, values: Mapping[str, Any], training: str = "") -> str:
    """Write down a training, or change what was written of it; gives its id."""
    require(ctx, Role.BASE_UNI)
    row = _checked(ctx, TRAINING_RECORD, values)
    with ctx.store.write(ctx.actor) as tx:
        known = tx.session.get(Training, training) if training else None
        if known is None:
            known = Training(id=new_id(ctx.entropy), at=stamp(ctx), by=ctx.actor.login, **row)
            tx.session.add(known)
        else:
            for name, value in row.items():
                setattr(known, name, value)
        tx.note("register-written", "training", day=row["day"].isoformat(), topic=row["topic"])
        return known.id


def save_attendance(ctx: Context, training: str, attendance: Sequence[Attendance]) -> None:
    """Who came to a training, in place of what was noted before."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        if tx.session.get(Training, training) is None:
            raise UserError(N_("There is no such training."))
        for came in attendance:
            require_attached(tx.session, ctx, came.university)
            if came.office not in OFFICES or not came.person.strip():
                raise Refused([Problem("person", N_("Required field."))])
        tx.session.execute(delete(TrainingAttendance).where(TrainingAttendance.training == training))
        tx.session.add_all(
            TrainingAttendance(training=training, university=came.university, office=came.office,
                               person=came.person.strip()[:120])
            for came in attendance
        )  # fmt: skip
        tx.note("register-written", "training-attendance", people=len(attendance),
                universities=sorted({came.university for came in attendance}))  # fmt: skip


def remove_training(ctx: Context, training: str) -> None:
    """Take off a training that was entered by mistake; one that somebody attended stays."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Training, training)
        if row is None:
            raise UserError(N_("There is no such training."))
        if tx.session.scalar(select(TrainingAttendance.person).where(TrainingAttendance.training == training).limit(1)):
            raise OutOfOrder(N_("Somebody came to this training. Take the names out first."))
        tx.note("register-withdrawn", "training", day=row.day.isoformat(), topic=row.topic)
        tx.session.delete(row)


def networks(ctx: Context) -> list[tuple[str, str]]:
    """The attached network universities as (code, name)."""
    with ctx.store.read() as session:
        return named(ctx, session)


def named(ctx: Context, session: Session) -> list[tuple[str, str]]:
    """The same within a session."""
    names = reference_list(session, "university")
    return [(code, names[code].name(ctx.lang) if code in names else code)
            for code in attached(session, ctx.university)]  # fmt: skip


def _checked(ctx: Context, spec: RecordSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The record's values; Refused for those that break a rule, or for a day to come."""
    row: dict[str, Any] = {name: values.get(name) if values.get(name) != "" else None for name in spec.names}
    found = list(spec.problems(row))
    if not found and row["day"] > ctx.clock.now().date():
        found = [Problem("day", N_("This day has not come yet."))]
    if found:
        raise Refused(found)
    return row
