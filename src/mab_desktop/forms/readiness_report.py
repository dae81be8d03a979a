"""Report of readiness of the ministry programmer's workplace before the first shift opens (p.28, p.29)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import BODY, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import MINISTRY_PROGRAMMER, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Report of readiness for the exam")
READY = N_("The workplace is ready: every check is good or has a remark only.")
NOT_READY = N_("Not every check is good. The first shift opens on the word of the ministry representative.")
STATEMENT = N_(
    "The workplace of the ministry programmer, its printer, scanner, drives and the reserve PC were checked before the "
    "first shift was opened."
)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: its name and verdict as message ids, what was found as sentences of the print's language."""

    name: str
    verdict: str
    good: bool
    found: tuple[str, ...]
    at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class DigitalSignature:
    """What the paper tells of the file's signature: the PC, its check groups, the code of the signed text, the file."""

    device: str
    groups: str
    code: str
    file: str


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """The report No `number`; `reason` is the representative's, "" where everything was good."""

    head: DocumentHead
    imprint: Imprint
    number: int
    made_at: datetime
    lines: tuple[CheckLine, ...]
    ready: bool
    reason: str
    digest: str
    programmer: str = ""
    representative: str = ""
    signed: DigitalSignature | None = None


COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Check"), 40),
    Column(N_("What was found"), 67),
    Column(N_("Verdict"), 26),
    Column(N_("When, by whom"), 38),
)


def draw(*documents: ReadinessReport, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The reports as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: ReadinessReport) -> None:
    facts = ((N_("Report No"), str(data.number)), (N_("Made"), data.made_at.strftime("%d.%m.%Y %H:%M")),
             (N_("Checksum"), data.digest[:16].upper()))  # fmt: skip
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    sheet.statement(STATEMENT)
    sheet.gap(4)
    signers = (Signer(MINISTRY_PROGRAMMER, data.programmer), Signer(REPRESENTATIVE, data.representative))
    below = 84 if data.signed else 40
    draw_table(sheet, COLUMNS, _rows(sheet, data), keep=signatures_height(sheet, signers) + below)
    sheet.gap(8)
    sheet.statement(READY if data.ready else NOT_READY)
    if data.reason:
        sheet.gap(4)
        sheet.paragraph(f"{sheet.words.both(N_('Reason'))}: {data.reason}", BODY + 1, BOLD)
    if data.signed:
        _digital(sheet, data.signed)
    signatures(sheet, signers)


def _digital(sheet: Sheet, signed: DigitalSignature) -> None:
    sheet.gap(4)
    sheet.facts((
        (N_("Digital signature"), signed.device), (N_("Check groups"), signed.groups),
        (N_("Code of the signed text"), signed.code), (N_("Verified by"), f"mab verify {signed.file}"),
    ))  # fmt: skip


def _rows(sheet: Sheet, data: ReadinessReport) -> Iterator[Row]:
    for no, line in enumerate(data.lines, 1):
        when = "\n".join(part for part in (line.at.strftime("%d.%m.%Y %H:%M") if line.at else "", line.by) if part)
        yield (
            str(no), sheet.words.both(line.name), "\n".join(line.found) or "–",
            Cell(sheet.words.both(line.verdict), bold=not line.good, framed=not line.good), when or "–",
        )  # fmt: skip
