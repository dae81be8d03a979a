"""Which records are typed a second time and by whom (p.18, p.21): drawn at the programmer's, carried to the operators.

No value of a record leaves with the list: a sheet is found by the pile it lies in, typist, day and place in the pile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.organisation import MANAGERS, PersonRole, Role
from mab_desktop.domain.second_entry import ASIDE, SECOND_WANTED, is_drawn, verifier_of
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.operators import names_here
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import Operator
from mab_desktop.storage.tables.second_entry import SecondEntry, SecondWanted
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange

KEY = "second-entry"


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a hundred records are typed again: of everybody's, and of some operators' another number."""

    all: int
    by: Mapping[str, int]

    def of(self, typist: str) -> int:
        """The share of one typist's records."""
        return self.by.get(typist, self.all)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to be typed again: number `sheet` of what `typist` typed on `day`; `verifier` "" is anybody else.

    `again` tells how many second entries of it were set aside.
    """

    student: str
    version: int
    typist: str
    typist_name: str
    day: date
    sheet: int
    verifier: str
    again: int


def share(ctx: Context) -> Share:
    """The share as it is set here; nothing is drawn on an operator's PC."""
    with ctx.store.read() as session:
        return _share(setting(session, KEY))


def set_share(ctx: Context, everybody: int, by: Mapping[str, int] | None = None) -> None:
    """Set the share of records to be typed again, in per cent; a greater share keeps what was drawn before.

    The seed of the draw is made with the first share and shown to nobody.
    """
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, *MANAGERS)
    wanted = Share(everybody, dict(by or {}))
    if not all(type(n) is int and 0 <= n <= 100 for n in (everybody, *wanted.by.values())):
        raise Refused([Problem("share", N_("Must be from {low} to {high}."), (("low", 0), ("high", 100)))])
    with ctx.store.write(ctx.actor) as tx:
        seed = setting(tx.session, KEY).get("seed") or ctx.entropy.bytes(16).hex()
        put_setting(tx, KEY, {"seed": seed, "share": everybody, "by": dict(wanted.by)})
        tx.note("second-entry-share-set", KEY, share=everybody, by=dict(wanted.by))


def drawn(session: Session) -> list[Sheet]:
    """Every sheet that is to be typed again and was not yet: drawn here, or as the programmer's list says."""
    value = setting(session, KEY)
    return _draw(session, _share(value), value["seed"]) if value else _listed(session)


def may_type(ctx: Context, session: Session, sheets: Iterable[Sheet]) -> list[Sheet]:
    """The sheets that the person at work types, in the order of the piles.

    Never his own, never one that he corrected; an operator only those drawn for him.
    """
    me = ctx.actor.login
    touched = set(session.scalars(_correctors().with_only_columns(StudentChange.student).where(StudentChange.by == me)))
    operator = ctx.actor.role == PersonRole.OPERATOR
    found = (
        sheet for sheet in sheets
        if sheet.typist != me and sheet.student not in touched and (not operator or sheet.verifier in ("", me))
    )  # fmt: skip
    return sorted(found, key=lambda sheet: (sheet.day, sheet.typist, sheet.sheet))


def sheet_numbers(session: Session) -> dict[str, tuple[str, str, int]]:
    """Record → who typed it, on which day, as which of that day; deleted ones keep their place in the pile."""
    query = select(Student.id, Student.created_by, func.substr(Student.created_at, 1, 10)).order_by(
        Student.created_at, Student.id
    )
    piles: Counter[tuple[str, str]] = Counter()
    found = {}
    for student, typist, day in session.execute(query):
        piles[typist, day] += 1
        found[student] = (typist, day, piles[typist, day])
    return found


def wanted_records(session: Session) -> list[tuple[str, Mapping[str, Any]]]:
    """The list for the operators' PCs."""
    if not setting(session, KEY):
        return []
    return [("second-wanted", {name: getattr(sheet, name) for name in SECOND_WANTED.names}) for sheet in drawn(session)]


def take_wanted(tx: Transaction, arrived: Iterable[Mapping[str, Any]]) -> int:
    """The programmer's list in place of the one before; how many sheets it has."""
    lines = {line["student"]: line for line in arrived}
    tx.session.execute(delete(SecondWanted))
    for line in lines.values():
        tx.session.add(SecondWanted(**{**line, "verifier": line["verifier"] or "", "again": line["again"] or 0}))
    tx.session.flush()
    return len(lines)


def _share(value: Mapping[str, Any]) -> Share:
    return Share(int(value.get("share", 0)), {login: int(n) for login, n in value.get("by", {}).items()})


def _correctors() -> Any:
    return select(StudentChange.student, StudentChange.by).where(StudentChange.field.in_(STUDENT.names)).distinct()


def _draw(session: Session, wanted: Share, seed: str) -> list[Sheet]:
    if not (wanted.all or any(wanted.by.values())):
        return []
    states = session.execute(select(SecondEntry.student, SecondEntry.state)).all()
    done = {student for student, state in states if state != ASIDE}
    again = Counter(student for student, state in states if state == ASIDE)
    correctors: dict[str, set[str]] = {}
    for student, login in session.execute(_correctors()):
        correctors.setdefault(student, set()).add(login)
    operators = set(session.scalars(select(Operator.login).where(Operator.active)))
    names, places = names_here(session), sheet_numbers(session)
    query = select(Student.id, Student.version).where(
        Student.deleted_at.is_(None), Student.complete, Student.id.not_in(select(Allotment.student))
    )
    found = []
    for student, version in session.execute(query):
        typist, day, number = places[student]
        if student in done or not is_drawn(seed, student, wanted.of(typist)):
            continue
        verifier = verifier_of(seed, student, operators - {typist} - correctors.get(student, set()))
        name = names.get(typist, typist)
        found.append(Sheet(student, version, typist, name, date.fromisoformat(day), number, verifier, again[student]))
    return found


def _listed(session: Session) -> list[Sheet]:
    typed = Counter(session.scalars(select(SecondEntry.student)))
    return [
        Sheet(row.student, row.version, row.typist, row.typist_name, row.day, row.sheet, row.verifier, row.again)
        for row in session.scalars(select(SecondWanted))
        if typed[row.student] <= row.again
    ]
