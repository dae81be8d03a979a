"""Student records: checked by p.18, kept with their history, found again, seen only by whom they concern."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, func, select

from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.student import STUDENT, control_sum
from mab_desktop.services import specialties, students
from mab_desktop.services.context import Context
from mab_desktop.services.drafts import draft, save_draft
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.students import Allotment, Shift, Student
from tests.conftest import MakeContext
from tests.services.people import student


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.NETWORK_UNI, "027")


def fields_of(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {problem.field for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"surname": None}, "surname"),
        ({"to_code": "1234567"}, "to_code"),
        ({"to_code": "12 45678"}, "to_code"),
        ({"citizenship": "999"}, "citizenship"),
        ({"specialty": "999999"}, "specialty"),
        ({"payment": "1"}, "grant_certificate"),
        ({"surname": "Smith"}, "surname"),
        ({"birth_date": date(2001, 1, 1)}, "birth_date"),
        ({"admission_year": 2012}, "admission_year"),
        ({"identity_document": "12345678901"}, "identity_document"),
        ({"foreign_language": "7"}, "foreign_language"),
        ({"first_name": "Ерлан\u202e"}, "first_name"),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused_beside_its_field(
    ctx: Context, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        students.save(ctx, student(**changes))
    assert field in fields_of(refused)
    assert students.counts(ctx).total == 0


def test_a_paid_student_needs_no_grant_number_and_a_missing_patronymic_is_fine(ctx: Context) -> None:
    saved = students.save(ctx, student(payment="3", grant_certificate=None, patronymic=None))
    assert saved.complete
    assert students.get(ctx, saved.id).base_university == "013"


def test_the_specialty_must_be_in_the_universitys_list_once_there_is_one(ctx: Context) -> None:
    specialties.choose_specialties(ctx, ["050703"])
    with pytest.raises(Refused) as refused:
        students.save(ctx, student())
    assert fields_of(refused) == {"specialty"}


def test_look_alikes_and_spaces_are_put_right(ctx: Context) -> None:
    saved = students.save(ctx, student(surname="  Axметов ", first_name="Epлан"))
    row = students.get(ctx, saved.id)
    assert (row.surname, row.first_name) == ("Ахметов", "Ерлан")
    assert [r.id for r in students.find(ctx, "ахметов ерлан")] == [saved.id]


def test_a_change_keeps_what_was_there_who_and_why(ctx: Context) -> None:
    saved = students.save(ctx, student())
    changed = students.save(ctx, student(surname="Ахмедов"), student_id=saved.id, version=1, ground="жеке куәлік")
    assert (changed.version, changed.changed) == (2, ("surname",))
    (line,) = students.history(ctx, saved.id)
    assert (line.field, line.old, line.new, line.ground, line.by) == (
        "surname", "Ахметов", "Ахмедов", "жеке куәлік", ctx.actor.login,
    )  # fmt: skip
    assert [r.id for r in students.find(ctx, "ахмедов")] == [saved.id]


def test_saving_what_stands_already_changes_nothing(ctx: Context) -> None:
    saved = students.save(ctx, student())
    assert students.save(ctx, student(), student_id=saved.id, version=1).changed == ()
    assert students.history(ctx, saved.id) == []


def test_two_people_at_one_record_the_second_is_told(ctx: Context) -> None:
    saved = students.save(ctx, student())
    students.save(ctx, student(course="3"), student_id=saved.id, version=1)
    with pytest.raises(UserError, match="has changed this record meanwhile"):
        students.save(ctx, student(course="4"), student_id=saved.id, version=1)
    assert students.get(ctx, saved.id).course == "3"


def test_a_partial_record_may_lack_fields_but_not_hold_wrong_ones(ctx: Context) -> None:
    bare = dict.fromkeys(STUDENT.names) | {"surname": "Ахметов"}
    saved = students.save(ctx, bare, partial=True)
    assert not saved.complete
    assert [r.id for r in students.find(ctx, partial=True)] == [saved.id]
    with pytest.raises(Refused) as refused:
        students.save(ctx, bare | {"to_code": "12"}, partial=True)
    assert fields_of(refused) == {"to_code"}
    with pytest.raises(Refused):
        students.save(ctx, dict.fromkeys(STUDENT.names), partial=True)
    assert students.save(ctx, student(), student_id=saved.id, partial=True).complete


def test_deleted_records_come_back_and_are_never_gone(ctx: Context) -> None:
    saved = students.save(ctx, student())
    with pytest.raises(Refused):
        students.delete(ctx, [saved.id], " ")
    assert students.delete(ctx, [saved.id], "екі рет енгізілген") == 1
    assert students.find(ctx) == []
    assert [r.id for r in students.find(ctx, deleted=True)] == [saved.id]
    with pytest.raises(UserError, match="deleted"):
        students.save(ctx, student(course="3"), student_id=saved.id)
    assert students.restore(ctx, [saved.id], "қате жойылған") == 1
    assert students.get(ctx, saved.id).version == 3


def test_an_operator_sees_and_changes_only_his_own(ctx: Context) -> None:
    mine = ctx.as_person("aigul", "Айгүл", "operator")
    other = ctx.as_person("bolat", "Болат", "operator")
    saved = students.save(mine, student())
    assert students.find(other) == []
    assert students.counts(other).total == 0
    for attempt in (
        lambda: students.get(other, saved.id),
        lambda: students.save(other, student(course="3"), student_id=saved.id),
        lambda: students.delete(other, [saved.id], "x"),
        lambda: students.history(other, saved.id),
    ):
        with pytest.raises(UserError, match="no such record"):
            attempt()
    assert students.get(ctx, saved.id).created_by == "aigul"
    with pytest.raises(UserError, match="no right"):
        students.save(ctx.as_person("c", "C", "coordinator"), student())


def test_names_sort_in_kazakh_order(ctx: Context) -> None:
    for number, surname in enumerate(("Өтеген", "Омаров", "Ұзақ", "Усенов", "Іскак", "Ыбырай", "Яхин"), 1):
        students.save(ctx, student(number, surname=surname))
    assert [row.surname for row in students.find(ctx)] == [
        "Омаров", "Өтеген", "Усенов", "Ұзақ", "Ыбырай", "Іскак", "Яхин",
    ]  # fmt: skip


def test_likely_duplicates_are_shown_by_code_document_and_similar_name(ctx: Context) -> None:
    first = students.save(ctx, student(1))
    assert students.check(ctx, student(1), first.id).duplicates == ()
    why = {
        students.SAME_TO_CODE: student(2, to_code="20000001", surname="Басқа", birth_date=date(1990, 1, 1)),
        students.SAME_DOCUMENT: student(3, identity_document="100000001", surname="Басқа", birth_date=date(1990, 1, 1)),
        students.SIMILAR_NAME: student(4, surname="Ахмедов"),
    }
    for reason, values in why.items():
        (found,) = students.check(ctx, values).duplicates
        assert (found.why, found.row.id) == (reason, first.id)
    assert students.check(ctx, student(5, surname="Ермеков")).duplicates == ()
    swapped = student(6, surname="Ерлан", first_name="Ахметов")
    assert [d.why for d in students.check(ctx, swapped).duplicates] == [students.SIMILAR_NAME]


def test_an_operator_learns_nothing_of_a_record_that_another_has_typed(ctx: Context) -> None:
    """He may have to type that sheet again without seeing the first entry (p.21)."""
    first = students.save(ctx.as_person("op1", "Ғалымова Әсем", "operator"), student(1))
    verifier = ctx.as_person("op2", "Һашимов Еркін", "operator")
    for values in (student(2, to_code="20000001"), student(3, identity_document="100000001"), student(4)):
        (found,) = students.check(verifier, values).duplicates
        assert (found.id, found.typed_by, found.row, found.why) == (first.id, "op1", None, "")
    own = students.save(verifier, student(5, surname="Ермеков"))
    (found,) = students.check(verifier, student(6, surname="Ермеков")).duplicates
    assert found.row is not None
    assert (found.id, found.why) == (own.id, students.SIMILAR_NAME)


def test_a_rare_course_is_a_warning_not_a_refusal(ctx: Context) -> None:
    checked = students.check(ctx, student(course="4"))
    assert checked.problems == ()
    assert {w.field for w in checked.warnings} == {"course"}
    assert students.save(ctx, student(course="4")).complete


def test_what_is_typed_survives_and_goes_with_the_saved_record(ctx: Context) -> None:
    typed = dict.fromkeys(STUDENT.names) | {"surname": "Ахм", "birth_date": date(1991, 5, 14), "admission_year": 2009}
    save_draft(ctx, STUDENT, typed)
    assert draft(ctx, STUDENT) == typed
    assert draft(ctx.as_person("x", "X", "operator"), STUDENT) == {}
    students.save(ctx, student())
    assert draft(ctx, STUDENT) == {}


def test_the_control_sum_is_that_of_the_paper_whatever_the_order(ctx: Context) -> None:
    for number in range(1, 6):
        students.save(ctx, student(number))
    with ctx.store.read() as session:
        count, checksum = students.database_sum(session, "013")
    rows = [row.values() for row in students.find(ctx)]
    assert count == 5
    assert checksum == control_sum(reversed(rows)) == control_sum(rows)
    assert checksum != control_sum([*rows[:4], rows[4] | {"course": "3"}])
    assert checksum != control_sum(rows[:4])


def test_once_the_pass_is_there_the_record_stays(ctx: Context) -> None:
    saved = students.save(ctx, student())
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Shift(number=1, exam_date=date(2011, 5, 14), start_time="09:00"))
        tx.session.flush()
        tx.session.add(Allotment(student=saved.id, code="12345678", shift=1, building="1", hall="101",
                                 test_language="1", **{f"subject{i}": "HIST" for i in range(1, 6)}))  # fmt: skip
        tx.note("passes-taken", "bu013")
    with pytest.raises(OutOfOrder, match="wrong data"):
        students.save(ctx, student(surname="Ахмедов"), student_id=saved.id)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(delete(Allotment))
        tx.note("passes-taken", "bu013")
    assert students.save(ctx, student(surname="Ахмедов"), student_id=saved.id).version == 2


def test_photographs_are_counted(ctx: Context) -> None:
    ids = [students.save(ctx, student(n)).id for n in (1, 2)]
    assert students.set_photos(ctx, ids, 2) == 2
    assert students.set_photos(ctx, ids, 2) == 0
    assert students.counts(ctx).with_photos == 2
    with pytest.raises(Refused):
        students.set_photos(ctx, ids, 3)


def test_every_change_is_in_the_log_and_no_personal_data_with_it(ctx: Context) -> None:
    saved = students.save(ctx, student())
    students.save(ctx, student(surname="Ахмедов"), student_id=saved.id)
    with ctx.store.read() as session:
        events = session.scalars(select(AuditEntry).where(AuditEntry.object == saved.id).order_by(AuditEntry.n)).all()
        assert [e.event for e in events] == ["student-entered", "student-changed"]
        assert "Ахм" not in str([e.details for e in events])
        assert session.scalar(select(func.count()).select_from(Student)) == 1
    assert ctx.store.verify_log() is None


def test_a_university_with_two_bases_must_choose(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "041")
    with pytest.raises(Refused) as refused:
        students.save(ctx, student())
    assert fields_of(refused) == {"base_university"}
    saved = students.save(ctx, student(), base_university="007")
    moved = students.save(ctx, student(), student_id=saved.id, base_university="013")
    assert students.get(ctx, saved.id).base_university == "013"
    assert moved.changed == ("base_university",)
