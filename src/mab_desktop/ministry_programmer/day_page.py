"""The operational day (p.35-37): both open shifts side by side, each step done, possible or blocked and why."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from mab_desktop.domain.operational_day import DAY_LABELS, TAKING_BACK, Day, DayKind, SeasonFacts, StepLine, take_back
from mab_desktop.domain.operational_day import StepState as Step
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import STATE_LABELS
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.exam_clock_page import ticker_of
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.services import shifts
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import Question, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Section, label
from mab_desktop.ui.states import WORDS, Mark
from mab_desktop.ui.steps_page import DayShift, DayStep, StepsView

_GO_ON = N_("Go on")


class DayPage(Page):
    """Today's steps in the order of p.35-37; a step opens its page, opening a shift is done here."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.kind, self.next = label("", "section", wrap=True), label("", "", wrap=True)
        self.next.setFont(theme.font(bold=True))
        card = Section(name="nextStep")
        card.body.addWidget(self.next)
        self.steps = StepsView()
        self.steps.step_chosen.connect(self.take_step)
        self.body.addWidget(self.kind)
        self.body.addWidget(card)
        self.body.addWidget(self.steps, 1)
        self.add_actions(
            (
                Action(N_("Take back…"), self.take_back_step, "undo", "Ctrl+Z", self._none_done),
                Action(N_("Next step"), self.next_open, "forward", "F3", self._no_next, primary=True),
            )
        )

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Show the day as it stands now."""
        ticker_of(self.app).reload()
        facts, day = season.facts(self.app), season.day_of(self.app)
        self.kind.setText(_(DAY_LABELS[day.kind]))
        following = season.next_line(self.app)
        if following is not None:
            self.next.setText(_("Now: shift {n}, {step}").format(n=following.shift, step=_(following.step.title)))
        elif day.kind is DayKind.OVER:
            self.next.setText(_("Everything is done: all shifts are closed, data and results are handed over."))
        else:
            self.next.setText(_("Nothing can be done now. What each step waits for stands beside it."))
        self.steps.show_shifts(tuple(self._shown(day, facts, following)), _without_shifts(day.kind))
        self.renew_actions()

    def _shown(self, day: Day, facts: SeasonFacts, following: StepLine | None) -> list[DayShift]:
        columns: dict[int, list[DayStep]] = {}
        known = {spec.key for spec in self.app.shell.spec.pages}
        for line in day.lines:
            column = min(line.shift, day.current)  # the next shift's seats are work of today's shift
            columns.setdefault(column, []).append(self._step(line, facts, following, known))
        lines = {line.number: line for line in season.shift_lines(self.app)}
        found = []
        for number in sorted(columns):
            shift = lines[number]
            words = _("{day}, {time} · students: {students}, halls: {halls} · {state}").format(
                day=shift.exam_date.strftime("%d.%m.%Y"), time=shift.start_time, students=shift.students,
                halls=shift.halls, state=_(STATE_LABELS[shift.state]),
            )  # fmt: skip
            title = _("Shift {n}").format(n=number)
            found.append(DayShift(str(number), title, words, tuple(columns[number])))
        return found

    def _step(self, line: StepLine, facts: SeasonFacts, following: StepLine | None, known: set[str]) -> DayStep:
        working = season.in_work(line, facts)
        mark = Mark.BLOCKED
        if line.state is Step.DONE:
            mark = Mark.DONE
        elif line == following:
            mark = Mark.DUE
        elif line.state is Step.POSSIBLE or working:
            mark = Mark.NONE
        verb, word = "", ""
        if line.state is Step.POSSIBLE:
            verb, word = season.verb_of(self.app, line), _("Possible")
        elif working:
            verb, word = _(_GO_ON), _("Begun")
        elif season.waits_for_file(line, facts):
            verb, word = _("Load the file"), _(WORDS[Mark.BLOCKED])
            mark = mark if line == following else Mark.NONE
        page = season.page_of(line, facts)
        if not self._programmer() and (page not in known or page == "day"):
            verb = ""
        done = ""
        if line.done:
            done = ", ".join(part for part in (moment_words(line.done.at), line.done.by) if part)
        reason = season.said_of(self.app, line)
        return DayStep(f"{line.step.key}:{line.shift}", _(line.step.title), mark, verb, reason, done,
                       line.step.paragraph, word if mark is Mark.NONE else "")  # fmt: skip

    def _programmer(self) -> bool:
        return bool(self.app.ctx.actor.role == PersonRole.PROGRAMMER)

    def _no_next(self) -> str:
        following = season.next_line(self.app)
        return "" if following and self._programmer() else _("There is no step that can be made now.")

    def next_open(self) -> None:
        """F3: go to the next step."""
        following = season.next_line(self.app)
        if following is not None and self._programmer():
            self.take_step(str(following.shift), f"{following.step.key}:{following.shift}")

    def take_step(self, _column: str, key: str) -> None:
        """Open the page of a step, or open the shift."""
        name, number = key.split(":")
        line = next(x for x in season.day_of(self.app).lines if x.step.key == name and x.shift == int(number))
        if name == "open":
            self.open_shift(line.shift)
            return
        page = season.page_of(line, season.facts(self.app))
        self.app.open_page(page, **({} if page == "transfer" else {"shift": line.shift}))

    # --- taking back -----------------------------------------------------------------------------------------------

    def _done_lines(self) -> list[StepLine]:
        return [line for line in season.day_of(self.app).lines if line.state is Step.DONE]

    def _none_done(self) -> str:
        return "" if self._done_lines() else _("No step of this day was made yet.")

    def take_back_step(self) -> None:
        """Which step; where the regulation allows it, its page opens, else the paragraph is said."""
        lines = self._done_lines()
        asked = TakeBackQuestion(self, lines)
        if asked.exec() != Question.DialogCode.Accepted:
            return
        self.take_back_line(lines[asked.chosen()])

    def take_back_line(self, line: StepLine) -> None:
        """Open the page where it is taken back, or refuse with the paragraph."""
        with self.app.guarded():
            words = take_back(line.step.key)
            page = season.PAGES_OF_STEPS[line.step.key]
            self.app.open_page(page, **({} if page == "readiness" else {"shift": line.shift}))
            self.app.inform(_(words))

    def open_shift(self, number: int) -> None:
        """Open a shift after the question; the service refuses what the order forbids."""
        if not ask_to_confirm(
            self, _("Open shift {n}?").format(n=number),
            _("From now on its envelopes are scanned. At most two shifts may be open (p.44)."), _("Open the shift"),
            str(number),
        ):  # fmt: skip
            return
        with self.app.guarded():
            shifts.open_shift(self.app.ctx, number)
            self.refresh()

    def opened(self, **where: Any) -> None:
        """Come back to what is due: its button is ready for Enter."""
        del where
        following = season.next_line(self.app)
        if following is not None:
            column = min(following.shift, season.day_of(self.app).current)
            button = self.steps.buttons.get((str(column), f"{following.step.key}:{following.shift}"))
            if button is not None:
                button.setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The steps stand in the order of p.35-37. Two shifts may be open: the exam of one and the appeal of the "
            "other. A step that is closed says what it waits for and the paragraph; nothing can be done out of order."
        )


def _without_shifts(kind: DayKind) -> str:
    if kind is DayKind.OVER:
        return _("Everything of every shift can still be looked at and printed, and the final data written again.")
    return _("Receive the final database from the testing centre's drive first.")


class TakeBackQuestion(Question):
    """The steps that were made, each with whether and how it is taken back; what cannot be says its paragraph here."""

    def __init__(self, parent: QWidget, lines: list[StepLine]) -> None:
        super().__init__(parent, _("Take a step back"), _(
            "Choose the step. Only what the regulation allows can be taken back; every step says how, or why not."),
            _("Take back"))  # fmt: skip
        self.setMinimumWidth(theme.px(640))
        self._lines, self.list, self.words = lines, QListWidget(), label("", "", wrap=True)
        self.list.setAccessibleName(_("Steps that were made"))
        for line in lines:
            item = QListWidgetItem(_("Shift {n}: {step}").format(n=line.shift, step=_(line.step.title)))
            item.setIcon(icons.mark_icon(Mark.NONE if TAKING_BACK[line.step.key].allowed else Mark.BLOCKED))
            self.list.addItem(item)
        self.list.setMinimumHeight(theme.px(220))
        self.words.setMinimumHeight(theme.px(64))
        self.fields.addWidget(self.list)
        self.fields.addWidget(self.words)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(len(lines) - 1)
        self.list.setFocus()

    def _show(self, row: int) -> None:
        found = TAKING_BACK[self._lines[row].step.key]
        self.words.setText(_(found.words))
        self.words.setObjectName("" if found.allowed else "fieldError")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        self.act_button.setEnabled(found.allowed)

    def chosen(self) -> int:
        """The place of the step among those given."""
        return self.list.currentRow()
