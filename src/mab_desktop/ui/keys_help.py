"""F1: what the page is for, its own keys, and all others on one page.

Every key that the kit listens to stands here (`tests/ui/test_keys_help.py` compares); keys of a page's buttons are
taken from the buttons themselves.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.ui import theme
from mab_desktop.ui.page import ActionButton, AppContext, Page
from mab_desktop.ui.panels import Section, clear, label, scrolled

Keys = tuple[tuple[str, str], ...]

EVERYWHERE: Keys = (
    ("F1", N_("Help and keys")),
    ("Alt+1 … Alt+9", N_("Open a step of the rail")),
    ("Alt+Home", N_("Home")),
    ("F2", N_("Edit")),
    ("F3, Shift+F3", N_("Next and previous open item")),
    ("Ctrl+F", N_("Search")),
    ("Ctrl+N", N_("New")),
    ("Ctrl+S", N_("Save")),
    ("Ctrl+P", N_("Print")),
    ("Ctrl+E", N_("Export")),
    ("Ctrl+Z", N_("Undo")),
    ("Ctrl+C", N_("Copy")),
    ("Ctrl+L", N_("Lock")),
    ("Enter, Space", N_("Press the button that has the frame")),
    ("Esc", N_("Go back")),
)
LISTS: Keys = (
    ("↑ ↓", N_("Walk through the list")),
    ("Enter, F2", N_("Open or edit the row")),
    ("Shift+↑ ↓, Ctrl+A", N_("Choose several rows")),
    ("Ctrl+C, Ctrl+Shift+C", N_("Copy the chosen rows with their headings; the cell")),
    ("Ctrl+Shift+F", N_("Filter by the column's value; also right click")),
    ("← →, Ctrl+Shift+← →", N_("Walk to a column; move it")),
    ("↓, Enter", N_("From the search into the list")),
    ("1, 2, 3 …", N_("Decide about the row, where its buttons bear digits")),
)
FORMS: Keys = (
    ("Enter", N_("Next field; after a refused saving the next one to be put right")),
    ("Shift+Enter", N_("Field before")),
    ("↑ ↓", N_("Any field, also one that repeats")),
    ("Ctrl+Enter", N_("Save and begin the next")),
    ("F3, Shift+F3", N_("Next and previous field to be put right")),
    ("Ctrl+Delete", N_("Clear the field")),
    ("Ctrl+R", N_("The field repeats in the next record, or no longer")),
    ("Ctrl+Shift+Delete", N_("Clear every repeated value")),
    ("↓, PgDn, PgUp, Esc", N_("Show the list of a code field; walk in it; close it")),
    ("Alt+A, G, K, N, O, U, Y, H, I", N_("Ә Ғ Қ Ң Ө Ұ Ү Һ І in any keyboard layout")),
)
PAPERS: Keys = (
    ("PgDn, Space, PgUp", N_("A page on; a page back")),
    ("Home, End", N_("First and last page")),
    ("+, -, 0", N_("Larger, smaller, the whole width")),
)
PICTURES: Keys = (
    ("↑ ↓ ← →", N_("Move or walk; with Shift farther, or several")),
    ("+, -, 0", N_("Larger, smaller, all of it")),
    ("Enter, Space", N_("Open or choose what is under the cursor")),
)
GROUPS: tuple[tuple[str, Keys], ...] = (
    (N_("Everywhere"), EVERYWHERE), (N_("In lists"), LISTS), (N_("In entry forms"), FORMS),
    (N_("In the preview of a paper"), PAPERS), (N_("In pictures and plans"), PICTURES),
)  # fmt: skip
_COLUMNS = ((0,), (1, 3), (2, 4))  # which groups stand under each other


def keys_of_page(page: Page) -> Keys:
    """The keys that the buttons of a page bear, with the buttons' words."""
    found: dict[tuple[str, str], None] = {}
    for button in page.findChildren(ActionButton):
        if key := QKeySequence(button.action.shortcut).toString(QKeySequence.SequenceFormat.NativeText):
            found[key, button.action.title] = None
    return tuple(found)


class KeysPage(Page):
    """All keys, in groups; on top the words and the keys of the page the person came from."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        self._about = Section(" ")
        self._words = label("", "", wrap=True)
        self._own = QGridLayout()
        self._own.setHorizontalSpacing(theme.px(16))
        self._own.setVerticalSpacing(theme.px(6))
        self._about.body.addWidget(self._words)
        self._about.body.addLayout(self._own)
        self._about.hide()
        column.addWidget(self._about)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for places in _COLUMNS:
            under = QVBoxLayout()
            under.setSpacing(theme.px(12))
            for place in places:
                title, keys = GROUPS[place]
                under.addWidget(self._group(_(title), keys), 1)
            row.addLayout(under, 1)
        column.addLayout(row)
        column.addStretch(1)
        self.body.addWidget(scrolled(inside))

    def _group(self, title: str, keys: Keys) -> Section:
        card = Section(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(1, 1)
        for line, (key, words) in enumerate(keys):
            grid.addWidget(_key_label(key), line, 0)
            grid.addWidget(label(_(words), "muted", wrap=True), line, 1)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def opened(self, **where: Any) -> None:
        """Show the help of the page the person came from, with the keys of its buttons."""
        page = where.get("page")
        words = page.help_words() if isinstance(page, Page) else ""
        keys = keys_of_page(page) if isinstance(page, Page) else ()
        if isinstance(page, Page) and (words or keys):
            self._about.title.setText(page.title())
        self._words.setText(words)
        self._words.setVisible(bool(words))
        clear(self._own)
        for number, (key, title) in enumerate(keys):
            line, place = divmod(number, 2)
            self._own.addWidget(_key_label(key), line, 2 * place)
            self._own.addWidget(label(_(title), "muted", wrap=True), line, 2 * place + 1)
            self._own.setColumnStretch(2 * place + 1, 1)
        self._about.setVisible(bool(words or keys))


def _key_label(key: str) -> QWidget:
    shown = label(key, wrap=True)
    shown.setFont(theme.font(bold=True))
    shown.setMinimumWidth(theme.px(96))
    return shown
