"""A forgotten password, at the log-in window: ask the testing centre by a file, take its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import recovery, transfer_view
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_moment
from mab_desktop.ui.login import Gate
from mab_desktop.ui.panels import label
from mab_desktop.ui.password_fields import KeyboardHint, NewPassword, secret_field

TWO_WAYS = N_(
    "If two other people with different roles may log in here, they give you a new password at once, on the page "
    "«People and PC». If not, the testing centre helps by a signed file."
)


class ForgottenPage(Gate):
    """Two states: nothing asked yet, or a request that waits for its answer. `begun(login)`: the password holds."""

    def __init__(
        self, database: Path, logins: Sequence[str], login: str, clock: Clock, *, anew: bool = False
    ) -> None:
        super().__init__(_("Forgotten password"), _(TWO_WAYS), "password", 620)
        self._database, self._clock, self._sheet = database, clock, Path()
        self.waiting = None if anew else recovery.waiting(database)
        self.who, self.path = QComboBox(), QLineEdit()
        self.who.addItems(list(logins))
        self.who.setCurrentText(login)
        self.new, self.password = NewPassword(login), secret_field()
        self._answer() if self.waiting else self._request()
        self._link(_("Back to the log-in"), self.left.emit)

    def first_field(self) -> QWidget:
        """Where typing begins."""
        if self.waiting:
            return self.password if self.path.text() else self.path
        return self.new.first

    def back(self) -> None:
        """Esc: to the log-in; a request that was written stays and waits there."""
        self.left.emit()

    # --- asking ----------------------------------------------------------------------------------------------------

    def _request(self) -> None:
        self.field(_("Person"), self.who)
        self.card.body.addWidget(self.new)
        self.field(_("Drive or folder for the request"), self._chooser(_("Choose the folder…"), self._choose_folder))
        self.button = self.finish(_("Write the request"), self.ask)
        if len(drives := transfer_view.drives()) == 1:
            self.path.setText(str(drives[0].folder))
        self.who.currentTextChanged.connect(lambda login: self.new.about(login, ""))
        self.new.changed.connect(self._renew)
        self.path.textChanged.connect(self._renew)
        self._renew()

    def _renew(self) -> None:
        self.button.setEnabled(bool(self.path.text().strip()) and not self.new.obstacle())

    def ask(self) -> None:
        """Write the request and its sheet."""
        try:
            asked, file, sheet = recovery.ask(
                self._database, self.who.currentText(), self.new.text(), Path(self.path.text().strip()),
                clock=self._clock, lang=active(),
            )  # fmt: skip
        except UserError as error:
            self.refuse(error.message(active()))
            return
        self.new.clear()
        self._written(asked, file, sheet)

    def _written(self, asked: recovery.Asked, file: Path, sheet: Path) -> None:
        """What to do with the two files; the fields make room for it."""
        self.refuse("")
        for widget in [self.card.body.itemAt(n).widget() for n in range(self.card.body.count())]:
            if widget is not None:
                widget.hide()
        self._sheet = sheet
        body = self.card.body
        body.addWidget(label(_("The request is written."), "section", wrap=True))
        steps = (
            _("Print {name}, have it signed by the head of the organisation and sealed, and fax it to the testing "
              "centre.").format(name=sheet.name),
            _("Send {name} to the testing centre, on a drive or by mail: there is no secret in it.").format(
                name=file.name),
            _("When the centre calls back, read these groups to it:"),
        )  # fmt: skip
        for number, words in enumerate(steps, start=1):
            body.addWidget(label(f"{number}. {words}", wrap=True))
        body.addWidget(_groups(asked.groups))
        body.addWidget(label(_("Keep the new password in mind: the answer opens only with it."), "muted", wrap=True))
        self._link(_("Open the sheet"), self._open_sheet).setFocus()
        self._link(_("Back to the log-in"), self.left.emit)

    def _open_sheet(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._sheet)))

    # --- the answer ------------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        assert self.waiting is not None
        body = self.card.body
        words = _("Asked on {made} for {login}. Check groups of the request:")
        made = shown_moment(datetime.fromisoformat(self.waiting.made))
        body.addWidget(label(words.format(made=made, login=self.waiting.login), wrap=True))
        body.addWidget(_groups(self.waiting.groups))
        self.field(_("The answer of the testing centre"), self._chooser(_("Choose the file…"), self._choose_answer))
        self.field(_("The new password that you typed when you asked"), self.password)
        body.addWidget(KeyboardHint(self.password))
        self.button = self.finish(_("Take the answer"), self.take)
        if found := recovery.find_answer(self._database):
            self.path.setText(str(found))
        self.password.returnPressed.connect(self.button.click)
        self._link(_("Make another request"), lambda: self.again.emit(self.who.currentText()))

    def take(self) -> None:
        """Open the answer with the new password."""
        if not self.path.text().strip() or not self.password.text():
            self.refuse(_("Fill in every field."))
            return
        try:
            login = recovery.take(
                self._database, Path(self.path.text().strip()), self.password.text(), clock=self._clock, lang=active()
            )
        except UserError as error:
            self.refuse(error.message(active()))
            self.password.clear()
            self.password.setFocus()
            return
        self.password.clear()
        self.begun.emit(login)

    # --- parts -----------------------------------------------------------------------------------------------------

    def _chooser(self, words: str, act: Callable[[], None]) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        choose = QPushButton(icons.icon("open"), words)
        choose.clicked.connect(act)
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        made.setFocusProxy(self.path)
        made.setMinimumHeight(theme.px(34))
        return made

    def _choose_folder(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, _("Choose the folder…")):
            self.path.setText(folder)

    def _choose_answer(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, _("Choose the file…"), "", f"*{recovery.ANSWER}")
        if file:
            self.path.setText(file)

    def _link(self, words: str, act: Callable[[], None]) -> QPushButton:
        link = QPushButton(words)
        link.setProperty("kind", "link")
        link.clicked.connect(act)
        self.card.body.addWidget(link)
        return link


def _groups(groups: str) -> QLabel:
    """Eight groups in two lines, as on the sheet."""
    parts = groups.split()
    return label("\n".join((" ".join(parts[:4]), " ".join(parts[4:]))), "bigNumber", selectable=True)
