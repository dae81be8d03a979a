"""The base university's list of duty officers (p.6, p.24): people, their files and training, and where they serve.

A person with several places has a row of the table for each, so that the hand-over carries every place by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import DUTY_OFFICER
from mab_desktop.domain.duty_place import DutyPlace, Officer, Post, clash, filled, same_place
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Shift

_OF_THE_PERSON = ("full_name", "post", "phone", "file_received", "trained")
_COLUMNS = (*DUTY_OFFICER.names, "person")


def officers(ctx: Context) -> list[Officer]:
    """Everybody on the list, in Kazakh order."""
    with ctx.store.read() as session:
        return _officers(session)


def save_officer(ctx: Context, values: Mapping[str, Any]) -> str:
    """Enter a person (with his first place, if given), or change what is his (`id` given) in all his places."""
    require(ctx, Role.BASE_UNI)
    key = str(values.get("id") or new_id(ctx.entropy))
    row = {name: values.get(name) if values.get(name) != "" else None for name in DUTY_OFFICER.names} | {"id": key}
    if found := DUTY_OFFICER.problems(row):
        raise Refused(found)
    with ctx.store.write(ctx.actor) as tx:
        known = _rows(tx.session, key)
        if not known:
            tx.session.add(DutyOfficer(**row))
        for place in known:
            for name in _OF_THE_PERSON:
                setattr(place, name, row[name])
        if len(known) == 1:
            known[0].place, known[0].shift = row["place"], row["shift"]
        tx.note("duty-officer-saved", key, name=row["full_name"], place=row["place"] or "")
    return key


def mark(
    ctx: Context, people: Iterable[str], *, file_received: bool | None = None, trained: bool | None = None
) -> dict[str, tuple[bool, bool]]:
    """Note of several people that their file came or that they were trained; gives how it stood, for `mark_back`."""
    require(ctx, Role.BASE_UNI)
    before = {}
    with ctx.store.write(ctx.actor) as tx:
        for person in people:
            rows = _known(tx.session, person)
            before[person] = (bool(rows[0].file_received), bool(rows[0].trained))
            for row in rows:
                row.file_received = row.file_received if file_received is None else file_received
                row.trained = row.trained if trained is None else trained
        tx.note("duty-officers-marked", "", people=len(before), file_received=file_received, trained=trained)
    return before


def mark_back(ctx: Context, before: Mapping[str, tuple[bool, bool]]) -> None:
    """Take back what `mark` noted."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        for person, (file_received, trained) in before.items():
            for row in _known(tx.session, person):
                row.file_received, row.trained = file_received, trained
        tx.note("duty-officers-marked", "", people=len(before), file_received=None, trained=None)


def remove(ctx: Context, people: Iterable[str]) -> list[dict[str, Any]]:
    """Take people off the list with all their places; gives the rows for `put_back`."""
    require(ctx, Role.BASE_UNI)
    gone = []
    with ctx.store.write(ctx.actor) as tx:
        for person in people:
            for row in _known(tx.session, person):
                gone.append({name: getattr(row, name) for name in _COLUMNS})
                tx.note("duty-officer-removed", row.id, name=row.full_name)
                tx.session.delete(row)
    return gone


def put_back(ctx: Context, gone: Iterable[Mapping[str, Any]]) -> None:
    """Take back that people or places were taken off."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        for row in gone:
            tx.session.merge(DutyOfficer(**row))
            tx.note("duty-officer-saved", row["id"], name=row["full_name"], place=row["place"] or "")


# -- places


def posts(ctx: Context) -> list[Post]:
    """Every hall that is used in each shift, and the corridors that somebody was given, by shift and place."""
    with ctx.store.read() as session:
        return _posts(session, ctx.university)


def assign(ctx: Context, people: Sequence[str], shift: int | None, place: str) -> list[str]:
    """Give people a hall or corridor in a shift; gives the ids of their places, for `release`.

    Refused as a whole when somebody serves elsewhere in that shift.
    """
    require(ctx, Role.BASE_UNI)
    wanted = place.strip()
    if not wanted:
        raise Refused([Problem("place", N_("Enter the hall or the corridor."))])
    with ctx.store.write(ctx.actor) as tx:
        by_id = {officer.id: officer for officer in _officers(tx.session)}
        if unknown := [person for person in people if person not in by_id]:
            raise UserError(N_("There is no such person on the list."), person=unknown[0])
        if found := [problem for person in people if (problem := clash(by_id[person], shift, wanted))]:
            raise Refused(found)
        made = [_give(ctx, tx.session, person, shift, wanted) for person in people]
        tx.note("duty-officer-assigned", wanted, shift=shift or 0, people=list(people))
        return made


def release(ctx: Context, places: Iterable[str]) -> None:
    """Take places back; a person's last one leaves him on the list without a place."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        rows = [tx.session.get(DutyOfficer, key) for key in places]
        known = [row for row in rows if row is not None and row.place is not None]
        if len(known) < len(rows):
            raise UserError(N_("This place is not given any more."))
        for row in sorted(known, key=lambda row: row.person is None):  # a person's first row may take another's place
            tx.note("duty-officer-released", row.place or "", shift=row.shift or 0, person=row.person or row.id)
            _take(tx.session, row)
            tx.session.flush()


def fill(ctx: Context) -> list[str]:
    """Give halls that lack officers some who are ready and free, fairly; gives the ids of the places, for `release`."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        chosen = filled(_posts(tx.session, ctx.university), _officers(tx.session))
        made = [_give(ctx, tx.session, person, shift, place) for person, shift, place in chosen]
        tx.note("duty-officers-filled", "", places=len(made))
        return made


# -- parts


def _rows(session: Session, person: str) -> list[DutyOfficer]:
    query = select(DutyOfficer).where((DutyOfficer.id == person) | (DutyOfficer.person == person))
    return list(session.scalars(query.order_by(DutyOfficer.id != person, DutyOfficer.id)))


def _known(session: Session, person: str) -> list[DutyOfficer]:
    if not (rows := _rows(session, person)):
        raise UserError(N_("There is no such person on the list."))
    return rows


def _officers(session: Session) -> list[Officer]:
    by_person: dict[str, list[DutyOfficer]] = defaultdict(list)
    for row in session.scalars(select(DutyOfficer).order_by(DutyOfficer.id)):
        by_person[row.person or row.id].append(row)
    found = []
    for person, rows in by_person.items():
        first = next((row for row in rows if row.id == person), rows[0])
        places = [DutyPlace(row.id, row.shift, row.place) for row in rows if row.place]
        places.sort(key=lambda p: (p.shift or 0, sort_key(p.place)))
        found.append(Officer(person, first.full_name, first.post or "", first.phone or "", bool(first.file_received),
                             bool(first.trained), tuple(places)))  # fmt: skip
    return sorted(found, key=lambda o: (sort_key(o.full_name), o.id))


def _posts(session: Session, base: str) -> list[Post]:
    days = {row.number: row.exam_date for row in session.scalars(select(Shift))}
    halls = {row.number: row.building for row in session.scalars(select(Hall).where(Hall.base_university == base))}
    counted = select(Allotment.shift, Allotment.hall, func.count()).group_by(Allotment.shift, Allotment.hall)
    used = {(shift, hall): n for shift, hall, n in session.execute(counted)}
    if not used:  # before the final database comes, every hall of the fund in every shift
        used = {(shift, hall): 0 for shift in days for hall in halls}
    serving: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for officer in _officers(session):
        for place in officer.places:
            for shift in [place.shift] if place.shift else days:
                hall = next((h for s, h in used if s == shift and same_place(place.place, h)), place.place)
                serving[shift, hall].append((place.row, officer.full_name))
    keys = sorted({*used, *serving}, key=lambda key: (key[0], sort_key(key[1])))
    return [
        Post(shift, days.get(shift), place, halls.get(place, ""), used.get((shift, place), 0),
             tuple(serving[shift, place]), (shift, place) in used)
        for shift, place in keys
    ]  # fmt: skip


def _give(ctx: Context, session: Session, person: str, shift: int | None, place: str) -> str:
    """The row of a new place: the person's own while it has none, else one more."""
    rows = _known(session, person)
    if rows[0].place is None:
        rows[0].shift, rows[0].place = shift, place
        return str(rows[0].id)
    key = new_id(ctx.entropy)
    values = {name: getattr(rows[0], name) for name in _OF_THE_PERSON}
    session.add(DutyOfficer(**values, id=key, shift=shift, place=place, person=person))
    session.flush()
    return str(key)


def _take(session: Session, row: DutyOfficer) -> None:
    if row.person is not None:
        session.delete(row)
        return
    others = [other for other in _rows(session, row.id) if other.id != row.id]
    if not others:
        row.place = row.shift = None
        return
    row.shift, row.place = others[0].shift, others[0].place  # the first row names the person and stays
    session.delete(others[0])
