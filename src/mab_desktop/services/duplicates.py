"""Records that may be one person, typed twice: found, settled with a reason, taken back (p.21).

The programmer settles; the record that goes is marked as deleted and names the one that stays, so nothing is lost.
What he found reaches the operators with his corrections.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.merge import DELETED, tracked_text, tracked_value
from mab_desktop.domain.names import search_form
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.student import STUDENT, similar_names, student_name
from mab_desktop.i18n import N_
from mab_desktop.services import photos
from mab_desktop.services.conflicts import REASON, form_of, may_settle, settle_deletion
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.merge import STORED
from mab_desktop.services.students import (
    ROW_COLUMNS,
    SAME_DOCUMENT,
    SAME_TO_CODE,
    SIMILAR_NAME,
    StudentRow,
    rules,
    write_changes,
)
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import Duplicate
from mab_desktop.storage.tables.students import Student, StudentChange

TWO_PEOPLE, REOPENED = "", "reopened"
PICTURE = "picture"
"""The photograph itself, among the fields that may be taken from the record that goes."""


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two standing records that may be one person, and why (a key of `students.DUPLICATE_LABELS`)."""

    first: StudentRow
    second: StudentRow
    why: str


@dataclass(frozen=True, slots=True)
class SettledPair:
    """A pair that a person has settled: `keep` is the record that stays, or TWO_PEOPLE."""

    first: StudentRow
    second: StudentRow
    keep: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class _Person:
    """What pairs are found by; names in their search form."""

    id: str
    to_code: str | None
    identity_document: str | None
    birth_date: date | None
    surname: str
    first_name: str


# -- finding -----------------------------------------------------------------------------------------------------------


def find_duplicates(ctx: Context, progress: Progress = Silent()) -> list[DuplicatePair]:
    """Pairs of standing records that may be one person and that nobody has found to be two people.

    A pair that was settled comes again when the record that went stands again.
    """
    query = (
        select(Student.id, Student.to_code, Student.identity_document, Student.birth_date, Student.surname,
               Student.first_name)
        .where(Student.deleted_at.is_(None))
        .order_by(Student.sort_name, Student.id)
    )  # fmt: skip
    with ctx.store.read() as session:
        people = [_Person(*row[:4], search_form(row[4] or ""), search_form(row[5] or ""))
                  for row in session.execute(query)]  # fmt: skip
        progress.stage(N_("Looking for duplicates"), len(people))
        found = _pairs(people)
        for two in session.execute(select(Duplicate.first, Duplicate.second).where(Duplicate.keep == TWO_PEOPLE)):
            found.pop((two[0], two[1]), None)
        rows = _rows(session, {student for pair in found for student in pair})
    order = {person.id: place for place, person in enumerate(people)}
    pairs = sorted(found, key=lambda pair: sorted(order[student] for student in pair))
    return [DuplicatePair(rows[a], rows[b], found[a, b]) for a, b in pairs]


def _pairs(people: Sequence[_Person]) -> dict[tuple[str, str], str]:
    """Pairs, the smaller id first, and the strongest sign that they are one person."""
    found: dict[tuple[str, str], str] = {}
    for one, other in _alike((p, p.to_code) for p in people if p.to_code):
        found.setdefault(_pair(one, other), SAME_TO_CODE)
    for one, other in _alike((p, p.identity_document) for p in people if p.identity_document):
        found.setdefault(_pair(one, other), SAME_DOCUMENT)
    # Similar names have one of the two names in common, wherever it stands, so only those are compared.
    named = [p for p in people if p.birth_date and p.surname and p.first_name]
    shared = ((p, (p.birth_date, name)) for p in named for name in {p.surname, p.first_name})
    for one, other in _alike(shared):
        if _pair(one, other) not in found and similar_names(_names(one), _names(other)):
            found[_pair(one, other)] = SIMILAR_NAME
    return found


def _alike(keyed: Iterable[tuple[_Person, Any]]) -> Iterator[tuple[_Person, _Person]]:
    groups: dict[Any, list[_Person]] = {}
    for person, key in keyed:
        groups.setdefault(key, []).append(person)
    for group in groups.values():
        yield from combinations(group, 2)


def _pair(one: _Person, other: _Person) -> tuple[str, str]:
    return (one.id, other.id) if one.id < other.id else (other.id, one.id)


def _names(person: _Person) -> dict[str, str]:
    return {"surname": person.surname, "first_name": person.first_name}


def _rows(session: Session, ids: Collection[str]) -> dict[str, StudentRow]:
    wanted, found = sorted(ids), dict[str, StudentRow]()
    for start in range(0, len(wanted), 900):
        query = select(*ROW_COLUMNS).where(Student.id.in_(wanted[start : start + 900]))
        found |= {row.id: row for row in (StudentRow(*values) for values in session.execute(query))}
    return found


def settled_pairs(ctx: Context) -> list[SettledPair]:
    """Pairs that were settled, the newest first."""
    query = select(Duplicate).where(Duplicate.keep != REOPENED).order_by(Duplicate.at.desc(), Duplicate.first)
    with ctx.store.read() as session:
        settled = session.scalars(query).all()
        rows = _rows(session, {student for pair in settled for student in (pair.first, pair.second)})
        return [SettledPair(rows[p.first], rows[p.second], p.keep, p.reason, p.by, p.at) for p in settled]


def kept_instead(ctx: Context, student_id: str) -> StudentRow | None:
    """The record that stays instead of one that was found to be its double; None where that is not so."""
    query = select(Duplicate).where(
        or_(Duplicate.first == student_id, Duplicate.second == student_id),
        Duplicate.keep.not_in((TWO_PEOPLE, REOPENED, student_id)),
    )
    with ctx.store.read() as session:
        pair = session.scalars(query.order_by(Duplicate.at.desc()).limit(1)).first()
        return _rows(session, [pair.keep])[pair.keep] if pair else None


# -- settling ----------------------------------------------------------------------------------------------------------


def settle_duplicate(
    ctx: Context, first: str, second: str, keep: str, reason: str, take: Collection[str] = ()
) -> None:
    """Settle a pair: keep the record `keep` and delete the other; with TWO_PEOPLE both stay.

    The fields `take` get the value of the record that goes. Refused where that would break a rule that held.
    Photographs always go with the record that stays: those handed in on paper, and the picture where it has none of
    its own (with PICTURE in `take` also where it has one).
    """
    reason = may_settle(ctx, reason)
    first, second = sorted((first, second))
    if keep not in (TWO_PEOPLE, first, second) or not set(take) <= {*STORED, PICTURE} or (take and not keep):
        raise ValueError(keep)
    with ctx.store.write(ctx.actor) as tx:
        rows = [tx.session.get(Student, student_id) for student_id in (first, second)]
        standing = [row for row in rows if row is not None and not row.deleted_at]
        if first == second or len(standing) != 2:
            raise UserError(N_("One of the two records is deleted already. Look at the list again."))
        at, photo, before = stamp(ctx), "", ""
        if keep:
            kept, gone = sorted(standing, key=lambda row: row.id != keep)
            at = _unite(ctx, tx, kept, gone, take, reason)
            photo, before = photos.take_over(ctx, tx, gone.id, kept.id, instead=PICTURE in take)
        tx.session.merge(
            Duplicate(first=first, second=second, keep=keep, reason=reason, by=ctx.actor.login, at=at, photo=photo,
                      photo_before=before)
        )  # fmt: skip
        tx.note("duplicate-settled", f"{first}|{second}", keep=keep, reason=reason, taken=sorted(take), photo=photo)


def _unite(
    ctx: Context, tx: Transaction, kept: Student, gone: Student, take: Collection[str], reason: str
) -> str:
    """Make one record of two; the moment, by which what it changed is found again."""
    known = rules(tx.session, ctx)
    changes = {name: getattr(gone, name) for name in STORED
               if name in take and getattr(gone, name) != getattr(kept, name)}  # fmt: skip
    if gone.photos > kept.photos:
        changes["photos"] = gone.photos
    before = {problem.field for problem in known.problems(form_of(kept))}
    broken = known.problems(form_of(kept) | {name: changes[name] for name in STUDENT.names if name in changes})
    if changes and (new := [problem for problem in broken if problem.field not in before]):
        raise Refused(new)
    write_changes(ctx, tx, gone, {DELETED: True}, _link(reason, "→", kept))
    settle_deletion(ctx, tx, gone.id, reason)
    if changes:
        write_changes(ctx, tx, kept, changes, _link(reason, "←", gone))
        kept.complete = not broken
        return kept.changed_at
    return stamp(ctx)


def _link(reason: str, arrow: str, row: Student) -> str:
    """The reason and the other record, in words that are understood where the other record is not at hand."""
    name = f" {arrow} {student_name(form_of(row))}, {row.to_code or row.created_by}"
    return reason[: max(0, REASON - len(name))] + name[:REASON]


def reopen_duplicate(ctx: Context, first: str, second: str, reason: str) -> None:
    """Take a settlement back: the record that went stands again, fields taken from it have their value from before.

    A field that was changed again since keeps its value.
    """
    reason = may_settle(ctx, reason)
    first, second = sorted((first, second))
    with ctx.store.write(ctx.actor) as tx:
        pair = tx.session.get(Duplicate, (first, second))
        if pair is None or pair.keep == REOPENED:
            raise UserError(N_("This question is settled already or was never asked."))
        if pair.keep:
            _part(ctx, tx, pair, reason)
        keep, pair.keep = pair.keep, REOPENED
        pair.reason, pair.by, pair.at = reason, ctx.actor.login, stamp(ctx)
        tx.note("duplicate-reopened", f"{first}|{second}", keep=keep, reason=reason)


def _part(ctx: Context, tx: Transaction, pair: Duplicate, reason: str) -> None:
    kept = tx.session.get_one(Student, pair.keep)
    gone = tx.session.get_one(Student, pair.second if pair.keep == pair.first else pair.first)
    back = {}
    for change in _changes_by(tx.session, pair, kept.id):
        if tracked_text(getattr(kept, change.field)) == change.new:
            back[change.field] = tracked_value(change.field, change.old)
    if back:
        write_changes(ctx, tx, kept, back, reason)
        kept.complete = not rules(tx.session, ctx).problems(form_of(kept))
    if gone.deleted_at:
        write_changes(ctx, tx, gone, {DELETED: False}, reason)
    photos.give_back(ctx, tx, pair.photo, pair.photo_before)
    pair.photo = pair.photo_before = ""


def _changes_by(session: Session, pair: Duplicate, kept: str) -> list[StudentChange]:
    """What settling the pair changed in the record that stays."""
    query = select(StudentChange).where(
        StudentChange.student == kept, StudentChange.at == pair.at, StudentChange.by == pair.by,
        StudentChange.field.in_(STORED), StudentChange.ground.contains(" ← ", autoescape=True),
    )  # fmt: skip
    return list(session.scalars(query))


# -- what reaches the operators ----------------------------------------------------------------------------------------


def duplicate_records(session: Session) -> list[tuple[str, Mapping[str, Any]]]:
    """What was found of pairs here, for the operators' PCs."""
    query = select(Duplicate).order_by(Duplicate.first, Duplicate.second)
    names = ("first", "second", "keep", "reason", "by", "at")
    return [("duplicate", {name: getattr(row, name) for name in names}) for row in session.scalars(query)]


def take_duplicates(tx: Transaction, lines: Iterable[Mapping[str, Any]]) -> int:
    """Keep what the programmer found of pairs that are both here; the newer finding of a pair stands."""
    arrived = list(lines)
    ids = {line[side] for line in arrived for side in ("first", "second")}
    here = _rows(tx.session, ids)
    taken = 0
    for line in arrived:
        known = tx.session.get(Duplicate, (line["first"], line["second"]))
        if {line["first"], line["second"]} <= here.keys() and (known is None or known.at <= line["at"]):
            tx.session.merge(Duplicate(**{**line, "keep": line["keep"] or TWO_PEOPLE}))
            taken += 1
    return taken
