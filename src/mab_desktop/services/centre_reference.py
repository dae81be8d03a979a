"""The reference package from tables (p.3, p.11): each list a CSV of its own, as the default ones are.

What is not given stays as it is. Everything is checked against everything before anything is changed: codes and names,
directions of specialties, subjects of directions, ties and shifts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.reference import ReferenceLine, default_lines, default_profile, default_subjects
from mab_desktop.i18n import N_
from mab_desktop.services import centre_season
from mab_desktop.services.centre_season import ShiftPlan
from mab_desktop.services.centre_tables import Mistakes, TableRow, number, read_table, require_known, require_once
from mab_desktop.services.context import Context, require
from mab_desktop.services.reference import replace_lists
from mab_desktop.services.settings import put_setting, setting, ties
from mab_desktop.storage.tables.core import ReferenceItem

NAMES = ("name_kk", "name_ru", "name_en")
TIES, SHIFTS, SUBJECTS, OTHERS = "ties.csv", "shifts.csv", "subjects_by_direction.csv", "enumerations.csv"
SECTORS = tuple(f"sector{n}" for n in range(6, 6 + len(SUBJECT_FIELDS)))
NAME_LIMIT = 300


@dataclass(frozen=True)
class ListTable:
    """How a list stands in its file: the head of its codes, how a code is written, what else its lines hold."""

    list: str
    code: str
    pattern: str
    extra: tuple[str, ...] = ()


TABLES: Mapping[str, ListTable] = {
    "universities.csv": ListTable("university", "code", r"[0-9]{3}", ("city_kk", "city_ru")),
    "specialties.csv": ListTable("specialty", "cipher", r"[0-9]{6}", ("code_2009", "direction", "mab_course")),
    "directions.csv": ListTable("direction", "group", r"[0-9]{2}"),
    "nationalities.csv": ListTable("nationality", "code3", r"[0-9]{3}"),
    "citizenship.csv": ListTable("citizenship", "numeric3", r"[0-9]{3}", ("alpha3",)),
    "subjects.csv": ListTable("subject", "code", r"[A-Z0-9]{1,8}"),
}
# Heads that the default tables have for people's eyes.
_SPARE = ("alpha2", "status", "basis", "name_en")
FILES = (*TABLES, OTHERS, SUBJECTS, TIES, SHIFTS)


@dataclass(frozen=True)
class Package:
    """The reference package as a whole: lists, subjects by direction, ties, shifts."""

    lines: tuple[ReferenceLine, ...]
    subjects: Mapping[str, tuple[str, ...]]
    ties: Mapping[str, tuple[str, ...]]
    shifts: tuple[ShiftPlan, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What the tables changed: files that were read, and the parts of the package that are new ("" for none)."""

    files: tuple[str, ...]
    changed: tuple[str, ...]


def take_tables(ctx: Context, folder: Path) -> Taken:
    """Read every table of the package in `folder` and put it in place; TablesRefused with every mistake of all files.

    The same tables again change nothing.
    """
    require(ctx, Role.NTC)
    files = tuple(name for name in FILES if (folder / name).is_file())
    if not files:
        raise UserError(
            N_("There is no table of the reference package in {name}."),
            next_step=N_("Write examples there with: mab ntc reference --tables FOLDER"), name=str(folder),
        )  # fmt: skip
    with ctx.store.read() as session:
        before = package(session)
    wanted = _read(folder, files, before, centre_season.profile(ctx).start_time if before.ties else "09:00")
    changed = tuple(
        name for name in ("lines", "subjects", "ties", "shifts") if getattr(before, name) != getattr(wanted, name)
    )
    if changed:
        _put(ctx, wanted, changed)
    return Taken(files, changed)


def write_tables(ctx: Context, folder: Path) -> list[Path]:
    """The package as it stands, as tables to change and bring back; before the first one the default lists."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        found = package(session)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (heads, rows) in _tables(found).items():
        path = folder / name
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(heads)
            writer.writerows(rows)
        written.append(path)
    return written


def package(session: Session) -> Package:
    """The package in force; the default lists where nothing was set yet."""
    rows = session.scalars(select(ReferenceItem).order_by(ReferenceItem.list, ReferenceItem.position))
    lines = tuple(
        ReferenceLine(r.list, r.code, r.name_kk, r.name_ru, r.name_en, dict(r.extra)) for r in rows
    ) or _by_list(default_lines())  # fmt: skip
    subjects = setting(session, "subjects_by_direction") or default_subjects()
    return Package(
        lines, {direction: tuple(codes) for direction, codes in subjects.items()},
        {base: tuple(own) for base, own in ties(session).items()}, tuple(centre_season.shift_plans(session)),
    )  # fmt: skip


def _by_list(lines: Sequence[ReferenceLine]) -> tuple[ReferenceLine, ...]:
    """Lines in the order in which the database gives them: by list, each in its own order."""
    return tuple(sorted(lines, key=lambda line: line.list))


def _put(ctx: Context, wanted: Package, changed: Sequence[str]) -> None:
    with ctx.store.write(ctx.actor) as tx:
        if "lines" in changed or not setting(tx.session, "profile"):
            count = replace_lists(tx, wanted.lines)
            if not setting(tx.session, "profile"):
                put_setting(tx, "profile", default_profile())
            tx.note("reference-loaded", "tables", lines=count, official=ctx.season.official)
        if "subjects" in changed or not setting(tx.session, "subjects_by_direction"):
            put_setting(tx, "subjects_by_direction", {k: list(v) for k, v in wanted.subjects.items()})
            tx.note("setting-changed", "subjects_by_direction")
        if "ties" in changed:
            put_setting(tx, "ties", {base: list(own) for base, own in wanted.ties.items()})
            tx.note("setting-changed", "ties", bases=sorted(wanted.ties))
        if "shifts" in changed:
            centre_season.put_shifts(tx, wanted.shifts)


def _read(folder: Path, files: Sequence[str], before: Package, start: str) -> Package:
    mistakes = Mistakes()
    lists: dict[str, list[ReferenceLine]] = {}
    for line in before.lines:
        lists.setdefault(line.list, []).append(line)
    given: dict[str, list[TableRow]] = {}
    for name in files:
        if name in TABLES:
            given[name], lists[TABLES[name].list] = _list_table(folder / name, TABLES[name], mistakes)
    if OTHERS in files:
        lists |= _others(folder / OTHERS, mistakes)
    codes = {name: [line.code for line in lines] for name, lines in lists.items()}
    if rows := given.get("specialties.csv"):
        require_known(rows, "direction", codes["direction"], mistakes)
    found = replace(before, lines=tuple(line for name in sorted(lists) for line in lists[name]))
    if SUBJECTS in files:
        found = replace(found, subjects=_subjects(folder / SUBJECTS, codes, mistakes))
    if TIES in files:
        found = replace(found, ties=_ties(folder / TIES, codes["university"], mistakes))
    if SHIFTS in files:
        found = replace(found, shifts=_shifts(folder / SHIFTS, start, mistakes))
    mistakes.refuse()
    return found


def _list_table(path: Path, table: ListTable, mistakes: Mistakes) -> tuple[list[TableRow], list[ReferenceLine]]:
    heads = (table.code, "name_kk", "name_ru", *table.extra)
    rows = read_table(path, heads, mistakes, (*_SPARE, *table.extra))
    require_once(rows, (table.code,), mistakes)
    lines = []
    for row in rows:
        if not re.fullmatch(table.pattern, row[table.code]):
            mistakes.add(row, table.code, N_("{value} is not written as a code of this list."), value=row[table.code])
        _check_names(row, mistakes)
        extra = {name: row[name] for name in table.extra}
        lines.append(ReferenceLine(table.list, row[table.code], row["name_kk"], row["name_ru"], row["name_en"], extra))
    return rows, lines


def _others(path: Path, mistakes: Mistakes) -> dict[str, list[ReferenceLine]]:
    """The short lists, all in one table with the list's name in front."""
    rows = read_table(path, ("list", "code", "name_kk", "name_ru"), mistakes, _SPARE)
    require_once(rows, ("list", "code"), mistakes)
    require_known(rows, "list", {line.list for line in default_lines()}, mistakes)
    found: dict[str, list[ReferenceLine]] = {}
    for row in rows:
        _check_names(row, mistakes)
        line = ReferenceLine(row["list"], row["code"], row["name_kk"], row["name_ru"], row["name_en"], {})
        found.setdefault(row["list"], []).append(line)
    return found


def _check_names(row: TableRow, mistakes: Mistakes) -> None:
    for head in ("name_kk", "name_ru"):
        if not row[head]:
            mistakes.add(row, head, N_("Required field."))
    for head in NAMES:
        if len(row[head]) > NAME_LIMIT:
            mistakes.add(row, head, N_("At most {n} characters."), n=NAME_LIMIT)


def _subjects(path: Path, codes: Mapping[str, Sequence[str]], mistakes: Mistakes) -> dict[str, tuple[str, ...]]:
    rows = read_table(path, ("direction", *SECTORS), mistakes)
    require_once(rows, ("direction",), mistakes)
    require_known(rows, "direction", codes["direction"], mistakes)
    for row in rows:
        for n, sector in enumerate(SECTORS):
            if row[sector] in [row[other] for other in SECTORS[:n]]:
                mistakes.add(row, sector, N_("{value} stands twice."), value=row[sector])
    for sector in SECTORS:
        require_known(rows, sector, codes["subject"], mistakes)
    return {row["direction"]: tuple(row[sector] for sector in SECTORS) for row in rows}


def _ties(path: Path, universities: Sequence[str], mistakes: Mistakes) -> dict[str, tuple[str, ...]]:
    rows = read_table(path, ("base", "network"), mistakes)
    require_once(rows, ("base", "network"), mistakes)
    for head in ("base", "network"):
        require_known(rows, head, universities, mistakes)
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row["base"]] = (*found.get(row["base"], ()), row["network"])
    return found


def _shifts(path: Path, start: str, mistakes: Mistakes) -> tuple[ShiftPlan, ...]:
    rows = read_table(path, ("shift", "date"), mistakes, ("start",))
    plans: list[ShiftPlan] = []
    for row in rows:
        if number(row, "shift", mistakes, 1, 99) != len(plans) + 1:
            mistakes.add(row, "shift", N_("Shifts must be numbered 1, 2, 3 … without a gap."))
        day = _day(row, mistakes)
        if plans and day <= plans[-1].exam_date:
            mistakes.add(row, "date", N_("Each shift must have a day of its own, in the order of the numbers."))
        if row["start"] and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", row["start"]):
            mistakes.add(row, "start", N_("Expected a time such as 09:00."))
        plans.append(ShiftPlan(len(plans) + 1, day, row["start"] or start))
    return tuple(plans)


def _day(row: TableRow, mistakes: Mistakes) -> date:
    try:
        return date.fromisoformat(row["date"])
    except ValueError:
        mistakes.add(row, "date", N_("Expected a date such as 2011-05-16."))
        return date.max


def _tables(found: Package) -> dict[str, tuple[Sequence[str], list[Sequence[object]]]]:
    """Every table of a package: heads and rows."""
    made: dict[str, tuple[Sequence[str], list[Sequence[object]]]] = {}
    for name, table in TABLES.items():
        rows = [
            (line.code, line.name_kk, line.name_ru, line.name_en, *(line.extra.get(key, "") for key in table.extra))
            for line in found.lines if line.list == table.list
        ]  # fmt: skip
        made[name] = ((table.code, *NAMES, *table.extra), list(rows))
    own = {table.list for table in TABLES.values()}
    others = [(x.list, x.code, x.name_kk, x.name_ru, x.name_en) for x in found.lines if x.list not in own]
    made[OTHERS] = (("list", "code", *NAMES), list(others))
    made[SUBJECTS] = (("direction", *SECTORS), [(key, *codes) for key, codes in found.subjects.items()])
    made[TIES] = (("base", "network"), [(base, network) for base, own in found.ties.items() for network in own])
    made[SHIFTS] = (("shift", "date", "start"), [(p.number, p.exam_date, p.start_time) for p in found.shifts])
    return made
