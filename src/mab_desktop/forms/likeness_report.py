"""Neighbours whose sheets are more alike than chance makes them: one copy, for the representative only (p.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.daily_statistics import shown_mean
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Report on sheets that are alike")
ONLY = N_("Only for the ministry representative")
MEANS_NOTHING_BY_ITSELF = N_(
    "That two sheets are alike is no proof that somebody copied: it is a reason to look at the acts of the hall and at "
    "the sheets. No points are taken off on this ground."
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two neighbours: hall, their names, codes, seats and variants; equal marks, those expected, the odds in words."""

    hall: str
    students: tuple[str, str]
    codes: tuple[str, str]
    seats: tuple[int, int]
    variants: tuple[str, str]
    equal: int
    expected: float
    equal_wrong: int
    odds: str


@dataclass(frozen=True, slots=True)
class LikenessReport:
    """The pairs under the limit, how many were compared, and the false alarms measured on pairs of different halls."""

    head: DocumentHead
    imprint: Imprint
    pairs: Sequence[Pair]
    compared: int
    limit: str
    apart: int
    apart_below: int
    representative: str = ""


COLUMNS = (
    Column(N_("Hall"), 12, "center"), Column(N_("Students"), 62), Column(N_("Personal code"), 20, "center"),
    Column(N_("Seat"), 12, "center"), Column(N_("Variant"), 15, "center"), Column(N_("Equal marks"), 15, "right"),
    Column(N_("Expected by chance"), 18, "right"), Column(N_("Equal and wrong for both"), 18, "right"),
    Column(N_("Probability"), 22, "right"),
)  # fmt: skip


def draw(*documents: LikenessReport, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The report as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: LikenessReport) -> None:
    sheet.begin(TITLE, data.head, data.imprint, subtitle=ONLY, facts=(
        (N_("Pairs of neighbours compared"), str(data.compared)), (N_("Limit of the probability"), data.limit),
        (N_("Pairs under the limit"), str(len(data.pairs))),
    ))  # fmt: skip
    if data.apart:
        sheet.statement(
            N_("False alarms: of {apart} pairs of different halls, who cannot have copied, {below} fall under the "
               "limit."),
            apart=data.apart, below=data.apart_below,
        )  # fmt: skip
    else:
        sheet.statement(N_("False alarms were not measured: there are no sheets of two halls to compare."))
    sheet.gap(3)
    sheet.statement(MEANS_NOTHING_BY_ITSELF)
    sheet.gap(6)
    signers = (Signer(REPRESENTATIVE, data.representative),)
    if data.pairs:
        draw_table(sheet, COLUMNS, _rows(data), keep=signatures_height(sheet, signers))
    else:
        sheet.statement(N_("No two neighbours have sheets that are alike beyond chance."))
    signatures(sheet, signers)


def _rows(data: LikenessReport) -> Iterator[Row]:
    for p in data.pairs:
        yield (p.hall, "\n".join(p.students), "\n".join(p.codes), "\n".join(map(str, p.seats)), "\n".join(p.variants),
               str(p.equal), shown_mean(p.expected, 1), str(p.equal_wrong), p.odds)  # fmt: skip
