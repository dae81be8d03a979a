"""Real carrier files between the centre, the base university, a network university and the ministry programmer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from mab_desktop.domain import carrier_records as records
from mab_desktop.domain.errors import CarrierRefused, OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.domain.statistics import count_rows
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.services import (
    base_board,
    centre_allotment,
    centre_final,
    centre_season,
    centre_secrets,
    commission,
    duty_list,
    passes,
    transfer,
    trusting,
)
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.base_university import CommissionMember, DutyOfficer, StatisticsRow
from mab_desktop.storage.tables.centre import FinalRecord, FinalScore, FinalSheet, ReceivedFund, VariantHall
from mab_desktop.storage.tables.exam import SheetStack, VariantSeat
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.results import SealedKey
from mab_desktop.storage.tables.students import Allotment, Shift, Student, StudentChange, WrongData
from tests.conftest import MakeContext
from tests.services.authority import signing
from tests.services.centre_stand import BASE, NETWORKS, Stand, make_stand, put_halls, put_students, record, rows_of
from tests.services.final_records import Record, deliver, perfect

COMMISSION = [("chair", 1), ("secretary", 1), ("member", 5)]


@pytest.fixture
def stand(make_context: MakeContext, tmp_path: Path) -> Stand:
    return make_stand(make_context, tmp_path)


def fill_base(stand: Stand, per_university: int = 12) -> None:
    """Every network university has handed in and signed."""
    for code in NETWORKS:
        put_students(stand.base, [record(n, code) for n in range(per_university)])
        with stand.base.store.write(stand.base.actor) as tx:
            base_board.add_entry(stand.base, tx, code, "database", count=per_university)
        base_board.confirm_statistics(stand.base, code, per_university)


def through_allotment(stand: Stand) -> None:
    """Up to the final database at the base university and the ministry programmer."""
    fill_base(stand)
    stand.hand_over(stand.base, "base-students", stand.centre)
    put_halls(stand.centre, [8, 6])
    centre_allotment.allot(stand.centre, BASE, spread=True)
    centre_secrets.prepare_exam(stand.centre, BASE)
    for ctx in (stand.base, stand.ministry):
        stand.hand_over(stand.centre, "final-students", ctx)


def count(ctx: Context, table: Any) -> int:
    with ctx.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_reference_package_replaces_what_was_there(stand: Stand) -> None:
    with stand.base.store.write(stand.base.actor) as tx:
        tx.session.connection().exec_driver_sql("DELETE FROM reference_item WHERE list='university'")
        tx.session.connection().exec_driver_sql("DELETE FROM setting WHERE key='ties'")
        tx.note("setting-changed", "broken")
    exported = transfer.export(
        stand.centre, "reference", [stand.base.organisation, stand.ministry.organisation], stand.drive
    )
    for ctx in (stand.base, stand.ministry):
        transfer.load(ctx, list(exported.paths))
        assert centre_season.base_ties(ctx) == centre_season.base_ties(stand.centre)
        with ctx.store.read() as session, stand.centre.store.read() as ours:
            assert centre_season.exam_profile(session) == centre_season.exam_profile(ours)
    again = transfer.load(stand.base, list(exported.paths))
    assert again.known


def test_the_contingent_goes_out_only_when_it_is_entered(stand: Stand) -> None:
    with pytest.raises(Refused, match="not entered yet"):
        transfer.export(stand.centre, "contingent", stand.base.organisation, stand.drive)
    centre_season.set_contingent(stand.centre, BASE, [("01", "1", 30), ("07", "2", 12)])
    stand.hand_over(stand.centre, "contingent", stand.base)
    assert centre_season.contingent(stand.base, BASE) == [("01", "1", 30), ("07", "2", 12)]


def test_statistics_are_collected_and_passed_on(stand: Stand) -> None:
    network = stand.networks["027"]
    put_students(network, [record(n, "027") for n in range(9)])
    stand.hand_over(network, "statistics", stand.base)
    line = next(line for line in base_board.board(stand.base) if line.university == "027")
    stage = next(key for key in records.STATISTICS_ROW and ("preliminary1", "preliminary2", "final")
                 if line.cells[key].times)  # fmt: skip
    assert line.cells[stage].count == 9
    put_students(network, [record(n, "027") for n in range(9, 11)])
    stand.hand_over(network, "statistics", stand.base)
    stand.hand_over(stand.base, "statistics", stand.centre)
    rows = rows_of(stand.centre, select(StatisticsRow))
    assert sum(row.students for row in rows) == 11
    assert {(row.base_university, row.university) for row in rows} == {(BASE, "027")}
    expected = count_rows([record(n, "027") for n in range(11)], "027", stage)
    assert base_board.statistics(stand.base, stage=stage) == expected


def test_a_database_is_taken_replaced_and_taken_once(stand: Stand) -> None:
    network = stand.networks["027"]
    specialties = [{"university": "027", "specialty": cipher} for cipher in ("050102", "050703", "050901")]
    with network.store.write(network.actor) as tx:
        from mab_desktop.storage.tables.network import SpecialtyTaught

        tx.session.add_all(SpecialtyTaught(**values) for values in specialties)
        tx.note("setting-changed", "specialties")
    put_students(network, [record(n, "027") for n in range(5)])
    exported = transfer.export(network, "university-students", "bu013", stand.drive)
    incoming = transfer.examine(stand.base, list(exported.paths))
    words = [line.text.format(**line.params) for line in incoming.preview]
    assert "New: 5" in words
    assert any(str(exported.control_sums["control_sum"]) in line for line in words)
    assert count(stand.base, Student) == 0
    transfer.accept(stand.base, incoming)
    assert count(stand.base, Student) == 5
    assert transfer.load(stand.base, list(exported.paths)).known
    with network.store.write(network.actor) as tx:
        row = tx.session.get_one(Student, record(0, "027")["id"])
        row.surname, row.version = "Жаңа", 2
        tx.session.get_one(Student, record(1, "027")["id"]).deleted_at = "2011-04-01"
        tx.note("setting-changed", "student")
    accepted = stand.hand_over(network, "university-students", stand.base)
    words = [line.text.format(**line.params) for line in accepted.summary]
    assert {"New: 0", "Changed: 1", "Unchanged: 3", "No longer there: 1"} <= set(words)
    change = rows_of(stand.base, select(StudentChange))[0]
    assert (change.field, change.old, change.new) == ("surname", "Әбілов", "Жаңа")
    cell = base_board.board(stand.base)[1].cells["database"]
    assert (cell.times, cell.again) == (3, 1)


def test_the_centre_gets_databases_only_when_all_are_in_or_a_reason_is_given(stand: Stand) -> None:
    put_students(stand.base, [record(n, "027") for n in range(3)])
    with pytest.raises(Refused, match="No database"):
        transfer.export(stand.base, "base-students", "ntc", stand.drive)
    with stand.base.store.write(stand.base.actor) as tx:
        base_board.add_entry(stand.base, tx, "027", "database", count=3)
    with pytest.raises(Refused, match="1 of 3 universities has handed in; missing: 013, 041"):
        transfer.export(stand.base, "base-students", "ntc", stand.drive)
    with pytest.raises(UserError, match="reason in a sentence"):
        base_board.allow_incomplete(stand.base, "no")
    base_board.allow_incomplete(stand.base, "Университет 041 өз еркімен бас тартты")
    stand.hand_over(stand.base, "base-students", stand.centre)
    assert count(stand.centre, Student) == 3


def test_the_final_database_reaches_both_sides_and_says_what_changed(stand: Stand) -> None:
    through_allotment(stand)
    for ctx in (stand.base, stand.ministry):
        assert count(ctx, Student) == count(ctx, Allotment) == 36
        assert count(ctx, Shift) == 3
        assert (count(ctx, Building), count(ctx, Hall)) == (1, 2)
    with stand.base.store.read() as session:
        assert session.scalars(select(StudentChange).where(StudentChange.by == NTC_CODE)).all() == []
    codes = {row.student: row.code for row in rows_of(stand.centre, select(Allotment))}
    assert {row.student: row.code for row in rows_of(stand.ministry, select(Allotment))} == codes


def test_after_the_final_data_no_other_database_is_taken(stand: Stand) -> None:
    """Points stand against the students who were allotted: a database sent late is refused, whole and in words."""
    through_allotment(stand)
    ministry = DeviceKeys.generate(f"mp{BASE}", f"mp{BASE}", "ministry_programmer", stand.centre.entropy)
    deliver(stand.centre, perfect(stand.centre, BASE, 1, ministry), BASE)
    tables = (Student, Allotment, FinalSheet, FinalScore, FinalRecord, ReceivedFund)
    before = [rows_of(stand.centre, select(table)) for table in tables]
    with stand.base.store.write(stand.base.actor) as tx:
        student = tx.session.scalars(select(Student).order_by(Student.id)).first()
        assert student is not None
        student.surname, student.version = "Кейінгі", student.version + 1
        tx.note("setting-changed", "student")
    exported = transfer.export(stand.base, "base-students", "ntc", stand.drive)
    incoming = transfer.examine(stand.centre, list(exported.paths))
    with pytest.raises(OutOfOrder, match="allotted already") as refused:
        transfer.accept(stand.centre, incoming)
    assert "Call the base university." in refused.value.message("en")
    after = [rows_of(stand.centre, select(table)) for table in tables]
    assert [len(rows) for rows in after] == [len(rows) for rows in before]
    assert [[vars_of(row) for row in rows] for rows in after] == [[vars_of(row) for row in rows] for rows in before]
    with pytest.raises(OutOfOrder, match="allotted already"):
        transfer.accept(stand.centre, transfer.examine(stand.centre, list(exported.paths)))


def vars_of(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.key) for column in row.__table__.columns}


def test_after_the_allotment_nothing_underneath_is_replaced(stand: Stand) -> None:
    through_allotment(stand)
    with pytest.raises(OutOfOrder, match="allotted already"):
        stand.hand_over(stand.base, "base-students", stand.centre)
    network = stand.networks["027"]
    put_students(network, [record(n, "027") for n in range(3)])
    with network.store.write(network.actor) as tx:
        from mab_desktop.storage.tables.network import SpecialtyTaught

        tx.session.add(SpecialtyTaught(university="027", specialty="050102"))
        tx.note("setting-changed", "specialties")
    with pytest.raises(UserError, match="final database is here already"):
        stand.hand_over(network, "university-students", stand.base)


def test_a_shift_that_has_begun_is_not_moved_and_corrections_stay(stand: Stand) -> None:
    through_allotment(stand)
    student = record(3, "027")["id"]
    with stand.ministry.store.write(stand.ministry.actor) as tx:
        tx.session.execute(update(Student).where(Student.id == student).values(surname="Түзетілген"))
        tx.session.add(StudentChange(student=student, version=1, field="surname", old="x", new="Түзетілген",
                                     ground="№ 4 өтініш", by="programmer", at="2011-05-15"))  # fmt: skip
        tx.session.execute(update(Shift).where(Shift.number == 1).values(state="drawn"))
        tx.note("setting-changed", "student")
    accepted = stand.hand_over(stand.centre, "final-students", stand.ministry)
    assert any("Corrected here already and kept" in line.text for line in accepted.summary)
    assert rows_of(stand.ministry, select(Student).where(Student.id == student))[0].surname == "Түзетілген"
    with stand.centre.store.write(stand.centre.actor) as tx:
        first = tx.session.scalars(select(Allotment).where(Allotment.shift == 1)).first()
        assert first is not None
        first.hall = "102" if first.hall == "101" else "101"
        tx.note("setting-changed", "allotment")
    with pytest.raises(OutOfOrder, match="shift 1"):
        stand.hand_over(stand.centre, "final-students", stand.ministry)


def test_passes_go_to_their_university_with_its_own_students_only(stand: Stand) -> None:
    through_allotment(stand)
    with pytest.raises(Refused, match="12 passes have no number yet"):
        transfer.export(stand.base, "passes", "nu027", stand.drive)
    assert passes.number_passes(stand.base) == 36
    network = stand.networks["027"]
    put_students(network, [record(n, "027") for n in range(12)])
    stand.hand_over(stand.base, "passes", network)
    assert count(network, Allotment) == 12


def test_wrong_data_goes_through_the_base_university(stand: Stand) -> None:
    through_allotment(stand)
    passes.number_passes(stand.base)
    network = stand.networks["027"]
    put_students(network, [record(n, "027") for n in range(12)])
    stand.hand_over(stand.base, "passes", network)
    from mab_desktop.services import passes_issue

    line = {"ground": "Жеке куәлік", "application_number": "4", "application_date": stand.base.clock.now().date()}
    passes_issue.enter_wrong_data(network, record(3, "027")["id"], "surname", "Жаңаұлы", **line)
    stand.hand_over(network, "wrong-data", stand.base)
    (found,) = base_board.wrong_data(stand.base)
    assert (found.field, found.right_value, found.university) == ("surname", "Жаңаұлы", "027")
    stand.hand_over(stand.base, "wrong-data", stand.centre)
    assert count(stand.centre, WrongData) == 1


def test_a_commission_of_six_is_not_handed_over(stand: Stand) -> None:
    through_allotment(stand)
    passes.number_passes(stand.base)
    with pytest.raises(Refused, match="0 voting members"):
        transfer.export(stand.base, "hand-over", "mp013", stand.drive)
    for role, times in COMMISSION:
        for n in range(times):
            commission.save_member(stand.base, {"full_name": f"Мүше {role} {n}", "role": role})
    duty_list.save_officer(stand.base, {"full_name": "Кезекші", "place": "101", "shift": 1})
    stand.hand_over(stand.base, "hand-over", stand.ministry)
    assert (count(stand.ministry, CommissionMember), count(stand.ministry, DutyOfficer)) == (7, 1)


def test_variants_and_keys_reach_the_ministry_programmer(stand: Stand) -> None:
    through_allotment(stand)
    stand.hand_over(stand.centre, "variants", stand.ministry)
    seats = {(r.shift, r.hall, r.seat): r.variant for r in rows_of(stand.ministry, select(VariantSeat))}
    halls = rows_of(stand.centre, select(VariantHall))
    assert seats == {(h.shift, h.hall, n): v for h in halls for n, v in enumerate(h.variants, 1)}
    assert count(stand.ministry, SheetStack) == len(halls)
    persons = signing(stand.centre)
    with pytest.raises(Refused, match="No key is released"):
        transfer.export(stand.centre, "answer-key", "mp013", stand.drive, persons=persons)
    for shift in (1, 2):
        centre_secrets.release_key(stand.centre, BASE, shift, "А. Үсенов, 17:40")
        stand.hand_over(stand.centre, "answer-key", stand.ministry, persons=persons)
        assert count(stand.ministry, SealedKey) == shift


def test_an_answer_key_of_one_signature_is_refused(stand: Stand) -> None:
    through_allotment(stand)
    centre_secrets.release_key(stand.centre, BASE, 1, "А. Үсенов, 17:40")
    with pytest.raises(CarrierRefused, match="two people"):
        transfer.export(stand.centre, "answer-key", "mp013", stand.drive)


# -- final data: as the ministry programmer's program sends it, without playing an exam here


def reported(stand: Stand) -> list[Record]:
    with stand.ministry.store.read() as session:
        return perfect(stand.centre, BASE, 1, trusting.device_keys(session))


def test_the_second_count_agrees_and_finds_a_single_changed_point(stand: Stand) -> None:
    through_allotment(stand)
    deliver(stand.centre, reported(stand), BASE)
    report = centre_final.recount(stand.centre, BASE)
    assert report.differences == ()
    assert report.students == 12
    assert (report.total_before, report.total_after) == (12 * 125 - 1, 12 * 125)
    with stand.centre.store.write(stand.centre.actor) as tx:
        row = tx.session.scalars(select(FinalScore).order_by(FinalScore.code)).first()
        assert row is not None
        row.after += 1
        tx.note("setting-changed", "score")
        code = row.code
    report = centre_final.recount(stand.centre, BASE)
    assert [(d.code, d.what, d.reported, d.recounted) for d in report.differences] == [(code, "after", 26, 25)]
    assert [result.differences for result in centre_final.results(stand.centre)] == [1]


def test_a_student_without_points_is_a_difference(stand: Stand) -> None:
    through_allotment(stand)
    found = reported(stand)
    lost = next(values["code"] for kind, values in found if kind == "score")
    deliver(stand.centre, [r for r in found if not (r[0] == "score" and r[1]["code"] == lost)], BASE)
    report = centre_final.recount(stand.centre, BASE)
    assert {(d.code, d.reported) for d in report.differences} == {(lost, None)}


def test_the_second_count_waits_for_the_data(stand: Stand) -> None:
    with pytest.raises(OutOfOrder, match="has not come"):
        centre_final.recount(stand.centre, BASE)


def test_hall_plans_survive_the_way(stand: Stand) -> None:
    fill_base(stand)
    stand.hand_over(stand.base, "base-students", stand.centre)
    grid = [[1, 2, None], [3, 4, 0]]
    with stand.centre.store.write(stand.centre.actor) as tx:
        tx.session.execute(insert(Building), [{"base_university": BASE, "code": "1", "name": "К", "address": "А"}])
        for number in ("101", "102", "103", "104"):
            tx.session.add(Hall(base_university=BASE, number=number, building="1", floor=1, kind="Зал", rows=2,
                                places_in_row=3, seats=4, plan={"grid": grid}))  # fmt: skip
        tx.note("setting-changed", "halls")
    centre_allotment.allot(stand.centre, BASE, spread=True)
    stand.hand_over(stand.centre, "final-students", stand.ministry)
    plans = {json.dumps(row.plan) for row in rows_of(stand.ministry, select(Hall))}
    assert plans == {json.dumps({"grid": grid})}
    assert stand.ministry.role is Role.MINISTRY_PROGRAMMER
