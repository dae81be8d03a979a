"""Three operators' PCs and the programmer's: records typed, corrected, deleted, carried in any order, lost, repeated.

The model knows one thing: every value that ever stood or waited on a PC. None of them may be gone there, whatever
happens afterwards; and when everything was carried and every question answered, all PCs hold the same records.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.merge import TRACKED, tracked_text
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.student import control_sum
from mab_desktop.services import conflicts, duplicates, students
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived
from mab_desktop.services.merge import STORED
from mab_desktop.services.students import StudentRow
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.network import Conflict
from mab_desktop.storage.tables.students import StudentChange
from tests.conftest import KEY
from tests.services.people import arrive, collect, student, take

MAIN, OPERATORS = "main", ("op1", "op2", "op3")
PORTION, CORRECTIONS = "operator-portion", "operator-corrections"
VALUES = {
    "surname": ("Ахметов", "Ахмедов", "Асанов", "Әлиев"), "course": ("1", "2", "3", "4"),
    "record_book": ("09-1", "09-2", "09-3"), "patronymic": ("Серікұлы", None),
}  # fmt: skip
TAKEN = ("surname", "record_book", "photos", "patronymic")
Known = set[tuple[str, str, str | None]]
some = st.integers(0, 11)


@dataclass(frozen=True)
class Carrier:
    """What lies on a drive, for as long as anybody keeps it."""

    kind: str
    arrived: Arrived


class Merging(RuleBasedStateMachine):
    """The real services on real databases."""

    template: Path
    folder: Path
    steps: Counter[str]
    number = 0

    @initialize()
    def begin(self) -> None:
        """Four PCs; the first two operators have typed one student twice and another once each."""
        Merging.number += 1
        self.place = self.folder / f"pcs-{Merging.number}"
        self.place.mkdir(parents=True)
        self.clock = SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC))
        self.pcs = {name: self._pc(name) for name in (MAIN, *OPERATORS)}
        self.drives: list[Carrier] = []
        self.known: dict[str, Known] = {name: set() for name in self.pcs}
        for who, number in ((0, 1), (1, 1), (0, 2), (1, 3)):
            self.type_record(OPERATORS[who], number)
        for who in OPERATORS[:2]:
            self.carry_portion(who)

    def _pc(self, name: str) -> Context:
        path = self.place / f"{name}.db"
        shutil.copy(self.template, path)
        person = "programmer" if name == MAIN else "operator"
        actor = Actor(name, name, person, "nu027", name)
        season = Season(2011, "2011", official=False)
        store = Store(path, KEY, self.clock)
        entropy = SeededEntropy(f"{Merging.number}-{name}")
        return Context(store, actor, Role.NETWORK_UNI, "027", season, self.clock, "en", entropy)

    def teardown(self) -> None:
        """Everything is carried and decided in the end; then let go of the disk."""
        if not hasattr(self, "pcs"):
            return
        try:
            self.come_to_rest()
        finally:
            for ctx in self.pcs.values():
                ctx.store.close()
            shutil.rmtree(self.place)

    def _count(self, step: str) -> None:
        self.steps[step] += 1
        self.clock.set(self.clock.now() + timedelta(seconds=1))

    # --- what people do --------------------------------------------------------------------------------------------

    @rule(who=st.sampled_from(OPERATORS), number=st.integers(1, 4))
    def type_record(self, who: str, number: int) -> None:
        """A record more; of four students, so that some are typed twice."""
        self._count("type")
        students.save(self.pcs[who], student(number))

    @rule(who=st.sampled_from((MAIN, *OPERATORS)), which=some, name=st.sampled_from(sorted(VALUES)), value=some)
    def correct(self, who: str, which: int, name: str, value: int) -> None:
        """One field of a record that stands there."""
        row = self._one(students.find(self.pcs[who]), which)
        if row is not None:
            self._change(who, row.id, {name: VALUES[name][value % len(VALUES[name])]})

    @rule(which=some, name=st.sampled_from(sorted(VALUES)), value=some, later=st.booleans())
    def correct_on_both_sides(self, which: int, name: str, value: int, later: bool) -> None:
        """The programmer and the operator put one field right, each in his way; the portion comes now or some day."""
        row = self._one(students.find(self.pcs[MAIN]), which)
        if row is not None:
            owner, given = row.created_by, VALUES[name]
            self._change(MAIN, row.id, {name: given[value % len(given)]})
            self._change(owner, row.id, {name: given[(value + 1) % len(given)]})
            if not later:
                self.carry_portion(owner)

    def _change(self, who: str, student_id: str, changes: dict[str, Any]) -> None:
        row = students.get(self.pcs[who], student_id)
        if row.deleted_at is None:
            self._count("correct")
            students.save(self.pcs[who], row.values() | changes, student_id=row.id, ground="құжат")

    @rule(who=st.sampled_from((MAIN, *OPERATORS)), which=some, photos=st.integers(0, 2))
    def take_photographs(self, who: str, which: int, photos: int) -> None:
        """A tracked value beside the form."""
        row = self._one(students.find(self.pcs[who]), which)
        if row is not None:
            self._count("photos")
            students.set_photos(self.pcs[who], [row.id], photos)

    @rule(who=st.sampled_from((MAIN, *OPERATORS)), which=some)
    def delete(self, who: str, which: int) -> None:
        """A record goes."""
        row = self._one(students.find(self.pcs[who]), which)
        if row is not None:
            self._count("delete")
            students.delete(self.pcs[who], [row.id], "қате")

    @rule(who=st.sampled_from((MAIN, *OPERATORS)), which=some)
    def restore(self, who: str, which: int) -> None:
        """A record comes back."""
        row = self._one(students.find(self.pcs[who], deleted=True), which)
        if row is not None:
            self._count("restore")
            students.restore(self.pcs[who], [row.id], "қайтару")

    @rule(who=st.sampled_from(OPERATORS))
    def carry_portion(self, who: str) -> None:
        """The usual end of a day: written and merged."""
        self._count("carry")
        take(self.pcs[MAIN], self._write(who, PORTION).arrived)

    @rule(who=st.sampled_from(OPERATORS))
    def write_portion(self, who: str) -> None:
        """What an operator has goes onto a drive; it may be lost there."""
        self._count("portion")
        self._write(who, PORTION)

    @rule()
    def write_corrections(self) -> None:
        """What the programmer changed goes onto a drive."""
        self._count("corrections")
        self._write(MAIN, CORRECTIONS)

    @rule(which=st.integers(0, 30), to=st.sampled_from(OPERATORS))
    def bring(self, which: int, to: str) -> None:
        """Any drive that ever was, once more, late or too early."""
        carrier = self._one(self.drives, which)
        if carrier is not None:
            self._count("bring")
            take(self.pcs[MAIN if carrier.kind == PORTION else to], carrier.arrived)

    @rule(which=some, choice=st.sampled_from((conflicts.MINE, conflicts.THEIRS, conflicts.OTHER)), value=some)
    def decide(self, which: int, choice: str, value: int) -> None:
        """The programmer answers a question; a third value only where there is a field to type it into."""
        found = self._one(conflicts.conflicts(self.pcs[MAIN]), which)
        if found is None:
            return
        self._count("decide")
        typed = VALUES[found.field][value % len(VALUES[found.field])] if found.field in VALUES else None
        choice = conflicts.MINE if choice == conflicts.OTHER and found.field not in VALUES else choice
        conflicts.decide_conflict(self.pcs[MAIN], found.id, choice, "құжат", typed)

    @rule(which=some)
    def take_back_decision(self, which: int) -> None:
        """A decision is taken back, if the field still has the value of it."""
        found = self._one(conflicts.conflicts(self.pcs[MAIN], state="decided"), which)
        if found is not None:
            try:
                conflicts.reopen_conflicts(self.pcs[MAIN], [found.id], "қате шешім")
            except UserError as error:
                assert "changed again since" in error.text  # noqa: PT017
                return
            self._count("reopen")

    @rule(which=some, keep=st.integers(0, 2), fields=st.sets(st.sampled_from(TAKEN)))
    def settle(self, which: int, keep: int, fields: set[str]) -> None:
        """One of two records stays, with some fields of the other, or they are two people."""
        pair = self._one(duplicates.find_duplicates(self.pcs[MAIN]), which)
        if pair is not None:
            self._count("settle")
            kept = ("", pair.first.id, pair.second.id)[keep]
            reason = "бір студент"
            duplicates.settle_duplicate(self.pcs[MAIN], pair.first.id, pair.second.id, kept, reason,
                                        fields if kept else ())  # fmt: skip

    @rule(which=some)
    def take_back_settlement(self, which: int) -> None:
        """The pair is a question again."""
        pair = self._one(duplicates.settled_pairs(self.pcs[MAIN]), which)
        if pair is not None:
            self._count("part")
            duplicates.reopen_duplicate(self.pcs[MAIN], pair.first.id, pair.second.id, "қате")

    def come_to_rest(self) -> None:
        """Carry everything and answer everything until nothing moves; then all PCs agree."""
        self._count("rest")
        for _round in range(8):
            before = [self._standing(name) for name in self.pcs]
            for name in OPERATORS:
                take(self.pcs[MAIN], self._write(name, PORTION).arrived)
                self._remember()
            for n, found in enumerate(conflicts.conflicts(self.pcs[MAIN])):
                self._count("decide")
                if any(open_.id == found.id for open_ in conflicts.conflicts(self.pcs[MAIN])):
                    choice = (conflicts.MINE, conflicts.THEIRS)[n % 2]
                    conflicts.decide_conflict(self.pcs[MAIN], found.id, choice, "соңғы шешім")
                    self._remember()
            drive = self._write(MAIN, CORRECTIONS)
            for name in OPERATORS:
                take(self.pcs[name], drive.arrived)
            if before == [self._standing(name) for name in self.pcs]:
                break
        else:
            raise AssertionError("the PCs never come to rest")
        self._all_agree()

    def _all_agree(self) -> None:
        main = self._standing(MAIN)
        together: dict[str, dict[str, Any]] = {}
        for name in OPERATORS:
            waiting = [(c.student.id, c.field, c.mine, c.theirs) for c in conflicts.conflicts(self.pcs[name])]
            assert waiting == [], (name, waiting)
            own = self._standing(name)
            apart = [(i, f, v, main[i][f]) for i, values in own.items() for f, v in values.items() if v != main[i][f]]
            assert apart == [], (name, apart)
            together |= own
        assert together == main
        assert conflicts.conflicts(self.pcs[MAIN]) == []
        sums = [control_sum(v for v in held.values() if not v["deleted"]) for held in (main, together)]
        with self.pcs[MAIN].store.read() as session:
            assert sums == [students.database_sum(session)[1]] * 2

    # --- what must always hold -------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost(self) -> None:
        """What ever stood or waited on a PC stands there, waits, was decided about, or is in the history."""
        if hasattr(self, "pcs"):
            self._remember()

    def _remember(self) -> None:
        for name, ctx in self.pcs.items():
            stands = {
                (student_id, field, tracked_text(value))
                for student_id, values in self._standing(name).items()
                for field, value in values.items()
            }
            with ctx.store.read() as session:
                asked = session.execute(select(Conflict.student, Conflict.field, Conflict.mine, Conflict.theirs)).all()
                told = session.execute(
                    select(StudentChange.student, StudentChange.field, StudentChange.old, StudentChange.new)
                ).all()
            here = stands | {(row[0], row[1], text) for row in (*asked, *told) for text in row[2:]}
            assert self.known[name] <= here, (name, self.known[name] - here)
            self.known[name] |= stands | {(row[0], row[1], row[3]) for row in asked}

    # --- inside ----------------------------------------------------------------------------------------------------

    def _write(self, sender: str, kind: str) -> Carrier:
        ctx = self.pcs[sender]
        made = collect(ctx, kind, "nu027")
        self.drives.append(Carrier(kind, arrive(ctx, self.pcs[MAIN], kind, made)))
        return self.drives[-1]

    def _standing(self, name: str) -> dict[str, dict[str, Any]]:
        ctx = self.pcs[name]
        rows: list[StudentRow] = [*students.find(ctx), *students.find(ctx, deleted=True)]
        return {
            row.id: {field: getattr(row, field) for field in STORED} | {"deleted": row.deleted_at is not None}
            for row in rows
        }

    @staticmethod
    def _one(found: Any, which: int) -> Any:
        return found[which % len(found)] if found else None


def machine(template: Path, folder: Path) -> type[Merging]:
    """The machine on copies of `template` below `folder`; `steps` counts what it did."""
    assert set(STORED) | {"deleted"} == set(TRACKED)
    return type("MergingHere", (Merging,), {"template": template, "folder": folder, "steps": Counter()})
