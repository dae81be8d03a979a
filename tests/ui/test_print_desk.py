"""The print dialog, printings followed to their end, stopped, gone on with; the print log."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome, PrintOrder, Sides
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import use
from mab_desktop.printing.queue import not_there
from mab_desktop.services import print_jobs
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.printers import JobStage, JobState, Printer, PrinterState
from mab_desktop.ui import theme
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import ActionButton, PageSpec
from mab_desktop.ui.papers_page import Paper
from mab_desktop.ui.print_desk import PrintDesk, desk_of
from mab_desktop.ui.print_dialog import GoOnQuestion, PrintQuestion
from mab_desktop.ui.print_log_page import PrintLogPage
from mab_desktop.ui.screen_check import findings
from mab_desktop.ui.screens import settle
from mab_desktop.ui.shell import Shell
from tests.conftest import MakeContext
from tests.ui.conftest import MakeShell
from tests.ui.paper_tray import CELLAR, OFFICE, PaperTray, pdf, work_window
from tests.ui.trial import FIRST


class JournalPage(DocumentPapersPage):
    """One paper of six pages; how often it was drawn, and with which number, can be seen."""

    drawn: list[int]

    def papers(self) -> tuple[Paper, ...]:
        self.drawn = []
        return (self.paper("journal", "Journal", self._make, copies=2),)

    def _make(self, _option: str, _progress: Progress) -> Document:
        def draw(printing: Printing) -> bytes:
            self.drawn.append(printing.number)
            return pdf(6)

        return print_document(self.app.ctx, "journal", "1", draw)


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> PaperTray:
    made = PaperTray()
    monkeypatch.setattr("mab_desktop.services.printers.spooler", lambda: made)
    return made


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.BASE_UNI, "013")


@pytest.fixture
def shell(make_shell: MakeShell, ctx: Context, tray: PaperTray) -> Iterator[Shell]:
    made = window(make_shell, ctx)
    yield made
    desk(made).timer.stop()


def window(make_shell: MakeShell, ctx: Context) -> Shell:
    made = work_window(
        make_shell, ctx, replace(FIRST, factory=JournalPage), PageSpec("log", "Print log", "Work", "list", PrintLogPage)
    )
    made.open_page("first", paper="journal")
    QApplication.processEvents()
    return made


def desk(shell: Shell) -> PrintDesk:
    assert shell.app is not None
    return desk_of(shell.app)


def page(shell: Shell) -> Any:
    return shell.page()


def answer(fill: Callable[[Any], object] = lambda _q: None) -> list[Question]:
    """Fill the next dialog and press its verb."""
    seen: list[Question] = []

    def go() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, Question)
        seen.append(asked)
        fill(asked)
        assert asked.act_button.isEnabled(), [w.text() for w in asked.findChildren(QLabel)]
        asked.act_button.click()

    QTimer.singleShot(0, go)
    return seen


def stand(shell: Shell, tray: PaperTray, job: str, stage: JobStage, sure: int = 0, *reasons: str) -> None:
    """The printer says how a job stands, and the desk looks."""
    tray.stands[job] = JobState(stage, sure, reasons)
    desk(shell).look()


# --- the dialog -------------------------------------------------------------------------------------------------------


def question(qtbot: QtBot, **how: Any) -> PrintQuestion:
    asked = PrintQuestion(None, "Journal", 6, 2, (OFFICE, CELLAR), **how)
    qtbot.addWidget(asked)
    return asked


def test_the_dialog_offers_the_usual_and_remembers_the_last(qtbot: QtBot) -> None:
    assert question(qtbot).order() == PrintOrder("office", (1, 2, 3, 4, 5, 6), 2, Sides.ONE, True)
    asked = question(qtbot, wanted="cellar")
    assert asked.order().printer == "cellar"
    assert "jammed" in asked.printer.state.text()
    assert "waiting before: 3" in asked.printer.state.text()
    assert question(qtbot, wanted="gone").order().printer == "office"
    assert asked.printer.list.currentText().endswith("· cellar")  # strip and log say this name


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("once", [True, False])
def test_no_word_of_the_dialog_is_cut(qtbot: QtBot, qapp: QApplication, lang: str, once: bool) -> None:
    use(lang)
    theme.apply(qapp)
    asked = PrintQuestion(None, "2011", 120, 99, (OFFICE,), current=119, once=once)
    qtbot.addWidget(asked)
    asked.show()
    settle()
    assert [finding for finding in findings(asked) if finding.kind != "not translated"] == []


def test_pages_are_all_this_one_or_ranges(qtbot: QtBot) -> None:
    asked = question(qtbot, current=4)
    asked.this.setChecked(True)
    assert asked.order().pages == (4,)
    qtbot.keyClicks(asked.range, "5, 1-3")
    assert asked.some.isChecked()
    assert asked.order().pages == (1, 2, 3, 5)
    for wrong in ("1-9", "0", "3-1", "x", " "):
        asked.range.setText(wrong)
        assert not asked.act_button.isEnabled(), wrong
    assert "6" in asked.obstacle.text()


def test_both_sides_only_where_the_printer_can(qtbot: QtBot) -> None:
    """A pass wants both sides: a printer that cannot says why, and one that can gets them back."""
    asked = question(qtbot, sides=Sides.LONG)
    assert asked.order().sides is Sides.LONG
    assert not asked.collate.isEnabled()  # whole sheets come copy after copy
    asked.printer.list.setCurrentIndex(asked.printer.list.findData("cellar"))
    assert asked.order().sides is Sides.ONE
    assert not asked.sides.isEnabled()
    assert "one side only" in asked.sides_why.text()
    asked.printer.list.setCurrentIndex(asked.printer.list.findData("office"))
    assert asked.order().sides is Sides.LONG
    qtbot.keyClick(asked.sides, Qt.Key.Key_Home)  # one side, by the person's own choice
    asked.printer.list.setCurrentIndex(asked.printer.list.findData("cellar"))
    asked.printer.list.setCurrentIndex(asked.printer.list.findData("office"))
    assert asked.order().sides is Sides.ONE  # what the person chose stays


def test_other_paper_and_a_standing_printer_are_warned_of(qtbot: QtBot) -> None:
    asked = question(qtbot)
    assert asked.warning.text() == ""
    asked.printer.list.setCurrentIndex(asked.printer.list.findData("cellar"))
    assert "no A4" in asked.warning.text()
    assert "stands still" in asked.warning.text()
    assert asked.act_button.isEnabled()  # a warning, no refusal


def test_without_a_printer_there_is_the_file(qtbot: QtBot) -> None:
    found: list[Printer] = []
    asked = PrintQuestion(None, "Journal", 6, 2, (), look=lambda then: then(found))
    qtbot.addWidget(asked)
    assert not asked.act_button.isEnabled()
    assert "Save the document as PDF" in asked.obstacle.text()
    found.append(OFFICE)
    asked.printer.again.click()
    assert asked.act_button.isEnabled()


def test_where_to_go_on(qtbot: QtBot) -> None:
    """The dialog begins with what is known, and turns pages and copies into what is left."""
    order = PrintOrder("office", (1, 2, 3, 5), 2)
    asked = GoOnQuestion(None, "Journal", order, 6, (OFFICE, CELLAR))
    qtbot.addWidget(asked)
    assert (asked.page.value(), asked.copy.value()) == (2, 2)
    assert asked.order() == (order, 6)
    assert "3, 5" in asked.told.text()
    asked.copy.setValue(1)
    assert asked.order() == (order, 2)
    assert "1-3, 5" in asked.told.text()
    asked.page.setValue(5)
    asked.copy.setValue(2)
    assert not asked.act_button.isEnabled()
    qtbot.keyClicks(asked.range, "2")
    assert asked.act_button.isEnabled()
    assert asked.order() == (PrintOrder("office", (2,)), 0)
    asked.printer.list.setCurrentIndex(asked.printer.list.findData("cellar"))
    assert asked.order()[0].printer == "cellar"


# --- printings --------------------------------------------------------------------------------------------------------


def test_a_printing_from_the_button_to_the_last_page(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    answer(lambda asked: asked.copies.setValue(3))
    page(shell).print_out()
    ((printer, data, ticket),) = tray.sent
    assert (printer, data) == ("office", pdf(6))
    assert (ticket.pages, ticket.copies, ticket.sides) == ((1, 2, 3, 4, 5, 6), 3, Sides.ONE)
    strip = page(shell).preview.strip
    assert strip.words.text() == "Printing on office"
    stand(shell, tray, "1", JobStage.PRINTING, 7)
    assert strip.count.text() == "7 of 18"
    assert tray.forgotten == []
    stand(shell, tray, "1", JobStage.DONE)
    assert tray.forgotten == ["1"]  # the spooler would keep the paper for a day
    assert not strip.isVisibleTo(page(shell))
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.done, row.number, row.title) == (Outcome.PRINTED, 18, 1, "Journal")
    assert not desk(shell).timer.isActive()
    settings = shell.settings
    assert (settings.get("print.printer"), settings.get("print.printers")) == ("office", {"journal": "office"})


def test_what_is_printed_again_is_drawn_anew_as_a_copy(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    for _n in range(2):
        answer()
        page(shell).print_out()
        QApplication.processEvents()
    assert page(shell).drawn == [1, 2]
    assert [row.number for row in print_jobs.rows(ctx)] == [2, 1]


def test_trouble_is_said_once_wherever_one_is(shell: Shell, tray: PaperTray) -> None:
    answer()
    page(shell).print_out()
    shell.open_page("home")
    stand(shell, tray, "1", JobStage.PRINTING, 2, "media-jam")
    assert "Journal: Printing on office: the paper is jammed." in shell.messages.words()
    shell.messages.dismiss()
    stand(shell, tray, "1", JobStage.PRINTING, 2, "media-jam")
    assert shell.messages.words() == ""
    stand(shell, tray, "1", JobStage.PRINTING, 2, "toner-low")
    assert shell.messages.words() == ""  # nobody need run
    stand(shell, tray, "1", JobStage.PRINTING, 2, "media-empty")
    assert "there is no paper" in shell.messages.words()
    stand(shell, tray, "1", JobStage.PRINTING, 3)
    assert shell.messages.words() == ""  # it prints again: nobody is sent to it


def test_a_warning_goes_with_its_printing_and_another_message_stays(shell: Shell, tray: PaperTray) -> None:
    answer(lambda asked: asked.copies.setValue(1))
    page(shell).print_out()
    stand(shell, tray, "1", JobStage.PRINTING, 2, "media-jam")
    page(shell).preview.strip.stop_button.click()
    assert shell.messages.words() == ""
    answer()
    page(shell).preview.strip.go_on_button.click()
    stand(shell, tray, "2", JobStage.PRINTING, 2, "media-jam")
    assert shell.app is not None
    shell.app.inform("Something else.")
    stand(shell, tray, "2", JobStage.DONE)
    assert shell.messages.words() == "Something else."


def test_stop_and_go_on_from_the_strip(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    """Stopped after three pages; the person saw two good ones; the rest comes under the same number."""
    answer(lambda asked: asked.copies.setValue(1))
    page(shell).print_out()
    stand(shell, tray, "1", JobStage.PRINTING, 3)
    strip = page(shell).preview.strip
    strip.stop_button.click()
    assert tray.cancelled == ["1"]
    assert "Broke off: the person cancelled it" in strip.words.text()
    assert strip.count.text() == "3 of 6"

    def two_good(asked: GoOnQuestion) -> None:
        assert asked.page.value() == 3
        asked.page.setValue(2)
        asked.spoilt.setValue(1)

    answer(two_good)
    strip.go_on_button.click()
    assert tray.sent[1][2].pages == (3, 4, 5, 6)
    stand(shell, tray, "2", JobStage.DONE)
    rest, first = print_jobs.rows(ctx)
    assert (first.outcome, first.done, first.spoilt) == (Outcome.CONTINUED, 2, 1)
    assert (rest.outcome, rest.done, rest.number, rest.continued_of) == (Outcome.PRINTED, 6, 1, first.id)


def test_a_printing_cancelled_elsewhere_says_what_is_known_of_it(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    answer(lambda asked: asked.copies.setValue(1))
    page(shell).print_out()
    stand(shell, tray, "1", JobStage.PRINTING)  # one that counts nothing
    stand(shell, tray, "1", JobStage.CANCELLED, 0, "job-canceled-by-user")
    said = shell.messages.words()
    assert "Journal: cancelled at the printer office, not in this program." in said
    assert "The printer does not tell how many pages had come out." in said
    assert "go on from it in the print log" in said
    assert page(shell).preview.strip.go_on_button.isVisibleTo(page(shell))
    (row,) = print_jobs.rows(ctx)
    assert row.outcome is Outcome.STOPPED

    answer()
    page(shell).preview.strip.go_on_button.click()
    stand(shell, tray, "2", JobStage.PRINTING, 2)
    stand(shell, tray, "2", JobStage.CANCELLED, 0, "job-canceled-by-operator")
    assert "not in this program. Out so far: 2 of 6." in shell.messages.words()


def test_stopped_before_it_began_is_no_printing(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    answer()
    page(shell).print_out()
    desk(shell).live[1] = replace(desk(shell).live[1], began=False)
    tray.stands["1"] = JobState(JobStage.WAITING)
    page(shell).preview.strip.stop_button.click()
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.done, row.times) == (Outcome.CANCELLED, 0, 0)


def test_a_refused_job_is_said_and_gives_its_number_back(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    tray.found = (replace(OFFICE, state=PrinterState.IDLE),)

    def goes_away(_asked: PrintQuestion) -> None:
        tray.found = ()

    answer(goes_away)
    page(shell).print_out()
    assert "office did not take the job" in shell.messages.words()
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.times) == (Outcome.FAILED, 0)
    tray.found = (OFFICE,)
    answer()
    page(shell).print_out()
    assert [row.number for row in print_jobs.rows(ctx)] == [1, 1]


def test_the_next_start_takes_a_printing_up(
    shell: Shell, make_shell: MakeShell, ctx: Context, tray: PaperTray
) -> None:
    """Closed while it prints: the next window follows it; one that the printer forgot waits for the person."""
    for _n in range(2):
        answer()
        page(shell).print_out()
        QApplication.processEvents()
    desk(shell).timer.stop()
    del tray.stands["2"]
    tray.sent.pop()
    later = window(make_shell, ctx)
    assert "Not known whether it came out" in later.messages.words()
    assert "Look whether the sheets lie at the printer" in later.messages.words()
    later.open_page("log")
    assert list(desk(later).live) == [1]
    stand(later, tray, "1", JobStage.DONE)
    lost, first = print_jobs.rows(ctx)
    assert (first.outcome, lost.outcome, lost.reason) == (Outcome.PRINTED, Outcome.STOPPED, "unknown")
    desk(later).timer.stop()


def test_a_service_that_tells_nothing_counts_what_it_took(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    """As on Windows: handed over is printed; when it was not, the log goes on from the person's word."""
    tray.follows = False
    answer(lambda asked: asked.copies.setValue(1))
    page(shell).print_out()
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.done, row.can_go_on) == (Outcome.PRINTED, 6, True)
    shell.open_page("log")
    QApplication.processEvents()
    answer(lambda asked: asked.range.setText("5") or asked.spoilt.setValue(1))
    page(shell).go_on()
    assert tray.sent[1][2].pages == (5,)
    assert [(row.outcome, row.number) for row in print_jobs.rows(ctx)] == [
        (Outcome.PRINTED, 1), (Outcome.CONTINUED, 1)
    ]  # fmt: skip


# --- the log ----------------------------------------------------------------------------------------------------------


def buttons(shell: Shell) -> dict[str, bool]:
    QApplication.processEvents()
    return {button.action.title: button.isEnabled() for button in page(shell).findChildren(ActionButton)}


def test_the_log_tells_how_often_and_offers_what_can_be_done(
    shell: Shell, ctx: Context, tray: PaperTray, tmp_path: Path
) -> None:
    page(shell).preview.save_to(tmp_path / "journal.pdf")
    assert (tmp_path / "journal.pdf").read_bytes() == pdf(6)
    answer()
    page(shell).print_out()
    shell.open_page("log")
    log = page(shell)
    assert [line.times for line in log.shown_rows()] == ["2 of 2", "1 of 2"]
    assert [line.outcome for line in log.shown_rows()] == ["At the printer", "Saved as PDF"]
    assert buttons(shell)["Stop printing"]
    assert not buttons(shell)["Go on printing"]
    stand(shell, tray, "1", JobStage.FAILED, 4, "media-jam")
    assert [line.outcome for line in log.shown_rows()][0] == "Broke off: the paper is jammed"
    assert buttons(shell)["Go on printing"]
    log.chip_buttons["open"].setChecked(True)
    assert len(log.shown_rows()) == 1
    assert log.details(log.shown_rows()[0])[1].lines[1][1].startswith("№ 1")
    answer()
    log.give_up()
    assert [row.outcome for row in print_jobs.rows(ctx)] == [Outcome.CANCELLED, Outcome.SAVED]
    assert print_jobs.rows(ctx)[0].times == 2  # four sheets of it lie somewhere
    log.chip_buttons["open"].setChecked(False)
    log.go_to(2)
    assert not any(buttons(shell)[name] for name in ("Go on printing", "Give the rest up", "Everything came out"))


def test_everything_came_out_by_the_persons_word(shell: Shell, ctx: Context, tray: PaperTray) -> None:
    answer()
    page(shell).print_out()
    stand(shell, tray, "1", JobStage.UNKNOWN, 4)
    assert "Look whether the sheets lie at the printer" in shell.messages.words()
    shell.open_page("log")
    QApplication.processEvents()
    assert page(shell).current().outcome.startswith("Not known whether it came out")
    assert "Broke off" not in page(shell).current().outcome
    page(shell).came_out()
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.done) == (Outcome.PRINTED, 12)


def test_the_strip_over_a_paper_offers_to_say_that_all_came_out_of_what_the_printer_forgot(
    shell: Shell, ctx: Context, tray: PaperTray, qtbot: QtBot
) -> None:
    answer()
    page(shell).print_out()
    strip = page(shell).preview.strip
    assert not strip.came_out_button.isVisibleTo(strip)
    stand(shell, tray, "1", JobStage.UNKNOWN)
    assert strip.words.text().startswith("Not known whether it came out")
    assert strip.came_out_button.isVisibleTo(strip)
    strip.came_out_button.click()
    assert print_jobs.rows(ctx)[0].outcome is Outcome.PRINTED
    assert not strip.isVisibleTo(page(shell))


def test_a_disk_that_fills_up_leaves_the_paper_that_lay_there(
    shell: Shell, ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name was chosen again: half a paper in the place of a whole one would be worse than none."""
    paper = tmp_path / "drive" / "paper.pdf"
    paper.parent.mkdir()
    paper.write_bytes(b"%PDF of yesterday")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        page(shell).preview.save_to(paper)
    assert "no room left on the disk" in shell.messages.words()
    assert [found.name for found in paper.parent.iterdir()] == ["paper.pdf"]
    assert paper.read_bytes() == b"%PDF of yesterday"
    assert print_jobs.rows(ctx) == []
    page(shell).preview.save_to(paper)
    assert paper.read_bytes().startswith(b"%PDF-")


def test_a_disk_that_refuses_saves_nothing(shell: Shell, ctx: Context, tmp_path: Path) -> None:
    page(shell).preview.save_to(tmp_path)
    assert "could not be written" in shell.messages.words()
    assert print_jobs.rows(ctx) == []


def test_a_saved_paper_takes_the_word_on_a_deaf_print_service_away(
    shell: Shell, tray: PaperTray, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def deaf() -> list[Printer]:
        raise not_there("no socket")

    monkeypatch.setattr(tray, "printers", deaf)
    page(shell).print_out()
    assert "does not answer" in shell.messages.words()
    page(shell).preview.save_to(tmp_path / "journal.pdf")
    assert (tmp_path / "journal.pdf").is_file()
    assert shell.messages.words() == "Saved as journal.pdf."
