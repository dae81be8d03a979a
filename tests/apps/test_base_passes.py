"""Passes of the base university at the window: printed in any cut, given, spoilt, counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit, QSpinBox
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome, PrintOrder
from mab_desktop.services import documents_passes, pass_copies, passes, print_jobs, wrong_data_lists
from mab_desktop.services.context import Context
from mab_desktop.services.documents import measured, previewing
from mab_desktop.services.pass_copies import PassState
from mab_desktop.services.passes import PassChoice, PassLayout
from mab_desktop.storage.tables.students import Student, StudentChange, WrongData
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import ActionButton
from mab_desktop.ui.print_dialog import PrintQuestion
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE
from tests.services.test_base_board import allotted

ENTER, CTRL = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    ctx = make_context(Role.BASE_UNI, BASE)
    allotted(ctx)
    passes.number_passes(ctx)
    return ctx


@pytest.fixture
def shell(base: Context, qtbot: QtBot, qapp: QApplication) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, base)
    qapp.setStyleSheet("")


def printed(ctx: Context, choice: PassChoice) -> None:
    with previewing():
        made = documents_passes.print_passes(ctx, choice)
    order = PrintOrder("office", tuple(range(1, measured(made.pdf)[1] + 1)), 1, made.sides)
    run = print_jobs.begin(ctx, made, order, "x")
    print_jobs.end(ctx, run, Outcome.PRINTED, order.total)


def shown(shell: WorkplaceShell, key: str) -> object:
    """The page, its rows sorted: they are made ready for that between two looks at the keyboard."""
    shell.open_page(key)
    page = shell.page()
    QApplication.processEvents()
    while isinstance(page, ListPage) and page.is_preparing():
        QApplication.processEvents()
    return page


def button(page: object, words: str) -> ActionButton:
    return next(b for b in page.findChildren(ActionButton) if b.text() == words)  # type: ignore[attr-defined]


def states(ctx: Context, university: str) -> list[PassState]:
    found = pass_copies.standings(ctx)
    return sorted(found[line.student].state for line in passes.pass_lines(ctx, university))


def test_given_spoilt_and_back_again_from_the_list(shell: WorkplaceShell, base: Context) -> None:
    """Two chosen passes are given, one that lies here is spoilt; both come back; closed buttons say why."""
    printed(base, PassChoice("013"))
    page = shown(shell, "passes")
    page.chip_buttons["stock"].click()
    assert {row.university for row in page.shown_rows()} == {"013"}
    page.view.selectRow(0)
    page.view.selectionModel().select(
        page.records.index(1, 0),
        page.view.selectionModel().SelectionFlag.Select | page.view.selectionModel().SelectionFlag.Rows,
    )
    assert "None of the chosen passes" in button(page, "Lies here again").toolTip()
    button(page, "Given to the university").click()
    QApplication.processEvents()
    assert states(base, "013") == [PassState.ISSUED] * 2 + [PassState.STOCK] * 2
    page.view.selectRow(0)
    QApplication.processEvents()
    answer(lambda asked: asked.findChild(QPlainTextEdit, "words").setPlainText("сия жағылған"))
    button(page, "Spoilt…").click()
    QApplication.processEvents()
    assert [spoilt.why for spoilt in pass_copies.spoilt_passes(base)] == ["сия жағылған"]
    page.chip_buttons["stock"].click()
    page.chip_buttons["spoilt"].click()
    page.view.selectRow(0)
    QApplication.processEvents()
    assert "сия жағылған" in str(page.details(page.current()))
    button(page, "Lies here again").click()
    QApplication.processEvents()
    assert states(base, "013").count(PassState.STOCK) == 2


def test_chosen_passes_print_with_their_own_copy_numbers(shell: WorkplaceShell, base: Context, qtbot: QtBot) -> None:
    """Enter on a pass opens it as a paper; the print dialog offers one copy, for another would bear no mark."""
    printed(base, PassChoice("013"))
    page = shown(shell, "passes")
    page.view.selectRow(0)
    qtbot.keyClick(page.view, ENTER)
    QApplication.processEvents()
    assert shell.current_key == "papers"
    papers = shell.page()
    made = papers.preview.made
    assert [(piece.student, piece.copy) for piece in made.pieces] == [(page.current().student, 2)]
    asked = PrintQuestion(papers, "x", 2, 1, once=bool(made.pieces))
    assert asked.copies.maximum() == 1


def test_the_list_of_students_prints_the_pass_of_the_one_under_the_cursor(shell: WorkplaceShell, base: Context) -> None:
    page = shown(shell, "students")
    row = page.current()
    page.print_pass()
    papers = shell.page()
    assert papers.current().key == "pass-one"
    assert papers._chosen == (row.id,)
    assert papers.list.currentIndex().data(Qt.ItemDataRole.ToolTipRole) == "Passes of chosen students"
    assert ("pass-one", "chosen") in papers._made


def test_the_first_sheet_is_shown_before_the_whole_is_drawn(shell: WorkplaceShell, base: Context) -> None:
    """While the rest is being drawn there is something to look at, and nothing to print."""
    papers = shown(shell, "papers")
    first = papers._first_pass("")
    assert measured(first.pdf)[1] == 2
    papers.preview.show_first(first, "x")
    assert len(papers.preview.view.pages) == 2
    assert not papers.preview.print_button.isEnabled()
    assert "rest is being drawn" in papers.preview.count.text()
    shell.open_page("papers", paper="passes-all")
    QApplication.processEvents()
    assert papers.preview.print_button.isEnabled()
    assert papers.preview.page.maximum() == 12


def test_three_to_a_sheet_is_chosen_at_the_page(shell: WorkplaceShell, base: Context) -> None:
    page = shown(shell, "passes")

    def three(asked: Question) -> None:
        sheet = asked.findChild(QComboBox, "per_sheet")
        sheet.setCurrentIndex(sheet.findData(3))
        asked.backs.setChecked(False)

    answer(three)
    page.choose_layout()
    assert passes.layout(base) == PassLayout(3, backs=False)


def test_the_balance_shows_what_does_not_agree(shell: WorkplaceShell, base: Context, qtbot: QtBot) -> None:
    """All given but one spoilt; a count of one too many is marked, and gone when it is counted right."""
    printed(base, PassChoice("013"))
    spoilt = passes.pass_lines(base, "013")[0].student
    pass_copies.spoil(base, [spoilt], "жыртылған")
    page = shown(shell, "pass_balance")
    page.go_to("013")
    answer(lambda _asked: None)
    button(page, "All in stock given to the university").click()
    QApplication.processEvents()
    row = page.current()
    assert (row.printed, row.issued, row.spoilt, row.stock, row.waiting) == (4, 3, 1, 0, 1)
    answer(lambda asked: asked.findChild(QSpinBox, "counted").setValue(1))
    qtbot.keyClick(page.view, ENTER)
    QApplication.processEvents()
    assert page.current().difference == 1
    page.chip_buttons["difference"].click()
    assert [line.university for line in page.shown_rows()] == ["013"]
    answer(lambda asked: asked.findChild(QSpinBox, "counted").setValue(0))
    page.go_to("013")
    page.count_stock()
    QApplication.processEvents()
    assert page.shown_rows() == []
    shell.open_page("papers", paper="given-act", option="013")
    QApplication.processEvents()
    assert shell.page().preview.made.document == "act-given"
    assert shell.messages.words() == ""


def test_applications_are_ticked_off_by_enter(shell: WorkplaceShell, base: Context, qtbot: QtBot) -> None:
    """Enter: the paper is here; Enter again: it is not. The chip shows what still misses its paper."""
    with base.store.write(base.actor) as tx:
        student = passes.lines_in(tx.session, BASE, "013")
        tx.session.add_all(
            WrongData(id=f"w{n}", student=line.student, university="013", field="surname", printed_value="Бекова",
                      right_value="Бекова-Әлі", ground="Жеке куәлік", application_number=f"{n}",
                      application_date=date(2011, 4, 20))
            for n, line in enumerate(list(student)[:2])
        )  # fmt: skip
        tx.note("setting-changed", "rows")
    page = shown(shell, "wrong_data")
    page.view.selectRow(0)
    qtbot.keyClick(page.view, ENTER)
    QApplication.processEvents()
    assert [bool(held.application_at) for held in wrong_data_lists.held_lines(base)] == [True, False]
    page.chip_buttons["no-paper"].click()
    assert len(page.shown_rows()) == 1
    page.chip_buttons["no-paper"].click()
    page.view.selectRow(0)
    assert "1 of 2" in str(page.details(page.current()))
    qtbot.keyClick(page.view, ENTER)
    QApplication.processEvents()
    assert not any(held.application_at for held in wrong_data_lists.held_lines(base))


def test_differences_of_the_final_database_are_narrowed_and_explained(shell: WorkplaceShell, base: Context) -> None:
    """A value the centre changed by an application, a student it struck out; chips narrow, details tell why."""
    first, second = (line.student for line in passes.pass_lines(base, "013")[:2])
    with base.store.write(base.actor) as tx:
        tx.session.add(StudentChange(student=first, version=2, field="sex", old="1", new="2", ground="carrier:x",
                                     by="ntc", at="2011-04-20T10:00:00"))  # fmt: skip
        tx.session.add(WrongData(id="w1", student=first, university="013", field="sex", printed_value="1",
                                 right_value="2", ground="Жеке куәлік", application_number="7",
                                 application_date=date(2011, 4, 20)))  # fmt: skip
        tx.session.get_one(Student, second).deleted_at = "2011-04-20T10:00:00"
        tx.note("setting-changed", "rows")
    page = shown(shell, "final")
    assert {row.kind.value for row in page.shown_rows()} == {"value", "removed"}
    page.chip_buttons["value"].click()
    (row,) = page.shown_rows()
    assert "application 7 of 20.04.2011" in row.why
    assert (row.sent, row.came) == ("1 Male", "2 Female")
    page.chip_buttons["value"].click()
    page.chip_buttons["unexplained"].click()
    assert [row.student for row in page.shown_rows()] == [second]
    page.view.selectRow(0)
    QApplication.processEvents()
    assert not button(page, "Show the pass").isEnabled()
