"""The page of the drive wizard where one chooses what to write, for whom, and who signs it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.panels import Section, clear, label, scrolled, split
from mab_desktop.ui.states import Mark
from mab_desktop.ui.transfer import Drive, Exportable
from mab_desktop.ui.transfer_steps import KEY, Entries, button, drive_words


class SignerRow:
    """One person who signs: who it is, and the password for signing."""

    def __init__(self, kind: Exportable, turn: int) -> None:
        self.who, self.password = QComboBox(), QLineEdit()
        self.who.setAccessibleName(_("Who signs"))
        open_ones = [signer for signer in kind.signers if not signer.obstacle]
        for signer in open_ones:
            self.who.addItem(signer.name, signer.login)
        self.who.setCurrentIndex(min(turn, len(open_ones) - 1))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(_("Password for signing"))
        self.password.setAccessibleName(_("Password for signing"))

    @property
    def login(self) -> str:
        """Whom it is."""
        return self.who.currentData() or ""


class TickRow(QWidget):
    """A box to tick with words beside it that wrap: the names of universities are longer than a card is wide."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.setAccessibleName(words)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.box)
        row.addWidget(label(words, "", wrap=True), 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the words ticks the box too."""
        if self.rect().contains(event.position().toPoint()):
            self.box.click()


class WriteStep(QWidget):
    """What to write at the left; for whom at the right."""

    written = Signal(str, list, dict)
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = Entries(_("What to write"))
        self.card = Section(" ")
        self._inside = QWidget()
        self._stack = QVBoxLayout(self._inside)
        self._stack.setContentsMargins(0, 0, theme.px(8), 0)
        self.card.body.addWidget(scrolled(self._inside), 1)
        self.write = button(_("Write"), "primary", "export")
        back = button(_("Back to the drives"), icon="back")
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
        self.signers: list[SignerRow] = []
        self._drive: Drive | None = None
        back.clicked.connect(self.back_asked)
        self.write.clicked.connect(self._write)
        self.list.activated.connect(lambda _i: self._to_next())
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
        kind = self._kinds.get(now.data(KEY) or "")
        clear(self._stack)
        self._boxes, self.signers = {}, []
        if kind is None:
            return
        self.card.title.setText(kind.title)
        if kind.obstacle:
            self._stack.addWidget(label(kind.obstacle, "closedStrip", wrap=True))
        if kind.description:
            self._stack.addWidget(label(kind.description, "", wrap=True))
        self._stack.addWidget(label(_("For whom"), "phase"))
        for recipient in kind.recipients:
            note = "" if recipient.note == kind.obstacle else recipient.note  # it stands above in full
            row = TickRow(" · ".join(part for part in (recipient.title, note) if part))
            row.box.setChecked(True)
            row.box.toggled.connect(self._renew)
            self._boxes[recipient.key] = row.box
            self._stack.addWidget(row)
        if kind.signatures and not kind.obstacle:
            self._stack.addSpacing(theme.px(8))
            self._stack.addWidget(self._signing(kind))
        if self._drive is not None:
            self._stack.addSpacing(theme.px(8))
            self._stack.addWidget(label(_("Where to"), "phase"))
            self._stack.addWidget(label(drive_words(self._drive), "", wrap=True))
        self._stack.addStretch(1)
        self._renew()

    def _signing(self, kind: Exportable) -> QWidget:
        """Two people, each with his own password; who cannot sign yet is named with the reason."""
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.addWidget(label(_("Two people sign it, each with his own password"), "phase"), 0, 0, 1, 2)
        for turn in range(kind.signatures):
            row = SignerRow(kind, turn)
            row.who.currentIndexChanged.connect(self._renew)
            row.password.textChanged.connect(self._renew)
            row.password.returnPressed.connect(self._write)
            grid.addWidget(row.who, turn + 1, 0)
            grid.addWidget(row.password, turn + 1, 1)
            self.signers.append(row)
        closed = "\n".join(f"{signer.name}: {signer.obstacle}" for signer in kind.signers if signer.obstacle)
        if closed:
            grid.addWidget(label(closed, "muted", wrap=True), kind.signatures + 1, 0, 1, 2)
        return made

    def _signing_lacks(self, kind: Exportable | None) -> str:
        if kind is None or not kind.signatures:
            return ""
        logins = {row.login for row in self.signers if row.login}
        if sum(not signer.obstacle for signer in kind.signers) < kind.signatures:
            return _("Two people with signing keys that the centre has let in are needed on this computer.")
        if len(logins) < kind.signatures:
            return _("Choose two different people.")
        return "" if all(row.password.text() for row in self.signers) else _("Both people type their passwords.")

    def _to_next(self) -> None:
        """Enter in the list: to the first password, or to the button."""
        (self.signers[0].password if self.signers else self.write).setFocus()

    def _recipients(self) -> list[str]:
        return [key for key, box in self._boxes.items() if box.isChecked()]

    def _renew(self) -> None:
        kind = self._kinds.get(self.list.key())
        why = kind.obstacle if kind else ""
        if not why and not self._recipients():
            why = _("Choose for whom.")
        why = why or self._signing_lacks(kind)
        self.write.setEnabled(kind is not None and not why)
        self.write.setToolTip(why)

    def _write(self) -> None:
        if self.write.isEnabled():
            passwords = {row.login: row.password.text() for row in self.signers}
            for row in self.signers:
                row.password.clear()
            self.written.emit(self.list.key(), self._recipients(), passwords)
            return
        missing = next((row.password for row in self.signers if not row.password.text()), None)
        if missing is not None:
            missing.setFocus()  # Enter after one's own password: the other person's turn


def _kind_icon(kind: Exportable) -> object:
    return icons.mark_icon(Mark.BLOCKED) if kind.obstacle else icons.icon("export")


def _kind_words(kind: Exportable) -> str:
    below = kind.obstacle or shown_paragraph(kind.paragraph) or kind.description
    return f"{kind.title}\n{below}" if below else kind.title
