"""The operational day (p.35-37) as data: its steps in the order's sequence, each done, possible or blocked and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mab_desktop.domain.errors import OutOfOrder, Problem
from mab_desktop.domain.shift import MOVES, STATE_LABELS, ShiftFacts, ShiftState, obstacles, reached
from mab_desktop.i18n import N_


class DayKind(StrEnum):
    """Which of the regulation's days it is."""

    EVE = "eve"
    FIRST = "first"
    FURTHER = "further"
    LAST = "last"
    OVER = "over"


DAY_LABELS = {
    DayKind.EVE: N_("The eve of the first shift (p.30)"),
    DayKind.FIRST: N_("First operational day (p.35)"),
    DayKind.FURTHER: N_("Operational day (p.36)"),
    DayKind.LAST: N_("The day after the last test (p.37)"),
    DayKind.OVER: N_("All shifts are closed, everything is handed over"),
}


class StepState(StrEnum):
    """What a step of the day is."""

    DONE = "done"
    POSSIBLE = "possible"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its shift relative to the current one (-1 the previous, +1 the next) and how it is made.

    `move` names the change of state it stands for. Without one it is work of its own that can begin once the shift has
    reached `needs`, and is done when the facts say so.
    """

    key: str
    title: str
    paragraph: str
    offset: int
    move: str = ""
    needs: ShiftState = ShiftState.PLANNED


@dataclass(frozen=True, slots=True)
class Done:
    """When and by whom a step was made."""

    at: str
    by: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as it stands now for its shift."""

    step: Step
    shift: int
    state: StepState
    reasons: tuple[Problem, ...] = ()
    done: Done | None = None


def _applications(number: int, offset: int = -1) -> Step:
    return Step("applications", N_("Enter appeal applications; print register and analysis cards"),
                f"p.{number}.1", offset, needs=ShiftState.RESULTS)  # fmt: skip


def _appeal_end(paragraph: str, first: int) -> tuple[Step, ...]:
    """The steps that p.36 and p.37 share; p.45 adds the result sheet that p.37 leaves out."""
    return (
        Step("decisions", N_("Enter the decisions of the appeal commission"), f"{paragraph}.{first}", -1,
             needs=ShiftState.RESULTS),
        Step("close-appeal", N_("Close the appeal"), f"{paragraph}.{first + 1}", -1, move="close-appeal"),
        Step("minutes", N_("Print the minutes and the last register"), f"{paragraph}.{first + 2}", -1,
             needs=ShiftState.APPEAL_CLOSED),
        Step("results-after", N_("Print the result sheets with the appeal"),
             "p.36.10" if paragraph == "p.36" else "p.45", -1, needs=ShiftState.APPEAL_CLOSED),
        Step("close", N_("Close the shift"), "p.36.11" if paragraph == "p.36" else "p.37.5", -1, move="close"),
    )  # fmt: skip


DUTY = Step("duty", N_("Draw the duty officers to the halls"), "p.7.5", 0)
# Work of the exam day that p.35-37 do not number: it stands where it falls between their steps.
EXAM_DAY = (
    Step("clock", N_("Write down the announced start of the exam"), "p.33.12", 0, needs=ShiftState.OPEN),
    Step("attendance", N_("Count who is there, hall by hall"), "p.33.16", 0, needs=ShiftState.OPEN),
    Step("returned", N_("Take the materials back by the acts"), "p.34.1", 0, needs=ShiftState.OPEN),
)


def _exam_steps(paragraph: str, first: int) -> tuple[Step, ...]:
    titles = (
        ("open", N_("Open the shift"), "open", ShiftState.PLANNED),
        ("scan", N_("Scan the answer sheets hall by hall, twice"), "", ShiftState.OPEN),
        ("identify", N_("Issue the identification protocols, enter the commission's decisions"), "close-identification",
         ShiftState.OPEN),
        ("key", N_("Open and issue the answer key"), "open-key", ShiftState.IDENTIFIED),
        ("results-before", N_("Issue the result sheets before the appeal"), "announce", ShiftState.KEY_OPEN),
    )  # fmt: skip
    numbered = tuple(
        Step(key, title, f"{paragraph}.{first + i}", 0, move, needs)
        for i, (key, title, move, needs) in enumerate(titles)
    )
    return (DUTY, numbered[0], *EXAM_DAY, *numbered[1:])


_NEXT = N_("Draw the seats of the next shift and issue its seating sheets")
STEPS: dict[DayKind, tuple[Step, ...]] = {
    DayKind.EVE: (
        Step("readiness", N_("Check the workplace and sign the report of readiness"), "p.29.1", 0),
        Step("corrections", N_("Enter the list of wrong data"), "p.30.2", 0),
        Step("seats", N_("Draw the seats and issue the seating sheets"), "p.30.5", 0, move="draw-seats"),
    ),
    DayKind.FIRST: (*_exam_steps("p.35", 1), Step("seats-next", _NEXT, "p.35.6", 1, move="draw-seats")),
    DayKind.FURTHER: (
        _applications(36), *_exam_steps("p.36", 2), *_appeal_end("p.36", 7),
        Step("seats-next", _NEXT, "p.36.12", 1, move="draw-seats"),
    ),
    DayKind.LAST: (
        _applications(37), *_appeal_end("p.37", 2),
        # It goes along with the data, so it stands before them; the data may go without it, and again with it.
        Step("report", N_("Write the representative's report to the testing centre"), "p.47.1", -1,
             needs=ShiftState.CLOSED),
        Step("send", N_("Send the data to the testing centre"), "p.37.6", -1, needs=ShiftState.CLOSED),
        # The centre has every point in the data; the universities get theirs from the base university.
        Step("results-out", N_("Hand the results over to the base university"), "p.44", -1, needs=ShiftState.CLOSED),
    ),
    DayKind.OVER: (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeasonFacts:
    """The facts of every shift, what was done when (by step key and shift), and what has gone to the centre.

    `reported` says that the representative's report has a text for each of her tasks, `report_newer` that it was saved
    after the data were sent. `results_out`: the base university was given the results.
    """

    shifts: Mapping[int, ShiftFacts]
    done: Mapping[tuple[str, int], Done] = field(default_factory=dict)
    sent: bool = False
    reported: bool = False
    report_newer: bool = False
    results_out: bool = False

    @property
    def all_out(self) -> bool:
        """Nothing is left to hand over: the report is written and went along with the data, the results are out."""
        return self.sent and self.reported and not self.report_newer and self.results_out


@dataclass(frozen=True, slots=True)
class Day:
    """Which day it is, the shift it turns around, and its steps."""

    kind: DayKind
    current: int
    lines: tuple[StepLine, ...]

    @property
    def next_line(self) -> StepLine | None:
        """The first step that can be made now."""
        return next((line for line in self.lines if line.state is StepState.POSSIBLE), None)


def day_of(facts: SeasonFacts) -> tuple[DayKind, int]:
    """Which day the season stands at and its current shift (on the last day: one after the last shift)."""
    numbers = sorted(facts.shifts)
    if not numbers:
        return DayKind.EVE, 1
    if facts.shifts[numbers[0]].state is ShiftState.PLANNED:
        return DayKind.EVE, numbers[0]
    for number in numbers:
        state, following = facts.shifts[number].state, facts.shifts.get(number + 1)
        own_day_over = reached(state, ShiftState.RESULTS) and (
            following is None or following.state is not ShiftState.PLANNED
        )
        previous = facts.shifts.get(number - 1)
        waiting = following is None and previous is not None and previous.state is not ShiftState.CLOSED
        if not own_day_over or waiting:
            return (DayKind.FIRST if number == numbers[0] else DayKind.FURTHER), number
    over = facts.all_out and all(f.state is ShiftState.CLOSED for f in facts.shifts.values())
    return (DayKind.OVER if over else DayKind.LAST), numbers[-1] + 1


def operational_day(facts: SeasonFacts) -> Day:
    """The day's steps, each done, possible or blocked with its reasons."""
    kind, current = day_of(facts)
    lines = []
    for step in STEPS[kind]:
        number = current + step.offset
        if number in facts.shifts:
            lines.append(_line(step, number, facts))
    return Day(kind, current, tuple(lines))


_SENT_BEFORE = N_(
    "The representative saved her report after the data were sent. Send them once more: they take it along (p.47)."
)


def _line(step: Step, number: int, facts: SeasonFacts) -> StepLine:
    shift = facts.shifts[number]
    if _is_done(step, shift, facts):
        return StepLine(step, number, StepState.DONE, done=facts.done.get((step.key, number)))
    if step.move:
        reasons = tuple(obstacles(step.move, shift))
        return StepLine(step, number, StepState.BLOCKED if reasons else StepState.POSSIBLE, reasons)
    if reached(shift.state, step.needs):
        again = step.key == "send" and facts.sent and facts.report_newer
        return StepLine(step, number, StepState.POSSIBLE, (Problem("", _SENT_BEFORE),) if again else ())
    text = N_("Shift {n} is at «{state}»; it must first be at «{needed}».")
    params = (("n", number), ("state", STATE_LABELS[shift.state]), ("needed", STATE_LABELS[step.needs]))
    return StepLine(step, number, StepState.BLOCKED, (Problem("", text, params),))


def _is_done(step: Step, shift: ShiftFacts, season: SeasonFacts) -> bool:
    if step.move:
        return reached(shift.state, MOVES[step.move].target)
    arrived = reached(shift.state, step.needs)
    closed = reached(shift.state, ShiftState.APPEAL_CLOSED)
    past = reached(shift.state, ShiftState.IDENTIFIED)
    return (
        arrived
        and {
            "readiness": not shift.readiness_missing,
            "corrections": shift.corrections_due == 0,
            "duty": shift.duty_drawn or past,
            "clock": shift.exam_begun or past,
            "attendance": not shift.halls_not_counted or past,
            "returned": not shift.halls_not_returned or past,
            "scan": not shift.halls_not_scanned,
            "applications": closed or shift.deadline_passed,
            "decisions": closed or (shift.deadline_passed and not shift.appeals_pending),
            "minutes": shift.minutes_printed and shift.register_printed,
            "results-after": shift.results_after_printed,
            "report": season.reported,
            "send": season.sent and not season.report_newer,
            "results-out": season.results_out,
        }[step.key]
    )


# -- what can be taken back, and where


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Whether a step that was made can be taken back; the words say how, or why not, with the paragraph."""

    allowed: bool
    words: str


_ONCE = N_("The seats are drawn once only (p.30). A reprint gives the same seats.")
TAKING_BACK: Mapping[str, TakingBack] = {
    "readiness": TakingBack(True, N_("Another report with the next number takes the place of this one, until the first "
                                     "shift is open (p.29).")),
    "corrections": TakingBack(False, N_("A correction follows the list of wrong data (p.8). Another one needs another "
                                        "line of that list.")),
    "seats": TakingBack(False, _ONCE),
    "seats-next": TakingBack(False, _ONCE),
    "duty": TakingBack(True, N_("Another draw with a reason and the next number, until the exam begins (p.7).")),
    "open": TakingBack(False, N_("An open shift is left only by closing it, after its appeal (p.44).")),
    "clock": TakingBack(True, N_("A wrong start is corrected with a reason (p.33).")),
    "attendance": TakingBack(True, N_("The count is saved anew while the shift is open (p.33).")),
    "returned": TakingBack(True, N_("An act is withdrawn with a reason until the envelope is received (p.34).")),
    "scan": TakingBack(True, N_("A pass is discarded with a reason and scanned again until identification is "
                                "confirmed (p.38).")),
    "identify": TakingBack(False, N_("The representative has confirmed identification; no mark and no identity changes "
                                     "after it (p.39).")),
    "key": TakingBack(False, N_("An answer key that was opened cannot be closed again (p.39).")),
    "results-before": TakingBack(False, N_("Results that hang out cannot be taken back; the time for appeals runs "
                                           "(p.41).")),
    "applications": TakingBack(False, N_("An application that was registered stays in the journal (p.41).")),
    "decisions": TakingBack(True, N_("A decision is taken back until the appeal is closed (p.44).")),
    "close-appeal": TakingBack(False, N_("An appeal that is closed is not opened again (p.44).")),
    "minutes": TakingBack(False, N_("Minutes that were issued stay; printed again they say «duplicate» (p.44).")),
    "results-after": TakingBack(False, N_("Result sheets that were issued stay; printed again they say «duplicate» "
                                          "(p.45).")),
    "close": TakingBack(False, N_("A closed shift is not opened again (p.44).")),
    "report": TakingBack(True, N_("The representative writes her report anew; the next file of the data takes it along "
                                  "(p.47).")),
    "send": TakingBack(False, N_("Data that were sent cannot be taken back; the next file takes their place (p.37).")),
    "results-out": TakingBack(False, N_("Results that were handed over cannot be taken back; the next file takes their "
                                        "place (p.44).")),
}  # fmt: skip


class NotTakenBack(OutOfOrder):
    """A step that the regulation does not let anybody take back."""


def take_back(key: str) -> str:
    """How a step is taken back, as a message id; NotTakenBack with the paragraph where the order does not allow it."""
    found = TAKING_BACK[key]
    if not found.allowed:
        raise NotTakenBack(found.words)
    return found.words
