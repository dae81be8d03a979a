"""Envelopes (p.34, p.38): the act's counts, two passes through the scanner, their differences, the hall's balance."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.scan_act import EnvelopeCard
from mab_desktop.ministry_programmer.scan_left_over import BroughtOverStrip, LeftOverStrip
from mab_desktop.ministry_programmer.scan_picture import KEY as MARKS_KEY
from mab_desktop.ministry_programmer.scan_review import PassReview
from mab_desktop.ministry_programmer.scan_view import ScanView
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.services import envelopes, scan_session, staging
from mab_desktop.services.brought_over import brought_over
from mab_desktop.services.envelopes import EnvelopeLine, PassReport
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from mab_desktop.services.sheet_places import SheetPlace, find_sheets
from mab_desktop.services.staging import LeftOver
from mab_desktop.ui import theme
from mab_desktop.ui.messages import ask_for_reason, ask_for_words, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import scrolled, split
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import WorkplaceShell


class EnvelopesPage(ShiftPage):
    """The halls left, the pages of a pass in the middle, the balance right; while scanning the run stands there."""

    wanted = (ShiftState.OPEN,)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.line: EnvelopeLine | None = None
        self.lines: dict[str, EnvelopeLine] = {}
        self.halls, self.left_over, self.brought_over = HallList(), LeftOverStrip(), BroughtOverStrip()
        self.review = PassReview(app, self._closed)
        self.card = EnvelopeCard(self._closed, self._may_not_scan, self._no_pass)
        self.run = ScanView(app)
        # Another person at this window, or its end: what is scanned stays in its folder, the scanner stops.
        self._held: list[ScanSession] = []
        self.destroyed.connect(partial(_stop, self._held))
        self.stack = QStackedWidget()
        self.stack.addWidget(split(self.halls, self.review, self._side(), stretches=(3, 12, 8)))
        self.stack.addWidget(self.run)
        self.body.addWidget(self.brought_over)
        self.body.addWidget(self.left_over)
        self.body.addWidget(self.stack, 1)
        self._connect()
        self.add_actions((
            Action(N_("Find a sheet…"), self.find_sheet, "search", "Ctrl+F", self._may_not_find),
            Action(N_("Next hall"), self.next_open, "forward", "F3"),
            Action(N_("Identification"), self._identify, "identify"),
            Action(N_("Scan the next envelope"), self.scan_next, "scan", obstacle=self._may_not_scan_next),
        ))  # fmt: skip
        self._page_buttons += [*self.review.page_buttons, *self.card.buttons, *self.run.buttons]

    def _side(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        return scrolled(inside, theme.px(420))  # the balance grows with each pass

    def _connect(self) -> None:
        self.halls.hall_chosen.connect(lambda _hall: self._show_hall())
        self.halls.activated.connect(lambda _place: self._go_to_due())
        self.review.changed.connect(self.refresh)
        self.review.looked.connect(self.renew_actions)
        self.card.save_asked.connect(self.save)
        self.card.act_is_right.connect(self._take_act)
        self.card.paper_is_right.connect(self._keep_paper)
        self.card.print_asked.connect(self.print_balance)
        self.card.scan_asked.connect(self.scan)
        self.card.folder_asked.connect(self.choose_folder)
        self.card.scanner_asked.connect(lambda: self.app.open_page("equipment"))
        self.card.discard_asked.connect(self.discard)
        self.card.page_asked.connect(lambda page: self.app.open_page(page, shift=self.shift, hall=self.halls.current()))
        self.run.over.connect(self._over)
        self.run.renewed.connect(self.renew_actions)
        self.run.rested.connect(self._copy)
        self.left_over.continue_asked.connect(self.continue_run)
        self.left_over.discard_asked.connect(self.discard_run)
        for key, act in ((MARKS_KEY, self._turn_over), ("F5", self._scan_on), ("F6", self.run.scan_again),
                         ("F8", self.run.remove), ("Ctrl+Delete", self.run.discard)):  # fmt: skip
            QShortcut(QKeySequence(key), self).activated.connect(act)

    @property
    def pages(self) -> dict[str, envelopes.PageLine]:
        """The pages of the pass in front."""
        return self.review.pages

    @property
    def scanning(self) -> bool:
        """Whether a run is on the screen: being scanned, or waiting to be saved or discarded."""
        return self.run.session is not None

    # --- showing ---------------------------------------------------------------------------------------------------

    def _closed(self) -> str:
        line = self.choice.line
        if line is None or line.state is not ShiftState.OPEN:
            return _("Envelopes are scanned while the shift is open (p.35, p.38).")
        return "" if self.halls.current() else _("Choose a hall.")

    def show_shift(self) -> None:
        """Every hall with its balance."""
        lines = envelopes.envelope_lines(self.app.ctx, self.shift)
        self.lines = {line.hall: line for line in lines}
        self.halls.show_halls([HallItem(line.hall, *_stands(line)) for line in lines])
        line = self.choice.line
        self.closed_reason = "" if line and line.state is ShiftState.OPEN else self._closed()
        self._show_left_over()
        self._show_hall()

    def _show_left_over(self) -> None:
        try:
            self.left_over.show_runs([] if self.scanning else staging.left_overs(self.app.ctx))
        except UserError as error:  # the halls are shown all the same
            self.left_over.show_runs([])
            self.app.failed(error)
        self.brought_over.show_copy(None if self.scanning else brought_over(self.app.ctx))

    def _show_hall(self) -> None:
        hall = self.halls.current()
        self.line = self.lines.get(hall)
        if self.line is None:
            return
        found = envelopes.comparison(self.app.ctx, self.shift, hall)
        self.card.show_line(self.line, found, self.run.source.scanner_name)
        self.card.scanner_link.setVisible("equipment" in {spec.key for spec in self.app.shell.spec.pages})
        self.review.show_hall(self.shift, hall, sum(len(groups) for groups in found.differing.values()))
        self.renew_actions()

    def renew_actions(self) -> None:
        """Only what a page needs is offered for it."""
        super().renew_actions()
        self.review.renew()
        self.choice.setEnabled(not self.scanning)

    # --- the envelope ----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ctrl+S: save the counts of the act."""
        if self._closed() or self.scanning:
            return
        used, unused = self.card.used, self.card.unused
        if not (used.text() and unused.text()):
            self.app.inform(_("Type both numbers of the act; write 0 where there are none."), kind="warning")
            (used if not used.text() else unused).setFocus()
        elif self.card.differs():
            self.card.act_button.setFocus()  # the strip says how much; a person says which is right
        else:
            self._receive(self.line.balance.remark if self.line else "")

    def _receive(self, why: str = "") -> None:
        with self.app.guarded():
            envelopes.receive_envelope(
                self.app.ctx, self.shift, self.halls.current(), int(self.card.used.text()),
                int(self.card.unused.text()), why,
            )  # fmt: skip
            self.refresh()
            for button in self.card.scan_buttons.values():
                if button.isVisible() and button.isEnabled():  # closed until the counts stood there
                    button.setFocus()

    def _take_act(self) -> None:
        """The act is right: its counts take the place of what was typed."""
        self.card.take_counts(of_act=True)
        self._receive()

    def _keep_paper(self) -> None:
        """What was counted in the envelope is right: it is kept, with the reason."""
        why = ask_for_reason(self, _("Other counts than the act's"), self.card.against_words.text() + "\n" + _(
            "The act stays as it was signed. Write why the envelope differs: it stands in the balance and in the log."),
            _("Keep these counts"))  # fmt: skip
        if why:
            self._receive(why)

    def print_balance(self) -> None:
        """Ctrl+P: the hall's balance as an act."""
        self.app.open_page("papers", paper="hall-balance", option=f"{self.shift}|{self.halls.current()}")

    def _may_not_scan(self, number: int) -> str:
        closed = self._closed()
        if closed or self.line is None:
            return closed
        if self.line.balance.used is None:
            return _("First enter the counts of the act.")
        if self.scanning:
            return _("A pass is being scanned.")
        done = self.line.balance.read1 if number == 1 else self.line.balance.read2
        return _("This pass is scanned.") if done is not None else ""

    def _may_not_scan_next(self) -> str:
        line = self.choice.line
        if line is None or line.state is not ShiftState.OPEN:
            return self._closed()
        return _("A pass is being scanned.") if self.scanning else ""

    def _scan_on(self) -> None:
        """F5: scan what is due; while a run is on the screen, go on with it."""
        if self.scanning:
            self.run.go_on()
            return
        for number, button in self.card.scan_buttons.items():
            if button.isVisible() and button.isEnabled():
                self.scan(number)
                return

    def scan(self, number: int) -> None:
        """Scan a pass with the remembered scanner, or from a folder when there is none."""
        if self.run.source.scanner is None:
            self.choose_folder(number)
        else:
            self._begin(self.halls.current(), number, self.run.source.of_scanner)

    def choose_folder(self, number: int) -> None:
        """Ask for the folder with the images of a pass."""
        hall = self.halls.current()
        title = _("Folder with the images of pass {n}, hall {hall}").format(n=number, hall=hall)
        source = self.run.source.of_folder(title)
        if source is not None:
            self._begin(hall, number, lambda _session: source)

    def scan_next(self) -> None:
        """Scan an envelope whose cover lies on top: the cover says which hall and pass it is."""
        if self.run.source.scanner is not None:
            self._begin("", 0, self.run.source.of_scanner)
            return
        source = self.run.source.of_folder(_("Folder with the images of an envelope, its cover first"))
        if source is not None:
            self._begin("", 0, lambda _session: source)

    def _begin(self, hall: str, number: int, opened: Any) -> None:
        """A run begins: every sheet is shown as it comes."""
        with self.app.guarded():
            session = ScanSession.begin(self.app.ctx, self.shift if hall else 0, hall, number)
            try:
                session.scan(opened(session))
            except UserError:
                session.discard()
                raise
            self._show_run(session)

    def _show_run(self, session: ScanSession) -> None:
        self.run.show_run(session)
        self.stack.setCurrentWidget(self.run)
        self.left_over.hide()
        self.brought_over.hide()
        self._held[:] = [session]
        self.renew_actions()
        self.run.stop_button.setFocus()

    def _copy(self) -> None:
        """A run that stands still goes into the copy for the reserve PC, sheet by sheet as it lies."""
        shell = self.app.shell
        if isinstance(shell, WorkplaceShell) and shell.backups is not None:
            shell.backups.step_done.emit()

    def _over(self, report: PassReport | None) -> None:
        """The run is saved or discarded; the hall that it was about is in front."""
        hall, number = self.run.last_hall, self.run.last_pass
        self._held.clear()
        self.stack.setCurrentIndex(0)
        if self.run.last_shift and self.run.last_shift != self.shift:
            self.choice.choose(self.run.last_shift)
        self.refresh()
        if hall:
            self.halls.choose(hall)
        self.halls.setFocus()  # the button that was pressed is gone
        if report is None:
            return
        self.review.choose_pass(number)
        if report.refused or report.nameless:
            self.app.inform(
                _("Pass {n}: {pages} pages, {refused} refused, {nameless} without a serial.").format(
                    n=number, pages=report.pages, refused=len(report.refused), nameless=len(report.nameless)),
                safe=_("The pass is saved."), next_step=_("Settle these pages one by one."), kind="warning",
            )  # fmt: skip
            self.review.strip.setFocus()
        elif report.left and number == 2:
            self.app.inform(
                _("The scanned files still lie in {folder}, and everybody who opens it can read them.").format(
                    folder=report.left),
                safe=_("The pass is saved."), next_step=_("Delete them there, and empty the recycle bin."), kind="info",
            )  # fmt: skip
        if self.card.scan_buttons[2].isVisible():
            self.card.scan_buttons[2].setFocus()

    # --- what a crash left behind ----------------------------------------------------------------------------------

    def continue_run(self, found: LeftOver) -> None:
        """Read its pages again and go on with it."""
        with self.app.guarded():
            self._show_run(ScanSession.resume(self.app.ctx, found.folder))

    def discard_run(self, found: LeftOver) -> None:
        """Throw it away, unsaved."""
        text = _("{n} scanned pages are thrown away; nothing of this pass is saved. The paper is scanned anew.").format(
            n=found.images)  # fmt: skip
        if ask_to_confirm(self, _("Discard what was scanned"), text, _("Discard"), found.log.hall or None):
            with self.app.guarded():
                scan_session.discard_left_over(self.app.ctx, found.folder)
            self._show_left_over()

    # --- a saved pass ----------------------------------------------------------------------------------------------

    def _no_pass(self) -> str:
        return self._closed() or ("" if self.review.pages else _("This pass is not scanned."))

    def discard(self) -> None:
        """Set a whole pass aside, so that the envelope is scanned again."""
        hall, number = self.halls.current(), self.review.number()
        title = _("Set pass {n} of hall {hall} aside").format(n=number, hall=hall)
        why = ask_for_reason(self, title, _(
            "Its images and readings stay on record, but they no longer count. A later pass is set "
            "aside with it. Write "
            "why."), _("Go on"))  # fmt: skip
        if why and ask_to_confirm(self, title, why, _("Set this pass aside"), hall):
            with self.app.guarded():
                envelopes.discard_pass(self.app.ctx, self.shift, hall, number, why)
                self.refresh()

    # --- a sheet's place -------------------------------------------------------------------------------------------

    def _may_not_find(self) -> str:
        return _("A pass is being scanned.") if self.scanning else ""

    def find_sheet(self) -> None:
        """Ctrl+F: from a student, a code or a serial to the place in the envelope."""
        words = ask_for_words(
            self, _("Find a sheet"),
            _("The sheet's serial or its last digits, the student's code, or a part of the name."), _("Find"),
            label=_("Serial, code or name"),
        )  # fmt: skip
        if not words:
            return
        found = find_sheets(self.app.ctx, self.shift, words)
        if not found:
            self.app.inform(_("Nobody and no sheet of this shift is called “{words}”.").format(words=words),
                            next_step=_("Look at the digits under the sheet's code."), kind="warning")  # fmt: skip
            return
        self.app.inform("\n".join(_place_words(one) for one in found), kind="info")
        self._go_to(found[0])

    def _go_to(self, one: SheetPlace) -> None:
        """Put the sheet in front, in the first pass that holds it."""
        self.halls.choose(one.hall)
        if one.first or one.second:
            self.review.choose_pass(1 if one.first else 2)
            self.review.go_to(one.first or one.second)

    # --- keys ------------------------------------------------------------------------------------------------------

    def _go_to_due(self) -> None:
        """Enter on a hall: the field or button that is due for it has the focus."""
        buttons = [button for button in self.card.scan_buttons.values() if button.isVisible() and button.isEnabled()]
        if self.line is not None and self.line.balance.used is None and self.card.used.isEnabled():
            self.card.used.setFocus()
        elif buttons:
            buttons[0].setFocus()

    def back(self) -> bool:
        """Esc stops the scanner. Pressed a moment too late it must not leave a run that is not saved."""
        if not self.scanning:
            return False
        if self.run.stop_button.isVisible():
            self.run.stop()
        else:
            self.run.focus_due()
        return True

    def _turn_over(self) -> None:
        """F4: the sheet with what was read on it, or as it came."""
        (self.run if self.scanning else self.review).view.turn_over()

    def next_open(self) -> None:
        """F3: the next hall that does not balance; while scanning the next page to look at."""
        if self.scanning:
            self.run.next_open()
            return
        numbers = self.halls.numbers()
        at = numbers.index(self.halls.current()) if self.halls.current() in numbers else -1
        for hall in (*numbers[at + 1 :], *numbers[: at + 1]):
            if not self.lines[hall].balanced:
                self.halls.choose(hall)
                return

    def previous_open(self) -> None:
        """Shift+F3: while scanning the page to look at before this one."""
        if self.scanning:
            self.run.next_open(-1)

    def _identify(self) -> None:
        self.app.open_page("identification", shift=self.shift, hall=self.halls.current())

    # --- coming and going ------------------------------------------------------------------------------------------

    def opened(self, **where: Any) -> None:
        """`hall` chooses one; the field that waits gets the focus."""
        if self.scanning:
            return
        super().opened(**where)
        if where.get("hall"):
            self.halls.choose(where["hall"])
        if self.line is not None and self.line.balance.used is None and not self._closed():
            self.card.used.setFocus()
        else:
            self.halls.setFocus()

    def may_leave(self) -> bool:
        """Leaving stops the scanner; what came out stays here, also when the window closes."""
        seen = self.run.seen
        if self.run.session is None or seen is None or seen.state is not State.SCANNING:
            return True
        if not ask_to_confirm(
            self, _("An envelope is being scanned"), _(
                "The scanner stops after the sheet that is on its way. What was scanned is kept and can be continued "
                "or saved on this page."),
            _("Stop scanning and leave"), cannot_undo=False,
        ):  # fmt: skip
            return False
        self.run.stop()
        return True

    def unsaved(self) -> Any:
        """The shift and the run stay through a change of language."""
        self._held.clear()
        return {**super().unsaved(), "session": self.run.session}

    def take_back(self, unsaved: Any) -> None:
        """Show them again."""
        super().take_back(unsaved)
        if unsaved.get("session") is not None:
            unsaved["session"].work_for(self.app.ctx)
            self._show_run(unsaved["session"])

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "All sheets of an envelope are scanned hall by hall, twice, and go back into the envelope (p.38). The two "
            "passes are compared bubble by bubble. A sheet of another hall stops the scanning at once, and nothing of "
            "that pass is saved."
        )


def _place_words(one: SheetPlace) -> str:
    who = " · ".join(part for part in (one.name, one.serial) if part)
    if not (one.first or one.second):
        return _("{who}: no sheet found yet, hall {hall}.").format(who=who, hall=one.hall)
    places = [_("pass {n}, place {place}").format(n=n, place=place) for n, place in ((1, one.first), (2, one.second))
              if place]  # fmt: skip
    return _("{who}: envelope of hall {hall}, {places}.").format(who=who, hall=one.hall, places="; ".join(places))


def _stop(held: list[ScanSession]) -> None:
    for session in held:
        session.leave()


def _stands(line: EnvelopeLine) -> tuple[Mark, str]:
    b = line.balance
    if line.balanced:
        return Mark.DONE, _("agrees")
    if b.used is None and b.act_used is not None:
        return Mark.DUE, _("act No {number}").format(number=b.act_number)
    if b.used is None:
        return Mark.NONE, _("no act yet")
    if b.read1 is None:
        return Mark.DUE, _("not scanned")
    if b.read2 is None:
        return Mark.DUE, _("one pass")
    if b.read1 != b.used + (b.unused or 0) or b.read1 != b.read2:
        return Mark.LATE, _("does not agree")
    return Mark.DUE, _("open lines: {n}").format(n=line.open_lines)
