"""Verify mode: drawn sheets typed again, compared where both entries meet, settled, counted, carried (p.18, p.21)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import (
    documents_network,
    duplicates,
    operators,
    second_draw,
    second_entry,
    second_errors,
    students,
    transfer,
)
from mab_desktop.services.context import Context
from tests.conftest import MakeContext
from tests.services.land import OPERATOR, Land
from tests.services.people import arrive, collect, send, student, take


def person(ctx: Context, login: str, role: str = "operator") -> Context:
    return ctx.as_person(login, login.upper(), role)


@pytest.fixture
def main(make_context: MakeContext) -> Context:
    """The programmer's PC where two operators type too; everything is to be typed again."""
    ctx = make_context(Role.NETWORK_UNI, "027")
    for login in ("op1", "op2"):
        operators.save_operator(ctx, {"login": login, "full_name": login.upper(), "workplace": ""})
    second_draw.set_share(ctx, 100)
    return ctx


@pytest.fixture
def op1(main: Context) -> Context:
    return person(main, "op1")


@pytest.fixture
def op2(main: Context) -> Context:
    return person(main, "op2")


def typed(ctx: Context, number: int = 1) -> str:
    values = student(number)
    return students.save(ctx, values | {"birth_date": values["birth_date"].replace(day=number)}).id


def again(number: int = 1, **changes: object) -> dict[str, object]:
    return student(number, birth_date=date(1991, 5, number)) | changes


def open_fields(ctx: Context) -> list[str]:
    return [row.field for row in second_entry.differences(ctx) if not row.choice]


def test_nobody_is_given_his_own_record(main: Context, op1: Context, op2: Context) -> None:
    first = typed(op1)
    assert second_entry.queue(op1) == []
    (sheet,) = second_entry.queue(op2)
    assert (sheet.student, sheet.typist, sheet.typist_name, sheet.sheet) == (first, "op1", "OP1", 1)
    assert [s.student for s in second_entry.queue(main)] == [first]
    with pytest.raises(UserError, match="not yours"):
        second_entry.type_second(op1, first, again())
    students.save(main, again() | {"sex": "2"}, student_id=first)
    assert second_entry.queue(main) == [], "who corrected a record knows its values"
    assert len(second_entry.queue(op2)) == 1


def test_only_complete_records_that_stand_are_drawn(main: Context, op1: Context, op2: Context) -> None:
    students.save(op1, student(1) | {"sex": None}, partial=True)
    gone, stands = typed(op1, 2), typed(op1, 3)
    students.delete(op1, [gone], "қате")
    assert [(s.student, s.sheet) for s in second_entry.queue(op2)] == [(stands, 3)], "the pile keeps its order"
    second_draw.set_share(main, 0)
    assert second_entry.queue(op2) == []
    second_draw.set_share(main, 0, {"op1": 100})
    assert len(second_entry.queue(op2)) == 1
    with pytest.raises(Refused):
        second_draw.set_share(main, 101)
    with pytest.raises(UserError, match="no right"):
        second_draw.set_share(op2, 1)


def test_entries_that_agree_need_no_decision(main: Context, op1: Context, op2: Context) -> None:
    first = typed(op1)
    made = second_entry.type_second(op2, first, again(surname="АХМЕТОВ"), keys=90)
    assert (made.state, made.differences, made.open) == ("compared", 0, 0)
    assert second_entry.queue(op2) == second_entry.queue(main) == []
    (_typist, verifier) = sorted(operators.journal(main), key=lambda day: day.operator)
    assert (verifier.operator, verifier.verified, verifier.keys, verifier.new) == ("op2", 1, 90, 0)
    assert students.get(main, first).version == 1


@pytest.mark.parametrize(
    ("choice", "value", "stands", "erred"),
    [("first", None, "Ахметов", "verifier"), ("second", None, "Ахмедов", "typist"),
     ("other", "Ахматов", "Ахматов", "both")],
)  # fmt: skip
def test_a_difference_is_settled_and_says_who_erred(
    main: Context, op1: Context, op2: Context, choice: str, value: str | None, stands: str, erred: str
) -> None:
    first = typed(op1)
    made = second_entry.type_second(op2, first, again(surname="Ахмедов"))
    before = main.store.log_head()[0]
    second_entry.settle(op2, made.id, "surname", choice, value)
    assert main.store.log_head()[0] == before + 1
    assert students.get(main, first).surname == stands
    (row,) = second_entry.differences(main)
    assert (row.choice, row.settled, row.erred, row.settled_by) == (choice, stands, erred, "op2")
    changes = students.history(main, first)
    assert [(c.old, c.new, c.by, c.ground) for c in changes] == (
        [] if choice == "first" else [("Ахметов", stands, "op2", "Second entry against the paper")]
    )
    with pytest.raises(UserError, match="programmer can settle it anew"):
        second_entry.settle(op2, made.id, "surname", "first")
    second_entry.settle(main, made.id, "surname", "first")
    assert students.get(main, first).surname == "Ахметов"


def test_a_third_value_keeps_the_rules_of_its_field(op1: Context, op2: Context) -> None:
    made = second_entry.type_second(op2, typed(op1), again(sex="2"))
    with pytest.raises(Refused):
        second_entry.settle(op2, made.id, "sex", "other", "7")
    assert open_fields(op2) == ["sex"]


def test_a_sheet_of_somebody_else_is_refused_without_a_word_of_the_first_values(op1: Context, op2: Context) -> None:
    first = typed(op1)
    other = again(1, surname="Бекова", first_name="Айжан", to_code="29999999", certificate="39999999",
                  identity_document="N777")  # fmt: skip
    with pytest.raises(UserError) as refused:
        second_entry.type_second(op2, first, other)
    said = refused.value.message("kk") + refused.value.message("en")
    assert not any(str(value) in said for value in student(1).values() if value)
    made = second_entry.type_second(op2, first, other, sure=True)
    assert all(row.other_sheet for row in second_entry.differences(op2))
    second_entry.set_aside(op2, made.id, "басқа парақ")
    assert second_entry.differences(op2) == []
    assert [s.again for s in second_entry.queue(op2)] == [1]


def test_an_operator_sees_no_first_value_before_he_has_typed_his_own(op1: Context, op2: Context) -> None:
    first = typed(op1)
    assert students.all_rows(op2) == []
    assert second_entry.differences(op2) == []
    with pytest.raises(UserError):
        students.get(op2, first)
    sheet = second_entry.queue(op2)[0]
    shown = {str(getattr(sheet, name)) for name in type(sheet).__slots__} - {"1", "0"}
    assert not shown & {str(value) for value in student(1).values()}
    second_entry.type_second(op2, first, again(sex="2"))
    assert [row.field for row in second_entry.differences(op2)] == ["sex"]
    assert second_entry.differences(op1) == [], "the typist does not judge himself"
    with pytest.raises(UserError):
        second_entry.settle(op1, second_entry.differences(op2)[0].entry, "sex", "first")


def test_nothing_is_settled_in_a_record_that_is_gone(main: Context, op1: Context, op2: Context) -> None:
    first, twin = typed(op1), typed(op1, 2)
    made = second_entry.type_second(op2, first, again(surname="Ахмедов"))
    students.save(main, again(2) | {"to_code": "20000001"}, student_id=twin)
    (pair,) = [p for p in duplicates.find_duplicates(main) if {p.first.id, p.second.id} == {first, twin}]
    assert pair.why
    duplicates.settle_duplicate(main, first, twin, twin, "бір адам")
    with pytest.raises(UserError, match="deleted"):
        second_entry.settle(main, made.id, "surname", "second")
    assert [row.gone for row in second_entry.differences(main)] == [True]
    report = second_errors.report(main)
    assert (report.records, report.gone) == (0, 1)
    students.restore(main, [first], "екі адам")
    second_entry.settle(main, made.id, "surname", "second")
    assert second_errors.report(main).records == 1


def test_errors_are_split_by_typist_verifier_and_field(main: Context, op1: Context, op2: Context) -> None:
    entries = [second_entry.type_second(op2, typed(op1, n), again(n, **c)) for n, c in
               ((1, {"surname": "Ахмедов", "sex": "2"}), (2, {"record_book": "09-2222"}), (3, {}))]  # fmt: skip
    second_entry.settle(op2, entries[0].id, "surname", "second")
    second_entry.settle(op2, entries[0].id, "sex", "first")
    second_entry.settle(op2, entries[1].id, "record_book", "other", "09-3333")
    report = second_errors.report(main)
    assert (report.records, report.differing, report.open) == (3, 3, 0)
    people = {p.login: p for p in report.people}
    assert (people["op1"].typed.errors, people["op1"].verified.records) == (2, 0)
    assert (people["op2"].verified.errors, people["op2"].verified.records) == (2, 3)
    assert people["op1"].typed.rate == pytest.approx(100 * 2 / (3 * 19))
    fields = {f.field: (f.differing, f.typist, f.verifier) for f in report.fields}
    assert fields == {"surname": (1, 1, 0), "sex": (1, 0, 1), "record_book": (1, 1, 1)}
    days = {day.operator: day.errors for day in operators.journal(main)}
    assert days == {"op1": 2, "op2": 2}
    assert documents_network.print_second_errors(main).pdf.startswith(b"%PDF")


def test_an_author_of_a_correction_answers_for_it(main: Context, op1: Context, op2: Context) -> None:
    first = typed(op1)
    students.save(main, again() | {"surname": "Ахмадов"}, student_id=first)
    second_entry.type_second(op2, first, again())
    (row,) = second_entry.differences(main)
    assert (row.typist, row.first, row.second) == (main.actor.login, "Ахмадов", "Ахметов")


# -- two PCs: carriers handed over, then real carrier files


@pytest.fixture
def pcs(make_context: MakeContext, main: Context) -> tuple[Context, Context]:
    """Two operators' PCs of their own."""
    made = (make_context(Role.NETWORK_UNI, "027", "operator", f"op{n}") for n in (1, 2))
    one, two = made
    return one, two


def test_another_pc_learns_the_sheet_and_nothing_of_its_values(main: Context, pcs: tuple[Context, Context]) -> None:
    one, two = pcs
    first = typed(one)
    send(one, main, "operator-portion")
    wanted = [v for kind, v in collect(main, "operator-corrections", "nu027").records if kind == "second-wanted"]
    assert [set(line) & set(student()) for line in wanted] == [set()]
    send(main, two, "operator-corrections")
    send(main, one, "operator-corrections")
    assert second_entry.queue(one) == []
    (sheet,) = second_entry.queue(two)
    assert (sheet.student, sheet.typist, sheet.sheet) == (first, "op1", 1)
    made = second_entry.type_second(two, first, again(sex="2"))
    assert (made.state, made.differences) == ("waiting", 0)
    assert second_entry.queue(two) == []
    assert second_entry.differences(two) == []


def test_a_portion_with_second_entries_comes_again_and_out_of_order(
    main: Context, pcs: tuple[Context, Context]
) -> None:
    one, two = pcs
    first, second = typed(one), typed(one, 2)
    send(one, main, "operator-portion")
    send(main, two, "operator-corrections")
    second_entry.type_second(two, first, again(sex="2"))
    early = arrive(two, main, "operator-portion", collect(two, "operator-portion", "nu027"))
    second_entry.type_second(two, second, again(2, surname="Ахмедов"))
    late = arrive(two, main, "operator-portion", collect(two, "operator-portion", "nu027"))
    said = [line.params.get("count") for line in take(main, late) if "again" in line.text]
    assert said == [2]
    assert sorted(open_fields(main)) == ["sex", "surname"]
    entry = next(row.entry for row in second_entry.differences(main) if row.field == "surname")
    second_entry.settle(main, entry, "surname", "second")
    before = second_entry.differences(main), students.all_rows(main)
    for portion in (early, late, early):
        assert not [line for line in take(main, portion) if "again" in line.text]
        assert (second_entry.differences(main), students.all_rows(main)) == before
    assert second_entry.queue(main) == []


def test_a_record_corrected_meanwhile_is_compared_with_the_version_typed_against(
    main: Context, pcs: tuple[Context, Context]
) -> None:
    one, two = pcs
    first, second = typed(one), typed(one, 2)
    send(one, main, "operator-portion")
    send(main, two, "operator-corrections")
    second_entry.type_second(two, first, again(surname="Ахмедов", sex="2"))
    second_entry.type_second(two, second, again(2))
    students.save(main, again(surname="Ахмедов", first_name="Ерболат"), student_id=first)
    students.delete(main, [second], "қайталанған")
    send(two, main, "operator-portion")
    rows = {row.field: row for row in second_entry.differences(main)}
    assert set(rows) == {"surname", "sex"}, "the first name was right when it was typed again"
    assert (rows["surname"].choice, rows["surname"].erred) == ("corrected", "typist")
    assert (rows["sex"].choice, rows["sex"].first, rows["sex"].second) == ("", "1", "2")
    report = second_errors.report(main)
    assert (report.records, report.gone, report.open) == (1, 1, 1)


def test_where_the_record_is_the_verifier_settles_and_the_outcome_travels(
    main: Context, pcs: tuple[Context, Context]
) -> None:
    one, _two = pcs
    first = typed(one)
    send(one, main, "operator-portion")
    send(main, one, "operator-corrections")
    guest = person(one, "op2")
    made = second_entry.type_second(guest, first, again(surname="Ахмедов"))
    assert made.state == "compared"
    second_entry.settle(guest, made.id, "surname", "second")
    send(one, main, "operator-portion")
    (row,) = second_entry.differences(main)
    assert (row.choice, row.erred, row.settled_by, row.now) == ("second", "typist", "op2", "Ахмедов")
    assert {day.operator: day.errors for day in operators.journal(main)} == {"op1": 1, "op2": 0}
    assert {day.operator: day.verified for day in operators.journal(main)} == {"op1": 0, "op2": 1}


def test_the_later_of_two_settlements_counts_whichever_comes_first(
    main: Context, pcs: tuple[Context, Context]
) -> None:
    one, _two = pcs
    first = typed(one)
    send(one, main, "operator-portion")
    send(main, one, "operator-corrections")
    guest = person(one, "op2")
    made = second_entry.type_second(guest, first, again(surname="Ахмедов"))
    open_one = arrive(one, main, "operator-portion", collect(one, "operator-portion", "nu027"))
    second_entry.settle(guest, made.id, "surname", "second")
    settled = arrive(one, main, "operator-portion", collect(one, "operator-portion", "nu027"))
    take(main, settled)
    take(main, open_one)
    assert [row.choice for row in second_entry.differences(main)] == ["second"]
    clock = main.clock
    assert isinstance(clock, SetClock)
    clock.set(clock.now() + timedelta(hours=1))
    second_entry.settle(main, made.id, "surname", "first")
    take(main, settled)
    assert [(row.choice, row.settled_by) for row in second_entry.differences(main)] == [("first", "programmer")]


def test_real_carrier_files_bring_sheets_out_and_entries_back(land: Land, tmp_path: Path) -> None:
    main, one = land.ctx("nu027"), land.ctx(OPERATOR)
    operators.save_operator(main, {"login": "second", "full_name": "Екінші", "workplace": ""})
    second_draw.set_share(main, 100)
    first = transfer.export(one, "operator-portion", "nu027", land.drive)
    transfer.load(main, list(first.paths))
    wanted = transfer.export(main, "operator-corrections", "nu027", tmp_path)
    transfer.load(one, list(wanted.paths))
    guest = person(one, "second")
    here = {row.id for row in students.all_rows(main)}
    sheets = [sheet for sheet in second_entry.queue(guest) if sheet.student in {r.id for r in students.all_rows(one)}]
    assert len(here) == len(second_entry.queue(guest)) == 4
    assert len(sheets) == 2
    values = students.get(one, sheets[0].student).values()
    made = second_entry.type_second(guest, sheets[0].student, values | {"sex": "2"})
    back = transfer.export(one, "operator-portion", "nu027", land.drive)
    second_entry.settle(guest, made.id, "sex", "first")
    more = transfer.export(one, "operator-portion", "nu027", land.drive)
    transfer.load(main, list(back.paths))
    assert [row.choice for row in second_entry.differences(main)] == [""]
    transfer.load(main, list(more.paths))
    assert [(row.choice, row.erred) for row in second_entry.differences(main)] == [("first", "verifier")]
    assert transfer.examine(main, more.paths[0]).known_since
