"""The process that reads tables: `python -m mab_desktop.services.table_worker`, started by `services.table_intake`.

It sees the bytes of one file at a time and gives back texts: no formula is computed, no link followed, no entity
expanded.
"""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import msgspec
import python_calamine as calamine

from mab_desktop.bounded.child import Desk, Distant, WorkRefused, serve
from mab_desktop.services.table_kinds import CODECS, DELIMITERS, KAZAKH, UTF_8, UTF_16, WINDOWS

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 200_000, 256, 32_767
MAX_UNZIPPED, MAX_ENTRIES = 200_000_000, 2_000
# Bytes that are Kazakh letters in KZ-1048, and in Windows-1251 letters of languages not written here.
_KAZAKH_BYTES = bytes.fromhex("8d9d8e9e8f9fa1a2a3aaafbabcbdbebf")
_SNIFFED = 50  # lines by which the delimiter is known
_BATCH = 1 << 20

# What the standard library says of archives that are none, or not right; found by fuzzing (tests/long/fuzz.py).
_DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError,
    OSError, ValueError, OverflowError,
)  # fmt: skip

Numbered = tuple[int, Sequence[str]]


def work(request: dict[str, Any], file: Distant, desk: Desk) -> dict[str, Any]:
    """Give all rows that are not empty, with their numbers, in batches; then how the file was understood.

    `encoding` and `delimiter` of the request, when a person named them, go before what is seen in the file.
    """
    data = file.read_whole()
    if data.startswith(b"PK\x03\x04"):
        facts, rows = _workbook(data, request["sheet"])
    else:
        facts, rows = _text(data, request.get("encoding", ""), request.get("delimiter", ""))
    batch: list[Numbered] = []
    size = count = 0
    for number, cells in rows:
        if not any(cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:  # the heads are one of them
            raise WorkRefused("rows", {"count": MAX_ROWS})
        _check(number, cells)
        batch.append((number, cells))
        size += sum(map(len, cells)) + 4 * len(cells)
        if size > _BATCH:
            desk.part(msgspec.json.encode(batch))
            batch, size = [], 0
    desk.part(msgspec.json.encode(batch))
    numbers = facts.get("numbers", {})
    return {"size": 0, **facts, "numbers": [numbers.get(n, 0) for n in range(max(numbers, default=-1) + 1)]}


def _check(number: int, cells: Sequence[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise WorkRefused("columns", {"line": number, "count": MAX_COLUMNS})
    if max(map(len, cells)) > MAX_CELL:
        raise WorkRefused("cell", {"line": number, "count": MAX_CELL})


# -- CSV


def _text(data: bytes, encoding: str, delimiter: str) -> tuple[dict[str, Any], Iterator[Numbered]]:
    encoding = encoding if encoding in CODECS else _encoding(data)
    try:
        text = data.decode(CODECS[encoding])
    except UnicodeDecodeError as error:  # a person named another encoding than the file has
        raise WorkRefused("encoding", {"encoding": encoding}) from error
    seen, text, skipped = _delimiter(text)
    delimiter = delimiter if delimiter in DELIMITERS else seen
    return {"kind": "csv", "encoding": encoding, "delimiter": delimiter}, _csv_rows(text, delimiter, skipped)


def _encoding(data: bytes) -> str:
    """How the text is written; WorkRefused for what is no text, and where two encodings are mixed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise WorkRefused("not-text", {}) from error
        return UTF_16
    if b"\0" in data:
        raise WorkRefused("not-text", {})
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        _same_throughout(data)
        kazakh = any(byte in data for byte in _KAZAKH_BYTES)
        encoding = KAZAKH if kazakh else WINDOWS
        try:
            data.decode(CODECS[encoding])
        except UnicodeDecodeError as error:
            raise WorkRefused("not-text", {}) from error
        return encoding
    return UTF_8


def _same_throughout(data: bytes) -> None:
    """A file of an old encoding has hardly a line with letters that is right in UTF-8; one put together has many."""
    first: dict[bool, int] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line.isascii():
            first.setdefault(_is_utf_8(line), number)
    if len(first) == 2:
        raise WorkRefused("mixed", {"line": max(first.values())})


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> tuple[str, str, int]:
    """The delimiter, the text without a line that only names it (Excel's `sep=;`), and how many lines that were."""
    head, _, rest = text.partition("\n")
    named = head.strip().removeprefix("sep=")
    if head.lower().startswith("sep=") and named in DELIMITERS:
        return named, rest, 1
    best = max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))
    return best, text, 0


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first lines have the usual number of cells, where that is more than one."""
    widths = Counter[int]()
    try:
        for cells in islice(csv.reader(io.StringIO(text[: 1 << 20], ""), delimiter=delimiter), _SNIFFED):
            if any(cells):
                widths[len(cells)] += 1
    except csv.Error:
        return 0, 0
    usual, lines = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
    return (lines, usual) if usual > 1 else (0, 0)


def _csv_rows(text: str, delimiter: str, skipped: int) -> Iterator[Numbered]:
    reader = csv.reader(io.StringIO(text, ""), delimiter=delimiter, strict=True)
    while True:
        begin = reader.line_num + skipped + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "field limit" in str(error):
                raise WorkRefused("cell", {"line": begin, "count": MAX_CELL}) from error
            raise WorkRefused("quote", {"line": begin}) from error
        if cells is None:
            return
        yield begin, cells


# -- XLSX


def _workbook(data: bytes, wanted: str) -> tuple[dict[str, Any], Iterator[Numbered]]:
    _check_zip(data)
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        seen = calamine.SheetVisibleEnum.Visible  # what its maker hid comes last
        names = [sheet.name for sheet in sorted(sheets, key=lambda sheet: sheet.visible != seen)]
        found = _sheet(book, [wanted] if wanted in names else names)
    except calamine.CalamineError as error:
        raise WorkRefused("damaged", {}) from error
    numbers = Counter[int]()
    return {"kind": "xlsx", "sheet": found.name, "sheets": names[:100], "numbers": numbers}, _sheet_rows(found, numbers)


def _sheet(book: Any, names: Sequence[str]) -> Any:
    """The first sheet with something on it."""
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    raise WorkRefused("empty", {})


def _sheet_rows(sheet: Any, numbers: Counter[int]) -> Iterator[Numbered]:
    """Rows from the first of the sheet on, empty ones too; `numbers` counts by column the cells that are numbers."""
    for number, values in enumerate(sheet.iter_rows(), 1):
        numbers.update(column for column, value in enumerate(values) if type(value) is float)
        yield number, [_shown(value) for value in values]


def _shown(value: Any) -> str:
    """A cell as text: dates as ISO, whole numbers without a point, nothing rounded."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int | timedelta) else ""


def _check_zip(data: bytes) -> None:
    """Refuse what is no workbook, and what unzips to more than is read, whatever its directory says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            if len(entries) > MAX_ENTRIES:
                raise WorkRefused("unzipped", {"mb": MAX_UNZIPPED // 1_000_000})
            if "xl/workbook.xml" not in packed.namelist():
                raise WorkRefused("kind", {})
            left = MAX_UNZIPPED
            for entry in entries:
                left -= _unzipped(packed, entry, left)
    except _DAMAGED as error:
        raise WorkRefused("damaged", {}) from error


def _unzipped(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> int:
    """How many bytes an entry really gives."""
    entry.file_size = most + (2 << 20)  # what it says of itself is no bound
    size = 0
    with packed.open(entry) as file:
        while piece := file.read(1 << 20):
            size += len(piece)
            if size > most:
                raise WorkRefused("unzipped", {"mb": MAX_UNZIPPED // 1_000_000})
    return size


def _get_ready() -> None:
    csv.field_size_limit(MAX_CELL)


if __name__ == "__main__":
    serve(work, _get_ready)
