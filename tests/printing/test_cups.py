"""Papers through the real CUPS to a virtual printer: what arrives is what was drawn; stops are gone on from."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "forms"))
import form_samples

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome, PrintOrder, Sides
from mab_desktop.domain.progress import Silent
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.read import read_image
from mab_desktop.omr.rules import State
from mab_desktop.printing.cups import Cups, server
from mab_desktop.printing.queue import JobStage, PrinterState, PrintFault, Ticket
from mab_desktop.services import print_jobs
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, times_printed
from mab_desktop.services.print_jobs import Run, RunState
from mab_desktop.services.sheets import blank_sheets
from tests.conftest import MakeContext
from tests.printing.virtual_cups import VirtualCups

pytestmark = pytest.mark.heavy
_PATIENCE = 30  # seconds until a test gives up on the spooler


def drawn(pdf: bytes, page: int, dpi: float) -> NDArray[np.uint8]:
    with pypdfium2.PdfDocument(pdf) as document:
        bitmap = document[page].render(scale=dpi / 72, grayscale=True)
        return bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [document.get_page_size(n) for n in range(len(document))]


def document(name: str, pdf: bytes) -> Document:
    return Document(name, "1", f"{name}.pdf", pdf, 1, 1)


def follow(run: Run, until: Callable[[RunState], bool] = lambda state: state.ended) -> RunState:
    """Look at a printing as the window does, until it is where it shall be."""
    system, ends, pause = Cups(server()), time.monotonic() + _PATIENCE, threading.Event()
    while True:
        state = print_jobs.look(system, run)
        if until(state):
            return state
        assert time.monotonic() < ends, state
        pause.wait(0.1)


def sent(ctx: Context, made: Document, order: PrintOrder) -> Run:
    return print_jobs.send(ctx, Cups(server()), print_jobs.begin(ctx, made, order, "Қағаз «№ 1»"), Silent())


def jammed(state: RunState) -> bool:
    return "media-jam" in state.reasons and state.sure > 0


def assert_same_paper(made: bytes, page: int, arrived: bytes, place: int) -> None:
    """The same ink at the same millimetre: rendered at 100 dpi, a landscape page may have been turned on its paper."""
    ours, theirs = drawn(made, page, 100).astype(int), drawn(arrived, place, 100).astype(int)
    if ours.shape != theirs.shape:
        turned = [np.rot90(theirs, turn) for turn in (1, 3)]
        theirs = min(turned, key=lambda one: float(np.abs(one - ours).mean()) if one.shape == ours.shape else 256.0)
    assert theirs.shape == ours.shape
    assert np.abs(theirs - ours).mean() < 0.5
    assert (np.abs(theirs - ours) > 64).mean() < 0.002


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("admission_pass", PrintOrder("emu", (1, 2, 3, 4), 2, Sides.LONG)),
        ("application_journal", PrintOrder("emu", (1, 2), 1)),
        ("seating_reprint", PrintOrder("emu", (1,), 3, Sides.SHORT, collate=False)),
    ],
)
def test_what_arrives_is_what_was_drawn(
    cups: VirtualCups, make_context: MakeContext, name: str, order: PrintOrder
) -> None:
    ctx, pdf = make_context(Role.BASE_UNI, "013"), form_samples.SAMPLES[name](lang="kk")
    run = sent(ctx, document(name, pdf), order)
    state = follow(run)
    assert (state.stage, state.sure) == (JobStage.DONE, order.total)
    (arrived,) = cups.arrived()
    assert int(arrived.attributes.get("COPIES", 1)) == order.copies
    assert arrived.attributes["SIDES"] == order.sides.value
    together = "separate-documents-collated-copies" if order.by_copy else "separate-documents-uncollated-copies"
    assert arrived.attributes["MULTIPLE_DOCUMENT_HANDLING"] == together
    assert "x-dimension=21000 y-dimension=29700" in arrived.attributes["MEDIA_COL"]
    assert len(sizes(arrived.pdf)) == len(order.pages)
    for place, page in enumerate(order.pages):
        assert sorted(sizes(arrived.pdf)[place]) == pytest.approx(sorted(sizes(pdf)[page - 1]), abs=0.5)
        assert_same_paper(pdf, page - 1, arrived.pdf, place)
    assert b"FontFile2" in arrived.pdf  # letters arrive as letters, not as pictures


def test_a_jam_is_told_and_the_rest_is_no_copy(cups: VirtualCups, make_context: MakeContext) -> None:
    """Six pages, a jam after the third: the printer's own count is believed, the rest comes under the same number."""
    ctx, pdf = make_context(Role.BASE_UNI, "013"), blank_sheets(6)
    made = document("answer-sheets", pdf)
    cups.order_press(jam_after=3)
    run = sent(ctx, made, PrintOrder("emu", (1, 2, 3, 4, 5, 6)))
    state = follow(run, jammed)
    assert (state.stage, state.sure) == (JobStage.PRINTING, 3)
    for job in run.spool:
        Cups(server()).cancel(job)
    cups.clear_jam()
    state = follow(run)
    assert state.stage is JobStage.CANCELLED
    print_jobs.end(ctx, run, Outcome.STOPPED, 3, "media-jam")
    cups.order_press()
    rest = print_jobs.go_on(ctx, run.job, run.order, good=3, start=3, spoilt=1)
    rest = print_jobs.send(ctx, Cups(server()), rest, Silent())
    assert follow(rest) == RunState(JobStage.DONE, 6)
    print_jobs.end(ctx, rest, Outcome.PRINTED, 6)
    arrived = cups.arrived()[-1].pdf
    assert len(sizes(arrived)) == 3
    for place, page in enumerate((4, 5, 6)):
        assert_same_paper(pdf, page - 1, arrived, place)
    with ctx.store.read() as session:
        assert times_printed(session, "answer-sheets", "1") == 1
    second, first = print_jobs.rows(ctx)
    assert (first.outcome, first.done, first.spoilt) == (Outcome.CONTINUED, 3, 1)
    assert (second.outcome, second.done, second.number, second.continued_of) == (Outcome.PRINTED, 6, 1, first.id)


def test_a_stopped_printer_keeps_the_job_over_a_new_start(cups: VirtualCups, make_context: MakeContext) -> None:
    """The queue stands still, the program is closed and started again: the printing is found and ends well."""
    ctx = make_context(Role.BASE_UNI, "013")
    cups.command("cupsdisable", "emu")
    (printer,) = Cups(server()).printers()
    assert (printer.state, printer.words) == (PrinterState.STOPPED, "Эмулятор")
    run = sent(ctx, document("statistics", blank_sheets(2)), PrintOrder("emu", (1, 2), 2))
    state = follow(run, lambda state: "paused" in state.reasons)
    assert (state.stage, state.sure) == (JobStage.WAITING, 0)
    assert Cups(server()).printers()[0].waiting == 1
    (again,) = print_jobs.lost_runs(ctx, Cups(server()))
    assert again == run
    cups.command("cupsenable", "emu")
    assert follow(again) == RunState(JobStage.DONE, 4)
    assert cups.arrived()[0].attributes["COPIES"] == "2"


def test_cancelling_before_it_began_prints_nothing(cups: VirtualCups, make_context: MakeContext) -> None:
    ctx = make_context(Role.BASE_UNI, "013")
    cups.command("cupsdisable", "emu")
    run = sent(ctx, document("statistics", blank_sheets(1)), PrintOrder("emu", (1,)))
    Cups(server()).cancel(run.spool[0])
    Cups(server()).cancel(run.spool[0])  # twice is no fault
    assert follow(run).stage is JobStage.CANCELLED
    cups.command("cupsenable", "emu")
    assert cups.arrived() == []


def test_no_paper_stays_in_the_spool(cups: VirtualCups, make_context: MakeContext) -> None:
    """CUPS keeps a job's paper for a day after it was printed or cancelled: once it has ended it is told not to."""
    ctx, system = make_context(Role.BASE_UNI, "013"), Cups(server())
    printed = sent(ctx, document("answer-key", blank_sheets(1)), PrintOrder("emu", (1,)))
    assert follow(printed).stage is JobStage.DONE
    cups.command("cupsdisable", "emu")
    waiting = sent(ctx, document("statistics", blank_sheets(1)), PrintOrder("emu", (1,)))
    system.cancel(waiting.spool[0])
    assert follow(waiting).stage is JobStage.CANCELLED
    assert len(cups.kept()) == 2
    for job in (*printed.spool, *waiting.spool, *printed.spool):  # twice is no fault
        system.forget(job)
    cups.command("cupsenable", "emu")
    assert cups.kept() == []
    assert system.look(printed.spool[0]).stage is JobStage.UNKNOWN


def test_what_cannot_be_printed_is_said(cups: VirtualCups, make_context: MakeContext) -> None:
    """An unknown queue, a queue that takes no jobs, no spooler at all: nothing printed, the log says so."""
    ctx = make_context(Role.BASE_UNI, "013")
    with pytest.raises(PrintFault, match="nowhere did not take"):
        sent(ctx, document("statistics", blank_sheets(1)), PrintOrder("nowhere", (1,)))
    cups.command("cupsreject", "emu")
    assert Cups(server()).printers()[0].state is PrinterState.CLOSED
    with pytest.raises(PrintFault, match="not accepting"):
        sent(ctx, document("statistics", blank_sheets(1)), PrintOrder("emu", (1,)))
    cups.command("cupsaccept", "emu")
    with pytest.raises(PrintFault, match="does not answer"):
        Cups(str(cups.folder / "nobody.sock")).printers()
    with pytest.raises(PrintFault, match="does not answer"):
        Cups(str(cups.folder / "nobody.sock")).send("emu", b"", Ticket("x", (1,)), Silent())
    assert [row.outcome for row in print_jobs.rows(ctx)] == [Outcome.FAILED, Outcome.FAILED]
    with ctx.store.read() as session:
        assert times_printed(session, "statistics", "1") == 0


def test_a_printed_answer_sheet_is_read_back(cups: VirtualCups, make_context: MakeContext) -> None:
    """Through CUPS to paper, filled in, scanned at 200 dpi, read: every mark where the form has its bubble."""
    form, order = layout(replace(default_profile(), training=True)), PrintOrder("emu", (2,))
    run = sent(make_context(Role.MINISTRY_PROGRAMMER, "013"), document("answer-sheets", blank_sheets(3)), order)
    follow(run)
    paper = drawn(cups.arrived()[0].pdf, 0, 200).copy()
    marked = {}
    for turn, (group, members) in enumerate(form.groups().items()):
        bubble = form.bubbles[members[turn % len(members)]]
        centre = (round(bubble.x / 25.4 * 200), round(bubble.y / 25.4 * 200))
        cv2.circle(paper, centre, round(bubble.rx / 25.4 * 200 * 0.95), 40, -1)
        marked[group] = (bubble.value,)
    reading = read_image(paper, form, dpi=200)
    assert reading.ok, reading.codes()
    assert reading.serial == "000000000002"
    for (field, column), values in marked.items():
        group = reading.fields[field][column]
        assert (group.state, tuple(group.values)) == (State.ONE, values), (field, column)
