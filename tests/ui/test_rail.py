"""The rail in a window that has no room for every step: phases fold, and no step gets out of reach."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.ui.rail import FOLDED, STATE
from mab_desktop.ui.shell import Shell
from mab_desktop.ui.states import Mark, StepState
from tests.ui.conftest import MakeShell
from tests.ui.trial import FIRST

STEPS = 40


@pytest.fixture
def low(make_shell: MakeShell) -> Shell:
    """Eight phases of five steps in a window that has no room for all; the last step is due."""
    pages = [replace(FIRST, key=f"p{n}", title=f"Step {n}", phase=f"Phase {n // 5}", state=None) for n in range(STEPS)]
    pages[-1] = replace(pages[-1], state=lambda _app: StepState(Mark.DUE))
    shell = make_shell(pages=tuple(pages))
    shell.resize(1366, 768)
    shell.open_page("p1")
    QApplication.processEvents()
    return shell


def lines(shell: Shell) -> dict[str, QModelIndex]:
    """Every line of the rail by its words."""
    model = shell.rail.model()
    indexes = (model.index(row, 0) for row in range(model.rowCount()))
    return {index.data(): index for index in indexes}


def folded(shell: Shell) -> list[str]:
    """The headings that hide their steps."""
    return [words for words, index in lines(shell).items() if index.data(FOLDED)]


def is_in_sight(shell: Shell, words: str) -> bool:
    """True where that line lies wholly in the rail's window."""
    index = lines(shell)[words]
    return not shell.rail.isRowHidden(index.row()) and shell.rail.viewport().rect().contains(
        shell.rail.visualRect(index).adjusted(0, 0, -1, -1)
    )


def test_the_last_phases_fold_where_there_is_no_room(low: Shell) -> None:
    assert folded(low)
    assert folded(low) == [f"Phase {n}" for n in range(8 - len(folded(low)), 8)]
    assert not low.rail.verticalScrollBar().isVisible()
    for n in range(STEPS):
        assert is_in_sight(low, f"Step {n}") == (f"Phase {n // 5}" not in folded(low))
    assert all(is_in_sight(low, f"Phase {n}") for n in range(8))


def test_a_folded_phase_bears_the_gravest_mark_of_its_steps(low: Shell) -> None:
    last = lines(low)["Phase 7"]
    assert last.data(STATE).mark is Mark.DUE
    assert "Step 39" in last.data(Qt.ItemDataRole.ToolTipRole)
    assert lines(low)["Phase 6"].data(STATE).mark is Mark.NONE


def test_the_phase_of_the_page_in_front_stays_open(low: Shell) -> None:
    low.open_page("p36")
    QApplication.processEvents()
    assert is_in_sight(low, "Step 36")
    assert "Phase 7" not in folded(low)
    assert lines(low)["Phase 7"].data(STATE).mark is Mark.NONE
    assert not low.rail.verticalScrollBar().isVisible()
    low.open_page("p1")
    assert "Phase 7" in folded(low)


def test_every_step_is_reached_by_arrows(low: Shell, qtbot: QtBot) -> None:
    low.rail.setFocus()
    qtbot.keyClick(low.rail, Qt.Key.Key_Home)
    for n in range(STEPS):
        qtbot.keyClick(low.rail, Qt.Key.Key_Down)
        assert low.rail.currentIndex().data() == f"Step {n}"
    for n in reversed(range(STEPS)):
        assert low.rail.currentIndex().data() == f"Step {n}"
        qtbot.keyClick(low.rail, Qt.Key.Key_Up)


def test_a_folded_phase_opens_by_a_click(low: Shell, qtbot: QtBot) -> None:
    where = low.rail.visualRect(lines(low)["Phase 6"]).center()
    qtbot.mouseClick(low.rail.viewport(), Qt.MouseButton.LeftButton, pos=where)
    QApplication.processEvents()
    assert is_in_sight(low, "Step 30")
    assert low.current_key == "p1"
    assert low.rail.currentIndex().data() == "Step 1"


def test_the_rail_marks_the_page_in_front_when_the_keys_go_elsewhere(low: Shell, qtbot: QtBot) -> None:
    low.rail.setFocus()
    qtbot.keyClick(low.rail, Qt.Key.Key_End)
    assert low.rail.currentIndex().data() != "Step 1"
    qtbot.keyClick(low.rail, Qt.Key.Key_Tab)
    assert low.rail.currentIndex().data() == "Step 1"


def test_a_window_with_room_folds_nothing(low: Shell) -> None:
    low.resize(1366, 1400)
    QApplication.processEvents()
    assert folded(low) == []
    assert is_in_sight(low, "Step 39")
