"""The entry form by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.domain.fields import Problem
from mab_desktop.ui import theme
from mab_desktop.ui.kazakh_letters import LETTERS
from mab_desktop.ui.record_form import RecordForm
from mab_desktop.ui.screens import type_text
from tests.ui.trial import LISTS, STUDENT

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MakeForm = Callable[..., RecordForm]


@pytest.fixture
def make_form(qtbot: QtBot, qapp: QApplication) -> MakeForm:
    def make(**options: Any) -> RecordForm:
        theme.apply(qapp)
        form = RecordForm(STUDENT, LISTS, **options)
        qtbot.addWidget(form)
        form.resize(900, 600)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)
        form.focus_first()
        return form

    return make


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def enter(qtbot: QtBot, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(focused(), Qt.Key.Key_Return, held)


def words_of(form: RecordForm) -> str:
    return " | ".join(label.text() for label in form.findChildren(QLabel) if label.isVisible())


def test_a_record_is_typed_without_the_mouse(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    saved: list[dict[str, Any]] = []
    form.saved.connect(saved.append)
    type_text(focused(), "Сейітқазы")
    enter(qtbot)
    type_text(focused(), "12042006")  # full: goes on by itself
    type_text(focused(), "5b0704")
    enter(qtbot)  # takes the first of the list
    type_text(focused(), "2")
    enter(qtbot)
    type_text(focused(), "012345678")
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    enter(qtbot, CTRL)
    assert saved == [
        {
            "surname": "Сейітқазы",
            "birth": date(2006, 4, 12),
            "specialty": "5B070400",
            "course": 2,
            "document": "012345678",
            "paid": True,
        }
    ]


def test_empty_form_saves_nothing_and_names_every_required_field(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    saved: list[object] = []
    form.saved.connect(saved.append)
    enter(qtbot, CTRL)
    assert saved == []
    assert words_of(form).count("Required field.") == 5
    assert form.values()["birth"] is None
    assert focused() is form.editor("surname")
    type_text(focused(), "А")
    assert words_of(form).count("Required field.") == 4


def test_shift_enter_goes_back(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    type_text(focused(), "А")
    enter(qtbot)
    assert focused() is form.editor("birth")
    enter(qtbot, SHIFT)
    assert focused() is form.editor("surname")


def test_a_long_name_that_was_left_shows_its_beginning(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    editor = focused()
    assert isinstance(editor, QLineEdit)
    type_text(editor, "Нұрмұхаммедсәлімгерейбек")
    enter(qtbot)
    assert (editor.hasFocus(), editor.cursorPosition()) == (False, 0)
    enter(qtbot, SHIFT)
    assert editor.hasFocus()
    assert editor.hasSelectedText() or editor.cursorPosition() == len(editor.text())
    assert form.values()["surname"] == "Нұрмұхаммедсәлімгерейбек"


def test_wrong_date_is_named_under_its_field_once_it_is_full(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.editor("birth").setFocus()
    type_text(focused(), "3102200")
    assert "No such date." not in words_of(form)
    type_text(focused(), "6")
    assert focused() is form.editor("birth")  # a full but wrong field keeps the focus
    assert "No such date." in words_of(form)
    assert form.values()["birth"] == "31022006"
    form.editor("birth").setFocus()
    form.editor("birth").selectAll()
    type_text(focused(), "28022006")
    assert "No such date." not in words_of(form)


def test_pasted_date_with_points(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.editor("birth").setFocus()
    QApplication.clipboard().setText("12.04.2006")
    qtbot.keyClick(focused(), Qt.Key.Key_V, CTRL)
    assert form.values()["birth"] == date(2006, 4, 12)


def paste(qtbot: QtBot, form: RecordForm, name: str, text: str) -> None:
    form.editor(name).setFocus()
    QApplication.clipboard().setText(text)
    qtbot.keyClick(focused(), Qt.Key.Key_V, CTRL)


def test_a_row_of_a_table_is_pasted_field_by_field(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    told: list[str] = []
    form.left.connect(told.append)
    row = ("АХМЕТОВ–СЕРІК", "2006-04-12", "5B070300 жүйелер", "", "№ 012 345 678", "", "телефон")
    paste(qtbot, form, "surname", "\n" + "\t".join(row) + "\nТағы біреу\n")
    assert form.values() == {
        "surname": "Ахметов-Серік", "birth": date(2006, 4, 12), "specialty": "5B070300", "course": None,
        "document": "012345678", "paid": False,
    }  # fmt: skip
    assert focused() is form.editor("document")
    assert form.is_dirty()
    assert {"surname", "birth", "specialty", "document"} <= set(told)  # the draft was kept


def test_a_pasted_value_loses_what_is_no_part_of_it_and_what_is_lost_is_said(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    paste(qtbot, form, "specialty", "Ақпараттық жүйелер")
    assert form.values()["specialty"] == "5B070300"
    paste(qtbot, form, "birth", " 1.4.2006 ж. ")
    assert form.values()["birth"] == date(2006, 4, 1)
    paste(qtbot, form, "document", "0123456789")
    assert form.values()["document"] == "012345678"
    assert "At most 9 characters." in words_of(form)
    surname = form.editor("surname")
    type_text(surname, "Ахметов")
    surname.setCursorPosition(0)
    QApplication.clipboard().setText("Қара\tне")
    qtbot.keyClick(surname, Qt.Key.Key_V, CTRL)  # into a text: as it stands
    assert form.values()["surname"] == "Қара неАхметов"


def test_letters_do_not_enter_digit_cells(make_form: MakeForm) -> None:
    form = make_form()
    form.editor("document").setFocus()
    type_text(form.editor("document"), "12а3")
    assert form.values()["document"] == "123"


def test_habitual_enter_after_a_full_field_skips_nothing(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.editor("birth").setFocus()
    type_text(focused(), "12042006")
    assert focused() is form.editor("specialty").line
    enter(qtbot)
    assert focused() is form.editor("specialty").line
    enter(qtbot)
    assert focused() is form.editor("course")


def test_without_auto_advance_enter_alone_goes_on(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form(auto_advance=False)
    form.editor("birth").setFocus()
    type_text(focused(), "12042006")
    assert focused() is form.editor("birth")
    enter(qtbot)
    assert focused() is form.editor("specialty").line


def test_code_by_the_beginning_of_its_name(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.editor("specialty").setFocus()
    type_text(focused(), "ақпар")
    assert form.editor("specialty").line.list_is_open()
    enter(qtbot)
    assert form.values()["specialty"] == "5B070300"
    assert "Ақпараттық жүйелер" in words_of(form)


def test_code_list_by_arrows(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.editor("specialty").setFocus()
    for _n in range(3):
        qtbot.keyClick(focused(), Qt.Key.Key_Down)
    enter(qtbot)
    assert form.values()["specialty"] == "5B010800"
    form.editor("specialty").setFocus()
    qtbot.keyClick(focused(), Qt.Key.Key_Down)
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    assert not form.editor("specialty").line.list_is_open()
    assert form.values()["specialty"] == "5B010800"


def test_unknown_code_is_named(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.editor("specialty").setFocus()
    type_text(focused(), "9999")
    enter(qtbot)
    assert "9999 is not in the list." in words_of(form)


def test_carried_values_are_marked_and_cleared_with_one_key(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    form.set_values({"surname": "Асанов", "specialty": "5B070400", "course": 2})
    form.begin_next()
    assert form.values()["surname"] is None
    assert form.values()["specialty"] == "5B070400"
    assert words_of(form).count("repeated") == 2
    form.editor("course").setFocus()
    qtbot.keyClick(focused(), Qt.Key.Key_Delete, CTRL)
    assert form.values()["course"] is None
    assert words_of(form).count("repeated") == 1
    assert form.is_dirty()


def test_latin_look_alikes_are_put_right_and_shown(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    type_text(focused(), "Қасымoвa")  # Latin o and a
    enter(qtbot)
    assert form.values()["surname"] == "Қасымова"
    assert "Latin letters were put right: oa" in words_of(form)


@pytest.mark.parametrize(("letter", "latin", "cyrillic"), LETTERS)
def test_kazakh_letters_in_any_layout(make_form: MakeForm, letter: str, latin: str, cyrillic: str) -> None:
    form = make_form()
    for key in (latin, cyrillic):
        event = QKeyEvent(QEvent.Type.KeyPress, ord(key), Qt.KeyboardModifier.AltModifier, key.lower())
        QApplication.sendEvent(focused(), event)
    assert form.values()["surname"] == letter + letter.lower()  # a word begins with a capital


def test_letter_bar_types_into_the_field_that_has_the_focus(make_form: MakeForm) -> None:
    from mab_desktop.ui.kazakh_letters import LetterBar, insert

    form = make_form()
    bar = form.findChild(LetterBar)
    assert bar is not None
    bar.buttons["Ұ"].click()
    bar.buttons["Ұ"].click()
    assert form.values()["surname"] == "Ұұ"
    locked = QLineEdit(readOnly=True)
    insert(locked, "ә")
    insert(None, "ә")
    assert locked.text() == ""
    note = QPlainTextEdit()
    insert(note, "ә")
    assert note.toPlainText() == "ә"


def test_problems_of_the_service_stand_beside_their_fields(make_form: MakeForm) -> None:
    form = make_form()
    form.show_problems([Problem("course", "Too old for this course."), Problem("", "Such a record is there already.")])
    assert "Too old for this course." in words_of(form)
    assert form.whole_problem.text() == "Such a record is there already."
    assert focused() is form.editor("course")


def test_unfinished_values_are_told_and_taken_back(make_form: MakeForm) -> None:
    form = make_form()
    drafts: list[dict[str, Any]] = []
    form.changed.connect(drafts.append)
    form.editor("birth").setFocus()
    type_text(focused(), "1204")
    form.set_values(drafts[-1])
    assert form.editor("birth").text() == "1204"
    form.set_values({"birth": "2006-04-12", "paid": None})
    assert form.values()["birth"] == date(2006, 4, 12)
    assert form.values()["paid"] is False


def test_only_some_fields(make_form: MakeForm) -> None:
    form = make_form(only=("surname", "course"))
    assert list(form.values()) == ["surname", "course"]
    assert [problem.field for problem in form.problems()] == ["surname", "course"]


def test_large_type_on_a_small_screen_hides_nothing_for_good(qapp: QApplication, make_form: MakeForm) -> None:
    form = make_form()
    try:
        theme.apply(qapp, scale=200)
        large = RecordForm(STUDENT, LISTS)
        large.resize(500, 400)
        large.show()
        area = large.findChild(QScrollArea)
        assert area is not None
        document = large.editor("document")
        reach = document.mapTo(area.widget(), document.rect().topRight()).x()
        assert reach <= area.viewport().width() + area.horizontalScrollBar().maximum()
        large.close()
    finally:
        theme.apply(qapp)
        form.close()


def test_other_lists_keep_what_is_typed(make_form: MakeForm) -> None:
    form = make_form()
    form.set_values({"specialty": "5B070400"})
    assert form.editor("specialty").name.text() == "Есептеу техникасы"
    form.set_lists({"specialty": [("5B070400", "Computing"), ("5B099900", "Law")]})
    assert form.values()["specialty"] == "5B070400"
    assert form.editor("specialty").name.text() == "Computing"
    form.set_lists({"specialty": [("5B099900", "Law")]})
    assert [problem.field for problem in form.problems() if problem.field == "specialty"] == ["specialty"]


def test_names_need_no_shift_and_the_person_has_the_last_word(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    type_text(focused(), "ә")
    assert form.values()["surname"] == "Ә"
    type_text(focused(), "бе-әли")
    enter(qtbot)
    assert form.values()["surname"] == "Әбе-Әли"
    line = form.editor("surname")
    line.setFocus()
    line.selectAll()
    type_text(line, "ӘБІЛ")
    enter(qtbot)
    assert form.values()["surname"] == "Әбіл"
    line.setFocus()
    line.selectAll()
    type_text(line, "ӘБІЛ")
    enter(qtbot)
    assert form.values()["surname"] == "ӘБІЛ"  # typed so once more: it is meant


def test_letters_in_parts_become_one(make_form: MakeForm) -> None:
    form = make_form()
    type_text(focused(), "И\u0306ылмаз")
    assert form.values()["surname"] == "Йылмаз"


def test_enter_passes_over_what_repeats_and_saves_after_the_last(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form(pins=("specialty", "course", "paid"))
    saved: list[dict[str, Any]] = []
    form.saved.connect(saved.append)
    form.set_values({"surname": "Асанов", "specialty": "5B070400", "course": 2, "paid": True})
    form.begin_next()
    type_text(focused(), "бекова")
    enter(qtbot)
    type_text(focused(), "12042006")
    assert focused() is form.editor("document")
    qtbot.keyClick(focused(), Qt.Key.Key_Up)
    assert focused() is form.editor("course")
    qtbot.keyClick(focused(), Qt.Key.Key_Down)
    type_text(focused(), "012345678")
    enter(qtbot)
    assert [values["surname"] for values in saved] == ["Бекова"]
    assert form.keys_pressed == 6 + 1 + 8 + 2 + 9 + 1


def test_what_repeats_is_chosen_by_key_and_cleared_at_once(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form(pins=("specialty", "course"))
    told: list[set[str]] = []
    form.pinned.connect(told.append)
    form.editor("course").setFocus()
    qtbot.keyClick(focused(), Qt.Key.Key_R, CTRL)
    form.editor("birth").setFocus()
    QApplication.sendEvent(focused(), QKeyEvent(QEvent.Type.KeyPress, ord("К"), CTRL))  # the same key in Cyrillic
    assert told == [{"specialty"}, {"specialty", "birth"}]
    qtbot.mouseClick(form.rows["specialty"].mark, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(form.rows["specialty"].mark, Qt.MouseButton.LeftButton)
    form.set_values({"surname": "А", "birth": date(2006, 4, 12), "specialty": "5B070400", "course": 2})
    form.begin_next()
    assert {name for name, row in form.rows.items() if row.carried} == {"birth", "specialty"}
    qtbot.keyClick(focused(), Qt.Key.Key_Delete, CTRL | SHIFT)
    assert {value for value in form.values().values() if value} == set()


@pytest.mark.parametrize(("letter", "latin", "_cyrillic"), LETTERS)
def test_a_letter_is_known_by_the_place_of_its_key(
    make_form: MakeForm, letter: str, latin: str, _cyrillic: str
) -> None:
    form = make_form()
    place = dict(zip("AGKNOUYHI", (30, 34, 37, 49, 24, 22, 21, 35, 23), strict=True))[latin] + 8
    alt = Qt.KeyboardModifier.AltModifier
    event = QKeyEvent(QEvent.Type.KeyPress, 0x0391, alt, place, 0, 0, "α")  # some layout that nobody thought of
    QApplication.sendEvent(focused(), event)
    assert form.values()["surname"] == letter


NAMES = [("005", "Қазақ", "Казах"), ("001", "Орыс", "Русский"), ("112", "Үнді", "Индиец")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [("қаз", "005"), ("казах", "005"), ("каза", "005"), ("ору", ""), ("рус", "001"), ("унд", "112"), ("heccr", "001")],
)
def test_a_code_is_found_by_its_names_in_any_language_and_layout(qapp: QApplication, typed: str, code: str) -> None:
    from mab_desktop.domain.fields import Field, Kind
    from mab_desktop.ui.record_fields import CodeEditor

    assert isinstance(qapp, QApplication)
    editor = CodeEditor(Field("nationality", "Nationality", Kind.CODE, choices="nationality"), NAMES)
    assert [found for found, _name in editor.matches(typed)][:1] == ([code] if code else [])


def test_an_unknown_code_and_a_text_too_long_are_named_as_they_are_typed(make_form: MakeForm) -> None:
    form = make_form()
    form.editor("specialty").setFocus()
    type_text(focused(), "99")
    assert "99 is not in the list." in words_of(form)
    surname = form.editor("surname")
    surname.setFocus()
    type_text(surname, "б" * (surname.maxLength() + 1))
    assert f"At most {surname.maxLength()} characters." in words_of(form)
    qkey = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(surname, qkey)
    assert "At most" not in words_of(form)


def test_ctrl_z_is_the_pages_where_the_field_has_nothing_to_take_back(make_form: MakeForm) -> None:
    form = make_form()

    def taken_by_the_field() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, CTRL)
        event.ignore()
        QApplication.sendEvent(form.editor("surname"), event)
        return event.isAccepted()

    assert not taken_by_the_field()
    type_text(form.editor("surname"), "А")
    assert taken_by_the_field()


def test_a_year_goes_on_once_its_four_digits_are_typed(qtbot: QtBot, qapp: QApplication) -> None:
    from mab_desktop.domain.fields import Field, Kind, RecordSpec

    theme.apply(qapp)
    years = RecordSpec("years", "Years", (
        Field("year", "Year", Kind.INTEGER, low=1990, high=2100), Field("count", "Count", Kind.INTEGER, low=1, high=99),
        Field("note", "Note"),
    ))  # fmt: skip
    form = RecordForm(years)
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.focus_first()
    type_text(focused(), "2009")
    type_text(focused(), "12")  # one or two digits: Enter says that it is all
    assert focused() is form.editor("count")
    assert form.values() == {"year": 2009, "count": 12, "note": None}


def test_full_cells_do_not_scroll_their_first_digit_away(make_form: MakeForm) -> None:
    form = make_form()
    line = form.editor("birth")
    line.setFocus()
    within_the_second = QPoint(4 + round(theme.px(line.CELL) * 1.8), 10)
    digits_before = []
    for length in (2, 8):
        line.setText("12042006"[:length])
        line.setCursorPosition(length)
        line.grab()  # painting decides how far the line scrolls
        digits_before.append(line.cursorPositionAt(within_the_second))
    assert digits_before == [1, 1]


def test_a_finger_that_stays_on_enter_leaves_one_field_and_saves_once(make_form: MakeForm) -> None:
    form = make_form()
    saved: list[dict[str, Any]] = []
    form.saved.connect(saved.append)
    first = focused()
    for held in (Qt.KeyboardModifier.NoModifier, CTRL):
        QApplication.sendEvent(first, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, held, "\r", autorep=True))
    assert focused() is first
    assert "Required field." not in words_of(form)


def test_codes_that_are_only_our_words_are_never_shown(make_form: MakeForm, qtbot: QtBot) -> None:
    form = make_form()
    editor = form.rows["specialty"].editor
    editor.set_choices([("chair", "Комиссия төрағасы"), ("member", "Комиссия мүшесі")])
    editor.set_value("member")
    assert (editor.line.text(), editor.name.text(), editor.value()) == ("Комиссия мүшесі", "", "member")
    editor.clear()
    editor.line.setFocus()
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    assert editor.line._list.model().stringList() == ["Комиссия төрағасы", "Комиссия мүшесі"]
    editor.line.close_list()
    type_text(editor.line, "төра")
    enter(qtbot)
    assert editor.value() == "chair"
    assert "chair" not in editor.line.text()


def test_escape_belongs_to_an_open_list_before_it_is_the_windows_way_back(make_form: MakeForm, qtbot: QtBot) -> None:
    line = make_form().rows["specialty"].editor.line
    line.setFocus()
    for opened in (True, False):
        if opened:
            qtbot.keyClick(line, Qt.Key.Key_Down)
        asked = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        asked.ignore()
        QApplication.sendEvent(line, asked)
        assert asked.isAccepted() is opened
        qtbot.keyClick(line, Qt.Key.Key_Escape)
        assert not line.list_is_open()
