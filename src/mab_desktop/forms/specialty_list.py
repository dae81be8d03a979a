"""List of the specialties whose students take part, with their numbers by language (p.21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import NETWORK_COORDINATOR, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("List of specialties")


@dataclass(frozen=True, slots=True)
class SpecialtyLine:
    """A specialty and its students in Kazakh, in Russian, in other languages."""

    cipher: str
    name_kk: str
    name_ru: str
    direction: str
    kazakh: int
    russian: int
    other: int


@dataclass(frozen=True, slots=True)
class SpecialtyList:
    """The specialties of a network university."""

    head: DocumentHead
    imprint: Imprint
    specialties: tuple[SpecialtyLine, ...]
    coordinator: str = ""
    programmer: str = ""


COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Cipher"), 17, "center"),
    Column(N_("Specialty"), 70),
    Column(N_("Direction of training"), 38),
    Column(N_("Number of students"), parts=(
        Column(N_("in Kazakh"), 11, "right"), Column(N_("in Russian"), 11, "right"), Column(N_("other"), 12, "right"),
        Column(N_("total"), 13, "right"))),
)  # fmt: skip


def draw(*documents: SpecialtyList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: SpecialtyList) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    signers = (Signer(NETWORK_PROGRAMMER, data.programmer), Signer(NETWORK_COORDINATOR, data.coordinator))
    rows: list[Row] = [
        (str(no), s.cipher, f"{s.name_kk}\n{s.name_ru}", s.direction, str(s.kazakh), str(s.russian), str(s.other),
         str(s.kazakh + s.russian + s.other)) for no, s in enumerate(data.specialties, 1)
    ]  # fmt: skip
    sums = [sum(s.kazakh for s in data.specialties), sum(s.russian for s in data.specialties),
            sum(s.other for s in data.specialties)]  # fmt: skip
    rows.append(Total(("", "", sheet.words(N_("In all")), "", *map(str, sums), str(sum(sums)))))
    draw_table(sheet, COLUMNS, rows, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)
