"""Seats and the representative's report through the windows: variants that differ, her words, who may write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.seating_page import SeatingPage
from mab_desktop.ministry_programmer.shift_page import ShiftChoice
from mab_desktop.services import representative_report, shifts
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.exam import ShiftStep, VariantSeat
from mab_desktop.storage.tables.students import Shift
from mab_desktop.ui.hall_plan import SeatState
from mab_desktop.ui.panels import StateLabel
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.services.exam_room import Room, make_room

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Two halls, seats drawn."""
    made = make_room(make_context, tmp_path / "scans", {"101": 3, "102": 2})
    made.seat()
    return made


@pytest.fixture
def window(qtbot: QtBot, room: Room) -> Callable[..., WorkplaceShell]:
    """`window()` of the programmer, `window("rep")` of the representative."""
    return lambda login="": open_window(qtbot, APP, room.representative if login else room.ctx)


def told(page: SeatingPage) -> list[str]:
    widgets = (page.told_after.itemAt(n).widget() for n in range(page.told_after.count()))
    return [widget._words.text() for widget in widgets if isinstance(widget, StateLabel)]


def test_variants_that_do_not_fit_the_seats_are_named_and_their_hall_marked(
    room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    shell = window()
    shell.open_page("seating")
    page = shell.page()
    assert any("fit the seats: students 5, booklets 9, of them surplus 4" in text for text in told(page)), told(page)
    with room.ctx.store.write(room.ctx.actor) as tx:
        of_hall = select(VariantSeat).where(VariantSeat.hall == "101").order_by(VariantSeat.seat)
        tx.session.delete(tx.session.scalars(of_hall).first())
        tx.note("exam-data-loaded", "test")
    page.refresh()
    assert any("Hall 101: the centre laid no variant on seats 1." in text for text in told(page)), told(page)
    assert page.halls.current() == "101"
    states = [seat.state for seat in page.plan.seats.values() if seat.number in ("1", "2", "3")]
    assert states == [SeatState.WRONG, SeatState.TAKEN, SeatState.TAKEN]
    shell.open_page("papers", paper="seating-plans", option="1|101")
    assert not shell.page().closed_reason


def test_the_representative_writes_and_the_programmer_reads(
    room: Room, window: Callable[..., WorkplaceShell], qtbot: QtBot
) -> None:
    shell = window("rep")
    shell.open_page("report")
    page = shell.page()
    assert "0 of 9" in page.state._words.text()
    qtbot.keyClicks(page.fields[0], "Bari tartippen")
    assert page._unsaved_words()
    page.refresh()  # something else was written meanwhile: what is typed stays
    assert page.fields[0].toPlainText() == "Bari tartippen"
    qtbot.keyClick(page.fields[0], Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert representative_report.report(room.ctx).texts[0] == "Bari tartippen"
    assert "1 of 9" in page.state._words.text()
    assert page._unsaved_words() == ""
    page.fields[1].setPlainText("ә" * (representative_report.LONGEST + 1))
    page.save()
    assert "at most 4000" in shell.messages.words()
    assert representative_report.report(room.ctx).written == 1
    shell.close()

    shell = window()
    shell.open_page("report")
    page = shell.page()
    assert page.fields[0].toPlainText() == "Bari tartippen"
    assert page.fields[0].isReadOnly()
    assert "under her own log-in" in page.closed_reason


def close_all(room: Room, at: str) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.get_one(Shift, 1).state = "closed"
        tx.session.add(ShiftStep(shift=1, move="close", at=at, by="programmer"))
        tx.note("shift-closed", "shift-1")
    for paper in (shifts.MINUTES, shifts.LAST_REGISTER, shifts.RESULTS_AFTER):
        room.print_as(paper, 1)


def gone_out(room: Room, kind: str, recipient: str, at: str) -> None:
    with room.ctx.store.write(room.ctx.actor) as tx:
        name = f"{kind}-{recipient}-{at}"
        tx.session.add(CarrierOut(digest=name, kind=kind, recipient=recipient, stream=name, epoch=1, seq=1, prev="",
                                  state="written", file_name="x", manifest={}, created_at=at))  # fmt: skip
        tx.note("carrier-written", name)


def test_home_names_whose_the_report_is_and_all_that_is_left_after_the_data_were_sent(
    room: Room, window: Callable[..., WorkplaceShell]
) -> None:
    now = room.ctx.clock.now()
    close_all(room, now.isoformat())
    hers = season.home(window("rep").app).next_step
    assert (hers.page, hers.verb, hers.why) == ("report", "Write the report", "")
    shell = window()

    def left() -> tuple[str, list[str]]:
        home = season.home(shell.app)
        return home.next_step.title if home.next_step else "", [one.title for one in home.hindrances]

    report = "Shift 1: Write the representative's report to the testing centre"
    data = "Shift 1: Send the data to the testing centre"
    results = "Shift 1: Hand the results over to the base university"
    told = season.home(shell.app).next_step
    assert (told.page, told.verb) == ("report", "Representative's report")
    assert "The representative writes it under her own log-in" in told.why
    assert left() == (report, [data, results])
    gone_out(room, "final-data", "ntc", now.isoformat())
    assert left() == (report, [results])
    gone_out(room, "results", "ntc", now.isoformat())
    assert left() == (report, [results]), "the universities have none yet"
    gone_out(room, "results", "bu013", now.isoformat())
    assert left() == (report, [])
    room.day(now.date(), now.hour + 1)
    representative_report.save(room.representative, ["Бәрі тәртіппен"] * len(representative_report.TASKS))
    assert left() == (data, []), "the data went before her report"
    gone_out(room, "final-data", "ntc", room.ctx.clock.now().isoformat())
    assert left() == ("", [])


def test_a_long_state_of_a_shift_wraps_beside_its_choice(qtbot: QtBot) -> None:
    """Else its end, how many applications the commission has not got yet, stood outside of the window."""
    choice = ShiftChoice(())
    qtbot.addWidget(choice)
    choice.state.setText("the results are announced · No more applications; decisions are due until 22.05.2011 13:00 "
                         "(p.41) · not handed to the commission yet: 6")  # fmt: skip
    choice.resize(700, 60)
    choice.show()
    qtbot.waitUntil(lambda: choice.state.height() >= choice.state.heightForWidth(choice.state.width()) > 0)
    assert choice.state.geometry().right() <= choice.width()
    assert choice.state.heightForWidth(choice.state.width()) > choice.state.fontMetrics().height() * 1.5
