"""Every printed pass by itself: planned with its printing, counted when it came out, issued or noted as spoilt (p.24).

Printed = issued + spoilt + in stock, for each network university: what does not agree with a count of the stock is
shown.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple, overload

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.base_university import BoardEntry, PassSlip
from mab_desktop.storage.tables.passes import PassCopy, PassStock
from mab_desktop.storage.tables.students import Allotment, Student

_CHUNK = 500  # students asked for at once


class Piece(NamedTuple):
    """A pass in a document: whose, which copy of it, the page it stands on (from 1)."""

    student: str
    copy: int
    page: int


class Pieces(Sequence[Piece]):
    """The passes of a whole run: what each is, and its page, worked out when it is asked for.

    20,000 passes kept as they are asked for would take some ten MiB; whose they are and which copy take less than one.
    """

    def __init__(self, students: Sequence[str], copies: Sequence[int], per_sheet: int, pages: int) -> None:
        self._students, self._copies = students, copies
        self._per_sheet, self._pages = per_sheet, pages

    def __len__(self) -> int:
        return len(self._students)

    @overload
    def __getitem__(self, at: int) -> Piece: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Piece]: ...
    def __getitem__(self, at: int | slice) -> Piece | Sequence[Piece]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        n = range(len(self))[at]
        return Piece(self._students[n], self._copies[n], 1 + n // self._per_sheet * self._pages)


class PassState(StrEnum):
    """Where the newest copy of a pass is."""

    NONE = "none"  # none was printed
    PRINTING = "printing"  # at the printer, or broken off
    STOCK = "stock"
    ISSUED = "issued"
    SPOILT = "spoilt"  # and none was printed in its place


@dataclass(frozen=True, slots=True)
class Standing:
    """A pass: how many copies came out, the number of the newest, where it is, why it is spoilt."""

    printed: int = 0
    copy: int = 0
    state: PassState = PassState.NONE
    issued_at: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """Passes of a network university: students, copies printed, issued, spoilt, at the printer; the stock as counted.

    `waiting` are students none of whose copies is whole.
    """

    university: str
    allotted: int
    numbered: int
    printed: int = 0
    issued: int = 0
    spoilt: int = 0
    printing: int = 0
    waiting: int = 0
    counted: int | None = None
    counted_at: str = ""

    @property
    def stock(self) -> int:
        """What must lie here."""
        return self.printed - self.issued - self.spoilt

    @property
    def difference(self) -> int:
        """How many more were counted than must lie here; 0 while nobody has counted."""
        return 0 if self.counted is None else self.counted - self.stock


@dataclass(frozen=True, slots=True)
class SpoiltPass:
    """A spoilt copy with its number and the reason."""

    student: str
    university: str
    number: str
    copy: int
    name: str
    at: str
    by: str
    why: str


# -- printing


def copy_numbers(session: Session, students: Sequence[str]) -> array[int]:
    """The number that the next copy of each of these passes gets, in their order."""
    found = array("H")
    for some in _chunks(students):
        due = next_copies(session, some)
        found.extend(due[student] for student in some)
    return found


def next_copies(session: Session, students: Collection[str]) -> dict[str, int]:
    """The number that the next copy of each pass gets: 1, or one more than the newest."""
    found = dict.fromkeys(students, 1)
    for some in _chunks(list(students)):
        query = select(PassCopy.student, func.max(PassCopy.copy)).where(PassCopy.student.in_(some))
        found |= {student: last + 1 for student, last in session.execute(query.group_by(PassCopy.student))}
    return found


def plan(tx: Transaction, job: int, pieces: Iterable[Piece]) -> None:
    """Note what a printing will bring; UserError when some of it was printed since the document was drawn."""
    waiting = iter(pieces)
    while some := list(islice(waiting, _CHUNK)):
        due = next_copies(tx.session, [piece.student for piece in some])
        if any(due[piece.student] != piece.copy for piece in some):
            raise UserError(
                N_("Some of these passes were printed since this document was drawn. Nothing was printed."),
                next_step=N_("Open the paper again: it is drawn anew, and copies say that they are copies."),
            )
        tx.session.execute(insert(PassCopy), [{**piece._asdict(), "job": job} for piece in some])


def counted(tx: Transaction, job: int) -> bool:
    """True when a printing holds passes."""
    return tx.session.scalar(select(PassCopy.id).where(PassCopy.job == job).limit(1)) is not None


def came_out(tx: Transaction, job: int, pages: Iterable[int], at: str) -> int:
    """Count the passes of a printing that stand on these pages; how many are new."""
    out = set(pages)
    rows = tx.session.execute(
        select(PassCopy.id, PassCopy.page).where(PassCopy.job == job, PassCopy.printed_at.is_(None))
    )
    new = [row for row, page in rows if page in out]
    _set(tx, new, printed_at=at)
    return len(new)


def came_out_spoilt(tx: Transaction, job: int, pages: frozenset[int], at: str, by: str, why: str) -> list[str]:
    """Note the passes on these pages as printed and spoilt; the same copies are still to come. Whose they are.

    A copy that has gone to its university did not come out spoilt.
    """
    query = select(PassCopy).where(PassCopy.job == job, PassCopy.spoilt_at.is_(None), PassCopy.issued_at.is_(None))
    spoilt = {"spoilt_at": at, "spoilt_by": by, "spoilt_why": why}
    whose = []
    for row in tx.session.scalars(query).all():
        if row.page not in pages:
            continue
        again = {name: getattr(row, name) for name in ("student", "copy", "page", "job")}
        row.printed_at = row.printed_at or at
        for name, value in spoilt.items():
            setattr(row, name, value)
        tx.session.add(PassCopy(**again))
        whose.append(row.student)
    return whose


def give_up(tx: Transaction, job: int) -> None:
    """What of a printing has not come out will not come out."""
    tx.session.execute(delete(PassCopy).where(PassCopy.job == job, PassCopy.printed_at.is_(None)))


# -- issued, spoilt, counted


def issue(ctx: Context, university: str, students: Collection[str] | None = None) -> int:
    """Note that the passes of a university that lie here, or those of `students`, were given to it; how many."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        rows = _in_stock(tx, university, students)
        if not rows:
            return 0
        _set(tx, rows, issued_at=stamp(ctx), issued_by=ctx.actor.login)
        issued = _count(tx.session, university, PassCopy.issued_at.is_not(None))
        tx.session.add(
            BoardEntry(university=university, item="passes", at=stamp(ctx), by=ctx.actor.login, count=issued)
        )
        tx.note("passes-given", university, count=len(rows), issued=issued)
    return len(rows)


def take_back(ctx: Context, students: Collection[str], reason: str) -> int:
    """Passes that were given to a university lie here again."""
    require(ctx, Role.BASE_UNI)
    words = _reason(reason)
    with ctx.store.write(ctx.actor) as tx:
        rows = _newest(tx, students, PassCopy.issued_at.is_not(None))
        _set(tx, [row.id for row in rows], issued_at=None, issued_by=None)
        if rows:
            tx.note("passes-taken-back", str(len(rows)), numbers=_numbers(tx.session, rows), reason=words)
    return len(rows)


def spoil(ctx: Context, students: Collection[str], reason: str) -> int:
    """Note the newest copy of each pass as spoilt, with a reason; it must lie here."""
    require(ctx, Role.BASE_UNI)
    words = _reason(reason)
    with ctx.store.write(ctx.actor) as tx:
        rows = _newest(tx, students, PassCopy.printed_at.is_not(None), PassCopy.spoilt_at.is_(None))
        if given := [row for row in rows if row.issued_at is not None]:
            raise UserError(
                N_("{count} of these passes were given to the university. Nothing was noted."),
                next_step=N_("Take them back first: then they lie here and can be noted as spoilt."), count=len(given),
            )  # fmt: skip
        _set(tx, [row.id for row in rows], spoilt_at=stamp(ctx), spoilt_by=ctx.actor.login, spoilt_why=words)
        if rows:
            tx.note("pass-spoilt", str(len(rows)), numbers=_numbers(tx.session, rows), reason=words)
    return len(rows)


def unspoil(ctx: Context, students: Collection[str]) -> int:
    """The newest copies were noted as spoilt by mistake."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        rows = [row for row in _newest(tx, students) if row.spoilt_at is not None]
        _set(tx, [row.id for row in rows], spoilt_at=None, spoilt_by=None, spoilt_why="")
        if rows:
            tx.note("pass-spoilt-undone", str(len(rows)), numbers=_numbers(tx.session, rows))
    return len(rows)


def count_stock(ctx: Context, university: str, counted: int) -> Balance:
    """Somebody counted the passes of a university that lie here."""
    require(ctx, Role.BASE_UNI)
    if counted < 0:
        raise Refused([Problem("counted", N_("This must be a number, 0 or more."))])
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(PassStock(university=university, counted=counted, at=stamp(ctx), by=ctx.actor.login))
        tx.session.flush()
        found = next(balance for balance in balances_in(tx.session) if balance.university == university)
        tx.note("pass-stock-counted", university, counted=counted, must=found.stock)
    return found


# -- looking


def balances(ctx: Context) -> list[Balance]:
    """The balance of every network university."""
    with ctx.store.read() as session:
        return balances_in(session)


def balances_in(session: Session) -> list[Balance]:
    """The same within a session."""
    query = (
        select(Student.university, func.count(), func.count(PassSlip.student))
        .join(Allotment, Allotment.student == Student.id).outerjoin(PassSlip, PassSlip.student == Student.id)
        .where(Student.deleted_at.is_(None)).group_by(Student.university).order_by(Student.university)
    )  # fmt: skip
    found = {university: Balance(university, allotted, numbered)
             for university, allotted, numbered in session.execute(query)}  # fmt: skip
    for row in session.execute(_sums()):
        university, *counts = row
        before = found.get(university, Balance(university, 0, 0))
        printed, issued, spoilt, printing, whole = counts
        found[university] = replace(before, printed=printed, issued=issued, spoilt=spoilt, printing=printing,
                                    waiting=before.allotted - whole)  # fmt: skip
    counted = {row.university: row for row in session.scalars(select(PassStock))}
    return [
        replace(balance, counted=counted[code].counted, counted_at=counted[code].at) if code in counted
        else balance if balance.printed or balance.printing else replace(balance, waiting=balance.allotted)
        for code, balance in sorted(found.items())
    ]  # fmt: skip


def standings(ctx: Context) -> dict[str, Standing]:
    """How the pass of each student stands of whom one was printed or is being printed."""
    by_student: dict[str, list[Any]] = defaultdict(list)
    with ctx.store.read() as session:
        columns = (PassCopy.student, PassCopy.copy, PassCopy.printed_at, PassCopy.issued_at, PassCopy.spoilt_at,
                   PassCopy.spoilt_why)  # fmt: skip
        for row in session.execute(select(*columns).order_by(PassCopy.copy, PassCopy.id)):
            by_student[row[0]].append(row[1:])
    return {student: _standing(copies) for student, copies in by_student.items()}


def spoilt_passes(ctx: Context, university: str = "") -> list[SpoiltPass]:
    """Every spoilt copy, by university and number."""
    query = (
        select(PassCopy, Student, PassSlip.number).join(Student, Student.id == PassCopy.student)
        .outerjoin(PassSlip, PassSlip.student == PassCopy.student).where(PassCopy.spoilt_at.is_not(None))
        .order_by(Student.university, func.length(PassSlip.number), PassSlip.number, PassCopy.id)
    )  # fmt: skip
    if university:
        query = query.where(Student.university == university)
    with ctx.store.read() as session:
        return [
            SpoiltPass(row.student, student.university, number or "", row.copy,
                       " ".join(part for part in (student.surname, student.first_name, student.patronymic) if part),
                       row.spoilt_at or "", row.spoilt_by or "", row.spoilt_why)
            for row, student, number in session.execute(query)
        ]  # fmt: skip


def _standing(copies: Sequence[Any]) -> Standing:
    printed = [row for row in copies if row[1] is not None]
    copy, came, issued, spoilt, why = copies[-1]
    if issued:
        state = PassState.ISSUED
    elif came is None:
        state = PassState.PRINTING
    else:
        state = PassState.SPOILT if spoilt else PassState.STOCK
    return Standing(len(printed), copy, state, issued or "", why)


def _sums() -> Any:
    came, spoilt, issued = (column.is_not(None) for column in
                            (PassCopy.printed_at, PassCopy.spoilt_at, PassCopy.issued_at))  # fmt: skip
    whole = select(PassCopy.student).where(came, PassCopy.spoilt_at.is_(None)).distinct().subquery()
    return (
        select(Student.university, func.count().filter(came), func.count().filter(issued),
               func.count().filter(spoilt), func.count().filter(PassCopy.printed_at.is_(None)),
               func.count(whole.c.student.distinct()).filter(Student.deleted_at.is_(None)))
        .select_from(PassCopy).join(Student, Student.id == PassCopy.student)
        .outerjoin(whole, whole.c.student == PassCopy.student).group_by(Student.university)
    )  # fmt: skip


def _in_stock(tx: Transaction, university: str, students: Collection[str] | None) -> list[int]:
    query = (
        select(PassCopy.id, PassCopy.student).join(Student, Student.id == PassCopy.student)
        .where(Student.university == university, PassCopy.printed_at.is_not(None), PassCopy.issued_at.is_(None),
               PassCopy.spoilt_at.is_(None))
    )  # fmt: skip
    return [row for row, student in tx.session.execute(query) if students is None or student in students]


def _newest(tx: Transaction, students: Collection[str], *conditions: ColumnElement[bool]) -> list[PassCopy]:
    """The newest copy of each student that meets the conditions."""
    found: dict[str, PassCopy] = {}
    for some in _chunks(list(dict.fromkeys(students))):
        query = select(PassCopy).where(PassCopy.student.in_(some), *conditions)
        found |= {row.student: row for row in tx.session.scalars(query.order_by(PassCopy.copy, PassCopy.id))}
    return list(found.values())


def _numbers(session: Session, rows: Sequence[PassCopy]) -> list[str]:
    """Pass and copy as the log names them: "12", "12/2"."""
    numbers: dict[str, str] = {}
    for some in _chunks([row.student for row in rows]):
        query = select(PassSlip.student, PassSlip.number).where(PassSlip.student.in_(some))
        numbers |= {row.student: row.number for row in session.execute(query)}
    return [numbers.get(row.student, "") + (f"/{row.copy}" if row.copy > 1 else "") for row in rows]


def _count(session: Session, university: str, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(PassCopy).join(Student, Student.id == PassCopy.student)
    return session.scalar(query.where(Student.university == university, condition)) or 0


def _set(tx: Transaction, rows: Sequence[int], **values: str | None) -> None:
    if rows:
        tx.session.execute(update(PassCopy), [{"id": row, **values} for row in rows])


def _chunks(students: Sequence[str]) -> Iterable[Sequence[str]]:
    return (students[begin : begin + _CHUNK] for begin in range(0, len(students), _CHUNK))


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refused([Problem("reason", N_("Give a reason."))])
    return reason.strip()[:200]
