"""The auditorium fund by keyboard and mouse: contingent in, a building and halls, missing seats, the fund out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from mab_desktop.audit_fund.app import APP, PAGES
from mab_desktop.domain.hall import plan_problems
from mab_desktop.domain.hall_plan import Place
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.services import centre_season, centre_trust, halls, transfer, trusting
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import PrintJob
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window, press, receive, write
from tests.conftest import MakeContext
from tests.services.authority import make_authority
from tests.services.centre_stand import BASE, enrol

ENTER, CTRL = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier


@dataclass
class Fund:
    """The centre and the fund that trust each other, the drive between them, the fund's window."""

    centre: Context
    ctx: Context
    drive: Path
    shell: WorkplaceShell


@pytest.fixture
def fund(make_context: MakeContext, tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[Fund]:
    """A fund with nothing entered; the centre's contingent of 40 lies on the drive."""
    centre, ctx = make_context(Role.NTC), make_context(Role.AUDIT_FUND, BASE)
    make_authority(centre)
    enrol(centre, ctx)
    with ctx.store.write(ctx.actor) as tx:
        trusting.adopt_in(ctx, tx, trust.verify_list(centre_trust.trust_bytes(centre)))
    drive = tmp_path / "drive"
    drive.mkdir()
    centre_season.set_contingent(centre, BASE, [("01", "1", 30), ("07", "2", 10)])
    transfer.export(centre, "contingent", ctx.organisation, drive)
    yield Fund(centre, ctx, drive, open_window(qtbot, APP, ctx))
    qapp.setStyleSheet("")


def enter_building(qtbot: QtBot, fund: Fund) -> None:
    fund.shell.open_page("buildings")
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    for words in ("1", "Бас корпус", "Атырау қ., Студенттер даңғылы, 1"):
        editor = QApplication.focusWidget()
        assert isinstance(editor, QLineEdit)
        type_text(editor, words)
        qtbot.keyClick(editor, ENTER)
    press(qtbot, QApplication.focusWidget(), ENTER, CTRL)


def enter_hall(qtbot: QtBot, number: str, rows: str, places: str, seats: str) -> None:
    page = fund_page(qtbot)
    page.form.set_values({})
    page.form.focus_first()
    for name, words in (("building", "1"), ("number", number), ("floor", "2"), ("kind", "Дәрісхана"), ("rows", rows),
                        ("places_in_row", places), ("seats", seats), ("distance", "150")):  # fmt: skip
        line = page.form.rows[name].line
        line.setFocus()
        type_text(line, words)
    qtbot.keyClick(page.form.editor("remark"), ENTER)


def leave_form(qtbot: QtBot, fund: Fund) -> None:
    """Back to the list; the news of what was saved reaches the pages."""
    press(qtbot, fund.shell, Qt.Key.Key_Escape)
    QApplication.processEvents()


def fund_page(_qtbot: QtBot):  # type: ignore[no-untyped-def]  # noqa: ANN201
    shell = next(w for w in QApplication.topLevelWidgets() if isinstance(w, WorkplaceShell) and w.isVisible())
    return shell.page()


def test_the_whole_way_from_contingent_to_fund(fund: Fund, qtbot: QtBot) -> None:
    """Contingent from the drive, building and halls by keyboard, the seats that are missing, the fund on the drive."""
    receive(fund.shell, fund.drive, "Student contingent")
    fund.shell.open_page("contingent")
    page = fund.shell.page()
    assert "40 students have no seat" in page.verdict._words.text()

    enter_building(qtbot, fund)
    assert [row.name for row in halls.buildings(fund.ctx)] == ["Бас корпус"]

    fund.shell.open_page("halls")
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    enter_hall(qtbot, "101", "5", "6", "30")
    assert [(row.number, row.seats) for row in halls.halls(fund.ctx)] == [("101", 30)]
    leave_form(qtbot, fund)

    fund.shell.open_page("contingent")
    assert "10 students have no seat" in page.verdict._words.text()
    assert [line.missing for line in page.shown_rows()] == [0, 10]

    fund.shell.open_page("agreement")
    assert "10" in fund.shell.page().fund_obstacle()
    page = write(fund.shell, fund.drive, "hall-fund")
    assert page.stack.currentIndex() == 2, "the button stays closed while seats are missing"

    fund.shell.open_page("contingent")
    fund.shell.page().shifts.setValue(2)
    assert "Everybody has a seat." in fund.shell.page().verdict._words.text()
    page = write(fund.shell, fund.drive, "hall-fund")
    assert page.stack.currentIndex() == 4
    written = [path for path in transfer.list_carriers(fund.drive) if "hall-fund" in path.name]
    taken = [not transfer.load(fund.centre, path).known for path in written if "ntc" in path.name]
    assert taken == [True]


def test_a_hall_is_copied_and_a_second_of_the_same_number_refused(fund: Fund, qtbot: QtBot) -> None:
    """The copy gets the plan; a number stands once in the whole fund and the field says so."""
    enter_building(qtbot, fund)
    fund.shell.open_page("halls")
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    enter_hall(qtbot, "101", "2", "3", "6")
    leave_form(qtbot, fund)
    page = fund.shell.page()
    answer(lambda asked: asked.findChild(QLineEdit, "words").setText("102"))
    page.copy()
    fund.shell.activateWindow()
    qtbot.waitUntil(fund.shell.isActiveWindow)
    assert [row.number for row in halls.halls(fund.ctx)] == ["101", "102"]
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    enter_hall(qtbot, "102", "2", "3", "6")
    assert page.in_form()
    assert "102" in page.form.rows["number"].note.text()
    assert len(halls.halls(fund.ctx)) == 2


def test_the_plan_is_drawn_by_mouse_and_the_seats_follow(fund: Fund, qtbot: QtBot) -> None:
    """An aisle takes seats away, the number of seats in the form follows, and the drawn plan is what is kept."""
    enter_building(qtbot, fund)
    fund.shell.open_page("halls")
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    enter_hall(qtbot, "201", "3", "4", "12")
    leave_form(qtbot, fund)
    page = fund.shell.page()
    page.go_to("201")
    press(qtbot, page.view, Qt.Key.Key_F2)
    assert page.in_form()
    canvas = page.drawing.canvas
    page.drawing.tools[Place.AISLE].click()
    first, last = (canvas.box(row, 1).center() for row in (0, 2))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(canvas, last)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=last)
    assert page.form.values()["seats"] == 9
    qtbot.keyClick(page.form.editor("remark"), ENTER)
    kept = halls.hall(fund.ctx, "201")
    assert kept.seats == 9
    assert [row[1] for row in kept.grid] == [None, None, None]
    assert plan_problems(kept.grid, 9) == []


def test_every_page_opens_in_every_language_and_keeps_what_is_typed(fund: Fund, qtbot: QtBot) -> None:
    """The language changes at run time; a half-typed building stays."""
    for page in PAGES:
        fund.shell.open_page(page.key)
    fund.shell.open_page("buildings")
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    type_text(QApplication.focusWidget(), "7")
    for lang, title in (("kk", "Корпустар"), ("ru", "Корпуса"), ("en", "Buildings")):
        fund.shell.set_language(lang)
        page = fund.shell.page()
        assert page.title() == title
        assert page.in_form()
        assert page.form.values()["code"] == "7"
    page.form.set_values({})


def test_a_paper_is_counted_when_it_comes_out_and_not_when_it_is_looked_at(fund: Fund, qtbot: QtBot) -> None:
    """Looking at a paper numbers none; printing does, and the next one says that it is a copy."""
    enter_building(qtbot, fund)
    fund.shell.open_page("halls")
    press(qtbot, fund.shell, Qt.Key.Key_N, CTRL)
    enter_hall(qtbot, "101", "2", "3", "6")
    leave_form(qtbot, fund)
    fund.shell.open_page("papers", paper="hall-fund")
    QApplication.processEvents()
    fund.shell.open_page("home")
    fund.shell.open_page("papers", paper="hall-fund")
    QApplication.processEvents()
    page = fund.shell.page()
    assert [document.number for document in page._made.values()] == [1]
    halls.plan_shifts(fund.ctx, 3)
    QApplication.processEvents()
    assert [document.number for document in page._made.values()] == [1]
    page.preview.save_to(fund.drive / "fund.pdf")
    halls.plan_shifts(fund.ctx, 2)
    QApplication.processEvents()
    assert [document.number for document in page._made.values()] == [2]
    with fund.ctx.store.read() as session:
        assert [(job.copies, job.outcome) for job in session.scalars(select(PrintJob))] == [(1, "saved")]
