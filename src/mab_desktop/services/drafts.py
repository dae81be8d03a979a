"""What is typed and not yet saved survives a crash: one draft for each form and person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from mab_desktop.domain.fields import RecordSpec
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import decode, encode
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import Draft


def save_draft(ctx: Context, spec: RecordSpec, values: Mapping[str, Any]) -> None:
    """Keep what `ctx.actor` has typed so far into the form of `spec`; nothing typed clears it."""
    typed = {name: value for name, value in encode((spec.name, values)).items() if name != "type"}
    with ctx.store.write(ctx.actor) as tx:
        if typed:
            tx.session.merge(Draft(form=spec.name, owner=ctx.actor.login, values=typed, saved_at=stamp(ctx)))
        else:
            drop_draft(tx, spec.name)


def draft(ctx: Context, spec: RecordSpec) -> dict[str, Any]:
    """What `ctx.actor` had typed and not saved, {} when there is nothing."""
    with ctx.store.read() as session:
        row = session.get(Draft, (spec.name, ctx.actor.login))
        return decode(spec, row.values) if row else {}


def drop_draft(tx: Transaction, form: str) -> None:
    """Forget the draft within the transaction that saves the record."""
    tx.session.execute(delete(Draft).where(Draft.form == form, Draft.owner == tx.actor.login))
