"""The page of scanner and printer in the real window: checks from files and a scanner, last verdicts, next steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from mab_desktop.i18n import LANGS, use
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.equipment_page import EquipmentPage, equipment_state
from mab_desktop.ministry_programmer.scanner_card import ScannerCard
from mab_desktop.services import documents, equipment, scanners
from mab_desktop.services.equipment import FIT, GLASS, SHEET
from mab_desktop.services.scanners import ScannerLine, ScannerOptions
from mab_desktop.ui.panels import StateLabel
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.scanning.scanner_stand import DEVICE, scanner_with, use_sane
from tests.services.exam_room import Room, filled, make_room
from tests.services.test_equipment import fit_scan

LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """A ministry programmer's workplace."""
    return make_room(make_context, tmp_path)


@pytest.fixture
def shell(qtbot: QtBot, qapp: QApplication, room: Room) -> Iterator[WorkplaceShell]:
    """Its window, on the page."""
    window = open_window(qtbot, APP, room.ctx)
    window.open_page("equipment")
    yield window
    qapp.setStyleSheet("")


@pytest.fixture
def page(shell: WorkplaceShell) -> EquipmentPage:
    """The page itself."""
    found = shell.page()
    assert isinstance(found, EquipmentPage)
    return found


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Images of the three sheets, and a test sheet of a printer that shrinks."""
    found = {name: tmp_path / f"{name}.jpg" for name in (FIT, "small")}
    found[FIT].write_bytes(fit_scan())
    found["small"].write_bytes(fit_scan(0.94))
    for name in (GLASS, SHEET):
        found[name] = tmp_path / f"{name}.png"
    white = np.full((2339, 1654), 240, np.uint8)
    white[:, 700:703] = 190
    cv2.imwrite(str(found[GLASS]), white)
    cv2.imwrite(str(found[SHEET]), filled("013010120001", {"code": "12345678", "subject1": "ABCDE" * 5}))
    return found


def choose(monkeypatch: pytest.MonkeyPatch, file: Path | None) -> None:
    """The person's answer to the question for a file."""
    answer = str(file) if file else ""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_a, **_k: (answer, "")))


def words(label: StateLabel) -> str:
    """What a state label says."""
    return label._words.text()


def press(qtbot: QtBot, page: EquipmentPage, kind: str, title: str) -> None:
    """A button of a check's card."""
    button = next(b for b in page.cards[kind].buttons if b.action.title == title)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_empty_workplace_says_how_to_begin(page: EquipmentPage) -> None:
    assert page.shown.currentIndex() == 0
    assert {kind: words(card.state) for kind, card in page.cards.items()} == dict.fromkeys(
        (FIT, GLASS, SHEET), "Not looked at yet"
    )
    scan = next(b for b in page.cards[FIT].buttons if b.action.title == "Scan")
    assert not scan.isEnabled()
    assert "file" in scan.toolTip()
    assert equipment_state(page.app).mark is Mark.DUE


def test_a_file_is_checked_and_the_verdict_stays(
    qtbot: QtBot, shell: WorkplaceShell, page: EquipmentPage, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, None)
    press(qtbot, page, FIT, "From a file")
    assert page.shown.currentIndex() == 0

    choose(monkeypatch, files["small"])
    press(qtbot, page, FIT, "From a file")
    assert page.shown.currentIndex() == 1
    assert words(page.verdict) == "Not usable."
    said = [words(found) for found in page.findings.findChildren(StateLabel)]
    assert len(said) == 1
    assert "94 %" in said[0]
    assert words(page.cards[FIT].state) == "Not usable."
    assert "from a file" in page.cards[FIT].when.text()
    assert equipment_state(page.app).mark is Mark.LATE

    choose(monkeypatch, files[FIT])
    press(qtbot, page, FIT, "From a file")
    assert words(page.cards[FIT].state) == "Good: fit for the exam."
    assert equipment_state(page.app).mark is Mark.DUE  # the glass is still to be looked at

    shell.open_page("day")
    shell.open_page("equipment")
    assert words(page.cards[FIT].state) == "Good: fit for the exam."
    assert page.heading.text() == "Test sheet"


def test_streaks_are_framed_and_a_sheet_is_shown_as_the_reader_sees_it(
    page: EquipmentPage, files: dict[str, Path]
) -> None:
    page.look_at(GLASS, files[GLASS])
    assert [item.box.label for item in page.picture._boxes] == ["89 mm"]
    assert words(page.cards[GLASS].state) == "Not usable."
    page.look_at(SHEET, files[SHEET])
    assert page.picture._boxes == []
    assert page.picture.isVisible()
    assert words(page.cards[SHEET].state).startswith("Good")


def test_a_broken_file_is_said_without_a_picture(page: EquipmentPage, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"x")
    page.look_at(FIT, tmp_path / "x.jpg")
    assert not page.picture.isVisible()
    assert words(page.verdict) == "Not usable."


def test_the_test_sheet_is_printed_through_the_preview(
    qtbot: QtBot, shell: WorkplaceShell, page: EquipmentPage, room: Room, tmp_path: Path
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert page.shown.currentWidget() is page.preview
    assert page.preview.made is not None
    assert _printed(room) == 0  # looking is not printing
    page.preview.save_to(tmp_path / "fit.pdf")
    assert (tmp_path / "fit.pdf").read_bytes().startswith(b"%PDF")
    assert _printed(room) == 1
    assert shell.messages.words() == "Saved as fit.pdf."


def test_the_scanner_is_chosen_its_settings_kept_and_used(
    qtbot: QtBot, page: EquipmentPage, room: Room, files: dict[str, Path], tmp_path: Path
) -> None:
    """A folder stands in for a device: what the card does with it is the same."""
    folder = tmp_path / "out"
    folder.mkdir()
    page.scanner._found([scanners.folder_line(folder, watched=False)])
    (kept,) = scanners.remembered(room.ctx)
    assert (kept.label, page.scanner.devices.currentText()) == ("out", "out")
    page.scanner.double_feed.click()
    assert scanners.remembered(room.ctx)[0].settings.double_feed is not kept.settings.double_feed
    (folder / "1.jpg").write_bytes(files[FIT].read_bytes())
    press(qtbot, page, FIT, "Scan")
    (last,) = (check for check in equipment.last_checks(room.ctx) if (check.kind, check.scanner) == (FIT, "out"))
    assert last.usable
    assert page.cards[FIT].when.text().endswith("out")


def test_a_folder_that_is_filled_stands_among_the_scanners_and_is_remembered(
    page: EquipmentPage, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (f"watched:{tmp_path}",)
    for answer, kept in (("", ()), (str(tmp_path), known), (str(tmp_path), known)):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_a, said=answer: said))
        page.scanner.watch()
        assert tuple(profile.key for profile in scanners.remembered(room.ctx)) == kept
        assert not page.scanner.settings.isVisible()  # how it scans is set in the scanner's own program
    assert page.scanner.devices.currentText() == tmp_path.name
    assert page.scanner.devices.count() == 2


def test_each_scanner_comes_back_with_its_own_settings_and_offers_only_what_it_has(
    qtbot: QtBot, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with([]) as device:
        use_sane(monkeypatch, tmp_path / "sane", device)
        card = scanner_card(qtbot, room)
        qtbot.mouseClick(next(b for b in card.findChildren(QPushButton) if b.text() == "Look for scanners"), LEFT)
        assert card.devices.currentData() == f"sane:{DEVICE}"
        assert offered(card.dpi) == [150, 200, 300, 400]
        assert card.intake.isHidden()  # a feeder only
        assert card.double_feed.isHidden()
        assert "length, the content and the serials" in card.warning.text()
        pick(card.dpi, 300)
        card.part.setCurrentIndex(1)
        card.part.activated.emit(1)
        pick(card.devices, "sane:test:0")
        assert offered(card.intake) == [True, False]
        assert card.part.isHidden()  # no room for more than a part of A4
        pick(card.intake, False)
        pick(card.dpi, 240)

        card = scanner_card(qtbot, room)  # started again
        assert (card.devices.currentText(), card.dpi.currentData()) == ("Noname frontend-tester", 240)
        assert card.intake.currentText() == "on the glass"
        pick(card.devices, f"sane:{DEVICE}")
        assert (card.dpi.currentData(), card.part.currentText()) == (300, "A4 and its edges, 216 × 310 mm")
    card = scanner_card(qtbot, room)
    assert "eSCL Stand is not there" in words(card.away)
    assert offered(card.dpi) == [300]  # nobody knows what else it has
    qtbot.mouseClick(card.forget, LEFT)
    assert [card.devices.itemText(n) for n in range(card.devices.count())] == [
        "Noname frontend-tester", "No scanner: images from files"
    ]  # fmt: skip
    assert card.away.isHidden()


def test_an_answer_that_comes_late_is_not_offered_for_another_scanner(page: EquipmentPage, tmp_path: Path) -> None:
    lines = [ScannerLine(f"wia:{n}", "wia", "Office", str(n)) for n in (1, 2)]
    page.scanner._found(lines)
    assert [page.scanner.devices.itemText(n) for n in (0, 1)] == ["Office · 1", "Office · 2"]
    assert not page.scanner.double_feed.isHidden()  # Windows offers it
    before = offered(page.scanner.dpi)
    page.scanner._told("wia:2", ScannerOptions((400,), ("gray",)))
    assert offered(page.scanner.dpi) == before
    pick(page.scanner.devices, "wia:2")
    assert page.scanner.dpi.count() == len(before)  # asked anew


def scanner_card(qtbot: QtBot, room: Room) -> ScannerCard:
    """The card in a window of its own, as after a start of the program."""
    window = open_window(qtbot, APP, room.ctx)
    window.open_page("equipment")
    found = window.page()
    assert isinstance(found, EquipmentPage)
    return found.scanner


def offered(box: QComboBox) -> list[object]:
    """What a list holds."""
    return [box.itemData(n) for n in range(box.count())]


def pick(box: QComboBox, value: object) -> None:
    """Choose as a person does."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_the_cards_stand_whole_beside_the_scroll_bar(qtbot: QtBot, qapp: QApplication, room: Room) -> None:
    window = open_window(qtbot, APP, room.ctx.speaking("kk"), "kk")
    window.resize(1366, 768)
    window.open_page("equipment")
    page = window.page()
    assert isinstance(page, EquipmentPage)
    page.scanner._found([ScannerLine("wia:1", "wia", "Office", "1")])
    qapp.processEvents()
    cards = page.scanner.parentWidget()
    assert cards.width() <= cards.parentWidget().width()


def test_an_empty_feeder_and_no_scanner_are_said_in_the_message_bar(
    qtbot: QtBot, shell: WorkplaceShell, page: EquipmentPage, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    page.scanner._found([scanners.folder_line(folder, watched=False)])
    press(qtbot, page, GLASS, "Scan")
    assert "no paper" in shell.messages.words()
    shell.messages.dismiss()
    page.scanner._found([])
    assert "No scanner was found." in shell.messages.words()
    page.scanner.address.setText("127.0.0.1:9")
    qtbot.keyClick(page.scanner.address, Qt.Key.Key_Return)
    assert "not there" in shell.messages.words()


@pytest.mark.parametrize("lang", LANGS)
def test_it_speaks_every_language_and_nothing_is_wider_than_the_window(
    qtbot: QtBot, qapp: QApplication, room: Room, files: dict[str, Path], lang: str
) -> None:
    ctx = room.ctx.speaking(lang)
    use(lang)
    window = open_window(qtbot, APP, ctx, lang)
    window.resize(1366, 768)
    window.open_page("equipment", check=FIT, file=str(files["small"]))
    page = window.page()
    assert isinstance(page, EquipmentPage)
    assert page.minimumSizeHint().width() < 1366 - 252
    assert page.help_words()
    qapp.setStyleSheet("")


def _printed(room: Room) -> int:
    with room.ctx.store.read() as session:
        return documents.times_printed(session, equipment.DOCUMENT, "")




def test_a_scanner_too_coarse_for_answer_sheets_is_said_beside_its_name(page: EquipmentPage, qtbot: QtBot) -> None:
    with scanner_with([], resolutions=(75, 100)) as coarse:
        card = page.scanner
        card.address.setText(coarse.address)
        card.ask()
        qtbot.waitUntil(card.away.isVisible)
        assert "at 100 dots per inch at most; answer sheets need 150 or more" in words(card.away)
        assert not card.dpi.isEnabled()
