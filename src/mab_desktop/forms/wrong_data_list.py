"""List of students with wrong data on their passes (p.24, 25, 30)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import BASE_COORDINATOR, NETWORK_COORDINATOR, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("List of students with wrong data")


@dataclass(frozen=True, slots=True)
class WrongDataLine:
    """One wrong field of one student; `field` is a message id, `ground` the document that shows the right value.

    `late` is an application after the last day of p.25; `enclosed` tells whether the paper goes along, None where
    nobody keeps count of that.
    """

    network_university: str
    code: str
    full_name: str
    field: str
    printed_value: str
    right_value: str
    ground: str
    application_no: str
    application_date: date | None
    late: bool = False
    enclosed: bool | None = None


@dataclass(frozen=True, slots=True)
class WrongDataList:
    """The list of a network university, or of all those of a base university."""

    head: DocumentHead
    imprint: Imprint
    lines: tuple[WrongDataLine, ...]
    coordinator: str = ""
    last_day: date | None = None


COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Network university"), 24),
    Column(N_("Personal code"), 20, "center"),
    Column(N_("Full name"), 48),
    Column(N_("Field"), 29),
    Column(N_("Printed value"), 40),
    Column(N_("Right value"), 40),
    Column(N_("Ground (document)"), 33),
    Column(N_("Application No, date"), 24, "center"),
)


def draw(*documents: WrongDataList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: WrongDataList) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    counted = [line.enclosed for line in data.lines if line.enclosed is not None]
    role = BASE_COORDINATOR if counted else NETWORK_COORDINATOR
    signers = (Signer(role, data.coordinator, seal=True),)
    if data.lines:
        draw_table(sheet, COLUMNS, _rows(sheet, data), keep=signatures_height(sheet, signers) + 30)
        if counted:
            sheet.gap(6)
            sheet.statement(N_("Applications enclosed on paper: {n} of {total}"), n=sum(counted), total=len(counted))
    else:
        sheet.statement(N_("No student has applied about wrong data on his pass."))
    signatures(sheet, signers)


def _rows(sheet: Sheet, data: WrongDataList) -> Iterator[Row]:
    """Those in time first; late ones stand under a heading of their own."""
    ordered = sorted(data.lines, key=lambda line: line.late)
    for no, w in enumerate(ordered, 1):
        if w.late and not (no > 1 and ordered[no - 2].late):
            yield Band(sheet.words.both(N_("Received after {day} (p.25)"), day=shown_date(data.last_day)))
        yield (
            str(no), w.network_university, w.code, w.full_name, sheet.words.both(w.field), w.printed_value,
            Cell(w.right_value, bold=True), w.ground, _application(sheet, w),
        )  # fmt: skip


def _application(sheet: Sheet, w: WrongDataLine) -> str:
    missing = "\n" + sheet.words(N_("not enclosed")) if w.enclosed is False else ""
    return f"{w.application_no}\n{shown_date(w.application_date)}{missing}"
