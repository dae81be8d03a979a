"""One spec per record: it gives the form, the checks, the list columns and the carrier's schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

__all__ = ["Field", "Kind", "Problem", "RecordSpec"]

Values = Mapping[str, Any]


class Kind(StrEnum):
    """What a field holds, as a Python value."""

    TEXT = "text"  # str, NFC
    NAME = "name"  # str, a person's name in Kazakh order letters
    DIGITS = "digits"  # str of digits only
    CODE = "code"  # str, a code of the reference list `choices`
    DATE = "date"  # datetime.date; typed as DDMMYYYY, carried as ISO text
    INTEGER = "integer"  # int
    FLAG = "flag"  # bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    `max_length` counts positions on paper; `exact` asks for all of them. `choices` names a reference list. `low`
    and `high` bound integers. `carry` marks a value that the entry form repeats in the next record.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    max_length: int = 0
    exact: bool = False
    choices: str = ""
    low: int | None = None
    high: int | None = None
    carry: bool = False
    hint: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """A record by name: its fields and the rules that bind several of them."""

    name: str
    label: str
    fields: tuple[Field, ...]
    checks: tuple[Callable[[Values], Iterable[Problem]], ...] = ()
    schema: int = 1

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in the paper's order."""
        return tuple(field.name for field in self.fields)

    def problems(self, values: Values, lists: Mapping[str, Iterable[str]] | None = None) -> list[Problem]:
        """Every broken rule of `values`; `lists` gives the codes of each reference list that is at hand."""
        found = [p for field in self.fields if (p := field_problem(field, values.get(field.name), lists))]
        found += [Problem(name, N_("Unknown field.")) for name in values if name not in self.names]
        if not found:
            for check in self.checks:
                found.extend(check(values))
        return found


def field_problem(field: Field, value: Any, lists: Mapping[str, Iterable[str]] | None = None) -> Problem | None:
    """The first rule that `value` breaks, if any."""
    if value is None or value == "":
        return Problem(field.name, N_("Required field.")) if field.required else None
    check = _CHECKS.get(field.kind, _text_problem)
    return check(field, value) or _list_problem(field, value, lists)


def _text_problem(field: Field, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return Problem(field.name, N_("Must be text."))
    if field.max_length and len(value) > field.max_length:
        return Problem(field.name, N_("At most {n} characters."), (("n", field.max_length),))
    if field.exact and len(value) != field.max_length:
        return Problem(field.name, N_("Must be {n} characters."), (("n", field.max_length),))
    if any(ord(c) < 32 or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff" for c in value):
        return Problem(field.name, N_("Holds a character that cannot be printed."))
    return None


def _digits_problem(field: Field, value: Any) -> Problem | None:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]*", value):
        return Problem(field.name, N_("Digits only."))
    return _text_problem(field, value)


def _integer_problem(field: Field, value: Any) -> Problem | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return Problem(field.name, N_("Must be a whole number."))
    low, high = field.low, field.high
    if (low is not None and value < low) or (high is not None and value > high):
        return Problem(field.name, N_("Must be from {low} to {high}."), (("low", low), ("high", high)))
    return None


def _date_problem(field: Field, value: Any) -> Problem | None:
    return None if isinstance(value, date) else Problem(field.name, N_("No such date."))


def _flag_problem(field: Field, value: Any) -> Problem | None:
    return None if isinstance(value, bool) else Problem(field.name, N_("Must be yes or no."))


def _list_problem(field: Field, value: Any, lists: Mapping[str, Iterable[str]] | None) -> Problem | None:
    if field.choices and lists is not None and field.choices in lists and value not in lists[field.choices]:
        return Problem(field.name, N_("{value} is not in the list."), (("value", value),))
    return None


_CHECKS: Mapping[Kind, Callable[[Field, Any], Problem | None]] = {
    Kind.DIGITS: _digits_problem,
    Kind.INTEGER: _integer_problem,
    Kind.DATE: _date_problem,
    Kind.FLAG: _flag_problem,
}
