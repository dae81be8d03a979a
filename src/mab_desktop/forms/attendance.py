"""Attendance form, drawn up 20-25 minutes after the start: present by language, direction, specialty (p.33)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import COMMISSION_CHAIR, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Attendance at the test")
LANGUAGES = 3


@dataclass(frozen=True, slots=True)
class Presence:
    """Students planned and present in one language; `present` None is an empty cell to write in."""

    planned: int = 0
    present: int | None = None

    @property
    def absent(self) -> int | None:
        """Planned and not present."""
        return None if self.present is None else self.planned - self.present


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """A specialty: presence in Kazakh, Russian, other languages."""

    specialty: str
    languages: tuple[Presence, Presence, Presence]


@dataclass(frozen=True, slots=True)
class Attendance:
    """The form of a shift: directions with their specialties; booklets left over go back to the safe."""

    head: DocumentHead
    imprint: Imprint
    groups: tuple[tuple[str, tuple[AttendanceLine, ...]], ...]
    surplus_booklets: int | None = None
    representative: str = ""
    chair: str = ""


def _language(label: str) -> Column:
    return Column(label, parts=(
        Column(N_("planned"), 10.5, "right", turned=True), Column(N_("present"), 10.5, "right", turned=True),
        Column(N_("absent"), 10.5, "right", turned=True)))  # fmt: skip


COLUMNS = (
    Column(N_("Specialty"), 56),
    _language(N_("Kazakh")),
    _language(N_("Russian")),
    _language(N_("Other languages")),
    _language(N_("In all")),
)


def draw(*documents: Attendance, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The forms as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: Attendance) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    signers = (Signer(REPRESENTATIVE, data.representative), Signer(COMMISSION_CHAIR, data.chair))
    draw_table(sheet, COLUMNS, _rows(sheet, data), row_height=18, keep=signatures_height(sheet, signers) + 30)
    sheet.gap(8)
    surplus = "__________" if data.surplus_booklets is None else str(data.surplus_booklets)
    sheet.facts(((N_("Surplus booklets put into the safe"), surplus),))
    signatures(sheet, signers)


def _rows(sheet: Sheet, data: Attendance) -> Iterator[Row]:
    for direction, lines in data.groups:
        yield Band(direction)
        for line in lines:
            yield line.specialty, *_cells(line.languages)
    every = [line.languages for _, lines in data.groups for line in lines]
    sums = tuple(added(languages[i] for languages in every) for i in range(LANGUAGES))
    yield Total((sheet.words(N_("In all")), *_cells(sums)))


def added(presences: Iterator[Presence]) -> Presence:
    """The sum; still open while a language with students planned is not counted."""
    all_of = list(presences)
    open_counts = any(p.present is None and p.planned for p in all_of)
    return Presence(sum(p.planned for p in all_of), None if open_counts else sum(p.present or 0 for p in all_of))


def _cells(languages: tuple[Presence, ...]) -> list[str]:
    cells: list[str] = []
    for presence in (*languages, added(iter(languages))):
        if not presence.planned and not presence.present:
            cells += ["–", "–", "–"]
            continue
        cells += ["" if n is None else str(n) for n in (presence.planned, presence.present, presence.absent)]
    return cells
