"""The home page: the season as a timeline, the one next step, what is late or blocked and why, a few numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.formats import held_together, shown_date, shown_paragraph
from mab_desktop.ui.page import AppContext, Page
from mab_desktop.ui.panels import EmptyState, Section, clear, label, mark_shape, rule, scrolled
from mab_desktop.ui.plots import SmallPlot
from mab_desktop.ui.states import WORDS, Mark

_LEAST_PLOTTED = 3  # one value, or two, are no plot


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One date of the regulation's calendar (p.17-25); words ready to show."""

    day: date
    title: str
    paragraph: str = ""
    mark: Mark = Mark.NONE
    page: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one primary button of the home page: `verb` is its word, `why` the sentence beside it."""

    title: str
    page: str
    why: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Something late or blocked, with the reason and the page where it is put right."""

    title: str
    reason: str
    mark: Mark = Mark.BLOCKED
    page: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its label and a small plot of `values` (per day, per hall, ...)."""

    label: str
    value: str
    values: tuple[float, ...] = ()
    plot: Literal["bars", "line"] = "bars"
    note: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class EmptySeason:
    """How to begin a season: words ready to show, and the page that begins it."""

    title: str
    steps: tuple[str, ...]
    page: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything the home page shows."""

    today: date
    who: str = ""
    organisation: str = ""
    season: str = ""
    timeline: tuple[TimelineEntry, ...] = ()
    next_step: NextStep | None = None
    hindrances: tuple[Hindrance, ...] = ()
    numbers: tuple[Number, ...] = ()
    empty: EmptySeason | None = None


class NumberCard(Section):
    """The figure first, so that figures of all cards stand on one line; then what it counts; click opens its page."""

    def __init__(self, number: Number, app: AppContext) -> None:
        super().__init__(name="numberCard" if number.page else "card")
        self._page, self._app = number.page, app
        self.body.setSpacing(theme.px(2))
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        row.addWidget(label(number.value, "bigNumber"))
        row.addWidget(label(number.note, "small"), 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(label(number.label, "muted", wrap=True))
        if len(number.values) >= _LEAST_PLOTTED:
            self.body.addWidget(SmallPlot(number.values, number.plot))
        self.body.addStretch(1)
        if number.page:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setAccessibleName(" ".join((number.label, number.value, number.note)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the page behind the figure."""
        if self._page and self.rect().contains(event.position().toPoint()):
            self._app.open_page(self._page)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open it too."""
        if self._page and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._app.open_page(self._page)
        else:
            super().keyPressEvent(event)


class DutyLabel(QLabel):
    """A duty of the calendar; click, Enter or Space opens the page where it is done."""

    def __init__(self, entry: TimelineEntry, app: AppContext) -> None:
        super().__init__(held_together(entry.title))
        self._page, self._app = entry.page, app
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        if entry.page:
            self.setObjectName("way")
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setAccessibleName(", ".join((entry.title, shown_date(entry.day), _(WORDS[entry.mark]))))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the page."""
        if self._page and self.rect().contains(event.position().toPoint()):
            self._app.open_page(self._page)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open it too."""
        if self._page and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._app.open_page(self._page)
        else:
            super().keyPressEvent(event)


class HomePage(Page):
    """Made by the shell from the application's `home` function."""

    def __init__(self, app: AppContext, facts: Callable[[AppContext], HomeFacts]) -> None:
        super().__init__(app)
        self._facts = facts
        self.next_button: QPushButton | None = None
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(12))
        self.body.addWidget(scrolled(inside))

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Ask for the facts and show them."""
        facts = self._facts(self.app)
        held = self.next_button is not None and self.window().focusWidget() is self.next_button
        self._page_heading.setText(facts.season or self.title())
        clear(self._column)
        self.next_button = None
        if facts.empty:
            self._column.addWidget(self._begin(facts.empty), 1)
            if late := tuple(one for one in facts.hindrances if one.mark is Mark.LATE):
                self._column.addWidget(self._hindrances(late))  # not begun is no reason to keep quiet
            return
        if facts.next_step:
            self._column.addWidget(self._next(facts.next_step))
        if facts.numbers:
            self._column.addLayout(self._numbers(facts.numbers))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        if facts.timeline:
            row.addWidget(self._timeline(facts), 3)
        row.addWidget(self._hindrances(facts.hindrances), 2)
        self._column.addLayout(row)
        self._column.addStretch(1)
        if held:
            self.opened()  # the button is a new one: the next step is still one Enter away

    def opened(self, **_where: Any) -> None:
        """The next step is one Enter away."""
        if self.next_button is not None:
            self.next_button.setFocus()

    def _begin(self, empty: EmptySeason) -> QWidget:
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(empty.steps, start=1))
        shown = EmptyState(empty.title, steps, icon="calendar")
        if empty.page:
            self.next_button = self._open_button(empty.verb or _("Begin"), empty.page, "primary")
            shown.add_button(self.next_button)
        return shown

    def _open_button(self, words: str, page: str, kind: str) -> QPushButton:
        button = QPushButton(words)
        button.setProperty("kind", kind)
        button.setAutoDefault(True)
        button.clicked.connect(lambda: self.app.open_page(page))
        return button

    def _next(self, step: NextStep) -> Section:
        card = Section(name="nextStep")
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addWidget(label(_("Next step"), "phase"))
        words.addWidget(label(step.title, "section", wrap=True))
        if step.why:
            words.addWidget(label(step.why, "", wrap=True))
        self.next_button = self._open_button(step.verb or _("Open"), step.page, "primary")
        row.addLayout(words, 1)
        row.addWidget(self.next_button, 0, Qt.AlignmentFlag.AlignVCenter)
        card.body.addLayout(row)
        return card

    def _numbers(self, numbers: tuple[Number, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for number in numbers:
            row.addWidget(NumberCard(number, self.app), 1)
        return row

    def _timeline(self, facts: HomeFacts) -> Section:
        card = Section(_("Calendar of the season"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(2, 1)
        line, today_shown = 0, False
        for entry in facts.timeline:
            if not today_shown and entry.day > facts.today:
                line, today_shown = self._today(grid, line, facts.today), True
            self._entry(grid, line, entry)
            line += 1
        if not today_shown:
            self._today(grid, line, facts.today)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def _entry(self, grid: QGridLayout, line: int, entry: TimelineEntry) -> None:
        top, mark = Qt.AlignmentFlag.AlignTop, mark_shape(entry.mark, 18)
        day, word = label(shown_date(entry.day), "muted"), label(_(WORDS[entry.mark]), "small")
        paragraph = label(shown_paragraph(entry.paragraph), "small")
        if entry.page:  # on one line with the title in its frame
            for beside, down in ((day, 4), (mark, 4), (word, 6), (paragraph, 6)):
                beside.setContentsMargins(0, theme.px(down), 0, 0)
        grid.addWidget(day, line, 0, top)
        grid.addWidget(mark, line, 1, top)
        title = DutyLabel(entry, self.app)
        if entry.mark in (Mark.DUE, Mark.LATE):
            title.setFont(theme.font(bold=True))
        grid.addWidget(title, line, 2, top)
        grid.addWidget(word, line, 3, top)
        grid.addWidget(paragraph, line, 4, top)

    def _today(self, grid: QGridLayout, line: int, today: date) -> int:
        words = label(shown_date(today))
        words.setStyleSheet(f"color: {theme.colour('accent')}; font-weight: bold;")
        name = label(_("Today"))
        name.setStyleSheet(f"color: {theme.colour('accent')}; font-weight: bold;")
        edge = rule()
        edge.setStyleSheet(f"background: {theme.colour('accent')};")
        grid.addWidget(words, line, 0)
        grid.addWidget(edge, line, 1, 1, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(name, line, 3, 1, 2)
        return line + 1

    def _hindrances(self, found: tuple[Hindrance, ...]) -> Section:
        card = Section(_("Late or blocked"))
        if not found:
            card.body.addWidget(label(_("Nothing is late and nothing is blocked."), "muted", wrap=True))
        for number, hindrance in enumerate(found):
            if number:
                card.body.addWidget(rule())
            row = QHBoxLayout()
            row.setSpacing(theme.px(8))
            row.addWidget(mark_shape(hindrance.mark, 18), 0, Qt.AlignmentFlag.AlignTop)
            words = QVBoxLayout()
            words.setSpacing(0)
            title = label(hindrance.title, "", wrap=True)
            title.setFont(theme.font(bold=True))
            words.addWidget(title)
            words.addWidget(label(hindrance.reason, "muted", wrap=True))
            if hindrance.page:
                words.addWidget(self._open_button(_("Open"), hindrance.page, "link"), 0, Qt.AlignmentFlag.AlignLeft)
            row.addLayout(words, 1)
            card.body.addLayout(row)
        card.body.addStretch(1)
        return card
