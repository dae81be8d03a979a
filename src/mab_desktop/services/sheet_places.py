"""From a student to the paper: in which envelope a sheet lies, and at which place of each pass (p.38)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.names import full_name, search_form
from mab_desktop.domain.organisation import Role
from mab_desktop.services import hall_sheets
from mab_desktop.services.context import Context, require
from mab_desktop.services.pass_comparison import entries_of
from mab_desktop.storage.tables.students import Allotment, Student

MOST = 12  # found sheets that are worth a look; a longer list is no answer


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A sheet in its envelope; `first` and `second` are its places in the passes, 0 where it is not in that one.

    `name` is "" for a sheet that nobody has identified, `serial` for a student whose sheet is not found.
    """

    shift: int
    hall: str
    serial: str
    name: str = ""
    first: int = 0
    second: int = 0


def find_sheets(ctx: Context, shift: int, words: str) -> list[SheetPlace]:
    """Sheets by serial (whole or its end), by the student's code, or by a part of the name; at most `MOST`."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    wanted = words.strip()
    if not wanted:
        return []
    with ctx.store.read() as session:
        people = _people(session, shift, wanted)
        halls = sorted({hall for hall, _student, _name in people}) or hall_sheets.halls_of(session, shift)
        found = []
        for hall in halls:
            found += _in_hall(session, shift, hall, wanted, [(s, name) for h, s, name in people if h == hall])
            if len(found) >= MOST:
                break
    return found[:MOST]


def _people(session: Session, shift: int, wanted: str) -> list[tuple[str, str, str]]:
    """Hall, student and name of everybody whose code or name fits."""
    names = (Student.surname, Student.first_name, Student.patronymic)
    fits = (Allotment.code == wanted) | Student.search.contains(search_form(wanted), autoescape=True)
    query = (
        select(Allotment.hall, Student.id, *names)
        .join(Student, Student.id == Allotment.student)
        .where(Allotment.shift == shift, fits)
        .order_by(Student.sort_name)
        .limit(MOST)
    )
    return [(hall, student, full_name(a or "", b or "", c)) for hall, student, a, b, c in session.execute(query)]


def _in_hall(session: Session, shift: int, hall: str, wanted: str, people: list[tuple[str, str]]) -> list[SheetPlace]:
    places = {number: {e.serial: e.position for e in entries if e.serial}
              for number, entries in entries_of(session, shift, hall).items()}  # fmt: skip
    first, second = places.get(1, {}), places.get(2, {})
    if not people:
        serials = [s for s in dict.fromkeys((*first, *second)) if wanted.isdecimal() and s.endswith(wanted)]
        names = _names(session, shift, hall) if serials else {}
        found = [(serial, names.get(serial, "")) for serial in serials]
    else:
        result = hall_sheets.identifications(session, shift, hall).get(hall)
        by_student = {m.student: m.serial for m in result.matches} if result else {}
        found = [(by_student.get(student, ""), name) for student, name in people]
    return [SheetPlace(shift, hall, s, name, first.get(s, 0), second.get(s, 0)) for s, name in found]


def _names(session: Session, shift: int, hall: str) -> dict[str, str]:
    """Serial -> the student's name, of the identified sheets of a hall."""
    result = hall_sheets.identifications(session, shift, hall).get(hall)
    if result is None:
        return {}
    seated = {place.student: place.name for place in hall_sheets.places(session, shift, hall).get(hall, [])}
    return {match.serial: seated.get(match.student, "") for match in result.matches}
