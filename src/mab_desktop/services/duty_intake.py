"""Duty officers of a table from elsewhere (CSV, XLSX): looked at first, then the right rows brought in at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mab_desktop.domain.carrier_records import DUTY_OFFICER
from mab_desktop.domain.duty_place import DutyPlace, Officer, clash
from mab_desktop.domain.duty_table import columns_by_heading, shifts_of, yes
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.names import search_form
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services import duty_list
from mab_desktop.services.context import Context, require
from mab_desktop.services.table_intake import Row, open_table
from mab_desktop.storage.tables.base_university import DutyOfficer

_TEXTS = ("full_name", "post", "phone", "place")


@dataclass(frozen=True, slots=True)
class Found:
    """A person of the table with the places of all his rows."""

    line: int
    officer: Officer


@dataclass(frozen=True, slots=True)
class Intake:
    """What a table holds: people who are new, names that stand on the list already, rows that are not right."""

    name: str
    new: tuple[Found, ...]
    known: tuple[str, ...]
    wrong: tuple[tuple[int, Problem], ...]


def look_in(ctx: Context, path: Path, progress: Progress = Silent()) -> Intake:
    """Read a table; nothing is changed. A row with a name that came before adds a place to that person."""
    require(ctx, Role.BASE_UNI)
    table = open_table(path, progress=progress)
    columns = columns_by_heading(table.heads)
    if "full_name" not in columns:
        raise UserError(
            N_("No column of the table {name} is headed as one with names."),
            next_step=N_("Name the columns in the first row: full name, post, telephone, hall, shift."),
            name=table.name,
        )  # fmt: skip
    listed = {_name_key(officer) for officer in duty_list.officers(ctx)}
    people: dict[str, Found] = {}
    known: dict[str, str] = {}
    wrong: list[tuple[int, Problem]] = []
    for row in table.rows():
        progress.step(0)
        read = _read(row, columns)
        if isinstance(read, Problem):
            wrong.append((row.line, read))
        elif _name_key(read) in listed:
            known[_name_key(read)] = read.full_name
        elif problem := _add(people, row.line, read):
            wrong.append((row.line, problem))
    return Intake(table.name, tuple(people.values()), tuple(known.values()), tuple(wrong))


def bring_in(ctx: Context, found: Intake) -> list[str]:
    """Put the new people on the list, all or none; their ids, for `duty_list.remove`."""
    require(ctx, Role.BASE_UNI)
    if not found.new:
        raise OutOfOrder(N_("There is nothing to bring in: every row is here already or is left out."))
    made = []
    with ctx.store.write(ctx.actor) as tx:
        for one in found.new:
            person, officer = new_id(ctx.entropy), one.officer
            places = officer.places or (DutyPlace("", None, ""),)
            for number, place in enumerate(places):
                tx.session.add(DutyOfficer(
                    id=person if number == 0 else new_id(ctx.entropy), person=person if number else None,
                    full_name=officer.full_name, post=officer.post or None, phone=officer.phone or None,
                    file_received=officer.file_received, trained=officer.trained, place=place.place or None,
                    shift=place.shift,
                ))  # fmt: skip
            made.append(person)
        tx.note("duty-officers-brought-in", found.name, people=len(made), left=len(found.known) + len(found.wrong))
    return made


def _read(row: Row, columns: dict[str, int]) -> Officer | Problem:
    """The officer that a row tells of, or why it tells of none."""
    cells = {name: row.cells[number] for name, number in columns.items()}
    shifts = shifts_of(cells.get("shift", ""))
    if shifts is None:
        return Problem("shift", N_("This is not the number of a shift: {value}"), (("value", cells["shift"]),))
    flags = {name: yes(cells.get(name, "")) for name in ("file_received", "trained")}
    values: dict[str, Any] = {name: cells.get(name, "") or None for name in _TEXTS} | flags
    for shift in shifts:
        if problems := DUTY_OFFICER.problems({"id": "0" * 32, "shift": shift, **values}):
            return problems[0]
    places = tuple(DutyPlace("", shift, values["place"]) for shift in shifts) if values["place"] else ()
    return Officer("", values["full_name"], values["post"] or "", values["phone"] or "", flags["file_received"],
                   flags["trained"], places)  # fmt: skip


def _add(people: dict[str, Found], line: int, read: Officer) -> Problem | None:
    """Join a row to what was read before; why it cannot be, or None."""
    key = _name_key(read)
    before = people.get(key)
    if before is None:
        people[key] = Found(line, read)
        return None
    officer = before.officer
    for place in read.places:
        if problem := clash(officer, place.shift, place.place):
            return problem
        officer = replace(officer, places=(*officer.places, place))
    people[key] = Found(before.line, officer)
    return None


def _name_key(officer: Officer) -> str:
    return search_form(officer.full_name)
