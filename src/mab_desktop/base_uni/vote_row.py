"""Votes on a question: for, against, abstained, the chair's word when they are equal; what they mean as one types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.domain.commission import AGAINST, FOR, Votes, adopted, quorum, vote_problems
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.i18n import N_, _, active
from mab_desktop.services.sittings import Question, Sitting
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import StateLabel, label
from mab_desktop.ui.record_fields import IntegerEditor
from mab_desktop.ui.states import Mark

_FIELDS = (("votes_for", N_("Votes for")), ("against", N_("Votes against")), ("abstained", N_("Abstained")))


class VoteRow(QWidget):
    """Enter goes on from field to field and at last enters the votes."""

    entered = Signal()
    withdrawn = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sitting: Sitting | None = None
        self._question: Question | None = None
        self.counts = {name: IntegerEditor(Field(name, words, Kind.INTEGER, low=0, high=99)) for name, words in _FIELDS}
        self.casting = theme.named(QComboBox(), "casting")
        for code, words in (("", N_("the chair's vote")), (FOR, N_("for")), (AGAINST, N_("against"))):
            self.casting.addItem(_(words), code)
        self.casting.setAccessibleName(_("Votes equal; the chair decided (p.6)"))
        self.state = StateLabel(Mark.NONE)
        self.all_for = ActionButton(Action(N_("All for"), self._all_for, "check", obstacle=self.why_not))
        self.enter = ActionButton(
            Action(N_("Enter the votes"), self._enter, "sign", obstacle=self._not_right, primary=True)
        )
        self.withdraw = ActionButton(Action(N_("Take the votes back"), self.withdrawn.emit, "undo"))
        self._lay_out()
        self.casting.currentIndexChanged.connect(self._changed)
        self.casting.installEventFilter(self)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for name, words in _FIELDS:
            editor, title = self.counts[name], label(_(words), "factLabel")
            editor.setObjectName(name)
            editor.setAccessibleName(_(words))
            editor.setFixedWidth(theme.px(48))
            title.setBuddy(editor)
            editor.edited.connect(self._changed)
            editor.installEventFilter(self)
            row.addWidget(title)
            row.addWidget(editor)
        row.addWidget(self.casting)
        row.addStretch(1)
        column.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(theme.px(8))
        below.addWidget(self.state, 1)
        for button in (self.withdraw, self.all_for, self.enter):
            below.addWidget(button)
        column.addLayout(below)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def show_question(self, sitting: Sitting | None, question: Question | None, *, keep: bool = False) -> None:
        """The votes on a question, or empty fields for them; `keep` leaves what is typed."""
        before, self._sitting, self._question = self._question, sitting, question
        votes = question.votes if question else None
        same = before is not None and question is not None and before.number == question.number
        for name, editor in self.counts.items():
            if votes or not (keep and same):
                editor.set_value(getattr(votes, name) if votes else None)
            editor.setReadOnly(bool(self.why_not()))
        if votes or not (keep and same):
            self.casting.setCurrentIndex(self.casting.findData(votes.casting if votes else ""))
        self._changed()

    def votes(self) -> Votes:
        """What is typed; an empty field counts nobody."""
        in_favour, against, abstained = (
            value if isinstance(value := self.counts[name].value(), int) else 0 for name, _words in _FIELDS
        )
        return Votes(in_favour, against, abstained, str(self.casting.currentData()))

    def why_not(self) -> str:
        """Why nothing can be voted on now, or ""."""
        sitting, question = self._sitting, self._question
        if sitting is None or question is None:
            return _("Save the question first.")
        if sitting.closed_at:
            return _("This sitting is closed and does not change.")
        if question.adopted is not None:
            return _("This question is voted on already. Take its votes back first.")
        if not sitting.attenders:
            return _("The attendance is not taken yet.")
        if not sitting.quorate:
            words = _("{present} of {voting} voting members are present; a sitting decides with {least} (p.6).")
            voting = len(sitting.voting)
            return words.format(present=sitting.present, voting=voting, least=quorum(voting))
        return ""

    def _not_right(self) -> str:
        if why := self.why_not():
            return why
        assert self._sitting is not None
        found = vote_problems(self.votes(), self._sitting.present, chair_present=self._sitting.chair_present)
        return " ".join(problem.message(active()) for problem in found)

    def _changed(self) -> None:
        sitting, question, votes = self._sitting, self._question, self.votes()
        tie = bool(sitting and votes.equal and sitting.chair_present)
        self.casting.setVisible(tie or bool(votes.casting))
        self.casting.setEnabled(not self.why_not())
        if not tie and votes.casting and not self.why_not():
            self.casting.setCurrentIndex(0)
            return
        self.withdraw.setVisible(bool(question and question.adopted is not None and sitting and not sitting.closed_at))
        self.all_for.setVisible(not self.withdraw.isVisibleTo(self))
        self.enter.setVisible(not self.withdraw.isVisibleTo(self))
        self.all_for.renew()
        self.enter.renew()
        self._say(votes)

    def _say(self, votes: Votes) -> None:
        question, sitting = self._question, self._sitting
        if question is not None and question.adopted is not None:
            mark = Mark.DONE if question.adopted else Mark.BLOCKED
            self.state.show_state(mark, _("The decision is adopted.") if question.adopted else
                                  _("The decision is not adopted."))  # fmt: skip
            return
        why = self._not_right()
        if why or sitting is None:
            quiet = self.why_not() or all(editor.is_empty() for editor in self.counts.values())
            self.state.show_state(Mark.INFO if quiet else Mark.LATE, why)
            return
        words = _("With these votes the decision is adopted.") if adopted(votes, sitting.present) else \
            _("With these votes the decision is not adopted.")  # fmt: skip
        self.state.show_state(Mark.DUE, words)

    # --- keys ------------------------------------------------------------------------------------------------------

    def _all_for(self) -> None:
        if self._sitting is None:
            return
        self.counts["votes_for"].set_value(self._sitting.present)
        for name in ("against", "abstained"):
            self.counts[name].set_value(None)
        self._changed()
        self.enter.setFocus()

    def _enter(self) -> None:
        if not self._not_right():
            self.entered.emit()

    def focus_first(self) -> None:
        """To the first number."""
        self.counts["votes_for"].setFocus()
        self.counts["votes_for"].selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next field; after the last, or the chair's vote, it enters the votes."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.modifiers() & _CONTROL:
            return super().eventFilter(watched, event)
        order: list[QWidget] = [*self.counts.values(), *([self.casting] if self.casting.isVisibleTo(self) else [])]
        place = order.index(watched) if isinstance(watched, QWidget) and watched in order else -1
        if place + 1 < len(order):
            order[place + 1].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._enter()
        return True


_CONTROL = Qt.KeyboardModifier.ControlModifier
