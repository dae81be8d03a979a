"""The nine Kazakh letters in any keyboard layout: a bar of buttons, and Alt with the Latin letter that looks like it.

The key is known by its place on the keyboard where the system tells it, so that the layout does not matter; else by
the letter of the Latin, Russian and Kazakh layouts: Alt+Ф is the key of Alt+A.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.panels import label

# Kazakh letter, key in a Latin layout, the same key in the Russian and Kazakh layouts.
LETTERS = (
    ("Ә", "A", "Ф"),
    ("Ғ", "G", "П"),
    ("Қ", "K", "Л"),
    ("Ң", "N", "Т"),
    ("Ө", "O", "Щ"),
    ("Ұ", "U", "Г"),
    ("Ү", "Y", "Н"),
    ("Һ", "H", "Р"),
    ("І", "I", "Ш"),
)
_BY_KEY = {ord(key): letter for letter, latin, cyrillic in LETTERS for key in (latin, cyrillic)}
# The places of these keys: scan codes of a PC keyboard, as Windows gives them; X11 and Wayland add eight.
_PLACES = dict(zip((30, 34, 37, 49, 24, 22, 21, 35, 23), (letter for letter, _l, _c in LETTERS), strict=True))


def letter_of(event: QKeyEvent) -> str:
    """The Kazakh letter that Alt with this key means, small or capital; "" for other keys."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if held not in (
        Qt.KeyboardModifier.AltModifier,
        Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier,
    ):
        return ""
    letter = _at_place(event) or _BY_KEY.get(int(event.key()), "")
    return letter if held & Qt.KeyboardModifier.ShiftModifier else letter.lower()


def _at_place(event: QKeyEvent) -> str:
    """The letter of the key's place; "" where another key stands there or the system does not tell."""
    added = 0 if QGuiApplication.platformName() == "windows" else 8
    return _PLACES.get(event.nativeScanCode() - added, "")


def insert(editor: QWidget | None, letter: str) -> None:
    """Type `letter` into a text field; the first becomes a capital."""
    if isinstance(editor, QLineEdit) and not editor.isReadOnly():
        editor.insert(letter if editor.cursorPosition() else letter.upper())
    elif isinstance(editor, QPlainTextEdit) and not editor.isReadOnly():
        editor.insertPlainText(letter)


class LetterKeys(QObject):
    """Gives the Alt keys to text fields: `LetterKeys(form).serve(field)`."""

    def serve(self, editor: QWidget) -> None:
        """Let Alt with a letter type into `editor`."""
        editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key before it becomes a shortcut of the window."""
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            letter = letter_of(event)
            if letter and isinstance(watched, QWidget):
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    insert(watched, letter)
                return True
        return super().eventFilter(watched, event)


class LetterBar(QWidget):
    """Nine buttons that type into the field that has the focus and leave it there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        row.addWidget(label(_("Kazakh letters"), "small"))
        self.buttons: dict[str, QPushButton] = {}
        for letter, latin, _cyrillic in LETTERS:
            button = QPushButton(letter)
            button.setProperty("kind", "letter")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(_("Alt+{n}").format(n=latin))
            button.clicked.connect(lambda _on=False, letter=letter: insert(QApplication.focusWidget(), letter.lower()))
            self.buttons[letter] = button
            row.addWidget(button)
        row.addStretch(1)
