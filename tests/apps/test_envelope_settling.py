"""The page of envelopes besides scanning: the act, differences by keys, where a sheet lies, what a copy lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.envelopes_page import EnvelopesPage
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList
from mab_desktop.services import envelopes, exam_acts, pass_differences, second_disk, step_copies
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.storage.store import Transaction
from mab_desktop.ui.autobackup import AutoBackup
from mab_desktop.ui.messages import Question
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.envelope_stand import ScriptedFeeder, open_shift
from tests.services.exam_room import Room, make_room, own_marks

PATIENCE = 20_000


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 open; hall 101 with three students, its act of return entered: three used sheets and one blank."""
    made = open_shift(make_room(make_context, tmp_path / "scans", {"101": 3}))
    begun = exam_acts.begin(made.ctx, 1, "101", "materials-returned")
    rows = tuple((str(n), "түсіндірме") for n in (3, 1, 1, 3, 1, 1, 0))
    content = replace(begun, rows=rows, given_by=("Кезекші", ""), taken_by=("Өкіл",))
    exam_acts.enter(made.ctx, 1, "101", "materials-returned", "7", content)
    return made


def envelopes_page(qtbot: QtBot, room: Room) -> tuple[WorkplaceShell, EnvelopesPage]:
    shell = open_window(qtbot, APP, room.ctx)
    shell.open_page("envelopes", shift=1, hall="101")
    page = shell.page()
    assert isinstance(page, EnvelopesPage)
    return shell, page


def stack_of(room: Room, name: str, **first: str) -> list[Path]:
    """Three used sheets and a blank one; `first` changes what the first says."""
    marks = [own_marks(line) for line in room.lines()]
    marks[0] |= first
    return room.images([(room.serial(n + 1), one) for n, one in enumerate([*marks, {}])], name)


def test_the_acts_counts_stand_there_and_another_number_asks_which_is_right(qtbot: QtBot, room: Room) -> None:
    shell, page = envelopes_page(qtbot, room)
    card = page.card
    assert (card.used.text(), card.unused.text()) == ("3", "1")
    assert card.act_words.text() == "Act No 7: 3 used, 1 unused."
    assert not card.against.isVisible()
    assert card.used.hasFocus()
    card.used.selectAll()
    qtbot.keyClicks(card.used, "2")
    assert card.against.isVisible()
    assert card.against_words.text() == "Used: 2 here, 3 by the act (−1)\nWhich is right?"
    page.save()  # Ctrl+S saves nothing while that is open
    assert card.act_button.hasFocus()
    assert envelopes.balance(room.ctx, 1, "101").balance.used is None
    qtbot.keyClick(card.act_button, Qt.Key.Key_Return)
    assert envelopes.balance(room.ctx, 1, "101").balance.used == 3
    assert not card.against.isVisible()
    assert card.scan_buttons[1].hasFocus()  # what comes next is one Enter away

    card.unused.setText("2")

    def say_why(question: Question) -> None:
        question.findChild(QPlainTextEdit).setPlainText("екі бос парақ жабысып қалған")

    asked = answer(say_why)
    qtbot.mouseClick(card.paper_button, Qt.MouseButton.LeftButton)
    assert asked == ["Other counts than the act's"]
    b = envelopes.balance(room.ctx, 1, "101").balance
    assert (b.used, b.unused, b.remark) == (3, 2, "екі бос парақ жабысып қалған")
    assert not card.against.isVisible()  # said once is enough
    page.save()
    assert envelopes.balance(room.ctx, 1, "101").balance.remark == "екі бос парақ жабысып қалған"
    shell.close()


@pytest.mark.heavy
def test_differences_are_settled_by_keys_alone_with_both_pictures(qtbot: QtBot, room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    right = own_marks(room.lines()[0])
    envelopes.scan_pass(room.ctx, 1, "101", 1, stack_of(room, "p1"))
    again = {"subject2": right["subject2"][:24] + "-", "seat": right["seat"][:2] + "-"}
    envelopes.scan_pass(room.ctx, 1, "101", 2, stack_of(room, "p2", **again))
    shell, page = envelopes_page(qtbot, room)
    review = page.review
    assert review.pass_buttons[3].text() == "Differences: 2"
    qtbot.mouseClick(review.pass_buttons[3], Qt.MouseButton.LeftButton)
    view = review.differences
    assert view.list.hasFocus()
    assert view.summary.text() == "2 marks of 1 sheet were read differently; 2 wait for an eye."
    one = view.current()
    assert one is not None
    assert not view.first.pixmap().isNull()
    assert view.first.pixmap().toImage() != view.second.pixmap().toImage()
    qtbot.keyClick(view.list, Qt.Key.Key_F)  # no such bubble: nothing happens
    for _ in range(2):
        one = view.current()
        assert one is not None
        qtbot.keyClicks(view.list, one.mark.first.mark)
    assert view.summary.text().endswith("0 wait for an eye.")
    assert not any(one.open for one in pass_differences.pass_differences(room.ctx, 1, "101"))
    assert page.lines["101"].balanced
    assert page.card.print_button.isEnabled()
    one = view.current()
    assert one is not None
    qtbot.keyClick(view.list, Qt.Key.Key_N)  # another word takes the place of the first
    assert view.found[f"{one.mark.serial}:{one.mark.field}:{one.mark.column}"].mark.decided == ()
    shell.close()


def test_a_sheet_is_put_in_front_by_the_students_code(qtbot: QtBot, room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    for number in (1, 2):
        envelopes.scan_pass(room.ctx, 1, "101", number, stack_of(room, f"p{number}"))
    shell, page = envelopes_page(qtbot, room)
    student = room.lines()[2]

    def type_code(question: Question) -> None:
        question.findChildren(type(page.card.used))[0].setText(student.code)

    answer(type_code)
    page.find_sheet()
    words = shell.messages.words()
    assert f"{student.name} · {room.serial(3)}: envelope of hall 101, pass 1, place 3; pass 2, place 3." in words
    current = page.review.current_page()
    assert current is not None
    assert current.position == 3
    answer(lambda question: question.findChildren(type(page.card.used))[0].setText("99999999"))
    page.find_sheet()
    assert "Nobody and no sheet of this shift" in shell.messages.words()
    shell.close()


def test_turned_and_wrong_paper_is_told_with_its_picture_while_scanning(qtbot: QtBot, room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    stack = stack_of(room, "p1")
    turned = cv2.imread(str(stack[0]), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(stack[0]), turned[::-1, ::-1])
    cv2.imwrite(str(stack[2]), turned * 0 + 250)  # the back of a sheet
    run = ScanSession.begin(room.ctx, 1, "101", 1)
    run.scan(ScriptedFeeder(list(stack)))
    assert run.wait() is State.ENDED
    shell, page = envelopes_page(qtbot, room)
    page._show_run(run)
    qtbot.waitUntil(lambda: page.run.seen is not None and page.run.seen.counts.read == 4, timeout=PATIENCE)
    assert page.run.seen is not None
    assert (page.run.seen.counts.turned, page.run.seen.counts.refused) == (1, 1)
    page.run.strip.choose(str(page.run.seen.pages[0].key))
    assert "lay upside down, turned round here" in page.run.page_words.text()
    told = [label.text() for label in page.run.look_card.findChildren(type(page.run.page_words))]
    assert any(words.startswith("Sheet 3 was refused: The page is empty") for words in told)
    assert any(not found.pixmap().isNull() for found in page.run.look_card.findChildren(QLabel))
    page.run.session = None
    run.close()
    shell.close()


def test_after_a_copy_took_the_databases_place_the_page_says_what_it_does_not_hold(qtbot: QtBot, room: Room) -> None:
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    envelopes.scan_pass(room.ctx, 1, "101", 1, stack_of(room, "p1"))
    with room.ctx.store.write(room.ctx.actor) as tx:
        _restored(tx, room.ctx.store.log_head()[0])
    shell, page = envelopes_page(qtbot, room)
    words = page.brought_over.words.text()
    assert page.brought_over.isVisible()
    assert "The last pass saved in it: shift 1, hall 101, pass 1." in words
    assert "What was scanned, decided or entered later is not here" in words
    envelopes.scan_pass(room.ctx, 1, "101", 2, stack_of(room, "p2"))
    page.refresh()
    assert not page.brought_over.isVisible()
    shell.close()


def _restored(tx: Transaction, head: int) -> None:
    """What a restore writes into the log of the copy that takes the database's place."""
    tx.note("backup-restored", "mab-copy.db", copy_head=[head, ""], reason="reserve")


def test_a_second_disk_that_is_pulled_is_told_in_the_window_once(qtbot: QtBot, room: Room, tmp_path: Path) -> None:
    disk = tmp_path / "second"
    disk.mkdir()
    second_disk.choose(room.ctx, disk, same_disk_too=True)
    room.ctx.store.path.with_suffix(".keys").write_bytes(b"locks")
    shell, _page = envelopes_page(qtbot, room)
    shell.backups = AutoBackup(shell.app)
    away = disk.rename(tmp_path / "pulled")
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    shell.backups.copy(step_copies.after_step)
    assert f"The second disk {disk} has not been here since" in shell.messages.words()
    assert "The work itself and the backups on this computer are whole." in shell.messages.words()
    shell.messages.dismiss()
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    shell.backups.copy(step_copies.after_step)
    assert shell.messages.words() == ""
    away.rename(disk)
    envelopes.receive_envelope(room.ctx, 1, "101", 3, 1)
    shell.backups.copy(step_copies.after_step)
    assert len(list(disk.rglob("*.db"))) == 1
    shell.backups.stop()
    shell.close()


def test_what_is_said_of_a_hall_goes_on_in_the_next_line(qtbot: QtBot) -> None:
    halls = HallList()
    qtbot.addWidget(halls)
    halls.resize(halls.minimumWidth(), 300)
    halls.show_halls([HallItem("101", Mark.DUE, words) for words in ("нет", "одно сканирование из двух")])
    halls.show()
    short, long = (halls.sizeHintForIndex(halls.model().index(row, 0)).height() for row in (0, 1))
    assert long >= short + halls.fontMetrics().height()
