"""The rail's marks are read beside the window: it answers meanwhile, and what comes late is never shown for later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from mab_desktop.domain.errors import UserError
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.screens import settle
from mab_desktop.ui.shell import Shell
from mab_desktop.ui.states import Mark, StepState
from tests.ui.conftest import MakeShell
from tests.ui.trial import FIRST, SECOND


class Readings:
    """How the first step stands: a number that counts readings; one that is held up waits until it is let go."""

    def __init__(self) -> None:
        self.begun, self.ended, self.threads = 0, 0, list[threading.Thread]()
        self.held, self.error = threading.Event(), False
        self.held.set()

    def state(self, app: AppContext) -> StepState:
        self.begun += 1
        self.threads.append(threading.current_thread())
        mine, lang = self.begun, app.ctx.lang
        assert self.held.wait(20)
        self.ended += 1
        if self.error:
            raise UserError("The drive does not answer.")
        return StepState(Mark.DUE, f"{mine} {lang}")


@pytest.fixture
def readings() -> Iterator[Readings]:
    found = Readings()
    yield found
    found.held.set()


def words(shell: Shell) -> str:
    return shell.rail.state_of("first").reason


@pytest.fixture
def shell(make_shell: MakeShell, readings: Readings) -> Shell:
    """The window with its real threads; its first marks were read at once."""
    made = make_shell(pages=(replace(FIRST, state=readings.state), SECOND))
    made.tasks.inline = False
    assert words(made) == "1 en"
    return made


def hold(shell: Shell, readings: Readings, qtbot: QtBot) -> None:
    """Something was written, and the reading that follows is held up."""
    readings.held.clear()
    shell.refresh(None)
    qtbot.waitUntil(lambda: readings.begun == 2)


def test_the_window_answers_while_marks_are_read(shell: Shell, readings: Readings, qtbot: QtBot) -> None:
    hold(shell, readings, qtbot)
    assert readings.threads[0] is threading.main_thread()
    assert readings.threads[1] is not threading.main_thread()
    shell.open_page("second")
    assert shell.current_key == "second"
    assert words(shell) == "1 en"
    readings.held.set()
    qtbot.waitUntil(lambda: words(shell).startswith("3"))  # the page that was opened asked once more


def test_what_is_written_meanwhile_asks_once_more_and_never_backwards(
    shell: Shell, readings: Readings, qtbot: QtBot
) -> None:
    shown = list[str]()
    show_states: Callable[..., None] = shell.rail.show_states
    shell.rail.show_states = lambda states: (shown.append(states["first"].reason), show_states(states))  # type: ignore[method-assign,assignment,return-value]
    hold(shell, readings, qtbot)
    for _n in range(5):
        shell.refresh({"student"})
        shell._renew_late()
    assert readings.begun == 2, "one reading at a time"
    readings.held.set()
    qtbot.waitUntil(lambda: words(shell) == "3 en")
    assert shown == ["2 en", "3 en"]


def test_marks_of_another_language_come_too_late(shell: Shell, readings: Readings, qtbot: QtBot) -> None:
    hold(shell, readings, qtbot)
    old = shell.rail
    held, readings.held = readings.held, threading.Event()
    readings.held.set()
    shell.set_language("ru")
    assert words(shell) == "3 ru"
    held.set()
    shell.tasks.wait()
    settle()  # what came is told
    assert shell.rail is not old
    assert words(shell) == "3 ru"
    shell.refresh(None)
    qtbot.waitUntil(lambda: words(shell) == "4 ru")


def test_a_reading_that_fails_is_told_and_the_next_one_shows(shell: Shell, readings: Readings, qtbot: QtBot) -> None:
    hold(shell, readings, qtbot)
    readings.error = True
    readings.held.set()
    qtbot.waitUntil(shell.messages.isVisible)
    assert "does not answer" in shell.messages.words()
    assert words(shell) == "1 en"
    readings.error = False
    shell.refresh(None)
    qtbot.waitUntil(lambda: words(shell) == "3 en")


def test_the_database_is_let_go_of_after_the_reading(shell: Shell, readings: Readings, qtbot: QtBot) -> None:
    closed = list[int]()
    shell.spec = replace(shell.spec, close=lambda _work: closed.append(readings.ended))
    hold(shell, readings, qtbot)
    threading.Timer(0, readings.held.set).start()
    shell.close()
    assert closed == [2]
    settle()
    assert words(shell) == "1 en", "nobody is there to whom it could be told"
