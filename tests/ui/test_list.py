"""A list by keyboard: search, chips, order, columns, copy, details, and 20,000 rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.names import sort_key
from mab_desktop.ui import theme
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, RecordTable, Rows, columns_of
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.states import Mark
from tests.ui.conftest import MakeShell
from tests.ui.trial import FIRST, STUDENT


@dataclass(frozen=True)
class Student:
    """One row."""

    id: int
    surname: str
    born: date | None
    course: int
    partial: bool = False


ROWS = (
    Student(1, "Яковлев", date(2006, 1, 2), 2),
    Student(2, "Әбдірова", date(2005, 5, 6), 1, partial=True),
    Student(3, "Асанов", None, 3),
    Student(4, "Ұлықбек", date(2004, 9, 9), 10, partial=True),
    Student(5, "Іңкәр", date(2007, 3, 1), 4),
)
COLUMNS = (
    Column("surname", "Surname", 20),
    Column("born", "Born", 11, kind="date"),
    Column("course", "Yr", 6, kind="number", about="Year"),
)


class Students(ListPage):
    """A list page of students; its trial application has no log, so what would stand there is kept."""

    found: Any = ROWS
    noted: tuple[int, list[str]] = (0, [])

    def note_export(self, file: Path, rows: int, columns: Sequence[str]) -> None:
        self.noted = (rows, list(columns))

    def table(self) -> Rows:
        return Rows(COLUMNS, self._load, "id", lambda row: Mark.DUE if row.partial else Mark.NONE)

    def _load(self) -> Any:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def chips(self) -> Iterable[FilterChip]:  # type: ignore[override]
        return (
            FilterChip("partial", "Partly filled", lambda row: row.partial),
            FilterChip("first", "First year", lambda row: row.course == 1),
        )

    def row_actions(self) -> tuple[Action, ...]:
        return (Action("Delete", lambda: None, "delete", dangerous=True),)

    def details(self, row: Student) -> tuple[Facts, ...]:
        return (Facts("Record", (("Surname", row.surname),)),)

    def empty_words(self) -> tuple[str, str]:
        return "No student yet", "Press Ctrl+N to type the first."

    def activate(self, row: Student) -> None:
        self.activated = row


class Crowded(Students):
    """The same with more columns than there is room for."""

    many_columns = True

    def table(self) -> Rows:
        """Names longer than any column."""
        more = tuple(Column("course", "Year of the course", 6, kind="number") for _ in range(4))
        rows = [replace(row, surname=f"{row.surname} Айтмағамбетқызы") for row in ROWS]
        return Rows((*COLUMNS, *more), lambda: rows)


class Cut(Crowded):
    """They stand as in any list."""

    many_columns = False


class Fingerprints(Students):
    """What has a long cell of which little tells enough."""

    def table(self) -> Rows:
        """A checksum in each row."""
        brief = Column("surname", "Surname", 20, brief=lambda words: f"{words[:12]}…")
        return Rows((brief, *COLUMNS[1:]), lambda: [replace(row, surname="0123456789abcdef" * 4) for row in ROWS])


def shown(make_shell: MakeShell, factory: type[Students]) -> Students:
    shell = make_shell(pages=(replace(FIRST, factory=factory),), settings=Settings())
    shell.open_page("first")
    found = shell.page()
    assert isinstance(found, Students)
    return found


@pytest.fixture
def page(make_shell: MakeShell) -> Students:
    return shown(make_shell, Students)


def names(page: Students) -> list[str]:
    return [row.surname for row in page.shown_rows()]


def test_search_as_one_types_and_into_the_list(page: Students, qtbot: QtBot) -> None:
    qtbot.keyClick(page.window(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search_field.hasFocus()
    type_text(page.search_field, "ӘБДІ")
    assert names(page) == ["Әбдірова"]
    assert page.count.text() == "1 of 5"
    qtbot.keyClick(page.search_field, Qt.Key.Key_Down)
    assert page.view.hasFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    assert page.activated.id == 2
    qtbot.keyClick(page.window(), Qt.Key.Key_Escape)
    assert page.count.text() == "5 of 5"


def test_every_word_must_be_found_in_any_column(page: Students) -> None:
    page.search_field.setText("2006 яков")
    assert names(page) == ["Яковлев"]
    page.search_field.setText("2006 асан")
    assert names(page) == []
    assert page.stack.currentWidget() is page.empty


def test_kazakh_order_both_ways_and_by_value(page: Students) -> None:
    page.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert names(page) == ["Асанов", "Әбдірова", "Ұлықбек", "Іңкәр", "Яковлев"]
    page.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert names(page)[0] == "Яковлев"
    page.view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert [row.course for row in page.shown_rows()] == [1, 2, 3, 4, 10]
    page.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert page.shown_rows()[0].born is None


def test_chips_narrow_together(page: Students) -> None:
    page.chip_buttons["partial"].click()
    assert names(page) == ["Әбдірова", "Ұлықбек"]
    page.chip_buttons["first"].click()
    assert names(page) == ["Әбдірова"]
    assert page.back()
    assert len(names(page)) == 5
    assert not page.back()


def test_details_follow_the_cursor(page: Students, qtbot: QtBot) -> None:
    assert page.go_to(4)
    qtbot.waitUntil(lambda: "Ұлықбек" in [label.text() for label in page.findChildren(QLabel)])
    assert page.current() == ROWS[3]


def test_a_changed_row_finds_its_place_again_and_all_else_stays(page: Students) -> None:
    """A single row that says something else is not a reason to read, sort and search everything anew."""
    table = page.records
    page.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    page.search_field.setText("а")
    page.search_field.setText("")
    page.go_to(4)
    table.change([replace(ROWS[0], surname="Айтбаев", course=7)])
    assert names(page) == ["Айтбаев", "Асанов", "Әбдірова", "Ұлықбек", "Іңкәр"]
    assert page.current() == ROWS[3]
    table.search("айт")
    assert names(page) == ["Айтбаев"]
    table.search("яков")
    assert names(page) == []
    table.search("")
    page.view.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert [row.course for row in page.shown_rows()] == [10, 7, 4, 3, 1]
    page.chip_buttons["partial"].click()
    table.change([replace(ROWS[0], partial=True), replace(ROWS[1], partial=False)])
    assert names(page) == ["Ұлықбек", "Яковлев"]


def test_cursor_and_choice_stay_on_their_records_after_reading_again(page: Students) -> None:
    page.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    page.go_to(5)
    page.found = (Student(9, "Аа", None, 1), *ROWS)
    page.refresh({"student"})
    assert page.current() == ROWS[4]
    page.view.selectAll()
    page.refresh({"student"})
    assert len(page.chosen()) == 6


def test_copy_takes_visible_columns_in_their_order(page: Students, qtbot: QtBot) -> None:
    page.view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    page.view.show_column(1, False)
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines()[:2] == ["Surname\tYear", "Әбдірова\t1"]


def test_columns_and_order_are_remembered(make_shell: MakeShell) -> None:
    settings = Settings()
    pages = (replace(FIRST, factory=Students),)
    first = make_shell(settings, pages=pages)
    first.open_page("first")
    first.page().view.show_column(1, False)  # type: ignore[union-attr]
    first.page().view.sortByColumn(0, Qt.SortOrder.DescendingOrder)  # type: ignore[union-attr]
    again = make_shell(settings, pages=pages)
    again.open_page("first")
    page = again.page()
    assert isinstance(page, Students)
    assert page.view.shown_columns() == [0, 2]
    assert names(page)[0] == "Яковлев"


def test_last_column_cannot_be_hidden(page: Students) -> None:
    for number in range(3):
        page.view.show_column(number, False)
    assert len(page.view.shown_columns()) == 1


def test_empty_and_error_say_what_to_do(page: Students) -> None:
    page.found = ()
    page.refresh()
    shown = " ".join(label.text() for label in page.empty.findChildren(QLabel))
    assert "No student yet" in shown
    assert "Ctrl+N" in shown
    page.found = UserError("The database cannot be read.", next_step="Take the backup.")
    page.refresh()
    shown = " ".join(label.text() for label in page.empty.findChildren(QLabel))
    assert "The database cannot be read. Take the backup." in shown
    assert page.current() is None


def test_row_action_is_closed_without_a_row(page: Students, qtbot: QtBot) -> None:
    page.found = ()
    page.refresh()
    button = page.row_buttons[0]
    qtbot.waitUntil(lambda: button.toolTip() == "Choose a row.")
    assert not button.isEnabled()


def test_export_keeps_cells_from_being_formulas(page: Students, tmp_path: Path) -> None:
    page.found = (Student(1, "=1+1", None, 1200),)
    page.refresh()
    page.save_table(tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig") as file:
        assert list(csv.reader(file, delimiter=";")) == [["Surname", "Born", "Year"], ["'=1+1", "", "1200"]]
    page.save_table(tmp_path / "none" / "list.csv")
    assert "could not be written" in page.app.shell.messages.words()


def test_rows_may_be_tuples_mappings_or_dataclasses(qapp: QApplication) -> None:
    as_tuples = Rows(COLUMNS, lambda: [("Асанов", None, 3)], "surname")
    as_mappings = Rows(COLUMNS, lambda: [{"surname": "Асанов", "born": None, "course": 3}], "surname")
    for source in (as_tuples, as_mappings):
        table = RecordTable(source)
        table.read()
        assert [table.words_at(0, number) for number in range(3)] == ["Асанов", "", "3"]
        assert table.find("Асанов") == 0


def test_columns_come_from_the_record(qapp: QApplication) -> None:
    made = columns_of(STUDENT, shown=("surname", "birth"))
    assert [column.key for column in made if column.shown] == ["surname", "birth"]
    assert {column.key: column.kind for column in made}["course"] == "number"


@given(st.lists(st.text(alphabet="АӘБОӨУҰІIабв -", max_size=6), max_size=30), st.text(alphabet="аәбоө", max_size=2))
def test_order_and_search_agree_with_the_plain_way(words: list[str], needle: str) -> None:
    rows = list(enumerate(words))
    table = RecordTable(Rows((Column("n", "N", kind="number"), Column("word", "Word")), lambda: rows, "n"))
    table.read()
    table.sort(1)
    table.search(needle)
    plain = [word for word in sorted(words, key=sort_key) if needle.upper() in word.upper()]
    assert [row[1] for row in table.shown_rows()] == plain


def test_twenty_thousand_rows_ask_only_for_what_is_seen(make_shell: MakeShell, qtbot: QtBot) -> None:
    many = tuple(Student(n, f"{chr(0x410 + n % 32)}{n:05d}", date(2005, 1, 1 + n % 28), n % 6) for n in range(20_000))

    class Many(Students):
        found = many

    shell = make_shell(pages=(replace(FIRST, factory=Many),))
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Many)
    assert page.count.text() == "20,000 of 20,000"
    page.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    page.search_field.setText("19999")
    assert page.count.text() == "1 of 20,000"
    page.search_field.setText("")
    qtbot.waitUntil(lambda: not page.is_preparing(), timeout=20_000)
    page.view.sortByColumn(2, Qt.SortOrder.AscendingOrder)  # made ready in runs that were merged
    assert page.shown_rows() == sorted(many, key=lambda row: row.course)
    asked: list[int] = []
    page.records.words_at = lambda row, column: asked.append(row) or "x"  # type: ignore[method-assign,func-returns-value]
    page.view.scrollToBottom()
    page.view.grab()
    assert 0 < len(set(asked)) < 100


def test_columns_share_the_width_and_short_words_are_never_cut(page: Students) -> None:
    header, view = page.view.horizontalHeader(), page.view
    assert header.length() == view.viewport().width()
    before = [view.columnWidth(number) for number in range(3)]
    assert before[0] > before[1]  # what is left goes to the text
    page.window().resize(1024, 700)
    QApplication.processEvents()
    assert header.length() == view.viewport().width()
    assert [view.columnWidth(number) for number in (1, 2)] == before[1:]


def test_a_column_drawn_by_hand_keeps_its_width(make_shell: MakeShell) -> None:
    settings = Settings()
    pages = (replace(FIRST, factory=Students),)
    for expected in (None, 222):
        shell = make_shell(settings, pages=pages)
        shell.open_page("first")
        page = shell.page()
        assert isinstance(page, Students)
        assert expected is None or page.view.columnWidth(1) == expected
        page.view.setColumnWidth(1, 222)
        page.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        assert page.view.columnWidth(1) == 222


class Long(Students):
    """A list that is read beside the window."""

    read_aside = True


def test_a_long_list_is_read_beside_the_window(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell(pages=(replace(FIRST, factory=Long),))
    shell.tasks.inline = False
    shell.open_page("first", key=4)
    page = shell.page()
    assert isinstance(page, Long)
    assert page.records.total() == 0
    assert any(label.text() == "Reading the list" for label in page.empty.findChildren(QLabel))
    qtbot.waitUntil(lambda: page.records.total() == 5)
    assert page.current().surname == "Ұлықбек"
    assert page.stack.currentWidget() is page.view


class Begun(Long):
    """A list whose first rows are there at once."""

    def first_rows(self) -> tuple[Sequence[Any], int]:
        return ROWS[:2], len(ROWS)


def test_first_rows_stand_there_at_once_and_are_never_taken_for_all(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell(pages=(replace(FIRST, factory=Begun),))
    shell.tasks.inline = False
    shell.open_page("first", key=4)
    page = shell.page()
    assert isinstance(page, Begun)
    assert page.stack.currentWidget() is page.view
    assert (names(page), page.count.text()) == (["Яковлев", "Әбдірова"], "5 of 5")
    export = page.heading_buttons[0]
    export.renew()
    assert (export.isEnabled(), export.toolTip()) == (False, "Reading the list")
    page.search_field.setText("іңкәр")  # stands further down
    assert page.stack.currentWidget() is page.empty
    assert any(label.text() == "Reading the list" for label in page.empty.findChildren(QLabel))
    qtbot.waitUntil(lambda: names(page) == ["Іңкәр"])
    page.search_field.clear()
    assert len(names(page)) == 5
    assert export.isEnabled()


def test_in_another_order_nothing_is_shown_before_all_is_read(make_shell: MakeShell, qtbot: QtBot) -> None:
    settings = Settings()
    settings.set("list.first", {"sort": ["surname", False]})
    shell = make_shell(settings, pages=(replace(FIRST, factory=Begun),))
    shell.tasks.inline = False
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Begun)
    assert page.records.rowCount() == 0
    qtbot.waitUntil(lambda: page.records.rowCount() == 5)
    assert names(page)[0] == "Асанов"


class Wide(ListPage):
    """A list with more columns than its window has room for."""

    def table(self) -> Rows:
        titles = ("Surname and name", "What was typed first", "What was typed later", "Who was wrong in it", "Year")
        return Rows(tuple(Column(f"c{n}", title) for n, title in enumerate(titles)), self._load, "c0")

    def _load(self) -> Any:
        return [{f"c{n}": "A long text that has no room in here " * 2 for n in range(5)}]


def test_heads_are_never_cut(make_shell: MakeShell) -> None:
    shell = make_shell(pages=(replace(FIRST, factory=Wide),))
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Wide)
    page.window().resize(1024, 700)
    QApplication.processEvents()
    header = page.view.horizontalHeader()
    metrics = QFontMetrics(theme.font(bold=True))
    for number, column in enumerate(page.records.columns):
        assert header.sectionSize(number) > metrics.horizontalAdvance(column.title) + 16, column.title


def test_what_stops_a_long_list_is_said(make_shell: MakeShell) -> None:
    class Broken(Long):
        found = UserError("The database is shut.")

    shell = make_shell(pages=(replace(FIRST, factory=Broken),))
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Broken)
    assert any("shut" in label.text() for label in page.empty.findChildren(QLabel))
    assert page.side is not None
    assert not page.side.isVisible()


def test_where_columns_are_many_names_are_still_read_whole(make_shell: MakeShell) -> None:
    usual, close = (shown(make_shell, factory).view for factory in (Cut, Crowded))
    whole = [usual.table.index(row, 0) for row in range(len(ROWS))]
    assert any(usual.words_without_room(name) for name in whole)
    whole = [close.table.index(row, 0) for row in range(len(ROWS))]
    assert not any(close.words_without_room(name) for name in whole)


def test_a_cell_made_short_is_searched_copied_and_told_whole(make_shell: MakeShell) -> None:
    page = shown(make_shell, Fingerprints)
    whole, cell = "0123456789abcdef" * 4, page.view.table.index(0, 0)
    assert cell.data() == "0123456789ab…"
    assert page.view.words_without_room(cell) == whole
    page.view.go_to(ROWS[0].id)
    assert page.view.copy_cell() == whole
    page.search_field.setText("cdef0123")
    assert page.records.rowCount() == len(ROWS)
