"""Printings from the hand-over to the last page: logged before they begin, gone on with after a stop, never lost.

The log comes first: a row is written before the printer gets anything, and the title of the job at the printer names
the row, so that a printing is found again after the program was shut down. What goes on after a stop is the same
document under the same number, no copy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.printing import Outcome, Part, PrintOrder, Sides, page_numbers, page_words
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, translate
from mab_desktop.printing.queue import ENDED, JobStage, PrintFault, PrintSystem, Ticket
from mab_desktop.services import pass_copies, who
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.documents import Document, Pdf, gave_paper, measured, pdf_parts, times_printed
from mab_desktop.storage.sealed_paper import SealedPaper
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import PrintJob, PrintPaper, PrintPaperPart

# Papers of ended printings are kept for the sheet found spoilt an hour later: so many, and so many bytes of them.
KEPT, KEPT_BYTES = 10, 32 * 1024 * 1024
_TITLE = 80
UNKNOWN = JobStage.UNKNOWN.value  # the reason of a printing that the printer has forgotten
_OPEN = (Outcome.PRINTING, Outcome.STOPPED)
_RESUMABLE = (*_OPEN, Outcome.PRINTED)


@dataclass(frozen=True, slots=True)
class Run:
    """A printing at work: its row, what was ordered, the side it starts after, and its jobs at the printer.

    `mark` is of the document: rows of other workplaces on this computer have the same numbers.
    """

    job: int
    document: str
    key: str
    title: str
    mark: str
    order: PrintOrder
    start: int = 0
    spool: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What this run prints, one job for the printer each."""
        return self.order.rest(self.start)


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands: `sure` sides of the whole order are known to be out; `reasons` as IPP says them."""

    stage: JobStage
    sure: int
    reasons: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """True when nothing more comes."""
        return self.stage in ENDED


@dataclass(frozen=True, slots=True)
class PrintRow:
    """A line of the print log. `number` is the printing of its document, `times` how many there were in all."""

    id: int
    at: str
    by: str
    document: str
    key: str
    title: str
    number: int
    times: int
    printer: str
    order: PrintOrder
    pages: int
    asked: str
    start: int
    done: int
    spoilt: int
    outcome: Outcome
    reason: str
    continued_of: int | None
    paper_kept: bool

    @property
    def open(self) -> bool:
        """True when somebody must still say how it ended, or print the rest."""
        return self.outcome in _OPEN

    @property
    def can_go_on(self) -> bool:
        """True when the rest, or spoilt pages, can be printed under the same number."""
        return self.paper_kept and self.outcome in _RESUMABLE


def begin(ctx: Context, made: Document, order: PrintOrder, title: str) -> Run:
    """Log that a document goes to the printer; it gets its number now. One that is counted in pieces comes out once."""
    if made.pieces and order.copies > 1:
        raise UserError(N_("Passes are printed once each: what is printed again says that it is a copy."))
    digest, pages = measured(made.pdf)
    with ctx.store.write(ctx.actor) as tx:
        row = PrintJob(
            document=made.document, key=made.key, pages=pages, sha256=digest, at=stamp(ctx), by=ctx.actor.login,
            number=times_printed(tx.session, made.document, made.key) + 1, title=title[:200],
            **_columns(order, pages, 0),
        )  # fmt: skip
        _start(tx, row, 0)
        _keep(tx, row.id, made.pdf)
        if made.pieces:
            wanted = set(order.pages)
            pass_copies.plan(tx, row.id, (piece for piece in made.pieces if piece.page in wanted))
    return _run(row)


def go_on(ctx: Context, job: int, order: PrintOrder, *, good: int, start: int, spoilt: int = 0) -> Run:
    """Print `order` from its side `start` on under the number of `job`, of whose own order `good` sides are good.

    The rest after a stop is the old order from `good` on, pages found spoilt are an order of their own from 0.
    """
    with ctx.store.write(ctx.actor) as tx:
        old = tx.session.get_one(PrintJob, job)
        root = old.continued_of or old.id
        if old.outcome not in _RESUMABLE or tx.session.get(PrintPaper, root) is None:
            raise UserError(
                N_("This document is no longer kept. Nothing was printed."),
                next_step=N_("Open the paper and print it again; it will say that it is a copy."),
            )
        if order.sides is not Sides.ONE and order.pages != _order(old).pages and pass_copies.counted(tx, root):
            order = _whole_sheets(order, old.pages)
        _count_pieces(ctx, tx, old, good, _spoilt_pages(_order(old), order, good, spoilt))
        old.outcome, old.done, old.spoilt, old.ended_at = Outcome.CONTINUED, good, spoilt, stamp(ctx)
        row = PrintJob(
            document=old.document, key=old.key, pages=old.pages, sha256=old.sha256, at=stamp(ctx), by=ctx.actor.login,
            number=old.number, title=old.title, continued_of=root, **_columns(order, old.pages, start),
        )  # fmt: skip
        _start(tx, row, spoilt)
    return _run(row)


def send(ctx: Context, system: PrintSystem, run: Run, progress: Progress) -> Run:
    """Hand every part of a run to the printer. PrintFault and Cancelled are logged: nothing of it comes out."""
    pdf = paper(ctx, run.job)
    sent: list[str] = []
    order = run.order
    try:
        for place, part in enumerate(run.parts):
            ticket = Ticket(spool_title(run, place), part.pages, part.copies, order.sides, order.by_copy)
            sent.append(system.send(order.printer, pdf, ticket, progress))
    except (PrintFault, Cancelled) as error:
        for job in sent:
            system.forget(job)
        refused = isinstance(error, PrintFault)
        reason = str(error.params.get("detail", "")) if isinstance(error, PrintFault) else "cancelled"
        end(ctx, run, Outcome.FAILED if refused and not sent else Outcome.STOPPED, run.start, reason)
        raise
    return replace(run, spool=tuple(sent))


def look(system: PrintSystem, run: Run) -> RunState:
    """How a run stands, its parts taken together."""
    states = [system.look(job) for job in run.spool]
    sizes = [len(part.pages) * part.copies for part in run.parts]
    before = run.order.total - sum(sizes)
    out = sum(
        size if state.stage is JobStage.DONE else min(state.sure, size)
        for state, size in zip(states, sizes, strict=True)
    )
    left = [state for state in states if state.stage is not JobStage.DONE]
    if not left:
        return RunState(JobStage.DONE, run.order.total)
    failed = next((state.stage for state in left if state.stage in ENDED), left[0].stage)
    return RunState(failed, before + out, left[0].reasons)


def end(ctx: Context, run: Run, outcome: Outcome, done: int, reason: str = "") -> None:
    """Log how a run ended, `done` sides of its order being good; asked twice, the first answer stands.

    The rest of a document that did not get to the printer is still wanted: it broke off once more.
    """
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get_one(PrintJob, run.job)
        if row.outcome not in _OPEN:
            return
        if row.continued_of is not None and outcome in (Outcome.FAILED, Outcome.CANCELLED):
            outcome = Outcome.STOPPED
        row.outcome, row.done, row.reason, row.ended_at = outcome, done, reason[:200], stamp(ctx)
        about = f"{row.document}:{row.key}"
        if outcome is Outcome.PRINTED:
            tx.note("document-printed", about, number=row.number, copies=row.copies, sha256=row.sha256,
                    printer=row.printer)  # fmt: skip
        else:
            tx.note("print-stopped", about, "failed", number=row.number, printer=row.printer, done=done,
                    of=run.order.total, outcome=outcome.value, reason=reason[:200])  # fmt: skip
        if outcome is Outcome.PRINTED:  # a stop is only counted when a person has said what is good
            _count_pieces(ctx, tx, row, done)
        elif outcome in (Outcome.FAILED, Outcome.CANCELLED):
            pass_copies.give_up(tx, row.id)
        _forget(tx)


def give_up(ctx: Context, job: int, good: int, spoilt: int = 0) -> None:
    """The rest is not wanted any more."""
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get_one(PrintJob, job)
        order = _order(row)
        _count_pieces(ctx, tx, row, good, _spoilt_pages(order, order, good, spoilt))
        pass_copies.give_up(tx, row.continued_of or row.id)
        row.outcome, row.done, row.spoilt, row.ended_at = Outcome.CANCELLED, good, spoilt, stamp(ctx)
        tx.note("print-stopped", f"{row.document}:{row.key}", number=row.number, printer=row.printer, done=good,
                outcome=row.outcome, spoilt=spoilt)  # fmt: skip
        _forget(tx)


def came_out(ctx: Context, job: int) -> None:
    """A person says that everything lies there."""
    run = found(ctx, job)
    end(ctx, run, Outcome.PRINTED, run.order.total)


def lost_runs(ctx: Context, system: PrintSystem) -> list[Run]:
    """Printings of an earlier start of the program that are still at the printer.

    One the printer has forgotten may have come out whole: the person looks, and says how much did.
    """
    with ctx.store.read() as session:
        rows = session.scalars(select(PrintJob).where(PrintJob.outcome == Outcome.PRINTING).order_by(PrintJob.id))
        waiting = [_run(row) for row in rows]
    runs = []
    for run in waiting:
        spool = tuple(system.find(spool_title(run, place)) for place in range(len(run.parts)))
        if spool and all(spool):
            runs.append(replace(run, spool=spool))
        else:
            end(ctx, run, Outcome.STOPPED, run.start, UNKNOWN)
    return runs


def forgotten(ctx: Context) -> list[str]:
    """Titles of the printings of which nobody has said yet whether they came out: the printer knows them no more."""
    query = select(PrintJob.title).where(PrintJob.outcome == Outcome.STOPPED, PrintJob.reason == UNKNOWN)
    with ctx.store.read() as session:
        return list(session.scalars(query.order_by(PrintJob.id)))


def found(ctx: Context, job: int) -> Run:
    """The run of a row of the log."""
    with ctx.store.read() as session:
        return _run(session.get_one(PrintJob, job))


def paper(ctx: Context, job: int) -> Pdf:
    """The PDF of a printing; UserError when it is no longer kept."""
    with ctx.store.read() as session:
        row = session.get_one(PrintJob, job)
        kept = session.get(PrintPaper, row.continued_of or row.id)
        if kept is None:
            raise UserError(N_("This document is no longer kept. Nothing was printed."))
        whole = SealedPaper()
        whole.write(kept.pdf)
        parts = select(PrintPaperPart.data).where(PrintPaperPart.job == kept.job).order_by(PrintPaperPart.part)
        for part in session.scalars(parts.execution_options(yield_per=1)):
            whole.write(part)
    return whole.finished()


def spool_title(run: Run, place: int) -> str:
    """What the job is called at the printer: words for people, and the row of the log it belongs to."""
    part = f".{place + 1}" if place else ""
    return f"{run.title[:_TITLE]} [{run.job}{part}-{run.mark}]"


def broken_off(ctx: Context, document: str, key: str) -> PrintRow | None:
    """The printing of a document that waits for somebody to go on with it; None when there is none."""
    return next((row for row in rows(ctx, document, key) if row.outcome is Outcome.STOPPED), None)


def rows(ctx: Context, document: str = "", key: str = "") -> list[PrintRow]:
    """The print log, newest first; of one document when it is named."""
    with ctx.store.read() as session:
        kept = set(session.scalars(select(PrintPaper.job)))
        count = select(PrintJob.document, PrintJob.key, func.max(PrintJob.number)).where(gave_paper())
        counted = session.execute(count.group_by(PrintJob.document, PrintJob.key))
        times = {(document, key): number for document, key, number in counted}
        query = select(PrintJob).order_by(PrintJob.id.desc())
        if document:
            query = query.where(PrintJob.document == document, PrintJob.key == key)
        people = who.names(session)
        return [_row(row, times.get((row.document, row.key), 0), kept, people) for row in session.scalars(query)]


def _row(row: PrintJob, times: int, kept: set[int], people: Mapping[str, str]) -> PrintRow:
    return PrintRow(
        row.id, row.at, people.get(row.by, row.by), row.document, row.key, row.title, row.number, times, row.printer,
        _order(row), row.pages, row.asked, row.start, row.done, row.spoilt, Outcome(row.outcome), row.reason,
        row.continued_of, (row.continued_of or row.id) in kept,
    )  # fmt: skip


def _columns(order: PrintOrder, pages: int, start: int) -> dict[str, object]:
    asked = "" if len(order.pages) == pages else page_words(order.pages)
    return {"printer": order.printer, "asked": asked, "copies": order.copies, "sides": order.sides,
            "collated": order.collate, "start": start, "done": start, "outcome": Outcome.PRINTING}  # fmt: skip


def _order(row: PrintJob) -> PrintOrder:
    pages = page_numbers(row.asked, row.pages) or ()
    return PrintOrder(row.printer, pages, row.copies, Sides(row.sides), row.collated)


def _run(row: PrintJob) -> Run:
    return Run(row.id, row.document, row.key, row.title, row.sha256[:6], _order(row), row.start)


def _start(tx: Transaction, row: PrintJob, spoilt: int) -> None:
    tx.session.add(row)
    tx.session.flush()
    tx.note("print-started", f"{row.document}:{row.key}", number=row.number, printer=row.printer, copies=row.copies,
            pages=row.asked or row.pages, start=row.start, spoilt=spoilt)  # fmt: skip


def _keep(tx: Transaction, job: int, pdf: Pdf) -> None:
    """Keep a document for what may still be wanted of it, a part at a time."""
    parts = pdf_parts(pdf)
    tx.session.execute(insert(PrintPaper), [{"job": job, "pdf": next(parts, b"")}])
    for number, part in enumerate(parts, 1):
        tx.session.execute(insert(PrintPaperPart), [{"job": job, "part": number, "data": part}])


def _count_pieces(ctx: Context, tx: Transaction, row: PrintJob, good: int, spoilt: Collection[int] = ()) -> None:
    """Count the passes that came out good since this row began, and note those on pages that came out spoilt."""
    root, order = row.continued_of or row.id, _order(row)
    sides = _sides(order)
    first = row.start - row.start % sides
    whole = good if good == order.total else good - good % sides
    pass_copies.came_out(tx, root, order.pages[first : max(first, whole)], stamp(ctx))
    if spoilt:
        why = translate(ctx.lang, N_("Came out of the printer spoilt"))
        pass_copies.came_out_spoilt(tx, root, frozenset(spoilt), stamp(ctx), ctx.actor.login, why)


def _sides(order: PrintOrder) -> int:
    """Pages on a sheet of paper."""
    return 1 if order.sides is Sides.ONE else 2


def _spoilt_pages(old: PrintOrder, new: PrintOrder, good: int, sheets: int) -> tuple[int, ...]:
    """The pages that came out spoilt: those asked for by themselves, or so many sheets after the last good one."""
    if new.pages != old.pages:
        return new.pages
    begin = good - good % _sides(old)
    return old.pages[begin : begin + sheets * _sides(old)]


def _whole_sheets(order: PrintOrder, pages: int) -> PrintOrder:
    """The order with the other side of every sheet: a pass is never printed again without its back."""
    fronts = {page - 1 + page % 2 for page in order.pages}
    return replace(order, pages=tuple(page for front in sorted(fronts) for page in (front, front + 1) if page <= pages))


def _forget(tx: Transaction) -> None:
    """Let go of papers that nobody will ask for again; the newest stays whatever its size."""
    tx.session.flush()
    wanted = _roots(tx.session, select(PrintJob).where(PrintJob.outcome.in_(_OPEN)))
    sizes: dict[int, int] = {}
    for query in (select(PrintPaper.job, func.length(PrintPaper.pdf)),
                  select(PrintPaperPart.job, func.sum(func.length(PrintPaperPart.data)))
                  .group_by(PrintPaperPart.job)):  # fmt: skip
        for job, length in tx.session.execute(query):
            sizes[job] = sizes.get(job, 0) + length
    ended = select(PrintJob).where(PrintJob.outcome == Outcome.PRINTED).order_by(PrintJob.id.desc()).limit(KEPT)
    whole = 0
    for row in tx.session.scalars(ended):
        root = row.continued_of or row.id
        whole += sizes.get(root, 0)
        if whole <= KEPT_BYTES or whole == sizes.get(root):
            wanted.add(root)
    tx.session.execute(delete(PrintPaper).where(PrintPaper.job.not_in(wanted)))


def _roots(session: Session, query: Select[PrintJob]) -> set[int]:
    return {row.continued_of or row.id for row in session.scalars(query)}
