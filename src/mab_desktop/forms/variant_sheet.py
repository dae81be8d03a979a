"""Variant distribution sheet: goes along the seats; the student writes his own surname and signs (p.26, 33)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import DUTY_OFFICER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Cell, Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Variant distribution sheet")
RULE = N_("Check the seat and the variant of your booklet, write your surname and sign. "
          "If the variant differs, do not sign and tell the duty officer.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class VariantSheet:
    """The sheet of one hall: (seat, variant) in seat order; `surplus` booklets lie at seats without a student."""

    head: DocumentHead
    imprint: Imprint
    variants: tuple[tuple[int, str], ...]
    duty_officers: tuple[str, ...] = ("", "")
    surplus: int | None = None


COLUMNS = (
    Column(N_("Seat"), 16, "center"),
    Column(N_("Variant"), 24, "center"),
    Column(N_("Booklet given"), 22, "center"),
    Column(N_("Surname (in the student's own hand)"), 78),
    Column(N_("Student's signature"), 40),
)
COUNT_COLUMNS = (
    Column(N_("Booklets"), 80), Column(N_("received"), 33), Column(N_("given out"), 33), Column(N_("surplus"), 34),
)  # fmt: skip


def draw(*documents: VariantSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: VariantSheet) -> None:
    facts = [(N_("Number of variants in the hall"), str(len(data.variants)))]
    if data.surplus is not None:
        facts.append((N_("Booklets over"), str(data.surplus)))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    sheet.statement(RULE)
    sheet.gap(5)
    signers = tuple(Signer(DUTY_OFFICER, name) for name in data.duty_officers)
    after = signatures_height(sheet, signers)
    rows = (
        (Cell(str(seat), bold=True), Cell(variant, bold=True), Cell(box=True), "", "")
        for seat, variant in sorted(data.variants)
    )
    draw_table(sheet, COLUMNS, rows, size=11, row_height=24, keep=after + 60)
    sheet.gap(8)
    counts = ((sheet.words.both(N_("Number of booklets (filled in by the duty officer)")), "", "", ""),)
    draw_table(sheet, COUNT_COLUMNS, counts, row_height=24, keep=after)
    signatures(sheet, signers)
