"""Loading the reference package into a workplace, and the exam profile from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert

from mab_desktop.domain.reference import ReferenceLine, default_lines, default_profile, default_subjects
from mab_desktop.services.settings import put_setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import ReferenceItem


def replace_lists(tx: Transaction, lines: Iterable[ReferenceLine]) -> int:
    """Put `lines` in place of every reference list; the number of lines. The caller notes the event."""
    rows: list[dict[str, Any]] = []
    position: dict[str, int] = {}
    for line in lines:
        position[line.list] = position.get(line.list, 0) + 1
        rows.append({
            "list": line.list, "code": line.code, "position": position[line.list], "name_kk": line.name_kk,
            "name_ru": line.name_ru, "name_en": line.name_en, "extra": dict(line.extra),
        })  # fmt: skip
    tx.session.execute(delete(ReferenceItem))
    if rows:
        tx.session.execute(insert(ReferenceItem), rows)
    return len(rows)


def load_default_reference(
    tx: Transaction, ties: Mapping[str, Sequence[str]], profile: Mapping[str, Any] | None = None
) -> None:
    """Fill a workplace with the default (not official) reference data and the given university ties."""
    count = replace_lists(tx, default_lines())
    put_setting(tx, "ties", {base: list(networks) for base, networks in ties.items()})
    put_setting(tx, "profile", dict(profile or default_profile()))
    put_setting(tx, "subjects_by_direction", {k: list(v) for k, v in default_subjects().items()})
    tx.note("reference-loaded", "default", lines=count, official=False)
