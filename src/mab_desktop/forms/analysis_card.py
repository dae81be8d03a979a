"""Answer analysis card: five tables of four rows: number, key, answer read, result (p.40)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.item_grid import GridRow, SideCell, draw_grid
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.i18n import N_

TITLE = N_("Answer analysis card")
LEGEND = N_("– : no answer; * : two or more bubbles; 1 : right, 0 : wrong.")


@dataclass(frozen=True, slots=True)
class CardSubject:
    """A subject: the key, the answers read («–» empty, «*» two or more), the results 1 or 0, one character per item."""

    subject: str
    key: str
    answers: str
    results: str

    @property
    def points(self) -> int:
        """Right answers."""
        return self.results.count("1")


@dataclass(frozen=True, slots=True)
class AnalysisCard:
    """The card of one student; shift, hall, date stand in `head`."""

    head: DocumentHead
    imprint: Imprint
    full_name: str
    code: str
    specialty: str
    variant: str
    seat: str
    subjects: tuple[CardSubject, ...]


def draw(*documents: AnalysisCard, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The cards as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, card: AnalysisCard) -> None:
    total = sum(subject.points for subject in card.subjects)
    sheet.begin(TITLE, card.head, card.imprint, facts=(
        (N_("Full name"), card.full_name), (N_("Personal code"), card.code), (N_("Specialty cipher"), card.specialty),
        (N_("Variant"), card.variant), (N_("Seat"), card.seat), (N_("Points in all"), str(total))))  # fmt: skip
    for subject in card.subjects:
        rows = (GridRow(N_("Key row"), subject.key), GridRow(N_("Answer row"), subject.answers),
                GridRow(N_("Result row"), subject.results, bold=True))  # fmt: skip
        draw_grid(sheet, subject.subject, len(subject.key), rows, (SideCell(N_("Points"), str(subject.points)),))
    sheet.gap(4)
    sheet.statement(LEGEND)
