"""Sittings of the state commission (p.6): agenda, attendance, votes, minutes, corrections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.commission import (
    CHAIR,
    OBSERVER,
    QUESTION,
    ROLES,
    SITTING,
    Votes,
    adopted,
    commission_problems,
    has_quorum,
    on_the_list,
    quorum,
    vote_problems,
)
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.storage.tables import sittings as tables
from mab_desktop.storage.tables.base_university import CommissionMember


@dataclass(frozen=True, slots=True)
class Attender:
    """Somebody of the commission on the day of a sitting."""

    member: str
    full_name: str
    role: str
    post: str
    present: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a sitting; `votes` and `adopted` are None until it was voted on."""

    sitting: int
    number: int
    text: str
    reporter: str
    decision: str
    votes: Votes | None
    adopted: bool | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What the minutes of a closed sitting should have said."""

    text: str
    ground: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitting with everything that belongs to it; `minutes` is the number of its minutes once it is closed."""

    number: int
    day: date
    time: str
    place: str
    minutes: int | None
    closed_at: str
    attenders: tuple[Attender, ...]
    questions: tuple[Question, ...]
    corrections: tuple[Correction, ...]

    @property
    def voting(self) -> tuple[Attender, ...]:
        """Everybody with a vote, there or not."""
        return tuple(a for a in self.attenders if a.role != OBSERVER)

    @property
    def present(self) -> int:
        """How many with a vote came."""
        return sum(a.present for a in self.voting)

    @property
    def quorate(self) -> bool:
        """Two thirds of all who vote are there (p.6)."""
        return has_quorum(self.present, len(self.voting))

    @property
    def chair_present(self) -> bool:
        """The chair came, so that equal votes can be decided."""
        return any(a.present and a.role == CHAIR for a in self.attenders)


def sittings(ctx: Context) -> list[Sitting]:
    """Every sitting, the last first."""
    with ctx.store.read() as session:
        rows = session.scalars(select(tables.Sitting).order_by(tables.Sitting.number.desc()))
        return [_whole(session, row) for row in rows]


def sitting(ctx: Context, number: int) -> Sitting:
    """One sitting."""
    with ctx.store.read() as session:
        return _whole(session, _row(session, number))


def save_sitting(
    ctx: Context, values: Mapping[str, Any], number: int | None = None, *, agenda: Iterable[Mapping[str, Any]] = ()
) -> int:
    """Call a sitting, or change day, time and place of one whose attendance is not taken; gives its number.

    `agenda` are the questions that a new one begins with.
    """
    require(ctx, Role.BASE_UNI)
    row, asked = _checked(SITTING, values), [_checked(QUESTION, question) for question in agenda]
    with ctx.store.write(ctx.actor) as tx:
        if number is not None:
            _open(tx.session, number)
            if _attenders(tx.session, number):
                raise OutOfOrder(N_("The attendance of this sitting is taken already; its day stays."))
        own = number or (tx.session.scalar(select(func.max(tables.Sitting.number))) or 0) + 1
        tx.session.merge(tables.Sitting(number=own, **row))
        tx.session.flush()
        tx.session.add_all(tables.SittingQuestion(sitting=own, number=n, **q) for n, q in enumerate(asked, start=1))
        tx.note("sitting-saved", str(own), day=row["day"].isoformat(), time=row["time"], place=row["place"],
                questions=len(asked))  # fmt: skip
    return own


def call_again(ctx: Context, values: Mapping[str, Any], number: int) -> int:
    """Call a sitting with the agenda of one that was closed without a quorum; gives the new one's number."""
    with ctx.store.read() as session:
        row = _row(session, number)
        if row.closed_at is None or row.minutes is not None:
            raise OutOfOrder(N_("Only a sitting that had no quorum is called again."))
        asked = [{name: getattr(q, name) for name in QUESTION.names} for q in _questions(session, number)]
    return save_sitting(ctx, values, agenda=asked)


def remove_sitting(ctx: Context, number: int) -> Sitting:
    """Take back that a sitting was called, while nobody's attendance is noted; gives it for `put_back`."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _open(tx.session, number)
        whole = _whole(tx.session, row)
        if whole.attenders:
            raise OutOfOrder(N_("The attendance of this sitting is taken already; its day stays."))
        tx.note("sitting-removed", str(number), day=row.day.isoformat(), questions=len(whole.questions))
        for question in _questions(tx.session, number):
            tx.session.delete(question)
        tx.session.flush()
        tx.session.delete(row)
        return whole


def put_back(ctx: Context, gone: Sitting) -> int:
    """Call a sitting that was taken back again, with its agenda; its number, another one if that is in use."""
    agenda = [{name: getattr(q, name) for name in QUESTION.names} for q in gone.questions]
    return save_sitting(ctx, {"day": gone.day, "time": gone.time, "place": gone.place}, agenda=agenda)


def on_list(ctx: Context, number: int) -> list[Attender]:
    """Whom the attendance of a sitting asks about: as noted, or else everybody on the list of its day."""
    with ctx.store.read() as session:
        row = _row(session, number)
        return list(_attenders(session, number)) or _listed(session, row.day)


def take_attendance(ctx: Context, number: int, present: Iterable[str]) -> None:
    """Note who came (ids of members); the list as it stands on that day is kept with the sitting."""
    require(ctx, Role.BASE_UNI)
    came = frozenset(present)
    with ctx.store.write(ctx.actor) as tx:
        row = _open(tx.session, number)
        if row.day > ctx.clock.now().date():
            raise OutOfOrder(N_("The day of this sitting has not come yet."))
        if any(q.adopted is not None for q in _questions(tx.session, number)):
            raise OutOfOrder(N_("Questions are voted on already. Take their votes back first."))
        listed = _listed(tx.session, row.day)
        if found := commission_problems([{"role": a.role} for a in listed]):
            raise Refused(found)
        if came - {a.member for a in listed}:
            raise UserError(N_("There is no such person on the list."))
        for old in tx.session.scalars(select(tables.SittingMember).where(tables.SittingMember.sitting == number)):
            tx.session.delete(old)
        tx.session.flush()
        tx.session.add_all(
            tables.SittingMember(sitting=number, member=a.member, full_name=a.full_name, role=a.role,
                                 post=a.post or None, present=a.member in came)
            for a in listed
        )  # fmt: skip
        tx.note("sitting-attended", str(number), present=sorted(came))


def save_question(
    ctx: Context, number: int, values: Mapping[str, Any], question: int | None = None, *, at: int = 0
) -> int:
    """Put a question on the agenda (last, or `at` a place), or change one that is not voted on; gives its number."""
    require(ctx, Role.BASE_UNI)
    row = _checked(QUESTION, values)
    with ctx.store.write(ctx.actor) as tx:
        _open(tx.session, number)
        if question is not None:
            _not_voted(_question(tx.session, number, question))
        last = select(func.max(tables.SittingQuestion.number)).where(tables.SittingQuestion.sitting == number)
        end = (tx.session.scalar(last) or 0) + 1
        own = question or (min(at, end) if at else end)
        if question is None:
            _shift(tx.session, number, range(end - 1, own - 1, -1), 1)
        tx.session.merge(tables.SittingQuestion(sitting=number, number=own, **row))
        tx.note("sitting-question-saved", f"{number}/{own}", text=row["text"])
    return own


def remove_question(ctx: Context, number: int, question: int) -> None:
    """Take a question that is not voted on off the agenda; those after it move up."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        _open(tx.session, number)
        row = _question(tx.session, number, question)
        _not_voted(row)
        tx.note("sitting-question-removed", f"{number}/{question}", text=row.text)
        tx.session.delete(row)
        tx.session.flush()
        _shift(tx.session, number, (q.number for q in _questions(tx.session, number) if q.number > question), -1)


def move_question(ctx: Context, number: int, question: int, place: int) -> None:
    """Put a question elsewhere in the order; neither it nor one that it passes may be voted on."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        _open(tx.session, number)
        whole = _questions(tx.session, number)
        row = _question(tx.session, number, question)
        if not 1 <= place <= len(whole):
            raise UserError(N_("There is no such question on the agenda."))
        passed = whole[min(question, place) - 1 : max(question, place)]
        for other in passed:
            _not_voted(other)
        row.number = 0
        tx.session.flush()
        down = place > question
        between = range(question + 1, place + 1) if down else range(question - 1, place - 1, -1)
        _shift(tx.session, number, between, -1 if down else 1)
        row.number = place
        tx.note("sitting-question-moved", f"{number}/{question}", place=place)


def vote(ctx: Context, number: int, question: int, votes: Votes) -> bool:
    """Enter the votes on a question; refused without a quorum. True when the decision is adopted."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        whole = _whole(tx.session, _open(tx.session, number))
        row = _question(tx.session, number, question)
        _not_voted(row)
        _require_quorum(whole)
        if found := vote_problems(votes, whole.present, chair_present=whole.chair_present):
            raise Refused(found)
        row.votes_for, row.votes_against, row.abstained = votes.votes_for, votes.against, votes.abstained
        row.casting, row.adopted = votes.casting or None, adopted(votes, whole.present)
        tx.note("sitting-voted", f"{number}/{question}", votes=[votes.votes_for, votes.against, votes.abstained],
                casting=votes.casting, adopted=row.adopted)  # fmt: skip
        return row.adopted


def withdraw_vote(ctx: Context, number: int, question: int) -> None:
    """Take wrongly entered votes back while the sitting is open; the log keeps them."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        _open(tx.session, number)
        row = _question(tx.session, number, question)
        if row.adopted is None:
            raise OutOfOrder(N_("This question is not voted on yet."))
        tx.note("sitting-vote-withdrawn", f"{number}/{question}",
                votes=[row.votes_for, row.votes_against, row.abstained])  # fmt: skip
        row.votes_for = row.votes_against = row.abstained = row.casting = row.adopted = None


def closing_problems(whole: Sitting) -> list[Problem]:
    """Why a sitting cannot be closed yet. One without a quorum may be: it has no minutes and decided nothing."""
    if not whole.attenders:
        return [Problem("attendance", N_("The attendance is not taken yet."))]
    if not whole.quorate:
        return []
    if not whole.questions:
        return [Problem("agenda", N_("There is no question on the agenda."))]
    text = N_("Question {number} is not voted on.")
    return [Problem("agenda", text, (("number", q.number),)) for q in whole.questions if q.adopted is None]


def close_sitting(ctx: Context, number: int) -> int | None:
    """Close a sitting for good; gives the number of its minutes, None when it had no quorum."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _open(tx.session, number)
        whole = _whole(tx.session, row)
        if found := closing_problems(whole):
            raise Refused(found)
        if whole.quorate:
            row.minutes = (tx.session.scalar(select(func.max(tables.Sitting.minutes))) or 0) + 1
        row.closed_at, row.closed_by = stamp(ctx), ctx.actor.login
        tx.note("sitting-closed", str(number), minutes=row.minutes, present=whole.present, voting=len(whole.voting))
        return row.minutes


def correct(ctx: Context, number: int, text: str, ground: str) -> None:
    """Add a correction to a closed sitting; its minutes stay as they were."""
    require(ctx, Role.BASE_UNI)
    words, why = text.strip(), ground.strip()
    if not words or not why:
        raise Refused([Problem("ground", N_("A correction needs its words and its ground."))])
    with ctx.store.write(ctx.actor) as tx:
        if _row(tx.session, number).closed_at is None:
            raise OutOfOrder(N_("This sitting is still open: change it itself."))
        tx.session.add(tables.SittingCorrection(sitting=number, text=words[:1000], ground=why[:500], at=stamp(ctx),
                                                by=ctx.actor.login))  # fmt: skip
        tx.note("sitting-corrected", str(number), text=words[:1000], ground=why[:500])


# -- parts


def _checked(spec: RecordSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: values.get(name) if values.get(name) != "" else None for name in spec.names}
    if found := spec.problems(row):
        raise Refused(found)
    return row


def _row(session: Session, number: int) -> tables.Sitting:
    if (row := session.get(tables.Sitting, number)) is None:
        raise UserError(N_("There is no sitting number {number}."), number=number)
    return row


def _open(session: Session, number: int) -> tables.Sitting:
    row = _row(session, number)
    if row.closed_at is not None:
        raise OutOfOrder(N_("This sitting is closed and does not change. Enter a correction with its ground."))
    return row


def _question(session: Session, number: int, question: int) -> tables.SittingQuestion:
    if (row := session.get(tables.SittingQuestion, (number, question))) is None:
        raise UserError(N_("There is no such question on the agenda."))
    return row


def _not_voted(row: tables.SittingQuestion) -> None:
    if row.adopted is not None:
        raise OutOfOrder(N_("This question is voted on already. Take its votes back first."))


def _shift(session: Session, number: int, questions: Iterable[int], by: int) -> None:
    """Give questions the number before or after, one by one, the nearest to the gap first."""
    for question in list(questions):
        _question(session, number, question).number += by
        session.flush()


def _require_quorum(whole: Sitting) -> None:
    if not whole.attenders:
        raise OutOfOrder(N_("The attendance is not taken yet."))
    if not whole.quorate:
        text = N_("{present} of {voting} voting members are present; a sitting decides with {least} (p.6).")
        voting = len(whole.voting)
        raise OutOfOrder(text, present=whole.present, voting=voting, least=quorum(voting))


def _questions(session: Session, number: int) -> list[tables.SittingQuestion]:
    query = select(tables.SittingQuestion).where(tables.SittingQuestion.sitting == number)
    return list(session.scalars(query.order_by(tables.SittingQuestion.number)))


def _attenders(session: Session, number: int) -> tuple[Attender, ...]:
    rows = session.scalars(select(tables.SittingMember).where(tables.SittingMember.sitting == number))
    return _in_order(Attender(r.member, r.full_name, r.role, r.post or "", r.present) for r in rows)


def _listed(session: Session, day: date) -> list[Attender]:
    rows = [
        row for row in session.scalars(select(CommissionMember))
        if on_the_list({"joined_on": row.joined_on, "left_on": row.left_on}, day)
    ]  # fmt: skip
    return list(_in_order(Attender(r.id, r.full_name, r.role, r.post or "", present=False) for r in rows))


def _in_order(people: Iterable[Attender]) -> tuple[Attender, ...]:
    return tuple(sorted(people, key=lambda a: (ROLES.index(a.role), sort_key(a.full_name))))


def _whole(session: Session, row: tables.Sitting) -> Sitting:
    query = select(tables.SittingCorrection).where(tables.SittingCorrection.sitting == row.number)
    corrections = session.scalars(query.order_by(tables.SittingCorrection.id))
    return Sitting(
        row.number, row.day, row.time, row.place, row.minutes, row.closed_at or "", _attenders(session, row.number),
        tuple(_as_question(q) for q in _questions(session, row.number)),
        tuple(Correction(c.text, c.ground, c.at, c.by) for c in corrections),
    )  # fmt: skip


def _as_question(q: tables.SittingQuestion) -> Question:
    votes = None
    if q.adopted is not None:
        votes = Votes(q.votes_for or 0, q.votes_against or 0, q.abstained or 0, q.casting or "")
    return Question(q.sitting, q.number, q.text, q.reporter or "", q.decision, votes, q.adopted)
