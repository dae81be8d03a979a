"""Register of pass issue «Рұқсаттамаларды беру тізілімі», one per network university (p.4, 6, 24, 25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import BASE_PROGRAMMER, NETWORK_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Register of pass issue")


@dataclass(frozen=True, slots=True)
class PassLine:
    """A pass to be signed for; `issued` is the day when it was."""

    code: str
    full_name: str
    specialty: str
    language: str
    shift: int
    day: date
    hall: str
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class PassRegister:
    """The register; the copy for the representative is printed from the same lines."""

    head: DocumentHead
    imprint: Imprint
    lines: Iterable[PassLine]
    coordinator: str = ""
    programmer: str = ""


COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Personal code"), 18, "center"),
    Column(N_("Full name"), 47),
    Column(N_("Cipher"), 14, "center"),
    Column(N_("Language"), 13, "center"),
    Column(N_("Shift"), 12, "center"),
    Column(N_("Date"), 18, "center"),
    Column(N_("Hall"), 18, "center"),
    Column(N_("Student's signature"), 24),
    Column(N_("Issued on"), 19),
)


def draw(*documents: PassRegister, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The registers as one PDF, written to `out` if given, else returned."""
    return draw_each(documents, lang=lang, out=out)


def draw_each(documents: Iterable[PassRegister], *, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The same of documents that are made one after the other, each when the one before is drawn."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: PassRegister) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    signers = (Signer(NETWORK_COORDINATOR, data.coordinator, seal=True), Signer(BASE_PROGRAMMER, data.programmer))
    rows = (
        (str(no), p.code, p.full_name, p.specialty, p.language, str(p.shift), shown_date(p.day), p.hall, "",
         shown_date(p.issued))
        for no, p in enumerate(data.lines, 1)
    )  # fmt: skip
    draw_table(sheet, COLUMNS, rows, row_height=22, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
