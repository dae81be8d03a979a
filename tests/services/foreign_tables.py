"""Tables of students as others write them, and what bringing one in could change."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import func, select

from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import translate
from mab_desktop.services import bring_in_files
from mab_desktop.services.bring_in_plan import Plan, look
from mab_desktop.services.bring_in_rows import Choice
from mab_desktop.services.bring_in_sheet import open_sheet, suggested
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.students import Student
from tests.services.people import student

HEADS = [translate("ru", field.label) for field in STUDENT.fields]


def person(number: int, **changes: Any) -> dict[str, Any]:
    """A student unlike the others by name and day of birth."""
    letters = "".join("абвгдежзик"[int(digit)] * 3 for digit in f"{number:03d}")
    born = date(1991, 1 + number % 12, 1 + number % 28)
    return student(number, surname=f"Ахмет{letters}ов", birth_date=born) | changes


def cells(values: Mapping[str, Any]) -> list[str]:
    """A record as a table from elsewhere writes it."""
    found = [values.get(name) for name in STUDENT.names]
    return ["" if v is None else f"{v:%d.%m.%Y}" if isinstance(v, date) else str(v) for v in found]


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", delimiter: str = ";") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """A workbook as others make it: numbers are numbers, dates are dates."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(n, column, cell, day)
                    elif isinstance(cell, int | float):
                        sheet.write_number(n, column, cell)
                    elif cell:
                        sheet.write_string(n, column, cell)
    return path


def table_of(tmp_path: Path, *people: Mapping[str, Any], name: str = "students.csv") -> Path:
    return write_csv(tmp_path / name, [HEADS, *map(cells, people)])


def plan_of(ctx: Context, path: Path, **changes: Any) -> Plan:
    sheet = open_sheet(path)
    return look(ctx, sheet, replace(suggested(sheet), **changes))


def states(plan: Plan, choice: Choice = Choice()) -> list[str]:
    return [line.state(choice).value for line in plan.lines]


def said(plan: Plan, choice: Choice = Choice()) -> list[str]:
    return [bring_in_files.row_words(line, choice, "en") for line in plan.lines]


def everything(ctx: Context) -> list[tuple[Any, ...]]:
    """All that a bringing-in could change."""
    with ctx.store.read() as session:
        rows = session.execute(select(*Student.__table__.columns).order_by(Student.id))
        return [tuple(map(str, row)) for row in rows] + [(session.scalar(select(func.count(AuditEntry.n))),)]


def events(ctx: Context) -> list[str]:
    with ctx.store.read() as session:
        return [e for e in session.scalars(select(AuditEntry.event).order_by(AuditEntry.n)) if e != "reference-loaded"]
