"""The page before the work: who works here and the password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import _, active
from mab_desktop.ui import icons, theme
from mab_desktop.ui.bars import LanguageSwitch
from mab_desktop.ui.panels import Section, label, scrolled
from mab_desktop.ui.password_fields import KeyboardHint, secret_field


class Gate(QWidget):
    """A card in the middle of the window: heading, fields with labels over them, one button, the refusal under it.

    `begun(login)` tells that a workplace was made, when the page makes one; `left` that the person goes back;
    `restore` asks for the guided restore.
    """

    begun = Signal(str)
    left = Signal()
    again = Signal(str)
    restore = Signal()

    def __init__(self, title: str, text: str, icon: str, width: int = 420) -> None:
        super().__init__()
        self.setObjectName("login")
        column = QVBoxLayout(self)
        self.languages = LanguageSwitch()
        column.addWidget(self.languages, 0, Qt.AlignmentFlag.AlignRight)
        self.card = Section()
        self.card.setFixedWidth(theme.px(width))
        self.card.body.setContentsMargins(*(theme.px(n) for n in (32, 28, 32, 28)))
        head = QHBoxLayout()
        head.setSpacing(theme.px(12))
        mark = QLabel()
        mark.setPixmap(icons.pixmap(icons.icon(icon, "accent"), 32))
        head.addWidget(mark)
        head.addWidget(label(title, "section", wrap=True), 1)
        self.card.body.addLayout(head)
        self.introduction = label(text, "muted", wrap=True)
        self.card.body.addWidget(self.introduction)
        middle = QHBoxLayout()  # an alignment in its place would keep wrapped words from growing the card
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        inside = QWidget()
        high = QVBoxLayout(inside)
        high.setContentsMargins(0, 0, 0, 0)
        high.addStretch(2)
        high.addLayout(middle)
        high.addStretch(3)
        self._area = scrolled(inside)  # in a low window the card keeps its height, whatever is refused
        column.addWidget(self._area, 1)
        self.refusal = label("", "errorStrip", wrap=True)
        self.refusal.hide()

    def first_field(self) -> QWidget:
        """Where typing begins."""
        raise NotImplementedError

    def back(self) -> None:
        """Esc: the way back, where the page has one."""

    def field(self, title: str, editor: QWidget) -> None:
        """A label over its editor."""
        name = label(title, "muted")
        name.setBuddy(editor)
        editor.setAccessibleName(title)
        self.card.body.addWidget(name)
        self.card.body.addWidget(editor)

    def finish(self, verb: str, act: Callable[[], None]) -> QPushButton:
        """The button and the place for a refusal."""
        button = QPushButton(verb)
        button.setProperty("kind", "primary")
        button.clicked.connect(act)
        button.setAutoDefault(True)
        self.card.body.addSpacing(theme.px(8))
        self.card.body.addWidget(button)
        self.card.body.addWidget(self.refusal)
        return button

    def refuse(self, words: str) -> None:
        """Say why not, under the button; "" takes it away."""
        self.refusal.setText(words)
        self.refusal.setVisible(bool(words))
        if words:
            self.bring_into_sight(self.refusal)

    def bring_into_sight(self, part: QWidget) -> None:
        """Scroll to a part of the card where the window is too low for all of it."""
        # The words are laid out first: only then it is known where they stand.
        QTimer.singleShot(0, self._area, lambda: self._area.ensureWidgetVisible(part))


class LoginPage(Gate):
    """Asks who works and for the password; `opened(ctx)` when `authenticate(login, password)` took it.

    `about` says which database this is. `forgotten` and `restore` are asked for by links; the second one shows only
    when the database cannot be read.
    """

    opened = Signal(object)
    forgotten = Signal(str)
    refused = Signal(object)

    def __init__(
        self, title: str, logins: Sequence[str], authenticate: Callable[[str, str], Any], icon: str = "lock",
        last: str = "", *, about: str = "", text: str = "",
    ) -> None:  # fmt: skip
        super().__init__(title, text or _("Choose your name and type your password."), icon)
        self._authenticate = authenticate
        if about:
            self.card.body.addWidget(label(about, "small", wrap=True, selectable=True))
        self.who = QComboBox()
        self.who.addItems(list(logins))
        if last in logins:
            self.who.setCurrentText(last)
        self.password = secret_field()
        self.field(_("Person"), self.who)
        self.field(_("Password"), self.password)
        self.card.body.addWidget(KeyboardHint(self.password))
        self.button = self.finish(_("Log in"), self.log_in)
        self.forgotten_link = self._link(_("I have forgotten the password"), lambda: self.forgotten.emit(self.login()))
        self.restore_link = self._link(_("Restore a backup"), self.restore.emit)
        self.password.returnPressed.connect(self.log_in)

    def _link(self, words: str, act: Callable[[], None]) -> QPushButton:
        link = QPushButton(words)
        link.setProperty("kind", "link")
        link.clicked.connect(act)
        link.hide()
        self.card.body.addWidget(link)
        return link

    def login(self) -> str:
        """Who is chosen."""
        return self.who.currentText()

    def first_field(self) -> QWidget:
        """Where typing begins."""
        return self.password if self.who.count() else self.who

    def log_in(self) -> None:
        """Try what is typed."""
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            ctx = self._authenticate(self.login(), self.password.text())
        except UserError as error:
            self.say(error)
            self.password.clear()
            self.password.setFocus()
            return
        finally:
            QApplication.restoreOverrideCursor()
        self.password.clear()
        self.refuse("")
        self.opened.emit(ctx)

    def say(self, error: UserError) -> None:
        """Show a refusal, with the way out that the page offers for it."""
        self.refuse(error.message(active()))
        self.refused.emit(error)
