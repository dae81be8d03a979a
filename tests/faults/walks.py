"""A walk through all file operations of one run of a scenario: at each an error, or the end of the process.

Each place is really failed or killed, in a copy of the run made there (tests/faults/branches.py). Copies that leave
the same are looked at once: the same files byte for byte, the same acknowledgements. "The same call works afterwards"
is tried once for copies that besides were refused in the same words, came to it by the same lines of the program, and
have the same files open at the same positions. How many different outcomes were looked at is counted.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.alone import be_alone
from tests.faults.branches import Refused, Trunk
from tests.faults.clear import left_in_clear
from tests.faults.runs import Ended, Templates, checked
from tests.faults.scenario import Scenario
from tests.faults.syscalls import Operation, Plan
from tests.faults.trials import fail_there, kill_at_change


@dataclass(frozen=True)
class Way:
    """What happens at a place: the error `number`, once or `for_good`, or SIGKILL where it is 0."""

    name: str
    number: int = 0
    for_good: bool = False

    def counts(self, operation: Operation) -> bool:
        """Whether it can be there: a full disk refuses what needs room; a kill at a read is one at the next change."""
        if not self.number:
            return operation.changes
        return self.number != errno.ENOSPC or operation.needs_room


KILLED = Way("commit-points")
FAILED = tuple(
    Way(f"{name} {how}", number, how == "for good")
    for how in ("once", "for good")
    for name, number in (("EIO", errno.EIO), ("ENOSPC", errno.ENOSPC))
)


@dataclass
class Walk:
    """Through one run. `wanted` says whether a place is passed in a way, `passed` hears what was wrong there."""

    templates: Templates
    scenario: Scenario
    folder: Path
    ways: Sequence[Way]
    wanted: Callable[[Way, int, Operation], bool]
    passed: Callable[[Way, int, Operation, str], None]
    operations: dict[Way, list[Operation]] = field(default_factory=dict)
    outcomes: dict[Hashable, str] = field(default_factory=dict)  # what is wrong with each, "" for nothing
    replayed: dict[Way, list[int]] = field(default_factory=dict)  # where no copy could be made

    def go(self) -> None:
        """Walk to the end of the run; where it has threads of its own, each place is a run of its own."""
        self.operations, self.replayed = {way: [] for way in self.ways}, {way: [] for way in self.ways}
        folder = self.templates.copy(self.scenario, self.folder)
        self._trunk = Trunk(self.scenario, folder, folder.with_name(f"{folder.name}-keep"), self._stop)
        ended = self._trunk.run()
        wrong = ended.bug or "".join(ended.refused) or checked(self.scenario, folder, ended.said, to_the_end=True)
        if wrong or not ended.said:
            raise AssertionError(f"{self.scenario.name} fails undisturbed: {wrong}")
        for way, places in self.replayed.items():
            for place in places:
                if self.wanted(way, place, self.operations[way][place]):
                    self._replay(way, place)

    def _stop(self, operation: Operation) -> None:
        for way in self.ways:
            if not way.counts(operation):
                continue
            place = len(self.operations[way])
            self.operations[way].append(operation)
            if not self.wanted(way, place, operation):
                continue
            if self._trunk.alone:
                self.passed(way, place, operation, self._branch(way, operation))
            else:
                self.replayed[way].append(place)

    def _branch(self, way: Way, operation: Operation) -> str:
        plan = Plan(0, way.number, way.for_good, kill=not way.number, spared=self.scenario.spared)
        before: list[Hashable] = []

        def goes_on(refused: Refused) -> bool:
            if way.for_good:
                return False
            before.append(refused)
            return refused not in self.outcomes

        def look(ended: Ended) -> str:
            if before and before[0] in self.outcomes:
                return self.outcomes[before[0]]
            wrong = self._looked(way, ended)
            if before:
                self.outcomes[before[0]] = wrong
            return wrong

        wrong = self._trunk.branch(plan, goes_on, look)
        return f"{operation}\n{wrong}" if wrong else ""

    def _looked(self, way: Way, ended: Ended) -> str:
        if ended.bug or (ended.killed and way.number):
            return ended.bug or f"killed by signal {ended.killed}"
        if ended.refused and not way.number:
            return f"refused before it was killed: {ended.refused}"
        to_the_end = way.for_good or not way.number  # what failed once was done again in the same life, to its end
        files = self._trunk.stand.digest()
        wrong = "" if way.number else self._once(("clear", files), lambda: left_in_clear(self.folder))
        wrong = wrong or self._once(
            (files, ended.said, to_the_end),
            lambda: checked(self.scenario, self.folder, ended.said, to_the_end=to_the_end, before=be_alone),
        )
        return f"{ended.refused}\n{wrong}" if wrong else ""

    def _once(self, outcome: Hashable, look: Callable[[], str]) -> str:
        if outcome not in self.outcomes:
            self.outcomes[outcome] = look()
        return self.outcomes[outcome]

    def _replay(self, way: Way, place: int) -> None:
        if way.number:
            wrong, what = fail_there(
                self.templates, self.scenario, self.folder, place, way.number, for_good=way.for_good
            )
        else:
            wrong, what = kill_at_change(self.templates, self.scenario, self.folder, place)
        if what:  # else this run had fewer operations: it is tried again by the next call
            self.passed(way, place, self.operations[way][place], wrong)
