"""The trial application shown in a real window, its tasks run inline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.ui.app import AppOptions, build_shell
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.shell import Shell
from tests.ui.trial import SPEC

MakeShell = Callable[..., Shell]


def pytest_itemcollected(item: pytest.Item) -> None:
    """The offscreen platform says so of every window whose layout has a least size; all other warnings fail."""
    item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture
def make_shell(qtbot: QtBot, qapp: QApplication) -> Iterator[MakeShell]:
    """`make_shell(pages=…, login="Aigul")`: the window shown, tasks inline, settings in memory."""

    def make(settings: Settings | None = None, *, login: str = "Aigul", **changes: Any) -> Shell:
        options = AppOptions(
            lang="en", login=login, password="right", idle_minutes=0, inline=True, dark=False, scale=100
        )
        shell = build_shell(replace(SPEC, **changes), options, settings or Settings())
        qtbot.addWidget(shell)
        shell.show()
        shell.activateWindow()
        qtbot.waitUntil(shell.isActiveWindow)
        return shell

    yield make
    qapp.setStyleSheet("")


@pytest.fixture
def season_folder(tmp_path: Path) -> Path:
    """A folder with a launcher file."""
    text = (
        '[{"app": "network-uni", "title": {"en": "University 027"}, "database": "a.db", "login": "A", "password": "p"}]'
    )
    (tmp_path / "launcher.json").write_text(text, "utf-8")
    return tmp_path
