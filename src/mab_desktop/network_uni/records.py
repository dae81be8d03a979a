"""A student record as the pages of this application show it: names of codes, columns, facts, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mab_desktop.domain import merge
from mab_desktop.domain.student import STUDENT, value_from_text
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import operators, students
from mab_desktop.services.context import Context
from mab_desktop.services.settings import base_of, lists, reference_names
from mab_desktop.services.specialties import specialties
from mab_desktop.services.students import StudentRow
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column

LISTS = ("citizenship", "nationality", "sex", "specialty", "course", "study_language", "study_form", "payment",
         "foreign_language")  # fmt: skip
LABELS = {field.name: field.label for field in STUDENT.fields} | {
    merge.DELETED: N_("Deleted"), "photos": N_("Photographs received"), "base_university": N_("Base university"),
}  # fmt: skip
PEOPLE = "person"

Names = Mapping[str, Mapping[str, str]]


def label_of(field: str) -> str:
    """What a field is called in the language of now."""
    return _(LABELS.get(field, field))


def names_of_codes(ctx: Context) -> Names:
    """List → code → name in the language of now; under `PEOPLE` login → full name."""
    return {**reference_names(ctx, *LISTS), PEOPLE: operators.people_here(ctx)}


def person(names: Names, login: str | None) -> str:
    """Who a login is: pages name people. A login that nobody here is known by stands as it is."""
    return names.get(PEOPLE, {}).get(login or "", login or "")


def by(names: Names, login: str | None, at: str | None) -> str:
    """Who did something and when; "" of what nobody did."""
    return ", ".join(part for part in (person(names, login), shown_stamp(at)) if part)


def choices(ctx: Context) -> dict[str, list[tuple[str, ...]]]:
    """The lists of the entry form: code, name, its names in the other languages that operators may type.

    Of the specialties those that take part, once they are chosen.
    """
    taught = {row.cipher for row in specialties(ctx, only_taught=True)}
    langs = (ctx.lang, "kk", "ru")
    found = {
        name: [(code, *dict.fromkeys(map(line.name, langs))) for code, line in lines.items()]
        for name, lines in lists(ctx, *LISTS).items()
    }
    if taught:
        found["specialty"] = [line for line in found["specialty"] if line[0] in taught]
    return found


def bases_here(ctx: Context) -> list[tuple[str, str]]:
    """The base universities that this university is tied to: code and name."""
    names = lists(ctx, "university")["university"]
    with ctx.store.read() as session:
        codes = base_of(session, ctx.university)
    return [(code, names[code].name(ctx.lang) if code in names else "") for code in codes]


def shown_field(names: Names, field: str, value: Any) -> str:
    """A field's value in words: dates as printed, codes with their names."""
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return shown_date(value)
    if field == merge.DELETED:
        return _("Yes") if value else _("No")
    name = names.get(field, {}).get(str(value))
    return f"{value} · {name}" if name else str(value)


def shown_text(names: Names, field: str, text: str | None) -> str:
    """A value of the history or of a conflict in words."""
    if field == merge.DELETED:
        return _("Yes") if text else _("No")
    if not text:
        return ""
    if field in STUDENT.names:
        return shown_field(names, field, value_from_text(field, text))
    return text


def columns(names: Names) -> tuple[Column, ...]:
    """The columns of the student list, the usual ones shown."""

    def code(name: str, width: int, *, shown: bool = True, title: str = "") -> Column:
        return Column(name, title or LABELS[name], width, kind="code", shown=shown,
                      show=lambda value: names[name].get(value or "", value or ""))  # fmt: skip

    return (
        Column("name", N_("Full name"), 27),
        Column("to_code", LABELS["to_code"], 10, kind="code"),
        Column("birth_date", LABELS["birth_date"], 11, kind="date"),
        Column("specialty", N_("Specialty"), 8, kind="code"),
        code("study_language", 11, title=N_("Language")),
        Column("course", LABELS["course"], 5, kind="code", shown=False),
        Column("photos", N_("Photos"), 6, kind="number"),
        Column("created_by", N_("Typed by"), 20, shown=False, show=lambda login: person(names, login)),
        code("sex", 7, shown=False), code("study_form", 10, shown=False), code("payment", 14, shown=False),
        code("foreign_language", 12, shown=False), code("citizenship", 14, shown=False),
        code("nationality", 12, shown=False),
        Column("identity_document", LABELS["identity_document"], 12, kind="code", shown=False),
        Column("certificate", LABELS["certificate"], 10, kind="code", shown=False),
        Column("grant_certificate", LABELS["grant_certificate"], 10, kind="code", shown=False),
        Column("admission_year", LABELS["admission_year"], 6, kind="code", shown=False),
        Column("record_book", LABELS["record_book"], 10, kind="code", shown=False),
        Column("base_university", LABELS["base_university"], 6, kind="code", shown=False),
        Column("changed_at", N_("Changed"), 16, shown=False, show=shown_stamp),
    )  # fmt: skip


def record_facts(names: Names, row: StudentRow) -> tuple[Facts, ...]:
    """A record beside the list: the paper's fields, then what the university keeps of it."""
    groups = [
        Facts(row.name or "—", tuple((_(LABELS[name]), shown_field(names, name, getattr(row, name)))
                                     for name in STUDENT.names[3:])),
        Facts(_("Kept with it"), (
            (_("Photographs received"), _("{n} of {total}").format(n=row.photos, total=2)),
            (_("Base university"), row.base_university),
            (_("Typed"), by(names, row.created_by, row.created_at)),
            (_("Changed"), by(names, row.changed_by, row.changed_at) if row.version > 1 else ""),
        )),
    ]  # fmt: skip
    return tuple(groups)


def history_facts(ctx: Context, names: Names, student_id: str) -> Facts:
    """What was changed in a record, the newest first."""
    lines = []
    for change in students.history(ctx, student_id):
        before, after = (shown_text(names, change.field, text) or "—" for text in (change.old, change.new))
        words = f"{before} → {after}\n{by(names, change.by, change.at)}"
        if change.ground:
            words += f"\n{change.ground}"
        lines.append((label_of(change.field), words))
    return Facts(_("History"), tuple(lines) or ((_("Changes"), _("None")),))


def shown_stamp(text: str | None) -> str:
    """A stored moment as people read it."""
    return f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:16]}" if text and len(text) >= 16 else text or ""


def problem_words(problems: Sequence[Any]) -> list[str]:
    """Problems or warnings in words, each with its field's name."""
    return [
        f"{_(LABELS[problem.field])}: {problem.message(active())}" if problem.field in LABELS
        else problem.message(active())
        for problem in problems
    ]  # fmt: skip
