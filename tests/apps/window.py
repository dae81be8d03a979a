"""An application's real window on a workplace of the tests: tasks inline, settings in memory, dialogs answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.i18n import use
from mab_desktop.services.context import Context
from mab_desktop.ui import qt_words, theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.tasks import Tasks
from mab_desktop.ui.transfer_wizard import TransferPage
from mab_desktop.ui.workplace_app import WorkplaceApp, WorkplaceShell


def open_window(
    qtbot: QtBot, app: WorkplaceApp, ctx: Context, lang: str = "en", *, idle_minutes: int = 0
) -> WorkplaceShell:
    """The window with `ctx` logged in; the log-in page itself is tested with a workplace of its own."""
    use(lang)
    qt_words.speak()
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, dark=False, scale=100)
    shell = WorkplaceShell(app, ctx.store.path, ctx.clock, Settings(), Tasks(inline=True), idle_minutes)
    shell.spec = replace(shell.spec, authenticate=lambda _login, _word: ctx, first_run=None, close=None)
    qtbot.addWidget(shell)
    shell.begin(ctx.actor.login, "not asked for")
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    # Qt remembers a Ctrl that the test before pressed with a key, and selects rows as if it were held.
    qtbot.keyRelease(shell, Qt.Key.Key_Control, Qt.KeyboardModifier.NoModifier)
    return shell


def press(
    qtbot: QtBot, widget: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """One key."""
    qtbot.keyClick(widget, key, held)


def answer(fill: Callable[[Question], Any]) -> list[str]:
    """Fill in the next question and press its verb; the list gets its title."""
    seen: list[str] = []

    def go() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, Question), dialog
        seen.append(dialog.windowTitle())
        try:
            fill(dialog)
        except BaseException:
            dialog.reject()  # what failed is told at the end of the test, which would never come otherwise
            raise
        if dialog.act_button.isEnabled():
            dialog.act_button.click()
        else:
            dialog.reject()

    QTimer.singleShot(0, go)
    return seen


def closed_questions() -> bool:
    """True when no dialog is left open."""
    return not isinstance(QApplication.activeModalWidget(), QDialog)


def receive(shell: WorkplaceShell, drive: Path, title: str) -> TransferPage:
    """Take the file called `title` from the drive by the wizard's own list and button."""
    shell.open_page("transfer", path=str(drive))
    page = shell.page()
    assert isinstance(page, TransferPage)
    model = page.accept_step.list.model()
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if str(index.data()).startswith(title):
            page.accept_step.list.setCurrentIndex(index)
            if page.accept_step.accept.isEnabled():
                page.accept_step.accept.click()
                return page
    raise AssertionError(f"{title} cannot be accepted: {[model.index(r, 0).data() for r in range(model.rowCount())]}")


def write(shell: WorkplaceShell, drive: Path, kind: str) -> TransferPage:
    """Write a kind of file to the drive by the wizard's own button."""
    shell.open_page("transfer", path=str(drive), export=kind)
    page = shell.page()
    assert isinstance(page, TransferPage)
    page.write_step.write.click()
    return page
