"""The two tables that people fill in: the blank one with its lists, and the rows that wait for a correction.

Both are read again by `bring_in_sheet`. Cells are texts, so that no spreadsheet program takes zeros off a number or
computes what somebody typed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.reference import ReferenceLine, coded
from mab_desktop.domain.spreadsheet import export_csv
from mab_desktop.domain.student import STUDENT
from mab_desktop.domain.table_columns import ERROR_HEADING
from mab_desktop.i18n import N_, translate
from mab_desktop.services.bring_in_plan import Plan
from mab_desktop.services.bring_in_rows import Choice, Line, State, Twin
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.settings import reference_list
from mab_desktop.services.students import rules
from mab_desktop.services.table_export import note_export
from mab_desktop.services.whole_file import refusal_words, write_whole

BLANK_ROWS = 2000
_SHEET, _LISTS = N_("Students"), N_("Lists")
_WIDEST = 60


def row_words(line: Line, choice: Choice, lang: str, between: str = " ") -> str:
    """Why a row waits, in words: every problem with its field, `between` them a blank or a new line."""
    said = [problem_words(problem, lang) for problem in (*line.problems, *line.missing)]
    state = line.state(choice)
    if state is State.DUPLICATE and line.twin is not None:
        said.append(translate(lang, _similar(line.twin)).format(name=line.twin.name, line=line.twin.line))
    return between.join(said)


def _similar(twin: Twin) -> str:
    if twin.line:
        return N_("Similar to {name} in row {line}, born on the same day.")
    if twin.name:
        return N_("Similar to {name}, born on the same day.")
    return N_("Another operator has typed a similar name, born on the same day.")


def problem_words(problem: Problem, lang: str) -> str:
    """A problem with the name of its field before it."""
    words = problem.message(lang)
    if problem.field not in STUDENT.names:
        return words
    return f"{translate(lang, STUDENT[problem.field].label)}: {words}"


def save_errors(ctx: Context, plan: Plan, choice: Choice, path: Path) -> int:
    """Write the rows that wait, with their own columns and one that says why, as XLSX or CSV by the file's name."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    lines = plan.held_up(choice)
    kept = [n for n, head in enumerate(plan.sheet.heads) if head != ERROR_HEADING]
    heads = [*(plan.sheet.heads[n] for n in kept), ERROR_HEADING]
    rows = [[*(line.cells[n] for n in kept), row_words(line, choice, ctx.lang)] for line in lines]
    if path.suffix.lower() == ".csv":
        out = io.StringIO(newline="")
        export_csv(out, heads, rows)
        data = out.getvalue().encode("utf-8-sig")
    else:
        wrong = [_wrong_columns(line, plan.matching.columns, kept) for line in lines]
        data = _error_book(translate(ctx.lang, _SHEET), heads, rows, wrong)
    _save(path, data, lambda: note_export(ctx, "bring-in-errors", len(lines), heads, path))
    return len(lines)


def save_blank(ctx: Context, path: Path) -> None:
    """Write an empty table with the headings of this record, its lists to choose from and its bounds."""
    with ctx.store.read() as session:
        lists = {f.choices: reference_list(session, f.choices) for f in STUDENT.fields if f.choices}
        taught = rules(session, ctx).taught
    if taught:
        lists["specialty"] = {code: line for code, line in lists["specialty"].items() if code in taught}
    _save(path, _blank_book(ctx.lang, lists))


def _wrong_columns(line: Line, columns: Mapping[str, int], kept: Sequence[int]) -> set[int]:
    """Where in the error file the wrong cells of a row stand."""
    wrong = {columns[p.field] for p in (*line.problems, *line.missing) if p.field in columns}
    return {place for place, column in enumerate(kept) if column in wrong}


def _book(out: io.BytesIO) -> Any:
    # Students' data never reach a temporary file.
    return xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})


def _error_book(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], wrong: Sequence[set[int]]) -> bytes:
    out = io.BytesIO()
    with _book(out) as book:
        text = book.add_format({"num_format": "@", "valign": "top"})
        marked = book.add_format({"num_format": "@", "valign": "top", "bg_color": "#FBE3D6"})
        said = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, "font_color": "#9C2A10"})
        head = book.add_format({"bold": True, "num_format": "@", "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        last = len(heads) - 1
        for column, title in enumerate(heads):
            words = [title, *(row[column] for row in rows[:200])]
            sheet.set_column(column, column, _width(words) if column < last else _WIDEST, text)
            sheet.write_string(0, column, title, head)
        for n, (row, places) in enumerate(zip(rows, wrong, strict=True), 1):
            for column, cell in enumerate(row):
                form = said if column == last else marked if column in places else text
                sheet.write_string(n, column, cell, form)
    return out.getvalue()


def _width(words: Iterable[str]) -> int:
    return min(_WIDEST, max(8, *(len(word) + 2 for word in words)))


def _blank_book(lang: str, lists: Mapping[str, Mapping[str, ReferenceLine]]) -> bytes:
    out = io.BytesIO()
    with _book(out) as book:
        sheet, shown = book.add_worksheet(translate(lang, _SHEET)), book.add_worksheet(translate(lang, _LISTS))
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        must = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#E3EDF7"})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.freeze_panes(1, 2)
        sheet.set_row(0, 45)
        for column, field in enumerate(STUDENT.fields):
            title = translate(lang, field.label) + (" *" if field.required else "")
            sheet.set_column(column, column, max(12, min(24, len(title) + 2)), day if field.kind is Kind.DATE else text)
            sheet.write_string(0, column, title, must if field.required else head)
            rule = _rule(field, lang)
            if field.choices:
                rule |= _listed(shown, column, field, lists[field.choices], lang, head)
            sheet.data_validation(1, column, BLANK_ROWS, column, rule)
    return out.getvalue()


def _listed(
    shown: Any, column: int, field: Field, lines: Mapping[str, ReferenceLine], lang: str, head: Any
) -> dict[str, Any]:
    """Write a list into its column of the second sheet; the rule that a cell is one of it, or its code alone."""
    shown.write_string(0, column, translate(lang, field.label), head)
    words = [coded(lines, code, lang) for code in lines]
    for n, entry in enumerate(words, 1):
        shown.write_string(n, column, entry)
    shown.set_column(column, column, _width(words or [""]))
    first = xlsxwriter.utility.xl_rowcol_to_cell(1, column, row_abs=True, col_abs=True)
    last = xlsxwriter.utility.xl_rowcol_to_cell(max(1, len(words)), column, row_abs=True, col_abs=True)
    source = f"='{translate(lang, _LISTS)}'!{first}:{last}"
    return {"validate": "list", "source": source, "error_type": "warning"}


def _rule(field: Field, lang: str) -> dict[str, Any]:
    """What a spreadsheet program checks and says while somebody types; warnings only, the program itself decides."""
    said: dict[str, Any] = {"error_type": "warning", "input_title": translate(lang, field.label)[:32]}
    if field.hint and field.kind is not Kind.DATE:
        said["input_message"] = translate(lang, field.hint)[:255]
    if field.kind is Kind.DATE:
        said["input_message"] = translate(lang, N_("DD.MM.YYYY"))
        return {"validate": "any", **said}
    if field.kind is Kind.INTEGER:
        return {"validate": "integer", "criteria": "between", "minimum": field.low, "maximum": field.high, **said}
    low = field.max_length if field.exact else 1
    return {"validate": "length", "criteria": "between", "minimum": low, "maximum": field.max_length, **said}


def _save(path: Path, data: bytes, ready: Callable[[], None] = lambda: None) -> None:
    """Write a file whole or not at all; `ready` is called before it takes its place."""
    try:
        write_whole(path, (data,), ready)
    except OSError as error:
        raise UserError(refusal_words(error),
                        next_step=N_("Choose another folder and export again.")) from error  # fmt: skip
