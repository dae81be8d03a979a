"""What a network university hands over and prints: file and paper say the same, passes go out against signature."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest

from mab_desktop.domain.calendar import Status
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.statistics import FINAL, PRELIMINARY_1, counts_of
from mab_desktop.domain.student import control_sum
from mab_desktop.services import (
    documents_network,
    halls,
    home_network,
    operators,
    pass_slips,
    passes_issue,
    second_draw,
    second_entry,
    specialties,
    statistics,
    students,
)
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from mab_desktop.services.handlers import Collected, Record
from mab_desktop.storage.tables.core import CarrierOut
from tests.conftest import MakeContext
from tests.services.people import arrive, collect, obstacles, send, student, take


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    made = make_context(Role.NETWORK_UNI, "027")
    specialties.choose_specialties(made, ["050102", "050703"])
    for number, changes in enumerate(
        ({}, {"study_language": "2", "surname": "Әбенов"}, {"specialty": "050703", "sex": "2", "first_name": "Айжан"},
         {"payment": "1", "grant_certificate": "12345678", "surname": "Ғалымов", "birth_date": date(1990, 1, 7)}), 1,
    ):  # fmt: skip
        students.save(made, student(number, **changes))
    return made


def text_of(paper: Document) -> str:
    pages = pypdfium2.PdfDocument(io.BytesIO(paper.pdf))
    return " ".join("".join(page.get_textpage().get_text_range() for page in pages).split())


@pytest.fixture
def with_passes(make_context: MakeContext, ctx: Context) -> Context:
    """The base university's passes have come: three students in two halls, one student unknown here."""
    base = make_context(Role.BASE_UNI, "013")
    ids = [row.id for row in students.find(ctx)][:3]
    records: list[Record] = [
        ("shift", {"number": 1, "exam_date": date(2011, 5, 14), "start_time": "09:00"}),
        ("building", {"code": "1", "name": "Бас корпус", "address": "Абай, 10", "access": None}),
        *(("hall", {"building": "1", "number": n, "floor": 1, "kind": "дәрісхана", "rows": 5, "places_in_row": 6,
                    "seats": 28}) for n in ("101", "102")),
        *(("allotment", {"student": s, "code": f"1000000{i}", "shift": 1, "building": "1",
                         "hall": "101" if i < 2 else "102", "test_language": "1",
                         **{f"subject{k}": "HIST" for k in range(1, 6)}}) for i, s in enumerate([*ids, "f" * 32])),
        *(("pass", {"student": s, "number": f"{i + 1:06}"}) for i, s in enumerate([*ids, "f" * 32])),
    ]  # fmt: skip
    lines = take(ctx, arrive(base, ctx, "passes", Collected(records)))
    assert [line.params["count"] for line in lines] == [3, 1]
    return ctx


def test_paper_and_file_carry_one_count_and_one_sum(ctx: Context) -> None:
    found = collect(ctx, "university-students", "bu013")
    records = [values for kind, values in found.records if kind == "student"]
    assert found.control_sums == {"students": 4, "control_sum": control_sum(records)}
    text = text_of(documents_network.print_database(ctx))
    assert control_sum(records) in text
    assert "Әбенов" in text
    taught = [values["specialty"] for kind, values in found.records if kind == "specialty-taught"]
    assert taught == ["050102", "050703"]


def test_what_is_not_ready_is_not_handed_over(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    assert obstacles(ctx, "university-students", "bu013") == [
        "Choose the specialties that take part first.", "No record is typed yet.",
    ]  # fmt: skip
    students.save(ctx, student() | {"sex": None}, partial=True)
    specialties.choose_specialties(ctx, ["050102"])
    assert obstacles(ctx, "university-students", "bu013") == ["Records not complete: 1."]
    assert obstacles(ctx, "statistics", "bu013") == ["No complete record is there to be counted."]


def test_statistics_count_the_complete_records_at_their_stage(ctx: Context) -> None:
    students.save(ctx, student(9) | {"sex": None}, partial=True)
    found = statistics.report(ctx, PRELIMINARY_1)
    assert (found.students, found.partial) == (4, 1)
    counts = counts_of(found.rows)
    assert (counts.total, counts.kazakh, counts.russian, counts.grant, counts.women) == (4, 3, 1, 1, 1)
    assert [direction.direction for direction in found.table] == ["01", "07"]
    sent = collect(ctx, "statistics", "bu013")
    assert sent.control_sums == {"students": 4, "stage": PRELIMINARY_1}
    statistics.choose_stage(ctx, FINAL)
    assert collect(ctx, "statistics", "bu013").control_sums["stage"] == FINAL
    assert "PRELIMINARY STATISTICS" in text_of(documents_network.print_statistics(ctx, PRELIMINARY_1))


def test_a_specialty_with_students_stays_on_the_list(ctx: Context) -> None:
    with pytest.raises(Refused, match="050703 has students"):
        specialties.choose_specialties(ctx, ["050102"])
    with pytest.raises(Refused, match="not in the list"):
        specialties.choose_specialties(ctx, ["050102", "050703", "999999"])
    rows = {row.cipher: row for row in specialties.specialties(ctx, only_taught=True)}
    assert (rows["050102"].kazakh, rows["050102"].russian, rows["050703"].total) == (2, 1, 1)


def test_journals_and_lists_on_paper(ctx: Context) -> None:
    with pytest.raises(OutOfOrder):
        documents_network.print_operator_list(ctx)
    operators.save_operator(ctx, {"login": "aigul", "full_name": "Әлиева Айгүл", "workplace": "ДК-1"})
    assert "Әлиева Айгүл" in text_of(documents_network.print_operator_list(ctx))
    assert "050703" in text_of(documents_network.print_specialty_list(ctx))
    assert "Асан Үсенұлы" in text_of(documents_network.print_operators_journal(ctx)) or "programmer" in text_of(
        documents_network.print_operators_journal(ctx)
    )
    whole = documents_network.print_application_journal(ctx)
    part = documents_network.print_application_journal(ctx, "050102", "2")
    assert "Ғалымов" in text_of(whole)
    assert "Ғалымов" not in text_of(part)
    assert "Әбенов" in text_of(part)
    with pytest.raises(OutOfOrder):
        documents_network.print_operators_journal(ctx, date(2011, 1, 1))


def test_passes_go_out_against_signature_and_leave_their_stub(with_passes: Context) -> None:
    ctx = with_passes
    rows = passes_issue.passes(ctx)
    assert [row.number for row in rows] == ["000001", "000002", "000003"]
    assert passes_issue.issue(ctx, [rows[0].student, rows[1].student]) == 2
    assert passes_issue.issue(ctx, [rows[0].student]) == 0
    with pytest.raises(UserError, match="not issued yet"):
        passes_issue.mark_stubs(ctx, [rows[2].student], here=True)
    passes_issue.mark_stubs(ctx, [rows[1].student], here=False)
    with ctx.store.read() as session:
        counts = passes_issue.pass_counts(session)
    assert (counts.received, counts.issued, counts.stubs) == (3, 2, 1)
    text = text_of(documents_network.print_stub_act(ctx))
    assert "000002" in text
    assert "000003" in text
    assert "000001" not in text
    passes_issue.take_back_issue(ctx, [rows[0].student], "қате белгі")
    assert [r.number for r in passes_issue.passes(ctx, issued=True)] == ["000002"]
    assert [r.number for r in passes_issue.find_pass(ctx, "10000002")] == ["000003"]
    assert rows[0].name in text_of(documents_network.print_pass_register(ctx))


def test_every_pass_is_issued_spoilt_or_here_and_the_act_counts_them(with_passes: Context) -> None:
    ctx = with_passes
    first, second, third = (row.student for row in passes_issue.passes(ctx))
    passes_issue.issue(ctx, [first])
    with pytest.raises(Refused, match="Give a reason"):
        passes_issue.set_aside(ctx, [second], " ")
    passes_issue.set_aside(ctx, [second], "жыртылған")
    with pytest.raises(UserError, match="000002 is spoilt: жыртылған"):
        passes_issue.issue(ctx, [second, third])
    with pytest.raises(UserError, match="is issued already"):
        passes_issue.set_aside(ctx, [first], "х")
    with ctx.store.read() as session:
        counts = passes_issue.pass_counts(session)
    assert (counts.received, counts.issued, counts.spoilt) == (3, 1, 1)
    text = text_of(documents_network.print_stub_act(ctx))
    assert "In all 3 1 1 1 1" in text
    assert "Spoilt: 000002 – " in text
    assert passes_issue.take_out_again(ctx, [second]) == 1
    assert passes_issue.issue(ctx, [second, third]) == 2
    assert "In all 3 3 0 0 3" in text_of(documents_network.print_stub_act(ctx))
    assert passes_issue.take_back_issue(ctx, [second, third], "қате белгі") == 2


def test_a_pass_is_found_by_its_code_its_numbers_and_the_name(with_passes: Context) -> None:
    ctx = with_passes
    rows = passes_issue.passes(ctx)

    def found(words: str) -> list[str]:
        return [row.number for row in passes_issue.find_pass(ctx, words)]

    scanned = pass_slips.payload(ctx.season.campaign, rows[1].number, rows[1].code)
    assert found(scanned) == ["000002"]
    assert found(scanned.replace(ctx.season.campaign, "2010")) == []
    assert found(scanned.replace("000002", "000003")) == []
    assert (found("2"), found("000002"), found(rows[1].code)) == (["000002"],) * 3
    assert len(found("Серікұлы")) == 3
    assert found("") == []


def test_a_new_pass_in_place_of_a_spoilt_one_can_be_issued(with_passes: Context, make_context: MakeContext) -> None:
    ctx = with_passes
    first = passes_issue.passes(ctx)[0]
    passes_issue.set_aside(ctx, [first.student], "жыртылған")
    records: list[Record] = [("pass", {"student": first.student, "number": "000009"}), (
        "allotment", {"student": first.student, "code": "10000000", "shift": 1, "building": "1", "hall": "101",
                      "test_language": "1", **{f"subject{k}": "HIST" for k in range(1, 6)}})]  # fmt: skip
    take(ctx, arrive(make_context(Role.BASE_UNI, "013"), ctx, "passes", Collected(records)))
    assert passes_issue.issue(ctx, [first.student]) == 1


def test_a_pass_printed_here_is_a_duplicate_from_the_first_time(with_passes: Context) -> None:
    ctx = with_passes
    row = passes_issue.passes(ctx)[0]
    paper = documents_network.print_pass_duplicates(ctx, [row.student])
    text = text_of(paper)
    assert text.count("DUPLICATE") == 2
    assert (row.code in text, paper.number) == (True, 1)
    assert "Абай, 10" in text


def test_the_hall_list_tells_where_each_student_goes(with_passes: Context) -> None:
    text = text_of(documents_network.print_hall_list(with_passes))
    rows = passes_issue.passes(with_passes)
    assert all(row.name.split()[0] in text and row.code in text for row in rows)
    assert "Бас корпус" in text


def test_the_register_shows_who_has_his_pass(with_passes: Context) -> None:
    ctx = with_passes
    assert "10.03.2011" not in text_of(documents_network.print_pass_register(ctx)).partition("Printed")[0]
    passes_issue.issue(ctx, [passes_issue.passes(ctx)[0].student])
    assert "14.05.2011 101 10.03.2011" in text_of(documents_network.print_pass_register(ctx))


def test_a_paper_of_changed_data_says_what_it_replaces(ctx: Context, make_context: MakeContext) -> None:
    first = documents_network.print_database(ctx)
    again = documents_network.print_database(ctx)
    assert (first.number, again.number) == (1, 2)
    assert "DUPLICATE" in text_of(again)
    with ctx.store.read() as session:
        count, before = students.database_sum(session, "013")
    row = students.find(ctx)[0]
    students.save(ctx, row.values() | {"record_book": "77"}, student_id=row.id, version=row.version, ground="х")
    changed = documents_network.print_database(ctx)
    text = text_of(changed)
    assert (changed.number, "DUPLICATE" in text) == (1, False)
    assert f"checksum {before}: the database was changed since" in text
    with ctx.store.read() as session:
        assert students.database_sum(session, "013") == (count, text.partition("checksum of the file ")[2][:19])
    assert collect(ctx, "university-students", "bu013").control_sums["control_sum"] in text


def test_a_paper_says_that_the_file_is_older(ctx: Context) -> None:
    sums = collect(ctx, "university-students", "bu013").control_sums
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(
            CarrierOut(
                digest="1" * 64, kind="university-students", recipient="bu013", stream="s", epoch=1, seq=1,
                file_name="f6.mab", manifest={"control_sums": dict(sums)}, prev="",
                state="written", created_at="2011-03-10T09:00:00+00:00",
            )
        )  # fmt: skip
        tx.note("carrier-built", "1" * 64)
    assert "File: f6.mab" in text_of(documents_network.print_database(ctx))
    students.save(ctx, student(9))
    text = text_of(documents_network.print_database(ctx))
    words = "Changed since the file f6.mab was written: that one holds 4 records, checksum"
    assert f"{words} {sums['control_sum']}" in text


def test_the_final_statistics_of_the_university_name_its_own_programmer(ctx: Context) -> None:
    text = text_of(documents_network.print_statistics(ctx, FINAL))
    assert "Network-university programmer" in text
    assert "Base-university programmer" not in text


def test_passes_again_keep_what_was_issued(with_passes: Context, make_context: MakeContext) -> None:
    ctx = with_passes
    first = passes_issue.passes(ctx)[0]
    passes_issue.issue(ctx, [first.student])
    base = make_context(Role.BASE_UNI, "013")
    records: list[Record] = [
        ("allotment", {"student": first.student, "code": "10000001", "shift": 1, "building": "1", "hall": "102",
                       "test_language": "1", **{f"subject{k}": "HIST" for k in range(1, 6)}}),
        ("pass", {"student": first.student, "number": "000009"}),
    ]  # fmt: skip
    take(ctx, arrive(base, ctx, "passes", Collected(records)))
    (row,) = passes_issue.passes(ctx, issued=True)
    assert (row.student, row.number, row.hall, row.code) == (first.student, "000009", "102", "10000001")


def test_passes_come_from_a_base_university_only(make_context: MakeContext, ctx: Context) -> None:
    other = make_context(Role.NETWORK_UNI, "041")
    with pytest.raises(UserError, match="base university only"):
        take(ctx, arrive(other, ctx, "passes", Collected([])))


def test_wrong_data_says_printed_and_right_and_goes_to_the_base(with_passes: Context) -> None:
    ctx = with_passes
    row = next(r for r in students.find(ctx) if r.surname == "Ахметов" and r.first_name == "Ерлан")
    how = {"ground": "жеке куәлік", "application_number": "17", "application_date": date(2011, 4, 20)}
    passes_issue.enter_wrong_data(ctx, row.id, "birth_date", date(1991, 5, 15), **how)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="on the list already"):
        passes_issue.enter_wrong_data(ctx, row.id, "birth_date", date(1991, 5, 16), **how)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="same as the printed"):
        passes_issue.enter_wrong_data(ctx, row.id, "surname", "Ахметов", **how)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="does not stand on the pass"):
        passes_issue.enter_wrong_data(ctx, row.id, "record_book", "1", **how)  # type: ignore[arg-type]
    (kind, values), = collect(ctx, "wrong-data", "bu013").records
    assert (kind, values["printed_value"], values["right_value"]) == ("wrong-data", "1991-05-14", "1991-05-15")
    text = text_of(documents_network.print_wrong_data(ctx))
    assert "14.05.1991" in text
    assert "15.05.1991" in text
    late = how | {"application_date": date(2011, 4, 25)}
    passes_issue.enter_wrong_data(ctx, row.id, "sex", "2", **late)  # type: ignore[arg-type]
    assert {found.field: found.late for found in passes_issue.wrong_data(ctx)} == {"birth_date": False, "sex": True}
    assert "Received after 24.04.2011 (p.25) 2 " in text_of(documents_network.print_wrong_data(ctx))
    for found in passes_issue.wrong_data(ctx):
        passes_issue.withdraw_wrong_data(ctx, found.id, "студент қайтарып алды")
    assert passes_issue.wrong_data(ctx) == []
    assert "No student has applied" in text_of(documents_network.print_wrong_data(ctx))


def test_without_a_pass_the_record_itself_is_corrected(ctx: Context) -> None:
    with pytest.raises(UserError, match="has no pass yet"):
        passes_issue.enter_wrong_data(
            ctx, students.find(ctx)[0].id, "surname", "Х", ground="х", application_number="1",
            application_date=date(2011, 4, 20),
        )  # fmt: skip


def test_the_home_page_follows_the_season(ctx: Context) -> None:
    def status(key: str) -> Status:
        return next(s.status for s in home_network.home(ctx).standings if s.key == key)

    view = home_network.home(ctx)
    assert view.next is not None
    assert view.next.key == "operators"
    operators.save_operator(ctx, {"login": "aigul", "full_name": "Әлиева Айгүл"})
    documents_network.print_operator_list(ctx)
    assert (status("operators"), status("statistics-1")) == (Status.DONE, Status.BLOCKED)
    documents_network.print_specialty_list(ctx)
    assert status("statistics-1") is Status.DUE
    ctx.clock.set(datetime(2011, 3, 17, 9, tzinfo=UTC))  # type: ignore[attr-defined]
    assert status("statistics-1") is Status.LATE
    students.set_photos(ctx, [row.id for row in students.find(ctx)], 2)
    documents_network.print_application_journal(ctx)
    assert (status("photos"), status("journal"), status("database")) == (Status.DONE, Status.DONE, Status.DUE)
    students.save(ctx, student(9) | {"sex": None}, partial=True)
    assert status("database") is Status.BLOCKED
    figures = {f.key: (f.value, f.out_of) for f in home_network.home(ctx).figures}
    assert figures["partial"] == (1, 5)


def test_an_operators_home_shows_his_own_numbers_alone(ctx: Context) -> None:
    mine = ctx.as_person("aigul", "Айгүл", "operator")
    students.save(mine, student(7))
    view = home_network.home(mine)
    assert view.standings == ()
    assert {f.key: f.value for f in view.figures} == {"students": 1, "partial": 0}


def test_the_base_university_takes_what_is_handed_over(make_context: MakeContext, ctx: Context) -> None:
    base = make_context(Role.BASE_UNI, "013")
    send(ctx, base, "statistics")
    send(ctx, base, "university-students")
    with ctx.store.read() as here, base.store.read() as there:
        mine, theirs = students.records(here, base_university="013"), students.records(there)
    assert theirs == mine
    assert students.all_rows(base)[0].name == students.all_rows(ctx)[0].name


def test_students_of_two_base_universities_go_to_each_its_own(make_context: MakeContext) -> None:
    """One network university, two base universities (p.4): file, statistics and print hold its own students."""
    ctx = make_context(Role.NETWORK_UNI, "041")
    specialties.choose_specialties(ctx, ["050102"])
    for number, base in enumerate(("007", "013", "013"), 1):
        students.save(ctx, student(number), base_university=base)
    for code, count in (("007", 1), ("013", 2)):
        base = make_context(Role.BASE_UNI, code)
        send(ctx, base, "statistics")
        send(ctx, base, "university-students")
        with ctx.store.read() as here, base.store.read() as there:
            mine, theirs = students.records(here, base_university=code), students.records(there)
            told = statistics.rows(there, "041", statistics.stage_now(ctx, here))
        assert theirs == mine
        assert (len(theirs), sum(row.students for row in told)) == (count, count)
        assert control_sum(theirs) in text_of(documents_network.print_database(ctx, code))


def test_the_halls_reach_base_university_and_centre(make_context: MakeContext) -> None:
    fund = make_context(Role.AUDIT_FUND, "013")
    halls.save_building(fund, {"code": "1", "name": "Бас корпус", "address": "Абай, 10", "access": None})
    halls.save_hall(fund, {"building": "1", "number": "101", "floor": 1, "kind": "дәрісхана", "rows": 2,
                           "places_in_row": 3, "seats": 5})  # fmt: skip
    send(fund, make_context(Role.NTC), "hall-fund")


def test_the_operators_journal_tells_pace_and_what_was_typed_again(ctx: Context) -> None:
    """A day of one operator: ninety minutes, three records; and another who typed one of them again."""
    clock = ctx.clock
    assert isinstance(clock, SetClock)
    operators.save_operator(ctx, {"login": "op2", "full_name": "Һашимов Еркін", "workplace": ""})
    second_draw.set_share(ctx, 100)
    typist, verifier = (ctx.as_person(login, login, "operator") for login in ("op1", "op2"))
    clock.set(datetime(2011, 3, 11, 9, tzinfo=UTC))
    for number, minutes in ((21, 0), (22, 45), (23, 90)):
        clock.set(datetime(2011, 3, 11, 9, tzinfo=UTC) + timedelta(minutes=minutes))
        students.save(typist, student(number), keys=3000)
    sheet = next(s for s in second_entry.queue(verifier) if s.typist == "op1")
    made = second_entry.type_second(verifier, sheet.student, student(21, sex="2"), keys=95)
    second_entry.settle(verifier, made.id, "sex", "second")
    days = {day.operator: day for day in operators.journal(ctx, date(2011, 3, 11))}
    first, second = days["op1"], days["op2"]
    assert (first.started, first.finished, first.new, first.keys, first.keys_per_hour) == (
        "09:00", "10:30", 3, 9000, 6000,
    )  # fmt: skip
    assert (first.errors, first.verified, second.errors, second.verified) == (1, 0, 0, 1)
    assert second.keys_per_hour is None, "a minute is too short to tell"
    assert "6000" in text_of(documents_network.print_operators_journal(ctx, date(2011, 3, 11)))
    assert "6000" in text_of(documents_network.print_operators_journal(ctx, date(2011, 3, 1), date(2011, 3, 31)))
