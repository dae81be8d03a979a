"""Cover of a hall's envelope of answer sheets: shift and hall in large figures, counts, a code to scan (p.34, 38)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm

from mab_desktop.forms.code import place_qr, qr_code
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import put, put_lines, wrap
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import DUTY_OFFICER, REPRESENTATIVE, STUDENT, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

MARK = "MABENV1"
TITLE = N_("Envelope with answer sheets")
SCAN_FIRST = N_(
    "Scan this page before the sheets of the envelope. All sheets, filled and blank, are scanned, twice (p.38)."
)


@dataclass(frozen=True, slots=True)
class EnvelopeCover:
    """The cover of the envelope of one hall and shift (both in `head`), for scanning pass `scan_pass` or both (0)."""

    head: DocumentHead
    imprint: Imprint
    seats: int
    scan_pass: int = 0
    duty_officers: tuple[str, ...] = ("", "")
    representative: str = ""


COUNT_COLUMNS = (
    Column(N_("Seats"), 36, "center"), Column(N_("Sheets received"), 36, "center"),
    Column(N_("Sheets used"), 36, "center"), Column(N_("Sheets unused"), 36, "center"),
    Column(N_("Seal number"), 36, "center"),
)  # fmt: skip


def payload(cover: EnvelopeCover) -> str:
    """What the QR code says: «MABENV1|shift|hall», and «|pass» on the cover of one pass."""
    bare = f"{MARK}|{cover.head.shift or ''}|{cover.head.hall}"
    return f"{bare}|{cover.scan_pass}" if cover.scan_pass else bare


def draw(*documents: EnvelopeCover, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The covers as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, cover: EnvelopeCover) -> None:
    sheet.begin(TITLE, cover.head, cover.imprint)
    _figures(sheet, cover)
    sheet.statement(SCAN_FIRST)
    sheet.gap(10)
    signers = (*(Signer(DUTY_OFFICER, name) for name in cover.duty_officers), *(Signer(STUDENT) for _ in range(3)),
               Signer(REPRESENTATIVE, cover.representative, seal=True))  # fmt: skip
    rows = ((str(cover.seats), "", "", "", ""),)
    draw_table(sheet, COUNT_COLUMNS, rows, size=12, row_height=32, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _figures(sheet: Sheet, cover: EnvelopeCover) -> None:
    """Shift, hall and pass in large figures at the left, the code at the right."""
    canvas, top, side = sheet.canvas, sheet.y - 4, 56 * mm
    place_qr(canvas, qr_code(payload(cover)), sheet.right - side, top - side, side)
    put(canvas, sheet.right - side / 2, top - side - 12, payload(cover), 9, REGULAR, "center")
    shown = [(N_("Shift"), str(cover.head.shift or "")), (N_("Hall"), cover.head.hall)]
    if cover.scan_pass:
        shown.append((N_("Scanning pass"), str(cover.scan_pass)))
    wide = (sheet.right - side - 14 - sheet.left) / len(shown)
    for i, (label, value) in enumerate(shown):
        x = sheet.left + i * wide
        canvas.setLineWidth(1)
        canvas.rect(x, top - side, wide, side)
        put_lines(
            canvas, x + wide / 2, top - 6, wrap(sheet.words.both(label), wide - 6, REGULAR, 11), 11, REGULAR, "center"
        )
        put(canvas, x + wide / 2, top - side * 0.68, value, min(72.0, wide * 1.4 / max(2, len(value))), BOLD, "center")
    sheet.y = top - side - 30
