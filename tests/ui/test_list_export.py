"""A list saved by its dialog: the kind of file, the folder of the last time; a long one beside the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from python_calamine import load_workbook

from mab_desktop.ui.column_filter import ColumnFilter
from mab_desktop.ui.settings import Settings
from tests.ui.conftest import MakeShell
from tests.ui.test_list import Student, Students
from tests.ui.trial import FIRST

CTRL = Qt.KeyboardModifier.ControlModifier


def page_of(make_shell: MakeShell, settings: Settings, kind: type[Students] = Students) -> Students:
    shell = make_shell(settings, pages=(replace(FIRST, factory=kind),))
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Students)
    return page


def answer(file: Path, kind: str = "") -> list[tuple[str, str]]:
    """Type a name into the next file dialog, after choosing a kind; the list gets folder and name it offered."""
    seen: list[tuple[str, str]] = []

    def go() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        if kind:
            words = next(words for words in dialog.nameFilters() if kind in words)
            dialog.selectNameFilter(words)
            dialog.filterSelected.emit(words)
        seen.append((dialog.directory().path(), Path(dialog.selectedFiles()[0]).name))
        dialog.setDirectory(str(file.parent))
        dialog.selectFile(file.name)
        dialog.accept()

    QTimer.singleShot(0, go)
    return seen


def test_what_is_shown_is_saved_and_folder_and_kind_come_again(
    make_shell: MakeShell, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "settings.json")
    settings.set("export.folder", str(tmp_path))
    page = page_of(make_shell, settings)
    page.view.move_column(2, -2)
    page.view.show_column(1, False)
    page.view.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    page.add_filter(ColumnFilter("course", "between", low=3))
    target = tmp_path / "deep"
    target.mkdir()
    offered = answer(target / "mine")
    qtbot.keyClick(page.view, Qt.Key.Key_E, CTRL)
    assert offered == [(str(tmp_path), "Students.xlsx")]
    rows = load_workbook(target / "mine.xlsx").get_sheet_by_name("Students").to_python()
    assert rows == [["Year", "Surname"], [10.0, "Ұлықбек"], [4.0, "Іңкәр"], [3.0, "Асанов"]]
    assert "3 rows" in page.app.shell.messages.words()
    assert page.noted == (3, ["Year", "Surname"])
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow)
    offered = answer(target / "more", ".csv")
    qtbot.keyClick(page.view, Qt.Key.Key_E, CTRL)
    assert offered == [(str(target), "Students.csv")]
    assert (target / "more.csv").read_text("utf-8-sig").splitlines() == [
        "Year;Surname",
        "10;Ұлықбек",
        "4;Іңкәр",
        "3;Асанов",
    ]
    kept = Settings(tmp_path / "settings.json")
    assert (kept.get("export.folder"), kept.get("export.kind")) == (str(target), "csv")


def test_twenty_thousand_rows_are_written_beside_the_window_and_can_be_stopped(
    make_shell: MakeShell, qtbot: QtBot, tmp_path: Path
) -> None:
    many = tuple(Student(n, f"Әбдірова {n}", date(2005, 1, 1 + n % 28), n % 6) for n in range(20_000))

    class Many(Students):
        found = many

    page = page_of(make_shell, Settings(), Many)
    page.app.tasks.inline = False
    file = tmp_path / "list.xlsx"
    page.save_table(file)
    with qtbot.waitSignal(page.app.tasks.finished, timeout=20_000):
        page.app.tasks.running[0].cancel()
    assert list(tmp_path.iterdir()) == []
    assert page.app.shell.messages.words() == ""  # who cancels knows
    with qtbot.waitSignal(page.app.tasks.finished, timeout=60_000):
        page.save_table(file)
    sheet = load_workbook(file).get_sheet_by_index(0)
    assert sheet.height == 20_001


def test_a_disk_that_refuses_is_said_and_the_list_stays(make_shell: MakeShell, tmp_path: Path) -> None:
    page = page_of(make_shell, Settings())
    page.save_table(tmp_path / "none" / "list.xlsx")
    assert "could not be written" in page.app.shell.messages.words()
    assert page.count.text() == "5 of 5"
