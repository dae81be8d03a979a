"""The exam's clock (p.33): what is left in large digits, what falls due when; it goes on after a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QProgressBar, QWidget

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_clock import MOMENT_LABELS, PHASE_LABELS, ExamClock, Moment, Phase, shown_time, typed_time
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.shift_page import ShiftPage
from mab_desktop.services import exam_clock, log_view
from mab_desktop.services.exam_clock import Started
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Section, StateLabel, clear, label, scrolled, split
from mab_desktop.ui.states import Mark, StepState

SECOND = 1000
JUMP = timedelta(minutes=1)  # the computer's clock is put right by less than this without anybody noticing
PHASE_MARKS = {Phase.BEFORE: Mark.NONE, Phase.RUNNING: Mark.INFO, Phase.THIRTY: Mark.DUE, Phase.TEN: Mark.LATE,
               Phase.OVER: Mark.DONE}  # fmt: skip
TOLD = {
    Phase.THIRTY: N_("30 minutes are left: say it in every hall (p.33)."),
    Phase.TEN: N_("10 minutes are left: say it in every hall (p.33)."),
    Phase.OVER: N_("The time is over: the sheets are collected (p.33)."),
}
_TICKERS: WeakKeyDictionary[AppContext, Ticker] = WeakKeyDictionary()


class Ticker(QObject):
    """Ticks once a second while an exam runs, and says the warnings whatever page is shown; one for each window.

    A computer's clock that is put forward or back meanwhile changes nothing of what is left: `jumped` is by how much.
    """

    ticked = Signal()

    def __init__(self, app: AppContext) -> None:
        super().__init__(app.shell)
        self._app = app
        self._clocks: dict[int, ExamClock] = {}
        self._phases: dict[int, Phase] = {}
        self._seen = (app.ctx.clock.now(), app.ctx.clock.ticks())
        self.jumped = timedelta()
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND)
        self._timer.timeout.connect(self.tick)

    def reload(self) -> None:
        """Take the clocks of the open shifts; those that are running keep the timer going."""
        before, self._clocks = self._clocks, {}
        for line in season.shift_lines(self._app):
            if line.state is ShiftState.OPEN and (found := exam_clock.started(self._app.ctx, line.number)):
                self._clocks[line.number] = found.clock
        if any(self._clocks.get(shift, clock) != clock for shift, clock in before.items()):
            self.jumped = timedelta()  # the start was corrected, by the clock as it is now
        now = self.now()
        phases = {shift: clock.phase(now) for shift, clock in self._clocks.items()}
        self._phases = {shift: self._phases.get(shift, phase) for shift, phase in phases.items()}
        running = any(phase is not Phase.OVER for phase in phases.values())
        if running != self._timer.isActive():
            self._timer.start() if running else self._timer.stop()

    def now(self) -> datetime:
        """The moment by the clock as it was before anybody put it forward or back in this window's time."""
        clock: Clock = self._app.ctx.clock
        wall, ticks = clock.now(), clock.ticks()
        by = wall - self._seen[0] - timedelta(seconds=ticks - self._seen[1])
        self._seen = (wall, ticks)
        if abs(by) > JUMP:
            self.jumped += by
            if abs(self.jumped) <= JUMP:
                self.jumped = timedelta()  # it was put right again
        return wall - self.jumped

    def tick(self) -> None:
        """A second went by."""
        before, now = self.jumped, self.now()
        if self.jumped not in (before, timedelta()):
            self._app.inform(jump_words(self.jumped), kind="warning")
        for shift, clock in self._clocks.items():
            phase = clock.phase(now)
            if phase is not self._phases[shift] and phase in TOLD:
                QApplication.beep()
                words = _("Shift {n}: {words}").format(n=shift, words=_(TOLD[phase]))
                self._app.inform(words, kind="warning", verb=_("Open the clock"), act=self._open(shift))
            self._phases[shift] = phase
        self.ticked.emit()
        if all(phase is Phase.OVER for phase in self._phases.values()):
            self._timer.stop()

    def _open(self, shift: int) -> Callable[[], object]:
        return lambda: self._app.open_page("clock", shift=shift)


def jump_words(by: timedelta) -> str:
    """What a jump of the computer's clock means for the exam; "" where there was none."""
    if not by:
        return ""
    forward = _("The clock of this computer was put forward by {minutes} min while the exam runs. What is left is "
                "counted on without that; start and end stand here by the clock as it was.")  # fmt: skip
    back = _("The clock of this computer was put back by {minutes} min while the exam runs. What is left is "
             "counted on without that; start and end stand here by the clock as it was.")  # fmt: skip
    minutes = round(abs(by).total_seconds() / 60)
    return (forward if by > timedelta() else back).format(minutes=minutes)


def ticker_of(app: AppContext) -> Ticker:
    """The window's ticker."""
    if app not in _TICKERS:
        _TICKERS[app] = Ticker(app)
    return _TICKERS[app]


def clock_state(app: AppContext) -> StepState:
    """Due while an open shift has no start; the phase while it runs."""
    facts = season.facts(app)
    for found in facts.shifts.values():
        if found.state is ShiftState.OPEN:
            if not found.exam_begun:
                return StepState(Mark.DUE)
            started = exam_clock.started(app.ctx, found.number)
            if started is not None:
                phase = started.clock.phase(ticker_of(app).now())
                return StepState(PHASE_MARKS[phase], _(PHASE_LABELS[phase]))
    return StepState()


class ExamClockPage(ShiftPage):
    """The time that is left, large enough to be read across the room, and beside it what falls due when."""

    wanted = (ShiftState.OPEN,)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.started: Started | None = None
        self.counted, self.marks = False, dict[Moment, Mark]()
        self.left, self.phase, self.until = QLabel(), StateLabel(Mark.NONE), label("", "section", wrap=True)
        self.wrong = StateLabel(Mark.LATE)
        self.left.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.left.setAccessibleName(_("Time left"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.px(10))
        face, self.side = Section(), Section(_("What falls due when"))
        face.body.addStretch(1)
        face.body.addWidget(self.left)
        face.body.addWidget(self.bar)
        face.body.addWidget(self.phase)
        face.body.addWidget(self.until)
        face.body.addWidget(self.wrong)
        face.body.addStretch(2)
        inside = QWidget()
        self.moments = QGridLayout(inside)
        self.moments.setColumnStretch(2, 1)
        self.moments.setHorizontalSpacing(theme.px(10))
        self.moments.setVerticalSpacing(theme.px(8))
        self.side.body.addWidget(scrolled(inside), 1)
        self.body.addWidget(split(face, self.side, stretches=(7, 5)), 1)
        self.add_actions((
            Action(N_("Correct the start…"), self.correct, "correct", "", self._not_started),
            Action(N_("The start is announced"), self.start, "clock", "", self._may_not_start, primary=True),
        ))  # fmt: skip
        ticker_of(app).ticked.connect(self._show_time)

    def show_shift(self) -> None:
        """The clock of the shift as it stands."""
        self.closed_reason = self._not_open()
        self.started = exam_clock.started(self.app.ctx, self.shift)
        facts = season.facts(self.app).shifts.get(self.shift)
        self.counted = facts is not None and not facts.halls_not_counted
        ticker_of(self.app).reload()
        self._show_time()

    def _show_time(self) -> None:
        now = ticker_of(self.app).now()
        self._show_what_is_wrong()
        clear(self.moments)
        if self.started is None:
            minutes = season.profile(self.app).minutes_net
            self.left.setText(shown_time(timedelta(minutes=minutes)))
            self._colour(theme.colour("text_muted"))
            self.bar.setRange(0, 1)
            self.bar.setValue(0)
            self.phase.show_state(Mark.NONE, _(PHASE_LABELS[Phase.BEFORE]))
            self.until.setText(_("{minutes} minutes net. Press the button when the start is announced in the halls: "
                                 "nobody is let in after it (p.32).").format(minutes=minutes))  # fmt: skip
            return
        clock = self.started.clock
        phase = clock.phase(now)
        self.left.setText(shown_time(clock.left(now)))
        colour = theme.mark_colour(PHASE_MARKS[phase]) if phase in (Phase.THIRTY, Phase.TEN) else theme.qcolour("text")
        self._colour(colour.name())
        self.bar.setRange(0, clock.minutes * 60)
        self.bar.setValue(clock.minutes * 60 - round(clock.left(now).total_seconds()))
        self.phase.show_state(PHASE_MARKS[phase], _(PHASE_LABELS[phase]))
        self.until.setText(_("Start {start}, end {end}").format(
            start=clock.begun.strftime("%H:%M"), end=clock.ends.strftime("%H:%M")))  # fmt: skip
        self._show_moments(clock, now)

    def _show_what_is_wrong(self) -> None:
        """A clock that jumped while the window was open, else one that is behind the log since the program began."""
        words = jump_words(ticker_of(self.app).jumped)
        if not words and self.started is not None and (behind := log_view.clock_behind(self.app.ctx)) is not None:
            words = behind.message(active())
        self.wrong.show_state(Mark.LATE, words)
        self.wrong.setVisible(bool(words))

    def _colour(self, name: str) -> None:
        """The size stands with the colour: the window's own sheet would win over a font."""
        self.left.setStyleSheet(f"color: {name}; font-size: {theme.px(132)}px; font-weight: bold;")

    def _show_moments(self, clock: ExamClock, now: datetime) -> None:
        moments = clock.moments()
        following = next((moment for moment, at in moments if at > now), None)
        for row, (moment, at) in enumerate(moments):
            mark = Mark.DUE if moment is following else Mark.DONE if at <= now else Mark.NONE
            if moment is Moment.COUNT and at <= now and not self.counted:
                mark = Mark.LATE  # an hour that has gone by is not yet a count
            self.marks[moment] = mark
            shape = QLabel()
            shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 18))
            shape.setMinimumWidth(theme.px(20))
            self.moments.addWidget(shape, row, 0, Qt.AlignmentFlag.AlignTop)
            self.moments.addWidget(label(at.strftime("%H:%M"), "section"), row, 1, Qt.AlignmentFlag.AlignTop)
            self.moments.addWidget(label(_(MOMENT_LABELS[moment]), "", wrap=True), row, 2)
        for number, reason in enumerate(self.started.corrections if self.started else ()):
            words = _("The start was corrected: {reason}").format(reason=reason)
            self.moments.addWidget(label(words, "muted", wrap=True), len(moments) + number, 0, 1, 3)
        self.moments.setRowStretch(100, 1)

    # --- acts ------------------------------------------------------------------------------------------------------

    def _not_open(self) -> str:
        line = self.choice.line
        if line is None or line.state is not ShiftState.OPEN:
            return _("The clock runs while the shift is open (p.33).")
        return ""

    def _may_not_start(self) -> str:
        return self._not_open() or (_("The start is written down already.") if self.started else "")

    def _not_started(self) -> str:
        return self._not_open() or ("" if self.started else _("The start is not written down yet (p.33)."))

    def start(self) -> None:
        """The start is announced in the halls now."""
        with self.app.guarded():
            exam_clock.start(self.app.ctx, self.shift)
            self.refresh()

    def correct(self) -> None:
        """The start was another moment: with the reason."""
        asked = Question(
            self,
            _("Correct the start of the exam"),
            _("The end moves with it. The first word about the start stays in the log."),
            _("Correct the start"),
        )
        time, why = QLineEdit(), QPlainTextEdit(tabChangesFocus=True)
        why.setFixedHeight(theme.px(72))
        time.setPlaceholderText("09:00")
        if self.started:
            time.setText(self.started.clock.begun.strftime("%H:%M"))
        for words, field in ((_("Hour and minute of the start"), time), (_("Reason"), why)):
            name = label(words, "factLabel")
            name.setBuddy(field)
            field.setAccessibleName(words)
            asked.fields.addWidget(name)
            asked.fields.addWidget(field)
        time.setFocus()
        if asked.exec() == Question.DialogCode.Accepted:
            with self.app.guarded():
                exam_clock.correct(self.app.ctx, self.shift, self._moment(time.text()), why.toPlainText())
                self.refresh()

    def _moment(self, text: str) -> datetime:
        typed = typed_time(text)
        if not typed:
            raise UserError(N_("Hour and minute are needed, 10:15."))
        hour, minute = map(int, typed.split(":"))
        now: datetime = self.app.ctx.clock.now()
        return now.replace(hour=hour, minute=minute, second=0, microsecond=0)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The duty officers announce start and end and write them on the board: 180 minutes net, with warnings 30 "
            "and 10 minutes before the end. Nobody is let in after the start; nobody goes out in the first and in the "
            "last hour (p.32, p.33). 20-25 minutes after the start it is counted who is there."
        )
