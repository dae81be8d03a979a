"""The student database on paper, signed by the head of the network university (p.21)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from mab_desktop.forms.application_journal import STUDENT_COLUMNS, JournalGroup, student_cells
from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import BODY, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    NETWORK_COORDINATOR,
    NETWORK_HEAD,
    NETWORK_PROGRAMMER,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Band, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Student database")


@dataclass(frozen=True, slots=True)
class StudentDatabase:
    """All students of a network university; `records` and `checksum` are those of the file handed over with it.

    `notices` (message ids with what fills them) say what this paper replaces, or that the file is an older one.
    """

    head: DocumentHead
    imprint: Imprint
    groups: Iterable[JournalGroup]
    records: int
    checksum: str
    file_name: str = ""
    university_head: str = ""
    coordinator: str = ""
    programmer: str = ""
    notices: tuple[tuple[str, Mapping[str, object]], ...] = ()


COLUMNS = (STUDENT_COLUMNS[0], Column(STUDENT_COLUMNS[1].label, 68), *STUDENT_COLUMNS[2:])


def draw(*documents: StudentDatabase, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The databases as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, data: StudentDatabase) -> None:
    facts = ((N_("Records"), str(data.records)), (N_("Checksum"), data.checksum), (N_("File"), data.file_name))
    mark = sheet.words(N_("{n} records · {checksum}"), n=data.records, checksum=data.checksum)
    sheet.begin(TITLE, replace(data.head, mark=mark), data.imprint, facts=facts)
    for text, params in data.notices:
        sheet.statement(text, "left", **params)
        sheet.gap(3)
    signers = (Signer(NETWORK_HEAD, data.university_head, seal=True), Signer(NETWORK_COORDINATOR, data.coordinator),
               Signer(NETWORK_PROGRAMMER, data.programmer))  # fmt: skip
    keep = signatures_height(sheet, signers) + 30
    draw_table(sheet, COLUMNS, _rows(data.groups), size=8.5, keep=keep)
    sheet.gap(8)
    sheet.paragraph(sheet.words.both(
        N_("Printed here: {n} records; checksum of the file {checksum}."), n=data.records, checksum=data.checksum
    ), BODY, BOLD)  # fmt: skip
    signatures(sheet, signers)


def _rows(groups: Iterable[JournalGroup]) -> Iterator[Row]:
    no = 0
    for group in groups:
        yield Band(f"{group.specialty} · {group.language}")
        for student in group.students:
            no += 1
            yield student_cells(no, student)
