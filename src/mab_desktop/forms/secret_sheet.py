"""Secret sheet: a password or a part of a key in groups of characters, with what to do with it (p.30, 39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.lettering import SMALLEST, put, put_lines
from mab_desktop.forms.page import BODY, DocumentHead, Fact, Imprint, Sheet, printed
from mab_desktop.forms.signature import Signer, signatures
from mab_desktop.i18n import N_

WARNING = N_("Secret. Do not copy, photograph or read aloud. Keep in a sealed envelope in the safe.")


@dataclass(frozen=True, slots=True)
class SecretSheet:
    """A secret on paper: `title`, `instructions`, labels of `facts` are message ids; each group prints as one box.

    `signers` are those who were present.
    """

    head: DocumentHead
    imprint: Imprint
    title: str
    groups: tuple[str, ...]
    instructions: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    signers: tuple[Signer, ...] = ()


def draw(*documents: SecretSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, secret: SecretSheet) -> None:
    sheet.begin(secret.title, secret.head, secret.imprint, facts=secret.facts)
    _warn(sheet)
    draw_groups(sheet, secret.groups)
    for no, instruction in enumerate(secret.instructions, 1):
        sheet.paragraph(f"{no}. {sheet.words(instruction)}", 10)
        if below := sheet.words.below(instruction):
            sheet.paragraph(below, SMALLEST + 0.5, indent=12)
        sheet.gap(3)
    signatures(sheet, secret.signers)


def _warn(sheet: Sheet) -> None:
    canvas, top = sheet.canvas, sheet.y
    lines = tuple(part for part in (sheet.words(WARNING), sheet.words.below(WARNING)) if part)
    height = len(lines) * 12 + 10
    canvas.setLineWidth(1.6)
    canvas.rect(sheet.left + 1, top - height, sheet.right - sheet.left - 2, height)
    put_lines(canvas, (sheet.left + sheet.right) / 2, top - 5, lines, BODY, BOLD, "center")
    sheet.y = top - height - 14


def draw_groups(sheet: Sheet, groups: Sequence[str], per_line: int = 4) -> None:
    """Draw each group in a numbered box, `per_line` to a line, to be read over a telephone without doubt."""
    canvas, pitch = sheet.canvas, (sheet.right - sheet.left) / per_line
    for first in range(0, len(groups), per_line):
        sheet.need(44)
        for i, group in enumerate(groups[first : first + per_line]):
            x = sheet.left + i * pitch
            canvas.setLineWidth(0.8)
            canvas.rect(x + 2, sheet.y - 36, pitch - 4, 36)
            put(canvas, x + 6, sheet.y - 10, str(first + i + 1), SMALLEST)
            _spread(sheet, group, x + 2, pitch - 4, sheet.y - 28)
        sheet.gap(42)
    sheet.gap(6)


def _spread(sheet: Sheet, group: str, left: float, wide: float, y: float) -> None:
    """Set the characters of a group apart, each in the middle of its own place."""
    place = min(16.0, (wide - 24) / max(1, len(group)))
    start = left + (wide - place * len(group)) / 2 + 4
    for i, character in enumerate(group):
        put(sheet.canvas, start + (i + 0.5) * place, y, character, 18, BOLD, "center")
