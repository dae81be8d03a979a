"""Plan of work and sittings of the state commission (p.6): agenda, attendance, votes, minutes, corrections."""

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
    PLAN_ITEM,
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
from mab_desktop.domain.entropy import new_id
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


# -- plan of work


def plan(ctx: Context) -> list[dict[str, Any]]:
    """The lines of the plan of work by day."""
    with ctx.store.read() as session:
        rows = session.scalars(select(tables.PlanItem).order_by(tables.PlanItem.due, tables.PlanItem.id))
        return [{name: getattr(row, name) for name in ("id", *PLAN_ITEM.names, "done_on")} for row in rows]


def save_plan_item(ctx: Context, values: Mapping[str, Any]) -> str:
    """Enter or change (`id` given) a line of the plan; gives the id."""
    require(ctx, Role.BASE_UNI)
    row = _checked(PLAN_ITEM, values)
    key = str(values.get("id") or new_id(ctx.entropy))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(tables.PlanItem(id=key, **row))
        tx.note("plan-item-saved", key, due=row["due"].isoformat(), text=row["text"])
    return key


def remove_plan_item(ctx: Context, key: str) -> None:
    """Strike out a line that is not done; the log keeps what it said."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _plan_item(tx.session, key)
        if row.done_on is not None:
            raise OutOfOrder(N_("What is done stays in the plan of work."))
        tx.note("plan-item-removed", key, text=row.text)
        tx.session.delete(row)


def finish_plan_item(ctx: Context, key: str, day: date) -> None:
    """Note on which day a line of the plan was done."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _plan_item(tx.session, key)
        if day > ctx.clock.now().date():
            raise Refused([Problem("day", N_("This day has not come yet."))])
        row.done_on = day
        tx.note("plan-item-done", key, day=day.isoformat())


# -- sittings


def sittings(ctx: Context) -> list[Sitting]:
    """Every sitting, the last first."""
    with ctx.store.read() as session:
        rows = session.scalars(select(tables.Sitting).order_by(tables.Sitting.number.desc()))
        return [_whole(session, row) for row in rows]


def sitting(ctx: Context, number: int) -> Sitting:
    """One sitting."""
    with ctx.store.read() as session:
        return _whole(session, _row(session, number))


def save_sitting(ctx: Context, values: Mapping[str, Any], number: int | None = None) -> int:
    """Call a sitting, or change day, time and place of one whose attendance is not taken; gives its number."""
    require(ctx, Role.BASE_UNI)
    row = _checked(SITTING, values)
    with ctx.store.write(ctx.actor) as tx:
        if number is not None:
            _open(tx.session, number)
            if _attenders(tx.session, number):
                raise OutOfOrder(N_("The attendance of this sitting is taken already; its day stays."))
        own = number or (tx.session.scalar(select(func.max(tables.Sitting.number))) or 0) + 1
        tx.session.merge(tables.Sitting(number=own, **row))
        tx.note("sitting-saved", str(own), day=row["day"].isoformat(), time=row["time"], place=row["place"])
    return own


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


def save_question(ctx: Context, number: int, values: Mapping[str, Any], question: int | None = None) -> int:
    """Put a question on the agenda, or change one that is not voted on; gives its number."""
    require(ctx, Role.BASE_UNI)
    row = _checked(QUESTION, values)
    with ctx.store.write(ctx.actor) as tx:
        _open(tx.session, number)
        if question is not None:
            _not_voted(_question(tx.session, number, question))
        last = select(func.max(tables.SittingQuestion.number)).where(tables.SittingQuestion.sitting == number)
        own = question or (tx.session.scalar(last) or 0) + 1
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
        for later in _questions(tx.session, number):
            if later.number > question:
                later.number -= 1
                tx.session.flush()


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


def _plan_item(session: Session, key: str) -> tables.PlanItem:
    if (row := session.get(tables.PlanItem, key)) is None:
        raise UserError(N_("There is no such line in the plan of work."))
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
