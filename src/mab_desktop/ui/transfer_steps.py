"""The pages of the drive wizard before the work: choose the drive, see what is on it, choose what to write."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_number, shown_paragraph, shown_size
from mab_desktop.ui.panels import EmptyState, Facts, Section, clear, facts_block, label, scrolled, split
from mab_desktop.ui.states import Mark
from mab_desktop.ui.transfer import KNOWN_WORDS, Drive, Exportable, Known, TransferChange, TransferItem, TransferPreview
from mab_desktop.ui.wrapped_lines import wrap_lines

_KEY = Qt.ItemDataRole.UserRole + 1
_KNOWN_MARKS = {
    Known.NEW: Mark.DUE,
    Known.KNOWN: Mark.DONE,
    Known.OLDER: Mark.INFO,
    Known.FOREIGN: Mark.BLOCKED,
    Known.DAMAGED: Mark.LATE,
}


class _List(QListView):
    """Entries of two lines; Enter and double click choose."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.items = QStandardItemModel(self)
        self.setModel(self.items)
        wrap_lines(self, 22)
        self.setAccessibleName(name)

    def fill(self, entries: list[tuple[str, object, str, bool]]) -> None:
        """Key, icon, words, and whether it can be chosen."""
        self.items.clear()
        for key, icon, words, usable in entries:
            item = QStandardItem(icon, words)  # type: ignore[call-overload]
            item.setData(key, _KEY)
            if not usable:
                item.setForeground(theme.qcolour("text_muted"))
            self.items.appendRow(item)
        if entries:
            self.setCurrentIndex(self.items.index(0, 0))

    def key(self) -> str:
        """The key under the cursor."""
        return self.currentIndex().data(_KEY) or ""

    def choose(self, key: str) -> None:
        """Put the cursor on a key."""
        for row in range(self.items.rowCount()):
            if self.items.item(row).data(_KEY) == key:
                self.setCurrentIndex(self.items.index(row, 0))


def _button(words: str, kind: str = "plain", icon: str = "") -> QPushButton:
    made = QPushButton(words)
    made.setProperty("kind", kind)
    made.setAutoDefault(True)
    if icon:
        made.setIcon(icons.icon(icon, "on_accent" if kind == "primary" else "text"))
    return made


class DriveStep(QWidget):
    """Which drive; then what is on it, or write to it."""

    look_again = Signal()
    folder_asked = Signal()
    chosen = Signal(Drive, str)

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.drives: dict[str, Drive] = {}
        self.list = _List(_("Drives"))
        self.empty = EmptyState(
            _("No drive is in"), _("Put the flash drive in and press “Look again”, or choose a folder."), icon="drive"
        )
        self.read, self.write = (
            _button(_("See what is on it"), "primary", "accept"),
            _button(_("Write to it"), "plain", "export"),
        )
        again, folder = _button(_("Look again"), icon="refresh"), _button(_("Choose a folder…"), icon="open")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for button in (again, folder):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.write, self.read):
            row.addWidget(button)
        column.addLayout(row)
        self.read.setVisible(mode != "write")
        self.write.setVisible(mode != "accept")
        if mode == "write":
            self.write.setProperty("kind", "primary")
        again.clicked.connect(self.look_again)
        folder.clicked.connect(self.folder_asked)
        self.read.clicked.connect(lambda: self._choose("accept"))
        self.write.clicked.connect(lambda: self._choose("write"))
        self.list.activated.connect(lambda _i: self._choose("write" if mode == "write" else "accept"))
        self.list.selectionModel().currentChanged.connect(self._renew)

    def show_drives(self, drives: list[Drive]) -> None:
        """Show these drives; a read-only one cannot be written to."""
        self.drives = {drive.path: drive for drive in drives}
        self.list.fill([(drive.path, icons.icon("drive"), _drive_words(drive), True) for drive in drives])
        self.list.setVisible(bool(drives))
        self.empty.setVisible(not drives)
        self._renew()

    def choose(self, path: str) -> None:
        """Put the cursor on a drive."""
        self.list.choose(path)

    def first_field(self) -> QWidget:
        """Where the keys go first."""
        return self.list if self.drives else self

    def _renew(self, *_what: object) -> None:
        drive = self.drives.get(self.list.key())
        self.read.setEnabled(drive is not None)
        self.write.setEnabled(drive is not None and drive.writable)
        self.write.setToolTip("" if drive is None or drive.writable else _("This drive can only be read."))

    def _choose(self, what: str) -> None:
        if (drive := self.drives.get(self.list.key())) is not None:
            self.chosen.emit(drive, what)


def _drive_words(drive: Drive) -> str:
    room = _("{free} free of {total}").format(free=shown_size(drive.free), total=shown_size(drive.total))
    facts = (drive.path, room if drive.total else "", "" if drive.writable else _("read only"), drive.note)
    return f"{drive.name}\n" + " · ".join(fact for fact in facts if fact)


class AcceptStep(QWidget):
    """What is on the drive at the left; at the right what the file holds, for whom, and what accepting does."""

    item_chosen = Signal(str)
    accepted = Signal(TransferPreview, str)
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = _List(_("Files on the drive"))
        self.card = Section(" ")
        self._inside = QWidget()
        self._stack = QVBoxLayout(self._inside)
        self._stack.setContentsMargins(0, 0, theme.px(8), 0)
        self._stack.setSpacing(theme.px(12))
        self.card.body.addWidget(scrolled(self._inside), 1)
        self.secret = QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret_label = label("", "muted", wrap=True)
        self.secret_label.setBuddy(self.secret)
        self.card.body.addWidget(self.secret_label)
        self.card.body.addWidget(self.secret)
        self.accept = _button(_("Accept"), "primary", "accept")
        back = _button(_("Back to the drives"), icon="back")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(split(self.list, self.card, stretches=(2, 3)), 1)
        row = QHBoxLayout()
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(self.accept)
        column.addLayout(row)
        self._items: dict[str, TransferItem] = {}
        self._preview: TransferPreview | None = None
        back.clicked.connect(self.back_asked)
        self.accept.clicked.connect(self._accept)
        self.secret.textChanged.connect(self._renew)
        self.secret.returnPressed.connect(self._accept)
        self.list.activated.connect(lambda _i: (self.secret if self.secret.isVisible() else self.accept).setFocus())
        self.list.selectionModel().currentChanged.connect(self._chosen)

    def first_field(self) -> QWidget:
        """Where the keys go first."""
        return self.list

    def show_items(self, items: list[TransferItem], drive: Drive) -> None:
        """Show the files found on `drive`."""
        self._items = {item.path: item for item in items}
        self._clear(drive.name if items else _("There are no files of the program on this drive"))
        order = list(_KNOWN_MARKS)
        ordered = sorted(items, key=lambda item: order.index(item.known))  # what can be taken stands first
        self.list.fill([(i.path, icons.mark_icon(_KNOWN_MARKS[i.known]), _item_words(i), True) for i in ordered])

    def _chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        if (path := now.data(_KEY)) is not None:
            self.item_chosen.emit(path)

    def _clear(self, title: str) -> None:
        self._preview = None
        clear(self._stack)
        self.card.title.setText(title)
        self.card.title.setVisible(True)
        self.secret.clear()
        for part in (self.secret, self.secret_label):
            part.hide()
        self._renew()

    def wait(self) -> None:
        """The file is being checked."""
        self._clear(_("Checking the file…"))

    def show_refusal(self, path: str, words: str) -> None:
        """The file is not taken, and why."""
        if path == self.list.key():
            self._clear(self._items[path].title)
            self._stack.addWidget(label(words, "errorStrip", wrap=True))
            self._stack.addStretch(1)

    def show_preview(self, path: str, preview: TransferPreview) -> None:
        """The file is whole: who sent it, for whom, and what accepting would do."""
        if path != self.list.key():
            return
        self._clear(preview.item.title)
        self._preview = preview
        if preview.obstacle:
            self._stack.addWidget(label(preview.obstacle, "closedStrip", wrap=True))
        for warning in preview.warnings:
            self._stack.addWidget(label(warning, "warningStrip", wrap=True))
        item = preview.item
        lines = ((_("From"), item.sender), (_("For"), item.recipient), (_("Made"), item.made), *preview.lines)
        self._stack.addWidget(facts_block(Facts("", tuple(line for line in lines if line[1]))))
        if preview.changes:
            self._stack.addWidget(_changes(preview.changes))
        self._stack.addStretch(1)
        self.secret_label.setText(preview.secret_prompt)
        for part in (self.secret, self.secret_label):
            part.setVisible(bool(preview.secret_prompt))
        self._renew()

    def _renew(self) -> None:
        found = self._preview
        typed = found is not None and (not found.secret_prompt or bool(self.secret.text()))
        self.accept.setEnabled(found is not None and not found.obstacle and typed)
        self.accept.setToolTip(found.obstacle if found else "")

    def _accept(self) -> None:
        if self._preview is not None and self.accept.isEnabled():
            self.accepted.emit(self._preview, self.secret.text())


def _item_words(item: TransferItem) -> str:
    known, size = _(KNOWN_WORDS[item.known]), shown_size(item.size) if item.size else ""
    if item.known is Known.KNOWN:  # the note is the moment
        facts: tuple[str, ...] = (f"{known} {item.note}".strip(), item.sender, item.made, size)
    else:
        facts = (known, item.sender, item.made, size, item.note)
    return f"{item.title}\n" + " · ".join(fact for fact in facts if fact)


def _changes(changes: tuple[TransferChange, ...]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.px(16))
    grid.setColumnStretch(0, 1)
    right = Qt.AlignmentFlag.AlignRight
    heads = (_("What accepting does"), _("New"), _("Changed"), _("Same"), _("Deleted"))
    for column, words in enumerate(heads):
        grid.addWidget(label(words, "muted"), 0, column, right if column else Qt.AlignmentFlag.AlignLeft)
    for row, change in enumerate(changes, start=1):
        grid.addWidget(label(change.what, "", wrap=True), row, 0)
        for column, number in enumerate((change.new, change.changed, change.same, change.removed), start=1):
            shown = label(shown_number(number) if number else "—", "" if number else "muted")
            shown.setFont(theme.font(bold=bool(number) and column != 3))
            grid.addWidget(shown, row, column, right)
    return made


class WriteStep(QWidget):
    """What to write at the left; for whom at the right."""

    written = Signal(str, list)
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = _List(_("What to write"))
        self.card = Section(" ")
        self._inside = QWidget()
        self._stack = QVBoxLayout(self._inside)
        self._stack.setContentsMargins(0, 0, theme.px(8), 0)
        self.card.body.addWidget(scrolled(self._inside), 1)
        self.write = _button(_("Write"), "primary", "export")
        back = _button(_("Back to the drives"), icon="back")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(split(self.list, self.card, stretches=(2, 3)), 1)
        row = QHBoxLayout()
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(self.write)
        column.addLayout(row)
        self._kinds: dict[str, Exportable] = {}
        self._boxes: dict[str, QCheckBox] = {}
        self._drive: Drive | None = None
        back.clicked.connect(self.back_asked)
        self.write.clicked.connect(self._write)
        self.list.activated.connect(lambda _i: self.write.setFocus())
        self.list.selectionModel().currentChanged.connect(self._chosen)

    def first_field(self) -> QWidget:
        """Where the keys go first."""
        return self.list

    def title_of(self, kind: str) -> str:
        """The words of a kind."""
        return self._kinds[kind].title

    def show_kinds(self, kinds: list[Exportable], drive: Drive, wanted: str = "") -> None:
        """Show what can be written now; `wanted` is chosen, if it is among them."""
        self._kinds, self._drive = {kind.key: kind for kind in kinds}, drive
        self.list.fill([(kind.key, _kind_icon(kind), _kind_words(kind), not kind.obstacle) for kind in kinds])
        if wanted in self._kinds:
            self.list.choose(wanted)

    def _chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        kind = self._kinds.get(now.data(_KEY) or "")
        clear(self._stack)
        self._boxes = {}
        if kind is None:
            return
        self.card.title.setText(kind.title)
        if kind.obstacle:
            self._stack.addWidget(label(kind.obstacle, "closedStrip", wrap=True))
        if kind.description:
            self._stack.addWidget(label(kind.description, "", wrap=True))
        self._stack.addWidget(label(_("For whom"), "phase"))
        for recipient in kind.recipients:
            box = QCheckBox(" · ".join(part for part in (recipient.title, recipient.note) if part))
            box.setChecked(True)
            box.toggled.connect(self._renew)
            self._boxes[recipient.key] = box
            self._stack.addWidget(box)
        if self._drive is not None:
            self._stack.addSpacing(theme.px(8))
            self._stack.addWidget(label(_("Where to"), "phase"))
            self._stack.addWidget(label(_drive_words(self._drive), "", wrap=True))
        self._stack.addStretch(1)
        self._renew()

    def _recipients(self) -> list[str]:
        return [key for key, box in self._boxes.items() if box.isChecked()]

    def _renew(self) -> None:
        kind = self._kinds.get(self.list.key())
        why = kind.obstacle if kind else ""
        if not why and not self._recipients():
            why = _("Choose for whom.")
        self.write.setEnabled(kind is not None and not why)
        self.write.setToolTip(why)

    def _write(self) -> None:
        if self.write.isEnabled():
            self.written.emit(self.list.key(), self._recipients())


def _kind_icon(kind: Exportable) -> object:
    return icons.mark_icon(Mark.BLOCKED) if kind.obstacle else icons.icon("export")


def _kind_words(kind: Exportable) -> str:
    below = kind.obstacle or shown_paragraph(kind.paragraph) or kind.description
    return f"{kind.title}\n{below}" if below else kind.title
