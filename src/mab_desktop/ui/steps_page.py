"""The operational day: the steps of up to two shifts side by side, each with its state, reason and button."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.panels import EmptyState, Section, clear, label, mark_shape, rule, scrolled
from mab_desktop.ui.states import WORDS, Mark


@dataclass(frozen=True, slots=True)
class DayStep:
    """One step of a day: `verb` is the button's word ("" for none), `done` when and by whom, `reason` why not.

    `word` says how the step stands where its mark has no word of its own.
    """

    key: str
    title: str
    mark: Mark = Mark.NONE
    verb: str = ""
    reason: str = ""
    done: str = ""
    paragraph: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class DayShift:
    """One open shift and its steps in the regulation's order (p.35-37)."""

    key: str
    title: str
    subtitle: str
    steps: tuple[DayStep, ...]


class StepsView(QWidget):
    """Shows up to two shifts; emits `step_chosen(shift key, step key)` when a button is pressed."""

    step_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[tuple[str, str], QPushButton] = {}
        self._front: tuple[str, str] | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(12))

    def show_shifts(self, shifts: tuple[DayShift, ...], empty: str = "") -> None:
        """Show these shifts, or `empty` where none is open.

        The button that had the focus keeps it, else the first one that is due gets it.
        """
        focused = next((name for name, button in self.buttons.items() if button.hasFocus()), None)
        clear(self._row)
        self.buttons = {}
        for shift in shifts:
            self._row.addWidget(self._shift(shift), 1)
        if not shifts:
            self._row.addWidget(EmptyState(_("No shift is open"), empty, icon="shift"))
        due = [(shift.key, step.key) for shift in shifts for step in shift.steps if step.mark in (Mark.DUE, Mark.LATE)]
        name = focused if focused in self.buttons else next((name for name in due if name in self.buttons), None)
        self._front = name
        if name is not None:
            self.buttons[name].setFocus()
            QTimer.singleShot(0, self, self._reveal)  # only when it is laid out it is known where it stands

    def _reveal(self) -> None:
        """Scroll to the step in front: late on the day it stands below what is done."""
        button = self.buttons.get(self._front) if self._front else None
        area: QWidget | None = button
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if button is not None and isinstance(area, QScrollArea):
            area.ensureWidgetVisible(button, 0, theme.px(48))

    def _shift(self, shift: DayShift) -> Section:
        card = Section(shift.title)
        card.body.addWidget(label(shift.subtitle, "muted", wrap=True))
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(1, 1)
        for number, step in enumerate(shift.steps):
            if number:
                grid.addWidget(rule(), 2 * number - 1, 0, 1, 3)
            self._step(grid, 2 * number, shift, step, number + 1)
        grid.setRowStretch(2 * len(shift.steps), 1)
        card.body.addWidget(scrolled(inside), 1)
        return card

    def _step(self, grid: QGridLayout, line: int, shift: DayShift, step: DayStep, number: int) -> None:
        top = Qt.AlignmentFlag.AlignTop
        mark = mark_shape(step.mark, 20)
        mark.setMinimumWidth(theme.px(20))
        grid.addWidget(mark, line, 0, top)
        words = QVBoxLayout()
        words.setSpacing(0)
        title = label(f"{number}. {step.title}", "", wrap=True)
        if step.mark in (Mark.DUE, Mark.LATE):
            title.setFont(theme.font(bold=True))
        words.addWidget(title)
        word = step.word or _(WORDS[step.mark])
        state = " · ".join(part for part in (word, step.done, shown_paragraph(step.paragraph)) if part)
        words.addWidget(label(state, "small", wrap=True))
        if step.reason:
            words.addWidget(label(step.reason, "muted", wrap=True))
        grid.addLayout(words, line, 1, 1, 1 if step.verb else 2)
        if step.verb:
            grid.addWidget(self._button(shift, step), line, 2, top)

    def _button(self, shift: DayShift, step: DayStep) -> QPushButton:
        button = QPushButton(step.verb)
        button.setProperty("kind", "primary" if step.mark in (Mark.DUE, Mark.LATE) else "plain")
        button.setAutoDefault(True)
        button.setEnabled(step.mark is not Mark.BLOCKED)
        button.setToolTip(step.reason)
        button.clicked.connect(lambda: self.step_chosen.emit(shift.key, step.key))
        self.buttons[shift.key, step.key] = button
        return button
