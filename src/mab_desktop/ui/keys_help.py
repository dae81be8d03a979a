"""F1: what the page is for, and all keys on one page."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.ui import theme
from mab_desktop.ui.page import AppContext, Page
from mab_desktop.ui.panels import Section, label, scrolled

EVERYWHERE = (
    ("F1", N_("Help and keys")),
    ("Alt+1 … Alt+9", N_("Open a step of the rail")),
    ("Alt+Home", N_("Home")),
    ("Ctrl+F", N_("Search")),
    ("Ctrl+N", N_("New")),
    ("Ctrl+S", N_("Save")),
    ("Ctrl+P", N_("Print")),
    ("Ctrl+E", N_("Export")),
    ("Ctrl+Z", N_("Undo")),
    ("Ctrl+L", N_("Lock")),
    ("Esc", N_("Go back")),
)
LISTS = (
    ("↑ ↓", N_("Walk through the list")),
    ("Enter, F2", N_("Open or edit the row")),
    ("Shift+↑ ↓, Ctrl+A", N_("Choose several rows")),
    ("Ctrl+C, Ctrl+Shift+C", N_("Copy the chosen rows with their headings; the cell")),
    ("Ctrl+Shift+F", N_("Filter by the column's value; also right click")),
    ("← →, Ctrl+Shift+← →", N_("Walk to a column; move it")),
    ("F3, Shift+F3", N_("Next and previous open item")),
)
FORMS = (
    ("Enter", N_("Next field")),
    ("Shift+Enter", N_("Field before")),
    ("Ctrl+Enter", N_("Save and begin the next")),
    ("Ctrl+Delete", N_("Clear the field")),
    ("↓", N_("Show the list of a code field")),
    ("Alt+A, G, K, N, O, U, Y, H, I", N_("Ә Ғ Қ Ң Ө Ұ Ү Һ І in any keyboard layout")),
)


class KeysPage(Page):
    """All keys, in three groups; on top the words of the page the person came from."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        self._about = Section(" ")
        self._words = label("", "", wrap=True)
        self._about.body.addWidget(self._words)
        self._about.hide()
        column.addWidget(self._about)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for title, keys in ((_("Everywhere"), EVERYWHERE), (_("In lists"), LISTS), (_("In entry forms"), FORMS)):
            row.addWidget(self._group(title, keys), 1)
        column.addLayout(row)
        column.addStretch(1)
        self.body.addWidget(scrolled(inside))

    def _group(self, title: str, keys: tuple[tuple[str, str], ...]) -> Section:
        card = Section(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(1, 1)
        for line, (key, words) in enumerate(keys):
            shown = label(key)
            shown.setFont(theme.font(bold=True))
            grid.addWidget(shown, line, 0)
            grid.addWidget(label(_(words), "muted", wrap=True), line, 1)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def opened(self, **where: Any) -> None:
        """Show the help of the page the person came from."""
        page = where.get("page")
        words = page.help_words() if isinstance(page, Page) else ""
        if words:
            self._about.title.setText(page.title())
            self._words.setText(words)
        self._about.setVisible(bool(words))
