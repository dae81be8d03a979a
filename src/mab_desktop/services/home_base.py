"""What the base university's home page tells: the steps of p.17-25 with their states, what is next, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.board import ITEMS, CellState
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services import base_board, commission, duties, passes, plan_of_work, received_results
from mab_desktop.services.context import Context, require
from mab_desktop.services.duties import DutyStanding
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut


class StepState(StrEnum):
    """How a step of the season stands."""

    DONE = "done"
    DUE = "due"
    LATE = "late"
    OPEN = "open"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class HomeStep:
    """A step of the base university: `done` of `total`, its last day, why it is closed; `page` does it."""

    key: str
    title: str
    paragraph: str
    page: str
    due: date | None
    done: int
    total: int
    state: StepState
    reason: Problem | None = None


@dataclass(frozen=True, slots=True)
class BaseHome:
    """The home page's facts."""

    today: date
    steps: tuple[HomeStep, ...]
    universities: int
    students: int
    received: int
    allotted: int
    numbered: int
    stubs: int

    @property
    def next_step(self) -> HomeStep | None:
        """The first step that can be done now: what is late first, then in the order of the paper."""
        waiting = [step for step in self.steps if step.state in (StepState.LATE, StepState.DUE, StepState.OPEN)]
        return next((step for step in waiting if step.state is StepState.LATE), waiting[0] if waiting else None)

    @property
    def late(self) -> int:
        """How many steps are late."""
        return sum(step.state is StepState.LATE for step in self.steps)

    @property
    def hindrances(self) -> tuple[HomeStep, ...]:
        """Steps that are late, then those that are closed, in order."""
        late = [step for step in self.steps if step.state is StepState.LATE]
        return (*late, *(step for step in self.steps if step.state is StepState.BLOCKED))


def base_home(ctx: Context) -> BaseHome:
    """Everything the base university's home page shows."""
    require(ctx, Role.BASE_UNI)
    today, year = ctx.clock.now().date(), ctx.season.year
    lines = base_board.board(ctx)
    complete = base_board.completeness(ctx)
    counts = passes.counts(ctx)
    with ctx.store.read() as session:
        sent = {kind: _sent(session, kind) for kind in ("statistics", "base-students", "passes", "wrong-data",
                                                        "hand-over")}  # fmt: skip
        final = _came(session, "final-students")
        given, results = received_results.handed_on(session)
    allotted, numbered = sum(c.allotted for c in counts), sum(c.numbered for c in counts)
    total = len(lines)

    def board_step(item: str, page: str = "board") -> HomeStep:
        cells = [line.cells[item] for line in lines]
        done = sum(cell.state in (CellState.DONE, CellState.LATE_DONE) for cell in cells)
        spec = ITEMS[item]
        due = spec.due(year)
        return HomeStep(item, spec.label, spec.paragraph, page, due, done, total, _state(done, total, due, today))

    def step(
        key: str, title: str, paragraph: str, page: str, done: int, of: int, due: date | None = None,
        blocked: Problem | None = None,
    ) -> HomeStep:  # fmt: skip
        state = _state(done, of, due, today)
        if blocked is not None and state is not StepState.DONE:
            state = StepState.BLOCKED
        return HomeStep(key, title, paragraph, page, due, done, of, state, blocked)

    not_complete = None
    if not complete.complete and not complete.reason:
        not_complete = Problem("", N_("{received} of {expected} databases have come, {confirmed} are signed."),
                               (("received", len(complete.received)), ("expected", total),
                                ("confirmed", len(complete.confirmed))))  # fmt: skip
    no_final = None if final else Problem("", N_("The final database has not come from the centre yet (p.23)."))
    no_numbers = no_final or (None if numbered else Problem("", N_("The passes are not numbered yet.")))
    people = commission.problems(ctx)
    steps: tuple[HomeStep, ...] = (
        board_step("program", "register"), board_step("training", "trainings"), board_step("preliminary1"),
        board_step("preliminary2"), board_step("database"),
        board_step("confirmed", "acceptance"),
        step("send-database", N_("Databases and final statistics to the centre"), "p.23", "centre",
             min(sent["base-students"], sent["statistics"], 1), 1, date(year, 4, 14), not_complete),
        step("final-database", N_("Final database from the centre"), "p.23", "final", int(final), 1, None,
             None if sent["base-students"] else Problem("", N_("The database has not gone to the centre yet."))),
        step("number-passes", N_("Number and print the passes"), "p.24", "passes", numbered, max(allotted, 1), None,
             no_final),
        step("send-passes", N_("Passes, registers and hall lists to the network universities"), "p.24", "passes",
             min(sent["passes"], max(len(counts), 1)), max(len(counts), 1), None, no_numbers),
        board_step("wrong-data", "wrong_data"),
        step("commission", N_("State commission"), "p.6", "commission", int(not people), 1),
        step("duty", N_("Duty officers by hall"), "p.24", "duty_officers", int(bool(commission.duty_officers(ctx))), 1),
        board_step("stubs", "stubs"),
        step("hand-over", N_("Hand-over to the ministry representative"), "p.24", "hand_over",
             min(sent["hand-over"], 1), 1, None, no_numbers or (people[0] if people else None)),
    )  # fmt: skip
    if results:  # before they came there is nothing to hand on
        steps += (step("results", N_("Hand the results on to the network universities"), "p.44", "results", given,
                       results),)  # fmt: skip
    steps += (_fourteen(ctx), *_plan(ctx, today))
    return BaseHome(today, steps, total, sum(line.students for line in lines), len(complete.received), allotted,
                    numbered, sum(c.stubs for c in counts))  # fmt: skip


def _fourteen(ctx: Context) -> HomeStep:
    """The duties of p.6, late where one of them is; the page itself says which can be confirmed."""
    lines = duties.duties(ctx)
    done = sum(line.standing is DutyStanding.DONE for line in lines)
    late = [line.due for line in lines if line.standing is DutyStanding.LATE and line.due]
    state = StepState.DONE if done == len(lines) else StepState.LATE if late else StepState.OPEN
    words = N_("Done: {done} of {total}. Late: {late}.")
    reason = Problem("", words, (("done", done), ("total", len(lines)), ("late", len(late)))) if late else None
    return HomeStep("duties", N_("Fourteen duties"), "p.6", "duties", min(late, default=None), done, len(lines), state,
                    reason)  # fmt: skip


def _plan(ctx: Context, today: date) -> tuple[HomeStep, ...]:
    """The commission's plan of work, once it has lines: due on the day of the first that is not done."""
    lines = plan_of_work.lines(ctx)
    if not lines:
        return ()
    waiting = [line["due"] for line in lines if not line["done_on"]]
    due, done = min(waiting, default=lines[-1]["due"]), len(lines) - len(waiting)
    late = sum(day < today for day in waiting)
    reason = Problem("", N_("Late lines of the plan: {n}"), (("n", late),)) if late else None
    state = _state(done, len(lines), due, today)
    return (HomeStep("plan", N_("Plan of work"), "p.6", "plan", due, done, len(lines), state, reason),)


def _state(done: int, total: int, due: date | None, today: date) -> StepState:
    if total and done >= total:
        return StepState.DONE
    if due is None:
        return StepState.OPEN
    if today > due:
        return StepState.LATE
    return StepState.DUE if (due - today).days <= 7 else StepState.OPEN


def _sent(session: Session, kind: str) -> int:
    """To how many organisations files of a kind were written."""
    query = select(func.count(func.distinct(CarrierOut.recipient))).where(CarrierOut.kind == kind)
    return session.scalar(query.where(CarrierOut.state != "built")) or 0


def _came(session: Session, kind: str) -> bool:
    return bool(session.scalar(select(func.count()).select_from(CarrierIn).where(CarrierIn.kind == kind)))
