"""Duty officers and the hand-over at the window, by keyboard: files, training, halls, a table, the act, the note."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP
from mab_desktop.base_uni.record_question import RecordQuestion
from mab_desktop.base_uni.tick_question import TickQuestion
from mab_desktop.domain.organisation import Role
from mab_desktop.services import duty_list, passes, representative_papers
from mab_desktop.services.context import Context
from mab_desktop.ui.messages import Question
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE
from tests.services.test_base_board import allotted

CTRL, SHIFT, NO = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier,
)  # fmt: skip
NAMES = ("Асанов", "Әлиева", "Болатов", "Ғабдуллин", "Даулетов")


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    """Students in halls 101 and 102 of one shift; five people without a hall, the first without file and training."""
    ctx = make_context(Role.BASE_UNI, BASE)
    allotted(ctx)
    passes.number_passes(ctx)
    for name in NAMES:
        ready = name != NAMES[0]
        duty_list.save_officer(ctx, {"full_name": name, "file_received": ready, "trained": ready})
    return ctx


@pytest.fixture
def shell(base: Context, qtbot: QtBot, qapp: QApplication) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, base)
    qapp.setStyleSheet("")


class Desk:
    """The window and a person at its keyboard."""

    def __init__(self, qtbot: QtBot, shell: WorkplaceShell) -> None:
        self.qtbot, self.shell = qtbot, shell

    def open(self, key: str) -> Any:
        self.shell.open_page(key)
        QApplication.processEvents()
        return self.shell.page()

    def answer(self, fill: Callable[[Question], Any]) -> list[str]:
        """Answer the question that the next key asks."""
        self.come_back()
        return answer(fill)

    def come_back(self) -> None:
        """A question was answered before: the window has the keyboard again."""
        if not self.shell.isActiveWindow():
            self.shell.activateWindow()
            self.qtbot.waitUntil(self.shell.isActiveWindow)

    def press(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NO) -> None:
        for key in keys:
            self.come_back()
            self.qtbot.keyClick(QApplication.focusWidget() or self.shell, key, held)
            QApplication.processEvents()


@pytest.fixture
def desk(qtbot: QtBot, shell: WorkplaceShell) -> Desk:
    return Desk(qtbot, shell)


def serving(ctx: Context) -> dict[str, list[str]]:
    return {post.place: sorted(name for _row, name in post.officers) for post in duty_list.posts(ctx)}


def test_files_training_and_a_corridor_of_several_people(base: Context, desk: Desk) -> None:
    page = desk.open("duty_officers")
    assert "1/101" in page.closed_reason
    desk.press(Qt.Key.Key_Down, held=SHIFT)  # the first two
    desk.press(Qt.Key.Key_G, held=CTRL)
    desk.press(Qt.Key.Key_T, held=CTRL)
    assert all(officer.ready for officer in duty_list.officers(base))
    desk.press(Qt.Key.Key_Z, held=CTRL)
    assert [officer.trained for officer in duty_list.officers(base)][:2] == [False, True]

    def corridor(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        type_text(asked.form.editor("place"), "2-дәліз")

    desk.answer(corridor)
    desk.press(Qt.Key.Key_D, held=CTRL)
    assert serving(base)["2-дәліз"] == ["Асанов", "Әлиева"]

    def elsewhere(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        type_text(asked.form.editor("place"), "101")
        asked.act_button.click()
        assert "serves in 2-дәліз" in asked.form.rows["place"].note.text()
        asked.act_button.setEnabled(False)

    desk.answer(elsewhere)
    desk.press(Qt.Key.Key_D, held=CTRL)
    desk.press(Qt.Key.Key_Delete)
    assert len(duty_list.officers(base)) == 3
    desk.press(Qt.Key.Key_Z, held=CTRL)
    assert serving(base)["2-дәліз"] == ["Асанов", "Әлиева"]


def test_halls_are_ticked_filled_and_taken_back(base: Context, desk: Desk) -> None:
    page = desk.open("duty_halls")
    assert "Missing in halls: 4" in page.summary._words.text()
    desk.press(Qt.Key.Key_F3)

    def tick(asked: Question) -> None:
        assert isinstance(asked, TickQuestion)
        assert "at least 2" in asked.count.text()
        asked.search.setText("ғабд")
        desk.qtbot.keyClick(asked.search, Qt.Key.Key_Down)
        desk.qtbot.keyClick(asked.list, Qt.Key.Key_Space)

    desk.answer(tick)
    desk.press(Qt.Key.Key_Return)
    place = next(place for place, names in serving(base).items() if names)
    assert serving(base)[place] == ["Ғабдуллин"]
    desk.press(Qt.Key.Key_Z, held=CTRL)
    assert not any(serving(base).values())
    page.fill()
    assert {place: len(names) for place, names in serving(base).items()} == {"101": 2, "102": 2}
    assert "Асанов" not in sum(serving(base).values(), [])  # he is not trained
    assert "Missing in halls: 0" in page.summary._words.text()
    desk.press(Qt.Key.Key_Z, held=CTRL)
    assert not any(serving(base).values())
    desk.press(Qt.Key.Key_P, held=CTRL)
    assert ("duty-list", "1") in desk.shell.page()._made  # type: ignore[union-attr]


def test_a_table_of_names_is_looked_at_and_brought_in(base: Context, desk: Desk, tmp_path: Path) -> None:
    page = desk.open("duty_officers")
    table = tmp_path / "тізім.csv"
    table.write_text("Т.А.Ә.;Аудитория;Лек\nЕрмек Тимур;101;1\nАсанов;;\n;102;1\n", "utf-8-sig")
    asked = desk.answer(lambda question: None)
    page.open_table(table)
    assert asked == ["Bring in 1 duty officer?"]
    assert serving(base)["101"] == ["Ермек Тимур"]
    desk.press(Qt.Key.Key_Z, held=CTRL)
    assert [officer.full_name for officer in duty_list.officers(base)] == list(NAMES)
    page.open_table(tmp_path / "жоқ.csv")
    assert "cannot be read" in desk.shell.messages.words()


def test_the_hand_over_is_printed_and_noted(base: Context, desk: Desk) -> None:
    page = desk.open("hand_over")
    rows = {row["key"]: row for row in page.shown_rows()}
    assert (rows["stubs"]["count"], rows["stubs"]["of"]) == (0, 12)
    assert "voting members" in page.obstacle()
    desk.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert desk.shell.current_key == "papers"
    assert ("duty-list", "") in desk.shell.page()._made  # type: ignore[union-attr]
    page = desk.open("hand_over")
    desk.press(Qt.Key.Key_P, held=CTRL)
    assert ("hand-over", "") in desk.shell.page()._made  # type: ignore[union-attr]
    page = desk.open("hand_over")

    def signed(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        type_text(asked.form.editor("to"), "Нұрланова Айгүл")

    desk.answer(signed)
    desk.press(Qt.Key.Key_D, held=CTRL)
    assert "Нұрланова Айгүл took everything" in page.summary._words.text()
    desk.press(Qt.Key.Key_Z, held=CTRL)
    assert representative_papers.given(base) is None
