"""Register of appeal applications with the column «Апелляция қалпы» (p.40, 42, 44)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    APPEAL_CHAIR,
    APPEAL_MEMBER,
    MINISTRY_PROGRAMMER,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Cell, Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Register of appeal applications")
LAST = N_("Last version")
ABSENT = N_("Did not come to the appeal")
DECIDED = N_("Decision taken")


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A subject of an application; `state` is "" while open, else `ABSENT` or `DECIDED`."""

    full_name: str
    code: str
    hall: str
    seat: str
    variant: str
    subject: str
    items: int
    state: str = ""
    points_added: int | None = None


@dataclass(frozen=True, slots=True)
class AppealRegister:
    """The register of a shift; the last version is signed by the chair and the members."""

    head: DocumentHead
    imprint: Imprint
    lines: tuple[RegisterLine, ...]
    last: bool = False
    chair: str = ""
    members: tuple[str, ...] = ()
    programmer: str = ""


COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Full name"), 64),
    Column(N_("Personal code"), 24, "center"),
    Column(N_("Hall"), 22, "center"),
    Column(N_("Seat"), 15, "center"),
    Column(N_("Variant"), 18, "center"),
    Column(N_("Subject"), 46),
    Column(N_("Items"), 19, "right"),
    Column(N_("State of the appeal"), 38),
    Column(N_("Points added"), 20, "right"),
)


def draw(*documents: AppealRegister, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The registers as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: AppealRegister) -> None:
    sheet.begin(TITLE, data.head, data.imprint, subtitle=LAST if data.last else "")
    signers = (Signer(APPEAL_CHAIR, data.chair), *(Signer(APPEAL_MEMBER, name) for name in data.members))
    if not data.last:
        signers = (Signer(MINISTRY_PROGRAMMER, data.programmer),)
    rows: list[Row] = [
        (str(no), a.full_name, a.code, a.hall, a.seat, a.variant, a.subject, str(a.items),
         Cell(sheet.words(a.state), bold=True), "" if a.points_added is None else str(a.points_added))
        for no, a in enumerate(data.lines, 1)
    ]  # fmt: skip
    items, points = sum(a.items for a in data.lines), sum(a.points_added or 0 for a in data.lines)
    rows.append(Total(("", sheet.words(N_("In all")), "", "", "", "", "", str(items), "", str(points))))
    draw_table(sheet, COLUMNS, rows, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
