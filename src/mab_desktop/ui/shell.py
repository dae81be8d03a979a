"""The window: rail of phases and steps, top bar, page, status bar, lock."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QMainWindow


class Shell(QMainWindow):
    """Made by `run_app` (or by `build_shell` in tests and screenshots)."""

    def open_page(self, key: str, **where: Any) -> None:
        """Show the page `key` ("home" is always there)."""

    def refresh(self, changed: set[str] | None = None) -> None:
        """Tables changed: the visible page, the rail and the bars read again."""

    def failed(self, error: BaseException) -> None:
        """Show an error: UserError in the bar, Cancelled in silence, the rest in the crash dialog."""

    def set_language(self, lang: str) -> None:
        """Rebuild rail and pages in `lang`."""

    def lock(self) -> None:
        """Hide the work behind the password (Ctrl+L)."""
