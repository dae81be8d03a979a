"""One spec per record: it gives the form, the checks, the list columns and the carrier's schema."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import contains
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

__all__ = ["Field", "Kind", "Problem", "RecordSpec"]

Values = Mapping[str, Any]

# Control characters, what has no width or no place, halves of letters, and marks that turn the direction of writing.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_DIGITS = re.compile("[0-9]*")


class Kind(StrEnum):
    """What a field holds, as a Python value."""

    TEXT = "text"  # str, NFC
    NAME = "name"  # str, a person's name in Kazakh order letters
    DIGITS = "digits"  # str of digits only
    CODE = "code"  # str, a code of the reference list `choices`
    DATE = "date"  # datetime.date; typed as DDMMYYYY, carried as ISO text
    INTEGER = "integer"  # int
    FLAG = "flag"  # bool


_NO_TEXT = (Kind.DATE, Kind.INTEGER, Kind.FLAG)


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
class _Texts:
    """The fields that hold texts, looked at all at once: those of digits come last, `words` is how many do not."""

    names: tuple[str, ...]
    lengths: tuple[Container[int], ...]
    required: tuple[str, ...]
    words: int

    @classmethod
    def of(cls, fields: Iterable[Field]) -> _Texts:
        texts = sorted((field for field in fields if field.kind not in _NO_TEXT), key=lambda f: f.kind is Kind.DIGITS)
        return cls(
            tuple(field.name for field in texts), tuple(_lengths(field) for field in texts),
            tuple(field.name for field in texts if field.required),
            sum(field.kind is not Kind.DIGITS for field in texts),
        )  # fmt: skip

    def are_right(self, values: Values) -> bool:
        """Whether each is a text of a length that is let in, and can be printed as it stands."""
        found = ["" if value is None else value for value in map(values.get, self.names)]
        if set(map(type, found)) - {str} or not all(map(values.get, self.required)):
            return False
        if not all(map(contains, self.lengths, map(len, found))):
            return False
        words, digits = "".join(found[: self.words]), "".join(found[self.words :])
        if digits and not (digits.isascii() and digits.isdigit()):
            return False
        return _UNPRINTABLE.search(words) is None and unicodedata.is_normalized("NFC", words)


@dataclass(frozen=True)
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

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Field names in the paper's order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Names of the fields that hold a date."""
        return tuple(field.name for field in self.fields if field.kind is Kind.DATE)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    @cached_property
    def _texts(self) -> _Texts:
        return _Texts.of(self.fields)

    @cached_property
    def _others(self) -> tuple[tuple[str, Kind, bool, int, int], ...]:
        """Name, kind, whether required, and bounds of each field that is no text."""
        return tuple(_bounds(field) for field in self.fields if field.kind in _NO_TEXT)

    def plainly_right(self, values: Values) -> bool:
        """A quick look that is true only where `field_problem` without lists finds nothing wrong with any field.

        False says nothing yet. Twenty thousand records of thirty fields pass through here on every import.
        """
        if not self._texts.are_right(values):
            return False
        for name, kind, required, low, high in self._others:
            value = values.get(name)
            if value is None or value == "":
                if required:
                    return False
            elif kind is Kind.INTEGER:
                if type(value) is not int or not low <= value <= high:
                    return False
            elif type(value) is not (date if kind is Kind.DATE else bool):
                return False
        return values.keys() <= self._known

    def problems(self, values: Values, lists: Mapping[str, Iterable[str]] | None = None) -> list[Problem]:
        """Every broken rule of `values`; `lists` gives the codes of each reference list that is at hand."""
        found = []
        if lists is not None or not self.plainly_right(values):
            found = [p for field in self.fields if (p := field_problem(field, values.get(field.name), lists))]
            found += [Problem(name, N_("Unknown field.")) for name in values if name not in self._known]
        if not found:
            for check in self.checks:
                found.extend(check(values))
        return found

    def every_problem(self, values: Values, lists: Mapping[str, Iterable[str]] | None = None) -> list[Problem]:
        """`problems`, and those of several fields together also while single ones are wrong: for whoever is typing.

        The checks are asked as if what is wrong by itself were empty, so they must bear any field to be.
        """
        found = [p for field in self.fields if (p := field_problem(field, values.get(field.name), lists))]
        wrong = {problem.field for problem in found}
        kept = {name: None if name in wrong else values.get(name) for name in self.names}
        return found + [p for check in self.checks for p in check(kept) if p.field not in wrong]


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
    if _UNPRINTABLE.search(value):
        return Problem(field.name, N_("Holds a character that cannot be printed."))
    if not unicodedata.is_normalized("NFC", value):
        return Problem(field.name, N_("Holds a letter that is put together of parts. Type it anew."))
    return None


def _digits_problem(field: Field, value: Any) -> Problem | None:
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
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


def _bounds(field: Field) -> tuple[str, Kind, bool, int, int]:
    low = -sys.maxsize if field.low is None else field.low
    return field.name, field.kind, field.required, low, sys.maxsize if field.high is None else field.high


def _lengths(field: Field) -> Container[int]:
    """The lengths that a text may have, none among them."""
    if field.exact and field.max_length:
        return (0, field.max_length)
    return range(field.max_length + 1) if field.max_length else range(sys.maxsize)


_CHECKS: Mapping[Kind, Callable[[Field, Any], Problem | None]] = {
    Kind.DIGITS: _digits_problem,
    Kind.INTEGER: _integer_problem,
    Kind.DATE: _date_problem,
    Kind.FLAG: _flag_problem,
}
