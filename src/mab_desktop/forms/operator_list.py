"""List of operators of a network university (p.21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import NETWORK_COORDINATOR, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("List of operators")


@dataclass(frozen=True, slots=True)
class OperatorList:
    """Operators as (full name, login), in their order."""

    head: DocumentHead
    imprint: Imprint
    operators: tuple[tuple[str, str], ...]
    coordinator: str = ""
    programmer: str = ""


COLUMNS = (
    Column(N_("Row No"), 12, "right"), Column(N_("Full name"), 90), Column(N_("Login"), 38),
    Column(N_("Signature"), 40),
)  # fmt: skip


def draw(*documents: OperatorList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: OperatorList) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    signers = (Signer(NETWORK_PROGRAMMER, data.programmer), Signer(NETWORK_COORDINATOR, data.coordinator))
    rows = ((str(no), name, login, "") for no, (name, login) in enumerate(data.operators, 1))
    draw_table(sheet, COLUMNS, rows, row_height=22, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
