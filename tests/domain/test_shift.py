"""The life of the shifts against p.35-45: no sequence of moves may break the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.operational_day import DayKind, SeasonFacts, StepState, operational_day
from mab_desktop.domain.shift import MOVES, ORDER, ShiftFacts, ShiftState, obstacles, reached, refuse_unless_open

DAY = date(2011, 5, 10)
OPENISH = ("open", "identified", "keys_open", "results", "appeal_closed")


def ready(
    number: int, states: dict[int, ShiftState], today: date, opened: dict[int, date], **facts: object
) -> ShiftFacts:
    """A shift of which everything is at hand but what `facts` take away."""
    whole = ShiftFacts(
        number, states, today, DAY + timedelta(days=number - 1), opened, has_seal=True, halls=("101",), has_key=True,
        results_before_printed=True, deadline_passed=True, minutes_printed=True, register_printed=True,
        results_after_printed=True,
    )  # fmt: skip
    return replace(whole, **facts)  # type: ignore[arg-type]


class Season(RuleBasedStateMachine):
    """Anybody pushes any button of any shift on any day; only allowed moves are made."""

    @initialize(count=st.integers(1, 5))
    def plan(self, count: int) -> None:
        self.states = dict.fromkeys(range(1, count + 1), ShiftState.PLANNED)
        self.today = DAY - timedelta(days=1)
        self.opened: dict[int, date] = {}
        self.log: list[tuple[int, str]] = []

    def facts(self, number: int, **facts: object) -> ShiftFacts:
        return ready(number, dict(self.states), self.today, dict(self.opened), **facts)

    @rule(days=st.integers(1, 3))
    def night(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(data=st.data())
    def push_any_button(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.states)))
        move = data.draw(st.sampled_from(sorted(MOVES)))
        self.make(number, move)

    @precondition(lambda self: any(not obstacles(m, self.facts(n)) for n in self.states for m in MOVES))
    @rule(data=st.data())
    def push_a_lit_button(self, data: st.DataObject) -> None:
        lit = [(n, m) for n in self.states for m in MOVES if not obstacles(m, self.facts(n))]
        self.make(*data.draw(st.sampled_from(lit)))

    def make(self, number: int, move: str) -> None:
        facts = self.facts(number)
        if obstacles(move, facts):
            with pytest.raises(OutOfOrder):
                refuse_unless_open(move, facts)
            return
        made = refuse_unless_open(move, facts)
        before = self.states[number]
        assert ORDER.index(made.target) == ORDER.index(before) + 1
        self.check_by_the_book(number, move)
        self.states[number] = made.target
        self.log.append((number, move))
        if move == "open":
            self.opened[number] = self.today

    def check_by_the_book(self, number: int, move: str) -> None:
        """The regulation's sentences, written down apart from the table of moves."""
        states = self.states
        if move in ("open", "draw-seats") and number > 2:
            assert states[number - 2] == "closed"
        if move == "open":
            assert self.today not in self.opened.values()
            assert self.today >= DAY + timedelta(days=number - 1)
        if move == "close":
            assert (number, "close-appeal") in self.log
        if move == "open-key":
            assert (number, "close-identification") in self.log
        if move == "close-appeal" and number + 1 in states:
            assert (number + 1, "announce") in self.log
        if move == "draw-seats" and number > 1:
            assert (number - 1, "announce") in self.log

    @invariant()
    def at_most_two_neighbours_are_open(self) -> None:
        still = [n for n, state in getattr(self, "states", {}).items() if state in OPENISH]
        assert len(still) <= 2
        assert len(still) < 2 or still[1] - still[0] == 1

    @invariant()
    def the_season_can_always_go_on(self) -> None:
        states = getattr(self, "states", None)
        if states is None or all(state is ShiftState.CLOSED for state in states.values()):
            return
        later = self.today + timedelta(days=30)
        lit = [m for n in states for m in MOVES if not obstacles(m, ready(n, states, later, self.opened))]
        assert lit

    @invariant()
    def the_day_shows_the_lit_button(self) -> None:
        if not hasattr(self, "states"):
            return
        facts = {n: self.facts(n) for n in self.states}
        day = operational_day(SeasonFacts(facts))
        shown = {
            (line.shift, line.step.move) for line in day.lines if line.state is StepState.POSSIBLE and line.step.move
        }
        lit = {(n, m) for n in self.states for m in MOVES if not obstacles(m, facts[n])}
        assert shown <= lit
        assert bool(shown) == bool(lit)


TestSeason = Season.TestCase
TestSeason.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


STATES = dict.fromkeys((1, 2, 3), ShiftState.PLANNED)


@pytest.mark.parametrize(
    ("move", "state", "facts", "why"),
    [
        ("draw-seats", "planned", {"has_seal": False}, "sealed secret for shift 1 is not loaded"),
        ("draw-seats", "planned", {"halls": ()}, "No students are allotted"),
        ("draw-seats", "planned", {"halls_without_variants": ("7", "8")}, "without a variant distribution: 7, 8"),
        ("draw-seats", "planned", {"corrections_due": 3}, "3 lines of the list of wrong data"),
        ("draw-seats", "open", {}, "Already done"),
        ("open", "seated", {"readiness_missing": True}, "report of readiness is not signed"),
        ("close", "open", {}, "first comes «Confirm that identification is finished» (p.38, 39)"),
        ("close-identification", "open", {"halls_not_scanned": ("101",)}, "Not scanned twice: halls 101"),
        ("close-identification", "open", {"open_lines": 2}, "2 lines of the identification protocols are open"),
        ("close-identification", "open", {"doubtful_marks": 1}, "1 doubtful mark"),
        ("close-identification", "open", {"halls_not_balanced": ("101",)}, "do not agree: 101"),
        ("close-identification", "open", {"halls_without_last_protocol": ("101",)}, "last version of the protocol"),
        ("open-key", "identified", {"has_key": False}, "sealed key for shift 1 is not loaded"),
        ("open-key", "identified", {"marks_unchanged": False}, "marks differ from those that were closed"),
        ("announce", "keys_open", {"students_not_scored": 5}, "5 students have no points"),
        ("announce", "keys_open", {"results_before_printed": False}, "result sheets before the appeal are not printed"),
        ("close-appeal", "results", {"deadline_passed": False, "appeal_deadline": "x"}, "taken until x"),
        ("close-appeal", "results", {"appeals_pending": 1}, "1 application has no decision"),
        ("close-appeal", "results", {"appeals_contradicting": 1}, "automatic ground"),
        ("close-appeal", "results", {}, "First announce the results of shift 2"),
        ("close", "appeal_closed", {"minutes_printed": False}, "minutes"),
        ("close", "appeal_closed", {"results_after_printed": False}, "result sheets with the appeal"),
    ],
)
def test_each_guard_says_why(move: str, state: str, facts: dict[str, object], why: str) -> None:
    states = STATES | {1: ShiftState(state)}
    found = obstacles(move, ready(1, states, DAY, {}, **facts))
    assert why in " ".join(problem.message("en") for problem in found)
    assert all("p." in problem.text or "is at «{state}»" in problem.text for problem in found)  # names its paragraph
    for lang in ("kk", "ru"):
        assert all(problem.message(lang) for problem in found)


def test_the_days_follow_p35_to_p37() -> None:
    states = dict(STATES)

    def day() -> tuple[DayKind, int, list[str]]:
        facts = {n: ready(n, states, DAY + timedelta(days=9), {}) for n in states}
        found = operational_day(SeasonFacts(facts))
        return found.kind, found.current, [line.step.key for line in found.lines]

    assert day()[:2] == (DayKind.EVE, 1)
    states[1] = ShiftState.SEATED
    assert day() == (DayKind.FIRST, 1, ["duty", "open", "clock", "attendance", "returned", "scan",
                                        "identify", "key", "results-before", "seats-next"])  # fmt: skip
    states[1] = ShiftState.RESULTS
    assert day()[:2] == (DayKind.FIRST, 1)
    states[2] = ShiftState.SEATED
    kind, current, keys = day()
    assert (kind, current) == (DayKind.FURTHER, 2)
    assert keys == [
        "applications", "duty", "open", "clock", "attendance", "returned", "scan", "identify", "key",
        "results-before", "decisions", "close-appeal", "minutes",
        "results-after", "close", "seats-next",
    ]  # fmt: skip
    states.update({1: ShiftState.CLOSED, 2: ShiftState.RESULTS, 3: ShiftState.RESULTS})
    assert day()[2][-1] == "close"
    states[2] = ShiftState.CLOSED
    assert day() == (
        DayKind.LAST, 4,
        ["applications", "decisions", "close-appeal", "minutes", "results-after", "close", "report", "send",
         "results-out"],
    )  # fmt: skip
    assert all(reached(state, ShiftState.PLANNED) for state in states.values())


def test_the_report_goes_before_the_data_and_holds_nothing_up() -> None:
    """p.47 beside p.37: it is the next step once the last shift is closed, and the data may go without it."""
    shift = ready(1, {1: ShiftState.CLOSED}, DAY + timedelta(days=1), {})
    waiting = operational_day(SeasonFacts({1: shift}))
    assert waiting.kind is DayKind.LAST
    assert [(line.step.key, line.state) for line in waiting.lines[-3:]] == [
        ("report", StepState.POSSIBLE), ("send", StepState.POSSIBLE), ("results-out", StepState.POSSIBLE),
    ]  # fmt: skip
    assert waiting.next_line == waiting.lines[-3]
    written = operational_day(SeasonFacts({1: shift}, reported=True))
    assert written.next_line == written.lines[-2]


def test_the_day_is_over_when_nothing_is_left_to_hand_over() -> None:
    """Data that went without the report, or before it, and results still here: each is named as the next step."""
    shift = ready(1, {1: ShiftState.CLOSED}, DAY + timedelta(days=1), {})

    def left(**facts: bool) -> list[str]:
        day = operational_day(SeasonFacts({1: shift}, sent=True, **facts))
        assert (day.kind is DayKind.OVER) == (not day.lines)
        return [line.step.key for line in day.lines if line.state is StepState.POSSIBLE]

    assert left() == ["report", "results-out"]
    assert left(results_out=True) == ["report"]
    assert left(reported=True, report_newer=True, results_out=True) == ["send"]
    assert left(reported=True) == ["results-out"]
    assert left(reported=True, results_out=True) == []
