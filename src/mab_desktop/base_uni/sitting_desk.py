"""One sitting at work: who came, the agenda, votes; then closed for good, and only corrected (p.6)."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.base_uni.agenda_card import AgendaCard
from mab_desktop.base_uni.attendance_card import AttendanceCard
from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.commission import commission_problems
from mab_desktop.domain.fields import Field, RecordSpec
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import sittings
from mab_desktop.services.sittings import Sitting
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, ActionButton, Page
from mab_desktop.ui.panels import Facts, FactsView, Section, StateLabel, label, split
from mab_desktop.ui.states import Mark

CORRECTION = RecordSpec(
    "correction",
    N_("Correction of the minutes"),
    (Field("text", N_("What the minutes should say"), required=True, max_length=1000),
     Field("ground", N_("Ground"), required=True, max_length=500)),
)  # fmt: skip


def sitting_words(whole: Sitting) -> str:
    """Number, day, time and place."""
    words = _("Sitting {number} · {day}, {time} · {place}")
    return words.format(number=whole.number, day=shown_date(whole.day), time=f"{whole.time[:2]}:{whole.time[2:]}",
                        place=whole.place)  # fmt: skip


def sitting_state(whole: Sitting) -> tuple[Mark, str]:
    """How a sitting stands, in words."""
    if whole.minutes:
        version = len(whole.corrections) + 1
        words = _("Closed. Minutes {number}, version {version}.")
        return Mark.DONE, words.format(number=whole.minutes, version=version)
    if whole.closed_at:
        return Mark.BLOCKED, _("Closed without a quorum: nothing was decided, there are no minutes.")
    if not whole.attenders:
        return Mark.NONE, _("Called. The attendance is not taken yet.")
    voted = sum(q.adopted is not None for q in whole.questions)
    words = _("Open. Voted on: {n} of {total} questions.")
    return Mark.DUE, words.format(n=voted, total=len(whole.questions))


class SittingDesk(QWidget):
    """Attendance left, agenda right; every act is saved at once and can be taken back until the sitting is closed."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.page, self.number = page, 0
        self.whole: Sitting | None = None
        self.heading, self.state = label("", "section", wrap=True), StateLabel(Mark.NONE)
        self.attendance, self.agenda, self.corrections = AttendanceCard(), AgendaCard(), FactsView()
        self.corrected = Section(_("Corrections"))
        self.corrected.body.addWidget(self.corrections)
        left, stack = QWidget(), QVBoxLayout()
        left.setLayout(stack)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self.attendance, 3)
        stack.setSpacing(theme.px(12))
        stack.addWidget(self.corrected, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.setSpacing(theme.px(16))
        head.addWidget(self.heading, 3)
        head.addWidget(self.state, 2)
        column.addLayout(head)
        column.addWidget(split(left, self.agenda, stretches=(4, 7)), 1)
        column.addLayout(self._foot())
        self._connect()

    def _connect(self) -> None:
        for card in (self.attendance, self.agenda):
            card.changed.connect(self.close_button.renew)
        self.attendance.noted.connect(self.note_attendance)
        self.agenda.save_asked.connect(self.save_question)
        self.agenda.left.connect(self.save_question)
        self.agenda.moved.connect(self.move_question)
        self.agenda.removed.connect(self.remove_question)
        self.agenda.votes.entered.connect(self.vote)
        self.agenda.votes.withdrawn.connect(self.withdraw)

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.close_button = ActionButton(
            Action(N_("Close the sitting"), self.close_sitting, "lock", obstacle=self.not_ready, dangerous=True)
        )
        self.correct_button = ActionButton(Action(N_("Enter a correction"), self.correct, "correct"))
        self.extract_button = ActionButton(Action(N_("Extract of this decision"), self.print_extract, "print"))
        self.print_button = ActionButton(Action(N_("Print"), self.print_out, "print", "Ctrl+P"))
        for button in (ActionButton(Action(N_("Back to the list"), self.back, "back")), self.close_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.correct_button, self.extract_button, self.print_button):
            row.addWidget(button)
        return row

    # --- what is shown ---------------------------------------------------------------------------------------------

    def open_sitting(self, number: int) -> None:
        """Show a sitting; the attendance has the focus until it is noted, then the agenda."""
        self.number = number
        self.show_sitting(-1, keep=False)
        assert self.whole is not None
        if self.whole.questions and not self.whole.attenders and not self.attendance_closed():
            self.attendance.list.setFocus()
        elif self.whole.questions:
            self.agenda.list.setFocus()
        else:
            self.agenda.text.setFocus()

    def refresh(self) -> None:
        """Read the sitting anew; what is typed, ticked and not saved stays."""
        self.show_sitting(self.agenda.number, keep=True)

    def show_sitting(self, question: int, *, keep: bool) -> None:
        """Read the sitting anew; `question` is at hand then."""
        self.whole = whole = sittings.sitting(self.page.app.ctx, self.number)
        people = sittings.on_list(self.page.app.ctx, self.number)
        self.heading.setText(sitting_words(whole))
        self.state.show_state(*sitting_state(whole))
        why_not = self.attendance_closed()
        self.attendance.show_people(people, noted=bool(whole.attenders), why_not=why_not, keep=keep)
        self.agenda.show_sitting(whole, question, keep=keep)
        self._show_corrections(whole)
        self.close_button.setVisible(not whole.closed_at)
        self.correct_button.setVisible(bool(whole.closed_at))
        self.extract_button.setVisible(bool(whole.minutes))
        self.close_button.renew()

    def _show_corrections(self, whole: Sitting) -> None:
        self.corrected.setVisible(bool(whole.corrections))
        self.corrections.show_facts([
            Facts(_("Version {n}").format(n=number), (
                (_("Correction"), found.text), (_("Ground"), found.ground), (_("By"), found.by),
            )) for number, found in enumerate(whole.corrections, start=2)
        ])  # fmt: skip

    def attendance_closed(self) -> str:
        """Why nobody can be ticked now, or ""."""
        whole, ctx = self.whole, self.page.app.ctx
        if whole is None or whole.closed_at:
            return _("This sitting is closed and does not change.")
        if any(q.adopted is not None for q in whole.questions):
            return _("Questions are voted on already. Take their votes back first.")
        if whole.day > ctx.clock.now().date():
            return _("The day of this sitting has not come yet.")
        people = sittings.on_list(ctx, whole.number)
        found = commission_problems([{"role": a.role} for a in people])
        return " ".join(problem.message(active()) for problem in found)

    def not_ready(self) -> str:
        """Why the sitting cannot be closed yet."""
        if self.whole is None:
            return ""
        if self.is_dirty():
            return _("What is typed or ticked is not saved yet.")
        return " ".join(problem.message(active()) for problem in sittings.closing_problems(self.whole))

    # --- what is typed and not saved -------------------------------------------------------------------------------

    def is_dirty(self) -> bool:
        """True when something is typed or ticked that is not saved."""
        return self.agenda.is_dirty() or self.attendance.is_dirty()

    def typed(self) -> tuple[int, dict[str, Any] | None, frozenset[str] | None]:
        """What is typed and ticked, to be shown again in another language."""
        agenda = self.agenda
        ticked = self.attendance.ticked() if self.attendance.is_dirty() else None
        return agenda.number, agenda.values() if agenda.is_dirty() else None, ticked

    def put_back(self, typed: tuple[int, dict[str, Any] | None, frozenset[str] | None]) -> None:
        """Show it again."""
        question, values, ticked = typed
        self.show_sitting(question, keep=False)
        if values is not None:
            self.agenda.put(values)
        if ticked is not None:
            self.attendance.tick(ticked)

    # --- acts ------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ctrl+S: what is ticked, then what is typed."""
        if self.attendance.is_dirty():
            self.note_attendance()
        if self.agenda.is_dirty():
            self.save_question()

    def note_attendance(self) -> None:
        """Note who came; it can be noted anew until a question is voted on."""
        with self.page.app.guarded():
            sittings.take_attendance(self.page.app.ctx, self.number, self.attendance.ticked())
            self.refresh()
            self._go_on()

    def save_question(self) -> bool:
        """Save the question at hand; True when it is, else what is wrong stands under it."""
        agenda, own = self.agenda, 0
        with self.page.app.guarded(agenda):
            own = sittings.save_question(self.page.app.ctx, self.number, agenda.values(), agenda.number or None)
        if own:
            self.show_sitting(own, keep=False)
        return bool(own)

    def save_and_next(self) -> None:
        """Ctrl+Enter: save the question and begin the next one."""
        if not self.agenda.is_dirty() or self.save_question():
            self.agenda.begin()

    def new_question(self) -> None:
        """Ctrl+N; what is typed is saved first."""
        if not self.agenda.is_dirty() or self.save_question():
            self.agenda.begin()

    def move_question(self, place: int) -> None:
        """Put the question at hand at another place; undo puts it back."""
        ctx, number, at = self.page.app.ctx, self.number, self.agenda.number
        with self.page.app.guarded():
            sittings.move_question(ctx, number, at, place)
            self.show_sitting(place, keep=False)
            self.agenda.list.setFocus()

    def remove_question(self) -> None:
        """Take the question at hand off the agenda; undo puts it back at its place."""
        ctx, number, gone = self.page.app.ctx, self.number, self.agenda.question()
        if gone is None:
            return
        values = {"text": gone.text, "reporter": gone.reporter, "decision": gone.decision}
        with self.page.app.guarded():
            sittings.remove_question(ctx, number, gone.number)
            self.show_sitting(max(1, gone.number - 1), keep=False)
            done_and_undoable(self.page, _("Off the agenda: question {n}.").format(n=gone.number),
                              lambda: sittings.save_question(ctx, number, values, at=gone.number))  # fmt: skip
            self.agenda.list.setFocus()

    def vote(self) -> None:
        """Enter the votes typed; undo takes them back. Then the next question that waits."""
        ctx, number, question = self.page.app.ctx, self.number, self.agenda.number
        if self.agenda.is_dirty() and not self.save_question():
            return
        with self.page.app.guarded():
            adopted = sittings.vote(ctx, number, question, self.agenda.voted_as())
            words = _("Question {n}: the decision is adopted.") if adopted else \
                _("Question {n}: the decision is not adopted.")  # fmt: skip
            self.show_sitting(question, keep=False)
            done_and_undoable(self.page, words.format(n=question),
                              lambda: sittings.withdraw_vote(ctx, number, question))  # fmt: skip
            self._go_on()

    def _go_on(self) -> None:
        """To the votes of the next question that waits, else to closing."""
        self.agenda.next_open()
        question = self.agenda.question()
        if question is not None and question.adopted is None and not self.agenda.votes.why_not():
            self.agenda.votes.focus_first()
        elif self.close_button.isEnabled():
            self.close_button.setFocus()
        else:
            self.agenda.list.setFocus()

    def withdraw(self) -> None:
        """Take wrongly entered votes back while the sitting is open."""
        with self.page.app.guarded():
            sittings.withdraw_vote(self.page.app.ctx, self.number, self.agenda.number)
            self.show_sitting(self.agenda.number, keep=False)
            self.agenda.votes.focus_first()

    def close_sitting(self) -> None:
        """Close for good: the person types the sitting's number."""
        if self.whole is None or self.not_ready():
            return
        text = _("There is no quorum: nothing is decided and there are no minutes. The sitting can be called again.")
        if self.whole.quorate:
            text = _("Attendance, agenda and votes do not change any more; the minutes get their number. What is found "
                     "later is entered as a correction with its ground.")  # fmt: skip
        title = _("Close sitting {number}?").format(number=self.number)
        if not ask_to_confirm(self, title, text, _("Close the sitting"), str(self.number)):
            return
        with self.page.app.guarded():
            sittings.close_sitting(self.page.app.ctx, self.number)
            self.page.refresh()
            self.print_button.setFocus()

    def correct(self) -> None:
        """A correction makes a new version of the minutes; what stood there before stays."""
        ctx, number = self.page.app.ctx, self.number
        ask_record(
            self.page, _("Enter a correction"),
            _("The minutes stay as they are; the correction is printed under them as a new version."),
            _("Enter the correction"), CORRECTION,
            lambda values: sittings.correct(ctx, number, values["text"], values["ground"]),
        )  # fmt: skip
        self.page.refresh()

    def print_out(self) -> None:
        """Ctrl+P: the agenda, the minutes once they have their number."""
        paper = "commission-minutes" if self.whole and self.whole.minutes else "commission-agenda"
        self.page.app.open_page("papers", paper=paper, option=str(self.number))

    def print_extract(self) -> None:
        """One decision for whom it concerns."""
        self.page.app.open_page("papers", paper="commission-extract", option=f"{self.number}:{self.agenda.number}")

    def back(self) -> None:
        """To the list of sittings."""
        self.page.back()
