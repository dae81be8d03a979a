"""The log as people read it: what happened here, the newest first; when something was last saved and backed up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mab_desktop.domain.names import sort_key
from mab_desktop.i18n import N_, translate
from mab_desktop.services import backups
from mab_desktop.services.context import Context
from mab_desktop.services.detail_words import DETAIL_WORDS, SUBJECT_WORDS, VALUE_WORDS
from mab_desktop.services.event_words import EVENT_WORDS
from mab_desktop.storage.tables.core import AuditEntry

SHOWN = 2000


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the log; `at` is DD.MM.YYYY HH:MM:SS, `what` in words of the language of the moment."""

    n: int
    at: str
    person: str
    what: str
    subject: str
    details: str
    refused: bool


def log_rows(ctx: Context, limit: int = SHOWN) -> list[LogRow]:
    """The newest `limit` entries of the log."""
    query = select(AuditEntry).order_by(AuditEntry.n.desc()).limit(limit)
    with ctx.store.read() as session:
        return [
            LogRow(
                entry.n, f"{_day(entry.at)} {entry.at[11:19]}", entry.user, event_title(entry.event, ctx.lang),
                subject(entry.object, ctx.lang),
                detail_lines(entry.details, ctx.lang),
                entry.disposition == "refused",
            )
            for entry in session.scalars(query)
        ]  # fmt: skip


def detail_lines(details: Mapping[str, Any], lang: str) -> str:
    """What was noted beside an event, by name, each with its value; what is empty is left out."""
    told = [
        (translate(lang, DETAIL_WORDS.get(key, key)), _value(key, value, lang))
        for key, value in details.items() if value is not None and value not in ("", [], {})
    ]  # fmt: skip
    return ", ".join(f"{name}: {words}" for name, words in sorted(told, key=lambda one: (sort_key(one[0]), one[1])))


def event_title(event: str, lang: str) -> str:
    """A kind of event in a few words."""
    return translate(lang, EVENT_WORDS.get(event, event))


def subject(of: str, lang: str) -> str:
    """What an entry is about: a shift or a thing in words, anything else as it stands in the log."""
    shift = re.fullmatch(r"shift-([0-9]+)", of)
    return translate(lang, N_("Shift {n}")).format(n=shift[1]) if shift else translate(lang, SUBJECT_WORDS.get(of, of))


def last_saved(ctx: Context) -> str:
    """When something was last saved here: the hour, with the day when it was not today; "" for an empty log."""
    with ctx.store.read() as session:
        at = session.scalar(select(AuditEntry.at).order_by(AuditEntry.n.desc()).limit(1))
    if not at:
        return ""
    today = ctx.clock.now().date().isoformat()
    return at[11:16] if at[:10] == today else f"{_day(at)} {at[11:16]}"


def last_backup(ctx: Context) -> str:
    """When the newest backup was made, DD.MM.YYYY HH:MM; "" when there is none."""
    found = backups.newest_copy(ctx)
    return found.at.strftime("%d.%m.%Y %H:%M") if found else ""


def _day(at: str) -> str:
    return f"{at[8:10]}.{at[5:7]}.{at[:4]}"


def _value(key: str, value: object, lang: str) -> str:
    if isinstance(value, bool):
        return translate(lang, N_("yes") if value else N_("no"))
    if key == "reason" and value in backups.REASONS:
        return translate(lang, backups.REASONS[str(value)])
    if isinstance(value, str) and value in VALUE_WORDS.get(key, {}):
        return translate(lang, VALUE_WORDS[key][value])
    return _short(value)


def _short(value: object) -> str:
    words = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return words if len(words) <= 60 else f"{words[:59]}…"
