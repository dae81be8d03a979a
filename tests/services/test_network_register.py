"""The hand-over register, trainings, reminders and the base university's duties."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pypdfium2 as pdfium
import pytest
from sqlalchemy.exc import IntegrityError

from mab_desktop.domain.board import CellState
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.network_register import CONFIRMED, PROGRAM
from mab_desktop.domain.organisation import Role
from mab_desktop.services import base_board, documents_board, duties, network_register, reminders
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from mab_desktop.services.duties import DutyStanding
from mab_desktop.services.network_register import Attendance
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.core import CarrierOut
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE, NETWORKS, put_students, record
from tests.services.land import events


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    return make_context(Role.BASE_UNI, BASE)


def at(ctx: Context, month: int, day: int) -> None:
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set(datetime(2011, month, day, 9, tzinfo=UTC))


def given(code: str, **more: Any) -> dict[str, Any]:
    return {"university": code, "day": date(2011, 3, 1), "person": "Әбілов Асан", "phone": "8 701 555 12 34",
            "version": "0.1.0", "carrier": "№ 3", "signed": True, **more}  # fmt: skip


def arrived(ctx: Context, code: str, item: str, count: int = 0, note: str = "") -> None:
    with ctx.store.write(ctx.actor) as tx:
        base_board.add_entry(ctx, tx, code, item, count=count, note=note)


def cell(ctx: Context, code: str, item: str) -> base_board.BoardCell:
    return next(line.cells[item] for line in base_board.board(ctx) if line.university == code)


def text_of(document: Document) -> str:
    pdf = pdfium.PdfDocument(document.pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    return text


TRAINING = {"day": date(2011, 3, 2), "place": "214", "topic": "Кешенмен жұмыс", "held_by": "Бекова Ғалия"}


# -- register


def test_a_program_is_given_with_person_date_version_and_signature(base: Context) -> None:
    network_register.give_program(base, given("027"))
    network_register.give_program(base, given("041", signed=False))
    assert cell(base, "027", "program").state is CellState.DONE
    assert cell(base, "027", "program").at == "2011-03-01"
    assert cell(base, "027", "program").note == "Әбілов Асан"
    assert cell(base, "041", "program").state is CellState.PARTLY
    assert cell(base, "013", "program").state is CellState.OPEN
    (line,) = network_register.lines(base, "027")
    assert (line.version, line.carrier, line.signed, line.phone) == ("0.1.0", "№ 3", True, "8 701 555 12 34")
    assert network_register.contacts(base)["027"].phone == "8 701 555 12 34"


@pytest.mark.parametrize(
    ("values", "refused"),
    [({"person": ""}, "Required"), ({"day": None}, "Required"), ({"day": date(2011, 3, 11)}, "not come yet"),
     ({"version": " " * 41}, "Must|At most|characters")],
)  # fmt: skip
def test_a_line_without_its_facts_is_refused(base: Context, values: dict[str, Any], refused: str) -> None:
    before = base.store.log_head()
    with pytest.raises(Refused, match=refused):
        network_register.give_program(base, given("027", **values))
    assert base.store.log_head() == before


def test_a_university_of_somebody_else_is_refused(base: Context) -> None:
    with pytest.raises(UserError, match="not attached"):
        network_register.give_program(base, given("055"))
    with pytest.raises(UserError, match="written into the register"):
        base_board.note_item(base, "027", PROGRAM)
    with pytest.raises(UserError, match="comes by file"):
        base_board.note_item(base, "027", "database")


def test_a_line_is_withdrawn_with_a_reason_and_stays(base: Context) -> None:
    first = network_register.give_program(base, given("027"))
    with pytest.raises(Refused, match="few words"):
        network_register.withdraw(base, first, "x")
    network_register.withdraw(base, first, "Басқа ЖОО-ға берілген")
    assert cell(base, "027", "program").state is CellState.OPEN
    assert [line.withdrawn for line in network_register.lines(base)] == ["Басқа ЖОО-ға берілген"]
    assert network_register.lines(base, withdrawn=False) == []
    with pytest.raises(UserError, match="withdrawn already"):
        network_register.withdraw(base, first, "Тағы да")
    assert events(base)[-1] == "register-withdrawn"


def test_nothing_in_the_register_can_be_changed_or_deleted(base: Context) -> None:
    line = network_register.give_program(base, given("027"))
    for statement in (f"UPDATE network_hand_over SET person='x' WHERE id={line}", "DELETE FROM network_hand_over"):
        with base.store.write(base.actor) as tx:
            with pytest.raises(IntegrityError, match="noted stays"):
                tx.session.connection().exec_driver_sql(statement)
            tx.session.rollback()
            tx.note("setting-changed", "x")
    assert network_register.lines(base)[0].person == "Әбілов Асан"


# -- trainings


def test_a_training_counts_for_whose_programmer_came(base: Context) -> None:
    training = network_register.save_training(base, TRAINING)
    came = [Attendance("027", "coordinator", "А"), Attendance("027", "programmer", "Ә"),
            Attendance("041", "coordinator", "Б")]  # fmt: skip
    network_register.save_attendance(base, training, came)
    assert cell(base, "027", "training").state is CellState.DONE
    assert cell(base, "027", "training").note == "А, Ә"
    assert cell(base, "041", "training").state is CellState.PARTLY
    (held,) = network_register.trainings(base)
    assert held.universities == ("027", "041")
    with pytest.raises(OutOfOrder, match="names out first"):
        network_register.remove_training(base, training)
    network_register.save_attendance(base, training, [])
    network_register.remove_training(base, training)
    assert network_register.trainings(base) == []


def test_a_training_is_changed_and_its_attendance_is_checked(base: Context) -> None:
    training = network_register.save_training(base, TRAINING)
    assert network_register.save_training(base, {**TRAINING, "place": "215"}, training) == training
    assert [held.place for held in network_register.trainings(base)] == ["215"]
    for came in (Attendance("027", "guest", "А"), Attendance("027", "programmer", "  ")):
        with pytest.raises(Refused):
            network_register.save_attendance(base, training, [came])
    with pytest.raises(UserError, match="not attached"):
        network_register.save_attendance(base, training, [Attendance("055", "programmer", "А")])
    with pytest.raises(UserError, match="no such training"):
        network_register.save_attendance(base, "x", [])
    with pytest.raises(Refused, match="not come yet"):
        network_register.save_training(base, {**TRAINING, "day": date(2011, 4, 1)})


# -- reminders


def test_reminders_name_what_is_owed_since_when_and_whom_to_ask(base: Context) -> None:
    network_register.give_program(base, given("027"))
    at(base, 3, 18)
    arrived(base, "013", "preliminary1", 4)
    late = reminders.reminders(base)
    assert [(one.university, [(owed.item, owed.days) for owed in one.owed]) for one in late] == [
        ("027", [("preliminary1", 2)]), ("041", [("preliminary1", 2)]),
    ]  # fmt: skip
    text = reminders.as_text(base, late)
    assert "(Әбілов Асан, 8 701 555 12 34)" in text
    assert "was due on 16.03.2011, 2 days ago" in text
    at(base, 3, 26)
    assert {owed.item for one in reminders.reminders(base, soon=True) for owed in one.owed} == {
        "preliminary1", "preliminary2",
    }  # fmt: skip
    printed = text_of(documents_board.print_reminders(base))
    assert "Әбілов Асан, 8 701 555 12 34" in printed
    assert "013" not in printed.split("Universities")[1]


def test_who_has_to_sign_again_is_reminded_too(base: Context) -> None:
    put_students(base, [record(n, "027") for n in range(3)])
    arrived(base, "027", "database", 3)
    base_board.confirm_statistics(base, "027", 3)
    assert [one.university for one in reminders.reminders(base) if one.university == "027"] == []
    arrived(base, "027", "database", 4)
    assert cell(base, "027", CONFIRMED).state is CellState.OUTDATED
    (one,) = [one for one in reminders.reminders(base) if one.university == "027"]
    assert "signed and sealed anew" in reminders.owed_words(one.owed[0], "en")


# -- papers


def test_register_attendance_and_acts_are_printed(base: Context) -> None:
    with pytest.raises(OutOfOrder, match="not given"):
        documents_board.print_program_act(base, "027")
    network_register.give_program(base, given("027"))
    training = network_register.save_training(base, TRAINING)
    network_register.save_attendance(base, training, [Attendance("027", "programmer", "Өркен Ұлпан")])
    register = text_of(documents_board.print_register(base))
    assert "1 / 3" in register
    assert "02.03.2011: Өркен Ұлпан" in register
    assert "signed in the register" in register
    attendance = text_of(documents_board.print_training(base, training))
    assert "Өркен Ұлпан" in attendance
    assert attendance.count("Network-university coordinator") == len(NETWORKS)
    act = documents_board.print_program_act(base, "027")
    assert act.copies == 2
    assert "Әбілов Асан" in text_of(act)
    with pytest.raises(OutOfOrder, match="no such training"):
        documents_board.print_training(base, "x")


# -- the fourteen duties


def standing(ctx: Context, number: int) -> DutyStanding:
    return next(line.standing for line in duties.duties(ctx) if line.number == number)


def test_a_duty_has_a_day_a_person_and_a_date_on_which_it_was_done(base: Context) -> None:
    at(base, 3, 10)
    assert standing(base, 1) is DutyStanding.DUE
    duties.plan_duty(base, 6, {"due": date(2011, 3, 9), "responsible": "Қайратов Қ.", "note": "акт"})
    assert standing(base, 6) is DutyStanding.LATE
    duties.confirm_duty(base, 6, date(2011, 3, 8))
    line = next(line for line in duties.duties(base) if line.number == 6)
    assert (line.standing, line.done_on, line.note, line.responsible) == (
        DutyStanding.DONE, date(2011, 3, 8), "акт", "Қайратов Қ.",
    )  # fmt: skip
    duties.reopen_duty(base, 6)
    assert standing(base, 6) is DutyStanding.LATE
    with pytest.raises(UserError, match="not confirmed"):
        duties.reopen_duty(base, 6)
    with pytest.raises(UserError, match="no duty number 15"):
        duties.confirm_duty(base, 15)
    with pytest.raises(Refused, match="not come yet"):
        duties.confirm_duty(base, 6, date(2011, 3, 11))
    with pytest.raises(Refused, match="outside the year"):
        duties.plan_duty(base, 6, {"due": date(2012, 3, 9), "responsible": "", "note": ""})


def test_a_duty_without_a_day_of_its_own_keeps_that_of_the_order(base: Context) -> None:
    duties.plan_duty(base, 4, {"due": date(2011, 4, 12), "responsible": "", "note": ""})
    line = next(line for line in duties.duties(base) if line.number == 4)
    assert (line.due, line.of_order) == (date(2011, 4, 12), date(2011, 4, 14))
    duties.plan_duty(base, 4, {"due": None, "responsible": "А", "note": ""})
    assert next(line.due for line in duties.duties(base) if line.number == 4) == date(2011, 4, 14)


def test_what_the_program_knows_makes_the_state(base: Context) -> None:
    assert standing(base, 12) is DutyStanding.OPEN
    network_register.give_program(base, given("027"))
    assert standing(base, 12) is DutyStanding.BEGUN
    for code in ("013", "041"):
        network_register.give_program(base, given(code))
    assert standing(base, 12) is DutyStanding.READY
    training = network_register.save_training(base, TRAINING)
    network_register.save_attendance(base, training, [Attendance(code, "programmer", "А") for code in NETWORKS])
    assert standing(base, 2) is DutyStanding.READY
    with base.store.write(base.actor) as tx:
        tx.session.add_all([DutyOfficer(id="1", full_name="А", trained=True), DutyOfficer(id="2", full_name="Ә")])
        tx.note("setting-changed", "officers")
    known = {line.number: line.known for line in duties.duties(base)}
    assert known[7] is not None
    assert (known[7].done, known[7].total) == (1, 2)
    assert known[13] is None


def test_files_for_the_centre_count_when_it_has_confirmed_them(base: Context) -> None:
    def sent(kind: str, seq: int, state: str) -> CarrierOut:
        return CarrierOut(
            digest=f"{kind}{seq}", kind=kind, recipient="ntc", stream=kind, epoch=1, seq=seq, prev="", manifest={},
            content="snapshot", file_name="f", created_at="2011-04-12T09:00:00+00:00", state=state,
        )  # fmt: skip

    for code in NETWORKS:
        arrived(base, code, "database", 1)
    assert standing(base, 4) is not DutyStanding.READY
    with base.store.write(base.actor) as tx:
        tx.session.add_all([sent("base-students", 1, "receipted"), sent("base-students", 2, "written"),
                            sent("statistics", 1, "built")])  # fmt: skip
        tx.note("setting-changed", "files")
    assert standing(base, 4) is DutyStanding.READY
    words = {line.number: line.known.words.message("en") for line in duties.duties(base) if line.known}
    assert words[9] == "Files sent to the centre: 1, confirmed by it: 0"
    with base.store.write(base.actor) as tx:
        tx.session.get_one(CarrierOut, "base-students2").state = "receipted"
        tx.note("setting-changed", "files")
    assert standing(base, 9) is DutyStanding.READY


def test_the_board_of_duties_is_printed(base: Context) -> None:
    duties.plan_duty(base, 6, {"due": date(2011, 5, 9), "responsible": "Қайратов Қ.", "note": ""})
    duties.confirm_duty(base, 1, date(2011, 3, 8), "Хаттама № 3")
    text = text_of(documents_board.print_duties(base))
    for told in ("1 / 14", "Қайратов Қ.", "09.05.2011", "08.03.2011", "Хаттама № 3"):
        assert told in text, told


def test_another_program_is_refused(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    for act in (lambda: network_register.give_program(ctx, given("027")), lambda: duties.duties(ctx),
                lambda: network_register.save_training(ctx, TRAINING), lambda: duties.confirm_duty(ctx, 1),
                lambda: documents_board.print_register(ctx)):  # fmt: skip
        with pytest.raises(UserError, match="another program"):
            act()
