"""Why a hall fund or the databases came although something lacked (p.17, p.23): the sender's reason goes with the file.

The record travels inside the file; whoever takes it finds the reason in the preview, in the log beside the file's
digest, and wherever the file is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.i18n import N_, translate
from mab_desktop.services.carrier_words import shown_moment
from mab_desktop.services.handlers import Arrived, Line, Record
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn

RECORD = "sent-incomplete"
CAME = "came-incomplete"


def record(
    reason: str, by: str, at: str, *, missing: Sequence[str] = (), unconfirmed: Sequence[str] = (),
    without_seat: int = 0,
) -> Record:  # fmt: skip
    """The record that goes with a file from which something lacks."""
    return (RECORD, {"reason": reason, "by": by, "at": at, "missing": ", ".join(missing),
                     "unconfirmed": ", ".join(unconfirmed), "without_seat": without_seat})  # fmt: skip


def lines(arrived: Arrived) -> list[Line]:
    """For the preview: what lacks, why, who says so and since when."""
    found = []
    for values in arrived.of_type(RECORD):
        found += [Line(text, {"value": value}) for text, value in _lacks(values)]
        found.append(Line(N_("Reason: {reason} ({by}, {moment})"), {
            "reason": values["reason"], "by": values["by"], "moment": shown_moment(values["at"])
        }))  # fmt: skip
    return found


def note_came(tx: Transaction, arrived: Arrived) -> None:
    """Keep the sender's reason for good, beside the file."""
    for values in arrived.of_type(RECORD):
        tx.note(CAME, arrived.digest, **{name: value for name, value in values.items() if value})


def told(session: Session, digest: str) -> dict[str, Any] | None:
    """What was said of a file, by whoever sent it or as it came; None when nothing lacked."""
    query = select(AuditEntry.details).where(AuditEntry.event.in_((RECORD, CAME)), AuditEntry.object == digest)
    return session.scalars(query.order_by(AuditEntry.n).limit(1)).first()


def newest(session: Session, kind: str) -> dict[str, Any] | None:
    """What was said of the newest file of a kind that came here."""
    query = select(CarrierIn.digest).where(CarrierIn.kind == kind, CarrierIn.set_aside.is_(False))
    digest = session.scalars(query.order_by(CarrierIn.accepted_at.desc(), CarrierIn.seq.desc()).limit(1)).first()
    return told(session, digest) if digest else None


def words(details: Mapping[str, Any], lang: str) -> str:
    """What lacks, why, who says so and since when, in one line."""
    lacks = [translate(lang, text).format(value=value) for text, value in _lacks(details)]
    reason = translate(lang, N_("Reason: {reason} ({by}, {moment})")).format(
        reason=details["reason"], by=details["by"], moment=shown_moment(details["at"])
    )
    return "; ".join((*lacks, reason))


def _lacks(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    texts = (
        ("missing", N_("Without the database of: {value}")),
        ("unconfirmed", N_("Without signed statistics of: {value}")),
        ("without_seat", N_("Students without a seat: {value}")),
    )
    return [(text, joined(values[name])) for name, text in texts if values.get(name)]


def joined(value: Any) -> str:
    """Codes as they are read, however they were kept."""
    return ", ".join(value) if isinstance(value, list) else str(value)
