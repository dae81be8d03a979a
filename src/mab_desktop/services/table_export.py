"""A list written as a file for spreadsheet programs: XLSX with real numbers and dates, or CSV; whole or not at all.

The log tells of every such file before it stands in its place: what left the encrypted database, how much, by whom.

The file grows in a folder of its own beside the place where it will stand and is moved there when it is complete: what
stood there before stays whole until then, and nothing of the list lies in a temporary folder of the system.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.domain.spreadsheet import export_csv
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context
from mab_desktop.services.whole_file import FULL, refusal_words

ROW_LIMIT, NAME_LIMIT = 1_048_575, 31  # of a sheet: rows under the heading; characters of its name
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_EXACT = 2**53  # larger whole numbers are text: a spreadsheet program would round them
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the file: `title` is ready words, `width` in characters."""

    title: str
    width: int = 12


def sheet_name(title: str) -> str:
    """`title` as the name of a sheet: 31 characters, none of those that spreadsheet programs refuse."""
    return " ".join(title.translate(_FORBIDDEN).split())[:NAME_LIMIT].strip(" '") or "1"


def write_table(
    file: Path,
    name: str,
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[object]],
    total: int,
    progress: Progress,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Write `rows` to `file`: CSV or XLSX (with a sheet called `name`), as its name ends; another ending is refused.

    `ready` is called when all is written and before the file takes its place; what it raises keeps the file away.
    Raises UserError when the disk refuses and Cancelled when the person asked for it; then `file` is as it was before.
    """
    require_ending(file, ".xlsx", ".csv")
    if total > ROW_LIMIT and not _is_csv(file):
        raise UserError(N_("A spreadsheet holds {n} rows at most. Narrow the list or choose CSV."), n=ROW_LIMIT)
    progress.stage(N_("Writing the list"), total)
    part = file.with_name(f".{file.name}.part")
    write = _csv if _is_csv(file) else _xlsx
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        part.mkdir(mode=0o700)
        fresh = part / file.name
        write(fresh, name, columns, _counted(rows, progress.step), total)
        _to_disk(fresh)
        ready()
        fresh.replace(file)
    except (OSError, FileCreateError) as error:
        raise _in_words(error, file) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def require_ending(file: Path, *endings: str) -> None:
    """UserError for a name that promises other contents than one of `endings`: no program would open such a file."""
    if file.suffix.lower() not in endings:
        raise UserError(
            N_("Such a file cannot be written: {name}. Nothing was written."),
            next_step=N_("Give it a name that ends in {endings}."), exit_code=EXIT_USAGE, name=file.name,
            endings=" / ".join(endings),
        )  # fmt: skip


def note_export(ctx: Context, what: str, rows: int, columns: Sequence[str], file: Path) -> None:
    """Put into the log that a list goes out of the database into a file that is not encrypted.

    `what` is its title as a message id: the log says it in the reader's language.
    """
    with ctx.store.write(ctx.actor) as tx:
        tx.note("list-exported", what, rows=rows, columns=list(columns), file=str(file))


def _is_csv(file: Path) -> bool:
    return file.suffix.lower() == ".csv"


def _counted(rows: Iterable[Sequence[object]], step: Callable[[], None]) -> Iterable[Sequence[object]]:
    for row in rows:
        yield row
        step()


def _to_disk(file: Path) -> None:
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _in_words(error: OSError | FileCreateError, file: Path) -> UserError:
    inner = error.args[0] if isinstance(error, FileCreateError) and error.args else error
    if isinstance(inner, OSError) and inner.errno in FULL:
        text = refusal_words(inner)
        step = N_("Choose another folder and export again.")
    elif isinstance(inner, PermissionError) and file.exists():
        text = N_("The file “{file}” is open in another program or may not be changed; it is as it was before.")
        step = N_("Close it there, or choose another name, and export again.")
    else:
        text = N_("The file could not be written. Nothing here has changed.")
        step = N_("Choose another folder and export again.")
    return UserError(text, next_step=step, file=file.name)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(file: Path, _name: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[object]], _total: int) -> None:
    export_csv(file, [column.title for column in columns], ([_plain(cell) for cell in row] for row in rows))


def _plain(cell: object) -> object:
    """A date as the papers write it; numbers stay numbers, without groups of thousands."""
    if isinstance(cell, datetime):
        return cell.strftime("%d.%m.%Y %H:%M")
    return cell.strftime("%d.%m.%Y") if isinstance(cell, date) else cell


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _xlsx(file: Path, name: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[object]], total: int) -> None:
    book = xlsxwriter.Workbook(str(file), {
        "constant_memory": True, "tmpdir": str(file.parent), "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    })  # fmt: skip
    sheet = book.add_worksheet(sheet_name(name))
    try:
        _fill(book, sheet, columns, rows, total)
        book.close()
    finally:
        book.fileclosed = True  # when it broke off, nothing of it is wanted
        with contextlib.suppress(OSError):
            sheet.row_data_fh.close()


def _fill(
    book: xlsxwriter.Workbook, sheet: Any, columns: Sequence[SheetColumn], rows: Iterable[Sequence[object]], total: int
) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1})
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd.mm.yyyy"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, total, len(columns) - 1)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, min(_WIDEST, max(column.width, 6)) + 2)
        sheet.write_string(0, number, column.title, head)
    for line, row in enumerate(rows, start=1):
        for number, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, datetime):
                sheet.write_datetime(line, number, cell.replace(tzinfo=None), moment)
            elif isinstance(cell, date):
                sheet.write_datetime(line, number, cell, day)
            elif _is_number(cell):
                sheet.write_number(line, number, cell)
            else:
                sheet.write_string(line, number, str(cell), text)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) <= _EXACT
