"""Tables of people from elsewhere (CSV, XLSX): what they are is seen from the content, every cell comes as text.

A worker process with bounds reads them; here cells are made clean: one form of composed letters (NFC), no control
characters, no marks that turn the direction of writing. `export_csv` is the way out: no cell is taken for a formula.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from mab_desktop.bounded.pool import Bounds, Refusal, Stopped, made
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.file_names import readable
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.spreadsheet import export_csv, unguarded
from mab_desktop.i18n import N_

__all__ = ["Row", "TableFile", "clean", "export_csv", "open_table"]

MAX_BYTES = 50_000_000
SECONDS = 180.0
SAMPLE = 20
_POOL = made("mab_desktop.services.table_worker", Bounds(memory=1500 << 20, area=8 << 20))
_AS_XLSX = N_("Open it in a spreadsheet program and save it as XLSX without a password, or as CSV.")
_BATCH = msgspec.json.Decoder(list[tuple[int, list[str]]])
_NOTHING = N_("Nothing was taken in.")

_REASONS: dict[str, tuple[str, str]] = {
    "rows": (N_("The table {name} has more than {count} rows."), N_("Divide it into several files.")),
    "columns": (N_("Line {line} of the table {name} has more than {count} cells."), _AS_XLSX),
    "cell": (N_("Line {line} of the table {name} has a cell of more than {count} characters, or a quotation mark that "
                "is not closed."), N_("Correct this line and choose the file again.")),
    "quote": (N_("In line {line} of the table {name} a quotation mark stands in a wrong place or is not closed."),
              N_("Correct this line and choose the file again.")),
    "mixed": (N_("From line {line} on the table {name} is written in another encoding than before."),
              N_("It was put together from two files: save each of them as UTF-8 first.")),
    "encoding": (N_("The table {name} is not written in {encoding}."), N_("Choose another encoding.")),
    "not-text": (N_("The file {name} is neither a text table nor XLSX."), _AS_XLSX),
    "kind": (N_("The file {name} is neither a text table nor XLSX."), _AS_XLSX),
    "old": (N_("The file {name} is of the old Excel kind or locked with a password."), _AS_XLSX),
    "damaged": (N_("The table {name} is damaged."), _AS_XLSX),
    "empty": (N_("There is no row in the table {name}."), _NOTHING),
    "unzipped": (N_("The table {name} unpacks to more than {mb} MB."), N_("Divide it into several files.")),
    "large": (N_("The table {name} has {size} MB; at most {mb} are read."), N_("Divide it into several files.")),
    "slow": (N_("The table {name} could not be read within {seconds} seconds."), _AS_XLSX),
    "memory": (N_("The table {name} asks for more memory than a table may take."), _AS_XLSX),
    "crashed": (N_("The table {name} is made so that it cannot be opened safely."), _AS_XLSX),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the table: its number in the file as a person counts, and its cells, as many as there are heads."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class TableFile:
    """A table that was read through once: how it was understood, its heads (the first row that is not empty).

    `kind` is csv or xlsx; `encoding` and `delimiter` belong to CSV, `sheet`, `sheets` and `numbers` (by column, how
    many cells are numbers and no texts) to XLSX. `cleaned` counts the cells with characters that cannot be seen.
    `rows` reads the same bytes again, a part in memory at a time.
    """

    name: str
    kind: str
    encoding: str
    delimiter: str
    sheet: str
    sheets: tuple[str, ...]
    heads: tuple[str, ...]
    count: int
    cleaned: int
    sample: tuple[Row, ...]
    numbers: tuple[int, ...]
    _data: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self._data).hexdigest()

    def rows(self) -> Iterator[Row]:
        """Every row below the heads."""
        request = _request(self.sheet, self.encoding, self.delimiter)
        for n, (line, cells) in enumerate(_read(self.name, self._data, request, {})):
            if n:
                yield _row(line, [clean(cell) for cell in cells], len(self.heads))


def open_table(
    path: Path, sheet: str = "", progress: Progress = Silent(), *, encoding: str = "", delimiter: str = ""
) -> TableFile:
    """Read a table through; UserError in words for what is none, is too large, or is not right in itself.

    Of a workbook the sheet named `sheet` is read, else the first that has something on it. `encoding` and `delimiter`
    (as `TableFile` names them) are only needed where what the file itself shows is wrong.
    """
    progress.stage(N_("Reading the table"))
    data = _bytes(path)
    facts: dict[str, Any] = {}
    heads: tuple[str, ...] = ()
    sample: list[Row] = []
    count = cleaned = width = 0
    for n, (line, raw) in enumerate(_read(path.name, data, _request(sheet, encoding, delimiter), facts)):
        cells = [clean(cell) for cell in raw]
        cleaned += sum(_unseen(cell) for cell in raw)
        width = max(width, len(cells))
        if n == 0:
            heads = tuple(cells)
            continue
        count += 1
        if len(sample) < SAMPLE:
            sample.append(_row(line, cells, len(cells)))
        if count % 1000 == 0:
            progress.step(0)
    if not count:
        raise _refused("empty", path.name)
    heads += ("",) * (width - len(heads))
    return TableFile(
        readable(path.name), str(facts["kind"]), str(facts.get("encoding", "")), str(facts.get("delimiter", "")),
        str(facts.get("sheet", "")), tuple(map(str, facts.get("sheets", ()))), heads, count, cleaned,
        tuple(_row(row.line, row.cells, width) for row in sample), tuple(map(int, facts.get("numbers", ()))), data,
    )  # fmt: skip


def clean(cell: str) -> str:
    """A cell as it is taken in: NFC, no characters that cannot be seen, single blanks for breaks, none at the ends."""
    cell = unguarded(cell)
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    text = unicodedata.normalize("NFC", cell)
    kept = "".join(" " if letter in _BLANKS else letter for letter in text if letter in _BLANKS or not _hidden(letter))
    return kept.strip()


_BLANKS = frozenset("\t\r\n\x0b\x0c\x85\u2028\u2029\xa0\u202f")


def _hidden(letter: str) -> bool:
    """Controls (Cc), marks of direction and other formatting (Cf), letters of nobody (Co, Cs, Cn)."""
    return unicodedata.category(letter)[0] == "C"


def _unseen(cell: str) -> bool:
    return not cell.isprintable() and any(letter not in _BLANKS and _hidden(letter) for letter in cell)


def _row(line: int, cells: Sequence[str], width: int) -> Row:
    return Row(line, (*cells, *("",) * (width - len(cells))))


def _bytes(path: Path) -> bytes:
    """The file, after its size was looked at."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            if size > MAX_BYTES:
                raise _refused("large", path.name, size=f"{size / 1e6:.0f}", mb=MAX_BYTES // 1_000_000)
            file.seek(0)
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(
            N_("The file {name} cannot be read: {reason}."), next_step=_NOTHING, name=path.name,
            reason=error.strerror or type(error).__name__,
        ) from error  # fmt: skip
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused("old", path.name)
    if not data.strip():
        raise _refused("empty", path.name)
    return data


def _request(sheet: str, encoding: str, delimiter: str) -> dict[str, Any]:
    return {"sheet": sheet, "encoding": encoding, "delimiter": delimiter}


def _read(
    name: str, data: bytes, request: dict[str, Any], facts: dict[str, Any]
) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that are not empty; `facts` is filled at the end."""
    try:
        for message in _POOL.ask(request, io.BytesIO(data), SECONDS):
            if message.last:
                facts.update(message.fields)
            else:
                yield from _BATCH.decode(message.data)
    except Refusal as refusal:
        raise _refused(refusal.code if refusal.code in _REASONS else "crashed", name, **refusal.params) from refusal
    except msgspec.MsgspecError as error:
        raise _refused("crashed", name) from error
    except Stopped as stopped:
        why = stopped.why if stopped.why in _REASONS else "damaged"
        raise _refused(why, name, seconds=round(SECONDS)) from stopped


def _refused(code: str, name: str, **params: Any) -> UserError:
    text, next_step = _REASONS[code]
    return UserError(text, next_step=next_step, name=name, **params)
