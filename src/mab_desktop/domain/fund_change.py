"""What changed between two states of the hall fund (p.17): halls and buildings added, gone, changed field by field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mab_desktop.domain.fields import Kind, RecordSpec
from mab_desktop.domain.hall import BUILDING_RECORD, HALL_RECORD
from mab_desktop.i18n import N_, translate

Record = tuple[str, Mapping[str, Any]]  # "building" or "hall", and its values as the carrier has them
SPECS: Mapping[str, tuple[RecordSpec, str]] = {"building": (BUILDING_RECORD, "code"), "hall": (HALL_RECORD, "number")}


class What(StrEnum):
    """What happened to a hall or a building."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


WORDS: Mapping[What, str] = {What.ADDED: N_("Added"), What.GONE: N_("Gone"), What.CHANGED: N_("Changed")}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what changed; `field` is a message id ("" for a whole hall), `before` and `after` as stored."""

    kind: str
    key: str
    what: What
    name: str = ""
    field: str = ""
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class FundChanges:
    """Everything that changed, and the seats and halls on both sides."""

    lines: tuple[Change, ...]
    halls_before: int
    halls_after: int
    seats_before: int
    seats_after: int

    @property
    def seats(self) -> int:
        """Seats more (or, below nothing, less) than before."""
        return self.seats_after - self.seats_before

    def count(self, what: What, kind: str = "hall") -> int:
        """How many halls (or buildings) were added, went or changed."""
        return len({line.key for line in self.lines if line.what is what and line.kind == kind})


def fund_digest(records: Iterable[Record]) -> str:
    """The same for the same fund, in whatever order and with whatever fields left empty."""
    found = sorted((kind, _told(values)) for kind, values in records if kind in SPECS)
    return hashlib.sha256(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _told(values: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in values.items() if value is not None and value != ""}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fund_changes(before: Iterable[Record], after: Iterable[Record]) -> FundChanges:
    """What changed from one state of the fund to the other: buildings first, then halls, by number."""
    old, new = _by_key(before), _by_key(after)
    lines: list[Change] = []
    for place in sorted(old.keys() | new.keys()):
        lines += _lines(*place, old.get(place), new.get(place))
    (halls_before, seats_before), (halls_after, seats_after) = _counts(old), _counts(new)
    return FundChanges(tuple(lines), halls_before, halls_after, seats_before, seats_after)


def change_words(change: Change, lang: str) -> str:
    """One change as a sentence: «Hall 101, seats planned: 30 → 28»."""
    name = translate(lang, N_("Hall {number}") if change.kind == "hall" else N_("Building {number}"))
    subject = name.format(number=change.key)
    if change.what is not What.CHANGED:
        word = translate(lang, WORDS[change.what])
        seats = change.after if change.after is not None else change.before
        told = translate(lang, N_("{word}, {n} seats")).format(word=word, n=seats) if seats is not None else word
        return f"{subject}: {told}"
    if change.name == "plan_json":
        return f"{subject}: {translate(lang, N_('the plan was drawn anew'))}"
    before, after = (shown_value(value, lang) for value in (change.before, change.after))
    return f"{subject}, {translate(lang, change.field)}: {before} → {after}"


def shown_value(value: Any, lang: str) -> str:
    """A value of a hall or building as people read it; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return translate(lang, N_("yes") if value else N_("no"))
    return str(value)


def _by_key(records: Iterable[Record]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(kind, str(values[SPECS[kind][1]])): values for kind, values in records if kind in SPECS}


def _lines(
    kind: str, key: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Sequence[Change]:
    if old is None or new is None:
        there = new if new is not None else old
        assert there is not None
        seats = there.get("seats")
        what = What.ADDED if old is None else What.GONE
        return [Change(kind, key, what, before=seats if old else None, after=seats if new else None)]
    return [
        Change(kind, key, What.CHANGED, field.name, field.label, old.get(field.name), new.get(field.name))
        for field in SPECS[kind][0].fields
        if _plain(old.get(field.name), field.kind) != _plain(new.get(field.name), field.kind)
    ]


def _plain(value: Any, kind: Kind) -> Any:
    """Empty is empty however it is spelt, and a flag that was never set says no."""
    return None if value == "" or (kind is Kind.FLAG and value is False) else value


def _counts(fund: Mapping[tuple[str, str], Mapping[str, Any]]) -> tuple[int, int]:
    seats = [int(values["seats"]) for (kind, _key), values in fund.items() if kind == "hall"]
    return len(seats), sum(seats)
