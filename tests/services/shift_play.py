"""Where shifts are played at random: the workplace and the model beside it, how a step is tried, what must hold.

Every step is tried whether it is allowed or not, and program and model must say the same: what the model allows is
done, what it forbids is refused as an order error (exit code 6, or 5 for a password, 3 for a field or a right) whose
words name the paragraph. After every step all moves of all shifts are compared, and what the tables hold.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import EXIT_ORDER, UserError
from mab_desktop.domain.operational_day import SeasonFacts, StepState, operational_day
from mab_desktop.domain.shift import obstacles
from mab_desktop.services import (
    appeals,
    results,
    shifts,
    step_copies,
)
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.exam import AnswerSheet, Decision, Seat
from mab_desktop.storage.tables.results import Appeal, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Student, WrongData
from tests.conftest import KEY as DATABASE_KEY
from tests.services import shift_model as m
from tests.services.exam_room import (
    FIRST_DAY,
    Room,
)
from tests.services.shift_model import HallLife, SeasonLife, Seated, ShiftLife
from tests.services.shift_stand import HALLS, SHIFTS

Score = tuple[list[int], list[int], int, int]
PARAGRAPH = re.compile(r"p\.\d\d")


def _refusal_of(act: Callable[[], Any]) -> UserError | None:
    """Why it was not done; None when it was."""
    try:
        act()
    except UserError as error:
        return error
    return None


class Stand(RuleBasedStateMachine):
    """One season: its database, its clock, what the model thinks of it."""

    template: Context
    folder: Path
    steps: Counter[str]
    number = 0

    @initialize(far=st.integers(0, 110), seed=st.integers(0, 2**20))
    def begin(self, far: int, seed: int) -> None:
        """The eve of the first shift, and from there `far` steps the right way."""
        Stand.number += 1
        self.place = self.folder / f"season-{Stand.number}"
        self.place.mkdir(parents=True)
        self.picture = self.place / "page.png"
        self.picture.write_bytes(b"a picture of a page")
        shutil.copy(self.template.store.path, self.place / "mab.db")
        self.clock = SetClock(datetime(2011, 5, 9, 15, tzinfo=UTC))
        self.chance = random.Random(seed)
        self.opened = 0
        self.room = Room(self._open(), self.place)
        self._learn()
        for _ in range(far):
            self._go_on()

    def _open(self) -> Context:
        self.opened += 1
        store = Store(self.place / "mab.db", DATABASE_KEY, self.clock)
        return replace(
            self.template, store=store, clock=self.clock, entropy=SeededEntropy(f"{self.place.name}-{self.opened}")
        )

    def _learn(self) -> None:
        """What the centre's file says: shifts, halls, students, lines of wrong data; the commission's list."""
        halls: dict[int, dict[str, HallLife]] = {}
        with self.ctx.store.read() as session:
            for a in session.scalars(select(Allotment)):
                hall = halls.setdefault(a.shift, {}).setdefault(a.hall, HallLife(a.hall, stack=HALLS[a.hall] + 3))
                hall.seated[a.student] = Seated(a.student, a.code, 0, "")
            wrong = {row.id: row.applied_at is not None for row in session.scalars(select(WrongData))}
        days = {n: FIRST_DAY + timedelta(days=n - 1) for n in halls}
        self.life = SeasonLife({n: ShiftLife(n, days[n], found) for n, found in sorted(halls.items())}, wrong)
        self.life.members = [member.id for member in appeals.members(self.ctx)]
        self.drawn: dict[int, dict[tuple[str, int], str]] = {}
        self.tries: Counter[str] = Counter()

    @property
    def ctx(self) -> Context:
        """The programmer at his PC."""
        return self.room.ctx

    @property
    def now(self) -> datetime:
        """The clock without reading it."""
        return self.clock.moment

    def teardown(self) -> None:
        """Let go of the database and the disk."""
        if hasattr(self, "room"):
            assert self.ctx.store.verify_log() is None
            self.ctx.store.close()
            shutil.rmtree(self.place)

    # -- trying

    def _try(self, what: str, forbidden: str, act: Callable[[], Any]) -> bool:
        """Do it where it is allowed, and have it refused where it is not; tells whether it was done."""
        self.steps[what] += 1
        head = self.ctx.store.log_head()
        refusal = _refusal_of(act)
        if refusal is None:
            assert not forbidden, f"{what} is forbidden by {forbidden} but was done"
            return True
        words = refusal.message("en")
        self.steps[f"{what}: refused"] += 1
        assert forbidden, f"{what} is allowed but was refused: {words}"
        code = EXIT_ORDER if forbidden.startswith("p.") else int(forbidden)
        assert refusal.exit_code == code, f"{what} ({forbidden}): exit code {refusal.exit_code}: {words}"
        assert code != EXIT_ORDER or PARAGRAPH.search(words), f"{what} ({forbidden}) names no paragraph: {words}"
        assert self.ctx.store.log_head() == head, f"{what} was refused and left something behind"
        return False

    def _shift(self, data: st.DataObject) -> ShiftLife:
        return self.life.shifts[data.draw(st.sampled_from(sorted(self.life.shifts)))]

    def _hall(self, data: st.DataObject) -> tuple[ShiftLife, HallLife]:
        s = self._busy(data)
        return s, s.halls[data.draw(st.sampled_from(sorted(s.halls)))]

    def _busy(self, data: st.DataObject) -> ShiftLife:
        """A shift on which there is work, more often than another."""
        busy = [n for n, s in self.life.shifts.items() if m.SEATED <= s.state < m.CLOSED]
        chosen = busy if busy and data.draw(st.integers(0, 3)) else sorted(self.life.shifts)
        return self.life.shifts[data.draw(st.sampled_from(chosen))]

    # -- time and machines

    @rule(hours=st.sampled_from([1, 3, 24]))
    def time_goes_by(self, hours: int) -> None:
        """An hour, a morning, a night."""
        self.steps["time"] += 1
        at = self.now.replace(minute=20, second=0) + timedelta(hours=hours)
        self.clock.set(at.replace(hour=9) if hours == 24 else at)

    @rule()
    def restart(self) -> None:
        """The program is closed and opened on the same file."""
        self.steps["restart"] += 1
        assert self.ctx.store.verify_log() is None
        self.ctx.store.close()
        self.room.ctx = self._open()

    @rule()
    def step_copy(self) -> None:
        """The copy for the reserve PC: made where something was done, and whole."""
        self.steps["copy"] += 1
        made = step_copies.after_step(self.ctx)
        assert made is None or made.exists()
        assert step_copies.after_step(self.ctx) is None

    @rule(steps=st.integers(1, 6))
    def as_the_day_asks(self, steps: int) -> None:
        """Some of the next steps, made rightly."""
        for _ in range(steps):
            self._go_on()

    # -- what must always hold

    @invariant()
    def moves_agree(self) -> None:
        """What is lit and what is closed is the same in the program, its day page and the model."""
        if not hasattr(self, "life"):
            return
        lit, known = set(), {}
        for n, s in self.life.shifts.items():
            facts = known[n] = shifts.shift_facts(self.ctx, n)
            assert facts.state == m.NAMES[s.state]
            for move in m.MOVES:
                found, forbidden = obstacles(move, facts), self.life.why_not(move, n, self.now)
                assert bool(found) == bool(forbidden), (n, move, forbidden, [p.message("en") for p in found])
                lit |= set() if found else {(n, move)}
        day = operational_day(SeasonFacts(known))
        shown = {(x.shift, x.step.move) for x in day.lines if x.state is StepState.POSSIBLE and x.step.move}
        assert shown <= lit

    @invariant()
    def two_neighbours_are_open_at_most(self) -> None:
        """p.44."""
        still = [n for n, s in getattr(self, "life", SeasonLife({})).shifts.items() if s.state in m.OPENISH]
        assert len(still) <= 2
        assert len(still) < 2 or still[1] - still[0] == 1

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """Seats as drawn; each student present, absent or removed; each sheet of one student; points counted again."""
        if not hasattr(self, "life"):
            return
        with self.ctx.store.read() as session:
            seats: dict[int, dict[tuple[str, int], str]] = {}
            for row in session.scalars(select(Seat)):
                seats.setdefault(row.shift, {})[row.hall, row.seat] = row.student
            assert seats == self.drawn
            sheets = set(session.scalars(select(AnswerSheet.serial)))
            assert sheets == {x for s in self.life.shifts.values() for h in s.halls.values() for x in h.sheets()}
            students = session.scalar(select(func.count()).select_from(Student))
            assert students == SHIFTS * sum(HALLS.values())
            rows = {
                row.student: (list(row.before), list(row.added), row.total_before, row.total_after)
                for row in session.scalars(select(ScoreRow))
            }
            lines = Counter(session.scalars(select(Appeal.student)))
            assert all(count == 1 for count in lines.values())
            absent = Counter(session.scalars(select(Decision.student).where(
                Decision.kind == "absent", Decision.undone_at.is_(None))))  # fmt: skip
            assert all(count == 1 for count in absent.values())
        for s in self.life.shifts.values():
            self._agrees(s, rows, absent)

    def _agrees(self, s: ShiftLife, rows: dict[str, Score], absent: Counter[str | None]) -> None:
        owners, all_seated = s.owners(), {x for h in s.halls.values() for x in h.seated}
        if s.state >= m.IDENTIFIED:
            gone = {x for x in all_seated if absent[x]}
            assert not gone & set(owners), "a student is absent and has a sheet"
            assert gone | set(owners) == all_seated, "a student is neither present nor absent"
        scored = {x for x in all_seated if x in rows}
        assert scored == (set(owners) if s.scored else set())
        for student in scored:
            before, added = self.life.points(s, student)
            assert rows[student] == (before, added, sum(before), sum(before) + sum(added))
        if s.state >= m.KEY:
            here = {line.student: line.presence.value for line in results.results(self.ctx, s.number)}
            assert here == {
                x: "removed" if x in s.removed else "present" if x in owners else "absent" for x in all_seated
            }

