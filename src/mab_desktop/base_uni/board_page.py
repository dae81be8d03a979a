"""The board of network universities (p.19-25): who was given and who sent what, when, what is late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSplitter, QWidget

from mab_desktop.base_uni.reference_words import day_words, moment_words
from mab_desktop.domain.board import ITEMS, CellState
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board
from mab_desktop.services.base_board import BoardCell, BoardLine
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, PageSpec
from mab_desktop.ui.panels import Facts, Section, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import GLYPHS, Mark

# Short heads, so that all ten stand on one screen; the details give the whole words.
HEADS = {
    "program": N_("Program"),
    "training": N_("Training"),
    "preliminary1": N_("16 March"),
    "preliminary2": N_("1 April"),
    "database": N_("Data"),
    "final": N_("Final stat."),
    "confirmed": N_("Signed"),
    "passes": N_("Slips"),
    "wrong-data": N_("Errors"),
    "stubs": N_("Stubs"),
}
STATES = {
    CellState.DONE: (Mark.DONE, N_("Done")),
    CellState.LATE_DONE: (Mark.DONE, N_("Came late")),
    CellState.LATE: (Mark.LATE, N_("Late")),
    CellState.DUE: (Mark.DUE, N_("Due within a week")),
    CellState.OPEN: (Mark.NONE, N_("Not yet")),
}
_BY_HAND = (
    ("program", N_("Program given"), "database"),
    ("training", N_("Training given"), "specialty"),
    ("passes", N_("Passes given"), "pass"),
)


class BoardPage(ListPage):
    """A line for each attached network university, a column for each item."""

    def settle(self, spec: PageSpec) -> None:
        """The details stand under the table: ten items need the whole width."""
        super().settle(spec)
        both = self.stack.parentWidget()
        assert isinstance(both, QSplitter)
        both.setOrientation(Qt.Orientation.Vertical)
        both.setSizes([1000, 900])
        card = both.widget(1)
        assert isinstance(card, Section)
        card.body.setDirection(QBoxLayout.Direction.LeftToRight)
        card.body.setSpacing(theme.px(24))
        buttons = card.body.itemAt(card.body.count() - 1).layout()
        assert isinstance(buttons, QBoxLayout)
        buttons.addStretch(1)

    def table(self) -> TableSource:
        """Universities and items."""
        items = tuple(Column(key, HEADS[key], 6, show=_shown) for key in ITEMS)
        columns = (
            Column("university", N_("Univ."), 8, kind="code"),
            Column("name", N_("Title"), 16),
            Column("students", N_("Students"), 7, kind="number", shown=False),
            *items,
        )
        return Rows(columns, load=self._lines, key_of="university", mark_of=_mark)

    def _lines(self) -> Sequence[dict[str, Any]]:
        year = self.app.ctx.season.year
        return [
            {"university": line.university, "name": line.name, "students": line.students, "line": line,
             **{key: (line.cells[key], ITEMS[key].due(year)) for key in ITEMS}}
            for line in base_board.board(self.app.ctx)
        ]  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("late", N_("Late"), lambda row: bool(row["line"].missing)),
            FilterChip("no-database", N_("Without a database"), lambda row: not row["line"].cells["database"].at),
            FilterChip("unsigned", N_("Not signed"), lambda row: not row["line"].cells["confirmed"].at),
        )

    def page_actions(self) -> Sequence[Action]:
        """Files come by drive."""
        return (Action(N_("Receive a file"), lambda: self.app.open_page("transfer"), "accept", primary=True),)

    def row_actions(self) -> Sequence[Action]:
        """What comes by hand, for the chosen universities."""
        return (
            *(Action(title, self._noting(item, title), icon) for item, title, icon in _BY_HAND),
            Action(N_("Confirm the signed statistics"), self.confirm, "seal", obstacle=self._no_database),
        )

    def _no_database(self) -> str:
        row = self.current()
        return "" if row and row["line"].cells["database"].at else _("The database has not come yet.")

    def _noting(self, item: str, title: str) -> Callable[[], None]:
        def note() -> None:
            rows = self.chosen() or [self.current()]
            names = ", ".join(row["university"] for row in rows)
            if not ask_to_confirm(
                self, _(title), _("Universities: {names}. The date of today is noted.").format(names=names),
                _("Note it"), cannot_undo=True,
            ):  # fmt: skip
                return
            with self.app.guarded():
                for row in rows:
                    base_board.note_item(self.app.ctx, row["university"], item)
            self.refresh()

        return note

    def confirm(self) -> None:
        """To the page where count and control sum are typed."""
        if (row := self.current()) is not None:
            self.app.open_page("acceptance", row=row["university"], confirm=True)

    def activate(self, row: dict[str, Any]) -> None:
        """Enter: its acceptance."""
        self.app.open_page("acceptance", row=row["university"])

    def details(self, row: dict[str, Any]) -> QWidget:
        """Every item in words, with its date and last day."""
        line: BoardLine = row["line"]
        items = tuple((_(item.label), self._words(line.cells[key], row[key][1])) for key, item in ITEMS.items())
        head = (
            (_("Students"), shown_number(line.students)), (_("Lines of wrong data"), shown_number(line.wrong_data)),
        )  # fmt: skip
        card, lines, half = QWidget(), (*head, *items), (len(items) + len(head)) // 2
        grid = QGridLayout(card)
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        grid.setHorizontalSpacing(theme.px(24))
        grid.addWidget(label(f"{line.university} {line.name}", "section", wrap=True), 0, 0, 1, 2)
        for column, group in enumerate((lines[:half], lines[half:])):
            grid.addWidget(facts_block(Facts("", group)), 1, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(2, 1)
        return scrolled(card)

    def _words(self, cell: BoardCell, due: Any) -> str:
        """The state's shape and word; a tick before a date says as much as the word «done»."""
        mark, word = STATES[cell.state]
        parts = [f"{GLYPHS[mark]} {_(word)}".strip()]
        if cell.state is CellState.DONE:
            parts = [f"{GLYPHS[mark]} {moment_words(cell.at)}"]
        elif cell.at:
            parts.append(moment_words(cell.at))
        elif due:
            parts.append(_("until {day}").format(day=shown_date(due)))
        if cell.count:
            parts.append(_("{n} students").format(n=shown_number(cell.count)))
        if cell.times > 1:
            parts.append(_("came {n} times").format(n=cell.times))
        return " · ".join(parts)

    def empty_words(self) -> tuple[str, str]:
        """Where the universities come from."""
        return _("No network university is known yet."), _("Receive the reference package from the testing centre.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university gives its network universities their program and training, takes their statistics on "
            "16 March and 1 April, their databases before 10 April and the signed final statistics before 15 April "
            "(p.19-23)."
        )


def _shown(value: tuple[BoardCell, Any]) -> str:
    cell, due = value
    mark = STATES[cell.state][0]
    if cell.at:
        return f"{GLYPHS[mark]} {day_words(cell.at)[:5]}" + (" !" if cell.state is CellState.LATE_DONE else "")
    if cell.state in (CellState.LATE, CellState.DUE):
        return f"{GLYPHS[mark]} {shown_date(due)[:5]}"
    return "–"


def _mark(row: dict[str, Any]) -> Mark:
    line: BoardLine = row["line"]
    if line.missing:
        return Mark.LATE
    return Mark.DONE if line.cells["confirmed"].at else Mark.DUE
