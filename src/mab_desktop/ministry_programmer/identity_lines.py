"""The lines of a hall's protocol, both tables, each with how it stands; the keys walk the open ones."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView

from mab_desktop.domain.identification import (
    LINE_LABELS,
    HallIdentification,
    IdentityDecision,
    LineState,
    MissingLine,
    SheetLine,
)
from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.states import Mark
from mab_desktop.ui.wrapped_lines import wrap_lines

_LINE = Qt.ItemDataRole.UserRole + 1


class ProtocolLines(QListView):
    """Table 2 and table 1 of the hall in front. `line_chosen()` when the cursor moves."""

    line_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        wrap_lines(self, 18)
        self.setAccessibleName(_("Lines of the protocol"))
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self._lines: dict[str, SheetLine | MissingLine] = {}
        self._typed: Mapping[str, IdentityDecision] = {}
        self.selectionModel().currentChanged.connect(self._tell)

    def show_lines(self, result: HallIdentification | None, typed: Mapping[str, IdentityDecision]) -> None:
        """Show the lines; the cursor stays on its line, else it goes to the first open one.

        `typed` are decisions by serial that are not entered yet: they cover the sheet's line and its student's.
        """
        kept = self.key()
        self._typed = typed
        self.selectionModel().blockSignals(True)
        self._items.clear()
        self._lines = {}
        if result is not None:
            self._heading(_("Table 2. Sheets"), len(result.sheets))
            for line in result.sheets:
                self._add(f"sheet:{line.sheet.serial}", line, self._sheet_words(line), self._mark(line))
            self._heading(_("Table 1. Students"), len(result.missing))
            for missing in result.missing:
                key = f"student:{missing.place.student}"
                self._add(key, missing, self._student_words(missing), self._mark(missing))
        if not self.put(kept):
            self.put(next((key for key in self._lines if self.is_open(key)), next(iter(self._lines), "")))
        self.selectionModel().blockSignals(False)

    def _heading(self, words: str, count: int) -> None:
        item = QStandardItem(f"{words} · {count}")
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(theme.font(9, bold=True))
        self._items.appendRow(item)

    def _add(self, key: str, line: SheetLine | MissingLine, words: str, mark: Mark) -> None:
        item = QStandardItem(icons.mark_icon(mark), words)
        item.setData(key, _LINE)
        self._items.appendRow(item)
        self._lines[key] = line

    def _sheet_words(self, line: SheetLine) -> str:
        s = line.sheet
        numbers = _("{serial}: code {code}\nseat {seat}, variant {variant}").format(
            serial=s.serial[-4:], code=s.code, seat=s.seat, variant=s.variant)  # fmt: skip
        if line.state is not LineState.OPEN:
            return "\n".join(part for part in (f"{numbers} · {_(LINE_LABELS[line.state])}", line.name) if part)
        return numbers + (" · " + _("typed") if self.is_typed(line) else "")

    def _student_words(self, line: MissingLine) -> str:
        p = line.place
        words = _("{name}\ncode {code}\nseat {seat}, variant {variant}").format(
            name=p.name, code=p.code, seat=p.seat, variant=p.variant)  # fmt: skip
        if line.remark is not LineState.OPEN:
            return f"{words} · {_(LINE_LABELS[line.remark])}"
        return words + (" · " + _("typed") if self.is_typed(line) else "")

    def _mark(self, line: SheetLine | MissingLine) -> Mark:
        if _settled(line):
            return Mark.DONE
        return Mark.INFO if self.is_typed(line) else Mark.DUE

    def is_typed(self, line: SheetLine | MissingLine) -> bool:
        """Whether a typed decision is about this sheet, or gives this student a sheet."""
        if isinstance(line, SheetLine):
            return line.sheet.serial in self._typed
        return any(decision.code == line.place.code for decision in self._typed.values())

    def key(self) -> str:
        """The key of the line in front, "" for none."""
        return str(self.currentIndex().data(_LINE) or "")

    def current(self) -> SheetLine | MissingLine | None:
        """The line in front."""
        return self._lines.get(self.key())

    def put(self, key: str) -> bool:
        """Put the cursor on a line; False when it is not shown."""
        for row in range(self._items.rowCount() if key else 0):
            if self._items.item(row).data(_LINE) == key:
                self.setCurrentIndex(self._items.index(row, 0))
                self.scrollTo(self.currentIndex())  # by itself it does so only when the selection tells of it
                return True
        return False

    def is_open(self, key: str) -> bool:
        """Whether a line waits for a decision that is not typed yet."""
        line = self._lines.get(key)
        return line is not None and not _settled(line) and not self.is_typed(line)

    def walk(self, by: int) -> bool:
        """Go to the next (1) or previous (-1) open line; False when there is none."""
        keys = list(self._lines)
        at = keys.index(self.key()) if self.key() in keys else -1
        for step in range(1, len(keys) + 1):
            other = keys[(at + by * step) % len(keys)]
            if self.is_open(other):
                return self.put(other)
        return False

    def _tell(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.line_chosen.emit()


def _settled(line: SheetLine | MissingLine) -> bool:
    return (line.state if isinstance(line, SheetLine) else line.remark) is not LineState.OPEN
