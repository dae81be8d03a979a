"""Appeals of a shift (p.41-44): the journal with its deadline, the analysis card, the commission's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.appeal import (
    AUTOMATIC,
    AppealState,
    Ground,
    Item,
    ItemDecision,
    ItemFacts,
    decision_problems,
    filing_problems,
)
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.names import full_name
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.score import RIGHT, key_of_sheet, right_items
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import appeal_portions, hall_sheets, keys, results, shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.identification import SheetImage, sheet_images
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.exam import Removal, Seat
from mab_desktop.storage.tables.results import Appeal, AppealItem, AppealMember, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Student


@dataclass(frozen=True)
class MemberLine:
    """A listed member of the appeal commission."""

    id: str
    full_name: str
    subject: str
    language: str
    university: str
    chair: bool


@dataclass(frozen=True)
class AppealLine:
    """A line of the journal and register; `portion` in which the commission got it, 0 while it has not.

    `subjects` are the student's five subject codes in the sheet's order.
    """

    id: str
    shift: int
    number: int
    student: str
    name: str
    code: str
    specialty: str
    hall: str
    seat: int
    variant: str
    filed_at: datetime
    received_by: str
    items: tuple[Item, ...]
    state: AppealState
    satisfied: int
    subjects: tuple[str, ...]
    portion: int = 0


@dataclass(frozen=True)
class AppealView:
    """An application with every decision on its items, and who was present."""

    line: AppealLine
    decisions: tuple[ItemDecision, ...]
    present: tuple[str, ...]
    decided_at: str


@dataclass(frozen=True)
class CardSubject:
    """One table of the analysis card: key, answers read, `+` or `–`, and the reading behind each answer (p.40)."""

    code: str
    name_kk: str
    name_ru: str
    key: str
    answers: str
    results: str
    marks: tuple[str, ...]

    @property
    def points(self) -> int:
        """Right answers."""
        return self.results.count(RIGHT)


@dataclass(frozen=True)
class Card:
    """The analysis card of a student: five tables, and his sheet's picture."""

    student: str
    name: str
    code: str
    specialty: str
    shift: int
    hall: str
    seat: int
    variant: str
    subjects: tuple[CardSubject, ...]
    image: SheetImage


def members(ctx: Context) -> list[MemberLine]:
    """The appeal commission, the chair first."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        rows = session.scalars(select(AppealMember).order_by(AppealMember.chair.desc(), AppealMember.full_name))
        return [
            MemberLine(r.id, r.full_name, r.subject or "", r.language or "", r.university or "", r.chair) for r in rows
        ]


def save_member(ctx: Context, values: Mapping[str, Any]) -> str:
    """Enter or change a member (`id` "" or missing: new); one chair at most (p.9)."""
    _may_enter(ctx)
    name = str(values.get("full_name") or "").strip()
    if not name:
        raise Refused([Problem("full_name", N_("Required field."))])
    with ctx.store.write(ctx.actor) as tx:
        member = str(values.get("id") or "") or new_id(ctx.entropy)
        chair = bool(values.get("chair"))
        other = tx.session.scalar(
            select(AppealMember.id).where(AppealMember.chair.is_(True), AppealMember.id != member)
        )
        if chair and other:
            raise Refused([Problem("chair", N_("The appeal commission has a chair already (p.9)."))])
        fields = {key: values.get(key) or None for key in ("subject", "language", "university")}
        tx.session.merge(AppealMember(id=member, full_name=name, chair=chair, **fields))
        tx.note("appeal-member-saved", member, name=name, chair=chair)
    return member


def remove_member(ctx: Context, member: str) -> None:
    """Take a member off the list; refused once he sat on a decision."""
    _may_enter(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(AppealMember, member)
        if row is None:
            raise UserError(N_("This member is not on the list."))
        if any(member in present for present in tx.session.scalars(select(Appeal.present))):
            raise UserError(N_("This member took part in decisions and stays on the list (p.9)."))
        tx.session.delete(row)
        tx.note("appeal-member-removed", member, name=row.full_name)


def register_appeal(
    ctx: Context, shift: int, code: str, items: Iterable[Item], filed_at: datetime | None = None, *,
    own_breach: bool = False, received_by: str = "",
) -> AppealLine:  # fmt: skip
    """Enter an application in the journal (p.41): until 13:00 of the day after the results, never on one's own breach.

    `filed_at` is the time in the commission's paper journal, now if None. Applications may be entered in portions.
    """
    _may_enter(ctx)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.RESULTS)
        announced = shifts.announced_at(tx.session, shift)
        assert announced is not None
        now = ctx.clock.now()
        filed = filed_at or now
        allotment, points = _student_of(tx.session, shift, code)
        wanted = sorted(items)
        problems = filing_problems(
            filed, announced, wanted, hall_sheets.exam_profile(tx.session), own_breach=own_breach,
            removed=tx.session.get(Removal, allotment.student) is not None,
        )  # fmt: skip
        if filed > now:
            problems.append(Problem("filed", N_("This time is still to come.")))
        if points is None:
            problems.append(Problem("code", N_("This student has no sheet (p.38).")))
        if tx.session.scalar(select(Appeal.id).where(Appeal.student == allotment.student)):
            problems.append(Problem("code", N_("An application of this student is in the journal already (p.41).")))
        if problems:
            raise Refused(problems)
        number = (tx.session.scalar(select(func.max(Appeal.number)).where(Appeal.shift == shift)) or 0) + 1
        row = Appeal(
            id=new_id(ctx.entropy), shift=shift, student=allotment.student, number=number,
            filed_at=filed.isoformat(timespec="seconds"), received_by=received_by.strip() or ctx.actor.name,
            state=AppealState.PENDING.value, present=[], entered_at=stamp(ctx), entered_by=ctx.actor.login,
        )  # fmt: skip
        tx.session.add(row)
        tx.session.flush()
        tx.session.add_all([AppealItem(appeal=row.id, subject=s, item=i) for s, i in wanted])
        tx.note("appeal-registered", row.id, shift=shift, number=number, code=code, items=[list(i) for i in wanted])
        tx.session.flush()
        return lines_of(tx.session, shift, row.id)[0]


def journal(ctx: Context, shift: int) -> list[AppealLine]:
    """The applications of a shift in the order received."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return lines_of(session, shift)


def appeal(ctx: Context, appeal_id: str) -> AppealView:
    """One application with its decisions."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return appeal_view(session, appeal_id)


def appeal_view(session: Session, appeal_id: str) -> AppealView:
    """`appeal` within a session."""
    row = _appeal(session, appeal_id)
    names = {m.id: m.full_name for m in session.scalars(select(AppealMember))}
    rows = _items(session, appeal_id)
    decided = tuple(_decision(i, len(names)) for i in rows if i.satisfied is not None)
    present = tuple(names.get(m, m) for m in row.present)
    return AppealView(lines_of(session, row.shift, appeal_id)[0], decided, present, row.decided_at or "")


def card(ctx: Context, code: str) -> Card:
    """The answer analysis card of a student (p.40); OutOfOrder while the key is sealed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return card_of(ctx, session, code)


def card_of(ctx: Context, session: Session, code: str) -> Card:
    """`card` within a session."""
    shift = session.scalar(select(Allotment.shift).where(Allotment.code == code))
    if shift is None:
        raise UserError(N_("Code {code} belongs to nobody here."), code=code)
    shifts.require_state(session, shift, *KEY_KNOWN)
    allotment, points = _student_of(session, shift, code)
    sheet = hall_sheets.sheet(session, points.serial) if points else None
    student, seat = session.get(Student, allotment.student), _seat(session, allotment.student)
    if points is None or sheet is None or student is None:
        raise UserError(N_("This student has no sheet (p.38)."))
    subjects = hall_sheets.subjects_of(session, shift)[student.id]
    answers = reading.answers(sheet.marks, len(subjects))
    letters = key_of_sheet(keys.letters_of(session, shift), points.variant, subjects)
    names = reference_list(session, "subject")
    tables = tuple(
        CardSubject(
            subject, names[subject].name_kk if subject in names else subject,
            names[subject].name_ru if subject in names else subject, letters[n], answers[n],
            right_items(answers[n], letters[n]), tuple(sheet.read[f"subject{n + 1}"]),
        )
        for n, subject in enumerate(subjects)
    )  # fmt: skip
    image = sheet_images(ctx, session, [points.serial])[points.serial]
    name = full_name(student.surname or "", student.first_name or "", student.patronymic)
    return Card(
        student.id, name, code, student.specialty or "", shift, allotment.hall, seat.seat if seat else 0,
        points.variant, tables, image,
    )  # fmt: skip


def decide_appeal(ctx: Context, appeal_id: str, decisions: Sequence[ItemDecision], present: Sequence[str]) -> None:
    """Enter the commission's word on every item of an application from its form (p.43, p.44).

    `present` are ids of listed members. Refused with every reason: an item that was not appealed, a point without
    ground or majority, a ground that the scan contradicts.
    """
    _may_enter(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = _pending(tx.session, appeal_id)
        listed = list(tx.session.scalars(select(AppealMember.id)))
        items = _items(tx.session, appeal_id)
        profile = hall_sheets.exam_profile(tx.session)
        here = [m for m in dict.fromkeys(present) if m in listed]
        problems = _chair_problems(tx.session, decisions, here) + decision_problems(
            decisions, [(i.subject, i.item) for i in items], _facts(tx.session, row.student), len(listed), len(here),
            profile.options,
        )  # fmt: skip
        if problems:
            raise Refused(problems)
        by_item = {(d.subject, d.item): d for d in decisions}
        names = ", ".join(sorted(m.full_name for m in tx.session.scalars(select(AppealMember)) if m.id in here))
        for item in items:
            _enter(item, by_item[item.subject, item.item], len(here), names)
        row.state, row.present = AppealState.DECIDED.value, here
        row.decided_at, row.decided_by = stamp(ctx), ctx.actor.login
        tx.session.flush()
        results.rescore(tx, row.student)
        given = [[d.subject, d.item, d.ground.value if d.ground else ""] for d in decisions if d.satisfied]
        tx.note("appeal-decided", appeal_id, satisfied=given, items=len(decisions), present=len(here))


def _chair_problems(session: Session, decisions: Sequence[ItemDecision], present: Sequence[str]) -> list[Problem]:
    """The chair decides on a tie (p.9): only a chair who sits there."""
    chair = session.scalar(select(AppealMember.id).where(AppealMember.chair.is_(True)))
    if chair in present:
        return []
    text = N_("Subject {subject}, item {item}: the chair decides on a tie, but is not among those present (p.9).")
    return [
        Problem(f"{d.subject}:{d.item}", text, (("subject", d.subject), ("item", d.item)))
        for d in decisions
        if d.chair_for
    ]


def mark_not_come(ctx: Context, appeal_id: str) -> None:
    """Enter that a student did not come to the appeal: his application is not considered and not satisfied (p.43)."""
    _may_enter(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = _pending(tx.session, appeal_id)
        _clear(_items(tx.session, appeal_id))  # what another application's ground gave him: p.43 gives him nothing
        row.state, row.decided_at, row.decided_by = AppealState.NOT_COME.value, stamp(ctx), ctx.actor.login
        tx.note("appeal-not-come", appeal_id)


def undo_appeal(ctx: Context, appeal_id: str) -> None:
    """Take a wrongly typed decision back while the appeal of the shift is open; the log keeps what stood there."""
    _may_enter(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = _appeal(tx.session, appeal_id)
        shifts.require_state(tx.session, row.shift, ShiftState.RESULTS)
        if row.state == AppealState.PENDING.value:
            raise OutOfOrder(N_("This application has no decision yet (p.43)."))
        was = row.state
        _clear(_items(tx.session, appeal_id))
        row.state, row.present, row.decided_at, row.decided_by = AppealState.PENDING.value, [], None, None
        tx.session.flush()
        results.rescore(tx, row.student)
        tx.note("appeal-undone", appeal_id, was=was)


def same_items(ctx: Context, appeal_id: str) -> list[tuple[int, int, AppealLine]]:
    """Other applications of the shift that name an item of this one: (subject, item, application).

    An automatic ground (1 and 5) gives the point to all of them (p.43).
    """
    with ctx.store.read() as session:
        mine = _appeal(session, appeal_id)
        lines = {line.id: line for line in lines_of(session, mine.shift)}
        return [(*item, lines[other.appeal]) for item, other in _same(session, mine)]


def to_be_given(ctx: Context, appeal_id: str) -> list[AppealLine]:
    """The applications that an automatic ground of this one concerns and that do not have its point yet (p.43)."""
    with ctx.store.read() as session:
        mine = _appeal(session, appeal_id)
        lines = {line.id: line for line in lines_of(session, mine.shift)}
        found = {other.appeal for _, other in _without_point(session, mine)}
    return sorted((lines[one] for one in found), key=lambda line: line.number)


def give_to_all(ctx: Context, appeal_id: str) -> list[AppealLine]:
    """Give the points of an application's automatic grounds to everybody whose appeal names the item (p.43).

    The word goes with ground, reasons, literature and votes. Applications still to be heard get it as the beginning of
    their decision; those decided already get their points counted anew; who did not come gets nothing.
    """
    _may_enter(ctx)
    with ctx.store.write(ctx.actor) as tx:
        mine = _appeal(tx.session, appeal_id)
        shifts.require_state(tx.session, mine.shift, ShiftState.RESULTS)
        words = {(i.subject, i.item): i for i in _items(tx.session, appeal_id)}
        given: dict[str, list[list[int]]] = {}
        for item, other in _without_point(tx.session, mine):
            word = words[item]
            for name in ("satisfied", "ground", "reasons", "literature", "accepted", "votes_for", "votes_against",
                         "member"):  # fmt: skip
                setattr(other, name, getattr(word, name))
            given.setdefault(other.appeal, []).append([other.subject, other.item])
        tx.session.flush()
        for one in sorted(given):
            row = _appeal(tx.session, one)
            if row.state == AppealState.DECIDED.value:
                results.rescore(tx, row.student)
            tx.note("appeal-given-to-all", one, by=mine.number, items=given[one])
        lines = {line.id: line for line in lines_of(tx.session, mine.shift)}
    return sorted((lines[one] for one in given), key=lambda line: line.number)


def _same(session: Session, mine: Appeal) -> list[tuple[Item, AppealItem]]:
    """Items of other applications that are the same question as one of `mine`: (the item there, the other's row)."""
    subjects = hall_sheets.subjects_of(session, mine.shift)
    scored = session.scalars(select(ScoreRow).where(ScoreRow.shift == mine.shift))
    variants = {row.student: row.variant for row in scored}
    query = select(AppealItem, Appeal).join(Appeal, Appeal.id == AppealItem.appeal).where(Appeal.shift == mine.shift)
    asked: dict[tuple[str, str, int], Item] = {}
    others: list[tuple[tuple[str, str, int], AppealItem]] = []
    for item, row in session.execute(query.order_by(Appeal.number, AppealItem.subject, AppealItem.item)):
        question = (variants[row.student], subjects[row.student][item.subject - 1], item.item)
        if row.id == mine.id:
            asked[question] = (item.subject, item.item)
        else:
            others.append((question, item))
    return [(asked[question], item) for question, item in others if question in asked]


def _without_point(session: Session, mine: Appeal) -> list[tuple[Item, AppealItem]]:
    automatic = {
        (i.subject, i.item)
        for i in _items(session, mine.id)
        if i.satisfied and i.ground and Ground(i.ground) in AUTOMATIC
    }
    query = select(Appeal.id, Appeal.student).where(
        Appeal.shift == mine.shift, Appeal.state != AppealState.NOT_COME.value
    )
    students = {row[0]: row[1] for row in session.execute(query)}
    return [
        (item, other)
        for item, other in _same(session, mine)
        if item in automatic and not other.satisfied and other.appeal in students
        and not _right_already(session, students[other.appeal], other)
    ]


def _right_already(session: Session, student: str, item: AppealItem) -> bool:
    """He answered as the key has it: there is no point to give."""
    row = session.get_one(ScoreRow, student)
    code = hall_sheets.subjects_of(session, row.shift)[student][item.subject - 1]
    return shifts.answered_right(session, row, code, item.subject, item.item)


def _clear(items: Iterable[AppealItem]) -> None:
    for item in items:
        item.satisfied, item.ground, item.reasons, item.literature = None, None, "", ""
        item.accepted, item.votes_for, item.votes_against, item.member = "", 0, 0, ""


def _may_enter(ctx: Context) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)


def _student_of(session: Session, shift: int, code: str) -> tuple[Allotment, ScoreRow | None]:
    row = session.scalars(select(Allotment).where(Allotment.code == code, Allotment.shift == shift)).first()
    if row is None:
        raise UserError(N_("Code {code} belongs to nobody in this shift."), code=code)
    return row, session.get(ScoreRow, row.student)


def _seat(session: Session, student: str) -> Seat | None:
    return session.scalars(select(Seat).where(Seat.student == student)).first()


def _appeal(session: Session, appeal_id: str) -> Appeal:
    row = session.get(Appeal, appeal_id)
    if row is None:
        raise UserError(N_("This application is not in the journal."))
    return row


def _pending(session: Session, appeal_id: str) -> Appeal:
    row = _appeal(session, appeal_id)
    shifts.require_state(session, row.shift, ShiftState.RESULTS)
    if row.state != AppealState.PENDING.value:
        raise OutOfOrder(
            N_("This application is decided already (p.43)."), next_step=N_("Take the decision back first.")
        )
    return row


def _items(session: Session, appeal_id: str) -> list[AppealItem]:
    query = select(AppealItem).where(AppealItem.appeal == appeal_id).order_by(AppealItem.subject, AppealItem.item)
    return list(session.scalars(query))


def lines_of(session: Session, shift: int, only: str = "") -> list[AppealLine]:
    """The journal of a shift within a session, or one line of it."""
    query = (
        select(Appeal, Student, Allotment, Seat.seat, ScoreRow.variant)
        .join(Student, Student.id == Appeal.student)
        .join(Allotment, Allotment.student == Appeal.student)
        .join(Seat, Seat.student == Appeal.student)
        .join(ScoreRow, ScoreRow.student == Appeal.student)
        .where(Appeal.shift == shift)
        .order_by(Appeal.number)
    )
    items: dict[str, list[AppealItem]] = {}
    named = select(AppealItem).join(Appeal, Appeal.id == AppealItem.appeal).where(Appeal.shift == shift)
    for item in session.scalars(named.order_by(AppealItem.subject, AppealItem.item)):
        items.setdefault(item.appeal, []).append(item)
    handed = appeal_portions.portions_of(session, shift)
    return [
        AppealLine(
            a.id, a.shift, a.number, a.student, full_name(s.surname or "", s.first_name or "", s.patronymic), al.code,
            s.specialty or "", al.hall, seat, variant, datetime.fromisoformat(a.filed_at), a.received_by,
            tuple((i.subject, i.item) for i in items.get(a.id, ())), AppealState(a.state),
            sum(bool(i.satisfied) for i in items.get(a.id, ())), tuple(getattr(al, name) for name in SUBJECT_FIELDS),
            next((one.n for one in handed if one.holds(a.number)), 0),
        )
        for a, s, al, seat, variant in session.execute(query.where(Appeal.id == only) if only else query)
    ]  # fmt: skip


def _facts(session: Session, student: str) -> dict[Item, ItemFacts]:
    """What sheet and key say about every item of a student."""
    points = session.get(ScoreRow, student)
    sheet = hall_sheets.sheet(session, points.serial) if points else None
    if points is None or sheet is None:
        raise UserError(N_("This student has no sheet (p.38)."))
    subjects = hall_sheets.subjects_of(session, points.shift)[student]
    letters = key_of_sheet(keys.letters_of(session, points.shift), points.variant, subjects)
    answers = reading.answers(sheet.marks, len(subjects))
    return {
        (n + 1, i + 1): ItemFacts(
            letters[n][i], answers[n][i], (*reading.values_of(read[i]), *reading.values_of(sheet.marks[field][i]))
        )
        for n, field in enumerate(reading.subject_fields(len(subjects)))
        for read in (sheet.read[field],)
        for i in range(len(letters[n]))
    }  # fmt: skip


def _enter(item: AppealItem, d: ItemDecision, present: int, names: str) -> None:
    item.satisfied, item.ground = d.satisfied, d.ground.value if d.ground else None
    item.reasons, item.literature, item.accepted = d.reasons.strip(), d.literature.strip(), d.accepted
    item.votes_for = present - d.votes_against if d.votes_for is None else d.votes_for
    item.votes_against, item.member = d.votes_against, names[:120]
    if not d.satisfied and d.votes_for is None:
        item.votes_for, item.votes_against = 0, present


def _decision(i: AppealItem, listed: int) -> ItemDecision:
    """The word as it was entered; a point without the majority of the `listed` members is the chair's (p.9)."""
    return ItemDecision(
        i.subject, i.item, bool(i.satisfied), Ground(i.ground) if i.ground else None, i.reasons, i.literature,
        i.accepted, i.votes_for, i.votes_against, bool(i.satisfied) and 2 * i.votes_for <= listed,
    )  # fmt: skip
