"""The end of a shift through its page: what comes next is under Enter at every step (p.44, p.45)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mab_desktop.ministry_programmer.app import APP
from mab_desktop.services import shifts
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.services import big_shift
from tests.services.exam_room import make_room

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_the_next_step_is_under_enter(qtbot: QtBot, make_context: MakeContext, tmp_path: Path) -> None:
    halls = {"101": 3}
    room = make_room(make_context, tmp_path / "scans", halls)
    states = big_shift.states(room, halls)
    assert big_shift.APPEAL_CLOSED in states
    shell = open_window(qtbot, APP, room.ctx)
    for document in (shifts.LAST_REGISTER, shifts.MINUTES, shifts.RESULTS_AFTER):
        shell.open_page("ending", shift=1)
        button = shell.focusWidget()
        assert button in shell.page()._due
        shell.page().refresh()  # the buttons are made anew
        assert shell.focusWidget() in shell.page()._due
        qtbot.keyClick(shell.focusWidget(), Qt.Key.Key_Return)
        assert shell.page().spec.key == "papers"
        room.print_as(document, 1)
    shell.open_page("ending", shift=1)
    assert shell.focusWidget() is shell.page().close_button
    shell.close()
