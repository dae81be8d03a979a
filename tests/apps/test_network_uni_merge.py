"""Questions between two sides at the merge page, by keyboard: digits, the value dialog, reasons, undo, several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mab_desktop.domain.organisation import Role
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.merge_page import MergePage, ValueQuestion
from mab_desktop.services import conflicts, students
from mab_desktop.services.context import Context
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.network_stage import CTRL, at_device, focused, give_keys, student
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.people import send


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    """Two students of one operator: of the first surname and course, of the second the record book wait."""
    main = at_device(make_context(Role.NETWORK_UNI, "027", name="programmer"), "nu027")
    give_keys(main)
    operator = make_context(Role.NETWORK_UNI, "027", "operator", "op1")
    first = students.save(operator, student(1, surname="Абаев"))
    second = students.save(operator, student(2, surname="Бекова"))
    send(operator, main, "operator-portion")
    students.save(main, student(1, surname="Абылаев", course="3"), student_id=first.id)
    students.save(main, student(2, surname="Бекова", record_book="09-7777"), student_id=second.id)
    students.save(operator, student(1, surname="Әбілев", course="4"), student_id=first.id)
    students.save(operator, student(2, surname="Бекова", record_book="09-8888"), student_id=second.id)
    send(operator, main, "operator-portion")
    return main


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, ctx: Context) -> Iterator[MergePage]:
    shell = open_window(qtbot, APP, ctx)
    shell.open_page("merge")
    found = shell.page()
    assert isinstance(found, MergePage)
    qtbot.waitUntil(lambda: found.records.total() == 3)
    found.view.setFocus()
    yield found
    qapp.setStyleSheet("")


def shell_of(page: MergePage) -> WorkplaceShell:
    shell = page.window()
    assert isinstance(shell, WorkplaceShell)
    return shell


def words_of(page: MergePage) -> str:
    return " | ".join(shown.text() for shown in page.findChildren(QLabel) if shown.isVisible())


def with_reason(words: str) -> list[str]:
    def fill(question: Any) -> None:
        question.findChild(QPlainTextEdit).setPlainText(words)

    return answer(fill)


def go_to(page: MergePage, field: str) -> None:
    assert page.go_to(next(row["id"] for row in page.shown_rows() if row["field"] == field))


def test_a_digit_keeps_the_value_here_and_goes_on_to_the_next_question(
    page: MergePage, ctx: Context, qtbot: QtBot
) -> None:
    go_to(page, "surname")
    qtbot.waitUntil(lambda: "1 · Here" in words_of(page) and "2 · From the operator op1" in words_of(page))
    asked = with_reason("жеке куәлік")
    qtbot.keyClick(page.view, Qt.Key.Key_1)
    assert asked == ["Абылаев Өркен Серікұлы"]
    decided = conflicts.conflicts(ctx, state="decided")
    assert [(one.field, one.choice, one.reason) for one in decided] == [("surname", conflicts.MINE, "жеке куәлік")]
    qtbot.waitUntil(lambda: page.current() is not None and page.current()["state"] == "open")
    row = page.current()
    assert row is not None
    assert row["field"] != "surname"


def test_a_digit_takes_the_operators_value(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    go_to(page, "record_book")
    with_reason("сынақ кітапшасы")
    qtbot.keyClick(page.view, Qt.Key.Key_2)
    assert [row.record_book for row in students.find(ctx, "Бекова")] == ["09-8888"]


def test_going_back_without_a_reason_decides_nothing(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    go_to(page, "surname")
    with_reason("   ")
    qtbot.keyClick(page.view, Qt.Key.Key_2)
    assert len(conflicts.conflicts(ctx)) == 3


def test_a_third_value_is_typed_as_the_paper_says(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    """3: the dialog says what is wrong beside the field and stays until the value is one."""
    go_to(page, "surname")
    seen: list[str] = []

    def fill(question: Any) -> None:
        assert isinstance(question, ValueQuestion)
        assert not question.act_button.isEnabled()
        type_text(question.editor, "Абай5")
        question.reason.setPlainText("туу туралы куәлік")
        question.act_button.click()
        assert question.isVisible()
        seen.append(question.wrong.text())
        question.editor.selectAll()
        type_text(question.editor, "Абайев")

    asked = answer(fill)
    qtbot.keyClick(page.view, Qt.Key.Key_3)
    assert asked == ["Абылаев Өркен Серікұлы"]
    assert "Only letters" in seen[0]
    (decided,) = conflicts.conflicts(ctx, state="decided")
    assert (decided.student.surname, decided.choice, decided.reason) == (
        "Абайев", conflicts.OTHER, "туу туралы куәлік",
    )  # fmt: skip


def test_a_code_is_typed_from_its_list(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    go_to(page, "course")

    def fill(question: Any) -> None:
        type_text(question.editor.line, "2")
        question.reason.setPlainText("бұйрық")

    answer(fill)
    qtbot.keyClick(page.view, Qt.Key.Key_3)
    assert [row.course for row in students.find(ctx, "Абылаев")] == ["2"]


def test_ctrl_z_takes_a_decision_back_with_a_reason(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    go_to(page, "surname")
    with_reason("жеке куәлік")
    qtbot.keyClick(page.view, Qt.Key.Key_2)
    (decided,) = conflicts.conflicts(ctx, state="decided")
    assert students.get(ctx, decided.student.id).surname == "Әбілев"
    page.view.clearSelection()
    assert page.go_to(decided.id)
    shell_of(page).activateWindow()
    qtbot.waitUntil(shell_of(page).isActiveWindow)
    with_reason("қате шешім")
    qtbot.keyClick(page.view, Qt.Key.Key_Z, CTRL)
    assert students.get(ctx, decided.student.id).surname == "Абылаев"
    assert len(conflicts.conflicts(ctx)) == 3


def test_all_questions_of_an_operator_are_decided_for_one_reason(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    go_to(page, "course")
    page.choose("student")
    assert {row["field"] for row in page.chosen()} == {"surname", "course"}
    page.choose("operator")
    assert len(page.chosen()) == 3
    assert "1 keeps the values here" in shell_of(page).messages.words()
    asked = with_reason("операторлардың қағаздары")
    qtbot.keyClick(page.view, Qt.Key.Key_2)
    assert asked == ["3 questions"]
    assert conflicts.conflicts(ctx) == []
    assert {row.surname: (row.course, row.record_book) for row in students.all_rows(ctx)} == {
        "Әбілев": ("4", "09-0001"), "Бекова": ("2", "09-8888"),
    }  # fmt: skip


def test_a_value_is_typed_for_one_question_at_a_time(page: MergePage, ctx: Context, qtbot: QtBot) -> None:
    go_to(page, "course")
    page.choose("operator")
    qtbot.keyClick(focused(), Qt.Key.Key_3)
    assert QApplication.activeModalWidget() is None
    assert len(conflicts.conflicts(ctx)) == 3
    assert "A value is typed for one question at a time." in shell_of(page).messages.words()


def test_f3_walks_through_what_waits(page: MergePage, qtbot: QtBot) -> None:
    seen = []
    for _question in range(3):
        qtbot.keyClick(page.view, Qt.Key.Key_F3)
        row = page.current()
        assert row is not None
        seen.append(row["field"])
    assert sorted(seen) == ["course", "record_book", "surname"]
    qtbot.keyClick(page.view, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    row = page.current()
    assert row is not None
    assert row["field"] == seen[1]
