"""What a restore carries over, what it refuses to undo, and where two logs part. Decisions over sessions, no files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome
from mab_desktop.services.backups import epoch_of
from mab_desktop.services.documents import times_printed
from mab_desktop.services.lasting import ONCE, Act, acts_in
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import AuditEntry, PrintJob, TrustState
from mab_desktop.storage.tables.exam import SeatingFreeze
from mab_desktop.storage.tables.restored import RestoredAct
from mab_desktop.storage.tables.results import PasswordTries
from mab_desktop.storage.tables.students import Student

# Versions of records given after the copy may live on other PCs: the next ones begin beyond them.
VERSION_STEP = 1000


@dataclass(frozen=True, slots=True)
class TrustRow:
    """A trust list adopted after the copy: an older one must not come back into force."""

    version: int
    envelope: bytes
    adopted_at: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What is brought into a copy before it is put in place."""

    acts: tuple[Act, ...]
    trust: tuple[TrustRow, ...]
    held: tuple[Act, ...]
    epoch: int


def common_entry(one: Session, other: Session) -> int:
    """The number of the newest log entry that two databases share; each entry holds the fingerprint of the one before,
    so below it they are the same."""
    low, high = 0, min(_last(one), _last(other))
    while low < high:
        middle = (low + high + 1) // 2
        if _hash(one, middle) == _hash(other, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _last(session: Session) -> int:
    return session.scalar(select(func.max(AuditEntry.n))) or 0


def _hash(session: Session, n: int) -> str | None:
    return session.scalar(select(AuditEntry.hash).where(AuditEntry.n == n))


def not_in(copy: Session, acts: Iterable[Act]) -> list[Act]:
    """The acts that a copy knows nothing of; one that was repeated with the same outcome is known to it."""
    known = {act.hash for act in acts_in(copy)}
    same = {_outcome(act) for act in acts_in(copy)}
    return [act for act in acts if act.hash not in known and _outcome(act) not in same]


def _outcome(act: Act) -> tuple[str, str, str]:
    return act.event, act.object, json.dumps(act.details, sort_keys=True)


def undone(copy: Session, present: Session) -> list[Act]:
    """Acts done only once that stand in the present log and would be undone by the copy."""
    after = common_entry(copy, present)
    return [act for act in not_in(copy, acts_in(present, after)) if act.event in ONCE]


def newer_trust(copy: Session, present: Session) -> tuple[TrustRow, ...]:
    """Trust lists in force now that the copy does not know yet."""
    known = copy.scalar(select(func.max(TrustState.version))) or 0
    rows = present.scalars(select(TrustState).where(TrustState.version > known).order_by(TrustState.version))
    return tuple(TrustRow(row.version, row.envelope, row.adopted_at) for row in rows)


def held_before(session: Session) -> tuple[Act, ...]:
    """Acts that an earlier restore already left open."""
    return tuple(
        Act(0, "", row.at, row.by, row.event, row.object, dict(row.details))
        for row in session.scalars(select(RestoredAct))
    )


def next_epoch(sessions: Iterable[Session], acts: Iterable[Act], noted: Iterable[int]) -> int:
    """An epoch that was never used here, as far as anything at hand knows."""
    known = [1, *noted, *(epoch_of(session) for session in sessions)]
    known += [int(act.details.get("epoch", 1)) for act in acts if act.event == "backup-restored"]
    return max(known) + 1


def carry(tx: Transaction, carried: Carried) -> dict[str, int]:
    """Bring over what must not be undone; how many of each kind, for the log."""
    told: dict[str, int] = {}
    for act in carried.acts:
        took = _CARRY[act.event](tx, act) if act.event in _CARRY else False
        if took:
            told[act.event] = told.get(act.event, 0) + 1
    for act in (*carried.held, *(act for act in carried.acts if act.event in ONCE)):
        if tx.session.get(RestoredAct, (act.event, act.object)) is None:
            tx.session.add(
                RestoredAct(event=act.event, object=act.object, at=act.at, by=act.by, details=dict(act.details))
            )
            tx.session.flush()
            told["held"] = told.get("held", 0) + 1
    for row in carried.trust:
        tx.session.add(TrustState(version=row.version, envelope=row.envelope, adopted_at=row.adopted_at))
    put_setting(tx, "epoch", {"epoch": carried.epoch})
    if setting(tx.session, "workplace").get("role") == Role.NETWORK_UNI.value:
        tx.session.execute(update(Student).values(version=Student.version + VERSION_STEP))
    tx.session.flush()
    return told


def _tries(tx: Transaction, act: Act) -> bool:
    """As many tries as were made; what there is to wait begins anew with the restore."""
    row = tx.session.get(PasswordTries, act.object)
    tries, ticks = int(act.details["n"]), int(1000 * tx.clock.ticks())
    if row is None:
        row = PasswordTries(subject=act.object, tries=0, last_at=_seconds(act.at), ticks=ticks)
        tx.session.add(row)
    if row.tries < tries:
        row.tries, row.ticks = tries, ticks
        row.last_at = max(row.last_at, _seconds(act.at))
    tx.session.flush()
    return True


def _seconds(at: str) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="seconds")


def _freeze(tx: Transaction, act: Act) -> bool:
    session = tx.session
    if not act.row or session.get(SeatingFreeze, (act.row["shift"], act.row["n"])) is not None:
        return False
    session.add(SeatingFreeze(**act.row))
    session.flush()
    return True


def _printing(tx: Transaction, act: Act) -> bool:
    """A line that keeps the number: the next printing of this document says that it is a copy."""
    session = tx.session
    document, _, key = act.object.partition(":")
    number = int(act.details["number"])
    if number <= times_printed(session, document, key):
        return False
    session.add(
        PrintJob(document=document, key=key, number=number, copies=int(act.details.get("copies", 1)), pages=0,
                 sha256=str(act.details.get("sha256", "")), at=act.at, by=act.by, outcome=Outcome.PRINTED,
                 printer=str(act.details.get("printer", "")), done=0, ended_at=act.at, reason="before-restore")
    )  # fmt: skip
    session.flush()
    return True


_CARRY = {
    "password-tried": _tries, "seating-frozen": _freeze, "print-started": _printing, "document-printed": _printing,
}  # fmt: skip


def open_acts(session: Session) -> list[RestoredAct]:
    """Acts from before a restore that were not repeated yet."""
    repeated = select(AuditEntry.event, AuditEntry.object).where(
        AuditEntry.event.in_(ONCE), AuditEntry.n > _restored_at(session)
    )
    done = {tuple(row) for row in session.execute(repeated)}
    return [row for row in session.scalars(select(RestoredAct)) if (row.event, row.object) not in done]


def _restored_at(session: Session) -> int:
    """The log entry of the first restore that left something open: repeats come after it."""
    query = select(func.min(AuditEntry.n)).where(AuditEntry.event == "backup-restored")
    return session.scalar(query) or 0


def in_order_of_log(acts: Sequence[Act]) -> list[Act]:
    """Each act once, in the order in which they were done."""
    found = {act.hash: act for act in acts}
    return sorted(found.values(), key=lambda act: (act.at, act.n))
