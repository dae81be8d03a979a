"""What is wrong in a network university's database, to be put right there: by rule, and who is in it twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_PROGRAMMER, NETWORK_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Mistakes found in the student database")
COLUMNS = (
    Column(N_("Row No"), 10, "right"),
    Column(N_("Student"), 66),
    Column(N_("Field"), 46),
    Column(N_("Value"), 40),
    Column(N_("Put right (mark)"), 22),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A student whose field breaks the rule of its group; `field` is a message id."""

    name: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class DatabaseFindings:
    """Findings by rule (the rule in words), of a database with these sums."""

    head: DocumentHead
    imprint: Imprint
    students: int
    checksum: str
    groups: Sequence[tuple[str, Sequence[Finding]]]
    programmer: str = ""


def draw(*documents: DatabaseFindings, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The lists as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: DatabaseFindings) -> None:
    count = sum(len(findings) for _rule, findings in data.groups)
    facts = ((N_("Records"), str(data.students)), (N_("Checksum"), data.checksum), (N_("Mistakes"), str(count)))
    sheet.begin(TITLE, data.head, data.imprint, facts=facts)
    signers = (Signer(BASE_PROGRAMMER, data.programmer), Signer(NETWORK_PROGRAMMER))
    rows: list[Row] = []
    number = 0
    for rule, findings in data.groups:
        rows.append(Band(f"{rule} ({len(findings)})"))
        for one in findings:
            number += 1
            rows.append((str(number), one.name, sheet.words.both(one.field), one.value, ""))
    if rows:
        draw_table(sheet, COLUMNS, rows, keep=signatures_height(sheet, signers))
    else:
        sheet.statement(N_("No broken rule and no duplicate."))
    signatures(sheet, signers)
