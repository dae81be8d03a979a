"""Second entries on their way from an operator's PC to the programmer (F4): in any order, again and again.

A portion holds all second entries of its PC. One that was not compared there is compared here, once; of two
settlements of a difference the later one counts, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.second_entry import ASIDE, COMPARED, SECOND_DIFFERENCE, WAITING, texts_of
from mab_desktop.domain.student import STUDENT, value_from_text
from mab_desktop.i18n import N_
from mab_desktop.services.second_entry import compare
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.second_entry import SecondDifference, SecondEntry
from mab_desktop.storage.tables.students import Student

_RANK = {WAITING: 0, COMPARED: 1, ASIDE: 2}
_SETTLED = ("choice", "settled", "settled_by", "settled_at")


def entry_records(session: Session) -> list[tuple[str, Mapping[str, Any]]]:
    """The second entries of this PC and their differences, as a portion holds them."""
    entries = [
        ("second-entry", _entry_record(row)) for row in session.scalars(select(SecondEntry).order_by(SecondEntry.id))
    ]
    lines = session.scalars(select(SecondDifference).order_by(SecondDifference.entry, SecondDifference.field))
    return [*entries, *(
        ("second-difference", {name: getattr(line, name) for name in SECOND_DIFFERENCE.names}) for line in lines
    )]  # fmt: skip


def take_entries(tx: Transaction, entries: Iterable[Mapping[str, Any]], lines: Iterable[Mapping[str, Any]]) -> int:
    """Take what a portion brings, then compare whatever waits and has its record here; the number of new entries.

    The caller notes the event.
    """
    new = sum(_take_entry(tx, values) for values in entries)
    tx.session.flush()
    for values in lines:
        _take_line(tx, values)
    tx.session.flush()
    waiting = (
        select(SecondEntry, Student)
        .join(Student, Student.id == SecondEntry.student)
        .where(SecondEntry.state == WAITING)
        .order_by(SecondEntry.id)
    )
    for entry, row in tx.session.execute(waiting).all():
        compare(tx, entry, row)
    return new


def _entry_record(row: SecondEntry) -> dict[str, Any]:
    names = ("id", "student", "version", "typist", "verifier", "device", "at", "aside")
    values = {name: getattr(row, name) for name in names}
    typed = {name: value_from_text(name, row.values.get(name, "")) for name in STUDENT.names}
    return values | typed | {"compared": row.state != WAITING}


def _take_entry(tx: Transaction, values: Mapping[str, Any]) -> bool:
    aside = values["aside"] or ""
    state = ASIDE if aside else COMPARED if values["compared"] else WAITING
    kept = tx.session.get(SecondEntry, values["id"])
    if kept is None:
        names = ("id", "student", "version", "typist", "verifier", "device", "at")
        tx.session.add(SecondEntry(**{name: values[name] for name in names}, values=texts_of(values), state=state,
                                   aside=aside))  # fmt: skip
        tx.session.flush()
        return True
    if kept.student != values["student"] or kept.verifier != values["verifier"]:
        raise UserError(N_("The portion holds another second entry under a number that is here. Nothing was taken."))
    if _RANK[state] > _RANK[kept.state]:
        kept.state, kept.aside = state, aside
    return False


def _take_line(tx: Transaction, values: Mapping[str, Any]) -> None:
    if tx.session.get(SecondEntry, values["entry"]) is None:
        raise UserError(N_("A difference of the portion has no second entry. Nothing was taken."))
    told = {name: values[name] or "" for name in SECOND_DIFFERENCE.names}
    kept = tx.session.get(SecondDifference, (told["entry"], told["field"]))
    if kept is None:
        tx.session.add(SecondDifference(**told))
        tx.session.flush()
    elif (told["settled_at"], told["settled_by"]) > (kept.settled_at, kept.settled_by):
        for name in _SETTLED:
            setattr(kept, name, told[name])
