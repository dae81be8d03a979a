"""The page of the envelopes while a scanner works: a real window, the simulated driverless scanner, real sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.envelopes_page import EnvelopesPage
from mab_desktop.ministry_programmer.identification_page import IdentificationPage
from mab_desktop.ministry_programmer.scan_view import ScanView
from mab_desktop.rehearsal.escl_scanner import EsclScanner
from mab_desktop.rehearsal.paper_feeder import Mishaps
from mab_desktop.services import envelopes, scanners
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.services.scan_suspicions import Suspect
from mab_desktop.services.staging import left_overs
from mab_desktop.ui.messages import Question
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.envelope_stand import ScriptedFeeder, Sheets, cover_image, open_hall, open_shift
from tests.services.exam_room import Room, make_room

PATIENCE = 20_000  # milliseconds; as long as it takes, this is only how long a failing test waits


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; halls 101 with four students, 102 with two."""
    return open_shift(make_room(make_context, tmp_path / "scans", {"101": 4, "102": 2}))


@pytest.fixture
def sheets(room: Room) -> Sheets:
    """The envelope of hall 101: four used sheets and an unused one."""
    return open_hall(room)


@pytest.fixture
def scanner(room: Room) -> Iterator[Callable[..., EsclScanner]]:
    """`scanner(stack, mishaps)`: a driverless scanner that this workplace remembers."""
    opened: list[EsclScanner] = []

    def make(stack: Sequence[Path], mishaps: Mishaps = Mishaps()) -> EsclScanner:
        made = EsclScanner(stack, mishaps).__enter__()
        opened.append(made)
        scanners.remember(room.ctx, scanners.suggested(scanners.ask_scanner(made.address)))
        return made

    yield make
    for made in opened:
        made.__exit__(None, None, None)


def envelopes_page(qtbot: QtBot, room: Room, lang: str = "en") -> tuple[WorkplaceShell, EnvelopesPage]:
    shell = open_window(qtbot, APP, room.ctx, lang)
    shell.open_page("envelopes", shift=1, hall="101")
    page = shell.page()
    assert isinstance(page, EnvelopesPage)
    return shell, page


def comes_to(qtbot: QtBot, run: ScanView, state: State) -> None:
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.state is state, timeout=PATIENCE)


def key(qtbot: QtBot, page: EnvelopesPage, pressed: Qt.Key, held: Qt.KeyboardModifier | None = None) -> None:
    """A key in the page, wherever the focus stands in it."""
    target = QApplication.focusWidget() or page
    qtbot.keyClick(target, pressed, held or Qt.KeyboardModifier.NoModifier)


def test_a_jam_is_said_gone_on_after_and_the_pass_saved(
    qtbot: QtBot, room: Room, sheets: Sheets, scanner: Callable[..., EsclScanner]
) -> None:
    device = scanner(room.images(sheets, "stack"), Mishaps(jam=frozenset({2})))
    shell, page = envelopes_page(qtbot, room)
    run, card = page.run, page.card
    assert card.scan_buttons[1].text() == "Scan pass 1"
    assert card.source_words.text() == "Scanner: MAB Simulated feeder"
    assert card.folder_buttons[1].isVisible()
    card.scan_buttons[1].setFocus()
    key(qtbot, page, Qt.Key.Key_F5)
    comes_to(qtbot, run, State.FAULT)
    assert page.stack.currentWidget() is run
    qtbot.waitUntil(lambda: run.current_page() is not None and run.current_page().position == 2, timeout=PATIENCE)
    assert "jammed" in run.banner.words()
    assert "2 sheets are kept; nothing is lost." in run.banner.words()
    assert "go on" in run.banner.words()
    assert run.go_on_button.hasFocus()
    assert not run.save_button.isVisible()
    assert not page.card.save_button.isVisible()
    key(qtbot, page, Qt.Key.Key_F5)
    comes_to(qtbot, run, State.ENDED)
    assert run.seen is not None
    assert [p.position for p in run.seen.pages] == [1, 2, 3, 4, 5]
    assert run.banner.words() == ""
    assert run.save_button.hasFocus()
    assert run.pace.text().startswith("By the act: 5 sheets.")
    key(qtbot, page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not page.scanning
    assert page.halls.current() == "101"
    assert [line.position for line in page.pages.values()] == [1, 2, 3, 4, 5]
    assert card.scan_buttons[2].hasFocus()

    device.feeder.lay_in(room.images(sheets, "stack-2"))
    key(qtbot, page, Qt.Key.Key_F5)
    comes_to(qtbot, run, State.ENDED)
    key(qtbot, page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert page.lines["101"].balanced
    assert left_overs(room.ctx) == []

    device.feeder.lay_in(room.images(sheets[2:3], "stack-3"))
    page.review.strip.choose(list(page.pages)[2])
    page.review.rescan()  # the one sheet that lies in the feeder
    assert [line.attempt for line in page.pages.values()] == [1, 1, 2, 1, 1]
    assert page.review.current_page().position == 3  # the new image stands in front, not the first sheet
    assert page.lines["101"].balanced
    shell.close()


def test_the_rail_calls_envelopes_done_when_their_numbers_agree(qtbot: QtBot, room: Room, sheets: Sheets) -> None:
    second = open_hall(room, "102")
    for scan_pass in (1, 2):
        envelopes.scan_pass(room.ctx, 1, "102", scan_pass, room.images(second, f"of-102-{scan_pass}"))
    for scan_pass, stack in ((1, sheets), (2, sheets[:-1])):
        envelopes.scan_pass(room.ctx, 1, "101", scan_pass, room.images(stack, f"p{scan_pass}"))
    shell, page = envelopes_page(qtbot, room)
    assert shell.app is not None
    state = season.envelopes_state(shell.app)
    assert (state.mark, state.reason) == (Mark.LATE, "The numbers of these halls do not agree: 101 (p.34, 38).")
    shell.open_page("identification", shift=1, hall="101")
    other = shell.page()
    assert isinstance(other, IdentificationPage)
    assert other.empty.isVisibleTo(other)
    halls = other.halls.model()
    assert [halls.index(row, 0).data().split("\n")[1] for row in range(2)] == [
        "the two passes do not agree", "no open line, last version not issued",
    ]  # fmt: skip
    assert "do not agree yet" in other._cannot_issue()
    shell.open_page("envelopes", shift=1, hall="101")
    envelopes.discard_pass(room.ctx, 1, "101", 2, "one lay in the scanner")
    envelopes.scan_pass(room.ctx, 1, "101", 2, room.images(sheets, "again"))
    shell.page().refresh()
    assert season.envelopes_state(shell.app).mark is Mark.DONE
    shell.close()


def test_nothing_is_done_with_a_saved_cover(qtbot: QtBot, room: Room, sheets: Sheets) -> None:
    cover = cover_image(room.ctx, room.folder / "cover.png")
    envelopes.scan_pass(room.ctx, 1, "101", 1, [cover, *room.images(sheets, "p1")])
    shell, page = envelopes_page(qtbot, room)
    again = page.review.page_buttons[0]
    for position, line in enumerate(page.pages.values()):
        page.review.strip.choose(str(line.page))
        assert line.position == position
        assert again.isEnabled() is (position > 0)
    page.review.strip.choose(next(iter(page.pages)))
    assert again.toolTip() == "The cover of the envelope; it is no answer sheet."
    shell.close()


def test_of_nothing_and_of_a_scanner_that_is_gone_nobody_can_say_that_these_are_all_sheets(
    qtbot: QtBot, room: Room, sheets: Sheets, scanner: Callable[..., EsclScanner]
) -> None:
    images = room.images(sheets, "stack")
    device = scanner([], Mishaps(cut=frozenset({2})))
    shell, page = envelopes_page(qtbot, room)
    run = page.run
    page.scan(1)
    comes_to(qtbot, run, State.FAULT)
    assert "There is no paper in the feeder" in run.banner.words()
    assert "Lay the sheets in and go on." in run.banner.words()
    assert (run.go_on_button.text(), run.finish_button.isVisible()) == ("Go on", False)
    device.feeder.lay_in(images)
    key(qtbot, page, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 2, timeout=PATIENCE)
    comes_to(qtbot, run, State.FAULT)
    assert "was cut" in run.banner.words()
    assert not run.finish_button.isVisible()  # the act counts five, and the scanner is gone
    device.__exit__(None, None, None)
    key(qtbot, page, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "is not there" in run.banner.words(), timeout=PATIENCE)
    assert "check the cable and go on" in run.banner.words()
    assert not run.finish_button.isVisible()
    shell.close()


def test_a_foreign_sheet_is_shown_removed_and_the_run_discarded_with_the_halls_number(
    qtbot: QtBot, room: Room, sheets: Sheets, scanner: Callable[..., EsclScanner]
) -> None:
    foreign = (room.serial(1, hall="102"), {})
    scanner(room.images([*sheets[:2], foreign, *sheets[2:]], "stack"))
    shell, page = envelopes_page(qtbot, room)
    run = page.run
    page.scan(1)
    comes_to(qtbot, run, State.FOREIGN)
    assert foreign[0] in run.banner.words()
    assert "belongs to hall 102" in run.banner.words()
    assert run.remove_button.hasFocus()
    assert run.remove_button.text() == "Remove the foreign page"
    assert not run.save_button.isEnabled()
    assert run.save_button.toolTip() == "First remove the page that does not belong here (p.38)."
    current = run.current_page()
    assert current is not None
    assert current.serial == foreign[0]
    key(qtbot, page, Qt.Key.Key_F8)
    comes_to(qtbot, run, State.ENDED)
    run.go_on()
    comes_to(qtbot, run, State.ENDED)
    assert run.seen is not None
    assert [p.serial for p in run.seen.pages] == [serial for serial, _ in sheets]

    seen = answer(lambda _question: None)  # nothing typed: the verb stays closed
    run.discard()
    assert seen == ["Discard what was scanned"]
    assert page.scanning

    def type_hall(question: Question) -> None:
        question.findChild(QLineEdit, "confirmation").setText("101")

    answer(type_hall)
    run.discard()
    assert not page.scanning
    assert envelopes.balance(room.ctx, 1, "101").balance.read1 is None
    shell.close()


def test_two_sheets_at_once_are_listed_and_scanned_again_in_their_place(
    qtbot: QtBot, room: Room, sheets: Sheets, scanner: Callable[..., EsclScanner]
) -> None:
    stack = room.images(sheets, "stack")
    device = scanner(stack, Mishaps(double=frozenset({1})))
    shell, page = envelopes_page(qtbot, room)
    run = page.run
    page.scan(1)
    comes_to(qtbot, run, State.ENDED)
    assert run.seen is not None
    assert Suspect.FEWER in {suspicion.kind for suspicion in run.seen.suspicions}
    assert run.go_on_button.hasFocus()  # a sheet lacks: more sheets come before Save
    run.strip.choose(str(run.seen.pages[1].key))
    device.feeder.lay_in(stack[1:3])
    key(qtbot, page, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 5, timeout=PATIENCE)
    comes_to(qtbot, run, State.ENDED)
    assert [p.serial for p in run.seen.pages] == [serial for serial, _ in sheets]
    assert run.seen.suspicions == ()
    run.save()
    assert len(page.pages) == 5
    shell.close()


def test_esc_stops_the_scanner_and_never_leaves_a_run_that_is_not_saved(
    qtbot: QtBot, room: Room, sheets: Sheets, scanner: Callable[..., EsclScanner]
) -> None:
    scanner(room.images(sheets, "stack"), Mishaps(stall=frozenset({2})))
    shell = open_window(qtbot, APP, room.ctx)
    shell.open_page("day")
    shell.open_page("envelopes", shift=1, hall="101")
    page = shell.page()
    assert isinstance(page, EnvelopesPage)
    run = page.run
    page.halls.setFocus()
    key(qtbot, page, Qt.Key.Key_Return)  # on a hall: to what is due for it
    assert page.card.scan_buttons[1].hasFocus()
    key(qtbot, page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 2, timeout=PATIENCE)
    key(qtbot, page, Qt.Key.Key_Escape)
    key(qtbot, page, Qt.Key.Key_Escape)  # the second pull does not wait for the sheet on its way
    comes_to(qtbot, run, State.ENDED)
    assert run.go_on_button.hasFocus()
    run.strip.setFocus()
    key(qtbot, page, Qt.Key.Key_Escape)
    assert shell.current_key == "envelopes"
    assert page.scanning
    assert run.go_on_button.hasFocus()
    shell.close()


def test_leaving_while_scanning_asks_and_stops_and_everything_stays(
    qtbot: QtBot, room: Room, sheets: Sheets, scanner: Callable[..., EsclScanner]
) -> None:
    scanner(room.images(sheets, "stack"), Mishaps(stall=frozenset({2})))
    shell, page = envelopes_page(qtbot, room)
    run = page.run
    page.scan(1)
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 2, timeout=PATIENCE)
    assert run.seen is not None
    assert run.seen.state is State.SCANNING
    stays = answer(lambda question: question.act_button.setEnabled(False))
    shell.close()
    assert stays == ["An envelope is being scanned"]
    assert shell.isVisible()
    shell.set_language("kk")  # the page is made anew: the run goes along
    page = shell.page()
    assert isinstance(page, EnvelopesPage)
    run = page.run
    assert page.scanning
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.state is State.SCANNING, timeout=PATIENCE)
    answer(lambda _question: None)
    shell.open_page("results")
    assert shell.current_key == "results"
    run.stop()  # asked again: the scanner, which gives nothing more, need not be waited for
    comes_to(qtbot, run, State.ENDED)
    shell.open_page("envelopes")
    assert page.scanning
    assert run.seen is not None
    assert run.seen.counts.fed == 2
    shell.close()
    assert run.session is not None
    run.session.leave()  # the program has ended
    assert len(left_overs(room.ctx)) == 1


def test_the_next_envelope_from_a_folder_is_known_by_its_cover(
    qtbot: QtBot, room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = room.images(sheets, "pass")[0].parent
    cover_image(room.ctx, folder / "cover.png")
    shell, page = envelopes_page(qtbot, room)
    run = page.run
    assert page.card.scan_buttons[1].text() == "Scan pass 1 from a folder…"
    assert not page.card.folder_buttons[1].isVisible()
    page.halls.choose("102")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a: str(folder))
    page.scan_next()
    comes_to(qtbot, run, State.ENDED)
    assert run.title.text() == "Shift 1 · hall 101 · pass 1"
    run.save()
    assert page.halls.current() == "101"
    assert [line.position for line in page.pages.values()] == [0, 1, 2, 3, 4, 5]
    shell.close()


def test_pages_of_a_watched_folder_come_as_they_arrive_until_the_person_says_that_all_are_there(
    qtbot: QtBot, room: Room, sheets: Sheets, tmp_path: Path
) -> None:
    folder, pages = tmp_path / "saved", [path.read_bytes() for path in room.images(sheets, "stack")]
    folder.mkdir()
    (folder / "of-yesterday.png").write_bytes(pages[0])
    scanners.remember(room.ctx, scanners.suggested(scanners.folder_line(folder, watched=True)))
    shell, page = envelopes_page(qtbot, room)
    run = page.run
    page.scan(1)
    assert "out of the folder saved as they arrive" in run.banner.words()
    assert (run.stop_button.isVisible(), run.finish_button.isVisible()) == (True, False)  # none is there yet
    (folder / "notes.txt").write_text("not a page")
    (folder / "1.png").write_bytes(pages[0])
    (folder / "2.png").write_bytes(pages[1][:3000])  # still being written
    (folder / "3.png").write_bytes(pages[2])
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 1, timeout=PATIENCE)
    assert (run.stop_button.isVisible(), run.finish_button.isVisible()) == (False, True)
    (folder / "2.png").write_bytes(pages[1])
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 3, timeout=PATIENCE)
    (folder / "1.png").write_bytes(pages[3])
    comes_to(qtbot, run, State.FAULT)
    assert "wrote 1.png anew" in run.banner.words()
    key(qtbot, page, Qt.Key.Key_F5)
    for n in (4, 5):
        (folder / f"{n}.png").write_bytes(pages[n - 1])
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 5, timeout=PATIENCE)
    qtbot.mouseClick(run.finish_button, Qt.MouseButton.LeftButton)
    comes_to(qtbot, run, State.ENDED)
    assert run.seen is not None
    assert [p.serial for p in run.seen.pages] == [serial for serial, _ in sheets]
    run.save()
    assert len(page.pages) == 5
    shell.close()


def test_what_a_crash_left_is_offered_and_continued(
    qtbot: QtBot, room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = room.images(sheets, "stack")
    broken = ScanSession.begin(room.ctx, 1, "101", 1)
    broken.scan(ScriptedFeeder(list(images[:2])))
    broken.wait()
    broken.close()
    shell, page = envelopes_page(qtbot, room)
    assert page.left_over.isVisible()
    assert "hall 101, pass 1, 2 pages" in page.left_over.words.text()
    qtbot.mouseClick(page.left_over.continue_button, Qt.MouseButton.LeftButton)
    run = page.run
    comes_to(qtbot, run, State.ENDED)
    assert not page.left_over.isVisible()
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_a: ([str(path) for path in images[2:]], ""))
    key(qtbot, page, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.seen is not None and run.seen.counts.read == 5, timeout=PATIENCE)
    comes_to(qtbot, run, State.ENDED)
    run.save()
    assert len(page.pages) == 5
    assert not page.left_over.isVisible()
    shell.close()


def test_a_refused_page_is_shown_with_the_reason_and_as_it_came(
    qtbot: QtBot, room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = room.images(sheets, "stack")
    images[1].write_bytes(images[1].read_bytes()[:20_000])  # cut off on its way
    shell, page = envelopes_page(qtbot, room)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a: str(images[0].parent))
    page.choose_folder(1)
    run = page.run
    comes_to(qtbot, run, State.ENDED)
    assert run.seen is not None
    assert run.seen.counts.refused == 1
    key(qtbot, page, Qt.Key.Key_F3)
    current = run.current_page()
    assert current is not None
    assert current.refused
    assert run.page_words.text().startswith("Place 2 in the envelope · no serial.")
    run.strip.choose(str(run.seen.pages[0].key))
    assert "black square missing here" in run.view.marks_button.toolTip()  # what the signs mean
    with_marks = run.view._canvas.grab().toImage()
    key(qtbot, page, Qt.Key.Key_F4)
    assert run.view._canvas.grab().toImage() != with_marks
    run.save()
    assert "1 refused" in shell.messages.words()
    assert " · blank" not in page.review.page_words.text()  # nobody knows that of a page that was not read
    assert "no serial. " in page.review.page_words.text()
    current = page.review.current_page()
    assert current is not None
    assert not current.ok  # the page that waits for a person is in front
    shell.close()


def test_a_folder_without_images_begins_nothing_and_says_so(
    qtbot: QtBot, room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = room.images(sheets, "stack")[0].parent.parent
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a: str(around))
    shell, page = envelopes_page(qtbot, room)
    page.choose_folder(1)
    assert not page.scanning
    assert "no images of sheets in the folder" in shell.messages.words()
    assert left_overs(room.ctx) == []
    shell.close()


def test_a_sheet_that_came_many_times_does_not_widen_the_column_beside(
    qtbot: QtBot, room: Room, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = room.images([*sheets, *([sheets[0]] * 7)], "stack")[0].parent
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a: str(folder))
    shell, page = envelopes_page(qtbot, room, "ru")
    shell.resize(1366, 768)
    page.choose_folder(1)
    comes_to(qtbot, page.run, State.ENDED)
    assert Suspect.TWICE in {suspicion.kind for suspicion in page.run.seen.suspicions}  # type: ignore[union-attr]
    cards = page.run.look_card.parentWidget()
    QApplication.processEvents()
    assert cards.minimumSizeHint().width() <= cards.parentWidget().width()
    shell.close()
