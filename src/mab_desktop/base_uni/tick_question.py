"""A question with people to tick: search as one types, Space ticks, what is ticked is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from mab_desktop.domain.names import search_form
from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.panels import label


class TickQuestion(Question):
    """`people` are (id, words); `said(count)` tells under the list what so many mean."""

    def __init__(
        self, parent: QWidget, title: str, text: str, verb: str, people: Sequence[tuple[str, str]],
        ticked: frozenset[str], said: Callable[[int], str],
    ) -> None:  # fmt: skip
        super().__init__(parent, title, text, verb)
        self._said = said
        self.search = QLineEdit(placeholderText=_("Search"))
        self.search.setAccessibleName(_("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icons.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.list = theme.named(QListWidget(), "people")
        self.list.setAlternatingRowColors(True)
        self.list.setAccessibleName(title)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumSize(theme.px(560), theme.px(280))
        for person, words in people:
            item = QListWidgetItem(words)
            item.setToolTip(words)
            item.setData(Qt.ItemDataRole.UserRole, person)
            item.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if person in ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.count = label("", "muted", wrap=True)
        for widget in (self.search, self.list, self.count):
            self.fields.addWidget(widget)
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.list.itemChanged.connect(lambda _item: self._tell())
        self._tell()
        self.search.setFocus()

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def ticked(self) -> frozenset[str]:
        """The ids ticked now."""
        return frozenset(
            item.data(Qt.ItemDataRole.UserRole) for item in self._items() if item.checkState() is Qt.CheckState.Checked
        )

    def _narrow(self, words: str) -> None:
        wanted = search_form(words).split()
        for item in self._items():
            text = search_form(item.text())
            item.setHidden(not all(word in text for word in wanted))
        shown = next((row for row, item in enumerate(self._items()) if not item.isHidden()), -1)
        self.list.setCurrentRow(shown)

    def _tell(self) -> None:
        self.count.setText(self._said(len(self.ticked())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the search into the list."""
        down = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down
        if watched is self.search and down:
            self.list.setFocus()
            return True
        return super().eventFilter(watched, event)
