"""The parts of the drive wizard around the work: where one is, how far it came, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import Facts, Section, clear, facts_block, label, scrolled
from mab_desktop.ui.states import Mark
from mab_desktop.ui.tasks import TaskProgress

_STAGES = (N_("Drive"), N_("What"), N_("Work"), N_("End"))


class Trail(QWidget):
    """Where the person is: four words, the one of now strong, those behind ticked."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(8))
        self.show_stage(0)

    def show_stage(self, now: int) -> None:
        """Mark the stage of now."""
        clear(self._row)
        for number, words in enumerate(_STAGES):
            shape = QLabel()
            mark = Mark.DONE if number < now else Mark.DUE if number == now else Mark.NONE
            shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 16))
            name = label(f"{number + 1}. {_(words)}", "" if number == now else "muted")
            name.setFont(theme.font(bold=number == now))
            if mark is not Mark.NONE:
                self._row.addWidget(shape)
            self._row.addWidget(name)
            self._row.addSpacing(theme.px(16))
        self._row.addStretch(1)


class ProgressLine(QWidget):
    """The stage in words, the bar, and Cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.stage, self.bar, self.cancel = label("", "muted"), QProgressBar(), QPushButton(_("Cancel"))
        self._progress: TaskProgress | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.stage)
        column.addWidget(self.bar)
        column.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignLeft)
        self.cancel.clicked.connect(self.stop)

    def begin(self) -> TaskProgress:
        """A fresh progress that shows itself here; the one before no longer does."""
        if self._progress is not None:
            self._progress.shown.disconnect(self._move)
        self.stage.setText("")
        self.bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        self._progress = TaskProgress()
        self._progress.shown.connect(self._move)
        return self._progress

    def stop(self) -> None:
        """Ask the work to stop at its next step."""
        self.cancel.setEnabled(False)
        if self._progress is not None:
            self._progress.cancel()

    def _move(self, stage: str, done: int, total: int) -> None:
        self.stage.setText(f"{_(stage)}   {done} / {total}" if total else _(stage))
        self.bar.setRange(0, total)
        self.bar.setValue(done)


class Working(Section):
    """The page while files are taken or written."""

    def __init__(self) -> None:
        super().__init__(" ")
        self.line = ProgressLine()
        self.cancel = self.line.cancel
        self.note = label(_("Leave the drive in until this is finished."), "", wrap=True)
        self.body.insertStretch(0, 1)
        self.body.addWidget(self.note)
        self.body.addWidget(self.line)
        self.body.addStretch(3)

    def begin(self, title: str) -> TaskProgress:
        """A fresh progress under this title."""
        self.title.setText(title)
        progress = self.line.begin()
        self.cancel.setFocus()
        return progress


class End(QWidget):
    """How it ended, in large letters, what is safe, and the buttons of what can be done now."""

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self.shape, self.words, self.rest = QLabel(), label("", "big", wrap=True), label("", "", wrap=True)
        self.warning = label("", "warningStrip", wrap=True)
        self.buttons = [ActionButton(action) for action in actions]
        card = Section()
        head = QHBoxLayout()
        head.setSpacing(theme.px(16))
        head.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.words, 1)
        inside = QWidget()
        self.facts = QVBoxLayout(inside)
        self.facts.setSpacing(theme.px(16))
        self.facts.setContentsMargins(0, 0, theme.px(8), 0)
        card.body.addLayout(head)
        for part in (self.rest, self.warning):
            card.body.addWidget(part)
        card.body.addWidget(scrolled(inside), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for button in self.buttons:
            button.setAutoDefault(True)
            if button.action.primary:
                row.addStretch(1)
            row.addWidget(button)
        column.addLayout(row)

    def say(
        self, mark: Mark, words: str, rest: str, parts: Sequence[Facts] = (), warnings: Sequence[str] = ()
    ) -> None:
        """Show the end; `rest` is what is safe and what to do, `parts` a file each, `warnings` what is left to do."""
        self.shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 40))
        self.words.setText(words)
        self.rest.setText(rest)
        self.rest.setVisible(bool(rest))
        self.warning.setText("\n".join(warnings))
        self.warning.setVisible(bool(warnings))
        clear(self.facts)
        for part in parts:
            if part.lines:
                self.facts.addWidget(facts_block(part))
        self.facts.addStretch(1)
