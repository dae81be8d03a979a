"""The base university's board, register, trainings, acceptance and duties, by keyboard and mouse on real files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni import duties_page
from mab_desktop.base_uni.app import APP
from mab_desktop.base_uni.database_card import DatabaseCard
from mab_desktop.base_uni.paper_question import PaperQuestion
from mab_desktop.base_uni.record_question import RecordQuestion
from mab_desktop.base_uni.trainings_page import AttendanceQuestion
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.organisation import Role
from mab_desktop.services import acceptance, base_board, duties, network_register, specialties, transfer
from mab_desktop.services.duties import DutyStanding
from mab_desktop.storage.tables.students import Student
from mab_desktop.ui import theme
from mab_desktop.ui.page import ActionButton
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.states import Mark
from mab_desktop.ui.transfer_wizard import TransferPage
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window, press, receive, write
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE, CIPHERS, NETWORKS, Stand, make_stand, put_students, record

ENTER, CTRL = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
CODE, TITLE = "027", "Student database for the base university"


@pytest.fixture
def stand(make_context: MakeContext, tmp_path: Path) -> Stand:
    """Three network universities with students; nothing has come yet."""
    made = make_stand(make_context, tmp_path)
    for number, code in enumerate(NETWORKS):
        specialties.choose_specialties(made.networks[code], CIPHERS)
        put_students(made.networks[code], [record(10 * number + n, code) for n in range(4)])
    return made


@pytest.fixture
def shell(stand: Stand, qtbot: QtBot, qapp: QApplication) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, stand.base)
    qapp.setStyleSheet("")


def send(stand: Stand, code: str = CODE) -> Path:
    sent = transfer.export(stand.networks[code], "university-students", stand.base.organisation, stand.drive)
    return sent.paths[0]


def rename(stand: Stand) -> None:
    network = stand.networks[CODE]
    with network.store.write(network.actor) as tx:
        row = tx.session.get_one(Student, record(10, CODE)["id"])
        row.surname, row.version = "Жаңаша", 2
        tx.note("setting-changed", "student")


def ask(kind: type[QDialog], act: Callable[[], Any], fill: Callable[[Any], Any]) -> None:
    """Do `act`, which opens a question, fill it in and press its verb; the question must close."""
    seen: list[QDialog] = []

    def go() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, kind), asked
        seen.append(asked)
        fill(asked)
        asked.act_button.click()
        if asked.isVisible():
            asked.reject()
            seen.clear()

    QTimer.singleShot(0, go)
    act()
    QApplication.processEvents()
    assert seen, "the question did not take what was typed"


def back_in_list(qtbot: QtBot, shell: WorkplaceShell) -> None:
    """The window that a question gave back, with the keys in the list."""
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    shell.page().view.setFocus()


def row_of(shell: WorkplaceShell, code: str = CODE) -> dict[str, Any]:
    page = shell.page()
    page.go_to(code)
    QApplication.processEvents()
    row = page.current()
    assert row is not None
    return row


def button(shell: WorkplaceShell, title: str) -> ActionButton:
    return next(b for b in shell.page().findChildren(ActionButton) if b.action.title == title)


def at(stand: Stand, month: int, day: int) -> None:
    assert isinstance(stand.base.clock, SetClock)
    stand.base.clock.set(datetime(2011, month, day, 9, tzinfo=UTC))


# -- looking at a database before it is taken


def look(shell: WorkplaceShell, stand: Stand) -> tuple[TransferPage, DatabaseCard]:
    """Open the drive and put the cursor on the database that is new."""
    shell.open_page("transfer", path=str(stand.drive))
    page = shell.page()
    assert isinstance(page, TransferPage)
    model = page.accept_step.list.model()
    place = next(r for r in range(model.rowCount()) if "New file" in model.index(r, 0).data())
    page.accept_step.list.setCurrentIndex(model.index(place, 0))
    QApplication.processEvents()
    card = page.findChild(DatabaseCard)
    assert card is not None
    return page, card


def test_a_database_is_looked_at_and_its_paper_typed_before_it_is_taken(shell: WorkplaceShell, stand: Stand) -> None:
    send(stand)
    receive(shell, stand.drive, TITLE)
    rename(stand)
    put_students(stand.networks[CODE], [record(19, CODE, citizenship="999")])
    send(stand)
    page, card = look(shell, stand)
    assert [card.tabs.tabText(n) for n in range(4)] == [
        "Totals and paper", "Differences (2)", "Broken rules (1)", "Twice (0)",
    ]  # fmt: skip
    assert len(acceptance.versions(stand.base, CODE)) == 1
    type_text(card.paper.total, "5")
    type_text(card.paper.checksum, "0000 0000 0000 0000")
    assert "another database" in card.paper.told._words.text()
    old = acceptance.versions(stand.base, CODE)[0]
    card.paper.checksum.setText(old.control_sum)
    assert "paper of version 1" in card.paper.told._words.text()
    with stand.networks[CODE].store.read() as session:
        own = base_board.database_sum(session, CODE)[1]
    card.paper.checksum.clear()
    type_text(card.paper.checksum, own.replace("-", "").lower())
    assert "agree" in card.paper.told._words.text()
    page.accept_step.accept.click()
    QApplication.processEvents()
    assert [version.number for version in acceptance.versions(stand.base, CODE)] == [2, 1]
    assert acceptance.papers(stand.base)[CODE].print_fits
    assert "Receipt on the drive" in " ".join(
        label.text() for label in page.end.findChildren(type(page.end.words)) if label.text()
    )


def test_a_database_taken_without_its_paper_waits_for_it(shell: WorkplaceShell, stand: Stand, qtbot: QtBot) -> None:
    send(stand)
    page, _card = look(shell, stand)
    page.accept_step.accept.click()
    QApplication.processEvents()
    assert acceptance.papers(stand.base) == {}
    shell.open_page("acceptance", row=CODE)
    total, own = acceptance.held(stand.base, CODE)

    def fill(asked: PaperQuestion) -> None:
        for name, text in (("total", str(total)), ("checksum", own), ("person", "Бірінші Басшы")):
            type_text(asked.form.editor(name), text)

    ask(PaperQuestion, lambda: qtbot.keyClick(shell.page().view, ENTER), fill)
    assert acceptance.papers(stand.base)[CODE].print_by == "Бірінші Басшы"
    row = row_of(shell)
    assert (row.version, row.printed, row.confirmed) == (1, "2011-03-10", "")
    menu = shell.page().papers_menu()
    assert [action.isEnabled() for action in menu.actions()] == [True, True, True, False]
    menu.actions()[1].trigger()
    QApplication.processEvents()
    assert shell.current_key == "papers"
    assert shell.page().current().key == "database-act"
    assert shell.messages.words() == ""


# -- the board


def test_one_glance_tells_what_came_is_late_or_does_not_stand(shell: WorkplaceShell, stand: Stand) -> None:
    at(stand, 4, 9)
    send(stand)
    receive(shell, stand.drive, TITLE)
    count, own = acceptance.held(stand.base, CODE)
    base_board.confirm_statistics(stand.base, CODE, count, own)
    at(stand, 4, 12)
    rename(stand)
    send(stand)
    receive(shell, stand.drive, TITLE)
    shell.open_page("board")
    rows = {row["university"]: row for row in shell.page().shown_rows()}
    assert rows[CODE]["database"].words().replace("\u202f", " ") == "✓ 12.04²"
    assert rows[CODE]["confirmed"].words().startswith("↻")
    assert rows["041"]["database"].words().replace("\u202f", " ") == "! 3 d"
    assert rows["041"]["database"].mark() is Mark.LATE
    assert "3 days ago" in rows["041"]["database"].sentence()
    facts = shell.page().details(rows[CODE])
    database = next(group for group in facts if group.title == "Student database")
    assert [line[0].split(" · ")[0] for line in database.lines[1:]] == ["№ 2", "№ 1"]
    assert "Replaced by a newer one" in database.lines[2][1]
    assert "4 students" in database.lines[1][1]
    shell.page().chip_buttons["doubtful"].setChecked(True)
    assert [row["university"] for row in shell.page().shown_rows()] == [CODE]


def test_receipts_go_back_by_one_button(shell: WorkplaceShell, stand: Stand) -> None:
    shell.open_page("board")
    assert not button(shell, "Write the receipts").isEnabled()
    transfer.load(stand.base, send(stand))
    shell.open_page("home")
    shell.open_page("board")
    assert row_of(shell)["untold"] == 1
    assert button(shell, "Write the receipts").isEnabled()
    button(shell, "Write the receipts").click()
    assert shell.current_key == "transfer"
    assert write(shell, stand.drive, "receipt").stack.currentIndex() == 4
    shell.open_page("board")
    assert row_of(shell)["untold"] == 0
    assert not button(shell, "Write the receipts").isEnabled()


def test_reminders_are_copied_and_printed(shell: WorkplaceShell, stand: Stand) -> None:
    shell.open_page("board")
    at(stand, 3, 18)
    shell.page().copy_reminders()
    copied = QGuiApplication.clipboard().text()
    assert copied.count("Preliminary statistics, 16 March: was due on 16.03.2011, 2 days ago") == 3
    button(shell, "Reminders").click()
    QApplication.processEvents()
    assert shell.page().current().key == "reminders"
    assert shell.page().preview.isVisible()


# -- register and trainings


def test_the_program_is_given_by_keyboard_and_a_line_withdrawn(
    shell: WorkplaceShell, stand: Stand, qtbot: QtBot
) -> None:
    shell.open_page("board")
    row_of(shell)
    button(shell, "Program given…").click()
    assert shell.current_key == "register"
    form = shell.page().form
    assert form.values()["university"] == CODE
    assert form.values()["day"] == date(2011, 3, 10)
    type_text(form.editor("person"), "Әбілова Ғалия")
    form.editor("signed").set_value(True)
    qtbot.keyClick(form.editor("person"), ENTER, CTRL)
    QApplication.processEvents()
    (line,) = network_register.lines(stand.base)
    assert (line.university, line.person, line.signed) == (CODE, "Әбілова Ғалия", True)
    form.set_values({})
    shell.page().show_list()
    press(qtbot, shell, Qt.Key.Key_F2)
    assert "withdraw it and write it anew" in shell.messages.words()
    row_of(shell, line.id)
    answer(lambda asked: asked.findChild(QPlainTextEdit, "words").setPlainText("Қате ЖОО"))
    shell.page().withdraw()
    QApplication.processEvents()
    assert network_register.lines(stand.base)[0].withdrawn == "Қате ЖОО"
    assert button(shell, "Withdraw the line…").isEnabled() is False


def test_who_came_to_a_training_is_typed_and_taken_back(shell: WorkplaceShell, stand: Stand, qtbot: QtBot) -> None:
    shell.open_page("trainings")
    press(qtbot, shell, Qt.Key.Key_N, CTRL)
    form = shell.page().form
    form.editor("day").set_value(date(2011, 3, 9))
    for name, text in (("place", "214"), ("topic", "Кешен"), ("held_by", "Бекова")):
        type_text(form.editor(name), text)
    qtbot.keyClick(form.editor("held_by"), ENTER, CTRL)
    QApplication.processEvents()
    form.set_values({})
    shell.page().show_list()
    (held,) = network_register.trainings(stand.base)
    row_of(shell, held.id)

    def fill(asked: AttendanceQuestion) -> None:
        type_text(asked.findChild(QLineEdit, f"programmer-{CODE}"), "Өркен Ұлпан")

    ask(AttendanceQuestion, shell.page().ask_attendance, fill)
    (held,) = network_register.trainings(stand.base)
    assert [(came.university, came.person) for came in held.attendance] == [(CODE, "Өркен Ұлпан")]
    assert "013, 041" in shell.page().closed_reason
    back_in_list(qtbot, shell)
    press(qtbot, shell.page().view, Qt.Key.Key_Z, CTRL)
    assert network_register.trainings(stand.base)[0].attendance == ()


# -- duties


def test_duties_are_planned_confirmed_and_taken_back_by_keyboard(
    shell: WorkplaceShell, stand: Stand, qtbot: QtBot
) -> None:
    shell.open_page("duties")
    page = shell.page()
    row_of(shell, 6)

    def plan(asked: RecordQuestion) -> None:
        asked.form.editor("due").set_value(date(2011, 5, 9))
        type_text(asked.form.editor("responsible"), "Қайратов Қ.")

    ask(RecordQuestion, lambda: press(qtbot, shell, Qt.Key.Key_F2), plan)
    line = next(line for line in duties.duties(stand.base) if line.number == 6)
    assert (line.due, line.responsible) == (date(2011, 5, 9), "Қайратов Қ.")
    row_of(shell, 6)
    back_in_list(qtbot, shell)
    ask(RecordQuestion, lambda: press(qtbot, page.view, Qt.Key.Key_D, CTRL),
        lambda asked: type_text(asked.form.editor("note"), "Акт № 3"))  # fmt: skip
    line = next(line for line in duties.duties(stand.base) if line.number == 6)
    assert (line.standing, line.done_on, line.note) == (DutyStanding.DONE, date(2011, 3, 10), "Акт № 3")
    assert "Done: 1 of 14" in page.summary._words.text()
    back_in_list(qtbot, shell)
    press(qtbot, shell.page().view, Qt.Key.Key_Z, CTRL)
    assert next(line.done_on for line in duties.duties(stand.base) if line.number == 6) is None
    row_of(shell, 12)
    qtbot.keyClick(page.view, ENTER)
    assert shell.current_key == "register"


def test_every_duty_that_has_a_page_opens_it_and_the_board_is_printed(shell: WorkplaceShell) -> None:
    for number, place in duties_page.PLACES.items():
        shell.open_page("duties")
        row_of(shell, number)
        button(shell, "Open its page").click()
        assert shell.current_key == place, number
    shell.open_page("duties")
    shell.page().print_out()
    QApplication.processEvents()
    assert shell.page().current().key == "duty-board"
    assert shell.messages.words() == ""


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_no_head_of_a_list_is_cut_on_a_small_screen(
    make_context: MakeContext, qtbot: QtBot, qapp: QApplication, lang: str
) -> None:
    """The lists with most columns, at 1366x768: what a column is too narrow for stands in the card beside it."""
    ctx = make_context(Role.BASE_UNI, BASE).speaking(lang)
    shell = open_window(qtbot, APP, ctx, lang)
    shell.resize(1366, 768)
    cut = []
    for key in ("board", "acceptance", "pass_balance", "wrong_data"):
        shell.open_page(key)
        QApplication.processEvents()
        view = shell.page().view
        header, model = view.horizontalHeader(), view.model()
        bold = QFont(header.font())
        bold.setBold(True)
        for column in range(model.columnCount()):
            head = str(model.headerData(column, Qt.Orientation.Horizontal))
            wanted = QFontMetrics(bold).horizontalAdvance(head) + theme.px(10)
            if not view.isColumnHidden(column) and header.sectionSize(column) < wanted:
                cut.append((key, head, header.sectionSize(column), wanted))
    qapp.setStyleSheet("")
    assert cut == []
