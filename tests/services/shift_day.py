"""Eve and exam day of the shifts: seats, opening, attendance, acts, envelopes, the protocol."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mab_desktop.domain.errors import WrongPassword
from mab_desktop.domain.exam_act import RETURNED, ActContent
from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.identification import IdentityDecision
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading, State
from mab_desktop.services import (
    attendance,
    corrections,
    doubtful,
    envelopes,
    exam_acts,
    identification,
    seating,
    shifts,
)
from mab_desktop.services.scans import Seen
from mab_desktop.storage.tables.students import WrongData
from tests.services import shift_model as m
from tests.services.exam_room import (
    SEAT_PASSWORD,
    password,
)
from tests.services.shift_model import HallLife, Named, Paper, Seated, ShiftLife
from tests.services.shift_play import Stand

GROUPS = tuple(layout(default_profile()).groups())
WORST = "DDDDD-DDDDD-DDD"


class Day(Stand):
    """Eve and exam day of the shifts: seats, opening, attendance, acts, envelopes, the protocol."""

    # -- the eve

    @rule(data=st.data())
    def freeze(self, data: st.DataObject) -> None:
        """Fix the lists before the password is told."""
        self._freeze(self._shift(data))

    def _freeze(self, s: ShiftLife) -> None:
        forbidden = self.life.why_not("draw-seats", s.number, self.now)
        if self._try("freeze", forbidden, lambda: seating.freeze_seating(self.ctx, s.number)):
            s.frozen = True

    @rule(data=st.data(), right=st.integers(0, 3))
    def draw(self, data: st.DataObject, right: int) -> None:
        """The seats, with the centre's password or another one."""
        self._draw(self._shift(data), right=bool(right))

    def _draw(self, s: ShiftLife, *, right: bool = True) -> None:
        forbidden = self.life.why_not("draw-seats", s.number, self.now) or ("" if s.frozen else "p.30")
        if not forbidden and not right:
            self._wrong_password(f"seats-{s.number}", lambda: seating.draw_seating(self.ctx, s.number, password(WORST)))
            return
        self._wait(f"seats-{s.number}")
        if self._try("draw", forbidden, lambda: seating.draw_seating(self.ctx, s.number, password(SEAT_PASSWORD))):
            s.state = m.SEATED
            self._take_seats(s)

    def _wrong_password(self, what: str, act: Callable[[], Any]) -> None:
        """Refused, counted, nothing opened; the fifth and every later one makes the next wait."""
        if self.tries[what] == 6:
            return
        self._wait(what)
        try:
            act()
        except WrongPassword:
            self.tries[what] += 1
            self.steps["wrong password"] += 1
            return
        raise AssertionError(f"a wrong password was taken for {what}")

    def _wait(self, what: str) -> None:
        if self.tries[what] >= 5:
            self.clock.set(self.now + timedelta(minutes=2))

    def _take_seats(self, s: ShiftLife) -> None:
        seats: dict[tuple[str, int], str] = {}
        for hall in s.halls.values():
            lines = seating.seat_lines(self.ctx, s.number, hall.number)
            assert {line.student for line in lines} == set(hall.seated)
            assert [line.seat for line in lines] == list(range(1, len(lines) + 1))
            hall.seated = {line.student: Seated(line.student, line.code, line.seat, line.variant) for line in lines}
            seats |= {(hall.number, line.seat): line.student for line in lines}
        self.drawn[s.number] = seats

    @rule(data=st.data())
    def wrong_line_comes(self, data: st.DataObject) -> None:
        """The base university's list gets another line, early or late."""
        student = data.draw(st.sampled_from(sorted(i for s in self.life.shifts.values() for h in s.halls.values()
                                                   for i in h.seated)))  # fmt: skip
        if len(self.life.wrong) >= 3:
            return
        self.steps["wrong line"] += 1
        line = f"{len(self.life.wrong) + 1:032d}"
        with self.ctx.store.write(self.ctx.actor) as tx:
            tx.session.add(wrong_line(line, student))
            tx.note("exam-data-loaded", "wrong-data")
        self.life.wrong[line] = False

    @rule()
    def correct(self) -> None:
        """Enter what is open of the list; a line that was entered is refused."""
        for line, entered in sorted(self.life.wrong.items()):
            forbidden = "3" if entered else ""
            if self._try("correct", forbidden, lambda line=line: corrections.correct(self.ctx, line)):
                self.life.wrong[line] = True

    # -- the exam

    @rule(data=st.data())
    def open_shift(self, data: st.DataObject) -> None:
        """Open any shift."""
        self._open_shift(self._shift(data))

    def _open_shift(self, s: ShiftLife) -> None:
        forbidden = self.life.why_not("open", s.number, self.now)
        if self._try("open", forbidden, lambda: shifts.open_shift(self.ctx, s.number)):
            s.state, s.opened_on = m.OPEN, self.now.date()

    @rule(data=st.data(), more=st.integers(-3, 1))
    def count(self, data: st.DataObject, more: int) -> None:
        """Who is there, 20 minutes after the start."""
        s, hall = self._hall(data)
        self._count(s, hall, len(hall.seated) + more)

    def _count(self, s: ShiftLife, hall: HallLife, number: int) -> None:
        forbidden = "p.33" if s.state != m.OPEN else "3" if not 0 <= number <= len(hall.seated) else ""
        present = {("050102", "1"): number}
        if self._try("count", forbidden, lambda: attendance.save_count(self.ctx, s.number, hall.number, present)):
            hall.counted = number

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """A student is sent out for a breach."""
        s, hall = self._hall(data)
        student = data.draw(st.sampled_from(sorted(hall.seated)))
        forbidden = "p.33" if s.state != m.OPEN else "3" if student in s.removed else ""
        code = hall.seated[student].code
        if self._try("remove", forbidden, lambda: attendance.remove_student(
            self.room.representative, s.number, code, "10:15", "Ұялы телефон", "7")):  # fmt: skip
            hall.removed.add(student)

    @rule(data=st.data())
    def act_of_return(self, data: st.DataObject) -> None:
        """The materials of a hall come back; a second act of the same hall is refused until the first is withdrawn."""
        s, hall = self._hall(data)
        allowed = m.SEATED <= s.state < m.CLOSED
        forbidden = "3" if allowed and hall.returned else "" if allowed else "p.34"
        counts = hall.act if hall.act and data.draw(st.booleans()) else (1, 1)
        rows = tuple((str(n), "ескерту") for n in (*counts, 1, len(hall.seated), 1, 1, 0))
        content = ActContent(rows, given_by=("Бірінші", ""), taken_by=("Екінші",))
        number = str(100 * s.number + len(exam_acts.lines(self.ctx, s.number)))

        def enter() -> None:
            hall.returned = exam_acts.enter(self.ctx, s.number, hall.number, RETURNED.kind, number, content)
            hall.by_act = counts

        self._try("act", forbidden, enter)

    @rule(data=st.data())
    def withdraw_act(self, data: st.DataObject) -> None:
        """Take the act back; refused once the envelope was received by its counts."""
        s, hall = self._hall(data)
        if hall.returned:
            forbidden = "p.34" if hall.act is not None or not m.SEATED <= s.state < m.CLOSED else ""
            if self._try("withdraw", forbidden, lambda: exam_acts.withdraw(self.ctx, hall.returned, "қате")):
                hall.returned, hall.by_act = 0, None

    # -- envelopes

    @rule(data=st.data(), more=st.integers(-1, 1), spare=st.integers(0, 4), why=st.sampled_from(["", "бірі табылды"]))
    def receive(self, data: st.DataObject, more: int, spare: int, why: str) -> None:
        """Counts of the envelope, right or wrong."""
        s, hall = self._hall(data)
        self._receive(s, hall, (sum(bool(p.owner) for p in hall.papers) + more, spare), why)

    def _receive(self, s: ShiftLife, hall: HallLife, counts: tuple[int, int], why: str = "қайта саналды") -> None:
        wrong = min(counts) < 0 or sum(counts) > hall.stack
        other = hall.by_act not in (None, counts)
        refused = wrong or (other and not why)
        forbidden = "3" if counts[0] < 0 else "p.34" if s.state != m.OPEN else "3" if refused else ""
        if self._try("receive", forbidden, lambda: envelopes.receive_envelope(
            self.ctx, s.number, hall.number, *counts, why)):  # fmt: skip
            hall.act, hall.remark = counts, other

    @rule(data=st.data(), scan_pass=st.sampled_from([1, 1, 2]), lost=st.integers(0, 5))
    def scan(self, data: st.DataObject, scan_pass: int, lost: int) -> None:
        """A pass; now and then one sheet of it is lost."""
        s, hall = self._hall(data)
        self._scan(s, hall, scan_pass, lost=not lost)

    def _scan(self, s: ShiftLife, hall: HallLife, scan_pass: int, *, lost: bool = False) -> None:
        if not hall.papers and s.state >= m.SEATED:
            hall.papers = self._write_sheets(s, hall)
        papers = hall.papers[1:] if lost and len(hall.papers) > 1 else hall.papers
        if s.state != m.OPEN:
            forbidden = "p.38"
        else:
            out_of_turn = hall.act is None or scan_pass in hall.passes or (scan_pass == 2 and 1 not in hall.passes)
            forbidden = "p.38" if out_of_turn else ""

        def run() -> None:
            facts = envelopes.run_facts(self.ctx, s.number, hall.number, scan_pass)
            seen = [Seen(self._reading(paper, n, scan_pass)) for n, paper in enumerate(papers, 1)]
            envelopes.save_run(self.ctx, facts, seen, "stand")

        if self._try("scan", forbidden, run):
            hall.passes[scan_pass] = frozenset(p.serial for p in papers)
            hall.fresh = True

    def _write_sheets(self, s: ShiftLife, hall: HallLife) -> tuple[Paper, ...]:
        """What the students of a hall hand in, with all that goes wrong, and some unused sheets."""
        chance, papers = self.chance, list[Paper]()
        seated = sorted(hall.seated.values(), key=lambda one: one.seat)
        nobody_came = chance.random() < 0.15
        for one in () if nobody_came else seated:
            fate = chance.choice(["well"] * 6 + ["code", "blank seat", "absent", "doubt", "neighbour"])
            if fate == "absent":
                continue
            wrong = chance.randrange(4)
            answers = [
                [self._letter(s, one.variant, n, i, wrong) for i in range(25)] for n in range(5)
            ]  # fmt: skip
            double = {}
            if chance.random() < 0.3:
                letter = answers[1][2]
                answers[1][2], double = "*", {(1, 2): letter + "ABCDE"["ABCDE".index(letter) - 1]}
            if chance.random() < 0.3:
                answers[2][3] = "-"
            other = chance.choice(seated)
            papers.append(
                Paper(
                    self.room.serial(len(papers) + 1, s.number, hall.number),
                    one.code[:-1] + str((int(one.code[-1]) + 5) % 10) if fate == "code" else one.code,
                    "---" if fate == "blank seat" else f"{(other if fate == 'neighbour' else one).seat:03d}",
                    (other if fate == "neighbour" else one).variant, tuple("".join(row) for row in answers), one.id,
                    (3, 4) if fate == "doubt" else None, tuple(double.items()),
                )
            )  # fmt: skip
        if chance.random() < 0.15:
            papers.append(Paper(self.room.serial(len(papers) + 1, s.number, hall.number), code="77" + "-" * 6))
        for _ in range(max(1, min(2, hall.stack - len(papers)))):
            papers.append(Paper(self.room.serial(len(papers) + 1, s.number, hall.number)))
        return tuple(papers)

    def _letter(self, s: ShiftLife, variant: str, subject: int, item: int, wrong: int) -> str:
        variants = ("1002", "1019", "1027", "1034", "1041", "1058", "1066", "1073", "1080")
        place = item + variants.index(variant) + 2 * subject + s.number
        return "ABCDE"[(place + (subject == 0 and item < wrong)) % 5]

    def _reading(self, paper: Paper, page: int, scan_pass: int) -> SheetReading:
        """What a reader says of a paper; the second pass disputes the doubtful mark."""
        told = {"code": paper.code, "seat": paper.seat, "variant": paper.variant}
        told |= {f"subject{n}": letters for n, letters in enumerate(paper.answers, 1)}
        several = dict(paper.values)
        fields: dict[str, dict[int, GroupReading]] = {}
        for name, column in GROUPS:
            text = told.get(name, "")
            mark = text[column] if column < len(text) else "-"
            subject = int(name[7:]) - 1 if name.startswith("subject") else -1
            if scan_pass == 2 and paper.doubt == (subject, column):
                mark = "-"
            values = tuple(sorted(several[subject, column])) if mark == "*" else () if mark == "-" else (mark,)
            state = (State.NONE, State.ONE, State.MANY)[len(values)]
            fields.setdefault(name, {})[column] = GroupReading(state, values)
        return SheetReading(str(self.picture), page, True, (), serial=paper.serial, fields=fields)

    @rule(data=st.data(), scan_pass=st.sampled_from([1, 2]))
    def discard(self, data: st.DataObject, scan_pass: int) -> None:
        """A pass is set aside; not while a word stands on the hall's sheets."""
        self._discard(*self._hall(data), scan_pass)

    def _discard(self, s: ShiftLife, hall: HallLife, scan_pass: int) -> None:
        forbidden = "p.38" if s.state != m.OPEN or hall.decided() else "3" if scan_pass not in hall.passes else ""
        if self._try("discard", forbidden, lambda: envelopes.discard_pass(
            self.ctx, s.number, hall.number, scan_pass, "екі парақ бірге өтті")):  # fmt: skip
            hall.passes = {n: seen for n, seen in hall.passes.items() if n < scan_pass}

    # -- the protocol

    @rule(data=st.data())
    def issue(self, data: st.DataObject) -> None:
        """A version of the protocol."""
        self._issue(*self._hall(data))

    def _issue(self, s: ShiftLife, hall: HallLife) -> None:
        signature = hall.signature()
        same = bool(hall.versions) and hall.versions[-1][0] == signature and not hall.fresh
        forbidden = "" if same else "p.38" if s.state != m.OPEN or not hall.merged else ""
        if s.state == m.PLANNED:
            forbidden = "3"
        if self._try("protocol", forbidden, lambda: identification.issue_protocol(
            self.ctx, s.number, hall.number)) and not same:  # fmt: skip
            hall.versions.append((signature, len(hall.open_sheets()) + len(hall.open_students())))
            hall.signed, hall.fresh = False, False

    @rule(data=st.data())
    def sign(self, data: st.DataObject) -> None:
        """All members of the commission have signed the newest version."""
        self._sign(*self._hall(data))

    def _sign(self, s: ShiftLife, hall: HallLife) -> None:
        forbidden = "p.38" if s.state != m.OPEN or not hall.versions or hall.signed else ""
        if self._try("sign", forbidden, lambda: identification.sign_protocol(
            self.ctx, s.number, hall.number, len(hall.versions), ["Бірінші", "Екінші"])):  # fmt: skip
            hall.signed = True

    def _no_word(self, s: ShiftLife, hall: HallLife) -> str:
        """Words come from a signed version about the sheets as they lie now (p.38)."""
        return "" if s.state == m.OPEN and hall.signed and hall.merged and not hall.fresh else "p.38"

    @rule(data=st.data(), own=st.integers(0, 4))
    def name_sheets(self, data: st.DataObject, own: int) -> None:
        """The commission's word on an open sheet: its owner, or now and then somebody else."""
        s, hall = self._hall(data)
        serial = (hall.open_sheets() or [p.serial for p in hall.papers] or ["000000000000"])[0]
        truth = next((p.owner for p in hall.papers if p.serial == serial), "")
        student = truth if truth and own else data.draw(st.sampled_from(sorted(hall.seated)))
        if self._known(hall, serial):
            return
        self._name(s, hall, {serial: Named(student, hall.seated[student].seat, hall.seated[student].variant)})

    @staticmethod
    def _known(hall: HallLife, serial: str) -> bool:
        """Sheets that need no word: they never stand in table 2."""
        return serial in hall.automatic() or serial in hall.named or serial in hall.unused or not any(
            p.serial == serial and p.written_on for p in hall.papers
        )

    def _name(self, s: ShiftLife, hall: HallLife, words: dict[str, Named]) -> None:
        forbidden = self._no_word(s, hall)
        if not forbidden:
            owners = hall.owners()
            taken = {word.student for word in owners.values()}
            seats = {word.seat for word in owners.values()}
            bad = [w for w in words.values() if w.student in taken | hall.absent or w.seat in seats]
            forbidden = "3" if bad or any(serial not in hall.sheets() for serial in words) else ""
        said = [
            IdentityDecision(serial, hall.seated[w.student].code, w.seat, w.variant, "3-акт")
            for serial, w in words.items()
        ]
        if self._try("name", forbidden, lambda: identification.decide_identities(
            self.ctx, s.number, hall.number, said)):  # fmt: skip
            hall.named |= words

    @rule(data=st.data(), true=st.booleans())
    def did_not_come(self, data: st.DataObject, true: bool) -> None:
        """«Келмеді»: of one who has no sheet, or of anybody."""
        s, hall = self._hall(data)
        with_sheet = {p.owner for p in hall.papers}
        gone = [one for one in sorted(hall.seated) if one not in with_sheet]
        self._absent(s, hall, gone[0] if true and gone else data.draw(st.sampled_from(sorted(hall.seated))))

    def _absent(self, s: ShiftLife, hall: HallLife, student: str) -> None:
        forbidden = self._no_word(s, hall) or ("" if student in hall.open_students() else "3")
        if self._try("absent", forbidden, lambda: identification.mark_absent(
            self.ctx, s.number, hall.number, [student])):  # fmt: skip
            hall.absent.add(student)

    @rule(data=st.data())
    def nobodys(self, data: st.DataObject) -> None:
        """A sheet with specks that was not used."""
        s, hall = self._hall(data)
        if hall.papers:
            stray = [p.serial for p in hall.papers if p.written_on and not p.owner]
            self._unused(s, hall, stray[0] if stray else hall.papers[-1].serial)

    def _unused(self, s: ShiftLife, hall: HallLife, serial: str) -> None:
        forbidden = self._no_word(s, hall) or ("" if serial in hall.open_sheets() else "3")
        if self._try("unused", forbidden, lambda: identification.mark_unused(
            self.ctx, s.number, hall.number, [serial], "дақ")):  # fmt: skip
            hall.unused.add(serial)

    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """A doubtful mark is decided by eye; one that was read without doubt is not."""
        s, hall = self._hall(data)
        if hall.papers:
            doubted = [p for p in hall.papers if p.doubt]
            self._look(s, hall, doubted[0] if doubted else hall.papers[0])

    def _look(self, s: ShiftLife, hall: HallLife, paper: Paper) -> None:
        subject, item = paper.doubt or (3, 4)
        letter = paper.answers[subject][item] if paper.answers else "A"
        merged = paper.serial in hall.sheets()
        forbidden = "3" if not merged else "p.38" if s.state != m.OPEN else "" if paper.doubt else "3"
        if self._try("eye", forbidden, lambda: doubtful.decide_mark(
            self.ctx, paper.serial, f"subject{subject + 1}", item, [letter])):  # fmt: skip
            hall.eye[paper.serial] = letter

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Take any word of the commission back."""
        s, hall = self._hall(data)
        standing = identification.decisions(self.ctx, s.number, hall.number, standing_only=True)
        if not standing:
            return
        word = standing[data.draw(st.integers(0, len(standing) - 1))]
        if self._try("undo", "" if s.state == m.OPEN else "p.38", lambda: identification.undo(self.ctx, word.id)):
            hall.named.pop(word.serial, None) if word.kind == "identity" else None
            hall.eye.pop(word.serial, None) if word.kind == "mark" else None
            hall.absent.discard(word.student if word.kind == "absent" else "")
            hall.unused.discard(word.serial if word.kind == "unused" else "")

    @rule(data=st.data(), right=st.booleans())
    def confirm(self, data: st.DataObject, right: bool) -> None:
        """The representative's word, or the programmer in his place."""
        self._confirm(self._busy(data), right=right)

    def _confirm(self, s: ShiftLife, *, right: bool = True) -> None:
        forbidden = self.life.why_not("close-identification", s.number, self.now) if right else "3"
        person = self.room.representative if right else self.ctx
        if self._try("confirm", forbidden, lambda: shifts.confirm_identification(person, s.number)):
            s.state = m.IDENTIFIED


def wrong_line(line: str, student: str) -> WrongData:
    """A line of the list: the first name is another."""
    return WrongData(
        id=line, student=student, university="027", field="first_name", printed_value="Әли", right_value="Әлихан",
        ground="жеке куәлік", application_number="5", application_date=date(2011, 4, 20), applied_at=None,
        applied_by=None,
    )  # fmt: skip

