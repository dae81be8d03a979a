"""The file of one appeal: application, card, decision, what people changed by hand, both scans (p.40-44)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from reportlab.lib.utils import ImageReader

from mab_desktop.forms.analysis_card import LEGEND, CardSubject
from mab_desktop.forms.appeal_minutes import COLUMNS, REJECTED, SATISFIED, ItemDecision
from mab_desktop.forms.item_grid import GridRow, SideCell, draw_grid
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import APPEAL_CHAIR, MINISTRY_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Appeal file")


@dataclass(frozen=True, slots=True)
class Change:
    """Something a person did: when, who, what, in words ready to print."""

    at: datetime
    who: str
    what: str
    details: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned page of the sheet with its marks outlined: which pass, and a picture that Pillow reads."""

    scan_pass: int
    picture: bytes


@dataclass(frozen=True, slots=True)
class AppealFile:
    """One application; `items` are (subject from 0, item from 1), framed in the card. `state` is a message id."""

    head: DocumentHead
    imprint: Imprint
    number: int
    filed_at: datetime
    received_by: str
    full_name: str
    code: str
    specialty: str
    variant: str
    seat: str
    state: str
    points: str
    present: Sequence[str]
    listed: int
    subjects: Sequence[CardSubject]
    items: Sequence[tuple[int, int]]
    decisions: Sequence[ItemDecision]
    changes: Sequence[Change]
    scans: Sequence[Scan]
    chair: str = ""
    programmer: str = ""


CHANGE_COLUMNS = (
    Column(N_("When"), 30), Column(N_("Who"), 38), Column(N_("What was done"), 52), Column(N_("Details"), 64),
)  # fmt: skip


def draw(*documents: AppealFile, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The files as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: AppealFile) -> None:
    sheet.begin(TITLE, data.head, data.imprint, facts=(
        (N_("Application No"), str(data.number)), (N_("Received at"), _moment(data.filed_at)),
        (N_("Accepted by"), data.received_by), (N_("Full name"), data.full_name), (N_("Personal code"), data.code),
        (N_("Specialty cipher"), data.specialty), (N_("Variant"), data.variant), (N_("Seat"), data.seat),
        (N_("State of the appeal"), sheet.words(data.state)), (N_("Points in all"), data.points),
    ))  # fmt: skip
    sheet.caption(N_("Answer analysis card"), keep=90)
    for number, subject in enumerate(data.subjects):
        rows = (GridRow(N_("Key row"), subject.key), GridRow(N_("Answer row"), subject.answers),
                GridRow(N_("Result row"), subject.results, bold=True))  # fmt: skip
        framed = frozenset(item for place, item in data.items if place == number)
        draw_grid(
            sheet, subject.subject, len(subject.key), rows, (SideCell(N_("Points"), str(subject.points)),), framed
        )
    sheet.statement(LEGEND)
    sheet.caption(N_("Decision"))
    present = sheet.words(N_("{n} of {total} listed"), n=len(data.present), total=data.listed)
    sheet.facts(((N_("Members present"), ", ".join((present, *data.present))),))
    sheet.gap(3)
    draw_table(sheet, COLUMNS, _decisions(sheet, data))
    signers = (Signer(APPEAL_CHAIR, data.chair), Signer(MINISTRY_PROGRAMMER, data.programmer))
    sheet.caption(N_("Done by people"))
    draw_table(sheet, CHANGE_COLUMNS, _changes(data), keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
    for scan in data.scans:
        _scan(sheet, scan)


def _decisions(sheet: Sheet, data: AppealFile) -> Iterator[Row]:
    for d in data.decisions:
        yield (d.subject, str(d.item), Cell(sheet.words(SATISFIED if d.satisfied else REJECTED), bold=d.satisfied),
               str(d.ground or "–"), str(d.votes_for), str(d.votes_against), d.reason)  # fmt: skip


def _changes(data: AppealFile) -> Iterator[Row]:
    for change in data.changes:
        yield _moment(change.at), change.who, change.what, change.details


def _scan(sheet: Sheet, scan: Scan) -> None:
    """A page with the whole sheet on it, as large as it goes."""
    sheet.break_page()
    sheet.caption(N_("Scan of the sheet, pass {n}"), n=scan.scan_pass)
    room = sheet.room()
    sheet.canvas.drawImage(ImageReader(io.BytesIO(scan.picture)), sheet.left, sheet.bottom, sheet.right - sheet.left,
                           room, preserveAspectRatio=True, anchor="n")  # fmt: skip
    sheet.gap(room)


def _moment(at: datetime) -> str:
    return at.strftime("%d.%m.%Y %H:%M")
