"""Verify mode in a real window, by keyboard alone; what an operator may open and call; the idle lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.network_uni.app import APP, PAGES
from mab_desktop.network_uni.second_difference import PaperValue
from mab_desktop.network_uni.second_differences_page import SecondDifferencesPage, SecondErrorsPage, ShareQuestion
from mab_desktop.network_uni.second_entry_page import SecondEntryPage
from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.services import (
    accounts,
    bring_in,
    conflicts,
    documents_network,
    drafts,
    duplicates,
    operators,
    passes_issue,
    second_draw,
    second_entry,
    second_errors,
    specialties,
    statistics,
    students,
)
from mab_desktop.services.context import Context
from mab_desktop.ui import shell as shell_module
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.network_stage import CTRL, ENTER, at_device, focused, give_keys, student, type_record
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    """The programmer's PC; two operators type here, everything is typed again; op1 has typed two sheets."""
    made = at_device(make_context(Role.NETWORK_UNI, "027", name="programmer"), "nu027")
    give_keys(made)
    specialties.choose_specialties(made, ["050102", "050703"])
    for login, name in (("op1", "Ғалымова Әсем"), ("op2", "Һашимов Еркін")):
        operators.save_operator(made, {"login": login, "full_name": name, "workplace": ""})
    second_draw.set_share(made, 100)
    for number in (1, 2):
        typist = made.as_person("op1", "Ғалымова Әсем", "operator")
        students.save(typist, student(number, surname=("Абай", "Әбай")[number - 1]))
    return made


@pytest.fixture
def op2(ctx: Context) -> Context:
    return ctx.as_person("op2", "Һашимов Еркін", "operator")


@pytest.fixture
def shell(qtbot: QtBot, qapp: QApplication, op2: Context) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, op2)
    qapp.setStyleSheet("")


def again(shell: WorkplaceShell) -> SecondEntryPage:
    shell.open_page("second-entry")
    page = shell.page()
    assert isinstance(page, SecondEntryPage)
    return page


def said(page: Any) -> str:
    shown = [each for each in page.findChildren(QLabel) if each.isVisible()]
    return " | ".join(each.accessibleName() or each.text() for each in shown)


def test_a_sheet_is_typed_again_and_settled_by_keyboard_alone(
    shell: WorkplaceShell, op2: Context, ctx: Context, qtbot: QtBot
) -> None:
    page = again(shell)
    assert "Sheet 1 · Ғалымова Әсем" in said(page)
    assert "Абай" not in said(page)
    assert all(value is None for value in page.form.values().values())
    type_record(qtbot, page.form, student(1, surname="Абаи", sex="2", record_book="09-7777"))
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert [row.field for row in page.settling.rows] == ["surname", "sex", "record_book"]
    assert "Абай" in said(page)
    assert "Not settled yet: 3" in said(page)
    qtbot.keyClick(focused(), Qt.Key.Key_1)
    qtbot.keyClick(shell, Qt.Key.Key_F3)
    assert page.settling.rows[page.settling.at].field == "record_book"
    answered = answer(lambda question: type_text(question.editor, "09-8888"))
    qtbot.keyClick(focused(), Qt.Key.Key_3)
    assert answered == ["Абаи Өркен Серікұлы"]
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    qtbot.keyClick(page.settling, Qt.Key.Key_2)
    row = students.get(ctx, second_entry.differences(ctx)[0].student)
    assert (row.surname, row.sex, row.record_book) == ("Абай", "2", "09-8888")
    erred = {row.field: row.erred for row in second_entry.differences(ctx)}
    assert erred == {"surname": "verifier", "sex": "typist", "record_book": "both"}
    assert "Sheet 2 · Ғалымова Әсем" in said(page)
    assert operators.journal(ctx)[-1].keys > 50
    type_record(qtbot, page.form, student(2, surname="әбай"))
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert "No sheet waits to be typed again" in said(page)


def test_typing_a_sheet_as_a_new_record_shows_nothing_of_the_first_entry(
    shell: WorkplaceShell, ctx: Context, qtbot: QtBot
) -> None:
    """Who is to type a sheet again cannot look its values up by beginning it as a new record."""
    shell.open_page("entry")
    page = shell.page()
    assert isinstance(page, TypingPage)
    page.form.set_values(student(3, to_code="20000001", surname="Басқа", record_book="09-9999"))
    page.check()
    qtbot.waitUntil(lambda: "Another operator has typed this person, as it seems." in said(page))
    words = said(page)
    assert "Ғалымова Әсем, " in words
    shown = students.all_rows(ctx)[0]
    assert shown.name not in words
    assert str(shown.identity_document) not in words
    assert not [button for button in page.findChildren(QAbstractButton) if button.text() == "Open that record"]


def test_a_wrong_sheet_is_refused_then_taken_all_the_same(shell: WorkplaceShell, op2: Context, qtbot: QtBot) -> None:
    page = again(shell)
    other = student(77, surname="Басқа", first_name="Біреу", identity_document="N77")
    type_record(qtbot, page.form, other)
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert "This seems to be another sheet" in shell.messages.words()
    assert page.form.values()["surname"] == "Басқа"
    assert second_entry.differences(op2) == []
    page.insist()
    assert len(page.settling.rows) > 3
    page.set_aside()
    assert "Sheet 1" in said(page)
    assert second_entry.differences(op2) == []


def test_the_draft_of_a_second_entry_is_not_put_off_by_keys_without_a_pause(
    shell: WorkplaceShell, op2: Context, qtbot: QtBot
) -> None:
    page = again(shell)
    type_text(focused(), "Ә")
    assert page._drafting.isActive()
    started = page._drafting.remainingTime()
    type_text(focused(), "бай")
    assert page._drafting.remainingTime() <= started
    qtbot.keyClick(focused(), ENTER)  # a field that is left is kept at once
    assert drafts.draft(op2, second_entry.SECOND_FORM).get("surname") == "Әбай"


def test_a_second_entry_names_every_broken_rule_at_once(shell: WorkplaceShell, op2: Context, qtbot: QtBot) -> None:
    page = again(shell)
    page.form.set_values(student(1, surname="Smith", specialty="050901", sex=None))
    page.form.editor("surname").setFocus()
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert [name for name, row in page.form.rows.items() if row.problem] == ["surname", "sex", "specialty"]
    assert second_entry.differences(op2) == []


def test_what_was_typed_again_survives_a_crash(shell: WorkplaceShell, op2: Context, qtbot: QtBot) -> None:
    page = again(shell)
    page.next_open()
    assert "Sheet 2" in said(page)
    type_text(focused(), "Әбай")
    qtbot.waitUntil(lambda: drafts.draft(op2, second_entry.SECOND_FORM).get("surname") == "Әбай")
    found = again(open_window(qtbot, APP, op2))
    assert found.form.values()["surname"] == "Әбай"
    assert "Sheet 2" in said(found)
    found.new()
    assert drafts.draft(op2, second_entry.SECOND_FORM) == {}


def test_differences_left_open_come_first_the_next_time(shell: WorkplaceShell, op2: Context, qtbot: QtBot) -> None:
    sheet = second_entry.queue(op2)[0]
    second_entry.type_second(op2, sheet.student, student(1, surname="Абаи"))
    page = again(shell)
    assert [row.field for row in page.settling.rows] == ["surname"]
    qtbot.keyClick(shell, Qt.Key.Key_Escape)
    assert "Sheet 2" in said(page)


def test_the_programmer_settles_and_sees_who_erred(
    qtbot: QtBot, qapp: QApplication, ctx: Context, op2: Context
) -> None:
    for sheet, number in zip(second_entry.queue(op2), (1, 2), strict=True):
        second_entry.type_second(op2, sheet.student, student(number, surname="Абаи", sex="2"))
    shell = open_window(qtbot, APP, ctx)
    shell.open_page("second-differences")
    page = shell.page()
    assert isinstance(page, SecondDifferencesPage)
    assert len(page.shown_rows()) == 4
    for key in (Qt.Key.Key_2, Qt.Key.Key_1):
        qtbot.waitUntil(page.row_buttons[0].isEnabled)
        qtbot.keyClick(page.view, key)
    assert [line["row"].choice for line in page.shown_rows()].count("") == 2
    page.next_open()
    asked: list[str] = answer(lambda question: question.editor.setText("Абайұлы"))
    page.go_to(next(line["id"] for line in page.shown_rows() if not line["row"].choice and line["field"] == "surname"))
    page.type_value()
    assert asked
    answer(lambda question: question.by() == {} and question.everybody.setValue(30))
    page.ask_share()
    assert second_draw.share(ctx).all == 30
    shell.open_page("second-errors")
    errors = shell.page()
    assert isinstance(errors, SecondErrorsPage)
    assert {line["login"]: (line["typed"], line["verified"]) for line in errors.shown_rows()} == {
        "op1": (2, 0), "op2": (0, 2),
    }  # fmt: skip
    assert PaperValue.accept is not ShareQuestion.accept
    qapp.setStyleSheet("")


# -- what an operator may open and call


def test_an_operators_window_has_his_pages_and_no_other(shell: WorkplaceShell) -> None:
    his = ["entry", "second-entry", "bring-in", "students", "transfer", "carriers", "backups"]
    assert [spec.key for spec in shell.spec.pages] == his
    for spec in PAGES:
        if spec.key in his:
            shell.open_page(spec.key)
            assert shell.page().spec.key == spec.key
        else:
            with pytest.raises(KeyError):
                shell.open_page(spec.key)


FORBIDDEN: dict[str, Callable[[Context], object]] = {
    "list an operator": lambda c: operators.save_operator(c, {"login": "x", "full_name": "X", "workplace": ""}),
    "choose specialties": lambda c: specialties.choose_specialties(c, ["050102"]),
    "set the share": lambda c: second_draw.set_share(c, 0),
    "see everybody's errors": second_errors.report,
    "decide a conflict": lambda c: conflicts.decide_conflict(c, "a" * 32, conflicts.MINE, "х"),
    "reopen a conflict": lambda c: conflicts.reopen_conflicts(c, ["a" * 32], "х"),
    "settle duplicates": lambda c: duplicates.settle_duplicate(c, "a" * 32, "b" * 32, "", "х"),
    "choose a stage": lambda c: statistics.choose_stage(c, "final"),
    "issue passes": lambda c: passes_issue.issue(c, ["a" * 32]),
    "take issue back": lambda c: passes_issue.take_back_issue(c, ["a" * 32], "х"),
    "spoil passes": lambda c: passes_issue.set_aside(c, ["a" * 32], "х"),
    "mark stubs": lambda c: passes_issue.mark_stubs(c, ["a" * 32], here=True),
    "print the operators' list": documents_network.print_operator_list,
    "print the journal": documents_network.print_operators_journal,
    "print the errors": documents_network.print_second_errors,
    "print the database": documents_network.print_database,
    "print the application journal": documents_network.print_application_journal,
    "print statistics": documents_network.print_statistics,
    "let a person in": lambda c: accounts.add_person(c, "x", "Біреу", "operator", "бір екі үш төрт"),
    "close an account": lambda c: accounts.close_account(c, "programmer"),
    "rename a person": lambda c: accounts.rename_person(c, "programmer", "X"),
}


@pytest.mark.parametrize("act", FORBIDDEN)
def test_what_is_not_an_operators_is_refused_and_changes_nothing(op2: Context, act: str) -> None:
    before = op2.store.log_head()
    with pytest.raises(UserError, match="no right"):
        FORBIDDEN[act](op2)
    assert op2.store.log_head() == before
    assert bring_in.past(op2) == []


def test_others_records_are_neither_seen_nor_changed(ctx: Context, op2: Context) -> None:
    (first, _second) = students.all_rows(ctx)
    acts: tuple[Callable[[], object], ...] = (
        lambda: students.get(op2, first.id),
        lambda: students.history(op2, first.id),
        lambda: students.save(op2, student(1), student_id=first.id),
        lambda: students.delete(op2, [first.id], "х"),
        lambda: students.set_photos(op2, [first.id], 2),
    )
    for act in acts:
        with pytest.raises(UserError, match="no such record"):
            act()
    assert students.find(op2, "бай") == []
    assert students.counts(op2).total == 0


def test_a_window_left_alone_locks_itself_and_keeps_what_is_typed(
    qtbot: QtBot, qapp: QApplication, op2: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"now": 1000.0}
    monkeypatch.setattr(shell_module, "_moment", lambda: now["now"])
    shell = open_window(qtbot, APP, op2, idle_minutes=10)
    page = again(shell)
    type_text(focused(), "Абай")
    now["now"] += 599
    shell._lock_when_idle()
    assert shell.is_open()
    now["now"] += 1
    shell._lock_when_idle()
    assert not shell.is_open()
    assert not page.isVisible()
    assert "Абай" not in said(shell)
    qapp.setStyleSheet("")
