"""Qt's own texts speak the window's language: file dialogs and their questions, menus of fields and scroll bars."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeDatabase, QTimer
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QScrollBar,
    QSpinBox,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mab_desktop.i18n import use
from mab_desktop.ui import qt_words
from tests.ui.conftest import MakeShell

# What is no word of a language: names and patterns of files, keys.
_NAMES = re.compile(r"\b(CSV|csv|txt|Alt\+\w+|Ctrl\+\S+|Shift\+\S+)\b")


@pytest.fixture(params=["kk", "ru"])
def spoken(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """Qt speaks this language; Kazakh afterwards, as everywhere."""
    del qapp
    use(request.param)
    qt_words.speak()
    yield request.param
    use("kk")
    qt_words.speak()


def _english(words: list[str]) -> list[str]:
    return [text for text in words if re.search(r"[A-Za-z]{2}", _NAMES.sub("", text))]


def _words_on(widget: QWidget) -> list[str]:
    found = []
    for part in widget.findChildren(QWidget):
        if isinstance(part, QLabel | QAbstractButton):
            found.append(part.text())
        found += [part.toolTip(), part.accessibleName(), part.accessibleDescription()]
    found += [action.text() for action in widget.findChildren(QAction)]
    return [text for text in found if text]


def _menu(qtbot: QtBot, widget: QWidget) -> list[str]:
    """The texts of the menu that the right button opens."""
    found: list[str] = []

    def read() -> None:
        menu = QApplication.activePopupWidget()
        if menu is not None:
            found.extend(action.text() for action in menu.actions())
            menu.close()

    qtbot.addWidget(widget)
    widget.show()
    QTimer.singleShot(0, read)
    middle = widget.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, widget.mapToGlobal(middle))
    QApplication.sendEvent(widget.viewport() if isinstance(widget, QPlainTextEdit) else widget, asked)
    qtbot.waitUntil(lambda: bool(found))
    return [text for text in found if text]


@pytest.mark.parametrize("mode", ["open", "save", "folder"])
def test_a_file_dialog_has_no_english_word(qtbot: QtBot, tmp_path: Path, spoken: str, mode: str) -> None:
    del spoken
    folder = tmp_path / "1"
    folder.mkdir()
    dialog = QFileDialog(None, "", str(folder))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    if mode == "save":
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["CSV (*.csv)"])
    elif mode == "folder":
        dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.show()
    found = [text for text in _words_on(dialog) if text != str(folder)]
    assert len(found) > 20
    assert _english(found) == []
    assert "&" not in "".join(found)


def test_the_questions_of_a_file_dialog_are_translated(qtbot: QtBot, tmp_path: Path, spoken: str) -> None:
    (tmp_path / "1.txt").write_text("", "utf-8")
    dialog = QFileDialog(None, "", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.selectFile("1.txt")
    asked: list[str] = []

    def read() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox), box
        asked.extend([box.text(), *(button.text() for button in box.buttons())])
        box.reject()

    QTimer.singleShot(0, read)
    dialog.accept()
    assert asked[0].startswith({"kk": "1.txt файлы бар.", "ru": "1.txt уже существует."}[spoken])
    assert _english(asked) == []


@pytest.mark.qt_log_ignore("This plugin does not support", "propagateSizeHints")
def test_menus_of_fields_and_scroll_bars_are_translated(qtbot: QtBot, spoken: str) -> None:
    fields = (QLineEdit("1"), QPlainTextEdit("1"), QSpinBox(), QScrollBar())
    for field in fields:
        found = _menu(qtbot, field)
        assert len(found) > 5
        assert _english(found) == [], (spoken, field)


def test_kinds_of_files_and_names_of_keys(qtbot: QtBot, make_shell: MakeShell) -> None:
    """The kind follows the window's language, also after a switch; keys are called as they stand on the keyboard."""
    shell = make_shell()
    kind = QMimeDatabase().mimeTypeForName("text/plain")
    seen = []
    for lang in ("kk", "ru", "en"):
        shell.set_language(lang)
        seen.append(kind.comment())
        assert QApplication.translate("QShortcut", "Print") == "Print"
    assert len(set(seen)) == 3
    shell.set_language("kk")


def test_sizes_and_dates_of_files_are_written_in_the_programs_language(
    qtbot: QtBot, tmp_path: Path, spoken: str
) -> None:
    file = tmp_path / "scan.jpg"
    file.write_bytes(b"x" * 1_258_291)
    os.utime(file, (1_305_000_000, 1_305_000_000))
    dialog = QFileDialog(None, "", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setViewMode(QFileDialog.ViewMode.Detail)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    tree = next(view for view in dialog.findChildren(QTreeView) if view.objectName() == "treeView")
    tree.setFocus()
    qtbot.waitUntil(lambda: tree.model().rowCount(tree.rootIndex()) == 1)
    shown = []
    for column in (1, 3):
        index = tree.model().index(0, column, tree.rootIndex())
        qtbot.waitUntil(lambda index=index: bool(index.data()))
        option = QStyleOptionViewItem()
        delegate = tree.itemDelegateForColumn(column)
        assert delegate is not None
        delegate.initStyleOption(option, index)
        shown.append(option.text)
    day = datetime.fromtimestamp(1_305_000_000).astimezone()
    assert shown == ["1,2 МБ", day.strftime("%d.%m.%Y %H:%M")]
