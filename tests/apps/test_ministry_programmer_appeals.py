"""The appeal of a shift through the windows: members, the journal and its deadline, decisions with grounds, the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.domain.appeal import AppealState, Ground
from mab_desktop.i18n import active, use
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.appeal_portion import applications_words
from mab_desktop.rehearsal import exam, slips
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import appeals, results
from mab_desktop.services.appeal_portions import Portion
from mab_desktop.services.context import Context
from mab_desktop.services.settings import reference_names
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.page import ActionButton
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace
from tests.apps.ministry_season import MP, Answers, copy, leave, morning

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints"), pytest.mark.usefixtures("cheap_guesses")]


@pytest.fixture
def stage(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The day after shift 1, at two o'clock: its results are announced, the time for applications is over."""
    season = copy(morning(tmp_path_factory), tmp_path / "season")
    exam.play_day(season, None)
    season.on(exam.exam_date(season, 2), 14)
    return season


def _window(qtbot: QtBot, stage: Stage) -> WorkplaceShell:
    options = AppOptions(lang="en", login="programmer", password=stage.password(MP), idle_minutes=0, inline=True)
    shell = build_workplace(APP, stage.database(MP), options, Settings(), clock=stage.clock)
    qtbot.addWidget(shell, before_close_func=leave)
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    return shell


def test_an_appeal_from_application_to_decision(qtbot: QtBot, qapp: QApplication, stage: Stage) -> None:
    shell, answers = _window(qtbot, stage), Answers()
    _enter_members(shell)
    mp = slips.programmer(stage)
    lines = [line for line in results.results(mp, 1) if line.total_before is not None]
    wanted = [(lines[0].code, *_wrong_item(mp, lines[0].code)), (lines[1].code, 5, 3)]
    _enter_applications(qtbot, shell, wanted)
    _hand_over(shell, mp)
    shell.page().refresh()
    assert "decisions are due until" in shell.page().choice.state.text()
    listed = appeals.journal(mp, 1)[1]
    name = reference_names(shell.app.ctx, "subject")["subject"][listed.subjects[4]]
    assert shell.page().details(listed)[1].lines == ((f"5. {name}", "3"),)
    _see_the_last_subject(qtbot, shell, wanted[1])
    _decide(qtbot, shell, answers, wanted[0])
    before = results.result(mp, wanted[0][0])
    assert before.total_before is not None
    assert before.total_after == before.total_before + 1
    assert before.added[wanted[0][1] - 1] == 1

    page = shell.page()
    page.go_to(appeals.journal(mp, 1)[1].id)
    answers.expect("")
    page.not_come()
    assert [line.state for line in appeals.journal(mp, 1)] == [AppealState.DECIDED, AppealState.NOT_COME]
    page.refresh()
    assert "decisions are due" not in page.choice.state.text()
    page.go_to(appeals.journal(mp, 1)[0].id)
    answers.expect("")
    page.undo()
    assert results.result(mp, wanted[0][0]).total_after == before.total_before

    shell.open_page("ending", shift=1)
    ending = shell.page()
    assert not ending.appeal_button.isEnabled()
    assert "p.44" in ending.appeal_button.toolTip()
    assert "p.36" in ending.appeal_button.toolTip()  # shift 2 is not announced yet
    assert not ending.close_button.isEnabled()
    stage.close()


def _hand_over(shell: WorkplaceShell, mp: Context) -> None:
    """A portion goes to the commission; the button closes, and opens again when the portion is taken back."""
    page = shell.page()
    (there,) = (button for button in page.findChildren(ActionButton) if button.action.title == "Hand over a portion")
    assert there.isEnabled()
    page.portions.hand_over()
    assert "Portion 1 is handed over: applications 1 to 2." in shell.messages.words()
    assert [line.portion for line in appeals.journal(mp, 1)] == [1, 1]
    assert not there.isEnabled()
    page.portions.take_back(1)
    assert [line.portion for line in appeals.journal(mp, 1)] == [0, 0]
    assert there.isEnabled()
    page.portions.hand_over()


def _enter_members(shell: WorkplaceShell) -> None:
    shell.open_page("appeal-commission")
    page = shell.page()
    page.new()
    for name, chair in (("Төрағаев Асан Үсенұлы", True), ("Мүшеев Серік Асанұлы", False), ("Үшінші Ғалым", True)):
        page.form.editor("full_name").setText(name)
        page.form.editor("chair").set_value(chair)
        page.form.save()
    page.show_list()
    page.refresh()
    assert [row.full_name for row in page.shown_rows() if row.chair] == ["Төрағаев Асан Үсенұлы"]  # one chair (p.9)
    assert page.records.total() == 2


def _wrong_item(mp: object, code: str) -> tuple[int, int]:
    card = appeals.card(mp, code)  # type: ignore[arg-type]
    for number, subject in enumerate(card.subjects, start=1):
        for item, (key, answer) in enumerate(zip(subject.key, subject.answers, strict=True), start=1):
            if key != answer and answer.isalpha():
                return number, item
    raise AssertionError("everything is right")


def _enter_applications(qtbot: QtBot, shell: WorkplaceShell, wanted: list[tuple[str, int, int]]) -> None:
    shell.open_page("appeals", shift=1)
    page = shell.page()
    page.new()
    entry = page.entry
    for code, subject, item in wanted:
        qtbot.keyClicks(entry.code, code)
        assert entry.name.text()
        entry.time.setText("1301")
        entry.subjects[subject - 1].setText(f"{item}, {item}")
        entry.save()
        assert "p.41" in entry.errors["filed"].text()
        assert entry.errors["items"].text()  # named twice
        assert entry.totals[subject - 1].text().endswith("2")
        entry.time.setText("1230")
        entry.subjects[subject - 1].setText(str(item))
        qtbot.keyClick(entry.subjects[-1], Qt.Key.Key_Return)
        assert not entry.code.text()  # taken: the next one begins
    page.show_list()
    page.refresh()
    assert page.records.total() == len(wanted)


def _see_the_last_subject(qtbot: QtBot, shell: WorkplaceShell, wanted: tuple[str, int, int]) -> None:
    """The card is scrolled to what is appealed."""
    page, shown = shell.page(), shell.page().hearing
    shell.resize(1280, 720)
    page.activate(next(row for row in page.shown_rows() if row.code == wanted[0]))
    qtbot.waitUntil(lambda: shown.tables.visibleRegion().contains(shown.tables.place_of(wanted[1]).center()))
    assert not shown.tables.visibleRegion().contains(shown.tables.place_of(1).center())
    page.show_list()


def _decide(qtbot: QtBot, shell: WorkplaceShell, answers: Answers, wanted: tuple[str, int, int]) -> None:
    page = shell.page()
    page.go_to(next(row.id for row in page.shown_rows() if row.code == wanted[0]))
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    hearing = page.hearing
    assert page.modes.currentWidget() is hearing
    new = next(button for button in page.findChildren(ActionButton) if button.action.title == "New application")
    assert (new.isEnabled(), "journal" in new.toolTip()) == (False, True)  # it would do nothing here, and says so
    (row,) = hearing.rows
    hearing.save()
    assert row.error.text()  # no word yet
    row.word.setCurrentIndex(2)
    hearing.save()
    assert "p.43" in row.error.text()  # a point without a ground
    assert "present" in hearing.general.text()
    assert hearing.members_button.hasFocus()  # without them no vote can be right
    row.literature.setFocus()
    qtbot.keyClick(row.literature, Qt.Key.Key_Tab)
    assert hearing.members_button.hasFocus()
    row.ground.setCurrentIndex(row.ground.findData(Ground.FAINT_MARK))
    answers.expect()
    hearing.choose_members()
    assert len(hearing.present) == 2
    hearing.save()
    assert "scanner read an answer" in row.error.text()  # the ground contradicts the scan
    assert shell.focusWidget() is row.word
    row.ground.setCurrentIndex(row.ground.findData(Ground.MISSING_TEXT))
    hearing.save()
    assert page.modes.currentIndex() == 0, (row.error.text(), hearing.general.text())
    assert new.isEnabled()


@pytest.mark.parametrize(
    ("lang", "one", "several"),
    [
        ("kk", "6-өтініш", "6–8-өтініштер"),
        ("ru", "заявление 6", "заявления 6–8"),
        ("en", "application 6", "applications 6 to 8"),
    ],
)
def test_a_portion_of_one_application_is_not_told_as_a_range(lang: str, one: str, several: str) -> None:
    before = active()
    use(lang)
    try:
        assert applications_words(Portion(2, 6, 6, "", "")) == one
        assert applications_words(Portion(2, 6, 8, "", "")) == several
    finally:
        use(before)
