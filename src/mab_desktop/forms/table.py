"""Ruled tables that run over pages: repeated heads, wrapped cells, bands between groups, thick frames."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reportlab.lib.utils import ImageReader

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, fitted, put_lines, width, words_fit, wrap
from mab_desktop.forms.page import BODY, HAIRLINE, THICK, Sheet

_PAD = 2.5
_TURNED_ROOMS = (78.0, 100.0, 125.0, 160.0, 240.0)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head (a message id), its share of the width, the side its cells lean to.

    `turned` heads are set upwards. A column with `parts` is a head over several columns and has no width of its own.
    """

    label: str
    share: float = 0
    align: str = "left"
    turned: bool = False
    parts: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is more than plain text: bold, framed in a thick line (p.38), a picture, or an empty tick box."""

    text: str = ""
    bold: bool = False
    framed: bool = False
    picture: bytes = b""
    box: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A row across the whole table that heads a group; it stays with the row after it."""

    text: str


@dataclass(frozen=True, slots=True)
class Total:
    """A row in bold."""

    cells: Sequence[str | Cell]


Row = Sequence[str | Cell] | Band | Total
_Laid = list[tuple[Cell, float, tuple[str, ...]]]


def draw_table(
    sheet: Sheet,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    size: float = BODY,
    row_height: float = 0,
    keep: float = 0,
    head_in_both: bool = True,
) -> None:
    """Draw `rows` under the heads of `columns` from the sheet's cursor down, as wide as the page.

    Rows are taken one by one and never held; `row_height` is the least height of a row in points; the last row stays on
    one page with `keep` more height (the signatures).
    """
    table = _Table(sheet, columns, size, row_height, head_in_both)
    iterator = iter(rows)
    first = next(iterator, None)
    least = max(2 * max(row_height, 14), table.first_height(first))
    sheet.need(table.head_height + least + (keep if first is None else 0))
    table.head()
    sheet.on_new_page = table.head
    for row, after in _with_next(first, iterator):
        table.row(row, after, keep if after is None else 0)
    sheet.on_new_page = None


def _with_next(first: Row | None, rest: Iterator[Row]) -> Iterator[tuple[Row, Row | None]]:
    row = first
    while row is not None:
        after = next(rest, None)
        yield row, after
        row = after


class _Table:
    def __init__(
        self, sheet: Sheet, columns: Sequence[Column], size: float, row_height: float, head_in_both: bool
    ) -> None:
        self.sheet, self.size, self.row_height, self.in_both = sheet, size, row_height, head_in_both
        self.columns: Sequence[Column] = columns
        self.leaves = [leaf for column in columns for leaf in (column.parts or (column,))]
        scale = (sheet.right - sheet.left) / sum(leaf.share for leaf in self.leaves)
        self.edges = [sheet.left]
        for leaf in self.leaves:
            self.edges.append(self.edges[-1] + leaf.share * scale)
        self.edges[-1] = sheet.right
        self.columns = [self._turned_if_narrow(column, place) for column, place in list(self._tops())]
        self.group_height = max((self._group_height(column, i) for column, i in self._groups()), default=0.0)
        alone = [self._label_height(column, i) for column, i in self._tops() if not column.parts]
        under = [self._label_height(leaf, i + k) for column, i in self._groups() for k, leaf in enumerate(column.parts)]
        self.leaf_height = max([*under, max(alone, default=0) - self.group_height, 0])
        self.head_height = self.group_height + self.leaf_height

    # -- heads

    def _tops(self) -> Iterator[tuple[Column, int]]:
        place = 0
        for column in self.columns:
            yield column, place
            place += len(column.parts) or 1

    def _groups(self) -> Iterator[tuple[Column, int]]:
        return ((column, place) for column, place in self._tops() if column.parts)

    def _turned_if_narrow(self, column: Column, place: int) -> Column:
        """The column with its head set upwards where a word of it is wider than the column."""
        if column.parts:
            parts = (self._turned_if_narrow(part, place + k) for k, part in enumerate(column.parts))
            return replace(column, parts=tuple(parts))
        room, words = self.edges[place + 1] - self.edges[place] - 2 * _PAD, self.sheet.words
        fits = words_fit(words(column.label), room, BOLD, SMALLEST)
        fits = fits and words_fit(words.below(column.label) if self.in_both else "", room, REGULAR, SMALLEST)
        return column if fits else replace(column, turned=True)

    def _label(self, column: Column, room: float) -> list[tuple[str, float, str]]:
        """The head's lines as (text, size, font): the language in bold, the Russian beneath."""
        words = self.sheet.words
        size, lines = fitted(words(column.label), room, BOLD, SMALLEST + 0.5)
        label = [(line, size, BOLD) for line in lines]
        if self.in_both and (below := words.below(column.label)):
            label += [(line, SMALLEST, REGULAR) for line in wrap(below, room, REGULAR, SMALLEST)]
        return label

    def _turned(self, column: Column, wide: float) -> list[tuple[str, float, str]]:
        """The lines of a head set upwards: as long as it takes for them to stand beside each other in `wide`."""
        for room in _TURNED_ROOMS:
            label = self._label(column, room)
            if sum(size for _, size, _ in label) * LEADING <= wide:
                break
        return label

    def _group_height(self, column: Column, place: int) -> float:
        room = self.edges[place + len(column.parts)] - self.edges[place] - 2 * _PAD
        return sum(size for _, size, _ in self._label(column, room)) * LEADING + 2 * _PAD

    def _label_height(self, column: Column, place: int) -> float:
        if column.turned:
            wide = self.edges[place + 1] - self.edges[place]
            return max(width(text, font, size) for text, size, font in self._turned(column, wide)) + 3 * _PAD
        room = self.edges[place + 1] - self.edges[place] - 2 * _PAD
        return sum(size for _, size, _ in self._label(column, room)) * LEADING + 2 * _PAD

    def head(self) -> None:
        """Draw the head at the cursor."""
        top, bottom = self.sheet.y, self.sheet.y - self.head_height
        for column, place in self._tops():
            if column.parts:
                middle = top - self.group_height
                self._head_cell(column, place, place + len(column.parts), top, middle)
                for k, leaf in enumerate(column.parts):
                    self._head_cell(leaf, place + k, place + k + 1, middle, bottom)
            else:
                self._head_cell(column, place, place + 1, top, bottom)
        self.sheet.y = bottom

    def _head_cell(self, column: Column, first: int, after: int, top: float, bottom: float) -> None:
        canvas, left, right = self.sheet.canvas, self.edges[first], self.edges[after]
        canvas.setLineWidth(0.8)
        canvas.rect(left, bottom, right - left, top - bottom)
        label = self._turned(column, right - left) if column.turned else self._label(column, right - left - 2 * _PAD)
        height = sum(size for _, size, _ in label) * LEADING
        if column.turned:
            canvas.saveState()
            canvas.translate((left + right - height) / 2, bottom + 1.5 * _PAD)
            canvas.rotate(90)
            y = 0.0
            for text, size, font in label:
                y = put_lines(canvas, 0, y, (text,), size, font)
            canvas.restoreState()
            return
        y = top - (top - bottom - height) / 2
        for text, size, font in label:
            y = put_lines(canvas, (left + right) / 2, y, (text,), size, font, "center")

    # -- rows

    def row(self, row: Row, after: Row | None, keep: float) -> None:
        """Draw one row, on the next page if it does not fit here; a band goes with the row after it."""
        if isinstance(row, Band):
            self._band(row, self._height(after) if after is not None and not isinstance(after, Band) else 0)
            return
        laid = self._lay(row)
        height = self._laid_height(laid)
        self.sheet.need(height + min(keep, self.sheet.page_room() - self.head_height - height))
        while height > self.sheet.room():
            laid = self._draw_part(laid)
            height = self._laid_height(laid)
        self._draw(laid, height)

    def first_height(self, row: Row | None) -> float:
        """What the first row needs under the head, so that no page ends with a head alone; at most a page."""
        if row is None or isinstance(row, Band):
            return 0
        return min(self._height(row), self.sheet.page_room() - self.head_height)

    def _height(self, row: Row) -> float:
        return self._laid_height(self._lay(row))

    def _band(self, band: Band, keep: float) -> None:
        sheet = self.sheet
        size, lines = fitted(band.text, sheet.right - sheet.left - 2 * _PAD, BOLD, self.size)
        height = len(lines) * size * LEADING + 2 * _PAD
        sheet.need(height + keep)
        sheet.canvas.setLineWidth(HAIRLINE)
        sheet.canvas.rect(sheet.left, sheet.y - height, sheet.right - sheet.left, height)
        put_lines(sheet.canvas, sheet.left + _PAD, sheet.y - _PAD, lines, size, BOLD)
        sheet.y -= height

    def _lay(self, row: Row) -> _Laid:
        assert not isinstance(row, Band)
        bold = isinstance(row, Total)
        cells = row.cells if isinstance(row, Total) else row
        if len(cells) != len(self.leaves):
            raise ValueError(f"{len(cells)} cells for {len(self.leaves)} columns")
        laid: _Laid = []
        for i, given in enumerate(cells):
            cell = given if isinstance(given, Cell) else Cell(given)
            cell = replace(cell, bold=True) if bold else cell
            room = self.edges[i + 1] - self.edges[i] - 2 * _PAD
            size, lines = (
                fitted(cell.text, room, BOLD if cell.bold else REGULAR, self.size) if cell.text else (self.size, ())
            )
            laid.append((cell, size, lines))
        return laid

    def _laid_height(self, laid: _Laid) -> float:
        tall = max(len(lines) * size * LEADING for _, size, lines in laid)
        return max(
            tall + 2 * _PAD, self.row_height, self.size * LEADING + 2 * _PAD, *(_least(cell) for cell, _, _ in laid)
        )

    def _draw_part(self, laid: _Laid) -> _Laid:
        """Draw as many lines of a row taller than a page as fit here; gives the rest of it, on a fresh page."""
        count = max(1, int((self.sheet.room() - 2 * _PAD) / (self.size * LEADING)))
        part = [(cell, size, lines[:count]) for cell, size, lines in laid]
        rest = [(replace(cell, picture=b"", box=False), size, lines[count:]) for cell, size, lines in laid]
        self._draw(part, self._laid_height(part))
        self.sheet.break_page()
        return rest

    def _draw(self, laid: _Laid, height: float) -> None:
        canvas, top = self.sheet.canvas, self.sheet.y
        bottom = top - height
        canvas.setLineWidth(HAIRLINE)
        canvas.lines([(x, bottom, x, top) for x in self.edges] + [(self.sheet.left, bottom, self.sheet.right, bottom)])
        for i, (cell, size, lines) in enumerate(laid):
            left, right = self.edges[i], self.edges[i + 1]
            font, align = BOLD if cell.bold else REGULAR, self.leaves[i].align
            x = {"left": left + _PAD, "right": right - _PAD, "center": (left + right) / 2}[align]
            if cell.picture:
                self._picture(cell.picture, left, bottom, right - left, height)
            elif cell.box:
                canvas.rect((left + right) / 2 - 5, (top + bottom) / 2 - 5, 10, 10)
            free = height - len(lines) * size * LEADING
            put_lines(canvas, x, top - free / 2, lines, size, font, align)
        for i, (cell, _, _) in enumerate(laid):
            if cell.framed:
                canvas.setLineWidth(THICK)
                canvas.rect(self.edges[i] + 1, bottom + 1, self.edges[i + 1] - self.edges[i] - 2, height - 2)
        self.sheet.y = bottom

    def _picture(self, picture: bytes, left: float, bottom: float, wide: float, high: float) -> None:
        box = (left + 1.5, bottom + 1.5, wide - 3, high - 3)
        self.sheet.canvas.drawImage(ImageReader(io.BytesIO(picture)), *box, preserveAspectRatio=True, anchor="c")


def _least(cell: Cell) -> float:
    if cell.picture:
        return 34.0
    return 14.0 if cell.box else 0.0
