"""The pages of the drive wizard before the work: choose the drive, see what is on it. Writing: `transfer_write`."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
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
from mab_desktop.ui.formats import held_together, shown_number, shown_size
from mab_desktop.ui.panels import EmptyState, Facts, Section, clear, facts_block, label, scrolled, split
from mab_desktop.ui.states import Mark
from mab_desktop.ui.tasks import TaskProgress
from mab_desktop.ui.transfer import KNOWN_WORDS, Drive, Known, TransferChange, TransferItem, TransferPreview
from mab_desktop.ui.transfer_work import ProgressLine
from mab_desktop.ui.wrapped_lines import wrap_lines

KEY = Qt.ItemDataRole.UserRole + 1
_KNOWN_MARKS = {
    Known.NEW: Mark.DUE,
    Known.RESTORED: Mark.LATE,
    Known.GAP: Mark.LATE,
    Known.WAITING: Mark.INFO,
    Known.FORK: Mark.LATE,
    Known.FROZEN: Mark.BLOCKED,
    Known.INCOMPLETE: Mark.INFO,
    Known.KNOWN: Mark.DONE,
    Known.OLDER: Mark.INFO,
    Known.OWN: Mark.NONE,
    Known.FOREIGN: Mark.BLOCKED,
    Known.DAMAGED: Mark.LATE,
}


class Entries(QListView):
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
            item = QStandardItem(icon, held_together(words))  # type: ignore[call-overload]
            item.setData(key, KEY)
            if not usable:
                item.setForeground(theme.qcolour("text_muted"))
            self.items.appendRow(item)
        if entries:
            self.setCurrentIndex(self.items.index(0, 0))

    def key(self) -> str:
        """The key under the cursor."""
        return self.currentIndex().data(KEY) or ""

    def choose(self, key: str) -> None:
        """Put the cursor on a key."""
        for row in range(self.items.rowCount()):
            if self.items.item(row).data(KEY) == key:
                self.setCurrentIndex(self.items.index(row, 0))


def button(words: str, kind: str = "plain", icon: str = "") -> QPushButton:
    """A button of the wizard's steps."""
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
        self.list = Entries(_("Drives"))
        self.empty = EmptyState(
            _("No drive is in"), _("Put the flash drive in: it shows here by itself. Or choose a folder."), icon="drive"
        )
        self.pending = label("", "warningStrip", wrap=True)
        self.pending.hide()
        self.read, self.write = (
            button(_("See what is on it"), "primary", "accept"),
            button(_("Write to it"), "plain", "export"),
        )
        again, folder = button(_("Look again"), icon="refresh"), button(_("Choose a folder…"), icon="open")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.pending)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for part in (again, folder):
            row.addWidget(part)
        row.addStretch(1)
        for part in (self.write, self.read):
            row.addWidget(part)
        column.addLayout(row)
        self._mode, self._title, self._to_write = mode, "", False
        self.wait_for("")
        again.clicked.connect(self.look_again)
        folder.clicked.connect(self.folder_asked)
        self.read.clicked.connect(lambda: self._choose("accept"))
        self.write.clicked.connect(lambda: self._choose("write"))
        self.list.activated.connect(lambda _i: self._choose("write" if self._writes_first() else "accept"))
        self.list.selectionModel().currentChanged.connect(self._renew)

    def wait_for(self, title: str) -> None:
        """Files are made and wait for a drive to be written to; "" when none do."""
        self._title = title
        self.pending.setText(_("{title}: made and kept here. Choose the drive that it shall be written to.")
                             .format(title=title))  # fmt: skip
        self.pending.setVisible(bool(title))
        self.read.setVisible(self._mode != "write" and not title)
        self.write.setVisible(self._mode != "accept" or bool(title))
        primary = self._writes_first()
        for part, icon, first in ((self.write, "export", primary), (self.read, "accept", not primary)):
            part.setProperty("kind", "primary" if first else "plain")
            part.setIcon(icons.icon(icon, "on_accent" if first else "text"))
            part.style().unpolish(part)
            part.style().polish(part)

    def write_first(self, wanted: bool) -> None:
        """Whether somebody came here to write something: Enter and the button that stands out do that then."""
        self._to_write = wanted
        self.wait_for(self._title)

    def _writes_first(self) -> bool:
        return self._mode == "write" or bool(self._title) or (self._to_write and self._mode != "accept")

    def show_drives(self, drives: list[Drive]) -> None:
        """Show these drives, with the cursor on one just put in; a read-only one cannot be written to."""
        fresh = [drive.path for drive in drives if drive.path not in self.drives and drive.removable]
        here = fresh[0] if fresh else self.list.key()
        self.drives = {drive.path: drive for drive in drives}
        self.list.fill([(drive.path, icons.icon("drive"), drive_words(drive), True) for drive in drives])
        self.list.choose(here)
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


def drive_words(drive: Drive) -> str:
    """A drive in two lines."""
    room = _("{free} free of {total}").format(free=shown_size(drive.free), total=shown_size(drive.total))
    facts = (drive.path, room if drive.total else "", "" if drive.writable else _("read only"), drive.note)
    return f"{drive.name}\n" + " · ".join(fact for fact in facts if fact)


class AcceptStep(QWidget):
    """What is on the drive at the left; at the right what the file holds, for whom, and what accepting does."""

    item_chosen = Signal(str)
    accepted = Signal(TransferPreview, str)
    all_accepted = Signal()
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = Entries(_("Files on the drive"))
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
        self.accept = button(_("Accept"), "primary", "accept")
        self.every = button(_("Accept everything new"), icon="list")
        self.progress = ProgressLine()
        self.card.body.addWidget(self.progress)
        back = button(_("Back to the drives"), icon="back")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(split(self.list, self.card, stretches=(2, 3)), 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(self.every)
        row.addWidget(self.accept)
        column.addLayout(row)
        self._items: dict[str, TransferItem] = {}
        self._preview: TransferPreview | None = None
        self._all = False
        back.clicked.connect(self.back_asked)
        self.every.clicked.connect(self.show_plan)
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
        order = list(Known)
        ordered = sorted(items, key=lambda item: order.index(item.known))  # what can be taken stands first
        self._items = {item.path: item for item in ordered}
        self._clear(drive.name if items else _("There are no files of the program on this drive"))
        fresh = self._fresh()
        self.every.setText(_("Accept everything new ({n})").format(n=len(fresh)))
        self.every.setVisible(len(fresh) > 1)
        self.list.fill([(i.path, _item_icon(i), _item_words(i), True) for i in ordered])

    def _chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        if (path := now.data(KEY)) is not None:
            self.item_chosen.emit(path)

    def _clear(self, title: str) -> None:
        self._preview, self._all = None, False
        self.progress.hide()
        self.accept.setText(_("Accept"))
        clear(self._stack)
        self.card.title.setText(title)
        self.card.title.setVisible(True)
        self.secret.clear()
        for part in (self.secret, self.secret_label):
            part.hide()
        self._renew()

    def wait(self) -> TaskProgress:
        """The file is being checked; looking at another one stops it."""
        self.progress.stop()
        self._clear(_("Checking the file…"))
        self.progress.show()
        return self.progress.begin()

    def _fresh(self) -> list[TransferItem]:
        return [item for item in self._items.values() if item.known is Known.NEW]

    def show_plan(self) -> None:
        """What would be taken, in which order; the button then takes it."""
        self.progress.stop()
        fresh = self._fresh()
        self._clear(_("Everything new, in this order"))
        lines = tuple(
            (f"{turn}. {item.title}", " · ".join(part for part in (item.sender, _number(item), item.made) if part))
            for turn, item in enumerate(fresh, 1)
        )
        self._stack.addWidget(facts_block(Facts("", lines)))
        held = _("A backup is made first. A file that is refused stops only the later ones of its sender; what needs "
                 "your word stays on the drive.")  # fmt: skip
        self._stack.addWidget(label(held, "muted", wrap=True))
        self._stack.addStretch(1)
        self._all = True
        self.accept.setText(_("Accept all of them"))
        self.accept.setEnabled(True)
        self.accept.setToolTip("")
        self.accept.setFocus()

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
        if preview.card is not None:  # it needs the room, and tells the rest itself
            lines = ((_("From"), item.sender), (_("Made"), item.made))
        self._stack.addWidget(facts_block(Facts("", tuple(line for line in lines if line[1]))))
        if preview.card is not None:
            self._stack.addWidget(preview.card(), 1)
        else:
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
        if self._all:
            self.all_accepted.emit()
        elif self._preview is not None and self.accept.isEnabled():
            self.accepted.emit(self._preview, self.secret.text())


def _item_words(item: TransferItem) -> str:
    known, size = _(KNOWN_WORDS[item.known]), shown_size(item.size) if item.size else ""
    if item.known is Known.KNOWN:  # the note is the moment
        facts: tuple[str, ...] = (f"{known} {item.note}".strip(), item.sender, _number(item), item.made, size)
    else:
        facts = (known, item.note, item.sender, _number(item), item.made, size)
    return f"{item.title}\n" + " · ".join(fact for fact in facts if fact)


def _item_icon(item: TransferItem) -> object:
    mark = _KNOWN_MARKS[item.known]
    return icons.icon("export", "text_muted") if mark is Mark.NONE else icons.mark_icon(mark)


def _number(item: TransferItem) -> str:
    return f"№ {item.number}" if item.number else ""


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
