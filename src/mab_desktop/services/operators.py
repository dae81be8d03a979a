"""Operators of a network university: their list (p.21), and the journal of each working day (p.20).

The journal is read from the log, which nobody can change; days of other PCs come with the operators' portions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Refused
from mab_desktop.domain.fields import Field, RecordSpec
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.second_entry import BOTH, COMPARED, TYPIST, VERIFIER, erred
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.keystrokes import keys_by_day
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables import network
from mab_desktop.storage.tables.core import Account, AuditEntry
from mab_desktop.storage.tables.second_entry import SecondDifference, SecondEntry

OPERATOR = RecordSpec(
    "operator",
    N_("Operator"),
    (
        Field("login", N_("Login"), required=True, max_length=64),
        Field("full_name", N_("Full name"), required=True, max_length=200),
        Field("workplace", N_("Workplace"), max_length=64),
    ),
)
_ENTERED, _CHANGED, _DELETED = {"student-entered"}, {"student-changed", "photos-received"}, {"student-deleted"}
_VERIFIED = {"second-entry-typed"}
_WORK = (*_ENTERED, *_CHANGED, *_DELETED, *_VERIFIED, "student-restored", "second-entry-settled")
_COUNTS = ("new", "changed", "deleted", "total", "verified", "keys")


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """A person on the list of operators."""

    login: str
    full_name: str
    workplace: str
    active: bool


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A day's work of an operator at one PC; times as HH:MM, `total` the records he has entered there so far.

    `verified` are records typed a second time, `keys` the keys pressed while typing, `errors` the fields typed on this
    day that verification has found wrong so far (his in the first entry, or in the second).
    """

    day: date
    operator: str
    name: str
    device: str
    started: str
    finished: str
    new: int
    changed: int
    deleted: int
    total: int
    verified: int = 0
    keys: int = 0
    errors: int = 0

    @property
    def keys_per_hour(self) -> int | None:
        """Keys in an hour between first and last entry; None where that is under five minutes."""
        minutes = _minutes(self.finished) - _minutes(self.started)
        return round(self.keys * 60 / minutes) if minutes >= _SHORTEST and self.keys else None


_SHORTEST = 5


def operators(ctx: Context) -> list[OperatorRow]:
    """The list of operators, in Kazakh order."""
    with ctx.store.read() as session:
        found = session.scalars(select(network.Operator))
        rows = [OperatorRow(row.login, row.full_name, row.workplace, row.active) for row in found]
    return sorted(rows, key=lambda row: sort_key(row.full_name))


def save_operator(ctx: Context, values: Mapping[str, Any], *, active: bool = True) -> None:
    """Put a person on the list of operators, or change the entry with this login."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)
    kept = {name: (values.get(name) or "").strip() for name in OPERATOR.names}
    if problems := OPERATOR.problems(kept):
        raise Refused(problems)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(network.Operator(**kept, active=active))
        tx.note("operator-listed", kept["login"], active=active)


def journal(ctx: Context, first: date | None = None, last: date | None = None) -> list[WorkingDay]:
    """The operators' journal by day and name: work at this PC, and what other PCs reported."""
    with ctx.store.read() as session:
        days = {(d.day, d.operator, d.device): d for d in [*reported_days(session), *own_days(session)]}
        _put_errors(days, errors_by_day(session))
    wanted = (d for d in days.values() if (not first or d.day >= first) and (not last or d.day <= last))
    return sorted(wanted, key=lambda d: (d.day, sort_key(d.name), d.device))


def own_days(session: Session) -> list[WorkingDay]:
    """The days of work with student records at this PC, as the log tells them."""
    query = (
        select(AuditEntry.at, AuditEntry.user, AuditEntry.device, AuditEntry.event, AuditEntry.object)
        .where(AuditEntry.event.in_(_WORK))
        .order_by(AuditEntry.n)
    )
    tallies: dict[tuple[str, str, str], _Tally] = {}
    entered: dict[tuple[str, str], int] = {}
    for at, user, device, event, record in session.execute(query):
        if event in _ENTERED:
            entered[user, device] = entered.get((user, device), 0) + 1
        tally = tallies.setdefault((at[:10], user, device), _Tally(at[11:16]))
        tally.count(event, record)
        tally.finished, tally.total = at[11:16], entered.get((user, device), 0)
    names, keys = names_here(session), keys_by_day(session)
    days = []
    for (day, user, device), t in tallies.items():
        of_day = date.fromisoformat(day)
        days.append(
            WorkingDay(of_day, user, names.get(user, user), device or user, t.started, t.finished, len(t.new),
                       len(t.changed - t.new), len(t.deleted), t.total, len(t.verified), keys.pop((of_day, user), 0))
        )  # fmt: skip
    return days


def reported_days(session: Session) -> list[WorkingDay]:
    """The days that other PCs reported in their portions."""
    return [
        WorkingDay(d.day, d.operator, d.name, d.device, d.started, d.finished, d.new, d.changed, d.deleted, d.total,
                   d.verified, d.keys)
        for d in session.scalars(select(network.OperatorDay))
    ]  # fmt: skip


def day_record(day: WorkingDay) -> dict[str, Any]:
    """A day as a portion carries it; errors are counted where both entries met."""
    return {field.name: getattr(day, field.name) for field in fields(day) if field.name != "errors"}


def errors_by_day(session: Session) -> dict[tuple[date, str], int]:
    """Day and login → fields typed then that verification has found wrong: first entries and second ones."""
    query = (
        select(SecondDifference, SecondEntry)
        .join(SecondEntry, SecondEntry.id == SecondDifference.entry)
        .where(SecondDifference.choice != "", SecondEntry.state == COMPARED)
    )
    found: dict[tuple[date, str], int] = {}
    for line, entry in session.execute(query):
        who = erred(line.field, line.first, line.second, line.settled)
        wrong = [(line.typed_at, line.typist)] if who in (TYPIST, BOTH) else []
        wrong += [(entry.at, entry.verifier)] if who in (VERIFIER, BOTH) else []
        for at, login in wrong:
            key = (date.fromisoformat(at[:10]), login)
            found[key] = found.get(key, 0) + 1
    return found


def take_days(tx: Transaction, reported: Iterable[Mapping[str, Any]]) -> int:
    """Keep the days that a portion reports; of two reports of a day the one that tells more."""
    count = 0
    for line in reported:
        count += 1
        values = {**line, **{name: line[name] or 0 for name in _COUNTS}}
        kept = tx.session.get(network.OperatorDay, (values["day"], values["operator"], values["device"]))
        if kept is None:
            tx.session.add(network.OperatorDay(**values))
        else:
            kept.started = min(kept.started, values["started"])
            for name in ("finished", *_COUNTS):
                setattr(kept, name, max(getattr(kept, name), values[name]))
    return count


class _Tally:
    """A day being counted: records by what happened to them, first and last time."""

    def __init__(self, started: str) -> None:
        self.started = self.finished = started
        self.new: set[str] = set()
        self.changed: set[str] = set()
        self.deleted: set[str] = set()
        self.verified: set[str] = set()
        self.total = 0

    def count(self, event: str, record: str) -> None:
        """Add one log entry."""
        for events, records in ((_ENTERED, self.new), (_CHANGED, self.changed), (_DELETED, self.deleted),
                                (_VERIFIED, self.verified)):  # fmt: skip
            if event in events:
                records.add(record)


def names_here(session: Session) -> dict[str, str]:
    """Login → full name of everybody who may log in here or is on the list of operators."""
    people = (select(Account.login, Account.full_name), select(network.Operator.login, network.Operator.full_name))
    return {login: name for query in people for login, name in session.execute(query)}


def people_here(ctx: Context) -> dict[str, str]:
    """Login → full name of everybody whom this university's pages may name."""
    with ctx.store.read() as session:
        return names_here(session)


def _put_errors(days: dict[tuple[date, str, str], WorkingDay], errors: Mapping[tuple[date, str], int]) -> None:
    """Stand beside the day's work; of a day at two PCs, beside the PC where more was typed."""
    for (of_day, login), count in errors.items():
        found = [key for key in days if key[:2] == (of_day, login)]
        if found:
            key = max(found, key=lambda k: (days[k].new + days[k].verified, k))
            days[key] = replace(days[key], errors=count)


def _minutes(clock: str) -> int:
    hours, _colon, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)
