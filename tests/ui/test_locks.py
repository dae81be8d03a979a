"""The window locked and idle, the password once more, new passwords: what is seen and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import UserError, WrongPassword
from mab_desktop.ui import shell as shell_module
from mab_desktop.ui.app import IDLE_MINUTES, AppOptions, Locks, build_shell
from mab_desktop.ui.forgotten_page import ForgottenPage
from mab_desktop.ui.login import Gate, LoginPage
from mab_desktop.ui.messages import Question, ask_for_reason, ask_for_words
from mab_desktop.ui.password_fields import KeyboardHint, NewPassword, secret_field
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.shell import Shell
from tests.ui.conftest import MakeShell
from tests.ui.trial import SPEC, NotesPage, Work, authenticate


class Choice(Gate):
    """A page that must be passed before the work."""

    def __init__(self, words: str) -> None:
        super().__init__(words, "", "password")
        self.button = self.finish("Go", lambda: self.begun.emit("Aigul"))

    def first_field(self) -> QLabel:
        return self.button


def locks(**changes: Any) -> Locks:
    """The locks of the trial application."""

    def confirm(_ctx: Any, password: str) -> None:
        if password != "right":
            raise WrongPassword("The password is wrong.")

    given: dict[str, Any] = {
        "about": lambda: "nu027 · /home/mab.db", "obstacle": lambda: None, "confirm": confirm,
        "choose": lambda _ctx: None, "forgotten": lambda login, anew: Choice(f"forgotten {login} {anew}"),
        "damaged": lambda error: "damaged" in str(error), "restore": lambda: Choice("restore"),
    }  # fmt: skip
    return Locks(**{**given, **changes})


def gate(shell: Shell) -> Any:
    """What stands in front of the work."""
    return shell.centralWidget().currentWidget()


# -- locked


def test_a_locked_window_shows_nothing_of_the_work(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell(locks=locks())
    shell.open_page("first")
    page = shell.page()
    shell.messages.show_message("error", "Әбдір Серік, 910514300001")
    before = shell.grab().toImage()
    shell.lock()
    assert not page.isVisible()
    assert not shell.messages.isVisible()
    assert not shell.top_bar.isVisible()
    seen = " ".join(label.text() for label in gate(shell).findChildren(QLabel))
    assert "The window is locked. Aigul finds everything" in seen
    assert shell.grab().toImage() != before
    assert shell.windowTitle() == "Network university"
    gate(shell).password.setText("right")
    gate(shell).log_in()
    assert shell.page() is page
    assert page.isVisible()


def test_the_same_person_is_only_asked_for_the_password(make_shell: MakeShell) -> None:
    opened: list[str] = []

    def again(login: str, password: str) -> Work:
        opened.append(login)
        return authenticate(login, password)

    shell = make_shell(locks=locks(), authenticate=again)
    shell.lock()
    gate(shell).password.setText("wrong")
    gate(shell).log_in()
    assert "wrong" in gate(shell).refusal.text()
    gate(shell).password.setText("right")
    gate(shell).log_in()
    assert shell.is_open()
    assert opened == ["Aigul"]  # the first log-in only


def test_what_one_person_typed_waits_while_another_works(make_shell: MakeShell) -> None:
    shell = make_shell(locks=locks())
    shell.open_page("first")
    shell.page().typed = {"surname": "Әбдір"}
    for login, seen in (("Operator 1", None), ("Aigul", {"surname": "Әбдір"})):
        shell.lock()
        gate(shell).who.setCurrentText(login)
        gate(shell).password.setText("right")
        gate(shell).log_in()
        shell.open_page("first")
        page = shell.page()
        assert isinstance(page, NotesPage)
        assert page.typed == seen


def answer_later(act: Any) -> None:
    """Do something while a dialog waits."""
    QTimer.singleShot(0, act)


def test_a_question_goes_with_the_lock_and_its_reason_waits(make_shell: MakeShell) -> None:
    shell = make_shell(locks=locks())

    def type_and_lock() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, Question)
        asked.findChild(QPlainTextEdit).setPlainText("an explanation half writ")
        shell.lock()

    def look() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, Question)
        seen.append(asked.findChild(QPlainTextEdit).toPlainText())
        asked.reject()

    seen: list[str] = []
    answer_later(type_and_lock)
    assert ask_for_reason(shell, "Set aside", "Why?", "Set aside") == ""
    assert QApplication.activeModalWidget() is None
    gate(shell).password.setText("right")
    gate(shell).log_in()
    answer_later(look)
    ask_for_reason(shell, "Set aside", "Why?", "Set aside")
    answer_later(look)
    ask_for_reason(shell, "Set aside", "Why?", "Set aside")
    assert seen == ["an explanation half writ", ""]


def test_a_secret_that_was_being_typed_is_not_kept(make_shell: MakeShell) -> None:
    shell = make_shell(locks=locks())

    def type_and_lock() -> None:
        QApplication.activeModalWidget().findChild(QLineEdit).setText("secret")
        shell.lock()

    def look() -> None:
        asked = QApplication.activeModalWidget()
        seen.append(asked.findChild(QLineEdit).text())
        asked.reject()

    seen: list[str] = []
    answer_later(type_and_lock)
    assert ask_for_words(shell, "Password", "", "Go", secret=True) == ""
    gate(shell).password.setText("right")
    gate(shell).log_in()
    answer_later(look)
    ask_for_words(shell, "Password", "", "Go", secret=True)
    assert seen == [""]


# -- idle


@pytest.fixture
def time_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The clock that the idle lock looks at, in seconds."""
    now = {"now": 1000.0}
    monkeypatch.setattr(shell_module, "_moment", lambda: now["now"])
    return now


def idle_shell(qtbot: QtBot, settings: Settings, minutes: int = IDLE_MINUTES[-1]) -> Shell:
    options = AppOptions(lang="en", login="Aigul", password="right", idle_minutes=minutes, inline=True, scale=100)
    shell = build_shell(replace(SPEC, locks=locks()), options, settings)
    qtbot.addWidget(shell)
    shell.show()
    return shell


def test_ten_minutes_without_a_hand_lock_the_window(qtbot: QtBot, time_of: dict[str, float], qapp: Any) -> None:
    shell = idle_shell(qtbot, Settings())
    assert AppOptions().idle_minutes == 10
    time_of["now"] += 599
    shell._lock_when_idle()
    assert shell.is_open()
    time_of["now"] += 1
    shell._lock_when_idle()
    assert not shell.is_open()
    qapp.setStyleSheet("")


@pytest.mark.parametrize(("chosen", "minutes"), [(2, 2), (5, 5), (60, 10), (0, 10), (-1, 10), ("x", 10), (None, 10)])
def test_a_person_may_choose_a_shorter_wait_only(
    qtbot: QtBot, time_of: dict[str, float], qapp: Any, chosen: object, minutes: int
) -> None:
    settings = Settings()
    settings.set("idle_minutes", chosen)
    shell = idle_shell(qtbot, settings)
    assert shell.idle_minutes() == minutes
    shell.top_bar.idle_chosen.emit(2)
    assert shell.idle_minutes() == 2
    qapp.setStyleSheet("")


def test_a_hand_keeps_it_open_and_a_computer_that_slept_is_locked_by_its_first_touch(
    qtbot: QtBot, time_of: dict[str, float], qapp: Any
) -> None:
    shell = idle_shell(qtbot, Settings())
    move = QMouseEvent(QEvent.Type.MouseMove, QPointF(1, 1), QPointF(1, 1), Qt.MouseButton.NoButton,
                       Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    for _ in range(5):
        time_of["now"] += 400
        shell.eventFilter(shell, move)
    assert shell.is_open()
    time_of["now"] += 8 * 3600
    shell.eventFilter(shell, move)
    assert not shell.is_open()
    qapp.setStyleSheet("")


# -- the log-in window


def test_it_says_which_database_and_what_stands_in_the_way(make_shell: MakeShell) -> None:
    stands = UserError("The database mab.db is open in another window.")
    shell = make_shell(login="", locks=locks(obstacle=lambda: stands))
    page = gate(shell)
    assert isinstance(page, LoginPage)
    assert "nu027 · /home/mab.db" in [label.text() for label in page.findChildren(QLabel)]
    assert page.refusal.text() == "The database mab.db is open in another window."
    assert not page.restore_link.isVisible()
    page.forgotten_link.click()
    assert "forgotten Aigul False" in [label.text() for label in gate(shell).findChildren(QLabel)]


def test_esc_goes_back_from_the_forgotten_password(make_shell: MakeShell, tmp_path: Path, qtbot: QtBot) -> None:
    def forgotten(login: str, anew: bool) -> Gate:
        clock = SetClock(datetime(2011, 4, 20, tzinfo=UTC))
        return ForgottenPage(tmp_path / "mab.db", ("Aigul",), login, clock, anew=anew)

    shell = make_shell(login="", locks=locks(forgotten=forgotten))
    gate(shell).forgotten_link.click()
    page = gate(shell)
    assert isinstance(page, ForgottenPage)
    qtbot.keyClick(page.first_field(), Qt.Key.Key_Escape)
    assert isinstance(gate(shell), LoginPage)
    qtbot.keyClick(gate(shell).password, Qt.Key.Key_Escape)  # there is nothing before it
    assert isinstance(gate(shell), LoginPage)


def test_who_asked_for_a_new_password_finds_where_the_answer_is_taken(make_shell: MakeShell) -> None:
    page = gate(make_shell(login="", locks=locks()))
    assert page.forgotten_link.text() == "I have forgotten the password"
    page = gate(make_shell(login="", locks=locks(asked=lambda: "Aigul")))
    assert page.forgotten_link.text() == "Take the testing centre's answer for Aigul"


def test_a_damaged_database_offers_the_backups(make_shell: MakeShell) -> None:
    def damaged(_login: str, _password: str) -> Work:
        raise UserError("The database is damaged.")

    shell = make_shell(login="", locks=locks(), authenticate=damaged)
    page = gate(shell)
    assert not page.restore_link.isVisible()
    page.password.setText("right")
    page.log_in()
    assert page.restore_link.isVisible()
    page.restore_link.click()
    back = gate(shell)
    assert isinstance(back, Choice)
    back.left.emit()
    assert isinstance(gate(shell), LoginPage)


def test_locks_that_cannot_be_read_are_said_before_anybody_types(make_shell: MakeShell) -> None:
    def logins() -> tuple[str, ...]:
        raise UserError("The locks are damaged.")

    shell = make_shell(login="", locks=locks(), logins=logins)
    page = gate(shell)
    assert page.refusal.text() == "The locks are damaged."
    assert page.restore_link.isVisible()
    assert not page.forgotten_link.isVisible()


def test_ones_own_password_comes_before_the_work(make_shell: MakeShell) -> None:
    closed: list[object] = []
    shell = make_shell(login="", locks=locks(choose=lambda _ctx: Choice("choose")), close=closed.append)
    gate(shell).password.setText("right")
    gate(shell).log_in()
    page = gate(shell)
    assert isinstance(page, Choice)
    assert not shell.is_open()
    shell.begin()  # another way out: nobody chose
    assert len(closed) == 1
    gate(shell).password.setText("right")
    gate(shell).log_in()
    gate(shell).button.click()
    assert shell.is_open()


# -- fields


def key(letter: str, shift: bool = False, code: int = 0) -> QKeyEvent:
    held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    return QKeyEvent(QEvent.Type.KeyPress, code, held, letter)


def test_the_hint_reads_capitals_and_letters_from_what_is_typed(qtbot: QtBot) -> None:
    field = secret_field()
    hint = KeyboardHint(field)
    qtbot.addWidget(field)
    qtbot.addWidget(hint)
    seen = []
    for event in (key("ә"), key("A"), key("A", shift=True), key("a", shift=True), key("7"), key("я"),
                  key("", code=Qt.Key.Key_CapsLock), key("", code=Qt.Key.Key_CapsLock)):  # fmt: skip
        QApplication.sendEvent(field, event)
        seen.append(hint.text())
    cyrillic, latin = "the keyboard writes Cyrillic letters", "the keyboard writes Latin letters"
    locked = "CAPS LOCK is on · "
    assert seen == [
        cyrillic, locked + latin, latin, locked + latin, locked + latin, cyrillic, locked + cyrillic, cyrillic
    ]  # fmt: skip
    assert field.text() == "әAAa7я"
    assert field.echoMode() is QLineEdit.EchoMode.Password


def test_a_new_password_says_what_it_lacks(qtbot: QtBot) -> None:
    field = NewPassword("asel", "Асель Бекова")
    qtbot.addWidget(field)
    field.show()
    told = []
    for words in ("", "қысқа", "менің асель сөзім", "жаңа құпия сөйлем"):
        field.first.clear()
        type_text(field.first, words)
        told.append(field.state.text())
    assert told[0].startswith("At least 12 characters")
    assert told[1:] == [
        "5 of 12 characters.", "The password must not hold its owner's name.", "Type it once more in the second field."
    ]  # fmt: skip
    type_text(field.again, "жаңа құпия сөйле")
    assert field.obstacle() == "The two passwords differ."
    type_text(field.again, "м")
    assert field.obstacle() == ""
    assert field.state.text() == "This password is good."
