"""What follows identification: key, points, papers, appeals, closing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.services import (
    appeal_portions,
    appeals,
    documents_appeals,
    documents_results,
    keys,
    results,
    shifts,
)
from tests.services import shift_model as m
from tests.services.exam_room import (
    CHAIR,
    MINISTRY,
    give_key,
    password,
)
from tests.services.shift_day import WORST, Day
from tests.services.shift_model import Application, HallLife, ShiftLife

CHAIR_NAME = "Төраға Төраев"
ASKED = ((1, 1), (1, 2), (2, 3), (3, 4), (4, 5))  # wrong, double, empty, doubted; or right


class Results(Day):
    """What follows identification: key, points, papers, appeals, closing."""

    # -- key and results

    @rule(data=st.data())
    def key_comes(self, data: st.DataObject) -> None:
        """The centre sends the sealed key."""
        self._key_comes(self._busy(data))

    def _key_comes(self, s: ShiftLife) -> None:
        if not s.key_here:
            self.steps["key"] += 1
            give_key(self.room, s.number)
            s.key_here = True

    @rule(data=st.data(), how=st.sampled_from(["two", "two", "one twice", "wrong", "no chair", "programmer"]))
    def open_key(self, data: st.DataObject, how: str) -> None:
        """Two persons together; or one alone, or with a wrong password."""
        self._open_key(self._busy(data), how)

    def _open_key(self, s: ShiftLife, how: str = "two") -> None:
        first, second = password(MINISTRY), password(CHAIR)
        chair = {"no chair": " ", "programmer": self.ctx.actor.name}.get(how, CHAIR_NAME)
        forbidden = self.life.why_not("open-key", s.number, self.now)
        if how == "wrong":
            if not forbidden:
                self._wrong_password(
                    f"key-{s.number}",
                    lambda: keys.open_key(self.ctx, s.number, first, password(WORST), CHAIR_NAME),
                )
            return
        if how != "two":
            second, forbidden = (first if how == "one twice" else second), "3"
        self._wait(f"key-{s.number}")
        if self._try(f"key by {how}", forbidden, lambda: keys.open_key(self.ctx, s.number, first, second, chair)):
            s.state = m.KEY

    @rule(data=st.data())
    def peek(self, data: st.DataObject) -> None:
        """Nobody sees key, points or cards before the key is open (p.38, p.39)."""
        s, hall = self._hall(data)
        forbidden = "" if s.state >= m.KEY else "p.39"
        self._try("see key", forbidden, lambda: keys.answer_key(self.ctx, s.number))
        self._try("see points", forbidden, lambda: results.results(self.ctx, s.number))
        if s.state < m.KEY:
            code = sorted(hall.seated.values(), key=lambda one: one.id)[0].code
            self._try("see card", forbidden, lambda: appeals.card(self.ctx, code))

    @rule(data=st.data())
    def score(self, data: st.DataObject) -> None:
        """Count the points."""
        self._score(self._busy(data))

    def _score(self, s: ShiftLife) -> None:
        forbidden = "" if s.state == m.KEY else "p.39"
        if self._try("score", forbidden, lambda: results.score_shift(self.ctx, s.number)):
            s.scored = True

    @rule(data=st.data(), paper=st.sampled_from(["before", "after", "minutes", "register", "cards"]))
    def print_paper(self, data: st.DataObject, paper: str) -> None:
        """The papers of p.39-45."""
        self._print(self._busy(data), paper)

    def _print(self, s: ShiftLife, paper: str) -> None:
        counted = s.scored or not s.owners()
        allowed = {
            "before": s.state >= m.KEY and counted, "after": s.state >= m.APPEAL_CLOSED,
            "minutes": s.state >= m.APPEAL_CLOSED, "register": s.state >= m.RESULTS,
            "cards": s.state >= m.KEY and bool(s.journal),
        }[paper]  # fmt: skip
        made = {
            "before": lambda: documents_results.print_results(self.ctx, s.number),
            "after": lambda: documents_results.print_results(self.ctx, s.number, after=True),
            "minutes": lambda: documents_appeals.print_minutes(self.ctx, s.number),
            "register": lambda: documents_appeals.print_register(self.ctx, s.number),
            "cards": lambda: documents_appeals.print_cards(self.ctx, s.number),
        }[paper]
        if self._try(f"print {paper}", "" if allowed else "p.39", made) and (
            paper != "register" or s.state >= m.APPEAL_CLOSED
        ):
            s.papers.add(paper)

    @rule(by_code=st.booleans())
    def wall_copy(self, by_code: bool) -> None:
        """How the copy on the wall names people."""
        self.steps["wall copy"] += 1
        results.choose_wall_copy(self.ctx, by_code=by_code)
        assert results.wall_copy_by_code(self.ctx) is by_code

    @rule(data=st.data())
    def announce(self, data: st.DataObject) -> None:
        """The results hang out."""
        self._announce(self._busy(data))

    def _announce(self, s: ShiftLife) -> None:
        forbidden = self.life.why_not("announce", s.number, self.now)
        if self._try("announce", forbidden, lambda: shifts.announce_results(self.ctx, s.number)):
            s.state = m.RESULTS
            s.announced = self._announced(s)

    def _announced(self, s: ShiftLife) -> datetime:
        with self.ctx.store.read() as session:
            at = shifts.announced_at(session, s.number)
        assert at is not None
        assert self.now - timedelta(minutes=2) <= at <= self.now
        return at

    # -- appeals

    @rule(data=st.data(), when=st.sampled_from(["now", "now", "13:00", "13:01", "early"]), breach=st.integers(0, 6))
    def apply(self, data: st.DataObject, when: str, breach: int) -> None:
        """An application from the commission's journal."""
        s, hall = self._hall(data)
        if announced := [n for n, one in self.life.shifts.items() if one.state == m.RESULTS]:
            s = self.life.shifts[data.draw(st.sampled_from(announced))]
            hall = s.halls[hall.number]
        student = data.draw(st.sampled_from(sorted(hall.seated)))
        items = data.draw(st.lists(st.sampled_from(ASKED), min_size=1, max_size=3, unique=True))
        self._apply(s, hall, student, items, when, breach=not breach)

    def _apply(
        self, s: ShiftLife, hall: HallLife, student: str, items: Iterable[tuple[int, int]], when: str = "now", *,
        breach: bool = False,
    ) -> None:  # fmt: skip
        filed, forbidden, wanted = None, "p.41", sorted(items)
        if s.state == m.RESULTS:
            assert s.announced is not None
            filed = {"13:00": s.until, "13:01": s.until + timedelta(minutes=1),
                     "early": s.announced - timedelta(minutes=1)}.get(when)  # fmt: skip
            at = filed or self.now
            late = at > s.until or at < s.announced or at > self.now + timedelta(seconds=30)
            refused = late or breach or student in s.removed or student not in s.owners() or s.application(student)
            forbidden = "3" if refused else ""

        def enter() -> None:
            line = appeals.register_appeal(
                self.ctx, s.number, hall.seated[student].code, wanted, filed, own_breach=breach
            )
            assert line.number == len(s.journal) + 1
            s.journal.append(Application(line.id, line.number, student, dict.fromkeys(wanted)))

        self._try("apply", forbidden, enter)

    @rule(data=st.data())
    def hand_over(self, data: st.DataObject) -> None:
        """What the commission has not got yet goes to it as the next portion."""
        s = self._busy(data)
        forbidden = "p.42" if s.state != m.RESULTS or len(s.journal) == s.handed else ""

        def portion() -> None:
            made = appeal_portions.hand_over(self.ctx, s.number)
            assert (made.first, made.last) == (s.handed + 1, len(s.journal))
            s.handed = made.last

        self._try("portion", forbidden, portion)

    def _line(self, data: st.DataObject) -> tuple[ShiftLife, Application] | None:
        with_lines = [n for n, s in self.life.shifts.items() if s.journal]
        if not with_lines:
            return None
        s = self.life.shifts[data.draw(st.sampled_from(with_lines))]
        return s, s.journal[data.draw(st.integers(0, len(s.journal) - 1))]

    @rule(data=st.data(), seed=st.integers(0, 9999))
    def hear(self, data: st.DataObject, seed: int) -> None:
        """The commission's word on an application: any word, any ground, any number of members."""
        if found := self._line(data):
            s, a = found
            chance = random.Random(seed)
            words = [self._word(chance, s, a, item) for item in sorted(a.items)]
            if chance.random() < 0.1:
                words = words[:-1] if chance.random() < 0.5 else [*words, ItemDecision(5, 25, False)]
            present = chance.sample(self.life.members, chance.choice([1, 2, 2, 3, 3, 3]))
            self._hear(s, a, words, present)

    def _word(self, chance: random.Random, s: ShiftLife, a: Application, item: tuple[int, int]) -> ItemDecision:
        if chance.random() < 0.4:
            return ItemDecision(*item, False)
        answer = self.life.answer(s, a.student, item)
        ground = {"*": Ground.DEFECTIVE_SHEET, "-": Ground.FAINT_MARK}.get(answer, Ground.OTHER_SOLUTION)
        if chance.random() < 0.5:
            ground = chance.choice(list(Ground))
        told = "себебі" if chance.random() < 0.9 else ""
        accepted = answer if chance.random() < 0.9 else "A"
        against = chance.choice([0, 0, 0, 1])
        return ItemDecision(*item, True, ground, told, "Оқулық", accepted, chance.choice([None, 2, 3]), against)

    def _hear(self, s: ShiftLife, a: Application, words: list[ItemDecision], present: list[str]) -> None:
        forbidden = "p.44" if s.state != m.RESULTS else "p.43" if a.state != m.PENDING else ""
        if not forbidden:
            wrong = [w for w in words if not self._may_say(s, a, w, len(present))]
            forbidden = "3" if wrong or sorted((w.subject, w.item) for w in words) != sorted(a.items) else ""
        if self._try("hear", forbidden, lambda: appeals.decide_appeal(self.ctx, a.id, words, present)):
            for w in words:
                a.items[w.subject, w.item] = (w.satisfied, w.ground.value if w.ground else "")
            a.state = m.DECIDED

    def _may_say(self, s: ShiftLife, a: Application, w: ItemDecision, present: int) -> bool:
        """p.9 and p.43 on one item: the ground fits the sheet, and more than half of all listed are for it."""
        item = (w.subject, w.item)
        if item not in a.items:
            return False
        votes = present if w.votes_for is None else w.votes_for
        if votes + w.votes_against > present:
            return False
        if not w.satisfied:
            return w.ground is None
        answer, key = self.life.answer(s, a.student, item), self.life.key(s, a.student, item)
        paper = s.owners()[a.student][0]
        both = dict(paper.values).get((w.subject - 1, w.item - 1), "")
        fits = {
            Ground.MISSING_TEXT: True, Ground.DEFECTIVE_SHEET: answer == "*" and key in both,
            Ground.FAINT_MARK: answer == "-", Ground.OTHER_SOLUTION: w.accepted == answer and answer in "ABCDE",
            Ground.WRONG_ITEM: True,
        }  # fmt: skip
        reasoned = w.ground not in (Ground.OTHER_SOLUTION, Ground.WRONG_ITEM) or bool(w.reasons and w.literature)
        return answer != key and w.ground is not None and fits[w.ground] and reasoned and 2 * votes > len(
            self.life.members)  # fmt: skip

    @rule(data=st.data())
    def not_there(self, data: st.DataObject) -> None:
        """The student did not come to the appeal."""
        if found := self._line(data):
            self._not_there(*found)

    def _not_there(self, s: ShiftLife, a: Application) -> None:
        forbidden = "p.44" if s.state != m.RESULTS else "p.43" if a.state != m.PENDING else ""
        if self._try("not there", forbidden, lambda: appeals.mark_not_come(self.ctx, a.id)):
            a.state, a.items = m.ABSENT, dict.fromkeys(a.items)

    @rule(data=st.data())
    def to_all(self, data: st.DataObject) -> None:
        """Grounds 1 and 5 go to all whom they concern, and to nobody else."""
        if found := self._line(data):
            self._to_all(*found)

    def _to_all(self, s: ShiftLife, a: Application) -> None:
        if self._try("to all", "" if s.state == m.RESULTS else "p.44", lambda: appeals.give_to_all(self.ctx, a.id)):
            auto = {self.life.question(s, a.student, item): word for item, word in a.items.items()
                    if word and word[0] and word[1] in ("1", "5")}  # fmt: skip
            for other in s.journal:
                for item in other.items if other is not a and other.state != m.ABSENT else ():
                    word = auto.get(self.life.question(s, other.student, item))
                    had = other.items[item]
                    if word and not (had and had[0]) and not self.life.right(s, other.student, item):
                        other.items[item] = word

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """A word on an application is taken back while the appeal is open."""
        if found := self._line(data):
            s, a = found
            forbidden = "p.44" if s.state != m.RESULTS or a.state == m.PENDING else ""
            if self._try("take back", forbidden, lambda: appeals.undo_appeal(self.ctx, a.id)):
                a.state, a.items = m.PENDING, dict.fromkeys(a.items)

    @rule(data=st.data())
    def close_appeal(self, data: st.DataObject) -> None:
        """Close the appeal of any shift."""
        self._close_appeal(self._busy(data))

    def _close_appeal(self, s: ShiftLife) -> None:
        forbidden = self.life.why_not("close-appeal", s.number, self.now)
        if self._try("close appeal", forbidden, lambda: shifts.close_appeal(self.ctx, s.number)):
            s.state = m.APPEAL_CLOSED

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        """Close any shift."""
        self._close(self._busy(data))

    def _close(self, s: ShiftLife) -> None:
        forbidden = self.life.why_not("close", s.number, self.now)
        if self._try("close", forbidden, lambda: shifts.close_shift(self.ctx, s.number)):
            s.state = m.CLOSED
