"""Operators' journal: the day's work of each operator, given to the coordinator every evening (p.20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import NETWORK_COORDINATOR, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Operators' journal")


@dataclass(frozen=True, slots=True)
class OperatorDay:
    """One operator's work of one day: counts of records, `total` the records he has entered so far.

    `verified` are records typed a second time, `errors` the fields of this day found wrong by that; keys per hour are
    None where the time is too short to tell.
    """

    day: date
    operator: str
    workplace: str
    started: str
    finished: str
    new: int
    changed: int
    deleted: int
    total: int
    verified: int = 0
    errors: int = 0
    keys_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class OperatorsJournal:
    """The journal of a network university, one line for each operator and day."""

    head: DocumentHead
    imprint: Imprint
    days: tuple[OperatorDay, ...]
    coordinator: str = ""
    programmer: str = ""


COLUMNS = (
    Column(N_("Date"), 19, "center"),
    Column(N_("Operator"), 44),
    Column(N_("Workplace"), 24),
    Column(N_("From – to"), 24, "center"),
    Column(N_("Records"), parts=(
        Column(N_("new"), 16, "right"), Column(N_("changed"), 19, "right"), Column(N_("deleted"), 17, "right"),
        Column(N_("total"), 17, "right"), Column(N_("typed again"), 18, "right"))),
    Column(N_("Keys per hour"), 19, "right"),
    Column(N_("Errors found"), 19, "right"),
    Column(N_("Signature"), 26),
)  # fmt: skip


def draw(*documents: OperatorsJournal, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The journals as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, journal: OperatorsJournal) -> None:
    sheet.begin(TITLE, journal.head, journal.imprint)
    signers = (Signer(NETWORK_PROGRAMMER, journal.programmer), Signer(NETWORK_COORDINATOR, journal.coordinator))
    days = journal.days
    rows: list[Row] = [
        (shown_date(d.day), d.operator, d.workplace, f"{d.started}–{d.finished}", str(d.new), str(d.changed),
         str(d.deleted), str(d.total), str(d.verified), "—" if d.keys_per_hour is None else str(d.keys_per_hour),
         str(d.errors), "") for d in days
    ]  # fmt: skip
    new, changed, deleted, verified, errors = (
        str(sum(getattr(d, name) for d in days)) for name in ("new", "changed", "deleted", "verified", "errors")
    )
    rows.append(Total(("", sheet.words(N_("In all")), "", "", new, changed, deleted, "", verified, "", errors, "")))
    draw_table(sheet, COLUMNS, rows, row_height=20, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
