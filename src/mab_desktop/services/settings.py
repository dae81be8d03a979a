"""Values that belong to the workplace, and the reference lists it works with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.reference import ReferenceLine
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import ReferenceItem, Setting


def setting(session: Session, key: str) -> dict[str, Any]:
    """The value of a setting, {} when it was never set."""
    row = session.get(Setting, key)
    return dict(row.value) if row else {}


def put_setting(tx: Transaction, key: str, value: Mapping[str, Any]) -> None:
    """Set a value within a transaction; the caller notes why."""
    tx.session.merge(Setting(key=key, value=dict(value)))


def change_setting(ctx: Context, key: str, value: Mapping[str, Any]) -> None:
    """Set one value on its own."""
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, key, value)
        tx.note("setting-changed", key, value=dict(value))


def reference_list(session: Session, name: str) -> dict[str, ReferenceLine]:
    """A reference list by code, in its own order."""
    item = ReferenceItem
    rows = session.execute(
        select(item.code, item.name_kk, item.name_ru, item.name_en, item.extra)  # no objects: pages ask at each look
        .where(item.list == name)
        .order_by(item.position)
    )
    return {code: ReferenceLine(name, code, kk, ru, en, dict(extra)) for code, kk, ru, en, extra in rows}


def reference_codes(session: Session) -> dict[str, frozenset[str]]:
    """The codes of every reference list at hand, as `RecordSpec.problems` takes them."""
    found: dict[str, set[str]] = {}
    for name, code in session.execute(select(ReferenceItem.list, ReferenceItem.code)):
        found.setdefault(name, set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def lists(ctx: Context, *names: str) -> dict[str, dict[str, ReferenceLine]]:
    """Several reference lists for a page or a form."""
    with ctx.store.read() as session:
        return {name: reference_list(session, name) for name in names}


def reference_names(ctx: Context, *names: str) -> dict[str, dict[str, str]]:
    """List → code → name in the context's language, for pages that only show them."""
    item = ReferenceItem
    query = select(item.list, item.code, item.name_kk, item.name_ru, item.name_en).where(item.list.in_(names))
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    with ctx.store.read() as session:
        for name, code, kk, ru, en in session.execute(query.order_by(item.list, item.position)):
            found[name][code] = ReferenceLine(name, code, kk, ru, en, {}).name(ctx.lang)
    return found


def reference_name(ctx: Context, name: str, code: str) -> str:
    """The name of one code of a list in the context's language, "" of a code that the list lacks."""
    item = ReferenceItem
    names = select(item.name_kk, item.name_ru, item.name_en).where(item.list == name, item.code == code)
    with ctx.store.read() as session:
        row = session.execute(names).first()
    return ReferenceLine(name, code, *row, {}).name(ctx.lang) if row else ""


def ties(session: Session) -> dict[str, list[str]]:
    """Base university code -> codes of its network universities (p.3)."""
    return {base: list(networks) for base, networks in setting(session, "ties").items()}


def base_of(session: Session, network: str) -> list[str]:
    """The base universities that a network university is tied to."""
    return [base for base, networks in ties(session).items() if network in networks]
