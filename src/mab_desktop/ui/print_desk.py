"""The printings of a window: handed over in a task, then followed beside all other work until the last page is out.

A printing goes on at the printer whatever page is shown, and also when the program is closed; the next start finds it
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.printing import Outcome, PrintOrder
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services import print_jobs, printers
from mab_desktop.services.documents import Document, pdf_parts, record_printing
from mab_desktop.services.print_jobs import PrintRow, Run, RunState
from mab_desktop.services.printers import JobStage, Printer, PrintSystem
from mab_desktop.services.whole_file import refusal_words, write_whole
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.print_dialog import GoOnQuestion, PrintQuestion
from mab_desktop.ui.print_qt import QtPrinters
from mab_desktop.ui.print_words import FORGOTTEN, LOOK_THERE, cancelled_words, in_trouble, progress_words, run_words

_BETWEEN_LOOKS = 1000  # ms; the spooler of this computer answers in a few
_PRINTER, _PRINTERS = "print.printer", "print.printers"  # the last one of all, and of each kind of document


@dataclass(frozen=True, slots=True)
class Live:
    """A printing that is followed now."""

    run: Run
    state: RunState
    began: bool = False  # the printer has worked on it
    stopping: bool = False  # the person pressed Stop


class PrintDesk(QObject):
    """Starts printings, follows them, takes them back. `changed()` when one of them moved on or ended."""

    changed = Signal()

    def __init__(self, app: AppContext, system: PrintSystem) -> None:
        super().__init__(app.shell)
        self.app, self.system = app, system
        self.live: dict[int, Live] = {}
        self._told: set[tuple[int, tuple[str, ...]]] = set()
        self._warnings: dict[int, str] = {}  # job -> what was said of its trouble
        self._looking = False
        self.timer = QTimer(self, interval=_BETWEEN_LOOKS)
        self.timer.timeout.connect(self.look)

    # --- asking ----------------------------------------------------------------------------------------------------

    def with_printers(self, then: Callable[[Sequence[Printer]], None]) -> None:
        """Ask the spooler beside the window, then go on with what it found; one that does not answer is said."""
        self.app.tasks.read(self.system.printers, then, self.app.failed)

    def ask_to_print(
        self, parent: QWidget, made: Document, title: str, count: int, current: int, then: Callable[[], None]
    ) -> None:
        """The print dialog, and the printing when it is answered; `then` once the document has taken its number."""

        def ask(found: Sequence[Printer]) -> None:
            wanted = self.app.settings.get(_PRINTERS, {}).get(made.document) or self.app.settings.get(_PRINTER, "")
            asked = PrintQuestion(
                parent, title, count, made.copies, found, sides=made.sides, current=current, wanted=wanted,
                look=self.with_printers, once=bool(made.pieces),
            )  # fmt: skip
            if asked.exec() == QDialog.DialogCode.Accepted:
                self.print_out(made, asked.order(), title, then)

        self.with_printers(ask)

    def ask_to_go_on(self, parent: QWidget, row: PrintRow) -> None:
        """Where to go on; a printing that is still at the printer is taken back first."""
        self.take_back(row.id)

        def ask(found: Sequence[Printer]) -> None:
            asked = GoOnQuestion(parent, row.title, row.order, row.done, found,
                                 whole=row.outcome is Outcome.PRINTED, look=self.with_printers)  # fmt: skip
            if asked.exec() == QDialog.DialogCode.Accepted:
                order, start = asked.order()
                self.go_on(row.id, order, good=asked.good(), start=start, spoilt=asked.spoilt.value())

        self.with_printers(ask)

    # --- doing -----------------------------------------------------------------------------------------------------

    def print_out(self, made: Document, order: PrintOrder, title: str, then: Callable[[], None]) -> None:
        """Log the printing and hand it over."""
        self._remember(made.document, order.printer)
        then()
        self._hand_over(lambda: print_jobs.begin(self.app.ctx, made, order, title))

    def go_on(self, job: int, order: PrintOrder, *, good: int, start: int, spoilt: int = 0) -> None:
        """Print the rest of a printing, or its spoilt pages, under the same number."""
        self._hand_over(
            lambda: print_jobs.go_on(self.app.ctx, job, order, good=good, start=start, spoilt=spoilt)
        )

    def save(self, made: Document, file: Path, title: str) -> None:
        """Save a document as a file, whole or not at all, as one printing. UserError when the disk refuses."""
        try:
            write_whole(file, pdf_parts(made.pdf))
        except OSError as error:
            raise UserError(refusal_words(error), next_step=N_("Choose another folder and save again.")) from error
        record_printing(self.app.ctx, replace(made, copies=1), title)

    def give_up(self, parent: QWidget, row: PrintRow) -> None:
        """Ask, then leave the rest of a printing unprinted."""
        text = _("Out so far: {done}. What is printed later of this document will say that it is a copy.").format(
            done=progress_words(row.done, row.order.total)
        )
        if ask_to_confirm(parent, _("Give the rest up"), f"{row.title}\n{text}", _("Give the rest up")):
            print_jobs.give_up(self.app.ctx, row.id, row.done)
            self.changed.emit()

    def take_back(self, job: int) -> None:
        """Cancel a printing at the printer; how far it came is logged when the printer has stopped."""
        live = self.live.get(job)
        if live is None or live.stopping:
            return
        self.live[job] = replace(live, stopping=True)
        self.changed.emit()
        self.app.tasks.read(
            lambda: _with_each(live.run.spool, self.system.cancel), lambda _n: self.look(), self.app.failed
        )

    def adopt(self) -> None:
        """Follow what an earlier start of the program left at the printer."""
        ctx, system = self.app.ctx, self.system
        self.app.tasks.read(
            lambda: (print_jobs.lost_runs(ctx, system), print_jobs.forgotten(ctx)), self._adopted, self.app.failed
        )

    def _remember(self, document: str, printer: str) -> None:
        settings = self.app.settings
        settings.set(_PRINTERS, {**settings.get(_PRINTERS, {}), document: printer})
        settings.set(_PRINTER, printer)

    def _hand_over(self, log: Callable[[], Run]) -> None:
        """Log it in the write lane; a spooler is handed the document there too, where pages are drawn it is beside."""
        ctx, system, tasks = self.app.ctx, self.system, self.app.tasks

        def send(run: Run, progress: Progress) -> Run:
            return print_jobs.send(ctx, system, run, progress)

        def draw(run: Run) -> None:
            tasks.run(_("Printing"), lambda progress: send(run, progress), self._handed_over, beside=True)

        if system.follows:
            tasks.run(_("Printing"), lambda progress: send(log(), progress), self._handed_over)
        else:
            tasks.run(_("Printing"), lambda _progress: log(), draw)

    def _handed_over(self, run: Run) -> None:
        if self.system.follows:
            self._follow_all([run])
        else:
            print_jobs.end(self.app.ctx, run, Outcome.PRINTED, run.order.total)
            self.changed.emit()

    # --- following -------------------------------------------------------------------------------------------------

    def _adopted(self, found: tuple[Sequence[Run], Sequence[str]]) -> None:
        runs, forgotten = found
        self._follow_all(runs)
        if forgotten:
            said = f"{', '.join(dict.fromkeys(forgotten))}: {_(FORGOTTEN)}."
            # Later, when the page that made this desk is open: a new page puts earlier messages away.
            QTimer.singleShot(0, self, lambda: self.app.inform(said, kind="warning", next_step=_(LOOK_THERE)))

    def _follow_all(self, runs: Sequence[Run]) -> None:
        for run in runs:
            if run.job not in self.live:
                self.live[run.job] = Live(run, RunState(JobStage.WAITING, run.start))
        if self.live:
            self.timer.start()
            self.changed.emit()
            self.look()

    def look(self) -> None:
        """Ask how every printing stands; does nothing while the last question is not answered."""
        if self.app.shell.app is not self.app:  # somebody else has logged in: the next desk takes over
            self.timer.stop()
            return
        if self._looking or not self.live:
            return
        self._looking = True
        runs, system = [live.run for live in self.live.values()], self.system
        self.app.tasks.read(
            lambda: [(run, print_jobs.look(system, run)) for run in runs], self._seen, self._deaf
        )

    def _deaf(self, error: BaseException) -> None:
        """The spooler is away: what it had goes on when it is back."""
        self._looking = False
        if not isinstance(error, UserError):
            self.app.failed(error)

    def _seen(self, found: Sequence[tuple[Run, RunState]]) -> None:
        if not isValid(self):
            return  # the window was closed meanwhile
        self._looking = False
        for run, state in found:
            before = self.live[run.job]
            sure = max(before.state.sure, state.sure)  # a printer forgets what it counted for a job that has ended
            now = replace(
                before, state=replace(state, sure=sure), began=before.began or state.stage is JobStage.PRINTING
            )
            self.live[run.job] = now
            if now.state.ended:
                self._ended(now)
            else:
                self._warn(now)
        if not self.live:
            self.timer.stop()
        self.changed.emit()

    def _ended(self, live: Live) -> None:
        run, state = live.run, live.state
        del self.live[run.job]
        self._trouble_over(run.job)
        self.app.tasks.read(
            lambda: _with_each(run.spool, self.system.forget), lambda _n: None, self._not_forgotten
        )
        if state.stage is JobStage.DONE:
            print_jobs.end(self.app.ctx, run, Outcome.PRINTED, run.order.total)
            return
        nothing = state.stage is JobStage.CANCELLED and not live.began and state.sure == run.start
        reason = "cancelled" if live.stopping else ", ".join(state.reasons) or state.stage.value
        print_jobs.end(self.app.ctx, run, Outcome.CANCELLED if nothing else Outcome.STOPPED, state.sure, reason)
        if live.stopping:
            return
        if state.stage is JobStage.CANCELLED:
            came, then = cancelled_words(run, state, nothing=nothing)
            words = _("{title}: cancelled at the printer {printer}, not in this program.")
            said = words.format(title=run.title, printer=run.order.printer)
            self.app.inform(f"{said} {came}", kind="warning", next_step=then)
        else:
            right = _("Set the printer right, look at the last good sheet and go on from it in the print log.")
            self.app.inform(
                f"{run.title}: {run_words(run.order.printer, state)}.", kind="warning",
                next_step=_(LOOK_THERE) if state.stage is JobStage.UNKNOWN else right,
            )  # fmt: skip

    def _not_forgotten(self, error: BaseException) -> None:
        """The spooler went away in between: it deletes what it keeps by its own rule."""
        if not isinstance(error, UserError):
            self.app.failed(error)

    def _warn(self, live: Live) -> None:
        """Say once what the printer waits for."""
        name = (live.run.job, live.state.reasons)
        if not in_trouble(live.state.reasons):
            self._trouble_over(live.run.job)
        elif name not in self._told:
            self._told.add(name)
            words = f"{live.run.title}: {run_words(live.run.order.printer, live.state)}."
            self._warnings[live.run.job] = words
            self.app.inform(
                words, kind="warning", next_step=_("Set the printer right: the printing goes on by itself.")
            )

    def _trouble_over(self, job: int) -> None:
        """What was said of it is not true any more; another message stays."""
        words = self._warnings.pop(job, "")
        if words and self.app.shell.messages.words().startswith(words):
            self.app.shell.messages.dismiss()


def _with_each(jobs: Sequence[str], act: Callable[[str], None]) -> None:
    for job in jobs:
        act(job)


def desk_of(app: AppContext) -> PrintDesk:
    """The desk of this window and person; the first call takes up what an earlier start left at the printer."""
    found = app.shell.findChild(PrintDesk)
    if found is not None and found.app is app:
        return found
    if found is not None:
        found.setParent(None)
        found.timer.stop()
    made = PrintDesk(app, printers.spooler() or QtPrinters())
    made.adopt()
    return made
