"""Acceptance of databases by real carriers: looking first, versions with their differences, papers, totals."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest

from mab_desktop.domain.board import CellState
from mab_desktop.domain.errors import CarrierRefused, OutOfOrder, UserError
from mab_desktop.domain.student import control_sum
from mab_desktop.services import (
    acceptance,
    base_board,
    board_versions,
    documents_base,
    documents_board,
    receipts,
    specialties,
    statistics,
    students,
    transfer,
    transfer_view,
)
from mab_desktop.services.board_versions import Standing
from mab_desktop.services.documents import Document
from mab_desktop.services.handlers import Arrived
from mab_desktop.storage.tables.students import Student
from tests.conftest import MakeContext
from tests.services.centre_stand import CIPHERS, Stand, make_stand, put_students, record

CODE = "027"
SIGNED = base_board.Signed(person="Бірінші Басшы", post="ректор")


@pytest.fixture
def stand(make_context: MakeContext, tmp_path: Path) -> Stand:
    """Five students of a university of this base university, and none handed in yet."""
    made = make_stand(make_context, tmp_path)
    specialties.choose_specialties(made.networks[CODE], CIPHERS)
    put_students(made.networks[CODE], [record(n, CODE) for n in range(5)])
    return made


def hand_in(stand: Stand, code: str = CODE) -> transfer.Exported:
    exported = transfer.export(stand.networks[code], "university-students", stand.base.organisation, stand.drive)
    transfer.load(stand.base, list(exported.paths))
    return exported


def change(stand: Stand) -> None:
    """One renamed, one gone, one new, who breaks a rule and has the document of another university's student."""
    network = stand.networks[CODE]
    with network.store.write(network.actor) as tx:
        row = tx.session.get_one(Student, record(0, CODE)["id"])
        row.surname, row.version = "Жаңа", 2
        tx.session.get_one(Student, record(1, CODE)["id"]).deleted_at = "2011-04-01"
        tx.note("setting-changed", "student")
    twin = record(7, "013")["identity_document"]
    put_students(network, [record(9, CODE, citizenship="999", identity_document=twin)])


def looked_at(stand: Stand, path: Path) -> acceptance.Preview:
    return acceptance.look(stand.base, transfer.examine(stand.base, path).arrived)


def cell(stand: Stand, item: str, code: str = CODE) -> base_board.BoardCell:
    return next(line.cells[item] for line in base_board.board(stand.base) if line.university == code)


def text_of(document: Document) -> str:
    pdf = pdfium.PdfDocument(document.pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    return text


# -- looking


def test_looking_tells_what_would_change_and_changes_nothing(stand: Stand) -> None:
    hand_in(stand)
    put_students(stand.base, [record(7, "013")])
    change(stand)
    newer = transfer.export(stand.networks[CODE], "university-students", stand.base.organisation, stand.drive)
    before = stand.base.store.log_head()
    found = looked_at(stand, newer.paths[0])
    assert found.held is not None
    assert (found.held.number, found.students) == (1, 5)
    assert [(d.kind, d.field, d.old, d.new) for d in found.differences] == [
        ("changed", "surname", "Әбілов", "Жаңа"), ("new", "", "", ""), ("gone", "", "", ""),
    ]  # fmt: skip
    ((rule, people),) = [(group.problem.field, group.students) for group in found.rules]
    assert (rule, [student for student, _name in people]) == ("citizenship", [record(9, CODE)["id"]])
    assert [(twin.field, twin.university, twin.other) for twin in found.twins] == [
        ("identity_document", "013", "Іліяс Ғалия"),
    ]  # fmt: skip
    words = [line.text.format(**line.params) for line in acceptance.preview_lines(stand.base, found)]
    assert words[0] == "Against version 1, which is held here:"
    assert any(line.startswith("May be in the databases twice: 1 (") for line in words)
    assert acceptance.versions(stand.base, CODE)[0].number == 1
    logged = stand.base.store.log_head()[0] - before[0]
    assert logged == 2  # reading from the drive, begun and ended


def test_a_student_twice_in_one_file_is_found(stand: Stand) -> None:
    other = record(3, CODE)
    same = {name: other[name] for name in ("surname", "first_name", "patronymic", "birth_date")}
    put_students(stand.networks[CODE], [record(20, CODE, **same)])
    sent = transfer.export(stand.networks[CODE], "university-students", stand.base.organisation, stand.drive)
    found = looked_at(stand, sent.paths[0])
    assert {(twin.field, twin.university) for twin in found.twins} == {("surname", CODE)}
    assert len(found.twins) == 2


def test_a_file_whose_own_totals_are_wrong_is_not_taken(stand: Stand) -> None:
    """A signed head that names another control sum than its records have: nothing may be taken from it."""
    found = [record(0, CODE)]
    for said, taken in (("0000-0000-0000-0000", False), (control_sum(found), True)):
        arrived = Arrived(
            "university-students", f"nu{CODE}", said, {"control_sums": {"control_sum": said}},
            lambda: iter([("student", values) for values in found]),
        )  # fmt: skip
        seen = acceptance.look(stand.base, arrived)
        if taken:
            acceptance.require_own_sums(arrived, seen)
        else:
            with pytest.raises(UserError, match="Nothing was changed"):
                acceptance.require_own_sums(arrived, seen)


# -- versions


def test_a_newer_version_replaces_the_older_and_its_differences_stay(stand: Stand) -> None:
    hand_in(stand)
    change(stand)
    hand_in(stand)
    newest, oldest = acceptance.versions(stand.base, CODE)
    assert (newest.number, newest.new, newest.changed, newest.gone) == (2, 1, 1, 1)
    assert (oldest.number, oldest.students) == (1, 5)
    assert newest.control_sum != oldest.control_sum
    assert acceptance.differences(stand.base, CODE, 1) == []
    kept = acceptance.differences(stand.base, CODE, 2)
    assert [one.kind for one in kept] == ["changed", "new", "gone"]
    with stand.base.store.write(stand.base.actor) as tx:  # records go on, the list stays
        tx.session.get_one(Student, record(0, CODE)["id"]).surname = "Тағы"
        tx.note("setting-changed", "student")
    assert acceptance.differences(stand.base, CODE, 2) == kept
    text = text_of(documents_board.print_differences(stand.base, CODE, 2))
    for told in ("Жаңа", "Surname", oldest.control_sum, newest.control_sum):
        assert told in text, told
    with pytest.raises(OutOfOrder, match="nothing before"):
        documents_board.print_differences(stand.base, CODE, 1)


def test_the_same_file_again_changes_nothing_and_says_so(stand: Stand) -> None:
    exported = hand_in(stand)
    before = stand.base.store.log_head()
    look = transfer_view.look(stand.base, exported.paths[0])
    assert look.known_since
    taken = transfer_view.take(stand.base, look)
    assert taken.words[0] == "This file was taken before; nothing was changed."
    assert len(acceptance.versions(stand.base, CODE)) == 1
    assert (cell(stand, "database").times, cell(stand, "database").again) == (2, 1)
    with stand.base.store.read() as session:
        assert len(students.records(session, base_university="013")) == 5
    assert before[0] < stand.base.store.log_head()[0]  # only the look and the receipt were logged


def test_an_older_version_is_refused_in_words(stand: Stand) -> None:
    """The first was lost on the way; the second replaced it: the first, found later, does not take its place."""
    lost = transfer.export(stand.networks[CODE], "university-students", stand.base.organisation, stand.drive)
    change(stand)
    newer = transfer.export(stand.networks[CODE], "university-students", stand.base.organisation, stand.drive)
    transfer.load(stand.base, list(newer.paths))
    with pytest.raises(CarrierRefused, match=r"older file \(1\); number 2 is loaded already"):
        transfer.examine(stand.base, list(lost.paths))
    assert len(acceptance.versions(stand.base, CODE)) == 1


def test_a_new_file_without_any_difference_keeps_the_signature(stand: Stand) -> None:
    hand_in(stand)
    count, own = acceptance.held(stand.base, CODE)
    base_board.confirm_statistics(stand.base, CODE, count, own, SIGNED)
    hand_in(stand)
    assert cell(stand, "database").again == 1
    assert base_board.completeness(stand.base).confirmed == (CODE,)
    change(stand)
    hand_in(stand)
    assert base_board.completeness(stand.base).confirmed == ()
    assert cell(stand, "confirmed").state is CellState.OUTDATED
    shown = board_versions.received(stand.base, CODE)["database"]
    assert [(one.number, one.standing) for one in shown] == [
        (3, Standing.STANDS), (2, Standing.REPLACED), (1, Standing.AGAIN),
    ]  # fmt: skip
    assert shown[0].carrier == "3"


# -- papers


def test_the_signed_print_is_compared_and_an_older_one_is_named(stand: Stand) -> None:
    hand_in(stand)
    count, old = acceptance.held(stand.base, CODE)
    acceptance.confirm_paper(stand.base, CODE, count, old.lower().replace("-", " "), SIGNED)
    assert acceptance.papers(stand.base)[CODE] == acceptance.Papers("2011-03-10", "Бірінші Басшы", True)
    change(stand)
    hand_in(stand)
    assert acceptance.papers(stand.base)[CODE].print_fits is False
    versions = acceptance.versions(stand.base, CODE)
    check = acceptance.check_paper(5, old, versions[0].students, versions[0].control_sum, versions[1:])
    assert not check.agrees
    assert check.version is not None
    assert check.version.number == 1
    with pytest.raises(UserError, match="Nothing was confirmed"):
        acceptance.confirm_paper(stand.base, CODE, 5, old, SIGNED)
    act = text_of(documents_board.print_database_act(stand.base, CODE))
    assert versions[0].control_sum in act
    assert old not in act


def test_the_seal_is_asked_for(stand: Stand) -> None:
    hand_in(stand)
    count, own = acceptance.held(stand.base, CODE)
    with pytest.raises(UserError, match="only with the seal"):
        base_board.confirm_statistics(stand.base, CODE, count, own, base_board.Signed(person="А", sealed=False))
    base_board.confirm_statistics(stand.base, CODE, count, own, SIGNED)
    assert cell(stand, "confirmed").note == "Бірінші Басшы"


def test_the_final_statistics_are_those_of_the_database_taken(stand: Stand) -> None:
    """p.22: what is printed for the signature counts the database, whatever statistics were sent before."""
    network = stand.networks[CODE]
    statistics.choose_stage(network, "final")
    stand.hand_over(network, "statistics", stand.base)
    hand_in(stand)
    assert cell(stand, "final").state is CellState.DONE
    assert acceptance.disagreements(stand.base, CODE) == []
    change(stand)
    hand_in(stand)
    assert cell(stand, "final").state is CellState.DIFFERS
    differing = {one.specialty: (one.sent, one.counted) for one in acceptance.disagreements(stand.base, CODE)}
    assert differing == {"050102": (2, 3), "050703": (2, 1)}
    printed = text_of(documents_base.print_statistics(stand.base, CODE))
    assert acceptance.held(stand.base, CODE)[1] in printed
    stand.hand_over(network, "statistics", stand.base)
    assert cell(stand, "final").state is CellState.DONE


def test_mistakes_are_printed_by_rule_with_the_duplicates(stand: Stand) -> None:
    put_students(stand.base, [record(7, "013")])
    change(stand)
    hand_in(stand)
    text = text_of(documents_board.print_findings(stand.base, CODE))
    for told in ("999", "(1)", "Duplicate record", "013 Іліяс Ғалия"):
        assert told in " ".join(text.split()), told


# -- several base universities, receipts


def test_students_of_other_base_universities_are_counted_and_stay_away(stand: Stand) -> None:
    network = stand.networks["041"]
    specialties.choose_specialties(network, CIPHERS)
    bases = ("007", "007", "007", "009", "009")
    others = [record(50 + n, "041", base=base) for n, base in enumerate(bases)]
    put_students(network, [record(n, "041") for n in range(4)] + others)
    hand_in(stand, "041")
    (version,) = acceptance.versions(stand.base, "041")
    assert (version.students, version.elsewhere) == (4, {"007": 3, "009": 2})
    lines, total = base_board.students(stand.base, "041")
    assert total == len(lines) == 4


def test_receipts_are_owed_until_they_are_on_a_drive(stand: Stand) -> None:
    hand_in(stand)
    line = next(line for line in base_board.board(stand.base) if line.university == CODE)
    assert line.untold == 1
    assert board_versions.received(stand.base, CODE)["database"][0].owes
    receipts.give(stand.base, [f"nu{CODE}"], stand.drive)
    line = next(line for line in base_board.board(stand.base) if line.university == CODE)
    assert line.untold == 0
    (shown,) = board_versions.received(stand.base, CODE)["database"]
    assert shown.told.startswith("2011-03-10")
    assert not shown.owes


def test_a_file_that_came_before_an_earlier_one_stands_on_the_board(stand: Stand) -> None:
    network = stand.networks[CODE]
    hand_in(stand)
    transfer.export(network, "university-students", stand.base.organisation, stand.drive)
    change(stand)
    newer = transfer.export(network, "university-students", stand.base.organisation, stand.drive)
    transfer.examine(stand.base, list(newer.paths))
    assert {line.university: line.waiting for line in base_board.board(stand.base)} == {"013": 0, CODE: 1, "041": 0}
    shown = board_versions.received(stand.base, CODE)["database"][0]
    assert (shown.standing, shown.carrier) == (Standing.WAITING, "3")


def test_the_very_same_file_brought_again_changes_nothing_and_counts_as_sent_twice(stand: Stand) -> None:
    exported = hand_in(stand)
    assert (cell(stand, "database").times, cell(stand, "database").again) == (1, 0)
    for again in (1, 2):
        assert transfer.load(stand.base, list(exported.paths)).known
        assert (cell(stand, "database").times, cell(stand, "database").again) == (1 + again, again)
    (version,) = board_versions.received(stand.base, CODE)["database"]
    assert (version.standing, version.again, version.number) == (Standing.STANDS, 2, 1)
