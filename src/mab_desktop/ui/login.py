"""The two pages before the work: who works here and the password; and the beginning, when there is no database yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import _, active
from mab_desktop.ui import icons, theme
from mab_desktop.ui.bars import LanguageSwitch
from mab_desktop.ui.panels import Section, label


class _Gate(QWidget):
    """A card in the middle of the window: heading, fields with labels over them, one button, the refusal under it."""

    def __init__(self, title: str, text: str, icon: str, width: int = 420) -> None:
        super().__init__(objectName="login")
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
        self.card.body.addWidget(label(text, "muted", wrap=True))
        column.addStretch(2)
        column.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.refusal = label("", "errorStrip", wrap=True)
        self.refusal.hide()

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


def _secret() -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    return made


class LoginPage(_Gate):
    """Asks who works and for the password; `opened(ctx)` when `authenticate(login, password)` took it."""

    opened = Signal(object)

    def __init__(
        self,
        title: str,
        logins: Sequence[str],
        authenticate: Callable[[str, str], Any],
        icon: str = "lock",
        last: str = "",
    ) -> None:
        super().__init__(title, _("Choose your name and type your password."), icon)
        self._authenticate = authenticate
        self.who = QComboBox()
        self.who.addItems(list(logins))
        if last in logins:
            self.who.setCurrentText(last)
        self.password = _secret()
        self.field(_("Person"), self.who)
        self.field(_("Password"), self.password)
        self.button = self.finish(_("Log in"), self.log_in)
        self.password.returnPressed.connect(self.log_in)

    def first_field(self) -> QWidget:
        """Where typing begins."""
        return self.password if self.who.count() else self.who

    def log_in(self) -> None:
        """Try what is typed."""
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            ctx = self._authenticate(self.who.currentText(), self.password.text())
        except UserError as error:
            self.refuse(error.message(active()))
            self.password.clear()
            self.password.setFocus()
            return
        finally:
            QApplication.restoreOverrideCursor()
        self.password.clear()
        self.refuse("")
        self.opened.emit(ctx)


class FirstRunPage(_Gate):
    """No database yet: take the organisation's certificate and start from NTC's carrier, name the first person."""

    begun = Signal(str)

    def __init__(
        self, title: str, explanation: str, begin: Callable[[str, str, str], None], icon: str = "certificate"
    ) -> None:
        super().__init__(title, explanation, icon, 520)
        self._begin = begin
        self.carrier, self.login, self.password, self.again = QLineEdit(), QLineEdit(), _secret(), _secret()
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        choose = QPushButton(icons.icon("open"), _("Choose the file…"))
        choose.clicked.connect(self._choose)
        line.addWidget(self.carrier, 1)
        line.addWidget(choose)
        self.field(_("File from the National Testing Centre"), row)
        row.setFocusProxy(self.carrier)
        self.field(_("Your name for logging in"), self.login)
        self.field(_("Password"), self.password)
        self.field(_("Password once more"), self.again)
        self.button = self.finish(_("Begin the season"), self.begin)

    def first_field(self) -> QWidget:
        """Where typing begins."""
        return self.carrier

    def _choose(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, _("Choose the file…"))
        if file:
            self.carrier.setText(file)

    def begin(self) -> None:
        """Make the database, if everything is there."""
        missing = [field for field in (self.carrier, self.login, self.password, self.again) if not field.text().strip()]
        if missing:
            self.refuse(_("Fill in every field."))
            missing[0].setFocus()
            return
        if self.password.text() != self.again.text():
            self.refuse(_("The two passwords differ. Type them again."))
            self.again.clear()
            self.again.setFocus()
            return
        try:
            self._begin(self.carrier.text().strip(), self.login.text().strip(), self.password.text())
        except UserError as error:
            self.refuse(error.message(active()))
            return
        self.begun.emit(self.login.text().strip())
