"""Shifts of a season played at random over the real services, beside `shift_model`: any step, or the one due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from mab_desktop.domain.appeal import ItemDecision
from mab_desktop.services import (
    identification,
)
from mab_desktop.services.context import Context
from tests.services import shift_model as m
from tests.services.shift_model import Application, HallLife, Named, Paper, ShiftLife
from tests.services.shift_results import ASKED, Results


class Shifts(Results):
    """The ministry programmer, the representative and the commissions, who push any button at any time."""

    # -- the right way

    def _go_on(self) -> None:
        """The next step that is due, as the order has it; a night when everything waits for tomorrow."""
        for s in self.life.shifts.values():
            if s.state != m.CLOSED and (act := self._due(s)) is not None:
                act()
                return
        if any(s.state != m.CLOSED for s in self.life.shifts.values()):
            self.clock.set((self.now + timedelta(days=1)).replace(hour=9, minute=20, second=0))
            if any(s.state == m.RESULTS and s.announced and self.now < s.until for s in self.life.shifts.values()):
                self.clock.set(self.now.replace(hour=14))

    def _due(self, s: ShiftLife) -> Callable[[], None] | None:
        may = {move: not self.life.why_not(move, s.number, self.now + timedelta(seconds=30)) for move in m.MOVES}
        if s.state == m.PLANNED:
            if not all(self.life.wrong.values()):
                return self.correct
            return (lambda: self._draw(s) if s.frozen else self._freeze(s)) if may["draw-seats"] else None
        if s.state == m.SEATED:
            return (lambda: self._open_shift(s)) if may["open"] else None
        if s.state == m.OPEN:
            return next((act for hall in s.halls.values() if (act := self._due_in_hall(s, hall)) is not None),
                        lambda: self._confirm(s))  # fmt: skip
        if s.state == m.IDENTIFIED:
            return lambda: self._open_key(s) if s.key_here else self._key_comes(s)
        if s.state == m.KEY:
            return lambda: (self._announce(s) if may["announce"] else self._print(s, "before") if s.scored
                            else self._score(s))  # fmt: skip
        if s.state == m.RESULTS:
            return self._due_in_appeal(s, may["close-appeal"])
        missing = [paper for paper in ("register", "minutes", "after") if paper not in s.papers]
        return (lambda: self._print(s, missing[0])) if missing else (lambda: self._close(s))

    def _due_in_hall(self, s: ShiftLife, hall: HallLife) -> Callable[[], None] | None:
        if not hall.papers:
            hall.papers = self._write_sheets(s, hall)
        used = sum(bool(p.owner) for p in hall.papers)
        rightly = (used, len(hall.papers) - used)
        if hall.act != rightly or (hall.by_act not in (None, rightly) and not hall.remark):
            return lambda: self._receive(s, hall, rightly)
        whole = frozenset(p.serial for p in hall.papers)
        wrong_pass = next((n for n in (1, 2) if hall.passes.get(n) != whole), 0)
        if wrong_pass and wrong_pass not in hall.passes:
            return lambda: self._scan(s, hall, wrong_pass)
        if wrong_pass:
            return lambda: self._take_back_or(s, hall, lambda: self._discard(s, hall, wrong_pass))
        if hall.doubts():
            return lambda: self._look(s, hall, hall.doubts()[0])
        if wrong := [x for x, word in hall.named.items() if self._paper(hall, x).owner != word.student]:
            return lambda: self._undo_of(s, hall, wrong[0])
        with_sheet = {p.owner for p in hall.papers}
        if hall.counted >= 0 and hall.counted != used:
            return lambda: self._count(s, hall, used)
        if wrong := [one for one in sorted(hall.absent) if one in with_sheet]:
            return lambda: self._undo_of(s, hall, wrong[0])
        if wrong := [x for x in sorted(hall.unused) if self._paper(hall, x).owner]:
            return lambda: self._undo_of(s, hall, wrong[0])
        if not hall.versions or hall.versions[-1][0] != hall.signature() or hall.fresh:
            return lambda: self._issue(s, hall)
        if not (hall.open_sheets() or hall.open_students()):
            return None
        if not hall.signed:
            return lambda: self._sign(s, hall)
        return lambda: self._words(s, hall)

    def _take_back_or(self, s: ShiftLife, hall: HallLife, act: Callable[[], None]) -> None:
        """Words stand in the way of a new scan: take them back first."""
        standing = [*hall.named, *hall.absent, *hall.unused, *hall.eye]
        self._undo_of(s, hall, standing[0]) if standing else act()

    @staticmethod
    def _paper(hall: HallLife, serial: str) -> Paper:
        return next(p for p in hall.papers if p.serial == serial)

    def _undo_of(self, s: ShiftLife, hall: HallLife, whom: str) -> None:
        for word in identification.decisions(self.ctx, s.number, hall.number, standing_only=True):
            if whom in (word.serial, word.student):
                identification.undo(self.ctx, word.id)
        hall.named.pop(whom, None)
        hall.eye.pop(whom, None)
        hall.absent.discard(whom)
        hall.unused.discard(whom)

    def _words(self, s: ShiftLife, hall: HallLife) -> None:
        """Everything that is open in the protocol, entered rightly."""
        with_sheet = {p.owner for p in hall.papers}
        for student in [one for one in hall.open_students() if one not in with_sheet]:
            self._absent(s, hall, student)
        for serial in [x for x in hall.open_sheets() if not self._paper(hall, x).owner]:
            self._unused(s, hall, serial)
        words = {}
        for serial in hall.open_sheets():
            one = hall.seated[self._paper(hall, serial).owner]
            words[serial] = Named(one.id, one.seat, one.variant)
        if words:
            self._name(s, hall, words)

    def _due_in_appeal(self, s: ShiftLife, may_close: bool) -> Callable[[], None] | None:
        if waiting := [a for a in s.journal if a.state == m.PENDING]:
            a = waiting[0]
            refused = [ItemDecision(*item, False) for item in sorted(a.items)]
            return lambda: self._hear(s, a, refused, self.life.members)
        if self.life.contradicted(s):
            giver = next(a for a in s.journal if a.state == m.DECIDED and any(
                w and w[0] and w[1] in ("1", "5") for w in a.items.values()))  # fmt: skip
            return lambda: self._settle_all(s, giver)
        if may_close:
            return lambda: self._close_appeal(s)
        owners = sorted(set(s.owners()) - s.removed)
        if len(s.journal) < min(2, len(owners)) and self.now + timedelta(seconds=30) < s.until:
            student = next(one for one in owners if s.application(one) is None)
            hall = next(h for h in s.halls.values() if student in h.seated)
            return lambda: self._apply(s, hall, student, ASKED[:1] + ASKED[3:4])
        return None

    def _settle_all(self, s: ShiftLife, giver: Application) -> None:
        for a in s.journal:
            if a.state == m.DECIDED:
                self._to_all(s, a)
        assert not self.life.contradicted(s) or giver.items


def machine(template: Context, folder: Path) -> type[Shifts]:
    """The machine on copies of `template` below `folder`; `steps` counts what it did."""
    return type("ShiftsHere", (Shifts,), {"template": template, "folder": folder, "steps": Counter()})
