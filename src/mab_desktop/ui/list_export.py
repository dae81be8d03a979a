"""A list saved as a spreadsheet: the dialog for the file, the cells with their own types, the work in a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from mab_desktop.i18n import _
from mab_desktop.services.table_export import SheetColumn, write_table
from mab_desktop.ui.record_table import Column, RecordTable, cell_value
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.tasks import TaskProgress

_LOOKED_AT = 200  # rows measured for the widths of the file's columns


@dataclass(frozen=True)
class ShownTable:
    """What a list shows now: its visible columns in their order, its rows in theirs; nothing is asked of the window."""

    columns: tuple[Column, ...]
    titles: tuple[str, ...]
    rows: Sequence[Any]
    readers: tuple[Any, ...]

    def cells(self) -> Iterator[list[object]]:
        """The values of the rows: numbers and dates as such, all else in words."""
        pairs = tuple(zip(self.columns, self.readers, strict=True))
        for row in self.rows:
            yield [cell_value(column, reader(row)) for column, reader in pairs]

    def sheet_columns(self) -> list[SheetColumn]:
        """The columns as the file has them, as wide as their first words."""
        first = [row for row, _number in zip(self.cells(), range(_LOOKED_AT), strict=False)]
        made = []
        for place, title in enumerate(self.titles):
            longest = max((len(str(row[place])) for row in first if row[place] is not None), default=0)
            made.append(SheetColumn(title, max(longest, len(title))))
        return made

    def write(
        self, file: Path, name: str, progress: TaskProgress, ready: Callable[[int, Sequence[str]], None]
    ) -> int:
        """Write all of it to `file`; how many rows they were.

        `ready` gets their number and the columns' titles as message ids just before the file takes its place.
        """
        rows, names = len(self.rows), [column.name for column in self.columns]
        write_table(file, name, self.sheet_columns(), self.cells(), rows, progress, lambda: ready(rows, names))
        return rows


def shown_table(records: RecordTable, numbers: Sequence[int]) -> ShownTable:
    """The table as it stands, with the columns `numbers`."""
    columns = tuple(records.columns[number] for number in numbers)
    readers = tuple(records.reader(number) for number in numbers)
    return ShownTable(columns, tuple(_(column.name) for column in columns), records.shown_rows(), readers)


def ask_for_table_file(parent: QWidget, settings: Settings, name: str) -> Path | None:
    """Where to save, and as what: the kind of file decides; folder and kind of the last time are offered."""
    kinds = {_("Spreadsheet (*.xlsx)"): "xlsx", _("Text with semicolons (*.csv)"): "csv"}
    dialog = QFileDialog(parent, _("Export"), str(settings.get("export.folder", str(Path.home()))))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds))
    kept = settings.get("export.kind", "xlsx")
    dialog.selectNameFilter(next((words for words, kind in kinds.items() if kind == kept), next(iter(kinds))))
    dialog.setDefaultSuffix(kinds[dialog.selectedNameFilter()])

    def follow(words: str) -> None:
        kind = kinds[words]
        dialog.setDefaultSuffix(kind)
        for file in dialog.selectedFiles():
            if Path(file).suffix.lower() in (".xlsx", ".csv"):
                dialog.selectFile(Path(file).with_suffix(f".{kind}").name)

    dialog.filterSelected.connect(follow)
    dialog.selectFile(f"{name}.{kinds[dialog.selectedNameFilter()]}")
    if dialog.exec() != QFileDialog.DialogCode.Accepted:
        return None
    return Path(dialog.selectedFiles()[0])


def file_name(title: str) -> str:
    """A page's title as the name of a file on every system."""
    return "".join(" " if letter in '<>:"/\\|?*' else letter for letter in title).strip(" .") or "list"
