"""The page of backups, its questions, and the guided restore, in real windows on real databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.audit_fund import app as audit_fund
from mab_desktop.base_uni import app as base_uni
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import use
from mab_desktop.ministry_programmer import app as ministry_programmer
from mab_desktop.network_uni import app as network_uni
from mab_desktop.services import accounts, backups, lasting, reserve, restore, second_disk, trial_restore
from mab_desktop.services.settings import change_setting
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.autobackup import AutoBackup
from mab_desktop.ui.backup_questions import reserve_question, second_disk_question
from mab_desktop.ui.backups_page import BackupsPage
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.restore_page import RestorePage
from mab_desktop.ui.restore_words import verdict_of
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.states import Mark, StepState
from mab_desktop.ui.tasks import Tasks
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace
from tests.services.land import CHEAP, PASSWORD, Land, copy_land, land_of

SECOND, WORD = "coordinator", "тағы бір ұзын құпия"


@pytest.fixture
def land(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Land]:
    """nu027 has a second person."""
    copied = copy_land(land_of(tmp_path_factory.getbasetemp()), tmp_path / "land")
    accounts.add_person(copied.ctx("nu027"), SECOND, "Үйлестіруші Кәрім", PersonRole.COORDINATOR, WORD, CHEAP)
    copied.close()
    yield copied
    copied.close()


@pytest.fixture
def shell(land: Land, qtbot: QtBot) -> Iterator[WorkplaceShell]:
    options = AppOptions(lang="en", login="programmer", password=PASSWORD, idle_minutes=0, inline=True, dark=False,
                         scale=100)  # fmt: skip
    made = build_workplace(network_uni.APP, land.database("nu027"), options, Settings(None), clock=land.clock)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def page_of(shell: WorkplaceShell) -> BackupsPage:
    shell.open_page("backups")
    page = shell.page()
    assert isinstance(page, BackupsPage)
    return page


@pytest.mark.parametrize("app", [network_uni, audit_fund, base_uni, ministry_programmer])
def test_every_application_has_the_page(app: object) -> None:
    assert "backups" in {spec.key for spec in app.PAGES}  # type: ignore[attr-defined]


def test_an_empty_list_says_what_to_do_and_the_button_does_it(shell: WorkplaceShell) -> None:
    page = page_of(shell)
    assert page.empty_words()[0] == "There is no backup yet"
    assert page.records.total() == 0
    page.back_up_now()
    assert page.records.total() == 1
    page.check()
    assert "1 copy was opened and is whole" in shell.messages.words()


def test_a_damaged_copy_is_told(shell: WorkplaceShell) -> None:
    page = page_of(shell)
    page.back_up_now()
    assert shell.app is not None
    copy = backups.newest_copy(shell.app.ctx)
    assert copy is not None
    data = bytearray(copy.path.read_bytes())
    data[len(data) // 2] ^= 1
    copy.path.write_bytes(data)
    page.check()
    assert "1 copy is damaged" in shell.messages.words()
    assert page.records.total() == 1  # a new one was made at once


def test_home_and_rail_say_what_is_missing(shell: WorkplaceShell, land: Land) -> None:
    assert shell.app is not None
    change_setting(shell.app.ctx, "done", {"v": 1})
    from datetime import timedelta

    land.clock.set(land.clock.moment + timedelta(hours=2))
    facts = shell.spec.home(shell.app)
    assert facts.hindrances[0].page == "backups"
    assert "no backup yet" in facts.hindrances[0].reason
    (spec,) = (spec for spec in shell.spec.pages if spec.key == "backups")
    assert spec.state is not None
    assert spec.state(shell.app) == StepState(Mark.LATE, facts.hindrances[0].reason)


def test_the_second_disk_is_shown(shell: WorkplaceShell, tmp_path: Path) -> None:
    assert shell.app is not None
    disk = tmp_path / "disk"
    disk.mkdir()
    second_disk.choose(shell.app.ctx, disk, same_disk_too=True)
    page = page_of(shell)
    page.back_up_now()
    row = page.shown_rows()[0]
    assert row.place == "This computer, Second disk"


def test_the_questions_open_their_verb_when_they_are_answered(shell: WorkplaceShell, tmp_path: Path) -> None:
    assert shell.app is not None
    disk = second_disk_question(shell, shell.app)
    disk.place.clear()
    disk.renew()
    assert not disk.act_button.isEnabled()
    disk.place.addItem("x", str(tmp_path))
    assert disk.act_button.isEnabled()
    asked = reserve_question(shell)
    asked.place.addItem("x", str(tmp_path))
    asked.place.setCurrentIndex(asked.place.count() - 1)
    assert asked.act_button.isEnabled()
    asked.stop.setChecked(True)
    assert not asked.act_button.isEnabled()
    asked.to.setText("214")
    assert asked.act_button.isEnabled()


def gate(land: Land, qtbot: QtBot) -> RestorePage:
    made = RestorePage("Network university", land.database("nu027"), land.clock, Tasks(inline=True))
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_long_reason_is_read_whole(land: Land, qtbot: QtBot) -> None:
    """Its row grows: nothing is cut, however wide the typeface."""
    backups.back_up(land.ctx("nu027"), "asked")
    land.close()
    page = gate(land, qtbot)
    before = page.table.rowHeight(0)
    page.table.item(0, 1).setText("Of a newer version, before the way back " * 3)
    page.table.item(0, 2).setText("Folder or drive, " * 3)  # takes the room away
    qtbot.waitUntil(lambda: page.table.rowHeight(0) > before)
    assert page.table.textElideMode() is Qt.TextElideMode.ElideNone


def test_the_guided_restore_from_list_to_log_in(land: Land, qtbot: QtBot) -> None:
    ctx = land.ctx("nu027")
    backups.back_up(ctx, "asked")
    change_setting(ctx, "late", {"v": 1})
    land.close()
    page = gate(land, qtbot)
    assert page.table.rowCount() == 1
    page.who.setCurrentText("programmer")
    page.password.setText("nonsense nonsense")
    page.open()
    assert "name or the password is wrong" in page.refusal.text()
    page.password.setText(PASSWORD)
    page.open()
    assert page.step == 1
    assert page.restore_button.isEnabled()
    page.second.setCurrentText(SECOND)
    page.second_password.setText(PASSWORD)
    page.put_in_place()
    assert "name or the password is wrong" in page.refusal.text()
    page.second_password.setText(WORD)
    page.put_in_place()
    assert page.step == 2
    with qtbot.waitSignal(page.begun) as told:
        page.log_in.click()
    assert told.args == ["programmer"]
    ctx = land.ctx("nu027")
    assert not backups.changed_since_newest(ctx) or ctx.store.verify_log() is None


def test_a_refusal_names_what_was_done_once_in_words(qapp: QApplication) -> None:
    act = lasting.Act(9, "", "2011-05-20T09:00:00+06:00", "", "seats-drawn", "shift-2", {})
    look = restore.Look("copy", "", 5, "", 1, (), readable=True, whole=True, undone=(act,), refused=True)
    use("kk")
    try:
        words = verdict_of(look)[1]
    finally:
        use("en")
    assert "(2-лек)" in words
    assert "shift" not in words


def test_the_copy_of_another_program_is_told_before_it_is_put_in_place(land: Land, qtbot: QtBot) -> None:
    """Before the refusal came at the log-in only, with the other program's database in place."""
    copy = backups.back_up(land.ctx("nu027"), "asked")
    land.close()
    database = land.database("nu027")
    database.unlink()
    page = RestorePage("Base university", database, land.clock, Tasks(inline=True), Role.BASE_UNI)
    qtbot.addWidget(page)
    page.who.setCurrentText("programmer")
    page.password.setText(PASSWORD)
    page.open()
    assert page.step == 0
    assert page.refusal.text().startswith(f"The copy {copy.name} belongs to another program: Network university")


def test_going_back_changes_nothing(land: Land, qtbot: QtBot) -> None:
    backups.back_up(land.ctx("nu027"), "asked")
    land.close()
    before = land.database("nu027").read_bytes()
    page = gate(land, qtbot)
    page.password.setText(PASSWORD)
    page.open()
    page.choose_again()
    assert page.step == 0
    with qtbot.waitSignal(page.left):
        page.leave()
    assert land.database("nu027").read_bytes() == before


def test_a_reserve_pc_takes_over_by_the_same_page(land: Land, qtbot: QtBot, tmp_path: Path) -> None:
    drive = tmp_path / "stick"
    drive.mkdir()
    reserve.write_set(land.ctx("nu027"), drive)
    land.close()
    shutil.rmtree(land.database("nu027").parent)
    page = gate(land, qtbot)
    assert page.table.rowCount() == 0
    assert page.nothing.isVisible()
    page.add_place(drive)
    assert page.table.rowCount() == 1
    assert [page.who.itemText(n) for n in range(page.who.count())] == [SECOND, "programmer"]
    page.who.setCurrentText("programmer")
    page.password.setText(PASSWORD)
    page.open()
    assert page.step == 1, page.refusal.text()
    assert not page.restore_button.isEnabled()  # first the old computer
    page.off.setChecked(True)
    page.second.setCurrentText(SECOND)
    page.second_password.setText(WORD)
    page.put_in_place()
    assert page.step == 2, page.refusal.text()
    assert "took over" in page.done_more.text()
    assert not page.introduction.isVisible()
    assert land.ctx("nu027").store.verify_log() is None


def test_a_copy_from_the_second_disk_on_another_pc_asks_for_the_old_one_too(
    land: Land, qtbot: QtBot, tmp_path: Path
) -> None:
    disk, ctx = tmp_path / "disk", land.ctx("nu027")
    disk.mkdir()
    second_disk.choose(ctx, disk, same_disk_too=True)
    backups.back_up(ctx, "asked")
    land.close()
    page = gate(land, qtbot)
    page.who.setCurrentText("programmer")
    page.password.setText(PASSWORD)
    page.open()
    assert page.step == 1
    assert not page.off.isVisible(), "the same computer goes back to a copy"
    page.choose_again()
    shutil.rmtree(land.database("nu027").parent)
    page.add_place(disk)
    assert page.table.rowCount() == 1
    page.who.setCurrentText("programmer")
    page.password.setText(PASSWORD)
    page.open()
    assert (page.step, page.off.isVisible(), page.restore_button.isEnabled()) == (1, True, False)
    page.off.setChecked(True)
    page.second.setCurrentText(SECOND)
    page.second_password.setText(WORD)
    page.put_in_place()
    assert page.step == 2, page.refusal.text()
    assert "took over" in page.done_more.text()


def test_the_window_leaves_the_work_and_shows_the_restore(shell: WorkplaceShell) -> None:
    page_of(shell).back_up_now()
    shell.step_out()
    assert isinstance(shell.centralWidget().currentWidget(), RestorePage)  # type: ignore[attr-defined]
    page = shell.centralWidget().currentWidget()  # type: ignore[attr-defined]
    page.leave()
    assert isinstance(shell.centralWidget().currentWidget(), LoginPage)  # type: ignore[attr-defined]


def test_copies_are_made_by_themselves_while_somebody_works(land: Land, qtbot: QtBot, shell: WorkplaceShell) -> None:
    assert shell.app is not None
    own = replace(shell.app, tasks=Tasks())
    timer = AutoBackup(own)
    timer.begin()
    qtbot.waitUntil(lambda: backups.newest_copy(own.ctx) is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not own.tasks.running, timeout=20_000)
    change_setting(own.ctx, "done", {"v": 1})
    timer.copy(backups.every_ten_minutes)
    qtbot.waitUntil(lambda: len(backups.lines(own.ctx)) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: not own.tasks.running, timeout=20_000)
    timer.stop()
    own.tasks.wait()
    QThreadPool.globalInstance().waitForDone()
    QApplication.processEvents()


def test_a_trial_restore_that_is_cancelled_is_silence(land: Land, qtbot: QtBot, shell: WorkplaceShell) -> None:
    assert shell.app is not None
    page_of(shell).back_up_now()
    own = replace(shell.app, tasks=Tasks())
    said = shell.messages.words()
    timer = AutoBackup(own)
    timer.try_restore()
    own.tasks.running[0].cancel()  # the button in the status bar, or the window that closes
    qtbot.waitUntil(lambda: not own.tasks.running, timeout=20_000)
    assert shell.messages.words() == said
    assert trial_restore.last(own.ctx) is None
    timer.stop()
