"""The life of a shift (p.30, p.35-45): a table of moves, each with its guards; one list of reasons for every asker.

`obstacles` answers why a move is closed. The same list disables a button with the reason as its tooltip, refuses in the
service and speaks in the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mab_desktop.domain.errors import OutOfOrder, Problem
from mab_desktop.i18n import N_

MAX_OPEN = 2


class ShiftState(StrEnum):
    """Where a shift stands; each state follows the one before it, and none is left backwards."""

    PLANNED = "planned"
    SEATED = "seated"
    OPEN = "open"
    IDENTIFIED = "identified"
    KEY_OPEN = "keys_open"
    RESULTS = "results"
    APPEAL_CLOSED = "appeal_closed"
    CLOSED = "closed"


STATE_LABELS = {
    ShiftState.PLANNED: N_("the shift is planned"),
    ShiftState.SEATED: N_("seats are drawn"),
    ShiftState.OPEN: N_("the shift is open"),
    ShiftState.IDENTIFIED: N_("identification is finished"),
    ShiftState.KEY_OPEN: N_("the answer key is open"),
    ShiftState.RESULTS: N_("the results are announced"),
    ShiftState.APPEAL_CLOSED: N_("the appeal is closed"),
    ShiftState.CLOSED: N_("the shift is closed"),
}
ORDER = tuple(ShiftState)
OPEN_STATES = frozenset(ORDER[ORDER.index(ShiftState.OPEN) : ORDER.index(ShiftState.CLOSED)])
KEY_KNOWN = frozenset(ORDER[ORDER.index(ShiftState.KEY_OPEN) :])


def reached(state: ShiftState, needed: ShiftState) -> bool:
    """True when `state` is `needed` or a later one."""
    return ORDER.index(state) >= ORDER.index(needed)


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """Everything the guards ask about one shift; `states` and `opened_on` speak of every shift of the season.

    `readiness_missing` is asked of the first shift only. `duty_drawn` to `halls_not_returned` are work of the exam day
    that the steps show; no move waits for them.
    """

    number: int
    states: Mapping[int, ShiftState]
    today: date
    exam_date: date
    opened_on: Mapping[int, date] = field(default_factory=dict)
    has_seal: bool = False
    halls: tuple[str, ...] = ()
    halls_without_variants: tuple[str, ...] = ()
    size_problems: tuple[Problem, ...] = ()
    corrections_due: int = 0
    readiness_missing: bool = False
    duty_drawn: bool = False
    exam_begun: bool = False
    halls_not_counted: tuple[str, ...] = ()
    halls_not_returned: tuple[str, ...] = ()
    halls_not_scanned: tuple[str, ...] = ()
    halls_not_balanced: tuple[str, ...] = ()
    halls_without_last_protocol: tuple[str, ...] = ()
    open_lines: int = 0
    doubtful_marks: int = 0
    has_key: bool = False
    marks_unchanged: bool = True
    students_not_scored: int = 0
    results_before_printed: bool = False
    appeal_deadline: str = ""
    deadline_passed: bool = False
    appeals_pending: int = 0
    appeals_contradicting: int = 0
    minutes_printed: bool = False
    register_printed: bool = False
    results_after_printed: bool = False

    @property
    def state(self) -> ShiftState:
        """The state of this shift."""
        return self.states[self.number]

    def state_of(self, number: int) -> ShiftState | None:
        """The state of another shift; None when the season has no such shift."""
        return self.states.get(number)


Guard = Callable[[ShiftFacts], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state: the states it starts from, the one it leads to, and what must hold."""

    name: str
    label: str
    sources: frozenset[ShiftState]
    target: ShiftState
    guards: tuple[Guard, ...]
    paragraph: str


def _problem(text: str, **params: object) -> Problem:
    return Problem("", text, tuple(params.items()))


def _list(halls: tuple[str, ...]) -> str:
    return ", ".join(halls[:8]) + (" …" if len(halls) > 8 else "")


def _before_last_closed(f: ShiftFacts) -> Iterator[Problem]:
    other = f.state_of(f.number - 2)
    if other not in (None, ShiftState.CLOSED):
        yield _problem(N_("Shift {other} must be closed before shift {n} (p.44)."), other=f.number - 2, n=f.number)


def _two_open(f: ShiftFacts) -> Iterator[Problem]:
    others = [n for n, state in f.states.items() if state in OPEN_STATES and n != f.number]
    if len(others) >= MAX_OPEN:
        yield _problem(N_("Shifts {shifts} are open; no more than two may be open at a time (p.44)."),
                       shifts=", ".join(map(str, sorted(others))))  # fmt: skip


def _one_a_day(f: ShiftFacts) -> Iterator[Problem]:
    for other, day in sorted(f.opened_on.items()):
        if other != f.number and day == f.today:
            yield _problem(
                N_("Shift {other} was opened today; an operational day has one shift (p.35-36)."), other=other
            )


def _exam_day(f: ShiftFacts) -> Iterator[Problem]:
    if f.today < f.exam_date:
        yield _problem(N_("The exam of shift {n} is on {day} (p.35, 36)."), n=f.number,
                       day=f.exam_date.strftime("%d.%m.%Y"))  # fmt: skip


def _ready(f: ShiftFacts) -> Iterator[Problem]:
    if f.readiness_missing:
        yield _problem(N_("The report of readiness is not signed, nor has the representative written down why "
                          "shift {n} opens without it (p.29)."), n=f.number)  # fmt: skip


def _previous_announced(f: ShiftFacts) -> Iterator[Problem]:
    previous = f.state_of(f.number - 1)
    if previous is not None and not reached(previous, ShiftState.RESULTS):
        yield _problem(N_("The results of shift {other} are not announced yet (p.35-36)."), other=f.number - 1)


def _seal(f: ShiftFacts) -> Iterator[Problem]:
    if not f.has_seal:
        yield _problem(N_("The centre's sealed secret for shift {n} is not loaded (p.30)."), n=f.number)


def _places(f: ShiftFacts) -> Iterator[Problem]:
    if not f.halls:
        yield _problem(N_("No students are allotted to shift {n} (p.23)."), n=f.number)
    if f.halls_without_variants:
        yield _problem(N_("Halls without a variant distribution: {halls} (p.26)."),
                       halls=_list(f.halls_without_variants))  # fmt: skip
    yield from f.size_problems


def _corrections(f: ShiftFacts) -> Iterator[Problem]:
    if f.corrections_due:
        yield _problem(N_("{n} lines of the list of wrong data are not entered (p.30)."), n=f.corrections_due)


def _scanned(f: ShiftFacts) -> Iterator[Problem]:
    if f.halls_not_scanned:
        yield _problem(N_("Not scanned twice: halls {halls} (p.38)."), halls=_list(f.halls_not_scanned))


def _identified(f: ShiftFacts) -> Iterator[Problem]:
    if f.doubtful_marks:
        yield _problem(N_("{n} doubtful marks are not decided (p.38)."), n=f.doubtful_marks)
    if f.open_lines:
        yield _problem(N_("{n} lines of the identification protocols are open (p.38)."), n=f.open_lines)
    if f.halls_not_balanced:
        yield _problem(N_("The numbers of these halls do not agree: {halls} (p.34, 38)."),
                       halls=_list(f.halls_not_balanced))  # fmt: skip
    if f.halls_without_last_protocol:
        yield _problem(N_("The last version of the protocol is not issued: halls {halls} (p.38)."),
                       halls=_list(f.halls_without_last_protocol))  # fmt: skip


def _key(f: ShiftFacts) -> Iterator[Problem]:
    if not f.has_key:
        yield _problem(N_("The centre's sealed key for shift {n} is not loaded (p.39)."), n=f.number)


def _marks_unchanged(f: ShiftFacts) -> Iterator[Problem]:
    if not f.marks_unchanged:
        yield _problem(N_("The marks differ from those that were closed and signed (p.39). Call the testing centre."))


def _scored(f: ShiftFacts) -> Iterator[Problem]:
    if f.students_not_scored:
        yield _problem(N_("{n} students have no points yet (p.39)."), n=f.students_not_scored)
    if not f.results_before_printed:
        yield _problem(N_("The result sheets before the appeal are not printed (p.39)."))


def _appeals_decided(f: ShiftFacts) -> Iterator[Problem]:
    if not f.deadline_passed:
        yield _problem(N_("Applications are taken until {until} (p.41)."), until=f.appeal_deadline)
    if f.appeals_pending:
        yield _problem(N_("{n} applications have no decision (p.44)."), n=f.appeals_pending)
    if f.appeals_contradicting:
        yield _problem(N_("{n} items were given to one student by an automatic ground and refused to another (p.43)."),
                       n=f.appeals_contradicting)  # fmt: skip


def _next_announced(f: ShiftFacts) -> Iterator[Problem]:
    following = f.state_of(f.number + 1)
    if following is not None and not reached(following, ShiftState.RESULTS):
        yield _problem(N_("First announce the results of shift {other}: the order of p.36."), other=f.number + 1)


def _appeal_papers(f: ShiftFacts) -> Iterator[Problem]:
    if not f.register_printed:
        yield _problem(N_("The last register of appeal applications is not printed (p.44)."))
    if not f.minutes_printed:
        yield _problem(N_("The minutes of the appeal commission are not printed (p.44)."))
    if not f.results_after_printed:
        yield _problem(N_("The result sheets with the appeal are not printed (p.45)."))


def _move(name: str, label: str, target: ShiftState, paragraph: str, *guards: Guard) -> Move:
    return Move(name, label, frozenset({ORDER[ORDER.index(target) - 1]}), target, guards, paragraph)


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _move("draw-seats", N_("Draw the seats"), ShiftState.SEATED, "p.30",
              _before_last_closed, _previous_announced, _seal, _places, _corrections),
        _move("open", N_("Open the shift"), ShiftState.OPEN, "p.35, p.36, p.44",
              _ready, _before_last_closed, _two_open, _previous_announced, _exam_day, _one_a_day),
        _move("close-identification", N_("Confirm that identification is finished"), ShiftState.IDENTIFIED,
              "p.38, p.39", _scanned, _identified),
        _move("open-key", N_("Open the answer key"), ShiftState.KEY_OPEN, "p.39", _key, _marks_unchanged),
        _move("announce", N_("Announce the results"), ShiftState.RESULTS, "p.39, p.41", _marks_unchanged, _scored),
        _move("close-appeal", N_("Close the appeal"), ShiftState.APPEAL_CLOSED, "p.44",
              _appeals_decided, _next_announced),
        _move("close", N_("Close the shift"), ShiftState.CLOSED, "p.44, p.45", _appeal_papers),
    )
}  # fmt: skip


def obstacles(move: str | Move, facts: ShiftFacts) -> list[Problem]:
    """Why `move` cannot be made now, in words; empty when it can. A wrong state alone is said alone."""
    chosen = MOVES[move] if isinstance(move, str) else move
    if facts.state not in chosen.sources:
        return [_wrong_state(chosen, facts)]
    return [problem for guard in chosen.guards for problem in guard(facts)]


def _wrong_state(move: Move, facts: ShiftFacts) -> Problem:
    """Made already, or which move is to be made first."""
    known = {"n": facts.number, "state": STATE_LABELS[facts.state]}
    if reached(facts.state, move.target):
        return _problem(N_("Already done: shift {n} is at «{state}»."), **known)
    first = next(other for other in MOVES.values() if facts.state in other.sources)
    return _problem(N_("Shift {n} is at «{state}»; first comes «{first}» (p.{paragraphs})."), **known,
                    first=first.label, paragraphs=first.paragraph.replace("p.", ""))  # fmt: skip


def refuse_unless_open(move: str, facts: ShiftFacts) -> Move:
    """The move, or OutOfOrder with every reason and the paragraph."""
    found = obstacles(move, facts)
    if found:
        raise OutOfOrderList(MOVES[move], found)
    return MOVES[move]


class OutOfOrderList(OutOfOrder):
    """A move that is closed; `problems` are its reasons."""

    def __init__(self, move: Move, problems: list[Problem]) -> None:
        paragraphs = move.paragraph.replace("p.", "")
        super().__init__(N_("«{label}» is not possible now (p.{paragraphs})."), label=move.label, paragraphs=paragraphs)
        self.move, self.problems = move, tuple(problems)

    def message(self, lang: str) -> str:
        """The move and each reason."""
        return " ".join([super().message(lang), *(problem.message(lang) for problem in self.problems)])
