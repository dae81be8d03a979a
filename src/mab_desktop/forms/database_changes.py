"""What a newer database of a network university changed against the one before it (p.21, p.22)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_PROGRAMMER, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Differences between two versions of the student database")
COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Student"), 52),
    Column(N_("What changed"), 42),
    Column(N_("Before"), 38),
    Column(N_("After"), 38),
)


@dataclass(frozen=True, slots=True)
class DatabaseVersion:
    """A version as its paper tells it."""

    number: int
    came: str
    students: int
    checksum: str


@dataclass(frozen=True, slots=True)
class DatabaseChanges:
    """Lines of (student, what as a message id, before, after) from `before` to `after`."""

    head: DocumentHead
    imprint: Imprint
    before: DatabaseVersion
    after: DatabaseVersion
    counts: tuple[int, int, int]
    lines: Iterable[tuple[str, str, str, str]]
    programmer: str = ""


def draw(*documents: DatabaseChanges, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: DatabaseChanges) -> None:
    told = N_("version {n} of {came}: {students} students, {checksum}")
    before, after = (
        sheet.words(told, n=one.number, came=one.came, students=one.students, checksum=one.checksum)
        for one in (data.before, data.after)
    )
    new, changed, gone = data.counts
    told = N_("new {new}, changed {changed}, no longer there {gone}")
    counts = sheet.words(told, new=new, changed=changed, gone=gone)
    facts = ((N_("Before"), before), (N_("After"), after), (N_("Students"), counts))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (Signer(BASE_PROGRAMMER, data.programmer), Signer(NETWORK_PROGRAMMER))
    rows = [
        (str(number), student, sheet.words.both(what), old, fresh)
        for number, (student, what, old, fresh) in enumerate(data.lines, 1)
    ]
    if rows:
        draw_table(sheet, COLUMNS, rows, keep=signatures_height(sheet, signers))
    else:
        sheet.statement(N_("Nothing changed."))
    signatures(sheet, signers)
