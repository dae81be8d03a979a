"""Fax page with the final statistics for the testing centre (p.23): few, large, bold figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import THICK, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Cell, Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Fax: final statistics of the student database")


@dataclass(frozen=True, slots=True)
class UniversityCounts:
    """One network university's students: in all, in Kazakh, in Russian, in other languages; whether it has signed.

    `total` is None when its database has not come.
    """

    university: str
    total: int | None
    kazakh: int = 0
    russian: int = 0
    other: int = 0
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Without:
    """Why the file goes although something lacks: the reason, by whom and when it was written down (p.23)."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatisticsFax:
    """The page a base university faxes: `checksum` is that of the file sent by e-mail, `universities` all attached."""

    head: DocumentHead
    imprint: Imprint
    universities: tuple[UniversityCounts, ...]
    file_name: str
    checksum: str
    fax_number: str = ""
    phone: str = ""
    coordinator: str = ""
    programmer: str = ""
    halls: int = 0
    seats: int = 0
    without: Without | None = None


COLUMNS = (
    Column(N_("Code and name of the university"), 88),
    Column(N_("Total"), 22, "right"),
    Column(N_("in Kazakh"), 18, "right"),
    Column(N_("in Russian"), 18, "right"),
    Column(N_("other"), 16, "right"),
    Column(N_("Signed, sealed"), 18, "center"),
)
_PAD = 6.0


def draw(*documents: StatisticsFax, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The fax pages as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, fax: StatisticsFax) -> None:
    came = [u for u in fax.universities if u.total is not None]
    given = sheet.words(N_("{n} of {total}"), n=len(came), total=len(fax.universities))
    fund = sheet.words(N_("halls {halls}, seats {seats}"), halls=fax.halls, seats=fax.seats) if fax.halls else ""
    sheet.begin(TITLE, fax.head, fax.imprint, facts=(
        (N_("To, fax"), fax.fax_number), (N_("Telephone for questions"), fax.phone),
        (N_("Universities handed in"), given), *(((N_("Hall fund"), fund),) if fund else ()),
        (N_("File"), fax.file_name), (N_("Checksum"), fax.checksum)))  # fmt: skip
    if fax.without:
        _why_incomplete(sheet, fax, fax.without)
    signers = (Signer(BASE_COORDINATOR, fax.coordinator, seal=True), Signer(BASE_PROGRAMMER, fax.programmer))
    rows: list[Row] = [_row(sheet, u) for u in fax.universities]
    sums = [sum(getattr(u, name) or 0 for u in came) for name in ("total", "kazakh", "russian", "other")]
    signed = f"{sum(u.signed for u in came)} / {len(fax.universities)}"
    rows.append(Total((sheet.words(N_("In all")), *map(str, sums), signed)))
    draw_table(sheet, COLUMNS, rows, size=12, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _row(sheet: Sheet, u: UniversityCounts) -> Row:
    if u.total is None:
        return (Cell(u.university), Cell(sheet.words(N_("has not come")), framed=True), "–", "–", "–", "–")
    mark = "+" if u.signed else Cell(sheet.words(N_("no")), bold=True, framed=True)
    return (u.university, str(u.total), str(u.kazakh), str(u.russian), str(u.other), mark)


def _why_incomplete(sheet: Sheet, fax: StatisticsFax, without: Without) -> None:
    """A framed notice above the table, in letters that a fax carries."""
    missing = [u.university.partition(" ")[0] for u in fax.universities if u.total is None]
    unsigned = [u.university.partition(" ")[0] for u in fax.universities if u.total is not None and not u.signed]
    sheet.gap(4)
    top = sheet.y
    sheet.gap(_PAD)
    sheet.paragraph(sheet.words.both(N_("Sent although incomplete")).upper(), 12, BOLD, indent=_PAD)
    for msgid, text in (
        (N_("Without the database of"), ", ".join(missing)), (N_("Without signed statistics of"), ", ".join(unsigned)),
        (N_("Reason"), without.reason),
        (N_("Written down by"), f"{without.by}, {without.at:%d.%m.%Y %H:%M}"),
    ):  # fmt: skip
        if text:
            sheet.paragraph(f"{sheet.words.both(msgid)}: {text}", 11, indent=_PAD)
    sheet.gap(_PAD)
    sheet.canvas.setLineWidth(THICK)
    sheet.canvas.rect(sheet.left, sheet.y, sheet.right - sheet.left, top - sheet.y)
    sheet.gap(8)
