"""A table of students brought in at the network university: by keyboard alone, seen row by row, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.student import STUDENT
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.bring_in_page import COLUMNS, PREVIEW, START, BringInPage
from mab_desktop.services import bring_in, students
from mab_desktop.services.bring_in_rows import State
from mab_desktop.services.bring_in_sheet import open_sheet
from mab_desktop.services.context import Context
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.network_stage import CTRL, at_device, focused, give_keys
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.foreign_tables import HEADS, cells, person, write_csv, write_xlsx


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    made = at_device(make_context(Role.NETWORK_UNI, "027", name="programmer"), "nu027")
    give_keys(made)
    return made


@pytest.fixture
def shell(qtbot: QtBot, qapp: QApplication, ctx: Context) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, ctx)
    qapp.setStyleSheet("")


@pytest.fixture
def page(shell: WorkplaceShell) -> BringInPage:
    shell.open_page("bring-in")
    found = shell.page()
    assert isinstance(found, BringInPage)
    return found


def choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """What the system's own dialog would give."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a: (str(path), ""))


def save_as(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(path or ""), ""))


def words_of(page: BringInPage) -> str:
    return " | ".join(shown.text() for shown in page.findChildren(QLabel) if shown.isVisible())


def key(qtbot: QtBot, name: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(focused(), name, held)


def test_a_table_is_brought_in_by_keyboard_and_taken_back(
    page: BringInPage, ctx: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [person(1), person(2)]
    choose(monkeypatch, write_csv(tmp_path / "students.csv", [HEADS, *map(cells, wanted)]))
    assert focused() is page.start.choose
    key(qtbot, Qt.Key.Key_Space)
    assert page.stack.currentIndex() == COLUMNS
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert page.stack.currentIndex() == PREVIEW
    assert page.preview.bring_in.text() == "Bring in 2 records"
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert page.stack.currentIndex() == START
    assert sorted(row.to_code or "" for row in students.all_rows(ctx)) == [p["to_code"] for p in wanted]
    assert focused() is page.start.view
    asked = answer(lambda dialog: dialog.findChild(QPlainTextEdit, "words").setPlainText("қате файл"))
    key(qtbot, Qt.Key.Key_Z, CTRL)
    assert asked == ["students.csv"]
    assert students.counts(ctx).total == 0
    assert [past.reason for past in bring_in.past(ctx)] == ["қате файл"]


def test_columns_are_chosen_by_keyboard_and_remembered(
    page: BringInPage, ctx: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads, row = list(HEADS), cells(person(1))
    heads[0] = "Кім"
    at = STUDENT.names.index("study_form")
    heads[at], row[at] = "Қалай", "Стационар"
    path = write_csv(tmp_path / "a.csv", [heads, row])
    choose(monkeypatch, path)
    key(qtbot, Qt.Key.Key_N, CTRL)
    assert "No column for: Surname, Form of study" in words_of(page)
    page.columns.rows["surname"].column.setFocus()
    key(qtbot, Qt.Key.Key_Down)
    key(qtbot, Qt.Key.Key_Down)
    assert page.columns.rows["surname"].column.currentText() == "Кім"
    assert page.columns.rows["surname"].sample.text() == row[0]
    page.columns.rows["study_form"].column.setFocus()
    type_text(focused(), "Қалай")
    assert page.columns.matching().missing() == ()
    qtbot.waitUntil(lambda: "стационар" in words_of(page))
    meaning = next(box for box in page.columns.findChildren(QComboBox) if "стационар" in box.accessibleName())
    meaning.setFocus()
    key(qtbot, Qt.Key.Key_Down)
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert page.preview.bring_in.isEnabled()
    key(qtbot, Qt.Key.Key_Escape)
    key(qtbot, Qt.Key.Key_Escape)
    assert page.stack.currentIndex() == START
    key(qtbot, Qt.Key.Key_N, CTRL)
    assert page.columns.matching().columns["surname"] == 0
    assert page.columns.matching().meanings == {("study_form", "стационар"): "1"}


def test_errors_are_walked_saved_corrected_and_brought_in(
    page: BringInPage, ctx: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = cells(person(2))
    wrong[STUDENT.names.index("birth_date")] = "31.02.1991"
    choose(monkeypatch, write_xlsx(tmp_path / "a.xlsx", {"A": [HEADS, cells(person(1)), wrong, cells(person(3))]}))
    key(qtbot, Qt.Key.Key_N, CTRL)
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert not page.preview.bring_in.isEnabled()
    assert "1 row is not right yet" in words_of(page)
    key(qtbot, Qt.Key.Key_F3)
    line = page.preview.current()
    assert line is not None
    assert line.state(page.choice) is State.ERROR
    qtbot.waitUntil(lambda: "No such date" in words_of(page))
    page.preview.right_only.setFocus()
    key(qtbot, Qt.Key.Key_Space)
    save_as(monkeypatch, None)
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert students.counts(ctx).total == 0  # nobody said where the errors go: nothing is brought in
    save_as(monkeypatch, tmp_path / "errors.xlsx")
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert students.counts(ctx).total == 2
    found = open_sheet(tmp_path / "errors.xlsx")
    assert [row.cells[:-1] for row in found.rows] == [tuple(wrong)]


def test_rows_are_left_out_and_narrowed_and_the_language_changed_on_the_way(
    shell: WorkplaceShell, page: BringInPage, ctx: Context, qtbot: QtBot, tmp_path: Path
) -> None:
    students.save(ctx, person(1))
    page.open_file(write_csv(tmp_path / "a.csv", [HEADS, *(cells(person(n)) for n in (1, 2, 3))]))
    key(qtbot, Qt.Key.Key_S, CTRL)
    page.preview.chips["new"].setFocus()
    key(qtbot, Qt.Key.Key_Space)
    assert page.preview.records.rowCount() == 2
    page.preview.view.setFocus()
    page.preview.view.go_to(4)
    page.preview.leave_out.setFocus()
    key(qtbot, Qt.Key.Key_Space)
    assert page.choice.left_out == {4}
    assert page.preview.bring_in.text() == "Bring in 1 record"
    shell.set_language("ru")
    now: Any = shell.page()
    assert now.choice.left_out == {4}
    assert now.stack.currentIndex() == PREVIEW


def test_a_file_is_dropped_and_one_that_is_no_table_is_refused(
    shell: WorkplaceShell, page: BringInPage, qtbot: QtBot, tmp_path: Path
) -> None:
    spoilt = tmp_path / "a.xlsx"
    spoilt.write_bytes(b"PK\x03\x04 nothing")
    drop(page, spoilt)
    assert "damaged" in shell.messages.words()
    assert page.stack.currentIndex() == START
    drop(page, write_csv(tmp_path / "b.csv", [HEADS, cells(person(1))], "kz1048"))
    assert page.stack.currentIndex() == COLUMNS
    assert "Encoding" in words_of(page)


def drop(page: BringInPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    page.start.drop.dragEnterEvent(enter)
    assert enter.isAccepted()
    dropped = QDropEvent(QPointF(5, 5), copy, data, left, none)
    page.start.drop.dropEvent(dropped)


def test_an_operator_brings_in_records_of_his_own(
    qtbot: QtBot, qapp: QApplication, ctx: Context, tmp_path: Path
) -> None:
    operator = replace(ctx, actor=replace(ctx.actor, login="op1", role="operator"))
    shell = open_window(qtbot, APP, operator)
    shell.open_page("bring-in")
    page = shell.page()
    assert isinstance(page, BringInPage)
    page.open_file(write_csv(tmp_path / "a.csv", [HEADS, cells(person(1))]))
    key(qtbot, Qt.Key.Key_S, CTRL)
    key(qtbot, Qt.Key.Key_S, CTRL)
    assert [row.created_by for row in students.all_rows(operator)] == ["op1"]
    qapp.setStyleSheet("")


def test_the_blank_table_is_saved(
    page: BringInPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    save_as(monkeypatch, tmp_path / "blank")
    page.start.blank.setFocus()
    key(qtbot, Qt.Key.Key_Space)
    assert (tmp_path / "blank.xlsx").read_bytes()[:2] == b"PK"
