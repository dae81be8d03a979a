"""A network university's season by its windows: portions merged, questions settled, statistics, database, passes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.database_page import DatabasePage
from mab_desktop.services import (
    accounts,
    conflicts,
    duplicates,
    operators,
    pass_slips,
    passes_issue,
    statistics,
    students,
    workplace,
)
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.network import PassIssue
from mab_desktop.storage.tables.students import Allotment, Shift
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.begin_page import BeginPage
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.people_page import AddQuestion
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace
from tests.apps.network_stage import CTRL, ENTER, NetworkStage, focused, make_stage, student
from tests.apps.window import answer, open_window, receive, write
from tests.conftest import MakeContext

PERSONS_TITLE, CORRECTIONS_TITLE = "Operator's records for the programmer", "Corrections and specialties"


@pytest.fixture
def stage(make_context: MakeContext, tmp_path: Path, qapp: QApplication) -> Iterator[NetworkStage]:
    yield make_stage(make_context, tmp_path)
    qapp.setStyleSheet("")


@pytest.fixture
def window(qtbot: QtBot) -> Callable[[Context], WorkplaceShell]:
    return lambda ctx: open_window(qtbot, APP, ctx)


def give_reason(words: str) -> list[str]:
    """Type the reason into the next question and press its verb."""

    def fill(question: Any) -> None:
        question.findChild(QPlainTextEdit).setPlainText(words)

    return answer(fill)


def words_of(page: Any) -> str:
    return " | ".join(shown.text() for shown in page.findChildren(QLabel) if shown.isVisible())


def test_a_portion_is_written_and_merged_by_the_wizards(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    operator = stage.operators[0]
    for number in (1, 2, 3):
        students.save(operator, student(number, surname=("Әбілов", "Бекова", "Ғабитов")[number - 1]))
    page = write(window(operator), stage.drive, "operator-portion")
    assert "You may take the drive out" in page.end.words.text()
    shell = window(stage.programmer)
    page = receive(shell, stage.drive, PERSONS_TITLE)
    assert "New: 3" in words_of(page)
    assert [row.surname for row in students.all_rows(stage.programmer)] == ["Әбілов", "Бекова", "Ғабитов"]
    shell.open_page("operators")
    assert operators.journal(stage.programmer)[0].operator == "op1"
    shell.open_page("transfer", path=str(stage.drive))
    model = shell.page().accept_step.list.model()
    assert "Already accepted" in str(model.index(0, 0).data())


def test_a_field_changed_on_both_sides_is_decided_with_a_reason(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    operator, programmer = stage.operators[0], stage.programmer
    saved = students.save(operator, student(1))
    stage.carry(operator, "operator-portion", programmer)
    students.save(operator, student(1, surname="Қайырұлы"), student_id=saved.id)
    students.save(programmer, student(1, surname="Қайраттегі"), student_id=saved.id)
    stage.carry(operator, "operator-portion", programmer)
    shell = window(programmer)
    shell.open_page("merge")
    page = shell.page()
    page.next_open()
    qtbot.waitUntil(lambda: "Before both changes" in words_of(page))
    for words in ("Қайратұлы", "Қайырұлы", "Қайраттегі"):
        assert words in words_of(page)
    seen = give_reason("жеке куәлік")
    page.decide(conflicts.THEIRS)
    assert seen == ["Қайраттегі Өркен Серікұлы"]
    assert students.get(programmer, saved.id).surname == "Қайырұлы"
    qtbot.waitUntil(lambda: page.current()["state"] == "decided")
    give_reason("қате шешім")
    page.undo()
    assert students.get(programmer, saved.id).surname == "Қайраттегі"
    assert len(conflicts.conflicts(programmer)) == 1


def test_corrections_go_back_to_the_operator(stage: NetworkStage, window: Callable[[Context], WorkplaceShell]) -> None:
    operator, programmer = stage.operators[0], stage.programmer
    saved = students.save(operator, student(1))
    stage.carry(operator, "operator-portion", programmer)
    students.save(programmer, student(1, surname="Қайырұлы"), student_id=saved.id)
    write(window(programmer), stage.drive, "operator-corrections")
    receive(window(operator), stage.drive, CORRECTIONS_TITLE)
    assert students.get(operator, saved.id).surname == "Қайырұлы"


def test_one_student_typed_by_two_operators_is_settled(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    first, second = stage.operators
    kept = students.save(first, student(1))
    students.save(second, student(1, first_name="Өркем"))
    for operator in stage.operators:
        stage.carry(operator, "operator-portion", stage.programmer)
    shell = window(stage.programmer)
    shell.open_page("database")
    page = shell.page()
    assert isinstance(page, DatabasePage)
    assert not page.write_buttons["013"].isEnabled()
    assert "stand in two records" in words_of(page)
    shell.open_page("duplicates")
    found = shell.page()
    found.view.selectRow(0)
    qtbot.waitUntil(lambda: "Same TO code" in words_of(found))
    give_reason("бір студент")
    first_typed = found.current()["pair"][0]
    found.settle_pair(0)
    assert [row.id for row in students.all_rows(stage.programmer)] == [first_typed.id]
    assert duplicates.find_duplicates(stage.programmer) == []
    assert (
        kept.id in (row.id for row in students.all_rows(stage.programmer, deleted=False)) or first_typed.id != kept.id
    )


def test_statistics_are_shown_exported_and_handed_over(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell], tmp_path: Path, qtbot: QtBot
) -> None:
    for number in range(1, 6):
        cipher, sex = ("050102", "050703")[number % 2], "12"[number % 2]
        students.save(stage.programmer, student(number, specialty=cipher, sex=sex))
    students.save(stage.programmer, {"surname": "Шала"}, partial=True)
    shell = window(stage.programmer)
    shell.open_page("statistics")
    page = shell.page()
    assert "1 record is not complete" in words_of(page)
    file = tmp_path / "statistics.csv"
    page.save_table(file)
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.reader(source, delimiter=";"))
    assert rows[0][:3] == ["Cipher", "Direction, specialty", "Students"]
    assert rows[-1][1:3] == ["In all", "5"]
    page.stages.setCurrentIndex(2)
    page.stages.activated.emit(2)
    write(shell, stage.drive, "statistics")
    with stage.programmer.store.read() as session:
        assert statistics.stage_now(stage.programmer, session) == "final"
        sent = session.scalars(select(CarrierOut)).one()
        assert sent.manifest["control_sums"] == {"students": 5, "stage": "final"}


def test_paper_and_file_of_the_database_show_the_same_sum(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell]
) -> None:
    for number in (1, 2):
        students.save(stage.programmer, student(number, birth_date=date(1990 + number, 2, 3)))
    shell = window(stage.programmer)
    shell.open_page("database")
    page = shell.page()
    with stage.programmer.store.read() as session:
        count, checksum = students.database_sum(session, "013")
    assert (count, checksum in words_of(page)) == (2, True)
    write(shell, stage.drive, "university-students")
    shell.open_page("papers", paper="student-database", option="013")
    papers = shell.page()
    assert papers.preview.isVisible()
    with stage.programmer.store.read() as session:
        manifest = session.scalars(select(CarrierOut)).one().manifest
    assert manifest["control_sums"] == {"students": count, "control_sum": checksum}
    assert set(manifest["counts"]) <= set(RECORDS["university-students"])


def test_an_operator_is_listed_by_keyboard_and_let_in(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    shell = window(stage.programmer)
    shell.open_page("operators")
    qtbot.keyClick(shell, Qt.Key.Key_N, CTRL)
    for words in ("op3", "Ғабитова Һадиша", "nu027-op3"):
        type_text(focused(), words)
        qtbot.keyClick(focused(), ENTER)
    qtbot.waitUntil(lambda: [row.login for row in operators.operators(stage.programmer)] == ["op3"])
    shell.page().show_list()
    shell.page().view.selectRow(0)
    said = []

    def fill(question: AddQuestion) -> None:
        assert (question.login.text(), question.name.text()) == ("op3", "Ғабитова Һадиша")
        question.password.first.setText("too short")
        said.append((question.password.state.text(), question.act_button.isEnabled()))

    answer(fill)
    shell.page().let_in()
    assert said == [("9 of 12 characters.", False)]
    assert accounts.people(stage.programmer) == []


def test_choosing_specialties_with_enter(
    stage: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    shell = window(stage.programmer)
    shell.open_page("specialties")
    page = shell.page()
    assert [row.cipher for row in page.shown_rows()] == ["050102", "050703"]
    page.chip_buttons["taught"].setChecked(False)
    assert page.go_to("050901")
    qtbot.keyClick(page.view, ENTER)
    page.chip_buttons["taught"].setChecked(True)
    qtbot.waitUntil(lambda: [row.cipher for row in page.shown_rows()] == ["050102", "050703", "050901"])


@pytest.fixture
def with_passes(stage: NetworkStage) -> NetworkStage:
    """Two passes have come from the base university."""
    ctx = stage.programmer
    ids = [students.save(ctx, student(n, surname=s, birth_date=date(1991, n, 2))).id
           for n, s in ((1, "Әбілов"), (2, "Бекова"))]  # fmt: skip
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Shift(number=1, exam_date=date(2011, 5, 16), start_time="09:00"))
        tx.session.flush()
        for n, student_id in enumerate(ids, start=1):
            tx.session.add(
                Allotment(
                    student=student_id,
                    code=f"1000000{n}",
                    shift=1,
                    building="1",
                    hall="101",
                    test_language="1",
                    subject1="01",
                    subject2="02",
                    subject3="03",
                    subject4="04",
                    subject5="05",
                )
            )
            tx.session.add(PassIssue(student=student_id, base_university="013", number=str(n)))
        tx.note("passes-taken", "bu013")
    return stage


def test_passes_are_issued_and_an_error_is_applied_for(
    with_passes: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    ctx = with_passes.programmer
    shell = window(ctx)
    shell.open_page("passes")
    page = shell.page()
    page.view.selectRow(0)
    page.view.setFocus()
    qtbot.keyClick(page.view, ENTER)
    assert [row.issued_at is not None for row in passes_issue.passes(ctx)] == [True, False]
    shell.open_page("wrong_data", code="10000001")
    form = shell.page().form
    assert form.values()["code"] == "10000001"
    values = {"code": "10000001", "field": "5", "right_value": "03.01.1991", "ground": "жеке куәлік",
              "application_number": "7", "application_date": date(2011, 4, 23)}  # fmt: skip
    form.set_values(values)
    form.rows["application_number"].line.setFocus()
    qtbot.keyClick(focused(), ENTER, CTRL)
    (line,) = passes_issue.wrong_data(ctx)
    assert (line.field, line.printed_value, line.right_value) == ("birth_date", "1991-01-02", "1991-01-03")
    with pytest.raises(Exception, match="is printed already"):
        students.save(ctx, student(1, surname="Басқа"), student_id=line.student)


def test_passes_are_issued_as_they_are_scanned(
    with_passes: NetworkStage, window: Callable[[Context], WorkplaceShell], qtbot: QtBot
) -> None:
    ctx = with_passes.programmer
    shell = window(ctx)
    shell.open_page("passes")
    page = shell.page()
    assert focused() is page.scan.line

    def scan(text: str) -> str:
        type_text(page.scan.line, text)
        qtbot.keyClick(page.scan.line, ENTER)
        return str(page.scan._answer._words.text())

    def issued() -> list[bool]:
        return [row.issued_at is not None for row in passes_issue.passes(ctx)]

    assert scan(pass_slips.payload(ctx.season.campaign, "1", "10000001")).endswith("issued")
    assert "has it already" in scan("10000001")
    assert "no such pass" in scan("10000009")
    assert issued() == [True, False]
    qtbot.keyClick(page.scan.line, Qt.Key.Key_Z, CTRL)
    assert (issued(), page.scan.line.text()) == ([False, False], "")
    qtbot.waitUntil(lambda: not any(row.issued_at for row in page.shown_rows()))
    page.view.clearSelection()
    page.go_to(passes_issue.passes(ctx)[1].student)
    give_reason("жыртылған")
    page.spoilt()
    assert [row.spoilt_why for row in passes_issue.passes(ctx)] == ["", "жыртылған"]
    assert scan("2") == "Pass 2 is spoilt: жыртылған."
    assert issued() == [False, False]
    page.undo()
    assert scan("2").endswith("issued")
    page.print_duplicate()
    assert shell.page().current().key == "pass-duplicates"
    assert shell.page().preview.isVisible()


def test_the_first_start_and_the_log_in(stage: NetworkStage, tmp_path: Path, qtbot: QtBot) -> None:
    from mab_desktop.services import centre_trust

    trust_file = tmp_path / "centre.json"
    trust_file.write_bytes(centre_trust.trust_bytes(stage.centre))
    database = tmp_path / "new" / "mab.db"
    options = AppOptions(lang="en", idle_minutes=0, inline=True)
    shell = build_workplace(APP, database, options, Settings(), clock=stage.programmer.clock)
    qtbot.addWidget(shell)
    shell.show()
    page = shell.findChild(BeginPage)
    assert page is not None
    page.button.click()
    assert page.refusal.text() == "Fill in every field."
    for field, words in ((page.carrier, str(trust_file)), (page.groups, "AAAA BBBB"), (page.code, "041"),
                         (page.name, "Бекова Ұлпан"), (page.login, "programmer"), (page.year, "2011"),
                         (page.password, "a long password"), (page.repeated, "another password")):  # fmt: skip
        field.setText(words)
    page.training.setChecked(True)
    page.button.click()
    assert "differ" in page.refusal.text()
    page.repeated.setText("a long password")
    page.button.click()
    assert "check groups" in page.refusal.text()
    assert not database.exists()
    page.groups.setText(centre_trust.fingerprint(stage.centre))
    page.button.click()
    assert database.exists()
    assert workplace.logins(database) == ("programmer",)
    assert page.panel is not None
    sheet = page.panel.hand_out(stage.drive)
    assert sheet is not None
    assert sheet.sheet.read_bytes().startswith(b"%PDF")
    page.go_on()
    gate = shell.findChild(LoginPage)
    gate.password.setText("a wrong password")
    gate.log_in()
    assert gate.refusal.text()
    assert not shell.is_open()
    gate.password.setText("a long password")
    qtbot.keyClick(gate.password, Qt.Key.Key_Return)
    assert shell.is_open()
    assert shell.app.ctx.organisation == "nu041"
    assert "has not let in this computer (nu041) yet" in shell.messages.words()
    qtbot.waitUntil(lambda: "Begin the season" in words_of(shell.page()))
    write(shell, stage.drive, "enrolment")
    assert any("enrolment" in file.name for file in stage.drive.iterdir())
    shell.close()


def test_an_operator_whose_records_are_all_deleted_is_not_told_to_begin_the_season(
    qtbot: QtBot, stage: NetworkStage
) -> None:
    operator, _other = stage.operators
    saved = students.save(operator, student(1))
    students.delete(operator, [saved.id], "екі рет енгізілген")
    shell = open_window(qtbot, APP, operator)
    shell.open_page("home")
    shown = words_of(shell.page())
    assert "Begin the season" not in shown
    assert "Type records" in shown
    assert "No record of yours stands here now" in shown
