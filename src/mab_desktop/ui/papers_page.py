"""A page of the printed forms of a role: the list of papers left, the PDF right, print and save in the same place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFocusEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import _
from mab_desktop.services.documents import Document
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.page import AppContext, Page, PageSpec
from mab_desktop.ui.panels import EmptyState, label, split
from mab_desktop.ui.preview import PreviewView
from mab_desktop.ui.states import Mark
from mab_desktop.ui.wrapped_lines import wrap_lines

_PAPER = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Paper:
    """One printed form. `title` and `group` are message ids; `make(option, progress)` gives the document.

    `options` are (key, shown words) to choose from (a hall, a shift, a network university); the chosen key reaches
    `make`, "" when there are none. `obstacle` gives the words why it cannot be printed yet. `used(option)` is told when
    the document was printed or saved: the next one has another number. `copies` is what the regulation asks for.
    `first(option)` draws the first page alone, to be looked at while a long document is drawn; None when that is ready.
    """

    key: str
    title: str
    make: Callable[[str, Progress], Document]
    paragraph: str = ""
    group: str = ""
    copies: int = 1
    options: Callable[[], Sequence[tuple[str, str]]] | None = None
    obstacle: Callable[[], str] | None = None
    used: Callable[[str], None] | None = None
    first: Callable[[str], Document | None] | None = None


class _PaperList(QListView):
    """The focus alone chooses nothing, for choosing makes a paper."""

    def __init__(self) -> None:
        super().__init__()
        wrap_lines(self, 18)
        self.setMinimumWidth(theme.px(280))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt would put the cursor on the first item by itself."""
        chosen = self.currentIndex().isValid()
        self.selectionModel().blockSignals(True)
        super().focusInEvent(event)
        self.selectionModel().blockSignals(False)
        if not chosen:
            self.selectionModel().clearCurrentIndex()
            self.viewport().update()


class PapersPage(Page):
    """Override `papers`."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.list = _PaperList()
        self.list.setAccessibleName(_("Papers"))
        self.__items = QStandardItemModel(self)
        self.list.setModel(self.__items)
        self.options, self.about = QComboBox(), label("", "muted")
        self.options.setMinimumWidth(theme.px(240))
        self.options.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.preview = PreviewView(app)
        self.empty = EmptyState(_("Choose a paper on the left"), "", icon="document")
        self.__stack = QStackedWidget()
        self.__stack.addWidget(self.empty)
        self.__stack.addWidget(self.__right())
        self.body.addWidget(split(self.list, self.__stack, stretches=(3, 8)), 1)
        self.__by_key: dict[str, Paper] = {}
        self.__shown, self.__wanted = ("", ""), None
        self.list.selectionModel().currentChanged.connect(self.__choose)
        self.options.activated.connect(lambda _n: self.__make())
        self.preview.used.connect(self.__used)
        self.preview.renew = self.__make

    def papers(self) -> Sequence[Paper]:
        """The papers of this page."""
        raise NotImplementedError

    def __right(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.options, 1)
        row.addWidget(self.about)
        column.addLayout(row)
        column.addWidget(self.preview, 1)
        return made

    def settle(self, spec: PageSpec) -> None:
        """Fill the list."""
        super().settle(spec)
        self.__by_key = {paper.key: paper for paper in self.papers()}

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Ask every paper again whether it is open; the one shown stays as it is."""
        current = self.current()
        self.list.selectionModel().blockSignals(True)
        self.__items.clear()
        group = ""
        for paper in self.__by_key.values():
            if paper.group and paper.group != group:
                heading = QStandardItem(_(paper.group))
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                heading.setFont(theme.font(9, bold=True))
                self.__items.appendRow(heading)
            group = paper.group
            self.__items.appendRow(self.__item(paper))
        self.list.selectionModel().blockSignals(False)
        if current:
            self.choose(current.key)

    def __item(self, paper: Paper) -> QStandardItem:
        why = paper.obstacle() if paper.obstacle else ""
        item = QStandardItem(icons.mark_icon(Mark.BLOCKED) if why else icons.icon("document"), _(paper.title))
        item.setData(paper.key, _PAPER)
        item.setToolTip(why or _(paper.title))
        return item

    def current(self) -> Paper | None:
        """The paper under the cursor."""
        return self.__by_key.get(self.list.currentIndex().data(_PAPER) or "")

    def choose(self, key: str) -> None:
        """Put the cursor on a paper."""
        for row in range(self.__items.rowCount()):
            if self.__items.item(row).data(_PAPER) == key:
                self.list.setCurrentIndex(self.__items.index(row, 0))

    def opened(self, **where: Any) -> None:
        """`paper` chooses one, `option` its hall, shift or university."""
        if "paper" in where:
            before, self.__wanted = self.current(), where.get("option")
            self.choose(where["paper"])
            now = self.current()
            if now is not None and now is before and (place := self.options.findData(self.__wanted)) >= 0:
                self.options.setCurrentIndex(place)
                self.__make()
            self.__wanted = None
        self.list.setFocus()

    def __choose(self, _now: QModelIndex, _before: QModelIndex) -> None:
        paper = self.current()
        if paper is None:
            return
        kept = self.options.currentData() if self.__wanted is None else self.__wanted
        self.options.clear()
        for key, words in paper.options() if paper.options else ():
            self.options.addItem(words, key)
        self.options.setVisible(self.options.count() > 0)
        if (place := self.options.findData(kept)) >= 0:
            self.options.setCurrentIndex(place)
        copies = _("Copies by the regulation: {n}").format(n=paper.copies)
        self.about.setText(" · ".join(part for part in (shown_paragraph(paper.paragraph), copies) if part))
        self.__make()

    def __make(self, then: Callable[[], None] | None = None) -> None:
        paper, option = self.current(), self.options.currentData() or ""
        if paper is None:
            return
        why = paper.obstacle() if paper.obstacle else ""
        if why:
            self.empty.say(_(paper.title), why, "blocked")
            self.__stack.setCurrentIndex(0)
            return
        self.__shown = (paper.key, option)
        name, first = self.__shown, paper.first

        def whole() -> None:
            self.app.tasks.run(
                _(paper.title), lambda progress: paper.make(option, progress),
                lambda made: self.__show(name, paper, made, then),
            )  # fmt: skip

        if first is None:
            whole()
        else:
            self.app.tasks.read(
                lambda: first(option), lambda made: self.__glance(name, paper, made, whole), lambda _error: whole()
            )

    def __glance(self, name: tuple[str, str], paper: Paper, made: Document | None, whole: Callable[[], None]) -> None:
        """The first page, until the whole is there."""
        if name != self.__shown or not isValid(self):
            return
        if made is not None:
            self.__stack.setCurrentIndex(1)
            self.preview.show_first(made, _(paper.title))
        whole()

    def __show(self, name: tuple[str, str], paper: Paper, made: Document, then: Callable[[], None] | None) -> None:
        if name == self.__shown:  # another paper may have been chosen in the meantime
            self.__stack.setCurrentIndex(1)
            words = " ".join(part for part in (_(paper.title), self.options.currentText()) if part)
            self.preview.show_document(made, words)
            if then is not None:
                then()

    def __used(self) -> None:
        paper = self.__by_key.get(self.__shown[0])
        if paper and paper.used:
            paper.used(self.__shown[1])

    def print_out(self) -> None:
        """Ctrl+P."""
        if self.preview.print_button.isEnabled() and self.__stack.currentIndex() == 1:
            self.preview.print_out()

    def export(self) -> None:
        """Ctrl+E: save as PDF."""
        if self.preview.save_button.isEnabled() and self.__stack.currentIndex() == 1:
            self.preview.save_as()
