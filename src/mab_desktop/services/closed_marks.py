"""The closing of a shift's marks (p.39): signed before the key can open, so that nobody can fit them to it later.

The statement names shift, digest and moment over this PC's signature and goes to the centre with the final data; its
code, twelve characters, is told by telephone together with the confirmation, before the centre lets the key go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.domain.sealed import shift_name
from mab_desktop.domain.spoken_code import shown_code, spoken_code
from mab_desktop.exchange import canonical, envelope
from mab_desktop.i18n import N_
from mab_desktop.services import trusting
from mab_desktop.services.context import Context, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.results import MarksClosed

STATEMENT_TYPE = "application/vnd.mab.marks-closed+json"
_FORM = "mab-marks-closed-1"


def close(ctx: Context, tx: Transaction, shift: int, digest: str, sheets: int) -> MarksClosed:
    """Write down and sign that the marks of a shift are closed; the caller notes the event."""
    at = stamp(ctx)
    fields = _fields(ctx.season.campaign, ctx.university, shift, digest, sheets, at, ctx.actor.login)
    keys = trusting.device_keys(tx.session)
    statement = envelope.sign(canonical.encode(fields), STATEMENT_TYPE, [keys.signing]).decode("ascii")
    row = MarksClosed(shift=shift, digest=digest, sheets=sheets, at=at, by=ctx.actor.login, statement=statement)
    tx.session.add(row)
    return row


def told_code(digest: str) -> str:
    """The twelve characters that the representative tells with his confirmation; "" before the marks are closed."""
    return shown_code(spoken_code(bytes.fromhex(digest))) if digest else ""


def closed_code_of(session: Session, shift: int) -> str:
    """The code of a shift's closed marks; "" before."""
    row = session.get(MarksClosed, shift)
    return told_code(row.digest) if row else ""


def is_signed(record: Mapping[str, Any], campaign: str, base: str, keyids: Collection[str]) -> bool:
    """True where the statement of a `marks-closed` record says what the record says, signed by one of `keyids`."""
    names = ("shift", "digest", "sheets", "at", "by")
    due = _fields(campaign, base, *(record[name] for name in names))
    try:
        signed = envelope.verify(str(record["statement"]).encode(), STATEMENT_TYPE)
        told = canonical.decode(signed.payload, N_("signature"))
    except CarrierRefused:
        return False
    return told == due and signed.require(keyids, 1)


def _fields(campaign: str, base: str, shift: int, digest: str, sheets: int, at: str, by: str) -> dict[str, Any]:
    return {"form": _FORM, "campaign": campaign, "shift": shift_name(base, shift), "digest": digest, "sheets": sheets,
            "at": at, "by": by}  # fmt: skip
