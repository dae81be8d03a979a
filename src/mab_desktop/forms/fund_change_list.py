"""What changed in the hall fund from one version to the next (p.17): field by field, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Changes of the hall fund")
COLUMNS = (
    Column(N_("Hall or building"), 42), Column(N_("What changed"), 58), Column(N_("Before"), 40),
    Column(N_("After"), 40),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FundChangeList:
    """Lines of (hall or building, what, before, after) between two states that have names."""

    head: DocumentHead
    imprint: Imprint
    before: str
    after: str
    lines: tuple[tuple[str, str, str, str], ...]
    halls: tuple[int, int]
    seats: tuple[int, int]
    reason: str = ""
    coordinator: str = ""
    programmer: str = ""


def draw(*documents: FundChangeList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, changes: FundChangeList) -> None:
    told = N_("{name}: halls {halls}, seats {seats}")
    names = zip((changes.before, changes.after), changes.halls, changes.seats, strict=True)
    before, after = (sheet.words(told, name=name, halls=halls, seats=seats) for name, halls, seats in names)
    facts = [
        (N_("Before"), before), (N_("After"), after),
        (N_("Difference in seats"), f"{changes.seats[1] - changes.seats[0]:+d}".replace("-", "−")),
    ]  # fmt: skip
    if changes.reason:
        facts.append((N_("Reason"), changes.reason))
    sheet.begin(TITLE, changes.head, changes.imprint, facts=facts)
    signers = (Signer(BASE_COORDINATOR, changes.coordinator), Signer(BASE_PROGRAMMER, changes.programmer))
    if changes.lines:
        draw_table(sheet, COLUMNS, changes.lines, keep=signatures_height(sheet, signers))
    else:
        sheet.statement(N_("Nothing changed."))
    signatures(sheet, signers)
