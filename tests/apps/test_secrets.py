"""The pages where secrets are typed and proofs are saved: stand-ins at the key, the proof of the seating, the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.domain.seating_proof import read_proof
from mab_desktop.exchange.key_envelope import CENTRE, CHAIR, CHAIR_DEPUTY, MINISTRY, MINISTRY_DEPUTY
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.key_page import KeyPage
from mab_desktop.ministry_programmer.seating_page import SeatingPage
from mab_desktop.services import keys, seating
from mab_desktop.storage.tables.base_university import CommissionMember
from mab_desktop.ui.confirm_password import PasswordQuestion
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.services.exam_room import Room, make_room, password
from tests.services.test_keys import WORDS, identified, room, seal_for

__all__ = ["identified", "room"]

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def put_members(room: Room) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        for n, (name, role) in enumerate((("Төраға Т.", "chair"), ("Мүше Бір", "member"), ("Мүше Екі", "member"))):
            tx.session.add(CommissionMember(id=str(n), full_name=name, role=role))
        tx.note("hand-over-loaded", "test")


def key_page(qtbot: QtBot, room: Room) -> KeyPage:
    shell = open_window(qtbot, APP, room.ctx)
    shell.open_page("key", shift=1)
    page = shell.page()
    assert isinstance(page, KeyPage)
    return page


def test_a_deputy_chair_opens_the_key(
    qtbot: QtBot, qapp: QApplication, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_members(room)
    seal_for(room, MINISTRY, CHAIR, MINISTRY_DEPUTY, CHAIR_DEPUTY, CENTRE)
    page = key_page(qtbot, room)
    assert [page.of_ministry.isVisible(), page.of_commission.isVisible(), page.centre.isVisible()] == [True] * 3
    assert keys.key_state(room.ctx, 1).marks in page.state.text()
    assert page.chair.currentText() == "Төраға Т."
    page.of_commission.setCurrentIndex(1)
    assert [page.chair.itemText(n) for n in range(page.chair.count())] == ["Мүше Бір", "Мүше Екі"]
    page.chair.setCurrentIndex(1)
    page.ministry.setText(password(WORDS[MINISTRY]))
    page.chair_password.setText(password(WORDS[CHAIR_DEPUTY]))
    assert not page.open_button.isEnabled()
    page.centre.setText(password(WORDS[CENTRE]))
    assert page.open_button.isEnabled()
    monkeypatch.setattr("mab_desktop.ministry_programmer.key_page.ask_for_password", lambda *_a: True)
    page.open_key()
    assert "deputy chair, Мүше Екі" in page.opened_words.text()
    assert keys.key_state(room.ctx, 1).opened_with == (CENTRE, CHAIR_DEPUTY, MINISTRY)
    qapp.setStyleSheet("")


def test_without_stand_ins_nobody_is_asked_who_is_here(qtbot: QtBot, qapp: QApplication, room: Room) -> None:
    seal_for(room, MINISTRY, CHAIR)
    page = key_page(qtbot, room)
    assert [page.of_ministry.isVisible(), page.of_commission.isVisible(), page.centre.isVisible()] == [False] * 3
    assert page.ministry.isVisible()
    qapp.setStyleSheet("")


def test_enter_leads_each_person_to_a_field_that_nobody_reads(qtbot: QtBot, qapp: QApplication, room: Room) -> None:
    put_members(room)
    seal_for(room, MINISTRY, CHAIR)
    page = key_page(qtbot, room)
    page.chair.setFocus()
    qtbot.keyClick(page.chair.lineEdit(), Qt.Key.Key_Return)
    assert page.chair_password.hasFocus()
    asked = PasswordQuestion(page.app, page, "Open?", "", "Open", "1")
    qtbot.addWidget(asked)
    asked.show()
    assert asked.typed is not None
    qtbot.keyClicks(asked.typed, "1")
    qtbot.keyClick(asked.typed, Qt.Key.Key_Return)
    assert asked.focusWidget() is asked.password
    qapp.setStyleSheet("")


def test_the_window_goes_on_while_the_key_is_opened(
    qtbot: QtBot, qapp: QApplication, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_members(room)
    seal_for(room, MINISTRY, CHAIR)
    page = key_page(qtbot, room)
    page.app.tasks.inline = False
    page.ministry.setText(password(WORDS[MINISTRY]))
    page.chair_password.setText(password(WORDS[CHAIR]))
    monkeypatch.setattr("mab_desktop.ministry_programmer.key_page.ask_for_password", lambda *_a: True)
    page.open_key()
    page.show_shift()  # as when its try is counted
    assert not page.form.isEnabled()  # nobody opens it twice
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1)
    assert keys.key_state(room.ctx, 1).tries == 1
    qapp.setStyleSheet("")


def test_the_proof_of_a_seating_is_saved_from_its_page(
    qtbot: QtBot, qapp: QApplication, make_context: MakeContext, tmp_path: Path
) -> None:
    room = make_room(make_context, tmp_path, {"101": 3})
    room.seat()
    shell = open_window(qtbot, APP, room.ctx)
    shell.open_page("seating", shift=1)
    page = shell.page()
    assert isinstance(page, SeatingPage)
    file = tmp_path / seating.proof_name(room.ctx, 1)
    page.save_proof_to(file)
    assert read_proof(file.read_text("utf-8")) == seating.proof(room.ctx, 1)
    assert file.name in shell.messages.words()
    page.save_proof_to(tmp_path / "no folder" / "x.txt")
    assert "cannot be used" in shell.messages.words()
    qapp.setStyleSheet("")
