"""Identification (p.38): why a sheet was not identified, its picture, the candidates, the commission's decision.

Nothing here shows a point or the key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.identification import IdentityDecision, MissingLine, SheetLine
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.identity_card import AbsenceCard, IdentityCard
from mab_desktop.ministry_programmer.identity_lines import ProtocolLines
from mab_desktop.ministry_programmer.identity_questions import BlankSheetsDialog, VersionsDialog
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.ministry_programmer.signing import DecisionsDialog, ask_who_signed
from mab_desktop.services import envelopes, identification
from mab_desktop.services.context import Context
from mab_desktop.services.identification import HallView
from mab_desktop.ui import theme
from mab_desktop.ui.messages import ask_for_reason, ask_to_confirm
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import EmptyState, label, split
from mab_desktop.ui.states import Mark


class IdentificationPage(ShiftPage):
    """Halls, the open lines of both tables, and the line in front with everything needed to decide it."""

    wanted = (ShiftState.OPEN, ShiftState.IDENTIFIED)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.hall_view: HallView | None = None
        self._merged = self._scanned_twice = False
        self._twice: set[str] = set()
        self._agreed: frozenset[str] = frozenset()
        self.typed: dict[str, IdentityDecision] = {}
        self.halls = HallList()
        self.halls.hall_chosen.connect(lambda _hall: self._show_hall())
        self.protocol = label("", "", wrap=True)
        self.list = ProtocolLines()
        self.list.line_chosen.connect(self._choose)
        self.card, self.absence = IdentityCard(app), AbsenceCard()
        self.card.noted.connect(self._note)
        self.card.unused_asked.connect(self.mark_unused)
        self.absence.absent_asked.connect(self.mark_absent)
        self.absence.blank_asked.connect(self.look_among_blank)
        self.empty = EmptyState()
        self.stack = QStackedWidget()
        for part in (self.empty, self.card, self.absence):
            self.stack.addWidget(part)
        self.body.addWidget(split(self.halls, self._left(), self.stack, stretches=(2, 5, 9)), 1)
        self.add_actions((
            Action(N_("Issue the protocol"), self.print_out, "print", "Ctrl+P", self._cannot_issue),
            Action(N_("Signed by all…"), self.sign, "sign", "", self._cannot_sign),
            Action(N_("Issue the last version"), self.issue_last, "seal", "", self._cannot_end),
            Action(N_("Enter the decisions"), self.save, "save", "Ctrl+S", self._nothing_typed, primary=True),
        ))  # fmt: skip
        self.own([self.card.note_button])

    def _left(self) -> QWidget:
        """The protocol of the hall, what can be looked at of it, and its lines."""
        left = QWidget()
        left.setMaximumWidth(theme.px(260))
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self.protocol)
        looked = [
            ActionButton(Action(N_("Versions…"), self.show_versions, "stack", "", self._no_version)),
            ActionButton(Action(N_("Decisions…"), self.undo, "undo", "Ctrl+Z", self._nothing_decided)),
        ]
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        for button in looked:
            button.setProperty("kind", "flat")
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        self.own(looked)
        return left

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """Every hall with its open lines."""
        line = self.choice.line
        self.closed_reason = ""
        if line is None or line.state is ShiftState.PLANNED:
            self.closed_reason = _("The seats of shift {n} are not drawn (p.30).").format(n=self.shift)
        elif line.state is ShiftState.SEATED:
            self.closed_reason = _("The shift is not open yet (p.35, 36).")
        elif line.state is not ShiftState.OPEN:
            self.closed_reason = _("Identification is confirmed; nothing changes any more (p.39).")
        items, self._twice = [], set()
        self._agreed = identification.merged_halls(self.app.ctx, self.shift)
        unissued = season.facts(self.app).shifts[self.shift].halls_without_last_protocol if self.shift else ()
        for found in envelopes.envelope_lines(self.app.ctx, self.shift):
            if found.balance.read2 is not None:
                self._twice.add(found.hall)
            if found.balance.read2 is None:
                items.append(HallItem(found.hall, Mark.BLOCKED, _("not scanned twice")))
            elif found.hall not in self._agreed:
                items.append(HallItem(found.hall, Mark.BLOCKED, _("the two passes do not agree")))
            elif found.open_lines:
                items.append(HallItem(found.hall, Mark.DUE, _("open lines: {n}").format(n=found.open_lines)))
            elif found.hall in unissued:
                items.append(HallItem(found.hall, Mark.DUE, _("no open line, last version not issued")))
            else:
                items.append(HallItem(found.hall, Mark.DONE, _("no open line")))
        self.halls.show_halls(items)
        self._show_hall()

    def _show_hall(self) -> None:
        hall = self.halls.current()
        self.hall_view = None
        # The automatic part speaks only when the passes are merged: before it every student would count as missing.
        self._merged, self._scanned_twice = hall in self._agreed, hall in self._twice
        if hall and not (self.choice.line and self.choice.line.state is ShiftState.PLANNED):
            with self.app.guarded():
                self.hall_view = identification.hall_view(self.app.ctx, self.shift, hall)
        self._show_protocol()
        self._show_lines()
        self.renew_actions()

    def _show_protocol(self) -> None:
        versions = self.hall_view.versions if self.hall_view else ()
        if not versions:
            self.protocol.setText(_("The protocol of this hall is not issued yet."))
            return
        newest = versions[-1]
        words = _("Protocol, version {n} of {at}; open lines: {open}.").format(
            n=newest.version, at=moment_words(newest.issued_at), open=newest.open_lines)  # fmt: skip
        if newest.last:
            words += " " + _("It is the last version.")
        elif newest.signed_at:
            words += " " + _("Signed by {n} on {at}.").format(n=len(newest.signed_by),
                                                              at=moment_words(newest.signed_at))  # fmt: skip
        elif newest.open_lines:
            words += " " + _("Not signed yet: decisions are entered from the signed paper (p.38).")
        self.protocol.setText(words)

    def _show_lines(self) -> None:
        self.list.show_lines(self.hall_view.result if self.hall_view and self._merged else None, self.typed)
        self._show_line()

    def current(self) -> SheetLine | MissingLine | None:
        """The line in front."""
        return self.list.current()

    def _choose(self) -> None:
        self._show_line()
        self.renew_actions()

    def _show_line(self) -> None:
        line, view = self.current(), self.hall_view
        if isinstance(line, SheetLine) and view is not None:
            serial = line.sheet.serial
            exchange = view.result.exchange_of(serial)
            self.card.show_line(line, view.images, self.typed.get(serial), self._why_not(), exchange)
            self.stack.setCurrentWidget(self.card)
        elif isinstance(line, MissingLine):
            covered = _("A typed decision gives this student a sheet: enter the decisions.")
            self.absence.show_line(line, self._why_not() or (covered if self.list.is_typed(line) else ""))
            self.stack.setCurrentWidget(self.absence)
        else:
            self._say_empty()
            self.stack.setCurrentWidget(self.empty)

    def _say_empty(self) -> None:
        if not self._merged:
            self.empty.say(
                _("The two passes of this hall do not agree yet") if self._scanned_twice
                else _("This hall is not scanned twice yet"),
                _("Identification begins when both passes agree (p.38)."), "scan",
            )  # fmt: skip
        else:
            self.empty.say(_("Every sheet of this hall is identified"), _("Issue the last version of the protocol."),
                           "check")  # fmt: skip

    # --- why not ---------------------------------------------------------------------------------------------------

    def _shut(self) -> str:
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer enters decisions from the signed protocol.")
        return self.closed_reason

    def _why_not(self) -> str:
        """Why no decision may be entered now, "" when it may."""
        if self._shut():
            return self._shut()
        if self.hall_view is None or not self.hall_view.may_decide:
            return _("Issue the protocol, have all members sign it and press «Signed by all…» first (p.38).")
        return ""

    def _cannot_issue(self) -> str:
        if not self.halls.current():
            return _("Choose a hall.")
        if self._merged:
            return ""
        if self._scanned_twice:
            return _("The two passes of this hall do not agree yet: look at its envelope (p.38).")
        return _("This hall is not scanned twice yet (p.38).")

    def _cannot_sign(self) -> str:
        versions = self.hall_view.versions if self.hall_view else ()
        if self._shut():
            return self._shut()
        if not versions:
            return _("Issue the protocol first (p.38).")
        return _("This version is signed already.") if versions[-1].signed_at else ""

    def _nothing_typed(self) -> str:
        return self._why_not() or ("" if self.typed else _("Type a decision from the signed protocol first."))

    def _nothing_decided(self) -> str:
        return "" if self.halls.current() else _("Choose a hall.")

    def _no_version(self) -> str:
        return "" if self.hall_view and self.hall_view.versions else _("The protocol of this hall is not issued yet.")

    def _cannot_end(self) -> str:
        """The last version has no open line; else how many there are is said."""
        if self._cannot_issue():
            return self._cannot_issue()
        waiting = self.hall_view.result.open_lines if self.hall_view else 0
        if waiting:
            return _("Open lines: {n}. The last version of the protocol has none (p.38).").format(n=waiting)
        issued = self.hall_view is not None and bool(self.hall_view.versions) and self.hall_view.versions[-1].last
        return _("The last version is issued already.") if issued else self._shut()

    # --- deciding --------------------------------------------------------------------------------------------------

    def _note(self, decisions: tuple[IdentityDecision, ...]) -> None:
        """Decisions were typed; they count only when all are entered together, so that a swap can be put right."""
        self.typed |= {decision.serial: decision for decision in decisions}
        self._show_lines()
        self._go_on()
        self.renew_actions()

    def _go_on(self) -> None:
        """To the next open line; an Enter too many after the last sheet must not say that somebody did not come."""
        self.next_open()
        if self.stack.currentWidget() is self.absence:
            self.list.setFocus()

    def save(self) -> None:
        """Ctrl+S: enter every decision that was typed, all or none."""
        if self._nothing_typed():
            return
        with self.app.guarded(self.card):
            here = {line.sheet.serial for line in self.hall_view.result.sheets} if self.hall_view else set()
            decisions = [decision for serial, decision in self.typed.items() if serial in here]
            identification.decide_identities(self.app.ctx, self.shift, self.halls.current(), decisions)
            self.typed = {serial: d for serial, d in self.typed.items() if serial not in here}
            self.refresh()
            self._go_on()

    def mark_unused(self, serial: str) -> None:
        """The commission found the sheet not used."""
        why = ask_for_reason(self, _("Sheet not used"), _(
            "The commission found that nobody wrote on sheet {serial}. Write the ground.").format(serial=serial),
            _("Enter «Not used»"))  # fmt: skip
        if why:
            with self.app.guarded():
                identification.mark_unused(self.app.ctx, self.shift, self.halls.current(), [serial], why)
                self.refresh()
                self._go_on()

    def mark_absent(self, student: str) -> None:
        """«Келмеді»: by the seating sheet the student did not come."""
        with self.app.guarded():
            identification.mark_absent(self.app.ctx, self.shift, self.halls.current(), [student])
            self.refresh()
            self.next_open()

    def look_among_blank(self, line: MissingLine) -> None:
        """Whoever wrote a name alone came, and has a sheet."""
        ctx, hall, place = self.app.ctx, self.halls.current(), line.place
        sheets = identification.unmarked_sheets(ctx, self.shift, hall)
        if not sheets:
            self.app.inform(_("Every sheet of this hall bears marks or is decided."))
            return
        chosen = BlankSheetsDialog(self, self.app, line, sheets).ask()
        if chosen is not None:
            serial, ground = chosen
            with self.app.guarded():
                decision = IdentityDecision(serial, place.code, place.seat, place.variant, ground)
                identification.decide_identities(ctx, self.shift, hall, [decision])
                self.refresh()

    def sign(self) -> None:
        """All members have signed the paper of the newest version."""
        if self._cannot_sign() or self.hall_view is None:
            return
        version = self.hall_view.versions[-1].version
        names = ask_who_signed(self, self.app.ctx, version)
        if names is not None:
            with self.app.guarded():
                identification.sign_protocol(self.app.ctx, self.shift, self.halls.current(), version, names)
                self.refresh()
                self.list.setFocus()  # the button is closed now; the lines are what comes next

    def undo(self) -> None:
        """Ctrl+Z: what was decided here; one can be taken back while the shift is being identified."""
        hall = self.halls.current()
        found = identification.decisions(self.app.ctx, self.shift, hall)
        chosen = DecisionsDialog(self, found, self._shut()).ask()
        if chosen is not None:
            with self.app.guarded():
                identification.undo(self.app.ctx, chosen)
                self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: issue the protocol as it stands."""
        if not self._cannot_issue():
            self._issue(identification.issue_protocol)

    def issue_last(self) -> None:
        """Issue the version without an open line."""
        if not self._cannot_end():
            self._issue(identification.issue_last)

    def _issue(self, issue: Callable[[Context, int, str], object]) -> None:
        with self.app.guarded():
            if not self.closed_reason:
                issue(self.app.ctx, self.shift, self.halls.current())
            self.app.open_page("papers", paper="protocol", option=f"{self.shift}|{self.halls.current()}")

    def show_versions(self) -> None:
        """Every version with what it changed; one of them is opened as it was printed."""
        if self._no_version() or self.hall_view is None:
            return
        chosen = VersionsDialog(self, self.hall_view.versions).ask()
        if chosen is not None:
            option = f"{self.shift}|{self.halls.current()}|{chosen}"
            if chosen == self.hall_view.versions[-1].version:
                option = f"{self.shift}|{self.halls.current()}"
            self.app.open_page("papers", paper="protocol", option=option)

    # --- keys ------------------------------------------------------------------------------------------------------

    def next_open(self) -> None:
        """F3: the next open line of the hall."""
        self._walk(1)

    def previous_open(self) -> None:
        """Shift+F3."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        if self.list.walk(by):
            self._show_line()
            self._focus()
        else:
            self.list.setFocus()

    def _focus(self) -> None:
        if self.stack.currentWidget() is self.card:
            self.card.focus_first()
        elif self.stack.currentWidget() is self.absence:
            self.absence.button.setFocus()

    def may_leave(self) -> bool:
        """Typed decisions that were not entered are asked about."""
        if not self.typed:
            return True
        if ask_to_confirm(self, _("Leave without entering?"), _("Decisions typed and not entered yet: {n}.").format(
                n=len(self.typed)), _("Leave it")):  # fmt: skip
            self.typed = {}
            return True
        return False

    def opened(self, **where: Any) -> None:
        """`hall` chooses one; `key` a line."""
        super().opened(**where)
        if where.get("hall"):
            self.halls.choose(where["hall"])
        self.list.setFocus()

    def unsaved(self) -> Any:
        """Shift, hall and what is typed."""
        return {"shift": self.shift, "hall": self.halls.current(), "typed": self.typed}

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        self.typed = dict(unsaved["typed"])
        super().take_back(unsaved)
        self.halls.choose(unsaved["hall"])

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "A sheet is identified by the program only when its seat, variant and code all agree "
            "with the seating sheet "
            "and the variant sheet (p.38). Everything else goes into the protocol. The commission finds whose sheet it "
            "is by seating sheet, variant sheet and booklets, all members sign, and only then the "
            "decisions are entered. "
            "Nobody sees points or the key here."
        )
