"""Answer key of a shift: for every variant and subject the numbers over the right letters (p.39, two copies)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, put, put_lines, wrap
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import COMMISSION_CHAIR, MINISTRY_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.i18n import N_

TITLE = N_("Code of the right answers")
VARIANT = N_("Variant")
FOR_DISPLAY = N_("Copy for public display")
FOR_APPEAL = N_("Copy for the appeal commission")
PER_LINE = 25


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's right letters, in the order of the items."""

    subject: str
    letters: str


ANNOUNCED = N_("Key announced as")


@dataclass(frozen=True, slots=True)
class VariantKey:
    """The key of one variant."""

    variant: str
    subjects: tuple[SubjectKey, ...]


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The keys of a shift; `purpose` says whose copy it is (`FOR_DISPLAY`, `FOR_APPEAL`).

    `announced` is the beginning of the commitment that the centre gave before the key could be opened.
    """

    head: DocumentHead
    imprint: Imprint
    variants: tuple[VariantKey, ...]
    purpose: str = FOR_DISPLAY
    chair: str = ""
    programmer: str = ""
    announced: str = ""


def draw(*documents: AnswerKey, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The keys as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, key: AnswerKey) -> None:
    facts = [(N_("Variants"), str(len(key.variants)))]
    if key.announced:
        facts.append((ANNOUNCED, key.announced))
    sheet.begin(TITLE, key.head, key.imprint, subtitle=key.purpose, facts=facts)
    signers = (Signer(COMMISSION_CHAIR, key.chair), Signer(MINISTRY_PROGRAMMER, key.programmer))
    for no, variant in enumerate(key.variants, 1):
        lines = list(_lines(sheet, variant))
        last = signatures_height(sheet, signers) if no == len(key.variants) else 0
        sheet.need(18 + sum(_height(line) for line in lines) + last)
        put_lines(sheet.canvas, sheet.left, sheet.y, (f"{sheet.words.both(VARIANT)}: {variant.variant}",), 11, BOLD)
        sheet.gap(15)
        for line in lines:
            _draw(sheet, line)
        sheet.gap(8)
    signatures(sheet, signers)


_Line = tuple[tuple[str, ...], int, str]
"""The subject's name in lines (only on its first line), the number of the first item, the letters."""


def _lines(sheet: Sheet, variant: VariantKey) -> Iterator[_Line]:
    for s in variant.subjects:
        name = wrap(s.subject, _name_wide(sheet) - 6, REGULAR, BODY)
        for start in range(0, len(s.letters), PER_LINE):
            yield name if start == 0 else (), start + 1, s.letters[start : start + PER_LINE]


def _name_wide(sheet: Sheet) -> float:
    return (sheet.right - sheet.left) * 0.25


def _height(line: _Line) -> float:
    return max(25.0, len(line[0]) * BODY * LEADING + 4)


def _draw(sheet: Sheet, line: _Line) -> None:
    """One row: the subject, then cells with the item's number over its letter."""
    canvas, (name, first, letters), height = sheet.canvas, line, _height(line)
    top, bottom = sheet.y, sheet.y - height
    start = sheet.left + _name_wide(sheet)
    wide = (sheet.right - start) / PER_LINE
    canvas.setLineWidth(HAIRLINE)
    canvas.rect(sheet.left, bottom, start - sheet.left, height)
    put_lines(canvas, sheet.left + 3, top - 2, name, BODY)
    for i, letter in enumerate(letters):
        x = start + i * wide
        canvas.rect(x, bottom, wide, height)
        put(canvas, x + wide / 2, top - 9, str(first + i), SMALLEST, REGULAR, "center")
        put(canvas, x + wide / 2, top - 21, letter, 11, BOLD, "center")
    sheet.y = bottom
