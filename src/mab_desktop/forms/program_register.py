"""The register of hand-over of the network program: to whom, when, which version, with a place to sign (p.19, p.20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Cell, Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Register of hand-over of the network program")
COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Network university"), 62),
    Column(N_("Date"), 20, "center"),
    Column(N_("Version, carrier"), 34),
    Column(N_("Received by (full name, post, telephone)"), 64),
    Column(N_("Training (date, who came)"), 44),
    Column(N_("Signature"), 32),
)
SIGNED = N_("signed in the register")


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A university of the register; one that was given nothing yet has a line to be filled in by hand.

    `trained` is printed as it stands; `signed`: the signature was noted in the program.
    """

    university: str
    day: date | None = None
    version: str = ""
    person: str = ""
    trained: str = ""
    signed: bool = False


@dataclass(frozen=True, slots=True)
class ProgramRegister:
    """The register over all network universities."""

    head: DocumentHead
    imprint: Imprint
    lines: Sequence[RegisterLine]
    coordinator: str = ""
    programmer: str = ""


def draw(*documents: ProgramRegister, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The registers as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: ProgramRegister) -> None:
    given = sum(line.day is not None for line in data.lines)
    sheet.begin(TITLE, data.head, data.imprint, facts=((N_("Given to universities"), f"{given} / {len(data.lines)}"),))
    signers = (Signer(BASE_COORDINATOR, data.coordinator), Signer(BASE_PROGRAMMER, data.programmer))
    rows = (
        (str(number), line.university, shown_date(line.day), line.version, line.person, line.trained,
         Cell(sheet.words(SIGNED) if line.signed else ""))
        for number, line in enumerate(data.lines, 1)
    )  # fmt: skip
    draw_table(sheet, COLUMNS, rows, row_height=28, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
