"""The eve and the exam day through the windows: readiness, duty officers, the clock, acts, what can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot
from sqlalchemy import delete, insert

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_clock import Moment
from mab_desktop.domain.readiness import Item, Verdict
from mab_desktop.ministry_programmer import exam_clock_page, season
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.day_page import TakeBackQuestion
from mab_desktop.ministry_programmer.exam_clock_page import ticker_of
from mab_desktop.services import attendance, duty, exam_acts, exam_clock, readiness, shifts, trial_pack
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.exam import ReadinessReport
from mab_desktop.storage.tables.students import Shift
from mab_desktop.ui.messages import Question
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.exam_room import FIRST_DAY, Room, make_room

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """The morning of the first shift: two halls, seats drawn, four duty officers on the list."""
    made = make_room(make_context, tmp_path / "scans", {"101": 3, "102": 2})
    rows = [{"id": f"{n:032d}", "full_name": f"{'АБВГ'[n]}санов Кезекші"} for n in range(4)]
    with made.ctx.store.write(made.ctx.actor) as tx:
        tx.session.execute(insert(DutyOfficer), rows)
        tx.note("hand-over-loaded", "test")
    made.seat()
    made.day(FIRST_DAY, 8)
    return made


@pytest.fixture
def window(qtbot: QtBot, room: Room) -> Callable[..., WorkplaceShell]:
    """`window()` of the programmer, `window("rep")` of the representative."""
    return lambda login="": open_window(qtbot, APP, room.representative if login else room.ctx)


def no_report(room: Room) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.execute(delete(ReadinessReport))
        tx.note("setting-changed", "test")


def test_readiness_is_checked_and_opened_by_the_representatives_reason_only(
    room: Room, window: Callable[..., WorkplaceShell], tmp_path: Path
) -> None:
    no_report(room)
    shell = window()
    shell.open_page("readiness")
    page = shell.page()
    assert {finding.verdict for finding in page.found} == {Verdict.OPEN}
    assert "Not ready yet" in page._not_ready()
    page.check_pc()
    assert {f.item: f.verdict for f in page.found}[Item.DATABASE] is Verdict.GOOD
    pack = tmp_path / "pack.pdf"
    pack.write_bytes(trial_pack.print_pack(room.ctx).pdf)
    page.read_pack([pack])
    assert {f.item: f.verdict for f in page.found}[Item.PACK] is Verdict.GOOD
    made = room.ctx.clock.now()
    room.ctx.clock.set(made + timedelta(days=30))  # type: ignore[attr-defined]
    page.refresh()
    said = [words.text() for words in page.findChildren(QLabel) if "Not checked" in words.text()]
    assert len(said) == sum(finding.at is None for finding in page.found)  # the others say when it was
    room.ctx.clock.set(made)  # type: ignore[attr-defined]
    page.refresh()
    page.sign_with_reason()  # closed for the programmer: the service refuses whatever a window offers
    assert not readiness.reports(room.ctx)
    shell.open_page("day")
    asked = answer(lambda dialog: dialog.findChild(QLineEdit, "confirmation").setText("1"))
    shell.page().open_shift(1)
    assert asked
    assert "report of readiness is not signed" in shell.messages.words()
    shell.close()

    shell = window("rep")
    shell.open_page("readiness")
    page = shell.page()
    assert page._not_hers() == ""
    answer(lambda dialog: dialog.findChild(QPlainTextEdit, "words").setPlainText("Сканер ертең келеді"))
    page.sign_with_reason()
    (report,) = readiness.reports(room.ctx)
    assert (report.ready, report.reason) == (False, "Сканер ертең келеді")
    shifts.open_shift(room.ctx, 1)


@pytest.mark.parametrize("by", [timedelta(minutes=-60), timedelta(minutes=60), timedelta(days=-4000)], ids=str)
def test_a_computer_s_clock_that_jumps_neither_shortens_nor_lengthens_the_exam(
    room: Room, window: Callable[..., WorkplaceShell], by: timedelta
) -> None:
    clock: Any = room.ctx.clock
    shifts.open_shift(room.ctx, 1)
    room.day(FIRST_DAY, 9)
    exam_clock.start(room.ctx, 1)
    shell = window()
    shell.open_page("clock")
    page = shell.page()
    room.day(FIRST_DAY, 10)
    ticker = ticker_of(shell.app)
    ticker.tick()
    assert page.left.text().startswith(("1:59:", "2:00:"))
    assert not page.wrong.isVisibleTo(page)
    clock.put_hands(clock.now() + by)
    ticker.tick()
    assert page.left.text().startswith("1:59:")
    assert f"by {abs(round(by.total_seconds())) // 60} min" in shell.messages.words()
    assert page.wrong.isVisibleTo(page)
    clock.put_hands(clock.now() - by)  # put right again
    ticker.tick()
    assert ticker.jumped == timedelta()
    assert page.left.text().startswith("1:59:")
    clock.put_hands(clock.now() + timedelta(seconds=30))  # as a computer does that asks for the time now and then
    ticker.tick()
    assert ticker.jumped == timedelta()
    shell.close()


def test_the_clock_starts_warns_once_each_time_and_goes_on_after_a_restart(
    room: Room, window: Callable[..., WorkplaceShell], monkeypatch: pytest.MonkeyPatch
) -> None:
    beeps: list[int] = []
    monkeypatch.setattr(exam_clock_page.QApplication, "beep", lambda: beeps.append(1))
    shell = window()
    shell.open_page("clock")
    page = shell.page()
    assert "p.33" in page.closed_reason
    shifts.open_shift(room.ctx, 1)
    page.refresh()
    assert page.left.text() == "3:00:00"
    room.day(FIRST_DAY, 9)
    page.start()
    assert page.left.text().startswith("2:59:")
    begun = exam_clock.started(room.ctx, 1).clock.begun  # type: ignore[union-attr]
    shell.open_page("day")
    for minutes, said in ((149, ""), (151, "30 minutes are left"), (155, ""), (171, "10 minutes"), (181, "is over")):
        shell.messages.dismiss()
        room.ctx.clock.set(begun + timedelta(minutes=minutes))  # type: ignore[attr-defined]
        ticker_of(shell.app).tick()
        assert said in shell.messages.words()
        assert bool(said) == bool(shell.messages.words())
    assert len(beeps) == 3
    shell.close()

    again = window()
    again.open_page("clock")
    page = again.page()
    assert page.left.text() == "0:00:00"
    # Its hour went by, but nobody was counted: only the count itself makes it done.
    assert (page.marks[Moment.COUNT], page.marks[Moment.END]) == (Mark.LATE, Mark.DONE)
    for number in ("101", "102"):
        lines = attendance.count_lines(room.ctx, 1, number)
        attendance.save_count(room.ctx, 1, number, {(x.specialty, x.test_language): x.planned for x in lines})
    page.refresh({"hall_count"})
    assert page.marks[Moment.COUNT] is Mark.DONE

    def fill(dialog: Question) -> None:
        dialog.findChild(QLineEdit).setText("09:30")
        dialog.findChild(QPlainTextEdit).setPlainText("кешікті")

    answer(fill)
    page.correct()
    assert page.left.text().startswith("0:2")
    assert [str(words.text()) for words in page.side.findChildren(type(page.left)) if "кешікті" in words.text()]


def test_an_act_is_filled_in_corrected_where_it_says_and_withdrawn(
    qtbot: QtBot, room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    duty.draw(room.ctx, 1)
    shifts.open_shift(room.ctx, 1)
    shell = window()
    shell.open_page("acts", shift=1, hall="101", kind="materials-returned")
    page = shell.page()
    assert page.form.spec is exam_acts.SPECS["materials-returned"]
    assert all(field.text() for field in page.form.people["given_by"])  # who was drawn to the hall
    for fields, count in zip(page.form.cells, (3, 2, 1, 3, 1, 1, 0), strict=True):
        fields[0].clear()
        qtbot.keyClicks(fields[0], str(count))
    qtbot.keyClicks(page.form.people["taken_by"][0], "Rep")
    page.refresh()  # somebody else's change takes nothing of what is typed away
    assert page.form.cells[0][0].text() == "3"
    page.save()
    assert exam_acts.lines(room.ctx, 1) == []
    error = page.form._errors["1"]
    assert not error.isHidden()
    assert "the hall was given 6" in error.text()
    page.form.cells[1][0].setText("3")
    qtbot.keyClick(page.form.cells[1][0], Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    (line,) = exam_acts.lines(room.ctx, 1)
    assert (line.hall, line.content.rows[0][0], line.content.rows[1][0]) == ("101", "3", "3")
    assert page.act() is not None
    answer(lambda dialog: dialog.findChild(QPlainTextEdit, "words").setPlainText("қате"))
    page.withdraw()
    assert exam_acts.lines(room.ctx, 1)[0].withdrawn == "қате"
    assert page.halls.current() == "101"
    page.next_open()
    assert page.halls.current() == "102"


def test_sent_out_of_the_hall_leads_to_its_act(room: Room, window: Callable[..., WorkplaceShell]) -> None:
    shifts.open_shift(room.ctx, 1)
    shell = window()
    shell.open_page("attendance")
    shell.page().send_out()
    page = shell.page()
    assert page.form.spec is exam_acts.SPECS["removal"]
    kinds = page.kinds.model()
    icons = [kinds.index(row, 0).data(Qt.ItemDataRole.DecorationRole) for row in range(kinds.rowCount())]
    assert not any(icon.isNull() for icon in icons)  # words without a mark would wrap otherwise and lose a line
    page.form.code.setText(room.lines()[0].code)
    page.form.time.setText("2515")
    page.form.story.setPlainText("Ұялы телефон қолданды")
    page.form.people["given_by"][0].setText("Кезекші")
    page.save()
    assert attendance.removals(room.ctx, 1) == []
    page.form.time.setText("1015")  # four digits, as in every other field for an hour
    page.save()
    (gone,) = attendance.removals(room.ctx, 1)
    assert gone.at_time == "10:15"
    shell.open_page("attendance")
    page = shell.page()
    page.halls.choose("-")  # the whole shift, by direction
    assert page.card.title.text() == "The whole shift"
    page.save()  # nothing is saved for the whole
    assert attendance.count_lines(room.ctx, 1)[0].present is None


def test_the_day_says_what_can_be_taken_back_and_refuses_the_rest_with_its_paragraph(
    room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    duty.draw(room.ctx, 1)
    shifts.open_shift(room.ctx, 1)
    shell = window()
    shell.open_page("day")
    page = shell.page()
    lines = {line.step.key: line for line in page._done_lines()}
    assert lines.keys() == {"duty", "open"}
    asked = TakeBackQuestion(page, list(lines.values()))
    asked.list.setCurrentRow(1)
    assert "(p.44)" in asked.words.text()
    assert not asked.act_button.isEnabled()
    asked.list.setCurrentRow(0)
    assert asked.act_button.isEnabled()
    asked.close()
    page.take_back_line(lines["open"])
    assert "only by closing it" in shell.messages.words()
    assert shell.current_key == "day"
    page.take_back_line(lines["duty"])
    assert shell.current_key == "duty"
    answer(lambda dialog: dialog.findChild(QPlainTextEdit, "words").setPlainText("сырқат"))
    shell.page().draw_again()
    assert duty.drawn(room.ctx, 1).n == 2  # type: ignore[union-attr]
    assert "Draw No 2" in shell.page().told.text()


def test_the_representative_reads_and_draws_but_does_not_print_the_pack(
    room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    shell = window("rep")
    assert {"readiness", "duty", "clock", "acts"} <= {spec.key for spec in shell.specs()}
    shell.open_page("duty")
    shell.page().draw()
    assert duty.drawn(room.ctx, 1) is not None
    shell.open_page("readiness")
    page = shell.page()
    assert not page.buttons[Item.PACK, "Print the pack"].isEnabled()
    assert not page.findChildren(QComboBox)


def test_a_removal_is_signed_by_officer_and_representative_and_only_for_the_hall_where_one_sits(room: Room) -> None:
    duty.draw(room.ctx, 1)
    shifts.open_shift(room.ctx, 1)
    begun = exam_acts.begin(room.ctx, 1, "101", "removal")
    officers = exam_acts.begin(room.ctx, 1, "101", "materials-returned").given_by
    assert len(set(officers)) == 2
    assert begun.given_by[0] == officers[0]
    assert begun.given_by[1] not in officers
    elsewhere = room.lines(hall="102")[0].code
    act = replace(begun, given_by=(officers[0], "Өкіл"), code=elsewhere, time="10:15", story="телефон қолданды")
    with pytest.raises(UserError, match="sits in hall 102, not in hall 101"):
        exam_acts.enter(room.ctx, 1, "101", "removal", "1", act)


def test_a_refusal_goes_with_the_next_act_and_never_stays_beside_its_success(
    qtbot: QtBot, room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    shifts.open_shift(room.ctx, 1)
    shell = window()
    shell.open_page("attendance")
    page = shell.page()
    save = next(button for button in page.findChildren(QPushButton) if button.text() == "Save the count")
    for field in page.fields.values():
        field.setText("99")
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    assert "The count was not saved." in shell.messages.words()
    assert all("99" in error.text() for error in page.errors.values())
    for field in page.fields.values():
        field.setText("0")
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    assert shell.messages.words() == ""
    assert attendance.count_lines(room.ctx, 1)[0].present == 0


def test_the_day_follows_the_hour_though_nothing_is_written(
    qtbot: QtBot, room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.get_one(Shift, 1).exam_date = FIRST_DAY + timedelta(days=1)
        tx.note("setting-changed", "test")
    shell = window()
    shell.open_page("day")
    steps = shell.page().steps
    assert ("1", "open:1") not in steps.buttons
    room.day(FIRST_DAY + timedelta(days=1), 8)
    season.day_of(shell.app)  # as the window's timer asks once a minute
    qtbot.waitUntil(lambda: ("1", "open:1") in steps.buttons)
    assert steps.buttons["1", "open:1"].isEnabled()
