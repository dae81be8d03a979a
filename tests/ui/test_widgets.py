"""Tasks, questions, papers, scans, the hall's plan, the day's steps, plots, the launcher, pictures of screens."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import use
from mab_desktop.ui import theme
from mab_desktop.ui.formats import held_together, shown_number, shown_paragraph, shown_size
from mab_desktop.ui.hall_plan import HallPlan, Legend, Seat, SeatState
from mab_desktop.ui.image_review import Box, ImageView, Thumb, ThumbStrip
from mab_desktop.ui.launcher import Launcher, read_launches
from mab_desktop.ui.messages import confirmation, crash_dialog, report_text, save_report
from mab_desktop.ui.panels import Count, CountsView, label
from mab_desktop.ui.plots import SmallPlot
from mab_desktop.ui.screens import contact_sheet, grab, type_text
from mab_desktop.ui.states import Mark
from mab_desktop.ui.steps_page import DayShift, DayStep, StepsView
from mab_desktop.ui.tasks import TaskProgress, Tasks
from tests.ui.conftest import MakeShell


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    theme.apply(qapp)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Апелляция жабылды (44-т.).", "Ол 2-ші топтама", "Базалық ЖОО-ға жіберу"])
def test_a_number_and_its_ending_stay_on_one_line(words: str) -> None:
    """However narrow the label is, no line ends at the hyphen; who asks gets the words with the plain one."""
    made = label(words, wrap=True)
    assert made.text() == words
    start = words.index("-") + 1
    for room in range(40, 260, 3):
        laid = QTextLayout(QLabel.text(made), made.font())
        laid.beginLayout()
        begins = []
        while (line := laid.createLine()).isValid():
            line.setLineWidth(room)
            begins.append(line.textStart())
        laid.endLayout()
        assert start not in begins, room
    assert QLabel.text(label("Ораз-Алиева Мөлдір", wrap=True)) == "Ораз-Алиева Мөлдір"
    assert held_together("№ 1 · 17 КБ, 3 Бекова") == "№\u00a01 · 17\u00a0КБ, 3 Бекова"


# --- tasks -----------------------------------------------------------------------------------------------------------


def test_task_runs_in_another_thread_and_ends_in_the_window(qtbot: QtBot) -> None:
    tasks, threads = Tasks(), list[object]()
    with qtbot.waitSignal(tasks.finished):
        tasks.run("Work", lambda _p: threads.append(threading.current_thread()) or 7, threads.append)
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not threading.main_thread()
    assert threads[1] == 7


def test_cancel_stops_the_work_at_its_next_step(qtbot: QtBot) -> None:
    tasks, errors, begun = Tasks(), list[BaseException](), threading.Event()

    def work(progress: Progress) -> None:
        progress.stage("Counting")
        begun.set()
        while True:
            progress.step()

    task = tasks.run("Work", work, on_error=errors.append)
    assert begun.wait(10)
    task.cancel()
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], Cancelled)
    assert tasks.running == []


def test_progress_does_not_drown_the_window(qtbot: QtBot) -> None:
    progress, shown = TaskProgress(), list[tuple[str, int, int]]()
    progress.shown.connect(lambda *what: shown.append(what))
    progress.stage("Records", 100_000)
    for _n in range(100_000):
        progress.step()
    assert shown[0] == ("Records", 0, 100_000)
    assert shown[-1] == ("Records", 100_000, 100_000)
    assert len(shown) < 1000


def test_task_is_seen_in_the_status_bar_and_its_error_in_the_message_bar(make_shell: MakeShell) -> None:
    shell = make_shell()
    seen: list[bool] = []

    def work(_progress: Progress) -> None:
        seen.append(shell.status_bar.bar.isVisible())
        raise UserError("The disk is full.")

    shell.tasks.run("Backup", work)
    assert seen == [True]
    assert not shell.status_bar.bar.isVisible()
    assert shell.messages.words() == "The disk is full."


def test_work_beside_the_lane_keeps_nobody_waiting_and_both_are_told(make_shell: MakeShell, qtbot: QtBot) -> None:
    """Pages are drawn for a printer until a list has been written beside them: in one lane this would never end."""
    shell, listed, ended = make_shell(), threading.Event(), list[str]()
    shell.tasks.inline = False
    shell.tasks.run("Printing", lambda _p: listed.wait(20), lambda seen: ended.append(f"printed {seen}"), beside=True)
    shell.tasks.run("Export", lambda _p: None, lambda _n: ended.append("listed"))
    assert shell.status_bar.stage.text() == "Export"
    qtbot.waitUntil(lambda: ended == ["listed"])
    assert shell.status_bar.stage.text() == "Printing"
    assert shell.status_bar.stop.isVisible()
    listed.set()
    qtbot.waitUntil(lambda: ended == ["listed", "printed True"])
    assert not shell.status_bar.bar.isVisible()


# --- questions -------------------------------------------------------------------------------------------------------


def test_dangerous_verb_needs_the_word_and_is_never_the_default(qtbot: QtBot) -> None:
    asked = confirmation(None, "Close the shift", "No more appeals.", "Close the shift", "12")
    qtbot.addWidget(asked)
    asked.show()
    typed = asked.findChild(QLineEdit, "confirmation")
    assert typed is not None
    assert asked.back_button.isDefault()
    assert not asked.act_button.isEnabled()
    type_text(typed, "1")
    qtbot.keyClick(typed, Qt.Key.Key_Return)
    assert asked.isVisible()
    type_text(typed, "2")
    assert asked.act_button.isEnabled()
    qtbot.keyClick(typed, Qt.Key.Key_Return)  # neither the verb, nor a way back that looks as if it had been done
    assert (asked.isVisible(), asked.focusWidget()) == (True, asked.act_button)
    assert asked.act_button.mapTo(asked, QPoint()).x() < asked.back_button.mapTo(asked, QPoint()).x()
    assert "cannot be undone" in " ".join(label.text() for label in asked.findChildren(QLabel))
    qtbot.keyClick(asked.act_button, Qt.Key.Key_Return)
    assert asked.result() == asked.DialogCode.Accepted


def test_report_is_saved_without_values(qtbot: QtBot, tmp_path: Path) -> None:
    try:
        raise ZeroDivisionError("by zero: 980101300123 of Әбенов")
    except ZeroDivisionError as error:
        text = report_text(type(error), error, error.__traceback__)
    assert "ZeroDivisionError: by zero: … of …" in text
    assert "980101300123" not in text
    saved = save_report(text, tmp_path / "logs")
    assert saved is not None
    assert "ZeroDivisionError" in saved.read_text("utf-8")
    third = [save_report(text, tmp_path / "logs") for _ in range(2)][-1]
    assert third is not None
    saved.unlink()  # whoever sent it in may throw it away: no later one takes another's name then
    assert save_report("new", tmp_path / "logs") not in (None, third)
    assert third.read_text("utf-8") == text
    saved = third
    shown = crash_dialog(None, text, saved)
    qtbot.addWidget(shown)
    assert str(saved) in " ".join(label.text() for label in shown.findChildren(QLabel))
    (tmp_path / "file").write_text("", "utf-8")
    assert save_report(text, tmp_path / "file") is None


# --- scans, plan, steps ----------------------------------------------------------------------------------------------


def test_scan_with_boxes_and_thumbs(qtbot: QtBot) -> None:
    image = QImage(200, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    view, strip, chosen, thumbs = ImageView(), ThumbStrip(), list[int](), list[str]()
    qtbot.addWidget(view)
    qtbot.addWidget(strip)
    view.resize(400, 600)
    view.box_chosen.connect(chosen.append)
    view.show_picture(image, (Box(10, 10, 50, 40, Mark.LATE, "Seat"), Box(100, 200, 40, 40)))
    view.show()
    view.fit()
    spot = view._canvas.mapFromScene(view._boxes[0].rect().center())
    qtbot.mouseClick(view._canvas.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert chosen == [0]
    strip.thumb_chosen.connect(thumbs.append)
    strip.show_thumbs([Thumb("a", image, "1"), Thumb("b", image, "2", Mark.LATE)])
    strip.show()
    strip.choose("a")
    qtbot.keyClick(strip, Qt.Key.Key_Down)
    assert thumbs == ["a", "b"]


def test_the_picture_in_front_stays_in_sight_when_the_strip_gets_lower(qtbot: QtBot) -> None:
    strip = ThumbStrip()
    qtbot.addWidget(strip)
    strip.resize(strip.width(), 700)
    strip.show_thumbs([Thumb(str(n), QImage(), str(n)) for n in range(12)])
    strip.show()
    strip.choose("4")
    assert "4" in strip.keys_in_sight()
    strip.resize(strip.width(), 300)
    assert strip.viewport().rect().contains(strip.visualRect(strip.currentIndex()))
    strip.verticalScrollBar().setValue(strip.verticalScrollBar().maximum())  # somebody looks elsewhere
    strip.resize(strip.width(), 250)
    assert "4" not in strip.keys_in_sight()


def test_a_whole_picture_stays_whole_whatever_size_it_gets(qtbot: QtBot) -> None:
    image = QImage(200, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    page, view = QWidget(), ImageView()
    qtbot.addWidget(page)
    QVBoxLayout(page).addWidget(view)
    view.show_picture(image)  # before anything has its size, as on a page that is opened

    def whole() -> bool:
        there, room = view._canvas.mapFromScene(view._scene.sceneRect()).boundingRect(), view._canvas.viewport().rect()
        filled = max(there.width() / room.width(), there.height() / room.height())
        return room.adjusted(-1, -1, 1, 1).contains(there) and filled > 0.9

    for size in (QSize(300, 700), QSize(900, 500), QSize(260, 900)):
        page.resize(size)
        page.show()
        qtbot.waitUntil(whole, timeout=2000)
    view.zoom(1.25)
    page.resize(900, 500)
    assert view._canvas.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
    assert not whole()  # what was made larger stays so


def test_hall_plan_by_arrows_and_mouse(qtbot: QtBot) -> None:
    plan, chosen, cells = HallPlan(several=True), list[tuple[int, int]](), list[list[tuple[int, int]]]()
    qtbot.addWidget(plan)
    plan.resize(600, 400)
    plan.seat_chosen.connect(lambda row, column: chosen.append((row, column)))
    plan.cells_chosen.connect(cells.append)
    plan.show_plan(3, 4, [Seat(r, c, f"{r}{c}") for r in range(3) for c in range(4)], "Board")
    plan.show()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(plan, key)
    assert chosen == [(1, 1)]
    qtbot.keyClick(plan, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(plan, Qt.Key.Key_Return)
    assert cells[-1] == [(1, 1), (1, 2)]
    qtbot.mouseClick(plan, Qt.MouseButton.LeftButton, pos=plan.box(2, 3).center())
    assert chosen[-1] == (2, 3)
    assert plan.cell_at(QPoint(1, 1)) is None


def test_seat_states_differ_without_colour(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    shapes = set()
    for state in SeatState:
        plan = HallPlan()
        qtbot.addWidget(plan)
        plan.resize(200, 200)
        plan.show_plan(2, 2, [Seat(1, 1, "12", state)])
        grey = plan.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        shapes.add(bytes(grey.constBits()))
    assert len(shapes) == len(SeatState)
    assert len(legend.findChildren(QLabel)) == len(SeatState) - 1


def test_day_offers_what_is_due_and_says_why_not(qtbot: QtBot) -> None:
    view, chosen = StepsView(), list[tuple[str, str]]()
    qtbot.addWidget(view)
    view.step_chosen.connect(lambda *what: chosen.append(what))
    steps = (
        DayStep("seat", "Seating", Mark.DONE, done="11.05 16:20", paragraph="p.30"),
        DayStep("scan", "Scanning", Mark.DUE, "Scan"),
        DayStep("close", "Closing", Mark.BLOCKED, "Close", "Appeals run until 13:00."),
    )
    view.show_shifts((DayShift("1", "Shift 1", "09:00", steps), DayShift("2", "Shift 2", "14:00", steps)))
    view.show()
    shown = " ".join(label.text() for label in view.findChildren(QLabel))
    for words in ("Shift 2", "Done · 11.05 16:20 · p.30", "Appeals run until 13:00."):
        assert words in shown
    assert not view.buttons["1", "close"].isEnabled()
    assert view.buttons["1", "close"].toolTip() == "Appeals run until 13:00."
    qtbot.keyClick(view.buttons["2", "scan"], Qt.Key.Key_Space)
    assert chosen == [("2", "scan")]
    view.show_shifts(())
    assert view.buttons == {}


def test_balance_names_the_difference(qtbot: QtBot) -> None:
    view = CountsView()
    qtbot.addWidget(view)
    view.show_counts((Count("Filled", 31, 32), Count("Blank", 8, 8), Count("Absent", 4)))
    shown = [label.text() for label in view.findChildren(QLabel)]
    assert "−1" in shown
    assert "agrees" in shown


@pytest.mark.parametrize(("kind", "values"), [("bars", (1, 2, 3)), ("line", (0, 0)), ("bars", ()), ("line", (5,))])
def test_plots_paint_any_values(qtbot: QtBot, kind: str, values: tuple[float, ...]) -> None:
    plot = SmallPlot(values, kind)
    qtbot.addWidget(plot)
    plot.resize(120, 32)
    picture = plot.grab().toImage()
    colours = {picture.pixelColor(x, y).rgb() for x in range(picture.width()) for y in range(picture.height())}
    assert (len(colours) > 1) is bool(values)


def test_words_of_numbers() -> None:
    assert shown_number(4870) == "4,870"
    assert [shown_size(n) for n in (10, 2048, 3_500_000, 28 * 1024**3)] == ["1 KB", "2 KB", "3.3 MB", "28.0 GB"]
    assert shown_paragraph("p.18") == "p.18"
    use("kk")
    assert shown_size(3_500_000) == "3,3 МБ"


# --- launcher, pictures ----------------------------------------------------------------------------------------------


def test_launcher_opens_programs_and_keeps_the_password_off_the_command_line(qtbot: QtBot, season_folder: Path) -> None:
    shown = Launcher(season_folder)
    qtbot.addWidget(shown)
    assert len(shown.buttons) == 1
    launch = read_launches(season_folder)[0]
    database = str(season_folder / "a.db")
    assert launch.arguments("kk") == [
        "-m",
        "mab_desktop.cli",
        "network-uni",
        "--db",
        database,
        "--login",
        "A",
        "--lang",
        "kk",
    ]
    shown.set_language("ru")
    assert shown.windowTitle() == "Учебный сезон"


@pytest.mark.parametrize("text", ["", "{}x", "[1]", '[{"app": "rm -rf"}]', json.dumps([{"app": "ntc", "title": {}}])])
def test_spoilt_launcher_file_is_said_in_words(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    (tmp_path / "launcher.json").write_text(text, "utf-8")
    with pytest.raises(UserError):
        read_launches(tmp_path)
    shown = Launcher(tmp_path)
    qtbot.addWidget(shown)
    shown.show()
    assert "no rehearsal season" in shown.messages.words()


def test_pictures_of_screens(qtbot: QtBot, make_shell: MakeShell, tmp_path: Path) -> None:
    first = grab(make_shell(), tmp_path / "home.png")
    small = QWidget()
    qtbot.addWidget(small)
    second = grab(small, tmp_path / "small.png", QSize(300, 200))
    assert QImage(str(first)).size() == QSize(1366, 768)
    sheet = QImage(str(contact_sheet([first, second], tmp_path / "all.png", 2, 200)))
    assert sheet.width() == 2 * 212 + 12
