"""The students of the hall who have no sheet, the nearest first, each digit that differs from the sheet marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mab_desktop.domain.identification import Candidate, SheetNumbers
from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.panels import label
from mab_desktop.ui.states import Mark


class CandidateList(QWidget):
    """Two lines a student: the name as it may stand on the sheet, and his numbers compared digit by digit."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.heading = label("", "small")
        self.heading.setToolTip(_(
            "The distance is the sum over code, seat and variant: 0 the same, 1 for a column that cannot be read, "
            "2 for a wrong digit or two that changed places, 3 for the whole seat or variant of another student, "
            "4 for the whole code, at most 6."
        ))  # fmt: skip
        self.list = QListWidget()
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName(_("Students without a sheet"))
        # Two candidates less a hair: on a small screen a swap stands above and two lines of hint below.
        self.list.setMinimumHeight(theme.px(78))
        column.addWidget(self.heading)
        column.addWidget(self.list, 1)

    def show_candidates(self, sheet: SheetNumbers, candidates: Sequence[Candidate]) -> None:
        """Show them in their order."""
        self.heading.setText(_("Students without a sheet, the nearest first: {n}").format(n=len(candidates)))
        self.list.clear()
        for candidate in candidates:
            words = QLabel(_words(sheet, candidate), wordWrap=True)
            words.setTextFormat(Qt.TextFormat.RichText)
            words.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{candidate.name} {candidate.code}")
            self.list.addItem(item)
            self.list.setItemWidget(item, words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Long names take a line more when it grows narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # The width is asked of the list, not of its viewport: that grows and shrinks with the scroll bar.
        width = self.list.width() - self.list.verticalScrollBar().sizeHint().width() - theme.px(24)
        for row in range(self.list.count()):
            item = self.list.item(row)
            words = self.list.itemWidget(item)
            if isinstance(words, QLabel):
                item.setSizeHint(QSize(width, words.heightForWidth(width) + theme.px(10)))

    def names(self) -> list[str]:
        """The names and codes shown, in their order."""
        return [self.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(self.list.count())]


def _words(sheet: SheetNumbers, c: Candidate) -> str:
    seat = str(c.seat).zfill(len(sheet.seat))
    parts = ((_("Code"), sheet.code, c.code), (_("Seat"), sheet.seat, seat), (_("Variant"), sheet.variant, c.variant))
    muted = theme.colour("text_muted")
    numbers = " &nbsp; ".join(
        f'<span style="color:{muted}">{escape(title)}</span>&nbsp;{_compared(read, due)}' for title, read, due in parts
    )
    return f"<b>{escape(c.name)}</b><br>{numbers}"


def _compared(read: str, due: str) -> str:
    """The student's number; a digit that the sheet does not show is underlined, bold and coloured."""
    if read == due:
        return escape(due)
    ink = theme.mark_ink(Mark.LATE).name()
    other = f'<span style="color:{ink}; font-weight:bold; text-decoration:underline">%s</span>'
    if len(read) != len(due):
        return other % escape(due)
    return "".join(escape(b) if a == b else other % escape(b) for a, b in zip(read, due, strict=True))
