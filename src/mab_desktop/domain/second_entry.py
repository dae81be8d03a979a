"""Verifying by a second entry: another operator types the record again without seeing the first values (p.18, p.21).

As in CSPro and Blaise. Which records are typed again, and by whom, a hash says, so that nobody can pick; whoever gave a
value that did not stand in the end has erred. Values are texts as `domain.student.value_text` makes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec
from mab_desktop.domain.names import search_form
from mab_desktop.domain.student import STUDENT, similar_names, value_from_text, value_text
from mab_desktop.i18n import N_

# How a difference was settled: by the first value, the second, another from the paper; or the record had been
# corrected to the second value before anybody asked.
FIRST, SECOND, OTHER, CORRECTED = "first", "second", "other", "corrected"
CHOICES = (FIRST, SECOND, OTHER, CORRECTED)
TYPIST, VERIFIER, BOTH, NOBODY = "typist", "verifier", "both", ""
ERRED_LABELS = {TYPIST: N_("The typist"), VERIFIER: N_("The verifier"), BOTH: N_("Both"), NOBODY: ""}
# An entry that waits for the record to be compared with, one that was compared, one set aside (from a wrong sheet).
WAITING, COMPARED, ASIDE = ("waiting", "compared", "aside")

Texts = Mapping[str, str]
_WRITTEN = (Kind.NAME, Kind.TEXT)
_OWN_NUMBERS = ("to_code", "identity_document", "certificate")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field with two values."""

    field: str
    first: str
    second: str


# -- drawing


def is_drawn(seed: str, record: str, share: int) -> bool:
    """Whether a record is among the `share` per cent to be typed again; a greater share keeps those drawn before."""
    return _fraction(seed, record) * 100 < share


def verifier_of(seed: str, record: str, candidates: Collection[str]) -> str:
    """Who types it again, "" where there is nobody; one more or one less candidate moves only his own records."""
    return max(sorted(candidates), key=lambda login: _fraction(seed, record, login), default="")


def _fraction(*words: str) -> float:
    digest = hashlib.sha256("\x00".join(words).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


# -- comparing


def texts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The form's values as texts."""
    return {name: value_text(values.get(name)) for name in STUDENT.names}


def alike(field: str, one: str, other: str) -> bool:
    """Whether two values say the same; capital and small letters do not count where words are written."""
    if one == other or STUDENT[field].kind not in _WRITTEN:
        return one == other
    return one.upper() == other.upper()


def differences(first: Texts, second: Texts) -> list[Difference]:
    """The fields in which two entries differ, in the paper's order."""
    return [
        Difference(name, first[name], second[name])
        for name in STUDENT.names
        if not alike(name, first[name], second[name])
    ]


def same_paper(first: Texts, second: Texts) -> bool:
    """Whether two entries may be of one sheet: one of the person's own numbers agrees, or the name nearly does."""
    if any(first[name] and first[name] == second[name] for name in _OWN_NUMBERS):
        return True
    names = [{part: search_form(texts[part]) for part in ("surname", "first_name")} for texts in (first, second)]
    return similar_names(*names)


def erred(field: str, first: str, second: str, settled: str) -> str:
    """Who gave a value that did not stand: TYPIST, VERIFIER, BOTH or NOBODY."""
    typist, verifier = not alike(field, first, settled), not alike(field, second, settled)
    if typist and verifier:
        return BOTH
    return TYPIST if typist else VERIFIER if verifier else NOBODY


def settled_before(field: str, second: str, now: str) -> bool:
    """Whether the record was corrected to the second value before anybody asked."""
    return alike(field, second, now)


# -- counting


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Errors among values compared."""

    records: int
    values: int
    errors: int

    @property
    def rate(self) -> float:
        """Errors in a hundred values; 0 where nothing was compared."""
        return 100 * self.errors / self.values if self.values else 0.0


def counted(records: int, errors: int) -> ErrorCount:
    """The count of so many records, each with every field of the form."""
    return ErrorCount(records, records * len(STUDENT.names), errors)


# -- how it travels between the PCs of a university (F4)


def _known_field(values: Mapping[str, Any]) -> Iterable[Problem]:
    name = values.get("field")
    if name not in STUDENT.names:
        yield Problem("field", N_("{value} is not in the list."), (("value", str(name)),))
        return
    for part in ("first", "second", "settled"):
        try:
            value_from_text(name, values.get(part) or "")
        except ValueError:
            yield Problem(part, N_("No such date."))
    if (values.get("choice") or "") not in ("", *CHOICES):
        yield Problem("choice", N_("{value} is not in the list."), (("value", str(values["choice"])),))


def _id(name: str, label: str) -> Field:
    return Field(name, label, required=True, max_length=32, exact=True)


def _person(name: str, label: str, *, required: bool = True) -> Field:
    return Field(name, label, required=required, max_length=64)


SECOND_ENTRY = RecordSpec(
    "second-entry",
    N_("Second entry"),
    (
        _id("id", N_("Record identifier")),
        _id("student", N_("Student")),
        Field("version", N_("Version of the record"), Kind.INTEGER, required=True, low=1),
        _person("typist", N_("Typist")),
        _person("verifier", N_("Verifier")),
        Field("device", N_("Workplace"), required=True, max_length=64),
        Field("at", N_("Entered at"), required=True, max_length=40),
        Field("compared", N_("Compared"), Kind.FLAG, required=True),
        Field("aside", N_("Set aside because"), max_length=200),
        *(replace(field, required=False) for field in STUDENT.fields),
    ),
)
SECOND_DIFFERENCE = RecordSpec(
    "second-difference",
    N_("Difference between two entries"),
    (
        _id("entry", N_("Second entry")),
        Field("field", N_("Field"), required=True, max_length=32),
        Field("first", N_("First value"), max_length=200),
        Field("second", N_("Second value"), max_length=200),
        _person("typist", N_("Typist")),
        Field("typed_at", N_("Entered at"), required=True, max_length=40),
        Field("choice", N_("Decision"), max_length=16),
        Field("settled", N_("Value that stands"), max_length=200),
        _person("settled_by", N_("Decided by"), required=False),
        Field("settled_at", N_("Decided at"), max_length=40),
    ),
    (_known_field,),
)
# A sheet to be typed again: whose pile of which day, which sheet in it. No value of the record goes along.
SECOND_WANTED = RecordSpec(
    "second-wanted",
    N_("Sheet to be typed again"),
    (
        _id("student", N_("Student")),
        Field("version", N_("Version of the record"), Kind.INTEGER, required=True, low=1),
        _person("typist", N_("Typist")),
        Field("typist_name", N_("Full name"), required=True, max_length=200),
        Field("day", N_("Date"), Kind.DATE, required=True),
        Field("sheet", N_("Sheet number"), Kind.INTEGER, required=True, low=1),
        _person("verifier", N_("Verifier"), required=False),
        Field("again", N_("Times set aside"), Kind.INTEGER, low=0),
    ),
)
