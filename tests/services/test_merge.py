"""Operators' portions on the programmer's PC: nothing dropped or overwritten, a person answers every question."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import conflicts, duplicates, merge, operators, specialties, student_corrections, students
from mab_desktop.services.context import Context
from tests.conftest import MakeContext
from tests.services.people import arrive, collect, obstacles, send, student, take


@pytest.fixture
def main(make_context: MakeContext) -> Context:
    return make_context(Role.NETWORK_UNI, "027", name="programmer")


@pytest.fixture
def ops(make_context: MakeContext) -> list[Context]:
    return [make_context(Role.NETWORK_UNI, "027", "operator", f"op{n}") for n in (1, 2)]


def everything(ctx: Context) -> list[dict[str, object]]:
    return [row.values() | {"id": row.id, "photos": row.photos} for row in students.find(ctx)]


def test_portions_of_several_operators_come_together(main: Context, ops: list[Context]) -> None:
    for n, op in enumerate(ops):
        students.save(op, student(n + 1))
        send(op, main, "operator-portion")
    assert [row.created_by for row in sorted(students.find(main), key=lambda r: r.created_by)] == ["op1", "op2"]
    assert students.counts(main).complete == 2
    assert conflicts.conflicts(main) == []


def test_the_same_portion_again_changes_nothing(main: Context, ops: list[Context]) -> None:
    students.save(ops[0], student(1))
    send(ops[0], main, "operator-portion")
    before = everything(main), students.find(main)
    lines = send(ops[0], main, "operator-portion")
    assert (everything(main), students.find(main)) == before
    assert [line.params["count"] for line in lines] == [0, 0, 1]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_portions_in_any_order(main: Context, ops: list[Context], order: tuple[int, ...]) -> None:
    op = ops[0]
    saved = students.save(op, student(1))
    portions = [arrive(op, main, "operator-portion", collect(op, "operator-portion", "nu027"))]
    for changes in ({"surname": "Ахмедов"}, {"surname": "Асанов", "course": "3"}):
        students.save(op, student(1, **changes), student_id=saved.id)
        portions.append(arrive(op, main, "operator-portion", collect(op, "operator-portion", "nu027")))
    for index in order:
        take(main, portions[index])
    row = students.get(main, saved.id)
    assert (row.surname, row.course) == ("Асанов", "3")
    assert conflicts.conflicts(main) == []


def test_corrections_flow_back_and_forth_without_questions(main: Context, ops: list[Context]) -> None:
    op, other = ops[0], ops[1]
    saved = students.save(op, student(1))
    students.save(other, student(2))
    send(op, main, "operator-portion")
    send(other, main, "operator-portion")
    assert obstacles(main, "operator-corrections", "nu027") == ["Nothing was corrected here yet."]
    specialties.choose_specialties(main, ["050102"])
    students.save(main, student(1, surname="Ахмедов"), student_id=saved.id, ground="жеке куәлік")
    send(main, op, "operator-corrections")
    assert students.get(op, saved.id).surname == "Ахмедов"
    lines = send(main, other, "operator-corrections")
    assert {line.text: line.params["count"] for line in lines}["Typed on other PCs and left out: {count}"] == 1
    assert len(students.find(other)) == 1
    with other.store.read() as session:
        assert specialties.taught(session, "027") == ["050102"]
    students.save(op, student(1, surname="Ахмедов", course="3"), student_id=saved.id)
    send(op, main, "operator-portion")
    assert (students.get(main, saved.id).surname, students.get(main, saved.id).course) == ("Ахмедов", "3")
    assert conflicts.conflicts(main) == []


def test_different_fields_on_both_sides_are_both_kept(main: Context, ops: list[Context]) -> None:
    op = ops[0]
    saved = students.save(op, student(1))
    send(op, main, "operator-portion")
    students.save(main, student(1, course="3"), student_id=saved.id)
    students.save(op, student(1, record_book="09-9999"), student_id=saved.id)
    send(op, main, "operator-portion")
    row = students.get(main, saved.id)
    assert (row.course, row.record_book) == ("3", "09-9999")
    assert [(c.field, c.old, c.new, c.by) for c in students.history(main, saved.id)] == [
        ("record_book", "09-0001", "09-9999", "op1"), ("course", "2", "3", "programmer"),
    ]  # fmt: skip


@pytest.fixture
def questioned(main: Context, ops: list[Context]) -> str:
    """A record whose surname was changed on both sides: "Ахмедов" at the programmer's, "Асанов" at the operator's."""
    op = ops[0]
    saved = students.save(op, student(1))
    send(op, main, "operator-portion")
    students.save(main, student(1, surname="Ахмедов"), student_id=saved.id)
    students.save(op, student(1, surname="Асанов"), student_id=saved.id)
    send(op, main, "operator-portion")
    return saved.id


def test_one_field_on_both_sides_is_asked_three_way(main: Context, questioned: str) -> None:
    (conflict,) = conflicts.conflicts(main)
    assert (conflict.student.id, conflict.field) == (questioned, "surname")
    assert (conflict.base, conflict.mine, conflict.theirs) == ("Ахметов", "Ахмедов", "Асанов")
    assert conflict.theirs_by == "op1"
    assert students.get(main, questioned).surname == "Ахмедов"
    words = obstacles(main, "university-students", "bu013")
    assert "Fields changed on both sides that wait for a decision: 1." in words


@pytest.mark.parametrize(("choice", "surname"), [(conflicts.THEIRS, "Асанов"), (conflicts.MINE, "Ахмедов")])
def test_a_decision_stands_against_the_same_portion_and_reaches_the_operator(
    main: Context, ops: list[Context], questioned: str, choice: str, surname: str
) -> None:
    (conflict,) = conflicts.conflicts(main)
    with pytest.raises(Refused):
        conflicts.decide_conflict(main, conflict.id, choice, "")
    conflicts.decide_conflict(main, conflict.id, choice, "жеке куәлік бойынша")
    assert students.get(main, questioned).surname == surname
    assert conflicts.conflicts(main) == []
    send(ops[0], main, "operator-portion")
    assert conflicts.conflicts(main) == []
    assert students.get(main, questioned).surname == surname
    send(main, ops[0], "operator-corrections")
    assert students.get(ops[0], questioned).surname == surname
    with pytest.raises(UserError, match="settled already"):
        conflicts.decide_conflict(main, conflict.id, choice, "тағы")


def test_a_decision_can_be_taken_back_and_the_question_stays_open(
    main: Context, ops: list[Context], questioned: str
) -> None:
    (conflict,) = conflicts.conflicts(main)
    conflicts.decide_conflict(main, conflict.id, conflicts.THEIRS, "қате")
    conflicts.reopen_conflicts(main, [conflict.id], "құжат табылды")
    assert students.get(main, questioned).surname == "Ахмедов"
    assert [c.id for c in conflicts.conflicts(main)] == [conflict.id]
    send(ops[0], main, "operator-portion")
    assert [c.id for c in conflicts.conflicts(main)] == [conflict.id]
    conflicts.decide_conflict(main, conflict.id, conflicts.MINE, "құжат бойынша")
    assert students.get(main, questioned).surname == "Ахмедов"


def test_a_newer_correction_of_the_operator_replaces_his_open_value(
    main: Context, ops: list[Context], questioned: str
) -> None:
    students.save(ops[0], student(1, surname="Асанова"), student_id=questioned)
    send(ops[0], main, "operator-portion")
    assert [c.theirs for c in conflicts.conflicts(main)] == ["Асанова"]
    assert [c.theirs for c in conflicts.conflicts(main, state="overtaken")] == ["Асанов"]


def test_three_values_are_three_way_open(main: Context, ops: list[Context], questioned: str) -> None:
    send(main, ops[0], "operator-corrections")  # the operator's own value stays on his PC
    assert students.get(ops[0], questioned).surname == "Асанов"
    assert [c.theirs for c in conflicts.conflicts(main)] == ["Асанов"]


def test_deleted_here_corrected_there_is_asked(main: Context, ops: list[Context]) -> None:
    op = ops[0]
    saved = students.save(op, student(1))
    send(op, main, "operator-portion")
    students.delete(main, [saved.id], "оқудан шыққан")
    students.save(op, student(1, course="3"), student_id=saved.id)
    send(op, main, "operator-portion")
    (conflict,) = conflicts.conflicts(main)
    assert conflict.field == "deleted"
    row = students.get(main, saved.id)
    assert row.deleted_at is None
    assert row.course == "3"
    conflicts.decide_conflict(main, conflict.id, conflicts.THEIRS, "оқудан шыққан")
    assert students.get(main, saved.id).deleted_at is not None


def test_a_partly_typed_record_travels_and_is_completed(main: Context, ops: list[Context]) -> None:
    op = ops[0]
    saved = students.save(op, dict.fromkeys(student()) | {"surname": "Ахметов"}, partial=True)
    send(op, main, "operator-portion")
    assert students.counts(main).partial == 1
    students.save(op, student(1), student_id=saved.id)
    send(op, main, "operator-portion")
    assert students.counts(main).partial == 0


def test_a_record_of_another_university_stops_the_whole_portion(main: Context, ops: list[Context]) -> None:
    students.save(ops[0], student(1))
    arrived = arrive(ops[0], main, "operator-portion", collect(ops[0], "operator-portion", "nu027"))
    foreign = replace(arrived, records=lambda: ((k, v | {"university": "055"}) for k, v in arrived.records()))
    with pytest.raises(UserError, match="university 055"):
        take(main, foreign)
    assert students.counts(main).total == 0


def test_portions_are_not_merged_on_an_operators_pc(main: Context, ops: list[Context]) -> None:
    students.save(ops[0], student(1))
    with pytest.raises(UserError, match="programmer's PC"):
        send(ops[0], ops[1], "operator-portion")


def test_one_student_typed_by_two_operators_is_found_and_settled(main: Context, ops: list[Context]) -> None:
    first, second = students.save(ops[0], student(1)), students.save(ops[1], student(1, surname="Ахмедов"))
    students.save(ops[1], student(2, surname="Беков", birth_date=date(1990, 2, 2)))
    for op in ops[:2]:
        send(op, main, "operator-portion")
    specialties.choose_specialties(main, ["050102"])
    (pair,) = duplicates.find_duplicates(main)
    assert (pair.why, {pair.first.id, pair.second.id}) == (students.SAME_TO_CODE, {first.id, second.id})
    assert obstacles(main, "university-students", "bu013") == [
        "TO codes or documents that stand in two records: 2. Put the wrong one right in “Students”, also where they "
        "are two people."
    ]
    duplicates.settle_duplicate(main, first.id, second.id, first.id, "бір студент")
    assert duplicates.find_duplicates(main) == []
    assert {row.id for row in students.find(main, deleted=True)} == {second.id}
    send(ops[1], main, "operator-portion")
    assert students.get(main, second.id).deleted_at is not None
    students.restore(main, [second.id], "қате")
    assert len(duplicates.find_duplicates(main)) == 1


def test_two_people_with_one_name_are_settled_as_two(main: Context) -> None:
    one, other = students.save(main, student(1)), students.save(main, student(2))
    (pair,) = duplicates.find_duplicates(main)
    assert pair.why == students.SIMILAR_NAME
    duplicates.settle_duplicate(main, one.id, other.id, "", "егіздер")
    assert duplicates.find_duplicates(main) == []
    assert len(students.find(main)) == 2


def test_the_journal_comes_with_the_portion_and_is_not_counted_twice(main: Context, ops: list[Context]) -> None:
    operators.save_operator(main, {"login": "op1", "full_name": "Әлиева Айгүл", "workplace": "ДК-1"})
    saved = students.save(ops[0], student(1))
    students.save(ops[0], student(2))
    students.save(ops[0], student(1, course="3"), student_id=saved.id)
    (own,) = operators.journal(ops[0])
    assert (own.day, own.new, own.changed, own.deleted, own.total) == (date(2011, 3, 10), 2, 0, 0, 2)
    assert own.started <= own.finished
    for _ in range(2):
        send(ops[0], main, "operator-portion")
    (day,) = operators.journal(main)
    assert (day.operator, day.new, day.total, day.device) == ("op1", 2, 2, ops[0].actor.device)
    students.delete(ops[0], [saved.id], "қате")
    send(ops[0], main, "operator-portion")
    assert operators.journal(main)[0].deleted == 1


def test_a_third_value_is_checked_decided_and_taken_back(main: Context, ops: list[Context], questioned: str) -> None:
    (conflict,) = conflicts.conflicts(main)
    for wrong in ("", "Smith", "А1"):
        with pytest.raises(Refused):
            conflicts.decide_conflict(main, conflict.id, conflicts.OTHER, "туу туралы куәлік", wrong)
    conflicts.decide_conflict(main, conflict.id, conflicts.OTHER, "туу туралы куәлік", " Ахматов ")
    assert students.get(main, questioned).surname == "Ахматов"
    send(main, ops[0], "operator-corrections")
    assert students.get(ops[0], questioned).surname == "Ахматов"
    send(ops[0], main, "operator-portion")
    assert conflicts.conflicts(main) == []
    conflicts.reopen_conflicts(main, [conflict.id], "құжат бұл адамдікі емес")
    assert students.get(main, questioned).surname == "Ахмедов"
    assert [c.theirs for c in conflicts.conflicts(main)] == ["Асанов"]


def test_several_questions_are_decided_at_once_or_none(main: Context, ops: list[Context], questioned: str) -> None:
    students.save(main, student(1, surname="Ахмедов", course="3"), student_id=questioned)
    students.save(ops[0], student(1, surname="Асанов", course="4"), student_id=questioned)
    send(ops[0], main, "operator-portion")
    found = [c.id for c in conflicts.conflicts(main)]
    assert len(found) == 2
    with pytest.raises(UserError):
        conflicts.decide_conflicts(main, [*found, "x" * 32], conflicts.THEIRS, "бұйрық")
    assert [c.id for c in conflicts.conflicts(main)] == found
    with pytest.raises(Refused):
        conflicts.decide_conflicts(main, found, conflicts.THEIRS, "ұ" * 201)
    conflicts.decide_conflicts(main, found, conflicts.THEIRS, "бұйрық")
    row = students.get(main, questioned)
    assert (row.surname, row.course) == ("Асанов", "4")
    assert {c.reason for c in conflicts.conflicts(main, state="decided")} == {"бұйрық"}
    conflicts.reopen_conflicts(main, found, "қате")
    row = students.get(main, questioned)
    assert (row.surname, row.course) == ("Ахмедов", "3")


def test_an_operators_deletion_is_told_though_corrections_came_first(main: Context, ops: list[Context]) -> None:
    saved = students.save(ops[0], student(1))
    send(ops[0], main, "operator-portion")
    students.save(main, student(1, course="3"), student_id=saved.id)
    students.delete(ops[0], [saved.id], "оқудан шыққан")
    send(main, ops[0], "operator-corrections")
    assert students.get(ops[0], saved.id).deleted_at is None  # it stands until somebody decides
    send(ops[0], main, "operator-portion")
    (conflict,) = conflicts.conflicts(main)
    assert (conflict.field, conflict.theirs_by, conflict.deletion) == ("deleted", "op1", None)
    conflicts.decide_conflict(main, conflict.id, conflicts.THEIRS, "бұйрық")
    send(main, ops[0], "operator-corrections")
    assert students.get(ops[0], saved.id).deleted_at is not None
    assert conflicts.conflicts(ops[0]) == []


def test_a_deletion_with_open_questions_is_not_asked_again_by_the_same_portion(
    main: Context, ops: list[Context], questioned: str
) -> None:
    students.delete(main, [questioned], "оқудан шыққан")
    send(ops[0], main, "operator-portion")
    assert students.get(main, questioned).deleted_at is not None
    assert [c.field for c in conflicts.conflicts(main)] == ["surname"]


def test_the_operator_sees_what_was_changed_and_why(main: Context, ops: list[Context]) -> None:
    saved = students.save(ops[0], student(1))
    students.save(ops[0], student(2, surname="Беков", birth_date=date(1990, 2, 2)))
    send(ops[0], main, "operator-portion")
    assert student_corrections.corrected_by_others(ops[0]) == frozenset()
    students.save(main, student(1, surname="Ахмедов"), student_id=saved.id, ground="жеке куәлік")
    send(main, ops[0], "operator-corrections")
    (line,) = students.history(ops[0], saved.id)
    assert (line.field, line.new, line.by, line.ground) == ("surname", "Ахмедов", "programmer", "жеке куәлік")
    assert student_corrections.corrected_by_others(ops[0]) == frozenset({saved.id})


@pytest.fixture
def twice(main: Context, ops: list[Context]) -> tuple[str, str]:
    """One student typed by two operators; both portions are merged."""
    one = students.save(ops[0], student(1))
    other = students.save(ops[1], student(1, surname="Ахмедов", record_book="09-7"))
    for op in ops:
        send(op, main, "operator-portion")
    return one.id, other.id


def test_two_records_become_one_field_by_field_and_two_again(main: Context, twice: tuple[str, str]) -> None:
    kept, gone = twice
    duplicates.settle_duplicate(main, kept, gone, kept, "бір студент", ["record_book"])
    row = students.get(main, kept)
    assert (row.surname, row.record_book, row.complete) == ("Ахметов", "09-7", True)
    assert students.get(main, gone).deleted_at is not None
    assert students.history(main, gone)[0].ground == "бір студент → Ахметов Ерлан Серікұлы, 20000001"
    there = duplicates.kept_instead(main, gone)
    assert there is not None
    assert there.id == kept
    (settled,) = duplicates.settled_pairs(main)
    assert (settled.keep, settled.reason) == (kept, "бір студент")
    students.save(main, row.values() | {"course": "3"}, student_id=kept)
    duplicates.reopen_duplicate(main, kept, gone, "екі адам екен")
    assert (students.get(main, kept).record_book, students.get(main, kept).course) == ("09-0001", "3")
    assert students.get(main, gone).deleted_at is None
    assert len(duplicates.find_duplicates(main)) == 1
    assert duplicates.settled_pairs(main) == []


def test_what_was_settled_reaches_the_operators_and_does_not_come_again(
    main: Context, ops: list[Context], twice: tuple[str, str]
) -> None:
    kept, gone = twice
    duplicates.settle_duplicate(main, kept, gone, kept, "бір студент")
    send(main, ops[1], "operator-corrections")
    assert students.get(ops[1], gone).deleted_at is not None
    assert students.history(ops[1], gone)[0].ground.startswith("бір студент → Ахметов")
    send(ops[1], main, "operator-portion")
    assert duplicates.find_duplicates(main) == []


def test_a_correction_of_the_record_that_went_comes_before_a_persons_eyes(
    main: Context, ops: list[Context], twice: tuple[str, str]
) -> None:
    kept, gone = twice
    duplicates.settle_duplicate(main, kept, gone, kept, "бір студент")
    students.save(ops[1], student(1, surname="Ахмедов", record_book="09-8"), student_id=gone, ground="сынақ кітапшасы")
    send(ops[1], main, "operator-portion")
    (conflict,) = conflicts.conflicts(main)
    assert conflict.field == "deleted"
    assert conflict.deletion is not None
    assert conflict.deletion.text.startswith("бір студент")
    assert len(duplicates.find_duplicates(main)) == 1
    duplicates.settle_duplicate(main, kept, gone, kept, "кітапша бойынша", ["record_book"])
    assert conflicts.conflicts(main) == []
    assert students.get(main, kept).record_book == "09-8"
    send(ops[1], main, "operator-portion")
    assert conflicts.conflicts(main) == []
    assert students.get(main, gone).deleted_at is not None


def test_two_people_of_one_operator_are_two_on_his_pc_too(main: Context, ops: list[Context]) -> None:
    one, other = students.save(ops[0], student(1)), students.save(ops[0], student(2))
    send(ops[0], main, "operator-portion")
    assert len(duplicates.find_duplicates(ops[0])) == 1
    duplicates.settle_duplicate(main, one.id, other.id, "", "егіздер")
    students.save(main, student(1, course="3"), student_id=one.id)
    send(main, ops[0], "operator-corrections")
    assert duplicates.find_duplicates(ops[0]) == []


@pytest.mark.parametrize(
    "changes",
    [{}, {"surname": None}, {"specialty": "999999"}, {"payment": "1"}, {"admission_year": 2012}, {"course": ""},
     {"to_code": "12"}, {"surname": "Smith"}, {"grant_certificate": "12345678"}],
)  # fmt: skip
def test_the_quick_look_at_a_record_agrees_with_the_rules(main: Context, changes: dict[str, object]) -> None:
    with main.store.read() as session:
        known = students.rules(session, main)
    values = student(1, **changes)
    assert merge.is_complete(known, values) == (not known.problems(values))
