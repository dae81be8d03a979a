"""The page of photographs by keyboard: marks by number, a picture and its frame, a folder, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.domain.portrait import LEAST_WIDTH
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.photos_page import PhotosPage
from mab_desktop.services import photos, students
from mab_desktop.services.context import Context
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.network_stage import CTRL, ENTER, NetworkStage, focused, make_stage, student
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.portraits import portrait

SHIFT = Qt.KeyboardModifier.ShiftModifier
NAMES = ("Әбілов", "Бекова", "Ғабитов")


@pytest.fixture
def ctx(make_context: MakeContext, tmp_path: Path, qapp: QApplication) -> Iterator[Context]:
    stage: NetworkStage = make_stage(make_context, tmp_path)
    for number, surname in enumerate(NAMES, 1):
        students.save(stage.programmer, student(number, surname=surname, record_book=f"{number}/09"))
    yield stage.programmer
    qapp.setStyleSheet("")


@pytest.fixture
def page(ctx: Context, qtbot: QtBot) -> PhotosPage:
    shell: WorkplaceShell = open_window(qtbot, APP, ctx)
    shell.open_page("photos")
    found = shell.page()
    assert isinstance(found, PhotosPage)
    return found


@pytest.fixture
def face(tmp_path: Path) -> Path:
    Image.fromarray(portrait()).save(tmp_path / "face.jpg", quality=90)
    return tmp_path / "face.jpg"


def received(ctx: Context) -> list[int]:
    return [row.received for row in photos.photo_rows(ctx)]


def test_photographs_are_marked_number_after_number(ctx: Context, page: PhotosPage, qtbot: QtBot) -> None:
    assert focused() is page.scan.line
    type_text(focused(), "20000002")
    qtbot.keyClick(focused(), ENTER)
    type_text(focused(), "1/09")
    qtbot.keyClick(focused(), ENTER, SHIFT)
    assert received(ctx) == [1, 2, 0]
    assert (focused(), page.scan.line.text()) == (page.scan.line, "")
    type_text(focused(), "12345")
    qtbot.keyClick(focused(), ENTER)
    assert "No student has the number 12345." in page.scan._answer._words.text()
    qtbot.keyClick(page, Qt.Key.Key_Z, CTRL)
    assert received(ctx) == [0, 2, 0]


def test_the_keys_0_1_2_mark_the_chosen_rows(ctx: Context, page: PhotosPage, qtbot: QtBot) -> None:
    page.view.setFocus()
    page.view.selectAll()
    qtbot.keyClick(page.view, Qt.Key.Key_2)
    assert received(ctx) == [2, 2, 2]
    qtbot.waitUntil(lambda: [row.received for row in page.shown_rows()] == [2, 2, 2])
    page.view.selectRow(0)
    qtbot.keyClick(page.view, Qt.Key.Key_0)
    assert received(ctx) == [0, 2, 2]
    qtbot.keyClick(page, Qt.Key.Key_Z, CTRL)
    assert received(ctx) == [2, 2, 2]


def test_a_picture_is_framed_by_keyboard_and_kept(ctx: Context, page: PhotosPage, face: Path, qtbot: QtBot) -> None:
    page.view.selectRow(1)
    page.open_picture(face)
    view = page.panel.view
    assert focused() is view
    proposed = view.frame
    qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert (view.frame.left, view.frame.top) == pytest.approx((proposed.left + 45, proposed.top - 9))
    for _more in range(40):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.frame.width == LEAST_WIDTH
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.frame.width == 900
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.frame.width == 900
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert page.modes.currentIndex() == 0
    assert [bool(row.photo) for row in photos.photo_rows(ctx)] == [False, True, False]
    page.move_frame()
    assert view.frame.width == 900
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.modes.currentIndex() == 0
    qtbot.keyClick(page, Qt.Key.Key_Z, CTRL)
    assert not any(row.photo for row in photos.photo_rows(ctx))


def test_the_frame_is_dragged_by_mouse_and_shown_as_on_the_pass(page: PhotosPage, face: Path, qtbot: QtBot) -> None:
    page.view.selectRow(0)
    page.open_picture(face)
    view = page.panel.view
    view.zoom(0.8)
    before, shown = view.frame, QImage(page.panel.photo._image)
    middle = view.rect().center()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(view, middle + QPoint(20, 10))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(20, 10))
    scale = view._scale()
    assert view.frame.left - before.left == pytest.approx(20 / scale, abs=1)
    assert view.frame.top - before.top == pytest.approx(10 / scale, abs=1)
    assert page.panel.photo._image != shown
    assert page.panel.photo._image.width() * 4 == pytest.approx(page.panel.photo._image.height() * 3, abs=4)


def test_a_folder_is_taken_and_what_is_left_over_is_listed(
    ctx: Context, page: PhotosPage, face: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in ("20000001", "1000000", "100000003"):
        (folder / f"{number}.jpg").write_bytes(face.read_bytes())
    page.take_folder(folder)
    assert page.summary.text().startswith("Photographs kept: 2; kept before: 0")
    assert [row["file"] for row in page.rest.shown_rows()] == ["1000000.jpg"]
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.modes.currentIndex() == 0
    assert [bool(row.photo) for row in photos.photo_rows(ctx)] == [True, False, True]
    page.chip_buttons["no-picture"].setChecked(True)
    qtbot.waitUntil(lambda: [row.name.split()[0] for row in page.shown_rows()] == ["Бекова"])
    qtbot.keyClick(page, Qt.Key.Key_Z, CTRL)
    assert not any(row.photo for row in photos.photo_rows(ctx))


def test_a_bad_file_is_said_and_nothing_opens(
    page: PhotosPage, tmp_path: Path, qtbot: QtBot, window_words: Callable[[], str]
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    page.view.selectRow(0)
    page.open_picture(bad)
    assert "bad.jpg is not taken" in window_words()
    assert page.modes.currentIndex() == 0


@pytest.fixture
def window_words(page: PhotosPage) -> Callable[[], str]:
    return lambda: page.app.shell.messages.words()
