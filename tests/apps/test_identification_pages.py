"""Identification and doubtful marks through the windows, in a database that has no place for key and points (p.38)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mab_desktop.domain.identification import IdentityDecision, LineState, MissingLine
from mab_desktop.domain.identity_reasons import SAT_THERE, WROTE_CODES, WROTE_SEATS
from mab_desktop.domain.identity_records import Exchange, ExchangeKind, ExchangeWay
from mab_desktop.i18n import translate
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.identity_questions import BlankSheetsDialog, VersionsDialog
from mab_desktop.services import doubtful, envelopes, identification, shifts
from mab_desktop.ui.messages import Question
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.exam_room import FIRST_DAY, Room, make_room, own_marks
from tests.services.paper_run import scan_twice
from tests.services.test_blind_deciding import without_key_and_points

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """A hall of six: a wrong code, two who sat in each other's place, a name alone, one away, four marks in doubt."""
    made = make_room(make_context, tmp_path / "scans", {"101": 6})
    made.seat()
    made.day(FIRST_DAY, 12)
    shifts.open_shift(made.ctx, 1)
    a, b, c, d, _e, _away = made.lines()
    there = {"seat": f"{c.seat:03d}", "variant": c.variant}, {"seat": f"{b.seat:03d}", "variant": b.variant}
    doubts = {"subject1": "?" + "B" * 24, "subject2": "??" + "C" * 23, "subject3": "D" * 24 + "?"}
    marks = [own_marks(a) | {"code": "99999999"}, own_marks(b) | there[0], own_marks(c) | there[1],
             own_marks(d) | doubts, {}, {}]  # fmt: skip
    scan_twice(made.ctx, tmp_path / "paper", [(made.serial(n), found) for n, found in enumerate(marks, 1)], 5)
    return made


@pytest.fixture
def window(qtbot: QtBot, room: Room) -> Callable[[], WorkplaceShell]:
    """`window()` of the programmer."""
    return lambda: open_window(qtbot, APP, room.ctx)


@contextmanager
def nobody_asks(shell: WorkplaceShell) -> Iterator[None]:
    """A test that fails in the middle leaves something typed, and nobody is there to answer for it."""
    try:
        yield
    except BaseException:
        shell.current_key = ""
        raise


def read_and_decided(room: Room) -> list[tuple[str, tuple[str, ...] | None]]:
    return [(mark.read, mark.decided) for mark in doubtful.doubtful_marks(room.ctx, 1, decided=True)]


def test_the_gallery_is_decided_by_keys_alone(qtbot: QtBot, room: Room, window: Callable[[], WorkplaceShell]) -> None:
    without_key_and_points(room.ctx.store)
    shell = window()
    shell.open_page("doubtful")
    page = shell.page()
    assert page.list.hasFocus()
    assert page.count.text() == "4 of 4 wait"
    assert page.first.pixmap() is not None
    assert page.second.pixmap() is not None
    names = list(page.marks)

    qtbot.keyClick(page.list, Qt.Key.Key_2)  # B, and on to the next
    assert page.list.key() == names[1]
    assert page.count.text() == "3 of 4 wait"
    qtbot.keyClick(page.list, Qt.Key.Key_1, CONTROL)
    assert not page.several_button.isEnabled()
    qtbot.keyClick(page.list, Qt.Key.Key_3, CONTROL)
    assert page.several == ["A", "C"]
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    assert page.list.key() == names[2]
    page.list.choose(names[2:])
    assert page.why.text() == "Marks chosen: 2. The next key decides all of them alike."
    qtbot.keyClick(page.list, Qt.Key.Key_N)
    assert read_and_decided(room) == [("?AB", ("B",)), ("?AB", ("A", "C")), ("?AB", ()), ("?AB", ())]
    assert page.count.text() == "0 of 4 wait"

    page.list.put(names[1])
    assert page.word.text().startswith("Decided: AC · programmer, ")
    assert page.word.text().endswith("the reader said: doubtful: A B")
    page.undo()  # the newest first: both that one key had decided
    assert [decided for _read, decided in read_and_decided(room)] == [("B",), ("A", "C"), None, None]
    assert page.list.chosen() == names[2:]
    page.undo()
    page.undo()
    assert [decided for _read, decided in read_and_decided(room)] == [None] * 4
    assert page._nothing_to_undo()


def test_a_swap_is_put_right_by_one_decision_for_both_sheets(
    qtbot: QtBot, room: Room, window: Callable[[], WorkplaceShell]
) -> None:
    without_key_and_points(room.ctx.store)
    shell = window()
    shell.open_page("identification", shift=1, hall="101")
    with nobody_asks(shell):
        _swap(qtbot, shell, room)


def _swap(qtbot: QtBot, shell: WorkplaceShell, room: Room) -> None:
    a, b, c, *_others = room.lines()
    page = shell.page()
    page.list.put(f"sheet:{room.serial(2)}")
    card = page.card
    assert f"{b.name} and {c.name} seem to have swapped" in card.why.text()
    assert [button.text() for button in card.crossed.buttons] == [
        "Each sat in the other's place", "Each wrote the other's code",
    ]  # fmt: skip
    assert card.crossed.other.serial.text() == room.serial(3)[-4:]
    assert not any(button.isEnabled() for button in card.crossed.buttons)  # the protocol is not signed yet
    room.sign()
    page.refresh()
    sat_there = card.crossed.buttons[0]
    qtbot.mouseClick(sat_there, Qt.MouseButton.LeftButton)
    assert "ground" in card.errors.text()
    assert not page.typed
    card.ground.setText("act 3")
    qtbot.mouseClick(card.crossed.buttons[0], Qt.MouseButton.LeftButton)
    assert {serial: (d.code, d.seat, d.variant, d.ground) for serial, d in page.typed.items()} == {
        room.serial(2): (b.code, c.seat, c.variant, "act 3"), room.serial(3): (c.code, b.seat, b.variant, "act 3"),
    }  # fmt: skip
    assert isinstance(page.current(), MissingLine), "on to the next open line: both sheets are typed"
    page.list.put(f"sheet:{room.serial(1)}")
    assert card.nearest.names()[0] == f"{a.name} {a.code}"
    page.save()
    assert not page.typed
    assert identification.hall_view(room.ctx, 1, "101").result.exchanges == ()
    assert len(identification.decisions(room.ctx, 1, "101")) == 2


def test_a_typed_decision_covers_the_line_of_its_student_too(
    room: Room, window: Callable[[], WorkplaceShell]
) -> None:
    """Nothing is entered yet, so every page still counts as many open lines; but keys go on to what nobody typed."""
    a, _b, _c, _d, e, away = room.lines()
    room.sign()
    shell = window()
    with nobody_asks(shell):
        shell.open_page("identification", shift=1, hall="101")
        page = shell.page()
        before = page.hall_view.result.open_lines
        page._note((IdentityDecision(room.serial(1), a.code, a.seat, a.variant),))
        assert not page.list.is_open(f"sheet:{room.serial(1)}")
        assert not page.list.is_open(f"student:{a.student}")
        assert [page.list.is_open(f"student:{one.student}") for one in (e, away)] == [True, True]
        page.list.put(f"student:{a.student}")
        assert not page.absence.button.isEnabled(), "who is given a sheet is not absent"
        page.list.put(f"student:{e.student}")
        assert page.absence.button.isEnabled()
        assert shifts.shift_facts(room.ctx, 1).open_lines == before == envelopes.balance(room.ctx, 1, "101").open_lines
        page._note(page.hall_view.result.exchanges[0].ways[1].decisions)
        page.save()
        assert isinstance(page.current(), MissingLine)
        assert not page.absence.button.hasFocus(), "an Enter too many would say that somebody did not come"
        assert page.hall_view.result.open_lines == shifts.shift_facts(room.ctx, 1).open_lines < before


def test_a_hall_that_is_not_scanned_twice_has_no_open_line_anywhere(
    make_context: MakeContext, tmp_path: Path
) -> None:
    """Else every one of its students would count as missing before anybody looked."""
    both = make_room(make_context, tmp_path / "two", {"101": 2, "102": 3})
    both.seat()
    both.day(FIRST_DAY, 12)
    shifts.open_shift(both.ctx, 1)
    assert shifts.shift_facts(both.ctx, 1).open_lines == 0
    marks = [own_marks(line) for line in both.lines(hall="101")[:1]]
    scan_twice(both.ctx, tmp_path / "p", [(both.serial(1), marks[0]), (both.serial(2), {})], 1, hall="101")
    lines = {line.hall: line.open_lines for line in envelopes.envelope_lines(both.ctx, 1)}
    assert lines == {"101": 1, "102": 0}
    assert shifts.shift_facts(both.ctx, 1).open_lines == 1


def test_the_ways_of_a_swap_are_read_whole_on_a_small_screen(
    qtbot: QtBot, room: Room, window: Callable[[], WorkplaceShell]
) -> None:
    """Seats exchanged alone leave all three ways open; their Kazakh words stand in one row."""
    shell = window()
    shell.set_language("kk")
    shell.resize(1366, 768)
    shell.open_page("identification", shift=1, hall="101")
    crossed, (b, c) = shell.page().card.crossed, room.lines()[1:3]
    words = (SAT_THERE, WROTE_CODES, WROTE_SEATS)
    sheets = (
        IdentityDecision(room.serial(2), b.code, c.seat, b.variant),
        IdentityDecision(room.serial(3), c.code, b.seat, c.variant),
    )
    ways = tuple(ExchangeWay(word, sheets, needs_ground=True) for word in words)
    exchange = Exchange(ExchangeKind.PLACES, (room.serial(2), room.serial(3)), (b.name, c.name), ways)
    shell.page().list.put(f"sheet:{room.serial(2)}")
    crossed.show_exchange(exchange, room.serial(2), open_now=True)
    qtbot.waitUntil(lambda: all(button.isVisible() for button in crossed.buttons))
    assert [button.text() for button in crossed.buttons] == [translate("kk", word) for word in words]
    qtbot.waitUntil(lambda: all(button.width() >= button.sizeHint().width() for button in crossed.buttons))


def test_a_name_alone_on_a_blank_sheet_and_the_versions_of_the_protocol(
    room: Room, window: Callable[[], WorkplaceShell]
) -> None:
    a, b, c, _d, e, away = room.lines()
    room.sign()
    both = next(iter(identification.hall_view(room.ctx, 1, "101").result.exchanges)).ways[1].decisions
    alone = identification.IdentityDecision(room.serial(1), a.code, a.seat, a.variant)
    identification.decide_identities(room.ctx, 1, "101", [alone, *both])
    shell = window()
    shell.open_page("identification", shift=1, hall="101")
    page = shell.page()
    assert page._cannot_end() == "Open lines: 2. The last version of the protocol has none (p.38)."
    page.issue_last()
    assert identification.issued_versions(room.ctx, 1) == {"101": [1]}
    page.list.put(f"sheet:{room.serial(1)}")
    assert page.list.currentIndex().data().splitlines()[2:] == [a.name]  # apart from the word of the decision

    def name_found(asked: Question) -> None:
        assert isinstance(asked, BlankSheetsDialog)
        assert not asked.act_button.isEnabled()
        assert [asked.list.item(row).text() for row in range(asked.list.count())] == ["0005", "0006"]
        assert not asked.list.item(0).icon().isNull()
        asked.list.setCurrentRow(0)
        asked.ground.setText("act 4")

    page.list.put(f"student:{e.student}")
    answer(name_found)
    page.absence.blank_button.click()
    page.list.put(f"student:{away.student}")
    page.absence.button.click()
    assert page.hall_view.result.open_lines == 0
    assert [line.remark for line in page.hall_view.result.missing] == [LineState.CORRECTED] * 4 + [LineState.ABSENT]
    page.issue_last()
    assert shell.current_key == "papers"
    assert envelopes.balance(room.ctx, 1, "101").balanced

    shell.open_page("identification", shift=1, hall="101")
    page = shell.page()
    page.refresh()
    assert page._cannot_end() == "The last version is issued already."

    def look(asked: Question) -> None:
        assert isinstance(asked, VersionsDialog)
        told = [asked.changes.item(row).text() for row in range(asked.changes.count())]
        assert f"Table 1. Students · {away.name} · Remark: – → Absent" in told
        assert asked.heading.text() == f"Version 2 against version 1: {len(told)} changes"
        asked.list.setCurrentRow(1)
        assert asked.heading.text() == "The first version: nothing stands before it."

    answer(look)
    page.show_versions()
    assert shell.current_key == "papers"
    assert shell.page().options.currentData() == "1|101|1"
    assert shell.page().options.currentText() == "Shift 1, hall 101, version 1"


def test_the_marks_of_one_hall_lead_on_to_the_others(
    qtbot: QtBot, make_context: MakeContext, tmp_path: Path
) -> None:
    room = make_room(make_context, tmp_path / "scans", {"101": 2, "102": 2})
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    for hall in ("101", "102"):
        marks = [own_marks(line) | {"subject1": "?" + "B" * 24} for line in room.lines(hall=hall)]
        scan_twice(room.ctx, tmp_path / hall, [(room.serial(n, hall=hall), one) for n, one in enumerate(marks, 1)], 2,
                   hall=hall)  # fmt: skip
    shell = open_window(qtbot, APP, room.ctx)
    shell.open_page("doubtful", shift=1, hall="102")
    page = shell.page()
    assert page.count.text() == "Hall 102: 2 of 2 wait"
    assert page.all_halls.isVisible()
    for _mark in range(2):
        qtbot.keyClick(page.list, Qt.Key.Key_A)
    assert page.count.text() == "2 of 4 wait"
    assert not page.all_halls.isVisible()
    assert page.current().hall == "101"
    assert page.list.hasFocus()


def test_an_enter_too_many_after_the_last_sheet_marks_nobody_absent(
    qtbot: QtBot, room: Room, window: Callable[[], WorkplaceShell]
) -> None:
    room.sign()
    shell = window()
    shell.open_page("identification", shift=1, hall="101")
    page = shell.page()
    with nobody_asks(shell):
        page._note(tuple(
            identification.IdentityDecision(line.sheet.serial, room.lines()[0].code, 1, "1111", "act")
            for line in page.hall_view.result.sheets
        ))  # fmt: skip
        assert page.stack.currentWidget() is page.absence
        assert page.list.hasFocus()
        page.typed = {}


def test_after_the_representative_s_word_both_pages_only_show(
    qtbot: QtBot, room: Room, window: Callable[[], WorkplaceShell]
) -> None:
    a, _b, _c, _d, e, away = room.lines()
    marks = doubtful.doubtful_marks(room.ctx, 1)
    doubtful.decide_marks(room.ctx, [doubtful.MarkDecision(m.serial, m.field, m.column, ("A",)) for m in marks])
    room.sign()
    both = next(iter(identification.hall_view(room.ctx, 1, "101").result.exchanges)).ways[1].decisions
    alone = identification.IdentityDecision(room.serial(1), a.code, a.seat, a.variant)
    by_hand = identification.IdentityDecision(room.serial(5), e.code, e.seat, e.variant, "act 4")
    identification.decide_identities(room.ctx, 1, "101", [alone, by_hand, *both])
    identification.mark_absent(room.ctx, 1, "101", [away.student])
    room.finish_identification()
    shell = window()
    shell.open_page("doubtful", shift=1)
    page = shell.page()
    assert "before the key" in page.closed_reason
    qtbot.keyClick(page.list, Qt.Key.Key_B)
    page.undo()
    assert {decided for _read, decided in read_and_decided(room)} == {("A",)}
    shell.open_page("identification", shift=1, hall="101")
    page = shell.page()
    assert "nothing changes any more" in page.closed_reason
    assert page.list.put(f"sheet:{room.serial(1)}")
    assert not page.card.note_button.isEnabled()
    assert not page.card.unused_button.isEnabled()
    assert page.list.put(f"student:{away.student}")
    assert not page.absence.button.isEnabled()
    assert not page.absence.blank_button.isEnabled()
    assert page._cannot_end()
    assert page._cannot_sign()
    assert page._nothing_typed()
