"""The whole way of a person: a paper in the window, the print dialog, the real CUPS, a jam, the rest, the print log."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome
from mab_desktop.services import print_jobs
from mab_desktop.services.context import Context
from mab_desktop.ui.print_desk import desk_of
from mab_desktop.ui.print_dialog import GoOnQuestion, PrintQuestion
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.printing.virtual_cups import VirtualCups

pytestmark = pytest.mark.heavy
_PATIENCE = 30_000  # ms


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.BASE_UNI, "013")


@pytest.fixture
def shell(cups: VirtualCups, qtbot: QtBot, ctx: Context, qapp: QApplication) -> Iterator[WorkplaceShell]:
    made = open_window(qtbot, APP, ctx)
    assert made.app is not None
    desk_of(made.app).timer.setInterval(100)
    yield made
    desk_of(made.app).timer.stop()
    qapp.setStyleSheet("")


def spooled(shell: WorkplaceShell) -> str:
    """The job that is at the printer now."""
    assert shell.app is not None
    (live,) = desk_of(shell.app).live.values()
    return live.run.spool[0]


def pages(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def test_a_job_cancelled_outside_the_program_is_said(
    shell: WorkplaceShell, cups: VirtualCups, ctx: Context, qtbot: QtBot
) -> None:
    """`cancel JOB` while the queue stands still: the strip goes, what happened and what to do next stay."""
    shell.open_page("papers", paper="hand-over")
    QApplication.processEvents()
    preview = shell.page().preview  # type: ignore[union-attr]
    cups.command("cupsdisable", "emu")
    answer(lambda asked: asked.copies.setValue(2))
    preview.print_out()
    qtbot.waitUntil(lambda: "paused" in preview.strip.words.text(), timeout=_PATIENCE)
    cups.command("cancel", spooled(shell))
    qtbot.waitUntil(lambda: not preview.strip.isVisible(), timeout=_PATIENCE)
    assert "cancelled at the printer emu, not in this program. Nothing had come out." in shell.messages.words()
    assert "it will be no copy" in shell.messages.words()
    cups.command("cupsenable", "emu")
    assert cups.arrived() == []
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.times) == (Outcome.CANCELLED, 0)


def test_a_paper_jams_and_is_gone_on_with(
    shell: WorkplaceShell, cups: VirtualCups, ctx: Context, qtbot: QtBot
) -> None:
    """Two copies of an act: a jam in the second copy is told, stopped, gone on with, and logged as one printing."""
    shell.open_page("papers", paper="hand-over")
    QApplication.processEvents()
    preview = shell.page().preview  # type: ignore[union-attr]
    count = preview.page.maximum()
    cups.order_press(jam_after=count)

    def twice(asked: PrintQuestion) -> None:
        assert asked.printer.state.text() == "Ready"
        asked.copies.setValue(2)

    answer(twice)
    preview.print_out()
    qtbot.waitUntil(lambda: "the paper is jammed" in preview.strip.words.text(), timeout=_PATIENCE)
    qtbot.waitUntil(lambda: preview.strip.count.text() == f"{count} of {2 * count}", timeout=_PATIENCE)
    assert "the paper is jammed" in shell.messages.words()
    preview.strip.stop_button.click()
    cups.clear_jam()
    qtbot.waitUntil(lambda: preview.strip.go_on_button.isVisible(), timeout=_PATIENCE)
    cups.order_press()

    def first_copy_is_good(asked: GoOnQuestion) -> None:
        assert (asked.copy.value(), asked.page.value()) == (1, count)
        asked.spoilt.setValue(1)

    answer(first_copy_is_good)
    preview.strip.go_on_button.click()
    qtbot.waitUntil(lambda: not preview.strip.isVisible(), timeout=_PATIENCE)
    first, rest = cups.arrived()
    assert (pages(first.pdf), first.attributes["COPIES"]) == (count, "2")
    assert (pages(rest.pdf), rest.attributes.get("COPIES", "1")) == (count, "1")
    shell.open_page("print-log")
    QApplication.processEvents()
    lines = shell.page().shown_rows()  # type: ignore[union-attr]
    assert [(line.times, line.out, line.spoilt) for line in lines] == [
        ("1 of 1", f"{2 * count} of {2 * count}", 0), ("1 of 1", f"{count} of {2 * count}", 1)
    ]  # fmt: skip
    assert [row.outcome for row in print_jobs.rows(ctx)] == [Outcome.PRINTED, Outcome.CONTINUED]
