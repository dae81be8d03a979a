"""How the season stands at the ministry programmer: the day of p.35-37, the rail's states, the home page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

from PySide6.QtCore import QTimer

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.operational_day import DAY_LABELS, Day, SeasonFacts, StepLine, operational_day
from mab_desktop.domain.operational_day import StepState as Step
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import MOVES, ShiftState, obstacles, reached
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import envelopes, hall_sheets, shifts
from mab_desktop.services.shifts import ShiftLine
from mab_desktop.ui.home import EmptySeason, Hindrance, HomeFacts, NextStep, Number, TimelineEntry
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.states import Mark, StepState
from mab_desktop.ui.workplace_app import banner

# Steps whose move ends work that is done on a page: while the work goes on, what is missing is told, not forbidden.
_WORKED = frozenset({"identify", "results-before", "close-appeal", "close"})
PAGES_OF_STEPS = {
    "readiness": "readiness", "duty": "duty", "clock": "clock", "attendance": "attendance", "returned": "acts",
    "corrections": "corrections", "seats": "seating", "seats-next": "seating", "open": "day", "scan": "envelopes",
    "identify": "identification", "key": "key", "results-before": "results", "applications": "appeals",
    "decisions": "appeals", "close-appeal": "ending", "minutes": "ending", "results-after": "ending",
    "close": "ending", "report": "report", "send": "centre", "results-out": "centre",
}  # fmt: skip
VERBS = {
    "readiness": N_("Check the workplace"), "duty": N_("Draw the officers"), "clock": N_("Write down the start"),
    "attendance": N_("Count who is there"), "returned": N_("Enter the acts"),
    "corrections": N_("Enter corrections"), "seats": N_("Draw the seats"), "seats-next": N_("Draw the seats"),
    "open": N_("Open the shift"), "scan": N_("Scan"), "identify": N_("Identify"), "key": N_("Open the key"),
    "results-before": N_("Issue results"), "applications": N_("Enter applications"),
    "decisions": N_("Enter decisions"), "close-appeal": N_("Close the appeal"), "minutes": N_("Print"),
    "results-after": N_("Print"), "close": N_("Close the shift"), "report": N_("Write the report"),
    "send": N_("Send the data"), "results-out": N_("Hand the results over"),
}  # fmt: skip


HANDED_OVER = ("report", "send", "results-out")  # what is left after the last shift is named, not only the first of it
FRONTS = ("home", "day")  # pages that only tell: they follow the hour even while they stand in front
MINUTE = 60_000
AHEAD = 300  # milliseconds until what will be asked next is worked out


@dataclass(frozen=True, slots=True)
class _Standing:
    """How the season stands at one state of the database in one minute."""

    key: tuple[object, str, str]
    facts: SeasonFacts
    day: Day
    following: StepLine | None
    lines: tuple[ShiftLine, ...]


_TOLD: WeakKeyDictionary[AppContext, _Standing] = WeakKeyDictionary()
_ONE_ASKS = threading.Lock()  # rail and pages ask from two threads: the second takes what the first has worked out


def _standing(app: AppContext) -> _Standing:
    """Asked again only after something was written or a minute went by; from any thread."""
    with _ONE_ASKS:
        ctx = app.ctx
        moment = ctx.clock.now().isoformat(timespec="minutes")
        key = (ctx.store.log_head(), moment, ctx.actor.login)
        kept = _TOLD.get(app)
        if kept is None:
            app.later(lambda: _begin_minutes(app))
        if kept is None or kept.key != key:
            season = shifts.season_facts(ctx)
            if kept is not None and kept.key[0] == key[0] and kept.facts != season:
                # Nothing was written: a day began, or the time for applications ran out.
                app.later(lambda: app.shell.time_went_by(FRONTS))
            day = operational_day(season)
            kept = _TOLD[app] = _Standing(key, season, day, _following(day, season), tuple(shifts.shifts(ctx)))
            lines = kept.lines
            app.later(lambda: _look_ahead(app, lines))
        return kept


def _is_in_use(app: AppContext) -> bool:
    """Whether this person's window still stands; later its database may be gone."""
    return bool(app.shell.app is app and app.shell.isVisible() and app.shell.is_open())


def _begin_minutes(app: AppContext) -> None:
    """Once a minute the season is asked what the hour has changed, as long as this person is logged in."""
    minutes = QTimer(app.shell)

    def ask() -> None:
        if app.shell.app is not app:
            minutes.deleteLater()
        elif _is_in_use(app):
            app.tasks.read(lambda: _standing(app), lambda _found: None, app.failed)

    minutes.timeout.connect(ask)
    minutes.start(MINUTE)


def _look_ahead(app: AppContext, lines: Sequence[ShiftLine]) -> None:
    """What the pages of a shift past its identification will ask first is worked out beside the window.

    The facts of an open shift have asked for it already.
    """
    begun = [line for line in lines if reached(line.state, ShiftState.OPEN)]
    if not begun or begun[-1].state is ShiftState.OPEN or app.tasks.inline:
        return
    ctx, number = app.ctx, begun[-1].number

    def ask() -> None:
        if _is_in_use(app):
            app.tasks.read(lambda: envelopes.envelope_lines(ctx, number), lambda _lines: None, app.failed)

    QTimer.singleShot(AHEAD, app.shell, ask)  # what was asked for is shown first: threads take turns


def facts(app: AppContext) -> SeasonFacts:
    """The facts of the season."""
    return _standing(app).facts


def day_of(app: AppContext) -> Day:
    """The operational day as it stands."""
    return _standing(app).day


def next_line(app: AppContext) -> StepLine | None:
    """The one next step: applications only wait for the clock, so other work and a file to be received go before."""
    return _standing(app).following


def _following(day: Day, season: SeasonFacts) -> StepLine | None:
    waiting = [x for x in day.lines if x.state is Step.POSSIBLE or in_work(x, season)]
    for line in waiting:
        if line.step.key != "applications":
            return line
    return next((x for x in day.lines if waits_for_file(x, season)), waiting[0] if waiting else None)


def waits_for_file(line: StepLine, season: SeasonFacts) -> bool:
    """True for a step that lacks a file of the testing centre: receiving it is what can be done."""
    return line.state is Step.BLOCKED and page_of(line, season) == "transfer"


def why_closed(app: AppContext, move: str, number: int) -> str:
    """Why a move of a shift is closed now, in words; "" when it is open.

    For showing: whether the closed marks are unchanged, a move itself makes sure of.
    """
    return words(obstacles(move, facts(app).shifts[number]))


def in_work(line: StepLine, season: SeasonFacts) -> bool:
    """True for a step whose work goes on now although its move is still held up."""
    move = line.step.move
    return (
        line.state is Step.BLOCKED
        and line.step.key in _WORKED
        and move in MOVES
        and season.shifts[line.shift].state in MOVES[move].sources
    )


def words(problems: tuple[Problem, ...] | list[Problem]) -> str:
    """Problems as sentences in the language of now."""
    return " ".join(problem.message(active()) for problem in problems)


def waits_for_word(line: StepLine) -> bool:
    """True when nothing is left to identify: only the representative's word is missing (p.39)."""
    return line.step.key == "identify" and line.state is Step.POSSIBLE


def is_hers(app: AppContext, line: StepLine) -> bool:
    """True for the report while somebody else than the representative is logged in: only she writes it (p.7, p.47)."""
    return (
        line.step.key == "report" and line.state is Step.POSSIBLE
        and app.ctx.actor.role != PersonRole.REPRESENTATIVE
    )  # fmt: skip


def verb_of(app: AppContext, line: StepLine) -> str:
    """What the button of a step says, in the language of now."""
    if is_hers(app, line):
        return _("Representative's report")
    return _("Representative's word") if waits_for_word(line) else _(VERBS[line.step.key])


def said_of(app: AppContext, line: StepLine) -> str:
    """What stands under a step: what it waits for, or who is next."""
    if waits_for_word(line):
        return _("Every hall is identified. Now the representative confirms it under her own log-in (p.39).")
    if is_hers(app, line):
        return _("The representative writes it under her own log-in (p.7, 47). The data may go without it, and once "
                 "more with it.")  # fmt: skip
    return words(line.reasons)


def page_of(line: StepLine, season: SeasonFacts) -> str:
    """The page where a step is done; what lacks a file of the centre leads to the drive."""
    shift = season.shifts[line.shift]
    if waits_for_word(line):
        return "representative"
    if line.step.key == "key" and shift.state is ShiftState.IDENTIFIED and not shift.has_key:
        return "transfer"
    if line.step.key.startswith("seats") and shift.state is ShiftState.PLANNED and not shift.has_seal:
        return "transfer"
    return PAGES_OF_STEPS[line.step.key]


def shift_lines(app: AppContext) -> tuple[ShiftLine, ...]:
    """Every shift of the season."""
    return _standing(app).lines


def profile(app: AppContext) -> ExamProfile:
    """The exam profile of the season."""
    with app.ctx.store.read() as session:
        return hall_sheets.exam_profile(session)


# -- the rail ----------------------------------------------------------------------------------------------------------


def rail_state(*pages: str) -> Callable[[AppContext], StepState]:
    """The state of the rail's step that stands for the day's steps done on `pages`."""

    def state(app: AppContext) -> StepState:
        standing = _standing(app)
        mine = [line for line in standing.day.lines if PAGES_OF_STEPS[line.step.key] in pages]
        if not mine:
            return StepState()
        current = standing.following
        if current is not None and any(line is current or line == current for line in mine):
            return StepState(Mark.DUE)
        if all(line.state is Step.DONE for line in mine):
            return StepState(Mark.DONE)
        if any(line.state is Step.POSSIBLE or in_work(line, standing.facts) for line in mine):
            return StepState(Mark.DUE)
        blocked = next(line for line in mine if line.state is Step.BLOCKED)
        return StepState(Mark.BLOCKED, words(blocked.reasons))

    return state


def day_state(app: AppContext) -> StepState:
    """Due when a shift waits to be opened; all other steps have a page of their own."""
    current = next_line(app)
    return StepState(Mark.DUE) if current is not None and current.step.key == "open" else StepState()


def envelopes_state(app: AppContext) -> StepState:
    """Scanned twice is not done while the numbers of a hall do not agree: then somebody still has to look."""
    state = rail_state("envelopes")(app)
    halls = [
        hall for found in facts(app).shifts.values() if found.state is ShiftState.OPEN
        for hall in found.halls_not_balanced if hall not in found.halls_not_scanned
    ]  # fmt: skip
    if state.mark is not Mark.DONE or not halls:
        return state
    words = _("The numbers of these halls do not agree: {halls} (p.34, 38).").format(halls=", ".join(halls))
    return StepState(Mark.LATE, words)


def doubtful_state(app: AppContext) -> StepState:
    """Doubtful marks wait for an eye."""
    waiting = sum(found.doubtful_marks for found in facts(app).shifts.values())
    if not waiting:
        return StepState()
    return StepState(Mark.DUE, _("{n} doubtful marks are not decided (p.38).").format(n=waiting))


def representative_state(app: AppContext) -> StepState:
    """Her word is due when nothing but it is missing."""
    for line in day_of(app).lines:
        if line.step.move == "close-identification":
            if line.state is Step.DONE:
                return StepState(Mark.DONE)
            mark = Mark.DUE if line.state is Step.POSSIBLE else Mark.BLOCKED
            return StepState(mark, words(line.reasons))
    return StepState()


# -- home --------------------------------------------------------------------------------------------------------------


def home(app: AppContext) -> HomeFacts:
    """The home page: the exam days as a timeline, the one next step, what holds up, a few numbers."""
    season, day, lines, seen = facts(app), day_of(app), shift_lines(app), banner(app)
    empty = None
    if not lines:
        empty = EmptySeason(
            _("The final database has not come yet"),
            (
                _("Receive the final database and the variants from the testing centre's drive."),
                _("Receive the hand-over and the list of wrong data from the base university."),
                _("Enter the corrections and draw the seats on the eve of the first shift."),
            ),
            "transfer", _("Receive from a drive"),
        )  # fmt: skip
    return HomeFacts(
        app.ctx.clock.now().date(), seen.person, seen.organisation, f"{seen.season} · {_(DAY_LABELS[day.kind])}",
        tuple(_timeline(season, lines)), _next_step(app, season), tuple(_hindrances(app, season, day)),
        tuple(_numbers(season, lines)), empty,
    )  # fmt: skip


def _next_step(app: AppContext, season: SeasonFacts) -> NextStep | None:
    line = next_line(app)
    if line is None or "day" not in {spec.key for spec in app.shell.spec.pages}:
        return None
    title = _("Shift {n}: {step}").format(n=line.shift, step=_(line.step.title))
    page = page_of(line, season)
    known = {spec.key for spec in app.shell.spec.pages}
    verb = _("Load the file") if waits_for_file(line, season) else verb_of(app, line)
    return NextStep(title, page if page in known else "day", said_of(app, line), verb)


def _timeline(season: SeasonFacts, lines: Sequence[ShiftLine]) -> list[TimelineEntry]:
    found = []
    for line in lines:
        seated, closed = reached(line.state, ShiftState.SEATED), line.state is ShiftState.CLOSED
        found.append(TimelineEntry(
            line.exam_date - timedelta(days=1), _("Shift {n}: seats and seating sheets").format(n=line.number), "p.30",
            Mark.DONE if seated else Mark.NONE, "seating",
        ))  # fmt: skip
        state = Mark.DONE if closed else Mark.DUE if reached(line.state, ShiftState.OPEN) else Mark.NONE
        found.append(TimelineEntry(
            line.exam_date, _("Shift {n}: exam at {time}, students: {students}").format(
                n=line.number, time=line.start_time, students=line.students),
            "p.35", state, "day",
        ))  # fmt: skip
        found.append(TimelineEntry(
            line.exam_date + timedelta(days=1), _("Shift {n}: appeals until 13:00").format(n=line.number), "p.41",
            Mark.DONE if reached(line.state, ShiftState.APPEAL_CLOSED) else Mark.NONE, "appeals",
        ))  # fmt: skip
    if lines:
        sent = Mark.DONE if season.sent else Mark.NONE
        after = lines[-1].exam_date + timedelta(days=1)
        found.append(TimelineEntry(after, _("Final data to the testing centre"), "p.37", sent, "centre"))
        found.append(TimelineEntry(after, _("Results to the base university"), "p.44",
                                   Mark.DONE if season.results_out else Mark.NONE, "centre"))  # fmt: skip
    return sorted(found, key=lambda entry: entry.day)


def _hindrances(app: AppContext, season: SeasonFacts, day: Day) -> list[Hindrance]:
    found = []
    current = next_line(app)
    known = {spec.key for spec in app.shell.spec.pages}
    for line in day.lines:
        left = line.state is Step.POSSIBLE and line.step.key in HANDED_OVER
        held_up = line.state is Step.BLOCKED and not in_work(line, season)
        if line == current or not (left or held_up):
            continue
        page = page_of(line, season)
        title = _("Shift {n}: {step}").format(n=line.shift, step=_(line.step.title))
        mark = Mark.DUE if left else Mark.BLOCKED
        found.append(Hindrance(title, said_of(app, line), mark, page if page in known else ""))
    return found[:3]


def _numbers(season: SeasonFacts, lines: Sequence[ShiftLine]) -> list[Number]:
    states = [line.state for line in lines]
    open_facts = [found for found in season.shifts.values() if found.state is ShiftState.OPEN]
    begun = [line for line in lines if reached(line.state, ShiftState.OPEN)]
    halls = sum(line.halls for line in begun)  # whose identification is confirmed, all are scanned twice
    unread = sum(len(found.halls_not_scanned) for found in open_facts)
    pending = sum(found.appeals_pending for found in season.shifts.values())
    return [
        Number(_("Students"), str(sum(line.students for line in lines)),
               tuple(float(line.students) for line in lines), note=_("by shift")),
        Number(_("Shifts closed"), str(states.count(ShiftState.CLOSED)), note=_("of {n}").format(n=len(lines))),
        Number(_("Halls scanned twice"), str(halls - unread), note=_("of {n}").format(n=halls), page="envelopes"),
        Number(_("Open lines of protocols"), str(sum(found.open_lines for found in open_facts)),
               page="identification"),
        Number(_("Doubtful marks"), str(sum(found.doubtful_marks for found in open_facts)), page="doubtful"),
        Number(_("Appeals without a decision"), str(pending), page="appeals"),
    ]  # fmt: skip
