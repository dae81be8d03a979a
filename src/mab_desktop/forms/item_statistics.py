"""Items of a shift by variant and subject: how hard, how they part, what was chosen; for the expert council (p.16)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.daily_statistics import shown_mean
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import MINISTRY_PROGRAMMER, REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Analysis of the items")


@dataclass(frozen=True, slots=True)
class Item:
    """An item: `shares` in the order of the options, then nothing and several; `remark` is a message id or ""."""

    item: int
    key: str
    answers: int
    difficulty: float
    discrimination: float | None
    shares: tuple[int, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """The items of a variant and subject."""

    variant: str
    subject: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """All items of a shift; `options` are the letters of the sheet."""

    head: DocumentHead
    imprint: Imprint
    options: Sequence[str]
    groups: Sequence[ItemGroup]
    representative: str = ""
    programmer: str = ""


def columns(options: Sequence[str]) -> tuple[Column, ...]:
    """The columns for these options; the key's share is set in bold."""
    letters = tuple(Column(option, 9, "right") for option in options)
    return (
        Column(N_("Item"), 11, "right"), Column(N_("Key"), 9, "center"), Column(N_("Answers"), 14, "right"),
        Column(N_("Right, per cent"), 15, "right"), Column(N_("Discrimination"), 17, "right"), *letters,
        Column(N_("Nothing"), 11, "right", turned=True), Column(N_("Several"), 11, "right", turned=True),
        Column(N_("Remark"), 62),
    )  # fmt: skip


def draw(*documents: ItemStatistics, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The analysis as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: ItemStatistics) -> None:
    sheet.begin(TITLE, data.head, data.imprint)
    signers = (Signer(MINISTRY_PROGRAMMER, data.programmer), Signer(REPRESENTATIVE, data.representative))
    draw_table(sheet, columns(data.options), _rows(sheet, data), keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _rows(sheet: Sheet, data: ItemStatistics) -> Iterator[Row]:
    for group in data.groups:
        yield Band(f"{sheet.words(N_('Variant'))} {group.variant} · {group.subject}")
        for i in group.items:
            parted = "–" if i.discrimination is None else shown_mean(i.discrimination)
            shares = [
                Cell(str(share), bold=letter == i.key)
                for letter, share in zip((*data.options, "", ""), i.shares, strict=True)
            ]
            yield (str(i.item), i.key, str(i.answers), shown_mean(100 * i.difficulty), parted, *shares,
                   sheet.words(i.remark) if i.remark else "")  # fmt: skip
