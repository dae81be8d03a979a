"""The keys of a workplace: its check groups, who signs there, the file and the sheet for the testing centre."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import _, active
from mab_desktop.services import own_keys, persons, transfer_view
from mab_desktop.services.context import Context
from mab_desktop.services.own_keys import HandedOut
from mab_desktop.services.persons import PersonLine, PersonState
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_size
from mab_desktop.ui.groups_field import GroupsView
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import clear, label, rule
from mab_desktop.ui.password_fields import NewPassword
from mab_desktop.ui.states import Mark

MARKS = {PersonState.IN_FORCE: Mark.DONE, PersonState.WAITING: Mark.DUE, PersonState.WITHDRAWN: Mark.BLOCKED}


class KeysPanel(QWidget):
    """Shown at the end of the first start and from “People and PC”. `rekeyed(name)` when this computer got new keys."""

    rekeyed = Signal(str)
    told = Signal(QWidget)  # what was said under the buttons: whoever shows the panel brings it into sight

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx, self._sheet = ctx, Path()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._keys = QVBoxLayout()
        self._keys.setSpacing(theme.px(6))
        column.addLayout(self._keys)
        self.add = QPushButton(icons.icon("add"), _("A person who signs…"))
        self.add.clicked.connect(self.add_person)
        self.renew = QPushButton(icons.icon("key"), _("New keys for this computer…"))
        self.renew.clicked.connect(self.renew_keys)
        acts = QHBoxLayout()
        acts.addWidget(self.add)
        acts.addWidget(self.renew)
        acts.addStretch(1)
        column.addLayout(acts)
        column.addWidget(rule())
        column.addWidget(label(
            _("Hand this file to the testing centre. It calls on the number it knows and has all groups read out; only "
              "then may this workplace send and receive."), "muted", wrap=True))  # fmt: skip
        column.addLayout(self._drive_row())
        self.said = label("", "doneStrip", wrap=True)
        self.open_sheet = QPushButton(icons.icon("print"), _("Open the sheet to print it"))
        self.open_sheet.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._sheet))))
        column.addWidget(self.said)
        column.addWidget(self.open_sheet)
        self.said.hide()
        self.open_sheet.hide()
        self.show_keys()

    def _drive_row(self) -> QHBoxLayout:
        self.drives, self.write = DriveChoice(), QPushButton(_("Write the file and the sheet"))
        self.drives.opened.connect(self.look_for_drives)
        self.drives.setAccessibleName(_("Drive"))
        self.write.setProperty("kind", "primary")
        self.write.clicked.connect(lambda: self.hand_out(Path(self.drives.currentData())))
        other = QPushButton(icons.icon("open"), _("Choose the folder…"))
        other.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.drives, 1)
        row.addWidget(other)
        row.addWidget(self.write)
        self.look_for_drives()
        return row

    def look_for_drives(self) -> None:
        """The drives that are in now, and a folder that was chosen."""
        chosen = self.drives.currentData()
        self.drives.clear()
        for drive in transfer_view.drives():
            self.drives.addItem(f"{drive.name} · {shown_size(drive.free)}", str(drive.folder))
        if chosen and self.drives.findData(chosen) < 0 and Path(chosen).is_dir():
            self.drives.addItem(chosen, chosen)
        self.drives.setCurrentIndex(max(self.drives.findData(chosen), 0 if self.drives.count() else -1))
        if not self.drives.count():
            self.drives.setPlaceholderText(_("Put a drive in"))
        self.write.setEnabled(self.drives.count() > 0)

    def _choose(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, _("Choose the folder…")):
            self.drives.addItem(folder, folder)
            self.drives.setCurrentIndex(self.drives.count() - 1)
            self.write.setEnabled(True)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_keys(self) -> None:
        """This computer, then everybody who signs here."""
        clear(self._keys)
        mine, people = own_keys.own_keys(self._ctx), persons.persons(self._ctx)
        self._show_key(_("This computer: {device}").format(device=mine.device), mine.state, mine.fingerprint)
        for line in own_keys.made_anew(self._ctx):
            self._keys.addWidget(label(_(line.text).format(**line.params), "warningStrip", wrap=True))
        signing = persons.role_needs_persons(self._ctx.role)
        for signer in people:
            self._show_key(f"{signer.name} · {signer.person}", signer.state, signer.fingerprint)
        if signing and len(people) < persons.TWO:
            words = _("Two people must sign some files of this workplace. Let each of them make a signing key here, "
                      "under a password that only he knows, before the file is written.")  # fmt: skip
            self._keys.addWidget(label(words, "warningStrip", wrap=True))
        self.add.setVisible(signing)
        self.renew.setVisible(mine.state is PersonState.WITHDRAWN)

    def _show_key(self, title: str, state: PersonState, groups: str) -> None:
        head = QHBoxLayout()
        shape = label()
        shape.setPixmap(icons.pixmap(icons.mark_icon(MARKS[state]), 16))
        head.addWidget(shape)
        head.addWidget(label(title, "factValue", wrap=True), 1)
        head.addWidget(label(_(persons.STATE_LABELS[state]), "muted"))
        self._keys.addLayout(head)
        self._keys.addWidget(GroupsView(groups))

    # --- acts --------------------------------------------------------------------------------------------------------

    def add_person(self) -> None:
        """Name and password of somebody who signs."""
        if SignerQuestion(self, self._ctx).exec() == QDialog.DialogCode.Accepted:
            self.show_keys()

    def renew_keys(self) -> None:
        """New keys under a new name, where the old ones were withdrawn."""
        if NewKeysQuestion(self, self._ctx).exec() == QDialog.DialogCode.Accepted:
            self.show_keys()
            self.rekeyed.emit(own_keys.own_keys(self._ctx).device)

    def hand_out(self, folder: Path) -> HandedOut | None:
        """Write file and sheet; what went wrong is said in place of what was written."""
        try:
            made = own_keys.hand_out(self._ctx, folder)
        except UserError as error:
            self._say(error.message(active()), "warningStrip")
            return None
        self._sheet = made.sheet
        self._say(_("Written and verified: {names}. You may take the drive out once the sheet is printed.").format(
            names=", ".join(path.name for path in (*made.files, made.sheet))), "doneStrip")  # fmt: skip
        self.open_sheet.show()
        return made

    def _say(self, words: str, name: str) -> None:
        self.said.setObjectName(name)
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)
        self.said.setText(words)
        self.said.show()
        self.told.emit(self.said)


class DriveChoice(QComboBox):
    """Drives to choose from; `opened` before the list shows, so that it is the one of now."""

    opened = Signal()

    def showPopup(self) -> None:
        """Look first, then show."""
        self.opened.emit()
        super().showPopup()


class SignerQuestion(Question):
    """Makes a signing key; what is refused stands in it, and it stays."""

    def __init__(self, parent: QWidget, ctx: Context) -> None:
        super().__init__(
            parent, _("A person who signs"),
            _("The person types a password of his own, unlike the one for logging in. Nobody can give a new one: who "
              "forgets it makes a new key, which the centre must let in."), _("Make the key"),
        )  # fmt: skip
        self._ctx = ctx
        self.login, self.name = QLineEdit(), QLineEdit()
        self.password, self.refusal = NewPassword(words=_("Password for signing")), label("", "fieldError", wrap=True)
        for title, field in ((_("What the person types as name"), self.login), (_("Full name"), self.name)):
            over = label(title, "factLabel", wrap=True)
            over.setBuddy(field)
            field.setAccessibleName(title)
            self.fields.addWidget(over)
            self.fields.addWidget(field)
        self.fields.addWidget(self.password)
        self.fields.addWidget(self.refusal)
        self.made: PersonLine | None = None

    def accept(self) -> None:
        """Close only when it is done."""
        if why := self.password.obstacle():
            self.refusal.setText(why)
            self.fit()
            return
        try:
            self.made = persons.make_person_key(self._ctx, self.login.text(), self.password.text(), self.name.text())
        except UserError as error:
            self.refusal.setText(error.message(active()))
            self.fit()
            return
        super().accept()


class NewKeysQuestion(Question):
    """Asks for another short name, and gives this computer new keys under it."""

    def __init__(self, parent: QWidget, ctx: Context) -> None:
        super().__init__(
            parent, _("New keys for this computer"),
            _("The old keys stay withdrawn. The computer goes on under another name; the data stays. The centre must "
              "let the new keys in, and you log in again."), _("Make new keys"),
        )  # fmt: skip
        self._ctx = ctx
        self.name, self.refusal = QLineEdit(), label("", "fieldError", wrap=True)
        over = label(_("Another short name, such as pc2"), "factLabel", wrap=True)
        over.setBuddy(self.name)
        self.name.setAccessibleName(over.text())
        for widget in (over, self.name, self.refusal):
            self.fields.addWidget(widget)

    def accept(self) -> None:
        """Close only when it is done."""
        try:
            own_keys.renew_keys(self._ctx, self.name.text())
        except UserError as error:
            self.refusal.setText(error.message(active()))
            self.fit()
            return
        super().accept()


class KeysDialog(QDialog):
    """The panel in a window of its own, for a workplace that runs. `renewed` is the new name after new keys."""

    def __init__(self, parent: QWidget, app: AppContext) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keys"))
        self.panel, self.renewed, self._ctx = KeysPanel(app.ctx), "", app.ctx
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        inner = QWidget()
        room = QVBoxLayout(inner)
        room.addWidget(label(_("Keys"), "section"))
        self._notices = QVBoxLayout()
        room.addLayout(self._notices)
        self._show_notices()
        room.addWidget(self.panel)
        room.addStretch(1)
        area.setWidget(inner)
        # The words are laid out first: only then it is known where they stand.
        self.panel.rekeyed.connect(self._renewed)
        self.panel.told.connect(lambda said: QTimer.singleShot(0, area, lambda: area.ensureWidgetVisible(said)))
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        column.addLayout(row)
        self.resize(theme.px(720), min(theme.px(680), self.screen().availableGeometry().height() - theme.px(80)))

    def _show_notices(self) -> None:
        clear(self._notices)
        for line in own_keys.notices(self._ctx):
            if line.text == own_keys.MADE_ANEW:
                continue  # it stands below, over the buttons that write the sheet
            self._notices.addWidget(label(_(line.text).format(**line.params), "warningStrip", wrap=True))

    def _renewed(self, device: str) -> None:
        self.renewed = device
        self._show_notices()
