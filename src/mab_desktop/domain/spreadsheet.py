"""Cells on their way to and from spreadsheet programs: no text of ours is ever computed as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(cell: object) -> object:
    """A cell that no spreadsheet program computes; None is empty, numbers given as numbers stay numbers."""
    if cell is None or isinstance(cell, bool | int | float):
        return "" if cell is None else cell
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def unguarded(cell: str) -> str:
    """The cell before it was guarded."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def export_csv(out: TextIO | Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table for spreadsheet programs: UTF-8 with its mark, semicolons; no text can be taken for a formula."""
    if isinstance(out, Path):
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            export_csv(file, heads, rows)
        return
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(head) for head in heads])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
