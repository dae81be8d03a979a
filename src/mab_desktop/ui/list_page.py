"""A page with a list: search, chips, count, columns, details beside the table, actions on the chosen rows.

class StudentsPage(ListPage):
    def table(self):
        return Rows(columns_of(STUDENT), load=lambda: students.all_rows(self.app.ctx), key_of="id")
    def chips(self):
        return (FilterChip("partial", N_("Partly filled"), lambda row: row.partial),)
    def row_actions(self):
        return (Action(N_("Delete"), self.remove, "delete", dangerous=True),)
    def details(self, row):
        return (Facts(_("Record"), ((_("Surname"), row.surname),)),)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_, _, active
from mab_desktop.services.table_export import note_export
from mab_desktop.ui import icons, theme
from mab_desktop.ui.column_filter import ColumnFilter, FilterBar, RangeQuestion, fill_menu
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_export import ask_for_table_file, file_name, shown_table
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page, PageSpec
from mab_desktop.ui.panels import EmptyState, Facts, FactsView, Section, label, split
from mab_desktop.ui.record_table import FilterChip, RecordTable, TableSource
from mab_desktop.ui.tasks import TaskProgress

_PAUSE = 120  # milliseconds without a letter after which the details of the row follow the search


class SearchField(QLineEdit):
    """Search as one types: Down goes into the list, Esc empties it."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self._view = view
        self.setPlaceholderText(_("Search (Ctrl+F)"))
        self.setAccessibleName(_("Search (Ctrl+F)"))
        self.setClearButtonEnabled(True)
        self.addAction(icons.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.setMinimumWidth(theme.px(176))
        self.setMaximumWidth(theme.px(260))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Enter lead into the list."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._view.setFocus()
        else:
            super().keyPressEvent(event)


class ListPage(Page):
    """See the module. Override `table` at least; the rest has sensible answers."""

    with_details = True
    many_columns = False  # True: they stand closer and get more of the window, so that names are read whole
    read_aside = False  # True: rows are read in a thread of their own, for lists that take long

    def table(self) -> TableSource:
        """Where the rows come from."""
        raise NotImplementedError

    def first_rows(self) -> tuple[Sequence[Any], int]:
        """For a list that is read aside: its first rows and how many there are, at once; none where that takes long."""
        return (), 0

    def chips(self) -> Sequence[FilterChip]:
        """Filters that can be switched on; several at once narrow together."""
        return ()

    def page_actions(self) -> Sequence[Action]:
        """Buttons of the heading: New, Import, ...; Print and Export are added behind them."""
        return ()

    def row_actions(self) -> Sequence[Action]:
        """Buttons on the chosen rows, under the details."""
        return ()

    def details(self, _row: Any) -> Sequence[Facts] | QWidget:
        """What stands beside the table for a row."""
        return ()

    def empty_words(self) -> tuple[str, str]:
        """What to say when there is nothing: a title and what to do, in the language of now."""
        return _("The list is empty"), ""

    def activate(self, row: Any) -> None:
        """Enter, F2 or double click on `row`."""

    def waits(self, _row: Any) -> bool:
        """Whether something is still to be done with a row: F3 and Shift+F3 stop there."""
        return False

    def rows_came(self) -> None:
        """The rows were read anew and are shown: say what depends on them."""

    # --- building --------------------------------------------------------------------------------------------------

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.chip_buttons: dict[str, QPushButton] = {}
        self.__error, self.__known, self.__reading = "", False, 0
        self.__coming = 0  # rows that there will be when all are read
        self.__wanted: Hashable | None = None
        self.column_filters: tuple[ColumnFilter, ...] = ()

    def settle(self, spec: PageSpec) -> None:
        """Build the list when the page knows its name."""
        super().settle(spec)
        self.records = RecordTable(self.table())
        self.view = RecordView(self.records, self.app.settings, spec.key)
        self.search_field = SearchField(self.view)
        self.count = label("", "muted")
        self.filter_bar = FilterBar()
        self.body.addLayout(self.__tools())
        self.body.addWidget(self.filter_bar)
        self.stack = QStackedWidget()
        self.empty = EmptyState()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        self.side = self.__side() if self.__has_side() else None
        shares = (3, 1) if self.many_columns else (7, 3)
        self.body.addWidget(split(self.stack, self.side, stretches=shares) if self.side else self.stack, 1)
        if self.many_columns:
            self.view.close_up()
        self.heading_buttons = self.add_actions(self.__heading_actions())
        self.search_field.textChanged.connect(self.__search)
        self.view.moved.connect(self.__moved)
        self.view.opened.connect(self.activate)
        self.view.menu_asked.connect(self.__show_menu)
        self.filter_bar.removed.connect(self.remove_filter)
        self.filter_bar.cleared.connect(self.clear_filters)
        ask = QShortcut(QKeySequence("Ctrl+Shift+F"), self)
        ask.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        ask.activated.connect(self.ask_for_filter)
        self.__preparing: Iterator[None] = iter(())
        self.__idle = QTimer(self, interval=0)
        self.__idle.timeout.connect(self.__prepare)
        self.__telling = QTimer(self, singleShot=True, interval=0)
        self.__telling.timeout.connect(self.__tell_current)
        self.__asking = QTimer(self, singleShot=True, interval=0)
        self.__asking.timeout.connect(self.__read_aside)
        if kept := self.app.settings.session.get(self.__filters_name()):
            self.__take_filters(kept)

    def __has_side(self) -> bool:
        return self.with_details

    def __heading_actions(self) -> list[Action]:
        usual = [Action(N_("Export"), self.export, "export", obstacle=self.__nothing_shown)]
        if type(self).print_out is not Page.print_out:
            usual.insert(0, Action(N_("Print"), self.print_out, "print", obstacle=self.__nothing_shown))
        return [*usual, *self.page_actions()]

    def __on_row(self, action: Action) -> Action:
        def obstacle() -> str:
            if self.current() is None:
                return _("Choose a row.")
            return action.obstacle() if action.obstacle else ""

        return replace(action, obstacle=obstacle)

    def __nothing_shown(self) -> str:
        if not self.__known:
            return _("Reading the list")
        return "" if self.records.rowCount() else _("The list is empty")

    def __tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.search_field)
        for chip in self.chips():
            button = QPushButton(_(chip.title))
            button.setCheckable(True)
            button.setProperty("kind", "chip")
            button.toggled.connect(self.__narrow)
            self.chip_buttons[chip.key] = button
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.count)
        columns = QPushButton(icons.icon("columns"), _("Columns"))
        columns.setProperty("kind", "flat")
        columns.setMenu(self.view.column_menu())
        row.addWidget(columns)
        return row

    def __side(self) -> QWidget:
        self.__card = Section()
        self.__facts = FactsView()
        self.__own: QWidget | None = None
        self.__card.body.addWidget(self.__facts, 1)
        self.row_buttons = [ActionButton(self.__on_row(action)) for action in self.row_actions()]
        self.own(self.row_buttons)
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        for button in self.row_buttons:
            column.addWidget(button)
        self.__card.body.addLayout(column)
        self.__facts.setMinimumWidth(theme.px(208))  # words of buttons may ask for more
        return self.__card

    # --- what happens ----------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Read the rows anew; the cursor stays on its record."""
        if self.read_aside:
            self.__reading += 1
            if not self.__known:
                self.__show_first()
            self.__show()
            if self.__coming and not self.app.tasks.inline:  # they are painted before the others are read
                self.__asking.start()  # no singleShot: that would come before the painting
            else:
                self.__read_aside()
            return
        try:
            rows = self.records.source.rows()
        except UserError as error:
            self.__came(self.__reading, None, error)
        else:
            self.__came(self.__reading, rows)

    def __read_aside(self) -> None:
        number = self.__reading
        self.app.tasks.read(
            self.records.source.rows,
            lambda rows: self.__came(number, rows),
            lambda error: self.__came(number, None, error),
        )

    def __show_first(self) -> None:
        """The first rows stand there at once, as long as nothing asks for another order or for some of them."""
        if self.records.sorted_by < 0 and not self.records.filters and not self.records.words:
            rows, self.__coming = self.first_rows()
            self.view.read(rows)

    def __came(self, number: int, rows: Sequence[Any] | None, error: BaseException | None = None) -> None:
        if number != self.__reading or not isValid(self):
            return  # asked again in the meantime, or made anew in another language: newer rows are on their way
        self.__error, self.__known, self.__coming = "", True, 0
        if rows is not None:
            self.view.read(rows)
        elif isinstance(error, UserError):
            self.__error = error.message(active())
        elif error is not None:
            self.app.failed(error)
        if self.__wanted is not None and self.view.go_to(self.__wanted):
            self.__wanted = None
        self.__show()
        self.rows_came()
        self.__preparing = self.records.prepare()
        self.__idle.start()

    def is_preparing(self) -> bool:
        """True while the search and the sort keys are being made ready."""
        return self.__idle.isActive()

    def __prepare(self) -> None:
        if next(self.__preparing, self) is self:
            self.__idle.stop()

    def __search(self, words: str) -> None:
        self.records.search(words)
        self.__show(typing=True)

    def __narrow(self) -> None:
        on = {chip.key: chip.keep for chip in self.chips() if self.chip_buttons[chip.key].isChecked()}
        on |= {f"column {place}": self.__keep(one) for place, one in enumerate(self.column_filters)}
        self.records.narrow(on)
        self.__show()

    # --- filters by the value of a column --------------------------------------------------------------------------

    def __keep(self, one: ColumnFilter) -> Callable[[Any], bool]:
        number = self.records.place_of(one.column)
        column, known = self.records.columns[number], dict[Any, bool]()  # values come again and again

        def keeps(row: Any) -> bool:
            value = self.records.reader(number)(row)
            if value not in known:
                known[value] = one.keeps(column, value)
            return known[value]

        return keeps

    def __filters_name(self) -> str:
        return f"filters.{self.app.settings.get('login', '')}.{self.spec.key if self.spec else ''}"

    def __take_filters(self, filters: Sequence[ColumnFilter]) -> None:
        self.column_filters = tuple(one for one in filters if self.records.place_of(one.column) >= 0)
        self.app.settings.session[self.__filters_name()] = self.column_filters
        titles = {column.key: column.name for column in self.records.columns}
        self.filter_bar.show_filters(self.column_filters, titles)
        self.__narrow()

    def add_filter(self, one: ColumnFilter) -> None:
        """Narrow the list by the value of a column; what cannot stand beside it goes."""
        self.__take_filters((*(other for other in self.column_filters if not one.replaces(other)), one))
        self.view.setFocus()

    def remove_filter(self, one: ColumnFilter) -> None:
        """Take one of these filters off."""
        self.__take_filters([other for other in self.column_filters if other != one])
        self.view.setFocus()

    def clear_filters(self) -> None:
        """Take all of these filters off."""
        self.__take_filters(())
        self.view.setFocus()

    def ask_for_filter(self) -> None:
        """Ctrl+Shift+F: what can be asked of the column under the cursor."""
        self.view.ask_of_cell()

    def __show_menu(self, number: int, at: QPoint) -> None:
        menu = self.column_menu(number)
        menu.popup(at)
        if menu.actions():
            menu.setActiveAction(next(action for action in menu.actions() if action.isEnabled()))

    def column_menu(self, number: int) -> QMenu:
        """The menu of a column: filters by its value in the row under the cursor, order, place, copy."""
        menu = QMenu(self.view)
        menu.aboutToHide.connect(menu.deleteLater)
        column, row = self.records.columns[number], self.view.currentIndex().row()
        menu.addAction(_(column.name).replace("&", "&&")).setEnabled(False)
        words = self.records.words_at(row, number) if row >= 0 else ""
        mine = [one for one in self.column_filters if one.column == column.key]
        fill_menu(menu, column, words, self.add_filter, lambda: self.__ask_range(number),
                  (lambda: self.__take_filters([o for o in self.column_filters if o not in mine])) if mine else None)
        menu.addSeparator()
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        menu.addAction(_("Sort upwards"), lambda: self.view.sortByColumn(number, up))
        menu.addAction(_("Sort downwards"), lambda: self.view.sortByColumn(number, down))
        shown = self.view.shown_columns()
        for step, title in ((-1, _("Move to the left")), (1, _("Move to the right"))):
            move = menu.addAction(title, lambda step=step: self.view.move_column(number, step))
            move.setEnabled(number in shown and 0 <= shown.index(number) + step < len(shown))
        menu.addAction(_("Hide this column"), lambda: self.view.show_column(number, False)).setEnabled(len(shown) > 1)
        menu.addSeparator()
        menu.addAction(icons.icon("copy"), f"{_('Copy rows')}\tCtrl+C", self.view.copy)
        menu.addAction(f"{_('Copy cell')}\tCtrl+Shift+C", self.view.copy_cell)
        menu.addAction(f"{_('Select All')}\tCtrl+A", self.view.selectAll)
        return menu

    def __ask_range(self, number: int) -> None:
        asked = RangeQuestion(self, self.records.columns[number])
        if asked.exec() == RangeQuestion.DialogCode.Accepted and (one := asked.filter()) is not None:
            self.add_filter(one)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def __show(self, *, typing: bool = False) -> None:
        shown, total = self.records.rowCount(), self.records.total()
        if self.__coming:  # of the first rows alone nothing can be found or left out
            asked = self.records.words or self.records.filters
            shown = total = 0 if asked else self.__coming
        self.count.setText(_("{n} of {total}").format(n=shown_number(shown), total=shown_number(total)))
        self.view.hold_cursor()
        if self.__error:
            self.empty.say(_("The list could not be read"), self.__error, "error")
        elif not self.__known:
            self.empty.say(_("Reading the list"), "", "clock")
        elif not total:
            self.empty.say(*self.empty_words(), "list")
        else:
            self.empty.say(_("Nothing matches"), _("Clear the search or switch a filter off."), "search")
        self.stack.setCurrentIndex(0 if shown and not self.__error else 1)
        if self.side is not None:
            self.side.setVisible(bool(total))  # an empty list has nothing to act on
        self.__telling.start(_PAUSE if typing or self.__coming else 0)

    def __moved(self) -> None:
        if self.__telling.remainingTime() <= 0:  # who types waits for no card of details
            self.__telling.start(0)

    def __tell_current(self) -> None:
        self.renew_actions()
        if self.__has_side():
            self.__show_details(self.current())

    def __show_details(self, row: Any | None) -> None:
        found = self.details(row) if row is not None else ()
        if self.__own is not None:
            self.__card.body.removeWidget(self.__own)
            self.__own.deleteLater()
            self.__own = None
        if isinstance(found, QWidget):
            self.__own = found
            self.__card.body.insertWidget(1, found, 1)
        else:
            self.__facts.show_facts(found)
        self.__facts.setVisible(self.__own is None)

    # --- for the application's page --------------------------------------------------------------------------------

    def current(self) -> Any | None:
        """The row under the cursor."""
        return self.view.current() if not self.__error else None

    def chosen(self) -> list[Any]:
        """The selected rows, in the order shown."""
        return self.view.chosen()

    def shown_rows(self) -> list[Any]:
        """The rows that pass the search and the chips, in the order shown (for print)."""
        return self.records.shown_rows()

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on the row named `key`, when they are read; False when it is not shown."""
        if self.view.go_to(key):
            return True
        self.__wanted = None if self.__known else key
        return False

    def next_open(self) -> None:
        """F3: the next row that waits, from the top again behind the last one."""
        self._walk(1)

    def previous_open(self) -> None:
        """Shift+F3: the one before."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        rows, key, now = self.shown_rows(), self.records.source.key, self.current()
        here = -1 if by > 0 else 0
        if now is not None:
            here = next((place for place, row in enumerate(rows) if key(row) == key(now)), here)
        around = (rows[(here + by * step) % len(rows)] for step in range(1, len(rows) + 1))
        row = next((row for row in around if self.waits(row)), None)
        if row is not None:
            self.go_to(key(row))

    def opened(self, **where: Any) -> None:
        """`key` puts the cursor on a record, `chip` switches a filter on."""
        if where.get("chip") in self.chip_buttons:
            self.chip_buttons[where["chip"]].setChecked(True)
        if "key" in where:
            self.go_to(where["key"])
        self.view.setFocus()

    def search(self) -> None:
        """Ctrl+F."""
        self.search_field.setFocus()
        self.search_field.selectAll()

    def edit(self) -> None:
        """F2: open the row under the cursor."""
        if (row := self.current()) is not None:
            self.activate(row)

    def back(self) -> bool:
        """Esc: empty the search, then take chips and filters off, then leave."""
        if self.search_field.text():
            self.search_field.clear()
            self.view.setFocus()
            return True
        on = [button for button in self.chip_buttons.values() if button.isChecked()]
        for button in on:
            button.setChecked(False)
        filtered = bool(self.column_filters)
        if filtered:
            self.clear_filters()
        return bool(on) or filtered

    def export(self) -> None:
        """Ctrl+E: save what is shown as XLSX or CSV, to open in a spreadsheet program."""
        if self.__nothing_shown():
            return
        file = ask_for_table_file(self, self.app.settings, file_name(self.title()))
        if file is not None:
            self.save_table(file)

    def save_table(self, file: Path) -> None:
        """Write what is shown to `file` in a task; a disk that refuses is said in the message bar."""
        shown, name = shown_table(self.records, self.view.shown_columns()), self.title()

        def told(rows: int) -> None:
            self.app.settings.set("export.folder", str(file.parent))
            self.app.settings.set("export.kind", file.suffix.lower().removeprefix("."))
            self.app.inform(_("Exported: {n} rows, {file}").format(n=shown_number(rows), file=file))

        def write(progress: TaskProgress) -> int:
            return shown.write(file, name, progress, lambda rows, columns: self.note_export(file, rows, columns))

        self.app.tasks.run(_("Export: {page}").format(page=name), write, told)

    def note_export(self, file: Path, rows: int, columns: Sequence[str]) -> None:
        """Tell the log what goes out, from the task's thread and before the file stands in its place."""
        note_export(self.app.ctx, self.spec.title if self.spec else "", rows, columns, file)
