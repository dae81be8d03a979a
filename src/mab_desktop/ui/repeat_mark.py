"""The mark beside a field that repeats its value from record to record; a click (or Ctrl+R) pins and unpins it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

from mab_desktop.i18n import _


class RepeatMark(QLabel):
    """The word "repeated" beside a value of the record before, "repeats" beside one that will go on to the next.

    Where pins may be chosen, the field that has the focus offers to repeat when it does not.
    """

    clicked = Signal()

    def __init__(self, *, may_pin: bool) -> None:
        super().__init__()
        self.may_pin = may_pin
        if may_pin:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_state(self, *, carried: bool, pinned: bool, focused: bool) -> None:
        """Say what becomes of the value."""
        words, name, tip = "", "small", ""
        if carried:
            words, name = _("repeated"), "carried"
            tip = _("from the record before · Ctrl+Delete clears")
        elif self.may_pin and pinned:
            words, tip = _("repeats"), _("Ctrl+R: the next record begins with this value; again: it does not")
        elif self.may_pin and focused:
            words, tip = _("Ctrl+R repeats"), _("Ctrl+R: the next record begins with this value; again: it does not")
        self.setText(words)
        self.setToolTip(tip)
        self.setVisible(bool(words) or self.may_pin)  # so that a field keeps its width when the focus comes
        if self.may_pin:
            known = (_("repeated"), _("repeats"), _("Ctrl+R repeats"))
            self.setMinimumWidth(max(map(self.fontMetrics().horizontalAdvance, known)) + 4)
        if self.objectName() != name:
            self.setObjectName(name)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin or unpin."""
        if self.may_pin:
            self.clicked.emit()
        super().mousePressEvent(event)
