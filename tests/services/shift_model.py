"""What may be done with the shifts of a season, written down from p.30-45 apart from the program.

Nothing of the program's rules is used here. Every question gives "" when the step is allowed, otherwise the paragraph
that forbids it:

p.30  seats are drawn once, with the centre's password, when every line of the list of wrong data is entered
p.33  attendance and removals belong to the open shift;  p.34 the counts of the act come before the scanner
p.35  first day: open, scan hall by hall, protocol and changes, key, result sheet, seating sheet of the next shift
p.36  every further day: the same for the next shift; the decisions on the previous one are closed after its own results
p.37  the last day: decisions, closing of the appeal, minutes, closing of the shift
p.38  every hall is scanned twice; a sheet is known by seat, variant and code, all three; everything else waits for the
      commission, and its words are entered from a protocol that all have signed, about the sheets as they lie now
p.39  the representative confirms, then two persons with two passwords open the key, then points, then the wall
p.41  applications until 13:00 of the next day, one of a student, none on one's own breach (p.9)
p.42  the commission gets the applications in portions, each one once
p.43  a word on each item appealed and on no other; the five grounds; grounds 1 and 5 go to all who name the item;
      who did not come gets nothing
p.44  an appeal is closed when each line is decided or did not come; a shift when its appeal is closed and its last
      papers are printed; open(N) needs N-2 closed; two open shifts at most
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

PLANNED, SEATED, OPEN, IDENTIFIED, KEY, RESULTS, APPEAL_CLOSED, CLOSED = range(8)
NAMES = ("planned", "seated", "open", "identified", "keys_open", "results", "appeal_closed", "closed")
OPENISH = range(OPEN, CLOSED)
MOVES = ("draw-seats", "open", "close-identification", "open-key", "announce", "close-appeal", "close")
ABSENT, PENDING, DECIDED = "absent", "pending", "decided"
Answers = tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """An answer sheet in an envelope; `owner` is whose it is in truth ("" of nobody), `doubt` what the passes dispute.

    `values` are the bubbles behind a `*`. A paper without any number and answer is an unused one.
    """

    serial: str
    code: str = ""
    seat: str = ""
    variant: str = ""
    answers: Answers = ()
    owner: str = ""
    doubt: tuple[int, int] | None = None
    values: tuple[tuple[tuple[int, int], str], ...] = ()

    @property
    def written_on(self) -> bool:
        """Somebody wrote on it."""
        return bool(self.code or self.seat or self.variant or self.answers)


@dataclass(frozen=True)
class Seated:
    """A student at his seat by the seating and the variant sheet."""

    id: str
    code: str
    seat: int
    variant: str


@dataclass(frozen=True)
class Named:
    """The commission's word whose sheet it is."""

    student: str
    seat: int
    variant: str


Signature = tuple[object, ...]


@dataclass
class HallLife:
    """A hall on its day: the act, what lies in the envelope, two passes, the protocol and the commission's words."""

    number: str
    seated: dict[str, Seated] = field(default_factory=dict)
    stack: int = 0
    papers: tuple[Paper, ...] = ()
    act: tuple[int, int] | None = None
    remark: bool = False
    returned: int = 0
    by_act: tuple[int, int] | None = None
    removed: set[str] = field(default_factory=set)
    passes: dict[int, frozenset[str]] = field(default_factory=dict)
    fresh: bool = False
    versions: list[tuple[Signature, int]] = field(default_factory=list)
    signed: bool = False
    named: dict[str, Named] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    unused: set[str] = field(default_factory=set)
    eye: dict[str, str] = field(default_factory=dict)
    counted: int = -1

    @property
    def merged(self) -> bool:
        """Both passes saw the same sheets."""
        return set(self.passes) == {1, 2} and self.passes[1] == self.passes[2] and bool(self.passes[1])

    def sheets(self) -> dict[str, Paper]:
        """The sheets as the hall knows them now."""
        return {p.serial: p for p in self.papers if p.serial in self.passes[1]} if self.merged else {}

    def used(self) -> dict[str, Paper]:
        """Those that count as used: written on, and not found to be nobody's."""
        return {
            s: p for s, p in self.sheets().items() if (p.written_on or s in self.named) and s not in self.unused
        }  # fmt: skip

    def automatic(self) -> dict[str, str]:
        """serial -> student where seat, variant and code are all three of one seat; two such sheets: neither (p.38)."""
        spoken = {word.student for word in self.named.values()}
        found: dict[str, list[str]] = {}
        for serial, paper in self.used().items():
            for s in self.seated.values():
                three = (paper.seat == f"{s.seat:03d}", paper.variant == s.variant, paper.code == s.code)
                if serial not in self.named and all(three) and s.id not in spoken:
                    found.setdefault(s.id, []).append(serial)
        return {serials[0]: student for student, serials in found.items() if len(serials) == 1}

    def owners(self) -> dict[str, Named]:
        """serial -> whose it is, with the seat and variant that count."""
        own = {
            serial: Named(student, self.seated[student].seat, self.seated[student].variant)
            for serial, student in self.automatic().items()
        }  # fmt: skip
        return own | {serial: word for serial, word in self.named.items() if serial in self.sheets()}

    def open_sheets(self) -> list[str]:
        """Table 2 without a decision."""
        known = self.owners()
        return [serial for serial in sorted(self.used()) if serial not in known]

    def open_students(self) -> list[str]:
        """Table 1 without a remark; an act that sent the student out is one."""
        has = {word.student for word in self.owners().values()}
        return [s for s in sorted(self.seated) if s not in has and s not in self.absent | self.removed]

    def doubts(self) -> list[Paper]:
        """Sheets with a mark that the passes read differently and nobody decided."""
        return [p for s, p in sorted(self.used().items()) if p.doubt and s not in self.eye]

    def decided(self) -> bool:
        """Some word stands on this hall's sheets."""
        return bool(self.named or self.absent or self.unused or self.eye)

    def signature(self) -> Signature:
        """All that a protocol shows."""
        sent_out = self.removed - {word.student for word in self.owners().values()}
        return (
            frozenset(self.passes.get(1, ())) if self.merged else frozenset(), frozenset(self.named.items()),
            frozenset(self.absent - self.removed), frozenset(sent_out), frozenset(self.unused),
        )  # fmt: skip

    def balanced(self) -> bool:
        """seated = stayed + absent + removed; used by the act = read = identified; both passes read it (p.34, p.38).

        Who was counted after the start (p.33) are those who stayed, with some or all of those who were sent out.
        """
        if self.act is None or not self.merged or (self.by_act not in (None, self.act) and not self.remark):
            return False
        whole, came = sum(self.act), {word.student for word in self.owners().values()}
        stayed, absent = came - self.removed, self.absent - self.removed - came
        left_a_sheet = self.act[0] - len(came & self.removed)
        counted = self.counted < 0 or self.counted == self.act[0] or (
            left_a_sheet <= self.counted <= left_a_sheet + len(self.removed)
        )
        return (
            len(self.passes[1]) == len(self.passes[2]) == whole
            and len(self.used()) == self.act[0] == len(self.owners())
            and len(stayed) + len(absent) + len(self.removed) == len(self.seated)
            and counted
        )

    def last_protocol(self) -> bool:
        """The newest version shows what stands now and has no open line."""
        return bool(self.versions) and self.versions[-1] == (self.signature(), 0)


@dataclass
class Application:
    """A line of the journal with the word on each item: (satisfied, ground) or None."""

    id: str
    number: int
    student: str
    items: dict[tuple[int, int], tuple[bool, str] | None]
    state: str = PENDING


@dataclass
class ShiftLife:
    """A shift on its way."""

    number: int
    day: date
    halls: dict[str, HallLife]
    state: int = PLANNED
    frozen: bool = False
    opened_on: date | None = None
    key_here: bool = False
    scored: bool = False
    announced: datetime | None = None
    papers: set[str] = field(default_factory=set)
    journal: list[Application] = field(default_factory=list)
    handed: int = 0
    _confirmed: dict[str, tuple[Paper, Named]] | None = None

    def owners(self) -> dict[str, tuple[Paper, Named]]:
        """student -> his sheet and what counts for it; nothing of it changes after the confirmation (p.39)."""
        if self._confirmed is not None:
            return self._confirmed
        found = {}
        for hall in self.halls.values():
            sheets = hall.sheets()
            found |= {word.student: (sheets[serial], word) for serial, word in hall.owners().items()}
        self._confirmed = found if self.state >= IDENTIFIED else None
        return found

    @property
    def removed(self) -> set[str]:
        """All who were sent out."""
        return {student for hall in self.halls.values() for student in hall.removed}

    def application(self, student: str) -> Application | None:
        """The student's line in the journal."""
        return next((a for a in self.journal if a.student == student), None)

    @property
    def until(self) -> datetime:
        """13:00 of the day after the announcement (p.41)."""
        assert self.announced is not None
        return datetime.combine(self.announced.date() + timedelta(days=1), time(13), self.announced.tzinfo)


@dataclass
class SeasonLife:
    """All shifts, the list of wrong data, and the commission of appeals."""

    shifts: dict[int, ShiftLife]
    wrong: dict[str, bool] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)

    # -- the moves

    def why_not(self, move: str, number: int, now: datetime) -> str:
        """The paragraph that forbids a move; "" when it is allowed."""
        s = self.shifts[number]
        if s.state != MOVES.index(move):
            return "p.35"
        return {
            "draw-seats": self._draw, "open": self._open, "close-identification": self._confirm, "open-key": self._key,
            "announce": self._announce, "close-appeal": self._close_appeal, "close": self._close,
        }[move](s, now)  # fmt: skip

    def _before(self, s: ShiftLife) -> str:
        """Order of p.35.6, p.36.11-12 and p.44: N-1 announced, N-2 closed."""
        two, one = self.shifts.get(s.number - 2), self.shifts.get(s.number - 1)
        if two is not None and two.state != CLOSED:
            return "p.44"
        return "p.36" if one is not None and one.state < RESULTS else ""

    def _draw(self, s: ShiftLife, _now: datetime) -> str:
        return self._before(s) or ("" if all(self.wrong.values()) else "p.30")

    def _open(self, s: ShiftLife, now: datetime) -> str:
        today = now.date()
        if sum(o.state in OPENISH for o in self.shifts.values()) >= 2:
            return "p.44"
        if today < s.day or any(o.opened_on == today for o in self.shifts.values()):
            return "p.35"
        return self._before(s)

    def _confirm(self, s: ShiftLife, _now: datetime) -> str:
        for hall in s.halls.values():
            if set(hall.passes) != {1, 2} or hall.open_sheets() or hall.open_students() or hall.doubts():
                return "p.38"
            if not (hall.balanced() and hall.last_protocol()):
                return "p.38"
        return ""

    def _key(self, s: ShiftLife, _now: datetime) -> str:
        return "" if s.key_here else "p.39"

    def _announce(self, s: ShiftLife, _now: datetime) -> str:
        ready = (s.scored or not s.owners()) and "before" in s.papers
        return "" if ready else "p.39"

    def _close_appeal(self, s: ShiftLife, now: datetime) -> str:
        following = self.shifts.get(s.number + 1)
        if now <= s.until:
            return "p.41"
        if any(a.state == PENDING for a in s.journal):
            return "p.44"
        if self.contradicted(s):
            return "p.43"
        return "p.36" if following is not None and following.state < RESULTS else ""

    def _close(self, s: ShiftLife, _now: datetime) -> str:
        return "" if {"minutes", "register", "after"} <= s.papers else "p.44"

    # -- appeals

    def question(self, s: ShiftLife, student: str, item: tuple[int, int]) -> tuple[str, int, int]:
        """What is asked: items of one variant and subject are one question (all sit the same subjects here)."""
        return (s.owners()[student][1].variant, *item)

    def contradicted(self, s: ShiftLife) -> bool:
        """One got the point by an automatic ground, another who is wrong in the same question was refused (p.43)."""
        given, refused = set(), set()
        for a in s.journal:
            for item, word in a.items.items():
                if a.state != DECIDED or word is None:
                    continue
                if word[0] and word[1] in ("1", "5"):
                    given.add(self.question(s, a.student, item))
                elif not word[0] and not self.right(s, a.student, item):
                    refused.add(self.question(s, a.student, item))
        return bool(given & refused)

    def right(self, s: ShiftLife, student: str, item: tuple[int, int]) -> bool:
        """The student's answer is the key's."""
        return self.answer(s, student, item) == self.key(s, student, item)

    def answer(self, s: ShiftLife, student: str, item: tuple[int, int]) -> str:
        """What counts as his answer: a letter, `-`, `*`."""
        paper, _ = s.owners()[student]
        if paper.doubt == (item[0] - 1, item[1] - 1):
            hall = next(h for h in s.halls.values() if student in h.seated)
            return hall.eye[paper.serial]
        return paper.answers[item[0] - 1][item[1] - 1]

    def key(self, s: ShiftLife, student: str, item: tuple[int, int]) -> str:
        """The right option: the centre's pattern for these tests, worked out again."""
        variants = ("1002", "1019", "1027", "1034", "1041", "1058", "1066", "1073", "1080")
        v = variants.index(s.owners()[student][1].variant)
        return "ABCDE"[(item[1] - 1 + v + 2 * (item[0] - 1) + s.number) % 5]

    def points(self, s: ShiftLife, student: str) -> tuple[list[int], list[int]]:
        """Points by subject: by the key, and what the appeal adds."""
        before = [sum(self.right(s, student, (n, i)) for i in range(1, 26)) for n in range(1, 6)]
        added, mine = [0] * 5, s.application(student)
        if mine is not None and mine.state == DECIDED:
            for (n, i), word in mine.items.items():
                added[n - 1] += bool(word and word[0] and not self.right(s, student, (n, i)))
        return before, added
