"""Operators of a network university: their list (p.21), and the journal of each working day (p.20).

The journal is read from the log, which nobody can change; days of other PCs come with the operators' portions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Refused
from mab_desktop.domain.fields import Field, RecordSpec
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables import network
from mab_desktop.storage.tables.core import Account, AuditEntry

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
_WORK = (*_ENTERED, *_CHANGED, *_DELETED, "student-restored")


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """A person on the list of operators."""

    login: str
    full_name: str
    workplace: str
    active: bool


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A day's work of an operator at one PC; times as HH:MM, `total` the records he has entered there so far."""

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
    names = _names(session)
    return [
        WorkingDay(date.fromisoformat(day), user, names.get(user, user), device or user, t.started, t.finished,
                   len(t.new), len(t.changed - t.new), len(t.deleted), t.total)
        for (day, user, device), t in tallies.items()
    ]  # fmt: skip


def reported_days(session: Session) -> list[WorkingDay]:
    """The days that other PCs reported in their portions."""
    return [
        WorkingDay(d.day, d.operator, d.name, d.device, d.started, d.finished, d.new, d.changed, d.deleted, d.total)
        for d in session.scalars(select(network.OperatorDay))
    ]


def take_days(tx: Transaction, reported: Iterable[Mapping[str, Any]]) -> int:
    """Keep the days that a portion reports; of two reports of a day the one that tells more."""
    count = 0
    for values in reported:
        count += 1
        kept = tx.session.get(network.OperatorDay, (values["day"], values["operator"], values["device"]))
        if kept is None:
            tx.session.add(network.OperatorDay(**values))
        else:
            kept.started = min(kept.started, values["started"])
            for name in ("finished", "new", "changed", "deleted", "total"):
                setattr(kept, name, max(getattr(kept, name), values[name]))
    return count


class _Tally:
    """A day being counted: records by what happened to them, first and last time."""

    def __init__(self, started: str) -> None:
        self.started = self.finished = started
        self.new: set[str] = set()
        self.changed: set[str] = set()
        self.deleted: set[str] = set()
        self.total = 0

    def count(self, event: str, record: str) -> None:
        """Add one log entry."""
        for events, records in ((_ENTERED, self.new), (_CHANGED, self.changed), (_DELETED, self.deleted)):
            if event in events:
                records.add(record)


def _names(session: Session) -> dict[str, str]:
    people = (select(Account.login, Account.full_name), select(network.Operator.login, network.Operator.full_name))
    return {login: name for query in people for login, name in session.execute(query)}
