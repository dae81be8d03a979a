"""Corrections of students by the list of wrong data: six fields and no others, each with its ground (p.8, p.30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.fields import Kind
from mab_desktop.domain.names import full_name, search_form, sort_key
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.reference import ReferenceLine
from mab_desktop.domain.student import CORRECTABLE, STUDENT
from mab_desktop.i18n import N_, translate
from mab_desktop.services import who
from mab_desktop.services.context import Context, require, require_person, shown, stamp
from mab_desktop.services.settings import reference_codes, reference_list
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.students import Student, StudentChange, WrongData


@dataclass(frozen=True)
class WrongLine:
    """A line of the list of wrong data; `mine` is false for a field that the ministry programmer may not touch.

    `item` is its place in the list as it came, from 1. `old_value` is what stood here before it was entered; the
    words are the values as people read them: a date with dots, a code by its name.
    """

    id: str
    item: int
    student: str
    name: str
    university: str
    field: str
    label: str
    printed_value: str
    right_value: str
    present_value: str
    old_value: str
    ground: str
    application_number: str
    application_date: date
    applied_at: str
    applied_by: str
    mine: bool
    old_words: str = ""
    new_words: str = ""
    printed_words: str = ""
    present_words: str = ""


def wrong_lines(ctx: Context, *, open_only: bool = False) -> list[WrongLine]:
    """The list of wrong data with what stands in the database now, in the order of names."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    query = select(WrongData, Student).join(Student, Student.id == WrongData.student).order_by(Student.sort_name)
    if open_only:
        query = query.where(WrongData.applied_at.is_(None), WrongData.field.in_(CORRECTABLE))
    with ctx.store.read() as session:
        items, before, people = _items(session), _before(session), who.names(session)
        names = {name: reference_list(session, name) for name in ("sex", "foreign_language")}
        found = [
            _line(wrong, student, items[wrong.id], before.get((student.id, wrong.field)), people)
            for wrong, student in session.execute(query)
        ]
    def words(line: WrongLine, value: str) -> str:
        return _words(line.field, value, names, ctx.lang)

    return [
        replace(line, old_words=words(line, line.old_value), new_words=words(line, line.right_value),
                printed_words=words(line, line.printed_value), present_words=words(line, line.present_value))
        for line in found
    ]  # fmt: skip


def _words(field: str, value: str, names: Mapping[str, Mapping[str, ReferenceLine]], lang: str) -> str:
    """A value as people read it; what cannot be understood stays as it is."""
    if field in STUDENT.names and STUDENT[field].kind is Kind.DATE:
        try:
            day = typed_value(field, value)
        except Refused:
            return value
        return f"{day:%d.%m.%Y}" if day else ""
    known = names.get(field, {}).get(value)
    return known.name(lang) if known else value


def _items(session: Session) -> dict[str, int]:
    """The place of each line in the list of the base university: by university, application and field."""
    order = (WrongData.university, WrongData.application_date, WrongData.application_number, WrongData.id)
    return {line: n for n, line in enumerate(session.scalars(select(WrongData.id).order_by(*order)), 1)}


def _before(session: Session) -> dict[tuple[str, str], str]:
    """(student, field) -> the value that the newest correction replaced."""
    query = select(StudentChange.student, StudentChange.field, StudentChange.old).order_by(StudentChange.version)
    return {(row[0], row[1]): row[2] or "" for row in session.execute(query)}


def ground_words(line: WrongLine, lang: str) -> str:
    """The ground of a correction: the item of the list, its document and the application."""
    words = translate(lang, N_("item {item}: {ground}; application No {number}, {day}"))
    return words.format(item=line.item, ground=line.ground, number=line.application_number,
                        day=line.application_date.strftime("%d.%m.%Y"))  # fmt: skip


def correct(ctx: Context, wrong_id: str) -> None:
    """Enter one line of the list; Refused when the right value breaks the rules of the field."""
    _correct(ctx, [wrong_id])


def correct_all(ctx: Context) -> int:
    """Enter every open line of the six fields; all or none. Gives how many."""
    lines = wrong_lines(ctx, open_only=True)
    if lines:
        _correct(ctx, [line.id for line in lines])
    return len(lines)


def _correct(ctx: Context, ids: list[str]) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    with ctx.store.write(ctx.actor) as tx:
        lists, items = reference_codes(tx.session), _items(tx.session)
        for wrong_id in ids:
            _apply(ctx, tx, wrong_id, items.get(wrong_id, 0), lists)


def _apply(ctx: Context, tx: Transaction, wrong_id: str, item: int, lists: dict[str, frozenset[str]]) -> None:
    wrong = tx.session.get(WrongData, wrong_id)
    student = tx.session.get(Student, wrong.student) if wrong else None
    if wrong is None or student is None:
        raise UserError(N_("This line is not in the list of wrong data. Nothing was changed."))
    if wrong.field not in CORRECTABLE:
        raise UserError(
            N_("The ministry programmer may correct surname, first name, patronymic, sex, date of birth and foreign "
               "language, nothing else (p.8). Nothing was changed."),
        )  # fmt: skip
    if wrong.applied_at is not None:
        raise UserError(N_("This line was entered on {at}."), at=shown(wrong.applied_at))
    new = typed_value(wrong.field, wrong.right_value or "")
    old = getattr(student, wrong.field)
    values = {name: getattr(student, name) for name in STUDENT.names} | {wrong.field: new}
    problems = [p for p in STUDENT.problems(values, lists) if p.field in ("", wrong.field)]
    if problems:
        raise Refused(problems)
    setattr(student, wrong.field, new)
    student.version += 1
    student.changed_at, student.changed_by = stamp(ctx), ctx.actor.login
    name = full_name(student.surname or "", student.first_name or "", student.patronymic)
    student.search, student.sort_name = search_form(name), sort_key(name)
    wrong.applied_at, wrong.applied_by = stamp(ctx), ctx.actor.login
    applied = f"{wrong.ground}; {wrong.application_number}, {wrong.application_date:%d.%m.%Y}"
    ground = f"{item}. {applied}"[:200]
    change = StudentChange(
        student=student.id, version=student.version, field=wrong.field, old=_text(old), new=_text(new),
        ground=ground, by=ctx.actor.login, at=stamp(ctx),
    )  # fmt: skip
    tx.session.add(change)
    tx.note("student-corrected", student.id, field=wrong.field, old=_text(old), new=_text(new), ground=ground)


def typed_value(field: str, text: str) -> Any:
    """The list's text as the field's value: a date as DDMMYYYY, DD.MM.YYYY or ISO; Refused when it is none."""
    if not text.strip():
        return None
    if STUDENT[field].kind is not Kind.DATE:
        return text.strip()
    digits = "".join(c for c in text if c.isdigit())
    try:
        if len(text.strip()) == 10 and text.strip()[4] == "-":
            return date.fromisoformat(text.strip())
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError as error:
        raise Refused([Problem(field, N_("No such date."))]) from error


def _line(
    wrong: WrongData, s: Student, item: int, before: str | None, people: Mapping[str, str]
) -> WrongLine:  # fmt: skip
    present = _text(getattr(s, wrong.field, None)) or ""
    old = present if not wrong.applied_at else before if before is not None else wrong.printed_value or ""
    name = full_name(s.surname or "", s.first_name or "", s.patronymic)
    return WrongLine(
        wrong.id, item, s.id, name, wrong.university, wrong.field,
        STUDENT[wrong.field].label if wrong.field in STUDENT.names else wrong.field, wrong.printed_value or "",
        wrong.right_value or "", present, old, wrong.ground, wrong.application_number,
        wrong.application_date, wrong.applied_at or "",
        people.get(wrong.applied_by or "", wrong.applied_by or ""), wrong.field in CORRECTABLE,
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
