"""Typing at the network university: by keyboard alone, nothing lost, likely duplicates seen, an operator's pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mab_desktop.domain.organisation import Role
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.services import drafts, students
from mab_desktop.services.context import Context
from mab_desktop.services.keystrokes import keys_by_day
from mab_desktop.services.specialties import choose_specialties
from mab_desktop.storage.tables.students import Allotment, Shift
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.network_stage import CTRL, ENTER, at_device, focused, give_keys, keys_of, student, type_record
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    made = at_device(make_context(Role.NETWORK_UNI, "027", name="programmer"), "nu027")
    give_keys(made)
    choose_specialties(made, ["050102", "050703"])
    return made


@pytest.fixture
def shell(qtbot: QtBot, qapp: QApplication, ctx: Context) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, ctx)
    qapp.setStyleSheet("")


def typing(shell: WorkplaceShell) -> TypingPage:
    shell.open_page("entry")
    page = shell.page()
    assert isinstance(page, TypingPage)
    return page


def words_of(page: TypingPage) -> str:
    return " | ".join(shown.text() for shown in page.findChildren(QLabel) if shown.isVisible())


def test_a_record_is_typed_by_keyboard_alone_and_saved(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    wanted = student(1)
    type_record(qtbot, page.form, wanted)
    qtbot.keyClick(focused(), ENTER, CTRL)
    (row,) = students.all_rows(ctx)
    assert row.values() == wanted
    assert row.complete
    assert row.base_university == "013"
    assert row.created_by == "programmer"
    assert drafts.draft(ctx, students.STUDENT) == {}


def test_repeating_values_carry_over_and_save_keys(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    first, second = student(1), student(2, surname="Әбілова", first_name="Ұлпан", sex="2", birth_date=date(1992, 1, 3))
    type_record(qtbot, page.form, first)
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert page.form.values()["specialty"] == "050102"
    assert page.form.rows["specialty"].carried
    assert page.form.values()["surname"] is None
    pressed = type_record(qtbot, page.form, second, only_empty=True) + 1
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert {row.surname for row in students.all_rows(ctx)} == {"Қайратұлы", "Әбілова"}
    data = sum(len(keys_of(name, value)) for name, value in second.items())
    assert pressed <= 1.15 * data


def test_a_record_that_breaks_a_rule_is_not_saved(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    type_record(qtbot, page.form, student(1, payment="1"))
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert students.all_rows(ctx) == []
    assert page.form.rows["grant_certificate"].problem is not None
    assert focused() is page.form.rows["grant_certificate"].line


def test_every_broken_rule_stands_at_its_field_at_once_and_enter_walks_through_them(
    shell: WorkplaceShell, ctx: Context, qtbot: QtBot
) -> None:
    """Missing, out of the university's list, of two fields together, of the season: one saving names them all."""
    page = typing(shell)
    rows = page.form.rows
    wrong = student(1, surname="Smith", specialty="050901", payment="1", record_book=None, admission_year=2012)
    page.form.set_values(wrong)
    page.form.editor("surname").setFocus()
    qtbot.keyClick(focused(), ENTER, CTRL)
    named = [name for name, row in rows.items() if row.problem]
    assert named == ["surname", "specialty", "grant_certificate", "admission_year", "record_book"]
    assert focused() is rows["surname"].line
    qtbot.waitUntil(lambda: "Fields to be put right: 5" in page.form.whole_problem.text())
    for following in (*named[1:], named[0]):  # Enter alone mends nothing and takes nothing away
        qtbot.keyClick(focused(), ENTER)
        assert focused() is rows[following].line
    assert [name for name, row in rows.items() if row.problem] == named
    qtbot.keyClick(focused(), Qt.Key.Key_F3)
    assert focused() is rows["specialty"].line
    qtbot.keyClick(focused(), Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert focused() is rows["surname"].line
    for words in ("Қайратұлы", "050102", "40000001", "2009", "09-0001"):
        line = focused()
        line.selectAll()  # type: ignore[attr-defined]
        type_text(line, words)
        if focused() is line:  # a full field goes on by itself
            qtbot.keyClick(line, ENTER)
    assert page.form.values()["surname"] is None  # nothing was left to mend: the last Enter saved
    (row,) = students.all_rows(ctx)
    assert row.values() == student(1, payment="1", grant_certificate="40000001")


def test_another_payment_takes_the_missing_grant_number_away(shell: WorkplaceShell, qtbot: QtBot) -> None:
    page = typing(shell)
    page.form.set_values(student(1, payment="1", surname="Smith"))
    qtbot.keyClick(focused(), ENTER, CTRL)
    page.form.editor("payment").line.setFocus()
    page.form.editor("payment").line.selectAll()
    type_text(focused(), "3")
    assert page.form.rows["grant_certificate"].problem is None
    assert page.form.rows["surname"].problem is not None
    assert focused() is page.form.rows["surname"].line


def test_a_correction_without_its_ground_shows_that_with_what_else_is_wrong(
    shell: WorkplaceShell, ctx: Context, qtbot: QtBot
) -> None:
    saved = students.save(ctx, student(1))
    shell.open_page("entry", student=saved.id)
    page = shell.page()
    assert isinstance(page, TypingPage)
    page.form.editor("surname").clear()
    page.form.save()
    assert page.ground.property("wrong") == "true"
    assert page.form.rows["surname"].problem is not None
    type_text(page.ground, "ж")
    assert page.ground.property("wrong") == "false"


def test_a_partly_filled_record_is_kept_as_such(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    type_text(focused(), "Ғабитов")
    qtbot.keyClick(shell, Qt.Key.Key_S, CTRL)
    (row,) = students.all_rows(ctx)
    assert (row.surname, row.complete) == ("Ғабитов", False)
    assert page.form.values()["surname"] is None


def test_what_was_typed_survives_a_crash(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    type_text(focused(), "Өтеген")
    qtbot.keyClick(focused(), ENTER)
    type_text(focused(), "Һадиша")
    qtbot.waitUntil(lambda: drafts.draft(ctx, students.STUDENT).get("first_name") == "Һадиша")
    another = open_window(qtbot, APP, ctx)  # the first window is never asked to close: the power went
    found = typing(another)
    assert (found.form.values()["surname"], found.form.values()["first_name"]) == ("Өтеген", "Һадиша")
    assert page is not found


def test_a_correction_being_typed_survives_too(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    saved = students.save(ctx, student(1))
    shell.open_page("entry", student=saved.id)
    page = shell.page()
    assert isinstance(page, TypingPage)
    page.form.editor("surname").setFocus()
    page.form.editor("surname").selectAll()
    type_text(focused(), "Қайырұлы")
    qtbot.waitUntil(lambda: drafts.draft(ctx, students.STUDENT).get("surname") == "Қайырұлы")
    found = typing(open_window(qtbot, APP, ctx))
    assert (found.student, found.version) == (saved.id, 1)
    found.ground.setText("жеке куәлік")
    found.ground.setFocus()
    qtbot.keyClick(found.ground, ENTER, CTRL)
    assert students.get(ctx, saved.id).surname == "Қайырұлы"
    assert [change.ground for change in students.history(ctx, saved.id)] == ["жеке куәлік"]


def test_a_likely_duplicate_stands_beside_the_record(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    saved = students.save(ctx, student(1))
    page = typing(shell)
    page.form.editor("to_code").setFocus()
    type_text(page.form.editor("to_code"), "20000001")
    qtbot.waitUntil(lambda: "Perhaps typed already" in words_of(page))
    assert "Same TO code" in words_of(page)
    opener = next(b for b in page.findChildren(QPushButton) if b.text() == "Open that record")
    qtbot.mouseClick(opener, Qt.MouseButton.LeftButton)
    assert page.student == ""
    assert "Another record is being typed here" in shell.messages.words()
    qtbot.keyClick(shell, Qt.Key.Key_N, CTRL)
    shell.open_page("entry", student=saved.id)
    assert page.student == saved.id


def test_duplicates_stay_in_sight_while_typing_goes_on(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    students.save(ctx, student(1))
    page = typing(shell)
    page.form.editor("to_code").setFocus()
    type_text(focused(), "20000001")
    qtbot.waitUntil(lambda: "Perhaps typed already" in words_of(page))
    page.keep_draft()  # tells that a table changed, and every page reads again
    QApplication.processEvents()
    assert "Same TO code" in words_of(page)


def test_the_draft_is_written_at_each_field_and_while_keys_follow_without_a_pause(
    shell: WorkplaceShell, ctx: Context, qtbot: QtBot
) -> None:
    page = typing(shell)
    type_text(focused(), "Өтеген")
    assert page._drafting.isActive()
    started = page._drafting.remainingTime()
    type_text(focused(), "ов")
    assert page._drafting.remainingTime() <= started  # the next key does not put it off
    qtbot.keyClick(focused(), ENTER)
    assert drafts.draft(ctx, students.STUDENT)["surname"] == "Өтегенов"


def test_ctrl_z_takes_the_last_saving_back_into_the_form(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    type_record(qtbot, page.form, student(1))
    qtbot.keyClick(focused(), ENTER, CTRL)
    assert len(students.all_rows(ctx)) == 1
    qtbot.keyClick(focused(), Qt.Key.Key_Z, CTRL)
    assert students.all_rows(ctx) == []
    assert page.form.values() == student(1)
    assert drafts.draft(ctx, students.STUDENT)["to_code"] == "20000001"
    page.form.rows["foreign_language"].line.setFocus()
    qtbot.keyClick(focused(), ENTER)
    assert [row.values() for row in students.all_rows(ctx)] == [student(1)]


def test_a_correction_asks_for_its_ground_and_ctrl_z_brings_the_values_back(
    shell: WorkplaceShell, ctx: Context, qtbot: QtBot
) -> None:
    saved = students.save(ctx, student(1))
    shell.open_page("entry", student=saved.id)
    page = shell.page()
    assert isinstance(page, TypingPage)
    line = page.form.rows["surname"].line
    line.setFocus()
    line.selectAll()
    type_text(line, "қайырұлы")
    qtbot.keyClick(line, ENTER, CTRL)
    assert students.get(ctx, saved.id).surname == "Қайратұлы"
    assert focused() is page.ground
    assert "Name the ground of the correction." in shell.messages.words()
    type_text(page.ground, "өтініш журналы")
    line.setFocus()
    qtbot.keyClick(line, ENTER, CTRL)
    assert students.get(ctx, saved.id).surname == "Қайырұлы"
    shell.open_page("entry")
    page.undo()
    row = students.get(ctx, saved.id)
    assert (row.surname, row.version, row.complete) == ("Қайратұлы", 3, True)
    grounds = [change.ground for change in students.history(ctx, saved.id)]
    assert grounds == ["Saving taken back", "өтініш журналы"]


def test_partly_filled_records_stand_beside_the_form(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    type_text(focused(), "Ғабитов")
    qtbot.keyClick(shell, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "Partly filled" in words_of(page))
    openers = [button for button in page.findChildren(QPushButton) if button.text() == "Ғабитов"]
    qtbot.mouseClick(openers[-1], Qt.MouseButton.LeftButton)
    assert page.student == students.all_rows(ctx)[0].id
    line = page.form.rows["first_name"].line
    line.setFocus()
    type_text(line, "өркен")
    qtbot.keyClick(shell, Qt.Key.Key_S, CTRL)  # completing a record needs no ground
    assert students.all_rows(ctx)[0].first_name == "Өркен"


def test_keys_are_counted_for_the_journal(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    page = typing(shell)
    type_record(qtbot, page.form, student(1))
    qtbot.keyClick(focused(), ENTER, CTRL)
    with ctx.store.read() as session:
        counted = keys_by_day(session)
    data = sum(len(keys_of(name, value)) for name, value in student(1).items())
    assert list(counted) == [(ctx.clock.now().date(), "programmer")]
    assert data <= counted[ctx.clock.now().date(), "programmer"] <= data + 12


def test_who_pays_is_not_asked_for_a_grant_and_the_pins_are_remembered(shell: WorkplaceShell, qtbot: QtBot) -> None:
    page = typing(shell)
    rows = page.form.rows
    type_text(rows["payment"].line, "3")
    rows["certificate"].line.setFocus()
    type_text(focused(), "30000001")
    assert focused() is rows["identity_document"].line
    qtbot.keyClick(focused(), Qt.Key.Key_R, CTRL)
    shell.set_language("ru")
    page = shell.page()
    assert isinstance(page, TypingPage)
    assert page.form.rows["identity_document"].pinned
    assert page.form.rows["specialty"].pinned
    assert not page.form.rows["surname"].pinned


def test_a_record_put_aside_comes_back(shell: WorkplaceShell, qtbot: QtBot) -> None:
    page = typing(shell)
    type_text(focused(), "Шаңшар")
    qtbot.keyClick(shell, Qt.Key.Key_N, CTRL)
    assert page.form.values()["surname"] is None
    page.undo()
    assert page.form.values()["surname"] == "Шаңшар"


def test_the_language_changes_and_what_is_typed_stays(shell: WorkplaceShell, qtbot: QtBot) -> None:
    page = typing(shell)
    type_text(focused(), "Іліяс")
    for lang, heading in (("kk", "Жазбаларды енгізу"), ("ru", "Ввод записей"), ("en", "Type records")):
        qtbot.mouseClick(shell.top_bar.languages.buttons[lang], Qt.MouseButton.LeftButton)
        page = shell.page()
        assert isinstance(page, TypingPage)
        assert page.title() == heading
        assert page.form.values()["surname"] == "Іліяс"


def test_a_record_is_found_deleted_and_brought_back(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    for number, surname in enumerate(("Әбілов", "Бекова", "Ғабитов"), start=1):
        students.save(ctx, student(number, surname=surname))
    shell.open_page("students")
    page = shell.page()
    qtbot.keyClick(shell, Qt.Key.Key_F, CTRL)
    type_text(focused(), "ғабит")
    assert [row.surname for row in page.shown_rows()] == ["Ғабитов"]
    qtbot.keyClick(focused(), Qt.Key.Key_Down)
    page.view.selectRow(0)
    seen = answer(lambda question: question.findChild(type(question.fields.itemAt(0).widget())).setPlainText("қате"))
    page.delete()
    assert seen == ["Delete the record of Ғабитов Өркен Серікұлы?"]
    assert [row.surname for row in students.all_rows(ctx)] == ["Әбілов", "Бекова"]
    page.undo()
    assert len(students.all_rows(ctx)) == 3


@pytest.mark.parametrize(
    ("lang", "words"),
    [("kk", "2 жазба жойылсын ба?"), ("ru", "Удалить записи: 2?"), ("en", "Delete 2 records?")],
)
def test_several_records_are_deleted_after_a_question_with_their_number(
    shell: WorkplaceShell, ctx: Context, lang: str, words: str
) -> None:
    for number in (1, 2):
        students.save(ctx, student(number))
    shell.open_page("students")
    shell.set_language(lang)
    page = shell.page()
    page.view.selectAll()
    seen = answer(lambda question: question.reject())
    page.delete()
    assert seen == [words]
    assert len(students.all_rows(ctx)) == 2


def test_a_record_with_a_printed_pass_is_refused_before_a_reason_is_asked_for(
    shell: WorkplaceShell, ctx: Context
) -> None:
    for number, surname in enumerate(("Әбілов", "Бекова"), start=1):
        students.save(ctx, student(number, surname=surname))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Shift(number=1, exam_date=date(2011, 5, 16), start_time="09:00", state="planned"))
        tx.session.flush()
        subjects = {f"subject{n}": f"0{n}" for n in range(1, 6)}
        tx.session.add(Allotment(student=students.all_rows(ctx)[1].id, code="101", shift=1, building="1", hall="101",
                                 test_language="1", **subjects))  # fmt: skip
        tx.note("setting-changed", "allotted")
    shell.open_page("students")
    page = shell.page()
    page.view.selectAll()
    seen = answer(lambda question: question.reject())
    page.delete()
    assert seen == []
    assert "The pass of Бекова" in shell.messages.words()
    assert len(students.all_rows(ctx)) == 2


def test_photographs_are_marked_for_several_at_once(shell: WorkplaceShell, ctx: Context, qtbot: QtBot) -> None:
    for number in (1, 2):
        students.save(ctx, student(number))
    shell.open_page("students")
    page = shell.page()
    page.view.selectAll()
    button = next(b for b in page.findChildren(QPushButton) if b.text() == "Both photographs received")
    qtbot.waitUntil(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert students.counts(ctx).with_photos == 2


def test_an_operator_sees_his_own_pages_and_records_only(
    qtbot: QtBot, qapp: QApplication, ctx: Context, tmp_path: Path
) -> None:
    students.save(ctx, student(1))
    operator = replace(ctx, actor=replace(ctx.actor, login="op1", name="Бекова", role="operator"))
    students.save(operator, student(2, surname="Бекова"))
    shell = open_window(qtbot, APP, operator)
    assert [spec.key for spec in shell.spec.pages] == [
        "entry", "second-entry", "bring-in", "students", "transfer", "carriers", "backups",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        shell.open_page("statistics")
    shell.open_page("students")
    assert [row.surname for row in shell.page().shown_rows()] == ["Бекова"]
    assert "drive" not in shell.page().empty_words()[1]  # nobody else's records come here
    assert tmp_path.exists()
    qapp.setStyleSheet("")
