"""The agenda of a sitting: its questions in order, the one at hand with its draft, and how it was voted on (p.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QPlainTextEdit

from mab_desktop.base_uni.vote_row import VoteRow
from mab_desktop.domain.commission import QUESTION, Votes
from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_, _, active
from mab_desktop.services.sittings import Question, Sitting
from mab_desktop.ui import icons, theme
from mab_desktop.ui.kazakh_letters import LetterKeys
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import Section, label
from mab_desktop.ui.states import Mark

_CTRL, _NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


def question_mark(question: Question) -> Mark:
    """Adopted, not adopted, not voted on yet."""
    if question.adopted is None:
        return Mark.DUE
    return Mark.DONE if question.adopted else Mark.BLOCKED


class AgendaCard(Section):
    """The page carries out what is asked: `save_asked` of the question at hand (0: a new one), `moved`, `removed`."""

    save_asked = Signal()
    moved = Signal(int)
    removed = Signal()
    changed = Signal()
    left = Signal()  # another question was chosen while the one at hand was changed

    def __init__(self) -> None:
        super().__init__(_("Agenda"))
        self.number = 0  # of the question at hand; 0 while a new one is typed
        self.sitting: Sitting | None = None
        self._stored: dict[str, Any] = {}
        self._letters = LetterKeys(self)
        self.list = theme.named(QListWidget(), "agenda")
        self.list.setAlternatingRowColors(True)
        self.list.setAccessibleName(_("Agenda"))
        self.list.setMinimumHeight(theme.px(112))
        self.text, self.reporter, self.decision = QPlainTextEdit(), QLineEdit(), QPlainTextEdit()
        self.problem = label("", "fieldError", wrap=True)
        self.votes = VoteRow()
        self.body.addWidget(self.list, 4)
        self.body.addLayout(self._buttons())
        self.body.addLayout(self._editor(), 5)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.votes)
        self.list.currentRowChanged.connect(self._chosen)
        self.list.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the list, taken before the page's buttons that bear the same ones."""
        if watched is self.list and isinstance(event, QKeyEvent):
            keys = {(_CTRL, Qt.Key.Key_Up): self.move_up, (_CTRL, Qt.Key.Key_Down): self.move_down,
                    (_NONE, Qt.Key.Key_Delete): self.remove}  # fmt: skip
            held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            act = next((act for (mods, key), act in keys.items() if (held, event.key()) == (mods, key)), None)
            if act is not None:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    act()
                return True
        return super().eventFilter(watched, event)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        voted = self._voted
        self.buttons = [ActionButton(action) for action in (
            Action(N_("Up"), self.move_up, "up", "Ctrl+Up", lambda: voted() or self._at_end(1)),
            Action(N_("Down"), self.move_down, "down", "Ctrl+Down", lambda: voted() or self._at_end(-1)),
            Action(N_("Off the agenda"), self.remove, "delete", "Del", lambda: voted() or self._none()),
            Action(N_("New question"), self.begin, "add", "Ctrl+N", self._closed),
            Action(N_("Save the question"), self.save_asked.emit, "save", "Ctrl+S", self._unchanged),
        )]  # fmt: skip
        for place, button in enumerate(self.buttons):
            row.addWidget(button)
            if place == 2:
                row.addStretch(1)
        return row

    def _editor(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        editors: tuple[tuple[str, QPlainTextEdit | QLineEdit], ...] = (
            ("text", self.text), ("reporter", self.reporter), ("decision", self.decision),
        )  # fmt: skip
        for line, (name, editor) in enumerate(editors):
            required = "\u00a0*" if QUESTION[name].required else ""
            words = label(_(QUESTION[name].label) + required, "factLabel", wrap=True)
            words.setBuddy(editor)
            words.setMinimumWidth(theme.px(104))
            editor.setObjectName(name)
            editor.setAccessibleName(_(QUESTION[name].label))
            grid.addWidget(words, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(editor, line, 1)
            editor.textChanged.connect(self._typed)
            self._letters.serve(editor)
            if isinstance(editor, QPlainTextEdit):
                editor.setTabChangesFocus(True)
                editor.setMinimumHeight(theme.px(48))
                grid.setRowStretch(line, 3 if name == "decision" else 2)
        self.reporter.setMaxLength(QUESTION["reporter"].max_length)
        return grid

    # --- what is shown ---------------------------------------------------------------------------------------------

    def show_sitting(self, whole: Sitting, number: int = -1, *, keep: bool = False) -> None:
        """The questions of a sitting; the cursor stands on `number` (0: a new one), else on the first that waits.

        `keep` leaves what is typed and not saved as it is.
        """
        self.sitting = whole
        typed = keep and self.is_dirty()
        known = [q.number for q in whole.questions]
        waiting = [q.number for q in whole.questions if q.adopted is None]
        self.number = number if number in (0, *known) else (waiting or known or [0])[0]
        with QSignalBlocker(self.list):
            self.list.clear()
            for question in whole.questions:
                item = QListWidgetItem(icons.mark_icon(question_mark(question)), f"{question.number}. {question.text}")
                item.setToolTip(question.text)
                self.list.addItem(item)
            self.list.setCurrentRow(self.number - 1)
        self._show_question(keep=keep, typed=typed)

    def question(self) -> Question | None:
        """The question at hand; None while a new one is typed."""
        known = self.sitting.questions if self.sitting else ()
        return next((q for q in known if q.number == self.number), None)

    def _show_question(self, *, keep: bool = False, typed: bool = False) -> None:
        question = self.question()
        self._stored = {name: getattr(question, name) if question else "" for name in QUESTION.names}
        if not typed and self.values() != self._stored:
            self.put(self._stored)
        shut = bool(self._voted() or self._closed())
        for editor in (self.text, self.reporter, self.decision):
            if editor.isReadOnly() != shut:
                editor.setReadOnly(shut)
                editor.style().unpolish(editor)
                editor.style().polish(editor)
        self.votes.show_question(self.sitting, question, keep=keep)
        if not typed:
            self.problem.hide()
        self.renew()

    def values(self) -> dict[str, Any]:
        """What is typed."""
        decision, text = self.decision.toPlainText().strip(), self.text.toPlainText().strip()
        return {"text": text, "reporter": self.reporter.text().strip(), "decision": decision}

    def put(self, values: dict[str, Any]) -> None:
        """Show these texts."""
        self.text.setPlainText(values["text"])
        self.reporter.setText(values["reporter"])
        self.decision.setPlainText(values["decision"])

    def is_dirty(self) -> bool:
        """True when something is typed that is not saved."""
        return self.values() != self._stored

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say under the fields what is wrong, and go to the first of them."""
        fields = {"text": self.text, "reporter": self.reporter, "decision": self.decision}
        words = [f"{_(QUESTION[p.field].label)}: {p.message(active())}" if p.field in fields else p.message(active())
                 for p in problems]  # fmt: skip
        self.problem.setText("\n".join(words))
        self.problem.setVisible(bool(words))
        wrong = next((fields[p.field] for p in problems if p.field in fields), None)
        if wrong is not None:
            wrong.setFocus()
        self.renew()

    def renew(self) -> None:
        """Ask every button again."""
        for button in self.buttons:
            button.renew()

    # --- why a button is closed ------------------------------------------------------------------------------------

    def _closed(self) -> str:
        return _("This sitting is closed and does not change.") if self.sitting and self.sitting.closed_at else ""

    def _voted(self) -> str:
        question = self.question()
        voted = question is not None and question.adopted is not None
        return self._closed() or (_("This question is voted on already. Take its votes back first.") if voted else "")

    def _none(self) -> str:
        return "" if self.question() else _("Choose a question.")

    def _at_end(self, end: int) -> str:
        count = len(self.sitting.questions) if self.sitting else 0
        if self.question() is None:
            return self._none()
        at_end = self.number == (1 if end == 1 else count)
        return _("It stands at the end of the list already.") if at_end else ""

    def _unchanged(self) -> str:
        return self._voted() or ("" if self.is_dirty() else _("Nothing was changed."))

    # --- what is asked ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Ctrl+N: an empty question after the last."""
        if self._closed():
            return
        with QSignalBlocker(self.list):
            self.list.setCurrentRow(-1)
        self.number = 0
        self._show_question()
        self.text.setFocus()

    def move_up(self) -> None:
        """Ctrl+Up in the list."""
        if not (self._voted() or self._at_end(1)):
            self.moved.emit(self.number - 1)

    def move_down(self) -> None:
        """Ctrl+Down in the list."""
        if not (self._voted() or self._at_end(-1)):
            self.moved.emit(self.number + 1)

    def remove(self) -> None:
        """Del in the list."""
        if not (self._voted() or self._none()):
            self.removed.emit()

    def next_open(self, by: int = 1) -> None:
        """The next question that is not voted on, from the one at hand."""
        known = list(self.sitting.questions if self.sitting else ())[::by]
        numbers = [q.number for q in known]
        start = numbers.index(self.number) + 1 if self.number in numbers else 0
        found = next((q for q in (*known[start:], *known[:start]) if q.adopted is None), None)
        if found is not None:
            self.list.setCurrentRow(found.number - 1)

    def voted_as(self) -> Votes:
        """The votes typed."""
        return self.votes.votes()

    def _typed(self) -> None:
        self.problem.hide()
        self.renew()
        self.changed.emit()

    def _chosen(self, row: int) -> None:
        if row < 0 or row + 1 == self.number:
            return
        if self.is_dirty():
            self.left.emit()
            if self.is_dirty():  # refused: what is typed stays in front
                with QSignalBlocker(self.list):
                    self.list.setCurrentRow(self.number - 1)
                return
        self.number = row + 1
        self._show_question()
