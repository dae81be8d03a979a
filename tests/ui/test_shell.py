"""The window by keyboard: log-in, steps, language, lock, messages, going back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.domain.errors import Cancelled, Problem, Refused, UserError
from mab_desktop.ui.app import FirstRun
from mab_desktop.ui.home import EmptySeason, Hindrance, HomeFacts, HomePage, NextStep, Number, NumberCard, TimelineEntry
from mab_desktop.ui.login import Gate, LoginPage
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.plots import SmallPlot
from mab_desktop.ui.rail import STATE
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.states import Mark
from tests.ui.conftest import MakeShell
from tests.ui.trial import FIRST, SECOND, NotesPage, Work, home_facts


def key(qtbot: QtBot, widget: object, name: Qt.Key, *held: Qt.KeyboardModifier) -> None:
    """Press a key with modifiers."""
    modifiers = Qt.KeyboardModifier.NoModifier
    for one in held:
        modifiers |= one
    qtbot.keyClick(widget, name, modifiers)


ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def words_of(widget: object) -> str:
    """All words of the labels in a widget."""
    return " | ".join(label.text() for label in widget.findChildren(QLabel))  # type: ignore[attr-defined]


def test_log_in_by_keyboard(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell(login="")
    gate = shell.centralWidget().currentWidget()
    assert isinstance(gate, LoginPage)
    assert gate.password.hasFocus()
    type_text(gate.password, "wrong")
    key(qtbot, gate.password, Qt.Key.Key_Return)
    assert gate.refusal.text() == "This password opens nothing."
    assert not shell.is_open()
    assert gate.password.text() == ""
    type_text(gate.password, "right")
    key(qtbot, gate.password, Qt.Key.Key_Return)
    assert shell.is_open()
    assert shell.current_key == "home"
    assert shell.app is not None
    assert shell.app.ctx == Work("en", "Aigul")


class Beginning(Gate):
    """A page that makes a workplace at the press of its button."""

    def __init__(self, begun: list[str]) -> None:
        super().__init__("Network university", "No database yet.", "certificate")
        self.button = self.finish("Begin", lambda: (begun.append("made"), self.begun.emit("Aigul")))  # type: ignore[arg-type,return-value]

    def first_field(self) -> QWidget:
        return self.button


def test_the_first_start_leads_to_the_log_in(make_shell: MakeShell, qtbot: QtBot) -> None:
    begun: list[str] = []
    shell = make_shell(login="", first_run=FirstRun(lambda: not begun, lambda: Beginning(begun)))
    gate = shell.centralWidget().currentWidget()
    assert isinstance(gate, Beginning)
    key(qtbot, gate.button, Qt.Key.Key_Space)
    assert begun == ["made"]
    assert isinstance(shell.centralWidget().currentWidget(), LoginPage)


def test_steps_by_number_and_back(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    key(qtbot, shell, Qt.Key.Key_2, ALT)
    assert shell.current_key == "second"
    key(qtbot, shell, Qt.Key.Key_1, ALT)
    assert shell.current_key == "first"
    key(qtbot, shell, Qt.Key.Key_Escape)
    assert shell.current_key == "second"
    key(qtbot, shell, Qt.Key.Key_Escape)
    assert shell.current_key == "home"
    key(qtbot, shell, Qt.Key.Key_9, ALT)
    assert shell.current_key == "home"


def test_rail_by_arrows_and_enter(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.rail.setFocus()
    key(qtbot, shell.rail, Qt.Key.Key_Down)
    key(qtbot, shell.rail, Qt.Key.Key_Return)
    assert shell.current_key == "first"


def test_rail_tells_state_in_words(make_shell: MakeShell) -> None:
    shell = make_shell()
    assert shell.rail.state_of("second").mark is Mark.BLOCKED
    model = shell.rail.model()
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    second = next(index for index in rows if index.data() == "Merging")
    assert second.data(STATE).reason == "nobody handed over"
    tip = second.data(Qt.ItemDataRole.ToolTipRole)
    assert "Blocked" in tip
    assert "nobody handed over" in tip
    assert "Alt+2" in tip


def test_page_keys_reach_the_page(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.open_page("first", student=7)
    page = shell.page()
    assert isinstance(page, NotesPage)
    assert page.where == {"student": 7}
    key(qtbot, page, Qt.Key.Key_N, CTRL)
    key(qtbot, page, Qt.Key.Key_F3)
    assert page.asked == ["new", "next"]


def test_language_switch_rebuilds_and_keeps_what_is_typed(make_shell: MakeShell) -> None:
    settings = Settings()
    shell = make_shell(settings)
    shell.open_page("first")
    before = shell.page()
    assert isinstance(before, NotesPage)
    before.typed = {"surname": "Әбдір"}
    shell.top_bar.languages.buttons["kk"].click()
    after = shell.page()
    assert isinstance(after, NotesPage)
    assert after is not before
    assert after.typed == {"surname": "Әбдір"}
    assert shell.current_key == "first"
    assert shell.app is not None
    assert shell.app.ctx.lang == "kk"
    assert settings.get("lang") == "kk"
    assert "Басты бет" in [shell.rail.model().index(row, 0).data() for row in range(shell.rail.model().rowCount())]
    shell.set_language("ru")
    assert "Главная" in [shell.rail.model().index(row, 0).data() for row in range(shell.rail.model().rowCount())]


def test_a_page_behind_keeps_what_is_typed_until_it_is_opened_again(make_shell: MakeShell) -> None:
    shell = make_shell()
    shell.open_page("first")
    typed = shell.page()
    assert isinstance(typed, NotesPage)
    typed.typed = {"surname": "Әбдір"}
    shell.open_page("second")
    shell.set_look(dark=True, scale=100)
    shell.set_language("ru")
    shell.set_look(dark=False, scale=100)
    assert set(shell.pages) == {"second"}  # to make every page anew would hold the window for seconds
    shell.open_page("first")
    again = shell.page()
    assert isinstance(again, NotesPage)
    assert again.typed == {"surname": "Әбдір"}


def test_look_is_remembered(make_shell: MakeShell, qapp: QApplication) -> None:
    settings = Settings()
    shell = make_shell(settings)
    shell.set_look(dark=True, scale=150)
    assert (settings.get("dark"), settings.get("scale")) == (True, 150)
    assert qapp.font().pointSizeF() == pytest.approx(15.75)
    shell.set_look(dark=False, scale=100)


def test_changed_tables_reach_the_page_in_front_at_once_and_others_later(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.open_page("first")
    first = shell.page()
    shell.open_page("second")
    second = shell.page()
    assert isinstance(first, NotesPage)
    assert isinstance(second, NotesPage)
    assert shell.app is not None
    shell.app.changed({"student"})
    shell.app.changed({"hall"})
    qtbot.waitUntil(lambda: second.reads == [None, {"student"}, {"hall"}])
    assert first.reads == [None]
    shell.open_page("first")
    assert first.reads == [None, {"student", "hall"}]


def test_lock_hides_the_work_and_the_same_person_finds_it(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.open_page("first")
    page = shell.page()
    key(qtbot, shell, Qt.Key.Key_L, CTRL)
    gate = shell.centralWidget().currentWidget()
    assert isinstance(gate, LoginPage)
    assert not shell.is_open()
    key(qtbot, shell, Qt.Key.Key_2, ALT)
    assert shell.current_key == "first"
    type_text(gate.password, "right")
    key(qtbot, gate.password, Qt.Key.Key_Return)
    assert shell.page() is page


def test_after_the_lock_the_keys_are_where_they_were(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.open_page("first")
    field = QLineEdit(shell.page())
    field.show()
    for before, after in ((field, field), (shell.top_bar.findChild(QPushButton), shell.rail)):
        before.setFocus()  # who pressed the button of the lock was nowhere on the page
        shell.lock()
        gate = shell.centralWidget().currentWidget()
        type_text(gate.password, "right")
        key(qtbot, gate.password, Qt.Key.Key_Return)
        assert shell.is_open()
        assert after.hasFocus(), shell.focusWidget()


def test_another_person_after_the_lock_begins_at_home(make_shell: MakeShell) -> None:
    closed: list[object] = []
    shell = make_shell(close=closed.append)
    shell.open_page("first")
    shell.lock()
    gate = shell.centralWidget().currentWidget()
    assert isinstance(gate, LoginPage)
    gate.who.setCurrentText("Operator 1")
    gate.password.setText("right")
    gate.log_in()
    assert shell.current_key == "home"
    assert shell.top_bar.person.text() == "Operator 1"
    assert [found.person for found in closed] == ["Aigul"]  # type: ignore[attr-defined]


def test_errors_go_where_they_belong(make_shell: MakeShell) -> None:
    shell = make_shell()
    shell.failed(Cancelled())
    assert shell.messages.words() == ""
    shell.failed(UserError("The drive was taken out.", next_step="Put it back."))
    assert "The drive was taken out." in shell.messages.words()
    shell.go_back()
    assert shell.messages.words() == ""
    assert shell.app is not None
    with shell.app.guarded():
        raise Refused([Problem("surname", "Required field.")])
    assert shell.messages.words() == "Required field."
    with pytest.raises(ZeroDivisionError):
        shell.failed(ZeroDivisionError())


def test_home_shows_the_season_and_its_next_step(make_shell: MakeShell, qtbot: QtBot) -> None:
    def facts(app: object) -> HomeFacts:
        known = home_facts(app)  # type: ignore[arg-type]
        timeline = (TimelineEntry(known.today.replace(day=1), "Statistics", "p.21", Mark.LATE),)
        late = (Hindrance("Statistics", "Due on 1 April.", Mark.LATE, "first"),)
        return replace(known, timeline=timeline, hindrances=late, numbers=(Number("Students", "1,284", (1, 5, 3)),))

    shell = make_shell(home=facts)
    page = shell.page()
    assert isinstance(page, HomePage)
    for words in (
        "Merge the portions",
        "Statistics",
        "Late",
        "01.04.2026",
        "Today",
        "Due on 1 April.",
        "1,284",
        "p.21",
    ):
        assert words in words_of(page)
    assert page.next_button is not None
    key(qtbot, page.next_button, Qt.Key.Key_Space)
    assert shell.current_key == "second"


def test_empty_season_says_how_to_begin(make_shell: MakeShell) -> None:
    empty = EmptySeason("No season yet", ("Take NTC's file",), "second", "Begin here")
    shell = make_shell(home=lambda app: replace(home_facts(app), empty=empty))
    page = shell.page()
    assert isinstance(page, HomePage)
    assert "1. Take NTC's file" in words_of(page)
    assert page.next_button is not None
    page.next_button.click()
    assert shell.current_key == "second"


def test_help_shows_keys_and_comes_back(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.open_page("first")
    key(qtbot, shell, Qt.Key.Key_F1)
    page = shell.page()
    assert page is not None
    assert "Ctrl+Enter" in words_of(page)
    key(qtbot, shell, Qt.Key.Key_Escape)
    assert shell.current_key == "first"


def test_help_leaves_the_page_as_it_was(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, NotesPage)
    field = QLineEdit(page)
    field.show()
    field.setFocus()
    type_text(field, "Ас")
    page.where = {"not": "opened anew"}
    key(qtbot, shell, Qt.Key.Key_F1)
    assert not field.hasFocus()
    key(qtbot, shell, Qt.Key.Key_Escape)
    assert (shell.page(), field.text(), field.hasFocus()) == (page, "Ас", True)
    assert page.where == {"not": "opened anew"}
    key(qtbot, shell, Qt.Key.Key_F1)
    shell.open_page("first", new=True)  # asked for anew, this is another visit
    assert page.where == {"new": True}


def test_help_asks_nobody_to_give_up_what_is_typed_and_leaving_from_it_does(
    make_shell: MakeShell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = make_shell()
    shell.open_page("first")
    page, asked = shell.page(), list[int]()
    monkeypatch.setattr(page, "may_leave", lambda: bool(asked.append(1)))
    key(qtbot, shell, Qt.Key.Key_F1)
    assert (shell.current_key, asked) == ("keys", [])
    shell.open_page("second")
    assert (shell.current_key, asked) == ("keys", [1])
    key(qtbot, shell, Qt.Key.Key_Escape)
    assert (shell.current_key, asked) == ("first", [1])


def test_closed_action_says_why_and_does_nothing(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell()
    why, done = ["The earlier shift is not closed."], list[int]()
    button = ActionButton(Action("Open the shift", lambda: done.append(1), "shift", "Ctrl+O", lambda: why[0]), shell)
    assert not button.isEnabled()
    assert button.toolTip() == "The earlier shift is not closed."
    why[0] = ""
    button.renew()
    button.click()
    assert done == [1]
    assert "Ctrl+O" in button.toolTip()


def test_closed_page_says_why(make_shell: MakeShell) -> None:
    shell = make_shell()
    shell.open_page("second")
    page = shell.page()
    assert page is not None
    page.closed_reason = "The earlier shift is not closed (p.37)."
    assert "The earlier shift is not closed (p.37)." in words_of(page)


def test_page_that_holds_something_is_not_left(make_shell: MakeShell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = make_shell()
    shell.open_page("first")
    page = shell.page()
    assert page is not None
    monkeypatch.setattr(page, "may_leave", lambda: False)
    shell.open_page("second")
    assert shell.current_key == "first"
    assert not shell.close()
    monkeypatch.undo()
    assert shell.close()


def test_every_button_of_the_bar_has_a_name(make_shell: MakeShell) -> None:
    shell = make_shell()
    assert [b for b in shell.findChildren(QPushButton) if not (b.text() or b.accessibleName())] == []


def test_window_fits_1366_by_768(make_shell: MakeShell) -> None:
    shell = make_shell(pages=(FIRST, SECOND))
    shell.resize(1366, 768)
    assert (shell.width(), shell.height()) == (1366, 768)
    assert shell.minimumSizeHint().width() <= 1366


def test_settings_survive_and_a_spoilt_file_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "trial.json"
    Settings(file).set("lang", "ru")
    assert Settings(file).get("lang") == "ru"
    file.write_text("{", "utf-8")
    assert Settings(file).get("lang", "kk") == "kk"
    file.write_text("[]", "utf-8")
    assert Settings(file).get("lang") is None


class Buttons(NotesPage):
    """A page whose button bears a key of the window."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.shut = ""
        self.add_actions((Action("Enter a student", lambda: self.asked.append("button"), "", "Ctrl+N", self._why),))

    def _why(self) -> str:
        return self.shut


def test_a_button_may_bear_a_key_of_the_window(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell = make_shell(pages=(replace(FIRST, factory=Buttons),))
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Buttons)
    key(qtbot, page, Qt.Key.Key_N, CTRL)
    assert page.asked == ["button"]
    page.shut = "The season is closed."
    key(qtbot, page, Qt.Key.Key_N, CTRL)
    assert page.asked == ["button"]
    assert shell.messages.words() == "The season is closed."
    page._page_bar.hide()
    key(qtbot, page, Qt.Key.Key_N, CTRL)
    assert page.asked == ["button", "new"]


def test_where_may_hold_a_key(make_shell: MakeShell) -> None:
    shell = make_shell()
    assert shell.app is not None
    shell.app.open_page("first", key="record")
    page = shell.page()
    assert isinstance(page, NotesPage)
    assert page.where == {"key": "record"}


def test_a_long_rail_is_in_sight_whole(make_shell: MakeShell) -> None:
    title = "Errors of the records and repetitions among them"
    pages = tuple(replace(FIRST, key=f"p{n}", title=title if n == 3 else "Step", phase=f"{n // 4}") for n in range(16))
    shell = make_shell(pages=pages)
    QApplication.processEvents()
    assert not shell.rail.verticalScrollBar().isVisible()
    heights = [shell.rail.sizeHintForRow(row) for row in range(shell.rail.model().rowCount())]
    assert sum(heights) <= shell.rail.height()
    two_lines = next(row for row in range(len(heights)) if shell.rail.model().index(row, 0).data() == title)
    assert heights[two_lines] >= 2 * shell.rail.fontMetrics().height()


def test_buttons_without_room_stand_under_the_title(make_shell: MakeShell) -> None:
    class Many(NotesPage):
        def __init__(self, app: AppContext) -> None:
            super().__init__(app)
            self.add_actions([Action("Send all the papers of the season", lambda: None, "print") for _n in range(3)])

    shell = make_shell(pages=(replace(FIRST, factory=Many),))
    shell.resize(1024, 700)
    shell.open_page("first")
    QApplication.processEvents()
    page = shell.page()
    assert isinstance(page, Many)
    assert page._page_bar.y() > page._page_heading.y()
    assert page._page_bar.width() >= page._page_bar.sizeHint().width()


def test_a_figure_opens_its_page(make_shell: MakeShell, qtbot: QtBot) -> None:
    facts = HomeFacts(date(2026, 4, 8), numbers=(Number("Students", "12", (1.0,), page="second"),))
    shell = make_shell(home=lambda _app: facts)
    card = shell.findChild(NumberCard)
    assert card is not None
    assert card.findChild(SmallPlot) is None  # one value is no plot
    key(qtbot, card, Qt.Key.Key_Return)
    assert shell.current_key == "second"


def test_enter_presses_a_button_once_however_long_it_is_held(make_shell: MakeShell, qtbot: QtBot) -> None:
    shell, pressed = make_shell(), []
    button = ActionButton(Action("Save", lambda: pressed.append(1)), shell.page())
    button.show()
    button.setFocus()
    key(qtbot, button, Qt.Key.Key_Return)
    key(qtbot, button, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    key(qtbot, button, Qt.Key.Key_Return, CTRL)  # means something else on many a page
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", autorep=True)
    QApplication.sendEvent(button, held)
    assert pressed == [1, 1]


@pytest.mark.parametrize("leave", [lambda button: button.setEnabled(False), lambda button: button.hide()])
def test_a_button_that_closes_leaves_the_focus_to_its_page(
    make_shell: MakeShell, leave: Callable[[ActionButton], None]
) -> None:
    shell = make_shell()
    shell.open_page("first")
    page = shell.page()
    assert page is not None
    button = ActionButton(Action("Save", lambda: None), page)
    button.show()
    button.setFocus()
    leave(button)
    held = shell.focusWidget()
    assert held is page or (held is not None and page.isAncestorOf(held))


def test_home_made_anew_keeps_the_next_step_one_enter_away(make_shell: MakeShell) -> None:
    facts = HomeFacts(date(2026, 4, 8), next_step=NextStep("Type", "second"))
    shell = make_shell(home=lambda _app: facts)
    page = shell.page()
    assert isinstance(page, HomePage)
    before = page.next_button
    assert before is not None
    before.setFocus()
    page.refresh()
    assert page.next_button not in (None, before)
    assert shell.focusWidget() is page.next_button
