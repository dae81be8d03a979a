"""The state commission's pages by keyboard: plan, a sitting from calling to its correction, what can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP
from mab_desktop.base_uni.home import home
from mab_desktop.base_uni.record_question import RecordQuestion
from mab_desktop.base_uni.sitting_desk import SittingDesk
from mab_desktop.base_uni.sittings_page import SittingsPage
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.commission import AGAINST, FOR, Votes
from mab_desktop.domain.organisation import Role
from mab_desktop.services import approvals, commission, duties, plan_of_work, sittings
from mab_desktop.services.context import Context
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Page
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.states import Mark, StepState
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE

CTRL, NO = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
DAY = date(2011, 4, 21)
ROLES = ("chair", "secretary", *["member"] * 5, "observer")
AGENDA = [{"text": f"{n}-сұрақ", "decision": f"{n}-шешім"} for n in (1, 2, 3)]


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    ctx = make_context(Role.BASE_UNI, BASE)
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set(datetime(2011, 4, 21, 9, tzinfo=UTC))
    return ctx


@pytest.fixture
def people(base: Context) -> list[str]:
    return [commission.save_member(base, {"full_name": f"Мүше {n}", "role": role}) for n, role in enumerate(ROLES)]


@pytest.fixture
def shell(base: Context, qtbot: QtBot, qapp: QApplication) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, base)
    qapp.setStyleSheet("")


class Keys:
    """A person at the keyboard: keys go to what has the focus."""

    def __init__(self, qtbot: QtBot, shell: WorkplaceShell) -> None:
        self.qtbot, self.shell = qtbot, shell

    def press(self, *keys: Qt.Key, held: Qt.KeyboardModifier = NO) -> None:
        for key in keys:
            self.come_back()
            self.qtbot.keyClick(self.at(), key, held)
            QApplication.processEvents()

    def answer(self, fill: Callable[[Question], Any]) -> list[str]:
        """Answer the question that the next key asks."""
        self.come_back()
        return answer(fill)

    def come_back(self) -> None:
        """A question was answered before: the window has the keyboard again."""
        if not self.shell.isActiveWindow():
            self.shell.activateWindow()
            self.qtbot.waitUntil(self.shell.isActiveWindow)

    def ctrl(self, key: Qt.Key) -> None:
        self.press(key, held=CTRL)

    def type(self, words: str) -> None:
        type_text(self.at(), words)

    def at(self) -> QWidget:
        focus = QApplication.focusWidget()
        return focus if focus is not None else self.shell


@pytest.fixture
def keys(qtbot: QtBot, shell: WorkplaceShell) -> Keys:
    return Keys(qtbot, shell)


def page_of(shell: WorkplaceShell, key: str) -> Page:
    shell.open_page(key)
    QApplication.processEvents()
    page = shell.page()
    assert page is not None
    return page


def desk_of(shell: WorkplaceShell) -> SittingDesk:
    page = shell.page()
    assert isinstance(page, SittingsPage)
    assert page.at_desk()
    return page.desk


def called(ctx: Context, **more: object) -> int:
    return sittings.save_sitting(ctx, {"day": DAY, "time": "1030", "place": "101", **more}, agenda=AGENDA)


def test_a_sitting_from_its_calling_to_its_minutes(
    base: Context, people: list[str], shell: WorkplaceShell, keys: Keys
) -> None:
    """Called in the form, two questions typed, five of seven ticked, votes with a tie, closed by its number."""
    page_of(shell, "sittings")
    keys.ctrl(Qt.Key.Key_N)
    keys.type("21042011")
    keys.type("1030")
    keys.type("Мәжіліс залы")
    keys.press(Qt.Key.Key_Return)
    desk = desk_of(shell)
    for number in (1, 2):
        keys.type(f"{number}-сұрақ туралы")
        keys.press(Qt.Key.Key_Tab)
        keys.type("Хатшы")
        keys.press(Qt.Key.Key_Tab)
        keys.type(f"{number}-шешім")
        keys.ctrl(Qt.Key.Key_Return)
    assert [q.text for q in sittings.sitting(base, 1).questions] == ["1-сұрақ туралы", "2-сұрақ туралы"]

    desk.attendance.list.setFocus()
    for number in range(len(ROLES)):
        if number in (0, 1, 2, 3):
            keys.press(Qt.Key.Key_Space)
        keys.press(Qt.Key.Key_Down)
    assert "No quorum: 1 more is needed. Absent: Мүше 4, Мүше 5, Мүше 6." in desk.attendance.state._words.text()
    keys.press(*[Qt.Key.Key_Up] * 3)  # the observer stands last
    keys.press(Qt.Key.Key_Space)
    assert "Present: 5 of 7 voting. Quorum: 5. There is a quorum." in desk.attendance.state._words.text()
    keys.ctrl(Qt.Key.Key_S)
    assert sittings.sitting(base, 1).present == 5

    assert desk.agenda.votes.counts["votes_for"].hasFocus()
    for digits in ("2", "2", "1"):
        keys.type(digits)
        keys.press(Qt.Key.Key_Return)
    assert sittings.sitting(base, 1).questions[0].votes is None
    assert "enter how the chair decided" in desk.agenda.votes.state._words.text()
    assert desk.agenda.votes.casting.hasFocus()
    keys.press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert sittings.sitting(base, 1).questions[0].votes == Votes(2, 2, 1, FOR)
    for digits in ("1", "4", ""):
        keys.type(digits)
        keys.press(Qt.Key.Key_Return)
    assert [q.adopted for q in sittings.sitting(base, 1).questions] == [True, False]

    assert desk.close_button.hasFocus()
    asked = keys.answer(lambda question: question.findChild(QLineEdit, "confirmation").setText("1"))
    keys.press(Qt.Key.Key_Space)
    assert asked == ["Close sitting 1?"]
    whole = sittings.sitting(base, 1)
    assert (whole.minutes, bool(whole.closed_at)) == (1, True)
    assert desk.agenda.text.isReadOnly()
    keys.ctrl(Qt.Key.Key_P)
    papers = shell.page()
    assert shell.current_key == "papers"
    assert ("commission-minutes", "1") in papers._made  # type: ignore[attr-defined]


def test_questions_are_moved_taken_off_and_votes_taken_back_until_closing(
    base: Context, people: list[str], shell: WorkplaceShell, keys: Keys
) -> None:
    number = called(base)
    page = page_of(shell, "sittings")
    page.opened(sitting=number)
    desk = desk_of(shell)
    assert desk.attendance.list.hasFocus()  # who came is asked first

    def texts() -> list[str]:
        return [q.text for q in sittings.sitting(base, number).questions]

    desk.agenda.list.setFocus()
    keys.ctrl(Qt.Key.Key_Down)
    assert texts() == ["2-сұрақ", "1-сұрақ", "3-сұрақ"]
    keys.ctrl(Qt.Key.Key_Up)
    keys.press(Qt.Key.Key_Down, Qt.Key.Key_Delete)
    assert texts() == ["1-сұрақ", "3-сұрақ"]
    keys.ctrl(Qt.Key.Key_Z)
    assert texts() == ["1-сұрақ", "2-сұрақ", "3-сұрақ"]

    desk.attendance.tick_all()
    keys.ctrl(Qt.Key.Key_S)
    desk.agenda.votes.all_for.click()
    keys.press(Qt.Key.Key_Space)  # the focus went to "Enter the votes"
    voted = [q.number for q in sittings.sitting(base, number).questions if q.votes]
    assert len(voted) == 1
    assert "voted on already" in desk.attendance_closed()
    desk.agenda.list.setFocus()
    keys.ctrl(Qt.Key.Key_Z)
    assert all(q.votes is None for q in sittings.sitting(base, number).questions)
    assert desk.attendance_closed() == ""


def test_what_is_typed_is_kept_saved_or_asked_about(
    base: Context, people: list[str], shell: WorkplaceShell, keys: Keys
) -> None:
    """Another question saves the one at hand; an empty one stays in front; a language or another's act keeps it."""
    number = called(base)
    page_of(shell, "sittings").opened(sitting=number)
    desk = desk_of(shell)
    desk.agenda.text.setFocus()
    keys.press(Qt.Key.Key_End)
    keys.type(" және тағы")
    desk.agenda.list.setFocus()
    keys.press(Qt.Key.Key_Down)
    assert sittings.sitting(base, number).questions[0].text == "1-сұрақ және тағы"
    desk.agenda.decision.setPlainText("")
    keys.press(Qt.Key.Key_Down)
    assert desk.agenda.number == 2
    assert "Required" in desk.agenda.problem.text()
    desk.agenda.decision.setPlainText("Басқа шешім")
    commission.save_member(base, {"full_name": "Жаңа бақылаушы", "role": "observer"})
    shell.refresh(None)
    assert desk.agenda.decision.toPlainText() == "Басқа шешім"
    assert desk.attendance.list.count() == len(ROLES) + 1
    shell.set_language("ru")
    desk = desk_of(shell)
    assert (desk.agenda.number, desk.agenda.decision.toPlainText()) == (2, "Басқа шешім")
    asked = keys.answer(lambda question: question.act_button.setEnabled(False))  # back
    keys.press(Qt.Key.Key_Escape)
    assert len(asked) == 1
    assert desk_of(shell).is_dirty()
    keys.ctrl(Qt.Key.Key_S)
    keys.press(Qt.Key.Key_Escape)
    assert sittings.sitting(base, number).questions[1].decision == "Басқа шешім"
    assert not shell.page().at_desk()  # type: ignore[union-attr]


def test_a_closed_sitting_is_only_corrected_and_one_without_quorum_called_again(
    base: Context, people: list[str], shell: WorkplaceShell, keys: Keys
) -> None:
    number = called(base)
    sittings.take_attendance(base, number, people[:6])
    for question, votes in enumerate((Votes(6, 0, 0), Votes(3, 3, 0, AGAINST), Votes(0, 6, 0)), start=1):
        sittings.vote(base, number, question, votes)
    sittings.close_sitting(base, number)
    page_of(shell, "sittings").opened(sitting=number)
    desk = desk_of(shell)
    assert not desk.close_button.isVisible()

    def fill(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        type_text(asked.form.editor("text"), "Бөлме 241")
        asked.form.save()  # the ground is missing: it is said at its field
        assert "Required" in asked.form.rows["ground"].note.text()
        type_text(asked.form.editor("ground"), "Жоспар")

    keys.answer(fill)
    desk.correct_button.click()
    assert [c.ground for c in sittings.sitting(base, number).corrections] == ["Жоспар"]
    assert "version 2" in desk.state._words.text()

    failed = called(base)
    sittings.take_attendance(base, failed, people[:3])
    sittings.close_sitting(base, failed)
    page = page_of(shell, "sittings")
    keys.press(Qt.Key.Key_Escape)
    page.go_to(failed)  # type: ignore[attr-defined]

    def another_day(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        asked.form.editor("day").set_value(date(2011, 4, 28))

    keys.answer(another_day)
    page.call_again()  # type: ignore[attr-defined]
    again = sittings.sittings(base)[0]
    assert (again.day, [q.text for q in again.questions]) == (date(2011, 4, 28), [q["text"] for q in AGENDA])
    page.go_to(again.number)  # type: ignore[attr-defined]
    keys.press(Qt.Key.Key_Delete)
    assert len(sittings.sittings(base)) == 2
    keys.ctrl(Qt.Key.Key_Z)
    assert len(sittings.sittings(base)) == 3


def test_rail_and_home_say_the_same_of_the_fourteen_duties(base: Context, shell: WorkplaceShell) -> None:
    for _again in (True, False):
        page = page_of(shell, "duties")
        (spec,) = (spec for spec in APP.pages if spec.key == "duties")
        assert spec.state is not None
        state = spec.state(shell.app)
        told = [line.reason for line in home(shell.app).hindrances if line.page == "duties"]
        assert (state.mark is Mark.LATE, told) == (bool(late := page_late(page)), [state.reason] if late else [])
        for line in late:
            duties.confirm_duty(base, line)


def page_late(page: Page) -> list[int]:
    return [line.number for line in page._load() if line.standing is duties.DutyStanding.LATE]  # type: ignore[attr-defined]


def test_rail_and_home_say_the_same_of_the_plan(base: Context, shell: WorkplaceShell) -> None:
    def rail() -> StepState:
        (spec,) = (spec for spec in APP.pages if spec.key == "plan")
        assert spec.state is not None
        return spec.state(shell.app)

    def hindrances() -> list[tuple[str, Mark]]:
        return [(told.reason, told.mark) for told in home(shell.app).hindrances if told.page == "plan"]

    assert (rail(), hindrances()) == (StepState(), [])
    first = plan_of_work.save_line(base, {"due": date(2011, 4, 20), "text": "Аудиторияларды тексеру"})
    second = plan_of_work.save_line(base, {"due": date(2011, 4, 25), "text": "Кезекшілерді оқыту"})
    assert rail().mark is Mark.LATE
    assert hindrances() == [(rail().reason, Mark.LATE)]
    plan_of_work.finish(base, first, DAY)
    assert (rail().mark, hindrances()) == (Mark.DUE, [])
    assert [entry.mark for entry in home(shell.app).timeline if entry.page == "plan"] == [Mark.DUE]
    plan_of_work.finish(base, second, DAY)
    assert (rail().mark, hindrances()) == (Mark.DONE, [])


def test_the_plan_begins_with_the_usual_lines_and_everything_goes_back(
    base: Context, shell: WorkplaceShell, keys: Keys
) -> None:
    page = page_of(shell, "plan")
    page.propose()  # type: ignore[attr-defined]
    count = len(plan_of_work.lines(base))
    assert count > 3
    keys.ctrl(Qt.Key.Key_Z)
    assert plan_of_work.lines(base) == []
    page.propose()  # type: ignore[attr-defined]
    keys.press(Qt.Key.Key_F3)
    keys.answer(lambda _asked: None)  # today stands there already
    keys.ctrl(Qt.Key.Key_D)
    done = [row for row in plan_of_work.lines(base) if row["done_on"]]
    assert [row["done_on"] for row in done] == [DAY]
    keys.press(Qt.Key.Key_F3, Qt.Key.Key_Delete)
    assert len(plan_of_work.lines(base)) == count - 1
    keys.ctrl(Qt.Key.Key_Z)
    keys.ctrl(Qt.Key.Key_Z)
    assert [row for row in plan_of_work.lines(base) if row["done_on"]] == []

    def approve(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        type_text(asked.form.editor("paper"), "№ 4 бұйрық")
        type_text(asked.form.editor("day"), "20042011")

    keys.answer(approve)
    page.approve()  # type: ignore[attr-defined]
    assert "№ 4 бұйрық" in page.summary._words.text()  # type: ignore[attr-defined]
    keys.ctrl(Qt.Key.Key_P)
    assert ("commission-plan", "") in shell.page()._made  # type: ignore[union-attr]


def test_who_leaves_stays_on_the_list_of_those_who_left(
    base: Context, people: list[str], shell: WorkplaceShell, keys: Keys
) -> None:
    page = page_of(shell, "commission")
    assert "Voting members: 7, at least 7. Quorum: 5" in page.summary._words.text()  # type: ignore[attr-defined]
    page.go_to(people[3])  # type: ignore[attr-defined]

    def leave(asked: Question) -> None:
        assert isinstance(asked, RecordQuestion)
        type_text(asked.form.editor("reason"), "№ 7 бұйрық")

    keys.answer(leave)
    page.leave_commission()  # type: ignore[attr-defined]
    assert [m["left_reason"] for m in commission.members(base, left=True) if m["left_on"]] == ["№ 7 бұйрық"]
    assert "6 voting members" in page.closed_reason
    keys.ctrl(Qt.Key.Key_Z)
    assert page.closed_reason == ""
    page.go_to(people[-1])  # type: ignore[attr-defined]
    keys.press(Qt.Key.Key_Delete)
    assert len(commission.members(base)) == len(ROLES) - 1
    keys.ctrl(Qt.Key.Key_Z)
    assert len(commission.members(base)) == len(ROLES)
    assert approvals.approval(base, approvals.MEMBERS) is None


def test_no_page_of_the_commission_loses_a_key(
    base: Context, people: list[str], shell: WorkplaceShell, keys: Keys
) -> None:
    """Tab goes round the whole desk, and leaves no editor or button out."""
    called(base)
    page_of(shell, "sittings").opened(sitting=1)
    desk = desk_of(shell)
    met: list[QWidget] = []
    for _press in range(60):
        at = keys.at()
        if at in met:
            break
        met.append(at)
        keys.press(Qt.Key.Key_Tab)
    for widget in (desk.attendance.list, desk.agenda.list, desk.agenda.text, desk.agenda.reporter,
                   desk.agenda.decision, desk.print_button):  # fmt: skip
        assert widget in met, widget.objectName()
    assert any(isinstance(widget, QPlainTextEdit) for widget in met)
