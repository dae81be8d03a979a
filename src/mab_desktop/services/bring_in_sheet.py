"""A table of students from elsewhere as it was opened: its headings, its rows, and how they are to be read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.table_columns import ZERO_WIDTHS, Matching, matched, remembered
from mab_desktop.domain.table_values import shortened
from mab_desktop.i18n import N_
from mab_desktop.services.table_intake import Row, TableFile, open_table

MOST_ROWS = 60_000
_HEADS_WITHIN, _HEADS_KNOWN, _SHEETS_LOOKED_AT = 12, 3, 12


@dataclass(frozen=True)
class Sheet:
    """A table with its headings, which may stand below a title; `above` counts the rows over them."""

    table: TableFile
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    above: int

    def samples(self, column: int, count: int = 3) -> tuple[str, ...]:
        """The first different texts of a column."""
        found: dict[str, None] = {}
        for row in self.rows:
            if row.cells[column]:
                found[row.cells[column]] = None
                if len(found) == count:
                    break
        return tuple(found)

    def short_numbers(self, name: str, column: int) -> int:
        """How many numbers of a column may have lost leading zeros, were it the field `name`."""
        return shortened((row.cells[column] for row in self.rows), ZERO_WIDTHS[name]) if name in ZERO_WIDTHS else 0

    def lost_zeros(self, name: str, column: int) -> bool:
        """Whether a spreadsheet program holds the column as numbers: then zeros were lost for certain."""
        numbers = self.table.numbers[column] if column < len(self.table.numbers) else 0
        held = sum(1 for row in self.rows if row.cells[column])
        return bool(held) and numbers >= held and bool(self.short_numbers(name, column))


def open_sheet(
    path: Path, sheet: str = "", progress: Progress = Silent(), *, encoding: str = "", delimiter: str = ""
) -> Sheet:
    """Read a table and find its headings: the first row, or the one below a title that names most fields.

    Of a workbook whose first sheet names no fields (a cover, an explanation) the first that does is taken.
    """
    first = _opened(path, sheet, progress, encoding=encoding, delimiter=delimiter)
    if sheet or len(first.table.sheets) < 2 or len(matched(first.heads)) >= _HEADS_KNOWN:
        return first
    for name in first.table.sheets[:_SHEETS_LOOKED_AT]:
        with suppress(UserError):  # an empty sheet among others
            other = _opened(path, name, progress)
            if len(matched(other.heads)) >= _HEADS_KNOWN:
                return other
    return first


def _opened(path: Path, sheet: str, progress: Progress, *, encoding: str = "", delimiter: str = "") -> Sheet:
    table = open_table(path, sheet, progress, encoding=encoding, delimiter=delimiter)
    if table.count > MOST_ROWS:
        raise UserError(N_("The table {name} has more than {count} rows."), name=table.name, count=MOST_ROWS,
                        next_step=N_("Divide it into several files."))  # fmt: skip
    rows = tuple(table.rows())
    best, known = -1, len(matched(table.heads))
    for n, row in enumerate(rows[:_HEADS_WITHIN]):
        if known < _HEADS_KNOWN <= (found := len(matched(row.cells))):
            best, known = n, found
    heads = rows[best].cells if best >= 0 else table.heads
    return Sheet(table, heads, rows[best + 1 :], best + 1)


def suggested(sheet: Sheet, kept: object = None) -> Matching:
    """The matching that was remembered for these headings, else what the headings and the cells tell."""
    known = remembered(kept, sheet.heads) if kept else None
    if known is not None:
        return known
    columns = matched(sheet.heads)
    zeros = frozenset(n for n, column in columns.items() if n in ZERO_WIDTHS and sheet.lost_zeros(n, column))
    return Matching(columns, zeros=zeros)
