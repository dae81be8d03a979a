"""People and passwords through the real windows: the page, the log-in window, a forgotten password with the centre."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from mab_desktop.audit_fund import app as audit_fund
from mab_desktop.base_uni import app as base_uni
from mab_desktop.ministry_programmer import app as ministry_programmer
from mab_desktop.network_uni import app as network_uni
from mab_desktop.services import accounts, locks, recovery
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.choose_password import ChoosePasswordPage
from mab_desktop.ui.confirm_password import PasswordQuestion
from mab_desktop.ui.forgotten_page import ForgottenPage
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.people_page import AddQuestion, OwnPasswordQuestion, PeoplePage, TwoPeopleQuestion
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace
from tests.apps.window import answer
from tests.cheap_guesses import make_guesses_cheap
from tests.services.land import PASSWORD, Land, copy_land, make_land

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
SECOND = "екінші біреудің сөзі"
NEW = "жаңа құпия сөйлем"


@pytest.fixture(scope="module")
def land_template(tmp_path_factory: pytest.TempPathFactory) -> Land:
    """Made once; never opened by a test."""
    return make_land(tmp_path_factory.mktemp("land") / "template")


@pytest.fixture
def land(
    land_template: Land, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Land]:
    """The workplaces of this test alone; a guess costs little here, what it costs is measured elsewhere."""
    make_guesses_cheap(monkeypatch)
    copied = copy_land(land_template, tmp_path / "land")
    yield copied
    copied.close()
    qapp.setStyleSheet("")


def window(
    qtbot: QtBot, land: Land, login: str = "", password: str = "", name: str = "nu027"
) -> WorkplaceShell:
    """The application as `mab network-uni --db` opens it."""
    options = AppOptions(lang="en", login=login, password=password, idle_minutes=0, inline=True, dark=False, scale=100)
    shell = build_workplace(network_uni.APP, land.database(name), options, Settings(), clock=land.clock)
    qtbot.addWidget(shell)
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    return shell


def gate(shell: WorkplaceShell) -> object:
    return shell.centralWidget().currentWidget()


def people_page(shell: WorkplaceShell, row: str) -> PeoplePage:
    shell.open_page("people")
    page = shell.page()
    assert isinstance(page, PeoplePage)
    assert page.go_to(row)
    QApplication.processEvents()
    return page


def events(shell: WorkplaceShell) -> list[str]:
    assert shell.app is not None
    with shell.app.ctx.store.read() as session:
        return [row.event for row in session.query(AuditEntry).order_by(AuditEntry.n)]


def fill(question: AddQuestion, login: str, name: str, password: str) -> None:
    question.name.setText(name)
    question.login.setText(login)
    question.password.first.setText(password)
    question.password.again.setText(password)


@pytest.mark.parametrize("app", [network_uni, audit_fund, base_uni, ministry_programmer])
def test_every_application_has_the_page(app: object) -> None:
    assert "people" in [spec.key for spec in app.APP.pages]


def test_a_person_is_let_in_renamed_closed_and_opened_again_by_two(qtbot: QtBot, land: Land) -> None:
    shell = window(qtbot, land, "programmer", PASSWORD)
    page = people_page(shell, "programmer")
    roles: list[list[str]] = []

    def let_in(question: AddQuestion) -> None:
        roles.append([question.role.itemText(n) for n in range(question.role.count())])
        fill(question, "coord", "Бекова Асель", "short")
        assert not question.act_button.isEnabled()
        fill(question, "coord", "Бекова Асель", SECOND)
        question.role.setCurrentText("Coordinator")

    answer(let_in)
    page.new()
    assert roles == [["Programmer", "Operator", "Coordinator"]]
    answer(lambda question: fill(question, "op", "Ғабитова Һадиша", SECOND))
    page.add()
    assert [(p.login, p.role) for p in page.shown_rows()] == [
        ("coord", "coordinator"), ("op", "programmer"), ("programmer", "programmer")]  # fmt: skip

    page = people_page(shell, "op")
    answer(lambda question: question.findChild(QLineEdit, "words").setText("Ғабитова Һадиша Сәкенқызы"))
    page.rename()
    people_page(shell, "op")
    said: list[str] = []

    def close(question: PasswordQuestion) -> None:
        question.password.setText("wrong")
        question.act_button.click()
        said.append(question.refusal.text())
        question.password.setText(PASSWORD)

    answer(close)
    page.close_account()
    assert said[0].startswith("! The password is wrong.")
    qtbot.waitUntil(lambda: [p.name for p in page.shown_rows() if not p.active] == ["Ғабитова Һадиша Сәкенқызы"])

    page = people_page(shell, "op")

    def open_again(question: TwoPeopleQuestion) -> None:
        assert question.second.currentData() == "coord"
        question.own.setText(SECOND)
        question.password.first.setText(NEW)
        question.password.again.setText(NEW)

    answer(open_again)
    page.give_password()
    assert "may log in with the new password" in shell.messages.words()
    assert events(shell)[-4:] == ["account-changed", "login-refused", "account-changed", "password-reset"]
    shell.close()
    window(qtbot, land, "op", NEW).close()


def test_alone_nobody_gives_passwords(qtbot: QtBot, land: Land) -> None:
    accounts.add_person(land.ctx("nu027"), "op", "Ғабитова Һадиша", "operator", SECOND)
    land.close()
    shell = window(qtbot, land, "programmer", PASSWORD)
    page = people_page(shell, "op")
    assert "ask the testing centre by a signed file" in page._no_new_password()
    people_page(shell, "programmer")
    assert page._no_new_password().startswith("For yourself")
    assert page._not_to_close() == "You cannot close your own account."
    shell.close()


def test_ones_own_password(qtbot: QtBot, land: Land) -> None:
    shell = window(qtbot, land, "programmer", PASSWORD)
    page = people_page(shell, "programmer")

    def change(question: OwnPasswordQuestion) -> None:
        question.old.setText(PASSWORD)
        question.password.first.setText(NEW)
        assert not question.act_button.isEnabled()
        question.password.again.setText(NEW)

    answer(change)
    page.change_password()
    assert "The password is changed." in shell.messages.words()
    shell.close()
    window(qtbot, land, "programmer", NEW).close()


def test_a_password_of_somebody_elses_is_changed_before_the_work(qtbot: QtBot, land: Land) -> None:
    accounts.add_person(land.ctx("nu027"), "op", "Ғабитова Һадиша", "operator", SECOND, must_change=True)
    land.close()
    shell = window(qtbot, land)
    page = gate(shell)
    assert isinstance(page, LoginPage)
    page.who.setCurrentText("op")
    type_text(page.password, SECOND)
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    choose = gate(shell)
    assert isinstance(choose, ChoosePasswordPage)
    for field, words in ((choose.old, "wrong"), (choose.password.first, NEW), (choose.password.again, NEW)):
        type_text(field, words)
    choose.button.click()
    assert choose.refusal.text().startswith("The password is wrong.")
    choose.old.setText(SECOND)
    choose.button.click()
    assert shell.is_open()
    shell.close()


def test_a_forgotten_password_from_the_log_in_window_to_the_work(qtbot: QtBot, land: Land) -> None:
    shell = window(qtbot, land)
    page = gate(shell)
    assert isinstance(page, LoginPage)
    assert any("nu027 · " in label.text() for label in page.findChildren(QLabel))
    page.forgotten_link.click()
    asking = gate(shell)
    assert isinstance(asking, ForgottenPage)
    assert not asking.button.isEnabled()
    asking.path.setText(str(land.folder / "no drive"))
    asking.new.first.setText(NEW)
    asking.new.again.setText(NEW)
    asking.button.click()
    assert "drive was taken out" in asking.refusal.text()
    asking.path.setText(str(land.drive))
    asking.button.click()
    waiting = recovery.waiting(land.database("nu027"))
    assert waiting is not None
    assert waiting.groups in [label.text().replace("\n", " ") for label in asking.findChildren(QLabel)]
    asking.left.emit()
    (request,) = land.drive.glob("*.request.json")
    answered = recovery.answer(land.ctx("ntc"), request, waiting.groups, land.drive)
    page = gate(shell)
    assert isinstance(page, LoginPage)
    page.forgotten_link.click()
    taking = gate(shell)
    assert isinstance(taking, ForgottenPage)
    taking.button.click()
    assert taking.refusal.text() == "Fill in every field."
    taking.path.setText(str(answered))
    taking.password.setText("бір басқа сөйлем")
    taking.button.click()
    assert "not the new password" in taking.refusal.text()
    taking.password.setText(NEW)
    taking.button.click()
    page = gate(shell)
    assert isinstance(page, LoginPage)
    assert any("The new password holds." in label.text() for label in page.findChildren(QLabel))
    page.password.setText(NEW)
    page.log_in()
    assert shell.is_open()
    assert "password-reset" in events(shell)
    shell.close()


def test_after_five_wrong_passwords_the_window_says_when_to_try_again(qtbot: QtBot, land: Land) -> None:
    shell = window(qtbot, land)
    page = gate(shell)
    assert isinstance(page, LoginPage)
    for _ in range(6):
        page.password.setText("wrong")
        page.log_in()
    assert page.refusal.text().startswith("After 5 wrong tries the next one is possible at 09:")
    assert locks.tries_of(land.database("nu027")).refusals()[0].tries == 5
    shell.close()


def test_an_operator_has_no_page_of_people(qtbot: QtBot, land: Land) -> None:
    shell = window(qtbot, land, "programmer", PASSWORD, name="nu027-op1")
    assert "people" not in [spec.key for spec in shell.spec.pages]
    shell.close()
