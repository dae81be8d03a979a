"""The fourteen duties of the base university (p.6): last day, person, how far they are, done when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import BASE_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Duties of the base university")
COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Duty"), 86),
    Column(N_("Last day"), 21, "center"),
    Column(N_("Who is responsible"), 42),
    Column(N_("State"), 62),
    Column(N_("Done on"), 21, "center"),
    Column(N_("Remark"), 36),
)


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty: its title as a message id; `state` in the words of the language it is printed in."""

    number: int
    title: str
    due: date | None
    responsible: str
    state: str
    done_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class DutyBoard:
    """The board on a day."""

    head: DocumentHead
    imprint: Imprint
    as_of: date
    lines: Sequence[DutyLine]
    coordinator: str = ""


def draw(*documents: DutyBoard, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The boards as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: DutyBoard) -> None:
    done = sum(line.done_on is not None for line in data.lines)
    facts = ((N_("As of"), shown_date(data.as_of)), (N_("Done"), f"{done} / {len(data.lines)}"))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (Signer(BASE_COORDINATOR, data.coordinator),)
    rows = (
        (str(line.number), sheet.words.both(line.title), shown_date(line.due), line.responsible, line.state,
         shown_date(line.done_on), line.note)
        for line in data.lines
    )  # fmt: skip
    draw_table(sheet, COLUMNS, rows, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
