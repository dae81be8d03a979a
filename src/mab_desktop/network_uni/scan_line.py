"""The line where one student after the other is scanned or typed: Enter acts, the answer stands beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from mab_desktop.ui import icons, theme
from mab_desktop.ui.panels import StateLabel
from mab_desktop.ui.states import Mark


class _Line(QLineEdit):
    """A scanner types as a keyboard does and ends with Enter."""

    entered = Signal(bool)

    def event(self, event: QEvent) -> bool:
        """While nothing is typed, Ctrl+Z is the page's: it takes back what the last number did."""
        asked = event.type() == QEvent.Type.ShortcutOverride and not self.text()
        if asked and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, with or without Shift; Esc empties the line first."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class ScanLine(QWidget):
    """`scanned(text, shift)` for each number; `say` shows what became of it. The line is ready for the next at once.

    `prompt` says what is typed, `keys` what Enter does; they stand there until the first answer.
    """

    scanned = Signal(str, bool)

    def __init__(self, prompt: str, keys: str) -> None:
        super().__init__()
        self.line, self._answer = _Line(), StateLabel(Mark.NONE, keys)
        self.line.setPlaceholderText(prompt)
        self.line.setAccessibleName(prompt)
        self.line.setClearButtonEnabled(True)
        self.line.addAction(icons.icon("scan", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.line.setMinimumWidth(theme.px(360))
        self.line.entered.connect(self._enter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self.line, 1)
        row.addWidget(self._answer, 1)
        self.setFocusProxy(self.line)

    def _enter(self, shift: bool) -> None:  # noqa: FBT001  a signal's value
        text = self.line.text().strip()
        self.line.setText("")  # unlike clear() it leaves nothing for Ctrl+Z to bring back
        if text:
            self.scanned.emit(text, shift)

    def say(self, mark: Mark, words: str) -> None:
        """What became of the last one."""
        self._answer.show_state(mark, words or " ")
