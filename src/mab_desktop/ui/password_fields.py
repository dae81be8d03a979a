"""Fields for passwords: hidden letters, what the keyboard is doing, and in plain words what a new one still lacks."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.domain import password_rules
from mab_desktop.i18n import _, active
from mab_desktop.ui import theme
from mab_desktop.ui.panels import label


def secret_field() -> QLineEdit:
    """A line whose letters are not shown."""
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    return made


class KeyboardHint(QLabel):
    """Says under a hidden field whether capitals are locked and which letters the keyboard writes.

    It is read from the letters themselves, for no window system tells both: a capital without Shift, and its script.
    """

    def __init__(self, *fields: QLineEdit) -> None:
        super().__init__()
        self.setObjectName("hint")
        self._capitals, self._script = False, ""
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        for field in fields:
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at each letter typed; it goes on to its field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._look(event)
        return super().eventFilter(watched, event)

    def _look(self, event: QKeyEvent) -> None:
        letter = event.text()
        if event.key() == Qt.Key.Key_CapsLock:
            self._capitals = not self._capitals
        elif len(letter) == 1 and letter.isalpha():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._capitals = letter.isupper() != shift
            latin = unicodedata.name(letter, "").startswith("LATIN")
            self._script = _("Latin letters") if latin else _("Cyrillic letters")
        words = [_("CAPS LOCK is on")] if self._capitals else []
        if self._script:
            words.append(_("the keyboard writes {letters}").format(letters=self._script))
        self.setText(" · ".join(words))


class NewPassword(QWidget):
    """A new password, twice, and what it still lacks; `changed` after each letter."""

    changed = Signal()

    def __init__(self, login: str = "", name: str = "", words: str = "") -> None:
        """`words` stand over the first field; "" for the usual."""
        super().__init__()
        self._login, self._name = login, name
        self.first, self.again = secret_field(), secret_field()
        self.state = label("", "hint", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        titles = (words, _("Password once more")) if words else (_("New password"), _("The new password once more"))
        for title, field in zip(titles, (self.first, self.again), strict=True):
            over = label(title, "muted")
            over.setBuddy(field)
            field.setAccessibleName(title)
            field.textChanged.connect(self._typed)
            column.addWidget(over)
            column.addWidget(field)
        column.addWidget(KeyboardHint(self.first, self.again))
        column.addWidget(self.state)
        self.setFocusProxy(self.first)
        self._typed()

    def about(self, login: str, name: str) -> None:
        """Whose password it is: it must not hold the name."""
        if (login, name) != (self._login, self._name):
            self._login, self._name = login, name
            self._typed()

    def text(self) -> str:
        """What is typed in the first field."""
        return self.first.text()

    def obstacle(self) -> str:
        """Why it cannot be taken yet, in the language of now; "" when it can."""
        typed = self.first.text()
        if found := password_rules.problems(typed, self._login, self._name):
            return " ".join(problem.message(active()) for problem in found)
        if typed != self.again.text():
            return _("Type it once more in the second field.") if not self.again.text() else _(
                "The two passwords differ.")  # fmt: skip
        return ""

    def clear(self) -> None:
        """Empty both."""
        self.first.clear()
        self.again.clear()

    def _typed(self) -> None:
        why = self.obstacle()
        length = len(self.first.text())
        if not length:
            words = _("At least {n} characters; several words are easy to remember.").format(n=password_rules.LENGTH)
        elif length < password_rules.LENGTH:
            words = _("{n} of {all} characters.").format(n=length, all=password_rules.LENGTH)
            words = " ".join(part for part in (words, self._others()) if part)
        else:
            words = why or _("This password is good.")
        self.state.setText(words)
        self.changed.emit()

    def _others(self) -> str:
        """What is wrong besides the length."""
        found = password_rules.problems(self.first.text(), self._login, self._name)
        return " ".join(problem.message(active()) for problem in found[1:])
