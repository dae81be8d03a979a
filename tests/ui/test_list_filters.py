"""Filters by the value of a column, columns moved and remembered, cells copied, what was done taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from mab_desktop.ui.column_filter import ColumnFilter, RangeQuestion
from mab_desktop.ui.record_table import Column
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from tests.ui.conftest import MakeShell
from tests.ui.test_list import ROWS, Students, names
from tests.ui.trial import FIRST

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PAGES = (replace(FIRST, factory=Students),)


def page_of(make_shell: MakeShell, settings: Settings | None = None) -> Students:
    shell = make_shell(settings, pages=PAGES)
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Students)
    return page


@pytest.fixture
def page(make_shell: MakeShell) -> Students:
    return page_of(make_shell)


def menu_of(page: Students) -> QMenu:
    """The menu that is open now."""
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


def choose(qtbot: QtBot, menu: QMenu, words: str) -> None:
    """Walk down to an entry and take it, by keys."""
    for _each in menu.actions():
        if menu.activeAction() is not None and menu.activeAction().text() == words:
            qtbot.keyClick(menu, Qt.Key.Key_Return)
            return
        qtbot.keyClick(menu, Qt.Key.Key_Down)
    raise AssertionError([action.text() for action in menu.actions()])


@pytest.mark.qt_log_ignore("This plugin does not support")  # a menu grabs the keyboard where there is one
def test_only_this_value_by_keys_alone_and_off_again(page: Students, qtbot: QtBot) -> None:
    page.go_to(2)
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_F, CTRL | SHIFT)
    choose(qtbot, menu_of(page), "Only “Әбдірова”")
    assert names(page) == ["Әбдірова"]
    assert page.count.text() == "1 of 5"
    assert [chip.text() for chip in page.filter_bar.chips] == ["Surname: Әбдірова"]
    assert page.view.hasFocus()
    page.filter_bar.chips[0].setFocus()
    qtbot.keyClick(page.filter_bar.chips[0], Qt.Key.Key_Space)
    assert len(names(page)) == 5
    assert not page.filter_bar.isVisible()


def test_several_values_are_left_out_and_escape_takes_all_off(page: Students, qtbot: QtBot) -> None:
    page.add_filter(ColumnFilter("surname", "without", "Асанов"))
    page.add_filter(ColumnFilter("surname", "without", "Іңкәр"))
    page.add_filter(ColumnFilter("born", "filled"))
    assert names(page) == ["Яковлев", "Әбдірова", "Ұлықбек"]
    page.add_filter(ColumnFilter("surname", "only", "Ұлықбек"))
    assert names(page) == ["Ұлықбек"]  # what was left out of the same column is said anew
    assert len(page.column_filters) == 2
    qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert len(names(page)) == 5


def test_from_to_for_dates_and_numbers_and_empty_cells(page: Students) -> None:
    page.add_filter(ColumnFilter("born", "between", low=date(2005, 1, 1), high=date(2006, 1, 2)))
    assert names(page) == ["Яковлев", "Әбдірова"]
    page.add_filter(ColumnFilter("course", "between", high=1))
    assert names(page) == ["Әбдірова"]
    page.clear_filters()
    page.add_filter(ColumnFilter("born", "empty"))
    assert names(page) == ["Асанов"]


def test_the_question_for_a_range_takes_eight_digits_and_open_ends(page: Students) -> None:
    asked = RangeQuestion(page, Column("born", "Born", kind="date"))
    type_text(asked.low, "01012005")
    assert asked.filter() == ColumnFilter("born", "between", low=date(2005, 1, 1))
    type_text(asked.high, "31022005")
    assert asked.filter() is None
    assert not asked.act_button.isEnabled()
    asked.high.setText("01.01.2004")
    assert asked.filter() is None  # the end lies before the beginning
    number = RangeQuestion(page, Column("course", "Year", kind="number"))
    number.high.setText("1 200")
    assert number.filter() == ColumnFilter("course", "between", high=1200)


def test_filters_stay_through_the_session_and_are_never_written(make_shell: MakeShell, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    page = page_of(make_shell, settings)
    page.add_filter(ColumnFilter("surname", "only", "Асанов"))
    shell = page.app.shell
    shell.set_language("ru")
    again = shell.page()
    assert again is not page
    assert names(again) == ["Асанов"]
    assert "Асанов" not in (tmp_path / "settings.json").read_text("utf-8")
    assert len(names(page_of(make_shell, Settings(tmp_path / "settings.json")))) == 5


def test_columns_order_widths_and_sorting_come_back_after_a_restart(
    make_shell: MakeShell, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    page = page_of(make_shell, Settings(file))
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Right, CTRL | SHIFT)  # the surname goes behind the date of birth
    page.view.setColumnWidth(1, 222)
    page.view.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    page.view.show_column(2, False)
    assert page.view.shown_columns() == [1, 0]
    again = page_of(make_shell, Settings(file))
    assert again.view.shown_columns() == [1, 0]
    assert again.view.columnWidth(1) == 222
    assert names(again)[0] == "Ұлықбек"
    again.view.columns_as_at_first()
    assert again.view.shown_columns() == [0, 1, 2]
    assert again.view.columnWidth(1) != 222


def test_one_cell_is_copied_and_rows_stand_under_their_headings(page: Students, qtbot: QtBot) -> None:
    page.found = (replace(ROWS[1], surname="=1+1\tА"),)
    page.refresh()
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Right)
    qtbot.keyClick(page.view, Qt.Key.Key_C, CTRL | SHIFT)
    assert QGuiApplication.clipboard().text() == "06.05.2005"
    qtbot.keyClick(page.view, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "Surname\tBorn\tYear\n'=1+1 А\t06.05.2005\t1"


def test_what_was_done_is_taken_back_by_key_and_by_button(page: Students, qtbot: QtBot) -> None:
    taken: list[str] = []
    page.offer_undo("First deleted.", lambda: taken.append("first"))
    page.offer_undo("Second deleted.", lambda: taken.append("second"))
    bar = page.app.shell.messages
    assert "Second deleted." in bar.words()
    bar.act_button.click()
    assert taken == ["second"]
    assert not bar.isVisible()
    qtbot.keyClick(page.view, Qt.Key.Key_Z, CTRL)
    assert taken == ["second", "first"]
    qtbot.keyClick(page.view, Qt.Key.Key_Z, CTRL)
    assert len(taken) == 2
    page.app.inform("Something else.")
    assert not bar.act_button.isVisible()
