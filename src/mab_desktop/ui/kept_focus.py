"""What had the keys when something came over it: the help over a page, the lock over the work."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class KeptFocus:
    """Remembers one widget, and gives it the keys again where it is still there."""

    def __init__(self) -> None:
        self._had: QWidget | None = None

    def keep(self, now: QWidget | None, beside: QWidget) -> None:
        """Remember `now`; nothing where it stands in `beside`, whose button was pressed to come here."""
        self._had = None if now is None or beside.isAncestorOf(now) else now

    def give_back(self, within: QWidget) -> bool:
        """False where it is gone, stands outside of `within`, or nothing was remembered."""
        had, self._had = self._had, None
        if had is None or not isValid(had) or not within.isAncestorOf(had):
            return False
        had.setFocus()
        return True
