"""The base university's board, lists, passes, commission and papers."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2 as pdfium
import pytest

from mab_desktop.domain.board import CellState
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.statistics import FINAL, count_rows
from mab_desktop.services import (
    base_board,
    centre_allotment,
    commission,
    documents_base,
    documents_hand_over,
    documents_passes,
    duty_list,
    passes,
)
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from mab_desktop.services.home_base import StepState, base_home
from mab_desktop.services.passes import PassChoice
from mab_desktop.storage.tables.students import Allotment, Shift, WrongData
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE, FIRST_DAY, NETWORKS, put_halls, put_students, record


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    return make_context(Role.BASE_UNI, BASE)


def at(ctx: Context, month: int, day: int) -> None:
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set(datetime(2011, month, day, 9, tzinfo=UTC))


def arrived(ctx: Context, code: str, item: str, count: int = 0) -> None:
    with ctx.store.write(ctx.actor) as tx:
        base_board.add_entry(ctx, tx, code, item, count=count)


def allotted(ctx: Context, students: int = 12) -> None:
    """Students of three universities, allotted to two halls in one shift."""
    records = [record(n, NETWORKS[n % 3]) for n in range(students)]
    put_students(ctx, records)
    put_halls(ctx, [8, 8])
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Shift(number=1, exam_date=FIRST_DAY, start_time="09:00"))
        tx.session.flush()
        tx.session.add_all(
            Allotment(student=r["id"], code=f"{20000000 + n}", shift=1, building="1", hall="101" if n % 2 else "102",
                      test_language=r["study_language"], subject1="HIST", subject2="FL", subject3="INF",
                      subject4="PED", subject5="PSY")
            for n, r in enumerate(records)
        )  # fmt: skip
        tx.note("setting-changed", "allotment")


def text_of(document: Document) -> str:
    pdf = pdfium.PdfDocument(document.pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    return text


def test_the_board_says_what_is_due_late_and_came_twice(base: Context) -> None:
    at(base, 3, 12)
    assert [line.university for line in base_board.board(base)] == list(NETWORKS)
    assert base_board.board(base)[0].cells["preliminary1"].state is CellState.DUE
    arrived(base, "013", "preliminary1", 10)
    at(base, 3, 17)
    first, second, _ = base_board.board(base)
    assert first.cells["preliminary1"].state is CellState.DONE
    assert second.missing == ("preliminary1",)
    arrived(base, "013", "preliminary1", 11)
    arrived(base, "027", "preliminary1", 5)
    first, second, _ = base_board.board(base)
    assert (first.cells["preliminary1"].times, first.cells["preliminary1"].count) == (2, 11)
    assert second.cells["preliminary1"].state is CellState.LATE_DONE


def test_the_signature_counts_only_for_the_numbers_on_the_paper(base: Context) -> None:
    with pytest.raises(OutOfOrder, match="has not come"):
        base_board.confirm_statistics(base, "027", 3)
    put_students(base, [record(n, "027") for n in range(3)])
    arrived(base, "027", "database", 3)
    with base.store.read() as session:
        count, checksum = base_board.database_sum(session, "027")
    assert count == 3
    for total, typed in ((4, ""), (3, "0000-0000-0000-0000")):
        with pytest.raises(UserError, match="Nothing was confirmed"):
            base_board.confirm_statistics(base, "027", total, typed)
    assert base_board.completeness(base).unconfirmed == ("027",)
    base_board.confirm_statistics(base, "027", 3, checksum.lower().replace("-", " "))
    assert base_board.completeness(base).confirmed == ("027",)
    arrived(base, "027", "database", 4)
    assert base_board.completeness(base).unconfirmed == ("027",)


def test_duplicates_across_universities_are_found(base: Context) -> None:
    same = {"to_code": "00000077", "surname": "Қайрат", "first_name": "Асан", "patronymic": None}
    put_students(base, [record(1, "013"), record(2, "013", **same), record(3, "027", **same, birth_date=None),
                        record(4, "041", identity_document=record(1, "013")["identity_document"])])  # fmt: skip
    found = {(d.field, tuple(s.university for s in d.students)) for d in base_board.duplicates(base)}
    assert found == {("to_code", ("013", "027")), ("identity_document", ("013", "041"))}


def test_broken_rules_of_received_records_are_listed(base: Context) -> None:
    put_students(base, [record(1, "027"), record(2, "027", certificate="12"), record(3, "041", admission_year=2020)])
    found = [(p.problem.field, p.student) for p in base_board.record_problems(base)]
    assert found == [("certificate", record(2, "027")["id"]), ("admission_year", record(3, "041")["id"])]
    assert len(base_board.record_problems(base, "041")) == 1


def test_students_are_found_by_name_code_and_hall(base: Context) -> None:
    allotted(base)
    lines, total = base_board.students(base, text="қайрат")
    assert total == len(lines) == sum(record(n, "013")["surname"] == "Қайратова" for n in range(12))
    assert base_board.students(base, text="20000004")[0][0].code == "20000004"
    assert base_board.students(base, hall="101", limit=2)[1] == 6
    assert len(base_board.students(base, hall="101", limit=2)[0]) == 2


def test_pass_numbers_follow_university_and_name_and_stay(base: Context) -> None:
    with pytest.raises(OutOfOrder, match="final database"):
        passes.number_passes(base)
    allotted(base)
    assert passes.number_passes(base) == 12
    before = {line.student: line.number for line in passes.pass_lines(base)}
    assert sorted(map(int, before.values())) == list(range(1, 13))
    assert [line.number for line in passes.pass_lines(base, "013")] == ["1", "2", "3", "4"]
    assert passes.number_passes(base) == 0
    assert {line.student: line.number for line in passes.pass_lines(base)} == before


def test_stubs_come_back_and_the_missing_ones_are_named(base: Context) -> None:
    allotted(base)
    passes.number_passes(base)
    own = [line.student for line in passes.pass_lines(base, "027")]
    with pytest.raises(UserError, match="another university"):
        passes.receive_stubs(base, "027", [passes.pass_lines(base, "013")[0].student])
    assert passes.receive_stubs(base, "027", own[:3]) == 3
    assert [line.student for line in passes.missing_stubs(base, "027")] == own[3:]
    assert passes.receive_stubs(base, "027") == 1
    assert {c.university: c.stubs for c in passes.counts(base)} == {"013": 0, "027": 4, "041": 0}
    act = text_of(documents_passes.print_stub_act(base, "041"))
    assert "9, 11" in act or "10" in act
    assert "In all 4 0" in act
    assert "In all 4 4" in text_of(documents_passes.print_stub_act(base, "027"))


def test_the_commission_and_duty_officers_are_checked(base: Context) -> None:
    chair = commission.save_member(base, {"full_name": "Төраға", "role": "chair"})
    with pytest.raises(Refused, match="exactly one chair"):
        commission.save_member(base, {"full_name": "Екінші", "role": "chair"})
    with pytest.raises(Refused, match="not in the list"):
        commission.save_member(base, {"full_name": "Х", "role": "guest"})
    with pytest.raises(Refused, match="Required"):
        commission.save_member(base, {"full_name": "", "role": "member"})
    commission.save_member(base, {"id": chair, "full_name": "Төраға Жаңа", "role": "chair"})
    assert [m["full_name"] for m in commission.members(base)] == ["Төраға Жаңа"]
    assert any("1 voting" in p.message("en") for p in commission.problems(base))
    commission.remove_member(base, chair)
    assert commission.members(base) == []
    allotted(base)
    duty_list.save_officer(base, {"full_name": "А", "place": "101", "shift": 1})
    duty_list.save_officer(base, {"full_name": "Ә", "place": "101"})
    assert commission.halls_without_duty(base) == [(1, "102", 0)]


def test_every_paper_is_printed_and_a_reprint_says_so(base: Context) -> None:
    allotted(base)
    with base.store.write(base.actor) as tx:
        rows = [row for code in NETWORKS for row in count_rows([record(n, code) for n in range(4)], code, FINAL)]
        base_board.replace_statistics(tx, BASE, rows)
        tx.session.add(
            WrongData(id="w1", student=record(0, "013")["id"], university="013", field="surname", printed_value="а",
                      right_value="ә", ground="Жеке куәлік", application_number="1", application_date=FIRST_DAY)
        )  # fmt: skip
        tx.note("setting-changed", "rows")
    with pytest.raises(OutOfOrder, match="not numbered"):
        documents_passes.print_passes(base, PassChoice("013"))
    with pytest.raises(OutOfOrder, match="has come yet"):
        documents_base.print_fax(base)
    passes.number_passes(base)
    duty_list.save_officer(base, {"full_name": "Кезекші Асан", "place": "101", "shift": 1})
    line = passes.pass_lines(base, "013")[0]
    slips = documents_passes.print_passes(base, PassChoice("013"))
    assert line.code in text_of(slips)
    for document, told in (
        (documents_passes.print_register(base, PassChoice("013")), line.code),
        (documents_passes.print_hall_list(base, 1, "101"), "101"), (documents_passes.print_hall_lists(base, 1), "102"),
        (documents_passes.print_university_list(base, PassChoice("013")), line.code),
        (documents_base.print_wrong_data(base), "Жеке куәлік"),
        (documents_hand_over.print_duty_list(base), "Кезекші Асан"),
        (documents_base.print_statistics(base, "027"), "4"), (documents_base.print_statistics(base), "12"),
        (documents_hand_over.print_hand_over(base), "0"),
        (documents_hand_over.print_materials_act(base), BASE), (documents_passes.print_stub_act(base, "013"), "013"),
    ):  # fmt: skip
        assert told in text_of(document), document.document
    with pytest.raises(OutOfOrder, match="no allotted students"):
        documents_passes.print_hall_list(base, 2, "101")


def test_the_home_page_knows_what_is_next_and_why_something_is_closed(base: Context) -> None:
    at(base, 4, 16)
    home = base_home(base)
    steps = {step.key: step for step in home.steps}
    assert steps["send-database"].state is StepState.BLOCKED
    reason = steps["send-database"].reason
    assert reason is not None
    assert reason.message("en") == "0 of 3 databases have come, 0 are signed."
    assert steps["database"].state is StepState.LATE
    assert home.next_step is not None
    assert home.next_step.state is StepState.LATE
    assert steps["number-passes"] in home.hindrances
    allotted(base)
    passes.number_passes(base)
    assert {s.key: s for s in base_home(base).steps}["number-passes"].state is StepState.DONE


def test_another_program_is_refused(make_context: MakeContext) -> None:
    with pytest.raises(UserError, match="another program"):
        base_board.board(make_context(Role.NETWORK_UNI, "027"))
    with pytest.raises(UserError, match="another program"):
        centre_allotment.allot(make_context(Role.BASE_UNI, BASE), BASE)
