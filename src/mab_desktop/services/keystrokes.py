"""Keys that operators press while typing records, by day: what the operators' journal counts per hour (p.20)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.services.context import Context
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import KeysPressed


def note_keys(ctx: Context, tx: Transaction, n: int) -> None:
    """Add the keys pressed for a record to the person's day, within the transaction that saves the record."""
    if n <= 0:
        return
    day, login, device = ctx.clock.now().date(), ctx.actor.login, ctx.actor.device
    kept = tx.session.get(KeysPressed, (day, login, device))
    if kept is None:
        tx.session.add(KeysPressed(day=day, operator=login, device=device, keys=n))
    else:
        kept.keys += n


def keys_by_day(session: Session) -> dict[tuple[date, str], int]:
    """Day and login -> keys pressed at this PC."""
    query = select(KeysPressed.day, KeysPressed.operator, func.sum(KeysPressed.keys)).group_by(
        KeysPressed.day, KeysPressed.operator
    )
    return {(day, login): int(keys) for day, login, keys in session.execute(query)}
