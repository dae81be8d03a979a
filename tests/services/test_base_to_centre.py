"""To the centre and back (p.23, p.24): incomplete only with a reason that names what lacks; what came back otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import NTC_CODE
from mab_desktop.services import (
    acceptance,
    base_board,
    carrier_history,
    centre_allotment,
    centre_board,
    documents_base,
    final_comparison,
    specialties,
    transfer,
    wrong_data_lists,
)
from mab_desktop.services.documents import Document
from mab_desktop.services.final_comparison import FinalKind
from mab_desktop.services.student_intake import compare_students, take_students
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.students import Student, WrongData
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE, CIPHERS, Stand, make_stand, put_halls, put_students, record

REASON = "041 ЖОО-ның серверінде ақау, хат № 12"


@pytest.fixture
def stand(make_context: MakeContext, tmp_path: Path) -> Stand:
    """The databases of two of three network universities are here."""
    made = make_stand(make_context, tmp_path, shifts=2)
    for number, code in enumerate(("013", "027")):
        hand_in(made, code, 10 * number)
    return made


def hand_in(stand: Stand, code: str, begin: int) -> None:
    specialties.choose_specialties(stand.networks[code], CIPHERS)
    put_students(stand.networks[code], [record(begin + n, code) for n in range(4)])
    stand.hand_over(stand.networks[code], "university-students", stand.base)


def sign(stand: Stand, code: str) -> None:
    """Both papers of a university with signature and seal."""
    with stand.base.store.read() as session:
        total, checksum = base_board.database_sum(session, code)
    for confirm in (acceptance.confirm_paper, base_board.confirm_statistics):
        confirm(stand.base, code, total, checksum, base_board.Signed(person="Бірінші басшы"))


def text_of(document: Document) -> str:
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())


def test_a_reason_names_what_lacks_and_covers_nothing_else(stand: Stand) -> None:
    """A database that comes anew and unsigned after the reason needs a new one; all is in the log beside the file."""
    base = stand.base
    with pytest.raises(Refused, match="013, 027.*«Acceptance»"):  # where to sign
        transfer.export(base, "base-students", NTC_CODE, stand.drive)
    with pytest.raises(UserError, match="in a sentence"):
        base_board.allow_incomplete(base, "жоқ")
    base_board.allow_incomplete(base, REASON)
    said = base_board.incomplete(base)
    assert said is not None
    assert (said.reason, said.by, said.missing, said.unconfirmed) == (REASON, base.actor.name, ("041",), ("013", "027"))
    sent = transfer.export(base, "base-students", NTC_CODE, stand.drive)
    assert sent.control_sums["without"] == "013,027,041"
    with base.store.read() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.event == "sent-incomplete", AuditEntry.object == sent.digest)
        ).one()
        assert (entry.details["reason"], entry.details["by"]) == (REASON, base.actor.name)
    row = next(row for row in carrier_history.rows(base) if row.digest == sent.digest)
    told = dict(carrier_history.about(base, row))["Sent although incomplete"]
    assert ("Reason", REASON) in told
    transfer.load(stand.centre, list(sent.paths))
    (board,) = centre_board.boards(stand.centre, BASE)
    assert all(words in board.incomplete["base-students"] for words in (REASON, "041", "013, 027", base.actor.name))
    hand_in(stand, "041", 20)
    assert base_board.completeness(base).reason == REASON  # unsigned still, and it is named
    for code in ("013", "027"):
        sign(stand, code)
    base_board.allow_incomplete(base, "041 ЖОО-ның қолы әлі жоқ")
    put_students(stand.networks["013"], [record(5, "013")])
    stand.hand_over(stand.networks["013"], "university-students", base)
    assert base_board.completeness(base).reason == ""  # the new database of 013 is not signed, and nobody named it
    with pytest.raises(Refused, match="013"):
        transfer.export(base, "base-students", NTC_CODE, stand.drive)


def test_the_fax_page_says_what_lacks_and_why(stand: Stand) -> None:
    """Counts of the databases that are held; the missing university in its row; reason, person and time in the box."""
    base = stand.base.speaking("ru")
    base_board.allow_incomplete(base, REASON)
    transfer.export(base, "base-students", NTC_CODE, stand.drive)
    fax = text_of(documents_base.print_fax(base))
    assert REASON in fax
    assert f"{base.actor.name}, 10.03.2011 09:00" in fax
    assert "2 из 3" in fax
    assert "8" in fax
    with base.store.read() as session:
        assert base_board.held_sum(session, "013")[0] == 4


def changed_at_centre(stand: Stand, n: int, university: str, **values: object) -> None:
    """The centre puts a record right."""
    with stand.centre.store.write(stand.centre.actor) as tx:
        row = tx.session.get_one(Student, record(n, university)["id"])
        for name, value in values.items():
            setattr(row, name, value)
        row.version, row.changed_by = row.version + 1, "centre1"
        tx.note("setting-changed", "student")


def test_every_difference_of_the_final_database_with_its_reason(stand: Stand) -> None:
    """A value by an application, one by the centre alone, one changed and changed back, one student struck out."""
    base = stand.base
    base_board.allow_incomplete(base, REASON)
    stand.hand_over(base, "base-students", stand.centre)
    assert final_comparison.final_changes(base) == []
    changed_at_centre(stand, 0, "013", surname="Әбілова")
    changed_at_centre(stand, 1, "013", birth_date=date(1990, 1, 2))
    put_halls(stand.centre, [4, 4])
    with stand.centre.store.write(stand.centre.actor) as tx:
        tx.session.get_one(Student, record(11, "027")["id"]).deleted_at = "2011-04-17T10:00:00"
        tx.note("setting-changed", "student")
    with base.store.write(base.actor) as tx:
        tx.session.add(
            WrongData(id="w1", student=record(0, "013")["id"], university="013", field="surname",
                      printed_value="Әбілов", right_value="Әбілова", ground="Жеке куәлік", application_number="12",
                      application_date=date(2011, 4, 20))
        )  # fmt: skip
        tx.note("setting-changed", "rows")
    centre_allotment.allot(stand.centre, BASE)
    stand.hand_over(stand.centre, "final-students", base)
    found = {(change.student, change.field): change for change in final_comparison.final_changes(base)}
    surname = found[record(0, "013")["id"], "surname"]
    assert (surname.sent, surname.came) == ("Әбілов", "Әбілова")
    assert surname.why == "application 12 of 20.04.2011: Жеке куәлік"
    born = found[record(1, "013")["id"], "birth_date"]
    assert (born.came, born.why[:18]) == ("1990-01-02", "changed by centre1")
    gone = found[record(11, "027")["id"], ""]
    assert gone.kind is FinalKind.REMOVED
    assert len(found) == 3


def test_changed_and_changed_back_is_no_difference(stand: Stand) -> None:
    """Two final databases: the first has another name, the second the old one again."""
    base = stand.base
    base_board.allow_incomplete(base, REASON)
    stand.hand_over(base, "base-students", stand.centre)
    put_halls(stand.centre, [8])
    centre_allotment.allot(stand.centre, BASE)
    for surname, count in (("Басқа", 1), ("Әбілов", 0)):
        changed_at_centre(stand, 0, "013", surname=surname)
        stand.hand_over(stand.centre, "final-students", base)
        assert len(final_comparison.final_changes(base)) == count


def test_students_the_centre_added_or_left_without_a_place_are_told(stand: Stand) -> None:
    """Seven seats for eight students; a ninth whom only the centre knows."""
    base = stand.base
    base_board.allow_incomplete(base, REASON)
    stand.hand_over(base, "base-students", stand.centre)
    with stand.centre.store.write(stand.centre.actor) as tx:
        found = compare_students(tx.session, [record(7, "013", id="013" + "9" * 29)], [], partial=True)
        take_students(stand.centre, tx, found, "test", "0" * 64)
        tx.note("students-accepted", "test")
    put_halls(stand.centre, [8])
    centre_allotment.allot(stand.centre, BASE)
    with stand.centre.store.write(stand.centre.actor) as tx:
        place = select(Student).where(Student.id == record(3, "013")["id"])
        student = tx.session.scalars(place).one()
        tx.session.delete(tx.session.get_one(centre_allotment.Allotment, student.id))
        tx.note("setting-changed", "allotment")
    stand.hand_over(stand.centre, "final-students", base)
    kinds = {change.kind: change.student for change in final_comparison.final_changes(base)}
    assert kinds == {FinalKind.ADDED: "013" + "9" * 29, FinalKind.UNPLACED: record(3, "013")["id"]}


def test_applications_on_paper_are_counted_against_the_list(stand: Stand) -> None:
    """Two lines, one paper, one application too late; the paper list says what is enclosed."""
    base = stand.base.speaking("ru")
    with base.store.write(base.actor) as tx:
        for number, day in enumerate((20, 26)):
            tx.session.add(
                WrongData(id=f"w{number}", student=record(number, "013")["id"], university="013", field="birth_date",
                          printed_value="1991-01-01", right_value="1991-02-03", ground="Жеке куәлік",
                          application_number=f"{number + 1}", application_date=date(2011, 4, day))
            )  # fmt: skip
        tx.note("setting-changed", "rows")
    assert wrong_data_lists.receive_applications(base, ["w0", "w1"]) == 2
    assert wrong_data_lists.receive_applications(base, ["w0"]) == 0
    assert wrong_data_lists.receive_applications(base, ["w1"], here=False) == 1
    with pytest.raises(UserError, match="not on the list"):
        wrong_data_lists.receive_applications(base, ["w9"])
    held = {line.line.id: (line.late, bool(line.application_at)) for line in wrong_data_lists.held_lines(base)}
    assert held == {"w0": (False, True), "w1": (True, False)}
    state = wrong_data_lists.list_standing(base)
    assert (state.lines, state.applications, state.late, state.came) == (2, 1, 1, ())
    assert state.missing == state.expected
    paper = text_of(documents_base.print_wrong_data(base))
    assert "03.02.1991" in paper
    assert "1 of 2" in paper or "1 из 2" in paper
    assert replace(state, came=state.expected).missing == ()
