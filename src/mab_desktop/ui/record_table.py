"""A small table model over rows in memory: sorted in Kazakh order, filtered as one types, 20,000 rows at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_date, shown_moment, shown_number
from mab_desktop.ui.states import WORDS, Mark

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_STEP = 400  # rows prepared between two looks at the keyboard
_RUN = 2_500  # rows put in order between two looks
_BETWEEN = "\x01"  # stands in no cell: texts of many rows are brought into the search form at once


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `title` is a message id; `width` in positions (characters); `show` makes words of a value.

    Kind "number" groups thousands and stands right, "code" and "text" are shown as they are, "mark" holds a Mark.
    `colour` gives the mark in whose colour a cell's words stand, `tip` what the pointer on it tells, `about` (a message
    id) what the pointer on a short title tells. `brief` makes a cell's words short; whole they are searched, copied,
    written to files and told by the pointer.
    """

    key: str
    title: str
    width: int = 12
    align: Literal["left", "right", "center"] = "left"
    kind: Literal["text", "code", "number", "date", "mark", "flag"] = "text"
    shown: bool = True
    show: Callable[[Any], str] | None = None
    colour: Callable[[Any], Mark] | None = None
    tip: Callable[[Any], str] | None = None
    about: str = ""
    brief: Callable[[str], str] | None = None

    @property
    def name(self) -> str:
        """The whole title (a message id), where there is room for it: menus, filters, files."""
        return self.about or self.title


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter of the list: `title` is a message id, `keep` tells which rows stay."""

    key: str
    title: str
    keep: Callable[[Any], bool]


class TableSource(Protocol):
    """Where a list's rows come from. A row is a tuple in column order, a mapping, or a frozen dataclass."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns, in the order first shown."""

    def rows(self) -> Sequence[Any]:
        """All rows, read anew; UserError makes the list say what is wrong."""

    def key(self, row: Any) -> Hashable:
        """What names the row among the others."""

    def mark(self, row: Any) -> Mark:
        """How the row stands (a shape before its first cell)."""


@dataclass(frozen=True)
class Rows:
    """A TableSource made of callables; `key_of` is a column key (or attribute) or a function."""

    columns: Sequence[Column]
    load: Callable[[], Sequence[Any]]
    key_of: str | Callable[[Any], Hashable] = "id"
    mark_of: Callable[[Any], Mark] | None = None
    _readers: dict[type, Callable[[Any], Hashable]] = field(default_factory=dict, repr=False)

    def rows(self) -> Sequence[Any]:
        """All rows, read anew."""
        return self.load()

    def key(self, row: Any) -> Hashable:
        """What names the row among the others."""
        if callable(self.key_of):
            return self.key_of(row)
        if type(row) not in self._readers:
            self._readers[type(row)] = value_reader(self.columns, self.key_of, row)
        return self._readers[type(row)](row)

    def mark(self, row: Any) -> Mark:
        """How the row stands."""
        return self.mark_of(row) if self.mark_of else Mark.NONE


def columns_of(spec: RecordSpec, names: Sequence[str] = (), shown: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of a record's fields, all or `names`, in that order; only `shown` are visible at first, if given."""
    return tuple(_column(spec[name], not shown or name in shown) for name in names or spec.names)


def _column(of: Field, shown: bool) -> Column:
    width = min(24, max(6, of.max_length or 10))
    if of.kind is Kind.INTEGER:
        return Column(of.name, of.label, 8, "right", "number", shown)
    if of.kind is Kind.DATE:
        return Column(of.name, of.label, 11, "left", "date", shown)
    if of.kind is Kind.FLAG:
        return Column(of.name, of.label, 6, "center", "flag", shown)
    kind: Literal["code", "text"] = "code" if of.kind in (Kind.CODE, Kind.DIGITS) else "text"
    return Column(of.name, of.label, width, "left", kind, shown)


def value_reader(columns: Sequence[Column], key: str, row: Any) -> Callable[[Any], Any]:
    """How to take the value `key` out of rows shaped like `row`."""
    if isinstance(row, Mapping):
        return lambda found: found.get(key)
    if hasattr(row, key):
        return attrgetter(key)
    place = next((number for number, column in enumerate(columns) if column.key == key), None)
    if place is None:
        raise KeyError(key)
    return lambda found: found[place]


def shown_value(column: Column, value: Any) -> str:
    """The words of a value in a cell."""
    if column.show:
        return column.show(value)
    if value is None:
        return ""
    if isinstance(value, Mark):
        return _(WORDS[value])
    if isinstance(value, bool):
        return _("Yes") if value else ""
    if isinstance(value, datetime):
        return shown_moment(value)
    if isinstance(value, date):
        return shown_date(value)
    if column.kind == "number" and isinstance(value, int | float):
        return shown_number(value)
    return str(value)


def cell_value(column: Column, value: Any) -> object:
    """A value for a file: numbers and dates as such, all else as the words of its cell."""
    if column.show is None and isinstance(value, date | int | float) and not isinstance(value, bool):
        return value if column.kind in ("number", "date") else str(value) if column.kind == "code" else value
    return shown_value(column, value) or None


class RecordTable(QAbstractTableModel):
    """The rows that pass search and filters, in the chosen order. Filtering walks prepared texts, nothing is asked."""

    def __init__(self, source: TableSource) -> None:
        super().__init__()
        self.source = source
        self.columns = tuple(source.columns)
        self.words, self.filters = "", dict[str, Callable[[Any], bool]]()
        self.sorted_by, self.descending = -1, False
        self._rows: Sequence[Any] = ()
        self._order: list[int] = []
        self._shown: list[int] = []
        self._readers: list[Callable[[Any], Any]] = []
        self._texts: list[str] | None = None
        self._keys: dict[int, list[Any]] = {}
        self._orders: dict[int, list[int]] = {}  # by column, upwards
        self._known: dict[str, str] = {}  # sort keys of words already seen: a saved record changes few of them
        self._row_keys: list[Hashable] = []

    # --- filling, searching, sorting -------------------------------------------------------------------------------

    def read(self, rows: Sequence[Any] | None = None) -> None:
        """Take `rows`, else all anew from the source."""
        rows = self.source.rows() if rows is None else rows
        self.beginResetModel()
        self._rows, self._texts, self._keys, self._orders = rows, None, {}, {}
        self._readers = [value_reader(self.columns, column.key, rows[0]) for column in self.columns] if rows else []
        self._row_keys = [self.source.key(row) for row in rows]
        self._order = self._sorted()
        self._shown = self._passing()
        self.endResetModel()

    def change(self, rows: Sequence[Any]) -> None:
        """Take other contents of some rows, found by their keys; all else stays as it is, the cursor too."""
        changed = {self._row_keys.index(self.source.key(row)): row for row in rows}
        self._rows = list(self._rows)  # another list: what is being prepared of the old one is given up
        for number, row in changed.items():
            self._rows[number] = row
            if self._texts is not None:
                self._texts[number] = self._texts_of([row])[0]
        for column, keys in self._keys.items():
            before = [keys[number] for number in changed]
            for number, row in changed.items():
                keys[number] = self._keys_of(column, [row])[0]
            if before != [keys[number] for number in changed]:
                self._orders.pop(column, None)
        self._order, last = self._sorted(), len(self.columns) - 1
        if (shown := self._passing()) != self._shown:
            self._show(shown)
        for number in changed.keys() & set(shown) if len(changed) > 1 else changed:
            row = shown.index(number) if number in shown else -1
            if row >= 0:
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def search(self, words: str) -> None:
        """Show the rows that hold every one of `words`, in any column."""
        if words != self.words:
            self.words = words
            self._show(self._passing())

    def narrow(self, filters: Mapping[str, Callable[[Any], bool]]) -> None:
        """Show the rows that pass all `filters`."""
        self.filters = dict(filters)
        self._show(self._passing())

    def reader(self, column: int) -> Callable[[Any], Any]:
        """How to take a column's value out of a row."""
        return self._readers[column]

    def place_of(self, key: str) -> int:
        """The number of the column `key`; -1 when there is none."""
        return next((number for number, column in enumerate(self.columns) if column.key == key), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column: text in Kazakh order, numbers and dates by value, empty first."""
        self.sorted_by, self.descending = column, order is Qt.SortOrder.DescendingOrder
        self._order = self._sorted()
        self._show(self._passing())

    def _show(self, shown: list[int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        names = [self._shown[index.row()] for index in before]
        self._shown = shown
        places = {number: row for row, number in enumerate(shown)}
        now = [
            self.index(places[name], index.column()) if name in places else QModelIndex()
            for name, index in zip(names, before, strict=True)
        ]
        self.changePersistentIndexList(before, now)
        self.layoutChanged.emit()

    def _sorted(self) -> list[int]:
        everything = range(len(self._rows))
        if not 0 <= self.sorted_by < len(self.columns):
            return list(everything)
        order = self._order_by(self.sorted_by)
        return order[::-1] if self.descending else order

    def _order_by(self, number: int) -> list[int]:
        if number not in self._orders:
            self._orders[number] = sorted(range(len(self._rows)), key=self._sort_keys(number).__getitem__)
        return self._orders[number]

    def _sort_keys(self, number: int) -> list[Any]:
        if number not in self._keys:
            self._keys[number] = self._keys_of(number, self._rows)
        return self._keys[number]

    def _keys_of(self, number: int, rows: Sequence[Any]) -> list[Any]:
        """What these rows are sorted by in a column."""
        column = self.columns[number]
        if rows and column.kind in ("number", "date", "flag") and not column.show:
            return [(value is not None, value) for value in map(self._readers[number], rows)]
        words, known = self._column_words(number, rows), self._known
        for word in set(words).difference(known):
            known[word] = sort_key(word)
        return [known[word] for word in words]

    def _column_words(self, number: int, rows: Sequence[Any]) -> list[str]:
        """The words of these rows in a column; a value that comes again and again is put into words once."""
        if not rows:
            return []
        values = list(map(self._readers[number], rows))
        words = {value: shown_value(self.columns[number], value) for value in set(values)}
        return [words[value] for value in values]

    def _passing(self) -> list[int]:
        shown: list[int] = self._order
        needles = search_form(self.words).split()
        if needles:
            texts = self._search_texts()
            for needle in needles:
                shown = [number for number in shown if needle in texts[number]]
        for keep in self.filters.values():
            shown = [number for number in shown if keep(self._rows[number])]
        return list(shown)

    def _search_texts(self) -> list[str]:
        if self._texts is None:
            self._texts = self._texts_of(self._rows)
        return self._texts

    def _texts_of(self, rows: Sequence[Any]) -> list[str]:
        """What the search looks through in each of these rows."""
        if not rows:
            return []
        cells = [self._column_words(number, rows) for number in range(len(self.columns))]
        lines = ("\n".join(line).replace(_BETWEEN, " ") for line in zip(*cells, strict=True))
        return search_form(_BETWEEN.join(lines)).split(_BETWEEN)

    def prepare(self) -> Iterator[None]:
        """Make the texts of the search and the orders ready in small steps, before the first letter is typed.

        Given up as soon as other rows are there.
        """
        rows, texts = self._rows, list[str]()
        for start in range(0, len(rows), _STEP):
            texts += self._texts_of(rows[start : start + _STEP])
            yield
            if rows is not self._rows:
                return
        self._texts = texts if rows else None
        for number, column in enumerate(self.columns):
            if column.shown and number not in self._orders:
                for _step in self._prepare_order(number):
                    yield
                    if rows is not self._rows:
                        return

    def _prepare_order(self, number: int) -> Iterator[None]:
        """The order by a column: keys, then rows sorted in runs, then runs merged in pairs, in small steps."""
        keys, rows = list[Any](), self._rows
        for start in range(0, len(rows), _STEP):
            keys += self._keys_of(number, rows[start : start + _STEP])
            yield
        self._keys[number] = keys
        runs = []
        for start in range(0, len(rows), _RUN):
            runs.append(sorted(range(start, min(start + _RUN, len(rows))), key=keys.__getitem__))
            yield
        while len(runs) > 1:
            pairs, runs = runs, []
            for place in range(0, len(pairs), 2):
                runs.append(sorted(sum(pairs[place : place + 2], []), key=keys.__getitem__))  # two runs: merged
                yield
        self._orders[number] = runs[0] if runs else []

    # --- rows ------------------------------------------------------------------------------------------------------

    def total(self) -> int:
        """How many rows there are in all."""
        return len(self._rows)

    def row_at(self, row: int) -> Any:
        """The row shown at `row`."""
        return self._rows[self._shown[row]]

    def key_at(self, row: int) -> Hashable:
        """The name of the row shown at `row`."""
        return self._row_keys[self._shown[row]]

    def find(self, key: Hashable) -> int:
        """Where the row named `key` is shown; -1 when it is not."""
        return next((row for row, number in enumerate(self._shown) if self._row_keys[number] == key), -1)

    def shown_rows(self) -> list[Any]:
        """All rows shown, in order."""
        return [self._rows[number] for number in self._shown]

    def may_have_mark(self, column: int) -> bool:
        """True for the columns in which shapes may stand."""
        return column == 0 or self.columns[column].kind == "mark"

    def has_mark(self, row: int, column: int) -> bool:
        """True when a mark's shape stands before the words of a cell."""
        return self._mark(self.index(row, column)) is not Mark.NONE

    def words_at(self, row: int, column: int) -> str:
        """The words of a cell."""
        return shown_value(self.columns[column], self._readers[column](self.row_at(row)))

    def brief_at(self, row: int, column: int) -> str:
        """The words of a cell as they stand in it."""
        words, brief = self.words_at(row, column), self.columns[column].brief
        return brief(words) if brief else words

    # --- Qt --------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Rows shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """All columns; the view hides those not chosen."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        """The column's title."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return _(self.columns[section].name)
        if role == _Role.DisplayRole:
            return _(self.columns[section].title)
        return _ALIGN[_align(self.columns[section])] if role == _Role.TextAlignmentRole else None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        """Words, alignment and the mark's shape."""
        if role == _Role.DisplayRole:
            return self.brief_at(index.row(), index.column())
        if role == _Role.TextAlignmentRole:
            return _ALIGN[_align(self.columns[index.column()])]
        column = self.columns[index.column()]
        if role == _Role.ForegroundRole and column.colour:
            mark = column.colour(self._readers[index.column()](self.row_at(index.row())))
            return theme.mark_colour(mark) if mark is not Mark.NONE else None
        if role == _Role.ToolTipRole and column.tip:
            return column.tip(self._readers[index.column()](self.row_at(index.row()))) or None
        if role in (_Role.DecorationRole, _Role.ToolTipRole):
            mark = self._mark(index)
            if role == _Role.DecorationRole:
                return icons.mark_icon(mark) if mark is not Mark.NONE else None
            return _(WORDS[mark]) or None
        return None

    def _mark(self, index: _Index) -> Mark:
        row = self.row_at(index.row())
        if self.columns[index.column()].kind == "mark":
            value = self._readers[index.column()](row)
            return value if isinstance(value, Mark) else Mark.NONE
        return self.source.mark(row) if index.column() == 0 else Mark.NONE


_ALIGN = {
    "left": int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
    "right": int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
    "center": int(Qt.AlignmentFlag.AlignCenter),
}


def _align(column: Column) -> str:
    return "right" if column.kind == "number" else column.align
