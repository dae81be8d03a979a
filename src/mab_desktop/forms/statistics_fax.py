"""Fax page with the final statistics for the testing centre (p.23): few, large, bold figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Fax: final statistics of the student database")


@dataclass(frozen=True, slots=True)
class UniversityCounts:
    """One network university's students: in all, in Kazakh, in Russian, in other languages."""

    university: str
    total: int
    kazakh: int
    russian: int
    other: int


@dataclass(frozen=True, slots=True)
class StatisticsFax:
    """The page a base university faxes: `checksum` is that of the file sent by e-mail."""

    head: DocumentHead
    imprint: Imprint
    universities: tuple[UniversityCounts, ...]
    expected: int
    file_name: str
    checksum: str
    fax_number: str = ""
    phone: str = ""
    coordinator: str = ""
    programmer: str = ""


COLUMNS = (
    Column(N_("Code and name of the university"), 96),
    Column(N_("Total"), 24, "right"),
    Column(N_("in Kazakh"), 20, "right"),
    Column(N_("in Russian"), 20, "right"),
    Column(N_("other"), 20, "right"),
)


def draw(*documents: StatisticsFax, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The fax pages as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, fax: StatisticsFax) -> None:
    given = sheet.words(N_("{n} of {total}"), n=len(fax.universities), total=fax.expected)
    sheet.begin(TITLE, fax.head, fax.imprint, facts=(
        (N_("To, fax"), fax.fax_number), (N_("Telephone for questions"), fax.phone),
        (N_("Universities handed in"), given), (N_("File"), fax.file_name),
        (N_("Checksum"), fax.checksum)))  # fmt: skip
    signers = (Signer(BASE_COORDINATOR, fax.coordinator, seal=True), Signer(BASE_PROGRAMMER, fax.programmer))
    rows: list[Row] = [
        (u.university, str(u.total), str(u.kazakh), str(u.russian), str(u.other)) for u in fax.universities
    ]
    sums = [sum(getattr(u, name) for u in fax.universities) for name in ("total", "kazakh", "russian", "other")]
    rows.append(Total((sheet.words(N_("In all")), *map(str, sums))))
    draw_table(sheet, COLUMNS, rows, size=12, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
