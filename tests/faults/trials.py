"""Trials: one scenario, one thing that goes wrong, and the look at what is left. "" is a pass, else what is wrong."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from tests.faults.clear import left_in_clear
from tests.faults.runs import Child, Ended, Templates, acting, checked
from tests.faults.scenario import Scenario
from tests.faults.syscalls import Operation, Plan, Watched

NAMES = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}


def kill_in_time(templates: Templates, scenario: Scenario, folder: Path, seconds: float) -> str:
    """SIGKILL so many seconds after the beginning."""
    child = Child(acting(scenario, templates.copy(scenario, folder)))
    if not child.wait(seconds):
        child.kill()
    ended = child.end()
    return _judged(scenario, folder, ended)


def _judged(scenario: Scenario, folder: Path, ended: Ended) -> str:
    """What a killed run left: nothing in clear, nothing lost, and the work can be done to the end."""
    met = ended.bug or "".join(ended.refused) or left_in_clear(folder)
    return met or checked(scenario, folder, ended.said, to_the_end=True)


def kill_at(templates: Templates, scenario: Scenario, folder: Path, index: int) -> str:
    """SIGKILL in the place of file operation `index`."""
    return _killed(templates, scenario, folder, Plan(index, kill=True, spared=scenario.spared))


def kill_at_change(templates: Templates, scenario: Scenario, folder: Path, index: int) -> tuple[str, str]:
    """SIGKILL in the place of change `index`, and what that was; "" where this run made fewer changes."""
    plan = Plan(index, kill=True, spared=scenario.spared, changing=True)
    wrong = _killed(templates, scenario, folder, plan)
    return wrong, f"{plan.seen[index].name} {plan.seen[index].path}" if plan.met else ""


def _killed(templates: Templates, scenario: Scenario, folder: Path, plan: Plan) -> str:
    ended = Watched(acting(scenario, templates.copy(scenario, folder)), folder, plan).run()
    return _judged(scenario, folder, ended)


def changes(templates: Templates, scenario: Scenario, folder: Path) -> Sequence[Operation]:
    """The changes of files that an undisturbed run makes: its commit points, and the writes between them."""
    return [operation for operation in seen(templates, scenario, folder) if operation.changes]


def operations(templates: Templates, scenario: Scenario, folder: Path, number: int = 0, under: str = "") -> int:
    """How many file operations an undisturbed run makes; for ENOSPC those that need room."""
    return len(seen(templates, scenario, folder, number, under))


def seen(
    templates: Templates, scenario: Scenario, folder: Path, number: int = 0, under: str = ""
) -> Sequence[Operation]:  # fmt: skip
    """The file operations of an undisturbed run, in their order; for ENOSPC those that need room."""
    known = f"{scenario.name}/{under}"
    if known not in templates.operations:
        plan = Plan(spared=scenario.spared)
        ended = Watched(acting(scenario, templates.copy(scenario, folder)), folder / under, plan).run()
        wrong = ended.bug or "".join(ended.refused) or checked(scenario, folder, ended.said, to_the_end=True)
        if wrong or not ended.said:
            raise AssertionError(f"{scenario.name} fails undisturbed: {wrong}")
        templates.operations[known] = plan.seen
    found = templates.operations[known]
    return [operation for operation in found if operation.needs_room] if number == errno.ENOSPC else found


def fail_at(
    templates: Templates, scenario: Scenario, folder: Path, index: int, number: int, *, for_good: bool, under: str = ""
) -> str:  # fmt: skip
    """An error at file operation `index`, once or from there on: told in words, nothing lost, the rest can be done.

    Only operations in the folder `under` count, where it is given: it then is the drive that fails.
    """
    plan = Plan(index, number, for_good, spared=scenario.spared)
    return _failed(templates, scenario, folder, plan, under)


def fail_there(
    templates: Templates, scenario: Scenario, folder: Path, index: int, number: int, *, for_good: bool
) -> tuple[str, str]:  # fmt: skip
    """The same, and which operation failed; "" where this run made fewer of them."""
    plan = Plan(index, number, for_good, spared=scenario.spared)
    wrong = _failed(templates, scenario, folder, plan)
    return wrong, f"{plan.seen[index].name} {plan.seen[index].path}" if plan.met else ""


def _failed(templates: Templates, scenario: Scenario, folder: Path, plan: Plan, under: str = "") -> str:
    job = acting(scenario, templates.copy(scenario, folder), again=None if plan.for_good else _nothing)
    ended = Watched(job, folder / under, plan).run()
    at = plan.seen[plan.index] if plan.met else "never met"
    if ended.bug:
        return f"{at}\n{ended.bug}"
    if ended.killed:
        return f"killed by signal {ended.killed}"
    # What failed once was done again in the same life, to its end.
    wrong = checked(scenario, folder, ended.said, to_the_end=plan.for_good)
    return f"{at} {ended.refused}\n{wrong}" if wrong else ""


def _nothing() -> None:
    """The fault was there only once: it is gone already."""
