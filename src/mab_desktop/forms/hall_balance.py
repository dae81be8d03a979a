"""The act on the balance of a hall's answer sheets: every equality with both numbers, and both passes (p.34, p.38)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import BODY, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    COMMISSION_CHAIR,
    MINISTRY_PROGRAMMER,
    REPRESENTATIVE,
    Signer,
    signatures,
    signatures_height,
)
from mab_desktop.forms.table import Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Act on the balance of the answer sheets of a hall")
STATEMENT = N_(
    "The sheets of the envelope were counted, scanned twice and identified; the numbers were compared with the seating "
    "and with the act of return."
)
AGREES = N_("Every number of the hall agrees.")
DIFFERS = N_("The numbers of the hall do not agree:")
EQUALITIES = (
    Column(N_("What is compared"), 92), Column(N_("Found"), 24, "right"), Column(N_("Must be"), 24, "right"),
    Column(N_("Difference"), 24, "right"),
)  # fmt: skip
PASSES = (
    Column(N_("Run of the scanner"), 26, "center"), Column(N_("Sheets"), 22, "right"),
    Column(N_("Saved"), 40, "center"), Column(N_("By"), 40), Column(N_("Scanner"), 52),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EqualityLine:
    """One comparison: its message id, what was found and what it must be."""

    label: str
    found: int
    due: int


@dataclass(frozen=True, slots=True)
class PassLine:
    """One pass that counts: how many sheets, when saved, by whom, through what."""

    number: int
    sheets: int
    at: datetime
    by: str
    source: str


@dataclass(frozen=True, slots=True)
class HallBalance:
    """The balance of a hall; `counts` are message ids with numbers, `wrong` and `remarks` sentences ready to print."""

    head: DocumentHead
    imprint: Imprint
    act: str
    counts: tuple[tuple[str, int], ...]
    equalities: tuple[EqualityLine, ...]
    passes: tuple[PassLine, ...]
    wrong: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    programmer: str = ""
    representative: str = ""
    chair: str = ""


def draw(*documents: HallBalance, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The balances as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: HallBalance) -> None:
    facts = ((N_("Act of return No"), data.act),) if data.act else ()
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    sheet.statement(STATEMENT)
    sheet.gap(5)
    sheet.facts(tuple((label, str(number)) for label, number in data.counts))
    sheet.gap(6)
    if data.equalities:
        draw_table(sheet, EQUALITIES, [_equality(sheet, line) for line in data.equalities], size=10, row_height=20)
        sheet.gap(8)
    if data.passes:
        draw_table(sheet, PASSES, [_pass(line) for line in data.passes], size=10, row_height=20)
        sheet.gap(8)
    sheet.need(40)
    sheet.paragraph(sheet.words.both(DIFFERS if data.wrong else AGREES), BODY + 1, BOLD)
    for sentence in (*data.wrong, *data.remarks):
        sheet.gap(2)
        sheet.paragraph(f"• {sentence}", BODY)
    signers = (Signer(MINISTRY_PROGRAMMER, data.programmer), Signer(REPRESENTATIVE, data.representative),
               Signer(COMMISSION_CHAIR, data.chair))  # fmt: skip
    sheet.gap(10)
    sheet.need(signatures_height(sheet, signers))
    signatures(sheet, signers)


def _equality(sheet: Sheet, line: EqualityLine) -> Row:
    gap = line.found - line.due
    shown = f"{gap:+d}".replace("-", "−") if gap else "0"
    words = "\n".join(part for part in (sheet.words(line.label), sheet.words.below(line.label)) if part)
    return words, str(line.found), str(line.due), Cell(shown, bold=bool(gap), framed=bool(gap))


def _pass(line: PassLine) -> Row:
    return str(line.number), str(line.sheets), line.at.strftime("%d.%m.%Y %H:%M"), line.by, line.source
