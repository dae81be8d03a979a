"""The log as people read it: what happened here, the newest first; when something was last saved and backed up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.readiness import CLOCK_SLACK
from mab_desktop.i18n import N_, translate
from mab_desktop.services import backups
from mab_desktop.services.carrier_words import record_title
from mab_desktop.services.context import Context
from mab_desktop.services.detail_words import DETAIL_WORDS, SUBJECT_WORDS, VALUE_WORDS
from mab_desktop.services.document_titles import document_key, document_title
from mab_desktop.services.equipment import measure_lines
from mab_desktop.services.event_words import EVENT_WORDS
from mab_desktop.storage.tables.core import AuditEntry

SHOWN = 2000
LOOKED_BACK = 200  # lines of the log
_SENTENCES = ("said", "problems")  # details that are whole sentences


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
    """What an entry is about: a shift, a printed paper or a thing in words, anything else as it stands in the log."""
    if shift := re.fullmatch(r"shift-([0-9]+)", of):
        return translate(lang, N_("Shift {n}")).format(n=shift[1])
    if of.startswith("person-key|"):
        return ": ".join((translate(lang, N_("Signing key")), of.partition("|")[2]))
    kind, colon, which = of.partition(":")
    if colon and (title := document_title(kind)) != kind:
        return ": ".join(part for part in (translate(lang, title), document_key(kind, which, lang)) if part)
    return translate(lang, SUBJECT_WORDS.get(of, of))


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
    if key == "measures" and isinstance(value, dict):
        return _short("; ".join(f"{name}: {words}" for name, words in measure_lines(value, lang)))
    return _short(_plain(key, value, lang))


def _plain(key: str, value: object, lang: str) -> str:
    """Anything that was noted: codes of this detail in words, rules that were broken said, the rest as it is."""
    if isinstance(value, dict):
        parts = ((name, _plain(name, part, lang)) for name, part in value.items())
        return ", ".join(f"{_name(name, lang)}: {words}" for name, words in parts if words)
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
            return Problem("", value[0], tuple(value[1].items())).message(lang)
        told = [words for part in value if (words := _plain(key, part, lang))]
        return (" " if key in _SENTENCES else ", ").join(told)
    return translate(lang, VALUE_WORDS.get(key, {}).get(value, value)) if isinstance(value, str) else str(value)


def _name(name: str, lang: str) -> str:
    return translate(lang, DETAIL_WORDS.get(name) or record_title(name))


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:59]}…"


def clock_behind(ctx: Context) -> Problem | None:
    """What to say when this computer's clock is behind its own log: it was put back, or was ahead before.

    Told until `LOOKED_BACK` newer lines stand in the log, so that a clock which was ahead is not told of for good.
    """
    newest = select(AuditEntry.at).order_by(AuditEntry.n.desc()).limit(LOOKED_BACK)
    now = ctx.clock.now()
    with ctx.store.read() as session:
        last = max((datetime.fromisoformat(at) for at in session.scalars(newest)), default=now)
    if now >= last - CLOCK_SLACK:
        return None
    text = N_("The clock shows {now}, but something was saved here at {at}: it was put back, or it was ahead then. "
              "Compare it with a telephone and set it right: papers and the log bear its time.")  # fmt: skip
    shown = "%d.%m.%Y %H:%M"
    return Problem("", text, (("now", now.strftime(shown)), ("at", last.astimezone(now.tzinfo).strftime(shown))))
