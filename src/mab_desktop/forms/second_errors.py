"""Errors found by second entries: of each typist and verifier, and by field (p.20, p.21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.daily_statistics import shown_mean
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import NETWORK_COORDINATOR, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Errors found by second entry")


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person: records of his typed again and his errors in them; records he typed again and his errors there."""

    name: str
    typed: int
    typed_errors: int
    typed_rate: float
    verified: int
    verified_errors: int
    verified_rate: float


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field (a message id): differences, errors of typists and of verifiers, questions still open."""

    label: str
    differing: int
    typist: int
    verifier: int
    open: int


@dataclass(frozen=True, slots=True)
class SecondErrors:
    """The statistics of verification; `records` typed again, `without` of them with no difference."""

    head: DocumentHead
    imprint: Imprint
    records: int
    without: int
    people: tuple[PersonLine, ...]
    fields: tuple[FieldLine, ...]
    coordinator: str = ""
    programmer: str = ""


def _numbers(records: str) -> tuple[Column, ...]:
    return (Column(records, 27, "right"), Column(N_("errors"), 17, "right"), Column(N_("in 100 values"), 20, "right"))


PEOPLE = (
    Column(N_("Operator"), 56),
    Column(N_("First entry"), parts=_numbers(N_("compared"))),
    Column(N_("Second entry"), parts=_numbers(N_("typed again"))),
)
FIELDS = (
    Column(N_("Field"), 62), Column(N_("Differences"), 32, "right"), Column(N_("Errors of typists"), 28, "right"),
    Column(N_("Errors of verifiers"), 30, "right"), Column(N_("Not settled yet"), 28, "right"),
)  # fmt: skip


def draw(*documents: SecondErrors, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The statistics as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: SecondErrors) -> None:
    facts = ((N_("Records typed again"), str(data.records)), (N_("Without a difference"), str(data.without)))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (Signer(NETWORK_PROGRAMMER, data.programmer), Signer(NETWORK_COORDINATOR, data.coordinator))
    rows: list[Row] = [
        (p.name, str(p.typed), str(p.typed_errors), shown_mean(p.typed_rate), str(p.verified), str(p.verified_errors),
         shown_mean(p.verified_rate)) for p in data.people
    ]  # fmt: skip
    draw_table(sheet, PEOPLE, rows)
    sheet.gap(14)
    by_field: list[Row] = [
        (sheet.words(f.label), str(f.differing), str(f.typist), str(f.verifier), str(f.open)) for f in data.fields
    ]
    sums = (sum(f.differing for f in data.fields), sum(f.typist for f in data.fields),
            sum(f.verifier for f in data.fields), sum(f.open for f in data.fields))  # fmt: skip
    by_field.append(Total((sheet.words(N_("In all")), *map(str, sums))))
    draw_table(sheet, FIELDS, by_field, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
