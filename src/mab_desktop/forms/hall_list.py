"""Hall list of students «Аудиториялық тізім», per hall and per network university; seats are not drawn yet (p.24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import (
    BASE_COORDINATOR,
    BASE_PROGRAMMER,
    NETWORK_COORDINATOR,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Hall list of students")


@dataclass(frozen=True, slots=True)
class HallListLine:
    """A student and where he sits the test; lines come in Kazakh order of the surname."""

    full_name: str
    code: str
    network_university: str
    specialty: str
    language: str
    shift: int
    day: date
    building: str
    hall: str


@dataclass(frozen=True, slots=True)
class HallList:
    """The students of a hall (the hall stands in `head`) or, `by_university`, all of a network university."""

    head: DocumentHead
    imprint: Imprint
    lines: Iterable[HallListLine]
    by_university: bool = False
    coordinator: str = ""
    programmer: str = ""


HALL_COLUMNS = (
    Column(N_("Row No"), 9, "right"),
    Column(N_("Full name"), 58),
    Column(N_("Personal code"), 18, "center"),
    Column(N_("Network university"), 60),
    Column(N_("Cipher"), 17, "center"),
    Column(N_("Language"), 18, "center"),
)
UNIVERSITY_COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Full name"), 50),
    Column(N_("Personal code"), 18, "center"),
    Column(N_("Cipher"), 15, "center"),
    Column(N_("Language"), 16, "center"),
    Column(N_("Shift"), 12, "center"),
    Column(N_("Date"), 18, "center"),
    Column(N_("Building"), 25),
    Column(N_("Hall"), 18, "center"),
)


def draw(*documents: HallList, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return draw_each(documents, lang=lang, out=out)


def draw_each(documents: Iterable[HallList], *, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The same of documents that are made one after the other, each when the one before is drawn."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: HallList) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    coordinator = NETWORK_COORDINATOR if data.by_university else BASE_COORDINATOR
    signers = (Signer(coordinator, data.coordinator), Signer(BASE_PROGRAMMER, data.programmer))
    columns = UNIVERSITY_COLUMNS if data.by_university else HALL_COLUMNS
    draw_table(sheet, columns, _rows(data), keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _rows(data: HallList) -> Iterator[Row]:
    for no, s in enumerate(data.lines, 1):
        if data.by_university:
            yield (
                str(no),
                s.full_name,
                s.code,
                s.specialty,
                s.language,
                str(s.shift),
                shown_date(s.day),
                s.building,
                s.hall,
            )
        else:
            yield str(no), s.full_name, s.code, s.network_university, s.specialty, s.language
