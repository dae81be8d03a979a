"""Students of tables from elsewhere: understood where that is certain, brought in whole, taken back whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from mab_desktop.domain.errors import Cancelled, OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Silent
from mab_desktop.domain.student import STUDENT
from mab_desktop.domain.table_columns import ERROR_HEADING, FULL_NAME, Matching, fingerprint, matched, remembered
from mab_desktop.i18n import LANGS, translate
from mab_desktop.services import bring_in, bring_in_files, students
from mab_desktop.services.bring_in_plan import look, unknown_values
from mab_desktop.services.bring_in_rows import Choice
from mab_desktop.services.bring_in_sheet import open_sheet, suggested
from mab_desktop.services.context import Context
from mab_desktop.services.specialties import choose_specialties
from mab_desktop.storage.tables.students import Allotment, Shift
from tests.conftest import MakeContext
from tests.services.foreign_tables import (
    HEADS,
    cells,
    events,
    everything,
    person,
    plan_of,
    said,
    states,
    table_of,
    write_csv,
    write_xlsx,
)


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.NETWORK_UNI, "027")


# -- reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "kz1048"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_encoding_and_separator_gives_the_same_records(
    ctx: Context, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    kazakh = {"cp1251": "Ахметов"}.get(encoding, "Әбдіғұлов")
    patronymic = {"cp1251": "Серикович"}.get(encoding, "Серікұлы")
    wanted = [person(n, surname=kazakh, patronymic=patronymic) for n in (1, 2)]
    path = write_csv(tmp_path / "a.csv", [HEADS, *map(cells, wanted)], encoding, delimiter)
    bring_in.bring_in(ctx, plan_of(ctx, path), Choice())
    assert sorted((row.values() for row in students.all_rows(ctx)), key=lambda v: v["to_code"]) == wanted


def test_another_encoding_and_separator_can_be_named(ctx: Context, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Тегі", "Аты"], ["Әбенов", "Ұлан"]], "kz1048", ",")
    assert (open_sheet(path).heads, open_sheet(path).samples(0)) == (("Тегі", "Аты"), ("Әбенов",))
    assert open_sheet(path, delimiter=";").heads == ("Тегі,Аты",)
    assert open_sheet(path, encoding="Windows-1251").samples(0) == ("Јбенов",)
    with pytest.raises(UserError, match="not written in UTF-8"):
        open_sheet(path, encoding="UTF-8")


def test_a_workbook_has_sheets_a_title_and_cells_that_are_numbers_and_dates(ctx: Context, tmp_path: Path) -> None:
    wanted = person(1, to_code="01234567", certificate="00034567", course="2")
    row = [wanted[name] for name in STUDENT.names]
    for name in ("to_code", "certificate", "course", "sex", "nationality", "citizenship"):
        row[STUDENT.names.index(name)] = int(wanted[name])
    title = [["2-курс студенттерінің тізімі"], [], HEADS]
    path = write_xlsx(tmp_path / "a.xlsx", {"Бос": [], "Басқа": [["a", "b"], ["1", "2"]], "Тізім": [*title, row]})
    assert open_sheet(path).table.sheets == ("Бос", "Басқа", "Тізім")
    sheet = open_sheet(path, "Тізім")
    assert (sheet.heads[:2], sheet.above) == (("Фамилия", "Имя"), 1)
    matching = suggested(sheet)
    assert matching.zeros == {"to_code", "certificate"}
    plan = look(ctx, sheet, matching)
    assert {put.field for put in plan.lines[0].put_right} == {"to_code", "certificate"}
    bring_in.bring_in(ctx, plan, Choice())
    assert students.all_rows(ctx)[0].values() == wanted


def test_hidden_sheets_and_covers_are_passed_by(ctx: Context, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        hidden, cover, table = (book.add_worksheet(name) for name in ("Жасырын", "Түсіндірме", "Тізім"))
        hidden.hide()
        cover.activate()
        for n, head in enumerate(HEADS):
            hidden.write_string(0, n, head)
        hidden.write_string(1, 0, "Ескі")
        for n in range(3):
            cover.write_string(n, 0, "Студенттер тізімі")
        for n, row in enumerate([HEADS, cells(person(1))]):
            table.write_row(n, 0, row)
    sheet = open_sheet(path)
    assert (sheet.table.sheet, sheet.table.sheets) == ("Тізім", ("Түсіндірме", "Тізім", "Жасырын"))
    assert states(look(ctx, sheet, suggested(sheet))) == ["new"]
    assert open_sheet(path, "Түсіндірме").table.sheet == "Түсіндірме"  # what was asked for is shown


def test_headings_are_known_in_three_languages_and_from_our_own_lists() -> None:
    for lang in LANGS:
        assert matched([translate(lang, field.label) for field in STUDENT.fields]) == {
            name: n for n, name in enumerate(STUDENT.names)
        }
    rough = ["№ п/п", "ИИН", "Ф. И. О. студента", "ДАТА РОЖД.", "Пол (м/ж)", "Шифр", "№ зачетной  книжки",
             "Уд. личности №"]  # fmt: skip
    assert matched(rough) == {
        FULL_NAME: 2, "birth_date": 3, "sex": 4, "specialty": 5, "record_book": 6, "identity_document": 7,
    }  # fmt: skip
    assert matched(["Тегi", "Аты", "Акесінін аты", "Туган кунi"]) == {
        "surname": 0, "first_name": 1, "patronymic": 2, "birth_date": 3,
    }  # fmt: skip
    assert matched(["Фамелия", "Отчество", "Телефон", "Адрес", ""]) == {"surname": 0, "patronymic": 1}


def test_a_matching_is_remembered_for_the_same_headings_in_any_order() -> None:
    heads = ("Кто", "Когда", ERROR_HEADING)
    columns = {FULL_NAME: 0, "birth_date": 1}
    matching = Matching(columns, {"course": "2"}, frozenset({"to_code"}), {("sex", "юноша"): "1"})
    kept = matching.as_json(heads)
    assert fingerprint(heads) == fingerprint(("Когда", "КТО"))
    found = remembered(kept, ("Когда", "Кто"))
    assert found == replace(matching, columns={FULL_NAME: 1, "birth_date": 0})
    assert remembered(kept, ("Когда",)) is None
    assert remembered({"columns": 5}, heads) is None


# -- cells


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("sex", "М", "1"), ("sex", "ж", "2"), ("sex", "Е", "1"), ("sex", "Ә", "2"), ("sex", "male", "1"),
        ("sex", "Әйел", "2"), ("sex", "E", "1"),
        ("birth_date", "14.05.1991", date(1991, 5, 14)), ("birth_date", "1991-05-14", date(1991, 5, 14)),
        ("birth_date", "33372", date(1991, 5, 14)), ("birth_date", "14051991", date(1991, 5, 14)),
        ("birth_date", "1021991", date(1991, 2, 1)), ("birth_date", "25/05/1991", date(1991, 5, 25)),
        ("birth_date", "14.05.1991 0:00:00", date(1991, 5, 14)), ("birth_date", "1991/05/14", date(1991, 5, 14)),
        ("birth_date", "19910514", date(1991, 5, 14)), ("birth_date", "25-05-1991", date(1991, 5, 25)),
        ("birth_date", "14. 05. 1991", date(1991, 5, 14)), ("birth_date", "1991.05.14", date(1991, 5, 14)),
        ("surname", "ӘБІЛОВ", "Әбілов"), ("surname", "мамин–сибиряк", "Мамин-Сибиряк"),
        ("surname", "Əбдіров", "Әбдіров"), ("patronymic", "СЕРІК ҰЛЫ", "Серік ұлы"),
        ("citizenship", "Қазақстан", "398"), ("citizenship", "РК", "398"), ("citizenship", "4", "004"),
        ("nationality", "казах", "005"), ("nationality", "русская", "001"), ("nationality", "Қазақ", "005"),
        ("specialty", "050102 Бастауыш оқыту", "050102"), ("specialty", "50102", "050102"),
        ("specialty", "Дефектология", "050105"), ("specialty", "5В010200", "050102"),
        ("study_form", "очная", "1"), ("study_form", "Күндізгі", "1"), ("study_form", "1 - очная", "1"),
        ("payment", "ақылы", "3"), ("foreign_language", "англ", "1"), ("course", "2 курс", "2"),
        ("surname", "Axметов", "Ахметов"), ("patronymic", "жоқ", None), ("record_book", "№ 09-0001", "09-0001"),
        ("admission_year", "2009 ж.", 2009), ("admission_year", "01.09.2009", 2009),
        ("to_code", "12 345 678", "12345678"),
    ],
)  # fmt: skip
def test_cells_are_translated_where_that_is_certain(
    ctx: Context, tmp_path: Path, field: str, text: str, value: object
) -> None:
    row = cells(person(1))
    row[STUDENT.names.index(field)] = text
    plan = plan_of(ctx, write_csv(tmp_path / "a.csv", [HEADS, row]))
    assert (said(plan), plan.lines[0].record[field]) == ([""], value)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("to_code", "1,23457E+07", "shortened this number"), ("identity_document", "1.2E+09", "shortened"),
        ("to_code", "1234567", "were zeros lost"), ("birth_date", "03/04/1991", "DD.MM.YYYY"),
        ("birth_date", "03-04-1991", "DD.MM.YYYY"), ("birth_date", "19911405", "No such date"),
        ("birth_date", "14.05.91", "DD.MM.YYYY"), ("birth_date", "31.02.1991", "No such date"),
        ("specialty", "Математика", "not in the list"), ("study_form", "ночная", "not in the list"),
        ("sex", "X", "not in the list"), ("surname", "Smith", "foreign citizens"),
        ("surname", "Ахметов1", "Only letters"),
        ("admission_year", "2100", "after 2011"), ("identity_document", "12345678901", "At most 10"),
        ("surname", "", "Required"), ("surname", "=HYPERLINK(1)", "Only letters"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused_with_the_reason(
    ctx: Context, tmp_path: Path, field: str, text: str, words: str
) -> None:
    row = cells(person(1))
    row[STUDENT.names.index(field)] = text
    plan = plan_of(ctx, write_csv(tmp_path / "a.csv", [HEADS, row, cells(person(2))]))
    assert states(plan) == ["error", "new"]
    assert words in said(plan)[0]
    with pytest.raises(Refused, match="1 row is not right"):
        bring_in.bring_in(ctx, plan, Choice())
    assert students.counts(ctx).total == 0


def test_a_full_name_is_split_and_missing_columns_are_given_for_the_whole_file(ctx: Context, tmp_path: Path) -> None:
    heads = ["Ф.И.О.", *(h for h, f in zip(HEADS[3:], STUDENT.names[3:], strict=True) if f != "study_form")]
    rows = []
    for n, name in enumerate(["Әбенов Ұлан", "Әли Мехмет Рашид оглы", "Ким Анна Львовна Мария"]):
        values = cells(person(n))[3:]
        del values[STUDENT.names.index("study_form") - 3]
        rows.append([name, *values])
    path = write_csv(tmp_path / "a.csv", [heads, *rows])
    assert suggested(open_sheet(path)).missing() == ("study_form",)
    plan = plan_of(ctx, path, constants={"study_form": "очная"})
    assert states(plan) == ["new", "new", "error"]
    assert "which word is the surname" in said(plan)[2]
    parts = [(line.record["surname"], line.record["first_name"], line.record["patronymic"]) for line in plan.lines[:2]]
    assert parts == [("Әбенов", "Ұлан", None), ("Әли", "Мехмет", "Рашид оглы")]
    assert plan.lines[0].record["study_form"] == "1"


def test_of_two_specialties_of_one_name_it_is_the_one_taught_here(ctx: Context, tmp_path: Path) -> None:
    choose_specialties(ctx, ["050109", "050102"])
    row = cells(person(1))
    row[STUDENT.names.index("specialty")] = "математика"
    assert plan_of(ctx, write_csv(tmp_path / "a.csv", [HEADS, row])).lines[0].record["specialty"] == "050109"


def test_a_text_that_means_nothing_here_can_be_given_a_meaning(ctx: Context, tmp_path: Path) -> None:
    row = cells(person(1))
    row[STUDENT.names.index("study_form")] = "Стационар"
    sheet = open_sheet(write_csv(tmp_path / "a.csv", [HEADS, row]))
    matching = suggested(sheet)
    assert unknown_values(ctx, sheet, matching) == {("study_form", "стационар"): 1}
    given = replace(matching, meanings={("study_form", "стационар"): "1"})
    assert unknown_values(ctx, sheet, given) == {}
    assert states(look(ctx, sheet, given)) == ["new"]


# -- towards the records here


def test_rows_are_new_the_same_changed_or_likely_duplicates(ctx: Context, tmp_path: Path) -> None:
    students.save(ctx, person(1))
    changed = students.save(ctx, person(2))
    twin = students.save(ctx, person(3))
    looked = plan_of(ctx, table_of(
        tmp_path, person(1), person(2, course="3", patronymic=None), person(
            33, surname=person(3)["surname"] + "а", birth_date=person(3)["birth_date"]), person(4), person(4),
    ))  # fmt: skip
    assert states(looked) == ["same", "changed", "duplicate", "new", "same"]
    assert looked.lines[1].changes == (("course", "2", "3"),)  # an empty cell clears nothing
    assert looked.lines[2].twin is not None
    assert looked.lines[2].twin.student == twin.id
    assert looked.lines[4].repeats == 5
    with pytest.raises(Refused):
        bring_in.bring_in(ctx, looked, Choice())
    brought = bring_in.bring_in(ctx, looked, Choice(other_people=frozenset({4})))
    assert (brought.new, brought.changed, brought.same, brought.left) == (2, 1, 2, 0)
    (line,) = students.history(ctx, changed.id)
    assert (line.field, line.old, line.new, line.ground) == ("course", "2", "3", "students.csv:3")


def test_states_asked_one_after_the_other_are_those_asked_afresh(ctx: Context, tmp_path: Path) -> None:
    """What is kept of the last answer must never show in the next one."""
    students.save(ctx, person(3))
    near = person(3)["surname"] + "а"
    rows = (person(1), person(2, sex=None), person(33, surname=near, birth_date=person(3)["birth_date"]))
    path = table_of(tmp_path, *rows)
    plan = plan_of(ctx, path)
    for choice in (
        Choice(), Choice(left_out=frozenset({2})), Choice(left_out=frozenset({3, 4})),
        Choice(left_out=frozenset({3}), other_people=frozenset({4})), Choice(partial=True),
        Choice(partial=True, other_people=frozenset({4})), Choice(leave_errors=True), Choice(),
    ):  # fmt: skip
        fresh = plan_of(ctx, path)
        assert plan.states(choice) == fresh.states(choice) == [line.state(choice) for line in plan.lines]
        assert plan.counts(choice) == fresh.counts(choice)


def test_numbers_that_belong_to_others_are_errors(ctx: Context, tmp_path: Path) -> None:
    for n in (1, 2):
        students.save(ctx, person(n))
    rows = [
        person(1, identity_document=person(2)["identity_document"]),
        person(9, to_code=person(2)["to_code"]),
        person(5), person(5, course="3"),
    ]  # fmt: skip
    plan = plan_of(ctx, table_of(tmp_path, *rows))
    assert states(plan) == ["error"] * 4
    words = said(plan)
    assert "The TO code is that of" in words[0]
    assert "born on another day" in words[1]
    assert "Row 5 of the file" in words[2]
    assert "Row 4 of the file" in words[3]


def test_a_printed_pass_and_another_operators_record_stay(make_context: MakeContext, tmp_path: Path) -> None:
    programmer = make_context(Role.NETWORK_UNI, "027", name="programmer")
    saved = students.save(programmer, person(1))
    operator = replace(programmer, actor=replace(programmer.actor, login="op1", role="operator"))
    path = table_of(tmp_path, person(1, course="3"), person(2))
    assert "Another operator" in said(plan_of(operator, path))[0]
    brought = bring_in.bring_in(operator, plan_of(operator, path), Choice(left_out=frozenset({2})))
    assert [row.created_by for row in students.all_rows(operator)] == ["op1"]
    assert [p.id for p in bring_in.past(operator)] == [brought.id]
    other = replace(operator, actor=replace(operator.actor, login="op2"))
    assert bring_in.past(other) == []
    with pytest.raises(UserError, match="nothing to take back"):
        bring_in.undo(other, brought.id, "қате файл")
    with programmer.store.write(programmer.actor) as tx:
        tx.session.add(Shift(number=1, exam_date=date(2011, 5, 16), start_time="09:00"))
        tx.session.flush()
        tx.session.add(Allotment(student=saved.id, code="1", shift=1, building="01", hall="001", test_language="1",
                                 subject1="a", subject2="b", subject3="c", subject4="d", subject5="e"))  # fmt: skip
        tx.note("passes-taken", "1")
    assert "pass is printed" in said(plan_of(programmer, path))[0]


# -- bringing in


def test_a_table_tells_an_operator_nothing_of_what_others_have_typed(
    make_context: MakeContext, tmp_path: Path
) -> None:
    programmer = make_context(Role.NETWORK_UNI, "027", name="programmer")
    for n in (1, 2, 3):
        students.save(programmer, person(n, surname=f"Жасырын{'абв'[n - 1]}", record_book=f"09-777{n}"))
    operator = programmer.as_person("op1", "Ғалымова Әсем", "operator")
    rows = (
        {"to_code": person(1)["to_code"], "course": "3"},
        {"to_code": person(2)["to_code"], "identity_document": person(3)["identity_document"]},
        person(9, to_code=person(2)["to_code"], surname="Басқа"),
        person(8, surname="Жасырынв", first_name=person(3)["first_name"], birth_date=person(3)["birth_date"]),
    )  # fmt: skip
    plan = plan_of(operator, table_of(tmp_path, *rows))
    assert states(plan) == ["error", "error", "error", "duplicate"]
    assert plan.lines[0].record == {"to_code": person(1)["to_code"], "course": "3"}
    assert all(not line.changes for line in plan.lines)
    words = said(plan)
    assert not [line for line in words if "Жасырын" in line or "09-777" in line]
    assert words[3] == "Another operator has typed a similar name, born on the same day."


def test_the_same_file_again_changes_nothing_and_says_so(ctx: Context, tmp_path: Path) -> None:
    path = table_of(tmp_path, person(1), person(2))
    bring_in.bring_in(ctx, plan_of(ctx, path), Choice())
    again, before = plan_of(ctx, path), everything(ctx)
    assert states(again) == ["same", "same"]
    with pytest.raises(Refused, match="every row is here already"):
        bring_in.bring_in(ctx, again, Choice())
    assert everything(ctx) == before
    assert bring_in.past(ctx)[0].digest == again.sheet.table.digest
    assert events(ctx) == ["students-brought-in"]


def test_right_rows_are_brought_in_alone_only_when_that_is_chosen(ctx: Context, tmp_path: Path) -> None:
    wrong = person(3, certificate=None)
    path = table_of(tmp_path, person(1), wrong, person(2))
    plan = plan_of(ctx, path)
    with pytest.raises(Refused):
        bring_in.bring_in(ctx, plan, Choice())
    brought = bring_in.bring_in(ctx, plan, Choice(leave_errors=True))
    assert (brought.new, brought.left, students.counts(ctx).total) == (2, 1, 2)
    partly = plan_of(ctx, path)
    assert states(partly, Choice(partial=True)) == ["same", "new", "same"]
    bring_in.bring_in(ctx, partly, Choice(partial=True))
    assert [row.to_code for row in students.find(ctx, partial=True)] == [wrong["to_code"]]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_errors_are_exported_corrected_and_brought_in(ctx: Context, tmp_path: Path, kind: str) -> None:
    heads = [*HEADS, "=Ескерту"]
    wrong, right = cells(person(1, to_code="00000007")), cells(person(2))
    wrong[STUDENT.names.index("sex")] = "@1"
    path = write_csv(tmp_path / "a.csv", [heads, [*wrong, "=1+2"], [*right, "-"]])
    plan = plan_of(ctx, path)
    file = tmp_path / f"errors.{kind}"
    assert bring_in_files.save_errors(ctx, plan, Choice(), file) == 1
    if kind == "csv":
        assert ";'=1+2;" in file.read_text("utf-8-sig")
    assert "list-exported" in events(ctx)
    found = open_sheet(file)
    assert found.heads == (*heads, ERROR_HEADING)
    assert found.rows[0].cells[:-1] == (*wrong, "=1+2")
    assert found.rows[0].cells[-1] == "Sex: @1 is not in the list."
    assert fingerprint(found.heads) == fingerprint(plan.sheet.heads)
    mended = [list(row.cells) for row in found.rows]
    mended[0][STUDENT.names.index("sex")] = "Ж"
    again = plan_of(ctx, write_csv(tmp_path / "mended.csv", [found.heads, *mended]))
    bring_in.bring_in(ctx, again, Choice())
    assert students.all_rows(ctx)[0].to_code == "00000007"


def test_the_blank_table_is_understood_and_filled_in_with_its_lists(ctx: Context, tmp_path: Path) -> None:
    choose_specialties(ctx, ["050102"])
    for lang in LANGS:
        path = tmp_path / f"{lang}.xlsx"
        bring_in_files.save_blank(ctx.speaking(lang), path)
        with pytest.raises(UserError, match="no row"):
            open_sheet(path)
        entries = open_sheet(path, translate(lang, "Lists"))
        listed = {name: entries.rows[0].cells[n] for name, n in matched(entries.heads).items()}
        assert listed["specialty"].startswith("050102 ")
        filled = cells(person(1) | listed | {"citizenship": listed["citizenship"]})
        heads = [translate(lang, field.label) + " *" for field in STUDENT.fields]
        plan = plan_of(ctx, write_csv(tmp_path / "filled.csv", [heads, filled]))
        assert plan.lines[0].record["sex"] == "1"
        assert [p.field for p in plan.lines[0].problems + plan.lines[0].missing] == ["grant_certificate"]


class CancelAt(Silent):
    """The person presses Cancel at the n-th look."""

    def __init__(self, at: int) -> None:
        self.left = at

    def _look(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled

    def stage(self, title: str, total: int = 0) -> None:
        self._look()

    def step(self, n: int = 1) -> None:
        self._look()


def test_cancelled_at_any_moment_nothing_is_left(ctx: Context, tmp_path: Path) -> None:
    plan, before = plan_of(ctx, table_of(tmp_path, *(person(n) for n in range(520)))), everything(ctx)
    for at in range(3):
        with pytest.raises(Cancelled):
            bring_in.bring_in(ctx, plan, Choice(leave_errors=True), CancelAt(at))
        assert everything(ctx) == before
    assert bring_in.bring_in(ctx, plan, Choice(leave_errors=True), CancelAt(3)).new


def test_what_changed_since_the_preview_is_seen_at_the_moment_of_writing(ctx: Context, tmp_path: Path) -> None:
    path = table_of(tmp_path, person(1), person(2))
    plan = plan_of(ctx, path)
    students.save(ctx, person(7))
    unharmed = plan_of(ctx, path)
    students.save(ctx, person(2, course="3"))
    for stale in (plan, unharmed):
        with pytest.raises(UserError, match="changed since the preview"):
            bring_in.bring_in(ctx, stale, Choice())
    assert students.counts(ctx).total == 2
    fresh = plan_of(ctx, path)
    students.save(ctx, person(8))  # nothing that the rows depend on
    assert bring_in.bring_in(ctx, fresh, Choice()).changed == 1


def test_a_bringing_in_is_taken_back_whole(ctx: Context, tmp_path: Path) -> None:
    kept = students.save(ctx, person(1))
    path = table_of(tmp_path, person(1, course="3", surname="Басқов"), person(2), person(3))
    before = students.get(ctx, kept.id).values()
    brought = bring_in.bring_in(ctx, plan_of(ctx, path), Choice())
    with pytest.raises(Refused):
        bring_in.undo(ctx, brought.id, " ")
    assert bring_in.undo(ctx, brought.id, "қате файл") == (3, 0)
    assert students.get(ctx, kept.id).values() == before
    assert (students.counts(ctx).total, students.counts(ctx).deleted) == (1, 2)
    assert [row.id for row in students.find(ctx, before["surname"])] == [kept.id]
    (past,) = bring_in.past(ctx)
    assert (past.undone, past.reason) == (True, "қате файл")
    with pytest.raises(UserError, match="nothing to take back"):
        bring_in.undo(ctx, brought.id, "тағы")
    assert states(plan_of(ctx, path)) == ["changed", "new", "new"]
    assert events(ctx)[-2:] == ["students-brought-in", "bringing-in-undone"]


def test_records_changed_since_stay_only_when_that_is_chosen(ctx: Context, tmp_path: Path) -> None:
    brought = bring_in.bring_in(ctx, plan_of(ctx, table_of(tmp_path, person(1), person(2))), Choice())
    row = students.find(ctx, person(1)["to_code"])[0]
    students.set_photos(ctx, [row.id], 2)
    assert bring_in.past(ctx)[0].changed_since == 1
    before = everything(ctx)
    with pytest.raises(OutOfOrder, match="1 of these records"):
        bring_in.undo(ctx, brought.id, "қате файл")
    assert everything(ctx) == before
    assert bring_in.undo(ctx, brought.id, "қате файл", leave_changed=True) == (1, 1)
    assert [found.id for found in students.all_rows(ctx)] == [row.id]
