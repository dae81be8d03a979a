"""The first start: a fingerprint typed as people type it, compared group by group; then the workplace's own groups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni import app as base_uni
from mab_desktop.domain.organisation import Role
from mab_desktop.ministry_programmer import app as ministry_programmer
from mab_desktop.network_uni import app as network_uni
from mab_desktop.services import centre_trust, persons
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.begin_page import BeginPage
from mab_desktop.ui.groups_field import GroupsField
from mab_desktop.ui.keys_panel import KeysDialog, KeysPanel, NewKeysQuestion, SignerQuestion
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.people_page import PeoplePage
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.workplace_app import WorkplaceApp, build_workplace
from tests.apps.window import open_window
from tests.services.conftest import land, land_template  # noqa: F401
from tests.services.land import OPERATOR, Land
from tests.services.land import PASSWORD as LOG_IN
from tests.services.test_own_keys import news

PASSWORD = "қара суда қалған балық"


@pytest.fixture
def field(qtbot: QtBot) -> GroupsField:
    made = GroupsField()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def page(land: Land, tmp_path: Path, qtbot: QtBot) -> Iterator[BeginPage]:  # noqa: F811
    made = BeginPage(Role.MINISTRY_PROGRAMMER, "Ministry programmer", tmp_path / "new" / "mab.db", land.clock)
    qtbot.addWidget(made)
    made.show()
    yield made
    made._let_go()


def test_typing_goes_from_cell_to_cell(field: GroupsField, qtbot: QtBot) -> None:
    field.cells[0].setFocus()
    for symbol in "ab1o7q2m":
        QTest.keyClicks(QApplication.focusWidget() or field.cells[0], symbol)
    assert field.groups()[:3] == ["AB10", "7Q2M", ""]
    assert field.cells[2].hasFocus() or not field.isActiveWindow()
    QTest.keyClick(field.cells[2], Qt.Key.Key_Backspace)
    assert field.cells[1].hasFocus() or not field.isActiveWindow()


def test_a_click_into_a_full_cell_types_its_group_anew_and_spares_the_next(field: GroupsField, qtbot: QtBot) -> None:
    field.setText("AB10 7Q2M K7Q2")
    field.cells[2].setFocus()
    QTest.mouseClick(field.cells[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: field.cells[1].selectedText() == "7Q2M")
    for symbol in "9xd3":
        QTest.keyClicks(field.cells[1], symbol)
    assert field.groups()[:3] == ["AB10", "9XD3", "K7Q2"]


def test_a_whole_fingerprint_is_pasted_into_any_cell(field: GroupsField) -> None:
    whole = "K7Q2 9XD3 RV8H 0123 ABCD EFGH JKMN PQRS"
    for cell in (0, 5):
        field.setText("")
        QApplication.clipboard().setText(f"  {whole.lower().replace(' ', '-')}\n")
        field.cells[cell].selectAll()
        field.cells[cell].paste()
        assert field.text() == whole
    QApplication.clipboard().setText("zzzz yyyy")
    field.cells[3].selectAll()
    field.cells[3].paste()
    assert field.groups()[2:6] == ["RV8H", "ZZZZ", "YYYY", "EFGH"]


def test_each_group_is_compared_as_it_is_typed(page: BeginPage, land: Land) -> None:  # noqa: F811
    groups = land.fingerprint.split()
    page.groups.setText(land.fingerprint)
    assert page.verdict.text() == ""
    page.carrier.setText(str(land.trust_file))
    assert page.verdict.text() == "All eight groups agree."
    assert [mark.toolTip() for mark in page.groups.marks] == ["This group agrees."] * 8
    wrong = "ZZZZ" if groups[2] != "ZZZZ" else "YYYY"
    page.groups.setText(" ".join([*groups[:2], wrong, *groups[3:]]))
    assert "group 3." in page.verdict.text()
    assert page.groups.cells[2].property("wrong") is True
    assert [mark.toolTip() for mark in page.groups.marks].count("This group differs.") == 1
    for path in (str(land.folder), str(land.database("nu027")), "nothing"):
        page.carrier.setText(path)
        assert "not a file of the testing centre" in page.verdict.text()
        assert not any(mark.toolTip() for mark in page.groups.marks)


def test_where_real_data_may_not_lie_is_said_before_anything_is_typed(
    land: Land, tmp_path: Path, qtbot: QtBot  # noqa: F811
) -> None:
    folder = tmp_path / "OneDrive - ҚазҰУ" / "mab"
    page = BeginPage(Role.MINISTRY_PROGRAMMER, "Ministry programmer", folder / "mab.db", land.clock)
    qtbot.addWidget(page)
    page.resize(1366, 400)
    page.show()
    assert str(folder) in page.place.text()
    page.official.click()
    assert "a cloud service copies that folder" in page.refusal.text()
    qtbot.waitUntil(lambda: page.groups.height() == page.groups.sizeHint().height())  # also in a low window
    qtbot.waitUntil(lambda: page.refusal.visibleRegion().boundingRect().height() == page.refusal.height())
    page.training.click()
    assert page.refusal.isHidden()
    assert not folder.exists()


def fill_in(page: BeginPage, land: Land) -> None:  # noqa: F811
    for line, words in ((page.carrier, str(land.trust_file)), (page.groups, land.fingerprint), (page.code, "013"),
                        (page.year, "2011"), (page.name, "Асан Үсенұлы"), (page.login, "Programmer"),
                        (page.password, PASSWORD), (page.repeated, PASSWORD)):  # fmt: skip
        line.setText(words)  # type: ignore[attr-defined]


def test_nobody_begins_a_training_because_he_passed_the_question_over(page: BeginPage, land: Land) -> None:  # noqa: F811
    fill_in(page, land)
    QTest.keyClick(page.repeated, Qt.Key.Key_Return)
    assert page.refusal.text().startswith("Choose the real exam or training.")
    assert page.panel is None
    assert not (page._database).exists()
    page.training.setChecked(True)
    QTest.keyClick(page.repeated, Qt.Key.Key_Return)
    assert page.panel is not None, page.refusal.text()


def test_a_workplace_is_made_and_shows_what_the_centre_must_know(page: BeginPage, land: Land) -> None:  # noqa: F811
    begun: list[str] = []
    page.begun.connect(begun.append)
    fill_in(page, land)
    page.training.setChecked(True)
    page.begin()
    assert page.panel is not None, page.refusal.text()
    assert begun == []
    made = page.panel.hand_out(land.drive)
    assert made is not None
    assert "take the drive out" in page.panel.said.text()
    assert page.panel.open_sheet.isVisibleTo(page.panel)
    assert page.panel.hand_out(land.folder / "no such folder") is None
    page.go_on()
    assert begun == ["programmer"]


def test_two_people_make_their_keys_there(land: Land, qtbot: QtBot) -> None:  # noqa: F811
    ctx = land.ctx("mp013")
    panel = KeysPanel(ctx)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.add.isVisibleTo(panel)
    assert not panel.renew.isVisibleTo(panel)
    asked = SignerQuestion(panel, ctx)
    qtbot.addWidget(asked)
    asked.show()
    qtbot.waitUntil(asked.isActiveWindow)
    assert asked.login.hasFocus()  # not the button: there is something to fill in first
    assert not any("counts no more" in found.text() for found in panel.findChildren(QLabel))
    asked.login.setText("chair")
    asked.accept()
    assert asked.refusal.text()
    asked.password.first.setText(PASSWORD)
    asked.password.again.setText(PASSWORD)
    asked.accept()
    assert asked.refusal.text() == "Required field."
    asked.name.setText("Төраға Гүл")
    asked.accept()
    assert [line.name for line in persons.persons(ctx)] == ["Төраға Гүл"]


def test_a_withdrawn_workplace_gets_new_keys_from_its_page(land: Land, qtbot: QtBot) -> None:  # noqa: F811
    centre_trust.revoke(land.ctx("ntc"), "nu041")
    news(land, "nu041")
    panel = KeysPanel(land.ctx("nu041"))
    qtbot.addWidget(panel)
    panel.show()
    assert panel.renew.isVisibleTo(panel)
    assert not panel.add.isVisibleTo(panel)
    asked = NewKeysQuestion(panel, land.ctx("nu041"))
    qtbot.addWidget(asked)
    asked.show()
    asked.name.setText("ПК 2")
    asked.accept()
    assert "small Latin letters" in asked.refusal.text()
    asked.layout().activate()
    assert asked.refusal.geometry().top() >= asked.name.geometry().bottom(), "the words do not lie on the field"
    assert asked.refusal.height() >= asked.refusal.heightForWidth(asked.refusal.width())
    asked.name.setText("pc2")
    asked.accept()
    panel.show_keys()
    assert not panel.renew.isVisibleTo(panel)
    assert any("counts no more" in found.text() for found in panel.findChildren(QLabel))  # the sheet of the old keys


def test_what_became_of_writing_is_brought_into_sight(
    land: Land, qtbot: QtBot, tmp_path: Path  # noqa: F811
) -> None:
    """Beside three keys there is no room for it in the window: whoever pressed the button saw nothing."""
    ctx = land.ctx("bu013")
    while len(persons.persons(ctx)) < persons.TWO:
        number = len(persons.persons(ctx))
        persons.make_person_key(ctx, f"chair{number}", f"{PASSWORD} {number}", f"Төраға {number}")
    shell = open_window(qtbot, base_uni.APP, ctx)
    assert shell.app is not None
    asked = KeysDialog(shell, shell.app)
    asked.resize(720, 420)
    asked.show()
    said = asked.panel.said
    asked.panel.hand_out(tmp_path)
    qtbot.waitUntil(lambda: said.visibleRegion().boundingRect().height() == said.height())
    shell.close()


@pytest.mark.parametrize(("app", "name", "begun"), [
    (base_uni.APP, "bu013", True), (network_uni.APP, "nu041", True), (ministry_programmer.APP, "mp013", False),
])  # fmt: skip
def test_the_home_page_of_every_application_tells_of_a_withdrawn_key(
    land: Land, qtbot: QtBot, app: WorkplaceApp, name: str, begun: bool  # noqa: F811
) -> None:
    """Also where the season has not begun: the file that it begins with will not come for a withdrawn computer."""
    centre_trust.revoke(land.ctx("ntc"), name)
    news(land, name)
    shell = open_window(qtbot, app, land.ctx(name))
    assert shell.app is not None
    facts = shell.spec.home(shell.app)
    first = facts.hindrances[0]
    assert f"withdrawn the key of this computer ({name})" in first.title
    assert first.page == "people"
    assert bool(facts.empty) is not begun
    page = shell.page()
    assert page is not None
    assert first.title in [words.text() for words in page.findChildren(QLabel)]
    shell.close()


def test_a_clock_that_was_put_back_is_said_at_the_start_and_on_the_home_page(land: Land, qtbot: QtBot) -> None:  # noqa: F811
    ctx = land.ctx("bu013")
    land.clock.put_hands(land.clock.now().replace(year=2000))
    shell = open_window(qtbot, base_uni.APP, ctx)
    assert shell.app is not None
    first = shell.spec.home(shell.app).hindrances[0]
    assert first.title == "Clock of this computer"
    assert "2000" in first.reason
    assert first.reason in shell.messages.words()
    shell.close()


def test_an_operator_alone_finds_where_new_keys_are_made_when_his_were_withdrawn(land: Land) -> None:  # noqa: F811
    assert "people" not in [spec.key for spec in network_uni.pages_of(land.ctx(OPERATOR))]
    centre_trust.revoke(land.ctx("ntc"), OPERATOR)
    news(land, OPERATOR)
    assert "people" in [spec.key for spec in network_uni.pages_of(land.ctx(OPERATOR))]


def test_with_new_keys_the_old_groups_are_nowhere_to_be_read_and_one_logs_in_again(
    land: Land, qtbot: QtBot  # noqa: F811
) -> None:
    """Whoever reads the groups of the withdrawn key to the centre on the telephone is not let in."""
    centre_trust.revoke(land.ctx("ntc"), "nu027")
    news(land, "nu027")
    land.close()
    options = AppOptions(lang="en", login="programmer", password=LOG_IN, idle_minutes=0, inline=True)
    shell = build_workplace(network_uni.APP, land.database("nu027"), options, Settings(), clock=land.clock)
    qtbot.addWidget(shell)
    shell.show()
    shell.open_page("people")
    page = shell.page()
    assert isinstance(page, PeoplePage)
    seen: list[str] = []

    def name(question: QWidget | None) -> None:
        assert isinstance(question, NewKeysQuestion)
        question.name.setText("pc2")
        question.accept()

    def renew() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, KeysDialog)
        QTimer.singleShot(0, lambda: name(QApplication.activeModalWidget()))
        dialog.panel.renew.click()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # what is taken away goes now
        seen.extend(words.text() for words in dialog.findChildren(QLabel))
        dialog.accept()

    QTimer.singleShot(0, renew)
    page.open_keys()
    assert any("has not let in this computer (nu027-pc2)" in words for words in seen), seen
    assert not any("withdrawn" in words for words in seen), seen
    page_now = shell.centralWidget().currentWidget()
    assert isinstance(page_now, LoginPage)
    said = [words.text() for words in page_now.findChildren(QLabel)]
    assert "This computer has new keys and is now called nu027-pc2. Log in again." in said
    assert any(words.startswith("nu027-pc2 · ") for words in said), said
    page_now.password.setText(LOG_IN)
    page_now.log_in()
    assert shell.app is not None
    assert shell.app.ctx.actor.device == "nu027-pc2"
    shell.close()
