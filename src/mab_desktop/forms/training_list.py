"""Who came to a training of the network universities' coordinators and programmers (p.19, p.20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Attendance list of the training of coordinators and programmers")
COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Office"), 62),
    Column(N_("Full name"), 70),
    Column(N_("Signature"), 38),
)


@dataclass(frozen=True, slots=True)
class TrainingList:
    """A training; `groups` are universities with (office as a message id, person, "" for nobody yet)."""

    head: DocumentHead
    imprint: Imprint
    day: date
    place: str
    topic: str
    held_by: str
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    coordinator: str = ""
    programmer: str = ""


def draw(*documents: TrainingList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: TrainingList) -> None:
    facts = (
        (N_("Date"), shown_date(data.day)), (N_("Place"), data.place), (N_("Topic"), data.topic),
        (N_("Who held it"), data.held_by),
    )  # fmt: skip
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (Signer(BASE_COORDINATOR, data.coordinator), Signer(BASE_PROGRAMMER, data.programmer))
    rows: list[Row] = []
    number = 0
    for university, people in data.groups:
        rows.append(Band(university))
        for office, person in people:
            number += 1
            rows.append((str(number), sheet.words.both(office), person, ""))
    draw_table(sheet, COLUMNS, rows, row_height=22, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
