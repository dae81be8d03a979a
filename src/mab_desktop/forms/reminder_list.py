"""Who has to be reminded: what network universities owe the base university on a day, and whom to ask (p.19-24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("What network universities still owe")
COLUMNS = (
    Column(N_("What is owed"), 78),
    Column(N_("Last day"), 22, "center"),
    Column(N_("Days late"), 18, "right"),
    Column(N_("Told to whom, when; promised for"), 62),
)


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing: a message id, its last day, how many days ago that was (negative: still to come), why again."""

    label: str
    due: date
    days: int
    again: str = ""


@dataclass(frozen=True, slots=True)
class ReminderList:
    """Universities with the person to be asked and what they owe."""

    head: DocumentHead
    imprint: Imprint
    as_of: date
    groups: Sequence[tuple[str, str, Sequence[Owed]]]
    coordinator: str = ""
    programmer: str = ""


def draw(*documents: ReminderList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: ReminderList) -> None:
    facts = ((N_("As of"), shown_date(data.as_of)), (N_("Universities"), str(len(data.groups))))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (Signer(BASE_COORDINATOR, data.coordinator), Signer(BASE_PROGRAMMER, data.programmer))
    if not data.groups:
        sheet.statement(N_("Nothing is owed."))
        signatures(sheet, signers)
        return
    rows: list[Row] = []
    for university, contact, owed in data.groups:
        rows.append(Band(" · ".join(part for part in (university, contact) if part)))
        rows += [(_words(sheet, one), shown_date(one.due), str(one.days) if one.days > 0 else "–", "") for one in owed]
    draw_table(sheet, COLUMNS, rows, row_height=20, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _words(sheet: Sheet, owed: Owed) -> str:
    return "\n".join(part for part in (sheet.words.both(owed.label), sheet.words(owed.again) if owed.again else "")
                     if part)  # fmt: skip
