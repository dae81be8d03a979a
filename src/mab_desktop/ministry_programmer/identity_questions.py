"""Questions of the identification page: the versions of a protocol, and whose name stands on a blank sheet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from mab_desktop.domain import protocol_changes
from mab_desktop.domain.identification import MissingLine
from mab_desktop.domain.protocol_changes import ProtocolChange
from mab_desktop.i18n import _
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.services import sheet_pictures
from mab_desktop.services.identification import ProtocolVersion, SheetImage
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label

_KEY = Qt.ItemDataRole.UserRole + 1


class VersionsDialog(Question):
    """Every version that was issued, the newest on top, and what each changed; one can be opened as it was printed."""

    def __init__(self, parent: QWidget, versions: Sequence[ProtocolVersion]) -> None:
        super().__init__(
            parent, _("Versions of the protocol"),
            _("Every version is kept word for word as it was issued. Choose one to see what it changed."),
            _("Open the paper"),
        )  # fmt: skip
        self._versions = list(versions)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Versions of the protocol"))
        self.list.setMinimumWidth(theme.px(680))
        self.list.setFixedHeight(theme.px(132))
        for version in reversed(self._versions):
            item = QListWidgetItem(_version_words(version))
            item.setData(_KEY, version.version)
            self.list.addItem(item)
        self.heading = label("", "small")
        self.changes = QListWidget()
        for whole in (self.list, self.changes):
            whole.setWordWrap(True)
            whole.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.changes.setAccessibleName(_("What changed"))
        self.changes.setWordWrap(True)
        self.changes.setMinimumHeight(theme.px(200))
        self.changes.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for part in (self.list, self.heading, self.changes):
            self.fields.addWidget(part)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)
        self.list.setFocus()

    def _show(self, row: int) -> None:
        at = len(self._versions) - 1 - row
        self.changes.clear()
        if row < 0:
            return
        if at == 0:
            self.heading.setText(_("The first version: nothing stands before it."))
            return
        older, newer = self._versions[at - 1], self._versions[at]
        found = protocol_changes.changes(older.content, newer.content)
        self.heading.setText(_("Version {n} against version {before}: {count} changes").format(
            n=newer.version, before=older.version, count=len(found)))  # fmt: skip
        for change in found:
            self.changes.addItem(change_words(change))

    def ask(self) -> int | None:
        """The version to open as it was printed, None when the person went back."""
        item = self.list.currentItem()
        accepted = self.exec() == QDialog.DialogCode.Accepted
        item = self.list.currentItem() or item
        return int(item.data(_KEY)) if accepted and item is not None else None


class BlankSheetsDialog(Question):
    """The names on the sheets that bear no mark: one of them may be the student's who has no sheet."""

    def __init__(self, parent: QWidget, app: AppContext, line: MissingLine, sheets: Sequence[SheetImage]) -> None:
        super().__init__(
            parent, _("Blank sheets of this hall"),
            _("Nothing is marked on these sheets. If the name of {name} stands on one of them and the commission has "
              "added it to the signed protocol by hand, choose it and write the ground.").format(name=line.place.name),
            _("It is this student's sheet"),
        )  # fmt: skip
        self.list = QListWidget()
        self.list.setAccessibleName(_("Blank sheets of this hall"))
        self.list.setIconSize(QSize(theme.px(520), theme.px(64)))
        self.list.setMinimumSize(theme.px(660), theme.px(280))
        self.ground = QLineEdit()
        self.ground.setAccessibleName(_("Ground (act)"))
        self.fields.addWidget(self.list)
        name = label(_("Ground (act)"), "factLabel")
        name.setBuddy(self.ground)
        self.fields.addWidget(name)
        self.fields.addWidget(self.ground)
        for sheet in sheets:
            item = QListWidgetItem(sheet.serial[-4:])
            item.setData(_KEY, sheet.serial)
            self.list.addItem(item)
            place = (sheet.image, sheet.image_page, sheet.placement)
            read, put = partial(sheet_pictures.name_picture, app.ctx, *place), partial(self._put, sheet.serial)
            app.tasks.read(read, put, app.failed)
        self.list.currentItemChanged.connect(lambda *_items: self._renew())
        self.ground.textChanged.connect(self._renew)
        self._renew()

    def _put(self, serial: str, picture: bytes) -> None:
        shown = QPixmap()
        shown.loadFromData(picture)
        for row in range(self.list.count()):
            if self.list.item(row).data(_KEY) == serial and not shown.isNull():
                self.list.item(row).setIcon(QIcon(shown))

    def _renew(self) -> None:
        self.act_button.setEnabled(self.list.currentItem() is not None and bool(self.ground.text().strip()))

    def ask(self) -> tuple[str, str] | None:
        """The serial chosen and the ground, None when the person went back."""
        accepted = self.exec() == QDialog.DialogCode.Accepted
        item = self.list.currentItem()
        return (str(item.data(_KEY)), self.ground.text().strip()) if accepted and item is not None else None


def _version_words(version: ProtocolVersion) -> str:
    words = _("Protocol, version {n} of {at}; open lines: {open}.").format(
        n=version.version, at=moment_words(version.issued_at), open=version.open_lines)  # fmt: skip
    if version.last:
        words += " " + _("It is the last version.")
    if version.signed_at:
        words += " " + _("Signed by {n} on {at}.").format(n=len(version.signed_by), at=moment_words(version.signed_at))
    return words


def change_words(change: ProtocolChange) -> str:
    """A change in words of the language of now."""
    place = f"{_(change.table)} · {change.line} · {_(change.field)}"
    if not (change.old or change.new):
        return place
    return f"{place}: {_(change.old) if change.old else '–'} → {_(change.new) if change.new else '–'}"
