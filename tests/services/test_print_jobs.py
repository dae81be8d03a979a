"""A printing is in the log before the printer has it; its rest keeps its number; nothing without paper counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome, PrintOrder, Sides
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.printing.queue import JobStage, JobState, Printer, PrintFault, Ticket, refused
from mab_desktop.services import print_jobs
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, record_printing, times_printed
from mab_desktop.services.print_jobs import KEPT, Run, RunState
from mab_desktop.services.sheets import blank_sheets
from mab_desktop.storage.tables.core import AuditEntry, PrintPaper
from tests.conftest import MakeContext

PDF = blank_sheets(4)
ORDER = PrintOrder("office", (1, 2, 3, 4), 2, Sides.LONG)


@dataclass
class Tray:
    """A print service that takes `room` jobs and then refuses; cancels the person's way when told."""

    room: int = 99
    sent: list[Ticket] = field(default_factory=list)
    stands: dict[str, JobState] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    follows: bool = True
    interrupted: bool = False

    def printers(self) -> Sequence[Printer]:
        return (Printer("office"),)

    def send(self, printer: str, pdf: bytes, ticket: Ticket, progress: Progress) -> str:
        if self.interrupted:
            raise Cancelled
        if len(self.sent) >= self.room:
            raise refused(printer, "no room")
        assert pdf == PDF
        self.sent.append(ticket)
        return str(len(self.sent))

    def find(self, title: str) -> str:
        return next((str(n) for n, ticket in enumerate(self.sent, 1) if ticket.title == title), "")

    def look(self, job: str) -> JobState:
        return self.stands[job]

    def cancel(self, job: str) -> None:
        self.cancelled.append(job)

    def forget(self, job: str) -> None:
        self.forgotten.append(job)


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.BASE_UNI, "013")


def made(key: str = "1") -> Document:
    return Document("passes", key, "p.pdf", PDF, 1, 1, Sides.LONG)


def begun(ctx: Context, key: str = "1", order: PrintOrder = ORDER) -> Run:
    return print_jobs.begin(ctx, made(key), order, "Рұқсаттамалар")


def number(ctx: Context, key: str = "1") -> int:
    with ctx.store.read() as session:
        return times_printed(session, "passes", key)


def events(ctx: Context) -> list[tuple[str, str]]:
    with ctx.store.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.event.contains("print")).order_by(AuditEntry.n))
        return [(row.event, row.disposition) for row in rows]


def kept(ctx: Context) -> set[int]:
    with ctx.store.read() as session:
        return set(session.scalars(select(PrintPaper.job)))


def test_from_the_hand_over_to_the_last_page(ctx: Context) -> None:
    tray = Tray()
    run = print_jobs.send(ctx, tray, begun(ctx), Silent())
    assert tray.sent == [Ticket(print_jobs.spool_title(run, 0), (1, 2, 3, 4), 2, Sides.LONG, True)]
    assert tray.sent[0].title.startswith("Рұқсаттамалар [1-")
    tray.stands["1"] = JobState(JobStage.PRINTING, 3, ("toner-low",))
    assert print_jobs.look(tray, run) == RunState(JobStage.PRINTING, 3, ("toner-low",))
    tray.stands["1"] = JobState(JobStage.DONE)
    assert print_jobs.look(tray, run) == RunState(JobStage.DONE, 8)
    print_jobs.end(ctx, run, Outcome.PRINTED, 8)
    (row,) = print_jobs.rows(ctx)
    assert (row.outcome, row.done, row.number, row.times, row.pages, row.order) == (
        Outcome.PRINTED, 8, 1, 1, 4, ORDER
    )  # fmt: skip
    assert events(ctx) == [("print-started", "done"), ("document-printed", "done")]
    print_jobs.end(ctx, run, Outcome.STOPPED, 2)  # a second answer changes nothing
    assert print_jobs.rows(ctx)[0].outcome is Outcome.PRINTED


def test_the_rest_in_parts_under_the_same_number(ctx: Context) -> None:
    """Three good sides of two copies, two-sided: pages 3-4 again, then a whole copy; then a second stop."""
    tray = Tray()
    first = print_jobs.send(ctx, tray, begun(ctx), Silent())
    print_jobs.end(ctx, first, Outcome.STOPPED, 3, "media-jam")
    assert number(ctx) == 1
    rest = print_jobs.go_on(ctx, first.job, ORDER, good=3, start=3, spoilt=1)
    rest = print_jobs.send(ctx, tray, rest, Silent())
    assert [(ticket.pages, ticket.copies) for ticket in tray.sent[1:]] == [((3, 4), 1), ((1, 2, 3, 4), 1)]
    assert len({ticket.title for ticket in tray.sent}) == 3
    tray.stands |= {"2": JobState(JobStage.DONE), "3": JobState(JobStage.PRINTING, 1)}
    assert print_jobs.look(tray, rest) == RunState(JobStage.PRINTING, 5)
    tray.stands["3"] = JobState(JobStage.CANCELLED, 1)
    assert print_jobs.look(tray, rest) == RunState(JobStage.CANCELLED, 5)
    print_jobs.end(ctx, rest, Outcome.STOPPED, 5)
    last = print_jobs.go_on(ctx, rest.job, ORDER, good=5, start=5)
    assert last.parts[0].pages == (1, 2, 3, 4)
    print_jobs.end(ctx, last, Outcome.PRINTED, 8)
    rows = print_jobs.rows(ctx, "passes", "1")
    assert [(row.outcome, row.start, row.done, row.spoilt, row.number, row.continued_of) for row in rows] == [
        (Outcome.PRINTED, 5, 8, 0, 1, 1), (Outcome.CONTINUED, 3, 5, 0, 1, 1), (Outcome.CONTINUED, 0, 3, 1, 1, None),
    ]  # fmt: skip
    assert number(ctx) == 1


def test_spoilt_pages_of_a_printed_document(ctx: Context) -> None:
    """Found an hour later: page 2 once more, under the same number; another printer does it."""
    run = begun(ctx)
    print_jobs.end(ctx, run, Outcome.PRINTED, 8)
    again = PrintOrder("cellar", (2,), 1, Sides.LONG)
    new = print_jobs.go_on(ctx, run.job, again, good=8, start=0, spoilt=1)
    print_jobs.end(ctx, new, Outcome.PRINTED, 1)
    row = print_jobs.rows(ctx)[0]
    assert (row.order, row.asked, row.number, row.times) == (again, "2", 1, 1)


def test_without_paper_there_was_no_printing(ctx: Context) -> None:
    with pytest.raises(PrintFault, match="no room"):
        print_jobs.send(ctx, Tray(room=0), begun(ctx), Silent())
    with pytest.raises(Cancelled):
        print_jobs.send(ctx, Tray(interrupted=True), begun(ctx), Silent())
    failed = [(row.outcome, row.reason) for row in print_jobs.rows(ctx)]
    assert failed == [(Outcome.STOPPED, "cancelled"), (Outcome.FAILED, "no room")]
    print_jobs.give_up(ctx, 2, 0)
    assert number(ctx) == 0
    assert kept(ctx) == set()
    run = begun(ctx)
    print_jobs.end(ctx, run, Outcome.STOPPED, 1)
    print_jobs.give_up(ctx, run.job, 1)
    assert number(ctx) == 1  # one side of it lies somewhere
    with pytest.raises(UserError, match="no longer kept"):
        print_jobs.go_on(ctx, run.job, ORDER, good=1, start=1)


def test_a_part_refused_takes_the_others_back(ctx: Context) -> None:
    tray = Tray(room=1)
    run = begun(ctx)
    print_jobs.end(ctx, run, Outcome.STOPPED, 2)
    rest = print_jobs.go_on(ctx, run.job, ORDER, good=2, start=2)
    with pytest.raises(PrintFault):
        print_jobs.send(ctx, tray, rest, Silent())
    assert tray.forgotten == ["1"]
    row = print_jobs.rows(ctx)[0]
    assert (row.outcome, row.done, row.can_go_on) == (Outcome.STOPPED, 2, True)


def test_a_rest_that_never_got_to_the_printer_is_still_wanted(ctx: Context) -> None:
    run = begun(ctx)
    print_jobs.end(ctx, run, Outcome.STOPPED, 2)
    for ending in (Outcome.FAILED, Outcome.CANCELLED):
        rest = print_jobs.go_on(ctx, run.job, ORDER, good=2, start=2)
        print_jobs.end(ctx, rest, ending, 2)
        row = print_jobs.rows(ctx)[0]
        assert (row.outcome, row.done, row.can_go_on) == (Outcome.STOPPED, 2, True)
        run = rest
    assert number(ctx) == 1


def test_the_next_start_finds_what_is_at_the_printer(ctx: Context) -> None:
    tray = Tray()
    known = print_jobs.send(ctx, tray, begun(ctx), Silent())
    lost = begun(ctx, "2")
    assert print_jobs.lost_runs(ctx, tray) == [known]
    row = print_jobs.broken_off(ctx, "passes", "2")
    assert row is not None
    assert (row.id, row.outcome, row.reason, row.paper_kept) == (lost.job, Outcome.STOPPED, "unknown", True)
    assert print_jobs.paper(ctx, lost.job) == PDF
    print_jobs.came_out(ctx, lost.job)
    assert print_jobs.broken_off(ctx, "passes", "2") is None
    assert print_jobs.rows(ctx)[0].done == ORDER.total


def test_papers_are_kept_while_somebody_may_ask(ctx: Context) -> None:
    """Those that broke off as long as it takes, the ended ones as long as they are among the newest."""
    stopped = begun(ctx, "stopped")
    print_jobs.end(ctx, stopped, Outcome.STOPPED, 1)
    for n in range(KEPT + 2):
        print_jobs.end(ctx, begun(ctx, str(n)), Outcome.PRINTED, 8)
    assert kept(ctx) == {stopped.job, *range(stopped.job + 3, stopped.job + KEPT + 3)}
    old = print_jobs.rows(ctx, "passes", "0")[0]
    assert not old.can_go_on
    with pytest.raises(UserError, match="no longer kept"):
        print_jobs.paper(ctx, old.id)


def test_large_papers_are_kept_one_by_one(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A season of passes with photographs must not swell the database: the newest, and what fits beside it."""
    monkeypatch.setattr(print_jobs, "KEPT_BYTES", 2 * len(PDF) + 1)
    runs = [begun(ctx, str(n)) for n in range(4)]
    for run in runs:
        print_jobs.end(ctx, run, Outcome.PRINTED, 8)
    assert kept(ctx) == {runs[2].job, runs[3].job}
    monkeypatch.setattr(print_jobs, "KEPT_BYTES", 1)
    run = begun(ctx, "last")
    print_jobs.end(ctx, run, Outcome.PRINTED, 8)
    assert kept(ctx) == {run.job}


def test_saved_files_count_among_the_printings(ctx: Context) -> None:
    record_printing(ctx, made(), "Рұқсаттамалар")
    print_jobs.end(ctx, begun(ctx), Outcome.PRINTED, 8)
    assert [(row.number, row.times, row.outcome, row.title) for row in print_jobs.rows(ctx)] == [
        (2, 2, Outcome.PRINTED, "Рұқсаттамалар"), (1, 2, Outcome.SAVED, "Рұқсаттамалар"),
    ]  # fmt: skip
    assert not any(row.can_go_on for row in print_jobs.rows(ctx) if row.outcome is Outcome.SAVED)
