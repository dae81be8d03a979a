"""Parts that pages are laid out with: sections, facts, a balance of counts, state words, split panes, empty states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from itertools import groupby

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import held_together, shown_number
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.states import WORDS, Mark

# A word that is wider than a card's value, and the places where it may go on in the next line.
_LONG_WORD, _PARTS, _BREAK = re.compile(r"\S{19,}"), re.compile(r"[^-_./\\]{1,16}[-_./\\]*|[-_./\\]+"), "\u200b"

_HELD = held_together("1-ж")[1]

# From this ratio on two values are one with slips in it; below, they are two values.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Facts:
    """A titled list of label and value; words ready to show."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One line of a balance: what is expected and what is found; a difference is marked by itself."""

    label: str
    found: int
    expected: int | None = None
    mark: Mark = Mark.NONE


class WrappedLabel(QLabel):
    """Words on several lines; an ending stays with its number. `text()` gives the words as they were given."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = ""
        self.setText(words)

    def setText(self, text: str) -> None:
        """Show these words."""
        self._words = text
        super().setText(held_together(text))

    def text(self) -> str:
        """The words, with their plain hyphens."""
        return self._words


def label(text: str = "", name: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label of one of the stylesheet's kinds: section, small, muted, big, bigNumber, fieldError, doneStrip, ..."""
    made = WrappedLabel(text) if wrap else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setObjectName(name)
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setContentsMargins(0, 1, 0, 0)  # Qt draws words that can be selected a pixel higher
    return made


def mark_shape(mark: Mark, pixels: int, words: str = "") -> QLabel:
    """A state as a picture alone; `words` (else those of the state) are its tooltip and what a screen reader says."""
    made = QLabel()
    made.setPixmap(icons.pixmap(icons.mark_icon(mark), pixels))
    made.setToolTip(words or _(WORDS[mark]))
    made.setAccessibleName(made.toolTip())
    return made


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while layout.count():
        item = layout.takeAt(0)
        if widget := item.widget():
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner := item.layout():
            clear(inner)


def rule() -> QFrame:
    """A hairline between two parts."""
    return theme.named(QFrame(), "rule")


class Section(QFrame):
    """A card with a title; put widgets into `body`."""

    def __init__(self, title: str = "", parent: QWidget | None = None, *, name: str = "card") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        self.body.setSpacing(theme.px(8))
        self.title = label(title, "section", wrap=True)
        self.body.addWidget(self.title)
        self.title.setVisible(bool(title))


def underlined(value: str, beside: str) -> str:
    """A value as rich text: signs that the other value lacks at that place are underlined, both sides of a gap too.

    Two digits that changed places, or й for и, are not seen at a glance. Values that have little in common stay plain.
    """
    compared, marked = SequenceMatcher(None, beside, value, autojunk=False), set[int]()
    if value == beside or compared.ratio() < _ALIKE:
        return escape(value)
    for kind, _from, _to, start, end in compared.get_opcodes():
        marked |= {start - 1, start} if kind == "delete" else set(range(start, end)) if kind != "equal" else set()
    parts = [(odd, escape("".join(sign for _at, sign in signs)))
             for odd, signs in groupby(enumerate(value), lambda one: one[0] in marked)]  # fmt: skip
    return "".join(f"<u>{text}</u>" if odd else text for odd, text in parts)


def value_card(title: str, value: str, below: str, *, chosen: bool, beside: str = "") -> Section:
    """One of several values to choose from: whose it is, the value, what is known of it.

    What of the value differs from `beside`, the value of another card, is underlined.
    """
    card = Section(name="nextStep" if chosen else "card")
    card.body.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), theme.px(6))
    card.body.setSpacing(theme.px(2))
    card.body.addWidget(label(title, "muted", wrap=True))
    words = label(value, "section", wrap=True, selectable=True)
    if beside:
        words.setAccessibleName(value)
        words.setTextFormat(Qt.TextFormat.RichText)
        words.setText(underlined(value, beside))
    card.body.addWidget(words)
    if below:
        card.body.addWidget(label(below, "muted", wrap=True))
    return card


class StateLabel(QWidget):
    """A mark's shape with its word (or other words), in its colour."""

    def __init__(self, mark: Mark, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self._shape, self._words = QLabel(), label(wrap=True)
        row.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        self.show_state(mark, words)

    def show_state(self, mark: Mark, words: str = "") -> None:
        """Change what is shown."""
        self._shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 18))
        self._shape.setVisible(mark is not Mark.NONE)
        self._words.setText(words or _(WORDS[mark]))
        self._words.setStyleSheet(f"color: {theme.mark_colour(mark).name()};" if mark is not Mark.NONE else "")


class FactsView(QScrollArea):
    """Titled lists of label and value, read by looking down one edge; values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        inside = QWidget()
        self._stack = QVBoxLayout(inside)
        self._stack.setContentsMargins(0, 0, theme.px(8), 0)
        self._stack.setSpacing(theme.px(12))
        self.setWidget(inside)
        _stop_at_long(self)

    def show_facts(self, groups: Sequence[Facts]) -> None:
        """Show these groups, one under the other."""
        clear(self._stack)
        for group in groups:
            self._stack.addWidget(facts_block(group))
        self._stack.addStretch(1)


class FactValue(QLabel):
    """A value to select and copy; a long name of a file is broken where it has no room, and copied whole."""

    def __init__(self, words: str) -> None:
        super().__init__(_LONG_WORD.sub(lambda found: _BREAK.join(_PARTS.findall(found[0])), held_together(words)))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setContentsMargins(0, 1, 0, 0)  # Qt draws words that can be selected a pixel higher
        self.words = words

    def text(self) -> str:
        """The words, without the places where they may be broken."""
        return self.words

    def copy(self) -> None:
        """Put what is selected on the clipboard, else all of it, without the places where it may be broken."""
        chosen = self.selectedText().replace(_BREAK, "").replace(_HELD, "-")
        QGuiApplication.clipboard().setText(chosen or self.words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click."""
        menu = QMenu(self)
        menu.addAction(_("Copy"), self.copy)
        menu.popup(event.globalPos())


def facts_block(group: Facts) -> QWidget:
    """One titled list of label and value."""
    block = QWidget()
    grid = QGridLayout(block)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(4))
    grid.setColumnStretch(0, 2)
    grid.setColumnStretch(1, 3)
    if group.title:
        grid.addWidget(label(group.title, "section", wrap=True), 0, 0, 1, 2)
    for row, (name, value) in enumerate(group.lines, start=1):
        grid.addWidget(label(name, "factLabel", wrap=True), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(FactValue(value or "—"), row, 1, Qt.AlignmentFlag.AlignTop)
    return block


class CountsView(QWidget):
    """A balance: found against expected, a line for each; what does not agree is marked with shape and difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(6))
        self._grid.setColumnStretch(0, 1)

    def show_counts(self, counts: Sequence[Count]) -> None:
        """Show these lines."""
        clear(self._grid)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, count in enumerate(counts):
            gap = 0 if count.expected is None else count.found - count.expected
            mark = count.mark if not gap else Mark.LATE
            self._grid.addWidget(label(count.label, wrap=True), row, 0)
            number = label(shown_number(count.found), "bigNumber" if count.expected is not None else "")
            self._grid.addWidget(number, row, 1, right)
            words = "" if count.expected is None else f"/ {shown_number(count.expected)}"
            self._grid.addWidget(label(words, "muted"), row, 2, right)
            agreed = _("agrees") if count.expected is not None and not gap else ""
            shown = Mark.DONE if agreed and mark is Mark.NONE else mark
            gap_words = f"{gap:+d}".replace("-", "−") if gap else agreed or " "
            self._grid.addWidget(StateLabel(shown, gap_words), row, 3, Qt.AlignmentFlag.AlignVCenter)


class EmptyState(QWidget):
    """What stands where there is nothing: a title, what to do, and perhaps the button that does it."""

    def __init__(
        self,
        title: str = "",
        text: str = "",
        action: Action | None = None,
        parent: QWidget | None = None,
        icon: str = "info",
    ) -> None:
        super().__init__(parent)
        self._stack = QVBoxLayout(self)
        self._stack.setSpacing(theme.px(8))
        self._stack.addStretch(2)
        self._icon = QLabel()
        self._title, self._text = label("", "section", wrap=True), label("", "muted", wrap=True)
        for widget in (self._icon, self._title, self._text):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._stack.addWidget(widget)
        self._stack.addStretch(3)
        if action:
            self.add_button(ActionButton(action))
        self.say(title, text, icon)

    def add_button(self, button: QWidget) -> None:
        """Put a button under the words."""
        self._stack.insertWidget(self._stack.count() - 1, button, 0, Qt.AlignmentFlag.AlignCenter)

    def say(self, title: str, text: str, icon: str = "info") -> None:
        """Change the words."""
        self._icon.setPixmap(icons.pixmap(icons.icon(icon, "text_muted"), 40))
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))


def split(*widgets: QWidget, stretches: Sequence[int] = (), vertical: bool = False) -> QSplitter:
    """Panes side by side (or one over the other) with a border that can be dragged."""
    made = QSplitter(Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal)
    made.setHandleWidth(theme.px(12))
    made.setChildrenCollapsible(False)
    for number, widget in enumerate(widgets):
        made.addWidget(widget)
        made.setStretchFactor(number, stretches[number] if number < len(stretches) else 1)
    made.setSizes([1000 * (stretches[n] if n < len(stretches) else 1) for n in range(len(widgets))])
    return made


class _WholeArea(QScrollArea):
    """An area that does not get narrower than what it holds, up to `widest`."""

    def __init__(self, widest: int) -> None:
        super().__init__()
        self._widest = widest

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is inside was laid out anew."""
        if event.type() is QEvent.Type.LayoutRequest and watched is self.widget():
            around = self.verticalScrollBar().sizeHint().width() + 2 * self.frameWidth()
            self.setMinimumWidth(min(self.widget().minimumSizeHint().width() + around, self._widest))
        return bool(super().eventFilter(watched, event))


def scrolled(widget: QWidget, widest: int = 0) -> QScrollArea:
    """`widget` in an area that scrolls up and down only; with `widest` never narrower than it, up to so many pixels."""
    area = _WholeArea(widest) if widest else QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    _stop_at_long(area)
    return area


def _stop_at_long(area: QScrollArea) -> None:
    """Tab stops at an area only while it holds more than it shows: the arrows scroll it then."""

    def follow(_least: int, most: int) -> None:
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus if most else Qt.FocusPolicy.NoFocus)

    follow(0, 0)
    area.verticalScrollBar().rangeChanged.connect(follow)


def button_row(*actions: Action, left: Sequence[Action] = ()) -> QWidget:
    """Buttons at the right, the primary one last; `left` ones (the dangerous) stand apart at the left."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(8))
    for action in left:
        row.addWidget(ActionButton(action))
    row.addStretch(1)
    for action in actions:
        row.addWidget(ActionButton(action))
    return made
