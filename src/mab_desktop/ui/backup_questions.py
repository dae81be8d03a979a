"""What the page of backups asks: which second disk, which drive for the reserve PC, the second person's password."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from mab_desktop.i18n import _
from mab_desktop.services import second_disk, transfer_view, workplace
from mab_desktop.ui import icons
from mab_desktop.ui.formats import shown_size
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label
from mab_desktop.ui.password_fields import secret_field


@dataclass(frozen=True, slots=True)
class ReserveAsked:
    """Where the set goes, and to whom the work, "" when this PC goes on."""

    drive: str
    hand_over_to: str


class FolderQuestion(Question):
    """Asks for one of some places, or any folder."""

    def __init__(self, parent: QWidget | None, title: str, text: str, verb: str, places: list[tuple[str, str]]) -> None:
        super().__init__(parent, title, text, verb)
        self.place = QComboBox()
        self.place.setAccessibleName(title)
        for words, folder in places:
            self.place.addItem(words, folder)
        other = QPushButton(icons.icon("open"), _("Another folder…"))
        other.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.place, 1)
        row.addWidget(other)
        self.fields.addLayout(row)
        self.nothing = label(_("No other disk is connected now."), "muted", wrap=True)
        self.fields.addWidget(self.nothing)
        self.place.currentIndexChanged.connect(self.renew)
        self.renew()

    def renew(self) -> None:
        """The verb opens when there is a place."""
        self.nothing.setVisible(not self.place.count())
        self.act_button.setEnabled(bool(self.place.currentData()))

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("Another folder…"))
        if folder:
            self.place.addItem(folder, folder)
            self.place.setCurrentIndex(self.place.count() - 1)


def second_disk_question(parent: QWidget | None, app: AppContext) -> FolderQuestion:
    """The dialog of `ask_for_second_disk`, not yet shown."""
    text = _(
        "Every backup is also written there, with the scanned images and the exports that nobody has confirmed yet. It "
        "must be another disk than this one, and stay connected. Everything on it is encrypted."
    )
    places = [
        (f"{disk.name} · {_('{size} free').format(size=shown_size(disk.free))} · {disk.folder}", str(disk.folder))
        for disk in second_disk.suggested(app.ctx)
    ]
    return FolderQuestion(parent, _("The second disk"), text, _("Use this disk"), places)


def ask_for_second_disk(parent: QWidget | None, app: AppContext) -> Path | None:
    """The folder that was chosen."""
    asked = second_disk_question(parent, app)
    return Path(asked.place.currentData()) if asked.exec() == QDialog.DialogCode.Accepted else None


class ReserveQuestion(FolderQuestion):
    """Asks for a drive, and whether this PC stops."""

    def __init__(self, parent: QWidget | None, places: list[tuple[str, str]]) -> None:
        text = _(
            "An encrypted copy of everything is written to the drive; the reserve PC goes on with it. Without a "
            "hand-over this computer goes on: the copy is a precaution for the evening."
        )
        super().__init__(parent, _("Copy for the reserve PC"), text, _("Write the copy"), places)
        self.stop = QCheckBox(_("Hand over: this computer stops, work goes on at the reserve PC"))
        self.to = QLineEdit()
        self.to.setPlaceholderText(_("Reserve PC: room, inventory number, who takes it over"))
        self.to.setAccessibleName(self.to.placeholderText())
        self.to.setEnabled(False)
        self.stop.toggled.connect(self.to.setEnabled)
        self.stop.toggled.connect(self.renew)
        self.to.textChanged.connect(self.renew)
        self.fields.addWidget(self.stop)
        self.fields.addWidget(self.to)

    def renew(self) -> None:
        """A hand-over needs to be told to whom."""
        super().renew()
        if hasattr(self, "stop") and self.stop.isChecked() and len(self.to.text().strip()) < 3:
            self.act_button.setEnabled(False)


def reserve_question(parent: QWidget | None) -> ReserveQuestion:
    """The dialog of `ask_for_reserve`, not yet shown."""
    places = [
        (f"{drive.name} · {_('{size} free').format(size=shown_size(drive.free))}", str(drive.folder))
        for drive in transfer_view.drives()
    ]
    return ReserveQuestion(parent, places)


def ask_for_reserve(parent: QWidget | None, _app: AppContext) -> ReserveAsked | None:
    """Drive and hand-over."""
    asked = reserve_question(parent)
    if asked.exec() != QDialog.DialogCode.Accepted:
        return None
    to = asked.to.text().strip() if asked.stop.isChecked() else ""
    return ReserveAsked(str(asked.place.currentData()), to)


def ask_for_second_person(parent: QWidget | None, app: AppContext) -> tuple[str, str] | None:
    """Login and password of another person, who confirms that this PC goes on again."""
    text = _(
        "Only when nobody took the work over at the reserve PC. Files of this computer are counted anew, beyond those "
        "of the reserve PC. A second person confirms."
    )
    asked = Question(parent, _("Take the work back"), text, _("Take the work back"), dangerous=True)
    who, password = QComboBox(), secret_field()
    who.addItems([login for login in workplace.logins(app.ctx.store.path) if login != app.ctx.actor.login])
    for words, editor in ((_("Second person"), who), (_("Password"), password)):
        asked.fields.addWidget(label(words, "muted"))
        asked.fields.addWidget(editor)
    if asked.exec() != QDialog.DialogCode.Accepted:
        return None
    return who.currentText(), password.text()
