"""Tables that the centre types outside and brings in as CSV: read whole, every mistake told with file, row, column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.i18n import N_, translate

MAX_BYTES = 50_000_000
MOST_TOLD = 100  # mistakes; a table of another sort has one in every row
_LONGEST = 200  # letters of a line that tells one: a cell may hold a whole book
_MOST_FIGURES = 18  # Python itself refuses to read a number of thousands of figures
_TOLD_WHOLE = 6  # a list no longer than this is told to who typed what does not stand in it
WHERE = N_("{file}, row {row}, column {column}: {reason}")


@dataclass(frozen=True, slots=True)
class TableProblem:
    """A mistake in a file: row as a person counts (1 the heads), column by its head, "" for the whole row."""

    file: str
    row: int
    column: str
    problem: Problem


class TablesRefused(Refused):
    """Tables with mistakes, all of them in `found`; nothing was changed."""

    def __init__(self, found: Sequence[TableProblem]) -> None:
        super().__init__([p.problem for p in found])
        self.found = tuple(found)

    def message(self, lang: str) -> str:
        """One line a mistake, with its place; of very many the first."""
        where = translate(lang, WHERE)  # a head is said as it stands in the file: it is no word of ours
        lines = [
            _told(where.format(file=p.file, row=p.row, column=_told(p.column) or "–", reason=p.problem.message(lang)))
            for p in self.found[:MOST_TOLD]
        ]  # fmt: skip
        if len(self.found) > MOST_TOLD:
            lines.append(translate(lang, N_("and {n} more")).format(n=len(self.found) - MOST_TOLD))
        return "\n".join([*lines, Problem("", N_("Nothing was changed.")).message(lang)])


def _told(line: str) -> str:
    """A line with cells of a strange file in it: none moves the cursor of a terminal, none is longer than a line."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in line)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


@dataclass(frozen=True)
class TableRow:
    """A row: its number in the file and its cells by head, without blanks around them."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, head: str) -> str:
        return self.cells.get(head, "")


class Mistakes:
    """Collects mistakes of any number of files; `refuse` raises them all at once."""

    def __init__(self) -> None:
        self.found: list[TableProblem] = []

    def add(self, row: TableRow, column: str, text: str, **params: Any) -> None:
        """A mistake in a cell."""
        self.found.append(TableProblem(row.file, row.number, column, Problem(column, text, tuple(params.items()))))

    def refuse(self) -> None:
        """TablesRefused where anything was found."""
        if self.found:
            raise TablesRefused(sorted(self.found, key=lambda p: (p.file, p.row)))


def read_table(path: Path, heads: Sequence[str], mistakes: Mistakes, optional: Sequence[str] = ()) -> list[TableRow]:
    """The rows of a CSV in UTF-8, parted by commas or semicolons; empty rows are left out.

    A missing or strange head and a row of the wrong length are mistakes. UserError for what is no such file at all.
    """
    text = _text(path)
    first = text.partition("\n")[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    try:
        reader = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise UserError(
            N_("The file {name} cannot be read as CSV in UTF-8."),
            next_step=N_("Save the table once more as “CSV UTF-8” and give it again."), name=path.name,
        ) from error  # fmt: skip
    given = [cell.strip() for cell in reader[0]] if reader else []
    top = TableRow(path.name, 1, {})
    for head in [head for head in heads if head not in given]:
        mistakes.add(top, head, N_("This column is missing."))
    for head in [head for head in given if head not in (*heads, *optional)]:
        mistakes.add(top, head, N_("Nobody knows this column."))
    twice = {head for head in given if head and given.count(head) > 1}
    for head in sorted(twice):
        mistakes.add(top, head, N_("This column stands there more than once."))
    whole = set(heads) <= set(given) and not twice  # which of two columns counts nobody can know
    return list(_rows(path.name, given, reader[1:], mistakes)) if whole else []


def _text(path: Path) -> str:
    """What stands in a file. Other encodings are not guessed: in most of them Kazakh letters are lost already."""
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        if (size := path.stat().st_size) > MAX_BYTES:
            raise UserError(
                N_("The table {name} has {size} MB; at most {mb} are read."),
                next_step=N_("Divide it into several files."),
                name=path.name, size=f"{size / 1e6:.0f}", mb=MAX_BYTES // 1_000_000,
            )  # fmt: skip
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            N_("The file {name} is not written in UTF-8: other encodings lose Kazakh letters. Nothing was changed."),
            next_step=N_("Save the table once more as “CSV UTF-8” and give it again."), name=path.name,
        ) from error  # fmt: skip
    except OSError as error:
        raise UserError(N_("There is no file {name}. Nothing was changed."), name=str(path)) from error


def _rows(name: str, given: Sequence[str], lines: Iterable[Sequence[str]], mistakes: Mistakes) -> Iterator[TableRow]:
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        row = TableRow(name, number, {head: cell.strip() for head, cell in zip(given, cells, strict=False)})
        if len(cells) != len(given):
            mistakes.add(row, "", N_("The row has {n} cells, the heads are {heads}."), n=len(cells), heads=len(given))
        else:
            yield row


def require_once(rows: Iterable[TableRow], heads: Sequence[str], mistakes: Mistakes) -> None:
    """A mistake for every row whose key stood in an earlier one."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[head] for head in heads)
        if key in seen:
            mistakes.add(row, heads[0], N_("{value} stands in row {first} already."), value=" ".join(key),
                         first=seen[key])  # fmt: skip
        else:
            seen[key] = row.number


def require_known(
    rows: Iterable[TableRow], head: str, known: Iterable[str], mistakes: Mistakes,
    parts: Callable[[str], Iterable[str]] = lambda cell: (cell,),
) -> None:  # fmt: skip
    """A mistake for every cell (or part of one) that is not in a list."""
    codes = set(known)
    few = ", ".join(sorted(codes)) if len(codes) <= _TOLD_WHOLE else ""
    words = N_("{value} is not one of {options}.") if few else N_("{value} is not in the list.")
    for row in rows:
        for value in parts(row[head]):
            if value not in codes:
                mistakes.add(row, head, words, value=value or "–", **({"options": few} if few else {}))


def number(row: TableRow, head: str, mistakes: Mistakes, low: int = 0, high: int = 1_000_000) -> int:
    """A whole number between two; a mistake and 0 where it is none."""
    text = row[head]
    figures = text.isascii() and text.isdigit() and len(text) <= _MOST_FIGURES
    if not figures or not low <= int(text) <= high:
        mistakes.add(row, head, N_("Expected a whole number from {low} to {high}."), low=low, high=high)
        return 0
    return int(text)
