"""Check groups: typed from paper into eight cells that are compared as one types, or shown to be read out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from mab_desktop.i18n import _
from mab_desktop.services import trusting
from mab_desktop.ui import icons, theme
from mab_desktop.ui.panels import label
from mab_desktop.ui.states import Mark

GROUPS, SYMBOLS = 8, 4


class GroupsField(QWidget):
    """Eight cells for a fingerprint; `changed` after each symbol. A whole fingerprint may be pasted into any cell.

    Small letters, blanks, hyphens and look-alikes (O and 0, I and 1, Cyrillic А and Latin A) do not matter.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.cells = [QLineEdit() for _number in range(GROUPS)]
        self.marks = [QLabel() for _number in range(GROUPS)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(6))
        grid.setVerticalSpacing(theme.px(2))
        for column, (cell, mark) in enumerate(zip(self.cells, self.marks, strict=True)):
            cell.setAlignment(Qt.AlignmentFlag.AlignCenter)
            cell.setMinimumHeight(theme.px(34))  # lines grow by their focus ring
            cell.setAccessibleName(_("Group {n}").format(n=column + 1))
            cell.textEdited.connect(lambda text, number=column: self._edited(number, text))
            cell.installEventFilter(self)
            mark.setFixedHeight(theme.px(16))
            grid.addWidget(cell, 0, column)
            grid.addWidget(mark, 1, column, Qt.AlignmentFlag.AlignHCenter)
            grid.setColumnStretch(column, 1)
        self.setFocusProxy(self.cells[0])

    def text(self) -> str:
        """The groups as they stand in the cells."""
        return " ".join(cell.text() for cell in self.cells).strip()

    def groups(self) -> list[str]:
        """The groups one by one, "" for an empty cell."""
        return [cell.text() for cell in self.cells]

    def setText(self, text: str) -> None:
        """Spread a whole fingerprint over the cells."""
        self._spread(0, text)

    def show_verdicts(self, verdicts: Sequence[bool | None]) -> None:
        """A tick or a triangle under each group that is whole; nothing under the others."""
        for cell, mark, verdict in zip(self.cells, self.marks, verdicts, strict=True):
            shape = {True: Mark.DONE, False: Mark.LATE, None: Mark.NONE}[verdict]
            mark.clear()
            if shape is not Mark.NONE:
                mark.setPixmap(icons.pixmap(icons.mark_icon(shape), 14))
            mark.setToolTip({True: _("This group agrees."), False: _("This group differs."), None: ""}[verdict])
            mark.setAccessibleName(mark.toolTip())
            if bool(cell.property("wrong")) is not (verdict is False):
                cell.setProperty("wrong", verdict is False)
                cell.style().unpolish(cell)
                cell.style().polish(cell)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Backspace in an empty cell goes to the one before; a click into a cell chooses its group, to type it anew."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and watched in self.cells:
            number = self.cells.index(watched)
            if event.key() == Qt.Key.Key_Backspace and number and not self.cells[number].text():
                self.cells[number - 1].setFocus()
                self.cells[number - 1].end(False)
        clicked = isinstance(event, QFocusEvent) and event.reason() is Qt.FocusReason.MouseFocusReason
        if clicked and event.gotFocus() and isinstance(watched, QLineEdit):  # type: ignore[attr-defined]
            QTimer.singleShot(0, watched, watched.selectAll)  # the click puts the cursor there only after this
        return super().eventFilter(watched, event)

    def _edited(self, number: int, text: str) -> None:
        symbols = "".join(trusting.groups_of(text))
        cell = self.cells[number]
        if len(symbols) > SYMBOLS:
            self._spread(0 if len(symbols) >= GROUPS * SYMBOLS else number, text)
            return
        if symbols != text:
            place = cell.cursorPosition()
            cell.setText(symbols)
            cell.setCursorPosition(min(place, len(symbols)))
        if len(symbols) == SYMBOLS and cell.cursorPosition() == SYMBOLS and number + 1 < GROUPS:
            self.cells[number + 1].setFocus()
            self.cells[number + 1].selectAll()
        self.changed.emit()

    def _spread(self, first: int, text: str) -> None:
        groups = trusting.groups_of(text)[: GROUPS - first]
        for number, group in enumerate(groups, first):
            self.cells[number].setText(group)
        last = min(first + len(groups), GROUPS) - 1
        if self.hasFocus() or any(cell.hasFocus() for cell in self.cells):
            self.cells[max(last, 0)].setFocus()
        self.changed.emit()


class GroupsView(QWidget):
    """Groups in large letters, numbered, to be read out by telephone."""

    def __init__(self, groups: str) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        for number, group in enumerate(groups.split()):
            cell = label(group, "section", selectable=True)
            over = label(str(number + 1), "small")
            over.setBuddy(cell)
            grid.addWidget(over, 0, number, Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(cell, 1, number, Qt.AlignmentFlag.AlignHCenter)
            grid.setColumnMinimumWidth(number, theme.px(52))  # groups under each other stand in columns
        grid.setColumnStretch(GROUPS, 1)
        self.setAccessibleName(groups)
