"""Walks through every place of a scenario that go on where the last call stopped: for `kills` and `io_errors`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from tests.faults.runs import Templates
from tests.faults.scenario import Scenario
from tests.faults.syscalls import Operation
from tests.faults.trials import seen
from tests.faults.walks import Walk, Way
from tests.long.runner import Tally

_SAVED_EVERY = 200


class Walked:
    """A walk by several ways, and where it has been by each; `tallies` says where each way is counted."""

    def __init__(self, tallies: Mapping[Way, Tally], end: float, *, first: bool = False) -> None:
        self._tallies, self._ways, self._end, self._first = tallies, list(tallies), end, first
        self._been: dict[Way, set[int]] = {}
        self._kinds: dict[Way, set[Operation]] = {way: set() for way in tallies}
        self._totals: dict[Way, int] = {}
        self._here = 0

    def through(self, templates: Templates, scenario: Scenario, run: Path) -> None:
        """Walk; every place that was not passed before, or one of each kind and file of them (`first`)."""
        found = seen(templates, scenario, run)
        self._totals = {way: sum(map(way.counts, found)) for way in self._ways}
        self._been = {way: self._tallies[way].covered(way.name, total) for way, total in self._totals.items()}
        if all(len(self._been[way]) == total for way, total in self._totals.items()):
            return
        walk = Walk(templates, scenario, run, self._ways, self._wanted, self._passed)
        walk.go()
        self._totals = {way: len(operations) for way, operations in walk.operations.items()}
        for tally in self._files():
            tally.looked(len(walk.outcomes))
        self._keep()

    def _wanted(self, way: Way, place: int, operation: Operation) -> bool:
        if place in self._been[way] or time.monotonic() >= self._end:
            return False
        return not self._first or operation not in self._kinds[way]

    def _passed(self, way: Way, place: int, operation: Operation, wrong: str) -> None:
        self._tallies[way].add(way.name, f"{place} {operation.name} {operation.path}", wrong)
        self._kinds[way].add(operation)
        self._here += 1
        if not wrong:  # else a mend is wanted: it is tried again next time
            self._been[way].add(place)
        if self._here % _SAVED_EVERY == 0:
            self._keep()

    def _keep(self) -> None:
        for way, total in self._totals.items():
            self._tallies[way].walked(way.name, total, {place for place in self._been[way] if place < total})
        for tally in self._files():
            tally.save()

    def _files(self) -> list[Tally]:
        return list({tally.path: tally for tally in self._tallies.values()}.values())
